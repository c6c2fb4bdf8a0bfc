"""Row 9: money of PLB segments is never lost: every code, forwarded balances in chains, takebacks larger than a payment.

After each payment: what its transfers took from its clearing account is BPR02, what is carried out is what was brought
in plus what is open (I7), every code stands on its account, and an unknown code stands in Suspense with its amount.
`make prove ROW=9` makes 100,000 chains.
"""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest

from claimwright.billing.posting import Fate
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.book import Book
from claimwright.ledger.invariants import payment_is_whole, trial_balance
from tests.lib.proving import result, scale, seeds, under
from tests.unit.billing.desk import TIN, Desk, clp, d, era, plb, reversed_clp, svc

ZERO = d(0)
FULL_SCALE = 100_000
COMMIT_SCALE = 120
LONGEST = 6
OTHER = "CS J1 AP AM IS IR LE 50 51 90 AH L3 SL TL WU OB IP BN LS PI PL B2 C5 CV DM GO"
# Written from the domain's table, not from the code under test: where each code of PLB03-1 stands.
STANDS = {
    "L6": Kind.INTEREST, "CR": Kind.INTEREST, "CT": Kind.CAPITATION_REVENUE, "RA": Kind.CAPITATION_REVENUE,
    "E3": Kind.WITHHOLD,
} | dict.fromkeys(OTHER.split(), Kind.OTHER_INCOME)  # fmt: skip
UNKNOWN = ("ZZ", "Q1", "00", "XY")
ADDRESSED = ("FB", "WO", "72")  # codes that settle something of their own


class Payer:
    """One payer over time: it pays visits, takes one back, and gets its money out of what it pays later."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.desk, self.number = chance, Desk(), 0
        self.stands: Counter[Kind] = Counter()
        self.suspended = ZERO
        self.carried = ZERO  # what the payer says is open, by its own book

    def claim(self, amount: Decimal):
        chain = f"C{self.number}"
        self.desk.visit(chain, ("99213", 900))
        return clp(chain, 1, svc("99213", 900, amount, *(["CO-45", 900 - amount] if amount != 900 else [])))

    def send(self, claims=(), forward=(), extra=()):
        """A payment whose FB pairs, other pairs and claims sum to BPR02; all that I7 and I4 say holds after it."""
        self.number += 1
        plbs = (*forward, *extra)
        remittance = era(f"T{self.number}", "CARRIER", *claims, plbs=plbs)
        assert remittance.amount >= 0
        plan = self.desk.receive(remittance)
        assert plan.fate is Fate.POSTED, plan
        assert payment_is_whole(self.desk.book, plan.payment_id, remittance.amount) == []
        for one in extra:
            if one.code in UNKNOWN:
                self.suspended += one.amount
            else:
                self.stands[STANDS[one.code]] += one.amount
        self.carried -= sum((one.amount for one in forward), ZERO)
        self.check(plan, extra)
        return plan

    def check(self, plan, extra) -> None:
        book = self.desk.book
        open_balance = sum((offset.amount for offset in self.desk.offsets), ZERO)
        assert book.balance(Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}")) == -open_balance == -self.carried
        for kind, amount in self.stands.items():
            assert book.total(kind) == amount, kind
        assert book.total(Kind.SUSPENSE) == self.suspended
        held = sorted(-item.amount for item in plan.suspense)
        assert held == sorted(one.amount for one in extra if one.code in UNKNOWN)
        assert trial_balance(book) == []

    def extras(self, room: Decimal) -> tuple:
        """Other pairs beside the chain, in sum within what the payment can bear."""
        made, left = [], room
        for _ in range(self.chance.randrange(4)):
            code = self.chance.choice((*STANDS, *STANDS, *UNKNOWN))
            amount = Decimal(self.chance.randint(-3000, 3000)) / 100
            if amount <= left and amount:
                made.append(plb(code, amount, self.chance.choice(("", "X1", "ICN7"))))
                left -= amount
        return tuple(made)


def chain(chance: random.Random, length: int) -> None:
    """A debt of ours that `length` later payments bring in: each takes what it bears and carries the rest on."""
    payer = Payer(chance)
    debt = Decimal(chance.randint(100, 80000)) / 100
    first = payer.claim(debt)
    payer.send((first,), extra=payer.extras(debt))
    # The takeback is larger than what the payment pays: the rest is carried forward.
    beside = Decimal(chance.randint(0, int(debt * 100) - 1)) / 100
    pair = (reversed_clp(first), payer.claim(beside)) if beside else (reversed_clp(first),)
    left, reference = debt - beside, "F0"
    payer.send(pair, (plb("FB", -left, reference),))
    by_parts = chance.random() < 0.5  # in parts under one reference, or brought in whole and carried on under a new one
    for at in range(1, length + 1):
        if not left:
            break
        taken = left if at == length else Decimal(chance.randint(1, int(left * 100))) / 100
        spare = Decimal(chance.randint(0, 5000)) / 100
        paid = min(taken + spare, d(900))
        taken = min(taken, paid)
        claims = (payer.claim(paid),)
        if by_parts:
            payer.send(claims, (plb("FB", taken, reference),), payer.extras(paid - taken))
        elif taken == left:
            payer.send(claims, (plb("FB", left, reference),), payer.extras(paid - left))
        else:
            following = (plb("FB", left, reference), plb("FB", taken - left, f"F{at}"))
            payer.send(claims, following, payer.extras(paid - taken))
            reference = f"F{at}"
        left -= taken
    assert left == payer.carried
    assert [offset.amount for offset in payer.desk.offsets] == ([left] if left else [])


def check(count: int, seed: int) -> Counter[int]:
    made: Counter[int] = Counter()
    with under(seed) as chance:
        for number in range(count):
            length = number % LONGEST + 1
            try:
                chain(chance, length)
            except AssertionError as fault:
                raise AssertionError(f"chain {number} of seed {seed}, {length} long") from fault
            made[length] += 1
    return made


@pytest.mark.parametrize("seed", seeds(), ids=("fixed", "fresh"))
def test_forwarded_balances_are_conserved_and_every_code_stands_where_it_belongs(seed: int):
    assert set(check(COMMIT_SCALE, seed)) == set(range(1, LONGEST + 1))


@pytest.mark.parametrize("code", [*STANDS, *UNKNOWN])
@pytest.mark.parametrize("amount", ["-12.34", "0.01"])
def test_every_code_alone(code: str, amount: str):
    payer = Payer(random.Random(1))
    plan = payer.send((payer.claim(d(60)),), extra=(plb(code, amount),))
    assert bool(plan.items) == (code in UNKNOWN)


def test_the_table_of_codes_is_whole():
    """No code is posted that this test does not know the account of."""
    from claimwright.billing.posting.provider_adjustments import ACCOUNTS

    assert set(ACCOUNTS) == set(STANDS)


@pytest.mark.parametrize("code", ADDRESSED[:2])
def test_a_takeback_that_names_nothing_of_ours_stays_with_the_payer_and_is_listed(code: str):
    payer = Payer(random.Random(1))
    plan = payer.desk.receive(era("T1", "CARRIER", payer.claim(d(60)), plbs=(plb(code, 25, "NOBODY"),)))
    assert [(item.code, item.amount) for item in plan.items] == [("UNIDENTIFIED_TAKEBACK", d(25))]
    assert payer.desk.book.balance(Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}")) == d(25)
    assert payer.desk.book.cash() == d(35)


def test_a_refund_that_we_never_sent_stands_in_suspense():
    payer = Payer(random.Random(1))
    plan = payer.desk.receive(era("T1", "CARRIER", payer.claim(d(60)), plbs=(plb("72", -25, "77"),)))
    assert [item.code for item in plan.items] == ["REFUND_UNKNOWN"]
    assert payer.desk.book.total(Kind.SUSPENSE) == d(-25)


def test_canary_a_forwarded_balance_that_vanishes_is_seen():
    """Without the transfer of one FB the check of I7 fails."""
    payer = Payer(random.Random(1))
    first = payer.claim(d(60))
    payer.send((first,))
    payer.send((reversed_clp(first),), (plb("FB", -60, "F0"),))
    payer.desk.book = Book(entry for entry in payer.desk.book if entry.reason != "FB")
    with pytest.raises(AssertionError):
        payer.check(payer.desk.plans[-1], ())


@pytest.mark.prove
def test_row9_a_hundred_thousand_chains():
    made: Counter[int] = Counter()
    with result(9, lambda: f"{made.total():,} chains of 1 to {max(made)} payments, every payment sums to BPR02, no cent of"
                " a forwarded balance lost"):  # fmt: skip
        for seed in seeds():
            made += check(scale(FULL_SCALE) // 2, seed)
