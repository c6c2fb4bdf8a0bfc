"""Virtual cards: a payer sends a card number for a remittance. Recorded as its means of payment, with the fee it costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.codes.money import money
from claimwright.web.cashier import models
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.payments.models import Remittance


class VirtualCardRefused(ValueError):
    """What was asked is not done; the message says why."""


def record_virtual_card(
    *,
    remittance: Remittance,
    last_four: str,
    batch_number: str,
    fee: Decimal,
    run_on: date | None = None,
    note: str = "",
) -> models.VirtualCard:
    """The card of a posted remittance as it was run. The bank then expects the batch, less the fee its line states.

    Only the last four digits are taken: the number is never kept. Raises VirtualCardRefused.
    """
    remittance = Remittance.objects.select_for_update(of=("self",)).get(pk=remittance.pk)
    on = run_on or clock.today()
    if remittance.state not in ("posted", "partial") or remittance.amount <= 0:
        raise VirtualCardRefused("a card pays a posted remittance with an amount")
    if remittance.bank_state == "MATCHED" or models.SlipCheck.objects.filter(remittance=remittance).exists():
        raise VirtualCardRefused("the money of this remittance came another way already")
    if models.VirtualCard.objects.filter(remittance=remittance).exists():
        raise VirtualCardRefused("its card is recorded already")
    if len(last_four) != 4 or not last_four.isdigit() or not batch_number.strip():
        raise VirtualCardRefused("type the last four digits of the card and the terminal's batch number")
    if not 0 <= fee < remittance.amount or fee != money(fee) or on > clock.today():
        raise VirtualCardRefused("the fee is below the payment and not below zero; the day is not ahead")
    made = models.VirtualCard.objects.create(
        remittance=remittance, last_four=last_four, batch_number=batch_number.strip()[:40], run_on=on, fee_amount=fee,
        note=note.strip()[:200], recorded_by=actor(),
    )  # fmt: skip
    record_audit(action="virtual_card.record", subject_type="remittance", subject_id=remittance.pk, detail=str(fee))
    return made


def note_opt_out(*, card: models.VirtualCard, on: date | None = None) -> models.VirtualCard:
    """The payer was asked to pay by EFT: a provider may refuse cards and ask for the standard (45 CFR 162.1601-1602)."""
    card.opted_out_on = on or clock.today()
    card.save(update_fields=["opted_out_on"])
    record_audit(action="virtual_card.opt_out", subject_type="remittance", subject_id=card.remittance_id)
    return card


def cost_of_cards(*, start: date, end: date) -> list[tuple[str, Decimal, Decimal]]:
    """(payer, paid by card, fees) of the days from `start` up to and without `end`, the dearest payer first."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    rows = models.VirtualCard.objects.filter(run_on__gte=start, run_on__lt=end).select_related("remittance__payer")
    for row in rows.defer("remittance__content"):
        name = row.remittance.payer.name if row.remittance.payer else "Payer not known"
        paid, fees = found.get(name, (Decimal("0.00"), Decimal("0.00")))
        found[name] = (paid + row.remittance.amount, fees + row.fee_amount)
    return sorted(((name, paid, fees) for name, (paid, fees) in found.items()), key=lambda one: (-one[2], one[0]))
