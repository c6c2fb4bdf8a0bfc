"""Opening a page in an emergency: asked on the page of a refusal, granted to the door for an hour."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from claimwright.web.core import emergency
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import every_practice
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.pages import action, back
from claimwright.web.workbench.policies import IN_EMERGENCY, OF_PERMISSION, may, opens_in_emergency

BANNERS = "emergency"  # of the session: what stands open, for the banner of every page


def is_open(request: HttpRequest, address: str) -> bool:
    """Whether the address stands open to this person by an emergency. Each use is a row of the audit log."""
    permission = opens_in_emergency(getattr(request.user, "role", ""), address)
    if not permission or not isinstance(request.user, User):
        return False
    opened = emergency.opened_by(request.user)
    if permission not in opened.permissions or opened.until is None:
        return False
    _remember(request, OF_PERMISSION[permission].does, opened.until.timestamp())
    record_audit(action="emergency.used", subject_type="address", subject_id=address[:64])
    return True


def closed_practices(request: HttpRequest) -> list[tuple[UUID, str]]:
    """Ids and names of the practices that this person does not see, for her to open one in an emergency."""
    user = request.user
    if not isinstance(user, User) or not user.practice_ids or not may(request, "open_in_emergency"):
        return []
    seen = {*user.practice_ids, *emergency.opened_by(user).practice_ids}
    with every_practice():  # their names, and nothing of their patients
        return list(Practice.objects.exclude(pk__in=seen).order_by("name").values_list("pk", "name"))


@action(does="emergency.open")
def open_in_emergency(request: HttpRequest) -> HttpResponse:
    """One permission, or one practice, for an hour."""
    assert isinstance(request.user, User)
    permission, practice = request.POST.get("permission", ""), request.POST.get("practice", "")
    policy, names = OF_PERMISSION.get(permission), {str(key): name for key, name in closed_practices(request)}
    if practice in names:
        wanted, words = {"practice_id": UUID(practice)}, f"see what is of {names[practice]}"
    elif policy is not None and permission in IN_EMERGENCY:
        wanted, words = {"permission": permission}, policy.does
    else:
        messages.error(request, "That is not opened in an emergency.")
        return back(request, reverse("home"))
    try:
        row = emergency.open_in_emergency(user=request.user, reason=request.POST.get("reason", ""), **wanted)
    except emergency.NotOpened as reason:
        messages.error(request, str(reason))
    else:
        _remember(request, words, row.until.timestamp())
    return back(request, reverse("home"))


def _remember(request: HttpRequest, words: str, until: float) -> None:
    request.session[BANNERS] = {**request.session.get(BANNERS, {}), words: until}


def banners(request: HttpRequest) -> list[dict[str, object]]:
    """What stands open by an emergency in this session: words and minutes left."""
    now = timezone.now().timestamp()
    return [
        {"words": words, "minutes": int((until - now) // 60) + 1}
        for words, until in request.session.get(BANNERS, {}).items()
        if until > now
    ]
