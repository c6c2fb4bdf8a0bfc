"""What lies around the visits of the claims, as facts of the edits: stays in hospital, substitutes, charges of the visit.

One query each for many claims, and none for what no claim of them asks about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.edits.history import substitution_starts
from claimwright.edits.records import EncounterRecord, LocumPeriod, Stay
from claimwright.edits.tables import SUBSTITUTES
from claimwright.web.charges.models import ChargeLine, Encounter

# A substitution is looked for so far back: an honest one is 60 days, and one of a year is found all the same.
LOOK_BACK_DAYS = 400
DID_NOT_HAPPEN = (Encounter.State.NO_SHOW, Encounter.State.CANCELLED)


def stays(patients: Collection[UUID]) -> dict[UUID, tuple[Stay, ...]]:
    """The stays that the patients' visits tell of. One without a discharge is known up to the visit that told it."""
    rows = (
        Encounter.objects.filter(patient_id__in=patients, content__has_key="admission_date")
        .exclude(state__in=DID_NOT_HAPPEN)
        .values_list("patient_id", "content")
    )
    found: dict[UUID, dict[Stay, None]] = defaultdict(dict)
    for patient, content in rows:
        visit = msgspec.convert(content, EncounterNoun)
        if visit.admission_date is None:
            continue
        known_until = visit.discharge_date or visit.date_to or visit.date_from
        stay = Stay(
            admitted_on=visit.admission_date,
            discharged_on=known_until or visit.admission_date,
            facility_npi=visit.facility.npi if visit.facility is not None else "",
        )
        found[patient][stay] = None
    return {patient: tuple(each) for patient, each in found.items()}


def locum_periods(contents: Sequence[ClaimNoun]) -> tuple[LocumPeriod, ...]:
    """The substitutions under the numbers of those who render with Q5 or Q6 in these claims."""
    absent: dict[str, date] = {}  # their NPI, and the last day asked about
    for content in contents:
        for line in content.lines:
            if line.date_from is not None and not SUBSTITUTES.isdisjoint(line.modifiers):
                npi = (line.rendering or content.rendering or content.billing_provider).npi
                absent[npi] = max(absent.get(npi, line.date_from), line.date_from)
    if not absent:
        return ()
    first, last = min(absent.values()) - timedelta(days=LOOK_BACK_DAYS), max(absent.values())
    days: dict[str, set[tuple[date, bool]]] = defaultdict(set)
    rows = ChargeLine.objects.filter(rendering_npi__in=absent, date_of_service__range=(first, last))
    for npi, on, modifiers in rows.values_list("rendering_npi", "date_of_service", "modifiers"):
        days[npi].add((on, not SUBSTITUTES.isdisjoint(modifiers)))
    return tuple(
        LocumPeriod(rendering_npi=npi, first_day=start)
        for npi in sorted(days)
        for start in substitution_starts(days[npi])
    )


def with_charges(records: Mapping[UUID, EncounterRecord]) -> dict[UUID, EncounterRecord]:
    """The records with the codes that any claim of the visit charges: a service on another claim is not forgotten."""
    asked = [visit for visit, record in records.items() if record.services]
    if not asked:
        return dict(records)
    charged: dict[UUID, set[str]] = defaultdict(set)
    for visit, code in ChargeLine.objects.filter(encounter_id__in=asked).values_list("encounter_id", "code"):
        charged[visit].add(code)
    return {
        visit: msgspec.structs.replace(record, charged=frozenset(charged.get(visit, ())))
        for visit, record in records.items()
    }
