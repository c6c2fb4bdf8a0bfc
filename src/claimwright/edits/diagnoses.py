"""A claim's diagnoses as the list of their day tells of them: read once a claim, asked by every edit of the DX family."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.codes.diagnosis import AGE_BANDS
from claimwright.codes.diagnosis_companions import ANY_CONDITION
from claimwright.codes.releases import Entry
from claimwright.edits.facts import Facts
from claimwright.edits.places import coding_day
from claimwright.edits.shapes import Unanswered
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import ICD9_QUALIFIERS

LIST, NOTES = "icd10cm", "icd10cm_notes"
MOST_KNOWN = 100_000


class Told(msgspec.Struct, frozen=True, gc=False):
    """What the list says of one code. Prefixes are tuples for `startswith`; () where it says nothing."""

    manifestation: bool = False
    before: tuple[str, ...] = ()  # one of these must stand before it
    before_any: bool = False  # or any other condition
    after: tuple[str, ...] = ()  # one of these must stand after it
    excludes: tuple[str, ...] = ()  # Excludes1
    ages: tuple[int, int] | None = None  # years, first and last
    age_words: str = ""
    sex: str = ""
    side: str = ""  # right, left: only where the list has the other side too
    other_side: str = ""
    specific: tuple[str, ...] = ()
    side_missing: bool = False  # the title says that the side is unspecified


class Listed(msgspec.Struct, frozen=True, gc=False):
    """One diagnosis of the claim: its number is that of the pointers."""

    number: int
    code: str
    told: Told

    @property
    def path(self) -> str:
        return f"diagnoses[{self.number - 1}].code"


class Reading(msgspec.Struct, frozen=True, gc=False):
    """All of a claim. What is marked as ICD-9, or is not on the list, is left out: DX02 and DX16 tell of it."""

    on: date
    listed: tuple[Listed, ...] = ()
    gap: Unanswered | None = None
    notes_gap: Unanswered | None = None


_SILENT = Told()
_known: dict[int, tuple[Entry, Told]] = {}


@once_with_facts
def reading(claim: Claim, facts: Facts) -> Reading | None:
    """The claim's diagnoses read; None without a day or without a list."""
    on, sets = coding_day(claim), facts.code_sets
    if on is None or not sets.loaded(LIST):
        return None
    if not sets.covers(LIST, on):
        return Reading(on, gap=Unanswered("diagnoses", f"the list of diagnoses that is loaded does not cover {on}"))
    listed = []
    for number, diagnosis in enumerate(claim.diagnoses, 1):
        entry = sets.entry(LIST, diagnosis.code, on) if diagnosis.qualifier not in ICD9_QUALIFIERS else None
        if entry is not None:
            listed.append(Listed(number, diagnosis.code, _told(entry)))
    notes_gap = None
    if not sets.covers(NOTES, on):
        notes_gap = Unanswered("diagnoses", f"the tabular list that is loaded does not cover {on}")
    return Reading(on, tuple(listed), notes_gap=notes_gap)


def _told(entry: Entry) -> Told:
    found = _known.get(id(entry))  # entries live as long as their release; kept beside, so that no other takes the id
    if found is not None and found[0] is entry:
        return found[1]
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    told = _made(entry.attributes)
    _known[id(entry)] = (entry, told)
    return told


def _made(attributes: dict[str, str]) -> Told:
    before = attributes.get("demands_before", "").split()
    age = attributes.get("age", "")
    told = Told(
        manifestation=bool(attributes.get("manifestation")),
        before=tuple(prefix for prefix in before if prefix != ANY_CONDITION),
        before_any=ANY_CONDITION in before,
        after=tuple(attributes.get("demands_after", "").split()),
        excludes=tuple(attributes.get("excludes1", "").split()),
        ages=AGE_BANDS[age] if age else None,
        age_words=age,
        sex=attributes.get("sex", ""),
        side=attributes.get("laterality", "") if attributes.get("other_side") else "",
        other_side=attributes.get("other_side", ""),
        specific=tuple(attributes.get("specific", "").split()),
        side_missing=attributes.get("laterality", "") == "unspecified",
    )
    return _SILENT if told == _SILENT else told
