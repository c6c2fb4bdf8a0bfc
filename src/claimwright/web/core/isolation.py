"""Row-level security, append-only tables and same-tenant foreign keys, for every model that carries a tenant.

What of a tenant a person sees who is limited to some practices is `core/practice_grants.py`, applied here.

Run as the owner after each migration; it only adds what is missing, so it is cheap at every start.
"""

from __future__ import annotations

import logging

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.utils import CursorWrapper

from claimwright.web.core import practice_grants
from claimwright.web.core.models import TenantModel
from claimwright.web.database import LIMITED_ROLE

logger = logging.getLogger(__name__)

CURRENT = "NULLIF(current_setting('claimwright.tenant', true), '')::uuid"

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION claimwright_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


class NotIsolated(RuntimeError):
    """The serving role could read or change more than it may: refuse to serve."""


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def secure(alias: str) -> None:
    """Bring the protections of every tenant table up to date."""
    connection = connections[alias]
    role = settings.DATABASES["default"]["USER"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'tenant_isolation'")
        done = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT conname FROM pg_constraint")
        constraints = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor.fetchall()}
        statements = [REFUSE_CHANGE]
        for model in tenant_models():
            statements += _unique(model, constraints)
        for model in tenant_models():
            table = model._meta.db_table
            if table not in done:
                statements += _row_level_security(table)
            statements += _same_tenant_keys(model, constraints)
            if model.append_only and f"{table}_append_only" not in triggers:
                statements += _append_only(table)
        statements += _grants(role)
        if _has_limited_role(cursor, role):
            statements += _grants(LIMITED_ROLE)
            statements += practice_grants.policies(tenant_models(), _practice_policies(cursor))
        for statement in statements:
            cursor.execute(statement)


def _has_limited_role(cursor: CursorWrapper, role: str) -> bool:
    """Whether the serving role can become the limited one; made here, where the owner of the tables may make roles."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LIMITED_ROLE])
    if cursor.fetchone() is None:
        cursor.execute(
            f"""DO $$ BEGIN
                  CREATE ROLE "{LIMITED_ROLE}" NOLOGIN;
                  GRANT "{LIMITED_ROLE}" TO "{role}" WITH INHERIT FALSE, SET TRUE;
                EXCEPTION WHEN insufficient_privilege THEN NULL;
                END $$"""
        )
    found = can_limit(cursor, role)
    if not found:
        logger.warning("nobody can be limited to some practices: see docs/running.md, role %s", LIMITED_ROLE)
    return found


def can_limit(cursor: CursorWrapper, role: str) -> bool:
    """Whether `role` may become the limited role without having its restrictions all the time."""
    cursor.execute(
        """SELECT m.set_option AND NOT m.inherit_option FROM pg_auth_members m
           JOIN pg_roles l ON l.oid = m.roleid JOIN pg_roles a ON a.oid = m.member
           WHERE l.rolname = %s AND a.rolname = %s""",
        [LIMITED_ROLE, role],
    )
    return any(fits for (fits,) in cursor.fetchall())


def _practice_policies(cursor: CursorWrapper) -> dict[str, set[str]]:
    cursor.execute(
        "SELECT tablename, policyname FROM pg_policies WHERE policyname LIKE %s", [f"{practice_grants.POLICY}%"]
    )
    found: dict[str, set[str]] = {}
    for table, name in cursor.fetchall():
        found.setdefault(table, set()).add(name)
    return found


def _unique(model: type[TenantModel], constraints: set[str]) -> list[str]:
    table = model._meta.db_table
    name = f"{table}_tenant_row"
    if name in constraints:
        return []
    return [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE (tenant_id, id)']


def _row_level_security(table: str) -> list[str]:
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant_isolation ON "{table}" USING (tenant_id = {CURRENT}) WITH CHECK (tenant_id = {CURRENT})',
    ]


def _same_tenant_keys(model: type[TenantModel], constraints: set[str]) -> list[str]:
    statements = []
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel):
            name = f"{table}_{field.column}_tenant"[:63]
            if name not in constraints:
                target = field.related_model._meta.db_table
                statements.append(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{field.column}") '
                    f'REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
                )
    return statements


def _append_only(table: str) -> list[str]:
    return [
        f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION claimwright_refuse_change()",
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION claimwright_refuse_change()",
    ]


def _grants(role: str) -> list[str]:
    statements = [
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        f'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM "{role}"',
    ]
    for model in tenant_models():
        if model.append_only:
            statements.append(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{model._meta.db_table}" FROM "{role}"')
    return statements


def assert_isolated() -> None:
    """Raise NotIsolated unless the serving role is bound by row-level security. Checked before serving."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """SELECT r.rolsuper OR r.rolbypassrls,
                      EXISTS (SELECT 1 FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                              WHERE c.relname = 'accounts_ledgertransfer' AND o.rolname = current_user)
               FROM pg_roles r WHERE r.rolname = current_user"""
        )
        bypasses, owns = cursor.fetchone()
        if bypasses or owns:
            raise NotIsolated(
                "The serving database role owns tables or bypasses row-level security: give it its own role"
            )
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT (relrowsecurity AND relforcerowsecurity)",
            [[model._meta.db_table for model in tenant_models()]],
        )
        open_tables = [name for (name,) in cursor.fetchall()]
        if open_tables:
            raise NotIsolated(f"Row-level security is not forced on: {', '.join(open_tables)}")
