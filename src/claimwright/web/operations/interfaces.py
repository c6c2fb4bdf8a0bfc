"""Messages of other systems: stored first, then each taken in once, answered, and replayed when what it lacked is mended.

`store_messages` and `take_message` each run in a transaction of their own, so that a kill between them loses nothing: the
message waits, and the same bytes again find it. The effect of a message and its state commit together.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import BinaryField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from claimwright.claims.from_fhir.hearing import is_bundle, sender_of
from claimwright.claims.from_fhir.reading import BundleRefused, parse_bundle
from claimwright.claims.from_hl7.hearing import DFT, SIU, Header, header_of, parse
from claimwright.claims.from_hl7.mllp import ACCEPTED, ERROR, REFUSED, acknowledgement
from claimwright.claims.from_hl7.reading import pieces
from claimwright.claims.nouns import IntakeProblem
from claimwright.claims.schedule_files import is_hl7
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.logs import say
from claimwright.web.core.models import Tenant
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import acting_as, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import store_received
from claimwright.web.operations.intake import replay_held_encounters
from claimwright.web.operations.interface_effects import Effect, take_bundle, take_heard
from claimwright.web.operations.interface_models import Interface, InterfaceMessage
from claimwright.web.patients.services import PatientConflict
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of

HL7, FHIR = "hl7", "fhir"
KINDS = (HL7, FHIR)
PART_KINDS = ("ADT", "DFT", "SIU", "HL7", "BUNDLE")
MOST_INTERFACES = 200  # a stranger who invents senders fills no table
_STATE = InterfaceMessage.State
# What the sender cannot send better, and what the sender must mend; all else waits here for a person and is accepted.
REFUSALS = frozenset(("OTHER_MESSAGE", "TEST_MESSAGE", "INTERFACE_OFF", "NOT_HL7", "BAD_MESSAGE", "TOO_LARGE"))
ERRORS = frozenset(("NO_CONTROL_ID", "NO_PATIENT", "NO_MERGED_NUMBER", "REUSED_CONTROL_ID", "FAULT", "NO_APPOINTMENT_ID",
                    "NO_START", "NO_RECORD_NUMBER", "EMPTY"))  # fmt: skip
_ERROR_CODES = {"OTHER_MESSAGE": "200", "TEST_MESSAGE": "202", "REUSED_CONTROL_ID": "205", "FAULT": "207",
                "NO_PATIENT": "101", "NO_CONTROL_ID": "101"}  # fmt: skip  # table 0357
_MSH7 = re.compile(rb"\A(.{0,8}?MSH(.)(?:[^\r\n]*?\2){5})[^\r\n]*?(?=\2)", re.DOTALL)
logger = logging.getLogger("claimwright.interfaces")


class Refused(ValueError):
    """What a person asked of an interface or a message cannot be; the text says why."""


def kind_of_messages(content: bytes) -> str:
    """`hl7` or `fhir` for bytes that are messages, "" for all else. Never raises."""
    if is_hl7(content):
        return HL7
    return FHIR if is_bundle(content) else ""


# Stored first --------------------------------------------------------------------------------------------------------


def store_messages(*, file: InboxFile) -> list[InterfaceMessage]:
    """One part and one row for each message of a stored file, in the caller's transaction; those of before if there are."""
    InboxFile.objects.select_for_update().only("pk").get(pk=file.pk)
    known = list(InterfaceMessage.objects.filter(file=file).select_related("part").order_by("part__ordinal"))
    if known or file.parts.exists():
        return known
    content = bytes(file.content)
    kind = kind_of_messages(content) or HL7
    InboxFile.objects.filter(pk=file.pk).update(kind=kind)
    spans = [(0, len(content))] if kind == FHIR else pieces(content)
    parts, rows = [], []
    for ordinal, (start, end) in enumerate(spans, 1):
        part, row = _row(file, ordinal, content[start:end], start, end, kind)
        parts.append(part)
        rows.append(row)
    InboxPart.objects.bulk_create(parts, batch_size=1000)
    InterfaceMessage.objects.bulk_create(rows, batch_size=1000)
    return rows


def _row(
    file: InboxFile, ordinal: int, content: bytes, start: int, end: int, kind: str
) -> tuple[InboxPart, InterfaceMessage]:
    words, control, stamp, of_part = "FHIR", "", "", "BUNDLE"
    if kind == HL7:
        message = parse(content, file.name)
        header = header_of(message) if not isinstance(message, IntakeProblem) else Header()
        words = f"{header.kind}^{header.trigger}".strip("^") or "HL7"
        control, stamp = header.control_id, header.stamp
        of_part = header.kind if header.kind in PART_KINDS else "HL7"
    part = InboxPart(
        file=file,
        ordinal=ordinal,
        kind=of_part,
        transaction_control_number=control[:20],
        byte_start=start,
        byte_end=end,
    )
    row = InterfaceMessage(
        file=file, part=part, kind=words[:24], control_id=control, stamp=stamp, digest=digest_of(content),
        received_at=clock.now(), received_on=clock.today(),
    )  # fmt: skip
    return part, row


def digest_of(content: bytes) -> str:
    """Of the message without framing, line ends and MSH-7: a message sent again may carry another time."""
    text = content.strip(b"\x0b\x1c\r\n \t")
    if is_hl7(text):
        text = re.sub(rb"\r\n?|\n", b"\r", _MSH7.sub(rb"\1", text))
    return hashlib.sha256(text).hexdigest()


def content_of(message: InterfaceMessage, whole: bytes | None = None) -> bytes:
    """The message's own bytes: cut from `whole`, its file's, where the caller has them, else cut by the database. A file
    may hold thousands of messages in megabytes."""
    start, end = message.part.byte_start, message.part.byte_end
    if whole is not None:
        return whole[start:end]
    cut = Substr("content", start + 1, end - start, output_field=BinaryField())
    return bytes(InboxFile.objects.values_list(cut, flat=True).get(pk=message.file_id))


# Taken in ------------------------------------------------------------------------------------------------------------


def take_file(*, tenant: Tenant, file_id: UUID) -> list[InterfaceMessage]:
    """All messages of a stored file, each in its own transaction, in order."""
    with tenant_scope(tenant):
        file = InboxFile.objects.get(pk=file_id)
        ids, whole = [row.pk for row in store_messages(file=file)], bytes(file.content)
    failpoint("interfaces.after_store")
    taken = []
    for pk in ids:
        with tenant_scope(tenant):
            taken.append(take_message(message_id=pk, whole=whole))
    return taken


def answer_message(*, tenant: Tenant, content: bytes, source: str) -> bytes:
    """Store one HL7 message, take it in, and say so: the ACK that goes back. Never without having stored the bytes.

    The same bytes again find the message they were, and are answered as it stands by now.
    """
    with acting_as("interface"):
        with tenant_scope(tenant):
            file, at = store_received(source=source, name=_name_of(content), content=content), clock.now()
        # By itself: whatever is wrong with a message, its bytes are kept before anything of it is read.
        with tenant_scope(tenant):
            ids = [row.pk for row in store_messages(file=file)]
        failpoint("interfaces.after_store")
        last = None
        for pk in ids:
            with tenant_scope(tenant):
                last = take_message(message_id=pk, whole=content)
        failpoint("interfaces.before_answer")
    if last is None:  # the same bytes are a file of another kind here
        return acknowledgement(content, code=REFUSED, at=at, number="0", error="207", says="It is no message")
    say(logger, "message", kind=last.part.kind, answer=last.answer, state=str(last.state), bytes=len(content))
    error = _ERROR_CODES.get(last.reason_code, "207") if last.answer != ACCEPTED else ""
    field = last.place.rpartition(" ")[2] if error else ""
    return acknowledgement(
        content, code=last.answer or ERROR, at=at, number=base36(int(last.pk) % 36**12, 12), error=error,
        place=field if re.fullmatch(r"[A-Z][A-Z0-9]{2}(\[\d+\])?(-\d+)?", field) else "",
        says=last.reason if error else "",
    )  # fmt: skip


def _name_of(content: bytes) -> str:
    return f"message-{hashlib.sha256(content).hexdigest()[:16]}.hl7"


def take_message(*, message_id: UUID, confirmed: bool = False, whole: bytes | None = None) -> InterfaceMessage:
    """Take one message in, in the caller's transaction; one that is done stays so. Never raises for what it holds.

    `confirmed`: a person says that it counts although its id came before with another content. `whole`: see `content_of`.
    """
    rows = InterfaceMessage.objects.select_for_update(of=("self",)).select_related("file", "part")
    message = rows.defer("file__content").get(pk=message_id)
    if message.state not in (_STATE.RECEIVED, _STATE.FAILED):
        return message
    message.attempts += 1
    content = content_of(message, whole)
    read = _parse(message, content)
    if isinstance(read, IntakeProblem):
        return _fail(message, read)
    interface = _interface_for(message, read)
    if isinstance(interface, IntakeProblem):
        return _fail(message, interface)
    problem = _stands_in_the_way(message, interface, confirmed)
    if problem is not None:
        return _fail(message, problem)
    if message.state == _STATE.DUPLICATE:
        return message
    try:
        with transaction.atomic():
            effect = (
                take_bundle(message, interface, read)
                if isinstance(read, dict)
                else take_heard(message, interface, read)
            )
    except PatientConflict as conflict:
        fix = "Compare both with the sender, correct the record number, then replay"
        return _fail(message, IntakeProblem(code="PATIENT_CONFLICT", place=message.file.name,
                                            message=str(conflict).capitalize(), fix=fix))  # fmt: skip
    except OperationalError:
        raise  # the database is away: nothing to do with this message
    except Exception as error:  # whatever is wrong with one message, the others must go on
        say(logger, "fault", logging.ERROR, kind=message.part.kind, error=type(error).__name__)
        return _fail(message, IntakeProblem(code="FAULT", place=message.file.name, fix="Report it to support, then replay",
                                            message=f"Taking it in failed ({type(error).__name__})"))  # fmt: skip
    done = _finish(message, effect)
    failpoint("interfaces.before_commit")
    return done


def _parse(message: InterfaceMessage, content: bytes) -> Any:
    if message.part.kind == "BUNDLE":
        try:
            return parse_bundle(content, message.file.name)
        except BundleRefused as refusal:
            return refusal.problem
    return parse(content, message.file.name)


def _interface_for(message: InterfaceMessage, read: Any) -> Interface | IntakeProblem:
    """The interface of the sender, made when it is first heard of. It is locked: messages of one sender take turns."""
    if isinstance(read, dict):
        application, control, stamp = sender_of(read)
        facility = ""
        message.control_id, message.stamp = control, stamp
    else:
        header = header_of(read)
        application, facility = header.application, header.facility
    application = application or message.file.source
    found = Interface.objects.select_for_update(of=("self",)).filter(application=application, facility=facility).first()
    if found is None:
        if Interface.objects.count() >= MOST_INTERFACES:
            return IntakeProblem(code="TOO_MANY_SENDERS", place=message.file.name, message="Too many senders are known",
                                 fix="Find out who sends under ever new names")  # fmt: skip
        practice = _practice_for(message.file.source, application)
        now = clock.now()
        Interface.objects.bulk_create(
            [Interface(name=_free_name(application, facility), application=application, facility=facility,
                       practice=practice, first_heard_at=now, last_heard_at=now)],
            ignore_conflicts=True,
        )  # fmt: skip
        found = Interface.objects.select_for_update(of=("self",)).get(application=application, facility=facility)
    found.last_heard_at = clock.now()
    found.save(update_fields=["last_heard_at"])
    message.interface = found
    return found


def _free_name(application: str, facility: str) -> str:
    base = (re.sub(r"[^\w. -]", "", application).strip() or "interface")[:36]
    names = (
        base,
        f"{base[:20]} {facility}".strip()[:36],
        *(f"{base} {number}" for number in range(2, MOST_INTERFACES + 3)),
    )
    taken = set(Interface.objects.values_list("name", flat=True))
    return next(name for name in names if name not in taken)


def _practice_for(source: str, application: str) -> Practice | None:
    practices = list(Practice.objects.order_by("npi"))
    if len(practices) > 1:
        practices = [one for one in practices if {source, application} & set(policies_of(one).schedule_sources)]
    return practices[0] if len(practices) == 1 else None


def _stands_in_the_way(message: InterfaceMessage, interface: Interface, confirmed: bool) -> IntakeProblem | None:
    """Why it may not be taken in at all. One that came before is settled as such."""
    name = message.file.name
    if not interface.is_active:
        return IntakeProblem(code="INTERFACE_OFF", place=name, message="This interface is switched off",
                             fix="Switch it on, then replay")  # fmt: skip
    if interface.practice_id is None:
        return IntakeProblem(code="UNKNOWN_SENDER", place=f"{name} MSH-3", message="No practice is named for this sender",
                             fix="Name the practice on the page Interfaces, then replay")  # fmt: skip
    if not message.control_id or confirmed:
        return None
    waits = _asked_again(message).filter(digest=message.digest).first()
    if waits is not None:  # the same once more: whether it can be taken in by now is asked of the one that waits
        waits = take_message(message_id=waits.pk)
        message.place = waits.place
        _settle(message, _STATE.DUPLICATE, waits.answer, f"It came before in {waits.file.name}", waits.reason_code)
        return None
    earlier = InterfaceMessage.objects.filter(interface=interface, control_id=message.control_id).exclude(pk=message.pk)
    earlier = earlier.exclude(state=_STATE.RECEIVED).exclude(_TO_MEND)
    same = earlier.filter(digest=message.digest).select_related("file").defer("file__content").order_by("received_at")
    if (before := same.first()) is not None:
        _settle(message, _STATE.DUPLICATE, before.answer or ACCEPTED, f"It came before in {before.file.name}")
        return None
    if not earlier.filter(answer=ACCEPTED).exists():  # nothing under it was ever taken: a person closed what was
        return None
    return IntakeProblem(code="REUSED_CONTROL_ID", place=f"{name} MSH-10", message="Its id came before with other content",
                         fix="Ask the sender which counts; replay it if it does")  # fmt: skip


# Not taken in, and its sender was told so: what comes next under the same id is that message, mended.
_TO_MEND = Q(state=_STATE.FAILED, answer__in=(ERROR, REFUSED))


def _asked_again(message: InterfaceMessage) -> QuerySet[InterfaceMessage]:
    """Those before it under its id that their sender was asked to mend."""
    rows = InterfaceMessage.objects.filter(
        _TO_MEND, interface=message.interface, control_id=message.control_id, received_at__lt=message.received_at
    )
    return rows.exclude(pk=message.pk).order_by("received_at", "pk")


def _close_mended(message: InterfaceMessage) -> None:
    """It came in: what its sender sent under the same id before, and was asked to mend, waits for nobody any more."""
    if not message.control_id:
        return
    says = f"Sent again, mended, in {message.file.name}"
    for old in _asked_again(message).exclude(reason_code="REUSED_CONTROL_ID").select_related("part"):
        _settle(old, _STATE.CLOSED, old.answer, says, old.reason_code)
        resolve_work_items(keys=[_key(old)], resolution=says)


def _finish(message: InterfaceMessage, effect: Effect) -> InterfaceMessage:
    message.patient = effect.patient or message.patient
    if effect.blocking is not None:
        return _fail(message, effect.blocking, listed=effect.listed)
    for problem in effect.problems:
        _list(message, problem)
    resolve_work_items(keys=[_key(message)], resolution="taken in")
    _close_mended(message)
    _settle(message, _STATE.DONE, ACCEPTED, effect.says)
    return message


_FATES = {
    _STATE.DONE: InboxPart.Fate.TAKEN_IN, _STATE.DUPLICATE: InboxPart.Fate.DUPLICATE, _STATE.FAILED: InboxPart.Fate.HELD,
    _STATE.CLOSED: InboxPart.Fate.HELD,
}  # fmt: skip


def _settle(message: InterfaceMessage, state: str, answer: str, reason: str, code: str = "") -> None:
    message.state, message.answer, message.reason, message.reason_code = state, answer, reason, code
    if not code:
        message.place = message.what_to_do = ""
    message.decided_at = clock.now()
    message.save()
    part = message.part
    part.fate, part.reason, part.decided_at = _FATES[_STATE(state)], reason, message.decided_at
    if answer == REFUSED and state == _STATE.FAILED:
        part.fate = InboxPart.Fate.QUARANTINED
    part.save(update_fields=["fate", "reason", "decided_at"])
    waiting = InboxPart.objects.filter(file=OuterRef("pk"), fate=InboxPart.Fate.PENDING)
    InboxFile.objects.filter(~Exists(waiting), pk=message.file_id, state=InboxFile.State.RECEIVED).update(
        state=InboxFile.State.DONE
    )


def _fail(message: InterfaceMessage, problem: IntakeProblem, *, listed: bool = False) -> InterfaceMessage:
    """It waits for a person, with where and why and what to do."""
    message.place, message.what_to_do = problem.place[:300], problem.fix
    answer = REFUSED if problem.code in REFUSALS else ERROR if problem.code in ERRORS else ACCEPTED
    if message.part.kind == "BUNDLE" and problem.code not in ERRORS and message.interface is None:
        answer = REFUSED
    _settle(message, _STATE.FAILED, answer, problem.message, problem.code)
    if not listed:
        raise_work_item(
            worklist=Worklist.INTERFACE_MESSAGES, key=_key(message), reason_code=problem.code,
            reason=f"{problem.place}: {problem.message}".strip(": "),
            what_to_do=problem.fix or "Mend it at the source, then replay", subject_type="interface_message",
            subject_id=message.pk, file_id=message.file_id, file_name=message.file.name, reopen=True,
            practice_id=message.interface.practice_id if message.interface else None,
        )  # fmt: skip
    return message


def _list(message: InterfaceMessage, problem: IntakeProblem) -> None:
    """Something of a message that was taken in needs a person."""
    raise_work_item(
        worklist=Worklist.INTERFACE_MESSAGES, key=f"{_key(message)}:{problem.code}:{problem.place}",
        reason_code=problem.code, reason=f"{problem.place}: {problem.message}".strip(": "), what_to_do=problem.fix,
        subject_type="interface_message", subject_id=message.pk, file_id=message.file_id, file_name=message.file.name,
        practice_id=message.interface.practice_id if message.interface else None,
    )  # fmt: skip


def _key(message: InterfaceMessage) -> str:
    return f"interface:{message.pk}"


# Replayed ------------------------------------------------------------------------------------------------------------


def waiting_messages(interface: Interface | None = None) -> QuerySet[InterfaceMessage]:
    """Messages that wait for a person, and those whose visits are held for a code, a payer or a price."""
    held = Encounter.objects.filter(file=OuterRef("file_id"), state=Encounter.State.HELD)
    rows = InterfaceMessage.objects.select_related("interface", "file", "part", "patient").defer("file__content")
    rows = rows.annotate(has_held=Exists(held))
    brings_visits = Q(kind__startswith=DFT) | Q(part__kind="BUNDLE")
    rows = rows.filter(Q(state=_STATE.FAILED) | Q(brings_visits, state=_STATE.DONE, has_held=True))
    return rows.filter(interface=interface) if interface is not None else rows


def replay_message(*, message: InterfaceMessage) -> InterfaceMessage:
    """Take one message again with the maps of today; what it did before it does not do twice.

    Raises Refused for one that is done and holds nothing back.
    """
    if message.state == _STATE.DONE:
        if not Encounter.objects.filter(file=message.file_id, state=Encounter.State.HELD).exists():
            raise Refused("It was taken in, and none of its visits is held: there is nothing to replay")
        replay_held_encounters(file=message.file)
    elif message.state in (_STATE.FAILED, _STATE.RECEIVED):
        if message.kind.startswith(SIU):
            resolve_work_items(worklist=Worklist.SCHEDULE_PROBLEMS, file_id=message.file_id, resolution="replayed")
        message = take_message(message_id=message.pk, confirmed=True)
    else:
        raise Refused("It came before or was closed by a person: there is nothing to replay")
    record_audit(
        action="interface.replay", subject_type="interface_message", subject_id=message.pk, detail=message.state
    )
    return message


def replay_waiting(*, tenant: Tenant, interface: Interface | None = None) -> tuple[int, int]:
    """Every waiting message, the oldest first: (how many were replayed, how many still wait)."""
    with tenant_scope(tenant):
        found = waiting_messages(interface).order_by("received_at", "part__ordinal")
        ids = list(found.values_list("pk", flat=True).distinct())
    rows = InterfaceMessage.objects.select_related("file", "part", "interface").defer("file__content")
    for pk in ids:
        with tenant_scope(tenant):
            message = rows.get(pk=pk)
            try:
                replay_message(message=message)
            except Refused:
                continue  # another of the same file took its visits along
    with tenant_scope(tenant):
        return len(ids), waiting_messages(interface).count()


def close_message(*, message: InterfaceMessage, why: str) -> None:
    """A person says that nothing is to be done with it. Raises Refused without a reason, or where it does not wait."""
    if not why.strip():
        raise Refused("Say why nothing is done with it")
    if message.state != _STATE.FAILED:
        raise Refused("Only a message that waits can be closed")
    _settle(message, _STATE.CLOSED, message.answer, why.strip()[:200], message.reason_code)
    resolve_work_items(keys=[_key(message)], resolution=why.strip()[:200])
    record_audit(action="interface.close", subject_type="interface_message", subject_id=message.pk)
