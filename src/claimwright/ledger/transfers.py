"""A transfer: one debit, one credit, amount above zero. An unbalanced entry cannot be written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from claimwright.codes.money import ZERO, money
from claimwright.ledger.accounts import Account


class EntryType(StrEnum):
    CHARGE = "CHARGE"
    INS_PAY = "INS_PAY"
    PAT_PAY = "PAT_PAY"
    APPLY = "APPLY"  # credit applied to a line
    ADJ = "ADJ"
    XFER = "XFER"
    REFUND = "REFUND"
    REVERSAL = "REVERSAL"
    NSF = "NSF"
    FEE = "FEE"
    INTEREST = "INTEREST"
    CAP_REVENUE = "CAP_REVENUE"
    CLEARING = "CLEARING"
    DEPOSIT = "DEPOSIT"
    HOLD = "HOLD"  # into or out of Suspense
    BAD_DEBT = "BAD_DEBT"
    OPENING = "OPENING"  # brought from another system
    OTHER = "OTHER"


class Transfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money moved from `credit` to `debit`. `key` is unique in a tenant and makes writing it twice one writing.

    `reverses` names the key of the transfer it undoes. `payment` is the remittance or receipt it came from, `claim`
    the control number, `reason` a CARC with its group ("CO-45"), a write-off reason or a PLB code.
    """

    debit: Account
    credit: Account
    amount: Decimal
    entry_type: EntryType
    key: str
    effective_date: date
    reason: str = ""
    reverses: str = ""
    payment: str = ""
    claim: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.amount <= ZERO or self.amount != money(self.amount):
            raise ValueError("a transfer's amount is above zero and has two places")
        if self.debit == self.credit:
            raise ValueError("a transfer's debit and credit are two accounts")


def transfer(
    *,
    debit: Account,
    credit: Account,
    amount: Decimal,
    entry_type: EntryType,
    key: str,
    effective_date: date,
    reason: str = "",
    reverses: str = "",
    payment: str = "",
    claim: str = "",
    note: str = "",
) -> Transfer | None:
    """The transfer, with its sides swapped when `amount` is negative; None when it is zero."""
    if amount == ZERO:
        return None
    if amount < ZERO:
        debit, credit, amount = credit, debit, -amount
    return Transfer(
        debit=debit, credit=credit, amount=amount, entry_type=entry_type, key=key, effective_date=effective_date,
        reason=reason, reverses=reverses, payment=payment, claim=claim, note=note,
    )  # fmt: skip
