"""Authorizations as the edits and the pages see them: what is approved, reserved, used and left, and what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, Q, QuerySet

from claimwright.billing.authorizations import Held, Movement, UnitEntry, Units, held_by_subject, standing
from claimwright.edits.authorizations import AUTHORIZATION, REFERRAL
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import Authorization as AuthorizationRecord
from claimwright.web.authorizations.models import Authorization, AuthorizationEntry
from claimwright.web.core import clock

UNITS, VISITS = "units", "visits"
NONE = Decimal(0)
UNDECIDED = (Authorization.Status.REQUESTED, Authorization.Status.PENDED, Authorization.Status.RETRO_REQUESTED)
GRANTED = (Authorization.Status.APPROVED, Authorization.Status.PARTIAL)
# What an edit may be told of: the others are no word of the payer about a service to come.
TOLD = (*UNDECIDED, *GRANTED, Authorization.Status.DENIED, Authorization.Status.EXPIRED)


class Standing(msgspec.Struct, frozen=True):
    """Of one authorization. `approved` of a measure without limit counts as 0 here: ask the row."""

    units: Units
    visits: Units


def as_entry(row: AuthorizationEntry) -> UnitEntry:
    return UnitEntry(
        movement=Movement(row.movement), units=row.quantity, subject=row.subject, key=f"{row.ordinal}:{row.measure}"
    )


def standings(*, authorization_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Units and visits of each, folded from its entries. Two queries."""
    rows = Authorization.objects.in_bulk(list(authorization_ids))
    entries = _entries(rows)
    return {
        pk: Standing(
            standing(row.units_approved or NONE, map(as_entry, entries[pk, UNITS])),
            standing(Decimal(row.visits_approved or 0), map(as_entry, entries[pk, VISITS])),
        )
        for pk, row in rows.items()
    }


def _entries(ids: Iterable[UUID]) -> dict[tuple[UUID, str], list[AuthorizationEntry]]:
    found: dict[tuple[UUID, str], list[AuthorizationEntry]] = defaultdict(list)
    for row in AuthorizationEntry.objects.filter(authorization_id__in=list(ids)).order_by("ordinal"):
        found[row.authorization_id, row.measure].append(row)
    return found


def record_of(
    row: Authorization, units_left: Decimal | None = None, visits_left: int | None = None
) -> AuthorizationRecord:
    """The row as an edit sees it."""
    return AuthorizationRecord(
        kind=REFERRAL if row.kind == Authorization.Kind.REFERRAL else AUTHORIZATION, number=row.number,
        payer_id=row.payer.payer_id, status=row.status, codes=tuple(msgspec.convert(row.codes, list[CodeRange])),
        diagnoses=tuple(row.diagnoses), provider_npis=tuple(row.provider_npis), places=tuple(row.places),
        units_left=units_left, visits_left=visits_left, start=row.start, end=row.end,
    )  # fmt: skip


class AuthorizationBook:
    """The authorizations of some patients with what is left of each, for one claim after the other. Two queries.

    `lock` keeps others from taking units until the transaction ends: two runs of the edits over the last unit take
    turns, and the second sees that it is gone.
    """

    def __init__(self, patient_ids: Iterable[UUID], *, lock: bool = False) -> None:
        rows = Authorization.objects.filter(patient_id__in=set(patient_ids), status__in=TOLD).order_by("pk")
        if lock:
            rows = rows.select_for_update(of=("self",))
        self._rows: dict[tuple[UUID, UUID], list[Authorization]] = defaultdict(list)
        by_id: dict[UUID, Authorization] = {}
        for row in rows.select_related("payer"):
            self._rows[row.patient_id, row.payer_id].append(row)
            by_id[row.pk] = row
        self._held: dict[UUID, dict[str, list[tuple[AuthorizationEntry, Held]]]] = {}
        if by_id:
            entries = _entries(by_id)
            for pk in by_id:
                self._held[pk] = {measure: _held_rows(entries[pk, measure]) for measure in (UNITS, VISITS)}
        self._taken: dict[UUID, dict[UUID, dict[str, tuple[Decimal, date | None]]]] = defaultdict(dict)

    def rows(self, patient_id: UUID, payer_id: UUID) -> Sequence[Authorization]:
        return self._rows.get((patient_id, payer_id), ())

    def records(
        self, patient_id: UUID, payer_id: UUID, claim_id: UUID | None = None, encounter_id: UUID | None = None
    ) -> tuple[AuthorizationRecord, ...]:
        """For a claim: what it holds itself, or was reserved for its visit, counts as left for it."""
        return tuple(self.record(row, claim_id, encounter_id) for row in self.rows(patient_id, payer_id))

    def record(self, row: Authorization, claim_id: UUID | None, encounter_id: UUID | None) -> AuthorizationRecord:
        units = self._left(row, UNITS, row.units_approved, claim_id, encounter_id)
        approved = None if row.visits_approved is None else Decimal(row.visits_approved)
        visits = self._left(row, VISITS, approved, claim_id, encounter_id)
        return record_of(row, units, None if visits is None else int(visits))

    def _left(
        self,
        row: Authorization,
        measure: str,
        approved: Decimal | None,
        claim_id: UUID | None,
        encounter_id: UUID | None,
    ) -> Decimal | None:
        if approved is None:
            return None
        taken, own = NONE, NONE
        for entry, held in self._held[row.pk][measure]:
            quantity = held.reserved + held.used
            taken += quantity
            if (claim_id and entry.claim_id == claim_id) or (encounter_id and entry.encounter_id == encounter_id):
                own += quantity
        taken += sum((self._promised(row, measure, one) for one in self._taken[row.pk] if one != claim_id), NONE)
        return max(approved - taken, NONE) + own

    def take(self, row: Authorization, claim_id: UUID, line_id: str, units: Decimal, on: date | None) -> None:
        """Within this run: a line of the claim will take so much of the row, so the next claim sees less of it."""
        self._taken[row.pk].setdefault(claim_id, {})[line_id] = (units, on)

    def _promised(self, row: Authorization, measure: str, claim_id: UUID) -> Decimal:
        """What a claim of this run will take beyond what it has in the ledger."""
        lines = self._taken[row.pk][claim_id].values()
        if measure == UNITS:
            total = sum((units for units, _ in lines), NONE)
        else:
            total = Decimal(len({on for _, on in lines}))
        has = sum((h.reserved + h.used for e, h in self._held[row.pk][measure] if e.claim_id == claim_id), NONE)
        return max(total - has, NONE)


def _held_rows(entries: Sequence[AuthorizationEntry]) -> list[tuple[AuthorizationEntry, Held]]:
    """What each subject holds, beside its first entry, which says whose it is."""
    first = {row.subject: row for row in reversed(entries)}
    return [(first[subject], held) for subject, held in held_by_subject(map(as_entry, entries)).items()]


# Lists ----------------------------------------------------------------------------------------------------------------


def awaiting_decision() -> QuerySet[Authorization]:
    """Undecided ones, those due first at the top: the chase list."""
    return (
        Authorization.objects.filter(status__in=UNDECIDED)
        .select_related("patient", "payer")
        .order_by(F("decision_due").asc(nulls_last=True), "created_at")
    )


def expiring(*, days: int = 14) -> QuerySet[Authorization]:
    """Granted ones that run out within so many days from today."""
    today = clock.today()
    return (
        Authorization.objects.filter(status__in=GRANTED, end__gt=today, end__lte=today + timedelta(days=days))
        .select_related("patient", "payer")
        .order_by("end")
    )


def running_low(*, share: Decimal = Decimal("0.2")) -> list[tuple[Authorization, Standing]]:
    """Granted ones in force with at most `share` of their units or visits left."""
    today = clock.today()
    rows = {
        row.pk: row
        for row in Authorization.objects.filter(Q(end__isnull=True) | Q(end__gt=today), status__in=GRANTED)
        .exclude(units_approved__isnull=True, visits_approved__isnull=True)
        .select_related("patient", "payer")
    }
    found = []
    for pk, now in standings(authorization_ids=rows).items():
        row = rows[pk]
        limits = [(row.units_approved, now.units), (row.visits_approved, now.visits)]
        if any(limit is not None and one.unused <= limit * share for limit, one in limits):
            found.append((row, now))
    return found


def history(authorization: Authorization) -> list[dict[str, Any]]:
    """Changes and movements of one authorization, oldest first, for its page."""
    changes = [
        {"at": one.at, "actor": one.actor, "what": one.changes, "source": one.source, "note": one.note}
        for one in authorization.changes.all()
    ]
    moves = [
        {
            "at": one.at, "actor": one.actor, "source": one.cause, "note": one.override_reason,
            "what": {one.movement: [one.subject, f"{one.quantity} {one.measure}"]},
        }
        for one in authorization.entries.all()
    ]  # fmt: skip
    return sorted(changes + moves, key=lambda one: one["at"])
