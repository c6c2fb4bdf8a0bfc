"""What a person does about a file of claims: give it up before it leaves, or send it again where it may not have arrived."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import OutboxFile
from claimwright.web.exchange.services import OutboxRefused
from claimwright.web.operations.job_runs import ask
from claimwright.web.submissions.sending import cancel_batch
from claimwright.web.workbench.pages import action


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


@action(does="file.cancel_asked")
def cancel(request: HttpRequest, sent_file_id: UUID) -> HttpResponse:
    """Its claims are ready again, for another file."""
    file = get_object_or_404(OutboxFile.objects.defer("content"), pk=sent_file_id)
    if not _reason(request):
        messages.error(request, "Say why the file is given up.")
        return redirect("sent_file", sent_file_id=file.pk)
    try:
        back = cancel_batch(file=file, reason=_reason(request))
        messages.success(request, f"Given up; {back} claim{'s'[: back != 1]} are ready again.")
    except OutboxRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("sent_file", sent_file_id=file.pk)


@action(does="file.resend_asked")
def send_again(request: HttpRequest, sent_file_id: UUID) -> HttpResponse:
    """The same bytes under the same numbers, by the worker: after the partner said that nothing arrived."""
    file = get_object_or_404(OutboxFile.objects.defer("content"), pk=sent_file_id)
    if file.state != OutboxFile.State.AMBIGUOUS:
        messages.error(request, "Only a file of which nobody knows whether it arrived is sent again.")
    elif not _reason(request):
        messages.error(request, "Say who at the partner looked for it, and when.")
    else:
        ask(tenant=current_tenant(), job="send_file_again", about={"file": str(file.pk), "reason": _reason(request)})
        messages.success(request, "It is queued; the worker sends it again at once.")
    return redirect("sent_file", sent_file_id=file.pk)
