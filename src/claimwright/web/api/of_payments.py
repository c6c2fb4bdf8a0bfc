"""Money of patients, credits and write-offs. A program asks for refunds and write-offs; persons approve and issue them."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.api.fields import In, Money, Out, Short, Text
from claimwright.web.api.framework import PDF, as_bytes, find, key_of, operation, page_of, paged
from claimwright.web.api.of_claims import Because
from claimwright.web.api.problems import Problem
from claimwright.web.cashier.counter import take_payment
from claimwright.web.cashier.papers import receipt_pdf
from claimwright.web.charges.models import Encounter
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import PatientReceipt, Refund, WriteOff
from claimwright.web.payments.refunds import request_refund
from claimwright.web.payments.services import patient_lines, request_write_off
from claimwright.web.payments.taking_back import withdraw_write_off
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.owed import owed_lines


class ReceiptOut(Out):
    id: UUID
    patient_id: UUID
    practice_id: UUID
    method: str
    amount: Money
    received_on: date
    reference: str
    state: str
    encounter_id: UUID | None


class OwedLine(Out):
    line_id: str
    encounter_id: UUID | None = Field(description="Null for fees on the account")
    on: date
    service: str
    balance: Money


class AccountOut(Out):
    patient_id: UUID
    owed: Money
    credit: Money
    lines: list[OwedLine]


class TakePayment(In):
    amount: Money
    method: Literal["cash", "check"] = Field(description="Cards are paid on the processor's page")
    check_number: Short = ""
    line_ids: list[Short] = Field(
        default=[], max_length=50, description="Paid first, in this order; then the oldest service"
    )
    received_on: date | None = None
    practice_id: UUID | None = Field(default=None, description="The patient's own unless said")


class RefundOut(Out):
    id: UUID
    practice_id: UUID | None
    patient_id: UUID | None
    payer_id: UUID | None
    line_id: str
    bucket: str
    amount: Money
    cause: str
    state: str
    identified_on: date
    due_on: date | None
    hold_until: date | None
    requested_by: str
    approved_by: str
    issued_on: date | None
    reference: str


class WriteOffOut(Out):
    id: UUID
    practice_id: UUID
    version_id: UUID | None
    line_id: str
    bucket: str
    amount: Money
    reason: str
    state: str
    requested_by: str
    requested_on: date
    decided_by: str
    note: str


class AskWriteOff(In):
    encounter_id: UUID
    line_id: Short
    bucket: Literal["INS1", "INS2", "INS3", "PAT"]
    amount: Money
    reason: Short
    note: Text = ""
    evidence: str = Field(default="", max_length=200)


@operation("GET", "/patients/{uuid:patient_id}/account", permission="accounts.read", answers=AccountOut, reads=True)
def read_account(request: HttpRequest, patient_id: UUID) -> Any:
    """What a patient owes now, line by line, and the credit."""
    patient = find(Patient, patient_id)
    lines = owed_lines(patient_lines(patient.pk))
    told = [
        {"line_id": one.line_id, "encounter_id": one.visit or None, "on": one.on, "service": one.service, "balance": one.balance}
        for one in lines
    ]  # fmt: skip
    credit = patient_credits([str(patient.pk)]).get(str(patient.pk))
    owed = sum((one.balance for one in lines), start=0)
    return {"patient_id": patient.pk, "owed": f"{owed:.2f}", "credit": f"{credit or 0:.2f}", "lines": told}


@operation("POST", "/patients/{uuid:patient_id}/payments", permission="cashier.take", answers=ReceiptOut, status=201)
def take_patient_payment(request: HttpRequest, patient_id: UUID, payload: TakePayment) -> Any:
    """Take cash or a check over the counter, and apply it."""
    patient = find(Patient.objects.select_related("practice"), patient_id)
    practice = find(Practice, payload.practice_id) if payload.practice_id else patient.practice
    made = take_payment(
        patient=patient, practice=practice, amount=payload.amount, method=payload.method, key=key_of(request),
        check_number=payload.check_number, designated=payload.line_ids, received_on=payload.received_on,
    )  # fmt: skip
    return made.receipt


@operation("GET", "/payments", permission="cashier.read", answers=paged(ReceiptOut), reads=True)
def list_receipts(
    request: HttpRequest, patient_id: UUID | None = None, received_from: date | None = None,
    received_to: date | None = None, method: str = "", cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Payments of patients, the newest first."""
    chosen = {
        "patient_id": patient_id, "received_on__gte": received_from, "received_on__lte": received_to, "method": method,
    }  # fmt: skip
    rows = PatientReceipt.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="received_on")


@operation("GET", "/payments/{uuid:receipt_id}", permission="cashier.read", answers=ReceiptOut, reads=True)
def read_receipt(request: HttpRequest, receipt_id: UUID) -> Any:
    """One payment."""
    return find(PatientReceipt, receipt_id)


@operation("GET", "/payments/{uuid:receipt_id}/receipt.pdf", permission="cashier.read", produces=PDF, reads=True)
def read_receipt_paper(request: HttpRequest, receipt_id: UUID) -> Any:
    """The numbered receipt of a payment at the counter."""
    row = find(PatientReceipt.objects.select_related("counter"), receipt_id)
    if not hasattr(row, "counter"):
        raise Problem(404, "This payment was not taken at the counter: it has no numbered receipt")
    return as_bytes(receipt_pdf(row.counter), PDF, f"receipt-{row.counter.number}.pdf")


@operation("GET", "/refunds", permission="credits.read", answers=paged(RefundOut), reads=True)
def list_refunds(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, payer_id: UUID | None = None,
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Credits and refunds, the newest first."""
    chosen = {"state": state, "patient_id": patient_id, "payer_id": payer_id}
    rows = Refund.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="identified_on")


@operation("GET", "/refunds/{uuid:refund_id}", permission="credits.read", answers=RefundOut, reads=True)
def read_refund(request: HttpRequest, refund_id: UUID) -> Any:
    """One credit or refund."""
    return find(Refund, refund_id)


@operation("POST", "/refunds/{uuid:refund_id}/request", permission="credits.work", answers=RefundOut)
def request_a_refund(request: HttpRequest, refund_id: UUID) -> Any:
    """Ask for the refund of a credit whose cause is known. A person approves it on its page."""
    return request_refund(refund=find(Refund, refund_id))


@operation("GET", "/write-offs", permission="credits.read", answers=paged(WriteOffOut), reads=True)
def list_write_offs(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Write-offs asked for, the newest first."""
    rows = WriteOff.objects.filter(state=state) if state else WriteOff.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="requested_on")


@operation("POST", "/write-offs", permission="credits.work", answers=WriteOffOut, status=201)
def request_a_write_off(request: HttpRequest, payload: AskWriteOff) -> Any:
    """Ask for a write-off: it changes no balance until a person approves it."""
    encounter = find(Encounter.objects.select_related("practice"), payload.encounter_id)
    if not encounter.lines.filter(line_id=payload.line_id).exists():
        raise Problem(422, "The visit has no such charge", errors=[{"field": "line_id", "says": "is of another visit"}])
    return request_write_off(encounter=encounter, **payload.values("encounter_id"))


@operation("POST", "/write-offs/{uuid:write_off_id}/back", permission="credits.work", answers=WriteOffOut)
def take_back_a_write_off(request: HttpRequest, write_off_id: UUID, payload: Because) -> Any:
    """Withdraw a write-off that nobody decided, or reverse an approved one."""
    return withdraw_write_off(write_off=find(WriteOff, write_off_id), reason=payload.reason)
