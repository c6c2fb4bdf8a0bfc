"""A ledger in memory: transfers are appended, balances are sums of them, and the same key is written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import BUCKETS, Account, Kind, receivable
from claimwright.ledger.transfers import Transfer


class KeyConflict(ValueError):
    """A key that is already written with another content."""


class Book:
    """Append-only. A balance is debits minus credits, so money that we hold for others is negative."""

    def __init__(self, transfers: Iterable[Transfer] = ()) -> None:
        self._transfers: list[Transfer] = []
        self._by_key: dict[str, Transfer] = {}
        self._reversed_by: dict[str, str] = {}
        self._balances: dict[Account, Decimal] = defaultdict(lambda: ZERO)
        self.extend(transfers)

    def __len__(self) -> int:
        return len(self._transfers)

    def __iter__(self) -> Iterator[Transfer]:
        return iter(self._transfers)

    def append(self, transfer: Transfer) -> bool:
        """Write one transfer; False when the same one is already written.

        Raises KeyConflict when the key stands for another content, when `reverses` names nothing written, or when
        that transfer is already reversed.
        """
        written = self._by_key.get(transfer.key)
        if written is not None:
            if written == transfer:
                return False
            raise KeyConflict("the key is already written with another content")
        if transfer.reverses:
            self._check_reversal(transfer)
            self._reversed_by[transfer.reverses] = transfer.key
        self._by_key[transfer.key] = transfer
        self._transfers.append(transfer)
        self._balances[transfer.debit] += transfer.amount
        self._balances[transfer.credit] -= transfer.amount
        return True

    def _check_reversal(self, transfer: Transfer) -> None:
        original = self._by_key.get(transfer.reverses)
        if original is None:
            raise KeyConflict("the transfer to reverse is not written")
        if transfer.reverses in self._reversed_by:
            raise KeyConflict("the transfer is already reversed")
        if original.amount != transfer.amount:
            raise KeyConflict("a reversal has the amount of what it reverses")

    def extend(self, transfers: Iterable[Transfer]) -> int:
        """Write transfers in order; the number newly written."""
        return sum(self.append(transfer) for transfer in transfers)

    def find(self, key: str) -> Transfer | None:
        return self._by_key.get(key)

    def is_reversed(self, key: str) -> bool:
        return key in self._reversed_by

    def balance(self, account: Account) -> Decimal:
        return self._balances.get(account, ZERO)

    def line_balances(self, line_id: str) -> dict[str, Decimal]:
        """The receivable buckets of one charge line, those with no money left out."""
        buckets = {bucket: self.balance(receivable(line_id, bucket)) for bucket in BUCKETS}
        return {bucket: balance for bucket, balance in buckets.items() if balance}

    def total(self, kind: Kind, *, bucket: str | None = None, subject: str | None = None) -> Decimal:
        """The sum of the balances of all accounts of a kind, limited to one bucket or one subject if given."""
        return sum(
            (
                balance
                for account, balance in self._balances.items()
                if account.kind is kind
                and (bucket is None or account.bucket == bucket)
                and (subject is None or account.subject == subject)
            ),
            ZERO,
        )

    def accounts_receivable(self) -> Decimal:
        """A/R: every receivable bucket and the patients' unapplied money; bad debt is outside."""
        return self.total(Kind.RECEIVABLE) + self.total(Kind.CREDIT)

    def cash(self) -> Decimal:
        """Money received wherever it stands: remittances, the patients' drawer and the bank."""
        return self.total(Kind.REMITTANCE) + self.total(Kind.BANK) + self.total(Kind.PATIENT_CASH)

    def as_of(self, on: date) -> Book:
        """The book of the transfers effective on or before `on`."""
        return Book(transfer for transfer in self._transfers if transfer.effective_date <= on)

    def balances(self) -> dict[Account, Decimal]:
        """Every account that ever moved, with its balance."""
        return dict(self._balances)

    def trial_balance(self) -> tuple[Decimal, Decimal]:
        """The sums of debit and of credit balances: equal, or the book is broken."""
        debits = sum((balance for balance in self._balances.values() if balance > 0), ZERO)
        credits = sum((-balance for balance in self._balances.values() if balance < 0), ZERO)
        return debits, credits

    def roll_forward(self, start: date, end: date) -> dict[Kind, tuple[Decimal, Decimal, Decimal]]:
        """Per account kind: opening before `start`, activity in `[start, end)`, closing. Opening + activity = closing."""
        opening: dict[Kind, Decimal] = defaultdict(lambda: ZERO)
        activity: dict[Kind, Decimal] = defaultdict(lambda: ZERO)
        for transfer in self._transfers:
            if transfer.effective_date >= end:
                continue
            side = opening if transfer.effective_date < start else activity
            side[transfer.debit.kind] += transfer.amount
            side[transfer.credit.kind] -= transfer.amount
        kinds = sorted(set(opening) | set(activity))
        return {kind: (opening[kind], activity[kind], opening[kind] + activity[kind]) for kind in kinds}
