"""Payment plans: those that run, those that broke, and the offer of a new one for a patient."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.patient import RefusedPayment
from claimwright.billing.payment_plans import METHODS, Cadence, PlanRefused, PlanState
from claimwright.claims.nouns import ZERO
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import PatientLetter, PaymentPlan
from claimwright.web.arrangements.plan_state import standing_of
from claimwright.web.arrangements.plans import encounters_of
from claimwright.web.arrangements.selectors import plan_rows
from claimwright.web.cashier.cards import kept_means
from claimwright.web.cashier.counter import METHODS as COUNTER_METHODS
from claimwright.web.cashier.links import checkout_address
from claimwright.web.cashier.processors import ProcessorUnavailable, keeper
from claimwright.web.core import clock
from claimwright.web.core.services import next_number
from claimwright.web.workbench.arrangement_forms import NOBODY, FormFault, act, amount, patient_of, pdf, whole
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.owed import owed_visits, services_of
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show
from claimwright.web.workbench.words import state_words

ORDER = {"DEFAULTED": 0, "GRACE": 1, "ACTIVE": 2, "OFFERED": 3}


COLUMNS: Columns = (
    ("Plan", "plan.number"), ("Patient", "plan.patient"), ("Record number", "plan.patient.record_number"),
    ("Practice", "plan.practice.name"), ("State", lambda row: state_words(row["plan"].state)),
    ("Balance at the start", "plan.balance_amount"), ("Instalment", "plan.instalment_amount"),
    ("Each", "plan.cadence"), ("By", "plan.method"), ("Missed", "plan.missed"), ("Next on", "standing.next_due"),
    ("Next", "standing.next_amount"), ("Due now", "standing.due"), ("Left", "standing.left"),
    ("Offered on", "plan.offered_on"), ("Ended on", "plan.ended_on"), ("Why it ended", "plan.ended_because"),
)  # fmt: skip


@page(reads="plans.read")
def plans(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)
    state = request.GET.get("state", "")
    urgency = Case(*(When(state=name, then=Value(place)) for name, place in ORDER.items()), default=Value(len(ORDER)))
    found = PaymentPlan.objects.defer("agreement").select_related("patient", "practice").annotate(urgency=urgency)
    found = found.order_by("urgency", "-offered_on", "-number")  # broken ones first, on whatever page
    if patient is not None:
        found = found.filter(patient=patient)
    if state in list(PlanState):
        found = found.filter(state=state)
    elif patient is None:
        found = found.filter(state__in=list(ORDER))
    if file := exported(request, "plans", COLUMNS, found, ready=plan_rows):
        return file
    rows = rows_of(request, found)
    shown = plan_rows(list(rows))
    balances = services.open_balances(patient) if patient else []
    return show(
        request,
        "workbench/plans.html",
        {
            "rows": rows, "plans": shown, "patient": patient, "state": state, "states": PaymentPlan.State.choices,
            "balances": owed_visits(balances), "open_total": sum((line.balance for line in balances), ZERO), "methods": METHODS,
            "cadences": list(Cadence),
        },
    )  # fmt: skip


@page(reads="plan.read")
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    found = get_object_or_404(PaymentPlan.objects.defer("agreement").select_related("patient", "practice"), pk=plan_id)
    return show(
        request,
        "workbench/plan.html",
        {
            "plan": found, "standing": standing_of(found), "lines": found.lines.order_by("date_of_service", "line_id"),
            "services": services_of(found.lines.values_list("line_id", flat=True)),
            "steps": found.steps.select_related("letter").defer("letter__pdf").order_by("done_on", "name"),
            "balances": owed_visits(services.open_balances(found.patient)), "methods": COUNTER_METHODS,
            "kept": kept_means(found.patient) if found.autopay_consent_on else None, "keeps": keeper() is not None,
            "key": f"plan-{found.number}-{next_number(name='plan_payment_form')}",
        },
    )  # fmt: skip


@page(reads="plan.agreement")
def plan_agreement(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    found = get_object_or_404(PaymentPlan, pk=plan_id)
    return pdf(found.agreement, f"plan-{found.number}")


@page(reads="patient_letter.read")
def patient_letter(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    found = get_object_or_404(PatientLetter, pk=letter_id)
    return pdf(found.pdf, f"letter-{found.number}")


@action(does="plan.offer_asked")
def offer(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)

    def done() -> str:
        if patient is None:
            raise FormFault(NOBODY)
        visits = [UUID(one) for one in request.POST.getlist("visits") if one]
        made = services.offer_plan(
            patient=patient, starts_on=posted_day(request, "starts_on") or clock.today(), instalment=amount(request, "amount"),
            instalments=whole(request, "instalments"), down_payment=amount(request, "down_payment", otherwise=ZERO) or ZERO,
            finance_charge=amount(request, "finance_charge", otherwise=ZERO) or ZERO,
            cadence=request.POST.get("cadence", ""), method=request.POST.get("method", ""),
            encounters=encounters_of(patient, visits) if visits else None,
        )  # fmt: skip
        return f"Offered: plan {made.number}. Print the agreement and have it signed."

    return act(request, "plans", done, patient=patient)


@action(does="plan.change_asked")
def change(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    found = get_object_or_404(PaymentPlan.objects.select_related("patient"), pk=plan_id)
    what, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    if what == "keep":
        return _to_the_processor(request, found)

    def done() -> str:
        if what == "accept":
            services.accept_plan(plan=found, autopay=bool(request.POST.get("autopay")))
            return "The plan runs."
        if what == "pay":
            services.pay_plan(
                plan=found, amount=amount(request, "amount", otherwise=ZERO) or ZERO,
                method=request.POST.get("method", ""), key=request.POST.get("key", "")[:80],
                check_number=request.POST.get("check_number", "")[:60],
            )  # fmt: skip
            return "The payment stands on the plan."
        if what == "charge":
            try:
                taken, why = services.charge_due(plan=found)
            except ProcessorUnavailable as silent:
                raise PlanRefused(f"the processor did not answer: {silent}") from None
            if why:
                return f"Charged {taken}; the rest was not taken: {why}."
            return f"Charged {taken}." if taken else "Nothing is due now."
        if what == "stop_autopay":
            services.stop_autopay(plan=found, reason=reason)
            return "Nothing is charged by itself any more. The plan runs on."
        if what == "join":
            visits = [UUID(one) for one in request.POST.getlist("visits") if one]
            services.join_plan(
                plan=found, encounters=encounters_of(found.patient, visits), consent=request.POST.get("consent", "")
            )
            return "The visits joined; the agreement is written anew."
        if what == "reinstate":
            services.reinstate_plan(plan=found, reason=reason)
            return "The plan runs again."
        if what == "bad_debt":
            services.hand_plan_to_bad_debt(plan=found)
            return "Handed to bad debt."
        services.cancel_plan(plan=found, reason=reason)
        return "The plan is cancelled."

    return act(request, "plans", done, patient=found.patient)


def _to_the_processor(request: HttpRequest, found: PaymentPlan) -> HttpResponse:
    """On to the page on which the patient pays, and with it has the card or account kept."""
    try:
        attempt = services.begin_keeping(plan=found)
    except (PlanRefused, RefusedPayment, ProcessorUnavailable) as refused:
        messages.error(request, f"Not done: {refused}.")
        return redirect("plan", plan_id=found.pk)
    return redirect(checkout_address(attempt.pk))
