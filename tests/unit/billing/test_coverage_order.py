"""Who pays first: every rule by a row of the table, the bounds of Medicare's, and places by date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.coverage_order import (
    SEQUENCES,
    Basis,
    Cover,
    Parents,
    PlacedRow,
    Plan,
    Role,
    Situation,
    Standing,
    kidney_end,
    place_faults,
    propose,
)
from claimwright.billing.questionnaires import (
    AccidentAnswers,
    MedicareAnswers,
    accident_finding,
    is_stale,
    medicare_finding,
)

ON = date(2026, 6, 15)
SPOUSE, CHILD, OTHER = "01", "19", "G8"
A, D, K = Basis.AGE, Basis.DISABILITY, Basis.KIDNEY
TOGETHER, APART, JOINT = Parents.TOGETHER, Parents.APART, Parents.JOINT


def c(key, plan=Plan.EMPLOYER, **fields):
    return Cover(key=key, plan=plan, **fields)


def own(key="own", **fields):
    return c(key, **fields)


def spouse(key="spouse", **fields):
    return c(key, relationship=SPOUSE, **fields)


def parent(key, born=None, role=Role.NONE, **fields):
    return c(key, relationship=CHILD, role=role, subscriber_birth_date=born, **fields)


MEDICARE, MEDICAID, TRICARE = c("medicare", Plan.MEDICARE), c("medicaid", Plan.MEDICAID), c("tricare", Plan.TRICARE)
SUPPLEMENT = c("supplement", Plan.SUPPLEMENT)
WC = c("wc", Plan.WORKERS_COMPENSATION, related=True)
AUTO = c("auto", Plan.AUTO, related=True)
LIABLE = c("liable", Plan.LIABILITY, related=True)
RETIRED = {"standing": Standing.RETIREE}
COBRA = {"standing": Standing.COBRA}
MAY, MARCH = date(1970, 5, 2), date(1985, 3, 9)
KIDNEY = date(2024, 1, 10)  # 30 months: through June 2026

# name, covers as entered, situation, expected order, rule of each neighbouring pair, type of Medicare's claim
TABLE = [
    ("one plan", [own()], {}, "own", "", ""),
    ("employee before dependent", [spouse(), own()], {}, "own spouse", "own_before_dependent", ""),
    ("retired self before working spouse's, without Medicare", [spouse(), own(**RETIRED)], {}, "own spouse", "own_before_dependent", ""),
    ("own COBRA before a dependent's active plan", [spouse(), own(**COBRA)], {}, "own spouse", "own_before_dependent", ""),
    ("active before retiree", [own("old", **RETIRED), own("new")], {}, "new old", "active_before_retiree", ""),
    ("active before COBRA", [own("cobra", **COBRA), own("new")], {}, "new cobra", "active_before_retiree", ""),
    ("retiree before COBRA", [own("cobra", **COBRA), own("old", **RETIRED)], {}, "old cobra", "active_before_retiree", ""),
    ("longer covered", [own("b", covered_since=date(2020, 1, 1)), own("a", covered_since=date(2015, 1, 1))], {}, "a b", "longer_covered", ""),
    ("active beats longer", [own("old", covered_since=date(1999, 1, 1), **RETIRED), own("new", covered_since=date(2025, 1, 1))], {}, "new old", "active_before_retiree", ""),
    ("nothing decides", [own("b"), own("a")], {}, "b a", "undecided", ""),
    ("birthday: month before year", [parent("father", MAY), parent("mother", MARCH)], {"parents": TOGETHER}, "mother father", "birthday", ""),
    ("birthday: day within a month", [parent("father", date(1960, 3, 10)), parent("mother", MARCH)], {"parents": TOGETHER}, "mother father", "birthday", ""),
    ("the same birthday: longer covered", [parent("b", date(1990, 3, 9), covered_since=date(2020, 1, 1)), parent("a", MARCH, covered_since=date(2010, 1, 1))], {"parents": TOGETHER}, "a b", "longer_covered", ""),
    ("birthday before active work", [parent("father", MAY), parent("mother", MARCH, **RETIRED)], {"parents": TOGETHER}, "mother father", "birthday", ""),
    ("joint decree: birthday", [parent("father", MAY, Role.NON_CUSTODIAL), parent("mother", MARCH, Role.CUSTODIAL)], {"parents": JOINT}, "mother father", "birthday", ""),
    ("court order before custody", [parent("mother", MARCH, Role.CUSTODIAL), parent("father", MAY, Role.COURT_ORDER)], {"parents": APART}, "father mother", "custody", ""),
    ("court order's spouse before custody", [parent("mother", MARCH, Role.CUSTODIAL), parent("step", MAY, Role.COURT_ORDER_SPOUSE)], {"parents": APART}, "step mother", "custody", ""),
    ("custodial before non-custodial, whatever the birthday", [parent("father", MARCH, Role.NON_CUSTODIAL), parent("mother", MAY, Role.CUSTODIAL)], {"parents": APART}, "mother father", "custody", ""),
    ("custodial, the spouse, the other parent", [parent("father", MARCH, Role.NON_CUSTODIAL), parent("step", MAY, Role.CUSTODIAL_SPOUSE), parent("mother", MAY, Role.CUSTODIAL)], {"parents": APART}, "mother step father", "custody custody", ""),
    ("the other parent before that parent's spouse", [parent("stepmother", MARCH, Role.NON_CUSTODIAL_SPOUSE), parent("father", MAY, Role.NON_CUSTODIAL)], {"parents": APART}, "father stepmother", "custody", ""),
    ("a child's own work before the parents'", [parent("mother", MARCH), own(standing=Standing.ACTIVE)], {"parents": TOGETHER}, "own mother", "own_before_dependent", ""),
    ("Medicaid last", [MEDICAID, spouse()], {}, "spouse medicaid", "medicaid_after", ""),
    ("Medicaid after Medicare", [MEDICAID, MEDICARE], {"basis": A}, "medicare medicaid", "medicaid_after", ""),
    ("TRICARE after a plan", [TRICARE, spouse()], {}, "spouse tricare", "tricare_after", ""),
    ("TRICARE after Medicare", [TRICARE, MEDICARE], {"basis": A}, "medicare tricare", "tricare_after", ""),
    ("TRICARE before Medicaid", [MEDICAID, TRICARE], {}, "tricare medicaid", "medicaid_after", ""),
    ("TRICARE first on active duty", [spouse(), TRICARE], {"active_duty": True}, "tricare spouse", "active_duty", ""),
    ("TRICARE before one's own plan on active duty", [own(), TRICARE], {"active_duty": True}, "tricare own", "active_duty", ""),
    ("a supplement after Medicare", [SUPPLEMENT, MEDICARE], {"basis": A}, "medicare supplement", "supplement_after", ""),
    ("an individual plan after Medicare", [c("private", Plan.INDIVIDUAL, standing=Standing.NONE), MEDICARE], {"basis": A}, "medicare private", "medicare_first", ""),
    ("working aged, 20 people", [MEDICARE, own(employer_size=20)], {"basis": A}, "own medicare", "medicare_secondary", "12"),
    ("working aged, 19 people", [own(employer_size=19), MEDICARE], {"basis": A}, "medicare own", "medicare_first", ""),
    ("working spouse, aged", [MEDICARE, spouse(employer_size=500)], {"basis": A}, "spouse medicare", "medicare_secondary", "12"),
    ("a child's work does not count by age", [c("son", relationship=OTHER, employer_size=500), MEDICARE], {"basis": A}, "medicare son", "medicare_first", ""),
    ("retired, aged", [own(employer_size=500, **RETIRED), MEDICARE], {"basis": A}, "medicare own", "medicare_first", ""),
    ("COBRA, aged", [own(employer_size=500, **COBRA), MEDICARE], {"basis": A}, "medicare own", "medicare_first", ""),
    ("retired with a working spouse: Medicare between", [own("retiree", **RETIRED), MEDICARE, spouse(employer_size=50)], {"basis": A}, "spouse medicare retiree", "medicare_secondary medicare_first", "12"),
    ("disabled, 100 people", [MEDICARE, own(employer_size=100)], {"basis": D}, "own medicare", "medicare_secondary", "43"),
    ("disabled, 99 people", [own(employer_size=99), MEDICARE], {"basis": D}, "medicare own", "medicare_first", ""),
    ("disabled, a family member's work counts", [MEDICARE, c("mother", relationship=CHILD, employer_size=400)], {"basis": D}, "mother medicare", "medicare_secondary", "43"),
    ("disabled, retired plan", [own(employer_size=900, **RETIRED), MEDICARE], {"basis": D}, "medicare own", "medicare_first", ""),
    ("kidney, within 30 months, small employer", [MEDICARE, own(employer_size=3)], {"basis": K, "kidney_start": KIDNEY}, "own medicare", "medicare_secondary", "13"),
    ("kidney, within 30 months, retiree", [MEDICARE, own(**RETIRED)], {"basis": K, "kidney_start": KIDNEY}, "own medicare", "medicare_secondary", "13"),
    ("kidney, within 30 months, COBRA", [MEDICARE, own(**COBRA)], {"basis": K, "kidney_start": KIDNEY}, "own medicare", "medicare_secondary", "13"),
    ("kidney, 30 months over", [own(employer_size=900), MEDICARE], {"basis": K, "kidney_start": KIDNEY, "on": date(2026, 7, 1)}, "medicare own", "medicare_first", ""),
    ("kidney after age, Medicare was first", [own(**RETIRED), MEDICARE], {"basis": A, "kidney_start": KIDNEY, "medicare_was_first": True}, "medicare own", "medicare_first", ""),
    ("kidney over, aged and at work: Medicare stays first", [own(employer_size=900), MEDICARE], {"basis": A, "kidney_start": KIDNEY, "on": date(2026, 8, 1)}, "medicare own", "medicare_first", ""),
    ("work injury", [own(), WC], {}, "wc own", "cause_of_care", ""),
    ("work injury, Medicare", [MEDICARE, WC], {"basis": A}, "wc medicare", "cause_of_care", "15"),
    ("no-fault, Medicare", [MEDICARE, AUTO], {"basis": A}, "auto medicare", "cause_of_care", "14"),
    ("liability, Medicare", [MEDICARE, LIABLE], {"basis": A}, "liable medicare", "cause_of_care", "47"),
    ("work, no-fault, liability", [LIABLE, AUTO, WC], {}, "wc auto liable", "cause cause", ""),
    ("black lung, Medicare", [MEDICARE, c("lung", Plan.BLACK_LUNG, related=True)], {"basis": A}, "lung medicare", "cause_of_care", "41"),
    ("VA, Medicare", [MEDICARE, c("va", Plan.VETERANS, related=True)], {"basis": A}, "va medicare", "cause_of_care", "42"),
    ("federal program, Medicare", [MEDICARE, c("phs", Plan.FEDERAL, related=True)], {"basis": A}, "phs medicare", "cause_of_care", "16"),
    ("an unrelated case has no part", [own(), c("wc", Plan.WORKERS_COMPENSATION)], {}, "own", "", ""),
    ("a cover that ended has no part", [own("old", end=ON), own("new", start=ON)], {}, "new", "", ""),
    ("everything at once", [MEDICAID, TRICARE, MEDICARE, own("retiree", **RETIRED), spouse(employer_size=60), WC], {"basis": A}, "wc spouse medicare retiree tricare medicaid", "cause_of_care medicare_secondary medicare_first tricare_after medicaid_after", "15"),
]  # fmt: skip


@pytest.mark.parametrize(("covers", "situation", "order", "rules", "msp_type"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])  # fmt: skip
def test_the_order(covers, situation, order, rules, msp_type):
    proposal = propose(covers, Situation(**({"on": ON} | situation)))
    assert " ".join(proposal.order) == order
    assert [reason.rule for reason in proposal.reasons] == rules.split()
    assert all(reason.says for reason in proposal.reasons)
    assert proposal.msp_type == msp_type
    assert "".join(place.sequence for place in proposal.places) == "PSTABCD"[: len(proposal.places)]


def test_the_table_is_long_enough():
    assert len(TABLE) >= 40 and len({row[0] for row in TABLE}) == len(TABLE)


QUESTIONS = [
    ([own("b"), own("a")], {}, "Since when"),
    ([own("b", covered_since=MAY), own("a", covered_since=MAY)], {}, "ask both payers"),
    ([parent("a", MARCH), parent("b", MAY)], {}, "live together"),
    ([parent("a"), parent("b", MAY)], {"parents": TOGETHER}, "birthday"),
    ([parent("a", MARCH), parent("b", MAY)], {"parents": APART}, "custody"),
    ([MEDICARE, own(employer_size=50)], {}, "age, disability"),
    ([MEDICARE, own()], {"basis": A}, "20 or more"),
    ([MEDICARE, own()], {"basis": D}, "100 or more"),
    ([MEDICARE, own()], {"basis": K}, "which month"),
]


@pytest.mark.parametrize(("covers", "situation", "words"), QUESTIONS)
def test_what_is_not_known_is_asked(covers, situation, words):
    asked = propose(covers, Situation(on=ON, **situation)).questions
    assert any(words in question for question in asked), asked


def test_nothing_is_asked_that_the_order_does_not_hang_on():
    proposal = propose([own(), spouse()], Situation(on=ON))
    assert proposal.questions == ()


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2024, 1, 31), date(2026, 7, 1)), (date(2024, 7, 1), date(2027, 1, 1)), (date(1996, 2, 1), date(1997, 8, 1))],
)
def test_the_kidney_period_counts_whole_months(start, end):
    assert kidney_end(start) == end


COVERS = st.lists(
    st.builds(
        Cover,
        key=st.uuids().map(str),
        plan=st.sampled_from(Plan),
        relationship=st.sampled_from(["18", "01", "19", "G8"]),
        standing=st.sampled_from(Standing),
        subscriber_birth_date=st.none() | st.dates(date(1930, 1, 1), date(2005, 1, 1)),
        role=st.sampled_from(Role),
        employer_size=st.none() | st.integers(1, 300),
        covered_since=st.none() | st.dates(date(1990, 1, 1), ON),
        start=st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
        related=st.booleans(),
    ),
    max_size=14,
)
SITUATIONS = st.builds(
    Situation,
    on=st.just(ON),
    parents=st.sampled_from(Parents),
    basis=st.sampled_from(Basis),
    kidney_start=st.none() | st.dates(date(1996, 3, 1), ON),
    medicare_was_first=st.booleans(),
    active_duty=st.booleans(),
)


@given(COVERS, SITUATIONS)
def test_every_cover_has_one_place_or_a_reason_to_have_none(covers, situation):
    proposal = propose(covers, situation)
    assert sorted([*proposal.order, *(key for key, _ in proposal.left_out)]) == sorted(cover.key for cover in covers)
    assert [place.sequence for place in proposal.places] == list(SEQUENCES[: len(proposal.places)])
    plans = {cover.key: cover.plan for cover in covers}
    order = [plans[key] for key in proposal.order]
    if Plan.MEDICAID in order:
        assert set(order[order.index(Plan.MEDICAID) :]) == {Plan.MEDICAID}
    assert bool(proposal.msp_type) <= (order[0] is not Plan.MEDICARE if order else True)


@given(st.permutations(range(6)), SITUATIONS)
def test_how_the_covers_were_entered_makes_no_difference(order, situation):
    covers = [own(covered_since=MAY), spouse(employer_size=30), MEDICARE, MEDICAID, TRICARE, WC]
    assert propose([covers[at] for at in order], situation).order == propose(covers, situation).order


# Places by date ------------------------------------------------------------------------------------------------------


def row(sequence, start=None, end=None):
    return PlacedRow(key=sequence, sequence=sequence, start=start, end=end)


JAN, JUL = date(2026, 1, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row("P")], []),
        ([row("P"), row("S"), row("T")], []),
        ([row("P", end=JUL), row("P", JUL), row("S", JUL)], []),
        ([row("P", JAN, JUL)], []),
        ([row("U", JAN)], []),
        ([row("S")], ["no cover is primary"]),
        ([row("P"), row("P")], ["2 covers are primary"]),
        ([row("P", JAN, JUL), row("P", date(2026, 6, 30))], ["2 covers are primary"]),
        ([row("P"), row("S", JAN), row("S", JAN)], ["two covers have the place S"]),
        ([row("P"), row("T")], ["the places are P, T"]),
        ([row("P", JAN, JUL), row("S", JAN)], ["no cover is primary"]),
    ],
)
def test_a_day_has_one_primary_then_secondary_and_tertiary(rows, says):
    assert [fault.says for fault in place_faults(rows)] == says


def test_a_fault_names_its_days():
    (fault,) = place_faults([row("P", JAN, JUL), row("S", JAN)])
    assert (fault.start, fault.end) == (JUL, None)


# Questionnaires ------------------------------------------------------------------------------------------------------

PLAN = {"has_group_plan": True, "plan_through": "self", "currently_working": True}


@pytest.mark.parametrize(
    ("answers", "first", "insurance_type", "asked"),
    [
        ({}, True, "", 0),
        ({"black_lung": True}, False, "41", 0),
        ({"federal_program": True}, False, "16", 0),
        ({"veterans_authorized": True}, False, "42", 0),
        ({"work_injury": True, "liability_accident": True}, False, "15", 0),
        ({"no_fault_accident": True}, False, "14", 0),
        ({"liability_accident": True}, False, "47", 0),
        (PLAN | {"basis": A, "employer_size": 20}, False, "12", 0),
        (PLAN | {"basis": A, "employer_size": 19}, True, "", 0),
        (PLAN | {"basis": A}, False, "12", 1),
        (PLAN | {"basis": A, "employer_size": 900, "currently_working": False}, True, "", 0),
        (PLAN | {"basis": A, "employer_size": 900, "plan_through": "family"}, True, "", 0),
        (PLAN | {"basis": D, "employer_size": 100, "plan_through": "family"}, False, "43", 0),
        (PLAN | {"basis": D, "employer_size": 99}, True, "", 0),
        (PLAN | {"basis": K, "kidney_start": KIDNEY, "employer_size": 1}, False, "13", 0),
        (PLAN | {"basis": K, "kidney_start": date(2023, 1, 1)}, True, "", 0),
        (PLAN | {"employer_size": 50}, False, "12", 1),
    ],
)
def test_the_answers_say_why_medicare_is_second(answers, first, insurance_type, asked):
    finding = medicare_finding(MedicareAnswers(**answers), ON)
    assert (finding.medicare_first, finding.insurance_type, len(finding.questions)) == (first, insurance_type, asked)
    assert finding.says


@pytest.mark.parametrize(("answered", "stale"), [(None, True), (date(2026, 3, 17), False), (date(2026, 3, 16), True)])
def test_answers_grow_stale_after_ninety_days(answered, stale):
    assert is_stale(answered, ON, days=90) is stale


@pytest.mark.parametrize(
    ("answers", "causes", "kind", "faults"),
    [
        ({}, (), "", []),
        ({"at_work": True, "happened_on": MAY}, ("EM",), "WC", []),
        ({"auto": True, "happened_on": MAY, "state": "wi"}, ("AA",), "AM", []),
        ({"auto": True, "at_work": True, "happened_on": MAY, "state": "WI"}, ("EM", "AA"), "WC", []),
        ({"other": True, "happened_on": MAY, "state": "WI"}, ("OA",), "LM", []),
        ({"auto": True, "happened_on": MAY}, ("AA",), "AM", ["state"]),
        ({"auto": True, "happened_on": MAY, "state": "XX"}, ("AA",), "AM", ["state"]),
        ({"other": True}, ("OA",), "LM", ["happened_on"]),
        ({"other": True, "happened_on": date(2027, 1, 1)}, ("OA",), "LM", ["happened_on"]),
    ],
)
def test_an_accident_goes_on_the_claim(answers, causes, kind, faults):
    finding = accident_finding(AccidentAnswers(**answers), ON)
    assert (finding.causes, finding.case_kind, [field for field, _ in finding.faults]) == (causes, kind, faults)
    assert finding.state in ("", "WI", "XX") and (finding.state == "" or "AA" in finding.causes)
