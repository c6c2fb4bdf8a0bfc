"""What every way to a partner speaks of: files there, and why it did not work."""

from __future__ import annotations

import msgspec


class TransportProblem(RuntimeError):
    """The partner could not be reached or refused; the text says what to do and holds no secret."""


class NoAnswer(TransportProblem):
    """What was sent may have arrived, and no answer that can be read came back."""


class RemoteFile(msgspec.Struct, frozen=True):
    """One file that waits for us. `stamp` is the same as long as it is the same file, untouched."""

    name: str
    size: int
    stamp: str
