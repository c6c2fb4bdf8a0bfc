"""A patient's coverages by date: added, ended, replaced, and put in order. What was billed on a row stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from claimwright.billing.coverage_order import (
    SEQUENCES,
    Basis,
    Cover,
    Parents,
    PlacedRow,
    PlaceFault,
    Plan,
    Proposal,
    Situation,
    Standing,
    place_faults,
    propose,
)
from claimwright.billing.registration import (
    NEWBORN_NAMES,
    CoverFaultContext,
    Fault,
    birth_place,
    cover_faults,
    is_placeholder_name,
    newborn_cover_ends,
    newborn_name,
)
from claimwright.claims.from_csv.registration import Registration as RegistrationNoun
from claimwright.claims.nouns import Coverage, Person
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient, PatientCoverage, Registration
from claimwright.web.patients.registration import details_of
from claimwright.web.patients.selectors import latest_medicare_answers
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payer_noun, payer_profile

UNPLACED = "U"
UNDER_MOTHERS_ID = "under_mothers_id"
# What kind of plan a payer is, by its kind as set up; anything else is an employer's plan until a person says more.
PLAN_OF_KIND = {
    "medicare": Plan.MEDICARE, "medicare_advantage": Plan.MEDICARE, "medicaid": Plan.MEDICAID, "tricare": Plan.TRICARE, "supplemental": Plan.SUPPLEMENT,
    "workers_compensation": Plan.WORKERS_COMPENSATION, "auto": Plan.AUTO, "liability": Plan.LIABILITY,
    "veterans": Plan.VETERANS, "black_lung": Plan.BLACK_LUNG, "federal": Plan.FEDERAL,
}  # fmt: skip


class CoverageRefused(ValueError):
    """A coverage or an order that cannot be; `faults` name the fields, the text says it all in one line."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.says}: {fault.fix}" for fault in faults))


class NewCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """A coverage as the front desk takes it down. `standing` is what the order of payers needs to know of it."""

    payer: Payer
    member_id: str
    relationship: str = "18"
    subscriber: Person = Person()
    group_number: str = ""
    group_name: str = ""
    plan_name: str = ""
    start: date | None = None
    end: date | None = None
    standing: Mapping[str, Any] = {}
    benefits_assigned_on: date | None = None
    release_signed_on: date | None = None
    other_cover_asked_on: date | None = None


@transaction.atomic
def add_coverage(*, patient: Patient, new: NewCoverage) -> PatientCoverage:
    """One more coverage. The only one on its days is primary; beside others it has no place until a person confirms.

    Raises CoverageRefused. The same payer, number and start again is the same coverage.
    """
    _lock(patient)
    member_id = "".join(new.member_id.split()).upper()
    _check(patient, new, member_id)
    overlapping = [
        row for row in rows_of(patient)
        if row.payer_id == new.payer.pk and row.member_id == member_id and _overlap(row, new.start, new.end)
    ]  # fmt: skip
    same = next((row for row in overlapping if (row.start, row.end) == (new.start, new.end)), None)
    if same is not None:
        return same
    if overlapping:
        raise CoverageRefused(
            Fault(field="start", says="This number of this payer is on file for some of these days",
                  fix="End or replace that coverage first")
        )  # fmt: skip
    row = PatientCoverage(
        patient=patient, payer=new.payer, sequence=UNPLACED, member_id=member_id[:80], start=new.start, end=new.end,
        plan_name=new.plan_name[:80], standing=_standing(new), benefits_assigned_on=new.benefits_assigned_on,
        release_signed_on=new.release_signed_on, other_cover_asked_on=new.other_cover_asked_on,
    )  # fmt: skip
    alone = not any(_overlap(other, new.start, new.end) for other in rows_of(patient))
    row.content = msgspec.to_builtins(_noun(new, member_id))
    row.save(force_insert=True)
    if alone:
        _place(row, "P", ["The only coverage on its days"])
    else:
        _ask_for_order(patient)
    _newborn(patient, row)
    write_registration(patient)
    record_audit(action="coverage.add", subject_type="patient", subject_id=patient.pk, detail=str(row.pk))
    return row


def _check(patient: Patient, new: NewCoverage, member_id: str) -> None:
    profile = payer_profile(new.payer)
    faults = cover_faults(
        member_id=member_id, relationship=new.relationship, subscriber=new.subscriber, start=new.start, end=new.end,
        context=CoverFaultContext(
            payer_kind=new.payer.kind, member_id_is_right=profile.accepts_member_id(member_id),
            patient_is_subscriber=profile.patient_is_subscriber, born=patient.birth_date,
        ),
    )  # fmt: skip
    if faults:
        raise CoverageRefused(*faults)


def _noun(new: NewCoverage, member_id: str) -> Coverage:
    return Coverage(
        sequence=UNPLACED, payer=payer_noun(new.payer), member_id=member_id, group_number=new.group_number,
        group_name=new.group_name, relationship=new.relationship,
        subscriber=Person() if new.relationship == "18" else new.subscriber, start=new.start, end=new.end,
        benefits_assigned="Y" if new.benefits_assigned_on else "N",
        release_of_information="Y" if new.release_signed_on else "I",
    )  # fmt: skip


def _standing(new: NewCoverage) -> dict[str, Any]:
    plan = new.standing.get("plan") or PLAN_OF_KIND.get(new.payer.kind, Plan.EMPLOYER).value
    work = Standing.ACTIVE.value if plan == Plan.EMPLOYER.value else Standing.NONE.value
    told = {"plan": plan, "standing": work, **{key: value for key, value in new.standing.items() if value is not None}}
    msgspec.convert({"key": "", **told}, Cover, strict=False)  # raises on what the order could not read
    return msgspec.to_builtins(told)


@transaction.atomic
def end_coverage(*, coverage: PatientCoverage, end: date, because: str) -> None:
    """`end` is the first day without it. Those after it move up from that day. Raises CoverageRefused."""
    patient = coverage.patient
    _lock(patient)
    coverage.refresh_from_db()
    if coverage.start is not None and end < coverage.start:
        raise CoverageRefused(
            Fault(field="end", says="The coverage would end before it begins", fix="Give a day after its start")
        )
    if coverage.end is not None and end >= coverage.end:
        raise CoverageRefused(
            Fault(field="end", says="It ends earlier already", fix="Give an earlier day, or add it anew from a day")
        )
    place = coverage.sequence
    _close(coverage, end, because)
    for row in rows_of(patient):  # the same policy's later rows end with it
        if row.continues_id == coverage.pk and not _is_empty(row):
            _close(row, max(end, row.start or end), because)
    if place != UNPLACED:
        _settle(patient, end)
    write_registration(patient)
    record_audit(action="coverage.end", subject_type="patient", subject_id=patient.pk, detail=str(coverage.pk))


@transaction.atomic
def replace_coverage(*, coverage: PatientCoverage, new: NewCoverage, because: str = "replaced") -> PatientCoverage:
    """Another coverage in the place of this one from its start on: a new card, number or plan of the same rank."""
    if new.start is None:
        raise CoverageRefused(
            Fault(field="start", says="The first day is missing", fix="Enter from when the new one holds")
        )
    patient, place = coverage.patient, coverage.sequence
    _lock(patient)
    coverage.refresh_from_db()
    member_id = "".join(new.member_id.split()).upper()
    _check(patient, new, member_id)
    if not (coverage.start or date.min) <= new.start or (coverage.end is not None and new.start >= coverage.end):
        raise CoverageRefused(
            Fault(field="start", says="The coverage to replace is not in force on that day", fix="Choose another day")
        )
    end = coverage.end
    _close(coverage, new.start, because)
    row = PatientCoverage(
        patient=patient, payer=new.payer, sequence=UNPLACED, member_id=member_id[:80], start=new.start,
        end=new.end or end, plan_name=new.plan_name[:80], standing=_standing(new),
        benefits_assigned_on=new.benefits_assigned_on, release_signed_on=new.release_signed_on,
        other_cover_asked_on=new.other_cover_asked_on,
        content=msgspec.to_builtins(msgspec.structs.replace(_noun(new, member_id), end=new.end or end)),
    )  # fmt: skip
    row.save(force_insert=True)
    if place != UNPLACED:
        _place(row, place, [f"Takes the place of the coverage that ended: {because}"])
        _settle(patient, new.start)
    write_registration(patient)
    record_audit(action="coverage.replace", subject_type="patient", subject_id=patient.pk, detail=str(row.pk))
    return row


# The order -----------------------------------------------------------------------------------------------------------


def proposed_order(*, patient: Patient, on: date) -> tuple[Proposal, dict[str, PatientCoverage]]:
    """What the rules say of the coverages in force on `on`, and the rows by the proposal's keys."""
    rows = {str(row.pk): row for row in rows_of(patient) if _in_force(row, on)}
    covers = [cover_of(row) for row in rows.values()]
    answers = latest_medicare_answers([patient.pk]).get(patient.pk)
    details = details_of(patient)
    situation = Situation(
        on=on, parents=Parents(details.parents), active_duty=details.employment == "military",
        basis=answers.basis if answers else Basis.UNKNOWN, kidney_start=answers.kidney_start if answers else None,
        medicare_was_first=bool(answers and answers.medicare_was_first),
    )  # fmt: skip
    return propose(covers, situation), rows


def cover_of(row: PatientCoverage) -> Cover:
    noun = msgspec.convert(row.content, Coverage)
    plan = PLAN_OF_KIND.get(row.payer.kind, Plan.EMPLOYER)
    told = {"plan": plan.value, **row.standing}
    if "standing" not in told and plan is not Plan.EMPLOYER:
        told["standing"] = Standing.NONE.value
    born = noun.subscriber.birth_date
    cover = msgspec.convert({"key": str(row.pk), "relationship": noun.relationship, **told}, Cover, strict=False)
    return msgspec.structs.replace(
        cover, start=row.start, end=row.end, subscriber_birth_date=cover.subscriber_birth_date or born
    )


@transaction.atomic
def confirm_order(
    *,
    patient: Patient,
    on: date,
    order: Sequence[UUID],
    insurance_type: str = "",
    reasons: Mapping[str, str] | None = None,
) -> list[PatientCoverage]:
    """A person confirms who pays first from `on` on: the rows in force, in order. Raises CoverageRefused.

    A row whose place changes is closed on `on` and goes on in a new one; earlier days keep the order they had.
    `insurance_type` is SBR05 of a Medicare row that is not first.
    """
    _lock(patient)
    rows = {row.pk: row for row in rows_of(patient) if _in_force(row, on)}
    if len(set(order)) != len(order) or not set(order) <= set(rows) or not order:
        raise CoverageRefused(
            Fault(field="order", says="The order names coverages that are not in force, or one twice",
                  fix="Look at the page again: something changed meanwhile")
        )  # fmt: skip
    if len(order) > len(SEQUENCES):
        raise CoverageRefused(
            Fault(field="order", says="A claim names eleven payers", fix="End those that are no more")
        )
    left_out = [row for pk, row in rows.items() if pk not in order]
    for row in left_out:
        if row.sequence != UNPLACED:
            _move(row, on, UNPLACED, ["Has no part in the order"], "")
    chosen = [rows[pk] for pk in order]
    told = reasons or {}
    why = [[told[str(row.pk)]] if told.get(str(row.pk)) else ["Confirmed by a person"] for row in chosen]
    seated = _seat(chosen, on, why, insurance_type=insurance_type)
    _settle(patient, on)
    resolve_work_items(keys=[_item(patient)], resolution="Order confirmed")
    write_registration(patient)
    record_audit(
        action="coverage.order", subject_type="patient", subject_id=patient.pk, detail=f"{len(seated)} from {on}"
    )
    return seated


def _settle(patient: Patient, on: date) -> None:
    """From `on` on those behind a coverage that ends move up. Raises CoverageRefused where two claim one place."""
    moved: set[date] = set()
    while True:
        faults = [fault for fault in faults_of(patient) if fault.end is None or fault.end > on]
        days = [max(fault.start, on) if fault.start else on for fault in faults]
        day = next((day for day in days if day not in moved), None)
        if day is None:
            break
        moved.add(day)
        rows = _placed_on(patient, day)
        if len({row.sequence for row in rows}) == len(rows):
            _seat(rows, day, [["The coverage before it ended"]] * len(rows), only_changed=True)
    if faults:
        raise CoverageRefused(*(_later(fault) for fault in faults[:3]))


def _later(fault: PlaceFault) -> Fault:
    since = f"From {fault.start:%m/%d/%Y}" if fault.start else "Before every date on file"
    until = f" to {fault.end - timedelta(days=1):%m/%d/%Y}" if fault.end else ""
    return Fault(
        field="order", says=f"{since}{until} {fault.says}", fix="End a coverage, or confirm the order of those days"
    )


def faults_of(patient: Patient) -> tuple[PlaceFault, ...]:
    """Stretches of time in which the places are not P, S, T; rows without a place do not count."""
    rows = [row for row in rows_of(patient) if not _is_empty(row)]
    return place_faults(
        [PlacedRow(key=str(row.pk), sequence=row.sequence, start=row.start, end=row.end) for row in rows]
    )


def _seat(
    rows: Sequence[PatientCoverage], on: date, why: Sequence[list[str]], *, insurance_type: str = "",
    only_changed: bool = False,
) -> list[PatientCoverage]:  # fmt: skip
    """Rows in force on `on`, in order, get P, S, T from that day; gives the rows that hold from then on."""
    seated = []
    for row, sequence, reasons in zip(rows, SEQUENCES, why, strict=False):
        medicare = row.payer.kind == "medicare"
        kept = str(row.content.get("insurance_type", ""))
        type_now = (insurance_type or kept if sequence != "P" else "") if medicare else kept
        if row.sequence == sequence and type_now == kept:
            if not only_changed:
                _place(row, sequence, reasons)
            seated.append(row)
        else:
            seated.append(_move(row, on, sequence, reasons, type_now))
    return seated


def _move(row: PatientCoverage, on: date, sequence: str, reasons: list[str], insurance_type: str) -> PatientCoverage:
    """The row has another place from `on` on: it is closed there and continued; one that never had a place is placed."""
    if row.sequence == UNPLACED and (row.start or date.min) <= on and sequence != UNPLACED and row.start == on:
        row.content = {**row.content, "insurance_type": insurance_type}
        _place(row, sequence, reasons)
        return row
    following = PatientCoverage(
        patient_id=row.patient_id, payer=row.payer, sequence=sequence, member_id=row.member_id, start=on, end=row.end,
        content={**row.content, "start": on.isoformat(), "insurance_type": insurance_type}, plan_name=row.plan_name,
        standing=row.standing, continues=row, benefits_assigned_on=row.benefits_assigned_on,
        release_signed_on=row.release_signed_on, other_cover_asked_on=row.other_cover_asked_on,
    )  # fmt: skip
    _close(row, on, "its place changed")
    following.save(force_insert=True)
    _place(following, sequence, reasons)
    return following


def _place(row: PatientCoverage, sequence: str, reasons: list[str]) -> None:
    row.sequence, row.reasons = sequence, reasons
    row.content = {**row.content, "sequence": sequence}
    row.confirmed_on, row.confirmed_by = clock.today(), actor()
    row.save()


def _close(row: PatientCoverage, end: date, because: str) -> None:
    """Ends before `end`; a row that would end before it begins is kept, empty."""
    row.end = max(end, row.start) if row.start is not None else end
    row.content = {**row.content, "end": row.end.isoformat()}
    row.ended_because = because[:200]
    row.confirmed_on, row.confirmed_by = clock.today(), actor()
    row.save()


def _ask_for_order(patient: Patient) -> None:
    raise_work_item(
        worklist=Worklist.COVERAGE_ORDER, key=_item(patient), reason_code="COVERAGE_ORDER",
        reason="A coverage has no place beside the others",
        what_to_do="Look at the order proposed and its reasons, ask what is open, and confirm",
        subject_type="patient", subject_id=patient.pk, practice_id=patient.practice_id, reopen=True,
    )  # fmt: skip


def _item(patient: Patient) -> str:
    return f"coverage-order:{patient.pk}"


def ask_where_unclear(patient: Patient) -> None:
    """List the patient where places do not fit, as after two records became one."""
    if faults_of(patient):
        _ask_for_order(patient)


def _newborn(patient: Patient, row: PatientCoverage) -> None:
    """A newborn billed under the mother's number is marked, and the cover ends when the payer's days are over."""
    mother = patient.mother
    if mother is None or patient.birth_date is None:
        return
    if not mother.coverages.filter(payer=row.payer, member_id=row.member_id).exists():
        return
    profile = payer_profile(row.payer)
    if UNDER_MOTHERS_ID not in patient.flags:
        patient.flags = [*patient.flags, UNDER_MOTHERS_ID]
        patient.save(update_fields=["flags"])
    if profile.newborn_naming in NEWBORN_NAMES:
        _name_newborn(patient, mother, profile.newborn_naming)
    limit = newborn_cover_ends(patient.birth_date, profile.newborn_days)
    if limit is not None and (row.end is None or row.end > limit) and (row.start is None or row.start < limit):
        row.end = limit
        row.content = {**row.content, "end": limit.isoformat()}
        row.save(update_fields=["end", "content"])


def _name_newborn(patient: Patient, mother: Patient, rule: str) -> None:
    """A child that has no name yet is called as the payer wants it."""
    noun = msgspec.convert(patient.content, PatientNoun)
    if not is_placeholder_name(noun.first_name):
        return
    place = birth_place(noun.first_name)
    first = newborn_name(noun.sex, rule=rule, place=place, mother_first_name=mother.first_name)
    patient.content = msgspec.to_builtins(msgspec.structs.replace(noun, first_name=first))
    patient.first_name = first
    patient.save(update_fields=["content", "first_name"])


# What intakes use ----------------------------------------------------------------------------------------------------


def write_registration(patient: Patient) -> None:
    """What the front desk knows wins over what an interface sends: the placed coverages become the registration."""
    nouns = []
    for row in rows_of(patient):
        if row.sequence != UNPLACED and not _is_empty(row) and row.confirmed_on is not None:
            noun = msgspec.convert(row.content, Coverage)
            nouns.append(
                msgspec.structs.replace(
                    noun, sequence=row.sequence, start=row.start, end=row.end, payer=payer_noun(row.payer)
                )
            )
    nouns.sort(key=lambda noun: SEQUENCES.index(noun.sequence))
    person = msgspec.convert(patient.content, PatientNoun)
    registered = RegistrationNoun(coverages=tuple(nouns), address=person.address, phone=person.phone)
    Registration.objects.update_or_create(
        practice_id=patient.practice_id, record_number=patient.record_number,
        defaults={"content": msgspec.to_builtins(registered), "registered_on": clock.today()},
    )  # fmt: skip


def rows_of(patient: Patient) -> list[PatientCoverage]:
    return list(
        PatientCoverage.objects.filter(patient=patient).select_related("payer").order_by("start", "sequence", "pk")
    )


def _lock(patient: Patient) -> None:
    Patient.objects.select_for_update().get(pk=patient.pk)


def _in_force(row: PatientCoverage, on: date) -> bool:
    return (row.start is None or row.start <= on) and (row.end is None or on < row.end)


def _is_empty(row: PatientCoverage) -> bool:
    return row.start is not None and row.end is not None and row.end <= row.start


def _placed_on(patient: Patient, on: date) -> list[PatientCoverage]:
    rows = [row for row in rows_of(patient) if _in_force(row, on) and row.sequence != UNPLACED]
    return sorted(rows, key=lambda row: SEQUENCES.index(row.sequence))


def _overlap(row: PatientCoverage, start: date | None, end: date | None) -> bool:
    if _is_empty(row):
        return False
    before = row.end is not None and start is not None and row.end <= start
    after = end is not None and row.start is not None and end <= row.start
    return not (before or after)
