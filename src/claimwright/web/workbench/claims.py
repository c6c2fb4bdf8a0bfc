"""The claims list: the newest version of every claim, filtered, with where its money stands."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from claimwright.billing.lifecycle import State
from claimwright.documents.sheets import Cell, Sheet
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import TITLES
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
from claimwright.web.workbench.adjudications import latest_of
from claimwright.web.workbench.exports import download
from claimwright.web.workbench.pages import page, rows_of, show

ZERO = Decimal("0.00")
FILING_WARNING_DAYS = 15
ROWS_PER_EXPORT_STEP = 500
UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY, State.ON_HOLD, State.FILE_REJECTED)
ORDERS = {
    "dos": ("-date_of_service", "control_number"),
    "oldest": ("date_of_service", "control_number"),
    "charge": ("-total_charge", "control_number"),
    "limit": (F("filing_deadline").asc(nulls_last=True), "control_number"),
    "patient": ("claim__patient__last_name", "claim__patient__first_name", "date_of_service", "control_number"),
}

BALANCE_OF_CHOSEN = """
    WITH chosen AS ({chosen}),
    lines AS (SELECT l.line_id, c.bucket FROM charges_chargeline l JOIN chosen c ON c.encounter = l.encounter_id)
    SELECT COALESCE((SELECT sum(t.amount) FROM accounts_ledgertransfer t JOIN lines l
                     ON t.debit_subject = l.line_id AND t.debit_bucket = l.bucket
                     WHERE t.debit_kind = 'RECEIVABLE'), 0)
         - COALESCE((SELECT sum(t.amount) FROM accounts_ledgertransfer t JOIN lines l
                     ON t.credit_subject = l.line_id AND t.credit_bucket = l.bucket
                     WHERE t.credit_kind = 'RECEIVABLE'), 0)
"""


def latest_versions() -> QuerySet[ClaimVersion]:
    later = ClaimVersion.objects.filter(claim=OuterRef("claim"), number__gt=OuterRef("number"))
    return ClaimVersion.objects.filter(~Exists(later))


def as_date(text: str | None) -> date | None:
    """A date from a form; what is no date filters nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def filtered(wanted: dict[str, str]) -> QuerySet[ClaimVersion]:
    """The newest versions that match the form: state, payer, dates of service, worklist, filing limit, text."""
    found = latest_versions()
    if wanted.get("state"):
        found = found.filter(state=wanted["state"])
    if wanted.get("payer"):
        found = found.filter(claim__payer__key=wanted["payer"])
    if start := as_date(wanted.get("from")):
        found = found.filter(date_of_service__gte=start)
    if end := as_date(wanted.get("to")):
        found = found.filter(date_of_service__lte=end)
    if wanted.get("worklist"):
        items = WorkItem.objects.filter(state=WorkItem.State.OPEN, worklist=wanted["worklist"])
        found = found.filter(control_number__in=items.exclude(claim_number="").values("claim_number"))
    if wanted.get("limit") == "near":
        limit = clock.today() + timedelta(days=FILING_WARNING_DAYS)
        found = found.filter(state__in=UNSENT, filing_deadline__lte=limit)
    for word in wanted.get("q", "").split()[:5]:
        found = found.filter(
            Q(control_number__iexact=word)
            | Q(payer_claim_number__iexact=word)
            | Q(claim__patient__last_name__istartswith=word.rstrip(","))
            | Q(claim__patient__first_name__istartswith=word)
            | Q(claim__patient__record_number__iexact=word)
            | Q(claim__coverage__member_id__iexact=word)
        )
    return found


def balance_of(chosen: QuerySet[ClaimVersion]) -> Decimal:
    """What the payers of the chosen claims still owe, over all pages."""
    if not chosen.exists():
        return ZERO
    pairs = chosen.order_by().values(encounter=F("claim__encounter_id"), bucket=F("claim__bucket"))
    text, values = pairs.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(BALANCE_OF_CHOSEN.format(chosen=text), values)
        (total,) = cursor.fetchone()
    return total


def money_of(versions: list[ClaimVersion]) -> list[ClaimVersion]:
    """Give each version what its row shows: balances, what the payer said, its last step, its worklists."""
    encounters = {version.claim.encounter_id for version in versions}
    lines: dict[object, list[str]] = defaultdict(list)
    for encounter, line in ChargeLine.objects.filter(encounter__in=encounters).values_list("encounter_id", "line_id"):
        lines[encounter].append(line)
    balances = line_balances(line for group in lines.values() for line in group)
    ids = [version.pk for version in versions]
    payments: dict[object, list[ClaimPayment]] = defaultdict(list)
    for payment in ClaimPayment.objects.filter(version__in=ids).order_by("remittance__posted_at", "segment"):
        payments[payment.version_id].append(payment)
    last = dict(ClaimEvent.objects.filter(version__in=ids).values_list("version").annotate(Max("on")))
    lists: dict[str, set[str]] = defaultdict(set)
    numbers = [version.control_number for version in versions]
    open_items = WorkItem.objects.filter(state=WorkItem.State.OPEN, claim_number__in=numbers)
    for number, name in open_items.values_list("claim_number", "worklist"):
        lists[number].add(name)
    today = clock.today()
    for version in versions:
        own = [balances[line] for line in lines[version.claim.encounter_id]]
        version.balance = sum((line.get(version.claim.bucket, ZERO) for line in own), ZERO)
        version.patient_balance = sum((line.get("PAT", ZERO) for line in own), ZERO)
        version.said = latest_of(payments[version.pk])
        version.adjudicated = bool(payments[version.pk])
        version.last_step = last.get(version.pk)
        version.idle_days = (today - version.last_step).days if version.last_step else None
        version.age_days = _age(version.date_of_service, today)
        version.worklists = sorted(lists[version.control_number])
        unsent = version.state in UNSENT and version.filing_deadline
        version.limit_days = (version.filing_deadline - today).days if unsent else None
    return versions


def _in_order(chosen: QuerySet[ClaimVersion], wanted: dict[str, str]) -> QuerySet[ClaimVersion]:
    order = ORDERS.get(wanted.get("order", ""), ORDERS["dos"])
    return chosen.select_related("claim__patient", "claim__payer").defer("content").order_by(*order)


def _age(service: date | None, today: date) -> int | None:
    """Days since the visit; none for a day that has not come, which an edit stops."""
    return (today - service).days if service is not None and service <= today else None


@page(reads="claim.list")
def claims(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    chosen = filtered(wanted)
    rows = rows_of(request, _in_order(chosen, wanted))
    money_of(list(rows.object_list))
    return show(
        request,
        "workbench/claims.html",
        {
            "rows": rows,
            "wanted": wanted,
            "charge": chosen.aggregate(total=Sum("total_charge"))["total"] or ZERO,
            "balance": balance_of(chosen),
            "states": [str(state) for state in State if state],
            "owners": any(row.claim.owner for row in rows.object_list),
            "payers": Payer.objects.order_by("name").values("key", "name"),
            "worklists": sorted(TITLES.items(), key=lambda pair: pair[1]),
        },
    )


COLUMNS = (
    "Claim", "Date of service", "Patient", "Record number", "Payer", "Sequence", "State", "Outcome", "Charge",
    "Allowed", "Paid", "Patient responsibility", "Payer balance", "Patient balance", "Age in days",
    "Days since last step", "Filing limit", "Last reason", "Owner",
)  # fmt: skip


def _cells(version: ClaimVersion) -> list[Cell]:
    claim, said = version.claim, version.said
    return [
        version.control_number, version.date_of_service, str(claim.patient), claim.patient.record_number,
        claim.payer.name, claim.sequence, version.state, version.outcome, version.total_charge, said.allowed,
        said.paid if version.adjudicated else None, said.patient_responsibility, version.balance,
        version.patient_balance, version.age_days, version.idle_days, version.filing_deadline, said.last_reason,
        claim.owner,
    ]  # fmt: skip


@page(reads="claim.export")
def claims_csv(request: HttpRequest, form: str = "csv") -> HttpResponse:
    """The whole filtered list as CSV or Excel."""
    wanted = request.GET.dict()
    every = list(_in_order(filtered(wanted), wanted))
    for start in range(0, len(every), ROWS_PER_EXPORT_STEP):
        money_of(every[start : start + ROWS_PER_EXPORT_STEP])
    sheet = Sheet(title="Claims", columns=COLUMNS, rows=[_cells(version) for version in every])
    return download(sheet, name=f"claims-{clock.today().isoformat()}", form=form)
