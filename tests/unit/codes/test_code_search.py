"""Search as a coder types: the code itself, then codes that begin so, then titles that have every word."""

from __future__ import annotations

import time
from datetime import date

import pytest

from claimwright.codes.code_search import index_of, search
from claimwright.codes.code_sets import shipped

AUGUST = date(2026, 8, 3)


def found(text, name="icd10cm", limit=10, on=AUGUST):
    return [entry.code for entry in search(shipped(), name, text, on, limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [("E11.9", "E119"), ("e119", "E119"), ("I10", "I10"), ("type 2 diabetes without comp", "E119"), ("E11", "E11")],
)
def test_the_code_that_is_meant_comes_first(text, first):
    assert found(text)[0] == first


def test_words_in_any_order_with_the_last_one_only_begun():
    assert found("knee right primary osteoarth") == found("primary right knee osteoarth")
    assert found("knee right primary osteoarth")[0] == "M1711"
    titles = [entry.label.lower() for entry in search(shipped(), "icd10cm", "left knee sprain", AUGUST, 20)]
    assert titles and all("left" in title and "knee" in title and "sprain" in title for title in titles)


def test_billable_codes_come_before_categories():
    codes = found("E08.3", limit=40)
    states = [shipped().state("icd10cm", code, AUGUST) for code in codes[1:]]
    assert [str(state) for state in states] == sorted((str(state) for state in states), reverse=True)


def test_nothing_is_found_where_nothing_is():
    assert found("zzzz") == found("") == found("   ") == found("knee zzzz") == []
    assert found("E11.9", on=date(2026, 10, 1)) == []  # no release speaks for that day
    assert found("99213", name="cpt") == found("x", name="no such set") == []
    assert len(found("a", limit=7)) == 7


def test_other_sets_and_lists_of_codes_alone():
    assert found("dexamethasone sodium", name="hcpcs")[0] == "J1100"  # title from the older file
    assert found("office", name="pos", on=None) == ["11"]


def test_a_key_that_is_pressed_is_answered_at_once():
    index_of(shipped().releases("icd10cm")[0])
    for text in ("type 2 diab", "fracture femur right sub", "a", "left", "hypertens", "E1"):
        begun = time.perf_counter()
        found(text, limit=20)
        assert time.perf_counter() - begun < 0.5, (
            text
        )  # about 0.05 s at worst; a busy machine is allowed ten times that
