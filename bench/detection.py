"""What validators find: 66 single mutations of valid files, ours beside the peers: python -m bench detection

A peer that is not installed is left out. "yes" = it told of something, the file being clean to it otherwise; "crash" =
it stopped on an exception of its own that names no fault; "-" = it does not read the transaction.
"""

from __future__ import annotations

import importlib.metadata
import logging
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.lib.x12_rules import changed
from tests.mutations.peer_rows import ROWS, PeerRow

from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12.check import check

Answer = str  # "yes", "no", "crash" or "-"
Validator = Callable[[bytes, str], Answer]
YES, NO, CRASH, NOT_READ = "yes", "no", "crash", "-"
PEERS = ("pyx12", "x12sdk", "oxedi")


def claimwright() -> Validator:
    vocabulary = CodeVocabulary()

    def ask(data: bytes, kind: str) -> Answer:
        return YES if check(data, vocabulary) else NO

    return ask


def pyx12() -> Validator:
    from tests.lib.pyx12_oracle import check as oracle

    def ask(data: bytes, kind: str) -> Answer:
        found = oracle(data)
        if found and found[0].startswith("CRASH"):
            return CRASH
        return YES if found else NO

    return ask


def x12sdk() -> Validator:
    from pydantic import ValidationError
    from x12sdk.io import X12ModelReader

    def ask(data: bytes, kind: str) -> Answer:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.edi"
            path.write_bytes(data)
            try:
                with X12ModelReader(str(path)) as reader:
                    models = list(reader.models())
            except (ValidationError, ValueError) as error:
                return CRASH if isinstance(error, UnicodeError) else YES
            except Exception:  # a KeyError or AttributeError of its own says nothing of the file
                return CRASH
        return YES if not models else NO

    return ask


def oxedi() -> Validator:
    import oxedi as module

    def ask(data: bytes, kind: str) -> Answer:
        if kind != "835":
            return NOT_READ
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.edi"
            path.write_bytes(data)
            try:
                return YES if module.parse_file(str(path)).diagnostics else NO
            except Exception:  # whatever it raises, it told nothing of the place
                return CRASH

    return ask


def validators() -> dict[str, Validator | None]:
    """By name with version; None = not installed."""
    found: dict[str, Validator | None] = {f"claimwright {importlib.metadata.version('claimwright')}": claimwright()}
    for name, make in zip(PEERS, (pyx12, x12sdk, oxedi), strict=True):
        try:
            found[f"{name} {importlib.metadata.version(name)}"] = make()
        except ImportError:
            found[f"{name}: not installed"] = None
    return found


def table() -> list[str]:
    """The table as Markdown lines."""
    asked = validators()
    lines = [
        "| SNIP | mutation | " + " | ".join(asked) + " |",
        "|---|---|" + "---|" * len(asked),
    ]
    found: dict[str, list[tuple[PeerRow, Answer]]] = {name: [] for name in asked}
    clean = {
        name: {kind for kind in ("837P", "835") if ask and ask(changed(kind), kind) == YES}
        for name, ask in asked.items()
    }
    for row in ROWS:
        kind = row.base.split()[0]
        cells = []
        for name, ask in asked.items():
            answer = NOT_READ if ask is None or kind in clean[name] else ask(row.data(), kind)
            found[name].append((row, answer))
            cells.append(answer)
        lines.append(f"| {row.snip} | {row.name}{' (*)' if row.missed else ''} | " + " | ".join(cells) + " |")
    lines += ["", *totals(found)]
    return lines


def totals(found: dict[str, list[tuple[PeerRow, Answer]]]) -> list[str]:
    lines = ["| found of those it reads | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    groups: list[tuple[str, Callable[[PeerRow], bool]]] = [
        *((f"SNIP {level}", lambda row, level=level: row.snip == level) for level in range(1, 6)),
        ("837P", lambda row: row.base != "835"),
        ("835", lambda row: row.base == "835"),
        ("(*) once missed by all four free validators", lambda row: row.missed),
        ("all", lambda row: True),
    ]
    for label, belongs in groups:
        cells = []
        for answers in found.values():
            mine = [answer for row, answer in answers if belongs(row) and answer != NOT_READ]
            crashes = mine.count(CRASH)
            cells.append(f"{mine.count(YES)}/{len(mine)}" + (f" ({crashes} crash)" if crashes else "") if mine else "-")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return lines


def run() -> None:
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            print(f"{datetime.now(UTC):%Y-%m-%d}, python -m bench detection")
            print("\n".join(table()))
    finally:
        logging.disable(logging.NOTSET)


if __name__ == "__main__":
    run()
