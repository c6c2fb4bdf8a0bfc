"""Values exchanged for others of the same form, by a key: one value always becomes the same other, and no two the same.

Each value is permuted among all values of its form (a Feistel network over mixed radices), so that lengths, digits,
letters and punctuation stay where they are and distinct values stay distinct. Without the key it cannot be undone;
with the key it can, so the key is as secret as the data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

ROUNDS = 8
MOST_REMEMBERED = 100_000
SAFE = "ACDEFGHJKMNPQRTUVWXY"  # the letters of a Medicare number, which leaves out those that look like digits
REST = "SLOIBZ"
VOWELS, CONSONANTS = "AEIOU", "BCDFGHJKLMNPQRSTVWXYZ"
DIGITS, LEADING = "0123456789", "123456789"
LUHN_OF_80840 = 24  # what the constant prefix of an NPI adds to its sum, 45 CFR 162.406
MOST_DAYS_SHIFTED = 180
EARLIEST = date(1900, 1, 1)

Classes = Sequence[str]


class Permuter:
    """Exchanges values under one key. The methods give back a text of the same length and form."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"claimwright mask 1\x00" + key).digest()
        self._seen: dict[tuple[str, str], str] = {}

    def identifier(self, text: str) -> str:
        """A number or id: digits stay digits and letters letters; a first digit other than 0 stays so.

        A valid NPI becomes a valid NPI, a possible social security number a possible one, and a Medicare number a well
        formed one; what was none of them becomes none.
        """
        return self._once("identifier", text, self._identifier)

    def name(self, text: str) -> str:
        """A name, word by word: vowels stay vowels, consonants consonants, capitals capitals."""
        return self._once("name", text, lambda one: _WORD.sub(lambda word: self._name(word[0]), one))

    def street(self, text: str) -> str:
        """An address line: words such as BOX, APT and STREET stay."""
        return self._once(
            "street", text, lambda one: _WORD.sub(
                lambda word: word[0] if word[0].upper() in STREET_WORDS else self._name(word[0]), one
            )
        )  # fmt: skip

    def words(self, text: str) -> str:
        """Free text as a whole: which words were alike no longer shows."""
        return self._permuted(text, [_name_class(one.upper() if one.isascii() else one) for one in text], "words")

    def postal(self, text: str) -> str:
        """A postal code: the first three characters stay, for they go with the state; 0000, 9998 and 9999 stay."""
        head, tail, more = text[:3], text[3:5], text[5:]
        if not text.isdecimal():
            return head + self.identifier(text[3:])
        tail = self._permuted(tail, [DIGITS] * len(tail), "postal" + head)
        if len(more) == 4 and more not in FILLERS:
            more = self._walked(more, [DIGITS] * 4, "postal more", lambda one: one not in FILLERS)
        return head + tail + more

    def birth(self, text: str) -> str:
        """A date CCYYMMDD some days earlier, the same number of days for the same date. What is no date becomes none."""
        day = _any_day(text)
        if day is None:
            return self._walked(text, [_id_class(one) for one in text], "no date", lambda one: _any_day(one) is None)
        days = timedelta(1 + int.from_bytes(self._stream("birth", text.encode(), 4), "big") % MOST_DAYS_SHIFTED)
        earliest = EARLIEST if day >= EARLIEST else date.min
        made = day - days if day - earliest > days else earliest
        return f"{made.year:04d}{made.month:02d}{made.day:02d}"

    def contact(self, text: str, kind: str) -> str:
        """A telephone number, or for kind EM an address, of which the end after the last dot stays."""
        if kind == "EM":
            head, dot, tail = text.rpartition(".")
            return self.name(head) + dot + tail if dot else self.name(text)
        return self.identifier(text)

    def _once(self, kind: str, text: str, make: Callable[[str], str]) -> str:
        found = self._seen.get((kind, text))
        if found is None:
            if len(self._seen) >= MOST_REMEMBERED:
                self._seen.clear()
            found = self._seen[kind, text] = make(text)
        return found

    def _identifier(self, text: str) -> str:
        if is_placeholder(text):
            return text
        if is_npi(text):
            kept = self._permuted(text[:9], ["12", *[DIGITS] * 8], "npi")
            return kept + npi_check_digit(kept)
        classes = [_id_class(one) for one in text]
        first = next((at for at, one in enumerate(text) if one in DIGITS), None)
        if first is not None:
            classes[first] = LEADING if text[first] != "0" else ""
        could_be = is_social_security_number(text)
        return self._walked(
            text, classes, "id", lambda one: not is_placeholder(one) and not is_npi(one)
            and is_social_security_number(one) == could_be
        )  # fmt: skip

    def _name(self, word: str) -> str:
        made = self._permuted(word.upper(), [_name_class(one) for one in word.upper()], "name")
        return "".join(new.lower() if old.islower() else new for old, new in zip(word, made, strict=True))

    def _walked(self, text: str, classes: Classes, tweak: str, fits: Callable[[str], bool]) -> str:
        """Permuted among the values that fit, of which `text` is one: again and again until one is met."""
        made = self._permuted(text, classes, tweak)
        while not fits(made):
            made = self._permuted(made, classes, tweak)
        return made

    def _permuted(self, text: str, classes: Classes, tweak: str) -> str:
        """The text with each character exchanged within its class; one of no class stays."""
        places = [at for at, one in enumerate(classes) if len(one) > 1]
        values = [classes[at].find(text[at].upper()) for at in places]
        sizes = [len(classes[at]) for at in places]
        tweak += "".join(chr(ord("a") + size) for size in sizes)
        made = list(text)
        for at, value in zip(places, self._exchanged(values, sizes, tweak), strict=True):
            new = classes[at][value]
            made[at] = new.lower() if text[at].islower() else new
        return "".join(made)

    def _exchanged(self, values: list[int], sizes: list[int], tweak: str) -> list[int]:
        if len(values) == 1:  # a shift that is never none
            shift = 1 + int.from_bytes(self._stream(tweak, b"", 4), "big") % (sizes[0] - 1)
            return [(values[0] + shift) % sizes[0]]
        half = len(values) // 2
        halves = [_number(values[:half], sizes[:half]), _number(values[half:], sizes[half:])]
        most = [_size(sizes[:half]), _size(sizes[half:])]
        for turn in range(ROUNDS if values else 0):
            one, other = turn % 2, 1 - turn % 2
            length = most[one].bit_length() // 8 + 9  # so much longer than the range that no value is favoured
            told = halves[other].to_bytes(most[other].bit_length() // 8 + 1, "big")
            number = int.from_bytes(self._stream(f"{turn}{tweak}", told, length), "big")
            halves[one] = (halves[one] + number) % most[one]
        return _values(halves[0], sizes[:half]) + _values(halves[1], sizes[half:])

    def _stream(self, tweak: str, data: bytes, length: int) -> bytes:
        return hashlib.shake_256(self._key + tweak.encode() + b"\x00" + data).digest(length)


FEWEST_ALIKE = 5
FILLERS = ("0000", "9998", "9999")
PLACEHOLDERS = frozenset("0 NA N/A NONE UNKNOWN PENDING TBD SELF SAME".split())  # noqa: SIM905
STREET_WORDS = frozenset(
    """
    P O PO BOX POBOX POST OFFICE LOCK LOCKBOX DRAWER GENERAL DELIVERY RR HC APT APARTMENT UNIT STE SUITE RM ROOM FL
    FLOOR BLDG LOT ST STREET AVE AVENUE RD ROAD DR DRIVE LN LANE CT COURT PL PLACE BLVD WAY TER CIR HWY PKWY
    N S E W NE NW SE SW NORTH SOUTH EAST WEST
    """.split()  # noqa: SIM905
)
_WORD = re.compile("[A-Za-z0-9]+")


def _id_class(character: str) -> str:
    upper = character.upper()
    if upper in DIGITS:
        return DIGITS
    return SAFE if upper in SAFE else REST if upper in REST else ""


def _name_class(character: str) -> str:
    if character in DIGITS:
        return DIGITS
    return VOWELS if character in VOWELS else CONSONANTS if character in CONSONANTS else ""


def _size(sizes: Sequence[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product


def _number(values: Sequence[int], sizes: Sequence[int]) -> int:
    number = 0
    for value, size in zip(values, sizes, strict=True):
        number = number * size + value
    return number


def _values(number: int, sizes: Sequence[int]) -> list[int]:
    values = []
    for size in reversed(sizes):
        number, value = divmod(number, size)
        values.append(value)
    return values[::-1]


def npi_check_digit(nine: str) -> str:
    """The tenth digit of an NPI: Luhn over 80840 and the first nine."""
    total = LUHN_OF_80840
    for place, digit in enumerate(map(int, nine)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def is_npi(text: str) -> bool:
    digits = len(text) == 10 and text.isdecimal() and text.isascii()
    return digits and text[0] in "12" and npi_check_digit(text[:9]) == text[9]


def is_placeholder(text: str) -> bool:
    """Whether a text stands where a number should be: UNKNOWN, NONE, or five and more of one character."""
    return text.strip().upper() in PLACEHOLDERS or len(set(text)) == 1 and len(text) >= FEWEST_ALIKE


def is_social_security_number(text: str) -> bool:
    """Whether nine digits could be one: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    if len(text) != 9 or not (text.isdecimal() and text.isascii()):
        return False
    return text[:3] not in ("000", "666") and text[0] != "9" and text[3:5] != "00" and text[5:] != "0000"


def day_of(text: str) -> date | None:
    """The day that CCYYMMDD says, from 1900 to 2099; None where it says none."""
    return _any_day(text) if text[:2] in ("19", "20") else None


def _any_day(text: str) -> date | None:
    if len(text) != 8 or not (text.isdecimal() and text.isascii()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
