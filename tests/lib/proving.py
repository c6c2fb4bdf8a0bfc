"""What the tests of reliability rows share: one fixed seed and a fresh one that is printed, cases counted, one result line.

A row's commit scale runs with every `pytest`; `make prove ROW=n` runs its full scale and shows the line.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIXED_SEED = 20260901


def seeds() -> tuple[int, int]:
    """The fixed seed and a fresh one; `PROVE_SEED=n` gives a fresh one that failed again."""
    fresh = int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1, 1_000_000))
    return FIXED_SEED, fresh


def scale(full: int) -> int:
    """How many cases a full run makes: the row's figure, or `PROVE_CASES`, for a machine that has less time."""
    return int(os.environ.get("PROVE_CASES") or full)


@contextmanager
def under(seed: int) -> Iterator[random.Random]:
    """Cases from this seed. It is printed, and pytest shows it where a case fails."""
    print(f"seed {seed}: PROVE_SEED={seed} repeats it")
    yield random.Random(seed)


@contextmanager
def result(row: int, words: Callable[[], str]) -> Iterator[None]:
    """The row's one line, once everything held."""
    start = time.monotonic()
    yield
    print(f"\nrow {row}: {words()} in {time.monotonic() - start:.0f} s")
