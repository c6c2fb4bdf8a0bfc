"""Takebacks: balances payers carry forward, recoveries announced and taken, the claim each is about, letters against them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.of_posting import HeldItem, held_of
from claimwright.web.api.problems import Problem
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.recoveries import takebacks
from claimwright.web.recoveries.models import Takeback


class TakebackOut(Out):
    id: UUID
    number: str
    payer_id: UUID
    practice_id: UUID
    adjustment_id: UUID | None = Field(description="Null: announced by letter")
    code: str
    reference: str
    amount: Money
    announced_on: date
    reason: str
    encounter_id: UUID | None
    claim_payment_id: UUID | None
    state: str
    contested_on: date | None
    contest_reason: str
    answer: str
    ended_on: date | None


class LikelyPayment(Out):
    claim_payment_id: UUID
    control_number: str
    payer_claim_number: str
    paid: Money


class TakebackDetail(TakebackOut):
    likely: list[LikelyPayment] = Field(description="Payments of ours that it may be about, the likeliest first")
    came_back: Money = Field(description="What the payer has paid again since it was contested")


class CarriedForward(Out):
    """A balance that a payer carries from one remittance to another."""

    payer: str
    reference: str
    remittance_id: UUID
    since: date
    forwarded: Money
    taken: Money
    remaining: Money


class TakebackNotice(In):
    payer_id: UUID
    practice_id: UUID
    amount: Money
    announced_on: date
    reference: str = Field(default="", max_length=80)
    reason: str = Field(default="", max_length=2000)


class NameClaimPayment(In):
    claim_payment_id: UUID


class ContestTakeback(In):
    reason: str = Field(min_length=1, max_length=2000, description="It stands in the letter")
    signer: Short = Field(min_length=1, description="Who signs the letter: a person of the office")


class EndTakeback(In):
    answer: Reason


def _row(takeback_id: UUID) -> Takeback:
    found: Takeback = find(Takeback.objects.defer("letter").select_related("payer", "practice"), takeback_id)
    return found


@operation("GET", "/takebacks", permission="recoveries.read", answers=paged(TakebackOut), reads=True)
def list_takebacks(
    request: HttpRequest, state: str = "", payer_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Money payers take back, the newest announced first."""
    chosen = {"state": state, "payer_id": payer_id}
    rows = Takeback.objects.defer("letter").filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="announced_on")


@operation("GET", "/takebacks/balances", permission="recoveries.read", answers=list[CarriedForward], reads=True)
def list_carried_forward(request: HttpRequest) -> Any:
    """Balances that payers carry forward (FB) and have not yet settled."""
    return takebacks.open_balances()


@operation("GET", "/takebacks/{uuid:takeback_id}", permission="recoveries.read", answers=TakebackDetail, reads=True)
def read_takeback(request: HttpRequest, takeback_id: UUID) -> Any:
    """One takeback, and which payments of ours it may be about."""
    row = _row(takeback_id)
    likely = [
        {
            "claim_payment_id": one.pk, "control_number": one.control_number,
            "payer_claim_number": one.payer_claim_number, "paid": one.paid,
        }
        for one, _ in takebacks.suggestions(row)
    ]  # fmt: skip
    return TakebackOut.from_orm(row).model_dump() | {"likely": likely, "came_back": takebacks.returned(row)}


@operation("POST", "/takebacks", permission="recoveries.work", answers=TakebackOut, status=201)
def record_takeback_notice(request: HttpRequest, payload: TakebackNotice) -> Any:
    """Record a payer's letter that announces one."""
    return takebacks.record_notice(
        payer=find(Payer, payload.payer_id), practice=find(Practice, payload.practice_id),
        **payload.values("payer_id", "practice_id"),
    )  # fmt: skip


@operation("POST", "/takebacks/{uuid:takeback_id}/claim", permission="recoveries.work", answers=TakebackOut)
def name_takeback_claim(request: HttpRequest, takeback_id: UUID, payload: NameClaimPayment) -> Any:
    """Say which payment it is about."""
    chosen = find(ClaimPayment, payload.claim_payment_id)
    return takebacks.name_claim(takeback=_row(takeback_id), claim_payment=chosen)


@operation("POST", "/takebacks/{uuid:takeback_id}/held", permission="recoveries.work", answers=TakebackOut)
def settle_takeback_by_held(request: HttpRequest, takeback_id: UUID, payload: HeldItem) -> Any:
    """It took money that we held and that is not ours: both are settled with each other."""
    return takebacks.take_held(takeback=_row(takeback_id), item=held_of(payload, "claim_payment_id"))


@operation("POST", "/takebacks/{uuid:takeback_id}/contest", permission="recoveries.work", answers=TakebackOut)
def contest_a_takeback(request: HttpRequest, takeback_id: UUID, payload: ContestTakeback) -> Any:
    """Write the letter against it."""
    return takebacks.contest_takeback(takeback=_row(takeback_id), reason=payload.reason, signer=payload.signer)


@operation("POST", "/takebacks/{uuid:takeback_id}/accept", permission="recoveries.work", answers=TakebackOut)
def accept_a_takeback(request: HttpRequest, takeback_id: UUID, payload: EndTakeback) -> Any:
    """It is right."""
    return takebacks.end_takeback(takeback=_row(takeback_id), accepted=True, answer=payload.answer)


@operation("POST", "/takebacks/{uuid:takeback_id}/withdrawn", permission="recoveries.work", answers=TakebackOut)
def note_takeback_withdrawn(request: HttpRequest, takeback_id: UUID, payload: EndTakeback) -> Any:
    """The payer withdrew it."""
    return takebacks.end_takeback(takeback=_row(takeback_id), accepted=False, answer=payload.answer)


@operation("GET", "/takebacks/{uuid:takeback_id}/letter.pdf", permission="recoveries.read", produces=PDF, reads=True)
def read_takeback_letter(request: HttpRequest, takeback_id: UUID) -> Any:
    """The last letter to the payer about it."""
    row = find(Takeback, takeback_id)
    if row.letter is None:
        raise Problem(404, "No letter was written about it")
    return as_bytes(bytes(row.letter), PDF, f"{row.number}.pdf")
