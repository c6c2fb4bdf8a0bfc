"""Running the edits over claims and keeping what they find. A claim goes on only when nothing open stands against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.catalogue import catalogue_version
from claimwright.edits.engine import not_armed, open_blockers, run
from claimwright.edits.filing import filing_deadline
from claimwright.edits.shapes import INFO, REJECT, Finding, Override
from claimwright.web.contracts.models import Contract
from claimwright.web.contracts.services import price_claims
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.submissions.facts import FactsGatherer, to_price
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import Move, move_all
from claimwright.web.submissions.waits import Waits

SCRUBBED = (State.DRAFT, State.EDIT_HOLD, State.READY)
RELATED = ("claim__payer", "claim__patient", "claim__encounter", "claim__practice")
NAMED_FINDINGS = 3


class OverrideRefused(ValueError):
    """A finding that nobody may override, or a reason or role that is missing."""


class ScrubReport(msgspec.Struct):
    """What one run of the edits did."""

    claims: int = 0
    ready: int = 0
    held: int = 0
    not_armed: tuple[str, ...] = ()


def scrub(*, version_ids: Sequence[UUID] | None = None) -> ScrubReport:
    """Run all edits over unsent versions: all drafts and held ones, or those named. Again with nothing new changes nothing.

    Versions another scrub has in hand are left to it.
    """
    states = SCRUBBED if version_ids is not None else SCRUBBED[:2]
    chosen = ClaimVersion.objects.filter(state__in=states)
    if version_ids is not None:
        chosen = chosen.filter(pk__in=version_ids)
    versions = list(
        chosen.select_for_update(of=("self",), skip_locked=version_ids is None)
        .select_related(*RELATED)
        .order_by("control_number")
    )
    if not versions:
        return ScrubReport()
    gatherer = FactsGatherer(versions, lock=True)
    waits = Waits(versions, gatherer)
    held: dict[UUID, list[EditFinding]] = defaultdict(list)
    for row in EditFinding.objects.filter(Q(open=True) | ~Q(override_reason=""), version__in=versions):
        held[row.version_id].append(row)
    outcome = _Outcome()
    for version in versions:
        content = msgspec.convert(version.content, ClaimNoun)
        facts = gatherer.facts(version, content)
        outcome.take(version, (*run(content, facts), *waits.of(version, content)), held[version.pk])
        if outcome.passed and outcome.passed[-1] is version:
            gatherer.on_file.passed(version, content)
        deadline = filing_deadline(content, facts)
        if deadline != version.filing_deadline:
            version.filing_deadline = deadline
            outcome.deadlines.append(version)
    first = versions[0]  # what is loaded is the same for all, so it is told once a run
    unarmed = not_armed(gatherer.facts(first, msgspec.convert(first.content, ClaimNoun)))
    return outcome.save(tuple(sorted(finding.edit_id for finding in unarmed)))


class _Outcome:
    """Collects a run, then writes it in few statements."""

    def __init__(self) -> None:
        self.made: list[EditFinding] = []
        self.gone: list[EditFinding] = []
        self.blocked: list[tuple[ClaimVersion, tuple[Finding, ...]]] = []
        self.passed: list[ClaimVersion] = []
        self.deadlines: list[ClaimVersion] = []

    def take(self, version: ClaimVersion, findings: Sequence[Finding], held: Sequence[EditFinding]) -> None:
        overrides = [
            Override(edit_id=row.edit_id, path=row.path, reason=row.override_reason, role=row.overridden_by)
            for row in held
            if row.override_reason
        ]
        known = {(row.edit_id, row.path, row.message): row for row in held}
        found = set()
        for finding in findings:
            if finding.severity is INFO:
                continue
            key = (finding.edit_id, finding.path[:120], finding.message)
            if key in found:
                continue
            found.add(key)
            if key not in known:
                self.made.append(_row(version, finding))
        self.gone += [row for key, row in known.items() if row.open and key not in found]
        blockers = open_blockers(findings, overrides)
        if blockers:
            self.blocked.append((version, blockers))
        else:
            self.passed.append(version)

    def save(self, unarmed: tuple[str, ...]) -> ScrubReport:
        EditFinding.objects.bulk_create(self.made, batch_size=1000)
        EditFinding.objects.filter(pk__in=[row.pk for row in self.gone]).update(open=False)
        ClaimVersion.objects.bulk_update(self.deadlines, ["filing_deadline"], batch_size=500)
        moves = [
            Move(version=version, trigger=Trigger.FINDING, note=_named(blockers))
            for version, blockers in self.blocked
            if version.state != State.EDIT_HOLD
        ]
        moves += [
            Move(version=version, trigger=Trigger.PASSED) for version in self.passed if version.state != State.READY
        ]
        move_all(moves=moves)
        for version, blockers in self.blocked:
            _list(version, blockers)
        resolve_work_items(keys=[f"edits:{version.pk}" for version in self.passed], resolution="passes the edits")
        self._price()
        return ScrubReport(
            claims=len(self.blocked) + len(self.passed), ready=len(self.passed), held=len(self.blocked),
            not_armed=unarmed,
        )  # fmt: skip

    def _price(self) -> None:
        """What a claim is expected to be allowed is kept as of when it is fit to go, to be held against what is paid."""
        if self.passed and Contract.objects.exists():
            price_claims(claims=[to_price(version) for version in self.passed])


def _row(version: ClaimVersion, finding: Finding) -> EditFinding:
    return EditFinding(
        version=version, edit_id=finding.edit_id, severity=finding.severity.value, path=finding.path[:120],
        message=finding.message, fix=finding.fix, found_on=clock.today(), catalogue=catalogue_version(),
    )  # fmt: skip


def _named(blockers: Sequence[Finding]) -> str:
    return ", ".join(sorted({finding.edit_id for finding in blockers}))


def _list(version: ClaimVersion, blockers: Sequence[Finding]) -> None:
    first = list(dict.fromkeys(f"{finding.edit_id} {finding.message}" for finding in blockers))
    more = f" and {len(first) - NAMED_FINDINGS} more" if len(first) > NAMED_FINDINGS else ""
    raise_work_item(
        worklist=Worklist.EDIT_HOLDS, key=f"edits:{version.pk}", reason_code=blockers[0].edit_id,
        reason="; ".join(first[:NAMED_FINDINGS]) + more, what_to_do=blockers[0].fix or "See the finding",
        subject_type="claim_version", subject_id=version.pk, practice_id=version.claim.practice_id,
        claim_number=version.control_number, amount=version.total_charge, due_date=version.filing_deadline,
        reopen=True,
    )  # fmt: skip


def override_finding(*, finding: EditFinding, reason: str, role: str) -> EditFinding:
    """A person lets a HOLD go, with reason and role. A REJECT is never overridden: it must be put right."""
    if finding.severity == REJECT:
        raise OverrideRefused(f"{finding.edit_id} is a rejection: the claim must be put right")
    if not reason.strip() or not role.strip():
        raise OverrideRefused("an override needs a reason and the role of who gives it")
    finding.open, finding.override_reason = False, reason.strip()
    finding.overridden_by, finding.overridden_at = f"{actor()} ({role})"[:150], clock.now()
    finding.save(update_fields=["open", "override_reason", "overridden_by", "overridden_at"])
    version = finding.version
    version.touched = True
    version.save(update_fields=["touched"])
    record_audit(
        action="claim.override", subject_type="claim_version", subject_id=version.pk,
        detail=f"{finding.edit_id}: {reason}",
    )  # fmt: skip
    scrub(version_ids=[version.pk])
    return finding
