"""From nothing to a migrated database: server, roles, database, tables, isolation. Safe to run at every start."""

from __future__ import annotations

import os

import psycopg
from psycopg import sql

from claimwright.web.database import APPLICATION_ROLE, LIMITED_ROLE, OWNER_ROLE, DatabaseUnavailable, ensure_running

MIGRATION_LOCK = 0x636C61696D  # any number nobody else takes


def setup(*, migrate: bool = True, whole_home: bool = False) -> None:
    """Make Django usable in this process; `migrate` also brings the tables up to date and sees to the keys.

    `whole_home` says that no other home belongs to the database, as one that was just restored. Raises
    DatabaseUnavailable.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "claimwright.web.settings")
    import django
    from django.conf import settings

    if settings.EMBEDDED:
        server = ensure_running(settings.HOME / "postgres")
        create_roles_and_database(str(server.socket), settings.DATABASE_NAME)
    django.setup()
    if migrate:
        migrate_all()
        _see_to_keys(whole_home=whole_home or settings.EMBEDDED)


def _see_to_keys(*, whole_home: bool) -> None:
    """Make the keys with the installation. A home that lacks some beside a database in use is a second machine's: what
    it sealed with keys of its own, the first could not open."""
    from claimwright.web.core.keys import key_file, make_missing, missing
    from claimwright.web.core.models import Tenant

    lacking = missing()
    if lacking and not whole_home and Tenant.objects.exists():
        raise DatabaseUnavailable(
            f"{key_file('')} lacks {', '.join(lacking)}, and the database is in use: share or copy the folder of the "
            "machine that has them; where none has, `claimwright keys rotate --make-missing` makes them"
        )
    make_missing()


def create_roles_and_database(host: str, database: str) -> None:
    """The owner role that migrates, the application role that serves (no ownership, no bypass), the role that it becomes
    for who is limited to some practices, and the database."""
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
        for role in (OWNER_ROLE, APPLICATION_ROLE):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(role)))
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LIMITED_ROLE]).fetchone():
            limited = sql.Identifier(LIMITED_ROLE)
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(limited))
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(limited, sql.Identifier(APPLICATION_ROLE))
            )
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER_ROLE))
            )


def migrate_all() -> None:
    """Tables and their protections, brought up to date by one process at a time: web and worker may start together."""
    from django.core.management import call_command
    from django.db import connections

    from claimwright.web.core.isolation import secure
    from claimwright.web.core.migrating import quick_states
    from claimwright.web.submissions.transitions import secure_transitions

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            with quick_states():
                call_command("migrate", database="owner", interactive=False, verbosity=0)
            secure("owner")
            secure_transitions("owner")
        except BaseException:
            connections["owner"].close()  # the lock goes with it; a statement more would hide what went wrong
            raise
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def connection_text() -> str:
    """How libpq reaches the database as the serving role: what the auditor connects by."""
    from django.db import connection
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import Conninfo

    # Whatever libpq knows of what was given: how the server must prove itself (sslmode, sslrootcert) among it.
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = connection.get_connection_params().items()
    return make_conninfo(**{name: value for name, value in given if name in known and value not in (None, "")})
