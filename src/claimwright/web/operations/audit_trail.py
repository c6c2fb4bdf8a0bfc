"""Who saw or changed one patient's record: the rows of the audit log about the patient and about whatever is hers."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.db import models

from claimwright.web.core.isolation import tenant_models
from claimwright.web.patients.models import Patient

# What a row of the patient's lies in although others' do too: whoever opens the whole sees the patient's part.
WHOLES = (
    ("payments_claimpayment", "remittance"),
    ("payments_remittance", "part"),
    ("exchange_inboxpart", "file"),
    ("submissions_submission", "file"),
)  # table, foreign key
STEPS = 4  # an edit's finding: finding, version, claim, patient


@cache
def _children() -> dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]]:
    """Of each model, those with a foreign key to it, and the key's name. Patients are children of none: a guarantor's
    record is not the patient's."""
    found: dict[type[models.Model], list[tuple[type[models.Model], str]]] = {}
    for model in tenant_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and model is not Patient:
                found.setdefault(field.related_model, []).append((model, field.name))
    return {model: tuple(children) for model, children in found.items()}


def subjects_of(patient: Patient) -> set[str]:
    """Ids of the patient, of records merged into hers, of every row that hangs on them, and of the files it lies in."""
    owners = {patient.pk, *Patient.objects.filter(merged_into=patient).values_list("pk", flat=True)}
    found: dict[type[models.Model], set[UUID]] = {Patient: set(owners)}
    newest: dict[type[models.Model], set[UUID]] = {Patient: set(owners)}
    for _ in range(STEPS):
        fresh: dict[type[models.Model], set[UUID]] = {}
        for parent, ids in newest.items():
            for model, name in _children().get(parent, ()):
                held = set(model._default_manager.filter(**{f"{name}__in": ids}).values_list("pk", flat=True))
                held -= found.get(model, set())
                if held:
                    fresh.setdefault(model, set()).update(held)
        for model, held in fresh.items():
            found.setdefault(model, set()).update(held)
        newest = fresh
    _add_wholes(found)
    return {str(one) for ids in found.values() for one in ids}


def _add_wholes(found: dict[type[models.Model], set[UUID]]) -> None:
    by_table = {model._meta.db_table: model for model in tenant_models()}
    for table, name in WHOLES:
        model = by_table[table]
        if not found.get(model):
            continue
        whole = model._meta.get_field(name).related_model
        assert isinstance(whole, type)
        ids = model._default_manager.filter(pk__in=found[model], **{f"{name}__isnull": False})
        found.setdefault(whole, set()).update(ids.values_list(f"{name}_id", flat=True))
