"""Following: claims not answered by list and norm, contacts with payers, questions to them, and proof of filing."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from claimwright.billing.following import InquiryRefused
from claimwright.web.core import clock
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import TITLES, Worklist
from claimwright.web.eligibility.real_time import real_time_way
from claimwright.web.followup import selectors
from claimwright.web.followup.asking import ask_status, prepare_status_batches
from claimwright.web.followup.contacts import ContactRefused, close_contact, log_contact
from claimwright.web.followup.models import PayerContact
from claimwright.web.followup.norms import DAYS, NormRefused, Norms, save_payer_norm
from claimwright.web.followup.watching import LISTS
from claimwright.web.operations.filing_proof import NothingFiled, filing_pack
from claimwright.web.operations.real_time import ask_about_claim_in_background
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, back, page, posted_day, rows_of, show, with_query
from claimwright.web.workbench.words import state_words

VIEWS = {
    "contacts": "Ask again",
    "questions": "Questions on their way",
    "waiting": "Within the norm",
    "norms": "Payers' norms",
}
NORM_WORDS = {
    "file_acknowledgement_days": "TA1 or 999, days", "clearinghouse_business_days": "Clearinghouse's 277CA, business days",
    "payer_business_days": "Payer's 277CA, business days", "answer_days": "Decision, days",
    "paper_answer_days": "Decision on paper, days", "ask_again_days": "Ask again after, days",
    "remittance_days": "835 after payment, days",
}  # fmt: skip
MOST_ASKED_AT_ONCE = 500


CLAIM = (
    ("Claim", "version.control_number"), ("Patient", "version.claim.patient"),
    ("Record number", "version.claim.patient.record_number"),
)  # fmt: skip
LISTED: Columns = (
    *CLAIM, ("Practice", "version.claim.practice.name"), ("Payer", "version.claim.payer.name"),
    ("Date of service", "version.date_of_service"), ("State", lambda row: state_words(row.state)),
    ("Last sent", "version.last_sent"), ("Charge", "version.total_charge"), ("Due", "due_on"),
    ("Days over", lambda row: row.days_over if row.listed else None),
)  # fmt: skip
CONTACTS: Columns = (
    ("Ask again on", "next_action_on"), *CLAIM, ("Payer", "payer.name"), ("Reference", "reference_number"),
    ("How", "get_channel_display"), ("On", "on"), ("Spoke with", "spoke_with"), ("Said", "said"),
    ("Promised for", "promised_on"), ("Owner", "owner"),
)  # fmt: skip
QUESTIONS: Columns = (
    ("Asked on", "asked_on"), ("By", "asked_by"), *CLAIM, ("Payer", "payer.name"), ("Trace", "trace"),
    ("State", "get_state_display"),
)  # fmt: skip
NORMS: Columns = (
    ("Payer", "payer.name"), ("Payer id", "payer.payer_id"), ("Asked by 276", lambda row: bool(getattr(row["own"], "asks_status", False))),
    *((words, partial(lambda name, row: _norm_days(row, name), name)) for name, words in NORM_WORDS.items()),
)  # fmt: skip


def _norm_days(row: dict[str, Any], name: str) -> Any:
    """The payer's own number of days, or the usual one that holds without."""
    field = next(one for one in row["fields"] if one["name"] == name)
    return field["usual"] if field["own"] is None else field["own"]


def _listed(view: str, payer: str, text: str) -> tuple[Any, Columns]:
    """The rows of a view, and what a file of them holds. `text` finds among the payers."""
    if view == "contacts":
        return selectors.contacts_due(), CONTACTS
    if view == "questions":
        return selectors.open_questions(), QUESTIONS
    if view == "norms":
        payers = Payer.objects.select_related("norm", "connection").order_by("name")
        return payers.filter(Q(name__icontains=text) | Q(payer_id__iexact=text)) if text else payers, NORMS
    return selectors.rows_of_step(view, payer=payer), LISTED


@page(reads="following.list")
def following(request: HttpRequest) -> HttpResponse:
    tallies = selectors.tallies()
    steps = {one.step.value: one for one in tallies}
    first = next((one.step.value for one in tallies if one.count), tallies[0].step.value)
    wanted = request.GET.get("list", "")
    view = wanted if wanted in steps or wanted in VIEWS else first
    today, payer = clock.today(), request.GET.get("payer", "")
    context: dict[str, Any] = {
        "tallies": [{"tally": one, "title": TITLES[LISTS[one.step]]} for one in tallies], "views": VIEWS.items(),
        "view": view, "title": TITLES[LISTS[steps[view].step]] if view in steps else VIEWS[view], "wanted": request.GET,
        "payers": Payer.objects.order_by("name"), "listing": view in steps or view == "waiting",
        "orphans": WorkItem.objects.filter(worklist=Worklist.STATUS_ANSWERS, state=WorkItem.State.OPEN).count(),
        "contacts_due": selectors.contacts_due().filter(next_action_on__lte=today).count(),
    }  # fmt: skip
    ready = _with_days if context["listing"] else _norms if view == "norms" else None
    every, columns = _listed(view, payer, request.GET.get("q", "").strip())
    if file := exported(request, f"following-{view.replace('_', '-')}", columns, every, ready=ready):
        return file
    context["rows"] = rows_of(request, every)
    if ready:
        context["norms"] = ready(context["rows"].object_list)
    return show(request, "workbench/following.html", context)


def _with_days(rows: Any) -> None:
    """Days past the norm, and whether the payer may be asked by a click."""
    norms, today = Norms(), clock.today()
    for row in rows:
        row.days_over = max((today - row.due_on).days, 0)
        claim = row.version.claim
        row.asks = norms.of(claim.payer, claim.practice).asks_status


def _norms(payers: Any) -> list[dict[str, Any]]:
    """Each payer with its own days, and those that hold where it has none."""
    norms, practice = Norms(), Practice.objects.order_by("npi").first()
    found = []
    for payer in payers:
        own = getattr(payer, "norm", None)
        norm = norms.of(payer, practice) if practice is not None else None
        fields = [
            {"name": name, "words": NORM_WORDS[name], "own": getattr(own, name, None), "usual": getattr(norm, name, "")}
            for name in DAYS
        ]  # fmt: skip
        found.append({"payer": payer, "own": own, "fields": fields})
    return found


def following_of(request: HttpRequest, version: ClaimVersion) -> dict[str, Any]:
    """What a claim's page shows of its following."""
    return {
        "following": selectors.story_of(version), "channels": PayerContact.Channel.choices,
        "owners": User.objects.filter(tenant=request.user.tenant_id, is_active=True).order_by("username"),  # type: ignore[union-attr]
        "was_sent": version.first_sent is not None,
    }  # fmt: skip


def _version(version_id: UUID) -> ClaimVersion:
    rows = ClaimVersion.objects.select_related("claim__payer__connection", "claim__practice", "claim__patient")
    return get_object_or_404(rows, pk=version_id)


def _claim_page(version: ClaimVersion) -> str:
    return with_query(reverse("claim", args=[version.claim_id]), version=version.number) + "#following"


@action(does="status.asked_now")
def ask_now(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """One question: at once where the payer answers in real time, else in a file of its own with the next sending."""
    version = _version(version_id)
    try:
        asked = ask_status(version=version)
        if real_time_way(version.claim.payer) is not None:
            ask_about_claim_in_background(tenant=current_tenant(), inquiry_id=asked.pk)
            messages.success(request, f"{version.claim.payer.name} is being asked; look again in some seconds.")
        else:
            prepare_status_batches()
            messages.success(request, f"{version.claim.payer.name} is asked with the next sending.")
    except InquiryRefused as refused:
        messages.error(request, f"Not asked: {refused}.")
    return back(request, _claim_page(version))


@action(does="status.asked_many")
def ask_many(request: HttpRequest) -> HttpResponse:
    """The chosen claims in one batch; each that cannot be asked about is told."""
    chosen = request.POST.getlist("version")[:MOST_ASKED_AT_ONCE]
    asked, refusals = 0, []
    for one in chosen:
        try:
            version = _version(UUID(one))
        except ValueError:
            continue
        try:
            ask_status(version=version)
            asked += 1
        except InquiryRefused as refused:
            refusals.append(f"{version.control_number}: {refused}")
    files = prepare_status_batches()
    if not chosen:
        messages.error(request, "Choose the claims to ask about.")
    if asked:
        messages.success(request, f"{asked} claims are asked about, {len(files)} file{'s' if len(files) != 1 else ''}.")
    for says in refusals[:5]:
        messages.error(request, f"Not asked: {says}.")
    return back(request, reverse("following"))


@action(does="payer.contact_logged")
def log(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version, form = _version(version_id), request.POST
    days = {name: posted_day(request, name) for name in ("on", "promised_on", "next_action_on")}
    try:
        log_contact(
            version=version, channel=form.get("channel", ""), said=form.get("said", ""), on=days["on"],
            incoming=form.get("incoming") == "1", spoke_with=form.get("spoke_with", ""),
            reference_number=form.get("reference_number", ""), promised_on=days["promised_on"],
            next_action_on=days["next_action_on"], owner=form.get("owner", ""),
        )  # fmt: skip
        messages.success(request, "Logged.")
    except ContactRefused as refused:
        messages.error(request, f"Not logged: {refused}.")
    return back(request, _claim_page(version))


@action(does="payer.contact_closed_asked")
def close(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    contact = get_object_or_404(PayerContact.objects.select_related("version"), pk=contact_id)
    try:
        close_contact(contact=contact, because=request.POST.get("because", ""))
        messages.success(request, "Closed.")
    except ContactRefused as refused:
        messages.error(request, f"Not closed: {refused}.")
    return back(request, _claim_page(contact.version))


@action(does="following.norm_saved")
def save_norm(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    payer = get_object_or_404(Payer, pk=payer_id)
    try:
        days = {name: int(text) if (text := request.POST.get(name, "").strip()) else None for name in DAYS}
        save_payer_norm(
            payer=payer, asks_status=request.POST.get("asks_status") == "1",
            inquiry_payer_id=request.POST.get("inquiry_payer_id", ""), **days,
        )  # fmt: skip
        messages.success(request, f"{payer.name}: saved. The lists follow at the end of the day.")
    except ValueError as refused:
        says = refused if isinstance(refused, NormRefused) else "write days as whole numbers, or leave them empty"
        messages.error(request, f"Not saved: {says}.")
    return back(request, with_query(reverse("following"), list="norms"))


@page(reads="claim.proof_of_filing_read")
def filing_proof(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The proof of timely filing as one PDF."""
    version = _version(version_id)
    try:
        pack = filing_pack(version=version)
    except NothingFiled as nothing:
        return HttpResponse(f"{str(nothing)[:1].upper()}{str(nothing)[1:]}.", content_type="text/plain", status=404)
    return HttpResponse(
        pack.pdf, content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="proof-of-filing-{version.control_number}.pdf"'},
    )  # fmt: skip
