"""Anesthesia: minutes from start and stop, units, the modifier of who did it, and more cases at once than allowed.

Medicare pays (base + minutes / 15 to one decimal) x conversion factor: CMS Pub. 100-04 chapter 12, 50. The 837 carries
minutes with MJ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from claimwright.claims.basis import Noun

MINUTES_PER_UNIT = Decimal(15)
SUPERVISED_BASE_UNITS = Decimal(3)  # AD: three base units, one more where the physician was at induction
INDUCTION_UNIT = Decimal(1)
MOST_DIRECTED = 4  # concurrent cases a physician may direct medically (42 CFR 415.110)
_MINUTE = timedelta(minutes=1)

# How the time is rounded to units: Medicare to one decimal; some payers to the whole unit.
ROUNDING = {
    "tenth": (Decimal("0.1"), ROUND_HALF_UP),
    "whole_up": (Decimal(1), ROUND_CEILING),
    "whole_down": (Decimal(1), ROUND_FLOOR),
    "whole_nearest": (Decimal(1), ROUND_HALF_UP),
}


class Case(Noun, frozen=True):
    """One stretch of one provider's anesthesia time. A case with a break has several stretches of one `case` id."""

    case: str
    provider_npi: str
    start: datetime
    stop: datetime


def minutes(stretches: Iterable[tuple[datetime, datetime]]) -> int:
    """Whole minutes of all stretches, overlaps counted once. Raises ValueError for a stop before its start.

    Times are local wall-clock times of one place; a part of a minute is dropped.
    """
    total = timedelta()
    last: datetime | None = None
    for start, stop in sorted(stretches):
        if stop < start:
            raise ValueError("anesthesia time stops before it starts: exchange the two or correct the day")
        begin = start if last is None or start > last else last
        if stop > begin:
            total += stop - begin
            last = stop
    return total // _MINUTE


def time_units(minutes: int, rounding: str = "tenth") -> Decimal:
    """Units of time by the payer's rounding: tenth, whole_up, whole_down or whole_nearest. Raises KeyError otherwise."""
    step, direction = ROUNDING[rounding]
    return (Decimal(minutes) / MINUTES_PER_UNIT).quantize(step, direction)


def payable_units(
    base_units: Decimal, minutes: int, *, modifier: str = "", at_induction: bool = False, rounding: str = "tenth"
) -> Decimal:
    """Base and time units; under AD three units, and one more where the physician was there at induction."""
    if modifier == "AD":
        return SUPERVISED_BASE_UNITS + (INDUCTION_UNIT if at_induction else 0)
    return base_units + time_units(minutes, rounding)


def physician_modifier(*, personally: bool, concurrent: int) -> str:
    """The physician's modifier: AA alone, QY directing one, QK two to four, AD more. `concurrent` counts this case."""
    if personally:
        return "AA"
    if concurrent > MOST_DIRECTED:
        return "AD"
    return "QY" if concurrent <= 1 else "QK"


def anesthetist_modifier(*, directed: bool) -> str:
    """The nurse anesthetist's or assistant's modifier: QX under a physician's direction, QZ without."""
    return "QX" if directed else "QZ"


class Concurrency(Noun, frozen=True):
    """The most cases one provider had at one moment, when that was, and which."""

    provider_npi: str = ""
    most: int = 0
    at: datetime | None = None
    cases: tuple[str, ...] = ()

    @property
    def too_many(self) -> bool:
        return self.most > MOST_DIRECTED


def concurrency(cases: Sequence[Case]) -> tuple[Concurrency, ...]:
    """For each provider the peak of overlapping cases. One that starts in the minute another stops does not overlap."""
    found = []
    for npi in sorted({case.provider_npi for case in cases}):
        best = Concurrency(provider_npi=npi)
        for now in _moments(npi, cases):
            best = now if now.most > best.most else best
        found.append(best)
    return tuple(found)


def too_many_at_once(cases: Sequence[Case]) -> tuple[Concurrency, ...]:
    """Every set of more cases at once than a physician may direct, each with the first moment it ran together."""
    found: dict[tuple[str, tuple[str, ...]], Concurrency] = {}
    for npi in sorted({case.provider_npi for case in cases}):
        for now in _moments(npi, cases):
            if now.too_many:
                found.setdefault((npi, now.cases), now)
    return tuple(found.values())


def _moments(npi: str, cases: Sequence[Case]) -> Iterator[Concurrency]:
    """What runs at each moment where a case begins, in order: the count can only rise there."""
    own = [case for case in cases if case.provider_npi == npi and case.stop > case.start]
    for moment in sorted({case.start for case in own}):
        running = tuple(sorted({case.case for case in own if case.start <= moment < case.stop}))
        yield Concurrency(provider_npi=npi, most=len(running), at=moment, cases=running)
