"""I16: every credit balance is where a person sees it."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.auditor.report import Check, Cursor, rows

LINES = """
WITH balances AS (
  SELECT s AS line, b AS bucket, sum(amount) AS balance FROM (
    SELECT debit_subject s, debit_bucket b, amount FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE'
    UNION ALL
    SELECT credit_subject, credit_bucket, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE') x
  GROUP BY s, b HAVING sum(amount) < 0)
SELECT x.line, x.bucket, x.balance,
  EXISTS (SELECT 1 FROM payments_refund r WHERE r.line_id = x.line AND r.state NOT IN ('CLEARED', 'RECOUPED')),
  EXISTS (SELECT 1 FROM payments_refund r WHERE r.line_id = x.line AND r.due_on IS NULL
            AND r.state NOT IN ('CLEARED', 'RECOUPED')),
  p.kind IN ('medicare', 'medicaid')
FROM balances x JOIN charges_chargeline l ON l.line_id = x.line
LEFT JOIN submissions_claim c ON c.encounter_id = l.encounter_id AND c.bucket = x.bucket
LEFT JOIN practice_payer p ON p.id = c.payer_id
"""


def negative_lines_are_on_the_refund_list(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for line, bucket, balance, listed, undated, federal in rows(cursor, LINES):
        problem = ""
        if not listed:
            problem = f"{bucket} stands at {balance} and no refund lists it"
        elif federal and undated:
            problem = f"{bucket} is owed to a federal payer and has no due date"
        yield f"line {line}", problem


def unapplied_money_is_on_the_refund_list(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """
      SELECT s, sum(amount), EXISTS (SELECT 1 FROM payments_refund r WHERE r.patient_id::text = s
               AND r.state NOT IN ('CLEARED', 'RECOUPED'))
      FROM (SELECT debit_subject s, amount FROM accounts_ledgertransfer WHERE debit_kind = 'CREDIT'
            UNION ALL SELECT credit_subject, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'CREDIT') x
      GROUP BY s HAVING sum(amount) <> 0"""
    for patient, balance, listed in rows(cursor, query):
        problem = ""
        if balance > 0:
            problem = f"more was applied than was paid: {balance}"
        elif not listed:
            problem = f"{-balance} of unapplied money and no refund lists it"
        yield f"patient {patient}", problem


CHECKS = (
    Check("I16", "Every negative line is on the refund list", negative_lines_are_on_the_refund_list),
    Check("I16", "All unapplied money is on the refund list", unapplied_money_is_on_the_refund_list),
)
