"""All mutants there are: every kind at every place of every valid file; and those drawn for the suite by a seed."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from tests.mutations.elements import ELEMENT_KINDS
from tests.mutations.envelope import envelope_mutants, raw_mutants
from tests.mutations.files import Mutant, Sample, samples
from tests.mutations.money import money_mutants
from tests.mutations.structure import STRUCTURE_KINDS
from tests.mutations.words import WORD_KINDS

GROUPS = ("elements", "structure", "envelope", "money", "words")
TRIES = 40  # places that are looked at for one kind in one guide, before it is given up
FRAMED, BOUND = 10, 6  # envelope and money mutants for one of each other kind


def mutants(sample: Sample, groups: tuple[str, ...] | list[str] = GROUPS) -> Iterator[Mutant]:
    """Everything that can be done to one file."""
    if "elements" in groups:
        for spot in sample.inside():
            for kind in ELEMENT_KINDS:
                yield from kind(sample, spot)
    if "words" in groups:
        for spot in sample.inside():
            for word_kind in WORD_KINDS:
                yield from word_kind(sample, spot)
    if "structure" in groups:
        for make in STRUCTURE_KINDS:
            yield from make(sample)
    if "envelope" in groups:
        yield from envelope_mutants(sample)
        yield from raw_mutants(sample)
    if "money" in groups:
        yield from money_mutants(sample)


@cache
def by_guide() -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples():
        found[sample.kind].append(sample)
    return dict(found)


def drawn(seed: int, each: int) -> Iterator[Mutant]:
    """Some mutants of each kind in each guide."""
    chance = random.Random(seed)
    for _, files in sorted(by_guide().items()):
        spots = [(sample, spot) for sample in files for spot in sample.inside()]
        for make in (*ELEMENT_KINDS, *WORD_KINDS):
            some = chance.sample(spots, min(TRIES, len(spots)))
            yield from itertools.islice((one for sample, spot in some for one in make(sample, spot)), each)
        for whole in STRUCTURE_KINDS:
            found = list(whole(chance.choice(files)))
            yield from chance.sample(found, min(each, len(found)))
        sample = chance.choice(files)
        framed = [*envelope_mutants(sample), *raw_mutants(sample)]
        yield from chance.sample(framed, min(FRAMED * each, len(framed)))
        bound = list(money_mutants(chance.choice(files)))
        yield from chance.sample(bound, min(BOUND * each, len(bound)))
