"""`claimwright codes`: what is loaded is told, files are taken or refused, and nothing needs a database."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from claimwright.cli import app, codes
from claimwright.cli.words import Refused
from claimwright.codes.fact_sets import FACT_SETS
from claimwright.codes.library_sets import code_sets
from claimwright.edits import missing_sets
from claimwright.edits.catalogue import BY_ID
from claimwright.edits.facts import FACT_NAMES
from claimwright.edits.reference import ByDate, reference_tables, with_reference
from tests.unit.codes.library_files import anweb_file, anweb_line, write

PAYERS = "payer id,payer name\n60054,Example Health\n87726,Another Plan\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(tmp_path / "codes"))

    def ran(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["codes", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout

    return ran


def refused(run, *words):
    result = CliRunner().invoke(app, ["codes", *words])
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def test_import_twice_and_take_back(run, tmp_path):
    path = str(write(tmp_path, "payers.csv", PAYERS))
    code, out = run("import", path)
    assert code == 0 and "2 added" in out and "+ 60054, 87726" in out
    code, out = run("import", path)
    assert code == 0 and "nothing new" in out
    code, out = run("import", path, "--json")
    assert json.loads(out)["steps"][0]["action"] == "same" and json.loads(out)["taken"] is False
    assert run("show", "payer", "60054")[0] == 0
    code, out = run("history")
    assert "1  20" in out and "payer: " in out
    assert "nothing of it is loaded now" in run("rollback", "payer")[1]  # no list of payers is shipped
    assert run("show", "cpt", "60054")[0] == 1
    assert len(json.loads(run("history", "--json")[1])) == 2
    assert "nothing imported of payer" in refused(run, "rollback", "payer")


def test_a_refused_file_tells_line_reason_and_fix(run, tmp_path):
    path = str(write(tmp_path, "HCPC2026_OCT_ANWEB.txt", anweb_file(anweb_line("99213"))))
    told = refused(run, "import", path)
    assert "nothing was taken" in told and "line 13" in told and "AMA" in told
    result = CliRunner().invoke(app, ["codes", "import", path, "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 2 and answer["refusals"][0]["line"] == 13 and answer["taken"] is False
    assert "is a date such as" in refused(run, "import", path, "--start", "July")


def test_dry_run_takes_nothing(run, tmp_path):
    code, out = run("import", str(write(tmp_path, "payers.csv", PAYERS)), "--dry-run")
    assert code == 0 and "dry run" in out
    assert json.loads(run("history", "--json")[1]) == []


def test_status_names_what_is_missing_and_the_edits_it_holds_back(run, tmp_path):
    answer = {each["name"]: each for each in json.loads(run("status", "--json")[1])["sets"]}
    assert answer["icd10cm"]["judged"] == [["2025-10-01", "2026-10-01"]]
    assert answer["hcpcs"]["editions"][1]["rows"] == 8_725
    pairs = answer["ncci_pairs_practitioner"]
    assert not pairs["loaded"] and "PX14" in pairs["edits_that_cannot_run"]
    assert answer["icd10cm"]["edits_that_cannot_run"] == []
    out = run("status")[1]
    assert "2026-07-01 to 2026-09-30" in out and "PX14" in out


def test_a_set_of_ncci_holds_its_edits_back_for_its_own_claims():
    held = missing_sets.edits_by_missing_set({"mue_practitioner"})
    assert "mue_practitioner" not in held and held["mue_hospital"] == held["medicaid_mue_practitioner"] == (
        "PX16",
        "PX17",
    )
    assert held["nppes"] and "nppes" not in missing_sets.edits_by_missing_set(
        {"exclusions"}
    )  # any list of providers will do
    assert set(held["nppes"]) <= set(missing_sets.edits_by_missing_set({"exclusions"}, using=True)["nppes"])


MUE = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n{}"
PAIRS = "Column1/Column2 Edits\nColumn 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\n{}"


def test_a_table_shows_its_rows_of_a_code(run, tmp_path):
    limits = MUE.format("11042,1,3 Date of Service Edit: Clinical,x\n97597,1,2 Date of Service Edit: Policy,x\n")
    path = str(write(tmp_path, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", limits))
    assert run("import", path)[0] == 0
    code, out = run("show", "mue_practitioner", "11042")
    assert code == 0 and "units 1, indicator 3" in out and "2026-07-01 to 2026-09-30" in out and "97597" not in out
    code, out = run("show", "mue_practitioner", "99999")
    assert code == 1 and "not in mue_practitioner" in out
    code, out = run("show", "mue_practitioner", "11042", "--on", "2026-10-01")
    assert code == 1 and "does not cover 2026-10-01" in out
    answer = json.loads(run("show", "mue_practitioner", "11042", "--json")[1])
    assert answer["covered"] and answer["releases"][0]["rows"] == [{"code": "11042", "indicator": 3, "units": 1}]
    assert "no titles to search" in refused(run, "search", "debridement", "--set", "mue_practitioner")


def test_a_pair_is_shown_from_either_of_its_codes(tmp_path):
    from claimwright.cli.code_tables import table_answers
    from claimwright.codes.procedure_pairs import MappedPairs, PairEdit, write_pairs
    from claimwright.codes.releases import TableRelease

    def pair(one, other, end=None):
        return PairEdit(column1=one, column2=other, indicator="1", start=date(2020, 1, 1), end=end)

    write_pairs(
        tmp_path / "p", [pair("11042", "97597"), pair("11042", "97602", date(2024, 1, 1)), pair("11043", "11042")]
    )
    release = TableRelease(label="Q", source="", start=None, end=None, open_table=lambda: MappedPairs(tmp_path / "p"))

    def shown(code, day=None):
        answers = table_answers([release], code, day)
        return [(row["column1"], row["column2"]) for answer in answers for row in answer.rows]

    assert shown("97597") == shown("97597 11042") == shown("11042 97597") == [("11042", "97597")]
    assert shown("11042") == [("11042", "97597"), ("11042", "97602"), ("11043", "11042")]
    assert shown("11042", date(2024, 1, 1)) == [("11042", "97597"), ("11043", "11042")]
    assert shown("97597 97602") == []


def test_a_code_is_in_force_across_releases_that_touch(run, tmp_path):
    path = write(tmp_path, "revenue.csv", "revenue code,name\n0450,Emergency\n")
    for start, end in (("2024-01-01", "2025-01-01"), ("2025-01-01", "2026-01-01"), ("2027-01-01", "2028-01-01")):
        path.write_text(path.read_text() + f"09{start[2:4]},Another\n")
        assert run("import", str(path), "--start", start, "--end", end)[0] == 0
    assert "in force: 2024-01-01 to 2025-12-31" in run("show", "revenue", "0450", "--on", "2025-05-05")[1]
    assert "in force: 2027-01-01 to 2027-12-31" in run("show", "revenue", "0450", "--on", "2027-05-05")[1]


def test_a_list_of_codes_alone_keeps_the_titles_that_are_shipped(run, tmp_path):
    values = run("show", "carc", "45")[1]
    path = write(tmp_path, "carc.csv", "carc\n45\n97\n")
    assert run("import", str(path), "--smaller")[0] == 0
    assert run("show", "carc", "45")[1].splitlines()[:2] == values.splitlines()[:2] and "no title" not in values


def test_the_same_codes_under_another_year_are_told(tmp_path, capsys):
    from claimwright.codes.library import Changes, ImportReport, Record, Step

    def told(start, same=98_186, added=0):
        record = Record(set_name="icd10cm", label="FY", file="", format="", loader="", rows=1, sources=(), start=start)
        step = Step(record=record, action="add", changes=Changes(same=same, added=added))
        codes._print_import(ImportReport(steps=(step,)), dry_run=True)
        return "make sure that the file is of FY" in capsys.readouterr().out

    assert told(date(2026, 10, 1)) and not told(date(2026, 10, 1), added=3)
    assert not told(date(2025, 10, 1))  # the very release that is shipped
    assert not told(date(2026, 4, 1))  # an update within the year may bring no code


def test_a_library_that_is_a_file_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(write(tmp_path, "codes.csv", "x")))
    for words in (("status",), ("history",), ("show", "carc", "45"), ("import", str(tmp_path / "codes.csv"))):
        assert "is no folder" in refused(run, *words)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "ccipra-v322r0-f1.txt",
            "<!DOCTYPE html><html><body>License",
            "it is a web page, and no code file: open the page",
        ),
        ("icd10cm.pdf", "%PDF-1.7\n", "it is a PDF, which holds no rows: take the text"),
        ("empty.csv", "", "empty.csv: is empty: download it again"),
        (
            "icd10cm-tabular-2026.xml",
            "<ICD10CM.tabular><version>",
            "icd10cm-tabular-2026.xml, line 1: the XML breaks off",
        ),
    ],
)
def test_what_is_no_code_file_is_told_by_name_and_what_to_do(run, tmp_path, name, content, told):
    assert told in refused(run, "import", str(write(tmp_path, name, content)))


def test_every_fact_that_the_library_gives_is_one_that_edits_may_need():
    assert set(FACT_SETS) <= FACT_NAMES
    tables = reference_tables(code_sets_of_nothing())
    assert set(tables) == set(FACT_SETS) - {"registry"}  # which is of the NPIs a claim names: edits/registry.py
    held = missing_sets.edits_by_missing_set(set())
    assert {edit for ids in held.values() for edit in ids} <= set(BY_ID)
    assert "DX02" in held["icd10cm"] and "DX02" not in missing_sets.edits_by_missing_set({"icd10cm"}).get("icd10cm", ())


def code_sets_of_nothing():
    from claimwright.codes.releases import CodeSets

    return CodeSets({})


def test_tables_of_several_quarters_are_asked_by_date():
    from claimwright.codes.procedure_pairs import PairEdit, PairTable
    from claimwright.codes.releases import CodeSets, TableRelease
    from claimwright.edits.facts import Facts

    def quarter(indicator, start, end):
        rows = [PairEdit(column1="11042", column2="97597", indicator=indicator, start=date(2020, 1, 1))]
        return TableRelease(label="q", source="", start=start, end=end, open_table=lambda: PairTable(rows))

    first, second, third = date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)
    releases = (quarter("0", first, second), quarter("1", second, third))
    sets = CodeSets({}, tables={"ncci_pairs_practitioner": releases})
    facts = with_reference(Facts(today=third), sets, "P", medicaid=False)
    pairs = facts.procedure_pairs
    assert isinstance(pairs, ByDate) and facts.unit_limits is None
    assert [pairs.find("11042", "97597", day).indicator for day in (first, second)] == ["0", "1"]
    assert pairs.covers(first) and not pairs.covers(third)
    assert pairs.find("11042", "97597", third) is None and pairs.among(["11042", "97597"], third) == []
    # Medicaid and hospitals have tables of their own: none stands in for another.
    assert with_reference(Facts(today=third), sets, "P", medicaid=True).procedure_pairs is None
    assert with_reference(Facts(today=third), sets, "I", medicaid=False).procedure_pairs is None


def test_search_and_show(run):
    code, out = run("search", "type", "2", "diab", "without", "comp", "--on", "2026-08-03")
    assert code == 0 and out.startswith("E119 ")
    assert run("search", "zzzz")[0] == 1
    assert "no set nonsense" in refused(run, "show", "nonsense", "1")
    assert "cpt is not loaded" in refused(run, "search", "office", "--set", "cpt")
    code, out = run("show", "icd10cm", "E11.9", "--on", "2026-10-01", "--json")
    assert code == 1 and json.loads(out)["state"] == "not_covered"


def test_a_library_that_is_damaged_is_told_in_one_line(run, tmp_path):
    run("import", str(write(tmp_path, "payers.csv", PAYERS)))
    (tmp_path / "codes" / "journal.jsonl").write_text("0123456789abcdef {}\n")
    for words in (["status"], ["history"], ["show", "payer", "60054"], ["search", "x"]):
        assert "line 1 was changed" in refused(run, *words)


def test_every_file_that_can_be_read_is_listed(run):
    out = run("formats", "--json")[1]
    sets = {name for each in json.loads(out) for name in each["sets"]}
    assert {"icd10cm", "hcpcs", "cpt", "payer", "ncci_pairs_practitioner"} <= sets


def test_scrub_judges_by_the_library(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(tmp_path / "codes"))
    path = write(tmp_path, "cpt.csv", "cpt code\n99999\n")
    CliRunner().invoke(app, ["codes", "import", str(path)], catch_exceptions=False)
    assert codes.loaded_code_sets() is code_sets(tmp_path / "codes")
    with pytest.raises(Refused, match="is no folder"):
        codes.loaded_code_sets(tmp_path / "nowhere")


def test_a_list_of_providers_is_taken_for_the_npis_named(run, tmp_path):
    from tests.unit.codes.registry_files import npi, order_file, order_row

    listed = str(write(tmp_path, "OrderReferring_20261001.csv", order_file(order_row(npi(1)), order_row(npi(2)))))
    wanted = write(tmp_path, "npis.txt", f"NPI\n{npi(1)}\n\n{npi(7)}\n")
    code, out = run("import", listed, "--only", str(wanted))
    assert code == 0 and "kept 2 of 2 rows, for 2 NPIs" in " ".join(out.split())
    wanted.write_text(f"{npi(1)}\n1234567890\n")
    assert "npis.txt line 2: this is no NPI" in refused(run, "import", listed, "--only", str(wanted))
    wanted.write_text("\n")
    assert "holds no NPI" in refused(run, "import", listed, "--only", str(wanted))


def test_status_names_the_edits_that_the_lists_of_providers_hold_back(run, tmp_path):
    from tests.unit.codes.registry_files import exclusion_file, exclusion_row, npi

    def sets():
        return {each["name"]: each for each in json.loads(run("status", "--json")[1])["sets"]}

    lists = ("order_and_referring", "exclusions", "nppes", "nppes_deactivated")
    for name in lists:
        each = sets()[name]
        assert each["edits_that_cannot_run"] == ["PRV07", "PRV10"] and not each["loaded"]
        assert {"PRV06", "PRV15"} <= set(each["edits_that_see_less"])
    assert "PRV07, PRV10" in run("status")[1]
    run("import", str(write(tmp_path, "UPDATED.csv", exclusion_file(exclusion_row(npi(1))))))
    assert sets()["exclusions"]["loaded"] and sets()["nppes"]["edits_that_cannot_run"] == []
