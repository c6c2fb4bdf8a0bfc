"""The fee schedule's indicators as the edits ask for them."""

from __future__ import annotations

from datetime import date

from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.edits.shapes import Unanswered

SCHEDULE = ("relative_values",)


def schedule_row(table: RelativeValues | None, code: str, on: date) -> RelativeValue | None:
    """The row of the code alone on the day; None where the table has none, does not cover the day, or is not loaded."""
    return None if table is None else table.row(code, "", on)


def covers(table: RelativeValues | None, on: date) -> bool:
    """Whether a missing row means that the schedule does not know the code. A table that is not loaded has no gap."""
    return table is None or table.covers(on)


def global_days(table: RelativeValues | None, code: str, on: date) -> str | None:
    """The global indicator on the day; "" for a code without one, None where the table does not cover the day."""
    row = schedule_row(table, code, on)
    if row is not None:
        return row.global_days
    return "" if covers(table, on) else None


def gap(path: str, on: date) -> Unanswered:
    return Unanswered(path, f"the relative values that are loaded do not cover {on}")
