"""The advance beneficiary notice on paper, to be read, answered and signed before the service: English or Spanish.

It has the fields A to J of form CMS-R-131, in a layout and words of our own. Medicare contractors may hold a notice that is
not on the approved form to be worthless: a practice that bills by GA prints it there, and this one shows what to write.
Source: Medicare Claims Processing Manual 100-04 chapter 30 section 50.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

import msgspec

from claimwright.documents import patient_paper as paper
from claimwright.documents.statement import amount_text

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Notice before a service that Medicare may not pay", "Aviso antes de un servicio que Medicare quizá no pague"),
    "notifier": ("A. Who gives this notice", "A. Quién da este aviso"),
    "patient": ("B. Patient", "B. Paciente"),
    "number": ("C. Our number", "C. Nuestro número"),
    "intro": (
        "Medicare does not pay for everything, even when you or your doctor have good reasons for it. We expect that it "
        "may not pay for what is listed here. If it does not, you may have to pay.",
        "Medicare no paga todo, aun cuando usted o su médico tengan buenas razones. Creemos que quizá no pague lo que "
        "sigue. Si no lo paga, es posible que usted deba pagarlo.",
    ),
    "service": ("D. Service", "D. Servicio"),
    "reason": ("E. Why Medicare may not pay", "E. Por qué Medicare quizá no pague"),
    "cost": ("F. About", "F. Aproximadamente"),
    "ask": (
        "Read this, ask whatever you do not understand, and tick one box. We cannot choose for you.",
        "Lea esto, pregunte lo que no entienda y marque una casilla. No podemos elegir por usted.",
    ),
    "options": ("G. Your choice: tick one", "G. Su elección: marque una"),
    "one": (
        "☐ 1. I want it. You may ask me to pay now, and Medicare is billed for an official decision. If Medicare does not "
        "pay I owe it and may appeal; if it pays, you give back what I paid, less my share.",
        "☐ 1. Lo quiero. Pueden pedirme el pago ahora, y se factura a Medicare para una decisión oficial. Si Medicare no "
        "paga, lo debo y puedo apelar; si paga, me devuelven lo que pagué, menos mi parte.",
    ),
    "two": (
        "☐ 2. I want it, but do not bill Medicare. You may ask me to pay now, I owe it, and I cannot appeal.",
        "☐ 2. Lo quiero, pero no facturen a Medicare. Pueden pedirme el pago ahora, lo debo y no puedo apelar.",
    ),
    "three": (
        "☐ 3. I do not want it. I owe nothing for it, and I cannot appeal.",
        "☐ 3. No lo quiero. No debo nada por ello y no puedo apelar.",
    ),
    "more": ("H. More", "H. Más información"),
    "meaning": (
        "This is our opinion, not a decision of Medicare. Signing means that you received and understood this notice; you "
        "get a copy.",
        "Esta es nuestra opinión, no una decisión de Medicare. Firmar significa que recibió y entendió este aviso; recibirá "
        "una copia.",
    ),
    "sign": ("I. Signature; J. Date", "I. Firma; J. Fecha"),
}  # fmt: skip


class Noticed(Protocol):
    """One service of the notice: its code, why Medicare may not pay it, and about what it would cost."""

    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def estimated_cost(self) -> Decimal | None: ...


class AdvanceNoticePaper(msgspec.Struct, frozen=True, kw_only=True):
    """What the notice says; `number` is the patient's with us."""

    letterhead: paper.Letterhead
    number: str
    issued_on: date
    language: str
    patient_name: str
    services: Sequence[Noticed]
    more: str = ""


def render_advance_notice(notice: AdvanceNoticePaper) -> bytes:
    """The notice as PDF, the same bytes for the same content. Raises ValueError without a service."""
    if not notice.services:
        raise ValueError("a notice names at least one service")
    place = 1 if notice.language == "es" else 0
    words = {key: pair[place] for key, pair in WORDS.items()}
    blocks = [
        paper.facts(
            (
                (words["notifier"], notice.letterhead.practice_name), (words["patient"], notice.patient_name),
                (words["number"], notice.number),
            )
        ),
        paper.paragraph(words["intro"]),
        paper.table(
            ((words["service"], "wide"), (words["reason"], "wide"), (words["cost"], "amount")),
            [
                (one.code, one.reason, amount_text(one.estimated_cost) if one.estimated_cost is not None else "")
                for one in notice.services
            ],
        ),
        paper.paragraph(words["ask"]),
        paper.box(words["options"], [words["one"], words["two"], words["three"]]),
        *([paper.heading(words["more"]), paper.paragraph(notice.more)] if notice.more else []),
        paper.paragraph(words["meaning"]),
        paper.signatures([words["sign"]]),
    ]  # fmt: skip
    return paper.render_paper(
        letterhead=notice.letterhead, title=words["title"], number=notice.number, issued_on=notice.issued_on,
        language=notice.language, blocks=blocks,
    )  # fmt: skip
