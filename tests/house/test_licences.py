"""What is shipped may be shipped: every data file has its manifest row, and no licensed wording is inside."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest

from claimwright.codes.tables import DATA, read_text
from tests.house.source_files import ROOT

MEGABYTE = 1024 * 1024
# Turns of phrase that the official lists use and we do not: a text pasted from one holds some of them.
OFFICIAL_TURNS = re.compile(
    r"claim/service|refer to the 835|healthcare policy identification|submission/billing error|"
    r"payment adjusted because|this provider type/provider specialty",
    re.IGNORECASE,
)
# A line that begins with a category I code and goes on in words.
CPT_DESCRIPTOR = re.compile(r"^[0-9]{5}\t[^\t\n]*[A-Za-z]{3}", re.MULTILINE)
CDT_CODE = re.compile(r"^D[0-9]{4}\b", re.MULTILINE)
TABLES = sorted(path.name for path in DATA.iterdir() if path.name != "MANIFEST.tsv")
# Diagnoses share the look of D codes: D0120 could not be told from a dental code by form alone.
PROCEDURE_TABLES = [name for name in TABLES if name.startswith("hcpcs") or name.startswith("modifier")]


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_code_table_has_one_manifest_row():
    assert sorted(row["file"] for row in manifest(DATA)) == TABLES
    for row in manifest(DATA):
        assert row["source"] and row["release"] and row["licence"], row["file"]


@pytest.mark.parametrize("row", manifest(DATA), ids=lambda row: row["file"])
def test_code_tables_are_the_bytes_the_manifest_names(row):
    assert hashlib.sha256((DATA / row["file"]).read_bytes()).hexdigest() == row["sha256"]


def test_demo_inputs_are_the_bytes_their_manifest_names():
    folder = ROOT / "demo"
    for row in manifest(folder):
        assert row["source"] and row["licence"], row["name"]
        if (folder / row["name"]).is_file():
            assert hashlib.sha256((folder / row["name"]).read_bytes()).hexdigest() == row["sha256"], row["name"]


def test_foreign_files_of_the_pages_are_the_bytes_their_manifest_names():
    folder = ROOT / "src/claimwright/web/static/vendor"
    rows = {row["file"]: row for row in manifest(folder)}
    assert sorted(rows) == sorted(path.name for path in folder.iterdir() if path.name != "MANIFEST.tsv")
    for name, row in rows.items():
        content = (folder / name).read_bytes()
        assert row["source"] and row["release"] and row["licence"], name
        assert hashlib.sha256(content).hexdigest() == row["sha256"], name
        assert b"sourceMappingURL" not in content, name  # it would be asked for, and is not here
    assert "Bootstrap" in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_shipped_tables_are_light():
    assert sum((DATA / name).stat().st_size for name in TABLES) < 4 * MEGABYTE


@pytest.mark.parametrize("name", TABLES)
def test_no_cpt_descriptor(name):
    assert CPT_DESCRIPTOR.search(read_text(name)) is None


@pytest.mark.parametrize("name", PROCEDURE_TABLES)
def test_no_dental_code(name):
    assert CDT_CODE.search(read_text(name)) is None


@pytest.mark.parametrize("name", ["carc.tsv", "rarc.tsv", "labels.tsv", "patient_words.tsv", "x12-values.tsv"])
def test_no_official_wording(name):
    assert OFFICIAL_TURNS.search(read_text(name)) is None


def test_values_come_without_words():
    rows = [line for line in read_text("x12-values.tsv").splitlines() if line]
    assert all(re.fullmatch(r"[a-z_]+\t\S+", row) for row in rows)


def test_the_canaries_are_caught():
    assert CPT_DESCRIPTOR.search("code\ttitle\n99999\tSome visit\n")
    assert CDT_CODE.search("D0120\tSome exam\n")
    assert OFFICIAL_TURNS.search("The claim/service was something")


def test_attribution_of_the_diagnosis_codes():
    notices = {row["file"]: row["notice"] for row in manifest(DATA)}
    for name in ("icd10cm-2026.tsv.xz", "icd10cm-2026-notes.tsv.xz"):
        assert "NCHS" in notices[name] and "no endorsement" in notices[name] and "free" in notices[name]
