"""The shape of a guide: rows of elements in segments, segments and loops in loops. Frozen data, no behaviour."""

from __future__ import annotations

import msgspec

R = "R"
S = "S"


class Row(msgspec.Struct, frozen=True):
    """One element, or one component of a composite (`component` > 0). `codes` empty = any value of the element's type.

    `code_set` names an outside list (states, country, remark_code ...) that only a vocabulary can judge.
    """

    position: int
    component: int
    usage: str
    element: str
    codes: tuple[str, ...] = ()
    code_set: str = ""
    repeats: int = 1


class Shape(msgspec.Struct, frozen=True):
    """One segment as a guide uses it. Elements without a row are not used."""

    id: str
    syntax: tuple[str, ...]
    rows: tuple[Row, ...]


class Use(msgspec.Struct, frozen=True):
    """A segment's place in a loop; `most` 0 = no limit. Equal positions may come in any order."""

    position: int
    shape: Shape
    usage: str
    most: int


class Nest(msgspec.Struct, frozen=True):
    """A loop's place in its parent; `most` 0 = no limit."""

    position: int
    loop: LoopRows
    usage: str
    most: int


class LoopRows(msgspec.Struct, frozen=True):
    """A loop: its first segment opens it."""

    id: str
    name: str
    segments: tuple[Use, ...]
    loops: tuple[Nest, ...]


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """One implementation guide. `id` is what GS08 and ST03 carry; `aliases` are its errata, read as the same.

    Where one id serves two guides of one transaction set (the request and the response of the 278), `purposes` are
    the values of BHT02 that mean this one. `records` are the loops that hold one claim, payment, member or inquiry
    each: a stream hands them out one by one.
    """

    id: str
    set_id: str
    functional_id: str
    root: LoopRows
    aliases: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The transaction set, and the guide that sets it apart: "837 005010X222A1"."""
        return f"{self.set_id} {self.id}" if self.set_id != self.id else self.id


def segment(segment_id: str, syntax: str, *rows: tuple[str | int | tuple[str, ...], ...]) -> Shape:
    """A shape from lines of (position or position-component, usage, element[, codes[, repeats]])."""
    return Shape(segment_id, tuple(syntax.split()), tuple(_row(row) for row in rows))


def _row(line: tuple[str | int | tuple[str, ...], ...]) -> Row:
    position, _, component = str(line[0]).partition("-")
    given = line[3] if len(line) > 3 else ""
    words = given if isinstance(given, tuple) else str(given).split()
    outside = [word[1:] for word in words if word.startswith("@")]
    repeats = line[4] if len(line) > 4 else 1
    return Row(
        int(position),
        int(component or 0),
        str(line[1]),
        str(line[2]),
        tuple(word for word in words if not word.startswith("@")),
        outside[0] if outside else "",
        repeats if isinstance(repeats, int) else 1,
    )


def use(position: int, shape: Shape, usage: str, most: int) -> Use:
    return Use(position, shape, usage, most)


def nest(position: int, rows: LoopRows, usage: str, most: int) -> Nest:
    return Nest(position, rows, usage, most)


def loop(loop_id: str, name: str, *parts: Use | Nest) -> LoopRows:
    return LoopRows(
        loop_id,
        name,
        tuple(part for part in parts if isinstance(part, Use)),
        tuple(part for part in parts if isinstance(part, Nest)),
    )
