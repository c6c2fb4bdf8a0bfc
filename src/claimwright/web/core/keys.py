"""Key files of the installation: beside the database, not in it, so that a dump of it opens nothing."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

# All that an installation has. Whoever names another one adds it here: on several machines a file that is made late, by
# the first who needs it, is another one on each.
FILES = ("patients.key", "patient-index.key", "connections.key", "sign-in.key")


def missing() -> list[str]:
    """The names of key files that this home does not have."""
    return [name for name in FILES if not key_file(name).exists()]


def make_missing() -> list[str]:
    """Make the key files that this home does not have; their names."""
    made = missing()
    for name in made:
        keys_in(key_file(name))
    return made


def key_file(name: str) -> Path:
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


def box(name: str) -> MultiFernet:
    """What seals and opens with the keys of that file."""
    return MultiFernet([Fernet(line) for line in keys_in(key_file(name))])
