"""Calls about edi. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date

from claimwright.client.core import Asking
from claimwright.client.structs.edi import ReadRemittances, ScrubbedFile, Validated


class Edi:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def validate_x12(self, *, content: bytes) -> Validated:
        """Every fault of an X12 file, with its place and fix. Nothing is kept."""
        found: Validated = self._ask("POST", "/edi/validate", Validated, content=content)
        return found

    def scrub_x12(self, *, content: bytes, on: date | None = None) -> ScrubbedFile:
        """The edits and the wire's rules on an 837P, 837I or 837D file, claim by claim. Nothing is kept."""
        found: ScrubbedFile = self._ask("POST", "/edi/scrub", ScrubbedFile, content=content, query={"on": on})
        return found

    def read_x12_remittance(self, *, content: bytes) -> ReadRemittances:
        """An 835 as JSON. Nothing is kept or posted."""
        found: ReadRemittances = self._ask("POST", "/edi/remittance", ReadRemittances, content=content)
        return found
