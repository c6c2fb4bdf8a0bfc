"""Billing provider, pay-to, facility and rendering provider of the 837s: rules on their own small loops."""

from __future__ import annotations

from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.facts import Claim, tell
from claimwright.x12.situations.tables import BOXES

FILLERS = ("0000",)  # 9998 and 9999 are real: general delivery and the postmaster
HOME = ("", "US", "USA")


def check_billing_provider(loop: Loop, findings: Findings) -> None:
    """2010AA: street, ZIP code, exactly one tax number of nine digits."""
    taxes = 0
    for segment in loop.segments:
        name = segment.elements[0]
        if name == "N3":
            if segment[1].upper().startswith(BOXES) or segment[2].upper().startswith(BOXES):
                tell(findings, "SNIP4-BILLING-STREET", segment, loop, 1, value=segment[1])
        elif name == "N4":
            check_zip(segment, "SNIP4-BILLING-ZIP", loop, findings)
        elif name == "REF" and segment[1] in ("EI", "SY"):
            taxes += 1
            if len(segment[2]) != 9 or not segment[2].isdecimal():
                tell(findings, "SNIP4-TAX-ID", segment, loop, 2, value=segment[2])
            if taxes == 2:
                tell(findings, "SNIP4-TAX-ID-TWICE", segment, loop, 1, value=segment[1])


def check_zip(segment: Segment, situation_id: str, loop: Loop, findings: Findings) -> None:
    """N403 in the United States: nine digits, the last four real."""
    postal = segment[3]
    if segment[4] not in HOME or not postal:
        return
    if len(postal) != 9 or not postal.isdecimal():
        if not segment[4] and not segment[2]:
            return  # neither state nor country: an address abroad that says so badly
        tell(findings, situation_id, segment, loop, 3, value=postal)
    elif postal[5:] in FILLERS:
        tell(findings, "SNIP4-ZIP-FILLER", segment, loop, 3, value=postal)


def check_payer_numbers(loop: Loop, findings: Findings) -> None:
    """2010BB: a billing provider without NPI has the payer's number for it."""
    level = loop.ancestor("2000A")
    billing = level.find("2010AA") if level is not None else None
    name = billing.first("NM1") if billing is not None else None
    if name is None or billing is None or name[9]:
        return
    if loop.first("REF", "G2") is None and loop.first("REF", "LU") is None:
        tell(findings, "SNIP4-BILLING-NPI", name, billing, 9)


def check_pay_to(loop: Loop, findings: Findings) -> None:
    """2010AB: another address than the billing provider's."""
    billing = loop.parent.find("2010AA") if loop.parent is not None else None
    if billing is not None and loop.segments and _address(loop) == _address(billing) != ([], []):
        tell(findings, "SNIP4-PAY-TO-SAME", loop.segments[0], loop)


def check_facility(loop: Loop, findings: Findings) -> None:
    """Service facility of a claim: ZIP code; not the billing provider itself at its own address."""
    for segment in loop.segments:
        if segment.elements[0] == "N4":
            check_zip(segment, "SNIP4-FACILITY-ZIP", loop, findings)
    name = loop.segments[0] if loop.segments else None
    level = loop.ancestor("2000A")
    billing = level.find("2010AA") if level is not None else None
    own = billing.first("NM1") if billing is not None else None
    if name is None or own is None or billing is None or _address(loop) != _address(billing):
        return
    if (name[9] and name[9] == own[9]) or (not name[9] and name[3] == own[3]):
        tell(findings, "SNIP4-FACILITY-SAME", name, loop)


def check_facility_of_line(loop: Loop, findings: Findings) -> None:
    for segment in loop.segments:
        if segment.elements[0] == "N4":
            check_zip(segment, "SNIP4-FACILITY-ZIP", loop, findings)


def check_rendering(loop: Loop, findings: Findings) -> None:
    """Rendering provider of a claim: another one than the billing provider."""
    name = loop.segments[0] if loop.segments else None
    if name is None or not name[9]:
        return
    level = loop.ancestor("2000A")
    billing = level.find("2010AA") if level is not None else None
    own = billing.first("NM1") if billing is not None else None
    if own is not None and own[9] == name[9] and own[8] == name[8]:
        tell(findings, "SNIP4-RENDERING-SAME", name, loop, 9, value=name[9])


def check_referrals(claim: Claim, findings: Findings) -> None:
    """2310A: P3 stands for the first of two referrals only."""
    referring = claim.inside.get("2310A")
    if referring is None or not referring.segments or referring.segments[0][1] != "P3":
        return
    if not any(inner.id == "2310A" and inner.segments and inner.segments[0][1] == "DN" for inner in claim.loop.loops):
        tell(findings, "SNIP4-PRIMARY-CARE-ALONE", referring.segments[0], referring, 1, value="P3")


def _address(loop: Loop) -> tuple[list[str], list[str]]:
    street: list[str] = []
    city: list[str] = []
    for segment in loop.segments:
        if segment.elements[0] == "N3":
            street = segment.elements
        elif segment.elements[0] == "N4":
            city = segment.elements
    return street, city
