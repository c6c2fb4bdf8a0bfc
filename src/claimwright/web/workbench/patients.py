"""Finding a patient."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.patients.models import Patient
from claimwright.web.patients.selectors import by_name, by_number
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import page, rows_of, show


def found_by(text: str) -> QuerySet[Patient]:
    """Every word must begin a name or be the record number or member id. A merged record is found as its survivor."""
    found = Patient.objects.filter(merged_into__isnull=True)
    for word in text.replace(",", " ").split()[:5]:
        found = found.filter(pk__in=by_name(word).union(by_number(word), all=True))
    return found


COLUMNS: Columns = (
    ("Last name", "last_name"), ("First name", "first_name"), ("Record number", "record_number"),
    ("Born", "birth_date"), ("Practice", "practice.name"),
    ("Coverage", lambda row: ", ".join(f"{cover.payer.name} ({cover.sequence})" for cover in row.coverages.all())),
    ("Credit held", "credit"),
)  # fmt: skip


def _with_credits(found: list[Patient]) -> list[Patient]:
    credits = patient_credits(str(patient.pk) for patient in found)
    for patient in found:
        patient.credit = credits.get(str(patient.pk))
    return found


@page(reads="patient.list")
def patients(request: HttpRequest) -> HttpResponse:
    every = (
        found_by(request.GET.get("q", ""))
        .select_related("practice")
        .prefetch_related("coverages__payer")
        .order_by(*Patient.BY_NAME)
    )
    if file := exported(request, "patients", COLUMNS, every, ready=_with_credits):
        return file
    rows = rows_of(request, every)
    _with_credits(list(rows.object_list))
    many = len({row.practice_id for row in rows.object_list}) > 1
    return show(request, "workbench/patients.html", {"rows": rows, "wanted": request.GET, "many_practices": many})
