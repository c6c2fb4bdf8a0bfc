"""Calls about worklists. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.worklists import AskUp, FinishItem, GiveItem, ItemOut, ItemOutPage, ReturnItem, SnoozeItem, TakeNext, WorklistOut


class Worklists:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_worklists(self) -> list[WorklistOut]:
        """Every list that holds something open, with its desk."""
        found: list[WorklistOut] = self._ask("GET", "/worklists", list[WorklistOut])
        return found

    def list_items(self, *, worklist: str = "", state: str = "open", owner: str = "", reason_code: str = "", due_by: date | None = None, cursor: str = "", limit: int = 50) -> ItemOutPage:
        """Items, the newest first; open ones unless another state is asked for."""
        found: ItemOutPage = self._ask("GET", "/worklists/items", ItemOutPage, query={"worklist": worklist, "state": state, "owner": owner, "reason_code": reason_code, "due_by": due_by, "cursor": cursor, "limit": limit})
        return found

    def read_item(self, *, item_id: UUID) -> ItemOut:
        """One item: why it is there and what to do."""
        found: ItemOut = self._ask("GET", f"/worklists/items/{place(item_id)}", ItemOut)
        return found

    def give_item(self, *, item_id: UUID, body: GiveItem, key: str = "") -> ItemOut:
        """Give an item to a person who works on its list, or back to its desk."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/give", ItemOut, body=body, key=key)
        return found

    def finish_item(self, *, item_id: UUID, body: FinishItem, key: str = "") -> ItemOut:
        """Close an open item with what was done about it."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/finish", ItemOut, body=body, key=key)
        return found

    def take_next_item(self, *, body: TakeNext, key: str = "") -> ItemOut:
        """Give a person the most urgent item that is nobody's; two who ask at once get two. 404 where none is left."""
        found: ItemOut = self._ask("POST", "/worklists/next", ItemOut, body=body, key=key)
        return found

    def snooze_item(self, *, item_id: UUID, body: SnoozeItem, key: str = "") -> ItemOut:
        """Off the list until a day."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/snooze", ItemOut, body=body, key=key)
        return found

    def wake_item(self, *, item_id: UUID, key: str = "") -> ItemOut:
        """On the list again before its day."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/wake", ItemOut, key=key)
        return found

    def escalate_item(self, *, item_id: UUID, body: AskUp, key: str = "") -> ItemOut:
        """Pass it up to the supervisors with a question."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/escalate", ItemOut, body=body, key=key)
        return found

    def return_item(self, *, item_id: UUID, body: ReturnItem, key: str = "") -> ItemOut:
        """Answer what was passed up: it goes back to who asked."""
        found: ItemOut = self._ask("POST", f"/worklists/items/{place(item_id)}/return", ItemOut, body=body, key=key)
        return found
