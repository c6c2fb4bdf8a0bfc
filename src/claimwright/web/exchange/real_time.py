"""One question asked over CAQH CORE and answered at once. What we ask is frozen first, what comes is stored unread first.

`prepare_real_time` runs in the caller's transaction, with the rows that ask; `send_real_time` reaches over the network,
outside any transaction, and commits each step. A question that broke off is never sent again under its own control
number: its owner asks anew, not before `again_at` (CORE: no automatic repeat within 90 seconds).
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec

from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import exclusively, outside_transaction
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.core_envelope import EnvelopeProblem, Operation, is_set_up_fault, read_answer
from claimwright.web.exchange.core_http import post
from claimwright.web.exchange.core_transport import (
    REAL_TIME_BYTES,
    REQUEST_TYPES,
    envelope_for,
    message_for,
)
from claimwright.web.exchange.models import Connection, OutboxFile, RealTimeExchange
from claimwright.web.exchange.problems import NoAnswer, TransportProblem
from claimwright.web.exchange.secrets import SecretUnreadable
from claimwright.web.exchange.services import ContentBuilder, OutboxRefused, prepare_outbox, store_received

AGAIN_SECONDS = 90


class Outcome(StrEnum):
    """What became of one question."""

    ANSWERED = "answered"  # X12 came: the answer, or a TA1 or 999 that refuses
    NO_ANSWER = "no_answer"  # it may have arrived; nothing that can be read came back in time
    UNREACHED = "unreached"  # it cannot have arrived
    REFUSED = "refused"  # the CORE envelope says that our set-up is wrong
    FAILED = "failed"  # the CORE envelope says that the partner cannot answer now


class RealTimeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the X12 that came, b"" without; `inbox_id` the stored file with it, for `route_file` to read.

    `again_at`: no repeat of the question before. `problem` says what to do and holds no patient value.
    """

    outcome: Outcome
    exchange_id: UUID
    outbox_id: UUID
    inbox_id: UUID | None = None
    content: bytes = b""
    payload_type: str = ""
    error_code: str = ""
    problem: str = ""
    again_at: datetime

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED


def prepare_real_time(
    *, connection: Connection, kind: str, content: ContentBuilder, payload_type: str = ""
) -> OutboxFile:
    """Freeze one question (kind "270", "276", ...) for `send_real_time`, in the caller's transaction.

    Raises OutboxRefused where the connection is no CORE connection, is closed, or no PayloadType is known for the kind.
    """
    payload_type = payload_type or REQUEST_TYPES.get(kind, "")
    if not connection.is_core or not connection.active:
        raise OutboxRefused(f"nothing is asked in real time over {connection.name}: it is no open CORE connection")
    if not payload_type:
        raise OutboxRefused(f"no PayloadType is known for {kind}: name it")
    file = prepare_outbox(connection=connection, content_builder=content, kind=kind, ending=kind, in_real_time=True)
    RealTimeExchange.objects.create(file=file, connection=connection, payload_type=payload_type, payload_id=uuid4())
    return file


def exchange_real_time(
    *, tenant: Tenant, connection: Connection, kind: str, content: ContentBuilder, payload_type: str = ""
) -> RealTimeAnswer:
    """Prepare and ask in one go, for who keeps no rows of its own with the question."""
    outside_transaction()
    with tenant_scope(tenant):
        file = prepare_real_time(connection=connection, kind=kind, content=content, payload_type=payload_type)
    return send_real_time(file=file)


def send_real_time(*, file: OutboxFile) -> RealTimeAnswer:
    """Ask the question of a prepared file, once. Again gives back what became of it, without asking.

    A question that a killed process left half asked has no answer; its owner asks anew. Never raises for the network.
    """
    outside_transaction()
    with exclusively(f"outbox:{file.pk}") as alone:
        with tenant_scope(file.tenant_id):
            rows = RealTimeExchange.objects.select_related("connection", "file", "answer")
            row = rows.get(file_id=file.pk)
            if row.outcome or not alone:
                return _told(row)
            if row.answer_bytes is not None:  # a killed process stored it and did not read it
                return _read(row)
            if row.started_at is not None:
                return _end(row, Outcome.NO_ANSWER, problem="The question broke off before its answer was stored")
            row.started_at = clock.now()
            row.save(update_fields=["started_at"])
            OutboxFile.objects.filter(pk=file.pk).update(state=OutboxFile.State.UPLOADING, attempts=1)
        failpoint("real_time.after_start")
        return _ask(row)


def _ask(row: RealTimeExchange) -> RealTimeAnswer:
    begun = time.monotonic()
    envelope = envelope_for(
        row.connection, Operation.REAL_TIME, row.payload_type, row.payload_id, bytes(row.file.content)
    )
    try:
        got = post(row.connection, message_for(row.connection, envelope), most=REAL_TIME_BYTES)
    except NoAnswer as problem:
        outcome, says = Outcome.NO_ANSWER, str(problem)
    except (TransportProblem, EnvelopeProblem, SecretUnreadable) as problem:
        outcome, says = Outcome.UNREACHED, str(problem)
    else:
        with tenant_scope(row.tenant_id):
            row.http_status, row.answer_content_type, row.answer_bytes = got.status, got.content_type, got.body
            row.milliseconds = round((time.monotonic() - begun) * 1000)
            row.save(update_fields=["http_status", "answer_content_type", "answer_bytes", "milliseconds"])
        failpoint("real_time.after_answer")
        with tenant_scope(row.tenant_id):
            return _read(row)
    with tenant_scope(row.tenant_id):
        row.milliseconds = round((time.monotonic() - begun) * 1000)
        return _end(row, outcome, problem=says)


def _read(row: RealTimeExchange) -> RealTimeAnswer:
    """Read the envelope of a stored answer and keep the X12 inside as a received file."""
    name = row.connection.name
    try:
        answer = read_answer(row.answer_content_type, bytes(row.answer_bytes or b""))
    except EnvelopeProblem as problem:
        if row.http_status in (401, 403):
            return _end(
                row, Outcome.REFUSED, problem=f"{name}: the server refused user name and password: enter them again"
            )
        return _end(row, Outcome.NO_ANSWER, problem=f"{name}: {problem} (HTTP status {row.http_status})")
    row.answer_type, row.error_code = answer.payload_type, answer.error_code
    if answer.payload_id and answer.payload_id.casefold() != str(row.payload_id):
        return _end(row, Outcome.NO_ANSWER, problem=f"{name}: the answer is of another question (PayloadID)")
    if answer.succeeded and answer.payload.strip():
        row.answer = store_received(
            source=name, name=f"{row.payload_id}.{row.answer_type or 'x12'}"[:200], content=answer.payload,
            connection=row.connection, stamp=str(row.payload_id),
        )  # fmt: skip
        return _end(row, Outcome.ANSWERED)
    outcome = Outcome.REFUSED if is_set_up_fault(answer.error_code) else Outcome.FAILED
    says = "an empty answer" if answer.succeeded else f"the envelope's error {answer.error_code}"
    return _end(row, outcome, problem=f"{name} answered with {says}")


def _end(row: RealTimeExchange, outcome: Outcome, *, problem: str = "") -> RealTimeAnswer:
    row.outcome, row.problem, row.ended_at = outcome.value, problem[:300], clock.now()
    row.save()
    arrived = outcome in (Outcome.ANSWERED, Outcome.REFUSED, Outcome.FAILED)
    state = OutboxFile.State.SENT if arrived else OutboxFile.State.UNANSWERED
    OutboxFile.objects.filter(pk=row.file_id).update(
        state=state,
        problem=row.problem,
        sent_at=row.ended_at if arrived else None,
        sent_on=clock.today() if arrived else None,
    )
    record_audit(action="exchange.real_time", subject_type="outbox_file", subject_id=row.file_id, detail=outcome.value)
    return _told(row)


def _told(row: RealTimeExchange) -> RealTimeAnswer:
    return RealTimeAnswer(
        outcome=Outcome(row.outcome or Outcome.NO_ANSWER), exchange_id=row.pk, outbox_id=row.file_id,
        inbox_id=row.answer_id, content=bytes(row.answer.content) if row.answer is not None else b"",
        payload_type=row.answer_type, error_code=row.error_code, problem=row.problem,
        again_at=(row.started_at or clock.now()) + timedelta(seconds=AGAIN_SECONDS),
    )  # fmt: skip
