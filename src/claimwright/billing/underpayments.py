"""What a payer allowed against what its contract says: compared line by line, explained, grouped, and followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from claimwright.billing.allowed import SHARES
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.posting.state import LineRecord
from claimwright.billing.write_offs import underpayment
from claimwright.claims.nouns import ZERO, Noun


class Verdict(StrEnum):
    AS_EXPECTED = "AS_EXPECTED"
    UNDERPAID = "UNDERPAID"
    OVERPAID = "OVERPAID"
    EXPLAINED = "EXPLAINED"  # the payer named a reduction that makes up for it
    DENIED = "DENIED"  # nothing allowed: a matter of denials
    CAPITATED = "CAPITATED"
    CANNOT_EVALUATE = "CANNOT_EVALUATE"  # no contract, or no price: counted in no rate


class State(StrEnum):
    OPEN = "OPEN"
    DISPUTED = "DISPUTED"
    RECOVERED = "RECOVERED"
    ACCEPTED = "ACCEPTED"
    CONTRACT_DATA_ERROR = "CONTRACT_DATA_ERROR"


FLAGGED = (Verdict.UNDERPAID, Verdict.OVERPAID)
UNSETTLED = (State.OPEN, State.DISPUTED)
DECISIONS: Mapping[State, str] = {
    State.ACCEPTED: "It is right as paid",
    State.CONTRACT_DATA_ERROR: "Our copy of the contract is wrong",
}
FEE_SCHEDULE, OTHER_CODE, OTHER_MODIFIERS, FEWER_UNITS = "FEE_SCHEDULE", "OTHER_CODE", "OTHER_MODIFIERS", "FEWER_UNITS"
# Reductions that a line's own reason codes name; where they make up for the variance it is no underpayment.
# Source: domain specification section 7, underpayment.
EXPLAINING: Mapping[str, str] = {
    "59": "MULTIPLE_PROCEDURES",
    "151": "UNITS_CUT",
    "222": "UNITS_CUT",
    "253": "SEQUESTRATION",
    "237": "QUALITY_PROGRAM",
    "24": "CAPITATED",
}
CAUSES: Mapping[str, str] = {
    FEE_SCHEDULE: "Another rate than the contract's",
    OTHER_CODE: "Decided as another code",
    OTHER_MODIFIERS: "Decided with other modifiers",
    FEWER_UNITS: "Decided with fewer units",
    "MULTIPLE_PROCEDURES": "Multiple procedures",
    "UNITS_CUT": "Units over a limit",
    "SEQUESTRATION": "Sequestration",
    "QUALITY_PROGRAM": "A quality program's penalty",
    "CAPITATED": "Paid by the month",
}


class Billed(Noun, frozen=True, kw_only=True):
    """The line as it was sent, with what its contract was expected to allow in dollars; None: no price."""

    line_id: str
    code: str
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    expected: Decimal | None = None
    capitated: bool = False


class Comparison(Noun, frozen=True, kw_only=True):
    """`variance` is expected less allowed: above zero the payer allowed too little. None: cannot evaluate."""

    line_id: str
    verdict: Verdict
    allowed: Decimal
    expected: Decimal | None = None
    variance: Decimal | None = None
    cause: str = ""


class Group(Noun, frozen=True, kw_only=True):
    """Variances of one payer, code, cause and contract version: one letter disputes them all."""

    payer: str
    code: str
    cause: str
    contract_version: str
    ids: tuple[str, ...]
    variance: Decimal


class Case(Noun, frozen=True, kw_only=True):
    case_id: str
    payer: str
    code: str
    cause: str
    contract_version: str
    variance: Decimal


def allowed_on(line: LineRecord) -> Decimal:
    """What the payer allowed: as it says (AMT*B6), else what it paid, the shares PR-1 to PR-3, and sequestration."""
    if line.allowed is not None:
        return line.allowed
    parts = (
        one.amount
        for one in line.adjustments
        if f"{one.group}-{one.reason}" in SHARES or (one.group == "CO" and one.reason == "253")
    )
    return line.paid + sum(parts, ZERO)


def compare(line: LineRecord, billed: Billed, policies: Policies = DEFAULT_POLICIES) -> Comparison:
    """One line of a first payer's decision against its contract."""
    allowed = allowed_on(line)
    found = Comparison(
        line_id=billed.line_id, verdict=Verdict.CANNOT_EVALUATE, allowed=allowed, expected=billed.expected
    )
    if billed.capitated:
        return msgspec.structs.replace(found, verdict=Verdict.CAPITATED)
    outcome = underpayment(billed.expected, allowed, policies)
    if outcome is None:
        return msgspec.structs.replace(found, verdict=Verdict.CANNOT_EVALUATE)
    if not allowed and not line.paid:
        return msgspec.structs.replace(found, verdict=Verdict.DENIED, variance=outcome.variance)
    if not outcome.flagged:
        return msgspec.structs.replace(found, verdict=Verdict.AS_EXPECTED, variance=outcome.variance)
    named = _named(line)
    if outcome.variance > 0 and named:
        cause, amount = max(named.items(), key=lambda pair: (pair[1], pair[0]))
        left = underpayment(outcome.expected, allowed + amount, policies)
        if left is not None and (left.variance <= 0 or not left.flagged):
            return msgspec.structs.replace(found, verdict=Verdict.EXPLAINED, variance=outcome.variance, cause=cause)
    verdict = Verdict.UNDERPAID if outcome.variance > 0 else Verdict.OVERPAID
    return msgspec.structs.replace(found, verdict=verdict, variance=outcome.variance, cause=_cause(line, billed))


def _named(line: LineRecord) -> dict[str, Decimal]:
    """Dollars by the reduction that the payer names. Sequestration is part of what is allowed and explains nothing."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in line.adjustments:
        if one.reason in EXPLAINING and one.reason != "253" and one.group != "PR":
            found[EXPLAINING[one.reason]] += one.amount
    return {cause: amount for cause, amount in found.items() if amount > 0}


def _cause(line: LineRecord, billed: Billed) -> str:
    if line.procedure_code and line.procedure_code != billed.code:
        return OTHER_CODE
    if line.units_paid is not None and line.units_paid < billed.units:
        return FEWER_UNITS
    if line.modifiers and tuple(sorted(line.modifiers)) != tuple(sorted(billed.modifiers)):
        return OTHER_MODIFIERS
    return FEE_SCHEDULE


def group(cases: Iterable[Case]) -> list[Group]:
    """Cases that one letter may dispute, the most money first."""
    held: dict[tuple[str, str, str, str], list[Case]] = defaultdict(list)
    for case in cases:
        held[case.payer, case.code, case.cause, case.contract_version].append(case)
    groups = [
        Group(
            payer=key[0], code=key[1], cause=key[2], contract_version=key[3],
            ids=tuple(case.case_id for case in found), variance=sum((case.variance for case in found), ZERO),
        )
        for key, found in held.items()
    ]  # fmt: skip
    return sorted(groups, key=lambda one: (-one.variance, one.payer, one.code, one.cause))


class Recovery(Noun, frozen=True, kw_only=True):
    """`recovered` dollars of what was missing came since; `settled` when what is left is within the tolerance."""

    recovered: Decimal
    left: Decimal
    settled: bool


def recovery(
    *, expected: Decimal, allowed_then: Decimal, allowed_now: Decimal, policies: Policies = DEFAULT_POLICIES
) -> Recovery:
    """What a dispute brought, by the ledger: allowed now against allowed when it was found. Works for overpaid too."""
    missing = expected - allowed_then
    came = allowed_now - allowed_then
    recovered = max(ZERO, min(came, missing)) if missing > 0 else min(ZERO, max(came, missing))
    left = underpayment(expected, allowed_now, policies)
    assert left is not None
    return Recovery(recovered=recovered, left=left.variance, settled=not left.flagged)


def rate(verdicts: Mapping[Verdict, int]) -> tuple[int, int]:
    """(lines underpaid, lines that could be evaluated): numerator and denominator of the underpayment rate."""
    out = (Verdict.CANNOT_EVALUATE, Verdict.DENIED, Verdict.CAPITATED)
    return verdicts.get(Verdict.UNDERPAID, 0), sum(count for verdict, count in verdicts.items() if verdict not in out)
