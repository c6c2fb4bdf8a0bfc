"""Claim numbers seen so far: whether one comes twice, in memory that a file of two million claims cannot exhaust."""

from __future__ import annotations

from array import array

PLAIN = 20_000  # up to here a set of the numbers themselves is quicker and small enough
SHARDS = 64
FIRST_SLOTS = 1024
FULLEST = 0.75
MOST = 8_000_000
_MASK = (1 << 64) - 1


class ClaimNumbers:
    """Numbers of one transaction. Two million take some 34 MB: hashes of 64 bits, open addressing, in 64 tables that
    grow one at a time. After `most` numbers no new one is remembered, so that memory ends somewhere.

    Two numbers with one hash would be taken for one: with two million numbers, one chance in nine million.
    """

    __slots__ = ("_count", "_counts", "_most", "_plain", "_tables")

    def __init__(self, most: int = MOST) -> None:
        self._plain: set[str] | None = set()
        self._tables: list[array[int]] = []
        self._counts: list[int] = []
        self._count = 0
        self._most = most

    def __len__(self) -> int:
        return self._count if self._plain is None else len(self._plain)

    def seen(self, number: str) -> bool:
        """Whether the number came before; it is remembered from now on."""
        plain = self._plain
        if plain is None:
            return self._seen(hash(number) & _MASK or 1)
        if number in plain:
            return True
        plain.add(number)
        if len(plain) > PLAIN:
            self._spread(plain)
        return False

    def _spread(self, plain: set[str]) -> None:
        self._plain = None
        self._tables = [_empty(FIRST_SLOTS) for _ in range(SHARDS)]
        self._counts = [0] * SHARDS
        for number in plain:
            self._seen(hash(number) & _MASK or 1)

    def _seen(self, mark: int) -> bool:
        shard = mark % SHARDS
        table = self._tables[shard]
        slots = len(table) - 1
        at = (mark >> 6) & slots
        while table[at]:
            if table[at] == mark:
                return True
            at = (at + 1) & slots
        if self._count >= self._most:
            return False
        table[at] = mark
        self._count += 1
        self._counts[shard] += 1
        if self._counts[shard] > FULLEST * slots:
            self._tables[shard] = _grown(table)
        return False


def _empty(slots: int) -> array[int]:
    return array("Q", bytes(8 * slots))


def _grown(table: array[int]) -> array[int]:
    wider = _empty(2 * len(table))
    slots = len(wider) - 1
    for mark in table:
        if mark:
            at = (mark >> 6) & slots
            while wider[at]:
                at = (at + 1) & slots
            wider[at] = mark
    return wider
