"""I1, I2, I11, I14: the ledger's rows, lines and chains, from SQL alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from claimwright.auditor.report import Check, Cursor, rows

KINDS = frozenset(
    [
        "RECEIVABLE",
        "BAD_DEBT",
        "CREDIT",
        "REVENUE",
        "ADJUSTMENT",
        "REMITTANCE",
        "PATIENT_CASH",
        "BANK",
        "PAYER_OFFSET",
        "SUSPENSE",
        "INTEREST",
        "CAPITATION_REVENUE",
        "REFUND",
        "FEE",
        "WITHHOLD",
        "OTHER_INCOME",
    ]
)
BUCKETS = frozenset(("INS1", "INS2", "INS3", "PAT"))


def transfers_move_money_between_two_accounts(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT sequence, debit_kind, debit_bucket, debit_subject, credit_kind, credit_bucket, credit_subject,
                      amount FROM accounts_ledgertransfer"""
    for sequence, *sides, amount in rows(cursor, query):
        debit, credit = tuple(sides[:3]), tuple(sides[3:])
        problem = ""
        if amount <= 0:
            problem = "the amount is not above zero"
        elif debit == credit:
            problem = "debit and credit are one account"
        elif debit[0] not in KINDS or credit[0] not in KINDS:
            problem = "an account of no known kind"
        elif any(side[0] == "RECEIVABLE" and side[1] not in BUCKETS for side in (debit, credit)):
            problem = "a receivable outside INS1, INS2, INS3 and PAT"
        yield f"transfer {sequence}", problem


def trial_balance_is_zero(cursor: Cursor) -> Iterator[tuple[str, str]]:
    cursor.execute(
        """SELECT count(*), coalesce(sum(balance), 0) FROM (
             SELECT sum(amount) AS balance FROM (
               SELECT debit_kind k, debit_bucket b, debit_subject s, amount FROM accounts_ledgertransfer
               UNION ALL
               SELECT credit_kind, credit_bucket, credit_subject, -amount FROM accounts_ledgertransfer) sides
             GROUP BY k, b, s) balances"""
    )
    row = cursor.fetchone()
    assert row is not None
    yield "trial balance", "" if row[1] == 0 else f"accounts sum to {row[1]}, not 0.00"


def reversals_mirror_what_they_reverse(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT r.sequence, o.sequence, r.amount = o.amount
               FROM accounts_ledgertransfer r LEFT JOIN accounts_ledgertransfer o ON o.key = r.reverses
               WHERE r.reverses <> ''"""
    for sequence, original, same in rows(cursor, query):
        problem = ""
        if original is None:
            problem = "it reverses a transfer that is not there"
        elif original >= sequence:
            problem = "it stands before what it reverses"
        elif not same:
            problem = "its amount is not that of the transfer it reverses"
        yield f"transfer {sequence}", problem


ACCOUNT = "account-"  # a patient's own account line: fees, which are of no charge
LINES = """
WITH flows AS (
  SELECT debit_subject AS line, entry_type, credit_kind AS other, amount, posted_on
    FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE'
  UNION ALL
  SELECT credit_subject, entry_type, debit_kind, -amount, posted_on
    FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE'
), sums AS (
  SELECT line,
         sum(amount) FILTER (WHERE other = 'REVENUE') AS charged,
         sum(amount) FILTER (WHERE other = 'RECEIVABLE') AS moved,
         sum(amount) FILTER (WHERE other NOT IN ('REVENUE', 'RECEIVABLE')) AS settled,
         sum(amount) AS open
  FROM flows GROUP BY line)
SELECT coalesce(c.line_id, s.line), c.charge, s.charged, s.moved, s.settled, s.open, c.line_id IS NULL,
       s.line IS NULL
FROM charges_chargeline c FULL JOIN sums s ON s.line = c.line_id
"""


def every_cent_of_a_line_is_in_one_place(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for line, charge, charged, moved, settled, opened, no_line, no_flow in rows(cursor, LINES):
        problem = ""
        if no_line and not line.startswith(ACCOUNT):
            problem = "receivable entries for a charge line that does not exist"
        elif no_flow:
            problem = f"charge {charge} never reached the ledger" if charge else ""
        elif (charged or 0) not in (charge, 0):
            problem = f"charge {charge}, ledger says {charged}"
        elif (moved or 0) != 0:
            problem = f"transfers between buckets sum to {moved}, not 0.00"
        elif (charged or 0) + (settled or 0) != opened:
            problem = f"charge {charged} and settlements {settled} leave {opened} open"
        yield f"line {line}", problem


def bucket_balances_add_up_to_the_line(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Debits less credits by bucket against the charge less everything that settled it."""
    query = """
      WITH sides AS (
        SELECT debit_subject AS line, credit_kind AS other, amount AS moved FROM accounts_ledgertransfer
         WHERE debit_kind = 'RECEIVABLE' AND credit_kind <> 'RECEIVABLE'
        UNION ALL
        SELECT credit_subject, debit_kind, -amount FROM accounts_ledgertransfer
         WHERE credit_kind = 'RECEIVABLE' AND debit_kind <> 'RECEIVABLE'
      ), flows AS (
        SELECT line, sum(moved) AS opened, -coalesce(sum(moved) FILTER (WHERE other <> 'REVENUE'), 0) AS settled
        FROM sides GROUP BY line)
      SELECT c.encounter_id, sum(c.charge), coalesce(sum(f.opened), 0), coalesce(sum(f.settled), 0)
      FROM charges_chargeline c LEFT JOIN flows f ON f.line = c.line_id GROUP BY c.encounter_id"""
    for encounter, charged, opened, settled in rows(cursor, query):
        ok = opened in (charged - settled, -settled)  # a voided visit has no charge left
        yield f"encounter {encounter}", "" if ok else f"charged {charged}, settled {settled}, open {opened}"


CHAINS = (
    (
        "accounts_ledgertransfer",
        """SELECT sequence, previous_hash, hash, key, debit_kind, debit_bucket, debit_subject, credit_kind, credit_bucket,
                  credit_subject, to_char(amount, 'FM999999999990.00'), entry_type, reason,
                  to_char(effective_date, 'YYYY-MM-DD'), to_char(posted_on, 'YYYY-MM-DD'), actor, journal::text,
                  payment, claim, reverses
           FROM accounts_ledgertransfer ORDER BY sequence""",
    ),
    (
        "core_auditevent",
        """SELECT sequence, previous_hash, hash,
                  to_char(at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', at) = at
                    THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END) || '+00:00',
                  actor, action, subject_type, subject_id, detail
           FROM core_auditevent ORDER BY sequence""",
    ),
)


def chains_hold(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for table, query in CHAINS:
        previous = "0" * 64
        expected = 1
        for sequence, previous_hash, digest, *payload in rows(cursor, query):
            problem = ""
            if sequence != expected:
                problem = f"row {expected} is missing"
            elif previous_hash != previous:
                problem = "it does not follow the row before it"
            elif hashlib.sha256(f"{previous}\n{'|'.join(payload)}".encode()).hexdigest() != digest:
                problem = "its content is not what its hash was made of"
            yield f"{table} {sequence}", problem
            previous, expected = digest, sequence + 1


def money_is_exact(cursor: Cursor) -> Iterator[tuple[str, str]]:
    cursor.execute(
        """SELECT table_name || '.' || column_name, data_type, numeric_scale FROM information_schema.columns
           WHERE table_schema = 'public' AND (data_type IN ('real', 'double precision', 'money')
             OR column_name IN ('amount', 'charge', 'paid', 'amount_due', 'total_charge', 'total', 'instalment'))"""
    )
    for column, kind, scale in cursor.fetchall():
        yield column, "" if kind == "numeric" and scale == 2 else f"type {kind}: money is numeric(14,2)"
    for table in ("payments_remittance", "payments_claimpayment", "submissions_claimversion"):
        query = f"""SELECT id, jsonb_path_exists(content,
                      '$.** ? (@.type() == "object").keyvalue() ? (@.key like_regex "^(amount|charge|paid|total_charge)$"
                       && @.value.type() == "number")') FROM {table}"""
        for row_id, inexact in rows(cursor, query):
            yield f"{table} {row_id}", "an amount is kept as a binary number" if inexact else ""


CHECKS = (
    Check(
        "I1", "Each transfer moves an amount above zero between two accounts", transfers_move_money_between_two_accounts
    ),
    Check("I1", "The trial balance is zero", trial_balance_is_zero),
    Check("I1", "Each reversal mirrors one earlier transfer", reversals_mirror_what_they_reverse),
    Check("I2", "Every cent of a line is in exactly one place", every_cent_of_a_line_is_in_one_place),
    Check("I13", "Open balances are what charges and settlements leave", bucket_balances_add_up_to_the_line),
    Check("I11", "The ledger's and the audit log's hash chains hold, without a gap", chains_hold),
    Check("I14", "No amount is a binary number", money_is_exact),
)
