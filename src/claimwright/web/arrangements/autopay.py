"""Instalments charged by themselves: the card or account is kept by the processor, the consent is the signed plan's."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from claimwright.billing import payment_plans as rules
from claimwright.billing.payment_plans import PlanState
from claimwright.claims.nouns import ZERO
from claimwright.web.arrangements.models import PaymentPlan
from claimwright.web.arrangements.plan_state import standing_of
from claimwright.web.arrangements.plans import RUNNING, close_items, lines_of, review_plan
from claimwright.web.cashier.cards import charge_kept, forget_means, kept_means, start_checkout
from claimwright.web.cashier.models import CardAttempt
from claimwright.web.cashier.processors import ProcessorUnavailable
from claimwright.web.core import clock
from claimwright.web.core.services import next_number, record_audit
from claimwright.web.payments.credits import lock_visits

CAPTURED = CardAttempt.State.CAPTURED


def begin_keeping(*, plan: PaymentPlan) -> CardAttempt:
    """The processor's page for what is due now, or the next instalment; the card or account it is paid with is kept.

    Raises PlanRefused without the patient's signed consent, and RefusedPayment where the processor keeps nothing.
    """
    row = _running(plan)
    standing = standing_of(row)
    amount = standing.due or next((one.left for one in standing.instalments if one.left > 0), ZERO)
    return start_checkout(
        patient=row.patient, practice=row.practice, amount=amount, lines=lines_of(row), keep=True,
        key=f"plan-keep:{row.number}:{next_number(name='plan_keep')}",
    )  # fmt: skip


@transaction.atomic
def charge_instalment(*, plan: PaymentPlan, number: int) -> CardAttempt | None:
    """Charge what is left of an instalment, on the plan's lines first; None where nothing is left of it, or nothing is
    kept that may be charged.

    The patient's visits and the plan are locked before anything is read: of two who charge at once the second finds what the first one took. What
    was declined is tried again only by another call: each is a try of its own. Raises PlanRefused, and
    ProcessorUnavailable, and then nothing was charged as far as we know; the next call asks under the same key.
    """
    row = _running(plan, locked=True)
    kept = kept_means(row.patient)
    left = next((one.left for one in standing_of(row).instalments if one.number == number), ZERO)
    if kept is None or left <= 0:
        return None
    begun = f"plan-auto:{row.number}:{number}:"
    tries = CardAttempt.objects.filter(key__startswith=begun).count()
    made = charge_kept(kept=kept, amount=left, key=f"{begun}{tries + 1}", lines=lines_of(row))
    review_plan(plan=row)
    return made


@transaction.atomic
def charge_due(*, plan: PaymentPlan) -> tuple[Decimal, str]:
    """A person charges all that is due now: what was taken, and why not the rest, "" where nothing is left due.

    Raises as `charge_instalment` does while nothing was taken; what was taken stands whatever becomes of the rest.
    """
    taken = ZERO
    if not _due(plan):
        return taken, ""
    row = _running(plan, locked=True)
    for one in _due(row):
        if kept_means(row.patient) is None:
            return taken, "no card or account is kept"
        try:
            made = charge_instalment(plan=row, number=one.number)
        except ProcessorUnavailable as silent:
            if not taken:
                raise
            return taken, f"the processor did not answer: {silent}"
        if made is not None and made.state != CAPTURED:
            return taken, made.reason
        taken += made.amount if made is not None else ZERO
    return taken, ""


def _due(plan: PaymentPlan) -> list[rules.AllottedInstalment]:
    return [one for one in standing_of(plan).instalments if one.due_on <= clock.today() and one.left > 0]


@transaction.atomic
def stop_autopay(*, plan: PaymentPlan, reason: str) -> PaymentPlan:
    """The patient takes the consent back: nothing is charged any more, and what was kept is forgotten. The plan runs on.

    Raises PlanRefused without a reason.
    """
    row = PaymentPlan.objects.select_for_update(of=("self",)).select_related("patient").get(pk=plan.pk)
    if row.autopay_consent_on is None or not reason.strip():
        raise rules.PlanRefused("reason: a consent that was given is taken back, and with what was said")
    row.autopay_consent_on = None
    row.save(update_fields=["autopay_consent_on"])
    others = PaymentPlan.objects.filter(patient=row.patient_id, state__in=RUNNING, autopay_consent_on__isnull=False)
    kept = kept_means(row.patient)
    if kept is not None and not others.exists():
        forget_means(kept=kept, reason=reason)
    close_items(row, "the patient took the consent back")
    record_audit(action="plan.autopay_stopped", subject_type="payment_plan", subject_id=row.pk, detail=reason[:200])
    return row


def _running(plan: PaymentPlan, *, locked: bool = False) -> PaymentPlan:
    rows = PaymentPlan.objects.all()
    if locked:
        lock_visits(patient_id=plan.patient_id)  # before the plan, as payments do
        rows = rows.select_for_update(of=("self",))
    row = rows.select_related("patient__practice", "practice").get(pk=plan.pk)
    if row.state not in (*RUNNING, PlanState.DEFAULTED.value) or row.autopay_consent_on is None:
        raise rules.PlanRefused("plan: the patient has not signed that instalments may be charged")
    return row
