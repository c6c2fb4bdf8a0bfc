"""OFX 1.x (SGML, leaves without end tags) and 2.x (XML): bank and card statements to lines.

One tokenizer reads both: a tag, then the text up to the next tag. No entity is expanded but the five of the format,
so a file cannot make the reader grow. Source of the element names: Open Financial Exchange 1.6 and 2.2, section 11.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from claimwright.billing.bank_files.cells import (
    CellError,
    account_ending,
    account_key,
    balance_faults,
    kind_of,
    payer_name_of,
    read_amount,
    read_date,
    traces_of,
)
from claimwright.billing.bank_files.nouns import AccountStatement, BankFile, BankLine, FileFault, LineKind

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._]*)[^<>]*?(/?)>([^<]*)")
_CHARSET = re.compile(rb"CHARSET:\s*(\S+)|ENCODING:\s*(UTF-8|UNICODE)|encoding=[\"']([A-Za-z0-9-]+)", re.IGNORECASE)
_STATEMENTS = {"STMTRS", "CCSTMTRS"}
_PARENTS = {"BANKACCTFROM", "CCACCTFROM", "LEDGERBAL", "AVAILBAL", "BANKTRANLIST", "PAYEE", "BALLIST", "BAL"}

_KINDS = {
    "DIRECTDEP": LineKind.ACH_CREDIT, "FEE": LineKind.FEE, "SRVCHG": LineKind.FEE, "INT": LineKind.INTEREST,
    "CHECK": LineKind.CHECK_PAID, "DIRECTDEBIT": LineKind.ACH_DEBIT, "CASH": LineKind.CASH,
}  # fmt: skip


def read_ofx(content: bytes) -> BankFile:
    """The statements of an OFX file. Never raises: what cannot be read is a fault with its line."""
    text = _decode(content)
    faults: list[FileFault] = []
    statements: list[AccountStatement] = []
    blocks = list(_blocks(text))
    if not blocks:
        faults.append(
            FileFault(place=0, code="NO_STATEMENT", message="The file holds no bank or card statement",
                      fix="Download transactions, not account lists, as OFX")
        )  # fmt: skip
    for start, fields, rows, closed in blocks:
        if not closed:
            faults.append(
                FileFault(place=start, code="TRUNCATED", message="The statement does not end",
                          fix="Download the file again; its end is missing")
            )  # fmt: skip
        statements.append(_statement(fields, rows, faults))
    for statement in statements:
        faults.extend(balance_faults(statement))
    return BankFile(format="ofx", statements=tuple(statements), faults=tuple(faults))


def _decode(content: bytes) -> str:
    named = _CHARSET.search(content[:1000])
    wanted = (named[1] or named[2] or named[3]).decode("ascii", "replace").upper() if named else ""
    for encoding in ("utf-8-sig",) if wanted in ("UTF-8", "UNICODE") else ("cp1252",) if wanted == "1252" else ():
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            break
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


Row = tuple[int, dict[str, str], bool]  # line of the file, leaves, whether it was closed


def _blocks(text: str) -> Iterator[tuple[int, dict[str, str], list[Row], bool]]:
    """(line, leaves of the statement, transactions, closed) of each statement, leaves named with their parent."""
    line, at = 1, 0
    fields: dict[str, str] | None = None
    rows: list[Row] = []
    row: dict[str, str] | None = None
    row_line = start = 0
    parents: list[str] = []
    for tag in _TAG.finditer(text):
        line += text.count("\n", at, tag.start())
        at = tag.start()
        closing, name, value = bool(tag[1]), tag[2].upper(), html.unescape(tag[4]).strip()
        if name in _STATEMENTS and not closing:
            fields, rows, start, parents, row = {}, [], line, [], None
        elif fields is None:
            continue
        elif name in _STATEMENTS:
            if row is not None:
                rows.append((row_line, row, False))
                row = None
            yield start, fields, rows, True
            fields = None
        elif name == "STMTTRN":
            if row is not None:
                rows.append((row_line, row, closing))
            row, row_line = (None, 0) if closing else ({}, line)
        elif name in _PARENTS:
            parents = [one for one in parents if one != name] if closing else [*parents, name]
        elif value and not closing:
            (fields if row is None else row)["/".join((*parents[-1:], name))] = value
    if fields is not None:
        if row is not None:
            rows.append((row_line, row, False))
        yield start, fields, rows, False


def _statement(fields: dict[str, str], rows: list[Row], faults: list[FileFault]) -> AccountStatement:
    number = fields.get("BANKACCTFROM/ACCTID") or fields.get("CCACCTFROM/ACCTID", "")
    currency = fields.get("CURDEF", "USD").upper()
    if currency != "USD":
        faults.append(
            FileFault(place=0, code="CURRENCY", message="The account is not in dollars",
                      fix="Import accounts in US dollars only")
        )  # fmt: skip
    lines = [made for place, row, closed in rows if (made := _line(place, row, closed, faults)) is not None]
    return AccountStatement(
        account_ending=account_ending(number), account_key=account_key(number), currency=currency,
        start=_optional_date(fields.get("BANKTRANLIST/DTSTART")), end=_optional_date(fields.get("BANKTRANLIST/DTEND")),
        closing_balance=_balance(fields), lines=tuple(lines),
    )  # fmt: skip


def _balance(fields: dict[str, str]) -> Decimal | None:
    try:
        return read_amount(fields["LEDGERBAL/BALAMT"])
    except (KeyError, CellError):
        return None


def _line(place: int, row: dict[str, str], closed: bool, faults: list[FileFault]) -> BankLine | None:
    if not closed:
        faults.append(
            FileFault(place=place, code="TRUNCATED", message="The transaction does not end",
                      fix="Download the file again; this transaction is cut")
        )  # fmt: skip
        return None
    leaf = {name.rpartition("/")[2]: value for name, value in row.items() if not name.startswith("PAYEE/")}
    try:
        posted_on = _date(leaf.get("DTPOSTED", ""))
        amount = read_amount(
            leaf.get("TRNAMT", "").replace(",", ".") if _comma_decimal(leaf) else leaf.get("TRNAMT", "")
        )
    except CellError as problem:
        faults.append(
            FileFault(place=place, code="CELL", message=f"The transaction cannot be read: {problem}",
                      fix="Correct TRNAMT or DTPOSTED at the bank's download, not by hand")
        )  # fmt: skip
        return None
    name = leaf.get("NAME") or row.get("PAYEE/NAME", "")
    description = " ".join(filter(None, (name, leaf.get("MEMO", ""))))
    kind = kind_of(description, amount)
    if kind is LineKind.OTHER or leaf.get("TRNTYPE", "").upper() in ("FEE", "SRVCHG"):
        kind = _kind(leaf.get("TRNTYPE", "").upper(), amount, kind)
    return BankLine(
        place=place, posted_on=posted_on, amount=amount, kind=kind, description=description,
        bank_reference=leaf.get("FITID", ""), check_number=leaf.get("CHECKNUM", ""),
        batch_number=leaf.get("REFNUM", ""), payer_name=payer_name_of(description) or name,
        traces=traces_of(description),
    )  # fmt: skip


def _kind(named: str, amount: Decimal, otherwise: LineKind) -> LineKind:
    if named == "DEP":
        return LineKind.CHECK_DEPOSIT if amount > 0 else LineKind.RETURNED_ITEM
    found = _KINDS.get(named, otherwise)
    return otherwise if found is LineKind.CHECK_PAID and amount > 0 else found


def _comma_decimal(leaf: dict[str, str]) -> bool:
    """OFX lets the decimal mark be a comma; thousands marks it does not have."""
    return bool(re.fullmatch(r"[+-]?\d+,\d{1,2}", leaf.get("TRNAMT", "")))


def _date(text: str) -> date:
    """YYYYMMDD with an optional time and zone, which the bank's posting date does not need."""
    digits = text.strip()[:8]
    if not re.fullmatch(r"\d{8}", digits):
        raise CellError("the date is not YYYYMMDD")
    return read_date(digits, "%Y%m%d")


def _optional_date(text: str | None) -> date | None:
    try:
        return _date(text) if text else None
    except CellError:
        return None
