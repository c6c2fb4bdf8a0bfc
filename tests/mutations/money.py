"""Level 3: one cent more, one cent less, in every amount that a balance binds; and amounts left out altogether."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from claimwright.x12.loops import Loop
from tests.mutations.files import Mutant, Sample, Spot

CENT = Decimal("0.01")
ADJUSTMENTS = (3, 6, 9, 12, 15, 18)
PROVIDER_ADJUSTMENTS = (4, 6, 8, 10, 12, 14)
CHARGES = {"SV1": 2, "SV2": 3, "SV3": 2}
SUMS = {
    "SNIP3-*": "an amount stands in more than one sum",
    "SNIP4-*": "a situation of which the amount is a part",
    "SNIP5-*": "read in another way",
}


@dataclass(frozen=True)
class Bound:
    """An amount and the fault that must follow when it is wrong: at the segment `at`, in `element`."""

    spot: Spot
    position: int
    ids: str
    at: Spot
    element: int


def _first(sample: Sample, loop: Loop | None, segment_id: str, qualifier: str | None = None) -> Spot | None:
    found = loop.first(segment_id, qualifier) if loop is not None else None
    return sample.by_index.get(found.ordinal - 1) if found is not None else None


def bound(sample: Sample) -> Iterator[Bound]:
    """Every amount of the file that some sum binds; none of a file that does not balance as it stands."""
    if any(fault_id.startswith("SNIP3") for fault_id, *_ in sample.before):
        return
    for spot in sample.inside():
        if sample.kind.startswith("837"):
            yield from _of_claim(sample, spot)
        elif sample.kind == "835":
            yield from _of_payment(sample, spot)
        elif sample.kind == "820":
            yield from _of_premium(sample, spot)
        elif sample.kind == "277CA":
            yield from _of_acknowledgement(sample, spot)


def _of_claim(sample: Sample, spot: Spot) -> Iterator[Bound]:
    name, loop = spot.shape.id, spot.loop
    if name == "CLM" and loop.loops_of("2400"):
        yield Bound(spot, 2, "SNIP3-CLAIM-CHARGE", spot, 2)
    elif name in CHARGES and loop.id == "2400":
        claim = _first(sample, loop.ancestor("2300"), "CLM")
        if claim is not None:
            yield Bound(spot, CHARGES[name], "SNIP3-CLAIM-CHARGE", claim, 2)
    elif name == "SVD" and not spot.value(6):
        yield Bound(spot, 2, "SNIP3-LINE-ADJUDICATION", spot, 2)
    elif name == "CAS" and loop.id == "2430":
        svd = _first(sample, loop, "SVD")
        if svd is not None and not svd.value(6):
            yield from _each(spot, ADJUSTMENTS, "SNIP3-LINE-ADJUDICATION", svd, 2)
    elif loop.id == "2320" and (paid := _first(sample, loop, "AMT", "D")) is not None and _judged(loop):
        if name == "CAS":
            yield from _each(spot, ADJUSTMENTS, "SNIP3-PAYER-PAID", paid, 2)
        elif name == "AMT" and spot.value(1) == "D":
            yield Bound(spot, 2, "SNIP3-PAYER-PAID", spot, 2)


def _judged(other: Loop) -> bool:
    """Whether the payer of this 2320 has adjusted the claim, or a line of it."""
    payer = other.find("2330B")
    name = payer.first("NM1") if payer is not None else None
    claim = other.ancestor("2300")
    lines = [judged for line in claim.loops_of("2400") for judged in line.loops_of("2430")] if claim is not None else []
    named = [svd[1] for judged in lines if (svd := judged.first("SVD")) is not None]
    return bool(other.all("CAS")) or (name is not None and name[9] in named)


def _of_payment(sample: Sample, spot: Spot) -> Iterator[Bound]:
    name, loop = spot.shape.id, spot.loop
    root = loop
    while root.parent is not None:
        root = root.parent
    bpr = _first(sample, root, "BPR")
    assert bpr is not None
    if name == "BPR":
        yield Bound(spot, 2, "SNIP3-PAYMENT-BALANCE", spot, 2)
    elif name == "PLB":
        yield from _each(spot, PROVIDER_ADJUSTMENTS, "SNIP3-PAYMENT-BALANCE", bpr, 2)
    elif name == "CLP":
        yield Bound(spot, 3, "SNIP3-CLAIM-BALANCE", spot, 4)
        yield Bound(spot, 4, "SNIP3-CLAIM-BALANCE", spot, 4)
        yield Bound(spot, 4, "SNIP3-PAYMENT-BALANCE", bpr, 2)
    elif name == "SVC":
        claim = _first(sample, loop.ancestor("2100"), "CLP")
        yield Bound(spot, 3, "SNIP3-LINE-BALANCE", spot, 3)
        yield Bound(spot, 2, "SNIP3-LINE-BALANCE", spot, 3)
        if claim is not None:
            yield Bound(spot, 2, "SNIP3-CLAIM-LINES", claim, 3)
    elif name == "CAS" and loop.id == "2110" and (svc := _first(sample, loop, "SVC")) is not None:
        yield from _each(spot, ADJUSTMENTS, "SNIP3-LINE-BALANCE", svc, 3)
    elif name == "CAS" and loop.id == "2100" and (clp := _first(sample, loop, "CLP")) is not None:
        yield from _each(spot, ADJUSTMENTS, "SNIP3-CLAIM-BALANCE", clp, 4)


def _of_premium(sample: Sample, spot: Spot) -> Iterator[Bound]:
    name, loop = spot.shape.id, spot.loop
    root = loop
    while root.parent is not None:
        root = root.parent
    bpr = _first(sample, root, "BPR")
    assert bpr is not None
    if name == "BPR":
        yield Bound(spot, 2, "SNIP3-PREMIUM-BALANCE", spot, 2)
    elif name == "RMR":
        yield Bound(spot, 4, "SNIP3-PREMIUM-BALANCE", bpr, 2)
    elif name == "ADX" and loop.id.startswith("2200"):
        yield Bound(spot, 1, "SNIP3-PREMIUM-BALANCE", bpr, 2)


def _of_acknowledgement(sample: Sample, spot: Spot) -> Iterator[Bound]:
    name, loop = spot.shape.id, spot.loop
    if loop.id in ("2200B", "2200C") and (status := _first(sample, loop, "STC")) is not None and status.value(4):
        if name == "STC" and loop.all("AMT"):
            yield Bound(spot, 4, "SNIP3-ACKNOWLEDGED-TOTAL", spot, 4)
        elif name == "AMT":
            yield Bound(spot, 2, "SNIP3-ACKNOWLEDGED-TOTAL", status, 4)


def _each(spot: Spot, positions: tuple[int, ...], ids: str, at: Spot, element: int) -> Iterator[Bound]:
    for position in positions:
        if spot.value(position):
            yield Bound(spot, position, ids, at, element)


def _spoiled(value: str) -> Iterator[tuple[str, str]]:
    amount = Decimal(value)
    yield "one-cent-more", str(amount + CENT)
    yield "one-cent-less", str(amount - CENT)
    if amount:
        yield "turned-sign", str(-amount)
        yield "ten-times", str(amount * 10)
        yield "zero", "0"


def money_mutants(sample: Sample) -> Iterator[Mutant]:
    for one in bound(sample):
        try:
            values = list(_spoiled(one.spot.value(one.position)))
        except InvalidOperation:
            continue
        where = f"{one.spot.loop.id} {one.spot.shape.id}{one.position:02d}"
        for kind, value in values:
            yield Mutant(
                f"{one.spot.shape.id.lower()}{one.position:02d}-{kind}", 3,
                sample.with_element(one.spot, one.position, value), frozenset((one.ids,)), one.at.number, one.element,
                0, one.at.shape.id, 0, SUMS, repr(sample), f"{where} -> {one.ids} @{one.spot.number}",
            )  # fmt: skip
    for spot in sample.inside():
        yield from _left_out(sample, spot)


def _left_out(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    """An adjustment or a line that is left out takes its amount with it."""
    if spot.shape.id not in ("CAS", "PLB") or spot.first:
        return
    effects = [one for one in bound(sample) if one.spot is spot]
    total = sum((Decimal(one.spot.value(one.position)) for one in effects), Decimal(0))
    if effects and total:
        at, ids, element = effects[0].at, effects[0].ids, effects[0].element
        yield Mutant(
            f"{spot.shape.id.lower()}-left-out", 3, sample.without(spot.index, spot.index + 1), frozenset((ids,)),
            at.number - (at.index > spot.index), element, 0, at.shape.id, 0, SUMS, repr(sample),
            f"{spot.loop.id} {spot.shape.id} @{spot.number}",
        )  # fmt: skip
        yield Mutant(
            f"{spot.shape.id.lower()}-doubled", 3, sample.inserted(spot.index, [sample.lines[spot.index]]),
            frozenset((ids,)), at.number + (at.index > spot.index), element, 0, at.shape.id, 0,
            {**SUMS, "SNIP2-SEGMENT-TOO-MANY": "one more than the guide allows"}, repr(sample),
            f"{spot.loop.id} {spot.shape.id} @{spot.number}",
        )  # fmt: skip
