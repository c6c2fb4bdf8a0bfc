"""Where each cent of an office's charges is: settled, and how, or open, and on whose list. Asked of the ledger by SQL."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
from django.db import connection

from claimwright.simulation.year.owners import BILLER, owner_of
from claimwright.web.bank import selectors as bank
from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.reports import selectors as reports

ZERO = Decimal("0.00")
OLD_DAYS = 90

SETTLED = """
SELECT CASE WHEN other = 'REVENUE' THEN 'charges' WHEN other IN ('REMITTANCE', 'SUSPENSE', 'PAYER_OFFSET') THEN 'paid by payers'
            WHEN other IN ('CREDIT', 'PATIENT_CASH') THEN 'paid by patients'
            WHEN other = 'ADJUSTMENT' AND reason LIKE 'CO%%' THEN 'adjusted by contract or payer'
            WHEN other = 'ADJUSTMENT' AND reason LIKE 'OA%%' THEN 'adjusted by contract or payer'
            WHEN other = 'ADJUSTMENT' AND reason LIKE 'PI%%' THEN 'adjusted by contract or payer'
            WHEN other = 'ADJUSTMENT' THEN 'written off: ' || reason
            WHEN other = 'BAD_DEBT' THEN 'bad debt' WHEN other = 'REFUND' THEN 'refunded' ELSE lower(other) END, sum(moved)
FROM (
  SELECT credit_kind AS other, credit_bucket AS reason, amount AS moved FROM accounts_ledgertransfer
   WHERE debit_kind = 'RECEIVABLE' AND credit_kind <> 'RECEIVABLE'
  UNION ALL
  SELECT debit_kind, debit_bucket, -amount FROM accounts_ledgertransfer
   WHERE credit_kind = 'RECEIVABLE' AND debit_kind <> 'RECEIVABLE') flows GROUP BY 1
"""
# Each open balance of a line and bucket with the oldest open item about it: by its claim, denial, write-off or visit.
OPEN = """
WITH balances AS (
  SELECT subject, bucket, sum(moved) AS amount FROM (
    SELECT debit_subject AS subject, debit_bucket AS bucket, amount AS moved FROM accounts_ledgertransfer
     WHERE debit_kind = 'RECEIVABLE'
    UNION ALL
    SELECT credit_subject, credit_bucket, -amount FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE') sides
  GROUP BY 1, 2 HAVING sum(moved) <> 0
), latest AS (
  SELECT DISTINCT ON (c.encounter_id, c.bucket) c.encounter_id, c.bucket, v.id, v.state, v.control_number
    FROM submissions_claim c JOIN submissions_claimversion v ON v.claim_id = c.id
   ORDER BY c.encounter_id, c.bucket, v.number DESC
), named AS (
  SELECT i.worklist, i.raised_on, i.owner, coalesce(v.encounter_id, d.encounter_id, w.encounter_id, r.encounter_id,
           CASE WHEN i.subject_type = 'encounter' THEN i.subject_id END) AS encounter_id
    FROM core_workitem i
    LEFT JOIN (SELECT v.id::text AS id, v.control_number, c.encounter_id::text FROM submissions_claimversion v
                 JOIN submissions_claim c ON c.id = v.claim_id) v
      ON v.id = i.subject_id OR (i.claim_number <> '' AND v.control_number = i.claim_number)
    LEFT JOIN (SELECT d.id::text AS id, c.encounter_id::text FROM denials_denial d
                 JOIN submissions_claimversion v ON v.id = d.version_id JOIN submissions_claim c ON c.id = v.claim_id) d
      ON d.id = i.subject_id
    LEFT JOIN (SELECT w.id::text AS id, l.encounter_id::text FROM payments_writeoff w
                 JOIN charges_chargeline l ON l.line_id = w.line_id) w ON w.id = i.subject_id
    LEFT JOIN (SELECT r.id::text AS id, l.encounter_id::text FROM payments_refund r
                 JOIN charges_chargeline l ON l.line_id = r.line_id) r ON r.id = i.subject_id
   WHERE i.state <> 'done'
), shown AS (
  SELECT DISTINCT ON (encounter_id) encounter_id, worklist, raised_on, owner FROM named
   WHERE encounter_id IS NOT NULL ORDER BY encounter_id, raised_on, worklist
), disputed AS (
  SELECT d.line_id, c.bucket, min(d.received_on) AS since,
         bool_or(EXISTS (SELECT 1 FROM denials_appeal a WHERE a.denial_id = d.id AND a.state IN ('SENT', 'NO_RESPONSE')))
           AS appealed
    FROM denials_denial d JOIN submissions_claimversion v ON v.id = d.version_id JOIN submissions_claim c ON c.id = v.claim_id
   WHERE d.state = 'ACTION_SENT' GROUP BY 1, 2
)
SELECT b.subject, b.bucket, b.amount,
       CASE WHEN p.appealed THEN 'APPEALED' WHEN p.line_id IS NOT NULL AND t.state = 'ADJUDICATED' THEN 'CORRECTED'
            ELSE coalesce(t.state, '') END, coalesce(s.worklist, ''), s.raised_on, coalesce(s.owner, ''),
       l.id IS NOT NULL
  FROM balances b LEFT JOIN charges_chargeline l ON l.line_id = b.subject
  LEFT JOIN latest t ON t.encounter_id = l.encounter_id AND t.bucket = b.bucket
  LEFT JOIN disputed p ON p.line_id = b.subject AND p.bucket = b.bucket
  LEFT JOIN shown s ON s.encounter_id = l.encounter_id::text
"""
# What stands open without an item about it is on one of these, by the claim's state: lists of the claims page.
STANDING = {
    "DRAFT": "claims to scrub", "READY": "claims to send", "QUEUED": "claims to send", "SENT": "claims with the payer",
    "FILE_ACCEPTED": "claims with the payer", "CH_ACCEPTED": "claims with the payer", "PAYER_ACCEPTED": "claims with the payer",
    "PENDED": "claims with the payer", "AWAIT_PRIOR": "claims that await another payer",
    "AWAIT_CROSSOVER": "claims that await another payer", "FILE_REJECTED": "file rejections",
    "APPEALED": "appeals with the payer", "CORRECTED": "denials answered by a corrected claim",
    "CH_REJECTED": "clearinghouse rejections", "PAYER_REJECTED": "payer rejections", "EDIT_HOLD": "edit holds",
}  # fmt: skip
PATIENT_BALANCES = "patients' balances on statements"


class Accounted(msgspec.Struct):
    """All charges of an office. `homeless` are lines (ids) that stand open and on no list."""

    charges: Decimal = ZERO
    settled: dict[str, Decimal] = {}
    open: dict[str, Decimal] = {}  # "list (owner)" -> amount
    credits: Decimal = ZERO  # below zero: more was paid than charged, listed as credit balances
    old: Decimal = ZERO  # of `open` on worklists for more than OLD_DAYS
    homeless: list[str] = []

    @property
    def adds_up(self) -> bool:
        return (
            not self.homeless
            and self.charges == -sum(self.settled.values(), ZERO) + sum(self.open.values(), ZERO) + self.credits
        )


def account_for_charges(tenant: Tenant, as_of: date) -> Accounted:
    """Every cent that was charged, by where it is."""
    found = Accounted(settled={}, open={}, homeless=[])
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(SETTLED)
        found.settled = dict(cursor.fetchall())
        found.charges = found.settled.pop("charges", ZERO)
        cursor.execute(OPEN)
        for line, bucket, amount, state, worklist, raised_on, owner, is_charge in cursor.fetchall():
            _place(found, line, bucket, amount, state, worklist, raised_on, owner, is_charge, as_of)
    return found


def _place(
    found: Accounted, line: str, bucket: str, amount: Decimal, state: str, worklist: str, raised_on: date | None,
    owner: str, is_charge: bool, as_of: date,
) -> None:  # fmt: skip
    if not is_charge:  # a fee on the patient's account is no charge
        worklist = worklist or PATIENT_BALANCES
    if amount < 0:
        found.credits += amount
        return
    if worklist:
        name = f"{worklist} ({owner or (BILLER if worklist == PATIENT_BALANCES else owner_of(worklist))})"
        if raised_on is not None and raised_on < as_of - timedelta(days=OLD_DAYS):
            found.old += amount
    elif bucket == "PAT":
        name = f"{PATIENT_BALANCES} ({BILLER})"
    elif state in STANDING:
        name = f"{STANDING[state]} ({BILLER})"
    else:
        found.homeless.append(f"{line} {bucket} {amount} {state or 'no claim'}")
        name = "no list"
    found.open[name] = found.open.get(name, ZERO) + amount


class Tied(msgspec.Struct):
    """Reports against the ledger and against the bank: pairs that must be equal, by name."""

    pairs: dict[str, tuple[Decimal, Decimal]] = {}

    @property
    def differences(self) -> list[str]:
        return [f"{name}: {one} and {other}" for name, (one, other) in self.pairs.items() if one != other]


def tie_reports(tenant: Tenant, first: date, as_of: date, bank_balance: Decimal, bank_opening: Decimal) -> Tied:
    """A/R roll-forward and aging against the ledger's own sums, bank's lines and roll-forward against its balance."""
    tied = Tied(pairs={})
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(CASE WHEN debit_kind = 'RECEIVABLE' THEN amount ELSE 0 END)
                        - sum(CASE WHEN credit_kind = 'RECEIVABLE' THEN amount ELSE 0 END), 0),
                      coalesce(sum(CASE WHEN debit_kind = 'CREDIT' THEN amount ELSE 0 END)
                        - sum(CASE WHEN credit_kind = 'CREDIT' THEN amount ELSE 0 END), 0)
               FROM accounts_ledgertransfer"""
        )
        receivable, credit = cursor.fetchone()
        rolled = reports.roll_forward(start=first, end=as_of, dated_by="posted_on")
        aged = reports.aging(as_of=as_of)
        tied.pairs["A/R of the roll-forward and of the ledger"] = (rolled.closing, receivable + credit)
        tied.pairs["A/R of the aging and of the ledger"] = (aged.total.total, receivable + credit)
        period = bank.reconcile_period(start=first, end=as_of + timedelta(days=1))
        tied.pairs["lines of the bank in the books and at the bank"] = (period.bank_total, bank_balance - bank_opening)
        tied.pairs["lines matched, explained and open"] = (
            period.matched + period.explained + period.open, period.bank_total,
        )  # fmt: skip
        tied.pairs["came to the bank, less fees, and matched"] = (period.cleared - period.fees, period.matched)
    return tied
