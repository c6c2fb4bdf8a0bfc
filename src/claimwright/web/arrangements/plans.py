"""Payment plans: offered, accepted, paid, followed each day, ended. What was paid is read off the ledger, never kept twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from claimwright.billing import patient as money
from claimwright.billing import payment_plans as rules
from claimwright.billing.payment_plans import Cadence, PlanState
from claimwright.claims.nouns import ZERO
from claimwright.documents.patient_paper import language_of
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import post_transfers
from claimwright.web.arrangements.holds import set_flags
from claimwright.web.arrangements.models import PaymentPlan, PlanLine
from claimwright.web.arrangements.plan_papers import agreement_of
from claimwright.web.arrangements.plan_state import paid_and_relieved, standing_of, terms_of
from claimwright.web.cashier.counter import take_payment
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, record_audit, resolve_work_items
from claimwright.web.patients.models import Patient
from claimwright.web.payments.credits import lock_visits
from claimwright.web.payments.models import PatientReceipt
from claimwright.web.payments.services import patient_lines
from claimwright.web.practice.selectors import policies_of

RUNNING = [state.value for state in rules.RUNNING]


def _last_row() -> int:
    return LedgerTransfer.objects.aggregate(last=Max("sequence"))["last"] or 0


def open_balances(patient: Patient, encounters: Iterable[Encounter] | None = None) -> list[money.PatientLine]:
    """What the patient owes once payers have decided and no plan has yet, oldest first; of these visits, or of all."""
    taken = set(
        PlanLine.objects.filter(plan__patient=patient, plan__state__in=RUNNING).values_list("line_id", flat=True)
    )
    chosen = None if encounters is None else {str(one.pk) for one in encounters}
    return sorted(
        (
            line
            for line in patient_lines(patient.pk)
            if line.balance > 0 and line.line_id not in taken and (chosen is None or line.chain_id in chosen)
        ),
        key=lambda line: (line.date_of_service, line.line_id),
    )


@transaction.atomic
def offer_plan(
    *, patient: Patient, starts_on: date, instalment: Decimal | None = None, instalments: int | None = None,
    encounters: Iterable[Encounter] | None = None, down_payment: Decimal = ZERO, cadence: str = Cadence.MONTHLY,
    method: str = "check", finance_charge: Decimal = ZERO,
) -> PaymentPlan:  # fmt: skip
    """Offer a plan over the visits (all that owe something unless named): by its instalment, its count, or both.

    The agreement is written with it. Raises PlanRefused naming the field; nothing changes then.
    """
    lines = open_balances(patient, encounters)
    if not lines:
        raise rules.PlanRefused("balance: nothing is open that is not in a plan already")
    if instalment is None and instalments is None:
        raise rules.PlanRefused("amount: say the instalment or how many")
    if method not in rules.METHODS:
        raise rules.PlanRefused(f"method: one of {', '.join(rules.METHODS)}")
    if cadence not in list(Cadence):
        raise rules.PlanRefused(f"cadence: one of {', '.join(Cadence)}")
    balance = sum((line.balance for line in lines), ZERO) + finance_charge
    count = instalments or rules.count_of(balance, instalment or ZERO, down_payment)
    amount = instalment or rules.amount_of(balance, count, down_payment)
    terms = rules.Plan(
        balance=balance, amount=amount, start=starts_on, count=count, cadence=Cadence(cadence),
        down_payment=down_payment, agreed_on=clock.today(), finance_charge=finance_charge, accepted=False,
    )  # fmt: skip
    rules.check_terms(terms, on=clock.today(), policies=policies_of(patient.practice))
    plan = PaymentPlan(
        practice=patient.practice, patient=patient, number=f"PL{next_number(name='payment_plan'):07d}",
        balance_amount=balance, finance_charge=finance_charge, down_payment_amount=down_payment,
        instalment_amount=amount, instalment_count=count, cadence=terms.cadence.value, starts_on=starts_on,
        method=method, offered_on=clock.today(), offered_by=actor(), language=language_of(patient.language),
    )  # fmt: skip
    rows = [
        PlanLine(
            plan=plan, line_id=line.line_id, encounter_id=line.chain_id or None, amount=line.balance,
            date_of_service=line.date_of_service, joined_on=clock.today(),
        )
        for line in lines
    ]  # fmt: skip
    _write_agreement(plan, terms, rows)
    plan.save(force_insert=True)
    PlanLine.objects.bulk_create(rows)
    record_audit(action="plan.offered", subject_type="payment_plan", subject_id=plan.pk, detail=plan.number)
    return plan


def _write_agreement(plan: PaymentPlan, terms: rules.Plan, lines: Sequence[PlanLine]) -> None:
    plan.agreement = agreement_of(plan, terms, lines)
    plan.sha256 = hashlib.sha256(plan.agreement).hexdigest()


def _locked(plan: PaymentPlan, *states: str) -> PaymentPlan:
    row = PaymentPlan.objects.select_for_update(of=("self",)).select_related("patient__practice").get(pk=plan.pk)
    if row.state not in states:
        raise rules.PlanRefused(f"plan: it is {row.get_state_display().lower()}")
    return row


@transaction.atomic
def accept_plan(*, plan: PaymentPlan, autopay: bool = False) -> PaymentPlan:
    """The patient signed. `autopay` is the signed consent to charge each instalment by itself.

    Raises PlanRefused for an offer that lapsed, or whose balances have changed: then offer anew. A finance charge is
    booked on the patient's account.
    """
    lock_visits(patient_id=plan.patient_id)
    row = _locked(plan, PlanState.OFFERED.value)
    lapses = row.offered_on + timedelta(days=policies_of(row.practice).plan_offer_days)
    if clock.today() > lapses:
        raise rules.PlanRefused(f"plan: the offer lapsed on {lapses}; offer it anew")
    if autopay and row.method not in rules.AUTOPAY_METHODS:
        raise rules.PlanRefused("autopay: only by card or bank account")
    lines = list(row.lines.all())
    now = {line.line_id: line.balance for line in open_balances(row.patient)}
    if any(now.get(line.line_id) != line.amount for line in lines):
        raise rules.PlanRefused("plan: what the patient owes has changed since; offer it anew")
    row.accepted_on = clock.today()
    row.autopay_consent_on = clock.today() if autopay else None
    _write_agreement(row, terms_of(row), lines)
    if row.finance_charge:
        _book_finance_charge(row)
    PlanLine.objects.filter(plan=row).update(ledger_sequence=_last_row())
    _settle(row)
    set_flags(patient=row.patient)
    record_audit(action="plan.accepted", subject_type="payment_plan", subject_id=row.pk, detail=row.number)
    return row


def _book_finance_charge(plan: PaymentPlan) -> None:
    """The charge of the credit stands on the patient's account line, as fees do, and the plan pays it."""
    line_id = f"account-{plan.patient_id}"
    made = transfer(
        debit=receivable(line_id, "PAT"), credit=Account(Kind.FEE, str(plan.practice_id), "finance"),
        amount=plan.finance_charge, entry_type=EntryType.FEE, key=f"plan/{plan.pk}/finance", effective_date=clock.today(),
    )  # fmt: skip
    assert made is not None  # above zero
    post_transfers(transfers=[made])
    held, fresh = PlanLine.objects.get_or_create(
        plan=plan, line_id=line_id,
        defaults={"amount": plan.finance_charge, "date_of_service": clock.today(), "joined_on": clock.today()},
    )  # fmt: skip
    if not fresh:
        held.amount += plan.finance_charge
        held.save(update_fields=["amount"])


@transaction.atomic
def pay_plan(
    *, plan: PaymentPlan, amount: Decimal, method: str, key: str, check_number: str = "",
    received_on: date | None = None,
) -> PatientReceipt:  # fmt: skip
    """Cash or a check on the plan, over the counter like any other: its lines take it first, oldest visit first; what is
    over goes to what else is owed. A card is paid on the processor's page.

    The same `key` again gives the first receipt. A returned payment is undone like any other, and the plan with it.
    Raises RefusedPayment as `cashier.counter.take_payment` does.
    """
    row = PaymentPlan.objects.select_related("patient__practice", "practice").get(pk=plan.pk)
    lock_visits(patient_id=row.patient_id)
    owing = {line.line_id for line in patient_lines(row.patient_id) if line.balance > 0}
    made = take_payment(
        patient=row.patient, practice=row.practice, amount=amount, method=method, key=key, check_number=check_number,
        received_on=received_on, designated=[line for line in lines_of(row) if line in owing],
    )  # fmt: skip
    review_plan(plan=row)
    return made.receipt


def lines_of(plan: PaymentPlan) -> list[str]:
    """The plan's lines, oldest visit first: a payment on the plan pays these before anything else."""
    return list(plan.lines.order_by("date_of_service", "line_id").values_list("line_id", flat=True))


@transaction.atomic
def join_plan(*, plan: PaymentPlan, encounters: Iterable[Encounter], consent: str) -> PaymentPlan:
    """New charges join a running plan because the patient agreed: `consent` says how. The agreement is written anew.

    Raises PlanRefused without consent, for a plan that does not run, or visits that owe nothing.
    """
    lock_visits(patient_id=plan.patient_id)
    row = _locked(plan, *RUNNING)
    lines = open_balances(row.patient, encounters)
    terms = terms_of(row)
    paid, _ = paid_and_relieved([row])[row.pk]
    longer = rules.with_joined(
        terms, added=sum((line.balance for line in lines), ZERO), on=clock.today(), paid=paid,
        consent=bool(consent.strip()),
    )  # fmt: skip
    last = _last_row()
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=row, line_id=line.line_id, encounter_id=line.chain_id or None, amount=line.balance,
            date_of_service=line.date_of_service, joined_on=clock.today(), ledger_sequence=last,
            consent=consent.strip()[:200],
        )
        for line in lines
    )  # fmt: skip
    row.balance_amount, row.instalment_count = longer.balance, longer.count
    _write_agreement(row, longer, list(row.lines.all()))
    _settle(row)
    record_audit(action="plan.joined", subject_type="payment_plan", subject_id=row.pk, detail=str(len(lines)))
    return row


@transaction.atomic
def cancel_plan(*, plan: PaymentPlan, reason: str) -> PaymentPlan:
    """End an offer or a plan: what is left is owed as it was. Raises PlanRefused without a reason, or for an ended one."""
    row = _locked(plan, PlanState.OFFERED.value, *RUNNING, PlanState.DEFAULTED.value)
    if not reason.strip():
        raise rules.PlanRefused("reason: say why the plan ends")
    row.state, row.ended_on, row.ended_because = PlanState.CANCELLED.value, clock.today(), reason.strip()[:200]
    row.next_due_on = None
    row.save()
    set_flags(patient=row.patient)
    close_items(row, "cancelled")
    record_audit(action="plan.cancelled", subject_type="payment_plan", subject_id=row.pk, detail=row.number)
    return row


@transaction.atomic
def reinstate_plan(*, plan: PaymentPlan, reason: str) -> PaymentPlan:
    """Let a defaulted plan run again, once fewer payments are missed than end it. Raises PlanRefused otherwise."""
    row = _locked(plan, PlanState.DEFAULTED.value)
    if not reason.strip():
        raise rules.PlanRefused("reason: say what was agreed")
    if standing_of(row).state is PlanState.DEFAULTED:
        raise rules.PlanRefused("plan: take a payment first; too many instalments are still missed")
    row.state, row.ended_on, row.ended_because = PlanState.ACTIVE.value, None, ""
    # The letters of the default that is over do not count for the next one.
    row.steps.filter(name__in=("DEFAULT_NOTICE", "FINAL_NOTICE", "BAD_DEBT")).delete()
    _settle(row)
    set_flags(patient=row.patient)
    close_items(row, "reinstated")
    record_audit(action="plan.reinstated", subject_type="payment_plan", subject_id=row.pk, detail=reason[:200])
    return row


@transaction.atomic
def review_plan(*, plan: PaymentPlan) -> PaymentPlan:
    """Where the plan stands today by the ledger. A default stays one until it is paid or a person reinstates the plan."""
    lock_visits(patient_id=plan.patient_id)  # before the plan, as payments do
    row = PaymentPlan.objects.select_for_update(of=("self",)).select_related("patient__practice").get(pk=plan.pk)
    _settle(row)
    return row


def _settle(row: PaymentPlan) -> None:
    if row.accepted_on is None or row.state == PlanState.CANCELLED:
        if row.state != PlanState.CANCELLED:
            row.save()
        return
    before = row.state
    standing = standing_of(row)
    state = standing.state
    if before == PlanState.DEFAULTED and state is not PlanState.COMPLETED:
        state = PlanState.DEFAULTED
    row.state, row.missed, row.next_due_on = state.value, standing.missed, standing.next_due
    if state in rules.ENDED and row.ended_on is None:
        row.ended_on = clock.today()
    elif state not in rules.ENDED:
        row.ended_on = None  # a completed plan whose last payment came back runs again
    row.save()
    if before != row.state:
        set_flags(patient=row.patient)
        record_audit(action=f"plan.{row.state.lower()}", subject_type="payment_plan", subject_id=row.pk)
    if state is PlanState.COMPLETED:
        close_items(row, "paid")


def close_items(plan: PaymentPlan, resolution: str) -> None:
    keys = [f"plan-default:{plan.pk}"]
    keys += [f"plan-pay:{plan.pk}:{number}" for number in range(plan.instalment_count + 1)]
    resolve_work_items(keys=keys, resolution=resolution)


def encounters_of(patient: Patient, ids: Sequence[UUID]) -> list[Encounter]:
    """The patient's own visits of these ids that have charges."""
    charged = ChargeLine.objects.filter(patient=patient, encounter_id__in=ids).values("encounter_id")
    return list(Encounter.objects.filter(pk__in=charged))
