"""A remittance that waited for a look, posted as a whole once a person has looked: each part by the rules."""

from __future__ import annotations

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from claimwright.billing.posting.claim import REVERSAL
from claimwright.billing.posting.plan import Worklist
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import record_audit
from claimwright.web.payments import models
from claimwright.web.payments.release import HELD, ReleaseRefused, release_held, release_provider_adjustment


class LookedOver(msgspec.Struct, frozen=True):
    """How many parts posted, and of each that the rules still hold its place and why."""

    posted: int
    still_held: tuple[tuple[str, str], ...]


def waits_for_a_look(*, remittance: models.Remittance) -> bool:
    """Whether anything of it is held by automation alone."""
    return _items(remittance).exists()


def _items(remittance: models.Remittance) -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(
        worklist=Worklist.BEFORE_POSTING.value, subject_id=str(remittance.pk), subject_type="claim_payment"
    ).exclude(state=WorkItem.State.DONE)


@transaction.atomic
def post_looked_over(*, remittance: models.Remittance) -> LookedOver:
    """Post whatever waited for a look alone, reversals first. What other rules hold stays held and is told.

    Raises ReleaseRefused where nothing waits.
    """
    waiting = list(remittance.claim_payments.filter(state=HELD, worklist=Worklist.BEFORE_POSTING.value))
    waiting.sort(key=lambda row: (row.status != REVERSAL, row.segment))
    pairs = remittance.provider_adjustments.filter(state=HELD).order_by("ordinal")
    of_pairs = list(pairs) if _items(remittance).filter(claim_number="").exists() else []
    if not waiting and not of_pairs:
        raise ReleaseRefused("nothing of it waits for a look: somebody has posted it")
    posted, still = 0, []
    for row in waiting:
        try:
            with transaction.atomic():
                release_held(claim_payment=row)
            posted += 1
        except ReleaseRefused as refused:
            still.append((f"claim {row.control_number}", str(refused)))
    for pair in of_pairs:
        try:
            with transaction.atomic():
                release_provider_adjustment(adjustment=pair)
            posted += 1
        except ReleaseRefused as refused:
            still.append((f"adjustment {pair.code}", str(refused)))
    record_audit(
        action="remittance.looked_over", subject_type="remittance", subject_id=remittance.pk,
        detail=f"{posted} posted, {len(still)} held",
    )  # fmt: skip
    return LookedOver(posted, tuple(still))
