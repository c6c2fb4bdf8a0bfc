"""Interfaces in figures: what came day by day, what waits, when each sender was last heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from django.db.models import Count

from claimwright.web.core import clock
from claimwright.web.operations.interface_models import Interface, InterfaceMessage
from claimwright.web.operations.interfaces import waiting_messages


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """`today` and `waiting` count messages."""

    interface: Interface
    today: int
    waiting: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one calendar day by what became of them."""

    on: date
    done: int = 0
    failed: int = 0
    duplicate: int = 0
    closed: int = 0

    @property
    def all(self) -> int:
        return self.done + self.failed + self.duplicate + self.closed


def figures() -> list[Figures]:
    """Every interface, those with something waiting first."""
    waiting = dict(waiting_messages().order_by().values_list("interface_id").annotate(n=Count("pk", distinct=True)))
    today = dict(
        InterfaceMessage.objects.filter(received_on=clock.today())
        .order_by()
        .values_list("interface_id")
        .annotate(n=Count("pk"))
    )
    rows = Interface.objects.select_related("practice").order_by("name")
    found = [Figures(interface=row, today=today.get(row.pk, 0), waiting=waiting.get(row.pk, 0)) for row in rows]
    return sorted(found, key=lambda one: (-one.waiting, one.interface.name))


def days_of(interface: Interface, days: int = 14) -> Sequence[Day]:
    """The last days on which anything came, the newest first."""
    since = clock.today() - timedelta(days=days)
    rows = InterfaceMessage.objects.filter(interface=interface, received_on__gt=since)
    counted: dict[date, dict[str, int]] = {}
    for on, state, number in rows.order_by().values_list("received_on", "state").annotate(n=Count("pk")):
        counted.setdefault(on, {})["failed" if state == InterfaceMessage.State.RECEIVED else state] = number
    return [Day(on=on, **counted[on]) for on in sorted(counted, reverse=True)]
