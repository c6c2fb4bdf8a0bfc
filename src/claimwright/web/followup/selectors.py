"""What pages show of following: the lists by step with count, dollars and oldest day, rows, and one claim's whole story."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Count, F, Min, QuerySet, Sum

from claimwright.billing.following import Step
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.followup.asking import OPEN_STATES
from claimwright.web.followup.models import Following, PayerContact, StatusAnswer, StatusInquiry
from claimwright.web.followup.watching import LISTS, Look, looks
from claimwright.web.submissions.models import ClaimVersion

# The lists of the page, in the order in which a claim can fall behind.
STEPS_LISTED = tuple(LISTS)


class Tally(msgspec.Struct, frozen=True):
    """One list: how many claims, their charges in dollars, and the oldest day that passed."""

    step: Step
    count: int = 0
    amount: Decimal = ZERO
    oldest: date | None = None


def current() -> QuerySet[Following]:
    """Rows that are as the claim is now: what has moved since the last look waits for the next one."""
    return Following.objects.filter(state=F("version__state"))


def tallies() -> list[Tally]:
    """Each list with what stands on it today, empty ones too."""
    listed = current().filter(listed=True)
    found = {
        row["step"]: Tally(Step(row["step"]), row["count"], row["amount"] or ZERO, row["oldest"])
        for row in listed.values("step").annotate(
            count=Count("pk"), amount=Sum("version__total_charge"), oldest=Min("due_on")
        )
    }
    return [found.get(step.value, Tally(step)) for step in STEPS_LISTED]


def waiting() -> QuerySet[Following]:
    """Claims that are out and within their payer's norm."""
    return current().filter(listed=False, step__in=[step.value for step in (*STEPS_LISTED, Step.CROSSOVER)])


def rows_of_step(step: str, *, payer: str = "") -> QuerySet[Following]:
    """The claims of one list, the longest overdue first; of step `waiting` those that are not due."""
    rows = waiting() if step == "waiting" else current().filter(listed=True, step=step)
    if payer:
        rows = rows.filter(version__claim__payer__key=payer)
    of_claim = [f"version__claim__{name}" for name in ("payer", "patient", "practice")]
    return (
        rows.select_related(*of_claim).defer("version__content", "version__claim__patient__content")
        .order_by("due_on", "-version__total_charge")
    )  # fmt: skip


def contacts_due() -> QuerySet[PayerContact]:
    rows = PayerContact.objects.filter(closed_on__isnull=True, next_action_on__isnull=False)
    return rows.select_related("version__claim__patient", "payer").order_by("next_action_on", "logged_at")


def open_questions() -> QuerySet[StatusInquiry]:
    rows = StatusInquiry.objects.filter(state__in=OPEN_STATES).select_related("version__claim__patient", "payer")
    return rows.defer("content").order_by("asked_at", "trace")


def look_at(version: ClaimVersion) -> Look | None:
    """One claim as of now, without waiting for the end of the day; None once it has ended."""
    found = looks([version.pk])
    return found[0] if found else None


def story_of(version: ClaimVersion) -> dict[str, Any]:
    """What is known of the following of one version: the next step, contacts, questions and answers, newest first."""
    look = look_at(version)
    return {
        "next": look.next if look is not None else None,
        "days_over": look.next.days_over(clock.today()) if look is not None and look.next is not None else 0,
        "asks": look is not None and look.norm.asks_status,
        "contacts": list(PayerContact.objects.filter(version__claim=version.claim_id).order_by("-on", "-logged_at")),
        "questions": list(
            StatusInquiry.objects.filter(version=version, state__in=OPEN_STATES).defer("content").order_by("-asked_at")
        ),
        "answers": list(
            StatusAnswer.objects.filter(version=version).select_related("inquiry", "part").order_by("-answered_at")
        ),
    }
