"""Receipts and deposit slips as PDF, from the rows as they stand."""

from __future__ import annotations

from decimal import Decimal

from claimwright.documents.counter_papers import (
    ReceiptPaper,
    ReceiptUse,
    SlipPaper,
    SlipRow,
    render_receipt,
    render_slip,
)
from claimwright.ledger.accounts import Kind
from claimwright.ledger.transfers import EntryType
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.cashier import models
from claimwright.web.charges.models import ChargeLine
from claimwright.web.payments.models import PatientReceipt

ACCOUNT = "Fees on the account"


def receipt_pdf(counter: models.CounterReceipt) -> bytes:
    receipt = counter.receipt
    card = models.CardAttempt.objects.filter(receipt=receipt).first()
    reference = receipt.reference
    if card is not None:
        reference = f"authorization {card.authorization_code}, ending {card.last_four}"
    return render_receipt(
        ReceiptPaper(
            number=counter.number, practice_name=receipt.practice.name, patient_name=str(receipt.patient),
            account=receipt.patient.record_number, received_on=receipt.received_on,
            method=card.means if card else receipt.method, reference=reference, amount=receipt.amount,
            uses=_uses(receipt), taken_by=counter.taken_by, is_returned=receipt.state == "returned",
        )
    )  # fmt: skip


def _uses(receipt: PatientReceipt) -> tuple[ReceiptUse, ...]:
    """What of it stands on which visit, by date of service."""
    rows = LedgerTransfer.objects.filter(payment=str(receipt.pk), entry_type=EntryType.APPLY.value, reverses="")
    gone = set(LedgerTransfer.objects.filter(reverses__in=[row.key for row in rows]).values_list("reverses", flat=True))
    standing = [row for row in rows if row.key not in gone and row.credit_kind == Kind.RECEIVABLE.value]
    days = dict(
        ChargeLine.objects.filter(line_id__in=[row.credit_subject for row in standing]).values_list(
            "line_id", "date_of_service"
        )
    )
    sums: dict[str, Decimal] = {}
    for row in standing:
        day = days.get(row.credit_subject)
        what = f"Visit of {day:%m/%d/%Y}" if day else ACCOUNT
        sums[what] = sums.get(what, Decimal("0.00")) + row.amount
    return tuple(ReceiptUse(what=what, amount=amount) for what, amount in sums.items())


def slip_pdf(slip: models.DepositSlip) -> bytes:
    receipts = slip.receipts.filter(receipt__method="check").select_related("receipt__patient").order_by("number")
    checks = [
        SlipRow(number=one.receipt.reference, source=str(one.receipt.patient), amount=one.receipt.amount)
        for one in receipts
    ]
    payers = slip.checks.select_related("remittance__payer").defer("remittance__content").order_by("pk")
    checks += [
        SlipRow(
            number=one.remittance.trace_number, amount=one.remittance.amount,
            source=one.remittance.payer.name if one.remittance.payer else "",
        )
        for one in payers
    ]  # fmt: skip
    return render_slip(
        SlipPaper(
            number=slip.number, practice_name=slip.practice.name, made_on=slip.made_on, made_by=slip.made_by,
            cash=slip.cash_amount, checks=tuple(checks),
        )
    )  # fmt: skip
