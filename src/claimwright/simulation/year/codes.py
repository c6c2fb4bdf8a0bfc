"""The codes of October: every office loads the new fiscal year's diagnoses and the new quarter's HCPCS, and so do these.

What CDC and CMS publish then is not there yet when the year is simulated: the diagnoses of the year before, the notes of
their tabular list and the HCPCS of the quarter before are loaded again under the new names, from files of the same form.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree  # writes only: what is read from outside goes through defusedxml

from claimwright.codes.library import Library
from claimwright.codes.library_sets import codes_folder
from claimwright.codes.library_shapes import Asked
from claimwright.codes.tables import read_text

CHAPTERS = 22  # of ICD-10-CM


def carry_over_codes(home: Path, *, at: datetime) -> None:
    """Load fiscal year 2027 and the last quarter of 2026 into the code library of `home`, once."""
    library = Library(codes_folder(home))
    if library.state().entries:
        return
    lines = []
    for number, row in enumerate(read_text("icd10cm-2026.tsv.xz").splitlines(), 1):
        code, billable, title = row.split("\t")
        lines.append(f"{number:05d} {code:<7} {billable} {title[:60]:<60} {title}\r\n")
    with tempfile.TemporaryDirectory() as folder:
        order, tabular = Path(folder) / "icd10cm_order_2027.txt", Path(folder) / "icd10cm_tabular_2027.xml"
        order.write_text("".join(lines), encoding="utf-8", newline="")
        ElementTree.ElementTree(_tabular()).write(tabular, encoding="utf-8", xml_declaration=True)
        services = Path(folder) / "HCPC2026_OCT.txt"
        services.write_text(read_text("hcpcs-2026q3.txt.xz"), encoding="utf-8")
        for path in (order, tabular, services):
            library.import_files([path], asked=Asked(), at=at, by="simulation")


def _tabular() -> ElementTree.Element:
    """The shipped notes as a tabular list; all sections stand in the first of its chapters."""
    root = ElementTree.Element("ICD10CM.tabular")
    chapter = [ElementTree.SubElement(root, "chapter") for _ in range(CHAPTERS)][0]
    last = ElementTree.SubElement(chapter, "section", id="codes")
    places: dict[str, ElementTree.Element] = {}
    for row in read_text("icd10cm-2026-notes.tsv.xz").splitlines()[1:]:
        code, kind, text = row.split("\t")
        if code not in places and "-" in code:
            places[code] = ElementTree.SubElement(chapter, "section", id=code)
        elif code not in places:
            places[code] = ElementTree.SubElement(last, "diag")
            ElementTree.SubElement(places[code], "name").text = code
        block = ElementTree.SubElement(places[code], kind)
        if kind == "sevenChrDef":
            ElementTree.SubElement(block, "extension", char=text[:1]).text = text[2:]
        else:
            ElementTree.SubElement(block, "note").text = text
    return root
