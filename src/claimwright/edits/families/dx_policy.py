"""DX: diagnoses against the world: coverage policies, accidents, and what the signed note says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from claimwright.claims.nouns import Claim, Line
from claimwright.codes.coverage_policies import CoveragePolicy
from claimwright.edits.facts import Facts
from claimwright.edits.families.dx_list import years
from claimwright.edits.history import lines_before
from claimwright.edits.shapes import CMS, FRONT_END, HOLD, LOCAL, PAYER, TR3, WARN, Hits, Unanswered, edit
from claimwright.edits.tables import ICD9_QUALIFIERS, is_injury

GUIDE = "005010X222A1"
# The denial is expected and asked for: notice on file, statutorily excluded, no notice (100-04 chapter 30, 50).
DENIAL_EXPECTED = frozenset(("GA", "GX", "GY", "GZ"))


class Groups(msgspec.Struct, frozen=True, gc=False):
    """The groups of one policy that name a line's procedure."""

    id: str
    groups: tuple[CoveragePolicy, ...]


def _policies_of(claim: Claim, facts: Facts, code: str, on: date) -> tuple[Groups, ...]:
    table = facts.coverage_policies
    found = table.policies(code, on) if table is not None else ()
    if not found:
        return ()
    payer, kind = claim.coverage.payer.payer_id, facts.payer.kind if facts.payer is not None else ""
    place = claim.facility if claim.facility is not None else claim.billing_provider
    by_id: dict[str, list[CoveragePolicy]] = {}
    for policy in found:
        if policy.is_of(payer, kind, place.address.state):
            by_id.setdefault(policy.id, []).append(policy)
    return tuple(Groups(id, tuple(groups)) for id, groups in by_id.items())


def _pointed(claim: Claim, line: Line) -> list[str]:
    if claim.kind == "I" or (claim.kind == "D" and not line.diagnosis_pointers):  # these speak for every line
        return [diagnosis.code for diagnosis in claim.diagnoses]
    count = len(claim.diagnoses)
    return [claim.diagnoses[number - 1].code for number in line.diagnosis_pointers if 1 <= number <= count]


def _not_met(claim: Claim, facts: Facts, policy: Groups, line: Line, on: date) -> str:
    """What the policy asks and the line has not; "" where a group of it is met."""
    pointed = _pointed(claim, line)
    supported = [group for group in policy.groups if any(group.supports(code) for code in pointed)]
    if not supported:
        covered = {code for group in policy.groups for code in group.diagnoses}
        count = f"it covers {len(covered)} diagnoses" if covered else "they are ones it does not cover"
        told = f"none of the line's diagnoses ({' '.join(pointed) or 'none'}) supports it; {count}"
        return f"{told}{_in_note(claim, facts, policy)}"
    words = [_limits(claim, facts, group, line, on) for group in supported]
    return "" if "" in words else words[0]


def _in_note(claim: Claim, facts: Facts, policy: Groups) -> str:
    """A covered diagnosis that the signed note has already: no other is ever named."""
    noted = facts.encounter.diagnoses if facts.encounter is not None else None
    for code in sorted(noted or ()):
        if any(group.diagnoses and group.supports(code) for group in policy.groups):
            return f"; the signed note has {code}, which it covers"
    return ""


def _limits(claim: Claim, facts: Facts, group: CoveragePolicy, line: Line, on: date) -> str:
    birth = claim.patient.birth_date
    if birth is not None and birth <= on:
        age = years(birth, on)
        if (group.youngest is not None and age < group.youngest) or (group.oldest is not None and age > group.oldest):
            last = "" if group.oldest is None else f" to {group.oldest}"
            return f"it is for ages {group.youngest or 0}{last or ' and over'}, the patient is {age}"
    if group.most_in_days is None:
        return ""
    times, days = group.most_in_days
    before = sum(1 for day in _days_of(claim, facts, line) if 0 <= (on - day).days < days)
    return f"it allows {times} in {days} days, and this is number {before + 1}" if before + 1 > times else ""


def _days_of(claim: Claim, facts: Facts, line: Line) -> Iterator[date]:
    for old in lines_before(claim, facts):
        if old.procedure_code == line.procedure_code:
            yield old.date_from
    for other in claim.lines:
        if other is line:
            return
        if other.procedure_code == line.procedure_code and other.date_from is not None:
            yield other.date_from


@edit(
    "DX17",
    HOLD,
    says="{0} does not meet policy {1}: {2}",
    fix=(
        "Necessity: query the provider for a diagnosis that is documented, or an ABN signed before the service with GA, "
        "or self-pay"
    ),
    cites=[
        CMS("Medicare Coverage Database: LCD, NCD and their billing articles"),
        CMS("Social Security Act 1862(a)(1)(A)", "reasonable and necessary"),
        PAYER("Payer medical policy", "covered diagnoses"),
    ],
    needs=("coverage_policies",),
    uses=("encounter",),
)
def diagnosis_meets_the_policy(claim: Claim, facts: Facts) -> Hits:
    table = facts.coverage_policies
    if table is None:
        return
    told: date | None = None
    for index, line in enumerate(claim.lines):
        on = line.date_from or claim.date_of_service
        if on is None:
            continue
        if on != told and not table.covers(on):
            yield Unanswered(f"lines[{index}].diagnosis_pointers", f"the coverage policies loaded do not cover {on}")
            return
        told = on
        for policy in _policies_of(claim, facts, line.procedure_code, on):
            if not DENIAL_EXPECTED.isdisjoint(line.modifiers):
                continue
            fault = _not_met(claim, facts, policy, line, on)
            if fault:
                title = next((f" ({group.title})" for group in policy.groups if group.title), "")
                yield f"lines[{index}].diagnosis_pointers", line.procedure_code, f"{policy.id}{title}", fault


@edit(
    "DX18",
    HOLD,
    says="Diagnosis {0} is an injury, and the claim does not say whether it was an accident",
    fix="Ask the accident questions: work, auto or other accident, its date and state; or record that it was none",
    cites=[TR3(GUIDE, "2300 CLM11"), FRONT_END("Payer accident questionnaires", "injury diagnosis without a cause")],
    uses=("encounter",),
)
def injury_says_its_cause(claim: Claim, facts: Facts) -> Hits:
    if claim.causes or claim.kind == "I":
        return  # an institutional claim says it by occurrence codes 01 to 06
    if facts.encounter is not None and facts.encounter.injury_answered:
        return
    for index, diagnosis in enumerate(claim.diagnoses):
        code = diagnosis.code
        if is_injury(code) and diagnosis.qualifier not in ICD9_QUALIFIERS:
            yield f"diagnoses[{index}].code", code
            return  # one answer settles them all


@edit(
    "DX19",
    WARN,
    says="Diagnosis {0} is not in the signed note",
    fix="Provider query, or remove the diagnosis",
    cites=[LOCAL("Signed note of the visit"), CMS("Medicare Program Integrity Manual 100-08", "chapter 3, 3.3.2.4")],
    needs=("encounter",),
)
def diagnosis_is_in_the_note(claim: Claim, facts: Facts) -> Hits:
    noted = facts.encounter.diagnoses if facts.encounter is not None else None
    if noted is None:
        return  # nobody read the note for diagnoses
    for index, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.code not in noted:
            yield f"diagnoses[{index}].code", diagnosis.code or "(blank)"


EDITS = (diagnosis_meets_the_policy, injury_says_its_cause, diagnosis_is_in_the_note)
