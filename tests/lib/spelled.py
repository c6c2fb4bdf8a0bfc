"""Random texts in one draw each.

Hypothesis draws a text letter by letter, which was four fifths of the time of the round trips; they never shrink, so one
number from which the whole text follows says as much.
"""

from __future__ import annotations

import random
from string import ascii_uppercase as LETTERS
from string import digits as DIGITS

from hypothesis import strategies as st

SEEDS = st.integers(0, 2**64 - 1)


def spelled(alphabet: str, least: int, most: int, *, first: str = "", last: str = "") -> st.SearchStrategy[str]:
    """Texts of `least` to `most` letters of `alphabet`, of which the first and the last are of their own, if given.

    Never two blanks beside each other.
    """

    def text(seed: int) -> str:
        chance = random.Random(seed)
        letters = chance.choices(alphabet, k=chance.randint(least, most))
        letters[-1] = chance.choice(last or alphabet)
        letters[0] = chance.choice(first or alphabet)
        return " ".join("".join(letters).split()) if " " in alphabet else "".join(letters)

    return SEEDS.map(text)


names = spelled(LETTERS + "'-", 3, 20, first=LETTERS, last=LETTERS)
words = spelled(LETTERS + DIGITS + " ", 1, 32, first=LETTERS + DIGITS, last=LETTERS + DIGITS)
