"""What every page holds for its session: the guard that ends it in time, and banners of what is out of the ordinary."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from claimwright.web.core import passkeys
from claimwright.web.core.models import User
from claimwright.web.core.sessions import mark_of, second_factor_required, seconds_left
from claimwright.web.workbench.emergencies import banners

register = template.Library()


@register.inclusion_tag("workbench/_session_guard.html", takes_context=True)
def session_guard(context: Any) -> dict[str, object]:
    """Asks nothing of the database: every page has it."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {
        "user": user, "mark": mark_of(user), "left": seconds_left(request.session),
        "idle": settings.SESSION_IDLE_SECONDS, "second_factor_off": not second_factor_required(),
        "emergencies": banners(request), "passkeys": passkeys.usable(request), "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
