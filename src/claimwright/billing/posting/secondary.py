"""After a payer has decided: who is next, and what the next payer must be told.

Coordination of benefits reads the adjudication records, net of reversals, never the postings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.billing.lifecycle import State, Trigger
from claimwright.billing.posting.identity import normal
from claimwright.billing.posting.plan import (
    ClaimOutcome,
    NextPayerAction,
    NextPayerKind,
    StatementHold,
    Worklist,
)
from claimwright.billing.posting.run import Effect, Run, live_version, parts_undecided, with_version
from claimwright.billing.posting.state import (
    AdjudicationRecord,
    ChainPosition,
    CoveragePosition,
    LineRecord,
    VersionPosition,
)
from claimwright.claims.nouns import (
    ZERO,
    Claim,
    ClaimPayment,
    Coverage,
    Line,
    LineAdjudication,
    PriorPayment,
)
from claimwright.codes.denials import rarc_rule
from claimwright.edits.obligation import with_obligated_amount
from claimwright.ledger.accounts import Kind

FORWARDED = ("19", "20", "21")
CROSSOVER_EFFECTS = ("await_crossover", "await_medicaid")
FILE_OURSELVES = "file_secondary"
CROSSOVER_FAILED = "MA08"  # the payer before says that it did not forward after all
UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY, State.ON_HOLD)
WAITING = (State.AWAIT_PRIOR, State.AWAIT_CROSSOVER)


def _remarks(claim: ClaimPayment) -> set[str]:
    return {*claim.remarks, *(remark for line in claim.lines for remark in line.remarks)}


def is_forwarded(claim: ClaimPayment) -> bool:
    """Whether the payer sent the claim on itself: status 19, 20, 21 or an alert that says so, and none that it failed."""
    remarks = _remarks(claim)
    effects = {effect for remark in remarks if (rule := rarc_rule(remark)) for effect in rule.effects}
    if CROSSOVER_FAILED in remarks or FILE_OURSELVES in effects:
        return False
    return claim.status in FORWARDED or any(effect in effects for effect in CROSSOVER_EFFECTS)


def later_coverage(chain: ChainPosition, coverage: CoveragePosition) -> CoveragePosition | None:
    later = chain.coverages[chain.coverages.index(coverage) + 1 :]
    return next((cover for cover in later if cover.active), None)


def next_payer(
    run: Run,
    effect: Effect,
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    version: VersionPosition | None,
) -> ChainPosition:
    """Decide on the next payer's claim; the chain with that claim's version moved."""
    cover = later_coverage(chain, coverage)
    forwarded = is_forwarded(claim)
    if cover is None:
        if forwarded:
            effect.statement_holds.append(
                StatementHold(chain_id=chain.chain_id, reason="forwarded to a payer we do not know")
            )
            run.item(effect, Worklist.NEXT_PAYER, "UNKNOWN_NEXT_PAYER", "Forwarded to a payer that is on no cover",
                     "Ask the patient for the cover, add it, then move the balance to it", claim=claim,
                     chain_id=chain.chain_id)  # fmt: skip
        return chain
    if forwarded and claim.forwarded_to is not None and not _names(cover, claim):
        run.item(effect, Worklist.NEXT_PAYER, "OTHER_NEXT_PAYER", "Forwarded to another payer than the cover on file",
                 "Compare the cover with the card", claim=claim, chain_id=chain.chain_id)  # fmt: skip
    amount = _moved_to(effect, cover.bucket)
    later = live_version(chain, cover.sequence)
    if version is not None and _is_split(chain, version):
        if parts_undecided(chain, version):
            return chain  # the later payer gets one claim, with what this one decided on every part
        amount = sum((line.balances.get(cover.bucket, ZERO) for line in chain.lines), ZERO)
    if forwarded:
        return _await_crossover(run, effect, claim, chain, cover, later, amount)
    if amount:
        return _file(run, effect, claim, chain, cover, later, amount)
    return _nothing_left(run, effect, claim, chain, coverage, cover, later)


def _is_split(chain: ChainPosition, version: VersionPosition) -> bool:
    return len({one.claim_id for one in chain.versions if one.sequence == version.sequence}) > 1


def _names(cover: CoveragePosition, claim: ClaimPayment) -> bool:
    if claim.forwarded_to is None:
        return True
    theirs = {normal(claim.forwarded_to.payer_id), normal(claim.forwarded_to.name)} - {""}
    return bool(theirs & {normal(key) for key in (*cover.payer_keys, cover.payer_id)})


def _moved_to(effect: Effect, bucket: str) -> Decimal:
    return sum(
        (t.amount for t in effect.transfers if t.debit.kind is Kind.RECEIVABLE and t.debit.bucket == bucket), ZERO
    )


def _await_crossover(
    run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, cover: CoveragePosition,
    later: VersionPosition | None, amount: Decimal,
) -> ChainPosition:  # fmt: skip
    if later is not None and later.state is State.AWAIT_PRIOR:
        later = run.move(effect, later, Trigger.PRIOR_FORWARDED, segment=claim.segment)
        chain = with_version(chain, later)
    due = run.on + timedelta(days=run.context.policies.crossover_wait_days)
    effect.next_payer.append(
        NextPayerAction(
            kind=NextPayerKind.AWAIT_CROSSOVER,
            chain_id=chain.chain_id,
            sequence=cover.sequence,
            version_id=later.version_id if later else "",
            amount=amount,
            due=due,
        )  # fmt: skip
    )
    return chain


def _file(
    run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, cover: CoveragePosition,
    later: VersionPosition | None, amount: Decimal,
) -> ChainPosition:  # fmt: skip
    """AWAIT_PRIOR becomes DRAFT; what is unsent gets new COB data; what was sent is replaced."""
    kind = NextPayerKind.FILE
    if later is not None and later.state in WAITING:
        failed = later.state is State.AWAIT_CROSSOVER
        trigger = Trigger.CROSSOVER_FAILED if failed else Trigger.PRIOR_ADJUDICATED
        later = run.move(effect, later, trigger, segment=claim.segment)
        chain = with_version(chain, later)
    elif later is not None and later.state in UNSENT:
        kind = NextPayerKind.REFRESH
    elif later is not None:
        kind = NextPayerKind.REPLACE
        run.item(effect, Worklist.PRIMARY_CHANGED, "REPLACE_SECONDARY",
                 "The payer before decided anew after the later payer's claim was sent",
                 "Replace the later payer's claim with the new decision", claim=claim, chain_id=chain.chain_id)  # fmt: skip
    effect.next_payer.append(
        NextPayerAction(
            kind=kind,
            chain_id=chain.chain_id,
            sequence=cover.sequence,
            version_id=later.version_id if later else "",
            amount=amount,
        )  # fmt: skip
    )
    return chain


def _nothing_left(
    run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition,
    cover: CoveragePosition, later: VersionPosition | None,
) -> ChainPosition:  # fmt: skip
    """Paid in full by this payer: a later claim still waiting is cancelled. A denied balance keeps it waiting."""
    open_here = any(line.balances.get(coverage.bucket, ZERO) for line in chain.lines)
    if later is None or later.state not in WAITING or open_here or chain.denials:
        return chain
    later = run.move(effect, later, Trigger.NOTHING_TO_BILL, segment=claim.segment)
    effect.next_payer.append(
        NextPayerAction(
            kind=NextPayerKind.CANCEL, chain_id=chain.chain_id, sequence=cover.sequence, version_id=later.version_id
        )
    )
    return with_version(chain, later)


# COB data ------------------------------------------------------------------------------------------------------------


def net_latest(
    records: Iterable[AdjudicationRecord], reversed_records: Iterable[str] = ()
) -> dict[str, AdjudicationRecord]:
    """Per coverage sequence the last decision that stands: posted, not reversed, no report, no copy of another claim.

    Where the visit was split among several claims, the last decision on each of them, as one.
    """
    standing = standing_records(records, reversed_records)
    return {sequence: _together(decisions) for sequence, decisions in standing.items()}


def standing_records(
    records: Iterable[AdjudicationRecord], reversed_records: Iterable[str] = ()
) -> dict[str, tuple[AdjudicationRecord, ...]]:
    """Per coverage sequence the decisions that stand, one of each claim of the visit to that coverage, oldest first."""
    records = tuple(records)
    gone = set(reversed_records) | {record.reverses for record in records if record.reverses}
    standing: dict[str, tuple[AdjudicationRecord, ...]] = {}
    for record in records:
        reports = record.outcome in (ClaimOutcome.REPORT_ONLY, ClaimOutcome.TRANSFERRED, ClaimOutcome.REVERSED)
        if record.posted and record.record_id not in gone and not reports and not _is_copy(record):
            others = (one for one in standing.get(record.sequence, ()) if not _of_one_claim(one, record))
            standing[record.sequence] = (*others, record)
    return standing


def _of_one_claim(one: AdjudicationRecord, other: AdjudicationRecord) -> bool:
    return one.claim_id == other.claim_id or not (one.claim_id and other.claim_id)


def _together(records: tuple[AdjudicationRecord, ...]) -> AdjudicationRecord:
    """The decisions on the parts of a visit as one: sums, and the last day."""
    last = records[-1]
    if len(records) == 1:
        return last
    days = [record.adjudication_date for record in records if record.adjudication_date is not None]
    return msgspec.structs.replace(
        last,
        charge=sum((record.charge for record in records), ZERO),
        paid=sum((record.paid for record in records), ZERO),
        patient_responsibility=sum((record.patient_responsibility or ZERO for record in records), ZERO),
        adjustments=tuple(one for record in records for one in record.adjustments),
        remarks=tuple(dict.fromkeys(remark for record in records for remark in record.remarks)),
        lines=tuple(line for record in records for line in record.lines),
        adjudication_date=max(days, default=None),
    )


def _is_copy(record: AdjudicationRecord) -> bool:
    adjustments = [*record.adjustments, *(a for line in record.lines for a in line.adjustments)]
    return any((a.group, a.reason) == ("OA", "18") for a in adjustments)


def _liability(record: LineRecord | AdjudicationRecord) -> Decimal:
    return sum((a.amount for a in record.adjustments if a.group == "PR"), ZERO)


def prior_payment(record: AdjudicationRecord, coverage: Coverage) -> PriorPayment:
    """Loop 2320 of one prior payer. The date stands at the lines when it decided by line, else at the claim."""
    by_line = bool(record.lines)
    return PriorPayment(
        coverage=coverage,
        paid_amount=record.paid,
        adjustments=record.adjustments,
        remaining_liability=None if by_line else _liability(record),
        adjudication_date=None if by_line else record.adjudication_date,
        payer_claim_number=record.payer_claim_number,
        remarks=record.remarks,
    )


def line_adjudication(record: AdjudicationRecord, line: LineRecord) -> LineAdjudication:
    """Loop 2430 of one prior payer on one line."""
    return LineAdjudication(
        payer_id=record.payer_id,
        paid_amount=line.paid,
        procedure_code=line.procedure_code,
        procedure_qualifier=line.procedure_qualifier,
        modifiers=line.modifiers,
        units=line.units_paid if line.units_paid is not None else Decimal(1),
        adjustments=line.adjustments,
        adjudication_date=record.adjudication_date,
        remaining_liability=_liability(line),
    )


def secondary_claim(
    primary: Claim,
    destination: Coverage,
    records: Iterable[AdjudicationRecord],
    coverages: Mapping[str, Coverage],
    *,
    control_number: str,
) -> Claim:
    """The claim to a later payer: the first claim's content at full charge, with what each prior payer decided.

    `coverages` are the visit's covers by sequence; those before `destination` in it are the prior payers. A prior
    cover without a standing decision is told as known and not adjudicated.
    """
    standing = standing_records(records)
    order = list(coverages)
    prior = order[: order.index(destination.sequence)]
    payments = []
    lines: dict[str, list[LineAdjudication]] = {line.control_number: [] for line in primary.lines}
    for sequence in prior:
        decisions = standing.get(sequence, ())
        if not decisions:
            payments.append(PriorPayment(coverage=coverages[sequence], adjudicated=False))
            continue
        payments.append(prior_payment(_together(decisions), coverages[sequence]))
        payer_id = coverages[sequence].payer.payer_id
        for record in decisions:
            told = msgspec.structs.replace(record, payer_id=payer_id)
            for line in told.lines:
                lines[line.line_id].append(line_adjudication(told, line))
    claim = msgspec.structs.replace(
        primary,
        control_number=control_number,
        version=1,
        frequency="1",
        coverage=destination,
        payer_claim_number="",
        prior_payments=tuple(payments),
        lines=tuple(_told(line, lines[line.control_number]) for line in primary.lines),
    )
    # SBR05 is there where Medicare pays after another, and then it computes with what that contract leaves (CN1*09).
    return with_obligated_amount(claim) if destination.insurance_type and claim.kind == "P" else claim


def _told(line: Line, adjudications: list[LineAdjudication]) -> Line:
    return msgspec.structs.replace(line, adjudications=tuple(adjudications))
