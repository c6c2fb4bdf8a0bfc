"""One remittance: the proof that it adds up, its claims, its provider adjustments and why each exception waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import balances
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.assignments import owners_of, refunds_for_each
from claimwright.web.payments.held_places import credits_of, key_of
from claimwright.web.payments.models import ClaimPayment, Refund, Remittance
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.held_payments import held_context, takeable_of
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.words import state_words
from claimwright.web.workbench.worklist import with_links

ZERO = Decimal("0.00")
STATES = ("held", "posted", "report_only", "released", "returned")


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
    waiting = [payment for payment in payments if payment.state == "held"]
    owners, takes = owners_of(waiting), takeable_of([payment for payment in waiting if payment.paid < 0])
    rows = []
    for payment in payments:
        person = payment.content.get("patient", {})
        dates = [line["date_from"] for line in payment.content.get("lines", ()) if line.get("date_from")]
        rows.append(
            {
                "payment": payment,
                "fix": fixes.get(payment.segment, "") if payment.state == "held" else "",
                "owner": owners.get(payment.pk),
                "takes": takes.get(payment.pk, []),
                "owed_back": (owed or {}).get(key_of(payment)) if payment.state == "held" else None,
                "name": ", ".join(filter(None, (person.get("last_name"), person.get("first_name")))),
                "date": payment.content.get("date_from") or min(dates, default=""),
                **adjustment_sums(payment),
            }
        )
    return rows


def tabs(found: Remittance, chosen: str) -> list[dict[str, Any]]:
    """All its claims, those held and those posted, and what else there is: key, words, count, whether it is shown."""
    counts = dict(found.claim_payments.order_by().values_list("state").annotate(count=Count("pk")))
    keys = ["", "held", "posted", *(key for key in STATES[2:] if counts.get(key))]
    words = {"": "All", "posted": "Posted", "held": "Held"}
    return [
        {
            "key": key, "words": words.get(key) or state_words(key), "here": key == chosen,
            "count": counts.get(key, 0) if key else sum(counts.values()),
        }
        for key in keys
    ]  # fmt: skip


def searched(payments: QuerySet[ClaimPayment], wanted: Mapping[str, str]) -> QuerySet[ClaimPayment]:
    """Of one remittance: by state, and by a claim's number, ours or theirs, or a patient's name as the payer has it."""
    if wanted.get("state") in STATES:
        payments = payments.filter(state=wanted["state"])
    for word in wanted.get("q", "").replace(",", " ").split()[:5]:
        payments = payments.filter(
            Q(control_number__icontains=word) | Q(payer_claim_number__icontains=word)
            | Q(content__patient__last_name__icontains=word) | Q(content__patient__first_name__icontains=word)
        )  # fmt: skip
    return payments


def open_items(found: Remittance) -> QuerySet[WorkItem]:
    """What waits for a person about this remittance, and about its file as a whole; not about others in the file."""
    return WorkItem.objects.filter(
        Q(subject_type__in=("remittance", "claim_payment"), subject_id=str(found.pk))
        | Q(subject_type="inbox_part", subject_id=str(found.part_id))
        | Q(subject_type="inbox_file", subject_id=str(found.part.file_id)),
        state=WorkItem.State.OPEN,
    )


CLAIMS: Columns = (
    ("Claim", "payment.control_number"), ("Payer's claim", "payment.payer_claim_number"), ("Patient", "name"),
    ("Date", "date"), ("Status", "payment.status"), ("Charge", "payment.charge"), ("Paid", "payment.paid"),
    ("Contractual", "contractual"), ("Deductible", "deductible"),
    ("Patient responsibility", "payment.patient_responsibility"), ("Other", "other"),
    ("State", lambda row: state_words(row["payment"].state)), ("Why held", "payment.reason"), ("What to do", "fix"),
    ("Segment", "payment.segment"),
)  # fmt: skip
PAIRS: Columns = (
    ("Code", "code"), ("Reference", "reference"), ("Amount", "amount"), ("State", lambda row: state_words(row.state)),
    ("Account", "offset_subject"), ("Note", "note"),
)  # fmt: skip
TO_DO: Columns = (
    ("Raised on", "raised_on"), ("Due", "due_date"), ("List", "worklist"), ("Reason code", "reason_code"),
    ("Reason", "reason"), ("What to do", "what_to_do"), ("Claim", "claim_number"), ("Segment", "segment"),
    ("Amount", "amount"), ("Owner", "owner"),
)  # fmt: skip


def _fixes(held: QuerySet[WorkItem], payments: Iterable[ClaimPayment]) -> dict[int, str]:
    """What to do with those of the payments that are held, by segment."""
    places = [row.segment for row in payments if row.state == "held"]
    return dict(held.filter(segment__in=places).values_list("segment", "what_to_do")) if places else {}


@page(reads="remittance.read")
def remittance(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Remittance.objects.select_related("payer", "practice", "part__file", "virtual_card").defer(
            "part__file__content"
        ),
        pk=remittance_id,
    )
    every = found.claim_payments.select_related("version__claim__patient", "reversed_by")
    every = every.defer("version__content", "working", "reversed_by__content", "reversed_by__working")
    every = searched(every, request.GET).order_by("segment")
    mine = open_items(found)
    held = mine.filter(subject_type="claim_payment")
    waiting = mine.order_by("segment", "raised_on", "key")
    pairs = found.provider_adjustments.order_by("ordinal")
    owed = credits_of(found)

    def told(several: list[ClaimPayment]) -> list[dict[str, Any]]:
        return claim_rows(several, _fixes(held, several), owed)

    name = f"remittance-{found.number}"
    file = exported(request, f"{name}-claims", CLAIMS, every, ready=told)
    file = file or exported(request, f"{name}-adjustments", PAIRS, pairs, of="pairs")
    if file or (file := exported(request, f"{name}-to-do", TO_DO, waiting, of="todo")):
        return file
    rows = rows_of(request, every)
    of_lists = list(held.order_by().values("worklist").annotate(count=Count("pk"), total=Sum("amount")))
    to_do = rows_of(request, waiting, asked="todo")
    with_links(list(to_do.object_list), here=request.path)
    adjustments = list(
        pairs.select_related("settles__remittance", "remittance").prefetch_related("settlements__remittance")
    )
    checks = refunds_for_each([row for row in adjustments if row.state == "held"])
    for row in adjustments:
        row.checks = checks.get(row.pk, [])
        row.owed_back = owed.get(key_of(row)) if row.state == "held" else None
    entries = LedgerTransfer.objects.filter(payment=found.number)
    return show(
        request,
        "workbench/remittance.html",
        {
            "remittance": found,
            "proof": proof(found),
            "rows": rows,
            "claims": told(list(rows.object_list)),
            "wanted": request.GET,
            "tabs": tabs(found, request.GET.get("state", "")),
            "held": sorted(of_lists, key=lambda one: (-one["count"], one["worklist"])),
            "looks": sum(one["count"] for one in of_lists if one["worklist"] == Worklist.BEFORE_POSTING),
            "adjustments": adjustments,
            "to_do": to_do,
            "by_type": entries.values("entry_type").annotate(total=Sum("amount")).order_by("entry_type"),
            "may_release": may(request, "release_payment"),
            "may_decide": may(request, "decide_held"),
            "deposit": getattr(found, "deposit", None),
            "virtual_card": getattr(found, "virtual_card", None),
            **held_context(found),
            "card_possible": found.state in ("posted", "partial") and found.amount and found.bank_state != "MATCHED",
        },
    )
