"""The office's verbs on a real database: what they print, what they refuse, and the exit status programs read."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.cli.words import Refused
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer
from tests.lib import practices


def run(*words, code=0):
    result = CliRunner().invoke(app, [*words, "--tenant", "first"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def run_json(*words, code=0):
    return json.loads(run(*words, "--json", code=code))


@pytest.fixture
def office(tenant, tmp_path):
    """A practice with two visits taken in, their claims drafted."""
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        clinic = practices.set_up(tmp_path)
        practices.take_in(clinic, *practices.visits(2))
    return clinic


def owe(tenant, amount="40.00"):
    """Money that the payer left to the first patient."""
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        line = ChargeLine.objects.order_by("line_id").first()
        payer = receivable(line.line_id, "INS1")
        written_off = Account(Kind.ADJUSTMENT, str(line.practice_id), "CO-45")
        post_transfers(
            transfers=[
                Transfer(debit=debit, credit=payer, amount=value, entry_type=kind, key=key, effective_date=date(2026, 9, 14))
                for debit, value, kind, key in (
                    (written_off, line.charge - Decimal(amount), EntryType.ADJ, "a"),
                    (receivable(line.line_id, "PAT"), Decimal(amount), EntryType.XFER, "b"),
                )
            ]
        )  # fmt: skip


def test_ready_claims_go_out_and_a_second_run_sends_nothing(office):
    sent = run_json("submit")
    assert (sent["claims"], [row["state"] for row in sent["files"]]) == (2, ["sent"])
    assert [path.name for path in office.outgoing.iterdir()] == [sent["files"][0]["file"]]
    assert run_json("submit") == {"claims": 0, "files": [], "held_by_edits": 0}
    assert "No claim is ready" in run("submit")


def test_receive_and_post_say_what_they_did(office):
    (office.incoming / "junk.txt").write_bytes(b"<html>please sign in</html>")
    assert run_json("receive")["quarantined"] == 1
    assert run_json("post")["remittances_posted"] == 0
    assert "remittances posted: 0" in run("post")


def test_a_connection_that_does_not_work_is_exit_one_with_its_reason(office):
    office.incoming.rename(office.incoming.with_name("elsewhere"))
    assert "does not exist" in run_json("receive", code=1)["problems"][0]
    assert "problem: The folder" in run("receive", code=1)


def test_a_home_without_an_installation_is_refused_and_left_alone(tenant, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    slip = tmp_path / "slip"
    monkeypatch.setenv("CLAIMWRIGHT_HOME", os.environ["CLAIMWRIGHT_HOME"])  # put back what the verb sets
    result = CliRunner().invoke(app, ["report", "aging", "--home", str(slip)])
    assert isinstance(result.exception, Refused)
    assert "no installation" in str(result.exception)
    assert not slip.exists()
    (tmp_path / "file").touch()
    result = CliRunner().invoke(app, ["report", "aging", "--home", str(tmp_path / "file")])
    assert "is a file" in str(result.exception)


def test_a_port_in_use_is_one_sentence(tenant):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert isinstance(result.exception, Refused)
    assert "another with --port" in str(result.exception)


def test_statements_are_issued_once(office, tenant):
    owe(tenant)
    assert run_json("statements") == {
        "amount_due": "40.00", "not_sent": {}, "problems": [],
        "statements": [{"amount_due": "40.00", "number": "ST0000001"}],
    }  # fmt: skip
    assert "0 statements" in run("statements")


def test_the_reports_add_up(office, tenant):
    owe(tenant)
    aging = run_json("report", "aging")
    assert (aging["basis"], aging["total"]["total"]) == ("service", "190.00")
    assert sum(Decimal(row["total"]) for row in aging["rows"]) == Decimal("190.00")
    earlier = run_json("report", "aging", "--as-of", "2026-08-30")
    assert earlier["rows"] == []
    figures = {row["name"]: row for row in run_json("report", "kpi")}
    assert figures["charge_lag"]["denominator"] == "2"
    assert figures["clean_claim_rate"]["value"] is None
    shown = run("report", "kpi")
    assert "n/a" in shown
    assert "Charge lag" in shown
    assert "Total" in run("report", "aging", "--basis", "responsibility")


@pytest.mark.parametrize(
    "words",
    [("report", "aging", "--basis", "today"), ("report", "aging", "--as-of", "soon"), ("report", "kpi", "--to", "x")],
)
def test_a_wrong_option_is_one_sentence(office, words):
    with pytest.raises(Refused):
        run(*words)


def test_an_unknown_tenant_is_refused_with_those_there_are(tenant):
    result = CliRunner().invoke(app, ["post", "--tenant", "nowhere"])
    assert isinstance(result.exception, Refused)
    assert "first, other" in str(result.exception)
    result = CliRunner().invoke(app, ["post"])
    assert "name one with --tenant" in str(result.exception)


def test_the_demonstrations_tenant_is_taken_where_none_is_named(tenant):
    from claimwright.web.core.models import Tenant

    Tenant.objects.create(slug="demo", name="Demo", fixed_date=date(2026, 9, 30))
    result = CliRunner().invoke(app, ["audit", "books", "--json"])
    assert json.loads(result.output)["tenant"] == "demo"


def test_sound_books_are_proved_and_their_heads_kept_outside(office, tenant):
    proof = run_json("audit", "books")
    assert proof["balanced"] is True
    examined = {check["invariant"]: check["examined"] for check in proof["checks"]}
    assert examined["I11"] > 0
    (kept,) = (Path(os.environ["CLAIMWRIGHT_HOME"]) / "audit-heads").glob("first-*.json")
    heads = json.loads(kept.read_text())
    assert f"{heads['ledger']['sequence']}:{heads['ledger']['hash']}" == proof["ledger_head"]
    assert "The books are proved." in run("audit", "books")
    kept.unlink()


def test_a_ledger_cut_short_is_seen_by_the_head_kept_outside(office, tenant, database):
    """The rows left are a sound chain: only what was kept outside the database tells that some are gone."""
    import psycopg
    from django.db import connection

    owe(tenant)
    proof = run_json("audit", "books")
    last = int(proof["ledger_head"].partition(":")[0])
    with psycopg.connect(host=connection.settings_dict["HOST"], user="postgres", dbname=database) as administrator:
        administrator.execute("SET session_replication_role = replica")
        administrator.execute("DELETE FROM accounts_ledgertransfer WHERE sequence > %s", [last - 2])
        administrator.execute("SELECT claimwright_sum_claims(array(SELECT id FROM submissions_claim))")
    broken = run_json("audit", "books", code=1)
    faults = [fault for check in broken["checks"] for fault in check["faults"]]
    assert [(fault["invariant"], fault["subject"]) for fault in faults] == [("I11", f"ledger:{last}")]
    assert "1 fault." in run("audit", "books", code=1)
    (kept,) = (Path(os.environ["CLAIMWRIGHT_HOME"]) / "audit-heads").glob("first-*.json")
    assert json.loads(kept.read_text())["ledger"]["sequence"] == last  # broken books replace no head
    kept.unlink()


def test_the_pages_are_served(tenant, database):
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "claimwright.cli", "serve", "--port", str(port)], text=True,
        env=os.environ | {"CLAIMWRIGHT_DATABASE": database}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert _page(f"http://127.0.0.1:{port}/login/") == 200
        assert server.poll() is None
    finally:
        server.terminate()
        said, _ = server.communicate(timeout=300)
    assert f"http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said


def _page(address: str) -> int:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.status
        except urllib.error.URLError:
            time.sleep(0.1)
    return 0


def test_a_schedule_is_imported_once_with_what_cannot_be_used_named(office, tmp_path):
    from tests.unit.claims.test_schedule import HEADER, ROW, S12

    good, bad = tmp_path / "siu.hl7", tmp_path / "clinic.csv"
    good.write_text(S12, newline="")
    bad.write_text(
        HEADER + ROW.replace("F200", "F201") + ROW.replace("F200", "F202").replace("2026-08-31", "2026-02-31")
    )
    first = run_json("schedule", "import", str(good))["files"]
    assert [(row["kind"], row["scheduled"], row["problems"], row["known"]) for row in first] == [("hl7", 1, [], False)]
    both = run_json("schedule", "import", str(good), str(bad), code=1)["files"]
    assert [(row["known"], row["scheduled"]) for row in both] == [(True, 0), (False, 1)]
    (problem,) = both[1]["problems"]
    assert (problem["reason_code"], bool(problem["what_to_do"])) == ("BAD_DATE", True)
    said = run("schedule", "import", str(bad), code=1)
    assert "taken in before" in said
    assert "row 3" in said
    assert "1 problem" in said


def test_what_is_no_schedule_is_refused_before_anything_is_taken(office, tenant, tmp_path):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxFile
    from tests.unit.claims.test_schedule import S12

    good, bad = tmp_path / "siu.hl7", tmp_path / "note.txt"
    good.write_text(S12)
    bad.write_text("hello")
    for words, says in (((str(good), str(bad)), "no schedule"), ((str(good), "--kind", "xls"), "one of hl7"),
                        ((str(tmp_path / "none"),), "No such file"), ((str(good), "--practice", "1"), "there are")):  # fmt: skip
        with pytest.raises(Refused, match=says):
            run("schedule", "import", *words)
    with tenant_scope(tenant):
        assert not InboxFile.objects.filter(name="siu.hl7").exists()
    assert run_json("schedule", "import", str(bad), "--kind", "hl7", code=1)["files"][0]["refused"]
    row = run_json("schedule", "import", str(good), "--practice", "1000000004", "--interface", "Scheduler")["files"][0]
    assert row["scheduled"] == 1
