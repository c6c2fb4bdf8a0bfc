"""The HHS poverty guidelines by date, area and household size: what financial assistance is measured by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from claimwright.codes.dates import Dated, Timeline
from claimwright.codes.tables import read_table

CONTIGUOUS = "48"
OWN_AREAS = ("AK", "HI")


class Guideline(msgspec.Struct, frozen=True):
    """Dollars a year for a household's first person, and for each further one."""

    first_person: Decimal
    each_further: Decimal

    def for_household(self, size: int) -> Decimal:
        """Raises ValueError for a household of nobody."""
        if size < 1:
            raise ValueError("household size: at least one person")
        return self.first_person + self.each_further * (size - 1)


@lru_cache(maxsize=1)
def _guidelines() -> dict[str, Timeline[Guideline]]:
    rows: dict[str, list[Dated[Guideline]]] = {}
    for row in read_table("poverty_guidelines.tsv"):
        rows.setdefault(row["area"], []).append(
            Dated(
                value=Guideline(Decimal(row["first_person"]), Decimal(row["each_further"])),
                start=date.fromisoformat(row["start"]),
                end=date.fromisoformat(row["end"]) if row["end"] else None,
                source=row["source"],
                unit="dollars a year",
            )
        )
    return {area: Timeline(found) for area, found in rows.items()}


def poverty_guideline(state: str, on: date) -> Dated[Guideline] | None:
    """The guideline in force where the patient lives; None for a day before the first year that is known.

    Territories have none of their own: the contiguous states' is used, as most programs do.
    """
    return _guidelines()[state if state in OWN_AREAS else CONTIGUOUS].row_on(on)
