"""Calls about following. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.following import CloseContact, ContactOut, ContactOutPage, LogContact, PayerNormIn, PayerNormOut, StatusAnswerOutPage, StatusInquiryOut, StepOut, WaitingClaimPage


class Following:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def ask_claim_status(self, *, version_id: UUID, key: str = "") -> StatusInquiryOut:
        """Ask the payer where a claim stands: at once where it answers at once, else with the next sending."""
        found: StatusInquiryOut = self._ask("POST", f"/claims/versions/{place(version_id)}/status", StatusInquiryOut, key=key)
        return found

    def list_following_steps(self) -> list[StepOut]:
        """The lists of claims past their norm, empty ones too."""
        found: list[StepOut] = self._ask("GET", "/following/lists", list[StepOut])
        return found

    def list_claims_without_answer(self, *, step: str = "", cursor: str = "", limit: int = 50) -> WaitingClaimPage:
        """Claims of one list, the longest overdue first; `waiting` are those within their norm, "" all that are past it."""
        found: WaitingClaimPage = self._ask("GET", "/following/claims", WaitingClaimPage, query={"step": step, "cursor": cursor, "limit": limit})
        return found

    def list_status_answers(self, *, version_id: UUID | None = None, cursor: str = "", limit: int = 50) -> StatusAnswerOutPage:
        """What payers answered about claims, the newest first."""
        found: StatusAnswerOutPage = self._ask("GET", "/following/answers", StatusAnswerOutPage, query={"version_id": version_id, "cursor": cursor, "limit": limit})
        return found

    def list_contacts(self, *, version_id: UUID | None = None, open_only: bool = False, cursor: str = "", limit: int = 50) -> ContactOutPage:
        """Calls and letters, the newest first."""
        found: ContactOutPage = self._ask("GET", "/following/contacts", ContactOutPage, query={"version_id": version_id, "open_only": open_only, "cursor": cursor, "limit": limit})
        return found

    def log_payer_contact(self, *, version_id: UUID, body: LogContact, key: str = "") -> ContactOut:
        """Write down a call, letter or message."""
        found: ContactOut = self._ask("POST", f"/claims/versions/{place(version_id)}/contacts", ContactOut, body=body, key=key)
        return found

    def close_payer_contact(self, *, contact_id: UUID, body: CloseContact, key: str = "") -> ContactOut:
        """Nothing more is to come of it."""
        found: ContactOut = self._ask("POST", f"/following/contacts/{place(contact_id)}/close", ContactOut, body=body, key=key)
        return found

    def set_payer_norm(self, *, payer_id: UUID, body: PayerNormIn, key: str = "") -> PayerNormOut:
        """What this payer's answers may take from now on; the lists follow at the end of the day."""
        found: PayerNormOut = self._ask("POST", f"/payers/{place(payer_id)}/norm", PayerNormOut, body=body, key=key)
        return found
