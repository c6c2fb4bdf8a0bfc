"""How operations are declared: one decorator that says the permission, and one place that makes the OpenAPI of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import FieldDoesNotExist, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from claimwright.web.api.door import Operation, declare, etag_of, say_fault
from claimwright.web.api.fields import In, Out
from claimwright.web.api.problems import CONTENT_TYPE, Problem, faults_of, problem_response
from claimwright.web.workbench.policies import OF_PERMISSION

ROOT = "api/v1/"
MOST_ROWS, ROWS = 200, 50
PDF = "application/pdf"
BYTES = "application/octet-stream"


class Bearer(HttpBearer):
    """The door has checked it; here it only stands in the description."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return getattr(request, "program", None)


class _Api(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        for path, methods in schema["paths"].items():
            for method, described in methods.items():
                _complete(_DECLARED[described["operationId"]], path, method, described)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        schema["components"]["schemas"] = dict(sorted(schema["components"]["schemas"].items()))
        return schema


class _Parser(Parser):
    """A body as JSON, without texts that no row can hold: a NUL, or half a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = super().parse_body(request)
        if not _can_be_kept(body):
            raise HttpError(400, "A text holds a sign that is none.")
        return body


def _can_be_kept(found: Any) -> bool:
    if isinstance(found, str):
        return "\x00" not in found and (found.isascii() or not _HALF.search(found))
    if isinstance(found, dict):
        return all(_can_be_kept(one) for pair in found.items() for one in pair)
    return all(_can_be_kept(one) for one in found) if isinstance(found, list) else True


_HALF = re.compile("[\ud800-\udfff]")


api = _Api(
    title="Claimwright", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json", auth=Bearer(), parser=_Parser(),
    description="Everything the workbench does, for programs. See docs/how-it-works/api.md.", renderer=JSONRenderer(),
)  # fmt: skip

PROBLEM = {
    "title": "Problem", "type": "object", "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "says": {"type": "string"}}},
        },
    },
}  # fmt: skip
_DECLARED: dict[str, dict[str, Any]] = {}


def operation(
    method: str, path: str, *, permission: str, answers: Any = None, status: int = 200, reads: bool = False,
    whole_office: bool = False, if_match: bool = False, produces: str = "", takes: str = "", stateless: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Declare the decorated function as an operation of its own name.

    `permission` is a row of workbench/policies.py; one that only reads may not be asked for by an operation that acts.
    `reads`: it shows patient data. `produces` and `takes` are the types of bytes that are not JSON.
    """
    policy = OF_PERMISSION[permission]
    if method != "GET" and policy.only_reads and not stateless:
        raise ValueError(f"{method} {path} acts, and {permission} only reads")

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        # ninja gives ids as text, under a converter of its own.
        route = ROOT + path.lstrip("/").replace("{uuid:", "{uuidstr:").replace("{", "<").replace("}", ">")
        declare(Operation(view.__name__, method, route, permission, whole_office, reads, stateless))
        _DECLARED[view.__name__] = {
            "permission": permission, "if_match": if_match, "produces": produces, "takes": takes, "status": status,
            "stateless": stateless,
        }  # fmt: skip
        response = {status: answers} if answers is not None else None
        tag = view.__module__.rpartition(".")[2].removeprefix("of_")
        register = api.api_operation(
            [method], path, operation_id=view.__name__, url_name=f"{method.lower()}_{view.__name__}", tags=[tag],
            summary=(view.__doc__ or view.__name__).strip().split("\n")[0].rstrip("."),
            **({"response": response} if response else {}),
        )  # fmt: skip
        register(view)
        return view

    return decorate


def _complete(declared: dict[str, Any], path: str, method: str, described: dict[str, Any]) -> None:
    """What ninja cannot know: scope, key, versions, bytes, and that every error is a problem."""
    described["x-permission"] = declared["permission"]
    headers = described.setdefault("parameters", [])
    if method != "get" and not declared["stateless"]:
        headers.append(
            _header("Idempotency-Key", "A new one for each change: a repeat of the same request has no second effect")
        )
    if declared["if_match"]:
        headers.append(_header("If-Match", "The ETag of what you read: refused where it changed meanwhile"))
    if declared["takes"]:
        content = {declared["takes"]: {"schema": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"required": True, "content": content}
    if declared["produces"]:
        content = {declared["produces"]: {"schema": {"type": "string", "format": "binary"}}}
        described["responses"] = {str(declared["status"]): {"description": "OK", "content": content}}
    described["responses"]["default"] = {
        "description": "A problem",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _header(name: str, words: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": True, "schema": {"type": "string"}, "description": words}


# Errors --------------------------------------------------------------------------------------------------------------


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem.status, problem.detail, kind=problem.kind, errors=problem.errors)


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem_response(422, "Fields are missing or not right.", errors=faults_of(error.errors))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(404, "There is no such row, or not for this token.")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(
        error.status_code, "The body is no JSON." if error.status_code == 400 else "Nothing was done."
    )


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem_response(413, "The body is too large: split the file")


@api.exception_handler(Exception)
def _fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    """A refusal of one of our services is the caller's to read; anything else is a fault, told by its kind only."""
    ours = type(fault).__module__.startswith("claimwright.")
    if ours and isinstance(fault, ValueError | PermissionError | RuntimeError):
        return problem_response(409, f"{fault}", kind="refused")
    if isinstance(fault, msgspec.ValidationError):
        return problem_response(422, "A field has no value that is taken here.")
    say_fault(fault, request.path_info.rpartition("/")[2][:40])
    return problem_response(500, "Nothing was done. It is written down on our side.")


# Rows ----------------------------------------------------------------------------------------------------------------


def find(rows: QuerySet[Any] | type[Model], pk: UUID) -> Any:
    """The row, or 404: another tenant's and another practice's are not there."""
    rows = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Problem(404, "There is no such row, or not for this token.")
    return found


def page_of(rows: QuerySet[Any], *, cursor: str, limit: int, by: str = "", newest: bool = True) -> dict[str, Any]:
    """One page in a stable order, and the cursor of the next. `by` is a field that is never empty; then the id."""
    limit = max(1, min(limit, MOST_ROWS))
    names = [*([by] if by else []), "pk"]
    after = _read_cursor(cursor, rows.model, names)
    if after is not None:
        rows = rows.filter(_beyond(names, after, newest))
    sign = "-" if newest else ""
    found = list(rows.order_by(*(sign + name for name in names))[: limit + 1])
    more = found[limit - 1] if len(found) > limit else None
    return {"items": found[:limit], "next": _write_cursor(more, names) if more is not None else None}


def _beyond(names: Sequence[str], after: Sequence[Any], newest: bool) -> Q:
    sign = "lt" if newest else "gt"
    if len(names) == 1:
        return Q(**{f"{names[0]}__{sign}": after[0]})
    return Q(**{f"{names[0]}__{sign}": after[0]}) | Q(**{names[0]: after[0], f"{names[1]}__{sign}": after[1]})


def _value(row: Any, name: str) -> str:
    for part in name.split("__"):
        row = getattr(row, part)
    return row.isoformat() if isinstance(row, date | datetime) else str(row)


def _write_cursor(row: Any, names: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([_value(row, name) for name in names]).encode()).decode()


def _read_cursor(cursor: str, model: type[Model], names: Sequence[str]) -> list[Any] | None:
    """What `_write_cursor` wrote, each value of its field's kind."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(values, list) or len(values) != len(names) or not all(isinstance(one, str) for one in values):
            raise ValueError
        return [_of_field(model, name, value) for name, value in zip(names, values, strict=True)]
    except (ValueError, DjangoValidationError):
        raise Problem(400, "The cursor is not one that this list gave", kind="cursor") from None


def _of_field(model: type[Model], name: str, text: str) -> Any:
    """A field's value; of what a list adds to its rows only days are."""
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return date.fromisoformat(text)
    return field.to_python(text)  # type: ignore[union-attr]


def paged(item: type[Out]) -> type[Out]:
    """The schema of one page of these."""
    name = f"{item.__name__}Page"
    return type(
        name, (Out,), {"__annotations__": {"items": list[item], "next": str | None}, "__module__": item.__module__}
    )  # type: ignore[valid-type]


def given(payload: In) -> dict[str, Any]:
    """The fields that the request named."""
    return {name: value for name, value in payload if name in payload.model_fields_set}


@contextmanager
def in_words() -> Iterator[None]:
    """A plain ValueError of a service inside is its refusal in words of ours: 409, and not a fault of ours."""
    try:
        yield
    except ValueError as refused:
        if type(refused) is not ValueError:
            raise
        raise Problem(409, str(refused), kind="refused") from None


def key_of(request: HttpRequest, longest: int = 80) -> str:
    """The request's own key as that of the row it makes: unique over all programs. 400 where it is too long for it."""
    key = f"api/{request.program.token_id.hex[:12]}/{request.headers['Idempotency-Key']}"  # type: ignore[attr-defined]
    if len(key) > longest:
        words = f"The Idempotency-Key of this request has at most {longest - 17} characters"
        raise Problem(400, words, kind="idempotency-key-missing")
    return key


def month_of(text: str) -> date:
    """The first day of a month written as 2026-09, else 422."""
    try:
        if len(text) != 7:
            raise ValueError
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Problem(
            422, "A month is written as 2026-09", errors=[{"field": "month", "says": "is no month"}]
        ) from None


def must_match(request: HttpRequest, view: Callable[..., Any], answers: Any, **ids: Any) -> None:
    """Refuse with 412 unless If-Match names what `view` answers now. The row must be locked before."""
    named = request.headers.get("If-Match", "")
    if not named:
        raise Problem(428, "Read it first, and send its ETag as If-Match")
    content = answers.model_validate(view(request, **ids), context={"request": request}).model_dump(
        mode="json", by_alias=True
    )
    if etag_of(JSONRenderer().render(request, content, response_status=200).encode()) != named.strip():
        raise Problem(412, "It is no longer what you read: read it again, and decide again")


def as_bytes(content: bytes, kind: str, name: str) -> HttpResponse:
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)
