"""What a person does to a claim from its page: let a hold of an edit go, put the claim on hold, release it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.scrubbing import OverrideRefused
from claimwright.web.submissions.services import hold, override_finding, release
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.pages import action, back, with_query


def _claim_page(version: ClaimVersion) -> str:
    return with_query(reverse("claim", args=[version.claim_id]), version=version.number)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


@action(does="claim.override_asked")
def override(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """A HOLD finding may be let go, with a reason."""
    finding = get_object_or_404(EditFinding.objects.select_related("version"), pk=finding_id)
    try:
        override_finding(finding=finding, reason=_reason(request), role=request.user.role)  # type: ignore[union-attr]
        messages.success(request, f"{finding.edit_id} was let go, and the edits ran again.")
    except OverrideRefused as refused:
        messages.error(request, str(refused))
    return back(request, _claim_page(finding.version))


@action(does="claim.hold_asked")
def put_on_hold(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = get_object_or_404(ClaimVersion, pk=version_id)
    if not _reason(request):
        messages.error(request, "Say why: a claim is not held without a reason.")
        return back(request, _claim_page(version))
    try:
        hold(version=version, reason=_reason(request), until=as_date(request.POST.get("until")))
        messages.success(request, "On hold.")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return back(request, _claim_page(version))


@action(does="claim.release_asked")
def let_go(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = get_object_or_404(ClaimVersion, pk=version_id)
    try:
        release(version=version, reason=_reason(request) or "released")
        messages.success(request, "Released.")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return back(request, _claim_page(version))
