"""`receive` and `post` twice, killed anywhere, or several at once: never more and never less than one clean run did."""

from __future__ import annotations

import os

import pytest

from claimwright.web.core.failpoints import EXIT_STATUS, FAILPOINTS
from tests.faults import office
from tests.faults.processes import die, together
from tests.lib import world
from tests.lib.killing import run_anew_and_die

# Each point that receiving and posting pass, at its first hit and later ones.
KILLS = (
    "exchange.after_store", "exchange.after_store:3", "exchange.after_archive", "exchange.after_archive:5",
    "receive.after_fetch", "receive.after_split", "receive.after_split:4", "receive.after_acknowledgement",
    "receive.after_acknowledgement:3", "receive.after_part", "receive.after_part:2", "posting.before_transfers",
    "posting.before_transfers:3", "posting.after_transfers", "posting.after_transfers:2", "posting.after_claim",
    "posting.after_claim:3", "posting.before_commit", "posting.before_commit:2", "posting.after_commit",
    "posting.after_commit:2", "posting.after_commit:3",
)  # fmt: skip
SENDING = ("exchange.after_prepare", "exchange.after_upload", "exchange.before_rename", "exchange.after_rename", "exchange.after_sent")  # fmt: skip


def same(opened, once):
    return office.differences(once, office.snapshot(opened.tenant))


def test_one_clean_run_does_all_that_there_is_to_do(once):
    assert {row[3] for row in once["parts"] if row[2] != "CSV"} == {"acknowledged", "posted"}
    assert [row[5] for row in once["remittances"]] == ["partial", "posted", "partial"]
    assert len(once["denials"]) == 1
    assert {row[0] for row in once["work items"]} >= {"unmatched_payments", "denials", "provider_adjustments"}
    assert {row[2] for row in once["files"]} == {"done"}
    assert any(row[14] for row in once["ledger"]), "nothing was reversed"


def test_every_point_of_receiving_and_posting_is_killed_at():
    points = {kill.partition(":")[0] for kill in KILLS}
    assert len(points) >= 10
    elsewhere = ("submissions.", "intake.", "real_time.", "interfaces.")
    others = {point for point in FAILPOINTS if point.startswith(elsewhere)}
    assert points == FAILPOINTS - others - set(SENDING) - {"exchange.after_uploading"}


@pytest.mark.parametrize("point", KILLS)
def test_a_kill_at_any_point_and_a_second_run_end_as_one_clean_run(opened, once, point):
    assert die(lambda: office.run(opened), fail_at=point) == EXIT_STATUS
    office.run(opened)
    assert same(opened, once) == []
    assert office.audit_faults(opened.tenant) == []


def test_a_run_that_dies_at_every_point_in_turn_ends_as_one_clean_run(opened, once):
    in_turn = [point for point in KILLS if ":" not in point]
    assert [die(lambda: office.run(opened), fail_at=point) for point in in_turn] == [EXIT_STATUS] * len(in_turn)
    office.run(opened)
    assert same(opened, once) == []
    assert office.audit_faults(opened.tenant) == []


def test_a_new_process_killed_in_the_middle_of_posting_ends_as_one_clean_run(opened, once):
    code = (
        "from claimwright.web.core.models import Tenant\n"
        "from claimwright.web.operations.post import post\n"
        "from claimwright.web.operations.receive import receive\n"
        f"tenant = Tenant.objects.get(pk='{opened.tenant.pk}')\n"
        "receive(tenant=tenant)\n"
        "post(tenant=tenant)\n"
    )
    assert run_anew_and_die(code, fail_at="posting.after_transfers:2") == EXIT_STATUS
    assert run_anew_and_die(code, fail_at="") == 0
    assert same(opened, once) == []


def test_running_twice_changes_nothing(opened, once):
    office.run(opened)
    office.run(opened)
    assert same(opened, once) == []


@pytest.mark.parametrize("processes", [2, 3, 3, 4])
def test_several_at_once_end_as_one_clean_run(opened, once, processes):
    together([lambda: office.run(opened)] * processes)
    assert same(opened, once) == []
    assert office.audit_faults(opened.tenant) == []


def test_a_fast_poster_does_not_overtake_a_slow_one(opened, once):
    """The reversal in the last file waits for the payment it reverses, however long that takes."""
    import time

    from claimwright.web.operations import post as module
    from claimwright.web.operations.receive import receive

    def slowly(transaction):
        time.sleep(0.4)
        return read(transaction)

    def slow():
        module.read_remittance = slowly  # in that process alone
        module.post(tenant=opened.tenant)

    read = module.read_remittance
    receive(tenant=opened.tenant)
    together([slow, lambda: (time.sleep(0.2), module.post(tenant=opened.tenant))])
    assert same(opened, once) == []


def test_a_fast_receiver_does_not_overtake_a_slow_one(opened, once):
    """A 277CA that came after the 999 is applied after it, so that every claim has the steps of one clean run."""
    import time

    from claimwright.web.exchange.services import fetch_connection
    from claimwright.web.operations import receive as module
    from claimwright.web.operations.post import post

    def slowly(**part):
        time.sleep(0.4)
        return apply(**part)

    def slow():
        module.apply_part = slowly
        module.receive(tenant=opened.tenant)

    apply = module.apply_part
    fetch_connection(connection=opened.clinic.connection)
    together([slow, lambda: (time.sleep(0.2), module.receive(tenant=opened.tenant))])
    post(tenant=opened.tenant)
    assert same(opened, once) == []


def rewrapped(opened):
    """The payment T1002 again, in an interchange of its own with other control numbers."""
    again = world.remittance([office.payment(version) for version in opened.versions[3:6]], trace="T1002")
    return world.as_file([again], control_number=41)


@pytest.mark.parametrize("round_", range(3))
def test_one_payment_in_two_files_posted_by_two_at_once_is_posted_once(opened, round_):
    from claimwright.web.operations.post import post
    from claimwright.web.operations.receive import receive

    for path in opened.clinic.incoming.iterdir():
        path.unlink()
    second = world.remittance([office.payment(version) for version in opened.versions[3:6]], trace="T1002")
    opened.put("40.835", world.as_file([second], control_number=40))
    opened.put("41.835", rewrapped(opened))
    receive(tenant=opened.tenant)
    together([lambda: post(tenant=opened.tenant)] * 2)
    found = office.snapshot(opened.tenant)
    assert sorted(row[3] for row in found["parts"] if row[2] == "835") == ["duplicate", "posted"]
    assert sorted(row[5] for row in found["remittances"]) == ["duplicate", "posted"]
    assert len([row for row in found["ledger"] if row[8] == "INS_PAY"]) == 3
    assert [row[0] for row in found["work items"]] == ["duplicate_remittances"]
    assert office.audit_faults(opened.tenant) == []


# Canaries ------------------------------------------------------------------------------------------------------------


def test_canary_a_payment_posted_twice_is_seen(opened, once, monkeypatch):
    """Without the look at known payments and without the database's constraint the copy posts: the comparison says so."""
    from django.db import connections

    from claimwright.web.payments.positions import DatabaseLookup

    opened.put("41.835", rewrapped(opened))
    office.run(opened)
    refused = same(opened, once)
    assert not any(line.startswith(("ledger", "balances", "claim payments")) for line in refused)
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX remittance_identity_once")
    monkeypatch.setattr(DatabaseLookup, "payment_identity", lambda self, identity: None)
    third = rewrapped(opened).replace(b"000000041", b"000000042")
    opened.put("42.835", third)
    office.run(opened)
    found = same(opened, once)
    assert any(line.startswith("ledger") for line in found), found
    assert any(line.startswith("remittances") for line in found)
    assert office.audit_faults(opened.tenant), "the auditor did not see it"


def test_canary_one_row_that_differs_is_seen(once):
    changed = once | {"ledger": [*once["ledger"], once["ledger"][0]]}
    assert [line.partition(":")[0] for line in office.differences(once, changed)] == ["ledger"]
    fewer = once | {"work items": once["work items"][1:]}
    assert [line.partition(":")[0] for line in office.differences(once, fewer)] == ["work items"]


def test_canary_a_misspelt_point_fails_the_test(opened):
    with pytest.raises(AssertionError, match="KeyError"):
        die(lambda: office.run(opened), fail_at="posting.after_comit")


def test_canary_a_run_that_survives_is_no_kill(opened):
    assert die(lambda: office.run(opened), fail_at="posting.after_commit:99") == 0
    assert "FAIL_AT" not in os.environ or not os.environ["FAIL_AT"]
