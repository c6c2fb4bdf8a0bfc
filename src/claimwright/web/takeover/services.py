"""Takeovers: kept, checked, loaded as a whole, undone as a whole. All run in the caller's tenant scope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec
from django.db import transaction

from claimwright.billing.takeover import ControlTotals, Judged, TieRow, judge, tie_out
from claimwright.claims.from_csv.takeover import TakeoverSet, fingerprint_text, read_takeover
from claimwright.claims.nouns import IntakeProblem
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.services import PatientConflict, save_patient
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import payer_nouns, policies_of
from claimwright.web.takeover.loading import Loader
from claimwright.web.takeover.models import Takeover, TakeoverFile
from claimwright.web.takeover.selectors import known_to, ledger_ties, line_ids_of, names_of_payers
from claimwright.web.takeover.undoing import give_back, what_happened

LONGEST_NAME = 60
LARGEST_SET_BYTES = 100_000_000


class TakeoverRefused(ValueError):
    """What cannot be done, with why; nothing was changed. `reasons` are the single faults or happenings."""

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a set holds and what is wrong with it. It is `good` when nothing blocks and all totals tie to the cent."""

    problems: tuple[IntakeProblem, ...]
    ties: tuple[TieRow, ...]
    claims: int
    lines: int

    @property
    def faults(self) -> tuple[IntakeProblem, ...]:
        return tuple(problem for problem in self.problems if problem.blocks)

    @property
    def ties_out(self) -> bool:
        return not any(row.difference for row in self.ties)

    @property
    def good(self) -> bool:
        return self.ties_out and not self.faults and bool(self.lines)


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a loading made. `changed` False: the same set was loaded already."""

    changed: bool
    claims: int = 0
    lines: int = 0
    denials: int = 0
    plans: int = 0
    ties: tuple[TieRow, ...] = ()


@transaction.atomic
def save_takeover(
    *, practice: Practice, name: str, files: Mapping[str, bytes], totals: ControlTotals, as_of: date
) -> Takeover:
    """Keep a set and what the old system's A/R report says of it. Files of a set that was kept before are replaced.

    Raises TakeoverRefused for a set that is loaded with other content, for no name, a day to come, totals below zero.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise TakeoverRefused(f"name: 1 to {LONGEST_NAME} characters")
    if as_of > clock.today():
        raise TakeoverRefused("as of: the day lies ahead")
    sums = (totals.insurance, totals.patient, totals.credits, *totals.by_payer.values())
    if any(amount < ZERO for amount in sums):
        raise TakeoverRefused("totals: write amounts without a minus, credits too")
    if sum(map(len, files.values())) > LARGEST_SET_BYTES:
        raise TakeoverRefused("files: together more than 100 MB; split the set by practice or year")
    keys = names_of_payers()
    unknown = [key for key in totals.by_payer if key.upper() not in keys]
    if unknown:
        raise TakeoverRefused(f"totals: no payer {', '.join(unknown)}; use the keys of the payers set up here")
    stated = {keys[key.upper()]: str(amount) for key, amount in totals.by_payer.items()}
    values = {
        "practice": practice, "as_of": as_of, "insurance_amount": totals.insurance, "patient_amount": totals.patient,
        "credit_amount": totals.credits, "by_payer": stated,
    }  # fmt: skip
    row = Takeover.objects.select_for_update().filter(name=name).first()
    if row is None:
        row = Takeover(name=name, saved_at=clock.now(), saved_by=actor(), **values)
    elif row.state == Takeover.State.LOADED:
        if _same(row, files, values):
            return row
        raise TakeoverRefused("the set is loaded: undo it before its files or totals change")
    for field, value in (values | {"saved_at": clock.now(), "saved_by": actor()}).items():
        setattr(row, field, value)
    row.save()
    row.files.all().delete()
    for file, content in files.items():
        TakeoverFile.objects.create(
            takeover=row, name=file[:120], content=content, sha256=hashlib.sha256(content).hexdigest(),
            received_at=clock.now(), received_by=actor(),
        )  # fmt: skip
    record_audit(action="takeover.save", subject_type="takeover", subject_id=row.pk, detail=f"{len(files)} files")
    return row


def _same(row: Takeover, files: Mapping[str, bytes], values: Mapping[str, object]) -> bool:
    held = {file.name: file.sha256 for file in row.files.all()}
    came = {name[:120]: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return held == came and all(getattr(row, field) == value for field, value in values.items())


def totals_of(takeover: Takeover) -> ControlTotals:
    return ControlTotals(
        insurance=takeover.insurance_amount, patient=takeover.patient_amount, credits=takeover.credit_amount,
        by_payer={key: Decimal(amount) for key, amount in takeover.by_payer.items()},
    )  # fmt: skip


def _read(takeover: Takeover) -> TakeoverSet:
    return read_takeover({file.name: bytes(file.content) for file in takeover.files.all()}, payer_nouns())


def _judge(takeover: Takeover, read: TakeoverSet) -> Judged:
    known = known_to(takeover.practice, {line.claim for line in read.open_lines})
    return judge(
        read, known, on=takeover.as_of, today=clock.today(), policies=policies_of(takeover.practice)
    )  # fmt: skip


def check_takeover(*, takeover: Takeover) -> CheckReport:
    """Read and judge the set as it is kept. Changes nothing."""
    return _check(takeover)[0]


def _check(takeover: Takeover) -> tuple[CheckReport, TakeoverSet, Judged]:
    read = _read(takeover)
    judged = _judge(takeover, read)
    ties = tie_out(read, totals_of(takeover), names_of_payers())
    report = CheckReport(
        problems=(*read.problems, *judged.problems, *_strangers(takeover.practice, read)), ties=ties,
        claims=len({line.claim for line in read.open_lines}), lines=len(read.open_lines),
    )  # fmt: skip
    return report, read, judged


def _strangers(practice: Practice, read: TakeoverSet) -> tuple[IntakeProblem, ...]:
    """Record numbers of the set that are somebody else's here: tried by saving, and taken back."""
    found = []
    with transaction.atomic():
        for place, noun in read.patients:
            try:
                save_patient(practice=practice, patient=noun)
            except PatientConflict as conflict:
                found.append(
                    IntakeProblem(
                        code="PATIENT_CONFLICT", place=f"{place}, column mrn", message=str(conflict).capitalize(),
                        fix="Compare both persons, then correct the record number",
                    )
                )  # fmt: skip
        transaction.set_rollback(True)
    return tuple(found)


@transaction.atomic
def load_takeover(*, takeover: Takeover) -> LoadReport:
    """Make everything of the set, or nothing. The same set again changes nothing.

    Raises TakeoverRefused while a fault or a difference stands, or where other content is loaded under this name.
    """
    row = Takeover.objects.select_for_update(of=("self",)).select_related("practice").get(pk=takeover.pk)
    if row.state == Takeover.State.LOADED:
        return LoadReport(changed=False, ties=ledger_ties(row))
    report, read, judged = _check(row)
    mark = hashlib.sha256(fingerprint_text(read)).hexdigest()
    other = Takeover.objects.filter(fingerprint=mark, state=Takeover.State.LOADED).exclude(pk=row.pk).first()
    if other is not None:
        raise TakeoverRefused(f"the same content is loaded as {other.name}")
    if not report.good:
        raise TakeoverRefused(
            f"nothing was loaded: {len(report.faults)} faults, totals {'tie' if report.ties_out else 'do not tie'}",
            tuple(f"{problem.place}: {problem.message}. {problem.fix}" for problem in report.faults)
            + tuple(f"{tie.name}: stated {tie.stated}, found {tie.found}" for tie in report.ties if tie.difference),
        )
    row.load_number += 1
    row.state, row.fingerprint = Takeover.State.LOADED, mark
    row.loaded_at, row.loaded_by = clock.now(), actor()
    row.save()
    Loader(row, read, judged.claims).run()
    ties = ledger_ties(row)
    if any(tie.difference for tie in ties):  # cannot be, and then nothing stays
        raise TakeoverRefused("the ledger would not tie to the totals stated; nothing was loaded")
    record_audit(
        action="takeover.load", subject_type="takeover", subject_id=row.pk,
        detail=f"loading {row.load_number}: {report.claims} claims, {report.lines} lines",
    )  # fmt: skip
    takeover.refresh_from_db()
    return LoadReport(
        changed=True, claims=report.claims, lines=report.lines, denials=len(read.denials), plans=len(read.plans),
        ties=ties,
    )  # fmt: skip


@transaction.atomic
def undo_takeover(*, takeover: Takeover, reason: str) -> int:
    """Take the last loading back: entries reversed, claims cancelled, its denials, appeals and plans gone. Says how many
    lines. Patients and coverages stay: they are people, and others may have visits by now.

    Raises TakeoverRefused naming what was posted, sent or worked on since; then nothing is taken back.
    """
    row = Takeover.objects.select_for_update(of=("self",)).select_related("practice").get(pk=takeover.pk)
    if row.state != Takeover.State.LOADED:
        raise TakeoverRefused("the set is not loaded")
    if not reason.strip():
        raise TakeoverRefused("reason: say why it is taken back")
    happened = what_happened(row)
    if happened:
        raise TakeoverRefused(f"{len(happened)} things have happened since the loading", happened)
    lines = len(line_ids_of(row))
    give_back(row)
    row.state, row.undone_because = Takeover.State.UNDONE, reason.strip()[:200]
    row.undone_at, row.undone_by = clock.now(), actor()
    row.save()
    record_audit(
        action="takeover.undo", subject_type="takeover", subject_id=row.pk,
        detail=f"loading {row.load_number}: {row.undone_because}",
    )  # fmt: skip
    takeover.refresh_from_db()
    return lines
