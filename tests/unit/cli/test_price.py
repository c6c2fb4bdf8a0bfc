"""`claimwright price`: the figure with its working, or the reason."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.cli.words import Refused
from tests.lib.fee_files import FOLDER


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    files = [str(FOLDER / name) for name in ("PPRRVU2026_JUL_nonQPP.csv", "PPRRVU24_JUL.csv")]
    result = CliRunner().invoke(app, ["codes", "import", *files[:1], "--codes", str(folder)])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(app, ["codes", "import", *files[1:], "--codes", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def asked(library, *words):
    return CliRunner().invoke(app, ["price", *words, "--codes", str(library)])


SAN_FRANCISCO = ("--carrier", "01112", "--locality", "05")


@pytest.mark.parametrize(("place", "amount"), [("11", "$117.58"), ("22", "$64.37")])
def test_99213_in_san_francisco(library, place, amount):
    result = asked(library, "99213", "--on", "2026-07-04", *SAN_FRANCISCO, "--place", place)
    assert result.exit_code == 0
    assert f"Medicare allows {amount} for 99213" in result.output
    assert "33.4009" in result.output


def test_json(library):
    result = asked(
        library, "71046", "--modifier", "tc", "--on", "2024-08-01", "--carrier", "11502", "--locality", "0", "--json"
    )
    document = json.loads(result.output)
    assert document["allowed"] == "21.49"
    assert document["locality"] == "00"
    assert document["working"][-1]["amount"] == document["allowed"]


def test_a_professional_and_units(library):
    result = asked(library, "99213", "--on", "2024-08-01", "--carrier", "10112", "--locality", "00",
                   "--units", "2", "--taxonomy", "363LF0000X")  # fmt: skip
    assert "Medicare allows $142.22" in result.output  # 83.66 x 2 x .85


def test_no_price_tells_the_reason(library):
    result = asked(library, "99213", "--on", "2026-10-01", *SAN_FRANCISCO)
    assert result.exit_code == 1
    assert "import the PPRRVU file" in result.output
    document = json.loads(asked(library, "99213", "--on", "2026-10-01", *SAN_FRANCISCO, "--json").output)
    assert document["allowed"] is None
    assert document["reason"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("99213", "--on", "yesterday", *SAN_FRANCISCO), "--on is a date"),
        (("99213", "--on", "2026-07-04"), "--carrier and --locality"),
        (("99213", "--on", "2026-07-04", "--zip", "94110"), "no ZIP file"),
        (("99213", "--on", "2026-07-04", *SAN_FRANCISCO, "--units", "none"), "--units"),
    ],
)
def test_what_cannot_be_asked_is_refused(library, words, told):
    result = asked(library, *words)
    assert isinstance(result.exception, Refused)
    assert told in str(result.exception)


def test_a_zip_names_the_locality(library, tmp_path):
    path = tmp_path / "ZIP5_JUL2026.csv"
    path.write_text(
        "STATE,ZIP CODE,CARRIER,LOCALITY,RURAL IND,LAB CB LOCALITY,RURAL IND2,PLUS 4 FLAG,PART B DRUG INDICATOR,YEAR/QTR\n"
        "CA,94110,01112,05,,,,0,,20263\nMA,02139,14212,01,,,,1,,20263\n"
    )
    assert CliRunner().invoke(app, ["codes", "import", str(path), "--codes", str(library)]).exit_code == 0
    assert "$117.58" in asked(library, "99213", "--on", "2026-07-04", "--zip", "94110").output
    assert "more than one locality" in str(asked(library, "99213", "--on", "2026-07-04", "--zip", "02139").exception)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--place", "99x"), "--place 99x is no place of service"),
        (("--place", "10", "--on", "2021-07-04"), "--place 10 is no place of service on 2021-07-04"),  # from 2022 on
        (("--modifier", "zz"), "--modifier ZZ is no modifier in force"),
    ],
)
def test_what_is_mistyped_is_not_priced_as_something_else(library, words, told):
    result = asked(library, "99213", "--on", "2026-07-04", *SAN_FRANCISCO, *words)
    assert isinstance(result.exception, Refused) and told in str(result.exception)
