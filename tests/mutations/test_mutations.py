"""Proof of detection: whatever is spoiled in a valid file of any guide is told, at its place; and nothing else is.

The suite takes some mutants of each kind in each guide by a fixed seed, and fewer by a fresh seed, which it prints.
`make prove ROW=29` makes every one at every place of every file and prints the totals.
"""

from __future__ import annotations

import random
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import claimwright.x12
from claimwright.x12 import states, structure
from claimwright.x12.check import check
from tests.mutations.elements import ELEMENT_KINDS
from tests.mutations.envelope import envelope_mutants, raw_mutants
from tests.mutations.files import VOCABULARY, Mutant, Sample, Verdict, at_place, judge, samples
from tests.mutations.golden_faults import OWN, REASONS
from tests.mutations.headers import header_mutants
from tests.mutations.money import money_mutants
from tests.mutations.peer_rows import ROWS
from tests.mutations.planted import PLANTED, planted_mutants
from tests.mutations.registry import by_guide, drawn, mutants

SEED = 20_260_803
FIXED, FRESH = 5, 2  # mutants of each kind in each guide
LEAST = 40  # distinct mutations of each of the first four levels
NUMBERS = range(1, 6)
MUTANTS_COMPARED = 25
SOURCE = Path(claimwright.x12.__file__).parent
# What no single mutation of a valid file can show, or what another fault always shows with it.
UNGUARDED = {
    "ENV-ISA-MISSING": "the reader looks for an ISA first: only a Document made by hand can lack it",
}


@cache
def by_name() -> dict[str, Sample]:
    return {repr(sample): sample for sample in samples()}


def verdict(mutant: Mutant) -> Verdict:
    return judge(mutant, by_name()[mutant.sample].before, check(mutant.data, VOCABULARY))


class Tally:
    """What came of many mutants: how many of each level, which were failures, which ids found them."""

    def __init__(self) -> None:
        self.levels: Counter[int] = Counter()
        self.kinds: dict[int, set[str]] = defaultdict(set)
        self.places: dict[int, set[str]] = defaultdict(set)
        self.failed: list[str] = []
        self.guarded: set[str] = set()

    def take(self, found: Iterable[Mutant]) -> Tally:
        for mutant in found:
            said = verdict(mutant)
            self.levels[mutant.snip] += 1
            self.kinds[mutant.snip].add(mutant.kind)
            self.places[mutant.snip].add(f"{mutant.kind} {mutant.sample.split('/')[0]} {mutant.place.split(' @')[0]}")
            if not said.found:
                self.failed.append(f"not found: {mutant.name}; told {said.told[:3]}")
            elif said.unexplained:
                self.failed.append(f"not explained: {mutant.name}; told {said.unexplained[:3]}")
            elif len(said.ids) == 1:
                self.guarded |= said.ids
        return self

    def report(self) -> str:
        rows = [
            f"SNIP {level}: {self.levels[level]} mutants of {len(self.kinds[level])} kinds, "
            f"{len(self.places[level])} by guide and place"
            for level in NUMBERS
        ]
        return "\n".join([*rows, f"all: {sum(self.levels.values())}, not as expected: {len(self.failed)}"])


def whole() -> Iterator[Mutant]:
    """Every mutation of the envelope and the bytes in a file of a claim, a payment and an inquiry; every amount of the
    files that the catalogue by hand is made of; every LS and LE."""
    for sample in samples():
        if sample.name.startswith("sound-") or sample.kind in ("820", "277CA"):
            yield from money_mutants(sample)
    for kind in ("837P", "835", "270"):
        yield from envelope_mutants(by_guide()[kind][-1])
        yield from raw_mutants(by_guide()[kind][-1])
    for sample in samples():
        yield from header_mutants(sample)


@pytest.fixture(scope="module")
def fixed() -> Tally:
    """The catalogue: all that is written by hand, and what the fixed seed draws of the rest."""
    return Tally().take([*planted_mutants(), *whole(), *drawn(SEED, FIXED)])


def test_every_mutation_of_the_catalogue_is_told_at_its_place(fixed: Tally) -> None:
    assert not fixed.failed, "\n".join(fixed.failed[:20])


def test_each_level_has_its_forty_mutations(fixed: Tally) -> None:
    for level in NUMBERS:
        assert len(fixed.places[level]) >= LEAST, (level, fixed.report())
    assert len({row.name for row in PLANTED}) == len(PLANTED)


def test_a_fresh_draw_is_told_too() -> None:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    failed = Tally().take(drawn(seed, FRESH)).failed
    assert not failed, f"seed {seed}\n" + "\n".join(failed[:20])


def test_every_id_is_guarded_by_a_mutation_that_it_alone_finds(fixed: Tally) -> None:
    """Were any one detector switched off, some mutation of the catalogue would go unseen."""
    declared = {
        found for path in SOURCE.rglob("*.py") if path.name != "claim_status_table.py"  # it names families
        for found in re.findall(r'"((?:ENV|SNIP[1-4])-[A-Z0-9-]+)"', path.read_text())
    }  # fmt: skip
    unguarded = declared - fixed.guarded - set(UNGUARDED)
    assert not unguarded, " ".join(sorted(unguarded))
    assert not set(UNGUARDED) & fixed.guarded, "no longer an exception"


def test_a_detector_switched_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: what judges the mutants must itself be able to fail."""
    sample = next(one for one in samples() if one.name == "sound-837P")
    repeated = [one for one in mutants(sample, ["structure"]) if one.kind == "segment-sent-too-often"]
    assert repeated and all(verdict(one).found for one in repeated)
    monkeypatch.setattr(structure.Watch, "repeated", lambda *ignored: None)
    assert not any(verdict(one).found for one in repeated)


def test_a_fault_at_another_place_does_not_count() -> None:
    mutant = next(one for one in planted_mutants() if one.kind == "line-charge-negative")
    (fault,) = (one for one in check(mutant.data, VOCABULARY) if one.id in mutant.ids)
    assert at_place(mutant, fault)
    for moved in (mutant.number - 1, mutant.number + 1):
        assert not at_place(Mutant(mutant.kind, 4, mutant.data, mutant.ids, moved, mutant.element), fault)
    assert not at_place(Mutant(mutant.kind, 4, mutant.data, mutant.ids, mutant.number, 3), fault)


def test_an_unexplained_cascade_is_a_failure() -> None:
    mutant = next(one for one in planted_mutants() if one.kind == "line-charge-negative")
    bare = Mutant(mutant.kind, 4, mutant.data, mutant.ids, mutant.number, mutant.element, sample=mutant.sample)
    assert verdict(mutant).unexplained == ()
    assert [told.split()[0] for told in verdict(bare).unexplained] == ["SNIP3-CLAIM-CHARGE"]


@pytest.mark.parametrize("kind", ["837P", "837I", "835", "834", "271"])
def test_what_is_frequent_is_judged_as_what_is_rare(kind: str) -> None:
    """Loops that are met often are recognized by one expression: another way to the same answer."""
    sample = max(by_guide()[kind], key=lambda one: len(one.lines))
    chance = random.Random(SEED)
    found = list(mutants(sample, ["structure", "money"]))
    found = chance.sample(found, min(MUTANTS_COMPARED, len(found)))
    rare = []
    for mutant in found:
        states._COMPILED.clear()
        rare.append(check(mutant.data, VOCABULARY))
    for _ in range(states.HOT + 1):
        check(sample.data)
    for mutant, before in zip(found, rare, strict=True):
        assert check(mutant.data, VOCABULARY) == before, mutant.name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_peers_are_measured_by_is_told(row: object) -> None:
    found = {fault.id for fault in check(row.data(), VOCABULARY)}  # type: ignore[attr-defined]
    assert found & set(row.ids.split())  # type: ignore[attr-defined]


def test_nothing_is_told_of_a_valid_file_but_what_is_known_and_why() -> None:
    for sample in samples():
        said = {fault_id for fault_id, *_ in sample.before}
        assert said <= set(REASONS), (sample, sorted(said - set(REASONS)))
        assert not said or not sample.name.startswith((OWN, "sound-")), (sample, said)


def test_no_reason_without_its_fault() -> None:
    assert set(REASONS) == {fault_id for sample in samples() for fault_id, *_ in sample.before}


def test_every_guide_has_its_valid_files() -> None:
    assert len(by_guide()) == 16 and len(ELEMENT_KINDS) >= LEAST


@pytest.mark.prove
def test_row29_every_mutation_at_every_place_of_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    start = time.process_time()
    tally = Tally().take(planted_mutants())
    for sample in samples():
        tally.take(mutants(sample))
    with capsys.disabled():
        print(f"\n{tally.report()}\n{time.process_time() - start:.0f} CPU seconds")
    assert not tally.failed, "\n".join(tally.failed[:40])
    for level in NUMBERS:
        assert len(tally.places[level]) >= LEAST


@pytest.mark.prove
def test_row29_money_of_every_balanced_file_to_the_cent(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally().take(one for sample in samples() for one in money_mutants(sample))
    with capsys.disabled():
        print(f"\n{tally.report()}")
    assert not tally.failed, "\n".join(tally.failed[:40])
