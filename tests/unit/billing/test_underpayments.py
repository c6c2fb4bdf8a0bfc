"""Allowed against the contract: what is flagged, what explains it, what one letter disputes, what came of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing import agency_files, bad_debt, write_offs
from claimwright.billing import underpayments as rules
from claimwright.billing.posting.state import LineRecord
from claimwright.claims.nouns import Adjustment


def d(text):
    return Decimal(text)


def line(paid, *adjustments, **more):
    made = tuple(Adjustment(group=g, reason=r, amount=d(a)) for g, r, a in adjustments)
    return LineRecord(line_id="L1", procedure_code="99213", paid=d(paid), adjustments=made, **more)


def billed(expected, **more):
    return rules.Billed(line_id="L1", code="99213", expected=None if expected is None else d(expected), **more)


@pytest.mark.parametrize(
    ("expected", "said", "verdict", "variance"),
    [
        ("100.00", line("80.00", ("PR", "2", "20.00")), "AS_EXPECTED", "0.00"),
        ("100.00", line("78.40", ("PR", "2", "20.00"), ("CO", "253", "1.60")), "AS_EXPECTED", "0.00"),
        ("100.00", line("97.00"), "AS_EXPECTED", "3.00"),  # 3 %
        ("100.00", line("96.99"), "UNDERPAID", "3.01"),
        ("50.00", line("48.00"), "AS_EXPECTED", "2.00"),  # 2.00 is more than 3 %
        ("50.00", line("47.99"), "UNDERPAID", "2.01"),
        ("100.00", line("104.00"), "OVERPAID", "-4.00"),
        ("100.00", line("50.00", ("CO", "59", "50.00")), "EXPLAINED", "50.00"),
        ("100.00", line("40.00", ("CO", "59", "50.00")), "UNDERPAID", "60.00"),
        ("100.00", line("0.00", ("CO", "197", "150.00")), "DENIED", "100.00"),
        ("100.00", line("0.00", ("PR", "1", "100.00")), "AS_EXPECTED", "0.00"),  # all to the deductible
        (None, line("80.00"), "CANNOT_EVALUATE", None),
        ("100.00", line("80.00", allowed=Decimal("100.00")), "AS_EXPECTED", "0.00"),  # as the payer says
    ],
)
def test_a_line_against_its_contract(expected, said, verdict, variance):
    found = rules.compare(said, billed(expected))
    assert (found.verdict, found.variance) == (verdict, None if variance is None else d(variance))


def test_the_cause_is_what_the_payer_changed():
    assert rules.compare(line("80.00"), billed("100.00")).cause == rules.FEE_SCHEDULE
    assert rules.compare(line("80.00", units_paid=d("1")), billed("100.00", units=d("2"))).cause == rules.FEWER_UNITS
    other = rules.Billed(line_id="L1", code="99214", expected=d("100.00"))
    assert rules.compare(line("80.00"), other).cause == rules.OTHER_CODE
    assert rules.compare(line("80.00", modifiers=("52",)), billed("100.00")).cause == rules.OTHER_MODIFIERS
    assert rules.compare(line("0.00"), billed("0.00", capitated=True)).verdict == "CAPITATED"


def test_cases_of_one_payer_code_and_cause_are_one_letter_the_largest_first():
    def case(number, payer, amount):
        return rules.Case(case_id=number, payer=payer, code="99213", cause="FEE_SCHEDULE", contract_version="v1",
                          variance=d(amount))  # fmt: skip

    first, second = rules.group([case("1", "A", "5.00"), case("2", "B", "7.00"), case("3", "A", "4.00")])
    assert (first.ids, first.variance, second.ids) == (("1", "3"), d("9.00"), ("2",))


@pytest.mark.parametrize(
    ("then", "now", "recovered", "settled"),
    [("80.00", "80.00", "0.00", False), ("80.00", "90.00", "10.00", False), ("80.00", "98.00", "18.00", True),
     ("80.00", "120.00", "20.00", False), ("80.00", "0.00", "0.00", False), ("110.00", "100.00", "-10.00", True)],
)  # fmt: skip
def test_what_came_since_is_recovered(then, now, recovered, settled):
    found = rules.recovery(expected=d("100.00"), allowed_then=d(then), allowed_now=d(now))
    assert (found.recovered, found.settled) == (d(recovered), settled)


def test_lines_that_cannot_be_evaluated_are_in_no_rate():
    counts = {rules.Verdict.UNDERPAID: 2, rules.Verdict.AS_EXPECTED: 7, rules.Verdict.EXPLAINED: 1,
              rules.Verdict.CANNOT_EVALUATE: 90, rules.Verdict.DENIED: 4}  # fmt: skip
    assert rules.rate(counts) == (2, 10)


# Agencies ----------------------------------------------------------------------------------------------------------

NOTICE = date(2026, 6, 9)  # day 100


@pytest.mark.parametrize(
    ("on", "changes", "why"),
    [
        (date(2026, 6, 28), {}, "reviewed on 2026-06-29"),
        (date(2026, 6, 29), {}, ""),
        (date(2026, 6, 29), {"flags": ["dispute"]}, "dispute"),
        (date(2026, 6, 29), {"flags": ["payment_plan"]}, "plan"),
        (date(2026, 6, 29), {"paid_since": True}, "paid since"),
        (date(2026, 6, 29), {"final_notice_on": None}, "not sent"),
    ],
)
def test_an_account_is_placed_from_day_120_and_never_while_something_forbids_it(on, changes, why):
    given = {"final_notice_on": NOTICE, "flags": []} | changes
    if not why:
        bad_debt.check_placement(on=on, **given)
        return
    with pytest.raises(bad_debt.PlacementRefused, match=why):
        bad_debt.check_placement(on=on, **given)


def test_an_export_holds_nothing_a_spreadsheet_would_run():
    row = agency_files.Placed(
        account="A1",
        last_name='=HYPERLINK("x")',
        first_name="+1",
        final_notice=NOTICE,
        placed=NOTICE,
        balance=d("425.00"),
    )
    header, text = agency_files.placements_file([row]).decode().splitlines()
    assert header.startswith("account,last_name")
    assert text.startswith("A1,\"'=HYPERLINK(") and ",'+1," in text and text.endswith(",425.00")


def test_an_agencys_payment_file_is_read_row_by_row():
    text = "account,date,gross,fee,net\nA1,2026-09-01,200.00,50.00,150.00\nA2,2026-09-01,10.00,,9.00\nA3,2026-09-01,10.00,5.00,4.00\nA4,soon,1.00,,1.00\nA5,2026-09-01,x,,\n"
    found = agency_files.read_payments(text.encode())
    assert [(row.fee, row.problem != "") for row in found] == [
        (d("50.00"), False), (d("1.00"), False), (d("5.00"), True), (None, True), (None, True),
    ]  # fmt: skip
    for content in (b"account,date\nA1,2026-09-01\n", b"\xff\xfe"):
        with pytest.raises(agency_files.FileFault):
            agency_files.read_payments(content)


def test_s9_the_agency_keeps_its_fee_and_the_debt_falls_by_all_of_it():
    entries = bad_debt.agency_recovery(
        {"L1": d("425.00")},
        gross=d("200.00"),
        fee_share=d("0.10"),
        fee=d("50.00"),
        practice_id="north",
        key="k",
        on=NOTICE,
    )
    assert [(entry.debit.kind, entry.amount) for entry in entries] == [("BANK", d("150.00")), ("FEE", d("50.00"))]
    with pytest.raises(ValueError, match="fee"):
        bad_debt.agency_recovery(
            {"L1": d("9.00")}, gross=d("5.00"), fee_share=d("0"), fee=d("6.00"), practice_id="n", key="k", on=NOTICE
        )


def test_a_practice_sets_who_writes_off_how_much():
    from claimwright.billing.policies import Policies

    strict = Policies(write_off_biller_limit_amount=d("10.00"))
    assert write_offs.approver_role(d("50.00")) == "biller"
    assert write_offs.approver_role(d("50.00"), strict) == "supervisor"


# Write-offs ----------------------------------------------------------------------------------------------------------


def test_what_the_practice_lost_by_its_own_doing_never_goes_to_the_patient():
    from claimwright.billing import write_offs

    write_offs.check_never_billed("no other cover", [("PR", "29"), ("CO", "50")])
    for reason, denied in (("no-auth", []), ("no other cover", [("CO", "197")]), ("", [("CO", "29")])):
        with pytest.raises(write_offs.WriteOffRefused, match="never billed"):
            write_offs.check_never_billed(reason, denied)
