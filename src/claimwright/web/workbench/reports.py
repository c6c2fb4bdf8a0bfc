"""Reports: aging on the basis the reader selects, the roll-forward of the receivables, and the figures of a period."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from claimwright.ledger.aging import LABELS
from claimwright.web.core import clock
from claimwright.web.practice.models import Practice
from claimwright.web.reports.books import rolled_forward
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.selectors import BASES, AgingRow, aging
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.pages import page, show
from claimwright.web.workbench.report_pages import REPORTS, as_uuid
from claimwright.web.workbench.words import BASES as BASIS_WORDS


def period(wanted: dict[str, str]) -> tuple[date, date]:
    """The days asked for, else the month of today up to today; the wrong way round is turned."""
    today = clock.today()
    start = as_date(wanted.get("from")) or today.replace(day=1)
    end = as_date(wanted.get("to")) or today
    return min(start, end), max(start, end)


def cells(row: AgingRow) -> dict[str, object]:
    return {"row": row, "amounts": [row.amounts[label] for label in LABELS]}


@page(reads="report.read")
def reports(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    start, end = period(wanted)
    basis = wanted.get("basis", "")
    practice = Practice.objects.filter(pk=as_uuid(wanted.get("practice"))).first()
    of = practice.pk if practice else None
    found = aging(as_of=end, basis=basis if basis in BASES else "service", practice=of)
    rolled = rolled_forward(start=start, end=end, by=(), dated_by="effective_date", practice=of)
    return show(
        request,
        "workbench/reports.html",
        {
            "start": start,
            "end": end,
            "basis": found.basis,
            "bases": [(key, BASIS_WORDS.get(key, key)) for key in BASES],
            "labels": LABELS,
            "aging": [cells(row) for row in found.rows],
            "aging_total": cells(found.total),
            "roll": rolled.total,
            "figures": kpis(start=start, end=end, as_of=end, practice=of),
            "practices": Practice.objects.order_by("name"),
            "practice": practice,
            "reports": [(key, title, says) for key, (title, says, _) in REPORTS.items()],
        },
    )
