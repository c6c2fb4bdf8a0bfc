"""Other payers of a claim: 2320, 2330 and 2430 of 837P, 837I and 837D, and the adjustments that CAS carries anywhere."""

from __future__ import annotations

from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.facts import Claim, tell

UNKNOWN_PLACE = "U"  # SBR01: the order is not known, and may come more than once
FIRST = "P"
REASONS = (2, 5, 8, 11, 14, 17)
_ZEROS = frozenset(("0", "0.0", "0.00", ".00", "-0", "00", "0."))


class Payer:
    """One 2320: who it is, and whether it has adjudicated the claim."""

    __slots__ = ("adjudicated", "dated", "loop", "name", "paid", "sbr")

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.sbr: Segment | None = None
        self.name: Segment | None = None
        self.dated: Segment | None = None
        self.paid = False
        self.adjudicated = False
        for segment in loop.segments:
            name = segment.elements[0]
            if name == "SBR":
                self.sbr = segment
            elif name == "CAS":
                self.adjudicated = True
            elif name == "AMT" and segment[1] == "D":
                self.paid = True
        for inner in loop.loops:
            if inner.id == "2330B":
                for segment in inner.segments:
                    if segment.elements[0] == "NM1":
                        self.name = segment
                    elif segment.elements[0] == "DTP" and segment[1] == "573":
                        self.dated = segment
        self.adjudicated = self.adjudicated or self.dated is not None


def check_payers(claim: Claim, findings: Findings) -> None:
    """All of a claim's payers together. Called where there is a 2320, a 2430 or a claim to a later payer."""
    payers = [Payer(loop) for loop in claim.others]
    _check_order(claim, payers, findings)
    judged = _check_lines(claim, payers, findings)
    for payer in payers:
        identifier = payer.name[9] if payer.name is not None else ""
        on_lines = judged.get(identifier, "")
        if payer.name is None or not (payer.adjudicated or identifier in judged):
            continue
        if not payer.paid:
            tell(findings, "SNIP4-PAYER-PAID-MISSING", payer.sbr, payer.loop, detail=f"SBR01 {_place(payer)}")
        if payer.dated is None and on_lines != "dated":
            tell(findings, "SNIP4-ADJUDICATION-DATE", payer.name, payer.loop)
        elif payer.dated is not None and on_lines == "dated":
            tell(findings, "SNIP4-ADJUDICATION-DATE-TWICE", payer.dated, payer.loop, 3)
        check_adjustments(payer.loop, findings)


def _place(payer: Payer) -> str:
    return payer.sbr[1] if payer.sbr is not None else ""


def _check_order(claim: Claim, payers: list[Payer], findings: Findings) -> None:
    destination = _destination(claim.loop)
    own = destination[1] if destination is not None else ""
    taken = {own}
    for payer in payers:
        place = _place(payer)
        if place and place != UNKNOWN_PLACE and place in taken:
            tell(findings, "SNIP4-PAYER-SEQUENCE", payer.sbr, payer.loop, 1, value=place)
        taken.add(place)
    if own not in ("", FIRST, UNKNOWN_PLACE) and not payers and claim.clm is not None:
        tell(findings, "SNIP4-PAYER-SEQUENCE-MISSING", claim.clm, claim.loop, detail=f"SBR01 {own}")


def _destination(claim: Loop) -> Segment | None:
    level = claim.parent
    if level is not None and level.id == "2000C":
        level = level.parent
    return level.first("SBR") if level is not None else None


def _check_lines(claim: Claim, payers: list[Payer], findings: Findings) -> dict[str, str]:
    """Who adjudicated which lines: "dated" where every 2430 of that payer says when, else ""."""
    known = {payer.name[9] for payer in payers if payer.name is not None}
    judged: dict[str, str] = {}
    for line in claim.lines:
        for inner in line.loop.loops:
            if inner.id != "2430" or not inner.segments:
                continue
            svd = inner.segments[0]
            identifier = svd[1]
            if identifier and identifier not in known:
                tell(findings, "SNIP4-LINE-PAYER", svd, inner, 1, value=identifier)
            dated = "dated" if inner.first("DTP", "573") is not None else ""
            judged[identifier] = dated if judged.get(identifier, "dated") else ""
            check_adjustments(inner, findings)
    return judged


def check_adjustments(loop: Loop, findings: Findings) -> None:
    """CAS of one loop: no reason twice in a group, none of zero, none after a gap."""
    seen: set[tuple[str, str]] | None = None
    for segment in loop.segments:
        elements = segment.elements
        if elements[0] != "CAS":
            continue
        if seen is None:
            seen = set()
        gap = False
        count = len(elements)
        for position in REASONS:
            if position >= count:
                break
            reason = elements[position]
            value = elements[position + 1] if position + 1 < count else ""
            if not reason:
                gap = gap or not value
                continue
            if gap:
                tell(findings, "SNIP4-ADJUSTMENT-GAP", segment, loop, position, value=reason)
                gap = False
            key = (elements[1], reason)
            if key in seen:
                tell(findings, "SNIP4-ADJUSTMENT-REPEATED", segment, loop, position, value=reason)
            seen.add(key)
            if value in _ZEROS:
                tell(findings, "SNIP4-ADJUSTMENT-ZERO", segment, loop, position + 1, value=value)
