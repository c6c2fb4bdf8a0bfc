"""Authorizations: recorded, decided, amended, with every change kept; reserved for a visit at scheduling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from claimwright.billing.authorizations import (
    AuthorizationRefused,
    Movement,
    decision_due,
    held_by_subject,
    step,
)
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.tables import PLACEHOLDER_IDS
from claimwright.web.authorizations.models import Authorization, AuthorizationChange, AuthorizationEntry
from claimwright.web.authorizations.selectors import UNDECIDED, UNITS, VISITS, as_entry
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxPart
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Location, Payer
from claimwright.web.practice.selectors import payer_profile

__all__ = ["AuthorizationRefused"]

ONE_DAY = timedelta(days=1)
DECIDED = frozenset(("approved", "partial", "denied", "not_required"))
# Fields that a change may touch; number and dates last, as the payer gave them.
CHANGEABLE = frozenset(
    (
        "status", "number", "payer_reference", "codes", "diagnoses", "provider_npis", "places", "referring_npi",
        "units_requested", "visits_requested", "units_approved", "visits_approved", "start", "end", "payer_contact",
        "call_reference", "expedited", "decision_due", "decided_on", "reasons", "note", "location", "method",
    )
)  # fmt: skip


def record_authorization(
    *,
    patient: Patient,
    payer: Payer,
    kind: str = "authorization",
    status: str = "requested",
    number: str = "",
    codes: Sequence[CodeRange] = (),
    diagnoses: Sequence[str] = (),
    provider_npis: Sequence[str] = (),
    places: Sequence[str] = (),
    location: Location | None = None,
    units_approved: Decimal | None = None,
    visits_approved: int | None = None,
    start: date | None = None,
    through: date | None = None,
    requested_at: datetime | None = None,
    expedited: bool = False,
    **more: Any,
) -> Authorization:
    """A referral or authorization as asked for or as the payer gave it. `through` is the last day it holds.

    `more` are other fields of the model. Raises AuthorizationRefused for what cannot be: no number on a granted one,
    days or quantities that contradict each other. The same number with the same start again is refused too.
    """
    end = through + ONE_DAY if through is not None else None
    if requested_at is None and status in UNDECIDED:
        requested_at = clock.now()
    row = Authorization(
        patient=patient, payer=payer, practice=patient.practice, location=location, kind=kind, status=status,
        number=number.strip(), codes=msgspec.to_builtins(list(codes)), diagnoses=[_bare(one) for one in diagnoses],
        provider_npis=list(provider_npis), places=list(places), units_approved=units_approved,
        visits_approved=visits_approved, start=start, end=end, requested_at=requested_at, expedited=expedited,
        requester=more.pop("requester", "") or actor(), created_at=clock.now(), **more,
    )  # fmt: skip
    if requested_at is not None and status in UNDECIDED:
        row.decision_due = due_of(row)
    if status in DECIDED and row.decided_on is None:
        row.decided_on = clock.today()
    _check(row)
    row.save(force_insert=True)
    record_audit(action="authorization.record", subject_type="authorization", subject_id=row.pk, detail=status)
    return row


def due_of(row: Authorization) -> datetime | None:
    """By when the payer owes its decision on what was asked; None where nothing was."""
    if row.requested_at is None:
        return None
    profile = payer_profile(row.payer)
    kind = row.payer.kind if row.payer.kind not in ("", "commercial") else profile.kind
    return decision_due(kind, row.requested_at, expedited=row.expedited, payer_days=profile.decision_days)


def _bare(diagnosis: str) -> str:
    return diagnosis.replace(".", "").strip().upper()


def _check(row: Authorization) -> None:
    """Raises AuthorizationRefused with what contradicts itself. Holds no patient value."""
    problems = []
    if row.status in ("approved", "partial") and not row.number:
        problems.append("an approved one has a number: enter it from the payer's letter or portal")
    if row.number and row.number.upper().replace(" ", "") in PLACEHOLDER_IDS:
        problems.append("the number is a word, not the payer's number")
    if row.start and row.end and row.end <= row.start:
        problems.append("the last day is before the first")
    quantities = (row.units_approved, row.visits_approved, row.units_requested, row.visits_requested)
    if any(one is not None and one < 0 for one in quantities):
        problems.append("units and visits are not below zero")
    for codes in msgspec.convert(row.codes, list[CodeRange]):
        if codes.last and (len(codes.last) != len(codes.first) or codes.last < codes.first):
            problems.append(f"the code range {codes.first}-{codes.last} has no order")
    same = Authorization.objects.filter(
        patient=row.patient, payer=row.payer, kind=row.kind, number=row.number, start=row.start
    ).exclude(pk=row.pk)
    if row.number and same.exists():
        problems.append("this number with this first day is on file already: change that one")
    if problems:
        raise AuthorizationRefused("; ".join(problems))


def change_authorization(
    *, authorization: Authorization, changes: dict[str, Any], source: str = "person", note: str = "",
    evidence: InboxPart | None = None,
) -> Authorization:  # fmt: skip
    """Change fields and keep what they were. Nothing changed writes nothing.

    Raises AuthorizationRefused for a field that is not to be changed, a contradiction, or units below what is taken.
    """
    row = (
        Authorization.objects.select_for_update(of=("self",))
        .select_related("patient", "payer")
        .get(pk=authorization.pk)
    )
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise AuthorizationRefused(f"not to be changed: {', '.join(sorted(unknown))}")
    told: dict[str, list[Any]] = {}
    for field, value in changes.items():
        old = getattr(row, field)
        if field == "codes":
            value = msgspec.to_builtins(list(value))
        if old != value:
            told[field] = [_text(old), _text(value)]
            setattr(row, field, value)
    if not told:
        return row
    if row.status in DECIDED and "status" in told and row.decided_on is None:
        row.decided_on = clock.today()
    _check(row)
    _check_taken(row)
    row.save()
    AuthorizationChange.objects.create(
        authorization=row,
        changes=told,
        source=source,
        evidence=evidence,
        note=note,
        at=clock.now(),
        on=clock.today(),
        actor=actor(),
    )
    record_audit(
        action="authorization.change", subject_type="authorization", subject_id=row.pk, detail=",".join(sorted(told))
    )
    if row.status not in UNDECIDED:
        resolve_work_items(keys=[f"authorization-chase:{row.pk}"], resolution=f"the payer decided: {row.status}")
    return row


def _text(value: Any) -> Any:
    """A value as JSON keeps it; of a row, its id."""
    value = getattr(value, "pk", value)
    return str(value) if isinstance(value, date | datetime | Decimal | UUID) else value


def _check_taken(row: Authorization) -> None:
    for measure, approved in ((UNITS, row.units_approved), (VISITS, row.visits_approved)):
        if approved is None:
            continue
        held = held_by_subject(map(as_entry, row.entries.filter(measure=measure).order_by("ordinal"))).values()
        taken = sum((one.reserved + one.used for one in held), Decimal(0))
        if taken > approved:
            _list_overdrawn(row, measure, taken, Decimal(approved))


def _list_overdrawn(row: Authorization, measure: str, taken: Decimal, approved: Decimal) -> None:
    """The payer's word counts, also where it is less than what is planned: a person sorts it out."""
    raise_work_item(
        worklist=Worklist.AUTHORIZATION_PROBLEMS, key=f"authorization-over:{row.pk}:{measure}",
        reason_code="MORE_TAKEN_THAN_APPROVED",
        reason=f"{taken:f} {measure} are reserved or used and the payer approved {approved:f}.",
        what_to_do="Ask the payer for more, or take visits off the schedule before their claims go out",
        subject_type="authorization", subject_id=row.pk, practice_id=row.practice_id, reopen=True,
    )  # fmt: skip


# Scheduling, and overrides -------------------------------------------------------------------------------------------


def reserve_for_visit(
    *, authorization: Authorization, encounter_id: UUID, units: Decimal | None = None, visits: int = 1,
    override_reason: str = "", supervisor: bool = False,
) -> list[AuthorizationEntry]:  # fmt: skip
    """Keep units and a visit for a scheduled visit; its claim takes them over when it is ready. Again changes nothing.

    Raises AuthorizationRefused where less is left, unless a supervisor overrides with a reason.
    """
    if override_reason and not supervisor:
        raise AuthorizationRefused("only a supervisor reserves more than is left, with a reason")
    row = Authorization.objects.select_for_update().get(pk=authorization.pk)
    if row.status in ("denied", "cancelled", "expired", "not_required"):
        raise AuthorizationRefused(f"it is {row.get_status_display().lower()}")
    made: list[AuthorizationEntry] = []
    subject = f"encounter:{encounter_id}"
    wanted = [(UNITS, row.units_approved, units)] if units else []
    if row.visits_approved is not None:
        wanted.append((VISITS, Decimal(row.visits_approved), Decimal(visits)))
    for measure, approved, quantity in wanted:
        entries = [as_entry(one) for one in row.entries.filter(measure=measure).order_by("ordinal")]
        held = held_by_subject(entries).get(subject)
        missing = quantity - (held.reserved if held else Decimal(0))
        if missing > 0:
            step(
                approved, entries, Movement.RESERVE, quantity=missing, subject=subject, key="new",
                override_reason=override_reason,
            )  # fmt: skip
            made.append(
                append_entry(
                    row, measure=measure, movement=Movement.RESERVE, quantity=missing, subject=subject,
                    encounter_id=encounter_id, cause="scheduling", override_reason=override_reason,
                )
            )  # fmt: skip
    if made:
        record_audit(
            action="authorization.override" if override_reason else "authorization.reserve",
            subject_type="authorization", subject_id=row.pk, detail=override_reason or str(encounter_id),
        )  # fmt: skip
    return made


def release_visit(*, encounter_id: UUID, reason: str = "visit cancelled") -> int:
    """Give back what a scheduled visit holds: it was cancelled or nobody came. Says how many entries were written."""
    holding = AuthorizationEntry.objects.filter(encounter_id=encounter_id).values("authorization_id")
    written = 0
    for row in Authorization.objects.select_for_update().filter(pk__in=holding).order_by("pk"):
        for measure in (UNITS, VISITS):
            entries = [as_entry(one) for one in row.entries.filter(measure=measure).order_by("ordinal")]
            held = held_by_subject(entries).get(f"encounter:{encounter_id}")
            if held is not None and held.reserved > 0:
                append_entry(
                    row,
                    measure=measure,
                    movement=Movement.RELEASE,
                    quantity=held.reserved,
                    subject=f"encounter:{encounter_id}",
                    encounter_id=encounter_id,
                    cause=reason[:20],
                )
                written += 1
    return written


def append_entry(row: Authorization, *, movement: Movement, **fields: Any) -> AuthorizationEntry:
    """One entry under the next ordinal. The caller holds the lock on the row and has checked what is left."""
    last = row.entries.order_by("-ordinal").values_list("ordinal", flat=True).first() or 0
    return AuthorizationEntry.objects.create(
        authorization=row,
        ordinal=last + 1,
        movement=movement.value,
        at=clock.now(),
        on=clock.today(),
        actor=actor(),
        **fields,
    )


# The chase list ------------------------------------------------------------------------------------------------------


def list_overdue_decisions() -> int:
    """Undecided requests whose day has come go on the chase list; says how many are on it now."""
    moment = clock.now()
    rows = Authorization.objects.filter(status__in=UNDECIDED, decision_due__lte=moment).select_related("payer")
    for row in rows:
        raise_work_item(
            worklist=Worklist.AUTHORIZATION_CHASE, key=f"authorization-chase:{row.pk}", reason_code="DECISION_OVERDUE",
            reason=f"{row.payer.name} owed its decision by {clock.local(row.decision_due):%m/%d/%Y %H:%M}"
            + (" (expedited)" if row.expedited else ""),
            what_to_do="Ask the payer and note the call reference; escalate where the law sets the day",
            subject_type="authorization", subject_id=row.pk, practice_id=row.practice_id,
            due_date=clock.day_of(row.decision_due), reopen=True,
        )  # fmt: skip
    return len(rows)


def expire_authorizations() -> int:
    """Granted ones whose last day has passed are expired: claims of their days still find them. Says how many."""
    rows = list(Authorization.objects.filter(status__in=("approved", "partial"), end__lte=clock.today()))
    for row in rows:
        change_authorization(authorization=row, changes={"status": "expired"}, note="its last day has passed")
    return len(rows)
