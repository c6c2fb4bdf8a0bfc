"""Calls about visits. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.visits import Billed, NewVisit, RightCharges, VisitFields, VisitMove, VisitOut, VisitRow, VisitRowPage


class Visits:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_visits(self, *, state: str = "", patient_id: UUID | None = None, date_from: date | None = None, date_to: date | None = None, cursor: str = "", limit: int = 50) -> VisitRowPage:
        """Visits, the newest day first."""
        found: VisitRowPage = self._ask("GET", "/visits", VisitRowPage, query={"state": state, "patient_id": patient_id, "date_from": date_from, "date_to": date_to, "cursor": cursor, "limit": limit})
        return found

    def enter_visit(self, *, body: NewVisit, key: str = "") -> VisitOut:
        """Enter a visit and its charges."""
        found: VisitOut = self._ask("POST", "/visits", VisitOut, body=body, key=key)
        return found

    def read_visit_of(self, *, encounter_id: UUID) -> VisitOut:
        """One visit with what was entered, its charges and its claims."""
        found: VisitOut = self._ask("GET", f"/visits/{place(encounter_id)}", VisitOut)
        return found

    def change_entered_visit(self, *, encounter_id: UUID, body: VisitFields, if_match: str, key: str = "") -> VisitOut:
        """The visit as it is said here, until its charges are locked."""
        found: VisitOut = self._ask("PUT", f"/visits/{place(encounter_id)}", VisitOut, body=body, if_match=if_match, key=key)
        return found

    def lock_visit(self, *, encounter_id: UUID, key: str = "") -> Billed:
        """Lock the charges of a coded visit and make its claims; their edits run."""
        found: Billed = self._ask("POST", f"/visits/{place(encounter_id)}/lock", Billed, key=key)
        return found

    def put_visit_charges_right(self, *, encounter_id: UUID, body: RightCharges, key: str = "") -> VisitOut:
        """Correct locked charges that the patient pays: those of a claim are corrected with its version."""
        found: VisitOut = self._ask("POST", f"/visits/{place(encounter_id)}/charges", VisitOut, body=body, key=key)
        return found

    def move_visit_on(self, *, encounter_id: UUID, body: VisitMove, key: str = "") -> VisitRow:
        """One step of the visit's life, where its table allows it."""
        found: VisitRow = self._ask("POST", f"/visits/{place(encounter_id)}/move", VisitRow, body=body, key=key)
        return found
