"""Denials as a whole: counts by view, one step for many, the letters of appeal, and rules proposed from what repeats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.root_causes import VIEWS, breakdown
from claimwright.web.api.fields import In, Money, Out, Text
from claimwright.web.api.framework import find, in_words, operation
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.denials import letters
from claimwright.web.denials.models import Denial, LetterTemplate, RuleProposal
from claimwright.web.denials.selectors import cases
from claimwright.web.operations import appeal_packs
from claimwright.web.payments.denial_scores import written_off_by_line

YEAR_DAYS = 365


class DenialTally(Out):
    name: str
    count: int
    first_pass: int
    amount: Money
    preventable_count: int
    decided: int
    overturned: int
    recovered: Money
    avoidable_write_off: Money


class BatchDenials(In):
    denial_ids: list[UUID] = Field(min_length=1, max_length=200, description="Of one payer, reason and code")
    action: Literal[tuple(appeal_packs.BATCH_ACTIONS)]  # type: ignore[valid-type]
    argument: Text = ""
    reason: str = Field(default="", max_length=300)


class BatchResult(Out):
    denial_id: UUID
    control_number: str
    done: bool
    said: str = Field(description="Why not, where it was refused")


class LetterOut(Out):
    category: str
    is_own: bool = Field(description="The practice's own words; else the shipped ones")
    text: str


class SaveLetter(In):
    text: str = Field(max_length=20_000, description="Blank: back to the shipped words")


class ProposalOut(Out):
    id: UUID
    pattern: str
    state: str
    payer_id: UUID
    carc: str
    denied: int
    claims: int
    rule_version_id: UUID
    proposed_on: date
    decided_on: date | None
    decided_by: str
    reason: str


@operation("GET", "/denials/trends", permission="denials.read", answers=list[DenialTally])
def list_denial_trends(
    request: HttpRequest, by: str = "root_cause", since: date | None = None, until: date | None = None,
    first_pass_only: bool = False,
) -> Any:  # fmt: skip
    """Denials by a view, the largest amount first; of the last year unless days are given."""
    if by not in VIEWS:
        raise Problem(422, f"by is one of {', '.join(VIEWS)}", errors=[{"field": "by", "says": "is no view"}])
    last = until or clock.today()
    first = since or last - timedelta(days=YEAR_DAYS)
    found = cases(since=first, until=last, written_off=written_off_by_line(first))
    return breakdown([one for one in found if one.first_pass] if first_pass_only else found, by)


@operation("POST", "/denials/batch", permission="denials.work", answers=list[BatchResult])
def work_denials_together(request: HttpRequest, payload: BatchDenials) -> Any:
    """One step for several denials; each stands or falls alone, and each has its result."""
    ids = [find(Denial, one).pk for one in payload.denial_ids]
    return appeal_packs.batch(
        denial_ids=ids, action=payload.action, argument=payload.argument, reason=payload.reason
    )  # fmt: skip


@operation("GET", "/denials/letters", permission="denials.read", answers=list[LetterOut])
def list_letters(request: HttpRequest) -> Any:
    """The letters by category, as they stand."""
    own = set(LetterTemplate.objects.filter(active=True).values_list("category", flat=True))
    return [{"category": one, "is_own": one in own, "text": letters.template_text(one)} for one in letters.categories()]


@operation("PUT", "/denials/letters/{slug:category}", permission="denials.work", answers=LetterOut)
def save_letter(request: HttpRequest, category: str, payload: SaveLetter) -> Any:
    """The practice's own words of a category."""
    with in_words():
        made = letters.save_template(category=category, text=payload.text)
    return {"category": category, "is_own": made is not None, "text": letters.template_text(category)}


@operation("GET", "/denials/proposals", permission="denials.read", answers=list[ProposalOut])
def list_rule_proposals(request: HttpRequest, state: str = "") -> Any:
    """Rules proposed from what repeats, the newest first; a person decides on each."""
    rows = RuleProposal.objects.filter(state=state) if state else RuleProposal.objects.all()
    return list(rows.order_by("-proposed_on", "pattern"))
