"""Interfaces: who sends messages, what their ids mean here, what waits and why, and replay."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.web.charges.models import CodeMapping, Encounter
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.interface_figures import days_of, figures
from claimwright.web.operations.interface_models import Interface, InterfaceCode, InterfaceMessage
from claimwright.web.operations.interface_settings import MOST_GATHER_DAYS, add_code, drop_code, save_interface
from claimwright.web.operations.interfaces import (
    Refused,
    close_message,
    content_of,
    replay_message,
    replay_waiting,
    waiting_messages,
)
from claimwright.web.practice.models import Location, Payer, Practice, Provider
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, rows_of, show

KINDS = (*InterfaceCode.Kind.choices, ("charge", "Charge code"), ("diagnosis", "Diagnosis code"))
MAPPINGS_SHOWN = 200
SHOWN_BYTES = 200_000


WAITING: Columns = (
    ("Received", "received_at"), ("Kind", "kind"), ("Control id", "control_id"),
    ("Place", lambda row: row.place or row.file.name), ("Reason code", "reason_code"), ("Why", "reason"),
    ("What to do", "what_to_do"), ("Tries", "attempts"),
)  # fmt: skip


@page(reads="interface.list")  # places and reasons quote what the messages say
def interfaces(request: HttpRequest) -> HttpResponse:
    """Every sender, those with something waiting first; what waits of senders nobody could read."""
    unread = waiting_messages().filter(interface__isnull=True).order_by("received_at")
    if file := exported(request, "messages-nobody-could-read", WAITING, unread):
        return file
    return show(request, "workbench/interfaces.html", {"rows": figures(), "unread": rows_of(request, unread)})


@page(reads="interface.read")
def interface(request: HttpRequest, interface_id: UUID) -> HttpResponse:
    """One sender: days, what waits, settings and maps."""
    row = get_object_or_404(Interface.objects.select_related("practice"), pk=interface_id)
    waiting = waiting_messages(row).order_by("received_at", "part__ordinal")
    if file := exported(request, "messages-waiting", WAITING, waiting):
        return file
    mappings = CodeMapping.objects.filter(interface=row.name).order_by("system", "code", "position")
    return show(
        request, "workbench/interface.html",
        {
            "row": row, "days": days_of(row), "waiting": rows_of(request, waiting),
            "codes": row.codes.order_by("kind", "theirs"), "mappings": mappings[:MAPPINGS_SHOWN],
            "latest": row.messages.select_related("file", "part").defer("file__content").order_by("-received_at")[:20], "kinds": KINDS,
            "practices": Practice.objects.order_by("name"), "providers": Provider.objects.order_by("name"),
            "locations": Location.objects.filter(practice=row.practice).order_by("code") if row.practice else (),
            "payers": Payer.objects.order_by("name"), "most_gather_days": MOST_GATHER_DAYS,
        },
    )  # fmt: skip


def _message(message_id: UUID) -> InterfaceMessage:
    rows = InterfaceMessage.objects.select_related("interface", "file", "part", "patient").defer("file__content")
    return get_object_or_404(rows, pk=message_id)


@page(reads="interface_message.read")
def interface_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message as it came, line by line, and what became of it."""
    row = _message(message_id)
    content = content_of(row)
    text = content[:SHOWN_BYTES].decode("utf-8", "replace").replace("\x0b", "").replace("\x1c", "")
    held = Encounter.objects.filter(file=row.file_id, state=Encounter.State.HELD)
    return show(
        request, "workbench/interface_message.html",
        {
            "row": row, "lines": [line for line in text.replace("\r\n", "\r").replace("\n", "\r").split("\r") if line],
            "cut": len(content) > SHOWN_BYTES, "held": held,
            "waits": row.state == InterfaceMessage.State.FAILED or held.exists(),
        },
    )  # fmt: skip


@action(does="interface.settings")
def save_interface_settings(request: HttpRequest, interface_id: UUID) -> HttpResponse:
    """Whose messages these are."""
    row = get_object_or_404(Interface, pk=interface_id)
    practice = Practice.objects.filter(npi=request.POST.get("practice", "")).first()
    days = request.POST.get("gather_days", "0").strip()
    try:
        save_interface(
            interface=row, practice=practice, is_active="is_active" in request.POST,
            takes_test="takes_test" in request.POST, gather_days=int(days) if days.isascii() and days.isdigit() else -1,
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Saved. Replay what waits for it.")
    return redirect("interface", interface_id=interface_id)


@action(does="interface.add_code")
def save_interface_code(request: HttpRequest, interface_id: UUID) -> HttpResponse:
    """What one of the sender's ids is here."""
    row = get_object_or_404(Interface.objects.select_related("practice"), pk=interface_id)
    try:
        add_code(
            interface=row, kind=request.POST.get("kind", ""), theirs=request.POST.get("theirs", ""),
            ours=request.POST.get("ours", ""),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Added. Replay what waits for it.")
    return redirect("interface", interface_id=interface_id)


@action(does="interface.remove_code")
def drop_interface_code(request: HttpRequest, code_id: UUID) -> HttpResponse:
    """Take an id out of the table."""
    code = get_object_or_404(InterfaceCode, pk=code_id)
    interface_id = code.interface_id
    drop_code(code=code)
    messages.success(request, "Taken out.")
    return redirect("interface", interface_id=interface_id)


@action(does="interface.replay_all")
def replay_interface(request: HttpRequest, interface_id: UUID) -> HttpResponse:
    """All that waits, again."""
    row = get_object_or_404(Interface, pk=interface_id)
    replayed, waiting = replay_waiting(tenant=current_tenant(), interface=row)
    messages.success(request, f"Replayed {replayed}; {waiting} still wait.")
    return redirect("interface", interface_id=interface_id)


@action(does="interface_message.replay")
def replay_interface_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message, again."""
    row = _message(message_id)
    try:
        done = replay_message(message=row)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        says = f"It waits still: {done.reason}" if done.state == InterfaceMessage.State.FAILED else "It was taken in."
        (messages.warning if done.state == InterfaceMessage.State.FAILED else messages.success)(request, says)
    return redirect("interface_message", message_id=message_id)


@action(does="interface_message.close")
def close_interface_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Nothing is to be done with it."""
    row = _message(message_id)
    try:
        close_message(message=row, why=request.POST.get("why", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Closed.")
    return redirect("interface_message", message_id=message_id)
