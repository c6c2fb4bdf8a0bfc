"""Bank and remittance, dates that run out, units that run out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from claimwright.billing.authorizations import (
    Authorization,
    AuthorizationRefused,
    Movement,
    UnitEntry,
    covers,
    move,
    units,
)
from claimwright.billing.deadlines import (
    ClaimDates,
    FilingLimit,
    ProofStrength,
    Runs,
    appeal_deadline,
    filing_deadline,
    is_timely,
    overpayment_due,
    proof,
)
from claimwright.billing.deposits import Deposit, DepositState, ExpectedPayment, clear, reassociate
from tests.unit.billing.desk import TODAY, d


def deposit(number: int, amount: object, trace: str = "", days: int = 0, payer: str = "1C") -> Deposit:
    return Deposit(deposit_id=f"d{number}", amount=d(amount), effective_date=TODAY + timedelta(days=days), trace_number=trace,
                   trace_payer_id=payer)  # fmt: skip


def expected(number: int, amount: object, trace: str, payer: str = "1C") -> ExpectedPayment:
    return ExpectedPayment(
        payment_id=f"p{number}", amount=d(amount), payment_date=TODAY, trace_number=trace, trace_payer_id=payer
    )


def states(*args) -> list[tuple[str, str, str]]:
    return [(m.state.value, m.deposit_id, m.payment_id) for m in reassociate(*args)]


def test_matched_by_trace_payer_and_amount_and_cleared():
    (match,) = reassociate([deposit(1, 60, "T1")], [expected(1, 60, "T1")])
    assert match.state is DepositState.MATCHED
    (made,) = clear(match, amount=d(60), practice_id="north", on=TODAY)
    assert (made.debit.kind.value, made.credit.kind.value, made.credit.subject) == ("BANK", "REMITTANCE", "p1")


def test_another_amount_is_a_difference_and_not_cleared():
    (match,) = reassociate([deposit(1, "59.99", "T1")], [expected(1, 60, "T1")])
    assert (match.state, match.difference) == (DepositState.AMOUNT_DIFF, d("-0.01"))
    with pytest.raises(ValueError, match="AMOUNT_DIFF"):
        clear(match, amount=d(60), practice_id="north", on=TODAY)


def test_what_has_no_counterpart_is_listed():
    assert states([deposit(1, 60, "T9")], [expected(1, 61, "T1")]) == [
        ("UNMATCHED_EFT", "d1", ""),
        ("UNMATCHED_ERA", "", "p1"),
    ]
    assert states([deposit(1, 60, "T1", payer="1X")], [expected(1, 60, "T1")])[0][0] == "UNMATCHED_EFT"
    assert states([], [expected(1, 0, "T1")]) == [], "no money, nothing to wait for"


@pytest.mark.parametrize(("days", "proposed"), [(5, ("p1",)), (6, ()), (-5, ("p1",))])
def test_an_equal_amount_near_the_date_is_only_proposed(days: int, proposed: tuple):
    assert reassociate([deposit(1, 60, "", days)], [expected(1, 60, "T1")])[0].proposed_payments == proposed


def test_one_remittance_answers_one_deposit():
    assert [s[0] for s in states([deposit(1, 60, "T1"), deposit(2, 60, "T1")], [expected(1, 60, "T1")])] == [
        "MATCHED", "UNMATCHED_EFT",
    ]  # fmt: skip


# Deadlines ------------------------------------------------------------------------------------------------------------

LEAP = ClaimDates(date_of_service=date(2024, 2, 29), date_through=date(2024, 3, 2), discharge=date(2024, 3, 3))


@pytest.mark.parametrize(
    ("limit", "dates", "last"),
    [
        (FilingLimit(statute="medicare"), LEAP, date(2025, 2, 28)),
        (FilingLimit(statute="medicare"), ClaimDates(date_of_service=LEAP.date_of_service, date_through=LEAP.date_through,
                                                     institutional=True), date(2025, 3, 2)),
        (FilingLimit(count=90), LEAP, date(2024, 5, 29)),
        (FilingLimit(count=90, runs_from=Runs.DATE_THROUGH), LEAP, date(2024, 5, 31)),
        (FilingLimit(count=6, unit="months", runs_from=Runs.DISCHARGE), LEAP, date(2024, 9, 3)),
        (FilingLimit(count=60, runs_from=Runs.PRIOR_PAYER), LEAP, None),
    ],
)  # fmt: skip
def test_filing_limits_run_from_what_the_payer_says(limit: FilingLimit, dates: ClaimDates, last: date | None):
    assert filing_deadline(limit, dates) == last


def test_late_in_the_day_and_days_off_count_on_the_next_business_day():
    friday = date(2026, 11, 20)
    assert is_timely(friday, friday) and not is_timely(friday, friday, after_cutoff=True)
    assert not is_timely(date(2026, 11, 21), date(2026, 11, 21)), "a Saturday counts on Monday"


def test_only_the_payers_own_number_proves_filing():
    assert proof(payer_accepted=TODAY, payer_claim_number="ICN1", file_accepted=TODAY) is ProofStrength.PAYER
    assert proof(payer_accepted=TODAY, payer_claim_number="", file_accepted=TODAY) is ProofStrength.FILE
    assert proof(payer_accepted=None, payer_claim_number="", file_accepted=None) is ProofStrength.NONE


def test_appeals_and_overpayments():
    assert appeal_deadline(notice=date(2026, 1, 1), level="redetermination", medicare=True) == date(2026, 5, 6)
    assert appeal_deadline(notice=date(2026, 1, 1), level="1", days=180) == date(2026, 6, 30)
    assert appeal_deadline(notice=date(2026, 1, 1), level="1") is None
    assert overpayment_due(date(2026, 1, 1)).due == date(2026, 3, 2)
    held = overpayment_due(date(2026, 1, 1), investigating_since=date(2026, 1, 1))
    assert (held.suspended_until, held.due) == (date(2026, 6, 30), date(2026, 8, 29))


# Authorizations -------------------------------------------------------------------------------------------------------

AUTH = Authorization(number="A1", payer_key="C", procedure_codes=("72148",), units=Decimal(2), start=date(2026, 8, 1),
                     end=date(2026, 8, 31), provider_npi="1234567893")  # fmt: skip


@pytest.mark.parametrize(
    ("service", "says"),
    [({}, ""), ({"on": date(2026, 8, 31)}, ""), ({"on": date(2026, 9, 1)}, "date"), ({"procedure_code": "99213"}, "procedures"),
     ({"provider_npi": "1000000004"}, "provider"), ({"payer_key": "D"}, "payer")],
)  # fmt: skip
def test_a_number_alone_proves_nothing(service: dict, says: str):
    right = {"procedure_code": "72148", "on": date(2026, 8, 3), "provider_npi": "1234567893", "payer_key": "C"}
    assert says in covers(AUTH, **{**right, **service}) and bool(covers(AUTH, **{**right, **service})) is bool(says)


def test_units_are_reserved_used_released_and_never_below_zero():
    entries: list[UnitEntry] = []

    def do(movement: Movement, quantity: int, subject: str, **more) -> None:
        key = f"{len(entries)}"
        entries.append(move(AUTH, entries, movement, quantity=Decimal(quantity), subject=subject, key=key, **more))

    do(Movement.RESERVE, 1, "a")
    do(Movement.RESERVE, 1, "b")
    assert units(AUTH, entries).unused == 0
    with pytest.raises(AuthorizationRefused, match="0 left"):
        do(Movement.RESERVE, 1, "c")
    do(Movement.USE, 1, "a")
    assert (units(AUTH, entries).reserved, units(AUTH, entries).used) == (1, 1)
    do(Movement.RELEASE, 1, "b")
    with pytest.raises(AuthorizationRefused, match="more released"):
        do(Movement.RELEASE, 1, "b")
    do(Movement.USE, 1, "c")
    with pytest.raises(AuthorizationRefused):
        do(Movement.USE, 1, "d")
    do(Movement.USE, 1, "d", override_reason="payer agreed by phone")
    assert units(AUTH, entries).unused == -1
    do(Movement.RETURN, 1, "a")
    with pytest.raises(AuthorizationRefused, match="more returned"):
        do(Movement.RETURN, 1, "a")
    assert units(AUTH, [*entries, entries[0]]) == units(AUTH, entries), "the same entry twice counts once"
