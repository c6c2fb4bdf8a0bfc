"""Takebacks: balances payers carry forward, recoveries announced and taken, the claim each is about, letters against it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing import takebacks as rules
from claimwright.billing.posting.provider_adjustments import RECOVERY
from claimwright.documents.letters import LetterIncomplete
from claimwright.web.core import clock
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.recoveries import takebacks
from claimwright.web.recoveries.models import Takeback
from claimwright.web.workbench.held_payments import held_item, takeable
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show


@page(reads="takeback.list")
def takeback_list(request: HttpRequest) -> HttpResponse:
    rows = Takeback.objects.select_related(
        "payer", "encounter__patient", "claim_payment", "adjustment__remittance"
    ).defer("letter")
    waiting = rows_of(request, rows.filter(state__in=takebacks.ACTIVE).order_by("announced_on", "number"))
    for row in waiting:
        row.likely = takebacks.suggestions(row) if row.claim_payment_id is None else []
        recovered = row.claim_payment_id is None and row.code == RECOVERY and row.adjustment_id is not None
        row.held = takeable(row.adjustment) if recovered else []
        row.day = rules.next_contest_day(row.payer.kind, row.announced_on, clock.today())
        row.came_back = takebacks.returned(row)
    balances = takebacks.open_balances()
    return show(
        request, "workbench/takebacks.html",
        {
            "rows": waiting, "balances": balances, "remaining": sum((one.remaining for one in balances), Decimal("0.00")),
            "ended": rows.exclude(state__in=takebacks.ACTIVE).order_by("-ended_on", "-number")[:50],
            "payers": Payer.objects.order_by("name"), "practices": Practice.objects.order_by("name"),
        },
    )  # fmt: skip


def _does(request: HttpRequest, done: str, act: Callable[[], object]) -> HttpResponse:
    try:
        with transaction.atomic():
            act()
        messages.success(request, done)
    except (ValueError, PermissionError, LetterIncomplete) as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("takebacks")


@action(does="takeback.notice_asked")
def record_notice(request: HttpRequest) -> HttpResponse:
    """A payer's letter, keyed."""
    given = request.POST
    try:
        payer = Payer.objects.filter(pk=UUID(given.get("payer", ""))).first()
        practice = Practice.objects.filter(pk=UUID(given.get("practice", ""))).first()
        amount, day = Decimal(given.get("amount", "")), posted_day(request, "announced_on")
    except (ValueError, InvalidOperation):
        payer = practice = day = None
    if payer is None or practice is None or day is None or not amount.is_finite():
        messages.error(request, "Not done: give the payer, an amount and the day of the letter.")
        return redirect("takebacks")
    return _does(
        request, "On the list.",
        lambda: takebacks.record_notice(
            payer=payer, practice=practice, amount=amount.quantize(Decimal("0.01")), announced_on=day,
            reference=given.get("reference", ""), reason=given.get("reason", ""),
        ),
    )  # fmt: skip


@action(does="takeback.work_asked")
def work_takeback(request: HttpRequest, takeback_id: UUID, step: str) -> HttpResponse:
    row, given = get_object_or_404(Takeback.objects.defer("letter"), pk=takeback_id), request.POST
    reason = given.get("reason", "")
    if step == "name":
        try:
            chosen = get_object_or_404(ClaimPayment, pk=UUID(given.get("claim_payment", "")))
        except ValueError:
            raise Http404 from None
        return _does(request, "Kept.", lambda: takebacks.name_claim(takeback=row, claim_payment=chosen))
    if step == "held":
        found = held_item(given.get("held", ""))
        if found is None:
            raise Http404
        return _does(
            request, "Settled: the payer has its money back.", lambda: takebacks.take_held(takeback=row, item=found)
        )
    if step == "contest":
        signer = request.user.get_full_name() or request.user.get_username()
        return _does(
            request, "The letter is written.",
            lambda: takebacks.contest_takeback(takeback=row, reason=reason, signer=signer),
        )  # fmt: skip
    if step in ("accept", "withdrawn"):
        return _does(
            request, "Kept.",
            lambda: takebacks.end_takeback(takeback=row, accepted=step == "accept", answer=reason),
        )  # fmt: skip
    raise Http404


@page(reads="takeback.letter")
def takeback_letter(request: HttpRequest, takeback_id: UUID) -> HttpResponse:
    row = get_object_or_404(Takeback, pk=takeback_id)
    if row.letter is None:
        raise Http404
    response = HttpResponse(bytes(row.letter), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return response
