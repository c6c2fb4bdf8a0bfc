"""Handing a table to a person as a file: CSV or Excel, by the address's ending."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse

from claimwright.documents.sheets import CSV_TYPE, XLSX_TYPE, Sheet, to_csv, to_xlsx

FORMATS = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}


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
