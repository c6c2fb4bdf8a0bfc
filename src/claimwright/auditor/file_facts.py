"""What the auditor takes from a file's bytes, read once: the same bytes say the same whenever they are audited."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

Facts = TypeVar("Facts")
MOST = 100_000  # files whose facts are kept; a few hundred bytes each


class ReadOnce(Generic[Facts]):
    """`read` over bytes, its answers kept by the bytes' SHA-256: another byte is another file and is read."""

    def __init__(self, read: Callable[[bytes], Facts]) -> None:
        self.read = read
        self.known: dict[bytes, Facts] = {}

    def __call__(self, content: bytes) -> Facts:
        digest = hashlib.sha256(content).digest()
        found = self.known.get(digest)
        if found is None:
            if len(self.known) >= MOST:
                self.known.clear()
            found = self.known[digest] = self.read(content)
        return found
