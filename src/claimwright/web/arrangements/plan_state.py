"""Where plans stand: terms from their rows, and what was paid on their lines from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from claimwright.billing import payment_plans as rules
from claimwright.billing.payment_plans import Cadence, PlanState
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.arrangements.models import PaymentPlan, PlanLine
from claimwright.web.core import clock
from claimwright.web.practice.selectors import policies_of

OWN_MONEY = (Kind.CREDIT.value, Kind.PATIENT_CASH.value)


def terms_of(plan: PaymentPlan) -> rules.Plan:
    return rules.Plan(
        balance=plan.balance_amount, amount=plan.instalment_amount, start=plan.starts_on, count=plan.instalment_count,
        cadence=Cadence(plan.cadence), down_payment=plan.down_payment_amount,
        agreed_on=plan.accepted_on or plan.offered_on, finance_charge=plan.finance_charge,
        accepted=plan.accepted_on is not None, cancelled=plan.state == PlanState.CANCELLED,
    )  # fmt: skip


def paid_and_relieved(plans: Iterable[PaymentPlan]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """By plan: the patient's money on its lines since they joined, less what came back; and what else took off them.

    A line that owes more than when it joined does not make the plan longer: new charges join only by consent.
    """
    ids = [plan.pk for plan in plans]
    lines = list(PlanLine.objects.filter(plan_id__in=ids, ledger_sequence__isnull=False))
    subjects = {line.line_id for line in lines}
    held = {"kind": Kind.RECEIVABLE.value, "bucket": "PAT"}
    rows = LedgerTransfer.objects.filter(
        Q(debit_kind=held["kind"], debit_bucket=held["bucket"], debit_subject__in=subjects)
        | Q(credit_kind=held["kind"], credit_bucket=held["bucket"], credit_subject__in=subjects)
    ).values_list(
        "sequence", "debit_kind", "debit_bucket", "debit_subject", "credit_kind", "credit_bucket", "credit_subject",
        "amount",
    )  # fmt: skip
    moved: dict[str, list[tuple[int, bool, Decimal]]] = defaultdict(list)
    for sequence, from_kind, from_bucket, from_subject, to_kind, to_bucket, to_subject, amount in rows:
        if from_kind == held["kind"] and from_bucket == held["bucket"]:
            moved[from_subject].append((sequence, to_kind in OWN_MONEY, -amount))
        if to_kind == held["kind"] and to_bucket == held["bucket"]:
            moved[to_subject].append((sequence, from_kind in OWN_MONEY, amount))
    found = dict.fromkeys(ids, (ZERO, ZERO))
    for line in lines:
        since = [row for row in moved[line.line_id] if row[0] > (line.ledger_sequence or 0)]
        paid = min(max(sum((amount for _, own, amount in since if own), ZERO), ZERO), line.amount)
        other = max(sum((amount for _, own, amount in since if not own), ZERO), ZERO)
        before = found[line.plan_id]
        found[line.plan_id] = (before[0] + paid, before[1] + min(other, line.amount - paid))
    return found


def standing_of(plan: PaymentPlan, on: date | None = None) -> rules.PlanStanding:
    return standings([plan], on)[plan.pk]


def standings(plans: Iterable[PaymentPlan], on: date | None = None) -> dict[UUID, rules.PlanStanding]:
    """Each plan's standing today, or on a day by what is in the ledger now."""
    rows = list(plans)
    money = paid_and_relieved(rows)
    day = on or clock.today()
    return {
        plan.pk: rules.plan_standing(
            terms_of(plan), money[plan.pk][0], day, policies_of(plan.practice), relieved=money[plan.pk][1]
        )
        for plan in rows
    }
