"""Calls about disclosures. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.disclosures import AuditProof, DisclosureOut, RecordDisclosure, WithdrawDisclosure
from claimwright.client.structs.office import AuditOutPage


class Disclosures:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def prove_audit_log(self) -> AuditProof:
        """Hash every row of the log again, and hold its end to the head kept outside the database."""
        found: AuditProof = self._ask("GET", "/audit/proof", AuditProof)
        return found

    def list_who_saw(self, *, patient_id: UUID, start: date | None = None, end: date | None = None, cursor: str = "", limit: int = 50) -> AuditOutPage:
        """Every reading and change of a record and of what belongs to it, the newest first."""
        found: AuditOutPage = self._ask("GET", f"/patients/{place(patient_id)}/seen", AuditOutPage, query={"start": start, "end": end, "cursor": cursor, "limit": limit})
        return found

    def list_disclosures(self, *, patient_id: UUID) -> list[DisclosureOut]:
        """Every disclosure that stands, the newest first, those of records merged into this one too."""
        found: list[DisclosureOut] = self._ask("GET", f"/patients/{place(patient_id)}/disclosures", list[DisclosureOut])
        return found

    def record_a_disclosure(self, *, patient_id: UUID, body: RecordDisclosure, key: str = "") -> DisclosureOut:
        """Record what was disclosed, to whom and what for."""
        found: DisclosureOut = self._ask("POST", f"/patients/{place(patient_id)}/disclosures", DisclosureOut, body=body, key=key)
        return found

    def read_disclosure_accounting(self, *, patient_id: UUID, asked_on: date | None = None) -> bytes:
        """The accounting that a patient asked for, in the patient's language."""
        found: bytes = self._ask("GET", f"/patients/{place(patient_id)}/disclosures.pdf", bytes, query={"asked_on": asked_on})
        return found

    def withdraw_a_disclosure(self, *, disclosure_id: UUID, body: WithdrawDisclosure, key: str = "") -> DisclosureOut:
        """It was recorded in error: it stays on record with the reason, and leaves the accounting."""
        found: DisclosureOut = self._ask("POST", f"/disclosures/{place(disclosure_id)}/withdraw", DisclosureOut, body=body, key=key)
        return found
