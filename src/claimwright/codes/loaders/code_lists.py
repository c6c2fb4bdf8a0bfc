"""The lists of X12 (reasons, remarks, statuses) and NUCC's provider taxonomy into the user's own library.

X12's CSV has two columns, Code and Description; the dates stand at the end of the description ("Start: 01/01/1995 | Stop:
06/30/2007"), which may span lines. A newer export has them in columns. Both hold their whole history, so a new file takes
the place of the old one. The wording is X12's and NUCC's: it stays with the user who may have it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from claimwright.codes.library_shapes import Asked, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import AS_TEXT, heading, iso, read_date, spoiled
from claimwright.codes.loaders.list_sets import BY_NAME
from claimwright.codes.loaders.rows import ROWS, write_rows

X12_SETS = ("carc", "rarc", "claim_status", "claim_status_category")
_X12_HEADER = re.compile(
    rb'^(\xef\xbb\xbf)?"?code"?\s*[,\t]\s*"?description"?', re.IGNORECASE | re.MULTILINE
)  # fmt: skip
_DATED = re.compile(rb"(Start|Stop|Last Modified): ?[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_DATE_WORDS = re.compile(
    r"\s*\|?\s*(Start|Stop|Last Modified|Modified):\s*([0-9]{1,2}/[0-9]{1,2}/[0-9]{4})?", re.IGNORECASE
)
_NOTES = re.compile(r"\s*\|?\s*Notes:.*\Z", re.IGNORECASE | re.DOTALL)
_LETTERED = re.compile(r"[A-Z]")
_CATEGORIES = 100  # claim status categories are fewer than this, adjustment reasons are more
_STARTS = ("start", "start date", "effective date", "date effective")
_STOPS = ("stop", "stop date", "deactivation date", "date deactivated")
_TAXONOMY_COLUMNS = ("code", "grouping", "classification", "specialization")
_TAXONOMY_VERSION = re.compile(r"taxonomy[_ ]?([0-9]{2})([0-9])", re.IGNORECASE)
_FEWEST_TAXONOMIES = 500  # NUCC publishes 883; a part of the list would call sound codes unknown


def _recognises_x12(name: str, head: bytes) -> bool:
    return bool(_X12_HEADER.search(head)) and bool(_DATED.search(head) or _which_by_name(name))


def _which_by_name(name: str) -> str:
    lowered = heading(name)
    if "categor" in lowered:
        return "claim_status_category"
    if "claim status" in lowered or "507" in lowered or "508" in lowered:
        return "claim_status_category" if "507" in lowered else "claim_status"
    if "remark" in lowered or "rarc" in lowered or "411" in lowered:
        return "rarc"
    return "carc" if "adjustment reason" in lowered or "carc" in lowered or "139" in lowered else ""


def _which(codes: Sequence[str], source: Source, asked: Asked) -> str:
    """Which X12 list it is: as asked, by the form of its codes, by its name. Raises CannotImport where two would do."""
    fitting = [name for name in X12_SETS if codes and all(BY_NAME[name].matches(code) for code in codes)]
    for wanted in (asked.set_name, _which_by_name(source.name)):
        if wanted in X12_SETS:
            if fitting and wanted not in fitting and not asked.set_name:
                break
            return wanted
    if len(fitting) == 1:
        return fitting[0]
    if "carc" in fitting and len(codes) > _CATEGORIES and any(_LETTERED.match(code) for code in codes):
        return "carc"  # numbers alone may be statuses; reasons have lettered ones among them, and many
    if not fitting:  # some codes are spoiled: the list that most codes fit, so that the rest can be named
        return max(X12_SETS, key=lambda name: sum(BY_NAME[name].matches(code) for code in codes))
    raise refuse(
        f"the list could be {' or '.join(fitting)}", f"give --set with one of {', '.join(X12_SETS)}",
        file=source.full_name,
    )  # fmt: skip


def _prepare_x12(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    return [_one_x12(source, asked, folder / str(number)) for number, source in enumerate(sources)]


def _one_x12(source: Source, asked: Asked, path: Path) -> Prepared:
    names: list[str] = []
    found: list[tuple[int, list[str]]] = []
    for number, cells in source.rows():
        if not names:
            if [heading(cell) for cell in cells[:2]] == ["code", "description"]:
                names = [heading(cell) for cell in cells]
        elif any(cells):
            found.append((number, cells))
    set_name = _which([cells[0] for _, cells in found if cells[0]], source, asked)
    refusals = Refusals(source.full_name)
    rows: dict[str, str] = {}
    newest: date | None = None
    for number, cells in found:
        read = _x12_row(number, cells, names, set_name, refusals)
        if read is None:
            continue
        code, text, days = read
        if code in rows:
            refusals.add(f"{code} is given twice", "keep one row", line=number, column="Code")
        rows[code] = f"{text}\t{iso(days.get('start'))}\t{iso(days.get('stop'))}"
        newest = max([day for day in (newest, *days.values()) if day], default=None)
    refusals.check()
    count = write_rows(path, rows)
    return Prepared(
        set_name=set_name, path=path, rows=count, label=asked.label or (f"as of {newest}" if newest else "undated"),
        start=asked.start, end=asked.end, cumulative=True, edition=newest,
    )  # fmt: skip


def _x12_row(
    number: int, cells: list[str], names: list[str], set_name: str, refusals: Refusals
) -> tuple[str, str, dict[str, date]] | None:
    code, text = cells[0], cells[1] if len(cells) > 1 else ""
    if not BY_NAME[set_name].matches(code):
        each = BY_NAME[set_name]
        reason = spoiled(code) or f"{code or '(blank)'} has not the form of {each.title}, such as {each.example}"
        refusals.add(reason, AS_TEXT if spoiled(code) else "take X12's file, unchanged", line=number, column="Code")
        return None
    if not text:
        refusals.add(f"{code} has no description: the row is cut off", "download it again", line=number)
        return None
    days: dict[str, date] = {}
    written = [(word.lower(), day) for word, day in _DATE_WORDS.findall(text) if day]
    for wanted, group in (("start", _STARTS), ("stop", _STOPS)):
        written += [(wanted, cells[at]) for at, name in enumerate(names) if name in group and at < len(cells)]
    for word, day in written:
        try:
            if read := read_date(day):
                days[word] = read
        except ValueError as problem:
            refusals.add(f"{code}: {problem}", "take X12's file, unchanged", line=number, column=word)
            return None
    if "start" in days and "stop" in days and days["stop"] < days["start"]:
        refusals.add(f"{code} stops before it starts", "check the two dates", line=number)
        return None
    return code, " ".join(_NOTES.sub("", _DATE_WORDS.sub("", text)).split()), days


# Taxonomy ------------------------------------------------------------------------------------------------------------


def _recognises_taxonomy(name: str, head: bytes) -> bool:
    first = head.decode("utf-8-sig", errors="replace").splitlines()[:3]
    return any(
        all(word in line.lower() for word in _TAXONOMY_COLUMNS) and "definition" in line.lower() for line in first
    )


def _prepare_taxonomy(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    source = sources[-1]
    refusals = Refusals(source.full_name)
    rows: dict[str, str] = {}
    at: dict[str, int] = {}
    number = 0
    for number, cells in source.rows():
        if not at:
            names = [heading(cell) for cell in cells]
            if all(name in names for name in _TAXONOMY_COLUMNS):
                at = {name: names.index(name) for name in names}
            continue
        if not any(cells):
            continue
        if len(cells) < len(at):
            refusals.add(
                f"{len(cells)} cells under {len(at)} headings: the row is cut off", "download it again", line=number
            )
            continue
        code = cells[at["code"]]
        if not BY_NAME["taxonomy"].matches(code):
            reason = spoiled(code) or f"{code or '(blank)'} is no taxonomy code: ten characters that end in X"
            refusals.add(reason, AS_TEXT if spoiled(code) else "take NUCC's file", line=number, column="Code")
            continue
        title = cells[at["display name"]] if "display name" in at else ""
        title = title or " - ".join(filter(None, (cells[at["classification"]], cells[at["specialization"]])))
        section = f"section={cells[at['section']]}" if cells[at.get("section", 0)] and "section" in at else ""
        rows[code] = "\t".join((title, "", "", section)) if section else f"{title}\t\t"
    if rows and len(rows) < _FEWEST_TAXONOMIES:
        refusals.add(f"only {len(rows)} codes: the list is cut off", "download it again", line=number)
    refusals.check()
    path = folder / "taxonomy"
    count = write_rows(path, rows)
    version = _TAXONOMY_VERSION.search(source.name)
    edition = date(2000 + int(version.group(1)), 1 if version.group(2) == "0" else 7, 1) if version else None
    label = f"NUCC {version.group(1)}.{version.group(2)}" if version else "NUCC"
    return [
        Prepared(
            set_name="taxonomy", path=path, rows=count, label=asked.label or label, start=asked.start, end=asked.end,
            cumulative=True, edition=edition,
        )
    ]  # fmt: skip


X12_LIST = Loader(
    name="x12_list",
    reads="X12's external code lists as CSV: claim adjustment reasons (139), remarks (411), claim statuses (507, 508)",
    sets=X12_SETS,
    format=ROWS,
    recognises=_recognises_x12,
    prepare=_prepare_x12,
    group=lambda name, head: name,
    rank=4,
)
TAXONOMY = Loader(
    name="nucc_taxonomy",
    reads="NUCC's provider taxonomy nucc_taxonomy_VVV.csv",
    sets=("taxonomy",),
    format=ROWS,
    recognises=_recognises_taxonomy,
    prepare=_prepare_taxonomy,
    rank=7,
)
