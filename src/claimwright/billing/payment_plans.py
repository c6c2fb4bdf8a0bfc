"""Payment plans: what is owed when, to the cent; where a plan stands; what a lender must disclose.

A plan is a balance list, perhaps a down payment, and instalments. What was paid is read off the ledger: money of the
patient that stands on the plan's lines. Source of the defaults: the domain specification, section 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.dates import add_months
from claimwright.codes.money import CENT, money


class PlanState(StrEnum):
    OFFERED = "OFFERED"
    ACTIVE = "ACTIVE"
    GRACE = "GRACE"
    DEFAULTED = "DEFAULTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Cadence(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


RUNNING = (PlanState.ACTIVE, PlanState.GRACE)
ENDED = (PlanState.DEFAULTED, PlanState.COMPLETED, PlanState.CANCELLED)
METHODS = ("card", "ach", "check", "cash")
AUTOPAY_METHODS = ("card", "ach")
_DAYS = {Cadence.WEEKLY: 7, Cadence.BIWEEKLY: 14}
_MONTHS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3}
PERIODS_A_YEAR = {Cadence.WEEKLY: 52, Cadence.BIWEEKLY: 26, Cadence.MONTHLY: 12, Cadence.QUARTERLY: 4}
LONGEST_PLAN_INSTALMENTS = 520


class PlanRefused(ValueError):
    """Terms or an act that the rules do not allow; the message names the field and the mend."""


class Instalment(Noun, frozen=True, kw_only=True):
    """One sum due on a day; number 0 is the down payment."""

    number: int
    due_on: date
    amount: Decimal


class Plan(Noun, frozen=True, kw_only=True):
    """`balance` in dollars (the lines and any finance charge), `amount` each `cadence` from `start`; the last one takes the rest.

    `down_payment` is due on `agreed_on` (`start` where it is not said). `count` instalments beside the down payment.
    """

    balance: Decimal
    amount: Decimal
    start: date
    count: int
    cadence: Cadence = Cadence.MONTHLY
    down_payment: Decimal = ZERO
    agreed_on: date | None = None
    finance_charge: Decimal = ZERO  # part of `balance`
    accepted: bool = True
    cancelled: bool = False


class AllottedInstalment(Noun, frozen=True, kw_only=True):
    """An instalment with what was paid on it. `relieved` was adjusted off, last instalments first."""

    number: int
    due_on: date
    amount: Decimal
    paid: Decimal
    relieved: Decimal
    missed: bool

    @property
    def left(self) -> Decimal:
        return self.amount - self.paid - self.relieved


class PlanStanding(Noun, frozen=True, kw_only=True):
    """`due` is what should have been paid by now and was not; `next_due` is the first day with something left to pay."""

    state: PlanState
    missed: int
    due: Decimal
    regulation_z: bool
    left: Decimal = ZERO
    next_due: date | None = None
    next_amount: Decimal = ZERO
    instalments: tuple[AllottedInstalment, ...] = ()


def count_of(balance: Decimal, amount: Decimal, down_payment: Decimal = ZERO) -> int:
    """How many instalments of `amount` pay the balance less the down payment. Raises PlanRefused."""
    if amount <= 0:
        raise PlanRefused("amount: an instalment is above zero")
    return int(((balance - down_payment) / amount).to_integral_value(ROUND_CEILING))


def amount_of(balance: Decimal, count: int, down_payment: Decimal = ZERO) -> Decimal:
    """The instalment of a plan of `count`: whole cents, rounded down; the last one takes the rest. Raises PlanRefused."""
    if count < 1:
        raise PlanRefused("instalments: at least one")
    return ((balance - down_payment) / count).quantize(CENT, ROUND_DOWN)


def due_dates(plan: Plan) -> tuple[date, ...]:
    """The days of the instalments: the start's day of each month, its last day where the month is shorter."""
    if plan.cadence in _DAYS:
        step = _DAYS[plan.cadence]
        return tuple(plan.start + timedelta(days=step * number) for number in range(plan.count))
    months = _MONTHS[plan.cadence]
    return tuple(add_months(plan.start, months * number) for number in range(plan.count))


def check_terms(plan: Plan, *, on: date, policies: Policies = DEFAULT_POLICIES) -> None:
    """Raises PlanRefused for terms that do not pay the balance exactly, or that the practice does not offer."""
    for name, value in (("balance", plan.balance), ("amount", plan.amount), ("down payment", plan.down_payment)):
        if value != money(value):
            raise PlanRefused(f"{name}: dollars and whole cents")
    if plan.balance <= 0:
        raise PlanRefused("balance: choose visits that owe something")
    if plan.down_payment < 0 or plan.down_payment >= plan.balance:
        raise PlanRefused("down payment: from zero to less than the balance")
    if plan.finance_charge < 0:
        raise PlanRefused("finance charge: zero or more")
    if not 1 <= plan.count <= LONGEST_PLAN_INSTALMENTS:
        raise PlanRefused(f"instalments: from 1 to {LONGEST_PLAN_INSTALMENTS}")
    rest = plan.balance - plan.down_payment - plan.amount * (plan.count - 1)
    if plan.amount <= 0 or rest <= 0:
        raise PlanRefused("amount: fewer instalments of it pay the balance already")
    if rest > plan.amount + plan.count * CENT:
        raise PlanRefused("amount: the instalments do not pay the balance; make it higher or add instalments")
    if plan.start < on:
        raise PlanRefused("start: today or later")
    if plan.amount < policies.plan_minimum_instalment_amount and plan.count > 1:
        raise PlanRefused(f"amount: at least {policies.plan_minimum_instalment_amount} an instalment")


def schedule(plan: Plan) -> tuple[Instalment, ...]:
    """Every sum in order; together they are the balance to the cent."""
    rows: list[Instalment] = []
    left = plan.balance
    if plan.down_payment:
        rows.append(Instalment(number=0, due_on=plan.agreed_on or plan.start, amount=plan.down_payment))
        left -= plan.down_payment
    days = due_dates(plan)
    for number, day in enumerate(days, start=1):
        amount = left if number == len(days) else min(plan.amount, left)
        rows.append(Instalment(number=number, due_on=day, amount=amount))
        left -= amount
    return tuple(rows)


def needs_disclosures(plan: Plan, policies: Policies = DEFAULT_POLICIES) -> bool:
    """More than four instalments by written agreement, or any finance charge. Source: 12 CFR 1026.2(a)(17)(i).

    A down payment is no instalment: 12 CFR 1026.2(a)(18) keeps it out of the amount financed.
    """
    return plan.count > policies.plan_regulation_z_instalment_count or plan.finance_charge > 0


def allot(
    plan: Plan, paid: Decimal, on: date, *, relieved: Decimal = ZERO, policies: Policies = DEFAULT_POLICIES
) -> tuple[AllottedInstalment, ...]:
    """`paid` onto the earliest sums first, `relieved` (written off or paid by others) off the last ones first.

    An instalment is missed once its grace is over and something of it is left.
    """
    rows = schedule(plan)
    off = [ZERO] * len(rows)
    for place in reversed(range(len(rows))):
        off[place] = min(rows[place].amount, max(relieved, ZERO))
        relieved -= off[place]
    made = []
    grace = timedelta(days=policies.plan_grace_days)
    for row, gone in zip(rows, off, strict=True):
        part = min(row.amount - gone, max(paid, ZERO))
        paid -= part
        missed = row.due_on + grace < on and part + gone < row.amount
        made.append(
            AllottedInstalment(
                number=row.number, due_on=row.due_on, amount=row.amount, paid=part, relieved=gone, missed=missed
            )  # fmt: skip
        )
    return tuple(made)


def plan_standing(
    plan: Plan, paid: Decimal, on: date, policies: Policies = DEFAULT_POLICIES, *, relieved: Decimal = ZERO
) -> PlanStanding:
    """Where a plan stands on a day, by what was paid and not returned. Default is a state of the day, not for ever:

    whoever stores it decides that a defaulted plan stays so until a person reinstates it.
    """
    rows = allot(plan, paid, on, relieved=relieved, policies=policies)
    due = sum((row.left for row in rows if row.due_on <= on), ZERO)
    missed = sum(row.missed for row in rows)
    open_rows = [row for row in rows if row.left > 0]
    if plan.cancelled:
        state = PlanState.CANCELLED
    elif not plan.accepted:
        state = PlanState.OFFERED
    elif not open_rows:
        state = PlanState.COMPLETED
    elif missed >= policies.plan_default_after_missed_count:
        state = PlanState.DEFAULTED
    else:
        state = PlanState.GRACE if due > 0 else PlanState.ACTIVE
    first = open_rows[0] if open_rows else None
    return PlanStanding(
        state=state, missed=missed, due=due, regulation_z=needs_disclosures(plan, policies),
        left=sum((row.left for row in rows), ZERO), next_due=first.due_on if first else None,
        next_amount=first.left if first else ZERO, instalments=rows,
    )  # fmt: skip


def with_joined(plan: Plan, *, added: Decimal, on: date, paid: Decimal, consent: bool) -> Plan:
    """The terms once new charges join: the same instalment, as many as the new rest needs, on the days that were agreed.

    The whole schedule from the start is kept, so that what was paid stays where it is. Raises PlanRefused without the
    patient's consent, and for a plan that has ended.
    """
    if not consent:
        raise PlanRefused("consent: new charges join a plan only when the patient agrees")
    if added <= 0:
        raise PlanRefused("balance: choose visits that owe something and are not in the plan")
    standing = plan_standing(plan, paid, on)
    if standing.state not in RUNNING:
        raise PlanRefused("plan: only a plan that runs can take new charges")
    balance = plan.balance + added
    return Plan(
        balance=balance, amount=plan.amount, start=plan.start, cadence=plan.cadence, down_payment=plan.down_payment,
        count=max(plan.count, count_of(balance, plan.amount, plan.down_payment)), agreed_on=plan.agreed_on,
        finance_charge=plan.finance_charge, accepted=plan.accepted,
    )  # fmt: skip


# Disclosures ---------------------------------------------------------------------------------------------------------


class Disclosures(Noun, frozen=True, kw_only=True):
    """What Regulation Z asks to be told before signing: 12 CFR 1026.18. The rate is percent a year, two places."""

    amount_financed: Decimal
    finance_charge: Decimal
    total_of_payments: Decimal
    annual_percentage_rate: Decimal
    payments: tuple[tuple[int, Decimal, date], ...]  # how many, of what amount, from which day


def disclosures(plan: Plan) -> Disclosures:
    """The figures of the federal disclosure. The down payment is not financed; it stands apart from the payments."""
    rows = [row for row in schedule(plan) if row.number]
    total = sum((row.amount for row in rows), ZERO)
    groups: list[tuple[int, Decimal, date]] = []
    for row in rows:
        if groups and groups[-1][1] == row.amount:
            groups[-1] = (groups[-1][0] + 1, row.amount, groups[-1][2])
        else:
            groups.append((1, row.amount, row.due_on))
    return Disclosures(
        amount_financed=total - plan.finance_charge, finance_charge=plan.finance_charge, total_of_payments=total,
        annual_percentage_rate=annual_percentage_rate(
            total - plan.finance_charge, [row.amount for row in rows], PERIODS_A_YEAR[plan.cadence]
        ),
        payments=tuple(groups),
    )  # fmt: skip


def annual_percentage_rate(financed: Decimal, payments: Sequence[Decimal], periods_a_year: int) -> Decimal:
    """The actuarial rate of 12 CFR 1026 appendix J for equal unit periods, the first payment one period after the start.

    Percent a year with two places, which is within the tolerance of 1026.22(a)(2). Zero without a finance charge.
    """
    if sum(payments, ZERO) <= financed or financed <= 0:
        return Decimal("0.00")
    low, high = Decimal(0), Decimal(10)
    for _ in range(80):
        rate = (low + high) / 2
        worth = sum((payment / (1 + rate) ** number for number, payment in enumerate(payments, 1)), Decimal(0))
        low, high = (rate, high) if worth > financed else (low, rate)
    return money(low * periods_a_year * 100)


# What follows -------------------------------------------------------------------------------------------------------


class PlanStep(StrEnum):
    """What a plan asks for on a day, beside its state."""

    REMIND = "REMIND"  # an instalment is due soon
    AUTOPAY = "AUTOPAY"  # to be charged today, by consent
    LATE_NOTICE = "LATE_NOTICE"  # the grace of one is over
    DEFAULT_NOTICE = "DEFAULT_NOTICE"
    FINAL_NOTICE = "FINAL_NOTICE"
    BAD_DEBT = "BAD_DEBT"


def steps_due(
    standing: PlanStanding, *, on: date, sent: Sequence[tuple[str, date]], autopay: bool = False,
    policies: Policies = DEFAULT_POLICIES,
) -> tuple[PlanStep, ...]:  # fmt: skip
    """What has come due and was not done. `sent` are the steps done, such as ("REMIND:3", day) and ("DEFAULT_NOTICE", day).

    After default: a notice at once, the final notice when its time to answer is over, then bad debt in the same way.
    """
    done = dict(sent)
    if standing.state is PlanState.DEFAULTED:
        wait = timedelta(days=policies.plan_notice_days)
        if PlanStep.DEFAULT_NOTICE not in done:
            return (PlanStep.DEFAULT_NOTICE,)
        if PlanStep.FINAL_NOTICE not in done:
            return (PlanStep.FINAL_NOTICE,) if done[PlanStep.DEFAULT_NOTICE] + wait <= on else ()
        ripe = done[PlanStep.FINAL_NOTICE] + wait <= on and PlanStep.BAD_DEBT not in done
        return (PlanStep.BAD_DEBT,) if ripe else ()
    if standing.state not in RUNNING:
        return ()
    steps = []
    for row in standing.instalments:
        if row.left <= 0:
            continue
        before = (row.due_on - on).days
        if 0 <= before <= policies.plan_reminder_days and f"{PlanStep.REMIND}:{row.number}" not in done:
            steps.append(PlanStep.REMIND)
        if autopay and before <= 0 and f"{PlanStep.AUTOPAY}:{row.number}" not in done:
            steps.append(PlanStep.AUTOPAY)
        if row.missed and f"{PlanStep.LATE_NOTICE}:{row.number}" not in done:
            steps.append(PlanStep.LATE_NOTICE)
    return tuple(dict.fromkeys(steps))
