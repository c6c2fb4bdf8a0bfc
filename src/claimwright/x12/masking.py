"""A file whose people cannot be told, and that is in all else the same: lengths, balances, codes, loops and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12 import masking_table as table
from claimwright.x12.flow import Flow, Placed, placed
from claimwright.x12.masking_table import NOBODY, ORGANIZATION, PERSON, PROVIDER
from claimwright.x12.permuting import Permuter
from claimwright.x12.segments import Segment

Changes = dict[int, str]
SURROUNDED = ("NM1", "N1")


class Masker:
    """Masks files under one key: what is one value in several files becomes one other value in all of them.

    With `providers` those are masked too (an NPI becomes another valid one); without `claim_numbers` account, claim
    and authorization numbers stay; without `texts` notes stay. `masked` counts what was changed by kind, `kept` what
    stayed and may still tell something. Dates of service stay. A birth date after its file's date would become a
    plausible one and stays.
    """

    def __init__(
        self, key: bytes, *, providers: bool = False, claim_numbers: bool = True, texts: bool = True
    ) -> None:  # fmt: skip
        self._permuter = Permuter(key)
        self._providers, self._claim_numbers, self._texts = providers, claim_numbers, texts
        self._party = NOBODY  # of the last NM1 or N1: for transactions whose guide is not known here
        self._file_date = ""
        self.masked: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.unplaced = 0  # transactions whose guide is not known here: masked by what their segments say alone

    def mask(self, source: Path | BinaryIO | bytes) -> Iterator[str]:
        """The file again, segment by segment, with the text before and behind."""
        flow = Flow(source)
        first = True
        for one in placed(iter(flow)):
            if first:
                first = False
                yield flow.preamble
            yield self._text(one)
        yield flow.remainder

    def _text(self, one: Placed) -> str:
        segment = one.segment
        name = segment.elements[0]
        if one.transaction is None:
            self._note_envelope(name, segment)
            return segment.text()
        if name == "ST" and one.loop is None:
            self.unplaced += 1
        changes = self._changes(name, segment, one)
        if not changes:
            return segment.text()
        elements = list(segment.elements)
        for position, value in changes.items():
            elements[position] = value
        as_read = segment.as_read
        if as_read is not None:
            as_read = _wrapped(segment.delimiters.element.join(elements), as_read)
        return Segment(
            elements, segment.delimiters, lead=segment.lead, trail=segment.trail, as_read=as_read
        ).text()  # fmt: skip

    def _note_envelope(self, name: str, segment: Segment) -> None:
        self._party = NOBODY
        if name == "GS":
            self._file_date = segment[4]
            self.kept[table.KEPT_SENDER] += 1

    def _changes(self, name: str, segment: Segment, one: Placed) -> Changes:
        if name in table.PARTY_ELEMENTS:
            return self._of_party(name, segment, one)
        if name in table.ELEMENTS:
            return self._elements(segment, table.ELEMENTS[name])
        if name == "REF":
            return self._reference(segment, one)
        if name == "TRN":
            return self._trace(segment, one)
        if name == "PLB":
            return self._adjustments(segment)
        if name in ("CTX", "TS3", "RMR"):
            return self._rare(name, segment, one)
        self._note_kept(name, segment)
        return {}

    def _party_of(self, one: Placed) -> str:
        party = table.party_of(one)
        if one.segment.elements[0] in SURROUNDED:
            self._party = party
        elif one.loop is None:
            party = self._party
        return party

    def _of_party(self, name: str, segment: Segment, one: Placed) -> Changes:
        party = self._party_of(one)
        if name == "DMG":
            party = PERSON  # nobody else has one
        if party == PERSON or (party == PROVIDER and self._providers):
            return self._elements(segment, table.PARTY_ELEMENTS[name])
        if name in SURROUNDED:
            self.kept[table.KEPT_PROVIDER if party == PROVIDER else table.KEPT_ORGANIZATION] += 1
        return {}

    def _elements(self, segment: Segment, rows: tuple[tuple[int, str], ...]) -> Changes:
        changes: Changes = {}
        for position, kind in rows:
            value = segment[position]
            if value:
                made = self._value(kind, value, segment[position - 1])
                if made != value:
                    changes[position] = made
        return changes

    def _value(self, kind: str, value: str, before: str = "") -> str:
        """The mask of a value; `before` is the element before it, which tells a telephone from an address."""
        permuter = self._permuter
        if (kind == table.CLAIM and not self._claim_numbers) or (kind == table.TEXT and not self._texts):
            self.kept[f"{kind}s"] += 1
            return value
        if kind in (table.IDENTIFIER, table.CLAIM):
            made = permuter.identifier(value)
        elif kind in (table.NAME, table.CITY):
            made = permuter.name(value)
        elif kind == table.STREET:
            made = permuter.street(value)
        elif kind == table.POSTAL:
            made = permuter.postal(value)
        elif kind == table.BIRTH:
            made = value if self._file_date and value > self._file_date else permuter.birth(value)
        elif kind == table.CONTACT:
            made = permuter.contact(value, before)
        elif kind == table.TEXT:
            made = permuter.words(value)
        else:
            made = "X" * len(value)
        self.masked[kind] += made != value
        return made

    def _reference(self, segment: Segment, one: Placed) -> Changes:
        qualifier, party = segment[1], self._party_of(one)
        if party == PROVIDER and qualifier in table.PROVIDER_REFERENCES:
            kind = table.IDENTIFIER if self._providers else ""
        elif qualifier in table.CLAIM_REFERENCES:
            kind = table.CLAIM
        elif qualifier not in table.KEPT_REFERENCES and (
            party == PERSON or (qualifier in table.PERSON_REFERENCES and party != ORGANIZATION)
        ):
            kind = table.IDENTIFIER
        else:
            kind = ""
        if kind:
            return self._elements(segment, ((2, kind),))
        if qualifier in table.GROUP_REFERENCES:
            self.kept[table.KEPT_GROUP] += 1
        else:
            self.kept[table.KEPT_PROVIDER if party == PROVIDER else table.KEPT_NUMBER] += 1
        return {}

    def _trace(self, segment: Segment, one: Placed) -> Changes:
        assert one.transaction is not None
        if table.traces_a_claim(one.loop, one.transaction.set_id):
            return self._elements(segment, ((2, table.CLAIM),))
        self.kept[table.KEPT_NUMBER] += 1
        return {}

    def _adjustments(self, segment: Segment) -> Changes:
        """PLB: the claim numbers within, and the provider it is about."""
        changes = self._elements(segment, ((1, table.IDENTIFIER),)) if self._providers else {}
        separator = segment.delimiters.component
        for position in table.ADJUSTED:
            code, found, reference = segment[position].partition(separator)
            if found and reference:
                changes[position] = code + found + self._value(table.CLAIM, reference)
        return changes

    def _rare(self, name: str, segment: Segment, one: Placed) -> Changes:
        if name == "TS3":
            return self._elements(segment, ((1, table.IDENTIFIER),)) if self._providers else {}
        if name == "RMR":
            return self._elements(segment, ((2, table.CLAIM),)) if one.loop is None or one.loop.id == "2300B" else {}
        marks = segment.delimiters
        made = marks.repetition.join(self._copied(one, marks.component) for one in segment[1].split(marks.repetition))
        return {1: made} if made != segment[1] else {}

    def _copied(self, context: str, separator: str) -> str:
        """A context of a 999, in which the number of a claim or person was copied."""
        says, found, copied = context.partition(separator)
        kind = table.COPIED.get(says, table.IDENTIFIER)
        return says + found + self._value(kind, copied) if copied and kind else context

    def _note_kept(self, name: str, segment: Segment) -> None:
        if name in table.DATES:
            self.kept[table.KEPT_DATE] += 1
        elif name == "SBR" and (segment[3] or segment[4]):
            self.kept[table.KEPT_GROUP] += 1
        elif name in table.DESCRIPTIONS:
            position, component = table.DESCRIPTIONS[name]
            self.kept[table.KEPT_DESCRIPTION] += bool(segment.component(position, component))


def _wrapped(text: str, like: str) -> str:
    """The text with line breaks where `like`, which is as long without its own, has them."""
    characters = iter(text)
    return "".join(one if one in "\r\n" else next(characters, "") for one in like)
