"""The audit log cannot be changed unseen: two dozen ways of tampering by somebody who owns the database, each found.

Guards of the table are switched off for it, as its owner could; what stays is the chain and the head kept outside.
"""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from tests.conftest import _two_tenants

TABLE = "core_auditevent"
ROWS = 12
PAYLOAD = (
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00|' || "
    "concat_ws('|', actor, action, subject_type, subject_id, detail)"
)


@pytest.fixture(scope="module")
def log(module_database, postgres):
    """(tenant, administrator): two tenants with a log of twelve rows each, and one who may do anything in the database."""
    from claimwright.web.core.services import acting_as, record_audit
    from claimwright.web.core.tenancy import tenant_scope

    tenants = _two_tenants()
    for tenant in tenants:
        with tenant_scope(tenant), acting_as("ada"):
            for number in range(1, ROWS + 1):
                record_audit(
                    action=f"claim.step{number}", subject_type="claim", subject_id=f"c{number}",
                    detail="held | one\\two" if number == 6 else f"n{number}",
                )  # fmt: skip
    with psycopg.connect(
        host=str(postgres.socket), user="postgres", dbname=module_database, autocommit=True
    ) as administrator:
        administrator.execute("SET session_replication_role = replica")
        administrator.execute(f"CREATE TABLE as_it_was AS SELECT * FROM {TABLE}")
        yield tenants[0], administrator


def rechain(administrator, tenant, first):
    """Hashes made again from row `first` to the end, as somebody would who knows how they are made."""
    row = administrator.execute(
        f"SELECT hash FROM {TABLE} WHERE tenant_id = %s AND sequence = %s", [tenant, first - 1]
    ).fetchone()
    previous = row[0] if row else "0" * 64
    query = f"SELECT id, {PAYLOAD} FROM {TABLE} WHERE tenant_id = %s AND sequence >= %s ORDER BY sequence"
    for row_id, payload in administrator.execute(query, [tenant, first]).fetchall():
        digest = hashlib.sha256(f"{previous}\n{payload}".encode()).hexdigest()
        administrator.execute(
            f"UPDATE {TABLE} SET previous_hash = %s, hash = %s WHERE id = %s", [previous, digest, row_id]
        )
        previous = digest


def _change(what, row=5):
    return lambda do, mine, _: do(f"UPDATE {TABLE} SET {what} WHERE tenant_id = '{mine}' AND sequence = {row}")


def _delete(which):
    return lambda do, mine, _: do(f"DELETE FROM {TABLE} WHERE tenant_id = '{mine}' AND {which}")


def _copy(changes, which, tenant="mine"):
    """A row put in, made of another one."""

    def plant(do, mine, other):
        kept = {"id": "gen_random_uuid()", "tenant_id": f"'{mine}'"} | changes
        names = [
            "id",
            "tenant_id",
            "sequence",
            "previous_hash",
            "hash",
            "at",
            "actor",
            "action",
            "subject_type",
            "subject_id",
            "detail",
        ]
        values = ", ".join(kept.get(name, name) for name in names)
        source = mine if tenant == "mine" else other
        do(
            f"INSERT INTO {TABLE} ({', '.join(names)}) SELECT {values} FROM {TABLE} WHERE tenant_id = '{source}' AND {which}"
        )

    return plant


def _all(*steps):
    def plant(do, mine, other):
        for step in steps:
            step(do, mine, other)

    return plant


def _swap(columns):
    pairs = ", ".join(f"{name} = other.{name}" for name in columns.split())
    return lambda do, mine, _: do(
        f"UPDATE {TABLE} one SET {pairs} FROM (SELECT * FROM {TABLE}) other WHERE one.tenant_id = '{mine}' "
        "AND other.tenant_id = one.tenant_id AND (one.sequence, other.sequence) IN ((4, 8), (8, 4))"
    )


def _renumber(do, mine, _):
    do(f"UPDATE {TABLE} SET sequence = -sequence + 1 WHERE tenant_id = '{mine}' AND sequence > 5")
    do(f"UPDATE {TABLE} SET sequence = -sequence WHERE tenant_id = '{mine}' AND sequence < 0")


def _swap_places(do, mine, _):
    do(f"UPDATE {TABLE} SET sequence = -sequence WHERE tenant_id = '{mine}' AND sequence IN (4, 8)")
    do(f"UPDATE {TABLE} SET sequence = 12 + sequence WHERE tenant_id = '{mine}' AND sequence IN (-4, -8)")


def _own_hash_again(do, mine, _):
    do(
        f"UPDATE {TABLE} SET hash = encode(sha256(convert_to(previous_hash || E'\\n' || {PAYLOAD}, 'UTF8')), 'hex') "
        f"WHERE tenant_id = '{mine}' AND sequence = 5"
    )


def _rechained_from(first):
    return lambda do, mine, _: rechain(do.__self__, mine, first)


CUT = _delete("sequence > 9")
FORGED = {"previous_hash": "hash", "hash": "repeat('a', 64)"}
TAMPERINGS = {
    "who did it": _change("actor = 'nobody'"),
    "what was done": _change("action = 'claim.read'"),
    "what it was about": _change("subject_id = 'c9'"),
    "its kind": _change("subject_type = 'patient'"),
    "when": _change("at = at - interval '1 day'"),
    "when, by a millionth of a second": _change("at = at + interval '1 microsecond'"),
    "its detail emptied": _change("detail = ''"),
    "text moved from one field to the next": _change(
        r"""subject_id = subject_id || '|held ', detail = ' one\two'""", 6),
    "its hash": _change("hash = repeat('a', 64)"),
    "what it follows": _change("previous_hash = repeat('a', 64)"),
    "a row taken out": _delete("sequence = 5"),
    "the first row taken out": _delete("sequence = 1"),
    "the last row taken out": _delete(f"sequence = {ROWS}"),
    "the end cut off": CUT,
    "everything taken out": _delete("true"),
    "every second row taken out": _delete("sequence % 2 = 0"),
    "a row taken out and the gap closed": _all(_delete("sequence = 5"), _renumber),
    "a row put in before the first": _copy({"sequence": "0"}, "sequence = 1"),
    "a row put in at the end": _copy({"sequence": "sequence + 1", **FORGED}, f"sequence = {ROWS}"),
    "a row doubled at the end": _copy({"sequence": str(ROWS + 1)}, "sequence = 5"),
    "two rows' contents changed over": _swap("actor action subject_type subject_id detail at"),
    "two rows' places changed over": _swap_places,
    "a row given to the other practice": lambda do, mine, other: do(
        f"UPDATE {TABLE} SET tenant_id = '{other}', sequence = 99 WHERE tenant_id = '{mine}' AND sequence = 5"),
    "the other practice's row taken in": _copy({"sequence": str(ROWS + 1)}, f"sequence = {ROWS}", "other"),
    "changed, with its own hash made again": _all(_change("actor = 'nobody'"), _own_hash_again),
    "changed, with all hashes made again": _all(_change("actor = 'nobody'"), _rechained_from(5)),
    "the whole log made again": _all(_change("detail = 'plain'", 6), _change("actor = 'nobody'", 1), _rechained_from(1)),
    "cut, and filled up again with sound hashes": _all(
        CUT, *(_copy({"sequence": str(at), "actor": "'nobody'"}, "sequence = 1") for at in (10, 11, 12)),
        _rechained_from(10)),
}  # fmt: skip


def _restore(administrator):
    administrator.execute(f"DELETE FROM {TABLE}")
    administrator.execute(f"INSERT INTO {TABLE} SELECT * FROM as_it_was")


def _look(tenant):
    from claimwright.web.core.audit_log import verify
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return verify()


def test_every_tampering_is_found_and_a_sound_log_is_not_accused(log):
    tenant, administrator = log
    other = administrator.execute(f"SELECT tenant_id FROM {TABLE} WHERE tenant_id <> %s", [tenant.pk]).fetchone()[0]
    missed = []
    for name, plant in TAMPERINGS.items():
        sound = _look(tenant)
        assert sound.holds and sound.rows == ROWS and sound.kept == ROWS and not sound.unkept, name
        plant(administrator.execute, tenant.pk, other)
        found = _look(tenant)
        if found.holds or not found.faults[0].problem:
            missed.append(name)
        _restore(administrator)
    assert not missed
    assert len(TAMPERINGS) >= 20


def test_a_fault_names_the_row(log):
    tenant, administrator = log
    for name, row in (("who did it", 5), ("a row taken out", 6), ("the end cut off", ROWS), ("what was done", 5)):
        TAMPERINGS[name](administrator.execute, tenant.pk, None)
        found = _look(tenant)
        assert [fault.sequence for fault in found.faults] == [row] and found.faults_in_all == 1, name
        _restore(administrator)


def test_a_row_written_past_the_product_is_counted(log):
    """Sound by its hash, so the chain holds; but no commit of ours kept it as the head."""
    tenant, administrator = log
    _copy({"sequence": str(ROWS + 1)}, "sequence = 1")(administrator.execute, tenant.pk, None)
    rechain(administrator, tenant.pk, ROWS + 1)
    found = _look(tenant)
    assert found.holds and found.unkept == 1
    _restore(administrator)


def test_the_check_of_an_installation_prints_the_head_and_sees_a_cut(log):
    from claimwright.cli.checks import FAILS, HOLDS, _audit_logs

    tenant, administrator = log
    sound = {one.name: one.state for one in _audit_logs()}
    assert set(sound.values()) == {HOLDS} and len(sound) == 2
    assert any(f"of first ends where it was written to (row {ROWS}, " in name for name in sound)
    CUT(administrator.execute, tenant.pk, None)
    assert [one.fix for one in _audit_logs() if one.state == FAILS] == [
        f"the log ends at 9, but went to {ROWS}: its end was cut off"
    ]
    _restore(administrator)


def test_a_head_that_cannot_be_read_is_a_fault_and_is_not_written_over(log):
    from claimwright.web.core import heads

    tenant, _ = log
    path = heads.path_of(tenant.pk, TABLE)
    sound = path.read_bytes()
    path.write_bytes(b"nothing")
    assert "restore it from a copy" in _look(tenant).faults[0].problem
    heads.keep(tenant.pk, TABLE, 99, "a" * 64)
    assert path.read_bytes() == b"nothing"
    path.write_bytes(sound)
    heads.keep(tenant.pk, TABLE, 3, "a" * 64)  # an older one
    assert path.read_bytes() == sound and path.stat().st_mode & 0o077 == 0


def test_the_auditors_own_path_finds_the_same(log):
    """Its SQL and its hashing are not the product's: both must agree on what is whole and what is not."""
    from claimwright.auditor.ledger import chains_hold
    from claimwright.web.database import APPLICATION_ROLE

    tenant, administrator = log

    def faults():
        with administrator.transaction(), administrator.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
            cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [str(tenant.pk)])
            return [subject for subject, problem in chains_hold(cursor) if problem]

    assert not faults()
    for name in (
        "text moved from one field to the next",
        "a row taken out",
        "who did it",
        "changed, with its own hash made again",
    ):
        TAMPERINGS[name](administrator.execute, tenant.pk, None)
        assert faults(), name
        _restore(administrator)


def test_the_audit_of_the_books_holds_the_chains_to_the_newer_of_two_heads(log):
    from claimwright.cli.books import newest_heads
    from claimwright.web.core import heads

    tenant, _ = log
    kept = heads.kept(tenant.pk, TABLE)
    older = {"audit": (3, "b" * 64), "ledger": (9, "c" * 64)}
    assert newest_heads(tenant.pk, older) == {"audit": kept, "ledger": (9, "c" * 64)}
    assert newest_heads(tenant.pk, {"audit": (99, "d" * 64)}) == {"audit": (99, "d" * 64)}
    assert newest_heads(tenant.pk, None) == {"audit": kept} and newest_heads("nobody", None) is None


def test_what_was_rolled_back_is_no_head(log):
    from django.db import transaction

    from claimwright.web.core import heads
    from claimwright.web.core.services import record_audit
    from claimwright.web.core.tenancy import tenant_scope

    tenant, _ = log
    with tenant_scope(tenant):
        record_audit(action="x.y")
        transaction.set_rollback(True)
    assert heads.kept(tenant.pk, TABLE)[0] == ROWS


@pytest.mark.prove
def test_row24_a_million_rows_are_verified_in_ten_seconds(database):
    import time

    from bench.audit_log import ROWS, _write

    from claimwright.web.core.models import Tenant
    from tests.lib import proving

    tenant = Tenant.objects.create(slug="million", name="Million")
    _write(tenant)
    with proving.result(24, lambda: f"{found.rows:,} rows of a chain verified in {seconds:.1f} s"):
        began = time.monotonic()
        found = _look(tenant)
        seconds = time.monotonic() - began
        assert found.holds and found.rows == ROWS and seconds < 10
