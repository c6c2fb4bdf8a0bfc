"""What the writers of the non-claim transactions share: parties, periods, references, and levels under HL segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Generic, TypeVar

import msgspec

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
from claimwright.claims.to_x12.parties import Code, Part, PolicyWriter, Words
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder

T = TypeVar("T")

NUMBERS_PER_PER = 3
DIAGNOSES_PER_HI = 12


def build_interchange(
    set_id: str,
    guide: str,
    transactions: Sequence[Sequence[Segment]],
    *,
    envelope: Envelope,
    control_number: int,
    group_control_number: int,
    when: datetime,
    line_break: str = "",
) -> bytes:
    """One ISA..IEA with one GS around transactions that one of the writers built."""
    interchange = InterchangeBuilder(envelope, control_number, when, line_break=line_break)
    interchange.add_group(set_id, group_control_number, guide, transactions)
    return interchange.build()


class Node(Generic[T]):
    """One level to be written: its key, the items that are told at it, and the levels below."""

    __slots__ = ("children", "code", "key", "own")

    def __init__(self, code: str, key: object) -> None:
        self.code, self.key = code, key
        self.own: list[T] = []
        self.children: list[Node[T]] = []


def levels(
    items: Iterable[T], path: Callable[[T], Sequence[tuple[str, object]]], most_own: int | Mapping[str, int]
) -> list[Node[T]]:
    """The items as a tree of levels. Neighbours of equal parties share a level; the order of the items is kept.

    `path` gives (level code, key) from the top down to the level that tells the item. A level tells at most
    `most_own` items (0 = no limit; or the limits by level code), all of them before the levels below it.
    """
    roots: list[Node[T]] = []
    for item in items:
        steps = path(item)
        most = most_own if isinstance(most_own, int) else most_own.get(steps[-1][0], 0)
        nodes = roots
        for depth, (code, key) in enumerate(steps, 1):
            last = nodes[-1] if nodes else None
            told_here = depth == len(steps)
            if last is None or (last.code, last.key) != (code, key) or (told_here and _closed(last, most)):
                last = Node(code, key)
                nodes.append(last)
            if told_here:
                last.own.append(item)
            nodes = last.children
    return roots


def _closed(node: Node[T], most_own: int) -> bool:
    return bool(node.children) or bool(most_own and len(node.own) >= most_own)


class TransactionWriter(PolicyWriter):
    """Writes segments of parties and their data; a subclass knows the order of one guide."""

    level = 0  # the last HL01

    def hierarchy(self, parent: int, code: str, child: str) -> int:
        """An HL; `child` is HL04, "" where the guide does not use it."""
        self.level += 1
        self.add("HL", self.level, parent or "", code, child)
        return self.level

    def beginning(
        self, structure: str, purpose: str, reference: str, created: date | None, time: str, kind: str
    ) -> None:
        self.add("BHT", structure, purpose, Code(reference), created, time, kind)

    def party_name(self, party: Party) -> None:
        names = (party.last_name, party.first_name, party.middle_name, party.prefix, party.suffix)
        self.add(
            "NM1",
            party.role,
            "2" if party.is_organization else "1",
            *(Words(name) for name in names),
            party.id_qualifier,
            Code(party.identifier),
            party.relationship,
        )

    def short_name(self, party: Party) -> None:
        """The N1 of an organization; nothing for a party that is not there."""
        if not (party.role or party.last_name or party.identifier):
            return
        self.add("N1", party.role, Words(party.last_name), party.id_qualifier, Code(party.identifier))

    def party(self, party: Party, order: str = "REF N3 PER AAA PRV") -> None:
        """NM1 and the segments of `order` that the party has something for; N3 stands for N3 and N4."""
        self.party_name(party)
        self.party_data(party, order)

    def party_data(self, party: Party, order: str) -> None:
        writers: dict[str, Callable[[Party], None]] = {
            "REF": lambda one: self.reference_list(one.references),
            "N3": self.place,
            "PER": lambda one: self.contacts(one.contacts),
            "AAA": lambda one: self.rejections(one.rejections),
            "PRV": self.provider_data,
        }
        for segment_id in order.split():
            writers[segment_id](party)

    def place(self, party: Party) -> None:
        """N3 and N4."""
        address = party.address
        if address.line1 or address.line2:
            self.add("N3", Words(address.line1), Words(address.line2))
        if party.more_lines:
            self.add("N3", *(Words(line) for line in party.more_lines[:2]))
        codes = (address.state, address.postal_code, address.country)
        rest = (party.location_qualifier, party.location, address.country_subdivision)
        if address.city or any(codes) or any(rest):
            self.add("N4", Words(address.city), *(Code(part) for part in (*codes, *rest)))

    def provider_data(self, party: Party) -> None:
        if party.provider_code or party.taxonomy:
            self.add("PRV", party.provider_code, party.taxonomy_qualifier, Code(party.taxonomy))

    def person_data(self, person: CoveredPerson, subscriber: bool) -> None:
        """DMG, INS, HI, DTP and MPI of a subscriber or dependent of the 270 and 271."""
        self.demographics(person)
        self.insured(person, subscriber)
        self.diagnoses(person)
        self.periods(person.dates)
        if person.military is not None:
            self.military(person.military)

    def demographics(self, person: CoveredPerson) -> None:
        if person.birth_date is not None or person.sex:
            self.add("DMG", "D8" if person.birth_date else "", person.birth_date, person.sex)

    def insured(self, person: CoveredPerson, subscriber: bool) -> None:
        told = (
            person.insured_relationship,
            person.maintenance_type,
            person.maintenance_reason,
            person.employment_status,
        )
        if not any(told) and person.birth_sequence is None:
            return
        self.add(
            "INS",
            "Y" if subscriber else "N",
            person.insured_relationship,
            person.maintenance_type,
            person.maintenance_reason,
            "",
            "",
            "",
            person.employment_status,
            *([""] * 8),
            person.birth_sequence,
        )

    def diagnoses(self, person: CoveredPerson) -> None:
        found = person.diagnoses
        for at in range(0, len(found), DIAGNOSES_PER_HI):
            self.add("HI", *((one.qualifier, Code(one.code)) for one in found[at : at + DIAGNOSES_PER_HI]))

    def military(self, service: MilitaryService) -> None:
        style, days = format_period(service.start, service.end)
        self.add(
            "MPI",
            service.information_status,
            service.employment_status,
            service.affiliation,
            Words(service.description),
            service.rank,
            style,
            days,
        )

    def traces(self, traces: Sequence[Trace]) -> None:
        for trace in traces:
            self.add("TRN", trace.kind, Code(trace.number), Code(trace.originator), Code(trace.division))

    def reference_list(self, references: Sequence[Reference]) -> None:
        for item in references:
            related = tuple(part for kind, value in item.related for part in (kind, Code(value)))
            self.add("REF", item.qualifier, Code(item.value), Words(item.description), related)

    def contacts(self, contacts: Sequence[ContactPoint]) -> None:
        for item in contacts:
            pairs: list[Part] = []
            for kind, number in item.numbers[:NUMBERS_PER_PER]:
                pairs += [kind, _address_of_contact(kind, number)]
            self.add("PER", item.function, Words(item.name), *pairs)

    def rejections(self, rejections: Sequence[Rejection]) -> None:
        for item in rejections:
            self.add("AAA", item.valid, "", item.reason, item.follow_up)

    def periods(self, periods: Sequence[Period]) -> None:
        for item in periods:
            style, days = format_period(item.start, item.end, item.time)
            self.add("DTP", item.qualifier, style, days)

    def messages(self, messages: Sequence[str]) -> None:
        for message in messages:
            self.add("MSG", Words(message))

    def deliveries(self, deliveries: Sequence[Delivery]) -> None:
        for item in deliveries:
            self.add(
                "HSD",
                item.quantity_qualifier,
                item.quantity,
                item.unit,
                item.sampling,
                item.period,
                item.period_count,
                item.pattern,
                item.time_pattern,
            )


def _address_of_contact(kind: str, number: str) -> Part:
    """E-mail and web addresses are words of one case; telephone numbers are identifiers."""
    return Words(number) if kind in ("EM", "UR") else Code(number)


def procedure_parts(procedure: Procedure | None) -> Part:
    """The composite of a procedure, "" where there is none."""
    if procedure is None:
        return ""
    modifiers = [*procedure.modifiers, "", "", "", ""][:4]
    return (
        procedure.qualifier,
        Code(procedure.code),
        *modifiers,
        Words(procedure.description),
        Code(procedure.through_code),
    )


def format_period(start: date | None, end: date | None, time: str = "") -> tuple[str, str]:
    """Format qualifier and text of a date, a range or a date with time; both "" where there is no date."""
    if start is None:
        return "", ""
    if end is not None:
        return "RD8", f"{day8(start)}-{day8(end)}"
    return ("DT", f"{day8(start)}{time}") if time else ("D8", day8(start))


def day8(day: date) -> str:
    """CCYYMMDD, with the century's zeros that strftime leaves out before the year 1000."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def transaction_number(noun: msgspec.Struct, control_number: str) -> str:
    """ST02: the one given, else the noun's own, else 0001."""
    return control_number or getattr(noun, "transaction_control_number", "") or "0001"
