"""From a matched CLP to one decision per charge line: what was paid, what each adjustment does. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from claimwright.billing.posting.classify import (
    PATIENT_SHARE,
    PRIOR_PAYER,
    SEQUESTRATION,
    PostingClass,
    classify,
)
from claimwright.billing.posting.match import LineMatch
from claimwright.billing.posting.plan import ClaimOutcome
from claimwright.billing.posting.state import ChainPosition, CoveragePosition, LinePosition, LineRecord
from claimwright.claims.nouns import ZERO, Adjustment, ClaimPayment, Noun, RemittanceLine
from claimwright.codes.money import money

BUNDLED = "97"
BUNDLE_PAID = "94"


class Decided(Noun, frozen=True, kw_only=True):
    adjustment: Adjustment
    does: PostingClass


class LineDecision(Noun, frozen=True, kw_only=True):
    line: LinePosition
    paid: Decimal = ZERO
    decided: tuple[Decided, ...] = ()
    remarks: tuple[str, ...] = ()
    record: LineRecord
    spread: tuple[Decided, ...] = ()  # this line's share of the claim-level adjustments

    @property
    def all(self) -> tuple[Decided, ...]:
        return (*self.decided, *self.spread)


class Move(Noun, frozen=True, kw_only=True):
    """Balance that a bundled line gives to the line that was paid for it."""

    source: str
    target: str
    amount: Decimal


def spread(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """`amount` in parts by weight, each rounded, the last taking the remainder. Without weight, all on the last."""
    whole = sum(weights, ZERO)
    if not weights:
        return ()
    parts = [money(amount * weight / whole) if whole else ZERO for weight in weights[:-1]]
    return (*parts, amount - sum(parts, ZERO))


def merged(services: Sequence[RemittanceLine]) -> tuple[Adjustment, ...]:
    """The adjustments of a line's services, one per group and reason, in the order they came."""
    amounts: dict[tuple[str, str], Decimal] = {}
    quantities: dict[tuple[str, str], Decimal] = {}
    for service in services:
        for adjustment in service.adjustments:
            place = (adjustment.group, adjustment.reason)
            amounts[place] = amounts.get(place, ZERO) + adjustment.amount
            if adjustment.quantity is not None:
                quantities[place] = quantities.get(place, ZERO) + adjustment.quantity
    return tuple(
        Adjustment(group=group, reason=reason, amount=amount, quantity=quantities.get((group, reason)))
        for (group, reason), amount in amounts.items()
    )


def line_record(line: LinePosition, services: Sequence[RemittanceLine]) -> LineRecord:
    """The data of a line's services, summed. The adjudicated code is the first service's."""
    first = services[0]
    units = [service.units_paid for service in services if service.units_paid is not None]
    allowed = [service.allowed for service in services if service.allowed is not None]
    return LineRecord(
        line_id=line.line_id,
        procedure_code=first.procedure_code,
        procedure_qualifier=first.procedure_qualifier,
        modifiers=first.modifiers,
        charge=sum((service.charge for service in services), ZERO),
        paid=sum((service.paid for service in services), ZERO),
        units_paid=sum(units, Decimal(0)) if units else None,
        allowed=sum(allowed, ZERO) if allowed else None,
        adjustments=merged(services),
        remarks=tuple(dict.fromkeys(remark for service in services for remark in service.remarks)),
        segment=first.segment,
    )


def line_decisions(
    claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition, matches: Sequence[LineMatch]
) -> tuple[LineDecision, ...]:
    """One decision per charge line that the CLP speaks of; every line when it has no services."""
    if matches:
        return _with_services(claim, chain, coverage, matches)
    return _claim_level(claim, chain, coverage)


def _classified(
    adjustments: Sequence[Adjustment], coverage: CoveragePosition, charge: Decimal, qmb: bool
) -> tuple[Decided, ...]:
    return tuple(
        Decided(adjustment=adjustment, does=classify(adjustment, coverage, charge, qmb=qmb))
        for adjustment in adjustments
    )


def _shares(adjustments: Sequence[Adjustment], weights: Sequence[Decimal]) -> list[tuple[Adjustment, ...]]:
    """Claim-level adjustments in shares per line."""
    per_adjustment = [spread(adjustment.amount, weights) for adjustment in adjustments]
    return [
        tuple(
            Adjustment(group=adjustment.group, reason=adjustment.reason, amount=parts[index])
            for adjustment, parts in zip(adjustments, per_adjustment, strict=True)
            if parts[index]
        )
        for index in range(len(weights))
    ]


def _with_services(
    claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition, matches: Sequence[LineMatch]
) -> tuple[LineDecision, ...]:
    """The services' own decisions; a claim-level adjustment lowers what each line was paid by its share."""
    records = [line_record(match.line, match.services) for match in matches]
    shares = _shares(claim.adjustments, [record.paid for record in records])
    return tuple(
        LineDecision(
            line=match.line,
            paid=record.paid - sum((share.amount for share in part), ZERO),
            decided=_classified(record.adjustments, coverage, match.line.charge, chain.is_qmb),
            spread=_classified(part, coverage, match.line.charge, chain.is_qmb),
            remarks=(*record.remarks, *claim.remarks),
            record=record,
        )
        for match, record, part in zip(matches, records, shares, strict=True)
    )


def _claim_level(claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition) -> tuple[LineDecision, ...]:
    """No services: payment and adjustments go over the lines by their balance with this payer.

    When the CLP closes the whole balance, each line's payment is what is left of it, so that no cent stays behind.
    """
    balances = [line.balances.get(coverage.bucket, ZERO) for line in chain.lines]
    weights = balances if sum(balances, ZERO) > 0 else [line.charge for line in chain.lines]
    shares = _shares(claim.adjustments, weights)
    paid = list(spread(claim.paid, weights))
    leaving = [[d for d in _classified(part, coverage, line.charge, chain.is_qmb) if d.does in MOVING] for part, line in
              zip(shares, chain.lines, strict=True)]  # fmt: skip
    taken = [sum((decided.adjustment.amount for decided in part), ZERO) for part in leaving]
    if sum(taken, ZERO) + claim.paid == sum(balances, ZERO):
        paid = [balance - part for balance, part in zip(balances, taken, strict=True)]
    return tuple(
        LineDecision(
            line=line,
            paid=amount,
            spread=_classified(part, coverage, line.charge, chain.is_qmb),
            remarks=claim.remarks,
            record=LineRecord(line_id=line.line_id, procedure_code=line.procedure_code, segment=claim.segment),
        )
        for line, amount, part in zip(chain.lines, paid, shares, strict=True)
    )


MOVING = (
    PostingClass.ADJUST,
    PostingClass.WITHHOLD,
    PostingClass.TRANSFER,
    PostingClass.TO_PATIENT,
    PostingClass.PATIENT_EXCESS,
)


def moves(decisions: Sequence[LineDecision]) -> tuple[Move, ...]:
    """CO-97 matched by OA-94 under the same adjudicated code: balance that goes from line to line.

    Only equal sums are a move; anything else stays a denial and a signed adjustment.
    """
    given: dict[str, list[tuple[str, Decimal]]] = {}
    taken: dict[str, list[tuple[str, Decimal]]] = {}
    for decision in decisions:
        for decided in decision.decided:
            code, amount = decision.record.procedure_code, decided.adjustment.amount
            if decided.adjustment.reason == BUNDLED and amount > 0:
                given.setdefault(code, []).append((decision.line.line_id, amount))
            elif decided.adjustment.reason == BUNDLE_PAID and amount < 0:
                taken.setdefault(code, []).append((decision.line.line_id, -amount))
    found: list[Move] = []
    for code in given.keys() & taken.keys():
        if sum((amount for _, amount in given[code]), ZERO) == sum((amount for _, amount in taken[code]), ZERO):
            found.extend(_paired(given[code], taken[code]))
    return tuple(found)


def _paired(given: list[tuple[str, Decimal]], taken: list[tuple[str, Decimal]]) -> list[Move]:
    """Givers and takers in order, each move as large as both allow."""
    found: list[Move] = []
    sources, targets = list(given), list(taken)
    while sources and targets:
        (source, left), (target, wanted) = sources.pop(0), targets.pop(0)
        amount = min(left, wanted)
        if source != target:
            found.append(Move(source=source, target=target, amount=amount))
        if left > amount:
            sources.insert(0, (source, left - amount))
        if wanted > amount:
            targets.insert(0, (target, wanted - amount))
    return found


def patient_share(decision: LineDecision) -> Decimal:
    """PR-1, PR-2 and PR-3 of a line."""
    return sum(
        (d.adjustment.amount for d in decision.all if d.adjustment.group == "PR" and d.adjustment.reason in PATIENT_SHARE),
        ZERO,
    )  # fmt: skip


def allowed(decision: LineDecision, *, prior_paid: Decimal = ZERO) -> Decimal:
    """AMT*B6 as sent, else paid plus PR-1, 2, 3 plus sequestration, plus what prior payers paid of an OA-23."""
    if decision.record.allowed is not None:
        return decision.record.allowed
    sequestered = sum((d.adjustment.amount for d in decision.all if d.adjustment.reason == SEQUESTRATION), ZERO)
    prior = prior_paid if any(d.adjustment.reason == PRIOR_PAYER for d in decision.all) else ZERO
    return decision.paid + patient_share(decision) + sequestered + prior


def denied(decision: LineDecision, bundled: frozenset[str] = frozenset()) -> tuple[Decided, ...]:
    """The adjustments that deny, those of a bundling move left out."""
    return tuple(
        d
        for d in decision.all
        if d.does is PostingClass.DENIAL
        and d.adjustment.amount > 0
        and not (d.adjustment.reason == BUNDLED and decision.line.line_id in bundled)
    )


def outcome(claim: ClaimPayment, decisions: Sequence[LineDecision], bundled: frozenset[str]) -> ClaimOutcome:
    """PAID, PARTIAL, ZERO_PAID, DENIED, REPORT_ONLY or TRANSFERRED, by the definitions of the domain."""
    classes = {d.does for decision in decisions for d in decision.all}
    if claim.status == "25" or (PostingClass.REPORT in classes and not claim.paid):
        return ClaimOutcome.REPORT_ONLY
    if PostingClass.TRACK in classes and not claim.paid:
        return ClaimOutcome.TRANSFERRED
    denials = any(denied(decision, bundled) for decision in decisions) or PostingClass.DUPLICATE in classes
    share = any(patient_share(decision) for decision in decisions)
    if not denials:
        return ClaimOutcome.PAID if claim.paid else ClaimOutcome.ZERO_PAID
    return ClaimOutcome.PARTIAL if claim.paid or share else ClaimOutcome.DENIED
