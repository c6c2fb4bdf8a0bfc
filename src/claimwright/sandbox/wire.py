"""A builder that never refuses what a partner sent: characters that cannot go back on the wire become blanks."""

from __future__ import annotations

from claimwright.x12 import TransactionBuilder


class Answer(TransactionBuilder):
    """Echoes names and numbers as they came; a payer's system must answer whatever it accepted."""

    def _safe(self, segment_id: str, position: int, value: str) -> str:
        if value.isascii() and value.isprintable() and not self._forbidden.intersection(value):
            return value
        return "".join(c if " " <= c <= "~" and c not in self._forbidden else " " for c in value)
