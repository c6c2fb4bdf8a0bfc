"""Raw segments of one claim, as a piece of its page: what went out, and what each answer said, asked for when looked at."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from claimwright.web.exchange.models import InboxPart, OutboxFile
from claimwright.web.followup.models import StatusAnswer
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.pages import page
from claimwright.web.workbench.raw import RawLine, claim_segments, payment_segments, raw_page

PIECE = "text/plain; charset=utf-8"
AROUND = 3  # segments before and after the one an event names: its neighbours in a 277CA are other claims'


def _piece(request: HttpRequest, lines: list[RawLine]) -> HttpResponse:
    # Not a page: opened by itself a browser shows it as text.
    return render(request, "workbench/_raw.html", {"lines": lines, "places": True}, content_type=PIECE)


@page(reads="claim.raw")
def raw_sent(request: HttpRequest, version_id: UUID, file_id: UUID) -> HttpResponse:
    """The claim's own segments in a file it went out in."""
    version = get_object_or_404(ClaimVersion.objects.only("control_number"), pk=version_id)
    file = get_object_or_404(OutboxFile, pk=file_id, submissions__version=version)
    return _piece(request, claim_segments(bytes(file.content), version.control_number))


@page(reads="claim.raw")
def raw_received(request: HttpRequest, version_id: UUID, part_id: UUID) -> HttpResponse:
    """What a received part says of the claim: its payment whole, or the segments around the one `?segment=` names.

    Only places that are evidence of this claim: the rest of a file tells of other patients.
    """
    rows = ClaimVersion.objects.select_related("claim").only("control_number", "claim__encounter_id")
    version = get_object_or_404(rows, pk=version_id)
    text = request.GET.get("segment", "")
    lines = received_lines(version, part_id, int(text) if text.isdigit() and len(text) < 8 else 0)
    if lines is None:
        raise Http404("it says nothing of this claim")
    return _piece(request, lines)


def received_lines(version: ClaimVersion, part_id: UUID, segment: int) -> list[RawLine] | None:
    """As `raw_received` tells them; None where the part says nothing of the claim."""
    payment = ClaimPayment.objects.filter(
        encounter=version.claim.encounter_id, remittance__part=part_id, segment=segment
    ).exists()
    if not payment and not _is_evidence(version, part_id, segment):
        return None
    part = InboxPart.objects.select_related("file").get(pk=part_id)
    content = bytes(part.file.content)
    if payment:
        return payment_segments(content, part_start=part.byte_start, segment=segment)
    shown = raw_page(
        content, segment=segment, part_start=part.byte_start, holds="" if segment else version.control_number
    )
    at = next((place for place, line in enumerate(shown.lines) if line.found), 0)
    return shown.lines[max(at - AROUND, 0) : at + AROUND + 1]


def _is_evidence(version: ClaimVersion, part_id: UUID, segment: int) -> bool:
    if version.events.filter(evidence=part_id, evidence_segment=segment).exists():
        return True
    return segment == 0 and StatusAnswer.objects.filter(version=version, part=part_id).exists()
