"""A visit from a form: what is right comes back as it was typed, what is wrong names its field, junk never raises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.charge_entry import (
    LINE_CELLS,
    MOST_LINES,
    cells_of_visit,
    level_of_cells,
    line_numbers,
    read_visit,
)
from claimwright.codes.code_sets import shipped

TODAY = date(2026, 9, 30)
NPI = "1234567893"
FULL = {
    "date_from": "08/31/2026", "date_to": "09/02/2026", "rendering": NPI, "referring": NPI, "place": "22",
    "prior_authorization": "a77", "referral": "R1", "cause_AA": "on", "accident_state": "wi",
    "accident_date": "08/01/2026", "onset_date": "08/20/2026", "admission_date": "08/30/2026",
    "discharge_date": "09/02/2026", "note": "seen twice", "dx1": "m54.50", "dx2": "E11.9", "dx3": "I10",
    "line1-code": "99213", "line1-modifiers": "25,95", "line1-pointers": "1 3", "line1-units": "1",
    "line1-charge": "$1,150.5", "line2-code": "j1100", "line2-pointers": "CB", "line2-units": "2.5",
    "line2-date": "09/01/2026", "line2-ndc": "0069-0145-01", "line2-ndc_quantity": "4", "line2-ndc_unit": "ML",
    "line4-code": "00810", "line4-minutes": "45", "line4-pointers": "A", "line4-note": "moderate",
    "level_minutes": "32", "level_patient": "established", "level_problems": "low", "level_medicare": "on",
}  # fmt: skip


def read(cells, *, finished=True, today=TODAY):
    return read_visit(cells, today=today, finished=finished, sets=shipped(), providers=[NPI])


def test_all_fields_are_read():
    visit, faults = read(FULL)
    assert faults == ()
    assert [row.code for row in visit.diagnoses] == ["M5450", "E119", "I10"]
    assert [row.qualifier for row in visit.diagnoses] == ["ABK", "ABF", "ABF"]
    first, second, third = visit.lines
    assert (first.number, first.modifiers, first.diagnosis_pointers, first.charge) == (1, ("25", "95"), (1, 3), Decimal("1150.50"))  # fmt: skip
    assert (second.procedure_code, second.diagnosis_pointers, second.units) == ("J1100", (3, 2), Decimal("2.5"))
    assert second.date_from == date(2026, 9, 1) and second.charge == 0
    assert (second.drug.ndc, second.drug.quantity, second.drug.unit) == ("00069014501", Decimal(4), "ML")
    assert (third.number, third.unit_basis, third.units, third.note) == (3, "MJ", Decimal(45), "moderate")
    assert visit.accident_state == "WI" and visit.prior_authorization == "A77" and visit.causes == ("AA",)
    assert visit.level.minutes == 32 and visit.level.medicare and visit.level.patient == "established"


def test_what_is_read_comes_back_as_it_would_be_typed():
    visit, _ = read(FULL)
    again, faults = read(cells_of_visit(visit))
    assert faults == () and again == visit


def test_a_single_diagnosis_needs_no_pointer_and_an_unfinished_visit_little():
    cells = {"date_from": "2026-08-31", "rendering": NPI, "place": "11", "dx1": "J069", "line1-code": "99213"}
    visit, faults = read(cells)
    assert faults == () and visit.lines[0].diagnosis_pointers == (1,)
    _, faults = read({"date_from": "2026-08-31", "rendering": NPI}, finished=False)
    assert faults == ()
    _, faults = read({"date_from": "2026-08-31", "rendering": NPI})
    assert {fault.field for fault in faults} == {"place", "dx1", "line1-code"}


def test_a_day_that_no_release_speaks_for_refuses_no_code():
    cells = {"date_from": "2020-08-31", "rendering": NPI, "place": "11", "dx1": "Z9999", "line1-code": "99213"}
    assert read(cells)[1] == ()
    assert [fault.field for fault in read(cells | {"date_from": "2026-08-31"})[1]] == ["dx1"]


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [("A", (1,)), ("ba", (2, 1)), ("1,2", (1, 2)), ("12", (1, 2)), ("1 C", (1, 3)), ("D", None), ("0", None),
     ("AA", None), ("A1", None), ("?", None)],
)  # fmt: skip
def test_pointers_are_letters_or_digits(pointers, expected):
    visit, faults = read(FULL | {"line1-pointers": pointers})
    assert visit.lines[0].diagnosis_pointers == (expected or ())
    assert [fault.field for fault in faults] == ([] if expected else ["line1-pointers"])


def test_lines_are_those_in_which_something_is_typed():
    assert line_numbers({"line3-code": "99213", "line1-units": "1", "line2-units": "2", "other": "x"}) == [2, 3]
    many = {f"line{number}-code": "99213" for number in range(1, MOST_LINES + 2)}
    base = {"date_from": "2026-08-31", "rendering": NPI, "place": "11", "dx1": "J069"}
    assert [fault.field for fault in read(base | many)[1]] == [f"line{MOST_LINES + 1}-code"]


def test_the_level_alone():
    assert level_of_cells({}) == (None, ())
    visit, faults = level_of_cells({"level_minutes": "20.5"})
    assert visit is None and faults[0].field == "level_minutes"
    assert level_of_cells({"level_risk": "extreme"})[1][0].field == "level_risk"


NAMES = st.sampled_from([*FULL, *(f"line{number}-{cell}" for number in (1, 2, 51, 99) for cell in LINE_CELLS)])


@given(st.dictionaries(NAMES, st.text(max_size=30)), st.booleans())
def test_junk_never_raises_and_is_never_taken_for_a_finished_visit(cells, finished):
    visit, faults = read(FULL | cells, finished=finished)
    if not faults:
        assert visit.date_from and visit.rendering_npi == NPI
        again, more = read(cells_of_visit(visit), finished=finished)
        assert more == () and again == visit
    for fault in faults:
        assert fault.says and fault.fix


@given(st.dictionaries(NAMES, st.sampled_from(["²", "1" * 40, "-1", "NaN", "١", "\x00", "0", "1e5", "  "])))
def test_odd_signs_are_faults(cells):
    read(cells)
