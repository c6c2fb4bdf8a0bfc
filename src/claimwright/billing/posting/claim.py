"""Posting one CLP that is no reversal: its checks, its transfers, its denials, and what it does to its chain."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from claimwright.billing.denials import Refinement, refine
from claimwright.billing.lifecycle import ANY_SENT, State, Trigger
from claimwright.billing.posting.balance import all_adjustments
from claimwright.billing.posting.classify import FEE_SCHEDULE, PRIOR_PAYER, PostingClass, rule_of
from claimwright.billing.posting.decide import (
    LineDecision,
    Move,
    allowed,
    denied,
    line_decisions,
    moves,
    outcome,
    patient_share,
)
from claimwright.billing.posting.match import ClaimMatch, Hold, match_lines
from claimwright.billing.posting.plan import ClaimOutcome, DenialUpdate, NewDenial, PostedClaim, Worklist
from claimwright.billing.posting.review import review
from claimwright.billing.posting.run import Effect, Run, is_version_of, with_transfers, with_version
from claimwright.billing.posting.secondary import next_payer
from claimwright.billing.posting.state import (
    AdjudicationRecord,
    ChainPosition,
    CoveragePosition,
    DenialPosition,
    PriorPosting,
    VersionPosition,
)
from claimwright.claims.nouns import ZERO, ClaimPayment
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer

PREDETERMINATION = "25"
NOT_OURS = "23"
REVERSAL = "22"
PROCESSED = ("1", "2", "3", "4", "19", "20", "21")
STATUSES = (*PROCESSED, REVERSAL, NOT_OURS, PREDETERMINATION)
PAT = "PAT"

# Where a first remittance is expected. BATCHED: the payer answers before our own confirmation of sending.
EXPECTED = (*ANY_SENT, State.AWAIT_CROSSOVER, State.REVERSED, State.BATCHED)


def post_claim(run: Run, claim: ClaimPayment, match: ClaimMatch) -> None:
    """Post a matched CLP into the run. Raises Hold, and then nothing of it counts."""
    effect = Effect()
    chain, coverage, version = match.chain, match.coverage, match.version
    _check(run, claim, chain, coverage, version)
    matches = match_lines(claim, chain) if claim.lines else ()
    decisions = line_decisions(claim, chain, coverage, matches)
    shifted = moves(decisions)
    bundled = frozenset(move.source for move in shifted)
    result = outcome(claim, decisions, bundled)
    reports = result in (ClaimOutcome.REPORT_ONLY, ClaimOutcome.TRANSFERRED) or claim.status == NOT_OURS
    if claim.status == NOT_OURS:
        result = ClaimOutcome.TRANSFERRED
    if reports and claim.paid:
        raise Hold(
            Worklist.STATUS, "REPORT_WITH_MONEY",
            f"CLP at segment {claim.segment} reports only, yet pays {claim.paid}",
            "Ask the payer what the payment is for", chain,
        )  # fmt: skip
    if not reports:
        effect.transfers = _transfers(run, effect, claim, chain, coverage, decisions, shifted)
    record = _record(run, claim, chain, coverage, version, decisions, result)
    effect.records.append(record)
    moved = with_transfers(chain, effect.transfers)
    if not reports:
        _denials(run, effect, claim, chain, coverage, version, decisions, bundled)
        review(run, effect, claim, moved, coverage, decisions)
    moved = msgspec.structs.replace(
        moved,
        postings=(*moved.postings, PriorPosting(record=record, transfers=tuple(effect.transfers))),
        denials=_open_denials(chain, effect),
    )
    moved = _advance(run, effect, claim, moved, version, result)
    if not reports:
        moved = next_payer(run, effect, claim, moved, coverage, version)
    effect.claims.append(
        _posted(claim, chain, coverage, version, decisions, result, bundled, matches_count=len(matches))
    )
    if chain.chain_id in run.reversed_chains:
        run.corrected_chains.add(chain.chain_id)
    run.effect.merge(effect)
    run.save(moved)


def _check(
    run: Run, claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition, version: VersionPosition | None
) -> None:
    """The reasons to hold a CLP before its lines are looked at."""
    for adjustment in all_adjustments(claim):
        if rule_of(adjustment) is None:
            raise Hold(
                Worklist.UNKNOWN_REASON, "UNKNOWN_CARC",
                f"CLP at segment {claim.segment} carries a reason code that is in no code list",
                "Load the current CARC list or ask the payer, then release", chain,
            )  # fmt: skip
    if coverage.sequence in chain.held_reversals and run.released_from is None:
        raise Hold(
            Worklist.REVERSAL, "REVERSAL_HELD",
            "The reversal that goes before this payment is on hold",
            "If this is what the reversal takes back, release this first; if it is the correction, release it last", chain,
        )  # fmt: skip
    if version is None:
        return
    if version.state is State.AWAIT_PRIOR:
        raise Hold(
            Worklist.CLAIM_STATE, "BEFORE_PRIOR_PAYER",
            "This payer answers before the payer that goes first",
            "Wait for the first payer's remittance, then release", chain,
        )  # fmt: skip
    owners = {one.version_id: one.claim_id for one in chain.versions}
    unreversed = [
        posting
        for posting in chain.postings
        if posting.record.sequence == coverage.sequence and posting.record.posted and not posting.reversed
        and owners.get(posting.record.version_id, version.claim_id) == version.claim_id
    ]  # fmt: skip
    real = [p for p in unreversed if p.record.outcome not in (ClaimOutcome.REPORT_ONLY, ClaimOutcome.TRANSFERRED)]
    if any(p.record.version_id == version.version_id or p.transfers for p in real):
        raise Hold(
            Worklist.SECOND_REMITTANCE, "SECOND_REMITTANCE",
            "This payer's decision is already posted and was not reversed",
            "Compare both decisions; ask the payer for the reversal, or take the first one back", chain,
        )  # fmt: skip
    again = version.state is State.ADJUDICATED and version.outcome in ("", ClaimOutcome.REPORT_ONLY) and not real
    reopened = version.state is State.CLOSED and not real
    if version.state not in EXPECTED and not again and not reopened:
        raise Hold(
            Worklist.CLAIM_STATE, "CLAIM_STATE",
            f"The claim version is {version.state.value}: no remittance is expected",
            "Check whether the claim was sent, bring its state up to date, then release", chain,
        )  # fmt: skip


def destination(chain: ChainPosition, coverage: CoveragePosition) -> str:
    """The bucket after this payer: the next active cover's, else the patient's, else blank for a QMB."""
    later = chain.coverages[chain.coverages.index(coverage) + 1 :]
    cover = next((c for c in later if c.active), None)
    if cover is not None:
        return cover.bucket
    return "" if chain.is_qmb else PAT


def _transfers(
    run: Run,
    effect: Effect,
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    decisions: Sequence[LineDecision],
    shifted: Sequence[Move],
) -> list[Transfer]:
    """The ledger entries of a CLP, in the order payment, adjustments, moves to the next bucket. Raises Hold."""
    written: list[Transfer] = []
    place = f"CLP{claim.segment}"
    beyond = destination(chain, coverage)

    def write(debit: Account, credit: Account, amount: Decimal, kind: EntryType, reason: str = "") -> None:
        entry = transfer(
            debit=debit, credit=credit, amount=amount, entry_type=kind, key=run.key(place, len(written) + 1),
            effective_date=run.on, reason=reason, payment=run.payment_id, claim=claim.control_number,
        )  # fmt: skip
        if entry is not None:
            written.append(entry)

    for decision in decisions:
        line = receivable(decision.line.line_id, coverage.bucket)
        write(run.cash, line, decision.paid, EntryType.INS_PAY)
        for decided in decision.all:
            adjustment, reason = decided.adjustment, f"{decided.adjustment.group}-{decided.adjustment.reason}"
            if _is_move(decision, reason, shifted):
                continue
            match decided.does:
                case PostingClass.ADJUST:
                    account = Account(Kind.ADJUSTMENT, chain.practice_id, reason)
                    write(account, line, adjustment.amount, EntryType.ADJ, reason)
                case PostingClass.WITHHOLD:
                    write(Account(Kind.WITHHOLD, run.subject), line, adjustment.amount, EntryType.ADJ, reason)
                case PostingClass.TRANSFER | PostingClass.PATIENT_EXCESS:
                    if beyond:
                        target = receivable(decision.line.line_id, beyond)
                        write(target, line, adjustment.amount, EntryType.XFER, reason)
                case PostingClass.TO_PATIENT:
                    if not chain.is_qmb:
                        target = receivable(decision.line.line_id, PAT)
                        write(target, line, adjustment.amount, EntryType.XFER, reason)
                case PostingClass.HOLD:
                    raise Hold(
                        Worklist.REVIEW, "PR_45",
                        f"CLP at segment {claim.segment} puts {adjustment.amount} above the fee schedule on a patient "
                        "who may not be billed for it",
                        "Ask the payer to correct the group, or decide who owes it", chain,
                    )  # fmt: skip
                case _:
                    pass
    for move in shifted:
        source, target = (receivable(line_id, coverage.bucket) for line_id in (move.source, move.target))
        write(target, source, move.amount, EntryType.XFER, "BUNDLED")
    _check_not_negative(claim, chain, coverage, written)
    return written


def _is_move(decision: LineDecision, reason: str, shifted: Sequence[Move]) -> bool:
    code, line_id = reason.split("-", 1)[1], decision.line.line_id
    return (code == "97" and any(m.source == line_id for m in shifted)) or (
        code == "94" and any(m.target == line_id for m in shifted)
    )


def _check_not_negative(
    claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition, written: Sequence[Transfer]
) -> None:
    """No adjustment and no move to the next bucket may take a line below zero; a payment may, and is a credit."""
    after = with_transfers(chain, list(written))
    for before, line in zip(chain.lines, after.lines, strict=True):
        balance = line.balances.get(coverage.bucket, ZERO)
        account = receivable(line.line_id, coverage.bucket)
        cause = any(
            entry.credit == account and entry.entry_type in (EntryType.ADJ, EntryType.XFER) for entry in written
        )
        if balance < 0 and balance < before.balances.get(coverage.bucket, ZERO) and cause:
            raise Hold(
                Worklist.NEGATIVE, "BELOW_ZERO",
                f"CLP at segment {claim.segment} adjusts or moves {-balance} more than the line has left",
                "A later payer often repeats the first payer's contractual: strike what is already adjusted", chain,
            )  # fmt: skip


def _record(
    run: Run,
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    version: VersionPosition | None,
    decisions: Sequence[LineDecision],
    result: ClaimOutcome,
) -> AdjudicationRecord:
    return msgspec.structs.replace(
        bare_record(run, claim, chain, coverage, version),
        lines=tuple(decision.record for decision in decisions) if claim.lines else (),
        outcome=result.value,
    )


def bare_record(
    run: Run,
    claim: ClaimPayment,
    chain: ChainPosition | None = None,
    coverage: CoveragePosition | None = None,
    version: VersionPosition | None = None,
) -> AdjudicationRecord:
    """The record of a CLP without its lines: all that is known of a held one."""
    return AdjudicationRecord(
        record_id=f"{run.prefix}/CLP{claim.segment}",
        payment=run.payment_id,
        segment=claim.segment,
        control_number=claim.control_number,
        payer_claim_number=claim.payer_claim_number,
        chain_id=chain.chain_id if chain else "",
        version_id=version.version_id if version else "",
        claim_id=version.claim_id if version else "",
        sequence=coverage.sequence if coverage else "",
        payer_id=(coverage.payer_id or run.payer) if coverage else run.payer,
        status=claim.status,
        charge=claim.charge,
        paid=claim.paid,
        patient_responsibility=claim.patient_responsibility,
        adjustments=claim.adjustments,
        remarks=claim.remarks,
        adjudication_date=run.remittance.production_date or run.remittance.payment_date or run.on,
    )


def _denials(
    run: Run,
    effect: Effect,
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    version: VersionPosition | None,
    decisions: Sequence[LineDecision],
    bundled: frozenset[str],
) -> None:
    """Open what is denied, and say to each open denial of these lines what became of it."""
    for decision in decisions:
        denying = denied(decision, bundled)
        for decided in denying:
            effect.denials.append(_denial(run, claim, chain, coverage, version, decision, decided.adjustment.group,
                                          decided.adjustment.reason, decided.adjustment.amount))  # fmt: skip
        for old in chain.denials:
            if old.line_id == decision.line.line_id and old.sequence == coverage.sequence:
                update = _update(old, decision, {d.adjustment.reason for d in denying})
                if update is not None:
                    effect.denial_updates.append(update)


def _denial(
    run: Run, claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition,
    version: VersionPosition | None, decision: LineDecision, group: str, reason: str, amount: Decimal,
) -> NewDenial:  # fmt: skip
    refined: Refinement = refine(group, reason, decision.remarks, whole_charge=reason == FEE_SCHEDULE)
    return NewDenial(
        chain_id=chain.chain_id,
        line_id=decision.line.line_id,
        sequence=coverage.sequence,
        version_id=version.version_id if version else "",
        control_number=claim.control_number,
        group=group,
        reason=reason,
        remarks=decision.remarks,
        amount=amount,
        category=refined.category,
        actions=refined.actions,
        clock=refined.clock,
        received=run.on,
        appeal_allowed=refined.appeal_allowed,
        new_claim_required=refined.new_claim_required,
        patient_billing_blocked=refined.patient_billing_blocked,
        segment=decision.record.segment,
    )


def _update(old: DenialPosition, decision: LineDecision, denying: set[str]) -> DenialUpdate | None:
    """OVERTURNED when the line is no longer denied, UPHELD when an appealed one is denied again or otherwise."""
    if old.reason in denying and not old.under_appeal:
        return None  # the same denial again in the same cycle: it is updated, not decided
    if denying:
        return DenialUpdate(denial_id=old.denial_id, state="UPHELD")
    if any(d.does is PostingClass.DUPLICATE for d in decision.all):
        return None
    share = patient_share(decision)
    return DenialUpdate(
        denial_id=old.denial_id,
        state="OVERTURNED",
        outcome_amount=allowed(decision),
        paid=decision.paid,
        patient_share=share,
    )


def _open_denials(chain: ChainPosition, effect: Effect) -> tuple[DenialPosition, ...]:
    closed = {update.denial_id for update in effect.denial_updates}
    left = [denial for denial in chain.denials if denial.denial_id not in closed]
    known = {(denial.line_id, denial.sequence, denial.reason) for denial in left}
    for new in effect.denials:
        if (new.line_id, new.sequence, new.reason) not in known:
            left.append(
                DenialPosition(
                    denial_id=f"{new.line_id}/{new.sequence}/{new.reason}",
                    line_id=new.line_id,
                    reason=new.reason,
                    sequence=new.sequence,
                    amount=new.amount,
                )
            )
    return tuple(left)


def _advance(
    run: Run,
    effect: Effect,
    claim: ClaimPayment,
    chain: ChainPosition,
    version: VersionPosition | None,
    result: ClaimOutcome,
) -> ChainPosition:
    """Move the version, and mark the versions it replaces."""
    if version is None:
        run.item(effect, Worklist.NEXT_PAYER, "NO_VERSION", "Posted to a cover of which no claim is on file",
                 "Check that the claim was forwarded by the payer before", claim=claim, chain_id=chain.chain_id)  # fmt: skip
        return chain
    if version.state is State.BATCHED:
        version = run.move(effect, version, Trigger.ACKNOWLEDGED_BEFORE_CONFIRMED, segment=claim.segment)
    if version.state is State.CLOSED:
        version = run.move(effect, version, Trigger.REOPEN, segment=claim.segment)
    trigger = Trigger.REMITTANCE
    if result is ClaimOutcome.TRANSFERRED:
        trigger = Trigger.TRANSFER
    elif version.state is State.ADJUDICATED:
        trigger = Trigger.FURTHER_REMITTANCE
    version = run.move(effect, version, trigger, segment=claim.segment, note=result.value)
    version = msgspec.structs.replace(version, outcome=result.value)
    if claim.payer_claim_number and claim.payer_claim_number != version.payer_claim_number:
        effect.payer_claim_numbers.append((version.version_id, claim.payer_claim_number))
        version = msgspec.structs.replace(version, payer_claim_number=claim.payer_claim_number)
    chain = with_version(chain, version)
    duplicate = any(adjustment.group == "OA" and adjustment.reason == "18" for adjustment in all_adjustments(claim))
    if trigger is Trigger.TRANSFER or duplicate:
        return chain
    for other in chain.versions:
        older = is_version_of(other, version) and other.number < version.number
        if older and other.state is State.ADJUDICATED:
            replaced = run.move(effect, other, Trigger.REPLACEMENT_ADJUDICATED, segment=claim.segment)
            chain = with_version(chain, replaced)
    return chain


def _posted(
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    version: VersionPosition | None,
    decisions: Sequence[LineDecision],
    result: ClaimOutcome,
    bundled: frozenset[str],
    *,
    matches_count: int,
) -> PostedClaim:
    duplicate = any(d.does is PostingClass.DUPLICATE for decision in decisions for d in decision.all)
    original = [v for v in chain.versions if version and is_version_of(v, version) and v.number < version.number]
    return PostedClaim(
        segment=claim.segment,
        control_number=claim.control_number,
        chain_id=chain.chain_id,
        version_id=version.version_id if version else "",
        sequence=coverage.sequence,
        outcome=result,
        charge=claim.charge,
        paid=claim.paid,
        allowed=sum((allowed(d, prior_paid=prior_paid(chain, coverage, d.line.line_id)) for d in decisions), ZERO),
        denied_amount=sum((x.adjustment.amount for d in decisions for x in denied(d, bundled)), ZERO),
        auto_posted_lines=matches_count or len(decisions),
        related_control_number=original[-1].control_number if duplicate and original else "",
    )


def prior_paid(chain: ChainPosition, coverage: CoveragePosition, line_id: str) -> Decimal:
    """What the payers before this one paid on a line, net of reversals."""
    order = [cover.sequence for cover in chain.coverages]
    before = set(order[: order.index(coverage.sequence)])
    return sum(
        (
            record.paid
            for posting in chain.postings
            if posting.record.posted and not posting.reversed and posting.record.sequence in before
            for record in posting.record.lines
            if record.line_id == line_id
        ),
        ZERO,
    )


__all__ = ["PRIOR_PAYER", "bare_record", "destination", "post_claim", "prior_paid"]
