"""Calls about reports. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.reports import CostOut, CostOutPage, EnterCost, FigureOut, ReportOut, SeriesOut, TableOut


class Reports:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_reports(self) -> list[ReportOut]:
        """The reports there are."""
        found: list[ReportOut] = self._ask("GET", "/reports", list[ReportOut])
        return found

    def read_report(self, *, report: str, start: date | None = None, end: date | None = None, practice_id: UUID | None = None, payer_id: UUID | None = None, provider: str = "", location: str = "", by: str = "", basis: str = "", offset: int = 0) -> TableOut:
        """One report of these days, 1,000 rows from `offset` on; the month of today unless days are given."""
        found: TableOut = self._ask("GET", f"/reports/{place(report)}", TableOut, query={"start": start, "end": end, "practice_id": practice_id, "payer_id": payer_id, "provider": provider, "location": location, "by": by, "basis": basis, "offset": offset})
        return found

    def list_figures(self, *, start: date | None = None, end: date | None = None, practice_id: UUID | None = None) -> list[FigureOut]:
        """Every figure, each with its part and its whole."""
        found: list[FigureOut] = self._ask("GET", "/figures", list[FigureOut], query={"start": start, "end": end, "practice_id": practice_id})
        return found

    def read_figure_rows(self, *, name: str, start: date | None = None, end: date | None = None, practice_id: UUID | None = None, offset: int = 0) -> TableOut:
        """The rows that a figure counted above the line, 1,000 from `offset` on."""
        found: TableOut = self._ask("GET", f"/figures/{place(name)}/rows", TableOut, query={"start": start, "end": end, "practice_id": practice_id, "offset": offset})
        return found

    def list_trends(self, *, practice_id: UUID | None = None) -> list[SeriesOut]:
        """The figures of trends month by month, each as it stood at its month's end."""
        found: list[SeriesOut] = self._ask("GET", "/figures/trends", list[SeriesOut], query={"practice_id": practice_id})
        return found

    def list_costs(self, *, cursor: str = "", limit: int = 50) -> CostOutPage:
        """What billing cost by month, the newest month first."""
        found: CostOutPage = self._ask("GET", "/costs", CostOutPage, query={"cursor": cursor, "limit": limit})
        return found

    def enter_cost(self, *, body: EnterCost, key: str = "") -> CostOut:
        """What billing cost in a month; a later row of the month and practice replaces it."""
        found: CostOut = self._ask("POST", "/costs", CostOut, body=body, key=key)
        return found
