"""I16: every credit balance is where a person sees it."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.auditor.report import Check, Cursor, rows

DAYS_TO_RETURN = 60  # 42 CFR 401.305(b), written out here on purpose
DAYS_TO_INVESTIGATE = 180  # 42 CFR 401.305(b)(3), while the amount is worked out
LINES = """
WITH balances AS (
  SELECT s AS line, b AS bucket, sum(amount) AS balance FROM (
    SELECT debit_subject s, debit_bucket b, amount FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE'
    UNION ALL
    SELECT credit_subject, credit_bucket, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE') x
  GROUP BY s, b HAVING sum(amount) < 0)
SELECT x.line, x.bucket, x.balance, r.amount, r.identified_on, r.due_on, coalesce(p.kind IN ('medicare', 'medicaid'), false),
  r.state = 'HOLD' OR EXISTS (SELECT 1 FROM core_workitem w WHERE w.key = r.key AND w.state <> 'done')
FROM balances x JOIN charges_chargeline l ON l.line_id = x.line
LEFT JOIN submissions_claim c ON c.encounter_id = l.encounter_id AND c.bucket = x.bucket
LEFT JOIN practice_payer p ON p.id = c.payer_id
LEFT JOIN payments_refund r ON r.line_id = x.line AND r.bucket = x.bucket AND r.state NOT IN ('CLEARED', 'RECOUPED')
"""


def negative_lines_are_on_the_refund_list(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for line, bucket, balance, amount, identified, due, federal, shown in rows(cursor, LINES):
        problem = ""
        if amount is None:
            problem = f"{bucket} stands at {balance} and no refund lists it"
        elif amount != -balance:
            problem = f"{bucket} stands at {balance}, its refund says {amount}"
        elif not shown:
            problem = f"{bucket} stands at {balance} and its refund is on no worklist"
        elif federal and (identified is None or due is None):
            problem = f"{bucket} is owed to a federal payer and has no due date"
        elif federal and (due - identified).days not in range(DAYS_TO_RETURN, DAYS_TO_RETURN + DAYS_TO_INVESTIGATE + 1):
            problem = f"{bucket} is owed to a federal payer {DAYS_TO_RETURN} days after {identified}, not on {due}"
        yield f"line {line}", problem


def unapplied_money_is_on_the_refund_list(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """
      SELECT s, sum(amount), (SELECT max(r.amount) FROM payments_refund r WHERE r.patient_id::text = s
               AND r.line_id = '' AND r.state NOT IN ('CLEARED', 'RECOUPED', 'ISSUED'))
      FROM (SELECT debit_subject s, amount FROM accounts_ledgertransfer WHERE debit_kind = 'CREDIT'
            UNION ALL SELECT credit_subject, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'CREDIT') x
      GROUP BY s HAVING sum(amount) <> 0"""
    for patient, balance, listed in rows(cursor, query):
        problem = ""
        if balance > 0:
            problem = f"more was applied than was paid: {balance}"
        elif listed is None:
            problem = f"{-balance} of unapplied money and no refund lists it"
        elif listed != -balance:
            problem = f"{-balance} of unapplied money, its refund says {listed}"
        yield f"patient {patient}", problem


CHECKS = (
    Check("I16", "Every negative line is on the refund list", negative_lines_are_on_the_refund_list),
    Check("I16", "All unapplied money is on the refund list", unapplied_money_is_on_the_refund_list),
)
