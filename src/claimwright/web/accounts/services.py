"""Writing the ledger: transfers in, chained rows out. Only ever added; the same key again is no second writing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from uuid import UUID

from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.periods import posting_day
from claimwright.web.core import chain, clock
from claimwright.web.core.services import actor
from claimwright.web.core.tenancy import every_practice

KEYS_PER_QUERY = 10_000


class LedgerConflict(RuntimeError):
    """A key that is in the ledger already came with other content, or twice in one journal: nothing was written."""


def post_transfers(*, transfers: Sequence[Transfer], journal: UUID | None = None) -> int:
    """Append what is not there yet, in order, as one journal; says how many. Runs in the caller's transaction.

    A key that is there with the same content is left as it is; with other content LedgerConflict is raised and the
    caller's transaction is to be rolled back. The same holds for a second reversal of one transfer.

    `posted_on`, the day the entry counts in the books, is today; the effective date stays that of the service or the
    payment. So work on a closed month lands in the open one. Raises periods.PeriodClosed when that day is closed.
    """
    if not transfers:
        return 0
    by_key: dict[str, Transfer] = {}
    for entry in transfers:
        if by_key.setdefault(entry.key, entry) != entry:
            raise LedgerConflict(f"two entries of one journal have the key {entry.key}")
    with every_practice():  # a key is used once in the tenant, whoever asks
        known = _known(list(by_key))
    for key, row in known.items():
        if not same_entry(row, by_key[key]):
            raise LedgerConflict(f"the ledger holds another entry under the key {key}")
    fresh = [entry for entry in by_key.values() if entry.key not in known]
    _refuse_second_reversals(fresh)
    now, on, by, number = clock.now(), posting_day(), actor(), journal or uuid.uuid4()
    rows = [
        LedgerTransfer(
            key=entry.key, debit_kind=entry.debit.kind.value, debit_bucket=entry.debit.bucket,
            debit_subject=entry.debit.subject, credit_kind=entry.credit.kind.value, credit_bucket=entry.credit.bucket,
            credit_subject=entry.credit.subject, amount=entry.amount, entry_type=entry.entry_type.value,
            reason=entry.reason, effective_date=entry.effective_date, posted_at=now, posted_on=on, actor=by,
            journal=number, payment=entry.payment, claim=entry.claim, reverses=entry.reverses, note=entry.note,
        )
        for entry in fresh
    ]  # fmt: skip
    chain.append(LedgerTransfer, rows)
    return len(rows)


def _known(keys: Sequence[str]) -> dict[str, LedgerTransfer]:
    rows: dict[str, LedgerTransfer] = {}
    for at in range(0, len(keys), KEYS_PER_QUERY):
        for row in LedgerTransfer.objects.filter(key__in=keys[at : at + KEYS_PER_QUERY]):
            rows[row.key] = row
    return rows


def _refuse_second_reversals(entries: Iterable[Transfer]) -> None:
    reversed_keys = [entry.reverses for entry in entries if entry.reverses]
    if len(reversed_keys) != len(set(reversed_keys)):
        raise LedgerConflict("one journal reverses the same entry twice")
    with every_practice():
        reversed_already = (
            LedgerTransfer.objects.filter(reverses__in=reversed_keys).exists() if reversed_keys else False
        )
    if reversed_already:
        raise LedgerConflict("an entry of this journal reverses what is reversed already")


def same_entry(row: LedgerTransfer, entry: Transfer) -> bool:
    """Whether the row says what the entry says. The note is a remark and does not count."""
    return as_transfer(row, note=entry.note) == entry


def as_transfer(row: LedgerTransfer, *, note: str | None = None) -> Transfer:
    """The row as the ledger room knows it."""
    return Transfer(
        debit=Account(Kind(row.debit_kind), row.debit_subject, row.debit_bucket),
        credit=Account(Kind(row.credit_kind), row.credit_subject, row.credit_bucket),
        amount=row.amount,
        entry_type=EntryType(row.entry_type),
        key=row.key,
        effective_date=row.effective_date,
        reason=row.reason,
        reverses=row.reverses,
        payment=row.payment,
        claim=row.claim,
        note=row.note if note is None else note,
    )
