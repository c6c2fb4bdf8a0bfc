"""Paying on the processor's hosted page: the page of one attempt, the processor's messages, and the sandbox's own page.

Nobody signs in here. Each address carries its tenant, signed (`cashier.links`); an attempt's page shows amounts and the
practice's name, and no name of a patient. No field of any of these pages takes a card or account number.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from claimwright.documents.statement import amount_text, date_text
from claimwright.web.cashier.cards import start_checkout, take_message
from claimwright.web.cashier.links import LinkRefused, checkout_address, read_checkout, read_notify
from claimwright.web.cashier.models import CardAttempt
from claimwright.web.cashier.papers import receipt_pdf
from claimwright.web.cashier.processors import MessageRefused, NoProcessor, SandboxProcessor, processor
from claimwright.web.core import clock
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.payments.models import Statement
from claimwright.web.portal.language import language_of
from claimwright.web.portal.words import words
from claimwright.web.statements.links import is_open, token_of
from claimwright.web.statements.models import StatementLink

SIGNATURE_HEADER = "Card-Signature"
LARGEST_MESSAGE_BYTES = 64_000
SANDBOX_CHOICES = (("captured", "card"), ("captured", "ach"), ("declined", "card"), ("expired", "card"))


def begin_statement_payment(*, statement: Statement, amount: Decimal, key: str = "") -> str:
    """From a statement's page: one attempt for its patient, and the address to send the patient to. In the tenant's
    scope. The same `key` is the same attempt; give one a form. Raises RefusedPayment."""
    attempt = start_checkout(
        patient=statement.patient, practice=statement.practice, amount=amount, key=key or uuid4().hex,
        statement=statement,
    )  # fmt: skip
    return checkout_address(attempt.pk)


def _opened(token: str) -> tuple[UUID, UUID]:
    try:
        return read_checkout(token)
    except LinkRefused:
        raise Http404 from None


@never_cache
@require_safe
def checkout(request: HttpRequest, token: str) -> HttpResponse:
    """Where one attempt stands: on to the processor's page, or the receipt."""
    tenant_id, attempt_id = _opened(token)
    with tenant_scope(tenant_id):
        attempt = get_object_or_404(
            CardAttempt.objects.select_related("practice", "patient", "receipt__counter"), pk=attempt_id
        )
        language = language_of(request, attempt.patient.language)
        said = _said(attempt, language)
        more = {"attempt": attempt, "token": token, "language": language, "text": words(language), "said": said}
        return render(request, "portal/checkout.html", more | {"bill": _bill(attempt)})


def _bill(attempt: CardAttempt) -> str:
    """The page of the statement that it pays, while its link is open; that page asks who one is. Else blank."""
    if attempt.statement_id is None:
        return ""
    links = StatementLink.objects.filter(whole__parts__statement=attempt.statement_id).select_related("whole")
    link = links.order_by("-made_on", "-pk").first()
    return reverse("portal_statement", args=[token_of(link)]) if link is not None and is_open(link) else ""


def _said(attempt: CardAttempt, language: str) -> list[str]:
    """The head and the sentences of an attempt's page."""
    text, amount = words(language), amount_text(attempt.amount)
    if attempt.state == "captured" and attempt.receipt is not None:
        number, day = attempt.receipt.counter.number, date_text(attempt.receipt.received_on, language)
        said = [text["pay_done"].format(amount=amount), text["pay_receipt"].format(number=number, date=day)]
        if attempt.brand:
            said.append(text["pay_card"].format(brand=attempt.brand, digits=attempt.last_four))
        if attempt.authorization_code:
            said.append(text["pay_authorization"].format(code=attempt.authorization_code))
        return said
    if attempt.state == "started":
        return [text["pay_this"].format(amount=amount), text["pay_where"]]
    why = text["pay_declined"].format(amount=amount) if attempt.state == "declined" else text["pay_closed"]
    reason = f"{attempt.reason}." if attempt.state == "declined" and attempt.reason else ""
    return [text["pay_not"], why, *([reason] if reason else []), text["pay_again"]]


@never_cache
@require_safe
def checkout_receipt(request: HttpRequest, token: str) -> HttpResponse:
    tenant_id, attempt_id = _opened(token)
    with tenant_scope(tenant_id):
        attempt = get_object_or_404(CardAttempt.objects.select_related("receipt__counter"), pk=attempt_id)
        if attempt.receipt is None:
            raise Http404
        counter = attempt.receipt.counter
        headers = {"Content-Disposition": f'inline; filename="{counter.number}.pdf"'}
        return HttpResponse(receipt_pdf(counter), content_type="application/pdf", headers=headers)


@csrf_exempt
@require_POST
def card_message(request: HttpRequest, token: str) -> HttpResponse:
    """A message of the processor. 200 once it is kept, also when it came before; 400 for anything unsigned."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_MESSAGE_BYTES:
        return HttpResponseBadRequest("too long")
    try:
        deliver(token=token, body=request.body, signature=request.headers.get(SIGNATURE_HEADER, ""))
    except (LinkRefused, MessageRefused):
        return HttpResponseBadRequest("refused")
    return HttpResponse("kept", content_type="text/plain")


def deliver(*, token: str, body: bytes, signature: str) -> None:
    """One message into its tenant, in one transaction. Raises LinkRefused or MessageRefused, and keeps nothing."""
    with tenant_scope(read_notify(token)):
        try:
            made_by = processor()
        except NoProcessor:
            raise MessageRefused("this office has no card processor") from None
        with acting_as(f"card processor {made_by.name}"):
            take_message(message=made_by.read_message(body=body, signature=signature, now=clock.now()))


# The sandbox's own page -----------------------------------------------------------------------------------------------


@never_cache
def card_sandbox(request: HttpRequest, token: str) -> HttpResponse:
    """What a processor's page would be: choose an outcome; a signed message goes out, and back to the attempt."""
    sandbox = SandboxProcessor()
    try:
        session, amount, description, to, notify = sandbox.read_page(token)
        key = resolve(notify).kwargs["token"]
        with tenant_scope(read_notify(key)):
            if not isinstance(processor(), SandboxProcessor):
                raise Http404
            now = clock.now()  # a demonstration's calendar may stand still
    except (MessageRefused, LinkRefused, NoProcessor):
        raise Http404 from None
    if request.method == "POST":
        outcome, _, means = request.POST.get("choice", "").partition(":")
        if (outcome, means) in SANDBOX_CHOICES:
            said = sandbox.outcome(
                session=session, amount=amount, outcome=outcome, means=means, on=now.date().isoformat()
            )
            body = sandbox.message(said)
            deliver(token=key, body=body, signature=sandbox.sign(body, now))
        return redirect(to)
    return render(request, "portal/card_sandbox.html", {"amount": amount, "description": description})
