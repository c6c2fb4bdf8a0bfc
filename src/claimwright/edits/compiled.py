"""Rows made quick to look up, once for as long as the same rows are asked: hundreds of rules cost a claim almost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from claimwright.edits.payer_profile import CodeRange

Row = TypeVar("Row")
Form = TypeVar("Form")

MOST_FORMS = 256  # payers whose rules are kept compiled
MOST_CODES = 50_000  # codes an index remembers: more than all code sets together are in use


class ByIdentity(Generic[Row, Form]):
    """`make(rows)`, remembered for the very same tuple: hashing the rows for each claim would cost more than using them.

    The tuple is kept with its form, so that its identity cannot be given to other rows.
    """

    __slots__ = ("_make", "_made")

    def __init__(self, make: Callable[[tuple[Row, ...]], Form]) -> None:
        self._make = make
        self._made: dict[int, tuple[tuple[Row, ...], Form]] = {}

    def __call__(self, rows: tuple[Row, ...]) -> Form:
        found = self._made.get(id(rows))
        if found is not None and found[0] is rows:
            return found[1]
        if len(self._made) >= MOST_FORMS:
            self._made.clear()
        form = self._make(rows)
        self._made[id(rows)] = (rows, form)
        return form


class CodeIndex(Generic[Row]):
    """Rows by the procedure codes they are about, each code's answer remembered. Rows without codes are about all.

    Modifiers of a range are not looked at here: they belong to the line.
    """

    __slots__ = ("_known", "_rows", "everywhere")

    def __init__(self, rows: Iterable[tuple[tuple[CodeRange, ...], Row]]) -> None:
        self._rows = tuple(rows)
        self.everywhere = tuple(row for codes, row in self._rows if not codes)
        self._known: dict[str, tuple[Row, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, code: str) -> tuple[Row, ...]:
        """The rows about a code, in their order; the very tuple `everywhere` where there are no others."""
        found = self._known.get(code)
        if found is None:
            if len(self._known) >= MOST_CODES:
                self._known.clear()
            found = tuple(row for codes, row in self._rows if not codes or any(_spans(one, code) for one in codes))
            if len(found) == len(self.everywhere):
                found = self.everywhere
            self._known[code] = found
        return found


def _spans(codes: CodeRange, code: str) -> bool:
    return len(code) == len(codes.first) and codes.first <= code <= (codes.last or codes.first)
