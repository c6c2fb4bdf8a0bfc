"""Held money that is the payer's: on the list of credits, back by our check, or taken with a later remittance.

A CLP that is no claim of ours, or a PLB that nobody can explain, stands in Suspense. The way back is that of every
credit of a payer (`refunds`, `payer_refunds`): asked for, approved by another person, one check. Until a check is out
the money stays held, and can still be released where it proves to be ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from claimwright.billing import refund_rules
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.posting.provider_adjustments import RECOVERY, reference_parts
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import post_transfers
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.payments import models
from claimwright.web.payments.credits import FEDERAL_KINDS
from claimwright.web.payments.held_places import (
    HELD,
    Held,
    account_of,
    amount_of,
    credit_of,
    item_at,
    key_of,
    leave,
    off_the_credits,
    place_of,
    segment_of,
)

MOST_OFFERED = 20  # claims, and pairs, that one takeback is offered
SUBJECTS = {models.ClaimPayment: "claim_payment", models.ProviderAdjustment: "provider_adjustment"}


def owe_back(*, item: Held, note: str) -> models.Refund:
    """The money of a held CLP or PLB is the payer's: on the list of credits, with the clock of a federal payer.

    Nothing moves. Raises RefusedPayment.
    """
    row = item_at(item.remittance.number, place_of(item))
    remittance, amount, key = row.remittance, amount_of(row), key_of(row)
    if row.state != HELD or amount <= 0:
        raise RefusedPayment("only money that is held is given back to the payer")
    if not note.strip():
        raise RefusedPayment("say why it is not ours")
    if remittance.payer is None or remittance.practice is None:
        raise RefusedPayment("say first whose payment it is: it has no payer or no practice of ours")
    if credit_of(row) is not None:
        raise RefusedPayment("it is on the list of credits already")
    _not_paid_before(row)
    for closed in models.Refund.objects.filter(key=key):  # refused before: it frees its key
        models.Refund.objects.filter(pk=closed.pk).update(key=f"{key}:{closed.pk}"[:120])
    today = clock.today()
    refund = models.Refund.objects.create(
        key=key, payer=remittance.payer, practice=remittance.practice, amount=amount, cause="not_ours",
        note=note.strip(), identified_on=today, received_on=remittance.payment_date or remittance.received_on,
        due_on=refund_rules.overpayment_clock(today).due if remittance.payer.kind in FEDERAL_KINDS else None,
        parts=[{"line_id": "", "payment": remittance.number, "place": place_of(row), "amount": str(amount)}],
    )  # fmt: skip
    raise_work_item(
        worklist="credit_balances", key=key, reason_code="NOT_OURS", amount=amount, due_date=refund.due_on,
        reason="We hold money of a payer that is not ours", practice_id=refund.practice_id, subject_type="refund",
        subject_id=refund.pk, what_to_do="Ask for the refund, or let the payer take it from a later payment", reopen=True,
    )  # fmt: skip
    record_audit(action="held.owed_back", subject_type=SUBJECTS[type(row)], subject_id=row.pk, detail=str(amount))
    return refund


def _not_paid_before(item: Held) -> None:
    """Raises RefusedPayment where a check of ours paid it back and the payer acknowledged that: its recovery will come."""
    place = {"payment": item.remittance.number, "place": place_of(item)}
    paid = models.Refund.objects.filter(acknowledged_on__isnull=False, parts__contains=[place]).first()
    if paid is not None:
        raise RefusedPayment(f"our check {paid.reference} paid it back: wait for the remittance that takes it")


def lock_payments(refunds: Iterable[models.Refund]) -> None:
    """The payments whose held money these would send back, before the rows themselves: whoever releases one locks so."""
    numbers = {part["payment"] for row in refunds for part in row.parts if part.get("payment")}
    _lock(numbers)


def _lock(numbers: Iterable[str]) -> None:
    rows = models.Remittance.objects.select_for_update(of=("self",)).filter(number__in=set(numbers))
    list(rows.order_by("number").values_list("pk"))


def send_back(parts: list[refund_rules.Part], words: str) -> None:
    """A check is out for these: the held ones among them are held no more. Raises RefusedPayment where one is not held."""
    for part in parts:
        if part.payment:
            item = item_at(part.payment, part.place)
            if item.state != HELD or amount_of(item) != part.amount:
                raise RefusedPayment("the money is not held any more: somebody has released it")
            leave(item, words)


# Taken with a later remittance ----------------------------------------------------------------------------------------


def held_of(by: Held) -> list[Held]:
    """Held money that a held reversal or an unexplained recovery may take: of its payer, practice and amount.

    Those whose claim number it names come first.
    """
    return held_of_each([by])[by.pk]


def held_of_each(several: Sequence[Held]) -> dict[UUID, list[Held]]:
    """`held_of` of many at once, by their ids."""
    asking = {one.pk: one for one in several if -amount_of(one) > 0 and one.remittance.payer_id is not None}
    whose = {"remittance__payer__in": {one.remittance.payer_id for one in asking.values()}, "state": HELD}
    amounts = {-amount_of(one) for one in asking.values()}
    claims = (
        models.ClaimPayment.objects.filter(paid__in=amounts, **whose)
        .select_related("remittance")
        .defer("remittance__content")
    )
    pairs = models.ProviderAdjustment.objects.filter(amount__in=[-amount for amount in amounts], **whose)
    held: dict[tuple[object, ...], tuple[list[Held], list[Held]]] = defaultdict(lambda: ([], []))
    for row in claims.order_by("remittance__received_on", "segment") if asking else ():
        held[_whose(row, row.paid)][0].append(row)
    for pair in pairs.select_related("remittance").defer("remittance__content").order_by("pk") if asking else ():
        held[_whose(pair, -pair.amount)][1].append(pair)
    found: dict[UUID, list[Held]] = {one.pk: [] for one in several}
    for by in asking.values():
        numbers = _numbers(by) - {""}
        of_claims, of_pairs = held[_whose(by, -amount_of(by))]
        found[by.pk] = sorted(
            [*of_claims[:MOST_OFFERED], *of_pairs[:MOST_OFFERED]], key=lambda one: not numbers & _numbers(one)
        )  # fmt: skip
    return found


def _whose(item: Held, amount: Decimal) -> tuple[object, ...]:
    return item.remittance.payer_id, item.remittance.practice_id, amount


def _numbers(item: Held) -> set[str]:
    if isinstance(item, models.ClaimPayment):
        return {item.control_number, item.payer_claim_number}
    return set(reference_parts(item.reference))


def take_held_back(*, item: Held, by: Held) -> None:
    """A later remittance took the held money: by a reversal that is held itself, or by a WO that named no claim of ours.

    Both are settled with each other, and a credit listed for it is gone. Raises RefusedPayment.
    """
    _lock([item.remittance.number, by.remittance.number])
    row, other = (item_at(one.remittance.number, place_of(one)) for one in (item, by))
    amount = amount_of(row)
    if row.state != HELD or amount <= 0:
        raise RefusedPayment("that money is not held")
    paid, took = row.remittance, other.remittance
    if (paid.payer_id, paid.practice_id) != (took.payer_id, took.practice_id):
        raise RefusedPayment("it was paid by another payer, or to another practice")
    if amount_of(other) != -amount:
        raise RefusedPayment(f"it takes {-amount_of(other)}, and {amount} is held")
    post_transfers(transfers=[_taken(row, other)])
    words = f"Taken back with {took.number}"
    leave(row, words)
    off_the_credits(row, words)
    if isinstance(other, models.ClaimPayment):
        leave(other, f"Took back what was held of {paid.number}")
    else:
        _explain(other, f"Took back what was held of {paid.number}")
    record_audit(action="held.taken_back", subject_type=SUBJECTS[type(row)], subject_id=row.pk, detail=words)


def _taken(row: Held, other: Held) -> Transfer:
    """Suspense against Suspense, or against what the payer's WO left on the payer's account."""
    if isinstance(other, models.ClaimPayment):
        if other.state != HELD:
            raise RefusedPayment("that reversal is not held: it took another payment back")
        account = account_of(other)
    else:
        booked = LedgerTransfer.objects.filter(
            payment=other.remittance.number, debit_kind=Kind.PAYER_OFFSET.value, amount=other.amount,
            key__startswith=f"{other.remittance.number}/{place_of(other)}/",
        ).first()  # fmt: skip
        if other.code != RECOVERY or booked is None or other.settles_id is not None:
            raise RefusedPayment("that recovery is explained already")
        account = Account(Kind.PAYER_OFFSET, booked.debit_subject)
    if LedgerTransfer.objects.filter(key=refund_rules.taken_key(str(other.pk))).exists():
        raise RefusedPayment("it took other money back already")
    return refund_rules.taken_back(account_of(row), account, amount=amount_of(row), by=str(other.pk), on=clock.today())


def _explain(other: models.ProviderAdjustment, words: str) -> None:
    other.note = words[:200]
    other.save(update_fields=["note"])
    items = WorkItem.objects.filter(
        worklist="unidentified_takebacks", subject_id=str(other.remittance_id), segment=segment_of(other),
        amount=other.amount,
    ).exclude(state=WorkItem.State.DONE)  # fmt: skip
    first = items.order_by("raised_at", "key").first()
    if first is not None:
        resolve_work_items(pk=first.pk, resolution=words)
