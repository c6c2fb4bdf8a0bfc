"""Posting one payment: `post(remittance, context, lookup)` decides everything, `release` posts one held CLP later."""

from __future__ import annotations

import msgspec

from claimwright.billing.posting.automation import look_at_claim_first, look_at_payment_first
from claimwright.billing.posting.balance import imbalances
from claimwright.billing.posting.claim import REVERSAL, STATUSES, bare_record, post_claim
from claimwright.billing.posting.identity import (
    Refusal,
    gate,
    offset_subject,
    payer_key,
    payment_identity,
    practices_of,
)
from claimwright.billing.posting.match import Hold, match_chain, match_claim
from claimwright.billing.posting.plan import ClaimOutcome, Fate, Item, PostedClaim, PostingPlan, Worklist
from claimwright.billing.posting.provider_adjustments import place_of, post_provider_adjustment
from claimwright.billing.posting.reversal import close_reversals, post_reversal
from claimwright.billing.posting.run import Effect, Run
from claimwright.billing.posting.state import Lookup, PostingContext, PracticeIdentity
from claimwright.claims.nouns import ClaimPayment, ProviderAdjustment, Remittance
from claimwright.ledger.invariants import payment_is_whole, trial_balance


class PostingFault(AssertionError):
    """A plan that breaks the ledger's own rules: a defect of ours, nothing may be saved."""


def post(remittance: Remittance, context: PostingContext, lookup: Lookup) -> PostingPlan:
    """The plan of one ST. Clean claims post; each held CLP or PLB stands in Suspense, so that the sum is BPR02.

    Reversals go first wherever they stand in the payment, for a correction is only right after its reversal.
    """
    refusals = gate(remittance, context, lookup)
    if refusals:
        return _refused(remittance, context, refusals)
    run = start(remittance, context, lookup)
    for claim in sorted(remittance.claims, key=lambda claim: claim.status != REVERSAL):
        _post_or_hold(run, claim)
    for number, adjustment in enumerate(remittance.provider_adjustments, start=1):
        _adjust_or_hold(run, adjustment, number)
    close_reversals(run)
    _warn(run)
    return _plan(run, Fate.POSTED)


def start(remittance: Remittance, context: PostingContext, lookup: Lookup, *, key_prefix: str = "") -> Run:
    practices = practices_of(remittance, context.practices)
    payer = payer_key(remittance, context)
    return Run(
        remittance,
        context,
        lookup,
        payment_id=context.payment_id or payment_identity(remittance),
        practices=practices,
        payer=payer,
        subject=offset_subject(payer, remittance, practices[0]),
        key_prefix=key_prefix,
    )


def release(
    remittance: Remittance, segment: int, context: PostingContext, lookup: Lookup, *, attempt: int = 1,
    practice: PracticeIdentity | None = None,
) -> PostingPlan:  # fmt: skip
    """Post one CLP that was held, out of Suspense, by the same rules; for `practice` where a person says it is its own.

    The fate is HELD when they still hold it: then the plan has no more than the items that say why. `attempt` makes
    the keys of each release its own. The caller makes sure that the item still stands in Suspense.
    """
    claim = next(claim for claim in remittance.claims if claim.segment == segment)
    run = _release(remittance, context, lookup, f"CLP{segment}", attempt)
    if practice is not None:
        run.practices = (practice,)
    _post_or_hold(run, claim)
    close_reversals(run)
    return _released(run)


def release_provider_adjustment(
    remittance: Remittance, number: int, context: PostingContext, lookup: Lookup, *, attempt: int = 1
) -> PostingPlan:
    """Post one PLB pair that was held, as `release` does a CLP. `number` counts the payment's pairs from 1."""
    adjustment = remittance.provider_adjustments[number - 1]
    run = _release(remittance, context, lookup, place_of(adjustment, number), attempt)
    _adjust_or_hold(run, adjustment, number)
    return _released(run)


def _release(remittance: Remittance, context: PostingContext, lookup: Lookup, place: str, attempt: int) -> Run:
    payment_id = context.payment_id or payment_identity(remittance)
    run = start(remittance, context, lookup, key_prefix=f"{payment_id}/release{attempt}")
    run.released_from = run.suspense_account(place)
    return run


def _released(run: Run) -> PostingPlan:
    if not any(item.holds for item in run.effect.items):
        return _plan(run, Fate.POSTED)
    still_held = Effect()
    still_held.items = run.effect.items
    run.effect = still_held
    return _plan(run, Fate.HELD)


def _post_or_hold(run: Run, claim: ClaimPayment) -> None:
    chain = None
    try:
        if claim.status not in STATUSES:
            raise Hold(
                Worklist.STATUS, "CLAIM_STATUS",
                f"CLP at segment {claim.segment} has a status that the current guide does not know",
                "Ask the payer what it decided, then post by hand",
            )  # fmt: skip
        chain, named = match_chain(claim, run.practices, run.context, run)
        match = match_claim(claim, run.remittance, chain, named, run.payer)
        look_at_claim_first(run, claim)
        if claim.status == REVERSAL:
            post_reversal(run, claim, match)
        else:
            post_claim(run, claim, match)
    except Hold as held:
        effect = Effect()
        chain = held.chain or chain
        record = bare_record(run, claim, chain)
        if held.chain is not None and claim.status == REVERSAL:
            sequences = run.current(held.chain).held_reversals
            record = msgspec.structs.replace(record, sequence=sequences[-1] if sequences else "")
        effect.records.append(msgspec.structs.replace(record, posted=False, outcome=ClaimOutcome.HELD.value))
        effect.claims.append(
            PostedClaim(
                segment=claim.segment,
                control_number=claim.control_number,
                chain_id=chain.chain_id if chain else "",
                outcome=ClaimOutcome.HELD,
                charge=claim.charge,
                paid=claim.paid,
            )  # fmt: skip
        )
        run.hold(
            effect, place=f"CLP{claim.segment}", segment=claim.segment, amount=claim.paid, worklist=held.worklist,
            code=held.code, reason=held.reason, fix=held.fix, control_number=claim.control_number,
            chain_id=chain.chain_id if chain else "",
        )  # fmt: skip
        run.effect.merge(effect)


def _adjust_or_hold(run: Run, adjustment: ProviderAdjustment, number: int) -> None:
    try:
        look_at_payment_first(run)
        post_provider_adjustment(run, adjustment, number)
    except Hold as held:
        effect = Effect()
        run.hold(
            effect, place=place_of(adjustment, number), segment=adjustment.segment, amount=-adjustment.amount,
            worklist=held.worklist, code=held.code, reason=held.reason, fix=held.fix,
        )  # fmt: skip
        run.effect.merge(effect)


def _warn(run: Run) -> None:
    for fault in imbalances(run.remittance):
        run.item(run.effect, Worklist.REVIEW, fault.code, fault.says, "Compare with the payer's own statement",
                 segment=fault.segment, amount=fault.difference)  # fmt: skip


def _plan(run: Run, fate: Fate) -> PostingPlan:
    effect = run.effect
    breaches = trial_balance(effect.transfers)
    if run.released_from is None:
        breaches += payment_is_whole(effect.transfers, run.payment_id, run.remittance.amount)
    if breaches:
        raise PostingFault(f"{breaches[0].invariant} does not hold: off by {breaches[0].difference}")
    return PostingPlan(
        fate=fate,
        identity=payment_identity(run.remittance),
        payment_id=run.payment_id,
        practice_id=run.practice.practice_id,
        payer_key=run.payer,
        offset_subject=run.subject,
        amount=run.remittance.amount,
        transfers=tuple(effect.transfers),
        records=tuple(effect.records),
        reversed_records=tuple(effect.reversed_records),
        claims=tuple(effect.claims),
        events=tuple(effect.events),
        denials=tuple(effect.denials),
        denial_updates=tuple(effect.denial_updates),
        items=tuple(effect.items),
        suspense=tuple(effect.suspense),
        offsets=tuple(effect.offsets),
        acknowledged_refunds=tuple(effect.acknowledged_refunds),
        next_payer=tuple(effect.next_payer),
        statement_holds=tuple(effect.statement_holds),
        refund_holds=tuple(effect.refund_holds),
        payer_claim_numbers=tuple(effect.payer_claim_numbers),
    )


def _refused(remittance: Remittance, context: PostingContext, refusals: tuple[Refusal, ...]) -> PostingPlan:
    """Nothing posts: the first reason decides the fate, all of them stand on the worklist."""
    first = refusals[0]
    return PostingPlan(
        fate=first.fate,
        identity=payment_identity(remittance),
        payment_id=context.payment_id or payment_identity(remittance),
        amount=remittance.amount,
        reason=first.reason,
        place=first.place,
        fix=first.fix,
        items=tuple(
            Item(
                worklist=refusal.worklist,
                code=refusal.code,
                reason=refusal.reason,
                fix=refusal.fix,
                segment=refusal.segment,
                amount=remittance.amount,
                holds=True,
            )  # fmt: skip
            for refusal in refusals
        ),
    )
