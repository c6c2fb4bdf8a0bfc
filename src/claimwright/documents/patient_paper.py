"""One layout for what a practice hands a patient beside statements: agreements, estimates, notices. Nouns in, PDF out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache

import msgspec
import typst

from claimwright.claims.nouns import Address
from claimwright.documents.statement import TEMPLATES, address_lines, date_text, phone_text
from claimwright.documents.statement_words import LANGUAGES

_turn = threading.Lock()  # one compiler, one document at a time
Block = dict[str, object]

PAGE = {"en": "Page {page} of {pages}", "es": "Página {page} de {pages}"}
INTERPRETER = {
    "en": "Free interpreter: call {phone}. Intérprete gratis: llame al {phone}.",
    "es": "Intérprete gratis: llame al {phone}. Free interpreter: call {phone}.",
}


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes to whom. `tax_id` and `npi` are printed where given."""

    practice_name: str
    practice_address: Address
    practice_phone: str
    mail_to_name: str
    mail_to_address: Address = Address()
    tax_id: str = ""
    npi: str = ""


def language_of(wanted: str) -> str:
    """The language of ours nearest to the patient's: the first where we have no words."""
    short = wanted[:2].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


def heading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def paragraph(text: str) -> Block:
    return {"kind": "paragraph", "text": text}


def bullets(items: Iterable[str]) -> Block:
    return {"kind": "list", "items": list(items)}


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    return {"kind": "facts", "rows": [list(row) for row in rows if row[1]]}


def figures(rows: Iterable[tuple[str, str, str]]) -> Block:
    """Boxes side by side: name, value, what it means."""
    return {"kind": "figures", "rows": [list(row) for row in rows]}


def table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, total: Sequence[str] = ()
) -> Block:  # fmt: skip
    """`columns` are (title, kind), the kind "", "wide" or "amount". Raises ValueError for a row of another width."""
    if any(len(row) != len(columns) for row in (*rows, *([total] if total else []))):
        raise ValueError("every row of a table has one cell for each column")
    return {
        "kind": "table", "rows": [list(row) for row in rows], "total": list(total),
        "columns": [{"title": title, "wide": kind == "wide", "amount": kind == "amount"} for title, kind in columns],
    }  # fmt: skip


def box(title: str, items: Iterable[str]) -> Block:
    return {"kind": "box", "title": title, "items": list(items)}


def signatures(items: Iterable[str]) -> Block:
    return {"kind": "signatures", "items": list(items)}


def render_paper(
    *, letterhead: Letterhead, title: str, number: str, issued_on: date, language: str, blocks: Sequence[Block]
) -> bytes:
    """The paper as PDF: the same bytes for the same content. Raises ValueError for a language without words."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in this language; there are {', '.join(LANGUAGES)}")
    phone = phone_text(letterhead.practice_phone)
    ids = " · ".join(
        filter(None, (letterhead.tax_id and f"TIN {letterhead.tax_id}", letterhead.npi and f"NPI {letterhead.npi}"))
    )
    data = {
        "title": title, "number": number, "issued_on": date_text(issued_on, language), "language": language,
        "practice": {
            "name": letterhead.practice_name,
            "lines": [*address_lines(letterhead.practice_address), phone, *([ids] if ids else [])],
        },
        "mail_to": [letterhead.mail_to_name, *address_lines(letterhead.mail_to_address)],
        "page": PAGE[language], "interpreter": INTERPRETER[language].format(phone=phone), "blocks": list(blocks),
    }  # fmt: skip
    moment = datetime(issued_on.year, issued_on.month, issued_on.day, tzinfo=UTC)
    with _turn:
        pdf = _compiler().compile(
            format="pdf", timestamp=moment, sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
        )
    assert isinstance(pdf, bytes)  # one file: a list would be one image a page
    return pdf


@cache
def _compiler() -> typst.Compiler:
    # Only the compiler's own fonts: a system font would make the bytes depend on the machine.
    return typst.Compiler(str(TEMPLATES / "patient_paper.typ"), root=str(TEMPLATES), ignore_system_fonts=True)
