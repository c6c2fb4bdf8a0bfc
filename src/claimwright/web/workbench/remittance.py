"""One remittance: the proof that it adds up, its claims, its provider adjustments and why each exception waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import balances
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.assignments import owner_of, refunds_for
from claimwright.web.payments.held_places import credits_of, key_of
from claimwright.web.payments.models import ClaimPayment, Refund, Remittance
from claimwright.web.workbench.held_payments import held_context, takeable
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.worklist import with_links

ZERO = Decimal("0.00")


class Proof(msgspec.Struct, frozen=True):
    """Sum of the claims less sum of the provider adjustments is the payment; and where that money stands."""

    claims: Decimal
    provider_adjustments: Decimal
    payment: Decimal
    suspense: Decimal

    @property
    def difference(self) -> Decimal:
        return self.claims - self.provider_adjustments - self.payment

    @property
    def adds_up(self) -> bool:
        return not self.difference


def proof(remittance: Remittance) -> Proof:
    """From what was received. `suspense` is what the ledger still holds back of it."""
    content = remittance.content
    claims = sum((Decimal(str(claim.get("paid", "0"))) for claim in content.get("claims", ())), ZERO)
    adjustments = sum((Decimal(str(row.get("amount", "0"))) for row in content.get("provider_adjustments", ())), ZERO)
    held = balances(kinds=[Kind.SUSPENSE], subjects=[remittance.number])
    # Not the row's amount: of a corrected resend that is zero, for the money came with the earlier one.
    sent = Decimal(str(content.get("amount", remittance.amount)))
    return Proof(claims, adjustments, sent, -sum(held.values(), ZERO))


def adjustment_sums(payment: ClaimPayment) -> dict[str, Decimal]:
    """Contractual, patient and other amounts of one CLP, and its deductible."""
    content = payment.content
    every = [*content.get("adjustments", ())]
    for line in content.get("lines", ()):
        every += line.get("adjustments", ())
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for item in every:
        value = Decimal(str(item["amount"]))
        sums[item["group"]] += value
        if (item["group"], item["reason"]) == ("PR", "1"):
            sums["deductible"] += value
    return {
        "contractual": sums["CO"],
        "deductible": sums["deductible"],
        "other": sums["OA"] + sums["PI"] + sums["CR"],
    }


def claim_rows(
    payments: list[ClaimPayment], fixes: dict[int, str], owed: Mapping[str, Refund] | None = None
) -> list[dict[str, Any]]:
    """`fixes` says, by segment, what to do with what is held there; `owed` which of it is on the list of credits."""
    rows = []
    for payment in payments:
        person = payment.content.get("patient", {})
        dates = [line["date_from"] for line in payment.content.get("lines", ()) if line.get("date_from")]
        rows.append(
            {
                "payment": payment,
                "fix": fixes.get(payment.segment, "") if payment.state == "held" else "",
                "owner": owner_of(payment) if payment.state == "held" else None,
                "takes": takeable(payment) if payment.state == "held" and payment.paid < 0 else [],
                "owed_back": (owed or {}).get(key_of(payment)) if payment.state == "held" else None,
                "name": ", ".join(filter(None, (person.get("last_name"), person.get("first_name")))),
                "date": payment.content.get("date_from") or min(dates, default=""),
                **adjustment_sums(payment),
            }
        )
    return rows


@page(reads="remittance.read")
def remittance(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Remittance.objects.select_related("payer", "practice", "part__file", "virtual_card").defer(
            "part__file__content"
        ),
        pk=remittance_id,
    )
    payments = found.claim_payments.select_related("version__claim__patient", "reversed_by").defer("version__content")
    if request.GET.get("state") in ("posted", "held", "report_only", "released", "returned"):
        payments = payments.filter(state=request.GET["state"])
    rows = rows_of(request, payments.order_by("segment"))
    items = WorkItem.objects.filter(
        Q(subject_type="remittance", subject_id=str(found.pk)) | Q(file_id=found.part.file_id)
    ).filter(state=WorkItem.State.OPEN)
    adjustments = list(
        found.provider_adjustments.select_related("settles__remittance", "remittance")
        .prefetch_related("settlements__remittance")
        .order_by("ordinal")
    )
    owed = credits_of(found)
    for row in adjustments:
        row.checks = refunds_for(row) if row.state == "held" else []
        row.owed_back = owed.get(key_of(row)) if row.state == "held" else None
    items = list(items.order_by("segment", "raised_on"))
    held = [one for one in items if one.subject_type == "claim_payment" and one.subject_id == str(found.pk)]
    entries = LedgerTransfer.objects.filter(payment=found.number)
    return show(
        request,
        "workbench/remittance.html",
        {
            "remittance": found,
            "proof": proof(found),
            "rows": rows,
            "claims": claim_rows(list(rows.object_list), {one.segment: one.what_to_do for one in held}, owed),
            "held": held,
            "automation": [one for one in held if one.worklist == Worklist.BEFORE_POSTING],
            "adjustments": adjustments,
            "items": with_links(items),
            "by_type": entries.values("entry_type").annotate(total=Sum("amount")).order_by("entry_type"),
            "may_release": may(request, "release_payment"),
            "may_decide": may(request, "decide_held"),
            "deposit": getattr(found, "deposit", None),
            "virtual_card": getattr(found, "virtual_card", None),
            **held_context(found),
            "card_possible": found.state in ("posted", "partial") and found.amount and found.bank_state != "MATCHED",
        },
    )
