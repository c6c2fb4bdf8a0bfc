"""Calls about closing. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.closing import CloseDay, DayCloseOut, DayCloseOutPage, MonthOut, ProofOut, SignItem


class Closing:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def read_month(self, *, month: str) -> MonthOut:
        """One month: what keeps it open, or its lock and reports."""
        found: MonthOut = self._ask("GET", f"/close/months/{place(month)}", MonthOut)
        return found

    def list_closed_days(self, *, day_from: date | None = None, day_to: date | None = None, cursor: str = "", limit: int = 50) -> DayCloseOutPage:
        """Closed day sheets, the newest day first."""
        found: DayCloseOutPage = self._ask("GET", "/close/days", DayCloseOutPage, query={"day_from": day_from, "day_to": day_to, "cursor": cursor, "limit": limit})
        return found

    def close_a_day(self, *, body: CloseDay, key: str = "") -> DayCloseOut:
        """Keep the day's sheet, every posting of it, with its control totals."""
        found: DayCloseOut = self._ask("POST", "/close/days", DayCloseOut, body=body, key=key)
        return found

    def download_day_sheet(self, *, day_close_id: UUID) -> bytes:
        """The sheet as it was closed, as CSV."""
        found: bytes = self._ask("GET", f"/close/days/{place(day_close_id)}/sheet.csv", bytes)
        return found

    def sign_month_item(self, *, month: str, body: SignItem, key: str = "") -> MonthOut:
        """Say why an item of the checklist may stay as it is. It covers what is open now, and no more."""
        found: MonthOut = self._ask("POST", f"/close/months/{place(month)}/sign", MonthOut, body=body, key=key)
        return found

    def lock_a_month(self, *, month: str, key: str = "") -> MonthOut:
        """Close a month with its reports. Refused with what keeps it open."""
        found: MonthOut = self._ask("POST", f"/close/months/{place(month)}/lock", MonthOut, key=key)
        return found

    def prove_a_month(self, *, month: str) -> list[ProofOut]:
        """Make a closed month's ledger reports again, and compare them byte for byte."""
        found: list[ProofOut] = self._ask("GET", f"/close/months/{place(month)}/proof", list[ProofOut])
        return found

    def download_month_report(self, *, report_id: UUID) -> bytes:
        """A report's bytes as they were kept."""
        found: bytes = self._ask("GET", f"/close/reports/{place(report_id)}/content", bytes)
        return found
