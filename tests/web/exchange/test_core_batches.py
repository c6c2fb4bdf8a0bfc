"""Batches over CAQH CORE: handed in once, picked up once, and where nothing was said a person is asked."""

from __future__ import annotations

import time
from datetime import date

import pytest

from claimwright.sandbox.plan import load_plan
from tests.lib.core_door import PASSWORD, USERNAME, door_that, sandbox_door
from tests.web.exchange.test_outbox import again, items, prepare


def core(tenant, address, kind="mime", **given):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import create_connection

    with tenant_scope(tenant):
        return create_connection(
            name="CORE", kind=kind, address=address, username=USERNAME, secret=PASSWORD, sender_id="LAKESIDE01",
            receiver_id="CLEARHOUSE", **given,
        )  # fmt: skip


@pytest.mark.parametrize("kind", ["mime", "soap"])
def test_a_batch_is_handed_in_whole_and_its_acknowledgements_are_picked_up(tenant, tmp_path, kind):
    from claimwright.sandbox.day import advance
    from claimwright.web.exchange.services import fetch_connection, send_outbox

    root, plan = tmp_path / "partner", load_plan("clean")
    with sandbox_door(root, plan) as address:
        connection = core(tenant, address, kind)
        file = prepare(tenant, connection)
        assert send_outbox(file=file).state == "sent" == send_outbox(file=file).state
        (lies_there,) = (root / "sftp" / "inbound").iterdir()
        assert lies_there.read_bytes() == bytes(file.content)
        assert fetch_connection(connection=connection) == []
        for day in (30, 31):
            advance(root, date(2026, 8, day), plan)
        kinds = [one.name[:3] for one in fetch_connection(connection=connection)]
        assert kinds == ["TA1", "999"] and fetch_connection(connection=connection) == []
    assert items(tenant) == []


def test_a_batch_without_an_answer_waits_for_a_person_and_goes_again_under_its_own_number(tenant, monkeypatch):
    from claimwright.web.exchange import core_http
    from claimwright.web.exchange.services import resend_ambiguous, send_outbox

    monkeypatch.setattr(core_http, "TIMEOUT_SECONDS", 0.3)
    with door_that(lambda handler, body: time.sleep(0.6)) as (address, came):
        file = prepare(tenant, core(tenant, address))
        assert send_outbox(file=file).state == "ambiguous" == send_outbox(file=file).state
        assert len(came) == 1 and items(tenant) == [("ambiguous_sends", "AMBIGUOUS")]
        assert resend_ambiguous(file=again(tenant, file), reason="they have not got it").state == "ambiguous"
    first, second = (body.split(b'name="PayloadID"')[1].split(b"\r\n")[3] for body in came)
    assert first == second, "the same file has the same PayloadID, so that the partner knows a repeat"


def test_a_partner_that_is_not_there_got_nothing_and_an_open_line_is_refused(tenant):
    from claimwright.web.exchange.problems import TransportProblem
    from claimwright.web.exchange.services import send_outbox

    file = prepare(tenant, core(tenant, "http://127.0.0.1:9/core"))
    assert send_outbox(file=file).state == "prepared" and items(tenant) == [("connection_problems", "NOT_SENT")]
    with pytest.raises(TransportProblem, match="https"):
        core(tenant, "http://payer.example/core")
