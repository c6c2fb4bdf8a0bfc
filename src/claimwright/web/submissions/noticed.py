"""Modifiers of advance beneficiary notices put on claims that have not gone out: what the patient signed says which."""

from __future__ import annotations

import msgspec

from claimwright.billing.advance_notice import AdvanceNotice, modifiers_of
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Line
from claimwright.web.authorizations.models import Questionnaire
from claimwright.web.authorizations.notices import notices_on
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import revise_unsent
from claimwright.web.submissions.versions import UNSENT

MOST_MODIFIERS = 4
OF_NOTICES = frozenset(("GA", "GX", "GY", "GZ"))


def put_notice_modifiers(*, notice: Questionnaire) -> int:
    """Say of the notice on each unsent Medicare claim whose lines it is about; says how many claims changed.

    A line that already tells of a notice, or has no room for a modifier, is left as a person made it.
    """
    versions = ClaimVersion.objects.filter(
        claim__patient_id=notice.patient_id, claim__payer__kind="medicare", state__in=UNSENT
    ).select_related("claim")
    changed = 0
    for version in versions.order_by("control_number"):
        content = msgspec.convert(version.content, ClaimNoun)
        lines = tuple(_line(line, content, version) for line in content.lines)
        if lines == content.lines:
            continue
        revise_unsent(
            version=version, content=msgspec.structs.replace(content, lines=lines),
            reason=f"advance beneficiary notice of {notice.answered_on}",
        )  # fmt: skip
        scrub(version_ids=[version.pk])
        changed += 1
    return changed


def _line(line: Line, claim: ClaimNoun, version: ClaimVersion) -> Line:
    on = line.date_from or claim.date_of_service
    if on is None or OF_NOTICES & set(line.modifiers):
        return line
    held = notices_on(patient_id=version.claim.patient_id, code=line.procedure_code, on=on)
    own = modifiers_of(msgspec.convert(held[0].answers, AdvanceNotice)) if held else ()
    if not own or len(line.modifiers) + len(own) > MOST_MODIFIERS:
        return line
    return msgspec.structs.replace(line, modifiers=(*line.modifiers, *own))
