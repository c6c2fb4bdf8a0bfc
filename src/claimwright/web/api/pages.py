"""The page of programs: who has a token for what, and which addresses are told of events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from claimwright.web.api.models import ApiToken, WebhookDelivery, WebhookEndpoint
from claimwright.web.api.tokens import LONGEST_DAYS, TokenRefused, issue_token, revoke_token
from claimwright.web.api.webhooks import (
    WebhookRefused,
    end_endpoint,
    endpoints,
    register_endpoint,
    send_dead_again,
)
from claimwright.web.core.events import EventKind
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.policies import OF_PERMISSION, permissions_of
from claimwright.web.workbench.sent_forms import shown_once

DAYS = (30, 90, 180, LONGEST_DAYS)
ENDED_SHOWN = 20


def _uuids(values: list[str]) -> list[UUID]:
    found = []
    for text in values:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    """The page as it is, with a token or secret to show once where one was just made."""
    now = timezone.now()
    stand = Q(revoked_at__isnull=True, expires_at__gt=now)
    names = {row.pk: row.name for row in Practice.objects.order_by("name")}
    tokens = list(ApiToken.objects.filter(stand).order_by("name"))
    for token in tokens:
        token.practices = [names[pk] for pk in token.practice_ids if pk in names]
    own = permissions_of(request.user.role)  # type: ignore[union-attr]
    waiting = Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.WAITING))
    dead = Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.DEAD))
    return show(
        request,
        "workbench/programs.html",
        {
            "tokens": tokens, "ended": ApiToken.objects.exclude(stand).order_by("-created_at")[:ENDED_SHOWN],
            "endpoints": endpoints().filter(is_active=True).annotate(waiting=waiting, dead=dead).order_by("created_at"),
            "practices": names.items(), "scopes": [OF_PERMISSION[one] for one in own], "days": DAYS,
            "kinds": [kind.value for kind in EventKind], "asked": request.POST,
            "chosen": set(request.POST.getlist("scope")) | set(request.POST.getlist("kind")),
        } | more,
    )  # fmt: skip


@page()
def programs(request: HttpRequest) -> HttpResponse:
    return _page(request)


@action(does="api_token.issue_asked")
def issue(request: HttpRequest) -> HttpResponse:
    """The page again, with the new token shown this once."""
    days = request.POST.get("days", "")
    rate = request.POST.get("requests_a_minute", "")
    try:
        row, text = issue_token(
            name=request.POST.get("name", ""), scopes=request.POST.getlist("scope"), by=request.user,  # type: ignore[arg-type]
            days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            practice_ids=_uuids(request.POST.getlist("practice")),
            requests_a_minute=int(rate) if rate.isdecimal() and len(rate) < 6 else 600,
        )  # fmt: skip
    except TokenRefused as refused:
        messages.error(request, f"Not made: {refused}.")
        return _page(request)
    says = f"{row.name} is made. Its token was shown with the first answer only: end it and make another if you have not kept it."
    return shown_once(_page(request, made=row, token=text, asked={}, chosen=set()), to="programs", says=says)


@action(does="api_token.revoke_asked")
def revoke(request: HttpRequest, apitoken_id: UUID) -> HttpResponse:
    row = get_object_or_404(ApiToken, pk=apitoken_id)
    revoke_token(token=row, by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"{row.name} may do nothing any more.")
    return redirect("programs")


@action(does="webhook.register_asked")
def register(request: HttpRequest) -> HttpResponse:
    """The page again, with the new secret shown this once."""
    try:
        row, secret = register_endpoint(
            url=request.POST.get("url", ""), kinds=request.POST.getlist("kind"),
            practice_ids=_uuids(request.POST.getlist("practice")),
        )  # fmt: skip
    except WebhookRefused as refused:
        messages.error(request, f"Not registered: {refused}.")
        return _page(request)
    says = f"{row.url} is registered. Its secret was shown with the first answer only: end it and register it anew if you have not kept it."
    return shown_once(_page(request, registered=row, secret=secret, asked={}, chosen=set()), to="programs", says=says)


DELIVERIES: Columns = (
    ("Happened at", "happened_at"), ("Event", "kind"), ("About", "content.subject.type"),
    ("Id", "content.subject.id"), ("State", "get_state_display"), ("Tries", "tries"), ("Taken at", "taken_at"),
    ("Next try", "next_try_at"), ("Answer", "http_status"), ("Problem", "problem"),
)  # fmt: skip


@page()
def endpoint(request: HttpRequest, webhookendpoint_id: UUID) -> HttpResponse:
    """What was sent to one address, and what waits."""
    row = get_object_or_404(endpoints(), pk=webhookendpoint_id)
    deliveries = row.deliveries.order_by("-happened_at", "pk")
    if request.GET.get("state") in WebhookDelivery.State.values:
        deliveries = deliveries.filter(state=request.GET["state"])
    if file := exported(request, "deliveries", DELIVERIES, deliveries):
        return file
    return show(
        request,
        "workbench/program_endpoint.html",
        {
            "endpoint": row, "rows": rows_of(request, deliveries), "states": WebhookDelivery.State.choices,
            "wanted": request.GET, "dead": row.deliveries.filter(state=WebhookDelivery.State.DEAD).count(),
        },
    )  # fmt: skip


def _endpoint(webhookendpoint_id: UUID) -> WebhookEndpoint:
    return get_object_or_404(endpoints(), pk=webhookendpoint_id)


@action(does="webhook.end_asked")
def end(request: HttpRequest, webhookendpoint_id: UUID) -> HttpResponse:
    row = end_endpoint(endpoint=_endpoint(webhookendpoint_id))
    messages.success(request, f"Nothing more goes to {row.url}.")
    return redirect("programs")


@action(does="webhook.again_asked")
def again(request: HttpRequest, webhookendpoint_id: UUID) -> HttpResponse:
    try:
        count = send_dead_again(endpoint=_endpoint(webhookendpoint_id))
        messages.success(request, f"{count} events go again.")
    except WebhookRefused as refused:
        messages.error(request, f"Not sent: {refused}.")
    return redirect("program_endpoint", webhookendpoint_id=webhookendpoint_id)
