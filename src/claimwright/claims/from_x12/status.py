"""276 and 277 (005010X212) to nouns. Reads everything, judges nothing, never raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from claimwright.claims.from_x12.parties import (
    PartyValues,
    Read,
    inner_loops,
    opening,
    procedure,
    references,
    text,
    tree,
)
from claimwright.claims.from_x12.values import reference
from claimwright.claims.parties import CoveredPerson, Party, Period
from claimwright.claims.status import (
    ClaimInquiry,
    LineInquiry,
    LineStatus,
    StatusCode,
    StatusInquiry,
    StatusReport,
    StatusResponse,
    StatusStatement,
)
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

GUIDE = "005010X212"
STATUS_COMPOSITES = (1, 10, 11)

StatusInquiryRead = Read[StatusInquiry]
StatusResponseRead = Read[StatusResponse]


def status_inquiry(transaction: Transaction) -> StatusInquiryRead:
    """One ST..SE of a 276: a ClaimInquiry for each claim asked about."""
    reader = InquiryReader("276")
    root = tree(transaction, GUIDE, "276")
    header = root.first("BHT")
    noun = StatusInquiry(
        transaction_control_number=transaction.control_number,
        reference=text(header, 3),
        created=reader.day(header, 4),
        created_time=text(header, 5),
        claims=tuple(reader.claims(root)),
    )
    return Read(noun=noun, faults=tuple(reader.faults))


def status_response(transaction: Transaction) -> StatusResponseRead:
    """One ST..SE of a 277: a StatusReport for each TRN of a claim, and of a receiver or provider."""
    reader = ResponseReader("277")
    root = tree(transaction, GUIDE, "277")
    header = root.first("BHT")
    noun = StatusResponse(
        transaction_control_number=transaction.control_number,
        reference=text(header, 3),
        created=reader.day(header, 4),
        created_time=text(header, 5),
        reports=tuple(reader.reports(root)),
    )
    return Read(noun=noun, faults=tuple(reader.faults))


class StatusReader(PartyValues):
    """What the readers of question and answer share."""

    def person(self, level: Loop, names: str) -> CoveredPerson:
        """The person of a level; the birth date stands in the level, not in its name loop."""
        loop, birth = level.find(names), level.first("DMG")
        self.loop = names
        person = self.covered_person(loop)
        if birth is None:
            return person
        return msgspec.structs.replace(person, birth_date=self.day(birth, 2), sex=text(birth, 3))

    def providers(self, level: Loop) -> tuple[Party, ...]:
        return tuple(self.party(loop) for loop in level.loops_of("2100C"))

    def service_dates(self, loop: Loop) -> Period | None:
        segment = loop.first("DTP", "472")
        return self.period(segment) if segment is not None else None

    def statements(self, loop: Loop) -> tuple[StatusStatement, ...]:
        return tuple(self.statement(segment) for segment in loop.all("STC"))

    def statement(self, segment: Segment) -> StatusStatement:
        return StatusStatement(
            codes=tuple(_code(segment, at) for at in STATUS_COMPOSITES if segment[at].strip()),
            effective_date=self.day(segment, 2),
            action=text(segment, 3),
            charge=self.optional_amount(segment, 4),
            paid=self.optional_amount(segment, 5),
            finalized_date=self.day(segment, 6),
            payment_date=self.day(segment, 8),
            payment_trace=text(segment, 9),
            message=text(segment, 12),
        )


class InquiryReader(StatusReader):
    """Reads the loops of one 276."""

    def claims(self, root: Loop) -> Iterator[ClaimInquiry]:
        for source in root.descend("2000A"):
            payer = self.party(source.find("2100A"))
            for receiver in source.descend("2000B"):
                asking = self.party(receiver.find("2100B"))
                for provider in receiver.descend("2000C"):
                    base = ClaimInquiry(payer=payer, receiver=asking, providers=self.providers(provider))
                    for level in provider.descend("2000D"):
                        yield from self.family(base, level)

    def family(self, base: ClaimInquiry, level: Loop) -> Iterator[ClaimInquiry]:
        base = msgspec.structs.replace(base, subscriber=self.person(level, "2100D"))
        asked, dependents = list(inner_loops(level, "2200D", "TRN")), list(level.descend("2000E"))
        if not asked and not dependents:
            yield base
        for loop in asked:
            yield self.claim(base, loop, "2210D")
        for below in dependents:
            base = msgspec.structs.replace(base, dependent=self.person(below, "2100E"))
            asked = list(inner_loops(below, "2200E", "TRN"))
            if not asked:
                yield base
            for loop in asked:
                yield self.claim(base, loop, "2210E")

    def claim(self, base: ClaimInquiry, loop: Loop, lines: str) -> ClaimInquiry:
        self.loop = loop.id
        trace = text(loop.first("TRN"), 2)
        self.control_number = reference(loop, "EJ")
        return msgspec.structs.replace(
            base,
            trace_number=trace,
            references=references(loop),
            charge=self.optional_amount(loop.first("AMT", "T3"), 2),
            dates=self.service_dates(loop),
            lines=tuple(self.line(line) for line in loop.descend(lines)),
        )

    def line(self, loop: Loop) -> LineInquiry:
        self.loop = loop.id
        service = opening(loop, "SVC")
        return LineInquiry(
            procedure=procedure(service, 1),
            charge=self.optional_amount(service, 2),
            revenue_code=text(service, 4),
            units=self.quantity(service, 7),
            control_number=reference(loop, "FJ"),
            dates=self.service_dates(loop),
        )


class ResponseReader(StatusReader):
    """Reads the loops of one 277."""

    def reports(self, root: Loop) -> Iterator[StatusReport]:
        for source in root.descend("2000A"):
            payer = self.party(source.find("2100A"))
            for receiver in source.descend("2000B"):
                base = StatusReport(payer=payer, receiver=self.party(receiver.find("2100B")))
                providers = list(receiver.descend("2000C"))
                yield from self.told(base, receiver.loops_of("2200B"), "receiver", providers)
                for provider in providers:
                    base = msgspec.structs.replace(base, providers=self.providers(provider))
                    subscribers = list(provider.descend("2000D"))
                    yield from self.told(base, provider.loops_of("2200C"), "provider", subscribers)
                    for level in subscribers:
                        yield from self.family(base, level)

    def family(self, base: StatusReport, level: Loop) -> Iterator[StatusReport]:
        base = msgspec.structs.replace(base, subscriber=self.person(level, "2100D"))
        dependents = list(level.descend("2000E"))
        yield from self.told(base, list(inner_loops(level, "2200D", "TRN")), "claim", dependents)
        for below in dependents:
            base = msgspec.structs.replace(base, dependent=self.person(below, "2100E"))
            yield from self.told(base, list(inner_loops(below, "2200E", "TRN")), "claim", ())

    def told(
        self, base: StatusReport, traces: Sequence[Loop], level: str, below: Sequence[Loop]
    ) -> Iterator[StatusReport]:
        """What is told at a level; a level that nothing is told at or below is a report without a trace."""
        if not traces and not below:
            yield msgspec.structs.replace(base, level=level)
        for loop in traces:
            yield self.report(base, loop, level)

    def report(self, base: StatusReport, loop: Loop, level: str) -> StatusReport:
        self.loop, self.control_number = loop.id, reference(loop, "EJ")
        trace = loop.first("TRN")
        lines = "2220D" if loop.id == "2200D" else "2220E"
        return msgspec.structs.replace(
            base,
            level=level,
            trace_number=text(trace, 2),
            statuses=self.statements(loop),
            references=references(loop),
            dates=self.service_dates(loop),
            lines=tuple(self.line(line) for line in loop.descend(lines)),
            segment=opening(loop, "TRN").number,
        )

    def line(self, loop: Loop) -> LineStatus:
        self.loop = loop.id
        service = opening(loop, "SVC")
        return LineStatus(
            procedure=procedure(service, 1),
            charge=self.optional_amount(service, 2),
            paid=self.optional_amount(service, 3),
            revenue_code=text(service, 4),
            units=self.quantity(service, 7),
            statuses=self.statements(loop),
            control_number=reference(loop, "FJ"),
            dates=self.service_dates(loop),
            segment=service.number,
        )


def _code(segment: Segment, element: int) -> StatusCode:
    category, code, entity, code_list = (segment.component(element, at).strip() for at in range(1, 5))
    return StatusCode(category=category, code=code, entity=entity, code_list=code_list)
