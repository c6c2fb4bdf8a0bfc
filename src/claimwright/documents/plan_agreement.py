"""The agreement of a payment plan, in English or Spanish, with the federal disclosures in our own words where they are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.documents import patient_paper as paper
from claimwright.documents.statement import amount_text, date_text, short_date

# key: (English, Spanish). A `{name}` is filled by the renderer.
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Payment plan agreement", "Acuerdo de plan de pagos"),
    "patient": ("Patient", "Paciente"),
    "balance": ("Balance of the visits below", "Saldo de las consultas de abajo"),
    "charge": ("Finance charge", "Cargo financiero"),
    "down": ("Down payment", "Pago inicial"),
    "first": ("First instalment", "Primera cuota"),
    "method": ("How you pay", "Forma de pago"),
    "card": ("Card", "Tarjeta"),
    "ach": ("Bank account", "Cuenta bancaria"),
    "check": ("Check", "Cheque"),
    "cash": ("Cash", "Efectivo"),
    "by_down": ("{amount}, due {day}", "{amount}, vence el {day}"),
    "intro": (
        "You and {practice} agree that you pay the balance below in parts. While you keep to this plan we do not send "
        "you reminders to pay the whole of it, and we do not send it to a collection agency.",
        "Usted y {practice} acuerdan que usted paga el saldo de abajo en partes. Mientras usted cumpla este plan, no le "
        "pediremos el pago total y no lo enviaremos a una agencia de cobranza.",
    ),
    "visits": ("What the plan pays for", "Lo que paga el plan"),
    "date": ("Date", "Fecha"),
    "service": ("Service", "Servicio"),
    "amount": ("Amount", "Monto"),
    "schedule": ("Your payments", "Sus pagos"),
    "number": ("No.", "N.º"),
    "due": ("Due", "Vence"),
    "left": ("Left to pay after it", "Resta después"),
    "total": ("Total", "Total"),
    "truth": ("What the credit costs you", "Lo que le cuesta el crédito"),
    "creditor": ("Creditor: {practice}.", "Acreedor: {practice}."),
    "apr": ("Annual percentage rate", "Tasa porcentual anual"),
    "apr_means": ("What your credit costs as a yearly rate", "El costo de su crédito como tasa anual"),
    "charge_means": ("What the credit costs you in dollars", "El costo de su crédito en dólares"),
    "financed": ("Amount financed", "Monto financiado"),
    "financed_means": ("The part of your bill you pay over time", "La parte de su cuenta que paga a plazos"),
    "payments": ("Total of payments", "Total de pagos"),
    "payments_means": (
        "What you will have paid once all payments are made as planned",
        "Lo que habrá pagado al hacer todos los pagos según el plan",
    ),
    "group": ("{count} × {amount}, from {day}", "{count} × {amount}, desde el {day}"),
    "payment_schedule": ("Payment schedule:", "Calendario de pagos:"),
    "late": (
        "Late payment: there is no fee for a late instalment. A payment that your bank returns may cost the fee shown "
        "in our financial policy.",
        "Pago tardío: no hay cargo por una cuota tardía. Un pago devuelto por su banco puede costar el cargo indicado en "
        "nuestra política financiera.",
    ),
    "early": (
        "Paying early: you may pay all or part sooner, without a penalty.{refund}",
        "Pago anticipado: puede pagar todo o una parte antes, sin penalidad.{refund}",
    ),
    "no_refund": (
        " You are not entitled to a refund of part of the finance charge.",
        " No tiene derecho a un reembolso de parte del cargo financiero.",
    ),
    "security": (
        "Security: none is asked for. You do not pledge any property.",
        "Garantía: no se pide ninguna. Usted no compromete ningún bien.",
    ),
    "itemized": (
        "You may ask us for a written itemization of the amount financed.",
        "Puede pedirnos por escrito el detalle del monto financiado.",
    ),
    "contract": (
        "The rest of this agreement says what happens on nonpayment, on default, and when you pay early.",
        "El resto de este acuerdo dice qué ocurre si no paga, si incumple, o si paga antes.",
    ),
    "terms": ("What we agree", "Lo que acordamos"),
    "term_grace": (
        "Each payment has {days} days of grace after its date.",
        "Cada pago tiene {days} días de gracia después de su fecha.",
    ),
    "term_default": (
        "If {missed} payments are missed, the plan ends, the rest is due at once, and we write to you twice before we "
        "send it to an agency. Call us first: we can often change a plan.",
        "Si faltan {missed} pagos, el plan termina, el resto vence de inmediato, y le escribiremos dos veces antes de "
        "enviarlo a una agencia. Llámenos antes: muchas veces podemos cambiar el plan.",
    ),
    "term_new": (
        "Bills of later visits are not part of this plan unless you agree in writing.",
        "Las cuentas de consultas posteriores no entran en este plan si usted no lo acepta por escrito.",
    ),
    "term_insurance": (
        "If an insurer or an assistance program pays or lowers the bill, your last payments become less or end.",
        "Si un seguro o un programa de ayuda paga o reduce la cuenta, sus últimos pagos bajan o terminan.",
    ),
    "term_returned": (
        "A payment that is returned counts as not made.",
        "Un pago devuelto cuenta como no hecho.",
    ),
    "term_stop": (
        "You may end the plan at any time by telling us; you then owe what is left.",
        "Puede terminar el plan cuando quiera avisándonos; entonces debe lo que reste.",
    ),
    "autopay": ("Automatic payments", "Pagos automáticos"),
    "autopay_yes": (
        "You allow us to charge your {method} for each payment on its date. We remind you beforehand. You may withdraw "
        "this at any time, at least three business days before a payment, by phone or in writing.",
        "Usted nos autoriza a cobrar cada pago en su fecha por {method}. Le avisaremos antes. Puede retirar esta "
        "autorización cuando quiera, al menos tres días hábiles antes de un pago, por teléfono o por escrito.",
    ),
    "sign_patient": ("Patient or guarantor, date", "Paciente o responsable, fecha"),
    "sign_practice": ("For {practice}, date", "Por {practice}, fecha"),
    "sign_autopay": ("Automatic payments allowed: signature, date", "Autorizo pagos automáticos: firma, fecha"),
}


class AgreementVisit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit on the plan's balance list; `amount` is what of it the plan pays."""

    date_of_service: date
    service: str
    amount: Decimal


class AgreementDisclosures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of 12 CFR 1026.18; `payments` are (how many, amount, first day)."""

    annual_percentage_rate: Decimal
    finance_charge: Decimal
    amount_financed: Decimal
    total_of_payments: Decimal
    payments: tuple[tuple[int, Decimal, date], ...]


class PlanAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """All that the agreement says. `schedule` is (number, due day, amount), number 0 the down payment."""

    letterhead: paper.Letterhead
    number: str
    written_on: date
    language: str
    patient_name: str
    visits: tuple[AgreementVisit, ...]
    schedule: tuple[tuple[int, date, Decimal], ...]
    method: str
    is_autopay: bool = False
    disclosures: AgreementDisclosures | None = None
    finance_charge: Decimal = ZERO
    grace_days: int
    default_after_missed_count: int


class AgreementDoesNotAdd(ValueError):
    """The schedule, the visits and the finance charge contradict each other. It must not be signed."""


def render_agreement(agreement: PlanAgreement) -> bytes:
    """The agreement as PDF. Raises AgreementDoesNotAdd, and ValueError for a language without words."""
    balance = sum((visit.amount for visit in agreement.visits), ZERO)
    if balance + agreement.finance_charge != sum((amount for _, _, amount in agreement.schedule), ZERO):
        raise AgreementDoesNotAdd("the payments are not the balance with its finance charge")
    language = agreement.language
    place = 1 if language == "es" else 0
    words = {key: pair[place] for key, pair in WORDS.items()}
    blocks = [
        _facts(agreement, words, balance),
        paper.paragraph(words["intro"].format(practice=agreement.letterhead.practice_name)),
        *(_disclosures(agreement, agreement.disclosures, words) if agreement.disclosures else ()),
        paper.heading(words["visits"]),
        paper.table(
            ((words["date"], ""), (words["service"], "wide"), (words["amount"], "amount")),
            [
                (short_date(visit.date_of_service, language), visit.service, amount_text(visit.amount))
                for visit in agreement.visits
            ],
            total=("", words["total"], amount_text(balance)),
        ),
        paper.heading(words["schedule"]),
        _schedule(agreement, words),
        *_terms(agreement, words),
    ]
    return paper.render_paper(
        letterhead=agreement.letterhead, title=words["title"], number=agreement.number, issued_on=agreement.written_on,
        language=language, blocks=blocks,
    )  # fmt: skip


def _facts(agreement: PlanAgreement, words: dict[str, str], balance: Decimal) -> paper.Block:
    language = agreement.language
    down = next((row for row in agreement.schedule if row[0] == 0), None)
    first = next((row for row in agreement.schedule if row[0] == 1), None)

    def due(row: tuple[int, date, Decimal] | None) -> str:
        return words["by_down"].format(amount=amount_text(row[2]), day=date_text(row[1], language)) if row else ""

    return paper.facts(
        (
            (words["patient"], agreement.patient_name),
            (words["balance"], amount_text(balance)),
            (words["charge"], amount_text(agreement.finance_charge) if agreement.finance_charge else ""),
            (words["down"], due(down)),
            (words["first"], due(first)),
            (words["method"], words[agreement.method]),
        )
    )


def _disclosures(
    agreement: PlanAgreement, told: AgreementDisclosures, words: dict[str, str]
) -> Sequence[paper.Block]:  # fmt: skip
    groups = [
        words["group"].format(count=count, amount=amount_text(amount), day=date_text(day, agreement.language))
        for count, amount, day in told.payments
    ]
    refund = words["no_refund"] if told.finance_charge else ""
    return (
        paper.heading(words["truth"]),
        paper.paragraph(words["creditor"].format(practice=agreement.letterhead.practice_name)),
        paper.figures(
            (
                (words["apr"], f"{told.annual_percentage_rate}%", words["apr_means"]),
                (words["charge"], amount_text(told.finance_charge), words["charge_means"]),
                (words["financed"], amount_text(told.amount_financed), words["financed_means"]),
                (words["payments"], amount_text(told.total_of_payments), words["payments_means"]),
            )
        ),
        paper.paragraph(f"{words['payment_schedule']} {'; '.join(groups)}."),
        paper.bullets(
            (
                words["early"].format(refund=refund),
                words["late"],
                words["security"],
                words["itemized"],
                words["contract"],
            )
        ),
    )


def _schedule(agreement: PlanAgreement, words: dict[str, str]) -> paper.Block:
    left = total = sum((amount for _, _, amount in agreement.schedule), ZERO)
    rows = []
    for number, day, amount in agreement.schedule:
        left -= amount
        name = str(number) if number else words["down"]
        rows.append((name, date_text(day, agreement.language), amount_text(amount), amount_text(left)))
    columns = (
        (words["number"], ""), (words["due"], "wide"), (words["amount"], "amount"), (words["left"], "amount")
    )  # fmt: skip
    return paper.table(columns, rows, total=("", words["total"], amount_text(total), ""))


def _terms(agreement: PlanAgreement, words: dict[str, str]) -> Sequence[paper.Block]:
    said = (
        words["term_grace"].format(days=agreement.grace_days),
        words["term_default"].format(missed=agreement.default_after_missed_count),
        *(words[name] for name in ("term_new", "term_insurance", "term_returned", "term_stop")),
    )
    signs = [
        words["sign_patient"],
        words["sign_practice"].format(practice=agreement.letterhead.practice_name),
    ]
    blocks = [paper.heading(words["terms"]), paper.bullets(said)]
    if agreement.is_autopay:
        means = words[agreement.method].lower()
        blocks.append(paper.box(words["autopay"], (words["autopay_yes"].format(method=means),)))
        signs.append(words["sign_autopay"])
    return (*blocks, paper.signatures(signs))
