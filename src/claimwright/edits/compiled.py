"""Rows made quick to look up, once for as long as the same rows are asked: hundreds of rules cost a claim almost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from claimwright.edits.payer_profile import CodeRange

Row = TypeVar("Row")
Form = TypeVar("Form")

MOST_FORMS = 256  # payers whose rules are kept compiled
HEAD = 2  # characters by which rows are sorted out before they are compared
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

    __slots__ = ("_known", "_near", "_rows", "everywhere")

    def __init__(self, rows: Iterable[tuple[tuple[CodeRange, ...], Row]]) -> None:
        self._rows = tuple(rows)
        self._near: dict[str, list[tuple[tuple[CodeRange, ...], Row]]] = {}
        self._known: dict[str, tuple[Row, ...]] = {}
        self.everywhere = tuple(row for codes, row in self._rows if not codes)

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, code: str) -> tuple[Row, ...]:
        """The rows about a code, in their order; the very tuple `everywhere` where there are no others."""
        found = self._known.get(code)
        if found is None:
            if len(self._known) >= MOST_CODES:
                self._known.clear()
                self._near.clear()
            near = self._rows_near(code[:HEAD])
            found = tuple(row for codes, row in near if not codes or any(_spans(one, code) for one in codes))
            if len(found) == len(self.everywhere):
                found = self.everywhere
            self._known[code] = found
        return found

    def _rows_near(self, head: str) -> list[tuple[tuple[CodeRange, ...], Row]]:
        """The rows that may be about a code that begins so: a few of hundreds."""
        if head not in self._near:
            self._near[head] = [
                (codes, row) for codes, row in self._rows if not codes or any(_begins(one, head) for one in codes)
            ]
        return self._near[head]


def _begins(codes: CodeRange, head: str) -> bool:
    return codes.first[:HEAD] <= head <= (codes.last or codes.first)[:HEAD]


def _spans(codes: CodeRange, code: str) -> bool:
    return len(code) == len(codes.first) and codes.first <= code <= (codes.last or codes.first)
