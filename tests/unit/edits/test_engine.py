"""The engine: everything runs, nothing is changed, and no failure is a pass."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from claimwright.claims.nouns import Claim, to_json
from claimwright.edits.catalogue import CATALOGUE, catalogue_version
from claimwright.edits.engine import not_armed, open_blockers, run, run_batch, run_interchange
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import HOLD, INFO, LOCAL, REJECT, WARN, Finding, Hits, Override, Unanswered, edit
from tests.edits.cases import claim_of, facts_of

BARE = Facts(today=date(2026, 9, 8))


def an_edit(id: str, check: Any, severity: Any = REJECT, **more: Any) -> Any:
    made = edit(id, severity, says="Says {0}", fix="Fix", cites=[LOCAL("test")], **more)
    return made(check)


def finds(claim: Claim, facts: Facts) -> Hits:
    yield "note", 1


def fails(claim: Claim, facts: Facts) -> Hits:
    yield "note", 1
    raise KeyError("ANNA TESTER")


def test_an_edit_that_raises_is_a_hold_and_stops_no_other() -> None:
    findings = run(claim_of(), BARE, (an_edit("T01", fails), an_edit("T02", finds)))
    assert [(f.edit_id, f.severity, f.could_not_run) for f in findings] == [
        ("T01", REJECT, False),
        ("T01", HOLD, True),
        ("T02", REJECT, False),
    ]


def test_the_hold_of_a_failed_edit_quotes_nothing_of_the_exception() -> None:
    (finding,) = (f for f in run(claim_of(), BARE, (an_edit("T01", fails),)) if f.could_not_run)
    assert "KeyError" in finding.message
    assert "TESTER" not in str(finding)


def test_a_check_that_is_no_generator_and_raises_is_a_hold() -> None:
    def broken(claim: Claim, facts: Facts) -> Hits:
        raise ZeroDivisionError

    (finding,) = run(claim_of(), BARE, (an_edit("T01", broken),))
    assert finding.could_not_run and finding.severity is HOLD


def test_unanswered_keeps_its_path_and_lets_the_edit_go_on() -> None:
    def half(claim: Claim, facts: Facts) -> Hits:
        yield Unanswered("lines[0]", "the list does not cover it")
        yield "lines[1]", 2

    findings = run(claim_of(), BARE, (an_edit("T01", half),))
    assert [(f.path, f.could_not_run) for f in findings] == [("lines[0]", True), ("lines[1]", False)]


def test_every_fault_of_a_claim_is_found_at_once() -> None:
    worst = claim_of(
        "primary",
        {
            "billing_provider.npi": "1",
            "coverage.member_id": "",
            "patient.sex": "",
            "diagnoses": [],
            "lines[0].charge": "0.00",
            "lines[0].date_from": None,
        },
    )
    found = {finding.edit_id for finding in run(worst, facts_of())}
    assert found >= {"BIL01", "SUB01", "SUB04", "SUB06", "DX01", "DX14", "LIN01", "LIN02", "DAT01"}


def test_an_empty_claim_and_empty_facts_raise_nothing_and_no_edit_breaks() -> None:
    findings = run(Claim(), BARE)
    assert {f.edit_id for f in findings} >= {"BIL01", "SUB01", "DAT01", "DX01"}
    assert not [f for f in findings if f.could_not_run]


def test_never_loaded_is_not_armed_and_loaded_without_the_date_is_a_hold() -> None:
    (icd,) = (each for each in CATALOGUE if each.id == "DX02")
    assert run(claim_of(), BARE, (icd,)) == ()
    assert [f.values for f in not_armed(BARE, (icd,))] == [("icd10cm",)]
    old = claim_of("primary", {"lines[0].date_from": date(2020, 1, 1)})
    (finding,) = run(old, facts_of(), (icd,))
    assert finding.could_not_run and finding.severity is HOLD
    assert not_armed(facts_of(), (icd,)) == ()


def test_a_fact_that_is_expected_and_absent_is_a_hold_and_not_unarmed() -> None:
    (eligibility,) = (each for each in CATALOGUE if each.id == "SUB10")
    facts = facts_of({"eligibility": None, "expected": ["eligibility"]})
    (finding,) = run(claim_of(), facts, (eligibility,))
    assert finding.could_not_run and finding.path == "eligibility"
    assert not_armed(facts, (eligibility,)) == ()


def test_a_batch_tells_once_what_is_not_armed() -> None:
    claims = [claim_of("primary", {"control_number": f"CW{n}"}) for n in range(3)]
    batch = run_batch(claims, lambda claim: facts_of({"contracts": None, "eligibility": None}))
    assert batch.claims == ((), (), ())
    told = [f.edit_id for f in batch.not_armed]
    assert len(told) == len(set(told)) and {"BIL10", "COB10", "PAY09", "SUB10"} <= set(told)
    assert {f.severity for f in batch.not_armed} == {INFO}


def test_a_batch_tells_what_is_not_armed_for_any_of_its_claims() -> None:
    claims = [claim_of("primary", {"control_number": f"CW{n}"}) for n in range(2)]

    def facts_for(claim: Claim) -> Facts:
        return facts_of({"cases": None} if claim.control_number == "CW0" else {"eligibility": None})

    always = {f.edit_id for f in not_armed(facts_of())}
    assert [f.edit_id for f in run_batch(claims, facts_for).not_armed if f.edit_id not in always] == ["COB14", "SUB10"]


def test_edits_never_change_claim_or_facts() -> None:
    def frozen(claim: Claim, facts: Facts) -> tuple[bytes, bytes]:
        return to_json(claim), msgspec.json.encode(msgspec.structs.replace(facts, code_sets=None), enc_hook=repr)

    for base in ("primary", "dependent", "secondary"):
        claim, facts = claim_of(base), facts_of()
        before = frozen(claim, facts)
        run(claim, facts)
        assert before == frozen(claim, facts)


def test_the_same_run_gives_the_same_findings() -> None:
    claim = claim_of("secondary", {"prior_payments[0].paid_amount": "1.00", "coverage.member_id": "NONE"})
    assert run(claim, facts_of()) == run(claim, facts_of()) != ()


def test_edits_of_a_file_wait_for_the_file_and_run_once_for_it() -> None:
    bad_file = {"interchange.guides": ["005010X222"]}
    assert run(claim_of(), facts_of({"interchange": None})) == ()
    assert [f.edit_id for f in run(claim_of(), facts_of(bad_file))] == ["ENV05"]
    assert [f.edit_id for f in run_interchange(facts_of(bad_file))] == ["ENV05"]
    with pytest.raises(ValueError, match="interchange"):
        run_interchange(facts_of({"interchange": None}))


def a_finding(severity: Any, edit_id: str = "DUP01", path: str = "lines[0]") -> Finding:
    return Finding(edit_id=edit_id, severity=severity, path=path)


def test_rejects_block_whatever_is_overridden() -> None:
    reject = a_finding(REJECT)
    assert open_blockers([reject], [Override(edit_id="DUP01", reason="resend", role="supervisor")]) == (reject,)


def test_a_hold_goes_with_edit_reason_and_role() -> None:
    hold = a_finding(HOLD)
    assert open_blockers([hold], [Override(edit_id="DUP01", reason="resend", role="supervisor")]) == ()
    for poor in (
        Override(edit_id="DUP01", reason=" ", role="supervisor"),
        Override(edit_id="DUP01", reason="resend"),
        Override(edit_id="DUP02", reason="resend", role="supervisor"),
        Override(edit_id="DUP01", reason="resend", role="supervisor", path="lines[1]"),
    ):
        assert open_blockers([hold], [poor]) == (hold,)


def test_warnings_and_information_block_nothing() -> None:
    assert open_blockers([a_finding(WARN), a_finding(INFO)]) == ()


def test_a_finding_says_its_values_and_version() -> None:
    (finding,) = run(claim_of("primary", {"total_charge": "151.00"}), facts_of())
    assert finding.message == "The lines sum to 150.00, the claim says 151.00"
    assert finding.values == ("150.00", "151.00") and finding.version == 1


def test_the_catalogue_has_one_version_for_all() -> None:
    assert catalogue_version() == catalogue_version()
    assert len(catalogue_version()) == 16


def test_one_reason_at_many_places_is_one_finding() -> None:
    def ended(claim: Claim, facts: Facts) -> Hits:
        for at in range(3):
            yield Unanswered(f"lines[{at}]", "the list of procedure codes does not cover 2026-10-02")
        yield Unanswered("lines[3]", "the list of modifiers does not cover 2026-10-02")

    findings = run(claim_of(), BARE, (an_edit("T01", ended), an_edit("T02", ended)))
    assert [(f.edit_id, f.path) for f in findings] == [
        ("T01", "lines[0]"), ("T01", "lines[3]"), ("T02", "lines[0]"), ("T02", "lines[3]"),
    ]  # fmt: skip
