"""Calls about queries. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.queries import AnesthesiaIn, AnesthesiaOut, AnswerQuery, AskProvider, QueryOut, QueryOutPage, WithdrawQuery


class Queries:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_queries(self, *, state: str = "", encounter_id: UUID | None = None, cursor: str = "", limit: int = 50) -> QueryOutPage:
        """Questions to providers, the newest first."""
        found: QueryOutPage = self._ask("GET", "/queries", QueryOutPage, query={"state": state, "encounter_id": encounter_id, "cursor": cursor, "limit": limit})
        return found

    def ask_a_provider(self, *, encounter_id: UUID, body: AskProvider, key: str = "") -> QueryOut:
        """Ask; the visit, or its unsent claim, waits for the answer. Refused with every fault of its wording."""
        found: QueryOut = self._ask("POST", f"/visits/{place(encounter_id)}/queries", QueryOut, body=body, key=key)
        return found

    def answer_a_query(self, *, query_id: UUID, body: AnswerQuery, key: str = "") -> QueryOut:
        """Keep the provider's answer."""
        found: QueryOut = self._ask("POST", f"/queries/{place(query_id)}/answer", QueryOut, body=body, key=key)
        return found

    def withdraw_a_query(self, *, query_id: UUID, body: WithdrawQuery, key: str = "") -> QueryOut:
        """Take a question back."""
        found: QueryOut = self._ask("POST", f"/queries/{place(query_id)}/withdraw", QueryOut, body=body, key=key)
        return found

    def time_anesthesia(self, *, encounter_id: UUID, body: AnesthesiaIn, key: str = "") -> AnesthesiaOut:
        """When anesthesia began and ended, by provider."""
        found: AnesthesiaOut = self._ask("PUT", f"/visits/{place(encounter_id)}/anesthesia", AnesthesiaOut, body=body, key=key)
        return found
