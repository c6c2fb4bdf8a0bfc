"""Money that comes back or must stand elsewhere: returned checks, chargebacks, unapplying, credits moved."""

from __future__ import annotations

from decimal import Decimal

from claimwright.billing import patient_money
from claimwright.billing.patient import RefusedPayment, credit_account
from claimwright.ledger.transfers import EntryType
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.cashier import models, selectors
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.payments.carried import carry_over_merged
from claimwright.web.payments.credits import list_patient_credits, lock_visits
from claimwright.web.payments.models import PatientReceipt
from claimwright.web.payments.services import apply_credits, return_payment
from claimwright.web.practice.selectors import policies_of

KINDS = ("nsf", "chargeback")
WORDS = {"nsf": "The bank returned the patient's check", "chargeback": "The patient's bank took the card payment back"}


def record_return(
    *, receipt: PatientReceipt, kind: str, fee: Decimal | None = None, note: str = ""
) -> models.ReturnedPayment:
    """The receipt undone entry by entry, the practice's fee on the account, statements stopped, an item for a person.

    `fee`: none given, what the practice's policy says; zero waives it. Once a receipt. Raises RefusedPayment.
    """
    receipt.refresh_from_db(from_queryset=PatientReceipt.objects.select_for_update())
    seen = models.ReturnedPayment.objects.filter(receipt=receipt).first()
    if seen is not None:
        if seen.kind != kind:
            raise RefusedPayment(f"it is recorded as {seen.kind} already")
        return seen
    if kind not in KINDS:
        raise RefusedPayment("a payment comes back as nsf or as a chargeback")
    if receipt.method == "cash":
        raise RefusedPayment("cash does not come back: give it back as a refund")
    asked = patient_money.returned_fee(kind, policies_of(receipt.practice)) if fee is None else fee
    if asked < 0:
        raise RefusedPayment("a fee is not below zero")
    if receipt.state != "returned":
        return_payment(receipt=receipt, fee=asked)
    return _note(receipt, kind, asked, note)


def _note(receipt: PatientReceipt, kind: str, fee: Decimal, note: str) -> models.ReturnedPayment:
    returned_on = selectors.returned_days([receipt]).get(receipt.pk, clock.today())
    made = models.ReturnedPayment.objects.create(
        receipt=receipt, kind=kind, returned_on=returned_on, fee_amount=fee, recorded_by=actor(), note=note[:200]
    )
    _flag(receipt.patient, on=True)
    raise_work_item(
        worklist=Worklist.RETURNED_PAYMENTS, key=f"returned:{receipt.pk}", reason_code=kind.upper(), reason=WORDS[kind],
        amount=receipt.amount, subject_type="patient", subject_id=receipt.patient_id, practice_id=receipt.practice_id,
        what_to_do="Speak with the patient about another way to pay, then settle it: until then no statement goes out",
    )  # fmt: skip
    record_audit(action="payment.came_back", subject_type="receipt", subject_id=receipt.pk, detail=f"{kind} {fee}")
    return made


def _flag(patient: Patient, *, on: bool) -> None:
    """Statements stop, and go on once nothing of the patient's is unsettled."""
    patient.refresh_from_db(fields=["flags"], from_queryset=Patient.objects.select_for_update())
    flags = [flag for flag in patient.flags if flag != patient_money.RETURNED]
    patient.flags = [*flags, patient_money.RETURNED] if on else flags
    patient.save(update_fields=["flags"])


def note_bank_returns() -> int:
    """Receipts that a line of the bank returned by itself: noted here, flagged and listed like those a person records.
    For the end of the day; again changes nothing. Says how many were new."""
    rows = PatientReceipt.objects.filter(state="returned", returned__isnull=True).select_related("patient", "practice")
    count = 0
    for receipt in rows.order_by("pk"):
        fees = LedgerTransfer.objects.filter(key=f"returned/{receipt.pk}/fee").values_list("amount", flat=True)
        kind = "chargeback" if receipt.method == "card" else "nsf"
        _note(receipt, kind, sum(fees, Decimal("0.00")), "returned by a line of the bank")
        count += 1
    return count


def settle_return(*, returned: models.ReturnedPayment, note: str) -> models.ReturnedPayment:
    """A person has settled it with the patient: statements may go out again. Raises RefusedPayment without a note."""
    if not note.strip():
        raise RefusedPayment("say how it was settled")
    returned.refresh_from_db(from_queryset=models.ReturnedPayment.objects.select_for_update(of=("self",)))
    if returned.settled_on is not None:
        return returned
    returned.settled_on, returned.settled_by, returned.note = clock.today(), actor(), note.strip()[:200]
    returned.save(update_fields=["settled_on", "settled_by", "note"])
    patient = returned.receipt.patient
    if not models.ReturnedPayment.objects.filter(receipt__patient=patient, settled_on__isnull=True).exists():
        _flag(patient, on=False)
    resolve_work_items(keys=[f"returned:{returned.receipt_id}"], resolution=note.strip()[:200])
    record_audit(action="payment.return_settled", subject_type="receipt", subject_id=returned.receipt_id)
    return returned


# Unapplied money -----------------------------------------------------------------------------------------------------


def unapply_receipt(*, receipt: PatientReceipt, reason: str) -> Decimal:
    """Take a payment off the lines it paid, by reversals: the lines owe again, the money is unapplied. Says how much."""
    if not reason.strip():
        raise RefusedPayment("say why the payment comes off its lines")
    if receipt.state != "posted":
        raise RefusedPayment("the payment came back: nothing of it stands on a line")
    lock_visits(patient_id=receipt.patient_id)
    rows = LedgerTransfer.objects.filter(payment=str(receipt.pk), entry_type=EntryType.APPLY.value, reverses="")
    gone = set(LedgerTransfer.objects.filter(reverses__in=[row.key for row in rows]).values_list("reverses", flat=True))
    standing = [as_transfer(row) for row in rows.order_by("-sequence") if row.key not in gone]
    times = LedgerTransfer.objects.filter(key__startswith=f"unapply/{receipt.pk}/").values("journal").distinct().count()
    entries = patient_money.unapply(
        standing, key=f"unapply/{receipt.pk}/{times}", on=clock.today(), note=reason.strip()[:200]
    )
    post_transfers(transfers=entries)
    carry_over_merged(patient_id=receipt.patient_id)
    list_patient_credits(patient_ids=[receipt.patient_id])
    record_audit(action="payment.unapply", subject_type="receipt", subject_id=receipt.pk, detail=reason.strip())
    return sum((entry.amount for entry in entries), Decimal("0.00"))


def move_credit(
    *, source: Patient, target: Patient, amount: Decimal, reason: str, use: bool = True
) -> models.CreditMove:
    """Unapplied money of one account to another, such as within a family, with its reason; then used on what is owed
    there unless `use` is false. Raises RefusedPayment: more than is unapplied, no reason, the same account."""
    for owner in sorted({str(source.pk), str(target.pk)}):
        lock_visits(patient_id=owner)
    available = patient_credits([str(source.pk)]).get(str(source.pk), Decimal("0.00"))
    move = models.CreditMove(
        source=source.pk, target=target.pk, amount=amount, reason=reason.strip()[:200], moved_on=clock.today(),
        moved_by=actor(),
    )  # fmt: skip
    entries = patient_money.move_credit(
        source_id=str(source.pk), target_id=str(target.pk), amount=amount, available=available, reason=reason,
        key=f"credit-move/{move.pk}", on=clock.today(), source_practice_id=str(source.practice_id),
        target_practice_id=str(target.practice_id),
    )  # fmt: skip
    move.save(force_insert=True)
    post_transfers(transfers=entries)
    list_patient_credits(patient_ids=[source.pk, target.pk])
    if use:
        apply_credits(patient_ids=[target.pk])
    record_audit(action="credit.move", subject_type="patient", subject_id=source.pk, detail=f"{amount} to {target.pk}")
    return move


def unapplied_entries(patient: Patient) -> list[LedgerTransfer]:
    """What came into and left a patient's unapplied money, newest first."""
    account = credit_account(str(patient.pk))
    rows = LedgerTransfer.objects.filter(debit_kind=account.kind.value, debit_subject=account.subject) | (
        LedgerTransfer.objects.filter(credit_kind=account.kind.value, credit_subject=account.subject)
    )
    return list(rows.order_by("-sequence")[:50])
