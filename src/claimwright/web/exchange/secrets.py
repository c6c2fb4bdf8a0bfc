"""Secrets of connections, encrypted at rest. The keys lie beside the data, not in the database: a dump opens nothing."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from claimwright.web.core import keys
from claimwright.web.core.keys import keys_in


class SecretUnreadable(RuntimeError):
    """No key in the key file opens the secret: it must be entered again."""


def key_file(name: str = "connections.key") -> Path:
    return keys.key_file(name)


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
