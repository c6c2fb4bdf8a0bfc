"""SNIP level 4, where it costs little: what one part of a transaction demands of another."""

from __future__ import annotations

from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop

REPLACEMENTS = ("7", "8")
SELF = "18"
DIAGNOSIS_QUALIFIERS = ("ABK", "ABF", "BK", "BF")


def check_situations(root: Loop, findings: Findings) -> None:
    """Level 4 of an 837P, and the child flags of any guide with levels."""
    _check_child_flags(root, findings)
    guide = root.state.compiled.guide if root.state else None
    if guide is None or guide.set_id != "837":
        return
    seen: set[str] = set()
    for claim in root.descend("2300"):
        _check_claim(claim, seen, findings)
    for subscriber in root.descend("2000B"):
        _check_subscriber(subscriber, findings)


def _check_child_flags(root: Loop, findings: Findings) -> None:
    pending = list(root.loops)
    while pending:
        loop = pending.pop()
        pending.extend(loop.loops)
        if not loop.segments or loop.segments[0].elements[0] != "HL":
            continue
        hl = loop.segments[0]
        below = any(inner.segments and inner.segments[0].elements[0] == "HL" for inner in loop.loops)
        if hl[4] in ("0", "1") and below != (hl[4] == "1"):
            says = "HL04 promises a level below and none comes" if hl[4] == "1" else "HL04 denies the level below it"
            findings.add(
                "SNIP4-HL-CHILD", says, hl, loop, snip=4, element=4, value=hl[4], fix="Set HL04 to 1 only above a level"
            )


def _check_claim(claim: Loop, seen: set[str], findings: Findings) -> None:
    clm = claim.first("CLM")
    if clm is None:
        return
    if clm[1] in seen:
        findings.add(
            "SNIP4-CLAIM-DUPLICATE", "The same CLM01 twice in one transaction", clm, claim, snip=4,
            severity=Severity.WARN, element=1, value=clm[1],
        )  # fmt: skip
    seen.add(clm[1])
    if clm.component(5, 3) in REPLACEMENTS and claim.first("REF", "F8") is None:
        findings.add(
            "SNIP4-REPLACEMENT-REFERENCE", "A replacement or void names no earlier claim", clm, claim, snip=4,
            element=5, component=3, value=clm.component(5, 3), fix="Send the payer's claim number in REF*F8",
        )  # fmt: skip
    diagnoses = _diagnosis_count(claim)
    for number, line in enumerate(claim.loops_of("2400"), 1):
        lx, service = line.first("LX"), line.first("SV1")
        if lx is not None and lx[1] != str(number):
            findings.add(
                "SNIP2-LX-SEQUENCE", f"LX01 should be {number}", lx, line, snip=2, element=1, value=lx[1],
                element_code="7",
            )  # fmt: skip
        for component, pointer in enumerate(service.components(7) if service else (), 1):
            if pointer and (not pointer.isdigit() or not 1 <= int(pointer) <= diagnoses):
                findings.add(
                    "SNIP4-DIAGNOSIS-POINTER", "The line points at a diagnosis that the claim does not have", service,
                    line, snip=4, element=7, component=component, value=pointer,
                )  # fmt: skip


def _diagnosis_count(claim: Loop) -> int:
    count = 0
    for hi in claim.all("HI"):
        for position in range(1, len(hi) + 1):
            if hi.component(position, 1) in DIAGNOSIS_QUALIFIERS:
                count += 1
    return count


def _check_subscriber(level: Loop, findings: Findings) -> None:
    sbr, name = level.first("SBR"), level.find("2010BA")
    if sbr is None or name is None:
        return
    person = name.first("NM1")
    if sbr[2] == SELF and level.find("2300") is not None and person is not None:
        for segment_id in ("N3", "N4", "DMG"):
            if name.first(segment_id) is None and not (segment_id == "DMG" and person[2] == "2"):
                findings.add(
                    "SNIP4-SUBSCRIBER-DEMOGRAPHICS", f"The subscriber is the patient: {segment_id} is needed", person,
                    name, snip=4, segment_id=segment_id, number=person.number + 1, segment_code="3",
                )  # fmt: skip
    if sbr[2] == SELF and level.find("2000C") is not None:
        findings.add(
            "SNIP4-PATIENT-LEVEL", "The subscriber is the patient, yet a patient level follows", sbr, level, snip=4,
            severity=Severity.WARN, element=2, value=sbr[2],
        )  # fmt: skip
    if not sbr[2] and level.find("2300") is not None:
        findings.add(
            "SNIP4-PATIENT-LEVEL", "SBR02 is empty, so the claim belongs under a patient level", sbr, level, snip=4,
            severity=Severity.WARN, element=2,
        )  # fmt: skip
