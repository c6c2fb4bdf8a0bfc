"""What every verb prints with: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

if TYPE_CHECKING:
    from rich.table import Table

PIPED_WIDTH = 240  # a file or a pipe has no edge: tables are not cut at the 80 columns of an unknown terminal


def _console() -> Console:
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(highlight=False, emoji=False, width=width)  # ":on:" between separators of a file is no emoji


console = _console()


class Refused(Exception):
    """The request cannot be done; the text says why and what to do, and exit status is 2."""


def print_json(value: object) -> None:
    """One JSON document on one line, keys sorted, decimals as text."""
    print(msgspec.json.encode(value, order="sorted").decode())


def dollars(amount: Decimal | str | None) -> str:
    if amount is None:
        return ""
    value = Decimal(amount)
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table; each column is (heading, "left" or "right")."""
    from rich.table import Table

    made = Table(title=title, title_justify="left", show_edge=False, pad_edge=False, header_style="bold")
    for heading, side in columns:
        made.add_column(heading, justify="right" if side == "right" else "left")
    for row in rows:
        made.add_row(*row)
    return made


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises Refused when it is not there or cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
