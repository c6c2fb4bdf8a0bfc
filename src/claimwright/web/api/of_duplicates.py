"""Records that may be one person: found, merged or kept apart, and a merge taken back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Out, Reason
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.operations.merge import merge_patients, unmerge_patients
from claimwright.web.patients.duplicates import decide, scan_duplicates
from claimwright.web.patients.models import DuplicatePair, PatientMerge
from claimwright.web.practice.models import Practice


class PairOut(Out):
    id: UUID
    first_id: UUID
    second_id: UUID
    points: int
    exact: bool
    reasons: list[str]
    state: str
    found_on: date
    decided_by: str
    decided_on: date | None
    note: str


class MergeOut(Out):
    id: UUID
    survivor_id: UUID
    absorbed_id: UUID
    reason: str
    merged_by: str
    merged_at: datetime
    undone_by: str
    undone_at: datetime | None
    undone_because: str


class Scanned(Out):
    found: int = Field(description="Pairs that are new")


class KeepApart(In):
    reason: Reason


class MergePair(In):
    survivor_id: UUID = Field(description="The record that stays: one of the two")
    reason: Reason


class UndoMerge(In):
    reason: Reason


def _pair(pair_id: UUID) -> DuplicatePair:
    found: DuplicatePair = find(DuplicatePair.objects.select_related("first", "second"), pair_id)
    return found


@operation("GET", "/duplicates", permission="patients.read", answers=paged(PairOut), reads=True)
def list_duplicates(request: HttpRequest, open_only: bool = True, cursor: str = "", limit: int = 50) -> Any:
    """Pairs of records, the newest found first; those to decide unless all are asked for."""
    rows = DuplicatePair.objects.all()
    if open_only:
        rows = rows.filter(state=DuplicatePair.State.OPEN, first__merged_into=None, second__merged_into=None)
    return page_of(rows, cursor=cursor, limit=limit, by="found_on")


@operation("GET", "/duplicates/{uuid:pair_id}", permission="patients.read", answers=PairOut, reads=True)
def read_duplicate(request: HttpRequest, pair_id: UUID) -> Any:
    """One pair: read both patients to compare them."""
    return _pair(pair_id)


@operation("POST", "/duplicates/scan", permission="patients.work", answers=Scanned)
def scan_for_duplicates(request: HttpRequest) -> Any:
    """Look for pairs among all patients."""
    return {"found": sum(scan_duplicates(practice=practice) for practice in Practice.objects.order_by("npi"))}


@operation("POST", "/duplicates/{uuid:pair_id}/keep-apart", permission="patients.work", answers=PairOut)
def keep_records_apart(request: HttpRequest, pair_id: UUID, payload: KeepApart) -> Any:
    """They are two people; the pair is not asked again."""
    pair = _pair(pair_id)
    if pair.state != DuplicatePair.State.OPEN:
        raise Problem(409, "The pair was decided already", kind="refused")
    decide(pair=pair, state=DuplicatePair.State.DIFFERENT, note=payload.reason)
    pair.refresh_from_db()
    return pair


@operation("POST", "/duplicates/{uuid:pair_id}/merge", permission="patients.merge", answers=MergeOut, status=201)
def merge_records(request: HttpRequest, pair_id: UUID, payload: MergePair) -> Any:
    """Make one record of the two: all that hangs on the other goes to the one that stays."""
    pair = _pair(pair_id)
    sides = {pair.first_id: (pair.first, pair.second), pair.second_id: (pair.second, pair.first)}
    if payload.survivor_id not in sides:
        errors = [{"field": "survivor_id", "says": "is none of the two"}]
        raise Problem(422, "One of the two records stays", errors=errors)
    survivor, absorbed = sides[payload.survivor_id]
    merge_patients(survivor=survivor, absorbed=absorbed, reason=payload.reason)
    return PatientMerge.objects.get(survivor=survivor, absorbed=absorbed, undone_at=None)


@operation("GET", "/merges", permission="patients.read", answers=paged(MergeOut), reads=True)
def list_merges(request: HttpRequest, patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Merges, the newest first; of one patient, those it survived."""
    rows = PatientMerge.objects.defer("before")
    return page_of(
        rows.filter(survivor_id=patient_id) if patient_id else rows, cursor=cursor, limit=limit, by="merged_at"
    )


@operation("POST", "/merges/{uuid:merge_id}/undo", permission="patients.merge", answers=MergeOut)
def undo_a_merge(request: HttpRequest, merge_id: UUID, payload: UndoMerge) -> Any:
    """Take the two records apart again, with what each had."""
    row = find(PatientMerge.objects.select_related("survivor", "absorbed"), merge_id)
    unmerge_patients(merge=row, reason=payload.reason)
    row.refresh_from_db()
    return row
