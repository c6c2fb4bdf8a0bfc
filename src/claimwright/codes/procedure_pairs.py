"""NCCI procedure-to-procedure edits: which two codes are not paid together on one day, by date of service.

Source of the columns: CMS NCCI PTP files (Column 1, Column 2, effective date, deletion date, modifier indicator).

A quarter holds millions of rows. `write_pairs` makes one file of them, sorted and in columns, and `MappedPairs` maps it
into memory: it opens in milliseconds, and only the pages that look-ups touch take up memory.

    8 bytes magic, 8 bytes length of the header, header (JSON), then each column begun at a multiple of eight:
    codes       5 bytes each, in order; a code's place is its number
    firsts  I   the numbers of the column 1 codes, in order
    offsets I   where each one's rows begin, and last the count of rows
    seconds I   the number of each row's column 2 code, in order beneath its column 1 code
    starts  H   first day in force, in days since 1980
    ends    H   first day no longer in force, 65535 where open
    marks   B   indicator 0, 1 or 9
    sieve   B   one bit for the hash of each two codes, in whichever order: most that are asked about are in no row, and
                one bit says so
"""

from __future__ import annotations

import mmap
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

FIRST_DAY = date(1980, 1, 1)
_BASE = FIRST_DAY.toordinal()
OPEN_DAY = 0xFFFF
CODE_LENGTH = 5
_MAGIC = b"CWPAIRS3"
# The sieve has at least so many bits a row: one pair in sixteen that is not there has to be looked for all the same.
_SIEVE_BITS = 16
_ONE_FACTOR, _OTHER_FACTOR, _HASH_MASK = 0x9E3779B1, 0x85EBCA6B, 0xFFFFFFFF  # odd, without pattern
_CODE_BITS, _DAY_BITS, _MARK_BITS = 26, 16, 4  # 36 ** 5 < 2 ** 26
_ROW_BITS = 2 * _DAY_BITS + _MARK_BITS
_DAY_MASK, _MARK_MASK, _CODE_MASK = (1 << _DAY_BITS) - 1, (1 << _MARK_BITS) - 1, (1 << _CODE_BITS) - 1


class PairEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One edit: column 2 is not paid beside column 1. `start` inclusive, `end` exclusive, None open.

    `indicator`: 0 never together, 1 with a modifier of NCCI, 9 does not apply.
    """

    column1: str
    column2: str
    indicator: str
    start: date
    end: date | None = None


@runtime_checkable
class ProcedurePairs(Protocol):
    """The pairs of one program and setting (Medicare practitioner, Medicare outpatient hospital, Medicaid ...)."""

    def covers(self, on: date) -> bool: ...

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        """The edit in force on `on` for this order of the two codes, or None."""
        ...

    def among(self, codes: Sequence[str], on: date) -> list[tuple[str, str]]:
        """Column 1 and column 2 of each pair of these codes that has a row; whether it holds on `on`, `find` tells.

        Nearly always none: one question a claim, where `find` would be asked for every two codes.
        """
        ...


class PairTable:
    """Pairs held in memory: for a handful of rows. `start` and `end` are the dates the table speaks for."""

    def __init__(self, rows: Iterable[PairEdit], start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._rows: dict[tuple[str, str], list[PairEdit]] = {}
        for row in rows:
            self._rows.setdefault((row.column1, row.column2), []).append(row)

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        for row in self._rows.get((column1, column2), ()):
            if row.start <= on and (row.end is None or on < row.end):
                return row
        return None

    def among(self, codes: Sequence[str], on: date) -> list[tuple[str, str]]:
        return [(one, two) for one in codes for two in codes if (one, two) in self._rows]


class PairOverlap(ValueError):
    """Two rows of one pair are in force on the same days: `column1`, `column2` and the first such day `on`."""

    def __init__(self, column1: str, column2: str, on: date) -> None:
        super().__init__(f"{column1} with {column2} has two rows in force on {on}")
        self.column1, self.column2, self.on = column1, column2, on


class _Header(msgspec.Struct, frozen=True):
    rows: int
    codes: int
    firsts: int
    start: date | None
    end: date | None
    byteorder: str


class PairRows:
    """Rows on their way into a file: each one number, so that three million take 170 MB and sort in seconds."""

    __slots__ = ("_codes", "values")

    def __init__(self) -> None:
        self.values: list[int] = []
        self._codes: dict[int, str] = {}

    def code_number(self, code: str) -> int:
        """The number of a code for `pair_number`. Five digits or capitals: the caller has checked."""
        number = int(code, 36)
        self._codes[number] = code
        return number

    @staticmethod
    def pair_number(first: int, second: int) -> int:
        """What the number of a row begins with; add `term_number` and append to `values`."""
        return (first << _CODE_BITS | second) << _ROW_BITS

    @staticmethod
    def term_number(start: date, end: date | None, indicator: str) -> int:
        """Days in force, `end` exclusive, and the indicator. Raises ValueError for a day before 1980 or after 2158."""
        first, last = day_number(start), OPEN_DAY if end is None else day_number(end)
        return (first << _DAY_BITS | last) << _MARK_BITS | int(indicator)

    def add(self, row: PairEdit) -> None:
        pair = self.pair_number(self.code_number(row.column1), self.code_number(row.column2))
        self.values.append(pair + self.term_number(row.start, row.end, row.indicator))

    def sort(self) -> int:
        """Puts the rows in order and takes repeated ones out; gives how many those were. Raises PairOverlap."""
        values = self.values
        values.sort()
        repeated, before, before_pair, before_end = 0, -1, -1, 0
        for value in values:
            pair = value >> _ROW_BITS
            if pair == before_pair:
                if value == before:
                    repeated += 1
                elif value >> (_DAY_BITS + _MARK_BITS) & _DAY_MASK < before_end:
                    raise self._overlap(value)
            before, before_pair, before_end = value, pair, value >> _MARK_BITS & _DAY_MASK
        if repeated:
            self.values = [value for place, value in enumerate(values) if not place or value != values[place - 1]]
        return repeated

    def _overlap(self, value: int) -> PairOverlap:
        first, second = value >> (_ROW_BITS + _CODE_BITS), value >> _ROW_BITS & _CODE_MASK
        day = value >> (_DAY_BITS + _MARK_BITS) & _DAY_MASK
        return PairOverlap(self._codes[first], self._codes[second], date.fromordinal(day + _BASE))

    def _sieve(self, place_of: dict[int, int]) -> bytes:
        sieve = bytearray(_sieve_bytes(len(self.values)))
        mask = len(sieve) * 8 - 1
        hashes = {number: _hash(place) for number, place in place_of.items()}
        shift = _ROW_BITS + _CODE_BITS
        for value in self.values:
            at = (hashes[value >> shift] + hashes[value >> _ROW_BITS & _CODE_MASK]) & mask
            sieve[at >> 3] |= 1 << (at & 7)
        return bytes(sieve)

    def write(self, path: Path, start: date | None, end: date | None) -> None:
        """Writes the sorted rows; `start` and `end` (exclusive) are the dates of service the file speaks for."""
        values = self.values
        ordered = sorted(self._codes)
        place_of = {number: place for place, number in enumerate(ordered)}
        shift = _ROW_BITS + _CODE_BITS
        begins = [bisect_left(values, number << shift) for number in ordered]
        begins.append(len(values))
        firsts = [place for place in range(len(ordered)) if begins[place] < begins[place + 1]]
        columns: list[Any] = [
            "".join(self._codes[number] for number in ordered).encode("ascii"),
            array("I", firsts),
            array("I", [*(begins[place] for place in firsts), len(values)]),
            array("I", (place_of[value >> _ROW_BITS & _CODE_MASK] for value in values)),
            array("H", (value >> (_DAY_BITS + _MARK_BITS) & _DAY_MASK for value in values)),
            array("H", (value >> _MARK_BITS & _DAY_MASK for value in values)),
            array("B", (value & _MARK_MASK for value in values)),
            self._sieve(place_of),
        ]
        header = _Header(len(values), len(ordered), len(firsts), start, end, sys.byteorder)
        encoded = msgspec.json.encode(header)
        with path.open("wb") as stream:
            stream.write(_MAGIC + len(encoded).to_bytes(8, "little"))
            stream.write(_padded(encoded))
            for column in columns:
                stream.write(_padded(column if isinstance(column, bytes) else column.tobytes()))


def _hash(place: int) -> int:
    """Of one code. Two codes are hashed by the sum, so this is no multiple of the place: 1 and 4 are not as 2 and 3."""
    return (place * _ONE_FACTOR & _HASH_MASK) ^ ((place * _OTHER_FACTOR & _HASH_MASK) >> 13)


def _sieve_bytes(rows: int) -> int:
    """A power of two, so that a hash is cut to it by a mask."""
    return max(8, 1 << (rows * _SIEVE_BITS // 8 - 1).bit_length()) if rows else 8


def write_pairs(path: Path, rows: Iterable[PairEdit], start: date | None = None, end: date | None = None) -> None:
    """Makes a file that `MappedPairs` opens. Raises PairOverlap, and ValueError for a code that has not five characters."""
    pairs = PairRows()
    for row in rows:
        if len(row.column1) != CODE_LENGTH or len(row.column2) != CODE_LENGTH:
            raise ValueError(f"{row.column1} with {row.column2}: a procedure code has five characters")
        pairs.add(row)
    pairs.sort()
    pairs.write(path, start, end)


def day_number(day: date) -> int:
    number = day.toordinal() - _BASE
    if not 0 <= number < OPEN_DAY:
        raise ValueError(f"{day} is outside 1980 to 2158")
    return number


def _padded(column: bytes) -> bytes:
    return column + bytes(-len(column) % 8)


class MappedPairs:
    """The pairs of a file made by `write_pairs`, mapped into memory. A look-up takes about half a microsecond."""

    __slots__ = (
        "_codes",
        "_ends",
        "_hashes",
        "_map",
        "_marks",
        "_numbers",
        "_ranges",
        "_seconds",
        "_sieve",
        "_starts",
        "end",
        "start",
    )

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a file that is damaged or was made on another kind of machine."""
        with path.open("rb") as stream:
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        whole = memoryview(self._map)
        if whole[:8] != _MAGIC:
            raise ValueError(f"{path} holds no procedure pairs: import the official files again")
        length = int.from_bytes(whole[8:16], "little")
        header = msgspec.json.decode(bytes(whole[16 : 16 + length]), type=_Header)
        if header.byteorder != sys.byteorder:
            raise ValueError(f"{path} was made on another kind of machine: import the official files again")
        self.start, self.end = header.start, header.end
        at = 16 + length + -length % 8
        columns: list[memoryview] = []
        shapes = (
            ("B", header.codes * CODE_LENGTH, 1),
            ("I", header.firsts, 4),
            ("I", header.firsts + 1, 4),
            ("I", header.rows, 4),
            ("H", header.rows, 2),
            ("H", header.rows, 2),
            ("B", header.rows, 1),
            ("B", _sieve_bytes(header.rows), 1),
        )
        for kind, count, width in shapes:
            columns.append(whole[at : at + count * width])
            if len(columns[-1]) != count * width:
                raise ValueError(f"{path} is cut off: import the official files again")
            columns[-1] = columns[-1].cast(kind)  # type: ignore[call-overload]
            at += count * width + -(count * width) % 8
        text = bytes(columns[0]).decode("ascii")
        self._codes = [text[place : place + CODE_LENGTH] for place in range(0, len(text), CODE_LENGTH)]
        self._numbers = {code: number for number, code in enumerate(self._codes)}
        self._hashes = [_hash(number) for number in range(len(self._codes))]
        offsets = columns[2].tolist()
        self._ranges = {
            self._codes[number]: (offsets[place], offsets[place + 1])
            for place, number in enumerate(columns[1].tolist())
        }
        self._seconds, self._starts, self._ends, self._marks, self._sieve = columns[3:]

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def __len__(self) -> int:
        return len(self._marks)

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        bounds = self._ranges.get(column1)
        if bounds is None:
            return None
        second = self._numbers.get(column2)
        if second is None:
            return None
        seconds, end = self._seconds, bounds[1]
        place = bisect_left(seconds, second, bounds[0], end)
        if place == end or seconds[place] != second:
            return None
        day = on.toordinal() - _BASE
        while place < end and seconds[place] == second:
            if self._starts[place] <= day < self._ends[place]:
                return self._row(column1, column2, place)
            place += 1
        return None

    def among(self, codes: Sequence[str], on: date) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        sieve, known, hashes = self._sieve, self._numbers, self._hashes
        mask = len(sieve) * 8 - 1
        hashed = [(code, hashes[known[code]]) for code in codes if code in known]
        for (one, first), (other, second) in combinations(hashed, 2):
            at = (first + second) & mask
            if sieve[at >> 3] >> (at & 7) & 1:
                found += [pair for pair in ((one, other), (other, one)) if self._has(*pair)]
        return found

    def _has(self, column1: str, column2: str) -> bool:
        """Whether there is a row of the two, on whatever days."""
        first, last = self._ranges.get(column1, (0, 0))
        second = self._numbers[column2]
        place = bisect_left(self._seconds, second, first, last)
        return place < last and self._seconds[place] == second

    def _row(self, column1: str, column2: str, place: int) -> PairEdit:
        last = self._ends[place]
        return PairEdit(
            column1=column1,
            column2=column2,
            indicator=str(self._marks[place]),
            start=date.fromordinal(self._starts[place] + _BASE),
            end=None if last == OPEN_DAY else date.fromordinal(last + _BASE),
        )

    def history(self, column1: str, column2: str) -> tuple[PairEdit, ...]:
        """Every row of the pair, oldest first."""
        bounds, second = self._ranges.get(column1), self._numbers.get(column2)
        if bounds is None or second is None:
            return ()
        place = bisect_left(self._seconds, second, *bounds)
        found = []
        while place < bounds[1] and self._seconds[place] == second:
            found.append(self._row(column1, column2, place))
            place += 1
        return tuple(found)

    def column1_codes(self) -> Sequence[str]:
        """The codes that stand in column 1, in order."""
        return tuple(self._ranges)

    def terms(self, column1: str) -> dict[str, tuple[tuple[int, int, int], ...]]:
        """Beneath a column 1 code: by column 2 code the terms of its rows, for comparing two files."""
        first, last = self._ranges.get(column1, (0, 0))
        found: dict[str, tuple[tuple[int, int, int], ...]] = {}
        columns = (self._seconds, self._starts, self._ends, self._marks)
        for second, start, end, mark in zip(*(column[first:last] for column in columns), strict=True):
            code = self._codes[second]
            found[code] = (*found.get(code, ()), (start, end, mark))
        return found

    def __iter__(self) -> Iterator[PairEdit]:
        for column1, (first, last) in self._ranges.items():
            for place in range(first, last):
                yield self._row(column1, self._codes[self._seconds[place]], place)
