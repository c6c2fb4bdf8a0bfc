"""`claimwright edits`: every edit is listed with its state, and its page is shown."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.cli.edits import armed, page_of, title_of
from claimwright.edits.catalogue import BY_ID, CATALOGUE, catalogue_version

ROOT = Path(__file__).parents[3]


def run(*words):
    result = CliRunner().invoke(app, ["edits", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(*words):
    return json.loads(run("list", "--json", *words).output)


def test_every_edit_is_listed_in_the_order_of_the_catalogue():
    answer = listed()
    assert [row["id"] for row in answer["edits"]] == [each.id for each in CATALOGUE]
    assert answer["version"] == catalogue_version()


def test_the_list_is_narrowed_by_family_and_severity():
    rows = listed("--family", "px", "--severity", "w")["edits"]
    assert [row["id"] for row in rows] == ["PX23", "PX26", "PX32"]
    assert {row["id"] for row in listed("--severity", "H")["edits"]} == {
        each.id for each in CATALOGUE if each.severity.value == "H"
    }


def test_the_table_names_each_edit_and_what_it_needs():
    output = run("list", "--family", "TFL").output
    assert "4 edits" in output and "TFL01" in output and "with payer" in output


@pytest.mark.parametrize("words", [("--family", "XX"), ("--severity", "I"), ("--severity", "reject")])
def test_an_unknown_filter_is_refused_with_what_is_known(words):
    from claimwright.cli.words import Refused

    with pytest.raises(Refused) as caught:
        CliRunner().invoke(app, ["edits", "list", *words], catch_exceptions=False)
    assert "is one of" in str(caught.value) or "R (reject)" in str(caught.value)


def test_an_edit_is_shown_with_page_sources_and_needs():
    output = run("show", "px10").output
    for text in ("PX10", "What it finds", "Wrong", "Source", "Needs: payer, relative_values", "a person decides"):
        assert text in output


def test_an_edit_that_one_key_mends_says_so():
    assert "mends it where that is safe" in run("show", "PX26").output
    answer = json.loads(run("show", "PX26", "--json").output)
    assert answer["mends"] is True and answer["sources"] and answer["page"].startswith("# PX26 ")


def test_an_unknown_edit_is_refused_and_its_family_named():
    from claimwright.cli.words import Refused

    with pytest.raises(Refused, match="TFL01, TFL02, TFL03, TFL04"):
        CliRunner().invoke(app, ["edits", "show", "TFL99"], catch_exceptions=False)


def test_what_is_shipped_arms_its_edits_and_a_missing_fact_is_named():
    assert armed(BY_ID["DX02"]) == "yes"  # ICD-10-CM is shipped
    assert armed(BY_ID["LIN01"]) == "yes"
    assert armed(BY_ID["PX14"]) == "with procedure_pairs"
    assert armed(BY_ID["PX20"]) == "yes; more with relative_values"


def test_every_edit_has_its_page_and_a_title_of_its_own():
    assert all(page_of(each) for each in CATALOGUE)
    titles = [title_of(each) for each in CATALOGUE]
    assert all(titles) and not any(title.startswith("#") for title in titles)


def test_the_pages_go_into_the_package():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["docs/edits"] == "claimwright/edits/pages"
