"""What of a text may go on the wire: upper-case ASCII, with every change on record and nothing changed silently.

Words (names, addresses, notes) are mapped: letters lose their accents, separators and line breaks become blanks or
hyphens. Identifiers (member numbers, codes) are never mapped, because another identifier is another person: they are
put in upper case or refused. Letters with no plain Latin form are refused: a name is not guessed.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

# Separators of our interchanges, and what stands in their place in words. The blank keeps two words two words.
SEPARATORS = {"*": " ", "~": "-", ":": "-", "^": " ", "|": " ", ">": " "}

# Letters that Unicode does not take apart, and typographic marks: the transliterations of passports (ICAO 9303-3).
LETTERS = {
    "ß": "SS", "ẞ": "SS", "Æ": "AE", "æ": "AE", "Œ": "OE", "œ": "OE", "Ø": "O", "ø": "O", "Ł": "L", "ł": "L",
    "Đ": "D", "đ": "D", "Ð": "D", "ð": "D", "Þ": "TH", "þ": "TH", "ı": "I", "Ħ": "H", "ħ": "H", "Ŋ": "N", "ŋ": "N",
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...", "\u00a0": " ", "\u2009": " ",
    "\u202f": " ", "\u3000": " ", "·": "-", "•": "-", "№": "NO", "×": "X", "°": " DEG", "µ": "U", "μ": "U",
}  # fmt: skip

BLANKS = "\t\n\r\x0b\x0c\u0085\u2028\u2029"
_MANY_BLANKS = re.compile(" {2,}")


class Unwritable(ValueError):
    """Text that may not be sent; the message names the rule and the character's number, never the text."""


class Change(msgspec.Struct, frozen=True):
    """One kind of change made to a text: the character as U+XXXX and what stands in its place ("" removed)."""

    character: str
    replacement: str


class TextNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is sent otherwise than it is held. `before` and `after` may be patient data: show, never log."""

    control_number: str = ""
    segment_id: str = ""
    element: int = 0
    before: str = ""
    after: str = ""
    changes: tuple[Change, ...] = ()


def words(value: str) -> tuple[str, tuple[Change, ...]]:
    """Free words as sent, and the changes other than upper case. Raises Unwritable for what has no Latin form."""
    if value.isascii() and value.isprintable() and not any(mark in value for mark in "*~:^|>`"):
        return _MANY_BLANKS.sub(" ", value).strip().upper(), ()
    out: list[str] = []
    changes: list[Change] = []
    for character in unicodedata.normalize("NFC", value):
        plain = _plain(character)
        if plain != character.upper():
            change = Change(f"U+{ord(character):04X}", plain)
            if change not in changes:
                changes.append(change)
        out.append(plain)
    return _MANY_BLANKS.sub(" ", "".join(out)).strip(), tuple(changes)


def identifier(value: str) -> str:
    """An identifier in upper case without blanks around it. Raises Unwritable where it would have to be changed."""
    text = value.strip()
    for character in text:
        if character in SEPARATORS and character not in "|>":
            raise Unwritable(f"an identifier may not hold the separator {character}")
        if not " " <= character <= "~":
            raise Unwritable(f"an identifier may not hold the character U+{ord(character):04X}")
    return text.upper()


def _plain(character: str) -> str:
    if character in SEPARATORS:
        return SEPARATORS[character]
    if character in LETTERS:
        return LETTERS[character]
    if character in BLANKS:
        return " "
    if " " <= character <= "~":
        return character.upper()
    if unicodedata.category(character) in ("Cc", "Cf", "Mn"):  # controls, zero-width and direction marks, accents
        return ""
    bare = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    if bare and bare.isascii() and bare.isprintable():
        return "".join(SEPARATORS.get(part, part.upper()) for part in bare)
    if bare and bare != character and all(part in LETTERS for part in bare):
        return "".join(LETTERS[part] for part in bare)
    raise Unwritable(f"the character U+{ord(character):04X} has no form in the Latin alphabet")
