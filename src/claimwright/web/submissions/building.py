"""From an encounter to the claim each of its payers gets. Mapping only: what is wrong with it, the edits say."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from claimwright.claims.nouns import Claim, Coverage, Encounter, Patient, Person, PriorPayment, Provider
from claimwright.codes.money import ZERO
from claimwright.codes.procedure_traits import traits
from claimwright.web.core.numbers import base36
from claimwright.web.practice.selectors import Biller

CLAIM_DIGITS, VERSION_DIGITS = 7, 2
ENCOUNTER_FIELDS = (
    "referring", "supervising", "diagnoses", "causes", "accident_state", "accident_date", "onset_date",
    "admission_date", "discharge_date", "prior_authorization", "referral", "place_of_service", "kind", "dental",
    "condition_codes",
)  # fmt: skip
NOTE_CHARACTERS = 80  # NTE02 of 005010X222A1


def control_number(claim_number: int, version: int) -> str:
    """CLM01: ten letters and digits, unique for each version, without a mark that a payer might cut at."""
    return f"C{base36(claim_number, CLAIM_DIGITS)}{base36(version, VERSION_DIGITS)}"


def next_control_number(current: str, version: int) -> str:
    """The number of another version of the same claim."""
    return current[: 1 + CLAIM_DIGITS] + base36(version, VERSION_DIGITS)


def coverages_on(encounter: Encounter) -> list[Coverage]:
    """In payment order, those in force on the date of service; where none is, the first all the same: an edit says so."""
    order = {sequence: place for place, sequence in enumerate("PSTABCDEFGHU")}
    held = sorted(encounter.coverages, key=lambda coverage: order.get(coverage.sequence, 99))
    on = encounter.date_from
    running = [coverage for coverage in held if on is None or coverage.in_force(on)]
    return running or held[:1]


def claim_for(
    encounter: Encounter,
    *,
    patient: Patient,
    billed: Coverage,
    coverages: Sequence[Coverage],
    biller: Biller,
    number: str,
) -> Claim:
    """The first version of the claim to `billed`'s payer. The other payers are named, nothing of them decided yet."""
    on = encounter.date_from
    billing = biller.provider_on(on) if on is not None else biller.provider
    own = msgspec.structs.replace(billed, subscriber=_subscriber(billed, patient))
    others = tuple(
        PriorPayment(
            coverage=msgspec.structs.replace(other, subscriber=_named(_subscriber(other, patient))), adjudicated=False
        )
        for other in coverages
        if other is not billed
    )
    stay = encounter.institutional
    if stay is not None and stay.attending is None:
        stay = msgspec.structs.replace(stay, attending=encounter.rendering)
    rendering = _unless_same(encounter.rendering, billing)
    return Claim(
        institutional=stay,
        control_number=number,
        patient=patient,
        coverage=own,
        prior_payments=others,
        billing_provider=billing,
        pay_to_address=biller.pay_to if biller.pay_to != billing.address else None,
        rendering=rendering if stay is None else None,  # whoever attends stands in the stay
        facility=_unless_same(encounter.facility, billing),
        total_charge=sum((line.charge for line in encounter.lines), ZERO),
        lines=encounter.lines,
        clia=biller.clia_on(on) if on is not None and _has_tests(encounter) else "",
        note=encounter.note[:NOTE_CHARACTERS],
        **{field: getattr(encounter, field) for field in ENCOUNTER_FIELDS},
    )


def as_registered(claim: Claim, *, patient: Patient, coverage: Coverage | None) -> Claim:
    """The claim with the patient, and the cover it bills, as the front desk has them now. What was decided stays."""
    if coverage is None:
        return msgspec.structs.replace(claim, patient=patient)
    billed = msgspec.structs.replace(coverage, subscriber=_subscriber(coverage, patient))
    return msgspec.structs.replace(claim, patient=patient, coverage=billed)


def _has_tests(encounter: Encounter) -> bool:
    """Whether a line is a laboratory test: the guide sends the certificate (REF*X4) then and only then."""
    return any(traits(line.procedure_code).laboratory for line in encounter.lines)


def _subscriber(coverage: Coverage, patient: Patient) -> Person:
    """The patient, where the cover is their own; else the person the cover names."""
    if coverage.relationship != "18":
        return coverage.subscriber
    return Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})


def _named(person: Person) -> Person:
    """What is told of another payer's subscriber: names and address."""
    return msgspec.structs.replace(person, birth_date=None, sex="", phone="", death_date=None)


def _unless_same(provider: Provider | None, billing: Provider) -> Provider | None:
    """A provider is only sent where it is another than the billing provider."""
    if provider is None or (provider.npi and provider.npi == billing.npi):
        return None
    same_place = provider.is_organization and not provider.npi and provider.address == billing.address
    return None if same_place else provider
