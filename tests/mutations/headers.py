"""LS and LE of the 271 and 834: the header, the trailer or what stands between them left out."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutations.files import Mutant, Sample, Spot, extent
from tests.mutations.structure import AFTER


def header_mutants(sample: Sample) -> Iterator[Mutant]:
    for header in sample.inside():
        if header.shape.id != "LS":
            continue
        trailer = next(spot for spot in sample.inside() if spot.loop is header.loop and spot.shape.id == "LE")
        within = [one for one in header.loop.loops if header.index < extent(one)[0] < trailer.index]
        if within:
            yield _mutant("loop-trailer-removed", sample, trailer, 1, "SNIP2-LE-MISSING", trailer.number, "LE")
            yield _mutant("loop-header-emptied", sample, header, trailer.index - header.index, "SNIP2-LS-EMPTY",
                          header.number, "LS", keep=1)  # fmt: skip
            yield _mutant("loop-header-removed", sample, header, 1, "SNIP2-LS-MISSING", header.number, "LS")


def _mutant(
    kind: str, sample: Sample, spot: Spot, count: int, fault_id: str, number: int, segment_id: str, keep: int = 0
) -> Mutant:
    """Without `count` segments from the spot on, but for the first `keep`."""
    return Mutant(
        kind, 2, sample.without(spot.index + keep, spot.index + count), frozenset((fault_id,)), number, 0, 0,
        segment_id, 1, AFTER, repr(sample), f"{spot.loop.id} {segment_id} @{number}",
    )  # fmt: skip
