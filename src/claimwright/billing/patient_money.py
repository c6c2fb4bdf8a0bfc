"""Money of patients that must stand elsewhere: used on chosen lines, taken off them, moved, or returned by the bank.

Nothing is edited: each is new entries, and what was applied comes back by reversals that name what they reverse.
Source: the domain specification, section 9 (payments, NSF, chargeback).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.billing.patient import RefusedPayment, credit_account
from claimwright.billing.policies import Policies
from claimwright.codes.dates import add_months
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer

RETURNED = "returned_payment"  # flag of a patient whose returned payment is not settled yet: no statement goes out
BETWEEN = "between_practices"  # bucket of PatientCash: what one practice's bank owes the other's


def unapply(applied: Iterable[Transfer], *, key: str, on: date, note: str) -> tuple[Transfer, ...]:
    """Uses of a credit undone one by one: the lines owe again, the money is unapplied again."""
    return tuple(
        reverse(entry, key=f"{key}/{number}", effective_date=on, note=note)
        for number, entry in enumerate(applied, start=1)
    )


def move_credit(
    *, source_id: str, target_id: str, amount: Decimal, available: Decimal, reason: str, key: str, on: date,
    source_practice_id: str = "", target_practice_id: str = "",
) -> tuple[Transfer, ...]:  # fmt: skip
    """Unapplied money of one patient to another's account: Dr Credit(source), Cr Credit(target).

    Between two practices the cash stays in the bank it came to, and the practices owe it each other:
    Dr PatientCash/between of the target, Cr the same of the source. Raises RefusedPayment.
    """
    if not reason.strip():
        raise RefusedPayment("say why the money moves")
    if source_id == target_id:
        raise RefusedPayment("the money is on this account already")
    if amount <= 0 or amount > available:
        raise RefusedPayment("what moves is above zero and at most the unapplied money")
    sides = [(credit_account(source_id), credit_account(target_id))]
    if source_practice_id != target_practice_id:
        cash = Kind.PATIENT_CASH
        sides.append((Account(cash, target_practice_id, BETWEEN), Account(cash, source_practice_id, BETWEEN)))
    made = (
        transfer(
            debit=debit, credit=credit, amount=amount, entry_type=EntryType.OTHER, key=f"{key}/{number}",
            effective_date=on, reason="MOVED", note=reason.strip()[:200],
        )
        for number, (debit, credit) in enumerate(sides, start=1)
    )  # fmt: skip
    return tuple(entry for entry in made if entry is not None)


def returned_fee(kind: str, policies: Policies) -> Decimal:
    """What the practice asks for a payment that came back, on the account and never on a claim."""
    return policies.nsf_fee_amount if kind == "nsf" else policies.chargeback_fee_amount


def checks_blocked_until(returned_on: Iterable[date], policies: Policies) -> date | None:
    """The first day on which checks of this patient are taken again; None where none was returned."""
    last = max(returned_on, default=None)
    return None if last is None else add_months(last, policies.check_block_months)
