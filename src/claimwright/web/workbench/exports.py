"""Handing a table to a person as a file: CSV or Excel, by the address's ending."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse

from claimwright.documents.sheets import CSV_TYPE, XLSX_TYPE, Sheet, to_csv, to_xlsx
from claimwright.web.core import clock

FORMATS = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}


def asked_as(request: HttpRequest) -> str:
    """The form in which a page's list was asked for as a file, `?as=csv` or `?as=xlsx`; empty for the page itself."""
    form = request.GET.get("as", "")
    return form if form in FORMATS else ""


def list_file(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]], form: str) -> HttpResponse:
    """One list of the pages as a file of today, all of it whatever page of it was shown."""
    sheet = Sheet(title=name.replace("-", " ").capitalize(), columns=columns, rows=rows)
    return download(sheet, name=f"{name}-{clock.today().isoformat()}", form=form)


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
