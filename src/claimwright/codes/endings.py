"""Which loaded sets end soon, or have ended, with nothing loaded after them: later dates of service cannot be judged.

A look-up on a day that no edition covers is answered "not covered", and the edits hold the claim (docs: codes.md). So it
is told before the day comes. Reads spans of dates only, never the codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from claimwright.codes.library_sets import Dates, dates_of, spans
from claimwright.codes.releases import CodeSets

# CMS posts ICD-10-CM some three months ahead, the files of a quarter some four weeks: 45 days are time to look for the
# one and to hear of the other.
NOTICE_DAYS = 45
# A set that ended longer ago is one that nobody keeps up, such as the fees of a past year kept for late claims.
FORGOTTEN_DAYS = 365


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A set and the last day of service that it can judge; `resumes` is the first day after the gap, None for none.

    `days_left` counts from today to the last day: 0 is today, below zero is past.
    """

    name: str
    last_day: date
    days_left: int
    resumes: date | None = None


def ending_of(name: str, dates: Sequence[Dates], today: date) -> Ending | None:
    """The end that is near or past for a set that speaks for these spans (start inclusive, end exclusive, None open)."""
    judged = spans(dates)
    begun = [(start, end) for start, end in judged if start is None or start <= today]
    end = begun[-1][1] if begun else None
    if end is None:
        return None
    last_day = end - timedelta(days=1)
    left = (last_day - today).days
    if not -FORGOTTEN_DAYS <= left <= NOTICE_DAYS:
        return None
    resumes = judged[len(begun)][0] if len(begun) < len(judged) else None
    return Ending(name=name, last_day=last_day, days_left=left, resumes=resumes)


def endings(sets: CodeSets, today: date) -> tuple[Ending, ...]:
    """Of every set with dates of its own, the first to end first."""
    found = (ending_of(name, dates_of(name, sets), today) for name in sets.names())
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.last_day, one.name)))
