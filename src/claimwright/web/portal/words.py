"""What the patient's pages say, English and Spanish side by side: one key, one row, both languages."""

from __future__ import annotations

LANGUAGES = ("en", "es")

WORDS: dict[str, tuple[str, str]] = {
    "your_bill": ("Your bill", "Su factura"),
    "statement": ("Statement {number} of {date}", "Estado de cuenta {number} del {date}"),
    "for": ("For {patient}", "Para {patient}"),
    "owed": ("Amount on this statement", "Monto de este estado de cuenta"),
    "open_now": ("Still open today", "Pendiente hoy"),
    "pay_by": ("Please pay by {date}", "Pague antes del {date}"),
    "paid_all": ("Nothing is open on this statement any more. Thank you.", "Ya no hay nada pendiente. Gracias."),
    "visits": ("Your visits", "Sus consultas"),
    "charge": ("Charge", "Cargo"),
    "insurer_paid": ("Insurance paid", "Pagó el seguro"),
    "discount": ("Discount", "Descuento"),
    "already_paid": ("You paid", "Usted pagó"),
    "pending": ("Still with your insurance", "Pendiente con su seguro"),
    "you_owe": ("You owe", "Usted debe"),
    "explain": ("Explain my bill", "Explicar mi factura"),
    "download": ("The statement as PDF", "El estado de cuenta en PDF"),
    "back": ("Back to the bill", "Volver a la factura"),
    "leave": ("Close this page for good", "Cerrar y salir"),
    "pay": ("Pay", "Pagar"),
    "pay_amount": ("Amount to pay now", "Monto a pagar ahora"),
    "pay_call": ("To pay, call {phone} or mail a check.", "Para pagar, llame al {phone} o envíe un cheque."),
    "plan": ("Ask for monthly payments", "Pedir pagos mensuales"),
    "plan_amount": ("What I can pay each month", "Lo que puedo pagar cada mes"),
    "plan_send": ("Send the request", "Enviar la solicitud"),
    "message": ("Ask a question or tell us that something is wrong", "Hacer una pregunta o decirnos que algo está mal"),
    "topic": ("What it is about", "De qué se trata"),
    "amount": ("The amount is wrong", "El monto está mal"),
    "not_received": ("I did not get this service", "No recibí este servicio"),
    "insurance_not_billed": ("My insurance was not billed", "No se le cobró a mi seguro"),
    "identity": ("This is not me", "Esta persona no soy yo"),
    "quality": ("I was not content with the care", "No quedé conforme con la atención"),
    "question": ("I have a question", "Tengo una pregunta"),
    "your_words": ("In your words", "Con sus palabras"),
    "message_send": ("Send", "Enviar"),
    "received": (
        "We have it, and answer within ten business days. Meanwhile no reminder is sent.",
        "Lo recibimos y responderemos en diez días hábiles. Mientras tanto no enviamos recordatorios.",
    ),
    "say_what": ("Please write what it is about.", "Por favor escriba de qué se trata."),
    "bad_amount": ("Enter an amount above zero, at most what is open.", "Escriba un monto mayor que cero, hasta lo pendiente."),
    "help": (
        "Financial assistance: you may owe less or nothing. Ask for the free application: {phone}.",
        "Ayuda económica: es posible que deba menos o nada. Pida la solicitud gratuita: {phone}.",
    ),
    "what_it_was": ("What it was", "Qué fue"),
    "what_was_decided": ("What was decided, and why", "Qué se decidió y por qué"),
    "what_you_can_do": ("What you can do", "Qué puede hacer"),
    "said_service": ("{service} on {date}", "{service}, {date}"),
    "said_with": ("with {provider}", "con {provider}"),
    "said_charge": ("We charged {amount}.", "Cobramos {amount}."),
    "said_insurer": ("Your insurance paid {amount} of it.", "Su seguro pagó {amount}."),
    "said_no_insurer": ("Your insurance paid nothing of it.", "Su seguro no pagó nada."),
    "said_discount": (
        "{amount} was taken off. You do not owe that part.",
        "Se descontaron {amount}. Usted no debe esa parte.",
    ),
    "said_paid": ("You paid {amount} already. Thank you.", "Usted ya pagó {amount}. Gracias."),
    "said_pending": (
        "{amount} is still with your insurance. You do not owe it now.",
        "{amount} siguen pendientes con su seguro. No los debe por ahora.",
    ),
    "said_owed": ("That leaves {amount} for you.", "Quedan {amount} a su cargo."),
    "do_wait": ("Nothing now. We tell you when the insurance has decided.", "Nada por ahora. Le avisaremos cuando el seguro decida."),
    "do_pay": ("Pay it, or ask for monthly payments.", "Páguelo, o pida pagos mensuales."),
    "do_card": (
        "Not what you expected from your plan? Call the number on your insurance card, or write to us: we look at it "
        "with you, and an appeal costs nothing.",
        "¿No es lo que esperaba de su plan? Llame al número de su tarjeta del seguro, o escríbanos: lo revisamos con "
        "usted, y apelar no cuesta nada.",
    ),
    "do_insurance": (
        "Had insurance that day? Tell us and we bill it; you do not pay meanwhile.",
        "¿Tenía seguro ese día? Díganos y le cobramos al seguro; mientras tanto no paga.",
    ),
    "do_help": ("Too much for you? Ask for financial assistance.", "¿Es demasiado para usted? Pida ayuda económica."),
    "steps": ("On this page", "En esta página"),
    "reasons": ("Why", "Por qué"),
    "payment_to": ("Payment to {practice}", "Pago a {practice}"),
    "pay_this": ("Pay {amount}", "Pagar {amount}"),
    "pay_where": (
        "You enter your card or bank account on the payment page of our processor. We never see its number.",
        "Usted escribe los datos de su tarjeta o cuenta en la página de pago de nuestro procesador. Nunca vemos el número.",
    ),
    "pay_go": ("Go to the payment page", "Ir a la página de pago"),
    "pay_done": ("Thank you: {amount} is paid", "Gracias: {amount} está pagado"),
    "pay_receipt": ("Receipt {number} of {date}.", "Recibo {number} del {date}."),
    "pay_card": ("{brand} ending {digits}.", "{brand} que termina en {digits}."),
    "pay_authorization": ("Authorization {code}.", "Autorización {code}."),
    "pay_receipt_file": ("Receipt (PDF)", "Recibo (PDF)"),
    "pay_retry": ("Open the bill and try again", "Abrir la factura e intentar de nuevo"),
    "pay_not": ("Not paid", "No se pagó"),
    "pay_declined": ("The payment of {amount} was declined.", "El pago de {amount} fue rechazado."),
    "pay_closed": ("The payment page was closed.", "La página de pago se cerró."),
    "pay_again": (
        "Nothing was taken. Open your statement's link to try again, or call us.",
        "No se cobró nada. Abra el enlace de su estado de cuenta para intentar de nuevo, o llámenos.",
    ),
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """All words in one language, English for a language without them."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {key: row[place] for key, row in WORDS.items()}
