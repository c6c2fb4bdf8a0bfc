"""One office's rows, copied many times inside the database: a practice of a million claims, each copy a whole story.

Nothing is invented: a copy has the same states, dates and cents as its original, with ids, numbers and keys of its own.
The hash chains of copied rows are not theirs, so this is a database to be looked at and measured, never audited.
"""

from __future__ import annotations

import time
from typing import Any

Columns = list[tuple[str, str]]

# In the order of nothing: foreign keys are not checked while rows are copied, and hold afterwards.
CLONED = (
    "patients_patient", "patients_patientcoverage", "patients_registration", "charges_encounter", "charges_chargeline",
    "charges_encountermove", "submissions_claim", "submissions_claimversion", "submissions_claimevent",
    "submissions_claimmoney", "submissions_editfinding", "submissions_submission", "contracts_expectedclaim", "contracts_expectedline",
    "exchange_inboxfile", "exchange_inboxpart", "exchange_inboxdelivery", "payments_remittance",
    "payments_claimpayment", "payments_adjudicationrecord", "payments_provideradjustment", "payments_lastdecision",
    "payments_patientreceipt", "payments_writeoff", "payments_deposit", "payments_statement", "denials_denial",
    "followup_following", "eligibility_eligibilityinquiry", "eligibility_eligibilitysnapshot",
    "statements_account", "statements_guarantorstatement", "statements_statementpart", "core_workitem",
    "cashier_cashdrawer", "cashier_drawercount", "cashier_depositslip", "cashier_slipdrawer", "cashier_counterreceipt",
    "cashier_cardattempt", "cashier_cardevent", "bank_bankfile", "bank_bankstatement", "bank_bankline", "bank_openline",
    "bank_bankmatch", "bank_bankmatchline", "bank_bankmatchpart",
    "accounts_ledgertransfer",
)  # fmt: skip
# Numbers and keys that name a row, or name the row it belongs to: a copy's end with its own number.
NAMES = frozenset(
    (
        "record_number", "external_id", "appointment_id", "line_id", "line_control_number", "control_number", "number",
        "key", "trace_number", "claim_number", "record_id", "payment", "claim", "reverses",
        "member_id", "payer_claim_number", "trace", "session", "event", "settlement",
    )
)  # fmt: skip
# Ids of cloned rows without a foreign key: their table lies in a lower app, or groups rows.
PLAIN = frozenset(
    (("contracts_expectedclaim", "claim_version_id"), ("eligibility_eligibilityinquiry", "encounter_id"),
     ("accounts_ledgertransfer", "journal"))
)  # fmt: skip
HASHES = frozenset(("sha256", "fingerprint"))
HASHED = frozenset((("bank_bankline", "key"),))
SUBJECTS = frozenset(("debit_subject", "credit_subject", "subject_id"))
COUNTED = frozenset(("sequence", "ledger_sequence", "posting_order"))
# Papers and files are as large as their originals together; a page shows that they are there.
SHORT = {
    ("exchange_inboxfile", "content"): "'copy'::bytea",
    ("bank_bankfile", "content"): "'copy'::bytea",
    ("payments_statement", "pdf"): "'%%PDF'::bytea",
}
WITH_LINES = {("submissions_claimversion", "content")}
SUFFIX = "('X' || k)"


def multiply(cursor: Any, tenant_id: object, copies: int, *, say: Any = print) -> int:
    """Copy every cloned table's rows of the tenant `copies` times; how many claims the tenant has then.

    `cursor` is of a role that owns the tables and may set session_replication_role.
    """
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET work_mem = '256MB'")
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute("SET synchronous_commit = off")
    for table in CLONED:
        start = time.perf_counter()
        columns = _columns(cursor, table)
        if not columns:
            continue
        indexes = _drop_indexes(cursor, table)
        rows = _copy(cursor, table, columns, _mapped(cursor, table), tenant_id, copies)
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute(f'ANALYZE "{table}"')
        say(f"{table}: {rows:,} rows more, {time.perf_counter() - start:.0f} s")
    cursor.execute("SET session_replication_role = origin")
    cursor.execute("SELECT count(*) FROM submissions_claim WHERE tenant_id = %s", [tenant_id])
    return int(cursor.fetchone()[0])


def _columns(cursor: Any, table: str) -> Columns:
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return list(cursor.fetchall())


def _mapped(cursor: Any, table: str) -> set[str]:
    """Columns that hold the id of a cloned row: the row's own, and its foreign keys to cloned tables."""
    cursor.execute(
        """SELECT DISTINCT a.attname, f.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
           JOIN pg_class f ON f.oid = c.confrelid
           JOIN unnest(c.conkey) WITH ORDINALITY k(num, place) ON true
           JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num
           WHERE c.contype = 'f' AND t.relname = %s AND a.attname <> 'tenant_id'""",
        [table],
    )
    return {"id"} | {column for column, target in cursor.fetchall() if target in CLONED}


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """Indexes that guard nothing are built anew at the end; their definitions."""
    cursor.execute(
        """SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
           JOIN pg_class t ON t.oid = x.indrelid WHERE t.relname = %s AND NOT x.indisprimary
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)""",
        [table],
    )
    found = list(cursor.fetchall())
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _copy(cursor: Any, table: str, columns: Columns, mapped: set[str], tenant_id: object, copies: int) -> int:
    names, values = [], []
    for column, kind in columns:
        names.append(f'"{column}"')
        values.append(_value(table, column, kind, mapped))
    extra = ""
    counted = [column for column, kind in columns if column in COUNTED and kind == "bigint"]
    if counted:
        tops = ", ".join(f'coalesce(max("{column}"), 0) AS "{column}"' for column in counted)
        extra = f'CROSS JOIN (SELECT {tops} FROM "{table}" WHERE tenant_id = %(tenant)s) top '
    cursor.execute(
        f'INSERT INTO "{table}" ({", ".join(names)}) SELECT {", ".join(values)} FROM "{table}" s {extra}'
        "CROSS JOIN generate_series(1, %(copies)s) k WHERE s.tenant_id = %(tenant)s",
        {"tenant": tenant_id, "copies": copies},
    )
    return int(cursor.rowcount)


def _value(table: str, column: str, kind: str, mapped: set[str]) -> str:
    here = f's."{column}"'
    if (table, column) in SHORT:
        return SHORT[table, column]
    if (table, column) in WITH_LINES:  # the version's lines are named by their ids inside it
        return f"regexp_replace({here}::text, '\"(L[0-9A-Z]{{7}})\"', '\"\\1' || {SUFFIX} || '\"', 'g')::jsonb"
    if kind == "uuid" and (column in mapped or (table, column) in PLAIN):
        return _id(f"{here}::text", here)
    if column in COUNTED and kind == "bigint":
        return f'CASE WHEN {here} IS NULL THEN NULL ELSE {here} + k * (top."{column}" + 1) END'
    if column in SUBJECTS:
        return (
            f"CASE WHEN {here} ~ '^L[0-9A-Z]{{7}}$' THEN {here} || {SUFFIX} "
            f"WHEN {here} ~ '^account-' THEN 'account-' || md5(substr({here}, 9) || '/' || k)::uuid "
            f"WHEN {here} ~ '^R[0-9]{{7}}$' THEN {here} || {SUFFIX} "
            f"WHEN {here} ~ '^[0-9a-f]{{8}}-' AND {_is_cloned_subject(column)} THEN (md5({here} || '/' || k)::uuid)::text "
            f"ELSE {here} END"
        )
    if column in HASHES or (table, column) in HASHED:
        return f"substr(encode(sha256(convert_to({here} || k, 'UTF8')), 'hex'), 1, length({here}))"
    if column in NAMES and kind.startswith(("character", "text")):
        return f"CASE WHEN {here} = '' THEN '' ELSE {here} || {SUFFIX} END"
    if (table, column) == ("patients_patient", "last_name"):  # copies are other people: a name is not everybody's
        return f"{here} || '-' || initcap(translate(substr(md5({here} || k), 1, 5), '0123456789', 'ghijklmnop'))"
    return here


def _is_cloned_subject(column: str) -> str:
    """Subjects that are ids of masters (practices, payers, files of the day) stay theirs."""
    if column == "subject_id":
        return (
            "s.subject_type IN ('claim_version', 'claim', 'patient', 'encounter', 'denial', 'remittance', 'coverage')"
        )
    return f"s.\"{column.removesuffix('_subject')}_kind\" = 'CREDIT'"


def _id(text: str, here: str) -> str:
    return f"CASE WHEN {here} IS NULL THEN NULL ELSE md5({text} || '/' || k)::uuid END"
