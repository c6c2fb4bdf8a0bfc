"""DAT: services against what is known of the patient's stays in hospital."""

from __future__ import annotations

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts
from claimwright.edits.places import dated_lines_of, place_of
from claimwright.edits.shapes import CMS, HOLD, LOCAL, Hits, edit
from claimwright.edits.tables import OFFICE_PLACES


@edit(
    "DAT12",
    HOLD,
    says="Service on {0} at place {1} lies within the inpatient stay from {2} to {3}",
    fix="Place of service conflict: verify where the patient was; 21 for a visit in the hospital",
    cites=[
        LOCAL("Stays of the patient on file"),
        CMS("Medicare Claims Processing Manual 100-04", "chapter 26, 10.5 inpatients and place of service"),
    ],
    needs=("stays",),
)
def office_visit_is_outside_a_stay(claim: Claim, facts: Facts) -> Hits:
    """The days of admission and discharge are left alone: a visit before and after is no conflict."""
    if not facts.stays or claim.kind != "P":
        return
    for path, line, on in dated_lines_of(claim):
        place = place_of(claim, line)
        if place not in OFFICE_PLACES:
            continue
        for stay in facts.stays:
            if stay.admitted_on < on <= facts.today and (stay.discharged_on is None or on < stay.discharged_on):
                until = stay.discharged_on or "now (not discharged)"
                field = f"{path}.place_of_service" if line.place_of_service else "place_of_service"
                yield field, on, place, stay.admitted_on, until
                break


EDITS = (office_visit_is_outside_a_stay,)
