"""How a patient comes in: a link or a code, then what only they know; and what every page behind it checks again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, record_audit
from claimwright.web.core.sessions import follow_key
from claimwright.web.core.tenancy import NoTenant, tenant_scope
from claimwright.web.statements.links import is_open
from claimwright.web.statements.models import StatementLink
from claimwright.web.statements.services import (
    LinkLocked,
    LinkRefused,
    find_by_code,
    find_link,
    read_token,
    token_of,
    verify,
)

PATIENT = "patient by link"
SESSION = "portal"
View = Callable[..., HttpResponse]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _refuse(request: HttpRequest, template: str, problem: str, status: int) -> HttpResponse:
    return _private(render(request, template, {"problem": problem}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Kept out of search engines, other sites' logs and, as the address holds the token, out of ours."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # what Django's request logger looks at
    response["X-Robots-Tag"] = "noindex"
    # Not no-referrer: with that a browser sends "Origin: null" with our own forms, and every one of them is refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def _let_in(request: HttpRequest, link: StatementLink) -> HttpResponse:
    before = request.session.session_key
    request.session.cycle_key()
    follow_key(request, before)  # somebody of the office may look at a patient's page in her own session
    request.session[SESSION] = {"link": str(link.pk), "at": timezone.now().timestamp()}
    return redirect("portal_statement", token=token_of(link))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link's first page: two questions, in both languages, and nothing else, whether the link is good or not."""
    if request.method != "POST":
        return _private(render(request, "portal/identify.html", {}))
    try:
        tenant, link_id = read_token(token)
        with tenant_scope(tenant), acting_as(PATIENT):
            return _try(request, lambda: (find_link(link_id), True), "portal/identify.html", code_is_second=True)
    except (LinkRefused, NoTenant):
        return _refuse(request, "portal/identify.html", "wrong", 403)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, slug: str) -> HttpResponse:
    """The page whose address is printed: the statement's code, and the same two questions."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if request.method != "POST":
        return _private(render(request, "portal/identify.html", {"asks_code": True}))
    if tenant is None:
        return _refuse(request, "portal/identify.html", "wrong", 403)
    code = request.POST.get("code", "")[:40]
    try:
        with tenant_scope(tenant), acting_as(PATIENT):
            return _try(request, lambda: find_by_code(code), "portal/identify.html", code_is_second=False)
    except (LinkRefused, NoTenant):
        return _refuse(request, "portal/identify.html", "wrong", 403)


def _try(
    request: HttpRequest, find: Callable[[], tuple[StatementLink, bool]], template: str, *, code_is_second: bool
) -> HttpResponse:  # fmt: skip
    """Let in or count the failure. A refusal is an answer, not an exception: what was counted must stay."""
    link, known = find()
    try:
        verify(
            link=link, birth_date=_day(request.POST.get("birth_date", "")), known=known,
            postal_code=request.POST.get("postal_code", "")[:12],
            code=request.POST.get("code", "")[:40] if code_is_second else "",
        )  # fmt: skip
    except LinkLocked:
        return _refuse(request, template, "locked", 429)
    except LinkRefused:
        return _refuse(request, template, "wrong", 403)
    return _let_in(request, link)


def behind(*, reads: str) -> Callable[[View], View]:
    """A page behind the questions, in the link's tenant: the session must have opened this link, and it still be open."""

    def decorate(view: View) -> View:
        @never_cache
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def inner(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
            held = request.session.get(SESSION) or {}
            now = timezone.now().timestamp()
            fresh = now - held.get("at", 0) <= settings.SESSION_IDLE_SECONDS
            try:
                tenant, link_id = read_token(token)
                if not fresh or held.get("link") != str(link_id):
                    return redirect("portal_link", token=token)
                with tenant_scope(tenant), acting_as(PATIENT):
                    link = StatementLink.objects.select_related("whole__account__practice").filter(pk=link_id).first()
                    if link is None or not is_open(link):
                        return redirect("portal_link", token=token)
                    request.session[SESSION] = held | {"at": now}
                    response = view(request, token=token, link=link, **more)
                    record_audit(action=reads, subject_type="statement_link", subject_id=link.pk)
                    return _private(response)
            except (LinkRefused, NoTenant):
                return redirect("portal_link", token=token)

        return inner

    return decorate
