"""Row 8: pay, reversal (CLP02 22), correction, in every order and company: the end is where the correction alone would be.

Metamorphic: the same money facts once through the sequence and once without the mistake, compared to the cent in every
bucket of every line. `make prove ROW=8` makes 100,000 sequences.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.posting import Fate
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.invariants import line_is_whole, payment_is_whole, reversals_are_single, trial_balance
from claimwright.ledger.transfers import EntryType
from tests.lib.proving import result, scale, seeds, under
from tests.unit.billing.desk import Desk, clp, d, era, plb, reversed_clp, svc

CHARGES = (("99213", d("180.00")), ("87880", d("75.50")))
TOTAL = d("255.50")
ZERO = d(0)
FULL_SCALE = 100_000
COMMIT_SCALE = 105  # fifteen of each manner


def decision(chance: random.Random, *, share: bool = False):
    """A lawful decision on both lines; with `share` the patient owes something on each."""
    services = []
    for code, charge in CHARGES:
        cents = int(charge * 100)
        kind = chance.choice(("paid", "paid", "paid", "denied", "zero")) if not share else "paid"
        if kind == "denied":
            services.append(svc(code, charge, 0, chance.choice(("CO-197", "CO-16", "PR-27", "OA-22")), charge))
            continue
        contractual = chance.randrange(cents // 2)
        patient = chance.randrange(1, cents // 3) if share else chance.randrange(cents - contractual)
        if kind == "zero":
            patient = cents - contractual
        parts: list[object] = []
        for reason, amount in (("CO-45", contractual), ("PR-2", patient)):
            if amount:
                parts += [reason, Decimal(amount) / 100]
        services.append(svc(code, charge, Decimal(cents - contractual - patient) / 100, *parts))
    return clp("A", 1, *services)


def by_second_payer(paid: Decimal):
    """The second payer's decision: it pays this of the first line, the rest of both is the first payer's impact."""
    first, other = CHARGES
    return clp(
        "A-S", 2, svc(first[0], first[1], paid, "OA-23", first[1] - paid), svc(other[0], other[1], 0, "OA-23", other[1])
    )  # fmt: skip


class Books:
    """A desk with one visit, and what arrives there; every payment is checked whole, what is held is kept."""

    def __init__(self, *payers: str) -> None:
        self.desk = Desk()
        self.desk.visit("A", *CHARGES, payers=payers or ("CARRIER",))
        self.held: list[tuple[int, str, object, int]] = []
        self.number = 0

    def send(self, *named, payer: str = "CARRIER"):
        """(rank, claim) pairs in one payment; a negative sum is carried forward, an open balance is brought in."""
        claims = tuple(claim for _, claim in named)
        total, plbs = sum((claim.paid for claim in claims), ZERO), []
        if total < 0:
            plbs.append(plb("FB", total, f"F{self.number}"))
        self.number += 1
        remittance = era(f"T{self.number}", payer, *claims, plbs=tuple(plbs))
        plan = self.desk.receive(remittance)
        assert plan.fate is Fate.POSTED, plan
        assert payment_is_whole(self.desk.book, plan.payment_id, remittance.amount) == []
        holding = {item.segment for item in plan.items if item.holds}
        for (rank, _), claim in zip(named, remittance.claims, strict=True):
            if claim.segment in holding:
                self.held.append((rank, f"T{self.number}", remittance, claim.segment))
        return plan

    def release_all(self) -> None:
        """What a person does with what came too early: in the order in which it was decided, as long as it helps."""
        for attempt in range(1, 5):
            for one in sorted(self.held, key=lambda row: row[0]):
                plan = self.desk.release(one[2], one[3], attempt=attempt)
                if plan.fate is Fate.POSTED:
                    self.held.remove(one)

    def patient_pays(self, line_id: str, amount: Decimal) -> None:
        self.desk.write(
            Account(Kind.PATIENT_CASH, "north", "check"), receivable(line_id, "PAT"), amount, EntryType.PAT_PAY
        )

    @property
    def end(self) -> dict:
        lines = self.desk.visits["A"].chain.lines
        found = {
            line.line_id: {b: a for b, a in self.desk.book.line_balances(line.line_id).items() if a} for line in lines
        }
        for line in lines:
            assert line_is_whole(self.desk.book, line.line_id) == []
        assert trial_balance(self.desk.book) == [] and reversals_are_single(self.desk.book) == []
        return found

    @property
    def sums(self) -> tuple:
        """Payers' money wherever it stands, what was written off, what is held for a person."""
        book = self.desk.book
        return (book.cash() + book.total(Kind.PAYER_OFFSET), book.total(Kind.ADJUSTMENT), book.total(Kind.SUSPENSE))


def same_file(chance: random.Random):
    old, new = decision(chance), decision(chance)
    books = Books()
    books.send((0, old))
    books.send((1, reversed_clp(old)), (2, new))
    return books, alone(new)


def different_files(chance: random.Random):
    history = [decision(chance) for _ in range(chance.randint(2, 4))]
    books = Books()
    books.send((0, history[0]))
    for old, new in zip(history, history[1:], strict=False):
        books.send((1, reversed_clp(old)))
        books.send((2, new))
    return books, alone(history[-1])


def out_of_order(chance: random.Random):
    old, new = decision(chance), decision(chance)
    while new == old:
        new = decision(chance)
    named = {0: old, 1: reversed_clp(old), 2: new}
    books = Books()
    for rank in chance.choice(((0, 2, 1), (1, 0, 2), (1, 2, 0))):
        books.send((rank, named[rank]))
    books.release_all()
    return books, alone(new)


def twice(chance: random.Random):
    """The reversal comes a second time under another trace number, then the whole first payment as it was."""
    old, new = decision(chance, share=True), decision(chance)
    books = Books()
    books.send((0, old))
    books.send((1, reversed_clp(old)), (2, new))
    clone = era("T1", "CARRIER", old)
    assert books.desk.receive(clone).fate is Fate.DUPLICATE
    again = reversed_clp(old)
    plan = books.send((3, again))
    if new != old:  # an equal correction is an original that the second reversal may take back
        assert [item.code for item in plan.items if item.holds] == ["REVERSAL_WITHOUT_ORIGINAL"]
        suspended(books, again.paid)
    return books, alone(new, extra=again if new != old else None)


def after_patient_paid(chance: random.Random):
    old, new = decision(chance, share=True), decision(chance, share=True)
    line = books_line(chance)
    paid = Decimal(chance.randrange(1, 2500)) / 100
    books, right = Books(), Books()
    books.send((0, old))
    books.patient_pays(line, paid)
    books.send((1, reversed_clp(old)))
    books.send((2, new))
    right.send((0, new))
    right.patient_pays(line, paid)
    return books, right


def after_secondary_billed(chance: random.Random):
    old, new = decision(chance, share=True), decision(chance, share=True)
    shares = [sum((a.amount for a in claim.lines[0].adjustments if a.group == "PR"), ZERO) for claim in (old, new)]
    paid = Decimal(chance.randrange(1, int(min(shares) * 100) + 1)) / 100
    books, right = Books("CARRIER", "SECOND"), Books("CARRIER", "SECOND")
    books.send((0, old))
    books.send((0, by_second_payer(paid)), payer="SECOND")
    if chance.random() < 0.5:
        books.send((1, reversed_clp(old)), (2, new))
    else:
        books.send((1, reversed_clp(old)))
        books.send((2, new))
    right.send((0, new))
    right.send((0, by_second_payer(paid)), payer="SECOND")
    return books, right


def unmatched(chance: random.Random):
    """A reversal that is no posted decision's exact opposite: all of its money in Suspense, nothing else moved."""
    old = decision(chance, share=True)
    books = Books()
    if chance.random() < 0.7:
        books.send((0, old))
        other = decision(chance, share=True)
        while other == old:
            other = decision(chance, share=True)
    else:
        other = old  # nothing was ever posted
    before = books.end
    back = reversed_clp(other)
    plan = books.send((1, back))
    assert [item.code for item in plan.items if item.holds] == ["REVERSAL_WITHOUT_ORIGINAL"]
    suspended(books, back.paid)
    right = Books()
    if before != Books().end:
        right.send((0, old))
    right.send((1, back))
    return books, right


def suspended(books: Books, amount: Decimal) -> None:
    assert books.desk.book.total(Kind.SUSPENSE) == -amount


def books_line(chance: random.Random) -> str:
    return chance.choice(("AL1", "AL2"))


def alone(new, *, extra=None) -> Books:
    books = Books()
    books.send((0, new))
    if extra is not None:
        books.send((1, extra))
    return books


MANNERS: tuple[Callable, ...] = (
    same_file, different_files, out_of_order, twice, after_patient_paid, after_secondary_billed, unmatched,
)  # fmt: skip


def check(count: int, seed: int) -> Counter[str]:
    made: Counter[str] = Counter()
    with under(seed) as chance:
        for number in range(count):
            manner = MANNERS[number % len(MANNERS)]
            books, right = manner(chance)
            assert books.end == right.end, f"{manner.__name__}, case {number} of seed {seed}"
            assert books.sums == right.sums, f"{manner.__name__}, case {number} of seed {seed}"
            made[manner.__name__] += 1
    return made


@pytest.mark.parametrize("seed", seeds(), ids=("fixed", "fresh"))
def test_a_correction_ends_where_it_alone_would(seed: int):
    made = check(COMMIT_SCALE, seed)
    assert set(made) == {manner.__name__ for manner in MANNERS}


def test_canary_a_reversal_that_keeps_a_cent_is_seen():
    """A sequence whose correction differs by one cent of the patient's share must not compare equal."""
    chance = random.Random(3)
    old, new = decision(chance, share=True), decision(chance, share=True)
    line = new.lines[0]
    cent = d("0.01")
    changed = tuple(
        msgspec.structs.replace(a, amount=a.amount + (cent if a.group == "PR" else -cent if a.group == "CO" else 0))
        for a in line.adjustments
    )
    other = clp("A", 1, msgspec.structs.replace(line, adjustments=changed), *new.lines[1:])
    books = Books()
    books.send((0, old))
    books.send((1, reversed_clp(old)), (2, other))
    assert books.end != alone(new).end


@pytest.mark.prove
def test_row8_a_hundred_thousand_sequences():
    made: Counter[str] = Counter()
    with result(8, lambda: f"{made.total():,} sequences of {len(made)} manners, each exact to the cent, every unmatched"
                " reversal in Suspense"):  # fmt: skip
        for seed in seeds():
            made += check(scale(FULL_SCALE) // 2, seed)
