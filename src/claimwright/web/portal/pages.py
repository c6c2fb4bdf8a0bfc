"""The patient's pages: the statement, each charge explained, paying, asking for a plan, writing to the office."""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from claimwright.billing.inquiries import Channel, InquiryRefused, Topic
from claimwright.billing.patient import RefusedPayment
from claimwright.claims.nouns import ZERO
from claimwright.codes.denials import patient_sentence_in
from claimwright.codes.money import AmountError, parse_amount
from claimwright.documents.statement import StatementVisit, amount_text, date_text, phone_text
from claimwright.web.arrangements.inquiries import open_inquiry
from claimwright.web.cashier.processors import takes_cards
from claimwright.web.payments.services import patient_lines
from claimwright.web.portal.checkout import begin_statement_payment
from claimwright.web.portal.entry import SESSION, behind
from claimwright.web.portal.language import language_of
from claimwright.web.portal.words import words
from claimwright.web.statements.models import StatementLink, StatementPart
from claimwright.web.statements.services import document_of, pdf_of

WORDS_LONGEST = 2000
_ATTEMPT = re.compile(r"[0-9a-f]{32}\Z")  # of one form as shown: pressing its button twice is one payment


def _open_now(part: StatementPart) -> Decimal:
    """What is still open of the patient's part: never more than was asked for on it."""
    owed = sum((line.balance for line in patient_lines(part.statement.patient_id)), ZERO)
    return max(ZERO, min(owed, part.statement.amount_due))


def _parts(link: StatementLink) -> list[StatementPart]:
    return list(link.whole.parts.select_related("statement__patient", "statement__practice").order_by("ordinal"))


def _show(request: HttpRequest, template: str, link: StatementLink, token: str, **more: object) -> HttpResponse:
    document = document_of(link.whole)
    language = language_of(request, document.language)
    text, phone = words(language), phone_text(document.practice_phone)
    context = {
        "text": text, "token": token, "document": document, "language": language, "phone": phone,
        "help": text["help"].format(phone=phone),
    }  # fmt: skip
    return render(request, template, context | more)


@behind(reads="portal.statement")
def statement(request: HttpRequest, token: str, link: StatementLink) -> HttpResponse:
    document = document_of(link.whole)
    language = language_of(request, document.language)
    text = words(language)
    parts = [{"part": part, "open": _open_now(part)} for part in _parts(link)]
    still_open = sum((row["open"] for row in parts), ZERO)  # type: ignore[misc]
    return _show(
        request, "portal/statement.html", link, token,
        title=text["statement"].format(number=document.number, date=date_text(document.issued_on, language)),
        whose=text["for"].format(patient=document.patient_name), total=amount_text(document.total_due),
        still_open=amount_text(still_open), is_open=still_open > 0,
        pay_by=text["pay_by"].format(date=date_text(document.due_on, language)),
        visits=[_figures(visit, language) for visit in document.visits],
        payments=[{"id": row["part"].pk, "name": f"{row['part'].statement.patient.first_name}",  # type: ignore[attr-defined]
                   "open": row["open"]} for row in parts if takes_cards() and row["open"] > 0],  # type: ignore[operator]
        how_to_pay="" if takes_cards() else text["pay_call"].format(phone=phone_text(document.practice_phone)),
        several=len(parts) > 1, attempt=secrets.token_hex(16),
        topics=[(one.value, text[one.value]) for one in Topic],
    )  # fmt: skip


def _figures(visit: StatementVisit, language: str) -> dict[str, object]:
    return {
        "date": date_text(visit.date_of_service, language), "service": visit.service, "provider": visit.provider,
        "patient": visit.patient, "charge": amount_text(visit.charge), "insurer_paid": amount_text(-visit.insurer_paid),
        "discount": amount_text(-visit.discount) if visit.discount else "",
        "already_paid": amount_text(-visit.already_paid) if visit.already_paid else "",
        "pending": amount_text(-visit.insurance_pending) if visit.insurance_pending else "",
        "owed": amount_text(visit.amount_owed), "reasons": _reasons(visit, language),
    }  # fmt: skip


def _reasons(visit: StatementVisit, language: str) -> list[dict[str, str]]:
    """Why the patient owes it, in the page's language where we have the sentence, else as the statement said it."""
    told = [(one, patient_sentence_in(language, one)) for one in visit.reasons]
    return [{"words": found or one, "language": language if found else ""} for one, found in told]


@behind(reads="portal.explain")
def explain(request: HttpRequest, token: str, link: StatementLink) -> HttpResponse:
    document = document_of(link.whole)
    visits = [explained(visit, language_of(request, document.language)) for visit in document.visits]
    return _show(request, "portal/explain.html", link, token, visits=visits)


def explained(visit: StatementVisit, language: str) -> dict[str, Any]:
    """One visit in sentences: what it was, what was decided and why, what the patient can do."""
    text = words(language)

    def say(key: str, amount: Decimal) -> list[str]:
        return [text[key].format(amount=amount_text(amount))] if amount else []

    was = text["said_service"].format(service=visit.service, date=date_text(visit.date_of_service, language))
    if visit.provider:
        was += " " + text["said_with"].format(provider=visit.provider)
    insured = bool(visit.insurer_paid or visit.reasons or visit.insurance_pending)
    decided = [
        *say("said_charge", visit.charge), *say("said_insurer", visit.insurer_paid),
        *([text["said_no_insurer"]] if insured and not visit.insurer_paid and not visit.insurance_pending else []),
        *say("said_discount", visit.discount), *say("said_paid", visit.already_paid),
        *say("said_pending", visit.insurance_pending), *say("said_owed", visit.amount_owed),
    ]  # fmt: skip
    if visit.amount_owed > 0:
        can = [text["do_pay"], text["do_card"] if insured else text["do_insurance"], text["do_help"]]
    else:
        can = [text["do_wait"]] if visit.insurance_pending else []
    reasons = _reasons(visit, language)
    return {"was": was, "patient": visit.patient, "decided": decided, "reasons": reasons, "can": can}


@behind(reads="portal.pdf")
def pdf(request: HttpRequest, token: str, link: StatementLink) -> HttpResponse:
    response = HttpResponse(pdf_of(link.whole), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="statement-{link.whole.number}.pdf"'
    return response


@behind(reads="portal.pay")
def pay(request: HttpRequest, token: str, link: StatementLink, part_id: UUID) -> HttpResponse:
    """Begin one payment by card. The form's own key makes a second press of the button the same payment."""
    if request.method != "POST":
        return redirect("portal_statement", token=token)
    part = get_object_or_404(StatementPart.objects.select_related("statement__patient"), pk=part_id, whole=link.whole)
    document = document_of(link.whole)
    text, phone = words(language_of(request, document.language)), phone_text(document.practice_phone)
    try:
        amount = parse_amount(request.POST.get("amount", "").replace("$", "").replace(",", "").strip())
    except AmountError:
        amount = ZERO
    if not ZERO < amount <= _open_now(part):
        messages.error(request, text["bad_amount"])
        return redirect("portal_statement", token=token)
    attempt = request.POST.get("attempt", "")
    try:
        if not _ATTEMPT.match(attempt):
            raise RefusedPayment("the form is not one of ours")
        address = begin_statement_payment(
            statement=part.statement, amount=amount, key=f"portal/{str(part.pk)[:8]}/{attempt}"
        )
    except RefusedPayment:
        messages.error(request, text["pay_call"].format(phone=phone))
        return redirect("portal_statement", token=token)
    return redirect(address)


@behind(reads="portal.message")
def write(request: HttpRequest, token: str, link: StatementLink) -> HttpResponse:
    """A question, a dispute or a request for a plan: into the log of inquiries, answered within its days."""
    if request.method != "POST":
        return redirect("portal_statement", token=token)
    text = words(language_of(request, document_of(link.whole).language))
    said, topic = request.POST.get("words", "").strip()[:WORDS_LONGEST], request.POST.get("topic", "")
    hold: bool | None = None
    if "monthly" in request.POST:
        monthly = request.POST["monthly"].strip()[:20]
        said = (
            f"Asks for a payment plan by the link of statement {link.whole.number}: {monthly} a month"
            if monthly
            else ""
        )
        topic, hold = Topic.QUESTION.value, True
    elif said:
        said = f"Statement {link.whole.number}: {said}"
    try:
        if not said:
            raise InquiryRefused("words")
        open_inquiry(
            patient=_parts(link)[0].statement.patient, channel=Channel.PORTAL, topic=topic, words=said, hold=hold
        )
    except InquiryRefused:
        messages.error(request, text["say_what"])
    else:
        messages.success(request, text["received"])
    return redirect("portal_statement", token=token)


@behind(reads="portal.leave")
def leave(request: HttpRequest, token: str, link: StatementLink) -> HttpResponse:
    if request.method == "POST":
        request.session.pop(SESSION, None)
    return redirect("portal_link", token=token)
