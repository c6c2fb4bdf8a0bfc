"""The tabular list's notes of ICD-10-CM: which hold for a code, and which codes their text names.

A note stands at a code, a section or a chapter and holds for everything beneath it (guideline I.A.6 to I.A.17). The
text names codes in many ways, "(E08.-)", "(I10-I1A)", "(E08-E13 with .44)", "(B27.- with fifth character 2)"; what comes
out is always prefixes without the dot, so that a look-up is `code.startswith(prefixes)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from claimwright.codes.tables import read_text

NOTE_KINDS = ("codeFirst", "useAdditionalCode", "codeAlso", "excludes1", "excludes2", "includes")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# A code within a note: G6PD and the like are no code, so nothing may follow it directly.
_CODE = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?(?![0-9A-Z])"
_ONE = re.compile(rf"{_CODE}\.?-?(?![0-9A-Z.])")
_SPAN = re.compile(rf"({_CODE})\.?-?\s*(?:-|to)\s*({_CODE})\.?-?")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")
_SUFFIX = re.compile(r"\.([0-9]{1,3})-?(?:-\.([0-9]{1,3}))?\Z")
_ORDINALS = {"fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "6th": 6}
_PLACED = re.compile(r"(fourth|4th|fifth|5th|sixth|6th)(?: to (?:sixth|6th))?[ -]characters? \.?([0-9]+)\Z")
_FINAL = re.compile(r"final characters? -([0-9]+)\Z")
_FILLERS = "0123456789X"  # what may stand between a category and a character that a note names by its place
_RANGE_KEY = re.compile(r"([A-Z][0-9A-Z]{2})-([A-Z][0-9A-Z]{2})\Z")

Kinds = dict[str, tuple[str, ...]]


class Notes:
    """All notes of one tabular list."""

    __slots__ = ("_by_code", "_ranges")

    def __init__(self, by_code: dict[str, Kinds]) -> None:
        self._by_code = {code: kinds for code, kinds in by_code.items() if not _RANGE_KEY.match(code)}
        self._ranges: list[tuple[str, str, Kinds]] = []
        for code, kinds in by_code.items():
            if found := _RANGE_KEY.match(code):
                self._ranges.append((found.group(1), found.group(2), kinds))

    def __len__(self) -> int:
        return len(self._by_code) + len(self._ranges)

    def at(self, code: str, kind: str) -> tuple[str, ...]:
        """The notes that stand at this very code, in NCHS's words."""
        return self._by_code.get(code, {}).get(kind, ())

    def of_code(self, code: str, kind: str) -> tuple[str, ...]:
        """The notes of a code and its ancestors up to the category."""
        texts: list[str] = []
        for length in range(3, len(code) + 1):
            texts += self.at(code[:length], kind)
        return tuple(texts)

    def of_range(self, code: str, kind: str) -> tuple[str, ...]:
        """The notes of the section and chapter a code lies in."""
        category = code[:3]
        texts: list[str] = []
        for first, last, kinds in self._ranges:
            if first <= category <= last:
                texts += kinds.get(kind, ())
        return tuple(texts)

    def prefixes(self, code: str, kind: str) -> tuple[str, ...]:
        """The codes that all notes of a kind name for this code, own and inherited. Never a prefix of the code itself."""
        found: dict[str, None] = {}
        for text in (*self.of_code(code, kind), *self.of_range(code, kind)):
            found |= dict.fromkeys(named_prefixes(text))
        # A note of a section may name a part of that very section; no code excludes itself.
        return tuple(prefix for prefix in found if not code.startswith(prefix))

    def seventh_meanings(self, code: str) -> dict[str, str]:
        """What each 7th character means for a code, from the nearest note above it."""
        for length in range(len(code), 2, -1):
            if found := self.at(code[:length], "sevenChrDef"):
                return {text[:1]: text[2:] for text in found}
        return {}


def read_notes(text: str) -> Notes:
    """Notes from lines "code TAB kind TAB text" under a header."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in text.split("\n")[1:]:
        if line:
            code, kind, words = line.split("\t")
            found.setdefault(code, {}).setdefault(kind, []).append(words)
    return Notes({code: {kind: tuple(texts) for kind, texts in kinds.items()} for code, kinds in found.items()})


@lru_cache(maxsize=1)
def shipped_notes() -> Notes:
    return read_notes(read_text("icd10cm-2026-notes.tsv.xz"))


@lru_cache(maxsize=8192)
def named_prefixes(text: str) -> tuple[str, ...]:
    """The codes that a note's text names, as prefixes without a dot. A condition that cannot be read names none.

    "with 7th character B" and words such as "with ketoacidosis" narrow a code in a way no prefix can say: left out, for
    an exclusion that is too wide would hold sound claims.
    """
    parts = [part for part in _IN_BRACKETS.findall(text) if _ONE.search(part)]
    if not parts:
        bare = _ONE.search(text)
        parts = [text[bare.start() :]] if bare and ("." in bare.group() or _SPAN.match(text, bare.start())) else []
    found: dict[str, None] = {}
    for part in parts:
        codes, _, condition = part.partition("with")
        stems = dict.fromkeys(_stems(codes))
        found |= dict.fromkeys(_narrowed(tuple(stems), condition.strip())) if condition else stems
    return tuple(found)


def _stems(text: str) -> Iterator[str]:
    rest = text
    for first, last in _SPAN.findall(text):
        yield from cover(first.replace(".", ""), last.replace(".", ""))
    rest = _SPAN.sub(" ", rest)
    for one in _ONE.findall(rest):
        yield one.rstrip("-").replace(".", "")


def _narrowed(stems: tuple[str, ...], condition: str) -> Iterator[str]:
    if found := _SUFFIX.match(condition):
        first, last = found.group(1), found.group(2) or found.group(1)
        for ending in range(int(first), int(last) + 1):
            yield from (f"{stem}{ending:0{len(first)}}" for stem in stems if len(stem) == 3)
    elif found := _PLACED.match(condition):
        place, characters = _ORDINALS[found.group(1)], found.group(2)
        for stem in stems:
            yield from (f"{filled}{characters}" for filled in _filled(stem, place - 1))
    elif found := _FINAL.match(condition):
        for stem in stems:
            yield from (f"{stem}{filler}{found.group(1)}" for filler in _FILLERS)


def _filled(stem: str, length: int) -> tuple[str, ...]:
    """The stem with every filler up to that length; none where it is longer already."""
    if len(stem) > length:
        return ()
    found: tuple[str, ...] = (stem,)
    while len(found[0]) < length:
        found = tuple(f"{start}{filler}" for start in found for filler in _FILLERS)
    return found


def cover(first: str, last: str) -> tuple[str, ...]:
    """The fewest prefixes that hold every code from `first` to `last`, both with all that is beneath them.

    >>> cover("I10", "I1A")[-1], cover("S00", "T88")[0]
    ('I1A', 'S')
    """
    width = max(len(first), len(last))
    return tuple(_cover(first.ljust(width, "0"), last.ljust(width, "Z"), ""))


def _cover(first: str, last: str, start: str) -> Iterator[str]:
    if set(first) <= {"0"} and set(last) <= {"Z"} and start:
        yield start
        return
    for letter in _ALPHABET[_ALPHABET.index(first[0]) : _ALPHABET.index(last[0]) + 1]:
        low = first[1:] if letter == first[0] else "0" * (len(first) - 1)
        high = last[1:] if letter == last[0] else "Z" * (len(last) - 1)
        if low:
            yield from _cover(low, high, start + letter)
        else:
            yield start + letter
