"""Several files into one: an interchange for each sender, receiver and guide, control numbers made unique."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.x12.flow import Flow
from claimwright.x12.layout import Separators
from claimwright.x12.segments import Segment
from claimwright.x12.splitting import changed, complete

Opener = Callable[[], "Path | BinaryIO | bytes"]


class JoinRefused(ValueError):
    """The files cannot be joined as they are. The text says which and why."""


class Route(msgspec.Struct, frozen=True):
    """What transactions must share to stand in one interchange."""

    sender: tuple[str, str]  # ISA05, ISA06
    receiver: tuple[str, str]  # ISA07, ISA08
    version: str  # ISA12
    usage: str  # ISA15
    kind: str  # GS01
    application_sender: str  # GS02
    application_receiver: str  # GS03
    guide: str  # GS08

    @classmethod
    def of(cls, isa: Segment, gs: Segment) -> Route:
        return cls(
            (isa[5], isa[6].strip()), (isa[7], isa[8].strip()), isa[12], isa[15], gs[1], gs[2].strip(), gs[3].strip(),
            gs[8].strip(),
        )  # fmt: skip


class Joined(msgspec.Struct):
    """What was done: transactions by route, and what was left out."""

    routes: dict[Route, int] = {}
    acknowledgements_left_out: int = 0  # TA1 segments: they answer one interchange and go alone


class Joiner:
    """Joins sources that can each be opened more than once: once to see what they hold, then once for each route.

    Iterate for the text. Transactions keep their order and every element but ST02 and SE02; all take the separators
    and line breaks of the first file of their route. ISA13 and GS06 are those of the first file, and count up where
    several routes would share one. Raises JoinRefused for segments outside an envelope, and
    `layout.SeparatorClash` where the first file's separators stand in another's data.
    """

    def __init__(self, openers: Iterable[Opener], control_number: int = 0) -> None:
        self._openers = list(openers)
        self._control_number = control_number
        self._used: set[int] = set()
        self.told = Joined()

    def __iter__(self) -> Iterator[str]:
        routes: dict[Route, list[int]] = {}
        for index, opener in enumerate(self._openers):
            for route in self._routes(opener):
                files = routes.setdefault(route, [])
                if index not in files:
                    files.append(index)
        for route, files in routes.items():
            yield from self._interchange(route, [self._openers[index] for index in files])

    def _routes(self, opener: Opener) -> Iterator[Route]:
        isa: Segment | None = None
        for segment in Flow(opener()):
            name = segment.elements[0]
            if name == "ISA":
                isa = segment
            elif name == "GS" and isa is not None:
                yield Route.of(isa, segment)
            elif name == "TA1":
                self.told.acknowledgements_left_out += 1

    def _interchange(self, route: Route, openers: list[Opener]) -> Iterator[str]:
        """ISA to IEA of one route, from the files that hold it."""
        isa: Segment | None = None
        separators: Separators | None = None
        transactions = 0
        number = group = ""
        for first, segments in self._transactions(route, openers):
            if isa is None or separators is None:
                isa, gs = first
                separators = Separators(isa.delimiters)
                number = self._number(isa[13])
                group = str(int(gs[6])) if gs[6].isdecimal() else "1"
                yield complete(changed(isa, {13: number}))
                yield complete(changed(gs, {6: group}))
            transactions += 1
            control = f"{transactions:04d}"
            for segment in segments:
                if segment.elements[0] in ("ST", "SE"):
                    segment = changed(segment, {2: control})
                if segment.delimiters == isa.delimiters and segment.trail == isa.trail and not segment.lead:
                    yield complete(segment)
                else:
                    made = separators.rewrite(segment)
                    made.trail = isa.trail
                    yield complete(made)
        if isa is not None:
            for elements in (["GE", str(transactions), group], ["IEA", "1", number]):
                yield complete(Segment(elements, isa.delimiters, trail=isa.trail))
            self.told.routes[route] = transactions

    def _transactions(
        self, route: Route, openers: list[Opener]
    ) -> Iterator[tuple[tuple[Segment, Segment], Iterator[Segment]]]:
        """Each transaction of the route with its ISA and GS; the segments must be taken before the next one is."""
        for opener in openers:
            isa: Segment | None = None
            gs: Segment | None = None
            flow = iter(Flow(opener()))
            for segment in flow:
                name = segment.elements[0]
                if name == "ISA":
                    isa, gs = segment, None
                elif name == "GS":
                    gs = segment
                elif name in ("GE", "IEA"):
                    gs = None
                elif name == "ST":
                    if isa is None or gs is None:
                        raise JoinRefused(
                            f"a transaction at byte {segment.offset} stands outside any interchange or group: ask the "
                            "sender for the whole file"
                        )
                    if Route.of(isa, gs) == route:
                        yield (isa, gs), _to_its_end(segment, flow)

    def _number(self, text: str) -> str:
        number = self._control_number or (int(text) if text.isdecimal() else 1) or 1
        while number in self._used:
            number += 1
        if number > 999_999_999:
            raise JoinRefused("the control numbers have run out: give a lower one")
        self._used.add(number)
        return f"{number:09d}"


def _to_its_end(st: Segment, flow: Iterator[Segment]) -> Iterator[Segment]:
    yield st
    for segment in flow:
        if segment.elements[0] in ("ISA", "GS", "ST", "GE", "IEA"):
            raise JoinRefused(
                f"a transaction has no SE before byte {segment.offset}: the file was cut off; ask for the whole"
            )
        yield segment
        if segment.elements[0] == "SE":
            return
    raise JoinRefused("the last transaction has no SE: the file was cut off; ask the sender for the whole")
