"""Segments, transactions and interchanges as read: the bytes are the model, everything else is a view.

Source bytes are decoded as Latin-1, so that a character's index is its byte's offset and every byte can be written
back. Text that was UTF-8 is recovered where a person reads it, by `Segment.text_of`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.x12.faults import Fault


class Delimiters(msgspec.Struct, frozen=True):
    """The four separators of an interchange, one character each (ISA byte 4, ISA11, ISA16, byte 106)."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"

    @property
    def differ(self) -> bool:
        """Whether no two are the same character: else an expression cannot tell a repeat from a component."""
        return len({self.element, self.component, self.repetition, self.terminator}) == len(self.__struct_fields__)


DEFAULT_DELIMITERS = Delimiters()


class Segment(msgspec.Struct, eq=False, gc=False):
    """One segment. `elements[0]` is the id; `segment[n]` is element n or "" when absent.

    `number` counts in its ST..SE with ST = 1, `ordinal` in the whole source from 1; `offset` is the 0-based byte and
    `line` the 1-based text line at which it begins. `lead` and `trail` keep the blanks and line breaks around it and
    whether its terminator was there (`trail` None: the bare terminator), and a segment that was wrapped over lines
    keeps the text `as_read` beside its elements without the breaks, so that `text()` gives back the very characters
    that were read.
    """

    elements: list[str]
    delimiters: Delimiters = DEFAULT_DELIMITERS
    number: int = 0
    ordinal: int = 0
    offset: int = 0
    line: int = 0
    lead: str = ""
    trail: str | None = None
    as_read: str | None = None

    @property
    def id(self) -> str:
        return self.elements[0]

    def __getitem__(self, index: int) -> str:
        return self.elements[index] if index < len(self.elements) else ""

    def __len__(self) -> int:
        return len(self.elements) - 1

    def __iter__(self) -> Iterator[str]:
        return iter(self.elements)

    def components(self, index: int) -> list[str]:
        """Components of element `index` (the first repeat), [] when empty."""
        value = self[index]
        if not value:
            return []
        return value.split(self.delimiters.repetition)[0].split(self.delimiters.component)

    def component(self, index: int, position: int) -> str:
        """Component `position` (1-based) of element `index`, "" when absent."""
        parts = self.components(index)
        return parts[position - 1] if len(parts) >= position else ""

    def repeats(self, index: int) -> list[str]:
        value = self[index]
        return value.split(self.delimiters.repetition) if value else []

    def text_of(self, index: int) -> str:
        """Element `index` as a person wrote it: UTF-8 recovered when the bytes were UTF-8."""
        return readable(self[index])

    def text(self) -> str:
        text = self.delimiters.element.join(self.elements)
        if self.as_read is not None and unwrapped(self.as_read) == text:
            text = self.as_read
        return self.lead + text + (self.delimiters.terminator if self.trail is None else self.trail)

    @property
    def wrapped(self) -> bool:
        """Whether line breaks stood inside the segment."""
        return self.as_read is not None

    def __repr__(self) -> str:  # no values: a segment may hold patient data
        return f"<Segment {self.elements[0]} number={self.number} offset={self.offset}>"


def unwrapped(text: str) -> str:
    """Segment text without the line breaks inside it."""
    return text.replace("\r", "").replace("\n", "")


def readable(value: str) -> str:
    """Latin-1 decoded text as written, recovering UTF-8 where the bytes are valid UTF-8."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return value


class Transaction:
    """One ST..SE. `segments` includes ST and SE (SE may be missing in a broken file).

    Where a stream lets segments go, `segments` has the ST and the SE alone, and `passed` says how many came.
    """

    __slots__ = ("group", "interchange", "passed", "segments")

    def __init__(self, segments: list[Segment], group: FunctionalGroup, interchange: Interchange) -> None:
        self.segments = segments
        self.group = group
        self.interchange = interchange
        self.passed = 0

    @property
    def count(self) -> int:
        """How many segments it has, ST and SE included: what SE01 should say."""
        return self.passed or len(self.segments)

    @property
    def st(self) -> Segment:
        return self.segments[0]

    @property
    def se(self) -> Segment | None:
        last = self.segments[-1]
        return last if last.id == "SE" else None

    @property
    def set_id(self) -> str:
        """ST01: 837, 835, 999 ..."""
        return self.st[1]

    @property
    def control_number(self) -> str:
        return self.st[2]

    @property
    def guide(self) -> str:
        """The implementation guide: ST03 when given, else GS08."""
        return self.st[3] or (self.group.gs[8] if self.group.gs else "")

    def text(self) -> str:
        return "".join(segment.text() for segment in self.segments)


class FunctionalGroup:
    """One GS..GE. `gs` is None where transactions stood outside any group; `passed` counts transactions let go."""

    __slots__ = ("ge", "gs", "interchange", "passed", "transactions")

    def __init__(self, gs: Segment | None, interchange: Interchange) -> None:
        self.gs = gs
        self.ge: Segment | None = None
        self.interchange = interchange
        self.transactions: list[Transaction] = []
        self.passed = 0

    @property
    def count(self) -> int:
        """How many transactions it has: what GE01 should say."""
        return self.passed + len(self.transactions)


class Interchange:
    """One ISA..IEA. `isa` is None where segments stood outside any interchange; `loose` holds those not in a set.

    `first` is its first segment, `kinds` the transaction sets that came, `passed` counts groups let go.
    """

    __slots__ = ("delimiters", "first", "groups", "iea", "isa", "kinds", "loose", "passed", "ta1s")

    def __init__(self, first: Segment) -> None:
        self.first = first
        self.isa = first if first.elements[0] == "ISA" else None
        self.iea: Segment | None = None
        self.delimiters = first.delimiters
        self.kinds: set[str] = set()
        self.passed = 0
        self.groups: list[FunctionalGroup] = []
        self.ta1s: list[Segment] = []
        self.loose: list[Segment] = []

    @property
    def count(self) -> int:
        """How many groups it has: what IEA01 should say."""
        return self.passed + len(self.groups)

    @property
    def control_number(self) -> str:
        return self.isa[13] if self.isa else ""

    def transactions(self) -> Iterator[Transaction]:
        for group in self.groups:
            yield from group.transactions


class Document:
    """A whole file as read. `segments` in file order write back to the very bytes; `faults` are the reader's own."""

    __slots__ = ("faults", "interchanges", "preamble", "remainder", "segments")

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.interchanges: list[Interchange] = []
        self.faults: list[Fault] = []
        self.preamble = ""
        self.remainder = ""

    def transactions(self) -> Iterator[Transaction]:
        for interchange in self.interchanges:
            yield from interchange.transactions()
