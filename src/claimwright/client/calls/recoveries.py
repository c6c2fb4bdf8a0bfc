"""Calls about recoveries. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.recoveries import AgencyFileOut, AgencyFileOutPage, AgencyOut, AgencyPaymentsTaken, AnswerDispute, DecideUnderpayment, DisputeOut, DisputeOutPage, EndPlacement, MakeDispute, OpenAgency, PlaceAccount, PlacementOut, PlacementOutPage, UnderpaidGroup, UnderpaymentOut, UnderpaymentOutPage


class Recoveries:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_underpayments(self, *, state: str = "OPEN", payer_id: UUID | None = None, cursor: str = "", limit: int = 50) -> UnderpaymentOutPage:
        """Lines allowed for other than their contract says, the newest first; `state` "" for all."""
        found: UnderpaymentOutPage = self._ask("GET", "/underpayments", UnderpaymentOutPage, query={"state": state, "payer_id": payer_id, "cursor": cursor, "limit": limit})
        return found

    def list_underpaid_groups(self) -> list[UnderpaidGroup]:
        """Open underpayments as letters would dispute them, each a group."""
        found: list[UnderpaidGroup] = self._ask("GET", "/underpayments/groups", list[UnderpaidGroup])
        return found

    def decide_an_underpayment(self, *, underpayment_id: UUID, body: DecideUnderpayment, key: str = "") -> UnderpaymentOut:
        """End a case that is not disputed."""
        found: UnderpaymentOut = self._ask("POST", f"/underpayments/{place(underpayment_id)}/decide", UnderpaymentOut, body=body, key=key)
        return found

    def list_disputes(self, *, state: str = "", cursor: str = "", limit: int = 50) -> DisputeOutPage:
        """Letters about payers' allowances, the newest first."""
        found: DisputeOutPage = self._ask("GET", "/disputes", DisputeOutPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def make_a_dispute(self, *, body: MakeDispute, key: str = "") -> DisputeOut:
        """Write one letter about open underpayments of one group; sending it is another step."""
        found: DisputeOut = self._ask("POST", "/disputes", DisputeOut, body=body, key=key)
        return found

    def read_dispute_letter(self, *, dispute_id: UUID) -> bytes:
        """The letter as it was written."""
        found: bytes = self._ask("GET", f"/disputes/{place(dispute_id)}/letter.pdf", bytes)
        return found

    def send_a_dispute(self, *, dispute_id: UUID, key: str = "") -> DisputeOut:
        """Record that the letter went out: its answer is waited for."""
        found: DisputeOut = self._ask("POST", f"/disputes/{place(dispute_id)}/send", DisputeOut, key=key)
        return found

    def answer_a_dispute(self, *, dispute_id: UUID, body: AnswerDispute, key: str = "") -> DisputeOut:
        """Keep what the payer answered. It is recovered when the ledger shows the money."""
        found: DisputeOut = self._ask("POST", f"/disputes/{place(dispute_id)}/answer", DisputeOut, body=body, key=key)
        return found

    def list_agencies(self) -> list[AgencyOut]:
        """Collection agencies."""
        found: list[AgencyOut] = self._ask("GET", "/agencies", list[AgencyOut])
        return found

    def add_an_agency(self, *, body: OpenAgency, key: str = "") -> AgencyOut:
        """One more agency, with the share that it keeps."""
        found: AgencyOut = self._ask("POST", "/agencies", AgencyOut, body=body, key=key)
        return found

    def list_placements(self, *, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> PlacementOutPage:
        """Accounts under review, at an agency, and ended; the newest final notice first."""
        found: PlacementOutPage = self._ask("GET", "/agencies/placements", PlacementOutPage, query={"state": state, "patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def place_an_account(self, *, placement_id: UUID, body: PlaceAccount, key: str = "") -> PlacementOut:
        """Give a reviewed account to an agency: its balance is bad debt from then on."""
        found: PlacementOut = self._ask("POST", f"/agencies/placements/{place(placement_id)}/place", PlacementOut, body=body, key=key)
        return found

    def decline_a_placement(self, *, placement_id: UUID, body: EndPlacement, key: str = "") -> PlacementOut:
        """It stays here."""
        found: PlacementOut = self._ask("POST", f"/agencies/placements/{place(placement_id)}/decline", PlacementOut, body=body, key=key)
        return found

    def recall_an_account(self, *, placement_id: UUID, body: EndPlacement, key: str = "") -> PlacementOut:
        """Take it back from the agency: it is owed here again."""
        found: PlacementOut = self._ask("POST", f"/agencies/placements/{place(placement_id)}/recall", PlacementOut, body=body, key=key)
        return found

    def list_agency_files(self, *, agency_id: UUID | None = None, cursor: str = "", limit: int = 50) -> AgencyFileOutPage:
        """Files to and from agencies, the newest first."""
        found: AgencyFileOutPage = self._ask("GET", "/agencies/files", AgencyFileOutPage, query={"agency_id": agency_id, "cursor": cursor, "limit": limit})
        return found

    def download_agency_file(self, *, agency_file_id: UUID) -> bytes:
        """A file as it went or came."""
        found: bytes = self._ask("GET", f"/agencies/files/{place(agency_file_id)}/content", bytes)
        return found

    def make_placement_file(self, *, agency_id: UUID, key: str = "") -> AgencyFileOut:
        """The file of accounts placed since the last one."""
        found: AgencyFileOut = self._ask("POST", f"/agencies/{place(agency_id)}/placements", AgencyFileOut, key=key)
        return found

    def make_recall_file(self, *, agency_id: UUID, key: str = "") -> AgencyFileOut:
        """The file of accounts recalled since the last one."""
        found: AgencyFileOut = self._ask("POST", f"/agencies/{place(agency_id)}/recalls", AgencyFileOut, key=key)
        return found

    def import_agency_payments(self, *, agency_id: UUID, content: bytes, name: str, key: str = "") -> AgencyPaymentsTaken:
        """Post an agency's payments from its CSV; the same file again changes nothing."""
        found: AgencyPaymentsTaken = self._ask("POST", f"/agencies/{place(agency_id)}/payments", AgencyPaymentsTaken, content=content, query={"name": name}, key=key)
        return found
