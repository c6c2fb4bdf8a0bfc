"""The ICD-10-CM tabular list's notes and the alphabetic indexes (XML of CDC/NCHS) into the library.

Prepared forms are sorted lines of text. A note stands under the code that carries it, or under the range of its section
or chapter (A00-A09); who asks for a code's notes gets those of everything above it too.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from claimwright.codes.diagnosis_notes import NOTE_KINDS, Notes, read_notes
from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.icd10 import fiscal_dates, fiscal_label
from claimwright.codes.loaders.rows import compared

_RANGE = re.compile(r"\(([A-Z][0-9A-Z]{2})-([A-Z][0-9A-Z]{2})\)\s*\Z")
_SPACES = re.compile(r"\s+")
_CHAPTERS = 22  # ICD-10-CM has had 22 chapters since it came; fewer is a part of the file
INDEX_SETS = {
    "EXTERNAL CAUSE": "icd10cm_index_external",
    "SUBSTANCE": "icd10cm_table_drugs",
    "NEOPLASM": "icd10cm_table_neoplasms",
    "": "icd10cm_index",
}


def tabular_notes(data: bytes, file: str = "") -> Iterator[tuple[str, str, str]]:
    """(code or range, kind, text) of every note, in the list's order. Seventh characters are kind sevenChrDef: "A meaning".

    Raises CannotImport, naming the line, for XML that is cut off or is not the tabular list.
    """
    try:
        root = ElementTree.parse(BytesIO(data)).getroot()
    except ElementTree.ParseError as problem:
        line = problem.position[0] if problem.position else 0
        raise refuse(
            "the XML breaks off or is damaged here", "download it again, unchanged", line=line, file=file
        ) from problem
    if root.tag != "ICD10CM.tabular":
        raise refuse(f"the XML is {root.tag}", "load icd10cm-tabular-....xml of CDC/NCHS", line=1, file=file)
    chapters = root.findall("chapter")
    if len(chapters) != _CHAPTERS:
        raise refuse(f"it has {len(chapters)} chapters of {_CHAPTERS}", "download the whole file", line=1, file=file)
    for chapter in chapters:
        found = _RANGE.search(chapter.findtext("desc") or "")
        if found:
            yield from _own("-".join(found.groups()), chapter)
        for section in chapter.findall("section"):
            yield from _own(section.get("id") or "", section)
            for diagnosis in section.iter("diag"):
                yield from _own((diagnosis.findtext("name") or "").strip().replace(".", ""), diagnosis)


def _own(code: str, element: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    if not code:
        raise refuse("a code or section without its name", "download it again, unchanged")
    for block in element:
        if block.tag in NOTE_KINDS:
            for note in block.iter("note"):
                if text := _flat(note):
                    yield code, block.tag, text
        elif block.tag == "sevenChrDef":
            for extension in block.iter("extension"):
                yield code, "sevenChrDef", f"{extension.get('char', '')} {_flat(extension)}"


def _flat(element: ElementTree.Element) -> str:
    return _SPACES.sub(" ", "".join(element.itertext())).strip()


def notes_text(rows: Iterable[tuple[str, str, str]]) -> str:
    """The prepared form: a header, then the rows sorted."""
    return "code\tkind\ttext\n" + "".join("\t".join(row) + "\n" for row in sorted(set(rows)))


def _open_notes(path: Path) -> Notes:
    return read_notes(path.read_text(encoding="utf-8"))


def _lines(path: Path | None) -> dict[str, str]:
    """A prepared file as what is compared: everything said of one code together."""
    found: dict[str, str] = {}
    if path is not None:
        for line in path.read_text(encoding="utf-8").split("\n")[1:]:
            code, _, rest = line.partition("\t")
            if code:
                found[code] = f"{found.get(code, '')}\n{rest}"
    return found


def _compare(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(_lines(old), _lines(new), sample)


NOTES = Format(name="icd10cm-notes/1", open=_open_notes, compare=_compare)


def _prepare_tabular(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    source = sources[-1]
    start, end = fiscal_dates(source, asked)
    rows = list(tabular_notes(source.read(), source.full_name))
    path = folder / "notes"
    path.write_text(notes_text(rows), encoding="utf-8", newline="\n")
    counts = {kind: sum(row[1] == kind for row in rows) for kind in ("excludes1", "codeFirst", "useAdditionalCode")}
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    label = asked.label or fiscal_label(start, end)
    return [
        Prepared(set_name="icd10cm_notes", path=path, rows=len(rows), label=label, start=start, end=end, notes=(told,))
    ]


# The indexes ---------------------------------------------------------------------------------------------------------


def index_rows(root: ElementTree.Element) -> Iterator[tuple[str, str, str, str, str]]:
    """(term with those above it, non-essential words, code or table cells, see, see also) of every entry."""
    for letter in root.findall("letter"):
        for main in letter.findall("mainTerm"):
            yield from _term(main, ())


def _term(element: ElementTree.Element, above: tuple[str, ...]) -> Iterator[tuple[str, str, str, str, str]]:
    title = element.find("title")
    words = _SPACES.sub(" ", "".join(_essential(title))).strip() if title is not None else ""
    optional = " ".join(_flat(each) for each in title.iter("nemod")) if title is not None else ""
    here = (*above, words)
    cells = {each.get("col", ""): _flat(each) for each in element.findall("cell")}
    code = "|".join(cells.get(str(number), "") for number in range(2, 8)) if cells else _flat_of(element, "code")
    see, also = _flat_of(element, "see"), _flat_of(element, "seeAlso")
    yield " > ".join(here), optional, code, see, also
    for term in element.findall("term"):
        yield from _term(term, here)


def _essential(title: ElementTree.Element) -> Iterator[str]:
    yield title.text or ""
    for child in title:
        if child.tag != "nemod":
            yield "".join(child.itertext())
        yield child.tail or ""


def _flat_of(element: ElementTree.Element, tag: str) -> str:
    return "; ".join(_flat(each) for each in element.findall(tag))


def _index_set(root: ElementTree.Element) -> str:
    heading = " ".join(_flat(each) for each in (*root.findall("title"), *root.findall("indexHeading/head"))).upper()
    return next(name for word, name in INDEX_SETS.items() if word in heading)


def _prepare_index(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    found = []
    for number, source in enumerate(sources):
        start, end = fiscal_dates(source, asked)
        try:
            root = ElementTree.parse(BytesIO(source.read())).getroot()
        except ElementTree.ParseError as problem:
            line = problem.position[0] if problem.position else 0
            raise refuse(
                "the XML breaks off or is damaged here", "download it again", line=line, file=source.full_name
            ) from problem
        rows = sorted({"\t".join(row) for row in index_rows(root)})
        if not rows:
            raise refuse("the index has no entry", "load the official XML, unchanged", file=source.full_name)
        path = folder / str(number)
        path.write_text(
            "term\toptional\tcode\tsee\tsee_also\n" + "\n".join(rows) + "\n", encoding="utf-8", newline="\n"
        )
        label = asked.label or fiscal_label(start, end)
        name = _index_set(root)
        found.append(Prepared(set_name=name, path=path, rows=len(rows), label=label, start=start, end=end))
    return found


class IndexEntry(tuple[str, str, str, str, str]):
    """(term with those above it by " > ", non-essential words, code or six cells by "|", see, see also)."""

    __slots__ = ()


class AlphabeticIndex:
    """An index as it is looked up: by words that an entry has in its term, in any order."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[IndexEntry]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, text: str, limit: int = 20) -> list[IndexEntry]:
        """Entries that have every word, the shortest terms first."""
        words = text.lower().split()
        found = [row for row in self._rows if words and all(word in f"{row[0]} {row[1]}".lower() for word in words)]
        return sorted(found, key=lambda row: (len(row[0]), row[0]))[:limit]


def _open_index(path: Path) -> AlphabeticIndex:
    rows = []
    for line in path.read_text(encoding="utf-8").split("\n")[1:]:
        cells = line.split("\t")
        if len(cells) == 5:
            rows.append(IndexEntry(cells))
    return AlphabeticIndex(rows)


INDEX = Format(name="icd10cm-index/1", open=_open_index, compare=_compare)
TABULAR = Loader(
    name="icd10cm_tabular",
    reads="ICD-10-CM tabular list icd10cm-tabular-....xml (CDC/NCHS): includes, excludes, code first, 7th characters",
    sets=("icd10cm_notes",),
    format=NOTES,
    recognises=lambda name, head: b"<ICD10CM.tabular" in head[:2000],
    prepare=_prepare_tabular,
    group=lambda name, head: name,
    rank=10,
)
ALPHABETIC_INDEX = Loader(
    name="icd10cm_index",
    reads="ICD-10-CM index XML (CDC/NCHS): alphabetic index, external causes, table of drugs, neoplasm table",
    sets=tuple(INDEX_SETS.values()),
    format=INDEX,
    recognises=lambda name, head: b"<ICD10CM.index" in head[:2000],
    prepare=_prepare_index,
    rank=10,
)
