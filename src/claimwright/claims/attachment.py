"""Attachment: the documents that support a claim, sent to the payer (275, X210), with their bytes as they are."""

from __future__ import annotations

from datetime import date

from claimwright.claims.nouns import Noun
from claimwright.claims.parties import Party, Period, Reference, Trace, reference_of
from claimwright.claims.status import StatusStatement

UNSOLICITED, REQUESTED = "02", "11"  # BGN01
LOINC = "LOI"


class AttachedDocument(Noun, frozen=True):
    """One EFI and BIN: a document and how it is packed. `content` is the bytes, nothing decoded."""

    security_level: str = "05"  # EFI01
    note: str = ""  # EFI02
    security_technique: str = ""  # EFI03
    security_version: str = ""  # EFI04
    program: str = ""  # EFI05
    program_version: str = ""  # EFI06
    interchange_format: str = ""  # EFI07
    interchange_version: str = ""  # EFI08
    compression: str = ""  # EFI09
    content: bytes = b""  # BIN02; BIN01 is its length


class AttachmentItem(Noun, frozen=True):
    """One LX: what one trace number, of ours or of the payer's request, is answered with."""

    number: str = "1"  # LX01
    traces: tuple[Trace, ...] = ()  # TRN: 1 our attachment control number (the PWK06), 2 the payer's request
    statuses: tuple[StatusStatement, ...] = ()  # STC: what was asked, by LOINC
    references: tuple[Reference, ...] = ()  # FJ or 6R line ...
    service: Period | None = None  # DTP*472 of a line
    submitted: date | None = None  # DTP*368
    report_type: str = ""  # CAT01
    content_format: str = ""  # CAT02: HL HL7 CDA, IA image, TX text, MB mixed, UL
    format_version: str = ""  # CAT03
    code_list: str = ""  # CAT04
    code: str = ""  # CAT05
    documents: tuple[AttachedDocument, ...] = ()

    @property
    def control_number(self) -> str:
        return self.traces[0].number if self.traces else ""

    @property
    def loinc_codes(self) -> tuple[str, ...]:
        """The LOINC codes of what the payer asked for."""
        return tuple(code.code for one in self.statuses for code in one.codes if code.code_list == LOINC)


class Attachment(Noun, frozen=True):
    """One 275 transaction (ST..SE): the documents of one patient's claim."""

    transaction_control_number: str = ""  # ST02
    purpose: str = "02"  # BGN01: 02 unsolicited, 11 asked for by a 277, 22 copy
    reference: str = ""  # BGN02
    created: date | None = None  # BGN03
    created_time: str = ""  # BGN04
    time_zone: str = ""  # BGN05
    original_reference: str = ""  # BGN06
    kind: str = ""  # BGN07
    action: str = ""  # BGN08
    security_level: str = ""  # BGN09
    payer: Party = Party()  # NM1*PR
    submitter: Party = Party()  # NM1*41
    provider: Party = Party()  # NM1*1P
    patient: Party = Party()  # NM1*QC with the claim's numbers
    service: Period | None = None  # DTP*472
    items: tuple[AttachmentItem, ...] = ()

    @property
    def patient_control_number(self) -> str:
        """CLM01 of the claim (REF*EJ)."""
        return reference_of(self.patient.references, "EJ")

    @property
    def payer_claim_number(self) -> str:
        return reference_of(self.patient.references, "1K")

    @property
    def type_of_bill(self) -> str:
        return reference_of(self.patient.references, "BLT")

    @property
    def documents(self) -> tuple[AttachedDocument, ...]:
        return tuple(document for item in self.items for document in item.documents)
