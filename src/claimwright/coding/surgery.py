"""Global periods of the practice's own procedures, and which of 24, 25, 57, 58, 78 and 79 would be considered.

Source: CMS Pub. 100-04 chapter 12, 30.6.6 and 40.1 to 40.4. Physicians of one group and specialty count as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from claimwright.claims.basis import Noun
from claimwright.codes import global_periods
from claimwright.codes.evaluation_management import is_evaluation_management
from claimwright.codes.global_periods import GlobalWindow
from claimwright.coding.advice import Advice, Evidence

_SOURCE = "CMS Pub. 100-04 chapter 12, 40"
_EVALUATION_SOURCE = "CMS Pub. 100-04 chapter 12, 30.6.6"


class Procedure(Noun, frozen=True):
    """A procedure that was done or is about to be billed. `indicator` is its global period: 000, 010, 090 ..."""

    code: str = ""
    day: date | None = None
    indicator: str = ""
    modifiers: tuple[str, ...] = ()
    rendering_npi: str = ""
    specialty: str = ""
    group: str = ""
    line: str = ""  # our charge line id


class OpenPeriod(Noun, frozen=True):
    """A period that covers the day asked about. `day_number` is 0 on the day of the procedure, -1 the day before."""

    procedure: Procedure
    first_day: date
    last_day: date
    day_number: int

    @property
    def days_left(self) -> int:
        """Covered days after the one asked about."""
        day = self.procedure.day
        return 0 if day is None else (self.last_day - day).days - self.day_number


def in_global(
    history: Iterable[Procedure], on: date, *, specialty: str = "", group: str = ""
) -> tuple[OpenPeriod, ...]:
    """The open periods that cover `on`, the longest first.

    With a specialty and a group, only procedures of that specialty and group count, for only theirs include the care.
    Procedures with modifier 78 open no new period, 54 and 55 are the surgeon's and the follower's parts of one.
    """
    found = []
    for procedure in history:
        if procedure.day is None or "78" in procedure.modifiers:
            continue
        if (specialty and procedure.specialty != specialty) or (group and procedure.group != group):
            continue
        window: GlobalWindow | None = global_periods.global_window(procedure.indicator, procedure.day)
        if window is not None and window.holds(on):
            last = date.fromordinal(window.end.toordinal() - 1)
            found.append(
                OpenPeriod(
                    procedure=procedure,
                    first_day=window.start,
                    last_day=last,
                    day_number=(on - procedure.day).days,
                )
            )
    return tuple(sorted(found, key=lambda period: (period.last_day, period.procedure.code), reverse=True))


def visit_advice(code: str, on: date, periods: Iterable[OpenPeriod], *, place: str = "") -> tuple[Advice, ...]:
    """What would be considered for a visit in a global period: 25, 57 or 24, each with what the note must show."""
    if not is_evaluation_management(code):
        return ()
    found = []
    for period in periods:
        procedure = period.procedure
        evidence = (_evidence(period),)
        if period.day_number <= 0 and global_periods.is_major(procedure.indicator):
            found.append(
                Advice(
                    kind="modifier", id="DECISION_FOR_SURGERY", place=place, consider=("57",), evidence=evidence,
                    reason="The visit is on the day of major surgery or the day before it",
                    document="That this visit led to the decision to operate; a visit planned after the decision is "
                    "part of the surgery",
                    source=_EVALUATION_SOURCE,
                )
            )  # fmt: skip
        elif period.day_number == 0:
            found.append(
                Advice(
                    kind="modifier", id="SEPARATE_VISIT", place=place, consider=("25",), evidence=evidence,
                    reason="The visit is on the day of a procedure whose payment includes the usual care of that day",
                    document="A significant visit of its own beyond the usual care before and after the procedure; "
                    "another diagnosis helps and is not required",
                    source=_EVALUATION_SOURCE,
                )
            )  # fmt: skip
        else:
            found.append(
                Advice(
                    kind="modifier", id="UNRELATED_VISIT", place=place, consider=("24",), evidence=evidence,
                    reason=f"The visit is on day {period.day_number} of a global period",
                    document="That the visit has nothing to do with the operation or its healing; care of the wound, "
                    "pain or complications is part of the surgery",
                    source=_EVALUATION_SOURCE,
                )
            )  # fmt: skip
    return tuple(found)


def procedure_advice(code: str, on: date, periods: Iterable[OpenPeriod], *, place: str = "") -> tuple[Advice, ...]:
    """What would be considered for a procedure after another: 58, 78 or 79, told apart by what the record shows."""
    if is_evaluation_management(code):
        return ()
    return tuple(
        Advice(
            kind="modifier", id="PROCEDURE_IN_GLOBAL", place=place, consider=("58", "78", "79"),
            evidence=(_evidence(period),),
            reason=f"The procedure is on day {period.day_number} of a global period",
            document="58: planned beforehand, more extensive, or treatment after a diagnostic operation; opens a new "
            "period. 78: not planned, for a complication, in an operating room; opens none and pays the operation "
            "alone. 79: unrelated to the first; opens a new period",
            source=_SOURCE,
        )
        for period in periods
        if period.day_number > 0
    )  # fmt: skip


def _evidence(period: OpenPeriod) -> Evidence:
    procedure = period.procedure
    return Evidence(
        excerpt=f"{procedure.code} on {procedure.day}, global {procedure.indicator}, "
        f"covered from {period.first_day} to {period.last_day}",
        source=procedure.line,
    )
