"""Calls about takebacks. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.posting import HeldItem
from claimwright.client.structs.takebacks import CarriedForward, ContestTakeback, EndTakeback, NameClaimPayment, TakebackDetail, TakebackNotice, TakebackOut, TakebackOutPage


class Takebacks:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_takebacks(self, *, state: str = "", payer_id: UUID | None = None, cursor: str = "", limit: int = 50) -> TakebackOutPage:
        """Money payers take back, the newest announced first."""
        found: TakebackOutPage = self._ask("GET", "/takebacks", TakebackOutPage, query={"state": state, "payer_id": payer_id, "cursor": cursor, "limit": limit})
        return found

    def record_takeback_notice(self, *, body: TakebackNotice, key: str = "") -> TakebackOut:
        """Record a payer's letter that announces one."""
        found: TakebackOut = self._ask("POST", "/takebacks", TakebackOut, body=body, key=key)
        return found

    def list_carried_forward(self) -> list[CarriedForward]:
        """Balances that payers carry forward (FB) and have not yet settled."""
        found: list[CarriedForward] = self._ask("GET", "/takebacks/balances", list[CarriedForward])
        return found

    def read_takeback(self, *, takeback_id: UUID) -> TakebackDetail:
        """One takeback, and which payments of ours it may be about."""
        found: TakebackDetail = self._ask("GET", f"/takebacks/{place(takeback_id)}", TakebackDetail)
        return found

    def name_takeback_claim(self, *, takeback_id: UUID, body: NameClaimPayment, key: str = "") -> TakebackOut:
        """Say which payment it is about."""
        found: TakebackOut = self._ask("POST", f"/takebacks/{place(takeback_id)}/claim", TakebackOut, body=body, key=key)
        return found

    def settle_takeback_by_held(self, *, takeback_id: UUID, body: HeldItem, key: str = "") -> TakebackOut:
        """It took money that we held and that is not ours: both are settled with each other."""
        found: TakebackOut = self._ask("POST", f"/takebacks/{place(takeback_id)}/held", TakebackOut, body=body, key=key)
        return found

    def contest_a_takeback(self, *, takeback_id: UUID, body: ContestTakeback, key: str = "") -> TakebackOut:
        """Write the letter against it."""
        found: TakebackOut = self._ask("POST", f"/takebacks/{place(takeback_id)}/contest", TakebackOut, body=body, key=key)
        return found

    def accept_a_takeback(self, *, takeback_id: UUID, body: EndTakeback, key: str = "") -> TakebackOut:
        """It is right."""
        found: TakebackOut = self._ask("POST", f"/takebacks/{place(takeback_id)}/accept", TakebackOut, body=body, key=key)
        return found

    def note_takeback_withdrawn(self, *, takeback_id: UUID, body: EndTakeback, key: str = "") -> TakebackOut:
        """The payer withdrew it."""
        found: TakebackOut = self._ask("POST", f"/takebacks/{place(takeback_id)}/withdrawn", TakebackOut, body=body, key=key)
        return found

    def read_takeback_letter(self, *, takeback_id: UUID) -> bytes:
        """The last letter to the payer about it."""
        found: bytes = self._ask("GET", f"/takebacks/{place(takeback_id)}/letter.pdf", bytes)
        return found
