"""What a person does to a claim from its page: each act is one service, and says why where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from claimwright.billing.claim_versions import VersionRefused
from claimwright.billing.lifecycle import State, Trigger
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.work_in_hand import WorkRefused
from claimwright.billing.write_offs import WriteOffRefused
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import ask
from claimwright.web.operations.status_inquiries import file_ourselves
from claimwright.web.payments.charge_changes import cancel_claim
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.next_payer import replace_later
from claimwright.web.payments.services import request_write_off, transfer_to_patient
from claimwright.web.payments.taking_back import take_back_from_patient, withdraw_write_off
from claimwright.web.submissions.in_hand import follow_up_claim, put_in_hand
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import StepRefused, move
from claimwright.web.submissions.notes import NoteRefused, add_note
from claimwright.web.submissions.scrubbing import OverrideRefused, scrub
from claimwright.web.submissions.services import (
    ContentRefused,
    hold,
    hold_again,
    override_finding,
    release,
    resubmit,
    return_to_ready,
)
from claimwright.web.workbench.claim_steps import last_step, sending_of
from claimwright.web.workbench.pages import action, back, page, posted_day, with_query

REFUSALS = (StepRefused, VersionRefused, ContentRefused, NoteRefused, RefusedPayment, WriteOffRefused, WorkRefused)


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
        hold(version=version, reason=_reason(request), until=posted_day(request, "until"))
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


def _version(version_id: UUID) -> ClaimVersion:
    return get_object_or_404(
        ClaimVersion.objects.select_related("claim__payer", "claim__practice", "claim__encounter__patient"),
        pk=version_id,
    )


def _done(
    request: HttpRequest, version_id: UUID, does: Callable[[ClaimVersion], tuple[str, ClaimVersion]]
) -> HttpResponse:
    """Do it, say what was done, and go to the version it led to; where it is refused, back with the reason."""
    version = _version(version_id)
    try:
        says, version = does(version)
        messages.success(request, says)
    except REFUSALS as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect(_claim_page(version))


def _said(request: HttpRequest) -> str:
    """Raises StepRefused without a reason."""
    reason = _reason(request)
    if not reason:
        raise StepRefused("say why: the reason stands on the claim's timeline")
    return reason


@action(does="claim.validate_asked")
def validate(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The edits run now, on what the claim says and on what is on file."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        report = scrub(version_ids=[version.pk])
        if not report.claims:
            raise StepRefused("the edits run on a claim that has not gone out and is not on hold")
        left = version.findings.filter(open=True, severity__in=("R", "H")).count()
        return (f"The edits ran: {left} hold it." if left else "The edits ran: it is ready to send."), version

    return _done(request, version_id, does)


@action(does="claim.send_asked")
def send(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Queue it for the worker, which checks it again and sends it at once: no page speaks to a payer."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        if version.state != State.READY:
            raise StepRefused("only a claim that is ready is sent: validate it, and put right what holds it")
        ask(tenant=current_tenant(), job="send_claims", about={"versions": [str(version.pk)]})
        return "It is on its way: the worker checks it once more and sends it.", version

    return _done(request, version_id, does)


@page(reads="claim.sending")
def sending(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """How far the sending is: a piece of the claim's page, asked for again until it has ended."""
    version = _version(version_id)
    told = {"version": version, "sending": sending_of(version)}
    return render(request, "workbench/_sending.html", told, content_type="text/plain; charset=utf-8")  # not a page


@action(does="claim.note_asked")
def note(request: HttpRequest, version_id: UUID) -> HttpResponse:
    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        day = posted_day(request, "day")
        with transaction.atomic():  # the note and the day, or neither
            add_note(version=version, text=request.POST.get("text", ""))
            if day is None or day == version.claim.follow_up_on:
                return "The note stands on the timeline.", version
            follow_up_claim(claim=version.claim, on=day)
        return f"The note stands on the timeline; the claim comes back on {day:%m/%d/%Y}.", version

    return _done(request, version_id, does)


@action(does="claim.in_hand_asked")
def in_hand(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Whose the claim is, and the day on which it stands at home again."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        day, name = posted_day(request, "day"), request.POST.get("owner", "")
        person = User.objects.filter(tenant=current_tenant(), username=name).first() if name else None
        if name and person is None:
            raise WorkRefused("nobody of that name works here")
        with transaction.atomic():
            put_in_hand(claim=version.claim, owner=person, follow_up_on=day)
        return f"It is {name or 'nobody'}'s{f', and comes back on {day:%m/%d/%Y}' if day else ''}.", version

    return _done(request, version_id, does)


@action(does="claim.undo_asked")
def undo(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The opposite of the last hold or release, with the day and reason it had."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        step = last_step(version)
        if step is not None and step.trigger == Trigger.HOLD:
            release(version=version, reason="the hold was taken back")
            return "The hold is taken back.", version
        if step is not None and step.trigger == Trigger.RELEASE:
            hold_again(version=version)
            return "On hold again.", version
        raise StepRefused("only a hold or a release is undone: what went out or stands in the ledger is corrected")

    return _done(request, version_id, does)


@action(does="claim.rebill_asked")
def resend(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The same claim again while the first is pending, as a version of its own."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        made = resubmit(version=version, reason=_said(request))
        scrub(version_ids=[made.pk])
        return f"Version {made.number} is made: the same claim again.", made

    return _done(request, version_id, does)


@action(does="claim.requeue_asked")
def requeue(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """A claim of a rejected file, whose content is right, goes with the next file."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        if not return_to_ready(versions=[version], reason=_said(request)):
            raise StepRefused("only a claim of a rejected file goes into the next one as it is")
        return "Ready: it goes with the next file.", version

    return _done(request, version_id, does)


@action(does="claim.next_payer_asked")
def bill_next(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """A later payer's claim: sent by us where the crossover is not waited for, replaced where an earlier payer changed."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        if version.state == State.AWAIT_CROSSOVER:
            file_ourselves(version=version, why=_said(request))
            version.refresh_from_db()
            return "It goes out from here, with what the payers before decided.", version
        if version.claim.sequence == "P":
            raise StepRefused("this is the first payer's claim: there is no payer before it")
        made = replace_later(version=version, reason=_said(request))
        scrub(version_ids=[made.pk])
        return f"Version {made.number} tells what the payers before say now.", made

    return _done(request, version_id, does)


@action(does="claim.reopen_asked")
def reopen(request: HttpRequest, version_id: UUID) -> HttpResponse:
    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        reason = _said(request)
        move(version=version, trigger=Trigger.REOPEN, note=reason)
        record_audit(action="claim.reopen", subject_type="claim_version", subject_id=version.pk, detail=reason)
        return "Reopened: it is decided, and worked again.", version

    return _done(request, version_id, does)


@action(does="claim.to_patient_asked")
def to_patient(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """What this payer leaves open becomes the patient's, where contract and law allow it."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        try:
            transfer_to_patient(encounter=version.claim.encounter, bucket=version.claim.bucket, reason=_said(request))
        except WriteOffRefused as refused:
            raise StepRefused(str(refused)) from None
        return "The patient owes it now: it goes on the next statement.", version

    return _done(request, version_id, does)


@action(does="claim.from_patient_asked")
def from_patient(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """What was made the patient's by hand is this payer's again, while the patient has paid nothing of it."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        take_back_from_patient(encounter=version.claim.encounter, bucket=version.claim.bucket, reason=_said(request))
        return "The balance is the payer's again, and its denials are on their list.", version

    return _done(request, version_id, does)


@action(does="claim.cancel_asked")
def cancel(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """A claim that should not be, before it goes out: its charges are taken back."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        cancel_claim(version=version, reason=_said(request))
        return "Cancelled: its charges are taken back. What the patient paid on it stands as credit.", version

    return _done(request, version_id, does)


@action(does="claim.take_back_write_off_asked")
def take_back_write_off(request: HttpRequest, version_id: UUID, write_off_id: UUID) -> HttpResponse:
    """A write-off asked for is withdrawn, an approved one reversed."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        lines = {one["control_number"] for one in version.content["lines"]}
        row = get_object_or_404(WriteOff, pk=write_off_id, line_id__in=lines)
        done = withdraw_write_off(write_off=row, reason=_said(request))
        return ("Withdrawn." if done.state == "WITHDRAWN" else "Reversed: the money is open again."), version

    return _done(request, version_id, does)


@action(does="claim.write_off_asked")
def write_off(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Asked for, for one line; it changes no balance until somebody else approves it."""

    def does(version: ClaimVersion) -> tuple[str, ClaimVersion]:
        line_id, _, bucket = request.POST.get("line", "").partition("|")
        if bucket not in (version.claim.bucket, "PAT") or line_id not in {
            one["control_number"] for one in version.content["lines"]
        }:
            raise WriteOffRefused("choose the line it is for")
        try:
            amount = Decimal(request.POST.get("amount", "").replace(",", "").strip() or "0").quantize(Decimal("0.01"))
        except InvalidOperation:
            raise WriteOffRefused("an amount is dollars and cents, such as 85.00") from None
        if amount <= 0:
            raise WriteOffRefused("an amount is above zero")
        asked = request_write_off(
            encounter=version.claim.encounter, line_id=line_id, bucket=bucket, amount=amount,
            reason=request.POST.get("reason", ""), note=request.POST.get("note", "").strip()[:500],
            evidence=request.POST.get("evidence", "").strip()[:200],
        )  # fmt: skip
        return f"Asked for: {asked.amount:,.2f} waits for approval.", version

    return _done(request, version_id, does)
