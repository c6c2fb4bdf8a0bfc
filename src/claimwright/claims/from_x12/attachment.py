"""275 (005010X210, and its kin as far as they are alike) to Attachment. Reads everything, never raises."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.claims.attachment import AttachedDocument, Attachment, AttachmentItem
from claimwright.claims.from_x12.parties import Read, address, references, text, traces, tree
from claimwright.claims.from_x12.status import StatusReader
from claimwright.claims.nouns import Address
from claimwright.claims.parties import Party
from claimwright.x12.faults import Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

GUIDE = "005010X210"
SUBMITTED = ("368", "097")  # 097 in the older kin

AttachmentRead = Read[Attachment]


def attachment(transaction: Transaction) -> AttachmentRead:
    """One ST..SE of a 275. Bytes whose number is not the one told are read to the terminator, with a fault."""
    reader = AttachmentReader("275")
    noun = reader.read(transaction)
    return Read(noun=noun, faults=tuple(reader.faults))


class AttachmentReader(StatusReader):
    """Reads the loops of one 275."""

    def read(self, transaction: Transaction) -> Attachment:
        root = tree(transaction, GUIDE, "275")
        begin = root.first("BGN")
        provider, patient = root.find("1000C"), root.find("1000D")
        return Attachment(
            transaction_control_number=transaction.control_number,
            purpose=text(begin, 1),
            reference=text(begin, 2),
            created=self.day(begin, 3),
            created_time=text(begin, 4),
            time_zone=text(begin, 5),
            original_reference=text(begin, 6),
            kind=text(begin, 7),
            action=text(begin, 8),
            security_level=text(begin, 9),
            payer=self.party(root.find("1000A")),
            submitter=self.party(root.find("1000B")),
            provider=self.provider(provider) if provider is not None else Party(),
            patient=self.party(patient),
            service=self.service_dates(patient) if patient is not None else None,
            items=tuple(self.item(loop) for loop in root.descend("2000A")),
        )

    def provider(self, loop: Loop) -> Party:
        """The provider with the address that stands in a loop of its own."""
        party, placed = self.party(loop), loop.find("1100C")
        if placed is None or party.address != Address():
            return party
        return msgspec.structs.replace(party, address=address(placed))

    def item(self, loop: Loop) -> AttachmentItem:
        """An item by its segments alone: senders differ in what they put between LX and BIN."""
        self.loop = loop.id
        segments = sorted(_all(loop), key=lambda segment: segment.number)
        flat = Loop(loop.id, loop.parent, None, segments)
        self.control_number = text(flat.first("TRN"), 2)
        category = flat.first("CAT")
        days = [one for one in flat.all("DTP") if one[1].strip() in SUBMITTED]
        return AttachmentItem(
            number=text(flat.first("LX"), 1),
            traces=traces(flat),
            statuses=self.statements(flat),
            references=references(flat),
            service=self.service_dates(flat),
            submitted=self.day(days[0], 3) if days else None,
            report_type=text(category, 1),
            content_format=text(category, 2),
            format_version=text(category, 3),
            code_list=text(category, 4),
            code=text(category, 5),
            documents=tuple(self.documents(segments)),
        )

    def documents(self, segments: list[Segment]) -> Iterator[AttachedDocument]:
        """One for each BIN, with the EFI before it."""
        packed: Segment | None = None
        for segment in segments:
            if segment.id == "EFI":
                packed = segment
            elif segment.id == "BIN":
                yield self.document(packed, segment)
                packed = None

    def document(self, packed: Segment | None, binary: Segment) -> AttachedDocument:
        content = _bytes(binary)
        told = text(binary, 1)
        if not (told.isascii() and told.isdigit() and int(told[:18]) == len(content)):
            self.fault(
                "BIN-LENGTH", binary, 1, f"BIN01 is not the number of bytes, {len(content)}",
                "Ask for the document again: it may be cut short", Severity.WARN,
            )  # fmt: skip
        return AttachedDocument(
            security_level=text(packed, 1),
            note=text(packed, 2),
            security_technique=text(packed, 3),
            security_version=text(packed, 4),
            program=text(packed, 5),
            program_version=text(packed, 6),
            interchange_format=text(packed, 7),
            interchange_version=text(packed, 8),
            compression=text(packed, 9),
            content=content,
        )


def _all(loop: Loop) -> Iterator[Segment]:
    yield from loop.segments
    for inner in loop.loops:
        yield from _all(inner)


def _bytes(binary: Segment) -> bytes:
    """The bytes of a BIN. One that was cut by separators, for its length was wrong, is put together again."""
    separator = binary.delimiters.element
    whole = binary.as_read if binary.as_read is not None else separator.join(binary.elements)
    return whole.split(separator, 2)[2].encode("latin-1") if whole.count(separator) > 1 else b""
