"""Statements to guarantors, and payment plans."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import PDF, as_bytes, find, key_of, operation, page_of, paged
from claimwright.web.api.of_payments import ReceiptOut
from claimwright.web.arrangements.models import PaymentPlan
from claimwright.web.arrangements.plan_state import standing_of
from claimwright.web.arrangements.plans import accept_plan, cancel_plan, encounters_of, offer_plan, pay_plan
from claimwright.web.patients.models import Patient
from claimwright.web.statements.issuing import (
    issue_due_statements,
    pdf_of,
    reissue_statement,
    send_again,
    void_statement,
)
from claimwright.web.statements.models import GuarantorStatement


class StatementOut(Out):
    id: UUID
    account_id: UUID
    number: str
    issued_on: date
    due_on: date
    language: str
    amount_due: Money
    state: str
    void_reason: str
    replaces_id: UUID | None


class StatementsIssued(Out):
    issued: int
    amount_due: Money
    not_sent: dict[str, int] = Field(description="Patients by reason")
    problems: int


class ChangeStatement(In):
    reason: Reason


class PlanOut(Out):
    id: UUID
    practice_id: UUID
    patient_id: UUID
    number: str
    state: str
    balance_amount: Money
    down_payment_amount: Money
    instalment_amount: Money
    instalment_count: int
    cadence: str
    starts_on: date
    method: str


class PlanDetail(PlanOut):
    due: Money = Field(description="What should have been paid by now and was not")
    left: Money
    missed: int
    next_due: date | None
    next_amount: Money


class OfferPlan(In):
    patient_id: UUID
    starts_on: date
    instalment: Money | None = None
    instalments: int | None = Field(default=None, ge=1, le=120)
    encounter_ids: list[UUID] = Field(default=[], max_length=100, description="None: all that the patient owes")
    down_payment: Money = Field(default="0.00", validate_default=True)
    finance_charge: Money = Field(default="0.00", validate_default=True)
    cadence: Literal["weekly", "biweekly", "monthly", "quarterly"] = "monthly"
    method: Literal["check", "card", "cash"] = "check"


class CancelPlan(In):
    reason: Reason


class PayPlan(In):
    amount: Money
    method: Literal["cash", "check"] = Field(description="Cards are paid on the processor's page")
    check_number: Short = ""
    received_on: date | None = None


def _whole(whole_id: UUID) -> GuarantorStatement:
    found: GuarantorStatement = find(GuarantorStatement, whole_id)
    return found


@operation("GET", "/statements", permission="accounts.read", answers=paged(StatementOut), reads=True)
def list_statements(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, issued_from: date | None = None,
    issued_to: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Statements, the newest first."""
    chosen = {
        "state": state, "parts__statement__patient_id": patient_id, "issued_on__gte": issued_from,
        "issued_on__lte": issued_to,
    }  # fmt: skip
    rows = GuarantorStatement.objects.defer("pdf", "content")
    rows = rows.filter(**{name: value for name, value in chosen.items() if value}).distinct()
    return page_of(rows, cursor=cursor, limit=limit, by="issued_on")


@operation("GET", "/statements/{uuid:whole_id}", permission="accounts.read", answers=StatementOut, reads=True)
def read_statement(request: HttpRequest, whole_id: UUID) -> Any:
    """One statement."""
    return find(GuarantorStatement.objects.defer("pdf", "content"), whole_id)


@operation("GET", "/statements/{uuid:whole_id}/statement.pdf", permission="accounts.read", produces=PDF, reads=True)
def read_statement_paper(request: HttpRequest, whole_id: UUID) -> Any:
    """The pages as they were issued."""
    whole = _whole(whole_id)
    return as_bytes(pdf_of(whole), PDF, f"statement-{whole.number}.pdf")


@operation("POST", "/statements/issue", permission="statements.work", answers=StatementsIssued, whole_office=True)
def issue_statements_now(request: HttpRequest) -> Any:
    """Issue every statement that is due."""
    run = issue_due_statements()
    return {
        "issued": len(run.issued),
        "amount_due": run.amount_due,
        "not_sent": run.not_sent,
        "problems": len(run.problems),
    }


@operation("POST", "/statements/{uuid:whole_id}/void", permission="statements.work", answers=StatementOut)
def void_a_statement(request: HttpRequest, whole_id: UUID, payload: ChangeStatement) -> Any:
    """Withdraw it."""
    return void_statement(whole=_whole(whole_id), reason=payload.reason)


@operation(
    "POST", "/statements/{uuid:whole_id}/reissue", permission="statements.work", answers=StatementOut, status=201
)
def reissue_a_statement(request: HttpRequest, whole_id: UUID, payload: ChangeStatement) -> Any:
    """Issue another in its place."""
    return reissue_statement(whole=_whole(whole_id), reason=payload.reason)


@operation("POST", "/statements/{uuid:whole_id}/send-again", permission="statements.work", answers=StatementOut)
def send_statement_again(request: HttpRequest, whole_id: UUID) -> Any:
    """The same again, with the next print."""
    whole = _whole(whole_id)
    send_again(whole=whole)
    return whole


# Plans ---------------------------------------------------------------------------------------------------------------


@operation("GET", "/plans", permission="accounts.read", answers=paged(PlanOut), reads=True)
def list_plans(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Payment plans, the newest first."""
    chosen = {"state": state, "patient_id": patient_id}
    rows = PaymentPlan.objects.defer("agreement").filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="starts_on")


@operation("GET", "/plans/{uuid:plan_id}", permission="accounts.read", answers=PlanDetail, reads=True)
def read_plan(request: HttpRequest, plan_id: UUID) -> Any:
    """One plan, with what was paid on it."""
    plan = find(PaymentPlan.objects.defer("agreement"), plan_id)
    standing = standing_of(plan)
    told = ("due", "left", "missed", "next_due", "next_amount")
    return PlanOut.from_orm(plan).model_dump() | {name: getattr(standing, name) for name in told}


@operation("GET", "/plans/{uuid:plan_id}/agreement.pdf", permission="accounts.read", produces=PDF, reads=True)
def read_plan_agreement(request: HttpRequest, plan_id: UUID) -> Any:
    """The agreement as it was written."""
    plan = find(PaymentPlan, plan_id)
    return as_bytes(bytes(plan.agreement), PDF, f"plan-{plan.number}.pdf")


@operation("POST", "/plans", permission="accounts.work", answers=PlanOut, status=201)
def offer_a_plan(request: HttpRequest, payload: OfferPlan) -> Any:
    """Offer a plan; it runs once it is accepted."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    encounters = encounters_of(patient, payload.encounter_ids) if payload.encounter_ids else None
    fields = payload.values("patient_id", "encounter_ids")
    return offer_plan(patient=patient, encounters=encounters, **fields)


@operation("POST", "/plans/{uuid:plan_id}/accept", permission="accounts.work", answers=PlanOut)
def accept_a_plan(request: HttpRequest, plan_id: UUID, autopay: bool = False) -> Any:
    """The patient accepts the offer; `autopay`: with consent to automatic charges."""
    return accept_plan(plan=find(PaymentPlan, plan_id), autopay=autopay)


@operation("POST", "/plans/{uuid:plan_id}/cancel", permission="accounts.work", answers=PlanOut)
def cancel_a_plan(request: HttpRequest, plan_id: UUID, payload: CancelPlan) -> Any:
    """End a plan before its end."""
    return cancel_plan(plan=find(PaymentPlan, plan_id), reason=payload.reason)


@operation("POST", "/plans/{uuid:plan_id}/payments", permission="cashier.take", answers=ReceiptOut, status=201)
def pay_on_plan(request: HttpRequest, plan_id: UUID, payload: PayPlan) -> Any:
    """Take cash or a check on a plan over the counter."""
    return pay_plan(
        plan=find(PaymentPlan, plan_id), key=key_of(request), amount=payload.amount, method=payload.method,
        check_number=payload.check_number, received_on=payload.received_on,
    )  # fmt: skip
