"""The accounting of disclosures on paper, for the patient who asked: one row a disclosure. Nouns in, PDF out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from claimwright.documents import patient_paper as paper
from claimwright.documents.statement import date_text, phone_text

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "To whom your information was given",
        "about": "You asked on {asked} to whom we gave information about you, beyond your care, its payment and our own "
        "work, and beyond what you allowed in writing. It goes back six years, from {first} to {last}.",
        "none": "We gave your information to nobody in that time.",
        "on": "When", "who": "To whom", "what": "What", "why": "What for", "until": "until {day}, {often}",
        "unknown": "address not known",
        "ask": "If something is missing or wrong, or you did not expect it, call us at {phone}.",
    },
    "es": {
        "title": "A quién se dio su información",
        "about": "El {asked} usted preguntó a quién dimos información sobre usted, aparte de su atención, su pago y nuestro "
        "propio trabajo, y aparte de lo que usted permitió por escrito. Abarca seis años, del {first} al {last}.",
        "none": "En ese tiempo no dimos su información a nadie.",
        "on": "Cuándo", "who": "A quién", "what": "Qué", "why": "Para qué", "until": "hasta el {day}, {often}",
        "unknown": "dirección desconocida",
        "ask": "Si algo falta, es incorrecto o no lo esperaba, llámenos al {phone}.",
    },
}  # fmt: skip


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One disclosure as it is told: `last_on` and `how_often` of a run of them."""

    disclosed_on: date
    recipient: str
    address: str
    what: str
    purpose: str
    last_on: date | None = None
    how_often: str = ""


class Accounting(msgspec.Struct, frozen=True, kw_only=True):
    """What one patient is given: the days that it goes over, and its rows, oldest first."""

    letterhead: paper.Letterhead
    number: str
    language: str
    asked_on: date
    first: date
    last: date
    issued_on: date
    rows: Sequence[Row]


def render_accounting(accounting: Accounting) -> bytes:
    """The accounting as PDF, with what 45 CFR 164.528(b)(2) asks for: day, recipient with address, what, purpose."""
    language = paper.language_of(accounting.language)
    words = WORDS[language]
    about = words["about"].format(
        asked=date_text(accounting.asked_on, language), first=date_text(accounting.first, language),
        last=date_text(accounting.last, language),
    )  # fmt: skip
    rows = [
        (_days(row, language), f"{row.recipient}, {row.address or words['unknown']}", row.what, row.purpose)
        for row in accounting.rows
    ]
    columns = ((words["on"], ""), (words["who"], "wide"), (words["what"], "wide"), (words["why"], "wide"))
    phone = phone_text(accounting.letterhead.practice_phone)
    return paper.render_paper(
        letterhead=accounting.letterhead, title=words["title"], number=accounting.number,
        issued_on=accounting.issued_on, language=language,
        blocks=[
            paper.paragraph(about),
            paper.table(columns, rows) if rows else paper.paragraph(words["none"]),
            paper.paragraph(words["ask"].format(phone=phone)),
        ],
    )  # fmt: skip


def _days(row: Row, language: str) -> str:
    day = date_text(row.disclosed_on, language)
    if row.last_on is None:
        return day
    until = WORDS[language]["until"].format(day=date_text(row.last_on, language), often=row.how_often)
    return f"{day} {until}"
