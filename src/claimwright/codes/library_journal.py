"""The journal of a library: one line an import or rollback, only ever added to. What is in force is read from it.

A line is written whole and flushed to disk after the files it names are there, so a process that dies leaves either no
trace or the whole. A last line that was cut off by such a death is passed over, and taken away by the next writer.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO

import msgspec

try:
    import fcntl
except ImportError:  # a system without it has no second process at work on the same folder to speak of
    fcntl = None  # type: ignore[assignment]

_SUM_LENGTH = 16


class LibraryDamaged(ValueError):
    """The library's own files cannot be trusted; the text names the place and the way out."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A release in force or once in force. `file` is the sha256 of its prepared form and its name in files/."""

    set_name: str
    label: str
    file: str
    format: str
    loader: str
    rows: int
    sources: tuple[str, ...]
    start: date | None = None
    end: date | None = None
    cumulative: bool = False
    edition: date | None = None
    notes: tuple[str, ...] = ()

    @property
    def same_content(self) -> tuple[str, date | None, date | None]:
        return self.file, self.start, self.end

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One act. An import gives for every set it touched the releases in force after it; a rollback names the sets."""

    number: int
    at: datetime
    action: str  # import, rollback
    by: str = ""
    sets: dict[str, tuple[Record, ...]] = {}
    undone: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # what the user named, with sha256
    told: tuple[str, ...] = ()  # the changes in words, as shown then


class LibraryState(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force: by set the releases, after every act of the journal."""

    releases: dict[str, tuple[Record, ...]] = {}
    before: dict[str, tuple[tuple[Record, ...], ...]] = {}  # by set, what a rollback goes back to, newest last
    entries: tuple[JournalEntry, ...] = ()


class Journal:
    """The file journal.jsonl of a library's folder."""

    __slots__ = ("folder", "path")

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "journal.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time, over all processes of the machine; waits for its turn."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def version(self) -> tuple[int, int]:
        """Changes with every act: callers keep what they made of the state as long as this stays the same."""
        try:
            found = self.path.stat()
        except OSError:
            return 0, 0
        return found.st_size, found.st_mtime_ns

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every act in order. Raises LibraryDamaged for a line that was changed; a cut-off last line is passed over."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        whole = data[: data.rfind(b"\n") + 1]
        return tuple(self._entry(number, line) for number, line in enumerate(whole.splitlines(), 1))

    def _entry(self, number: int, line: bytes) -> JournalEntry:
        found_sum, _, body = line.partition(b" ")
        try:
            if found_sum.decode() != _sum(body):
                raise ValueError("sum")
            entry = msgspec.json.decode(body, type=JournalEntry)
        except (ValueError, msgspec.MsgspecError) as problem:
            raise LibraryDamaged(
                f"{self.path} line {number} was changed or damaged: put back the file from a backup, "
                "or move the folder away and import the files again"
            ) from problem
        if entry.number != number:
            raise LibraryDamaged(f"{self.path} line {number} says it is number {entry.number}: a line is missing")
        return entry

    def append(self, entry: JournalEntry) -> None:
        """Adds one act and does not return before it is on disk. Call with the lock held."""
        body = msgspec.json.encode(entry)
        with self.path.open("ab") as stream:
            self._drop_torn_tail(stream)
            stream.write(_sum(body).encode() + b" " + body + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(self.folder)

    def _drop_torn_tail(self, stream: IO[bytes]) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            stream.truncate(whole)

    def state(self) -> LibraryState:
        """What is in force now."""
        return folded(self.entries())


def folded(entries: Sequence[JournalEntry]) -> LibraryState:
    """The state after `entries`: imports put a set's releases on top of those before, a rollback takes them off."""
    stacks: dict[str, list[tuple[Record, ...]]] = {}
    for entry in entries:
        for name, releases in entry.sets.items():
            stacks.setdefault(name, [()]).append(releases)
        for name in entry.undone:
            stack = stacks.get(name, [()])
            if len(stack) > 1:
                stack.pop()
    return LibraryState(
        releases={name: stack[-1] for name, stack in stacks.items() if stack[-1]},
        before={name: tuple(stack[:-1]) for name, stack in stacks.items() if len(stack) > 1},
        entries=tuple(entries),
    )


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:_SUM_LENGTH]


def sync_folder(folder: Path) -> None:
    """Makes new names in a folder survive a power cut, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
