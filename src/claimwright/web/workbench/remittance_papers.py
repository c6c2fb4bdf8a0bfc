"""Explanations of benefits as PDF, of a whole remittance or of one claim of it, from what was received."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.claims.nouns import ClaimPayment as ClaimNoun
from claimwright.claims.nouns import Remittance as RemittanceNoun
from claimwright.documents.claim_eob import ClaimNotInRemittance, render_claim_eobs
from claimwright.web.payments.models import ClaimPayment, Remittance
from claimwright.web.workbench.pages import page


@page(reads="remittance.print")
def remittance_eobs(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    found = get_object_or_404(Remittance, pk=remittance_id)
    try:
        content = render_claim_eobs(msgspec.convert(found.content, RemittanceNoun, strict=False))
    except ClaimNotInRemittance:
        raise Http404 from None
    return _pdf(content, found.number)


@page(reads="remittance.print")
def claim_eob(request: HttpRequest, claim_payment_id: UUID) -> HttpResponse:
    """One CLP alone, such as a second payer wants beside its claim."""
    found = get_object_or_404(ClaimPayment.objects.select_related("remittance"), pk=claim_payment_id)
    payment = msgspec.convert(found.remittance.content, RemittanceNoun, strict=False)
    content = render_claim_eobs(payment, [msgspec.convert(found.content, ClaimNoun, strict=False)])
    return _pdf(content, f"{found.remittance.number}-{found.segment}")


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="eob-{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
