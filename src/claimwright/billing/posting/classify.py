"""What one CAS does to the ledger: the group and the CARC's row of the denial table decide, nothing else."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from claimwright.billing.posting.state import CoveragePosition
from claimwright.claims.nouns import Adjustment
from claimwright.codes.denials import CarcRule, carc_rule


class PostingClass(StrEnum):
    ADJUST = "adjust"  # off the receivable, with its own reason
    WITHHOLD = "withhold"  # into the withhold receivable, outside A/R
    TRANSFER = "transfer"  # to the next payer's bucket, or the patient's
    TO_PATIENT = "to_patient"  # the payer paid the patient
    DENIAL = "denial"  # the balance stays, a denial opens
    DUPLICATE = "duplicate"  # no effect: a link to the original
    INFORM = "inform"  # no effect
    REPORT = "report"  # a predetermination
    TRACK = "track"  # sent on to the right payer, never a denial
    MISPLACED = "misplaced"  # a patient-share code in a group that is not the patient's: stays, and is reviewed
    PATIENT_EXCESS = "patient_excess"  # PR-45, where it may go to the patient
    HOLD = "hold"  # PR-45 where it may not
    UNKNOWN = "unknown"


# CARCs whose ruling goes beyond their row. Source: domain specification section 7, tables and rulings.
RULED: dict[tuple[str, str], PostingClass] = {
    ("", "104"): PostingClass.WITHHOLD,
    ("", "100"): PostingClass.TO_PATIENT,
    ("", "101"): PostingClass.REPORT,
    ("", "B11"): PostingClass.TRACK,
    ("OA", "18"): PostingClass.DUPLICATE,
}
FEE_SCHEDULE = "45"
PRIOR_PAYER = "23"
SEQUESTRATION = "253"
PATIENT_SHARE = ("1", "2", "3")
DENIAL_FREE_CATEGORY = "NONDENIAL"
PATIENT_CATEGORY = "PATRESP"
ADJUST_ACTION = "CA"


def rule_of(adjustment: Adjustment) -> CarcRule | None:
    return carc_rule(adjustment.reason)


def classify(adjustment: Adjustment, coverage: CoveragePosition, line_charge: Decimal, *, qmb: bool) -> PostingClass:
    """The posting class of one adjustment on a line (or of its share of a claim-level one)."""
    rule = rule_of(adjustment)
    if rule is None:
        return PostingClass.UNKNOWN
    ruled = RULED.get((adjustment.group, adjustment.reason)) or RULED.get(("", adjustment.reason))
    if ruled is not None:
        return ruled
    if adjustment.reason == FEE_SCHEDULE:
        return _fee_schedule(adjustment, coverage, line_charge, qmb=qmb)
    if rule.actions and rule.actions[0] == ADJUST_ACTION:
        return PostingClass.ADJUST
    if rule.category == PATIENT_CATEGORY:
        return PostingClass.TRANSFER if adjustment.group == "PR" else PostingClass.MISPLACED
    if rule.category == DENIAL_FREE_CATEGORY:
        return PostingClass.INFORM
    return PostingClass.DENIAL


def _fee_schedule(
    adjustment: Adjustment, coverage: CoveragePosition, line_charge: Decimal, *, qmb: bool
) -> PostingClass:
    """CARC 45: the whole charge is no contractual discount; in PR only an out-of-network patient owes it."""
    if line_charge and adjustment.amount == line_charge:
        return PostingClass.DENIAL
    if adjustment.group != "PR":
        return PostingClass.ADJUST
    may_bill = coverage.out_of_network and not coverage.nsa_protected and not qmb
    return PostingClass.PATIENT_EXCESS if may_bill else PostingClass.HOLD
