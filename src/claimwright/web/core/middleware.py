"""Each request runs in one transaction, in its user's tenant, as its user; idle sessions end."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        seconds = timezone.now().timestamp()
        if seconds - request.session.get("last_seen", seconds) > settings.SESSION_IDLE_SECONDS:
            logout(request)
            return self.get_response(request)
        request.session["last_seen"] = seconds
        if user.tenant_id is None:
            return self.get_response(request)
        with tenant_scope(user.tenant), acting_as(user.get_username()):
            response = self.get_response(request)
            if hasattr(response, "render") and callable(response.render) and not getattr(response, "is_rendered", True):
                response.render()
            if response.status_code >= 500:
                from django.db import transaction

                transaction.set_rollback(True)
            return response
