"""What arrangements need each day: plans reviewed and written about, assistance given, estimates listed and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db import transaction

from claimwright.billing import payment_plans as rules
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.payment_plans import PlanState, PlanStep
from claimwright.web.arrangements import models
from claimwright.web.arrangements.assistance import follow_assistance
from claimwright.web.arrangements.autopay import CAPTURED, charge_instalment
from claimwright.web.arrangements.estimate_bills import compare_bills, list_due_estimates
from claimwright.web.arrangements.letters import write_letter
from claimwright.web.arrangements.plan_state import standing_of, standings
from claimwright.web.arrangements.plans import RUNNING, cancel_plan, close_items, review_plan
from claimwright.web.cashier.cards import kept_means
from claimwright.web.cashier.processors import ProcessorUnavailable
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.credits import lock_visits
from claimwright.web.payments.services import place_bad_debt
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.agencies import await_agency_review, owed_of

FOLLOWED = (*RUNNING, PlanState.DEFAULTED.value)


def follow_arrangements() -> None:
    """In the open tenant scope; doing it again on the same day changes nothing."""
    follow_assistance()
    follow_plans()
    list_due_estimates()
    compare_bills()


def follow_plans() -> int:
    """Every plan that runs, broke or was completed lately: its state, and the letters and items that have come due."""
    done = 0
    # A completed plan whose last payment comes back runs again: banks return payments within two months.
    since = clock.today() - timedelta(days=60)
    plans = models.PaymentPlan.objects.filter(state__in=FOLLOWED) | models.PaymentPlan.objects.filter(
        state=PlanState.COMPLETED.value, ended_on__gte=since
    )
    rows = list(plans.select_related("practice", "patient__practice", "patient__guarantor").order_by("number"))
    standing, sent = standings(rows), defaultdict(list)
    for plan_id, name, on in models.PlanStep.objects.filter(plan__in=rows).values_list("plan_id", "name", "done_on"):
        sent[plan_id].append((name, on))
    listed = WorkItem.objects.filter(worklist=Worklist.PLAN_PAYMENTS).exclude(state=WorkItem.State.DONE)
    waiting = set(listed.values_list("subject_id", flat=True))  # their items close once they are paid
    for plan in rows:
        if str(plan.pk) in waiting or not _is_quiet(plan, standing[plan.pk], sent[plan.pk]):
            done += follow_plan(plan=plan)
    lapsed = models.PaymentPlan.objects.filter(state=PlanState.OFFERED.value).select_related("practice")
    for plan in lapsed:
        if clock.today() > plan.offered_on + timedelta(days=policies_of(plan.practice).plan_offer_days):
            cancel_plan(plan=plan, reason="the offer lapsed")
    return done


def _is_quiet(plan: models.PaymentPlan, standing: rules.PlanStanding, sent: Sequence[tuple[str, date]]) -> bool:
    """Its row says what the ledger says, and nothing has come due: most plans on most days."""
    if plan.accepted_on is None:
        return False
    state = standing.state
    if plan.state == PlanState.DEFAULTED and state is not PlanState.COMPLETED:
        state = PlanState.DEFAULTED
    told = (state.value, standing.missed, standing.next_due, state in rules.ENDED)
    if (plan.state, plan.missed, plan.next_due_on, plan.ended_on is not None) != told:
        return False
    standing = msgspec.structs.replace(standing, state=state)
    return not rules.steps_due(
        standing, on=clock.today(), sent=sent, autopay=plan.autopay_consent_on is not None,
        policies=policies_of(plan.practice),
    )  # fmt: skip


@transaction.atomic
def follow_plan(*, plan: models.PaymentPlan) -> int:
    """Review one plan and do what has come due, each thing once; says how many things."""
    row = review_plan(plan=plan)
    standing = standing_of(row)
    if row.state == PlanState.DEFAULTED:
        standing = rules.PlanStanding(
            state=PlanState.DEFAULTED, missed=standing.missed, due=standing.due, left=standing.left,
            regulation_z=standing.regulation_z, instalments=standing.instalments,
        )  # fmt: skip
    _close_charged(row, standing)
    sent = [(name, on) for name, on in row.steps.values_list("name", "done_on")]
    steps = rules.steps_due(
        standing, on=clock.today(), sent=sent, autopay=row.autopay_consent_on is not None,
        policies=policies_of(row.practice),
    )  # fmt: skip
    return sum(_do(row, step, standing, dict(sent)) for step in steps)


def _do(plan: models.PaymentPlan, step: PlanStep, standing: rules.PlanStanding, sent: dict[str, object]) -> bool:
    """Whether anything was done: a card that is kept is charged after the day, by `charge_plan`."""
    if step is PlanStep.AUTOPAY:
        return _list_without_card(plan, standing, sent)
    if step in (PlanStep.REMIND, PlanStep.LATE_NOTICE):
        for one in standing.instalments:
            before = (one.due_on - clock.today()).days
            ahead = 0 <= before <= policies_of(plan.practice).plan_reminder_days
            name = f"{step}:{one.number}"
            if (ahead if step is PlanStep.REMIND else one.missed) and one.left > 0 and name not in sent:
                letter = _write(plan, step, standing, one)
                models.PlanStep.objects.create(plan=plan, name=name, done_on=clock.today(), letter=letter)
        return True
    letter = None if step is PlanStep.BAD_DEBT else _write(plan, step, standing, None)
    models.PlanStep.objects.create(plan=plan, name=step.value, done_on=clock.today(), letter=letter)
    _list_default(plan, step, standing.left)
    return True


def _write(
    plan: models.PaymentPlan, step: PlanStep, standing: rules.PlanStanding, one: rules.AllottedInstalment | None
) -> models.PatientLetter:
    policies = policies_of(plan.practice)
    return write_letter(
        patient=plan.patient, name=step.value, subject_type="payment_plan", subject_id=plan.pk,
        values={
            "plan": plan.number, "left": standing.left, "missed_limit": str(policies.plan_default_after_missed_count),
            "due": one.left if step is PlanStep.REMIND and one else standing.due,
            "due_on": one.due_on if one else clock.today(),
            "answer_by": clock.today() + timedelta(days=policies.plan_notice_days),
        },
    )  # fmt: skip


# Charging --------------------------------------------------------------------------------------------------------------


def _to_charge(standing: rules.PlanStanding, sent: Collection[str]) -> list[rules.AllottedInstalment]:
    """Instalments whose day has come, that nobody was asked for or told of yet."""
    due = (one for one in standing.instalments if one.due_on <= clock.today() and one.left > 0)
    return [one for one in due if f"{PlanStep.AUTOPAY}:{one.number}" not in sent]


def _list_without_card(plan: models.PaymentPlan, standing: rules.PlanStanding, sent: Collection[str]) -> bool:
    if kept_means(plan.patient) is not None:
        return False
    for one in _to_charge(standing, sent):
        _list_charge(
            plan, one, "AUTOPAY", f"Instalment {one.number} of {plan.number} is to be charged, and no card is kept for it",
            "Have the patient pay on the processor's page, from the plan's page: it is kept with that payment",
        )  # fmt: skip
        _note_charge(plan, one)
    return True


def _note_charge(plan: models.PaymentPlan, one: rules.AllottedInstalment) -> None:
    models.PlanStep.objects.create(plan=plan, name=f"{PlanStep.AUTOPAY}:{one.number}", done_on=clock.today())


def plans_to_charge() -> list[tuple[UUID, int]]:
    """Plan and number of each instalment that is to be charged by the card that is kept, oldest plan first."""
    plans = models.PaymentPlan.objects.filter(state__in=RUNNING, autopay_consent_on__isnull=False)
    rows = list(plans.select_related("practice", "patient").order_by("number"))
    sent: dict[UUID, set[str]] = defaultdict(set)
    for plan_id, name in models.PlanStep.objects.filter(plan__in=rows).values_list("plan_id", "name"):
        sent[plan_id].add(name)
    standing = standings(rows)
    due = [(plan, one.number) for plan in rows for one in _to_charge(standing[plan.pk], sent[plan.pk])]
    return [(plan.pk, number) for plan, number in due if kept_means(plan.patient) is not None]


@transaction.atomic
def charge_plan(*, plan_id: UUID, number: int) -> None:
    """One instalment by the card or account that the processor keeps; declined, a person hears of it. For a transaction
    of its own: what follows must not take back what was charged.

    Where the processor does not answer it is asked again tomorrow, under the same key.
    """
    lock_visits(patient_id=models.PaymentPlan.objects.values_list("patient_id").get(pk=plan_id)[0])
    plan = models.PaymentPlan.objects.select_for_update(of=("self",)).select_related("patient").get(pk=plan_id)
    sent = set(plan.steps.values_list("name", flat=True))
    one = next((one for one in _to_charge(standing_of(plan), sent) if one.number == number), None)
    if one is None or plan.state not in RUNNING or plan.autopay_consent_on is None:
        return  # paid, charged or ended meanwhile
    try:
        made = charge_instalment(plan=plan, number=number)
    except ProcessorUnavailable:
        return
    except RefusedPayment as refused:
        _list_charge(
            plan, one, "DECLINED", f"Instalment {one.number} of {plan.number} was not charged: {refused}",
            "Have the patient pay on the processor's page, or another way",
        )  # fmt: skip
        _note_charge(plan, one)
        return
    if made is not None and made.state != CAPTURED:
        _list_charge(
            plan, one, "DECLINED", f"The charge of instalment {one.number} of {plan.number} was declined: {made.reason}",
            "Call the patient: another card, another day, or another way to pay",
        )  # fmt: skip
    if made is not None:
        _note_charge(plan, one)


def _list_charge(
    plan: models.PaymentPlan, one: rules.AllottedInstalment, code: str, reason: str, what_to_do: str
) -> None:
    raise_work_item(
        worklist=Worklist.PLAN_PAYMENTS, key=f"plan-pay:{plan.pk}:{one.number}", reason_code=code, amount=one.left,
        reason=reason, due_date=one.due_on, what_to_do=what_to_do, subject_type="payment_plan", subject_id=plan.pk,
        practice_id=plan.practice_id,
    )  # fmt: skip


def _close_charged(plan: models.PaymentPlan, standing: rules.PlanStanding) -> None:
    keys = [f"plan-pay:{plan.pk}:{one.number}" for one in standing.instalments if one.left <= 0]
    resolve_work_items(keys=keys, resolution="paid")


DEFAULT_WORDS = {
    PlanStep.DEFAULT_NOTICE: (
        "The plan broke; the notice of it went out",
        "Call the patient: a payment and reinstate it",
    ),
    PlanStep.FINAL_NOTICE: ("The final notice went out", "Wait for an answer; assistance or a new plan may still help"),
    PlanStep.BAD_DEBT: ("Both notices went unanswered", "Hand it to bad debt, or say why not"),
}


def _list_default(plan: models.PaymentPlan, step: PlanStep, left: Decimal) -> None:
    reason, what = DEFAULT_WORDS[step]
    raise_work_item(
        worklist=Worklist.PLAN_DEFAULTS, key=f"plan-default:{plan.pk}", reason_code=step.value, reason=reason,
        what_to_do=what, subject_type="payment_plan", subject_id=plan.pk, practice_id=plan.practice_id, amount=left,
        reopen=True,
    )  # fmt: skip
    # The item is one from the first notice to the end: what is to do next is what it says.
    WorkItem.objects.filter(key=f"plan-default:{plan.pk}").update(
        reason_code=step.value, reason=reason, what_to_do=what, amount=left
    )


@transaction.atomic
def hand_plan_to_bad_debt(*, plan: models.PaymentPlan) -> None:
    """What the patient owes leaves active A/R after a broken plan, once both notices had their time to be answered; not
    visits on hold, and nothing that became the patient's since the final notice.

    The account then comes up for an agency like any other whose final notice went out. Raises PlanRefused before that,
    and PlacementRefused while a dispute, an application or the law forbids it.
    """
    lock_visits(patient_id=plan.patient_id)
    row = models.PaymentPlan.objects.select_for_update(of=("self",)).select_related("patient").get(pk=plan.pk)
    sent = dict(row.steps.values_list("name", "done_on"))
    if row.state != PlanState.DEFAULTED:
        raise rules.PlanRefused(f"plan: it is {row.get_state_display().lower()}, not defaulted")
    final = sent.get(PlanStep.FINAL_NOTICE.value)
    wait = timedelta(days=policies_of(row.practice).plan_notice_days)
    if final is None or clock.today() < final + wait:
        raise rules.PlanRefused("plan: the final notice has not had its time to be answered")
    owed = owed_of(row.patient, final)
    if not owed:
        raise rules.PlanRefused("plan: nothing is owed of what its final notice asked for, or it is on hold")
    place_bad_debt(patient=row.patient, final_notice_sent=True, lines=owed)
    await_agency_review(patient=row.patient, final_notice_on=final)
    row.ended_because = "handed to bad debt"
    row.save(update_fields=["ended_because"])
    models.PlanStep.objects.get_or_create(plan=row, name=PlanStep.BAD_DEBT.value, defaults={"done_on": clock.today()})
    close_items(row, "handed to bad debt")
    record_audit(action="plan.bad_debt", subject_type="payment_plan", subject_id=row.pk, detail=row.number)
