"""No cent is forgotten after a payer's decision: what is open in its bucket and on no list comes onto one.

A decision can leave money open that no denial names: a duplicate that nobody looked into, a second payer that paid before
the first one changed its mind, an item of a list that was closed and left the balance. Each comes up here, and again
until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from claimwright.billing.lifecycle import State
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Denial
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.positions import OPEN_DENIALS
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.models import ClaimVersion

DECIDED = (State.ADJUDICATED, State.CLOSED)


def list_open_after_decision() -> int:
    """Decided claims with open money on no list, some days after the decision; how many came up. Again changes nothing."""
    listed = 0
    for practice in Practice.objects.order_by("npi"):
        days = timedelta(days=policies_of(practice).open_after_decision_days)
        rows = ClaimVersion.objects.filter(
            newest=True, state__in=DECIDED, claim__practice=practice, claim__money__balance__gt=0,
            last_adjudicated__lte=clock.today() - days,
        ).select_related("claim__money")  # fmt: skip
        versions = list(rows.order_by("control_number"))
        shown = _shown(versions, clock.begins(clock.today() - days + timedelta(days=1)))
        for version in versions:
            if version.pk not in shown:
                _list(version)
                listed += 1
    _settled()
    return listed


def _key(version_id: object) -> str:
    return f"open-after-decision:{version_id}"


def _list(version: ClaimVersion) -> None:
    raise_work_item(
        worklist=Worklist.OPEN_AFTER_DECISION, key=_key(version.pk), reason_code="OPEN_BALANCE",
        amount=version.claim.money.balance, claim_number=version.control_number, subject_type="claim_version",
        subject_id=version.pk, practice_id=version.claim.practice_id, reopen=True,
        reason="The payer has decided, money is open in its bucket, and no denial, appeal or other list shows it",
        what_to_do="Ask the payer why; then correct, appeal, bill the next payer, or write off with the reason",
    )  # fmt: skip


def _shown(versions: Iterable[ClaimVersion], since: datetime) -> set[object]:
    """Versions that somebody has before him anyway: by an open item, a denial at work, or a write-off asked for. What was
    closed here within the days is left alone so long."""
    rows = {version.pk: version for version in versions}
    encounters = {str(version.claim.encounter_id): version.pk for version in rows.values()}
    numbers = {version.control_number: version.pk for version in rows.values()}
    found: set[object] = set()
    items = WorkItem.objects.filter(
        ~Q(state=WorkItem.State.DONE) | Q(worklist=Worklist.OPEN_AFTER_DECISION, resolved_at__gte=since)
    ).filter(
        Q(claim_number__in=numbers) | Q(subject_id__in=[str(pk) for pk in rows]) | Q(subject_id__in=encounters)
    )  # fmt: skip
    by_id = {str(pk): pk for pk in rows}
    for number, subject in items.values_list("claim_number", "subject_id"):
        found |= {pk for pk in (numbers.get(number), by_id.get(subject), encounters.get(subject)) if pk}
    denied = Denial.objects.filter(state__in=OPEN_DENIALS, version__claim__encounter__in=list(encounters))
    found |= {encounters[str(one)] for one in denied.values_list("version__claim__encounter_id", flat=True)}
    lines = dict(ChargeLine.objects.filter(encounter__in=list(encounters)).values_list("line_id", "encounter_id"))
    asked = WriteOff.objects.filter(state="REQUESTED", line_id__in=list(lines)).values_list("line_id", flat=True)
    return found | {encounters[str(lines[line_id])] for line_id in asked}


def _settled() -> None:
    """Items whose claim has nothing open any more leave the list."""
    items = WorkItem.objects.filter(worklist=Worklist.OPEN_AFTER_DECISION).exclude(state=WorkItem.State.DONE)
    ids = dict(items.values_list("subject_id", "key"))
    still = ClaimVersion.objects.filter(pk__in=list(ids), newest=True, claim__money__balance__gt=0)
    open_ids = {str(pk) for pk in still.values_list("pk", flat=True)}
    keys = [key for subject, key in ids.items() if subject not in open_ids]
    if keys:
        resolve_work_items(keys=keys, resolution="nothing is open any more")
