"""Many rows of one table written in one statement. The bulk_update of Django weighs every cell of it as an expression of
its own, which for the rows of a day takes longer than all else that is done with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.db.models import Field, Model

AT_ONCE = 1000


def write_rows(rows: Collection[Model], names: Sequence[str]) -> None:
    """Write the columns `names` of rows that are in the database, all of one model, as the rows have them.

    In the caller's tenant scope: rows of another are not seen, and stay. Raises DataError for what a column cannot hold.
    """
    waiting = iter(rows)
    while batch := list(islice(waiting, AT_ONCE)):
        _write(batch, names)


def _write(rows: Sequence[Model], names: Sequence[str]) -> None:
    meta: Any = type(rows[0])._meta
    quote = connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(field.column)} = told.v{at}::{_kind(field)}" for at, field in enumerate(fields))
    row = f"({', '.join(['%s'] * (1 + len(fields)))})"
    columns = ", ".join(f"v{at}" for at in range(len(fields)))
    query = f"""UPDATE {quote(meta.db_table)} t SET {sets}
                FROM (VALUES {", ".join([row] * len(rows))}) told (id, {columns})
                WHERE t.{quote(meta.pk.column)} = told.id::{_kind(meta.pk)}"""
    cells = ((_cell(meta.pk, one), *(_cell(field, one) for field in fields)) for one in rows)
    with connection.cursor() as cursor:
        cursor.execute(query, list(chain.from_iterable(cells)))


def _cell(field: Field[Any, Any], row: Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _kind(field: Field[Any, Any]) -> str:
    """The column's type to cast to. One of a length is cast to text: a cast to it would cut what an assignment refuses."""
    kind = field.db_type(connection) or "text"
    return "text" if kind.startswith(("varchar", "char")) else kind
