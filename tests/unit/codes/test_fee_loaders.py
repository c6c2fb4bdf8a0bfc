"""Official fee files: taken whole, or refused with the line, the reason and the fix."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from claimwright.codes.fee_files import (
    EquipmentFee,
    conversion_factor,
    shipped_anesthesia_factors,
    shipped_cost_indices,
    shipped_counties,
)
from claimwright.codes.fee_tables import decimal_of
from claimwright.codes.library import Library, recognised
from claimwright.codes.library_shapes import Asked, CannotImport
from claimwright.codes.loaders import fees_other, fees_physician
from tests.lib.fee_files import FOLDER, prepared, source
from tests.unit.codes.library_workbooks import workbook

RVU_2024 = FOLDER / "PPRRVU24_JUL.csv"
RVU_2026 = FOLDER / "PPRRVU2026_JUL_nonQPP.csv"
GPCI_2026 = FOLDER / "GPCI2026.csv"
AUGUST = date(2024, 8, 15)


def opened(loader, path, folder, **asked):
    return loader.format.open(prepared(loader, path, folder, **asked).path)


@pytest.fixture
def changed(tmp_path):
    """A copy of a file with one piece of text changed, under the same name."""

    def change(path, old, new, name=""):
        text = path.read_bytes().decode("cp1252")
        assert text.count(old) >= 1, old
        copy = tmp_path / (name or path.name)
        copy.write_bytes(text.replace(old, new, 1).encode("cp1252"))
        return copy

    return change


def refusal(loader, path, folder, **asked):
    with pytest.raises(CannotImport) as caught:
        prepared(loader, path, folder, **asked)
    return caught.value.refusals[0]


class TestRelativeValues:
    def test_the_layout_of_2024_has_31_columns(self, tmp_path):
        release = prepared(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path)
        assert (release.start, release.end) == (date(2024, 7, 1), date(2024, 10, 1))
        row = fees_physician.RELATIVE_VALUES.format.open(release.path).row("45385", "", AUGUST)
        assert (row.work, row.nonfacility_expense, row.facility_expense, row.malpractice) == (
            Decimal("4.57"), Decimal("8.47"), Decimal("2.36"), Decimal("0.56"),
        )  # fmt: skip
        assert (row.status, row.global_days, row.multiple_procedure, row.endoscopy_base) == ("A", "000", "3", "45378")
        assert row.conversion_factor == Decimal("33.2875")

    def test_the_layout_of_2026_has_a_column_more_before_the_endoscopy_base(self, tmp_path):
        row = opened(fees_physician.RELATIVE_VALUES, RVU_2026, tmp_path).row("99213", "", date(2026, 7, 1))
        assert row.conversion_factor == Decimal("33.4009")
        assert row.endoscopy_base == ""
        assert row.team == "0"
        assert row.imaging_family == "99"

    def test_global_period_parts_and_indicators(self, tmp_path):
        row = opened(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path).row("27447", "", AUGUST)
        assert row.global_period_days == 90
        assert row.preoperative + row.intraoperative + row.postoperative == 1
        assert (row.nonfacility_na, row.facility_na, row.bilateral) == (True, False, "1")
        assert not row.is_add_on

    def test_a_part_has_its_own_row_and_another_modifier_does_not(self, tmp_path):
        table = opened(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path)
        assert table.row("71046", "TC", AUGUST).work == 0
        assert table.fitting("71046", ("59", "26"), AUGUST).modifier == "26"
        assert table.row("71046", "59", AUGUST) is None
        assert table.fitting("71046", ("59",), AUGUST).modifier == ""

    def test_preparing_twice_gives_the_same_bytes(self, tmp_path):
        first = prepared(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path).path.read_bytes()
        assert prepared(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path).path.read_bytes() == first

    @pytest.mark.parametrize(
        ("old", "new", "line", "reason"),
        [
            ("99213,,,A,,1.3,1.33", "9.9E+04,,,A,,1.3,1.33", 1, "turned into a number"),
            ("11042,,,A", "1042,,,A", 1, "lost its leading zeros"),
            ("99213,,,A,,1.3,1.33", "99213,,,A,,1.33", 1, ""),  # a cell lost: all after it stand in the wrong column
            ("99213,,,A,,1.3,", "99213,,,A,,9.3,", 1, "is not the sum"),
            ("99213,,,A,,1.3,", "99213,,,Z,,1.3,", 1, "is none of"),
            ("99214,", "99213,", 1, "given twice"),
            ("99213,,,A,,1.3,", "99213,,,A,,one,", 1, "is no number"),
        ],
    )
    def test_a_spoiled_row_is_refused_with_its_line(self, changed, tmp_path, old, new, line, reason):
        found = refusal(fees_physician.RELATIVE_VALUES, changed(RVU_2024, old, new), tmp_path)
        assert reason in found.reason
        assert found.line > 10
        assert found.fix

    def test_a_file_that_is_cut_off_is_refused(self, tmp_path):
        whole = RVU_2024.read_bytes()
        cut = tmp_path / RVU_2024.name
        cut.write_bytes(whole[: whole.rindex(b"33.2875")])
        assert "cut off" in refusal(fees_physician.RELATIVE_VALUES, cut, tmp_path).reason

    def test_the_wrong_year_is_refused(self, tmp_path, changed):
        assert "2024" in refusal(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path, start=date(2025, 7, 1)).reason

    def test_a_file_without_any_year_asks_for_the_dates(self, changed, tmp_path):
        copy = changed(RVU_2024, "2024 National", "National", name="values.csv")
        assert "--start" in refusal(fees_physician.RELATIVE_VALUES, copy, tmp_path).fix
        release = prepared(fees_physician.RELATIVE_VALUES, copy, tmp_path, start=date(2024, 3, 9))
        assert (release.start, release.end) == (date(2024, 3, 9), date(2024, 4, 1))

    def test_a_missing_column_is_not_recognised(self, changed):
        copy = changed(RVU_2024, "PROC,SURG,SURG,SURG,SURG,BASE", "PROC,SIDES,SURG,SURG,SURG,BASE")
        assert not fees_physician.RELATIVE_VALUES.recognises(copy.name, source(copy).head)

    def test_a_workbook_holds_codes_as_numbers(self, tmp_path):
        """The agency's own workbooks do; the leading zeros come back, and numbers stay exact."""
        rows = [line.split(",") for line in RVU_2026.read_text(encoding="cp1252").splitlines()]
        cells = [[float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row] for row in rows]
        path = tmp_path / "PPRRVU2026_JUL_nonQPP.xlsx"
        path.write_bytes(workbook(cells))
        table = opened(fees_physician.RELATIVE_VALUES, path, tmp_path)
        row = table.row("99213", "", date(2026, 7, 1))
        assert (row.work, row.supervision, row.conversion_factor) == (Decimal("1.3"), "09", Decimal("33.4009"))
        assert table.row("00100", "", date(2026, 7, 1)).status == "J"


class TestOtherPhysicianFiles:
    def test_cost_indices_keep_zeros_and_leave_footnotes_out(self, tmp_path):
        table = opened(fees_physician.COST_INDICES, GPCI_2026, tmp_path)
        assert len(table) == 4
        alaska = table.row("02102", "01", date(2026, 1, 1))
        assert (alaska.work, alaska.name, alaska.state) == (Decimal("1.500"), "ALASKA", "AK")

    def test_the_year_of_cost_indices_is_not_that_of_a_footnote(self, tmp_path):
        assert prepared(fees_physician.COST_INDICES, GPCI_2026, tmp_path).start == date(2026, 1, 1)

    def test_an_index_out_of_range_is_refused(self, changed, tmp_path):
        assert (
            "not between" in refusal(fees_physician.COST_INDICES, changed(GPCI_2026, "1.410", "141.0"), tmp_path).reason
        )

    def test_the_carriers_own_file_has_no_header(self, tmp_path):
        path = tmp_path / "PF2026.txt"
        path.write_text(
            '"2026","01112","05","99213","  ","0000117.58","0000064.37"," ","0","A","0","0","0","0","0","0"\r\n'
            '"2026","01112","05","99214","  ","0000000.00","0000090.00"," ","0","A","0","0","0","0","0","0"\r\n'
            '"TRL","made for a test"\r\n'
        )
        assert recognised(source(path)).name == "carrier-fees"
        table = opened(fees_physician.CARRIER, path, tmp_path)
        on = date(2026, 2, 2)
        row = table.find(("01112", "05", "99213", ""), on)
        assert (row.amount(facility=False), row.amount(facility=True)) == (Decimal("117.58"), Decimal("64.37"))
        assert table.find(("01112", "05", "99214", ""), on).nonfacility is None  # no price is not 0.00

    def test_rows_of_two_years_are_refused(self, tmp_path):
        path = tmp_path / "PF.txt"
        rows = [
            f'"{year}","01112","05","99213","  ","0000117.58","0000064.37"," ","0","A","0"\n' for year in (2025, 2026)
        ]
        path.write_text("".join(rows))
        assert refusal(fees_physician.CARRIER, path, tmp_path).line == 2

    def test_zip_codes_name_their_locality(self, tmp_path):
        path = tmp_path / "ZIP5_APR2026.csv"
        path.write_text(
            "STATE,ZIP CODE,CARRIER,LOCALITY,RURAL IND,LAB CB LOCALITY,RURAL IND2,PLUS 4 FLAG,PART B DRUG INDICATOR,YEAR/QTR\n"
            "CA,94110,01112,05,,,,0,,20262\nMA,02139,14212,01,,,,1,,20262\n"
        )
        assert recognised(source(path)).name == "zip5"
        table = opened(fees_physician.POSTAL, path, tmp_path)
        found = table.find(("02139",), date(2026, 4, 1))
        assert (found.carrier, found.locality, found.needs_plus_four) == ("14212", "01", True)

    def test_anesthesia_factors(self, tmp_path):
        path = tmp_path / "ANES2024.csv"
        path.write_text(
            'Contractor,Locality,Locality Name,Anesthesia Conversion Factor\n01112,05,SAN FRANCISCO,22.86\n"\x1a",,,\n'
        )
        table = opened(fees_physician.ANESTHESIA, path, tmp_path, start=date(2024, 3, 9))
        assert table.row("01112", "05", date(2024, 3, 9)).factor == Decimal("22.86")

    def test_outpatient_caps(self, tmp_path):
        path = tmp_path / "OPPSCAP_JUL2024.csv"
        path.write_text(
            "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILITY PRICE\n71046,TC,A,10112,00,20.10,20.10\n"
        )
        assert recognised(source(path)).name == "oppscap"
        table = opened(fees_physician.OUTPATIENT_CAPS, path, tmp_path)
        assert table.find(("10112", "00", "71046", "TC"), AUGUST).amount(facility=False) == Decimal("20.10")

    def test_counties_of_localities(self, tmp_path):
        path = tmp_path / "24LOCCO.csv"
        path.write_text(
            "Medicare Administrative Contractor,Locality Number,State,Fee Schedule Area,Counties\n"
            "10112,00,ALABAMA,STATEWIDE,ALL COUNTIES\n*  Payment locality is serviced by two carriers.,,,,\n"
        )
        release = prepared(fees_physician.COUNTIES, path, tmp_path)
        assert (release.rows, release.start) == (1, date(2024, 1, 1))


class TestOtherSchedules:
    def test_laboratory_fees(self, tmp_path):
        path = tmp_path / "PUF_CLFS_CY2026_Q1V1.csv"
        path.write_text(
            "Notice\n\n\n\nYEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE,SHORTDESC,LONGDESC,EXTENDEDLONGDESC\n"
            "2026,80053,,20260101,N,10.56,,,\n2026,80053,QW,20260101,N,10.56,,,\n2026,0001U,,20260101,N,0.00,,,\n",
            encoding="cp1252",
        )
        assert recognised(source(path)).name == "clfs"
        table = opened(fees_other.LABORATORY, path, tmp_path)
        assert table.find(("80053", "QW"), date(2026, 1, 1)).rate == Decimal("10.56")
        assert table.find(("0001U", ""), date(2026, 1, 1)).rate is None

    def test_equipment_fees_by_state_and_rural(self, tmp_path):
        path = tmp_path / "DME26-A.csv"
        path.write_text(
            "DMEPOS fee schedule,,,,,,,,,,\nHCPCS,Mod,Mod2,JURIS,CATG,Ceiling,Floor,AL (NR),AL (R),WI (NR),WI (R),Description\n"
            'E0601,RR,,D,CR,0.00,0.00,49.81,"52.10",0.00,0.00,words\n'
        )
        assert recognised(source(path)).name == "dmepos"
        release = prepared(fees_other.EQUIPMENT, path, tmp_path)
        assert release.start == date(2026, 1, 1)
        row = fees_other.EQUIPMENT.format.open(release.path).find(("E0601", "RR", ""), date(2026, 1, 1))
        assert (row.amount("AL"), row.amount("AL", rural=True), row.amount("WI")) == (
            Decimal("49.81"),
            Decimal("52.10"),
            None,
        )

    def test_outpatient_rates(self, tmp_path):
        path = tmp_path / "addendum_b.csv"
        path.write_text(
            "Addendum B.-Final OPPS Payment by HCPCS Code for April 2026,,,,,,,\n"
            "HCPCS Code,Short Descriptor,SI,APC,Relative Weight,Payment Rate,National Unadjusted Copayment,Minimum Unadjusted Copayment\n"
            'G0105,,T,5311,9.8754,"$878.28",,$219.57\nG0008,,S,5691,0.5,$43.21,,\nA0021,,E1,,,,,\n'
        )
        assert recognised(source(path)).name == "opps-addendum-b"
        release = prepared(fees_other.OUTPATIENT, path, tmp_path)
        assert release.start == date(2026, 4, 1)
        table = fees_other.OUTPATIENT.format.open(release.path)
        row = table.find(("G0105",), date(2026, 4, 1))
        assert (row.rate, row.status_indicator, row.minimum_copayment) == (Decimal("878.28"), "T", Decimal("219.57"))
        assert table.find(("A0021",), date(2026, 4, 1)).rate is None

    def test_surgery_center_rates(self, tmp_path):
        path = tmp_path / "ASC_AA_JAN2026.csv"
        path.write_text(
            "HCPCS Code,,Short Descriptor,Subject to Multiple Procedure Discounting,January 2026 Payment Indicator,"
            "January 2026 Payment Weight,January 2026 Payment Rate\nG0105,,,Y,A2,8.1,$456.78\nG0106,,,N,N1,,\n"
        )
        assert recognised(source(path)).name == "asc-addendum"
        table = opened(fees_other.SURGERY_CENTER, path, tmp_path)
        row = table.find(("G0105",), date(2026, 1, 1))
        assert (row.rate, row.payment_indicator, row.is_discounted) == (Decimal("456.78"), "A2", True)


class TestLibrary:
    def test_import_says_what_changes_and_repeats_nothing(self, tmp_path, changed):
        library = Library(tmp_path / "library")
        at = datetime(2026, 7, 1, tzinfo=UTC)
        (step,) = library.import_files([RVU_2024], asked=Asked(), at=at).steps
        assert step.changes.added == 98
        assert not library.import_files([RVU_2024], asked=Asked(), at=at).is_new
        revised = changed(
            RVU_2024, "99213,,,A,,1.3,1.33,,0.56,,0.1,2.73,1.96", "99213,,,A,,1.3,1.34,,0.56,,0.1,2.74,1.96"
        )
        (step,) = library.import_files([revised], asked=Asked(), at=at).steps
        assert (step.action, step.changes.changed_sample) == ("replace", ("99213",))
        table = library.open(library.state().releases["relative_values"][0])
        assert table.row("99213", "", AUGUST).nonfacility_expense == Decimal("1.34")

    @pytest.mark.parametrize(
        ("path", "old", "new", "told"),
        [
            (GPCI_2026, "PE GPCI", "Practice", "cost indices by locality (CSV or workbook), and has no column expense"),
            (RVU_2024, "MULT,", "MOST,", "PPRRVU: relative values of the physician fee schedule"),
        ],
    )
    def test_a_header_that_lacks_a_column_is_told_with_its_line(self, tmp_path, changed, path, old, new, told):
        library = Library(tmp_path / "library")
        with pytest.raises(CannotImport) as caught:
            library.import_files([changed(path, old, new)], asked=Asked(), at=datetime(2026, 7, 1, tzinfo=UTC))
        (refusal,) = caught.value.refusals
        assert told in refusal.reason and refusal.line > 1 and refusal.file == path.name
        assert library.state().releases == {}

    def test_a_refused_file_leaves_the_loaded_table(self, tmp_path, changed):
        library = Library(tmp_path / "library")
        at = datetime(2026, 7, 1, tzinfo=UTC)
        library.import_files([RVU_2024], asked=Asked(), at=at)
        before = library.state().releases
        with pytest.raises(CannotImport):
            library.import_files([changed(RVU_2024, "99213,,,A,,1.3,", "99213,,,A,,9.3,")], asked=Asked(), at=at)
        assert library.state().releases == before

    def test_a_file_under_the_name_of_another_year_is_refused(self, tmp_path):
        renamed = tmp_path / "PPRRVU26_JUL.csv"
        lines = RVU_2024.read_text("cp1252").splitlines(keepends=True)
        head = next(number for number, line in enumerate(lines) if line.startswith("HCPCS,"))
        renamed.write_text(
            "".join(lines[head - 4 :]).replace("2024", ""), "cp1252"
        )  # without the title that tells 2024
        told = refusal(fees_physician.RELATIVE_VALUES, renamed, tmp_path)
        assert (
            "conversion factor 33.2875 is that from 2024-03-09 to before 2025-01-01, and not of 2026 Q3" in told.reason
        )
        april = prepared(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path, start=date(2024, 4, 1))
        assert april.start == date(2024, 4, 1)
        told = refusal(fees_physician.RELATIVE_VALUES, RVU_2024, tmp_path, start=date(2024, 1, 1), end=date(2024, 3, 9))
        assert "33.2875" in told.reason

    def test_both_files_of_2026_are_one_release(self, tmp_path, changed):
        other = changed(RVU_2026, "33.4009", "33.5675", name="PPRRVU2026_JUL_QPP.csv")
        sources = [source(other), source(RVU_2026)]
        (release,) = fees_physician.RELATIVE_VALUES.prepare(sources, Asked(), tmp_path)
        table = fees_physician.RELATIVE_VALUES.format.open(release.path)
        assert table.row("99213", "", date(2026, 7, 1)).conversion_factor == Decimal("33.4009")

    def test_two_files_that_disagree_are_refused(self, tmp_path, changed):
        other = changed(RVU_2026, "1.46,,0.33,,0.09,2.85", "1.47,,0.33,,0.09,2.86", name="PPRRVU2026_JUL_QPP.csv")
        with pytest.raises(CannotImport, match="differs"):
            fees_physician.RELATIVE_VALUES.prepare([source(other), source(RVU_2026)], Asked(), tmp_path)


class TestShipped:
    @pytest.mark.parametrize(
        ("on", "factor"),
        [
            (date(2020, 1, 1), "36.0896"), (date(2021, 6, 1), "34.8931"), (date(2022, 12, 31), "34.6062"),
            (date(2023, 1, 1), "33.8872"), (date(2024, 1, 1), "32.7442"), (date(2024, 3, 8), "32.7442"),
            (date(2024, 3, 9), "33.2875"), (date(2025, 1, 1), "32.3465"), (date(2026, 1, 1), "33.4009"),
        ],
    )  # fmt: skip
    def test_conversion_factor_by_date(self, on, factor):
        assert conversion_factor(on).value == Decimal(factor)
        assert conversion_factor(on).source

    def test_qualifying_participants_have_their_own_from_2026(self):
        assert conversion_factor(date(2026, 5, 1), qualifying=True).value == Decimal("33.5675")
        assert conversion_factor(date(2025, 5, 1), qualifying=True).value == Decimal("32.3465")

    def test_a_year_that_is_not_known_has_none(self):
        assert conversion_factor(date(2027, 1, 1)) is None
        assert conversion_factor(date(2019, 12, 31)) is None

    def test_localities(self):
        indices = shipped_cost_indices()
        assert indices.row("01112", "05", date(2026, 1, 1)).expense == Decimal("1.410")
        assert indices.row("01112", "05", date(2024, 1, 1)).expense == Decimal("1.419")
        assert indices.row("01112", "05", date(2025, 1, 1)) is None
        assert [row.locality for row in indices.of_state("AL", date(2024, 1, 1))] == ["00"]
        assert shipped_counties().find(("04112", "01", "CO"), date(2024, 1, 1)).area == "STATEWIDE"

    def test_anesthesia_factors_of_2024_are_those_of_march(self):
        factors = shipped_anesthesia_factors()
        assert factors.row("01112", "05", date(2024, 3, 9)).factor == Decimal("22.86")
        assert factors.row("01112", "05", date(2024, 3, 8)) is None


def test_numbers_are_exact_and_words_are_none():
    assert decimal_of("$1,234.50") == Decimal("1234.50")
    assert decimal_of("nan") is None
    assert decimal_of("n/a") is None
    assert EquipmentFee(code="E0601", amounts="").amount("WI") is None
