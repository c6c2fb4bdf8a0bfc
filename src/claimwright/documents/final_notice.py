"""The final notice: the last letter before a person looks at the account. English and Spanish from the same figures."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import msgspec
import typst

from claimwright.claims.nouns import Address
from claimwright.documents.statement import TEMPLATES, address_lines, amount_text, date_text, phone_text
from claimwright.documents.statement_words import LANGUAGES
from claimwright.documents.statement_words import words as statement_words

# key: (English, Spanish). A `{name}` is filled by the renderer.
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Final notice", "Aviso final"),
    "subject": (
        "Final notice about your account, {amount} unpaid",
        "Aviso final sobre su cuenta, {amount} sin pagar",
    ),
    "greeting": ("Dear {name}:", "Estimado/a {name}:"),
    "asked": (
        "Since {first} we have sent you statements for care you or your family received from {practice}. We have not "
        "received a payment, and we have not heard from you. The amount you owe is {amount}.",
        "Desde el {first} le hemos enviado estados de cuenta por la atención que usted o su familia recibió de "
        "{practice}. No hemos recibido un pago ni noticias suyas. El monto que debe es {amount}.",
    ),
    "what_happens": (
        "If we have not heard from you by {answer_by}, a person in our office will review the account and may decide "
        "to send it to a collection agency. Nothing is sent before that review.",
        "Si no tenemos noticias suyas hasta el {answer_by}, una persona de nuestra oficina revisará la cuenta y podrá "
        "decidir enviarla a una agencia de cobranza. Nada se envía antes de esa revisión.",
    ),
    "choices": ("Any one of these stops it", "Cualquiera de estos pasos lo detiene"),
    "pay": ("Pay {amount} or a part of it by {answer_by}.", "Pague {amount} o una parte antes del {answer_by}."),
    "plan": (
        "Call {phone} and agree on monthly payments that you can afford.",
        "Llame al {phone} y acuerde pagos mensuales que pueda cubrir.",
    ),
    "assist": (
        "Ask for financial assistance. The application is free, and you may owe less or nothing.",
        "Solicite ayuda económica. La solicitud es gratis, y es posible que deba menos o nada.",
    ),
    "insurance": (
        "Tell us about insurance that we do not know of. We will bill it.",
        "Infórmenos de un seguro que no conozcamos. Le enviaremos la factura.",
    ),
    "dispute": (
        "Tell us what you think is wrong. We look into it, and collections wait while we do.",
        "Díganos qué le parece incorrecto. Lo revisaremos, y la cobranza esperará mientras tanto.",
    ),
    "online": ("Online: {url}", "En línea: {url}"),
    "already": (
        "If you have paid in the last days, thank you: please disregard this letter.",
        "Si pagó en los últimos días, gracias: por favor ignore esta carta.",
    ),
    "sincerely": ("Sincerely,", "Atentamente,"),
    "office": ("Patient accounts, {practice}", "Cuentas de pacientes, {practice}"),
    "table_number": ("Last statement", "Último estado de cuenta"),
    "table_account": ("Account", "Cuenta"),
    "table_amount": ("Amount you owe", "Total que debe"),
    "table_answer": ("Please answer by", "Responda antes del"),
}


class NoticeIncomplete(ValueError):
    """A notice that lacks an amount, an address or a day to answer by; it must not be mailed."""


class FinalNotice(msgspec.Struct, frozen=True, kw_only=True):
    """All that the letter says. `first_asked_on` is the first statement's day, `answer_by` the last day to answer."""

    number: str
    written_on: date
    answer_by: date
    first_asked_on: date
    language: str = "en"
    practice_name: str
    practice_address: Address
    practice_phone: str
    pay_to_address: Address | None = None
    account: str
    name: str
    address: Address
    last_statement: str
    amount_due: Decimal
    payment_url: str = ""
    statement_code: str = ""
    spanish_tagline: bool = False


def words(language: str) -> dict[str, str]:
    place = LANGUAGES.index(language)
    return {key: row[place] for key, row in WORDS.items()}


def render(notice: FinalNotice) -> bytes:
    """The letter as PDF, the same bytes for the same figures. Raises NoticeIncomplete, ValueError for a language."""
    if notice.amount_due <= 0 or not notice.address.line1 or notice.answer_by <= notice.written_on:
        raise NoticeIncomplete("a final notice needs an amount above zero, an address and a later day to answer by")
    if notice.language not in LANGUAGES:
        raise ValueError(f"no words in this language; there are {', '.join(LANGUAGES)}")
    data = json.dumps(_data(notice), ensure_ascii=False, sort_keys=True)
    on = notice.written_on
    with _turn:
        pdf = _compiler().compile(
            format="pdf", sys_inputs={"data": data}, timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC)
        )
    assert isinstance(pdf, bytes)
    return pdf


_turn = threading.Lock()  # one compiler, one document at a time


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(str(TEMPLATES / "final_notice.typ"), root=str(TEMPLATES), ignore_system_fonts=True)


def _data(notice: FinalNotice) -> dict[str, object]:
    text, other = words(notice.language), statement_words(notice.language)
    phone = phone_text(notice.practice_phone)
    facts = {
        "amount": amount_text(notice.amount_due), "answer_by": date_text(notice.answer_by, notice.language),
        "first": date_text(notice.first_asked_on, notice.language), "practice": notice.practice_name, "phone": phone,
        "name": notice.name, "url": notice.payment_url,
    }  # fmt: skip
    said = {key: value.format(**facts) for key, value in text.items()}
    online = said["online"] + (other["pay_code"].format(code=notice.statement_code) if notice.statement_code else "")
    return {
        "language": notice.language,
        "words": said,
        "number": notice.number,
        "written_on": date_text(notice.written_on, notice.language),
        "practice": {
            "name": notice.practice_name,
            "lines": [*address_lines(notice.practice_address), phone],
            "pay_to": address_lines(notice.pay_to_address or notice.practice_address),
        },
        "mail_to": [notice.name, *address_lines(notice.address)],
        "facts": [
            [said["table_account"], notice.account],
            [said["table_number"], notice.last_statement],
            [said["table_amount"], amount_text(notice.amount_due)],
            [said["table_answer"], date_text(notice.answer_by, notice.language)],
        ],
        "choices": [said[key] for key in ("pay", "plan", "assist", "insurance", "dispute")],
        "online": online if notice.payment_url else "",
        "pay_to": other["pay_to"],
        "page": other["page"],
        "interpreter": other["interpreter"].format(phone=phone),
        "tagline": other["tagline"].format(phone=phone) if notice.spanish_tagline and notice.language == "en" else "",
    }
