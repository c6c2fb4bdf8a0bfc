"""What each level of evaluation and management asks on a date of service: decision making, minutes, prolonged units.

Since 2021 (office) and 2023 (everywhere else) a level is earned by medical decision making or by the billing clinician's
total minutes on the day, whichever gives more. Before those dates the tables say nothing, so nothing is judged.
The rows, with their sources, are `data/evaluation_management.tsv` and `data/evaluation_management_prolonged.tsv`.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from functools import lru_cache

import msgspec

from claimwright.codes.tables import read_table

# Whole blocks of category I numbers that are evaluation and management, first and last: which codes take 25, 24 or 57.
# 92002-92014 are the eye visits, G0402-G0439 Medicare's own preventive visits.
_EVALUATION_BLOCKS = (
    *(("92002", "92014"), ("99202", "99215"), ("99221", "99239"), ("99242", "99245"), ("99252", "99255")),
    *(("99281", "99285"), ("99291", "99292"), ("99304", "99318"), ("99341", "99350"), ("99381", "99397")),
    *(("99401", "99429"), ("99460", "99486"), ("99495", "99496"), ("G0402", "G0402"), ("G0438", "G0439")),
)


class DecisionMaking(IntEnum):
    """The four levels of medical decision making, in order: a higher one meets what asks for a lower."""

    STRAIGHTFORWARD = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @classmethod
    def named(cls, word: str) -> DecisionMaking | None:
        """From "straightforward", "low", "moderate" or "high" in any case; None for anything else."""
        return cls.__members__.get(word.strip().upper())


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What one code asks on a date. `decision_making` None: none is asked. `minutes` None: time does not count.

    `last_minute` ends the range of minutes in the years 2021 to 2023, inclusive; since then minutes are a minimum.
    """

    code: str
    setting: str
    patient: str  # new, established, or blank where that does not matter
    decision_making: DecisionMaking | None
    minutes: int | None
    last_minute: int | None
    start: date
    end: date | None
    source: str

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    def met_by_decision_making(self, level: DecisionMaking | None) -> bool:
        return self.decision_making is not None and level is not None and level >= self.decision_making

    def met_by_minutes(self, minutes: int | None) -> bool:
        """Whether the minutes reach the code. More than the range is still enough: it earns a higher code."""
        return self.minutes is not None and minutes is not None and minutes >= self.minutes

    @property
    def asks_nothing(self) -> bool:
        """A level without decision making or minutes of its own, such as a nurse's visit."""
        return self.decision_making is None and self.minutes is None


class Prolonged(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of prolonged time beside one primary code. `first_unit_minutes` is total time, not time beyond."""

    code: str
    primary: str
    first_unit_minutes: int
    unit_minutes: int
    days_before: int
    days_after: int
    rules: str  # cpt or medicare
    start: date
    end: date | None
    source: str

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    def units(self, minutes: int) -> int:
        """Whole units earned by the total minutes; 0 below the first."""
        if minutes < self.first_unit_minutes:
            return 0
        return 1 + (minutes - self.first_unit_minutes) // self.unit_minutes


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> int | None:
    return int(text) if text else None


@lru_cache(maxsize=1)
def _by_code() -> dict[str, tuple[Requirement, ...]]:
    found: dict[str, tuple[Requirement, ...]] = {}
    for row in read_table("evaluation_management.tsv"):
        made = Requirement(
            code=row["code"],
            setting=row["setting"],
            patient=row["patient"],
            decision_making=DecisionMaking.named(row["mdm"]),
            minutes=_number(row["minutes"]),
            last_minute=_number(row["last_minute"]),
            start=date.fromisoformat(row["start"]),
            end=_day(row["end"]),
            source=row["source"],
        )
        found[made.code] = (*found.get(made.code, ()), made)
    return found


@lru_cache(maxsize=1)
def _prolonged() -> tuple[Prolonged, ...]:
    return tuple(
        Prolonged(
            code=row["code"],
            primary=row["primary"],
            first_unit_minutes=int(row["first_unit_minutes"]),
            unit_minutes=int(row["unit_minutes"]),
            days_before=int(row["days_before"]),
            days_after=int(row["days_after"]),
            rules=row["rules"],
            start=date.fromisoformat(row["start"]),
            end=_day(row["end"]),
            source=row["source"],
        )
        for row in read_table("evaluation_management_prolonged.tsv")
    )


@lru_cache(maxsize=1)
def leveled_codes() -> frozenset[str]:
    """Every code with a level by decision making or time on any date."""
    return frozenset(_by_code())


def all_requirements() -> tuple[Requirement, ...]:
    """Every row of the table."""
    return tuple(row for rows in _by_code().values() for row in rows)


def all_prolonged() -> tuple[Prolonged, ...]:
    """Every row of the table of prolonged time."""
    return _prolonged()


def requirement(code: str, on: date) -> Requirement | None:
    """What the code asks on the date of service; None when the table does not speak of that code or day."""
    for row in _by_code().get(code, ()):
        if row.holds(on):
            return row
    return None


@lru_cache(maxsize=512)
def levels(setting: str, patient: str, on: date) -> tuple[Requirement, ...]:
    """The codes of a setting on the date of service, lowest first. `patient`: new, established, or "" for either."""
    found = [
        row
        for rows in _by_code().values()
        for row in rows
        if row.setting == setting and row.holds(on) and row.patient in ("", patient)
    ]
    return tuple(sorted(found, key=lambda row: row.code))


@lru_cache(maxsize=1)
def settings() -> frozenset[str]:
    """The names of settings `levels` knows."""
    return frozenset(row.setting for row in all_requirements())


def required_decision_making(code: str, on: date) -> DecisionMaking | None:
    """The least medical decision making the code asks on the date of service, or None."""
    found = requirement(code, on)
    return None if found is None else found.decision_making


def required_minutes(code: str, on: date) -> int | None:
    """The least total minutes that earn the code on the date of service, or None where time does not count."""
    found = requirement(code, on)
    return None if found is None else found.minutes


def supports(
    code: str, on: date, *, decision_making: DecisionMaking | None = None, minutes: int | None = None
) -> bool | None:
    """Whether what is documented reaches the code: either of the two is enough. None where nothing can be said.

    Nothing can be said of a code or day the table does not know, and of a visit with neither documented.
    """
    found = requirement(code, on)
    if found is None:
        return None
    if found.asks_nothing:
        return True
    if decision_making is None and (minutes is None or found.minutes is None):
        return None
    return found.met_by_decision_making(decision_making) or found.met_by_minutes(minutes)


def prolonged(primary: str, on: date, *, medicare: bool) -> Prolonged | None:
    """The prolonged code that goes with a primary code under the payer's rules, or None."""
    rules = "medicare" if medicare else "cpt"
    for row in _prolonged():
        if row.primary == primary and row.rules == rules and row.holds(on):
            return row
    return None


@lru_cache(maxsize=32_768)
def is_evaluation_management(code: str) -> bool:
    """Whether the code is a visit, the kind that takes modifiers 24, 25 and 57. By number; no list is shipped."""
    return len(code) == 5 and any(first <= code <= last for first, last in _EVALUATION_BLOCKS)


@lru_cache(maxsize=1)
def _new_patient_codes() -> frozenset[str]:
    leveled = (code for code, rows in _by_code().items() if any(row.patient == "new" for row in rows))
    return frozenset((*leveled, "92002", "92004", *(f"9938{n}" for n in range(1, 8))))


def is_new_patient(code: str) -> bool:
    """Whether the code is for a new patient: office, home, preventive and eye visits."""
    return code in _new_patient_codes()


NEW_PATIENT_YEARS = 3  # CPT E/M guidelines: no professional service face to face in three years
