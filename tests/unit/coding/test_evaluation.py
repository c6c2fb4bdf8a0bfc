"""Visit levels with their reasoning, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.evaluation_management import DecisionMaking
from claimwright.coding.evaluation import (
    DataReviewed,
    Finding,
    PastService,
    Visit,
    decision_making,
    elements,
    level,
    parts_of,
    patient_kind,
    supports,
)

ON = date(2026, 5, 4)
SF, LOW, MOD, HIGH = DecisionMaking


def office(patient="established", **facts):
    return Visit(setting="office", patient=patient, **facts)


@pytest.mark.parametrize(
    ("facts", "code", "basis"),
    [
        ({"problems": "moderate", "data": "straightforward", "risk": "moderate"}, "99214", "decision_making"),
        ({"problems": "high", "data": "straightforward", "risk": "moderate"}, "99214", "decision_making"),
        ({"problems": "high", "data": "high", "risk": "low"}, "99215", "decision_making"),
        ({"problems": "low", "risk": "low", "minutes": 31}, "99214", "time"),
        ({"problems": "moderate", "risk": "moderate", "minutes": 12}, "99214", "decision_making"),
        ({"problems": "low", "risk": "low", "minutes": 20}, "99213", "both"),
        ({"minutes": 40}, "99215", "time"),
        ({"minutes": 39}, "99214", "time"),
        ({"minutes": 9}, "", ""),
        ({"problems": "high"}, "", ""),  # one of three is no level
        ({}, "", ""),
    ],
)
def test_the_higher_of_decision_making_and_time(facts, code, basis):
    found = level(office(**facts), ON)
    assert (found.code, found.basis) == (code, basis)


def test_the_reasoning_says_what_was_met_and_what_the_next_level_takes():
    visit = office(
        problem_findings=(Finding(element="stable_chronic", count=2, evidence="HTN and DM2, both at goal"),),
        data_reviewed=DataReviewed(test_orders=2),
        risk_findings=(Finding(element="prescription_drug", evidence="lisinopril 20 mg continued"),),
    )
    found = level(visit, ON)
    problems, data, risk = found.reasoning.parts
    assert found.code == "99214"
    assert (problems.level, data.level, risk.level) == (MOD, LOW, MOD)
    assert problems.evidence == ("HTN and DM2, both at goal",)
    assert found.reasoning.decision_making is MOD
    assert (found.reasoning.next_code, found.reasoning.next_decision_making, found.reasoning.next_minutes) == (
        "99215", HIGH, 40,
    )  # fmt: skip
    assert found.reasoning.missing == ("minutes: no total time is written",)
    assert supports("99214", visit, ON) is True
    assert supports("99215", visit, ON) is False
    assert supports("99215", office(), ON) is None


@pytest.mark.parametrize(
    ("element", "count", "expected"),
    [
        ("self_limited", 1, SF), ("self_limited", 2, LOW), ("stable_chronic", 1, LOW), ("stable_chronic", 2, MOD),
        ("acute_uncomplicated", 1, LOW), ("acute_stable", 1, LOW), ("acute_uncomplicated_in_hospital", 1, LOW),
        ("chronic_worse", 1, MOD), ("undiagnosed_uncertain", 1, MOD), ("acute_systemic", 1, MOD),
        ("acute_complicated_injury", 1, MOD), ("chronic_severe", 1, HIGH), ("threat_to_life", 1, HIGH),
    ],
)  # fmt: skip
def test_each_problem(element, count, expected):
    problems, _, _ = parts_of(office(problem_findings=(Finding(element=element, count=count),)), ON)
    assert problems.level is expected and problems.met_by


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("minimal", SF), ("low", LOW), ("prescription_drug", MOD), ("minor_surgery_with_risks", MOD),
        ("major_surgery", MOD), ("social_limits", MOD), ("toxicity_monitoring", HIGH),
        ("major_surgery_with_risks", HIGH), ("emergency_major_surgery", HIGH), ("hospital_care", HIGH),
        ("limits_of_treatment", HIGH), ("parenteral_controlled_drug", HIGH),
    ],
)  # fmt: skip
def test_each_risk(element, expected):
    _, _, risk = parts_of(office(risk_findings=(Finding(element=element),)), ON)
    assert risk.level is expected


def test_every_element_is_proved_above():
    typed = {"self_limited", "stable_chronic", "acute_uncomplicated", "acute_stable", "acute_uncomplicated_in_hospital",
             "chronic_worse", "undiagnosed_uncertain", "acute_systemic", "acute_complicated_injury", "chronic_severe",
             "threat_to_life"}  # fmt: skip
    assert set(elements("problems", ON)) == typed
    assert len(elements("risk", ON)) == 12
    assert "acute_stable" not in elements("problems", date(2022, 12, 31))


@pytest.mark.parametrize(
    ("reviewed", "expected"),
    [
        (DataReviewed(), SF),
        (DataReviewed(test_orders=1), SF),
        (DataReviewed(test_orders=1, external_notes=1), LOW),
        (DataReviewed(independent_historian=True), LOW),
        (DataReviewed(test_orders=2, independent_historian=True), MOD),  # three of the first category
        (DataReviewed(test_orders=1, independent_historian=True), LOW),
        (DataReviewed(test_results=3), MOD),
        (DataReviewed(independent_interpretation=True), MOD),
        (DataReviewed(discussion=True), MOD),
        (DataReviewed(discussion=True, independent_interpretation=True), HIGH),
        (DataReviewed(test_results=3, discussion=True), HIGH),
        (DataReviewed(test_results=2, discussion=True), MOD),
    ],
)
def test_data(reviewed, expected):
    assert parts_of(office(data_reviewed=reviewed), ON)[1].level is expected


def test_two_of_three_for_every_combination():
    levels = (None, SF, LOW, MOD, HIGH)
    word = {None: "", SF: "straightforward", LOW: "low", MOD: "moderate", HIGH: "high"}
    for one in levels:
        for two in levels:
            for three in levels:
                visit = office(problems=word[one], data=word[two], risk=word[three])
                known = [found for found in (one, two, three) if found]
                # the definition itself: the highest level that at least two of the three reach
                expected = max((goal for goal in DecisionMaking if sum(k >= goal for k in known) >= 2), default=None)
                assert decision_making(parts_of(visit, ON)) == expected


def test_unknown_elements_are_named_and_not_counted():
    problems, _, _ = parts_of(office(problem_findings=(Finding(element="made_up"),)), ON)
    assert problems.level is None and problems.unknown == ("made_up",)


@pytest.mark.parametrize(
    ("visit", "code", "units"),
    [
        (office("new", minutes=74), "", 0),
        (office("new", minutes=75), "99417", 1),
        (office("new", minutes=90), "99417", 2),
        (office("new", minutes=88, medicare=True), "", 0),
        (office("new", minutes=89, medicare=True), "G2212", 1),
        (office(minutes=54), "", 0),
        (office(minutes=55), "99417", 1),
        (office(minutes=69, medicare=True), "G2212", 1),
        (Visit(setting="hospital_same_day", minutes=85, other_days=((1, 15), (3, 10)), medicare=True), "G0316", 1),
        (Visit(setting="hospital_same_day", minutes=85, other_days=((1, 15), (4, 10)), medicare=True), "", 0),
        (Visit(setting="hospital_same_day", minutes=85, other_days=((-1, 40),), medicare=True), "", 0),
        (Visit(setting="nursing_initial", minutes=50, other_days=((-1, 20), (3, 25)), medicare=True), "G0317", 1),
        (Visit(setting="home", patient="new", minutes=75, other_days=((-3, 30), (7, 35)), medicare=True), "G0318", 1),
        # the level came by decision making and the minutes do not reach it: no prolonged time
        (office("new", problems="high", risk="high", minutes=59), "", 0),
    ],
)
def test_prolonged_time(visit, code, units):
    found = level(visit, ON)
    assert (found.prolonged_code, found.prolonged_units) == (code, units)


def test_settings_without_time_and_dates_without_rules():
    emergency = Visit(setting="emergency", problems="moderate", risk="moderate", minutes=300)
    assert (level(emergency, ON).code, level(emergency, ON).basis) == ("99284", "decision_making")
    assert level(Visit(setting="emergency", minutes=300), ON).code == ""
    before = level(office(minutes=40), date(2020, 6, 1))
    assert before.code == "" and "no levels are tabled" in before.reasoning.missing[0]
    assert level(Visit(setting="office", minutes=40), ON).reasoning.missing == ("patient: new or established",)
    assert level(Visit(setting="street"), ON).reasoning.missing[0].startswith("setting: one of")
    assert level(Visit(setting="nursing_subsequent", minutes=15), date(2023, 6, 1)).code == "99308"
    assert level(Visit(setting="nursing_subsequent", minutes=15), ON).code == "99307"


def past(day, specialty="207Q00000X", group="g1", **more):
    return PastService(day=day, specialty=specialty, group=group, **more)


@pytest.mark.parametrize(
    ("history", "kind"),
    [
        ([], "new"),
        ([past(date(2025, 1, 1))], "established"),
        ([past(date(2023, 5, 4))], "established"),  # the third anniversary is within three years
        ([past(date(2023, 5, 3))], "new"),
        ([past(date(2025, 1, 1), group="g2")], "new"),
        ([past(date(2025, 1, 1), specialty="207RC0000X")], "new"),
        ([past(date(2025, 1, 1), face_to_face=False)], "new"),
        ([past(ON)], "new"),
    ],
)
def test_new_or_established(history, kind):
    assert patient_kind(history, ON, specialty="207Q00000X", group="g1")[0] == kind
