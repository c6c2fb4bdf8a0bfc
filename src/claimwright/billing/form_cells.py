"""Cells of a form, read one by one: what is wrong is collected, and each fault names its field and the fix."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from claimwright.billing.registration import Fault, read_day


class Cells:
    """Reads cells, collecting faults."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells, self.faults = cells, list[Fault]()

    def fault(self, field: str, says: str, fix: str) -> None:
        self.faults.append(Fault(field=field, says=says, fix=fix))

    def written(self, field: str) -> str:
        """With single blanks and none around."""
        return " ".join(self.cells.get(field, "").split())

    def text(self, field: str, label: str, longest: int, *, needed: bool = False) -> str:
        value = self.written(field)
        if needed and not value:
            self.fault(field, f"{label} is blank", "Enter it")
        elif len(value) > longest:
            self.fault(field, f"{label} has more than {longest} characters", "Shorten it")
        elif not value.isprintable():
            self.fault(field, f"{label} holds control characters", "Type it again")
        return value

    def choice(self, field: str, choices: Collection[str]) -> str:
        value = self.cells.get(field, "")
        if value not in choices:
            self.fault(field, "It is none of the choices", "Choose one of the list")
        return value

    def day(self, field: str, label: str, *, needed: bool = False) -> date | None:
        text = self.cells.get(field, "").strip()
        found = read_day(text)
        if (text or needed) and found is None:
            self.fault(field, f"{label} is no day", "Write it as 01/31/2026")
        return found
