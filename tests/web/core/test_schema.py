"""What the migrations leave in the database is what the models say, whatever way the migrations were run."""

from __future__ import annotations

import re
from typing import Any


def test_the_tables_are_the_tables_of_the_models(postgres: Any) -> None:
    from django.apps import apps
    from django.db import connections

    from tests.conftest import TEMPLATE, close_connections, use_database

    use_database(TEMPLATE)
    connection = connections["owner"]
    wrong = []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"""
        )
        columns: dict[str, dict[str, tuple[str, bool]]] = {}
        for table, column, kind, null in cursor.fetchall():
            columns.setdefault(table, {})[column] = (kind, null)
        for model in apps.get_models():
            if not model._meta.managed:
                continue
            table = model._meta.db_table
            said = {
                field.column: (_kind(field.db_parameters(connection)["type"]), field.null or field.generated)
                for field in model._meta.local_concrete_fields
            }
            if columns.get(table) != said:
                wrong.append(f"{table}: columns {set(said.items()) ^ set(columns.get(table, {}).items())}")
            wrong += _missing(model, connection.introspection.get_constraints(cursor, table))
    close_connections()
    assert wrong == []


def _kind(text: str) -> str:
    """Django's words for a type in PostgreSQL's."""
    text = re.sub(r"^varchar\b", "character varying", text)
    return re.sub(r"numeric\((\d+), (\d+)\)", r"numeric(\1,\2)", text)


def _missing(model: Any, found: dict[str, Any]) -> list[str]:
    """Indexes, constraints and foreign keys that the model has and its table has not."""
    table, wrong = model._meta.db_table, []
    names = [each.name for each in (*model._meta.indexes, *model._meta.constraints)]
    wrong += [f"{table}: no {name}" for name in names if name not in found]
    keys = {tuple(each["columns"]) + each["foreign_key"] for each in found.values() if each["foreign_key"]}
    unique = {tuple(each["columns"]) for each in found.values() if each["unique"]}
    indexed = {each["columns"][0] for each in found.values() if each["index"] and each["columns"]}
    for field in model._meta.local_concrete_fields:
        if field.remote_field and field.db_constraint:
            other = field.target_field
            if (field.column, other.model._meta.db_table, other.column) not in keys:
                wrong.append(f"{table}.{field.column}: no foreign key")
        if field.unique and (field.column,) not in unique:
            wrong.append(f"{table}.{field.column}: not unique")
        elif field.db_index and not field.unique and field.column not in indexed:
            wrong.append(f"{table}.{field.column}: no index")
    for together in model._meta.unique_together:
        if tuple(model._meta.get_field(name).column for name in together) not in unique:
            wrong.append(f"{table}: {together} not unique together")
    return wrong
