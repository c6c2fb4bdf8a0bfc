"""Setting up a way to a trading partner on a page: what is typed, a try of it, and whose host key is trusted.

A secret goes in and never comes out: no page, message or log shows one. Folders of this machine are set by whoever runs
it, for a path reads and moves whatever lies there.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import asyncssh
import msgspec
from django.db import transaction

from claimwright.billing.registration import Fault
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.core_http import checked_address, trusted
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.problems import TransportProblem
from claimwright.web.exchange.secrets import SecretUnreadable, encrypt
from claimwright.web.exchange.transports import SftpTransport, transport_for

TRY_SECONDS = 8.0
KINDS = {"sftp": "SFTP", "mime": "CAQH CORE, HTTP MIME", "soap": "CAQH CORE, SOAP"}
USAGES = {"T": "Test files (ISA15 T)", "P": "Production files (ISA15 P)"}
QUALIFIERS = {"ZZ": "ZZ mutually defined", "30": "30 federal tax id", "01": "01 DUNS", "20": "20 health industry number",
              "27": "27 carrier id", "28": "28 fiscal intermediary id", "29": "29 Medicare provider id", "33": "33 NAIC"}  # fmt: skip
TEXTS = {
    "name": 60, "host": 200, "username": 100, "outgoing": 300, "incoming": 300, "sender_id": 15, "receiver_id": 15,
    "application_sender": 15, "application_receiver": 15, "receiver_name": 60, "submitter_name": 60,
    "submitter_contact": 60, "submitter_phone": 20, "address": 300,
}  # fmt: skip
NEEDED = {
    "sftp": ("name", "host", "username", "outgoing", "incoming", "sender_id", "receiver_id"),
    "mime": ("name", "username", "address", "sender_id", "receiver_id"),
    "soap": ("name", "username", "address", "sender_id", "receiver_id"),
    "folder": ("name", "sender_id", "receiver_id"),
}
FIXED_OF_FOLDER = ("outgoing", "incoming")
CODES = {"usage": USAGES, "sender_qualifier": QUALIFIERS, "receiver_qualifier": QUALIFIERS}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?\Z")


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying a connection. `offered` is the server's key line where it is not the pinned one."""

    works: bool
    says: str
    offered: str = ""
    fingerprint: str = ""


def connection_cells(connection: Connection) -> dict[str, str]:
    """For the form; the secret is not among them."""
    plain = {name: getattr(connection, name) for name in (*TEXTS, *CODES, "kind")}
    ticks = {name: "on" if getattr(connection, name) else "" for name in ("batches", "active")}
    return {**plain, "port": str(connection.port), "trusted_certificate": connection.trusted_certificate, **ticks}


def _read(cells: Mapping[str, str], kind: str) -> tuple[dict[str, object], list[Fault]]:
    values: dict[str, object] = {}
    faults: list[Fault] = []

    def fault(field: str, says: str, fix: str) -> None:
        faults.append(Fault(field=field, says=says, fix=fix))

    for field, longest in TEXTS.items():
        value = " ".join(cells.get(field, "").split())
        if field in NEEDED[kind] and not value:
            fault(field, "It is blank", "Enter what the partner's set-up sheet says")
        elif len(value) > longest or not value.isprintable():
            fault(field, f"It is longer than {longest} characters, or holds others than letters", "Enter it again")
        values[field] = value
    for field, choices in CODES.items():
        values[field] = cells.get(field, "")
        if values[field] not in choices:
            fault(field, "It is none of the choices", "Choose one of the list")
    port = cells.get("port", "").strip() or "22"
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        fault("port", "It is no port", "Enter 1 to 65535; SFTP is 22")
    else:
        values["port"] = int(port)
    if kind == "sftp" and values["host"] and not _HOST.match(str(values["host"])):
        fault("host", "It is no host name", "Enter the name alone, such as sftp.partner.example")
    if kind in ("mime", "soap") and values["address"]:
        try:
            checked_address(str(values["address"]))
        except TransportProblem as problem:
            fault("address", "It may not be asked", str(problem))
    certificate = cells.get("trusted_certificate", "").strip()
    try:
        trusted(certificate)
    except TransportProblem as problem:
        fault("trusted_certificate", "It is no certificate", str(problem))
    values |= {
        "trusted_certificate": certificate,
        "batches": bool(cells.get("batches")),
        "active": bool(cells.get("active")),
    }
    return values, faults


@transaction.atomic
def change_connection(
    *, connection: Connection | None, cells: Mapping[str, str], secret: str = ""
) -> tuple[Connection | None, tuple[Fault, ...]]:
    """Save a connection, new or known, where nothing is wrong; a blank secret keeps the one that is held.

    The kind of a known one stays, and so do the folders of a folder. A pinned host key stays whatever host is typed: the
    new server is refused until a person trusts its key.
    """
    kind = connection.kind if connection else cells.get("kind", "")
    if kind not in NEEDED or (connection is None and kind not in KINDS):
        return None, (Fault(field="kind", says="The kind is none of the choices", fix="Choose one of the list"),)
    values, faults = _read(cells, kind)
    same = Connection.objects.filter(name=values["name"]).exclude(pk=connection.pk if connection else None)
    if same.exists():
        faults.append(Fault(field="name", says="Another connection is called so", fix="Choose another name"))
    if faults:
        return None, tuple(faults)
    if kind == "folder":
        values = {name: value for name, value in values.items() if name not in FIXED_OF_FOLDER}
    row = Connection(kind=kind) if connection is None else Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)  # fmt: skip
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name, value in values.items():
        setattr(row, name, value)
    if secret.strip():
        row.secret = encrypt(secret.strip("\r\n") + ("\n" if "PRIVATE KEY-----" in secret else ""))
        changed.append("secret")
    row.save()
    action = "connection.create" if connection is None else "connection.change"
    record_audit(action=action, subject_type="connection", subject_id=row.pk, detail=", ".join(changed)[:200])
    return row, ()


def try_connection(*, connection: Connection) -> Tried:
    """Really connect, look into both folders and send nothing; at most some TRY_SECONDS a step. Never raises for the way.

    A CORE partner is reached and its certificate proved; user name and password are proved by the first question, for
    asking for files would take them.
    """
    try:
        tried = _try_core(connection) if connection.is_core else _try_folders(connection)
    except (TransportProblem, SecretUnreadable) as problem:
        tried = _with_offered(connection, str(problem))
    except (OSError, ValueError) as problem:
        tried = Tried(works=False, says=f"It failed ({type(problem).__name__}): enter address and secret again")
    record_audit(
        action="connection.try", subject_type="connection", subject_id=connection.pk,
        detail="works" if tried.works else "failed",
    )  # fmt: skip
    return tried


def _try_folders(connection: Connection) -> Tried:
    transport = transport_for(connection)
    if isinstance(transport, SftpTransport):
        transport.seconds = TRY_SECONDS
    with transport:
        try:
            waiting = len(list(transport.incoming()))
        except (OSError, TransportProblem):
            return Tried(works=False, says=f"Signed in, but cannot look into {connection.incoming}: correct the folder")
        if transport.sent_size(".") is None:
            return Tried(works=False, says=f"Signed in, but there is no folder {connection.outgoing}: correct it")
    return Tried(works=True, says=f"It works: both folders are there; files waiting to be fetched: {waiting}")


def _try_core(connection: Connection) -> Tried:
    parts = urlsplit(checked_address(connection.address))
    secure = trusted(connection.trusted_certificate) if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)

    async def reach() -> None:
        _, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
        writer.close()

    try:
        asyncio.run(asyncio.wait_for(reach(), TRY_SECONDS))
    except ssl.SSLError:
        return Tried(
            works=False, says="The server's certificate is not trusted: ask the partner, or enter its certificate"
        )
    except (OSError, TimeoutError):
        return Tried(works=False, says="The server cannot be reached: check the address, or try again later")
    return Tried(
        works=True, says="The server is reached and its certificate is trusted; the first question proves the password"
    )


def _with_offered(connection: Connection, says: str) -> Tried:
    """For SFTP the key that the server shows now, where it is not the pinned one: for a person to compare."""
    if connection.kind != Connection.Kind.SFTP or not connection.host:
        return Tried(works=False, says=says)
    offered = offered_key(connection)
    if not offered or offered.split()[:2] == connection.host_key.split()[:2]:
        return Tried(works=False, says=says)
    return Tried(works=False, says=says, offered=offered, fingerprint=fingerprint_of(offered))


def offered_key(connection: Connection) -> str:
    """The public key line that the server shows; "" where it shows none in time. Proves nothing by itself."""

    async def ask() -> str:
        key = await asyncssh.get_server_host_key(connection.host, connection.port, config=None)
        return key.export_public_key().decode().strip() if key else ""

    try:
        return asyncio.run(asyncio.wait_for(ask(), TRY_SECONDS))
    except (OSError, TimeoutError, asyncssh.Error):
        return ""


def fingerprint_of(key: str) -> str:
    """SHA256 of a public key line, as partners state it; "" where it is none."""
    try:
        return str(asyncssh.import_public_key(key.strip()).get_fingerprint())
    except asyncssh.KeyImportError:
        return ""
