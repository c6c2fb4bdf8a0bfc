"""The bank: statements in, lines to match with what they may be, money that has not come, and the figures of a period."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.bank_files import BY_NAME
from claimwright.billing.bank_files.nouns import LineKind
from claimwright.billing.bank_matching import Expected, Proof
from claimwright.billing.bank_suggestions import Suggestion
from claimwright.codes.dates import add_months
from claimwright.codes.money import AmountError, parse_amount
from claimwright.web.bank import selectors, services
from claimwright.web.bank.models import BankAccount, BankFile, BankLine, BankMatch
from claimwright.web.core import clock
from claimwright.web.payments.models import PatientReceipt, Refund
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import MOST_COUNTED, action, page, rows_of, show

LARGEST_FILE_BYTES = 20_000_000
KINDS = {"remittance": "Remittance", "deposit": "Expected deposit", "receipt": "Patient payment", "refund": "Refund",
         "slip": "Deposit slip", "virtual_card": "Virtual card"}  # fmt: skip
PROOFS = {  # how a line was tied to its money
    Proof.TRACE: "By its trace number", Proof.TRACE_SPLIT: "One line, several traces",
    Proof.TRACE_MERGED: "Several lines, one trace", Proof.CHECK: "By its check number",
    Proof.LOCKBOX_ITEMS: "By the lockbox's items", Proof.BATCH: "By its slip or settlement",
    Proof.REVERSAL: "Taken back by the bank", "ACCEPTED": "Accepted by a person", "EXPLAINED": "Explained by a person",
}  # fmt: skip
MOVED = {  # how the bank says that money moved
    LineKind.ACH_CREDIT: "Electronic credit", LineKind.WIRE_CREDIT: "Wire", LineKind.CHECK_DEPOSIT: "Deposit",
    LineKind.LOCKBOX: "Lockbox", LineKind.CARD: "Cards", LineKind.CASH: "Cash", LineKind.RETURNED_ITEM: "Returned item",
    LineKind.CHARGEBACK: "Chargeback", LineKind.ACH_DEBIT: "Electronic debit", LineKind.CHECK_PAID: "Check paid",
    LineKind.FEE: "Fee", LineKind.INTEREST: "Interest", LineKind.OTHER: "Other",
}  # fmt: skip


def _period(request: HttpRequest) -> tuple[str, date, date]:
    """(name, first day, day after the last) of the day, week or month that was asked for, the month unless said."""
    name = request.GET.get("period", "month")
    on = as_date(request.GET.get("on")) or clock.today()
    if name == "day":
        return name, on, on + timedelta(days=1)
    if name == "week":
        monday = on - timedelta(days=on.weekday())
        return name, monday, monday + timedelta(days=7)
    first = on.replace(day=1)
    return "month", first, add_months(first, 1)


def _money_row(one: Expected) -> dict[str, object]:
    kind, _, pk = one.expected_id.partition(":")
    number = one.trace.number or one.check_number or one.batch_number
    return {"id": pk, "kind": kind, "kind_name": KINDS[kind], "amount": one.amount, "on": one.paid_on, "number": number,
            "payer": one.payer_names[0] if one.payer_names else ""}  # fmt: skip


def _how(match: BankMatch) -> str:
    because = services.CATEGORIES.get(match.category, "")
    return f"{PROOFS.get(match.kind, match.kind)}{f': {because.lower()}' if because else ''}"


def _paid_on(one: Expected) -> date:
    return one.paid_on


def _together(amounts: Iterable[Decimal]) -> tuple[int, Decimal]:
    """How many, and their sum."""
    every = list(amounts)
    return len(every), sum(every, Decimal("0.00"))


def _with_patients(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Whose each payment or refund is: without it a hundred copays of one day are one row a hundred times."""
    receipts, refunds = ([row["id"] for row in rows if row["kind"] == kind] for kind in ("receipt", "refund"))
    names = {
        str(one.pk): str(one.patient) for one in PatientReceipt.objects.filter(pk__in=receipts).select_related("patient")
    } if receipts else {}  # fmt: skip
    if refunds:
        issued = Refund.objects.filter(pk__in=refunds).select_related("patient", "payer")
        names |= {str(one.pk): str(one.patient or one.payer or "") for one in issued}
    return [row | {"payer": names.get(str(row["id"]), row["payer"])} for row in rows]


def _offer(made: Suggestion, money: dict[str, Expected]) -> dict[str, object]:
    named = [_money_row(money[one]) for one in made.expected_ids if one in money]
    return {"made": made, "money": named, "lines": ",".join(made.line_ids), "expected": ",".join(made.expected_ids),
            "reasons": "; ".join(made.reasons)}  # fmt: skip


LINES: Columns = (
    ("Posted on", "posted_on"), ("Account", "account.name"), ("Kind", lambda row: MOVED[row.kind]),
    ("Description", "description"), ("Amount", "amount"),
)  # fmt: skip
MONEY: Columns = (
    ("Date", "on"), ("What", "kind_name"), ("Number", "number"), ("Payer or patient", "payer"), ("Amount", "amount"),
)  # fmt: skip


MATCHES: Columns = (
    ("When", "at"), ("By", "actor"), ("Proved", "automatic"), ("How", lambda row: _how(row)),
    ("Lines", lambda row: "; ".join(f"{one.line.posted_on:%m/%d/%Y} {one.amount}" for one in row.lines.all())),
    ("Note", "note"),
)  # fmt: skip


@page(reads="bank.lines")
def bank(request: HttpRequest) -> HttpResponse:
    every = selectors.open_lines().select_related("account")
    money = sorted(selectors.open_money(), key=_paid_on)
    waiting = exported(
        request, "not-at-the-bank", MONEY, money, of="money",
        ready=lambda several: _with_patients([_money_row(one) for one in several]),
    )  # fmt: skip
    matched = selectors.standing_matches().prefetch_related("lines__line", "parts").order_by("-at", "-pk")
    file = waiting or exported(request, "bank-lines", LINES, every)
    if file or (file := exported(request, "bank-matches", MATCHES, matched, of="matches")):
        return file
    rows = rows_of(request, every)
    past = rows_of(request, matched, "matches")
    money_rows = rows_of(request, money, "money")
    settled = selectors.settled_lines(selectors.taken_back(rows))
    named = {one.expected_id: one for past in settled for one in past.expected}
    named |= {one.expected_id: one for one in money}
    suggesters = {
        account.pk: selectors.suggester(account, money)
        for account in BankAccount.objects.filter(pk__in={row.account_id for row in rows}).select_related("practice")
    }
    lines = [
        {"row": row, "moved": MOVED[row.kind], "offers": [
            _offer(made, named) for made in suggesters[row.account_id].for_line(selectors.as_money(row))
        ]}
        for row in rows
    ]  # fmt: skip
    name, start, end = _period(request)
    # The books against the bank read all that ever came: of a large office where it is asked for.
    is_large = BankLine.objects.all()[: MOST_COUNTED + 1].count() > MOST_COUNTED
    figures = None if is_large and "period" not in request.GET else selectors.reconcile_period(start=start, end=end)
    return show(
        request,
        "workbench/bank.html",
        {
            "rows": rows, "lines": lines, "categories": services.CATEGORIES.items(),
            "money": _with_patients([_money_row(one) for one in money_rows]), "money_rows": money_rows,
            "coming": _together(one.amount for one in money if one.amount > 0),
            "going": _together(-one.amount for one in money if one.amount < 0),
            "accounts": BankAccount.objects.order_by("name"), "profiles": list(BY_NAME),
            "files": BankFile.objects.defer("content").order_by("-received_at")[:10],
            "matches": [(row, _how(row)) for row in past], "past": past,
            "figures": figures, "period": name, "periods": ("day", "week", "month"),
            "last_day": end - timedelta(days=1), "wanted": request.GET,
        },
    )  # fmt: skip


@action(does="bank.import_asked")
def import_statement(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST_FILE_BYTES:
        messages.error(request, "Choose a statement file of at most 20 MB.")
        return redirect("bank")
    chosen = request.POST.get("account", "")
    new_name = request.POST.get("new_account", "").strip()[:80]
    try:
        account = BankAccount.objects.get(pk=UUID(chosen)) if chosen else None
    except (ValueError, BankAccount.DoesNotExist):
        messages.error(request, "Choose an account of the list.")
        return redirect("bank")
    if account is None and new_name:
        account = services.open_account(name=new_name)
    try:
        done = services.import_bank_file(name=file.name or "statement", content=file.read(), account=account)
    except services.BankRefused as refused:
        messages.error(request, f"Not taken: {refused}.")
        return redirect("bank")
    if done.faults:
        for fault in done.faults[:10]:
            messages.error(request, f"Line {fault['place']}: {fault['message']}. {fault['fix']}.")
        messages.error(request, f"{len(done.faults)} faults: the file is kept, and none of its lines was taken.")
    elif done.seen_before:
        messages.info(request, "This file was imported before; nothing changed.")
    else:
        messages.success(
            request,
            f"{done.new_lines} new lines, {done.repeated_lines} known already; {done.matched} matched,"
            f" {done.open} to look at.",
        )
    return redirect("bank")


@action(does="bank.accept_asked")
def accept(request: HttpRequest) -> HttpResponse:
    try:
        fee = parse_amount(request.POST.get("fee") or "0.00")
        services.accept_match(
            line_ids=_ids(request.POST.get("lines", "")), undoes=str(UUID(u)) if (u := request.POST.get("undoes")) else "",
            expected_ids=[one for one in request.POST.get("expected", "").split(",") if one], fee=fee,
            score=int(score) if (score := request.POST.get("score", "")).isdigit() else None,
            reasons=[request.POST["reasons"]] if request.POST.get("reasons") else [],
        )  # fmt: skip
        messages.success(request, "Matched.")
    except services.BankRefused as refused:
        messages.error(request, f"Not matched: {refused}.")
    except (ValueError, AmountError):
        messages.error(request, "Not matched: the form is not complete. Load the page again.")
    return redirect("bank")


def _ids(text: str) -> list[str]:
    return [str(UUID(one)) for one in text.split(",") if one]


@action(does="bank.explain_asked")
def explain(request: HttpRequest, line_id: UUID) -> HttpResponse:
    line = get_object_or_404(BankLine.objects.select_related("account__practice"), pk=line_id)
    try:
        services.explain_line(
            line=line, category=request.POST.get("category", ""), note=request.POST.get("note", "")[:500]
        )  # fmt: skip
        messages.success(request, "Explained.")
    except services.BankRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("bank")


@action(does="bank.undo_asked")
def undo(request: HttpRequest, match_id: UUID) -> HttpResponse:
    try:
        services.undo_match(match=get_object_or_404(BankMatch, pk=match_id), note=request.POST.get("note", "")[:500])
        messages.success(request, "Undone; its lines and its money are open again.")
    except services.BankRefused as refused:
        messages.error(request, f"Not undone: {refused}.")
    return redirect("bank")
