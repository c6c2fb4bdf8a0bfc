"""Code sets as a user has them: what is shipped, and over it what the library holds, each by its dates of service.

An imported release takes the place of a shipped one for its own dates only; before and after, the shipped one still
speaks. A day that none speaks for is not covered, and edits say that they could not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

import msgspec

from claimwright.codes.code_sets import hcpcs_titled_entry, own_modifiers, shipped
from claimwright.codes.diagnosis import make_entry
from claimwright.codes.diagnosis_notes import Notes
from claimwright.codes.library import Library
from claimwright.codes.library_journal import LibraryState, Record
from claimwright.codes.loaders.rows import ROWS, read_rows
from claimwright.codes.releases import CodeSet, CodeSets, Entry, Release, TableRelease

CODES_VARIABLE = "CLAIMWRIGHT_CODES"
NOTES_SET = "icd10cm_notes"
Dates = tuple[date | None, date | None]
Edition = TypeVar("Edition", Release, TableRelease)

_kept: dict[Path, tuple[tuple[int, int], CodeSets]] = {}
_keeping = Lock()


class EditionStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One release: `start` inclusive, `end` exclusive. `imported` is false for what is shipped."""

    label: str
    source: str
    start: date | None
    end: date | None
    rows: int
    imported: bool = False


class LoadedSet(msgspec.Struct, frozen=True, kw_only=True):
    """A set as `codes status` tells of it. `judged` are the spans of dates of service that it can answer for."""

    name: str
    loaded: bool
    editions: tuple[EditionStatus, ...] = ()
    judged: tuple[Dates, ...] = ()
    by_form: bool = False  # nothing but the form of a code is judged
    note: str = ""


def codes_folder(home: Path) -> Path:
    """Where the library lies: the folder of CLAIMWRIGHT_CODES, else `codes` in the installation's own."""
    named = os.environ.get(CODES_VARIABLE)
    return Path(named) if named else home / "codes"


def code_sets(folder: Path) -> CodeSets:
    """What is shipped with the library of `folder` over it; made anew only when something was imported or taken back."""
    version = Library(folder).journal.version()
    if version == (0, 0):
        return shipped()
    with _keeping:
        found = _kept.get(folder)
        if found is None or found[0] != version:
            found = _kept[folder] = (version, _built(Library(folder)))
    return found[1]


def _built(library: Library) -> CodeSets:
    state = library.state()
    sets = shipped()
    for name, records in state.releases.items():
        tables = [record for record in records if record.format != ROWS.name]
        lists = [record for record in records if record.format == ROWS.name]
        if lists:
            found = sets.get(name) or CodeSet(name=name)
            made = [_release(library, record) for record in lists]
            releases = _over(found.releases, made)
            sets = sets.with_set(msgspec.structs.replace(found, releases=tuple(releases), note=""))
        if tables:
            opened = [_table(library, record) for record in tables]
            sets = sets.with_table(name, tuple(_over(sets.tables(name), opened)))
    return _with_notes(sets)


def _release(library: Library, record: Record) -> Release:
    make = {"icd10cm": make_entry, "hcpcs": hcpcs_titled_entry}.get(record.set_name)
    return Release(
        label=record.label,
        source=", ".join(record.sources),
        start=record.start,
        end=record.end,
        read=partial(_rows_of, library.path(record), record.set_name),
        make=make or partial(_titled_entry, record.set_name),
    )


def _titled_entry(set_name: str, code: str, raw: str, release: Release) -> Entry:
    """From a row of a list; where the list has codes alone, with the title of what is shipped."""
    entry = listed_entry(code, raw, release)
    older = None if entry.label else shipped().entry(set_name, code)
    return msgspec.structs.replace(entry, label=older.label) if older is not None and older.label else entry


def _rows_of(path: Path, set_name: str) -> Mapping[str, str]:
    rows = read_rows(path)
    return {**own_modifiers(), **rows} if set_name == "modifier" else rows


def _table(library: Library, record: Record) -> TableRelease:
    library.path(record)  # a file that is gone is told of now, not in the midst of a claim
    return TableRelease(
        label=record.label,
        source=", ".join(record.sources),
        start=record.start,
        end=record.end,
        open_table=partial(library.open, record),
    )


def listed_entry(code: str, raw: str, release: Release) -> Entry:
    """From "label TAB start TAB end TAB name=value;name=value", all but the first may be missing."""
    label, start, end, extra = (*raw.split("\t"), "", "", "")[:4]
    return Entry(
        code=code,
        label=label,
        start=date.fromisoformat(start) if start else None,
        end=date.fromisoformat(end) if end else None,
        attributes=dict(pair.split("=", 1) for pair in extra.split(";") if "=" in pair),
    )


def _over(below: Sequence[Edition], above: Sequence[Edition]) -> list[Edition]:
    """The editions of both, where `above` wins for its dates and `below` keeps the rest of its own."""
    found: list[Edition] = list(above)
    for edition in below:
        for start, end in remaining((edition.start, edition.end), [(each.start, each.end) for each in above]):
            found.append(edition if (start, end) == (edition.start, edition.end) else edition.limited(start, end))
    return sorted(found, key=lambda each: each.start or date.min)


def remaining(dates: Dates, taken: Sequence[Dates]) -> list[Dates]:
    """What is left of a span of dates when others are taken from it."""
    left = [dates]
    for first, last in taken:
        pieces: list[Dates] = []
        for start, end in left:
            if (last is not None and start is not None and last <= start) or (
                first is not None and end is not None and end <= first
            ):
                pieces.append((start, end))
                continue
            if first is not None and (start is None or start < first):
                pieces.append((start, first))
            if last is not None and (end is None or last < end):
                pieces.append((last, end))
        left = pieces
    return left


def _with_notes(sets: CodeSets) -> CodeSets:
    """Each list of diagnoses reads the tabular list of its own days: it is cut where one tabular list gives way to another."""
    found = sets.get("icd10cm")
    if found is None:
        return sets
    releases: list[Release] = []
    for release in found.releases:
        whole: Dates = (release.start, release.end)
        uncovered = [whole]
        for notes in sets.tables(NOTES_SET):
            span = _common(whole, (notes.start, notes.end))
            if span is not None:
                releases.append(release.limited(*span, make=partial(make_entry, notes_of=_opener(notes))))
                uncovered = [left for dates in uncovered for left in remaining(dates, [span])]
        releases += [release.limited(*dates, make=partial(make_entry, notes_of=_no_notes)) for dates in uncovered]
    ordered = sorted(releases, key=lambda each: each.start or date.min)
    return sets.with_set(msgspec.structs.replace(found, releases=tuple(ordered)))


def _opener(notes: TableRelease) -> Callable[[], Notes | None]:
    def opened() -> Notes | None:
        table = notes.table
        return table if isinstance(table, Notes) else None

    return opened


def _no_notes() -> Notes | None:
    return None


def _common(one: Dates, other: Dates) -> Dates | None:
    start = max(one[0] or date.min, other[0] or date.min)
    end = min(one[1] or date.max, other[1] or date.max)
    if start >= end:
        return None
    return (None if start == date.min else start), (None if end == date.max else end)


# Status --------------------------------------------------------------------------------------------------------------


def status(folder: Path) -> list[LoadedSet]:
    """Every set that is known, loaded or not, with the dates of service that can be judged; reads what is shipped."""
    library = Library(folder)
    state = library.state()
    sets = code_sets(folder)
    found = []
    for name in sets.names():
        each = sets.get(name)
        found.append(
            LoadedSet(
                name=name,
                loaded=sets.loaded(name),
                editions=tuple(_editions(name, sets, state)),
                judged=tuple(spans(dates_of(name, sets))),
                by_form=each is not None and not each.releases and each.well_formed is not None,
                note=each.note if each is not None else "",
            )
        )
    return found


def dates_of(name: str, sets: CodeSets) -> list[Dates]:
    """The days that each edition of a set speaks for."""
    editions: list[Release | TableRelease] = [*sets.releases(name), *sets.tables(name)]
    return [(each.start, each.end) for each in editions]


def _editions(name: str, sets: CodeSets, state: LibraryState) -> list[EditionStatus]:
    imported = state.releases.get(name, ())
    found = [
        EditionStatus(
            label=record.label, source=", ".join(record.sources), start=record.start, end=record.end,
            rows=record.rows, imported=True,
        )
        for record in imported
    ]  # fmt: skip
    taken = [(record.start, record.end) for record in imported]
    below = shipped()
    editions: list[Release | TableRelease] = [*below.releases(name), *below.tables(name)]
    for each in editions:
        rows = len(each.rows) if isinstance(each, Release) else len(each.table)
        for start, end in remaining((each.start, each.end), taken):
            found.append(EditionStatus(label=each.label, source=each.source, start=start, end=end, rows=rows))
    return sorted(found, key=lambda each: each.start or date.min)


def spans(dates: Sequence[Dates]) -> list[Dates]:
    """Spans that touch or overlap joined into one, in order."""
    joined: list[Dates] = []
    for start, end in sorted(dates, key=lambda each: each[0] or date.min):
        if joined and (joined[-1][1] is None or (start or date.min) <= joined[-1][1]):
            first, last = joined[-1]
            joined[-1] = (first, None if last is None or end is None else max(last, end))
        else:
            joined.append((start, end))
    return joined


def in_force(sets: CodeSets, set_name: str, entry: Entry | None, day: date | None) -> Dates:
    """From when to when the code holds without a gap: one release ends where the next begins, and the code does not.

    Without a day, and on a day when it does not hold, the last such time.
    """
    if entry is None:
        return None, None
    held: list[Dates] = []
    for release in sets.releases(set_name):
        if (each := release.entry(entry.code)) is not None:
            dated = each.start is not None or each.end is not None  # else it holds as long as its release speaks
            held.append((each.start, each.end) if dated else (release.start, release.end))
    times = spans(held) or [(entry.start, entry.end)]
    for start, end in times:
        if day is not None and (start or date.min) <= day and (end is None or day < end):
            return start, end
    return times[-1]
