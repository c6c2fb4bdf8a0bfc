"""From a coded visit to claims that are judged: charges locked, claims made, edits run, in one step."""

from __future__ import annotations

import msgspec
from django.db import transaction

from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.services import lock_charges
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import create_claims


@transaction.atomic
def bill_visit(*, encounter: Encounter) -> list[ClaimVersion]:
    """The claims of a coded visit, the first payer's first, with the edits run on it; none for a visit the patient pays.

    A visit of another state is left as it is: again gives nothing new. Raises VisitRefused where the charges cannot be
    locked, with the reason; they are then listed, and the visit is held.
    """
    row = Encounter.objects.select_for_update(of=("self",)).select_related("practice", "patient").get(pk=encounter.pk)
    if row.state != Encounter.State.CODED:
        raise VisitRefused(f"state: a visit that is {row.get_state_display().lower()} has no charges to lock")
    covered = bool(msgspec.convert(row.content, EncounterNoun).coverages)
    lock_charges(encounters=[row], self_pay=not covered)
    encounter.refresh_from_db()
    if row.state != Encounter.State.CHARGES_LOCKED:
        return []
    versions = create_claims(encounters=[row])
    scrub(version_ids=[version.pk for version in versions])
    encounter.refresh_from_db()
    for version in versions:
        version.refresh_from_db()
    return versions
