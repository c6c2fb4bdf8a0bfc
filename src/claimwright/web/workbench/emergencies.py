"""Opening a page in an emergency: asked on the page of a refusal, granted to the door for an hour."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from claimwright.web.core import emergency
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.workbench.pages import action, back
from claimwright.web.workbench.policies import IN_EMERGENCY, OF_PERMISSION, opens_in_emergency

BANNERS = "emergency"  # of the session: what stands open, for the banner of every page


def is_open(request: HttpRequest, address: str) -> bool:
    """Whether the address stands open to this person by an emergency. Each use is a row of the audit log."""
    permission = opens_in_emergency(getattr(request.user, "role", ""), address)
    if not permission or not isinstance(request.user, User):
        return False
    opened = emergency.opened_by(request.user)
    if permission not in opened.permissions or opened.until is None:
        return False
    _remember(request, permission, opened.until.timestamp())
    record_audit(action="emergency.used", subject_type="address", subject_id=address[:64])
    return True


@action(does="emergency.open")
def open_in_emergency(request: HttpRequest) -> HttpResponse:
    permission = request.POST.get("permission", "")
    policy = OF_PERMISSION.get(permission)
    if policy is None or permission not in IN_EMERGENCY:
        messages.error(request, "That is not opened in an emergency.")
        return back(request, reverse("home"))
    assert isinstance(request.user, User)
    try:
        row = emergency.open_in_emergency(
            user=request.user, permission=permission, reason=request.POST.get("reason", "")
        )
    except emergency.NotOpened as reason:
        messages.error(request, str(reason))
    else:
        _remember(request, permission, row.until.timestamp())
    return back(request, reverse("home"))


def _remember(request: HttpRequest, permission: str, until: float) -> None:
    request.session[BANNERS] = {**request.session.get(BANNERS, {}), permission: until}


def banners(request: HttpRequest) -> list[dict[str, object]]:
    """What stands open by an emergency in this session: words and minutes left."""
    now = timezone.now().timestamp()
    return [
        {"words": OF_PERMISSION[permission].does, "minutes": int((until - now) // 60) + 1}
        for permission, until in request.session.get(BANNERS, {}).items()
        if until > now and permission in OF_PERMISSION
    ]
