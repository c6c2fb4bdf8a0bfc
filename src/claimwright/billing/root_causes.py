"""Where denials begin and how they end: root causes, counts by any view, months side by side, chances learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from claimwright.billing.denials import LEARNED_AFTER_CASES
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.tables import read_table

CAUSES: dict[str, str] = {
    "front_desk": "Front desk", "authorization": "Authorization", "coding": "Coding", "documentation": "Documentation",
    "charge_entry": "Charge entry", "set_up": "Set-up", "payer_error": "Payer's error",
    "other_payer": "Other payer first", "late": "Late", "unknown": "Not known yet",
}  # fmt: skip
WON, LOST = ("OVERTURNED",), ("UPHELD", "WRITTEN_OFF", "TRANSFERRED")
_SHARE = Decimal("0.0001")


class Cause(Noun, frozen=True, kw_only=True):
    name: str
    preventable: bool


@lru_cache(maxsize=1)
def _table() -> dict[str, Cause]:
    return {
        row["match"]: Cause(name=row["cause"], preventable=row["preventable"] == "1")
        for row in read_table("denial_root_causes.tsv")
    }


def usual_cause(category: str, carc: str) -> Cause:
    """Where such a denial usually begins, until a person says better."""
    table = _table()
    return table.get(carc) or table.get(category) or table["UNCLASSIFIED"]


class DenialCase(Noun, frozen=True, kw_only=True):
    """One denial with what it can be counted by. `recovered` is the outcome amount, `written_off` what was given up."""

    payer: str
    carc: str
    code: str
    provider: str
    location: str
    category: str
    root_cause: str
    preventable: bool
    first_pass: bool  # of the claim's first version
    amount: Decimal
    received: date
    state: str
    recovered: Decimal = ZERO
    written_off: Decimal = ZERO


class Tally(Noun, frozen=True, kw_only=True):
    """Counts of the denials under one name. Rates are fractions, None where nothing is decided."""

    name: str
    count: int
    first_pass: int
    amount: Decimal
    preventable_count: int
    decided: int
    overturned: int
    recovered: Decimal
    avoidable_write_off: Decimal  # written off, and preventable

    @property
    def preventable_rate(self) -> Decimal | None:
        return share(self.preventable_count, self.count)

    @property
    def overturn_rate(self) -> Decimal | None:
        return share(self.overturned, self.decided)


def share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_SHARE, ROUND_HALF_UP) if whole else None


VIEWS: dict[str, Callable[[DenialCase], str]] = {
    "payer": lambda case: case.payer,
    "carc": lambda case: case.carc,
    "code": lambda case: case.code,
    "provider": lambda case: case.provider,
    "location": lambda case: case.location,
    "category": lambda case: case.category,
    "root_cause": lambda case: case.root_cause,
    "month": lambda case: f"{case.received:%Y-%m}",
    "payer_carc_code": lambda case: f"{case.payer} | {case.carc} | {case.code}",
}


def tally(name: str, cases: Iterable[DenialCase]) -> Tally:
    rows = list(cases)
    return Tally(
        name=name, count=len(rows), first_pass=sum(row.first_pass for row in rows),
        amount=sum((row.amount for row in rows), ZERO),
        preventable_count=sum(row.preventable for row in rows),
        decided=sum(row.state in WON + LOST for row in rows), overturned=sum(row.state in WON for row in rows),
        recovered=sum((row.recovered for row in rows), ZERO),
        avoidable_write_off=sum((row.written_off for row in rows if row.preventable), ZERO),
    )  # fmt: skip


def breakdown(cases: Iterable[DenialCase], view: str) -> list[Tally]:
    """The denials by a view, largest amount first; months in order of time. Raises KeyError for an unknown view."""
    key = VIEWS[view]
    groups: dict[str, list[DenialCase]] = defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    found = [tally(name, rows) for name, rows in groups.items()]
    if view == "month":
        return sorted(found, key=lambda row: row.name)
    return sorted(found, key=lambda row: (-row.amount, row.name))


class LearnedChance(Noun, frozen=True, kw_only=True):
    category: str
    won: int
    decided: int

    @property
    def holds(self) -> bool:
        """Whether there are enough own cases to take the place of the category's default."""
        return self.decided >= LEARNED_AFTER_CASES


def learned_chances(outcomes: Iterable[tuple[str, str]]) -> dict[str, LearnedChance]:
    """Of (category, state) of each denial: how many of each category were decided, and how many of those won."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for category, state in outcomes:
        if state in WON + LOST:
            counts[category][1] += 1
            counts[category][0] += state in WON
    return {name: LearnedChance(category=name, won=won, decided=decided) for name, (won, decided) in counts.items()}
