"""Whose claim it is, and when a person wants to see it again."""

from __future__ import annotations

from datetime import date

from claimwright.billing.work_in_hand import WorkRefused
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.submissions.models import Claim


def assign_claim(*, claim: Claim, to: User | None) -> None:
    """Give a claim to a person, or to nobody. Raises WorkRefused where that changes nothing, or for who has left."""
    if to is not None and not to.is_active:
        raise WorkRefused("this person no longer signs in")
    name = to.get_username() if to is not None else ""
    if claim.owner == name:
        raise WorkRefused(f"it is {name}'s already" if name else "it is nobody's already")
    claim.owner = name
    claim.save(update_fields=["owner"])
    record_audit(action="claim.assigned", subject_type="claim", subject_id=claim.pk, detail=name or "nobody")


def put_in_hand(*, claim: Claim, owner: User | None, follow_up_on: date | None) -> None:
    """Whose it is and when it is seen again, both as given. Raises WorkRefused, also where neither changes."""
    before = (claim.owner, claim.follow_up_on)
    name = owner.get_username() if owner is not None else ""
    if (name, follow_up_on) == before:
        raise WorkRefused("it has this owner and this day already")
    if follow_up_on != claim.follow_up_on:
        follow_up_claim(claim=claim, on=follow_up_on)
    if name != claim.owner:
        assign_claim(claim=claim, to=owner)


def follow_up_claim(*, claim: Claim, on: date | None) -> None:
    """Note the day, or take it away. Raises WorkRefused for a day that has passed."""
    if on is not None and on < clock.today():
        raise WorkRefused("the day has passed: give today or a later one")
    if claim.follow_up_on == on:
        raise WorkRefused("it has this day already")
    claim.follow_up_on = on
    claim.save(update_fields=["follow_up_on"])
    record_audit(action="claim.follow_up", subject_type="claim", subject_id=claim.pk, detail=str(on or "none"))
