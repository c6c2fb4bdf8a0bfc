"""Balances, summed by the database. A balance is debits less credits; an account that never moved is not listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer

ZERO = Decimal("0.00")

_SIDES = """
    SELECT debit_kind AS kind, debit_subject AS subject, debit_bucket AS bucket, amount AS moved
      FROM accounts_ledgertransfer WHERE {debit}
    UNION ALL
    SELECT credit_kind, credit_subject, credit_bucket, -amount FROM accounts_ledgertransfer WHERE {credit}
"""


def _sides(
    kinds: Sequence[Kind] | None, subjects: Sequence[str] | None, as_of: date | None, basis: str
) -> tuple[str, list[object]]:
    if basis not in ("effective_date", "posted_on"):
        raise ValueError("a balance is as of effective_date or posted_on")
    texts, values = [], []
    for side in ("debit", "credit"):
        conditions: list[str] = []
        for column, wanted in (("kind", kinds), ("subject", subjects)):
            if wanted is not None:
                conditions.append(f"{side}_{column} = ANY(%s)")
                values.append([str(item) for item in wanted])
        if as_of is not None:
            conditions.append(f"{basis} <= %s")
            values.append(as_of)
        texts.append(" AND ".join(conditions) or "TRUE")
    return _SIDES.format(debit=texts[0], credit=texts[1]), values


def balances(
    *,
    kinds: Sequence[Kind] | None = None,
    subjects: Sequence[str] | None = None,
    as_of: date | None = None,
    basis: str = "effective_date",
) -> dict[Account, Decimal]:
    """Every account of these kinds and subjects with its balance, zero ones too. `as_of` counts that day in."""
    sides, values = _sides(kinds, subjects, as_of, basis)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kind, subject, bucket, sum(moved) FROM ({sides}) s GROUP BY 1, 2, 3", values)
        return {Account(Kind(kind), subject, bucket): total for kind, subject, bucket, total in cursor.fetchall()}


def totals_by_kind(*, as_of: date | None = None, basis: str = "effective_date") -> dict[tuple[Kind, str], Decimal]:
    """(kind, bucket) with its balance: the trial balance of the tenant."""
    sides, values = _sides(None, None, as_of, basis)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kind, bucket, sum(moved) FROM ({sides}) s GROUP BY 1, 2 ORDER BY 1, 2", values)
        return {(Kind(kind), bucket): total for kind, bucket, total in cursor.fetchall()}


def balance(account: Account, *, as_of: date | None = None) -> Decimal:
    return balances(kinds=[account.kind], subjects=[account.subject], as_of=as_of).get(account, ZERO)


def line_balances(line_ids: Iterable[str], *, as_of: date | None = None) -> dict[str, dict[str, Decimal]]:
    """Line id to bucket to open balance; INS1 INS2 INS3 PAT, and BD for bad debt."""
    found: dict[str, dict[str, Decimal]] = {line_id: {} for line_id in line_ids}
    held = balances(kinds=[Kind.RECEIVABLE, Kind.BAD_DEBT], subjects=list(found), as_of=as_of)
    for account, total in held.items():
        found[account.subject][account.bucket if account.kind is Kind.RECEIVABLE else "BD"] = total
    return found


def open_receivables(*, as_of: date | None = None) -> dict[tuple[str, str], Decimal]:
    """(line id, bucket) of every receivable that is not zero: what aging starts from."""
    held = balances(kinds=[Kind.RECEIVABLE], as_of=as_of)
    return {(account.subject, account.bucket): total for account, total in held.items() if total}


def patient_credits(patient_ids: Iterable[str], *, as_of: date | None = None) -> dict[str, Decimal]:
    """Patient id to the money of theirs that we hold, above zero."""
    held = balances(kinds=[Kind.CREDIT], subjects=[str(item) for item in patient_ids], as_of=as_of)
    found: dict[str, Decimal] = {}
    for account, total in held.items():
        found[account.subject] = found.get(account.subject, ZERO) - total
    return found


def transfers(
    *, line_ids: Sequence[str] | None = None, payment: str | None = None, claim: str | None = None
) -> list[Transfer]:
    """The ledger's entries in order: of charge lines, of a payment or of a claim; with nothing given, all of them."""
    rows = LedgerTransfer.objects.order_by("sequence")
    if line_ids is not None:
        held = (Kind.RECEIVABLE.value, Kind.BAD_DEBT.value)
        rows = rows.filter(
            Q(debit_kind__in=held, debit_subject__in=line_ids) | Q(credit_kind__in=held, credit_subject__in=line_ids)
        )
    if payment is not None:
        rows = rows.filter(payment=payment)
    if claim is not None:
        rows = rows.filter(claim=claim)
    return [as_transfer(row) for row in rows.iterator(chunk_size=5000)]
