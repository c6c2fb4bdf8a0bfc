"""The counter: payments with receipts, the cash drawer, deposit slips, payments that came back, money moved."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Value
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.cash_drawer import DENOMINATIONS, DrawerRefused
from claimwright.billing.paper_remittance import amount_of
from claimwright.billing.patient import RefusedPayment
from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.cashier import cards, counter, models, papers, returns, selectors, virtual_cards
from claimwright.web.cashier.links import checkout_address
from claimwright.web.cashier.processors import takes_cards
from claimwright.web.patients.models import Patient
from claimwright.web.patients.selectors import by_number, named
from claimwright.web.payments.models import PatientReceipt, Remittance
from claimwright.web.payments.services import patient_lines
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.owed import owed_lines
from claimwright.web.workbench.pages import action, back, page, rows_of, show, with_query

FOUND_SHOWN = 12
SHOWN = 30
ON_A_SLIP = 100  # payments at the counter, and payers' checks, that one slip is offered
REFUSALS = (DrawerRefused, RefusedPayment, virtual_cards.VirtualCardRefused)


RETURNED: Columns = (
    ("Came back", "returned_on"), ("Patient", "receipt.patient"), ("Record number", "receipt.patient.record_number"),
    ("Why", lambda row: "Chargeback" if row.kind == "chargeback" else "Check not paid"), ("Amount", "receipt.amount"),
    ("Paid on", "receipt.received_on"), ("Fee", "fee_amount"), ("Recorded by", "recorded_by"), ("Note", "note"),
)  # fmt: skip


SLIPS: Columns = (
    ("Slip", "number"), ("Day", "made_on"), ("By", "made_by"), ("Cash", "cash_amount"), ("Checks", "check_amount"),
    ("Over or short", "over_short_amount"), ("Void", "is_void"),
)  # fmt: skip


@page(reads="counter.read")
def counter_page(request: HttpRequest) -> HttpResponse:
    practices = list(Practice.objects.order_by("name"))
    practice = next((one for one in practices if str(one.pk) == request.GET.get("practice")), None)
    practice = practice or (practices[0] if practices else None)
    text = request.GET.get("q", "").strip()
    chosen = _patient(request.GET.get("patient", ""))
    slips = models.DepositSlip.objects.filter(practice=practice).order_by("-number")
    drawers = models.CashDrawer.objects.filter(practice=practice).order_by("-opened_on", "-pk")
    returned = models.ReturnedPayment.objects.filter(settled_on__isnull=True).order_by("returned_on", "pk")
    returned = returned.select_related("receipt__patient")
    file = exported(request, "payments-that-came-back", RETURNED, returned, of="returned")
    if file or (file := exported(request, "deposit-slips", SLIPS, slips, of="slips")):
        return file
    return show(
        request,
        "workbench/counter.html",
        {
            "practices": practices, "practice": practice, "q": text, "found": _search(text) if text else [],
            "chosen": chosen, **(_account(chosen) if chosen else {}), "key": uuid4().hex,
            "drawer": drawers.exclude(state="closed").first(), "closed": drawers.filter(state="closed")[:5],
            "denominations": DENOMINATIONS, "slips": rows_of(request, slips, "slips"), **(_to_deposit(practice) if practice else {}),
            "returned": rows_of(request, returned, "returned"),
        },
    )  # fmt: skip


def _to_deposit(practice: Practice) -> dict[str, object]:
    """What the next slip may take: of a long queue its oldest part, so that a slip is one that a teller can check."""
    checks = selectors.undeposited_checks(practice).select_related("payer").defer("content")
    waiting, listed = selectors.next_to_deposit(practice, ON_A_SLIP), list(checks[:ON_A_SLIP])
    whole = selectors.undeposited(practice).count() + checks.count()
    return {"waiting": waiting, "checks": listed, "to_deposit": whole, "listed": len(waiting) + len(listed)}


def _patient(text: str) -> Patient | None:
    try:
        return Patient.objects.select_related("practice").filter(pk=UUID(text)).first() if text else None
    except ValueError:
        return None


def _search(text: str) -> list[Patient]:
    last, _, first = (part.strip() for part in text.partition(","))
    found = named(last, first).values("pk").union(by_number(text), all=True)
    rows = Patient.objects.filter(pk__in=found, merged_into__isnull=True).order_by(*Patient.BY_NAME)
    return list(rows[:FOUND_SHOWN])


def _account(patient: Patient) -> dict[str, object]:
    lines = owed_lines(patient_lines(patient.pk))
    receipts = PatientReceipt.objects.filter(patient=patient).select_related("counter", "card", "returned")
    return {
        "lines": lines, "owed": sum((line.balance for line in lines), Decimal("0.00")),
        "credit": patient_credits([str(patient.pk)]).get(str(patient.pk), Decimal("0.00")),
        "receipts": receipts.order_by("-received_on", "-pk")[:SHOWN],
        "takes_cards": takes_cards(), "attempts": patient.card_attempts.exclude(state="captured").order_by("-started_at")[:5],
        "blocked_until": selectors.checks_blocked_until(patient=patient, practice=patient.practice),
    }  # fmt: skip


def _home(request: HttpRequest, patient: object = "") -> HttpResponse:
    return back(request, with_query(reverse("counter"), patient=patient))


def _do(request: HttpRequest, act: Callable[[], str], patient: object = "") -> HttpResponse:
    """Run an act of one service; what it refuses is said and nothing was done."""
    try:
        messages.success(request, act())
    except REFUSALS as refused:
        messages.error(request, f"Not done: {refused}.")
    return _home(request, patient)


def _amount(request: HttpRequest, name: str = "amount") -> Decimal:
    found = amount_of(request.POST.get(name, ""))
    if found is None or not request.POST.get(name, "").strip():
        raise RefusedPayment("type an amount of dollars and cents, such as 25.00")
    return found


@action(does="counter.payment_asked")
def take_payment(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)
    if request.POST.get("method") == "card":
        try:
            attempt = cards.start_checkout(
                patient=patient, practice=patient.practice, amount=_amount(request), key=request.POST.get("key", "")
            )
        except RefusedPayment as refused:
            messages.error(request, f"Not done: {refused}.")
            return _home(request, patient_id)
        return redirect(checkout_address(attempt.pk))

    def act() -> str:
        made = counter.take_payment(
            patient=patient, practice=patient.practice, amount=_amount(request), key=request.POST.get("key", "")[:80],
            method=request.POST.get("method", ""), check_number=request.POST.get("check_number", ""),
            designated=request.POST.getlist("line"),
        )  # fmt: skip
        return f"Receipt {made.number}: {made.receipt.amount} taken."

    return _do(request, act, patient_id)


@action(does="drawer.open_asked")
def open_drawer(request: HttpRequest) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=request.POST.get("practice"))

    def act() -> str:
        made = counter.open_drawer(practice=practice, float_amount=_amount(request))
        return f"The drawer is open with {made.float_amount}."

    return _do(request, act)


@action(does="drawer.count_asked")
def count_drawer(request: HttpRequest, drawer_id: UUID) -> HttpResponse:
    drawer = get_object_or_404(models.CashDrawer, pk=drawer_id)
    pieces = {
        str(one): int(text) for one in DENOMINATIONS if (text := request.POST.get(f"n{one}", "").strip()).isdecimal() and len(text) < 6
    }  # fmt: skip

    def act() -> str:
        amount = None if pieces else _amount(request)
        done = counter.count_drawer(drawer=drawer, amount=amount, pieces=pieces, note=request.POST.get("note", ""))
        if done.state == "closed":
            over = done.over_short_amount
            return f"Closed: it {'agrees' if not over else f'is {abs(over)} ' + ('over' if over > 0 else 'short')}."
        if done.state == "counted":
            return "Counted once. Another person counts now, without this figure."
        return "The two counts differ: both count again."

    return _do(request, act)


@action(does="slip.make_asked")
def make_slip(request: HttpRequest) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=request.POST.get("practice"))

    def act() -> str:
        made = counter.make_slip(
            practice=practice, receipt_ids=request.POST.getlist("receipt"), remittance_ids=request.POST.getlist("check")
        )
        return f"Deposit slip {made.number} over {made.cash_amount + made.check_amount}."

    return _do(request, act)


@action(does="slip.void_asked")
def void_slip(request: HttpRequest, slip_id: UUID) -> HttpResponse:
    slip = get_object_or_404(models.DepositSlip, pk=slip_id)

    def act() -> str:
        counter.void_slip(slip=slip, note=request.POST.get("note", ""))
        return f"{slip.number} is void: its money waits again."

    return _do(request, act)


@page(reads="slip.print")
def slip_pdf(request: HttpRequest, slip_id: UUID) -> HttpResponse:
    slip = get_object_or_404(models.DepositSlip.objects.select_related("practice"), pk=slip_id)
    return _pdf(papers.slip_pdf(slip), slip.number)


@page(reads="receipt.print")
def receipt_pdf(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    rows = models.CounterReceipt.objects.select_related("receipt__patient", "receipt__practice")
    found = get_object_or_404(rows, receipt=receipt_id)
    return _pdf(papers.receipt_pdf(found), found.number)


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


# What comes back, and what moves --------------------------------------------------------------------------------------


@action(does="payment.return_asked")
def record_return(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    receipt = get_object_or_404(PatientReceipt.objects.select_related("patient", "practice"), pk=receipt_id)

    def act() -> str:
        fee = amount_of(request.POST["fee"]) if request.POST.get("fee", "").strip() else None
        kind = "chargeback" if receipt.method == "card" else "nsf"
        made = returns.record_return(receipt=receipt, kind=kind, fee=fee, note=request.POST.get("note", ""))
        return f"The payment is reversed, with a fee of {made.fee_amount}; statements wait until it is settled."

    return _do(request, act, receipt.patient_id)


@action(does="payment.settle_asked")
def settle_return(request: HttpRequest, returned_id: UUID) -> HttpResponse:
    returned = get_object_or_404(models.ReturnedPayment.objects.select_related("receipt__patient"), pk=returned_id)

    def act() -> str:
        returns.settle_return(returned=returned, note=request.POST.get("note", ""))
        return "Settled: statements may go out again."

    return _do(request, act, returned.receipt.patient_id)


@action(does="payment.unapply_asked")
def unapply(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    receipt = get_object_or_404(PatientReceipt, pk=receipt_id)

    def act() -> str:
        return f"{returns.unapply_receipt(receipt=receipt, reason=request.POST.get('reason', ''))} is unapplied again."

    return _do(request, act, receipt.patient_id)


@action(does="credit.move_asked")
def move_credit(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    source = get_object_or_404(Patient, pk=patient_id)

    def act() -> str:
        number = request.POST.get("record_number", "").strip()
        target = Patient.objects.filter(record_number_folded=Lower(Value(number)), merged_into__isnull=True).first()
        if target is None:
            raise RefusedPayment("no account has that record number")
        amount = _amount(request)
        returns.move_credit(source=source, target=target, amount=amount, reason=request.POST.get("reason", ""))
        return f"{amount} moved to {target.record_number} and used on what is owed there."

    return _do(request, act, patient_id)


# Virtual cards --------------------------------------------------------------------------------------------------------


@action(does="virtual_card.asked")
def virtual_card(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Record the card a remittance was paid by; or, once recorded, that the payer was asked for EFT."""
    found = get_object_or_404(Remittance, pk=remittance_id)
    card = models.VirtualCard.objects.filter(remittance=found).first()
    try:
        if card is not None:
            virtual_cards.note_opt_out(card=card)
            messages.success(request, "Noted: the payer was asked to pay by EFT.")
        else:
            virtual_cards.record_virtual_card(
                remittance=found, last_four=request.POST.get("last_four", ""), fee=_amount(request, "fee"),
                batch_number=request.POST.get("batch_number", ""), note=request.POST.get("note", ""),
            )  # fmt: skip
            messages.success(request, "Recorded: the bank is expected to show the batch less the fee.")
    except REFUSALS as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("remittance", remittance_id=remittance_id)
