"""The NCCI procedure-to-procedure files of CMS: practitioner and outpatient hospital, Medicare and Medicaid.

Tab-separated text or workbook: a notice, a title, four header rows one above the other, then Column 1, Column 2, a mark
for pairs older than 1996, effective and deletion date (`*` open), modifier indicator, rationale. A deletion date is the
last day in force; a pair deleted on the day it took effect was never in force. A quarter's set is split into files f1,
f2 ..., and every one of them is needed: a missing part would let its pairs pass in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from claimwright.codes.dates import DateError
from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.ncci import (
    CODE_FIX,
    code_of,
    day_of,
    program_of,
    quarter,
    quarter_label,
    quarter_of,
    set_named,
    setting_of,
    why_no_code,
)
from claimwright.codes.procedure_pairs import MappedPairs, PairOverlap, PairRows

STEM = "ncci_pairs"
SETS = tuple(f"{program}{STEM}_{setting}" for program in ("", "medicaid_") for setting in ("practitioner", "hospital"))
_PART = re.compile(r"[-_]f(\d)\.(?:txt|xlsx|csv)\Z", re.IGNORECASE)
_NAME = re.compile(r"cci(?:pra|oph)", re.IGNORECASE)
_HEADER_ROWS = 40
_LEAST_PARTS = 4
_WHOLE_SET = 100_000  # rows; every quarter of a whole set since 2000 has more, and has rows that begin or end in it
_NEVER = -1  # in place of a row's term: never in force
_INDICATORS = ("0", "1", "9")
_OFFICIAL = "take the official file of CMS, unchanged"


class _Columns(msgspec.Struct, frozen=True):
    """Where the columns stand, and the last line of the header."""

    first: int
    second: int
    effective: int
    deletion: int
    indicator: int
    line: int

    @property
    def width(self) -> int:
        return max(self.first, self.second, self.effective, self.deletion, self.indicator) + 1


def recognises(name: str, head: bytes) -> bool:
    text = head.lower()
    if b"column 1" in text and b"column 2" in text and b"\t" in text:
        return True
    return bool(_NAME.search(name)) and b"\t" in text


def group(name: str, head: bytes) -> str:
    """Files of one setting and quarter are one release."""
    return f"{program_of(name)}{setting_of(name)} {quarter_of(name)}"


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """One release from all parts of a quarter. Raises CannotImport with every fault found."""
    set_name = set_named(STEM, sources, asked, "", SETS)
    start, end = quarter(sources, asked)
    _check_parts(sources)
    reading = _Reading(end)
    for source in sources:
        reading.take(source)
    rows = reading.rows
    try:
        repeated = rows.sort()
    except PairOverlap as overlap:
        raise refuse(str(overlap), _OFFICIAL, line=_line_of(sources, overlap), file=sources[0].full_name) from overlap
    if not rows.values:
        raise refuse("no pair found", _OFFICIAL, file=sources[0].full_name)
    if len(rows.values) >= _WHOLE_SET and reading.newest < start - timedelta(days=1):
        raise refuse(
            f"nothing in it begins or ends after {reading.newest}: this is no file of {quarter_label(start)}",
            "take the file of the quarter you mean",
            file=sources[0].full_name,
        )
    path = folder / f"{set_name}.pairs"
    rows.write(path, reading.oldest, end)
    notes = []
    if reading.never:
        notes.append(f"{reading.never:,} pairs were deleted on the day they took effect and are never in force")
    if repeated:
        notes.append(f"{repeated:,} rows were given twice")
    return [
        Prepared(
            set_name=set_name,
            path=path,
            rows=len(rows.values),
            label=asked.label or quarter_label(start),
            start=reading.oldest,
            end=end,
            cumulative=True,
            edition=start,
            notes=tuple(notes),
        )
    ]


def _check_parts(sources: Sequence[Source]) -> None:
    """Every part of the quarter, each once. Files without a part in their name are taken as whole."""
    parts = [int(found[1]) for source in sources if (found := _PART.search(source.name))]
    if not parts:
        return
    lacking = sorted(set(range(1, max(_LEAST_PARTS, *parts) + 1)) - set(parts))
    twice = sorted({part for part in parts if parts.count(part) > 1})
    if lacking:
        raise refuse(
            f"only part of the quarter's pairs: {', '.join(f'f{part}' for part in lacking)} missing",
            "give all files f1 to f4 of the setting in one import",
            file=sources[0].full_name,
        )
    if twice:
        raise refuse(
            f"{', '.join(f'f{part}' for part in twice)} is given twice",
            "give each file once, as text or as workbook",
            file=sources[0].full_name,
        )


class _Reading:
    """Rows read so far, with what every code and every set of dates came to, so that each is judged once."""

    def __init__(self, end: date) -> None:
        self.rows = PairRows()
        self.end = end
        self.never = 0
        self.oldest, self.newest = end, date.min
        self._codes: dict[str, int] = {}
        self._terms: dict[tuple[str, str, str], int] = {}

    def take(self, source: Source) -> None:
        """Reads a file whole. Raises CannotImport with every fault found in it."""
        faults = Refusals(source.full_name)
        columns = _columns(source)
        codes, terms, values = self._codes, self._terms, self.rows.values
        pair_number = self.rows.pair_number
        first_at, second_at, width = columns.first, columns.second, columns.width
        effective_at, deletion_at, indicator_at = columns.effective, columns.deletion, columns.indicator
        line, rationale, rationales = 0, "", set()
        for line, cells in _data_rows(source, columns):
            if len(cells) < width:
                faults.add(f"{len(cells)} columns instead of 7: cut off", _OFFICIAL, line=line)
                continue
            first, second = codes.get(cells[first_at]), codes.get(cells[second_at])
            term = terms.get((cells[effective_at], cells[deletion_at], cells[indicator_at]))
            if first is None or second is None or term is None:
                first = self._code(cells[first_at], source, line, "Column 1", faults)
                second = self._code(cells[second_at], source, line, "Column 2", faults)
                term = self._term(cells[effective_at], cells[deletion_at], cells[indicator_at], line, faults)
            if term == _NEVER:
                self.never += 1
            elif not faults.count:
                values.append(pair_number(first, second) + term)
            rationales.add(rationale)
            rationale = cells[-1]
        if not line:
            faults.add("no pair found", _OFFICIAL)
        # A row cut off in its last cell has all its columns: its rationale is the beginning of another's.
        elif rationale not in rationales and any(each.startswith(rationale) for each in rationales):
            faults.add("the last row is cut off", _OFFICIAL, line=line, column="PTP Edit Rationale")
        faults.check()

    def _code(self, cell: str, source: Source, line: int, column: str, faults: Refusals) -> int:
        known = self._codes.get(cell)
        if known is not None:
            return known
        code = code_of(cell.strip(), source.is_workbook)
        if not code:
            faults.add(why_no_code(cell.strip()), CODE_FIX, line=line, column=column)
            return 0
        number = self.rows.code_number(code)
        if code == cell:  # a workbook's 100 is 00100, a text's 100 is spoiled: only what is a code is remembered
            self._codes[cell] = number
        return number

    def _term(self, effective: str, deletion: str, indicator: str, line: int, faults: Refusals) -> int:
        key = (effective, deletion, indicator)
        if key in self._terms:
            return self._terms[key]
        effective, deletion, indicator = effective.strip(), deletion.strip(), indicator.strip()
        fault, column = "", ""
        start, last = _day(effective), None if deletion == "*" else _day(deletion)
        if start is None or start.year < 1990:
            fault, column = f"{effective or 'blank'} is no effective date", "Effective Date"
        elif deletion != "*" and last is None:
            fault, column = f"{deletion or 'blank'} is neither a deletion date nor *", "Deletion Date"
        elif last is not None and last < start:
            fault, column = f"deleted on {last}, before it took effect on {start}", "Deletion Date"
        elif start >= self.end:
            fault, column = f"takes effect on {start}, after the quarter that the file's name tells", "Effective Date"
        elif indicator not in _INDICATORS:
            fault, column = f"{indicator or 'blank'} is no modifier indicator: 0, 1 or 9", "Modifier"
        if fault or start is None:
            faults.add(fault, _OFFICIAL, line=line, column=column)
            return 0
        self.newest = max(self.newest, start, min(last, self.end) if last else start)
        if start == last:
            term = _NEVER
        else:
            self.oldest = min(self.oldest, start)
            open_ended = last is None or last.year >= 2158
            term = self.rows.term_number(start, None if open_ended or last is None else last + timedelta(1), indicator)
        self._terms[key] = term
        return term


def _day(cell: str) -> date | None:
    try:
        return day_of(cell)
    except DateError:
        return None


def _data_rows(source: Source, columns: _Columns) -> Iterator[tuple[int, list[str]]]:
    """Rows beneath the header, whose lower rows have no codes."""
    begun = False
    for line, cells in _rows(source):
        if line > columns.line and (begun or "".join(cells[:2]).strip()):
            begun = True
            if len(cells) > 1 or cells[0]:
                yield line, cells


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Rows of a workbook, or of text split at its tabs and nowhere else: a rationale may hold a quotation mark."""
    if source.is_workbook:
        yield from source.rows()
        return
    for line, text in source.lines():
        yield line, text.split("\t")


def _columns(source: Source) -> _Columns:
    """Finds the columns by the words of the header. Raises CannotImport naming the one that is missing."""
    for line, cells in islice(_rows(source), _HEADER_ROWS):
        words = [cell.strip().lower() for cell in cells]
        if "column 1" in words and "column 2" in words:
            return _Columns(
                words.index("column 1"),
                words.index("column 2"),
                _place(words, "effective", line, source),
                _place(words, "deletion", line, source),
                _place(words, "modifier", line, source),
                line,
            )
    raise refuse("no header with Column 1 and Column 2", _OFFICIAL, line=1, file=source.full_name)


def _place(words: list[str], wanted: str, line: int, source: Source) -> int:
    for place, word in enumerate(words):
        if word.startswith(wanted):
            return place
    raise refuse(f"the column {wanted.title()} is missing", _OFFICIAL, line=line, file=source.full_name)


def _line_of(sources: Sequence[Source], overlap: PairOverlap) -> int:
    """The line of the pair's second row, for the refusal: found by a second reading, which only a bad file needs."""
    for source in sources:
        columns = _columns(source)
        found = 0
        for line, cells in _data_rows(source, columns):
            pair = [code_of(cells[place].strip(), source.is_workbook) for place in (columns.first, columns.second)]
            if pair == [overlap.column1, overlap.column2]:
                found += 1
                if found > 1:
                    return line
    return 0


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    """What a quarter changes, pair by pair: the sample names them as column 1/column 2."""
    fresh = MappedPairs(new)
    if old is None:
        return Changes(added=len(fresh))
    held = MappedPairs(old)
    counts = {"added": 0, "removed": 0, "changed": 0, "same": 0}
    samples: dict[str, list[str]] = {name: [] for name in counts}

    def count(kind: str, column1: str, column2: str) -> None:
        counts[kind] += 1
        if kind != "same" and len(samples[kind]) < sample:
            samples[kind].append(f"{column1}/{column2}")

    for column1 in sorted({*held.column1_codes(), *fresh.column1_codes()}):
        before, after = held.terms(column1), fresh.terms(column1)
        if before == after:
            counts["same"] += len(after)
            continue
        for column2 in sorted({*before, *after}):
            if column2 not in before:
                count("added", column1, column2)
            elif column2 not in after:
                count("removed", column1, column2)
            else:
                count("same" if before[column2] == after[column2] else "changed", column1, column2)
    return Changes(
        **counts,
        added_sample=tuple(samples["added"]),
        removed_sample=tuple(samples["removed"]),
        changed_sample=tuple(samples["changed"]),
    )


_OPEN: Callable[[Path], MappedPairs] = MappedPairs
PAIRS = Loader(
    name="ncci procedure pairs",
    reads="NCCI PTP files f1 to f4 of one setting (ccipra-..., ccioph-...), text or workbook, Medicare or Medicaid",
    sets=SETS,
    format=Format(name="ncci_pairs/1", open=_OPEN, compare=compare),
    recognises=recognises,
    prepare=prepare,
    group=group,
    rank=5,
)
