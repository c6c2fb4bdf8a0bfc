"""Patients from the front desk's form: saved whole or not at all, duplicates shown first, secrets sealed."""

from __future__ import annotations

from datetime import date

import pytest

CELLS = {
    "last_name": "Sample", "first_name": "Jane", "birth_date": "05/17/1980", "sex": "F", "line1": "12 Birch St",
    "city": "Madison", "state": "WI", "postal_code": "537034321", "phone1": "6085550142", "phone1_kind": "mobile",
    "phone1_may_text": "on", "phone1_consent_on": "09/01/2026", "ssn": "123-45-6789", "email": "jane@example.org",
}  # fmt: skip
PARENT = {
    "guarantor": "other", "guarantor_last_name": "Sample", "guarantor_first_name": "Jane",
    "guarantor_birth_date": "05/17/1980",
}  # fmt: skip


def register(clinic, *, decided_new=False, **changes):
    from claimwright.web.patients.registration import register_patient

    return register_patient(practice=clinic.practice, cells=CELLS | changes, decided_new=decided_new)


def correct(patient, **changes):
    from claimwright.web.patients.registration import cells_of, correct_patient

    return correct_patient(patient=patient, cells=cells_of(patient) | changes)


def everything_written():
    """All bytes of the tenant's patient tables as text."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(p::text, '') FROM patients_patient p")
        return cursor.fetchone()[0]


def test_a_patient_is_registered_with_a_number_of_ours(inside):
    from claimwright.web.core.models import AuditEvent

    patient = register(inside).patient
    assert patient.record_number == "MRN0000001" and patient.registered_on == date(2026, 9, 30)
    (phone,) = patient.phones.all()
    assert (phone.number, phone.may_text, phone.consent_on) == ("6085550142", True, date(2026, 9, 1))
    assert patient.addresses.get().content["line1"] == "12 Birch St"
    event = AuditEvent.objects.get(action="patient.register")
    assert "Sample" not in event.detail and str(patient.pk) == event.subject_id


def test_the_social_security_number_is_sealed_and_found(inside):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.patients.registration import reveal_ssn
    from claimwright.web.patients.sealing import ssn_index

    patient = register(inside).patient
    assert "123456789" not in everything_written() and "123-45" not in everything_written()
    assert reveal_ssn(patient=patient) == "123456789"
    assert AuditEvent.objects.filter(action="patient.ssn_revealed", subject_id=str(patient.pk)).count() == 1
    assert patient.ssn_index == ssn_index("123456789") != ssn_index("123456780")


def test_the_index_of_a_number_differs_between_tenants(tenant, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.sealing import ssn_index

    found = []
    for one in (tenant, other_tenant):
        with tenant_scope(one):
            found.append(ssn_index("123456789"))
    assert len(set(found)) == 2


def test_with_a_fault_nothing_is_saved(inside):
    from claimwright.web.patients.models import Patient, PatientPhone

    outcome = register(inside, birth_date="02/30/1980")
    assert outcome.patient is None and [fault.field for fault in outcome.faults] == ["birth_date"]
    assert not Patient.objects.exists() and not PatientPhone.objects.exists()


def test_a_record_number_is_used_once(inside):
    register(inside, record_number="A-1")
    outcome = register(inside, record_number="a-1", first_name="Bella", decided_new=True)
    assert [fault.field for fault in outcome.faults] == ["record_number"]


def test_a_likely_duplicate_is_shown_before_anything_is_saved(inside):
    from claimwright.web.patients.models import DuplicatePair, Patient
    from tests.lib.practices import work_items

    held = register(inside).patient
    outcome = register(inside, first_name="Janie", ssn="")
    assert outcome.patient is None
    assert [candidate.patient.pk for candidate in outcome.candidates] == [held.pk]
    assert "Same date of birth" in outcome.candidates[0].reasons
    assert Patient.objects.count() == 1 and not DuplicatePair.objects.exists()
    another = register(inside, first_name="Janie", ssn="", decided_new=True).patient
    pair = DuplicatePair.objects.get()
    assert {pair.first_id, pair.second_id} == {held.pk, another.pk} and pair.state == "open"
    assert work_items() == [("duplicate_patients", "DUPLICATE_PATIENT")]


def test_somebody_else_is_registered_at_once(inside):
    register(inside)
    other = register(
        inside, first_name="Robert", last_name="Miller", birth_date="1950-01-01", ssn="", phone1="", email=""
    )
    assert other.patient is not None and other.candidates == ()


def test_another_practice_is_not_searched(inside):
    from claimwright.web.patients.registration import register_patient
    from claimwright.web.practice.models import Practice

    register(inside)
    elsewhere = Practice.objects.create(name="Else", npi="1234567893", tax_id="1")
    outcome = register_patient(practice=elsewhere, cells=CELLS)
    assert outcome.patient is not None and outcome.candidates == ()


def test_a_scan_lists_each_pair_once_and_a_decision_stays(inside):
    from claimwright.web.patients.duplicates import decide, scan_duplicates
    from claimwright.web.patients.models import DuplicatePair
    from tests.lib.practices import work_items

    register(inside)
    register(inside, birth_date="17/05/1980", decided_new=True)  # a fault
    register(inside, first_name="Janet", birth_date="05/18/1980", decided_new=True, ssn="")
    DuplicatePair.objects.all().delete()
    assert scan_duplicates(practice=inside.practice) == 1
    assert scan_duplicates(practice=inside.practice) == 0
    decide(pair=DuplicatePair.objects.get(), state="different", note="sisters")
    assert work_items() == []
    assert scan_duplicates(practice=inside.practice) == 0


def test_a_minors_guarantor_may_be_a_patient(inside):
    mother = register(inside).patient
    child = register(
        inside, first_name="Lea", birth_date="2015-01-01", ssn="", email="", phone1="",
        guarantor_record_number=mother.record_number,
    )  # fmt: skip
    assert child.faults == () and child.patient.guarantor == mother
    outcome = register(inside, first_name="Lou", birth_date="2016-01-01", ssn="", guarantor_record_number="NOBODY")
    assert {fault.field for fault in outcome.faults} == {"guarantor_record_number", "guarantor"}


def test_twins_without_a_name_get_letters(inside):
    mother = register(inside).patient
    baby = {
        "first_name": "", "birth_date": "09/25/2026", "is_newborn": "on", "ssn": "", "email": "", "phone1": "",
        "mother_record_number": mother.record_number, "guarantor_record_number": mother.record_number, "sex": "M",
    }  # fmt: skip
    names = [register(inside, decided_new=True, **baby).patient.first_name for _ in range(3)]
    assert names == ["BABY BOY", "BABY BOY B", "BABY BOY C"]


def test_a_correction_keeps_what_was_by_date(inside):
    patient = register(inside).patient
    outcome = correct(patient, line1="9 Oak Ave", phone1_may_text="", phone1_consent_on="")
    assert outcome.faults == ()
    assert [(row.content["line1"], row.end) for row in patient.addresses.order_by("-end")] == [
        ("9 Oak Ave", None), ("12 Birch St", date(2026, 9, 30)),
    ]  # fmt: skip
    assert sorted(row.may_text for row in patient.phones.all()) == [False, True]
    patient.refresh_from_db()
    assert patient.content["address"]["line1"] == "9 Oak Ave"
    assert patient.ssn_index and patient.ssn_sealed  # blank leaves it


def test_correcting_nothing_changes_nothing(inside):
    patient = register(inside).patient
    before = (patient.content, patient.details, patient.ssn_index)
    correct(patient)
    patient.refresh_from_db()
    assert (patient.content, patient.details, patient.ssn_index) == before
    assert patient.addresses.count() == patient.phones.count() == 1


def test_the_number_is_taken_out_on_request(inside):
    patient = register(inside).patient
    correct(patient, remove_ssn="on")
    patient.refresh_from_db()
    assert patient.ssn_index == patient.ssn_sealed == ""


def test_returned_mail_stops_statements_until_another_address(inside):
    from claimwright.web.patients.registration import mail_came_back

    patient = register(inside).patient
    mail_came_back(patient=patient, because="moved, no forwarding")
    patient.refresh_from_db()
    assert patient.flags == ["bad_address"] and not patient.addresses.get().valid
    correct(patient, line1="9 Oak Ave")
    patient.refresh_from_db()
    assert patient.flags == []


@pytest.mark.parametrize("cells", [{"guarantor": "other"}, PARENT | {"guarantor_birth_date": "05/17/2020"}])
def test_a_child_without_a_grown_guarantor_is_not_taken(inside, cells):
    outcome = register(inside, birth_date="2015-01-01", **cells)
    assert outcome.patient is None and outcome.faults
