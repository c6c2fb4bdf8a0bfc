"""A bound on what tests of hostile input may take: one that runs away must fail, not take the machine with it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_MORE_BYTES = 768 << 20


@contextmanager
def bounded(more: int = MOST_MORE_BYTES) -> Iterator[None]:
    """Within, this process gets a MemoryError where it asks for so much more address space than it has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
