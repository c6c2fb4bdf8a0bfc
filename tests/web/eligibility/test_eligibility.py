"""From a visit that comes up to a snapshot: 270 through the outbox, the sandbox's 271 through the inbox, and its work."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from claimwright.codes.money import money
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.practices import work_items
from tests.web.authorizations.conftest import a_visit
from tests.web.eligibility.conftest import MEMBER, TODAY, Office


def inquiries() -> list[Any]:
    from claimwright.web.eligibility.models import EligibilityInquiry

    return list(EligibilityInquiry.objects.order_by("trace"))


def snapshots() -> list[Any]:
    from claimwright.web.eligibility.models import EligibilitySnapshot

    return list(EligibilitySnapshot.objects.order_by("checked_at"))


def ask_now(office: Office, **given: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import ask, prepare_batches

    with tenant_scope(office.tenant):
        fields = {"patient": office.patient, "payer": office.payer, "coverage": office.coverage, "on": TODAY} | given
        made = ask(**fields)
        prepare_batches()
        made.refresh_from_db()
    return made


def ask_again(office: Office, minutes: int) -> Any:
    """The clock moved on: what waits goes out again."""
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import prepare_batches
    from claimwright.web.eligibility.models import EligibilityInquiry

    with tenant_scope(office.tenant):
        (row,) = EligibilityInquiry.objects.filter(state="waiting")
        wait = row.next_try_at - clock.now()
        assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
        assert prepare_batches() == []
        EligibilityInquiry.objects.filter(pk=row.pk).update(next_try_at=clock.now())
        return prepare_batches()


def test_a_visit_is_asked_about_answered_and_lets_the_claim_go(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.eligibility import check_eligibility
    from claimwright.web.submissions.scrubbing import scrub

    with tenant_scope(office.tenant):
        version = a_visit(office.clinic, dos_from="2026-09-30", cpt="99213", charge="150.00")
        visit = version.claim.encounter
        assert "SUB10" in findings(version), "the practice checks, and was not told"
        scrub(version_ids=[version.pk])
        version.refresh_from_db()
        assert version.state == "EDIT_HOLD"
        report = check_eligibility()
        assert (report.asked, report.files) == ({"release": 1}, 1)
        assert check_eligibility().asked == {}, "the same day asks nothing twice"
        (row,) = inquiries()
        assert (row.state, row.tries, row.encounter_id) == ("sent", 1, visit.pk)
        assert [one for one in check(bytes(row.file.content)) if one.severity is Severity.REJECT] == []
    report = office.sandbox_day()
    assert (report.acknowledged, report.quarantined, report.orphans) == (1, 0, 0)
    with tenant_scope(office.tenant):
        (found,) = snapshots()
        assert (found.status, found.member_id, found.coverage_id) == ("active", MEMBER, office.coverage.pk)
        raw = bytes(found.part.file.content)[found.part.byte_start : found.part.byte_end]
        assert raw.startswith(b"ST*271") and row.trace.encode() in raw
        assert "SUB10" not in findings(version) and work_items() == []
        version.refresh_from_db()
        assert version.state == "READY", "what waited for the answer alone goes on by itself"


def findings(version: Any) -> set[str]:
    from claimwright.claims.nouns import Claim
    from claimwright.edits.engine import run
    from claimwright.web.submissions.facts import FactsGatherer
    from claimwright.web.submissions.models import ClaimVersion

    version = ClaimVersion.objects.select_related(
        "claim__payer", "claim__patient", "claim__encounter", "claim__coverage"
    ).get(pk=version.pk)
    noun = msgspec.convert(version.content, Claim)
    return {one.edit_id for one in run(noun, FactsGatherer([version]).facts(version, noun))}


def test_an_unavailable_payer_is_asked_three_times_more_and_is_never_inactive(office: Office):
    from claimwright.web.core.tenancy import tenant_scope

    ask_now(office)
    down = {"fates": {MEMBER: "42"}}
    for minutes in (1, 5, 30):
        office.sandbox_day(**down)
        assert len(ask_again(office, minutes)) == 1
    office.sandbox_day(**down)
    with tenant_scope(office.tenant):
        (row,) = inquiries()
        assert (row.state, row.tries, row.reasons) == ("refused", 4, ["42"])
        assert {one.status for one in snapshots()} == {"unknown"} and len(snapshots()) == 4
        assert work_items() == [("eligibility_queue", "AAA-42")]
    ask_now(office)
    office.sandbox_day()
    with tenant_scope(office.tenant):
        assert snapshots()[-1].status == "active" and work_items() == []


def test_a_patient_who_is_not_found_is_asked_otherwise_once_then_looked_for(office: Office):
    from claimwright.claims.nouns import Patient
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.eligibility.candidates import CandidateRefused, accept_candidate
    from claimwright.web.eligibility.models import CoverageCandidate
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import Claim as ClaimRow

    with tenant_scope(office.tenant):
        noun = msgspec.convert(office.patient.content, Patient)
        office.patient.content = msgspec.to_builtins(msgspec.structs.replace(noun, suffix="JR"))
        office.patient.save(update_fields=["content"])
        other = Payer.objects.get(key="PRAIRIE")
        Payer.objects.filter(pk=other.pk).update(payer_id="77777", name="PLAINS HEALTH")
        save_payer_check(payer=Payer.objects.get(pk=other.pk), discovery=True)
    ask_now(office)
    lost = {"fates": {MEMBER: "75"}, "search_share": Decimal(1)}
    office.sandbox_day(**lost)
    with tenant_scope(office.tenant):
        from claimwright.web.eligibility.asking import prepare_batches

        first, second = inquiries()
        assert (first.state, second.state, second.follows_id) == ("refused", "due", first.pk)
        assert prepare_batches() and work_items() == []
    office.sandbox_day(**lost)
    with tenant_scope(office.tenant):
        assert work_items() == [("eligibility_registration", "AAA-75")]
        assert [one.occasion for one in inquiries()] == ["asked", "asked", "discovery"]
        prepare_batches()
    office.sandbox_day(**lost)
    with tenant_scope(office.tenant):
        (candidate,) = CoverageCandidate.objects.all()
        assert (candidate.payer_id, candidate.state, candidate.source) == (other.pk, "open", "search")
        assert candidate.score >= 70 and candidate.member_id.startswith("S")
        assert office.patient.coverages.count() == 1 and not ClaimRow.objects.exists(), "nothing follows by itself"
        made = accept_candidate(candidate=candidate, note="the patient showed the card")
        assert (made.payer_id, made.member_id, made.sequence) == (other.pk, candidate.member_id, "U")
        with pytest.raises(CandidateRefused, match="decided already"):
            accept_candidate(candidate=candidate)
        assert ("coverage_candidates", "SEARCH") not in work_items()


def test_a_refusal_of_our_own_set_up_stops_the_questions_to_that_payer(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import InquiryRefused, ask, prepare_batches, save_payer_check

    with tenant_scope(office.tenant):
        save_payer_check(payer=office.payer, inquiry_payer_id="NOBODY")
    ask_now(office)
    office.sandbox_day()
    with tenant_scope(office.tenant):
        (row,) = inquiries()
        assert (row.state, row.reasons) == ("refused", ["79"]), "the payer stopped above the patient: found by BHT03"
        assert work_items() == [("eligibility_set_up", "SET_UP")]
        with pytest.raises(InquiryRefused, match="stopped"):
            ask(patient=office.patient, payer=office.payer, coverage=office.coverage, on=TODAY)
        save_payer_check(payer=office.payer, inquiry_payer_id="")
        assert work_items() == [] and prepare_batches() == []
        ask(patient=office.patient, payer=office.payer, coverage=office.coverage, on=TODAY)


def test_an_answer_that_changed_is_told_and_one_that_fits_nothing_is_listed(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.models import EligibilityInquiry
    from claimwright.web.eligibility.selectors import EligibilityFacts

    ask_now(office)
    office.sandbox_day()
    ask_now(office)
    office.sandbox_day(fates={MEMBER: "other_payer"})
    ask_now(office)
    office.sandbox_day(fates={MEMBER: "ended"})
    with tenant_scope(office.tenant):
        told = [[(one.kind, one.after) for one in row.changes.all()] for row in snapshots()]
        assert told[0] == [] and told[1] == [("other_payer", "PLAINS HEALTH")]
        assert told[2] == [("status", "inactive"), ("term_date", "2026-08-31")]
        assert work_items() == [
            ("coverage_candidates", "NAMED"), ("eligibility_changes", "OTHER_PAYER"), ("eligibility_changes", "STATUS"),
            ("eligibility_changes", "TERM_DATE"), ("eligibility_not_active", "INACTIVE"),
        ]  # fmt: skip
        assert snapshots()[2].end == date(2026, 9, 1)
        facts = EligibilityFacts([office.patient.pk]).of(office.patient.pk, office.payer.pk)
        assert facts is not None and len(facts) == 3
        assert {one.end for one in facts} == {date(2026, 9, 1)}, "no earlier answer keeps open what a later one ends"
        assert EligibilityFacts([office.patient.pk]).of(office.patient.pk, uuid4()) is None, (
            "not checked with: not armed"
        )
    ask_now(office)
    with tenant_scope(office.tenant):
        EligibilityInquiry.objects.filter(state="sent").update(trace="ANOTHER", batch="ANOTHER")
    report = office.sandbox_day()
    assert (report.held, report.orphans) == (1, 1)
    with tenant_scope(office.tenant):
        assert ("eligibility_answers", "NO_QUESTION") in work_items() and len(snapshots()) == 3


def test_a_question_without_an_answer_waits_for_a_person_and_takes_a_late_one(office: Office):
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import list_unanswered
    from claimwright.web.submissions.sending import send_prepared

    ask_now(office)
    send_prepared(tenant=office.tenant)
    with tenant_scope(office.tenant):
        assert list_unanswered() == 0
    Tenant.objects.filter(pk=office.tenant.pk).update(fixed_date=TODAY + timedelta(days=4))
    office.tenant.refresh_from_db()
    with tenant_scope(office.tenant):
        assert list_unanswered() == 1 and work_items() == [("eligibility_queue", "NO_ANSWER")]
        assert inquiries()[0].state == "refused"
    office.sandbox_day()
    with tenant_scope(office.tenant):
        assert inquiries()[0].state == "answered" and work_items() == []


def test_upcoming_visits_are_asked_about_once_for_a_coverage(office: Office):
    from claimwright.web.charges.visits import arrive, schedule_visit
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.eligibility import check_eligibility

    def schedule(number: int, ahead: int) -> Any:
        on = TODAY + timedelta(days=ahead)
        return schedule_visit(
            practice=office.clinic.practice, patient=office.patient, appointment_id=f"A{number}", interface="desk", on=on,
            starts_at=datetime.combine(on, time(14), UTC),
        )  # fmt: skip

    with tenant_scope(office.tenant):
        arrive(encounter=schedule(0, 0))
        schedule(1, 2)
        schedule(2, 90)
        assert check_eligibility().asked == {"check_in": 1, "before_visit": 1}, "one question, of today"
        (row,) = inquiries()
        assert (row.occasion, row.on, row.state) == ("check_in", TODAY, "sent")
    office.sandbox_day()
    with tenant_scope(office.tenant):
        schedule(3, 20)
        assert check_eligibility().asked == {}, "the fresh answer serves the new appointment as well"


def test_a_denial_for_coverage_is_asked_about_once(office: Office):
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.models import Denial
    from claimwright.web.operations.eligibility import check_eligibility

    with tenant_scope(office.tenant):
        version = a_visit(office.clinic, dos_from="2026-08-31", cpt="99213", charge="150.00")
        assert check_eligibility().asked == {"release": 1}
    office.sandbox_day()
    Tenant.objects.filter(pk=office.tenant.pk).update(fixed_date=TODAY + timedelta(days=1))
    office.tenant.refresh_from_db()
    with tenant_scope(office.tenant):
        denied = Denial(
            practice=office.clinic.practice, version=version, payer=office.payer, line_id="L1", group="CO", carc="16",
            amount=Decimal(150), category="ELIG", received_on=TODAY + timedelta(days=1),
        )  # fmt: skip
        denied.save()
        assert check_eligibility().asked == {}, "CARC 16 is about something else"
        Denial.objects.filter(pk=denied.pk).update(carc="27")
        assert check_eligibility().asked == {"denial": 1}
        assert [(one.occasion, one.on) for one in inquiries()][1:] == [("denial", date(2026, 8, 31))]
        assert check_eligibility().asked == {}


def test_who_owes_without_coverage_is_searched_once_a_month(office: Office):
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, Transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine, Encounter
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.operations.eligibility import check_eligibility
    from claimwright.web.patients.services import save_patient
    from claimwright.web.practice.models import Payer
    from tests.lib.builders import a_patient

    day = date(2026, 7, 14)
    with tenant_scope(office.tenant):
        save_payer_check(payer=Payer.objects.get(key="WIMCD"), discovery=True, calendar_month=True)
        owing = save_patient(
            practice=office.clinic.practice, patient=a_patient(record_number="MRN2", first_name="OWEN")
        )
        common = {"practice": office.clinic.practice, "patient": owing}
        visit = Encounter.objects.create(
            external_id="SP1", source="csv", state="CODED", date_from=day, received_on=day, **common
        )
        ChargeLine.objects.create(
            encounter=visit, line_id="SP1L1", number=1, code="99213", units=1, charge=Decimal(150), date_of_service=day,
            charged_on=day, **common,
        )  # fmt: skip
        assert check_eligibility().asked == {}, "nothing is owed yet"
        post_transfers(transfers=[Transfer(debit=receivable("SP1L1", "PAT"), credit=Account(Kind.REVENUE, "SP1L1"), amount=Decimal(150),
                                           entry_type=EntryType.CHARGE, key="SP1", effective_date=day)])  # fmt: skip
        assert check_eligibility().asked == {"open_self_pay": 1}
        (row,) = inquiries()
        assert (row.occasion, row.on, row.coverage_id, row.payer.key) == ("open_self_pay", day, None, "WIMCD")
        assert check_eligibility().asked == {}, "once a month"


def test_an_estimate_reads_the_last_answer(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.selectors import patient_share

    given = {"coverage_id": office.coverage.pk, "on": TODAY, "service_type": "98", "allowed": Decimal(240)}
    with tenant_scope(office.tenant):
        assert patient_share(**given) is None
    ask_now(office, service_types=("30", "98"))
    office.sandbox_day()
    with tenant_scope(office.tenant):
        found = patient_share(**given)
        assert found is not None
        left = found.benefits.deductible_remaining
        assert left is not None and 0 < left <= 500 and found.benefits.coinsurance == Decimal("0.2")
        assert found.estimate.high == money(min(left, Decimal(240)) + max(240 - left, Decimal(0)) * Decimal("0.2"))
        assert found.estimate.label.startswith("range"), "the payer stated no out-of-pocket maximum"
