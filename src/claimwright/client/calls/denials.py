"""Calls about denials. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.denials import AppealOut, AskRecords, AssignDenial, ChaseAppeal, CloseAppeal, DenialOut, DenialRow, DenialRowPage, DraftAppeal, NameCause, PromisedAppeal, RecordsOut, RewriteAppeal, SendPack, SnoozeDenial


class Denials:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_denials(self, *, state: str = "", category: str = "", payer_id: UUID | None = None, owner: str = "", carc: str = "", appeal_by: date | None = None, cursor: str = "", limit: int = 50) -> DenialRowPage:
        """Denials, the newest first."""
        found: DenialRowPage = self._ask("GET", "/denials", DenialRowPage, query={"state": state, "category": category, "payer_id": payer_id, "owner": owner, "carc": carc, "appeal_by": appeal_by, "cursor": cursor, "limit": limit})
        return found

    def read_denial(self, *, denial_id: UUID) -> DenialOut:
        """One denial with its appeals and what the payer asked for."""
        found: DenialOut = self._ask("GET", f"/denials/{place(denial_id)}", DenialOut)
        return found

    def analyze_denial(self, *, denial_id: UUID, key: str = "") -> DenialRow:
        """Somebody looked at it."""
        found: DenialRow = self._ask("POST", f"/denials/{place(denial_id)}/analyze", DenialRow, key=key)
        return found

    def name_denial_cause(self, *, denial_id: UUID, body: NameCause, key: str = "") -> DenialRow:
        """Name the root cause."""
        found: DenialRow = self._ask("POST", f"/denials/{place(denial_id)}/cause", DenialRow, body=body, key=key)
        return found

    def assign_denial(self, *, denial_id: UUID, body: AssignDenial, key: str = "") -> DenialRow:
        """Give it to a person."""
        found: DenialRow = self._ask("POST", f"/denials/{place(denial_id)}/assign", DenialRow, body=body, key=key)
        return found

    def snooze_denial(self, *, denial_id: UUID, body: SnoozeDenial, key: str = "") -> DenialRow:
        """Off the list until a day."""
        found: DenialRow = self._ask("POST", f"/denials/{place(denial_id)}/snooze", DenialRow, body=body, key=key)
        return found

    def draft_appeal_of(self, *, denial_id: UUID, body: DraftAppeal, key: str = "") -> AppealOut:
        """Draft the next level of appeal."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal", AppealOut, body=body, key=key)
        return found

    def rewrite_open_appeal(self, *, denial_id: UUID, body: RewriteAppeal, key: str = "") -> AppealOut:
        """Change the draft."""
        found: AppealOut = self._ask("PUT", f"/denials/{place(denial_id)}/appeal", AppealOut, body=body, key=key)
        return found

    def send_open_appeal(self, *, denial_id: UUID, body: SendPack, key: str = "") -> AppealOut:
        """Record it as sent with its enclosures; the very pages are kept."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal/send", AppealOut, body=body, key=key)
        return found

    def read_appeal_pack(self, *, denial_id: UUID, signer: str, title: str = "", telephone: str = "") -> bytes:
        """The pack as it would go today; nothing is sent."""
        found: bytes = self._ask("GET", f"/denials/{place(denial_id)}/appeal.pdf", bytes, query={"signer": signer, "title": title, "telephone": telephone})
        return found

    def read_records_pack(self, *, denial_id: UUID, signer: str, title: str = "", telephone: str = "") -> bytes:
        """The records as they would go today; nothing is sent."""
        found: bytes = self._ask("GET", f"/denials/{place(denial_id)}/records.pdf", bytes, query={"signer": signer, "title": title, "telephone": telephone})
        return found

    def chase_open_appeal(self, *, denial_id: UUID, body: ChaseAppeal, key: str = "") -> AppealOut:
        """The reviewer was reminded."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal/chase", AppealOut, body=body, key=key)
        return found

    def note_appeal_promise(self, *, denial_id: UUID, body: PromisedAppeal, key: str = "") -> AppealOut:
        """A favourable letter came. It is won when the remittance pays it."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal/promise", AppealOut, body=body, key=key)
        return found

    def close_open_appeal(self, *, denial_id: UUID, body: CloseAppeal, key: str = "") -> AppealOut:
        """The decision of this level, where it is not for us."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal/close", AppealOut, body=body, key=key)
        return found

    def appeal_next_level(self, *, denial_id: UUID, key: str = "") -> AppealOut:
        """Draft the next level where the reviewer did not answer in time."""
        found: AppealOut = self._ask("POST", f"/denials/{place(denial_id)}/appeal/level-up", AppealOut, key=key)
        return found

    def note_records_request(self, *, denial_id: UUID, body: AskRecords, key: str = "") -> RecordsOut:
        """The payer asks for records."""
        found: RecordsOut = self._ask("POST", f"/denials/{place(denial_id)}/records", RecordsOut, body=body, key=key)
        return found

    def send_requested_records(self, *, denial_id: UUID, body: SendPack, key: str = "") -> RecordsOut:
        """Record the records as sent; the very pages are kept."""
        found: RecordsOut = self._ask("POST", f"/denials/{place(denial_id)}/records/send", RecordsOut, body=body, key=key)
        return found
