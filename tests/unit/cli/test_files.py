"""The file verbs: what they say of good, wrong and foreign files, their exit status, and that they start light."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/golden"
CLAIMS = GOLDEN / "837P/pass/moov-io-sample.edi"
PAYMENT = GOLDEN / "835/pass/covehealth-emedny-sample.edi"
DAY = ("--today", "2026-09-30")
FILES = sorted(path for kind in ("837P", "835", "999", "277CA", "997") for path in (GOLDEN / kind).rglob("*.edi"))


def run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_claim_that_stays_is_exit_one_with_each_reason_once():
    result = run("scrub", CLAIMS, *DAY)
    assert result.exit_code == 1
    assert "Claim 1029353-03, 4 lines, $553.96: stays here" in result.output
    assert "hold DX02, DX03, DX04, DX07" in result.output and "Could not run" in result.output
    assert "(line 3; line 4)" in result.output
    assert "NM109 of segment 25" in result.output


def test_a_claim_the_wire_rejects_may_not_go_though_no_edit_stops_it():
    (answer,) = (json.loads(line) for line in run("scrub", CLAIMS, "--json", *DAY).output.splitlines())
    rejected = {fault["claim"] for fault in answer["faults"] if fault["severity"] == "reject"}
    assert rejected
    assert not any(claim["may_go"] for claim in answer["claims"] if claim["control_number"] in rejected)
    assert answer["may_go"] is False


def test_what_could_not_be_read_of_a_claim_is_told(tmp_path):
    broken = tmp_path / "claims.edi"
    broken.write_text(CLAIMS.read_text().replace("DTP*472*D8*20070118", "DTP*472*D8*20071318"))
    assert broken.read_text() != CLAIMS.read_text()
    result = run("scrub", broken, *DAY)
    assert "Not taken in as it stands:" in result.output
    (answer,) = (json.loads(line) for line in run("scrub", broken, "--json", *DAY).output.splitlines())
    assert {problem["claim"] for problem in answer["problems"]} >= {"1029353-03"}
    assert all("DTP03" in problem["place"] for problem in answer["problems"])


@pytest.mark.parametrize(
    ("verb", "content", "says"),
    [
        ("scrub", None, "No such file"),
        ("scrub", b"", "empty"),
        ("scrub", b"<html>please sign in</html>", "no X12 file"),
        ("scrub", PAYMENT.read_bytes(), "claimwright explain"),
        ("explain", CLAIMS.read_bytes(), "claimwright scrub"),
        ("explain", b"ISA*00*", "no X12 file"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_two_and_one_sentence(tmp_path, verb, content, says):
    path = tmp_path / "in.edi"
    if content is not None:
        path.write_bytes(content)
    result = run(verb, path)
    assert result.exit_code == 2
    assert says in result.output
    (answer,) = (json.loads(line) for line in run(verb, path, "--json").stdout.splitlines() if line.startswith("{"))
    assert says in answer["error"]


def test_one_bad_file_does_not_hide_the_others(tmp_path):
    result = run("explain", tmp_path / "absent.edi", PAYMENT)
    assert result.exit_code == 2
    assert "CO-29 $12.00: The claim reached the payer after its filing limit (" in result.output
    assert "to do: appeal with proof of timely filing, else write off with approval" in result.output


def test_a_wrong_day_is_one_sentence():
    from claimwright.cli.words import Refused

    result = CliRunner().invoke(app, ["scrub", "--today", "soon", str(CLAIMS)])
    assert isinstance(result.exception, Refused)


@pytest.mark.parametrize("verb", ["scrub", "explain"])
def test_no_golden_file_makes_a_traceback(verb):
    result = run(verb, *FILES, "--json")
    assert result.exit_code == 2  # each verb meets the other's files
    answers = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert {Path(answer["file"]) for answer in answers} == set(FILES)
    assert any("claims" in answer for answer in answers)


def test_the_file_verbs_need_no_django():
    script = (
        "import sys; sys.argv = ['claimwright', 'scrub', sys.argv[1]]\n"
        "from claimwright.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'django', 'psycopg', 'asyncssh', 'typst', 'yaml'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(CLAIMS)], capture_output=True, text=True, check=True)
    assert "stays here" in done.stdout
    assert done.stdout.endswith("heavy: []\n")
