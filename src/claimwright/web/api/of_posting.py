"""Posting by hand: paper remittances keyed and posted, virtual cards, and what people decide about held money."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short, Text
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.of_remittances import ClaimPaymentOut, ProviderAdjustmentOut
from claimwright.web.api.problems import Problem
from claimwright.web.cashier import paper as papers
from claimwright.web.cashier import virtual_cards
from claimwright.web.cashier.models import PaperRemittance, VirtualCard
from claimwright.web.payments import assignments, held_money
from claimwright.web.payments.looked_over import post_looked_over
from claimwright.web.payments.models import ClaimPayment, PracticeDebt, ProviderAdjustment, Refund, Remittance
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion


class PaperRow(Out):
    id: UUID
    practice_id: UUID
    payer_id: UUID
    check_number: str
    check_date: date
    method: str
    amount: Money
    state: str
    typed_by: str
    typed_at: datetime
    remittance_id: UUID | None


class PaperFault(Out):
    place: str = Field(description="Such as claim 1 line 2, paid")
    says: str
    warns: bool = Field(description="It does not keep the check from posting")


class PaperOut(PaperRow):
    grid: dict[str, Any] = Field(description="As keyed so far: claims with their lines, provider_adjustments")
    left: Money = Field(description="Of the check, that no row explains yet")
    faults: list[PaperFault]


class StartPaper(In):
    practice_id: UUID
    payer_id: UUID
    check_number: str = Field(min_length=1, max_length=50)
    check_date: date
    amount: Money
    method: Literal["CHK", "ACH", "NON"] = Field(default="CHK", description="NON: no payment, denials only")


class PaperLine(In):
    """Text as on the paper: 80.00, or blank for what it does not say."""

    line_id: Short
    allowed: Short = ""
    paid: Short = ""
    deductible: Short = ""
    coinsurance: Short = ""
    copay: Short = ""
    adjustments: Short = Field(default="", description="Such as CO45 20.00; PR3 5.00")
    remarks: Short = ""


class PaperClaim(In):
    version_id: UUID
    payer_claim_number: Short = ""
    status: Short = Field(default="", description="CLP02; blank: as the claim's place among the payers says")
    lines: list[PaperLine] = Field(min_length=1, max_length=50)


class PaperAdjustment(In):
    code: Short
    reference: Short = ""
    amount: Short


class KeyPaper(In):
    """All of the check: what was keyed before is replaced."""

    claims: list[PaperClaim] = Field(default=[], max_length=200)
    provider_adjustments: list[PaperAdjustment] = Field(default=[], max_length=50)
    unapplied_reason: Short = Field(default="", description="Why a part of the check stays unapplied")


class PaperPosted(Out):
    remittance_id: UUID
    number: str
    fate: str
    exceptions: int = Field(description="How much of it is held for a person")


class RecordCard(In):
    last_four: str = Field(min_length=4, max_length=4, description="Of the card; the number itself is never taken")
    fee: Money
    batch_number: str = Field(min_length=1, max_length=40)
    note: str = Field(default="", max_length=200)


class CardOut(Out):
    id: UUID
    remittance_id: UUID
    last_four: str
    batch_number: str
    run_on: date
    fee_amount: Money
    opted_out_on: date | None


class HeldBecause(In):
    reason: Reason


class DebtOut(Out):
    id: UUID
    claim_payment_id: UUID
    received_by_id: UUID
    belongs_to_id: UUID
    amount: Money
    assigned_on: date
    reason: str
    settled_on: date | None
    reference: str


class SettleDebt(In):
    reference: str = Field(min_length=1, max_length=60, description="Of the transfer at the bank")


class PlaceAdjustment(In):
    kind: Short = Field(default="", description="The account, where the code has none of its own")
    note: Text = Field(default="", description="What the payer calls it, or where that stands")
    remember: bool = Field(default=False, description="For the payer's next of this code")
    refund_id: UUID | None = Field(default=None, description="Our check that the payer acknowledges (code 72)")


class LookedOverOut(Out):
    posted: int
    still_held: list[str] = Field(description="Place and reason of each")


# Paper ---------------------------------------------------------------------------------------------------------------


def _paper(paper_id: UUID) -> PaperRemittance:
    rows = PaperRemittance.objects.select_related("payer", "practice", "remittance").defer("remittance__content")
    found: PaperRemittance = find(rows, paper_id)
    return found


def _out(row: PaperRemittance) -> dict[str, Any]:
    _, faults, total = papers.judge(row)
    told = [{"place": one.place, "says": one.says, "warns": one.warns} for one in faults]
    return PaperRow.from_orm(row).model_dump() | {"grid": row.grid, "left": total.left, "faults": told}


@operation("GET", "/paper", permission="remittances.read", answers=paged(PaperRow))
def list_paper(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Paper remittances, the newest keyed first."""
    rows = PaperRemittance.objects.defer("grid")
    return page_of(rows.filter(state=state) if state else rows, cursor=cursor, limit=limit, by="typed_at")


@operation("GET", "/paper/{uuid:paper_id}", permission="remittances.read", answers=PaperOut, reads=True)
def read_paper(request: HttpRequest, paper_id: UUID) -> Any:
    """One as it is keyed so far, and what is wrong with it."""
    return _out(_paper(paper_id))


@operation("POST", "/paper", permission="remittances.post", answers=PaperOut, status=201)
def start_a_paper(request: HttpRequest, payload: StartPaper) -> Any:
    """Begin a check; the same payer and number again gives the draft that is open."""
    made = papers.start_paper(
        practice=find(Practice, payload.practice_id), payer=find(Payer, payload.payer_id),
        **payload.values("practice_id", "payer_id"),
    )  # fmt: skip
    return _out(_paper(made.pk))


@operation("PUT", "/paper/{uuid:paper_id}", permission="remittances.post", answers=PaperOut)
def key_a_paper(request: HttpRequest, paper_id: UUID, payload: KeyPaper) -> Any:
    """Keep what the paper says, whatever is still wrong with it. Nothing posts."""
    row = _paper(paper_id)
    claims = [_claim(row, at, one) for at, one in enumerate(payload.claims)]
    papers.save_paper(
        paper=row,
        grid={
            "claims": claims, "unapplied_reason": payload.unapplied_reason,
            "provider_adjustments": [one.values() for one in payload.provider_adjustments],
        },
    )  # fmt: skip
    return _out(_paper(paper_id))


def _claim(paper: PaperRemittance, at: int, keyed: PaperClaim) -> dict[str, Any]:
    """The claim's own row with what the payer decided over it. Lines are named by their ids."""
    version = find(ClaimVersion.objects.select_related("claim__patient", "claim__coverage", "claim__payer"), keyed.version_id)  # fmt: skip
    if version.claim.payer_id != paper.payer_id or version.claim.practice_id != paper.practice_id:
        raise Problem(409, "The claim was sent to another payer, or for another practice", kind="refused")
    row: dict[str, Any] = dict(papers.claim_row(version))
    told = {one.line_id: one for one in keyed.lines}
    if strange := set(told) - {line["line_id"] for line in row["lines"]}:
        errors = [{"field": f"claims.{at}.lines", "says": f"{len(strange)} lines are not of this claim"}]
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    row["lines"] = [line | (told[line["line_id"]].values() if line["line_id"] in told else {}) for line in row["lines"]]
    own = {name: value for name in ("payer_claim_number", "status") if (value := getattr(keyed, name))}
    return row | own


@operation("POST", "/paper/{uuid:paper_id}/post", permission="remittances.post", answers=PaperPosted)
def post_a_paper(request: HttpRequest, paper_id: UUID) -> Any:
    """Post it, by the same rules as a remittance that came as a file. Only when it balances."""
    done = papers.post_paper(paper=_paper(paper_id))
    row = PaperRemittance.objects.get(pk=paper_id)
    return {
        "remittance_id": row.remittance_id, "number": done.number, "fate": done.fate, "exceptions": done.exceptions,
    }  # fmt: skip


@operation("POST", "/paper/{uuid:paper_id}/discard", permission="remittances.post", answers=PaperRow)
def discard_a_paper(request: HttpRequest, paper_id: UUID) -> Any:
    """A draft begun by mistake: nothing of it was posted."""
    papers.discard_paper(paper=_paper(paper_id))
    return _paper(paper_id)


# Virtual cards -------------------------------------------------------------------------------------------------------


@operation("POST", "/remittances/{uuid:remittance_id}/card", permission="remittances.post", answers=CardOut, status=201)
def record_a_virtual_card(request: HttpRequest, remittance_id: UUID, payload: RecordCard) -> Any:
    """The card that a posted remittance was paid by, as it was run."""
    row = find(Remittance.objects.defer("content"), remittance_id)
    return virtual_cards.record_virtual_card(remittance=row, **payload.values())


@operation("POST", "/remittances/{uuid:remittance_id}/card/opt-out", permission="remittances.post", answers=CardOut)
def note_card_opt_out(request: HttpRequest, remittance_id: UUID) -> Any:
    """The payer was asked to pay by EFT instead."""
    card = VirtualCard.objects.filter(remittance_id=remittance_id).first()
    if card is None:
        raise Problem(404, "No card of this remittance is recorded")
    return virtual_cards.note_opt_out(card=card)


# Held money ----------------------------------------------------------------------------------------------------------


@operation("POST", "/remittances/{uuid:remittance_id}/look", permission="remittances.release", answers=LookedOverOut)
def post_what_was_looked_over(request: HttpRequest, remittance_id: UUID) -> Any:
    """Post what waited for a look alone; what a rule holds stays held and is told."""
    done = post_looked_over(remittance=find(Remittance, remittance_id))
    return {"posted": done.posted, "still_held": [f"{place}: {why}" for place, why in done.still_held]}


@operation(
    "POST", "/remittances/claim-payments/{uuid:claim_payment_id}/assign", permission="remittances.release",
    answers=ClaimPaymentOut,
)  # fmt: skip
def assign_claim_payment(request: HttpRequest, claim_payment_id: UUID, payload: HeldBecause) -> Any:
    """Post a held payment to the practice whose claim it is."""
    row = find(ClaimPayment.objects.select_related("remittance__practice"), claim_payment_id)
    assignments.assign_to_practice(claim_payment=row, reason=payload.reason)
    row.refresh_from_db()
    return row


@operation("GET", "/remittances/debts", permission="remittances.read", answers=paged(DebtOut), reads=True)
def list_practice_debts(request: HttpRequest, open_only: bool = True, cursor: str = "", limit: int = 50) -> Any:
    """What one practice owes another whose payment came to it, the newest first."""
    rows = PracticeDebt.objects.all()
    return page_of(
        rows.filter(settled_on__isnull=True) if open_only else rows, cursor=cursor, limit=limit, by="assigned_on"
    )


@operation("POST", "/remittances/debts/{uuid:debt_id}/settle", permission="remittances.release", answers=DebtOut)
def settle_a_practice_debt(request: HttpRequest, debt_id: UUID, payload: SettleDebt) -> Any:
    """The money followed the claim from bank to bank."""
    return assignments.settle_practice_debt(debt=find(PracticeDebt, debt_id), reference=payload.reference)


@operation(
    "POST", "/remittances/adjustments/{uuid:adjustment_id}/place", permission="remittances.release",
    answers=ProviderAdjustmentOut,
)  # fmt: skip
def place_held_adjustment(request: HttpRequest, adjustment_id: UUID, payload: PlaceAdjustment) -> Any:
    """A held provider adjustment onto an account, or as the payer's word for one of our refund checks."""
    row = find(ProviderAdjustment.objects.select_related("remittance"), adjustment_id)
    if payload.refund_id is not None:
        assignments.acknowledge_refund(adjustment=row, refund=find(Refund, payload.refund_id))
    else:
        assignments.map_adjustment(
            adjustment=row, kind=payload.kind, note=payload.note, remember=payload.remember
        )  # fmt: skip
    row.refresh_from_db()
    return row


class HeldItem(In):
    """A held claim payment or a held provider adjustment: one of the two."""

    claim_payment_id: UUID | None = None
    adjustment_id: UUID | None = None


class OweBack(HeldItem):
    note: Text = Field(min_length=1, description="What the payer said, or where that stands")


class TakeHeldBack(In):
    held: HeldItem = Field(description="What waits, and is the payer's")
    taken_by: HeldItem = Field(description="The later item that takes it back")


class HeldOut(Out):
    claim_payment_id: UUID | None
    adjustment_id: UUID | None
    state: str


def held_of(item: HeldItem, field: str) -> ClaimPayment | ProviderAdjustment:
    if (item.claim_payment_id is None) == (item.adjustment_id is None):
        errors = [{"field": field, "says": "names one claim payment or one adjustment"}]
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    found: ClaimPayment | ProviderAdjustment
    if item.claim_payment_id is not None:
        found = find(ClaimPayment.objects.select_related("remittance"), item.claim_payment_id)
    else:
        found = find(ProviderAdjustment.objects.select_related("remittance"), item.adjustment_id)  # type: ignore[arg-type]
    return found


def _held_out(row: ClaimPayment | ProviderAdjustment) -> dict[str, Any]:
    row.refresh_from_db()
    is_claim = isinstance(row, ClaimPayment)
    return {
        "claim_payment_id": row.pk if is_claim else None, "adjustment_id": None if is_claim else row.pk,
        "state": row.state,
    }  # fmt: skip


@operation("POST", "/remittances/held/owe-back", permission="remittances.release", answers=HeldOut)
def owe_held_money_back(request: HttpRequest, payload: OweBack) -> Any:
    """Held money is the payer's: it goes on the list of credits, where its refund is asked for."""
    row = held_of(payload, "claim_payment_id")
    held_money.owe_back(item=row, note=payload.note)
    return _held_out(row)


@operation("POST", "/remittances/held/take-back", permission="remittances.release", answers=HeldOut)
def take_held_money_back(request: HttpRequest, payload: TakeHeldBack) -> Any:
    """A later item takes back what is held: settled, the payer has its money."""
    row = held_of(payload.held, "held")
    held_money.take_held_back(item=row, by=held_of(payload.taken_by, "taken_by"))
    return _held_out(row)
