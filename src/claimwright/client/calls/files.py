"""Calls about files. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.files import Receipt, ReceivedOut, ReceivedRowPage, SendingStarted, SentOut, SentRowPage


class Files:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def hand_in_file(self, *, content: bytes, name: str, key: str = "") -> Receipt:
        """Hand in one file as it is: X12, or what interfaces bring. The same bytes again are the same file."""
        found: Receipt = self._ask("POST", "/files", Receipt, content=content, query={"name": name}, key=key)
        return found

    def list_received(self, *, state: str = "", q: str = "", cursor: str = "", limit: int = 50) -> ReceivedRowPage:
        """Received files, the newest first."""
        found: ReceivedRowPage = self._ask("GET", "/files/received", ReceivedRowPage, query={"state": state, "q": q, "cursor": cursor, "limit": limit})
        return found

    def read_received(self, *, received_file_id: UUID) -> ReceivedOut:
        """One received file, and the fate of each of its parts."""
        found: ReceivedOut = self._ask("GET", f"/files/received/{place(received_file_id)}", ReceivedOut)
        return found

    def download_received(self, *, received_file_id: UUID) -> bytes:
        """The bytes as they came."""
        found: bytes = self._ask("GET", f"/files/received/{place(received_file_id)}/content", bytes)
        return found

    def list_sent(self, *, state: str = "", kind: str = "", cursor: str = "", limit: int = 50) -> SentRowPage:
        """Batches: files prepared and sent, the newest first."""
        found: SentRowPage = self._ask("GET", "/files/sent", SentRowPage, query={"state": state, "kind": kind, "cursor": cursor, "limit": limit})
        return found

    def read_sent(self, *, sent_file_id: UUID) -> SentOut:
        """One sent file, and the claims in it."""
        found: SentOut = self._ask("GET", f"/files/sent/{place(sent_file_id)}", SentOut)
        return found

    def download_sent(self, *, sent_file_id: UUID) -> bytes:
        """The bytes as they were frozen and sent."""
        found: bytes = self._ask("GET", f"/files/sent/{place(sent_file_id)}/content", bytes)
        return found

    def send_ready_claims(self, *, key: str = "") -> SendingStarted:
        """Run the edits, batch what is ready and send it: the office's own job, now."""
        found: SendingStarted = self._ask("POST", "/files/send", SendingStarted, key=key)
        return found
