"""Calls about arrangements. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.arrangements import AddPaper, ApplicationOut, ApplicationOutPage, Apply, AssignInquiry, ChargedOut, JoinPlan, KeepOut, OpenInquiry, PatientInquiryOut, PatientInquiryOutPage, ReinstatePlan, ResolveInquiry, StopAutopay, WithdrawApplication
from claimwright.client.structs.statements import PlanOut


class Arrangements:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_patient_inquiries(self, *, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> PatientInquiryOutPage:
        """What patients asked or dispute, the newest first."""
        found: PatientInquiryOutPage = self._ask("GET", "/inquiries", PatientInquiryOutPage, query={"state": state, "patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def open_patient_inquiry(self, *, body: OpenInquiry, key: str = "") -> PatientInquiryOut:
        """Write down what a patient asks; it is answered by its day."""
        found: PatientInquiryOut = self._ask("POST", "/inquiries", PatientInquiryOut, body=body, key=key)
        return found

    def assign_patient_inquiry(self, *, patient_inquiry_id: UUID, body: AssignInquiry, key: str = "") -> PatientInquiryOut:
        """Give it to a person."""
        found: PatientInquiryOut = self._ask("POST", f"/inquiries/{place(patient_inquiry_id)}/assign", PatientInquiryOut, body=body, key=key)
        return found

    def resolve_patient_inquiry(self, *, patient_inquiry_id: UUID, body: ResolveInquiry, key: str = "") -> PatientInquiryOut:
        """Answer it: the letter to the patient is written."""
        found: PatientInquiryOut = self._ask("POST", f"/inquiries/{place(patient_inquiry_id)}/resolve", PatientInquiryOut, body=body, key=key)
        return found

    def read_patient_letter(self, *, letter_id: UUID) -> bytes:
        """A letter to a patient as it was written."""
        found: bytes = self._ask("GET", f"/letters/{place(letter_id)}/letter.pdf", bytes)
        return found

    def list_applications(self, *, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> ApplicationOutPage:
        """Applications for financial assistance, the newest first."""
        found: ApplicationOutPage = self._ask("GET", "/assistance", ApplicationOutPage, query={"state": state, "patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def take_application(self, *, body: Apply, key: str = "") -> ApplicationOut:
        """Take an application: the sliding scale says what it gives; a person decides."""
        found: ApplicationOut = self._ask("POST", "/assistance", ApplicationOut, body=body, key=key)
        return found

    def add_application_paper(self, *, application_id: UUID, body: AddPaper, key: str = "") -> ApplicationOut:
        """Note a paper that came."""
        found: ApplicationOut = self._ask("POST", f"/assistance/{place(application_id)}/papers", ApplicationOut, body=body, key=key)
        return found

    def ask_for_application_papers(self, *, application_id: UUID, key: str = "") -> ApplicationOut:
        """Write the letter that asks for papers."""
        found: ApplicationOut = self._ask("POST", f"/assistance/{place(application_id)}/ask", ApplicationOut, key=key)
        return found

    def withdraw_application(self, *, application_id: UUID, body: WithdrawApplication, key: str = "") -> ApplicationOut:
        """The patient wants it no more."""
        found: ApplicationOut = self._ask("POST", f"/assistance/{place(application_id)}/withdraw", ApplicationOut, body=body, key=key)
        return found

    def join_a_plan(self, *, plan_id: UUID, body: JoinPlan, key: str = "") -> PlanOut:
        """Later visits join a running plan; the agreement is written anew."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/join", PlanOut, body=body, key=key)
        return found

    def reinstate_a_plan(self, *, plan_id: UUID, body: ReinstatePlan, key: str = "") -> PlanOut:
        """A broken plan runs again."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/reinstate", PlanOut, body=body, key=key)
        return found

    def keep_plan_card(self, *, plan_id: UUID, key: str = "") -> KeepOut:
        """Begin the payment with which the processor keeps the patient's card or account."""
        found: KeepOut = self._ask("POST", f"/plans/{place(plan_id)}/keep", KeepOut, key=key)
        return found

    def charge_a_plan(self, *, plan_id: UUID, key: str = "") -> ChargedOut:
        """Charge all that is due now to the card or account that the processor keeps."""
        found: ChargedOut = self._ask("POST", f"/plans/{place(plan_id)}/charge", ChargedOut, key=key)
        return found

    def stop_plan_autopay(self, *, plan_id: UUID, body: StopAutopay, key: str = "") -> PlanOut:
        """The patient takes the consent back: nothing is charged by itself any more. The plan runs on."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/stop-autopay", PlanOut, body=body, key=key)
        return found

    def hand_plan_to_agency(self, *, plan_id: UUID, key: str = "") -> PlanOut:
        """Hand a broken plan to the review for an agency."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/bad-debt", PlanOut, key=key)
        return found
