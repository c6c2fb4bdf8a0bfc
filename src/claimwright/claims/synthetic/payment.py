"""A small honest payer: contract, copay, deductible, coinsurance, denials, bundling, and what a next payer adds.

Everything is in cents and balances line by line: charge less adjustments is what is paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import (
    Adjustment,
    Claim,
    ClaimPayment,
    Line,
    LineAdjudication,
    Payer,
    Person,
    PriorPayment,
    RemittanceLine,
)
from claimwright.claims.synthetic import stories
from claimwright.claims.synthetic.claims import Episode, cents, coverage, money, other_coverage, part
from claimwright.claims.synthetic.people import Plan

VISITS = frozenset(("99213", "99214"))  # a copay is due, and no deductible
BUNDLE_PERCENT = 80  # of what the two services alone would be allowed
NEXT_PAYER_PERCENT = 90  # of what the payers before have left to the patient
EARLIER_PERCENT = 110  # of the contract, where a payer paid by a wrong one and corrects itself
INTEREST_PERCENT = 1
# group, reason, remarks
DENIALS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("CO", "50", ("N115",)), ("CO", "197", ()), ("PR", "96", ("N130",)), ("CO", "16", ("M127",)), ("CO", "29", ()),
)  # fmt: skip
REPRICED, IN_FULL = "45", "101"
DEDUCTIBLE, COINSURANCE, COPAY, PRIOR_PAYER, BUNDLED, EXCESS = "1", "2", "3", "23", "97", "94"
USUAL = frozenset((REPRICED, IN_FULL, DEDUCTIBLE, COINSURANCE, COPAY, PRIOR_PAYER, BUNDLED))
FORWARDED_REMARK = "MA18"

Reduction = tuple[str, str, int]  # group, reason, cents


class LineDecision(msgspec.Struct, frozen=True):
    """What was decided on one line. `code` is what is paid where it is not what was billed."""

    charge: int
    paid: int
    reductions: tuple[Reduction, ...]
    allowed: int | None = None
    remarks: tuple[str, ...] = ()
    code: str = ""
    bundled_into: int = 0

    @property
    def patient(self) -> int:
        return patient_share(self.reductions)


class Decision(msgspec.Struct, frozen=True):
    """What a payer decided on a claim: by line, or for a stay as a whole (`reductions`)."""

    charge: int
    paid: int
    status: str
    lines: tuple[LineDecision, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    allowed: int | None = None
    remarks: tuple[str, ...] = ()
    interest: int = 0

    @property
    def patient(self) -> int:
        return patient_share(self.reductions) + sum(line.patient for line in self.lines)

    @property
    def is_denied(self) -> bool:
        """Nothing paid, and for another reason than the patient's share, an earlier payer or an estimate."""
        every = [*self.reductions, *(one for line in self.lines for one in line.reductions)]
        return not self.paid and is_refusal(every)


def is_refusal(reductions: Iterable[Reduction]) -> bool:
    return any(reason not in USUAL for _, reason, _ in reductions)


def patient_share(reductions: tuple[Reduction, ...]) -> int:
    return sum(amount for group, _, amount in reductions if group == "PR")


def _kept(*reductions: Reduction) -> tuple[Reduction, ...]:
    return tuple(one for one in reductions if one[2])


# The first payer ----------------------------------------------------------------------------------------------------


def decide(episode: Episode, claim: Claim, percent: int = 100) -> Decision:
    """The first payer's decision. `percent` is of its contract, for decisions that are corrected later.

    Takes what is left of the patient's deductible from `episode.deductible`.
    """
    story, plan = episode.story, episode.plan
    status = stories.FORWARDED[1] if story.forwards else stories.PROCESSED[1]
    remarks = (FORWARDED_REMARK,) if story.forwards else ()
    if episode.visit.is_stay:
        return _stay(episode, claim, status, remarks, percent)
    fees = [service.fee * service.units for service in episode.visit.services][: len(claim.lines)]
    lines = [
        _line(episode, plan, line, part(fee, percent)) for line, fee in zip(claim.lines, fees, strict=True)
    ]  # fmt: skip
    if story is stories.DENIED:
        lines = [_denied(line, episode.draw) for line in claim.lines]
    elif story is stories.LINE_DENIED:
        lines[-1] = _denied(claim.lines[-1], episode.draw)
    elif story is stories.BUNDLED:
        lines[-2:] = _bundled(plan, claim.lines[-2:], fees[-2:], episode.visit.bundle)
    elif story is stories.PREDETERMINED:
        status = "25"
        lines = [_estimated(line) for line in lines]
    return _whole(tuple(lines), status, remarks, episode)


def _whole(lines: tuple[LineDecision, ...], status: str, remarks: tuple[str, ...], episode: Episode) -> Decision:
    paid = sum(line.paid for line in lines)
    interest = part(paid, INTEREST_PERCENT) if episode.story is stories.INTEREST else 0
    return Decision(
        charge=sum(line.charge for line in lines),
        paid=paid,
        status=status,
        lines=lines,
        allowed=sum(line.allowed or 0 for line in lines) or None,
        remarks=remarks,
        interest=interest,
    )


def _line(episode: Episode, plan: Plan, line: Line, fee: int) -> LineDecision:
    charge = cents(line.charge)
    allowed = min(charge, part(fee, plan.allowed_percent))
    deductible = coinsurance = copay = 0
    if line.procedure_code in VISITS:
        copay = min(plan.copay, allowed)
    else:
        deductible = _deduct(episode, allowed)
        coinsurance = part(allowed - deductible, plan.coinsurance_percent)
    return LineDecision(
        charge=charge,
        paid=allowed - deductible - coinsurance - copay,
        reductions=_kept(
            ("CO", REPRICED, charge - allowed),
            ("PR", DEDUCTIBLE, deductible),
            ("PR", COINSURANCE, coinsurance),
            ("PR", COPAY, copay),
        ),
        allowed=allowed,
    )


def _deduct(episode: Episode, allowed: int) -> int:
    taken = min(episode.deductible[episode.patient], allowed)
    episode.deductible[episode.patient] -= taken
    return taken


def _denied(line: Line, draw: int) -> LineDecision:
    group, reason, remarks = DENIALS[draw % len(DENIALS)]
    charge = cents(line.charge)
    return LineDecision(charge=charge, paid=0, reductions=((group, reason, charge),), remarks=remarks)


def _estimated(line: LineDecision) -> LineDecision:
    """A predetermination pays nothing: what would be paid is an adjustment."""
    reductions = (*line.reductions, *_kept(("OA", IN_FULL, line.paid)))
    return msgspec.structs.replace(line, paid=0, reductions=reductions)


def _bundled(plan: Plan, lines: tuple[Line, ...], fees: list[int], code: str) -> list[LineDecision]:
    """The first line carries the payment of both, in excess of its charge; the second is part of it."""
    first, second = (cents(line.charge) for line in lines)
    whole = first + second
    allowed = min(whole, part(part(sum(fees), plan.allowed_percent), BUNDLE_PERCENT))
    share = part(allowed, plan.coinsurance_percent)
    reductions = (
        ("OA", EXCESS, -second),
        *_kept(("CO", REPRICED, whole - allowed), ("PR", COINSURANCE, share)),
    )
    return [
        LineDecision(charge=first, paid=allowed - share, reductions=reductions, allowed=allowed, code=code),
        LineDecision(
            charge=second, paid=0, reductions=(("CO", BUNDLED, second),), code=code, bundled_into=lines[0].number
        ),
    ]


def _stay(episode: Episode, claim: Claim, status: str, remarks: tuple[str, ...], percent: int) -> Decision:
    """A stay is paid as a whole."""
    charge, plan = cents(claim.total_charge), episode.plan
    if episode.story is stories.DENIED:
        group, reason, because = DENIALS[episode.draw % len(DENIALS)]
        return Decision(
            charge=charge, paid=0, status=status, reductions=((group, reason, charge),), remarks=(*remarks, *because)
        )
    fee = sum(service.fee * service.units for service in episode.visit.services[: len(claim.lines)])
    allowed = min(charge, part(part(fee, plan.allowed_percent), percent))
    deductible = _deduct(episode, allowed)
    share = part(allowed - deductible, plan.coinsurance_percent)
    paid = allowed - deductible - share
    return Decision(
        charge=charge,
        paid=paid,
        status=status,
        reductions=_kept(
            ("CO", REPRICED, charge - allowed), ("PR", DEDUCTIBLE, deductible), ("PR", COINSURANCE, share)
        ),
        allowed=allowed,
        remarks=remarks,
        interest=part(paid, INTEREST_PERCENT) if episode.story is stories.INTEREST else 0,
    )


# The payers after it ------------------------------------------------------------------------------------------------


def decide_next(episode: Episode, before: Decision, place: int) -> Decision:
    """What the payer at `place` (2 = second) decides, given the decision before it: it pays most of what was left."""
    last = place == len(episode.family.covers)
    forwards = episode.story.forwards and not last
    status = stories.FORWARDED[place] if forwards else stories.PROCESSED[place]
    remarks = (FORWARDED_REMARK,) if forwards else ()
    if before.lines:
        lines = tuple(_next_line(line) for line in before.lines)
        return _whole(lines, status, remarks, episode)
    paid, reductions = _next_amounts(before.charge, before.patient)
    return Decision(
        charge=before.charge,
        paid=paid,
        status=status,
        reductions=reductions,
        allowed=before.patient or None,
        remarks=remarks,
    )


def _next_line(line: LineDecision) -> LineDecision:
    paid, reductions = _next_amounts(line.charge, line.patient)
    return LineDecision(charge=line.charge, paid=paid, reductions=reductions, allowed=line.patient or None)


def _next_amounts(charge: int, left: int) -> tuple[int, tuple[Reduction, ...]]:
    paid = part(left, NEXT_PAYER_PERCENT)
    return paid, _kept(("OA", PRIOR_PAYER, charge - left), ("PR", COINSURANCE, left - paid))


# Decisions as nouns -------------------------------------------------------------------------------------------------


def adjustments(reductions: tuple[Reduction, ...]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(group=group, reason=reason, amount=money(amount)) for group, reason, amount in reductions)


def prior_payment(episode: Episode, decision: Decision, place: int, number: str, on: date) -> PriorPayment:
    """The decision as the next payer's claim tells it; by lines it goes on the lines (`line_adjudication`)."""
    return PriorPayment(
        coverage=other_coverage(episode, place - 1),
        paid_amount=money(decision.paid),
        adjustments=adjustments(decision.reductions),
        adjudication_date=None if decision.lines else on,
        payer_claim_number=number,
        remarks=decision.remarks,
    )


def line_adjudication(line: Line, decided: LineDecision, payer_id: str, on: date) -> LineAdjudication:
    code = decided.code or line.procedure_code
    return LineAdjudication(
        payer_id=payer_id,
        paid_amount=money(decided.paid),
        procedure_code=code,
        procedure_qualifier=line.procedure_qualifier,
        modifiers=() if decided.code else line.modifiers,
        revenue_code=line.revenue_code,
        units=line.units,
        bundled_into=decided.bundled_into,
        adjustments=adjustments(decided.reductions),
        adjudication_date=on,
    )


def claim_payment(episode: Episode, claim: Claim, decision: Decision, place: int, number: str) -> ClaimPayment:
    """The CLP of the decision. `number` is the payer's own of the claim."""
    cover = episode.family.covers[place - 1]
    facts, held = claim.institutional, coverage(episode, place - 1)
    own = held.relationship == "18"
    corrected = episode.story is stories.NAME_CORRECTED
    dated = facts is not None and not decision.lines
    known = episode.family.people[episode.patient]
    return ClaimPayment(
        control_number=claim.control_number,
        status=decision.status,
        charge=money(decision.charge),
        paid=money(decision.paid),
        patient_responsibility=money(decision.patient) if decision.patient else None,
        filing_indicator=cover.plan.payer.filing_indicator,
        payer_claim_number=number,
        facility_code=facts.facility_type if facts else claim.place_of_service,
        frequency=claim.frequency,
        patient=_named(claim.patient),
        patient_id=cover.member_id,
        subscriber_id="" if own else cover.member_id,
        corrected_insured=_named(known) if corrected else None,
        corrected_member_id=cover.member_id if corrected else "",
        rendering_npi=claim.rendering.npi if claim.rendering else "",
        forwarded_to=_forwarded(episode, decision, place),
        adjustments=adjustments(decision.reductions),
        remarks=decision.remarks,
        lines=tuple(
            remittance_line(line, decided)
            for line, decided in zip(claim.lines, decision.lines, strict=bool(decision.lines))
        ),
        date_from=facts.statement_from if dated and facts else None,
        date_to=facts.statement_through if dated and facts else None,
        allowed=money(decision.allowed) if decision.allowed is not None else None,
        interest=money(decision.interest) if decision.interest else None,
    )


def _named(person: Person) -> Person:
    return Person(last_name=person.last_name, first_name=person.first_name, middle_name=person.middle_name)


def _forwarded(episode: Episode, decision: Decision, place: int) -> Payer | None:
    if decision.status not in stories.FORWARDED.values():
        return None
    payer = episode.family.covers[place].plan.payer
    return Payer(payer_id=payer.payer_id, name=payer.name, id_qualifier=payer.id_qualifier)


def remittance_line(line: Line, decided: LineDecision) -> RemittanceLine:
    """The SVC of a line. A service without procedure code goes by its revenue code (NU)."""
    coded = bool(line.procedure_code)
    billed = line.procedure_code or line.revenue_code
    return RemittanceLine(
        procedure_code=decided.code or billed,
        procedure_qualifier=line.procedure_qualifier if coded else "NU",
        modifiers=() if decided.code else line.modifiers,
        original_procedure_code=billed if decided.code else "",
        original_modifiers=line.modifiers if decided.code else (),
        charge=money(decided.charge),
        paid=money(decided.paid),
        units_paid=line.units,
        date_from=line.date_from,
        control_number=line.control_number,
        allowed=money(decided.allowed) if decided.allowed is not None else None,
        adjustments=adjustments(decided.reductions),
        remarks=decided.remarks,
    )


def reversal(payment: ClaimPayment) -> ClaimPayment:
    """The payment taken back: every amount with the other sign; a reversal asks nothing of the patient."""
    lines = tuple(
        msgspec.structs.replace(
            line, charge=-line.charge, paid=-line.paid, adjustments=_turned(line.adjustments), allowed=None
        )
        for line in payment.lines
    )
    return msgspec.structs.replace(
        payment,
        status="22",
        charge=-payment.charge,
        paid=-payment.paid,
        patient_responsibility=None,
        adjustments=_turned(payment.adjustments),
        lines=lines,
        allowed=None,
        interest=None,
    )


def _turned(found: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    return tuple(msgspec.structs.replace(one, amount=Decimal(0) - one.amount) for one in found)
