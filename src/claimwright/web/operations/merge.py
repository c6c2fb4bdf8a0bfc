"""Two records that are one person: references turned to the survivor, kept one by one, so that it can be undone.

Nothing is deleted and no claim, statement or ledger row changes its content: a sent version says what it said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction

from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import TenantModel, WorkItem
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.coverages import ask_where_unclear
from claimwright.web.patients.duplicates import decide
from claimwright.web.patients.models import (
    DuplicatePair,
    MergeMove,
    Patient,
    PatientAddress,
    PatientCoverage,
    PatientMerge,
    PatientPhone,
)
from claimwright.web.payments.carried import carry_back, carry_over
from claimwright.web.payments.credits import list_patient_credits, lock_visits
from claimwright.web.payments.models import Refund
from claimwright.web.submissions.models import Claim

# What tells who a record is stays with it; pairs and merges name both.
STAYS = (PatientAddress, PatientPhone, DuplicatePair, PatientMerge)
KEPT_ITEMS = ("credit:", "duplicate:")  # work items that follow from the record's own money or pair
CREDIT_FIELDS = ("state", "identified_on", "hold_until", "due_on")


class MergeRefused(ValueError):
    """Two records that may not become one, or a merge that cannot be undone yet; the text says why."""


@transaction.atomic
def merge_patients(*, survivor: Patient, absorbed: Patient, reason: str) -> PatientMerge:
    """Everything of `absorbed` is the survivor's from now on. One transaction; raises MergeRefused and changes nothing."""
    survivor, absorbed = _locked(survivor, absorbed)
    _may_merge(survivor, absorbed, reason)
    before = {"flags": list(survivor.flags), "credits": _credits(survivor, absorbed)}
    merge = PatientMerge.objects.create(
        survivor=survivor, absorbed=absorbed, reason=reason.strip()[:200], merged_by=actor(), merged_at=clock.now(),
        before=before,
    )  # fmt: skip
    _turn(merge, survivor, absorbed)
    absorbed.merged_into = survivor
    absorbed.save(update_fields=["merged_into"])
    added = [flag for flag in absorbed.flags if flag not in survivor.flags]
    if added:
        survivor.flags = [*survivor.flags, *added]
        survivor.save(update_fields=["flags"])
    carry_over(merge=merge)
    list_patient_credits(patient_ids=[survivor.pk, absorbed.pk])
    for pair in _pairs(survivor, absorbed):
        decide(pair=pair, state=DuplicatePair.State.MERGED, note=reason)
    ask_where_unclear(survivor)
    record_audit(
        action="patient.merge", subject_type="patient", subject_id=survivor.pk, detail=f"{absorbed.pk} merge {merge.pk}"
    )
    return merge


def _locked(*patients: Patient) -> list[Patient]:
    """Fresh rows, locked in one order, and whoever moves their money waits."""
    held = {
        row.pk: row
        for row in Patient.objects.select_for_update().filter(pk__in=[p.pk for p in patients]).order_by("pk")
    }
    if len(held) < len({patient.pk for patient in patients}):
        raise MergeRefused("one of the records is not of this practice")
    for patient_id in sorted(held):
        lock_visits(patient_id=patient_id)
    return [held[patient.pk] for patient in patients]


def _may_merge(survivor: Patient, absorbed: Patient, reason: str) -> None:
    if not reason.strip():
        raise MergeRefused("say why the two are one person")
    if survivor.pk == absorbed.pk:
        raise MergeRefused("that is one record")
    if survivor.practice_id != absorbed.practice_id:
        raise MergeRefused("the records belong to two practices: each keeps its own")
    if survivor.merged_into_id or absorbed.merged_into_id:
        raise MergeRefused("one of them was merged already: open the record it became")


def _pairs(one: Patient, other: Patient) -> Sequence[DuplicatePair]:
    first, second = sorted((one, other), key=lambda patient: str(patient.pk))
    return list(DuplicatePair.objects.filter(first=first, second=second))


# References ----------------------------------------------------------------------------------------------------------


def references() -> Iterator[tuple[type[TenantModel], str]]:
    """(model, field) of every foreign key to a patient that a merge turns. Rows that are only ever added stay."""
    for model in apps.get_models():
        if not issubclass(model, TenantModel) or model.append_only or model in STAYS:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Patient and field.name != "merged_into":
                yield model, field.name


def _rows(model: type[TenantModel], field: str, patient: Patient, other: Patient) -> Any:
    rows = model._default_manager.filter(**{field: patient})
    if model is Refund:
        rows = rows.exclude(line_id="")  # a record's own credit is listed anew once it is carried over
    if model is Patient:
        rows = rows.exclude(pk=other.pk)  # nobody is their own guarantor or mother
    return rows


def _turn(merge: PatientMerge, survivor: Patient, absorbed: Patient) -> None:
    moves = []
    for model, field in references():
        ids = list(_rows(model, field, absorbed, survivor).values_list("pk", flat=True))
        moved = _point(model, field, ids, survivor)
        moves += [MergeMove(merge=merge, model=model._meta.label, field=field, row=pk) for pk in moved]
    items = WorkItem.objects.filter(subject_type="patient", subject_id=str(absorbed.pk)).exclude(state="done")
    for kept in KEPT_ITEMS:
        items = items.exclude(key__startswith=kept)
    ids = list(items.values_list("pk", flat=True))
    moves += [MergeMove(merge=merge, model=WorkItem._meta.label, field="subject_id", row=pk) for pk in ids]
    WorkItem.objects.filter(pk__in=ids).update(subject_id=str(survivor.pk))
    MergeMove.objects.bulk_create(moves, batch_size=1000)


def _point(model: type[TenantModel], field: str, ids: list[UUID], survivor: Patient) -> list[UUID]:
    """Turn the rows to the survivor; gives those turned. What the survivor has already, such as the same scanned card,
    stays with the absorbed record, where it is found through the merge."""
    try:
        with transaction.atomic():
            model._default_manager.filter(pk__in=ids).update(**{field: survivor})
        return ids
    except IntegrityError:
        if len(ids) == 1:
            return []
    return [pk for one in ids for pk in _point(model, field, [one], survivor)]


def _credits(*patients: Patient) -> dict[str, dict[str, str]]:
    """The listed credit of each record, as it is put back when the merge is undone."""
    rows = Refund.objects.filter(patient__in=patients, line_id="")
    return {
        str(row.pk): {name: str(getattr(row, name) or "") for name in CREDIT_FIELDS} | {"amount": str(row.amount)}
        for row in rows
    }


# Undoing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def unmerge_patients(*, merge: PatientMerge, reason: str) -> None:
    """Everything the merge turned goes back; what came under the absorbed record's own number since goes with it.

    Raises MergeRefused where it was undone, or the survivor was itself merged since.
    """
    survivor, absorbed = _locked(merge.survivor, merge.absorbed)
    merge.refresh_from_db(from_queryset=PatientMerge.objects.select_for_update())
    if not reason.strip():
        raise MergeRefused("say why the two are not one person")
    if merge.undone_at is not None:
        raise MergeRefused("the merge was undone already")
    if survivor.merged_into_id is not None:
        raise MergeRefused("the survivor was merged since: undo that merge first")
    _turn_back(merge, survivor, absorbed)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    gained = [flag for flag in absorbed.flags if flag not in merge.before["flags"]]
    flags = [flag for flag in survivor.flags if flag not in gained]
    if flags != survivor.flags:
        survivor.flags = flags
        survivor.save(update_fields=["flags"])
    carry_back(merge=merge)
    list_patient_credits(patient_ids=[survivor.pk, absorbed.pk])
    _put_credits_back(merge)
    merge.undone_by, merge.undone_at, merge.undone_because = actor(), clock.now(), reason.strip()[:200]
    merge.save(update_fields=["undone_by", "undone_at", "undone_because"])
    for pair in _pairs(survivor, absorbed):
        decide(pair=pair, state=DuplicatePair.State.DIFFERENT, note=reason)
    for patient in (survivor, absorbed):
        ask_where_unclear(patient)
    record_audit(
        action="patient.unmerge", subject_type="patient", subject_id=survivor.pk,
        detail=f"{absorbed.pk} merge {merge.pk}",
    )  # fmt: skip


def _turn_back(merge: PatientMerge, survivor: Patient, absorbed: Patient) -> None:
    by_field: dict[tuple[str, str], list[UUID]] = {}
    for model, field, row in merge.moves.values_list("model", "field", "row"):
        by_field.setdefault((model, field), []).append(row)
    for (label, field), ids in by_field.items():
        target: Any = absorbed
        if label == WorkItem._meta.label:
            target = str(absorbed.pk)
        apps.get_model(label)._default_manager.filter(pk__in=ids).update(**{field: target})
    _continued(absorbed, survivor)
    came = Encounter.objects.filter(
        patient=survivor, content__patient__record_number__iexact=absorbed.record_number
    ).exclude(content__patient__record_number__iexact=survivor.record_number)
    ids = list(came.values_list("pk", flat=True))
    for model in (ChargeLine, Claim):
        model.objects.filter(encounter__in=ids, patient=survivor).update(patient=absorbed)
    Encounter.objects.filter(pk__in=ids).update(patient=absorbed)


def _continued(absorbed: Patient, survivor: Patient) -> None:
    """A coverage that went on in another row meanwhile goes back whole."""
    while PatientCoverage.objects.filter(continues__patient=absorbed, patient=survivor).update(patient=absorbed):
        pass


def _put_credits_back(merge: PatientMerge) -> None:
    """A credit that is what it was is also as old as it was: its clock did not begin with the merge."""
    held = merge.before["credits"]
    for row in Refund.objects.filter(pk__in=list(held)):
        told = held[str(row.pk)]
        if str(row.amount) == told["amount"]:
            Refund.objects.filter(pk=row.pk).update(**{name: told[name] or None for name in CREDIT_FIELDS})
