"""Which NCCI tables hold for a claim: by the payer's program, the kind of claim and the date of service."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from claimwright.codes.add_ons import AddOnRow, AddOnTable
from claimwright.codes.code_sets import shipped
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.releases import CodeSets, TableRelease
from claimwright.codes.unit_limits import LimitTable, UnitLimit
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.edits.reference import ncci_program, reference_tables

DAY = date(2026, 8, 31)


def a_release(table: Any, start: date = date(2026, 7, 1), end: date = date(2026, 10, 1)) -> TableRelease:
    return TableRelease(label=str(start), source="test", start=start, end=end, open_table=lambda: table)


def limits(units: int) -> LimitTable:
    return LimitTable([UnitLimit(code="0001U", units=units, indicator=2)])


@pytest.fixture
def sets() -> CodeSets:
    pairs = PairTable([PairEdit(column1="0001U", column2="80503", indicator="0", start=date(2022, 1, 1))])
    held = {
        "ncci_pairs_practitioner": [a_release(pairs)],
        "mue_practitioner": [a_release(limits(2), date(2026, 4, 1), date(2026, 7, 1)), a_release(limits(1))],
        "mue_hospital": [a_release(limits(3))],
        "mue_supplier": [a_release(limits(4))],
        "medicaid_mue_practitioner": [a_release(limits(5))],
        "add_ons": [a_release(AddOnTable([AddOnRow(code="22614", kind=1, primary="22612")]))],
    }
    sets = shipped()
    for name, releases in held.items():
        sets = sets.with_table(name, tuple(releases))
    return sets


@pytest.mark.parametrize(
    ("payer", "indicator", "program"),
    [
        (MEDICARE_B, "MB", "medicare"),
        (COMMERCIAL, "CI", "medicare"),
        (PayerProfile(payer_id="X", kind="medicaid"), "", "medicaid"),
        (PayerProfile(payer_id="X"), "CI", ""),
        (PayerProfile(payer_id="X"), "MC", "medicaid"),
        (PayerProfile(payer_id="X"), "16", "medicare"),
        (PayerProfile(payer_id="X", ncci_program="medicaid"), "CI", "medicaid"),
        (PayerProfile(payer_id="X", kind="medicare", ncci_program=""), "MB", ""),
        (None, "", "medicare"),
        (None, "MC", "medicaid"),
    ],
)
def test_the_program_of_a_payer(payer: PayerProfile | None, indicator: str, program: str) -> None:
    assert ncci_program(payer, indicator) == program


def limit_of(tables: dict[str, Any], on: date = DAY) -> int | None:
    found = tables["unit_limits"].limit("0001U", on)
    return found.units if found else None


def test_tables_of_each_setting_and_program(sets: CodeSets) -> None:
    assert limit_of(reference_tables(sets, "P", program="medicare")) == 1
    assert limit_of(reference_tables(sets, "I", program="medicare")) == 3
    assert limit_of(reference_tables(sets, "P", program="medicare", supplier=True)) == 4
    assert limit_of(reference_tables(sets, "P", program="medicaid")) == 5
    assert reference_tables(sets, "P", program="medicare")["procedure_pairs"].find("0001U", "80503", DAY) is not None


def test_each_quarter_is_asked_for_its_own_days(sets: CodeSets) -> None:
    tables = reference_tables(sets, "P", program="medicare")
    assert limit_of(tables, date(2026, 6, 30)) == 2
    assert limit_of(tables, date(2026, 7, 1)) == 1
    assert not tables["unit_limits"].covers(date(2026, 3, 31)) and not tables["unit_limits"].covers(date(2026, 10, 1))
    assert tables["procedure_pairs"].among(("0001U", "80503"), date(2026, 10, 1)) == []


def test_what_nobody_imported_is_none_and_medicare_never_stands_in_for_medicaid(sets: CodeSets) -> None:
    tables = reference_tables(sets, "P", program="medicaid")
    assert tables["procedure_pairs"] is None and tables["add_ons"] is None
    assert reference_tables(shipped(), "P", program="medicare")["procedure_pairs"] is None


@pytest.mark.parametrize(("kind", "program"), [("P", ""), ("D", "medicare")])
def test_where_no_table_holds_there_is_nothing_to_find(sets: CodeSets, kind: str, program: str) -> None:
    tables = reference_tables(sets, kind, program=program)
    for name in ("procedure_pairs", "unit_limits", "add_ons"):
        assert tables[name].covers(date(1990, 1, 1))
    assert limit_of(tables) is None and tables["add_ons"].add_on("22614", DAY) is None


def test_tables_are_made_once(sets: CodeSets) -> None:
    assert reference_tables(sets, "P") is reference_tables(sets, "P", program="medicare")
