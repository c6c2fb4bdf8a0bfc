"""837D, 005010X224A2: rules of a claim, its teeth and its lines."""

from __future__ import annotations

from claimwright.x12.amounts import amount
from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations import claims, payers, providers
from claimwright.x12.situations.facts import Claim, Line, tell, tell_missing
from claimwright.x12.situations.tables import DATED, FRONT_TEETH, ORTHODONTIC

PROCEDURE, CHARGE, PLACEMENT, QUANTITY, POINTERS = 1, 2, 5, 6, 11
PREDETERMINATION = "PB"  # CLM19
REPLACED = "R"  # SV305
INCISAL, OCCLUSAL = "I", "O"


def check_claim(loop: Loop, findings: Findings) -> None:
    """2300: everything one dental claim can be asked by itself."""
    claim = Claim(loop)
    _take_claim_date(claim)
    claims.check_levels(claim, findings)
    claims.check_claim(claim, findings)
    claims.check_accident(claim, findings)
    claims.check_diagnoses(claim, findings)
    claims.check_service_dates(claim, findings)
    if not DATED.isdisjoint(claim.dates):
        claims.check_date_order(claim, findings)
    providers.check_referrals(claim, findings)
    claims.check_sequence(claim, findings)
    _check_missing_teeth(claim, findings)
    _check_lines(claim, findings)
    if claim.others or any(line.has_loop("2430") for line in claim.lines) or _is_later_payer(loop):
        payers.check_payers(claim, findings)


def _is_later_payer(loop: Loop) -> bool:
    level = loop.parent
    if level is not None and level.id == "2000C":
        level = level.parent
    sbr = level.first("SBR") if level is not None else None
    return sbr is not None and sbr[1] not in ("P", "U")


def _take_claim_date(claim: Claim) -> None:
    """The claim's own DTP*472 stands for the lines without one."""
    own = claim.dates.get("472")
    if own is not None and is_date(own[3][:8]):
        first, last = own[3][:8], own[3][9:17] or own[3][:8]
        claim.first = min(claim.first or first, first)
        claim.last = max(claim.last, last)


def _check_missing_teeth(claim: Claim, findings: Findings) -> None:
    seen: set[str] = set()
    for tooth in claim.rare.get("DN2", ()):
        if tooth[1] in seen:
            tell(findings, "SNIP4-TOOTH-REPEATED", tooth, claim.loop, 1, value=tooth[1])
        seen.add(tooth[1])
    for treatment in claim.rare.get("DN1", ()):
        whole, remaining = amount(treatment[1]), amount(treatment[2])
        if treatment[1] and whole is not None and remaining is not None and remaining > whole:
            tell(
                findings, "SNIP4-ORTHODONTIC-MONTHS", treatment, claim.loop, 2, value=treatment[2],
                detail=f"{remaining - whole} too many",
            )  # fmt: skip


def _check_lines(claim: Claim, findings: Findings) -> None:
    clm = claim.clm
    asked = clm is not None and clm[19] == PREDETERMINATION
    own_date = claim.dates.get("472")
    if asked and own_date is not None:
        tell(findings, "SNIP4-PREDETERMINATION-DATE", own_date, claim.loop, 1, value="472")
    for line in claim.lines:
        service = line.service
        if service is None:
            continue
        claims.check_pointer(service, POINTERS, len(claim.diagnoses), line.loop, findings)
        if claim.diagnoses and not service[POINTERS]:
            tell(findings, "SNIP4-DIAGNOSIS-POINTER-MISSING", service, line.loop, POINTERS)
        claims.check_quantity(service, CHARGE, QUANTITY, line.loop, findings, "SNIP4-QUANTITY")
        if asked:
            if line.date is not None:
                tell(findings, "SNIP4-PREDETERMINATION-DATE", line.date, line.loop, 1, value="472")
        elif line.date is None and own_date is None and not _is_orthodontic(claim, line):
            tell_missing(findings, "SNIP4-DENTAL-DATE", "DTP", line.loop, "DTP*472")
        code = service.component(PROCEDURE, 2)
        if code.startswith(ORTHODONTIC) and "DN1" not in claim.rare:
            tell(findings, "SNIP4-ORTHODONTICS", service, line.loop, PROCEDURE, 2, value=code)
        if code.endswith("999") and code[:1] == "D" and not service.component(PROCEDURE, 7):
            tell(findings, "SNIP4-DESCRIPTION-MISSING", service, line.loop, PROCEDURE, 7)
        if line.rare is not None:
            _check_rare(line, service, findings)
        elif service[PLACEMENT] == REPLACED:
            tell(findings, "SNIP4-PRIOR-PLACEMENT", service, line.loop, PLACEMENT, value=REPLACED)


def _is_orthodontic(claim: Claim, line: Line) -> bool:
    """Orthodontics go by the date the appliance was placed."""
    return "452" in claim.dates or any(date[1] == "452" for date in line.all("DTP"))


def _check_rare(line: Line, service: Segment, findings: Findings) -> None:
    if service[PLACEMENT] == REPLACED and not any(date[1] in ("441", "139") for date in line.all("DTP")):
        tell(findings, "SNIP4-PRIOR-PLACEMENT", service, line.loop, PLACEMENT, value=REPLACED)
    seen: set[str] = set()
    for tooth in line.all("TOO"):
        number = tooth[2]
        if number and number in seen:
            tell(findings, "SNIP4-TOOTH-REPEATED", tooth, line.loop, 2, value=number)
        seen.add(number)
        surfaces = tooth.components(3)
        if len(set(surfaces)) < len(surfaces):
            tell(findings, "SNIP4-SURFACE-REPEATED", tooth, line.loop, 3)
        wrong = OCCLUSAL if number in FRONT_TEETH else INCISAL
        if number and wrong in surfaces:
            tell(findings, "SNIP4-SURFACE", tooth, line.loop, 3, surfaces.index(wrong) + 1, value=wrong)
