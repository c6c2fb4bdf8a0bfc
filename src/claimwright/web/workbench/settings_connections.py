"""Settings of connections: what a partner's sheet says, a try of it, and whose host key is trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.registration import Fault
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.connection_settings import (
    Tried,
    change_connection,
    connection_cells,
    fingerprint_of,
    try_connection,
)
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.services import pin_host_key
from claimwright.web.workbench import settings_forms as forms
from claimwright.web.workbench.form_fields import posted
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.settings_office import form_page


@page()
def settings_connections(request: HttpRequest) -> HttpResponse:
    return show(request, "workbench/settings_connections.html", {"rows": Connection.objects.order_by("name")})


def _connection_page(
    request: HttpRequest, connection: Connection | None, cells: Mapping[str, str], faults: Sequence[Fault] = (),
    tried: Tried | None = None,
) -> HttpResponse:  # fmt: skip
    save = reverse("save_connection", args=[connection.pk]) if connection else reverse("save_new_connection")
    return form_page(
        request, title=connection.name if connection else "New connection", cells=cells, faults=faults, tried=tried,
        groups=forms.connection_groups(connection.kind if connection else ""), save="save_connection", address=save,
        crumbs=[("Connections", reverse("settings_connections"))], template="settings_connection", connection=connection,
        pinned=fingerprint_of(connection.host_key) if connection and connection.host_key else "",
    )  # fmt: skip


@page()
def settings_connection(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=connection_id)
    return _connection_page(request, connection, connection_cells(connection))


@page()
def settings_new_connection(request: HttpRequest) -> HttpResponse:
    begins = {"port": "22", "outgoing": "inbound", "incoming": "outbound", "usage": "T", "sender_qualifier": "ZZ",
              "receiver_qualifier": "ZZ", "active": "on", "batches": "on", "kind": "sftp"}  # fmt: skip
    return _connection_page(request, None, begins)


@action(does="settings.connection_asked")
def save_connection(request: HttpRequest, connection_id: UUID | None = None) -> HttpResponse:
    """A blank secret keeps the one that is held; none is ever shown again."""
    connection = get_object_or_404(Connection, pk=connection_id) if connection_id else None
    typed = posted(request.POST, forms.connection_groups(connection.kind if connection else ""))
    cells = {**(connection_cells(connection) if connection else {}), **typed}
    saved, faults = change_connection(connection=connection, cells=cells, secret=request.POST.get("secret", ""))
    if saved is None:
        return _connection_page(request, connection, cells, faults)
    messages.success(request, "Saved. Try it before files go.")
    return redirect("settings_connection", connection_id=saved.pk)


@action(does="settings.connection_try_asked")
def test_connection(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Connects now, sends nothing and takes nothing; the answer is on the page."""
    connection = get_object_or_404(Connection, pk=connection_id)
    return _connection_page(
        request, connection, connection_cells(connection), tried=try_connection(connection=connection)
    )


@action(does="settings.host_key_asked")
def trust_host_key(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """A person has compared the key's fingerprint with the partner's word, and says whose word."""
    connection = get_object_or_404(Connection, pk=connection_id)
    key, reason = request.POST.get("host_key", "").strip(), request.POST.get("reason", "").strip()
    if not fingerprint_of(key):
        messages.error(request, "Not saved: this is no OpenSSH public key. Enter the line that the partner gave.")
    elif not reason:
        messages.error(request, "Not saved: say who confirmed the fingerprint, and how.")
    else:
        pin_host_key(connection=connection, host_key=key)
        record_audit(
            action="connection.host_key_confirmed",
            subject_type="connection",
            subject_id=connection.pk,
            detail=reason[:200],
        )
        messages.success(request, "This key is trusted from now on, and no other.")
    return redirect("settings_connection", connection_id=connection.pk)
