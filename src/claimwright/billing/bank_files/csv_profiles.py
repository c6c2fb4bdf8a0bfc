"""CSV statements by named column profiles: which column is which, how dates and signs are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.billing.bank_files.cells import (
    CellError,
    account_ending,
    account_key,
    kind_of,
    payer_name_of,
    read_amount,
    read_date,
    traces_of,
)
from claimwright.billing.bank_files.nouns import AccountStatement, BankFile, BankLine, FileFault, LineKind, Trace
from claimwright.claims.nouns import Noun
from claimwright.codes.money import ZERO

MAXIMUM_ROWS = 200_000
HEADER_SEARCH_ROWS = 25  # some banks put a summary above the header


class CsvProfile(Noun, frozen=True):
    """Names of the columns, compared without case. Of amounts: one signed column, or money in and out by themselves.

    `columns` names the columns of a file without a header, in their order.
    """

    name: str
    date: str
    amount: str = ""
    credit: str = ""
    debit: str = ""
    date_format: str = "%m/%d/%Y"
    outgoing_is_positive: bool = False
    description: str = ""
    bank_reference: str = ""
    check_number: str = ""
    batch_number: str = ""
    payer_name: str = ""
    trace_number: str = ""
    trace_payer_id: str = ""
    kind: str = ""
    gross: str = ""
    fee: str = ""
    balance: str = ""
    account: str = ""
    columns: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        money = (self.amount,) if self.amount else (self.credit, self.debit)
        return tuple(one.lower() for one in (self.date, *money))


# Our own names first: what the docs teach. The others are the shapes that banks' downloads have.
PROFILES: tuple[CsvProfile, ...] = (
    CsvProfile(
        name="named", date="posted on", amount="amount", date_format="%Y-%m-%d", description="description",
        bank_reference="bank reference", check_number="check number", batch_number="batch number",
        payer_name="payer name", trace_number="trace number", trace_payer_id="trace payer id", kind="kind",
        gross="gross", fee="fee", balance="balance", account="account",
    ),
    CsvProfile(
        name="posting-date", date="posting date", amount="amount", description="description", balance="balance",
        check_number="check or slip #", kind="details",
    ),
    CsvProfile(name="signed", date="date", amount="amount", description="description", balance="running bal."),
    CsvProfile(
        name="debit-credit", date="date", credit="credit", debit="debit", description="description",
        check_number="check number", balance="balance",
    ),
    CsvProfile(
        name="five-columns", date="date", amount="amount", check_number="check number", description="description",
        columns=("date", "amount", "mark", "check number", "description"),
    ),
)  # fmt: skip
BY_NAME = {profile.name: profile for profile in PROFILES}


def read_csv(content: bytes, profile: CsvProfile | None = None) -> BankFile:
    """The lines of a CSV statement by `profile`, else by the first known one whose columns the file has.

    Never raises: every row that cannot be read is a fault with its line.
    """
    faults: list[FileFault] = []
    rows = _rows(content, faults)
    found = _header(rows, (profile,) if profile else PROFILES) if rows else None
    if found is None:
        if not faults:
            known = ", ".join(one.name for one in PROFILES)
            faults.append(
                FileFault(place=0, code="NO_HEADER", message="The columns are those of no known profile",
                          fix=f"Name the columns as one of the profiles does ({known}), or give the account a profile")
            )  # fmt: skip
        return BankFile(format="csv", faults=tuple(faults))
    chosen, names, body = found
    lines: list[BankLine] = []
    accounts: dict[str, list[BankLine]] = {}
    for place, cells in body:
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        if not any(row.values()):
            continue
        if not chosen.columns and len(cells) < len(names) and not row.get(chosen.date.lower()):
            continue
        line = _line(place, row, chosen, faults)
        if line is not None:
            lines.append(line)
            accounts.setdefault(row.get(chosen.account.lower(), ""), []).append(line)
    statements = tuple(_statement(number, kept, chosen, faults) for number, kept in accounts.items())
    if not lines and not faults:
        faults.append(
            FileFault(place=0, code="EMPTY", message="The file has a header and no line", fix="Choose a longer period")
        )
    return BankFile(format="csv", statements=statements, faults=tuple(faults))


Rows = list[tuple[int, list[str]]]


def _rows(content: bytes, faults: list[FileFault]) -> Rows:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        faults.append(FileFault(place=0, code="NOT_TEXT", message="The file is not text", fix="Export it as CSV"))
        return []
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: Rows = []
    try:
        for cells in reader:
            rows.append((reader.line_num, cells))
            if len(rows) > MAXIMUM_ROWS:
                faults.append(
                    FileFault(place=reader.line_num, code="TOO_LONG", message=f"More than {MAXIMUM_ROWS} rows",
                              fix="Split the file by month")
                )  # fmt: skip
                return []
    except csv.Error:
        faults.append(
            FileFault(place=reader.line_num, code="NOT_CSV", message="The row is not CSV",
                      fix="Export the file again; a quote is open or a cell is too long")
        )  # fmt: skip
        return []
    return rows


def _header(rows: Rows, profiles: Iterable[CsvProfile]) -> tuple[CsvProfile, list[str], Rows] | None:
    for at, (_, cells) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        names = [" ".join(cell.lower().split()) for cell in cells]
        for profile in profiles:
            if not profile.columns and set(profile.needed) <= set(names):
                return profile, names, rows[at + 1 :]
    for profile in profiles:
        if profile.columns and len(rows[0][1]) == len(profile.columns) and _is_row(rows[0][1], profile):
            return profile, [name.lower() for name in profile.columns], rows
    return None


def _is_row(cells: list[str], profile: CsvProfile) -> bool:
    try:
        read_date(cells[profile.columns.index(profile.date)], profile.date_format)
    except CellError:
        return False
    return True


def _line(place: int, row: dict[str, str], profile: CsvProfile, faults: list[FileFault]) -> BankLine | None:
    def cell(column: str) -> str:
        return row.get(column.lower(), "") if column else ""

    column = profile.date
    try:
        posted_on = read_date(cell(column), profile.date_format)
        column = profile.amount or f"{profile.credit} or {profile.debit}"
        amount = _amount(cell(profile.amount), cell(profile.credit), cell(profile.debit), profile)
        column = profile.gross or profile.fee
        gross, fee = _optional(cell(profile.gross)), _optional(cell(profile.fee))
        column = profile.balance
        balance = _optional(cell(profile.balance))
    except CellError as problem:
        faults.append(
            FileFault(place=place, code="CELL", message=f"Column {column}: {problem}",
                      fix="Export the file again, or name the profile that fits it")
        )  # fmt: skip
        return None
    description = " ".join(cell(profile.description).split())
    named = (Trace(number=cell(profile.trace_number), payer_id=cell(profile.trace_payer_id)),)
    return BankLine(
        place=place, posted_on=posted_on, amount=amount, kind=_kind(cell(profile.kind), description, amount),
        description=description, bank_reference=cell(profile.bank_reference), check_number=cell(profile.check_number),
        batch_number=cell(profile.batch_number), payer_name=cell(profile.payer_name) or payer_name_of(description),
        traces=named if named[0].number else traces_of(description), gross=gross, fee=fee, balance=balance,
    )  # fmt: skip


def _amount(signed: str, credit: str, debit: str, profile: CsvProfile) -> Decimal:
    if profile.amount:
        amount = read_amount(signed)
        return -amount + ZERO if profile.outgoing_is_positive else amount
    came, went = _optional(credit) or ZERO, abs(_optional(debit) or ZERO)
    if bool(came) == bool(went):
        raise CellError("one of both amounts is filled, not both and not none")
    return came - went


def _optional(text: str) -> Decimal | None:
    return read_amount(text) if text else None


def _kind(named: str, description: str, amount: Decimal) -> LineKind:
    word = named.upper().replace(" ", "_").replace("-", "_")
    return LineKind(word) if word in LineKind.__members__ else kind_of(f"{named} {description}", amount)


def _statement(number: str, lines: list[BankLine], profile: CsvProfile, faults: list[FileFault]) -> AccountStatement:
    days: list[date] = [line.posted_on for line in lines]
    opening, closing = _balances(lines, faults)
    return AccountStatement(
        account_ending=account_ending(number), account_key=account_key(number), start=min(days), end=max(days),
        opening_balance=opening, closing_balance=closing, lines=tuple(lines),
    )  # fmt: skip


def _balances(lines: list[BankLine], faults: list[FileFault]) -> tuple[Decimal | None, Decimal | None]:
    """Opening and closing balance by the running one, oldest first or last; a step that breaks it is a fault."""
    if not lines or any(line.balance is None for line in lines):
        return None, None
    running = [line.balance or ZERO for line in lines]
    down = [n for n in range(1, len(lines)) if running[n] != running[n - 1] + lines[n].amount]
    up = [n for n in range(1, len(lines)) if running[n - 1] != running[n] + lines[n - 1].amount]
    if down and up:
        broken = min(down, up, key=len)
        faults.append(
            FileFault(place=lines[broken[0]].place, code="BALANCE", message="The running balance does not follow",
                      fix="Export the file again for whole days; a line is missing, doubled or changed")
        )  # fmt: skip
        return None, None
    first, last = (lines[0], lines[-1]) if not down else (lines[-1], lines[0])
    return (first.balance or ZERO) - first.amount, last.balance
