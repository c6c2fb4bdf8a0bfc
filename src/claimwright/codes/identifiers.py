"""Identifiers as types: each carries what came, unchanged, and answers whether it is well formed.

No constructor raises: a claim with a wrong NPI must be built so that an edit can say what is wrong with it.
"""

from __future__ import annotations

import re

_NPI = re.compile(r"[12][0-9]{9}\Z")
_LUHN_OF_80840 = 24  # what the constant prefix adds to the sum, 45 CFR 162.406
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")  # digits doubled, 9 taken off what is above 9
_NINE_DIGITS = re.compile(r"[0-9]{9}\Z")
# C A AN N A AN N A A N N of the CMS MBI format; letters leave out S L O I B Z.
_MBI_LETTER = "AC-HJKMNP-RT-Y"
_MBI = re.compile(
    rf"[1-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9]"
    rf"[{_MBI_LETTER}]{{2}}[0-9]{{2}}\Z"
)
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X\Z")
_POSTAL_CODE = re.compile(r"[0-9]{5}([0-9]{4})?\Z")
_NDC = re.compile(r"[0-9]{11}\Z")
_NDC_SEGMENTS = (5, 4, 2)
_CLIA = re.compile(r"[0-9]{2}D[0-9]{7}\Z")
_ONE_DIGIT = re.compile(r"([0-9])\1{8}\Z")


def npi_check_digit(text9: str) -> str:
    """The tenth digit of an NPI, by Luhn over 80840 + the first nine. Raises ValueError unless given nine digits."""
    if not _NINE_DIGITS.match(text9):
        raise ValueError("an NPI check digit is computed over exactly nine digits")
    return _check_digit(text9)


def _check_digit(text9: str) -> str:
    digits = text9.encode()  # a sum over bytes: several edits ask this of every provider of every claim
    doubled, plain = digits[::2].translate(_DOUBLED), digits[1::2]  # the tenth digit is the check digit
    total = _LUHN_OF_80840 + sum(doubled) + sum(plain) - 9 * ord("0")
    return str(-total % 10)


class Npi(str):
    """National Provider Identifier: ten digits, the first 1 or 2, Luhn. Person or organization is stored, not guessed."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_NPI.match(self)) and _check_digit(self[:9]) == self[9]


class TaxId(str):
    """Nine digits without hyphen: an EIN (EI) or a social security number (SY)."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_NINE_DIGITS.match(self)) and not _ONE_DIGIT.match(self)

    def is_valid_as(self, qualifier: str) -> bool:
        """Whether it can be what the qualifier EI or SY says; an SSN has no 000, 666 or 9xx area, no 00, no 0000."""
        if not self.is_valid or qualifier not in ("EI", "SY"):
            return False
        if qualifier == "EI":
            return not self.startswith("00")
        return self[:3] not in ("000", "666") and self[0] != "9" and self[3:5] != "00" and self[5:] != "0000"


class Mbi(str):
    """Medicare Beneficiary Identifier, eleven characters without dashes."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_MBI.match(self))


class Taxonomy(str):
    """NUCC provider taxonomy code: ten letters and digits ending in X. Format only; the list is the user's to import."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_TAXONOMY.match(self))


class PostalCode(str):
    """US ZIP code, five or nine digits without hyphen."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_POSTAL_CODE.match(self)) and self[:5] != "00000"

    @property
    def has_plus_four(self) -> bool:
        """Nine digits whose last four are real: billing and facility addresses need them, and 0000 is a filler."""
        return self.is_valid and len(self) == 9 and self[5:] != "0000"


class Ndc(str):
    """National Drug Code as billed: eleven digits, 5-4-2 without hyphens."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_NDC.match(self)) and self != "0" * 11

    @classmethod
    def from_label(cls, text: str) -> Ndc:
        """From a label's 4-4-2, 5-3-2, 5-4-1 or 5-4-2 with hyphens: the one short segment is padded with a zero.

        Text without hyphens is kept as it came: which segment of ten bare digits is short cannot be known.
        """
        segments = text.strip().split("-")
        if len(segments) != 3 or not all(segment.isdigit() for segment in segments):
            return cls(text)
        short = [
            width - len(segment)
            for segment, width in zip(segments, _NDC_SEGMENTS, strict=True)
            if len(segment) != width
        ]
        if short not in ([], [1]):
            return cls(text)
        return cls("".join(segment.zfill(width) for segment, width in zip(segments, _NDC_SEGMENTS, strict=True)))


class Clia(str):
    """CLIA certificate number: ten characters, the third a D."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        return bool(_CLIA.match(self))
