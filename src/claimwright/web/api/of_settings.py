"""How the office is set up, changed: practices, policies, providers, locations, payers, and what posts by itself.

A record is read as `entry`, the fields of its page as they would be typed, and written back with what changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.policy_cells import cells_of
from claimwright.web.api.fields import In, Money, Out, Reason
from claimwright.web.api.framework import find, operation
from claimwright.web.api.of_patients import as_cells, refuse
from claimwright.web.api.problems import Problem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.connection_settings import connection_cells, try_connection
from claimwright.web.exchange.models import Connection
from claimwright.web.practice import office
from claimwright.web.practice.models import Location, NeverAutomatic, Payer, Practice, Provider
from claimwright.web.practice.posting_automation import (
    add_never_automatic,
    end_never_automatic,
    set_payer_automation,
)
from claimwright.web.practice.selectors import policies_of

Entry = dict[str, str]


class SettingsOut(Out):
    id: UUID
    entry: Entry = Field(description="The fields as they would be typed")


class ChangeEntry(In):
    entry: Entry = Field(description="Of `entry`, what changes; what is not named stays")


class NumberOut(Out):
    kind: str
    value: str
    start: date
    end: date | None


class PracticeSettings(SettingsOut):
    numbers: list[NumberOut]


class AddNumber(In):
    kind: Literal["NPI", "EI", "SY", "CLIA"]
    value: str = Field(min_length=1, max_length=20)
    start: date


class SetZone(In):
    time_zone: str = Field(max_length=60, description="Such as America/Chicago")


class ZoneOut(Out):
    time_zone: str


class AutomationIn(In):
    posts_by_itself: bool
    hold_over_amount: Money | None = Field(default=None, description="A payment above it waits; null: as the practice")
    reason: Reason


class AutomationOut(Out):
    payer_id: UUID
    posts_by_itself: bool
    hold_over_amount: Money | None


class NeverOut(Out):
    id: UUID
    practice_id: UUID
    carc: str
    reason: str
    added_by: str
    added_on: date
    ended_by: str
    ended_on: date | None
    ended_reason: str


class AddNever(In):
    practice_id: UUID
    carc: str = Field(min_length=1, max_length=5)
    reason: Reason


class EndNever(In):
    reason: Reason


class ConnectionOut(Out):
    id: UUID
    name: str
    kind: str
    active: bool
    entry: Entry = Field(description="Without its secret, which is never shown")


class TriedOut(Out):
    works: bool
    says: str
    fingerprint: str = Field(description="Of the key that the server offers, where it is not the pinned one")


def changed(held: Mapping[str, str], entry: Entry) -> dict[str, str]:
    """What is held with what changes over it. 422 for a name that is no field: it would be ignored."""
    if strange := sorted(set(entry) - set(held)):
        errors = [{"field": "entry", "says": f"field {at} of {len(entry)} is none of this record"} for at in
                  (list(entry).index(name) + 1 for name in strange[:20])]  # fmt: skip
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    return {**held, **entry}


# The practice --------------------------------------------------------------------------------------------------------


def _practice(practice_id: UUID) -> Practice:
    found: Practice = find(Practice, practice_id)
    return found


@operation("GET", "/settings/practices/{uuid:practice_id}", permission="settings.read", answers=PracticeSettings)
def read_practice_settings(request: HttpRequest, practice_id: UUID) -> Any:
    """Name, addresses, contact, what statements say; its NPIs, tax ids and CLIA numbers with their days."""
    row = _practice(practice_id)
    numbers = row.identifiers.order_by("kind", "start", "pk")
    return {"id": row.pk, "entry": office.practice_cells(row), "numbers": list(numbers)}


@operation(
    "POST", "/settings/practices/{uuid:practice_id}", permission="settings.work", answers=PracticeSettings,
    whole_office=True,
)  # fmt: skip
def change_practice_settings(request: HttpRequest, practice_id: UUID, payload: ChangeEntry) -> Any:
    """Change it; claims made from now on carry it."""
    row = _practice(practice_id)
    refuse(office.change_practice(practice=row, cells=changed(office.practice_cells(row), payload.entry)))
    return read_practice_settings(request, practice_id)


@operation(
    "POST", "/settings/practices/{uuid:practice_id}/numbers", permission="settings.work", answers=PracticeSettings,
    status=201, whole_office=True,
)  # fmt: skip
def add_practice_number(request: HttpRequest, practice_id: UUID, payload: AddNumber) -> Any:
    """Another NPI, tax id or CLIA number from a day on; earlier dates of service keep the old one."""
    refuse(office.change_identifier(practice=_practice(practice_id), cells=as_cells(payload.values())))
    return read_practice_settings(request, practice_id)


@operation("GET", "/settings/practices/{uuid:practice_id}/policies", permission="settings.read", answers=SettingsOut)
def read_practice_policies(request: HttpRequest, practice_id: UUID) -> Any:
    """Every number that the practice may set, as it holds now."""
    return {"id": practice_id, "entry": cells_of(policies_of(_practice(practice_id)))}


@operation(
    "POST", "/settings/practices/{uuid:practice_id}/policies", permission="settings.work", answers=SettingsOut,
    whole_office=True,
)  # fmt: skip
def change_practice_policies(request: HttpRequest, practice_id: UUID, payload: ChangeEntry) -> Any:
    """Change them; they count for what is decided from now on."""
    row = _practice(practice_id)
    refuse(office.change_policies(practice=row, cells=changed(cells_of(policies_of(row)), payload.entry)))
    return read_practice_policies(request, practice_id)


@operation("POST", "/settings/time-zone", permission="settings.work", answers=ZoneOut, whole_office=True)
def set_time_zone(request: HttpRequest, payload: SetZone) -> Any:
    """The zone in which the office's days begin. It moves no day that is written."""
    refuse(office.change_time_zone(tenant=current_tenant(), name=payload.time_zone))
    return {"time_zone": payload.time_zone}


# Providers and locations ---------------------------------------------------------------------------------------------


@operation("GET", "/settings/providers/{uuid:provider_id}", permission="settings.read", answers=SettingsOut)
def read_provider_settings(request: HttpRequest, provider_id: UUID) -> Any:
    """One provider."""
    row = find(Provider, provider_id)
    return {"id": row.pk, "entry": office.provider_cells(row)}


@operation(
    "POST", "/settings/providers/{uuid:provider_id}", permission="settings.work", answers=SettingsOut,
    whole_office=True,
)  # fmt: skip
def change_provider_settings(request: HttpRequest, provider_id: UUID, payload: ChangeEntry) -> Any:
    """Change what is known of one; the NPI stays."""
    row = find(Provider.objects.select_related("practice"), provider_id)
    cells = changed(office.provider_cells(row), payload.entry)
    refuse(office.change_provider(provider=row, practice=row.practice, cells=cells))
    return read_provider_settings(request, provider_id)


@operation("GET", "/settings/locations/{uuid:location_id}", permission="settings.read", answers=SettingsOut)
def read_location_settings(request: HttpRequest, location_id: UUID) -> Any:
    """One location."""
    row = find(Location, location_id)
    return {"id": row.pk, "entry": office.location_cells(row)}


@operation(
    "POST", "/settings/locations/{uuid:location_id}", permission="settings.work", answers=SettingsOut,
    whole_office=True,
)  # fmt: skip
def change_location_settings(request: HttpRequest, location_id: UUID, payload: ChangeEntry) -> Any:
    """Change what is known of one; its key stays."""
    row = find(Location.objects.select_related("practice"), location_id)
    cells = changed(office.location_cells(row), payload.entry)
    refuse(office.change_location(location=row, practice=row.practice, cells=cells))
    return read_location_settings(request, location_id)


# Payers --------------------------------------------------------------------------------------------------------------


@operation("GET", "/settings/automation", permission="settings.read", answers=list[AutomationOut])
def list_payer_automation(request: HttpRequest) -> Any:
    """What of each payer's remittances posts by itself."""
    told = ("posts_by_itself", "hold_over_amount")
    rows = Payer.objects.order_by("name", "pk")
    return [{"payer_id": row.pk} | {name: getattr(row, name) for name in told} for row in rows]


@operation(
    "POST", "/settings/payers/{uuid:payer_id}/automation", permission="settings.automation", answers=AutomationOut,
    whole_office=True,
)  # fmt: skip
def change_payer_automation(request: HttpRequest, payer_id: UUID, payload: AutomationIn) -> Any:
    """Set it; it counts for what posts from now on."""
    row = set_payer_automation(payer=find(Payer, payer_id), **payload.values())
    return {
        "payer_id": row.pk, "posts_by_itself": row.posts_by_itself, "hold_over_amount": row.hold_over_amount,
    }  # fmt: skip


@operation("GET", "/settings/never-automatic", permission="settings.read", answers=list[NeverOut])
def list_never_automatic(request: HttpRequest) -> Any:
    """Adjustment reasons that no remittance posts unseen, ended ones too."""
    return list(NeverAutomatic.objects.order_by("practice__name", "carc", "-added_on"))


@operation(
    "POST", "/settings/never-automatic", permission="settings.automation", answers=NeverOut, status=201,
    whole_office=True,
)  # fmt: skip
def add_never_automatic_reason(request: HttpRequest, payload: AddNever) -> Any:
    """Claims with this reason wait for a look from now on."""
    return add_never_automatic(practice=_practice(payload.practice_id), carc=payload.carc, reason=payload.reason)


@operation(
    "POST", "/settings/never-automatic/{uuid:entry_id}/end", permission="settings.automation", answers=NeverOut,
    whole_office=True,
)  # fmt: skip
def end_never_automatic_reason(request: HttpRequest, entry_id: UUID, payload: EndNever) -> Any:
    """It posts by itself again."""
    row = find(NeverAutomatic, entry_id)
    end_never_automatic(entry=row, reason=payload.reason)
    row.refresh_from_db()
    return row


# Connections ---------------------------------------------------------------------------------------------------------


@operation(
    "GET", "/settings/connections", permission="connections.read", answers=list[ConnectionOut], whole_office=True
)
def list_connections(request: HttpRequest) -> Any:
    """The ways to trading partners, without their secrets."""
    return [
        {"id": row.pk, "name": row.name, "kind": row.kind, "active": row.active, "entry": connection_cells(row)}
        for row in Connection.objects.order_by("name")
    ]


@operation(
    "POST", "/settings/connections/{uuid:connection_id}/try", permission="connections.work", answers=TriedOut,
    whole_office=True,
)  # fmt: skip
def try_a_connection(request: HttpRequest, connection_id: UUID) -> Any:
    """Connect now, send nothing and take nothing."""
    tried = try_connection(connection=find(Connection, connection_id))
    return {"works": tried.works, "says": tried.says, "fingerprint": tried.fingerprint}
