"""Whose data this is: every row carries its tenant, and the database itself shows no other tenant's rows.

`tenant_scope` opens a transaction and tells PostgreSQL the tenant with SET LOCAL; row-level security does the rest.
Outside a scope every tenant table is empty and nothing can be written.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.db import connection, models, transaction

SETTING = "claimwright.tenant"


class NoTenant(RuntimeError):
    """Work on tenant data outside a tenant scope: a fault of ours, never shown to another tenant as data."""


class CurrentTenantId(models.Func):
    """The tenant of the running transaction, as the database knows it."""

    template = "NULLIF(current_setting('claimwright.tenant', true), '')::uuid"
    arity = 0
    output_field = models.UUIDField()


_current: ContextVar[object | None] = ContextVar("tenant", default=None)


def current_tenant():  # type: ignore[no-untyped-def]
    """The Tenant of the running scope. Raises NoTenant outside one."""
    tenant = _current.get()
    if tenant is None:
        raise NoTenant("no tenant scope is open")
    return tenant


@contextmanager
def tenant_scope(tenant) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """One transaction on behalf of `tenant` (a Tenant or its id). Scopes of two tenants do not nest."""
    if isinstance(tenant, uuid.UUID | str):
        tenant = apps.get_model("core", "Tenant").objects.get(pk=tenant)
    outer = _current.get()
    if outer is not None and outer.pk != tenant.pk:  # type: ignore[attr-defined]
        raise NoTenant("a scope of another tenant is open")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(tenant.pk)])
        token = _current.set(tenant)
        try:
            yield
        finally:
            _current.reset(token)
        # Not after an error: the rollback takes the setting back, and a statement in an aborted transaction would
        # only put its own error in the place of the one that happened, a deadlock's for example, which is tried again.
        if outer is None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, '', true)", [SETTING])
