"""The lists of money given back and money to get: credits and refunds, write-offs, underpayments, agencies.

Every list shows all of itself, page by page: first the rows that still ask for an act, however old they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from claimwright.billing import refund_rules, write_offs
from claimwright.billing import underpayments as rules
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.patients.selectors import by_name
from claimwright.web.payments import payer_refunds, refunds, writing_off
from claimwright.web.payments.credits import CLOSED
from claimwright.web.payments.models import Refund, Remittance, WriteOff
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries import underpaid
from claimwright.web.recoveries.models import Agency, AgencyFile, AgencyPlacement, Dispute, Underpayment
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import page, rows_of, show, waits
from claimwright.web.workbench.templatetags.workbench import bucket
from claimwright.web.workbench.words import reason_words, state_words

ZERO = Decimal("0.00")


def _state(row: Any) -> str:
    return state_words(row.state)


# Refunds and credits ---------------------------------------------------------------------------------------------------


def _payee(row: Refund) -> str:
    return row.payer.name if row.payer else str(row.patient or "")


OWED: Columns = (
    ("Owed to", _payee), ("Practice", "practice.name"), ("Line", "line_id"), ("Bucket", lambda row: bucket(row.bucket)),
    ("Held in", "held_in.trace_number"), ("Since", "identified_on"), ("Due", "due_on"), ("Days left", "days_left"),
    ("Cause", lambda row: payer_refunds.CAUSES.get(row.cause, row.cause)), ("State", _state),
    ("Payer recoups", "recoup"), ("On hold until", "hold_until"), ("Asked by", "requested_by"),
    ("Approved by", "approved_by"), ("Amount", "amount"), ("Note", "note"),
)  # fmt: skip
PAID_OUT: Columns = (
    ("Issued", "issued_on"), ("To", _payee), ("Practice", "practice.name"),
    ("How", lambda row: refunds.METHODS.get(row.method, row.method)), ("Number", "reference"), ("State", _state),
    ("Payer has it", "acknowledged_on"), ("Cleared", "cleared_on"), ("The state's from", "dormant_on"),
    ("Amount", "amount"), ("Note", "note"),
)  # fmt: skip


def _with_clocks(rows: Iterable[Refund]) -> None:
    """Give each credit the remittance it is held in, and how its days run."""
    numbers = {row.pk: row.parts[0].get("payment", "") for row in rows if row.parts}
    named = Remittance.objects.filter(number__in=filter(None, numbers.values())).defer("content")
    held = {one.number: one for one in named}
    for row in rows:
        row.held_in = held.get(numbers.get(row.pk, ""))
        row.refusable = row.key.startswith(payer_refunds.REFUSABLE)
        row.days_left = (row.due_on - clock.today()).days if row.due_on else None
        row.days_over = -row.days_left if row.days_left is not None else None
        row.look_back = refund_rules.look_back_ends(row.received_on, row.identified_on) if row.received_on else None
        row.beyond_look_back = not refund_rules.within_look_back(row.received_on, row.identified_on)


def _paid_out(wanted: str) -> QuerySet[Refund]:
    """Refunds that went out: those to pay again or to turn over to the state first, then the latest."""
    out = Refund.objects.filter(issued_on__isnull=False).select_related("payer", "patient", "practice")
    if wanted:
        named = Q(patient__in=by_name(wanted)) | Q(payer__name__icontains=wanted)
        out = out.filter(named | Q(reference__in=(wanted, wanted.upper())))
    first = Q(state="STOPPED") | Q(state__in=refund_rules.OUT, dormant_on__lte=clock.today())
    return out.annotate(waits=waits(first)).order_by("waits", "-issued_on", "pk")


@page(reads="refund.list")
def credit_list(request: HttpRequest) -> HttpResponse:
    open_rows = Refund.objects.filter(issued_on__isnull=True).exclude(state__in=CLOSED)
    owed = open_rows.select_related("payer", "patient", "practice").order_by("due_on", "identified_on", "key")
    wanted = request.GET.get("q", "").strip()
    out = _paid_out(wanted)
    file = exported(request, "credits", OWED, owed, ready=_with_clocks)
    if file or (file := exported(request, "refunds-paid-out", PAID_OUT, out, of="out")):
        return file
    shown = rows_of(request, owed)
    _with_clocks(shown.object_list)
    return show(
        request, "workbench/refunds.html",
        {
            "rows": shown, "together": payer_refunds.batches(), "buckets": INSURANCE_BUCKETS, "wanted": wanted,
            "out": rows_of(request, out, "out"), "causes": payer_refunds.CAUSES.items(),
            "methods": refunds.METHODS.items(), "to_state": refund_rules.OUT,
        },
    )  # fmt: skip


# Write-offs ------------------------------------------------------------------------------------------------------------

ASKED: Columns = (
    ("Asked on", "requested_on"), ("By", "requested_by"), ("Practice", "practice.name"), ("Patient", "person"),
    ("Service", "service"), ("Date of service", "day"), ("Line", "line_id"), ("Bucket", lambda row: bucket(row.bucket)),
    ("Reason", lambda row: reason_words(row.reason)), ("Amount", "amount"), ("Note", "note"),
)  # fmt: skip
DECIDED: Columns = (*ASKED, ("Decision", _state), ("Decided by", "decided_by"))
SMALL: Columns = (
    ("Practice", "practice.name"), ("Patient", "visit.patient"), ("Visit", "visit.date_from"),
    ("Bucket", lambda row: bucket(row["bucket"])), ("Lines", lambda row: ", ".join(row["lines"])), ("Amount", "amount"),
)  # fmt: skip


def _with_patients(rows: Iterable[WriteOff]) -> None:
    """Give each write-off of a line the patient's name and the address of the visit, to look before deciding."""
    found = ChargeLine.objects.filter(line_id__in=[row.line_id for row in rows]).select_related("patient")
    lines = {line.line_id: line for line in found}
    for row in rows:
        line = lines.get(row.line_id)
        row.address = reverse("visit", args=[line.encounter_id]) if line else ""
        row.whose = f"{line.patient}, {line.code} of {line.date_of_service:%m/%d/%Y}" if line else ""
        row.person, row.service = (str(line.patient), line.code) if line else ("", "")
        row.day = line.date_of_service if line else None


def _small(practices: Iterable[Practice]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Each small balance that payers left, and the sums of it by practice."""
    rows, sums = [], []
    for practice in practices:
        found = writing_off.small_balances(practice=practice, visits=writing_off.visits_nearly_paid(practice))
        rows += [
            {"practice": practice, "visit_id": one.encounter_id, "bucket": one.bucket, "amount": one.amount,
             "lines": sorted(one.balances)}
            for one in found
        ]  # fmt: skip
        if found:
            total = sum((one.amount for one in found), ZERO)
            sums.append({"practice": practice, "count": len(found), "amount": total})
    return rows, sums


def _with_visits(rows: Iterable[dict[str, Any]]) -> None:
    visits = Encounter.objects.filter(pk__in={row["visit_id"] for row in rows}).select_related("patient")
    named = {str(visit.pk): visit for visit in visits.defer("content")}
    for row in rows:
        row["visit"] = named.get(row["visit_id"])


@page(reads="write_off.list")
def write_off_list(request: HttpRequest) -> HttpResponse:
    practices = list(Practice.objects.order_by("name"))
    asked = WriteOff.objects.filter(state="REQUESTED").select_related("practice").order_by("requested_on", "key")
    decided = WriteOff.objects.exclude(state="REQUESTED").select_related("practice").order_by("-requested_on", "key")
    small, sums = _small(practices)
    file = exported(request, "write-offs-asked-for", ASKED, asked, ready=_with_patients)
    file = file or exported(request, "write-offs-decided", DECIDED, decided, of="decided", ready=_with_patients)
    if file or (file := exported(request, "small-balances", SMALL, small, of="small", ready=_with_visits)):
        return file
    shown, past = rows_of(request, asked), rows_of(request, decided, "decided")
    left = rows_of(request, small, "small")
    for rows in (shown, past):
        _with_patients(rows.object_list)
    _with_visits(left.object_list)
    return show(
        request, "workbench/write_offs.html",
        {
            "rows": shown, "decided": past, "small": left, "sums": sums,
            "limits": [(practice, write_offs.limits(policies_of(practice)).items()) for practice in practices],
        },
    )  # fmt: skip


# Underpayments ---------------------------------------------------------------------------------------------------------


def _cause(row: Any) -> str:
    cause = row["cause"] if isinstance(row, dict) else row.cause
    return rules.CAUSES.get(cause, cause)


LETTERS: Columns = (
    ("Practice", "practice__name"), ("Payer", "payer__name"), ("Service", "code"), ("Why", _cause),
    ("Contract", "contract_version"), ("Lines", "count"), ("Missing", "missing"),
)  # fmt: skip
CASES: Columns = (
    ("Claim", "version.control_number"), ("Date of service", "version.date_of_service"),
    ("Patient", "version.claim.patient"), ("Payer", "payer.name"), ("Line", "line_id"), ("Service", "code"),
    ("Why", _cause), ("Contract", "expected"), ("Allowed", "allowed"), ("Difference", "variance"),
    ("Recovered", "recovered"), ("Found on", "found_on"),
)  # fmt: skip
DISPUTES: Columns = (
    ("Number", "number"), ("Practice", "practice.name"), ("Payer", "payer.name"), ("Service", "code"), ("Why", _cause),
    ("State", _state), ("Made on", "made_on"), ("Sent on", "sent_on"), ("Answer due", "answer_due_on"),
    ("Answered on", "answered_on"), ("Answer", "answer"), ("Amount", "amount"),
)  # fmt: skip


@page(reads="underpayment.list")
def underpayment_list(request: HttpRequest) -> HttpResponse:
    letters = list(underpaid.open_letters())
    cases = (
        Underpayment.objects.filter(state="OPEN").select_related("payer", "version__claim__patient")
        .defer("version__content", "payer__profile", "version__claim__patient__content").order_by("-variance", "pk")
    )  # fmt: skip
    disputes = (
        Dispute.objects.select_related("payer", "practice").defer("letter")
        .annotate(waits=waits(Q(state__in=("DRAFT", "SENT"))))
        .order_by("waits", F("answer_due_on").asc(nulls_first=True), "-number")
    )  # fmt: skip
    file = exported(request, "underpaid-lines", CASES, cases)
    file = file or exported(request, "underpayments-to-dispute", LETTERS, letters, of="letters")
    if file or (file := exported(request, "disputes", DISPUTES, disputes, of="disputes")):
        return file
    under, evaluated = underpaid.underpayment_rate()
    shown = rows_of(request, letters, "letters")
    for one in shown.object_list:
        one["why"] = _cause(one)
    return show(
        request, "workbench/underpayments.html",
        {
            "letters": shown, "rows": rows_of(request, cases), "under": under, "evaluated": evaluated,
            "disputes": rows_of(request, disputes, "disputes"),
            "decisions": [(state.value, words) for state, words in rules.DECISIONS.items()],
        },
    )  # fmt: skip


# Agencies --------------------------------------------------------------------------------------------------------------

ACCOUNT = (("Account", "number"), ("Patient", "patient"), ("Record number", "patient.record_number"))
REVIEW: Columns = (*ACCOUNT, ("Final notice", "final_notice_on"), ("From", "review_on"))
PLACED: Columns = (
    *ACCOUNT, ("Agency", "agency.name"), ("Placed on", "placed_on"), ("By", "placed_by"), ("Amount then", "amount"),
)  # fmt: skip
FILES: Columns = (("When", "at"), ("Agency", "agency.name"), ("What", "kind"), ("File", "name"), ("By", "by"))


@page(reads="agency.list")
def agency_list(request: HttpRequest) -> HttpResponse:
    rows = AgencyPlacement.objects.select_related("patient", "agency").defer("patient__content")
    review = rows.filter(state="REVIEW").order_by("review_on", "number")
    placed = rows.filter(state="PLACED").order_by("-placed_on", "number")
    files = AgencyFile.objects.defer("content").select_related("agency").order_by("-at")
    file = exported(request, "accounts-to-review", REVIEW, review, of="review")
    file = file or exported(request, "accounts-placed", PLACED, placed, of="placed")
    if file or (file := exported(request, "agency-files", FILES, files, of="files")):
        return file
    return show(
        request, "workbench/agency.html",
        {
            "review": rows_of(request, review, "review"), "placed": rows_of(request, placed, "placed"),
            "agencies": Agency.objects.order_by("name"), "files": rows_of(request, files, "files"),
        },
    )  # fmt: skip
