"""Calls about ledger. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date

from claimwright.client.core import Asking
from claimwright.client.structs.ledger import TransferOutPage


class Ledger:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_transfers(self, *, posted_from: date | None = None, posted_to: date | None = None, subject: str = "", payment: str = "", claim: str = "", oldest_first: bool = False, cursor: str = "", limit: int = 50) -> TransferOutPage:
        """Transfers in the order they were written, the newest first unless asked for otherwise. `subject` is either account's."""
        found: TransferOutPage = self._ask("GET", "/ledger/transfers", TransferOutPage, query={"posted_from": posted_from, "posted_to": posted_to, "subject": subject, "payment": payment, "claim": claim, "oldest_first": oldest_first, "cursor": cursor, "limit": limit})
        return found
