"""Codes by words, fast enough to answer every key that is pressed: an index of words is made once for a release.

Order of answers: the code itself, codes that begin with the text, titles that have every word (the last one may be only
begun), shorter titles first. Billable codes come before categories.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from threading import Lock
from weakref import WeakKeyDictionary

from claimwright.codes.releases import CodeSets, Entry, Release

_WORD = re.compile(r"[a-z0-9]+")
_indexes: WeakKeyDictionary[Release, TitleIndex] = WeakKeyDictionary()
_making = Lock()
_MOST_BEGUN = 4000  # words that begin with what was typed; "a" alone begins thousands and tells nothing


class TitleIndex:
    """Which codes of a release have which words in their titles."""

    __slots__ = ("_codes", "_lengths", "_places", "_words")

    def __init__(self, release: Release) -> None:
        self._codes = sorted(release.rows)
        self._lengths = array("H")
        found: dict[str, array[int]] = {}
        for place, code in enumerate(self._codes):
            words = set(_WORD.findall(_title(code, release).lower()))
            self._lengths.append(min(len(words), 65_535))
            for word in words:
                places = found.get(word)
                if places is None:
                    places = found[word] = array("I")
                places.append(place)
        self._words = sorted(found)
        self._places = [found[word] for word in self._words]

    def beginning(self, text: str, limit: int) -> list[str]:
        """Codes that begin with the text, in order."""
        first = bisect_left(self._codes, text)
        found = []
        for code in self._codes[first : first + limit]:
            if not code.startswith(text):
                break
            found.append(code)
        return found

    def with_words(self, words: list[str]) -> list[str]:
        """Codes whose titles have every word, the last one perhaps only begun; fewest words first."""
        if not words:
            return []
        left: set[int] | None = None
        for word in sorted(words[:-1], key=len, reverse=True):
            here = set(self._exactly(word)) or set(self._begun(word))
            left = here if left is None else left & here
            if not left:
                return []
        begun = self._begun(words[-1])
        places = set(begun) if left is None else left.intersection(begun)
        ordered = sorted(places, key=lambda place: (self._lengths[place], place))
        return [self._codes[place] for place in ordered]

    def _exactly(self, word: str) -> array[int]:
        at = bisect_left(self._words, word)
        return self._places[at] if at < len(self._words) and self._words[at] == word else array("I")

    def _begun(self, word: str) -> Iterator[int]:
        at = bisect_left(self._words, word)
        for index in range(at, min(at + _MOST_BEGUN, len(self._words))):
            if not self._words[index].startswith(word):
                return
            yield from self._places[index]


def _title(code: str, release: Release) -> str:
    """The title in a row of any list: the first cell, or the second where the first is a flag.

    A list of codes alone has none in its rows; its entries know what is shipped.
    """
    first, _, rest = release.rows[code].partition("\t")
    if title := rest.partition("\t")[0] if first in ("0", "1") else first:
        return title
    entry = release.entry(code)
    return entry.label if entry else ""


def index_of(release: Release) -> TitleIndex:
    """The release's index, made on first use (about half a second for ICD-10-CM) and kept as long as the release."""
    found = _indexes.get(release)
    if found is None:
        with _making:
            found = _indexes.get(release)
            if found is None:
                found = _indexes[release] = TitleIndex(release)
    return found


def search(sets: CodeSets, name: str, text: str, on: date | None = None, limit: int = 20) -> list[Entry]:
    """At most `limit` codes of a set in force on `on` (in its newest release without a date) that fit what was typed.

    `text` is a code, with or without its dot, the beginning of one, or words of the title in any order. An unknown set or
    a day that no release speaks for gives none.
    """
    release = _release_on(sets, name, on)
    typed = text.strip()
    if release is None or not typed or limit < 1:
        return []
    index = index_of(release)
    code = typed.replace(".", "").upper()
    found: dict[str, Entry] = {}
    headers: dict[str, Entry] = {}
    looked = 0
    for candidate in (*index.beginning(code, limit * 4), *index.with_words(_WORD.findall(typed.lower()))):
        looked += 1
        if candidate in found or candidate in headers:
            continue
        entry = _in_force(sets, name, candidate, on, release)
        if entry is None:
            continue
        (found if entry.billable or candidate == code else headers)[candidate] = entry
        if len(found) >= limit:
            break
        if looked > limit * 50:
            break
    return [*found.values(), *headers.values()][:limit]


def _in_force(sets: CodeSets, name: str, code: str, on: date | None, release: Release) -> Entry | None:
    return release.entry(code) if on is None else sets.entry(name, code, on)


def _release_on(sets: CodeSets, name: str, on: date | None) -> Release | None:
    """The release that speaks for the day; where titles are missing from it, the search still finds codes by their start."""
    for release in reversed(sets.releases(name)):
        if on is None or release.covers(on):
            return release
    return None
