"""Calls about eligibility. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.eligibility import AnswerOut, AnswerRowPage, AskEligibility, InquiryOut, InquiryOutPage


class Eligibility:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def ask_about_coverage(self, *, coverage_id: UUID, body: AskEligibility, key: str = "") -> InquiryOut:
        """Ask the payer: at once where it answers at once, else with the next batch. Read the question again for its state."""
        found: InquiryOut = self._ask("POST", f"/coverages/{place(coverage_id)}/eligibility", InquiryOut, body=body, key=key)
        return found

    def list_inquiries(self, *, state: str = "", patient_id: UUID | None = None, coverage_id: UUID | None = None, cursor: str = "", limit: int = 50) -> InquiryOutPage:
        """Questions to payers, the newest first."""
        found: InquiryOutPage = self._ask("GET", "/eligibility/inquiries", InquiryOutPage, query={"state": state, "patient_id": patient_id, "coverage_id": coverage_id, "cursor": cursor, "limit": limit})
        return found

    def read_inquiry(self, *, inquiry_id: UUID) -> InquiryOut:
        """One question and how it stands."""
        found: InquiryOut = self._ask("GET", f"/eligibility/inquiries/{place(inquiry_id)}", InquiryOut)
        return found

    def list_answers(self, *, patient_id: UUID | None = None, coverage_id: UUID | None = None, inquiry_id: UUID | None = None, status: str = "", cursor: str = "", limit: int = 50) -> AnswerRowPage:
        """Answers as they stood, the newest first."""
        found: AnswerRowPage = self._ask("GET", "/eligibility/answers", AnswerRowPage, query={"patient_id": patient_id, "coverage_id": coverage_id, "inquiry_id": inquiry_id, "status": status, "cursor": cursor, "limit": limit})
        return found

    def read_answer(self, *, snapshot_id: UUID) -> AnswerOut:
        """One answer with every benefit."""
        found: AnswerOut = self._ask("GET", f"/eligibility/answers/{place(snapshot_id)}", AnswerOut)
        return found
