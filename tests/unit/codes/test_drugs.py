"""NDC forms, the crosswalk by date, and files that are wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.codes.drugs import DrugRow, hyphenated, load_drug_crosswalk, ndc_candidates
from claimwright.codes.identifiers import Ndc

ON = date(2026, 5, 1)
HEADER = "hcpcs,ndc,unit,package_quantity,units_per_package,single_dose,dose_per_unit,dose_unit,start,end\n"
VIAL = "J9999,00002-1407-01,UN,1,10,Y,10,MG,2026-01-01,2026-07-01\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0002-1407-01", ["00002140701"]),  # 4-4-2
        ("50242-040-62", ["50242004062"]),  # 5-3-2
        ("60574-4114-1", ["60574411401"]),  # 5-4-1
        ("00002-1407-01", ["00002140701"]),
        ("00002140701", ["00002140701"]),
        (" 00002140701 ", ["00002140701"]),
        ("0002140701", ["00002140701", "00021040701", "00021407001"]),  # ten bare digits: three readings
        ("1.0E+10", []),
        ("0002-140-01", []),  # two short segments
        ("00000000000", []),
        ("", []),
    ],
)
def test_forms_of_an_ndc(text, expected):
    assert list(ndc_candidates(text)) == expected


def test_ten_digits_are_told_apart_by_the_file_or_not_at_all():
    crosswalk, faults = load_drug_crosswalk((HEADER + VIAL).encode())
    assert not faults
    assert crosswalk.normalize("0002140701", ON) == "00002140701"
    assert crosswalk.normalize("0002140701", ON, hcpcs="J1111") is None
    assert crosswalk.normalize("0002140701", date(2026, 7, 1)) is None
    assert hyphenated("00002140701") == "00002-1407-01"


def test_a_row_holds_by_date():
    crosswalk, _ = load_drug_crosswalk((HEADER + VIAL).encode())
    row = crosswalk.row("J9999", "00002140701", ON)
    assert (row.unit, row.units_per_quantity, row.single_dose, row.dose_per_unit) == ("UN", 10, True, 10)
    assert crosswalk.row("J9999", "00002140701", date(2026, 7, 1)) is None
    assert crosswalk.is_single_dose("J9999", ON) is True
    assert crosswalk.is_single_dose("J9999", date(2027, 1, 1)) is None
    assert crosswalk.knows_hcpcs("J9999") and not crosswalk.knows_hcpcs("J1111")


@pytest.mark.parametrize(
    ("package", "units", "billed", "quantity", "agrees"),
    [
        ("1", "10", "35", "3.5", True),
        ("1", "10", "35", "4", False),
        ("1", "10", "40", "4", True),
        ("1", "10", "35", "350", False),  # the milligrams given, not the vials
        ("10", "4", "1", "2.5", True),
        ("10", "4", "1", "2", True),  # part of a unit is billed as one
        ("10", "4", "2", "2", False),
        ("10", "3", "1", "3.333", True),  # CTP04 has three places
        ("0.3", "1", "2", "0.6", True),
        ("0.3", "1", "1", "0.6", False),
    ],
)
def test_units_against_quantity(package, units, billed, quantity, agrees):
    row = DrugRow(
        hcpcs="J9999", ndc=Ndc("00002140701"), package_quantity=Decimal(package), units_per_package=Decimal(units)
    )
    assert row.units_agree(Decimal(billed), Decimal(quantity)) is agrees


def test_the_medicare_crosswalk_is_read_as_it_comes():
    text = (
        "Crosswalk for April 2026,,,,,,,,,\n\n"
        "_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG\n"
        "J9999,made up,A Maker,00002-1407-01,Example,10 MG,5,1,10,10\n"
    )
    crosswalk, faults = load_drug_crosswalk(text.encode(), start=date(2026, 4, 1), end=date(2026, 7, 1))
    assert not faults
    row = crosswalk.row("J9999", "00002140701", ON)
    assert (row.package_quantity, row.units_per_package, row.dose_per_unit, row.dose_unit) == (5, 10, 10, "MG")
    assert (row.single_dose, row.unit) == (None, "")
    assert crosswalk.row("J9999", "00002140701", date(2026, 3, 31)) is None


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("9999,00002140701,UN,1,10,Y,,,,", "hcpcs"),
        ("J9999,2140701,UN,1,10,Y,,,,", "ndc"),
        ("J9999,0002140701,UN,1,10,Y,,,,", "ndc"),
        ("J9999,1.0E+10,UN,1,10,Y,,,,", "ndc"),
        ("J9999,00002140701,VL,1,10,Y,,,,", "unit"),
        ("J9999,00002140701,UN,0,10,Y,,,,", "package_quantity"),
        ("J9999,00002140701,UN,1,NaN,Y,,,,", "units_per_package"),
        ("J9999,00002140701,UN,1,10,maybe,,,,", "single_dose"),
        ("J9999,00002140701,UN,1,10,Y,,,1/1/2026,", "start"),
        ("J9999,00002140701,UN,1,10,Y,,,2026-02-01,2026-02-01", "end"),
        ("J9999,00002140701,UN,1,10,Y,10,MG,2026-06-30,", "ndc"),  # overlaps the vial's row
    ],
)
def test_a_wrong_row_is_named(row, column):
    crosswalk, faults = load_drug_crosswalk((HEADER + VIAL + row + "\n").encode())
    assert [(fault.row, fault.column) for fault in faults] == [(3, column)]
    assert len(crosswalk) == 1


def test_a_file_without_header_or_of_other_bytes():
    assert load_drug_crosswalk(b"a,b\n1,2\n")[1][0].column == "header"
    assert load_drug_crosswalk(b"\xff\xfe\x00")[1][0].column == "file"
