"""Authorizations asked for by 278: built from a visit, sent over a connection, and answered into what is on file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from claimwright.billing.authorizations import AuthorizationRefused
from claimwright.billing.prior_authorization import Answer, Asked, RequestRefused, answer_of, request_of, traces_of
from claimwright.claims.authorization import PriorAuthRequest, PriorAuthResponse
from claimwright.claims.nouns import Coverage, Encounter, Line, Patient
from claimwright.claims.to_x12.authorization import GUIDE, prior_auth_request
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.edits.payer_profile import CodeRange
from claimwright.web.authorizations.models import Authorization, AuthorizationRequest
from claimwright.web.authorizations.services import change_authorization, due_of, record_authorization
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import next_number as next_of
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import Connection, InboxPart, OutboxFile
from claimwright.web.exchange.services import ControlNumbers, prepare_outbox
from claimwright.web.patients.models import Patient as PatientRow
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import biller, payer_noun

__all__ = ["RequestRefused"]

ONE_DAY = timedelta(days=1)
TRACE_DIGITS = 8
OPEN_STATES = (AuthorizationRequest.State.PREPARED, AuthorizationRequest.State.ANSWERED)


class AnswerTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a response: the request it answered, None where it is listed instead."""

    request: AuthorizationRequest | None
    reason: str


def request_authorization(
    *,
    patient: PatientRow,
    payer: Payer,
    coverage: Coverage,
    encounter: Encounter,
    encounter_id: UUID | None = None,
    on: date,
    through: date | None = None,
    kind: str = "authorization",
    lines: Sequence[int] = (),
    visits: int | None = None,
    service_type: str = "",
    expedited: bool = False,
    note: str = "",
    connection: Connection | None = None,
    renews: Authorization | None = None,
) -> AuthorizationRequest:
    """Ask the payer by 278 for the services of a visit, done or planned; the authorization stands as requested.

    With a connection (the payer's own, where none is given) the file is prepared in the outbox; without one the request
    is kept to be keyed into the payer's portal. Raises RequestRefused where the guide asks for what is not there.
    """
    moment = clock.now()
    trace = f"PA{base36(next_of(name='authorization_request'), TRACE_DIGITS)}"
    asked = Asked(
        kind=kind, trace=trace, created=moment.date(), created_time=f"{moment:%H%M}", on=on, through=through,
        service_type=service_type, expedited=expedited, visits=visits, lines=tuple(lines), note=note,
        certification_type="R" if renews is not None else "I", previous_number=renews.number if renews else "",
    )  # fmt: skip
    requester = biller(patient.practice).provider_on(on)
    noun = request_of(
        encounter, patient=msgspec.convert(patient.content, Patient),
        coverage=msgspec.structs.replace(coverage, payer=payer_noun(payer)), requester=requester, asked=asked,
    )  # fmt: skip
    chosen = [line for at, line in enumerate(encounter.lines) if not lines or at in lines]
    row = record_authorization(
        patient=patient, payer=payer, kind=kind, codes=_codes(chosen), provider_npis=_performers(encounter, chosen),
        diagnoses=(), start=on, through=through, requested_at=moment, expedited=expedited, method="278",
        status="requested" if on >= clock.today() else "retro_requested", visits_requested=visits, note=note,
        units_requested=sum((line.units for line in chosen), Decimal(0)) or None,
    )  # fmt: skip
    request = AuthorizationRequest.objects.create(
        authorization=row, trace=trace, content=msgspec.to_builtins(noun), encounter_id=encounter_id, created_at=moment
    )
    way = connection or payer.connection
    if way is not None:
        request.file = _file(way, noun)
        request.save(update_fields=["file"])
    record_audit(action="authorization.request", subject_type="authorization", subject_id=row.pk, detail=trace)
    return request


def _codes(lines: Sequence[Line]) -> list[CodeRange]:
    return [CodeRange(first=code) for code in dict.fromkeys(line.procedure_code for line in lines) if code]


def _performers(encounter: Encounter, lines: Sequence[Line]) -> list[str]:
    people = [line.rendering or encounter.rendering for line in lines] or [encounter.rendering]
    return [npi for npi in dict.fromkeys(one.npi for one in people if one is not None) if npi]


def _file(connection: Connection, noun: PriorAuthRequest) -> OutboxFile:
    def content(numbers: ControlNumbers) -> bytes:
        return build_interchange(
            "278", GUIDE, [prior_auth_request(noun, "0001")], envelope=numbers.envelope,
            control_number=numbers.interchange, group_control_number=numbers.group, when=numbers.when,
        )  # fmt: skip

    return prepare_outbox(connection=connection, content_builder=content, kind="278", ending="278")


# Answers -------------------------------------------------------------------------------------------------------------


def take_answer(*, response: PriorAuthResponse, part: InboxPart | None = None, faults: int = 0) -> AnswerTaken:
    """A 278 response into the authorization it is about, with what changed. One that fits nothing is listed, never lost.

    An answer of the same content again changes nothing. A later answer to a pended request is taken as the last word.
    """
    request = _request_of(response)
    if request is None:
        return _listed(part, "NO_REQUEST", "It gives back no trace number of ours.", "Find out whose it is")
    answer = answer_of(response)
    if answer is None or faults:
        return _listed(
            part, "NO_DECISION", "It decides nothing that can be read.", "Ask the payer what it decided", request
        )
    row = request.authorization
    if answer.status == "rejected":
        return _rejected(request, response, answer, part)
    changes = _changes(row, answer)
    try:
        change_authorization(authorization=row, changes=changes, source="278", evidence=part, note=answer.message)
    except AuthorizationRefused as refused:
        return _listed(part, "CONTRADICTION", f"{refused}.", "Put the authorization right by hand", request)
    _close(request, response, part, AuthorizationRequest.State.ANSWERED)
    return AnswerTaken(request=request, reason=f"the payer says: {answer.status}")


def _request_of(response: PriorAuthResponse) -> AuthorizationRequest | None:
    """By the trace it gives back; the member must not be another's."""
    found = (
        AuthorizationRequest.objects.select_for_update(of=("self",))
        .select_related("authorization__payer", "authorization__patient")
        .filter(trace__in=traces_of(response))
        .first()
    )
    if found is None or response.subscriber is None:
        return found
    asked = msgspec.convert(found.content, PriorAuthRequest)
    told, ours = response.subscriber.member_id, asked.subscriber.member_id if asked.subscriber else ""
    return None if told and ours and told != ours else found


def _changes(row: Authorization, answer: Answer) -> dict[str, Any]:
    """What the answer says; what it leaves out stays."""
    changes: dict[str, Any] = {"status": answer.status, "reasons": list(answer.reasons)}
    if answer.number:
        changes["number"] = answer.number
    if answer.reference:
        changes["payer_reference"] = answer.reference
    if answer.status in ("approved", "partial"):
        units = answer.units if answer.units is not None else row.units_approved or row.units_requested
        visits = answer.visits if answer.visits is not None else row.visits_approved or row.visits_requested
        changes |= {"units_approved": units, "visits_approved": visits}
    if answer.start is not None:
        changes["start"] = answer.start
    if answer.through is not None:
        changes["end"] = answer.through + ONE_DAY
    return changes


def _rejected(
    request: AuthorizationRequest, response: PriorAuthResponse, answer: Answer, part: InboxPart | None
) -> AnswerTaken:
    """The request was not looked at: it stays open, and a person corrects it or sends it again."""
    _close(request, response, part, AuthorizationRequest.State.REJECTED)
    again = "send it again" if answer.may_go_again else "correct what is named and ask anew"
    raise_work_item(
        worklist=Worklist.AUTHORIZATION_ANSWERS, key=f"authorization-request:{request.pk}", reason_code="REJECTED",
        reason=f"The payer did not take the request: AAA {', '.join(answer.reasons) or 'without a reason'}.",
        what_to_do=again.capitalize(), subject_type="authorization", subject_id=request.authorization_id,
        practice_id=request.authorization.practice_id, reopen=True,
    )  # fmt: skip
    return AnswerTaken(request=request, reason="the payer did not take the request")


def _close(request: AuthorizationRequest, response: PriorAuthResponse, part: InboxPart | None, state: str) -> None:
    request.state, request.answer, request.answered_at = state, msgspec.to_builtins(response), clock.now()
    request.answer_part = part
    request.save(update_fields=["state", "answer", "answered_at", "answer_part"])
    if state == AuthorizationRequest.State.ANSWERED:
        resolve_work_items(keys=[f"authorization-request:{request.pk}"], resolution="answered")


def _listed(
    part: InboxPart | None, code: str, reason: str, what_to_do: str, request: AuthorizationRequest | None = None
) -> AnswerTaken:
    raise_work_item(
        worklist=Worklist.AUTHORIZATION_ANSWERS,
        key=f"authorization-answer:{part.pk if part else request.pk if request else code}", reason_code=code,
        reason=f"An authorization answer: {reason}", what_to_do=what_to_do,
        subject_type="authorization" if request else "inbox_part",
        subject_id=request.authorization_id if request else part.pk if part else "",
        practice_id=request.authorization.practice_id if request else None, file_id=part.file_id if part else None,
        file_name=part.file.name if part else "", reopen=True,
    )  # fmt: skip
    return AnswerTaken(request=None, reason=reason)


def ask_again(*, request: AuthorizationRequest, connection: Connection) -> AuthorizationRequest:
    """The same request under a new trace, after a rejection that lets it go again. The clock starts anew."""
    if request.state != AuthorizationRequest.State.REJECTED:
        raise RequestRefused(f"it is {request.get_state_display().lower()}: only a rejected request is sent again")
    noun = msgspec.convert(request.content, PriorAuthRequest)
    moment, trace = clock.now(), f"PA{base36(next_of(name='authorization_request'), TRACE_DIGITS)}"
    event = noun.event
    traces = tuple(msgspec.structs.replace(one, number=trace) for one in event.traces)
    noun = msgspec.structs.replace(
        noun, reference=trace, created=moment.date(), created_time=f"{moment:%H%M}",
        events=(msgspec.structs.replace(event, traces=traces), *noun.events[1:]),
    )  # fmt: skip
    request.state = AuthorizationRequest.State.SUPERSEDED
    request.save(update_fields=["state"])
    row = request.authorization
    row.requested_at = moment
    row.decision_due = due_of(row)
    row.save(update_fields=["requested_at", "decision_due"])
    made = AuthorizationRequest.objects.create(
        authorization=row, trace=trace, content=msgspec.to_builtins(noun), encounter_id=request.encounter_id,
        created_at=moment, file=_file(connection, noun),
    )  # fmt: skip
    resolve_work_items(keys=[f"authorization-request:{request.pk}"], resolution="asked again")
    return made
