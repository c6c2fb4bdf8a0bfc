"""The parts of a claim with the path a finding names: lines, people, providers, diagnoses, other payers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter

from claimwright.claims.nouns import Address, Claim, Coverage, Line, Person, PriorPayment, Provider
from claimwright.edits.shared import once_a_claim
from claimwright.edits.tables import BILL_PLACES, EMERGENCY_ROOM, INPATIENT_BILLS

PAYMENT_ORDER = "PSTABCDEFGH"  # SBR01; U (unknown) has no place in the order


@lru_cache(maxsize=64)
def _line_paths(count: int) -> tuple[str, ...]:
    """Written once: every edit that looks at the lines would write them again for each claim."""
    return tuple(f"lines[{index}]" for index in range(count))


def lines_of(claim: Claim) -> Iterator[tuple[str, Line]]:
    return zip(_line_paths(len(claim.lines)), claim.lines, strict=True)


@once_a_claim
def decided_lines_of(claim: Claim) -> list[tuple[str, Line]]:
    """The lines that another payer has decided: of a primary claim none."""
    return [(path, line) for path, line in lines_of(claim) if line.adjudications]


@once_a_claim
def dated_lines_of(claim: Claim) -> list[tuple[str, Line, date]]:
    """The lines with their day of service; those that have none are left out, and DAT01 tells of them."""
    for_all = day_for_all(claim)
    return [(path, line, on) for path, line in lines_of(claim) if (on := line.date_from or for_all) is not None]


@once_a_claim
def first_day_of(claim: Claim) -> date | None:
    """The claim's date of service, which a dozen edits ask for."""
    return claim.date_of_service


def day_for_all(claim: Claim) -> date | None:
    """The first day of the lines that have no date of their own: the statement's, or the dental claim's.

    005010X223A2 asks for a line's date on outpatient bills only, 005010X224A2 gives one date for all lines alike.
    """
    if claim.institutional is not None:
        return claim.institutional.statement_from
    return claim.dental.service_from if claim.dental is not None else None


def is_inpatient(claim: Claim) -> bool:
    """Whether the claim is of a stay, by its type of bill."""
    return claim.institutional is not None and claim.institutional.facility_type in INPATIENT_BILLS


def is_predetermination(claim: Claim) -> bool:
    """A dental request for an estimate: nothing was done, so there is no date of service."""
    return claim.dental is not None and claim.dental.predetermination


@once_a_claim
def coding_day(claim: Claim) -> date | None:
    """The day whose list of diagnoses holds: of a stay the last (45 CFR 162.1002, by discharge), else the first."""
    if is_inpatient(claim) and claim.institutional is not None and claim.institutional.statement_through is not None:
        return claim.institutional.statement_through
    return first_day_of(claim)


def is_emergency(claim: Claim, line: Line) -> bool:
    """Whether the service is of an emergency: so marked, in an emergency room, or on an emergency admission (CL101)."""
    if line.emergency or place_of(claim, line) == EMERGENCY_ROOM:
        return True
    return claim.institutional is not None and claim.institutional.admission_type == "1"


def through(line: Line) -> date | None:
    """The last day of the line."""
    return line.date_to or line.date_from


def people_of(claim: Claim) -> Iterator[tuple[str, Person]]:
    """The patient, and the subscriber when that is another natural person."""
    yield "patient", claim.patient
    if not is_subscriber(claim) and not claim.coverage.subscriber_is_organization:
        yield "coverage.subscriber", claim.coverage.subscriber


def is_subscriber(claim: Claim) -> bool:
    """Whether the patient is the subscriber (relationship 18), and so stands in loop 2010BA."""
    return claim.coverage.relationship == "18"


@once_a_claim
def providers_of(claim: Claim) -> list[tuple[str, Provider]]:
    return list(_providers_of(claim))


def _providers_of(claim: Claim) -> Iterator[tuple[str, Provider]]:
    yield "billing_provider", claim.billing_provider
    for name in ("rendering", "referring", "supervising", "facility"):
        provider: Provider | None = getattr(claim, name)
        if provider is not None:
            yield name, provider
    own = claim.institutional or claim.dental or claim.professional
    if own is not None:
        yield from _providers_within(own, claim.kind, "")
    for path, line in lines_of(claim):
        held = _line_parts(line)
        if held == _NO_PARTS:  # most lines leave all to the claim
            continue
        *named, institutional, dental, professional = held
        for name, provider in zip(LINE_PROVIDERS, named, strict=True):
            if provider is not None:
                yield f"{path}.{name}", provider
        part = institutional or dental or professional
        if part is not None:
            yield from _providers_within(part, claim.kind, f"{path}.")


LINE_PROVIDERS = ("rendering", "ordering", "referring", "supervising", "facility")
_line_parts = attrgetter(*LINE_PROVIDERS, "institutional", "dental", "professional")
_NO_PARTS = (None,) * (len(LINE_PROVIDERS) + 3)
# Providers that only one kind of claim has: field by kind, of claim and line alike.
OWN_PROVIDERS = {
    "I": ("institutional", ("attending", "operating", "other_operating")),
    "D": ("dental", ("primary_care", "assistant_surgeon")),
    "P": ("professional", ("primary_care", "purchased_service_provider")),
}


def _providers_within(part: object, kind: str, before: str) -> Iterator[tuple[str, Provider]]:
    name, fields = OWN_PROVIDERS.get(kind, ("", ()))
    for field in fields:
        provider = getattr(part, field, None)
        if provider is not None:
            yield f"{before}{name}.{field}", provider


@once_a_claim
def renderings_of(claim: Claim) -> list[tuple[str, Provider]]:
    found = [("rendering", claim.rendering)] if claim.rendering is not None else []
    found += [(f"{path}.rendering", line.rendering) for path, line in lines_of(claim) if line.rendering is not None]
    return found


def priors_of(claim: Claim) -> Iterator[tuple[str, PriorPayment]]:
    for index, prior in enumerate(claim.prior_payments):
        yield f"prior_payments[{index}]", prior


def earlier_priors_of(claim: Claim) -> Iterator[tuple[str, PriorPayment]]:
    """The other payers who come before the claim's own."""
    own = order_of(claim.coverage)
    for path, prior in priors_of(claim):
        if order_of(prior.coverage) < own:
            yield path, prior


def order_of(coverage: Coverage) -> int:
    """The place in the order of payment, 0 for the primary; an unknown order comes last."""
    place = PAYMENT_ORDER.find(coverage.sequence) if coverage.sequence else -1
    return place if place >= 0 else len(PAYMENT_ORDER)


def rendering_npi(claim: Claim, line: Line) -> str:
    """Who did the line: its own rendering provider, else the claim's, else the billing provider."""
    return (line.rendering or claim.rendering or claim.billing_provider).npi


def place_of(claim: Claim, line: Line) -> str:
    """The place of service; of an institutional line, which has none, what its type of bill comes to."""
    if claim.institutional is not None:
        if line.revenue_code.startswith("045"):
            return EMERGENCY_ROOM
        return BILL_PLACES.get(claim.institutional.facility_type, "")
    return line.place_of_service or claim.place_of_service


def site_of(line: Line) -> tuple[str, ...]:
    """Which teeth, with their surfaces, and which parts of the mouth: they tell dental services apart as sides do others."""
    own = line.dental
    if own is None:
        return ()
    return (*("".join((tooth.number, *tooth.surfaces)) for tooth in own.teeth), *own.oral_cavity_areas)


def address_text(address: Address) -> tuple[str, ...]:
    """An address for comparing: upper case, no punctuation, five digits of the postal code."""
    parts = (address.line1, address.line2, address.city, address.state)
    words = (" ".join(part.upper().replace(".", " ").replace(",", " ").split()) for part in parts)
    return (*words, address.postal_code[:5])
