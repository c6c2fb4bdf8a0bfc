"""Held CLPs and PLB pairs as places of money: each one's Suspense account, its rows, and in and out of being held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from claimwright.billing.posting.provider_adjustments import place_of as place_of_adjustment
from claimwright.claims.nouns import ZERO
from claimwright.claims.nouns import ProviderAdjustment as ProviderAdjustmentNoun
from claimwright.ledger.accounts import Account, Kind
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.payments import models

HELD = "held"
RETURNED = "returned"  # the payer has its money back: by our check, or it took it with a later payment

Held = models.ClaimPayment | models.ProviderAdjustment


def amount_of(item: Held) -> Decimal:
    """What of it stands in Suspense while it is held, in dollars; below zero where the payer took money."""
    return item.paid if isinstance(item, models.ClaimPayment) else -item.amount


def segment_of(item: Held) -> int:
    return item.segment if isinstance(item, models.ClaimPayment) else _noun(item).segment


def place_of(item: Held) -> str:
    """Its place in its payment, as posting names it: CLP12, or PLB40.2."""
    if isinstance(item, models.ClaimPayment):
        return f"CLP{item.segment}"
    return place_of_adjustment(_noun(item), item.ordinal)


def account_of(item: Held) -> Account:
    return Account(Kind.SUSPENSE, item.remittance.number, place_of(item))


def _noun(row: models.ProviderAdjustment) -> ProviderAdjustmentNoun:
    return msgspec.convert(row.remittance.content["provider_adjustments"][row.ordinal - 1], ProviderAdjustmentNoun)


def item_at(number: str, place: str) -> Held:
    """The CLP or PLB pair of a payment by its place, locked. Raises LookupError where there is none."""
    remittance = models.Remittance.objects.select_for_update(of=("self",)).get(number=number)
    rows: Sequence[Held]
    if place.startswith("CLP"):
        rows = list(remittance.claim_payments.select_for_update(of=("self",)).filter(segment=int(place[3:])))
    else:
        ordinal = int(place.rpartition(".")[2])
        rows = list(remittance.provider_adjustments.select_for_update(of=("self",)).filter(ordinal=ordinal))
    if not rows:
        raise LookupError(f"payment {number} has no {place}")
    rows[0].remittance = remittance
    return rows[0]


def key_of(item: Held) -> str:
    """Of its row on the list of credits, as long as no check for it is out."""
    return f"held:{item.remittance.number}:{place_of(item)}"


def credit_of(item: Held) -> models.Refund | None:
    """Its row on the list of credits, where somebody said that it is the payer's and it is not back yet."""
    rows = models.Refund.objects.filter(key=key_of(item), issued_on__isnull=True)
    return rows.exclude(state__in=["CLEARED", "RECOUPED"]).first()


def credits_of(remittance: models.Remittance) -> dict[str, models.Refund]:
    """Those of all held places of a payment, by `key_of`."""
    rows = models.Refund.objects.filter(key__startswith=f"held:{remittance.number}:", issued_on__isnull=True)
    return {row.key: row for row in rows.exclude(state__in=["CLEARED", "RECOUPED"])}


def off_the_credits(item: Held, words: str) -> None:
    """It is owed back no more: taken, or ours after all."""
    refund = credit_of(item)
    if refund is None:
        return
    resolve_work_items(keys=[refund.key], resolution=words)
    refund.state = "RECOUPED" if refund.recoup and item.state == RETURNED else "CLEARED"
    refund.note, refund.amount, refund.key = f"{refund.note} {words}".strip(), ZERO, f"{refund.key}:{refund.pk}"[:120]
    refund.save(update_fields=["state", "note", "amount", "key"])


def leave(item: Held, words: str) -> None:
    """Its money has gone back to the payer: it is held no more, off its worklist, and about no claim of ours."""
    item.state = RETURNED
    if isinstance(item, models.ClaimPayment):
        item.version = item.encounter = None
    item.save()
    settle_item(item, words)
    remittance = item.remittance
    waiting = (remittance.claim_payments, remittance.provider_adjustments)
    if not any(rows.filter(state=HELD).exists() for rows in waiting):
        remittance.state = models.Remittance.State.POSTED
        remittance.save(update_fields=["state"])


def settle_item(item: Held, words: str) -> None:
    """Close the one work item that this held place is on its list with."""
    number = item.control_number[:40] if isinstance(item, models.ClaimPayment) else ""
    items = WorkItem.objects.filter(
        subject_id=str(item.remittance_id), subject_type="claim_payment", segment=segment_of(item), claim_number=number,
        amount=amount_of(item),
    ).exclude(state=WorkItem.State.DONE)  # fmt: skip
    first = items.order_by("raised_at", "key").first()
    if first is not None:
        resolve_work_items(pk=first.pk, resolution=words)


def hold_again(parts: Iterable[Mapping[str, str]]) -> None:
    """The payer has our check and has put its money back into the payment: held once more, until it takes it."""
    for part in parts:
        if not part.get("payment"):
            continue
        item = item_at(part["payment"], part["place"])
        item.state = HELD
        item.save(update_fields=["state"])
        remittance = item.remittance
        remittance.state = models.Remittance.State.PARTIAL
        remittance.save(update_fields=["state"])
        claim = item if isinstance(item, models.ClaimPayment) else None
        raise_work_item(
            worklist=(claim.worklist if claim is not None else "") or "provider_adjustments",
            key=f"held-again:{item.pk}", reason_code="ACKNOWLEDGED", amount=amount_of(item),
            reason="The payer acknowledged our check for this money, and has not taken it back in a remittance yet",
            what_to_do="When its reversal or recovery comes, say there that it takes this back; never pay it twice",
            subject_type="claim_payment", subject_id=remittance.pk, segment=segment_of(item), reopen=True,
            claim_number=claim.control_number[:40] if claim is not None else "", practice_id=remittance.practice_id,
        )  # fmt: skip
