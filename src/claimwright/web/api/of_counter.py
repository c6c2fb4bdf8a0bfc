"""The counter beside its payments: the drawer, deposit slips, payments that came back, money moved.

The cash of a drawer is counted by two persons, neither of whom sees the other's figure: no program counts.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.cashier import counter, papers, returns
from claimwright.web.cashier.models import CashDrawer, CreditMove, DepositSlip, ReturnedPayment
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import PatientReceipt
from claimwright.web.practice.models import Practice


class DrawerOut(Out):
    id: UUID
    practice_id: UUID
    opened_on: date
    opened_by: str
    float_amount: Money
    state: str
    closed_on: date | None
    over_short_amount: Money = Field(description="Above zero: over")
    note: str


class SlipOut(Out):
    id: UUID
    practice_id: UUID
    number: str
    made_on: date
    made_by: str
    cash_amount: Money
    check_amount: Money
    over_short_amount: Money
    is_void: bool


class ReturnedOut(Out):
    id: UUID
    receipt_id: UUID
    kind: str
    returned_on: date
    fee_amount: Money
    recorded_by: str
    settled_on: date | None
    settled_by: str
    note: str


class CreditMoveOut(Out):
    id: UUID
    source: UUID
    target: UUID
    amount: Money
    reason: str
    moved_on: date
    moved_by: str


class OpenDrawer(In):
    practice_id: UUID
    float_amount: Money


class MakeSlip(In):
    practice_id: UUID
    receipt_ids: list[UUID] | None = Field(default=None, max_length=500, description="None: all that waits")
    remittance_ids: list[UUID] = Field(default=[], max_length=200, description="Payers' checks")


class NoteIt(In):
    note: Reason


class RecordReturn(In):
    fee: Money | None = Field(default=None, description="None: what the practice's policy says; 0.00 waives it")
    note: str = Field(default="", max_length=200)


class UnapplyReceipt(In):
    reason: Reason


class MoveCredit(In):
    to_patient_id: UUID
    amount: Money
    reason: Reason


class Unapplied(Out):
    amount: Money


@operation("GET", "/drawers", permission="cashier.read", answers=paged(DrawerOut))
def list_drawers(request: HttpRequest, practice_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Cash drawers, the newest first."""
    rows = CashDrawer.objects.filter(practice_id=practice_id) if practice_id else CashDrawer.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="opened_on")


@operation("POST", "/drawers", permission="cashier.take", answers=DrawerOut, status=201)
def open_cash_drawer(request: HttpRequest, payload: OpenDrawer) -> Any:
    """Begin a drawer with its float."""
    made = counter.open_drawer(practice=find(Practice, payload.practice_id), float_amount=payload.float_amount)
    made.refresh_from_db()
    return made


@operation("GET", "/slips", permission="cashier.read", answers=paged(SlipOut))
def list_slips(request: HttpRequest, practice_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Deposit slips, the newest first."""
    rows = DepositSlip.objects.filter(practice_id=practice_id) if practice_id else DepositSlip.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="made_on")


@operation("POST", "/slips", permission="cashier.take", answers=SlipOut, status=201)
def make_deposit_slip(request: HttpRequest, payload: MakeSlip) -> Any:
    """One deposit of everything that waits at the counter, or of what is named."""
    practice = find(Practice, payload.practice_id)
    made = counter.make_slip(
        practice=practice, receipt_ids=payload.receipt_ids, remittance_ids=payload.remittance_ids
    )  # fmt: skip
    made.refresh_from_db()
    return made


@operation("GET", "/slips/{uuid:slip_id}/slip.pdf", permission="cashier.read", produces=PDF, reads=True)
def read_slip_paper(request: HttpRequest, slip_id: UUID) -> Any:
    """The slip as it goes with the money."""
    row = find(DepositSlip.objects.select_related("practice"), slip_id)
    return as_bytes(papers.slip_pdf(row), PDF, f"{row.number}.pdf")


@operation("POST", "/slips/{uuid:slip_id}/void", permission="cashier.correct", answers=SlipOut)
def void_deposit_slip(request: HttpRequest, slip_id: UUID, payload: NoteIt) -> Any:
    """A slip that never went: its money waits again."""
    row = find(DepositSlip, slip_id)
    counter.void_slip(slip=row, note=payload.note)
    row.refresh_from_db()
    return row


# What comes back, and what moves -------------------------------------------------------------------------------------


@operation("GET", "/returned-payments", permission="cashier.read", answers=paged(ReturnedOut), reads=True)
def list_returned_payments(request: HttpRequest, open_only: bool = True, cursor: str = "", limit: int = 50) -> Any:
    """Checks and card payments that came back, the newest first; those to settle unless all are asked for."""
    rows = ReturnedPayment.objects.all()
    rows = rows.filter(settled_on__isnull=True) if open_only else rows
    return page_of(rows, cursor=cursor, limit=limit, by="returned_on")


@operation(
    "POST", "/payments/{uuid:receipt_id}/returned", permission="cashier.correct", answers=ReturnedOut, status=201
)
def record_returned_payment(request: HttpRequest, receipt_id: UUID, payload: RecordReturn) -> Any:
    """A check bounced, or a card payment was disputed: the payment is reversed, with the practice's fee."""
    receipt = find(PatientReceipt.objects.select_related("patient", "practice"), receipt_id)
    kind = "chargeback" if receipt.method == "card" else "nsf"
    return returns.record_return(receipt=receipt, kind=kind, fee=payload.fee, note=payload.note)


@operation("POST", "/returned-payments/{uuid:returned_id}/settle", permission="cashier.correct", answers=ReturnedOut)
def settle_returned_payment(request: HttpRequest, returned_id: UUID, payload: NoteIt) -> Any:
    """It is settled with the patient: statements go out again."""
    row = find(ReturnedPayment.objects.select_related("receipt__patient"), returned_id)
    return returns.settle_return(returned=row, note=payload.note)


@operation("POST", "/payments/{uuid:receipt_id}/unapply", permission="cashier.correct", answers=Unapplied)
def unapply_a_payment(request: HttpRequest, receipt_id: UUID, payload: UnapplyReceipt) -> Any:
    """Take a payment off the lines it paid; the money is unapplied again."""
    receipt = find(PatientReceipt, receipt_id)
    return {"amount": returns.unapply_receipt(receipt=receipt, reason=payload.reason)}


@operation(
    "POST", "/patients/{uuid:patient_id}/credit/move", permission="cashier.correct", answers=CreditMoveOut, status=201
)
def move_unapplied_credit(request: HttpRequest, patient_id: UUID, payload: MoveCredit) -> CreditMove:
    """Unapplied money of one account to another, such as within a family; then used on what is owed there."""
    target = find(Patient.objects.filter(merged_into__isnull=True), payload.to_patient_id)
    return returns.move_credit(
        source=find(Patient, patient_id), target=target, amount=payload.amount, reason=payload.reason
    )  # fmt: skip
