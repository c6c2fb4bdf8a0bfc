"""The small fee files of tests/unit/codes/fees as the library reads them, and relative values made of a few numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from claimwright.codes.library_shapes import Asked, Loader, Refusals
from claimwright.codes.library_sources import Source, sources_of
from claimwright.codes.loaders import fees_physician
from claimwright.codes.loaders.fees_reading import read_fee_rows
from claimwright.codes.relative_values import RelativeValue, RelativeValues

FOLDER = Path(__file__).parents[1] / "unit" / "codes" / "fees"


def source(path: Path) -> Source:
    (found,) = sources_of(path)
    return found


@lru_cache(maxsize=1)
def relative_values_2024() -> RelativeValues:
    """A part of RVU24C, July to September 2024."""
    refusals = Refusals()
    rows: Any = read_fee_rows(fees_physician.RELATIVE_VALUES_FILE, source(FOLDER / "PPRRVU24_JUL.csv"), refusals)
    refusals.check()
    return RelativeValues.of(rows, start=date(2024, 7, 1), end=date(2024, 10, 1), label="2024 Q3")


def prepared(loader: Loader, path: Path, folder: Path, **asked: Any) -> Any:
    """What `claimwright codes import` would store of one file."""
    (found,) = loader.prepare([source(path)], Asked(**asked), folder)
    return found


def relative_value(code: str, modifier: str = "", **fields: Any) -> RelativeValue:
    """A row with the numbers given as text or Decimal."""
    exact = {name: Decimal(value) if name in _NUMBERS else value for name, value in fields.items()}
    return RelativeValue(code=code, modifier=modifier, **exact)


_NUMBERS = (
    "work", "nonfacility_expense", "facility_expense", "malpractice", "preoperative", "intraoperative",
    "postoperative", "outpatient_nonfacility_expense", "outpatient_malpractice",
)  # fmt: skip
