"""`claimwright form`: what it prints, what it says is missing, what it refuses, and that it starts light."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pikepdf
import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from tests.lib.builders import a_claim
from tests.unit.documents.paper_claims import a_full_professional_claim

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/golden"
PROFESSIONAL = GOLDEN / "837P/pass/moov-io-sample.edi"
INSTITUTIONAL = sorted((GOLDEN / "837I/pass").glob("*.edi"))
DENTAL = GOLDEN / "837D/pass/own-secondary-payer.edi"
PAYMENT = GOLDEN / "835/pass/covehealth-emedny-sample.edi"


def run(*words):
    result = CliRunner().invoke(app, ["form", *(str(word) for word in words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def pages(path: Path) -> int:
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        return len(document.pages)


def claim_file(path: Path, *claims) -> Path:
    path.write_bytes(msgspec.json.encode(claims[0] if len(claims) == 1 else claims))
    return path


def test_one_file_a_claim_named_by_its_number(tmp_path):
    result = run(PROFESSIONAL, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert "1029353-03.pdf" in made and "1029353-03-2.pdf" in made, "two claims of one number are two files"
    assert f"{tmp_path / 'out' / '1-1180.pdf'}: claim 1-1180, 1 page" in result.output


def test_all_in_one_file(tmp_path):
    result = run(PROFESSIONAL, "-o", tmp_path / "all.pdf", "--json")
    (answer,) = (json.loads(line) for line in result.stdout.splitlines())
    assert answer["pages"] == len(answer["claims"]) == pages(tmp_path / "all.pdf") == 8


@pytest.mark.parametrize("path", INSTITUTIONAL, ids=lambda path: path.stem)
def test_institutional_files(path, tmp_path):
    result = run(path, "-o", tmp_path / "out")
    assert result.exit_code in (0, 1), result.output
    assert list((tmp_path / "out").glob("*.pdf"))


def test_claims_as_json_are_the_same_pages_as_from_the_file(tmp_path):
    lines = CliRunner().invoke(app, ["x12", "read", "--claims", "--json", str(PROFESSIONAL)]).stdout
    (tmp_path / "claims.jsonl").write_text(lines)
    whole = CliRunner().invoke(app, ["x12", "read", "--json", str(PROFESSIONAL)]).stdout
    (tmp_path / "batch.jsonl").write_text(whole)
    for name, source in (("a", PROFESSIONAL), ("b", tmp_path / "claims.jsonl"), ("c", tmp_path / "batch.jsonl")):
        assert run(source, "-o", tmp_path / f"{name}.pdf").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes() == (tmp_path / "c.pdf").read_bytes()


def test_a_list_of_claims(tmp_path):
    source = claim_file(tmp_path / "claims.json", a_claim(), a_full_professional_claim())
    assert run(source, "-o", tmp_path / "all.pdf").exit_code == 0
    assert pages(tmp_path / "all.pdf") == 3


def test_what_is_not_whole_is_told_and_is_exit_one(tmp_path):
    claim = msgspec.structs.replace(a_claim(), note="WORD " * 40, prior_authorization="A1", referral="R1")
    result = run(claim_file(tmp_path / "claim.json", claim), "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "box 23, page 1: 2 values (authorization, referral and CLIA numbers), the form takes 1" in result.output
    assert "box 19, page 1: 199 characters, only 82 are printed" in result.output
    assert (tmp_path / "out/CW1001.pdf").exists()


def test_a_dental_claim_is_refused_and_the_others_are_printed(tmp_path):
    result = run(DENTAL, PROFESSIONAL, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "claim DENT-4: a dental claim is not printed: the ADA claim form is copyrighted" in result.stderr
    assert (tmp_path / "out/1-1180.pdf").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((PAYMENT,), "no 837 transaction in this file"),
        ((Path("/no/such/file"),), "No such file"),
        ((PROFESSIONAL, "--kind", "ub04"), "a UB-04 is made of an institutional claim"),
        ((PROFESSIONAL, "--kind", "hcfa"), "there is no form hcfa"),
        ((PROFESSIONAL, "--offset", "2,0"), "more than an inch"),
    ],
)
def test_what_cannot_be_printed_is_exit_two_with_one_sentence(words, says, tmp_path):
    result = run(*words, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert says in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[1]", '{"control_number": 5, "lines": "x"}', "[]"])
def test_json_that_is_no_claim_is_refused(text, tmp_path):
    (tmp_path / "claim.json").write_text(text)
    result = run(tmp_path / "claim.json", "-o", tmp_path / "out")
    assert result.exit_code == 2 and "claim" in result.stderr


@pytest.mark.parametrize("option", [("--offset", "1"), ("--offset", "a,b"), ("--date", "05/09/2026")])
def test_a_wrong_option_is_one_line(option, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "claimwright.cli", "form", str(PROFESSIONAL), "-o", str(tmp_path / "x"), *option],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith(f"claimwright: {option[0]} is ")


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    target = tmp_path / "all.pdf"
    target.write_bytes(b"mine")
    refused = run(PROFESSIONAL, "-o", target)
    assert refused.exit_code == 2 and "is there already" in refused.stderr and target.read_bytes() == b"mine"
    assert run(PROFESSIONAL, "-o", target, "--force").exit_code == 0 and target.read_bytes().startswith(b"%PDF")


def test_the_same_file_is_the_same_bytes_and_data_alone_is_smaller(tmp_path):
    for name, words in (("a", ()), ("b", ()), ("c", ("--data-only",)), ("d", ("--data-only", "--offset", "0.1,0"))):
        assert run(PROFESSIONAL, "-o", tmp_path / f"{name}.pdf", "--date", "2026-09-30", *words).exit_code == 0
    made = {name: (tmp_path / f"{name}.pdf").read_bytes() for name in "abcd"}
    assert made["a"] == made["b"] and made["c"] != made["d"] and len(made["c"]) < len(made["a"])


def test_the_verb_needs_no_django():
    code = "import sys; import claimwright.cli, claimwright.documents.claim_forms; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr
