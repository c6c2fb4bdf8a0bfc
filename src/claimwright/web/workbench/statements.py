"""Statements: what is due or held and why, what went out and came back; and how far each account has been asked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import ask, run_now
from claimwright.web.patients.selectors import by_name
from claimwright.web.statements import selectors, services
from claimwright.web.statements.models import Contact, Delivery, GuarantorStatement, MailBatch, Notice
from claimwright.web.workbench.due_look import forget_look, is_being_worked_out, is_large, look_at_due, with_patients
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, back, page, rows_of, show, with_query

OUTCOMES = ((Contact.State.REACHED, "Reached"), (Contact.State.NOT_REACHED, "Not reached"),
            (Contact.State.REFUSED, "Wants no more of it"), (Contact.State.CANCELLED, "Not needed"))  # fmt: skip


ISSUED: Columns = (
    ("Issued", "issued_on"), ("Number", "number"), ("To", "account.patient"),
    ("Record number", "account.patient.record_number"), ("Practice", "account.practice.name"), ("Amount", "amount_due"),
    ("Due", "due_on"), ("State", "get_state_display"), ("Why withdrawn", "void_reason"),
    ("Delivery", lambda row: "; ".join(_piece(one) for one in row.deliveries.all())),
)  # fmt: skip
RETURNED: Columns = (
    ("When", lambda row: row.returned_on or row.made_on),
    ("What", lambda row: row.whole.number if row.whole else row.notice.number if row.notice else ""),
    ("By", lambda row: "E-mail" if row.channel == "email" else "Mail"), ("To", "account.patient"),
    ("Record number", "account.patient.record_number"), ("Why", "reason"),
)  # fmt: skip


BATCHES: Columns = (("Batch", "number"), ("Made", "made_on"), ("By", "made_by"), ("Pieces", "pieces"))


def _piece(one: Delivery) -> str:
    how = "E-mail" if one.channel == "email" else "Mail"
    return f"{how}: {one.get_state_display()}" + (f" in {one.batch.number}" if one.batch else "")


@page(reads="statements.list")
def statements(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    issued = selectors.issued_statements()
    if wanted:
        numbered = issued.filter(number__in=(wanted, wanted.upper())).order_by().values("pk")
        named = issued.filter(account__patient__in=by_name(wanted)).order_by().values("pk")
        issued = issued.filter(pk__in=numbered.union(named, all=True))
    returned = selectors.returned_pieces()
    batches = selectors.mail_batches()
    file = exported(request, "statements", ISSUED, issued) or exported(
        request, "batches", BATCHES, batches, of="batches"
    )
    if file or (file := exported(request, "statements-that-came-back", RETURNED, returned, of="returned")):
        return file
    return show(
        request,
        "workbench/statements.html",
        {
            "rows": rows_of(request, issued), "wanted": wanted, "waiting": selectors.waiting_pieces(),
            "batches": rows_of(request, batches, "batches"),
            "returned": rows_of(request, returned, "returned"),
            "online": settings.PUBLIC_URL,
        },
    )  # fmt: skip


HELD: Columns = (
    ("Patient", "patient"), ("Record number", "patient.record_number"),
    ("Reason", lambda row: row.reason[:1].upper() + row.reason[1:]), ("Would be asked for", "amount"),
)  # fmt: skip


@page(reads="statements.due")
def due_statements(request: HttpRequest) -> HttpResponse:
    """What a run today would do, and everybody who owes and gets nothing, with the reason."""
    chosen = request.GET.get("reason", "")
    if "anew" in request.GET:
        look_at_due(request, anew=True)
        return redirect(with_query(request.path, reason=chosen))
    look = look_at_due(request)
    every = look.held if look is not None else []
    counts = Counter(one.reason for one in every)
    sums: dict[str, Decimal] = {}
    for one in every:
        sums[one.reason] = sums.get(one.reason, Decimal("0.00")) + one.amount
    held = [one for one in every if not chosen or one.reason == chosen]
    if file := exported(request, "statements-held", HELD, held, ready=with_patients):
        return file
    rows = rows_of(request, held)
    with_patients(rows.object_list)
    return show(
        request,
        "workbench/statements_due.html",
        {
            "look": look, "chosen": chosen, "rows": rows, "is_under_way": is_large() and is_being_worked_out(),
            "reasons": [(reason, count, sums[reason]) for reason, count in counts.most_common()],
        },
    )  # fmt: skip


ACCOUNTS: Columns = (
    ("Account", "patient"), ("Record number", "patient.record_number"), ("Practice", "practice.name"),
    ("First statement", "clock_started_on"), ("Day", lambda row: (clock.today() - row.clock_started_on).days),
    ("Next", lambda row: selectors.step_words(row.next_step) or "Done"), ("On", "next_step_on"),
)  # fmt: skip
CONTACTS: Columns = (
    ("Due", "contact_on"), ("Whom", "account.patient"), ("Record number", "account.patient.record_number"),
    ("How", lambda row: "Text" if row.channel == "text" else "Call"), ("Number", "phone.number"),
    ("Not before", lambda row: _here(row.opens_at)), ("Not after", lambda row: _here(row.closes_at)),
    ("What to say", "words"), ("Language", "language"),
)  # fmt: skip


def _here(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(current_tenant().time_zone)):%H:%M}"


@page(reads="statements.dunning")
def dunning(request: HttpRequest) -> HttpResponse:
    every, to_make = selectors.accounts_in_dunning(), selectors.contacts_to_make()
    file = exported(request, "accounts-being-reminded", ACCOUNTS, every)
    if file or (file := exported(request, "calls-and-texts", CONTACTS, to_make, of="contacts")):
        return file
    accounts, shown = rows_of(request, every), rows_of(request, to_make, "contacts")
    today = clock.today()
    contacts = [{"row": row, "opens": _here(row.opens_at), "closes": _here(row.closes_at)} for row in shown]
    return show(
        request,
        "workbench/dunning.html",
        {
            "rows": accounts, "contacts": contacts, "to_make": shown, "outcomes": OUTCOMES,
            "accounts": [
                {"row": row, "day": (today - row.clock_started_on).days, "next": selectors.step_words(row.next_step)}
                for row in accounts
            ],
        },
    )  # fmt: skip


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@page(reads="statement.read")
def guarantor_statement_pdf(request: HttpRequest, whole_id: UUID) -> HttpResponse:
    """The pages as they were issued."""
    whole = get_object_or_404(GuarantorStatement, pk=whole_id)
    return _file(services.pdf_of(whole), "application/pdf", f"statement-{whole.number}.pdf")


@page(reads="notice.read")
def notice_pdf(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    notice = get_object_or_404(Notice, pk=notice_id)
    return _file(bytes(notice.pdf), "application/pdf", f"notice-{notice.number}.pdf")


@page(reads="statement.mail_batch_read")
def mail_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = get_object_or_404(MailBatch, pk=batch_id)
    response = _file(bytes(batch.content), "application/zip", f"{batch.number}.zip")
    response["Content-Disposition"] = response["Content-Disposition"].replace("inline", "attachment")
    return response


@action(does="statements.issue")
def issue(request: HttpRequest) -> HttpResponse:
    if is_large():  # drafting tens of thousands outlasts a request
        run_now(tenant=current_tenant(), job="statements")
        messages.success(request, "Queued: the worker issues them, and the page Jobs tells how many.")
        return back(request, reverse("statements"))
    run = services.issue_due_statements()
    forget_look(request)
    messages.success(request, f"{len(run.issued)} issued, ${run.amount_due:,.2f} asked for.")
    if run.problems:
        messages.error(
            request, f"{len(run.problems)} could not be made; they are on the worklist of postings to review."
        )
    return back(request, reverse("statements"))


@action(does="statements.print")
def print_batch(request: HttpRequest) -> HttpResponse:
    batch = services.make_mail_batch()
    if batch is None:
        messages.info(request, "Nothing waits for paper.")
    else:
        messages.success(request, f"{batch.number} is ready: {batch.pieces} pieces. Download it for the printer.")
    return back(request, reverse("statements"))


@action(does="statements.email")
def email(request: HttpRequest) -> HttpResponse:
    ask(tenant=current_tenant(), job="send_emails", about={})
    messages.success(request, "The links go out now. What the mail server refuses goes on paper.")
    return back(request, reverse("statements"))


@action(does="statement.change")
def change(request: HttpRequest, whole_id: UUID) -> HttpResponse:
    """Withdraw it, issue another in its place, or send the same again."""
    whole = get_object_or_404(GuarantorStatement, pk=whole_id)
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("act"):
            case "void":
                services.void_statement(whole=whole, reason=reason)
                messages.success(request, f"{whole.number} is withdrawn.")
            case "reissue":
                made = services.reissue_statement(whole=whole, reason=reason)
                messages.success(request, f"{made.number} replaces {whole.number}.")
            case "again":
                services.send_again(whole=whole)
                messages.success(request, f"{whole.number} waits for the next print.")
            case _:
                messages.error(request, "Choose what to do with the statement.")
    except services.StatementRefused as problem:
        messages.error(request, f"Not done: {problem}.")
    return back(request, reverse("statements"))


@action(does="statement.mail_returned")
def came_back(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    piece = get_object_or_404(Delivery, pk=piece_id)
    try:
        services.return_mail(
            piece=piece, because=request.POST.get("reason", "").strip() or "Returned by the post office"
        )
        messages.success(request, "The address is marked; nothing more is printed. The patient is on the worklist.")
    except services.StatementRefused as problem:
        messages.error(request, f"Not done: {problem}.")
    return back(request, reverse("statements"))


@action(does="statement.contact")
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    found = get_object_or_404(Contact, pk=contact_id)
    try:
        services.record_contact(contact=found, state=request.POST.get("state", ""), note=request.POST.get("note", ""))
        messages.success(request, "Written down.")
    except services.StatementRefused as problem:
        messages.error(request, f"Not written: {problem}.")
    return back(request, reverse("dunning"))


@action(does="statements.dunning_run")
def run_dunning(request: HttpRequest) -> HttpResponse:
    run = services.run_dunning()
    messages.success(request, f"{sum(run.done.values())} steps done, {run.running} clocks run.")
    return back(request, reverse("dunning"))
