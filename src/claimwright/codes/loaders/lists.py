"""Plain lists into the library: CPT under the user's own licence, NUBC codes, places of service, payers and the like.

A list is a table with a header, or AMA's plain form of a code, blanks and a descriptor. Which set it is stands in the
heading of its code column, in `--set`, or in the form of its codes where only one set has that form. Descriptors stay in
the user's own library. Every row is checked before any is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from claimwright.codes.library_shapes import Asked, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source, delimiter_of
from claimwright.codes.loaders.cells import AS_TEXT, after, heading, iso, lost_zero, read_date, spoiled
from claimwright.codes.loaders.list_sets import BY_HEADING, BY_NAME, LIST_SETS, ListSet
from claimwright.codes.loaders.rows import ROWS, write_rows

CODE = frozenset({"code", "codes", "procedure code", "proc code", "value"}) | frozenset(BY_HEADING)
LABEL = (
    *("long", "long description", "full description", "long descriptor", "consumer descriptor", "display name", "name"),
    *("payer name", "description", "descriptor", "title", "label", "pos name", "place of service name"),
    *("medium", "medium description", "medium descriptor", "short", "short description", "short descriptor"),
)
START = (
    *("start", "start date", "effective date", "effective", "eff date", "date effective", "begin date", "date added"),
    *("add date", "added"),
)
END = ("end",)  # the first day it no longer holds, as this product writes its own lists
LAST = (
    *("end date", "stop", "stop date", "term date", "termination date", "date deactivated", "deleted", "delete date"),
    *("deletion date", "date deleted", "last day", "expiration date", "inactive date"),
)
STATUS = ("status", "active", "code status", "action")
FACILITY = ("facility", "pos type", "facility flag")
OTHER = frozenset(
    {
        *("concept id", "clinician descriptor id", "clinician descriptor", "pos description", "definition", "notes"),
        *(
            "clearinghouse",
            "type",
            "payer type",
            "state",
            "states",
            "enrollment",
            "enrolment",
            "era",
            "eft",
            "realtime",
        ),
        *("transaction", "transactions", "837p", "837i", "837d", "835", "270", "276", "address", "phone", "alias"),
        *("enrolment required", "enrollment required", "aliases", "parent", "category", "group", "section", ""),
    }
)
_KNOWN = frozenset((*CODE, *LABEL, *START, *END, *LAST, *STATUS, *FACILITY, *OTHER))
_DELETED = frozenset({"d", "deleted", "inactive", "terminated", "no", "n"})
_AMA_LINE = re.compile(rb"^(\xef\xbb\xbf)?([0-9]{4}[0-9FTUM])[ \t]{1,4}[A-Za-z(][^\r\n]*[A-Za-z]{3}", re.MULTILINE)
_HEADER_WITHIN = 40


def _header(lines: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]] | None:
    """The first row that has a code column and names only columns that lists have."""
    for count, (line, cells) in enumerate(lines):
        names = [heading(cell) for cell in cells]
        if any(name in CODE for name in names) and all(name in _KNOWN for name in names):
            return line, names
        if count >= _HEADER_WITHIN:
            break
    return None


def _head_rows(head: bytes) -> Iterator[tuple[int, list[str]]]:
    delimiter = delimiter_of(head)
    for number, line in enumerate(head.decode("utf-8-sig", errors="replace").splitlines(), 1):
        yield number, [cell.strip().strip('"') for cell in line.split(delimiter)]


def _recognises(name: str, head: bytes) -> bool:
    return _header(_head_rows(head)) is not None or _is_ama(head)


def _is_ama(head: bytes) -> bool:
    return len(_AMA_LINE.findall(head)) > 2


def _prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    return [_one(source, asked, folder / str(number)) for number, source in enumerate(sources)]


def _one(source: Source, asked: Asked, path: Path) -> Prepared:
    refusals = Refusals(source.full_name)
    found = _header(source.rows())
    if found is None:
        each = BY_NAME["cpt"]
        if asked.set_name not in ("", "cpt"):
            raise refuse(f"these are CPT codes and --set says {asked.set_name}", "leave --set out", line=1)
        rows = _ama_rows(source, each, refusals)
    else:
        header_line, names = found
        each = _which(source, header_line, names, asked)
        rows = _table_rows(source, header_line, names, each, refusals)
    refusals.check()
    count = write_rows(path, rows)
    return Prepared(
        set_name=each.name,
        path=path,
        rows=count,
        label=asked.label or f"{each.title}, own list",
        start=asked.start,
        end=asked.end,
        notes=() if asked.start else ("the list speaks for all dates; codes with dates of their own hold only then",),
    )


def _which(source: Source, header_line: int, names: list[str], asked: Asked) -> ListSet:
    """The set a list is of. Raises CannotImport where nothing says it, or two things say different."""
    by_heading = next((BY_HEADING[name] for name in names if name in BY_HEADING), None)
    if asked.set_name:
        each = BY_NAME.get(asked.set_name)
        if each is None:
            raise refuse(f"there is no list called {asked.set_name}", f"--set is one of {', '.join(BY_NAME)}")
        if by_heading is not None and by_heading.name != each.name:
            raise refuse(
                f"the column is of {by_heading.title} and --set says {each.name}", "leave --set out", line=header_line,
                file=source.full_name,
            )  # fmt: skip
        return each
    if by_heading is not None:
        return by_heading
    at = next(place for place, name in enumerate(names) if name in CODE)
    codes = [cells[at] for line, cells in source.rows() if line > header_line and len(cells) > at and cells[at]][:500]
    fitting = [each for each in LIST_SETS[:3] if codes and all(each.matches(code) for code in codes)]
    mostly = [each for each in LIST_SETS[:3] if sum(each.matches(code) for code in codes) * 2 > len(codes)]
    for candidates in (fitting, mostly):
        if len(candidates) == 1:
            return candidates[0]
    raise refuse(
        "the list does not say what its codes are",
        f"give --set with one of {', '.join(BY_NAME)}, or head the column with the set's name",
        line=header_line,
        file=source.full_name,
    )


def _ama_rows(source: Source, each: ListSet, refusals: Refusals) -> dict[str, str]:
    """AMA's SHORTU, MEDU and LONGULT files: a code, a blank, a descriptor. What comes before the first code is passed."""
    rows: dict[str, str] = {}
    for number, line in source.lines():
        code, text = line[:5], line[5:].strip()
        if not rows and not each.matches(code):
            continue
        if line.strip():
            _add(rows, code.strip(), text, None, None, "", each, refusals, number)
    return rows


def _table_rows(
    source: Source, header_line: int, names: list[str], each: ListSet, refusals: Refusals
) -> dict[str, str]:
    code_at = next((at for at, name in enumerate(names) if name in each.headings), -1)
    if code_at < 0:
        code_at = next(at for at, name in enumerate(names) if name in CODE)
    label_at, start_at, end_at, last_at, status_at, facility_at = (
        next((names.index(name) for name in group if name in names), -1)
        for group in (LABEL, START, END, LAST, STATUS, FACILITY)
    )
    width = 1 + max(code_at, label_at, start_at, end_at, last_at, status_at, facility_at)
    rows: dict[str, str] = {}
    for number, cells in source.rows():
        if number <= header_line or not any(cells):
            continue
        if len(cells) < width or any(cells[len(names) :]):
            refusals.add(
                f"{len(cells)} cells under {len(names)} headings", "put quotes around a cell with a comma", line=number
            )
            continue
        days: list[date | None] = []
        for at in (start_at, end_at, last_at):
            try:
                days.append(read_date(cells[at]) if at >= 0 else None)
            except ValueError as problem:
                refusals.add(str(problem), "write it as YYYY-MM-DD, or leave it empty", line=number, column=names[at])
                break
        else:
            start, end = days[0], days[1] or after(days[2])
            if status_at >= 0 and cells[status_at].lower() in _DELETED and end is None:
                continue  # a code the list itself calls deleted, with no day to say when
            extra = f"facility={_yes(cells[facility_at])}" if facility_at >= 0 else ""
            label = cells[label_at] if label_at >= 0 else ""
            _add(rows, cells[code_at], label, start, end, extra, each, refusals, number)
    return rows


def _yes(text: str) -> str:
    return "yes" if text.strip().lower() in ("facility", "1", "y", "yes", "f", "true") else "no"


def _add(
    rows: dict[str, str],
    code: str,
    label: str,
    start: date | None,
    end: date | None,
    extra: str,
    each: ListSet,
    refusals: Refusals,
    line: int,
) -> None:
    if each.name == "type_of_bill" and code[:1] != "0":
        code = f"0{code}"  # the form carries four digits; lists often leave the first away
    if not each.matches(code):
        damage = spoiled(code) or lost_zero(code, each.width)
        if damage:
            refusals.add(damage, AS_TEXT, line=line, column="code")
        else:
            refusals.add(*_not_of_the_set(code, each), line=line, column="code")
    elif code in rows:
        refusals.add(f"{code} is given twice", "keep one row", line=line, column="code")
    elif start and end and end <= start:
        refusals.add(f"{code} ends before it starts", "check the two dates", line=line)
    else:
        text = " ".join(label.split())
        rows[code] = "\t".join((text, iso(start), iso(end), extra) if extra else (text, iso(start), iso(end)))


def _not_of_the_set(code: str, each: ListSet) -> tuple[str, str]:
    other = next((one for one in LIST_SETS[:3] if one.matches(code)), None)
    if other is not None and other.name != each.name and each in LIST_SETS[:3]:
        return f"{code} is a {other.title} code in a list of {each.title}", f"import it apart, with --set {other.name}"
    return f"{code or '(blank)'} has not the form of {each.title}", f"a code looks like {each.example}"


PLAIN_LIST = Loader(
    name="plain_list",
    reads="a list with a header: code (or cpt, modifier, pos code, revenue code, payer id ...), name, start, end; "
    "or the AMA's CPT descriptor files of your licence",
    sets=tuple(each.name for each in LIST_SETS),
    format=ROWS,
    recognises=_recognises,
    prepare=_prepare,
    group=lambda name, head: name,
    rank=-10,
)
