"""Takebacks: balances payers carry forward, recoveries announced and taken, the claim each is about, letters against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.held_payments import held_item, takeable_of
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show

TO_ANSWER: Columns = (
    ("Number", "number"), ("Payer", "payer.name"), ("Practice", "practice.name"), ("Announced", "announced_on"),
    ("Contest by", lambda row: row.day.on if row.day else None), ("Code", "code"), ("Reference", "reference"),
    ("Reason", "reason"), ("Amount", "amount"), ("Patient", "encounter.patient"),
    ("Claim", "claim_payment.control_number"), ("Paid since", lambda row: row.came_back or None),
    ("State", "get_state_display"), ("Contested on", "contested_on"),
)  # fmt: skip
CARRIED: Columns = (
    ("Payer", "payer"), ("Tax id", "tax_id"), ("Reference", "reference"), ("Since", "since"), ("Days", "age"),
    ("Forwarded", "forwarded"), ("Taken", "taken"), ("Remaining", "remaining"),
)  # fmt: skip
ENDED: Columns = (
    ("Number", "number"), ("Payer", "payer.name"), ("Practice", "practice.name"), ("Announced", "announced_on"),
    ("Reference", "reference"), ("Amount", "amount"), ("How", "get_state_display"), ("Said", "answer"),
    ("On", "ended_on"),
)  # fmt: skip


def _with_days(rows: Sequence[Takeback]) -> None:
    """Until when each is contested, and what came back since."""
    came_back = takebacks.returned_of(rows)
    for row in rows:
        row.day = rules.next_contest_day(row.payer.kind, row.announced_on, clock.today())
        row.came_back = came_back[row.pk]


def _with_offers(rows: Sequence[Takeback]) -> None:
    """The payments that each of those without a claim may be about, and what is held that it may take."""
    unnamed = [row for row in rows if row.claim_payment_id is None]
    likely = takebacks.suggestions_of(unnamed)
    recovered = [row for row in unnamed if row.code == RECOVERY and row.adjustment_id is not None]
    held = takeable_of([row.adjustment for row in recovered])
    for row in rows:
        row.likely = likely.get(row.pk, [])
        row.held = held.get(row.adjustment_id, []) if row in recovered else []


@page(reads="takeback.list")
def takeback_list(request: HttpRequest) -> HttpResponse:
    rows = Takeback.objects.select_related(
        "payer", "practice", "encounter__patient", "claim_payment", "adjustment__remittance"
    ).defer(
        "letter", "payer__profile", "encounter__content", "claim_payment__content", "adjustment__remittance__content"
    )
    waiting = rows.filter(state__in=takebacks.ACTIVE).order_by("announced_on", "number")
    ended = rows.exclude(state__in=takebacks.ACTIVE).order_by("-ended_on", "-number")
    balances = takebacks.open_balances()
    file = exported(request, "takebacks", TO_ANSWER, waiting, ready=_with_days)
    file = file or exported(request, "balances-carried-forward", CARRIED, balances, of="carried")
    if file or (file := exported(request, "takebacks-ended", ENDED, ended, of="ended")):
        return file
    shown = rows_of(request, waiting)
    shown.object_list = list(shown.object_list)
    _with_days(shown.object_list)
    _with_offers(shown.object_list)
    return show(
        request, "workbench/takebacks.html",
        {
            "rows": shown, "balances": rows_of(request, balances, "carried"),
            "remaining": sum((one.remaining for one in balances), Decimal("0.00")), "ended": rows_of(request, ended, "ended"),
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
