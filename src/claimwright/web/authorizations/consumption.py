"""What claims take of authorizations, written from what their states ask. Claims, lines and visits are ids here.

`settle_claim` is told all that a claim shall have, and writes the difference: called twice, or late, it comes to the same.
Rows are locked in one order, so two claims over the last unit take turns and the second is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.billing.authorizations import Level, Movement, Wish, settle
from claimwright.edits.authorizations import Service, bare, misfits
from claimwright.web.authorizations.models import Authorization, AuthorizationEntry
from claimwright.web.authorizations.selectors import UNITS, VISITS, as_entry, record_of
from claimwright.web.authorizations.services import append_entry

NONE = Decimal(0)
DENIED, PAID = "denied", "paid"


class LineUse(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a claim version that names a number: how far the version has gone, and for what."""

    version_id: UUID
    line_id: str
    kind: str  # authorization, referral
    number: str
    service: Service
    level: Level


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A line that did not get what its claim's state asks: nothing was written for it."""

    version_id: UUID
    line_id: str
    number: str
    reason: str


class _Claim(msgspec.Struct, kw_only=True):
    claim_id: UUID
    encounter_id: UUID | None
    cause: str
    denied: set[tuple[UUID, str]]


def settle_claim(
    *,
    patient_id: UUID,
    payer_id: UUID,
    claim_id: UUID,
    uses: Sequence[LineUse],
    encounter_id: UUID | None = None,
    cause: str = "",
    denied: Mapping[UUID, frozenset[str]] | None = None,
) -> list[Refusal]:
    """Bring the claim's authorizations to what all its versions together ask. Runs in the caller's transaction.

    `denied` names the lines that the payer denied, by version, for those versions whose decision is known now; what was
    told of others before still holds. Numbers that are not on file are left alone: a number alone proves nothing.
    """
    numbers = {bare(one.number) for one in uses}
    rows = [
        row
        for row in Authorization.objects.select_for_update(of=("self",))
        .filter(patient_id=patient_id, payer_id=payer_id)
        .select_related("payer")
        .order_by("pk")
        if bare(row.number) in numbers or row.entries.filter(_of(claim_id, encounter_id)).exists()
    ]
    if not rows:
        return []
    entries = {row.pk: list(row.entries.order_by("ordinal")) for row in rows}
    claim = _Claim(
        claim_id=claim_id, encounter_id=encounter_id, cause=cause[:20] or "claim",
        denied=_denied(entries, claim_id, denied or {}),
    )  # fmt: skip
    wanted, refused = _chosen(rows, entries, uses, claim)
    for row in rows:
        refused += _settle_row(row, entries[row.pk], wanted.get(row.pk, []), claim)
    return refused


def _of(claim_id: UUID, encounter_id: UUID | None) -> Q:
    return Q(claim_id=claim_id) | Q(encounter_id=encounter_id) if encounter_id else Q(claim_id=claim_id)


def _denied(
    entries: Mapping[UUID, Sequence[AuthorizationEntry]], claim_id: UUID, told: Mapping[UUID, frozenset[str]]
) -> set[tuple[UUID, str]]:
    """(version, line) of what the payer denied: by what is told now, else by the last word in the ledger."""
    last: dict[tuple[UUID, str], str] = {}
    for rows in entries.values():
        for row in rows:
            if row.claim_id == claim_id and row.cause in (DENIED, PAID) and row.version_id is not None:
                last[row.version_id, row.subject] = row.cause
    found = {key for key, cause in last.items() if cause == DENIED and key[0] not in told}
    return found | {(version, line) for version, lines in told.items() for line in lines}


def _chosen(
    rows: Sequence[Authorization], entries: Mapping[UUID, Sequence[AuthorizationEntry]], uses: Sequence[LineUse],
    claim: _Claim,
) -> tuple[dict[UUID, list[LineUse]], list[Refusal]]:  # fmt: skip
    """Each use with the row it takes from. What no row covers takes nothing and is told, once it is to be used."""
    wanted: dict[UUID, list[LineUse]] = defaultdict(list)
    refused: list[Refusal] = []
    for use in uses:
        level = Level.FREE if (use.version_id, use.line_id) in claim.denied else use.level
        row, why = row_for(rows, use)
        if row is None:
            continue
        already = any(one.subject == use.line_id for one in entries[row.pk])
        if why and not already:
            if level is not Level.FREE:
                refused.append(_refusal(use, f"it {why}"))
            continue
        wanted[row.pk].append(msgspec.structs.replace(use, level=level))
    return wanted, refused


def row_for(rows: Sequence[Authorization], use: LineUse) -> tuple[Authorization | None, str]:
    """The row of the number that fits best, and what does not fit; renewals often keep the number.

    What is left is not asked here: the ledger answers that.
    """
    held = [
        row
        for row in rows
        if row.number and bare(row.number) == bare(use.number)
        and (row.kind == Authorization.Kind.REFERRAL) == (use.kind == "referral")
    ]  # fmt: skip
    judged = [(row, misfits(record_of(row), use.service)) for row in held]
    if not judged:
        return None, ""
    row, why = min(judged, key=lambda one: len(one[1]))
    return row, why[0].words if why else ""


def _settle_row(
    row: Authorization, entries: Sequence[AuthorizationEntry], uses: Sequence[LineUse], claim: _Claim
) -> list[Refusal]:
    refused: list[Refusal] = []
    by_line = _strongest(uses)
    for measure, approved in ((UNITS, row.units_approved), (VISITS, row.visits_approved)):
        if measure == VISITS and approved is None:
            continue
        own = [one for one in entries if one.measure == measure]
        wishes = _wishes(measure, by_line, claim)
        for (
            entry
        ) in own:  # what the claim had and no version asks for any more; what its visit had, once it has its own
            if entry.claim_id == claim.claim_id or _is_scheduled(entry, claim, wishes):
                wishes.setdefault(entry.subject, Wish(quantity=NONE, level=Level.FREE))
        written = [as_entry(one) for one in own]
        result = settle(None if approved is None else Decimal(approved), written, wishes)
        for made in result.entries:
            _write(row, measure, made.movement, made.units, made.subject, by_line, claim)
        for subject, why in result.refused.items():
            use = by_line.get(subject) or next(iter(by_line.values()))
            refused.append(_refusal(use, why.replace("units", measure)))
    return refused


def _is_scheduled(entry: AuthorizationEntry, claim: _Claim, wishes: Mapping[str, Wish]) -> bool:
    """A reservation for the claim's visit: given up when the claim takes its own."""
    mine = claim.encounter_id is not None and entry.encounter_id == claim.encounter_id
    return mine and any(wish.level is not Level.FREE for wish in wishes.values())


def _strongest(uses: Sequence[LineUse]) -> dict[str, LineUse]:
    """Of each line the version that has gone furthest; of equals the newest, which comes last."""
    found: dict[str, LineUse] = {}
    for use in uses:
        held = found.get(use.line_id)
        if held is None or use.level >= held.level:
            found[use.line_id] = use
    return found


def _wishes(measure: str, by_line: Mapping[str, LineUse], claim: _Claim) -> dict[str, Wish]:
    if measure == UNITS:
        return {line: Wish(quantity=use.service.units, level=use.level) for line, use in by_line.items()}
    days: dict[date | None, Level] = {}
    for use in by_line.values():
        days[use.service.on] = max(days.get(use.service.on, Level.FREE), use.level)
    return {f"visit:{claim.claim_id}:{day}": Wish(quantity=Decimal(1), level=level) for day, level in days.items()}


def _write(
    row: Authorization, measure: str, movement: Movement, quantity: Decimal, subject: str,
    by_line: Mapping[str, LineUse], claim: _Claim,
) -> None:  # fmt: skip
    use = by_line.get(subject)
    cause, version_id = claim.cause, use.version_id if use is not None else None
    denied = next((version for version, line in claim.denied if line == subject), None)
    if movement is Movement.RETURN and denied is not None:
        cause, version_id = DENIED, denied  # the ledger remembers which version was denied
    elif movement is Movement.USE and version_id is not None and _was_denied(row, subject, version_id):
        cause = PAID
    scheduled = subject.startswith("encounter:")
    append_entry(
        row, measure=measure, movement=movement, quantity=quantity, subject=subject, cause=cause,
        claim_id=None if scheduled else claim.claim_id, version_id=version_id,
        encounter_id=claim.encounter_id if scheduled else None,
    )  # fmt: skip


def _was_denied(row: Authorization, subject: str, version_id: UUID) -> bool:
    return row.entries.filter(subject=subject, version_id=version_id, cause=DENIED).exists()


def _refusal(use: LineUse, reason: str) -> Refusal:
    return Refusal(version_id=use.version_id, line_id=use.line_id, number=use.number, reason=reason)
