"""Each request runs in one transaction, in its user's tenant and practices, as its user; sessions that are over end.

Before that, what no row can hold is refused: a NUL stands in no text that a person types, and PostgreSQL takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claimwright.web.core.clock import zone_of
from claimwright.web.core.emergency import opened_by
from claimwright.web.core.models import User
from claimwright.web.core.services import acting_as
from claimwright.web.core.sessions import end_session, is_over, touch
from claimwright.web.core.tenancy import tenant_scope


def _practices_of(user: User) -> tuple[UUID, ...]:
    """Those that the person was given, and what an emergency opened for a while; empty: all. Read anew each time."""
    if not user.practice_ids:
        return ()
    with tenant_scope(user.tenant):
        return (*user.practice_ids, *opened_by(user).practice_ids)


NUL = "\x00"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NoNul:
    """Answers 400 to a NUL in the address, what it asks, a cookie or a form. What the API reads is its parser's to check.

    A view that takes no token of ours (`csrf_exempt`) reads its own body: nothing of it is read before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = (request.path_info, *request.COOKIES.values(), *_texts(request.GET.lists()))
        return _refused() if any(NUL in one for one in told) else self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.content_type not in FORMS or getattr(view, "csrf_exempt", False):
            return None
        return _refused() if any(NUL in one for one in _texts(request.POST.lists())) else None


def _texts(lists: Iterable[tuple[str, list[str]]]) -> Iterable[str]:
    return (text for name, values in lists for text in (name, *values))


def _refused() -> HttpResponse:
    return HttpResponse("A text holds a NUL. Nothing was done.", status=400, content_type="text/plain; charset=utf-8")


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A program's tenant is open already, by the API's door: a session's cookie beside its token is nobody's.
        if getattr(request, "program", None) is not None:
            return self.get_response(request)
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if is_over(request.session):
            end_session(request)
            return self.get_response(request)
        touch(request)
        if user.tenant_id is None:
            return self.get_response(request)
        with (
            tenant_scope(user.tenant, practices=_practices_of(user)), acting_as(user.get_username()),
            timezone.override(zone_of(user.tenant)),  # pages show times as the office's clock does
        ):  # fmt: skip
            response = self.get_response(request)
            if hasattr(response, "render") and callable(response.render) and not getattr(response, "is_rendered", True):
                response.render()
            if response.status_code >= 500:
                from django.db import transaction

                transaction.set_rollback(True)
            return response
