"""A payer's payment run: what is due today, by payee, with reversals, corrections and balances carried forward."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.codes.money import CENT, ZERO, money
from claimwright.sandbox.adjudicate import DENIALS, Desk, adjudicate, crossed_over, denied_line, withdraw
from claimwright.sandbox.behaviour import happens, nth
from claimwright.sandbox.books import Carried, Event
from claimwright.sandbox.plan import Every
from claimwright.sandbox.records import Biller, Claim, Cut, Line, LineResult, Person, Record, Result
from claimwright.sandbox.remittance import Offset, Payment, Settlement, settle

CORRECTION = Decimal("1.06")
REDUCTION = Decimal("0.80")
CROSSOVER_DAYS = 3
RECOUP_DAYS = 7
CORRECTION_DAYS = 12
DAYS_OF_YEAR = 365


class Run(msgspec.Struct, kw_only=True):
    """What one run of one payer brings together for one payee."""

    payee: Biller
    receiver: str
    settlements: list[list[Settlement]] = []  # a reversal stays with its correction
    offsets: list[Offset] = []
    alone: list[list[Settlement]] = []  # each its own payment: a take-back on its own


def pays_on(desk: Desk, day: date) -> bool:
    return day.weekday() in desk.payer.payment_weekdays


def first_pay_day(desk: Desk, record: Record) -> date:
    """The payer's first payment day after its floor (and the delay of a slow claim)."""
    day = record.arrives + timedelta(days=desk.payer.floor_days + record.slow_days)
    while not pays_on(desk, day):
        day += timedelta(days=1)
    return day


def run(desk: Desk) -> dict[str, list[Payment]]:
    """Every payment of this payer today, by the receiver (submitter) it goes to."""
    books, runs = desk.books, {}  # type: ignore[var-annotated]
    if pays_on(desk, desk.today):
        for record in list(books.records):
            if (
                record.payer == desk.payer.id
                and record.state == "accepted"
                and record.pay_on
                and record.pay_on <= desk.today
            ):
                _decide(desk, record, _run_for(runs, record))
    _happen(desk, runs)
    payments: dict[str, list[Payment]] = {}
    for entry in runs.values():
        payments.setdefault(entry.receiver, []).extend(_payments(desk, entry))
    return payments


def _run_for(runs: dict[str, Run], record: Record) -> Run:
    biller = record.claim.biller
    key = f"{biller.key}|{record.claim.sender}"
    if key not in runs:
        runs[key] = Run(payee=biller, receiver=record.claim.sender)
    return runs[key]


def _decide(desk: Desk, record: Record, entry: Run) -> None:
    original = desk.books.record(record.replaces) if record.replaces else None
    pair: list[Settlement] = []
    if original is not None and original.state == "adjudicated" and original.result is not None:
        withdraw(desk, original)
        pair.append(settle(original, original.result, sign=-1))
        original.state = "reversed"
        desk.books.events = [event for event in desk.books.events if event.record != original.key]
    if record.claim.frequency == "8":
        record.state = "reversed"
        if pair:
            entry.settlements.append(pair)
        return
    result = adjudicate(desk, record)
    record.result, record.state = result, "adjudicated"
    interest = _interest(desk, record, result)
    if interest:
        entry.offsets.append(Offset("L6", record.icn, -interest))
    settlement = settle(record, result, original_icn=original.icn if original else "", interest=interest)
    if result.forwarded_to:
        _forward(desk, record, result)
        target = desk.plan.payer(result.forwarded_to)
        settlement = msgspec.structs.replace(
            settlement, forwarded_id=result.forwarded_to, forwarded_name=target.name if target else ""
        )
    entry.settlements.append([*pair, settlement])
    _foresee(desk, record, result)


def _interest(desk: Desk, record: Record, result: Result) -> Decimal:
    if not record.slow_days or result.paid <= 0 or not desk.payer.interest_rate:
        return ZERO
    return max(money(result.paid * desk.payer.interest_rate * record.slow_days / DAYS_OF_YEAR), CENT)


def _forward(desk: Desk, record: Record, result: Result) -> None:
    if desk.plan.payer(result.forwarded_to) is None:
        return
    arrives = desk.today + timedelta(days=CROSSOVER_DAYS)
    desk.books.add(crossed_over(desk, record, result, arrives))


def _foresee(desk: Desk, record: Record, result: Result) -> None:
    """Choose the paid claims that will be corrected or taken back; crossed-over and later-payer claims are left alone."""
    if result.paid < 20 or record.claim.sequence != "P" or result.forwarded_to or record.replaces:
        return
    if any(line.denied for line in result.lines):
        return
    takebacks = desk.plan.takebacks
    ordinal = desk.books.count("paid claims")
    later = timedelta(days=takebacks.after_days)
    if nth(ordinal, takebacks.forwarding_balance.every, takebacks.forwarding_balance.offset):
        kind = "take_back"
    elif nth(ordinal, takebacks.withheld.every, takebacks.withheld.offset):
        kind = "withhold"
    elif happens(desk.payer.correction_share, desk.plan.seed, "correction", desk.payer.id, record.chain):
        kind, later = "correct", timedelta(days=CORRECTION_DAYS)
    else:
        return
    desk.books.events.append(Event(due=desk.today + later, kind=kind, record=record.key))


def _happen(desk: Desk, runs: dict[str, Run]) -> None:
    """Corrections, take-backs and recoupments that are due. A take-back needs no payment day: it comes on its own."""
    waiting = []
    for event in desk.books.events:
        record = desk.books.record(event.record)
        ours = record.payer == desk.payer.id and event.due <= desk.today
        if not ours or not (event.kind == "take_back" or pays_on(desk, desk.today)):
            waiting.append(event)
            continue
        if event.kind == "recoup":
            _run_for(runs, record).offsets.append(Offset("WO", event.reference, event.amount))
            continue
        if record.state != "adjudicated" or record.result is None:
            continue
        pair, difference = _reprocess(desk, record, event.kind)
        entry = _run_for(runs, record)
        if event.kind == "take_back":
            entry.alone.append(pair)
            continue
        entry.settlements.append(pair)
        if event.kind == "withhold" and difference > 0:
            entry.offsets.append(Offset("WO", record.icn, -difference))
            due = desk.today + timedelta(days=RECOUP_DAYS)
            waiting.append(Event(due=due, kind="recoup", record=record.key, amount=difference, reference=record.icn))
    desk.books.events = waiting


def _reprocess(desk: Desk, record: Record, kind: str) -> tuple[list[Settlement], Decimal]:
    """The reversal and the new decision under a new number; and how much was paid too much."""
    old = record.result
    assert old is not None
    withdraw(desk, record)
    reversal = settle(record, old, sign=-1)
    original_icn, record.icn = record.icn, next_icn(desk)
    record.former_icns.append(original_icn)
    if kind == "take_back":
        lines = tuple(denied_line(line, DENIALS["terminated"]) for line in record.claim.lines)
        new = Result(status=old.status, lines=lines)
    else:
        scale = {"correct": CORRECTION, "grant": Decimal(1)}.get(kind, REDUCTION)
        new = adjudicate(desk, record, raise_by=scale, fated=False)
    record.result = new
    return [reversal, settle(record, new, original_icn=original_icn)], old.paid - new.paid


def next_icn(desk: Desk) -> str:
    """The payer's own claim number: its id, the year and day, a running number."""
    number = desk.books.count(f"icn {desk.payer.id}")
    return f"{desk.payer.id}{desk.today:%y%j}{number:06d}"


def _payments(desk: Desk, entry: Run) -> list[Payment]:
    made = [_payment(desk, entry.payee, pair, [], takes_carried=False) for pair in entry.alone]
    if not entry.settlements and not entry.offsets:
        return made
    size = desk.payer.claims_per_payment
    chunks = [entry.settlements[at : at + size] for at in range(0, len(entry.settlements), size)] or [[]]
    for at, chunk in enumerate(chunks):
        flat = [settlement for group in chunk for settlement in group]
        offsets = entry.offsets if at == 0 else []
        flat, offsets = _oddities(desk, flat, list(offsets)) if at == 0 else (flat, list(offsets))
        made.append(_payment(desk, entry.payee, flat, offsets, takes_carried=True))
    return made


def _payment(
    desk: Desk, payee: Biller, settlements: list[Settlement], offsets: list[Offset], *, takes_carried: bool
) -> Payment:
    """One payment. What earlier ones carried comes in as FB +; what would be negative goes out as FB -."""
    books, payer = desk.books, desk.payer
    number = books.count(f"trace {payer.id}")
    trace = f"{payer.id}{desk.today:%Y%m%d}{number:05d}"
    if takes_carried:
        here = [c for c in books.carried if c.payer == payer.id and c.payee == payee.key and c.since < desk.today]
        books.carried = [c for c in books.carried if c not in here]
        offsets = [*offsets, *(Offset("FB", carried.reference, carried.amount) for carried in here)]
    total = sum((s.paid for s in settlements), ZERO) - sum((o.amount for o in offsets), ZERO)
    if total < 0:
        offsets = [*offsets, Offset("FB", trace, total)]
        books.carried.append(Carried(payer=payer.id, payee=payee.key, amount=-total, reference=trace, since=desk.today))
    for settlement in settlements:
        if settlement.record and settlement.sign > 0:
            told = books.record(settlement.record)
            told.paid_on, told.trace = desk.today, trace
    return Payment(
        payer=payer,
        payee=payee,
        trace=trace,
        paid_on=desk.today,
        settlements=tuple(settlements),
        offsets=tuple(offsets),
    )


def _oddities(
    desk: Desk, settlements: list[Settlement], offsets: list[Offset]
) -> tuple[list[Settlement], list[Offset]]:
    """What payers also send: another office's claim, an adjustment nobody maps, a recoupment of an unknown claim."""
    ordinal, odd = desk.books.count("remittances"), desk.plan.takebacks
    if _is(odd.unknown_claim, ordinal):
        settlements = [*settlements, _another_office(desk, ordinal)]
    if _is(odd.unknown_adjustment, ordinal):
        offsets = [*offsets, Offset("FC", f"FUND{ordinal:05d}", Decimal("-1.25"))]
    if _is(odd.unknown_takeback, ordinal):
        offsets = [*offsets, Offset("WO", f"{desk.payer.id}25001999999", Decimal("12.40"))]
    return settlements, offsets


def _is(every: Every, ordinal: int) -> bool:
    return nth(ordinal, every.every, every.offset)


def _another_office(desk: Desk, ordinal: int) -> Settlement:
    day = desk.today - timedelta(days=30)
    line = Line(code="99213", charge=Decimal("120.00"), date_from=day, date_to=day, control_number=f"ELSE{ordinal:05d}")
    cut = Cut("CO", "45", Decimal("45.00"))
    row = LineResult(line=line, paid=Decimal("75.00"), allowed=Decimal("75.00"), cuts=(cut,))
    person = Person(last="ELSEWHERE", first="PAT", member_id="ELSE00001")
    claim = Claim(control_number=f"ELSE{ordinal:05d}", charge=line.charge, place_of_service="11", lines=(line,))
    return Settlement(
        control_number=claim.control_number,
        result=Result(status="1", lines=(row,)),
        icn=next_icn(desk),
        patient=person,
        subscriber=person,
        member_id=person.member_id,
        place_of_service="11",
        frequency="1",
        status="1",
        received=day,
    )
