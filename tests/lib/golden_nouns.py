"""Golden files as nouns, for tests that check what is read from them by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from claimwright.claims.from_x12.parties import Read
from claimwright.x12 import read
from claimwright.x12.segments import Transaction
from tests.lib.golden import GOLDEN


def golden_noun(name: str, reader: Callable[[Transaction], Read[Any]]) -> Any:
    """The noun of the first transaction of a golden file, `name` as in 271/pass/own-everything."""
    transaction = next(iter(read((GOLDEN / f"{name}.edi").read_bytes()).transactions()))
    return reader(transaction).noun


def wrapped(functional: str, guide: str, body: str) -> bytes:
    """A file around the segments of one or more transactions, written with ~ and line breaks."""
    isa = "ISA*00*          *00*          *ZZ*PAYER01        *ZZ*LAKESIDE01     *260908*1000*^*00501*000000009*0*T*:~"
    gs = f"GS*{functional}*PAYER01*LAKESIDE01*20260908*1000*1*X*{guide}~"
    return f"{isa}{gs}{body}GE*1*1~IEA*1*000000009~".replace("\n", "").encode("latin-1")
