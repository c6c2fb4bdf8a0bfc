"""I1, I2, I11, I14: the ledger's rows, lines and chains, from SQL alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping

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
        "OPENING",
    ]
)
BUCKETS = frozenset(("INS1", "INS2", "INS3", "PAT"))


def transfers_move_money_between_two_accounts(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT sequence, debit_kind, debit_bucket, debit_subject, credit_kind, credit_bucket, credit_subject,
                      amount FROM accounts_ledgertransfer"""
    for sequence, *sides, amount in rows(cursor, query):
        debit, credit = tuple(sides[:3]), tuple(sides[3:])
        problem = ""
        if not math.isfinite(amount) or amount <= 0:
            problem = "the amount is not above zero"
        elif debit == credit:
            problem = "debit and credit are one account"
        elif debit[0] not in KINDS or credit[0] not in KINDS:
            problem = "an account of no known kind"
        elif any(side[0] == "RECEIVABLE" and side[1] not in BUCKETS for side in (debit, credit)):
            problem = "a receivable outside INS1, INS2, INS3 and PAT"
        yield f"transfer {sequence}", problem


ACCOUNTS = """
SELECT kind, bucket, subject, CASE
  WHEN kind IN ('RECEIVABLE', 'BAD_DEBT') THEN
    EXISTS (SELECT 1 FROM charges_chargeline l WHERE l.line_id = subject) OR (subject LIKE 'account-%%' AND
    EXISTS (SELECT 1 FROM patients_patient p WHERE p.id::text = substr(subject, 9)))
  WHEN kind = 'CREDIT' THEN EXISTS (SELECT 1 FROM patients_patient p WHERE p.id::text = subject)
  WHEN kind IN ('REMITTANCE', 'SUSPENSE') THEN EXISTS (SELECT 1 FROM payments_remittance r WHERE r.number = subject)
  WHEN kind IN ('PAYER_OFFSET', 'WITHHOLD') THEN
    EXISTS (SELECT 1 FROM practice_payer p WHERE p.key = split_part(subject, '|', 1))
  WHEN kind = 'REFUND' THEN EXISTS (SELECT 1 FROM practice_practice p WHERE p.id::text = subject)
    OR EXISTS (SELECT 1 FROM practice_payer p WHERE p.key = split_part(subject, '|', 1))
  ELSE EXISTS (SELECT 1 FROM practice_practice p WHERE p.id::text = subject) END
FROM (SELECT debit_kind AS kind, debit_bucket AS bucket, debit_subject AS subject FROM accounts_ledgertransfer
      UNION SELECT credit_kind, credit_bucket, credit_subject FROM accounts_ledgertransfer) account
"""


def accounts_are_of_the_tenant(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """An account's subject is a line, patient, payment, payer or practice that this tenant has."""
    for kind, bucket, subject, known in rows(cursor, ACCOUNTS):
        name = "/".join(filter(None, (kind, bucket, subject)))
        yield f"account {name}", "" if known else "it belongs to nothing of this tenant"


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
  SELECT debit_subject AS line, entry_type,
         CASE WHEN credit_kind = 'OPENING' THEN 'OPENING/' || credit_bucket ELSE credit_kind END AS other, amount, posted_on
    FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE'
  UNION ALL
  SELECT credit_subject, entry_type,
         CASE WHEN debit_kind = 'OPENING' THEN 'OPENING/' || debit_bucket ELSE debit_kind END, -amount, posted_on
    FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE'
), sums AS (
  SELECT line,
         sum(amount) FILTER (WHERE other IN ('REVENUE', 'OPENING/CHARGE')) AS charged,
         sum(amount) FILTER (WHERE other = 'RECEIVABLE') AS moved,
         count(*) FILTER (WHERE other IN ('REVENUE', 'OPENING/CHARGE')) AS charges,
         sum(amount) FILTER (WHERE other IN ('REMITTANCE', 'SUSPENSE', 'REFUND', 'OPENING/PAID')) AS paid,
         sum(amount) FILTER (WHERE other IN ('ADJUSTMENT', 'WITHHOLD', 'CAPITATION_REVENUE', 'FEE', 'BAD_DEBT',
                                             'OPENING/ADJUSTED')) AS adjusted,
         sum(amount) FILTER (WHERE other IN ('CREDIT', 'PATIENT_CASH', 'OPENING/PATIENT_PAID')) AS patient,
         sum(amount) AS open
  FROM flows GROUP BY line)
SELECT coalesce(c.line_id, s.line), c.charge, coalesce(s.charged, 0), coalesce(s.charges, 0), coalesce(s.moved, 0),
       coalesce(s.paid, 0), coalesce(s.adjusted, 0), coalesce(s.patient, 0), coalesce(s.open, 0), c.line_id IS NULL
FROM charges_chargeline c FULL JOIN sums s ON s.line = c.line_id
"""
SIDES = 2  # a charge taken back has two entries against revenue, or more


def every_cent_of_a_line_is_in_one_place(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """The charge of the row, less payers', adjustments' and the patient's shares, is what stands open."""
    for line, charge, charged, charges, moved, paid, adjusted, patient, opened, no_line in rows(cursor, LINES):
        problem = ""
        voided = charged == 0 and charges >= SIDES
        if no_line:
            problem = "" if line.startswith(ACCOUNT) else "receivable entries for a charge line that does not exist"
        elif charged != charge and not voided:
            problem = (
                f"charge {charge}, ledger says {charged}" if charges else f"charge {charge} never reached the ledger"
            )
        elif moved != 0:
            problem = f"transfers between buckets sum to {moved}, not 0.00"
        elif charged + paid + adjusted + patient != opened:
            lost = opened - charged - paid - adjusted - patient
            problem = f"{lost} of it went to no known place"
        yield f"line {line}", problem


def bucket_balances_add_up_to_the_line(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Debits less credits by bucket against the charge less everything that settled it."""
    query = """
      WITH sides AS (
        SELECT debit_subject AS line, amount AS moved,
               CASE WHEN credit_bucket = 'CHARGE' AND credit_kind = 'OPENING' THEN 'REVENUE' ELSE credit_kind END AS other
          FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE' AND credit_kind <> 'RECEIVABLE'
        UNION ALL
        SELECT credit_subject, -amount,
               CASE WHEN debit_bucket = 'CHARGE' AND debit_kind = 'OPENING' THEN 'REVENUE' ELSE debit_kind END
          FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE' AND debit_kind <> 'RECEIVABLE'
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
                  payment, claim, reverses,
                  to_char(posted_at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', posted_at) = posted_at
                    THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END) || '+00:00', note
           FROM accounts_ledgertransfer ORDER BY sequence""",
    ),
    (
        "core_auditevent",
        """SELECT sequence, previous_hash, hash,
                  to_char(at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', at) = at
                    THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END) || '+00:00',
                  replace(replace(actor, '\\', '\\\\'), '|', '\\|'), replace(replace(action, '\\', '\\\\'), '|', '\\|'),
                  replace(replace(subject_type, '\\', '\\\\'), '|', '\\|'),
                  replace(replace(subject_id, '\\', '\\\\'), '|', '\\|'),
                  replace(replace(detail, '\\', '\\\\'), '|', '\\|')
           FROM core_auditevent ORDER BY sequence""",
    ),
)


def chains_hold(cursor: Cursor, known: Mapping[str, tuple[int, str]] | None = None) -> Iterator[tuple[str, str]]:
    """From the first row on, or from behind the row (sequence, hash) that `known` has of a table."""
    for table, query in CHAINS:
        last, previous = (known or {}).get(table, (0, "0" * 64))
        expected = last + 1
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


def append_only_tables_refuse_change(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """The triggers that keep rows from being changed stand and are on."""
    cursor.execute(
        """SELECT c.relname, count(t.oid) FILTER (WHERE t.tgenabled IN ('O', 'A')) FROM pg_class c
           LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
             AND t.tgname IN (c.relname || '_append_only', c.relname || '_no_truncate')
           WHERE c.relname = ANY(%s) GROUP BY c.relname""",
        [list(APPEND_ONLY)],
    )
    standing = dict(cursor.fetchall())
    for table in APPEND_ONLY:
        guards = standing.get(table, 0)
        yield f"table {table}", "" if guards == len(GUARDS) else f"{guards} of its {len(GUARDS)} guards are on"


APPEND_ONLY = (
    "accounts_ledgertransfer",
    "accounts_periodevent",
    "arrangements_goodfaithestimate",
    "arrangements_patientletter",
    "authorizations_authorizationchange",
    "authorizations_authorizationentry",
    "bank_bankfile",
    "bank_bankline",
    "bank_bankmatch",
    "bank_bankmatchline",
    "bank_bankmatchpart",
    "bank_bankstatement",
    "cashier_cardevent",
    "cashier_creditmove",
    "cashier_drawercount",
    "charges_chargecorrection",
    "charges_encountermove",
    "clients_clientpayment",
    "clients_clientterms",
    "clients_invoicecredit",
    "close_auditresult",
    "close_dayclose",
    "close_itemsignoff",
    "close_monthreport",
    "contracts_contractrate",
    "contracts_expectedclaim",
    "contracts_expectedline",
    "core_auditevent",
    "eligibility_eligibilitysnapshot",
    "eligibility_snapshotchange",
    "exchange_inboxdelivery",
    "followup_statusanswer",
    "patients_medicarequestionnaire",
    "patients_mergemove",
    "payments_adjudicationrecord",
    "recoveries_linecomparison",
    "reports_billingcost",
    "statements_dunningstep",
    "statements_notice",
    "statements_statementpart",
    "submissions_claimevent",
    "submissions_claimprint",
    "submissions_localruletrial",
)
GUARDS = ("_append_only", "_no_truncate")
MONEY_COLUMNS = """
SELECT table_name || '.' || column_name, data_type, numeric_scale FROM information_schema.columns
WHERE table_schema = 'public' AND (data_type IN ('real', 'double precision', 'money') OR column_name ~
  '(^|_)(amount|charge|paid|total|instalment|due|responsibility)$'
  AND data_type NOT IN ('date', 'text', 'uuid', 'timestamp with time zone'))
"""
CONTENTS = (
    ("payments_remittance", "content"),
    ("payments_claimpayment", "content"),
    ("payments_claimpayment", "working"),
    ("payments_statement", "content"),
    ("statements_guarantorstatement", "content"),
    ("submissions_claimversion", "content"),
    ("charges_encounter", "content"),
)
INEXACT = (
    '$.** ? (@.type() == "number" && @ != @.floor())',
    '$.** ? (@.type() == "object").keyvalue() ? (@.value.type() == "number" && @.key like_regex '
    '"(amount|charge|paid|total|due|balance|responsibility|allowed)")',
)


def money_is_exact(cursor: Cursor) -> Iterator[tuple[str, str]]:
    cursor.execute(MONEY_COLUMNS)
    for column, kind, scale in cursor.fetchall():
        yield column, "" if kind == "numeric" and scale == 2 else f"type {kind}: money is numeric(14,2)"
    for table, column in CONTENTS:
        query = f"SELECT id, jsonb_path_exists({column}, %s) OR jsonb_path_exists({column}, %s) FROM {table}"
        for row_id, inexact in rows(cursor, query, *INEXACT):
            yield f"{table} {row_id}", "an amount is kept as a binary number" if inexact else ""


CHECKS = (
    Check(
        "I1", "Each transfer moves an amount above zero between two accounts", transfers_move_money_between_two_accounts
    ),
    Check("I1", "Both accounts of each transfer are of the tenant", accounts_are_of_the_tenant),
    Check("I1", "The trial balance is zero", trial_balance_is_zero),
    Check("I1", "Each reversal mirrors one earlier transfer", reversals_mirror_what_they_reverse),
    Check("I2", "Every cent of a line is in exactly one place", every_cent_of_a_line_is_in_one_place),
    Check("I13", "Open balances are what charges and settlements leave", bucket_balances_add_up_to_the_line),
    Check("I11", "The ledger's and the audit log's hash chains hold, without a gap", chains_hold),
    Check("I11", "Append-only tables refuse change", append_only_tables_refuse_change),
    Check("I14", "No amount is a binary number", money_is_exact),
)
