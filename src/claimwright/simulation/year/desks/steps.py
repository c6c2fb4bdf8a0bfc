"""How a desk takes one step: in its own savepoint, counted, and left for another day where the rules refuse it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from claimwright.simulation.year.workplace import Workplace
from claimwright.web.accounts.periods import PeriodClosed
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist


def attempt(counts: Counter[str], word: str, step: Callable[[], object]) -> bool:
    """Take one step of the office's services. A refusal in words changes nothing and is counted as `word refused`."""
    try:
        with transaction.atomic():
            step()
    except (ValueError, PermissionError, PeriodClosed):
        counts[f"{word} refused"] += 1
        return False
    counts[word] += 1
    return True


def items(
    place: Workplace, day: date, worklists: Iterable[Worklist], *, after_days: int = 2, share: str = "1"
) -> list[WorkItem]:
    """Open items of the lists that lie for `after_days` or more; of these a `share` is worked today, by seeded chance.

    Keys of items hold random ids: the order goes by what the item says, so that the same seed works the same items.
    """
    rows = WorkItem.objects.filter(
        worklist__in=[one.value for one in worklists], state=WorkItem.State.OPEN,
        raised_on__lte=day - timedelta(days=after_days),
    ).order_by("raised_on", "worklist", "claim_number", "file_name", "segment", "reason_code", "reason", "amount")  # fmt: skip
    part = Decimal(share)
    return [
        row
        for at, row in enumerate(rows)
        if part == 1 or place.chance("worked", row.worklist, row.claim_number or at, row.raised_on, day) < part
    ]
