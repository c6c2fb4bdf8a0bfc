"""A remittance held because its identity came before: called a duplicate, or posted by the word of two people.

The bytes and the row stay whatever is decided. What the auditor asks of a second payment of one identity stands in the
row: the decision, who asked for it, who approved it, why, and the suffix that tells it from the first.
"""

from __future__ import annotations

import msgspec
from django.db import connection

from claimwright.billing.posting.identity import identity_parts, payment_identity
from claimwright.billing.posting.plan import Fate, PostingPlan
from claimwright.billing.posting.post import post
from claimwright.billing.posting.resend import ResendRefused, correction
from claimwright.billing.posting.state import PaymentSeen
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO
from claimwright.claims.nouns import Remittance as RemittanceNoun
from claimwright.web.core import clock
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import actor, record_audit, resolve_work_items
from claimwright.web.exchange.models import InboxPart
from claimwright.web.payments import models
from claimwright.web.payments.next_payer import carry_out, crossovers_answered
from claimwright.web.payments.positions import DatabaseLookup, posting_context
from claimwright.web.payments.posting import announce_payment, claim_payment_fingerprint, save_items, save_plan
from claimwright.web.payments.release import POSTED_STATES, ReleaseRefused
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.scrubbing import scrub

DUPLICATE, SEPARATE, RESEND = "DUPLICATE", "SEPARATE", "RESEND"
DECISIONS = {
    DUPLICATE: "The same payment again: nothing posts",
    SEPARATE: "A payment of its own: the number was used again, or the remittance was split",
    RESEND: "The earlier one put right: only the claims that differ are posted anew",
}
POSTING = (SEPARATE, RESEND)


class DecidedLookup(DatabaseLookup):
    """Answers as before, but the identity is settled by a person."""

    def payment_identity(self, identity: str) -> PaymentSeen | None:
        return None


def dismiss_held(*, remittance: models.Remittance, reason: str) -> models.Remittance:
    """A duplicate by a person's word: nothing posts, the row and its bytes stay to be seen. Raises ReleaseRefused."""
    row = _held(remittance, reason)
    row.state, row.decision, row.decided_by, row.approved_by = models.Remittance.State.DUPLICATE, DUPLICATE, actor(), ""
    row.decided_on, row.decision_reason, row.earlier = clock.today(), reason.strip(), _earlier(row)
    row.save()
    _decided(row, InboxPart.Fate.DUPLICATE, "Called a duplicate")
    return row


def ask_to_post_held(*, remittance: models.Remittance, decision: str, reason: str) -> models.Remittance:
    """Ask for SEPARATE or RESEND; nothing moves until another person approves it. Raises ReleaseRefused."""
    if decision not in POSTING:
        raise ReleaseRefused("choose what this payment is")
    row = _held(remittance, reason)
    row.decision, row.decided_by, row.decision_reason, row.decided_on = decision, actor(), reason.strip(), None
    row.save(update_fields=["decision", "decided_by", "decision_reason", "decided_on"])
    record_audit(action=f"remittance.asked_{decision.lower()}", subject_type="remittance", subject_id=row.pk)
    return row


def withdraw_held(*, remittance: models.Remittance) -> models.Remittance:
    """The request is taken back, and the payment waits as before. Raises ReleaseRefused."""
    row = _locked(remittance)
    if row.state != models.Remittance.State.HELD or not row.decision:
        raise ReleaseRefused("nobody has asked to post it")
    row.decision = row.decided_by = row.decision_reason = ""
    row.save(update_fields=["decision", "decided_by", "decision_reason"])
    record_audit(action="remittance.decision_withdrawn", subject_type="remittance", subject_id=row.pk)
    return row


def approve_held(*, remittance: models.Remittance, approver: User) -> PostingPlan:
    """Post as was asked, under an identity of its own. Raises ReleaseRefused, and then nothing changed."""
    row = _locked(remittance)
    if row.state != models.Remittance.State.HELD or row.decision not in POSTING:
        raise ReleaseRefused("nobody has asked to post it, or it was decided already")
    if is_one_person(row.decided_by, approver.get_username()):
        raise ReleaseRefused("who asks for it does not approve it")
    noun = msgspec.convert(row.content, RemittanceNoun)
    with connection.cursor() as cursor:  # as posting does: two payments of one identity take turns
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", ["|".join(identity_parts(payment_identity(noun)))]
        )
    row.earlier = _earlier(row)
    wanted = _as_resend(row, noun) if row.decision == RESEND else _as_separate(row, noun)
    plan = post(wanted, posting_context(wanted, payment_id=row.number, looked_at=True), DecidedLookup(wanted))
    held = next((item for item in plan.items if item.holds), None)
    if plan.fate is not Fate.POSTED or (held is not None and row.decision == RESEND):
        says = plan.reason or (f"{held.reason}. {held.fix}" if held else "the rules do not post it")
        raise ReleaseRefused(says)
    row.state = models.Remittance.State.PARTIAL if held else models.Remittance.State.POSTED
    row.identity_suffix = _suffix(row) if row.earlier else ""
    row.approved_by, row.decided_on, row.posted_at = approver.get_username(), clock.today(), clock.now()
    row.payer = row.payer or Payer.objects.filter(key=plan.payer_key).first()
    row.practice_id = row.practice_id or plan.practice_id
    if row.decision == RESEND:  # its money is the earlier one's
        row.amount, row.bank_state = ZERO, "NO_FUNDS"
    row.save()
    save_plan(row, row.part, wanted, plan)
    save_items(row, row.part, plan, prefix=f"{row.number}:decided")
    announce_payment(row)
    ready = carry_out(actions=plan.next_payer)
    crossovers_answered(events=plan.events)
    scrub(version_ids=ready)
    _decided(row, InboxPart.Fate.POSTED, "Posted by the word of two people")
    return plan


def _as_separate(row: models.Remittance, noun: RemittanceNoun) -> RemittanceNoun:
    trace = "|".join((row.trace_payer_id, row.trace_number))
    marks = [claim_payment_fingerprint(claim, trace) for claim in noun.claims]
    again = models.ClaimPayment.objects.filter(
        fingerprint__in=marks, state__in=["posted", "released", "report_only"], reversed_by__isnull=True
    )
    if again.exists():
        raise ReleaseRefused("a claim of it was posted with the earlier payment: it is that one sent again")
    return noun


def _as_resend(row: models.Remittance, noun: RemittanceNoun) -> RemittanceNoun:
    if row.earlier is None:
        raise ReleaseRefused("no earlier payment of this identity is posted")
    try:
        return correction(msgspec.convert(row.earlier.content, RemittanceNoun), noun)
    except ResendRefused as refused:
        raise ReleaseRefused(str(refused)) from None


def _same_identity(row: models.Remittance) -> list[models.Remittance]:
    found = models.Remittance.objects.filter(
        trace_payer_id=row.trace_payer_id, trace_number=row.trace_number, payee_id=row.payee_id,
        state__in=POSTED_STATES,
    ).exclude(pk=row.pk)  # fmt: skip
    return list(found.order_by("posted_at", "number"))


def _earlier(row: models.Remittance) -> models.Remittance | None:
    """The payment this one would put right: the last posted of its identity."""
    found = _same_identity(row)
    return found[-1] if found else None


def _suffix(row: models.Remittance) -> str:
    return str(len(_same_identity(row)) + 1)


def earlier_of(remittance: models.Remittance) -> models.Remittance | None:
    """The posted payment of the same identity, for the page to compare with."""
    return remittance.earlier or _earlier(remittance)


def _locked(remittance: models.Remittance) -> models.Remittance:
    rows = models.Remittance.objects.select_for_update(of=("self",)).select_related("part__file")
    return rows.get(pk=remittance.pk)


def _held(remittance: models.Remittance, reason: str) -> models.Remittance:
    row = _locked(remittance)
    if row.state != models.Remittance.State.HELD:
        raise ReleaseRefused("it is not held: somebody has decided it")
    if not reason.strip():
        raise ReleaseRefused("say why")
    return row


def _decided(row: models.Remittance, fate: InboxPart.Fate, says: str) -> None:
    part = row.part
    part.fate, part.reason, part.decided_at = fate, f"{says}: {row.decision_reason}", clock.now()
    part.save(update_fields=["fate", "reason", "decided_at"])
    items = WorkItem.objects.filter(subject_id=str(row.pk), worklist="remittance_conflicts")
    keys = [*items.values_list("key", flat=True), f"remittance:{part.pk}"]
    resolve_work_items(keys=keys, resolution=f"{says}: {row.decision_reason}"[:500])
    record_audit(
        action=f"remittance.{row.decision.lower()}", subject_type="remittance", subject_id=row.pk,
        detail=f"{row.number}, asked by {row.decided_by}",
    )  # fmt: skip
