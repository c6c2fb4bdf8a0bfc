"""Held items of a posted payment: posted out of Suspense by the same rules, once what held them is put right."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claimwright.billing import posting as rules
from claimwright.billing.posting.plan import Fate, PostingPlan
from claimwright.billing.posting.state import IssuedRefund, PostingContext
from claimwright.claims.nouns import Remittance as RemittanceNoun
from claimwright.ledger.accounts import Account
from claimwright.web.accounts.services import post_transfers
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import next_number, record_audit
from claimwright.web.payments import models
from claimwright.web.payments.held_places import HELD, off_the_credits, settle_item
from claimwright.web.payments.next_payer import carry_out, crossovers_answered
from claimwright.web.payments.positions import DatabaseLookup, posting_context
from claimwright.web.payments.posting import offset_settled, reversal_of, save_decisions, save_items, save_records
from claimwright.web.practice.models import Practice
from claimwright.web.submissions.scrubbing import scrub

RELEASED = "released"
POSTED_STATES = (models.Remittance.State.POSTED, models.Remittance.State.PARTIAL)


class ReleaseRefused(ValueError):
    """The item is not held any more, or the rules still hold it; the text says which. Nothing was changed."""


class ChosenRefund(DatabaseLookup):
    """Of the checks to the payer just the one that a person found."""

    def __init__(self, remittance: RemittanceNoun, refund: models.Refund) -> None:
        super().__init__(remittance)
        self.refund = refund

    def issued_refunds(self, subject: str) -> tuple[IssuedRefund, ...]:
        return tuple(one for one in super().issued_refunds(subject) if one.refund_id == str(self.refund.pk))


def release_held(*, claim_payment: models.ClaimPayment, practice: Practice | None = None) -> PostingPlan:
    """Post one held CLP. Raises ReleaseRefused, and then nothing changed. Runs in the caller's transaction.

    `practice` is another one of the tenant than the payee: see `assignments.assign_to_practice`.
    """
    remittance, noun = locked_payment(claim_payment.remittance_id)
    row = models.ClaimPayment.objects.select_for_update(of=("self",)).get(pk=claim_payment.pk)
    _check(remittance, row.state)
    asked = msgspec.structs.replace(
        noun, claims=tuple(claim for claim in noun.claims if claim.segment == row.segment), provider_adjustments=()
    )
    context, attempt = _surroundings(remittance, noun)
    own = next((one for one in context.practices if practice and one.practice_id == str(practice.pk)), None)
    plan = rules.release(noun, row.segment, context, DatabaseLookup(asked), attempt=attempt, practice=own)
    _check_plan(plan)
    post_transfers(transfers=plan.transfers)
    _save_claim_payment(row, plan)
    _save_effects(remittance, plan, attempt)
    row.remittance = remittance
    settle_item(row, "Released")
    off_the_credits(row, "It was released: it is ours")
    _close(remittance, "claim_payment", row)
    return plan


def release_provider_adjustment(
    *,
    adjustment: models.ProviderAdjustment,
    account: Account | None = None,
    refund: models.Refund | None = None,
) -> PostingPlan:
    """Post one held PLB pair. Raises ReleaseRefused.

    `account` is where a code without an account of its own goes; `refund` is the check that a 72 acknowledges.
    """
    remittance, noun = locked_payment(adjustment.remittance_id)
    row = models.ProviderAdjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.pk)
    _check(remittance, row.state)
    entry = noun.provider_adjustments[row.ordinal - 1]
    asked = msgspec.structs.replace(noun, claims=(), provider_adjustments=(entry,))
    mapped: Mapping[str, Account] = {row.code: account} if account is not None else {}
    context, attempt = _surroundings(remittance, noun, mapped)
    lookup = DatabaseLookup(asked) if refund is None else ChosenRefund(asked, refund)
    plan = rules.release_provider_adjustment(noun, row.ordinal, context, lookup, attempt=attempt)
    _check_plan(plan)
    post_transfers(transfers=plan.transfers)
    row.state, row.offset_subject = RELEASED, plan.offset_subject[:80]
    row.settles = next((offset_settled(movement) for movement in plan.offsets), None)
    row.save(update_fields=["state", "offset_subject", "settles"])
    _save_effects(remittance, plan, attempt)
    row.remittance = remittance
    settle_item(row, "Released")
    off_the_credits(row, "It was released: it is ours")
    _close(remittance, "provider_adjustment", row)
    return plan


def locked_payment(remittance_id: object) -> tuple[models.Remittance, RemittanceNoun]:
    """Two people who release items of one payment take turns."""
    row = models.Remittance.objects.select_for_update(of=("self",)).select_related("part__file").get(pk=remittance_id)
    return row, msgspec.convert(row.content, RemittanceNoun)


def _check(remittance: models.Remittance, state: str) -> None:
    if state != HELD or remittance.state not in POSTED_STATES:
        raise ReleaseRefused("it is not held: somebody has released it, or its payment never posted")


def _surroundings(
    remittance: models.Remittance, noun: RemittanceNoun, accounts: Mapping[str, Account] | None = None
) -> tuple[PostingContext, int]:
    context = posting_context(noun, payment_id=remittance.number)
    if accounts:
        known = {**context.provider_adjustment_accounts, **accounts}
        context = msgspec.structs.replace(context, provider_adjustment_accounts=known)
    return context, next_number(name="release")


def _check_plan(plan: PostingPlan) -> None:
    if plan.fate is not Fate.POSTED:
        held = next(item for item in plan.items if item.holds)
        raise ReleaseRefused(f"{held.reason}. {held.fix}.")


def _save_claim_payment(row: models.ClaimPayment, plan: PostingPlan) -> None:
    """The row as if it had posted today; its adjustments by line are known only now."""
    (record,) = plan.records
    (posted,) = plan.claims
    row.state, row.outcome, row.worklist, row.reason = RELEASED, posted.outcome.value, "", ""
    row.version_id, row.encounter_id = posted.version_id or None, record.chain_id or None
    row.record_id, row.working = record.record_id, msgspec.to_builtins(record)
    row.posted_on, row.posting_order = clock.today(), next_number(name="claim_payment")
    row.save()
    # What stood on the claim was kept when it was held, and such rows are only ever added.
    known = row.records.filter(line_id="").exists()
    save_records({record.record_id: row}, [msgspec.structs.replace(record, adjustments=()) if known else record])


def _save_effects(remittance: models.Remittance, plan: PostingPlan, attempt: int) -> None:
    save_decisions(plan, evidence=remittance.part)
    rows = {row.record_id: row for row in models.ClaimPayment.objects.filter(remittance=remittance)}
    for record_id in plan.reversed_records:
        original = models.ClaimPayment.objects.get(record_id=record_id)
        original.reversed_by = reversal_of(plan, record_id, rows)
        original.save(update_fields=["reversed_by"])
    save_items(remittance, remittance.part, plan, prefix=f"{remittance.number}:release{attempt}")
    ready = carry_out(actions=plan.next_payer)
    crossovers_answered(events=plan.events)
    scrub(version_ids=ready)


def _close(remittance: models.Remittance, subject: str, row: models.ClaimPayment | models.ProviderAdjustment) -> None:
    waiting = (remittance.claim_payments, remittance.provider_adjustments)
    if not any(rows.filter(state=HELD).exists() for rows in waiting):
        remittance.state = models.Remittance.State.POSTED
        remittance.save(update_fields=["state"])
    record_audit(action="remittance.released", subject_type=subject, subject_id=row.pk, detail=remittance.number)


def holds_money(*, item: WorkItem) -> bool:
    """Whether the item speaks of a held claim payment or provider adjustment whose money still stands in Suspense."""
    if item.subject_type != "claim_payment" or not item.segment:
        return False
    held = models.ClaimPayment.objects.filter(remittance_id=item.subject_id, segment=item.segment, state=HELD)
    if item.claim_number:
        return held.exists()
    return held.exists() or models.ProviderAdjustment.objects.filter(remittance_id=item.subject_id, state=HELD).exists()
