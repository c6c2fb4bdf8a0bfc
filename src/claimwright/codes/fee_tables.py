"""Fee tables by date: rows of an official fee file under a key, in dated editions, looked up by date of service.

A date that no edition speaks for is not covered: the answer is None and never zero. Rows come as structs (tests, a
user's own table) or from the prepared bytes of an imported file, which are decoded row by row on first use, so that
19,000 relative values cost no more than their text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Generic, Self, TypeVar

import msgspec

from claimwright.codes.dates import OverlapError

Key = tuple[str, ...]


class FeeRow(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the rows of a fee file. `KEY` names the fields a row is looked up by."""

    KEY: ClassVar[tuple[str, ...]] = ()

    @property
    def key(self) -> Key:
        return tuple(str(getattr(self, name)) for name in self.KEY)


RowType = TypeVar("RowType", bound=FeeRow)


class Edition(Generic[RowType]):
    """One release of a fee file: the dates it speaks for (start inclusive, end exclusive, None open) and its rows."""

    __slots__ = ("_made", "_make", "_rows", "end", "label", "source", "start")

    def __init__(
        self,
        rows: Mapping[Key, RowType | str],
        *,
        start: date | None = None,
        end: date | None = None,
        label: str = "",
        source: str = "",
        make: Callable[[str], RowType] | None = None,
    ) -> None:
        self._rows, self._make = rows, make
        self._made: dict[Key, RowType | None] = {}
        self.start, self.end, self.label, self.source = start, end, label, source

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def row(self, key: Key) -> RowType | None:
        try:
            return self._made[key]
        except KeyError:
            raw = self._rows.get(key)
            made = self._make(raw) if isinstance(raw, str) and self._make is not None else raw
            if made is not None:  # misses are not kept: a stream of unknown codes must not grow the table
                self._made[key] = made  # type: ignore[assignment]
            return made  # type: ignore[return-value]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class FeeTable(Generic[RowType]):
    """Editions of one fee file in order of time. Immutable: `with_edition` gives a new table."""

    __slots__ = ("editions",)
    ROW: ClassVar[type[FeeRow]]

    def __init__(self, editions: Iterable[Edition[RowType]] = ()) -> None:
        """Raises OverlapError when two editions speak for one day."""
        ordered = sorted(editions, key=lambda edition: edition.start or date.min)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if earlier.end is None or later.start is None or later.start < earlier.end:
                raise OverlapError(f"two editions speak for {later.start or earlier.start or 'every day'}: set an end")
        self.editions = tuple(ordered)

    @classmethod
    def of(
        cls,
        rows: Iterable[RowType],
        *,
        start: date | None = None,
        end: date | None = None,
        label: str = "",
        source: str = "",
    ) -> Self:
        """A table of one edition, from rows in memory. Raises OverlapError when two rows have one key."""
        found: dict[Key, RowType | str] = {}
        for row in rows:
            if row.key in found:
                raise OverlapError(f"two rows for {' '.join(row.key).strip()}: keep one")
            found[row.key] = row
        return cls((Edition(found, start=start, end=end, label=label, source=source),))

    @classmethod
    def prepared(
        cls, data: bytes, *, start: date | None, end: date | None, label: str = "", source: str = ""
    ) -> Edition[RowType]:
        """An edition from the bytes of `prepare`, its rows decoded when first asked for."""
        lines = data.decode("utf-8").split("\n")
        columns = lines[0].split("\t")
        width = len(cls.ROW.KEY)
        rows: dict[Key, RowType | str] = {tuple(line.split("\t", width)[:width]): line for line in lines[1:] if line}
        kind: Any = cls.ROW

        def make(line: str) -> RowType:
            made: RowType = msgspec.convert(dict(zip(columns, line.split("\t"), strict=True)), kind, strict=False)
            return made

        return Edition(rows, start=start, end=end, label=label, source=source, make=make)

    def with_edition(self, edition: Edition[RowType]) -> Self:
        """Raises OverlapError when another edition speaks for one of its days."""
        return type(self)((*self.editions, edition))

    def edition(self, on: date) -> Edition[RowType] | None:
        """The edition that speaks for `on`, the date of service."""
        for edition in self.editions:
            if edition.covers(on):
                return edition
        return None

    def covers(self, on: date) -> bool:
        return self.edition(on) is not None

    def find(self, key: Key, on: date) -> RowType | None:
        """The row in force on the date of service, or None: not covered, or not in the file."""
        edition = self.edition(on)
        return None if edition is None else edition.row(key)

    def __iter__(self) -> Iterator[Edition[RowType]]:
        return iter(self.editions)

    def __len__(self) -> int:
        return sum(len(edition) for edition in self.editions)


def prepare(rows: Sequence[FeeRow], kind: type[FeeRow]) -> bytes:
    """Rows as bytes that `FeeTable.prepared` reads: tab-separated, the key's columns first."""
    names = (*kind.KEY, *(name for name in kind.__struct_fields__ if name not in kind.KEY))
    lines = ["\t".join(names)]
    for row in rows:
        lines.append("\t".join(_text(getattr(row, name)) for name in names))
    return "\n".join(lines).encode()


def _text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\t", " ").replace("\n", " ")


def decimal_of(text: str) -> Decimal | None:
    """A number as fee files write it ("1,234.50", "$12.00", ".5"), None for anything else; never by way of a float."""
    try:
        value = Decimal(text.strip().replace(",", "").removeprefix("$"))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
