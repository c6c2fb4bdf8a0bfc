"""Moving a visit in time by whole days, for demonstrations and rehearsals: the originals stay on the encounter."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from claimwright.claims.nouns import Encounter, Line

VISIT_DATES = ("date_from", "date_to", "accident_date", "onset_date", "admission_date", "discharge_date")
LINE_DATES = ("date_from", "date_to")


def shifted(encounter: Encounter, days: int) -> Encounter:
    """The visit `days` later: its own dates, its lines' and the patient's death; births and coverages stay."""
    if not days:
        return encounter
    dates = tuple(day for day in (encounter.date_from, encounter.date_to or encounter.date_from) if day)
    death = encounter.patient.death_date
    patient = msgspec.structs.replace(encounter.patient, death_date=_later(death, days))
    return msgspec.structs.replace(
        encounter,
        patient=patient,
        lines=tuple(_line(line, days) for line in encounter.lines),
        original_dates=dates,
        days_shifted=days,
        **{name: _later(getattr(encounter, name), days) for name in VISIT_DATES},
    )


def _line(line: Line, days: int) -> Line:
    return msgspec.structs.replace(line, **{name: _later(getattr(line, name), days) for name in LINE_DATES})


def _later(day: date | None, days: int) -> date | None:
    return day + timedelta(days=days) if day is not None else None
