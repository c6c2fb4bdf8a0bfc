"""Undoing a transfer: a new transfer with swapped sides that names the old one. Nothing is edited or deleted."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer


def reverse(
    original: Transfer,
    *,
    key: str,
    effective_date: date,
    payment: str = "",
    cash: Account | None = None,
    note: str = "",
) -> Transfer:
    """The transfer that undoes `original`.

    `cash` replaces the side that stood in Remittance or Suspense: a payer takes money back out of a later payment, so
    the reversal belongs to that payment and each payment's transfers still sum to its own amount.
    """
    if original.reverses:
        raise ValueError("a reversing transfer is not reversed: write the entry again")

    def side(account: Account) -> Account:
        moved = cash is not None and account.kind in (Kind.REMITTANCE, Kind.SUSPENSE)
        return cash if moved and cash is not None else account

    return msgspec.structs.replace(
        original,
        debit=side(original.credit),
        credit=side(original.debit),
        entry_type=EntryType.REVERSAL,
        key=key,
        effective_date=effective_date,
        reverses=original.key,
        payment=payment or original.payment,
        note=note,
    )
