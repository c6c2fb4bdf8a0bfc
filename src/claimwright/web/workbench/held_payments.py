"""What people decide about held money on its remittance's page: a number that came before, a claim of another practice,
a code without an account, a refund check that the payer acknowledges, money that is the payer's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.patient import RefusedPayment
from claimwright.billing.posting.provider_adjustments import MAPPABLE, REFUND_ACKNOWLEDGED
from claimwright.web.payments import assignments, conflicts, held_money
from claimwright.web.payments.held_places import Held
from claimwright.web.payments.models import ClaimPayment, PracticeDebt, ProviderAdjustment, Refund, Remittance
from claimwright.web.payments.release import ReleaseRefused
from claimwright.web.workbench.pages import action, back


def held_context(found: Remittance) -> dict[str, object]:
    """What the page of a remittance shows of decisions taken and to take."""
    return {
        "earlier": conflicts.earlier_of(found) if found.state == "held" or found.earlier_id else None,
        "later": found.later.filter(state__in=["posted", "partial"]).defer("content"),
        "decision": conflicts.DECISIONS.get(found.decision, ""),
        "decisions": [(value, words) for value, words in conflicts.DECISIONS.items() if value != conflicts.DUPLICATE],
        "mappable": MAPPABLE.items(),
        "acknowledged": REFUND_ACKNOWLEDGED,
        "debts": PracticeDebt.objects.filter(claim_payment__remittance=found).select_related(
            "received_by", "belongs_to"
        ),
    }


def _does(request: HttpRequest, remittance_id: UUID, done: str, act: Callable[[], object]) -> HttpResponse:
    try:
        with transaction.atomic():
            act()
        messages.success(request, done)
    except (ReleaseRefused, RefusedPayment) as refused:
        messages.error(request, f"Not done: {refused}.".replace("..", "."))
    return back(request, reverse("remittance", args=[remittance_id]))


@action(does="remittance.decision_asked")
def decide_held(request: HttpRequest, remittance_id: UUID, step: str) -> HttpResponse:
    row = get_object_or_404(Remittance, pk=remittance_id)
    given, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    steps: dict[str, tuple[str, Callable[[], object]]] = {
        "dismiss": (
            "A duplicate: nothing was posted.", lambda: conflicts.dismiss_held(remittance=row, reason=reason)
        ),
        "ask": (
            "Asked for: another person approves it.",
            lambda: conflicts.ask_to_post_held(remittance=row, decision=given, reason=reason),
        ),
        "withdraw": ("It waits as before.", lambda: conflicts.withdraw_held(remittance=row)),
        "approve": (
            "Approved and posted.", lambda: conflicts.approve_held(remittance=row, approver=request.user)  # type: ignore[arg-type]
        ),
    }  # fmt: skip
    if step not in steps:
        return redirect("remittance", remittance_id=row.pk)
    return _does(request, row.pk, *steps[step])


@action(does="remittance.assign_asked")
def assign_payment(request: HttpRequest, claim_payment_id: UUID) -> HttpResponse:
    """A held CLP goes to the practice whose claim it is."""
    row = get_object_or_404(ClaimPayment.objects.select_related("remittance__practice"), pk=claim_payment_id)
    reason = request.POST.get("reason", "")
    return _does(
        request, row.remittance_id, "Posted to the practice whose claim it is.",
        lambda: assignments.assign_to_practice(claim_payment=row, reason=reason),
    )  # fmt: skip


@action(does="remittance.debt_asked")
def settle_debt(request: HttpRequest, debt_id: UUID) -> HttpResponse:
    """The money followed the claim from bank to bank."""
    row = get_object_or_404(PracticeDebt.objects.select_related("claim_payment"), pk=debt_id)
    reference = request.POST.get("reference", "")
    return _does(
        request, row.claim_payment.remittance_id, "Settled.",
        lambda: assignments.settle_practice_debt(debt=row, reference=reference),
    )  # fmt: skip


@action(does="remittance.adjustment_asked")
def place_adjustment(request: HttpRequest, adjustment_id: UUID) -> HttpResponse:
    """A held PLB pair onto an account, or as the payer's word for one of our refund checks."""
    row = get_object_or_404(ProviderAdjustment.objects.select_related("remittance"), pk=adjustment_id)
    given = request.POST
    if row.code == REFUND_ACKNOWLEDGED:
        try:
            check = Refund.objects.filter(pk=UUID(given.get("refund", ""))).first()
        except ValueError:
            check = None
        if check is None:
            messages.error(request, "Choose the check that the payer means.")
            return redirect("remittance", remittance_id=row.remittance_id)
        return _does(
            request, row.remittance_id, "The check is acknowledged.",
            lambda: assignments.acknowledge_refund(adjustment=row, refund=check),
        )  # fmt: skip
    return _does(
        request, row.remittance_id, "Posted.",
        lambda: assignments.map_adjustment(
            adjustment=row, kind=given.get("kind", ""), note=given.get("note", ""), remember=bool(given.get("remember"))
        ),
    )  # fmt: skip


@action(does="remittance.give_back_asked")
def give_back(request: HttpRequest, kind: str, item_id: UUID, step: str) -> HttpResponse:
    """A held CLP or PLB is the payer's: on the list of credits; or this one takes what is held elsewhere."""
    row = _held(kind, item_id)
    given = request.POST
    if step == "owe":
        return _does(
            request, row.remittance_id, "On the list of credits: ask there for the refund.",
            lambda: held_money.owe_back(item=row, note=given.get("note", "")),
        )  # fmt: skip
    if step != "takes":
        raise Http404
    chosen = held_item(given.get("held", ""))
    if chosen is None:
        messages.error(request, "Choose what it takes back.")
        return redirect("remittance", remittance_id=row.remittance_id)
    return _does(
        request, row.remittance_id, "Settled: the payer has its money back.",
        lambda: held_money.take_held_back(item=chosen, by=row),
    )  # fmt: skip


def held_item(text: str) -> Held | None:
    """The held CLP or PLB that a form names as kind and id: claim:..., adjustment:...; None where it names none."""
    kind, _, number = text.partition(":")
    try:
        return _held(kind, UUID(number))
    except (ValueError, Http404):
        return None


def _held(kind: str, item_id: UUID) -> Held:
    if kind == "claim":
        return get_object_or_404(ClaimPayment.objects.select_related("remittance"), pk=item_id)
    if kind == "adjustment":
        return get_object_or_404(ProviderAdjustment.objects.select_related("remittance"), pk=item_id)
    raise Http404


def takeable(by: Held) -> list[tuple[str, str]]:
    """What a held reversal, or a recovery that named no claim of ours, may take back: value of the form, and words."""
    return takeable_of([by])[by.pk]


def takeable_of(several: Sequence[Held]) -> dict[UUID, list[tuple[str, str]]]:
    """`takeable` of many at once, by their ids."""
    return {pk: [_offer(one) for one in found] for pk, found in held_money.held_of_each(several).items()}


def _offer(one: Held) -> tuple[str, str]:
    kind = "claim" if isinstance(one, ClaimPayment) else "adjustment"
    name = one.control_number if isinstance(one, ClaimPayment) else one.reference
    return f"{kind}:{one.pk}", " in ".join(filter(None, (name, one.remittance.trace_number)))
