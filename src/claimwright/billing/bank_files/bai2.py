"""BAI2 cash management files: records 01 02 03 16 88 49 98 99 to lines, with the file's own totals checked.

Amounts are in cents without a point. Type codes 100 to 399 are credits, 400 to 699 debits. Source: ANSI/ASC X9.121
and BAI's "Cash Management Balance Reporting Specifications Version 2" (record layouts and type codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.bank_files.cells import (
    CellError,
    account_ending,
    account_key,
    balance_faults,
    kind_of,
    payer_name_of,
    read_date,
    traces_of,
)
from claimwright.billing.bank_files.nouns import AccountStatement, BankFile, BankLine, DepositItem, FileFault, LineKind
from claimwright.codes.money import ZERO

OPENING_LEDGER, CLOSING_LEDGER = "010", "015"
LOCKBOX_DEPOSIT, LOCKBOX_ITEM = "115", "116"

_KINDS = {
    "115": LineKind.LOCKBOX, "116": LineKind.LOCKBOX, "118": LineKind.LOCKBOX,
    "142": LineKind.ACH_CREDIT, "165": LineKind.ACH_CREDIT, "166": LineKind.ACH_CREDIT, "168": LineKind.ACH_CREDIT,
    "169": LineKind.ACH_CREDIT, "164": LineKind.ACH_CREDIT,
    "171": LineKind.CHECK_DEPOSIT, "172": LineKind.CHECK_DEPOSIT, "174": LineKind.CHECK_DEPOSIT,
    "175": LineKind.CHECK_DEPOSIT, "301": LineKind.CHECK_DEPOSIT,
    "195": LineKind.WIRE_CREDIT, "191": LineKind.WIRE_CREDIT, "208": LineKind.WIRE_CREDIT,
    "451": LineKind.ACH_DEBIT, "455": LineKind.ACH_DEBIT, "466": LineKind.ACH_DEBIT, "469": LineKind.ACH_DEBIT,
    "475": LineKind.CHECK_PAID, "555": LineKind.RETURNED_ITEM, "557": LineKind.RETURNED_ITEM,
    "698": LineKind.FEE, "354": LineKind.INTEREST,
}  # fmt: skip
_CENTS = re.compile(r"[+-]?\d{1,15}\Z")
_LABELLED = re.compile(
    r"\b(CHECK|BATCH|PAYER|GROSS|FEE):\s*(.+?)\s*(?=\b(?:CHECK|BATCH|PAYER|GROSS|FEE):|TRN[*|^]|[;]|$)"
)


class _Refused(ValueError):
    """A record that cannot be read; the message says what is wrong."""


class _Record:
    """A record with its continuations: type, fields, line of the file, and how many physical records it took."""

    def __init__(self, place: int, text: str) -> None:
        self.place, self.pieces, self.count = place, [text], 1
        self.type = text[:2]

    @property
    def fields(self) -> list[str]:
        """Fields without their record type. Where a piece does not end with "/", its text goes on in the next."""
        joined = ""
        for piece in self.pieces:
            shown = piece.rstrip()
            joined += shown.removesuffix("/") + ("," if shown.endswith("/") else " ")
        return joined[:-1].split(",")[1:]


def read_bai2(content: bytes) -> BankFile:
    """The accounts of a BAI2 file. Never raises: what cannot be read, and each total that is wrong, is a fault."""
    reader = _Reader()
    for record in _records(content.decode("latin-1"), reader.faults):
        try:
            reader.take(record)
        except _Refused as problem:
            reader.fault(record.place, "RECORD", str(problem), "Ask the bank for the file again")
    if not reader.ended:
        reader.fault(0, "TRUNCATED", "The file has no trailer record 99", "Download the file again; its end is missing")
    for statement in reader.statements:
        reader.faults.extend(balance_faults(statement))
    return BankFile(format="bai2", statements=tuple(reader.statements), faults=tuple(reader.faults))


def _records(text: str, faults: list[FileFault]) -> Iterator[_Record]:
    current: _Record | None = None
    for place, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if line[:3] == "88,":
            if current is None:
                faults.append(
                    FileFault(place=place, code="RECORD", message="A continuation continues nothing",
                              fix="Ask the bank for the file again")
                )  # fmt: skip
                continue
            current.pieces.append(line[3:])
            current.count += 1
            continue
        if current is not None:
            yield current
        current = _Record(place, line)
    if current is not None:
        yield current


def _cents(text: str) -> Decimal:
    if not text:
        return ZERO
    if not _CENTS.match(text):
        raise _Refused("an amount is cents: digits with an optional sign")
    return (Decimal(text) / 100).quantize(Decimal("0.01")) + ZERO


class _Reader:
    def __init__(self) -> None:
        self.faults: list[FileFault] = []
        self.statements: list[AccountStatement] = []
        self.ended = False
        self.as_of: date | None = None
        self.currency = "USD"
        self.account: AccountStatement | None = None
        self.lines: list[BankLine] = []
        self.types: list[str] = []
        self.control, self.records = ZERO, 0
        self.group_control, self.group_records, self.group_accounts = ZERO, 0, 0
        self.file_control, self.file_records, self.groups = ZERO, 0, 0

    def fault(self, place: int, code: str, message: str, fix: str) -> None:
        self.faults.append(FileFault(place=place, code=code, message=message, fix=fix))

    def take(self, record: _Record) -> None:
        take = {
            "01": self._file, "02": self._group, "03": self._account, "16": self._transaction,
            "49": self._account_end, "98": self._group_end, "99": self._file_end,
        }.get(record.type)  # fmt: skip
        if take is None:
            raise _Refused("the record type is not one of BAI2")
        take(record)

    def _file(self, record: _Record) -> None:
        self.file_records += record.count

    def _group(self, record: _Record) -> None:
        fields = record.fields
        self.group_control, self.group_records, self.group_accounts = ZERO, record.count, 0
        self.groups += 1
        try:
            self.as_of = read_date(fields[3], "%y%m%d")
        except (IndexError, CellError):
            raise _Refused("the group has no as-of date YYMMDD") from None
        self.currency = fields[5].upper() if len(fields) > 5 and fields[5] else "USD"

    def _account(self, record: _Record) -> None:
        fields = record.fields
        self.control, self.records, self.lines, self.types = ZERO, record.count, [], []
        if not fields or not fields[0].strip():
            raise _Refused("the account has no number")
        currency = fields[1].upper() if len(fields) > 1 and fields[1] else self.currency
        balances: dict[str, Decimal] = {}
        at = 2
        while at < len(fields):
            code, amount = fields[at], fields[at + 1] if at + 1 < len(fields) else ""
            if code:
                balances[code] = _cents(amount)
                self.control += balances[code]
            _, at = _after_funds(fields, at + 3)
        self.account = AccountStatement(
            account_ending=account_ending(fields[0]), account_key=account_key(fields[0]), currency=currency,
            start=self.as_of, end=self.as_of, opening_balance=balances.get(OPENING_LEDGER),
            closing_balance=balances.get(CLOSING_LEDGER),
        )  # fmt: skip
        if currency != "USD":
            self.fault(record.place, "CURRENCY", "The account is not in dollars", "Import accounts in US dollars only")

    def _transaction(self, record: _Record) -> None:
        if self.account is None or self.as_of is None:
            raise _Refused("a transaction stands outside an account")
        self.records += record.count
        fields = record.fields
        if len(fields) < 2 or not re.fullmatch(r"\d{3}", fields[0]):
            raise _Refused("a transaction has a type code of three digits and an amount")
        value = _cents(fields[1])
        self.control += value
        valued_on, at = _after_funds(fields, 2)
        rest = [*fields[at:], "", "", ""]
        text = " ".join(",".join(rest[2:]).rstrip(",").split())
        amount = value if int(fields[0]) < 400 else -value
        line = _line(record.place, fields[0], amount, self.as_of, rest[0].strip(), rest[1].strip(), text)
        if fields[0] == LOCKBOX_ITEM and self._belongs_to_lockbox(line):
            return
        self.lines.append(line)
        self.types.append(fields[0])

    def _belongs_to_lockbox(self, item: BankLine) -> bool:
        """Items that follow a lockbox deposit are what it is made of, while they sum to no more than it."""
        if not self.types or self.types[-1] != LOCKBOX_DEPOSIT:
            return False
        deposit = self.lines[-1]
        held = sum((one.amount for one in deposit.items), ZERO)
        if held + item.amount > deposit.amount:
            return False
        detail = DepositItem(check_number=item.check_number, amount=item.amount, payer_name=item.payer_name)
        self.lines[-1] = msgspec.structs.replace(deposit, items=(*deposit.items, detail))
        return True

    def _account_end(self, record: _Record) -> None:
        if self.account is None:
            raise _Refused("an account trailer stands outside an account")
        self.records += record.count
        self._totals(record, self.control, self.records, "account")
        self.statements.append(msgspec.structs.replace(self.account, lines=tuple(self.lines)))
        self.group_control += self.control
        self.group_records += self.records
        self.group_accounts += 1
        self.account = None

    def _group_end(self, record: _Record) -> None:
        self.group_records += record.count
        self._totals(record, self.group_control, self.group_records, "group", self.group_accounts)
        self.file_control += self.group_control
        self.file_records += self.group_records

    def _file_end(self, record: _Record) -> None:
        self.file_records += record.count
        self._totals(record, self.file_control, self.file_records, "file", self.groups)
        self.ended = True

    def _totals(self, record: _Record, control: Decimal, records: int, what: str, parts: int | None = None) -> None:
        fields = [*record.fields, "", "", ""]
        said = _cents(fields[0].strip())
        if said != control:
            self.fault(
                record.place, "CONTROL_TOTAL", f"The {what}'s control total is {said}, its records sum to {control}",
                "Ask the bank for the file again; a record is missing or changed",
            )  # fmt: skip
        counts = [("records", fields[1 if parts is None else 2].strip(), records)]
        if parts is not None:
            counts.append(("parts", fields[1].strip(), parts))
        for name, text, found in counts:
            if text and text != str(found):
                self.fault(
                    record.place, "COUNT", f"The {what}'s count of {name} does not agree: {found} were found",
                    "Ask the bank for the file again; a record is missing or doubled",
                )  # fmt: skip


def _after_funds(fields: list[str], at: int) -> tuple[str, int]:
    """Reads the funds type at `at`: (value date or "", place of the next field)."""
    funds = fields[at].strip().upper() if at < len(fields) else ""
    if funds == "S":
        return "", at + 4
    if funds == "V":
        return (fields[at + 1] if at + 1 < len(fields) else ""), at + 3
    if funds == "D":
        count = fields[at + 1].strip() if at + 1 < len(fields) else ""
        if not count.isdecimal():
            raise _Refused("distributed funds have no count")
        return "", at + 2 + 2 * int(count)
    if funds not in ("", "0", "1", "2", "Z"):
        raise _Refused("the funds type is not one of 0 1 2 V S D Z")
    return "", at + 1


def _line(place: int, code: str, amount: Decimal, on: date, bank: str, customer: str, text: str) -> BankLine:
    labels = {m[1]: m[2].strip() for m in _LABELLED.finditer(text)}
    kind = _KINDS.get(code, LineKind.OTHER)
    if kind is LineKind.OTHER or kind in (LineKind.ACH_CREDIT, LineKind.ACH_DEBIT, LineKind.FEE):
        words = kind_of(text, amount)
        if words in (LineKind.CARD, LineKind.CHARGEBACK) or kind is LineKind.OTHER:
            kind = words
    checks = kind in (LineKind.CHECK_DEPOSIT, LineKind.CHECK_PAID, LineKind.LOCKBOX, LineKind.RETURNED_ITEM)
    return BankLine(
        place=place, posted_on=on, amount=amount, kind=kind, description=text, bank_reference=bank,
        check_number=labels.get("CHECK", "") or (customer if checks else ""),
        batch_number=labels.get("BATCH", "") or ("" if checks else customer),
        payer_name=labels.get("PAYER", "") or payer_name_of(text), traces=traces_of(text),
        gross=_labelled_amount(labels, "GROSS"), fee=_labelled_amount(labels, "FEE"),
    )  # fmt: skip


def _labelled_amount(labels: dict[str, str], name: str) -> Decimal | None:
    text = labels.get(name, "").partition(" ")[0]
    return Decimal(text) if re.fullmatch(r"\d{1,9}\.\d\d", text) else None
