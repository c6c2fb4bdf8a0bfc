"""SUB: the subscriber, the patient and the cover."""

from __future__ import annotations

import re
from datetime import date, timedelta

from claimwright.claims.nouns import Address, Claim, Person
from claimwright.codes.dates import add_months
from claimwright.codes.identifiers import PostalCode
from claimwright.edits.facts import EligibilitySnapshot, Facts
from claimwright.edits.mends import set_filing_indicator
from claimwright.edits.places import (
    dated_lines_of,
    first_day_of,
    is_predetermination,
    is_subscriber,
    people_of,
    priors_of,
    through,
)
from claimwright.edits.shapes import CMS, FRONT_END, HOLD, LOCAL, PAYER, REJECT, TR3, WARN, Hits, edit
from claimwright.edits.tables import (
    DEPENDENT_RELATIONSHIPS,
    FILING_INDICATORS,
    INJURY_INDICATORS,
    NAME_SUFFIXES,
    NEWBORN_NAMES,
    OLDEST_AGE_YEARS,
    PLACEHOLDER_IDS,
    VOID,
)

GUIDE = "005010X222A1"
_BLANKS = re.compile(r"[\s.\-]+")


@edit(
    "SUB01",
    REJECT,
    says="The member id is blank, a placeholder, or not of the payer's form",
    fix="Check the card",
    cites=[PAYER("Payer companion guide", "2010BA NM109"), CMS("Medicare Beneficiary Identifier format")],
    uses=("payer",),
)
def member_id_is_real(claim: Claim, facts: Facts) -> Hits:
    member_id = claim.coverage.member_id
    refused = facts.payer is not None and not facts.payer.accepts_member_id(member_id)
    if refused or _is_placeholder(member_id):
        yield "coverage.member_id", member_id
    for path, prior in priors_of(claim):
        if _is_placeholder(prior.coverage.member_id):
            yield f"{path}.coverage.member_id", prior.coverage.member_id


def _is_placeholder(member_id: str) -> bool:
    text = (member_id if member_id.isalnum() else _BLANKS.sub("", member_id)).upper()
    return not text or text in PLACEHOLDER_IDS or (len(text) > 2 and len(set(text)) == 1)


@edit(
    "SUB02",
    REJECT,
    says="The name has a blank part, a digit, or a suffix in the last name",
    fix="Fix the name fields as on the card; a suffix has its own field",
    cites=[TR3(GUIDE, "2010BA, 2010CA NM103-NM107")],
)
def names_are_whole(claim: Claim, facts: Facts) -> Hits:
    for path, person in people_of(claim):
        if not person.last_name.strip() or _has_digit(person.last_name) or _ends_in_suffix(person.last_name):
            yield f"{path}.last_name", person.last_name
        if not person.first_name.strip() or _has_digit(person.first_name):
            yield f"{path}.first_name", person.first_name


def _has_digit(text: str) -> bool:
    return not text.isalpha() and any(character.isdigit() for character in text)


def _ends_in_suffix(last_name: str) -> bool:
    if last_name.isalpha():
        return False
    words = last_name.upper().replace(",", " ").replace(".", " ").split()
    return len(words) > 1 and words[-1] in NAME_SUFFIXES


@edit(
    "SUB03",
    REJECT,
    says="The date of birth is missing, in the future, or over 120 years ago",
    fix="Fix the date of birth",
    cites=[TR3(GUIDE, "2010BA, 2010CA DMG02")],
)
def birth_date_is_possible(claim: Claim, facts: Facts) -> Hits:
    for path, person in people_of(claim):
        born = person.birth_date
        missing = born is None and path == "patient"  # a subscriber who is not the patient sends none
        if missing or (born is not None and not _is_possible_birth(born, facts.today)):
            yield f"{path}.birth_date", born or "(none)"


def _is_possible_birth(born: date, today: date) -> bool:
    if today.year - born.year < OLDEST_AGE_YEARS:
        return born <= today
    return born <= today <= add_months(born, 12 * OLDEST_AGE_YEARS)


@edit(
    "SUB04",
    REJECT,
    says="The patient's sex is not M, F or U",
    fix="Fix the sex as the payer holds it",
    cites=[TR3(GUIDE, "2010BA, 2010CA DMG03")],
)
def sex_is_known(claim: Claim, facts: Facts) -> Hits:
    for path, person in people_of(claim):
        if person.sex not in ("M", "F", "U") and (path == "patient" or person.sex):
            yield f"{path}.sex", person.sex or "(none)"


@edit(
    "SUB05",
    REJECT,
    says="The patient is not the subscriber and the relationship is missing, self or unknown to the guide",
    fix="Set the patient's relationship to the subscriber",
    cites=[TR3(GUIDE, "2000B SBR02, 2000C PAT01")],
)
def relationship_is_given(claim: Claim, facts: Facts) -> Hits:
    relationship = claim.coverage.relationship
    if is_subscriber(claim):
        if _is_another(claim.coverage.subscriber, claim.patient, claim.coverage.subscriber_is_organization):
            yield "coverage.relationship", relationship
    elif relationship not in DEPENDENT_RELATIONSHIPS:
        yield "coverage.relationship", relationship or "(none)"


def _is_another(subscriber: Person, patient: Person, organization: bool) -> bool:
    """Whether the named subscriber is surely not the patient: another name or another birth date where both have one."""
    if organization:
        return True
    for field in ("last_name", "first_name"):
        one, other = getattr(subscriber, field), getattr(patient, field)
        if one and other and one.strip().upper() != other.strip().upper():
            return True
    return bool(subscriber.birth_date and patient.birth_date and subscriber.birth_date != patient.birth_date)


@edit(
    "SUB06",
    REJECT,
    says="The patient is the subscriber and their {0} is missing",
    fix="Complete the subscriber's address, date of birth and sex",
    cites=[TR3(GUIDE, "2010BA N3, N4, DMG")],
)
def subscriber_is_complete(claim: Claim, facts: Facts) -> Hits:
    if not is_subscriber(claim):
        return
    patient = claim.patient
    if not patient.address.line1 or not patient.address.city:
        yield "patient.address", "address"
    if patient.birth_date is None:
        yield "patient.birth_date", "date of birth"
    if not patient.sex:
        yield "patient.sex", "sex"


@edit(
    "SUB07",
    REJECT,
    says="This payer knows no dependents, and the patient stands under a subscriber",
    fix="Bill the patient as the subscriber, with their own id",
    cites=[CMS("CMS 5010 837P edits", "2000C not used"), TR3(GUIDE, "2000C")],
    needs=("payer",),
)
def patient_is_the_subscriber(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is not None and facts.payer.patient_is_subscriber and not is_subscriber(claim):
        yield "coverage.relationship", claim.coverage.relationship or "(none)"


@edit(
    "SUB08",
    REJECT,
    says="Filing indicator {0} is not one of the payer's",
    fix="Set the filing indicator to {1}",
    cites=[PAYER("Payer companion guide", "2000B SBR09"), TR3(GUIDE, "2000B SBR09")],
    uses=("payer",),
    mends=set_filing_indicator,
)
def filing_indicator_is_the_payers(claim: Claim, facts: Facts) -> Hits:
    came = claim.coverage.payer.filing_indicator
    accepted = facts.payer.filing_indicators if facts.payer is not None else ()
    if came not in FILING_INDICATORS or (accepted and came not in accepted):
        yield "coverage.payer.filing_indicator", came or "(blank)", " or ".join(accepted) or "a value of SBR09"


@edit(
    "SUB09",
    WARN,
    says="The group number is the member id",
    fix="Likely mis-keyed: verify on the card",
    cites=[FRONT_END("Clearinghouse practice", "2000B SBR03 against 2010BA NM109")],
)
def group_number_is_not_the_member_id(claim: Claim, facts: Facts) -> Hits:
    coverage = claim.coverage
    if coverage.group_number and coverage.group_number == coverage.member_id:
        yield "coverage.group_number", coverage.group_number


@edit(
    "SUB10",
    HOLD,
    says="No active eligibility answer from the payer in the last {0} days",
    fix="Verify eligibility",
    cites=[LOCAL("Practice eligibility policy", "age of the last answer")],
    needs=("eligibility",),
    uses=("payer",),
)
def eligibility_was_verified(claim: Claim, facts: Facts) -> Hits:
    if claim.coverage.payer.filing_indicator in INJURY_INDICATORS or claim.frequency == VOID:
        return  # a carrier answers for a case and no member; a void asks nothing of the cover
    days = facts.payer.eligibility_days if facts.payer is not None else 30
    if not any(_speaks_for(snapshot, claim, facts.today, days) for snapshot in facts.eligibility or ()):
        yield "coverage", days


def _speaks_for(snapshot: EligibilitySnapshot, claim: Claim, today: date, days: int) -> bool:
    coverage, on = claim.coverage, today if is_predetermination(claim) else first_day_of(claim)
    own = snapshot.payer_id == coverage.payer.payer_id and snapshot.member_id in ("", coverage.member_id)
    fresh = timedelta(0) <= today - snapshot.checked_on <= timedelta(days=days)
    if snapshot.month is not None:
        fresh = _month(snapshot.checked_on) == _month(today)
    if not own or not fresh or snapshot.status != "active" or on is None:
        return False
    if snapshot.month is not None and _month(snapshot.month) != _month(on):
        return False
    return (snapshot.start is None or snapshot.start <= on) and (snapshot.end is None or on < snapshot.end)


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


@edit(
    "SUB11",
    REJECT,
    says="The coverage is not in force on {0}",
    fix="Choose the coverage that is valid on the date of service",
    cites=[LOCAL("Registration", "coverage start and end")],
)
def coverage_is_in_force(claim: Claim, facts: Facts) -> Hits:
    if (claim.coverage.start is None and claim.coverage.end is None) or claim.frequency == VOID:
        return  # a void takes back what the wrong cover was billed
    for path, line, start in dated_lines_of(claim):
        last = through(line) or start  # the cover of a stay is that of its first day
        for on in dict.fromkeys((start, last)):
            if not claim.coverage.in_force(on):
                yield path + (".date_from" if on == start else ".date_to"), on


@edit(
    "SUB12",
    REJECT,
    says="Service on {0} is after the date of death that is held",
    fix="Check the date of death",
    cites=[CMS("Medicare Claims Processing Manual 100-04", "chapter 1, 70.8; claims after date of death")],
)
def patient_was_alive(claim: Claim, facts: Facts) -> Hits:
    died = claim.patient.death_date or (facts.patient.death_date if facts.patient is not None else None)
    if died is None or claim.frequency == VOID:
        return
    for path, line, start in dated_lines_of(claim):
        last = max(start, through(line) or start)
        if last > died:
            yield f"{path}.date_from", last
    if claim.institutional is not None and (end := claim.institutional.statement_through) is not None and end > died:
        yield "institutional.statement_through", end


@edit(
    "SUB13",
    REJECT,
    says="{0} primary coverages on {1}",
    fix="Fix the order of coverages: exactly one is primary on a date",
    cites=[FRONT_END("Clearinghouse edits", "SBR01"), TR3(GUIDE, "2000B and 2320 SBR01")],
)
def one_coverage_is_primary(claim: Claim, facts: Facts) -> Hits:
    on = first_day_of(claim)
    named = [claim.coverage.sequence, *[prior.coverage.sequence for prior in claim.prior_payments]]
    primaries = named.count("P")
    if primaries != 1:
        yield "coverage.sequence", primaries, on or "the claim"
    elif facts.coverages is not None and on is not None and claim.frequency != VOID:
        held = [coverage for coverage in facts.coverages if coverage.in_force(on)]
        primaries = sum(coverage.sequence == "P" for coverage in held)
        if held and primaries != 1:
            yield "coverage.sequence", primaries, on


@edit(
    "SUB14",
    REJECT,
    says="{0} is absent or not a value of the guide",
    fix="Obtain and record it",
    cites=[TR3(GUIDE, "2300 CLM06, CLM07, CLM08, CLM09")],
)
def signatures_are_on_file(claim: Claim, facts: Facts) -> Hits:
    if claim.provider_signature != "Y":
        yield "provider_signature", "The provider's signature"
    for field, allowed, name in DENTAL_FLAGS if claim.kind == "D" else COVERAGE_FLAGS:
        if getattr(claim.coverage, field) not in allowed:
            yield f"coverage.{field}", name


COVERAGE_FLAGS = (
    ("accepts_assignment", ("A", "B", "C"), "The assignment code"),
    ("benefits_assigned", ("Y", "N", "W"), "The assignment of benefits"),
    ("release_of_information", ("Y", "I"), "The release of information"),
)
DENTAL_FLAGS = (("accepts_assignment", ("A", "C"), "The assignment code"), *COVERAGE_FLAGS[1:])  # 005010X224A2 CLM07


@edit(
    "SUB15",
    HOLD,
    says="A newborn is billed under the mother's id {0} days after birth; the payer allows {1}",
    fix="Enrol the newborn and use their own id",
    cites=[PAYER("Payer newborn rule", "days under the mother's id")],
    needs=("payer",),
)
def newborn_has_own_id(claim: Claim, facts: Facts) -> Hits:
    allowed = facts.payer.newborn_days if facts.payer is not None else None
    born, on = claim.patient.birth_date, first_day_of(claim)
    if allowed is None or born is None or on is None or not _is_under_mother(claim, facts):
        return
    if on - born > timedelta(days=allowed):
        yield "coverage.member_id", (on - born).days, allowed


def _is_under_mother(claim: Claim, facts: Facts) -> bool:
    flagged = facts.patient is not None and facts.patient.under_mothers_id
    return flagged or (claim.patient.first_name.upper().split() or [""])[0] in NEWBORN_NAMES


@edit(
    "SUB16",
    HOLD,
    says="The patient paid in full and asked that the plan is not told",
    fix="Do not bill the insurer",
    cites=[LOCAL("45 CFR 164.522(a)(1)(vi)", "right to restrict disclosure to a health plan")],
    needs=("patient",),
)
def disclosure_is_allowed(claim: Claim, facts: Facts) -> Hits:
    if facts.patient is not None and facts.patient.restricts_disclosure:
        yield "patient", ""


@edit(
    "SUB17",
    REJECT,
    says="The {0} of the address is missing or malformed",
    fix="Complete the address",
    cites=[TR3(GUIDE, "2010BA, 2010CA N3, N4")],
)
def addresses_are_complete(claim: Claim, facts: Facts) -> Hits:
    yield from _lacking("patient.address", claim.patient.address)
    subscriber = claim.coverage.subscriber
    if not is_subscriber(claim) and subscriber.address != Address():  # 2010BA needs none when the patient is another
        yield from _lacking("coverage.subscriber.address", subscriber.address)


_STATE = re.compile(r"[A-Z]{2}\Z")


def _lacking(path: str, address: Address) -> Hits:
    if not address.line1.strip():
        yield f"{path}.line1", "street"
    if not address.city.strip():
        yield f"{path}.city", "city"
    if address.country not in ("", "US", "USA"):
        return
    if not _STATE.match(address.state):
        yield f"{path}.state", "state"
    if not PostalCode(address.postal_code).is_valid:
        yield f"{path}.postal_code", "ZIP code"


EDITS = (
    member_id_is_real,
    names_are_whole,
    birth_date_is_possible,
    sex_is_known,
    relationship_is_given,
    subscriber_is_complete,
    patient_is_the_subscriber,
    filing_indicator_is_the_payers,
    group_number_is_not_the_member_id,
    eligibility_was_verified,
    coverage_is_in_force,
    patient_was_alive,
    one_coverage_is_primary,
    signatures_are_on_file,
    newborn_has_own_id,
    disclosure_is_allowed,
    addresses_are_complete,
)
