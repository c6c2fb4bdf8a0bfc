"""Who sends and who receives a transaction: loops 1000A and 1000B, and the writer that applies the text policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Union, cast

import msgspec

from claimwright.claims.nouns import Address, Adjustment, Provider
from claimwright.claims.to_x12.text import TextNotice, Unwritable, identifier, words
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Element, TransactionBuilder, ValueRefused

NO_POLICY = frozenset((str, Decimal, int, date, type(None)))  # written as they are
TRIPLES_PER_CAS = 6
CAS_PER_LOOP = 5


class Submitter(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 1000A: the sender as the receiver enrolled it, with whom to call."""

    name: str
    identifier: str
    contact_name: str = ""
    phone: str = ""
    email: str = ""


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 1000B: the clearinghouse or payer the file goes to."""

    name: str
    identifier: str


class Words(msgspec.Struct, frozen=True):
    """An element of free words: mapped by the text policy, with a notice."""

    value: str


class Code(msgspec.Struct, frozen=True):
    """An element that is an identifier: upper case or refused."""

    value: str


Part = Union["Element", Words, Code, Sequence[object]]  # a sequence is a composite


class PolicyWriter:
    """A TransactionBuilder whose words and identifiers pass the text policy. `notices` records every change."""

    def __init__(self, builder: TransactionBuilder) -> None:
        self.builder = builder
        self.notices: list[TextNotice] = []
        self.control_number = ""  # of the claim being written, for the notices

    def add(self, segment_id: str, *elements: Part) -> Segment:
        values = [
            value if value.__class__ in NO_POLICY else self._element(segment_id, position, value)
            for position, value in enumerate(elements, 1)
        ]
        return self.builder.add(segment_id, *cast("list[Element]", values))

    def _element(self, segment_id: str, position: int, value: Part) -> Element:
        if isinstance(value, Words | Code):
            return self._text(segment_id, position, value)
        if isinstance(value, tuple | list):
            parts = (self._text(segment_id, position, p) if isinstance(p, Words | Code) else p for p in value)
            return cast("Element", tuple(parts))
        return cast("Element", value)

    def _text(self, segment_id: str, position: int, value: Words | Code) -> str:
        try:
            if isinstance(value, Code):
                return identifier(value.value)
            text, changes = words(value.value)
        except Unwritable as refusal:
            raise ValueRefused(segment_id, position, str(refusal)) from None
        if changes:
            self.notices.append(
                TextNotice(
                    control_number=self.control_number,
                    segment_id=segment_id,
                    element=position,
                    before=value.value,
                    after=text,
                    changes=changes,
                )
            )
        return text

    def name(self, entity: str, provider: Provider, qualifier: str = "XX") -> None:
        """NM1 of a provider; the id pair only where there is an id."""
        self.add(
            "NM1",
            entity,
            "2" if provider.is_organization else "1",
            Words(provider.last_name),
            Words("" if provider.is_organization else provider.first_name),
            Words("" if provider.is_organization else provider.middle_name),
            "",
            Words("" if provider.is_organization else provider.suffix),
            qualifier if provider.npi else "",
            Code(provider.npi),
        )

    def address(self, address: Address) -> None:
        if address.line1 or address.line2:
            self.add("N3", Words(address.line1), Words(address.line2))
        if address.city or address.state or address.postal_code or address.country:
            place = (Words(address.city), Code(address.state), Code(address.postal_code), Code(address.country))
            self.add("N4", *place, "", "", Code(address.country_subdivision))

    def references(self, ids: Sequence[tuple[str, str]]) -> None:
        for qualifier, value in ids:
            self.add("REF", qualifier, Code(value))

    def adjustments(self, adjustments: Sequence[Adjustment]) -> None:
        """CAS by group in order of first appearance, at most six triples in one segment and five segments in a loop."""
        segments: list[list[Adjustment]] = []
        for group in dict.fromkeys(adjustment.group for adjustment in adjustments):
            members = [adjustment for adjustment in adjustments if adjustment.group == group]
            segments.extend(members[at : at + TRIPLES_PER_CAS] for at in range(0, len(members), TRIPLES_PER_CAS))
        if len(segments) > CAS_PER_LOOP:
            raise ValueRefused("CAS", 1, f"more than {CAS_PER_LOOP} adjustment segments in one loop")
        for members in segments:
            triples: list[Element] = []
            for adjustment in members:
                triples += [adjustment.reason, adjustment.amount, adjustment.quantity]
            self.add("CAS", members[0].group, *triples)
