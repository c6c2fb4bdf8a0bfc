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
demands_before     prefixes of codes one of which must stand before this one, "*" for any other condition (read strictly)
demands_after      prefixes of codes one of which must stand after this one (read strictly)
other_side         the code that says the same of the other side, where there is one
specific           of an unspecified code, those of its parent that say more, blank between

Those from excludes1 to demands_after come from the tabular list. They are empty on a day for which no tabular list is loaded: ask
`code_sets.covers("icd10cm_notes", on)` and say "could not run" rather than pass. Prefixes have no dot:
`other.startswith(tuple(excludes.split()))` is the whole test; `excluded_pair` does both directions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Protocol

from claimwright.codes.diagnosis_companions import demanded_after, demanded_before, other_side
from claimwright.codes.diagnosis_notes import Notes, named_prefixes, shipped_notes
from claimwright.codes.releases import CodeSets, Entry, Release
from claimwright.codes.tables import read_table

# The second character may be a letter: QA00 came with FY2026, though older guides still say a digit.
_FORM = re.compile(r"[A-Z][0-9A-Z]{2,6}\Z")
_EXTERNAL_CAUSE = "VWXY"
_FULL_LENGTH = 7
_MANIFESTATION = "classified elsewhere"
_AGENT = "as the cause of"
_NOT_MANIFESTATION = ("not elsewhere classified", "not classified elsewhere", _AGENT)
_CONDITIONAL = (
    *("if applicable", "where applicable", "if known", "if any", "if present", "if desired", ", if ", "such as any"),
    *("(if ", "when applicable", "infectious agent", "organism", "as applicable", " any ", "external cause", "such as"),
)


_SIDES = (
    ("right", re.compile(r"\bright\b")),
    ("left", re.compile(r"\bleft\b")),
    ("bilateral", re.compile(r"\bbilateral\b|\bboth (?:eyes|ears|sides)\b")),
    (
        "unspecified",
        re.compile(
            r"\bunspecified (?:side|eye|ear|breast|limb|arm|leg|hand|foot|knee|hip|shoulder|elbow|wrist|ankle|thumb|toe|toes|"
            r"finger|fingers|thigh|forearm|upper|lower|lateral|index|middle|ring|little|great|lesser|femur|humerus|radius|"
            r"ulna|tibia|fibula|patella|clavicle|ovary|fallopian|testis|kidney|lung|orbit|eyelid)\b"
        ),
    ),
)
# "Right dominant side" and "left ventricle" name one side; of both, only a title that joins them means both sides.
_BOTH = re.compile(r"\bright (?:and|to) left\b|\bleft and right\b|\bright, left\b")
_UNSPECIFIED_SIDE = re.compile(r"\bunspecified (?:side|eye|ear|breast|limb)\b|unspecified laterality")
# Years of age, first and last (Medicare Code Editor, age conflict).
AGE_BANDS = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (9, 64), "adult": (15, 124)}

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


def instructions(code: str, kind: str, notes: Notes | None = None) -> tuple[str, ...]:
    """The tabular list's notes of `kind` that hold for `code`, its own and its ancestors', in NCHS's words.

    Kinds: codeFirst, useAdditionalCode, codeAlso, excludes1, excludes2, includes. Chapter and section notes are not
    among them; `Notes.of_range` has those. Without `notes`, of the list that is shipped.
    """
    return (notes or shipped_notes()).of_code(code, kind)


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


def code_first(code: str, notes: Notes | None = None) -> str:
    """ "required" when the list says another code comes first, "conditional" when it says so under a condition, or ""."""
    return _strength(instructions(code, "codeFirst", notes))


def use_additional(code: str, notes: Notes | None = None) -> str:
    """ "required" when the list asks for a further code after this one, "conditional" when only if it applies, or "".

    What a whole section or chapter asks for (tobacco use, the organism) is always conditional.
    """
    notes = notes or shipped_notes()
    own = notes.of_code(code, "useAdditionalCode")
    # Beneath a heading such as "code to identify:" the list gives choices; only a note that is whole in itself demands.
    if any(text.startswith("code") and named_prefixes(text) and not _is_soft(text) for text in own):
        return "required"
    return "conditional" if own or notes.of_range(code, "useAdditionalCode") else ""


def _is_soft(text: str) -> bool:
    lowered = text.lower()
    return lowered.startswith("any ") or any(word in lowered for word in _CONDITIONAL)


def _strength(texts: tuple[str, ...]) -> str:
    if not texts:
        return ""
    return "conditional" if all(_is_soft(text) for text in texts) else "required"


def is_manifestation(title: str) -> bool:
    """Whether a title marks a manifestation: "in diseases classified elsewhere", never first (guideline I.A.13)."""
    lowered = title.lower()
    return _MANIFESTATION in lowered and not any(words in lowered for words in _NOT_MANIFESTATION)


@lru_cache(maxsize=1)
def _ages_and_sexes() -> tuple[tuple[str, str, str, str], ...]:
    """(first, last, kind, value) of data/diagnosis_age_sex.tsv, the longest prefixes first: the closest row wins."""
    rows = [(row["first"], row["last"], row["kind"], row["value"]) for row in read_table("diagnosis_age_sex.tsv")]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


def age_or_sex(code: str, kind: str) -> str:
    """The age band (`kind` age) or the sex (`kind` sex) that a code is for, "" for anyone."""
    for first, last, each, value in _ages_and_sexes():
        if each == kind and first <= code[: len(first)] and code[: len(last)] <= last:
            return value
    return ""


def laterality(title: str) -> str:
    """right, left, bilateral or unspecified from a title, "" where it names no side or several."""
    lowered = title.lower()
    named = {side for side, words in _SIDES if words.search(lowered)}
    if named == {"left", "right"} and _BOTH.search(lowered):
        return "bilateral"
    if len(named) == 1:
        return named.pop()
    return ""


def is_unspecified(title: str) -> bool:
    """Whether the title itself says that detail is missing, beyond the side."""
    rest = _UNSPECIFIED_SIDE.sub("", title.lower())
    return "unspecified" in rest.replace("not unspecified", "") or rest.endswith(", nos")


class _Attributes(Protocol):
    def attribute(self, name: str, code: str, attribute: str, on: date) -> str: ...


def excluded_pair(sets: _Attributes, one: str, other: str, on: date) -> str:
    """The code of the two that has the Excludes1 note against the other, "" where neither has."""
    for code, against in ((one, other), (other, one)):
        excludes = sets.attribute("icd10cm", code, "excludes1", on)
        if excludes and against.startswith(tuple(excludes.split())):
            return code
    return ""


def specific_siblings(sets: CodeSets, code: str, on: date) -> tuple[str, ...]:
    """Billable codes of the same parent, of the same length, that are not unspecified; () for a code that is specific."""
    entry = sets.entry("icd10cm", code, on)
    if entry is None or not (
        entry.attributes.get("unspecified") or entry.attributes.get("laterality") == "unspecified"
    ):
        return ()
    found = []
    for sibling in sets.beneath("icd10cm", code[:-1] if len(code) < _FULL_LENGTH else code[:5], on):
        if len(sibling) == len(code) and sibling != code and (len(code) < _FULL_LENGTH or sibling[6] == code[6]):
            other = sets.entry("icd10cm", sibling, on)
            if other and other.billable and not other.attributes.get("unspecified"):
                if other.attributes.get("laterality") != "unspecified":
                    found.append(sibling)
    return tuple(found)


def _specific(code: str, release: Release) -> Iterator[str]:
    """As `specific_siblings`, by the rows of one release."""
    for sibling in release.beneath(code[:-1] if len(code) < _FULL_LENGTH else code[:5]):
        if len(sibling) == len(code) and sibling != code and (len(code) < _FULL_LENGTH or sibling[6] == code[6]):
            flag, _, title = release.rows[sibling].partition("\t")
            if flag == "1" and not is_unspecified(title) and laterality(title) != "unspecified":
                yield sibling


_NAMED = (
    ("code_first_codes", "codeFirst"),
    ("use_additional_codes", "useAdditionalCode"),
    ("code_also", "codeAlso"),
    ("excludes1", "excludes1"),
    ("excludes2", "excludes2"),
)


def _in_list(prefixes: tuple[str, ...], release: Release) -> str:
    """The prefixes that any code of the release begins with: spans are read without it and name too many."""
    return " ".join(prefix for prefix in prefixes if next(iter(release.beneath(prefix)), ""))


NotesOf = Callable[[], Notes | None]


def make_entry(code: str, raw: str, release: Release, notes_of: NotesOf = shipped_notes) -> Entry:
    """An Entry from a row "flag TAB title", with the attributes that the head of this module names.

    `notes_of` gives the tabular list of the release's dates, or None where none is loaded: what comes from it is then
    absent, and `code_first` and the like are "" because nobody knows.
    """
    flag, _, title = raw.partition("\t")
    external = DiagnosisCode(code).is_external_cause
    manifestation = is_manifestation(title)
    agent = _AGENT in title.lower() and code[:3] in ("B95", "B96", "B97")
    never = external or manifestation or agent
    attributes = {
        "header": "" if flag == "1" else "yes",
        "external_cause": "yes" if external else "",
        "manifestation": "yes" if manifestation else "",
        "agent": "yes" if agent else "",
        "first_listed": "never" if never else ("only" if is_first_listed_only(code) else ""),
        "seventh_character": seventh_characters(code, release),
        "laterality": laterality(title),
        "unspecified": "yes" if is_unspecified(title) else "",
        "sex": age_or_sex(code, "sex"),
        "age": age_or_sex(code, "age"),
    }
    if attributes["laterality"] in ("right", "left"):
        attributes["other_side"] = other_side(code, title, lambda twin: release.rows.get(twin, "").partition("\t")[2])
    if attributes["unspecified"] or attributes["laterality"] == "unspecified":
        attributes["specific"] = " ".join(_specific(code, release))
    notes = notes_of()
    if notes is not None:
        attributes |= {"code_first": code_first(code, notes), "use_additional": use_additional(code, notes)}
        for name, kind in _NAMED:
            attributes[name] = _in_list(notes.prefixes(code, kind), release)
        attributes["demands_before"] = " ".join(demanded_before(code, notes))
        attributes["demands_after"] = " ".join(demanded_after(code, notes))
    return Entry(
        code=code,
        label=title,
        start=release.start,
        end=release.end,
        billable=flag == "1",
        attributes={name: value for name, value in attributes.items() if value},
    )
