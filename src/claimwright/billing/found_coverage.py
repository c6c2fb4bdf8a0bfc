"""Insurance found after the patient was billed: whether a visit goes to it, as which payer, and what money moves.

No new charge: the patient's balance goes back to a payer's bucket (domain section 6, "coverage found later"). What the
patient paid on the visit becomes their unapplied credit, held until the payer has decided, so that the payer's decision
fits the whole balance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Noun
from claimwright.ledger.accounts import BUCKETS, INSURANCE_BUCKETS, receivable
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer

PAT = "PAT"
REASON = "COVERAGE-FOUND"
RESTRICTED_FLAGS = frozenset(("restricted", "disclosure_restricted"))
PENDING = "pending"
UNPAID_OUTCOMES = frozenset(("", "DENIED"))


class ChainClaim(Noun, frozen=True, kw_only=True):
    """A claim of the visit. `pending`: a version is at the payer, or waits to go. `paid`: what stands paid by it."""

    bucket: str
    payer: str
    pending: bool = False
    outcome: str = ""
    paid: Decimal = ZERO
    cancelled: bool = False


class FoundVisit(Noun, frozen=True, kw_only=True):
    """A visit as it stands. `balances`: line id to bucket to open amount. `patient_paid`: applied and not undone."""

    date_of_service: date
    charges: Mapping[str, Decimal]
    balances: Mapping[str, Mapping[str, Decimal]]
    patient_paid: Mapping[str, Decimal] = {}
    claims: tuple[ChainClaim, ...] = ()
    flags: frozenset[str] = frozenset()
    payer: str = ""  # the one found


class Decision(Noun, frozen=True, kw_only=True):
    """`sequence` P, S or T with the bucket the money goes to; or `left`, a reason code, with what to say and to do."""

    sequence: str = ""
    bucket: str = ""
    left: str = ""
    says: str = ""
    fix: str = ""

    @property
    def bills(self) -> bool:
        return not self.left


def _left(code: str, says: str, fix: str) -> Decision:
    return Decision(left=code, says=says, fix=fix)


def decide_visit(visit: FoundVisit, *, before_earlier_payers: bool = False) -> Decision:
    """What becomes of one visit. `before_earlier_payers`: by the order, the coverage found pays before those billed."""
    open_by_bucket = {
        bucket: sum((held.get(bucket, ZERO) for held in visit.balances.values()), ZERO) for bucket in (*BUCKETS, "BD")
    }
    live = [claim for claim in visit.claims if not claim.cancelled]
    answered = [claim for claim in live if claim.outcome not in UNPAID_OUTCOMES or claim.paid]
    if visit.flags & RESTRICTED_FLAGS:
        return _left("RESTRICTED", "The patient paid in full and asked that no plan is told (45 CFR 164.522)",
                     "Ask the patient in writing before anything is billed")  # fmt: skip
    if any(claim.payer == visit.payer for claim in live):
        return _left("BILLED_ALREADY", "This payer was billed for the visit already", "Correct that claim instead")
    if any(open_by_bucket[bucket] for bucket in INSURANCE_BUCKETS) or any(claim.pending for claim in live):
        return _left("WAITING", "Another payer has not decided yet", "Wait for its remittance, or cancel its claim")
    if open_by_bucket["BD"] > 0:
        return _left("BAD_DEBT", "The balance is with collections", "Take it back from the agency first")
    if open_by_bucket[PAT] <= 0:
        return _left(
            "NOTHING_OPEN", "The patient owes nothing for it", "If the patient should be paid back, bill it by hand"
        )
    if answered and before_earlier_payers:
        return _left("WOULD_BE_FIRST", "Another payer has paid as the first, and the coverage found comes before it",
                     "Ask both payers for the order; the earlier payer will take its payment back")  # fmt: skip
    free = INSURANCE_BUCKETS[len(visit.claims)] if len(visit.claims) < len(INSURANCE_BUCKETS) else ""
    again = next((claim.bucket for claim in visit.claims if claim.cancelled and claim.payer == visit.payer), "")
    if not (again or free):
        return _left("NO_PLACE", "Three payers were billed already", "Bill it on paper and post by hand")
    bucket = again or free
    sequence = "PST"[INSURANCE_BUCKETS.index(bucket)] if answered else "P"  # who only denied is no payer before it
    if sequence == "P" and any(_whole(visit, line) != visit.charges[line] for line in visit.charges):
        return _left("ADJUSTED", "Part of the charge was written off or paid otherwise",
                     "Take the write-off back, then bill the visit")  # fmt: skip
    return Decision(sequence=sequence, bucket=bucket)


def _whole(visit: FoundVisit, line: str) -> Decimal:
    return sum(visit.balances.get(line, {}).values(), ZERO) + visit.patient_paid.get(line, ZERO)


def move_to_payer(
    visit: FoundVisit, decision: Decision, applied: Sequence[Transfer], *, key: str, on: date
) -> tuple[Transfer, ...]:
    """The patient's payments back into credit, then each line's balance from the patient to the payer's bucket.

    `applied` are the entries that applied credit to the visit's lines and stand. `key` begins every entry's key.
    """
    undone = [
        reverse(entry, key=f"{key}/unapplied/{number}", effective_date=on, note=REASON)
        for number, entry in enumerate(applied, 1)
    ]
    moved = []
    for number, line in enumerate(sorted(visit.balances), 1):
        amount = visit.balances[line].get(PAT, ZERO) + visit.patient_paid.get(line, ZERO)
        if amount > 0:
            moved.append(
                Transfer(
                    debit=receivable(line, decision.bucket), credit=receivable(line, PAT), amount=amount,
                    entry_type=EntryType.XFER, key=f"{key}/moved/{number}", effective_date=on, reason=REASON,
                )
            )  # fmt: skip
    return (*undone, *moved)


def move_back(written: Sequence[Transfer], *, available: Decimal, key: str, on: date) -> tuple[Transfer, ...]:
    """What `move_to_payer` wrote, the other way: balances to the patient, payments applied again while credit is there."""
    entries = [
        reverse(entry, key=f"{key}/back/{number}", effective_date=on, note=f"{REASON} undone")
        for number, entry in enumerate(reversed([one for one in written if not one.reverses]), 1)
    ]
    for number, entry in enumerate((one for one in written if one.reverses), 1):
        amount = min(entry.amount, available)
        if amount <= 0:
            continue
        available -= amount
        entries.append(
            Transfer(
                debit=entry.credit, credit=entry.debit, amount=amount, entry_type=EntryType.APPLY,
                key=f"{key}/applied/{number}", effective_date=on, payment=entry.payment,
            )
        )  # fmt: skip
    return tuple(entries)
