"""Calls about duplicates. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.duplicates import KeepApart, MergeOut, MergeOutPage, MergePair, PairOut, PairOutPage, Scanned, UndoMerge


class Duplicates:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_duplicates(self, *, open_only: bool = True, cursor: str = "", limit: int = 50) -> PairOutPage:
        """Pairs of records, the newest found first; those to decide unless all are asked for."""
        found: PairOutPage = self._ask("GET", "/duplicates", PairOutPage, query={"open_only": open_only, "cursor": cursor, "limit": limit})
        return found

    def read_duplicate(self, *, pair_id: UUID) -> PairOut:
        """One pair: read both patients to compare them."""
        found: PairOut = self._ask("GET", f"/duplicates/{place(pair_id)}", PairOut)
        return found

    def scan_for_duplicates(self, *, key: str = "") -> Scanned:
        """Look for pairs among all patients."""
        found: Scanned = self._ask("POST", "/duplicates/scan", Scanned, key=key)
        return found

    def keep_records_apart(self, *, pair_id: UUID, body: KeepApart, key: str = "") -> PairOut:
        """They are two people; the pair is not asked again."""
        found: PairOut = self._ask("POST", f"/duplicates/{place(pair_id)}/keep-apart", PairOut, body=body, key=key)
        return found

    def merge_records(self, *, pair_id: UUID, body: MergePair, key: str = "") -> MergeOut:
        """Make one record of the two: all that hangs on the other goes to the one that stays."""
        found: MergeOut = self._ask("POST", f"/duplicates/{place(pair_id)}/merge", MergeOut, body=body, key=key)
        return found

    def list_merges(self, *, patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> MergeOutPage:
        """Merges, the newest first; of one patient, those it survived."""
        found: MergeOutPage = self._ask("GET", "/merges", MergeOutPage, query={"patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def undo_a_merge(self, *, merge_id: UUID, body: UndoMerge, key: str = "") -> MergeOut:
        """Take the two records apart again, with what each had."""
        found: MergeOut = self._ask("POST", f"/merges/{place(merge_id)}/undo", MergeOut, body=body, key=key)
        return found
