"""The tables of what is particular about procedures: well formed, looked up by the day, and right at their edges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.codes.procedure_traits import (
    Age,
    Rule,
    all_rules,
    facility_places,
    modifier_may_stand,
    therapy_threshold,
    traits,
)

DAY = date(2026, 8, 31)


def test_every_row_is_a_range_with_dates_in_order_and_a_source() -> None:
    rules = list(all_rules())
    assert len(rules) > 500
    for rule in rules:
        assert rule.source and len(rule.first) == len(rule.last) == 5 and rule.first <= rule.last
        assert rule.start is None or rule.end is None or rule.start < rule.end


def test_rules_of_one_kind_never_give_two_answers_on_one_day() -> None:
    for first in ("99221", "99231", "99341", "G0202", "77067", "97161"):
        found = traits(first)
        for rules in (found.places, found.mammography, found.therapy):
            for day in (date(2016, 12, 31), date(2017, 1, 1), date(2022, 12, 31), date(2023, 1, 1), DAY):
                assert sum(rule.holds(day) for rule in rules) <= 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [("64999", True), ("80199", False), ("87299", False), ("76497", True), ("76495", False), ("J3490", True),
     ("J3301", False), ("1234F", False), ("99199", True), ("99213", False), ("", False)],
)  # fmt: skip
def test_unlisted_codes(code: str, expected: bool) -> None:
    assert traits(code).unlisted is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("80053", True), ("80047", True), ("80046", False), ("89398", False), ("89321", True), ("88720", False),
     ("36415", False), ("0012U", True), ("0012T", False), ("0012M", True), ("1234F", False), ("G0480", True)],
)  # fmt: skip
def test_codes_that_need_a_certificate(code: str, expected: bool) -> None:
    assert traits(code).laboratory is expected


def test_ages_are_reached_on_the_birthday_and_by_days() -> None:
    assert Age(28, "d").reached_on(date(2026, 8, 3)) == DAY
    assert Age(40, "y").reached_on(date(1986, 8, 31)) == DAY
    assert Age(6, "m").reached_on(date(2026, 2, 28)) == date(2026, 8, 28)
    assert Age(1, "y").reached_on(date(2024, 2, 29)) == date(2025, 2, 28)
    assert Age(1, "y").words() == "1 year" and Age(29, "d").words() == "29 days"


def test_preventive_visits_cover_every_age_once() -> None:
    codes = [f"9938{n}" for n in range(1, 8)]
    for years in range(0, 100):
        birth = date(DAY.year - years, 8, 31)
        fitting = [code for code in codes if all(rule.fits_age(birth, DAY) for rule in traits(code).patients)]
        assert len(fitting) == 1, years


@pytest.mark.parametrize(
    ("modifier", "code", "expected"),
    [("25", "99213", True), ("25", "92014", True), ("25", "20610", False), ("57", "99223", True),
     ("57", "G0438", False), ("58", "99213", False), ("58", "27447", True), ("QW", "87880", True),
     ("QW", "99213", False), ("JW", "J9035", True), ("JW", "99213", False), ("P3", "00840", True),
     ("P3", "20610", False), ("RR", "E1390", True), ("RR", "99213", False), ("76", "87880", True), ("ZZ", "1", True)],
)  # fmt: skip
def test_where_modifiers_may_stand(modifier: str, code: str, expected: bool) -> None:
    assert modifier_may_stand(modifier, code, DAY) is expected


def test_a_rule_of_a_modifier_begins_on_its_day() -> None:
    assert modifier_may_stand("FS", "20610", date(2021, 12, 31))
    assert not modifier_may_stand("FS", "20610", date(2022, 1, 1))


def test_vaccines_take_their_own_kind_first() -> None:
    kinds = {code: (traits(code).vaccine_on(DAY) or _NONE).kind for code in ("90662", "90677", "90746", "90715")}
    assert kinds == {"90662": "influenza", "90677": "pneumococcal", "90746": "hepatitis_b", "90715": "other"}
    administration = traits("90480")
    assert administration.vaccine_on(date(2023, 9, 10)) is None
    found = administration.vaccine_on(date(2023, 9, 11))
    assert found is not None and found.role == "administration" and found.kind == "covid"


class _NONE:
    kind = ""


def test_the_threshold_is_that_of_the_year() -> None:
    assert therapy_threshold(date(2025, 12, 31)) == Decimal("2410.00")
    assert therapy_threshold(date(2026, 1, 1)) == Decimal("2480.00")
    assert therapy_threshold(date(2020, 12, 31)) is None


def test_facilities_are_buildings() -> None:
    assert {"21", "22", "23", "24"} <= facility_places()
    assert facility_places().isdisjoint({"02", "10", "11", "12", "41", "42"})


def test_a_range_takes_only_codes_of_its_own_form() -> None:
    digits, letters = Rule(first="10000", last="69999"), Rule(first="0001U", last="9999U")
    assert digits.names("27447") and not digits.names("2744T") and not digits.names("2744")
    assert letters.names("0240U") and not letters.names("0240M") and not letters.names("02400")
