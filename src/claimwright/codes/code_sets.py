"""The code sets that are shipped, each read on first use, and what a user may import beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial

from claimwright.codes import diagnosis
from claimwright.codes.diagnosis_notes import shipped_notes
from claimwright.codes.identifiers import Npi, Taxonomy
from claimwright.codes.loaders.hcpcs import PROCEDURE
from claimwright.codes.releases import CodeSet, CodeSets, Entry, Release, ReleaseStatus, SetStatus, State, TableRelease
from claimwright.codes.tables import read_table, read_text

__all__ = [
    "CodeSet",
    "CodeSets",
    "Entry",
    "Release",
    "ReleaseStatus",
    "SetStatus",
    "State",
    "own_modifiers",
    "procedure_set",
    "shipped",
]

# Form only: category I, II (F), III (T), proprietary laboratory (U) and multianalyte (M) codes. No list is shipped.
_CPT = re.compile(r"[0-9]{4}[0-9FTUM]\Z")
_CDT = re.compile(r"D[0-9]{4}\Z")
_ICD_START, _ICD_END = date(2025, 10, 1), date(2026, 10, 1)
_HCPCS_2019 = (date(2019, 1, 1), date(2020, 1, 1))
_HCPCS_2026Q3 = (date(2026, 7, 1), date(2026, 10, 1))
_VALUE_SETS = (
    "claim_status",
    "claim_status_category",
    "entity",
    "state",
    "country",
    "currency",
    "service_type",
    "ta1_note",
    "ack_segment",
    "ack_element",
    "ack_verdict",
)
# Sets that may not or cannot be shipped: named here so that what is missing can be told.
_IMPORT_ONLY = (
    ("icd10pcs", "Import CMS's icd10pcs_codes file of the fiscal year"),
    ("revenue", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("type_of_bill", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("condition_code", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("occurrence_code", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("value_code", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("discharge_status", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("admission_type", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("admission_source", "UB-04 codes are the AHA's (NUBC): import your own list"),
    ("payer", "Payer lists belong to the clearinghouses: import yours"),
)
MOST_FORMS = 32_768  # codes whose form is remembered
# Ambulance origin and destination (Medicare Claims Processing Manual, chapter 15, 30A): X is a destination only.
_AMBULANCE = re.compile(r"[DEGHIJNPRS][DEGHIJNPRSX]\Z")


@lru_cache(maxsize=MOST_FORMS)
def procedure_set(code: str) -> str:
    """Which set a procedure code belongs to by its form: cpt, hcpcs, cdt, or "" for no procedure code at all."""
    if _CPT.match(code):
        return "cpt"
    if PROCEDURE.match(code):
        return "hcpcs"
    return "cdt" if _CDT.match(code) else ""


@lru_cache(maxsize=1)
def shipped() -> CodeSets:
    """The sets in the package. Nothing is read until a set is first asked about."""
    sets = [
        CodeSet(name="icd10cm", releases=(_icd10cm(),), note="The April 2026 update added and removed no code"),
        CodeSet(name="hcpcs", releases=(_hcpcs_2019(), _hcpcs_2026q3()), bridges=True),
        CodeSet(
            name="modifier", releases=(_plain("modifier", "own labels and CMS 2019", _modifiers),), also=_ambulance
        ),
        CodeSet(name="pos", releases=(_plain("pos", "CMS 2026-02", _places, _place),)),
        CodeSet(name="npi", well_formed=lambda code: Npi(code).is_valid, note="Check digit only"),
        CodeSet(
            name="taxonomy", well_formed=lambda code: Taxonomy(code).is_valid, note="Form only; import NUCC's list"
        ),
        CodeSet(name="cpt", note="Licensed by the AMA: import your own list of codes"),
        CodeSet(name="cdt", note="Licensed by the ADA: import your own list of codes"),
        CodeSet(name="carc", releases=(_plain("carc", "values 2024-09, own labels", _carcs),)),
        CodeSet(name="rarc", releases=(_plain("rarc", "values 2026-05, own labels", _rarcs),)),
    ]
    for name in _VALUE_SETS:
        sets.append(CodeSet(name=name, releases=(_plain(name, "values 2026-05", partial(_labelled, name)),)))
    sets += [CodeSet(name=name, note=note) for name, note in _IMPORT_ONLY]
    tables = {"icd10cm_notes": (_icd10cm_notes(),)}
    return CodeSets({found.name: found for found in sets}, {"procedure": procedure_set}, tables)


def _plain(
    name: str,
    label: str,
    read: Callable[[], Mapping[str, str]],
    make: Callable[[str, str, Release], Entry] | None = None,
) -> Release:
    """A set without editions: it speaks for all dates, and its codes may carry their own."""
    return Release(label=label, source=name, start=None, end=None, read=read, make=make or label_only)


def label_only(code: str, raw: str, release: Release) -> Entry:
    """From "label TAB start TAB end", the dates optional."""
    label, start, end = (*raw.split("\t"), "", "")[:3]
    return Entry(code=code, label=label, start=_day(start), end=_day(end))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def by_code(text: str) -> dict[str, str]:
    rows = {}
    for line in text.split("\n"):
        code, _, rest = line.partition("\t")
        if code:
            rows[code] = rest
    return rows


def _icd10cm() -> Release:
    return Release(
        label="FY2026",
        source="CDC/NCHS icd10cm_order_2026.txt; notes of the tabular list of April 1, 2026",
        start=_ICD_START,
        end=_ICD_END,
        read=lambda: by_code(read_text("icd10cm-2026.tsv.xz")),
        make=diagnosis.make_entry,
    )


def _icd10cm_notes() -> TableRelease:
    return TableRelease(
        label="FY2026",
        source="CDC/NCHS tabular list of April 1, 2026",
        start=_ICD_START,
        end=_ICD_END,
        open_table=shipped_notes,
    )


@lru_cache(maxsize=1)
def _hcpcs_2019_rows() -> Mapping[str, str]:
    rows = by_code(read_text("hcpcs-2019.tsv.xz"))
    del rows["code"]
    return rows


def _hcpcs_2019() -> Release:
    return Release(
        label="CY2019",
        source="CMS HCPC2019_CONTR_ANWEB.txt",
        start=_HCPCS_2019[0],
        end=_HCPCS_2019[1],
        read=_hcpcs_2019_rows,
        make=hcpcs_entry,
    )


def _hcpcs_2026q3() -> Release:
    return Release(
        label="2026 Q3",
        source="CMS HCPCS quarterly update, codes only",
        start=_HCPCS_2026Q3[0],
        end=_HCPCS_2026Q3[1],
        read=lambda: dict.fromkeys(read_text("hcpcs-2026q3.txt.xz").split(), ""),
        make=_hcpcs_current_entry,
    )


def hcpcs_entry(code: str, raw: str, release: Release) -> Entry:
    title, short, coverage, betos, added, last_day = raw.split("\t")
    last = _day(last_day)
    attributes = {"short_title": short, "coverage": coverage, "betos": betos, "titled": "2019"}
    return Entry(
        code=code,
        label=title,
        start=_day(added),
        end=date.fromordinal(last.toordinal() + 1) if last else None,
        attributes={key: value for key, value in attributes.items() if value},
    )


def hcpcs_titled_entry(code: str, raw: str, release: Release) -> Entry:
    """From a row of CMS's file, or of a list of codes alone, which takes its title from what is shipped."""
    return hcpcs_entry(code, raw, release) if raw.strip("\t") else _hcpcs_current_entry(code, "", release)


def _hcpcs_current_entry(code: str, raw: str, release: Release) -> Entry:
    """The quarterly list gives the code alone; title and date of addition come from 2019 where it is that old."""
    rows = _hcpcs_2019_rows()
    if code in rows:
        older = hcpcs_entry(code, rows[code], release)
        if older.end is None:
            return older
    return Entry(code=code, start=release.start)


def _modifiers() -> Mapping[str, str]:
    """CMS's alphabetic modifiers as of 2019, then the own table of numeric and newer ones, which wins."""
    rows = {}
    for row in read_table("hcpcs-2019-modifiers.tsv"):
        last = _day(row["last_day"])
        end = date.fromordinal(last.toordinal() + 1).isoformat() if last else ""
        rows[row["code"]] = "\t".join((row["title"], row["added"], end))
    return {**rows, **own_modifiers()}


def own_modifiers() -> dict[str, str]:
    """The modifiers that CMS's HCPCS file does not hold, CPT's two digits above all: rows "label TAB start TAB end"."""
    return {row["code"]: "\t".join((row["label"], row["start"], row["end"])) for row in read_table("modifiers.tsv")}


def _ambulance(code: str) -> Entry | None:
    if not _AMBULANCE.match(code):
        return None
    return Entry(code=code, label="Ambulance origin and destination", attributes={"ambulance": "yes"})


def _places() -> Mapping[str, str]:
    rows = read_table("place_of_service.tsv")
    starts = {row["code"]: row["start"] for row in read_table("place_of_service_dates.tsv")}
    return {row["code"]: "\t".join((row["name"], starts.get(row["code"], ""), row["facility"])) for row in rows}


def _place(code: str, raw: str, release: Release) -> Entry:
    name, start, facility = raw.split("\t")
    return Entry(code=code, label=name, start=_day(start), attributes={"facility": "yes" if facility == "1" else "no"})


@lru_cache(maxsize=1)
def _values() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in read_table("x12-values.tsv"):
        found.setdefault(row["set"], []).append(row["code"])
    return {name: tuple(codes) for name, codes in found.items()}


def _labelled(name: str) -> Mapping[str, str]:
    labels = {row["code"]: row["label"] for row in read_table("labels.tsv") if row["set"] == name}
    return {code: labels.get(code, "") for code in (*_values().get(name, ()), *labels)}


def _carcs() -> Mapping[str, str]:
    labels = {row["code"]: row["label"] for row in read_table("carc.tsv")}
    return {code: labels.get(code, "") for code in (*_values()["carc"], *labels)}


def _rarcs() -> Mapping[str, str]:
    labels = {row["code"]: row["label"] for row in read_table("rarc.tsv")}
    return {code: labels.get(code, "") for code in (*_values()["rarc"], *labels)}
