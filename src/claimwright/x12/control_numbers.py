"""Control numbers of what is sent: ISA13, GS06 and ST02, counted up for each sender and receiver and never given twice.

A number is stored before it is handed out. A crash can so leave a gap, which no receiver minds, and never a number
that comes twice, which makes a receiver refuse the file as a duplicate or, worse, drop it without a word.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

if sys.platform != "win32":
    import fcntl

LAST = 999_999_999  # nine digits: all that ISA13, GS06 and ST02 hold
FORMAT = "claimwright control numbers 1"


class Series(StrEnum):
    """What is numbered, by its element."""

    INTERCHANGE = "ISA13"
    GROUP = "GS06"
    TRANSACTION = "ST02"


class ControlNumbersRefused(ValueError):
    """A number that may not be given: the series is used up, goes backwards, or cannot be read. The text says which."""


class ControlNumbers(Protocol):
    """Gives out the next number of a series between a sender and a receiver; no number twice."""

    def next(self, series: Series, sender: str, receiver: str) -> int:
        """1 to 999999999, one more than the last. Raises ControlNumbersRefused where there is none."""
        ...


class MemoryControlNumbers:
    """Control numbers that live as long as the process; any thread may ask. For tests and for callers that keep the
    last numbers elsewhere (`last`, `advance`)."""

    def __init__(self, *, wraps: bool = False) -> None:
        """`wraps`: 1 follows 999999999. Only for a receiver that has agreed to see numbers again."""
        self._wraps = wraps
        self._last: dict[tuple[Series, str, str], int] = {}
        self._lock = threading.Lock()

    def next(self, series: Series, sender: str, receiver: str) -> int:
        with self._lock:
            key = (series, sender, receiver)
            number = self._last[key] = _following(self._last.get(key, 0), series, self._wraps)
            return number

    def last(self, series: Series, sender: str, receiver: str) -> int:
        """The last number given, 0 before the first."""
        with self._lock:
            return self._last.get((series, sender, receiver), 0)

    def advance(self, series: Series, sender: str, receiver: str, last: int) -> None:
        """Take `last` as given: the next number is one more. Raises ControlNumbersRefused for one below the last."""
        with self._lock:
            key = (series, sender, receiver)
            self._last[key] = _advanced(self._last.get(key, 0), last, series)


class FileControlNumbers:
    """Control numbers kept in a small JSON file, for one computer: safe against crashes, threads and other processes.

    Each change writes a new file beside the old one, flushes it to the disk and puts it in the old one's place. A lock
    file (`NAME.lock`) keeps two processes from giving one number twice; on Windows and on shares without locks there is
    none, and one process alone may use the file.
    """

    def __init__(self, path: Path, *, create: bool = False, wraps: bool = False) -> None:
        """Raises FileNotFoundError where there is no file, unless `create` says that this is the first time: beginning
        anew at 1 because of a mistyped path would repeat numbers."""
        self.path = path
        self._wraps = wraps
        self._lock = threading.Lock()
        self._given: dict[str, int] = {}  # by this object: what the file may not fall behind
        if not create and not path.exists():
            raise FileNotFoundError(f"no control numbers at {path}")
        with self._alone():
            if not path.exists():
                self._store({})
            self._load()

    def next(self, series: Series, sender: str, receiver: str) -> int:
        with self._alone():
            numbers = self._load()
            key = _key(series, sender, receiver)
            number = numbers[key] = _following(numbers.get(key, 0), series, self._wraps)
            self._store(numbers)
            self._given[key] = number
            return number

    def last(self, series: Series, sender: str, receiver: str) -> int:
        """The last number given, 0 before the first."""
        with self._alone():
            return self._load().get(_key(series, sender, receiver), 0)

    def advance(self, series: Series, sender: str, receiver: str, last: int) -> None:
        """Take `last` as given: the next number is one more. Raises ControlNumbersRefused for one below the last."""
        with self._alone():
            numbers = self._load()
            key = _key(series, sender, receiver)
            numbers[key] = _advanced(numbers.get(key, 0), last, series)
            self._store(numbers)
            self._given[key] = last

    def _load(self) -> dict[str, int]:
        """What is stored. Refused when it is damaged, or behind what was given: a restored copy, or a deleted file."""
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError:
            stored = None
        numbers = stored.get("last") if isinstance(stored, dict) and stored.get("format") == FORMAT else None
        if not isinstance(numbers, dict) or not all(type(one) is int and 0 <= one <= LAST for one in numbers.values()):
            raise ControlNumbersRefused(f"{self.path} does not hold control numbers, or is damaged: restore it")
        for key, given in self._given.items():
            if _is_behind(numbers.get(key, 0), given, self._wraps):
                raise ControlNumbersRefused(
                    f"{self.path} has gone back behind a number that was given: advance {key.split(' ')[0]} first"
                )
        return numbers

    def _store(self, numbers: dict[str, int]) -> None:
        temporary = self.path.with_name(f"{self.path.name}.new")
        text = json.dumps({"format": FORMAT, "last": numbers}, indent=1, sort_keys=True) + "\n"
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(self.path.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread and no other process between reading and storing."""
        with self._lock, self.path.with_name(f"{self.path.name}.lock").open("a") as handle:
            _take(handle)
            yield


def _key(series: Series, sender: str, receiver: str) -> str:
    return f"{series} {json.dumps([sender, receiver])}"


def _following(last: int, series: Series, wraps: bool) -> int:
    if last < LAST:
        return last + 1
    if wraps:
        return 1
    raise ControlNumbersRefused(f"{series} has reached {LAST}: agree with the receiver to begin again at 1")


def _is_behind(stored: int, given: int, wraps: bool) -> bool:
    """Where numbers wrap, another process may have begun anew: then the stored one is far below, not a little."""
    return stored < given and not (wraps and given - stored > LAST // 2)


def _advanced(last: int, number: int, series: Series) -> int:
    if not 0 <= number <= LAST:
        raise ControlNumbersRefused(f"{series} has one to nine digits")
    if number < last:
        raise ControlNumbersRefused(f"{series} may not go back: a number would be given twice")
    return number


def _take(handle: IO[str]) -> None:
    """Wait for the lock; it is given back when the handle is closed, or its process dies."""
    if sys.platform != "win32":
        fcntl.flock(handle, fcntl.LOCK_EX)


def _flush_folder(folder: Path) -> None:
    """Without this a power cut may bring the old file back."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
