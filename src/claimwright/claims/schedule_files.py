"""Whether a received file is a schedule, and of which kind, told by what is in it and never by its name."""

from __future__ import annotations

import re

from claimwright.claims.from_csv.table import header_of
from claimwright.claims.from_fhir.reading import BundleRefused, items, parse_bundle, text

HL7, FHIR, CSV = "hl7", "fhir", "csv"
KINDS = (HL7, FHIR, CSV)
# A CSV with these columns is a schedule: no superbill and no registration file has the first.
TOLD_BY = frozenset(("appointment_id", "date", "time"))
_LEAD = b"\xef\xbb\xbf\x0b \t\r\n"
_HL7_STARTS = (b"MSH", b"FHS", b"BHS")
_HEADER = re.compile(rb"(?:\A|[\r\n\x0b])(MSH[^\w\s][^\r\n]{0,500})")
_MESSAGE_TYPE = 8  # MSH-9, when the segment is split at its own separator
_APPOINTMENT = re.compile(rb'"resourceType"\s*:\s*"Appointment"')
_HEADER_BYTES = 64 * 1024


def is_hl7(data: bytes) -> bool:
    """Whether it begins as an HL7 v2 message, batch or file does, framed or not."""
    head = data[:64].lstrip(_LEAD)
    return head.startswith(_HL7_STARTS) and len(head) > 3 and not head[3:4].isalnum()


def kind_of_schedule(data: bytes) -> str:
    """`hl7` for a file with a SIU message, `fhir` for a Bundle of Appointments and no Encounter, `csv` for a table of
    appointments; "" for all else. Never raises."""
    if is_hl7(data):
        return HL7 if any(_is_siu(found[1]) for found in _HEADER.finditer(data.lstrip(_LEAD))) else ""
    head = data[:64].lstrip(_LEAD)
    if head.startswith(b"{"):
        return FHIR if _APPOINTMENT.search(data) and not _has_encounters(data) else ""
    if head.startswith((b"ISA", b"<")):
        return ""
    return CSV if TOLD_BY.issubset(header_of(_first_line(data))) else ""


def _is_siu(header: bytes) -> bool:
    fields = header.split(header[3:4])
    return len(fields) > _MESSAGE_TYPE and fields[_MESSAGE_TYPE].strip()[:3] == b"SIU"


def _has_encounters(data: bytes) -> bool:
    """A bundle with visits is intake's, whatever appointments it tells beside them."""
    try:
        bundle = parse_bundle(data, "")
    except BundleRefused:
        return False  # it is refused as the schedule it means to be, with the reason
    return any(text(entry.get("resource"), "resourceType") == "Encounter" for entry in items(bundle, "entry"))


def _first_line(data: bytes) -> bytes:
    """The beginning up to its last whole line, so that no character is cut in two; UTF-16 is left as it is."""
    head = data[:_HEADER_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[: len(head) // 2 * 2]
    return head[: head.rfind(b"\n") + 1] if len(data) > _HEADER_BYTES else head
