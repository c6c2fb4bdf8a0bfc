"""Reports of the ledger as posted: the day sheet, the receivables rolled forward, the deposits, the trial balance.

A day is the day an entry counts in the books (`posted_on`), so a report of a closed month reads rows that never change.
Each report has control totals that are summed by another query than its rows: `ties` says whether they agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.selectors import totals_by_kind
from claimwright.web.reports.scope import whole_book_cursor

RECEIVABLE_KINDS = (Kind.RECEIVABLE, Kind.CREDIT)  # active A/R
CASH_KINDS = (Kind.REMITTANCE, Kind.PATIENT_CASH, Kind.BANK)
NO_PRACTICE = "No practice named"
ALL = "All practices"
NO_NAMES: Mapping[str, str] = {}  # practice id: its name as it was; those not given have today's

# Entries with the practice they belong to: that of the charge line, else of the account, the patient or the payment.
ENTRIES = """
WITH entry AS (
  SELECT t.*, coalesce(dl.practice_id, cl.practice_id, dp.id, cp.id, pt.practice_id, r.practice_id) AS practice_id
  FROM accounts_ledgertransfer t
  LEFT JOIN charges_chargeline dl
    ON t.debit_kind IN ('RECEIVABLE', 'BAD_DEBT', 'WITHHOLD') AND dl.line_id = t.debit_subject
  LEFT JOIN charges_chargeline cl
    ON t.credit_kind IN ('RECEIVABLE', 'BAD_DEBT', 'WITHHOLD') AND cl.line_id = t.credit_subject
  LEFT JOIN practice_practice dp ON dp.id::text = t.debit_subject
  LEFT JOIN practice_practice cp ON cp.id::text = t.credit_subject
  LEFT JOIN patients_patient pt ON pt.id::text = replace(
    CASE WHEN t.debit_kind = 'CREDIT' OR starts_with(t.debit_subject, 'account-') THEN t.debit_subject
         WHEN t.credit_kind = 'CREDIT' OR starts_with(t.credit_subject, 'account-') THEN t.credit_subject END,
    'account-', '')
  LEFT JOIN payments_remittance r ON t.payment <> '' AND r.number = t.payment
  WHERE t.posted_on BETWEEN %(start)s AND %(end)s
), mine AS (
  SELECT entry.*, coalesce(%(names)s::jsonb ->> practice_id::text, p.name, %(nobody)s) AS practice FROM entry LEFT JOIN practice_practice p ON p.id = practice_id
  WHERE %(practice)s::uuid IS NULL OR practice_id = %(practice)s::uuid
)
"""


def _effect(kinds: tuple[Kind, ...]) -> str:
    """The change of these accounts by an entry of `mine`: debits raise them."""
    names = ", ".join(f"'{kind.value}'" for kind in kinds)
    return (
        f"(CASE WHEN mine.debit_kind IN ({names}) THEN mine.amount ELSE 0 END"
        f" - CASE WHEN mine.credit_kind IN ({names}) THEN mine.amount ELSE 0 END)"
    )


# Day sheet -----------------------------------------------------------------------------------------------------------


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of posting of one person for one practice. `receivable` and `cash` are what it changed them by."""

    practice: str
    actor: str
    entry_type: str
    count: int
    amount: Decimal
    receivable: Decimal
    cash: Decimal


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The rows' sums against the ledger's, of one figure."""

    name: str
    listed: Decimal
    ledger: Decimal

    @property
    def ties(self) -> bool:
        return self.listed == self.ledger


class DaySheet(msgspec.Struct, frozen=True, kw_only=True):
    """Every posting of the days by practice, person and kind. `first` and `last` are their places in the ledger's chain."""

    start: date
    end: date
    rows: tuple[DayRow, ...]
    controls: tuple[Control, ...]
    first: int
    last: int

    @property
    def ties(self) -> bool:
        return all(control.ties for control in self.controls)


def day_sheet(*, start: date, end: date, practice: UUID | None = None, names: Mapping[str, str] = NO_NAMES) -> DaySheet:
    """Of the days from `start` to `end`, both inclusive. Control totals are of all practices unless one is named."""
    query = f"""{ENTRIES}
      SELECT practice, actor, entry_type, count(*), sum(amount), sum({_effect(RECEIVABLE_KINDS)}),
             sum({_effect(CASH_KINDS)}), min(sequence), max(sequence)
      FROM mine GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    with whole_book_cursor() as cursor:
        cursor.execute(query, _values(start, end, practice, names))
        found = cursor.fetchall()
    rows = tuple(
        DayRow(practice=name, actor=who, entry_type=kind, count=count, amount=amount, receivable=owed, cash=cash)
        for name, who, kind, count, amount, owed, cash, *_ in found
    )
    first, last = min((row[7] for row in found), default=0), max((row[8] for row in found), default=0)
    return DaySheet(
        start=start, end=end, rows=rows, first=first, last=last,
        controls=_controls(rows, start, end) if practice is None else (),
    )  # fmt: skip


def _controls(rows: tuple[DayRow, ...], start: date, end: date) -> tuple[Control, ...]:
    """The same figures by other ways: a plain count, and each balance at the end less that before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(amount), 0) FROM accounts_ledgertransfer WHERE posted_on BETWEEN %s AND %s",
            [start, end],
        )
        count, amount = cursor.fetchone()
    after = totals_by_kind(as_of=end, basis="posted_on")
    before = totals_by_kind(as_of=date.fromordinal(start.toordinal() - 1), basis="posted_on")

    def change(kinds: tuple[Kind, ...]) -> Decimal:
        return sum((total for (kind, _), total in after.items() if kind in kinds), ZERO) - sum(
            (total for (kind, _), total in before.items() if kind in kinds), ZERO
        )

    return (
        Control(name="Postings", listed=Decimal(sum(row.count for row in rows)), ledger=Decimal(count)),
        Control(name="Amount posted", listed=sum((row.amount for row in rows), ZERO), ledger=amount),
        Control(name="Change of receivables", listed=sum((row.receivable for row in rows), ZERO),
                ledger=change(RECEIVABLE_KINDS)),
        Control(name="Change of cash", listed=sum((row.cash for row in rows), ZERO), ledger=change(CASH_KINDS)),
    )  # fmt: skip


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger row as the day sheet lists it. Subjects are ids."""

    sequence: int
    posted_on: date
    actor: str
    practice: str
    entry_type: str
    reason: str
    debit: str
    credit: str
    amount: Decimal
    effective_date: date
    claim: str
    payment: str
    reverses: str


def postings(
    *,
    start: date,
    end: date,
    practice: UUID | None = None,
    limit: int | None = None,
    offset: int = 0,
    names: Mapping[str, str] = NO_NAMES,
) -> list[Posting]:
    """Every posting of the days, in the ledger's order; `limit` and `offset` for a page of them."""
    query = f"""{ENTRIES}
      SELECT sequence, posted_on, actor, practice, entry_type, reason,
             concat_ws('/', debit_kind, nullif(debit_bucket, ''), nullif(debit_subject, '')),
             concat_ws('/', credit_kind, nullif(credit_bucket, ''), nullif(credit_subject, '')),
             amount, effective_date, claim, payment, reverses
      FROM mine ORDER BY sequence LIMIT %(limit)s OFFSET %(offset)s"""
    with whole_book_cursor() as cursor:
        cursor.execute(query, _values(start, end, practice, names) | {"limit": limit, "offset": offset})
        fields = Posting.__struct_fields__
        return [Posting(**dict(zip(fields, row, strict=True))) for row in cursor.fetchall()]


def _values(start: date, end: date, practice: UUID | None, names: Mapping[str, str] = NO_NAMES) -> dict[str, Any]:
    return {"start": start, "end": end, "practice": practice, "nobody": NO_PRACTICE, "names": json.dumps(dict(names))}


# Roll-forward --------------------------------------------------------------------------------------------------------

# What moved a receivable or a credit, by the account on the other side; between two of A/R's own it is a transfer.
MOVERS: dict[str, tuple[str, ...]] = {
    "charges": ("REVENUE", "FEE"),
    "payments": ("REMITTANCE", "PATIENT_CASH", "BANK", "PAYER_OFFSET", "SUSPENSE"),
    "adjustments": ("ADJUSTMENT", "WITHHOLD"),
    "refunds": ("REFUND",),
    "bad_debt": ("BAD_DEBT",),
    "transfers": ("RECEIVABLE", "CREDIT"),
}
LOWERS = ("payments", "adjustments", "bad_debt")  # shown as what they took off


class RollRow(msgspec.Struct, frozen=True, kw_only=True):
    """opening + charges - payments - adjustments + refunds - bad_debt + transfers + other = closing."""

    practice: str
    payer: str
    bucket: str
    opening: Decimal
    charges: Decimal
    payments: Decimal
    adjustments: Decimal
    refunds: Decimal
    bad_debt: Decimal
    transfers: Decimal
    other: Decimal
    closing: Decimal

    @property
    def adds_up(self) -> bool:
        moved = self.charges - self.payments - self.adjustments + self.refunds - self.bad_debt
        return self.opening + moved + self.transfers + self.other == self.closing


class Rolled(msgspec.Struct, frozen=True, kw_only=True):
    """Rows and their sum; `trial_balance` is A/R at the end as the accounts have it."""

    start: date
    end: date
    dated_by: str
    rows: tuple[RollRow, ...]
    total: RollRow
    trial_balance: Decimal | None

    @property
    def ties(self) -> bool:
        whole = all(row.adds_up for row in (*self.rows, self.total)) and self.total.transfers == ZERO
        return whole and self.trial_balance in (None, self.total.closing)


DIMENSIONS = ("practice", "payer", "bucket")


def rolled_forward(
    *, start: date, end: date, by: tuple[str, ...] = DIMENSIONS, dated_by: str = "posted_on",
    practice: UUID | None = None, names: Mapping[str, str] = NO_NAMES,
) -> Rolled:  # fmt: skip
    """Active A/R from the morning of `start` to the evening of `end`, by the DIMENSIONS named; the others are one.

    Raises ValueError for a dimension or date that there is not.
    """
    if dated_by not in ("effective_date", "posted_on") or not set(by) <= set(DIMENSIONS):
        raise ValueError("a roll-forward is by practice, payer and bucket, dated by effective_date or posted_on")
    sums = ", ".join(f"coalesce(sum(moved) FILTER (WHERE mover = '{name}'), 0)" for name in (*MOVERS, "other"))
    columns = {
        "practice": "coalesce(%(names)s::jsonb ->> pr.id::text, pr.name, %(nobody)s)",
        "payer": _PAYER,
        "bucket": _BUCKET,
    }
    grouped = ", ".join(columns[name] if name in by else "''" for name in DIMENSIONS)
    query = f"""{_moved(dated_by)}
      SELECT {grouped}, coalesce(sum(opening), 0), {sums}, coalesce(sum(closing), 0)
      FROM account o {_JOINS} WHERE %(practice)s::uuid IS NULL OR pr.id = %(practice)s::uuid
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    with whole_book_cursor() as cursor:
        cursor.execute(query, _values(start, end, practice, names))
        rows = tuple(_roll_row(*found) for found in cursor.fetchall())
    return Rolled(
        start=start, end=end, dated_by=dated_by, rows=rows, total=_total(rows),
        trial_balance=_active_receivable(end, dated_by) if practice is None else None,
    )  # fmt: skip


_PAYER = """CASE WHEN o.kind = 'CREDIT' THEN 'Unapplied money' WHEN o.bucket = 'PAT' THEN 'Patient'
                 ELSE coalesce(y.name, 'No claim yet') END"""
_BUCKET = "CASE WHEN o.kind = 'CREDIT' THEN 'CREDIT' ELSE o.bucket END"
_JOINS = """
      LEFT JOIN charges_chargeline l ON o.kind = 'RECEIVABLE' AND l.line_id = o.subject
      LEFT JOIN patients_patient pt ON pt.id::text = CASE WHEN l.id IS NULL THEN replace(o.subject, 'account-', '') END
      LEFT JOIN practice_practice pr ON pr.id = coalesce(l.practice_id, pt.practice_id)
      LEFT JOIN LATERAL (
        SELECT c.payer_id FROM submissions_claim c WHERE c.encounter_id = l.encounter_id AND c.bucket = o.bucket
        ORDER BY c.sequence, c.part LIMIT 1) c ON o.kind = 'RECEIVABLE' AND o.bucket <> 'PAT'
      LEFT JOIN practice_payer y ON y.id = c.payer_id"""


def _moved(day: str) -> str:
    """Accounts of A/R with what moved them, summed by account and mover before anything is joined."""
    names = " ".join(
        f"WHEN other IN ({', '.join(repr(kind) for kind in kinds)}) THEN '{name}'" for name, kinds in MOVERS.items()
    )
    return f"""
      WITH side AS (
        SELECT debit_kind AS kind, debit_subject AS subject, debit_bucket AS bucket, credit_kind AS other,
               amount AS moved, {day} AS day
          FROM accounts_ledgertransfer WHERE debit_kind IN ('RECEIVABLE', 'CREDIT') AND {day} <= %(end)s
        UNION ALL
        SELECT credit_kind, credit_subject, credit_bucket, debit_kind, -amount, {day}
          FROM accounts_ledgertransfer WHERE credit_kind IN ('RECEIVABLE', 'CREDIT') AND {day} <= %(end)s
      ), account AS (
        SELECT kind, subject, bucket, CASE {names} ELSE 'other' END AS mover,
               coalesce(sum(moved) FILTER (WHERE day < %(start)s), 0) AS opening,
               coalesce(sum(moved) FILTER (WHERE day >= %(start)s), 0) AS moved, sum(moved) AS closing
        FROM side GROUP BY 1, 2, 3, 4
      )"""


def _roll_row(practice: str, payer: str, bucket: str, opening: Decimal, *rest: Decimal) -> RollRow:
    *moved, closing = rest
    sums = dict(zip((*MOVERS, "other"), moved, strict=True))
    for name in LOWERS:
        sums[name] = ZERO - sums[name]
    return RollRow(practice=practice, payer=payer, bucket=bucket, opening=opening, closing=closing, **sums)


def _total(rows: tuple[RollRow, ...]) -> RollRow:
    names = ("opening", *MOVERS, "other", "closing")
    sums = {name: sum((getattr(row, name) for row in rows), ZERO) for name in names}
    return RollRow(practice="Total", payer="", bucket="", **sums)


def _active_receivable(on: date, basis: str) -> Decimal:
    held = totals_by_kind(as_of=on, basis=basis)
    return sum((total for (kind, _), total in held.items() if kind in RECEIVABLE_KINDS), ZERO)


# Trial balance -------------------------------------------------------------------------------------------------------


class BalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    bucket: str
    opening: Decimal
    debits: Decimal
    credits: Decimal
    closing: Decimal


def trial_balance(*, start: date, end: date) -> tuple[BalanceRow, ...]:
    """Every account kind and bucket: before `start`, what the days moved, and at the end. Closings sum to zero."""
    query = """
      SELECT kind, bucket, coalesce(sum(moved) FILTER (WHERE day < %(start)s), 0),
             coalesce(sum(moved) FILTER (WHERE day >= %(start)s AND moved > 0), 0),
             coalesce(-sum(moved) FILTER (WHERE day >= %(start)s AND moved < 0), 0), sum(moved)
      FROM (SELECT debit_kind AS kind, CASE WHEN debit_kind = 'REFUND' THEN '' ELSE debit_bucket END AS bucket,
                   amount AS moved, posted_on AS day FROM accounts_ledgertransfer WHERE posted_on <= %(end)s
            UNION ALL
            SELECT credit_kind, CASE WHEN credit_kind = 'REFUND' THEN '' ELSE credit_bucket END, -amount, posted_on
              FROM accounts_ledgertransfer WHERE posted_on <= %(end)s) side
      GROUP BY 1, 2 ORDER BY 1, 2"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"start": start, "end": end})
        names = BalanceRow.__struct_fields__
        return tuple(BalanceRow(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())


# Deposits ------------------------------------------------------------------------------------------------------------


class DepositRow(msgspec.Struct, frozen=True, kw_only=True):
    """Money into, or out of (below zero), the bank by one entry. `source` is the payer, or how a patient paid."""

    posted_on: date
    effective_date: date
    practice: str
    source: str
    number: str  # the payer's trace or check number
    payment: str
    entry_type: str
    reason: str
    amount: Decimal


class Deposits(msgspec.Struct, frozen=True, kw_only=True):
    start: date
    end: date
    rows: tuple[DepositRow, ...]
    total: Decimal
    ledger: Decimal | None  # the change of the bank accounts

    @property
    def ties(self) -> bool:
        return self.ledger in (None, self.total)


def deposits(*, start: date, end: date, practice: UUID | None = None, names: Mapping[str, str] = NO_NAMES) -> Deposits:
    """What the books say went to the bank and came from it, entry by entry."""
    query = f"""{ENTRIES}
      SELECT mine.posted_on, mine.effective_date, mine.practice,
             coalesce(y.name, CASE WHEN mine.debit_kind = 'PATIENT_CASH' OR mine.credit_kind = 'PATIENT_CASH'
               THEN 'Patients, ' || coalesce(nullif(mine.credit_bucket, ''), nullif(mine.debit_bucket, ''), 'money') END, ''),
             coalesce(r.trace_number, ''), mine.payment, mine.entry_type, mine.reason, {_effect((Kind.BANK,))}
      FROM mine LEFT JOIN payments_remittance r ON mine.payment <> '' AND r.number = mine.payment
      LEFT JOIN practice_payer y ON y.id = r.payer_id
      WHERE (mine.debit_kind = 'BANK') <> (mine.credit_kind = 'BANK') ORDER BY mine.sequence"""
    with whole_book_cursor() as cursor:
        cursor.execute(query, _values(start, end, practice, names))
        fields = DepositRow.__struct_fields__
        rows = tuple(DepositRow(**dict(zip(fields, row, strict=True))) for row in cursor.fetchall())
    moved = _bank(start, end) if practice is None else None
    return Deposits(start=start, end=end, rows=rows, total=sum((row.amount for row in rows), ZERO), ledger=moved)


def _bank(start: date, end: date) -> Decimal:
    rows = [row for row in trial_balance(start=start, end=end) if row.kind == Kind.BANK]
    return sum((row.closing - row.opening for row in rows), ZERO)
