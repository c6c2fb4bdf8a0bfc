"""What is owed back to payers, and the life of any refund after it was paid out: cleared, stopped, paid again, dormant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.billing import refund_rules
from claimwright.billing.disclosures import Disclosure
from claimwright.billing.patient import RefusedPayment, credit_account
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS, receivable
from claimwright.ledger.transfers import EntryType, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.patients.disclosures import record_disclosure
from claimwright.web.patients.models import Patient
from claimwright.web.payments.credits import CLOSED, FEDERAL_KINDS, encounters_of, list_credits, list_patient_credits
from claimwright.web.payments.held_money import lock_payments, send_back
from claimwright.web.payments.models import Refund
from claimwright.web.payments.refunds import METHODS, _paid_out, dormant_day
from claimwright.web.submissions.models import Claim

CAUSES = {
    "payer_overpaid": "The payer paid more than it owed",
    "payer_duplicate": "The payer paid twice",
    "both_primary": "Two payers paid as the first",
    "retroactive_termination": "The coverage had ended",
    "posting_error": "We posted it wrongly",
    "payer_request": "The payer asks for it back",
    "not_ours": "The claim it paid is not ours",
    "patient_overpaid": "The patient paid too much",
    "unapplied": "Paid in advance, not needed",
}

# Keys of rows that no balance of a line stands behind: a person may say that nothing is owed.
REFUSABLE = ("asked:", "held:")


def _locked(refund: Refund) -> Refund:
    refund.refresh_from_db(from_queryset=Refund.objects.select_for_update())
    return refund


# Before the check ---------------------------------------------------------------------------------------------------


def name_cause(*, refund: Refund, cause: str, note: str = "") -> Refund:
    """Why the money is owed back: one of CAUSES. Raises RefusedPayment."""
    if cause not in CAUSES:
        raise RefusedPayment("choose the cause from the list")
    _locked(refund)
    refund.cause, refund.note = cause, note.strip() or refund.note
    refund.save(update_fields=["cause", "note"])
    record_audit(action="refund.cause", subject_type="refund", subject_id=refund.pk, detail=cause)
    return refund


def begin_investigation(*, refund: Refund) -> Refund:
    """A good-faith investigation stops the 60 days of a federal payer, at most until 180 days after identification."""
    _locked(refund)
    if refund.due_on is None or refund.state in CLOSED or refund.issued_on:
        raise RefusedPayment("only an open credit of a federal payer has a clock to stop")
    if refund.investigating_since is not None:
        raise RefusedPayment("the clock was stopped before")
    clock_ = refund_rules.overpayment_clock(refund.identified_on, investigating_since=clock.today())
    refund.investigating_since, refund.due_on = clock.today(), clock_.due
    return _new_due_date(refund, "refund.investigating")


def conclude_investigation(*, refund: Refund) -> Refund:
    """The amount is known: the days that were left run from today."""
    _locked(refund)
    if refund.investigating_since is None or refund.concluded_on is not None:
        raise RefusedPayment("no investigation is under way")
    refund.concluded_on = clock.today()
    refund.due_on = refund_rules.overpayment_clock(
        refund.identified_on, investigating_since=refund.investigating_since, concluded=refund.concluded_on
    ).due
    return _new_due_date(refund, "refund.concluded")


def _new_due_date(refund: Refund, action: str) -> Refund:
    refund.save(update_fields=["investigating_since", "concluded_on", "due_on"])
    list_credits(encounter_ids=encounters_of([refund.line_id]))
    record_audit(action=action, subject_type="refund", subject_id=refund.pk, detail=f"due {refund.due_on}")
    return refund


def choose_recoupment(*, refund: Refund, recoup: bool = True) -> Refund:
    """The payer takes it from a later payment, or not after all; never a check as well. Raises RefusedPayment."""
    _locked(refund)
    if refund.payer_id is None or refund.issued_on or refund.state in CLOSED:
        raise RefusedPayment("only a payer's open credit can be recouped")
    if refund.state == "APPROVED":
        raise RefusedPayment("a check for it is approved already")
    refund.recoup = recoup
    refund.save(update_fields=["recoup"])
    record_audit(action="refund.recoup", subject_type="refund", subject_id=refund.pk, detail=str(recoup))
    return refund


def record_payer_request(
    *, encounter: Encounter, line_id: str, bucket: str, amount: Decimal, note: str = "", cause: str = "payer_request"
) -> Refund:
    """A payer asks by letter for money that our books do not show as too much; at most what it paid on the line.

    The check will open the line again by the amount: whether it is owed by another payer or the patient is then worked.
    """
    claim = Claim.objects.filter(encounter=encounter, bucket=bucket).select_related("payer").first()
    if claim is None or bucket not in INSURANCE_BUCKETS or not encounter.lines.filter(line_id=line_id).exists():
        raise RefusedPayment("name the line and the payer that paid it")
    known = {"payer": claim.payer, "line_id": "", "cause": cause}
    Encounter.objects.select_for_update().get(pk=encounter.pk)  # two letters keyed at once see each other's amount
    asked_before = Refund.objects.filter(key__startswith=f"asked:{line_id}:{bucket}:").exclude(state__in=CLOSED)
    used = sum((row.amount for row in asked_before), ZERO)
    if amount <= 0 or amount + used > paid_by(line_id, bucket):
        raise RefusedPayment("a payer is given back at most what it paid on the line")
    today = clock.today()
    federal = claim.payer.kind in FEDERAL_KINDS
    row = Refund.objects.create(
        **known, practice_id=encounter.practice_id, amount=amount, identified_on=today, note=note,
        due_on=refund_rules.overpayment_clock(today).due if federal else None,
        parts=[{"line_id": line_id, "bucket": bucket, "amount": str(amount)}],
        key=f"asked:{line_id}:{bucket}:{next_number(name='payer_request')}",
    )  # fmt: skip
    raise_work_item(
        worklist="credit_balances", key=row.key, reason_code="PAYER_REQUEST", amount=amount, due_date=row.due_on,
        practice_id=row.practice_id, reason="The payer asks for money back", subject_type="refund", subject_id=row.pk,
        what_to_do="Check that it is owed; then ask for the refund, or contest the request in writing",
    )  # fmt: skip
    record_audit(action="refund.payer_request", subject_type="refund", subject_id=row.pk, detail=str(amount))
    return row


def refuse_payer_request(*, refund: Refund, reason: str) -> Refund:
    """We owe nothing: a payer's request, or held money that proves to be ours, is closed with the reason. Nothing moves."""
    _locked(refund)
    listed = refund.key.startswith(REFUSABLE) and refund.issued_on is None and refund.state not in CLOSED
    if not listed or not reason.strip():
        raise RefusedPayment("only an open request of a payer, or held money, is refused, and with a reason")
    refund.state, refund.note, refund.amount = "CLEARED", reason.strip(), ZERO
    refund.save(update_fields=["state", "note", "amount"])
    resolve_work_items(keys=[refund.key], resolution=f"Contested: {reason}"[:500])
    record_audit(action="refund.request_refused", subject_type="refund", subject_id=refund.pk)
    return refund


def paid_by(line_id: str, bucket: str) -> Decimal:
    """What the payer of the bucket has paid on the line and not taken back, nor been given back."""
    paid = ZERO
    rows = LedgerTransfer.objects.filter(credit_kind="RECEIVABLE", credit_subject=line_id, credit_bucket=bucket)
    for row in rows.filter(debit_kind__in=["REMITTANCE", "SUSPENSE", "REFUND"]):
        paid += row.amount
    rows = LedgerTransfer.objects.filter(debit_kind="RECEIVABLE", debit_subject=line_id, debit_bucket=bucket)
    for row in rows.filter(credit_kind__in=["REMITTANCE", "SUSPENSE", "REFUND"]):
        paid -= row.amount
    return paid


# The check ----------------------------------------------------------------------------------------------------------


def issue_payer_refund(
    *, refunds: Sequence[Refund], reference: str = "", method: str = "CHK", tax_id: str = ""
) -> Refund:
    """One check for approved credits of one payer. The first row becomes the check. Raises RefusedPayment.

    A PLB 72 of the payer later finds it by amount or by `reference`.
    """
    lock_payments(refunds)
    ids = [row.pk for row in refunds]
    rows = list(
        Refund.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("payer", "practice").order_by("key")
    )  # fmt: skip
    _check_batch(rows)
    parts = [part for row in rows for part in _parts(row)]
    lines = [part.line_id for part in parts if part.line_id]
    encounters = encounters_of(lines)
    list(Encounter.objects.select_for_update().filter(pk__in=encounters).order_by("pk").values_list("pk"))
    balances = line_balances(lines)
    for row in rows:
        if row.line_id and balances[row.line_id].get(row.bucket, ZERO) != -row.amount:
            raise RefusedPayment("the credit has changed since it was approved; load the page again")
    _check_asked(rows)
    first = rows[0]
    assert first.payer is not None and first.practice is not None
    subject = f"{first.payer.key}|{tax_id or first.practice.tax_id}"
    send_back(parts, f"Sent back by check {reference}".strip())
    post_transfers(
        transfers=refund_rules.issue_payer_refund(
            parts, subject=subject, practice_id=str(first.practice_id), ledger_id=str(first.pk),
            refund_id=str(first.pk), on=clock.today(),
        )
    )  # fmt: skip
    first.amount = sum((part.amount for part in parts), ZERO)
    first.parts = [_kept(part) for part in parts]
    first.subject, first.ledger_id = subject, str(first.pk)
    _paid_out(first, method, reference, None)
    first.key, first.line_id = f"{first.key}:{first.pk}"[:120], ""
    first.save(update_fields=["key", "line_id"])
    for row in rows[1:]:
        if not row.line_id:  # no credit balance stands behind it that would close it
            row.state, row.note = "CLEARED", f"In the check {first.reference}".strip()
            row.save(update_fields=["state", "note"])
            resolve_work_items(keys=[row.key], resolution="Refund issued")
    list_credits(encounter_ids=encounters)
    return first


def _check_batch(rows: Sequence[Refund]) -> None:
    if not rows or any(row.state != "APPROVED" or row.payer_id is None for row in rows):
        raise RefusedPayment("a check pays approved credits of a payer")
    if len({(row.payer_id, row.practice_id) for row in rows}) > 1:
        raise RefusedPayment("one check is for one payer, from one practice")
    if any(row.recoup for row in rows):
        raise RefusedPayment("the payer was asked to take it from a later payment")


def _check_asked(rows: Sequence[Refund]) -> None:
    """What a payer asked for by letter is still its to get: it may have taken the money with a remittance meanwhile."""
    wanted: dict[tuple[str, str], Decimal] = {}
    for part in (part for row in rows for part in _parts(row) if part.line_id):
        wanted[part.line_id, part.bucket] = wanted.get((part.line_id, part.bucket), ZERO) + part.amount
    asked = {(part.line_id, part.bucket) for row in rows if not row.line_id for part in _parts(row) if part.line_id}
    for line_id, bucket in sorted(asked):
        paid = max(paid_by(line_id, bucket), ZERO)
        if wanted[line_id, bucket] > paid:
            raise RefusedPayment(
                f"the payer has taken money back since it asked: of what it paid on the line {paid} is left to give back"
            )


def _parts(row: Refund) -> list[refund_rules.Part]:
    if row.line_id:
        return [refund_rules.Part(line_id=row.line_id, bucket=row.bucket, amount=row.amount)]
    return [
        refund_rules.Part(
            line_id=one["line_id"], bucket=one.get("bucket", ""), payment=one.get("payment", ""),
            place=one.get("place", ""), amount=Decimal(one["amount"]),
        )
        for one in row.parts
    ]  # fmt: skip


def _kept(part: refund_rules.Part) -> dict[str, str]:
    if part.payment:
        return {"line_id": "", "payment": part.payment, "place": part.place, "amount": str(part.amount)}
    return {"line_id": part.line_id, "bucket": part.bucket, "amount": str(part.amount)}


# After the check ------------------------------------------------------------------------------------------------------


def clear_refund(*, refund: Refund, on: date) -> Refund:
    """The bank paid the check."""
    _move(_locked(refund), "CLEARED")
    refund.cleared_on, refund.dormant_on = on, None
    refund.save(update_fields=["state", "cleared_on", "dormant_on"])
    resolve_work_items(keys=[_stale_key(refund)], resolution="Cleared by the bank")
    record_audit(action="refund.cleared", subject_type="refund", subject_id=refund.pk)
    return refund


def reopen_refund(*, refund: Refund) -> Refund:
    """The match at the bank was undone: the check is out again, until the state's day that it had."""
    _move(_locked(refund), "ISSUED")
    refund.cleared_on, refund.dormant_on = None, dormant_day(refund, refund.issued_on, _payee(refund))
    refund.save(update_fields=["state", "cleared_on", "dormant_on"])
    record_audit(action="refund.reopened", subject_type="refund", subject_id=refund.pk)
    return refund


def stop_payment(*, refund: Refund, reason: str) -> Refund:
    """A lost check: its money is ours to hold again, and still owed. Raises RefusedPayment."""
    if not reason.strip():
        raise RefusedPayment("a payment is not stopped without a reason")
    _move(_locked(refund), "STOPPED")
    post_transfers(transfers=[refund_rules.stop_payment(as_transfer(_paid_leg(refund)), on=clock.today())])
    refund.note = reason.strip()
    refund.save(update_fields=["state", "note"])
    raise_work_item(
        worklist="refunds_out", key=f"refund-stopped:{refund.pk}:{refund.attempts}", reason_code="STOPPED",
        amount=refund.amount, practice_id=refund.practice_id, subject_type="refund", subject_id=refund.pk,
        reason="Payment of a refund check was stopped", what_to_do="Find the payee, then pay it again",
    )  # fmt: skip
    record_audit(action="refund.stopped", subject_type="refund", subject_id=refund.pk, detail=refund.reference)
    return refund


def pay_again(*, refund: Refund, reference: str = "", method: str = "CHK") -> Refund:
    """A stopped refund by another check, to the same payee. The state's day for unclaimed property stays."""
    if method not in METHODS:
        raise RefusedPayment("a refund is paid by check, by card or by bank transfer")
    _move(_locked(refund), "ISSUED")
    _pay_leg(refund)
    refund.method, refund.reference = method, reference.strip()[:60]
    refund.save(update_fields=["state", "method", "reference", "attempts"])
    _close_items(refund, "Paid again")
    record_audit(action="refund.paid_again", subject_type="refund", subject_id=refund.pk, detail=refund.reference)
    return refund


def escheat_refund(*, refund: Refund, reference: str) -> Refund:
    """Nobody cashed it until the state's day: the money goes to the state, under the number of the report."""
    _locked(refund)
    if refund.dormant_on is None or refund.dormant_on > clock.today():
        raise RefusedPayment(f"it is the payee's until {refund.dormant_on or 'it was issued'}")
    if not reference.strip():
        raise RefusedPayment("give the number of the report to the state")
    was_stopped = refund.state == "STOPPED"
    _move(refund, "ESCHEATED")
    if not was_stopped:
        post_transfers(transfers=[refund_rules.stop_payment(as_transfer(_paid_leg(refund)), on=clock.today())])
    _pay_leg(refund, note=f"to the state, {reference.strip()[:40]}")
    refund.reference = reference.strip()[:60]
    refund.save(update_fields=["state", "reference", "attempts"])
    _close_items(refund, "Turned over to the state")
    record_audit(action="refund.escheated", subject_type="refund", subject_id=refund.pk, detail=refund.reference)
    payee = _payee(refund)
    if payee is not None:
        _disclosed_to_the_state(refund, payee)
    return refund


def _payee(refund: Refund) -> Patient | None:
    """The patient whom an issued refund was paid to; None where it was a payer."""
    return Patient.objects.filter(pk=refund.paid_to).first()


def _disclosed_to_the_state(refund: Refund, patient: Patient) -> None:
    """The state learns who the patient is because its law asks for it: in the accounting of 45 CFR 164.528."""
    state = str((patient.content.get("address") or {}).get("state", "")).upper()
    record_disclosure(
        patient=patient, key=f"escheat:{refund.pk}",
        disclosure=Disclosure(
            disclosed_on=clock.today(), recipient=f"Unclaimed property office of the state{f' ({state})' if state else ''}",
            what="Name, last known address, and the amount of a refund that was not cashed",
            purpose=f"Report of unclaimed property, number {refund.reference}", basis="required_by_law",
        ),
    )  # fmt: skip


def list_dormant_refunds() -> int:
    """Checks out whose day at the state has come: on the list of refunds out. Says how many."""
    rows = Refund.objects.filter(state__in=refund_rules.OUT, dormant_on__lte=clock.today())
    for row in rows:
        raise_work_item(
            worklist="refunds_out", key=_stale_key(row), reason_code="DORMANT", amount=row.amount,
            practice_id=row.practice_id, subject_type="refund", subject_id=row.pk, due_date=row.dormant_on,
            reason="A refund check was never cashed, and by the state's rule it is unclaimed property",
            what_to_do="Write to the payee once more, then turn it over to the state",
        )  # fmt: skip
    return len(rows)


def _stale_key(refund: Refund) -> str:
    return f"refund-dormant:{refund.pk}"


def _close_items(refund: Refund, words: str) -> None:
    keys = [_stale_key(refund), *(f"refund-stopped:{refund.pk}:{n}" for n in range(1, refund.attempts + 1))]
    resolve_work_items(keys=keys, resolution=words)


def _move(refund: Refund, target: str) -> None:
    if target not in refund_rules.AFTER_ISSUE.get(refund.state, ()):
        raise RefusedPayment(f"a refund that is {refund.state} does not become {target}")
    refund.state = target


def _paid_leg(refund: Refund) -> LedgerTransfer:
    """The standing transfer out of the bank."""
    rows = LedgerTransfer.objects.filter(
        credit_kind="BANK", debit_kind="REFUND", debit_subject=refund.subject, debit_bucket=refund.ledger_id
    )
    undone = LedgerTransfer.objects.filter(reverses__in=rows.values_list("key", flat=True)).values_list("reverses")
    return rows.exclude(key__in=undone).order_by("-sequence")[0]


def _pay_leg(refund: Refund, *, note: str = "") -> None:
    refund.attempts += 1
    post_transfers(
        transfers=[
            refund_rules.pay_again(
                subject=refund.subject, practice_id=str(refund.practice_id), ledger_id=refund.ledger_id,
                amount=refund.amount, attempt=refund.attempts, on=clock.today(), note=note,
            )
        ]
    )  # fmt: skip


# Credit from one line to another --------------------------------------------------------------------------------------


def transfer_credit(*, refund: Refund, line_ids: Iterable[str], reason: str) -> Decimal:
    """A patient's own credit onto what the same patient owes on other lines; says how much moved.

    A payer's credit is never moved: it is the payer's. Raises RefusedPayment.
    """
    _locked(refund)
    if refund.patient_id is None or refund.payer_id is not None or refund.state in (*CLOSED, "APPROVED"):
        raise RefusedPayment("only a patient's own open credit is moved")
    if not reason.strip():
        raise RefusedPayment("a credit is not moved without a reason")
    owner, number = str(refund.patient_id), next_number(name="credit_transfer")
    list(Encounter.objects.select_for_update().filter(patient=owner).order_by("pk").values_list("pk"))
    wanted = list(
        ChargeLine.objects.filter(patient=owner, line_id__in=list(line_ids)).values_list("line_id", flat=True)
    )
    balances = line_balances([*wanted, *([refund.line_id] if refund.line_id else [])])
    source = receivable(refund.line_id, refund.bucket) if refund.line_id else credit_account(owner)
    left = -balances[refund.line_id].get(refund.bucket, ZERO) if refund.line_id else refund.amount
    entries, moved = [], ZERO
    for line_id in wanted:
        amount = min(left - moved, balances[line_id].get("PAT", ZERO))
        if amount > 0 and line_id != refund.line_id:
            entries.append(
                transfer(
                    debit=source, credit=receivable(line_id, "PAT"), amount=amount, key=f"credit/{number}/{line_id}",
                    entry_type=EntryType.APPLY, effective_date=clock.today(), note=reason.strip()[:200],
                )
            )  # fmt: skip
            moved += amount
    if not moved:
        raise RefusedPayment("none of these lines is owed by the patient")
    post_transfers(transfers=[entry for entry in entries if entry is not None])
    list_credits(encounter_ids=encounters_of([*wanted, refund.line_id]))
    list_patient_credits(patient_ids=[owner])
    record_audit(action="credit.moved", subject_type="refund", subject_id=refund.pk, detail=f"{moved} by {actor()}")
    return moved


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Approved credits of one payer at one practice that one check may pay. `key` changes with what is in it."""

    key: str
    payer: str
    practice: str
    refunds: tuple[Refund, ...]
    amount: Decimal


def batches() -> list[Batch]:
    """Where two credits or more could go by one check."""
    rows: dict[tuple[UUID, UUID], list[Refund]] = {}
    approved = Refund.objects.filter(payer__isnull=False, practice__isnull=False, state="APPROVED", recoup=False)
    for row in approved.select_related("payer", "practice").order_by("payer__name", "practice__name", "key"):
        rows.setdefault((row.payer_id, row.practice_id), []).append(row)
    return [
        Batch(
            key=hashlib.sha256("|".join(f"{row.pk}{row.amount}" for row in several).encode()).hexdigest()[:16],
            payer=several[0].payer.name, practice=several[0].practice.name, refunds=tuple(several),
            amount=sum((row.amount for row in several), ZERO),
        )
        for several in rows.values()
        if len(several) > 1
    ]  # fmt: skip
