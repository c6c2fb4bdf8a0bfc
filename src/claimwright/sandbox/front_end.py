"""The front ends: what the clearinghouse, then the payer, refuse before any adjudication."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from claimwright.codes.money import ZERO
from claimwright.sandbox.adjudicate import Desk, fate_of
from claimwright.sandbox.answers import Status
from claimwright.sandbox.behaviour import happens
from claimwright.sandbox.books import Books
from claimwright.sandbox.plan import Member, Payer, Plan
from claimwright.sandbox.records import Claim, Record

FORWARDED = Status("A1", "19", "PR")
TAKEN_IN = Status("A2", "20")
WRONG_PAYER = Status("A3", "116")
NO_SUCH_MEMBER = Status("A3", "33", "IL")
BAD_MEMBER_ID = Status("A7", "164", "IL")
BAD_BIRTH_DATE = Status("A7", "158", "IL")
BAD_BILLING_NPI = Status("A7", "562", "85")
BAD_SERVICE_DATE = Status("A7", "187")
NO_LINES = Status("A6", "247")
BAD_CHARGE = Status("A7", "178")
TOTAL_DIFFERS = Status("A8", "178")
PRIOR_AMOUNTS_DIFFER = Status("A8", "286")
FREQUENCY_REFUSED = Status("A7", "535")
NO_ORIGINAL_NUMBER = Status("A6", "464")
UNKNOWN_ORIGINAL = Status("A7", "464")
ORIGINAL_PENDING = Status("A8", "464")
SEEDED = {
    "relation": Status("A8", "255"),
    "missing": Status("A6", "145", "82"),
    "invalid": Status("A7", "158", "IL"),
    "unprocessable": Status("A3", "122"),
}


def route(plan: Plan, claim: Claim) -> Payer | None:
    """The payer of 2010BB, or the one of its filing indicator where the plan allows that."""
    payer = plan.payer(claim.payer_id)
    if payer is None and plan.clearinghouse.unknown_payer == "by_filing_indicator":
        sought = {"MB": "MB", "MA": "MB", "MC": "MC"}.get(claim.filing_indicator, "12")
        payer = next((payer for payer in plan.payers if payer.filing_indicator == sought), None)
    return payer


def clearinghouse_refusal(
    plan: Plan, books: Books, members: dict[tuple[str, str], Member], claim: Claim, chain: str, today: date
) -> Status | None:
    """Why the clearinghouse does not forward the claim; None = it does."""
    payer = route(plan, claim)
    if payer is None:
        return WRONG_PAYER
    member_id = claim.subscriber.member_id
    if (payer.id, member_id) not in members and not re.fullmatch(payer.member_id_pattern, member_id):
        return BAD_MEMBER_ID
    if claim.biller.npi and not npi_is_valid(claim.biller.npi):
        return BAD_BILLING_NPI
    if not claim.lines:
        return NO_LINES
    if any(line.date_from is None or line.date_from > today for line in claim.lines):
        return BAD_SERVICE_DATE
    if any(line.charge < 0 for line in claim.lines):
        return BAD_CHARGE
    if sum((line.charge for line in claim.lines), ZERO) != claim.charge:
        return TOTAL_DIFFERS
    if not prior_amounts_hold(claim):
        return PRIOR_AMOUNTS_DIFFER
    mark = f"clearinghouse|{chain}"
    if mark not in books.fates:
        books.fates[mark] = "none"
        if happens(plan.clearinghouse.refuse_claim_share, plan.seed, mark):
            return BAD_BIRTH_DATE
    return None


def npi_is_valid(text: str) -> bool:
    """Ten digits whose last checks the others (Luhn over 80840 + NPI)."""
    if not re.fullmatch(r"[12]\d{9}", text):
        return False
    total = 0
    for at, digit in enumerate(reversed("80840" + text)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def prior_amounts_hold(claim: Claim) -> bool:
    """Each payer's 2430s: charge = SVD02 + CAS; each adjudicated 2320: total = AMT*D + all its CAS."""
    for prior in claim.priors:
        if prior.paid is None:
            continue
        cut = sum((c.amount for c in prior.cuts), ZERO)
        paid = ZERO
        for line in claim.lines:
            rows = [row for row in line.priors if row.payer_id == prior.payer_id]
            if not rows:
                continue
            line_cut = sum((c.amount for row in rows for c in row.cuts), ZERO)
            line_paid = sum((row.paid for row in rows), ZERO)
            if line.charge != line_paid + line_cut:
                return False
            cut += line_cut
            paid += line_paid
        if claim.charge - prior.paid - cut != ZERO:
            return False
    return True


def payer_refusal(desk: Desk, record: Record) -> Status | None:
    """Why the payer's front end refuses the claim; None = it is taken in. Links a replacement to its original."""
    claim, payer = record.claim, desk.payer
    if desk.knows_members and desk.member(record) is None and payer.unknown_member == "reject":
        return NO_SUCH_MEMBER
    if claim.frequency in ("7", "8"):
        if not payer.accepts_replacement:
            return FREQUENCY_REFUSED
        if not claim.original_reference:
            return NO_ORIGINAL_NUMBER
        original = next(
            (
                other
                for other in desk.books.records
                if other.payer == payer.id
                and other.key != record.key
                and claim.original_reference in (other.icn, *other.former_icns)
            ),
            None,
        )
        if original is None or original.member_id != record.member_id or original.state == "reversed":
            return UNKNOWN_ORIGINAL
        if original.state != "adjudicated":
            return ORIGINAL_PENDING
        record.replaces = original.key
        return None
    fate = fate_of(desk, record, "refusal")
    return SEEDED.get(fate)


def slow_days(desk: Desk, record: Record) -> int:
    """How many days longer than usual the payer takes over this claim; mostly 0."""
    share: Decimal = desk.payer.slow_share
    return desk.payer.slow_days if happens(share, desk.plan.seed, "slow", desk.payer.id, record.chain) else 0
