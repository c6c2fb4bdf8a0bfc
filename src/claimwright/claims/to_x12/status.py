"""StatusInquiry to 276 and StatusResponse to 277, 005010X212."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.parties import CoveredPerson, Party, Period
from claimwright.claims.status import (
    ClaimInquiry,
    LineInquiry,
    LineStatus,
    StatusInquiry,
    StatusReport,
    StatusResponse,
    StatusStatement,
)
from claimwright.claims.to_x12.parties import Code, Part, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import Node, TransactionWriter, levels, procedure_parts, transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import TransactionBuilder, ValueRefused

GUIDE = "005010X212"
STRUCTURE = "0010"
CODES_PER_STATEMENT = 3
REPORTS_AT_A_LEVEL = {"21": 1, "19": 1}  # 2200B and 2200C come once: a second report repeats the level


def status_inquiry(
    inquiry: StatusInquiry, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 276. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Neighbouring claims of one payer, receiver, provider and family share their levels.
    """
    writer = InquiryWriter(TransactionBuilder("276", transaction_number(inquiry, control_number), GUIDE))
    writer.beginning(STRUCTURE, "13", inquiry.reference, inquiry.created, inquiry.created_time, "")
    for node in levels(inquiry.claims, _inquiry_path, 0):
        writer.source(node)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def status_response(
    response: StatusResponse, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 277. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Raises ValueRefused for a statement of more than three codes.
    """
    writer = ResponseWriter(TransactionBuilder("277", transaction_number(response, control_number), GUIDE))
    writer.beginning(STRUCTURE, "08", response.reference, response.created, response.created_time, "DG")
    for node in levels(response.reports, _report_path, REPORTS_AT_A_LEVEL):
        writer.source(node)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def _inquiry_path(item: ClaimInquiry) -> list[tuple[str, object]]:
    path: list[tuple[str, object]] = [
        ("20", item.payer), ("21", item.receiver), ("19", item.providers), ("22", item.subscriber)
    ]  # fmt: skip
    return path if item.dependent is None else [*path, ("23", item.dependent)]


def _report_path(item: StatusReport) -> list[tuple[str, object]]:
    path: list[tuple[str, object]] = [("20", item.payer), ("21", item.receiver)]
    if item.level == "receiver":
        return path
    path.append(("19", item.providers))
    if item.level == "provider":
        return path
    path.append(("22", item.subscriber or CoveredPerson()))
    return path if item.dependent is None else [*path, ("23", item.dependent)]


class StatusWriter(TransactionWriter):
    """What both directions share."""

    def providers(self, node: Node[ClaimInquiry] | Node[StatusReport]) -> None:
        assert isinstance(node.key, tuple)
        for provider in node.key:
            self.party_name(provider)

    def service_dates(self, period: Period | None) -> None:
        if period is not None:
            self.periods((period,))

    def statements(self, statements: Sequence[StatusStatement]) -> None:
        for statement in statements:
            if len(statement.codes) > CODES_PER_STATEMENT:
                raise ValueRefused("STC", 1, f"more than {CODES_PER_STATEMENT} codes in one statement")
            codes: list[Part] = [(one.category, one.code, one.entity, one.code_list) for one in statement.codes]
            first, second, third = [*codes, "", "", ""][:CODES_PER_STATEMENT]
            self.add(
                "STC",
                first,
                statement.effective_date,
                statement.action,
                statement.charge,
                statement.paid,
                statement.finalized_date,
                "",
                statement.payment_date,
                Code(statement.payment_trace),
                second,
                third,
                Words(statement.message),
            )


class InquiryWriter(StatusWriter):
    """Writes the loops of the 276 in their order."""

    def source(self, node: Node[ClaimInquiry]) -> None:
        assert isinstance(node.key, Party)
        parent = self.hierarchy(0, "20", "1")
        self.party_name(node.key)
        for receiver in node.children:
            assert isinstance(receiver.key, Party)
            above = self.hierarchy(parent, "21", "1")
            self.party_name(receiver.key)
            for provider in receiver.children:
                level = self.hierarchy(above, "19", "1")
                self.providers(provider)
                for subscriber in provider.children:
                    self.subscriber(level, subscriber)

    def subscriber(self, parent: int, node: Node[ClaimInquiry]) -> None:
        level = self.hierarchy(parent, "22", "1" if node.children else "0")
        self.patient(node)
        for dependent in node.children:
            self.hierarchy(level, "23", "")
            self.patient(dependent)

    def patient(self, node: Node[ClaimInquiry]) -> None:
        assert isinstance(node.key, CoveredPerson)
        self.demographics(node.key)
        self.party_name(node.key)
        for claim in node.own:
            self.claim(claim)

    def claim(self, claim: ClaimInquiry) -> None:
        if not (claim.trace_number or claim.references or claim.dates or claim.lines):
            return  # a person who is named and of whom nothing is asked
        self.control_number = claim.patient_control_number
        self.add("TRN", "1", Code(claim.trace_number))
        self.reference_list(claim.references)
        if claim.charge is not None:
            self.add("AMT", "T3", claim.charge)
        self.service_dates(claim.dates)
        for line in claim.lines:
            self.line(line)

    def line(self, line: LineInquiry) -> None:
        service = procedure_parts(line.procedure)
        self.add("SVC", service, line.charge, "", line.revenue_code, "", "", line.units)
        if line.control_number:
            self.add("REF", "FJ", Code(line.control_number))
        self.service_dates(line.dates)


class ResponseWriter(StatusWriter):
    """Writes the loops of the 277 in their order."""

    def source(self, node: Node[StatusReport]) -> None:
        assert isinstance(node.key, Party)
        parent = self.hierarchy(0, "20", "1")
        self.party(node.key, "PER")
        for receiver in node.children:
            assert isinstance(receiver.key, Party)
            above = self.hierarchy(parent, "21", "1" if receiver.children else "0")
            self.party_name(receiver.key)
            self.reports(receiver.own, "2")
            for provider in receiver.children:
                level = self.hierarchy(above, "19", "1" if provider.children else "0")
                self.providers(provider)
                self.reports(provider.own, "1")
                for subscriber in provider.children:
                    self.subscriber(level, subscriber)

    def subscriber(self, parent: int, node: Node[StatusReport]) -> None:
        level = self.hierarchy(parent, "22", "1" if node.children else "0")
        self.patient(node)
        for dependent in node.children:
            self.hierarchy(level, "23", "")
            self.patient(dependent)

    def patient(self, node: Node[StatusReport]) -> None:
        assert isinstance(node.key, CoveredPerson)
        self.party_name(node.key)
        self.reports(node.own, "2")

    def reports(self, reports: Sequence[StatusReport], trace_kind: str) -> None:
        for report in reports:
            if not (report.trace_number or report.statuses):
                continue  # a level that is named and of which nothing is told
            self.control_number = report.patient_control_number
            self.add("TRN", trace_kind, Code(report.trace_number))
            self.statements(report.statuses)
            self.reference_list(report.references)
            self.service_dates(report.dates)
            for line in report.lines:
                self.line(line)

    def line(self, line: LineStatus) -> None:
        service = procedure_parts(line.procedure)
        self.add("SVC", service, line.charge, line.paid, line.revenue_code, "", "", line.units)
        self.statements(line.statuses)
        if line.control_number:
            self.add("REF", "FJ", Code(line.control_number))
        self.service_dates(line.dates)
