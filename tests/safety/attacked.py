"""Who is attacked and who attacks: a practice with a row of every kind, full of words that nobody else may see.

`Attacked.practice` is at work (claims, money, worklists) in the tenant `first`. Two outsiders want its rows: `stranger`, of
another tenant, and `limited`, of the same tenant but granted another practice only. Each has a small practice of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from claimwright.claims.nouns import Patient
from tests.lib.builders import COMMERCIAL, a_billing_provider, a_line, a_patient
from tests.lib.web_data import (
    _claim,
    _json,
    a_claim_row,
    a_connection,
    a_patient_row,
    a_payer,
    a_practice_at_work,
    a_work_item,
)

CANARY = "QUUXCANARY"
# Words of the attacked practice and its patients; an outsider's own practice has none of them.
CANARIES = (CANARY, "Lakeside Family", "Anna", "Tester", "MRN1001", "MRN1007", "CW1001", "CW1003", "CW1004", "PCN1001")
BACKEND = "django.contrib.auth.backends.ModelBackend"
NUMBERS = itertools.count(1)


@dataclass
class Attacked:
    tenant: Any
    other_tenant: Any
    office: Any
    granted: Any  # the practice that `limited` people have
    ids: dict[str, Any] = field(default_factory=dict)  # model name to the id of a row of the attacked practice
    unfilled: list[str] = field(default_factory=list)


def attacked_office() -> Attacked:
    """Both tenants, their practices, and one row of every model that a tenant has, in the attacked practice."""
    from claimwright.web.core.tenancy import tenant_scope
    from tests.conftest import _two_tenants

    first, other = _two_tenants()
    with tenant_scope(first):
        office = a_practice_at_work()
    ids: dict[str, Any] = {}
    fill_every_model(first, office.practice, ids, but={"periodevent", "monthreport"})  # all rows are the attacked one's
    with tenant_scope(first):
        granted = own_practice("Hillcrest Clinic", "1000000012", "HC", office.payer)
    with tenant_scope(other):
        a_connection()
        own_practice("Harbor Clinic", "1000000020", "HB", a_payer(COMMERCIAL))
    unfilled = fill_every_model(first, office.practice, ids, but=set())  # a closed month ends all posting: last
    from claimwright.web.core.models import User

    ids["person"] = User.objects.create(username="inside", tenant=first, role="biller").pk
    return Attacked(first, other, office, granted, ids, unfilled)


def own_practice(name: str, npi: str, prefix: str, payer: Any) -> Any:
    """A practice with a patient, a claim and a work item, for an outsider to look at."""
    from claimwright.web.practice.models import Practice

    practice = Practice.objects.create(name=name, npi=npi, tax_id=npi[:9], content=_json(a_billing_provider(npi=npi)))
    noun: Patient = a_patient(last_name="Otherwise", first_name="Bea", record_number=f"{prefix}-7")
    patient = a_patient_row(practice, payer, noun, member_id=f"{prefix}12345")
    claim = _claim(next(NUMBERS), noun, dos=date(2026, 9, 9))
    lines = tuple(a_line(control_number=f"{prefix}L{number}") for number, _ in enumerate(claim.lines))
    import msgspec

    claim = msgspec.structs.replace(claim, control_number=f"{prefix}2001", lines=lines)
    a_claim_row(practice, payer, patient, claim, state="READY")
    a_work_item(
        "edit_holds",
        f"edit/{prefix}",
        practice_id=practice.pk,
        reason="Its own",
        reason_code="BIL05",
        what_to_do="Look",
    )
    return practice


def fill_every_model(tenant: Any, practice: Any, ids: dict[str, Any], but: set[str]) -> list[str]:
    """A row of each model that has none yet, with the canary in its texts: its id by model name in `ids`.

    Gives the models that refused such a row.
    """
    from django.db import Error

    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.tenancy import tenant_scope

    waiting = [model for model in tenant_models() if model._meta.model_name not in but]
    for _ in range(5):  # a model waits for those that it points at
        late, waiting = waiting, []
        for model in late:
            name = model._meta.model_name
            if name in ids:
                continue
            own = {"practice_id": practice.pk} if _has_practice(model) else {}
            try:
                with tenant_scope(tenant):
                    row = model.objects.filter(**own).order_by("pk").first() or _made(model, ids, own)
                    ids[name] = row.pk
            except (Error, KeyError):
                waiting.append(model)
    return sorted(model._meta.label for model in waiting)


def _has_practice(model: Any) -> bool:
    return any(one.column == "practice_id" for one in model._meta.concrete_fields)


def _made(model: Any, ids: dict[str, Any], own: dict[str, Any]) -> Any:
    from django.db import models

    from claimwright.web.core.practice_grants import OPEN

    mark = "OFFICEWIDE" if model._meta.label in OPEN else CANARY  # what is open to the office is no secret within it
    values = {}
    for one in model._meta.concrete_fields:
        if one.name in ("id", "tenant") or (one.null and not isinstance(one, models.ForeignKey)):
            continue
        if isinstance(one, models.ForeignKey):
            name = one.related_model._meta.model_name
            if one.related_model is not model and (not one.null or name in ids):
                values[one.attname] = ids[name]
        else:
            values[one.attname] = _value(one, mark)
    return model.objects.create(**{**values, **own})


def _value(one: Any, mark: str) -> Any:
    from django.db import models

    if one.choices:
        return one.choices[0][0]
    if isinstance(one, models.CharField | models.TextField):
        return f"{mark}{next(NUMBERS)}"[: one.max_length or 99]
    kinds: tuple[tuple[Any, Any], ...] = (
        (models.BooleanField, False), (models.IntegerField, 1), (models.DecimalField, Decimal("1.00")),
        (models.DateTimeField, datetime(2026, 9, 12, 9, tzinfo=UTC)), (models.DateField, date(2026, 9, 1)),
        (models.TimeField, time(9)), (models.BinaryField, mark.encode()), (models.UUIDField, None),
        (models.FloatField, 1.0),
    )  # fmt: skip
    if isinstance(one, models.UUIDField):
        import uuid

        return uuid.uuid4()
    if isinstance(one, models.JSONField):
        return one.get_default()
    return next((value for kind, value in kinds if isinstance(one, kind)), one.get_default())


def person(tenant: Any, role: str, practices: list[Any], username: str) -> Any:
    """A signed-in client of one person."""
    from django.test import Client

    from claimwright.web.core.models import User

    user = User.objects.create(username=username, tenant=tenant, role=role, practice_ids=[one.pk for one in practices])
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    client.person = user  # type: ignore[attr-defined]
    return client
