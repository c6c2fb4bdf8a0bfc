"""Secrets of connections, encrypted at rest. The keys lie beside the data, not in the database: a dump opens nothing."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(RuntimeError):
    """No key in the key file opens the secret: it must be entered again."""


def key_file(name: str = "connections.key") -> Path:
    return Path(settings.HOME) / "keys" / name


def keys_in(path: Path) -> list[bytes]:
    """The keys of a file, newest first: the first one encrypts, all of them decrypt. The file is made at first use."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(Fernet.generate_key() + b"\n")
        try:
            os.link(made, path)  # only the first of two processes wins
        except FileExistsError:
            pass
        made.unlink()
    return [line for line in path.read_bytes().split() if line]


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(line) for line in keys_in(key_file())])


def encrypt(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def decrypt(token: str) -> str:
    if not token:
        return ""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("the connection's secret cannot be opened with this key file: enter it again") from None


def rotate(token: str) -> str:
    """The same secret under the newest key."""
    return _keys().rotate(token.encode()).decode() if token else ""
