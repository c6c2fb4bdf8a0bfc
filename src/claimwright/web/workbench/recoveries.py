"""Money given back and money to get: credits and refunds, write-offs to approve, underpayments, agencies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing import refund_rules, write_offs
from claimwright.billing import underpayments as rules
from claimwright.billing.agency_files import FileFault
from claimwright.documents.letters import LetterIncomplete
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.payments import payer_refunds, refunds, writing_off
from claimwright.web.payments.credits import CLOSED
from claimwright.web.payments.models import Refund, Remittance, WriteOff
from claimwright.web.payments.services import approve_write_off, patient_line_ids
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries import agencies, disputes, underpaid
from claimwright.web.recoveries.models import Agency, AgencyFile, AgencyPlacement, Dispute, Underpayment
from claimwright.web.workbench.pages import action, page, rows_of, show

LARGEST_FILE_BYTES = 5_000_000
LATEST = 50
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


@page(reads="refund.list")
def credit_list(request: HttpRequest) -> HttpResponse:
    related = ("payer", "patient", "practice")
    open_rows = Refund.objects.filter(issued_on__isnull=True).exclude(state__in=CLOSED).select_related(*related)
    out = Refund.objects.filter(issued_on__isnull=False).select_related(*related)
    shown = rows_of(request, open_rows.order_by("due_on", "identified_on", "key"))
    numbers = {row.pk: row.parts[0].get("payment", "") for row in shown if row.parts}
    held = {
        one.number: one for one in Remittance.objects.filter(number__in=filter(None, numbers.values())).defer("content")
    }
    for row in shown:
        row.held_in = held.get(numbers.get(row.pk, ""))
        row.refusable = row.key.startswith(payer_refunds.REFUSABLE)
        row.days_left = (row.due_on - clock.today()).days if row.due_on else None
        row.days_over = -row.days_left if row.days_left is not None else None
        row.look_back = refund_rules.look_back_ends(row.received_on, row.identified_on) if row.received_on else None
        row.beyond_look_back = not refund_rules.within_look_back(row.received_on, row.identified_on)
    return show(
        request, "workbench/refunds.html",
        {
            "rows": shown, "together": payer_refunds.batches(), "buckets": INSURANCE_BUCKETS,
            "out": out.order_by("-issued_on", "pk")[:LATEST], "causes": payer_refunds.CAUSES.items(),
            "methods": refunds.METHODS.items(),
        },
    )  # fmt: skip


@action(does="refund.work_asked")
def work_refund(request: HttpRequest, refund_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(Refund, pk=refund_id)
    given = request.POST
    number, reason = given.get("reference", ""), given.get("reason", "")

    def issue() -> object:
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


def _with_patients(rows: Any) -> Any:
    """Give each write-off of a line the patient's name and the address of the visit, to look before deciding."""
    found = ChargeLine.objects.filter(line_id__in=[row.line_id for row in rows]).select_related("patient")
    lines = {line.line_id: line for line in found}
    for row in rows:
        line = lines.get(row.line_id)
        row.address = reverse("visit", args=[line.encounter_id]) if line else ""
        row.whose = f"{line.patient}, {line.code} of {line.date_of_service:%m/%d/%Y}" if line else ""
    return rows


@page(reads="write_off.list")
def write_off_list(request: HttpRequest) -> HttpResponse:
    small = [
        (practice, found, sum((one.amount for one in found), Decimal("0.00")))
        for practice in Practice.objects.order_by("name")
        if (found := writing_off.small_balances(practice=practice))
    ]
    return show(
        request, "workbench/write_offs.html",
        {
            "rows": _with_patients(
                rows_of(request, WriteOff.objects.filter(state="REQUESTED").order_by("requested_on", "key"))
            ),
            "decided": _with_patients(list(WriteOff.objects.exclude(state="REQUESTED").order_by("-requested_on", "key")[:LATEST])),
            "small": small, "limits": [
                (practice, write_offs.limits(policies_of(practice)).items()) for practice in Practice.objects.order_by("name")
            ],
        },
    )  # fmt: skip


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
    practice = get_object_or_404(Practice, pk=practice_id)
    _does(request, "Small balances are written off.", lambda: writing_off.write_off_small_balances(practice=practice))
    return redirect("write_offs")


# Underpayments ---------------------------------------------------------------------------------------------------------


@page(reads="underpayment.list")
def underpayment_list(request: HttpRequest) -> HttpResponse:
    groups = underpaid.open_groups()
    cases = Underpayment.objects.filter(state="OPEN").select_related("payer", "version__claim")
    payers = {str(case.payer_id): case.payer.name for case in cases}
    under, evaluated = underpaid.underpayment_rate()
    return show(
        request, "workbench/underpayments.html",
        {
            "letters": [(one, payers[one.payer], rules.CAUSES.get(one.cause, one.cause)) for one in groups],
            "rows": rows_of(request, cases.order_by("-variance", "pk")), "under": under, "evaluated": evaluated,
            "disputes": Dispute.objects.select_related("payer").defer("letter").order_by("-made_on", "-number")[:LATEST],
            "decisions": [(state.value, words) for state, words in rules.DECISIONS.items()],
        },
    )  # fmt: skip


@action(does="dispute.make_asked")
def make_dispute(request: HttpRequest) -> HttpResponse:
    try:
        ids = [UUID(one) for one in request.POST.get("cases", "").split(",") if one]
    except ValueError:
        ids = []
    cases = list(Underpayment.objects.filter(pk__in=ids))
    signer = request.user.get_full_name() or request.user.get_username()
    try:
        _does(request, "The letter is written.", lambda: disputes.make_dispute(cases=cases, signer=signer))
    except LetterIncomplete as lacking:
        messages.error(request, f"Not written: {lacking}.")
    return redirect("underpayments")


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


@page(reads="agency.list")
def agency_list(request: HttpRequest) -> HttpResponse:
    rows = AgencyPlacement.objects.select_related("patient", "agency")
    return show(
        request, "workbench/agency.html",
        {
            "review": rows.filter(state="REVIEW").order_by("review_on", "number")[:200],
            "placed": rows.filter(state="PLACED").order_by("-placed_on", "number")[:200],
            "agencies": Agency.objects.order_by("name"),
            "files": AgencyFile.objects.defer("content").select_related("agency").order_by("-at")[:20],
        },
    )  # fmt: skip


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
