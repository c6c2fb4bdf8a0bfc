#!/usr/bin/env python3
"""Build the shipped code tables of src/claimwright/codes/data from the agencies' unmodified files.

    tools/build_codes.py SOURCES [--check]

SOURCES is a folder with the files named in `INPUTS`, as the agencies publish them. Output depends on their bytes
alone: run twice, it writes the same bytes. With --check nothing is written, and a difference is an error. Own tables
(labels, denial rules) are edited by hand; a run without --check then refreshes their sha256 in the manifest as well.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import lzma
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

from claimwright.codes.loaders.hcpcs import is_anweb_member, read_anweb, read_codes_only
from claimwright.codes.loaders.icd10_text import notes_text, tabular_notes
from claimwright.codes.loaders.icd10cm import order_file_year, read_order_file

DATA = Path(__file__).resolve().parent.parent / "src" / "claimwright" / "codes" / "data"
INPUTS = {
    "order": "icd10cm/icd10cm-2026-order-and-codes-official.zip",
    "tabular": "icd10cm/icd10c-tabular-April-1-2026.xml.xz",
    "anweb": "hcpcs/2019-Alpha-Numeric-HCPCS-File.zip",
    "hcpcs": "hcpcs/hcpcs_level2_codes_only_2026q3.txt.gz",
    "pos": "ub04/cms_place_of_service_with_facility_flag.csv",
    "values": "x12-codes/pyx12-codes-values-only.xml",
    "carc": "x12-codes/carc_values_only.csv",
}
VALUE_SETS = {
    "states": "state",
    "country": "country",
    "currency": "currency",
    "entity_id": "entity",
    "remark_code": "rarc",
    "service_type": "service_type",
    "claim_status_cat": "claim_status_category",
    "claim_status": "claim_status",
}


def build(sources: Path) -> dict[str, bytes]:
    """File name to bytes of every built table."""
    read = {name: (sources / path).read_bytes() for name, path in INPUTS.items()}
    procedures, modifiers = _hcpcs(read["anweb"])
    return {
        "icd10cm-2026.tsv.xz": _xz(_icd10cm(read["order"])),
        "icd10cm-2026-notes.tsv.xz": _xz(notes_text(tabular_notes(lzma.decompress(read["tabular"])))),
        "hcpcs-2019.tsv.xz": _xz(procedures),
        "hcpcs-2019-modifiers.tsv": modifiers.encode(),
        "hcpcs-2026q3.txt.xz": _xz("\n".join(sorted(read_codes_only(gzip.decompress(read["hcpcs"])))) + "\n"),
        "place_of_service.tsv": _places(read["pos"]).encode(),
        "x12-values.tsv": _values(read["values"], read["carc"]).encode(),
    }


def _xz(text: str) -> bytes:
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def _icd10cm(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        member = next(name for name in files.namelist() if order_file_year(name))
        rows = read_order_file(files.read(member))
        return "".join(f"{row.code}\t{int(row.billable)}\t{row.title}\n" for row in rows)


def _hcpcs(archive: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        member = next(name for name in files.namelist() if is_anweb_member(name))
        rows = list(read_anweb(files.read(member)))
    header = "code\ttitle\tshort_title\tcoverage\tbetos\tadded\tlast_day\n"
    tables = {False: header, True: header}
    for row in rows:
        dates = [day.isoformat() if day else "" for day in (row.added, row.last_day)]
        cells = [row.code, row.title, row.short_title, row.coverage, row.betos, *dates]
        tables[row.is_modifier] += "\t".join(cells) + "\n"
    return tables[False], tables[True]


def _places(data: bytes) -> str:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8")))
    lines = [
        "\t".join((row["pos_code"], "1" if row["pos_type"] == "Facility" else "0", row["pos_name"].replace("’", "'")))
        for row in rows
    ]
    return "code\tfacility\tname\n" + "\n".join(lines) + "\n"


def _values(xml: bytes, carc: bytes) -> str:
    found: set[tuple[str, str]] = {("carc", code) for code in carc.decode().split()[1:]}
    for codeset in ElementTree.fromstring(xml).iter("codeset"):
        name = VALUE_SETS.get(codeset.findtext("id") or "")
        if name:
            found |= {(name, code.text.strip()) for code in codeset.iter("code") if code.text and code.text.strip()}
    return "set\tcode\n" + "".join(f"{name}\t{code}\n" for name, code in sorted(found))


def refresh_manifest() -> str:
    """The manifest's text with the sha256 of each file as it is now."""
    lines = (DATA / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    at = header.index("sha256")
    for number, line in enumerate(lines[1:], 1):
        cells = line.split("\t")
        cells[at] = hashlib.sha256((DATA / cells[0]).read_bytes()).hexdigest()
        lines[number] = "\t".join(cells)
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the shipped code tables from the agencies' files.")
    parser.add_argument("sources", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a table differs")
    arguments = parser.parse_args()
    differing = []
    for name, data in build(arguments.sources).items():
        path = DATA / name
        if path.exists() and path.read_bytes() == data:
            continue
        differing.append(name)
        if not arguments.check:
            path.write_bytes(data)
    print(f"{len(differing)} of the built tables differ: {', '.join(differing) or 'none'}")
    if not arguments.check:
        (DATA / "MANIFEST.tsv").write_text(refresh_manifest(), encoding="utf-8")
    return 1 if arguments.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
