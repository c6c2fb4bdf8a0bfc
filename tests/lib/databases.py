"""Databases of tests: copies of the migrated template that are put back between tests, not made and dropped for each.

`CREATE DATABASE` copies some two thousand files, and its first connection starts with empty caches: half a second a test.
Putting back looks at every table, sequence and definition, and writes only what differs: hundredths of a second. A copy
whose definitions were changed (a trigger silenced, an index dropped) is thrown away, so a test may do to its database
whatever it likes: commits are real, and the next test sees none of it.

What many tests begin with (an office with claims and money) is built once, kept as rows, and put in the same way.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

TEMPLATE = "claimwright_template"
MOST_DEAD_ROWS = 50_000  # deleted rows are never vacuumed here: a copy that held so many is replaced
TERMINATION_MILLISECONDS = 20_000

USER_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname),
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1
"""
# A row of a catalogue that is changed gets a new xmin, so the sum tells that nothing was. Temporary tables do not count.
DEFINITIONS = """
SELECT count(*), sum(mark) FROM (
  SELECT c.xmin::text::bigint AS mark FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname !~ '^pg_(temp|toast_temp)'
  UNION ALL SELECT xmin::text::bigint FROM pg_trigger
  UNION ALL SELECT xmin::text::bigint FROM pg_policy
  UNION ALL SELECT xmin::text::bigint FROM pg_constraint
  UNION ALL SELECT xmin::text::bigint FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT xmin::text::bigint FROM pg_attribute WHERE attnum > 0 AND attrelid IN (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_')
) AS every
"""
SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences ORDER BY 1"
START = "SELECT setval(%s::regclass, (SELECT seqstart FROM pg_sequence WHERE seqrelid = %s::regclass), false)"
OTHERS = """
SELECT bool_and(pg_terminate_backend(pid, %s)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

Mark = tuple[int, int]  # how many rows a table has, and the sum of the transactions that wrote them


@dataclass(frozen=True)
class Content:
    """The rows of a database, by table as COPY writes them, and where its sequences stand."""

    rows: dict[str, bytes]
    sequences: dict[str, int | None]


@dataclass
class Copy:
    name: str
    content: Content  # what was last put in
    marks: dict[str, Mark]  # of every table, right after that
    definitions: Mark
    administrator: psycopg.Connection[Any]  # stays open: what it knows of two hundred tables it need not learn again
    dead_rows: int = 0


@dataclass
class Databases:
    """The copies of one process. `take` gives one with the wanted content, `give_back` takes it for the next."""

    host: str
    home: Path
    spare: list[Copy] = field(default_factory=list)
    _tables: dict[str, str] = field(default_factory=dict)  # to its columns that can be written
    _marking: str = ""
    _empty: Content | None = None  # the template's own rows: permissions, migrations and the like
    _prepared: dict[str, tuple[Content, bytes]] = field(default_factory=dict)

    def administrate(self, statement: str) -> None:
        with self._connected("postgres") as connection:
            connection.execute(statement)

    def take(self, content: Content | None = None) -> Copy:
        """A database that holds `content`, without one the template's; nobody is connected to it."""
        while self.spare:
            copy = self.spare.pop()
            if self._put_back(copy, content or self._of_template()):
                return copy
            self.drop(copy)
        copy = self._made()
        if content is not None and not self._put_back(copy, content):
            raise AssertionError("a new copy of the template is not like the template")
        return copy

    def give_back(self, copy: Copy) -> None:
        self.spare.append(copy)

    def drop(self, copy: Copy) -> None:
        copy.administrator.close()
        self.administrate(f'DROP DATABASE "{copy.name}" WITH (FORCE)')

    def close(self) -> None:
        """At the end; the databases go with their server."""
        for copy in self.spare:
            copy.administrator.close()
        self.spare.clear()

    def content_of(self, copy: Copy) -> Content:
        """All rows as they stand; nobody may be writing."""
        return self._read(copy.administrator)

    def prepared(self, key: str, build: Callable[[str], Any]) -> tuple[Content, bytes]:
        """What `build(database)` left in a fresh database, and what it gave, pickled. Built once for all processes.

        It may leave nothing outside the database: another process gets the rows, not its files.
        """
        if key not in self._prepared:
            path = self.home / f"prepared-{key}.pickle"
            with _locked(self.home / f".prepared-{key}.lock"):
                if not path.exists():
                    copy = self.take()
                    given = pickle.dumps(build(copy.name))
                    whole = path.with_suffix(".part")
                    whole.write_bytes(pickle.dumps((self.content_of(copy), given)))
                    whole.replace(path)
                    self.give_back(copy)
            self._prepared[key] = pickle.loads(path.read_bytes())
        return self._prepared[key]

    def _made(self) -> Copy:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.administrate(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER claimwright_owner STRATEGY FILE_COPY')
        connection = self._connected(name)
        if not self._tables:
            self._tables = dict(connection.execute(USER_TABLES).fetchall())
            self._marking = " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(xmin::text::bigint), 0)::bigint FROM {table}"
                for table in self._tables
            )
        if self._empty is None:
            self._empty = self._read(connection)
        return Copy(name, self._empty, self._marks(connection), self._definitions(connection), connection)

    def _of_template(self) -> Content:
        assert self._empty is not None, "a copy was given back that was never made"
        return self._empty

    def _put_back(self, copy: Copy, content: Content) -> bool:
        """Whether the copy now holds `content`; one that cannot be trusted to is left for dropping."""
        connection = copy.administrator
        gone = connection.execute(OTHERS, [TERMINATION_MILLISECONDS]).fetchone()
        if gone == (False,) or self._definitions(connection) != copy.definitions:
            return False
        marks = self._marks(connection)
        changed = [
            table
            for table in self._tables
            if marks[table] != copy.marks[table] or content.rows.get(table) != copy.content.rows.get(table)
        ]
        copy.dead_rows += sum(marks[table][0] for table in changed)
        if copy.dead_rows > MOST_DEAD_ROWS:
            return False
        with connection.transaction():
            for table in changed:
                self._write(connection, table, content.rows.get(table))
        for name, value in connection.execute(SEQUENCES).fetchall():
            wanted = content.sequences.get(name)
            if value != wanted and wanted is None:
                connection.execute(START, [name, name])
            elif value != wanted:
                connection.execute("SELECT setval(%s::regclass, %s)", [name, wanted])
        copy.content, copy.marks = content, self._marks(connection)
        return True

    def _write(self, connection: psycopg.Connection[Any], table: str, rows: bytes | None) -> None:
        connection.execute(f"DELETE FROM {table}")
        if rows is not None:
            with connection.cursor().copy(
                f"COPY {table} ({self._tables[table]}) FROM STDIN (FORMAT BINARY)"
            ) as writing:
                writing.write(rows)

    def _read(self, connection: psycopg.Connection[Any]) -> Content:
        rows = {}
        for table, (count, _) in self._marks(connection).items():
            if count:
                with connection.cursor().copy(
                    f"COPY {table} ({self._tables[table]}) TO STDOUT (FORMAT BINARY)"
                ) as read:
                    rows[table] = b"".join(bytes(piece) for piece in read)
        return Content(rows, dict(connection.execute(SEQUENCES).fetchall()))

    def _marks(self, connection: psycopg.Connection[Any]) -> dict[str, Mark]:
        return {
            table: (count, mark) for table, count, mark in connection.execute(self._marking, prepare=True).fetchall()
        }

    def _definitions(self, connection: psycopg.Connection[Any]) -> Mark:
        found = connection.execute(DEFINITIONS, prepare=True).fetchone()
        assert found is not None
        return found[0], int(found[1])

    def _connected(self, database: str) -> psycopg.Connection[Any]:
        # Neither triggers (rows are only ever added) nor foreign keys: rows are put in whole, as they were read. Said at
        # the start, for a change of it makes the server forget how it carries out what it was asked before.
        options = "-c session_replication_role=replica"
        return psycopg.connect(host=self.host, user="postgres", dbname=database, options=options, autocommit=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def close_connections() -> None:
    """Those of Django in this thread."""
    from django.db import connections

    for connection in connections.all():
        connection.close()


def use_database(name: str) -> None:
    """What Django and every process started from here works in."""
    from django.db import connections

    close_connections()
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name
    os.environ["CLAIMWRIGHT_DATABASE"] = name
