"""CLP02 22: the payer takes a decision back. What it did is undone entry by entry, or the whole is held."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.billing.lifecycle import ANY_SENT, State, Trigger
from claimwright.billing.posting.balance import all_adjustments
from claimwright.billing.posting.claim import bare_record
from claimwright.billing.posting.match import ClaimMatch, Hold
from claimwright.billing.posting.plan import (
    ClaimOutcome,
    DenialUpdate,
    NextPayerAction,
    NextPayerKind,
    PostedClaim,
    RefundHold,
    Worklist,
)
from claimwright.billing.posting.run import Effect, Run, is_version_of, with_transfers, with_version
from claimwright.billing.posting.state import AdjudicationRecord, ChainPosition, CoveragePosition, PriorPosting
from claimwright.claims.nouns import ZERO, ClaimPayment
from claimwright.ledger.accounts import INSURANCE_BUCKETS, Account, Kind
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer

PAT = "PAT"
VOID = "8"  # CLM05-3


def is_opposite(claim: ClaimPayment, record: AdjudicationRecord) -> bool:
    """Whether a reversal takes back exactly this record: charge, payment and every adjustment with changed sign."""
    if (claim.charge, claim.paid) != (-record.charge, -record.paid):
        return False
    theirs: dict[tuple[str, str], list[Decimal]] = {}
    ours: dict[tuple[str, str], list[Decimal]] = {}
    for adjustment in all_adjustments(claim):
        theirs.setdefault((adjustment.group, adjustment.reason), []).append(-adjustment.amount)
    for adjustment in (*record.adjustments, *(a for line in record.lines for a in line.adjustments)):
        ours.setdefault((adjustment.group, adjustment.reason), []).append(adjustment.amount)
    return {key: sum(values, ZERO) for key, values in theirs.items() if sum(values, ZERO)} == {
        key: sum(values, ZERO) for key, values in ours.items() if sum(values, ZERO)
    }


def find_original(claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition) -> PriorPosting | None:
    """The posting that the reversal takes back: not yet reversed, by this payer, equal and opposite; the latest."""
    numbers = {claim.payer_claim_number, claim.original_reference} - {""}
    fitting = [
        posting
        for posting in chain.postings
        if posting.record.posted
        and not posting.reversed
        and posting.record.sequence == coverage.sequence
        and is_opposite(claim, posting.record)
    ]
    named = [posting for posting in fitting if posting.record.payer_claim_number in numbers]
    chosen = named or fitting
    return chosen[-1] if chosen else None


def post_reversal(run: Run, claim: ClaimPayment, match: ClaimMatch) -> None:
    """Undo the original posting. Raises Hold when there is none, or when its amounts differ."""
    chain, coverage = match.chain, match.coverage
    original = find_original(claim, chain, coverage)
    if original is None:
        run.save(msgspec.structs.replace(chain, held_reversals=(*chain.held_reversals, coverage.sequence)))
        raise Hold(
            Worklist.REVERSAL, "REVERSAL_WITHOUT_ORIGINAL",
            f"CLP at segment {claim.segment} reverses {-claim.paid}, and no posted decision is its exact opposite",
            "Find the remittance it takes back and post it first, or return the claim to the payer", chain,
        )  # fmt: skip
    effect = Effect()
    effect.transfers = _undo(run, claim, original)
    _taken_twice(run, effect, claim, chain, original)
    record = msgspec.structs.replace(
        bare_record(run, claim, chain, coverage, match.version),
        version_id=original.record.version_id,
        outcome=ClaimOutcome.REVERSED.value,
        reverses=original.record.record_id,
    )
    effect.records.append(record)
    effect.reversed_records.append(original.record.record_id)
    moved = with_transfers(chain, effect.transfers)
    moved = _marked(moved, original)
    moved = _advance(run, effect, claim, moved, original.record.version_id)
    for denial in chain.denials:
        if denial.sequence == coverage.sequence:
            effect.denial_updates.append(DenialUpdate(denial_id=denial.denial_id, state="PENDING"))
    _flag(run, effect, claim, moved, coverage)
    effect.claims.append(
        PostedClaim(
            segment=claim.segment,
            control_number=claim.control_number,
            chain_id=chain.chain_id,
            version_id=original.record.version_id,
            sequence=coverage.sequence,
            outcome=ClaimOutcome.REVERSED,
            charge=claim.charge,
            paid=claim.paid,
            auto_posted_lines=len(claim.lines),
        )  # fmt: skip
    )
    run.reversed_chains[chain.chain_id] = (claim.control_number, claim.segment)
    run.effect.merge(effect)
    run.save(moved)


def _undo(run: Run, claim: ClaimPayment, original: PriorPosting) -> list[Transfer]:
    """Each entry of the original the other way round, last first; its cash leg belongs to this payment.

    What a recovery took off the line already is not taken off again: the money of this one stands with the payer, until
    it gives it back or says what it is for.
    """
    undone = []
    for number, entry in enumerate(reversed(original.transfers), start=1):
        back = reverse(
            entry, key=run.key(f"CLP{claim.segment}", number), effective_date=run.on, payment=run.payment_id,
            cash=run.cash,
        )  # fmt: skip
        undone.append(_with_payer(run, back) if entry.key in original.undone else back)
    return undone


def _with_payer(run: Run, back: Transfer) -> Transfer:
    """The transfer with the payer's account in place of the line's: no reversal of an entry that is reversed."""
    offset = Account(Kind.PAYER_OFFSET, run.subject)
    return msgspec.structs.replace(
        back, entry_type=EntryType.CLEARING, reverses="",
        debit=offset if back.debit.kind is Kind.RECEIVABLE else back.debit,
        credit=offset if back.credit.kind is Kind.RECEIVABLE else back.credit,
    )  # fmt: skip


def _taken_twice(run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, original: PriorPosting) -> None:
    """Said to a person: the payer recovered the payment first and reverses it now, which takes it another time."""
    amount = sum((entry.amount for entry in original.transfers if entry.key in original.undone), ZERO)
    if amount:
        run.item(effect, Worklist.REVIEW, "TAKEN_TWICE",
                 f"The payer reverses a payment of {amount} that it had taken back before",
                 "Look whether it gives the amount back with this or a later payment; else ask for it", claim=claim,
                 chain_id=chain.chain_id, amount=amount)  # fmt: skip


def _marked(chain: ChainPosition, original: PriorPosting) -> ChainPosition:
    """The chain with the original marked as reversed. The reversal's own record is no posting to reverse again."""
    postings = tuple(
        msgspec.structs.replace(posting, reversed=True) if posting is original else posting
        for posting in chain.postings
    )
    return msgspec.structs.replace(chain, postings=postings)


def _advance(run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, version_id: str) -> ChainPosition:
    version = next((v for v in chain.versions if v.version_id == version_id), None)
    if version is None:
        return chain
    if version.state is State.VOID_PENDING:
        chain = with_version(chain, run.move(effect, version, Trigger.VOID_CONFIRMED, segment=claim.segment))
        voids = (v for v in chain.versions if v.frequency == VOID and v.state in ANY_SENT)
        voiding = next((v for v in voids if is_version_of(v, version)), None)
        if voiding is not None:
            chain = with_version(chain, run.move(effect, voiding, Trigger.REMITTANCE, segment=claim.segment))
        return chain
    if version.state is State.CLOSED:
        version = run.move(effect, version, Trigger.REOPEN, segment=claim.segment)
    version = run.move(effect, version, Trigger.REVERSAL, segment=claim.segment)
    return with_version(chain, version)


def _flag(run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition) -> None:
    """A later payer's bucket below zero: the claim sent to it stands on a decision that is gone."""
    for line in chain.lines:
        for bucket in INSURANCE_BUCKETS:
            balance = line.balances.get(bucket, ZERO)
            if bucket != coverage.bucket and balance < 0:
                run.item(effect, Worklist.PRIMARY_CHANGED, "PRIMARY_CHANGED",
                         f"The payer before took its decision back; {bucket} is {-balance} below zero",
                         "Wait for the correction, then replace the claim to the later payer", claim=claim,
                         chain_id=chain.chain_id, line_id=line.line_id, amount=-balance)  # fmt: skip


def close_reversals(run: Run) -> None:
    """At the end of the payment: reversals without a correction, and credits that no correction took up."""
    effect = Effect()
    for chain_id, (_, segment) in run.reversed_chains.items():
        chain = run.chains[chain_id]
        if chain_id not in run.corrected_chains:
            run.item(effect, Worklist.AWAITING_CORRECTION, "NO_CORRECTION",
                     "The payer took its decision back and sent no new one with it",
                     "Wait for the corrected payment; ask the payer if none comes", chain_id=chain_id,
                     segment=segment)  # fmt: skip
            effect.next_payer.extend(_suspended(run, chain))
        credit = sum((-min(line.balances.get(PAT, ZERO), ZERO) for line in chain.lines), ZERO)
        if credit:
            until = run.on + timedelta(days=run.context.policies.refund_hold_days)
            effect.refund_holds.append(
                RefundHold(chain_id=chain_id, patient_id=chain.patient_id, amount=credit, until=until)
            )
            run.item(effect, Worklist.CREDIT_BALANCE, "PATIENT_CREDIT", f"The patient is {credit} in credit",
                     "Do not refund before the hold ends or while the payer's balance is open", chain_id=chain_id,
                     segment=segment, amount=credit)  # fmt: skip
    run.effect.merge(effect)


def _suspended(run: Run, chain: ChainPosition) -> list[NextPayerAction]:
    """Claims to later payers that have not gone out yet tell of a decision that is gone: they must not go."""
    order = [cover.sequence for cover in chain.coverages]
    reversed_at = [
        order.index(claim.sequence)
        for claim in run.effect.claims
        if claim.chain_id == chain.chain_id and claim.outcome is ClaimOutcome.REVERSED
    ]
    return [
        NextPayerAction(
            kind=NextPayerKind.SUSPEND, chain_id=chain.chain_id, sequence=version.sequence,
            version_id=version.version_id,
        )
        for version in chain.versions
        if version.state in (State.DRAFT, State.EDIT_HOLD, State.READY)
        and order.index(version.sequence) > min(reversed_at, default=len(order))
    ]  # fmt: skip
