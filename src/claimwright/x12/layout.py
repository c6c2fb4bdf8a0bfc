"""The same segments laid out otherwise: one a line, unwrapped, indented by loop, with other separators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.cutting import BINARY
from claimwright.x12.flow import Flow, placed
from claimwright.x12.segments import Delimiters, Segment

ISA_REPETITION, ISA_COMPONENT = 11, 16
NO_REPETITION = "\x1f"  # what the reader puts where an ISA names no repetition separator
INDENT = "  "


class SeparatorClash(ValueError):
    """A separator asked for stands in the data. The text names the place, never the value."""

    def __init__(self, segment: Segment, element: int, separator: str) -> None:
        self.segment, self.element, self.separator = segment, element, separator
        super().__init__(
            f"the separator {separator!r} stands in the data of {segment.id}{element:02d}, byte {segment.offset}, "
            f"line {segment.line}: choose another"
        )


def delimiters_from(text: str) -> Delimiters:
    """Separators from four characters: element, component, repetition, terminator; `*:^~` is the common set.

    Raises ValueError where they cannot be told apart from each other or from data.
    """
    if len(text) != 4 or len(set(text)) != 4:
        raise ValueError("give four different characters: element, component, repetition, terminator, such as *:^~")
    if any(one.isalnum() or one == " " or one > "~" for one in text):
        raise ValueError("a separator is no letter, digit, blank or character outside ASCII")
    if any(one < " " for one in text[:3]):
        raise ValueError("only the terminator may be a line break or another control character")
    return Delimiters(*text)


class Separators:
    """Rewrites segments with other separators; the elements stay what they are."""

    def __init__(self, wanted: Delimiters) -> None:
        self.wanted = wanted
        self._found: Delimiters | None = None
        self._table: dict[int, str] = {}
        self._clash = re.compile("(?!)")

    def rewrite(self, segment: Segment) -> Segment:
        """The segment with the separators wanted, without the blanks around it. Raises SeparatorClash."""
        found = segment.delimiters
        if found != self._found:
            self._learn(found)
        name = segment.elements[0]
        binary = BINARY.get(name, 0)
        elements = [name]
        for index, value in enumerate(segment.elements[1:], 1):
            if name == "ISA" and index in (ISA_REPETITION, ISA_COMPONENT):
                value = self._isa(index, value, found)
            elif index != binary:
                clash = self._clash.search(value)
                if clash is not None:
                    raise SeparatorClash(segment, index, clash[0])
                if self._table:
                    value = value.translate(self._table)
            elements.append(value)
        return Segment(elements, self.wanted, segment.number, segment.ordinal, segment.offset, segment.line)

    def _learn(self, found: Delimiters) -> None:
        wanted = self.wanted
        self._found = found
        pairs = {found.component: wanted.component}
        if found.repetition != NO_REPETITION:
            pairs[found.repetition] = wanted.repetition
        self._table = {ord(old): new for old, new in pairs.items() if old != new}
        clashing = {wanted.element, wanted.component, wanted.terminator, wanted.repetition} - pairs.keys()
        if found.repetition == NO_REPETITION:
            clashing.discard(wanted.repetition)  # the interchange has no repeats: the character is data, as it was
        self._clash = re.compile("[" + "".join(map(re.escape, sorted(clashing))) + "]") if clashing else _NEVER

    def _isa(self, index: int, value: str, found: Delimiters) -> str:
        if index == ISA_COMPONENT:
            return self.wanted.component
        return self.wanted.repetition if value == found.repetition else value


_NEVER = re.compile("(?!)")


def bare(segment: Segment) -> str:
    """The segment and its terminator, without the blanks and line breaks around and inside it."""
    return segment.delimiters.element.join(segment.elements) + segment.delimiters.terminator


def formatted(
    source: Path | BinaryIO | bytes,
    *,
    line_break: str = "\n",
    indent: bool = False,
    delimiters: Delimiters | None = None,
) -> Iterator[str]:
    """The source laid out anew, a segment at a time: each followed by `line_break`; with `indent` by its loop.

    Elements are never changed. Text before the first ISA and behind the last segment is left out. Raises
    SeparatorClash, before the segment concerned, where a separator asked for stands in the data.
    """
    separators = Separators(delimiters) if delimiters is not None else None
    segments: Iterator[Segment] = iter(Flow(source))
    if not indent:
        for segment in segments:
            yield _line(segment, separators, line_break)
        return
    for one in placed(segments):
        deeper = max(one.depth - (1 if one.opens else 0), 0)
        yield INDENT * deeper + _line(one.segment, separators, line_break)


def _line(segment: Segment, separators: Separators | None, line_break: str) -> str:
    text = bare(segment if separators is None else separators.rewrite(segment))
    return text if text.endswith("\n") else text + line_break
