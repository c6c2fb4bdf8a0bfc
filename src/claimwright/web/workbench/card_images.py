"""Insurance cards: taken in from the coverage page, shown with a trail, never served as anything but what they are."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.web.patients.cards import CardRefused, add_card, open_card
from claimwright.web.patients.models import CardImage, PatientCoverage
from claimwright.web.patients.sealing import Unreadable
from claimwright.web.workbench.pages import action, page


@action(does="card.upload_asked")
def upload_cards(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Front and back in one go, or one of them."""
    coverage = get_object_or_404(PatientCoverage.objects.select_related("patient"), pk=coverage_id)
    for side in ("front", "back"):
        file = request.FILES.get(side)
        if file is None:
            continue
        try:
            card = add_card(coverage=coverage, side=side, name=file.name or side, content=file.read())
        except CardRefused as refused:
            messages.error(request, f"{side.capitalize()}: {refused}")
            continue
        if card.state == CardImage.State.UNREADABLE:
            messages.error(request, f"{side.capitalize()}: kept, but {card.reason}. Ask for the card again.")
        else:
            messages.success(request, f"{side.capitalize()}: kept.")
    if not request.FILES:
        messages.error(request, "Choose the picture of the front, the back, or both.")
    return redirect("coverages", patient_id=coverage.patient_id)


@page()
def card_image(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """The bytes as they came. `open_card` writes the trail."""
    card = get_object_or_404(CardImage.objects.select_related("coverage"), pk=card_id)
    try:
        content = open_card(card=card)
    except Unreadable as problem:
        return HttpResponse(str(problem), status=409, content_type="text/plain")
    readable = card.state == CardImage.State.READABLE
    response = HttpResponse(content, content_type=card.content_type)
    suffix = card.content_type.rpartition("/")[2]
    response["Content-Disposition"] = f'{"inline" if readable else "attachment"}; filename="card-{card.side}.{suffix}"'
    response["Cache-Control"] = "no-store"
    return response
