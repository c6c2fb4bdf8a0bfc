"""Files encrypted in the age format (age-encryption.org/v1): streamed, authenticated, opened by any age tool.

A backup must open in ten years, with or without this product, so its envelope is a public one. A file is sealed either
under a passphrase (scrypt) or to a public key (X25519): with a public key the machine that makes backups cannot read
them. The content goes through in pieces of 64 KiB; each has its own tag, with its number and whether it is the last, so
a piece that was changed, moved, left out or cut off is refused. Source: C2SP age specification, version 1.
"""

from __future__ import annotations

import base64
import hmac
import io
import os
import re
from collections.abc import Callable
from hashlib import sha256
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from claimwright.web.operations.bech32 import decode, encode

MAGIC = b"age-encryption.org/v1\n"
SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
X25519_LABEL = b"age-encryption.org/v1/X25519"
WORK_FACTOR = 17  # 2^17 turns of scrypt, 128 MiB: about half a second for us, and for each guess
HIGHEST_WORK_FACTOR = 20  # a file from elsewhere must not take the machine's memory
PIECE = 64 * 1024
TAG = 16
LONGEST_HEADER = 64 * 1024
SECRET_PREFIX, PUBLIC_PREFIX = "age-secret-key-", "age"
SHORTEST_PASSPHRASE = 15


class SealBroken(ValueError):
    """The file is no sealed file, was cut off or changed, or the key is another one; the text says which."""


class Key(Protocol):
    """What seals a file key into one line of the header, and opens it again."""

    def wrap(self, file_key: bytes) -> tuple[str, bytes]: ...

    def unwrap(self, arguments: list[str], body: bytes) -> bytes | None: ...


class Passphrase:
    """A passphrase of at least 15 characters. Raises ValueError for a shorter one when it seals."""

    def __init__(self, text: str, *, work_factor: int = WORK_FACTOR) -> None:
        self._text, self._work_factor = text.encode(), work_factor

    def wrap(self, file_key: bytes) -> tuple[str, bytes]:
        if len(self._text) < SHORTEST_PASSPHRASE:
            raise ValueError(f"a passphrase has at least {SHORTEST_PASSPHRASE} characters")
        salt = os.urandom(16)
        sealed = _seal_once(self._key(salt, self._work_factor), file_key)
        return f"scrypt {_text(salt)} {self._work_factor}", sealed

    def unwrap(self, arguments: list[str], body: bytes) -> bytes | None:
        if arguments[:1] != ["scrypt"] or len(arguments) != 3 or not re.fullmatch(r"[1-9][0-9]?", arguments[2]):
            return None
        factor = int(arguments[2])
        if factor > HIGHEST_WORK_FACTOR:
            raise SealBroken(f"its scrypt work factor {factor} is above {HIGHEST_WORK_FACTOR}: no file of ours")
        return _open_once(self._key(_bytes(arguments[1]), factor), body)

    def _key(self, salt: bytes, factor: int) -> bytes:
        return Scrypt(salt=SCRYPT_LABEL + salt, length=32, n=2**factor, r=8, p=1).derive(self._text)


class PublicKey:
    """Seals only: the machine that makes backups needs no more."""

    def __init__(self, text: str) -> None:
        self._raw = _from_bech32(PUBLIC_PREFIX, text)

    def wrap(self, file_key: bytes) -> tuple[str, bytes]:
        once = X25519PrivateKey.generate()
        share = once.public_key().public_bytes_raw()
        secret = once.exchange(X25519PublicKey.from_public_bytes(self._raw))
        return f"X25519 {_text(share)}", _seal_once(_hkdf(secret, share + self._raw, X25519_LABEL), file_key)

    def unwrap(self, arguments: list[str], body: bytes) -> bytes | None:
        raise SealBroken("a public key seals and opens nothing: give the secret key file")


class SecretKey:
    """The secret half of a key pair: opens what was sealed to its public key."""

    def __init__(self, text: str) -> None:
        self._key = X25519PrivateKey.from_private_bytes(_from_bech32(SECRET_PREFIX, text))
        self._public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> SecretKey:
        return cls(encode(SECRET_PREFIX, X25519PrivateKey.generate().private_bytes_raw()))

    @property
    def text(self) -> str:
        return encode(SECRET_PREFIX, self._key.private_bytes_raw()).upper()

    @property
    def public_text(self) -> str:
        return encode(PUBLIC_PREFIX, self._public)

    def wrap(self, file_key: bytes) -> tuple[str, bytes]:
        return PublicKey(self.public_text).wrap(file_key)

    def unwrap(self, arguments: list[str], body: bytes) -> bytes | None:
        if arguments[:1] != ["X25519"] or len(arguments) != 2:
            return None
        share = _bytes(arguments[1])
        if len(share) != 32:
            return None
        secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        return _open_once(_hkdf(secret, share + self._public, X25519_LABEL), body)


def key_of(text: str) -> Key:
    """The key that a key file's text holds, public or secret; lines with # are remarks. Raises ValueError."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    if len(lines) != 1:
        raise ValueError("a key file holds one line: an age public key, or an age secret key")
    return SecretKey(lines[0]) if lines[0].lower().startswith(SECRET_PREFIX) else PublicKey(lines[0])


class SealingFile(io.RawIOBase):
    """A file to write to, whose bytes arrive sealed in `target`. Only `finish()` makes it whole; closing does not."""

    def __init__(self, target: IO[bytes], key: Key) -> None:
        super().__init__()
        file_key, nonce = os.urandom(16), os.urandom(16)
        stanza, body = key.wrap(file_key)
        header = MAGIC + f"-> {stanza}\n{_text(body)}\n---".encode()
        target.write(header + f" {_text(_mac(file_key, header))}\n".encode() + nonce)
        self._target, self._cipher = target, ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._waiting, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        view = memoryview(content).cast("B")  # type: ignore[arg-type]
        self._waiting += view
        while len(self._waiting) > PIECE:  # the last piece is never sent before we know that it is the last
            self._send(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(view)

    def finish(self) -> None:
        """Seal what is left as the last piece."""
        self._send(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _send(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last), piece, None))
        self._number += 1


class OpenedFile(io.RawIOBase):
    """The content of a sealed file, read in order. Raises SealBroken at the first byte that does not hold."""

    def __init__(self, source: IO[bytes], key: Key) -> None:
        super().__init__()
        file_key, nonce = _read_header(source, key)
        self._source, self._cipher = source, ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._ready, self._number, self._ended = b"", 0, False
        self._next = source.read(PIECE + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target).cast("B")  # type: ignore[arg-type]
        while not self._ready and not self._ended:
            self._ready = self._piece()
        taken = self._ready[: len(view)]
        view[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _piece(self) -> bytes:
        sealed, self._next = self._next, self._source.read(PIECE + TAG)
        last = not self._next
        try:
            piece = self._cipher.decrypt(_nonce(self._number, last), sealed, None)
        except (InvalidTag, ValueError):
            where = f"after {self._number * PIECE:,} bytes of content"
            raise SealBroken(f"the file was cut off or changed {where}: use another copy") from None
        if last and self._number and not piece:
            raise SealBroken("the file ends with an empty piece: it was changed")
        self._number, self._ended = self._number + 1, last
        return piece


def _read_header(source: IO[bytes], key: Key) -> tuple[bytes, bytes]:
    """File key and nonce. Raises SealBroken; a wrong key and a changed header are told apart where that is possible."""
    if source.readline(LONGEST_HEADER) != MAGIC:
        raise SealBroken("it is no sealed backup: the first line is not that of an age file")
    header, stanzas = MAGIC, []
    while True:
        line = source.readline(LONGEST_HEADER)
        header += line
        if not line.endswith(b"\n") or len(header) > LONGEST_HEADER:
            raise SealBroken("the file was cut off within its header: use another copy")
        if line.startswith(b"--- "):
            break
        if line.startswith(b"-> "):
            stanzas.append([line[3:].decode("ascii", "replace").split(), b""])
        elif stanzas:
            stanzas[-1][1] += line.strip()  # type: ignore[operator]
    file_key = _file_key(stanzas, key)
    kept = _bytes(line[4:].decode("ascii", "replace").strip())
    if not hmac.compare_digest(_mac(file_key, header[: -len(line) + 3]), kept):
        raise SealBroken("the header of the file was changed: use another copy")
    nonce = source.read(16)
    if len(nonce) != 16:
        raise SealBroken("the file was cut off after its header: use another copy")
    return file_key, nonce


def _file_key(stanzas: list[list[object]], key: Key) -> bytes:
    for arguments, body in stanzas:
        found = key.unwrap(arguments, _bytes(body.decode("ascii", "replace")))  # type: ignore[arg-type,attr-defined]
        if found is not None:
            return found
    kinds = {str(arguments[0]) for arguments, _ in stanzas if arguments}  # type: ignore[index]
    ways = {"scrypt": "sealed with a passphrase", "X25519": "sealed to a public key"}
    how = ", ".join(ways[kind] for kind in sorted(kinds) if kind in ways) or "sealed in a way unknown here"
    raise SealBroken(f"the key does not open it; it is {how}")


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _hkdf(secret: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.new(_hkdf(file_key, None, b"header"), header, sha256).digest()


def _seal_once(key: bytes, file_key: bytes) -> bytes:
    return ChaCha20Poly1305(key).encrypt(
        bytes(12), file_key, None
    )  # each such key seals one thing, so the nonce may be 0


def _open_once(key: bytes, body: bytes) -> bytes | None:
    if len(body) != 16 + TAG:
        return None
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None


def _text(content: bytes) -> str:
    return base64.b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise SealBroken("the header of the file was changed: use another copy") from None


def _from_bech32(prefix: str, text: str) -> bytes:
    found = decode(text)
    if found is None or found[0] != prefix or len(found[1]) != 32:
        raise ValueError("it is no age key, or a character of it is wrong")
    return found[1]


def read_all(content: IO[bytes], take: Callable[[bytes], object]) -> None:
    """Give the rest of `content` to `take`, a megabyte at a time."""
    while piece := content.read(1 << 20):
        take(piece)
