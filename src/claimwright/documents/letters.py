"""Letters to payers: a template and the claim's facts in, one PDF out; and pages that our own records make.

A template is text: a line `Subject: ...`, paragraphs, then `Request:` and what is asked. Names in braces are replaced
by facts. Shipped ones are in `templates/letters`; a practice may keep its own over them. The layout is `letter.typ`.
"""

from __future__ import annotations

import json
import re
import string
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache

import msgspec
import typst

from claimwright.codes.money import ZERO
from claimwright.documents.statement import TEMPLATES, amount_text, date_text, short_date

GENERAL = "GENERAL"
RECORDS = "RECORDS"
# Every name that a template may use. A blank value is only allowed for those whose sentence may be left out.
PLACEHOLDERS = (
    "payer", "practice", "patient", "member_id", "claim_number", "control_number", "date_of_service", "codes", "amount",
    "denial_code", "denial_words", "denial_date", "level", "argument", "authorization_sentence", "filing_sentence",
)  # fmt: skip
MAY_BE_BLANK = frozenset(("authorization_sentence", "filing_sentence", "control_number"))
# What a letter must say at the least, wherever the words of a template say it again.
REQUIRED = ("{argument}",)
_turn = threading.Lock()  # one compiler, one document at a time


class TemplateFault(ValueError):
    """A template that cannot be used: the text names the place and the mend."""


class LetterIncomplete(ValueError):
    """A letter that lacks what a payer must be told; it must not go out."""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    paragraphs: tuple[str, ...]
    request: tuple[str, ...]


class LetterLine(msgspec.Struct, frozen=True, kw_only=True):
    """One denied line. `denied_as` is group, reason and remark codes."""

    date_of_service: date
    code: str
    denied_as: str
    charge: Decimal
    amount: Decimal


class LetterEnclosure(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    first_page: int = 0  # of the whole pack, 0: not known
    last_page: int = 0


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """All that a letter says. `values` are the placeholders' texts; `authorization` the patient's, when for the patient."""

    written_on: date
    practice_name: str
    practice_lines: tuple[str, ...]
    recipient: tuple[str, ...]
    sent_by: str = ""  # "By fax to ...", blank for mail
    patient: str
    member_id: str
    birth_date: date | None = None
    claim_number: str  # the payer's, "" while it gave none
    control_number: str
    denial_code: str
    denial_date: date
    level_name: str = ""
    salutation: str = "To the reviewer:"
    lines: tuple[LetterLine, ...]
    values: dict[str, str]
    authorization: str = ""
    signature: tuple[str, ...]  # name, title, telephone
    enclosures: tuple[LetterEnclosure, ...] = ()

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


def parse_template(text: str) -> Template:
    """Raises TemplateFault for a name that is none of ours, a missing subject, request or argument."""
    text = text.replace("\r\n", "\n").strip()
    first, _, rest = text.partition("\n")
    if not first.startswith("Subject:") or not first.removeprefix("Subject:").strip():
        raise TemplateFault("line 1 must be the subject: begin it with Subject:")
    body, found, request = rest.partition("\nRequest:")
    if not found or not request.strip():
        raise TemplateFault("say what is asked: a line Request: and the words after it")
    for number, line in enumerate(text.split("\n"), 1):
        for name in _names(line, number):
            if name not in PLACEHOLDERS:
                known = ", ".join(PLACEHOLDERS)
                raise TemplateFault(f"line {number}: {{{name}}} is no fact of a claim; there are {known}")
    for name in REQUIRED:
        if name not in body:
            raise TemplateFault(f"put {name} where the facts of the case go")
    return Template(
        subject=first.removeprefix("Subject:").strip(), paragraphs=_paragraphs(body), request=_paragraphs(request)
    )


def _names(line: str, number: int) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(line) if name is not None]
    except ValueError:
        raise TemplateFault(f"line {number}: a brace is not closed") from None


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


@lru_cache(maxsize=1)
def shipped_templates() -> dict[str, str]:
    """The shipped texts by denial category, with GENERAL and RECORDS."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((TEMPLATES / "letters").glob("*.txt"))}


def shipped_template(category: str) -> str:
    held = shipped_templates()
    return held.get(category, held[GENERAL])


def merge(template: Template, values: dict[str, str]) -> Template:
    """The template with its names replaced. Raises LetterIncomplete naming each that has no value."""
    used = {name for text in (template.subject, *template.paragraphs, *template.request) for name in _names(text, 0)}
    lacking = sorted(name for name in used - MAY_BE_BLANK if not values.get(name, "").strip())
    if lacking:
        raise LetterIncomplete(f"the letter needs {', '.join(name.replace('_', ' ') for name in lacking)}")
    filled = {name: values.get(name, "") for name in PLACEHOLDERS}

    def put(text: str) -> str:
        return " ".join(text.format_map(filled).split())

    paragraphs: list[str] = []
    for text in template.paragraphs:
        if text == "{argument}":  # a person's own paragraphs stay paragraphs
            paragraphs.extend(_paragraphs(filled["argument"]))
        elif merged := put(text):
            paragraphs.append(merged)
    return Template(
        subject=put(template.subject),
        paragraphs=tuple(paragraphs),
        request=tuple(put(text) for text in template.request),
    )


def lacks(letter: Letter) -> list[str]:
    """What a payer must be told and this letter does not say. An appeal without it is dismissed as incomplete."""
    wanted = {
        "the patient's name": letter.patient, "the member id": letter.member_id,
        "a claim number": letter.claim_number or letter.control_number, "the denial code": letter.denial_code,
        "the denied lines": letter.lines, "a signer's name": letter.signature[:1] and letter.signature[0],
        "the payer's name": letter.recipient,
    }  # fmt: skip
    return [name for name, value in wanted.items() if not value]


def render_letter(letter: Letter, template: Template) -> bytes:
    """The letter as PDF, the same bytes for the same letter. Raises LetterIncomplete."""
    missing = lacks(letter)
    if missing:
        raise LetterIncomplete(f"the letter needs {', '.join(missing)}")
    merged = merge(template, letter.values)
    data = {
        "subject": merged.subject, "paragraphs": merged.paragraphs, "request": merged.request,
        "practice": {"name": letter.practice_name, "lines": letter.practice_lines},
        "written_on": date_text(letter.written_on, "en"), "sent_by": letter.sent_by, "recipient": letter.recipient,
        "reference": f"Claim {letter.claim_number or letter.control_number}",
        "facts": _facts(letter), "salutation": letter.salutation, "authorization": letter.authorization, "signature": letter.signature,
        "lines": [
            {
                "date": short_date(line.date_of_service, "en"), "code": line.code, "denied": line.denied_as,
                "charge": amount_text(line.charge), "amount": amount_text(line.amount),
            }
            for line in letter.lines
        ],
        "enclosures": [
            {"number": f"{number}.", "title": one.title, "pages": _page_text(one)}
            for number, one in enumerate(letter.enclosures, 1)
        ],
    }  # fmt: skip
    return _compiled("letter.typ", data, letter.written_on)


def _page_text(one: LetterEnclosure) -> str:
    if not one.first_page:
        return ""
    return f"page {one.first_page}" if one.first_page == one.last_page else f"pages {one.first_page} to {one.last_page}"


def _facts(letter: Letter) -> list[tuple[str, str]]:
    rows = [
        ("Patient", letter.patient), ("Member id", letter.member_id),
        ("Born", short_date(letter.birth_date, "en") if letter.birth_date else ""),
        ("Your claim no.", letter.claim_number), ("Our claim no.", letter.control_number),
        ("Denied on", short_date(letter.denial_date, "en")), ("Denial code", letter.denial_code),
        ("Level", letter.level_name.capitalize()), ("In dispute", amount_text(letter.amount)),
    ]  # fmt: skip
    return [row for row in rows if row[1]]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    wide: bool = False
    amount: bool = False


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A page of our own records: what it is, facts, and a table."""

    title: str
    practice: str
    made_on: date
    says: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def render_exhibit(exhibit: Exhibit) -> bytes:
    """Raises ValueError for a row with other cells than there are columns."""
    if any(len(row) != len(exhibit.columns) for row in exhibit.rows):
        raise ValueError("every row of an exhibit has one cell for each column")
    data = msgspec.to_builtins(exhibit) | {"made_on": date_text(exhibit.made_on, "en")}
    return _compiled("exhibit.typ", data, exhibit.made_on)


@cache
def _compiler(name: str) -> typst.Compiler:
    # Only the compiler's own fonts: a system font would make the bytes depend on the machine.
    return typst.Compiler(str(TEMPLATES / name), root=str(TEMPLATES), ignore_system_fonts=True)


def _compiled(name: str, data: object, on: date) -> bytes:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    with _turn:
        pdf = _compiler(name).compile(
            format="pdf", sys_inputs={"data": text}, timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC)
        )
    assert isinstance(pdf, bytes)  # one file: a list would be one image a page
    return pdf


def texts(values: Sequence[str]) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(value.strip() for value in values if value.strip())
