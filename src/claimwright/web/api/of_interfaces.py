"""Messages of other systems: FHIR bundles and HL7 v2 handed in, what waits and why, what senders' ids mean, replay."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.claims.from_fhir.hearing import is_bundle
from claimwright.claims.schedule_files import is_hl7
from claimwright.web.api.fields import In, Out, Reason, Short
from claimwright.web.api.framework import BYTES, as_bytes, find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.services import TooLarge, store_received
from claimwright.web.operations import interface_settings, interfaces
from claimwright.web.operations.interface_figures import days_of, figures
from claimwright.web.operations.interface_models import Interface, InterfaceCode, InterfaceMessage
from claimwright.web.practice.models import Practice

FHIR = "application/fhir+json"
SOURCE = "api"


class InterfaceRow(Out):
    id: UUID
    name: str
    application: str
    facility: str
    practice_id: UUID | None
    is_active: bool
    takes_test: bool
    gather_days: int
    first_heard_at: datetime
    last_heard_at: datetime
    messages_today: int
    messages_waiting: int


class InterfaceCodeOut(Out):
    id: UUID
    kind: str
    theirs: str
    ours: str


class InterfaceDay(Out):
    on: date
    done: int
    failed: int
    duplicate: int
    closed: int


class InterfaceOut(Out):
    id: UUID
    name: str
    practice_id: UUID | None
    is_active: bool
    takes_test: bool
    gather_days: int
    codes: list[InterfaceCodeOut]
    days: list[InterfaceDay]


class MessageOut(Out):
    id: UUID
    interface_id: UUID | None
    received_file_id: UUID = Field(alias="file_id")
    kind: str
    control_id: str
    state: str = Field(description="received, done, failed (it waits for a person), duplicate, closed")
    answer: str = Field(description="As HL7 says it: AA, AE, AR")
    reason_code: str
    place: str = Field(description="File, message and field, or JSON path")
    reason: str
    what_to_do: str
    attempts: int
    patient_id: UUID | None
    received_at: datetime
    decided_at: datetime | None


class MessagesTaken(Out):
    """What became of each message. One that waits is kept: put right what it names, then replay it."""

    received_file_id: UUID
    messages: list[MessageOut]


class SetInterface(In):
    practice_id: UUID | None = Field(description="Whose messages they are; none: they wait")
    is_active: bool = True
    takes_test: bool = False
    gather_days: int = Field(default=0, ge=0, le=interface_settings.MOST_GATHER_DAYS)


class AddInterfaceCode(In):
    kind: Literal["provider", "location", "payer", "visit_type", "charge", "diagnosis"]
    theirs: str = Field(min_length=1, max_length=80)
    ours: Short = Field(description="An NPI, a location's code, a payer's key, a code, or ignore")


class CloseMessage(In):
    reason: Reason


class Replayed(Out):
    replayed: int
    waiting: int


def _take(content: bytes, name: str) -> dict[str, Any]:
    """Stored before anything reads them, then taken in, all in the transaction of the request."""
    try:
        file = store_received(source=SOURCE, name=name, content=content)
    except TooLarge as refused:
        raise Problem(413, str(refused)) from None
    rows = interfaces.store_messages(file=file)
    if not rows:
        raise Problem(409, "These bytes were handed in before as another kind of file", kind="refused")
    taken = [interfaces.take_message(message_id=row.pk, whole=content) for row in rows]
    return {"received_file_id": file.pk, "messages": taken}


def _named(content: bytes, kind: str) -> str:
    return f"message-{hashlib.sha256(content).hexdigest()[:16]}.{kind}"


@operation(
    "POST", "/fhir", permission="files.hand_in", answers=MessagesTaken, status=201, takes=FHIR, whole_office=True,
    reads=True,
)  # fmt: skip
def take_fhir_bundle(request: HttpRequest) -> Any:
    """Take in one FHIR R4 bundle: patients, coverages, appointments, encounters with their charges, answers."""
    content = request.body
    if not is_bundle(content):
        raise Problem(422, "The body is no FHIR bundle: send JSON whose resourceType is Bundle")
    return _take(content, _named(content, "json"))


@operation(
    "POST", "/hl7", permission="files.hand_in", answers=MessagesTaken, status=201, takes=BYTES, whole_office=True,
    reads=True,
)  # fmt: skip
def take_hl7_messages(request: HttpRequest) -> Any:
    """Take in HL7 v2 messages: one, or several one after the other."""
    content = request.body
    if not is_hl7(content):
        raise Problem(422, "The body is no HL7 v2 message: it begins with MSH")
    return _take(content, _named(content, "hl7"))


@operation("GET", "/interfaces", permission="interfaces.read", answers=list[InterfaceRow], whole_office=True)
def list_interfaces(request: HttpRequest) -> Any:
    """Every sender, those with something waiting first."""
    told = (
        "id", "name", "application", "facility", "practice_id", "is_active", "takes_test", "gather_days",
        "first_heard_at", "last_heard_at",
    )  # fmt: skip
    return [
        {name: getattr(one.interface, name) for name in told}
        | {"messages_today": one.today, "messages_waiting": one.waiting}
        for one in figures()
    ]


@operation(
    "GET", "/interfaces/{uuid:interface_id}", permission="interfaces.read", answers=InterfaceOut, whole_office=True
)
def read_interface(request: HttpRequest, interface_id: UUID) -> Any:
    """One sender: its settings, what its ids are here, and its days."""
    row = find(Interface, interface_id)
    told = ("id", "name", "practice_id", "is_active", "takes_test", "gather_days")
    return {name: getattr(row, name) for name in told} | {
        "codes": list(row.codes.order_by("kind", "theirs")), "days": list(days_of(row)),
    }  # fmt: skip


@operation(
    "POST", "/interfaces/{uuid:interface_id}", permission="interfaces.work", answers=InterfaceOut, whole_office=True
)
def set_interface(request: HttpRequest, interface_id: UUID, payload: SetInterface) -> Any:
    """Say whose messages these are and how they are taken."""
    practice = find(Practice, payload.practice_id) if payload.practice_id else None
    interface_settings.save_interface(
        interface=find(Interface, interface_id), practice=practice, **payload.values("practice_id")
    )
    return read_interface(request, interface_id)


@operation(
    "POST", "/interfaces/{uuid:interface_id}/codes", permission="interfaces.work", answers=InterfaceOut, status=201,
    whole_office=True,
)  # fmt: skip
def add_interface_code(request: HttpRequest, interface_id: UUID, payload: AddInterfaceCode) -> Any:
    """Say what one of the sender's ids is here, instead of what it was before."""
    row = find(Interface.objects.select_related("practice"), interface_id)
    interface_settings.add_code(interface=row, **payload.values())
    return read_interface(request, interface_id)


@operation(
    "POST", "/interfaces/codes/{uuid:code_id}/remove", permission="interfaces.work", answers=InterfaceOut,
    whole_office=True,
)  # fmt: skip
def remove_interface_code(request: HttpRequest, code_id: UUID) -> Any:
    """Take an id out of the table."""
    code = find(InterfaceCode, code_id)
    interface_id = code.interface_id
    interface_settings.drop_code(code=code)
    return read_interface(request, interface_id)


@operation(
    "POST", "/interfaces/{uuid:interface_id}/replay", permission="interfaces.work", answers=Replayed, whole_office=True
)
def replay_interface_messages(request: HttpRequest, interface_id: UUID) -> Any:
    """Take everything that waits of this sender again, with the maps of today."""
    replayed, waiting = interfaces.replay_waiting(tenant=current_tenant(), interface=find(Interface, interface_id))
    return {"replayed": replayed, "waiting": waiting}


# Messages ------------------------------------------------------------------------------------------------------------


def _message(message_id: UUID) -> InterfaceMessage:
    rows = InterfaceMessage.objects.select_related("interface", "file", "part").defer("file__content")
    found: InterfaceMessage = find(rows, message_id)
    return found


@operation(
    "GET",
    "/interfaces/messages",
    permission="interfaces.read",
    answers=paged(MessageOut),
    whole_office=True,
    reads=True,
)
def list_interface_messages(
    request: HttpRequest, interface_id: UUID | None = None, state: str = "", waiting: bool = False, cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    """Messages, the newest first. `waiting`: those for a person, and those whose visits are held."""
    rows = interfaces.waiting_messages() if waiting else InterfaceMessage.objects.all()
    chosen = {"interface_id": interface_id, "state": state}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="received_at")


@operation(
    "GET", "/interfaces/messages/{uuid:message_id}", permission="interfaces.read", answers=MessageOut, whole_office=True,
    reads=True,
)  # fmt: skip
def read_interface_message(request: HttpRequest, message_id: UUID) -> Any:
    """One message: what became of it, and why it waits if it does."""
    return _message(message_id)


@operation(
    "GET", "/interfaces/messages/{uuid:message_id}/content", permission="interfaces.read", produces=BYTES,
    whole_office=True, reads=True,
)  # fmt: skip
def download_interface_message(request: HttpRequest, message_id: UUID) -> Any:
    """The message's own bytes, as they came."""
    row = _message(message_id)
    return as_bytes(interfaces.content_of(row), BYTES, f"message-{row.pk}")


@operation(
    "POST", "/interfaces/messages/{uuid:message_id}/replay", permission="interfaces.work", answers=MessageOut,
    whole_office=True, reads=True,
)  # fmt: skip
def replay_one_message(request: HttpRequest, message_id: UUID) -> Any:
    """Take one message again with the maps of today; what it did before it does not do twice."""
    return interfaces.replay_message(message=_message(message_id))


@operation(
    "POST", "/interfaces/messages/{uuid:message_id}/close", permission="interfaces.work", answers=MessageOut,
    whole_office=True,
)  # fmt: skip
def close_one_message(request: HttpRequest, message_id: UUID, payload: CloseMessage) -> Any:
    """Nothing is to be done with it."""
    row = _message(message_id)
    interfaces.close_message(message=row, why=payload.reason)
    row.refresh_from_db()
    return row
