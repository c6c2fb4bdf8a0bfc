"""Three addresses for machines: does the process answer, may it be given work, and what it counts.

None of them names a tenant, a person or a claim. `/metrics` is for a caller with the token, or, where none is set, for
one on this machine that came without a proxy.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from claimwright.web.core.isolation import NotIsolated, assert_isolated
from claimwright.web.operations.figures import exposition

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of the database: a database that is away is no reason to kill the process."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether it may be given requests: 200, or 503 with the names of what is not so."""
    states: dict[str, str] = {}
    for name, holds in (("database", database_answers), ("migrations", is_migrated), ("isolation", is_isolated)):
        states[name] = "not looked at" if "failed" in states.values() else _state(holds)
    ready = set(states.values()) == {"ok"}
    return JsonResponse({"ready": ready, **states}, status=200 if ready else 503)


def _state(holds: Callable[[], bool]) -> str:
    try:
        return "ok" if holds() else "failed"
    except (Error, OSError):
        return "failed"


def database_answers() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def is_migrated() -> bool:
    return not pending_migrations()


def pending_migrations() -> list[str]:
    """Migrations of this version that the database does not have."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return [f"{app}.{name}" for app, name in known_migrations() if (app, name) not in applied]


@cache
def known_migrations() -> tuple[tuple[str, str], ...]:
    """Every migration of this version, each after those it stands on. Read once: reading them takes a second."""
    from django.db.migrations.loader import MigrationLoader

    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    ordered = (step for leaf in sorted(graph.leaf_nodes()) for step in graph.forwards_plan(leaf))
    return tuple(dict.fromkeys(ordered))


def is_isolated() -> bool:
    try:
        assert_isolated()
    except NotIsolated:
        return False
    return True


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts and times in Prometheus's text format; 404 for whoever may not see them."""
    if not _may_see(request):
        return HttpResponse(status=404)
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_see(request: HttpRequest) -> bool:
    if request.user.is_authenticated:  # a person stands within her tenant, and figures are of all of them
        return False
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    if any(request.META.get(name) for name in FORWARDED):  # a proxy on this machine calls from here for everybody
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
