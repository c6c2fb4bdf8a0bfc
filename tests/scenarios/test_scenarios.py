"""The worked scenarios and the negative tests, played from raw files through the inbox on a real database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lib.pyx12_oracle import check as pyx12_check

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("[sn][0-9]*.yml"))
RAW = sorted((HERE / "era").glob("*.835"))
DOCUMENT = HERE.parents[1] / "docs" / "how-it-works" / "scenarios.md"

# What each damaged file is there to be; every other one must be without fault for an independent validator.
DAMAGED = {"n06-unknown-plb": "PLB03-01", "n07-truncated": "IEA"}
WORKED = ("s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08a", "s08b", "s09", "s10")
NEGATIVE = tuple(f"n{number:02d}" for number in range(1, 12))

SMALL = """
title: A small one
today: 2026-08-03
practices: {office: {name: LAKESIDE FAMILY MEDICINE, npi: "1000000004", tax_id: "391234567"}}
patients: {pat: {name: "SAMPLE, PAT", birth_date: 1990-01-01, sex: F}}
visits: {visit: {patient: pat, date: 2026-08-03, lines: [{code: "99213", charge: 150.00}]}}
steps:
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(database, path):
    from claimwright.web.operations.scenario import run_scenario

    report = run_scenario(path)
    assert report.failures == []
    assert report.passed
    assert report.expectations >= 8


def test_every_worked_scenario_and_negative_test_is_there():
    stems = [path.stem for path in FILES]
    for prefix in (*WORKED, *NEGATIVE):
        assert any(re.match(rf"{prefix}[_a-z]", stem) for stem in stems), prefix
    assert all("nothing_posted: true" in path.read_text() for path in FILES if path.stem.startswith("n"))


def test_every_raw_file_is_received_by_a_scenario():
    received = "".join(path.read_text() for path in FILES)
    assert [path.name for path in RAW if f"era/{path.name}" not in received] == []


@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem)
def test_raw_files_pass_an_independent_validator(path):
    found = pyx12_check(path.read_bytes())
    if path.stem in DAMAGED:
        assert any(DAMAGED[path.stem] in line for line in found)
    else:
        assert found == []


# The runner ----------------------------------------------------------------------------------------------------------


def played(tmp_path: Path, steps: str):
    from claimwright.web.operations.scenario import run_scenario

    path = tmp_path / "small.yml"
    path.write_text(SMALL + steps)
    return run_scenario(path)


def test_what_is_expected_and_not_so_is_told_with_its_place(database, tmp_path):
    report = played(
        tmp_path,
        """
  - title: charge
    charge: visit
    expect:
      visits: {visit: {PAT: 149.99, INS1: 0}}
      totals: {AR: 150}
      denials: [{carc: "16"}]
      nothing_posted: true
      sent: [{claim: C000000101, has: [SE]}]
      during: [{after: INS_PAY, totals: {cash: 1}}]
""",
    )
    assert not report.passed
    places = [failure.partition(": ")[2].partition(": expected")[0] for failure in report.failures]
    assert places == [
        "visits.visit.PAT", "denials.count", "denials[1].carc", "sent.C000000101", "sent.C000000101", "nothing_posted",
        "during.INS_PAY",
    ]  # fmt: skip
    assert report.failures[0] == "step 1 (charge): visits.visit.PAT: expected 149.99, found 150.00"


def test_a_refusal_must_be_expected_and_an_expected_one_must_come(database, tmp_path):
    report = played(
        tmp_path,
        """
  - {title: charge, charge: visit}
  - {title: too early, bad_debt: {patient: pat}}
  - {title: not refused, apply_credit: pat, refused: on hold}
  - {title: refused, bad_debt: {patient: pat}, refused: final notice}
""",
    )
    assert [failure.partition(":")[0] for failure in report.failures] == ["step 2 (too early)", "step 3 (not refused)"]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("  - {charge: visit, submit: true}", "one verb"),
        ("  - {charge: visit, expects: {}}", "expects"),
        ("  - {charge: nobody}", "no visit nobody"),
        ("  - {patient_pays: {patient: pat, amount: ten}}", "amount"),
        ("  - {receive: [era/none.835]}", "not beside it"),
        ("  - {charge: visit, expect: {balance: 1}}", "expect knows no balance"),
        ("  - {on: 2026-08-02}", "back in time"),
        ("  - [", "no YAML"),
    ],
)
def test_a_file_that_cannot_be_played_says_why(database, tmp_path, steps, says):
    from claimwright.web.operations.scenario import ScenarioFault

    with pytest.raises(ScenarioFault, match=re.escape(says)):
        played(tmp_path, steps)


def test_the_document_names_every_verb_and_every_expectation(database, tmp_path):
    from claimwright.web.operations.scenario import SPECIAL
    from claimwright.web.operations.scenario_file import VERBS
    from claimwright.web.operations.scenario_steps import _VERBS

    assert set(VERBS) == set(_VERBS)
    text = DOCUMENT.read_text()
    state = played(tmp_path, "  - {charge: visit}").steps[0].state
    for name in (*VERBS, *SPECIAL, *state, *state["totals"]):
        assert f"`{name}`" in text, name


def test_the_example_of_the_document_plays(database, tmp_path):
    from claimwright.web.operations.scenario import run_scenario

    (example,) = re.findall(r"^```yaml\n(title:.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    path = tmp_path / "example.yml"
    path.write_text(example)
    report = run_scenario(path)
    assert report.failures == [] and report.expectations >= 5


def test_the_command_plays_in_a_database_of_its_own(tmp_path):
    (tmp_path / "small.yml").write_text(SMALL + "  - {charge: visit, expect: {totals: {AR: 151.00}}}\n")
    environment = {**os.environ, "TMPDIR": str(tmp_path), "DATABASE_URL": "postgres://nobody@192.0.2.1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "claimwright.cli", "scenario", "small.yml", "--json"], cwd=tmp_path, text=True,
        env=environment, capture_output=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["failures"] == ["step 1 (charge): totals.AR: expected 151.00, found 150.00"]
    assert report["steps"][0]["state"]["visits"]["visit"]["PAT"] == "150.00"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yml"], "server and folder are gone"
