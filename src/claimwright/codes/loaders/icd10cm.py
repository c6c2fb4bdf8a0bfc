"""The official ICD-10-CM files of CDC/NCHS as rows: the order file and the codes file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from claimwright.codes.tables import TableError

# The second character is a letter since FY2026 (QA00.1 and its family), so it is not [0-9] as older guides say.
_CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}\Z")
_MEMBER = re.compile(r"icd10cm[_-]order[_-](\d{4})\.txt\Z", re.IGNORECASE)


class OrderRow(msgspec.Struct, frozen=True):
    """One line of the order file. `code` has no dot; `billable` is the file's "valid for HIPAA" flag."""

    code: str
    billable: bool
    short_title: str
    title: str


def order_file_year(member: str) -> int | None:
    """The fiscal year in an order file's name, or None for another file."""
    found = _MEMBER.search(member)
    return int(found.group(1)) if found else None


def read_order_file(data: bytes) -> Iterator[OrderRow]:
    """Rows of `icd10cm_order_YYYY.txt`: fixed width, 7-13 code, 15 flag, 17-76 short title, 78-end title.

    Raises TableError, naming the line, for a line of another layout: a code list with a hole is worse than none.
    """
    for number, line in enumerate(data.decode("latin-1").splitlines(), 1):
        if not line.strip():
            continue
        code, flag = line[6:13].rstrip(), line[14:15]
        if len(line) < 78 or flag not in ("0", "1") or not _CODE.match(code):
            raise TableError(
                f"line {number} is not of the ICD-10-CM order file: code in columns 7-13, flag 0 or 1 in 15, "
                "title from 78; unzip the file unchanged and load icd10cm_order_YYYY.txt"
            )
        yield OrderRow(code, flag == "1", line[16:76].rstrip(), line[77:].rstrip())


def read_codes_file(data: bytes) -> Iterator[OrderRow]:
    """Rows of `icd10cm_codes_YYYY.txt`: code, blanks, title; billable codes only. Raises TableError."""
    for number, line in enumerate(data.decode("latin-1").splitlines(), 1):
        if not line.strip():
            continue
        code, _, title = line.partition(" ")
        if not _CODE.match(code) or not title.strip():
            raise TableError(f"line {number} is not of the ICD-10-CM codes file: a code, blanks, a title")
        yield OrderRow(code, True, "", title.strip())
