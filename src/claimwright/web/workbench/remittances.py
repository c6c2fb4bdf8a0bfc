"""The list of remittances: check, payer, amount, what posted and what is held."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from claimwright.web.payments.models import Remittance
from claimwright.web.practice.models import Payer
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.pages import page, rows_of, show


def filtered(wanted: dict[str, str]) -> QuerySet[Remittance]:
    found = Remittance.objects.all()
    if wanted.get("state") in Remittance.State.values:
        found = found.filter(state=wanted["state"])
    if wanted.get("payer"):
        found = found.filter(payer__key=wanted["payer"])
    if wanted.get("bank"):
        found = found.filter(bank_state=wanted["bank"])
    if start := as_date(wanted.get("from")):
        found = found.filter(payment_date__gte=start)
    if end := as_date(wanted.get("to")):
        found = found.filter(payment_date__lte=end)
    if text := wanted.get("q", "").strip():
        found = found.filter(Q(trace_number__icontains=text) | Q(number__iexact=text))
    return found


@page(reads="remittance.list")
def remittances(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    chosen = filtered(wanted)
    rows = (
        chosen.select_related("payer")
        .defer("content")
        .annotate(
            claims=Count("claim_payments"),
            posted=Count(
                "claim_payments", filter=Q(claim_payments__state__in=["posted", "report_only", "released", "returned"])
            ),
            held=Count("claim_payments", filter=Q(claim_payments__state="held")),
        )
        .order_by(F("payment_date").desc(nulls_last=True), "-received_on", "number")
    )
    return show(
        request,
        "workbench/remittances.html",
        {
            "rows": rows_of(request, rows),
            "wanted": wanted,
            "amount": chosen.aggregate(total=Sum("amount"))["total"],
            "states": Remittance.State.choices,
            "bank_states": chosen.order_by("bank_state").values_list("bank_state", flat=True).distinct(),
            "payers": Payer.objects.order_by("name").values("key", "name"),
        },
    )
