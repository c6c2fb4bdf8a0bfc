"""One request to the API: its key, its repeats, its answer as a struct or its problem as an error."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec

T = TypeVar("T")
TRIES = 4
FIRST_WAIT = 0.5  # seconds; doubled each time
LONGEST_WAIT = 60.0
PASSING = (429, 502, 503, 504)
CENT = Decimal("0.01")


class Answer(msgspec.Struct, kw_only=True, dict=True):
    """What the API answered. Fields that this version does not know are left out."""

    @property
    def etag(self) -> str:
        """What a change of this very state names as `if_match`; "" for a part of an answer."""
        return str(self.__dict__.get("etag", ""))


class Field(msgspec.Struct, frozen=True):
    """One field that is not right."""

    field: str = ""
    says: str = ""


class Problem(msgspec.Struct, frozen=True):
    type: str = ""
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[Field, ...] = ()


class ApiError(Exception):
    """The API refused. Nothing was changed; `kind` is a word to branch on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.detail}")
        self.problem, self.status, self.errors = problem, problem.status, problem.errors
        self.kind = problem.type.rpartition(":")[2]


class NoAnswer(Exception):
    """The API did not answer, also when asked again. Whether it did what was asked is known by asking with `key` again."""

    def __init__(self, why: str, key: str) -> None:
        super().__init__(why)
        self.key = key


class Page(Protocol[T]):
    @property
    def items(self) -> list[T]: ...
    @property
    def next(self) -> str | None: ...


class Asking:
    """Sends requests. A change that is repeated carries the same key, so it has one effect."""

    def __init__(
        self, address: str, token: str, *, timeout: float, transport: httpx.BaseTransport | None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.http = httpx.Client(
            base_url=address.rstrip("/") + "/api/v1", timeout=timeout, transport=transport, follow_redirects=False,
            headers={"Authorization": f"Bearer {token}", "User-Agent": "claimwright-client/1"},
        )  # fmt: skip
        self._wait = wait

    def ask(
        self, method: str, path: str, answers: Any, *, query: Mapping[str, Any] | None = None, body: Any = None,
        content: bytes | None = None, key: str = "", if_match: str = "",
    ) -> Any:  # fmt: skip
        """The answer as `answers`, or bytes where that is bytes. Raises ApiError and NoAnswer."""
        headers = {} if method == "GET" else {"Idempotency-Key": key or str(uuid.uuid4())}
        if if_match:
            headers["If-Match"] = if_match
        sent = content
        if body is not None:
            sent, headers["Content-Type"] = msgspec.json.encode(_plain(body)), "application/json"
        elif content is not None:
            headers["Content-Type"] = "application/octet-stream"
        named = {name: _text(value) for name, value in (query or {}).items() if value is not None and value != ""}
        response = self._repeated(method, path, named, sent, headers)
        if response.status_code >= 400:
            raise ApiError(_problem(response))
        if answers is bytes:
            return response.content
        found = msgspec.json.decode(response.content, type=answers)
        if isinstance(found, Answer):
            found.__dict__["etag"] = response.headers.get("ETag", "")
        return found

    def _repeated(
        self, method: str, path: str, query: dict[str, str], content: bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        pause = FIRST_WAIT
        for left in reversed(range(TRIES)):
            try:
                response = self.http.request(method, path, params=query, content=content, headers=headers)
            except httpx.TransportError as fault:
                if not left:
                    raise NoAnswer(type(fault).__name__, headers.get("Idempotency-Key", "")) from None
            else:
                if response.status_code not in PASSING or not left:
                    return response
                told = response.headers.get("Retry-After", "")
                pause = max(pause, float(told)) if told.isdecimal() else pause
            self._wait(min(pause, LONGEST_WAIT))
            pause *= 2
        raise AssertionError("the last try returns or raises")


def every(ask: Callable[..., Page[T]], **wanted: Any) -> Iterator[T]:
    """Every row of a list, page by page: `every(client.claims.list_claims, state="READY")`."""
    cursor: str | None = ""
    while cursor is not None:
        page = ask(**wanted, cursor=cursor)
        yield from page.items
        cursor = page.next


def place(value: object) -> str:
    """A value as a part of an address."""
    return quote(str(value), safe="")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _money(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    """Ready for JSON: fields that were not set are left out, and amounts are text with two places."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value, builtin_types=(Decimal,))
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _money(value) if isinstance(value, Decimal) else value


def _money(value: Decimal) -> str:
    if value != value.quantize(CENT):
        raise ValueError("an amount has two places")
    return f"{value:.2f}"


def _problem(response: httpx.Response) -> Problem:
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return Problem(
            status=response.status_code, detail="an answer that is no problem of the API: a proxy's, perhaps"
        )
