"""The ledger's rows: written once, chained, summed by the database as the ledger room sums them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer

DAY = date(2026, 9, 1)
REVENUE = Account(Kind.REVENUE, "practice-1")


def charge(line="L1", amount="150.00", **changes):
    entry = Transfer(
        debit=receivable(line, "INS1"), credit=REVENUE, amount=Decimal(amount), entry_type=EntryType.CHARGE,
        key=f"charge:{line}", effective_date=DAY,
    )  # fmt: skip
    return msgspec.structs.replace(entry, **changes)


def post(tenant, *entries):
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return post_transfers(transfers=entries)


def selected(tenant, name, **given):
    from claimwright.web.accounts import selectors
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return getattr(selectors, name)(**given)


def test_the_same_journal_twice_is_written_once(tenant, other_tenant):
    entries = [charge("L1"), charge("L2", "40.00")]
    assert post(tenant, *entries) == 2
    assert post(tenant, *entries, charge("L3")) == 1
    assert post(tenant) == 0
    assert selected(tenant, "transfers") == [*entries, charge("L3")]
    assert selected(other_tenant, "transfers") == []
    assert selected(other_tenant, "balances") == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal("150.01")},
        {"effective_date": date(2026, 9, 2)},
        {"debit": receivable("L1", "PAT")},
        {"reason": "CO-45"},
        {"claim": "X"},
    ],
)
def test_the_same_key_with_other_content_is_refused(tenant, changes):
    from claimwright.web.accounts.services import LedgerConflict

    post(tenant, charge())
    with pytest.raises(LedgerConflict, match="charge:L1"):
        post(tenant, charge("L9"), charge(**changes))
    assert selected(tenant, "transfers") == [charge()]
    with pytest.raises(LedgerConflict, match="two entries"):
        post(tenant, charge("L8"), charge("L8", **changes | {"key": "charge:L8"}))


def test_nothing_is_reversed_twice(tenant):
    from claimwright.ledger.reversal import reverse
    from claimwright.web.accounts.services import LedgerConflict

    post(tenant, charge())
    undo = reverse(charge(), key="r1", effective_date=DAY)
    assert post(tenant, undo) == 1
    assert post(tenant, undo) == 0
    with pytest.raises(LedgerConflict, match="reversed"):
        post(tenant, msgspec.structs.replace(undo, key="r2"))


def test_balances_are_those_of_the_ledger_room_on_any_day(tenant):
    from claimwright.ledger.book import Book

    entries = [charge("L1"), charge("L2", "40.00")]
    entries += [
        Transfer(
            debit=Account(Kind.REMITTANCE, "P1"), credit=receivable("L1", "INS1"), amount=Decimal("85.00"),
            entry_type=EntryType.INS_PAY, key="p1", effective_date=date(2026, 9, 14), payment="P1", claim="C1",
        ),
        Transfer(
            debit=receivable("L1", "PAT"), credit=receivable("L1", "INS1"), amount=Decimal("25.00"),
            entry_type=EntryType.XFER, key="x1", effective_date=date(2026, 9, 14), payment="P1",
        ),
        Transfer(
            debit=Account(Kind.PATIENT_CASH, "practice-1", "card"), credit=Account(Kind.CREDIT, "patient-1"),
            amount=Decimal("10.00"), entry_type=EntryType.PAT_PAY, key="c1", effective_date=date(2026, 9, 15),
        ),
    ]  # fmt: skip
    post(tenant, *entries)
    assert selected(tenant, "balances") == Book(entries).balances()
    for day in (DAY, date(2026, 9, 14), date(2026, 8, 31)):
        held = Book(entries).as_of(day).balances()
        assert selected(tenant, "balances", as_of=day) == held
    assert selected(tenant, "line_balances", line_ids=["L1", "L7"]) == {
        "L1": {"INS1": Decimal("40.00"), "PAT": Decimal("25.00")},
        "L7": {},
    }
    assert selected(tenant, "open_receivables") == {
        ("L1", "INS1"): Decimal("40.00"), ("L1", "PAT"): Decimal("25.00"), ("L2", "INS1"): Decimal("40.00"),
    }  # fmt: skip
    assert selected(tenant, "patient_credits", patient_ids=["patient-1"]) == {"patient-1": Decimal("10.00")}
    assert sum(selected(tenant, "totals_by_kind").values()) == 0
    assert [t.key for t in selected(tenant, "transfers", payment="P1")] == ["p1", "x1"]
    assert [t.key for t in selected(tenant, "transfers", line_ids=["L1"])] == ["charge:L1", "p1", "x1"]
    assert [t.key for t in selected(tenant, "transfers", claim="C1")] == ["p1"]


def test_the_chain_covers_every_row(tenant):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core import chain
    from claimwright.web.core.tenancy import tenant_scope

    post(tenant, charge("L1"))
    post(tenant, charge("L2"), charge("L3"))
    with tenant_scope(tenant):
        previous = chain.GENESIS
        rows = list(LedgerTransfer.objects.order_by("sequence"))
        for number, row in enumerate(rows, 1):
            assert (row.sequence, row.previous_hash) == (number, previous)
            assert row.hash == chain.link(previous, row.chain_payload())
            previous = row.hash
    assert len(rows) == 3
