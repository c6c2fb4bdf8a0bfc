"""What else holds a patient's statement: apps that know a reason tell it here. Nothing of it is in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from claimwright.billing.dunning import StopKind

# Asked with patient ids and the day; answers with the reason of each patient whose statement must wait.
Check = Callable[[Iterable[UUID], date], Mapping[UUID, str]]
# Asked likewise; answers with what stops the dunning clock of each patient as long as it stands.
StopCheck = Callable[[Iterable[UUID], date], Mapping[UUID, StopKind]]

_checks: dict[str, Check] = {}
_stops: dict[str, StopCheck] = {}


def register_check(name: str, check: Check) -> None:
    """Have `check` asked before each run, such as the good-faith estimate far below the bill. Registering again replaces."""
    _checks[name] = check


def register_stop(name: str, check: StopCheck) -> None:
    """Have `check` asked by each daily run: an open dispute, an application for assistance, a plan on offer."""
    _stops[name] = check


def bars_of(patient_ids: Iterable[UUID], on: date) -> dict[str, str]:
    """Why each statement must wait, by patient id as text; the check registered first speaks."""
    ids = list(patient_ids)
    found: dict[str, str] = {}
    for check in _checks.values():
        for patient_id, reason in check(ids, on).items():
            found.setdefault(str(patient_id), reason)
    return found


def standing_stops(patient_ids: Iterable[UUID], on: date) -> dict[UUID, set[StopKind]]:
    ids = list(patient_ids)
    found: dict[UUID, set[StopKind]] = {}
    for check in _stops.values():
        for patient_id, kind in check(ids, on).items():
            found.setdefault(patient_id, set()).add(kind)
    return found
