"""Calls about takeover. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.takeover import SaveTakeover, TakeoverLoaded, TakeoverOut, TakeoverRow, TakeoverUndone, UndoTakeover


class Takeover:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_takeovers(self) -> list[TakeoverRow]:
        """Every set that was kept, the newest first."""
        found: list[TakeoverRow] = self._ask("GET", "/takeovers", list[TakeoverRow])
        return found

    def save_a_takeover(self, *, body: SaveTakeover, key: str = "") -> TakeoverOut:
        """Keep a set and the old system's totals; of a set kept before, files of the same name are replaced. Nothing posts."""
        found: TakeoverOut = self._ask("POST", "/takeovers", TakeoverOut, body=body, key=key)
        return found

    def read_takeover(self, *, takeover_id: UUID) -> TakeoverOut:
        """One set: what is wrong with it, or what its loading made, beside what the old system stated."""
        found: TakeoverOut = self._ask("GET", f"/takeovers/{place(takeover_id)}", TakeoverOut)
        return found

    def download_takeover_faults(self, *, takeover_id: UUID) -> bytes:
        """Every fault of the set as CSV, each with its place and its fix."""
        found: bytes = self._ask("GET", f"/takeovers/{place(takeover_id)}/faults.csv", bytes)
        return found

    def download_takeover_template(self, *, file: str) -> bytes:
        """The header of one file of a set with a made-up row, as CSV."""
        found: bytes = self._ask("GET", f"/takeovers/templates/{place(file)}", bytes)
        return found

    def load_a_takeover(self, *, takeover_id: UUID, key: str = "") -> TakeoverLoaded:
        """Make everything of the set, or nothing: patients, claims, balances, denials, plans."""
        found: TakeoverLoaded = self._ask("POST", f"/takeovers/{place(takeover_id)}/load", TakeoverLoaded, key=key)
        return found

    def undo_a_takeover(self, *, takeover_id: UUID, body: UndoTakeover, key: str = "") -> TakeoverUndone:
        """Take the loading back. Refused, naming each, where anything was posted, sent or worked on since."""
        found: TakeoverUndone = self._ask("POST", f"/takeovers/{place(takeover_id)}/undo", TakeoverUndone, body=body, key=key)
        return found
