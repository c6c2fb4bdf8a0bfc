"""Remittances: what came, what was posted of it, and what is held for a look."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from claimwright.claims.nouns import ClaimPayment as ClaimNoun
from claimwright.claims.nouns import Remittance as RemittanceNoun
from claimwright.documents.claim_eob import ClaimNotInRemittance, render_claim_eobs
from claimwright.ledger.accounts import Account, Kind
from claimwright.web.api.fields import In, Money, Out, Reason
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.of_claims import PayerWord
from claimwright.web.api.problems import Problem
from claimwright.web.payments.conflicts import ask_to_post_held, dismiss_held, withdraw_held
from claimwright.web.payments.models import ClaimPayment, ProviderAdjustment, Remittance
from claimwright.web.payments.release import release_held, release_provider_adjustment


class RemittanceRow(Out):
    id: UUID
    number: str
    payer_id: UUID | None
    practice_id: UUID | None
    trace_payer_id: str
    trace_number: str
    method: str
    amount: Money
    payment_date: date | None
    received_on: date
    state: str
    reason: str
    bank_state: str
    decision: str
    posted_at: datetime | None


class ClaimPaymentOut(PayerWord):
    control_number: str
    payer_claim_number: str
    segment: int


class ProviderAdjustmentOut(Out):
    id: UUID
    ordinal: int
    code: str
    reference: str
    amount: Money = Field(description="As sent: below zero increases the payment")
    state: str


class RemittanceOut(RemittanceRow):
    part_id: UUID
    claim_payments: list[ClaimPaymentOut]
    provider_adjustments: list[ProviderAdjustmentOut]


class ReleaseAdjustment(In):
    to_other_income: bool = Field(default=False, description="Of a code without an account of its own")


class DecideHeld(In):
    decision: Literal["SEPARATE", "RESEND"] = Field(description="A payment of its own, or the earlier one corrected")
    reason: Reason


class DismissHeld(In):
    reason: Reason


@operation("GET", "/remittances", permission="remittances.read", answers=paged(RemittanceRow), reads=True)
def list_remittances(
    request: HttpRequest, state: str = "", payer_id: UUID | None = None, trace_number: str = "",
    received_from: date | None = None, received_to: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Remittances, the newest first."""
    chosen = {
        "state": state, "payer_id": payer_id, "trace_number": trace_number, "received_on__gte": received_from,
        "received_on__lte": received_to,
    }  # fmt: skip
    rows = Remittance.objects.defer("content").filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="received_on")


@operation("GET", "/remittances/{uuid:remittance_id}", permission="remittances.read", answers=RemittanceOut, reads=True)
def read_remittance(request: HttpRequest, remittance_id: UUID) -> Any:
    """One remittance with every claim payment and provider adjustment."""
    row = find(Remittance.objects.defer("content"), remittance_id)
    return RemittanceRow.from_orm(row).model_dump() | {
        "part_id": row.part_id,
        "claim_payments": list(row.claim_payments.defer("content", "working").order_by("segment")),
        "provider_adjustments": list(row.provider_adjustments.order_by("ordinal")),
    }


@operation(
    "POST", "/remittances/claim-payments/{uuid:claim_payment_id}/release", permission="remittances.release",
    answers=ClaimPaymentOut,
)  # fmt: skip
def release_claim_payment(request: HttpRequest, claim_payment_id: UUID) -> Any:
    """Post a held claim payment by the same rules, once its cause is put right."""
    row = find(ClaimPayment, claim_payment_id)
    release_held(claim_payment=row)
    row.refresh_from_db()
    return row


@operation(
    "POST", "/remittances/adjustments/{uuid:adjustment_id}/release", permission="remittances.release",
    answers=ProviderAdjustmentOut,
)  # fmt: skip
def release_adjustment_of(request: HttpRequest, adjustment_id: UUID, payload: ReleaseAdjustment) -> Any:
    """Post a held provider adjustment."""
    row = find(ProviderAdjustment.objects.select_related("remittance"), adjustment_id)
    account = None
    if payload.to_other_income and row.remittance.practice_id:
        account = Account(Kind.OTHER_INCOME, str(row.remittance.practice_id), row.code)
    release_provider_adjustment(adjustment=row, account=account)
    row.refresh_from_db()
    return row


@operation("POST", "/remittances/{uuid:remittance_id}/decide", permission="remittances.release", answers=RemittanceRow)
def decide_held_remittance(request: HttpRequest, remittance_id: UUID, payload: DecideHeld) -> Any:
    """Ask to post a held payment; a person approves it on its page. Money is not moved by a program alone."""
    return ask_to_post_held(
        remittance=find(Remittance, remittance_id), decision=payload.decision, reason=payload.reason
    )


@operation("POST", "/remittances/{uuid:remittance_id}/dismiss", permission="remittances.release", answers=RemittanceRow)
def dismiss_held_remittance(request: HttpRequest, remittance_id: UUID, payload: DismissHeld) -> Any:
    """A held payment is the earlier one again: nothing of it posts."""
    return dismiss_held(remittance=find(Remittance, remittance_id), reason=payload.reason)


@operation(
    "POST", "/remittances/{uuid:remittance_id}/withdraw", permission="remittances.release", answers=RemittanceRow
)
def withdraw_held_decision(request: HttpRequest, remittance_id: UUID) -> Any:
    """Take back what was asked for, before it is approved."""
    return withdraw_held(remittance=find(Remittance, remittance_id))


# Explanations --------------------------------------------------------------------------------------------------------


@operation("GET", "/remittances/{uuid:remittance_id}/eob.pdf", permission="remittances.read", produces=PDF, reads=True)
def read_remittance_eobs(request: HttpRequest, remittance_id: UUID) -> Any:
    """The explanations of benefits of every claim of it, from what was received."""
    row = find(Remittance, remittance_id)
    return _eobs(row, None, row.number)


@operation(
    "GET", "/remittances/claim-payments/{uuid:claim_payment_id}/eob.pdf", permission="remittances.read", produces=PDF,
    reads=True,
)  # fmt: skip
def read_claim_eob(request: HttpRequest, claim_payment_id: UUID) -> Any:
    """One claim's alone, such as a second payer wants beside its claim."""
    row = find(ClaimPayment.objects.select_related("remittance"), claim_payment_id)
    claims = [msgspec.convert(row.content, ClaimNoun, strict=False)]
    return _eobs(row.remittance, claims, f"{row.remittance.number}-{row.segment}")


def _eobs(row: Remittance, claims: list[ClaimNoun] | None, name: str) -> HttpResponse:
    payment = msgspec.convert(row.content, RemittanceNoun, strict=False)
    try:
        content = render_claim_eobs(payment, claims) if claims else render_claim_eobs(payment)
    except ClaimNotInRemittance:
        raise Problem(404, "It explains no claim") from None
    return as_bytes(content, PDF, f"eob-{name}.pdf")
