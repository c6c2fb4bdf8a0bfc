"""A claim that has not gone out, changed by hand: what does not touch the ledger. Codes, units and charges stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.charge_entry import CAUSES, DRUG_UNITS, EnteredVisit, cells_of_visit, read_visit
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Coverage, Line
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.web.core import clock
from claimwright.web.practice.models import Provider
from claimwright.web.practice.selectors import payer_noun
from claimwright.web.submissions.building import as_registered
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import ContentRefused, revise_unsent
from claimwright.web.submissions.versions import UNSENT
from claimwright.web.workbench.charge_entry import diagnosis_rows, line_rows, posted
from claimwright.web.workbench.claim_versions import address_of
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.pages import action, page, show

FIXED = ("code", "units", "charge", "date", "minutes")  # of a line: they stand in the ledger
OF_CLAIM = ("prior_authorization", "referral", "causes", "accident_state", "accident_date", "onset_date",
            "admission_date", "discharge_date", "note", "place_of_service")  # fmt: skip


def _version(version_id: UUID) -> ClaimVersion:
    return get_object_or_404(
        ClaimVersion.objects.select_related("claim__patient", "claim__payer", "claim__coverage__payer"), pk=version_id
    )


def _cells(noun: ClaimNoun) -> dict[str, str]:
    numbered = tuple(msgspec.structs.replace(line, number=number) for number, line in enumerate(noun.lines, 1))
    visit = EnteredVisit(
        **{field: getattr(noun, field) for field in OF_CLAIM}, date_from=noun.date_of_service, date_to=noun.date_through,
        rendering_npi=(noun.rendering or noun.billing_provider).npi,
        referring_npi=noun.referring.npi if noun.referring else "", diagnoses=noun.diagnoses, lines=numbered,
    )  # fmt: skip
    return cells_of_visit(visit)


def _providers(noun: ClaimNoun) -> dict[str, ProviderNoun]:
    """Those on file, and those the claim names already, by NPI."""
    known = {row.npi: msgspec.convert(row.content, ProviderNoun) for row in Provider.objects.order_by("name")}
    named = [one for one in (noun.billing_provider, noun.rendering, noun.referring) if one is not None and one.npi]
    return {one.npi: one for one in named} | known


def _form(
    request: HttpRequest, version: ClaimVersion, noun: ClaimNoun, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    by_field: dict[str, tuple[Fault, ...]] = {}
    for fault in faults:
        by_field[fault.field] = (*by_field.get(fault.field, ()), fault)
    return show(
        request,
        "workbench/claim_change.html",
        {
            "version": version, "claim": version.claim, "noun": noun, "cells": cells, "faults": faults,
            "wrong": {name: told[0] for name, told in by_field.items()}, "back": address_of(version),
            "first_wrong": faults[0].field if faults else "",
            "diagnoses": diagnosis_rows(cells, by_field, loaded_codes()),
            "lines": list(zip(noun.lines, line_rows(cells, by_field), strict=False)),
            "providers": [{"npi": npi, "name": one.name} for npi, one in _providers(noun).items()],
            "causes": [(f"cause_{cause}", words) for cause, words in CAUSES.items()], "drug_units": DRUG_UNITS,
        },
    )  # fmt: skip


@page(reads="claim.read")
def change_claim(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = _version(version_id)
    noun = msgspec.convert(version.content, ClaimNoun)
    if version.state not in UNSENT or noun.kind != "P":
        messages.error(
            request, "Only a professional claim that was never sent is changed here; correct it as a new version."
        )
        return redirect(address_of(version))
    return _form(request, version, noun, _cells(noun))


@action(does="claim.change_asked")
def save_claim(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Read like a visit; what stands in the ledger is taken from the claim and not from the form."""
    version = _version(version_id)
    noun = msgspec.convert(version.content, ClaimNoun)
    held = _cells(noun)
    fixed = {name: value for name, value in held.items() if name.startswith("line") and name.partition("-")[2] in FIXED}
    fixed |= {"date_from": held["date_from"], "date_to": held["date_to"]}
    cells = posted(request) | fixed
    providers = _providers(noun)
    visit, faults = read_visit(
        cells, today=clock.today(), finished=True, sets=loaded_codes(), providers=list(providers)
    )
    faults = tuple(fault for fault in faults if fault.field not in fixed)  # no field of the form: the edits tell of it
    reason = " ".join(request.POST.get("reason", "").split())[:300]
    if not reason:
        faults = (*faults, Fault(field="reason", says="The reason is missing", fix="Say why the claim changes"))
    if faults:
        return _form(request, version, noun, cells, faults)
    changed = _changed(noun, visit, providers)
    if request.POST.get("registered") == "on":
        changed = as_registered(changed, **_registration(version))
    try:
        revise_unsent(version=version, content=changed, reason=reason)
    except (StepRefused, ContentRefused) as refused:
        return _form(
            request, version, noun, cells, [Fault(field="reason", says=str(refused), fix="Correct it elsewhere")]
        )
    scrub(version_ids=[version.pk])
    messages.success(request, "Changed, and the edits ran again.")
    return redirect(address_of(version))


def _changed(noun: ClaimNoun, visit: EnteredVisit, providers: Mapping[str, ProviderNoun]) -> ClaimNoun:
    old = {row.code: row for row in noun.diagnoses}
    rendering = providers[visit.rendering_npi]
    return msgspec.structs.replace(
        noun,
        **{field: getattr(visit, field) for field in OF_CLAIM},
        diagnoses=tuple(
            msgspec.structs.replace(old.get(row.code, row), code=row.code, qualifier=row.qualifier)
            for row in visit.diagnoses
        ),
        rendering=None if rendering.npi == noun.billing_provider.npi else rendering,
        referring=providers.get(visit.referring_npi),
        lines=tuple(_line(line, entered) for line, entered in zip(noun.lines, visit.lines, strict=True)),
    )


def _line(line: Line, entered: Line) -> Line:
    drug = entered.drug
    if drug is not None and line.drug is not None and drug.ndc == line.drug.ndc:
        drug = msgspec.structs.replace(line.drug, quantity=drug.quantity, unit=drug.unit)
    return msgspec.structs.replace(
        line, modifiers=entered.modifiers, diagnosis_pointers=entered.diagnosis_pointers, note=entered.note, drug=drug
    )


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
