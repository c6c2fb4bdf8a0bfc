"""Units, waste and NDC quantity of a dose."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.codes.drugs import DrugRow
from claimwright.codes.identifiers import Ndc
from claimwright.coding.drugs import bill_dose, bill_units

ON = date(2026, 5, 1)
VIAL = DrugRow(
    hcpcs="J9999", ndc=Ndc("00002140701"), unit="UN", package_quantity=Decimal(1), units_per_package=Decimal(10),
    single_dose=True, dose_per_unit=Decimal(10), dose_unit="MG",
)  # fmt: skip


def lines(row=VIAL, given="350", packages="4", on=ON):
    found = bill_dose(row, given=Decimal(given), packages=Decimal(packages), on=on)
    return [(str(line.units), line.modifiers, str(line.drug.quantity)) for line in found.lines], found.problem


def test_350_mg_from_four_vials_of_100():
    assert lines() == ([("35", (), "3.500"), ("5", ("JW",), "0.500")], "")


@pytest.mark.parametrize(
    ("given", "packages", "expected"),
    [
        ("400", "4", [("40", ("JZ",), "4.000")]),
        ("341", "4", [("35", (), "3.500"), ("5", ("JW",), "0.500")]),  # part of a unit is billed whole
        ("395", "4", [("40", ("JZ",), "4.000")]),  # less than a unit is left: no waste
        ("7", "0.1", [("1", ("JZ",), "0.100")]),
        ("1", "1", [("1", (), "0.100"), ("9", ("JW",), "0.900")]),
    ],
)
def test_waste(given, packages, expected):
    assert lines(given=given, packages=packages) == (expected, "")


def test_units_and_waste_never_exceed_what_was_opened():
    for given in range(1, 401, 7):
        found = bill_dose(VIAL, given=Decimal(given), packages=Decimal(4), on=ON)
        assert sum(line.units for line in found.lines) == 40 or found.lines[0].modifiers == ("JZ",)
        assert sum(line.units for line in found.lines) <= 40
        assert all(VIAL.units_agree(line.units, line.drug.quantity) for line in found.lines)


def test_jz_from_july_2023():
    assert lines(given="400", on=date(2023, 6, 30))[0] == [("40", (), "4.000")]
    assert lines(given="400", on=date(2023, 7, 1))[0] == [("40", ("JZ",), "4.000")]


def test_a_multi_dose_vial_has_no_waste():
    multi = msgspec.structs.replace(VIAL, single_dose=False)
    assert lines(multi, "350", "4") == ([("35", (), "3.500")], "")


def test_what_is_not_known_is_asked():
    unknown = msgspec.structs.replace(VIAL, single_dose=None)
    assert "single-dose" in lines(unknown)[1]
    assert "units by hand" in lines(msgspec.structs.replace(VIAL, dose_per_unit=None))[1]
    assert lines(given="401")[0] == [] and "More was given" in lines(given="401")[1]
    assert "above zero" in lines(given="0")[1]
    assert bill_units(VIAL, units=Decimal("34.2"), packages=Decimal(4), on=ON).lines[0].units == 35
