"""What is particular about a procedure code: whom, where and how it is done, by date of service.

The rows, each with its source, are tables of `data/`: unlisted_codes, procedure_patients, procedure_places,
modifier_uses, laboratory_codes, waived_tests, therapy_codes, therapy_thresholds, mammography_codes, vaccine_codes. They
hold numbers and own words; a practice that has imported its CPT list needs none of them changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from claimwright.codes.dates import add_months
from claimwright.codes.tables import read_table

HEAD, KNOWN_HEADS = 2, 4_096
KNOWN_CODES = 32_768  # answers kept; a stream of unknown codes does not grow the memory
FACILITY_PLACES_WITHOUT_BUILDING = frozenset(("02", "41", "42"))


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Codes `first` to `last`, both included, from `start` to before `end`; dates None are open."""

    first: str
    last: str
    start: date | None = None
    end: date | None = None
    source: str = ""

    def names(self, code: str) -> bool:
        """Whether the code lies in the range: of the same length, and with the range's own letter at its end, if any."""
        if len(code) != len(self.first) or not self.first <= code <= self.last:
            return False
        return code[-1].isdigit() if self.first[-1].isdigit() else code[-1] == self.first[-1]

    def is_near(self, head: str) -> bool:
        """Whether it may name a code with these first characters: of hundreds of rules, few are left to compare."""
        return self.first[:HEAD] <= head <= self.last[:HEAD]

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Age(msgspec.Struct, frozen=True):
    """An age in days, months or years of life."""

    count: int
    unit: str  # d, m, y

    def reached_on(self, birth: date) -> date:
        """The first day on which someone born on `birth` has this age."""
        if self.unit == "d":
            return date.fromordinal(birth.toordinal() + self.count)
        return add_months(birth, self.count * (12 if self.unit == "y" else 1))

    def words(self) -> str:
        unit = {"d": "day", "m": "month", "y": "year"}[self.unit]
        return f"{self.count} {unit}{'' if self.count == 1 else 's'}"


class PatientRule(Rule, frozen=True, kw_only=True):
    """Who the procedure is for: `youngest` is included, `under` is not."""

    sex: str = ""
    youngest: Age | None = None
    under: Age | None = None

    def fits_age(self, birth: date, on: date) -> bool:
        if self.youngest is not None and on < self.youngest.reached_on(birth):
            return False
        return self.under is None or on < self.under.reached_on(birth)

    def ages(self) -> str:
        words = []
        if self.youngest is not None:
            words.append(f"from {self.youngest.words()}")
        if self.under is not None:
            words.append(f"under {self.under.words()}")
        return " and ".join(words) or "any age"


class PlaceRule(Rule, frozen=True, kw_only=True):
    allowed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def takes(self, place: str) -> bool:
        return place not in self.refused and (not self.allowed or place in self.allowed)


class TherapyRule(Rule, frozen=True, kw_only=True):
    disciplines: frozenset[str] = frozenset()  # GP GO GN


class VaccineRule(Rule, frozen=True, kw_only=True):
    role: str = ""  # administration, product
    kind: str = ""  # any, other, influenza, pneumococcal, hepatitis_b, covid


class WaivedTest(Rule, frozen=True, kw_only=True):
    modifier: str = ""  # none, kit, either


class Member(Rule, frozen=True, kw_only=True):
    """Codes that are put into a set, or with `member` false taken out of it again; only those that end with `ending`."""

    ending: str = ""
    member: bool = True


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """All the rules that name one code."""

    unlisted: bool = False
    laboratory: bool = False
    patients: tuple[PatientRule, ...] = ()
    places: tuple[PlaceRule, ...] = ()
    waived: tuple[WaivedTest, ...] = ()
    therapy: tuple[TherapyRule, ...] = ()
    mammography: tuple[Rule, ...] = ()
    vaccines: tuple[VaccineRule, ...] = ()

    def waived_on(self, on: date) -> str:
        """none, kit or either; "" where no waived kit of the test is known."""
        return next((rule.modifier for rule in self.waived if rule.holds(on)), "")

    def disciplines_on(self, on: date) -> frozenset[str]:
        """The plans of care of a service that is always therapy; empty for all else."""
        return next((rule.disciplines for rule in self.therapy if rule.holds(on)), frozenset())

    def vaccine_on(self, on: date) -> VaccineRule | None:
        """What the code is in a vaccination: the first rule of the day, products by their own kind before others."""
        return next((rule for rule in self.vaccines if rule.holds(on)), None)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _age(text: str) -> Age | None:
    return Age(int(text[:-1]), text[-1]) if text else None


def _span(row: dict[str, str]) -> dict[str, object]:
    first = row.get("first") or row["code"]
    return {
        "first": first,
        "last": row.get("last") or first,
        "start": _day(row["start"]),
        "end": _day(row["end"]),
        "source": row["source"],
    }


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(maxsize=1)
def _patients() -> tuple[PatientRule, ...]:
    return tuple(
        msgspec.convert(
            _span(row) | {"sex": row["sex"], "youngest": _age(row["youngest"]), "under": _age(row["under"])},
            PatientRule,
        )
        for row in read_table("procedure_patients.tsv")
    )


@lru_cache(maxsize=1)
def _places() -> tuple[PlaceRule, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"allowed": _words(row["allowed"]), "refused": _words(row["refused"])}, PlaceRule)
        for row in read_table("procedure_places.tsv")
    )


@lru_cache(maxsize=1)
def _therapies() -> tuple[TherapyRule, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"disciplines": _words(row["disciplines"])}, TherapyRule)
        for row in read_table("therapy_codes.tsv")
    )


@lru_cache(maxsize=1)
def _vaccines() -> tuple[VaccineRule, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"role": row["role"], "kind": row["kind"]}, VaccineRule)
        for row in read_table("vaccine_codes.tsv")
    )


@lru_cache(maxsize=1)
def _waived() -> tuple[WaivedTest, ...]:
    return tuple(
        msgspec.convert(_span(row) | {"modifier": row["modifier"]}, WaivedTest)
        for row in read_table("waived_tests.tsv")
    )


@lru_cache(maxsize=1)
def _mammographies() -> tuple[Rule, ...]:
    return tuple(msgspec.convert(_span(row), Rule) for row in read_table("mammography_codes.tsv"))


def _members(name: str, column: str) -> tuple[Member, ...]:
    """Rows of a set, those that take out first: they decide."""
    rows = [
        msgspec.convert(_span(row) | {"ending": row.get("ending", ""), "member": row[column] == "yes"}, Member)
        for row in read_table(name)
    ]
    return tuple(sorted(rows, key=lambda row: row.member))


@lru_cache(maxsize=1)
def _unlisted() -> tuple[Member, ...]:
    return _members("unlisted_codes.tsv", "unlisted")


@lru_cache(maxsize=1)
def _laboratory() -> tuple[Member, ...]:
    return _members("laboratory_codes.tsv", "subject")


_TABLES: dict[str, Callable[[], Sequence[Rule]]] = {
    "unlisted": _unlisted,
    "laboratory": _laboratory,
    "patients": _patients,
    "places": _places,
    "waived": _waived,
    "therapy": _therapies,
    "mammography": _mammographies,
    "vaccines": _vaccines,
}
_SETS = ("unlisted", "laboratory")


@lru_cache(maxsize=KNOWN_HEADS)
def _near(head: str) -> tuple[tuple[str, Rule], ...]:
    """The rules, each with the name of its table, that may name a code that begins so."""
    return tuple((name, rule) for name, rules in _TABLES.items() for rule in rules() if rule.is_near(head))


def _is_member(code: str, rules: Sequence[Member]) -> bool:
    return next((rule.member for rule in rules if code.endswith(rule.ending)), False)


NO_TRAITS = Traits()


@lru_cache(maxsize=KNOWN_CODES)
def traits(code: str) -> Traits:
    """Everything the tables say of a code; look at each rule's dates with `holds`. NO_TRAITS where they say nothing."""
    named: dict[str, list[Any]] = {}
    for name, rule in _near(code[:HEAD]):
        if rule.names(code):
            named.setdefault(name, []).append(rule)
    found: dict[str, Any] = {
        name: _is_member(code, rules) if name in _SETS else tuple(rules) for name, rules in named.items()
    }
    made = Traits(**found)
    return NO_TRAITS if made == NO_TRAITS else made


@lru_cache(maxsize=1)
def _modifier_rules() -> dict[str, tuple[tuple[str, Rule], ...]]:
    found: dict[str, tuple[tuple[str, Rule], ...]] = {}
    for row in read_table("modifier_uses.tsv"):
        rule = (row["rule"], msgspec.convert(_span(row), Rule))
        found[row["modifier"]] = (*found.get(row["modifier"], ()), rule)
    return found


@lru_cache(maxsize=KNOWN_CODES)
def _standing(modifier: str, code: str) -> tuple[tuple[str, Rule, bool], ...]:
    return tuple((word, rule, rule.names(code)) for word, rule in _modifier_rules().get(modifier, ()))


def modifier_may_stand(modifier: str, code: str, on: date) -> bool:
    """Whether a modifier is for such a code on the date of service. True where the table says nothing of it."""
    rows = _standing(modifier, code)
    if not rows:
        return True
    asked = False
    for word, rule, named in rows:
        if not rule.holds(on):
            continue
        if word == "never" and named:
            return False
        if word == "only":
            if named:
                return True
            asked = True
    return not asked


@lru_cache(maxsize=1)
def _thresholds() -> tuple[tuple[date, date, Decimal], ...]:
    rows = read_table("therapy_thresholds.tsv")
    return tuple((date.fromisoformat(r["start"]), date.fromisoformat(r["end"]), Decimal(r["amount"])) for r in rows)


def therapy_threshold(on: date) -> Decimal | None:
    """Dollars of therapy in the calendar year of the date of service above which KX is asked; None where not known."""
    return next((amount for start, end, amount in _thresholds() if start <= on < end), None)


@lru_cache(maxsize=1)
def facility_places() -> frozenset[str]:
    """Places of service that have a facility's own bill for rooms and machines (CMS place of service code set)."""
    rows = read_table("place_of_service.tsv")
    return frozenset(row["code"] for row in rows if row["facility"] == "1") - FACILITY_PLACES_WITHOUT_BUILDING


def all_rules() -> Iterator[Rule]:
    """Every row of the tables, for proving them."""
    for rows in _TABLES.values():
        yield from rows()
    for rules in _modifier_rules().values():
        yield from (rule for _, rule in rules)
