"""What a payer allowed on a line is what it paid and what it left to others, and nothing that it refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.billing.allowed import allowed_by_line
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer

ON = date(2026, 9, 1)
PAID = Account(Kind.REMITTANCE, "P1")


def moved(
    debit: Account, credit: Account, amount: str, reason: str = "", *, reverses: str = "", key: str = ""
) -> Transfer:
    return Transfer(
        key=key or f"{debit} {credit} {amount}", entry_type=EntryType.XFER, debit=debit, credit=credit,
        amount=Decimal(amount), reason=reason, effective_date=ON, reverses=reverses,
    )  # fmt: skip


def adjustment(reason: str) -> Account:
    return Account(Kind.ADJUSTMENT, "PR", reason)


def decided() -> list[Transfer]:
    own, patient, other = receivable("L1", "INS1"), receivable("L1", "PAT"), receivable("L1", "INS2")
    return [
        moved(own, Account(Kind.REVENUE, "PR"), "150.00"),
        moved(PAID, own, "78.40"),
        moved(adjustment("CO-253"), own, "1.60", "CO-253"),
        moved(patient, own, "5.00", "PR-1"),
        moved(other, own, "15.00", "PR-2"),
        moved(adjustment("CO-45"), own, "50.00", "CO-45"),
    ]


def test_payment_shares_and_sequestration_are_allowed_and_all_else_is_not():
    assert allowed_by_line(decided(), "INS1") == {"L1": Decimal("100.00")}
    # What the first payer left to the second is no part of what the second allows.
    assert allowed_by_line(decided(), "INS2") == {}


def test_what_is_not_covered_is_not_allowed_though_the_patient_owes_it():
    own, patient = receivable("L1", "INS1"), receivable("L1", "PAT")
    assert allowed_by_line([moved(patient, own, "150.00", "PR-96")], "INS1") == {}
    assert allowed_by_line([], "INS1") == {}


def test_a_reversal_takes_back_what_was_allowed_then():
    back = [
        moved(each.credit, each.debit, str(each.amount), each.reason, reverses=each.key, key=f"back {each.key}")
        for each in decided()[1:]
    ]
    assert allowed_by_line([*decided(), *back], "INS1") == {"L1": Decimal("0.00")}
    assert allowed_by_line([*decided(), *back], "INS2") == {}
    again = [moved(PAID, receivable("L1", "INS1"), "30.00", key="again")]
    assert allowed_by_line([*decided(), *back, *again], "INS1") == {"L1": Decimal("30.00")}
