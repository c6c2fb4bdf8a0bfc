"""The audit of a day: everything that was touched since the last proof, by the checks of the full audit.

A proof is what the auditor remembers of books it found whole: the transaction before which all was proved, how many rows
each table had, and which. The next day's audit asks the database which rows have been written since (their `xmin`), by
whomever, triggers silent or not; a proved row that is gone, or one of an append-only table that was written again, sends
it back to the full audit. For all else the checks run unchanged over the part of the books that the touched rows belong
to: whole patients, whole payments with all that share their trace, whole files, whole claim versions. Temporary tables
and views of the tables' own names narrow what the checks read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import psycopg
from psycopg import sql

from claimwright.auditor import bank, credits, exchange, inbox, ledger, remittances, shown, structure
from claimwright.auditor.report import AuditFault, AuditReport, Check, CheckResult, Cursor
from claimwright.auditor.run import audit_within

LEDGER, LOG = "accounts_ledgertransfer", "core_auditevent"
XIDS = 1 << 32
# Not older than the proof: by the age of transactions, which the database counts over their wrap.
TOUCHED = "age(t.xmin) <= age(%(since)s::text::xid)"
# Notes that the product itself takes away again. No check reads them and no row points to them: one less proves nothing.
PASSING = frozenset({
    "arrangements_planstep", "charges_anesthesiatime", "charges_documentedservice", "followup_following",
    "reports_savedfilter",
})  # fmt: skip


class Table(msgspec.Struct):
    """One table when it was proved: how many rows, and the ids of those that may change.

    Of a table whose rows are only ever added, `ids` are those that the next day finds again among the written ones,
    because a transaction was open when they were proved; each with the transaction that wrote it ("id xmin").
    """

    count: int = 0
    ids: set[str] = msgspec.field(default_factory=set)


class Proof(msgspec.Struct):
    """Books found whole. `since` is the first transaction id (32 bits) that may not have been seen."""

    since: int
    tables: dict[str, Table]
    ledger: tuple[int, str]
    log: tuple[int, str]


class Touch(msgspec.Struct):
    """What was written since the proof, by table; `gone` names tables whose proved rows vanished or were written again.

    `writers` are the transactions that wrote `ids`, for tables whose rows are only ever added.
    """

    ids: dict[str, list[str]]
    gone: list[str]
    writers: dict[str, list[str]] = msgspec.field(default_factory=dict)


class DailyAuditor:
    """Audits one tenant day after day. The first audit is full, and so is each after a fault or a vanished row."""

    def __init__(self, conninfo: str, tenant_id: str) -> None:
        self.conninfo, self.tenant_id = conninfo, tenant_id
        self.proof: Proof | None = None
        self.was_full = True

    def audit(self, *, full: bool = False) -> AuditReport:
        """`full` audits everything whatever was proved. `was_full` says afterwards which it was."""
        with psycopg.connect(self.conninfo) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.cursor() as cursor:
                report = self.audit_within(cursor, full=full)
            connection.rollback()
        return report

    def audit_within(self, cursor: Cursor, *, full: bool = False, keep: bool = True) -> AuditReport:
        """The same in an open transaction, which the caller rolls back. `keep` False leaves the proof as it was."""
        cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [self.tenant_id])
        every_table = tables(cursor)
        touch = touched(cursor, every_table, self.proof) if self.proof and not full else None
        self.was_full = touch is None or bool(touch.gone)
        if touch is None or touch.gone:
            report = audit_within(cursor, self.tenant_id, known_heads=self._heads())
        else:
            assert self.proof is not None
            report = audit_part(cursor, touch, self.proof)
            if report.faults:  # what a part shows, the whole must name
                self.was_full = True
                report = audit_within(cursor, self.tenant_id, known_heads=self._heads())
        if keep:
            self.proof = None if report.faults else _prove(cursor, every_table, self.proof, touch)
        return report

    def _heads(self) -> dict[str, tuple[int, str]] | None:
        return {"ledger": self.proof.ledger, "audit": self.proof.log} if self.proof else None


# What was touched ------------------------------------------------------------------------------------------------------


def tables(cursor: Cursor) -> dict[str, bool]:
    """Every table of tenants' rows with an id, and whether its rows are never written again."""
    cursor.execute(
        """SELECT c.relname, EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid
                                       AND g.tgname = c.relname || '_append_only')
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
           WHERE c.relkind = 'r'
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id')
           ORDER BY c.relname"""
    )
    return dict(cursor.fetchall())


def touched(cursor: Cursor, every_table: dict[str, bool], proof: Proof) -> Touch:
    """Every row written since the proof, and the tables whose proved rows are not all there as they were."""
    touch = Touch({}, [])
    for table, append_only in every_table.items():
        known = proof.tables.get(table, Table())
        total, ids, writers = _written(cursor, table, proof.since)
        again = sum(one in known.ids for one in (_signed(ids, writers) if append_only else ids))
        if total - len(ids) + again != known.count and table not in PASSING:
            touch.gone.append(table)
        if ids:
            touch.ids[table] = ids
            if append_only:
                touch.writers[table] = writers
    return touch


def _signed(ids: list[str], writers: list[str]) -> list[str]:
    """Rows that may not be written again, each with who wrote it: so one that was is another."""
    return [f"{one} {writer}" for one, writer in zip(ids, writers, strict=True)]


def _written(cursor: Cursor, table: str, since: int) -> tuple[int, list[str], list[str]]:
    """How many rows the table has, and those written since: their ids and, for each, the transaction that wrote it."""
    query = sql.SQL(
        "SELECT count(*), coalesce(array_agg(t.id::text) FILTER (WHERE " + TOUCHED + "), ARRAY[]::text[]),"
        " coalesce(array_agg(t.xmin::text) FILTER (WHERE " + TOUCHED + "), ARRAY[]::text[]) FROM {} t"
    )
    cursor.execute(query.format(sql.Identifier(table)), {"since": since})
    return cursor.fetchone() or (0, [], [])


def _prove(cursor: Cursor, every_table: dict[str, bool], before: Proof | None, touch: Touch | None) -> Proof:
    """Remember the books as this snapshot shows them; only what was touched is read again."""
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    (since,) = cursor.fetchone() or (0,)
    proof = Proof(since % XIDS, {}, _head(cursor, LEDGER), _head(cursor, LOG))
    for table, append_only in every_table.items():
        known = before.tables.get(table, Table()) if before else Table()
        if before is None or touch is None or touch.gone:
            proof.tables[table] = _all_of(cursor, table, append_only, proof.since)
            continue
        ids = touch.ids.get(table, [])
        if append_only:
            writers = touch.writers.get(table, [])
            known.count += sum(one not in known.ids for one in _signed(ids, writers))
            known.ids = {
                one
                for one, writer in zip(_signed(ids, writers), writers, strict=True)
                if (int(writer) - proof.since) % XIDS < XIDS // 2
            }
        else:
            fresh = [one for one in ids if one not in known.ids]
            known.count += len(fresh)
            known.ids.update(fresh)
        proof.tables[table] = known
    return proof


def _all_of(cursor: Cursor, table: str, append_only: bool, since: int) -> Table:
    if append_only:
        count, ids, writers = _written(cursor, table, since)
        return Table(count, set(_signed(ids, writers)))
    cursor.execute(sql.SQL("SELECT count(*), array_agg(id::text) FROM {}").format(sql.Identifier(table)))
    count, every = cursor.fetchone() or (0, None)
    return Table(count, set(every or ()))


def _head(cursor: Cursor, table: str) -> tuple[int, str]:
    cursor.execute(f"SELECT sequence, hash FROM public.{table} ORDER BY sequence DESC LIMIT 1")
    row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, "0" * 64)


# The part of the books that is looked at ----------------------------------------------------------------------------

# Ids of what touched rows belong to. %(table)s is the array of that table's touched ids.
PATIENTS = """
WITH subjects AS (
  SELECT debit_subject AS subject FROM public.accounts_ledgertransfer WHERE id = ANY(%(accounts_ledgertransfer)s)
  UNION SELECT credit_subject FROM public.accounts_ledgertransfer WHERE id = ANY(%(accounts_ledgertransfer)s)
), refunds AS (
  SELECT patient_id, line_id FROM public.payments_refund WHERE id = ANY(%(payments_refund)s)
     OR key IN (SELECT key FROM public.core_workitem WHERE id = ANY(%(core_workitem)s))
), lines AS (
  SELECT line_id FROM refunds UNION SELECT subject FROM subjects
  UNION SELECT line_id FROM public.payments_writeoff WHERE id = ANY(%(payments_writeoff)s)
), encounters AS (
  SELECT id FROM public.charges_encounter WHERE id = ANY(%(charges_encounter)s)
  UNION SELECT encounter_id FROM public.submissions_claim WHERE id = ANY(%(submissions_claim)s)
)
SELECT patient_id FROM public.charges_chargeline WHERE line_id IN (SELECT line_id FROM lines)
UNION SELECT patient_id FROM public.charges_chargeline WHERE id = ANY(%(charges_chargeline)s)
UNION SELECT patient_id FROM public.charges_chargeline WHERE encounter_id IN (SELECT id FROM encounters)
UNION SELECT id FROM public.patients_patient
 WHERE id::text IN (SELECT replace(subject, 'account-', '') FROM subjects) OR id = ANY(%(patients_patient)s)
UNION SELECT patient_id FROM refunds WHERE patient_id IS NOT NULL
UNION SELECT patient_id FROM public.payments_patientreceipt WHERE id = ANY(%(payments_patientreceipt)s)
"""
PAYMENTS = """
WITH touched AS (
  SELECT id FROM public.payments_remittance WHERE id = ANY(%(payments_remittance)s) OR part_id = ANY(%(exchange_inboxpart)s)
     OR part_id IN (SELECT id FROM public.exchange_inboxpart WHERE file_id = ANY(%(exchange_inboxfile)s))
  UNION SELECT remittance_id FROM public.payments_claimpayment WHERE id = ANY(%(payments_claimpayment)s)
  UNION SELECT remittance_id FROM public.payments_provideradjustment WHERE id = ANY(%(payments_provideradjustment)s)
  UNION SELECT remittance_id FROM public.payments_deposit WHERE id = ANY(%(payments_deposit)s)
  UNION SELECT r.id FROM public.payments_remittance r JOIN public.accounts_ledgertransfer t
    ON r.number IN (t.payment, t.debit_subject, t.credit_subject) WHERE t.id = ANY(%(accounts_ledgertransfer)s)
  UNION SELECT remittance_id FROM public.payments_provideradjustment WHERE code = 'FB'
)
SELECT id FROM touched WHERE id IS NOT NULL
UNION SELECT other.id FROM public.payments_remittance other JOIN public.payments_remittance r
  ON r.trace_number = other.trace_number WHERE r.id IN (SELECT id FROM touched)
"""
FILES = """
SELECT id FROM public.exchange_inboxfile WHERE id = ANY(%(exchange_inboxfile)s)
UNION SELECT file_id FROM public.exchange_inboxpart WHERE id = ANY(%(exchange_inboxpart)s)
UNION SELECT file_id FROM public.exchange_inboxdelivery WHERE id = ANY(%(exchange_inboxdelivery)s)
"""
SENT_FILES = """
SELECT id FROM public.exchange_outboxfile WHERE id = ANY(%(exchange_outboxfile)s)
UNION SELECT file_id FROM public.submissions_submission WHERE id = ANY(%(submissions_submission)s)
"""
# Visits of whose claims lists show the open money: its ledger rows, its versions, or what is shown was written.
SHOWN = """
SELECT encounter_id FROM public.submissions_claim WHERE id = ANY(%(submissions_claim)s)
UNION SELECT c.encounter_id FROM public.submissions_claim c JOIN public.submissions_claimmoney m ON m.claim_id = c.id
  WHERE m.id = ANY(%(submissions_claimmoney)s)
UNION SELECT c.encounter_id FROM public.submissions_claim c JOIN public.submissions_claimversion v ON v.claim_id = c.id
  WHERE v.id = ANY(%(submissions_claimversion)s)
UNION SELECT encounter_id FROM public.charges_chargeline WHERE line_id IN (
  SELECT debit_subject FROM public.accounts_ledgertransfer WHERE id = ANY(%(accounts_ledgertransfer)s)
  UNION SELECT credit_subject FROM public.accounts_ledgertransfer WHERE id = ANY(%(accounts_ledgertransfer)s))
"""
VERSIONS = """
SELECT id FROM public.submissions_claimversion WHERE id = ANY(%(submissions_claimversion)s)
UNION SELECT version_id FROM public.submissions_claimevent WHERE id = ANY(%(submissions_claimevent)s)
UNION SELECT version_id FROM public.submissions_submission WHERE id = ANY(%(submissions_submission)s)
UNION SELECT version_id FROM public.payments_claimpayment
 WHERE id = ANY(%(payments_claimpayment)s) AND version_id IS NOT NULL
UNION SELECT version_id FROM public.payments_lastdecision WHERE id = ANY(%(payments_lastdecision)s)
"""
WHOLES = """
SELECT id FROM public.statements_guarantorstatement WHERE id = ANY(%(statements_guarantorstatement)s)
UNION SELECT whole_id FROM public.statements_statementpart
 WHERE id = ANY(%(statements_statementpart)s) OR statement_id = ANY(%(payments_statement)s)
"""
PATIENTS_LEDGER = """
SELECT t.* FROM public.accounts_ledgertransfer t WHERE t.id IN (
  SELECT id FROM public.accounts_ledgertransfer WHERE debit_subject IN (SELECT subject FROM daily_subjects)
  UNION SELECT id FROM public.accounts_ledgertransfer WHERE credit_subject IN (SELECT subject FROM daily_subjects)
  UNION SELECT id FROM daily_accounts_ledgertransfer
  UNION SELECT o.id FROM public.accounts_ledgertransfer o JOIN public.accounts_ledgertransfer r ON r.reverses = o.key
    WHERE r.id IN (SELECT id FROM daily_accounts_ledgertransfer))
"""
SHOWN_LINES = "SELECT t.* FROM public.charges_chargeline t WHERE t.encounter_id IN (SELECT id FROM daily_shown)"
SHOWN_LEDGER = """
SELECT t.* FROM public.accounts_ledgertransfer t WHERE t.id IN (
  SELECT id FROM public.accounts_ledgertransfer WHERE debit_subject IN (SELECT line_id FROM daily_lines)
  UNION SELECT id FROM public.accounts_ledgertransfer WHERE credit_subject IN (SELECT line_id FROM daily_lines))
"""
PAYMENTS_LEDGER = """
SELECT t.* FROM public.accounts_ledgertransfer t WHERE
  (t.payment IN (SELECT number FROM daily_numbers) OR t.debit_subject IN (SELECT number FROM daily_numbers)
    OR t.credit_subject IN (SELECT number FROM daily_numbers))
  AND NOT (t.debit_kind = 'REMITTANCE' AND t.debit_subject NOT IN (SELECT number FROM daily_numbers))
  AND NOT (t.credit_kind = 'REMITTANCE' AND t.credit_subject NOT IN (SELECT number FROM daily_numbers))
"""


class Group(msgspec.Struct, frozen=True):
    """Checks that read one part of the books: `views` are the tables narrowed, with their query."""

    views: dict[str, str]
    checks: tuple[Check, ...]


def _only(table: str, chosen: str) -> str:
    return f"SELECT t.* FROM public.{table} t WHERE t.id IN (SELECT id FROM {chosen})"


def _named(checks: Iterable[Check], *functions: object) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.look in functions)


def groups() -> tuple[Group, ...]:
    """All checks of the full audit but the chains and the foreign keys, which `_chains` and `_parents` narrow by rows."""
    by_patient = _named(
        (*ledger.CHECKS, *credits.CHECKS), ledger.transfers_move_money_between_two_accounts,
        ledger.accounts_are_of_the_tenant, ledger.trial_balance_is_zero, ledger.reversals_mirror_what_they_reverse,
        ledger.every_cent_of_a_line_is_in_one_place, ledger.bucket_balances_add_up_to_the_line,
        credits.negative_lines_are_on_the_refund_list, credits.unapplied_money_is_on_the_refund_list,
    )  # fmt: skip
    by_version = _named(
        (*exchange.CHECKS, *structure.CHECKS, *shown.CHECKS), exchange.versions_went_out_once,
        exchange.claims_moved_along_the_table,
        structure.versions_total_their_lines, shown.last_decisions_are_the_payments,
    )  # fmt: skip
    contents = {table: _only(table, f"daily_{table}") for table, _ in ledger.CONTENTS}
    statements = {"payments_statement": contents["payments_statement"]}
    return (
        Group({LEDGER: PATIENTS_LEDGER, "charges_chargeline": _chosen_lines()}, by_patient),
        Group(
            {LEDGER: SHOWN_LEDGER, "charges_chargeline": SHOWN_LINES},
            _named(shown.CHECKS, shown.open_money_of_claims_is_the_ledger),
        ),
        Group(
            {LEDGER: PAYMENTS_LEDGER, "payments_remittance": _only("payments_remittance", "daily_payments")},
            remittances.checks(),
        ),
        Group({"exchange_inboxfile": _only("exchange_inboxfile", "daily_files")}, inbox.CHECKS),
        Group(
            {"exchange_outboxfile": _only("exchange_outboxfile", "daily_sent_files")},
            _named(exchange.CHECKS, exchange.sent_bytes_are_frozen, exchange.control_numbers_are_used_once),
        ),
        Group({"submissions_claimversion": _only("submissions_claimversion", "daily_versions")}, by_version),
        Group(statements, _named(structure.CHECKS, structure.statements_are_the_ledger_as_of_their_day)),
        Group(
            {"statements_guarantorstatement": _only("statements_guarantorstatement", "daily_wholes")},
            _named(structure.CHECKS, structure.guarantors_are_asked_for_what_their_patients_owe),
        ),
        Group(contents, _named(ledger.CHECKS, ledger.money_is_exact)),
        Group(
            {},
            (
                *bank.CHECKS,
                *_named(ledger.CHECKS, ledger.append_only_tables_refuse_change),
                *_named(structure.CHECKS, structure.rows_are_kept_apart),
            ),
        ),
    )


def _chosen_lines() -> str:
    return "SELECT t.* FROM public.charges_chargeline t WHERE t.patient_id IN (SELECT id FROM daily_patients)"


def audit_part(cursor: Cursor, touch: Touch, proof: Proof) -> AuditReport:
    """Every check over what was touched, the chains behind their proved rows, and sums that see the whole."""
    _choose(cursor, touch)
    results = []
    for group in groups():
        for table, query in group.views.items():
            if table == LEDGER:  # every check of the group reads it: found once, not once a check
                _keep(cursor, table, query, {})
            else:
                cursor.execute(f"CREATE TEMP VIEW {table} AS {query}")
        results += [_look(cursor, check) for check in group.checks]
        for table in group.views:
            cursor.execute(f"DROP {'TABLE' if table == LEDGER else 'VIEW'} pg_temp.{table}")
    results += [_chains(cursor, proof), _parents(cursor, touch), _numbers(cursor), _known(cursor, proof)]
    heads = [_head(cursor, table) for table in (LEDGER, LOG)]
    return AuditReport(tuple(results), *(f"{sequence}:{digest}" for sequence, digest in heads))


def _look(cursor: Cursor, check: Check) -> CheckResult:
    found = list(check.look(cursor))
    faults = tuple(AuditFault(check.invariant, subject, problem) for subject, problem in found if problem)
    return CheckResult(check.invariant, check.title, len(found), faults)


TOUCHED_TABLES = (
    LEDGER, "core_workitem", "charges_chargeline", "charges_encounter", "exchange_inboxdelivery", "exchange_inboxfile",
    "exchange_inboxpart", "exchange_outboxfile", "patients_patient", "payments_claimpayment", "payments_deposit",
    "payments_lastdecision",
    "payments_patientreceipt", "payments_provideradjustment", "payments_refund", "payments_remittance",
    "payments_statement", "payments_writeoff", "statements_guarantorstatement", "statements_statementpart",
    "submissions_claim", "submissions_claimevent", "submissions_claimmoney", "submissions_claimversion",
    "submissions_submission",
)  # fmt: skip
CHOSEN = (
    ("patients", PATIENTS), ("shown", SHOWN), ("payments", PAYMENTS), ("files", FILES), ("sent_files", SENT_FILES),
    ("versions", VERSIONS), ("wholes", WHOLES),
)  # fmt: skip


def _choose(cursor: Cursor, touch: Touch) -> None:
    """Temporary tables of the touched ids and of what they belong to."""
    ids_of = {table: touch.ids.get(table, []) for table in TOUCHED_TABLES}
    for table, ids in ids_of.items():
        _keep(cursor, f"daily_{table}", "SELECT unnest(%(ids)s::uuid[]) AS id", {"ids": ids})
    arrays = {name: f"(SELECT id FROM daily_{name})" for name in ids_of}
    for name, query in CHOSEN:
        text = query
        for table, chosen in arrays.items():
            text = text.replace(f"= ANY(%({table})s)", f"IN {chosen}")
        _keep(cursor, f"daily_{name}", f"SELECT DISTINCT id FROM ({text}) AS chosen (id)", {})
    _keep(
        cursor, "daily_subjects",
        """SELECT line_id::text AS subject FROM public.charges_chargeline WHERE patient_id IN (SELECT id FROM daily_patients)
           UNION SELECT id::text FROM daily_patients UNION SELECT 'account-' || id::text FROM daily_patients""", {},
    )  # fmt: skip
    _keep(cursor, "daily_lines", f"SELECT line_id::text FROM ({SHOWN_LINES}) AS shown", {})
    chosen = "SELECT number FROM public.payments_remittance WHERE id IN (SELECT id FROM daily_payments)"
    _keep(cursor, "daily_numbers", chosen, {})


def _keep(cursor: Cursor, name: str, query: str, parameters: dict[str, object]) -> None:
    cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", parameters)
    cursor.execute(f"ANALYZE {name}")


def _chains(cursor: Cursor, proof: Proof) -> CheckResult:
    """The rows behind the proved ones; that those stand as they were is known by their transaction and their count."""
    known = {LEDGER: proof.ledger, LOG: proof.log}
    for table, (sequence, _) in known.items():
        query = f"CREATE TEMP VIEW {table} AS SELECT * FROM public.{table} WHERE sequence > {int(sequence)}"
        cursor.execute(query)
    (check,) = _named(ledger.CHECKS, ledger.chains_hold)
    found = list(ledger.chains_hold(cursor, known))
    for table in known:
        cursor.execute(f"DROP VIEW pg_temp.{table}")
    faults = tuple(AuditFault(check.invariant, subject, problem) for subject, problem in found if problem)
    return CheckResult(check.invariant, check.title, len(found), faults)


def _parents(cursor: Cursor, touch: Touch) -> CheckResult:
    """Touched rows have parents of their tenant. A parent that is gone is a proved row that is gone: a full audit."""
    (check,) = _named(structure.CHECKS, structure.children_have_parents_of_their_tenant)
    cursor.execute(structure.FOREIGN_KEYS)
    keys: Sequence[tuple[str, str, str]] = cursor.fetchall()
    faults, examined = [], 0
    for child, column, parent in keys:
        ids = touch.ids.get(child.removeprefix("public."), [])
        if not ids:
            continue
        examined += 1
        cursor.execute(
            f"""SELECT count(*) FROM {child} c LEFT JOIN {parent} p ON p.id = c."{column}" AND p.tenant_id = c.tenant_id
                WHERE c.id = ANY(%s::uuid[]) AND c."{column}" IS NOT NULL AND p.id IS NULL""",
            [ids],
        )
        (missing,) = cursor.fetchone() or (0,)
        if missing:
            faults.append(AuditFault(check.invariant, f"{child}.{column}", f"{missing} rows without a parent"))
    return CheckResult(check.invariant, check.title, examined, tuple(faults))


def _numbers(cursor: Cursor) -> CheckResult:
    """Control numbers over all files ever sent, by the columns that the bytes were proved to hold."""
    cursor.execute(
        """SELECT count(*), count(DISTINCT (trim(sender), trim(receiver), interchange_control_number))
           FROM public.exchange_outboxfile"""
    )
    total, different = cursor.fetchone() or (0, 0)
    faults = [AuditFault("I9", "outbox", "an interchange control number was used twice")] if total != different else []
    return CheckResult("I9", "Each control number of all files was used once", total, tuple(faults))


def _known(cursor: Cursor, proof: Proof) -> CheckResult:
    faults = []
    for table, (sequence, digest) in ((LEDGER, proof.ledger), (LOG, proof.log)):
        cursor.execute(f"SELECT hash FROM public.{table} WHERE sequence = %s", [sequence])
        row = cursor.fetchone()
        if sequence and (row is None or row[0] != digest):
            faults.append(AuditFault("I11", f"{table} {sequence}", "the chain does not hold the head that was proved"))
    return CheckResult("I11", "The proved heads stand in the chains", 2, tuple(faults))
