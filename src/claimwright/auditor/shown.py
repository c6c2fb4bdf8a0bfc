"""I13: the figures that lists of claims show, kept by triggers, are what the ledger and the payments say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from claimwright.auditor.report import Check, Cursor, rows

OPEN_MONEY = """
WITH moved AS (
  SELECT line, bucket, sum(amount) AS amount FROM (
    SELECT debit_subject AS line, debit_bucket AS bucket, amount FROM accounts_ledgertransfer
     WHERE debit_kind = 'RECEIVABLE'
    UNION ALL
    SELECT credit_subject, credit_bucket, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE') x
  GROUP BY line, bucket)
SELECT c.id::text, last.newest, bool_or(last.state = 'CANCELLED'), shown.balance, shown.patient_balance,
       coalesce(sum(moved.amount) FILTER (WHERE moved.bucket = c.bucket), 0),
       coalesce(sum(moved.amount) FILTER (WHERE moved.bucket = 'PAT'), 0)
  FROM submissions_claim c
  JOIN LATERAL (SELECT v.newest, v.state, v.content FROM submissions_claimversion v WHERE v.claim_id = c.id
                 ORDER BY v.number DESC LIMIT 1) last ON true
  LEFT JOIN submissions_claimmoney shown ON shown.claim_id = c.id
  LEFT JOIN LATERAL jsonb_path_query(last.content, '$.lines[*].control_number') AS line(id) ON true
  LEFT JOIN moved ON moved.line = line.id #>> '{}'
 WHERE c.encounter_id IN (SELECT encounter_id FROM charges_chargeline)
 GROUP BY c.id, last.newest, shown.balance, shown.patient_balance
"""
DECISIONS = """
WITH standing AS (
  SELECT p.version_id, p.paid, p.patient_responsibility, p.content, p.segment, r.posted_at
    FROM payments_claimpayment p JOIN payments_remittance r ON r.id = p.remittance_id
   WHERE p.version_id IN (SELECT id FROM submissions_claimversion)
     AND p.state <> 'held' AND p.reversed_by_id IS NULL AND p.status <> '22'
), paid AS (SELECT version_id, sum(paid) AS paid FROM standing GROUP BY version_id
), last AS (
  SELECT DISTINCT ON (version_id) version_id, patient_responsibility, content FROM standing
   ORDER BY version_id, posted_at DESC NULLS FIRST, segment DESC)
SELECT v.id::text, shown.version_id IS NOT NULL, shown.paid, shown.allowed, shown.patient_responsibility, shown.reason,
       shown.carc, coalesce(paid.paid, 0), last.patient_responsibility, coalesce(last.content, '{}')
  FROM submissions_claimversion v
  LEFT JOIN payments_lastdecision shown ON shown.version_id = v.id
  LEFT JOIN paid ON paid.version_id = v.id
  LEFT JOIN last ON last.version_id = v.id
 WHERE shown.version_id IS NOT NULL OR paid.version_id IS NOT NULL
"""
Adjustments = Sequence[Mapping[str, Any]]


def open_money_of_claims_is_the_ledger(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Of each claim the lines of its highest version, in its payer's bucket and the patient's; none if it is cancelled."""
    for claim, newest, cancelled, balance, patient, of_payer, of_patient in rows(cursor, OPEN_MONEY):
        due = (Decimal(0), Decimal(0)) if cancelled else (of_payer, of_patient)
        problem = ""
        if not newest:
            problem = "its highest version is not marked as the newest"
        elif balance is None:
            problem = "no row says what is open on it"
        elif (balance, patient) != due:
            problem = f"lists show {balance} and {patient} open, the ledger holds {due[0]} and {due[1]}"
        yield f"claim {claim}", problem


def last_decisions_are_the_payments(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Of each version what stands of its payments: their sum, and what the last one says."""
    for version, there, paid, allowed, share, reason, carc, due, due_share, content in rows(cursor, DECISIONS):
        told = _last_adjustment(content)
        due_reason = f"{told.get('group')}-{told.get('reason')}"[:12] if told else ""
        due_carc = str(told.get("reason"))[:8] if told else ""
        shown = (paid, allowed, share, reason, carc)
        problem = ""
        if not there:
            problem = "payments stand and lists show none"
        elif shown != (due, _allowed(content), due_share, due_reason, due_carc):
            problem = f"lists show {paid} paid with {reason or 'no reason'}, its payments come to {due}"
        yield f"version {version}", problem


def _allowed(content: Mapping[str, Any]) -> Decimal | None:
    """As the claim states it, else the sum of its lines; None where neither does."""
    if content.get("allowed") is not None:
        return Decimal(content["allowed"])
    lines = [Decimal(line["allowed"]) for line in content.get("lines", ()) if line.get("allowed") is not None]
    return sum(lines, Decimal(0)) if lines else None


def _last_adjustment(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The last one of its lines, else of the claim itself."""
    of_lines: Adjustments = [one for line in content.get("lines", ()) for one in line.get("adjustments", ())]
    every: Adjustments = of_lines or content.get("adjustments", ())
    return every[-1] if every else {}


CHECKS = (
    Check("I13", "What lists show as open on a claim is the ledger's", open_money_of_claims_is_the_ledger),
    Check("I13", "What lists show as decided is what stands of the payments", last_decisions_are_the_payments),
)
