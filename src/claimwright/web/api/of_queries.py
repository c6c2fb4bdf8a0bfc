"""Questions to providers about what they wrote, and when anesthesia of a visit began and ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import AwareDatetime, Field

from claimwright.coding.advice import OTHER, UNDETERMINED, Evidence
from claimwright.web.api.fields import In, Out, Reason, Short
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.charges.anesthesia import document_anesthesia, stretches_of
from claimwright.web.charges.models import Encounter, ProviderQuery
from claimwright.web.charges.queries import answer_query, ask_provider, withdraw_query


class QueryOut(Out):
    id: UUID
    encounter_id: UUID
    state: str
    provider_npi: str
    asked_on: date
    escalated: int
    content: dict[str, Any]


class EvidenceIn(In):
    source: Short = Field(min_length=1, description="Where it stands in the record")
    excerpt: str = Field(min_length=1, max_length=2000)


class AskProvider(In):
    question: str = Field(min_length=1, max_length=2000)
    options: list[Short] = Field(default=[], max_length=4, description="Beside other and cannot be determined; none: an open question")  # fmt: skip
    evidence: list[EvidenceIn] = Field(min_length=1, max_length=10)
    provider_npi: str = Field(default="", max_length=10, description="Blank: who rendered the visit")
    place: str = Field(default="", max_length=60, description="The field it is about")


class AnswerQuery(In):
    outcome: Short = Field(min_length=1, description="One of its options, or as the question asks")
    words: str = Field(default="", max_length=2000)
    answered_by: Short = ""


class WithdrawQuery(In):
    reason: Reason


class StretchIn(In):
    npi: str = Field(max_length=10)
    start: AwareDatetime
    stop: AwareDatetime


class StretchOut(Out):
    npi: str
    start: datetime
    stop: datetime


class AnesthesiaIn(In):
    stretches: list[StretchIn] = Field(max_length=50, description="All of them: those known before are replaced")


class AnesthesiaOut(Out):
    minutes: int = Field(description="Overlaps counted once")
    stretches: list[StretchOut]


def _encounter(encounter_id: UUID) -> Encounter:
    found: Encounter = find(Encounter.objects.select_related("patient", "practice"), encounter_id)
    return found


@operation("GET", "/queries", permission="visits.read", answers=paged(QueryOut), reads=True)
def list_queries(
    request: HttpRequest, state: str = "", encounter_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Questions to providers, the newest first."""
    chosen = {"state": state, "encounter_id": encounter_id}
    rows = ProviderQuery.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="asked_on")


@operation("POST", "/visits/{uuid:encounter_id}/queries", permission="visits.code", answers=QueryOut, status=201)
def ask_a_provider(request: HttpRequest, encounter_id: UUID, payload: AskProvider) -> Any:
    """Ask; the visit, or its unsent claim, waits for the answer. Refused with every fault of its wording."""
    options = [*payload.options, OTHER, UNDETERMINED] if payload.options else []
    return ask_provider(
        encounter=_encounter(encounter_id), question=payload.question, options=options,
        evidence=[Evidence(source=one.source, excerpt=one.excerpt) for one in payload.evidence],
        provider_npi=payload.provider_npi, place=payload.place,
    )  # fmt: skip


@operation("POST", "/queries/{uuid:query_id}/answer", permission="visits.code", answers=QueryOut)
def answer_a_query(request: HttpRequest, query_id: UUID, payload: AnswerQuery) -> Any:
    """Keep the provider's answer."""
    return answer_query(query=find(ProviderQuery, query_id), **payload.values())


@operation("POST", "/queries/{uuid:query_id}/withdraw", permission="visits.code", answers=QueryOut)
def withdraw_a_query(request: HttpRequest, query_id: UUID, payload: WithdrawQuery) -> Any:
    """Take a question back."""
    return withdraw_query(query=find(ProviderQuery, query_id), because=payload.reason)


@operation("PUT", "/visits/{uuid:encounter_id}/anesthesia", permission="visits.code", answers=AnesthesiaOut)
def time_anesthesia(request: HttpRequest, encounter_id: UUID, payload: AnesthesiaIn) -> Any:
    """When anesthesia began and ended, by provider."""
    encounter = _encounter(encounter_id)
    stretches = [(one.npi, one.start, one.stop) for one in payload.stretches]
    spent = document_anesthesia(encounter=encounter, stretches=stretches)
    told = [{"npi": npi, "start": start, "stop": stop} for npi, start, stop in stretches_of(encounter)]
    return {"minutes": spent, "stretches": told}
