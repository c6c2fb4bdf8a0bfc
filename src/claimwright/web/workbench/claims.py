"""The claims list: the newest version of every claim, filtered, sorted, in the columns of one's choice, and as a file."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from claimwright.billing.lifecycle import State
from claimwright.documents.sheets import Cell
from claimwright.web.core import clock
from claimwright.web.core.models import SavedView, User
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import TITLES
from claimwright.web.practice.models import Payer, Practice, Provider
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.claim_columns import COLUMNS, OF_HOLD, Column, chosen
from claimwright.web.workbench.claim_filters import (
    AGED,
    OUTCOMES,
    SENT_AGED,
    Order,
    as_date,
    balance_of,
    filtered,
    in_order,
    latest_versions,
    lists_of,
    order_of,
    totals,
)
from claimwright.web.workbench.claims_together import MOST_AT_ONCE, acts_for
from claimwright.web.workbench.exports import whole_file
from claimwright.web.workbench.pages import MOST_COUNTED, ROWS_PER_PAGE, BoundedPaginator, page, show, with_query
from claimwright.web.workbench.saved_views import columns_of, views_of

__all__ = ["as_date", "balance_of", "claims", "claims_csv", "filtered", "latest_versions"]

PLACES = {
    "02": "02 Telehealth", "10": "10 Telehealth, at home", "11": "11 Office", "12": "12 Home", "20": "20 Urgent care",
    "21": "21 Inpatient hospital", "22": "22 Hospital outpatient", "23": "23 Emergency room", "24": "24 Surgery center",
    "31": "31 Skilled nursing", "32": "32 Nursing facility", "81": "81 Laboratory",
}  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """One claim with its cells: (column, value) in the order of the columns."""

    version: Any
    cells: tuple[tuple[Column, Cell], ...]


class Head(msgspec.Struct, frozen=True):
    """One column's head: where a click sorts to, and how the list stands by it."""

    column: Column
    query: str
    sorted: str  # "", "ascending", "descending"
    total: Any


def _heads(columns: list[Column], order: Order, sums: dict[str, Any]) -> list[Head]:
    heads = []
    for column in columns:
        is_now = order.key == column.key
        falls_first = column.is_amount or column.kind == "date"
        backward = not order.backward if is_now else falls_first and column.kind != "limit"
        stands = ("descending" if order.backward else "ascending") if is_now else ""
        heads.append(Head(column, f"{'-' if backward else ''}{column.key}", stands, sums.get(column.total)))
    return heads


def _choices() -> dict[str, object]:
    people = User.objects.filter(tenant=current_tenant(), is_active=True).order_by("username")
    return {
        "states": [str(state) for state in State if state],
        "payers": Payer.objects.order_by("name").values("key", "name"),
        "practices": list(Practice.objects.order_by("name").values("pk", "name")),
        "providers": Provider.objects.order_by("name").values("npi", "name"),
        "places": PLACES,
        "people": list(people.values_list("username", flat=True)),
        "worklists": sorted(TITLES.items(), key=lambda pair: pair[1]),
        "ages": AGED, "sent_ages": SENT_AGED, "outcomes": OUTCOMES,
    }  # fmt: skip


def _view(request: HttpRequest, views: list[SavedView]) -> SavedView | None:
    return next((row for row in views if str(row.pk) == request.GET.get("view")), None)


@page(reads="claim.list")
def claims(request: HttpRequest) -> HttpResponse:
    wanted, username = request.GET.dict(), request.user.get_username()
    found = filtered(wanted, username=username)
    pages = BoundedPaginator(found, ROWS_PER_PAGE)
    many = pages.is_more
    order = order_of(wanted, many=many)
    if order.refused:
        messages.error(request, order.refused)
    pages.object_list = in_order(found, order, many=many)
    rows = pages.get_page(wanted.get("page"))
    views = list(views_of("claims", username))
    view = _view(request, views)
    held = bool(wanted.get("hold")) or wanted.get("state") == State.ON_HOLD
    own = (view.columns if view else None) or columns_of("claims", username)
    columns = chosen(own, also=OF_HOLD if held else ())
    today = clock.today()
    versions: list[ClaimVersion] = lists_of(list(rows.object_list))
    sums = {} if many else totals(found)
    return show(
        request,
        "workbench/claims.html",
        {
            "rows": rows, "wanted": wanted, "many": many, "most": MOST_COUNTED, "sums": sums, "order": order,
            "lines": [Row(one, tuple((column, column.cell(one, today)) for column in columns)) for one in versions],
            "heads": _heads(columns, order, sums), "columns": COLUMNS, "chosen": [column.key for column in columns],
            "views": views, "view": view, "is_filtered": bool(set(filter(wanted.get, wanted)) - {"order", "page", "view"}),
            "acts": acts_for(request), "most_at_once": MOST_AT_ONCE, "claim_states": sorted({one.state for one in versions}), **_choices(),
        },
    )  # fmt: skip


def _cell(column: Column, today: date, version: ClaimVersion) -> Cell:
    return column.cell(version, today)


@page(reads="claim.export")
def claims_csv(request: HttpRequest, form: str = "csv") -> HttpResponse:
    """The whole filtered list as CSV or Excel, with every column; refused where a person could not read it any more."""
    wanted, today = request.GET.dict(), clock.today()
    found = filtered(wanted, username=request.user.get_username())
    columns = [(column.title, partial(_cell, column, today)) for column in COLUMNS]
    return whole_file(
        request, "claims", columns, in_order(found, order_of(wanted, many=False), many=False), form=form,
        instead=with_query(reverse("claims"), **wanted),
    )  # fmt: skip
