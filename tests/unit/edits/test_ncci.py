"""NCCI by hand-worked cases (ncci_files/cases.tsv): from files in CMS's layouts to what a biller is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimwright.claims.nouns import Claim, Coverage, Institutional, Line, Payer, Provider
from claimwright.codes.library import Asked, Library
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.unit_limits import LimitTable, UnitLimit
from claimwright.edits.engine import run
from claimwright.edits.facts import Facts, PriorClaim, PriorLine
from claimwright.edits.families import px_ncci
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.shapes import Finding

FILES = Path(__file__).parent / "ncci_files"
LINE = re.compile(
    r"(?P<code>[0-9A-Z]{5})(?P<modifiers>(?:-[0-9A-Z]{2})*)(?:\*(?P<units>[0-9.]+)(?P<minutes>m?))?"
    r"(?:@(?P<first>[0-9-]{10})(?:\.\.(?P<last>[0-9-]{10}))?)?(?:/(?P<provider>[ABC]))?\Z"
)
PROVIDERS = {
    "A": Provider(npi="1234567893", last_name="HALVORSEN", taxonomy="207Q00000X"),
    "B": Provider(npi="1000000012", last_name="OKAFOR", taxonomy="207Q00000X"),
    "C": Provider(npi="1000000020", last_name="LINDQVIST", taxonomy="208600000X"),
}


class Row(msgspec.Struct, frozen=True):
    case: str
    date: date
    lines: str
    earlier: str
    finds: str
    why: str


def rows() -> Iterator[Row]:
    header: list[str] = []
    for text in (FILES / "cases.tsv").read_text().splitlines():
        if text.startswith("#"):
            continue
        cells = text.split("\t")
        if not header:
            header = cells
        else:
            yield msgspec.convert(dict(zip(header, cells, strict=True)), Row, strict=False)


CASES = tuple(rows())


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """The three files, imported as a user would, and opened as the edits use them."""
    library = Library(tmp_path_factory.mktemp("library"))
    library.import_files(
        [path for path in sorted(FILES.iterdir()) if path.name != "cases.tsv"],
        asked=Asked(),
        at=datetime(2026, 11, 2, 9),
    )
    held = {name: library.open(records[-1]) for name, records in library.state().releases.items()}
    return Facts(
        today=date(2026, 11, 2),
        payer=PayerProfile(payer_id="MEDICAREB", kind="medicare"),
        procedure_pairs=held["ncci_pairs_practitioner"],
        unit_limits=held["mue_practitioner"],
        add_ons=held["add_ons"],
    )


def a_line(number: int, text: str, on: date) -> Line:
    found = LINE.match(text)
    assert found, text
    return Line(
        number=number,
        procedure_code=found["code"],
        modifiers=tuple(found["modifiers"].split("-")[1:]),
        units=Decimal(found["units"] or 1),
        unit_basis="MJ" if found["minutes"] else "UN",
        date_from=date.fromisoformat(found["first"]) if found["first"] else on,
        date_to=date.fromisoformat(found["last"]) if found["last"] else None,
        rendering=PROVIDERS[found["provider"]] if found["provider"] else None,
    )


def a_claim(lines: str, on: date, **more: object) -> Claim:
    return Claim(
        control_number="CW1",
        coverage=Coverage(payer=Payer(payer_id="MEDICAREB")),
        billing_provider=Provider(npi="1000000004", is_organization=True),
        rendering=PROVIDERS["A"],
        lines=tuple(a_line(number, text, on) for number, text in enumerate(lines.split(), 1)),
        **more,  # type: ignore[arg-type]
    )


def earlier_claim(lines: str, on: date, **more: object) -> PriorClaim:
    nouns = [a_line(number, text, on) for number, text in enumerate(lines.split(), 1)]
    held = tuple(
        PriorLine(
            procedure_code=line.procedure_code,
            date_from=line.date_from or on,
            date_to=line.date_to,
            modifiers=line.modifiers,
            units=line.units,
            rendering_npi=(line.rendering or PROVIDERS["A"]).npi,
        )
        for line in nouns
    )
    given: dict[str, object] = {
        "control_number": "CW0",
        "payer_id": "MEDICAREB",
        "state": "SENT",
        "chain": "C0",
        **more,
    }
    return PriorClaim(lines=held, **given)  # type: ignore[arg-type]


def found_by(claim: Claim, facts: Facts) -> tuple[Finding, ...]:
    return run(claim, facts, px_ncci.EDITS)


def in_short(findings: tuple[Finding, ...]) -> list[str]:
    told = []
    for finding in findings:
        line = int(re.match(r"lines\[(\d+)\]", finding.path)[1]) + 1  # type: ignore[index]
        told.append(f"{finding.edit_id}{'?' if finding.could_not_run else ':'}{line}")
    return sorted(told)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.case)
def test_worked_case(row: Row, tables: Facts) -> None:
    # Every case but a few is about days that only some tables speak for: what none speaks for is told in its own cases.
    earlier = (earlier_claim(row.earlier, row.date),) if row.earlier else ()
    facts = msgspec.structs.replace(tables, prior_claims=earlier)
    told = in_short(found_by(a_claim(row.lines, row.date), facts))
    wanted = row.finds.split()
    if not any("?" in each for each in wanted):
        told = [each for each in told if "?" not in each]
    assert told == sorted(wanted), row.why


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60
    assert len({row.case for row in CASES}) == len(CASES)
    assert {edit for row in CASES for edit in re.findall(r"PX\d\d(?=:)", row.finds)} == {
        each.id for each in px_ncci.EDITS
    }


def only(claim: Claim, facts: Facts, edit: str) -> Finding:
    (finding,) = [one for one in found_by(claim, facts) if one.edit_id == edit and not one.could_not_run]
    return finding


def test_the_words_name_both_codes_their_lines_and_what_may_be_documented(tables: Facts) -> None:
    finding = only(a_claim("0001U 80503", date(2026, 8, 31)), tables, "PX15")
    for word in ("0001U", "80503", "line 1", "line 2", "2026-08-31", "no NCCI modifier on 80503"):
        assert word in finding.message
    assert "drop 80503" in finding.fix and "only where the record shows" in finding.fix and "91" in finding.fix
    visit = only(a_claim("20610 99213", date(2026, 8, 31)), tables, "PX15")
    assert "25 (a separate visit)" in visit.fix
    astray = only(a_claim("66984-RT 67010", date(2026, 8, 31)), tables, "PX15")
    assert "RT stands on 66984, and it counts on 67010" in astray.message
    never = only(a_claim("0001A 36591", date(2023, 6, 1)), tables, "PX14")
    assert "drop column 2, code 36591" in never.fix


def test_the_words_name_the_earlier_claim(tables: Facts) -> None:
    facts = msgspec.structs.replace(tables, prior_claims=(earlier_claim("0001A", date(2023, 6, 1)),))
    assert "claim CW0" in only(a_claim("36591", date(2023, 6, 1)), facts, "PX14").message


def test_the_words_of_units(tables: Facts) -> None:
    day = date(2026, 8, 31)
    both = only(a_claim("69210-LT 69210-RT", day), tables, "PX16")
    assert "2 units of 69210" in both.message and "line 1, line 2" in both.message
    assert both.fix == "Reduce units to 1 for the day; both sides go on one line with modifier 50 and 1 unit"
    each = only(a_claim("88350*8", day), tables, "PX17")
    assert "8 units of 88350" in each.message and "at most 4 on a line" in each.fix
    whole = only(a_claim("0009U*3", day), tables, "PX17")
    assert "send the records" in whole.fix


def test_the_words_of_an_add_on_name_primaries(tables: Facts) -> None:
    finding = only(a_claim("22614", date(2026, 8, 31)), tables, "PX13")
    assert "22600, 22610, 22612" in finding.message


@pytest.mark.parametrize(
    ("way", "lines", "finds"),
    [
        ("one_line", "69210-LT 69210-RT", ["PX16:2"]),
        ("two_lines", "69210-LT 69210-RT", []),
        ("two_lines", "69210-LT 69210-LT", ["PX16:2"]),
        ("two_lines", "69210-LT*2 69210-RT", ["PX16:2"]),
        ("two_units", "69210-50*2", []),
        ("two_units", "69210-50*4", ["PX16:1"]),
    ],
)
def test_both_sides_count_as_the_payer_bills_them(tables: Facts, way: str, lines: str, finds: list[str]) -> None:
    payer = PayerProfile(payer_id="MEDICAREB", bilateral_format=way)
    facts = msgspec.structs.replace(tables, payer=payer)
    assert in_short(found_by(a_claim(lines, date(2026, 8, 31)), facts)) == finds


@pytest.mark.parametrize(
    "changes",
    [
        {"payer_id": "OTHER"},
        {"state": "REPLACED"},
        {"state": "REVERSED"},
        {"state": "VOID_PENDING"},
        {"state": "PAYER_REJECTED"},
        {"chain": "OWN"},
        {"kind": "I"},
        {"billing_npi": "1999999999"},
        {"patient_key": "another"},
    ],
    ids=lambda changes: next(iter(changes.items())).__str__(),
)
def test_an_earlier_claim_that_does_not_count(tables: Facts, changes: dict[str, str]) -> None:
    day = date(2026, 8, 31)
    prior = earlier_claim("0001U", day, **changes)
    facts = msgspec.structs.replace(tables, prior_claims=(prior,), chain="OWN", patient_key="own")
    assert found_by(a_claim("0001U", day), facts) == ()
    counted = msgspec.structs.replace(facts, prior_claims=(earlier_claim("0001U", day),))
    assert in_short(found_by(a_claim("0001U", day), counted)) == ["PX16:1"]


def test_of_an_earlier_claim_the_latest_version_counts(tables: Facts) -> None:
    day = date(2026, 8, 31)
    versions = (
        earlier_claim("0009U*2", day, state="ADJUDICATED", version=1),
        earlier_claim("0009U", day, control_number="CW0-2", version=2),
    )
    facts = msgspec.structs.replace(tables, prior_claims=versions)
    assert found_by(a_claim("0009U", day), facts) == ()


def test_a_void_and_a_dental_claim_are_not_judged(tables: Facts) -> None:
    day = date(2026, 8, 31)
    assert found_by(a_claim("0001U*9 80503", day, frequency="8"), tables) == ()
    assert found_by(a_claim("0001U*9 80503", day, kind="D"), tables) == ()


@pytest.mark.parametrize(
    ("bill", "finds"),
    [("13", ["PX15:2", "PX16:1"]), ("11", []), ("22", ["PX15:2"]), ("85", ["PX16:1"]), ("", ["PX15:2", "PX16:1"])],
)
def test_institutional_claims_by_type_of_bill(tables: Facts, bill: str, finds: list[str]) -> None:
    claim = a_claim("0001U*2/A 80503/C", date(2026, 8, 31), kind="I", institutional=Institutional(facility_type=bill))
    assert in_short(found_by(claim, tables)) == finds  # one hospital, whoever attended


def test_27_lifts_for_hospitals(tables: Facts) -> None:
    claim = a_claim("G0463 G0379-27", date(2026, 8, 31), kind="I", institutional=Institutional(facility_type="13"))
    assert found_by(claim, tables) == ()


def test_tables_that_were_never_loaded_are_not_armed() -> None:
    claim = a_claim("0001U*9 80503 22614", date(2026, 8, 31))
    assert found_by(claim, Facts(today=date(2026, 11, 2))) == ()


def test_lines_without_code_or_date_are_passed_over(tables: Facts) -> None:
    claim = a_claim("0001U 80503", date(2026, 8, 31))
    bare = (
        msgspec.structs.replace(claim.lines[0], date_from=None),
        msgspec.structs.replace(claim.lines[1], procedure_code=""),
    )
    assert found_by(msgspec.structs.replace(claim, lines=bare), tables) == ()


def test_a_claim_asked_about_again_with_other_facts_is_judged_anew(tables: Facts) -> None:
    claim = a_claim("0001U*2 80503", date(2026, 8, 31))
    assert in_short(found_by(claim, tables)) == ["PX15:2", "PX16:1"]
    none = msgspec.structs.replace(tables, procedure_pairs=PairTable(()), unit_limits=LimitTable(()))
    assert found_by(claim, none) == ()
    assert in_short(found_by(claim, tables)) == ["PX15:2", "PX16:1"]


def test_one_column_2_line_is_told_once() -> None:
    day = date(2026, 8, 31)
    pairs = PairTable([PairEdit(column1="11042", column2="97597", indicator="0", start=date(2020, 1, 1))])
    facts = Facts(today=day, procedure_pairs=pairs)
    assert in_short(found_by(a_claim("11042 11042-59 97597", day), facts)) == ["PX14:3"]
    assert in_short(found_by(a_claim("11042 97597 97597-59", day), facts)) == ["PX14:2", "PX14:3"]


def test_a_limit_of_nothing() -> None:
    day = date(2026, 8, 31)
    facts = Facts(today=day, unit_limits=LimitTable([UnitLimit(code="0001U", units=0, indicator=2)]))
    assert in_short(found_by(a_claim("0001U", day), facts)) == ["PX16:1"]
