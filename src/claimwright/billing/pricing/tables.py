"""The reference tables that prices are made from, gathered: in memory, imported by the user, or shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import msgspec

from claimwright.billing.pricing.words import Unpriced
from claimwright.codes.fee_files import (
    TABLES,
    AnesthesiaFactor,
    CostIndex,
    shipped_anesthesia_factors,
    shipped_cost_indices,
)
from claimwright.codes.fee_tables import FeeTable
from claimwright.codes.relative_values import RelativeValue, RelativeValues

# What a user imports to fill each table.
_FILES = {
    "relative_values": "the PPRRVU file of that quarter",
    "cost_indices": "the GPCI file of that year",
    "anesthesia_factors": "the ANES file of that year",
    "anesthesia_base_units": "the anesthesia base units of that year",
    "laboratory_fees": "the CLFS file of that quarter",
    "equipment_fees": "the DMEPOS file of that quarter",
    "outpatient_rates": "OPPS Addendum B of that quarter",
    "surgery_center_rates": "ASC Addendum AA of that quarter",
    "carrier_fees": "the PF file of that year",
}


class Locality(msgspec.Struct, frozen=True):
    """A Medicare payment locality: the carrier (five digits) and the locality (two), both text."""

    carrier: str
    number: str

    def __str__(self) -> str:
        return f"carrier {self.carrier}, locality {self.number}"


class HoldsTables(Protocol):
    """The library of code sets, as far as prices ask it."""

    def table(self, name: str, on: date) -> Any: ...


class PriceTables:
    """Looks a row up by date of service: first in the tables given, then in the user's library, then in what is shipped."""

    __slots__ = ("_given", "_library")

    def __init__(self, given: Mapping[str, FeeTable[Any]] | None = None, library: HoldsTables | None = None) -> None:
        """`given` is by the names of codes.fee_files.TABLES. Raises KeyError for another name."""
        for name in given or {}:
            TABLES[name]
        self._given = dict(given or {})
        self._library = library

    def table(self, name: str, on: date) -> FeeTable[Any] | None:
        """The table that speaks for the day, or None."""
        given = self._given.get(name)
        if given is not None and given.covers(on):
            return given
        if self._library is not None and (held := self._library.table(name, on)) is not None:
            found: FeeTable[Any] = held
            return found
        shipped: FeeTable[Any] | None = None
        if name == "cost_indices":
            shipped = shipped_cost_indices()
        elif name == "anesthesia_factors":
            shipped = shipped_anesthesia_factors()
        return shipped if shipped is not None and shipped.covers(on) else None

    def covers(self, name: str, on: date) -> bool:
        return self.table(name, on) is not None

    def find(self, name: str, key: tuple[str, ...], on: date) -> Any:
        """The row, or None: no table speaks for the day, or it has no such row."""
        table = self.table(name, on)
        return None if table is None else table.find(key, on)

    def need(self, name: str, on: date) -> FeeTable[Any]:
        """The table that speaks for the day. Raises Unpriced, which says what to import."""
        table = self.table(name, on)
        if table is None:
            raise Unpriced(
                f"no {name.replace('_', ' ')} are loaded for {on}: import {_FILES[name]} with `claimwright codes import`"
            )
        return table

    # The two that nearly every price asks for.

    def relative_value(self, code: str, modifiers: tuple[str, ...], on: date) -> RelativeValue | None:
        table = self.table("relative_values", on)
        return table.fitting(code, modifiers, on) if isinstance(table, RelativeValues) else None

    def cost_index(self, locality: Locality, on: date) -> CostIndex:
        """Raises Unpriced for a locality that is not in the year's table."""
        row: CostIndex | None = self.need("cost_indices", on).find((locality.carrier, locality.number), on)
        if row is None:
            raise Unpriced(f"{locality} is no payment locality on {on}: correct it in the contract or the practice")
        return row

    def anesthesia_factor(self, locality: Locality, on: date) -> AnesthesiaFactor:
        row: AnesthesiaFactor | None = self.need("anesthesia_factors", on).find((locality.carrier, locality.number), on)
        if row is None:
            raise Unpriced(f"{locality} has no anesthesia factor on {on}: correct the locality")
        return row
