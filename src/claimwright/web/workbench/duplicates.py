"""Records that may be one person, side by side; merged or kept apart by a person, and a merge taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.duplicates import SAYS
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.operations.merge import MergeRefused, merge_patients, unmerge_patients
from claimwright.web.patients.duplicates import decide, scan_duplicates
from claimwright.web.patients.models import DuplicatePair, Patient, PatientMerge
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.templatetags.workbench import language

COLUMNS: Columns = (
    ("Patient", "first"), ("Record number", "first.record_number"), ("Born", "first.birth_date"),
    ("Practice", "first.practice.name"), ("And", "second"), ("Its record number", "second.record_number"),
    ("Its birth date", "second.birth_date"), ("Exact", "exact"), ("Points", "points"),
    ("Why", lambda row: "; ".join(SAYS.get(reason, reason) for reason in row.reasons)), ("Found on", "found_on"),
    ("State", "get_state_display"), ("Decided by", "decided_by"), ("Decided on", "decided_on"),
)  # fmt: skip


@page(reads="patient.duplicates")
def duplicates(request: HttpRequest) -> HttpResponse:
    pairs = DuplicatePair.objects.select_related("first__practice", "second").order_by("-exact", "-points", "pk")
    if request.GET.get("show") != "all":
        pairs = pairs.filter(state=DuplicatePair.State.OPEN, first__merged_into=None, second__merged_into=None)
    if file := exported(request, "possible-duplicates", COLUMNS, pairs):
        return file
    rows = rows_of(request, pairs)
    for pair in rows.object_list:
        pair.words = [SAYS.get(reason, reason) for reason in pair.reasons]
    return show(request, "workbench/duplicates.html", {"rows": rows, "wanted": request.GET})


@action(does="patient.duplicates_scan_asked")
def scan(request: HttpRequest) -> HttpResponse:
    found = sum(scan_duplicates(practice=practice) for practice in Practice.objects.all())
    messages.success(request, f"{found} new pair{'' if found == 1 else 's'} found.")
    return redirect("duplicates")


FIELDS = (
    ("Last name", "last_name"), ("First name", "first_name"), ("Middle name", "middle_name"), ("Suffix", "suffix"),
    ("Preferred name", "preferred_name"), ("Date of birth", "birth_date"), ("Sex", "sex"), ("Telephone", "phone"),
    ("Language", "language"), ("Date of death", "death_date"),
)  # fmt: skip


def _side(patient: Patient) -> dict[str, Any]:
    noun = msgspec.convert(patient.content, PatientNoun)
    address = noun.address
    values = {label: _shown(getattr(noun, name)) for label, name in FIELDS}
    values["Language"] = language(patient.language)
    values |= {
        "Address": " ".join(filter(None, (address.line1, address.line2, address.city, address.state, address.postal_code))),
        "Social security number": "held" if patient.ssn_index else "",
        "Coverages": "; ".join(
            sorted({f"{row.payer.name} {row.member_id}" for row in patient.coverages.select_related("payer")})
        ),
        "Visits": str(patient.encounters.count()), "Claims": str(patient.claims.count()),
        "Credit we hold": f"${patient_credits([str(patient.pk)]).get(str(patient.pk), 0):,.2f}",
        "Flags": ", ".join(patient.flags),
    }  # fmt: skip
    return {"patient": patient, "values": values}


def _shown(value: Any) -> str:
    return value.strftime("%m/%d/%Y") if hasattr(value, "strftime") else str(value or "")


COUNTED = frozenset(("Coverages", "Visits", "Claims", "Credit we hold", "Flags"))


def _contradicts(label: str, one: str, other: str, pair: DuplicatePair) -> bool:
    """Whether the two say different things of who the person is; what only one of them says is no contradiction."""
    if label in COUNTED or not (one and other):
        return False
    if label == "Social security number":
        return pair.first.ssn_index != pair.second.ssn_index
    return one.upper() != other.upper()


@page(reads="patient.duplicate_read")
def duplicate(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    pair = get_object_or_404(DuplicatePair.objects.select_related("first__practice", "second__practice"), pk=pair_id)
    first, second = _side(pair.first), _side(pair.second)
    rows = [
        (label, value, second["values"][label], _contradicts(label, value, second["values"][label], pair))
        for label, value in first["values"].items()
    ]
    merge = PatientMerge.objects.filter(
        survivor__in=(pair.first, pair.second), absorbed__in=(pair.first, pair.second), undone_at=None
    ).first()
    return show(
        request,
        "workbench/duplicate.html",
        {
            "pair": pair, "rows": rows, "words": [SAYS.get(reason, reason) for reason in pair.reasons],
            "may_merge": may(request, "merge_patients"), "merge": merge,
        },
    )  # fmt: skip


@action(does="patient.duplicate_different_asked")
def keep_apart(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    pair = get_object_or_404(DuplicatePair, pk=pair_id)
    if pair.state != DuplicatePair.State.OPEN:
        messages.error(request, "The pair was decided already.")
    else:
        decide(pair=pair, state=DuplicatePair.State.DIFFERENT, note=request.POST.get("reason", "").strip())
        messages.success(request, "Kept as two people; the pair is not asked again.")
    return redirect("duplicates")


@action(does="patient.merge_asked")
def merge(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """`survivor` names the record that stays."""
    pair = get_object_or_404(DuplicatePair.objects.select_related("first", "second"), pk=pair_id)
    sides = {str(pair.first_id): (pair.first, pair.second), str(pair.second_id): (pair.second, pair.first)}
    chosen = sides.get(request.POST.get("survivor", ""))
    if chosen is None:
        messages.error(request, "Choose which record stays.")
        return redirect("duplicate", pair_id=pair.pk)
    try:
        merge_patients(survivor=chosen[0], absorbed=chosen[1], reason=request.POST.get("reason", ""))
    except MergeRefused as refused:
        messages.error(request, f"Not merged: {refused}.")
        return redirect("duplicate", pair_id=pair.pk)
    messages.success(request, "Merged. It can be undone on this patient's page.")
    return redirect("patient", patient_id=chosen[0].pk)


@action(does="patient.unmerge_asked")
def undo_merge(request: HttpRequest, merge_id: UUID) -> HttpResponse:
    found = get_object_or_404(PatientMerge.objects.select_related("survivor", "absorbed"), pk=merge_id)
    try:
        unmerge_patients(merge=found, reason=request.POST.get("reason", ""))
        messages.success(request, "The two records are apart again.")
    except MergeRefused as refused:
        messages.error(request, f"Not undone: {refused}.")
    return redirect("patient", patient_id=found.survivor_id)
