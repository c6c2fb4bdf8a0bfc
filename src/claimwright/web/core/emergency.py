"""Access in an emergency: what a person's role or practices do not open, opened for an hour with a stated reason.

Loud by design (45 CFR 164.312(a)(2)(ii)): a row of the audit log when it opens and at each use, a banner on every page
while it lasts, and an item on a worklist until a manager or owner other than the person has reviewed it.

`opened_by` is the one question others ask: the doorkeeper asks it by permission, rules about practices by practice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from claimwright.web.core.models import User
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.sign_in_models import EmergencyAccess
from claimwright.web.core.worklists import Worklist

MINUTES = 60
SHORTEST_REASON = 10


class NotOpened(ValueError):
    """It was not opened, or not reviewed; the text says why."""


@dataclass(frozen=True)
class Opened:
    """What stands open to a person now: names of permissions, ids of practices, and until when the last of it does."""

    permissions: frozenset[str] = field(default_factory=frozenset)
    practice_ids: frozenset[UUID] = field(default_factory=frozenset)
    until: datetime | None = None


def opened_by(user: User) -> Opened:
    """What this person has opened in an emergency and still stands open. Inside the person's tenant scope."""
    rows = list(EmergencyAccess.objects.filter(person_id=user.pk, until__gt=timezone.now()))
    return Opened(
        permissions=frozenset(row.permission for row in rows if row.permission),
        practice_ids=frozenset(row.opened_practice_id for row in rows if row.opened_practice_id),
        until=max((row.until for row in rows), default=None),
    )


def open_in_emergency(
    *, user: User, reason: str, permission: str = "", practice_id: UUID | None = None
) -> EmergencyAccess:
    """Open one permission, or one practice, to the person for an hour. Raises NotOpened without a real reason.

    Which permissions may be opened so is the caller's table; a practice is of the tenant, or the database refuses.
    """
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        raise NotOpened(f"Say why in at least {SHORTEST_REASON} letters: somebody will read it.")
    if not permission and practice_id is None:
        raise NotOpened("Say what is to be opened.")
    now = timezone.now()
    row = EmergencyAccess.objects.create(
        person_id=user.pk, person=user.get_username(), permission=permission, opened_practice_id=practice_id,
        reason=words[:400], opened_at=now, until=now + timedelta(minutes=MINUTES),
    )  # fmt: skip
    what = permission or f"practice {practice_id}"
    record_audit(action="emergency.opened", subject_type="emergency", subject_id=row.pk, detail=what)
    raise_work_item(
        worklist=Worklist.EMERGENCY_ACCESS, key=f"emergency|{row.pk}", reason_code="EMERGENCY_ACCESS",
        reason=f"{row.person} opened {what} for {MINUTES} minutes: {row.reason}",
        what_to_do="Look in the audit log what was read, and review it on the page of people.",
        subject_type="emergency", subject_id=row.pk,
    )  # fmt: skip
    return row


def to_review() -> list[EmergencyAccess]:
    """What nobody has reviewed yet, oldest first."""
    return list(EmergencyAccess.objects.filter(reviewed_at=None).order_by("opened_at"))


def review(*, by: User, access_id: UUID, words: str) -> None:
    """Somebody other than the person has looked, and says what she found. Raises NotOpened."""
    row = EmergencyAccess.objects.filter(pk=access_id).first()
    if row is None or row.reviewed_at is not None:
        raise NotOpened("It is reviewed already.")
    if row.person_id == by.pk:
        raise NotOpened("Nobody reviews her own: ask another manager or owner.")
    if not words.strip():
        raise NotOpened("Say what you found.")
    row.reviewed_by, row.reviewed_at, row.review = by.get_username(), timezone.now(), words.strip()[:400]
    row.save(update_fields=["reviewed_by", "reviewed_at", "review"])
    resolve_work_items(keys=[f"emergency|{row.pk}"], resolution=row.review)
    record_audit(action="emergency.reviewed", subject_type="emergency", subject_id=row.pk)
