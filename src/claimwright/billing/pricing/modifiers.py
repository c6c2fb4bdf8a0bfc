"""How modifiers and the rendering professional change what is allowed. The defaults are a dated table; a contract may
say otherwise (domain.md section 1, Contract)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from claimwright.billing.pricing.words import Step, Unpriced, percent
from claimwright.codes.dates import Dated, Timeline
from claimwright.codes.relative_values import RelativeValue
from claimwright.codes.tables import read_table

FACTOR, MANUAL, BILATERAL, ASSISTANT, PAYMENT = "factor", "manual", "bilateral", "assistant", "payment"
_PARTS = {
    "parts_surgeon": ("preoperative", "intraoperative"),
    "parts_before": ("preoperative",),
    "parts_during": ("intraoperative",),
    "parts_after": ("postoperative",),
}
# Indicators of PPRRVU for a procedure done on both sides; without a row the contract's factor holds.
_BILATERAL = {
    "0": (Decimal(1), "the code allows no more for both sides"),
    "2": (Decimal(1), "the code is for both sides already"),
    "3": (Decimal(2), "each side is paid in full"),
    "9": (Decimal(1), "the code has no sides"),
}


class ModifierFactor(msgspec.Struct, frozen=True):
    """`fraction` of the price that is left; None for a modifier that a person prices or whose share is in the file."""

    kind: str
    fraction: Decimal | None = None


@lru_cache(maxsize=1)
def _factors() -> dict[str, Timeline[ModifierFactor]]:
    found: dict[str, list[Dated[ModifierFactor]]] = {}
    for row in read_table("modifier_factors.tsv"):
        found.setdefault(row["modifier"], []).append(
            Dated(
                value=ModifierFactor(row["kind"], Decimal(row["factor"]) if row["factor"] else None),
                start=date.fromisoformat(row["start"]) if row["start"] else None,
                end=date.fromisoformat(row["end"]) if row["end"] else None,
                source=row["source"],
            )
        )
    return {modifier: Timeline(rows) for modifier, rows in found.items()}


def modifier_factor(modifier: str, on: date) -> ModifierFactor | None:
    """The default of a modifier on the date of service; None for one that changes no price."""
    timeline = _factors().get(modifier)
    return None if timeline is None else timeline.on(on)


def modifier_fractions(on: date) -> dict[str, Decimal]:
    """Every modifier with a plain fraction on the day: what the anesthesia price asks for."""
    return {
        modifier: value.fraction
        for modifier, timeline in _factors().items()
        if (value := timeline.on(on)) is not None and value.fraction is not None
    }


def applied(
    amount: Decimal,
    modifiers: tuple[str, ...],
    *,
    on: date,
    row: RelativeValue | None,
    overrides: Mapping[str, Decimal] | None = None,
    priced_by: str = "",
    units: Decimal = Decimal(1),
) -> tuple[Decimal, tuple[Step, ...]]:
    """`amount` after the line's modifiers, not rounded, and the working.

    `priced_by` is a modifier that the price itself already stands for (a row of its own). `overrides` are the contract's
    fractions by modifier. Raises Unpriced for a modifier that a person must price.
    """
    steps: list[Step] = []
    for modifier in dict.fromkeys(modifiers):
        if modifier == priced_by:
            continue
        if overrides and modifier in overrides:
            fraction, why = overrides[modifier], " by contract"
        else:
            found = modifier_factor(modifier, on)
            if found is None or found.kind in ("anesthesia", "supervision", PAYMENT):
                continue
            fraction, why = _fraction(modifier, found, row, units)
        amount *= fraction
        steps.append(Step(f"Modifier {modifier}{why}: {percent(fraction)}", amount))
    return amount, tuple(steps)


def _fraction(modifier: str, found: ModifierFactor, row: RelativeValue | None, units: Decimal) -> tuple[Decimal, str]:
    if found.kind == MANUAL:
        raise Unpriced(
            f"modifier {modifier} is priced by report: set the amount in the contract, or expect a manual price"
        )
    if found.kind == BILATERAL:
        if units > 1:
            raise Unpriced(
                f"modifier {modifier} with {units.normalize():f} units: bill one unit, or two lines RT and LT"
            )
        if row is not None and row.bilateral in _BILATERAL:
            fraction, why = _BILATERAL[row.bilateral]
            return fraction, f" ({why})"
    if found.kind in _PARTS:
        names = _PARTS[found.kind]
        share = sum((getattr(row, name) for name in names), Decimal(0)) if row is not None else Decimal(0)
        if not share:
            raise Unpriced(
                f"modifier {modifier} pays a part of the global period, which the relative values do not give"
            )
        return share, " (part of the global period)"
    assert found.fraction is not None
    return found.fraction, ""


@lru_cache(maxsize=1)
def _professionals() -> tuple[tuple[str, Decimal, str], ...]:
    return tuple((row["taxonomy"], Decimal(row["fraction"]), row["who"]) for row in read_table("provider_factors.tsv"))


def professional_fraction(taxonomy: str) -> tuple[Decimal, str]:
    """The part of the physician fee that Medicare pays this professional, and who that is; 1 for physicians."""
    for begins, fraction, who in _professionals():
        if taxonomy.startswith(begins):
            return fraction, who
    return Decimal(1), ""


def is_assistant(modifiers: tuple[str, ...]) -> bool:
    """AS already holds the 85 % of a professional who is no physician."""
    return "AS" in modifiers
