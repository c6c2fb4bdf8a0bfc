"""What posting answers: everything to save in one database transaction, and nothing saved yet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.billing.lifecycle import State, Trigger
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.claims.nouns import ZERO, Noun
from claimwright.ledger.transfers import Transfer


class Fate(StrEnum):
    POSTED = "posted"
    DUPLICATE = "duplicate"  # the same payment again: listed, nothing posted
    HELD = "held"  # same identity, other content: a person decides
    QUARANTINED = "quarantined"  # an envelope, identity, payee or balance fault


class ClaimOutcome(StrEnum):
    PAID = "PAID"
    PARTIAL = "PARTIAL"
    ZERO_PAID = "ZERO_PAID"
    DENIED = "DENIED"
    REPORT_ONLY = "REPORT_ONLY"
    TRANSFERRED = "TRANSFERRED"
    REVERSED = "REVERSED"
    HELD = "HELD"


class Worklist(StrEnum):
    """The named lists on which what needs a person lands."""

    QUARANTINE = "quarantined_remittances"
    REMITTANCE_CONFLICT = "remittance_conflicts"
    DUPLICATE = "duplicate_remittances"
    UNMATCHED = "unmatched_payments"
    PARTIAL_MATCH = "partial_matches"
    OTHER_PRACTICE = "other_practice"
    LINE_MATCH = "unmatched_lines"
    PAYER = "payer_not_on_claim"
    UNKNOWN_REASON = "unknown_reason_codes"
    REVERSAL = "reversals_without_original"
    SECOND_REMITTANCE = "second_remittances"
    NEGATIVE = "would_go_negative"
    STATUS = "claim_status_on_hold"
    CLAIM_STATE = "claim_not_sent"
    REVIEW = "posting_review"
    CREDIT_BALANCE = "credit_balances"
    PRIMARY_CHANGED = "primary_changed"
    AWAITING_CORRECTION = "reversed_without_correction"
    PROVIDER_ADJUSTMENT = "provider_adjustments"
    UNIDENTIFIED_TAKEBACK = "unidentified_takebacks"
    NEXT_PAYER = "next_payer"
    MISSING_CROSSOVER = "missing_crossover"
    DEPOSITS = "deposits"
    BEFORE_POSTING = "before_posting"


class Item(Noun, frozen=True, kw_only=True):
    """A line on a worklist: where, why, what to do. Texts carry segments and amounts, never a patient's values."""

    worklist: Worklist
    code: str
    reason: str
    fix: str
    segment: int = 0
    control_number: str = ""
    chain_id: str = ""
    line_id: str = ""
    amount: Decimal = ZERO
    holds: bool = False  # True: the CLP or PLB did not post


class ClaimEvent(Noun, frozen=True, kw_only=True):
    """One row for the version's timeline: the lifecycle accepted it, or recorded it as late (`moved` False)."""

    version_id: str
    trigger: Trigger
    source: State
    target: State
    moved: bool = True
    segment: int = 0
    note: str = ""


class NewDenial(Noun, frozen=True, kw_only=True):
    """A denial to open, or to update when the line already has one for this CARC."""

    chain_id: str
    line_id: str
    sequence: str
    version_id: str
    control_number: str
    group: str
    reason: str
    remarks: tuple[str, ...]
    amount: Decimal
    category: str
    actions: tuple[str, ...]
    clock: str
    received: date
    appeal_allowed: bool = True
    new_claim_required: bool = False
    patient_billing_blocked: bool = False
    segment: int = 0


class DenialUpdate(Noun, frozen=True, kw_only=True):
    """What a further remittance says about an open denial."""

    denial_id: str
    state: str  # OVERTURNED, UPHELD, PENDING
    outcome_amount: Decimal = ZERO  # allowed: paid plus the patient's share
    paid: Decimal = ZERO
    patient_share: Decimal = ZERO


class SuspenseItem(Noun, frozen=True, kw_only=True):
    """Money held in Suspense(payment, place) until a person releases it; `place` is "CLP12" or "PLB40.2"."""

    place: str
    amount: Decimal
    code: str
    worklist: Worklist
    control_number: str = ""


class OffsetMovement(Noun, frozen=True, kw_only=True):
    """A PLB that moved the payer's offset account: negative carries money into a later payment, positive settles."""

    subject: str
    code: str
    reference: str
    amount: Decimal
    place: str = ""  # of the PLB pair in its payment
    matched_payment: str = ""  # where the movement it settles stands, and under which reference
    matched_reference: str = ""


class NextPayerKind(StrEnum):
    AWAIT_CROSSOVER = "await_crossover"
    FILE = "file"  # AWAIT_PRIOR becomes DRAFT with COB data, or a DRAFT is created
    CANCEL = "cancel"  # nothing left to bill
    REPLACE = "replace"  # the prior payer changed after this claim was sent
    REFRESH = "refresh"  # unsent: its COB data is rebuilt
    SUSPEND = "suspend"  # unsent: the decision it tells of was taken back, and none has come for it


class NextPayerAction(Noun, frozen=True, kw_only=True):
    kind: NextPayerKind
    chain_id: str
    sequence: str
    version_id: str = ""  # blank: no version yet
    amount: Decimal = ZERO
    due: date | None = None


class StatementHold(Noun, frozen=True, kw_only=True):
    """The patient's part of a chain is not billed until the reason is gone."""

    chain_id: str
    reason: str


class RefundHold(Noun, frozen=True, kw_only=True):
    """A credit made by a reversal: not refunded before `until` or while the payer's balance is open."""

    chain_id: str
    patient_id: str
    amount: Decimal
    until: date


class PostedClaim(Noun, frozen=True, kw_only=True):
    """One CLP and what became of it."""

    segment: int
    control_number: str
    chain_id: str = ""
    version_id: str = ""
    sequence: str = ""
    outcome: ClaimOutcome = ClaimOutcome.PAID
    charge: Decimal = ZERO
    paid: Decimal = ZERO
    allowed: Decimal = ZERO
    denied_amount: Decimal = ZERO
    auto_posted_lines: int = 0
    related_control_number: str = ""  # the original of a duplicate


class PostingPlan(Noun, frozen=True, kw_only=True):
    """The answer of `post`. Save all of it or none of it."""

    fate: Fate
    identity: str = ""
    payment_id: str = ""
    practice_id: str = ""
    payer_key: str = ""
    offset_subject: str = ""
    amount: Decimal = ZERO
    reason: str = ""
    place: str = ""
    fix: str = ""
    transfers: tuple[Transfer, ...] = ()
    records: tuple[AdjudicationRecord, ...] = ()
    reversed_records: tuple[str, ...] = ()
    claims: tuple[PostedClaim, ...] = ()
    events: tuple[ClaimEvent, ...] = ()
    denials: tuple[NewDenial, ...] = ()
    denial_updates: tuple[DenialUpdate, ...] = ()
    items: tuple[Item, ...] = ()
    suspense: tuple[SuspenseItem, ...] = ()
    offsets: tuple[OffsetMovement, ...] = ()
    acknowledged_refunds: tuple[str, ...] = ()
    next_payer: tuple[NextPayerAction, ...] = ()
    statement_holds: tuple[StatementHold, ...] = ()
    refund_holds: tuple[RefundHold, ...] = ()
    payer_claim_numbers: tuple[tuple[str, str], ...] = ()  # (version id, CLP07)
