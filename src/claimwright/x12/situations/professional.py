"""837P, 005010X222A1: rules of a claim and its lines."""

from __future__ import annotations

from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations import claims, payers, providers
from claimwright.x12.situations.facts import Claim, Line, tell, tell_missing
from claimwright.x12.situations.tables import (
    AMBULANCE,
    ANESTHESIA_UNITS,
    DATED,
    INPATIENT_PLACES,
    MAMMOGRAPHY,
    UNLISTED,
)

PROCEDURE, CHARGE, UNIT, QUANTITY, PLACE, POINTERS = 1, 2, 3, 4, 5, 7
MINUTES = "MJ"
_PLAIN, _AMBULANCE, _ANESTHESIA, _MAMMOGRAPHY, _UNLISTED = range(5)
_KINDS: dict[str, int] = {}
_MOST_KINDS = 20_000


def check_claim(loop: Loop, findings: Findings) -> None:
    """2300: everything one professional claim can be asked by itself."""
    claim = Claim(loop)
    claims.check_levels(claim, findings)
    claims.check_claim(claim, findings)
    claims.check_accident(claim, findings)
    if "X4" in claim.references:
        check_clia(claim.references["X4"], loop, findings)
    claims.check_diagnoses(claim, findings)
    claims.check_service_dates(claim, findings)
    if not DATED.isdisjoint(claim.dates):
        claims.check_date_order(claim, findings)
        _check_stay(claim, findings)
    providers.check_referrals(claim, findings)
    claims.check_sequence(claim, findings)
    adjudicated = _check_lines(claim, findings)
    if claim.others or adjudicated or _is_later_payer(loop):
        payers.check_payers(claim, findings)


def _is_later_payer(loop: Loop) -> bool:
    level = loop.parent
    if level is not None and level.id == "2000C":
        level = level.parent
    sbr = level.segments[1] if level is not None and len(level.segments) > 1 else None
    return sbr is not None and len(sbr.elements) > 1 and sbr.elements[1] not in ("P", "U")


def _check_stay(claim: Claim, findings: Findings) -> None:
    admitted, discharged = claim.dates.get("435"), claim.dates.get("096")
    if admitted is not None and discharged is not None and discharged[3][:8] < admitted[3][:8]:
        if is_date(discharged[3][:8]) and is_date(admitted[3][:8]):
            tell(findings, "SNIP4-DISCHARGE-BEFORE-ADMISSION", discharged, claim.loop, 3, value=discharged[3])


def _check_lines(claim: Claim, findings: Findings) -> bool:
    """Each line; whether another payer has adjudicated one."""
    count = len(claim.diagnoses)
    inpatient = claim.facility in INPATIENT_PLACES
    adjudicated = False
    for line in claim.lines:
        service = line.service
        if service is None:
            continue
        elements = service.elements
        claims.check_pointer(service, POINTERS, count, line.loop, findings)
        claims.check_quantity(service, CHARGE, QUANTITY, line.loop, findings, "SNIP4-QUANTITY")
        if len(elements) > PLACE and elements[PLACE] in INPATIENT_PLACES:
            inpatient = True
        text = elements[PROCEDURE] if len(elements) > PROCEDURE else ""
        kind = _KINDS.get(text)
        if kind is None:
            kind = _kind_of(text, service.delimiters.component)
        if kind or (len(elements) > UNIT and elements[UNIT] == MINUTES):
            _check_kind(claim, line, kind, service, findings)
        if line.rare is not None:
            _check_rare(line, findings)
        if line.loop.loops and line.has_loop("2430"):
            adjudicated = True
    if inpatient and "435" not in claim.dates:
        tell_missing(findings, "SNIP4-ADMISSION-DATE", "DTP", claim.loop, "DTP*435")
    return adjudicated


def _kind_of(text: str, separator: str) -> int:
    """What the procedure demands beyond the ordinary, remembered by the whole SV101."""
    parts = text.split(separator)
    code = parts[1] if len(parts) > 1 else ""
    kind = _PLAIN
    if code in AMBULANCE:
        kind = _AMBULANCE
    elif "00100" <= code <= "01999" and len(code) == 5 and code.isdecimal():
        kind = _ANESTHESIA
    elif code in MAMMOGRAPHY:
        kind = _MAMMOGRAPHY
    elif is_unlisted(code) and not "".join(parts[6:7]):
        kind = _UNLISTED
    if len(_KINDS) < _MOST_KINDS:
        _KINDS[text] = kind
    return kind


def is_unlisted(code: str) -> bool:
    """A code for what has none: by list for HCPCS, by its ending for CPT."""
    return code in UNLISTED or (len(code) == 5 and code.endswith("999") and code.isdecimal())


def _check_kind(claim: Claim, line: Line, kind: int, service: Segment, findings: Findings) -> None:
    loop = line.loop
    if kind == _AMBULANCE:
        _check_ambulance(claim, line, findings)
    elif kind == _ANESTHESIA:
        code = service.component(PROCEDURE, 2)
        if service[UNIT] != MINUTES and code not in ANESTHESIA_UNITS:
            tell(findings, "SNIP4-ANESTHESIA-MINUTES", service, loop, UNIT, value=service[UNIT])
    elif kind == _MAMMOGRAPHY:
        if "EW" not in claim.references and not line.has("REF", "EW"):
            tell(findings, "SNIP4-MAMMOGRAPHY", service, loop, PROCEDURE, 2, value=service.component(PROCEDURE, 2))
    elif kind == _UNLISTED:
        tell(findings, "SNIP4-DESCRIPTION-MISSING", service, loop, PROCEDURE, 7)
    if kind != _ANESTHESIA and service[UNIT] == MINUTES:
        tell(findings, "SNIP4-MINUTES-UNEXPECTED", service, loop, UNIT, value=MINUTES)


def _check_ambulance(claim: Claim, line: Line, findings: Findings) -> None:
    loop = line.loop
    if "CR1" not in claim.rare and not line.all("CR1"):
        tell(findings, "SNIP4-AMBULANCE-TRANSPORT", line.service, loop, PROCEDURE, 2)
    on_claim = any(crc[1] == "07" for crc in claim.rare.get("CRC", ()))
    if not on_claim and not line.has("CRC", "07"):
        tell(findings, "SNIP4-AMBULANCE-CONDITION", line.service, loop, PROCEDURE, 2)
    for where, on_line in (("2310E", "2420G"), ("2310F", "2420H")):
        if where not in claim.inside and not line.has_loop(on_line):
            tell(findings, "SNIP4-AMBULANCE-ADDRESS", line.service, loop, PROCEDURE, 2, detail=f"{where} or {on_line}")


def _check_rare(line: Line, findings: Findings) -> None:
    rare = line.rare
    if rare is None:
        return
    if "PWK" in rare:
        claims.check_attachments(rare["PWK"], line.loop, findings)
    if "PS1" in rare and not line.has_loop("2420B"):
        tell(findings, "SNIP4-PURCHASED-SERVICE", rare["PS1"][0], line.loop)
    if "REF" in rare:
        for reference in rare["REF"]:
            if reference[1] == "X4":
                check_clia(reference, line.loop, findings)


def check_clia(reference: Segment, loop: Loop, findings: Findings) -> None:
    number = reference[2]
    if len(number) != 10 or number[2] != "D" or not (number[:2] + number[3:]).isdecimal():
        tell(findings, "SNIP4-CLIA-FORMAT", reference, loop, 2, value=number)


def check_drug(loop: Loop, findings: Findings) -> None:
    """2410: how much of the drug, in the 837I too."""
    for segment in loop.segments:
        if segment.elements[0] == "CTP":
            claims.check_quantity(segment, 3, 4, loop, findings, "SNIP4-QUANTITY")
