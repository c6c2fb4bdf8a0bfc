"""Elements to values, with a fault and a harmless value where an element cannot be read. Nothing here raises."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Address, Adjustment, Patient, Person
from claimwright.codes.dates import DateError, parse_date8
from claimwright.codes.money import AmountError, parse_amount
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment

FIX_AMOUNT = "Ask the sender for the amount; nothing of this transaction is posted until it is known"
FIX_DATE = "Ask the sender for the date"
TRIPLES = range(2, 20, 3)
_QUANTITY = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")


class Values:
    """Reads elements of one transaction. `faults` collects what could not be read; `prefix` begins the fault ids."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.faults: list[Fault] = []
        self.loop = ""
        self.control_number = ""

    def fault(
        self,
        name: str,
        segment: Segment | None,
        element: int,
        message: str,
        fix: str,
        severity: Severity = Severity.REJECT,
        component: int = 0,
    ) -> None:
        self.faults.append(
            Fault(
                id=f"{self.prefix}-{name}",
                message=message,
                fix=fix,
                severity=severity,
                segment_id=segment.id if segment else "",
                segment=segment.number if segment else 0,
                ordinal=segment.ordinal if segment else 0,
                byte=segment.offset if segment else 0,
                loop=self.loop,
                element=element,
                component=component,
                value=segment[element] if segment else "",
                control_number=self.control_number,
            )
        )

    def amount(self, segment: Segment, element: int) -> Decimal:
        """A required amount; 0.00 with a fault where it is missing or no amount."""
        try:
            return parse_amount(segment[element].strip())
        except AmountError as error:
            self.fault("AMOUNT", segment, element, f"This is no amount: {error}", FIX_AMOUNT)
            return ZERO

    def optional_amount(self, segment: Segment | None, element: int) -> Decimal | None:
        if segment is None or not segment[element].strip():
            return None
        return self.amount(segment, element)

    def quantity(self, segment: Segment, element: int, component: int = 0) -> Decimal | None:
        value = (segment.component(element, component) if component else segment[element]).strip()
        if not value:
            return None
        if not _QUANTITY.match(value) or len(value) > 18:
            self.fault("QUANTITY", segment, element, "This is no quantity", FIX_AMOUNT, Severity.WARN, component)
            return None
        return Decimal(value)

    def day(self, segment: Segment | None, element: int, severity: Severity = Severity.WARN) -> date | None:
        """A D8, or the first eight digits of a DT; None when absent, None with a fault when it is no date."""
        value = segment[element].strip() if segment else ""
        if not value or segment is None:
            return None
        try:
            return parse_date8(value[:8] if len(value) in (12, 14) else value)
        except DateError as error:
            self.fault("DATE", segment, element, f"This is no date: {error}", FIX_DATE, severity)
            return None

    def dated(self, loop: Loop, qualifier: str, segment_id: str = "DTP", element: int = 3) -> date | None:
        """The day of the DTP (or DTM) with that qualifier."""
        return self.day(loop.first(segment_id, qualifier), element)

    def span(self, segment: Segment | None) -> tuple[date | None, date | None]:
        """First and last day of a DTP*472; the last is None for a single day."""
        if segment is None:
            return None, None
        if segment[2] != "RD8":
            return self.day(segment, 3), None
        first, _, last = segment[3].partition("-")
        try:
            start, end = parse_date8(first.strip()), parse_date8(last.strip())
        except DateError as error:
            self.fault("DATE", segment, 3, f"This is no range of dates: {error}", FIX_DATE, Severity.WARN)
            return None, None
        return start, end if end != start else None

    def adjustments(self, loop: Loop) -> tuple[Adjustment, ...]:
        """All CAS triples; an empty one between others is passed over, half a one is a fault."""
        found = []
        for segment in loop.all("CAS"):
            for at in TRIPLES:
                reason, amount = segment[at].strip(), segment[at + 1].strip()
                if not reason and not amount:
                    continue
                if not reason or not segment[1].strip():
                    self.fault("CAS", segment, at, "An adjustment without its group or reason", FIX_AMOUNT)
                found.append(
                    Adjustment(
                        group=segment[1].strip(),
                        reason=reason,
                        amount=self.amount(segment, at + 1),
                        quantity=self.quantity(segment, at + 2),
                    )
                )
        return tuple(found)


def reference(loop: Loop, qualifier: str) -> str:
    segment = loop.first("REF", qualifier)
    return segment.text_of(2).strip() if segment else ""


def address_of(loop: Loop) -> Address:
    street, place = loop.first("N3"), loop.first("N4")
    country = place[4].strip() if place else ""
    return Address(
        line1=street.text_of(1).strip() if street else "",
        line2=street.text_of(2).strip() if street else "",
        city=place.text_of(1).strip() if place else "",
        state=place[2].strip() if place else "",
        postal_code=_digits(place[3]) if place else "",
        country="" if country in ("US", "USA") else country,
        country_subdivision=place[7].strip() if place else "",
    )


def person_of(name: Segment | None) -> Person:
    """The person of an NM1, without what other segments hold."""
    if name is None:
        return Person()
    return Person(
        last_name=name.text_of(3).strip(),
        first_name=name.text_of(4).strip(),
        middle_name=name.text_of(5).strip(),
        suffix=name.text_of(7).strip(),
    )


def as_person(patient: Patient) -> Person:
    return Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})


LEGACY_TAX_QUALIFIERS = {"24": "EI", "34": "SY"}


def _digits(value: str) -> str:
    return "".join(character for character in value if character.isdigit())
