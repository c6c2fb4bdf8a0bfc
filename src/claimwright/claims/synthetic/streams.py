"""Files written a transaction at a time, in constant memory: bodies whose header comes first are spooled to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any

from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder

LINE_BREAK = "\n"
Listener = Callable[[dict[str, Any]], None]
IN_MEMORY = 1 << 18  # bytes of an open transaction before it goes to disk


class InterchangeFile:
    """One ISA..IEA with one GS, opened by its first transaction. `listener` is told of each what its maker gave."""

    def __init__(
        self,
        path: Path,
        envelope: Envelope,
        set_id: str,
        guide: str,
        control_number: int,
        when: datetime,
        listener: Listener | None = None,
    ) -> None:
        self.path, self.set_id, self.guide = path, set_id, guide
        self.control_number, self.when = control_number, when
        self.size = self.opened = self.closed = 0
        self._listener = listener
        builder = InterchangeBuilder(envelope, control_number, when, line_break=LINE_BREAK)
        builder.add_group(set_id, control_number, guide, [])
        isa, gs, _, iea = builder.build().decode("latin-1").splitlines(keepends=True)
        self._head, self._end = isa + gs, iea
        self._digest = hashlib.sha256()
        self._out: Any = None

    def transaction(self) -> OpenTransaction:
        """A new ST; several may be open at once, and stand in the file in the order in which they are closed."""
        self.opened += 1
        return OpenTransaction(self, st_number(self.opened))

    def add(self, build: Callable[[str], Sequence[Segment]], **told: Any) -> None:
        """A whole transaction: `build` makes it, ST to SE, with the ST02 it is given; `told` goes to the manifest."""
        self.opened += 1
        control_number = st_number(self.opened)
        segments = build(control_number)
        self._begin()
        self._write(text_of(segments))
        self._close(control_number, len(segments), told)

    def close(self) -> None:
        """GE and IEA; nothing where no transaction came."""
        if self._out is None:
            return
        self._write(f"GE*{self.closed}*{self.control_number}~{LINE_BREAK}{self._end}".encode("latin-1"))
        self._out.close()
        self._out = None

    def summary(self) -> dict[str, Any]:
        """What the manifest says of the file."""
        return {
            "set": self.set_id,
            "guide": self.guide,
            "interchange_control_number": f"{self.control_number:09d}",
            "group_control_number": str(self.control_number),
            "bytes": self.size,
            "sha256": self._digest.hexdigest(),
            "transactions": self.closed,
        }

    def take(self, transaction: OpenTransaction, head: bytes, count: int, told: dict[str, Any]) -> None:
        """A finished transaction: `head` are the segments that were to come first."""
        self._begin()
        self._write(head)
        spool = transaction.spool
        spool.seek(0)
        copyfileobj(spool, _Sink(self), IN_MEMORY)
        end = f"SE*{count}*{transaction.control_number}~{LINE_BREAK}"
        self._write(end.encode("latin-1"))
        self._close(transaction.control_number, count, told)

    def _begin(self) -> None:
        if self._out is None:
            self._out = self.path.open("wb")
            self._write(self._head.encode("latin-1"))

    def _close(self, control_number: str, segments: int, told: dict[str, Any]) -> None:
        self.closed += 1
        if self._listener is not None:
            self._listener({"file": self.path.name, "control_number": control_number, "segments": segments, **told})

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self.size += len(data)
        self._out.write(data)


class _Sink:
    """The write end of a file for `copyfileobj`."""

    def __init__(self, file: InterchangeFile) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        self._file._write(data)


class OpenTransaction:
    """An ST that is being written. Give `builder` to one of the writers and `drain` it now and then.

    What belongs before the body, and is known only after it, is built last and handed to `close` as `head`.
    """

    def __init__(self, file: InterchangeFile, control_number: str) -> None:
        self.file, self.control_number = file, control_number
        self.builder = TransactionBuilder(file.set_id, control_number, file.guide)
        self.st = self.builder.segments.pop()
        self.count = 0
        self.spool: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed in `close`

    def drain(self) -> None:
        """Move what was built to the body."""
        segments = self.take()
        self.count += len(segments)
        self.spool.write(text_of(segments))

    def take(self) -> list[Segment]:
        """What was built since the last drain, no longer in the builder."""
        segments = list(self.builder.segments)
        self.builder.segments.clear()
        return segments

    def close(self, head: Iterable[Segment] = (), **told: Any) -> None:
        """End the transaction; what is still in the builder becomes the end of its body."""
        first = [self.st, *head]
        self.drain()
        self.file.take(self, text_of(first), len(first) + self.count + 1, told)
        self.spool.close()


def text_of(segments: Sequence[Segment]) -> bytes:
    return "".join(segment.text() + LINE_BREAK for segment in segments).encode("latin-1")


def st_number(number: int) -> str:
    """ST02 of the transaction with that running number."""
    return f"{number:04d}"
