"""A payer's rate sheet as a CSV: read whole, or refused with every fault; and what a new sheet changes against the old.

Columns: code (99213, 99202-99215, 0120 for a revenue code, * for every other code), modifier, place (facility, office or
blank), method (contracts.METHODS; blank is fixed), amount, percent, medicare_on (a day, or a year for its first day),
carve_out (yes or blank), note. Only `code` must be there; a column may be absent.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.pricing import contracts
from claimwright.billing.pricing.contracts import Rate
from claimwright.codes.fee_tables import decimal_of
from claimwright.codes.fees import FeeFault
from claimwright.codes.loaders.cells import AS_TEXT, lost_zero, spoiled
from claimwright.codes.money import AmountError, parse_amount

COLUMNS = ("code", "modifier", "place", "method", "amount", "percent", "medicare_on", "carve_out", "note")
EVERYTHING = "*"
_CODE = re.compile(r"([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}|[0-9]{4})\Z")  # procedures, and revenue codes of four digits
_MODIFIER = re.compile(r"[0-9A-Z]{2}\Z")
_YES = frozenset(("yes", "y", "true", "1", "x"))
_LOWEST_PERCENT, _HIGHEST_PERCENT = Decimal(5), Decimal(1000)

RateKey = tuple[str, str, str, str]


class RateSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds: its rates, or what is wrong with it. With faults the rates are not to be used."""

    rates: tuple[Rate, ...] = ()
    faults: tuple[FeeFault, ...] = ()


class RateChange(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a comparison: what the rate was and what it becomes, None where there is none."""

    what: str
    before: Rate | None = None
    after: Rate | None = None


class SheetChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a new sheet changes against the version before it."""

    added: tuple[RateChange, ...] = ()
    removed: tuple[RateChange, ...] = ()
    changed: tuple[RateChange, ...] = ()
    same: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def read_rate_sheet(data: bytes) -> RateSheet:
    """The rates of a CSV. Rows count as a spreadsheet shows them: the header is row 1. Blank rows are passed over."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return RateSheet(faults=(_fault(1, "file", "not UTF-8 text", "save the sheet as CSV UTF-8"),))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [(column or "").strip().lower() for column in reader.fieldnames or ()]
    unknown = sorted(set(header) - set(COLUMNS) - {""})
    if "code" not in header or unknown:
        wrong = f"unknown: {', '.join(unknown)}" if unknown else "no column code"
        return RateSheet(faults=(_fault(1, "header", wrong, f"the first row names columns of {', '.join(COLUMNS)}"),))
    reader.fieldnames = header
    faults: list[FeeFault] = []
    rates: list[Rate] = []
    rows: dict[RateKey, int] = {}
    for number, cells in enumerate(reader, 2):
        if None in cells:
            faults.append(_fault(number, "row", "more cells than columns", "put text with commas in quotes"))
            continue
        row = {column: (cells.get(column) or "").strip() for column in COLUMNS}
        if not any(row.values()):
            continue
        rate, found = _rate(number, row)
        if rate is not None and (earlier := rows.setdefault(rate_key(rate), number)) != number:
            found.append(_fault(number, "code", f"the same as row {earlier}", "keep one of the two"))
        faults += found
        if rate is not None and not found:
            rates.append(rate)
    if not rates and not faults:
        faults.append(_fault(1, "file", "no rate in it", "add a row for each code, or one for *"))
    return RateSheet(rates=tuple(rates), faults=tuple(faults))


def rate_key(rate: Rate) -> RateKey:
    """What a rate is for: two rates of one key cannot both hold."""
    return (rate.first, rate.last, rate.modifier, rate.place)


def compare_rates(before: Iterable[Rate], after: Iterable[Rate]) -> SheetChanges:
    """Which rates come, go and change, in order of their codes."""
    old: Mapping[RateKey, Rate] = {rate_key(rate): rate for rate in before}
    new: Mapping[RateKey, Rate] = {rate_key(rate): rate for rate in after}
    return SheetChanges(
        added=tuple(RateChange(what=new[key].what, after=new[key]) for key in sorted(new.keys() - old.keys())),
        removed=tuple(RateChange(what=old[key].what, before=old[key]) for key in sorted(old.keys() - new.keys())),
        changed=tuple(
            RateChange(what=new[key].what, before=old[key], after=new[key])
            for key in sorted(new.keys() & old.keys())
            if old[key] != new[key]
        ),
        same=sum(old[key] == new[key] for key in new.keys() & old.keys()),
    )


def _fault(row: int, column: str, message: str, fix: str) -> FeeFault:
    return FeeFault(row=row, column=column, message=message, fix=fix)


def _rate(number: int, row: Mapping[str, str]) -> tuple[Rate | None, list[FeeFault]]:
    """One row as a rate, and what is wrong with it."""
    faults: list[FeeFault] = []
    first, last = _codes(number, row["code"].upper(), faults)
    modifier, place = row["modifier"].upper(), row["place"].lower()
    method = row["method"].lower().replace(" ", "_") or contracts.FIXED
    if modifier and not _MODIFIER.match(modifier):
        faults.append(_fault(number, "modifier", "no modifier", "two characters, or leave it empty for any"))
    if place not in ("", contracts.FACILITY, contracts.OFFICE):
        faults.append(_fault(number, "place", "unknown place", "facility, office, or leave it empty for any"))
    if method not in contracts.METHODS:
        faults.append(_fault(number, "method", "unknown method", f"one of {', '.join(contracts.METHODS)}"))
    amount = _amount(number, row["amount"], method, faults)
    percent = _percent(number, row["percent"], method, faults)
    medicare_on = _medicare_on(number, row["medicare_on"], method, faults)
    if faults:
        return None, faults
    made = Rate(
        first=first, last=last, modifier=modifier, place=place, method=method, amount=amount, percent=percent,
        medicare_on=medicare_on, carve_out=row["carve_out"].lower() in _YES, note=row["note"][:200],
    )  # fmt: skip
    return made, faults


def _codes(number: int, text: str, faults: list[FeeFault]) -> tuple[str, str]:
    if text == EVERYTHING:
        return "", ""
    first, dash, last = (part.strip() for part in text.partition("-"))
    for code in (first, last) if dash else (first,):
        if not _CODE.match(code):
            told = spoiled(code) or lost_zero(code, 4) or "no procedure code"
            faults.append(_fault(number, "code", told, f"99213, 99202-99215 or *; {AS_TEXT}"))
            return "", ""
    if dash and (len(first) != len(last) or last <= first):
        faults.append(_fault(number, "code", "the range does not rise", "write the lower code first, as 99202-99215"))
    return first, last


def _amount(number: int, text: str, method: str, faults: list[FeeFault]) -> Decimal | None:
    wanted = method in contracts.AMOUNT_METHODS
    if not text:
        if wanted:
            faults.append(_fault(number, "amount", "no amount", f"{method} needs dollars, such as 125.00"))
        return None
    if not wanted:
        faults.append(_fault(number, "amount", f"{method} takes no amount", "leave it empty, or correct the method"))
        return None
    try:
        amount = parse_amount(text.removeprefix("$").replace(",", ""))
    except AmountError as error:
        faults.append(_fault(number, "amount", str(error), "write 125.00"))
        return None
    if amount <= 0:
        faults.append(_fault(number, "amount", "not above zero", "use the method not_covered for what is not paid"))
    return amount


def _percent(number: int, text: str, method: str, faults: list[FeeFault]) -> Decimal | None:
    wanted = method in contracts.PERCENT_METHODS
    if not text:
        if wanted:
            faults.append(_fault(number, "percent", "no percent", f"{method} needs one, such as 120 for 120 %"))
        return None
    if not wanted:
        faults.append(_fault(number, "percent", f"{method} takes no percent", "leave it empty, or correct the method"))
        return None
    value = decimal_of(text.removesuffix("%"))
    if value is None or not _LOWEST_PERCENT <= value <= _HIGHEST_PERCENT:
        faults.append(_fault(number, "percent", "no percent from 5 to 1000", "write 120 for 120 %, not 1.2"))
        return None
    return value


def _medicare_on(number: int, text: str, method: str, faults: list[FeeFault]) -> date | None:
    if not text:
        return None
    if method != contracts.MEDICARE:
        faults.append(_fault(number, "medicare_on", f"{method} has no Medicare day", "leave it empty"))
        return None
    try:
        return date(int(text), 1, 1) if len(text) == 4 and text.isdigit() else date.fromisoformat(text)
    except ValueError:
        faults.append(_fault(number, "medicare_on", "no day", "write a year as 2024, or a day as 2024-03-09"))
        return None
