"""Comparing what a scenario expects with what stands: everything written is compared, what is not written may be anything.

Each comparison counts, met or not, so that a report can say how much was proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation: where, what was written, what stands."""

    place: str
    expected: str
    found: str
    met: bool


def compare(expected: Any, found: Any, place: str = "") -> Iterator[Check]:
    """A check for each written value. A name that is not there stands for nothing: zero, blank, empty."""
    if isinstance(expected, Mapping):
        held = found if isinstance(found, Mapping) else {}
        for key, value in expected.items():
            yield from compare(value, held.get(key), f"{place}.{key}" if place else str(key))
        if not expected and place:
            yield _check(place, "nothing", found, not found)
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        yield from _compare_rows(expected, list(found or ()), place)
    else:
        yield _check(place, str(expected), found, same(str(expected), found))


def _compare_rows(expected: Sequence[Any], rows: list[Any], place: str) -> Iterator[Check]:
    """As many rows as written, each written one found once, in any order."""
    yield _check(f"{place}.count", str(len(expected)), len(rows), len(expected) == len(rows))
    left = list(rows)
    for number, wanted in enumerate(expected, 1):
        best = max(left, key=lambda row: sum(check.met for check in compare(wanted, row)), default=None)
        if best is not None:
            left.remove(best)
        yield from compare(wanted, best, f"{place}[{number}]")


def _check(place: str, expected: str, found: Any, met: bool) -> Check:
    return Check(place=place, expected=expected, found=shown(found), met=met)


def shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def same(expected: str, found: Any) -> bool:
    """Numbers by value, truth by word, texts as they are. Nothing is zero, false or blank."""
    if found is None:
        return expected in ("", "0", "false") or _number(expected) == 0
    if isinstance(found, bool):
        return expected.lower() == shown(found)
    if isinstance(found, Decimal | int):
        return _number(expected) == Decimal(found)
    return expected == str(found)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def compare_sent(expected: Sequence[Mapping[str, Any]], files: Mapping[str, Sequence[str]]) -> Iterator[Check]:
    """Segments of the claims that went out. `has` must stand in this order, `lacks` names beginnings that must not.

    `files` gives the segments of each claim by its control number, from CLM to the next claim.
    """
    for row in expected:
        claim = str(row["claim"])
        segments = list(files.get(claim, ()))
        place = f"sent.{claim}"
        yield _check(place, "sent", "sent" if segments else "not sent", bool(segments))
        at = 0
        for wanted in row.get("has", ()):
            position = next((i for i in range(at, len(segments)) if segments[i] == wanted), None)
            yield _check(place, str(wanted), "there" if position is not None else "not there", position is not None)
            at = position + 1 if position is not None else at
        for beginning in row.get("lacks", ()):
            clash = next((segment for segment in segments if segment.startswith(beginning)), None)
            yield _check(place, f"no {beginning}", "none" if clash is None else clash, clash is None)
