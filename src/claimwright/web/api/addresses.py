"""Where webhooks may go: a name of the public internet over TLS, looked up once and asked at that very address.

Without this a program's owner could have our server ask what stands inside our own network: row 23 of the threats that
web applications must refuse (SSRF). Looked up and checked at registration and again at each sending, and the connection
goes to the address that was checked, so that a name cannot change what it means in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

LookUp = Callable[[str, int], list[str]]


class AddressRefused(ValueError):
    """An address that is not asked; the text says why and holds no more than the rule."""


@dataclass(frozen=True)
class Target:
    """`pinned` is the URL with the checked address in place of the name; `host` is for the Host header and for TLS."""

    pinned: str
    host: str
    name: str


def look_up(name: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefused("no such name is known") from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def checked_url(url: str, *, find: LookUp = look_up) -> str:
    """The address as it is kept. Raises AddressRefused."""
    target_of(url, find=find)
    return url.strip()


def target_of(url: str, *, find: LookUp = look_up) -> Target:
    """Where to connect. Raises AddressRefused unless every address of the name may be asked."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise AddressRefused("this is no address") from None
    name = parts.hostname or ""
    private = name in settings.WEBHOOK_PRIVATE_HOSTS
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise AddressRefused("it begins with https://")
    if not name or parts.username or parts.password or parts.fragment or len(url) > 500 or not url.isascii():
        raise AddressRefused("it is a host and a path, without a name, a password or a fragment")
    default = 443 if parts.scheme == "https" else 80
    found = find(name, port or default)
    if not found or not (private or all(_is_public(one) for one in found)):
        raise AddressRefused("it leads into a private network; only addresses of the public internet are asked")
    host = f"[{found[0]}]" if ":" in found[0] else found[0]
    pinned = urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path or "/", parts.query, ""))
    return Target(pinned, parts.netloc, name)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.split("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or mapped.is_global)
