"""What must hold in every book, recomputed from the transfers alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer


class Breach(msgspec.Struct, frozen=True):
    """One invariant that does not hold: its id of reliability, where, and by how much."""

    invariant: str
    place: str
    difference: Decimal


def _balances(transfers: Iterable[Transfer]) -> dict[Account, Decimal]:
    balances: dict[Account, Decimal] = defaultdict(lambda: ZERO)
    for entry in transfers:
        balances[entry.debit] += entry.amount
        balances[entry.credit] -= entry.amount
    return balances


def trial_balance(transfers: Iterable[Transfer]) -> list[Breach]:
    """I1: debits equal credits, no amount is zero or below, no account is its own counterpart."""
    entries = list(transfers)
    breaches = [
        Breach("I1", entry.key, entry.amount) for entry in entries if entry.amount <= 0 or entry.debit == entry.credit
    ]
    difference = sum(_balances(entries).values(), ZERO)
    return breaches + ([Breach("I1", "trial balance", difference)] if difference else [])


def line_is_whole(transfers: Iterable[Transfer], line_id: str) -> list[Breach]:
    """I2: the charge of a line equals all that left it plus its open balance."""
    charged = left = ZERO
    entries = list(transfers)
    for entry in entries:
        here = [
            (account, sign)
            for account, sign in ((entry.debit, 1), (entry.credit, -1))
            if account.kind is Kind.RECEIVABLE and account.subject == line_id
        ]
        moved = sum((entry.amount * sign for _, sign in here), ZERO)
        if entry.entry_type is EntryType.CHARGE:
            charged += moved
        else:
            left -= moved
    open_balance = sum(
        (
            balance
            for account, balance in _balances(entries).items()
            if account.kind is Kind.RECEIVABLE and account.subject == line_id
        ),
        ZERO,
    )
    difference = charged - left - open_balance
    return [Breach("I2", line_id, difference)] if difference else []


def payment_is_whole(transfers: Iterable[Transfer], payment: str, amount: Decimal) -> list[Breach]:
    """I3, I4: what a posted payment moved into its Remittance account, deposits apart, is its amount."""
    total = ZERO
    for entry in transfers:
        if entry.entry_type is EntryType.DEPOSIT:
            continue
        if entry.debit.kind is Kind.REMITTANCE and entry.debit.subject == payment:
            total += entry.amount
        if entry.credit.kind is Kind.REMITTANCE and entry.credit.subject == payment:
            total -= entry.amount
    return [Breach("I3", payment, total - amount)] if total != amount else []


def offsets_are_conserved(
    transfers: Iterable[Transfer], open_by_subject: Mapping[str, Decimal] | None = None
) -> list[Breach]:
    """I7: per payer and TIN, what was carried out less what was brought in is the open balance of the account."""
    movement: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in transfers:
        if entry.debit.kind is Kind.PAYER_OFFSET:
            movement[entry.debit.subject] += entry.amount
        if entry.credit.kind is Kind.PAYER_OFFSET:
            movement[entry.credit.subject] -= entry.amount
    expected = open_by_subject or {}
    subjects = set(movement) | set(expected)
    return [
        Breach("I7", subject, movement[subject] - expected.get(subject, ZERO))
        for subject in sorted(subjects)
        if movement[subject] != expected.get(subject, ZERO)
    ]


def no_hidden_credit(transfers: Iterable[Transfer], flagged: frozenset[Account] = frozenset()) -> list[Breach]:
    """I16: a receivable below zero is on the credit worklist."""
    return [
        Breach("I16", str(account), balance)
        for account, balance in sorted(_balances(transfers).items())
        if account.kind is Kind.RECEIVABLE and balance < 0 and account not in flagged
    ]


def reversals_are_single(transfers: Iterable[Transfer]) -> list[Breach]:
    """I6: a transfer is reversed at most once, by its own amount with swapped sides."""
    entries = {entry.key: entry for entry in transfers}
    seen: dict[str, str] = {}
    breaches = []
    for entry in entries.values():
        if not entry.reverses:
            continue
        original = entries.get(entry.reverses)
        if original is None or entry.reverses in seen or original.amount != entry.amount:
            breaches.append(Breach("I6", entry.key, entry.amount))
        elif (original.debit.kind, original.credit.kind) != (entry.credit.kind, entry.debit.kind):
            if Kind.SUSPENSE not in (original.debit.kind, original.credit.kind, entry.debit.kind, entry.credit.kind):
                breaches.append(Breach("I6", entry.key, entry.amount))
        seen[entry.reverses] = entry.key
    return breaches
