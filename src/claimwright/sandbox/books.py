"""The sandbox's memory between days: one JSON file, replaced whole, so that a killed day leaves yesterday's."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.codes.money import ZERO
from claimwright.sandbox.records import Record


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A file waiting for its day. `stem` names it: <stem>_<date>_<sequence>.edi; content is ASCII."""

    due: date
    stem: str
    content: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something a payer will do to a decided claim: correct, take_back, withhold, recoup, grant (an appeal)."""

    due: date
    kind: str
    record: int
    amount: Decimal = ZERO
    reference: str = ""


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A forwarding balance: what a payee owes a payer from an earlier remittance, under that one's reference."""

    payer: str
    payee: str
    amount: Decimal
    reference: str
    since: date


class Books(msgspec.Struct, kw_only=True):
    day: date | None = None
    counters: dict[str, int] = {}
    interchanges: dict[str, str] = {}  # sender|receiver|ISA13 -> the file that brought it first
    taken: list[tuple[str, str]] = []  # (name, sha256) of inbound files read but perhaps not yet moved away
    records: list[Record] = []
    deductibles: dict[str, Decimal] = {}  # payer|member|year -> met
    services: dict[str, int] = {}  # payer|member|date|code|modifiers -> record that was paid or denied for it
    fates: dict[str, str] = {}  # payer|chain and payer|service -> what befell it, so that nothing befalls it twice
    carried: list[Carried] = []
    events: list[Event] = []
    deliveries: list[Delivery] = []

    def count(self, name: str) -> int:
        """The next number of a series, from 1."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def record(self, key: int) -> Record:
        return self.records[key - 1]

    def add(self, record: Record) -> Record:
        record.key = len(self.records) + 1
        self.records.append(record)
        return record


def load_books(root: Path) -> Books:
    path = root / "state" / "books.json"
    if not path.exists():
        return Books()
    return msgspec.json.decode(path.read_bytes(), type=Books)


def save_books(root: Path, books: Books) -> None:
    write_whole(root / "state" / "books.json", msgspec.json.encode(books))


def write_whole(path: Path, data: bytes, aside: Path | None = None) -> None:
    """Write under a temporary name (in `aside`, where a partner cannot see it), flush to disk, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = (aside or path.parent) / f".{path.name}.part"
    with temporary.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)
