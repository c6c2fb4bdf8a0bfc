"""Short letters to a patient: a plan's reminders and notices, answers to inquiries, decisions on financial assistance."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.documents import patient_paper as paper

# name: ((title, paragraphs) in English, in Spanish). A `{name}` is filled from the letter's values.
NOTICES: dict[str, tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]]] = {
    "REMIND": (
        (
            "Your next payment",
            (
                "Your payment plan {plan} has a payment of {due} on {due_on}.",
                "If you cannot pay it, call us at {phone} before that day.",
            ),
        ),
        (
            "Su próximo pago",
            (
                "Su plan de pagos {plan} tiene un pago de {due} el {due_on}.",
                "Si no puede pagarlo, llámenos al {phone} antes de ese día.",
            ),
        ),
    ),
    "LATE_NOTICE": (
        (
            "A payment of your plan is late",
            (
                "We did not receive a payment of your plan {plan}. {due} was due by now; {left} is left to pay in all.",
                "Please pay {due} now, or call us at {phone}. If {missed_limit} payments are missed, the plan ends.",
            ),
        ),
        (
            "Un pago de su plan está atrasado",
            (
                "No recibimos un pago de su plan {plan}. A hoy vencieron {due}; en total restan {left}.",
                "Por favor pague {due} ahora, o llámenos al {phone}. Si faltan {missed_limit} pagos, el plan termina.",
            ),
        ),
    ),
    "DEFAULT_NOTICE": (
        (
            "Your payment plan has ended",
            (
                "Payments of your plan {plan} were missed and it has ended. {left} of it is due now.",
                "Please pay it by {answer_by}, or call us at {phone}: we may be able to start the plan again, and we can "
                "tell you about financial assistance.",
                "If you think this is a mistake, tell us. We look into it before anything else happens.",
            ),
        ),
        (
            "Su plan de pagos terminó",
            (
                "Faltaron pagos de su plan {plan} y el plan terminó. Ahora vencen {left}.",
                "Por favor pague antes del {answer_by}, o llámenos al {phone}: quizá podamos reanudar el plan, y podemos "
                "informarle sobre ayuda económica.",
                "Si cree que es un error, díganos. Lo revisaremos antes de hacer cualquier otra cosa.",
            ),
        ),
    ),
    "FINAL_NOTICE": (
        (
            "Final notice",
            (
                "{left} of your former payment plan {plan} is still open. This is our last letter about it.",
                "If it is not paid, and we do not hear from you by {answer_by}, we may send it to a collection agency.",
                "You can still pay, ask for a new plan or for financial assistance, or tell us that the bill is wrong: "
                "call {phone}.",
            ),
        ),
        (
            "Último aviso",
            (
                "Aún se deben {left} de su anterior plan de pagos {plan}. Esta es nuestra última carta sobre ello.",
                "Si no se paga y no sabemos de usted antes del {answer_by}, podemos enviarlo a una agencia de cobranza.",
                "Todavía puede pagar, pedir un nuevo plan o ayuda económica, o decirnos que la cuenta está mal: llame al "
                "{phone}.",
            ),
        ),
    ),
    "INQUIRY": (
        (
            "Our answer to you",
            ("You wrote or spoke to us on {received} about your bill.", "{answer}", "Questions? Call us at {phone}."),
        ),
        (
            "Nuestra respuesta",
            (
                "Usted nos escribió o habló el {received} sobre su cuenta.",
                "{answer}",
                "¿Preguntas? Llámenos al {phone}.",
            ),
        ),
    ),
    "ASSISTANCE_PAPERS": (
        (
            "We need papers for your application",
            (
                "Thank you for your application for financial assistance of {received}. To decide it we need something that "
                "shows the income of your household: a tax return, pay stubs, a benefit letter, bank statements, or a "
                "signed statement that there is no income.",
                "Please send it by {answer_by}. While the application is open we do not ask you to pay.",
            ),
        ),
        (
            "Necesitamos documentos para su solicitud",
            (
                "Gracias por su solicitud de ayuda económica del {received}. Para decidirla necesitamos algo que muestre "
                "los ingresos de su hogar: declaración de impuestos, recibos de sueldo, carta de beneficios, estados de "
                "cuenta, o una declaración firmada de que no hay ingresos.",
                "Por favor envíelo antes del {answer_by}. Mientras la solicitud esté abierta no le pediremos que pague.",
            ),
        ),
    ),
    "ASSISTANCE_APPROVED": (
        (
            "Financial assistance: approved",
            (
                "We approved your application of {received}. {percent}% of your part of the bill is taken off for visits "
                "from {first} through {last}.",
                "You do not need to do anything: it is taken off these bills by itself, after any insurance has paid. "
                "Tell us if your income or household changes, or if you get insurance.",
            ),
        ),
        (
            "Ayuda económica: aprobada",
            (
                "Aprobamos su solicitud del {received}. Se descuenta el {percent}% de su parte de la cuenta en consultas "
                "del {first} al {last}.",
                "No tiene que hacer nada: se descuenta solo, después de lo que pague algún seguro. Avísenos si cambian "
                "sus ingresos o su hogar, o si obtiene un seguro.",
            ),
        ),
    ),
    "ASSISTANCE_DENIED": (
        (
            "Financial assistance: not approved",
            (
                "We could not approve your application of {received}. The reason: {reason}",
                "You may apply again when something changes, or send us papers that show another income within "
                "30 days. We can also agree on a payment plan: call {phone}.",
            ),
        ),
        (
            "Ayuda económica: no aprobada",
            (
                "No pudimos aprobar su solicitud del {received}. El motivo: {reason}",
                "Puede solicitar de nuevo cuando algo cambie, o enviarnos dentro de 30 días documentos que muestren otros "
                "ingresos. También podemos acordar un plan de pagos: llame al {phone}.",
            ),
        ),
    ),
}  # fmt: skip


GREETING = {"en": "Dear {name},", "es": "Estimado/a {name}:"}
CLOSING = {"en": "Sincerely,", "es": "Atentamente,"}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `values` fill the sentences; a missing one is a KeyError, so no letter goes out with a hole in it."""

    letterhead: paper.Letterhead
    name: str
    number: str
    written_on: date
    language: str
    values: dict[str, str]


def render_notice(notice: Notice) -> bytes:
    """The letter as PDF. Raises KeyError for an unknown notice or a lacking value."""
    title, paragraphs = NOTICES[notice.name][1 if notice.language == "es" else 0]
    head = notice.letterhead
    blocks = [
        paper.paragraph(GREETING[notice.language].format(name=head.mail_to_name)),
        *(paper.paragraph(text.format_map(notice.values)) for text in paragraphs),
        paper.paragraph(CLOSING[notice.language]),
        paper.paragraph(head.practice_name),
    ]
    return paper.render_paper(
        letterhead=head, title=title, number=notice.number, issued_on=notice.written_on,
        language=notice.language, blocks=blocks,
    )  # fmt: skip
