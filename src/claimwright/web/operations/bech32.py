"""Bech32 (BIP 173): how age writes its keys. Any one wrong character is found by the checksum."""

from __future__ import annotations

CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM_LENGTH = 6


def encode(prefix: str, content: bytes) -> str:
    """`content` as lower-case text that begins with `prefix`."""
    values = _regroup(list(content), 8, 5, pad=True) or []
    total = _polymod(_spread(prefix) + values + [0] * CHECKSUM_LENGTH) ^ 1
    checksum = [(total >> 5 * (CHECKSUM_LENGTH - 1 - place)) & 31 for place in range(CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(CHARACTERS[value] for value in values + checksum)


def decode(text: str) -> tuple[str, bytes] | None:
    """Prefix in lower case and content; None where the text is not well made. Mixed case is not well made."""
    if text not in (text.lower(), text.upper()):
        return None
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or len(rest) < CHECKSUM_LENGTH or any(letter not in CHARACTERS for letter in rest):
        return None
    values = [CHARACTERS.index(letter) for letter in rest]
    if _polymod(_spread(prefix) + values) != 1:
        return None
    content = _regroup(values[:-CHECKSUM_LENGTH], 5, 8, pad=False)
    return None if content is None else (prefix, bytes(content))


def _spread(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: list[int]) -> int:
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(GENERATORS):
            total ^= generator if (top >> place) & 1 else 0
    return total


def _regroup(values: list[int], wide: int, narrow: int, *, pad: bool) -> list[int] | None:
    """Numbers of `wide` bits as numbers of `narrow` bits; None where bits are left over that may not be."""
    held, bits, made = 0, 0, []
    for value in values:
        held, bits = held << wide | value, bits + wide
        while bits >= narrow:
            bits -= narrow
            made.append(held >> bits & (1 << narrow) - 1)
    rest = held & (1 << bits) - 1
    if pad:
        return [*made, rest << narrow - bits] if bits else made
    return None if bits >= wide or rest else made
