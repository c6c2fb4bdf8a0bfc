"""A row of each kind that an address of the API takes the id of, beside those of the practice at work."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.lib.web_data import TODAY

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)


def rows_of(office: Any) -> Any:
    """Ids by the name of the part of an address that takes them."""
    from claimwright.web.core.tenancy import tenant_scope
    from tests.web.api.more_rows import more_rows_of

    with tenant_scope(office.tenant):
        rows = {
            **_at_work(office), **_of_the_desk(office), **_of_the_back(office), **_of_the_patient(office),
        }  # fmt: skip
        return rows | more_rows_of(office, rows)


def _at_work(office: Any) -> dict[str, Any]:
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Denial
    from claimwright.web.payments.models import PatientReceipt
    from claimwright.web.submissions.models import EditFinding

    remittance = office.remittance
    return {
        "patient_id": office.patients["MRN1001"].pk, "claim_id": office.held.claim_id, "version_id": office.held.pk,
        "finding_id": EditFinding.objects.get(severity="H").pk, "remittance_id": remittance.pk,
        "claim_payment_id": remittance.claim_payments.get(state="held").pk, "receipt_id": PatientReceipt.objects.get().pk,
        "adjustment_id": remittance.provider_adjustments.get().pk, "denial_id": Denial.objects.get().pk,
        "item_id": WorkItem.objects.get(key="edit/CW1004").pk, "received_file_id": remittance.part.file_id,
        "sent_file_id": office.outgoing.pk, "payer_id": office.payer.pk, "encounter_id": office.held.claim.encounter_id,
        "coverage_id": office.patients["MRN1001"].coverages.first().pk,
    }  # fmt: skip


def _of_the_desk(office: Any) -> dict[str, Any]:
    from claimwright.web.authorizations.papers import add_document
    from claimwright.web.authorizations.services import record_authorization
    from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot, PayerCheck

    patient = office.patients["MRN1001"]
    coverage = patient.coverages.first()
    PayerCheck.objects.create(payer=coverage.payer)
    inquiry = EligibilityInquiry.objects.create(
        patient=patient, coverage=coverage, payer=coverage.payer, practice=office.practice, occasion="asked", on=TODAY,
        trace="T1", content={}, asked_on=TODAY, asked_at=NOW, asked_by="desk", state="answered",
    )  # fmt: skip
    snapshot = EligibilitySnapshot.objects.create(
        inquiry=inquiry, patient=patient, coverage=coverage, payer=coverage.payer, on=TODAY, checked_on=TODAY,
        checked_at=NOW, status="active", content={"on": "2026-09-30", "status": "active"}, answer={}, sha256="a" * 64,
    )  # fmt: skip
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    document = add_document(
        kind="note", name="note.pdf", content=pdf, patient=patient, links=[("claim", office.held.claim_id)]
    )
    authorization = record_authorization(
        patient=patient, payer=coverage.payer, number="AUTH77", status="approved", start=TODAY, visits_approved=3
    )
    return {
        "inquiry_id": inquiry.pk, "snapshot_id": snapshot.pk, "document_id": document.pk,
        "link_id": document.links.get().pk, "authorization_id": authorization.pk,
    }  # fmt: skip


def _of_the_back(office: Any) -> dict[str, Any]:
    from claimwright.web.api.models import WebhookEndpoint
    from claimwright.web.bank.models import BankAccount, BankFile, BankLine, BankMatch, BankStatement, OpenLine
    from claimwright.web.contracts.models import Contract, ContractRate, ContractVersion
    from claimwright.web.exchange.secrets import encrypt
    from claimwright.web.followup.models import PayerContact
    from claimwright.web.operations.models import JobRun
    from claimwright.web.payments.models import Refund

    account = BankAccount.objects.create(name="Operating")
    file = BankFile.objects.create(name="b.csv", sha256="b" * 64, content=b"x", received_at=NOW, received_by="poster")
    statement = BankStatement.objects.create(file=file, account=account)
    line = BankLine.objects.create(
        statement=statement, account=account, place=1, key="k1", posted_on=TODAY, amount=Decimal("-4.00"), kind="fee",
        description="service charge", content={},
    )  # fmt: skip
    OpenLine.objects.create(line=line)
    match = BankMatch.objects.create(kind="ACCEPTED", actor="poster", at=NOW, effective_on=TODAY)
    contract = Contract.objects.create(payer=office.payer, tax_id="391234567", name="Commercial")
    version = ContractVersion.objects.create(
        contract=contract, start=date(2026, 1, 1), created_at=NOW, created_by="lead"
    )
    ContractRate.objects.create(version=version, ordinal=1, first="99213", method="amount", amount=Decimal("125.00"))
    contact = PayerContact.objects.create(
        version=office.sent, payer=office.payer, on=TODAY, channel="telephone", said="in process", owner="biller",
        logged_by="biller", logged_at=NOW,
    )  # fmt: skip
    run = JobRun.objects.create(job="post", slot=NOW, state="failed", queued_at=NOW)
    refund = Refund.objects.create(
        practice=office.practice, patient=office.patients["MRN1001"], amount=Decimal("2.00"), cause="overpaid",
        identified_on=TODAY, key="refund-1",
    )  # fmt: skip
    endpoint = WebhookEndpoint.objects.create(
        url="https://hooks.example/claims", kinds=["claim.state_changed"], secret=encrypt("whsec_x"),
        created_by="owner", created_at=NOW,
    )  # fmt: skip
    return {
        "line_id": line.pk, "match_id": match.pk, "contract_id": contract.pk, "contract_version": version.pk,
        "contact_id": contact.pk, "jobrun_id": run.pk, "refund_id": refund.pk, "endpoint_id": endpoint.pk,
    }  # fmt: skip


def _of_the_patient(office: Any) -> dict[str, Any]:
    from claimwright.web.arrangements.plans import offer_plan
    from claimwright.web.statements.models import Account, GuarantorStatement, StatementPart

    patient = office.patients["MRN1001"]
    account = Account.objects.create(practice=office.practice, key=f"patient:{patient.pk}", patient=patient)
    whole = GuarantorStatement.objects.create(
        account=account, number=office.statement.number, issued_on=TODAY, due_on=office.statement.due_on, language="en",
        amount_due=office.statement.amount_due, sha256=hashlib.sha256(bytes(office.statement.pdf)).hexdigest(),
    )  # fmt: skip
    StatementPart.objects.create(whole=whole, statement=office.statement, ordinal=1)
    plan = offer_plan(patient=patient, starts_on=date(2026, 10, 15), instalments=2)
    return {"whole_id": whole.pk, "plan_id": plan.pk}
