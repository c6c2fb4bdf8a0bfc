"""The rows of Medicare's other fee files, and the tables that hold them by date of service.

Relative values are in `relative_values`; localities, anesthesia factors and the conversion factors are shipped (works of
the United States Government), all that names CPT codes is imported by the user. Dollars are exact decimals; a price the
agency left blank or zero is None, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

import msgspec

from claimwright.codes.dates import Dated, Timeline
from claimwright.codes.fee_tables import Edition, FeeRow, FeeTable, Key, RowType
from claimwright.codes.relative_values import RelativeValues
from claimwright.codes.tables import read_table


class CostIndex(FeeRow, frozen=True, kw_only=True):
    """One payment locality with its geographic practice cost indices (GPCI), fractions around one."""

    KEY: ClassVar[tuple[str, ...]] = ("carrier", "locality")

    carrier: str
    locality: str
    state: str = ""
    name: str = ""
    work: Decimal = Decimal(1)
    expense: Decimal = Decimal(1)
    malpractice: Decimal = Decimal(1)


class CostIndices(FeeTable[CostIndex]):
    """Payment localities by carrier and locality number, both kept as text: 00 and 01112 have leading zeros."""

    __slots__ = ()
    ROW = CostIndex

    def row(self, carrier: str, locality: str, on: date) -> CostIndex | None:
        return self.find((carrier, locality), on)

    def of_state(self, state: str, on: date) -> tuple[CostIndex, ...]:
        """Every locality of a state (two letters), by number. One alone means the state is a single locality."""
        edition = self.edition(on)
        rows = [edition.row(key) for key in edition] if edition is not None else []
        return tuple(sorted((row for row in rows if row and row.state == state), key=lambda row: row.locality))


class LocalityCounties(FeeRow, frozen=True, kw_only=True):
    """Which counties a payment locality takes in, in the agency's words."""

    KEY: ClassVar[tuple[str, ...]] = ("carrier", "locality", "state")

    carrier: str
    locality: str
    state: str = ""
    area: str = ""
    counties: str = ""


class LocalityCountiesTable(FeeTable[LocalityCounties]):
    __slots__ = ()
    ROW = LocalityCounties


class PostalLocality(FeeRow, frozen=True, kw_only=True):
    """The payment locality of a five-digit ZIP. `needs_plus_four`: the ZIP lies in more than one locality."""

    KEY: ClassVar[tuple[str, ...]] = ("postal_code",)

    postal_code: str
    carrier: str
    locality: str
    state: str = ""
    rural: str = ""  # R rural, B super rural, blank urban
    needs_plus_four: bool = False


class PostalLocalities(FeeTable[PostalLocality]):
    __slots__ = ()
    ROW = PostalLocality


class AnesthesiaFactor(FeeRow, frozen=True, kw_only=True):
    """Dollars for one anesthesia unit in a payment locality."""

    KEY: ClassVar[tuple[str, ...]] = ("carrier", "locality")

    carrier: str
    locality: str
    factor: Decimal
    qualifying_factor: Decimal | None = None  # from 2026, for qualifying participants of advanced payment models


class AnesthesiaFactors(FeeTable[AnesthesiaFactor]):
    __slots__ = ()
    ROW = AnesthesiaFactor

    def row(self, carrier: str, locality: str, on: date) -> AnesthesiaFactor | None:
        return self.find((carrier, locality), on)


class BaseUnits(FeeRow, frozen=True, kw_only=True):
    """The base units of an anesthesia procedure."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    units: Decimal


class BaseUnitsTable(FeeTable[BaseUnits]):
    __slots__ = ()
    ROW = BaseUnits


class LocalFee(FeeRow, frozen=True, kw_only=True):
    """A finished fee of one locality: the carrier's own file (PFyyyy), or the outpatient cap (OPPSCAP)."""

    KEY: ClassVar[tuple[str, ...]] = ("carrier", "locality", "code", "modifier")

    carrier: str
    locality: str
    code: str
    modifier: str = ""
    status: str = ""
    nonfacility: Decimal | None = None
    facility: Decimal | None = None

    def amount(self, facility: bool) -> Decimal | None:
        return self.facility if facility else self.nonfacility


class CarrierFees(FeeTable[LocalFee]):
    __slots__ = ()
    ROW = LocalFee


class OutpatientCaps(CarrierFees):
    __slots__ = ()


class LaboratoryFee(FeeRow, frozen=True, kw_only=True):
    """One row of the clinical laboratory fee schedule. `indicator` N is a national limit, L a local fee."""

    KEY: ClassVar[tuple[str, ...]] = ("code", "modifier")

    code: str
    modifier: str = ""
    rate: Decimal | None = None
    indicator: str = ""
    effective: date | None = None


class LaboratoryFees(FeeTable[LaboratoryFee]):
    __slots__ = ()
    ROW = LaboratoryFee


class EquipmentFee(FeeRow, frozen=True, kw_only=True):
    """One row of the DMEPOS fee schedule. `amounts` holds "AL=12.34/11.00": state, non-rural, rural; blank is none."""

    KEY: ClassVar[tuple[str, ...]] = ("code", "modifier", "second_modifier")

    code: str
    modifier: str = ""
    second_modifier: str = ""
    jurisdiction: str = ""  # D the equipment contractor, L the local one, J both
    category: str = ""  # IN inexpensive, CR capped rental, OX oxygen, PO prosthetics, SU supplies ...
    ceiling: Decimal | None = None
    floor: Decimal | None = None
    amounts: str = ""

    def amount(self, state: str, rural: bool = False) -> Decimal | None:
        """The state's fee; the non-rural one where the file has no rural one."""
        for part in self.amounts.split(";"):
            name, _, values = part.partition("=")
            if name == state:
                plain, _, country = values.partition("/")
                text = country if rural and country else plain
                return Decimal(text) if text else None
        return None


class EquipmentFees(FeeTable[EquipmentFee]):
    __slots__ = ()
    ROW = EquipmentFee


class OutpatientRate(FeeRow, frozen=True, kw_only=True):
    """One row of OPPS Addendum B: national unadjusted rate and copayment of a hospital outpatient service."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    status_indicator: str = ""
    classification: str = ""  # APC
    weight: Decimal | None = None
    rate: Decimal | None = None
    copayment: Decimal | None = None
    minimum_copayment: Decimal | None = None


class OutpatientRates(FeeTable[OutpatientRate]):
    __slots__ = ()
    ROW = OutpatientRate


class SurgeryCenterRate(FeeRow, frozen=True, kw_only=True):
    """One row of ASC Addendum AA or BB: national unadjusted rate of a surgery centre service."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    payment_indicator: str = ""
    weight: Decimal | None = None
    rate: Decimal | None = None
    is_discounted: bool = False  # subject to multiple procedure discounting


class SurgeryCenterRates(FeeTable[SurgeryCenterRate]):
    __slots__ = ()
    ROW = SurgeryCenterRate


# The names under which the library of code sets holds each table.
TABLES: dict[str, type[FeeTable]] = {  # type: ignore[type-arg]
    "relative_values": RelativeValues,
    "cost_indices": CostIndices,
    "locality_counties": LocalityCountiesTable,
    "postal_localities": PostalLocalities,
    "anesthesia_factors": AnesthesiaFactors,
    "anesthesia_base_units": BaseUnitsTable,
    "carrier_fees": CarrierFees,
    "outpatient_caps": OutpatientCaps,
    "laboratory_fees": LaboratoryFees,
    "equipment_fees": EquipmentFees,
    "outpatient_rates": OutpatientRates,
    "surgery_center_rates": SurgeryCenterRates,
}


# What is shipped ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def shipped_cost_indices() -> CostIndices:
    return CostIndices(_editions("cost_indices.tsv", CostIndex))


@lru_cache(maxsize=1)
def shipped_counties() -> LocalityCountiesTable:
    return LocalityCountiesTable(_editions("locality_counties.tsv", LocalityCounties))


@lru_cache(maxsize=1)
def shipped_anesthesia_factors() -> AnesthesiaFactors:
    return AnesthesiaFactors(_editions("anesthesia_factors.tsv", AnesthesiaFactor))


@lru_cache(maxsize=1)
def _factors() -> dict[str, Timeline[Decimal]]:
    found: dict[str, list[Dated[Decimal]]] = {}
    for row in read_table("conversion_factors.tsv"):
        found.setdefault(row["schedule"], []).append(
            Dated(
                value=Decimal(row["factor"]),
                start=date.fromisoformat(row["start"]),
                end=date.fromisoformat(row["end"]),
                source=row["source"],
                unit="dollars a relative value unit",
            )
        )
    return {name: Timeline(rows) for name, rows in found.items()}


def conversion_factor(on: date, *, qualifying: bool = False) -> Dated[Decimal] | None:
    """Dollars for one relative value unit on the date of service, with its source; None for a day not in the table.

    From 2026 clinicians who are qualifying participants of an advanced alternative payment model have their own.
    """
    factors = _factors()
    if qualifying and (found := factors["physician_qualifying"].row_on(on)) is not None:
        return found
    return factors["physician"].row_on(on)


def factor_is_of(factor: Decimal) -> tuple[Dated[Decimal], ...]:
    """The times that a conversion factor of the physician fee schedule is known to be of; none for one not in the table."""
    return tuple(row for timeline in _factors().values() for row in timeline if row.value == factor)


def _editions(name: str, kind: type[RowType]) -> Iterable[Edition[RowType]]:
    """Editions of a shipped table: its first columns are start, end and source of the release, the rest the row's."""
    found: dict[tuple[str, str, str], dict[Key, RowType | str]] = {}
    for cells in read_table(name):
        release = (cells.pop("start"), cells.pop("end"), cells.pop("source"))
        row = msgspec.convert(cells, kind, strict=False)
        found.setdefault(release, {})[row.key] = row
    for (start, end, source), rows in found.items():
        yield Edition(
            rows, start=date.fromisoformat(start), end=date.fromisoformat(end), label=start[:4], source=source
        )
