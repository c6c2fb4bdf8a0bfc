"""Calls about registration. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.patients import Coverage, CoverageFields
from claimwright.client.structs.registration import AccidentIn, AccidentKept, CardImageOut, CaseOut, CloseCase, ConfirmOrder, FoundOut, MailReturned, MarkedAddress, MedicareAnswersIn, MedicareFindingOut, ParentsOut, ProposedOrder, SetParents, UndoFound


class Registration:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def propose_coverage_order(self, *, patient_id: UUID, on: date | None = None) -> ProposedOrder:
        """Who pays first on a day, by the rules."""
        found: ProposedOrder = self._ask("GET", f"/patients/{place(patient_id)}/coverages/order", ProposedOrder, query={"on": on})
        return found

    def confirm_coverage_order(self, *, patient_id: UUID, body: ConfirmOrder, key: str = "") -> list[Coverage]:
        """Say who pays first from a day on. What is left out has no part in it."""
        found: list[Coverage] = self._ask("POST", f"/patients/{place(patient_id)}/coverages/order", list[Coverage], body=body, key=key)
        return found

    def replace_patient_coverage(self, *, coverage_id: UUID, body: CoverageFields, key: str = "") -> Coverage:
        """A new card, number or plan in the place of this one, from its start on."""
        found: Coverage = self._ask("POST", f"/coverages/{place(coverage_id)}/replace", Coverage, body=body, key=key)
        return found

    def list_found_coverages(self, *, patient_id: UUID) -> list[FoundOut]:
        """Insurance that was found after the patient was billed, the newest first."""
        found: list[FoundOut] = self._ask("GET", f"/patients/{place(patient_id)}/coverages/found", list[FoundOut])
        return found

    def bill_a_found_coverage(self, *, patient_id: UUID, body: CoverageFields, key: str = "") -> FoundOut:
        """Add insurance found late, and bill it for every visit on its days that the patient still owes for."""
        found: FoundOut = self._ask("POST", f"/patients/{place(patient_id)}/coverages/found", FoundOut, body=body, key=key)
        return found

    def undo_a_found_coverage(self, *, found_id: UUID, body: UndoFound, key: str = "") -> FoundOut:
        """Take it all back, while no claim of it went out."""
        found: FoundOut = self._ask("POST", f"/coverages/found/{place(found_id)}/undo", FoundOut, body=body, key=key)
        return found

    def set_patient_parents(self, *, patient_id: UUID, body: SetParents, key: str = "") -> ParentsOut:
        """Whether a child's parents are together: the order of its coverages hangs on it."""
        found: ParentsOut = self._ask("POST", f"/patients/{place(patient_id)}/parents", ParentsOut, body=body, key=key)
        return found

    def record_medicare_questionnaire(self, *, patient_id: UUID, body: MedicareAnswersIn, key: str = "") -> MedicareFindingOut:
        """The questionnaire for people with Medicare, as answered; unsent claims are judged again."""
        found: MedicareFindingOut = self._ask("POST", f"/patients/{place(patient_id)}/answers/medicare", MedicareFindingOut, body=body, key=key)
        return found

    def record_accident_answers(self, *, patient_id: UUID, body: AccidentIn, key: str = "") -> AccidentKept:
        """Whether the care follows an accident: the case that it opens, or none."""
        found: AccidentKept = self._ask("POST", f"/patients/{place(patient_id)}/answers/accident", AccidentKept, body=body, key=key)
        return found

    def close_injury_case(self, *, case_id: UUID, body: CloseCase, key: str = "") -> CaseOut:
        """The case is over."""
        found: CaseOut = self._ask("POST", f"/cases/{place(case_id)}/close", CaseOut, body=body, key=key)
        return found

    def mark_returned_mail(self, *, patient_id: UUID, body: MailReturned, key: str = "") -> MarkedAddress:
        """Mail came back: the address is marked, and no statement goes there."""
        found: MarkedAddress = self._ask("POST", f"/patients/{place(patient_id)}/mail-returned", MarkedAddress, body=body, key=key)
        return found

    def list_cards(self, *, coverage_id: UUID) -> list[CardImageOut]:
        """Pictures of a coverage's card, the newest first."""
        found: list[CardImageOut] = self._ask("GET", f"/coverages/{place(coverage_id)}/cards", list[CardImageOut])
        return found

    def add_card_image(self, *, coverage_id: UUID, content: bytes, side: Literal["front", "back"], name: str, key: str = "") -> CardImageOut:
        """One side of a card: its bytes are the body."""
        found: CardImageOut = self._ask("POST", f"/coverages/{place(coverage_id)}/cards", CardImageOut, content=content, query={"side": side, "name": name}, key=key)
        return found

    def download_card_image(self, *, card_id: UUID) -> bytes:
        """The picture as it came."""
        found: bytes = self._ask("GET", f"/cards/{place(card_id)}/content", bytes)
        return found
