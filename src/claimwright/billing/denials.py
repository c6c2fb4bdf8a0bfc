"""A denial: what it is, what to do and by when, how much it is worth working now, and how it ends.

One denial per charge line, payer and CARC. It has its own states; the claim version's state says nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.denials import (
    UNCLASSIFIED,
    carc_rule,
    category_defaults,
    denial_actions,
    denial_category,
    is_alert,
    rarc_rule,
)
from claimwright.codes.money import money

CONTRACT = "CONTRACT"
BY_REMARK = "BY_RARC"
URGENT_DAYS = 30  # domain specification section 8: urgency grows over the last 30 days
URGENCY_WEIGHT = 2
LEARNED_AFTER_CASES = 30  # own outcomes replace the category's defaults from here


class Refinement(Noun, frozen=True, kw_only=True):
    """The row of a CARC as its remark codes sharpen it."""

    category: str
    actions: tuple[str, ...]
    clock: str
    label: str = ""
    appeal_allowed: bool = True
    new_claim_required: bool = False
    replacement_required: bool = False
    patient_billing_blocked: bool = False
    remark_missing: bool = False  # the code says nothing without a remark, and none came: call the payer


def _effects(remarks: Iterable[str]) -> set[str]:
    return {effect for remark in remarks if (rule := rarc_rule(remark)) for effect in rule.effects}


def refine(group: str, reason: str, remarks: tuple[str, ...] = (), *, whole_charge: bool = False) -> Refinement:
    """What a denial of this group, CARC and RARCs is. `whole_charge`: a CARC 45 that takes the whole charge."""
    effects = _effects(remarks)
    if whole_charge:
        return Refinement(category=CONTRACT, actions=("AP",), clock="A", label="whole charge above the fee schedule")
    rule = carc_rule(reason)
    if rule is None:
        return Refinement(category=UNCLASSIFIED, actions=(), clock="")
    category = denial_category(reason, remarks)
    explained = any(not is_alert(remark) for remark in remarks)
    blocked = "no_patient_bill" in effects or group != "PR"
    return Refinement(
        category=UNCLASSIFIED if category == BY_REMARK else category,
        actions=denial_actions(reason, remarks),
        clock=rule.clock,
        label=rule.label,
        appeal_allowed=not ({"no_appeal", "new_claim"} & effects),
        new_claim_required="new_claim" in effects,
        replacement_required="replacement" in effects,
        patient_billing_blocked=blocked,
        remark_missing=rule.needs_remark and not explained,
    )


# Correct or appeal ---------------------------------------------------------------------------------------------------


class NextStep(StrEnum):
    NEW_CLAIM = "new_claim"  # frequency 1: never adjudicated, or the payer asks for a new one
    REPLACEMENT = "replacement"  # frequency 7
    APPEAL = "appeal"
    SEND_RECORDS = "send_records"
    OTHER_PAYER = "other_payer"
    NO_APPEAL = "no_appeal"
    GOOD_CAUSE = "good_cause_or_write_off"
    ANALYZE = "analyze"


class Decision(Noun, frozen=True, kw_only=True):
    step: NextStep
    because: str
    appeal_enabled: bool = False


CORRECTABLE = ("TECH", "CODE", "AUTH", "REF", "PROV", "BUNDLE", "DUP")
OTHER_PAYER_CATEGORIES = ("ELIG", "COB")


def correct_or_appeal(
    refined: Refinement,
    *,
    adjudicated: bool = True,
    our_data_was_wrong: bool | None = None,
    documentation_supports: bool = False,
    days_left: int | None = None,
    correction_open: bool = False,
) -> Decision:
    """The next step, by the rules of domain section 8 in order. `our_data_was_wrong` None: not analyzed yet.

    Never a correction and an appeal at once on a line: while a correction is open the appeal is off.
    """
    appeal = refined.appeal_allowed and not correction_open
    if not adjudicated or refined.new_claim_required:
        return Decision(
            step=NextStep.NEW_CLAIM, because="the claim was never adjudicated, or the payer wants a new one"
        )
    if days_left is not None and days_left < 0:
        return Decision(step=NextStep.GOOD_CAUSE, because="the deadline has passed")
    if refined.actions[:1] == ("MR",):
        return Decision(step=NextStep.SEND_RECORDS, because="the payer asked for records: that is no appeal")
    if refined.category in OTHER_PAYER_CATEGORIES and refined.actions[:1] in (("VE",), ("CB",)):
        return Decision(step=NextStep.OTHER_PAYER, because="another payer or eligibility decides")
    if our_data_was_wrong and documentation_supports:
        return Decision(step=NextStep.REPLACEMENT, because="our data was wrong and the record supports the change")
    if refined.replacement_required:
        return Decision(step=NextStep.REPLACEMENT, because="the payer asks for a corrected claim")
    if not refined.appeal_allowed:
        return Decision(step=NextStep.NO_APPEAL, because="the payer grants no appeal: fix and resend, or write off")
    if our_data_was_wrong is False:
        return Decision(step=NextStep.APPEAL, because="the data is right, the decision is wrong", appeal_enabled=appeal)
    return Decision(step=NextStep.ANALYZE, because="compare the claim with the record first", appeal_enabled=appeal)


# Deadlines and priority ----------------------------------------------------------------------------------------------


class DenialDeadlines(Noun, frozen=True, kw_only=True):
    corrected: date | None = None
    appeal: date | None = None


def deadlines(
    *, received: date, date_of_service: date, corrected_days: int | None, appeal_days: int | None,
    presumed_receipt_days: int = 0,
) -> DenialDeadlines:  # fmt: skip
    """When a corrected claim (from the date of service) and an appeal (from receipt) must be with the payer.

    The day counts are payer data of that date of service; None where the payer's rule is not loaded.
    """
    return DenialDeadlines(
        corrected=date_of_service + timedelta(days=corrected_days) if corrected_days is not None else None,
        appeal=received + timedelta(days=presumed_receipt_days + appeal_days) if appeal_days is not None else None,
    )


class Priority(Noun, frozen=True, kw_only=True):
    """A score with its working: expected x chance / minutes x urgency."""

    score: Decimal
    expected: Decimal
    chance: Decimal
    minutes: int
    urgency: Decimal
    expired: bool = False


def chance_and_minutes(category: str, won: int = 0, decided: int = 0) -> tuple[Decimal, int]:
    """The chance of recovery and minutes of work: the category's defaults, own outcomes once there are enough."""
    defaults = category_defaults(category)
    chance, minutes = (defaults.chance, defaults.minutes) if defaults else (Decimal(0), 1)
    return (Decimal(won) / Decimal(decided) if decided >= LEARNED_AFTER_CASES else chance), minutes


def expected_amount(
    *, allowed: Decimal | None, patient_share: Decimal = ZERO, charge: Decimal = ZERO,
    historic_yield: Decimal = Decimal(0),
) -> Decimal:  # fmt: skip
    """What winning brings: contract allowed less the patient's share, else charge times the payer's historic yield."""
    return allowed - patient_share if allowed is not None else money(charge * historic_yield)


def priority(*, expected: Decimal, chance: Decimal, minutes: int, days_left: int | None) -> Priority:
    """How much a minute on this denial is worth today; past its deadline it is zero and on the expired list."""
    expired = days_left is not None and days_left < 0
    near = max(0, URGENT_DAYS - days_left) if days_left is not None else 0
    urgency = Decimal(1) + Decimal(URGENCY_WEIGHT) * Decimal(near) / Decimal(URGENT_DAYS)
    score = ZERO if expired or minutes <= 0 else money(expected * chance / minutes * urgency)
    return Priority(score=score, expected=expected, chance=chance, minutes=minutes, urgency=urgency, expired=expired)


# States --------------------------------------------------------------------------------------------------------------


class DenialState(StrEnum):
    NEW = "NEW"
    ANALYZED = "ANALYZED"
    ACTION_SENT = "ACTION_SENT"
    PENDING = "PENDING"
    OVERTURNED = "OVERTURNED"
    UPHELD = "UPHELD"
    ESCALATED = "ESCALATED"
    WRITTEN_OFF = "WRITTEN_OFF"
    TRANSFERRED = "TRANSFERRED"


D = DenialState
OPEN_STATES = (D.NEW, D.ANALYZED, D.ACTION_SENT, D.PENDING, D.UPHELD, D.ESCALATED)
_FINAL = (D.OVERTURNED, D.WRITTEN_OFF, D.TRANSFERRED)

# An outcome may come from the payer at any open state: the ledger decides, not our own progress.
DENIAL_TRANSITIONS: Mapping[DenialState, tuple[DenialState, ...]] = {
    D.NEW: (D.ANALYZED, D.ACTION_SENT, D.PENDING, D.UPHELD, *_FINAL),
    D.ANALYZED: (D.ACTION_SENT, D.PENDING, D.UPHELD, *_FINAL),
    D.ACTION_SENT: (D.PENDING, D.UPHELD, *_FINAL),
    D.PENDING: (D.ACTION_SENT, D.UPHELD, *_FINAL),
    D.UPHELD: (D.ESCALATED, *_FINAL),
    D.ESCALATED: (D.ACTION_SENT, D.PENDING, D.UPHELD, *_FINAL),
    D.OVERTURNED: (D.NEW,),  # the payer takes the decision back
    D.WRITTEN_OFF: (D.NEW,),
    D.TRANSFERRED: (D.NEW,),
}


def denial_may_become(state: DenialState, target: DenialState) -> bool:
    return target in DENIAL_TRANSITIONS[state]


class AppealState(StrEnum):
    DRAFT = "DRAFT"
    SENT = "SENT"
    NO_RESPONSE = "NO_RESPONSE"
    OVERTURNED_FULL = "OVERTURNED_FULL"
    OVERTURNED_PARTIAL = "OVERTURNED_PARTIAL"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"


def overturned_state(*, still_denied: bool) -> AppealState:
    """How far a won appeal went: in part, where the new decision still denies something on the line."""
    return AppealState.OVERTURNED_PARTIAL if still_denied else AppealState.OVERTURNED_FULL


A = AppealState
_DECIDED = (A.OVERTURNED_FULL, A.OVERTURNED_PARTIAL, A.UPHELD, A.DISMISSED, A.WITHDRAWN)
APPEAL_TRANSITIONS: Mapping[AppealState, tuple[AppealState, ...]] = {
    A.DRAFT: (A.SENT, A.WITHDRAWN),
    A.SENT: (A.NO_RESPONSE, *_DECIDED),
    A.NO_RESPONSE: (A.SENT, *_DECIDED),
    A.OVERTURNED_PARTIAL: (A.OVERTURNED_FULL,),
}


def appeal_may_become(state: AppealState, target: AppealState) -> bool:
    return target in APPEAL_TRANSITIONS.get(state, ())


class AppealOutcome(Noun, frozen=True, kw_only=True):
    """What an appeal brought, from the remittance that paid it. `final` only when a remittance said so."""

    state: AppealState
    amount: Decimal = ZERO  # allowed
    paid: Decimal = ZERO
    patient_share: Decimal = ZERO
    final: bool = True


def appeal_outcome(*, denied: Decimal, contractual: Decimal, paid: Decimal, patient_share: Decimal) -> AppealOutcome:
    """The outcome on the line that was denied: what was allowed on it, paid plus the patient's share.

    Full when payment, share and the contractual adjustment explain the whole denied amount.
    """
    allowed = paid + patient_share
    if allowed <= 0:
        return AppealOutcome(state=AppealState.UPHELD)
    full = allowed + contractual >= denied
    state = AppealState.OVERTURNED_FULL if full else AppealState.OVERTURNED_PARTIAL
    return AppealOutcome(state=state, amount=allowed, paid=paid, patient_share=patient_share)
