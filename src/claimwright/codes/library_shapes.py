"""What a loader of an official file is, and what passes between it and the library of imported releases.

The contract, for whoever adds a loader (docs/how-it-works/codes.md tells it at length):

1. Write a module in `codes/loaders/` with one or more `Loader` values and name them in `codes/loaders/__init__.py`
   as "module:NAME". Nothing registers itself on import.
2. `recognises(name, head)` looks at the start of the file (a workbook is shown as tab-separated text), never only at
   its name. All recognised sources of one command that share `group(name, head)` are read together as one release.
3. `prepare(sources, asked, folder)` checks the WHOLE of what it is given, writes each set's prepared form to a file in
   `folder`, and returns a `Prepared` a set. The bytes must depend on the content alone (sorted, no clock): the file is
   stored under its hash and equal bytes are how "nothing new" is known. It may be mapped into memory later, so a large
   set writes columns straight to the file. Anything wrong: raise `CannotImport` with every refusal found (collect them in
   `Refusals`); nothing of the file is then taken.
4. `format.open(path)` gives back what look-ups are done with; `format.compare(old, new)` says what changed.
5. The caller asks `code_sets.loaded(name)`, `code_sets.covers(name, on)` and `code_sets.table(name, on)`: the last is what
   `format.open` gave for the release of that day, opened once a process. Sets in `rows` format are ordinary code sets:
   `state`, `entry`, `attribute`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from claimwright.codes.library_sources import OTHER_FILES, Source

REFUSALS_TOLD = 20


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a file is not taken. `line` counts from 1 (a row in a workbook); 0 speaks of the whole file."""

    reason: str
    fix: str
    line: int = 0
    column: str = ""
    file: str = ""

    def __str__(self) -> str:
        at = [self.file, f"line {self.line}" if self.line else "", f"column {self.column}" if self.column else ""]
        place = ", ".join(part for part in at if part)
        return f"{place}: {self.reason}: {self.fix}" if place else f"{self.reason}: {self.fix}"


class CannotImport(ValueError):
    """A file that is not taken, with every reason. The loaded sets are untouched."""

    def __init__(self, refusals: Sequence[Refusal], more: int = 0) -> None:
        self.refusals = tuple(refusals)
        self.more = more
        told = "; ".join(str(refusal) for refusal in self.refusals)
        super().__init__(f"{told}; and {more:,} more of the kind" if more else told)


def refuse(reason: str, fix: str, *, line: int = 0, column: str = "", file: str = "") -> CannotImport:
    """The error for a single reason: `raise refuse(...)`."""
    return CannotImport([Refusal(reason=reason, fix=fix, line=line, column=column, file=file)])


class Refusals:
    """Collects what is wrong with a file, so that one look mends it. Keeps the first ones and counts the rest."""

    __slots__ = ("count", "file", "kept")

    def __init__(self, file: str = "") -> None:
        self.file, self.count = file, 0
        self.kept: list[Refusal] = []

    def add(self, reason: str, fix: str, *, line: int = 0, column: str = "") -> None:
        self.count += 1
        if len(self.kept) < REFUSALS_TOLD:
            self.kept.append(Refusal(reason=reason, fix=fix, line=line, column=column, file=self.file))

    def check(self) -> None:
        """Raises CannotImport if anything was added."""
        if self.kept:
            raise CannotImport(self.kept, self.count - len(self.kept))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the user said beside the files. `start` inclusive, `end` exclusive; None: the file or its name must say it."""

    start: date | None = None
    end: date | None = None
    label: str = ""
    set_name: str = ""  # for a plain list whose columns do not say which set it is
    only: frozenset[str] | None = None  # the NPIs to keep of a list of providers; None: all


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """One set's release, written to `path` in its loader's format and not yet in the library.

    `start` inclusive and `end` exclusive are the dates of service it speaks for; None is open. `cumulative`: the file
    holds its own history row by row (NCCI, the X12 lists), so a newer one takes the place of every older one; `edition`
    (the day it was published for) then tells newer from older. `notes` are told to the user at import.
    """

    set_name: str
    path: Path
    rows: int
    label: str
    start: date | None = None
    end: date | None = None
    cumulative: bool = False
    edition: date | None = None
    notes: tuple[str, ...] = ()


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a release changes against the one before it. The samples are codes (or keys) in order, a few of each kind."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    added_sample: tuple[str, ...] = ()
    removed_sample: tuple[str, ...] = ()
    changed_sample: tuple[str, ...] = ()


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A prepared form: its name with a version ("rows/1"), how to open it, how to compare two files of it.

    `open(path)` may map the file into memory. `compare(old, new, sample)` gets None for `old` where there was nothing.
    """

    name: str
    open: Callable[[Path], Any]
    compare: Callable[[Path | None, Path, int], Changes]


def one_group(name: str, head: bytes) -> str:
    """All sources that a loader recognises belong to one release."""
    return ""


def each_alone(name: str, head: bytes) -> str:
    """Every source is a release of its own."""
    return name


class Loader(msgspec.Struct, frozen=True, kw_only=True):
    """Reads one kind of official file. `name` is for the journal; `reads` says in words which file it takes.

    `sets` are the names of all sets it may give. `rank` settles a source that two loaders recognise: the highest wins.
    `narrows`: it can keep a part of the list, as `asked.only` says; every other loader takes its file whole.
    `lacks(head)`: of a file that none recognises, the header's line and the columns it lacks to be one of this loader's.
    """

    name: str
    reads: str
    sets: tuple[str, ...]
    format: Format
    recognises: Callable[[str, bytes], bool]
    prepare: Callable[[Sequence[Source], Asked, Path], Sequence[Prepared]]
    group: Callable[[str, bytes], str] = one_group
    rank: int = 0
    narrows: bool = False
    lacks: Callable[[bytes], tuple[int, tuple[str, ...]] | None] | None = None

    def check_asked(self, asked: Asked, source: Source) -> None:
        """Raises CannotImport where a part of a file is asked for that is only taken whole."""
        if asked.only is not None and not self.narrows:
            raise refuse(
                f"only a list of providers can be taken in part, and this is {self.name}",
                "import it by itself, without --only",
                file=source.full_name,
            )


def not_recognised(name: str, sources: Sequence[Source], loaders: Sequence[Loader]) -> Refusal:
    """Why the file `name`, which holds `sources`, is none that a loader takes: what it is, or what its header lacks."""
    for start, (reason, fix) in OTHER_FILES.items():
        if len(sources) == 1 and sources[0].head.lstrip().lower().startswith(start):
            return Refusal(file=name, reason=reason, fix=fix)
    for source in sources:
        if (damaged := _damaged_header(source, loaders)) is not None:
            return damaged
    held = ", ".join(source.name for source in sources)
    known = f"no code set is known by these columns ({held})" if held != name else "no code set has such a start"
    fix = "take the official file, unchanged, or see `claimwright codes formats` for the columns that are read"
    return Refusal(file=name, line=1, reason=known, fix=fix)


def _damaged_header(source: Source, loaders: Sequence[Loader]) -> Refusal | None:
    near = [(found, loader) for loader in loaders if loader.lacks and (found := loader.lacks(source.head))]
    if not near:
        return None
    (line, missing), loader = min(near, key=lambda each: len(each[0][1]))
    reason = f"it is like {loader.reads}, and has no column {', '.join(missing)}"
    return Refusal(file=source.full_name, line=line, reason=reason, fix="take the official file, unchanged")
