"""What the three NCCI files have in common: codes, dates, and what their names tell.

Program (Medicare, Medicaid), setting and quarter stand nowhere in the files, only in their names, as CMS gives them:
ccipra-v322r0-f1.txt, MCR_MUE_PractitionerServices_Eff_07-01-2026.csv, AOC_V2026Q3-MCR.xlsx.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from claimwright.codes.dates import DateError, add_months, parse_date8
from claimwright.codes.library_shapes import Asked, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import lost_zero, spoiled

CODE = re.compile(r"(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})\Z")
PRACTITIONER, HOSPITAL, SUPPLIER = "practitioner", "hospital", "supplier"

_SETTINGS = (
    (HOSPITAL, re.compile(r"ccioph|outpatient|hospital|(?<![a-z])oph(?![a-z])", re.IGNORECASE)),
    (SUPPLIER, re.compile(r"supplier|(?<![a-z])dme(?![a-z])", re.IGNORECASE)),
    (PRACTITIONER, re.compile(r"ccipra|practitioner|(?<![a-z])pra(?![a-z])", re.IGNORECASE)),
)
_MEDICAID = re.compile(r"medicaid|(?<![a-z])mcd(?![a-z])", re.IGNORECASE)
_VERSION = re.compile(r"v(\d{2})([0-3])r\d", re.IGNORECASE)
_YEAR_QUARTER = re.compile(r"(20\d\d)[-_. ]?q([1-4])", re.IGNORECASE)
_QUARTER_YEAR = re.compile(r"q([1-4])[-_. ]?(20\d\d)", re.IGNORECASE)
_EFFECTIVE = re.compile(r"eff[a-z]*[-_ ]+(\d{1,2})[-_](\d{1,2})[-_](20\d\d)", re.IGNORECASE)
_VERSION_YEAR = 1994  # version 32.2 is the third quarter of 2026
_QUARTER_MONTHS = 3


def program_of(name: str) -> str:
    """What the names of a program's sets begin with: "medicaid_" for Medicaid's files, "" for Medicare's."""
    return "medicaid_" if _MEDICAID.search(name) else ""


def setting_of(text: str) -> str:
    """Practitioner, hospital or supplier by the words in a file's name or header; "" where it tells none."""
    return next((name for name, words in _SETTINGS if words.search(text)), "")


def set_named(stem: str, sources: Sequence[Source], asked: Asked, told: str, known: tuple[str, ...]) -> str:
    """The set a file belongs to: what the user asked for, else by its name. Raises CannotImport for neither."""
    if asked.set_name in known:
        return asked.set_name
    setting = setting_of(sources[0].name) or setting_of(told) or setting_of(sources[0].archive)
    name = f"{program_of(sources[0].full_name)}{stem}_{setting}"
    if name not in known:
        raise refuse(
            "neither the file nor its name tells whom it is for",
            f"keep CMS's file name, or name the set: {', '.join(known)}",
            file=sources[0].full_name,
        )
    return name


def quarter_of(text: str) -> date | None:
    """The first day of the quarter that a file's name tells, None where it tells none."""
    if found := _VERSION.search(text):
        return date(_VERSION_YEAR + int(found[1]), 1 + _QUARTER_MONTHS * int(found[2]), 1)
    if found := _YEAR_QUARTER.search(text):
        return date(int(found[1]), _QUARTER_MONTHS * int(found[2]) - 2, 1)
    if found := _QUARTER_YEAR.search(text):
        return date(int(found[2]), _QUARTER_MONTHS * int(found[1]) - 2, 1)
    if found := _EFFECTIVE.search(text):
        try:
            return date(int(found[3]), int(found[1]), int(found[2]))
        except ValueError:
            return None
    return None


def quarter(sources: Sequence[Source], asked: Asked) -> tuple[date, date]:
    """First day of the quarter the files were published for, and the day after its last.

    Raises CannotImport where neither their names nor the user say it, and where the two differ.
    """
    told = next((day for source in sources if (day := quarter_of(source.name) or quarter_of(source.archive))), None)
    if told is not None and asked.start is not None and told != asked.start:
        raise refuse(
            f"the file's name says {told}, the import {asked.start}: a wrong quarter",
            "take the file of the quarter you mean, or leave the start out",
            file=sources[0].full_name,
        )
    start = told or asked.start
    if start is None:
        raise refuse(
            "the file's name does not tell its quarter",
            "keep CMS's file name, or give the first day of the quarter as --start",
            file=sources[0].full_name,
        )
    first = date(start.year, start.month - (start.month - 1) % _QUARTER_MONTHS, 1)
    return start, asked.end or add_months(first, _QUARTER_MONTHS)


def quarter_label(start: date) -> str:
    return f"{start.year} Q{(start.month + 2) // _QUARTER_MONTHS}"


def code_of(cell: str, is_workbook: bool) -> str:
    """A procedure code as the file means it; a workbook's number gets back the zeros it lost. "" for what is none."""
    code = cell.upper()
    if is_workbook and code.isdigit():
        code = code.zfill(5)
    return code if CODE.match(code) else ""


def why_no_code(cell: str) -> str:
    """What became of a code, for the refusal."""
    if not cell:
        return "no code"
    return spoiled(cell) or lost_zero(cell, 5) or f"{cell} is no procedure code"


CODE_FIX = "take the official file, not one saved again from a spreadsheet"


def day_of(cell: str) -> date:
    """CCYYMMDD, or the ISO date a workbook's cell becomes. Raises DateError."""
    if len(cell) == 10 and cell[4] == cell[7] == "-":
        return parse_date8(cell.replace("-", ""))
    return parse_date8(cell)


def julian_day_of(cell: str) -> date:
    """YYYYDDD, the day of the year. Raises DateError."""
    if len(cell) != 7 or not cell.isdigit():
        raise DateError("a Julian date is seven digits: year and day of the year")
    year, day = int(cell[:4]), int(cell[4:])
    if year < 1 or not 1 <= day <= 366:
        raise DateError("no such day in the year")
    found = date(year, 1, 1) + timedelta(days=day - 1)
    if found.year != year:
        raise DateError("no such day in the year")
    return found
