"""The NCCI medically unlikely edit (MUE) files of CMS: practitioner, outpatient hospital and DME supplier.

CSV or workbook: a notice in one cell of several lines, then the code, the value, the adjudication indicator with its
words (its first digit counts) and a rationale. Medicaid's files have no indicator: all of its limits are for each line.
A file speaks for its quarter and holds no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.ncci import (
    CODE_FIX,
    code_of,
    program_of,
    quarter,
    quarter_label,
    quarter_of,
    set_named,
    setting_of,
    why_no_code,
)
from claimwright.codes.loaders.rows import compared
from claimwright.codes.unit_limits import UnitLimit, open_limits, write_limits

STEM = "mue"
SETS = tuple(
    f"{program}{STEM}_{setting}"
    for program in ("", "medicaid_")
    for setting in ("practitioner", "hospital", "supplier")
)
_HEADER_ROWS = 40
_LINE_LIMIT = 1
_OFFICIAL = "take the official file of CMS, unchanged"
_HEADING = re.compile(rb"hcpcs.{0,40}code.{0,80}mue values?", re.IGNORECASE | re.DOTALL)
_WHOLE_NUMBER = re.compile(r"[0-9]{1,6}\Z")


def recognises(name: str, head: bytes) -> bool:
    return bool(_HEADING.search(head)) or (b"mue" in name.lower().encode() and b"hcpcs" in head.lower())


def group(name: str, head: bytes) -> str:
    return f"{program_of(name)}{setting_of(name)} {quarter_of(name)} {name.rpartition('.')[0]}"


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """One quarter of one setting. Raises CannotImport with every fault found."""
    if len(sources) > 1:
        raise refuse(f"{len(sources)} files of one setting and quarter", "give one of them", file=sources[0].full_name)
    source = sources[0]
    header = _header(source)
    set_name = set_named(STEM, sources, asked, " ".join(header[1]), SETS)
    start, end = quarter(sources, asked)
    limits = list(_limits(source, header, set_name.startswith("medicaid_")))
    path = folder / f"{set_name}.limits"
    write_limits(path, limits, start, end)
    return [
        Prepared(
            set_name=set_name,
            path=path,
            rows=len(limits),
            label=asked.label or quarter_label(start),
            start=start,
            end=end,
            edition=start,
        )
    ]


def _header(source: Source) -> tuple[int, list[str]]:
    """The line of the header and its cells in lower case. Raises CannotImport."""
    for count, (line, cells) in enumerate(source.rows()):
        words = [" ".join(cell.lower().split()) for cell in cells]
        if any("hcpcs" in word for word in words) and any("mue value" in word for word in words):
            return line, words
        if count > _HEADER_ROWS:
            break
    raise refuse("no header with HCPCS/CPT Code and MUE Values", _OFFICIAL, line=1, file=source.full_name)


def _limits(source: Source, header: tuple[int, list[str]], medicaid: bool) -> Iterator[UnitLimit]:
    faults = Refusals(source.full_name)
    header_line, words = header
    code_at = next(place for place, word in enumerate(words) if "hcpcs" in word)
    value_at = next(place for place, word in enumerate(words) if "mue value" in word)
    indicator_at = next((place for place, word in enumerate(words) if "indicator" in word), -1)
    if indicator_at < 0 and not medicaid:
        raise refuse(
            "the column MUE Adjudication Indicator is missing", _OFFICIAL, line=header_line, file=source.full_name
        )
    seen: dict[str, UnitLimit] = {}
    for line, cells in source.rows():
        if line <= header_line or not any(cells):
            continue
        if len(cells) <= max(code_at, value_at, indicator_at):
            faults.add(f"{len(cells)} columns instead of {len(words)}: cut off", _OFFICIAL, line=line)
            continue
        code = code_of(cells[code_at], source.is_workbook)
        if not code:
            faults.add(why_no_code(cells[code_at]), CODE_FIX, line=line, column="HCPCS/CPT Code")
            continue
        if not _WHOLE_NUMBER.match(cells[value_at]):
            faults.add(f"{cells[value_at] or 'blank'} is no count of units", _OFFICIAL, line=line, column="MUE Values")
            continue
        indicator = cells[indicator_at][:1] if indicator_at >= 0 else str(_LINE_LIMIT)
        if indicator not in ("1", "2", "3"):
            told = cells[indicator_at] or "blank"
            faults.add(f"{told} begins with no indicator 1, 2 or 3", _OFFICIAL, line=line, column="MUE Adjudication Indicator")  # fmt: skip
            continue
        limit = UnitLimit(code=code, units=int(cells[value_at]), indicator=int(indicator))
        if code in seen and seen[code] != limit:
            faults.add(f"{code} is given twice with different limits", "keep one row", line=line)
        seen[code] = limit
    if not seen:
        faults.add("no limit found", _OFFICIAL)
    faults.check()
    yield from seen.values()


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(_texts(old) if old else {}, _texts(new), sample)


def _texts(path: Path) -> dict[str, str]:
    return {limit.code: f"{limit.units} {limit.indicator}" for limit in open_limits(path)}


LIMITS = Loader(
    name="ncci unit limits",
    reads="NCCI MUE files (MCR_MUE_..._Eff_...), CSV or workbook, one setting each, Medicare or Medicaid",
    sets=SETS,
    format=Format(name="ncci_limits/1", open=open_limits, compare=compare),
    recognises=recognises,
    prepare=prepare,
    group=group,
    rank=5,
)
