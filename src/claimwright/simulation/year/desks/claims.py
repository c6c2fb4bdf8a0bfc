"""The claims desk: rejected files and claims put right, new ones scrubbed, holds worked, and all of it sent."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.simulation.biller import mended, override_duplicates
from claimwright.simulation.year.desks.holds import VERSIONS_TRIED
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.submissions import services as submissions
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.sending import submit_ready
from claimwright.web.submissions.versions import correct_rejected

TODAY_SHARE = Decimal("0.6")  # of what lies on a list is worked the same day; the rest another day


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    counts["rejections"] = _rejections(place, day)
    with tenant_scope(place.tenant), acting_as("scrubber"):
        drafts = ClaimVersion.objects.filter(state=State.DRAFT).order_by("control_number")
        submissions.scrub(version_ids=list(drafts.values_list("pk", flat=True)))
    counts["edit holds"] = _holds(place, day)
    counts["files sent"] = len(submit_ready(tenant=place.tenant))
    return counts


def _rejections(place: Workplace, day: date) -> int:
    """Files the clearinghouse refused go again; claims it or a payer refused are corrected as a new claim."""
    done = 0
    with tenant_scope(place.tenant), acting_as("biller"):
        refused = list(ClaimVersion.objects.filter(state=State.FILE_REJECTED).order_by("control_number"))
        done += submissions.return_to_ready(versions=refused, reason="content is right: into the next file")
        rejected = ClaimVersion.objects.filter(
            state__in=[State.CH_REJECTED, State.PAYER_REJECTED], number__lt=VERSIONS_TRIED
        )
        for version in rejected.select_related("claim__payer").order_by("control_number"):
            if place.chance("rejection", version.control_number, day) > TODAY_SHARE:
                continue
            if version.claim.versions.filter(number__gt=version.number).exists():
                continue
            following = correct_rejected(version=version, reason="looked up and corrected")
            submissions.scrub(version_ids=[following.pk])
            done += 1
    return done


def _holds(place: Workplace, day: date) -> int:
    """What the edits hold is put right where the record says how."""
    done = 0
    with tenant_scope(place.tenant), acting_as("biller"):
        held = ClaimVersion.objects.filter(state=State.EDIT_HOLD, created_on__gt=day - timedelta(days=40))
        for version in held.select_related("claim").order_by("control_number"):
            if place.chance("edit", version.control_number, day) > TODAY_SHARE:
                continue
            findings = list(version.findings.filter(open=True))
            if override_duplicates(findings):
                done += 1
                continue
            content = mended(msgspec.convert(version.content, ClaimNoun), {row.edit_id for row in findings})
            if content is not None:
                submissions.revise_unsent(version=version, content=content, reason="corrected from the record")
                submissions.scrub(version_ids=[version.pk])
                done += 1
    return done
