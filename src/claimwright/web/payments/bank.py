"""Money at the bank: each deposit tied to the posted remittance it is the money of, or on its worklist."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Q

from claimwright.billing import deposits
from claimwright.billing.bank_reconciliation import missing_from
from claimwright.web.accounts.services import post_transfers
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.core.tenancy import every_practice
from claimwright.web.payments import models
from claimwright.web.practice.models import Practice


def record_deposit(
    *, kind: str, trace_number: str, trace_payer_id: str, amount: Decimal, effective_date: date,
    practice: Practice | None = None,
) -> models.Deposit:  # fmt: skip
    """Money seen at the bank, matched to its remittance by trace, payer and amount; else on its worklist."""
    key = f"{kind}:{trace_payer_id}:{trace_number}:{amount}"
    deposit, new = models.Deposit.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind, "trace_number": trace_number, "trace_payer_id": trace_payer_id, "amount": amount,
            "effective_date": effective_date, "practice": practice, "state": "UNMATCHED_EFT",
        },
    )  # fmt: skip
    if new:
        match_deposit(deposit=deposit)
    return deposit


def announce_deposit(*, key: str, who: str, amount: Decimal, on: date, practice: Practice) -> models.Deposit:
    """Money that somebody who is no payer says is on its way, an agency for example, and that is booked by now.

    It is looked for at the bank like any other, and stands on the worklist of deposits until it is found there.
    """
    deposit, new = models.Deposit.objects.get_or_create(
        key=key,
        defaults={
            "kind": "EFT", "trace_payer_id": who[:30], "amount": amount, "effective_date": on, "practice": practice,
            "state": "ANNOUNCED",
        },
    )  # fmt: skip
    if new:
        list_announced(deposit=deposit)
    return deposit


def list_announced(*, deposit: models.Deposit) -> None:
    raise_work_item(
        worklist="deposits", key=f"deposit:{deposit.pk}", reason_code="ANNOUNCED", amount=deposit.amount,
        subject_type="deposit", subject_id=deposit.pk, due_date=missing_from(deposit.effective_date), practice_id=deposit.practice_id, reopen=True,
        reason=f"{deposit.trace_payer_id} says this money was sent; the bank has not shown it yet",
        what_to_do="Match it when it comes; if it is late, ask for the check's or the transfer's number",
    )  # fmt: skip


def match_waiting_deposits(*, trace_number: str) -> None:
    """Money that came before its remittance is tied to it once that has posted, whoever posts it.

    A notice that names no practice of ours is shown to nobody who is limited to some: it is looked for in all.
    """
    if not trace_number:
        return
    with every_practice():
        waiting = models.Deposit.objects.filter(trace_number=trace_number, remittance__isnull=True)
        for deposit in waiting.exclude(state="CLOSED").order_by("effective_date", "key"):
            match_deposit(deposit=deposit)


def match_deposit(*, deposit: models.Deposit) -> models.Deposit:
    """Tie a deposit to the posted remittance it is the money of; amounts that differ are shown, never forced."""
    expected = models.Remittance.objects.filter(
        state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0
    ).filter(Q(trace_number=deposit.trace_number) | Q(amount=deposit.amount))
    rows = {row.number: row for row in expected}
    notice = deposits.Deposit(
        deposit_id=str(deposit.pk), amount=deposit.amount, effective_date=deposit.effective_date,
        trace_number=deposit.trace_number, trace_payer_id=deposit.trace_payer_id,
    )  # fmt: skip
    found = deposits.reassociate(
        [notice],
        [
            deposits.ExpectedPayment(
                payment_id=row.number, amount=row.amount, payment_date=row.payment_date or row.received_on,
                trace_number=row.trace_number, trace_payer_id=row.trace_payer_id,
            )
            for row in rows.values()
        ],
    )  # fmt: skip
    match = next(one for one in found if one.deposit_id == str(deposit.pk))
    deposit.state = match.state.value
    if match.state is deposits.DepositState.MATCHED:
        _clear(deposit, rows[match.payment_id], match)
    else:
        _list_deposit(deposit, match)
    deposit.save(update_fields=["state", "remittance", "practice"])
    return deposit


def _clear(deposit: models.Deposit, remittance: models.Remittance, match: deposits.DepositMatch) -> None:
    post_transfers(
        transfers=deposits.clear(
            match, amount=deposit.amount, on=deposit.effective_date,
            practice_id=str(deposit.practice_id or remittance.practice_id),
        )
    )  # fmt: skip
    deposit.remittance, deposit.practice = remittance, deposit.practice or remittance.practice
    remittance.bank_state = "MATCHED"
    remittance.save(update_fields=["bank_state"])
    keys = [f"deposit:{deposit.pk}", f"era-without-eft:{remittance.number}"]
    resolve_work_items(keys=keys, resolution="Matched")


def _list_deposit(deposit: models.Deposit, match: deposits.DepositMatch) -> None:
    differs = match.state is deposits.DepositState.AMOUNT_DIFF
    raise_work_item(
        worklist="deposits" if differs else "eft_without_era", key=f"deposit:{deposit.pk}",
        reason_code=match.state.value, amount=match.difference, subject_type="deposit", subject_id=deposit.pk,
        practice_id=deposit.practice_id,
        reason=(
            f"The bank and remittance {match.payment_id} differ by {match.difference}"
            if differs
            else "Money came to the bank and no remittance explains it"
        ),
        what_to_do=(
            "Compare both with the payer"
            if differs
            else "Ask the payer for the 835 of this trace number; nothing is booked until then"
        ),
    )  # fmt: skip
    if differs:  # it may have waited on the other list before the remittance came
        WorkItem.objects.filter(key=f"deposit:{deposit.pk}").update(
            worklist="deposits", reason_code=match.state.value, amount=match.difference,
            reason=f"The bank and remittance {match.payment_id} differ by {match.difference}",
            what_to_do="Compare both with the payer",
        )  # fmt: skip


def list_missing_deposits() -> int:
    """Posted payments whose money is late by the operating rules: on the list of remittances without a deposit."""
    today = clock.today()
    listed = 0
    for row in models.Remittance.objects.filter(
        state__in=["posted", "partial"],
        deposit__isnull=True,
        amount__gt=0,
        bank_state="AWAITING_FUNDS",
        received_on__lt=today,
    ).defer("content"):
        if missing_from(max(row.payment_date or row.received_on, row.received_on)) > today:
            continue
        raise_work_item(
            worklist="era_without_eft", key=f"era-without-eft:{row.number}", reason_code="UNMATCHED_ERA",
            amount=row.amount, reason="The remittance is posted and its money has not come to the bank",
            what_to_do="Ask the payer for the payment of this trace number", subject_type="remittance",
            subject_id=row.pk, practice_id=row.practice_id,
        )  # fmt: skip
        listed += 1
    return listed
