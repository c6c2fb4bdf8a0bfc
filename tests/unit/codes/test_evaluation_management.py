"""Every level's minutes and decision making, typed from the books beside the table, and what lies just below and above."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.evaluation_management import (
    DecisionMaking,
    all_prolonged,
    all_requirements,
    is_evaluation_management,
    is_new_patient,
    leveled_codes,
    levels,
    prolonged,
    required_decision_making,
    required_minutes,
    requirement,
    supports,
)

SF, LOW, MOD, HIGH = DecisionMaking
D2021, D2023_LAST, D2022_LAST, D2023, D2024, D2026 = (
    date(2021, 1, 1), date(2023, 12, 31), date(2022, 12, 31), date(2023, 1, 1), date(2024, 1, 1), date(2026, 11, 25),
)  # fmt: skip
UNTIL_2023, FROM_2023, FROM_2024 = (D2021, D2023_LAST), (D2023, D2026), (D2024, D2026)
ONLY_2023 = (D2023, D2023_LAST)

# code, decision making, minutes, last minute of the range, first and last day to ask on
ROWS = [
    ("99202", SF, 15, 29, UNTIL_2023), ("99203", LOW, 30, 44, UNTIL_2023),
    ("99204", MOD, 45, 59, UNTIL_2023), ("99205", HIGH, 60, 74, UNTIL_2023),
    ("99212", SF, 10, 19, UNTIL_2023), ("99213", LOW, 20, 29, UNTIL_2023),
    ("99214", MOD, 30, 39, UNTIL_2023), ("99215", HIGH, 40, 54, UNTIL_2023),
    ("99202", SF, 15, None, FROM_2024), ("99203", LOW, 30, None, FROM_2024),
    ("99204", MOD, 45, None, FROM_2024), ("99205", HIGH, 60, None, FROM_2024),
    ("99212", SF, 10, None, FROM_2024), ("99213", LOW, 20, None, FROM_2024),
    ("99214", MOD, 30, None, FROM_2024), ("99215", HIGH, 40, None, FROM_2024),
    ("99221", SF, 40, None, FROM_2023), ("99222", MOD, 55, None, FROM_2023), ("99223", HIGH, 75, None, FROM_2023),
    ("99231", SF, 25, None, FROM_2023), ("99232", MOD, 35, None, FROM_2023), ("99233", HIGH, 50, None, FROM_2023),
    ("99234", SF, 45, None, FROM_2023), ("99235", MOD, 70, None, FROM_2023), ("99236", HIGH, 85, None, FROM_2023),
    ("99242", SF, 20, None, FROM_2023), ("99243", LOW, 30, None, FROM_2023),
    ("99244", MOD, 40, None, FROM_2023), ("99245", HIGH, 55, None, FROM_2023),
    ("99252", SF, 35, None, FROM_2023), ("99253", LOW, 45, None, FROM_2023),
    ("99254", MOD, 60, None, FROM_2023), ("99255", HIGH, 80, None, FROM_2023),
    ("99282", SF, None, None, FROM_2023), ("99283", LOW, None, None, FROM_2023),
    ("99284", MOD, None, None, FROM_2023), ("99285", HIGH, None, None, FROM_2023),
    ("99304", SF, 25, None, FROM_2023), ("99305", MOD, 35, None, FROM_2023),
    ("99306", HIGH, 45, None, ONLY_2023), ("99306", HIGH, 50, None, FROM_2024),
    ("99307", SF, 10, None, FROM_2023),
    ("99308", LOW, 15, None, ONLY_2023), ("99308", LOW, 20, None, FROM_2024),
    ("99309", MOD, 30, None, FROM_2023), ("99310", HIGH, 45, None, FROM_2023),
    ("99341", SF, 15, None, FROM_2023), ("99342", LOW, 30, None, FROM_2023),
    ("99344", MOD, 60, None, FROM_2023), ("99345", HIGH, 75, None, FROM_2023),
    ("99347", SF, 20, None, FROM_2023), ("99348", LOW, 30, None, FROM_2023),
    ("99349", MOD, 40, None, FROM_2023), ("99350", HIGH, 60, None, FROM_2023),
]  # fmt: skip
ASK_NOTHING = [("99211", D2021), ("99281", D2023)]

# code, primary, first unit at, medicare, first day
PROLONGED = [
    ("99417", "99205", 75, False, D2021), ("99417", "99215", 55, False, D2021),
    ("99417", "99245", 70, False, D2023), ("99417", "99345", 90, False, D2023), ("99417", "99350", 75, False, D2023),
    ("99418", "99223", 90, False, D2023), ("99418", "99233", 65, False, D2023), ("99418", "99236", 100, False, D2023),
    ("99418", "99255", 95, False, D2023), ("99418", "99306", 60, False, D2023), ("99418", "99306", 65, False, D2024),
    ("99418", "99310", 60, False, D2023),
    ("G2212", "99205", 89, True, D2021), ("G2212", "99215", 69, True, D2021),
    ("G0316", "99223", 90, True, D2023), ("G0316", "99233", 65, True, D2023), ("G0316", "99236", 110, True, D2023),
    ("G0317", "99306", 95, True, D2023), ("G0317", "99310", 85, True, D2023),
    ("G0318", "99345", 140, True, D2023), ("G0318", "99350", 110, True, D2023),
]  # fmt: skip


def test_no_row_of_the_table_is_left_unproved():
    typed = {(code, span[0]) for code, _, _, _, span in ROWS} | set(ASK_NOTHING)
    assert {(row.code, row.start) for row in all_requirements()} == typed
    assert len(all_requirements()) == len(ROWS) + len(ASK_NOTHING)
    assert {(row.code, row.primary, row.start) for row in all_prolonged()} == {
        (code, primary, start) for code, primary, _, _, start in PROLONGED
    }
    assert all(row.source for row in (*all_requirements(), *all_prolonged()))


@pytest.mark.parametrize(("code", "mdm", "minutes", "last_minute", "span"), ROWS)
def test_a_level(code, mdm, minutes, last_minute, span):
    for on in span:
        found = requirement(code, on)
        assert (found.decision_making, found.minutes, found.last_minute) == (mdm, minutes, last_minute)
        assert (required_decision_making(code, on), required_minutes(code, on)) == (mdm, minutes)
        assert supports(code, on, decision_making=mdm) is True
        if mdm > SF:
            assert supports(code, on, decision_making=DecisionMaking(mdm - 1)) is False
        if minutes is None:
            assert supports(code, on, minutes=600) is None  # time says nothing here
            assert supports(code, on, decision_making=SF, minutes=600) is (mdm == SF)
        else:
            assert supports(code, on, minutes=minutes) is True
            assert supports(code, on, minutes=minutes - 1) is False
            assert supports(code, on, decision_making=SF, minutes=minutes) is True
        assert supports(code, on) is None


@pytest.mark.parametrize(("code", "start"), ASK_NOTHING)
def test_a_level_that_asks_nothing(code, start):
    assert requirement(code, start).asks_nothing
    assert supports(code, start) is True


def test_before_the_rules_nothing_is_judged():
    assert supports("99213", date(2020, 12, 31), minutes=60) is None
    assert supports("99223", D2022_LAST, decision_making=HIGH) is None
    assert supports("99241", D2026, minutes=60) is None  # deleted 2023
    assert requirement("12345", D2026) is None


def test_levels_of_a_setting_rise():
    for setting, patient in [
        ("office", "new"), ("office", "established"), ("hospital_initial", ""), ("hospital_subsequent", ""),
        ("hospital_same_day", ""), ("consultation_outpatient", ""), ("consultation_inpatient", ""), ("emergency", ""),
        ("nursing_initial", ""), ("nursing_subsequent", ""), ("home", "new"), ("home", "established"),
    ]:  # fmt: skip
        found = levels(setting, patient, D2026)
        minutes = [row.minutes for row in found if row.minutes is not None]
        assert len(found) >= 3 and minutes == sorted(minutes)
        asked = [row.decision_making or 0 for row in found]
        assert asked == sorted(set(asked))


@pytest.mark.parametrize(("code", "primary", "first", "medicare", "start"), PROLONGED)
def test_prolonged_units(code, primary, first, medicare, start):
    row = prolonged(primary, start, medicare=medicare)
    assert row.code == code and row.first_unit_minutes == first
    assert [row.units(first - 1), row.units(first), row.units(first + 14), row.units(first + 15)] == [0, 1, 1, 2]


def test_days_that_count_for_prolonged_time():
    spans = {
        row.primary: (row.days_before, row.days_after)
        for row in all_prolonged()
        if row.rules == "medicare" and row.holds(D2026)
    }
    assert spans == {
        "99205": (0, 0), "99215": (0, 0), "99223": (0, 0), "99233": (0, 0), "99236": (0, 3),
        "99306": (1, 3), "99310": (1, 3), "99345": (3, 7), "99350": (3, 7),
    }  # fmt: skip
    assert prolonged("99214", D2026, medicare=False) is None


def test_kinds_of_code():
    assert all(is_evaluation_management(code) for code in leveled_codes())
    assert not any(is_evaluation_management(code) for code in ("20610", "99199", "93000", "J1100", "99070", "", "9921"))
    assert is_new_patient("99203") and is_new_patient("99341") and is_new_patient("99385") and is_new_patient("92004")
    assert not is_new_patient("99213") and not is_new_patient("99395") and not is_new_patient("20610")
