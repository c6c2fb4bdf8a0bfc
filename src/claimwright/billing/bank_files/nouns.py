"""What every bank file says, whatever its format: accounts, balances, lines, and the faults with their places."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import Noun


class LineKind(StrEnum):
    """How the bank says the money moved. OTHER is any word we do not know: it is listed, never guessed."""

    ACH_CREDIT = "ACH_CREDIT"
    WIRE_CREDIT = "WIRE_CREDIT"
    CHECK_DEPOSIT = "CHECK_DEPOSIT"
    LOCKBOX = "LOCKBOX"
    CARD = "CARD"
    CASH = "CASH"
    RETURNED_ITEM = "RETURNED_ITEM"  # a deposited check that bounced
    CHARGEBACK = "CHARGEBACK"
    ACH_DEBIT = "ACH_DEBIT"
    CHECK_PAID = "CHECK_PAID"
    FEE = "FEE"
    INTEREST = "INTEREST"
    OTHER = "OTHER"


class Trace(Noun, frozen=True, order=True):
    """TRN02 and TRN03 of a CCD+ or CTX addenda: the payment's number and the payer that numbered it."""

    number: str
    payer_id: str = ""


class DepositItem(Noun, frozen=True):
    """One check of a lockbox or of a deposit that the bank lists by item."""

    check_number: str
    amount: Decimal
    payer_name: str = ""


class BankLine(Noun, frozen=True):
    """One line of a statement. `amount` in dollars is above zero where money came in, below where it went out."""

    place: int  # line of the file, counted from 1
    posted_on: date
    amount: Decimal
    kind: LineKind = LineKind.OTHER
    description: str = ""
    bank_reference: str = ""  # the bank's own id of the line: FITID, bank reference number
    check_number: str = ""
    batch_number: str = ""  # deposit slip or card settlement
    payer_name: str = ""
    traces: tuple[Trace, ...] = ()
    items: tuple[DepositItem, ...] = ()
    gross: Decimal | None = None  # card sales before the processor's fee
    fee: Decimal | None = None
    balance: Decimal | None = None


class FileFault(Noun, frozen=True):
    """What is wrong, where, and what to do. Never holds text of the file."""

    place: int  # line of the file; 0 for the file as a whole
    code: str
    message: str
    fix: str


class AccountStatement(Noun, frozen=True):
    """The lines of one account. The number is kept only by its last four digits; `account_key` is its SHA-256."""

    account_ending: str = ""
    account_key: str = ""
    currency: str = "USD"
    start: date | None = None
    end: date | None = None
    opening_balance: Decimal | None = None
    closing_balance: Decimal | None = None
    lines: tuple[BankLine, ...] = ()


class BankFile(Noun, frozen=True):
    """All that a file holds. A file with one fault is not to be taken: nothing of it is sure."""

    format: str  # csv, ofx, bai2
    statements: tuple[AccountStatement, ...] = ()
    faults: tuple[FileFault, ...] = ()
