"""ICD-10-CM codes: their form, what their place in the list says of them, and the list's own instructions.

Attributes of `code_sets.attribute("icd10cm", code, NAME, on)`; each is "" where it has nothing to say:

header             yes for a category that is not billable
external_cause     yes for V00 to Y99
manifestation      yes for "in diseases classified elsewhere": never first, and its cause must be there (I.A.13)
agent              yes for B95 to B97: never first
first_listed       only (Z codes of I.C.21.c.16) or never (external cause, manifestation, agent)
seventh_character  the letters and digits allowed at the 7th place, one after the other
laterality         right, left, bilateral or unspecified: the side that the title names
unspecified        yes where the title says that detail is missing (not where it says "unspecified" of the side alone)
sex                F or M where only that sex can have it
age                newborn, pediatric, maternity or adult: a key of AGE_BANDS, years as (first, last)
excludes1          prefixes, blank between: a code that starts with one may not stand beside this one. Own and inherited
excludes2          the same for Excludes2 (not included here, may stand beside)
code_first         required or conditional ("if applicable"): another code comes before this one
code_first_codes   prefixes that the note names, "" where it names none or only examples in words
use_additional     required or conditional: another code comes after this one
use_additional_codes  prefixes that the note names
code_also          prefixes of codes that the list asks for in any order

The last seven come from the tabular list. They are empty on a day for which no tabular list is loaded: ask
`code_sets.covers("icd10cm_notes", on)` and say "could not run" rather than pass. Prefixes have no dot:
`other.startswith(tuple(excludes.split()))` is the whole test; `excluded_pair` does both directions.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from claimwright.codes.releases import CodeSets, Entry, Release
from claimwright.codes.tables import read_text

# The second character may be a letter: QA00 came with FY2026, though older guides still say a digit.
_FORM = re.compile(r"[A-Z][0-9A-Z]{2,6}\Z")
_EXTERNAL_CAUSE = "VWXY"
_FULL_LENGTH = 7
_MANIFESTATION = "classified elsewhere"
_AGENT = "as the cause of"
_NOT_MANIFESTATION = ("not elsewhere classified", "not classified elsewhere", _AGENT)
_CONDITIONAL = ("if applicable", "if known", "if any", "if present", ", if ", "such as any")


# ICD-10-CM Official Guidelines FY2026, section I.C.21.c.16: only as first-listed, and what is excepted from that.
FIRST_LISTED_ONLY = (
    *("Z00", "Z01", "Z02", "Z04", "Z3181", "Z3182", "Z3183", "Z3184", "Z332", "Z34", "Z38", "Z39", "Z40", "Z42"),
    *("Z510", "Z511", "Z52", "Z761", "Z762", "Z9912"),
)
NOT_FIRST_LISTED_ONLY = ("Z006", "Z529")


def is_first_listed_only(code: str) -> bool:
    """Whether the guidelines let the code stand in the first place only."""
    return code.startswith(FIRST_LISTED_ONLY) and not code.startswith(NOT_FIRST_LISTED_ONLY)


class DiagnosisCode(str):
    """An ICD-10-CM code as a claim carries it: no dot, upper case."""

    __slots__ = ()

    @property
    def is_well_formed(self) -> bool:
        return bool(_FORM.match(self))

    @property
    def category(self) -> str:
        return self[:3]

    @property
    def with_dot(self) -> str:
        """As people write it: E11.9."""
        return f"{self[:3]}.{self[3:]}" if len(self) > 3 else str(self)

    @property
    def is_external_cause(self) -> bool:
        """Chapter 20, V00 to Y99: never the first diagnosis."""
        return self[:1] in _EXTERNAL_CAUSE and bool(self)


def without_dot(text: str) -> DiagnosisCode:
    """A code as a claim carries it, from any usual way of writing it."""
    return DiagnosisCode(text.strip().replace(".", "").upper())


@lru_cache(maxsize=1)
def _notes() -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in read_text("icd10cm-2026-notes.tsv.xz").split("\n")[1:]:
        if line:
            code, kind, text = line.split("\t")
            kinds = found.setdefault(code, {})
            kinds[kind] = (*kinds.get(kind, ()), text)
    return found


def instructions(code: str, kind: str) -> tuple[str, ...]:
    """The tabular list's notes of `kind` that hold for `code`, its own and its ancestors', in NCHS's words.

    Kinds: codeFirst, useAdditionalCode, codeAlso, excludes1. Chapter and section notes are not among them.
    """
    texts: list[str] = []
    for length in range(3, len(code) + 1):
        texts += _notes().get(code[:length], {}).get(kind, ())
    return tuple(texts)


def seventh_characters(code: str, release: Release) -> str:
    """The seventh characters that billable codes beneath a header end in, or "" when some are shorter.

    For a code of seven characters, those of its family. Derived from the order file, where every code is spelled out.
    """
    stem = code[:6] if len(code) == _FULL_LENGTH else code
    endings: set[str] = set()
    for beneath in release.beneath(stem):
        if release.rows[beneath].startswith("1"):
            if len(beneath) != _FULL_LENGTH:
                return ""
            endings.add(beneath[6])
    return "".join(sorted(endings))


def nearest_header(sets: CodeSets, code: str, on: date | None = None) -> Entry | None:
    """The closest category above `code` that the list knows, for a message on what is missing or wrong below it."""
    for length in range(min(len(code) - 1, _FULL_LENGTH - 1), 2, -1):
        entry = sets.entry("icd10cm", code[:length], on)
        if entry is not None:
            return None if entry.billable else entry
    return None


def code_first(code: str) -> str:
    """ "required" when the list says another code comes first, "conditional" when it says so under a condition, or ""."""
    texts = instructions(code, "codeFirst")
    if not texts:
        return ""
    softened = [text.startswith("any ") or any(word in text.lower() for word in _CONDITIONAL) for text in texts]
    return "conditional" if all(softened) else "required"


def is_manifestation(title: str) -> bool:
    """Whether a title marks a manifestation: "in diseases classified elsewhere", never first (guideline I.A.13)."""
    lowered = title.lower()
    return _MANIFESTATION in lowered and not any(words in lowered for words in _NOT_MANIFESTATION)


def make_entry(code: str, raw: str, release: Release) -> Entry:
    """An Entry from a row "flag TAB title". Attributes are present only where they say something:

    header yes; external_cause yes; manifestation yes (never first); agent yes (B95-B97: never first);
    code_first required or conditional; seventh_character the allowed letters and digits.
    """
    flag, _, title = raw.partition("\t")
    attributes: dict[str, str] = {}
    if flag != "1":
        attributes["header"] = "yes"
    if DiagnosisCode(code).is_external_cause:
        attributes["external_cause"] = "yes"
    if is_manifestation(title):
        attributes["manifestation"] = "yes"
    if _AGENT in title.lower() and code[:3] in ("B95", "B96", "B97"):
        attributes["agent"] = "yes"
    if first := code_first(code):
        attributes["code_first"] = first
    if sevenths := seventh_characters(code, release):
        attributes["seventh_character"] = sevenths
    return Entry(
        code=code,
        label=title,
        start=release.start,
        end=release.end,
        billable=flag == "1",
        attributes=attributes,
    )
