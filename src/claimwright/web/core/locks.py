"""Locks that outlive a transaction and die with the process: for work that reaches over the network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from claimwright.web.core.tenancy import current_tenant


class InsideTransaction(RuntimeError):
    """Work over the network was begun inside a transaction: its evidence could be rolled back."""


def outside_transaction() -> None:
    """Raise InsideTransaction when a transaction is open."""
    if connection.in_atomic_block:
        raise InsideTransaction("work over the network commits its own steps: call it outside tenant_scope")


def one_at_a_time(name: str) -> None:
    """Whoever else of the tenant comes with `name` waits until this transaction ends, and then sees what it wrote.

    For requests that may come twice: look for what the first one made only after this, else both find nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"{current_tenant().pk}:{name}"])


# The server frees a killed process's lock only when it notices that the connection is gone.
PATIENCE_SECONDS, TRIES = 1.0, 20


def _held(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (held,) = cursor.fetchone()
    return bool(held)


@contextmanager
def exclusively(name: str) -> Iterator[bool]:
    """Whether this process alone holds `name`. The database lets go of it when the process dies."""
    outside_transaction()
    held = _held(name)
    for _ in range(TRIES):
        if held:
            break
        time.sleep(PATIENCE_SECONDS / TRIES)
        held = _held(name)
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def in_turn(name: str) -> Iterator[None]:
    """Wait until no other process holds `name`, then hold it: for work whose order matters."""
    outside_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
