"""The table of the ASVS has each requirement of levels 1 and 2 once, and names only tests that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/asvs.md"
ROW = re.compile(r"^\|(\d+\.\d+\.\d+)\|([123])\|([^|]+)\|([^|]+)\|$", re.M)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# Requirements of level 1, and of 1 and 2 together, by chapter of 5.0.0.
COUNTS = {
    1: (8, 27), 2: (4, 11), 3: (8, 19), 4: (2, 10), 5: (4, 9), 6: (13, 35), 7: (6, 18), 8: (4, 7), 9: (4, 7), 10: (5, 29), 11: (3, 14), 12: (3, 9), 13: (1, 13), 14: (2, 9), 15: (3, 13), 16: (0, 16), 17: (0, 7),
}  # fmt: skip


def rows():
    return ROW.findall(PAGE.read_text())


def missing(text):
    """Tests that a text names and that are nowhere."""
    return [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (ROOT / path).is_file() or not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M)
    ]


def test_each_requirement_of_levels_1_and_2_has_one_row():
    found = rows()
    assert not [number for number, count in Counter(row[0] for row in found).items() if count > 1]
    for chapter, (first, both) in COUNTS.items():
        levels = [int(level) for number, level, *_ in found if number.split(".")[0] == str(chapter)]
        assert (levels.count(1), levels.count(1) + levels.count(2)) == (first, both), f"V{chapter}"
    assert sum(first for first, _ in COUNTS.values()) == 70 and sum(both for _, both in COUNTS.values()) == 253


def test_tests_that_are_named_exist_and_other_rows_say_why():
    assert not missing(PAGE.read_text())
    for number, _, words, how in rows():
        assert words.strip() and (NAMED.search(how) or len(how) > 20), number


def test_nothing_is_put_off_and_the_page_counts_right():
    tested = sum(bool(NAMED.search(how)) for *_, how in rows())
    assert not [number for number, *_, how in rows() if "in work" in how.lower()]
    assert f"{tested} rows have a test, {len(rows()) - tested} a reason" in PAGE.read_text()


def test_a_test_that_is_not_there_is_caught():
    assert missing("`tests/house/test_asvs.py::test_nobody_wrote_this`")
    assert not missing("`tests/house/test_asvs.py::test_a_test_that_is_not_there_is_caught`")
