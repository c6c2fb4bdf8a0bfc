"""The library: what a user imported, in one folder, with its history. No database; many processes may share it.

    folder/journal.jsonl   every import and rollback, only added to (library_journal.py)
    folder/files/SHA256    prepared forms, never changed; named by their content
    folder/staging/        what an import is preparing; nothing there is ever read by a look-up
    folder/lock            held while an import or rollback is written

An import prepares and checks everything first, then moves the files into place, then writes one line to the journal.
Only that line makes it true: whatever dies before it has changed nothing. Readers need no lock.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from claimwright.codes.code_sets import own_modifiers, shipped
from claimwright.codes.library_journal import Journal, JournalEntry, LibraryDamaged, LibraryState, Record, sync_folder
from claimwright.codes.library_shapes import (
    Asked,
    CannotImport,
    Changes,
    Format,
    Loader,
    Prepared,
    Refusal,
    not_recognised,
    refuse,
)
from claimwright.codes.library_sources import Source, UnreadableFile, sources_of
from claimwright.codes.loaders import LOADERS
from claimwright.codes.loaders.rows import ROWS, compared, read_rows

__all__ = [
    "Asked",
    "CannotImport",
    "Changes",
    "Format",
    "Library",
    "LibraryDamaged",
    "Loader",
    "Prepared",
    "Record",
    "Refusal",
    "Source",
    "Step",
    "all_loaders",
    "recognised",
]

SAMPLE = 5
_BLOCK = 1 << 20
# Sets whose shipped rows are the official file's own, in the same form as an imported one.
_SAME_ROWS = frozenset({"icd10cm", "hcpcs"})
_LOST_SHARE, _LOST_LEAST = 4, 50  # more than a quarter of the codes gone, and not a handful: the file is cut off


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one release does to its set: `action` is add, replace or same, `replaces` the labels it takes the place of."""

    record: Record
    action: str
    changes: Changes
    replaces: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()  # earlier releases that now end where this one starts


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do. `passed_over` are files of an archive that no loader reads."""

    steps: tuple[Step, ...]
    passed_over: tuple[str, ...] = ()
    written: bool = False

    @property
    def is_new(self) -> bool:
        return any(step.action != "same" for step in self.steps)


@lru_cache(maxsize=1)
def all_loaders() -> tuple[Loader, ...]:
    """Every loader, highest rank first. Raises no error for an unknown file: `recognised` says so."""
    found = []
    for place in LOADERS:
        module, _, name = place.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return tuple(sorted(found, key=lambda loader: -loader.rank))


def recognised(source: Source) -> Loader | None:
    """The loader that reads this file, by its content."""
    return next((loader for loader in all_loaders() if loader.recognises(source.name, source.head)), None)


def format_named(name: str) -> Format:
    """The prepared form of that name. Raises LibraryDamaged where this version no longer reads it."""
    for loader in all_loaders():
        if loader.format.name == name:
            return loader.format
    raise LibraryDamaged(f"the library holds a file of the form {name}, which this version does not read: import again")


class Library:
    """One folder of imported releases."""

    __slots__ = ("folder", "journal")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder)

    # Reading --------------------------------------------------------------------------------------------------------

    def state(self) -> LibraryState:
        return self.journal.state()

    def path(self, record: Record) -> Path:
        """The prepared form of a release. Raises LibraryDamaged when the file is gone."""
        path = self.folder / "files" / record.file
        if not path.exists():
            raise LibraryDamaged(
                f"{path} of {record.set_name} {record.label} is missing: import {', '.join(record.sources)} again"
            )
        return path

    def open(self, record: Record) -> Any:
        """A release as its loader opens it for look-ups."""
        return format_named(record.format).open(self.path(record))

    # Importing ------------------------------------------------------------------------------------------------------

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        asked: Asked,
        at: datetime,
        by: str = "",
        dry_run: bool = False,
        supersede: bool = False,
        smaller: bool = False,
    ) -> ImportReport:
        """Takes files into the library, all of them or none.

        `at` is the moment for the journal. Where dates overlap those of a release that is in force, `supersede` lets the
        new one win and ends the older there; without it the import is refused. A release for exactly the dates of
        another replaces it. One that lacks more than a quarter of the codes before it is taken for cut off, unless
        `smaller` says that it is meant. Raises CannotImport with every reason found; the loaded sets are then untouched.
        """
        with self._staging() as folder:
            prepared, passed_over = _prepared(paths, asked, Path(folder))
            with self.journal.locked():
                self._sweep(Path(folder))
                state = self.state()
                steps, sets = self._plan(prepared, state, supersede, smaller)
                report = ImportReport(steps=tuple(steps), passed_over=passed_over)
                if dry_run or not report.is_new:
                    return report
                for item, record, _ in prepared:
                    self._keep(item.path, record)
                self.journal.append(
                    JournalEntry(
                        number=len(state.entries) + 1,
                        at=at,
                        action="import",
                        by=by,
                        sets=sets,
                        files=tuple(f"{path.name} {_hash(path)}" for path in paths),
                        told=tuple(in_words(step) for step in steps if step.action != "same"),
                    )
                )
        return msgspec.structs.replace(report, written=True)

    def _staging(self) -> tempfile.TemporaryDirectory[str]:
        place = self.folder / "staging"
        place.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=place, ignore_cleanup_errors=True)

    def _sweep(self, own: Path) -> None:
        """Clears away what processes that died were preparing."""
        for left in (self.folder / "staging").iterdir():
            process = left.name.partition("-")[0]
            if left != own and process.isdigit() and not _runs(int(process)):
                shutil.rmtree(left, ignore_errors=True)

    def _plan(
        self,
        prepared: Sequence[tuple[Prepared, Record, Loader]],
        state: LibraryState,
        supersede: bool,
        smaller: bool,
    ) -> tuple[list[Step], dict[str, tuple[Record, ...]]]:
        steps: list[Step] = []
        sets: dict[str, tuple[Record, ...]] = {}
        refusals: list[Refusal] = []
        for item, record, loader in prepared:
            before = sets.get(record.set_name, state.releases.get(record.set_name, ()))
            if any(other.same_content == record.same_content for other in before):
                steps.append(Step(record=record, action="same", changes=Changes(same=record.rows)))
                continue
            try:
                kept, gone, shortened = _placed(record, before, supersede)
            except CannotImport as problem:
                refusals += problem.refusals
                continue
            changes = self._changes(item.path, record, gone or _earlier(record, before), loader)
            if not smaller and _lost_many(changes):
                refusals.append(_cut_off(record, changes))
                continue
            sets[record.set_name] = tuple(sorted((*kept, record), key=lambda each: each.start or date.min))
            steps.append(
                Step(
                    record=record,
                    action="replace" if gone else "add",
                    changes=changes,
                    replaces=tuple(each.label for each in gone),
                    shortened=tuple(each.label for each in shortened),
                )
            )
        if refusals:
            raise CannotImport(refusals)
        return steps, sets

    def _changes(self, path: Path, record: Record, against: Sequence[Record], loader: Loader) -> Changes:
        """Against the release it replaces, else the one before it in time, else what is shipped."""
        old = against[-1] if against else None
        if old is None and record.format == ROWS.name:
            return _against_shipped(record, path)
        if old is None or old.format != record.format:
            return loader.format.compare(None, path, SAMPLE)
        return loader.format.compare(self.path(old), path, SAMPLE)

    def _keep(self, staged: Path, record: Record) -> None:
        place = self.folder / "files"
        place.mkdir(parents=True, exist_ok=True)
        target = place / record.file
        if target.exists() and _hash(target) == record.file:
            return
        with staged.open("rb") as stream:
            os.fsync(stream.fileno())
        staged.chmod(0o444)
        staged.replace(target)
        sync_folder(place)

    # Going back -----------------------------------------------------------------------------------------------------

    def rollback(self, set_name: str = "", *, at: datetime, by: str = "") -> tuple[str, ...]:
        """Back to before the last import of a set, or of everything the last import brought. Gives the sets it undid.

        Itself an act of the journal: nothing is lost, and the file can be imported again. Raises CannotImport where
        there is nothing to go back from.
        """
        with self.journal.locked():
            state = self.state()
            names = (set_name,) if set_name else _last_import(state)
            if not names or any(name not in state.before for name in names):
                known = ", ".join(sorted(state.before)) or "none"
                raise refuse(
                    f"nothing imported of {set_name or 'any set'} is in force",
                    f"name a set with imports: {known}; what is shipped cannot be taken back",
                )
            self.journal.append(
                JournalEntry(number=len(state.entries) + 1, at=at, action="rollback", by=by, undone=names)
            )
        return names


def _against_shipped(record: Record, path: Path) -> Changes:
    """What a list changes against the shipped release that it takes over from. Titles are compared where they are official."""
    new = read_rows(path)
    older = [
        each for each in shipped().releases(record.set_name) if (each.start or date.min) <= (record.start or date.max)
    ]
    old = older[-1].rows if older else {}
    if record.set_name not in _SAME_ROWS:
        kept = own_modifiers() if record.set_name == "modifier" else {}  # these stay beside CMS's file
        old = {code: new.get(code, "") for code in old if code in new or code not in kept}
    return compared(old, new, SAMPLE)


def _lost_many(changes: Changes) -> bool:
    before = changes.removed + changes.changed + changes.same
    return changes.removed > max(_LOST_LEAST, before // _LOST_SHARE)


def _cut_off(record: Record, changes: Changes) -> Refusal:
    return Refusal(
        file=record.sources[0],
        line=record.rows,
        reason=f"{record.set_name} would lose {changes.removed:,} codes ({', '.join(changes.removed_sample)} ...)",
        fix="the file seems cut off: download it again; where it is meant so, --smaller takes it",
    )


def _last_import(state: LibraryState) -> tuple[str, ...]:
    """The sets whose latest release came with the newest import that is not undone yet."""
    stacks: dict[str, list[int]] = {}
    for entry in state.entries:
        for name in entry.sets:
            stacks.setdefault(name, []).append(entry.number)
        for name in entry.undone:
            if stacks.get(name):
                stacks[name].pop()
    tops = {name: numbers[-1] for name, numbers in stacks.items() if numbers}
    newest = max(tops.values(), default=0)
    return tuple(sorted(name for name, number in tops.items() if number == newest))


def _prepared(
    paths: Sequence[Path], asked: Asked, folder: Path
) -> tuple[list[tuple[Prepared, Record, Loader]], tuple[str, ...]]:
    """Every file read whole and written in its prepared form, with what archives hold beside. Raises CannotImport."""
    groups, passed_over = _grouped(paths)
    found: list[tuple[Prepared, Record, Loader]] = []
    refusals: list[Refusal] = []
    for number, (loader, sources) in enumerate(groups):
        place = folder / str(number)
        place.mkdir()
        try:
            loader.check_asked(asked, sources[0])
            for item in loader.prepare(sources, asked, place):
                found.append((item, _record(item, loader, sources), loader))
        except CannotImport as problem:
            refusals += problem.refusals
            if problem.more:
                refusals.append(
                    Refusal(reason=f"{problem.more:,} more faults of these kinds", fix="mend the first ones")
                )
        except UnreadableFile as problem:
            refusals.append(_unreadable(problem, sources[0].full_name))
    if refusals:
        raise CannotImport(refusals)
    return found, passed_over


def _grouped(paths: Sequence[Path]) -> tuple[list[tuple[Loader, list[Source]]], tuple[str, ...]]:
    groups: dict[tuple[str, str], tuple[Loader, list[Source]]] = {}
    passed_over: list[str] = []
    refusals: list[Refusal] = []
    for path in paths:
        try:
            sources = sources_of(path)
        except UnreadableFile as problem:
            refusals.append(_unreadable(problem, str(path)))
            continue
        known = 0
        for source in sources:
            loader = recognised(source)
            if loader is None:
                passed_over.append(source.full_name)
                continue
            known += 1
            key = (loader.name, loader.group(source.name, source.head))
            groups.setdefault(key, (loader, []))[1].append(source)
        if not known:
            refusals.append(not_recognised(path.name, sources, all_loaders()))
    if refusals:
        raise CannotImport(refusals)
    return list(groups.values()), tuple(passed_over)


def _unreadable(problem: UnreadableFile, name: str) -> Refusal:
    reason, _, fix = str(problem).removeprefix(f"{name} ").rpartition(": ")
    return Refusal(file=Path(name).name or name, reason=reason, fix=fix)


def _record(item: Prepared, loader: Loader, sources: Sequence[Source]) -> Record:
    if item.start is not None and item.end is not None and item.end <= item.start:
        raise refuse(f"{item.set_name} would end on {item.end}, before it starts", "give an --end after the --start")
    return Record(
        set_name=item.set_name,
        label=item.label,
        file=_hash(item.path),
        format=loader.format.name,
        loader=loader.name,
        rows=item.rows,
        sources=tuple(source.full_name for source in sources),
        start=item.start,
        end=item.end,
        cumulative=item.cumulative,
        edition=item.edition,
        notes=item.notes,
    )


def _placed(
    record: Record, before: Sequence[Record], supersede: bool
) -> tuple[list[Record], list[Record], list[Record]]:
    """The releases that stay, those it replaces, and those it shortens (as they were). Raises CannotImport."""
    kept: list[Record] = []
    gone: list[Record] = []
    shortened: list[Record] = []
    for other in before:
        if record.cumulative and other.cumulative:
            _refuse_older(record, other, supersede)
            gone.append(other)
        elif (other.start, other.end) == (record.start, record.end):
            gone.append(other)
        elif not overlap(other, record):
            kept.append(other)
        elif not supersede:
            raise refuse(
                f"{record.set_name}: {record.label} ({span(record.start, record.end)}) and {other.label} "
                f"({span(other.start, other.end)}), which is loaded, both speak for the same dates",
                "give --start and --end so that they do not, or --supersede to let the new one win for its dates",
            )
        else:
            pieces = without(other, record)
            kept += pieces
            (shortened if pieces else gone).append(other)
    return kept, gone, shortened


def _refuse_older(record: Record, other: Record, supersede: bool) -> None:
    if supersede or record.edition is None or other.edition is None or record.edition >= other.edition:
        return
    raise refuse(
        f"{record.set_name}: {record.label} is older than {other.label}, which is loaded",
        "take the newer file, or --supersede to go back to this one on purpose",
    )


def overlap(one: Record, other: Record) -> bool:
    return (one.end is None or (other.start or date.min) < one.end) and (
        other.end is None or (one.start or date.min) < other.end
    )


def without(record: Record, taken: Record) -> list[Record]:
    """What is left of a release's dates when another takes its own: none, one or two pieces."""
    pieces = []
    if taken.start is not None and (record.start is None or record.start < taken.start):
        pieces.append(msgspec.structs.replace(record, end=taken.start))
    if taken.end is not None and (record.end is None or taken.end < record.end):
        pieces.append(msgspec.structs.replace(record, start=taken.end))
    return pieces


def _earlier(record: Record, before: Sequence[Record]) -> list[Record]:
    return [other for other in before if (other.start or date.min) < (record.start or date.min)]


def span(start: date | None, end: date | None) -> str:
    """Dates of service in words: the end is told as the last day."""
    last = date.fromordinal(end.toordinal() - 1) if end else None
    if start is None and last is None:
        return "all dates"
    if start is None:
        return f"to {last}"
    return f"from {start}" if last is None else f"{start} to {last}"


def in_words(step: Step) -> str:
    """One line on what a release changes."""
    record, changes = step.record, step.changes
    dates = span(record.start, record.end)
    if step.action == "same":
        return f"{record.set_name}: {record.label} for {dates} is loaded already"
    does = f"replaces {', '.join(step.replaces)}" if step.replaces else "is new"
    counts = f"{changes.added:,} added, {changes.removed:,} removed, {changes.changed:,} changed, {changes.same:,} same"
    told = f"{record.set_name}: {record.label} for {dates} {does}; {record.rows:,} rows; {counts}"
    return f"{told}; {', '.join(step.shortened)} now gives way to it" if step.shortened else told


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
