"""Cells as people and workbooks leave them: dates in every usual way of writing, and codes that a workbook spoiled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E[+-]?[0-9]+\Z", re.IGNORECASE)
_WORKBOOK_DATE = re.compile(
    r"([0-9]{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(-[0-9]{2,4})?"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-[0-9]{1,4}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})\Z",
    re.IGNORECASE,
)
_SHAPES = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m/%d/%y", "%d-%b-%Y", "%Y/%m/%d", "%b %d, %Y", "%B %d, %Y")
AS_TEXT = "open the file as downloaded; where it must go through a workbook, format the code column as text first"


def spoiled(text: str) -> str:
    """What a workbook did to this code, or "" for none: 1E10 for a code, a date for a code, 213.0 for 213."""
    if _SCIENTIFIC.match(text):
        return f"{text} is a code that a workbook turned into a number"
    if _WORKBOOK_DATE.match(text):
        return f"{text} is a code that a workbook turned into a date"
    if text.endswith(".0") and text[:-2].isdigit():
        return f"{text} is a code that a workbook turned into a number"
    return ""


def lost_zero(text: str, width: int) -> str:
    """Told of digits that are fewer than a code has: the leading zeros are gone."""
    return f"{text} is a code that lost its leading zeros" if text.isdigit() and len(text) < width else ""


def read_date(text: str) -> date | None:
    """A date in any usual way of writing; None for an empty cell or an open end. Raises ValueError for anything else."""
    text = text.strip()
    if not text or text in ("99991231", "12/31/9999", "9999-12-31", "00000000", "*"):
        return None
    for shape in _SHAPES:
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 - dates of service have no time zone
        except ValueError:
            continue
    raise ValueError(f"{text} is no date")


def after(last_day: date | None) -> date | None:
    """The first day that a row with that last day no longer holds for."""
    return last_day + timedelta(days=1) if last_day else None


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def heading(text: str) -> str:
    """A column's name as it is compared: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def column(names: Sequence[str], group: frozenset[str]) -> int:
    """Where the first of the names stands, or -1."""
    return next((at for at, name in enumerate(names) if name in group), -1)
