"""Bytes in and bytes out. What is received is stored before anything looks at it; what is sent is frozen before it goes.

`store_received` and `prepare_outbox` run inside the caller's tenant scope. `send_outbox` and `fetch_connection` reach
over the network: they run outside any transaction and commit each step, so that a kill leaves evidence of how far it
came.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db.models import Exists, OuterRef

from claimwright.web.core import clock
from claimwright.web.core.events import Event, EventKind, announce
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import exclusively, outside_transaction
from claimwright.web.core.services import (
    acting_as,
    next_number,
    raise_work_item,
    record_audit,
    resolve_work_items,
)
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.core_http import checked_address
from claimwright.web.exchange.core_transport import CoreTransport
from claimwright.web.exchange.models import Connection, InboxDelivery, InboxFile, InboxPart, OutboxFile
from claimwright.web.exchange.problems import NoAnswer, RemoteFile, TransportProblem
from claimwright.web.exchange.secrets import encrypt
from claimwright.web.exchange.transports import Transport, transport_for
from claimwright.x12.cutting import detect_delimiters
from claimwright.x12.writer import Envelope

MAXIMUM_BYTES = 200 * 1024 * 1024
NAME_CHARACTERS = 200
TEMPORARY = ".part"
LAST_CONTROL_NUMBER = 999_999_999
SENDABLE = (OutboxFile.State.PREPARED, OutboxFile.State.UPLOADING, OutboxFile.State.AMBIGUOUS)

_UNSAFE = re.compile(r"[^\w.,+=@() -]")


class TooLarge(ValueError):
    """More bytes than the inbox takes."""


class OutboxRefused(ValueError):
    """Bytes that may not go over this connection; the text says what does not fit."""


class ControlNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is built with: numbers never used before towards this partner, and the moment it is frozen."""

    interchange: int
    group: int
    when: datetime
    envelope: Envelope


ContentBuilder = Callable[[ControlNumbers], bytes]


def clean_name(name: str) -> str:
    """A file name without folders, control characters or surprises, at most 200 characters, its ending kept."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = _UNSAFE.sub("_", name).strip(" .")
    if len(name) > NAME_CHARACTERS:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: NAME_CHARACTERS - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else name
    return name[:NAME_CHARACTERS] or "unnamed"


def create_connection(*, secret: str = "", **fields: object) -> Connection:
    """A connection, its password or private key encrypted. Raises TransportProblem for a CORE address that may not be."""
    if fields.get("kind") in (Connection.Kind.MIME, Connection.Kind.SOAP):
        fields["address"] = checked_address(str(fields.get("address", "")))
    connection = Connection.objects.create(secret=encrypt(secret) if secret else "", **fields)
    record_audit(action="connection.create", subject_type="connection", subject_id=connection.pk)
    return connection


def pin_host_key(*, connection: Connection, host_key: str) -> Connection:
    """A person's decision to trust another host key from now on."""
    connection.host_key = host_key.strip()
    connection.save(update_fields=["host_key"])
    record_audit(action="connection.pin_host_key", subject_type="connection", subject_id=connection.pk)
    return connection


def store_received(
    *, source: str, name: str, content: bytes, connection: Connection | None = None, stamp: str = ""
) -> InboxFile:
    """Keep `content`, whatever it is, and note its arrival. Bytes that came before give the file they gave then.

    Every arrival is a delivery row, a repeat marked as such; only the same remote file (`stamp`) fetched again after
    a crash is none. Nothing is parsed. Raises TooLarge above MAXIMUM_BYTES.
    """
    if len(content) > MAXIMUM_BYTES:
        raise TooLarge(f"{len(content)} bytes are more than the {MAXIMUM_BYTES} that are taken: split the file")
    name, source = clean_name(name), source[:60]
    digest = hashlib.sha256(content).hexdigest()
    made = InboxFile(
        connection=connection, source=source, name=name, size=len(content), sha256=digest, content=content,
        received_at=clock.now(), received_on=clock.today(),
    )  # fmt: skip
    InboxFile.objects.bulk_create([made], ignore_conflicts=True)
    file = InboxFile.objects.select_for_update().get(sha256=digest)
    first = file.pk == made.pk
    if stamp and not first and file.deliveries.filter(source=source, name=name, stamp=stamp).exists():
        return file
    InboxDelivery.objects.create(
        file=file, name=name, source=source, at=clock.now(), stamp=stamp[:60], repeat=not first
    )
    if first:
        record_audit(action="inbox.receive", subject_type="inbox_file", subject_id=file.pk, detail=digest)
        announce([Event(kind=EventKind.FILE_RECEIVED, subject_type="received_file", subject_id=str(file.pk))])
    return file


def envelope_of(connection: Connection) -> Envelope:
    """ISA05-08, ISA15 and GS02-03 as set up with this partner."""
    return Envelope(
        sender_id=connection.sender_id,
        receiver_id=connection.receiver_id,
        sender_qualifier=connection.sender_qualifier,
        receiver_qualifier=connection.receiver_qualifier,
        usage=connection.usage,
        application_sender=connection.application_sender,
        application_receiver=connection.application_receiver,
    )


def prepare_outbox(
    *, connection: Connection, content_builder: ContentBuilder, kind: str = "837P", ending: str = "837",
    in_real_time: bool = False,
) -> OutboxFile:  # fmt: skip
    """Give out the control numbers, build the bytes with them and freeze both, in the caller's transaction.

    A file `in_real_time` is for `real_time.send_real_time`; the sending of batches leaves it alone. Raises OutboxRefused when the built envelope is not the connection's: ids, usage T or P, control numbers.
    """
    partner = f"{connection.sender_id}:{connection.receiver_id}"
    numbers = ControlNumbers(
        interchange=next_number(name=f"ISA13:{partner}"),
        group=next_number(name=f"GS06:{partner}"),
        when=clock.now(),
        envelope=envelope_of(connection),
    )
    if max(numbers.interchange, numbers.group) > LAST_CONTROL_NUMBER:
        raise OutboxRefused("the control numbers towards this partner are used up: agree on new ids with it")
    content = content_builder(numbers)
    _check_envelope(content, connection, numbers)
    file = OutboxFile.objects.create(
        connection=connection, name=clean_name(f"{connection.sender_id}_{numbers.interchange:09d}.{ending}"), kind=kind,
        content=content, sha256=hashlib.sha256(content).hexdigest(), sender=connection.sender_id,
        receiver=connection.receiver_id, interchange_control_number=numbers.interchange,
        group_control_number=numbers.group, usage=connection.usage, prepared_at=numbers.when, in_real_time=in_real_time,
    )  # fmt: skip
    record_audit(action="outbox.prepare", subject_type="outbox_file", subject_id=file.pk, detail=file.sha256)
    failpoint("exchange.after_prepare")
    return file


def _check_envelope(content: bytes, connection: Connection, numbers: ControlNumbers) -> None:
    """Read back ISA and GS and compare them with the connection."""
    head = content[:400].decode("ascii", "replace")
    found = detect_delimiters(head, 0) if head.startswith("ISA") else None
    if found is None:
        raise OutboxRefused("the file does not begin with an ISA segment")
    segments = [segment.strip("\r\n").split(found[0].element) for segment in head.split(found[0].terminator)[:2]]
    isa, gs = segments
    if len(isa) < 17 or gs[0] != "GS" or len(gs) < 7:
        raise OutboxRefused("the file does not begin with ISA and GS")
    expected = (
        ("ISA05", isa[5], connection.sender_qualifier),
        ("ISA06", isa[6].rstrip(), connection.sender_id),
        ("ISA07", isa[7], connection.receiver_qualifier),
        ("ISA08", isa[8].rstrip(), connection.receiver_id),
        ("ISA13", isa[13], f"{numbers.interchange:09d}"),
        ("ISA15", isa[15], connection.usage),
        ("GS02", gs[2], connection.application_sender or connection.sender_id),
        ("GS03", gs[3], connection.application_receiver or connection.receiver_id),
        ("GS06", gs[6], str(numbers.group)),
    )
    for place, came, held in expected:
        if came != held:
            raise OutboxRefused(f"{place} is not what the connection {connection.name} says: correct the profile")


def send_outbox(*, file: OutboxFile, resend: bool = False) -> OutboxFile:
    """Bring a prepared file to the partner: temporary name, size check, rename. Safe to call again at any time.

    A file that broke off is looked for at the partner first. Where it was being renamed and is nowhere now, the partner
    may have taken it: it becomes AMBIGUOUS and waits for an acknowledgement, or for a person who says `resend`; then
    the very same bytes go under the same name and control number. Never raises for the network: see state and problem.
    """
    outside_transaction()
    tenant = file.tenant_id
    with exclusively(f"outbox:{file.pk}") as alone:
        with tenant_scope(tenant):
            file = OutboxFile.objects.select_related("connection").get(pk=file.pk)
        if not alone or file.state not in SENDABLE or file.in_real_time:
            return file
        if file.state == OutboxFile.State.AMBIGUOUS and not resend and not file.renaming:
            return file
        _check_frozen(file)
        try:
            with transport_for(file.connection) as transport:
                _deliver(transport, file, resend=resend)
        except TransportProblem as problem:
            _not_delivered(file, str(problem))
        return file


def _check_frozen(file: OutboxFile) -> None:
    """The stored bytes are those that were frozen, and the connection is still the one they were frozen for."""
    if hashlib.sha256(bytes(file.content)).hexdigest() != file.sha256:
        raise OutboxRefused("the stored bytes are not those that were prepared: do not send, call support")
    held = file.connection
    if (file.usage, file.sender, file.receiver) != (held.usage, held.sender_id, held.receiver_id):
        raise OutboxRefused(
            f"the connection {held.name} changed after the file was prepared (ids or test/production): "
            "cancel the batch and build it again"
        )


def _deliver(transport: Transport, file: OutboxFile, *, resend: bool) -> None:
    if isinstance(transport, CoreTransport):
        return _submit(transport, file, resend=resend)
    temporary, content = file.name + TEMPORARY, bytes(file.content)
    if file.state != OutboxFile.State.PREPARED:
        found = _found(transport, file.name, content)
        if found:
            return _confirm(file, "found at the partner")
        if found is None:
            return _ambiguous(file, "another file of the same name lies at the partner")
        if file.renaming and not resend and transport.sent_size(temporary) is None:
            return _ambiguous(file, "it was being renamed when the connection broke, and the partner may have taken it")
    _step(file, state=OutboxFile.State.UPLOADING, attempts=file.attempts + 1, renaming=False, problem="")
    failpoint("exchange.after_uploading")
    transport.put(temporary, content)
    failpoint("exchange.after_upload")
    if transport.sent_size(temporary) != len(content):
        return _step(
            file, state=OutboxFile.State.PREPARED, problem="the partner stored another number of bytes: send again"
        )
    _step(file, renaming=True)
    failpoint("exchange.before_rename")
    transport.rename(temporary, file.name)
    failpoint("exchange.after_rename")
    _confirm(file, "sent")


def _submit(transport: CoreTransport, file: OutboxFile, *, resend: bool) -> None:
    """Hand a batch in over HTTP: it is there when the partner says so, and may be there when it says nothing."""
    if file.renaming and not resend:
        return _ambiguous(file, "the connection broke before the partner confirmed it")
    _step(file, state=OutboxFile.State.UPLOADING, attempts=file.attempts + 1, renaming=True, problem="")
    failpoint("exchange.after_uploading")
    try:
        transport.submit(file.pk, file.kind, bytes(file.content))
    except NoAnswer:
        raise
    except TransportProblem:
        _step(file, renaming=False)  # it did not arrive, or the partner said that it does not take it
        raise
    failpoint("exchange.after_upload")
    _confirm(file, "sent")


def _found(transport: Transport, name: str, content: bytes) -> bool | None:
    """True: our bytes lie there. False: nothing does. None: something else does.

    Where the partner lets us list and not read, the size must do."""
    size = transport.sent_size(name)
    if size is None:
        return False
    if size != len(content):
        return None
    try:
        there = transport.sent(name)
    except TransportProblem:
        return True
    return None if there is not None and there != content else True


def _step(file: OutboxFile, **changes: object) -> None:
    """One committed step. An acknowledgement that came in the meantime stands."""
    with tenant_scope(file.tenant_id):
        OutboxFile.objects.filter(pk=file.pk, state__in=SENDABLE).update(**changes)
        for name, value in changes.items():
            setattr(file, name, value)


def _confirm(file: OutboxFile, how: str) -> None:
    with tenant_scope(file.tenant_id):
        current = OutboxFile.objects.select_for_update().get(pk=file.pk)
        if current.state in SENDABLE:
            current.state, current.problem = OutboxFile.State.SENT, ""
            current.sent_at, current.sent_on = clock.now(), clock.today()
            current.save(update_fields=["state", "problem", "sent_at", "sent_on"])
            record_audit(action="outbox.sent", subject_type="outbox_file", subject_id=file.pk, detail=how)
            resolve_work_items(subject_type="outbox_file", subject_id=str(file.pk), resolution=how)
        file.state, file.sent_at, file.sent_on, file.problem = (
            current.state, current.sent_at, current.sent_on, current.problem,
        )  # fmt: skip
    failpoint("exchange.after_sent")


def _ambiguous(file: OutboxFile, why: str) -> None:
    _step(file, state=OutboxFile.State.AMBIGUOUS, problem=why)
    with tenant_scope(file.tenant_id):
        raise_work_item(
            worklist=Worklist.AMBIGUOUS_SENDS, key=f"ambiguous:{file.pk}:{file.attempts}",
            reason_code="AMBIGUOUS",
            reason=f"Whether {file.name} arrived is not known: {why}.",
            what_to_do="Wait for its TA1 or 999, or ask the partner; only then send the same file again.",
            subject_type="outbox_file", subject_id=file.pk, file_name=file.name,
        )  # fmt: skip


def _not_delivered(file: OutboxFile, problem: str) -> None:
    """The link broke. Before the rename nothing can have been taken; from there on it may have been."""
    if file.renaming and file.state in (OutboxFile.State.UPLOADING, OutboxFile.State.AMBIGUOUS):
        return _ambiguous(file, problem)
    _step(file, state=OutboxFile.State.PREPARED, problem=problem)
    with tenant_scope(file.tenant_id):
        raise_work_item(
            worklist=Worklist.CONNECTION_PROBLEMS, key=f"send:{file.pk}:{file.attempts}",
            reason_code="NOT_SENT",
            reason=f"{file.name} was not sent: {problem}",
            what_to_do="Correct the connection; the same file goes with the next sending.",
            subject_type="outbox_file", subject_id=file.pk, file_name=file.name,
        )  # fmt: skip


def cancel_outbox(*, file: OutboxFile, reason: str) -> OutboxFile:
    """A file that never began to leave will not be sent. Raises OutboxRefused when it may have left."""
    file = OutboxFile.objects.select_for_update().get(pk=file.pk)
    if file.state != OutboxFile.State.PREPARED or file.renaming:
        raise OutboxRefused("only a file that has not begun to leave can be cancelled")
    file.state, file.problem = OutboxFile.State.CANCELLED, reason
    file.save(update_fields=["state", "problem"])
    record_audit(action="outbox.cancel", subject_type="outbox_file", subject_id=file.pk, detail=reason)
    resolve_work_items(subject_type="outbox_file", subject_id=str(file.pk), resolution="cancelled")
    return file


def resend_ambiguous(*, file: OutboxFile, reason: str) -> OutboxFile:
    """A person asked the partner and it has not arrived: the same bytes go again."""
    outside_transaction()
    with tenant_scope(file.tenant_id):
        record_audit(action="outbox.resend", subject_type="outbox_file", subject_id=file.pk, detail=reason)
    return send_outbox(file=file, resend=True)


def fetch_connection(*, connection: Connection) -> list[InboxFile]:
    """Take every finished file of the partner: store and commit, then move the remote file away. Safe to run twice.

    Unfinished names, files that grow while they are read and files above MAXIMUM_BYTES stay where they are, the last
    with a work item. Raises TransportProblem when the partner cannot be reached; what was stored stays.
    """
    outside_transaction()
    received: list[InboxFile] = []
    if connection.is_core and not connection.batches:
        return received
    with exclusively(f"fetch:{connection.pk}") as alone, acting_as(f"fetch {connection.name}"[:150]):
        if not alone:
            return received
        with transport_for(connection) as transport:
            for remote in transport.incoming():
                if remote.size > MAXIMUM_BYTES:
                    _too_large(connection, remote)
                    continue
                content = transport.fetch(remote)
                if content is None:
                    continue
                with tenant_scope(connection.tenant_id):
                    received.append(
                        store_received(
                            source=connection.name, name=remote.name, content=content, connection=connection,
                            stamp=remote.stamp,
                        )
                    )  # fmt: skip
                failpoint("exchange.after_store")
                transport.archive(remote)
                failpoint("exchange.after_archive")
    return received


def _too_large(connection: Connection, remote: RemoteFile) -> None:
    with tenant_scope(connection.tenant_id):
        raise_work_item(
            worklist=Worklist.QUARANTINED_FILES, key=f"large:{connection.pk}:{clean_name(remote.name)}:{remote.stamp}",
            reason_code="TOO_LARGE", reason=f"{remote.size} bytes; at most {MAXIMUM_BYTES} are taken. It stays there.",
            what_to_do="Ask the partner to split it.", file_name=clean_name(remote.name),
        )  # fmt: skip


def quarantine_file(*, file: InboxFile, reason_code: str, reason: str, what_to_do: str, segment: int = 0) -> None:
    """The file as a whole cannot be used: it stays, with the reason and what to do, on a worklist."""
    file.state, file.reason = InboxFile.State.QUARANTINED, reason
    file.save(update_fields=["state", "reason", "kind"])
    raise_work_item(
        worklist=Worklist.QUARANTINED_FILES, key=f"file:{file.pk}", reason_code=reason_code, reason=reason,
        what_to_do=what_to_do, subject_type="inbox_file", subject_id=file.pk, file_id=file.pk, file_name=file.name,
        segment=segment,
    )  # fmt: skip
    says = {"reason_code": reason_code}
    announce([Event(kind=EventKind.FILE_REFUSED, subject_type="received_file", subject_id=str(file.pk), says=says)])


def finish_files() -> int:
    """Every file whose parts all have their fate is done; says how many became so.

    All of them and not the one at hand: a kill between the last part's fate and this leaves a file for the next run.
    """
    waiting = InboxPart.objects.filter(file=OuterRef("pk"), fate=InboxPart.Fate.PENDING)
    split = InboxPart.objects.filter(file=OuterRef("pk"))
    return InboxFile.objects.filter(Exists(split), ~Exists(waiting), state=InboxFile.State.RECEIVED).update(
        state=InboxFile.State.DONE
    )
