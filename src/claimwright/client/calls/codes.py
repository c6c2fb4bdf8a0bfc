"""Calls about codes. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from claimwright.client.core import Asking
from claimwright.client.structs.codes import CodeOut, CodeSetOut, EditOut, LevelOut, PriceOut


class Codes:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def search_codes(self, *, q: str, kind: Literal["diagnosis", "procedure"] = "diagnosis", on: date | None = None) -> list[CodeOut]:
        """Codes by their beginning or by words; procedures of the practice's own prices first, in its own words."""
        found: list[CodeOut] = self._ask("GET", "/codes", list[CodeOut], query={"q": q, "kind": kind, "on": on})
        return found

    def check_price(self, *, practice_id: UUID, code: str, modifiers: str = "", units: float | str = "1", on: date | None = None) -> PriceOut:
        """What a line is charged on a day."""
        found: PriceOut = self._ask("GET", "/prices/check", PriceOut, query={"practice_id": practice_id, "code": code, "modifiers": modifiers, "units": units, "on": on})
        return found

    def find_visit_level(self, *, on: date, setting: str = "office", patient: str = "", minutes: str = "", problems: str = "", data: str = "", risk: str = "") -> LevelOut:
        """The level that what is documented supports: by time, or by two of problems, data and risk."""
        found: LevelOut = self._ask("GET", "/codes/level", LevelOut, query={"on": on, "setting": setting, "patient": patient, "minutes": minutes, "problems": problems, "data": data, "risk": risk})
        return found

    def list_edits(self) -> list[EditOut]:
        """The whole catalogue, in the order the edits run."""
        found: list[EditOut] = self._ask("GET", "/edits", list[EditOut])
        return found

    def list_code_sets(self) -> list[CodeSetOut]:
        """Which sets this installation has loaded, for which days."""
        found: list[CodeSetOut] = self._ask("GET", "/codes/sets", list[CodeSetOut])
        return found
