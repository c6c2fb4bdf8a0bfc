"""ICD-10-CM and ICD-10-PCS code files into the library: the order file or the codes file, checked line by line.

Layouts: CMS/NCHS icd10OrderFiles.pdf and icd10cmCodesFile.pdf of FY2026. The files bear no dates; their names bear the
fiscal year, and the archive's name bears April where it is the April update.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from claimwright.codes.library_shapes import Asked, CannotImport, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import AS_TEXT, spoiled
from claimwright.codes.loaders.rows import ROWS, write_rows

_ORDER_LINE = re.compile(rb"^(\xef\xbb\xbf)?[0-9]{5} [A-Z][0-9A-Z]{2,6} *[01] ", re.MULTILINE)
_CM_LINE = re.compile(rb"^(\xef\xbb\xbf)?[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4} {1,5}[A-Za-z(]", re.MULTILINE)
_PCS_LINE = re.compile(rb"^(\xef\xbb\xbf)?[0-9A-HJ-NP-Z]{7} [A-Z]", re.MULTILINE)
_ADDENDA = (b"Add:", b"Delete:", b"Revise from:", b"Revise to:", b"No change")
_CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}\Z")
_PCS_CODE = re.compile(r"[0-9A-HJ-NP-Z]{7}\Z")
_YEAR = re.compile(r"(?:order|codes|tabular|index|drug|neoplasm)[a-z0-9_ -]*?(20[0-9]{2})", re.IGNORECASE)
_APRIL = re.compile(r"(?<![a-z])apr(il)?(?![a-z])", re.IGNORECASE)
_OCTOBER, _APRIL_MONTH = 10, 4
# Chapters 1 to 22 begin with every letter of the alphabet, and PCS sections with these characters: a file that lacks one
# is cut off, wherever the cut fell.
_CM_STARTS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PCS_STARTS = frozenset("0123456789BCDFGHX")
_UNCHANGED = "unzip the official file and load it unchanged"
_TITLE_AT = 77
_MOST = 8  # of ten of the first lines: a fault among them is for the reading to name
Line = Callable[[str], tuple[str, str] | None]


def fiscal_dates(source: Source, asked: Asked) -> tuple[date, date]:
    """The dates of service that an ICD-10 file speaks for: the fiscal year of its name, from April where it says so.

    Raises CannotImport where neither the name nor the user says, and where the two disagree.
    """
    found = _YEAR.search(source.name) or _YEAR.search(source.archive)
    if found is None and asked.start is None:
        raise refuse(
            "the file does not say its year",
            "keep its official name, or give --start (and --end), such as --start 2026-10-01 --end 2027-10-01",
            file=source.full_name,
        )
    if found is None:
        assert asked.start is not None
        year = asked.start.year + (asked.start.month >= _OCTOBER)
        return asked.start, asked.end or date(year, _OCTOBER, 1)
    year = int(found.group(1))
    first, end = date(year - 1, _OCTOBER, 1), date(year, _OCTOBER, 1)
    if asked.start is not None and not first <= asked.start < end:
        raise refuse(
            f"the file is of fiscal year {year} ({first} to {date(year, 9, 30)}) and --start says {asked.start}",
            "take the file of the year, or leave --start out",
            file=source.full_name,
        )
    if asked.end is not None and not first < asked.end <= end:
        raise refuse(f"--end {asked.end} lies outside fiscal year {year}", f"give an --end up to {end}")
    april = bool(_APRIL.search(source.name) or _APRIL.search(source.archive.replace("_", " ")))
    start = asked.start or (date(year, _APRIL_MONTH, 1) if april else first)
    return start, asked.end or end


def fiscal_label(start: date, end: date) -> str:
    year = start.year + (start.month >= _OCTOBER)
    whole = (start.month, start.day) == (_OCTOBER, 1)
    return f"FY{year}" if whole else f"FY{year} from {start}"


def _tenths(pattern: re.Pattern[bytes], head: bytes) -> int:
    """How many of ten of the first lines are of the pattern; the last may be cut off by the reading and is left out."""
    lines = [line for line in head.splitlines()[:-1] if line.strip()]
    return 10 * sum(pattern.match(line) is not None for line in lines) // len(lines) if len(lines) > 1 else 0


def _recognises_cm(name: str, head: bytes) -> bool:
    if head.lstrip().startswith(_ADDENDA):
        return False
    return _tenths(_ORDER_LINE, head) >= _MOST or _tenths(_CM_LINE, head) >= _MOST > _tenths(_PCS_LINE, head)


def _recognises_pcs(name: str, head: bytes) -> bool:
    return not head.lstrip().startswith(_ADDENDA) and _tenths(_PCS_LINE, head) >= _MOST


def _is_order(source: Source) -> bool:
    return bool(_ORDER_LINE.search(source.head))


def _prepare_cm(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    """The order file where there is one (it has the categories too), else the codes file."""
    orders = [source for source in sources if _is_order(source)]
    found = []
    for number, source in enumerate(orders or sources):
        start, end = fiscal_dates(source, asked)
        line = _order_line if orders else _codes_line
        rows = _read(source, line, "ICD-10-CM", _CM_STARTS, 1 if orders else 0)
        path = folder / f"{number}"
        count = write_rows(path, rows)
        headers = sum(row.startswith("0") for row in rows.values())
        told = f"{count - headers:,} billable codes and {headers:,} categories"
        if not orders:
            told = f"{count:,} billable codes; no categories: load the order file to have them"
        found.append(
            Prepared(
                set_name="icd10cm", path=path, rows=count, label=asked.label or fiscal_label(start, end),
                start=start, end=end, notes=(told,),
            )
        )  # fmt: skip
    return found


def _prepare_pcs(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    found = []
    for number, source in enumerate(sources):
        start, end = fiscal_dates(source, asked)
        rows = _read(source, _pcs_line, "ICD-10-PCS", _PCS_STARTS, 0)
        path = folder / f"{number}"
        count = write_rows(path, rows)
        label = asked.label or fiscal_label(start, end)
        found.append(Prepared(set_name="icd10pcs", path=path, rows=count, label=label, start=start, end=end))
    return found


def _order_line(line: str) -> tuple[str, str] | None:
    """Order file: 7-13 code, 15 flag, 17-76 short title, 78 to the end title."""
    code, flag, title = line[6:13].rstrip(), line[14:15], line[_TITLE_AT:].strip()
    if len(line) <= _TITLE_AT or flag not in ("0", "1") or not _CODE.match(code) or not title or "\t" in title:
        return None
    return code, f"{flag}\t{title}"


def _codes_line(line: str) -> tuple[str, str] | None:
    code, _, title = line.partition(" ")
    return (code, f"1\t{title.strip()}") if _CODE.match(code) and title.strip() and "\t" not in title else None


def _pcs_line(line: str) -> tuple[str, str] | None:
    code, _, title = line.partition(" ")
    return (code, f"{title.strip()}\t\t") if _PCS_CODE.match(code) and title.strip() and "\t" not in title else None


def _read(source: Source, read: Line, what: str, starts: frozenset[str], sequenced: int) -> dict[str, str]:
    """Every line as code and row. `sequenced`: the first order number, where the file has them, to find missing lines."""
    rows: dict[str, str] = {}
    refusals = Refusals(source.full_name)
    previous, number = sequenced - 1, 0
    for number, line in source.lines():
        if not line.strip():
            continue
        found = read(line)
        if found is None:
            refusals.add(*_fault(line, what), line=number)
            continue
        code, row = found
        if code in rows:
            refusals.add(f"{code} is given twice", _UNCHANGED, line=number, column="code")
        if sequenced:
            order = int(line[:5]) if line[:5].isdigit() else -1
            if order != previous + 1:
                refusals.add(f"order number {line[:5]} follows {previous}: lines are missing", _UNCHANGED, line=number)
            previous = order
        rows[code] = row
    _check_end(source, refusals, number)
    missing = sorted(starts - {code[0] for code in rows})
    if rows and missing:
        refusals.add(
            f"there is no code that begins with {', '.join(missing)}: the file is cut off or only a part",
            "download it again and load it whole",
            line=number,
        )
    refusals.check()
    return rows


def _fault(line: str, what: str) -> tuple[str, str]:
    first = line.split()[0] if line.split() else ""
    parts = line.replace(",", " ").replace("\t", " ").split()
    for part in parts[:3]:
        if damage := spoiled(part):
            return damage, AS_TEXT
    if "<" in line[:20]:
        return "this is a web page", "download the file itself"
    return f"{first[:12]} does not begin a line of the {what} file", _UNCHANGED


def _check_end(source: Source, refusals: Refusals, number: int) -> None:
    """The agencies end every line, the last too: without its end a file was cut within it."""
    if not ends_whole(source):
        refusals.add("the file ends in the middle of this line", "download it again", line=number)


def ends_whole(source: Source) -> bool:
    last = b""
    with source.open() as stream:
        while block := stream.read(1 << 20):
            last = block[-1:]
    return last in (b"\n", b"\x1a", b"")


ICD10CM = Loader(
    name="icd10cm",
    reads="ICD-10-CM order file icd10cm_order_YYYY.txt or codes file icd10cm_codes_YYYY.txt (CMS, CDC/NCHS)",
    sets=("icd10cm",),
    format=ROWS,
    recognises=_recognises_cm,
    prepare=_prepare_cm,
    group=lambda name, head: "april" if _APRIL.search(name) else "",
    rank=5,
)
ICD10PCS = Loader(
    name="icd10pcs",
    reads="ICD-10-PCS codes file icd10pcs_codes_YYYY.txt (CMS)",
    sets=("icd10pcs",),
    format=ROWS,
    recognises=_recognises_pcs,
    prepare=_prepare_pcs,
    rank=6,
)
__all__ = ["ICD10CM", "ICD10PCS", "CannotImport", "ends_whole", "fiscal_dates", "fiscal_label"]
