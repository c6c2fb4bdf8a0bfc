"""Attachment to 275, 005010X210."""

from __future__ import annotations

from claimwright.claims.attachment import AttachedDocument, Attachment, AttachmentItem
from claimwright.claims.nouns import Address
from claimwright.claims.parties import Party
from claimwright.claims.to_x12.parties import Code, Words
from claimwright.claims.to_x12.status import StatusWriter
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Raw, TransactionBuilder

GUIDE = "005010X210"


def attachment(
    attachment: Attachment, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 275. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    The bytes of documents are written as they are, whatever they hold; their length comes before them.
    """
    writer = AttachmentWriter(TransactionBuilder("275", transaction_number(attachment, control_number), GUIDE))
    writer.header(attachment)
    for item in attachment.items:
        writer.item(item)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


class AttachmentWriter(StatusWriter):
    """Writes the loops of the 275 in their order."""

    def header(self, attachment: Attachment) -> None:
        self.control_number = attachment.patient_control_number
        self.add(
            "BGN",
            attachment.purpose,
            Code(attachment.reference),
            attachment.created,
            attachment.created_time,
            attachment.time_zone,
            Code(attachment.original_reference),
            attachment.kind,
            attachment.action,
            attachment.security_level,
        )
        self.party(attachment.payer, "PER")
        self.party_name(attachment.submitter)
        self.provider(attachment.provider)
        self.party(attachment.patient, "REF")
        self.service_dates(attachment.service)

    def provider(self, provider: Party) -> None:
        self.party(provider, "PRV REF")
        if provider.address != Address():
            self.add("NX1", provider.role)
            self.place(provider)

    def item(self, item: AttachmentItem) -> None:
        self.add("LX", item.number)
        self.traces(item.traces)
        self.statements(item.statuses)
        self.reference_list(item.references)
        self.service_dates(item.service)
        if item.submitted is not None:
            self.add("DTP", "368", "D8", item.submitted)
        if item.report_type or item.content_format:
            category = (item.report_type, item.content_format, item.format_version, item.code_list, item.code)
            self.add("CAT", *category)
        for document in item.documents:
            self.document(document)

    def document(self, document: AttachedDocument) -> None:
        self.add(
            "EFI",
            document.security_level,
            Words(document.note),
            document.security_technique,
            Code(document.security_version),
            Code(document.program),
            Code(document.program_version),
            document.interchange_format,
            Code(document.interchange_version),
            document.compression,
        )
        self.add("BIN", len(document.content), Raw(document.content.decode("latin-1")))
