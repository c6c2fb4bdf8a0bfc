"""SNIP level 5: codes judged by outside tables on the date of service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from claimwright.x12.amounts import day
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.vocabulary import NOT_BILLABLE, NOT_EFFECTIVE, NOT_LOADED, VALID, Vocabulary

Word = tuple[Segment, Loop, int, int, str, str, date | None]  # segment, loop, element, component, code set, code, on

SAYS = {
    NOT_EFFECTIVE: ("NOT-EFFECTIVE", "is not in force on that date"),
    NOT_BILLABLE: ("NOT-BILLABLE", "is not specific enough to bill"),
}
UNKNOWN = {"npi": "is no valid NPI: its length or check digit is wrong"}
NAMES = {
    "npi": "provider's number", "icd10cm": "diagnosis code", "hcpcs": "HCPCS code", "pos": "place of service",
    "carc": "adjustment reason code", "rarc": "remark code",
}  # fmt: skip
DIAGNOSIS_QUALIFIERS = ("ABK", "ABF")
REASON_POSITIONS = (2, 5, 8, 11, 14, 17)
REMARK_POSITIONS = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
LINE_DATES = ("472", "150")


def check_words(root: Loop, vocabulary: Vocabulary, findings: Findings) -> None:
    """Diagnoses, procedures, places of service, reason and remark codes, NPIs. What is not loaded is not judged."""
    answers: dict[tuple[str, str, date | None], str] = {}
    for segment, loop, element, component, code_set, code, on in _words(root):
        key = (code_set, code, on)
        state = answers.get(key)
        if state is None:
            state = answers[key] = vocabulary.state(code_set, code, on)
        if state in (VALID, NOT_LOADED):
            continue
        suffix, says = SAYS.get(state) or ("UNKNOWN", UNKNOWN.get(code_set, "is not in its code list"))
        findings.add(
            f"SNIP5-{code_set.upper()}-{suffix}", f"The {NAMES.get(code_set, code_set)} {says}", segment, loop,
            snip=5, element=element, component=component, value=code, element_code="7",
        )  # fmt: skip


def _words(root: Loop) -> Iterator[Word]:
    pending = [root]
    while pending:
        loop = pending.pop()
        pending.extend(loop.loops)
        for segment in loop.segments:
            reader = READERS.get(segment.elements[0])
            if reader is not None:
                yield from reader(segment, loop)


def _npi(segment: Segment, loop: Loop) -> Iterator[Word]:
    position = {"NM1": 8, "N1": 3}[segment.elements[0]]
    if segment[position] == "XX" and segment[position + 1]:
        yield segment, loop, position + 1, 0, "npi", segment[position + 1], None


def _diagnoses(segment: Segment, loop: Loop) -> Iterator[Word]:
    on = service_date(loop)
    for position in range(1, len(segment) + 1):
        if segment.component(position, 1) in DIAGNOSIS_QUALIFIERS:
            yield segment, loop, position, 2, "icd10cm", segment.component(position, 2), on


def _claim_place(segment: Segment, loop: Loop) -> Iterator[Word]:
    if segment.component(5, 2) == "B":
        yield segment, loop, 5, 1, "pos", segment.component(5, 1), service_date(loop)


def _service(segment: Segment, loop: Loop) -> Iterator[Word]:
    on = service_date(loop)
    if segment.component(1, 1) == "HC" and segment.component(1, 2):
        yield segment, loop, 1, 2, "hcpcs", segment.component(1, 2), on
    if segment.elements[0] == "SV1" and segment[5]:
        yield segment, loop, 5, 0, "pos", segment[5], on


def _reasons(segment: Segment, loop: Loop) -> Iterator[Word]:
    on = None
    for position in REASON_POSITIONS:
        if segment[position]:
            yield segment, loop, position, 0, "carc", segment[position], on


def _remarks(segment: Segment, loop: Loop) -> Iterator[Word]:
    if segment.elements[0] == "LQ":
        if segment[1] == "HE" and segment[2]:
            yield segment, loop, 2, 0, "rarc", segment[2], None
        return
    for position in REMARK_POSITIONS[segment.elements[0]]:
        if segment[position]:
            yield segment, loop, position, 0, "rarc", segment[position], None


READERS: dict[str, Callable[[Segment, Loop], Iterator[Word]]] = {
    "NM1": _npi,
    "N1": _npi,
    "HI": _diagnoses,
    "CLM": _claim_place,
    "SV1": _service,
    "SVC": _service,
    "CAS": _reasons,
    "LQ": _remarks,
    "MOA": _remarks,
    "MIA": _remarks,
}


def service_date(loop: Loop) -> date | None:
    """The first date of service of the line, else of the claim's first dated line, else the claim's own."""
    for one in (loop, *loop.loops_of("2400"), *loop.loops_of("2110")):
        for segment in one.segments:
            if segment.elements[0] == "DTP" and segment[1] == "472":
                return day(segment[3])
            if segment.elements[0] == "DTM" and segment[1] in LINE_DATES:
                return day(segment[2])
    claim = loop.first("DTM", "232")
    if claim is not None:
        return day(claim[2])
    return service_date(loop.parent) if loop.parent is not None and loop.parent.id in ("2300", "2100") else None
