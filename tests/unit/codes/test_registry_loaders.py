"""The public lists of providers: taken whole or not at all, looked up by NPI, and joined on a date."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.library import Asked, CannotImport
from claimwright.codes.library_sets import code_sets
from claimwright.codes.provider_registry import REGISTRY_SETS, ProviderRegistry
from claimwright.codes.provider_rows import MappedProviders, ProviderRows, compare
from tests.unit.codes.library_files import NOW, library, write, zipped
from tests.unit.codes.library_workbooks import workbook
from tests.unit.codes.registry_files import (
    NPPES_COLUMNS,
    deactivated_file,
    exclusion_file,
    exclusion_row,
    npi,
    nppes_file,
    nppes_row,
    order_file,
    order_row,
)

ANNA, BERT, CLARA, GROUP = npi(1), npi(2), npi(3), npi(4, "2")
DAY = date(2026, 10, 5)
LIST = "OrderReferring_20261001.csv"
MONTHLY = "npidata_pfile_20050523-20261011.csv"


def take(tmp_path, name, text, **asked):
    return library(tmp_path).import_files([write(tmp_path, name, text)], asked=Asked(**asked), at=NOW)


def refusals(tmp_path, name, text, **asked) -> list[tuple[int, str]]:
    with pytest.raises(CannotImport) as told:
        take(tmp_path, name, text, **asked)
    assert library(tmp_path).state().releases == {}
    assert all(refusal.fix for refusal in told.value.refusals)
    return [(refusal.line, refusal.reason) for refusal in told.value.refusals]


def registry(tmp_path) -> ProviderRegistry:
    return ProviderRegistry(code_sets(library(tmp_path).folder))


def test_the_synthetic_registry_has_as_many_columns_as_the_real_one():
    assert len(NPPES_COLUMNS) == len(set(NPPES_COLUMNS)) == 330


def test_who_may_order_is_told_for_the_days_around_the_list(tmp_path):
    take(tmp_path, LIST, order_file(order_row(BERT, may=("PARTB",)), order_row(ANNA)))
    known = registry(tmp_path)
    anna, bert = known.standing(ANNA, DAY), known.standing(BERT, DAY)
    assert anna is not None and anna.may_order and anna.list_of == date(2026, 10, 1) and "DME" in anna.ordering
    assert bert is not None and bert.may_order and bert.ordering == ("PARTB",)
    absent = known.standing(CLARA, DAY)
    assert absent is not None and absent.may_order is False
    # A list has no history: of the long past, and of what lies long after it, absence tells nothing.
    for day in (date(2026, 7, 2), date(2027, 1, 15)):
        far = known.standing(CLARA, day)
        assert far is not None and far.may_order is None and far.list_of == date(2026, 10, 1)
        assert known.standing(ANNA, day).may_order is True
    assert code_sets(library(tmp_path).folder).covers("order_and_referring", DAY)


def test_a_list_without_the_later_columns_is_read(tmp_path):
    take(tmp_path, "list.csv", f"NPI,LAST_NAME,FIRST_NAME,PARTB,DME,HHA\n{ANNA},TESTER,ANNA,Y,N,Y\n", start=DAY)
    assert registry(tmp_path).standing(ANNA, DAY).ordering == ("PARTB", "HHA")


def test_a_newer_list_replaces_and_an_older_one_is_refused(tmp_path):
    take(tmp_path, LIST, order_file(order_row(ANNA)))
    report = take(tmp_path, "OrderReferring_20261004.csv", order_file(order_row(ANNA), order_row(BERT)))
    (step,) = report.steps
    assert (step.action, step.changes.added, step.changes.same) == ("replace", 1, 1)
    assert step.changes.added_sample == (BERT,)
    assert not take(tmp_path, "OrderReferring_20261004.csv", order_file(order_row(ANNA), order_row(BERT))).is_new
    with pytest.raises(CannotImport, match="older"):
        take(tmp_path, "OrderReferring_20260901.csv", order_file(order_row(ANNA)))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (order_file(order_row("1234567890")), 2, "check digit is wrong"),
        (order_file(order_row(ANNA), order_row("1.23E+09")), 3, "workbook turned into a number"),
        (order_file(order_row("123456789")), 2, "no NPI of ten digits"),
        (order_file(order_row(ANNA).removesuffix(",Y")), 2, "7 columns instead of 8: cut off"),
        (order_file(order_row(ANNA), order_row(BERT)[:-1])[:-1], 3, "blank is neither Y nor N"),
        (order_file(order_row(ANNA).replace("Y", "X", 1)), 2, "X is neither Y nor N"),
        (order_file(order_row(ANNA)).replace(",HHA", ""), 1, "the column HHA is missing"),
        (order_file(), 0, "no provider found"),
    ],
)
def test_a_list_of_who_may_order_that_is_not_whole_is_refused(tmp_path, text, line, reason):
    told = refusals(tmp_path, LIST, text)
    assert any(at == line and reason in why for at, why in told), told


def test_a_list_that_says_no_day_is_refused(tmp_path):
    assert "of which day" in refusals(tmp_path, "list.csv", order_file(order_row(ANNA)))[0][1]


def test_exclusions_are_known_by_npi_with_reinstatement_and_waiver(tmp_path):
    text = exclusion_file(
        exclusion_row(ANNA, "20200120"), exclusion_row(BERT, "20100101", "20150101"), exclusion_row(BERT, "20190601"),
        exclusion_row(CLARA, "20180101", "20210101", "WI"), exclusion_row(), exclusion_row(""),
    )  # fmt: skip
    report = take(tmp_path, "UPDATED.csv", text)
    assert report.steps[0].record.edition == date(2020, 1, 20) and report.steps[0].record.rows == 4
    assert report.steps[0].record.notes[0].startswith("2 of 6 exclusions have no NPI")
    known = registry(tmp_path)
    assert known.standing(ANNA, DAY).excluded_on == date(2020, 1, 20)
    first = known.standing(BERT, date(2012, 1, 1))
    assert (first.excluded_on, first.reinstated_on) == (date(2010, 1, 1), date(2015, 1, 1))
    assert known.standing(BERT, DAY).excluded_on == date(2019, 6, 1)
    clara = known.standing(CLARA, DAY)
    assert (clara.reinstated_on, clara.waived_in, clara.exclusion_type) == (date(2021, 1, 1), "WI", "1128a1")
    assert known.standing(GROUP, DAY) is None


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("2610excl.csv", exclusion_file(exclusion_row(ANNA)), 0, "supplement"),
        ("UPDATED.csv", exclusion_file(exclusion_row(ANNA, "00000000")), 2, "day of the exclusion is missing"),
        ("UPDATED.csv", exclusion_file(exclusion_row(ANNA, "2020-13-01")), 2, "is no date"),
        ("UPDATED.csv", exclusion_file(exclusion_row("1.98E+09")), 2, "workbook"),
        ("UPDATED.csv", exclusion_file(exclusion_row(ANNA), exclusion_row(BERT)[:90]), 3, "cut off"),
        (
            "UPDATED.csv",
            exclusion_file(*[exclusion_row("1234567890")] * 3, exclusion_row(ANNA)),
            0,
            "3 NPIs have a wrong",
        ),
    ],
)
def test_a_list_of_exclusions_that_is_not_whole_is_refused(tmp_path, name, text, line, reason):
    told = refusals(tmp_path, name, text)
    assert any(at == line and reason in why for at, why in told), told


def test_one_mistyped_npi_of_the_agency_does_not_spoil_the_list(tmp_path):
    rows = [exclusion_row(npi(number)) for number in range(60)]
    report = take(tmp_path, "UPDATED.csv", exclusion_file(*rows, exclusion_row("1234567890")))
    assert report.steps[0].record.rows == 60 and "1 of 61" in report.steps[0].record.notes[0]


def test_deactivated_npis_come_as_a_workbook_with_a_title(tmp_path):
    rows = [["NPPES Deactivated Records as of Oct 12 2026"], ["NPI", "NPPES Deactivation Date"], [ANNA, "03/11/2024"]]
    take(tmp_path, "NPPES Deactivated NPI Report 20261012.xlsx", workbook(rows))
    record = library(tmp_path).state().releases["nppes_deactivated"][0]
    assert record.edition == date(2026, 10, 12) and record.rows == 1
    assert registry(tmp_path).standing(ANNA, DAY).deactivated_on == date(2024, 3, 11)


def test_a_list_of_deactivated_npis_that_is_not_whole_is_refused(tmp_path):
    text = deactivated_file((ANNA, "03/11/2024"), (BERT, ""), (ANNA[:-1], "03/11/2024"))
    assert [line for line, _ in refusals(tmp_path, "deactivated.csv", text)] == [4, 5]
    text = deactivated_file((ANNA, "03/11/2024"), (BERT, "03/11/2024"), (ANNA, "03/12/2024"))
    assert refusals(tmp_path, "deactivated.csv", text) == [(5, f"NPI {ANNA} has two rows that differ")]


def nppes_rows() -> list[str]:
    return [
        nppes_row(GROUP, entity="2", organization='LAKESIDE "OLD MILL", LLC', taxonomies="261QP2300X"),
        nppes_row(ANNA, taxonomies="207RC0000X 207R00000X*"),
        nppes_row(BERT, entity="", last="", first="", deactivated="03/11/2024"),
        nppes_row(CLARA, deactivated="01/05/2010", reactivated="02/06/2011", taxonomies="363LF0000X*"),
    ]


def test_the_registry_is_read_line_by_line_out_of_its_archive(tmp_path):
    text = nppes_file(*nppes_rows())
    members = {MONTHLY: text.encode(), MONTHLY.replace(".csv", "_fileheader.csv"): text.partition("\n")[0].encode()}
    report = take(tmp_path, "NPPES_Data_Dissemination_October_2026.zip", zipped(members))
    assert report.passed_over and report.steps[0].record.edition == date(2026, 10, 11)
    known = registry(tmp_path)
    anna, group = known.standing(ANNA, DAY), known.standing(GROUP, DAY)
    assert anna.taxonomies == ("207R00000X", "207RC0000X") and (anna.last_name, anna.entity_type) == ("TESTER", "1")
    assert group.entity_type == "2" and group.organization_name == 'LAKESIDE "OLD MILL", LLC'
    assert known.standing(BERT, DAY).deactivated_on == date(2024, 3, 11)
    clara = known.standing(CLARA, DAY)
    assert (clara.deactivated_on, clara.reactivated_on) == (date(2010, 1, 5), date(2011, 2, 6))
    assert known.standing(npi(99), DAY) is None


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("npidata_pfile_20261005-20261011.csv", nppes_file(nppes_row(ANNA)), 0, "changes from 2026-10-05"),
        (MONTHLY, nppes_file(nppes_row("1234567890")), 2, "check digit is wrong"),
        (MONTHLY, nppes_file(nppes_row(ANNA, entity="3")), 2, "3 is no entity type"),
        (MONTHLY, nppes_file(nppes_row(ANNA, entity="")), 2, "blank is no entity type"),
        (MONTHLY, nppes_file(nppes_row(ANNA, taxonomies="207R*")), 2, "no taxonomy code"),
        (MONTHLY, nppes_file(nppes_row(ANNA, deactivated="13/45/2020")), 2, "is no date"),
        (
            MONTHLY,
            nppes_file(nppes_row(ANNA), nppes_row(BERT), nppes_row(ANNA, last="OTHER")),
            4,
            "two rows that differ",
        ),
        (
            MONTHLY,
            nppes_file(nppes_row(ANNA)).replace("NPI Deactivation Date", "Gone"),
            1,
            "no column npi deactivation",
        ),
        (MONTHLY, nppes_file(), 0, "no provider found"),
    ],
)
def test_a_registry_that_is_not_whole_is_refused(tmp_path, name, text, line, reason):
    told = refusals(tmp_path, name, text)
    assert any(at == line and reason in why for at, why in told), told


@pytest.mark.parametrize("lost", [1, 2, 3, 200])
def test_a_registry_that_is_cut_off_is_refused(tmp_path, lost):
    text = nppes_file(*nppes_rows()).rstrip("\n")
    line, reason = refusals(tmp_path, MONTHLY, text[:-lost])[-1]
    assert line == 5 and reason.endswith("cut off")


def test_only_the_npis_asked_for_are_kept_and_of_the_others_nothing_is_known(tmp_path):
    only = frozenset({ANNA, CLARA})
    take(tmp_path, MONTHLY, nppes_file(*nppes_rows()), only=only)
    report = take(tmp_path, LIST, order_file(order_row(ANNA), order_row(BERT)), only=only)
    assert "kept 2 of 2 rows, for 2 NPIs" in report.steps[0].record.notes[0]
    known = registry(tmp_path)
    assert known.standing(ANNA, DAY).may_order and known.standing(CLARA, DAY).may_order is False
    assert known.standing(CLARA, DAY).taxonomies == ("363LF0000X",)
    assert known.standing(BERT, DAY) is None and known.standing(GROUP, DAY) is None
    # The rows that are left out are checked all the same.
    assert len(MappedProviders(library(tmp_path).path(library(tmp_path).state().releases["nppes"][0]))) == 2
    with pytest.raises(CannotImport, match="check digit"):
        take(tmp_path, MONTHLY, nppes_file(nppes_row(ANNA), nppes_row("1234567890")), only=only)


def test_no_other_file_is_taken_in_part(tmp_path):
    told = refusals(tmp_path, "payers.csv", "payer id,payer name\n60054,Example\n", only=frozenset({ANNA}))
    assert "only a list of providers can be taken in part" in told[0][1]


def test_two_of_one_list_at_once_are_refused(tmp_path):
    paths = [write(tmp_path, name, order_file(order_row(ANNA))) for name in (LIST, "OrderReferring_20261004.csv")]
    with pytest.raises(CannotImport, match="two of the same list"):
        library(tmp_path).import_files(paths, asked=Asked(), at=NOW)


def test_all_lists_are_joined_by_npi(tmp_path):
    assert not registry(tmp_path).is_loaded
    take(tmp_path, MONTHLY, nppes_file(*nppes_rows(), nppes_row(npi(5), last="OLDNAME", taxonomies="207Q00000X*")))
    take(tmp_path, LIST, order_file(order_row(npi(5), last="NEWNAME"), order_row(CLARA)))
    take(tmp_path, "UPDATED.csv", exclusion_file(exclusion_row(npi(5))))
    take(tmp_path, "deactivated.csv", deactivated_file((CLARA, "05/05/2010"), (ANNA, "05/05/2025")))
    known = registry(tmp_path)
    assert known.is_loaded and set(library(tmp_path).state().releases) == set(REGISTRY_SETS)
    one = known.standing(npi(5), DAY)
    assert one.last_name == "NEWNAME"  # by the list that Medicare compares with
    assert one.taxonomies == ("207Q00000X",) and one.may_order and one.excluded_on == date(2020, 1, 20)
    # The registry says that she has come back since; of him it does not yet know that he is gone.
    assert known.standing(CLARA, DAY).reactivated_on == date(2011, 2, 6)
    anna = known.standing(ANNA, DAY)
    assert (anna.deactivated_on, anna.reactivated_on) == (date(2025, 5, 5), None)


def test_many_rows_are_sorted_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("claimwright.codes.provider_rows._HELD", 100)
    rows = ProviderRows(tmp_path)
    numbers = [npi(number * 7_919 % 99_999_989, "1" if number % 3 else "2") for number in range(5_000)]
    for one in [*numbers, *numbers[:50]]:
        rows.add(one, f"row of {one}")
    path = tmp_path / "many.providers"
    assert rows.write(path, edition=DAY, partial=False, one_a_provider=True) == 5_000
    mapped = MappedProviders(path)
    assert [one for one, _ in mapped] == sorted(map(int, numbers)) and mapped.edition == DAY and not mapped.partial
    assert all(mapped.find(one) == (f"row of {one}",) for one in numbers)
    assert mapped.find("") == mapped.find("x" * 10) == mapped.find(npi(99_999_999)) == ()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["many.providers"]
    assert compare(path, path, 5).same == 5_000
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(ValueError, match="cut off"):
        MappedProviders(path)
