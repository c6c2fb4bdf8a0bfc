"""What claims wait for beside the edits: answers of providers and of patients."""

from __future__ import annotations

from datetime import date

import pytest

from tests.lib.practices import states, superbill_row, take_in, work_items

VISIT_ON = date(2026, 8, 31)


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def medicare_row(**cells):
    return superbill_row(**({"payer": "MEDB", "member_id": "1EG4TE5MK73"} | cells))


def answer(record="MRN1001", on=VISIT_ON, **told):
    from claimwright.billing.questionnaires import MedicareAnswers
    from claimwright.web.patients.models import Patient
    from claimwright.web.submissions.queried import record_medicare_answers

    patient = Patient.objects.get(record_number=record)
    return record_medicare_answers(patient=patient, answers=MedicareAnswers(**told), answered_on=on)


def policy(clinic, **values):
    clinic.practice.policies = values
    clinic.practice.save(update_fields=["policies"])


def scrub():
    from claimwright.web.submissions.scrubbing import scrub

    return scrub()


def findings(record="MRN1001"):
    from claimwright.web.submissions.models import EditFinding

    rows = EditFinding.objects.filter(open=True, version__claim__patient__record_number=record)
    return [(row.edit_id, row.severity, row.message) for row in rows]


def test_a_practice_that_keeps_no_answers_is_not_asked_for_them(inside):
    take_in(inside, medicare_row())
    assert scrub().ready == 1


def test_once_one_was_recorded_every_claim_to_medicare_first_needs_its_own(inside):
    take_in(inside, medicare_row(), medicare_row(external_id="V2", mrn="M2", last="OTHER", member_id="2EG4TE5MK73"))
    take_in(inside, superbill_row(external_id="V3", mrn="M3", last="THIRD"), name="b.csv")
    answer()
    assert states() == {"READY": 1, "DRAFT": 2}  # the answers were the signal to look at that patient's claim
    assert (scrub().ready, scrub().held) == (1, 1)  # the commercial one is ready, the other Medicare one waits
    assert findings() == []
    assert findings("M2") == [("MSPQ", "H", "The Medicare secondary payer questions were never asked")]
    assert work_items() == [("edit_holds", "MSPQ")]
    answer("M2")
    assert states() == {"READY": 3}
    assert work_items() == []


@pytest.mark.parametrize(("days", "on", "ready"), [
    (None, date(2026, 6, 2), True), (None, date(2026, 6, 1), False), (30, date(2026, 8, 1), True), (30, date(2026, 7, 31), False),
    (None, date(2026, 9, 1), True),  # asked after the visit, before the claim
])  # fmt: skip
def test_answers_speak_for_ninety_days_or_the_practices_own(inside, days, on, ready):
    if days:
        policy(inside, medicare_questionnaire_days=days)
    take_in(inside, medicare_row())
    answer(on=on)
    assert states() == ({"READY": 1} if ready else {"EDIT_HOLD": 1})
    if not ready:
        ((_, _, message),) = findings()
        assert f"{on:%m/%d/%Y}" in message
        assert f"{days or 90} days" in message
        answer(on=date(2026, 9, 1))
        assert states() == {"READY": 1}


def test_the_practices_policy_rules_whatever_was_recorded(inside):
    take_in(inside, medicare_row())
    policy(inside, medicare_questionnaire_required=True)
    assert scrub().held == 1
    policy(inside, medicare_questionnaire_required=False)
    answer(on=date(2026, 1, 1))  # stale, and the practice does not ask for it
    assert states() == {"READY": 1}


def test_it_is_let_go_with_a_reason_and_stays_so(inside):
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.services import override_finding

    take_in(inside, medicare_row())
    policy(inside, medicare_questionnaire_required=True)
    assert scrub().held == 1
    finding = EditFinding.objects.get(open=True)
    override_finding(finding=finding, reason="asked by telephone, form follows", role="supervisor")
    assert states() == {"READY": 1}
    scrub()
    assert states() == {"READY": 1}


def test_the_answers_of_a_merged_record_are_the_patients(inside):
    from claimwright.web.patients.models import Patient

    policy(inside, medicare_questionnaire_required=True)
    take_in(inside, superbill_row(external_id="V9", mrn="M9", last="NINTH"))
    answer("M9")
    take_in(inside, medicare_row(), name="b.csv")
    into = Patient.objects.get(record_number="MRN1001")
    Patient.objects.filter(record_number="M9").update(merged_into=into)
    assert scrub().held == 0
