"""What 837P, 837I and 837D ask of a claim alike: subscriber and patient, references, diagnoses, dates, payers."""

from __future__ import annotations

from claimwright.x12.amounts import amount
from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.facts import Claim, file_date, number_of, tell, tell_missing
from claimwright.x12.situations.tables import (
    ACCIDENTS,
    DATE_ORDER,
    ICD10_START,
    LIABILITY,
    MEDICARE,
    PLACEHOLDERS,
    REPLACING,
    SELF,
    SENT_APART,
)

MOST_NUMBER = 20
PRINCIPAL = frozenset(("ABK", "BK"))
ICD10 = frozenset(("ABK", "ABF"))
_PLAIN_QUANTITIES = frozenset(str(number) for number in range(1, 1000))


# --- subscriber and patient: 2000B, 2000C


def check_subscriber(level: Loop, findings: Findings) -> None:
    """2000B: what SBR02 says of the patient, and the patient's own facts when it is the subscriber."""
    sbr, hl, name = level.first("SBR"), level.first("HL"), level.find("2010BA")
    if sbr is None or name is None:
        return
    person = name.first("NM1")
    if sbr[2] == SELF and person is not None:
        have = {segment.elements[0] for segment in name.segments}
        for segment_id in ("N3", "N4", "DMG"):
            if segment_id not in have and not (segment_id == "DMG" and person[2] == "2"):
                tell_missing(findings, "SNIP4-SUBSCRIBER-DEMOGRAPHICS", segment_id, name, segment_id)
    elif not sbr[2] and hl is not None and hl[4] == "0":
        tell(findings, "SNIP4-PATIENT-LEVEL", sbr, level, 2, detail="SBR02 is empty and no patient level follows")
    check_person(level, name, level.first("PAT"), findings)


def check_medicare_secondary(level: Loop, findings: Findings) -> None:
    """2000B of a professional claim: SBR05 tells why Medicare is not first."""
    sbr = level.first("SBR")
    if sbr is None:
        return
    later = sbr[9] in MEDICARE and sbr[1] not in ("P", "U", "")
    if later and not sbr[5]:
        tell(findings, "SNIP4-MEDICARE-SECONDARY-TYPE", sbr, level, 5)
    elif sbr[5] and not later and sbr[1] == "P":
        tell(findings, "SNIP4-MEDICARE-SECONDARY-UNEXPECTED", sbr, level, 5, value=sbr[5])


def check_patient(level: Loop, findings: Findings) -> None:
    """2000C: only below a subscriber who is not the patient."""
    above = level.parent.first("SBR") if level.parent is not None else None
    if above is not None and level.parent is not None and above[2] == SELF:
        tell(
            findings, "SNIP4-PATIENT-LEVEL", above, level.parent, 2, value=above[2],
            detail="the subscriber is the patient, yet a patient level follows",
        )  # fmt: skip
    name = level.find("2010CA")
    if name is not None:
        check_person(level, name, level.first("PAT"), findings)


def check_person(level: Loop, name: Loop, pat: Segment | None, findings: Findings) -> None:
    """Birth and death of one person: DMG02, PAT06, PAT09."""
    dmg = name.first("DMG")
    if dmg is None:
        return
    birth = dmg[2]
    if is_date(birth) and birth > (file_date(level) or "9"):
        tell(findings, "SNIP4-BIRTH-AFTER-FILE", dmg, name, 2, value=birth)
    if pat is not None:
        if pat[6] and is_date(pat[6]) and pat[6] < birth:
            tell(findings, "SNIP4-DEATH-BEFORE-BIRTH", pat, level, 6, value=pat[6])
        if pat[9] == "Y" and dmg[3] == "M":
            tell(findings, "SNIP4-PATIENT-PREGNANT", pat, level, 9, value="Y")


def check_levels(claim: Claim, findings: Findings) -> None:
    """A claim that stands directly under a subscriber who, by SBR02, is not the patient; told once by 2000B if HL04
    says that no patient level follows."""
    level = claim.loop.parent
    if level is None or level.id != "2000B":
        return
    hl, sbr = (level.segments[0], level.segments[1]) if len(level.segments) > 1 else (None, None)
    if sbr is not None and hl is not None and not sbr[2] and hl[4] != "0" and sbr.elements[0] == "SBR":
        tell(
            findings, "SNIP4-PATIENT-LEVEL", claim.clm, claim.loop,
            detail="SBR02 is empty and the claim follows directly",
        )  # fmt: skip


# --- the claim


def check_claim(claim: Claim, findings: Findings) -> None:
    """CLM and what hangs on it."""
    clm = claim.clm
    if clm is None:
        return
    elements = clm.elements
    if len(elements) > 2:
        if len(elements[1]) > MOST_NUMBER:
            tell(findings, "SNIP4-CLAIM-NUMBER-LENGTH", clm, claim.loop, 1, value=elements[1])
        if elements[2][:1] == "-":
            tell(findings, "SNIP4-CHARGE-NEGATIVE", clm, claim.loop, 2, value=elements[2])
    if claim.frequency in REPLACING:
        if "F8" not in claim.references:
            tell(findings, "SNIP4-REPLACEMENT-REFERENCE", clm, claim.loop, 5, 3, value=claim.frequency)
    elif claim.frequency == "1" and "F8" in claim.references:
        tell(findings, "SNIP4-REPLACEMENT-UNEXPECTED", claim.references["F8"], claim.loop, 1, value="F8")
    if claim.references:
        _check_references(claim, findings)
    if "PWK" in claim.rare:
        check_attachments(claim.rare["PWK"], claim.loop, findings)
    if "CRC" in claim.rare:
        _check_certification(claim, findings)


def _check_references(claim: Claim, findings: Findings) -> None:
    for qualifier in ("G1", "9F", "F8"):
        segment = claim.references.get(qualifier)
        if segment is not None and segment[2].upper() in PLACEHOLDERS:
            tell(findings, "SNIP4-REFERENCE-PLACEHOLDER", segment, claim.loop, 2, value=segment[2])


def check_attachments(papers: list[Segment], loop: Loop, findings: Findings) -> None:
    for pwk in papers:
        if pwk[2] in SENT_APART and not pwk[6]:
            tell(findings, "SNIP4-ATTACHMENT-CONTROL", pwk, loop, 6)


def _check_certification(claim: Claim, findings: Findings) -> None:
    for crc in claim.rare["CRC"]:
        if crc[1] == "ZZ" and (crc[2] == "N") != (crc[3] == "NU"):
            tell(findings, "SNIP4-EPSDT-CONDITION", crc, claim.loop, 3, value=crc[3])


def check_accident(claim: Claim, findings: Findings) -> None:
    """CLM11, the accident's date and state; workers' compensation and automobile insurers. 837P and 837D."""
    clm = claim.clm
    if clm is None:
        return
    causes = clm.components(11) if len(clm.elements) > 11 else []
    date = claim.dates.get("439")
    if causes:
        first, second = causes[0], causes[1] if len(causes) > 1 else ""
        if date is None and (first in ACCIDENTS or second in ACCIDENTS):
            tell(findings, "SNIP4-ACCIDENT-DATE", clm, claim.loop, 11, value=first)
        if "AA" in (first, second) and not any(causes[3:5]):
            tell(findings, "SNIP4-ACCIDENT-STATE", clm, claim.loop, 11, 4)
        if second and first == second:
            tell(findings, "SNIP4-ACCIDENT-REPEATED", clm, claim.loop, 11, 2, value=second)
    elif date is not None:
        tell(findings, "SNIP4-ACCIDENT-CAUSE", date, claim.loop, 1, value="439")
    level = claim.loop.parent
    if level is not None:
        if level.id == "2000C":
            level = level.parent or level
        sbr = level.segments[1] if len(level.segments) > 1 else None
        if sbr is not None and sbr[9] in LIABILITY and LIABILITY[sbr[9]] not in causes[:2]:
            tell(findings, "SNIP4-LIABILITY-CAUSE", clm, claim.loop, 11, detail=f"SBR09 {sbr[9]}")


# --- diagnoses


def check_diagnoses(claim: Claim, findings: Findings) -> None:
    """One principal diagnosis and first; no diagnosis twice; one version, the one of the date of service."""
    diagnoses = claim.diagnoses
    if not diagnoses:
        return
    qualifier = diagnoses[0][0]
    if len(diagnoses) > 1:
        _check_diagnosis_list(claim, findings)
    elif qualifier not in PRINCIPAL:
        tell(findings, "SNIP4-DIAGNOSIS-PRINCIPAL", diagnoses[0][2], claim.loop, diagnoses[0][3], 1, value=qualifier)
    if qualifier in ICD10:
        wrong = bool(claim.last) and claim.last < ICD10_START and is_date(claim.last)
    else:
        wrong = bool(claim.first) and claim.first >= ICD10_START and is_date(claim.first)
    if wrong:
        tell(findings, "SNIP4-DIAGNOSIS-DATE", diagnoses[0][2], claim.loop, diagnoses[0][3], 1, value=qualifier)


def _check_diagnosis_list(claim: Claim, findings: Findings) -> None:
    diagnoses = claim.diagnoses
    seen: set[str] = set()
    ten = diagnoses[0][0] in ICD10
    for index, (qualifier, parts, segment, position) in enumerate(diagnoses):
        code = parts[1] if len(parts) > 1 else ""
        if code in seen and code:
            tell(findings, "SNIP4-DIAGNOSIS-DUPLICATE", segment, claim.loop, position, 2, value=code)
        seen.add(code)
        if (qualifier in PRINCIPAL) != (index == 0):
            tell(findings, "SNIP4-DIAGNOSIS-PRINCIPAL", segment, claim.loop, position, 1, value=qualifier)
        if (qualifier in ICD10) != ten:
            tell(findings, "SNIP4-DIAGNOSIS-VERSION", segment, claim.loop, position, 1, value=qualifier)


_POINTERS: dict[tuple[str, str], int] = {}
_MOST_POINTERS = 4096


def check_pointer(service: Segment, element: int, count: int, line: Loop, findings: Findings) -> None:
    """The line's pointers against the number of diagnoses. `_POINTERS` keeps the highest of those that are in order."""
    text = service.elements[element] if len(service.elements) > element else ""
    if not text:
        return
    separator = service.delimiters.component
    highest = _POINTERS.get((text, separator))
    if highest is None:
        numbers = [number_of(part) for part in text.split(separator)]
        whole = [number for number in numbers if number]
        highest = max(whole) if len(whole) == len(numbers) == len(set(whole)) else 99
        if len(_POINTERS) < _MOST_POINTERS:
            _POINTERS[(text, separator)] = highest
    if highest <= count:
        return
    seen: set[str] = set()
    gap = False
    for component, pointer in enumerate(text.split(separator), 1):
        value = number_of(pointer)
        if not pointer:
            gap = True
            continue
        if value is None or not 1 <= value <= count:
            tell(findings, "SNIP4-DIAGNOSIS-POINTER", service, line, element, component, value=pointer)
        elif pointer in seen:
            tell(findings, "SNIP4-DIAGNOSIS-POINTER-REPEATED", service, line, element, component, value=pointer)
        if gap:
            tell(findings, "SNIP4-DIAGNOSIS-POINTER-GAP", service, line, element, component, value=pointer)
            gap = False
        seen.add(pointer)


# --- lines


def check_sequence(claim: Claim, findings: Findings) -> None:
    for number, line in enumerate(claim.lines, 1):
        lx = line.lx
        if lx is not None and (len(lx.elements) < 2 or lx.elements[1] != str(number)):
            tell(
                findings, "SNIP2-LX-SEQUENCE", lx, line.loop, 1, value=lx[1], detail=f"LX01 should be {number}", snip=2,
                element_code="7",
            )  # fmt: skip


def check_quantity(service: Segment, charge: int, quantity: int, loop: Loop, findings: Findings, zero: str) -> None:
    """A line's charge is not negative; its quantity is more than zero (`zero` is the situation told of a zero)."""
    elements = service.elements
    if len(elements) > charge and elements[charge][:1] == "-":
        tell(findings, "SNIP4-CHARGE-NEGATIVE", service, loop, charge, value=elements[charge])
    if len(elements) <= quantity or elements[quantity] in _PLAIN_QUANTITIES or not elements[quantity]:
        return
    value = amount(elements[quantity])
    if value is not None and value <= 0:
        tell(
            findings, "SNIP4-QUANTITY" if value < 0 else zero, service, loop, quantity, value=elements[quantity],
        )  # fmt: skip


# --- dates of service


def check_service_dates(claim: Claim, findings: Findings) -> None:
    """Service against birth, death and the date of the file."""
    first, last = claim.first, claim.last
    if not first:
        return
    level = claim.loop.parent
    name: Loop | None = None
    if level is not None:
        wanted = "2010CA" if level.id == "2000C" else "2010BA"
        for inner in level.loops:
            if inner.id == wanted:
                name = inner
                break
        if name is not None:
            for segment in name.segments:
                if segment.elements[0] == "DMG" and first < segment[2] and is_date(first) and is_date(segment[2]):
                    _tell_dates(claim, "SNIP4-SERVICE-BEFORE-BIRTH", segment[2], findings, before=True)
        for segment in level.segments:
            if segment.elements[0] == "PAT" and segment[6] and last > segment[6] and is_date(segment[6]):
                _tell_dates(claim, "SNIP4-SERVICE-AFTER-DEATH", segment[6], findings, before=False)
    sent = file_date(claim.loop)
    if sent and last > sent and is_date(last):
        _tell_dates(claim, "SNIP4-SERVICE-AFTER-FILE", sent, findings, before=False)


def _tell_dates(claim: Claim, situation_id: str, limit: str, findings: Findings, *, before: bool) -> None:
    """At each line whose date is on the wrong side of `limit`; at the claim's own dates where no line is."""
    told = False
    for line in claim.lines:
        date = line.first if before else line.last
        if line.date is not None and is_date(date) and (date < limit if before else date > limit):
            tell(findings, situation_id, line.date, line.loop, 3, value=date)
            told = True
    own = claim.dates.get("434") or claim.dates.get("472")
    if not told and own is not None:
        tell(findings, situation_id, own, claim.loop, 3, value=claim.first if before else claim.last)


def check_date_order(claim: Claim, findings: Findings) -> None:
    """Pairs of claim dates of 837P and 837D."""
    dates = claim.dates
    for earlier, later in DATE_ORDER:
        one = dates.get(earlier)
        if one is None:
            continue
        other = dates.get(later)
        limit = other[3][:8] if other is not None else claim.last if later == "472" else ""
        given = one[3][:8]
        if limit and given > limit and is_date(given) and is_date(limit):
            tell(findings, "SNIP4-DATE-ORDER", one, claim.loop, 3, value=given, detail=f"{earlier} after {later}")
