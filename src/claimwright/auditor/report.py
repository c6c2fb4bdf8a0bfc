"""What an audit says: each invariant, how many objects it looked at, and every fault with its subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec
import psycopg

Cursor = psycopg.Cursor[tuple]  # type: ignore[type-arg]


class AuditFault(msgspec.Struct, frozen=True):
    """One broken invariant. `subject` is an id of ours, never a patient's value."""

    invariant: str
    subject: str
    message: str


class Listed(msgspec.Struct, frozen=True):
    """No fault, yet to be seen: money that waits, such as a remittance whose deposit has not come."""

    what: str
    subject: str
    amount: Decimal
    age_days: int


class CheckResult(msgspec.Struct, frozen=True):
    invariant: str
    title: str
    examined: int
    faults: tuple[AuditFault, ...]
    listed: tuple[Listed, ...] = ()


class AuditReport(msgspec.Struct, frozen=True):
    checks: tuple[CheckResult, ...]
    ledger_head: str = ""
    audit_head: str = ""

    @property
    def faults(self) -> tuple[AuditFault, ...]:
        return tuple(fault for check in self.checks for fault in check.faults)

    @property
    def balanced(self) -> bool:
        return not self.faults


class Check(msgspec.Struct, frozen=True):
    """`look` yields a pair for each object examined: its id and what is wrong with it, "" for nothing."""

    invariant: str
    title: str
    look: Callable[[Cursor], Iterator[tuple[str, str]]]
    waits: Callable[[Cursor], Iterator[Listed]] | None = None


def rows(cursor: Cursor, query: str, *parameters: object) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Rows of a query, fetched in pages: a large practice's ledger does not fit in memory at once."""
    connection = cursor.connection
    with connection.cursor(name=f"audit_{abs(hash((query, parameters)))}") as paged:
        paged.itersize = 5000
        paged.execute(query, parameters)
        yield from paged
