"""The list of remittances: check, payer, amount, what posted and what is held."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from claimwright.web.payments.models import ClaimPayment, Remittance
from claimwright.web.practice.models import Payer
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.templatetags.workbench import method as method_words
from claimwright.web.workbench.words import state_words

BANK_STATES = ("AWAITING_FUNDS", "MATCHED", "NO_FUNDS")
POSTED = ("posted", "report_only", "released", "returned")


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


def _with_counts(shown: list[Remittance]) -> None:
    """Give each remittance how many claims it has, and how many of them are posted and held."""
    by_state: dict[object, dict[str, int]] = {row.pk: {} for row in shown}
    counted = ClaimPayment.objects.filter(remittance__in=by_state).order_by().values_list("remittance", "state")
    for pk, state, count in counted.annotate(count=Count("pk")):
        by_state[pk][state] = count
    for row in shown:
        found = by_state[row.pk]
        row.claims, row.held = sum(found.values()), found.get("held", 0)
        row.posted = sum(found.get(state, 0) for state in POSTED)


COLUMNS: Columns = (
    ("Paid on", "payment_date"), ("Check or EFT", "trace_number"), ("Number", "number"), ("Payer", "payer.name"),
    ("Practice", "practice.name"), ("How", lambda row: method_words(row.method)), ("Amount", "amount"),
    ("Claims", "claims"), ("Posted", "posted"), ("Held", "held"), ("State", "get_state_display"),
    ("Why", "reason"), ("Bank", lambda row: state_words(row.bank_state)), ("Received", "received_on"),
)  # fmt: skip


@page(reads="remittance.list")
def remittances(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    chosen = filtered(wanted)
    ordered = chosen.order_by(F("payment_date").desc(nulls_last=True), "-received_on", "number")
    ordered = ordered.select_related("payer", "practice").defer("content", "payer__profile", "practice__content")
    if file := exported(request, "remittances", COLUMNS, ordered, ready=_with_counts):
        return file
    rows = rows_of(request, ordered)
    _with_counts(list(rows.object_list))
    return show(
        request,
        "workbench/remittances.html",
        {
            "rows": rows,
            "wanted": wanted,
            "amount": None if rows.paginator.is_more else chosen.aggregate(total=Sum("amount"))["total"],
            "states": Remittance.State.choices,
            "bank_states": BANK_STATES,
            "payers": Payer.objects.order_by("name").values("key", "name"),
        },
    )
