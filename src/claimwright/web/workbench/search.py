"""The search box on every page: a number goes straight to its page, anything else to the claims it matches."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import Remittance
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.pages import page, with_query
from claimwright.web.workbench.patients import found_by
from claimwright.web.workbench.policies import may


@page()
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if not text:
        return redirect("claims")
    version = (
        ClaimVersion.objects.filter(control_number__iexact=text).first()
        or ClaimVersion.objects.filter(payer_claim_number__iexact=text).order_by("-number").first()
    )
    if version:
        return redirect(with_query(reverse("claim", args=[version.claim_id]), version=version.number))
    remittance = Remittance.objects.filter(trace_number__iexact=text).order_by("-received_on").first()
    if remittance and may(request, "remittance"):
        return redirect("remittance", remittance_id=remittance.pk)
    patients: list[Patient] = list(found_by(text)[:2])
    if len(patients) == 1:
        return redirect("patient", patient_id=patients[0].pk)
    return redirect(with_query(reverse("patients" if patients else "claims"), q=text))
