"""Following at the end of the day: crossovers that never came, who is overdue, questions (276); and answers out of files."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max

from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.from_x12.status import status_response
from claimwright.web.core import clock
from claimwright.web.core.services import resolve_work_items
from claimwright.web.exchange.models import InboxPart
from claimwright.web.followup.answering import take_status_answers
from claimwright.web.followup.asking import give_up_unanswered, prepare_status_batches
from claimwright.web.followup.contacts import list_contacts_due
from claimwright.web.followup.watching import look_again
from claimwright.web.operations.acknowledgements import AckResult
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.payments.next_payer import crossover_key, rebuild
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
from claimwright.web.submissions.moves import move
from claimwright.web.submissions.scrubbing import scrub
from claimwright.x12 import Transaction

HELD = "held"


class FollowReport(msgspec.Struct):
    """One day of following: versions looked at and listed by step, questions made, files of them, crossovers given up,
    contacts due, questions nobody answered, and versions without a next step (always none)."""

    looked: int = 0
    listed: dict[str, int] = {}
    asked: int = 0
    files: int = 0
    crossovers_failed: int = 0
    contacts: int = 0
    unanswered: int = 0
    stuck: int = 0


def follow_claims() -> FollowReport:
    """In the open tenant scope, once a day; doing it again on the same day changes nothing. Its questions wait in the
    outbox for the next sending."""
    report = FollowReport(crossovers_failed=fail_crossovers())
    with transaction.atomic():
        report.unanswered = give_up_unanswered()
        looked = look_again(held=_held())
        report.contacts = list_contacts_due()
    report.looked, report.listed, report.asked, report.stuck = looked.looked, looked.listed, looked.asked, looked.stuck
    report.files = len(prepare_status_batches())
    return report


def _held() -> set[UUID]:
    rows = ClaimPayment.objects.filter(state=HELD, version__isnull=False).exclude(version__state=State.CLOSED)
    return {pk for pk in rows.values_list("version_id", flat=True) if pk is not None}


def fail_crossovers() -> int:
    """Claims that the payer before forwarded, whose payer said nothing in the policy's days: they go out from here."""
    waiting = ClaimVersion.objects.filter(state=State.AWAIT_CROSSOVER).select_related("claim__practice")
    versions = list(waiting.defer("content").order_by("control_number"))
    events = ClaimEvent.objects.filter(version__in=versions, moved=True, to_state=State.AWAIT_CROSSOVER)
    since = dict(events.values_list("version").annotate(last=Max("on")))
    failed = 0
    for version in versions:
        days = policies_of(version.claim.practice).crossover_wait_days
        start = since.get(version.pk, version.created_on)
        if start + timedelta(days=days) <= clock.today():
            file_ourselves(version=version, why=f"no answer to the crossover in {days} days")
            failed += 1
    return failed


@transaction.atomic
def file_ourselves(*, version: ClaimVersion, why: str) -> None:
    """A claim whose crossover is not waited for: with what the payers before it decided, and through the edits like any
    other. Raises StepRefused where it does not wait for one."""
    move(version=version, trigger=Trigger.CROSSOVER_FAILED, note=why)
    rebuild(version_id=version.pk)
    resolve_work_items(
        keys=[crossover_key(version.claim.encounter_id, version.claim.sequence)],
        resolution=f"{why}: the claim goes out from here"[:500],
    )
    scrub(version_ids=[version.pk])


def apply_status_answers(*, part: InboxPart, transaction: Transaction | None) -> AckResult:
    """One 277 in the caller's transaction. One of which nothing fits a question is held, on its worklist."""
    if transaction is None:
        return AckResult(fate=InboxPart.Fate.HELD, reason="It has no transaction that can be read")
    taken = take_status_answers(response=status_response(transaction).noun, part=part)
    fate = InboxPart.Fate.ACKNOWLEDGED if taken.attached else InboxPart.Fate.HELD
    return AckResult(
        fate=fate, moved=taken.moved, rejected=taken.rejected, orphans=taken.orphans,
        reason=f"{taken.attached} answers, {taken.orphans} that fit no question of ours",
    )  # fmt: skip
