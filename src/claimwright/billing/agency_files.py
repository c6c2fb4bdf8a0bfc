"""Files to and from a collection agency: plain CSV, one account a row, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.cell_text import neutral
from claimwright.codes.money import AmountError, parse_amount

PLACED_COLUMNS = (
    "account", "last_name", "first_name", "birth_date", "address", "city", "state", "postal_code", "phone", "language",
    "last_service", "final_notice", "placed", "balance",
)  # fmt: skip
RECALLED_COLUMNS = ("account", "recalled", "reason")
PAYMENT_COLUMNS = ("account", "date", "gross", "fee", "net")


class Placed(Noun, frozen=True, kw_only=True):
    """One account handed over. `balance` dollars; nothing about diagnoses or services goes to an agency."""

    account: str
    last_name: str
    first_name: str
    birth_date: date | None = None
    address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    phone: str = ""
    language: str = "en"
    last_service: date | None = None
    final_notice: date
    placed: date
    balance: Decimal


class Collected(Noun, frozen=True, kw_only=True):
    """One row of the agency's payment file; `problem` says what is wrong with it, and then nothing of it counts."""

    row: int  # in the file, the header is 1
    account: str = ""
    on: date | None = None
    gross: Decimal | None = None
    fee: Decimal | None = None
    net: Decimal | None = None
    problem: str = ""


class FileFault(ValueError):
    """A payment file that cannot be read at all; the text names the place and the mend."""


def placements_file(rows: Iterable[Placed]) -> bytes:
    return _written(PLACED_COLUMNS, ([getattr(row, name) for name in PLACED_COLUMNS] for row in rows))


def recalls_file(rows: Iterable[tuple[str, date, str]]) -> bytes:
    return _written(RECALLED_COLUMNS, rows)


def _written(columns: tuple[str, ...], rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else neutral(str(value))


def read_payments(content: bytes) -> list[Collected]:
    """The rows of a file with the columns account, date, gross, fee, net (fee or net may be left out).

    Raises FileFault for a file without them; a row with a fault is given with its `problem`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise FileFault(f"byte {fault.start}: the file is not UTF-8; save it as CSV UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    lacking = [name for name in ("account", "date", "gross") if name not in header]
    if lacking or not {"fee", "net"} & set(header):
        raise FileFault(f"row 1: the columns {', '.join(PAYMENT_COLUMNS)} are needed (fee or net will do)")
    found = []
    for number, cells in enumerate(reader, start=2):
        if any(cell.strip() for cell in cells):
            found.append(_collected(number, dict(zip(header, (cell.strip() for cell in cells), strict=False))))
    return found


def _collected(number: int, cells: dict[str, str]) -> Collected:
    row = Collected(row=number, account=cells.get("account", "").removeprefix("'")[:12])
    try:
        on = date.fromisoformat(cells.get("date", ""))
    except ValueError:
        return Collected(row=number, account=row.account, problem="the date is not YYYY-MM-DD")
    try:
        gross, fee, net = (parse_amount(cells[name]) if cells.get(name) else None for name in ("gross", "fee", "net"))
    except AmountError:
        return Collected(row=number, account=row.account, on=on, problem="an amount is not dollars with two places")
    if gross is None or (fee is None and net is None):
        return Collected(row=number, account=row.account, on=on, problem="gross, and fee or net, are needed")
    fee = gross - net if fee is None and net is not None else fee
    net = gross - fee if net is None and fee is not None else net
    problem = ""
    if fee is None or net is None or gross <= ZERO or not ZERO <= fee <= gross:
        problem = "gross is above zero, and the fee between zero and gross"
    elif gross - fee != net:
        problem = "gross less fee is not net"
    return Collected(row=number, account=row.account, on=on, gross=gross, fee=fee, net=net, problem=problem)
