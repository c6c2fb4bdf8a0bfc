"""Which practices a person works for: given by a manager or owner, kept by the database (`core/practice_grants.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from claimwright.web.core.models import User
from claimwright.web.core.people import NotAllowed, refusal
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_practices
from claimwright.web.practice.models import Practice


def grant_practices(*, by: User, person: User, practices: Iterable[UUID], every: bool = False) -> None:
    """Limit the person to these practices, or with `every` to none; from her next request on.

    Raises people.NotAllowed: for oneself, for an owner unless by an owner, by somebody who is limited herself, for an owner
    or manager (who decides on people and money of the whole office), for no practice, and for one that there is not.
    """
    if why := refusal(by=by, person=person):
        raise NotAllowed(why)
    if current_practices():
        raise NotAllowed("You are limited to some practices yourself: ask somebody who sees them all.")
    wanted = set() if every else set(practices)
    if not every and not wanted:
        raise NotAllowed("Choose at least one practice, or all of them. To shut a person out, disable her.")
    if wanted and person.role in (User.Role.OWNER, User.Role.MANAGER):
        raise NotAllowed("Owners and managers decide for the whole office: give another role first.")
    known = set(Practice.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if known != wanted:
        raise NotAllowed("There is no such practice.")
    with transaction.atomic():
        person.practice_ids = sorted(wanted)
        person.save(update_fields=["practice_ids"])
        said = "all" if every else " ".join(str(one) for one in person.practice_ids)
        record_audit(action="person.practices", subject_type="user", subject_id=person.pk, detail=said)
