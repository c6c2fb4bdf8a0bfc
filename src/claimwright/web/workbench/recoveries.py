"""Acts on money given back and money to get: refunds, write-offs to approve, underpayments, agencies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.agency_files import FileFault
from claimwright.documents.letters import LetterIncomplete
from claimwright.web.cashier.cards import refund_to_its_card
from claimwright.web.charges.models import ChargeLine
from claimwright.web.payments import payer_refunds, refunds, writing_off
from claimwright.web.payments.models import Refund, WriteOff
from claimwright.web.payments.services import approve_write_off, patient_line_ids
from claimwright.web.practice.models import Practice
from claimwright.web.recoveries import agencies, disputes, underpaid
from claimwright.web.recoveries.models import Agency, AgencyFile, AgencyPlacement, Dispute, Underpayment
from claimwright.web.workbench.pages import action, page

LARGEST_FILE_BYTES = 5_000_000
REFUSED = (ValueError, PermissionError)  # every refusal of the services is one of these


def _does(request: HttpRequest, done: str, act: Callable[[], object]) -> None:
    """One act, whole or not at all, and what came of it in words."""
    try:
        with transaction.atomic():
            act()
        messages.success(request, done)
    except REFUSED as refused:
        messages.error(request, f"Not done: {refused}.")


# Refunds and credits ---------------------------------------------------------------------------------------------------


@action(does="refund.work_asked")
def work_refund(request: HttpRequest, refund_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(Refund, pk=refund_id)
    given = request.POST
    number, reason = given.get("reference", ""), given.get("reason", "")

    def issue() -> object:
        if row.payer_id is None and given.get("method") == "CARD" and not number.strip():
            return refund_to_its_card(refund=row)  # a number typed says that it went at the processor's own page
        if row.payer_id is None:
            return refunds.issue_refund(refund=row, reference=number, method=given.get("method", "CHK"))
        return payer_refunds.issue_payer_refund(refunds=[row], reference=number, method=given.get("method", "CHK"))

    steps: dict[str, tuple[str, Callable[[], object]]] = {
        "cause": ("Kept.", lambda: payer_refunds.name_cause(refund=row, cause=given.get("cause", ""))),
        "ask": ("Asked for: another person approves it.", lambda: refunds.request_refund(refund=row)),
        "approve": ("Approved.", lambda: refunds.approve_refund(refund=row)),
        "issue": ("Issued.", issue),
        "investigate": ("The clock stands.", lambda: payer_refunds.begin_investigation(refund=row)),
        "conclude": ("The clock runs again.", lambda: payer_refunds.conclude_investigation(refund=row)),
        "recoup": ("The payer takes it from a later payment.", lambda: payer_refunds.choose_recoupment(refund=row)),
        "check": ("By check after all.", lambda: payer_refunds.choose_recoupment(refund=row, recoup=False)),
        "move": (
            "Moved onto what the patient owes.",
            lambda: payer_refunds.transfer_credit(
                refund=row, line_ids=patient_line_ids(row.patient) if row.patient else (), reason=reason
            ),
        ),
        "refuse": ("Refused.", lambda: payer_refunds.refuse_payer_request(refund=row, reason=reason)),
        "stop": ("Payment is stopped.", lambda: payer_refunds.stop_payment(refund=row, reason=reason)),
        "again": ("Paid again.", lambda: payer_refunds.pay_again(refund=row, reference=number)),
        "escheat": ("Turned over.", lambda: payer_refunds.escheat_refund(refund=row, reference=number)),
    }
    if step in steps:
        _does(request, *steps[step])
    return redirect("refunds")


@action(does="refund.together_asked")
def issue_together(request: HttpRequest) -> HttpResponse:
    """One check for every approved credit of a payer and practice."""
    given = request.POST
    batch = next((one for one in payer_refunds.batches() if one.key == given.get("batch", "")), None)
    if batch is None:
        messages.error(request, "These credits have changed since; look again.")
        return redirect("refunds")
    several, number, method = batch.refunds, given.get("reference", ""), given.get("method", "CHK")
    _does(
        request, f"One check for {len(several)} credits.",
        lambda: payer_refunds.issue_payer_refund(refunds=several, reference=number, method=method),
    )  # fmt: skip
    return redirect("refunds")


@action(does="refund.request_asked")
def payer_request(request: HttpRequest) -> HttpResponse:
    """A payer's letter that asks for money back."""
    given = request.POST
    line = ChargeLine.objects.filter(line_id=given.get("line_id", "").strip()).select_related("encounter").first()
    amount = given.get("amount", "").strip()
    if line is None or not (amount.replace(".", "", 1).isdigit() and amount.isascii()):
        messages.error(request, "Not done: give the number of the line and an amount.")
        return redirect("refunds")
    _does(
        request, "On the list.",
        lambda: payer_refunds.record_payer_request(
            encounter=line.encounter, line_id=line.line_id, bucket=given.get("bucket", ""),
            amount=Decimal(amount).quantize(Decimal("0.01")), note=given.get("note", "").strip(),
        ),
    )  # fmt: skip
    return redirect("refunds")


# Write-offs ------------------------------------------------------------------------------------------------------------


@action(does="write_off.decide_asked")
def decide_write_off(request: HttpRequest, write_off_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(WriteOff, pk=write_off_id)
    if step == "approve":
        _does(request, "Written off.", lambda: approve_write_off(write_off=row, approver=request.user))  # type: ignore[arg-type]
    elif step == "refuse":
        reason = request.POST.get("reason", "")
        _does(request, "Refused.", lambda: writing_off.refuse_write_off(write_off=row, by=request.user, reason=reason))  # type: ignore[arg-type]
    return redirect("write_offs")


@action(does="write_off.small_asked")
def write_off_small(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """All of the list that the page showed. Where it would be another amount by now nothing is written off."""
    practice = get_object_or_404(Practice, pk=practice_id)
    visits = writing_off.visits_nearly_paid(practice)
    found = writing_off.small_balances(practice=practice, visits=visits)
    if str(sum((one.amount for one in found), Decimal("0.00"))) != request.POST.get("amount"):
        messages.error(request, "Nothing was written off: the list has changed since; look again.")
        return redirect("write_offs")
    _does(
        request, f"{len(found)} small balances are written off.",
        lambda: writing_off.write_off_small_balances(practice=practice, visits=visits),
    )  # fmt: skip
    return redirect("write_offs")


# Underpayments ---------------------------------------------------------------------------------------------------------


@action(does="dispute.make_asked")
def make_dispute(request: HttpRequest) -> HttpResponse:
    """One letter about the lines that the page showed as one row; others than those are no letter."""
    given = request.POST
    cases = underpaid.cases_of_letter(
        practice_id=uuid_or_none(given.get("practice")), payer_id=uuid_or_none(given.get("payer")),
        code=given.get("code", ""), cause=given.get("cause", ""), contract_version=given.get("contract_version", ""),
    )  # fmt: skip
    missing = sum((case.variance for case in cases), Decimal("0.00"))
    if (str(len(cases)), str(missing)) != (given.get("count"), given.get("missing")):
        messages.error(request, "Not written: its lines have changed since; look again.")
        return redirect("underpayments")
    signer = request.user.get_full_name() or request.user.get_username()
    try:
        _does(request, "The letter is written.", lambda: disputes.make_dispute(cases=cases, signer=signer))
    except LetterIncomplete as lacking:
        messages.error(request, f"Not written: {lacking}.")
    return redirect("underpayments")


def uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@page(reads="dispute.letter")
def dispute_letter(request: HttpRequest, dispute_id: UUID) -> HttpResponse:
    row = get_object_or_404(Dispute, pk=dispute_id)
    response = HttpResponse(bytes(row.letter), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return response


@action(does="dispute.work_asked")
def work_dispute(request: HttpRequest, dispute_id: UUID, step: str) -> HttpResponse:
    row, answer = get_object_or_404(Dispute, pk=dispute_id), request.POST.get("answer", "")
    if step == "send":
        _does(request, "Sent.", lambda: disputes.send_dispute(dispute=row))
    elif step in ("agreed", "refused"):
        agreed = step == "agreed"
        _does(request, "Kept.", lambda: disputes.record_dispute_answer(dispute=row, answer=answer, agreed=agreed))
    return redirect("underpayments")


@action(does="underpayment.decide_asked")
def decide_underpayment(request: HttpRequest, underpayment_id: UUID) -> HttpResponse:
    row, given = get_object_or_404(Underpayment, pk=underpayment_id), request.POST
    state, note = given.get("state", ""), given.get("note", "")
    _does(request, "Decided.", lambda: underpaid.decide_underpayment(case=row, state=state, note=note))
    return redirect("underpayments")


# Agencies --------------------------------------------------------------------------------------------------------------


@action(does="agency.open_asked")
def open_agency(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("percent", "").strip()
    share = Decimal(text) / 100 if text.replace(".", "", 1).isdigit() and text.isascii() else Decimal(2)
    _does(request, "Kept.", lambda: agencies.open_agency(name=request.POST.get("name", ""), fee_share=share))
    return redirect("agency")


@action(does="agency.account_asked")
def work_account(request: HttpRequest, placement_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(AgencyPlacement, pk=placement_id)
    reason = request.POST.get("reason", "")
    if step == "place":
        chosen = Agency.objects.filter(name=request.POST.get("agency", "")).first()
        if chosen is None:
            messages.error(request, "Choose an agency of the list.")
        else:
            _does(request, "Placed.", lambda: agencies.place_account(placement=row, agency=chosen))
    elif step == "decline":
        _does(request, "It stays here.", lambda: agencies.decline_placement(placement=row, reason=reason))
    elif step == "recall":
        _does(request, "Recalled.", lambda: agencies.recall_account(placement=row, reason=reason))
    return redirect("agency")


@action(does="agency.file_asked")
def agency_export(request: HttpRequest, agency_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(Agency, pk=agency_id)
    exports = {"placements": agencies.export_placements, "recalls": agencies.export_recalls}
    if step in exports:
        _does(request, "The file is below.", lambda: exports[step](agency=row))
    elif step == "payments":
        file = request.FILES.get("file")
        if file is None or (file.size or 0) > LARGEST_FILE_BYTES:
            messages.error(request, "Choose a CSV file of at most 5 MB.")
            return redirect("agency")
        try:
            with transaction.atomic():
                done = agencies.import_agency_payments(
                    agency=row, name=file.name or "payments.csv", content=file.read()
                )
        except FileFault as fault:
            messages.error(request, f"Not taken: {fault}.")
            return redirect("agency")
        if done.seen_before:
            messages.info(request, "This file was taken before; nothing changed.")
        else:
            messages.success(
                request, f"{done.posted} posted, {done.gross} gross, {done.net} net; {done.problems} to look at."
            )
    return redirect("agency")


@page(reads="agency.file")
def agency_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    row = get_object_or_404(AgencyFile, pk=file_id)
    response = HttpResponse(bytes(row.content), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.kind.lower()}.csv"'
    return response
