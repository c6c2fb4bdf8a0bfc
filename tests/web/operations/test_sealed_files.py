"""Sealed files: the public age format both ways, and no changed or shortened byte goes through."""

from __future__ import annotations

import base64
import io
import os

import pytest

from claimwright.web.operations.sealed_files import (
    PIECE,
    OpenedFile,
    Passphrase,
    PublicKey,
    SealBroken,
    SealingFile,
    SecretKey,
    key_of,
)

# Made by another implementation of age (rage, in Rust).
THEIR_KEY = "AGE-SECRET-KEY-1026YG98LTSVS36NN6SXX3F7JDYX8FUPUZ4LJS0YS47XT6C8LHEMSCUG8YC"
THEIR_FILE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBSZ2pkbUcyZTRDZlBWamVsY3dTeHA0MVk1aVlyc1YyejlsbWdmY3J6Tm1nCmZyZDVtWWJW"
    "WlNXS25ocyt6WnJwVDJ3VGRIcHpaazVSMmU3bFdrYjdNckkKLT4gQy1ncmVhc2UgViwxcGcyJzcgMSU5IFR7RFUxKmB8CnVETXNJSlpBaFQrc3JO"
    "T1o5ZTZ4OXExMTBURE1wT29SR1FIWVFrQnMzVE0KLS0tIG5PSDd1Q3Y2U3FLb3dQZzRpZWNaOWhmckNTalJ5R3cyNXdMUTczVmg4N2sKDAkkJ9Eq"
    "KSwPhtniZRE+y5HP3ej+boIyoIaDxYsUNhB/SXVDNwXuapvHdRO/TQVAEy2gFZoO"
)


def seal(content, key):
    target = io.BytesIO()
    sealing = SealingFile(target, key)
    for at in range(0, len(content), 10_000):
        sealing.write(content[at : at + 10_000])
    sealing.finish()
    return target.getvalue()


def opened(sealed, key):
    return io.BufferedReader(OpenedFile(io.BytesIO(sealed), key)).read()


def test_another_implementation_s_file_opens():
    assert opened(base64.b64decode(THEIR_FILE), key_of(f"# remark\n{THEIR_KEY}\n")) == b"The books are proved.\n"


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_went_in_comes_out(size):
    content, key = os.urandom(size), SecretKey.generate()
    assert opened(seal(content, key_of(key.public_text)), key) == content


def test_every_cut_and_every_changed_byte_is_refused():
    key = SecretKey.generate()
    content = os.urandom(2 * PIECE + 100)
    sealed = seal(content, PublicKey(key.public_text))
    start = len(sealed) - len(content)
    places = [*range(0, start, 3), start, start + PIECE + 16, len(sealed) - 101, len(sealed) - 1]
    for place in places:
        with pytest.raises(SealBroken):
            opened(sealed[:place], key)
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            opened(bytes(changed), key)
    with pytest.raises(SealBroken):  # pieces in another order
        first = len(sealed) - len(content) - 2 * 16 - 16 + 0
        opened(sealed[:first] + sealed[first + PIECE + 16 :] + sealed[first : first + PIECE + 16], key)
    with pytest.raises(SealBroken):
        opened(sealed + b"\0", key)
    assert opened(sealed, key) == content


def test_only_its_own_key_opens_a_file():
    mine, other = SecretKey.generate(), SecretKey.generate()
    words = Passphrase("correct horse battery", work_factor=4)
    for sealed, key, wrong in (
        (seal(b"x", mine), mine, other),
        (seal(b"x", words), words, Passphrase("correct horse batterz")),
        (seal(b"x", words), words, mine),
        (seal(b"x", mine), mine, words),
        (seal(b"x", mine), mine, PublicKey(mine.public_text)),
    ):
        assert opened(sealed, key) == b"x"
        with pytest.raises(SealBroken):
            opened(sealed, wrong)


def test_keys_that_are_none_are_refused():
    good = SecretKey.generate()
    typo = good.public_text[:-1] + ("q" if good.public_text[-1] != "q" else "p")
    for text in (
        "",
        typo,
        good.text[:-2],
        f"{good.text}\n{good.text}",
        good.text[:20] + good.text[20:].lower(),
        "age1",
    ):
        with pytest.raises(ValueError):
            key_of(text)
    with pytest.raises(ValueError, match="15 characters"):
        seal(b"x", Passphrase("short"))
    greedy = seal(b"x", Passphrase("correct horse battery", work_factor=4)).replace(b" 4\n", b" 30\n", 1)
    with pytest.raises(SealBroken, match="work factor"):
        opened(greedy, Passphrase("correct horse battery"))
