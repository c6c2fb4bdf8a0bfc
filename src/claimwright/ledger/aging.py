"""Aging: open balances by how old they are, on a basis the reader selects; credits stand in their own column."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from claimwright.codes.money import ZERO

# (label, first day, last day); the last column is open. Source: the age bands that payers and practices report by.
AGE_BUCKETS: tuple[tuple[str, int, int | None], ...] = (
    ("0-30", 0, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-120", 91, 120),
    ("121+", 121, None),
)
LABELS = tuple(label for label, _, _ in AGE_BUCKETS)


class Basis(StrEnum):
    DATE_OF_SERVICE = "date_of_service"
    FIRST_SUBMISSION = "first_submission"
    LAST_SUBMISSION = "last_submission"
    RESPONSIBILITY = "responsibility"  # the day the balance moved to its bucket


class OpenBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of one charge line, with the dates it may be aged from. Missing dates fall back to the DOS."""

    line_id: str
    bucket: str
    amount: Decimal
    date_of_service: date
    first_submission: date | None = None
    last_submission: date | None = None
    responsibility: date | None = None
    group: str = ""  # what the report's rows are: payer, provider, patient


class AgingRow(msgspec.Struct, frozen=True, kw_only=True):
    group: str
    bucket: str
    amounts: dict[str, Decimal]  # by age label
    credits: Decimal
    total: Decimal  # amounts plus credits


def aged_from(balance: OpenBalance, basis: Basis) -> date:
    """The day the balance is aged from."""
    chosen = {
        Basis.DATE_OF_SERVICE: balance.date_of_service,
        Basis.FIRST_SUBMISSION: balance.first_submission,
        Basis.LAST_SUBMISSION: balance.last_submission,
        Basis.RESPONSIBILITY: balance.responsibility,
    }[basis]
    return chosen or balance.date_of_service


def age_label(days: int) -> str:
    """The column of an age; a date in the future is not old."""
    for label, _, last in AGE_BUCKETS:
        if last is None or days <= last:
            return label
    raise AssertionError("the last column is open")


def aging(balances: Iterable[OpenBalance], *, on: date, basis: Basis) -> tuple[AgingRow, ...]:
    """Rows by group and bucket. The totals are equal on every basis, for only the columns differ."""
    amounts: dict[tuple[str, str], dict[str, Decimal]] = {}
    credits: dict[tuple[str, str], Decimal] = {}
    for balance in balances:
        if not balance.amount:
            continue
        place = (balance.group, balance.bucket)
        columns = amounts.setdefault(place, dict.fromkeys(LABELS, ZERO))
        credits.setdefault(place, ZERO)
        if balance.amount < 0:
            credits[place] += balance.amount
        else:
            columns[age_label((on - aged_from(balance, basis)).days)] += balance.amount
    return tuple(
        AgingRow(
            group=place[0],
            bucket=place[1],
            amounts=columns,
            credits=credits[place],
            total=sum(columns.values(), ZERO) + credits[place],
        )
        for place, columns in sorted(amounts.items())
    )
