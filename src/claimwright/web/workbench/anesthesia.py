"""When anesthesia of a visit began and ended: a stretch added or taken out, in the practice's wall-clock time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.pricing.anesthesia import is_anesthesia
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.coding.anesthesia import minutes
from claimwright.web.charges.anesthesia import stretches_of
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.submissions.queried import document_anesthesia
from claimwright.web.workbench.pages import action


def anesthesia_of(encounter: Encounter, noun: EncounterNoun) -> dict[str, Any] | None:
    """The stretches with their minutes; None for a visit without anesthesia."""
    zone = ZoneInfo(current_tenant().time_zone)
    held = stretches_of(encounter)
    if not held and not any(is_anesthesia(line.procedure_code) for line in noun.lines):
        return None
    return {
        "rows": [
            {"number": number, "npi": npi, "start": start.astimezone(zone).replace(tzinfo=None),
             "stop": stop.astimezone(zone).replace(tzinfo=None), "minutes": minutes([(start, stop)])}
            for number, (npi, start, stop) in enumerate(held)
        ],
        "minutes": minutes((start, stop) for _, start, stop in held),
    }  # fmt: skip


@action(does="encounter.anesthesia_asked")
def save_anesthesia(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """One stretch more, or one (`remove`, by its number) less."""
    encounter = get_object_or_404(Encounter, pk=encounter_id)
    held = stretches_of(encounter)
    remove = request.POST.get("remove", "")
    try:
        if remove:
            held = [one for number, one in enumerate(held) if str(number) != remove]
        else:
            held.append((request.POST.get("npi", ""), _moment(request, "start"), _moment(request, "stop")))
        spent = document_anesthesia(encounter=encounter, stretches=held)
        messages.success(request, f"{spent} minutes of anesthesia are recorded.")
    except VisitRefused as refused:
        messages.error(request, str(refused))
    return redirect("visit", encounter_id=encounter.pk)


def _moment(request: HttpRequest, name: str) -> datetime:
    try:
        told = datetime.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise VisitRefused(f"{name}: enter day and time") from None
    return told.replace(tzinfo=ZoneInfo(current_tenant().time_zone))
