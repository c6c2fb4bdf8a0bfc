"""A prepared file reaches the partner once, whatever breaks: the same bytes, the same name, the same control number."""

from __future__ import annotations

import hashlib

import pytest

from tests.lib.builders import RECEIVER, SUBMITTER, a_claim
from tests.lib.killing import KILLED, run_and_die


def build(numbers):
    from claimwright.claims.to_x12.professional import build_interchange

    return build_interchange(
        [a_claim()], submitter=SUBMITTER, receiver=RECEIVER, envelope=numbers.envelope,
        control_number=numbers.interchange, group_control_number=numbers.group, reference="B1", when=numbers.when,
    )  # fmt: skip


def prepare(tenant, connection, builder=build):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import prepare_outbox

    with tenant_scope(tenant):
        return prepare_outbox(connection=connection, content_builder=builder)


def again(tenant, file):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile

    with tenant_scope(tenant):
        return OutboxFile.objects.get(pk=file.pk)


def items(tenant):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return sorted(WorkItem.objects.filter(state="open").values_list("worklist", "reason_code"))


def test_control_numbers_never_repeat_and_a_failed_build_keeps_nothing(tenant, other_tenant, folder):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile

    def breaks(numbers):
        raise ValueError("no claim")

    first = prepare(tenant, folder)
    with pytest.raises(ValueError, match="no claim"):
        prepare(tenant, folder, breaks)
    second = prepare(tenant, folder)
    assert first.interchange_control_number < second.interchange_control_number
    assert first.group_control_number < second.group_control_number
    assert first.sha256 == hashlib.sha256(bytes(first.content)).hexdigest()
    with tenant_scope(tenant):
        assert OutboxFile.objects.count() == 2
    with tenant_scope(other_tenant):
        assert OutboxFile.objects.count() == 0


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"*T*:", b"*P*:", "ISA15"),
        (b"LAKESIDE01     ", b"OTHER          ", "ISA06"),
        (b"CLEARHOUSE     ", b"OTHER          ", "ISA08"),
        (b"GS*HC*LAKESIDE01", b"GS*HC*OTHER", "GS02"),
        (b"ISA*", b"XXX*", "ISA segment"),
    ],
)
def test_bytes_for_another_partner_or_mode_are_refused(tenant, folder, old, new, place):
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.exchange.services import OutboxRefused

    def wrong(numbers):
        content = build(numbers)
        assert content.count(old) >= 1
        return content.replace(old, new, 1)

    with pytest.raises(OutboxRefused, match=place):
        prepare(tenant, folder, wrong)
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        assert not OutboxFile.objects.exists()


def test_a_connection_moved_to_production_does_not_take_the_test_file(tenant, folder):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import OutboxRefused, send_outbox

    file = prepare(tenant, folder)
    folder.usage = "P"
    with tenant_scope(tenant):
        folder.save()
    with pytest.raises(OutboxRefused, match="test/production"):
        send_outbox(file=file)


def test_sending_twice_is_sending_once(tenant, sftp, server):
    from claimwright.web.exchange.services import send_outbox

    file = prepare(tenant, sftp)
    sent = send_outbox(file=file)
    assert (sent.state, sent.attempts) == ("sent", 1)
    assert sent.sent_on == tenant.fixed_date
    assert [p.name for p in server.inbound.iterdir()] == [file.name]
    assert (server.inbound / file.name).read_bytes() == bytes(file.content)
    (server.inbound / file.name).unlink()  # the partner took it
    assert send_outbox(file=file).attempts == 1
    assert list(server.inbound.iterdir()) == []


@pytest.mark.parametrize("fault", ["write", "short", "rename", "answer", "answer and taken"])
def test_a_link_that_breaks_never_sends_half_or_twice(tenant, sftp, server, fault):
    from claimwright.web.exchange.services import send_outbox

    file = prepare(tenant, sftp)
    server.take_at_once = fault == "answer and taken"
    if fault == "short":
        server.short = 10
    else:
        server.refuse = {fault.split()[0]}
    broken = send_outbox(file=file)
    expected = {"write": "prepared", "short": "prepared"}.get(fault, "ambiguous")
    assert again(tenant, file).state == broken.state == expected
    assert broken.problem
    server.refuse, server.short = set(), 0
    healed = send_outbox(file=file)
    if fault == "answer and taken":  # nobody can know: it is held
        assert healed.state == "ambiguous"
        assert ("ambiguous_sends", "AMBIGUOUS") in items(tenant)
        assert server.taken == [(file.name, bytes(file.content))]
        assert list(server.inbound.iterdir()) == []
    else:
        assert again(tenant, file).state == healed.state == "sent"
        assert [(p.name, p.read_bytes()) for p in server.inbound.iterdir()] == [(file.name, bytes(file.content))]
        assert items(tenant) == []


def test_a_person_sends_an_ambiguous_file_again_byte_for_byte(tenant, sftp, server):
    from claimwright.web.exchange.services import resend_ambiguous, send_outbox

    file = prepare(tenant, sftp)
    server.take_at_once, server.refuse = True, {"answer"}
    send_outbox(file=file)
    server.refuse = set()
    sent = resend_ambiguous(file=file, reason="The partner says that nothing came")
    assert (sent.state, sent.attempts) == ("sent", 2)
    assert server.taken == [(file.name, bytes(file.content))] * 2
    assert items(tenant) == []


POINTS = {
    "exchange.after_uploading": "sent",
    "exchange.after_upload": "sent",
    "exchange.before_rename": "sent",
    "exchange.after_rename": "sent",
    "exchange.after_sent": "sent",
}


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_anywhere_while_sending_ends_in_one_file(tenant, folder, tmp_path, point):
    from claimwright.web.exchange.services import send_outbox

    file = prepare(tenant, folder)
    code = (
        "from claimwright.web.exchange.models import OutboxFile\n"
        "from claimwright.web.core.tenancy import tenant_scope\n"
        "from claimwright.web.exchange.services import send_outbox\n"
        f"with tenant_scope('{tenant.pk}'): f = OutboxFile.objects.get()\n"
        "send_outbox(file=f)\n"
    )
    assert run_and_die(code, fail_at=point) == KILLED
    assert send_outbox(file=file).state == POINTS[point]
    assert again(tenant, file).state == POINTS[point]
    found = list((tmp_path / "out").iterdir())
    assert [(p.name, p.read_bytes()) for p in found] == [(file.name, bytes(file.content))]


def test_killed_after_the_rename_and_taken_at_once_it_waits_for_an_answer(tenant, folder, tmp_path):
    from claimwright.web.exchange.services import send_outbox

    file = prepare(tenant, folder)
    code = (
        "from claimwright.web.exchange.models import OutboxFile\n"
        "from claimwright.web.core.tenancy import tenant_scope\n"
        "from claimwright.web.exchange.services import send_outbox\n"
        f"with tenant_scope('{tenant.pk}'): f = OutboxFile.objects.get()\n"
        "send_outbox(file=f)\n"
    )
    assert run_and_die(code, fail_at="exchange.after_rename") == KILLED
    (tmp_path / "out" / file.name).unlink()
    assert send_outbox(file=file).state == "ambiguous"
    assert items(tenant) == [("ambiguous_sends", "AMBIGUOUS")]
    assert list((tmp_path / "out").iterdir()) == []


def test_changed_bytes_are_not_sent(tenant, folder):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.exchange.services import OutboxRefused, send_outbox

    file = prepare(tenant, folder)
    with tenant_scope(tenant):
        OutboxFile.objects.update(content=bytes(file.content) + b" ")
    with pytest.raises(OutboxRefused, match="prepared"):
        send_outbox(file=file)


def test_an_unknown_failpoint_is_refused():
    from claimwright.web.core.failpoints import FAILPOINTS, failpoint

    assert len(FAILPOINTS) >= 10
    with pytest.raises(KeyError):
        failpoint("exchange.nowhere")
