"""`claimwright scrub --codes`: every table of the library judges a file, and what did not run is told in two groups."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from claimwright.claims.nouns import Claim, Provider
from claimwright.cli import app, needs
from claimwright.codes.code_sets import shipped
from claimwright.codes.fact_sets import FACT_SETS
from claimwright.codes.library_sets import code_sets
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.engine import not_armed
from claimwright.edits.facts import FACT_NAMES
from claimwright.edits.file_facts import facts_of_file
from tests.lib import imported_codes as lists
from tests.lib.builders import MEDICARE, a_claim
from tests.unit.cli.test_scrub_kinds import written

TODAY = date(2026, 9, 20)
runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lists.everything(tmp_path)


def to_medicare(**changes: object) -> Claim:
    claim = a_claim()
    coverage = msgspec.structs.replace(claim.coverage, payer=MEDICARE, member_id="1EG4TE5MK73")
    return msgspec.structs.replace(claim, coverage=coverage, **changes)


def who(npi: str, last: str = "TESTER", first: str = "ANNA") -> Provider:
    return Provider(npi=npi, last_name=last, first_name=first)


def scrub(folder: Path | None, tmp_path: Path, *claims: Claim, as_json: bool = True):
    file = tmp_path / "claims.edi"
    file.write_bytes(written(*claims))
    words = ["scrub", str(file), "--today", TODAY.isoformat(), *(["--json"] if as_json else [])]
    told = runner.invoke(app, [*words, *(["--codes", str(folder)] if folder else [])])
    assert told.exit_code in (0, 1), told.output
    return json.loads(told.output) if as_json else told.output


def test_a_file_is_given_every_table_that_is_loaded(folder: Path) -> None:
    facts = facts_of_file([to_medicare()], code_sets(folder), TODAY)(to_medicare())
    assert [name for name in FACT_SETS if getattr(facts, name) is None] == []
    assert {entry.npi for entry in facts.registry.values()} == {lists.RENDERING, lists.BILLING}
    assert {record.npi: record.entity_type for record in facts.providers} == {lists.RENDERING: "1", lists.BILLING: "2"}
    bare = facts_of_file([a_claim()], shipped(), TODAY)(a_claim())
    assert [name for name in FACT_SETS if getattr(bare, name) is not None] == []
    waiting = {finding.edit_id for finding in not_armed(bare)} - {finding.edit_id for finding in not_armed(facts)}
    assert {"PX14", "PX16", "PX17", "DX17", "PRV07", "PRV10", "BIL02"} <= waiting


def test_claims_of_a_day_and_payer_share_their_facts(folder: Path) -> None:
    claims = [to_medicare(control_number=f"C{n}") for n in range(3)]
    facts = facts_of_file(claims, code_sets(folder), TODAY)
    assert facts(claims[0]) is facts(claims[1]) and facts(a_claim()) is not facts(claims[0])
    assert facts(a_claim()).payer is None and facts(claims[0]).payer.payer_id == MEDICARE.payer_id


@pytest.mark.parametrize(
    ("npi", "last", "edit"),
    [
        (lists.LISTED, "TESTER", ""),
        (lists.LISTED, "TESTERS", "PRV07"),
        (lists.NOT_LISTED, "TESTER", "PRV06"),
        (lists.EXCLUDED, "TESTER", "PRV10"),
        (lists.OUT_OF_USE, "TESTER", "PRV10"),
    ],
)
def test_the_lists_judge_who_referred(folder: Path, tmp_path: Path, npi: str, last: str, edit: str) -> None:
    answer = scrub(folder, tmp_path, to_medicare(referring=who(npi, last)))
    (claim,) = answer["claims"]
    found = {finding["id"] for finding in claim["findings"]} & {"PRV06", "PRV07", "PRV10"}
    assert found - {"PRV06"} == {edit} - {"", "PRV06"}
    # One whose NPI is out of use is on no list of those who may order either.
    assert ("PRV06" in found) == (npi in (lists.NOT_LISTED, lists.OUT_OF_USE))


def test_what_did_not_run_is_told_by_what_it_waits_for(folder: Path, tmp_path: Path) -> None:
    bare = scrub(None, tmp_path, a_claim())
    lacking = {one["lacking"]: one for one in bare["lacking"]}
    assert lacking["procedure_pairs"]["can_be_imported"] and "PX14" in lacking["procedure_pairs"]["edits"]
    assert not lacking["authorizations"]["can_be_imported"]
    assert sorted(edit for one in bare["lacking"] for edit in one["edits"]) == bare["not_armed"]
    text = scrub(None, tmp_path, a_claim(), as_json=False)
    lines = [line.strip() for line in text.splitlines()]
    assert "order_and_referring or exclusions or nppes or nppes_deactivated: PRV07, PRV10" in lines
    assert any(line.startswith("referrals and authorizations: AUT") for line in lines)
    assert lines.index("`claimwright codes status` tells how to have what is missing") == len(lines) - 1
    assert "wait for an import" in text and "need what the office's own system knows" in text
    assert "nppes: BIL02" in lines
    twice = runner.invoke(app, ["scrub", *[str(tmp_path / "claims.edi")] * 2, "--today", TODAY.isoformat()])
    assert twice.output.count("did not run") == 1 and twice.output.count("claims.edi") == 2
    loaded = scrub(folder, tmp_path, to_medicare(), as_json=False)
    assert "wait for an import" not in loaded and "codes status" not in loaded


def test_whatever_an_edit_needs_has_words() -> None:
    wanted = {need for edit in CATALOGUE for need in (*edit.needs, *edit.uses)}
    nameless = [need for need in wanted & FACT_NAMES if need not in needs.OWN_DATA and need not in needs.IMPORTED]
    assert nameless == [] and not set(needs.OWN_DATA) & set(needs.IMPORTED)
    assert set(needs.OWN_DATA) <= FACT_NAMES
