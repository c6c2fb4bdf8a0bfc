"""Bank statements as banks give them: CSV, OFX 1.x and 2.x, BAI2. Bytes in, lines and faults out; nothing is decided."""

from __future__ import annotations

from claimwright.billing.bank_files.bai2 import read_bai2
from claimwright.billing.bank_files.csv_profiles import BY_NAME, PROFILES, CsvProfile, read_csv
from claimwright.billing.bank_files.nouns import (
    AccountStatement,
    BankFile,
    BankLine,
    DepositItem,
    FileFault,
    LineKind,
    Trace,
)
from claimwright.billing.bank_files.ofx import read_ofx

__all__ = [
    "BY_NAME", "PROFILES", "AccountStatement", "BankFile", "BankLine", "CsvProfile", "DepositItem", "FileFault",
    "LineKind", "Trace", "read_bai2", "read_bank_file", "read_csv", "read_ofx",
]  # fmt: skip


def read_bank_file(content: bytes, *, profile: CsvProfile | None = None) -> BankFile:
    """The file in the format that its first bytes show. Never raises; a file with faults has them all listed."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"01,"):
        return read_bai2(content)
    if head.upper().startswith((b"OFXHEADER", b"<OFX", b"<?OFX", b"<?XML")):
        return read_ofx(content)
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")) or not head:
        fault = FileFault(
            place=0, code="NOT_A_STATEMENT", message="The file is empty, a workbook or a PDF",
            fix="Download the statement as CSV, OFX or BAI2",
        )  # fmt: skip
        return BankFile(format="", faults=(fault,))
    return read_csv(content, profile)
