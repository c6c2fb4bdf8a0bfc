"""Cells of bank files to values: amounts, dates, account numbers, and what a description says of a payment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from claimwright.billing.bank_files.nouns import AccountStatement, FileFault, LineKind, Trace
from claimwright.codes.money import MAXIMUM, ZERO

# CCD+ and CTX addenda carry the 835's TRN: "TRN*1*number*payer*subsidiary\". Banks print other separators for "*".
_TRACE = re.compile(
    r"TRN([*|^])1\1([^*|^~\\]{1,50})(?:\1([0-9A-Za-z]{1,30})?)?(?:\1[^*|^~\\]*)?(?=[~\\]|\s|$)", re.IGNORECASE
)
_ORIGINATOR = re.compile(
    r"ORIG CO NAME:\s*(.{1,35}?)\s*(?=ORIG ID:|DESC DATE:|CO ENTRY|SEC:|TRN[*|^]|$)", re.IGNORECASE
)
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d{1,2}0*)?\Z", re.ASCII)

# Words of statements, the first that stands in the text decides. HCCLAIMPMT is the entry description that NACHA's
# rules require on health care claim payments.
_WORDS: tuple[tuple[str, LineKind], ...] = (
    ("CHARGEBACK", LineKind.CHARGEBACK),
    ("CHARGE BACK", LineKind.CHARGEBACK),
    ("RETURNED ITEM", LineKind.RETURNED_ITEM),
    ("DEPOSITED ITEM RETURN", LineKind.RETURNED_ITEM),
    ("RETURN ITEM", LineKind.RETURNED_ITEM),
    ("NSF", LineKind.RETURNED_ITEM),
    ("LOCKBOX", LineKind.LOCKBOX),
    ("SERVICE CHARGE", LineKind.FEE),
    ("SERVICE FEE", LineKind.FEE),
    ("ANALYSIS FEE", LineKind.FEE),
    ("INTEREST", LineKind.INTEREST),
    ("HCCLAIMPMT", LineKind.ACH_CREDIT),
    ("MERCHANT", LineKind.CARD),
    ("BANKCARD", LineKind.CARD),
    ("SETTLEMENT", LineKind.CARD),
    ("WIRE", LineKind.WIRE_CREDIT),
    ("FEDWIRE", LineKind.WIRE_CREDIT),
    ("ACH", LineKind.ACH_CREDIT),
    ("CHECK DEPOSIT", LineKind.CHECK_DEPOSIT),
    ("MOBILE DEPOSIT", LineKind.CHECK_DEPOSIT),
    ("REMOTE DEPOSIT", LineKind.CHECK_DEPOSIT),
    ("DEPOSIT", LineKind.CHECK_DEPOSIT),
    ("CHECK", LineKind.CHECK_PAID),
)
_WORD_PATTERNS = tuple((re.compile(rf"\b{re.escape(word)}\b"), kind) for word, kind in _WORDS)
_ONLY_IN = {LineKind.CHECK_DEPOSIT, LineKind.LOCKBOX, LineKind.CASH, LineKind.CARD, LineKind.WIRE_CREDIT}
_ONLY_OUT = {LineKind.CHECK_PAID, LineKind.RETURNED_ITEM, LineKind.CHARGEBACK, LineKind.FEE}


class CellError(ValueError):
    """A cell that cannot be read; the message never holds it."""


def read_amount(text: str) -> Decimal:
    """Dollars: "1,234.50", "$1,234.50", "-5.00", "5.00-", "(5.00)". Raises CellError for anything else."""
    shown = text.replace("\u00a0", " ").replace("\u2212", "-").strip()
    negative = False
    if shown.startswith("(") and shown.endswith(")"):
        negative, shown = True, shown[1:-1].strip()
    elif shown.endswith("-"):
        negative, shown = True, shown[:-1].strip()
    elif shown.startswith(("+", "-")):
        negative, shown = shown[0] == "-", shown[1:].strip()
    shown = shown.removeprefix("$").strip()
    if not any(c.isdigit() for c in shown) or not _AMOUNT.match(shown):
        raise CellError("the amount is not dollars with at most two places")
    value = Decimal(shown.replace(",", "")).quantize(Decimal("0.01"))
    if value > MAXIMUM:
        raise CellError("an amount is below ten billion")
    return (-value if negative else value) + ZERO


def read_date(text: str, format: str) -> date:
    """A calendar date by one strptime format. Raises CellError."""
    try:
        return datetime.strptime(text.strip(), format).replace(tzinfo=UTC).date()
    except ValueError:
        raise CellError("the date is no calendar date in the format of this file") from None


def account_ending(number: str) -> str:
    return "".join(c for c in number if c.isalnum())[-4:]


def account_key(number: str) -> str:
    """What tells accounts apart without keeping the number: SHA-256 of its letters and digits."""
    plain = "".join(c for c in number if c.isalnum()).upper()
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


def traces_of(text: str) -> tuple[Trace, ...]:
    """Every TRN of a description, in its order, each once."""
    found = (Trace(number=m[2].strip(), payer_id=(m[3] or "").strip()) for m in _TRACE.finditer(text))
    return tuple(dict.fromkeys(trace for trace in found if trace.number))


def payer_name_of(text: str) -> str:
    named = _ORIGINATOR.search(text)
    return named[1].strip() if named else ""


def kind_of(text: str, amount: Decimal) -> LineKind:
    """What the words of a description say, where they agree with the direction of the money."""
    upper = text.upper()
    for pattern, kind in _WORD_PATTERNS:
        if pattern.search(upper):
            if amount < 0 and kind is LineKind.ACH_CREDIT:
                return LineKind.ACH_DEBIT
            if amount < 0 and kind in _ONLY_IN or amount > 0 and kind in _ONLY_OUT:
                continue
            return kind
    return LineKind.OTHER


def balance_faults(statement: AccountStatement, place: int = 0) -> Iterator[FileFault]:
    """The lines must carry the opening balance to the closing one: a line lost or doubled is found here."""
    opening, closing = statement.opening_balance, statement.closing_balance
    if opening is None or closing is None:
        return
    total = sum((line.amount for line in statement.lines), ZERO)
    if opening + total != closing:
        yield FileFault(
            place=place, code="BALANCE",
            message=f"The lines sum to {total}, the balances moved by {closing - opening}",
            fix="Download the statement again for whole days; a line is missing or doubled",
        )  # fmt: skip
