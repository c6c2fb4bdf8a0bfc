"""The prepared form of a list of codes: one line a code, sorted, the code and what is known of it with tabs between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from claimwright.codes.library_shapes import Changes, Format, refuse


def write_rows(path: Path, rows: Mapping[str, str]) -> int:
    """Writes the rows in order of their codes and gives their count. Raises CannotImport for an empty list."""
    if not rows:
        raise refuse("no code was found in it", "take the official file, unchanged")
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for code in sorted(rows):
            stream.write(f"{code}\t{rows[code]}\n")
    return len(rows)


def read_rows(path: Path) -> dict[str, str]:
    """Rows of a prepared file by code."""
    rows: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        code, _, rest = line.partition("\t")
        if code:
            rows[code] = rest
    return rows


def compared(old: Mapping[str, str], new: Mapping[str, str], sample: int) -> Changes:
    """Which codes came, went and changed."""
    added = [code for code in new if code not in old]
    removed = [code for code in old if code not in new]
    # A list of codes alone says nothing of their titles, so it changes none.
    changed = [code for code, row in new.items() if code in old and old[code] != row and row.strip("\t")]
    return Changes(
        added=len(added),
        removed=len(removed),
        changed=len(changed),
        same=len(new) - len(added) - len(changed),
        added_sample=first_of(added, sample),
        removed_sample=first_of(removed, sample),
        changed_sample=first_of(changed, sample),
    )


def first_of(codes: Iterable[str], sample: int) -> tuple[str, ...]:
    return tuple(sorted(codes)[:sample])


def compare_rows(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(read_rows(old) if old else {}, read_rows(new), sample)


ROWS = Format(name="rows/1", open=read_rows, compare=compare_rows)
