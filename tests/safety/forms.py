"""The forms of a page as a person would send them: fields with what stands in them, empty ones filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

FILLED = {
    "date": "2026-09-30",
    "number": "1",
    "month": "2026-09",
    "time": "09:00",
    "email": "a@example.org",
    "url": "https://example.org/x",
}


@dataclass
class Form:
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """`found` holds every form of the page that is sent by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag == "form":
            self.form = Form(given.get("action", "")) if given.get("method", "").lower() == "post" else None
            if self.form:
                self.found.append(self.form)
        if self.form is None or "disabled" in given:
            return
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and name:
            self.form.fields.setdefault(name, [given.get("value", "")])
        elif tag == "textarea" and name:
            self.form.fields.setdefault(name, ["Said so"])
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and given.get("value"):
            if "selected" in given or self.select not in self.form.fields:
                self.form.fields[self.select] = [given["value"]]

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self.form is not None
        kind = given.get("type", "text")
        if kind == "file":
            self.form.files += [name]
        elif kind in ("radio", "checkbox"):
            if "checked" in given or name not in self.form.fields:
                self.form.fields[name] = [given.get("value", "on")]
        elif name != "csrfmiddlewaretoken":
            value = given.get("value") or FILLED.get(kind) or _guess(name)
            self.form.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""


def _guess(name: str) -> str:
    if any(word in name for word in ("amount", "paid", "price", "cost", "limit")):
        return "1.00"
    if any(word in name for word in ("date", "_on", "day", "start", "end")):
        return "2026-09-30"
    return "Said so"


def forms_of(page: str) -> list[Form]:
    parser = Forms()
    parser.feed(page)
    return parser.found
