"""What a trading partner takes in one file: how much of it, in which separators, between which ids."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters
from claimwright.x12.writer import Envelope

CLAIMS_PER_TRANSACTION = 5_000  # 005010X222A1, section 1.3.2, and its sisters: recommended limit of CLM in one ST..SE
LINE_BREAKS = ("", "\n", "\r\n")
SHORTEST_APPLICATION, LONGEST_PARTY = 2, 15  # GS02 and GS03; ISA06 and ISA08
LEAST_BYTES = 1_024  # less holds no claim with its envelope


class PartnerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one partner; 0 = none. `envelope` has the ids, their qualifiers and ISA15, test or production.

    `bytes_per_file` counts line breaks too. `one_guide_per_file` keeps 837P, 837I and 837D in files of their own, as
    `groups_per_interchange` 1 does. `line_break` stands behind each segment terminator.
    """

    envelope: Envelope
    claims_per_transaction: int = CLAIMS_PER_TRANSACTION
    transactions_per_group: int = 0
    groups_per_interchange: int = 0
    bytes_per_file: int = 0
    one_guide_per_file: bool = False
    delimiters: Delimiters = DEFAULT_DELIMITERS
    line_break: str = ""

    def problems(self) -> tuple[str, ...]:
        """What cannot be met, in words; empty when the limits make sense."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[str]:
        if self.claims_per_transaction < 0:
            yield "claims_per_transaction is negative"
        if self.transactions_per_group < 0 or self.groups_per_interchange < 0:
            yield "a limit of transactions or groups is negative"
        if self.bytes_per_file < 0 or 0 < self.bytes_per_file < LEAST_BYTES:
            yield f"bytes_per_file is less than {LEAST_BYTES}"
        if self.line_break not in LINE_BREAKS:
            yield "line_break is none of nothing, LF and CR LF"
        marks = (
            self.delimiters.element, self.delimiters.component, self.delimiters.repetition, self.delimiters.terminator,
        )  # fmt: skip
        if len(set(marks)) < len(marks) or any(len(mark) != 1 or mark.isalnum() or mark == " " for mark in marks):
            yield "the separators are not four different characters, none of them a letter, a digit or a blank"
        if any(mark in "\r\n" for mark in marks[:3]):
            yield "a line break may only end segments"
        if marks[3] in "\r\n" and self.line_break:
            yield "a line break stands behind a terminator that is one itself"
        yield from self._envelope_problems(marks)

    def _envelope_problems(self, marks: tuple[str, ...]) -> Iterator[str]:
        envelope = self.envelope
        if envelope.usage not in ("T", "P"):
            yield "usage is neither T nor P"
        if len(envelope.sender_qualifier) != 2 or len(envelope.receiver_qualifier) != 2:
            yield "an id qualifier of the interchange has not two characters"
        applications = (
            envelope.application_sender or envelope.sender_id, envelope.application_receiver or envelope.receiver_id,
        )  # fmt: skip
        for party in (envelope.sender_id, envelope.receiver_id, *applications):
            if any(not " " <= character <= "~" or character in marks for character in party):
                yield "a party id has a separator, or a character that is not ASCII"
        for party in (envelope.sender_id, envelope.receiver_id):
            if not party.strip() or len(party) > LONGEST_PARTY:
                yield f"a party id of the interchange has not 1 to {LONGEST_PARTY} characters"
        for party in applications:
            if not SHORTEST_APPLICATION <= len(party) <= LONGEST_PARTY:
                yield f"a party id of the group has not {SHORTEST_APPLICATION} to {LONGEST_PARTY} characters"
