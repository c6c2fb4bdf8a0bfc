"""InterchangeAcknowledgement to TA1, GroupAcknowledgement to 999, ClaimAcknowledgementReport to 277CA.

`x12.acknowledge` answers a file from its faults; these write an answer that is held as a noun.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

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
from claimwright.claims.parties import Party
from claimwright.claims.to_x12.parties import Code, Part, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import Node, TransactionWriter, levels, procedure_parts, transaction_number
from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Segment
from claimwright.x12.writer import InterchangeBuilder, TransactionBuilder

GUIDE_999, GUIDE_277CA = "005010X231A1", "005010X214"
SEGMENTS_IN_ERROR = "5"  # IK502
ACCEPT, REJECT = "WQ", "U"
STATUSES_PER_STC = 3
SEPARATORS = frozenset("*:^~")


def add_interchange_acknowledgement(builder: InterchangeBuilder, noun: InterchangeAcknowledgement) -> None:
    """Put the TA1 into an interchange that is being built."""
    builder.add_ta1(noun.control_number, noun.interchange_date, noun.interchange_time, noun.code, noun.note)


def interchange_acknowledgement(
    noun: InterchangeAcknowledgement, delimiters: Delimiters = DEFAULT_DELIMITERS
) -> Segment:
    """The TA1 segment by itself."""
    values = [noun.control_number, noun.interchange_date, noun.interchange_time, noun.code, noun.note]
    return Segment(["TA1", *values], delimiters)


def group_acknowledgement(noun: GroupAcknowledgement, control_number: str = "0001") -> list[Segment]:
    """One ST..SE of a 999: AK1 to AK9 of one group.

    AK203 is the group's own guide, and IK502 is 5 (segments in error) where a transaction has errors: a noun keeps
    neither. Separators and what is not printable are left out of a copied bad value.
    """
    writer = GroupWriter(TransactionBuilder("999", control_number or "0001", GUIDE_999))
    writer.add("AK1", noun.functional_id, Code(noun.control_number), noun.guide)
    for transaction in noun.transactions:
        writer.transaction(transaction, noun.guide)
    writer.add("AK9", noun.code, noun.included, noun.received, noun.accepted)
    return writer.builder.build()


def claim_acknowledgement_report(
    noun: ClaimAcknowledgementReport, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 277CA. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Neighbouring claims of one provider and patient share their levels.
    """
    writer = ReportWriter(TransactionBuilder("277", transaction_number(noun, control_number), GUIDE_277CA))
    writer.report(noun)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


class GroupWriter(TransactionWriter):
    """Writes the loops of the 999."""

    def transaction(self, transaction: TransactionAcknowledgement, guide: str) -> None:
        self.add("AK2", transaction.set_id, Code(transaction.control_number), guide)
        for alike in _by_segment(transaction.errors):
            self.segment_errors(alike)
        self.add("IK5", transaction.code, SEGMENTS_IN_ERROR if transaction.errors else "")

    def segment_errors(self, errors: Sequence[SyntaxError999]) -> None:
        """One IK3 with the claim it concerns and an IK4 for each element."""
        first = errors[0]
        self.add("IK3", first.segment_id, first.segment, first.loop, first.code)
        if first.claim_control_number:
            self.add("CTX", ("CLM01", Code(first.claim_control_number)))
        for error in errors:
            if error.element:
                place = (error.element, error.component or "")
                self.add("IK4", place, "", error.element_code, _plain(error.bad_value))


def _by_segment(errors: Sequence[SyntaxError999]) -> Iterator[list[SyntaxError999]]:
    """Neighbouring errors of elements of one segment together; an error of the segment itself alone."""
    held: list[SyntaxError999] = []
    for error in errors:
        if held and (not error.element or not held[0].element or _key(error) != _key(held[0])):
            yield held
            held = []
        held.append(error)
    if held:
        yield held


def _key(error: SyntaxError999) -> tuple[object, ...]:
    return error.segment_id, error.segment, error.loop, error.code, error.claim_control_number


def _plain(value: str) -> str:
    return "".join(character for character in value if " " <= character <= "~" and character not in SEPARATORS)


class ReportWriter(TransactionWriter):
    """Writes the loops of the 277CA in their order."""

    def report(self, report: ClaimAcknowledgementReport) -> None:
        self.beginning("0085", "08", report.reference, report.created, report.created_time, "TH")
        top = self.hierarchy(0, "20", "1")
        number = (report.source_id_qualifier, Code(report.source_id))
        self.add("NM1", report.source_qualifier, "2", Words(report.source_name), "", "", "", "", *number)
        self.add("TRN", "1", Code(report.source_trace))
        self.day("050", report.received_date)
        self.day("009", report.processed_date)
        receiver = [item for item in report.items if item.level == "receiver"]
        others = levels([item for item in report.items if item.level != "receiver"], _path, 0)
        above = self.hierarchy(top, "21", "1" if others else "0")
        self.party_name(report.receiver)
        if not receiver:
            self.add("TRN", "2", Code(report.trace_number))
        for item in receiver:
            self.item(item, "2", "90", "AA")
        for provider in others:
            self.provider(above, provider)

    def provider(self, parent: int, node: Node[ClaimAcknowledgement]) -> None:
        level = self.hierarchy(parent, "19", "1" if node.children else "0")
        if isinstance(node.key, Party):
            self.party_name(node.key)
        for item in node.own:
            self.item(item, "1", "QA", "QC")
        for patient in node.children:
            self.hierarchy(level, "PT", "")
            if isinstance(patient.key, Party):
                self.party_name(patient.key)
            for item in patient.own:
                self.item(item, "2", "", "")

    def item(self, item: ClaimAcknowledgement, trace_kind: str, accepted: str, rejected: str) -> None:
        self.control_number = item.control_number if item.level == "claim" else ""
        self.add("TRN", trace_kind, Code(item.control_number))
        self.verdict(item)
        if item.payer_claim_number:
            self.add("REF", "1K", Code(item.payer_claim_number))
        if item.clearinghouse_trace:
            self.add("REF", "D9", Code(item.clearinghouse_trace))
        self.reference_list(item.references)
        for qualifier, count in ((accepted, item.accepted_count), (rejected, item.rejected_count)):
            if qualifier and count is not None:
                self.add("QTY", qualifier, count)
        for qualifier, amount in (("YU", item.accepted_amount), ("YY", item.rejected_amount)):
            if amount is not None:
                self.add("AMT", qualifier, amount)
        if item.service is not None:
            self.periods((item.service,))
        for line in item.lines:
            self.line(line)

    def verdict(self, item: ClaimAcknowledgement) -> None:
        """The statuses three to an STC; the words once, with the first."""
        action = ACCEPT if item.accepted else REJECT
        for at, group in enumerate(_in_threes(item.statuses)):
            first, second, third = group
            message = Words(item.message if not at else "")
            unused: list[Part] = [""] * 5
            self.add("STC", first, item.effective_date, action, item.charge, *unused[:5], second, third, message)

    def line(self, line: AcknowledgedLine) -> None:
        code = procedure_parts(line.procedure)
        self.add("SVC", code, line.charge, "", line.revenue_code, "", "", line.units)
        for first, second, third in _in_threes(line.statuses):
            self.add("STC", first, line.effective_date, line.action, *([""] * 6), second, third)
        if line.control_number:
            self.add("REF", "FJ", Code(line.control_number))
        if line.prescription_number:
            self.add("REF", "XZ", Code(line.prescription_number))
        if line.service is not None:
            self.periods((line.service,))

    def day(self, qualifier: str, day: date | None) -> None:
        if day is not None:
            self.add("DTP", qualifier, "D8", day)


def _path(item: ClaimAcknowledgement) -> list[tuple[str, object]]:
    path: list[tuple[str, object]] = [("19", item.provider)]
    return path if item.level == "provider" else [*path, ("PT", item.patient)]


def _in_threes(statuses: Sequence[ClaimStatus]) -> Iterator[tuple[Part, Part, Part]]:
    for at in range(0, len(statuses), STATUSES_PER_STC):
        codes: list[Part] = [(one.category, one.code, one.entity) for one in statuses[at : at + STATUSES_PER_STC]]
        first, second, third = [*codes, "", "", ""][:STATUSES_PER_STC]
        yield first, second, third
