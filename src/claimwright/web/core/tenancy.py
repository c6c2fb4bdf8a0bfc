"""Whose data this is: every row carries its tenant, and the database itself shows no other tenant's rows.

`tenant_scope` opens a transaction and tells PostgreSQL the tenant with SET LOCAL; row-level security does the rest.
Outside a scope every tenant table is empty and nothing can be written. A scope of a person who is limited to some
practices goes on as another role of the database, which is shown those practices' rows only (`core/practice_grants.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.db import connection, models, transaction

from claimwright.web.database import LIMITED_ROLE

SETTING = "claimwright.tenant"
PRACTICES = "claimwright.practices"


# Called at the end of a scope that is nobody's inner one, in its transaction, before it commits.
at_end: list[Callable[[], None]] = []


class NoTenant(RuntimeError):
    """Work on tenant data outside a tenant scope: a fault of ours, never shown to another tenant as data."""


class CurrentTenantId(models.Func):
    """The tenant of the running transaction, as the database knows it."""

    template = "NULLIF(current_setting('claimwright.tenant', true), '')::uuid"
    arity = 0
    output_field = models.UUIDField()


_current: ContextVar[object | None] = ContextVar("tenant", default=None)
_practices: ContextVar[tuple[uuid.UUID, ...]] = ContextVar("practices", default=())


def current_tenant():  # type: ignore[no-untyped-def]
    """The Tenant of the running scope. Raises NoTenant outside one."""
    tenant = _current.get()
    if tenant is None:
        raise NoTenant("no tenant scope is open")
    return tenant


def current_practices() -> tuple[uuid.UUID, ...]:
    """The practices that the running scope is limited to; empty: all of the tenant's."""
    return _practices.get()


@contextmanager
def tenant_scope(tenant, *, practices: Sequence[uuid.UUID] = ()) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """One transaction on behalf of `tenant` (a Tenant or its id). Scopes of two tenants do not nest.

    With `practices` the database shows and takes rows of these only. A scope opened inside keeps the limit: nothing
    inside widens it but `every_practice`.
    """
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
            if practices and not _practices.get():
                with _limited(tuple(practices)):
                    yield
            else:
                yield
            if outer is None and not connection.needs_rollback:
                for finish in at_end:
                    finish()
        finally:
            _current.reset(token)
        # Not after an error: the rollback takes the setting back, and a statement in an aborted transaction would
        # only put its own error in the place of the one that happened, a deadlock's for example, which is tried again.
        if outer is None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, '', true)", [SETTING])


@contextmanager
def every_practice() -> Iterator[None]:
    """All of the tenant's practices for a moment, whoever asks: what a chain's last row is, whether a key was used.

    For services that give nothing of what they see to the person.
    """
    kept = _practices.get()
    if not kept:
        yield
        return
    with transaction.atomic():  # an error rolls back to here, and with it the role
        token = _practices.set(())
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE NONE")
            yield
        finally:
            _practices.reset(token)
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {LIMITED_ROLE}")


@contextmanager
def _limited(practices: tuple[uuid.UUID, ...]) -> Iterator[None]:
    with connection.cursor() as cursor:
        literal = "{" + ",".join(str(one) for one in practices) + "}"
        cursor.execute("SELECT set_config(%s, %s, true)", [PRACTICES, literal])
        cursor.execute(f"SET LOCAL ROLE {LIMITED_ROLE}")
    token = _practices.set(practices)
    try:
        yield
    finally:
        _practices.reset(token)
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute("SELECT set_config(%s, '', true)", [PRACTICES])
