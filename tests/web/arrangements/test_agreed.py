"""Inquiries, assistance and estimates as rows: what is held meanwhile, who decides, what the ledger shows after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def open_items(worklist: str) -> list[tuple[str, date | None]]:
    from claimwright.web.core.models import WorkItem

    rows = WorkItem.objects.filter(state="open", worklist=worklist).order_by("key")
    return list(rows.values_list("reason_code", "due_date"))


def test_a_dispute_holds_the_visit_until_it_is_answered_with_a_letter(office: Any):
    from claimwright.billing.inquiries import InquiryRefused
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.selectors import dunning_stops, statement_bars, suppressions

    visit = office.visit("A", "100.00", date(2026, 5, 20))
    inquiry = services.open_inquiry(
        patient=office.patient, channel="phone", topic="not_received", words="I was not there.", encounter=visit
    )
    assert (inquiry.is_on_hold, inquiry.answer_by, inquiry.owner) == (True, date(2026, 6, 15), "anna")
    visit.refresh_from_db()
    assert visit.statement_hold == "the patient disputes this visit"
    assert open_items("inquiries") == [("NOT_RECEIVED", date(2026, 6, 15))]
    (held,) = suppressions([office.patient.pk])[office.patient.pk]
    assert (held.code, held.encounter_id) == ("dispute", visit.pk)
    assert statement_bars([office.patient.pk], date(2026, 6, 1)) == {}, "other visits may be asked for"
    account = services.open_inquiry(patient=office.patient, channel="letter", topic="amount", words="Too much.")
    question = services.open_inquiry(patient=office.patient, channel="portal", topic="question", words="What is this?")
    office.patient.refresh_from_db()
    assert "dispute" in office.patient.flags and not question.is_on_hold
    assert list(statement_bars([office.patient.pk], date(2026, 6, 1))) == [office.patient.pk]
    with pytest.raises(InquiryRefused, match="answer"):
        services.resolve_inquiry(inquiry=inquiry, resolution="upheld")
    for one in (inquiry, account):
        done = services.resolve_inquiry(inquiry=one, resolution="upheld", answer="The visit note shows it.")
        assert bytes(done.letter.pdf[:5]) == b"%PDF-"
    visit.refresh_from_db(), office.patient.refresh_from_db()
    assert (visit.statement_hold, office.patient.flags) == ("", [])
    assert dunning_stops([office.patient.pk], date(2026, 6, 1)) == {}
    assert [code for code, _ in open_items("inquiries")] == ["QUESTION"]


def test_assistance_is_decided_by_a_second_person_and_given_as_charity(office: Any):
    from claimwright.billing.financial_assistance import AssistanceRefused
    from claimwright.ledger.accounts import Kind
    from claimwright.web.accounts.selectors import totals_by_kind
    from claimwright.web.arrangements import services
    from claimwright.web.core.models import User
    from claimwright.web.core.services import acting_as

    office.visit("OLD", "100.00", date(2026, 1, 2))
    office.visit("MAY", "200.01", date(2026, 5, 1))
    application = services.apply_for_assistance(
        patient=office.patient, household_size=2, annual_income=D("50000.00"), residence="WI"
    )
    assert (application.scale_percent, application.percent_of_guideline) == (75, D("231.05"))
    office.patient.refresh_from_db()
    assert office.patient.flags == ["charity_pending"]
    with pytest.raises(AssistanceRefused, match="open already"):
        services.apply_for_assistance(patient=office.patient, household_size=1, annual_income=D(0), residence="WI")
    asked = services.ask_for_papers(application=application)
    assert (asked.state, asked.papers_by) == ("INCOMPLETE", date(2026, 7, 1))
    services.add_assistance_document(application=application, kind="pay_stubs")
    anna = User(username="anna", role="owner")
    with pytest.raises(AssistanceRefused, match="takes an application"):
        services.approve_assistance(application=application, approver=anna)
    with acting_as("bo"):
        done = services.approve_assistance(
            application=application, approver=office.supervisor, retroactive_from=date(2026, 5, 1)
        )
    assert (done.first_service, done.last_service) == (date(2026, 5, 1), date(2026, 11, 28))
    assert office.owed() == D("150.00"), "100.00 outside the window, and a quarter of 200.01"
    office.patient.refresh_from_db()
    assert office.patient.flags == [] and open_items("assistance") == []
    office.visit("LATER", "80.00", date(2026, 11, 28))
    office.visit("AFTER", "80.00", date(2026, 11, 29))
    office.turn(date(2026, 12, 24))
    for _ in range(2):
        services.follow_arrangements()
    assert office.owed() == D("150.00") + D("20.00") + D("80.00")
    assert totals_by_kind()[(Kind.ADJUSTMENT, "WO-CHARITY")] == D("210.01")


def test_an_estimate_is_owed_given_in_versions_and_its_bill_disputed(office: Any):
    from claimwright.billing.good_faith_estimates import EstimateRefused
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.estimates import ServiceWanted
    from claimwright.web.arrangements.models import EstimateDispute, EstimateExcess
    from claimwright.web.arrangements.selectors import suppressions
    from claimwright.web.charges.visits import schedule_visit

    def book(key: str, on: date) -> Any:
        starts = datetime(on.year, on.month, on.day, 15, tzinfo=UTC)
        return schedule_visit(
            practice=office.practice,
            patient=office.patient,
            appointment_id=key,
            interface="test",
            starts_at=starts,
            on=on,
        )

    near, far, soon = book("near", date(2026, 6, 4)), book("far", date(2026, 6, 15)), book("soon", date(2026, 6, 3))
    request = services.request_estimate(patient=office.patient, wanted="a new patient visit")
    assert services.list_due_estimates() == 2
    assert sorted(open_items("gfe_due")) == [
        ("ON_REQUEST", date(2026, 6, 4)), ("SCHEDULED_FAR", date(2026, 6, 4)), ("SCHEDULED_NEAR", date(2026, 6, 2)),
    ]  # fmt: skip
    with pytest.raises(EstimateRefused, match="no price"):
        services.issue_estimate(patient=office.patient, services=[ServiceWanted(code="99999")], primary_service="x")
    first = services.issue_estimate(
        patient=office.patient, encounter=far, request=request, primary_service="New patient visit",
        services=[ServiceWanted(code="99204", diagnosis_codes=("J06.9",)), ServiceWanted(code="87880", units=D(2))],
    )  # fmt: skip
    assert (first.total, first.answer_by, first.keep_until) == (D("360.00"), date(2026, 6, 4), date(2032, 6, 1))
    assert [code for code, _ in open_items("gfe_due")] == ["SCHEDULED_NEAR"]
    second = services.revise_estimate(estimate=first, services=[ServiceWanted(code="99204")])
    assert (second.number, second.version, second.total) == (first.number, 2, D("280.00"))
    assert second.answer_by == date(2026, 6, 12)
    with pytest.raises(EstimateRefused, match="newer version"):
        services.revise_estimate(estimate=first, services=[ServiceWanted(code="99204")])
    assert soon.pk and near.pk

    office.turn(date(2026, 6, 15))
    office.visit("A", "679.99", date(2026, 6, 15), encounter=far)
    assert services.compare_bills() == [], "one cent below the line"
    _add_charge(office, far, "B", "0.01")
    (excess,) = services.compare_bills()
    far.refresh_from_db()
    assert (excess.billed_amount - excess.estimated_amount, excess.state) == (D("400.00"), "WARNED")
    assert far.statement_hold == "the bill is far above its estimate"
    assert [code for code, _ in open_items("estimate_exceeded")] == ["ESTIMATE_EXCEEDED"]
    with pytest.raises(EstimateRefused, match="why"):
        services.confirm_excess(excess=excess, note=" ")
    services.confirm_excess(excess=excess, note="A longer visit was needed")
    services.compare_bills()
    far.refresh_from_db()
    assert far.statement_hold == "" and EstimateExcess.objects.get().state == "CONFIRMED"
    with pytest.raises(EstimateRefused, match="not billed yet"):
        services.file_dispute(excess=excess, reference="IDR-1")
    billed = date(2026, 6, 20)
    office.turn(billed + timedelta(days=121))
    with pytest.raises(EstimateRefused, match="ended on"):
        services.file_dispute(excess=excess, reference="IDR-1", billed_on=billed)
    office.turn(billed + timedelta(days=120))
    dispute = services.file_dispute(excess=excess, reference="IDR-1", billed_on=billed)
    far.refresh_from_db()
    assert far.statement_hold == "the patient disputes this visit"
    assert [row.code for row in suppressions([office.patient.pk])[office.patient.pk]] == ["estimate_dispute"]
    services.close_dispute(dispute=dispute, outcome="DECIDED", decided_amount=D("280.00"))
    far.refresh_from_db()
    assert far.statement_hold == "" and EstimateDispute.objects.get().state == "DECIDED"
    assert [code for code, _ in open_items("estimate_exceeded")] == ["DISPUTE_DECIDED"]


def _add_charge(office: Any, visit: Any, line_id: str, amount: str) -> None:
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, Transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine

    ChargeLine.objects.create(
        encounter=visit, practice=office.practice, patient=office.patient, line_id=line_id, number=2, code="87880",
        units=1, charge=D(amount), date_of_service=visit.date_from, charged_on=visit.date_from,
    )  # fmt: skip
    post_transfers(
        transfers=[
            Transfer(
                debit=receivable(line_id, "PAT"), credit=Account(Kind.REVENUE, str(office.practice.pk)), amount=D(amount),
                entry_type=EntryType.CHARGE, key=f"charge:{line_id}", effective_date=visit.date_from,
            )
        ]
    )  # fmt: skip
