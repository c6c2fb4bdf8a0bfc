"""I12, I13, I15: parents of the same tenant, figures kept beside the ledger, statements as issued."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from claimwright.auditor.report import Check, Cursor, rows

FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND a.attname <> 'tenant_id'
  AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.conrelid AND t.attname = 'tenant_id')
  AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.confrelid AND t.attname = 'tenant_id')
"""


def children_have_parents_of_their_tenant(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """A parent of another tenant is invisible to this one, so it shows as missing."""
    cursor.execute(FOREIGN_KEYS)
    for child, column, parent in cursor.fetchall():
        cursor.execute(
            f"""SELECT count(*) FROM {child} c LEFT JOIN {parent} p ON p.id = c."{column}" AND p.tenant_id = c.tenant_id
                WHERE c."{column}" IS NOT NULL AND p.id IS NULL"""
        )
        row = cursor.fetchone()
        assert row is not None
        yield f"{child}.{column}", f"{row[0]} rows without a parent of their tenant" if row[0] else ""


def rows_are_kept_apart(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Row-level security is forced on every table whose rows belong to a tenant."""
    cursor.execute(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
             SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relkind = 'r' AND a.attname = 'tenant_id' AND a.attnotnull"""
    )
    for table, apart in cursor.fetchall():
        yield f"table {table}", "" if apart else "row-level security is not forced on it"


def versions_total_their_lines(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT control_number, total_charge, (SELECT coalesce(sum((l->>'charge')::numeric), 0)
                 FROM jsonb_array_elements(coalesce(content->'lines', '[]')) l) FROM submissions_claimversion"""
    for control_number, total, lines in rows(cursor, query):
        yield f"claim {control_number}", "" if total == lines else f"total {total}, lines {lines}"


# What is printed on a statement: its visits, whether each adds up, and its ages. Amounts of nothing are not kept.
PRINTED = """
LEFT JOIN LATERAL (
  SELECT coalesce(sum(owed), 0) AS owed, coalesce(bool_or(owed <> charge - taken), false) AS odd FROM (
    SELECT coalesce((v->>'amount_owed')::numeric, 0) AS owed, coalesce((v->>'charge')::numeric, 0) AS charge,
      coalesce((v->>'insurer_paid')::numeric, 0) + coalesce((v->>'discount')::numeric, 0)
      + coalesce((v->>'already_paid')::numeric, 0) + coalesce((v->>'insurance_pending')::numeric, 0) AS taken
    FROM jsonb_array_elements(coalesce(s.content->'visits', '[]')) v) visit) printed ON true
LEFT JOIN LATERAL (
  SELECT sum((a->>1)::numeric) AS owed FROM jsonb_array_elements(coalesce(s.content->'aging', '[]')) a) aged ON true
"""
LINES = """(s.content->>'total_due')::numeric, printed.owed, printed.odd, aged.owed,
  coalesce((s.content->>'unapplied_credit')::numeric, 0)"""
# Statements of one run were made at one entry of the ledger: whether one of a later day stood before it is asked once.
STATEMENTS = f"""
WITH runs AS MATERIALIZED (
  SELECT r.ledger_sequence, r.issued_on, EXISTS (
    SELECT 1 FROM accounts_ledgertransfer late
    WHERE late.sequence <= r.ledger_sequence AND late.posted_on > r.issued_on) AS late
  FROM (SELECT DISTINCT ledger_sequence, issued_on FROM payments_statement) r)
SELECT s.number, s.amount_due, s.pdf, s.sha256, runs.late, coalesce(visits.due, 0) + coalesce(account.due, 0), {LINES}
FROM payments_statement s{PRINTED}
JOIN runs ON runs.ledger_sequence = s.ledger_sequence AND runs.issued_on = s.issued_on
LEFT JOIN LATERAL (
  SELECT sum(visit.due) AS due FROM (
    SELECT line.encounter_id, sum(line.patient) AS due, bool_or(line.payers > 0) AS waits FROM (
      SELECT l.encounter_id, l.line_id, coalesce(sum(side.moved) FILTER (WHERE side.bucket = 'PAT'), 0) AS patient,
             coalesce(sum(side.moved) FILTER (WHERE side.bucket <> 'PAT'), 0) AS payers
      FROM charges_chargeline l CROSS JOIN LATERAL (
        SELECT debit_bucket AS bucket, amount AS moved, sequence FROM accounts_ledgertransfer
         WHERE debit_kind = 'RECEIVABLE' AND debit_subject = l.line_id
        UNION ALL
        SELECT credit_bucket, -amount, sequence FROM accounts_ledgertransfer
         WHERE credit_kind = 'RECEIVABLE' AND credit_subject = l.line_id) side
      WHERE l.patient_id = s.patient_id AND side.sequence <= s.ledger_sequence
      GROUP BY 1, 2) line
    GROUP BY 1) visit
  WHERE NOT visit.waits AND NOT coalesce(s.content->'held_visits' ? visit.encounter_id::text, false)) visits ON true
LEFT JOIN LATERAL (
  SELECT sum(moved) AS due FROM (
    SELECT amount AS moved, sequence FROM accounts_ledgertransfer
     WHERE debit_kind = 'RECEIVABLE' AND debit_bucket = 'PAT' AND debit_subject = 'account-' || s.patient_id::text
    UNION ALL
    SELECT -amount, sequence FROM accounts_ledgertransfer
     WHERE credit_kind = 'RECEIVABLE' AND credit_bucket = 'PAT' AND credit_subject = 'account-' || s.patient_id::text) fee
  WHERE sequence <= s.ledger_sequence) account ON true
"""


def statements_are_the_ledger_as_of_their_day(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Asked for: the patient's part of each visit that no payer had open and that the statement does not name as
    held, and the fees on the account, all as of the ledger row it was made at."""
    for number, due, pdf, digest, late, balance, total, *lines in rows(cursor, STATEMENTS):
        problem = ""
        if hashlib.sha256(bytes(pdf)).hexdigest() != digest:
            problem = "the stored PDF is not the one issued"
        elif due != total:
            problem = f"the row says {due}, the statement {total}"
        elif late:
            problem = "it was made from entries of a later day"
        elif due != balance:
            problem = f"it asked for {due}, the ledger stood at {Decimal(balance):.2f}"
        yield f"statement {number}", problem or _lines_problem(total, *lines)


def _lines_problem(total: Decimal, owed: Decimal, odd: bool, aged: Decimal | None, credit: Decimal) -> str:
    """What is printed on one statement against itself: each visit, the total under them, the ages beside it."""
    if odd:
        return "a visit on it is not its charge less what was taken off"
    if owed - credit != total:
        return f"its visits come to {owed - credit}, its total is {total}"
    if aged is not None and aged != owed:
        return f"its ages come to {aged}, its visits to {owed}"
    return ""


# What a guarantor was sent, and the patients' statements it is made of. That those are the ledger is asked above.
GUARANTORS = f"""
SELECT s.number, s.amount_due, s.pdf, s.sha256, s.content IS NULL, parts.count, parts.due, parts.owed, parts.only,
  parts.of_another_day, {LINES}
FROM statements_guarantorstatement s{PRINTED}
LEFT JOIN LATERAL (
  SELECT count(*) AS count, coalesce(sum(o.amount_due), 0) AS due, min(o.number || o.sha256) AS only,
    coalesce(bool_or(o.issued_on <> s.issued_on), false) AS of_another_day,
    coalesce(sum((SELECT coalesce(sum((v->>'amount_owed')::numeric), 0)
                  FROM jsonb_array_elements(coalesce(o.content->'visits', '[]')) v)), 0) AS owed
  FROM statements_statementpart p JOIN payments_statement o ON o.id = p.statement_id WHERE p.whole_id = s.id) parts ON true
"""


def guarantors_are_asked_for_what_their_patients_owe(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """One patient's: that very statement. Several patients': their statements of that day, visits and totals summed."""
    for number, due, pdf, digest, single, count, asked, owed, only, another, total, *lines in rows(cursor, GUARANTORS):
        problem = ""
        if not count:
            problem = "no patient's statement is in it"
        elif another:
            problem = "a patient's statement in it is of another day"
        elif due != asked:
            problem = f"it asks for {due}, its patients' statements for {asked}"
        elif single:
            problem = "" if count == 1 and only == number + digest else "it is not the statement it was made of"
        elif pdf is None or hashlib.sha256(bytes(pdf)).hexdigest() != digest:
            problem = "the stored PDF is not the one issued"
        elif due != total:
            problem = f"the row says {due}, the statement {total}"
        elif lines[0] != owed:
            problem = f"its visits come to {lines[0]}, those of its patients' statements to {owed}"
        else:
            problem = _lines_problem(total, *lines)
        yield f"guarantor's statement {number}", problem


CHECKS = (
    Check("I12", "Every row's parents are of its tenant", children_have_parents_of_their_tenant),
    Check("I12", "Row-level security stands on every table", rows_are_kept_apart),
    Check("I13", "Claim totals are the sum of their lines", versions_total_their_lines),
    Check(
        "I15", "Statements are the ledger as of the entry they were made at", statements_are_the_ledger_as_of_their_day
    ),
    Check(
        "I15",
        "Guarantors are asked for what their patients' statements say",
        guarantors_are_asked_for_what_their_patients_owe,
    ),  # fmt: skip
)
