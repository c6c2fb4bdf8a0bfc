"""Prices by date of service; a missing price is None, never zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.codes.dates import Dated, OverlapError
from claimwright.codes.fees import FeeKey, FeeSchedule, load_fee_schedule

GOOD = b"""\xef\xbb\xbfCode,Modifier,Place,Amount,Start,End
99213,,,150.00,2025-01-01,2026-01-01
99213,,,160.00,2026-01-01,
99213,,facility,120.00,2026-01-01,
71046,26,,40,2026-01-01,
71046,,,95.5,2026-01-01,
,,,,,
"""


def test_price_by_date_of_service():
    fees, faults = load_fee_schedule("charges", GOOD, "fees.csv")
    assert faults == ()
    assert len(fees) == 5
    assert fees.amount("99213", on=date(2025, 12, 31)) == Decimal("150.00")
    assert fees.amount("99213", on=date(2026, 1, 1)) == Decimal("160.00")
    assert fees.amount("99213", on=date(2024, 12, 31)) is None
    assert fees.amount("99214", on=date(2026, 1, 1)) is None


def test_price_by_modifier_and_place():
    fees, _ = load_fee_schedule("charges", GOOD, "fees.csv")
    on = date(2026, 8, 3)
    assert fees.amount("71046", ("LT", "26"), on) == Decimal("40.00")
    assert fees.amount("71046", ("LT",), on) == Decimal("95.50")
    assert fees.amount("99213", (), on, facility=True) == Decimal("120.00")
    assert fees.amount("99213", (), on, facility=False) == Decimal("160.00")
    row = fees.row("99213", ("25",), on)
    assert (row.start, row.source, str(row.value)) == (date(2026, 1, 1), "fees.csv", "160.00")


def test_a_price_needs_a_date():
    fees, _ = load_fee_schedule("charges", GOOD, "fees.csv")
    with pytest.raises(ValueError, match="date of service"):
        fees.amount("99213")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("9213,,,150.00,2026-01-01,", "code"),
        ("9.92E+04,,,150.00,2026-01-01,", "code"),
        ("99213,2,,150.00,2026-01-01,", "modifier"),
        ("99213,,home,150.00,2026-01-01,", "place"),
        ("99213,,,$150.00,2026-01-01,", "amount"),
        ('99213,,,"1,150.00",2026-01-01,', "amount"),
        ("99213,,,,2026-01-01,", "amount"),
        ("99213,,,-5.00,2026-01-01,", "amount"),
        ("99213,,,5.005,2026-01-01,", "amount"),
        ("99213,,,150.00,1/1/2026,", "start"),
        ("99213,,,150.00,,", "start"),
        ("99213,,,150.00,46023,", "start"),
        ("99213,,,150.00,2026-01-01,2026-01-01", "end"),
        ("99214,,,151.00,2026-06-01,", "start"),  # overlaps row 2
    ],
)
def test_a_bad_row_is_named_with_its_fix_and_the_good_ones_load(line, column):
    data = f"code,modifier,place,amount,start,end\n99214,,,200.00,2026-01-01,\n{line}\n99215,,,300.00,2026-01-01,\n"
    fees, faults = load_fee_schedule("charges", data.encode(), "fees.csv")
    assert [(fault.row, fault.column) for fault in faults] == [(3, column)]
    assert faults[0].fix and "row 3" in str(faults[0])
    assert fees.amount("99214", on=date(2026, 8, 3)) == Decimal("200.00")
    assert fees.amount("99215", on=date(2026, 8, 3)) == Decimal("300.00")


def test_every_fault_of_a_row_is_told_at_once():
    _, faults = load_fee_schedule("charges", b"code,amount,start\nx,y,z\n", "fees.csv")
    assert {fault.column for fault in faults} == {"code", "amount", "start"}


def test_header_and_encoding():
    assert [fault.column for fault in load_fee_schedule("c", b"code,price\n", "s")[1]] == ["amount, start"]
    assert load_fee_schedule("c", b"", "s")[1][0].row == 1
    assert "UTF-8" in load_fee_schedule("c", b"code,amount,start\n\xff\xfe\n", "s")[1][0].message


def test_schedule_refuses_two_prices_on_one_day():
    key = FeeKey("99213")
    with pytest.raises(OverlapError):
        FeeSchedule("c", [(key, Dated(value=Decimal("1.00"))), (key, Dated(value=Decimal("2.00")))])
