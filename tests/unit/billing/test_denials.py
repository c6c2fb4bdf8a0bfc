"""What a denial is, how much it is worth, and what to do about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.denials import (
    AppealState,
    DenialState,
    NextStep,
    appeal_may_become,
    appeal_outcome,
    chance_and_minutes,
    correct_or_appeal,
    deadlines,
    denial_may_become,
    expected_amount,
    priority,
    refine,
)
from tests.unit.billing.desk import d


@pytest.mark.parametrize(
    ("expected", "chance", "minutes", "days_left", "score"),
    [
        ("304", "0.85", 10, 20, "43.07"), ("160", "0.90", 10, 60, "14.40"), ("95", "0.45", 40, 5, "2.85"),
        ("160", "0.90", 10, 30, "14.40"), ("160", "0.90", 10, 0, "43.20"), ("160", "0.90", 10, -1, "0.00"),
        ("160", "0.90", 10, None, "14.40"),
    ],
)  # fmt: skip
def test_priority_with_its_working(expected: str, chance: str, minutes: int, days_left: int | None, score: str):
    made = priority(expected=d(expected), chance=Decimal(chance), minutes=minutes, days_left=days_left)
    assert made.score == d(score)
    assert made.expired is (days_left == -1)


def test_defaults_of_a_category_until_own_outcomes_are_enough():
    assert chance_and_minutes("TECH") == (Decimal("0.90"), 10)
    assert chance_and_minutes("TECH", won=5, decided=29) == (Decimal("0.90"), 10)
    assert chance_and_minutes("TECH", won=15, decided=30) == (Decimal("0.5"), 10)


def test_expected_is_contract_less_share_or_charge_times_yield():
    assert expected_amount(allowed=d(480), patient_share=d(176)) == d(304)
    assert expected_amount(allowed=None, charge=d(200), historic_yield=Decimal("0.45")) == d(90)


@pytest.mark.parametrize(
    ("group", "reason", "remarks", "category", "appeal", "new_claim", "missing"),
    [
        ("CO", "16", ("N290", "MA130"), "TECH", False, True, False),
        ("CO", "16", ("N290",), "TECH", True, False, False),
        ("CO", "16", (), "TECH", True, False, True),
        ("CO", "16", ("MA01",), "TECH", True, False, True),
        ("CO", "96", ("N115",), "MEDNEC", True, False, False),
        ("CO", "97", ("M80",), "BUNDLE", True, False, False),
        ("CO", "A1", (), "UNCLASSIFIED", True, False, True),
        ("CO", "50", ("N211",), "MEDNEC", False, False, False),
        ("CO", "999", (), "UNCLASSIFIED", True, False, False),
    ],
)
def test_remarks_refine(group, reason, remarks, category, appeal, new_claim, missing):
    made = refine(group, reason, remarks)
    assert (made.category, made.appeal_allowed, made.new_claim_required, made.remark_missing) == (
        category, appeal, new_claim, missing,
    )  # fmt: skip


def test_only_a_patients_group_may_be_billed_and_not_against_a_remark():
    assert refine("CO", "50").patient_billing_blocked
    assert not refine("PR", "50").patient_billing_blocked
    assert refine("PR", "50", ("N192",)).patient_billing_blocked


@pytest.mark.parametrize(
    ("reason", "remarks", "more", "step"),
    [
        ("16", ("MA130",), {}, NextStep.NEW_CLAIM),
        ("16", ("N517",), {"days_left": -5}, NextStep.NEW_CLAIM),
        ("97", (), {"adjudicated": False}, NextStep.NEW_CLAIM),
        ("97", (), {"days_left": -1}, NextStep.GOOD_CAUSE),
        ("226", ("M127",), {}, NextStep.SEND_RECORDS),
        ("27", (), {}, NextStep.OTHER_PAYER),
        ("97", (), {"our_data_was_wrong": True, "documentation_supports": True}, NextStep.REPLACEMENT),
        ("97", (), {"our_data_was_wrong": True}, NextStep.ANALYZE),
        ("97", ("N380",), {}, NextStep.REPLACEMENT),
        ("50", ("N211",), {"our_data_was_wrong": False}, NextStep.NO_APPEAL),
        ("97", (), {"our_data_was_wrong": False}, NextStep.APPEAL),
        ("97", (), {}, NextStep.ANALYZE),
    ],
)
def test_correct_or_appeal(reason: str, remarks: tuple, more: dict, step: NextStep):
    assert correct_or_appeal(refine("CO", reason, remarks), **more).step is step


def test_never_an_appeal_beside_an_open_correction():
    refined = refine("CO", "97")
    assert correct_or_appeal(refined, our_data_was_wrong=False).appeal_enabled
    assert not correct_or_appeal(refined, our_data_was_wrong=False, correction_open=True).appeal_enabled
    assert not correct_or_appeal(refine("CO", "16", ("MA130",))).appeal_enabled


def test_deadlines_are_the_payers_or_unknown():
    made = deadlines(
        received=date(2026, 9, 1),
        date_of_service=date(2026, 8, 3),
        corrected_days=90,
        appeal_days=120,
        presumed_receipt_days=5,
    )
    assert (made.corrected, made.appeal) == (date(2026, 11, 1), date(2027, 1, 4))
    none = deadlines(received=date(2026, 9, 1), date_of_service=date(2026, 8, 3), corrected_days=None, appeal_days=None)
    assert (none.corrected, none.appeal) == (None, None)


def test_states_of_denials_and_appeals():
    assert denial_may_become(DenialState.NEW, DenialState.OVERTURNED)
    assert not denial_may_become(DenialState.OVERTURNED, DenialState.PENDING)
    assert not denial_may_become(DenialState.NEW, DenialState.ESCALATED)
    assert appeal_may_become(AppealState.SENT, AppealState.UPHELD)
    assert not appeal_may_become(AppealState.DRAFT, AppealState.OVERTURNED_FULL)


@pytest.mark.parametrize(
    ("denied", "contractual", "paid", "share", "state", "amount"),
    [(150, 55, 70, 25, AppealState.OVERTURNED_FULL, 95), (150, 0, 70, 0, AppealState.OVERTURNED_PARTIAL, 70),
     (150, 150, 0, 0, AppealState.UPHELD, 0)],
)  # fmt: skip
def test_an_appeal_ends_with_what_the_remittance_allowed(denied, contractual, paid, share, state, amount):
    made = appeal_outcome(denied=d(denied), contractual=d(contractual), paid=d(paid), patient_share=d(share))
    assert (made.state, made.amount) == (state, d(amount))
