"""Calls about prevention. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date

from claimwright.client.core import Asking, place
from claimwright.client.structs.prevention import BatchDenials, BatchResult, DenialTally, LetterOut, ProposalOut, SaveLetter


class Prevention:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_denial_trends(self, *, by: str = "root_cause", since: date | None = None, until: date | None = None, first_pass_only: bool = False) -> list[DenialTally]:
        """Denials by a view, the largest amount first; of the last year unless days are given."""
        found: list[DenialTally] = self._ask("GET", "/denials/trends", list[DenialTally], query={"by": by, "since": since, "until": until, "first_pass_only": first_pass_only})
        return found

    def work_denials_together(self, *, body: BatchDenials, key: str = "") -> list[BatchResult]:
        """One step for several denials; each stands or falls alone, and each has its result."""
        found: list[BatchResult] = self._ask("POST", "/denials/batch", list[BatchResult], body=body, key=key)
        return found

    def list_letters(self) -> list[LetterOut]:
        """The letters by category, as they stand."""
        found: list[LetterOut] = self._ask("GET", "/denials/letters", list[LetterOut])
        return found

    def save_letter(self, *, category: str, body: SaveLetter, key: str = "") -> LetterOut:
        """The practice's own words of a category."""
        found: LetterOut = self._ask("PUT", f"/denials/letters/{place(category)}", LetterOut, body=body, key=key)
        return found

    def list_rule_proposals(self, *, state: str = "") -> list[ProposalOut]:
        """Rules proposed from what repeats, the newest first; a person decides on each."""
        found: list[ProposalOut] = self._ask("GET", "/denials/proposals", list[ProposalOut], query={"state": state})
        return found
