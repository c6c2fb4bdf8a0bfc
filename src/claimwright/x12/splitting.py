"""One file into several, each a valid file of its own: by interchange, transaction, claim, or provider."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.flow import Flow
from claimwright.x12.segments import Segment

INTERCHANGE, TRANSACTION, CLAIM, PROVIDER = "interchange", "transaction", "claim", "provider"
WAYS = (INTERCHANGE, TRANSACTION, CLAIM, PROVIDER)
RANKS = {"20": 0, "22": 1, "23": 2}  # HL03 of an 837: billing provider, subscriber, patient
BILLING, SUBSCRIBER, PATIENT = 0, 1, 2
SERVICES = ("SV1", "SV2", "SV3")
ENVELOPE = ("ISA", "GS", "ST", "GE", "IEA")


class SplitRefused(ValueError):
    """What was asked would not leave valid files. The text says why and what to do."""


class Piece:
    """Text that belongs to a part. Parts are numbered from 1; `label` is what the part is about, "" where nothing."""

    __slots__ = ("label", "part", "text")

    def __init__(self, part: int, label: str, text: str) -> None:
        self.part, self.label, self.text = part, label, text


def split(
    source: Path | BinaryIO | bytes, by: str, claims: int = 1, control_number: int = 0
) -> Iterator[Piece]:  # fmt: skip
    """The source in parts, as pieces of text in order; whoever reads them writes each to the file of its part.

    `by` is one of `WAYS`. By claim, a part holds at most `claims` claims of an 837 with the levels they stand under;
    by provider, all claims of one billing provider (837) or all payments to one payee (835). Levels are numbered
    anew and counts are right. Separators, line breaks and control numbers stay, but ISA13 counts up from
    `control_number` where that is not 0. A level under which no claim stands is left out by claim and by provider.
    Raises SplitRefused where a part would not be valid by itself.
    """
    if by not in WAYS:
        raise SplitRefused(f"split by one of {', '.join(WAYS)}")
    if claims < 1:
        raise SplitRefused("a part holds at least one claim")
    if by == INTERCHANGE:
        return _by_interchange(source, control_number)
    return Splitter(by, claims, control_number).pieces(source)


def _by_interchange(source: Path | BinaryIO | bytes, control_number: int) -> Iterator[Piece]:
    number, label = 0, ""
    for segment in Flow(source):
        name = segment.elements[0]
        if name == "ISA":
            number, label = number + 1, segment[13].strip()
        if control_number and name in ("ISA", "IEA"):
            segment = changed(segment, {13 if name == "ISA" else 2: f"{control_number + number - 1:09d}"})
        if number:
            yield Piece(number, label, complete(segment))


def changed(segment: Segment, values: dict[int, str]) -> Segment:
    """A copy with other elements at those positions; the blanks and line breaks around it stay."""
    elements = list(segment.elements)
    for position, value in values.items():
        elements.extend([""] * (position + 1 - len(elements)))
        elements[position] = value
    return Segment(elements, segment.delimiters, lead=segment.lead, trail=segment.trail)


def complete(segment: Segment) -> str:
    """The segment's text, with a terminator where the file ended without."""
    text = segment.text()
    return text if segment.trail is None or segment.delimiters.terminator in segment.trail else (
        text + segment.delimiters.terminator
    )  # fmt: skip


class Part:
    """A file in the making: which interchange and group are open in it."""

    def __init__(self, number: int, label: str) -> None:
        self.number, self.label = number, label
        self.isa: Segment | None = None
        self.gs: Segment | None = None
        self.groups = self.transactions = 0

    def piece(self, text: str) -> Piece:
        return Piece(self.number, self.label, text)

    def open(self, isa: Segment, gs: Segment | None) -> Iterator[Piece]:
        if self.isa is None:
            self.isa, self.groups = isa, 0
            yield self.piece(complete(isa))
        if self.gs is None and gs is not None:
            self.gs, self.transactions = gs, 0
            self.groups += 1
            yield self.piece(complete(gs))

    def close_group(self) -> Iterator[Piece]:
        if self.gs is not None:
            ge = ["GE", str(self.transactions), self.gs[6]]
            yield self.piece(_made(ge, self.gs))
            self.gs = None

    def close(self) -> Iterator[Piece]:
        yield from self.close_group()
        if self.isa is not None:
            yield self.piece(_made(["IEA", str(self.groups), self.isa[13]], self.isa))
            self.isa = None


def _made(elements: list[str], like: Segment) -> str:
    return complete(Segment(elements, like.delimiters, trail=like.trail))


class Splitter:
    """Splits transaction by transaction, holding no more than the levels above the claim at hand."""

    def __init__(self, by: str, claims: int, control_number: int) -> None:
        self.by, self.claims = by, claims
        self._control_number = control_number
        self._parts: dict[str, Part] = {}
        self._made = 0
        self._isa: Segment | None = None
        self._gs: Segment | None = None

    def pieces(self, source: Path | BinaryIO | bytes) -> Iterator[Piece]:
        writing: _Whole | None = None
        for segment in Flow(source):
            name = segment.elements[0]
            if name in ENVELOPE:
                if writing is not None:
                    yield from writing.end(None)
                    writing = None
                yield from self._turn(name, segment)
                if name == "ST":
                    writing = self._begin(segment)
            elif writing is not None and name == "SE":
                yield from writing.end(segment)
                writing = None
            elif writing is not None:
                yield from writing.take(segment)
            elif name == "TA1" and self._isa is not None:
                part = self.part("TA1", "TA1")
                yield from part.open(self._numbered(part), None)
                yield part.piece(complete(segment))
        if writing is not None:
            yield from writing.end(None)
        yield from self._close()

    def _turn(self, name: str, segment: Segment) -> Iterator[Piece]:
        if name in ("ISA", "IEA"):
            yield from self._close()
            self._isa, self._gs = (segment if name == "ISA" else None), None
        elif name in ("GS", "GE"):
            for part in self._parts.values():
                yield from part.close_group()
            self._gs = segment if name == "GS" else None

    def _close(self) -> Iterator[Piece]:
        for part in self._parts.values():
            yield from part.close()
        if self.by != PROVIDER:
            self._parts.clear()

    def _begin(self, st: Segment) -> _Whole:
        if self._isa is None or self._gs is None:
            raise SplitRefused(
                f"the transaction at byte {st.offset} stands in no interchange or group, so its parts would have no "
                "envelope: ask the sender for the whole file"
            )
        if self.by == TRANSACTION:
            return _Whole(self, st)
        if st[1] == "837":
            return _Claims(self, st)
        if st[1] == "835" and self.by == PROVIDER:
            return _Payment(self, st)
        if st[1] == "835":
            raise SplitRefused(
                "an 835 is one payment, and its claims cannot be taken apart without breaking its balance: split it "
                "by transaction or by provider (payee)"
            )
        raise SplitRefused(f"a {st[1] or 'transaction of no kind'} cannot be split by {self.by}: split by transaction")

    def part(self, key: str, label: str) -> Part:
        """The part of that key, made when it is first asked for; without a key a new one."""
        part = self._parts.get(key) if key else None
        if part is None:
            self._made += 1
            part = self._parts[key or f"#{self._made}"] = Part(self._made, label)
        return part

    def start(self, part: Part, st: Segment) -> Iterator[Piece]:
        """The envelope as far as it is not open, and ST."""
        yield from part.open(self._numbered(part), self._gs)
        part.transactions += 1
        yield part.piece(complete(st))

    def finish(self, part: Part) -> Iterator[Piece]:
        """Nothing more will come in that part."""
        yield from part.close()
        self._parts = {key: one for key, one in self._parts.items() if one is not part}

    def _numbered(self, part: Part) -> Segment:
        """The ISA for a part that may have none yet."""
        assert self._isa is not None
        if part.isa is not None or not self._control_number:
            return self._isa
        isa = changed(self._isa, {13: f"{self._control_number:09d}"})
        self._control_number += 1
        return isa


class _Whole:
    """A transaction that goes into one part as it is."""

    def __init__(self, splitter: Splitter, st: Segment) -> None:
        self.splitter, self.st = splitter, st
        self.count = 1
        self._part: Part | None = None

    def take(self, segment: Segment) -> Iterator[Piece]:
        yield from self._into(self.splitter.part("", self.st[2].strip()), segment)

    def _into(self, part: Part, segment: Segment) -> Iterator[Piece]:
        if self._part is None:
            self._part = part
            yield from self.splitter.start(part, self.st)
        self.count += 1
        yield self._part.piece(complete(segment))

    def end(self, se: Segment | None) -> Iterator[Piece]:
        """SE, as it came; a transaction that was cut off is given one."""
        closing = se or Segment(["SE", str(self.count + 1), self.st[2]], self.st.delimiters, trail=self.st.trail)
        if self._part is None:
            yield from self.take(closing)
        else:
            yield from self._into(self._part, closing)
        if self.splitter.by == TRANSACTION and self._part is not None:
            yield from self.splitter.finish(self._part)


class _Payment(_Whole):
    """An 835: its part is its payee's, whose name comes some segments after ST."""

    def __init__(self, splitter: Splitter, st: Segment) -> None:
        super().__init__(splitter, st)
        self._held: list[Segment] = []

    def take(self, segment: Segment) -> Iterator[Piece]:
        if self._part is None:
            self._held.append(segment)
            name = segment.elements[0]
            if (name == "N1" and segment[1] == "PE") or name in ("LX", "CLP", "PLB", "SE"):
                label = (segment[4] or segment[2]).strip() if name == "N1" else "no payee"
                part = self.splitter.part(f"payee {label}", label)
                for one in self._held:
                    yield from self._into(part, one)
                self._held.clear()
        else:
            yield from self._into(self._part, segment)


class _Level:
    """An HL with the segments up to the next HL or claim."""

    def __init__(self, rank: int, above: _Level | None, hl: Segment) -> None:
        self.rank, self.above = rank, above
        self.segments = [hl]

    def label(self) -> str:
        """The billing provider's NPI or other number, else the name."""
        name = next((one for one in self.segments if one.elements[0] == "NM1" and one[1] == "85"), None)
        return (name[9] or name[3]).strip() if name is not None else ""


class _Set:
    """One ST..SE being written in one part: the levels that stand, and the subscriber's text held back until it is
    known whether a patient follows in this part, which HL04 must say."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.claims = 0
        self.count = 1
        self._numbers: dict[_Level, int] = {}
        self._levels = 0
        self._standing: dict[int, _Level] = {}
        self._open: _Level | None = None
        self._held: list[str] = []

    def text(self, segment: Segment) -> Iterator[Piece]:
        self.count += 1
        text = complete(segment)
        if self._open is not None:
            self._held.append(text)
        else:
            yield self.part.piece(text)

    def level(self, level: _Level) -> Iterator[Piece]:
        """The level and those above it, as far as they do not stand in this set."""
        if self._standing.get(level.rank) is level:
            return
        if level.above is not None:
            yield from self.level(level.above)
        yield from self.flush(child=level.above is not None and level.above is self._open)
        self._standing = {rank: one for rank, one in self._standing.items() if rank < level.rank}
        self._standing[level.rank] = level
        self._levels += 1
        self._numbers = {one: self._numbers[one] for one in self._standing.values() if one in self._numbers}
        self._numbers[level] = self._levels
        self.count += 1
        if level.rank == SUBSCRIBER:
            self._open = level
        else:
            yield self.part.piece(complete(self._hl(level, level.rank == BILLING)))
        for segment in level.segments[1:]:
            yield from self.text(segment)

    def flush(self, child: bool = False) -> Iterator[Piece]:
        """Let go of what was held back."""
        if self._open is not None:
            yield self.part.piece(complete(self._hl(self._open, child)) + "".join(self._held))
            self._open = None
            self._held.clear()

    def _hl(self, level: _Level, child: bool) -> Segment:
        above = str(self._numbers[level.above]) if level.above is not None else ""
        return changed(level.segments[0], {1: str(self._numbers[level]), 2: above, 4: "1" if child else "0"})


class _Claims(_Whole):
    """An 837: claims go to the part they are due to, with the levels above them."""

    def __init__(self, splitter: Splitter, st: Segment) -> None:
        super().__init__(splitter, st)
        self._header: list[Segment] = []
        self._levels: dict[int, _Level] = {}
        self._lowest: _Level | None = None
        self._in_claim = False
        self._sets: dict[int, _Set] = {}
        self._current: _Set | None = None

    def take(self, segment: Segment) -> Iterator[Piece]:
        name = segment.elements[0]
        if name == "HL" and segment[3] in RANKS:
            self._hl(segment, RANKS[segment[3]])
        elif name == "CLM":
            yield from self._claim(segment)
        elif self._in_claim and self._current is not None:
            yield from self._current.text(segment)
        elif name in SERVICES:
            raise SplitRefused(f"the service at byte {segment.offset} stands in no claim: check the file first")
        elif self._lowest is not None:
            self._lowest.segments.append(segment)
        else:
            self._header.append(segment)

    def _hl(self, segment: Segment, rank: int) -> None:
        self._in_claim = False
        above = self._levels.get(rank - 1)
        if rank and above is None:
            raise SplitRefused(
                f"the level at byte {segment.offset} (HL*{segment[1]}) stands under none: check the file first"
            )
        self._levels = {one: level for one, level in self._levels.items() if one < rank}
        self._lowest = self._levels[rank] = _Level(rank, above, segment)

    def _claim(self, segment: Segment) -> Iterator[Piece]:
        if self._lowest is None or self._lowest.rank == BILLING:
            raise SplitRefused(f"the claim at byte {segment.offset} stands under no subscriber: check the file first")
        current = self._current
        if self.splitter.by == CLAIM:
            if current is None or current.claims >= self.splitter.claims:
                if current is not None:
                    yield from self._end_set(current)
                current = yield from self._start_set(self.splitter.part("", segment[1].strip()))
        else:
            label = self._levels[BILLING].label()
            part = self.splitter.part(f"provider {label}", label or "no provider")
            found = self._sets.get(part.number)
            current = found if found is not None else (yield from self._start_set(part))
        self._current, self._in_claim = current, True
        yield from current.level(self._lowest)
        current.claims += 1
        yield from current.text(segment)

    def _start_set(self, part: Part) -> Generator[Piece, None, _Set]:
        yield from self.splitter.start(part, self.st)
        made = self._sets[part.number] = _Set(part)
        for segment in self._header:
            yield from made.text(segment)
        return made

    def _end_set(self, current: _Set) -> Iterator[Piece]:
        yield from current.flush()
        yield current.part.piece(_made(["SE", str(current.count + 1), self.st[2]], self.st))
        del self._sets[current.part.number]
        if self.splitter.by == CLAIM:
            yield from self.splitter.finish(current.part)

    def end(self, se: Segment | None) -> Iterator[Piece]:
        for one in list(self._sets.values()):
            yield from self._end_set(one)
