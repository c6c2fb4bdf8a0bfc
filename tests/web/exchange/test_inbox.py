"""Every byte received is kept first, once, with every arrival noted; the partner's file goes only after the commit."""

from __future__ import annotations

import hashlib

import pytest

from tests.lib.killing import KILLED, run_and_die


def store(tenant, **fields):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import store_received

    with tenant_scope(tenant):
        return store_received(**({"source": "upload", "name": "a.835", "content": b"ISA"} | fields))


def rows(tenant, model, **match):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return list(model.objects.filter(**match).order_by("pk"))


def test_the_same_bytes_are_one_file_and_two_arrivals(tenant, other_tenant):
    from claimwright.web.exchange.models import InboxDelivery, InboxFile

    first = store(tenant, content=b"\x00\xffanything")
    again = store(tenant, content=b"\x00\xffanything", name="b.835")
    assert first.pk == again.pk
    assert bytes(again.content) == b"\x00\xffanything"
    assert again.sha256 == hashlib.sha256(b"\x00\xffanything").hexdigest()
    assert sorted((d.name, d.repeat) for d in rows(tenant, InboxDelivery)) == [("a.835", False), ("b.835", True)]
    assert rows(other_tenant, InboxFile) == []
    other = store(other_tenant, content=b"\x00\xffanything")
    assert other.pk != first.pk
    assert [d.repeat for d in rows(other_tenant, InboxDelivery)] == [False]


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\r\nb.835", "a__b.835"),
        ("\x00", "_"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("x" * 300 + ".835", "x" * 196 + ".835"),
        ("Zahlung für März.835", "Zahlung für März.835"),
        ("\u202eabc.835", "_abc.835"),
    ],
)
def test_names_from_outside_are_made_harmless(came, kept):
    from claimwright.web.exchange.services import clean_name

    assert clean_name(came) == kept


def test_too_many_bytes_are_refused_with_what_to_do(tenant, monkeypatch):
    from claimwright.web.exchange import services
    from claimwright.web.exchange.models import InboxFile

    monkeypatch.setattr(services, "MAXIMUM_BYTES", 10)
    with pytest.raises(services.TooLarge, match="split"):
        store(tenant, content=b"x" * 11)
    assert rows(tenant, InboxFile) == []


def test_fetching_takes_finished_files_once_and_archives_them(tenant, sftp, server):
    from claimwright.web.exchange.services import fetch_connection

    (server.outbound / "one.999").write_bytes(b"ISA*one")
    (server.outbound / "two.835").write_bytes(b"ISA*two")
    (server.outbound / "half.835.part").write_bytes(b"ISA*ha")
    (server.outbound / "other.filepart").write_bytes(b"ISA*ha")
    (server.outbound / "folder").mkdir()
    files = fetch_connection(connection=sftp)
    assert sorted((f.name, bytes(f.content)) for f in files) == [("one.999", b"ISA*one"), ("two.835", b"ISA*two")]
    assert {f.source for f in files} == {"Pretend clearinghouse"}
    left = sorted(p.name for p in server.outbound.iterdir())
    assert left == ["archive", "folder", "half.835.part", "other.filepart"]
    assert len(list((server.outbound / "archive").iterdir())) == 2
    assert fetch_connection(connection=sftp) == []


def test_a_file_that_grows_while_it_is_read_waits(tenant, folder, tmp_path, monkeypatch):
    from claimwright.web.exchange import transports
    from claimwright.web.exchange.services import fetch_connection

    path = tmp_path / "in" / "growing.835"
    path.write_bytes(b"ISA*first")
    seen = transports.FolderTransport.incoming

    def then_it_grows(self):
        files = seen(self)
        path.write_bytes(b"ISA*first and more")
        return files

    monkeypatch.setattr(transports.FolderTransport, "incoming", then_it_grows)
    assert fetch_connection(connection=folder) == []
    assert path.exists()
    monkeypatch.setattr(transports.FolderTransport, "incoming", seen)
    assert [bytes(f.content) for f in fetch_connection(connection=folder)] == [b"ISA*first and more"]


def test_a_file_too_large_stays_with_a_work_item(tenant, folder, tmp_path, monkeypatch):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.exchange import services

    monkeypatch.setattr(services, "MAXIMUM_BYTES", 5)
    (tmp_path / "in" / "big.835").write_bytes(b"123456")
    assert services.fetch_connection(connection=folder) == []
    assert services.fetch_connection(connection=folder) == []
    assert [(i.worklist, i.reason_code) for i in rows(tenant, WorkItem)] == [("quarantined_files", "TOO_LARGE")]
    assert (tmp_path / "in" / "big.835").exists()


@pytest.mark.parametrize("point", ["exchange.after_store", "exchange.after_archive"])
def test_a_kill_while_fetching_loses_and_doubles_nothing(tenant, folder, tmp_path, point):
    from claimwright.web.exchange.models import InboxDelivery, InboxFile
    from claimwright.web.exchange.services import fetch_connection

    for name in ("a", "b", "c"):
        (tmp_path / "in" / f"{name}.835").write_bytes(name.encode())
    code = (
        "from claimwright.web.exchange.models import Connection\n"
        "from claimwright.web.core.tenancy import tenant_scope\n"
        "from claimwright.web.exchange.services import fetch_connection\n"
        f"with tenant_scope('{tenant.pk}'): c = Connection.objects.get()\n"
        "fetch_connection(connection=c)\n"
    )
    assert run_and_die(code, fail_at=f"{point}:2") == KILLED
    assert len(rows(tenant, InboxFile)) == 2
    fetch_connection(connection=folder)
    fetch_connection(connection=folder)
    assert sorted(f.name for f in rows(tenant, InboxFile)) == ["a.835", "b.835", "c.835"]
    assert [d.repeat for d in rows(tenant, InboxDelivery)] == [False, False, False]
    assert len(list((tmp_path / "in" / "archive").iterdir())) == 3


def test_the_same_bytes_put_there_again_are_a_repeat(tenant, folder, tmp_path):
    import os

    from claimwright.web.exchange.models import InboxDelivery
    from claimwright.web.exchange.services import fetch_connection

    path = tmp_path / "in" / "a.835"
    for moment in (1_700_000_000, 1_700_000_100):
        path.write_bytes(b"same")
        os.utime(path, (moment, moment))
        fetch_connection(connection=folder)
    assert sorted(d.repeat for d in rows(tenant, InboxDelivery)) == [False, True]


def test_another_host_key_is_refused_and_nothing_is_taken(tenant, sftp, server):
    import asyncssh

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import fetch_connection, pin_host_key
    from claimwright.web.exchange.transports import HostKeyRefused

    (server.outbound / "one.999").write_bytes(b"ISA*one")
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    for key in (stranger, "", "not a key"):
        with tenant_scope(tenant):
            pin_host_key(connection=sftp, host_key=key)
        with pytest.raises(HostKeyRefused, match="pinned"):
            fetch_connection(connection=sftp)
    assert (server.outbound / "one.999").exists()
    with tenant_scope(tenant):
        pin_host_key(connection=sftp, host_key=server.host_key)
    assert len(fetch_connection(connection=sftp)) == 1


def test_a_wrong_password_and_a_dead_server_say_what_to_do(tenant, sftp, server):
    from claimwright.web.exchange.secrets import encrypt
    from claimwright.web.exchange.services import fetch_connection
    from claimwright.web.exchange.transports import TransportProblem

    sftp.secret = encrypt("another secret")
    with pytest.raises(TransportProblem, match="enter them again") as refused:
        fetch_connection(connection=sftp)
    assert "another secret" not in str(refused.value)
    sftp.port = 1
    with pytest.raises(TransportProblem, match="try again later"):
        fetch_connection(connection=sftp)


@pytest.fixture
def own_keys(tmp_path, monkeypatch, database):
    """A home of its own: other tests use the shared one's keys meanwhile."""
    from django.conf import settings

    monkeypatch.setattr(settings, "HOME", tmp_path)


def test_secrets_are_unreadable_in_the_database_and_survive_a_new_key(own_keys, tenant, sftp):
    from cryptography.fernet import Fernet

    from claimwright.web.exchange import secrets

    assert "a long secret" not in sftp.secret
    path = secrets.key_file()
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(Fernet.generate_key() + b"\n" + path.read_bytes())
    moved = secrets.rotate(sftp.secret)
    assert secrets.decrypt(moved) == secrets.decrypt(sftp.secret) == "a long secret"
    path.write_bytes(path.read_bytes().split()[0] + b"\n")
    assert secrets.decrypt(moved) == "a long secret"
    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt(sftp.secret)


def test_network_work_inside_a_transaction_is_refused(tenant, folder):
    from claimwright.web.core.locks import InsideTransaction
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import fetch_connection

    with pytest.raises(InsideTransaction), tenant_scope(tenant):
        fetch_connection(connection=folder)
