"""The charges of a visit that the patient pays, put right after they were locked. Those of a claim change with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.charge_corrections import ChargeRefused
from claimwright.billing.charge_entry import LETTERS, cells_of_visit, line_numbers, read_visit
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Line
from claimwright.web.charges.corrections import correct_lines
from claimwright.web.charges.entry import entered_visit
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.payments.credits import list_credits
from claimwright.web.practice.models import Provider
from claimwright.web.workbench.charge_entry import blank_line, faults_by_field, line_rows, posted
from claimwright.web.workbench.claim_change import (
    BLANK_LINES,
    changed_line,
    fingerprint,
    not_as_seen,
    why,
    without_gone,
)
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.pages import action, page, show

PATIENT = "PAT"
CHARGED = (Encounter.State.CHARGES_LOCKED, Encounter.State.CLAIMED)


def may_be_corrected(encounter: Encounter) -> bool:
    """Charged, and no claim is there: the patient pays."""
    return encounter.state in CHARGED and not encounter.claims.exists()


def _visit(encounter_id: UUID) -> Encounter:
    return get_object_or_404(Encounter.objects.select_related("patient", "practice"), pk=encounter_id)


def _form(request: HttpRequest, encounter: Encounter, cells: Mapping[str, str], faults: Sequence[Fault] = ()) -> HttpResponse:  # fmt: skip
    by_field = faults_by_field(faults)
    noun = msgspec.convert(encounter.content, EncounterNoun)
    used = max([len(noun.lines), *line_numbers(cells)])
    return show(
        request,
        "workbench/visit_charges.html",
        {
            "encounter": encounter, "noun": noun, "diagnoses": list(zip(LETTERS, noun.diagnoses, strict=False)), "cells": cells, "faults": faults, "kind": noun.kind,
            "wrong": {name: told[0] for name, told in by_field.items()}, "blank": blank_line(),
            "seen": fingerprint(encounter.content),
            "first_wrong": faults[0].field if faults else "line1-code",
            "lines": line_rows(cells, by_field)[: used + BLANK_LINES],
        },
    )  # fmt: skip


@page(reads="encounter.read")
def correct_visit_charges(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    encounter = _visit(encounter_id)
    if not may_be_corrected(encounter):
        messages.error(request, "Its charges are not locked, or they are on a claim: correct them there.")
        return redirect("visit", encounter_id=encounter.pk)
    return _form(request, encounter, cells_of_visit(entered_visit(encounter)))


@action(does="encounter.correct_charges_asked")
def save_visit_charges(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    encounter = _visit(encounter_id)
    if stale := not_as_seen(request, encounter.content):
        return _form(request, encounter, cells_of_visit(entered_visit(encounter)), stale)
    shown, faults = put_right(encounter=encounter, cells=posted(request), reason=why(request))
    if faults:
        return _form(request, encounter, shown, faults)
    messages.success(request, "The charges are put right: the patient owes what the lines say now.")
    return redirect("visit", encounter_id=encounter.pk)


def put_right(
    *, encounter: Encounter, cells: Mapping[str, str], reason: str
) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """The page's door and the API's: the lines of the cells as charged from now on, what changed open with the patient.

    Gives the cells as they were read and every fault; with one, nothing was changed.
    """
    noun = msgspec.convert(encounter.content, EncounterNoun)
    held = cells_of_visit(entered_visit(encounter))
    lines = {name: value for name, value in cells.items() if name.startswith("line")}
    read = without_gone({**held, **lines, "kind": noun.kind}, noun.lines, noun.kind)
    visit, faults = read_visit(
        read, today=clock.today(), finished=True, sets=loaded_codes(),
        providers=[*Provider.objects.values_list("npi", flat=True), held["rendering"]],
    )  # fmt: skip
    faults = tuple(fault for fault in faults if fault.field not in held or held[fault.field] != read.get(fault.field))
    read["reason"] = reason
    if not reason:
        faults = (*faults, Fault(field="reason", says="The reason is missing", fix="Say why the charges change"))
    if not may_be_corrected(encounter):
        faults = (
            *faults,
            Fault(field="reason", says="Its charges are on a claim, or not locked", fix="Correct them there"),
        )
    if faults:
        return read, faults
    own = dict(enumerate(noun.lines, 1))
    numbers = line_numbers(read)
    wanted: list[Line] = [
        changed_line(own[number], entered) if number in own else entered
        for number, entered in zip(numbers, visit.lines, strict=True)
    ]
    gone = {line.control_number for number, line in own.items() if number not in numbers}
    try:
        with transaction.atomic():
            correct_lines(encounter_id=encounter.pk, lines=wanted, gone=gone, bucket=PATIENT, reason=reason)
            list_credits(encounter_ids=[encounter.pk])
    except ChargeRefused as refused:
        return read, (Fault(field="reason", says=str(refused), fix="Put it right"),)
    return read, ()
