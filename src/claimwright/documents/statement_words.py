"""The words of a patient statement, English and Spanish side by side: one key, one row, both languages."""

from __future__ import annotations

LANGUAGES = ("en", "es")

# key: (English, Spanish). A `{name}` is filled by the renderer.
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Statement of account", "Estado de cuenta"),
    "statement": ("Statement", "Número"),
    "statement_date": ("Statement date", "Fecha del estado"),
    "account": ("Account", "Cuenta"),
    "patient": ("Patient", "Paciente"),
    "amount_due": ("Amount you owe", "Total a pagar"),
    "due_date": ("Please pay by", "Pague antes del"),
    "questions": ("Questions? Call {phone}", "¿Preguntas? Llame al {phone}"),
    "visits": ("Your visits", "Sus consultas"),
    "service": ("Service", "Servicio"),
    "charge": ("Charge", "Cargo"),
    "insurer_paid": ("Insurance paid", "Pagó el seguro"),
    "discount": ("Discount", "Descuento"),
    "already_paid": ("You paid", "Usted pagó"),
    "you_owe": ("You owe", "Usted debe"),
    "with_provider": ("with {provider}", "con {provider}"),
    "why": ("Why you owe this:", "Por qué debe esto:"),
    "where": ("Where it stands:", "Cómo está:"),  # of a visit of which nothing is owed now
    "pending": (
        "{amount} of this visit is still with your insurance. You do not owe it now.",
        "{amount} de esta consulta sigue pendiente con su seguro. No lo debe por ahora.",
    ),
    "visits_total": ("Total of these visits", "Total de estas consultas"),
    "credit": ("Payments of yours not yet used", "Pagos suyos aún no aplicados"),
    "total": ("Total you owe", "Total que debe"),
    "aging": ("How long it has been open", "Antigüedad del saldo"),
    "days": ("{range} days", "{range} días"),
    "plan": ("Your payment plan", "Su plan de pagos"),
    "ways_to_pay": ("Ways to pay", "Formas de pago"),
    "pay_online": ("Online: {url}", "En línea: {url}"),
    "pay_code": (". Your statement code: {code}", ". Código de su estado de cuenta: {code}"),
    "tone_1": (
        "A friendly reminder: we have not received a payment yet. If something is unclear, call {phone}; we will "
        "gladly explain each charge.",
        "Un recordatorio amable: aún no hemos recibido un pago. Si algo no está claro, llame al {phone}; con gusto le "
        "explicamos cada cargo.",
    ),
    "tone_2": (
        "This bill is past due. Please pay it, or call {phone} to arrange monthly payments or ask for help.",
        "Esta factura está vencida. Por favor páguela, o llame al {phone} para acordar pagos mensuales o pedir ayuda.",
    ),
    "tone_3": (
        "This bill is more than 90 days old. Please call {phone} now: we can set up monthly payments, look into "
        "anything you think is wrong, or help you apply for financial assistance.",
        "Esta factura tiene más de 90 días. Por favor llame ahora al {phone}: podemos acordar pagos mensuales, revisar "
        "lo que le parezca incorrecto o ayudarle a solicitar ayuda económica.",
    ),
    "tagline": (
        "Español: esta es su factura médica. Si prefiere recibirla en español, llame al {phone}; es gratis.",
        "English: this is your medical bill. If you would rather have it in English, call {phone}; it is free.",
    ),
    "pay_phone": ("By phone: call {phone}", "Por teléfono: llame al {phone}"),
    "pay_mail": (
        "By mail: send a check payable to {practice} with the slip below",
        "Por correo: envíe un cheque a nombre de {practice} con el talón de abajo",
    ),
    "pay_plan": (
        "Cannot pay it all now? Call us to arrange monthly payments.",
        "¿No puede pagarlo todo ahora? Llámenos para acordar pagos mensuales.",
    ),
    "rights": ("Help and your rights", "Ayuda y sus derechos"),
    "assistance": (
        "Financial assistance: you may qualify for a lower bill or none. Ask us for an application; it is free.",
        "Ayuda económica: es posible que califique para pagar menos o nada. Pídanos una solicitud; es gratis.",
    ),
    "dispute": (
        "If you think this bill is wrong, call or write to us. We will look into it, and we will not send the "
        "amount in question to collections while we do.",
        "Si cree que esta factura tiene un error, llámenos o escríbanos. La revisaremos y no enviaremos a cobranza "
        "el monto en cuestión mientras tanto.",
    ),
    "interpreter": (
        "Free interpreter: call {phone}. Intérprete gratis: llame al {phone}.",
        "Intérprete gratis: llame al {phone}. Free interpreter: call {phone}.",
    ),
    "slip": ("Return this slip with your payment", "Devuelva este talón con su pago"),
    "pay_to": ("Make checks payable and mail to", "Cheques a nombre de, y por correo a"),
    "amount_enclosed": ("Amount enclosed", "Monto adjunto"),
    "page": ("Page {page} of {pages}", "Página {page} de {pages}"),
}

MONTHS: dict[str, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """All words in one language."""
    place = LANGUAGES.index(language)
    return {key: row[place] for key, row in WORDS.items()}
