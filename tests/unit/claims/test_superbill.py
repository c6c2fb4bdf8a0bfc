"""Superbills from spreadsheets: right ones, damaged ones, hostile ones."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from claimwright.claims.from_csv.superbill import Practice, SuperbillRead, read_superbill
from claimwright.claims.from_csv.table import error_sheet
from claimwright.claims.nouns import IntakeProblem
from claimwright.codes.cell_text import neutral
from tests.lib.builders import COMMERCIAL, a_billing_provider, a_referring_provider, a_rendering_provider

PRACTICE = Practice(
    payers={"NMUT": COMMERCIAL},
    providers={"1234567893": a_rendering_provider(), "1999999984": a_referring_provider()},
    locations={"MAIN": None, "EAST": a_billing_provider(last_name="EAST CLINIC")},
)
CELLS = {
    "external_id": "V1", "practice_npi": "1000000004", "location": "MAIN", "mrn": "00123", "last": "Tester",
    "first": "Anna", "dob": "1980-05-17", "sex": "F", "address": "12 Birch St", "city": "Madison",
    "state": "Wisconsin", "zip": "53703-4321", "payer": "NMUT", "member_id": "W12345678", "relationship": "self",
    "dos_from": "08/31/2026", "pos": "11", "rendering_npi": "1234567893", "dx1": "J06.9", "dx2": "I10",
    "cpt": "99213", "mod1": "25", "units": "1", "charge": "150.00",
}  # fmt: skip


def sheet(*changes: dict[str, str], drop: tuple[str, ...] = (), separator: str = ",") -> bytes:
    columns = [
        column
        for column in dict.fromkeys((*CELLS, *(key for change in changes for key in change)))
        if column not in drop
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(columns)
    for change in changes:
        row = {**CELLS, **change}
        writer.writerow([row.get(column, "") for column in columns])
    return out.getvalue().encode()


def taken(data: bytes) -> SuperbillRead:
    return read_superbill(data, PRACTICE, name="bill.csv")


def problems(read: SuperbillRead) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in read.problems]


def only(data: bytes) -> IntakeProblem:
    (problem,) = taken(data).problems
    return problem


def test_rows_of_a_visit_become_lines() -> None:
    data = sheet({}, {"cpt": "87880", "charge": "$1,040.5", "mod1": "", "dx1": "I10", "dx2": "Z23", "pointers": "B,A"})
    read = taken(data)
    assert read.problems == ()
    (encounter,) = read.accept().encounters
    assert encounter.external_id == "csv|1000000004|V1"
    assert encounter.patient.record_number == "00123"
    assert (encounter.patient.address.state, encounter.patient.address.postal_code) == ("WI", "537034321")
    assert encounter.date_from == encounter.date_to == date(2026, 8, 31)
    assert [diagnosis.code for diagnosis in encounter.diagnoses] == ["J069", "I10", "Z23"]
    first, second = encounter.lines
    assert (first.procedure_code, first.modifiers, first.diagnosis_pointers) == ("99213", ("25",), (1, 2))
    assert (second.charge, second.diagnosis_pointers) == (Decimal("1040.50"), (3, 2))
    (coverage,) = encounter.coverages
    assert (coverage.payer, coverage.member_id, coverage.subscriber.last_name) == (COMMERCIAL, "W12345678", "Tester")
    assert encounter.rendering == a_rendering_provider() and encounter.facility is None


def test_without_an_id_patient_day_provider_and_place_make_the_visit() -> None:
    read = taken(sheet({}, {"cpt": "87880"}, {"dos_from": "2026-09-01"}, {"mrn": "00999"}, drop=("external_id",)))
    assert [len(encounter.lines) for encounter in read.encounters] == [2, 1, 1]
    again = taken(sheet({}, {"cpt": "87880"}, {"dos_from": "2026-09-01"}, {"mrn": "00999"}, drop=("external_id",)))
    assert again == read  # taking the file in again gives the same ids
    assert len({encounter.external_id for encounter in read.encounters}) == 3
    assert all("00123" not in encounter.external_id for encounter in read.encounters)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("zip", "2115"),
        ("mrn", "1.23E+11"),
        ("member_id", "1,0E+10"),
        ("practice_npi", "100000000"),
        ("ndc", "409123401"),
        ("dx1", "1-Mar"),
        ("dx1", "MAR-1".title()),
        ("cpt", "362"),
        ("cpt", "99213.0"),
        ("dos_from", "46265"),
        ("dob", "29358"),
        ("pos", "2"),
        ("relationship", "1"),
    ],
)
def test_damage_by_spreadsheets_is_found(column: str, value: str) -> None:
    read = taken(sheet({column: value}))
    assert ("EXCEL_DAMAGE", f"bill.csv row 2, column {column}") in problems(read)
    assert read.encounters == ()
    assert all(problem.fix for problem in read.problems)
    assert all(value not in problem.message for problem in read.problems)


def test_a_day_number_tells_what_day_it_would_be() -> None:
    assert "2026-08-31" in only(sheet({"dos_from": "46265"})).fix


@pytest.mark.parametrize("value", ["01/02/03", "2026-02-30", "31/12/2026", "yesterday", "2026-08"])
def test_dates_that_are_none(value: str) -> None:
    assert only(sheet({"dos_from": value})).code == "BAD_DATE"


@pytest.mark.parametrize(
    "value", ["(12.30)", "12,50", "—", "-5", "1.234", "1E3", "=1+1", "1,2,3", "free", "99999999999"]
)
def test_amounts_that_are_none(value: str) -> None:
    problem = only(sheet({"charge": value}))
    assert (problem.code, problem.place) == ("BAD_AMOUNT", "bill.csv row 2, column charge")


@pytest.mark.parametrize("value", ["0", "-1", "two", "1_0", "\u0661", "1E2", "NaN", "Infinity"])
def test_quantities_that_are_none(value: str) -> None:
    assert only(sheet({"units": value})).code == "BAD_NUMBER"


@pytest.mark.parametrize(
    "value", ["=cmd|'/C calc'!A0", "+HYPERLINK(1)", "-2+3", "@SUM(A1)", "\t=1", "\u00a0=1", " =1", "＝1+1"]
)
def test_formulas_never_get_in(value: str) -> None:
    read = taken(sheet({"last": value}))
    (encounter,) = read.encounters
    assert encounter.patient.last_name[:1] not in set("=+-@\t＝ ")
    assert [problem.code for problem in read.problems] == ["FORMULA_CELL"]
    assert not read.problems[0].blocks
    assert only(sheet({"member_id": value.strip()})).blocks


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\u00a0=1", "\n=1", "＝1"])
def test_formulas_never_get_out(value: str) -> None:
    assert neutral(value).startswith("'")
    rows = list(csv.reader(io.StringIO(error_sheet([IntakeProblem(place=value, message="a")]).decode("utf-8-sig"))))
    assert rows[1][0].startswith("'")
    assert neutral("O'Brien") == "O'Brien"


def test_curly_quotes_are_made_straight_with_a_notice() -> None:
    read = taken(sheet({"last": "O’Neil"}))
    assert read.encounters[0].patient.last_name == "O'Neil"
    assert problems(read) == [("CURLY_QUOTES", "bill.csv row 2, column last")]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_and_a_byte_order_mark(separator: str) -> None:
    assert len(taken(b"\xef\xbb\xbf" + sheet({}, separator=separator)).encounters) == 1
    assert len(taken(sheet({}).decode().encode("utf-16")).encounters) == 1


def test_columns_missing_twice_or_unknown() -> None:
    missing = only(sheet({}, drop=("cpt",)))
    assert missing.code == "BAD_HEADER" and "cpt" in missing.message
    renamed = only(sheet({}).replace(b"dos_from", b"dos_form"))
    assert "is dos_form meant as dos_from?" in renamed.fix
    assert only(sheet({}).replace(b"dx2", b"dx1", 1)).code == "BAD_HEADER"
    extra = taken(sheet({"memberid2": "x"}))
    assert [(problem.code, problem.blocks) for problem in extra.problems] == [("UNKNOWN_COLUMN", False)]
    assert len(extra.encounters) == 1


def test_header_names_may_be_written_as_people_write_them() -> None:
    assert len(taken(sheet({}).replace(b"dos_from", b"DOS From", 1)).encounters) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"\xef\xbb\xbf \n", "EMPTY_FILE"),
        (b"PK\x03\x04rest", "NOT_CSV"),
        (b"\xd0\xcf\x11\xe0", "NOT_CSV"),
        (b"<html>login</html>", "NOT_CSV"),
        (b"mrn,last\nM\xfcller", "NOT_UTF8"),
        (b"mrn,last\x00", "NOT_UTF8"),
        (b"a,b,c", "BAD_HEADER"),
        (b",".join(b"c%d" % n for n in range(16_000)), "BAD_HEADER"),
    ],
)
def test_files_that_are_not_taken(data: bytes, code: str) -> None:
    read = taken(data)
    assert read.refused and read.accept(partial=True).encounters == ()
    assert [problem.code for problem in read.problems] == [code]
    assert read.problems[0].fix


def test_quotes_that_are_not_doubled_refuse_the_file() -> None:
    data = sheet({}).replace(b"Tester", b'"Tes"ter')
    assert only(data).code == "BAD_QUOTES"
    assert only(sheet({}).replace(b"Tester", b'"Tester')).code == "BAD_QUOTES"
    assert taken(sheet({"note": "two\nlines"})).encounters[0].lines[0].note == "two lines"


def test_too_many_rows_are_refused() -> None:
    line = sheet({}).splitlines(keepends=True)
    assert only(line[0] + line[1] * 100_001).code == "TOO_LARGE"


def test_one_wrong_row_keeps_the_file_out_unless_the_user_takes_the_rest() -> None:
    read = taken(sheet({}, {"external_id": "V2", "charge": "—"}, {"external_id": "V3"}, {"external_id": "V2"}))
    assert (read.rows, read.bad_rows) == (4, 1)
    assert read.accept().encounters == ()
    assert read.accept().problems == read.problems
    assert [encounter.external_id[-2:] for encounter in read.accept(partial=True).encounters] == ["V1", "V3"]
    assert ("VISIT_NOT_TAKEN", "bill.csv row 5") in problems(read)


def test_rows_of_one_visit_must_agree() -> None:
    read = taken(sheet({}, {"dob": "1981-05-17"}))
    assert problems(read) == [("VISIT_NOT_TAKEN", "bill.csv row 2"), ("ROWS_DIFFER", "bill.csv row 3, column dob")]
    assert read.encounters == ()


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"pointers": "3"}, "BAD_POINTER", "pointers"),
        ({"pointers": "C"}, "BAD_POINTER", "pointers"),
        ({"mod1": "255"}, "BAD_CODE", "mod1"),
        ({"sex": "X"}, "BAD_CODE", "sex"),
        ({"dx1": "cold"}, "BAD_CODE", "dx1"),
        ({"cpt": ""}, "MISSING_VALUE", "cpt"),
        ({"charge": ""}, "MISSING_VALUE", "charge"),
        ({"dos_to": "2026-08-30"}, "BAD_DATE", "dos_to"),
        ({"relationship": "cousin"}, "BAD_CODE", "relationship"),
        ({"rendering_npi": "12345678931"}, "BAD_NUMBER", "rendering_npi"),
    ],
)
def test_wrong_cells_are_named(change: dict[str, str], code: str, column: str) -> None:
    assert (code, f"bill.csv row 2, column {column}") in problems(taken(sheet(change)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"payer": "NOPE"}, "UNKNOWN_PAYER"),
        ({"location": "WEST"}, "UNKNOWN_LOCATION"),
        ({"rendering_npi": "1245319599"}, "UNKNOWN_PROVIDER"),
    ],
)
def test_keys_the_practice_does_not_know_hold_the_visit(change: dict[str, str], code: str) -> None:
    read = taken(sheet(change))
    (problem,) = read.problems
    assert (problem.code, problem.blocks, problem.encounter) == (code, True, "csv|1000000004|V1")
    assert len(read.accept().encounters) == 1
    assert read.bad_rows == 0


def test_a_location_of_its_own_becomes_the_facility() -> None:
    (encounter,) = taken(sheet({"location": "EAST"})).encounters
    assert encounter.facility is not None and encounter.facility.last_name == "EAST CLINIC"
