"""What only a head kept outside the database tells, what waits, and the command's own words."""

from __future__ import annotations

import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path

import psycopg
from typer.testing import CliRunner

COLUMNS = (
    "key, debit_kind, debit_bucket, debit_subject, credit_kind, credit_bucket, credit_subject, "
    "to_char(amount, 'FM999999999990.00'), entry_type, reason, effective_date::text, posted_on::text, actor, "
    "journal::text, payment, claim, reverses, "
    "to_char(posted_at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', posted_at) = posted_at "
    """THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END) || '+00:00', note"""
)


def rechain(books):
    """Every hash of the tenant's ledger again, as somebody who can write the table would."""
    with psycopg.connect(host=books.host, user="postgres", dbname=books.name) as administrator:
        administrator.execute("SET session_replication_role = replica")
        previous = "0" * 64
        query = f"SELECT id, {COLUMNS} FROM accounts_ledgertransfer WHERE tenant_id = %s ORDER BY sequence"
        for row_id, *payload in administrator.execute(query, [books.tenant]).fetchall():
            digest = hashlib.sha256(f"{previous}\n{'|'.join(payload)}".encode()).hexdigest()
            administrator.execute(
                "UPDATE accounts_ledgertransfer SET previous_hash = %s, hash = %s WHERE id = %s",
                [previous, digest, row_id],
            )
            previous = digest


def head_of(report):
    sequence, _, digest = report.ledger_head.partition(":")
    return {"ledger": (int(sequence), digest)}


def test_a_ledger_rewritten_with_sound_hashes_does_not_hold_the_head_kept_outside(copy):
    kept = head_of(copy.audit())
    assert copy.audit(known_heads=kept).balanced
    copy.spoil("UPDATE accounts_ledgertransfer SET actor = 'nobody' WHERE tenant_id = '{tenant}' AND sequence = 2")
    rechain(copy)
    assert copy.audit().balanced  # the chain alone cannot tell
    faults = copy.audit(known_heads=kept).faults
    assert [(fault.invariant, fault.subject) for fault in faults] == [("I11", f"ledger:{kept['ledger'][0]}")]


def test_money_on_its_way_is_listed_with_its_age(made):
    listed = [one for check in made.audit().checks for one in check.listed]
    assert [(one.what, one.amount, one.age_days) for one in listed] == [
        ("ERA without EFT", Decimal("75.00"), 15),
        ("EFT without ERA", Decimal("12.34"), 14),
    ]


def test_counts_of_claims_taken_in_are_listed_and_not_a_fault(copy):
    copy.spoil(
        "UPDATE exchange_inboxfile SET content = convert_to(regexp_replace(convert_from(content, 'LATIN1'), "
        "'SE\\*[0-9]+', 'SE*9'), 'LATIN1') WHERE tenant_id = '{tenant}' AND name = '3.835'",
        "UPDATE exchange_inboxfile SET sha256 = encode(sha256(content), 'hex'), size = length(content)",
        "UPDATE exchange_inboxpart SET fate = 'taken_in' WHERE tenant_id = '{tenant}' AND file_id IN "
        "(SELECT id FROM exchange_inboxfile WHERE name = '3.835')",
    )
    report = copy.audit()
    assert [fault for fault in report.faults if fault.invariant == "I8"] == []
    assert [one.what for check in report.checks for one in check.listed if check.invariant == "I8"] == [
        "taken in with a wrong count (1)"
    ]


def test_the_command_says_the_same_as_json(copy):
    from claimwright.cli import app
    from tests.conftest import close_connections, use_database

    use_database(copy.name)
    try:
        copy.spoil("UPDATE payments_statement SET pdf = pdf || '\\x20' WHERE tenant_id = '{tenant}'")
        broken = CliRunner().invoke(app, ["audit", "books", "--tenant", "first", "--json"])
        spoken = CliRunner().invoke(app, ["audit", "books", "--tenant", "first"])
        sound = CliRunner().invoke(app, ["audit", "books", "--tenant", "other", "--json"])
    finally:
        close_connections()
        for kept in (Path(os.environ["CLAIMWRIGHT_HOME"]) / "audit-heads").glob("other-*.json"):
            kept.unlink()
    found = json.loads(broken.output)
    faults = [fault for check in found["checks"] for fault in check["faults"]]
    assert (broken.exit_code, found["balanced"], {fault["invariant"] for fault in faults}) == (1, False, {"I15"})
    assert faults[0]["subject"].startswith("statement ST")
    waiting = next(check["listed"] for check in found["checks"] if check["listed"])
    assert [row["amount"] for row in waiting] == ["75.00", "12.34"]
    assert "the stored PDF is not the one issued" in spoken.output
    assert "EFT without ERA" in spoken.output
    assert (sound.exit_code, json.loads(sound.output)["balanced"]) == (0, True)
