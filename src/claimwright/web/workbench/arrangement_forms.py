"""What the pages of arrangements share: which patient they are about, and reading what was typed into their forms."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.financial_assistance import AssistanceRefused
from claimwright.billing.good_faith_estimates import EstimateRefused
from claimwright.billing.inquiries import InquiryRefused
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.payment_plans import PlanRefused
from claimwright.codes.money import AmountError, parse_amount
from claimwright.web.patients.models import Patient
from claimwright.web.workbench.pages import with_query

REFUSALS = (AssistanceRefused, EstimateRefused, InquiryRefused, PlanRefused, RefusedPayment, PermissionError)
NOBODY = "patient: open the page from a patient's account"


class FormFault(ValueError):
    """A field that cannot be read; the message names it."""


def patient_of(request: HttpRequest) -> Patient | None:
    """The patient the page is asked about, or None for all."""
    wanted = request.GET.get("patient") or request.POST.get("patient") or ""
    try:
        pk = UUID(wanted)
    except ValueError:
        return None
    return get_object_or_404(Patient.objects.select_related("practice", "guarantor"), pk=pk)


def amount(request: HttpRequest, name: str, *, otherwise: Decimal | None = None) -> Decimal | None:
    """Dollars as typed, with or without $ and thousands commas. Raises FormFault."""
    text = request.POST.get(name, "").strip().removeprefix("$").replace(",", "")
    if not text:
        return otherwise
    try:
        return parse_amount(text)
    except AmountError as fault:
        raise FormFault(f"{name.replace('_', ' ')}: {fault}") from None


def whole(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not text.isdigit() or len(text) > 6:
        raise FormFault(f"{name.replace('_', ' ')}: a whole number")
    return int(text)


def act(request: HttpRequest, page_name: str, done: Callable[[], str], *, patient: Any = None) -> HttpResponse:
    """Do it and say so, or say why not; then back to the page, of the patient where it was about one."""
    try:
        messages.success(request, done())
    except REFUSALS as refused:
        messages.error(request, f"Not done: {refused}.")
    except FormFault as fault:
        messages.error(request, f"Not done: {fault}.")
    except ValueError:  # an id that a form of ours does not send
        messages.error(request, "Not done: the form is not complete. Load the page again.")
    return redirect(with_query(reverse(page_name), patient=patient.pk if patient is not None else ""))


def pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(bytes(content), content_type="application/pdf")
    kept = "".join(c for c in name if c.isalnum() or c == "-")
    response["Content-Disposition"] = f'inline; filename="{kept}.pdf"'
    return response
