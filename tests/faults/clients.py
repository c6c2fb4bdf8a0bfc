"""Several people at once: threads with a database connection each that start from one shot, and keep it over rounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Clients:
    """`together(work)` gives each client's answer or the exception it met, in the order of the clients."""

    def __init__(self, tenant: Any, count: int = 8) -> None:
        self.tenant, self.count = tenant, count
        self.seconds: list[float] = []  # what each client waited for its answer
        self._pool = ThreadPoolExecutor(count)

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        self._each(lambda _: _close())
        self._pool.shutdown()

    def together(self, work: Callable[[int], object], *, scope: bool = True) -> list[Any]:
        """`work(number)` of every client in a transaction of its own; without `scope` it opens its own."""
        return self._each(lambda number: self._one(work, number, scope))

    def _one(self, work: Callable[[int], object], number: int, scope: bool) -> object:
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope

        start = time.monotonic()
        try:
            if not scope:
                return work(number)
            with tenant_scope(self.tenant), acting_as(f"client {number}"):
                return work(number)
        except Exception as fault:
            return fault
        finally:
            self.seconds.append(time.monotonic() - start)

    def _each(self, work: Callable[[int], object]) -> list[Any]:
        shot = threading.Barrier(self.count)

        def run(number: int) -> object:
            from django.db import connection

            connection.ensure_connection()
            shot.wait(60)  # also what gives each thread of the pool exactly one
            return work(number)

        return list(self._pool.map(run, range(self.count)))

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def _close() -> None:
    from django.db import connections

    for connection in connections.all():
        connection.close()
