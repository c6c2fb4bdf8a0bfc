"""PX: services with rules of their own. Unlisted codes, patients and places, laboratories, therapy, vaccines, telehealth."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Claim, Line
from claimwright.codes.modifiers import modifier_group
from claimwright.codes.procedure_traits import NO_TRAITS, Traits, VaccineRule, therapy_threshold, traits
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.facts import Facts, Laboratory
from claimwright.edits.payer_profile import AcceptedCode, PayerProfile, TelehealthPair
from claimwright.edits.places import lines_of
from claimwright.edits.schedule import gap, schedule_row
from claimwright.edits.shapes import CMS, CODE_SET, HOLD, PAYER, REJECT, TR3, Hits, Unanswered, edit
from claimwright.edits.shared import once_a_claim
from claimwright.edits.tables import SEX_CONFLICT_BYPASSED

GUIDE = "005010X222A1"
MANUAL = "Medicare Claims Processing Manual 100-04"
TELEHEALTH_PLACES = frozenset(("02", "10"))
TELEHEALTH_MODIFIERS = modifier_group("telehealth")
THERAPY_MODIFIERS = modifier_group("therapy")
DENIAL_WANTED = frozenset(("GY", "GX", "GA", "GZ"))  # the service is known not to be covered, and a denial is asked for


Special = tuple[str, Line, date, Traits]
TRAITS = ("patients", "places", "laboratory", "mammography", "therapy", "vaccines")


@once_a_claim
def _lines_by_trait(claim: Claim) -> dict[str, list[Special]]:
    found: dict[str, list[Special]] = {}
    for path, line in lines_of(claim):
        held = traits(line.procedure_code)
        if held is not NO_TRAITS and line.date_from is not None:
            for trait in TRAITS:
                if getattr(held, trait):
                    found.setdefault(trait, []).append((path, line, line.date_from, held))
    return found


def _special_lines(claim: Claim, trait: str) -> Iterable[Special]:
    """The dated lines whose code has rules of this kind: on most claims none."""
    return _lines_by_trait(claim).get(trait, ())


@edit(
    "PX03",
    REJECT,
    says="{0} is an unlisted code and says nothing of what was done",
    fix="Add a description (SV101-7), and attach the note",
    cites=[TR3(GUIDE, "2400 SV101-7"), CODE_SET("CPT and HCPCS Level II unlisted codes", "special report")],
)
def unlisted_code_is_described(claim: Claim, facts: Facts) -> Hits:
    for path, line in lines_of(claim):
        if traits(line.procedure_code).unlisted and not line.description.strip():
            yield f"{path}.description", line.procedure_code


@edit(
    "PX04",
    HOLD,
    says="{0} is {1}; the patient is {2}",
    fix="Verify the code, the date of birth and the sex on file; KX (condition code 45) where both are right",
    cites=[CODE_SET("CPT code ranges by age and sex"), PAYER("Payer age and sex edits", "Medicare Code Editor ages")],
)
def patient_suits_the_procedure(claim: Claim, facts: Facts) -> Hits:
    birth, sex = claim.patient.birth_date, claim.patient.sex
    for path, line, on, found in _special_lines(claim, "patients"):
        for rule in found.patients:
            if not rule.holds(on):
                continue
            if birth is not None and birth <= on and not rule.fits_age(birth, on):
                yield f"{path}.procedure_code", line.procedure_code, f"for patients {rule.ages()}", f"born {birth}"
            if not rule.sex or sex not in ("M", "F") or sex == rule.sex:
                continue
            if "KX" not in line.modifiers and SEX_CONFLICT_BYPASSED not in claim.condition_codes:
                yield f"{path}.procedure_code", line.procedure_code, f"for sex {rule.sex}", f"on file as {sex}"


@edit(
    "PX05",
    HOLD,
    says="{0} is not done at place of service {1}; it is {2}",
    fix="Fix the place of service, or choose the code of the setting",
    cites=[CMS(MANUAL, "chapter 12, 30.6; chapter 26, 10.5"), CODE_SET("CPT codes by setting")],
)
def place_suits_the_procedure(claim: Claim, facts: Facts) -> Hits:
    if claim.kind == "I":  # a facility bills the codes of its own departments
        return
    for path, line, on, found in _special_lines(claim, "places"):
        place = line.place_of_service or claim.place_of_service
        for rule in found.places:
            if place and rule.holds(on) and not rule.takes(place):
                field = f"{path}.place_of_service" if line.place_of_service else "place_of_service"
                where = f"for {' '.join(sorted(rule.allowed))}" if rule.allowed else "for other places"
                yield field, line.procedure_code, place, where


@edit(
    "PX10",
    REJECT,
    says="This payer does not pay {0}: {1}",
    fix="Use the code that it accepts: {2}",
    cites=[CMS("Medicare physician fee schedule relative value file", "status code"), PAYER("Payer code policy")],
    needs=("payer", "relative_values"),
)
def status_is_paid_by_the_payer(claim: Claim, facts: Facts) -> Hits:
    payer, table = facts.payer, facts.relative_values
    if payer is None or table is None or not (payer.unpaid_statuses or payer.accepted_codes):
        return
    if claim.kind != "P":  # the schedule is of physicians and suppliers
        return
    for path, line in lines_of(claim):
        code, on = line.procedure_code, line.date_from
        if on is None:
            continue
        instead = _instead(payer, code, on)
        if instead:
            yield f"{path}.procedure_code", code, "it takes another code", instead
        elif payer.unpaid_statuses:
            row = schedule_row(table, code, on)
            if row is None and not table.covers(on):
                yield gap(f"{path}.procedure_code", on)
            elif row is not None and row.status in payer.unpaid_statuses:
                if row.status != "N" or DENIAL_WANTED.isdisjoint(line.modifiers):
                    words = _STATUS_WORDS.get(row.status, "see its fee schedule")
                    yield (
                        f"{path}.procedure_code",
                        code,
                        f"status {row.status}, {words}",
                        "none is known; see its manual",
                    )


_STATUS_WORDS = {
    "B": "always paid within another service",
    "D": "deleted",
    "F": "deleted",
    "G": "another code is used",
    "H": "deleted modifier",
    "I": "another code is used",
    "N": "not covered",
    "P": "paid within another service, or excluded",
}


_accepted: ByIdentity[AcceptedCode, CodeIndex[AcceptedCode]] = ByIdentity(
    lambda rows: CodeIndex(((row.codes,), row) for row in rows)
)


def _instead(payer: PayerProfile, code: str, on: date) -> str:
    for row in _accepted(payer.accepted_codes).at(code):
        if row.codes.holds(code) and row.holds(on):
            return row.instead
    return ""


# Telehealth ---------------------------------------------------------------------------------------------------------


def _suits(pair: TelehealthPair, code: str, modifiers: tuple[str, ...]) -> bool:
    if pair.codes and not any(codes.holds(code, modifiers) for codes in pair.codes):
        return False
    if not set(pair.refused).isdisjoint(modifiers):
        return False
    return not pair.modifiers or not set(pair.modifiers).isdisjoint(modifiers)


def _words(pair: TelehealthPair) -> str:
    return f"{pair.place} with {' or '.join(pair.modifiers)}" if pair.modifiers else pair.place


@edit(
    "PX28",
    REJECT,
    says="Telehealth {0} at place of service {1} with {2} is not how this payer takes it",
    fix="Fix the pair: {3}",
    cites=[
        PAYER("Payer telehealth policy", "place of service and modifier"),
        CMS(MANUAL, "chapter 12, 190; 42 CFR 410.78"),
    ],
    needs=("payer",),
)
def telehealth_is_in_the_payers_format(claim: Claim, facts: Facts) -> Hits:
    pairs = facts.payer.telehealth if facts.payer is not None and claim.kind == "P" else ()
    if not pairs:
        return
    for index, line in enumerate(claim.lines):
        place, on = line.place_of_service or claim.place_of_service, line.date_from
        remote = TELEHEALTH_MODIFIERS.intersection(line.modifiers) if line.modifiers else None
        if on is None or (place not in TELEHEALTH_PLACES and not remote):
            continue
        held = [pair for pair in pairs if pair.holds(on)]
        if not any(pair.place == place and _suits(pair, line.procedure_code, line.modifiers) for pair in held):
            accepted = "; ".join(dict.fromkeys(_words(pair) for pair in held)) or "none on this date"
            came = " ".join(sorted(remote)) if remote else "no telehealth modifier"
            yield f"lines[{index}].modifiers", line.procedure_code, place or "(blank)", came, accepted


# Laboratories and mammography ---------------------------------------------------------------------------------------

_CLIA = re.compile(r"[0-9]{2}D[0-9]{7}")
_REFERENCE_LABORATORY = "90"
_WAIVER = ("waiver", "ppm")


def _clia_of(claim: Claim, line: Line) -> tuple[str, str]:
    """The CLIA number that goes with the line, and the field it stands in: the other laboratory's for 90."""
    referring = line.professional.referring_clia if line.professional is not None else ""
    if _REFERENCE_LABORATORY in line.modifiers and referring:
        return referring, "professional.referring_clia"
    return line.clia or claim.clia, "clia"


def _certificate(facts: Facts, number: str) -> Laboratory | None:
    rows = facts.practice.laboratories if facts.practice is not None else ()
    return next((row for row in rows if row.number == number), None)


@edit(
    "PX29",
    REJECT,
    says="Laboratory test {0}: {1}",
    fix="Add the CLIA number, or QW where the test is waived",
    cites=[CMS(MANUAL, "chapter 16, 70.2, 70.8 and 70.10"), TR3(GUIDE, "2300 and 2400 REF*X4")],
    needs=("payer",),
)
def laboratory_is_certified(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.requires_clia or claim.kind != "P":  # 837I has no REF*X4
        return
    for path, line, on, test in _special_lines(claim, "laboratory"):
        if "26" in line.modifiers:  # a physician's reading needs no laboratory
            continue
        number, field = _clia_of(claim, line)
        certificate = _certificate(facts, number)
        if not _CLIA.fullmatch(number):
            says = f"{number} is no CLIA number (10 characters, the third is D)" if number else "no CLIA number"
            yield f"{path}.{field}", line.procedure_code, says
        elif certificate is not None and not certificate.holds(on):
            yield f"{path}.{field}", line.procedure_code, f"CLIA certificate {number} is not in force on {on}"
        elif "QW" not in line.modifiers and _REFERENCE_LABORATORY not in line.modifiers:
            waived = test.waived_on(on)
            known = certificate.kind if certificate is not None else ""
            if (waived == "kit" and known in ("", *_WAIVER)) or (waived == "either" and known in _WAIVER):
                yield f"{path}.modifiers", line.procedure_code, "a waived test without QW"


@edit(
    "PX31",
    REJECT,
    says="Mammography {0} without the certificate of the facility",
    fix="Add the certificate number (six digits, REF*EW)",
    cites=[CMS(MANUAL, "chapter 18, 20.1 and 20.5"), TR3(GUIDE, "2300 and 2400 REF*EW")],
)
def mammography_is_certified(claim: Claim, facts: Facts) -> Hits:
    for path, line, on, found in _special_lines(claim, "mammography"):
        if claim.kind != "P" or not any(rule.holds(on) for rule in found.mammography):
            continue
        own = line.professional.mammography_certification if line.professional is not None else ""
        whole = claim.professional.mammography_certification if claim.professional is not None else ""
        number = own or whole
        if not (number.isdigit() and len(number) == 6):
            yield f"{path}.professional.mammography_certification", line.procedure_code


# Therapy ------------------------------------------------------------------------------------------------------------


@edit(
    "PX30",
    REJECT,
    says="Therapy {0}: {1}",
    fix="Add the modifier, {2}",
    cites=[CMS(MANUAL, "chapter 5, 10.3 and 20.1"), CMS("42 CFR 410.59, 410.60, 410.62")],
    needs=("payer",),
    uses=("therapy_used",),
)
def therapy_says_its_plan(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.requires_therapy_modifiers:
        return
    known = facts.therapy_used is not None
    spent: dict[tuple[int, bool], Decimal] = defaultdict(lambda: ZERO)
    for path, line, on, service in _special_lines(claim, "therapy"):
        disciplines = service.disciplines_on(on)
        if not disciplines:
            continue
        plan = THERAPY_MODIFIERS.intersection(line.modifiers)
        if len(plan) != 1 or not plan <= disciplines:
            says = f"{' '.join(sorted(plan))} is not its plan of care" if plan else "the plan of care is missing"
            yield f"{path}.modifiers", line.procedure_code, says, " or ".join(sorted(disciplines))
            continue
        if known:
            key = (on.year, "GO" in plan)
            spent[key] += _allowed(facts, line)
            limit = therapy_threshold(on)
            if limit is None:
                yield Unanswered(f"{path}.modifiers", f"the therapy threshold of {on.year} is not known")
            elif "KX" not in line.modifiers and _used(facts, *key) + spent[key] > limit:
                yield f"{path}.modifiers", line.procedure_code, f"above the year's ${limit} and without KX", "KX"


def _allowed(facts: Facts, line: Line) -> Decimal:
    """What the line adds to the year: what it should be allowed, nothing where that is not known."""
    price = (facts.expected_prices or {}).get(line.control_number)
    return price.allowed if price is not None and price.allowed is not None else ZERO


def _used(facts: Facts, year: int, occupational: bool) -> Decimal:
    for row in facts.therapy_used or ():
        if row.year == year:
            return row.occupational if occupational else row.physical_and_speech
    return ZERO


# Vaccines -----------------------------------------------------------------------------------------------------------


def _goes_with(administration: VaccineRule, product: VaccineRule) -> bool:
    return administration.kind in ("any", product.kind)


@edit(
    "PX33",
    REJECT,
    says="Vaccine {0} {1} stands alone on {2}",
    fix="Add its counterpart: {3}",
    cites=[
        PAYER("Payer vaccine policy", "product and administration on one claim"),
        CMS(MANUAL, "chapter 18, 10.2"),
        CODE_SET("CPT immunization administration and vaccine products"),
    ],
    uses=("payer",),
)
def vaccine_has_its_counterpart(claim: Claim, facts: Facts) -> Hits:
    found: list[tuple[str, str, date, VaccineRule]] = []
    for path, line, on, special in _special_lines(claim, "vaccines"):
        if (rule := special.vaccine_on(on)) is not None:
            found.append((path, line.procedure_code, on, rule))
    if not found or (facts.payer is not None and facts.payer.vaccine_billing != "both"):
        return
    for path, code, on, rule in found:
        others = [other for _, _, day, other in found if day == on and other.role != rule.role]
        if rule.role == "product" and not any(_goes_with(other, rule) for other in others):
            yield f"{path}.procedure_code", "product", code, on, "the administration of the vaccine"
        elif rule.role == "administration" and not any(_goes_with(rule, other) for other in others):
            yield f"{path}.procedure_code", "administration", code, on, "the product that was given"


EDITS = (
    unlisted_code_is_described,
    patient_suits_the_procedure,
    place_suits_the_procedure,
    status_is_paid_by_the_payer,
    telehealth_is_in_the_payers_format,
    laboratory_is_certified,
    therapy_says_its_plan,
    mammography_is_certified,
    vaccine_has_its_counterpart,
)
