"""One audit: a read-only snapshot of one tenant, every check on it."""

from __future__ import annotations

import psycopg

from claimwright.auditor import bank, credits, exchange, inbox, ledger, remittances, shown, structure
from claimwright.auditor.report import AuditFault, AuditReport, Check, CheckResult, Cursor


def checks() -> tuple[Check, ...]:
    """Every check of one audit, in the order of the invariants' rooms; those of payments share one reading."""
    return (
        *ledger.CHECKS,
        *remittances.checks(),
        *bank.CHECKS,
        *inbox.CHECKS,
        *exchange.CHECKS,
        *structure.CHECKS,
        *credits.CHECKS,
        *shown.CHECKS,
    )


def audit(conninfo: str, tenant_id: str, *, known_heads: dict[str, tuple[int, str]] | None = None) -> AuditReport:
    """Audit one tenant's books. `conninfo` is a libpq string of the serving role.

    `known_heads` maps "ledger" and "audit" to a (sequence, hash) kept outside the database: a chain that no longer
    holds it was cut or rewritten.
    """
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction(), connection.cursor() as cursor:
            return audit_within(cursor, tenant_id, known_heads=known_heads)


def audit_within(
    cursor: Cursor, tenant_id: str, *, known_heads: dict[str, tuple[int, str]] | None = None
) -> AuditReport:
    """The same in a transaction that is open already, under row-level security: also of what it has not committed."""
    results = []
    heads = {}
    cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [tenant_id])
    for check in checks():
        examined = 0
        faults = []
        for subject, problem in check.look(cursor):
            examined += 1
            if problem:
                faults.append(AuditFault(check.invariant, subject, problem))
        listed = tuple(check.waits(cursor)) if check.waits else ()
        results.append(CheckResult(check.invariant, check.title, examined, tuple(faults), listed))
    for name, table in (("ledger", "accounts_ledgertransfer"), ("audit", "core_auditevent")):
        heads[name] = _head(cursor, table)
    if known_heads:
        results.append(_known_heads(cursor, known_heads))
    return AuditReport(tuple(results), heads["ledger"], heads["audit"])


def _head(cursor: Cursor, table: str) -> str:
    cursor.execute(f"SELECT sequence, hash FROM {table} ORDER BY sequence DESC LIMIT 1")
    row = cursor.fetchone()
    return f"{row[0]}:{row[1]}" if row else "0:"


def _known_heads(cursor: Cursor, known: dict[str, tuple[int, str]]) -> CheckResult:
    tables = {"ledger": "accounts_ledgertransfer", "audit": "core_auditevent"}
    faults = []
    for name, (sequence, digest) in known.items():
        cursor.execute(f"SELECT hash FROM {tables[name]} WHERE sequence = %s", [sequence])
        row = cursor.fetchone()
        if sequence and (row is None or row[0] != digest):
            faults.append(AuditFault("I11", f"{name}:{sequence}", "the chain does not hold the head kept outside"))
    return CheckResult("I11", "Heads kept outside the database stand in the chains", len(known), tuple(faults))
