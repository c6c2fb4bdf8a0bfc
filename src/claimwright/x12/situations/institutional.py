"""837I, 005010X223A2: rules of a claim, most of which hang on its type of bill (CLM05-1 and CLM05-3)."""

from __future__ import annotations

from claimwright.x12.amounts import amount
from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations import claims, payers
from claimwright.x12.situations.facts import Claim, Line, tell, tell_missing
from claimwright.x12.situations.professional import is_unlisted
from claimwright.x12.situations.tables import (
    EMERGENCY_REVENUE,
    HOSPITAL_INPATIENT,
    INPATIENT_BILLS,
    LOOSELY_DATED_BILLS,
    OPTIONAL_UNITS,
    STILL_PATIENT,
    TRANSPORT_REVENUE,
    UNSCHEDULED_BILLS,
    UNSCHEDULED_TYPES,
)

REVENUE, PROCEDURE, CHARGE, UNIT, QUANTITY, NONCOVERED = 1, 2, 3, 4, 5, 7
ADMITTING, REASONS, GROUPS = ("ABJ", "BJ"), ("APR", "PR"), ("DR",)
PRINCIPAL_PROCEDURE, OTHER_PROCEDURE = ("BBR", "BR", "CAH"), ("BBQ", "BQ")
DATED_CODES = {"BH": False, "BI": True, "BBR": False, "BBQ": False, "BR": False, "BQ": False}  # True: a span
LISTED = frozenset(("BG", "BH", "BI", "BE"))
PART_B_INPATIENT = ("12", "22")  # inpatients billed as outpatients: admission facts are welcome there
FINAL = ("1", "4")  # CLM05-3: the whole stay, its last part
INTERIM = ("2", "3")


def check_claim(loop: Loop, findings: Findings) -> None:
    """2300: everything one institutional claim can be asked by itself."""
    claim = Claim(loop)
    _take_statement(claim)
    claims.check_levels(claim, findings)
    claims.check_claim(claim, findings)
    claims.check_diagnoses(claim, findings)
    claims.check_service_dates(claim, findings)
    claims.check_sequence(claim, findings)
    inpatient = claim.facility in INPATIENT_BILLS
    if inpatient:
        _check_inpatient(claim, findings)
    elif claim.facility:
        _check_outpatient(claim, findings)
    _check_codes(claim, inpatient, findings)
    _check_physicians(claim, findings)
    _check_lines(claim, inpatient, findings)
    if claim.others or any(line.has_loop("2430") for line in claim.lines) or _is_later_payer(loop):
        payers.check_payers(claim, findings)


def _is_later_payer(loop: Loop) -> bool:
    level = loop.parent
    if level is not None and level.id == "2000C":
        level = level.parent
    sbr = level.first("SBR") if level is not None else None
    return sbr is not None and sbr[1] not in ("P", "U")


def _take_statement(claim: Claim) -> None:
    """The statement period stands for the claim's dates: ICD versions go by it, lines need not have any."""
    statement = claim.dates.get("434")
    if statement is None:
        return
    text = statement[3]
    first, last = text[:8], text[9:17] or text[:8]
    if is_date(first) and is_date(last):
        claim.first, claim.last = first, last


def _check_inpatient(claim: Claim, findings: Findings) -> None:
    loop, facility = claim.loop, claim.facility
    admitted = claim.dates.get("435")
    if admitted is None:
        tell_missing(findings, "SNIP4-ADMISSION-DATE", "DTP", loop, "DTP*435")
    elif claim.last and is_date(admitted[3][:8]) and admitted[3][:8] > claim.last:
        tell(findings, "SNIP4-ADMISSION-AFTER-STATEMENT", admitted, loop, 3, value=admitted[3])
    if facility in HOSPITAL_INPATIENT and claim.code_of(ADMITTING) is None:
        tell_missing(findings, "SNIP4-ADMITTING-DIAGNOSIS", "HI", loop, "HI*ABJ")
    reason = claim.code_of(REASONS)
    if reason is not None:
        tell(findings, "SNIP4-VISIT-REASON-UNEXPECTED", reason[2], loop, reason[3], 1, value=reason[0])
    patient = claim.rare.get("CL1")
    if not patient:
        return
    staying = patient[0][3] == STILL_PATIENT
    if facility in HOSPITAL_INPATIENT and claim.frequency in FINAL and not staying and "096" not in claim.dates:
        tell_missing(findings, "SNIP4-DISCHARGE-HOUR", "DTP", loop, "DTP*096")
    if (staying and claim.frequency in FINAL) or (
        patient[0][3] and not staying and claim.frequency in INTERIM and facility in HOSPITAL_INPATIENT
    ):
        tell(findings, "SNIP4-PATIENT-STATUS", patient[0], loop, 3, value=patient[0][3])


def _check_outpatient(claim: Claim, findings: Findings) -> None:
    loop = claim.loop
    if claim.facility in PART_B_INPATIENT:
        return
    for qualifiers, situation_id in (
        (ADMITTING, "SNIP4-ADMITTING-UNEXPECTED"),
        (PRINCIPAL_PROCEDURE, "SNIP4-PROCEDURE-UNEXPECTED"),
        (GROUPS, "SNIP4-DRG-UNEXPECTED"),
    ):
        found = claim.code_of(qualifiers)
        if found is not None:
            tell(findings, situation_id, found[2], loop, found[3], 1, value=found[0])
    patient = claim.rare.get("CL1")
    if claim.facility in UNSCHEDULED_BILLS and patient and patient[0][1] in UNSCHEDULED_TYPES:
        emergency = any(
            line.service is not None and line.service[REVENUE].startswith(EMERGENCY_REVENUE) for line in claim.lines
        )
        if emergency and claim.code_of(REASONS) is None:
            tell_missing(findings, "SNIP4-VISIT-REASON", "HI", loop, "HI*APR")
    for _qualifier, parts, segment, position in claim.diagnoses:
        if len(parts) > 8 and parts[8]:
            tell(findings, "SNIP4-POA-UNEXPECTED", segment, loop, position, 9, value=parts[8])
            break


def _check_codes(claim: Claim, inpatient: bool, findings: Findings) -> None:
    """Codes with dates; the same code twice; procedures against the statement period."""
    seen: set[tuple[str, str, str]] = set()
    principal = other = None
    for qualifier, parts, segment, position in claim.composites:
        if qualifier in DATED_CODES:
            text = parts[3] if len(parts) > 3 else ""
            if text and not (_is_span(text) if DATED_CODES[qualifier] else is_date(text)):
                tell(findings, "SNIP4-OCCURRENCE-DATE", segment, claim.loop, position, 4, value=text)
            elif qualifier[0:2] in ("BB", "BR", "BQ"):
                if qualifier in PRINCIPAL_PROCEDURE:
                    principal = segment
                else:
                    other = other or segment
                if text and claim.last and text > claim.last:
                    tell(findings, "SNIP4-PROCEDURE-DATE", segment, claim.loop, position, 4, value=text)
        if qualifier in LISTED and len(parts) > 1:
            # an occurrence or a span may come again on another date
            key = (qualifier, parts[1], parts[3] if len(parts) > 3 else "")
            if key in seen:
                tell(findings, "SNIP4-CODE-REPEATED", segment, claim.loop, position, 2, value=parts[1])
            seen.add(key)
    if other is not None and principal is None and claim.code_of(PRINCIPAL_PROCEDURE) is None:
        tell(findings, "SNIP4-OTHER-PROCEDURE", other, claim.loop, 1, 1)


def _is_span(text: str) -> bool:
    first, last = text[:8], text[9:]
    return text[8:9] == "-" and is_date(first) and is_date(last) and first <= last


def _check_physicians(claim: Claim, findings: Findings) -> None:
    loop = claim.loop
    if "2310A" not in claim.inside and not (
        claim.lines
        and all(
            line.service is not None and line.service[REVENUE].startswith(TRANSPORT_REVENUE) for line in claim.lines
        )
    ):
        tell_missing(findings, "SNIP4-ATTENDING", "NM1", loop, "NM1*71")
    if "2310B" not in claim.inside:
        procedure = claim.code_of(("BBR",))
        if procedure is not None and len(procedure[1]) > 1 and procedure[1][1][:1] == "0":
            tell(findings, "SNIP4-OPERATING", procedure[2], loop, procedure[3], 2, value=procedure[1][1])


def _check_lines(claim: Claim, inpatient: bool, findings: Findings) -> None:
    first, last = claim.first, claim.last
    needs_date = bool(last) and first != last and claim.facility not in LOOSELY_DATED_BILLS and bool(claim.facility)
    for line in claim.lines:
        service = line.service
        if service is None:
            continue
        elements = service.elements
        revenue = elements[REVENUE] if len(elements) > REVENUE else ""
        zero = "" if revenue in OPTIONAL_UNITS else "SNIP4-QUANTITY-ZERO"
        if zero:
            claims.check_quantity(service, CHARGE, QUANTITY, line.loop, findings, zero)
        if len(elements) > NONCOVERED and elements[NONCOVERED]:
            _check_noncovered(service, line.loop, findings)
        if revenue == "0001":
            tell(findings, "SNIP4-REVENUE-TOTAL", service, line.loop, REVENUE, value=revenue)
        elif "0100" <= revenue < "0220" and len(revenue) == 4 and service[UNIT] == "UN" and inpatient:
            tell(findings, "SNIP4-ACCOMMODATION-DAYS", service, line.loop, UNIT, value="UN")
        if len(elements) > PROCEDURE and elements[PROCEDURE]:
            _check_procedure(service, line.loop, findings)
        if line.date is None:
            if needs_date and not line.has_loop("2410"):
                tell_missing(findings, "SNIP4-LINE-DATE", "DTP", line.loop, "DTP*472")
        elif last and not inpatient:
            _check_within(line, first, last, findings)
        if line.rare is not None and "PWK" in line.rare:
            claims.check_attachments(line.rare["PWK"], line.loop, findings)


def _check_within(line: Line, first: str, last: str, findings: Findings) -> None:
    if line.date is not None and (line.first < first or line.last > last):
        if is_date(line.first) and is_date(line.last):
            tell(findings, "SNIP4-LINE-DATE-OUTSIDE", line.date, line.loop, 3, value=line.date[3])


def _check_noncovered(service: Segment, loop: Loop, findings: Findings) -> None:
    charge, refused = amount(service[CHARGE]), amount(service[NONCOVERED])
    if charge is not None and refused is not None and refused > charge:
        tell(
            findings, "SNIP4-NONCOVERED", service, loop, NONCOVERED, value=service[NONCOVERED],
            detail=f"off by {refused - charge:.2f}",
        )  # fmt: skip


def _check_procedure(service: Segment, loop: Loop, findings: Findings) -> None:
    parts = service.components(PROCEDURE)
    if len(parts) > 1 and is_unlisted(parts[1]) and not "".join(parts[6:7]):
        tell(findings, "SNIP4-DESCRIPTION-MISSING", service, loop, PROCEDURE, 7)
