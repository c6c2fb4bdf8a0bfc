"""A claim changed by hand, its charges too: what a line charges is reversed in the ledger and charged anew.

What has not gone out changes as it is; what a front end refused or a payer decided is corrected as its next version, made
in the same act, so that no draft ever waits that says the wrong thing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.charge_entry import (
    CAUSES,
    DRUG_UNITS,
    EnteredVisit,
    cells_of_visit,
    line_numbers,
    read_visit,
)
from claimwright.billing.claim_versions import VersionRefused
from claimwright.billing.corrections import CORRECTED_BY
from claimwright.billing.culprits import field_of_denial, field_of_path
from claimwright.billing.lifecycle import State
from claimwright.billing.registration import Fault
from claimwright.claims.dental import DentalLine
from claimwright.claims.institutional import Institutional
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Coverage, Line
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.web.core import clock
from claimwright.web.denials.models import Denial
from claimwright.web.denials.services import DenialStepRefused, correction_sent
from claimwright.web.payments.charge_changes import correct_charges
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.practice.models import Provider
from claimwright.web.practice.selectors import payer_noun
from claimwright.web.submissions.building import as_registered
from claimwright.web.submissions.charging import charges_differ
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import ContentRefused, revise_unsent
from claimwright.web.submissions.versions import UNSENT, correct
from claimwright.web.workbench.charge_entry import blank_line, diagnosis_rows, faults_by_field, line_rows, posted
from claimwright.web.workbench.claim_versions import address_of
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.pages import action, page, show

STAY_FIELDS = (
    "facility_type", "statement_from", "statement_through", "admission_time", "admission_type", "admission_source",
    "discharge_time", "patient_status", "drg", "admitting_diagnosis", "visit_reasons", "external_causes",
    "principal_procedure", "other_procedures", "occurrences", "occurrence_spans", "values",
)  # fmt: skip
CHARGED = ("code", "units", "charge", "date", "minutes")  # of a line: they stand in the ledger, and change with it
BLANK_LINES = 2  # shown below those of the claim, for what was forgotten
OF_CLAIM = ("prior_authorization", "referral", "causes", "accident_state", "accident_date", "onset_date",
            "admission_date", "discharge_date", "note", "place_of_service", "kind", "dental", "condition_codes")  # fmt: skip


def _version(version_id: UUID) -> ClaimVersion:
    return get_object_or_404(
        ClaimVersion.objects.select_related("claim__patient", "claim__payer", "claim__coverage__payer"), pk=version_id
    )


def cells_of_claim(noun: ClaimNoun) -> dict[str, str]:
    numbered = tuple(msgspec.structs.replace(line, number=number) for number, line in enumerate(noun.lines, 1))
    visit = EnteredVisit(
        **{field: getattr(noun, field) for field in OF_CLAIM}, date_from=noun.date_of_service, date_to=noun.date_through,
        rendering_npi=(noun.rendering or _attending(noun) or noun.billing_provider).npi,
        referring_npi=noun.referring.npi if noun.referring else "", diagnoses=noun.diagnoses, lines=numbered,
        institutional=noun.institutional,
    )  # fmt: skip
    return cells_of_visit(visit)


def _attending(noun: ClaimNoun) -> ProviderNoun | None:
    return noun.institutional.attending if noun.institutional is not None else None


def _providers(noun: ClaimNoun) -> dict[str, ProviderNoun]:
    """Those on file, and those the claim names already, by NPI."""
    known = {row.npi: msgspec.convert(row.content, ProviderNoun) for row in Provider.objects.order_by("name")}
    stay = noun.institutional
    others = (stay.attending, stay.operating, stay.other_operating) if stay is not None else ()
    every = (noun.billing_provider, noun.rendering, noun.referring, *others)
    named = [one for one in every if one is not None and one.npi]
    return {one.npi: one for one in named} | known


def _form(
    request: HttpRequest, version: ClaimVersion, noun: ClaimNoun, cells: Mapping[str, str], faults: Sequence[Fault] = (),
    *, denial: Denial | None = None, focus: str = "",
) -> HttpResponse:  # fmt: skip
    by_field = faults_by_field(faults)
    return show(
        request,
        "workbench/claim_change.html",
        {
            "version": version, "claim": version.claim, "noun": noun, "cells": cells, "faults": faults,
            "wrong": {name: told[0] for name, told in by_field.items()}, "back": address_of(version),
            "first_wrong": faults[0].field if faults else focus, "denial": denial,
            "follows": State(version.state) not in UNSENT, "kind": noun.kind,
            "diagnoses": diagnosis_rows(cells, by_field, loaded_codes()),
            "lines": line_rows(cells, by_field)[: max([len(noun.lines), *line_numbers(cells)]) + BLANK_LINES],
            "blank": blank_line(), "seen": fingerprint(version.content),
            "providers": [{"npi": npi, "name": one.name} for npi, one in _providers(noun).items()],
            "causes": [(f"cause_{cause}", words) for cause, words in CAUSES.items()], "drug_units": DRUG_UNITS,
        },
    )  # fmt: skip


@page(reads="claim.read")
def change_claim(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = _version(version_id)
    noun = msgspec.convert(version.content, ClaimNoun)
    if version.state not in UNSENT:
        messages.error(request, "Only a claim that was never sent is changed here; correct it as a new version.")
        return redirect(address_of(version))
    found = version.findings.filter(open=True).order_by("severity", "edit_id").values_list("path", flat=True)
    focus = next(filter(None, map(field_of_path, found)), "")
    return _form(request, version, noun, cells_of_claim(noun), focus=focus)


@action(does="claim.change_asked")
def save_claim(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Read like a visit; what stands in the ledger is taken from the claim and not from the form."""
    version = _version(version_id)
    noun = msgspec.convert(version.content, ClaimNoun)
    if stale := not_as_seen(request, version.content):
        return _form(request, version, noun, cells_of_claim(noun), stale)
    shown, faults = correct_fields(
        version=version, cells=posted(request), reason=why(request),
        as_now_registered=request.POST.get("registered") == "on",
    )  # fmt: skip
    if faults:
        return _form(request, version, noun, shown, faults)
    messages.success(request, "Changed, and the edits ran again.")
    return redirect(address_of(version))


def fingerprint(content: object) -> str:
    """Of what a form shows: its lines are told by their place, so a form of what changed since is not taken."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:32]


def not_as_seen(request: HttpRequest, content: object) -> tuple[Fault, ...]:
    if request.POST.get("seen", "") in ("", fingerprint(content)):
        return ()
    says = "Somebody changed it since you opened this form"
    return (Fault(field="reason", says=says, fix="What it says now stands below: look, and change it again"),)


def why(request: HttpRequest) -> str:
    return " ".join(request.POST.get("reason", "").split())[:300]


# Correcting what went out --------------------------------------------------------------------------------------------


def _denial(request: HttpRequest, version: ClaimVersion) -> Denial | None:
    """The denial that the correction answers, of this version; None where it answers none."""
    wanted = request.POST.get("denial") or request.GET.get("denial") or ""
    return next((row for row in version.denials.select_related("payer") if str(row.pk) == wanted), None)


def _about(denial: Denial, noun: ClaimNoun) -> tuple[str, str]:
    """Where a person begins, and why the claim changes, as the denial has it."""
    numbers = {line.control_number: at for at, line in enumerate(noun.lines, 1)}
    focus = field_of_denial(denial.carc, denial.rarcs, line=numbers.get(denial.line_id, 0))
    return focus, f"Denied {' '.join((f'{denial.group}-{denial.carc}', *denial.rarcs))}: corrected"


@page(reads="claim.read")
def correct_claim(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The claim as it went out, to be changed into its next version; with `?denial=` at the field the payer means."""
    version = _version(version_id)
    if State(version.state) not in CORRECTED_BY:
        messages.error(request, "Only a claim that was refused or decided is corrected as a new version.")
        return redirect(address_of(version))
    noun = msgspec.convert(version.content, ClaimNoun)
    denial = _denial(request, version)
    focus, reason = _about(denial, noun) if denial is not None else ("", "")
    return _form(
        request, version, noun, cells_of_claim(noun) | {"reason": reason}, denial=denial, focus=focus or "reason"
    )


@action(does="claim.correct_asked")
def save_correction(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The next version with what was changed, and the edits run on it. Refused, nothing is made."""
    version, denial = _version(version_id), None
    noun = msgspec.convert(version.content, ClaimNoun)
    denial = _denial(request, version)
    if stale := not_as_seen(request, version.content):
        return _form(request, version, noun, cells_of_claim(noun), stale, denial=denial)
    shown, changed, faults = _read(version, noun, posted(request), why(request), request.POST.get("registered") == "on")
    made = None
    if changed is not None and not faults:
        try:
            with transaction.atomic():
                made = _next_version(version, noun, changed, why(request))
        except (StepRefused, ContentRefused, VersionRefused) as refused:
            faults = (Fault(field="reason", says=str(refused), fix="See what else may follow on the claim"),)
    if made is None:
        return _form(request, version, noun, shown, faults, denial=denial)
    scrub(version_ids=[made.pk])
    made.refresh_from_db()
    if denial is not None:
        try:
            correction_sent(denial=denial)
        except DenialStepRefused as refused:
            messages.warning(request, f"The denial stays as it is: {refused}.")
    held = made.findings.filter(open=True, severity__in=("R", "H")).count()
    if held:
        messages.error(request, f"Version {made.number} is made and held by {held} finding{'s'[: held > 1]}.")
    else:
        messages.success(request, f"Version {made.number} is made and ready to send.")
    return redirect(address_of(made))


def _next_version(version: ClaimVersion, noun: ClaimNoun, changed: ClaimNoun, reason: str) -> ClaimVersion:
    """The charges first: whatever may follow is then judged on what the ledger says, and refused with them."""
    if charges_differ(noun, changed):
        changed = correct_charges(version=version, content=changed, reason=reason)
    return correct(version=version, reason=reason, content=changed, remarks=remarks_on(version=version))


def correct_fields(
    *, version: ClaimVersion, cells: Mapping[str, str], reason: str, as_now_registered: bool
) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """Change a claim that was never sent by a form's cells, and run its edits: the page's door and the API's.

    Gives the cells as they were read, and every fault; with one, nothing was changed.
    """
    noun = msgspec.convert(version.content, ClaimNoun)
    read, changed, faults = _read(version, noun, cells, reason, as_now_registered)
    if faults or changed is None:
        return read, faults
    try:
        with transaction.atomic():
            if charges_differ(noun, changed):
                changed = correct_charges(version=version, content=changed, reason=reason)
            revise_unsent(version=version, content=changed, reason=reason)
    except (StepRefused, ContentRefused) as refused:
        return read, (Fault(field="reason", says=str(refused), fix="Correct it elsewhere"),)
    scrub(version_ids=[version.pk])
    return read, ()


def _read(
    version: ClaimVersion, noun: ClaimNoun, cells: Mapping[str, str], reason: str, as_now_registered: bool
) -> tuple[dict[str, str], ClaimNoun | None, tuple[Fault, ...]]:
    """The cells as read, the claim as they change it (None with a fault) and every fault."""
    held = cells_of_claim(noun)
    charged = {name: value for name, value in held.items() if name.partition("-")[2] in CHARGED}
    charged |= {"date_from": held["date_from"], "date_to": held["date_to"]}
    cells = without_gone({**charged, **cells, "kind": noun.kind}, noun.lines, noun.kind)
    providers = _providers(noun)
    visit, faults = read_visit(
        cells, today=clock.today(), finished=True, sets=loaded_codes(), providers=list(providers)
    )
    # What is charged and nobody changed is for the edits to tell of: a modifier may be put right beside a wrong code.
    faults = tuple(
        fault for fault in faults if fault.field not in charged or charged[fault.field] != cells.get(fault.field, "")
    )
    if not reason:
        faults = (*faults, Fault(field="reason", says="The reason is missing", fix="Say why the claim changes"))
    if faults:
        return cells, None, faults
    changed = _changed(noun, visit, providers, line_numbers(cells))
    if as_now_registered:
        changed = as_registered(changed, **_registration(version))
    return cells, changed, ()


def without_gone(cells: Mapping[str, str], lines: Sequence[Line], kind: str) -> dict[str, str]:
    """A line of the claim whose code was emptied is taken off; of an institutional one, its revenue code."""
    code = "revenue_code" if kind == "I" else "code"
    gone = {
        f"line{number}-" for number in range(1, len(lines) + 1) if not cells.get(f"line{number}-{code}", "").strip()
    }
    return {name: "" if name.partition("-")[0] + "-" in gone else value for name, value in cells.items()}


def _changed(
    noun: ClaimNoun, visit: EnteredVisit, providers: Mapping[str, ProviderNoun], numbers: Sequence[int]
) -> ClaimNoun:
    """`numbers` are those of the form's lines: the claim's own come first, what follows them is new."""
    old = {row.code: row for row in noun.diagnoses}
    own = dict(enumerate(noun.lines, 1))
    lines = tuple(
        changed_line(own[number], entered) if number in own else msgspec.structs.replace(entered, number=number)
        for number, entered in zip(numbers, visit.lines, strict=True)
    )
    rendering = providers[visit.rendering_npi]
    return msgspec.structs.replace(
        noun,
        **{field: getattr(visit, field) for field in OF_CLAIM},
        diagnoses=tuple(
            msgspec.structs.replace(
                old.get(row.code, row),
                code=row.code,
                qualifier=row.qualifier,
                present_on_admission=row.present_on_admission,
            )
            for row in visit.diagnoses
        ),  # fmt: skip
        rendering=None if rendering.npi == noun.billing_provider.npi or noun.kind == "I" else rendering,
        institutional=_stay(noun, visit, providers),
        referring=providers.get(visit.referring_npi),
        lines=lines,
    )


def _stay(noun: ClaimNoun, visit: EnteredVisit, providers: Mapping[str, ProviderNoun]) -> Institutional | None:
    """The stay as typed, with its providers; what the form does not show stays."""
    if noun.institutional is None or visit.institutional is None:
        return noun.institutional
    shown = {name: getattr(visit.institutional, name) for name in STAY_FIELDS}
    return msgspec.structs.replace(
        noun.institutional,
        **shown,
        attending=providers[visit.rendering_npi],
        operating=providers.get(visit.operating_npi),
    )


def changed_line(line: Line, entered: Line) -> Line:
    drug = entered.drug
    if drug is not None and line.drug is not None and drug.ndc == line.drug.ndc:
        drug = msgspec.structs.replace(line.drug, quantity=drug.quantity, unit=drug.unit)
    told = msgspec.structs.replace(
        line, modifiers=entered.modifiers, diagnosis_pointers=entered.diagnosis_pointers, note=entered.note, drug=drug,
        revenue_code=entered.revenue_code, non_covered_amount=entered.non_covered_amount, dental=_dental(line, entered),
        units=entered.units, charge=entered.charge, procedure_code=entered.procedure_code,
    )  # fmt: skip
    changes: dict[str, Any] = {}
    if entered.date_from != (line.date_from or entered.date_from):
        changes |= {"date_from": entered.date_from, "date_to": entered.date_to}
    if not (line.unit_basis == "DA" and entered.unit_basis == "UN"):
        changes["unit_basis"] = entered.unit_basis
    if entered.procedure_code != line.procedure_code:
        changes["description"] = ""
    return msgspec.structs.replace(told, **changes)


def _dental(line: Line, entered: Line) -> DentalLine | None:
    if line.dental is None or entered.dental is None:
        return entered.dental
    shown = entered.dental
    return msgspec.structs.replace(line.dental, teeth=shown.teeth, oral_cavity_areas=shown.oral_cavity_areas)


def _registration(version: ClaimVersion) -> dict[str, Any]:
    row = version.claim.coverage
    patient = msgspec.convert(version.claim.patient.content, PatientNoun)
    if row is None:
        return {"patient": patient, "coverage": None}
    coverage = msgspec.structs.replace(
        msgspec.convert(row.content, Coverage), sequence=version.claim.sequence, member_id=row.member_id,
        start=row.start, end=row.end, payer=payer_noun(version.claim.payer),
    )  # fmt: skip
    return {"patient": patient, "coverage": coverage}
