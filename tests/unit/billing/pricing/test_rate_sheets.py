"""Rate sheets: read whole or refused with every fault; compared with the rates before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.pricing.rate_sheets import compare_rates, read_rate_sheet

SHEET = b"""code,modifier,place,method,amount,percent,medicare_on,carve_out,note
99213,,,,95.00,,,,
99213,26,facility,fixed,"$1,040.50",,,,
99202-99215,,,medicare_percent,,120%,2024,,
27447,,,case,9000,,,,
L8699,,,fixed,1500,,,yes,implant
0120,,,per_unit,1200,,,,
90785-90899,,,carved_out,,,,,Behavioral Health Partners
99381-99397,,,capitated,,,,,
,,,,,,,,
*,,,charge percent,,45.5,,,
"""


def test_a_sheet_of_every_method():
    sheet = read_rate_sheet(SHEET)
    assert sheet.faults == ()
    assert len(sheet.rates) == 9
    plain, part, share, case, implant, day, carved, monthly, rest = sheet.rates
    assert (plain.method, plain.amount, plain.place) == ("fixed", Decimal("95.00"), "")
    assert (part.modifier, part.place, part.amount) == ("26", "facility", Decimal("1040.50"))
    assert (share.first, share.last, share.percent, share.medicare_on) == (
        "99202", "99215", Decimal(120), date(2024, 1, 1),
    )  # fmt: skip
    assert (case.method, implant.carve_out, day.first) == ("case", True, "0120")
    assert (carved.note, monthly.amount) == ("Behavioral Health Partners", None)
    assert (rest.first, rest.method, rest.percent) == ("", "charge_percent", Decimal("45.5"))


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        (b"9.92E+04,,,,95.00,,,,", "code", "turned into a number"),
        (b"120,,,per_unit,1200,,,,", "code", "lost its leading zeros"),
        (b"99215-99202,,,,95.00,,,,", "code", "does not rise"),
        (b"99213,26F,,,95.00,,,,", "modifier", "no modifier"),
        (b"99213,,hospital,,95.00,,,,", "place", "unknown place"),
        (b"99213,,,percent,,,,,", "method", "unknown method"),
        (b"99213,,,fixed,,,,,", "amount", "no amount"),
        (b"99213,,,fixed,0.00,,,,", "amount", "not above zero"),
        (b"99213,,,fixed,-95,,,,", "amount", "not above zero"),
        (b"99213,,,fixed,ninety,,,,", "amount", "amount is digits"),
        (b"99213,,,fixed,95.005,,,,", "amount", "two places"),
        (b"99213,,,capitated,95,,,,", "amount", "takes no amount"),
        (b"99213,,,medicare_percent,,1.2,,,", "percent", "from 5 to 1000"),
        (b"99213,,,medicare_percent,,,,,", "percent", "no percent"),
        (b"99213,,,fixed,95,120,,,", "percent", "takes no percent"),
        (b"99213,,,fixed,95,,2024,,", "medicare_on", "no Medicare day"),
        (b"99213,,,medicare_percent,,120,last year,,", "medicare_on", "no day"),
        (b"99213,,,fixed,95,,,,a,b", "row", "more cells"),
        (b"99213,,,fixed,95,,,,\n99213,,,fixed,96,,,,", "code", "the same as row 2"),
    ],
)
def test_a_fault_names_row_column_and_fix(row, column, told):
    sheet = read_rate_sheet(SHEET.split(b"\n")[0] + b"\n" + row + b"\n")
    (fault,) = sheet.faults
    assert fault.column == column
    assert told in fault.message
    assert fault.fix
    assert fault.row == (3 if told.startswith("the same") else 2)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no column code"),
        (b"procedure,amount\n99213,95\n", "unknown: procedure"),
        (b"code,amount\n", "no rate"),
        (b"code,amount\n99213,\xff\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_sheet(data, told):
    (fault,) = read_rate_sheet(data).faults
    assert told in fault.message


def test_what_changes():
    old = read_rate_sheet(b"code,amount\n99213,95.00\n99214,140.00\n99215,200.00\n").rates
    new = read_rate_sheet(b"code,amount\n99213,95.00\n99214,145.00\n99212,60.00\n").rates
    changes = compare_rates(old, new)
    assert [change.what for change in changes.added] == ["99212"]
    assert [change.what for change in changes.removed] == ["99215"]
    assert [(change.before.amount, change.after.amount) for change in changes.changed] == [(Decimal(140), Decimal(145))]
    assert changes.same == 1
    assert compare_rates(old, old).is_empty
