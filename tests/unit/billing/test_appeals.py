"""Levels of appeal as payer data, amounts in dispute, silence; root causes, what is learned, patterns that repeat."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing import appeals
from claimwright.billing.appeals import FollowUp, appeal_levels, level_numbered, refusal
from claimwright.billing.denials import AppealState
from claimwright.billing.prevention import LineCase, propose, rule_of
from claimwright.billing.root_causes import (
    CAUSES,
    DenialCase,
    breakdown,
    learned_chances,
    usual_cause,
)
from claimwright.codes.dates import Period
from claimwright.codes.denials import carc_rules, category_defaults
from claimwright.edits.local_rules import problems
from claimwright.edits.payer_profile import AppealLevel, PayerProfile

DAY = date(2026, 11, 2)
MEDICARE = PayerProfile(payer_id="MEDB", kind="medicare", appeal_days=120, presumed_receipt_days=5)


def level(number, profile=MEDICARE, on=DAY):
    return level_numbered(appeal_levels(profile, on), number)


def test_medicare_has_five_levels_and_the_last_two_amounts_of_2026():
    levels = appeal_levels(MEDICARE, DAY)
    assert [one.name for one in levels] == ["redetermination", "reconsideration", "hearing", "council", "court"]
    assert [one.minimum_amount for one in levels] == [None, None, Decimal(200), None, Decimal(1960)]
    assert [one.minimum_amount for one in appeal_levels(MEDICARE, date(2025, 12, 31))][2] == Decimal(190)


@pytest.mark.parametrize(
    ("number", "amount", "refused"),
    [(3, "199.99", True), (3, "200.00", False), (5, "1959.99", True), (5, "1960.00", False), (1, "0.01", False)],
)
def test_the_amount_in_dispute_opens_a_level(number, amount, refused):
    said = refusal(level(number), amount=Decimal(amount), last_day=DAY, on=DAY)
    assert bool(said) is refused


def test_a_late_appeal_needs_its_good_cause():
    late = {"amount": Decimal(500), "last_day": DAY, "on": DAY + timedelta(days=1)}
    assert "good cause" in refusal(level(1), **late)
    assert refusal(level(1), **late, good_cause="the office flooded on 30 October") == ""


def test_a_payers_own_levels_take_the_place_of_the_laws():
    own = PayerProfile(
        payer_id="PLAN",
        appeal_levels=(
            AppealLevel(name="dispute", period=Period(1, "years"), method="portal", send_to=("plan.example",)),
        ),
    )
    only = appeal_levels(own, DAY)
    assert [(one.name, one.method, one.typical) for one in only] == [("dispute", "portal", False)]
    assert appeals.ask_by(only[0], notice=date(2024, 2, 29)) == date(2025, 2, 28)
    with pytest.raises(appeals.NoSuchLevel):
        level_numbered(only, 2)


def test_commercial_has_two_internal_levels_and_an_external_one():
    levels = appeal_levels(PayerProfile(payer_id="PLAN"), DAY)
    assert [one.external for one in levels] == [False, False, True]
    assert all(one.typical for one in levels)


def followed(number, *, on, chased=None, state=AppealState.SENT):
    return appeals.follow_up(level(number), state=state, due=DAY, chased=chased, on=on, last_level=False)


def test_silence_is_chased_then_opens_the_next_level_where_the_rules_say_so():
    assert followed(2, on=DAY) is FollowUp.WAIT
    late = DAY + timedelta(days=1)
    assert followed(2, on=late) is FollowUp.CHASE
    silent = late + timedelta(days=appeals.SILENCE_AFTER_CHASING_DAYS)
    assert followed(2, on=silent, chased=late) is FollowUp.WAIT
    assert followed(2, on=silent + timedelta(days=1), chased=late) is FollowUp.LEVEL_UP
    # A contractor that is late with a redetermination opens nothing: it is asked again.
    assert followed(1, on=silent + timedelta(days=1), chased=late) is FollowUp.CHASE
    assert followed(2, on=late, state=AppealState.UPHELD) is FollowUp.WAIT


# Root causes ---------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_usual_cause_and_every_category_that_is_a_denial_its_own():
    for carc, rule in carc_rules().items():
        assert usual_cause(rule.category, carc).name in CAUSES
        if category_defaults(rule.category) is not None:
            assert usual_cause(rule.category, carc).name != "unknown", carc
    assert usual_cause("UNCLASSIFIED", "ZZ9").name == "unknown"


def a_case(**given):
    return DenialCase(
        **{
            "payer": "PLAN", "carc": "197", "code": "99213", "provider": "Rivera", "location": "MAIN", "category": "AUTH",
            "root_cause": "authorization", "preventable": True, "first_pass": True, "amount": Decimal("100.00"),
            "received": date(2026, 9, 30), "state": "NEW",
        }
        | given
    )  # fmt: skip


CASES = [
    a_case(state="OVERTURNED", recovered=Decimal("80.00")),
    a_case(state="WRITTEN_OFF", written_off=Decimal("100.00")),
    a_case(state="UPHELD", preventable=False, received=date(2026, 10, 1)),
    a_case(
        payer="OTHER",
        carc="50",
        amount=Decimal("900.00"),
        first_pass=False,
        preventable=False,
        received=date(2026, 10, 9),
    ),
]


def test_counts_by_a_view():
    other, plan = breakdown(CASES, "payer")
    assert (other.name, plan.name) == ("OTHER", "PLAN")
    assert (plan.count, plan.first_pass, plan.amount) == (3, 3, Decimal("300.00"))
    assert (plan.decided, plan.overturned, plan.overturn_rate) == (3, 1, Decimal("0.3333"))
    assert (plan.preventable_rate, plan.avoidable_write_off) == (Decimal("0.6667"), Decimal("100.00"))
    assert other.overturn_rate is None
    assert [row.name for row in breakdown(CASES, "month")] == ["2026-09", "2026-10"]


@pytest.mark.parametrize("view", ["payer", "carc", "code", "provider", "location", "category", "root_cause", "month"])
def test_every_view_counts_every_denial_once(view):
    rows = breakdown(CASES, view)
    assert sum(row.count for row in rows) == len(CASES)
    assert sum(row.amount for row in rows) == sum(case.amount for case in CASES)


def test_a_chance_is_learned_from_thirty_cases_on():
    outcomes = [("AUTH", "OVERTURNED")] * 20 + [("AUTH", "UPHELD")] * 9 + [("AUTH", "NEW")] * 50
    assert not learned_chances(outcomes)["AUTH"].holds
    held = learned_chances([*outcomes, ("AUTH", "WRITTEN_OFF")])["AUTH"]
    assert held.holds
    assert (held.won, held.decided) == (20, 30)


# Prevention ----------------------------------------------------------------------------------------------------------


def lines(denied, allowed, **given):
    fields = {"payer_id": "60054", "code": "97110", "decided": DAY} | given
    return [
        LineCase(**fields | {"claim_id": f"{given}{at}", "denied": ("197",) if at < denied else ()})
        for at in range(denied + allowed)
    ]


@pytest.mark.parametrize(
    ("denied", "allowed", "found"),
    [(5, 3, True), (4, 0, False), (5, 4, False), (6, 4, True), (0, 9, False)],
)
def test_five_denials_that_are_three_in_five_make_a_proposal(denied, allowed, found):
    assert bool(propose(lines(denied, allowed), DAY)) is found


def test_denials_of_more_than_90_days_ago_do_not_count():
    assert propose(lines(5, 0, decided=DAY - timedelta(days=90)), DAY)
    assert not propose(lines(5, 0, decided=DAY - timedelta(days=91)), DAY)


def test_what_narrows_the_pattern_is_found_when_the_code_alone_is_not_sure():
    mixed = lines(5, 0, modifiers=("GP",)) + lines(0, 20)
    (found,) = propose(mixed, DAY)
    assert (found.pattern.kind, found.pattern.value, found.denied, found.claims) == ("modifier", "GP", 5, 5)


def test_a_missing_authorization_is_named_rather_than_the_code_alone():
    (found,) = propose(lines(8, 0, missing=("prior_authorization",)) + lines(0, 2), DAY)
    assert found.pattern.kind == "missing"
    rule = rule_of(found, payer="Northern Mutual")
    assert (rule.severity, rule.missing, rule.payer_ids) == ("W", "prior_authorization", ("60054",))
    assert "8 of 8 claims" in rule.text


@pytest.mark.parametrize(
    "given", [{}, {"modifiers": ("GP",)}, {"place": "11"}, {"diagnosis": "M545"}, {"missing": ("referral",)}]
)
def test_every_proposal_is_a_rule_that_can_be_used(given):
    noise = lines(0, 20) if given else []
    (found, *_) = propose(lines(6, 0, **given) + noise, DAY)
    assert not problems(msgspec.structs.replace(rule_of(found, payer="Plan"), id="R0001"))


def test_two_lines_of_one_claim_are_one_claim():
    twice = [line for line in lines(4, 0) for _ in range(2)]
    assert propose(twice, DAY) == []
