"""Counts and times of requests by route, shared by all processes of one server.

They lie in memory that the server's processes have in common from before it forks: whichever process is asked for them
answers for all. A process that is killed in the middle leaves its lock, for the system takes that back.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from functools import cache

import msgspec

BOUNDS_SECONDS = (0.05, 0.1, 0.3, 0.8, 2.0, 10.0)
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
CELLS = len(STATUSES) + 1 + len(BOUNDS_SECONDS) + 1  # of one route: a count a status, the seconds, a count a bucket
ROUTES = 4_000  # each model of the administration has five
NO_ROUTE = "none"

_memory = memoryview(mmap.mmap(-1, ROUTES * CELLS * 8)).cast("d")
_threads = threading.Lock()
_processes, _name = tempfile.mkstemp(prefix="claimwright-figures-")
os.unlink(_name)  # the open file is all that locks need


class RouteFigures(msgspec.Struct, frozen=True):
    """One route since the server started: requests by status class, seconds in all, requests up to each bound."""

    route: str
    statuses: dict[str, int]
    seconds: float
    up_to: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.statuses.values())


@cache
def routes() -> dict[str, int]:
    """Each named route and its place; the same in every process, since all have the same addresses."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def names(resolver: URLResolver, before: tuple[str, ...]) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from names(pattern, (*before, pattern.namespace) if pattern.namespace else before)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield ":".join((*before, pattern.name))

    known = sorted(set(names(get_resolver(), ())))[: ROUTES - 1]
    return {name: place for place, name in enumerate([NO_ROUTE, *known])}


def count_request(*, route: str, status: int, seconds: float) -> None:
    """Add one request; a route that nobody knows counts under `none`."""
    start = routes().get(route, 0) * CELLS
    kind = min(max(status // 100, 1), len(STATUSES)) - 1
    bucket = next((place for place, bound in enumerate(BOUNDS_SECONDS) if seconds <= bound), len(BOUNDS_SECONDS))
    with _threads:
        fcntl.lockf(_processes, fcntl.LOCK_EX)
        try:
            _memory[start + kind] += 1
            _memory[start + len(STATUSES)] += seconds
            _memory[start + len(STATUSES) + 1 + bucket] += 1
        finally:
            fcntl.lockf(_processes, fcntl.LOCK_UN)


def figures() -> list[RouteFigures]:
    """Every route that was asked for at least once, by name."""
    found = []
    for route, place in routes().items():
        cells = _memory[place * CELLS : (place + 1) * CELLS].tolist()
        if not any(cells):
            continue
        statuses = {name: int(count) for name, count in zip(STATUSES, cells, strict=False) if count}
        buckets = cells[len(STATUSES) + 1 :]
        up_to = tuple(int(sum(buckets[: end + 1])) for end in range(len(buckets)))
        found.append(RouteFigures(route, statuses, cells[len(STATUSES)], up_to))
    return found
