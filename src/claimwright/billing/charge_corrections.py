"""A charge put right after it was locked: the entry that stands is reversed and the right one is written.

Source: domain specification section 1 (financial rows are never changed) and section 6 (a correction makes no second
CHARGE: what the line was charged at any time is one amount).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer


class ChargeRefused(ValueError):
    """The charge cannot be put right here; the message says why and what to do."""


def standing_charge(entries: Iterable[Transfer]) -> Transfer | None:
    """Of a line's entries the CHARGE that is not reversed; None where it was taken back, or never made."""
    rows = list(entries)
    gone = {entry.reverses for entry in rows if entry.reverses}
    found = [entry for entry in rows if entry.entry_type is EntryType.CHARGE and entry.key not in gone]
    return found[-1] if found else None


def recharge(
    entries: Iterable[Transfer],
    *,
    line_id: str,
    practice_id: str,
    charge: Decimal,
    bucket: str,
    on: date,
    served_on: date,
) -> list[Transfer]:
    """What makes `charge` the line's charge. `entries` are all of the line; `bucket` is where the difference is open:
    that of the payer who gets the claim, or the patient's. The charge is of the day of service, its reversal of today.

    A line that has no entry yet is charged; a charge of zero is taken back. Raises ChargeRefused for a line that was
    brought from another system, whose charge is no revenue of these books.
    """
    rows = list(entries)
    old = standing_charge(rows)
    if old is None and any(Kind.OPENING in (entry.debit.kind, entry.credit.kind) for entry in rows):
        raise ChargeRefused("the charge was brought from the system before: correct it there, and take it over anew")
    before = old.amount if old is not None else ZERO
    if charge == before:
        return []
    made: list[Transfer] = []
    if old is not None:
        made.append(reverse(old, key=f"{old.key}/back", effective_date=on, note="charge corrected"))
    where = old.debit if old is not None else receivable(line_id, bucket)
    times = sum(entry.entry_type is EntryType.CHARGE for entry in rows)
    if charge > ZERO:
        made.append(
            Transfer(
                debit=where, credit=old.credit if old is not None else Account(Kind.REVENUE, practice_id),
                amount=charge, entry_type=EntryType.CHARGE, effective_date=min(served_on, on),
                key=f"charge:{line_id}/{times + 1}" if times else f"charge:{line_id}",
            )
        )  # fmt: skip
    open_at = receivable(line_id, bucket)
    if where != open_at:  # it was moved on since: the difference goes where the claim's money is
        moved = transfer(
            debit=open_at, credit=where, amount=charge - before, entry_type=EntryType.XFER, effective_date=on,
            key=f"charge:{line_id}/{times + 1}/moved",
        )  # fmt: skip
        made += [moved] if moved is not None else []
    return made


def told_change(before: str, charged: Decimal, after: str, charge: Decimal) -> str:
    """ "99213 150.00 is 99214 210.00", "99070 12.00 is taken off", "99000 8.00 is added"."""
    if not before:
        return f"{after} {charge:.2f} is added"
    if charge == ZERO:
        return f"{before} {charged:.2f} is taken off"
    return f"{before} {charged:.2f} is {after} {charge:.2f}"
