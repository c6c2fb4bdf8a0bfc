"""A price file to rows, and rows to what changes. A price has a start; a new one ends the old, never overwrites it.

Everything wrong with a file is told at once, with row and column; a file with one fault changes nothing. A missing
price is a fault, never zero.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import python_calamine

from claimwright.claims.from_csv.table import Row, read_table
from claimwright.claims.nouns import IntakeProblem, Noun
from claimwright.codes.money import CENT
from claimwright.codes.workbooks import WorkbookRefused, check_workbook

# Our column, and what practices' own systems call it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("cpt", "hcpcs", "procedure", "procedure_code", "cpt_code", "cpt/hcpcs", "proc_code"),
    "amount": ("fee", "price", "charge", "charge_amount", "standard_fee", "unit_price"),
    "start": ("effective", "effective_date", "from", "start_date", "eff_date"),
    "end": ("through", "end_date", "expires", "expiration_date"),
    "modifier": ("mod", "modifier_1", "mod1"),
    "description": ("desc", "our_words", "procedure_description", "name"),
}
REQUIRED = ("code", "amount")
LONGEST_DESCRIPTION = 80
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
ALMOST = Decimal("0.000001")  # how far a spreadsheet's number may be from a cent and still mean it

_CODE = re.compile(r"[A-Z0-9]{5}\Z")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)\Z")


class Price(Noun, frozen=True, kw_only=True):
    """What a code costs from `start` to before `end`. `key` is the caller's id of a price it holds."""

    code: str
    modifier: str = ""
    amount: Decimal
    start: date
    end: date | None = None
    description: str = ""
    key: str = ""


class PriceFile(Noun, frozen=True, kw_only=True):
    prices: tuple[Price, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()

    @property
    def is_good(self) -> bool:
        return not any(problem.blocks for problem in self.problems)


class Change(Noun, frozen=True, kw_only=True):
    """One change to show: `kind` added, changed or ended. An ended price has no new amount."""

    kind: str
    code: str
    modifier: str = ""
    old_amount: Decimal | None = None
    new_amount: Decimal | None = None
    start: date
    description: str = ""


class PricePlan(Noun, frozen=True, kw_only=True):
    """What taking a file would do: `closed` are (key, first day without it), `made` the new prices."""

    changes: tuple[Change, ...] = ()
    closed: tuple[tuple[str, date], ...] = ()
    made: tuple[Price, ...] = ()
    unchanged: int = 0
    problems: tuple[IntakeProblem, ...] = ()

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


def read_prices(data: bytes, *, name: str, start: date | None = None) -> PriceFile:
    """A CSV or Excel file. `start` is from when rows without a start of their own hold."""
    if data.startswith(OLD_WORKBOOK) or data.startswith(WORKBOOK):
        try:
            check_workbook(data)
            data = _workbook_as_csv(data)
        except WorkbookRefused as refused:
            why, _, fix = str(refused).partition(": ")
            return _refused(name, "NOT_READABLE", f"The workbook is not opened, for {why}", fix.capitalize())
        except Exception:  # a reader of strangers' files: whatever it raises, the workbook cannot be read
            return _refused(
                name, "NOT_READABLE", "The workbook cannot be opened", "Save it again as .xlsx or CSV UTF-8"
            )
    known = [*COLUMNS, *(alias for aliases in COLUMNS.values() for alias in aliases)]
    table = read_table(data, name, known=known, required=())
    if any(problem.blocks for problem in table.problems):
        return PriceFile(problems=tuple(table.problems))
    named, problem = _named(table.columns, start)
    if problem:
        return _refused(name, "BAD_HEADER", problem, "Name the columns code, amount and start")
    prices, problems = [], list(table.problems)
    for row in table.rows:
        row.cells = {ours: row.cells.get(theirs, "") for ours, theirs in named.items()}
        price = _price(row, start)
        problems += row.problems
        if price is not None and row.is_good:
            prices.append((row, price))
    problems += _repeats(prices)
    if not table.rows:
        return _refused(name, "EMPTY_FILE", "The file has no row", "Export it again")
    return PriceFile(prices=tuple(price for _, price in prices), problems=tuple(problems))


def _refused(name: str, code: str, message: str, fix: str) -> PriceFile:
    return PriceFile(problems=(IntakeProblem(code=code, place=name, message=message, fix=fix),))


def _workbook_as_csv(data: bytes) -> bytes:
    """The first sheet as text. Numbers that were text before a spreadsheet took them are found out by their look."""
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    number = Decimal(repr(cell))
    cents = number.quantize(CENT) if abs(number) < 10**12 else number
    number = cents if abs(number - cents) <= ALMOST else number
    return str(int(number)) if number == number.to_integral_value() else str(number.normalize())


def _named(columns: Sequence[str], start: date | None) -> tuple[dict[str, str], str]:
    """Our columns by theirs; or what is missing or told twice."""
    named: dict[str, str] = {}
    for ours, aliases in COLUMNS.items():
        found = [column for column in columns if column == ours or column in aliases]
        if len(found) > 1:
            return {}, f"Two columns say {ours}: {', '.join(found)}"
        if found:
            named[ours] = found[0]
    missing = [column for column in REQUIRED if column not in named]
    if "start" not in named and start is None:
        missing.append("start")
    return named, f"The columns {', '.join(missing)} are missing" if missing else ""


def _price(row: Row, start: date | None) -> Price | None:
    code, modifier = _code(row), row.code("modifier")
    if modifier and not (len(modifier) == 2 and modifier.isalnum()):
        row.problem("BAD_CODE", "modifier", "A modifier has two letters or digits", "Correct it; 1 may have been 01")
    amount = _amount(row)
    first = row.day("start") if row.raw("start").strip() else start
    if first is None and row.is_good:
        row.problem("MISSING_VALUE", "start", "From when the price holds is missing", "Enter the first day")
    last = row.day("end")
    if first and last and last <= first:
        row.problem("BAD_DATE", "end", "The price ends before it begins", "The end is the first day without it")
    description = row.text("description")
    if len(description) > LONGEST_DESCRIPTION:
        row.problem("BAD_TEXT", "description", "The description has more than 80 characters", "Shorten it")
    if not row.is_good or first is None or amount is None:
        return None
    return Price(code=code, modifier=modifier, amount=amount, start=first, end=last, description=description)


def _code(row: Row) -> str:
    value = row.raw("code").strip()
    if not value:
        row.problem("MISSING_VALUE", "code", "The procedure code is missing", "Enter it, or delete the row")
        return ""
    if _ISO_DATE.match(value):
        _damaged(row, "a spreadsheet turned the code into a date")
        return ""
    code = row.code("code")
    if code and not _CODE.match(code):
        if code.isdigit() and len(code) < 5:
            _damaged(row, "a code has five characters: leading zeros were lost")
        elif code.isdigit():
            _damaged(row, "a code has five characters: a spreadsheet read it as a large number, as it does with 1E10")
        else:
            row.problem("BAD_CODE", "code", "A procedure code has five letters or digits", "Correct it")
        return ""
    return code


def _damaged(row: Row, how: str) -> None:
    row.problem(
        "EXCEL_DAMAGE", "code", f"The cell is damaged: {how}", "Format the column as text and enter the codes again"
    )


def _amount(row: Row) -> Decimal | None:
    value = row.raw("amount").strip()
    if not value:
        row.problem("NO_PRICE", "amount", "The price is missing", "Enter it, or delete the row: missing is not zero")
        return None
    if _ERROR.match(value):
        row.problem("EXCEL_DAMAGE", "amount", "The cell holds a spreadsheet's error", "Mend the formula, save values")
        return None
    amount = row.amount("amount")
    if amount is not None and amount <= 0:
        row.problem("NO_PRICE", "amount", "A price is above zero", "Enter it, or delete the row")
        return None
    return amount


def _repeats(rows: Sequence[tuple[Row, Price]]) -> list[IntakeProblem]:
    """Two prices of one code, modifier and first day: which one is meant cannot be told."""
    first: dict[tuple[str, str, date], Row] = {}
    found = []
    for row, price in rows:
        before = first.setdefault((price.code, price.modifier, price.start), row)
        if before is not row:
            row.problem(
                "DUPLICATE_ROW", "code", f"The same code, modifier and day stand in row {before.number}", "Keep one"
            )
            found.append(row.problems[-1])
    return found


# What changes --------------------------------------------------------------------------------------------------------


def plan_prices(
    held: Sequence[Price], wanted: Sequence[Price], *, whole: bool = False, ends_on: date | None = None
) -> PricePlan:
    """What taking `wanted` does to `held`. Again with what it made, it changes nothing.

    `whole`: the file is all of the charge master, so prices in force that it lacks end on `ends_on`.
    """
    state: dict[tuple[str, str], list[Price]] = defaultdict(list)
    for price in held:
        state[price.code, price.modifier].append(price)
    plan = _Planning()
    for price in sorted(wanted, key=lambda price: (price.code, price.modifier, price.start)):
        plan.take(state[price.code, price.modifier], price)
    if whole and ends_on is not None:
        told = {(price.code, price.modifier) for price in wanted}
        for key, rows in sorted(state.items()):
            for row in rows if key not in told else ():
                if row.end is None or row.end > max(ends_on, row.start):
                    plan.end(row, max(ends_on, row.start))
    return plan.done()


class _Planning:
    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.closed: dict[str, date] = {}
        self.made: list[Price] = []
        self.unchanged = 0
        self.problems: list[IntakeProblem] = []

    def take(self, rows: list[Price], price: Price) -> None:
        """One price of the file onto the rows of its code, which it changes."""
        running = next(
            (row for row in rows if row.start <= price.start and (row.end is None or price.start < row.end)), None
        )
        if running is not None and running.amount == price.amount and _ends_alike(running, price):
            self.unchanged += 1
            return
        if running is not None and running.start == price.start and running.amount != price.amount:
            self.problems.append(
                IntakeProblem(
                    code="SAME_DAY", place=f"code {price.code} {price.modifier}".strip(),
                    message=f"Another price begins on {price.start:%m/%d/%Y}, and charges may have been made by it",
                    fix="Let the new price begin on a later day",
                )
            )  # fmt: skip
            return
        later = min((row.start for row in rows if row.start > price.start), default=None)
        end = min((day for day in (price.end, later) if day is not None), default=None)
        if running is not None and running.amount == price.amount:  # only its end is new
            rows[rows.index(running)] = self._close(running, end or running.start)
            self.changes.append(_change("ended", running, end or running.start))
            return
        if running is not None:
            rows[rows.index(running)] = self._close(running, price.start)
        made = Price(
            code=price.code, modifier=price.modifier, amount=price.amount, start=price.start, end=end,
            description=price.description,
        )  # fmt: skip
        rows.append(made)
        self.made.append(made)
        self.changes.append(
            Change(
                kind="changed" if running is not None else "added", code=price.code, modifier=price.modifier,
                old_amount=running.amount if running is not None else None, new_amount=price.amount, start=price.start,
                description=price.description,
            )
        )  # fmt: skip

    def _close(self, row: Price, end: date) -> Price:
        closed = Price(
            code=row.code, modifier=row.modifier, amount=row.amount, start=row.start, end=end,
            description=row.description, key=row.key,
        )  # fmt: skip
        if row.key:
            self.closed[row.key] = end
        else:
            self.made[self.made.index(row)] = closed
        return closed

    def end(self, row: Price, day: date) -> None:
        self._close(row, day)
        self.changes.append(_change("ended", row, day))

    def done(self) -> PricePlan:
        return PricePlan(
            changes=tuple(self.changes), closed=tuple(sorted(self.closed.items())), made=tuple(self.made),
            unchanged=self.unchanged, problems=tuple(self.problems),
        )  # fmt: skip


def _ends_alike(running: Price, price: Price) -> bool:
    """Whether the price in force says all the file says: a file without an end does not open a closed price."""
    return price.end is None or running.end == price.end or (running.end is not None and running.end < price.end)


def _change(kind: str, row: Price, day: date) -> Change:
    return Change(
        kind=kind, code=row.code, modifier=row.modifier, old_amount=row.amount, start=day, description=row.description
    )
