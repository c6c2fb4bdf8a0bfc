"""The supervisor's desk: what nobody could mend in time is given up with its reason, and rules that denials ask for.

A claim that its payer refuses again and again has no such member: the patient is asked. One that no record can mend is
not sent, and what it asked for is written off as our own mistake, by two people.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.billing.lifecycle import State, Trigger
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import RuleProposal
from claimwright.web.denials.prevention import accept_proposal, decline_proposal
from claimwright.web.payments import services as money
from claimwright.web.payments.models import WriteOff
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import move

LISTS = (Worklist.RULE_PROPOSALS, Worklist.INTAKE_PROBLEMS)
MENDED_WITHIN_DAYS = 30
VERSIONS_TRIED = 3
NOT_COVERED = ("SUB10", "SUB11")  # edits that say the payer does not cover the day
ACCEPTED_SHARE = Decimal("0.6")


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-supervisor"):
        late = day - timedelta(days=MENDED_WITHIN_DAYS)
        for version in _rows(state=State.EDIT_HOLD, created_on__lte=late):
            attempt(counts, "holds given up", lambda version=version: _give_up(version))
        refused = _rows(state__in=[State.CH_REJECTED, State.PAYER_REJECTED], number__gte=VERSIONS_TRIED)
        for version in refused:
            attempt(counts, "rejections given up", lambda version=version: _ask_patient(version))
        proposals = RuleProposal.objects.filter(state="open")
        for row in proposals.order_by("pattern"):
            _decide(place, row, counts)
        for item in items(place, day, (Worklist.INTAKE_PROBLEMS,), after_days=5):
            resolve_work_items(keys=[item.key], resolution="the front desk enters the visit by hand")
            counts["intake problems read"] += 1
    return counts


def _rows(**which: object) -> list[ClaimVersion]:
    rows = ClaimVersion.objects.filter(**which).select_related("claim__encounter__patient")
    return list(rows.order_by("control_number", "number"))


def _give_up(version: ClaimVersion) -> None:
    uncovered = version.findings.filter(open=True, edit_id__in=NOT_COVERED).exists()
    move(version=version, trigger=Trigger.CANCEL, note="no record says how to mend it")
    if uncovered:
        _ask_patient(version, "no active coverage")
        return
    encounter, bucket = version.claim.encounter, version.claim.bucket
    lines = ChargeLine.objects.filter(encounter=encounter).order_by("line_id").values_list("line_id", flat=True)
    asked = set(
        WriteOff.objects.filter(line_id__in=lines, bucket=bucket, state="REQUESTED").values_list("line_id", flat=True)
    )
    for line_id, buckets in line_balances(list(lines)).items():
        amount = buckets.get(bucket, Decimal("0.00"))
        if amount > 0 and line_id not in asked:
            money.request_write_off(
                encounter=encounter, line_id=line_id, bucket=bucket, amount=amount, reason="ADMIN-ERROR",
                note="held by edits and not mended in time",
            )  # fmt: skip
    _close_items(version)


def _ask_patient(version: ClaimVersion, reason: str = "the payer knows no such member") -> None:
    encounter, bucket = version.claim.encounter, version.claim.bucket
    lines = list(ChargeLine.objects.filter(encounter=encounter).values_list("line_id", flat=True))
    if not any(buckets.get(bucket, 0) > 0 for buckets in line_balances(lines).values()):
        _close_items(version)
        return
    money.transfer_to_patient(encounter=encounter, bucket=bucket, reason=reason)
    _close_items(version)


def _close_items(version: ClaimVersion) -> None:
    resolve_work_items(subject_type="claim_version", subject_id=str(version.pk), resolution="given up, with its reason")


def _decide(place: Workplace, row: RuleProposal, counts: Counter[str]) -> None:
    by = place.person("supervisor")
    if place.chance("rule", row.pattern) < ACCEPTED_SHARE:
        if attempt(counts, "rules accepted", lambda: accept_proposal(proposal=row, by=by)):
            return
    attempt(counts, "rules declined", lambda: decline_proposal(proposal=row, by=by, reason="too few claims a year"))
