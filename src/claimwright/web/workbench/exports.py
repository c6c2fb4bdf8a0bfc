"""Handing a list to a person as a file, CSV or Excel: the whole of it as it is filtered, whatever page of it is shown.

A list says once what a row of its file holds (`Columns`), a view asks `exported` before it pages the same rows, and the
page shows the two buttons of `_export.html`. How much one file may hold is decided here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from claimwright.documents.sheets import CSV_TYPE, XLSX_TYPE, Cell, Sheet, to_csv, to_xlsx
from claimwright.web.core import clock

FORMATS = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
MOST_ROWS = 50_000  # of one file: it is made whole in memory
AT_ONCE = 500  # rows completed together

# (heading, what a row has there): names with dots between, of attributes or of keys, or a function of the row.
Columns = Sequence[tuple[str, str | Callable[[Any], object]]]
Ready = Callable[[list[Any]], Iterable[Any] | None]


def asked_as(request: HttpRequest) -> str:
    """The form in which a page's list was asked for as a file, `?as=csv` or `?as=xlsx`; empty for the page itself."""
    form = request.GET.get("as", "")
    return form if form in FORMATS else ""


def exported(
    request: HttpRequest, name: str, columns: Columns, rows: QuerySet[Any] | Sequence[Any], *, of: str = "",
    ready: Ready | None = None, most: int = MOST_ROWS, about: tuple[tuple[str, Cell], ...] = (),
) -> HttpResponse | None:  # fmt: skip
    """The list as a file of today where the address asks for one, else None and the page goes on.

    `rows` are all that match, in their order. `ready` completes some hundred of them at a time, as the page completes
    those it shows: in place, or by what it returns. `of` names the list on a page of several (`?of=`). More than `most`
    rows make no file: the page comes back and says so.
    """
    form = asked_as(request)
    if not form or request.GET.get("of", "") != of:
        return None
    kept = request.GET.copy()
    for key in ("as", "of"):
        kept.pop(key, None)
    page = f"{request.path}?{kept.urlencode()}" if kept else request.path
    return whole_file(
        request, name, columns, rows, form=form, instead=page, ready=ready, most=most, about=about
    )  # fmt: skip


def whole_file(
    request: HttpRequest, name: str, columns: Columns, rows: QuerySet[Any] | Sequence[Any], *, form: str, instead: str,
    ready: Ready | None = None, most: int = MOST_ROWS, about: tuple[tuple[str, Cell], ...] = (), title: str = "",
) -> HttpResponse:  # fmt: skip
    """As `exported`, for a list whose file has an address of its own; `instead` is that of its page."""
    if _holds_more(rows, most):
        messages.error(request, f"One file holds {most:,} rows at most, and this list is longer: narrow it first.")
        return redirect(instead)
    cells = [_cell_of(path) for _, path in columns]
    held = [tuple(_plain(cell(row)) for cell in cells) for row in _completed(rows, ready)]
    sheet = Sheet(
        title=title or name.replace("-", " ").capitalize(), columns=tuple(heading for heading, _ in columns), rows=held,
        about=about,
    )  # fmt: skip
    response = download(sheet, name=f"{name}-{clock.today().isoformat()}", form=form)
    response.audit_detail = f"{len(held)} rows as {form}"  # type: ignore[attr-defined]  # see pages.page
    return response


def _holds_more(rows: QuerySet[Any] | Sequence[Any], most: int) -> bool:
    if isinstance(rows, Sequence):
        return len(rows) > most
    return rows.order_by().values("pk")[: most + 1].count() > most


def _completed(rows: QuerySet[Any] | Sequence[Any], ready: Ready | None) -> Iterator[Any]:
    every = iter(rows) if isinstance(rows, Sequence) else rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(every, AT_ONCE)):
        made = ready(some) if ready else None
        yield from some if made is None else made


def _cell_of(path: str | Callable[[Any], object]) -> Callable[[Any], object]:
    if not isinstance(path, str):
        return path
    steps = path.split(".")

    def cell(row: Any) -> object:
        for step in steps:
            if row is None:
                return None
            row = itemgetter(step)(row) if isinstance(row, dict) else getattr(row, step)
            row = row() if callable(row) else row
        return row

    return cell


def _plain(value: object) -> Cell:
    return value if value is None or isinstance(value, (str, int, Decimal, date)) else str(value)


def download(sheet: Sheet | Sequence[Sheet], *, name: str, form: str) -> HttpResponse:
    """`name` without its ending; `form` is csv or xlsx. A CSV holds the first table only.

    The file is made whole before it is sent: rows of a tenant can only be read while the request's scope is open.
    """
    if form not in FORMATS:
        raise Http404
    sheets = [sheet] if isinstance(sheet, Sheet) else list(sheet)
    content = to_csv(sheets[0]) if form == "csv" else to_xlsx(sheets)
    return as_file(content, name=f"{name}.{form}", content_type=FORMATS[form])


def as_file(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
