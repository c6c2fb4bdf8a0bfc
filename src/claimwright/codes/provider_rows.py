"""A public list of providers as a file: by NPI a row of text, mapped into memory.

The registry of NPIs holds nine million rows. `ProviderRows` takes them in any order, however many, in little memory: it
lays them aside in files by their first digits and sorts each of these by itself. `MappedProviders` opens the result in a
millisecond; a look-up is a bisection, and only the pages it touches take up memory.

    8 bytes magic, 8 bytes length of the header, header (JSON), then each column begun at a multiple of eight:
    npis    I   the NPIs in order, less 1,000,000,000; one of several rows stands there several times
    offsets I   where each row's text begins, and last the length of all
    text        the rows one after another: cells with tabs between, as the list's loader lays them out
"""

from __future__ import annotations

import mmap
import shutil
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

import msgspec

from claimwright.codes.identifiers import Npi
from claimwright.codes.library_shapes import Changes, Format

_MAGIC = b"CWNPIS01"
_LEAST = 1_000_000_000
_MOST_TEXT = (1 << 32) - 1
_BUCKET = 3  # digits: a hundred parts of each entity type's range, 90,000 rows each of the whole registry
_HELD = 100_000  # rows in memory before they are laid aside
_CHUNK = 1 << 20


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    rows: int
    text: int
    edition: date | None
    partial: bool
    byteorder: str


class TwoRows(ValueError):
    """One NPI has two rows that differ, in a list that has one a provider."""

    def __init__(self, npi: str) -> None:
        super().__init__("an NPI has two rows that differ")
        self.npi = npi


class ProviderRows:
    """Rows on their way into a file; `folder` is for the parts laid aside and is emptied by `write`."""

    __slots__ = ("_buckets", "_folder", "_held", "count")

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "parts"
        self._folder.mkdir()
        self._buckets: dict[str, list[str]] = {}
        self._held = self.count = 0

    def add(self, npi: str, cells: str) -> None:
        """A valid NPI: the caller has checked. The cells have tabs between and no line end."""
        self._buckets.setdefault(npi[:_BUCKET], []).append(f"{npi}\t{cells}\n")
        self.count += 1
        self._held += 1
        if self._held >= _HELD:
            self._lay_aside()

    def _lay_aside(self) -> None:
        for name, lines in self._buckets.items():
            with (self._folder / name).open("a", encoding="utf-8", newline="\n") as part:
                part.writelines(lines)
        self._buckets.clear()
        self._held = 0

    def write(self, path: Path, *, edition: date | None, partial: bool, one_a_provider: bool) -> int:
        """Writes the file and gives the count of its rows; equal ones are written once.

        `partial`: it holds the providers somebody asked for, so that another's absence says nothing. Raises TwoRows
        where `one_a_provider` is not so.
        """
        self._lay_aside()
        columns = [self._folder / name for name in ("npis", "offsets", "text")]
        rows = text = 0
        with columns[0].open("wb") as npis, columns[1].open("wb") as offsets, columns[2].open("wb") as texts:
            for part in sorted(self._folder.glob("[0-9]*")):
                rows, text = _sorted_part(part, (npis, offsets, texts), rows, text, one_a_provider)
                part.unlink()
            offsets.write(array("I", [text]).tobytes())
        header = _Header(rows=rows, text=text, edition=edition, partial=partial, byteorder=sys.byteorder)
        encoded = msgspec.json.encode(header)
        with path.open("wb") as stream:
            stream.write(_MAGIC + len(encoded).to_bytes(8, "little") + _padded(encoded))
            for column in columns:
                with column.open("rb") as source:
                    shutil.copyfileobj(source, stream, _CHUNK)
                stream.write(bytes(-column.stat().st_size % 8))
        shutil.rmtree(self._folder)
        return rows


def _sorted_part(
    part: Path, columns: tuple[IO[bytes], IO[bytes], IO[bytes]], rows: int, text: int, one_a_provider: bool
) -> tuple[int, int]:
    """Writes the rows of a part in order; gives the counts of rows and bytes of text so far."""
    lines = sorted(set(part.read_text(encoding="utf-8").split("\n")) - {""})
    npis, offsets, texts = array("I"), array("I"), bytearray()
    before = ""
    for line in lines:
        npi, _, cells = line.partition("\t")
        if one_a_provider and npi == before:
            raise TwoRows(npi)
        before = npi
        npis.append(int(npi) - _LEAST)
        offsets.append(text + len(texts))
        texts += cells.encode()
    if text + len(texts) > _MOST_TEXT:
        raise ValueError("more than four gigabytes of providers: this is no list of them")
    for column, values in zip(columns, (npis.tobytes(), offsets.tobytes(), bytes(texts)), strict=True):
        column.write(values)
    return rows + len(lines), text + len(texts)


def _padded(column: bytes) -> bytes:
    return column + bytes(-len(column) % 8)


class MappedProviders:
    """The rows of a file made by `ProviderRows`. `edition` is the day the list was of, None where it does not say."""

    __slots__ = ("_map", "_npis", "_offsets", "_text", "edition", "partial")

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a file that is damaged or was made on another kind of machine."""
        with path.open("rb") as stream:
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        whole = memoryview(self._map)
        if whole[:8] != _MAGIC:
            raise ValueError(f"{path} holds no list of providers: import the official file again")
        length = int.from_bytes(whole[8:16], "little")
        header = msgspec.json.decode(bytes(whole[16 : 16 + length]), type=_Header)
        if header.byteorder != sys.byteorder:
            raise ValueError(f"{path} was made on another kind of machine: import the official file again")
        self.edition, self.partial = header.edition, header.partial
        at = 16 + length + -length % 8
        columns = []
        for size in (header.rows * 4, (header.rows + 1) * 4, header.text):
            columns.append(whole[at : at + size])
            if len(columns[-1]) != size:
                raise ValueError(f"{path} is cut off: import the official file again")
            at += size + -size % 8
        self._npis, self._offsets, self._text = columns[0].cast("I"), columns[1].cast("I"), columns[2]

    def __len__(self) -> int:
        return len(self._npis)

    def find(self, npi: str) -> tuple[str, ...]:
        """The rows of an NPI, none where it is not in the list or is none."""
        if not Npi(npi).is_valid:
            return ()
        number = int(npi) - _LEAST
        npis = self._npis
        place = bisect_left(npis, number)
        found = []
        while place < len(npis) and npis[place] == number:
            found.append(self._row(place))
            place += 1
        return tuple(found)

    def _row(self, place: int) -> str:
        return bytes(self._text[self._offsets[place] : self._offsets[place + 1]]).decode()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Every row in order, with the NPI as a number."""
        for place, number in enumerate(self._npis):
            yield number + _LEAST, self._row(place)


_END: tuple[int, list[str]] = (10**10, [])  # above every NPI


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    """Which providers came, went and changed, told by NPI; both files are read side by side."""
    fresh = MappedProviders(new)
    counts = {"added": 0, "removed": 0, "changed": 0, "same": 0}
    samples: dict[str, list[str]] = {name: [] for name in counts}

    def count(kind: str, npi: int) -> None:
        counts[kind] += 1
        if kind != "same" and len(samples[kind]) < sample:
            samples[kind].append(str(npi))

    before, after = _by_npi(MappedProviders(old) if old else None), _by_npi(fresh)
    one, other = next(before, _END), next(after, _END)
    while one is not _END or other is not _END:
        if one[0] < other[0]:
            count("removed", one[0])
            one = next(before, _END)
        elif other[0] < one[0]:
            count("added", other[0])
            other = next(after, _END)
        else:
            count("same" if one[1] == other[1] else "changed", one[0])
            one, other = next(before, _END), next(after, _END)
    return Changes(
        **counts,
        added_sample=tuple(samples["added"]),
        removed_sample=tuple(samples["removed"]),
        changed_sample=tuple(samples["changed"]),
    )


def _by_npi(providers: MappedProviders | None) -> Iterator[tuple[int, list[str]]]:
    """The rows of each NPI together."""
    known, rows = 0, list[str]()
    for npi, row in providers if providers is not None else ():
        if npi != known:
            if rows:
                yield known, rows
            known, rows = npi, []
        rows.append(row)
    if rows:
        yield known, rows


PROVIDERS = Format(name="providers/1", open=MappedProviders, compare=compare)
