"""HTTP to a CORE partner: one address, one deadline, a bounded answer, no redirect, trusted certificates only."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from claimwright.web.exchange import core_http
from claimwright.web.exchange.core_envelope import HttpMessage
from claimwright.web.exchange.core_http import checked_address, post
from claimwright.web.exchange.problems import NoAnswer, TransportProblem
from tests.lib.core_door import door_that

MESSAGE = HttpMessage(content_type="text/plain", body=b"asked")


def to(address: str, certificate: str = "") -> Any:
    return SimpleNamespace(name="Payer", address=address, trusted_certificate=certificate)


@pytest.mark.parametrize(
    "address",
    [
        "http://payer.example/core", "http://127.0.0.1.payer.example/", "https://user:word@payer.example/", "ftp://127.0.0.1/",
        "https://", "file:///etc/passwd", "https://payer.example/#x", "https://payer.example:99999/", "",
    ],
)  # fmt: skip
def test_addresses_that_are_never_asked(address):
    with pytest.raises(TransportProblem):
        checked_address(address)


def test_addresses_that_may_be_asked():
    for address in ("https://payer.example/core", "http://127.0.0.1:8000/core", "http://localhost/core"):
        assert checked_address(f" {address} ") == address


def test_nobody_is_followed_elsewhere():
    def elsewhere(handler: Any, body: bytes) -> None:
        handler.send_response(307)
        handler.send_header("Location", "http://127.0.0.1:1/secret")
        handler.end_headers()

    with door_that(elsewhere) as (address, came), pytest.raises(TransportProblem, match="elsewhere"):
        post(to(address), MESSAGE, most=1000)
    assert came == [b"asked"]


def test_an_answer_is_bounded_in_bytes_and_never_unpacked():
    def endless(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"x" * 10_000)

    def packed(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()

    for answer, says in ((endless, "longer"), (packed, "compressed")):
        with door_that(answer) as (address, _), pytest.raises(NoAnswer, match=says):
            post(to(address), MESSAGE, most=50_000)


def test_one_deadline_for_the_whole_answer_however_it_drips():
    def dripping(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(60):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    begun = time.monotonic()
    with door_that(dripping) as (address, _):
        with pytest.raises(NoAnswer, match=r"within 0\.3 seconds"):
            post(to(address), MESSAGE, most=1000, seconds=0.3)
        assert time.monotonic() - begun < 1
    assert core_http.TIMEOUT_SECONDS == 60, "reliability: nobody waits longer for a payer"


def test_a_server_that_is_not_there_cannot_have_got_it():
    with pytest.raises(TransportProblem) as found:
        post(to("http://127.0.0.1:9/core"), MESSAGE, most=1000)
    assert not isinstance(found.value, NoAnswer)


def test_only_a_trusted_certificate_is_spoken_to(tmp_path):
    from claimwright.sandbox.plan import load_plan
    from tests.lib.core_door import sandbox_door

    certificate, key = self_signed(tmp_path)
    with sandbox_door(tmp_path / "partner", load_plan("clean"), certificate=certificate, key=key) as address:
        with pytest.raises(TransportProblem, match="certificate is not trusted"):
            post(to(address), MESSAGE, most=10_000)
        got = post(to(address, certificate.read_text()), MESSAGE, most=10_000)
    assert got.status == 200 and b"CoreEnvelopeError" in got.body


def self_signed(folder: Any) -> tuple[Any, Any]:
    """A certificate of 127.0.0.1 that nobody vouches for, and its key, as files."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
