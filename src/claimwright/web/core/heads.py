"""The newest row of each hash chain, kept in a second place outside the database: a file a tenant and chain.

A chain shows an edit or a gap, but not that its end was cut off, nor that all of it was written again. Whoever does that
in the database has to change this file too. It is written after each commit, so it never names a row that was rolled
back; a process that dies in between leaves it a row behind, which only weakens it until the next row.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

from django.conf import settings

_LINE = re.compile(rb"(\d{20}) ([0-9a-f]{64})\n\Z")


class HeadDamaged(RuntimeError):
    """The file holds no head: restore it from a copy, or remove it once its loss is explained."""


def path_of(tenant_id: object, table: str) -> Path:
    return Path(settings.HOME) / "audit-heads" / f"{tenant_id}-{table}.head"


def keep(tenant_id: object, table: str, sequence: int, digest: str) -> None:
    """Remember the head, if it is newer than the one that is kept. Processes take turns by a lock on the file."""
    path = path_of(tenant_id, table)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        held = _LINE.match(os.pread(descriptor, 128, 0))
        if held is None and os.fstat(descriptor).st_size:
            return  # damaged: left for a person to see, never mended in silence
        if held is None or int(held[1]) < sequence:
            os.pwrite(descriptor, f"{sequence:020d} {digest}\n".encode(), 0)
    finally:
        os.close(descriptor)


def kept(tenant_id: object, table: str) -> tuple[int, str] | None:
    """(sequence, hash) of the newest row that was committed; None before the first. Raises HeadDamaged."""
    path = path_of(tenant_id, table)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    held = _LINE.match(content)
    if held is None:
        raise HeadDamaged(f"{path} holds no head: restore it from a copy, or remove it once its loss is explained")
    return int(held[1]), held[2].decode()
