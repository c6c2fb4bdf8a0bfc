"""One line and one count a request; and the caller's address where proxies stand before us."""

from __future__ import annotations

import ipaddress
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from claimwright.web.core import logs
from claimwright.web.core.request_figures import NO_ROUTE, count_request


class RequestLog:
    """Outermost of the middleware: method, name of the route, status, time, ids of user and tenant.

    Never the path or what was asked for: an address may hold a search for a name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        start = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - start
        route = request.resolver_match.view_name if request.resolver_match else ""
        count_request(route=route or NO_ROUTE, status=response.status_code, seconds=seconds)
        user = getattr(
            request, "_cached_user", None
        )  # who it is, if the request came to ask; never asked for this line
        logs.say(
            logs.requests, "request", method=_method(request), route=route or "", status=response.status_code,
            ms=round(seconds * 1000, 1), request_id=request_id,
            user_id=getattr(user, "pk", None), tenant_id=str(tenant) if (tenant := getattr(user, "tenant_id", None)) else None,
        )  # fmt: skip
        response["X-Request-Id"] = request_id  # what a person reads out when she reports a fault
        return response


def _method(request: HttpRequest) -> str:
    known = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
    return request.method if request.method in known else "other"


class BehindProxies:
    """The caller's address, as the outermost of our own proxies saw it. Only where CLAIMWRIGHT_PROXIES says how many.

    Each proxy adds an address to the right of X-Forwarded-For; what stands left of those is the caller's own claim.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(seen) >= settings.PROXIES:
            try:
                request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(seen[-settings.PROXIES]))
            except ValueError:
                pass
        return self.get_response(request)
