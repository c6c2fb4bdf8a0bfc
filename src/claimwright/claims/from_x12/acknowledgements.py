"""TA1, 999 (and 997) and 277CA to nouns. Reads everything that is there, never raises."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from claimwright.claims.from_x12.parties import PartyValues, opening, procedure, references, text
from claimwright.claims.from_x12.values import reference
from claimwright.claims.nouns import (
    AcknowledgedLine,
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    SyntaxError999,
    TransactionAcknowledgement,
)
from claimwright.claims.parties import Party, Period
from claimwright.x12 import loops
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Document, Segment, Transaction

# STC03 decides; where a sender leaves it out, the category does. 005010X214: A0-A2 and A5 go on, the others stop.
GOES_ON = ("A0", "A1", "A2", "A5")
ACCEPT, REJECT = "WQ", "U"
STATUS_COMPOSITES = (1, 10, 11)
ACCEPTED_COUNTS, REJECTED_COUNTS = ("90", "QA"), ("AA", "QC")


def interchange_acknowledgements(document: Document) -> list[InterchangeAcknowledgement]:
    """Each TA1 of the file."""
    return [interchange_acknowledgement(ta1) for interchange in document.interchanges for ta1 in interchange.ta1s]


def interchange_acknowledgement(segment: Segment) -> InterchangeAcknowledgement:
    """One TA1."""
    return InterchangeAcknowledgement(
        control_number=segment[1].strip(),
        interchange_date=segment[2].strip(),
        interchange_time=segment[3].strip(),
        code=segment[4].strip(),
        note=segment[5].strip(),
    )


def group_acknowledgements(transaction: Transaction) -> list[GroupAcknowledgement]:
    """The AK1..AK9 of a 999 or 997, by the order of segments alone: a 997 has no loops to rely on."""
    groups: list[list[Segment]] = []
    for segment in transaction.segments:
        if segment.id == "AK1":
            groups.append([])
        if groups:
            groups[-1].append(segment)
    return [_group(segments) for segments in groups]


def _group(segments: list[Segment]) -> GroupAcknowledgement:
    first = segments[0]
    last = next((segment for segment in segments if segment.id == "AK9"), None)
    return GroupAcknowledgement(
        functional_id=first[1].strip(),
        control_number=first[2].strip(),
        guide=first[3].strip(),
        code=last[1].strip() if last else "",
        included=_number(last[2]) if last else 0,
        received=_number(last[3]) if last else 0,
        accepted=_number(last[4]) if last else 0,
        transactions=tuple(_transactions(segments)),
    )


def _transactions(segments: list[Segment]) -> Iterator[TransactionAcknowledgement]:
    held: list[Segment] = []
    for segment in segments:
        if segment.id == "AK2":
            if held:
                yield _transaction(held)
            held = [segment]
        elif held:
            held.append(segment)
            if segment.id in ("IK5", "AK5"):
                yield _transaction(held)
                held = []
    if held:
        yield _transaction(held)


def _transaction(segments: list[Segment]) -> TransactionAcknowledgement:
    verdict = next((segment for segment in segments if segment.id in ("IK5", "AK5")), None)
    return TransactionAcknowledgement(
        set_id=segments[0][1].strip(),
        control_number=segments[0][2].strip(),
        code=verdict[1].strip() if verdict else "",
        errors=tuple(_errors(segments)),
    )


def _errors(segments: list[Segment]) -> Iterator[SyntaxError999]:
    """One error for each element named; one for the segment where no element is."""
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment.id in ("IK3", "AK3"):
            blocks.append([segment])
        elif blocks and segment.id in ("IK4", "AK4", "CTX"):
            blocks[-1].append(segment)
    for head, *rest in blocks:
        claim = next((s.component(1, 2) for s in rest if s.id == "CTX" and s.component(1, 1) == "CLM01"), "")
        elements = [segment for segment in rest if segment.id in ("IK4", "AK4")]
        if not elements:
            yield _error(head, None, claim)
        for element in elements:
            yield _error(head, element, claim)


def _error(head: Segment, element: Segment | None, claim: str) -> SyntaxError999:
    return SyntaxError999(
        segment_id=head[1].strip(),
        segment=_number(head[2]),
        loop=head[3].strip(),
        code=head[4].strip(),
        element=_number(element.component(1, 1)) if element else 0,
        component=_number(element.component(1, 2)) if element else 0,
        element_code=element[3].strip() if element else "",
        bad_value=element[4] if element else "",
        claim_control_number=claim.strip(),
    )


def claim_acknowledgement_report(transaction: Transaction) -> ClaimAcknowledgementReport:
    """A 277CA (005010X214). Verdicts on the whole file and on a provider are items of their own level."""
    return _ReportReader().read(loops.parse(transaction), transaction.control_number)


class _ReportReader(PartyValues):
    def __init__(self) -> None:
        super().__init__("277CA")

    def read(self, root: Loop, control_number: str) -> ClaimAcknowledgementReport:
        header = root.first("BHT")
        source = next(root.descend("2100A"), None)
        name = source.first("NM1") if source else None
        received = next(root.descend("2200A"), None)
        receiver = next(root.descend("2200B"), None)
        trace = receiver.first("TRN") if receiver else None
        items: list[ClaimAcknowledgement] = []
        for level, loop_id in (("receiver", "2200B"), ("provider", "2200C"), ("claim", "2200D")):
            for loop in root.descend(loop_id):
                if level == "claim" or loop.first("STC"):
                    items.append(self.item(level, loop))
        items.sort(key=lambda item: item.segment)
        return ClaimAcknowledgementReport(
            transaction_control_number=control_number,
            source_qualifier=text(name, 1),
            source_name=text(name, 3),
            source_id_qualifier=text(name, 8),
            source_id=text(name, 9),
            source_trace=text(received.first("TRN"), 2) if received else "",
            received_date=self.dated(received, "050") if received else None,
            processed_date=self.dated(received, "009") if received else None,
            receiver=self.party(next(root.descend("2100B"), None)),
            trace_number=text(trace, 2),
            reference=text(header, 3),
            created=self.day(header, 4),
            created_time=text(header, 5),
            items=tuple(items),
        )

    def item(self, level: str, loop: Loop) -> ClaimAcknowledgement:
        trace, verdicts = loop.first("TRN"), loop.all("STC")
        statuses = tuple(status for segment in verdicts for status in _statuses(segment))
        first = verdicts[0] if verdicts else None
        return ClaimAcknowledgement(
            level=level,
            control_number=text(trace, 2),
            accepted=bool(verdicts) and all(_accepted(segment) for segment in verdicts),
            statuses=statuses,
            charge=self.optional_amount(first, 4),
            message=" ".join(segment.text_of(12).strip() for segment in verdicts if segment[12].strip()),
            payer_claim_number=reference(loop, "1K"),
            clearinghouse_trace=reference(loop, "D9"),
            effective_date=self.day(first, 2),
            provider=self._above(loop, "2000C", "2100C"),
            patient=self._above(loop, "2000D", "2100D"),
            references=references(loop, "1K", "D9"),
            service=self._service(loop),
            lines=tuple(self.line(line) for line in loop.descend("2220D")),
            accepted_count=self._total(loop, "QTY", ACCEPTED_COUNTS),
            rejected_count=self._total(loop, "QTY", REJECTED_COUNTS),
            accepted_amount=self._total(loop, "AMT", ("YU",)),
            rejected_amount=self._total(loop, "AMT", ("YY",)),
            segment=opening(loop, "TRN").number,
        )

    def _above(self, loop: Loop, level: str, names: str) -> Party | None:
        above = loop.ancestor(level)
        named = above.find(names) if above is not None else None
        return self.party(named) if named is not None else None

    def _service(self, loop: Loop) -> Period | None:
        segment = loop.first("DTP", "472")
        return self.period(segment) if segment is not None else None

    def _total(self, loop: Loop, segment_id: str, qualifiers: tuple[str, ...]) -> Decimal | None:
        found = next((one for one in loop.all(segment_id) if one[1] in qualifiers), None)
        if found is None:
            return None
        return self.quantity(found, 2) if segment_id == "QTY" else self.optional_amount(found, 2)

    def line(self, loop: Loop) -> AcknowledgedLine:
        service, verdicts = loop.first("SVC"), loop.all("STC")
        first = verdicts[0] if verdicts else None
        return AcknowledgedLine(
            procedure=procedure(service, 1),
            charge=self.optional_amount(service, 2),
            revenue_code=text(service, 4),
            units=self.quantity(service, 7) if service is not None else None,
            statuses=tuple(status for verdict in verdicts for status in _statuses(verdict)),
            effective_date=self.day(first, 2),
            action=text(first, 3),
            control_number=reference(loop, "FJ"),
            prescription_number=reference(loop, "XZ"),
            service=self._service(loop),
        )


def _statuses(segment: Segment) -> Iterator[ClaimStatus]:
    for at in STATUS_COMPOSITES:
        if segment[at]:
            category, code, entity = (segment.component(at, position).strip() for position in (1, 2, 3))
            yield ClaimStatus(category=category, code=code, entity=entity)


def _accepted(segment: Segment) -> bool:
    if segment[3] in (ACCEPT, REJECT):
        return segment[3] == ACCEPT
    return segment.component(1, 1) in GOES_ON


def _number(value: str) -> int:
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
