"""Random histories of payments: whatever a payer sends, each payment is whole and a correction ends where it alone would."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimwright.billing.posting import Fate
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.book import Book
from claimwright.ledger.invariants import (
    line_is_whole,
    no_hidden_credit,
    payment_is_whole,
    reversals_are_single,
    trial_balance,
)
from tests.unit.billing.desk import TIN, Desk, clp, d, era, plb, reversed_clp, svc

CHARGES = (d("180.00"), d("75.50"))
CODES = ("99213", "87880")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def decisions(draw: st.DrawFn, chain: str = "A"):
    """A lawful decision on both lines: paid, contractual, share and denial sum to the charge."""
    services = []
    for code, charge in zip(CODES, CHARGES, strict=True):
        kind = draw(st.sampled_from(["paid", "paid", "denied", "zero"]))
        cents = int(charge * 100)
        contractual = draw(st.integers(0, cents - 1))
        share = draw(st.integers(0, cents - contractual))
        if kind == "denied":
            services.append(svc(code, charge, 0, draw(st.sampled_from(["CO-197", "PR-27", "CO-16", "OA-22"])), charge))
            continue
        if kind == "zero":
            share = cents - contractual
        paid = cents - contractual - share
        parts = []
        for reason, amount in (("CO-45", contractual), ("PR-2", share)):
            if amount:
                parts += [reason, Decimal(amount) / 100]
        services.append(svc(code, charge, Decimal(paid) / 100, *parts))
    return clp(chain, 1, *services)


def fresh() -> Desk:
    desk = Desk()
    desk.visit("A", *zip(CODES, CHARGES, strict=True))
    return desk


def send(desk: Desk, trace: str, *claims) -> None:
    """A payer's payment: a negative sum is carried forward, what was carried is taken as soon as it can be."""
    total = sum((claim.paid for claim in claims), d(0))
    plbs = []
    if total < 0:
        plbs.append(plb("FB", total, trace))
    for offset in desk.offsets:
        if total >= offset.amount:
            plbs.append(plb("FB", offset.amount, offset.reference))
            total -= offset.amount
    remittance = era(trace, "CARRIER", *claims, plbs=tuple(plbs))
    plan = desk.receive(remittance)
    assert plan.fate is Fate.POSTED
    assert payment_is_whole(desk.book, plan.payment_id, remittance.amount) == []


def buckets(desk: Desk) -> dict:
    return {line.line_id: desk.book.line_balances(line.line_id) for line in desk.visits["A"].chain.lines}


def earned(desk: Desk):
    """What payers have paid us, wherever it stands."""
    return desk.book.cash() + desk.book.total(Kind.PAYER_OFFSET) + desk.book.total(Kind.SUSPENSE)


@SLOW
@given(st.lists(decisions(), min_size=1, max_size=5), st.booleans())
def test_corrections_end_where_the_last_one_alone_would(history, together: bool):
    desk = fresh()
    send(desk, "T0", history[0])
    for number, (old, new) in enumerate(zip(history, history[1:], strict=False), start=1):
        if together:
            send(desk, f"T{number}", reversed_clp(old), new)
        else:
            send(desk, f"R{number}", reversed_clp(old))
            send(desk, f"T{number}", new)
    alone = fresh()
    send(alone, "T0", history[-1])
    assert buckets(desk) == buckets(alone)
    assert earned(desk) == alone.book.cash()
    assert desk.book.total(Kind.ADJUSTMENT) == alone.book.total(Kind.ADJUSTMENT)
    assert desk.book.balance(Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}")) == -sum(
        (o.amount for o in desk.offsets), d(0)
    )
    assert trial_balance(desk.book) == [] and reversals_are_single(desk.book) == []
    assert no_hidden_credit(desk.book) == []
    for line in desk.visits["A"].chain.lines:
        assert line_is_whole(desk.book, line.line_id) == []


@SLOW
@given(decisions(), decisions(), st.permutations(["first", "reversal", "correction"]))
def test_any_order_of_arrival_ends_right_once_the_held_are_released(first, correction, order):
    """Whatever comes too early is held; when a person releases it after its cause came, the end is the same."""
    made = {"first": first, "reversal": reversed_clp(first), "correction": correction}
    if first == correction or order[0] == "correction":
        return  # a correction that comes first is the first decision: nobody can tell
    desk = fresh()
    held = []
    for number, name in enumerate(order):
        claim = made[name]
        plbs = (plb("FB", claim.paid, f"F{number}"),) if claim.paid < 0 else ()
        remittance = era(f"T{number}", "CARRIER", claim, plbs=plbs)
        plan = desk.receive(remittance)
        assert payment_is_whole(desk.book, plan.payment_id, remittance.amount) == []
        if any(item.holds for item in plan.items):
            held.append((name, remittance))
    for attempt in range(1, 4):
        for name, remittance in sorted(held, key=lambda pair: list(made).index(pair[0])):
            plan = desk.release(remittance, remittance.claims[0].segment, attempt=attempt)
            if plan.fate is Fate.POSTED:
                held.remove((name, remittance))
    assert held == []
    alone = fresh()
    send(alone, "T0", correction)
    assert buckets(desk) == buckets(alone)
    assert desk.book.total(Kind.SUSPENSE) == d(0)
    assert earned(desk) == alone.book.cash()


@SLOW
@given(
    st.lists(decisions(), min_size=1, max_size=4),
    st.lists(
        st.tuples(
            st.sampled_from(["FB", "WO", "L6", "CS", "CT", "72", "B2", "ZZ", "J1", "IR"]),
            st.integers(-5000, 5000).map(lambda cents: Decimal(cents) / 100),
            st.sampled_from(["", "A", "X1", "X2"]),
        ),
        max_size=5,
    ),
)
def test_every_payment_is_whole_whatever_it_holds(claims, adjustments):
    desk = fresh()
    plbs = tuple(plb(*pair) for pair in adjustments)
    for number, claim in enumerate(claims):
        reported = era(f"T{number}", "CARRIER", claim, reversed_clp(claim), plbs=plbs if number == 0 else ())
        if reported.amount < 0:
            reported = era(
                f"T{number}", "CARRIER", claim, reversed_clp(claim), plbs=(*plbs, plb("FB", reported.amount, "N"))
            )
        plan = desk.receive(reported)
        assert plan.fate is Fate.POSTED
        assert payment_is_whole(desk.book, plan.payment_id, reported.amount) == []
        held = sum((item.amount for item in plan.suspense), d(0))
        assert desk.book.total(Kind.SUSPENSE, subject=plan.payment_id) == -held
        assert trial_balance(desk.book) == []


@SLOW
@given(decisions(), st.integers(0, 6), st.sampled_from([d("0.01"), d("-0.01")]))
def test_a_cent_anywhere_is_never_posted(claim, place: int, cent: Decimal):
    """Every money element of the payment in turn, a cent up or down: refused, with the difference named."""
    desk = fresh()
    right = era("T1", "CARRIER", claim)
    line = right.claims[0].lines[0]
    changed = {
        0: lambda: msgspec.structs.replace(right, amount=right.amount + cent),
        1: lambda: _claim(right, paid=claim.paid + cent),
        2: lambda: _claim(right, charge=claim.charge + cent),
        3: lambda: _line(right, paid=line.paid + cent),
        4: lambda: _line(right, charge=line.charge + cent),
        5: lambda: _line(right, adjustments=_first(line.adjustments, cent)) if line.adjustments else None,
        6: lambda: msgspec.structs.replace(right, provider_adjustments=(plb("L6", cent),)),
    }[place]()
    if changed is None:
        return
    before = len(desk.book)
    plan = desk.receive(changed)
    assert plan.fate is Fate.QUARANTINED and len(desk.book) == before
    assert "0.01" in plan.reason


def _claim(remittance, **changes):
    (claim,) = remittance.claims
    return msgspec.structs.replace(remittance, claims=(msgspec.structs.replace(claim, **changes),))


def _line(remittance, **changes):
    (claim,) = remittance.claims
    lines = (msgspec.structs.replace(claim.lines[0], **changes), *claim.lines[1:])
    return _claim(remittance, lines=lines)


def _first(adjustments, cent):
    return (msgspec.structs.replace(adjustments[0], amount=adjustments[0].amount + cent), *adjustments[1:])


@SLOW
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=6), st.data())
def test_forwarded_balances_are_conserved(debts, data):
    """Chains of FB: what is carried out is what is brought in plus what is open, after every payment."""
    desk = Desk()
    subject = Account(Kind.PAYER_OFFSET, f"CARRIER|{TIN}")
    for number, cents in enumerate(debts):
        chain, amount = f"C{number}", Decimal(cents) / 100
        desk.visit(chain, ("99213", 100))
        paid = clp(chain, 1, svc("99213", 100, amount, *(["CO-45", 100 - amount] if amount != 100 else [])))
        plbs, left = [], amount
        for offset in list(desk.offsets):
            if left > 0 and data.draw(st.booleans()):
                taken = min(left, offset.amount)
                plbs.append(plb("FB", taken, offset.reference))
                left -= taken
        desk.receive(era(f"P{number}", "CARRIER", paid, plbs=tuple(plbs)))
        desk.receive(era(f"R{number}", "CARRIER", reversed_clp(paid), plbs=(plb("FB", -amount, f"F{number}"),)))
        assert desk.book.balance(subject) == -sum((offset.amount for offset in desk.offsets), d(0))


def test_the_check_sees_a_payment_that_is_not_whole():
    """The canary: a transfer left out of a payment is found."""
    desk = fresh()
    remittance = era("T1", "CARRIER", clp("A", 1, svc("99213", 180, 100, "CO-45", 80), svc("87880", "75.50", "75.50")))
    plan = desk.receive(remittance)
    broken = Book(t for t in desk.book if t.key != plan.transfers[0].key)
    assert payment_is_whole(broken, plan.payment_id, remittance.amount)[0].difference == d(-100)
