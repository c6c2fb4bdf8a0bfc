"""DX: diagnoses and the pointers to them. dx_list: what the tabular list says; dx_policy: coverage, accidents, the note."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from claimwright.claims.nouns import Claim, Diagnosis
from claimwright.codes.diagnosis import is_first_listed_only
from claimwright.codes.releases import State
from claimwright.edits.facts import NOT_BILLABLE, NOT_EFFECTIVE, UNKNOWN, VALID, Facts
from claimwright.edits.families import dx_list, dx_policy
from claimwright.edits.mends import remove_duplicate_diagnoses
from claimwright.edits.places import coding_day, lines_of
from claimwright.edits.shapes import CMS, FRONT_END, ICD, REJECT, TR3, Hits, Unanswered, edit
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import (
    DIAGNOSES_PER_CLAIM,
    EXTERNAL_CAUSES,
    ICD9_QUALIFIERS,
    ICD10_START,
    MOST_POINTERS,
    NEVER_FIRST_LISTED,
    SEVENTH_CHARACTERS,
)

GUIDE = "005010X222A1"
GUIDELINES = "ICD-10-CM Official Guidelines for Coding and Reporting FY2026"
LIST = ("icd10cm",)
FULL_LENGTH, STEM_LENGTH = 7, 6


@edit(
    "DX01",
    REJECT,
    says="{0} diagnoses; a claim has {1} to {2}",
    fix="Add or trim diagnoses",
    cites=[TR3(GUIDE, "2300 HI")],
)
def diagnoses_are_few_enough(claim: Claim, facts: Facts) -> Hits:
    fewest, most = DIAGNOSES_PER_CLAIM.get(claim.kind, DIAGNOSES_PER_CLAIM["P"])
    if not fewest <= len(claim.diagnoses) <= most:
        yield "diagnoses", len(claim.diagnoses), fewest, most


def _codes(claim: Claim) -> Iterator[tuple[str, str]]:
    """ICD-10-CM codes with their path; what is marked as ICD-9 is for DX16."""
    for index, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.qualifier not in ICD9_QUALIFIERS:
            yield f"diagnoses[{index}].code", diagnosis.code


def _all_codes(claim: Claim) -> Iterator[tuple[str, str]]:
    """Those of `_codes`, and an institutional claim's admitting, reason and cause codes."""
    yield from _codes(claim)
    for path, diagnosis in _institutional(claim):
        if diagnosis.qualifier not in ICD9_QUALIFIERS:
            yield f"{path}.code", diagnosis.code


def _institutional(claim: Claim) -> Iterator[tuple[str, Diagnosis]]:
    own = claim.institutional
    if own is None:
        return
    if own.admitting_diagnosis is not None:
        yield "institutional.admitting_diagnosis", own.admitting_diagnosis
    for field in ("visit_reasons", "external_causes"):
        for index, diagnosis in enumerate(getattr(own, field)):
            yield f"institutional.{field}[{index}]", diagnosis


@once_with_facts
def _not_valid(claim: Claim, facts: Facts) -> list[tuple[str, str, State]]:
    """Those of `_all_codes` that are not billable codes of the list in force: on most claims none."""
    on, state = coding_day(claim), facts.code_sets.state
    if on is None:
        return []
    judged = [(path, code, state("icd10cm", code, on)) for path, code in _all_codes(claim)]
    return [one for one in judged if one[2] != VALID]


def _gap(on: date) -> Unanswered:
    return Unanswered("diagnoses", f"the list of diagnoses that is loaded does not cover {on}")


@edit(
    "DX02",
    REJECT,
    says="Diagnosis {0} is invalid on {1}: unknown or not in force",
    fix="Choose a code of the list in force on the date of service",
    cites=[ICD("ICD-10-CM tabular list of the date of service"), CMS("45 CFR 162.1000(a)", "valid when service given")],
    needs=LIST,
)
def diagnoses_are_in_force(claim: Claim, facts: Facts) -> Hits:
    on = coding_day(claim)
    if on is None:
        return
    if not facts.code_sets.covers("icd10cm", on):
        yield _gap(on)
        return
    for path, code, state in _not_valid(claim, facts):
        if state == NOT_EFFECTIVE or (state == UNKNOWN and not _seventh_fault(code, on, facts)):
            yield path, code or "(blank)", on


@edit(
    "DX03",
    REJECT,
    says="Diagnosis {0} is a category that needs more characters",
    fix="Code to the highest specificity that is documented",
    cites=[ICD(GUIDELINES, "I.B.2 level of detail")],
    needs=LIST,
)
def diagnoses_are_billable(claim: Claim, facts: Facts) -> Hits:
    on = coding_day(claim)
    if on is None:
        return
    if not facts.code_sets.covers("icd10cm", on):
        yield _gap(on)
        return
    for path, code, state in _not_valid(claim, facts):
        if state == NOT_BILLABLE and not _seventh_fault(code, on, facts):
            yield path, code


@edit(
    "DX04",
    REJECT,
    says="Diagnosis {0}: {1}",
    fix="Fix the 7th character; X fills the places before it",
    cites=[ICD(GUIDELINES, "I.A.4 placeholder, I.A.5 7th characters")],
    needs=LIST,
)
def seventh_character_is_right(claim: Claim, facts: Facts) -> Hits:
    on = coding_day(claim)
    if on is None:
        return
    if not facts.code_sets.covers("icd10cm", on):
        yield _gap(on)
        return
    for path, code, state in _not_valid(claim, facts):
        if state in (UNKNOWN, NOT_BILLABLE):
            fault = _seventh_fault(code, on, facts)
            if fault:
                yield path, code, fault


def _seventh_fault(code: str, on: date, facts: Facts) -> str:
    """What is wrong at the 7th character of a code that is not billable, when a right one makes it so; else ""."""

    def billable(stem: str, endings: str) -> bool:
        return any(facts.code_sets.state("icd10cm", stem + ending, on) == VALID for ending in endings)

    if len(code) == FULL_LENGTH:
        return "its 7th character is not one of the code's" if billable(code[:STEM_LENGTH], SEVENTH_CHARACTERS) else ""
    if not 3 <= len(code) < FULL_LENGTH:
        return ""
    if billable(code.ljust(STEM_LENGTH, "X"), SEVENTH_CHARACTERS):
        return "its 7th character is missing"
    if len(code) > 3 and billable(code[:-1].ljust(STEM_LENGTH, "X"), code[-1]):
        return "the placeholder X before its 7th character is missing"
    return ""


@edit(
    "DX05",
    REJECT,
    says="Diagnosis {0} is given more than once",
    fix="Remove the duplicate",
    cites=[
        FRONT_END("Clearinghouse edits", "2300 HI duplicate codes"),
        ICD(GUIDELINES, "I.B.12 reporting a code once"),
    ],
    mends=remove_duplicate_diagnoses,
)
def diagnoses_are_given_once(claim: Claim, facts: Facts) -> Hits:
    seen: set[str] = set()
    for index, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.code and diagnosis.code in seen:
            yield f"diagnoses[{index}].code", diagnosis.code
        seen.add(diagnosis.code)


@edit(
    "DX06",
    REJECT,
    says="External cause {0} stands first",
    fix="Put the injury or condition first",
    cites=[ICD(GUIDELINES, "I.C.20.a.6 external cause never first")],
)
def external_cause_is_not_first(claim: Claim, facts: Facts) -> Hits:
    for path, code in list(_codes(claim))[:1]:
        if path == "diagnoses[0].code" and code.startswith(EXTERNAL_CAUSES):
            yield path, code


@edit(
    "DX14",
    REJECT,
    says="A diagnosis pointer is blank, one of more than four, or to a diagnosis that is not there ({0})",
    fix="Fix the pointers",
    cites=[TR3(GUIDE, "2400 SV107")],
)
def pointers_point(claim: Claim, facts: Facts) -> Hits:
    count = len(claim.diagnoses)
    if claim.kind == "I":  # SV2 has none
        return
    for path, line in lines_of(claim):
        pointers = line.diagnosis_pointers
        if claim.kind == "D" and not pointers:  # SV311 is for lines that a diagnosis explains
            continue
        absent = [pointer for pointer in pointers if not 1 <= pointer <= count]
        if not pointers or len(pointers) > MOST_POINTERS or absent:
            yield f"{path}.diagnosis_pointers", " ".join(map(str, pointers)) or "blank"


@edit(
    "DX15",
    REJECT,
    says="Diagnosis {0} {1}",
    fix="Re-sequence the diagnoses",
    cites=[ICD(GUIDELINES, "I.C.21.c.16 first-listed only"), ICD(GUIDELINES, "I.C.1.b, I.C.18.g, I.B.14 never first")],
)
def order_of_diagnoses_is_allowed(claim: Claim, facts: Facts) -> Hits:
    codes = list(_codes(claim))
    if not codes:
        return
    path, first = codes[0]
    if first.startswith(NEVER_FIRST_LISTED):
        yield path, first, "is never first"
    if is_first_listed_only(first):
        return  # two such encounters on one day share a claim, and only one can stand first
    for path, code in codes[1:]:
        if is_first_listed_only(code):
            yield path, code, "may only be first"


@edit(
    "DX16",
    REJECT,
    says="Diagnosis {0} is marked as ICD-9 for service on {1}",
    fix="Use ICD-10-CM with ABK and ABF",
    cites=[TR3(GUIDE, "2300 HI01-1"), CMS("45 CFR 162.1002(c)", "ICD-10 from 1 October 2015")],
)
def diagnoses_are_icd10(claim: Claim, facts: Facts) -> Hits:
    on = coding_day(claim)
    if on is None or on < ICD10_START:
        return
    for index, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.qualifier in ICD9_QUALIFIERS:
            yield f"diagnoses[{index}].qualifier", diagnosis.code, on
    for path, diagnosis in _institutional(claim):
        if diagnosis.qualifier in ICD9_QUALIFIERS:
            yield f"{path}.qualifier", diagnosis.code, on


_OWN = (
    diagnoses_are_few_enough,
    diagnoses_are_in_force,
    diagnoses_are_billable,
    seventh_character_is_right,
    diagnoses_are_given_once,
    external_cause_is_not_first,
    pointers_point,
    order_of_diagnoses_is_allowed,
    diagnoses_are_icd10,
)
EDITS = tuple(sorted((*_OWN, *dx_list.EDITS, *dx_policy.EDITS), key=lambda each: each.id))
