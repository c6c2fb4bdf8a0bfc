"""Rows of the kinds that are worked beside claims and payments: one of each that an address of the API takes the id of."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from tests.lib.web_data import TODAY
from tests.web.api.rows import NOW

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SHA = hashlib.sha256(PDF).hexdigest()
BUNDLE = b'{"resourceType": "Bundle", "type": "collection", "id": "b1", "entry": []}'
MONTH = date(2026, 8, 1)


def more_rows_of(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    """Inside the office's scope."""
    return {
        **_of_interfaces(office), **_of_closing(office), **_of_clients(office), **_of_recoveries(office, rows),
        **_of_the_counter(office, rows), **_of_accounts(office, rows), **_of_mail(office, rows),
        **_of_registration(office, rows), **_of_settings(office, rows),
    }  # fmt: skip


def _of_interfaces(office: Any) -> dict[str, Any]:
    from claimwright.web.exchange.services import store_received
    from claimwright.web.operations.interface_models import Interface, InterfaceCode
    from claimwright.web.operations.interfaces import store_messages

    interface = Interface.objects.create(
        name="EHR", application="EHR", practice=office.practice, first_heard_at=NOW, last_heard_at=NOW
    )
    code = InterfaceCode.objects.create(interface=interface, kind="payer", theirs="P1", ours=office.payer.key)
    (message,) = store_messages(file=store_received(source="EHR", name="b.json", content=BUNDLE))
    message.interface, message.state = interface, "failed"
    message.save()
    return {"interface_id": interface.pk, "code_id": code.pk, "message_id": message.pk}


def _of_closing(office: Any) -> dict[str, Any]:
    from claimwright.web.accounts.models import PeriodEvent
    from claimwright.web.close.models import DayClose, MonthReport

    day = DayClose.objects.create(
        day=date(2026, 9, 1), revision=1, postings=1, charges=0, cash=0, receivable=0, sheet=b"a,b\n", sha256=SHA,
        ledger_sequence=1, ledger_hash="h", actor="owner", at=NOW,
    )  # fmt: skip
    event = PeriodEvent.objects.create(
        number=1, month=date(2026, 1, 1), kind="locked", revision=1, actor="owner", role="owner", at=NOW,
        ledger_sequence=0, ledger_hash="h",
    )  # fmt: skip
    report = MonthReport.objects.create(
        event=event, name="practices.json", content=b"{}", sha256=hashlib.sha256(b"{}").hexdigest(), proved=True
    )
    return {"day_close_id": day.pk, "report_id": report.pk}


def _of_clients(office: Any) -> dict[str, Any]:
    from claimwright.billing.service_invoices import Fee, FeeItem, FeeTerms
    from claimwright.web.clients.models import ClientInvoice
    from claimwright.web.clients.services import set_terms
    from claimwright.web.takeover.models import Takeover

    items = (FeeItem(fee=Fee.FLAT, words="Monthly fee", rate=Decimal("500.00")),)
    set_terms(practice=office.practice, first_month=MONTH, terms=FeeTerms(items=items))
    ClientInvoice.objects.create(
        practice=office.practice, month=MONTH, number="2026-08-1", issued_on=TODAY, due_on=TODAY, terms={}, collected={},
        content={}, total=Decimal("500.00"), pdf=PDF, sha256=SHA, issued_by="owner",
    )  # fmt: skip
    takeover = Takeover.objects.create(
        practice=office.practice, name="old system", as_of=TODAY, insurance_amount=0, patient_amount=0, credit_amount=0,
        saved_at=NOW, saved_by="owner",
    )  # fmt: skip
    return {"practice_id": office.practice.pk, "takeover_id": takeover.pk}


def _of_recoveries(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    from claimwright.web.payments.models import ClaimPayment, PracticeDebt, WriteOff
    from claimwright.web.practice.models import Practice
    from claimwright.web.recoveries.models import (
        Agency,
        AgencyFile,
        AgencyPlacement,
        Dispute,
        LineComparison,
        Takeback,
        Underpayment,
    )

    payment = ClaimPayment.objects.get(pk=rows["claim_payment_id"])
    compared = LineComparison.objects.create(
        claim_payment=payment, practice=office.practice, payer=office.payer, line_id="L1", code="99213",
        verdict="UNDERPAID", expected=Decimal("80.00"), allowed=Decimal("70.00"), variance=Decimal("10.00"),
        compared_on=TODAY,
    )  # fmt: skip
    case = Underpayment.objects.create(
        comparison=compared, version=office.sent, practice=office.practice, payer=office.payer, line_id="L1",
        bucket="INS1", code="99213", cause="FEE_SCHEDULE", expected=Decimal("80.00"), allowed=Decimal("70.00"),
        variance=Decimal("10.00"), ledger_allowed=Decimal("70.00"), found_on=TODAY,
    )  # fmt: skip
    dispute = Dispute.objects.create(
        number="D0001", practice=office.practice, payer=office.payer, code="99213", cause="FEE_SCHEDULE",
        amount=Decimal("10.00"), made_on=TODAY, made_by="biller", letter=PDF,
    )  # fmt: skip
    agency = Agency.objects.create(name="Gentle Recovery", fee_share=Decimal("0.25"))
    file = AgencyFile.objects.create(
        agency=agency, kind="PLACEMENTS", name="p.csv", sha256=SHA, content=b"a\n", at=NOW, by="biller"
    )
    placement = AgencyPlacement.objects.create(
        patient=office.patients["MRN1001"], practice=office.practice, number="A0000001", final_notice_on=TODAY,
        review_on=TODAY,
    )  # fmt: skip
    takeback = Takeback.objects.create(
        number="T900001", payer=office.payer, practice=office.practice, amount=Decimal("5.00"), announced_on=TODAY,
        letter=PDF,
    )  # fmt: skip
    other = Practice.objects.create(name="Hillside", npi="1000000012", tax_id="391234568")
    debt = PracticeDebt.objects.create(
        claim_payment=payment, received_by=office.practice, belongs_to=other, amount=Decimal("5.00"), assigned_on=TODAY,
        assigned_by="poster", reason="of the other",
    )  # fmt: skip
    write_off = WriteOff.objects.create(
        practice=office.practice, line_id="L1", bucket="PAT", amount=Decimal("1.00"), reason="courtesy",
        requested_by="biller", requested_on=TODAY, key="wo-1",
    )  # fmt: skip
    return {
        "underpayment_id": case.pk, "dispute_id": dispute.pk, "agency_id": agency.pk, "agency_file_id": file.pk,
        "placement_id": placement.pk, "takeback_id": takeback.pk, "debt_id": debt.pk, "write_off_id": write_off.pk,
    }  # fmt: skip


def _of_the_counter(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    from claimwright.web.cashier.models import CashDrawer, DepositSlip, PaperRemittance, ReturnedPayment
    from claimwright.web.payments.models import PatientReceipt

    patient = office.patients["MRN1001"]
    drawer = CashDrawer.objects.create(
        practice=office.practice, opened_on=TODAY, opened_by="desk", float_amount=Decimal("100.00"), state="closed"
    )
    slip = DepositSlip.objects.create(
        practice=office.practice, number="DS000001", made_on=TODAY, made_by="poster", cash_amount=0, check_amount=0
    )
    back = PatientReceipt.objects.create(
        patient=patient, practice=office.practice, method="check", amount=Decimal("9.00"), received_on=TODAY,
        state="returned", key="returned-1",
    )  # fmt: skip
    returned = ReturnedPayment.objects.create(receipt=back, kind="nsf", returned_on=TODAY, recorded_by="poster")
    paper = PaperRemittance.objects.create(
        practice=office.practice, payer=office.payer, check_number="5001", check_date=TODAY, amount=Decimal("10.00"),
        typed_by="poster", typed_at=NOW,
    )  # fmt: skip
    return {"drawer_id": drawer.pk, "slip_id": slip.pk, "returned_id": returned.pk, "paper_id": paper.pk}


def _of_accounts(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    from claimwright.web.arrangements.assistance import apply_for_assistance
    from claimwright.web.arrangements.inquiries import open_inquiry
    from claimwright.web.arrangements.models import EstimateDispute, EstimateExcess, GoodFaithEstimate, PatientLetter
    from claimwright.web.charges.models import Encounter

    patient = office.patients["MRN1001"]
    asked = open_inquiry(patient=patient, channel="phone", topic="question", words="Why so much?")
    application = apply_for_assistance(
        patient=patient, household_size=3, annual_income=Decimal("20000.00"), residence="WI"
    )
    letter = PatientLetter.objects.create(
        practice=office.practice, patient=patient, number="PL1", name="inquiry", subject_type="inquiry",
        subject_id=asked.pk, written_on=TODAY, language="en", content={}, pdf=PDF, sha256=SHA,
    )  # fmt: skip
    encounter = Encounter.objects.get(pk=rows["encounter_id"])
    estimate = GoodFaithEstimate.objects.create(
        practice=office.practice, patient=patient, encounter=encounter, number="E1", version=1, primary_service="Visit",
        issued_on=TODAY, issued_by="desk", keep_until=date(2032, 9, 30), language="en", total=Decimal("100.00"),
        content={}, pdf=PDF, sha256=SHA,
    )  # fmt: skip
    excess = EstimateExcess.objects.create(
        estimate=estimate, encounter=encounter, provider_npi="1000000004", estimated_amount=Decimal("100.00"),
        billed_amount=Decimal("900.00"), found_on=TODAY,
    )  # fmt: skip
    dispute = EstimateDispute.objects.create(
        excess=excess, reference="HHS1", filed_on=TODAY, last_day_to_file=date(2027, 1, 28)
    )
    return {
        "patient_inquiry_id": asked.pk, "application_id": application.pk, "letter_id": letter.pk,
        "estimate_id": estimate.pk, "excess_id": excess.pk, "estimate_dispute_id": dispute.pk,
    }  # fmt: skip


def _of_mail(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    from claimwright.web.patients.models import PatientPhone
    from claimwright.web.statements.models import Account, Contact, Delivery, GuarantorStatement, MailBatch, Notice

    account = Account.objects.get(patient=office.patients["MRN1001"])
    whole = GuarantorStatement.objects.get(pk=rows["whole_id"])
    batch = MailBatch.objects.create(
        number="MB1", made_on=TODAY, made_by="biller", pieces=1, content=b"PK", sha256=hashlib.sha256(b"PK").hexdigest()
    )
    notice = Notice.objects.create(
        account=account, number="N1", written_on=TODAY, answer_by=date(2026, 10, 30), language="en",
        amount_due=Decimal("5.00"), pdf=PDF, sha256=SHA, content={},
    )  # fmt: skip
    piece = Delivery.objects.create(
        account=account, whole=whole, channel="mail", state="sent", batch=batch, made_on=TODAY, sent_on=TODAY
    )
    phone = PatientPhone.objects.create(
        patient=office.patients["MRN1001"], kind="home", number="6085550142", start=TODAY
    )
    contact = Contact.objects.create(
        account=account, step="REMINDER_1", channel="phone", phone=phone, words="Please call us.", language="en",
        contact_on=TODAY, opens_at=NOW, closes_at=NOW,
    )  # fmt: skip
    return {
        "batch_id": batch.pk, "notice_id": notice.pk, "piece_id": piece.pk, "dunning_contact_id": contact.pk,
    }  # fmt: skip


def _of_registration(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    from claimwright.web.authorizations.models import AuthorizationRequest, Questionnaire
    from claimwright.web.charges.models import ProviderQuery
    from claimwright.web.eligibility.models import CoverageCandidate
    from claimwright.web.patients.models import (
        CardImage,
        Disclosure,
        DuplicatePair,
        FoundCoverage,
        InjuryCase,
        PatientMerge,
    )
    from claimwright.web.patients.sealing import seal

    patient, other = office.patients["MRN1001"], office.patients["MRN1007"]
    coverage = patient.coverages.first()
    first, second = sorted((patient, other), key=lambda one: str(one.pk))
    pair = DuplicatePair.objects.create(first=first, second=second, points=90, found_on=TODAY)
    merge = PatientMerge.objects.create(
        survivor=patient, absorbed=other, reason="one person", merged_by="lead", merged_at=NOW, undone_at=NOW,
        undone_by="lead",
    )  # fmt: skip
    found = FoundCoverage.objects.create(
        patient=patient, coverage=coverage, state="nothing", key="found-1", made_by="biller", made_on=TODAY
    )
    case = InjuryCase.objects.create(patient=patient, kind="AM", happened_on=TODAY, answered_on=TODAY)
    card = CardImage.objects.create(
        coverage=coverage, side="front", name="f.pdf", content_type="application/pdf", size=len(PDF), sha256=SHA,
        sealed=seal(PDF), state="readable", received_on=TODAY, received_by="desk",
    )  # fmt: skip
    candidate = CoverageCandidate.objects.create(
        patient=patient, payer=office.payer, payer_name="Other plan", member_id="X1", score=Decimal("80.00"),
        source="named", snapshot_id=rows["snapshot_id"], found_on=TODAY,
    )  # fmt: skip
    request = AuthorizationRequest.objects.create(
        authorization_id=rows["authorization_id"], trace="PA1", content={}, created_at=NOW
    )
    notice = Questionnaire.objects.create(
        kind="abn", patient=patient, answers={"services": []}, answered_on=TODAY, at=NOW, actor="desk"
    )
    query = ProviderQuery.objects.create(
        encounter_id=rows["encounter_id"], provider_npi="1000000004", asked_on=TODAY, content={}
    )
    disclosure = Disclosure.objects.create(
        patient=patient, disclosed_on=TODAY, recipient="County court", what="Record of the visit", purpose="Subpoena",
        basis="court", recorded_at=NOW, recorded_by="lead",
    )  # fmt: skip
    return {
        "pair_id": pair.pk, "merge_id": merge.pk, "found_id": found.pk, "case_id": case.pk, "card_id": card.pk,
        "candidate_id": candidate.pk, "request_id": request.pk, "abn_id": notice.pk, "query_id": query.pk,
        "disclosure_id": disclosure.pk, "part_id": office.remittance.part_id, "sent_version_id": office.sent.pk,
    }  # fmt: skip


def _of_settings(office: Any, rows: dict[str, Any]) -> dict[str, Any]:
    import msgspec

    from claimwright.billing.payer_rules import rule_key
    from claimwright.edits.payer_profile import CodeRange, DateRule
    from claimwright.web.practice.models import ChargeMasterImport, Enrolment, Location, NeverAutomatic, Provider
    from claimwright.web.submissions.models import LocalRule, LocalRuleVersion

    provider = Provider.objects.create(
        practice=office.practice, npi="1000000020", name="Lee, Pat",
        content={"npi": "1000000020", "last_name": "Lee", "first_name": "Pat", "entity": "person"},
    )  # fmt: skip
    location = Location.objects.create(practice=office.practice, code="MAIN", name="Main street")
    entry = NeverAutomatic.objects.create(
        practice=office.practice, carc="29", reason="looked at", added_by="lead", added_on=TODAY
    )
    made = ChargeMasterImport.objects.create(
        practice=office.practice, name="prices.csv", sha256=SHA, content=b"code,amount,start\n99213,150.00,2026-10-01\n",
        state="checked", uploaded_by="biller", uploaded_on=TODAY,
    )  # fmt: skip
    enrolment = Enrolment.objects.create(practice=office.practice, payer=office.payer, transaction="270")
    rule = LocalRule.objects.create(key="R9001", name="Referral", created_at=NOW, created_by="lead")
    version = LocalRuleVersion.objects.create(
        rule=rule, number=1, content={"id": "R9001", "text": "A referral is missing", "severity": "W"}, created_at=NOW,
        created_by="lead",
    )  # fmt: skip
    asked = DateRule(codes=CodeRange(first="59400"), field="last_menstrual_period", source="Manual 7")
    office.payer.profile = {**office.payer.profile, "date_rules": [msgspec.to_builtins(asked)]}
    office.payer.save()
    return {
        "payer_rule": rule_key(asked), "provider_id": provider.pk, "location_id": location.pk, "entry_id": entry.pk, "import_id": made.pk,
        "rule_id": rule.pk, "rule_version_id": version.pk, "contract_version_id": rows["contract_version"],
        "connection_id": office.outgoing.connection_id, "enrolment_id": enrolment.pk,
    }  # fmt: skip
