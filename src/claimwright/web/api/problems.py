"""Errors as RFC 9457 problem details: what is wrong, where, and how to put it right; never a value that was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read", 401: "No token that stands", 403: "Not in the token's scope", 404: "Not found",
    405: "Not done to this address", 409: "Refused", 412: "It changed meanwhile", 413: "Too large",
    422: "The content is not right", 428: "Say which version you saw", 429: "Too many requests",
    500: "Our fault", 503: "Not available",
}  # fmt: skip


class Problem(Exception):
    """An error to answer with. `detail` and `errors` hold our words and names of fields only."""

    def __init__(self, status: int, detail: str, *, kind: str = "", errors: Iterable[dict[str, str]] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind, self.errors = status, detail, kind, list(errors)


def problem_response(
    status: int, detail: str, *, kind: str = "", errors: Iterable[dict[str, str]] = (), headers: dict[str, str] | None = None
) -> HttpResponse:  # fmt: skip
    """`kind` is the last part of the problem's type, a word that a program may branch on."""
    content: dict[str, Any] = {
        "type": f"urn:claimwright:problem:{kind or status}", "title": TITLES.get(status, "Error"), "status": status,
        "detail": detail,
    }  # fmt: skip
    if named := list(errors):
        content["errors"] = named
    return HttpResponse(json.dumps(content), status=status, content_type=CONTENT_TYPE, headers=headers)


# Words of our own for what pydantic finds: its own may repeat what was sent.
WORDS = {
    "missing": "is missing", "extra_forbidden": "is no field of this request", "uuid_parsing": "is no id",
    "uuid_type": "is no id", "date_from_datetime_parsing": "is no date: write it as 2026-01-31",
    "date_parsing": "is no date: write it as 2026-01-31", "date_type": "is no date: write it as 2026-01-31",
    "date_from_datetime_inexact": "is no date: write it as 2026-01-31", "string_type": "is no text",
    "string_too_long": "is too long", "string_too_short": "is too short", "int_parsing": "is no whole number",
    "int_type": "is no whole number", "bool_parsing": "is neither true nor false", "bool_type": "is neither true nor false",
    "list_type": "is no list", "dict_type": "is no object", "model_attributes_type": "is no object",
    "json_invalid": "is no JSON", "literal_error": "is none of the values this field takes", "enum": "is none of the values this field takes",
    "less_than_equal": "is too large", "greater_than_equal": "is too small", "too_long": "has too many", "too_short": "has too few",
    "money": "is no amount: write dollars and cents as text, such as \"25.00\"", "string_pattern_mismatch": "is not of the form this field has",
}  # fmt: skip


def faults_of(errors: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Place and words of each fault that pydantic found; the place without "body", the name of our parameter."""
    found = []
    for error in errors:
        place = [str(part) for part in error.get("loc", ())]
        if place and place[0] in ("body", "query", "path", "header"):
            place = place[1:]
        if place and place[0] in ("payload", "wanted"):
            place = place[1:]
        found.append({"field": ".".join(place), "says": WORDS.get(str(error.get("type")), "is not right")})
    return found
