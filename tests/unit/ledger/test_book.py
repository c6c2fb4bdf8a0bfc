"""The book: appended only, written once, balanced always."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.aging import LABELS, Basis, OpenBalance, age_label, aging
from claimwright.ledger.book import Book, KeyConflict
from claimwright.ledger.invariants import (
    line_is_whole,
    no_hidden_credit,
    offsets_are_conserved,
    payment_is_whole,
    reversals_are_single,
    trial_balance,
)
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer

DAY = date(2026, 8, 3)
LINE = receivable("L1", "INS1")
REVENUE = Account(Kind.REVENUE, "north")
PAYMENT = Account(Kind.REMITTANCE, "P1")


def d(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def entry(debit: Account, credit: Account, amount: object, key: str, kind=EntryType.OTHER, **more) -> Transfer:
    fields = {"effective_date": DAY, **more}
    return Transfer(debit=debit, credit=credit, amount=d(amount), entry_type=kind, key=key, **fields)


CHARGE = entry(LINE, REVENUE, 100, "c", EntryType.CHARGE)
PAID = entry(PAYMENT, LINE, 60, "p", EntryType.INS_PAY, effective_date=DAY.replace(day=20))


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_a_transfer_is_above_zero_with_two_places(amount: str):
    with pytest.raises(ValueError, match="above zero"):
        Transfer(
            debit=LINE, credit=REVENUE, amount=Decimal(amount), entry_type=EntryType.OTHER, key="k", effective_date=DAY
        )


def test_a_transfer_has_two_accounts_and_a_negative_swaps_them():
    with pytest.raises(ValueError, match="two accounts"):
        entry(LINE, LINE, 1, "k")
    given = {"entry_type": EntryType.ADJ, "key": "k", "effective_date": DAY}
    made = transfer(debit=LINE, credit=REVENUE, amount=d(-5), **given)
    assert (made.debit, made.credit, made.amount) == (REVENUE, LINE, d(5))
    assert transfer(debit=LINE, credit=REVENUE, amount=d(0), **given) is None


def test_the_same_key_is_written_once_and_another_content_refused():
    book = Book()
    assert book.append(CHARGE) and not book.append(CHARGE)
    assert len(book) == 1 and book.balance(LINE) == d(100)
    with pytest.raises(KeyConflict):
        book.append(entry(LINE, REVENUE, 99, "c", EntryType.CHARGE))
    assert book.balance(LINE) == d(100)


def test_balances_of_a_line_of_a_kind_and_as_of_a_day():
    book = Book([CHARGE, PAID])
    assert book.line_balances("L1") == {"INS1": d(40)}
    assert (book.total(Kind.RECEIVABLE), book.cash(), book.accounts_receivable()) == (d(40), d(60), d(40))
    assert book.as_of(DAY).balance(LINE) == d(100)
    assert book.trial_balance() == (d(100), d(100))


def test_the_roll_forward_adds_up():
    rolled = Book([CHARGE, PAID]).roll_forward(DAY.replace(day=10), DAY.replace(day=31))
    assert rolled[Kind.RECEIVABLE] == (d(100), d(-60), d(40))
    assert all(opening + activity == closing for opening, activity, closing in rolled.values())
    assert sum(closing for _, _, closing in rolled.values()) == 0


def test_a_reversal_swaps_the_sides_and_moves_its_cash_leg():
    other = Account(Kind.REMITTANCE, "P2")
    undone = reverse(PAID, key="r", effective_date=DAY, payment="P2", cash=other)
    assert (undone.debit, undone.credit, undone.amount, undone.reverses) == (LINE, other, d(60), "p")
    book = Book([CHARGE, PAID, undone])
    assert book.balance(LINE) == d(100) and book.is_reversed("p") and not book.is_reversed("c")
    with pytest.raises(ValueError, match="not reversed"):
        reverse(undone, key="rr", effective_date=DAY)
    with pytest.raises(KeyConflict, match="already reversed"):
        book.append(reverse(PAID, key="r2", effective_date=DAY))


def test_a_reversal_of_nothing_or_of_another_amount_is_refused():
    with pytest.raises(KeyConflict, match="not written"):
        Book().append(reverse(PAID, key="r", effective_date=DAY))
    with pytest.raises(KeyConflict, match="the amount"):
        Book([CHARGE, PAID]).append(entry(LINE, PAYMENT, 59, "r", EntryType.REVERSAL, reverses="p"))


def test_the_invariants_hold_and_their_canaries_are_found():
    whole = [CHARGE, PAID]
    assert trial_balance(whole) == [] and line_is_whole(whole, "L1") == []
    assert payment_is_whole(whole, "P1", d(60)) == []
    assert payment_is_whole(whole, "P1", d(61))[0].difference == d(-1)
    deposited = [*whole, entry(Account(Kind.BANK, "north"), PAYMENT, 60, "d", EntryType.DEPOSIT)]
    assert payment_is_whole(deposited, "P1", d(60)) == [], "the deposit empties it and it is still whole"
    over = [*whole, entry(PAYMENT, LINE, 50, "p2", EntryType.INS_PAY)]
    assert no_hidden_credit(over)[0].difference == d(-10)
    assert no_hidden_credit(over, frozenset({LINE})) == []


def test_offsets_are_conserved_against_what_is_open():
    offset = Account(Kind.PAYER_OFFSET, "CARRIER|1")
    forwarded = [entry(PAYMENT, offset, 25, "f", EntryType.CLEARING)]
    assert offsets_are_conserved(forwarded, {"CARRIER|1": d(-25)}) == []
    assert offsets_are_conserved(forwarded)[0].difference == d(-25)


def test_a_twice_or_wrongly_reversed_entry_is_found():
    undone = reverse(PAID, key="r", effective_date=DAY)
    assert reversals_are_single([CHARGE, PAID, undone]) == []
    twice = entry(LINE, PAYMENT, 60, "r2", EntryType.REVERSAL, reverses="p")
    assert [b.place for b in reversals_are_single([CHARGE, PAID, undone, twice])] == ["r2"]
    sideways = entry(REVENUE, PAYMENT, 60, "r3", EntryType.REVERSAL, reverses="p")
    assert [b.place for b in reversals_are_single([CHARGE, PAID, sideways])] == ["r3"]


# Aging ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "label"),
    [(-3, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"), (91, "91-120"),
     (120, "91-120"), (121, "121+"), (4000, "121+")],
)  # fmt: skip
def test_ages_fall_into_their_columns(days: int, label: str):
    assert age_label(days) == label


def balances() -> list[OpenBalance]:
    return [
        OpenBalance(line_id="L1", bucket="INS1", amount=d(100), date_of_service=date(2026, 5, 1),
                    first_submission=date(2026, 6, 1), last_submission=date(2026, 8, 20), responsibility=date(2026, 5, 1)),
        OpenBalance(line_id="L2", bucket="INS1", amount=d(-10), date_of_service=date(2026, 5, 1)),
        OpenBalance(line_id="L3", bucket="PAT", amount=d(30), date_of_service=date(2026, 3, 1), responsibility=date(2026, 8, 30)),
        OpenBalance(line_id="L4", bucket="PAT", amount=d(0), date_of_service=date(2026, 3, 1)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("basis", "insurance", "patient"),
    [(Basis.DATE_OF_SERVICE, "121+", "121+"), (Basis.FIRST_SUBMISSION, "91-120", "121+"),
     (Basis.LAST_SUBMISSION, "0-30", "121+"), (Basis.RESPONSIBILITY, "121+", "0-30")],
)  # fmt: skip
def test_totals_are_equal_on_every_basis_and_credits_stand_apart(basis: Basis, insurance: str, patient: str):
    rows = {row.bucket: row for row in aging(balances(), on=date(2026, 9, 1), basis=basis)}
    assert {label: amount for label, amount in rows["INS1"].amounts.items() if amount} == {insurance: d(100)}
    assert {label: amount for label, amount in rows["PAT"].amounts.items() if amount} == {patient: d(30)}
    assert rows["INS1"].credits == d(-10) and tuple(rows["INS1"].amounts) == LABELS
    assert (rows["INS1"].total, rows["PAT"].total) == (d(90), d(30))
