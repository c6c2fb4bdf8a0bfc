"""What goes over CAQH CORE: the messages of a connection, and batches that are handed in and picked up."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4, uuid5

from claimwright.web.core import clock
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.core_envelope import (
    CoreAnswer,
    CoreEnvelope,
    EnvelopeProblem,
    HttpMessage,
    Operation,
    mime_request,
    read_answer,
    soap_request,
)
from claimwright.web.exchange.core_http import checked_address, post
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.problems import NoAnswer, RemoteFile, TransportProblem
from claimwright.web.exchange.secrets import decrypt

REAL_TIME_BYTES = 4 * 1024 * 1024  # of an answer about one patient
BATCH_BYTES = 200 * 1024 * 1024
PICK_UPS = 200  # of one kind in one run
# What is picked up where batches go over this connection: kind of file, PayloadType, exchange.
PICKED_UP = (
    ("TA1", "X12_TA1_RetrievalRequest_00501X231A1", Operation.PICK_UP_ACKNOWLEDGEMENT),
    ("999", "X12_999_RetrievalRequest_005010X231A1", Operation.PICK_UP_ACKNOWLEDGEMENT),
    ("271", "X12_005010_Request_Batch_Results_271", Operation.PICK_UP_RESULTS),
    ("277", "X12_005010_Request_Batch_Results_277", Operation.PICK_UP_RESULTS),
)
# PayloadType by the kind of an outbox file.
REQUEST_TYPES = {
    "270": "X12_270_Request_005010X279A1",
    "276": "X12_276_Request_005010X212",
    "278": "X12_278_Request_005010X217E1_2",
    "837P": "X12_837_Request_005010X222A1",
}
NOTHING_THERE = "NoBatch"  # in the PayloadType of an answer that has nothing to hand out


def message_for(connection: Connection, envelope: CoreEnvelope) -> HttpMessage:
    """The HTTP message of an envelope in the connection's kind. Raises EnvelopeProblem, SecretUnreadable."""
    build = mime_request if connection.kind == Connection.Kind.MIME else soap_request
    return build(envelope, connection.username, decrypt(connection.secret))


def envelope_for(
    connection: Connection, operation: Operation, payload_type: str, payload_id: UUID, payload: bytes = b""
) -> CoreEnvelope:
    """An envelope of this moment with the connection's ids. Opens the tenant's scope itself, for the tenant's clock."""
    with tenant_scope(connection.tenant_id):
        moment = clock.now()
    return CoreEnvelope(
        operation=operation, payload_type=payload_type, payload_id=payload_id, sent_at=moment,
        sender_id=connection.sender_id, receiver_id=connection.receiver_id, payload=payload,
    )  # fmt: skip


class CoreTransport:
    """Batches over CORE: files are submitted, and what waits for us is picked up one by one."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._held: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        checked_address(self.connection.address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.clear()

    def submit(self, file_id: UUID, kind: str, content: bytes) -> None:
        """Hand in one file. The same file has the same PayloadID however often it goes, so that a repeat is known.

        Raises TransportProblem where it did not arrive or was refused, NoAnswer where it may have arrived.
        """
        payload_type = REQUEST_TYPES.get(kind)
        if payload_type is None:
            raise TransportProblem(f"{self.connection.name}: files of kind {kind} do not go over CORE: use SFTP")
        identifier = uuid5(file_id, "CORE batch")
        answer = self._ask(Operation.SUBMIT, payload_type, identifier, content)
        if not answer.succeeded:
            raise TransportProblem(f"{self.connection.name}: the partner refused the file ({answer.error_code})")

    def _ask(self, operation: Operation, payload_type: str, identifier: UUID, payload: bytes = b"") -> CoreAnswer:
        envelope = envelope_for(self.connection, operation, payload_type, identifier, payload)
        try:
            message = message_for(self.connection, envelope)
        except EnvelopeProblem as problem:
            raise TransportProblem(f"{self.connection.name}: {problem}") from None
        got = post(self.connection, message, most=BATCH_BYTES)
        try:
            return read_answer(got.content_type, got.body)
        except EnvelopeProblem as problem:
            raise NoAnswer(f"{self.connection.name}: {problem} (HTTP status {got.status})") from None

    def incoming(self) -> Iterator[RemoteFile]:
        """Ask for what waits, one at a time: the next is asked for once the one before is stored."""
        for kind, payload_type, operation in PICKED_UP:
            before = b""
            for _ in range(PICK_UPS):
                answer = self._ask(operation, payload_type, uuid4())
                if not answer.succeeded:
                    if answer.error_code == "PayloadTypeIllegal":
                        break  # this partner does not hand out that kind
                    raise TransportProblem(f"{self.connection.name}: nothing is handed out ({answer.error_code})")
                if NOTHING_THERE in answer.payload_type or not answer.payload or answer.payload == before:
                    break
                before = answer.payload
                file = RemoteFile(
                    f"{kind}_{answer.payload_id or uuid4()}.{kind}", len(answer.payload), answer.payload_id
                )
                self._held = {file.name: answer.payload}
                yield file

    def fetch(self, file: RemoteFile) -> bytes | None:
        return self._held.get(file.name)

    def archive(self, file: RemoteFile) -> None:
        self._held.pop(file.name, None)  # the partner keeps its own record of what was picked up

    def sent(self, name: str) -> bytes | None:
        raise TransportProblem("A batch handed in over CORE cannot be read back")

    def sent_size(self, name: str) -> int | None:
        return None

    def put(self, name: str, content: bytes) -> None:
        raise TransportProblem("Over CORE a file is handed in whole")

    def rename(self, old: str, new: str) -> None:
        raise TransportProblem("Over CORE nothing is renamed")
