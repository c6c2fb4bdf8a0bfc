"""Fee schedules: amounts by procedure code, modifier and place, effective-dated, looked up by date of service."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.dates import Dated, OverlapError, Timeline
from claimwright.codes.money import AmountError, money, parse_amount

COLUMNS = ("code", "modifier", "place", "amount", "start", "end")
_REQUIRED = ("code", "amount", "start")
PLACES = ("", "facility", "office")
_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
_MODIFIER = re.compile(r"[0-9A-Z]{2}\Z")


class FeeKey(msgspec.Struct, frozen=True):
    """What an amount is for. `modifier` and `place` empty mean any; place is facility or office."""

    code: str
    modifier: str = ""
    place: str = ""


class FeeFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one row of a fee file. Rows count as a spreadsheet shows them: the header is row 1."""

    row: int
    column: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}; {self.fix}"


class FeeSchedule:
    """Dated amounts. A code without a row on a day has no price: the answer is None, never zero."""

    __slots__ = ("_lines", "name")

    def __init__(self, name: str, rows: Iterable[tuple[FeeKey, Dated[Decimal]]]) -> None:
        """Raises OverlapError when two amounts of one key hold on one day."""
        self.name = name
        grouped: dict[FeeKey, list[Dated[Decimal]]] = {}
        for key, amount in rows:
            grouped.setdefault(key, []).append(amount)
        self._lines: Mapping[FeeKey, Timeline[Decimal]] = {key: Timeline(values) for key, values in grouped.items()}

    def row(
        self, code: str, modifiers: Iterable[str] = (), on: date | None = None, *, facility: bool | None = None
    ) -> Dated[Decimal] | None:
        """The amount that fits best on the date of service, with its dates and source.

        A row for one of the line's modifiers, in their order, comes before a row for none; within each, a row for the
        place before one for any. Raises ValueError without a date: prices are only ever asked by date of service.
        """
        if on is None:
            raise ValueError("a price is looked up by date of service")
        place = {None: "", True: "facility", False: "office"}[facility]
        for modifier in (*modifiers, ""):
            for where in dict.fromkeys((place, "")):
                timeline = self._lines.get(FeeKey(code, modifier, where))
                if timeline is not None and (found := timeline.row_on(on)) is not None:
                    return found
        return None

    def amount(
        self, code: str, modifiers: Iterable[str] = (), on: date | None = None, *, facility: bool | None = None
    ) -> Decimal | None:
        """The amount for one unit on the date of service, or None."""
        found = self.row(code, modifiers, on, facility=facility)
        return None if found is None else found.value

    def __len__(self) -> int:
        return sum(len(timeline) for timeline in self._lines.values())


def load_fee_schedule(name: str, data: bytes, source: str) -> tuple[FeeSchedule, tuple[FeeFault, ...]]:
    """A schedule from a CSV with the columns code, modifier, place, amount, start, end, and what is wrong with it.

    Good rows are loaded beside bad ones; the caller decides whether to take a part. Amounts are per unit, dates
    YYYY-MM-DD, `end` the first day the amount no longer holds. Nothing is mended silently.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return FeeSchedule(name, ()), (_fault(1, "file", "not UTF-8 text", "save the sheet as CSV UTF-8"),)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [(column or "").strip().lower() for column in reader.fieldnames or ()]
    missing = [column for column in _REQUIRED if column not in header]
    if missing:
        fix = "the first row must name the columns " + ", ".join(COLUMNS)
        return FeeSchedule(name, ()), (_fault(1, ", ".join(missing), "column missing", fix),)
    reader.fieldnames = header
    faults: list[FeeFault] = []
    taken: dict[FeeKey, list[tuple[int, Dated[Decimal]]]] = {}
    for number, cells in enumerate(reader, 2):
        row = {column: (cells.get(column) or "").strip() for column in COLUMNS}
        if not any(row.values()):
            continue
        found = _check(number, row)
        if not found:
            found = _take(number, row, source, taken)
        faults += found
    return FeeSchedule(name, ((key, dated) for key, rows in taken.items() for _, dated in rows)), tuple(faults)


def _fault(row: int, column: str, message: str, fix: str) -> FeeFault:
    return FeeFault(row=row, column=column, message=message, fix=fix)


def _check(number: int, row: Mapping[str, str]) -> list[FeeFault]:
    faults = []
    if not _CODE.match(row["code"]):
        fix = "five characters; format the column as text so that leading zeros and letters stay"
        faults.append(_fault(number, "code", "no procedure code", fix))
    if row["modifier"] and not _MODIFIER.match(row["modifier"]):
        faults.append(_fault(number, "modifier", "no modifier", "two characters, or leave it empty for any"))
    if row["place"] not in PLACES:
        faults.append(_fault(number, "place", "unknown place", "facility, office, or leave it empty for any"))
    try:
        if parse_amount(row["amount"]) < 0:
            faults.append(_fault(number, "amount", "below zero", "a price is zero or more"))
    except AmountError as error:
        faults.append(_fault(number, "amount", str(error), "write 125.00, without currency sign or comma"))
    for column in ("start", "end"):
        if (row[column] or column == "start") and _date(row[column]) is None:
            faults.append(_fault(number, column, "no date", "write YYYY-MM-DD"))
    start, end = _date(row["start"]), _date(row["end"])
    if start and end and end <= start:
        faults.append(_fault(number, "end", "not after start", "end is the first day the amount no longer holds"))
    return faults


def _take(
    number: int, row: Mapping[str, str], source: str, taken: dict[FeeKey, list[tuple[int, Dated[Decimal]]]]
) -> list[FeeFault]:
    """Add a row to those taken, unless it overlaps one of the same code, modifier and place."""
    key = FeeKey(row["code"], row["modifier"], row["place"])
    dated = Dated(value=money(row["amount"]), start=_date(row["start"]), end=_date(row["end"]), source=source)
    for other_number, other in taken.get(key, ()):
        try:
            Timeline((other, dated))
        except OverlapError:
            fix = f"end row {other_number} on the day this one starts, or remove one"
            return [_fault(number, "start", f"two amounts hold on one day: see row {other_number}", fix)]
    taken.setdefault(key, []).append((number, dated))
    return []


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
