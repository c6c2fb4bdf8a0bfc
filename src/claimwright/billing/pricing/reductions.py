"""Reductions among the services of one patient on one day: multiple procedures, endoscopy families, imaging, therapy.

Source: CMS Pub. 100-04 chapter 12, 40.6 (multiple procedures, endoscopy), the indicator "multiple procedure" of PPRRVU,
and the dated table payment_reductions.tsv. The ranks go by what is allowed, never by the charge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from claimwright.billing.pricing import contracts
from claimwright.billing.pricing.facilities import REDUCED
from claimwright.billing.pricing.lines import Work
from claimwright.billing.pricing.physician import physician_fee
from claimwright.billing.pricing.tables import PriceTables
from claimwright.billing.pricing.words import Unpriced, percent, plain
from claimwright.codes.dates import Dated, Timeline
from claimwright.codes.money import money
from claimwright.codes.relative_values import RelativeValue
from claimwright.codes.tables import read_table

STANDARD, ENDOSCOPY, IMAGING, THERAPY, CARDIOVASCULAR, OPHTHALMOLOGY = "2", "3", "4", "5", "6", "7"
# Where reductions may act: codes in these ranges are not judged without relative values.
_UNJUDGED = (
    ("10004", "69990", "multiple procedures"),
    ("70010", "78999", "imaging"),
    ("97010", "97799", "therapy"),
)
_TECHNICAL = {
    IMAGING: "imaging_technical",
    CARDIOVASCULAR: "cardiovascular_technical",
    OPHTHALMOLOGY: "ophthalmology_technical",
}
IMAGING_FAMILY = "88"  # all of imaging is one family since 2011; 99 is not reduced
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")

# Prices a code by the same rate as a line, without its modifiers: what the endoscopy rule asks for the base.
BasePrice = Callable[[Work, str], Decimal | None]


@lru_cache(maxsize=1)
def _rules() -> dict[tuple[str, str], Timeline[Decimal]]:
    found: dict[tuple[str, str], list[Dated[Decimal]]] = {}
    for row in read_table("payment_reductions.tsv"):
        found.setdefault((row["rule"], row["rank"]), []).append(
            Dated(
                value=Decimal(row["fraction"]),
                start=date.fromisoformat(row["start"]) if row["start"] else None,
                end=date.fromisoformat(row["end"]) if row["end"] else None,
                source=row["source"],
            )
        )
    return {key: Timeline(rows) for key, rows in found.items()}


def reduction(rule: str, on: date, rank: str = "2") -> Decimal | None:
    """The fraction of a rule in payment_reductions.tsv on the date of service, or None."""
    timeline = _rules().get((rule, rank))
    return None if timeline is None else timeline.on(on)


def reduce(works: Sequence[Work], tables: PriceTables, base_price: BasePrice) -> None:
    """Reduces the priced lines of one day in place. `works` are of one patient and one billing provider."""
    open_works = [work for work in works if work.amount is not None and _is_open(work)]
    if not open_works:
        return
    unjudged(open_works, tables)
    open_works = [work for work in open_works if work.amount is not None]
    multiple_procedures(open_works, base_price)
    for indicator in _TECHNICAL:
        diagnostic(open_works, indicator, tables)
    therapy(open_works)


def _is_open(work: Work) -> bool:
    if work.method == contracts.CHARGE:
        return work.version.terms.reduces_charge_percent
    return work.method != contracts.CASE


def unjudged(works: Sequence[Work], tables: PriceTables) -> None:
    """Without relative values nobody knows which codes are reduced: two such lines have no price rather than a wrong one."""
    for first, last, kind in _UNJUDGED:
        found = [
            work
            for work in works
            if not work.indicator
            and first <= work.code <= last
            and work.code.isdigit()
            and not tables.covers("relative_values", work.on)
            and _is_on(work, kind)
        ]
        if len(found) > 1 or (kind == "therapy" and sum(work.units for work in found) > 1):
            for work in found:
                work.give_up(
                    f"whether {kind} are reduced is not known: no relative values are loaded for {work.on}; import the "
                    "PPRRVU file of that quarter, or turn the reduction off in the contract"
                )


def _is_on(work: Work, kind: str) -> bool:
    terms = work.version.terms
    return {
        "multiple procedures": bool(terms.multiple_procedure) and work.code not in terms.exempt_codes,
        "imaging": terms.imaging,
        "therapy": terms.therapy,
    }[kind]


# Multiple procedures --------------------------------------------------------------------------------------------------

Part = tuple[Work, Decimal]  # a line and the dollars of it that one ranked procedure stands for


def multiple_procedures(works: Sequence[Work], base_price: BasePrice) -> None:
    """100 % of the procedure with the most allowed, then what the contract says of each next; beyond the last, by report.

    Add-on codes and codes without the indicator are not ranked. An endoscopy family counts as one procedure.
    """
    eligible = [work for work in works if _is_ranked(work)]
    if not eligible:
        return
    fractions = eligible[0].version.terms.multiple_procedure
    procedures = _families(eligible, base_price) if eligible[0].version.terms.endoscopy else []
    grouped = {id(work) for parts in procedures for work, _ in parts}
    for work in eligible:
        if work.amount is not None and id(work) not in grouped:
            procedures += _each_unit(work)
    if len(procedures) < 2:
        return
    procedures.sort(key=lambda parts: -sum((amount for _, amount in parts), Decimal(0)))
    kept: dict[int, Decimal] = {id(work): Decimal(0) for work in eligible}
    for rank, parts in enumerate(procedures):
        for work, amount in parts:
            if work.amount is None:
                continue
            if rank >= len(fractions):
                work.give_up(
                    f"more than {len(fractions)} procedures: the {rank + 1}th is paid by report; expect a manual price"
                )
                continue
            kept[id(work)] += amount * fractions[rank]
            work.tell(
                f"{_ORDINALS[rank] if rank < len(_ORDINALS) else f'{rank + 1}th'} of {len(procedures)} procedures by "
                f"allowed: {money(amount)} x {percent(fractions[rank])}",
                amount * fractions[rank],
            )
    for work in eligible:
        if work.amount is not None:
            work.amount = kept[id(work)]


def _is_ranked(work: Work) -> bool:
    terms = work.version.terms
    if not terms.multiple_procedure or work.code in terms.exempt_codes:
        return False
    if work.indicator:
        return work.indicator == REDUCED
    row = work.row
    return row is not None and row.multiple_procedure in (STANDARD, ENDOSCOPY) and not row.is_add_on


def _each_unit(work: Work) -> list[list[Part]]:
    """Each whole unit of a line is a procedure of its own."""
    assert work.amount is not None
    count = int(work.units) if work.units == work.units.to_integral_value() and work.units > 1 else 1
    return [[(work, work.amount / count)] for _ in range(count)]


def _families(works: Sequence[Work], base_price: BasePrice) -> list[list[Part]]:
    """Endoscopy families with two or more members: the highest in full, of each other only what exceeds the base code."""
    bases = {work.row.endoscopy_base for work in works if work.row is not None and work.row.endoscopy_base}
    families: list[list[Part]] = []
    for base in sorted(bases):
        members = [
            work for work in works if work.row is not None and (work.row.endoscopy_base == base or work.code == base)
        ]
        if len(members) < 2:
            continue
        members.sort(key=lambda work: -(work.amount or Decimal(0)))
        parts: list[Part] = []
        for place, work in enumerate(members):
            part = _beyond_base(work, base, place, base_price)
            if part is not None:
                parts.append((work, part))
        families.append(parts)
    return families


def _beyond_base(work: Work, base: str, place: int, base_price: BasePrice) -> Decimal | None:
    """What one member of a family is worth; the line's own amount is set to it. None where the base has no price."""
    assert work.amount is not None
    if place == 0:
        work.tell(f"Endoscopy family of {base}: the highest is paid in full", work.amount)
        return work.amount
    if work.code == base:
        work.amount = Decimal("0.00")
        work.tell(f"{base} is the base of the family and is within the others", work.amount)
        return work.amount
    whole = base_price(work, base)
    if whole is None:
        work.give_up(f"the base code {base} of this endoscopy has no price in the contract: add its rate")
        return None
    beyond = max(Decimal("0.00"), work.amount - whole)
    work.tell(f"Endoscopy family of {base}: {money(work.amount)} less the base {money(whole)}", beyond)
    work.amount = beyond
    return beyond


# Imaging and other diagnostics, therapy -------------------------------------------------------------------------------


def diagnostic(works: Sequence[Work], indicator: str, tables: PriceTables) -> None:
    """Technical parts beyond the highest are paid in part; of imaging the professional parts too.

    A line without 26 or TC has both parts: in the proportion of their own Medicare fees where Medicare's schedule prices
    the line, in that of the relative values where the contract has an amount.
    """
    found = [
        work
        for work in works
        if work.row is not None and work.row.multiple_procedure == indicator and work.amount is not None
    ]
    found = [
        work
        for work in found
        if work.version.terms.imaging and (indicator != IMAGING or _family(work) == IMAGING_FAMILY)
    ]
    on = found[0].on if found else None
    if on is None:
        return
    # Both parts are taken of the full amounts, before either is reduced.
    technical, professional = _parts(found, "TC", tables), _parts(found, "26", tables)
    _beyond_highest(technical, reduction(_TECHNICAL[indicator], on), "technical part")
    if indicator == IMAGING:
        _beyond_highest(professional, reduction("imaging_professional", on), "professional part")


def _parts(works: Iterable[Work], part: str, tables: PriceTables) -> list[tuple[Work, Decimal]]:
    """The lines that have the part, each with the dollars of one unit's part."""
    found = []
    for work in works:
        try:
            share = _share(work, part, tables)
        except Unpriced as reason:
            work.give_up(str(reason))
            continue
        if share and work.amount is not None:
            found.append((work, work.amount * share / work.units))
    return found


def _family(work: Work) -> str:
    return work.row.imaging_family if work.row is not None else ""


def _share(work: Work, part: str, tables: PriceTables) -> Decimal:
    """The fraction of a line that is its technical (TC) or professional (26) part; the row of a priced line has both."""
    own = next((modifier for modifier in work.line.modifiers if modifier in ("26", "TC")), "")
    if own:
        return Decimal(own == part)
    row = work.row
    assert row is not None
    if row.pc_tc == "3":
        return Decimal(part == "TC")
    if row.pc_tc == "2":
        return Decimal(part == "26")
    if work.setting is not None:
        whole = physician_fee(row.code, (), work.setting, tables).amount
        return physician_fee(row.code, (part,), work.setting, tables).amount / whole
    half: RelativeValue | None = tables.find("relative_values", (row.code, part), work.on)
    total = row.total(False)
    return half.total(False) / total if half is not None and total else Decimal(0)


def _beyond_highest(parts: Sequence[tuple[Work, Decimal]], fraction: Decimal | None, name: str) -> None:
    """Each unit's part but the highest is paid at `fraction`."""
    if fraction is None:
        return
    dollars = [(work, dollar) for work, dollar in parts if work.amount is not None]
    dollars.sort(key=lambda pair: -pair[1])
    if sum((work.units for work, _ in dollars), Decimal(0)) < 2:
        return
    for place, (work, dollar) in enumerate(dollars):
        count = work.units - 1 if place == 0 else work.units
        if count > 0 and work.amount is not None:
            work.amount -= dollar * count * (1 - fraction)
            counted = f" x {plain(count)} units" if count != 1 else ""
            work.tell(
                f"Its {name} {money(dollar)}{counted} is beyond the day's highest: {percent(fraction)} of it",
                work.amount,
            )


def therapy(works: Iterable[Work]) -> None:
    """Half of the practice expense of every therapy unit of the day but the one with the most (42 CFR 414.65(g))."""
    found = [
        work
        for work in works
        if work.row is not None
        and work.row.multiple_procedure == THERAPY
        and work.amount is not None
        and work.version.terms.therapy
    ]
    if not found or sum((work.units for work in found), Decimal(0)) < 2:
        return
    fraction = reduction("therapy_expense", found[0].on)
    if fraction is None:
        return
    found.sort(key=lambda work: -_expense(work))
    for place, work in enumerate(found):
        count = work.units - 1 if place == 0 else work.units
        if count > 0 and work.amount is not None:
            work.amount -= _expense(work) * count * (1 - fraction)
            work.tell(
                f"Practice expense {money(_expense(work))} x {plain(count)} units beyond the day's first: {percent(fraction)} of it",
                work.amount,
            )


def _expense(work: Work) -> Decimal:
    """Practice expense of one unit in dollars: of the schedule, or a contract's amount in the same proportion."""
    if work.expense:
        return work.expense
    row = work.row
    assert row is not None and work.amount is not None
    whole = row.total(work.facility)
    return work.amount / work.units * row.expense(work.facility) / whole if whole else Decimal(0)
