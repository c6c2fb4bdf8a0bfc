"""Every edit passes its pass cases and finds what its fail cases plant, at the paths they name."""

from __future__ import annotations

import pytest

from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.engine import run
from claimwright.edits.shapes import Edit, Finding
from tests.edits.cases import Case, case_file, claim_of, facts_of

EACH = pytest.mark.parametrize("each", CATALOGUE, ids=lambda each: each.id)


def _findings(each: Edit, case: Case) -> tuple[Finding, ...]:
    return run(claim_of(case.base, case.claim), facts_of(case.facts), (each,))


@EACH
def test_pass_cases_pass(each: Edit) -> None:
    for case in case_file(each.id).passing:
        assert _findings(each, case) == (), f"{each.id}: {case.name}"


@EACH
def test_fail_cases_fail_where_they_say(each: Edit) -> None:
    for case in case_file(each.id).failing:
        findings = _findings(each, case)
        assert [finding.path for finding in findings] == case.at, f"{each.id}: {case.name}"
        assert {finding.could_not_run for finding in findings} == {case.could_not_run}, f"{each.id}: {case.name}"
        for finding in findings:
            assert finding.edit_id == each.id
            assert finding.severity == ("H" if case.could_not_run else case.severity or each.severity)
            assert finding.message and finding.fix and "{" not in finding.message + finding.fix


@pytest.mark.parametrize("base", ["primary", "dependent", "secondary", "inpatient", "dental"])
def test_the_base_claims_pass_every_edit(base: str) -> None:
    assert run(claim_of(base), facts_of()) == ()
