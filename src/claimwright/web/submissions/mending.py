"""Findings put right by their edit's own fix: shown first with every field it changes, kept when a person says so."""

from __future__ import annotations

import hashlib

import msgspec
from django.db import transaction

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.apply import Mend, apply, can_apply
from claimwright.edits.engine import run
from claimwright.edits.shapes import Finding, Severity
from claimwright.web.core.services import record_audit
from claimwright.web.submissions.facts import FactsGatherer
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import see_as_it_is
from claimwright.web.submissions.scrubbing import RELATED, SCRUBBED, scrub
from claimwright.web.submissions.services import revise_unsent


class MendRefused(ValueError):
    """A fix that cannot be kept; the text says why."""


def may_have_mend(finding: EditFinding, state: str) -> bool:
    """Whether the finding's edit has a fix and the claim can still be changed. `mend_for` says whether it is safe here."""
    return (
        finding.open
        and state in SCRUBBED
        and can_apply(Finding(edit_id=finding.edit_id, severity=Severity(finding.severity)))
    )


def mend_for(*, finding: EditFinding) -> Mend | None:
    """What the fix would do to the claim as it is now; None where there is no safe one. Writes nothing."""
    version = ClaimVersion.objects.select_related(*RELATED).get(pk=finding.version_id)
    if not may_have_mend(finding, version.state):
        return None
    content = msgspec.convert(version.content, ClaimNoun)
    facts = FactsGatherer([version]).facts(version, content)
    wanted = (finding.edit_id, finding.path, finding.message)
    for found in run(content, facts):
        if (found.edit_id, found.path[:120], found.message) == wanted:
            mend = apply(content, facts, found)
            return mend if mend is not None and _charges(mend.claim) == _charges(content) else None
    return None


def _charges(claim: ClaimNoun) -> dict[str, object]:
    """Lines and charges stand in the ledger by these: a fix that touches them is made at the encounter."""
    return {line.control_number: line.charge for line in claim.lines}


def fingerprint(mend: Mend) -> str:
    """Changes when anything of the fix does: what a person keeps is what a person saw."""
    return hashlib.sha256(msgspec.json.encode(mend.changes)).hexdigest()


@transaction.atomic
def keep_mend(*, finding: EditFinding, seen: str) -> ClaimVersion:
    """The claim as the fix makes it, and the edits run on it again. `seen` is the fingerprint of what was shown.

    Raises MendRefused where the claim changed since, or went out.
    """
    see_as_it_is(finding.version)
    mend = mend_for(finding=finding)
    if mend is None or fingerprint(mend) != seen:
        raise MendRefused("the claim changed since you looked: look at the fix again")
    version = revise_unsent(version=finding.version, content=mend.claim, reason=f"{finding.edit_id} fixed")
    version.total_charge, version.date_of_service = mend.claim.total_charge, mend.claim.date_of_service
    version.save(update_fields=["total_charge", "date_of_service"])
    record_audit(
        action="claim.mend", subject_type="claim_version", subject_id=version.pk,
        detail=f"{finding.edit_id}: {', '.join(change.path for change in mend.changes)}",
    )  # fmt: skip
    scrub(version_ids=[version.pk])
    return version
