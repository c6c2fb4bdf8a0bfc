"""Parties, periods and the other small data of the non-claim transactions, read from their segments. Never raises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from claimwright.claims.from_x12.values import Values
from claimwright.claims.nouns import ZERO, Address, Diagnosis
from claimwright.claims.parties import (
    ContactPoint,
    CoveredPerson,
    Delivery,
    MilitaryService,
    Party,
    Period,
    Procedure,
    Reference,
    Rejection,
    Trace,
)
from claimwright.codes.dates import DateError, parse_date8
from claimwright.codes.money import AmountError, parse_amount
from claimwright.x12 import guides, loops
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

N = TypeVar("N")

FIX_AMOUNT = "Ask the sender for the amount"
FIX_DATE = "Ask the sender for the date"
NUMBER_PAIRS = (3, 5, 7)
MODIFIERS = slice(2, 6)
CARDINAL_DIGITS = 9
POINTERS = 4
HOME_COUNTRIES = ("US", "USA")


class Read(msgspec.Struct, Generic[N], frozen=True, kw_only=True):
    """What a transaction holds, and what of it could not be read."""

    noun: N
    faults: tuple[Fault, ...] = ()


def tree(transaction: Transaction, guide_id: str, set_id: str, purpose: str = "") -> Loop:
    """The transaction as loops of that guide, whichever release it names: other releases are alike where they overlap."""
    return loops.parse(transaction, guides.find(guide_id, set_id, purpose))


def text(segment: Segment | None, element: int) -> str:
    """An element as a person wrote it, without blanks around it; "" where there is none."""
    return segment.text_of(element).strip() if segment is not None else ""


class PartyValues(Values):
    """Reads parties and their data; `Values` does single elements."""

    def amount(self, segment: Segment, element: int) -> Decimal:
        """A required amount; 0.00 with a fault where it is missing or no amount."""
        try:
            return parse_amount(segment[element].strip())
        except AmountError as error:
            self.fault("AMOUNT", segment, element, f"This is no amount: {error}", FIX_AMOUNT)
            return ZERO

    def number(self, segment: Segment | None, element: int) -> int | None:
        """A whole number of at most nine digits; None when absent, None with a fault when it is none."""
        value = segment[element].strip() if segment is not None else ""
        if not value or segment is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= CARDINAL_DIGITS):
            self.fault("NUMBER", segment, element, "This is no whole number", "Ask the sender", Severity.WARN)
            return None
        return int(value)

    def pointers(self, segment: Segment, element: int) -> tuple[int, ...]:
        parts = (part.strip() for part in segment.components(element)[:POINTERS])
        return tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= POINTERS)

    def period(self, segment: Segment, qualifier: int = 1, kind: int = 2, value: int = 3) -> Period:
        """A DTP, or with other positions any triple of qualifier, format and date: D8, RD8, DT and TM are known."""
        name, style, days = segment[qualifier].strip(), segment[kind].strip(), segment[value].strip()
        if style == "RD8" or (style == "" and "-" in days):
            first, _, last = days.partition("-")
            return Period(qualifier=name, start=self._day(segment, value, first), end=self._day(segment, value, last))
        if style == "DT" and len(days) in (12, 14):
            return Period(qualifier=name, start=self._day(segment, value, days[:8]), time=days[8:12])
        return Period(qualifier=name, start=self._day(segment, value, days))

    def _day(self, segment: Segment, element: int, value: str) -> date | None:
        if not value.strip():
            return None
        try:
            return parse_date8(value.strip())
        except DateError as error:
            self.fault("DATE", segment, element, f"This is no date: {error}", FIX_DATE, Severity.WARN)
            return None

    def periods(self, loop: Loop, *passed_over: str) -> tuple[Period, ...]:
        return tuple(self.period(segment) for segment in loop.all("DTP") if segment[1].strip() not in passed_over)

    def party(self, loop: Loop | None, level: str = "") -> Party:
        """The party of a loop that an NM1 or N1 opens; blank where there is no such loop."""
        return Party(**self._party_fields(loop, level)) if loop is not None else Party()

    def _party_fields(self, loop: Loop, level: str) -> dict[str, Any]:
        name, provider, place = loop.first("NM1"), loop.first("PRV"), loop.first("N4")
        found: dict[str, Any] = {}
        if name is not None:
            found = {
                "role": text(name, 1),
                "is_organization": text(name, 2) == "2",
                "last_name": text(name, 3),
                "first_name": text(name, 4),
                "middle_name": text(name, 5),
                "prefix": text(name, 6),
                "suffix": text(name, 7),
                "id_qualifier": text(name, 8),
                "identifier": text(name, 9),
                "relationship": text(name, 10),
            }
        elif (short := loop.first("N1")) is not None:
            found = {
                "role": text(short, 1),
                "is_organization": True,
                "last_name": text(short, 2),
                "id_qualifier": text(short, 3),
                "identifier": text(short, 4),
            }
        return found | {
            "additional_name": text(loop.first("N2"), 1),
            "address": address(loop),
            "more_lines": tuple(text(street, at) for street in loop.all("N3")[1:] for at in (1, 2) if text(street, at)),
            "location_qualifier": text(place, 5),
            "location": text(place, 6),
            "contacts": tuple(contact(segment) for segment in loop.all("PER")),
            "references": references(loop),
            "provider_code": text(provider, 1),
            "taxonomy_qualifier": text(provider, 2),
            "taxonomy": text(provider, 3),
            "rejections": rejections(loop, level),
        }

    def covered_person(self, loop: Loop | None, level: str = "") -> CoveredPerson:
        """A subscriber or dependent: the party and what DMG, INS, HI, DTP and MPI add."""
        if loop is None:
            return CoveredPerson()
        birth, insured = loop.first("DMG"), loop.first("INS")
        fields = self._party_fields(loop, level)
        return CoveredPerson(
            **fields,
            birth_date=self.day(birth, 2),
            sex=text(birth, 3),
            insured_relationship=text(insured, 2),
            maintenance_type=text(insured, 3),
            maintenance_reason=text(insured, 4),
            employment_status=text(insured, 8),
            birth_sequence=self.number(insured, 17),
            diagnoses=diagnoses(loop),
            dates=self.periods(loop),
            military=self._military(loop.first("MPI")),
        )

    def _military(self, segment: Segment | None) -> MilitaryService | None:
        if segment is None:
            return None
        period = self.period(segment, 6, 6, 7)
        return MilitaryService(
            information_status=text(segment, 1),
            employment_status=text(segment, 2),
            affiliation=text(segment, 3),
            description=text(segment, 4),
            rank=text(segment, 5),
            start=period.start,
            end=period.end,
        )

    def delivery(self, segment: Segment) -> Delivery:
        return Delivery(
            quantity_qualifier=text(segment, 1),
            quantity=self.quantity(segment, 2),
            unit=text(segment, 3),
            sampling=self.quantity(segment, 4),
            period=text(segment, 5),
            period_count=self.number(segment, 6),
            pattern=text(segment, 7),
            time_pattern=text(segment, 8),
        )


def opening(loop: Loop, segment_id: str) -> Segment:
    """The segment that opens a loop; a blank one where the loop was opened by one further in."""
    return loop.first(segment_id) or (loop.segments[0] if loop.segments else Segment([segment_id]))


def inner_loops(level: Loop, inner: str, opener: str) -> Iterator[Loop]:
    """The loops of that id below a level. Where a sender put a segment before its place, so that what follows had no
    loop to go to, what its openers left in the level itself or in its names is told as loops too."""
    yield from level.descend(inner)
    for place in (level, *(loop for loop in level.loops if loop.segments and loop.segments[0].id == "NM1")):
        stray: list[Segment] = []
        for segment in place.segments:
            if segment.id == opener:
                if stray:
                    yield Loop(inner, place, None, stray)
                stray = [segment]
            elif stray:
                stray.append(segment)
        if stray:
            yield Loop(inner, place, None, stray)


def address(loop: Loop) -> Address:
    """N3 and N4. A postal code of digits loses its hyphen; one of another country is kept as it came."""
    street, place = loop.first("N3"), loop.first("N4")
    country, postal = text(place, 4), text(place, 3)
    bare = postal.replace("-", "").replace(" ", "")
    return Address(
        line1=text(street, 1),
        line2=text(street, 2),
        city=text(place, 1),
        state=text(place, 2),
        postal_code=bare if bare.isascii() and bare.isdigit() else postal,
        country="" if country in HOME_COUNTRIES else country,
        country_subdivision=text(place, 7),
    )


def contact(segment: Segment) -> ContactPoint:
    pairs = ((text(segment, at), text(segment, at + 1)) for at in NUMBER_PAIRS)
    return ContactPoint(
        function=text(segment, 1),
        name=text(segment, 2),
        numbers=tuple((kind, number) for kind, number in pairs if kind or number),
    )


def references(loop: Loop, *passed_over: str) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            qualifier=text(segment, 1),
            value=text(segment, 2),
            description=text(segment, 3),
            related=_related(segment),
        )
        for segment in loop.all("REF")
        if segment[1].strip() not in passed_over
    )


def _related(segment: Segment) -> tuple[tuple[str, str], ...]:
    parts = [part.strip() for part in segment.components(4)]
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=False)
    return tuple((qualifier, value) for qualifier, value in pairs if qualifier or value)


def traces(loop: Loop) -> tuple[Trace, ...]:
    return tuple(
        Trace(
            kind=text(segment, 1),
            number=text(segment, 2),
            originator=text(segment, 3),
            division=text(segment, 4),
        )
        for segment in loop.all("TRN")
    )


def rejections(loop: Loop, level: str) -> tuple[Rejection, ...]:
    return tuple(
        Rejection(level=level, valid=text(segment, 1), reason=text(segment, 3), follow_up=text(segment, 4))
        for segment in loop.all("AAA")
    )


def diagnoses(loop: Loop) -> tuple[Diagnosis, ...]:
    """The code and qualifier of each HI composite; empty ones are passed over."""
    return tuple(
        Diagnosis(qualifier=segment.component(at, 1).strip(), code=segment.component(at, 2).strip())
        for segment in loop.all("HI")
        for at in range(1, len(segment) + 1)
        if segment.component(at, 2).strip()
    )


def messages(loop: Loop) -> tuple[str, ...]:
    return tuple(text(segment, 1) for segment in loop.all("MSG") if text(segment, 1))


def repeats(segment: Segment | None, element: int) -> tuple[str, ...]:
    """The repeats of an element; blank ones are passed over."""
    if segment is None:
        return ()
    return tuple(part.strip() for part in segment.repeats(element) if part.strip())


def procedure(segment: Segment | None, element: int) -> Procedure | None:
    """The procedure composite of an element, None where it is empty."""
    parts = [part.strip() for part in segment.components(element)] if segment is not None else []
    if not any(parts):
        return None
    parts += [""] * (8 - len(parts))
    return Procedure(
        qualifier=parts[0],
        code=parts[1],
        modifiers=tuple(part for part in parts[MODIFIERS] if part),
        description=parts[6],
        through_code=parts[7],
    )
