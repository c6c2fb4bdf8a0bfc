"""How the words of a segment are read: what every guide writes alike, by segment id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.word_forms import DIAGNOSES, ENTITIES, FORMS, HEALTH_CODES, PROCEDURES, PROVINCES

REASON_POSITIONS = (2, 5, 8, 11, 14, 17)
HOME = ("", "US", "USA")


class Judging(Protocol):
    """What a reader needs of the judge of `words`."""

    def fine(self, kind: str) -> set[str]: ...
    def remember(self, kind: str, text: str) -> None: ...
    def word(
        self, code_set: str, code: str, on: str, segment: Segment, loop: Loop, element: int, component: int,
        findings: Findings, repeat: int = 0,
    ) -> bool: ...  # fmt: skip


# The segment, its loop, the date of service as CCYYMMDD or "".
Reader = Callable[[Judging, Segment, Loop, str, Findings], None]


def _npi_at(position: int) -> Reader:
    """NM1 and N1: an NPI after the qualifier XX."""

    def read(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
        elements = segment.elements
        if len(elements) > position and elements[position - 1] == "XX":
            number = elements[position]
            if number and number not in judge.fine("npi"):
                if judge.word("npi", number, "", segment, loop, position, 0, findings):
                    judge.remember("npi", number)

    return read


def _reference(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """REF: an NPI as a reference (HPI), the state of an automobile accident (LU in an institutional claim)."""
    qualifier = segment[1]
    if qualifier == "HPI" and segment[2]:
        judge.word("npi", segment[2], "", segment, loop, 2, 0, findings)
    elif qualifier == "LU" and loop.id == "2300" and segment[2]:
        judge.word("states", segment[2], "", segment, loop, 2, 0, findings)


def _provider(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    elements = segment.elements
    if len(elements) > 3 and elements[2] == "PXC":
        code = elements[3]
        if code and code not in judge.fine("taxonomy"):
            if judge.word("taxonomy", code, "", segment, loop, 3, 0, findings):
                judge.remember("taxonomy", code)


def _place(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """N4: state, postal code and country of an address."""
    elements = segment.elements
    key = "*".join(elements[2:])
    if key in judge.fine("place"):
        return
    state, postal, country = segment[2], segment[3], segment[4]
    right = True
    if state and country in (*HOME, "CA"):
        right = judge.word("states", state, "", segment, loop, 2, 0, findings)
    if postal and state and state not in PROVINCES and country in HOME:
        right = judge.word("postal_code", postal, "", segment, loop, 3, 0, findings) and right
    if country:
        right = judge.word("country", country, "", segment, loop, 4, 0, findings) and right
    if right:
        judge.remember("place", key)


def _health(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """HI: the code sets that its qualifiers name."""
    elements = segment.elements
    fine = judge.fine("HI" + on)
    separator = segment.delimiters.component
    for position in range(1, len(elements)):
        text = elements[position]
        if not text or text in fine:
            continue
        parts = text.split(separator)
        code_set = HEALTH_CODES.get(parts[0])
        if code_set is None or len(parts) < 2 or not parts[1]:
            continue
        if judge.word(code_set, parts[1], on, segment, loop, position, 2, findings):
            judge.remember("HI" + on, text)


def _facility(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """CLM05: a place of service, or a type of bill with its frequency."""
    elements = segment.elements
    text = elements[5] if len(elements) > 5 else ""
    if not text or text in judge.fine("CLM" + on):
        return
    parts = text.split(segment.delimiters.component)
    right = True
    if len(parts) > 1 and parts[0]:
        if parts[1] == "B":
            right = judge.word("pos", parts[0], on, segment, loop, 5, 1, findings)
        elif parts[1] == "A":
            frequency = parts[2] if len(parts) > 2 else ""
            right = judge.word("type_of_bill", parts[0] + frequency, on, segment, loop, 5, 1, findings)
    if right:
        judge.remember("CLM" + on, text)


def _review(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """UM04 of a 278: a place of service or a type of bill."""
    parts = segment.components(4)
    if len(parts) > 1 and parts[0] and parts[1] in ("A", "B"):
        code_set = "pos" if parts[1] == "B" else "type_of_bill"
        judge.word(code_set, parts[0], on, segment, loop, 4, 1, findings)


def _procedure(
    judge: Judging, text: str, position: int, segment: Segment, loop: Loop, on: str, findings: Findings
) -> None:
    """A composite of a procedure with its modifiers: the code by its qualifier, the modifiers by their form."""
    kind = "C003" + on
    if not text or text in judge.fine(kind):
        return
    parts = text.split(segment.delimiters.component)
    code_set = PROCEDURES.get(parts[0])
    right = True
    if code_set is not None and len(parts) > 1 and parts[1]:
        right = judge.word(code_set, parts[1], on, segment, loop, position, 2, findings)
    for component, modifier in enumerate(parts[2:6], 3):
        if modifier and not FORMS["modifier"].fullmatch(modifier):
            right = judge.word("modifier", modifier, on, segment, loop, position, component, findings) and right
    if right:
        judge.remember(kind, text)


def _service(procedures: tuple[int, ...], revenue: int = 0, place: int = 0) -> Reader:
    """A service segment: composites of procedures, a revenue code, a place of service, each where it has one."""

    def read(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
        elements = segment.elements
        count = len(elements)
        for position in procedures:
            if position < count and elements[position]:
                _procedure(judge, elements[position], position, segment, loop, on, findings)
        for position, code_set in ((revenue, "revenue"), (place, "pos")):
            if position and position < count and elements[position]:
                kind, code = code_set + on, elements[position]
                if code not in judge.fine(kind):
                    if judge.word(code_set, code, on, segment, loop, position, 0, findings):
                        judge.remember(kind, code)

    return read


def _dental(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """SV3: procedure and place as in any service, and areas of the mouth."""
    _DENTAL_SERVICE(judge, segment, loop, on, findings)
    for component, area in enumerate(segment.components(4), 1):
        if area:
            judge.word("oral_area", area, on, segment, loop, 4, component, findings)


_DENTAL_SERVICE = _service((1,), place=3)


def _payee(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """PLB01 and TS301 of a payee who is named by NPI: an NPI too, when it looks like one."""
    number = segment[1]
    if len(number) != 10 or not number.isdecimal() or number in judge.fine("npi"):
        return
    top = loop
    while top.parent is not None:
        top = top.parent
    payee = top.find("1000B")
    if payee is not None and payee.segments and payee.segments[0][3] == "XX":
        if judge.word("npi", number, "", segment, loop, 1, 0, findings):
            judge.remember("npi", number)


def _reasons(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    elements = segment.elements
    count = len(elements)
    fine = judge.fine("carc")
    for position in REASON_POSITIONS:
        if position >= count:
            return
        code = elements[position]
        if code and code not in fine:
            if judge.word("carc", code, "", segment, loop, position, 0, findings):
                judge.remember("carc", code)


def _remark(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    if segment[1] == "HE" and segment[2] and segment[2] not in judge.fine("rarc"):
        if judge.word("rarc", segment[2], "", segment, loop, 2, 0, findings):
            judge.remember("rarc", segment[2])


def _drug(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    if segment[2] == "N4" and segment[3]:
        judge.word("ndc", segment[3], on, segment, loop, 3, 0, findings)


def _tooth(position: int) -> Reader:
    """TOO and DN2: a tooth by the universal numbering."""

    def read(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
        if segment[position]:
            judge.word("tooth", segment[position], on, segment, loop, position, 0, findings)

    return read


def _status(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """STC01, STC10, STC11: category, status, entity. A status of a pharmacy's list (component 4) is not ours."""
    for position in (1, 10, 11):
        parts = segment.components(position)
        if not parts:
            continue
        if parts[0]:
            judge.word("claim_status_category", parts[0], "", segment, loop, position, 1, findings)
        if len(parts) > 1 and parts[1] and not (len(parts) > 3 and parts[3]):
            judge.word("claim_status", parts[1], "", segment, loop, position, 2, findings)
        if len(parts) > 2 and parts[2] and parts[2] not in ENTITIES:
            judge.word("entity_id", parts[2], "", segment, loop, position, 3, findings)


def _industry(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
    """III of 270 and 271: a diagnosis or a place of service by its qualifier."""
    code_set = "pos" if segment[1] == "ZZ" else DIAGNOSES.get(segment[1])
    if code_set is not None and segment[2]:
        judge.word(code_set, segment[2], on, segment, loop, 2, 0, findings)


READERS: dict[str, Reader] = {
    "CAS": _reasons,
    "CLM": _facility,
    "DN2": _tooth(1),
    "EB": _service((13,)),
    "EQ": _service((2,)),
    "HI": _health,
    "III": _industry,
    "LIN": _drug,
    "LQ": _remark,
    "N1": _npi_at(4),
    "N4": _place,
    "NM1": _npi_at(9),
    "PLB": _payee,
    "PRV": _provider,
    "REF": _reference,
    "STC": _status,
    "SV1": _service((1,), place=5),
    "SV2": _service((2,), revenue=1),
    "SV3": _dental,
    "SV5": _service((1,)),
    "SVC": _service((1, 6), revenue=4),
    "SVD": _service((3,), revenue=4),
    "TOO": _tooth(2),
    "TS3": _payee,
    "UM": _review,
}
# What the readers above judge already; the guides' own rows say it a second time.
JUDGED = {"N4": ("states", "country"), "STC": ("claim_status", "claim_status_cat", "entity_id")}
