"""The official HCPCS Level II files of CMS: the fixed-width ANWEB file and a bare list of codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import msgspec

from claimwright.codes.dates import DateError, parse_date8
from claimwright.codes.tables import TableError

# No D codes (CDT, ADA copyright) and nothing that could be Level I (CPT, AMA copyright): only A-C and E-V, one letter
# and four digits.
PROCEDURE = re.compile(r"[A-CE-V][0-9]{4}\Z")
MODIFIER = re.compile(r"[A-Z][0-9A-Z]\Z")
_MEMBER = re.compile(r"ANWEB.*\.txt\Z", re.IGNORECASE)
_PROCEDURE_FIRST, _PROCEDURE_MORE, _MODIFIER_FIRST, _MODIFIER_MORE = "3", "4", "7", "8"


class HcpcsRow(msgspec.Struct, frozen=True, kw_only=True):
    """One code or modifier. `last_day` is the file's termination date: the last day it may be billed."""

    code: str
    is_modifier: bool
    title: str
    short_title: str = ""
    coverage: str = ""
    betos: str = ""
    added: date | None = None
    action_effective: date | None = None
    last_day: date | None = None
    action: str = ""


def is_anweb_member(name: str) -> bool:
    return bool(_MEMBER.search(name))


def read_anweb(data: bytes) -> Iterator[HcpcsRow]:
    """Rows of `HCPCyyyy..._ANWEB.txt`, continuation records joined. Disclaimer lines before the first record are skipped.

    Raises TableError, naming the line, for a record with a bad date, and for a file that holds no record.
    """
    first: str = ""
    titles: list[str] = []
    count = 0
    for number, line in enumerate(data.decode("latin-1").splitlines(), 1):
        kind = line[10:11]
        if len(line) < 120 or kind not in "3478" or not line[5:10].isdigit() or not kind:
            continue
        title = line[11:91].strip()
        if kind in (_PROCEDURE_MORE, _MODIFIER_MORE):
            titles.append(title)
            continue
        if first:
            yield _row(first, titles, number - 1)
        first, titles, count = line, [title], count + 1
    if not count:
        raise TableError("no HCPCS record found: load the fixed-width ...ANWEB....txt of the CMS zip, unchanged")
    yield _row(first, titles, 0)


def _row(line: str, titles: list[str], number: int) -> HcpcsRow:
    def day(start: int) -> date | None:
        text = line[start : start + 8].strip()
        if not text:
            return None
        try:
            return parse_date8(text)
        except DateError:
            raise TableError(f"HCPCS record before line {number + 1} has a bad date in column {start + 1}") from None

    is_modifier = line[10] == _MODIFIER_FIRST
    code = line[3:5] if is_modifier else line[:5]
    if not (MODIFIER if is_modifier else PROCEDURE).match(code):
        raise TableError(
            f"HCPCS record before line {number + 1} is no Level II code: dental and CPT codes are not taken"
        )
    return HcpcsRow(
        code=code.strip(),
        is_modifier=is_modifier,
        title=" ".join(part for part in titles if part),
        short_title=line[91:119].strip(),
        coverage=line[229:230].strip(),
        betos=line[256:259].strip(),
        added=day(268),
        action_effective=day(276),
        last_day=day(284),
        action=line[292:293].strip(),
    )


def read_codes_only(data: bytes) -> Iterator[str]:
    """Codes of a list with one code a line. Raises TableError, naming the line, for anything but a Level II code."""
    for number, line in enumerate(data.decode("latin-1").splitlines(), 1):
        code = line.strip()
        if not code:
            continue
        if not PROCEDURE.match(code):
            raise TableError(f"line {number} is no HCPCS Level II code: one letter A-C or E-V and four digits")
        yield code
