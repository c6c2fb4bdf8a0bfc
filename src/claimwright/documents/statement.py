"""A patient statement: figures in, one PDF out, the same bytes for the same figures.

The layout is `templates/statement.typ`. All text reaches it as JSON data, never as template code.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import typst

from claimwright.claims.nouns import Address
from claimwright.codes.money import ZERO
from claimwright.documents.statement_words import LANGUAGES, MONTHS, words

TEMPLATES = Path(__file__).parent / "templates"
_turn = threading.Lock()  # one compiler, one document at a time


class StatementDoesNotAdd(ValueError):
    """The figures of a statement contradict each other. It must not be mailed."""


class _Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of a statement's parts."""


class StatementVisit(_Part, frozen=True, kw_only=True):
    """One visit. charge - insurer_paid - discount - already_paid - insurance_pending = amount_owed."""

    date_of_service: date
    provider: str = ""
    patient: str = ""  # whose visit, where a statement is for several
    service: str = ""  # in plain words: ours or the practice's
    charge: Decimal = ZERO
    insurer_paid: Decimal = ZERO
    discount: Decimal = ZERO
    already_paid: Decimal = ZERO
    insurance_pending: Decimal = ZERO
    amount_owed: Decimal = ZERO
    reasons: tuple[str, ...] = ()  # why the patient owes it, in plain words of the statement's language


class StatementDocument(_Part, frozen=True, kw_only=True):
    """All that a statement says. `aging` is (days, amount) in order, such as ("0-30", 15.00), and sums to the visits."""

    number: str
    issued_on: date
    due_on: date
    language: str = "en"
    practice_name: str
    practice_address: Address
    practice_phone: str
    pay_to_address: Address | None = None
    account: str = ""
    patient_name: str
    guarantor_name: str = ""  # blank: the patient
    guarantor_address: Address = Address()
    visits: tuple[StatementVisit, ...]
    unapplied_credit: Decimal = ZERO  # money we hold for the patient, above zero
    total_due: Decimal
    aging: tuple[tuple[str, Decimal], ...] = ()
    plan_note: str = ""
    payment_url: str = ""
    statement_code: str = ""  # typed at `payment_url`: the statement is found by it
    tone: int = 0  # 0 first, 1 reminder, 2 past due, 3 long past due, as billing.dunning counts
    spanish_tagline: bool = False  # the patient reads neither English nor Spanish, as far as is known
    ways_to_pay: tuple[str, ...] = ()  # blank: online, phone and mail as the practice has them
    financial_assistance: str = ""  # blank: the standard notice
    dispute_notice: str = ""  # blank: the standard notice


def check(document: StatementDocument) -> None:
    """Raises StatementDoesNotAdd when a visit, the total or the aging is not the sum of its parts."""
    for ordinal, visit in enumerate(document.visits, 1):
        left = visit.charge - visit.insurer_paid - visit.discount - visit.already_paid - visit.insurance_pending
        if left != visit.amount_owed:
            raise StatementDoesNotAdd(f"visit {ordinal}: what is owed is not the charge less what was taken off")
    owed = sum((visit.amount_owed for visit in document.visits), ZERO)
    if owed - document.unapplied_credit != document.total_due:
        raise StatementDoesNotAdd("the total is not the visits less the credit")
    if document.aging and sum((amount for _, amount in document.aging), ZERO) != owed:
        raise StatementDoesNotAdd("the aging does not sum to the visits")


def render(document: StatementDocument) -> bytes:
    """The statement as PDF. Raises StatementDoesNotAdd, and ValueError for a language without words."""
    check(document)
    data = json.dumps(_data(document), ensure_ascii=False, sort_keys=True)
    # The creation date is the statement's own, so the same figures are the same bytes.
    issued = document.issued_on
    moment = datetime(issued.year, issued.month, issued.day, tzinfo=UTC)
    with _turn:
        pdf = _compiler().compile(format="pdf", sys_inputs={"data": data}, timestamp=moment)
    assert isinstance(pdf, bytes)  # one file: a list would be one image a page
    return pdf


def render_all(documents: Iterable[StatementDocument]) -> Iterator[bytes]:
    """Many statements with one warm compiler, in order, each made when asked for."""
    for document in documents:
        yield render(document)


@cache
def _compiler() -> typst.Compiler:
    # Only the compiler's own fonts: a system font would make the bytes depend on the machine.
    return typst.Compiler(str(TEMPLATES / "statement.typ"), root=str(TEMPLATES), ignore_system_fonts=True)


def amount_text(amount: Decimal) -> str:
    """1234.5 as $1,234.50; below zero with a minus sign in front."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def date_text(on: date, language: str) -> str:
    month = MONTHS[language][on.month - 1]
    return f"{on.day} de {month} de {on.year}" if language == "es" else f"{month} {on.day}, {on.year}"


def short_date(on: date, language: str) -> str:
    return on.strftime("%d/%m/%Y" if language == "es" else "%m/%d/%Y")


def address_lines(address: Address) -> list[str]:
    """The lines of an address as the post wants them."""
    code = address.postal_code
    code = f"{code[:5]}-{code[5:]}" if len(code) == 9 else code
    city = " ".join(filter(None, (f"{address.city}," if address.city else "", address.state, code)))
    return [line for line in (address.line1, address.line2, city, address.country) if line]


def phone_text(phone: str) -> str:
    """Ten digits as (608) 555-0142; anything else as it came."""
    return f"({phone[:3]}) {phone[3:6]}-{phone[6:]}" if len(phone) == 10 and phone.isdigit() else phone


def _visit(visit: StatementVisit, language: str, text: dict[str, str]) -> dict[str, object]:
    reasons = list(visit.reasons)
    if visit.insurance_pending:
        reasons.append(text["pending"].format(amount=amount_text(visit.insurance_pending)))
    return {
        "date": short_date(visit.date_of_service, language),
        "service": visit.service,
        "provider": ", ".join(
            filter(
                None, (visit.patient, text["with_provider"].format(provider=visit.provider) if visit.provider else "")
            )
        ),
        "charge": amount_text(visit.charge),
        "insurer_paid": amount_text(-visit.insurer_paid),
        "discount": amount_text(-visit.discount),
        "already_paid": amount_text(-visit.already_paid),
        "owed": amount_text(visit.amount_owed),
        "why": text["why" if visit.amount_owed else "where"],
        "reasons": reasons,
    }


def _ways(document: StatementDocument, text: dict[str, str], phone: str) -> list[str]:
    if document.ways_to_pay:
        return list(document.ways_to_pay)
    online = []
    if document.payment_url:
        online.append(text["pay_online"].format(url=document.payment_url))
        if document.statement_code:
            online[0] += text["pay_code"].format(code=document.statement_code)
    return [
        *online,
        text["pay_phone"].format(phone=phone),
        text["pay_mail"].format(practice=document.practice_name),
        text["pay_plan"],
    ]


def _data(document: StatementDocument) -> dict[str, object]:
    language = document.language
    if language not in LANGUAGES:
        raise ValueError(f"no statement words in this language; there are {', '.join(LANGUAGES)}")
    text = words(language)
    phone = phone_text(document.practice_phone)
    owed = sum((visit.amount_owed for visit in document.visits), ZERO)
    return {
        "language": language,
        "words": text | {"questions": text["questions"].format(phone=phone)},
        "number": document.number,
        "account": document.account,
        "issued_on": date_text(document.issued_on, language),
        "due_on": date_text(document.due_on, language),
        "practice": {
            "name": document.practice_name,
            "address": address_lines(document.practice_address),
            "phone": phone,
            "pay_to": address_lines(document.pay_to_address or document.practice_address),
        },
        "patient": document.patient_name,
        "mail_to": [
            document.guarantor_name or document.patient_name,
            *address_lines(document.guarantor_address),
        ],
        "notice": text[f"tone_{document.tone}"].format(phone=phone) if document.tone else "",
        "tagline": text["tagline"].format(phone=phone) if document.spanish_tagline and language == "en" else "",
        "visits": [_visit(visit, language, text) for visit in document.visits],
        "visits_total": amount_text(owed),
        "credit": amount_text(-document.unapplied_credit) if document.unapplied_credit else "",
        "total": amount_text(document.total_due),
        "aging": [
            {"label": text["days"].format(range=label), "amount": amount_text(amount)}
            for label, amount in document.aging
        ],
        "plan": document.plan_note,
        "ways": _ways(document, text, phone),
        "rights": [
            document.financial_assistance or text["assistance"],
            document.dispute_notice or text["dispute"],
        ],
        "interpreter": text["interpreter"].format(phone=phone),
    }
