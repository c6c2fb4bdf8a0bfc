"""What a person does to a held item from its remittance's page: release it out of Suspense."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.ledger.accounts import Account, Kind
from claimwright.web.payments.looked_over import post_looked_over
from claimwright.web.payments.models import ClaimPayment, ProviderAdjustment, Remittance
from claimwright.web.payments.release import ReleaseRefused, release_held, release_provider_adjustment
from claimwright.web.workbench.pages import action, back


@action(does="remittance.release_asked")
def release_claim(request: HttpRequest, claim_payment_id: UUID) -> HttpResponse:
    """A held CLP posts by the same rules, once its cause is put right."""
    held = get_object_or_404(ClaimPayment, pk=claim_payment_id)
    try:
        release_held(claim_payment=held)
        messages.success(request, "Released and posted.")
    except ReleaseRefused as refused:
        messages.error(request, f"Still held: {refused}")
    return back(request, reverse("remittance", args=[held.remittance_id]))


@action(does="remittance.release_asked")
def release_adjustment(request: HttpRequest, adjustment_id: UUID) -> HttpResponse:
    """A held PLB pair; `account` may say that a code without an account of its own is other income."""
    held = get_object_or_404(ProviderAdjustment.objects.select_related("remittance"), pk=adjustment_id)
    account = None
    if request.POST.get("account") == "other_income" and held.remittance.practice_id:
        account = Account(Kind.OTHER_INCOME, str(held.remittance.practice_id), held.code)
    try:
        release_provider_adjustment(adjustment=held, account=account)
        messages.success(request, "Released and posted.")
    except ReleaseRefused as refused:
        messages.error(request, f"Still held: {refused}")
    return back(request, reverse("remittance", args=[held.remittance_id]))


@action(does="remittance.look_asked")
def post_looked(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """What waited for a look alone posts at once; what a rule holds is told and stays held."""
    row = get_object_or_404(Remittance, pk=remittance_id)
    try:
        done = post_looked_over(remittance=row)
        messages.success(request, f"{done.posted} posted.")
        for place, why in done.still_held:
            messages.error(request, f"Still held, {place}: {why}")
    except ReleaseRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("remittance", remittance_id=row.pk)
