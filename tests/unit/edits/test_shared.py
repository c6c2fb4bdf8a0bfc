"""What edits share in a run changes no finding, and nothing of a claim outlasts the run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.claims.nouns import Claim
from claimwright.edits import shared
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.engine import run
from claimwright.edits.facts import CouldNotRun, Facts
from claimwright.edits.shapes import REJECT, Hits, Ruled, Scope, Unanswered, edit
from claimwright.edits.shared import once_a_claim, once_with_facts
from tests.edits.cases import case_file, claim_of, facts_of
from tests.lib.golden_claims import golden_claims
from tests.unit.edits.test_generative import strategy_of

Told = tuple[str, str, tuple[str, ...], bool]


def one_by_one(claim: Claim, facts: Facts) -> list[Told]:
    """The long way, which shares nothing: each edit asked alone, outside a run, its needs looked at anew."""
    told: list[Told] = []
    for each in CATALOGUE:
        if each.scope is Scope.INTERCHANGE and facts.interchange is None:
            continue
        unmet = [need for need in each.needs if not facts.has(need)]
        lacking = unmet[:1] or [name for name in each.uses if not facts.has(name)]
        told += [(each.id, name, (), True) for name in lacking if name in facts.expected]
        if not unmet:
            told += [(each.id, *hit) for hit in _hits(each.check(claim, facts))]
    return told


def _hits(found: Any) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    try:
        for hit in found:
            if isinstance(hit, Unanswered):
                yield hit.path, (), True
            elif isinstance(hit, Ruled):
                yield hit.path, tuple(map(str, hit.values)), False
            else:
                yield str(hit[0]), tuple(map(str, hit[1:])), False
    except CouldNotRun:
        yield "", (), True


def in_a_run(claim: Claim, facts: Facts) -> list[Told]:
    return [(f.edit_id, f.path, f.values, f.could_not_run) for f in run(claim, facts)]


@pytest.mark.parametrize("family", sorted({each.family for each in CATALOGUE}))
def test_a_run_finds_what_each_edit_finds_alone_in_every_case(family: str) -> None:
    found = 0
    for each in CATALOGUE:
        if each.family == family:
            cases = case_file(each.id)
            for case in (*cases.passing, *cases.failing):
                claim, facts = claim_of(case.base, case.claim), facts_of(case.facts)
                told = in_a_run(claim, facts)
                assert told == one_by_one(claim, facts), f"{each.id}: {case.name}"
                found += len(told)
    assert found > 0


def test_a_run_finds_what_each_edit_finds_alone_on_golden_claims_with_a_fault() -> None:
    """Every fifth golden claim, as it is and with its lines doubled: pairs, units, repeats and totals go wrong at once."""
    found = 0
    for golden in list(golden_claims())[::5]:
        for claim in (golden.claim, _doubled(golden.claim)):
            told = in_a_run(claim, golden.facts)
            assert told == one_by_one(claim, golden.facts), golden.story
            found += len(told)
    assert found > 100


def _doubled(claim: Claim) -> Claim:
    return msgspec.structs.replace(claim, lines=(*claim.lines, *claim.lines))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_run_finds_what_each_edit_finds_alone_in_junk(data: st.DataObject) -> None:
    claim = data.draw(strategy_of(Claim))
    assert isinstance(claim, Claim)
    facts = facts_of()
    assert in_a_run(claim, facts) == one_by_one(claim, facts)


def test_nothing_of_a_claim_outlasts_the_run() -> None:
    """Counted by references: a cache of this room that keeps the claim, its facts or a name would add one."""
    claim = claim_of("primary", {"patient.last_name": "KEPTNOWHERE", "lines[0].units": "999"})
    facts = facts_of()
    run(claim, facts)  # what is compiled of rules and code sets is kept, and may be
    held = (claim, facts, claim.patient, claim.coverage, claim.lines, claim.lines[0])
    names = (claim.patient.last_name, claim.coverage.member_id)
    before = [sys.getrefcount(one) for one in (*held, *names)]
    findings = run(claim, facts)
    del findings
    assert [sys.getrefcount(one) for one in (*held, *names)] == before


def test_the_test_above_would_notice_a_kept_claim() -> None:
    claim = claim_of()
    before = sys.getrefcount(claim)
    shared.begin(claim, facts_of())
    assert sys.getrefcount(claim) == before + 1
    shared.end()
    assert sys.getrefcount(claim) == before


def test_a_run_that_breaks_off_forgets_as_well() -> None:
    claim, facts = claim_of(), facts_of()
    asked: list[Claim] = []

    @once_a_claim
    def question(claim: Claim) -> int:
        asked.append(claim)
        return len(asked)

    def asks(claim: Claim, facts: Facts) -> Hits:
        yield "note", question(claim), question(claim)
        raise KeyboardInterrupt

    made = edit("T01", REJECT, says="{0}", fix="{1}", cites=[])(asks)
    with pytest.raises(KeyboardInterrupt):
        run(claim, facts, (made,))
    assert len(asked) == 1
    assert question(claim) == 2  # outside a run it is asked anew
    assert question(claim) == 3


def test_an_answer_is_of_one_claim_with_its_facts() -> None:
    claim, facts = claim_of(), facts_of()
    other, other_facts = claim_of(), facts_of()
    asked: list[object] = []

    @once_with_facts
    def question(claim: Claim, facts: Facts) -> tuple[int, int]:
        asked.append(claim)
        return id(claim), id(facts)

    def asks(_: Claim, __: Facts) -> Hits:
        for one in (claim, other):
            for its in (facts, other_facts):
                assert question(one, its) == (id(one), id(its))
                assert question(one, its) == (id(one), id(its))
        yield "note", 1

    made = edit("T01", REJECT, says="{0}", fix="Fix", cites=[])(asks)
    (finding,) = run(claim, facts, (made,))
    assert not finding.could_not_run
    assert len(asked) == 7  # once for the claim of the run with its facts, twice for each of the three others


def test_threads_share_no_answer() -> None:
    bad = claim_of("primary", {"coverage.member_id": "NONE", "lines[0].charge": "0.00"})
    good, facts = claim_of(), facts_of()
    wanted = {id(bad): in_a_run(bad, facts), id(good): in_a_run(good, facts)}
    wrong: list[list[Told]] = []

    def scrub(claim: Claim) -> None:
        for _ in range(40):
            told = in_a_run(claim, facts)
            if told != wanted[id(claim)]:
                wrong.append(told)

    threads = [threading.Thread(target=scrub, args=(claim,)) for claim in (bad, good, bad, good)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
