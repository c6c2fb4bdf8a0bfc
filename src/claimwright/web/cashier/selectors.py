"""What waits at the counter, what is blocked, and how the bank sees slips and virtual cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from claimwright.billing.bank_matching import Expected, ExpectedKind
from claimwright.billing.patient_money import checks_blocked_until as blocked_until
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.bank.groups import MoneyGroup
from claimwright.web.bank.selectors import AWAITING
from claimwright.web.cashier import models
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import PatientReceipt, Remittance
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of


def checks_blocked_until(*, patient: Patient, practice: Practice) -> date | None:
    """The day from which a patient's checks are taken again. Read from the receipts, so that what the bank returned by
    itself counts like what a person recorded."""
    rows = PatientReceipt.objects.filter(patient=patient, method="check", state="returned")
    return blocked_until(list(returned_days(rows).values()), policies_of(practice))


def returned_days(receipts: Iterable[PatientReceipt]) -> dict[object, date]:
    """Receipt to the day on which it was undone in the ledger."""
    keys = {f"returned/{one.pk}/1": one.pk for one in receipts}
    found = LedgerTransfer.objects.filter(key__in=list(keys)).values_list("key", "effective_date")
    return {keys[key]: on for key, on in found}


def undeposited(practice: Practice) -> QuerySet[models.CounterReceipt]:
    """Checks, and the cash of closed drawers, on no slip and not at the bank; oldest first."""
    rows = models.CounterReceipt.objects.filter(
        slip=None, receipt__practice=practice, receipt__state="posted", receipt__is_at_bank=False,
        receipt__method__in=["cash", "check"],
    ).exclude(receipt__method="cash", drawer__isnull=True)  # fmt: skip
    return (
        rows.exclude(drawer__state__in=["open", "counted"])
        .select_related("receipt__patient", "drawer")
        .order_by("taken_at", "number")
    )


def next_to_deposit(practice: Practice, most: int) -> list[models.CounterReceipt]:
    """The oldest of what waits, about `most` of it: the cash of a drawer is never cut, since it goes to the bank whole."""
    waiting = undeposited(practice)
    found = list(waiting[:most])
    drawers = {one.drawer_id for one in found if one.drawer_id}
    return found + list(waiting.filter(drawer__in=drawers).exclude(pk__in=[one.pk for one in found]))


def undeposited_checks(practice: Practice) -> QuerySet[Remittance]:
    """Posted payers' checks that are neither on a slip nor at the bank."""
    return Remittance.objects.filter(
        practice=practice, method="CHK", state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0,
        slip_of__isnull=True, bank_state=AWAITING,
    ).order_by("received_on", "number")  # fmt: skip


def slip_is_at_bank(slip: models.DepositSlip) -> bool:
    """Read from the money's own rows: matches are closed to a person who is limited to some practices."""
    if slip.receipts.filter(receipt__is_at_bank=True).exists():
        return True
    return slip.checks.filter(remittance__deposit__isnull=False).exists()


def money_groups() -> list[MoneyGroup]:
    """Slips and virtual cards as the bank will show them: one sum for what the books hold as several, or as another."""
    return [*_slips(), *_virtual_cards()]


def _slips() -> list[MoneyGroup]:
    found = []
    # Begun from the money that waits: of the slips of years the bank has shown all but these.
    receipts = models.CounterReceipt.objects.filter(
        slip__isnull=False, receipt__state="posted", receipt__is_at_bank=False
    )
    checks = models.SlipCheck.objects.filter(remittance__deposit__isnull=True)
    waiting = models.DepositSlip.objects.filter(
        Q(pk__in=receipts.values("slip")) | Q(pk__in=checks.values("slip")), is_void=False
    )
    slips = list(waiting)
    members: dict[object, list[str]] = defaultdict(list)
    on_slips = models.CounterReceipt.objects.filter(slip__in=[slip.pk for slip in slips], receipt__state="posted")
    for slip_id, receipt_id in on_slips.values_list("slip", "receipt"):
        members[slip_id].append(f"receipt:{receipt_id}")
    for slip_id, remittance_id in models.SlipCheck.objects.filter(slip__in=[slip.pk for slip in slips]).values_list(
        "slip", "remittance"
    ):
        members[slip_id].append(f"remittance:{remittance_id}")
    for slip in slips:
        found.append(
            MoneyGroup(
                expected=Expected(
                    expected_id=f"slip:{slip.pk}", kind=ExpectedKind.RECEIPT, method="SLIP", batch_number=slip.number,
                    amount=slip.cash_amount + slip.check_amount, paid_on=slip.made_on,
                    practice_id=str(slip.practice_id),
                ),
                members=tuple(members[slip.pk]), difference=slip.over_short_amount, is_booked=True,
            )
        )  # fmt: skip
    return found


def _virtual_cards() -> list[MoneyGroup]:
    rows = models.VirtualCard.objects.select_related("remittance").defer("remittance__content")
    return [
        MoneyGroup(
            expected=Expected(
                expected_id=f"virtual_card:{row.pk}", kind=ExpectedKind.REMITTANCE, amount=row.remittance.amount,
                paid_on=row.run_on, method="CARD", batch_number=row.batch_number,
                practice_id=str(row.remittance.practice_id or ""),
            ),
            members=(f"remittance:{row.remittance_id}",),
        )
        for row in rows
    ]  # fmt: skip
