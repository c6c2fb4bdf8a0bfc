"""What modifiers are for, and which contradict each other: tables of data/, read once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from claimwright.codes.tables import read_table


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in read_table("modifier_groups.tsv"):
        found.setdefault(row["group"], set()).add(row["modifier"])
    return {name: frozenset(members) for name, members in found.items()}


@lru_cache(maxsize=1)
def _pairs() -> tuple[tuple[str, str, str], ...]:
    return tuple((row["one"], row["other"], row["why"]) for row in read_table("modifier_pairs.tsv"))


def modifier_group(name: str) -> frozenset[str]:
    """Modifiers of a group: pricing, ncci, repeat, anesthesia, laterality ... Raises KeyError for an unknown name."""
    return _groups()[name]


def contradictions(modifiers: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Pairs on one line that cannot both be true, each with why."""
    present = set(modifiers)
    return tuple(pair for pair in _pairs() if pair[0] in present and pair[1] in present)


def pricing_first(modifiers: Iterable[str]) -> tuple[str, ...]:
    """The same modifiers with those that change the price ahead, otherwise in the order given."""
    pricing = modifier_group("pricing")
    return tuple(sorted(modifiers, key=lambda modifier: modifier not in pricing))
