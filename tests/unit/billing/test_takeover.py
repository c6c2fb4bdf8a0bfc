"""A takeover set read and judged: every kind of fault is found with its file, row and column, and money ties or not."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.billing.takeover import (
    ControlTotals,
    Cover,
    Known,
    judge,
    opening_credit,
    opening_entries,
    payer_credits,
    tie_out,
)
from claimwright.claims.from_csv.takeover import FILES, OpenLine, TakeoverSet, fingerprint_text, read_takeover, template
from claimwright.claims.nouns import Payer
from claimwright.ledger.book import Book
from claimwright.ledger.invariants import line_is_whole, trial_balance
from tests.lib import takeover_sets as sets

PAYERS = {"NMUT": Payer(payer_id="60054", name="NORTHERN MUTUAL"), "PRAIRIE": Payer(payer_id="87726", name="PRAIRIE")}
KNOWN = Known(
    payers={"NMUT": "NMUT", "60054": "NMUT", "PRAIRIE": "PRAIRIE", "87726": "PRAIRIE"},
    providers=frozenset(["1234567893"]),
)


def read(rows: sets.Rows) -> TakeoverSet:
    return read_takeover(sets.as_files(rows), PAYERS)


def faults(rows: sets.Rows, known: Known = KNOWN) -> list[tuple[str, str]]:
    """(place, code) of all that blocks."""
    found = read(rows)
    judged = judge(found, known, on=sets.AS_OF, today=sets.AS_OF, policies=DEFAULT_POLICIES)
    return [(one.place, one.code) for one in (*found.problems, *judged.problems) if one.blocks]


def test_the_set_is_good_and_ties() -> None:
    found = read(sets.rows())
    assert faults(sets.rows()) == []
    ties = tie_out(found, sets.TOTALS, KNOWN.payers)
    assert {row.name: row.found for row in ties} == {
        "Insurance": Decimal("630.00"), "Patient": Decimal("180.00"), "Credits": Decimal("35.00"),
        "Total A/R": Decimal("775.00"), "Payer NMUT": Decimal("600.00"), "Payer PRAIRIE": Decimal("30.00"),
    }  # fmt: skip
    assert not any(row.difference for row in ties)
    off = msgspec.structs.replace(sets.TOTALS, credits=Decimal("34.99"))
    assert {row.name: row.difference for row in tie_out(found, off, KNOWN.payers) if row.difference} == {
        "Credits": Decimal("0.01"), "Total A/R": Decimal("-0.01"),
    }  # fmt: skip
    # A payer that the report names and the files do not have, and the other way round.
    odd = ControlTotals(insurance=Decimal("630.00"), patient=Decimal("180.00"), credits=Decimal("35.00"),
                        by_payer={"NMUT": Decimal("600.00"), "MEDB": Decimal("30.00")})  # fmt: skip
    assert {row.name: row.difference for row in tie_out(found, odd, KNOWN.payers) if row.difference} == {
        "Payer MEDB": Decimal("-30.00"), "Payer PRAIRIE": Decimal("30.00"),
    }  # fmt: skip


# (file, row of it, cells to change, the fault's column, its code). Row 0 is row 2 of the file.
CELLS = [
    ("open_lines", 0, {"claim": "1.23E+15"}, "claim", "EXCEL_DAMAGE"),
    ("open_lines", 0, {"claim": "A 1"}, "claim", "BAD_CODE"),
    ("open_lines", 0, {"claim": "A" * 21}, "claim", "BAD_CODE"),
    ("open_lines", 0, {"claim": "A*1"}, "claim", "BAD_CODE"),
    ("open_lines", 0, {"dos": "45872"}, "dos", "EXCEL_DAMAGE"),
    ("open_lines", 0, {"dos": "2026-10-01", "first_submitted": "2026-10-02"}, "dos", "BAD_DATE"),
    ("open_lines", 0, {"first_submitted": "2026-08-01"}, "first_submitted", "BAD_DATE"),
    ("open_lines", 0, {"first_submitted": ""}, "first_submitted", "MISSING_VALUE"),
    ("open_lines", 0, {"charge": ""}, "charge", "MISSING_VALUE"),
    ("open_lines", 0, {"balance": "(150.00)"}, "balance", "BAD_AMOUNT"),
    ("open_lines", 0, {"balance": "149.99"}, "balance", "LINE_DOES_NOT_TIE"),
    ("open_lines", 0, {"code": "9921"}, "code", "BAD_CODE"),
    ("open_lines", 0, {"mrn": "OLD-99"}, "mrn", "UNKNOWN_PATIENT"),
    ("open_lines", 0, {"payer": "NOBODY"}, "payer", "UNKNOWN_PAYER"),
    ("open_lines", 0, {"payer": "PRAIRIE"}, "payer", "NO_COVERAGE"),
    ("open_lines", 0, {"payer": ""}, "payer", "MISSING_VALUE"),
    ("open_lines", 0, {"bucket": "INS2"}, "bucket", "WRONG_BUCKET"),
    ("open_lines", 0, {"bucket": "INS4"}, "bucket", "BAD_CODE"),
    ("open_lines", 0, {"state": "patient"}, "state", "STATE_AND_BALANCE"),
    ("open_lines", 0, {"state": "denied"}, "state", "NO_DENIAL"),
    ("open_lines", 2, {"payer_claim_number": "OTHER"}, "payer_claim_number", "ROWS_DIFFER"),
    ("open_lines", 3, {"patient_balance": "1.00", "charge": "301.00"}, "patient_balance", "BAD_AMOUNT"),
    ("open_lines", 3, {"last_statement": "2026-10-10"}, "last_statement", "BAD_DATE"),
    ("open_lines", 4, {"state": "unsent", "diagnoses": "J06.9", "place_of_service": "11"}, "state", "STATE_AND_BALANCE"),
    ("open_lines", 5, {"diagnoses": ""}, "diagnoses", "MISSING_VALUE"),
    ("open_lines", 8, {"balance": "5.00", "charge": "105.00"}, "balance", "CREDIT_AND_BALANCE"),
    ("patients", 0, {"dob": "5/1/80"}, "dob", "BAD_DATE"),
    ("patients", 2, {"mrn": "OLD-2"}, "mrn", "DUPLICATE_PATIENT"),
    ("coverages", 7, {"payer": "NOBODY"}, "payer", "UNKNOWN_PAYER"),
    ("denials", 0, {"carc": "9999"}, "carc", "UNKNOWN_CARC"),
    ("denials", 0, {"amount": "200.01"}, "amount", "BAD_AMOUNT"),
    ("denials", 0, {"code": "99999"}, "code", "UNKNOWN_LINE"),
    ("denials", 0, {"claim": "old-A1", "code": "99213"}, "claim", "NOT_DECIDED"),
    ("denials", 0, {"denied_on": "2026-08-01"}, "denied_on", "BAD_DATE"),
    ("appeals", 0, {"carc": "197"}, "carc", "UNKNOWN_DENIAL"),
    ("appeals", 0, {"sent_on": "2026-08-20"}, "sent_on", "BAD_DATE"),
    ("credits", 0, {"amount": "-25.00"}, "amount", "BAD_AMOUNT"),
    ("credits", 0, {"cause": ""}, "cause", "MISSING_VALUE"),
    ("credits", 0, {"mrn": "OLD-99"}, "mrn", "UNKNOWN_PATIENT"),
    ("credits", 1, {"claim": "A9"}, "claim", "UNKNOWN_CLAIM"),
    ("plans", 0, {"balance": "119.00"}, "balance", "PLAN_DOES_NOT_TIE"),
    ("plans", 0, {"next_due": "2026-09-29"}, "instalment", "PLAN_REFUSED"),
    ("plans", 0, {"count_left": "2"}, "instalment", "PLAN_REFUSED"),
    ("notes", 0, {"claim": "A7"}, "claim", "UNKNOWN_CLAIM"),
    ("notes", 0, {"next_action": "2026-09-01"}, "noted_on", "BAD_DATE"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "row", "cells", "column", "code"), CELLS)
def test_a_wrong_cell_is_named_by_file_row_and_column(
    file: str, row: int, cells: dict[str, str], column: str, code: str
) -> None:
    rows = copy.deepcopy(sets.rows())
    rows[file][row] |= cells
    assert (f"{file}.csv row {row + 2}, column {column}", code) in faults(rows)


def test_what_is_there_twice_and_files_that_are_none_of_the_set_are_refused() -> None:
    rows = sets.rows()
    rows["open_lines"].append(dict(rows["open_lines"][0]))
    assert ("open_lines.csv row 11, column line", "DUPLICATE_LINE") in faults(rows)
    rows["open_lines"][0] |= {"line": "1"}
    rows["open_lines"][-1] |= {"line": "2"}
    assert faults(rows) == []
    for file, code in (("denials", "DUPLICATE_DENIAL"), ("appeals", "DUPLICATE_APPEAL"), ("plans", "TWO_PLANS")):
        twice = sets.rows()
        twice[file].append(dict(twice[file][0]))
        assert code in [found for _, found in faults(twice)]
    assert ("old_lines.csv", "UNKNOWN_FILE") in faults({**sets.rows(), "old_lines": [{"claim": "1"}]})
    without = sets.rows()
    del without["open_lines"]
    assert ("open_lines.csv", "MISSING_FILE") in faults(without)
    workbook = read_takeover({"open_lines.csv": b"PK\x03\x04rest"}, PAYERS)
    assert [problem.code for problem in workbook.blocking] == ["NOT_CSV"]


def test_a_cover_that_ended_is_no_cover_and_a_number_in_use_is_given_up_with_a_notice() -> None:
    rows = sets.rows()
    rows["coverages"][0] |= {"start": "2026-01-01", "end": "2026-08-03"}
    assert ("open_lines.csv row 2, column payer", "NO_COVERAGE") in faults(rows)
    here = msgspec.structs.replace(KNOWN, covers={"OLD-1": (Cover(sequence="P", payer_key="NMUT"),)})
    assert faults(rows, here) == []  # the one registered here is in force
    used = msgspec.structs.replace(KNOWN, control_numbers=frozenset(["A2"]))
    judged = judge(read(sets.rows()), used, on=sets.AS_OF, today=sets.AS_OF, policies=DEFAULT_POLICIES)
    assert {claim.number for claim in judged.claims if not claim.keeps_number} == {"A2"}
    assert [(one.code, one.blocks) for one in judged.problems] == [("NUMBER_IN_USE", False)]


def test_templates_are_read_as_they_are_written_and_a_set_has_one_fingerprint() -> None:
    for name, file in FILES.items():
        assert set(file.required) <= set(file.names)
        assert template(name).decode("utf-8-sig").splitlines()[0] == ",".join(file.names)
    found = read_takeover({f"{name}.csv": template(name) for name in FILES}, {"12345": Payer(payer_id="12345")})
    assert found.blocking == ()
    assert (len(found.open_lines), found.open_lines[0].claim) == (1, "A1001")
    backwards = dict(reversed(list(sets.as_files(sets.rows()).items())))
    assert fingerprint_text(read_takeover(backwards, PAYERS)) == fingerprint_text(read(sets.rows()))


def test_opening_entries_leave_what_is_open_in_each_bucket() -> None:
    base = OpenLine(claim="A", record_number="M", date_of_service=date(2026, 8, 3))
    split = msgspec.structs.replace(
        base, charge=Decimal("200.00"), paid=Decimal("50.00"), patient_paid=Decimal("10.00"), adjusted=Decimal("40.00"),
        bucket="INS2", balance=Decimal("70.00"), patient_balance=Decimal("30.00"),
    )  # fmt: skip
    paid_over = msgspec.structs.replace(
        base, charge=Decimal("100.00"), paid=Decimal("90.00"), bucket="PAT", balance=Decimal("20.00")
    )
    book = Book()
    book.extend(_entries(split, "L1", "INS2", "0.00"))
    book.extend(_entries(paid_over, "L2", "INS1", "10.00"))
    held = opening_credit("P1", Decimal("5.00"), practice_id="1", key="k/credit/0", on=sets.AS_OF)
    assert held is not None
    book.append(held)
    assert book.line_balances("L1") == {"INS2": Decimal("70.00"), "PAT": Decimal("30.00")}
    assert book.line_balances("L2") == {"INS1": Decimal("-10.00"), "PAT": Decimal("20.00")}
    assert book.accounts_receivable() == Decimal("105.00")
    assert {account.kind.value for account in book.balances()} == {"RECEIVABLE", "CREDIT", "OPENING"}
    assert [*trial_balance(book), *line_is_whole(book, "L1"), *line_is_whole(book, "L2")] == []


def _entries(line: OpenLine, line_id: str, payer_bucket: str, credit: str):  # type: ignore[no-untyped-def]
    return opening_entries(
        line, line_id=line_id, payer_bucket=payer_bucket, credit=Decimal(credit), practice_id="1", key=f"k/{line_id}",
        on=sets.AS_OF,
    )  # fmt: skip


def test_a_payers_credits_on_a_line_add_up() -> None:
    rows = sets.rows()
    rows["credits"].append(dict(rows["credits"][1]))
    assert payer_credits(read(rows)) == {("A8", "99213", 0): Decimal("20.00")}
    assert ("open_lines.csv row 10, column balance", "LINE_DOES_NOT_TIE") in faults(rows)
