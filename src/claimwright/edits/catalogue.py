"""Every edit, in the order of the families, and the version of the whole: claims are re-run when it changes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from claimwright.edits.families import aut, bil, cob, dat, dup, dx, env, lin, pay, prv, px, sub, tfl
from claimwright.edits.shapes import Edit

FAMILIES = (env, bil, prv, sub, dat, dx, px, lin, cob, aut, pay, dup, tfl)
CATALOGUE: tuple[Edit, ...] = tuple(each for family in FAMILIES for each in family.EDITS)
BY_ID: dict[str, Edit] = {each.id: each for each in CATALOGUE}


@lru_cache(maxsize=1)
def catalogue_version() -> str:
    """A hash of every edit's text and of this room's source, so that a rule cannot change without a new version."""
    digest = hashlib.sha256()
    for each in CATALOGUE:
        line = (each.id, each.severity, each.says, each.fix, each.needs, each.uses, each.version)
        digest.update(repr(line).encode())
    for name, text in sorted(_sources(files("claimwright.edits"), "")):
        digest.update(name.encode() + b"\0" + text.replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            found.extend(_sources(entry, f"{prefix}{entry.name}/"))
        elif entry.name.endswith(".py"):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
