"""HTTP to a CAQH CORE partner: only the configured address, TLS verified, no redirect, one deadline, a bounded answer."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import msgspec

from claimwright.web.exchange.core_envelope import HttpMessage
from claimwright.web.exchange.problems import NoAnswer, TransportProblem

TIMEOUT_SECONDS = 60.0  # from the first byte we send to the last one we read
CONNECT_SECONDS = 15.0


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came over HTTP, unread: status, content type and the bytes as they were."""

    status: int
    content_type: str
    body: bytes


def checked_address(address: str) -> str:
    """The address of a connection, as it may be asked. Raises TransportProblem: HTTPS to a host; HTTP to this machine."""
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise TransportProblem("The address is no web address: correct the connection") from None
    if not host or parts.username or parts.password or parts.fragment:
        raise TransportProblem("The address must be https://host/path, without a user or a fragment in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        raise TransportProblem("The address must begin with https://: patients' data goes over no open line")
    return address.strip()


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Place(Protocol):
    """Where is asked: a connection, as far as HTTP needs it."""

    name: str
    address: str
    trusted_certificate: str


def post(place: Place, message: HttpMessage, *, most: int, seconds: float | None = None) -> HttpAnswer:
    """One request and its whole answer within `seconds` (TIMEOUT_SECONDS).

    Raises TransportProblem where the request cannot have arrived, NoAnswer where it may have.
    """
    address, trust = checked_address(place.address), trusted(place.trusted_certificate)
    limit = TIMEOUT_SECONDS if seconds is None else seconds
    loop = asyncio.new_event_loop()
    name = place.name
    try:
        return loop.run_until_complete(asyncio.wait_for(_post(address, trust, message, most, limit), limit))
    except TimeoutError:
        raise NoAnswer(f"{name}: no answer within {limit:g} seconds: try again later") from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE" in str(error):
            raise TransportProblem(
                f"{name}: the server's certificate is not trusted. Nothing was sent. Ask the partner"
            ) from None
        raise TransportProblem(f"{name}: the server cannot be reached: try again later") from None
    except httpx.HTTPError as error:
        raise NoAnswer(f"{name}: the connection broke ({type(error).__name__}): try again later") from None
    finally:
        loop.close()


def trusted(certificate: str) -> ssl.SSLContext:
    """The authorities of this machine; with a certificate (PEM) that one alone."""
    try:
        context = ssl.create_default_context(cadata=certificate.strip() or None)
    except (ssl.SSLError, ValueError):
        raise TransportProblem("The trusted certificate is no certificate in PEM: enter it again") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _post(address: str, trust: ssl.SSLContext, message: HttpMessage, most: int, limit: float) -> HttpAnswer:
    headers = {"Content-Type": message.content_type, "Accept-Encoding": "identity"} | message.headers
    timeout = httpx.Timeout(limit, connect=min(CONNECT_SECONDS, limit))
    # No proxy or certificate from the environment: the connection alone says where patients' data goes.
    async with (
        httpx.AsyncClient(verify=trust, timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", address, content=message.body, headers=headers) as answer,
    ):
        if 300 <= answer.status_code < 400:
            raise TransportProblem("The server sends us elsewhere, and nobody is followed: correct the address")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise NoAnswer("The server compressed its answer though it was told not to: ask the partner")
        kept = bytearray()
        async for piece in answer.aiter_raw():
            kept += piece
            if len(kept) > most:
                raise NoAnswer(f"The answer is longer than the {most} bytes that are taken: ask the partner")
        content_type = answer.headers.get("Content-Type", "")
        return HttpAnswer(status=answer.status_code, content_type=content_type[:500], body=bytes(kept))
