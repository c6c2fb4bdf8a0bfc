"""Visits and claims of hospitals and dentists as they are typed: read with every fault, written back the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.charge_entry import cells_of_visit, read_visit
from claimwright.codes.releases import CodeSets

NPI = "1234567893"
TODAY = date(2026, 9, 30)
STAY = {
    "kind": "I", "date_from": "09/01/2026", "date_to": "09/03/2026", "rendering": NPI, "facility_type": "11",
    "admission_date": "09/01/2026", "admission_time": "14", "admission_type": "1", "admission_source": "1",
    "discharge_time": "1030", "patient_status": "01", "conditions": "02 A1", "occurrences": "11 08/30/2026; a2 09/01/2026",
    "spans": "74 09/01/2026-09/02/2026", "value_codes": "80 2; A2 12.50", "admitting": "R07.9", "dx1": "I21.4", "dx2": "E11.9",
    "present": "YN", "drg": "281", "procedures": "0DTJ4ZZ 09/02/2026; 02703ZZ 09/02/2026", "operating": NPI,
    "line1-revenue_code": "120", "line1-units": "2", "line1-charge": "2400.00", "line1-non_covered": "100",
    "line2-revenue_code": "0450", "line2-code": "99284", "line2-units": "1", "line2-charge": "900.00",
}  # fmt: skip
TEETH = {
    "kind": "D", "date_from": "09/01/2026", "rendering": NPI, "place": "11", "missing_teeth": "1, 16 17 32",
    "months_total": "24", "months_left": "6", "line1-code": "D2391", "line1-tooth": "3", "line1-surfaces": "mo",
    "line1-units": "1", "line1-charge": "185.00", "line2-code": "D4341", "line2-area": "10", "line2-units": "1",
    "line2-charge": "240.00",
}  # fmt: skip


def read(cells):
    return read_visit(cells, today=TODAY, finished=True, sets=CodeSets({}), providers=[NPI])


def test_a_stay_is_read_and_written_back():
    visit, faults = read(STAY)
    assert faults == ()
    stay = visit.institutional
    assert (stay.facility_type, stay.patient_status, stay.admission_time, stay.discharge_time) == (
        "11",
        "01",
        "1400",
        "1030",
    )
    assert (stay.statement_from, stay.statement_through) == (date(2026, 9, 1), date(2026, 9, 3))
    assert stay.covered_days == Decimal(2) and stay.value("A2") == Decimal("12.50")
    assert [(one.code, one.on.day) for one in stay.occurrences] == [("11", 30), ("A2", 1)]
    assert stay.principal_procedure.qualifier == "BBR" and [one.code for one in stay.other_procedures] == ["02703ZZ"]
    assert visit.condition_codes == ("02", "A1") and visit.operating_npi == NPI
    assert [row.present_on_admission for row in visit.diagnoses] == ["Y", "N"]
    room, emergency = visit.lines
    assert (room.revenue_code, room.procedure_code, room.unit_basis, room.units) == ("0120", "", "DA", Decimal(2))
    assert (
        room.non_covered_amount == Decimal(100) and emergency.unit_basis == "UN" and emergency.diagnosis_pointers == ()
    )
    again, faults = read(cells_of_visit(visit))
    assert faults == () and again == visit


def test_a_dental_visit_needs_no_diagnosis_and_is_written_back():
    visit, faults = read(TEETH)
    assert faults == ()
    filling, scaling = visit.lines
    assert filling.procedure_qualifier == "AD" and filling.dental.teeth[0].surfaces == ("M", "O")
    assert scaling.dental.oral_cavity_areas == ("10",)
    assert [one.number for one in visit.dental.tooth_statuses] == ["1", "16", "17", "32"]
    assert (visit.dental.orthodontic_months_total, visit.dental.orthodontic_months_remaining) == (24, 6)
    again, faults = read(cells_of_visit(visit))
    assert faults == () and again == visit


@pytest.mark.parametrize(
    ("base", "field", "value"),
    [
        (STAY, "facility_type", ""), (STAY, "patient_status", "1"), (STAY, "admission_time", "25"),
        (STAY, "occurrences", "11 31/31/2026"), (STAY, "spans", "74 09/03/2026-09/01/2026"), (STAY, "value_codes", "80 x"),
        (STAY, "procedures", "0DTJ4Z 09/02/2026"), (STAY, "conditions", "123"), (STAY, "present", "YNY"),
        (STAY, "operating", "1000000004"), (STAY, "line1-revenue_code", ""), (STAY, "admitting", "R07.9 R05"),
        (TEETH, "line1-tooth", "33"), (TEETH, "line1-surfaces", "MX"), (TEETH, "line2-area", "99"),
        (TEETH, "missing_teeth", "ZZ"), (TEETH, "line2-surfaces", "M"),
    ],
)  # fmt: skip
def test_every_fault_names_its_field(base, field, value):
    _, faults = read(base | {field: value})
    assert [fault.field for fault in faults] == [field]
    assert all(fault.fix for fault in faults)
