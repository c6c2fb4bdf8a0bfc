"""The month of a client on a page or two, as PDF: what came in, what is owed and since when, how well the work went."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.documents.letters import _compiled


class ReportTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table as it is shown: every cell text, the first column in words, the others to the right. `last_is_sum` sets
    the last row apart."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    last_is_sum: bool = False


class ClientReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that the report says. `headline` are the figures that stand alone on top: words and value."""

    service: str
    client: str
    month: date
    made_on: date
    is_closed: bool
    headline: tuple[tuple[str, str], ...]
    tables: tuple[ReportTable, ...]


def render_client_report(report: ClientReport) -> bytes:
    """Raises ValueError for a row with other cells than its table has columns."""
    for table in report.tables:
        if any(len(row) != len(table.columns) for row in table.rows):
            raise ValueError(f"{table.title}: every row has one cell for each column")
    data = msgspec.to_builtins(report) | {"month": f"{report.month:%B %Y}", "made_on": f"{report.made_on:%m/%d/%Y}"}
    return _compiled("client_report.typ", data, report.made_on)
