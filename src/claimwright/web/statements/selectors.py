"""What pages show of statements: what is out, what waits, what came back, and how far an account has been asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from claimwright.billing.dunning import STOP_WORDS, Step, StopKind
from claimwright.web.patients.models import Patient
from claimwright.web.payments.guarantors import guarantor_key
from claimwright.web.statements.models import Account, Contact, Delivery, GuarantorStatement, MailBatch

STEP_WORDS = {
    Step.STATEMENT: "Statement", Step.REMINDER_1: "First reminder", Step.REMINDER_2: "Second reminder",
    Step.REMINDER_3: "Third reminder", Step.FINAL_NOTICE: "Final notice", Step.AGENCY_REVIEW: "Agency review",
}  # fmt: skip


def account_of(patient: Patient) -> Account | None:
    """The account of whoever answers for the patient; None before the first statement."""
    return Account.objects.filter(key=guarantor_key(patient)).first()


def standing_of(patient: Patient, on: date) -> dict[str, Any] | None:
    """The account with its words: day of the clock, what stopped it, what comes next, steps, contacts, statements."""
    account = account_of(patient)
    if account is None:
        return None
    return {
        "account": account,
        "day": (on - account.clock_started_on).days if account.clock_started_on else None,
        "stopped": stop_words(account.stopped_by),
        "next": step_words(account.next_step),
        "steps": [(step_words(row.step), row) for row in account.steps.order_by("-done_on", "step")],
        "contacts": account.contacts.select_related("phone").order_by("-contact_on")[:20],
        "deliveries": account.deliveries.select_related("whole", "notice", "batch").order_by("-made_on", "pk")[:50],
        "statements": account.statements.defer("pdf", "content").order_by("-issued_on", "-number"),
        "notices": account.notices.defer("pdf", "content").order_by("-written_on"),
    }


def stop_words(kind: str) -> str:
    return STOP_WORDS[StopKind(kind)] if kind else ""


def step_words(step: str) -> str:
    return STEP_WORDS[Step(step)] if step else ""


def issued_statements() -> QuerySet[GuarantorStatement]:
    """Newest first, with their deliveries and addressees."""
    return (
        GuarantorStatement.objects.defer("pdf", "content")
        .select_related("account__patient", "account__practice")
        .prefetch_related(Prefetch("deliveries", Delivery.objects.select_related("batch").defer("batch__content")))
        .order_by("-issued_on", "-number")
    )


def waiting_pieces() -> dict[str, int]:
    """How many pieces wait, by channel."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by().values_list("channel")
    return {"mail": 0, "email": 0} | dict(waiting.annotate(Count("pk")))


def returned_pieces() -> QuerySet[Delivery]:
    return (
        Delivery.objects.filter(Q(state=Delivery.State.RETURNED) | Q(state=Delivery.State.FAILED))
        .select_related("account__patient", "whole", "notice")
        .defer("whole__pdf", "whole__content", "notice__pdf", "notice__content")
        .order_by("-returned_on", "-made_on")
    )


def contacts_to_make() -> QuerySet[Contact]:
    return (
        Contact.objects.filter(state=Contact.State.TO_MAKE)
        .select_related("account__patient", "phone")
        .order_by("contact_on", "closes_at")
    )


def accounts_in_dunning() -> QuerySet[Account]:
    """Those whose clock runs, the next step soonest first."""
    return (
        Account.objects.filter(clock_started_on__isnull=False)
        .select_related("patient", "practice")
        .order_by("next_step_on", "key")
    )


def mail_batches() -> QuerySet[MailBatch]:
    return MailBatch.objects.defer("content").order_by("-made_on", "-number")
