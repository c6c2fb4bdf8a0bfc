"""The loaders of coverage policies and of drugs: what they take, what they leave out, what they refuse and where."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimwright.codes.code_sets import shipped
from claimwright.codes.coverage_policies import CoveragePolicy, PolicyTable
from claimwright.codes.library import Asked, CannotImport, Library, Record
from claimwright.codes.library_sets import code_sets
from claimwright.edits.reference import reference_tables

AT = datetime(2026, 11, 2, 9)
DAY = date(2026, 8, 31)
SECRET = "A description that belongs to the AMA"
ARTICLES = """article_id,article_version,title,display_id,status,article_eff_date,article_rev_eff_date,date_retired
50001,7,"Billing and Coding: Vitamin D, testing",A50001,A,2015-10-01 00:00:00,2026-01-01 00:00:00,
50002,3,Two groups of one number each,A50002,A,2020-01-01,,
50003,1,Retired,A50003,R,2020-01-01,,2025-12-31
50004,1,Not covered only,,A,10/01/2019,,
50005,1,A group that names its procedure,,A,2020-01-01,,
50006,1,No procedures at all,,A,2020-01-01,,
"""
PROCEDURES = f"""article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,long_description,short_description
50001,7,82306,60,1,"{SECRET}
on two lines",{SECRET}
50002,3,93880,1,1,{SECRET},x
50002,3,93882,1,2,{SECRET},x
50003,1,11111,1,1,x,x
50004,1,G0103,1,1,x,x
50005,1,J0897,1,1,x,x
50005,1,J9035,1,1,x,x
"""
COVERED = """article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,description
50001,7,E55.9,1,1,,Vitamin D deficiency
50001,7,N18.30,1,2,,CKD
50002,3,I65.21,1,1,,x
50002,3,I77.9,1,2,,x
50003,1,I10,1,1,,x
50005,1,C50.911,1,1,,x
50005,1,M81.0,1,2,,x
50006,1,I10,1,1,,x
"""
NOT_COVERED = """article_id,article_version,icd10_code_id,icd10_code_version,icd10_noncovered_group,description
50001,7,XX000,1,1,all others
50004,1,Z00.00,1,1,x
"""
PARAGRAPHS = """article_id,article_version,icd10_covered_group,paragraph
50005,1,1,<p>For J9035 only:</p>
50005,1,2,<p>For J0897 and 99999</p>
"""
RELATED = """article_id,article_version,r_lcd_id,r_lcd_version
50001,7,33771,20
"""
CONTRACTORS = """article_id,article_version,contractor_id,contractor_type_id,contractor_version
50001,7,236,9,1
50002,3,240,9,1
"""
JURISDICTIONS = """contractor_id,contractor_type_id,contractor_version,state_id,active_date,term_date
236,9,1,57,2012-01-01,
236,9,1,22,2012-01-01,2014-01-01
240,9,1,60,2012-01-01,
"""
STATES = "state_id,state_abbrev,description\n57,WI,Wisconsin\n22,IL,Illinois\n60,UN,New York - Upstate\n"
PERIOD = "begin_date,end_date\n2026-08-01,2026-08-27\n"
TABLES = {
    "article": ARTICLES, "article_x_hcpc_code": PROCEDURES, "article_x_icd10_covered": COVERED,
    "article_x_icd10_noncovered": NOT_COVERED, "article_x_icd10_covered_group": PARAGRAPHS,
    "article_related_documents": RELATED, "article_x_contractor": CONTRACTORS, "contractor_jurisdiction": JURISDICTIONS,
    "state_lookup": STATES, "update_period": PERIOD, "article_x_revision_history": "article_id,text\n50001,x\n",
}  # fmt: skip


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, data in members.items():
            files.writestr(zipfile.ZipInfo(name, (2026, 10, 1, 0, 0, 0)), data)
    return packed.getvalue()


def a_download(folder: Path, **changed: str | None) -> Path:
    """CMS's zip within a zip, with tables changed or left out (None)."""
    tables = {name: text for name, text in {**TABLES, **changed}.items() if text is not None}
    inner = zipped({f"{name}.csv": text.encode("cp1252") for name, text in tables.items()})
    path = folder / "current_article.zip"
    path.write_bytes(zipped({"current_article_csv.zip": inner, "readme.pdf": b"%PDF"}))
    return path


def taken(folder: Path, *paths: Path, **asked: Any) -> dict[str, Record]:
    library = Library(folder / "library")
    library.import_files(paths, asked=Asked(**asked), at=AT)
    return {name: records[-1] for name, records in library.state().releases.items()}


def refused(folder: Path, *paths: Path, **asked: Any) -> str:
    with pytest.raises(CannotImport) as problem:
        taken(folder, *paths, **asked)
    assert not Library(folder / "library").state().releases
    return str(problem.value)


def opened(folder: Path, record: Record) -> Any:
    return Library(folder / "library").open(record)


# Policies -------------------------------------------------------------------------------------------------------------


def test_a_policy_has_its_lcd_its_states_its_dates_and_no_description(tmp_path: Path) -> None:
    record = taken(tmp_path, a_download(tmp_path))["coverage_policies"]
    assert (record.label, record.edition, record.cumulative) == ("of 2026-08-27", date(2026, 8, 27), True)
    policies = opened(tmp_path, record)
    found = policies.policies("82306", DAY)
    assert {one.id for one in found} == {"A50001"}
    assert found[0].title == "LCD L33771: Billing and Coding: Vitamin D, testing"
    assert found[0].states == {"WI"} and found[0].payer_kinds == ("medicare",)
    assert {code for one in found for code in one.diagnoses} == {"E559", "N1830"}  # either group will do
    assert policies.policies("82306", date(2025, 12, 31)) == ()  # before the revision that the download has
    stored = next((tmp_path / "library" / "files").iterdir()).read_bytes()
    assert SECRET.encode() not in stored and b"deficiency" not in stored


def test_groups_go_together_by_number_or_by_the_procedures_that_a_paragraph_names(tmp_path: Path) -> None:
    policies = opened(tmp_path, taken(tmp_path, a_download(tmp_path))["coverage_policies"])
    by_number = {code: [one.diagnoses for one in policies.policies(code, DAY)] for code in ("93880", "93882")}
    assert by_number == {"93880": [frozenset({"I6521"})], "93882": [frozenset({"I779"})]}
    by_name = {code: [one.diagnoses for one in policies.policies(code, DAY)] for code in ("J9035", "J0897")}
    assert by_name == {"J9035": [frozenset({"C50911"})], "J0897": [frozenset({"M810"})]}
    assert policies.policies("93880", DAY)[0].states == {"NY"}


def test_what_is_retired_ends_and_what_is_never_covered_stands_alone(tmp_path: Path) -> None:
    policies = opened(tmp_path, taken(tmp_path, a_download(tmp_path))["coverage_policies"])
    assert policies.policies("11111", date(2025, 12, 31)) and not policies.policies("11111", date(2026, 1, 1))
    (only,) = policies.policies("G0103", DAY)
    assert only.start == date(2019, 10, 1) and not only.supports("Z0000") and only.supports("Z125")


def test_the_edits_are_given_the_policies_of_both_tables(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("policy,procedures,diagnoses,payer_ids\nP1,82306 82307,E55* R53.83,60054\n")
    taken(tmp_path, a_download(tmp_path), own)
    tables = reference_tables(code_sets(tmp_path / "library"))
    found = tables["coverage_policies"].policies("82306", DAY)
    assert {one.id for one in found} == {"A50001", "P1"}
    assert tables["coverage_policies"].covers(DAY) and not tables["coverage_policies"].covers(date(2015, 1, 1))
    plain = next(one for one in found if one.id == "P1")
    assert plain.supports("E559") and plain.supports("R5383") and not plain.supports("E569")
    assert plain.is_of("60054", "commercial", "WI") and not plain.is_of("87726", "commercial", "WI")
    assert reference_tables(shipped())["coverage_policies"] is None


def test_the_same_download_again_is_nothing_new_and_a_newer_one_takes_its_place(tmp_path: Path) -> None:
    first = taken(tmp_path, a_download(tmp_path))
    assert taken(tmp_path, a_download(tmp_path)) == first
    newer = a_download(tmp_path, update_period=PERIOD.replace("08-27", "10-27"), article_x_icd10_covered=COVERED + "50001,7,E55.0,1,1,,x\n")  # fmt: skip
    record = taken(tmp_path, newer)["coverage_policies"]
    assert record.edition == date(2026, 10, 27)
    assert len(Library(tmp_path / "library").state().releases["coverage_policies"]) == 1


@pytest.mark.parametrize(
    ("table", "text", "told"),
    [
        ("article_x_icd10_covered", None, "article_x_icd10_covered.csv is missing"),
        ("article_x_hcpc_code", PROCEDURES + "50002,3,9.39E+04,1,2,x,x\n", "line 10, column hcpc_code_id"),
        ("article_x_hcpc_code", PROCEDURES + "50002,3,100,1,2,x,x\n", "100 is a code that lost its leading zeros"),
        ("article_x_icd10_covered", COVERED + "50002,3,3-Jan,1,2,,x\n", "3-JAN is a code that a workbook turned into a date"),
        ("article_x_icd10_covered", COVERED + "50002,3,I1", "3 columns instead of 7: cut off"),
        ("article_x_icd10_covered", COVERED + "59999,1,I10,1,1,,x\n", "article 59999 version 1 is not in article.csv"),
        ("article", ARTICLES.replace("10/01/2019", "soon"), "soon is no date"),
    ],
)  # fmt: skip
def test_a_download_that_is_not_whole_is_refused(tmp_path: Path, table: str, text: str | None, told: str) -> None:
    assert told in refused(tmp_path, a_download(tmp_path, **{table: text}))


def test_a_download_without_policies_is_refused(tmp_path: Path) -> None:
    bare = {name: TABLES[name].partition("\n")[0] + "\n" for name in TABLES if name.startswith("article_x_icd10")}
    assert "no policy with procedures and diagnoses found" in refused(tmp_path, a_download(tmp_path, **bare))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",82306,E559", "line 2, column policy"),
        ("P1,,E559", "no procedure is named"),
        ("P1,2306,E559", "lost its leading zeros"),
        ("P1,82306,12345", "12345 is no diagnosis code"),
        ("P1,82306,E559,soon", "soon is no date"),
        ("P1,82306,E559,,3", "times and days go together"),
    ],
)
def test_a_table_of_policies_that_is_wrong_is_refused_by_row(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"policy,procedures,diagnoses,start,times\n{row}\n")
    assert told in refused(tmp_path, path)


def test_a_policy_table_in_memory_asks_dates_and_states() -> None:
    table = PolicyTable([CoveragePolicy(id="A1", procedures=frozenset({"82306"}), states=frozenset({"WI"}), end=DAY)])
    assert table.policies("82306", date(2026, 8, 30)) and not table.policies("82306", DAY)
    (one,) = table.policies("82306", date(2026, 8, 30))
    assert one.is_of("1", "medicare", "WI") and one.is_of("1", "medicare", "") and not one.is_of("1", "medicare", "IL")


# Drugs ----------------------------------------------------------------------------------------------------------------

CMS_DRUGS = """ASP NDC-HCPCS Crosswalk,,,,,,,,
_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS
J9035,x,x,50242-0060-01,x,10 MG,4,1,10
J1885,x,x,00409-3795-01,x,15 MG,1,25,2
"""


def test_a_quarter_of_the_crosswalk_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "July 2026 ASP NDC-HCPCS Crosswalk.csv"
    path.write_text(CMS_DRUGS)
    record = taken(tmp_path, path)["drugs"]
    assert (record.label, record.start, record.end, record.rows) == ("2026 Q3", date(2026, 7, 1), date(2026, 10, 1), 2)
    drugs = reference_tables(code_sets(tmp_path / "library"))["drugs"]
    assert drugs.covers(DAY) and not drugs.covers(date(2026, 10, 1))
    row = drugs.row("J9035", "50242006001", DAY)
    assert row is not None and row.quantity_of(Decimal(35)) == Decimal("14.000")
    assert drugs.row("J9035", "50242006001", date(2026, 10, 1)) is None and drugs.knows_ndc("50242006001")


def test_an_own_table_has_its_dates_and_single_doses(tmp_path: Path) -> None:
    path = tmp_path / "drugs.csv"
    path.write_text("hcpcs,ndc,unit,package_quantity,units_per_package,single_dose,start,end\nJ9035,50242006001,ML,4,10,Y,2024-01-01,\n")  # fmt: skip
    record = taken(tmp_path, path)["drugs"]
    assert (record.start, record.end) == (date(2024, 1, 1), None)
    assert opened(tmp_path, record).is_single_dose("J9035", DAY, "50242006001") is True


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("drugs.csv", CMS_DRUGS, "give --start"),
        ("July 2026.csv", CMS_DRUGS.replace("50242-0060-01", "5.02E+10"), "line 3, column ndc"),
        ("July 2026.csv", CMS_DRUGS.replace(",4,1,10", ",0,1,10"), "no quantity above zero"),
        ("July 2026.csv", CMS_DRUGS.partition("J9035")[0], "no drug found"),
    ],
)
def test_a_table_of_drugs_that_is_wrong_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert told in refused(tmp_path, path)
