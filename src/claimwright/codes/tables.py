"""Reading the tables that are shipped in `data/`: tab-separated with a header, `#` lines are notes."""

from __future__ import annotations

import lzma
from pathlib import Path

DATA = Path(__file__).parent / "data"


class TableError(ValueError):
    """A table row that cannot be read; the message names file, row and fix."""


def read_bytes(name: str) -> bytes:
    """A shipped file, decompressed if its name ends in .xz."""
    data = (DATA / name).read_bytes()
    return lzma.decompress(data) if name.endswith(".xz") else data


def read_text(name: str) -> str:
    return read_bytes(name).decode("utf-8")


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a shipped tab-separated table by column name. Raises TableError for a row of another width."""
    rows: list[dict[str, str]] = []
    header: list[str] | None = None
    for number, line in enumerate(read_text(name).split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            continue
        if len(cells) != len(header):
            raise TableError(
                f"{name} line {number} has {len(cells)} cells, the header {len(header)}: add or remove tabs"
            )
        rows.append(dict(zip(header, cells, strict=True)))
    return rows
