"""One regular expression a loop: it matches a loop's own segments from its first one on, as far as they are right in
themselves, in order and in number, and hands out the elements that readers want most.

Like the expression of a segment it is sound and not complete: where it ends, or does not match at all, the loop is
taken segment by segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count, groupby

import msgspec

from claimwright.x12.columns import Column
from claimwright.x12.guides.rows import Shape
from claimwright.x12.patterns import SegmentPattern, maybe
from claimwright.x12.segments import Delimiters

_GROUP = re.compile(r"\\.|\(\?P<(\w+)>", re.DOTALL)
_MARK = re.compile("\x00(\\w+)\x00")


class Part(msgspec.Struct, frozen=True):
    """A use of a segment in the loop; `most` 0 = no limit. `column` None where the table of columns leaves it out."""

    shape: Shape
    position: int
    required: bool
    most: int
    column: Column | None = None


class Block:
    """A loop's expression. `match(text, position)` finds the loop; `columns` are the groups of its row in the order of
    the table, `others` those that say that the row is not the whole loop."""

    __slots__ = ("columns", "match", "others")

    def __init__(self, pattern: re.Pattern[str], columns: tuple[int, ...], others: tuple[int, ...]) -> None:
        self.match: Callable[[str, int], re.Match[str] | None] = pattern.match
        self.columns, self.others = columns, others


def block(parts: Sequence[Part], columns: Sequence[Column], delimiters: Delimiters, separator: str) -> Block:
    """The block of a loop whose first segment is the first part. `columns` is the loop's table, () for none.

    Parts of one position may come in any order, but repeats of one part together.
    """
    writer = _Writer(columns, delimiters, separator)
    text = writer.one(parts[0])
    for _, same in groupby(parts[1:], key=lambda part: part.position):
        alike = list(same)
        text += writer.one(alike[0]) if len(alike) == 1 else writer.any_order(alike)
    return writer.finished(text)


class _Writer:
    def __init__(self, columns: Sequence[Column], delimiters: Delimiters, separator: str) -> None:
        self.columns, self.delimiters = columns, delimiters
        self.ending = re.escape(separator)
        self.names: Iterator[int] = count(1)
        self.groups: dict[tuple[int, int, int], str] = {}  # (column, repeat, element; 0 = the tail) -> group
        self.others: list[str] = []

    def one(self, part: Part, once: bool = False) -> str:
        """All repeats of a part; `once`, at least one of them must come."""
        required = part.required or once
        if part.column is None and self.columns:
            text = f"(?P<{self.other()}>(?:{self.segment(part)}){_times(part.most, True)})"
            return text if required else maybe(text)
        if part.column is None or not part.column.width:
            if part.most == 1:
                return self.segment(part) if required else maybe(self.segment(part))
            return f"(?:{self.segment(part)}){_times(part.most, required)}"
        times = min(part.column.times, part.most) if part.most else part.column.times
        text = ""
        if part.most != times:
            left = part.most - times if part.most else 0
            text = maybe(f"(?P<{self.other()}>(?:{self.segment(part)}){_times(left, True)})")
        for repeat in range(times - 1, -1, -1):
            text = self.segment(part, repeat) + text
            text = maybe(text) if repeat or not required else text
        return text

    def segment(self, part: Part, repeat: int = -1) -> str:
        """One segment with its ending; from 0 on, the repeat whose elements are captured."""
        captures: dict[int, str] = {}
        tail = ""
        if repeat >= 0 and part.column is not None:
            at = self.columns.index(part.column)
            captures = {element: f"c{next(self.names)}" for element in part.column.elements}
            for element, name in captures.items():
                self.groups[at, repeat, element] = name
            if part.column.tail:
                tail = self.groups[at, repeat, 0] = f"c{next(self.names)}"
        pattern = SegmentPattern(part.shape, self.delimiters, self.names, captures, tail)
        return pattern.text() + self.ending

    def other(self) -> str:
        self.others.append(f"o{next(self.names)}")
        return self.others[-1]

    def any_order(self, parts: Sequence[Part]) -> str:
        """Each part once, in any order: a group that has matched is barred by its number, filled in at the end."""
        element = re.escape(self.delimiters.element)
        needed: list[str] = []
        guarded = []
        for segment_id in dict.fromkeys(part.shape.id for part in parts):
            branches = []
            for part in parts:
                if part.shape.id == segment_id:
                    name = f"u{next(self.names)}"
                    branches.append(f"(?(\x00{name}\x00)(?!)|(?P<{name}>{self.one(part, once=True)}))")
                    if part.required:
                        needed.append(name)
            guarded.append(f"(?={re.escape(segment_id)}{element})(?:{'|'.join(branches)})")
        return f"(?:{'|'.join(guarded)})*" + "".join(f"(?(\x00{name}\x00)|(?!))" for name in needed)

    def finished(self, text: str) -> Block:
        """Compile it, with the numbers that its groups have by their order."""
        text += maybe("(?P<none>(?!))")
        numbers: dict[str, int] = {}
        number = 0
        for found in _GROUP.finditer(text):
            if found[1]:
                number += 1
                numbers[found[1]] = number
        pattern = re.compile(_MARK.sub(lambda mark: str(numbers[mark[1]]), text))
        wanted = tuple(
            numbers.get(self.groups.get((at, repeat, element), ""), numbers["none"])  # an element no match can have
            for at, column in enumerate(self.columns)
            for repeat in range(column.times)
            for element in (*column.elements, *((0,) if column.tail else ()))
        )
        return Block(pattern, wanted, tuple(numbers[name] for name in self.others))


def _times(most: int, required: bool) -> str:
    if most == 1:
        return "" if required else "?"
    least = 1 if required else 0
    return f"{{{least},{most}}}" if most else ("+" if required else "*")
