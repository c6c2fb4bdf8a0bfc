"""What the books say: aging, the worklists, the roll-forward of the receivables. Summed by the database, one query each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, Min, Q, Sum

from claimwright.codes.money import ZERO
from claimwright.ledger.aging import AGE_BUCKETS, LABELS
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import TITLES
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.scope import KpiRow, whole_book_cursor

__all__ = ["BASES", "Aging", "AgingRow", "KpiRow", "Queue", "RollForward", "aging", "kpis", "queues", "roll_forward"]

# What a balance is aged from, by the name the reader selects. Where that day is not known, the date of service.
BASES: dict[str, str] = {
    "service": "served",
    "first_submission": "first_sent",
    "last_submission": "last_sent",
    "responsibility": "moved_on",
}
PATIENT = "Patient"
NOT_CLAIMED = "No claim yet"
UNAPPLIED = "Unapplied money"

# Every open balance as of a day with its payer and the days it may be aged from. An account line (fees) has no charge
# line; CREDIT is money of the patient that no line has taken. A take-back does not make a payer's balance young again:
# only a charge or a move to the bucket dates its responsibility.
OPEN = """
WITH sides AS (
  SELECT debit_kind AS kind, debit_subject AS subject, debit_bucket AS bucket, amount AS moved, effective_date,
         entry_type
    FROM accounts_ledgertransfer WHERE debit_kind IN ('RECEIVABLE', 'CREDIT') AND effective_date <= %(as_of)s
  UNION ALL
  SELECT credit_kind, credit_subject, credit_bucket, -amount, effective_date, entry_type
    FROM accounts_ledgertransfer WHERE credit_kind IN ('RECEIVABLE', 'CREDIT') AND effective_date <= %(as_of)s
), open AS (
  SELECT kind, subject, bucket, sum(moved) AS amount,
         max(effective_date) FILTER (WHERE moved > 0 AND entry_type IN ('CHARGE', 'XFER', 'FEE')) AS moved_on, min(effective_date) AS began
  FROM sides GROUP BY 1, 2, 3 HAVING sum(moved) <> 0
), sent AS (
  SELECT c.encounter_id, c.bucket, min(v.first_sent) AS first_sent, max(v.last_sent) AS last_sent
  FROM submissions_claim c JOIN submissions_claimversion v ON v.claim_id = c.id GROUP BY 1, 2
), claim AS (
  SELECT DISTINCT ON (encounter_id, bucket) encounter_id, bucket, payer_id
  FROM submissions_claim ORDER BY encounter_id, bucket, sequence
), balances AS (
  SELECT o.kind, o.subject, CASE WHEN o.kind = 'CREDIT' THEN 'CREDIT' ELSE o.bucket END AS bucket, o.amount, o.moved_on,
         coalesce(l.date_of_service, o.began) AS served, s.first_sent, s.last_sent,
         coalesce(l.practice_id, p.practice_id) AS practice_id,
         CASE WHEN o.kind = 'CREDIT' THEN 2 WHEN o.bucket = 'PAT' THEN 1 ELSE 0 END AS place,
         CASE WHEN o.kind = 'CREDIT' THEN %(unapplied)s WHEN o.bucket = 'PAT' THEN %(patient)s
              ELSE coalesce(y.name, %(not_claimed)s) END AS payer
  FROM open o
  LEFT JOIN charges_chargeline l ON o.kind = 'RECEIVABLE' AND l.line_id = o.subject
  LEFT JOIN patients_patient p
    ON p.id::text = CASE WHEN l.id IS NULL AND (o.kind = 'CREDIT' OR o.bucket = 'PAT') THEN replace(o.subject, 'account-', '') END
  LEFT JOIN claim c ON c.encounter_id = l.encounter_id AND c.bucket = o.bucket
  LEFT JOIN practice_payer y ON y.id = c.payer_id
  LEFT JOIN sent s ON s.encounter_id = l.encounter_id AND s.bucket = CASE WHEN o.bucket = 'PAT' THEN 'INS1' ELSE o.bucket END
)
"""


class AgingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One payer's open balances in one bucket, by age. `total` is the columns plus the credits, which are below zero."""

    group: str
    bucket: str
    amounts: dict[str, Decimal]
    credits: Decimal
    total: Decimal
    count: int  # open balances


class Aging(msgspec.Struct, frozen=True, kw_only=True):
    """Open balances on a day. `total` is active A/R: every bucket and the credits, without bad debt."""

    as_of: date
    basis: str
    rows: tuple[AgingRow, ...]
    total: AgingRow


def aging(
    *, as_of: date, basis: str = "service", practice: UUID | None = None, dated_by: str = "effective_date"
) -> Aging:
    """By payer and bucket. `basis` is one of BASES: it moves amounts between the columns and never changes a total.

    `dated_by` posted_on counts what the books held that day: the closed month's view. Raises ValueError for another.
    """
    if dated_by not in ("effective_date", "posted_on"):
        raise ValueError("aging is dated by effective_date or posted_on")
    column = BASES[basis]
    bands = [
        f"coalesce(sum(amount) FILTER (WHERE amount > 0 AND {_within(low, high)}), 0)" for _, low, high in AGE_BUCKETS
    ]
    opened = OPEN.replace("effective_date <= %(as_of)s", f"{dated_by} <= %(as_of)s")
    query = f"""{opened}, aged AS (SELECT *, %(as_of)s::date - coalesce({column}, served) AS days FROM balances
                 WHERE %(practice)s::uuid IS NULL OR practice_id = %(practice)s::uuid)
        SELECT payer, bucket, {", ".join(bands)}, coalesce(sum(amount) FILTER (WHERE amount < 0), 0), sum(amount), count(*)
        FROM aged GROUP BY place, payer, bucket ORDER BY place, payer, bucket"""
    values = {
        "as_of": as_of, "practice": practice, "unapplied": UNAPPLIED, "patient": PATIENT, "not_claimed": NOT_CLAIMED,
    }  # fmt: skip
    with whole_book_cursor() as cursor:
        cursor.execute(query, values)
        rows = tuple(
            AgingRow(
                group=payer, bucket=bucket, amounts=dict(zip(LABELS, aged, strict=True)), credits=credits, total=total,
                count=count,
            )
            for payer, bucket, *aged, credits, total, count in cursor.fetchall()
        )  # fmt: skip
    total = AgingRow(
        group="Total",
        bucket="",
        amounts={label: sum((row.amounts[label] for row in rows), ZERO) for label in LABELS},
        credits=sum((row.credits for row in rows), ZERO),
        total=sum((row.total for row in rows), ZERO),
        count=sum(row.count for row in rows),
    )
    return Aging(as_of=as_of, basis=basis, rows=rows, total=total)


def _within(low: int, high: int | None) -> str:
    """A date in the future is not old: the first column takes it."""
    above = "" if low == 0 else f"days >= {low}"
    below = "" if high is None else f"days <= {high}"
    return " AND ".join(filter(None, (above, below)))


# Worklists -----------------------------------------------------------------------------------------------------------


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One worklist's open items; `due` are those whose date has come."""

    worklist: str
    title: str
    count: int
    amount: Decimal
    oldest: date
    due: int


def queues(*, practice: UUID | None = None) -> tuple[Queue, ...]:
    """Every worklist with something open: what is due first, then the most money."""
    items = WorkItem.objects.filter(state=WorkItem.State.OPEN)
    if practice is not None:
        items = items.filter(Q(practice_id=practice) | Q(practice_id__isnull=True))
    rows = items.values("worklist").annotate(
        count=Count("id"), amount=Sum("amount"), oldest=Min("raised_on"),
        due=Count("id", filter=Q(due_date__lte=clock.today())),
    )  # fmt: skip
    found = [
        Queue(
            worklist=row["worklist"], title=TITLES.get(row["worklist"], row["worklist"].replace("_", " ")),
            count=row["count"], amount=row["amount"] or ZERO, oldest=row["oldest"], due=row["due"],
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda queue: (-queue.due, -queue.amount, queue.title)))


# Roll-forward --------------------------------------------------------------------------------------------------------

# What moved active A/R (receivables and credits), by the account on the other side. Between two of its own accounts
# nothing moves. A refund out of credit raises A/R as the payment before it lowered it.
MOVERS: dict[str, tuple[str, ...]] = {
    "charges": ("REVENUE", "FEE"),
    "payments": ("REMITTANCE", "PATIENT_CASH", "BANK", "PAYER_OFFSET", "SUSPENSE"),
    "adjustments": ("ADJUSTMENT", "WITHHOLD"),
    "refunds": ("REFUND",),
    "bad_debt": ("BAD_DEBT",),
}


class RollForward(msgspec.Struct, frozen=True, kw_only=True):
    """opening + charges - payments - adjustments + refunds - bad_debt + other = closing, to the cent."""

    start: date
    end: date
    opening: Decimal
    charges: Decimal
    payments: Decimal
    adjustments: Decimal
    refunds: Decimal
    bad_debt: Decimal
    other: Decimal
    closing: Decimal

    @property
    def change(self) -> Decimal:
        return self.closing - self.opening

    @property
    def adds_up(self) -> bool:
        moved = self.charges - self.payments - self.adjustments + self.refunds - self.bad_debt + self.other
        return self.opening + moved == self.closing


def roll_forward(*, start: date, end: date, dated_by: str = "effective_date") -> RollForward:
    """Active A/R from the morning of `start` to the evening of `end`. `dated_by` posted_on is the closed book's view."""
    if dated_by not in ("effective_date", "posted_on"):
        raise ValueError("a roll-forward is dated by effective_date or posted_on")
    query = f"""
      SELECT other, coalesce(sum(moved) FILTER (WHERE day < %(start)s), 0),
             coalesce(sum(moved) FILTER (WHERE day BETWEEN %(start)s AND %(end)s), 0),
             coalesce(sum(moved) FILTER (WHERE day <= %(end)s), 0)
      FROM (
        SELECT credit_kind AS other, amount AS moved, {dated_by} AS day FROM accounts_ledgertransfer
         WHERE debit_kind IN ('RECEIVABLE', 'CREDIT') AND credit_kind NOT IN ('RECEIVABLE', 'CREDIT')
        UNION ALL
        SELECT debit_kind, -amount, {dated_by} FROM accounts_ledgertransfer
         WHERE credit_kind IN ('RECEIVABLE', 'CREDIT') AND debit_kind NOT IN ('RECEIVABLE', 'CREDIT')) sides
      GROUP BY other"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"start": start, "end": end})
        rows = cursor.fetchall()
    moved = dict(_by_mover((other, within) for other, _, within, _ in rows))
    return RollForward(
        start=start, end=end, opening=sum((before for _, before, _, _ in rows), ZERO), charges=moved["charges"],
        payments=-moved["payments"], adjustments=-moved["adjustments"], refunds=moved["refunds"],
        bad_debt=-moved["bad_debt"], other=moved["other"], closing=sum((until for *_, until in rows), ZERO),
    )  # fmt: skip


def _by_mover(flows: Iterable[tuple[str, Decimal]]) -> Iterator[tuple[str, Decimal]]:
    names = {kind: name for name, kinds in MOVERS.items() for kind in kinds}
    sums = dict.fromkeys((*MOVERS, "other"), ZERO)
    for kind, amount in flows:
        sums[names.get(kind, "other")] += amount
    yield from sums.items()
