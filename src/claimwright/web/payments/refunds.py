"""Refunds to patients: asked for by one person, approved and issued by another, never more than the credit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.billing import patient, refund_rules
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.accounts.services import post_transfers
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, next_number, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.patients.models import Patient
from claimwright.web.payments import models
from claimwright.web.payments.credits import (
    awaiting_payers,
    encounters_of,
    list_credits,
    list_patient_credits,
    lock_visits,
)
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of

ASKABLE = ("IDENTIFIED", "HOLD", "VALIDATED")  # asked for again: another person may have found the cause
METHODS = {"CHK": "Check", "CARD": "Card the money came from", "ACH": "Bank transfer"}


def request_refund(*, refund: models.Refund) -> models.Refund:
    """A person has found the cause: IDENTIFIED or HOLD becomes VALIDATED. Raises RefusedPayment."""
    refund.refresh_from_db(from_queryset=models.Refund.objects.select_for_update())
    if refund.state == "HOLD" and refund.hold_until and refund.hold_until > clock.today():
        raise patient.RefusedPayment(f"the credit is on hold until {refund.hold_until}")
    if refund.state not in ASKABLE:
        raise patient.RefusedPayment(f"a refund that is {refund.state} is not asked for")
    if refund.recoup:
        raise patient.RefusedPayment("the payer was asked to take it from a later payment; call that off first")
    refund.state, refund.requested_by = "VALIDATED", actor()
    refund.approved_by, refund.approved_on = "", None
    refund.save(update_fields=["state", "requested_by", "approved_by", "approved_on"])
    record_audit(action="refund.requested", subject_type="refund", subject_id=refund.pk, detail=str(refund.amount))
    return refund


def approve_refund(*, refund: models.Refund) -> models.Refund:
    """VALIDATED becomes APPROVED by another person, within the limit of that person's role. Raises RefusedPayment."""
    refund.refresh_from_db(from_queryset=models.Refund.objects.select_for_update())
    if refund.state != "VALIDATED":
        raise patient.RefusedPayment("a person first finds the cause of the credit and asks for the refund")
    _approve(refund, refund.amount)
    refund.state = "APPROVED"
    refund.save(update_fields=["state", "approved_by", "approved_on"])
    record_audit(action="refund.approved", subject_type="refund", subject_id=refund.pk, detail=str(refund.amount))
    return refund


def _approve(refund: models.Refund, amount: Decimal) -> None:
    refund_rules.check_approval(
        amount=amount, requested_by=refund.requested_by, approved_by=actor(), role=role_of(actor()),
        policies=policies_of(refund.practice or _practice_of(refund)),
    )  # fmt: skip
    refund.approved_by, refund.approved_on = actor(), clock.today()


def role_of(username: str) -> str:
    """The role of a person who signs in; anyone else, such as a job, approves what a biller may."""
    role = User.objects.filter(username=username, tenant=current_tenant()).values_list("role", flat=True).first()
    return role or User.Role.BILLER.value


def issue_refund(
    *, refund: models.Refund, amount: Decimal | None = None, method: str = "CHK", reference: str = ""
) -> models.Refund:
    """Pay a patient's refund out: approved before, or approved now by who is not the one who asked.

    `reference` is the number of the check or of the processor. Raises RefusedPayment, and then nothing was written.
    """
    refund.refresh_from_db(from_queryset=models.Refund.objects.select_for_update())
    if refund.state not in ("VALIDATED", "APPROVED") or refund.patient_id is None:
        raise patient.RefusedPayment("a person first finds the cause of a patient's credit and asks for the refund")
    owner = str(refund.patient_id)
    lock_visits(patient_id=owner)
    practice = refund.practice or _practice_of(refund)
    amount = refund.amount if amount is None else amount
    moved = _out_of_the_line(refund)
    available = patient_credits([owner]).get(owner, ZERO)
    if refund.state == "APPROVED" and amount > refund.amount:
        raise patient.RefusedPayment("more than was approved")
    patient.check_refund(
        amount=amount, credit=(moved.amount if moved else ZERO) if refund.line_id else available,
        requested_by=refund.requested_by, approved_by=refund.approved_by or actor(), on=clock.today(),
        hold_until=refund.hold_until, payer_balance=_with_payers(refund),
    )  # fmt: skip
    if refund.state == "VALIDATED":
        _approve(refund, amount)
    if moved is not None:
        post_transfers(transfers=[moved])
    ledger_id = f"{refund.pk}-{next_number(name='refund')}"
    post_transfers(
        transfers=patient.issue_refund(
            patient_id=owner, practice_id=str(practice.pk), amount=amount, refund_id=ledger_id, on=clock.today(),
        )
    )  # fmt: skip
    refund.parts = [{"line_id": refund.line_id, "bucket": refund.bucket, "amount": str(amount)}]
    refund.amount, refund.practice, refund.ledger_id, refund.subject = amount, practice, ledger_id, str(practice.pk)
    _paid_out(refund, method, reference, refund.patient)
    _list_again(refund)
    return refund


def _paid_out(refund: models.Refund, method: str, reference: str, payee: Patient | None) -> None:
    if method not in METHODS:
        raise patient.RefusedPayment("a refund is paid by check, by card or by bank transfer")
    today = clock.today()
    refund.state, refund.method, refund.reference = "ISSUED", method, reference.strip()[:60]
    refund.issued_on, refund.attempts = today, refund.attempts + 1
    refund.dormant_on = dormant_day(refund, today, payee)
    refund.save()
    resolve_work_items(keys=[refund.key], resolution="Refund issued")
    record_audit(action="refund.issued", subject_type="refund", subject_id=refund.pk, detail=str(refund.amount))


def dormant_day(refund: models.Refund, issued_on: date | None, payee: Patient | None) -> date | None:
    """From when an uncashed check is the state's of `payee`; a payer's is by the common rule, None for no check."""
    if refund.method != "CHK" or issued_on is None:
        return None
    address = (payee.content.get("address") or {}) if payee is not None else {}
    return refund_rules.dormant_on(issued_on, str(address.get("state", "")), policies_of(refund.practice))


def _out_of_the_line(refund: models.Refund) -> Transfer | None:
    """A credit on a charge line goes through the patient's Credit: all that the line has below zero."""
    if not refund.line_id:
        return None
    credit = -line_balances([refund.line_id])[refund.line_id].get("PAT", ZERO)
    return transfer(
        debit=receivable(refund.line_id, "PAT"), credit=patient.credit_account(str(refund.patient_id)),
        amount=max(credit, ZERO), entry_type=EntryType.APPLY, effective_date=clock.today(),
        key=f"refund/{refund.pk}/credit/{next_number(name='refund_credit')}",
    )  # fmt: skip


def _with_payers(refund: models.Refund) -> Decimal:
    """What a payer has still open of the visit, or, for unapplied money, of any visit that may yet need it."""
    lines = ChargeLine.objects.filter(patient=refund.patient_id)
    if refund.line_id:
        lines = lines.filter(encounter__in=encounters_of([refund.line_id]))
    elif not awaiting_payers([str(refund.patient_id)]):
        return ZERO
    found = line_balances(lines.values_list("line_id", flat=True))
    return sum((max(buckets.get(b, ZERO), ZERO) for buckets in found.values() for b in INSURANCE_BUCKETS), ZERO)


def _practice_of(refund: models.Refund) -> Practice:
    return refund.patient.practice if refund.patient else Practice.objects.order_by("name").first()


def _list_again(refund: models.Refund) -> None:
    """An issued refund frees its key, so that a later credit of the same account is a new row; what is left is listed."""
    line_id, patient_id = refund.line_id, refund.patient_id
    refund.key, refund.line_id = f"{refund.key}:{refund.pk}"[:120], ""
    refund.patient = None
    refund.paid_to = patient_id
    refund.save(update_fields=["key", "line_id", "patient", "paid_to"])
    if line_id:
        list_credits(encounter_ids=encounters_of([line_id]))
    list_patient_credits(patient_ids=[patient_id])
