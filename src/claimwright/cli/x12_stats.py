"""`claimwright x12 stats`: what X12 files hold, counted and added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, BinaryIO

import typer

from claimwright.cli.words import console, dollars, plural, print_json, table
from claimwright.cli.x12_check import vocabulary
from claimwright.cli.x12_sources import Json, Only, Paths, Source, each_source, kind_of

TOP = 15
ZERO = Decimal(0)
COUNTED = {"INS": "member", "STC": "status line", "EB": "benefit line", "PLB": "provider adjustment"}
ADJUSTMENTS = range(2, 18, 3)


class Totals:
    """What has been counted so far, over all files."""

    def __init__(self) -> None:
        self.files = self.bytes = self.segments = self.interchanges = 0
        self.kinds: Counter[str] = Counter()
        self.guides: Counter[str] = Counter()
        self.senders: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.amounts: dict[str, Decimal] = {}
        self.reasons: Counter[str] = Counter()
        self.reason_amounts: dict[str, Decimal] = {}
        self.faults: Counter[str] = Counter()
        self.severities: dict[str, str] = {}

    def take(self, rows: Iterable[list[str]]) -> None:
        """Count the segments of one file, a list of elements each."""
        from claimwright.x12.amounts import amount

        guide = set_id = ""
        for row in rows:
            self.segments += 1
            name = row[0]
            if name == "CLM" and len(row) > 2:
                self._claim(amount(row[2]))
            elif name == "CLP" and len(row) > 4:
                self.counts["claim payment"] += 1
                self._add("payment_charges", amount(row[3]))
                self._add("paid", amount(row[4]))
            elif name == "CAS":
                if set_id == "835":  # what earlier payers adjusted stands in claims too
                    self._adjustments(row)
            elif name in COUNTED:
                self.counts[COUNTED[name]] += 1
            elif name == "ISA":
                self.interchanges += 1
                if len(row) > 6:
                    self.senders[row[6].strip()] += 1
            elif name == "GS":
                guide = row[8].strip() if len(row) > 8 else ""
            elif name == "ST" and len(row) > 1:
                named = row[3].strip() if len(row) > 3 and row[3].strip() else guide
                set_id = row[1]
                self.kinds[_kind(named, set_id)] += 1
                self.guides[named or "none named"] += 1
            elif name == "BPR" and len(row) > 2:
                self._add("payments", amount(row[2]))
                self.counts["payment"] += 1

    def _claim(self, charge: Decimal | None) -> None:
        self.counts["claim"] += 1
        self._add("charges", charge)

    def _add(self, name: str, value: Decimal | None) -> None:
        self.amounts[name] = self.amounts.get(name, ZERO) + (value or ZERO)

    def _adjustments(self, row: list[str]) -> None:
        from claimwright.x12.amounts import amount

        for at in ADJUSTMENTS:
            if len(row) > at + 1 and row[at]:
                reason = f"{row[1]}-{row[at]}"
                self.reasons[reason] += 1
                self.reason_amounts[reason] = self.reason_amounts.get(reason, ZERO) + (amount(row[at + 1]) or ZERO)

    def judge(self, file: BinaryIO) -> None:
        from claimwright.x12.check import stream_faults

        for fault in stream_faults(file, vocabulary()):
            self.faults[fault.id] += 1
            self.severities[fault.id] = fault.severity.value

    def answer(self) -> dict[str, Any]:
        return {
            "files": self.files, "segments": self.segments, "interchanges": self.interchanges,
            "transactions": self.kinds.total(), "kinds": dict(self.kinds), "guides": dict(self.guides),
            "senders": dict(self.senders), "counts": dict(self.counts), "amounts": self.amounts,
            "adjustments": [
                {"reason": reason, "times": times, "amount": self.reason_amounts[reason]}
                for reason, times in self.reasons.most_common()
            ],
            "faults": dict(self.faults),
        }  # fmt: skip


@cache
def _kind(guide_id: str, set_id: str) -> str:
    """837P, 835 ...; requests and responses of the 278, which share a guide, are not told apart."""
    from claimwright.x12 import guides

    guide = guides.find(guide_id, set_id)
    return set_id if guide is None or set_id == "278" else kind_of(guide)


def stats(
    files: Paths,
    faults: Annotated[
        bool, typer.Option("--faults/--no-faults", help="Check the files too; without is quicker.")
    ] = True,
    only: Only = "",
    as_json: Json = False,
) -> None:
    """Count what X12 files hold: kinds, guides, senders, claims, charges, payments, top adjustment reasons, faults.

    Over all files together. Exit status 2 when a file is not there or not X12.
    """
    totals = Totals()

    def one(source: Source, meter: Callable[[int], None]) -> None:
        from claimwright.x12.reader import stream_elements

        data = None if source.rereadable else source.read()
        if data is not None:
            totals.take(stream_elements(data))
        else:
            with source.open(meter) as file:
                totals.take(stream_elements(file))
        totals.files += 1
        if faults:
            _judge(totals, source, data)

    usable = each_source(files, only, as_json, one)
    if as_json:
        print_json(totals.answer())
    elif totals.files:
        _print(totals)
    raise typer.Exit(0 if usable else 2)


def _judge(totals: Totals, source: Source, data: bytes | None) -> None:
    from io import BytesIO

    if data is not None:
        totals.judge(BytesIO(data))
        return
    with source.open() as file:
        totals.judge(file)


def _print(totals: Totals) -> None:
    console.print(
        f"{plural(totals.files, 'file')}, {plural(totals.interchanges, 'interchange')}, "
        f"{plural(totals.kinds.total(), 'transaction')}, {plural(totals.segments, 'segment')}",
        style="bold", markup=False,
    )  # fmt: skip
    amounts = {name: dollars(amount) for name, amount in totals.amounts.items()}
    money = {
        "claim": f", charged {amounts.get('charges')}", "payment": f", {amounts.get('payments')}",
        "claim payment": f", charged {amounts.get('payment_charges')}, paid {amounts.get('paid')}",
    }  # fmt: skip
    for name, count in totals.counts.items():
        console.print(f"  {plural(count, name)}{money.get(name, '')}", markup=False)
    for title, counter in (("Kind", totals.kinds), ("Guide", totals.guides), ("Sender", totals.senders)):
        _counted(title, counter)
    if totals.reasons:
        rows = [
            (reason, f"{times:,}", dollars(totals.reason_amounts[reason]))
            for reason, times in totals.reasons.most_common(TOP)
        ]
        console.print()
        console.print(table("", [("Adjustment", "left"), ("Times", "right"), ("Amount", "right")], rows))
    if totals.faults:
        rows = [
            (fault, totals.severities[fault], f"{times:,}") for fault, times in totals.faults.most_common(TOP)
        ]  # fmt: skip
        console.print()
        console.print(table("", [("Fault", "left"), ("Severity", "left"), ("Times", "right")], rows))
        _more(len(totals.faults) - TOP, "fault id")


def _counted(title: str, counter: Counter[str]) -> None:
    if counter:
        console.print()
        rows = [(name or "(empty)", f"{times:,}") for name, times in counter.most_common(TOP)]
        console.print(table("", [(title, "left"), ("Times", "right")], rows))
        _more(len(counter) - TOP, title.lower())


def _more(count: int, noun: str) -> None:
    if count > 0:
        console.print(f"and {plural(count, f'more {noun}')}: --json has all", style="dim")
