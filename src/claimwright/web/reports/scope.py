"""What a figure is of, as conditions of SQL, and the row that every figure is shown as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from claimwright.billing import kpi


class KpiRow(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `value` is None where the denominator is zero. `ids` are the rows counted above the line, of `subject`."""

    name: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    unit: str
    start: date
    end: date
    basis: str
    subject: str
    ids: tuple[str, ...] = ()


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What figures are of: blank is all. `payer` is the payer billed; for what the patient owes too, the first payer.
    `provider` is a rendering NPI, `location` the code of the visit's location."""

    practice: UUID | None = None
    payer: UUID | None = None
    provider: str = ""
    location: str = ""

    @property
    def is_of_services(self) -> bool:
        """Narrower than a practice: money that is on no service is in none."""
        return bool(self.payer or self.provider or self.location)


ALL = Scope()


@contextmanager
def whole_book_cursor() -> Iterator[Any]:
    """A cursor for queries over all of a book, in the open transaction.

    Under row-level security, and before the database has statistics, the planner takes a tenant for one row and joins
    by nested loops: half a second becomes half a minute. These queries read everything anyway.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop = on")


# Each condition is decided once when the query is planned where its value is blank.
_PLACES = """ AND (%(provider)s = '' OR {visit} IN (
    SELECT s.encounter_id FROM charges_chargeline s WHERE s.rendering_npi = %(provider)s))
  AND (%(location)s = '' OR {visit} IN (SELECT e.id FROM charges_encounter e WHERE e.location_code = %(location)s))"""
_OF_LINE = """ AND (%(provider)s = '' OR l.rendering_npi = %(provider)s)
  AND (%(location)s = '' OR l.encounter_id IN (
    SELECT e.id FROM charges_encounter e WHERE e.location_code = %(location)s))"""


def _in_practice(column: str) -> str:
    return f"(%(practice)s::uuid IS NULL OR {column} = %(practice)s::uuid)"


_CLAIMS = f"""{_in_practice("c.practice_id")} AND (%(payer)s::uuid IS NULL OR c.payer_id = %(payer)s::uuid)
  {_PLACES.format(visit="c.encounter_id")}"""
CONDITIONS = {
    "claims": _CLAIMS,
    "lines": f"""{_in_practice("l.practice_id")} AND (%(payer)s::uuid IS NULL OR l.encounter_id IN (
        SELECT f.encounter_id FROM submissions_claim f WHERE f.payer_id = %(payer)s::uuid AND f.sequence = 'P'))
      {_OF_LINE}""",
    "balances": f"""{_in_practice("coalesce(l.practice_id, p.practice_id)")}
      AND (%(payer)s::uuid IS NULL OR (l.encounter_id, o.bucket) IN (
        SELECT f.encounter_id, f.bucket FROM submissions_claim f WHERE f.payer_id = %(payer)s::uuid)
        OR o.bucket = 'PAT' AND l.encounter_id IN (
          SELECT f.encounter_id FROM submissions_claim f WHERE f.payer_id = %(payer)s::uuid AND f.sequence = 'P'))
      {_OF_LINE}""",
    "payments": f"""{_in_practice("p.practice_id")} AND (%(payer)s::uuid IS NULL OR p.payer_id = %(payer)s::uuid)
      {_PLACES.format(visit="p.encounter_id")}""",
    "denials": f"""{_in_practice("d.practice_id")}
      AND (%(payer)s::uuid IS NULL AND %(provider)s = '' AND %(location)s = '' OR d.version_id IN (
        SELECT v.id FROM submissions_claimversion v JOIN submissions_claim c ON c.id = v.claim_id WHERE {_CLAIMS}))""",
    "receipts": f"""{_in_practice("x.practice_id")} AND (%(payer)s::uuid IS NULL OR x.encounter_id IN (
        SELECT f.encounter_id FROM submissions_claim f WHERE f.payer_id = %(payer)s::uuid AND f.sequence = 'P'))
      {_PLACES.format(visit="x.encounter_id")}""",
}


def scoped(query: str) -> str:
    """The query with its {names} of CONDITIONS put in."""
    for name, condition in CONDITIONS.items():
        query = query.replace(f"{{{name}}}", f"({condition})")
    return query


def one(query: str, values: dict[str, Any]) -> dict[str, Any]:
    with whole_book_cursor() as cursor:
        cursor.execute(scoped(query), values)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def as_row(found: kpi.Kpi, basis: str, subject: str, ids: list[str] | None = None) -> KpiRow:
    return KpiRow(
        name=found.name, numerator=found.numerator, denominator=found.denominator, value=found.value, unit=found.unit,
        start=date.min, end=date.min, basis=basis, subject=subject, ids=tuple(ids or ()),
    )  # fmt: skip
