"""What claims wait for beside the edits: answers of providers and of patients."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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


# Anesthesia ----------------------------------------------------------------------------------------------------------

NPI = "1234567893"


def anesthesia_rows(count, **cells):
    """Cases of the same morning, one patient each."""
    return [
        superbill_row(
            external_id=f"A{n}", mrn=f"MRN{n}", last=f"CASE{'ABCDEFGH'[n]}", member_id=f"W1234567{n}", cpt="00840",
            charge="900.00", units="60", mod1="QK", **cells,
        )
        for n in range(count)
    ]  # fmt: skip


def at(hour, minute=0):
    from zoneinfo import ZoneInfo

    return datetime(2026, 8, 31, hour, minute, tzinfo=ZoneInfo("America/New_York"))


def visits():
    from claimwright.web.charges.models import Encounter

    return list(Encounter.objects.order_by("external_id"))


def numbers():
    from claimwright.web.submissions.models import ClaimVersion

    rows = ClaimVersion.objects.order_by("claim__encounter__external_id")
    return list(rows.values_list("control_number", flat=True))


def timed(visit, *stretches):
    from claimwright.web.submissions.queried import document_anesthesia

    return document_anesthesia(encounter=visit, stretches=stretches)


def crowded():
    """Which visits' claims wait because of too many cases at once, by their number."""
    from claimwright.web.submissions.models import EditFinding

    rows = EditFinding.objects.filter(open=True, edit_id="ANES", severity="H").order_by("version__control_number")
    held = numbers()
    return {held.index(row.version.control_number): row.message for row in rows.select_related("version")}


def test_a_fifth_case_at_once_holds_all_five_and_names_the_others(inside):
    take_in(inside, *anesthesia_rows(6))
    scrub()
    for number, visit in enumerate(visits()[:4]):
        assert timed(visit, (NPI, at(8, number), at(9))) == 60 - number
    assert crowded() == {}
    timed(visits()[5], (NPI, at(9), at(10)))  # begins in the minute the others end
    assert crowded() == {}
    timed(visits()[4], (NPI, at(8, 30), at(9, 30)))
    found = crowded()
    assert sorted(found) == [0, 1, 2, 3, 4]
    others = [number for at_, number in enumerate(numbers()[:5]) if at_ != 2]
    assert "5 anesthesia cases at once" in found[2]
    assert "08/31/2026 08:30" in found[2]
    assert found[2].endswith(", ".join(others))
    timed(visits()[4], (NPI, at(10), at(11)))  # the time was mistyped
    assert crowded() == {}


def test_supervision_is_no_direction_and_another_providers_cases_do_not_count(inside):
    take_in(inside, *anesthesia_rows(4))
    take_in(inside, *[row | {"external_id": "B", "mrn": "MB", "last": "CASEZ", "mod1": "AD"} for row in anesthesia_rows(1)],
            name="b.csv")  # fmt: skip
    scrub()
    for visit in visits():
        timed(visit, (NPI, at(8), at(9)), ("1000000012", at(8), at(9)))
    assert sorted(crowded()) == [0, 1, 2, 3]  # the fifth says that the physician supervised
    timed(visits()[0], ("1000000012", at(8), at(9)))
    assert crowded() == {}


def test_a_visit_without_a_claim_is_counted(inside):
    from claimwright.web.charges.models import Encounter
    from claimwright.web.patients.models import Patient

    take_in(inside, *anesthesia_rows(4))
    patient = Patient.objects.first()
    fifth = Encounter.objects.create(
        practice=inside.practice, patient=patient, external_id="Z", source="manual", state="CODING", date_from=VISIT_ON,
        received_on=VISIT_ON,
    )  # fmt: skip
    scrub()
    for visit in visits():
        timed(visit, (NPI, at(8), at(9)))
    assert sorted(crowded()) == [0, 1, 2, 3]
    assert all(message.endswith("1 visits without a claim") for message in crowded().values())
    timed(fifth)
    assert crowded() == {}


@pytest.mark.parametrize(("stretch", "match"), [
    (("1234567890", 8, 9), "NPI"), ((NPI, 9, 8), "after it begins"), ((NPI, 9, 9), "after it begins"),
    ((NPI, 8, 8 + 25), "24 hours"), ((NPI, 8 - 24, 9 - 24), "day of the visit"),
])  # fmt: skip
def test_times_that_are_none_are_refused_and_change_nothing(inside, stretch, match):
    from claimwright.web.charges.anesthesia import stretches_of
    from claimwright.web.charges.visits import VisitRefused

    take_in(inside, *anesthesia_rows(1))
    (visit,) = visits()
    timed(visit, (NPI, at(8), at(9)), (NPI, at(10), at(10, 30)), (NPI, at(10), at(10, 30)))
    held = stretches_of(visit)
    assert len(held) == 2
    npi, start, stop = stretch
    with pytest.raises(VisitRefused, match=match):
        timed(visit, (npi, at(0) + timedelta(hours=start), at(0) + timedelta(hours=stop)))
    assert stretches_of(visit) == held
