"""The door of the API: token, limit, scope, one transaction a request, and one effect a key. Refused unless let in.

A middleware of its own before the one for people: a program has no session and no cookie, and a person's session opens
nothing here. What stands here is the same for every operation, so no operation can forget it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from claimwright.web.api.models import KeptAnswer
from claimwright.web.api.problems import problem_response
from claimwright.web.api.tokens import Program, check_token
from claimwright.web.core import logs
from claimwright.web.core.services import acting_as, audit_together, record_audit
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.patients.sealing import seal, unseal

HOME = "/api/"
OPEN = ("/api/v1/openapi.json",)  # the description of the API holds nothing of anybody
READING = ("GET", "HEAD")
LONGEST_KEY = 100
logger = logging.getLogger("claimwright.api")


@dataclass(frozen=True)
class Operation:
    """What the door must know of one operation: `permission` is a row of workbench/policies.py."""

    name: str
    method: str
    route: str  # as Django resolves it
    permission: str
    whole_office: bool = False  # of no single practice: not for a token that is limited to some
    reads: bool = False  # shows patient data: each look is in the audit log
    stateless: bool = False  # a question with a body: it changes nothing of ours, and takes no key


OPERATIONS: dict[tuple[str, str], Operation] = {}


def declare(operation: Operation) -> None:
    place = (operation.method, operation.route)
    if place in OPERATIONS:
        raise ValueError(f"two operations at {place}")
    OPERATIONS[place] = operation


class ApiDoor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(HOME):
            return self.get_response(request)
        try:
            response = self._answer(request)
        except RequestDataTooBig:
            response = problem_response(413, "The body is too large: split the file")
        except Exception as fault:  # outside an operation: nobody else would tell a program in its own form
            say_fault(fault, "door")
            response = problem_response(500, "Nothing was done. It is written down on our side.")
        response["Cache-Control"] = "no-store"
        if response.status_code in (400, 404, 405, 413) and "json" not in response.get("Content-Type", ""):
            response = problem_response(response.status_code, "Nothing was done.")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            words = (
                "Nothing is answered without TLS: ask https://. If a token was sent, others may know it: issue another"
            )
            return problem_response(403, words)
        if request.path_info in OPEN and request.method in READING:
            return self.get_response(request)
        checked = check_token(_bearer(request))
        if checked.program is None:
            return problem_response(
                401, "Send a token that stands: Authorization: Bearer cw1_…", headers={"WWW-Authenticate": "Bearer"}
            )
        if checked.wait:
            words = f"This token's limit for the minute is used up: ask again in {checked.wait} seconds."
            return problem_response(429, words, headers={"Retry-After": str(checked.wait)})
        program = checked.program
        request.program = program  # type: ignore[attr-defined]
        operation, refused = _operation_of(request)
        if operation is None:
            return refused
        # Its audit rows are owed until its end: a long operation must not keep every reader of a page from the log.
        with acting_as(program.actor), audit_together():
            if refusal := _refusal(program, operation):
                return _refused(program, operation, refusal)
            return self._inside(request, program, operation)

    def _inside(self, request: HttpRequest, program: Program, operation: Operation) -> HttpResponse:
        """One transaction: the change, its audit row, its events and the answer to its key, all or none."""
        if request.method in READING or operation.stateless:
            with tenant_scope(program.tenant, practices=program.practices):
                return self._carry_out(request, operation)
        key = request.headers.get("Idempotency-Key", "")
        if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
            words = f"Send an Idempotency-Key of at most {LONGEST_KEY} plain characters, a new one for each change: it makes a repeat safe."
            return problem_response(400, words, kind="idempotency-key-missing")
        told = _request_hash(request)
        with tenant_scope(program.tenant, practices=program.practices):
            row, is_new = _take_key(program, key, told)
            if not is_new:
                return _replay(row, told)
            response = self._carry_out(request, operation)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _keep(row, response)
            return response

    def _carry_out(self, request: HttpRequest, operation: Operation) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400:
            if operation.reads or operation.method not in READING and not operation.stateless:
                kind, subject = next(
                    iter((request.resolver_match.kwargs if request.resolver_match else {}).items()), ("", "")
                )
                record_audit(
                    action=f"api.{operation.name}"[:60], subject_type=kind.removesuffix("_id"), subject_id=subject
                )
            _with_etag(request, response)
            if request.method in READING and _is_known(request, response):
                return HttpResponse(status=304, headers={"ETag": response["ETag"]})
        return response


def _bearer(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and len(token) < 400 else ""


def _operation_of(request: HttpRequest) -> tuple[Operation | None, HttpResponse]:
    """The operation of this address and method; else the answer that there is none."""
    try:
        route = resolve(request.path_info).route
    except Resolver404:
        return None, problem_response(404, "There is no such address: see /api/v1/openapi.json")
    method = "GET" if request.method == "HEAD" else str(request.method)
    found = OPERATIONS.get((method, route))
    if found is not None:
        return found, HttpResponse()
    takes = sorted(one for one, place in OPERATIONS if place == route)
    if not takes:
        return None, problem_response(404, "There is no such address: see /api/v1/openapi.json")
    words = f"This address takes {', '.join(takes)}"
    return None, problem_response(405, words, headers={"Allow": ", ".join(takes)})


def _refusal(program: Program, operation: Operation) -> str:
    if not program.may(operation.permission):
        return f"This token may not do that: it lacks the scope {operation.permission}"
    if operation.whole_office and program.practices:
        return "This is of the office as a whole, and the token is for some of its practices"
    return ""


def _refused(program: Program, operation: Operation, words: str) -> HttpResponse:
    with tenant_scope(program.tenant):
        record_audit(action="access.refused", subject_type="api", subject_id=operation.name)
    return problem_response(403, words)


# One effect a key ----------------------------------------------------------------------------------------------------


def _request_hash(request: HttpRequest) -> str:
    """Of what is asked. JSON counts by its content: the order of its fields and blanks between them say nothing."""
    body = request.body
    if "json" in request.headers.get("Content-Type", ""):
        try:
            body = json.dumps(json.loads(body or b"null"), sort_keys=True, separators=(",", ":")).encode()
        except ValueError:
            pass  # as it is: it is refused below
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def _take_key(program: Program, key: str, told: str) -> tuple[KeptAnswer, bool]:
    """This request's row, and whether it is the first under its key.

    A second one waits here, in the database, until the first is in or undone: of two at once one has an effect.
    """
    row = KeptAnswer(token_id=program.token_id, key=key, request_hash=told, kept_at=timezone.now())
    KeptAnswer.objects.bulk_create([row], ignore_conflicts=True)
    kept = KeptAnswer.objects.get(token_id=program.token_id, key=key)
    return kept, kept.pk == row.pk


def _keep(row: KeptAnswer, response: HttpResponse) -> None:
    KeptAnswer.objects.filter(pk=row.pk).update(
        status=response.status_code, etag=response.get("ETag", ""), sealed=seal(response.content)
    )


def _replay(row: KeptAnswer, told: str) -> HttpResponse:
    if row.request_hash != told:
        words = "Another request was sent under this Idempotency-Key: use a new key for a new request"
        return problem_response(422, words, kind="idempotency-key-reused")
    headers = {"Idempotency-Replayed": "true"} | ({"ETag": row.etag} if row.etag else {})
    return HttpResponse(
        unseal(bytes(row.sealed)), status=row.status, content_type="application/json; charset=utf-8", headers=headers
    )


# Versions ------------------------------------------------------------------------------------------------------------


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _with_etag(request: HttpRequest, response: HttpResponse) -> None:
    if not response.streaming and response.content:
        response["ETag"] = etag_of(response.content)


def _is_known(request: HttpRequest, response: HttpResponse) -> bool:
    named = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    return bool(response.get("ETag")) and response["ETag"] in named


def say_fault(fault: BaseException, operation: str) -> None:
    """One line: the kind of a fault and its places in our code, never its text."""
    places = " < ".join(logs.places(fault.__traceback__))
    logs.say(logger, "api_fault", logging.ERROR, operation=operation, fault=type(fault).__name__, places=places)
