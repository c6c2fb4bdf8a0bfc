"""Corruption planted in an office's books, one kind a month, within a transaction that is rolled back after the audit.

The database's administrator plants it with every trigger and foreign key silent, and the auditor looks at it under the
serving role in the same transaction. Nothing of it is ever committed, so the books go on.
"""

from __future__ import annotations

import msgspec
import psycopg
from psycopg import sql

from claimwright.auditor.run import audit_within
from claimwright.web.database import APPLICATION_ROLE


class Planted(msgspec.Struct, frozen=True):
    """`statement` spoils one row of tenant %(tenant)s; `invariant` is what the auditor must name."""

    name: str
    invariant: str
    statement: str


_LEDGER = "accounts_ledgertransfer"
_NTH = "tenant_id = %(tenant)s ORDER BY {order} DESC OFFSET 7 LIMIT 1"


def _spoil(name: str, invariant: str, table: str, change: str, order: str = "sequence", where: str = "true") -> Planted:
    chosen = f"SELECT id FROM {table} WHERE {where} AND {_NTH.format(order=order)}"
    return Planted(name, invariant, f"UPDATE {table} SET {change} WHERE id = ({chosen})")


PLANTED = (
    _spoil("a payment raised by a cent", "I2", _LEDGER, "amount = amount + 0.01", where="entry_type = 'CHARGE'"),
    Planted("an entry deleted", "I11", f"DELETE FROM {_LEDGER} WHERE id = (SELECT id FROM {_LEDGER} WHERE {_NTH.format(order='sequence')})"),
    _spoil("a charge lowered", "I2", "charges_chargeline", "charge = charge - 1", order="line_id"),
    _spoil("a remittance's amount changed", "I3", "payments_remittance", "amount = amount + 10", order="number", where="amount > 0"),
    _spoil("a claim payment's amount changed", "I13", "payments_claimpayment", "paid = paid + 5", order="posting_order"),
    _spoil("a line of the audit log rewritten", "I11", "core_auditevent", "actor = 'somebody else'"),
    _spoil("bytes received changed", "I8", "exchange_inboxfile", "content = content || '\\x20'", order="received_at, id"),
    _spoil("bytes sent changed", "I9", "exchange_outboxfile", "content = content || '\\x20'", order="prepared_at, id"),
    _spoil("a claim's total changed", "I13", "submissions_claimversion", "total_charge = total_charge + 1", order="control_number"),
    _spoil("a statement asks for more", "I15", "payments_statement", "amount_due = amount_due + 1", order="number"),
    _spoil("a step of a claim taken out", "I10", "submissions_claimevent", "to_state = 'CLOSED', from_state = 'DRAFT'", order="at, id", where="to_state = 'SENT'"),
    _spoil("money at the bank counted twice", "I3", "bank_bankmatchpart", "amount = amount + 1", order="id"),
)  # fmt: skip


def plant_and_look(host: str, database: str, tenant_id: str, planted: Planted) -> str:
    """The first fault found under the planted invariant, "" when the auditor missed it. Changes nothing."""
    with psycopg.connect(host=host, user="postgres", dbname=database) as connection, connection.cursor() as cursor:
        try:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(planted.statement, {"tenant": tenant_id})
            if cursor.rowcount != 1:
                return ""
            cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(APPLICATION_ROLE)))
            report = audit_within(cursor, tenant_id)
        finally:
            connection.rollback()
    found = [fault for fault in report.faults if fault.invariant == planted.invariant]
    return f"{found[0].invariant} {found[0].subject}: {found[0].message}" if found else ""
