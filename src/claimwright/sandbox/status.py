"""The payers' status desk: 276s read by a walk of its own, answered by 277 from the payers' books as they stand.

An answer agrees with what the same payer paid, and by which check; what it has not taken in it does not find.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import msgspec

from claimwright.sandbox.answers import envelope
from claimwright.sandbox.behaviour import happens, nth
from claimwright.sandbox.books import Books, Delivery
from claimwright.sandbox.plan import Payer, Plan
from claimwright.sandbox.records import Record
from claimwright.sandbox.submitted import date_of
from claimwright.sandbox.wire import Answer
from claimwright.x12 import InterchangeBuilder, Segment, Transaction

LEVELS = ("20", "21", "19", "22", "23")  # HL03, from the payer down to the dependent
GUIDE_276 = GUIDE_277 = "005010X212"
NOT_FOUND, DOWN, AGREEMENT = ("D0", "35"), ("E1", "0"), ("E4", "0")
IN_PROCESS, IN_REVIEW, WANTS_RECORDS = ("P1", "20"), ("P2", "41"), ("R4", "294")
PAID, DENIED, NOTHING_TO_PAY, REVISED = ("F1", "65"), ("F2", "585"), ("F4", "98"), ("F3", "101")

LONGEST_TRACE = 16  # STC09 holds less than TRN02 of the 835: its last characters


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One TRN of a 276 with what stands above it. The segments are given back as they came."""

    payer: Segment
    receiver: Segment | None = None
    provider: Segment | None = None
    subscriber: Segment | None = None
    dependent: Segment | None = None
    trace: str = ""
    payer_claim_number: str = ""  # REF*1K
    control_number: str = ""  # REF*EJ
    charge: Decimal | None = None
    on: date | None = None  # the first day of DTP*472
    dates: tuple[str, str] = ("", "")  # DTP02, DTP03

    @property
    def member_id(self) -> str:
        return self.subscriber[9] if self.subscriber is not None else ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: the status, and the record it was read from, if any."""

    asked: Asked
    status: tuple[str, str]
    record: Record | None = None


# Reading -------------------------------------------------------------------------------------------------------------


def read_status_inquiries(transaction: Transaction) -> list[Asked]:
    """Every claim of a 276 that is asked about, in file order."""
    levels: dict[str, Segment] = {}
    found: list[Asked] = []
    level = ""
    fields: dict[str, Any] | None = None
    for segment in transaction.segments:
        name = segment.id
        if name in ("HL", "TRN", "SE") and fields is not None:
            found.append(Asked(**fields))
            fields = None
        if name == "HL":
            level = segment[3]
            for gone in LEVELS[LEVELS.index(level) :] if level in LEVELS else ():
                levels.pop(gone, None)
        elif name == "NM1":
            levels.setdefault(level, segment)
        elif name == "TRN" and "20" in levels:
            fields = {
                "payer": levels["20"], "receiver": levels.get("21"), "provider": levels.get("19"),
                "subscriber": levels.get("22"), "dependent": levels.get("23"), "trace": segment[2],
            }  # fmt: skip
        elif fields is not None:
            _take(fields, segment)
    return found


def _take(fields: dict[str, Any], segment: Segment) -> None:
    if segment.id == "REF" and segment[1] == "1K":
        fields["payer_claim_number"] = segment[2]
    elif segment.id == "REF" and segment[1] == "EJ":
        fields["control_number"] = segment[2]
    elif segment.id == "AMT" and segment[1] == "T3":
        fields["charge"] = Decimal(segment[2])
    elif segment.id == "DTP" and segment[1] == "472":
        fields["dates"], fields["on"] = (segment[2], segment[3]), date_of(segment[3][:8])


# Deciding ------------------------------------------------------------------------------------------------------------


class StatusDesk:
    """All payers' answers of one day."""

    def __init__(self, plan: Plan, books: Books, today: date) -> None:
        self.plan, self.books, self.today = plan, books, today

    def decide(self, asked: Asked) -> Told:
        payer, manners = self.plan.payer(asked.payer[9]), self.plan.status
        if payer is None:
            return Told(asked=asked, status=AGREEMENT)
        number = self.books.count("status inquiries")
        if nth(number, manners.unavailable.every, manners.unavailable.offset):
            return Told(asked=asked, status=DOWN)
        record = self._find(payer, asked)
        if record is None or happens(manners.not_found_share, self.plan.seed, "277", payer.id, record.chain):
            return Told(asked=asked, status=NOT_FOUND)
        return Told(asked=asked, status=self._status(payer, record), record=record)

    def _find(self, payer: Payer, asked: Asked) -> Record | None:
        """By the payer's own number, then by ours, then by member, first day and charge. The newest of several."""
        here = [
            row for row in self.books.records if row.payer == payer.id and row.state not in ("forwarded", "refused")
        ]
        own = asked.payer_claim_number
        by_own = [row for row in here if own and own in (row.icn, *row.former_icns)]
        by_ours = [row for row in here if asked.control_number and row.claim.control_number == asked.control_number]
        alike = [
            row for row in here
            if asked.on and row.member_id == asked.member_id and row.claim.first_date == asked.on
            and row.claim.charge == asked.charge
        ]  # fmt: skip
        found = by_own or by_ours or alike
        return found[-1] if found else None

    def _status(self, payer: Payer, record: Record) -> tuple[str, str]:
        if record.state == "accepted":
            share = self.plan.status.records_share
            if record.slow_days and happens(share, self.plan.seed, "records", payer.id, record.chain):
                return WANTS_RECORDS
            return IN_REVIEW if record.slow_days else IN_PROCESS
        if record.state == "reversed" or record.result is None:
            return REVISED
        if record.result.paid > 0:
            return PAID
        return DENIED if any(row.denied for row in record.result.lines) else NOTHING_TO_PAY


# Answering -----------------------------------------------------------------------------------------------------------


def answer_status(transaction: Transaction, plan: Plan, books: Books, day: date) -> tuple[int, int]:
    """Put the 277 for one 276 among the deliveries; (claims asked about, of them not found)."""
    desk = StatusDesk(plan, books, day)
    told = [desk.decide(asked) for asked in read_status_inquiries(transaction)]
    if not told:
        return 0, 0
    due = day + timedelta(days=plan.status.answer_days)
    batch = next((segment[3] for segment in transaction.segments if segment.id == "BHT"), "")
    out = Answer("277", "0001", GUIDE_277)
    out.add("BHT", "0010", "08", batch, due, "0500", "DG")
    Writer(out, day).levels(told)
    isa = transaction.interchange.isa
    number = books.count("interchange")
    builder = InterchangeBuilder(
        envelope(plan.clearinghouse, isa[6] if isa else ""), number, datetime.combine(due, time(5)), line_break="\n"
    )
    builder.add_group("277", number, GUIDE_277, [out.build()])
    payer = plan.payer(told[0].asked.payer[9])
    stem = f"277_{payer.id if payer else plan.clearinghouse.id}"
    books.deliveries.append(Delivery(due=due, stem=stem, content=builder.build().decode("ascii")))
    return len(told), sum(1 for one in told if one.record is None)


class Writer:
    """The levels of a 277 in their order."""

    def __init__(self, out: Answer, day: date) -> None:
        self.out, self.day, self.number = out, day, 0

    def levels(self, told: Sequence[Told]) -> None:
        """Neighbours share payer, receiver and provider; each patient is written for each claim."""

        def above(one: Told) -> tuple[str, ...]:
            asked = one.asked
            return tuple(_text(part) for part in (asked.payer, asked.receiver, asked.provider))

        for _, rows in groupby(told, key=above):
            group = list(rows)
            first = group[0].asked
            payer = self._level("", "20", children=True)
            self._echo(first.payer)
            receiver = self._level(payer, "21", children=True)
            self._echo(first.receiver)
            provider = self._level(receiver, "19", children=True)
            self._echo(first.provider)
            for one in group:
                self._patient(one, provider)

    def _level(self, parent: str, code: str, *, children: bool) -> str:
        self.number += 1
        if code == "23":
            self.out.add("HL", str(self.number), parent, code)  # HL04 is not used at the last level
        else:
            self.out.add("HL", str(self.number), parent, code, "1" if children else "0")
        return str(self.number)

    def _echo(self, segment: Segment | None) -> None:
        if segment is not None:
            self.out.add("NM1", *(segment[at] for at in range(1, 10)))

    def _patient(self, told: Told, provider: str) -> None:
        asked = told.asked
        level = self._level(provider, "22", children=asked.dependent is not None)
        self._echo(asked.subscriber)
        if asked.dependent is not None:
            self._level(level, "23", children=False)
            self._echo(asked.dependent)
        self._claim(told)

    def _claim(self, told: Told) -> None:
        out, asked, record = self.out, told.asked, told.record
        out.add("TRN", "2", asked.trace)
        charge = record.claim.charge if record is not None else asked.charge
        if record is not None and record.result is not None and record.paid_on is not None:
            paid = record.result.paid
            on, trace = (record.paid_on, record.trace[-LONGEST_TRACE:]) if paid > 0 else ("", "")
            money = (charge, paid, record.paid_on, "", on, trace)
            out.add("STC", told.status, self.day, "", *money)
        else:
            out.add("STC", told.status, self.day, "", charge)
        if record is not None:
            out.add("REF", "1K", record.icn)
        if asked.control_number:
            out.add("REF", "EJ", asked.control_number)
        if asked.on:
            out.add("DTP", "472", *asked.dates)


def _text(segment: Segment | None) -> str:
    return segment.text() if segment is not None else ""
