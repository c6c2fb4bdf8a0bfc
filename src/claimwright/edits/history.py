"""What the practice did for the patient before, as the edits of visits and global periods ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from claimwright.claims.nouns import Claim, Line
from claimwright.edits.facts import Facts, PriorLine
from claimwright.edits.payer_profile import CodeRange

UNDONE_STATES = frozenset(("CANCELLED", "VOIDED", "VOID_PENDING"))  # billed in error and taken back
# Nurse practitioners and physician assistants count as of the specialty they work in (CPT E/M guidelines).
ADVANCED_PRACTICE = ("363L", "363A", "364S")
# Radiology, laboratory, drugs and supplies: nobody sees the patient to bill them.
_WITHOUT_THE_PATIENT = ("7", "8", "A", "B", "C", "E", "J", "K", "L", "P", "Q", "R", "U", "V")
# Readings of tracings and recordings, and care by telephone, letter or data alone: 100-04 chapter 12, 30.6.7 A. Category II
# codes (0001F on) report and are no service. 26 is a reading by its nature.
_NOT_FACE_TO_FACE = tuple(
    CodeRange(first=first, last=last or first)
    for first, last in (
        ("93010", ""), ("93014", ""), ("93018", ""), ("93042", ""), ("93227", ""), ("93228", ""), ("93244", ""),
        ("93248", ""), ("93268", "93272"), ("93293", "93298"), ("95251", ""), ("99091", ""), ("99339", "99340"),
        ("99358", "99359"), ("99366", "99368"), ("99374", "99380"), ("99421", "99423"), ("99437", "99439"),
        ("99441", "99458"), ("99470", "99474"), ("99484", ""), ("99487", "99494"), ("G0179", "G0182"), ("G2010", ""),
        ("G2012", ""), ("G2251", "G2252"), ("0001F", "9999F"),
    )
)  # fmt: skip


def lines_before(claim: Claim, facts: Facts) -> Iterator[PriorLine]:
    """Lines of the patient's other claims; versions of this claim, and claims taken back, do not count."""
    for prior in facts.prior_claims or ():
        if prior.state in UNDONE_STATES or (facts.chain and prior.chain == facts.chain):
            continue
        if facts.patient_key and prior.patient_key and prior.patient_key != facts.patient_key:
            continue
        yield from prior.lines


def _taxonomy(facts: Facts, npi: str) -> str:
    entry = facts.registry.get(npi) if facts.registry else None
    return entry.taxonomy if entry is not None else ""


def may_be_same_specialty(claim: Claim, line: Line, facts: Facts, other_npi: str) -> bool:
    """Whether the other provider is the same one, or a colleague not known to be of another specialty."""
    provider = line.rendering or claim.rendering or claim.billing_provider
    if other_npi == provider.npi:
        return True
    own, other = provider.taxonomy or _taxonomy(facts, provider.npi), _taxonomy(facts, other_npi)
    if not own or not other or own.startswith(ADVANCED_PRACTICE) or other.startswith(ADVANCED_PRACTICE):
        return True
    return own == other


def saw_the_patient(old: PriorLine) -> bool:
    """Whether the line is a professional service face to face, telehealth included: no test, image, drug or supply."""
    code = old.procedure_code
    if not code or code.startswith(_WITHOUT_THE_PATIENT) or "26" in old.modifiers:
        return False
    return not any(codes.holds(code) and (codes.first[-1] == "F") == (code[-1] == "F") for codes in _NOT_FACE_TO_FACE)


def substitution_starts(days: Iterable[tuple[date, bool]]) -> tuple[date, ...]:
    """The first days of a physician's substitutions, from days of services under their number, in any order.

    Each day says whether a substitute did it (Q5, Q6). A run goes on, whatever lies between, until the physician has
    worked again (Medicare Claims Processing Manual 100-04, chapter 1, 30.2.10); a day with both ends it.
    """
    substituted: dict[date, bool] = {}
    for day, by_substitute in days:
        substituted[day] = substituted.get(day, True) and by_substitute
    starts: list[date] = []
    running = False
    for day in sorted(substituted):
        if substituted[day] and not running:
            starts.append(day)
        running = substituted[day]
    return tuple(starts)
