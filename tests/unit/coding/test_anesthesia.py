"""Anesthesia time, units and concurrency, worked by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from claimwright.coding.anesthesia import (
    Case,
    anesthetist_modifier,
    concurrency,
    minutes,
    payable_units,
    physician_modifier,
    time_units,
    too_many_at_once,
)

EIGHT = datetime(2026, 3, 2, 8, 0)


def at(start, stop):
    return EIGHT + timedelta(minutes=start), EIGHT + timedelta(minutes=stop)


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([at(0, 95)], 95),
        ([at(0, 30), at(45, 60)], 45),  # a break does not count
        ([at(0, 30), at(20, 50)], 50),  # an overlap counts once
        ([at(0, 60), at(10, 20)], 60),
        ([at(940, 1000)], 60),  # over midnight
        ([(EIGHT, EIGHT + timedelta(seconds=119))], 1),
        ([], 0),
    ],
)
def test_minutes(stretches, expected):
    assert minutes(stretches) == expected


def test_a_stop_before_the_start_is_refused():
    with pytest.raises(ValueError, match="stops before it starts"):
        minutes([at(10, 0)])


@pytest.mark.parametrize(
    ("spent", "rounding", "units"),
    [
        (95, "tenth", "6.3"), (95, "whole_up", "7"), (95, "whole_down", "6"), (95, "whole_nearest", "6"),
        (98, "whole_nearest", "7"), (90, "whole_up", "6"), (0, "tenth", "0.0"), (7, "tenth", "0.5"),
    ],
)  # fmt: skip
def test_time_units(spent, rounding, units):
    assert time_units(spent, rounding) == Decimal(units)


def test_payable_units_of_the_worked_case():
    units = payable_units(Decimal(7), 95)
    assert units == Decimal("13.3") and units * Decimal("22.00") == Decimal("292.600")
    assert payable_units(Decimal(7), 95, modifier="AD") == 3
    assert payable_units(Decimal(7), 95, modifier="AD", at_induction=True) == 4


@pytest.mark.parametrize(
    ("personally", "concurrent", "modifier"),
    [(True, 1, "AA"), (False, 1, "QY"), (False, 2, "QK"), (False, 4, "QK"), (False, 5, "AD")],
)
def test_modifiers(personally, concurrent, modifier):
    assert physician_modifier(personally=personally, concurrent=concurrent) == modifier
    assert (anesthetist_modifier(directed=True), anesthetist_modifier(directed=False)) == ("QX", "QZ")


def case(name, start, stop, npi="1"):
    begin, end = at(start, stop)
    return Case(case=name, provider_npi=npi, start=begin, stop=end)


def test_four_at_once_are_allowed_and_five_are_not():
    four = [case(str(number), number, 60) for number in range(4)]
    (peak,) = concurrency(four)
    assert (peak.most, peak.too_many) == (4, False)
    (peak,) = concurrency([*four, case("5", 30, 90)])
    assert (peak.most, peak.too_many, peak.at) == (5, True, at(30, 0)[0])
    assert peak.cases == ("0", "1", "2", "3", "5")


def test_one_that_starts_when_another_stops_does_not_overlap():
    (peak,) = concurrency([case("a", 0, 60), case("b", 60, 120)])
    assert peak.most == 1
    both = concurrency([case("a", 0, 60), case("b", 0, 60, npi="2")])
    assert [one.most for one in both] == [1, 1]
    (peak,) = concurrency([case("a", 0, 60), case("a", 30, 90)])  # two stretches of one case
    assert peak.most == 1


def test_every_set_of_too_many_is_found_with_its_first_moment():
    morning = [case(str(number), 0, 60) for number in range(5)]
    noon = [case(f"n{number}", 240, 300) for number in range(6)]
    other = [case("o", 0, 60, npi="2")]
    found = too_many_at_once([*morning, *noon, *other])
    assert [(one.most, one.at, one.cases) for one in found] == [
        (5, at(0, 1)[0], ("0", "1", "2", "3", "4")), (6, at(240, 1)[0], tuple(f"n{number}" for number in range(6))),
    ]  # fmt: skip
    assert too_many_at_once([*morning[:4], *noon[:4], *other]) == ()
    rolling = too_many_at_once([*morning, case("5", 10, 30), case("6", 30, 50)])
    assert [one.cases for one in rolling] == [
        ("0", "1", "2", "3", "4"), ("0", "1", "2", "3", "4", "5"), ("0", "1", "2", "3", "4", "6"),
    ]  # fmt: skip
