"""What the day brings to money that is owed back or was not paid as agreed: safe to run again."""

from __future__ import annotations

from claimwright.web.bank.models import BankMatchPart
from claimwright.web.bank.selectors import standing_matches
from claimwright.web.payments.models import Refund
from claimwright.web.payments.payer_refunds import clear_refund, list_dormant_refunds, reopen_refund
from claimwright.web.recoveries.agencies import list_agency_reviews
from claimwright.web.recoveries.disputes import list_late_disputes
from claimwright.web.recoveries.takebacks import list_takebacks
from claimwright.web.recoveries.underpaid import compare_posted


def follow_recoveries_of_the_day() -> None:
    """Decisions against contracts, disputes that are late, checks the bank paid or nobody cashed, debts to review."""
    compare_posted()
    list_late_disputes()
    clear_refunds_at_bank()
    list_dormant_refunds()
    list_agency_reviews()
    list_takebacks()


def clear_refunds_at_bank() -> int:
    """A check that a bank line paid is cleared, one whose match was undone is out again; says how many changed.

    Matching does so itself, and here it is only made good where a match is older than that.
    """
    paid = {
        part.refund_id: part.match.effective_on
        for part in BankMatchPart.objects.filter(match__in=standing_matches(), refund__isnull=False).select_related(
            "match"
        )
    }
    changed = 0
    for row in Refund.objects.filter(pk__in=paid, state="ISSUED"):
        clear_refund(refund=row, on=paid[row.pk])
        changed += 1
    for row in Refund.objects.filter(state="CLEARED", cleared_on__isnull=False).exclude(pk__in=paid):
        reopen_refund(refund=row)
        changed += 1
    return changed
