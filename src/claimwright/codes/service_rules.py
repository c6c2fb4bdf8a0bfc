"""Services that need another's name or data of their own: ordered tests, equipment, ambulances, and who usually bills them.

The rows, each with its source, are tables of `data/`: ordered_services, equipment_codes, ambulance_codes,
procedure_specialties, ordering_specialties. They hold numbers and own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from claimwright.codes.procedure_traits import HEAD, KNOWN_CODES, KNOWN_HEADS, Rule
from claimwright.codes.tables import read_table

# CMS asks for certificates (CMN, CR3) no more from this day: change request 12734. KX, GA, GZ or GY tell since then.
CERTIFICATES_END = date(2023, 1, 1)


class OrderRule(Rule, frozen=True, kw_only=True):
    kind: str = ""  # laboratory, imaging, equipment
    ordered: bool = True


class EquipmentRule(Rule, frozen=True, kw_only=True):
    """`pricing`: rented, new or used must be told. `statement`: so must whether the coverage criteria are met."""

    pricing: bool = False
    statement: bool = False


class AmbulanceRule(Rule, frozen=True, kw_only=True):
    role: str = ""  # base, mileage


class SpecialtyRule(Rule, frozen=True, kw_only=True):
    specialties: tuple[str, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """All the rules that name one code, in the order of their tables: the first that holds on a day counts."""

    orders: tuple[OrderRule, ...] = ()
    equipment: tuple[EquipmentRule, ...] = ()
    ambulance: tuple[AmbulanceRule, ...] = ()
    specialties: tuple[SpecialtyRule, ...] = ()

    def ordered_on(self, on: date) -> str:
        """The kind of service where it is done on somebody's order, else ""."""
        for rule in self.orders:
            if rule.holds(on):
                return rule.kind if rule.ordered else ""
        return ""

    def equipment_on(self, on: date) -> EquipmentRule | None:
        return next((rule for rule in self.equipment if rule.holds(on)), None)

    def ambulance_on(self, on: date) -> str:
        return next((rule.role for rule in self.ambulance if rule.holds(on)), "")

    def specialties_on(self, on: date) -> tuple[str, ...]:
        """The specialties that usually bill it, () where any may."""
        return next((rule.specialties for rule in self.specialties if rule.holds(on)), ())


def _span(row: dict[str, str]) -> dict[str, object]:
    return {
        "first": row["first"],
        "last": row["last"],
        "start": date.fromisoformat(row["start"]) if row["start"] else None,
        "end": date.fromisoformat(row["end"]) if row["end"] else None,
        "source": row["source"],
    }


@lru_cache(maxsize=1)
def _orders() -> tuple[OrderRule, ...]:
    rows = [
        msgspec.convert(_span(row) | {"kind": row["kind"], "ordered": row["ordered"] == "yes"}, OrderRule)
        for row in read_table("ordered_services.tsv")
    ]
    return tuple(sorted(rows, key=lambda rule: rule.ordered))  # what is taken out of a range goes before the range


@lru_cache(maxsize=1)
def _equipment() -> tuple[EquipmentRule, ...]:
    return tuple(
        msgspec.convert(
            _span(row) | {"pricing": row["pricing"] == "yes", "statement": row["statement"] == "yes"}, EquipmentRule
        )
        for row in read_table("equipment_codes.tsv")
    )


@lru_cache(maxsize=1)
def _ambulances() -> tuple[AmbulanceRule, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"role": row["role"]}, AmbulanceRule) for row in read_table("ambulance_codes.tsv")
    )


@lru_cache(maxsize=1)
def _specialties() -> tuple[SpecialtyRule, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"specialties": tuple(row["specialties"].split())}, SpecialtyRule)
        for row in read_table("procedure_specialties.tsv")
    )


_TABLES: dict[str, Callable[[], Sequence[Rule]]] = {
    "orders": _orders,
    "equipment": _equipment,
    "ambulance": _ambulances,
    "specialties": _specialties,
}


@lru_cache(maxsize=KNOWN_HEADS)
def _near(head: str) -> tuple[tuple[str, Rule], ...]:
    """The rules, each with the name of its table, that may name a code that begins so."""
    return tuple((name, rule) for name, rules in _TABLES.items() for rule in rules() if rule.is_near(head))


_NONE = Service()


@lru_cache(maxsize=KNOWN_CODES)
def service(code: str) -> Service:
    """Everything the tables say of a code; ask with the date of service."""
    named: dict[str, Any] = {}
    for name, rule in _near(code[:HEAD]):
        if rule.names(code):
            named[name] = (*named.get(name, ()), rule)
    return Service(**named) if named else _NONE


@lru_cache(maxsize=1)
def _may_not_order() -> tuple[str, ...]:
    return tuple(row["specialty"] for row in read_table("ordering_specialties.tsv") if row["may"] == "no")


def may_order(taxonomy: str) -> bool:
    """Whether a specialty may order and refer for Medicare; True where the table says nothing of it."""
    return not taxonomy.startswith(_may_not_order())


def all_rules() -> Iterator[Rule]:
    """Every row of the tables, for proving them."""
    yield from (*_orders(), *_equipment(), *_ambulances(), *_specialties())
