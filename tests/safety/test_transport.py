"""To the right peer over a closed line, or not at all: TLS below 1.2, expired and foreign certificates, other host keys."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from claimwright.web.exchange.core_envelope import HttpMessage
from claimwright.web.exchange.core_http import post
from claimwright.web.exchange.problems import NoAnswer, TransportProblem

SECRET = b"PATIENT-VALUE"
MESSAGE = HttpMessage(content_type="text/plain", headers={}, body=SECRET)


@pytest.fixture(scope="module", autouse=True)
def django_ready():
    import django

    django.setup()


def certificate(folder, *, days=(-1, 1), host="127.0.0.1"):
    """A certificate of `host`, valid from and to so many days from now, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0])).not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / f"{host}{days[1]}.pem", folder / f"{host}{days[1]}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(*encoding))
    return paths


@contextmanager
def peer(
    files,
    *,
    oldest=ssl.TLSVersion.TLSv1_2,
    newest=ssl.TLSVersion.TLSv1_3,
    answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    greets=b"",
):
    """A server on 127.0.0.1 that speaks TLS between these versions; what it could read of what we said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if oldest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = oldest, newest
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(5)

    def serve():
        try:
            raw, _ = listening.accept()
            raw.settimeout(2)
            with context.wrap_socket(raw, server_side=True) as line:
                if greets:
                    line.sendall(greets)
                while SECRET not in b"".join(heard):
                    got = line.recv(4096)
                    if not got:
                        break
                    heard.append(got)
                line.sendall(answer)
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        listening.close()
        thread.join(5)


def ask(port, trusted):
    place = SimpleNamespace(name="Partner", address=f"https://127.0.0.1:{port}/core", trusted_certificate=trusted)
    return post(place, MESSAGE, most=1000, seconds=5)


def test_the_canary_a_sound_peer_is_spoken_to(tmp_path):
    files = certificate(tmp_path)
    with peer(files) as (port, heard):
        assert ask(port, files[0].read_text()).body == b"ok"
        assert SECRET in b"".join(heard)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused_and_nothing_is_said(tmp_path, version):
    files = certificate(tmp_path)
    with peer(files, oldest=version, newest=version) as (port, heard):
        with pytest.raises(TransportProblem):
            ask(port, files[0].read_text())
        assert not heard


@pytest.mark.parametrize("wrong", ["expired", "not yet valid", "of another host", "trusted by nobody"])
def test_a_wrong_certificate_is_refused_and_nothing_is_said(tmp_path, wrong):
    days = {"expired": (-9, -1), "not yet valid": (1, 9)}.get(wrong, (-1, 1))
    files = certificate(tmp_path, days=days, host="127.0.0.9" if wrong == "of another host" else "127.0.0.1")
    with peer(files) as (port, heard):
        with pytest.raises(TransportProblem, match="certificate is not trusted. Nothing was sent") as found:
            ask(port, "" if wrong == "trusted by nobody" else files[0].read_text())
        assert not isinstance(found.value, NoAnswer) and not heard


@pytest.mark.parametrize("wrong", ["expired", "trusted by nobody"])
def test_mail_goes_over_no_line_that_is_not_proved(tmp_path, wrong, monkeypatch):
    """As CLAIMWRIGHT_MAIL=smtps://... sets it up: the same library, its own context."""
    from django.core.mail import EmailMessage
    from django.core.mail.backends.smtp import EmailBackend

    files = certificate(tmp_path, days=(-9, -1) if wrong == "expired" else (-1, 1))
    if wrong == "expired":
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with peer(files, greets=b"220 here\r\n") as (port, heard):
        backend = EmailBackend(host="127.0.0.1", port=port, use_ssl=True, timeout=3)
        assert backend.ssl_context.minimum_version >= ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLCertVerificationError):
            backend.send_messages([EmailMessage("s", SECRET.decode(), "a@b.example", ["c@d.example"])])
        assert not heard


def test_no_context_of_ours_is_made_without_proof():
    """Where TLS is spoken, nobody switches the proof off: no unverified context, no CERT_NONE, no verify=False."""
    from pathlib import Path

    import claimwright

    for path in Path(claimwright.__file__).parent.rglob("*.py"):
        text = path.read_text()
        for word in (
            "CERT_NONE",
            "verify=False",
            "_create_unverified_context",
            "check_hostname = False",
            "known_hosts=None",
        ):
            assert word not in text, f"{path.name}: {word}"


def test_another_host_key_stops_sending_and_waits_for_a_person(tenant, tmp_path):
    import asyncssh

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.exchange.secrets import encrypt
    from claimwright.web.exchange.services import pin_host_key
    from claimwright.web.exchange.transports import HostKeyRefused, SftpTransport
    from tests.lib.sftp import sftp_server

    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with sftp_server(tmp_path) as server:
        with tenant_scope(tenant):
            row = Connection.objects.create(
                name="Clearinghouse", kind="sftp", host="127.0.0.1", port=server.port, username="practice",
                secret=encrypt("a long secret"), host_key=other, sender_id="A", receiver_id="B", outgoing="/inbound",
                incoming="/outbound",
            )  # fmt: skip
        for pinned, says in (
            (other, "not the pinned one. Nothing was sent"),
            ("", "no host key is pinned"),
            ("x", "no OpenSSH"),
        ):
            row.host_key = pinned
            with pytest.raises(HostKeyRefused, match=says), SftpTransport(row):
                pass
        assert not list(server.inbound.iterdir())
        with tenant_scope(tenant), acting_as("ada"):
            pin_host_key(connection=row, host_key=server.host_key)
            assert AuditEvent.objects.get(action="connection.pin_host_key").actor == "ada"
        with SftpTransport(row) as line:
            line.put("a.txt", b"x")
        assert (server.inbound / "a.txt").read_bytes() == b"x"
