"""The one place where the table of policies is enforced: before any view, for every address, on every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from claimwright.web.core.services import record_audit
from claimwright.web.workbench.emergencies import is_open
from claimwright.web.workbench.pages import show
from claimwright.web.workbench.policies import (
    OF_ADDRESS,
    OWN,
    is_public,
    is_whole_office,
    may_open,
    may_see_worklist,
    opens_in_emergency,
)

SAFE_METHODS = ("GET", "HEAD")


class Doorkeeper:
    """Middleware, after the one that opens the tenant. The person is read anew on each request, so a changed role or a
    disabled user counts from the next one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """None lets the request through to its view; any answer here means that the view never runs."""
        match = request.resolver_match
        address = match.view_name if match else ""
        if is_public(address):
            return None
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if address in OWN:
            return None
        if user.tenant_id is None:
            return render(request, "workbench/no_practice.html", status=403)
        if not may_open(user.role, address) or not may_see_worklist(user.role, kwargs.get("worklist", "")):
            if not is_open(request, address):
                return _refused(request, address)
        if is_whole_office(user, address):
            return _refused(request, address)
        if OF_ADDRESS[address].only_reads and request.method not in SAFE_METHODS:
            return HttpResponseNotAllowed(SAFE_METHODS)
        return None


def _refused(request: HttpRequest, address: str) -> HttpResponse:
    """403 in words, and a row of the audit log: refusals in numbers are somebody trying doors."""
    record_audit(action="access.refused", subject_type="address", subject_id=address[:64])
    policy = OF_ADDRESS.get(address)
    role = request.user.get_role_display()  # type: ignore[union-attr]
    if policy is None:
        words = "Nobody may open this address."
    elif is_whole_office(request.user, address):
        words = "This is of the whole office, and you work for some of its practices only."
    elif may_open(request.user.role, address):  # type: ignore[union-attr]
        words = f"This worklist is not open to your role, {role}."
    else:
        words = f"Your role, {role}, may not {policy.does}."
    emergency = opens_in_emergency(request.user.role, address) if request.method in SAFE_METHODS else ""
    response = show(request, "workbench/not_yours.html", {"words": words, "emergency": emergency})
    response.status_code = 403
    add_never_cache_headers(response)
    return response
