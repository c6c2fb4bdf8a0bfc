"""What is posted and still wants a person's eye: no item here stops money, each says what to look at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from claimwright.billing.denials import refine
from claimwright.billing.posting.balance import all_adjustments
from claimwright.billing.posting.classify import FEE_SCHEDULE, PRIOR_PAYER, SEQUESTRATION, PostingClass
from claimwright.billing.posting.decide import LineDecision
from claimwright.billing.posting.plan import StatementHold, Worklist
from claimwright.billing.posting.run import Effect, Run
from claimwright.billing.posting.state import ChainPosition, CoveragePosition
from claimwright.claims.nouns import ZERO, ClaimPayment
from claimwright.codes.denials import rarc_rule
from claimwright.codes.money import money

PAYER_INITIATED = "PI"
MANDATED = "223"
REVIEWED_CLASSES: dict[PostingClass, tuple[str, str, str]] = {
    PostingClass.MISPLACED: (
        "PATIENT_SHARE_NOT_PR",
        "A patient-share code stands in a group that is not the patient's; nothing was moved",
        "Ask the payer who owes it, then move or adjust it",
    ),
    PostingClass.TO_PATIENT: (
        "PAID_TO_PATIENT",
        "The payer paid the patient",
        "Tell the patient to bring the payment, and check assignment with the payer",
    ),
    PostingClass.DUPLICATE: (
        "DUPLICATE_CLAIM",
        "The payer holds this for a copy of a claim it has",
        "Look at the original claim's status; do not send it again unchanged",
    ),
    PostingClass.TRACK: (
        "TRANSFERRED",
        "The payer sent the claim on to the right payer",
        "Put the new payer on the visit and follow the claim there",
    ),
}


def review(
    run: Run,
    effect: Effect,
    claim: ClaimPayment,
    chain: ChainPosition,
    coverage: CoveragePosition,
    decisions: Sequence[LineDecision],
) -> None:
    """Items for what was posted; `chain` is as it stands after the CLP."""
    for decision in decisions:
        line_id = decision.line.line_id
        for decided in decision.all:
            _adjustment(run, effect, claim, chain, coverage, decision, decided.does, decided.adjustment.group,
                        decided.adjustment.reason, decided.adjustment.amount)  # fmt: skip
        balance = next(line.balances.get(coverage.bucket, ZERO) for line in chain.lines if line.line_id == line_id)
        if balance < 0:
            run.item(effect, Worklist.CREDIT_BALANCE, "PAYER_CREDIT", f"The payer paid {-balance} more than was open",
                     "Find out why before refunding: paid twice, or paid as if first", claim=claim,
                     chain_id=chain.chain_id, line_id=line_id, amount=-balance)  # fmt: skip
    if any(adjustment.group == PAYER_INITIATED for adjustment in all_adjustments(claim)):
        run.item(effect, Worklist.REVIEW, "PAYER_INITIATED", "The payer reduced on its own initiative",
                 "Check the contract; dispute it if it does not allow the reduction", claim=claim,
                 chain_id=chain.chain_id)  # fmt: skip
    _blocked(effect, chain, claim, decisions)
    _corrections(run, effect, claim, chain)


def _adjustment(
    run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition, coverage: CoveragePosition,
    decision: LineDecision, does: PostingClass, group: str, reason: str, amount: Decimal,
) -> None:  # fmt: skip
    """The items one adjustment calls for."""

    def item(code: str, says: str, fix: str) -> None:
        run.item(effect, Worklist.REVIEW, code, says, fix, claim=claim, chain_id=chain.chain_id,
                 line_id=decision.line.line_id, segment=decision.record.segment, amount=amount)  # fmt: skip

    if does in REVIEWED_CLASSES:
        item(*REVIEWED_CLASSES[does])
    if reason == FEE_SCHEDULE and does is PostingClass.DENIAL:
        item("WHOLE_CHARGE_45", "The whole charge is called above the fee schedule; taken as a denial",
             "Ask the payer for the right reason, or appeal with the contract")  # fmt: skip
    if reason == MANDATED:
        item("MANDATED", "An adjustment said to be required by law was posted", "Check that the law applies here")
    if does is PostingClass.DENIAL and refine(group, reason, decision.remarks).remark_missing:
        item("REMARK_MISSING", "The code says nothing without a remark code, and none came", "Call the payer")
    if does is PostingClass.TRANSFER and chain.is_qmb and _is_last(chain, coverage):
        item("QMB_NO_MEDICAID", "A patient share of a QMB, and no Medicaid cover: it stays with the payer",
             "Find the Medicaid cover and bill it; never the patient")  # fmt: skip
    if reason == PRIOR_PAYER:
        expected = prior_impact(chain, coverage, decision.line.line_id)
        if expected is not None and expected != amount:
            item("PRIOR_IMPACT", f"The stated impact of prior payers differs from theirs by {amount - expected}",
                 "Compare with the first payer's remittance; send a correction if this payer used wrong data")  # fmt: skip
    retired = run.context.retired_reasons.get(reason)
    if retired is not None and retired <= (run.remittance.production_date or run.on):
        item("RETIRED_CARC", "The reason code was retired before this remittance", "Tell the payer; posted by its row")
    if reason == SEQUESTRATION and amount > 0:
        policies = run.context.policies
        right = money((decision.paid + amount) * policies.sequestration_share)
        if abs(right - amount) > policies.sequestration_tolerance_amount:
            item("SEQUESTRATION", f"Sequestration differs from its share of the payment by {amount - right}",
                 "Compare with the payer's fee schedule")  # fmt: skip


def _is_last(chain: ChainPosition, coverage: CoveragePosition) -> bool:
    later = chain.coverages[chain.coverages.index(coverage) + 1 :]
    return not any(cover.active for cover in later)


def prior_impact(chain: ChainPosition, coverage: CoveragePosition, line_id: str) -> Decimal | None:
    """What the payers before this one paid and adjusted on a line, the patient's share left out; None without record."""
    order = [cover.sequence for cover in chain.coverages]
    before = set(order[: order.index(coverage.sequence)])
    records = [
        line
        for posting in chain.postings
        if posting.record.posted and not posting.reversed and posting.record.sequence in before
        for line in posting.record.lines
        if line.line_id == line_id
    ]
    if not records:
        return None
    taken = (a.amount for line in records for a in line.adjustments if a.group != "PR" and a.reason != PRIOR_PAYER)
    return sum((line.paid for line in records), ZERO) + sum(taken, ZERO)


def _blocked(effect: Effect, chain: ChainPosition, claim: ClaimPayment, decisions: Sequence[LineDecision]) -> None:
    """A remark that forbids billing the patient holds the statement."""
    remarks = {*claim.remarks, *(remark for decision in decisions for remark in decision.remarks)}
    for remark in sorted(remarks):
        rule = rarc_rule(remark)
        if rule is not None and "no_patient_bill" in rule.effects:
            effect.statement_holds.append(StatementHold(chain_id=chain.chain_id, reason=f"remark {remark}"))


def _corrections(run: Run, effect: Effect, claim: ClaimPayment, chain: ChainPosition) -> None:
    """Corrected insured and priority payer become tasks; the registration is never overwritten."""
    if claim.corrected_insured is not None or claim.corrected_member_id:
        run.item(effect, Worklist.REVIEW, "CORRECTED_INSURED", "The payer corrects the insured's name or id",
                 "Compare with the card and change the coverage", claim=claim, chain_id=chain.chain_id)  # fmt: skip
    if claim.priority_payer is not None:
        run.item(effect, Worklist.REVIEW, "PRIORITY_PAYER", "The payer says that another payer comes first",
                 "Verify the order of coverage, then bill the right payer", claim=claim, chain_id=chain.chain_id)  # fmt: skip
