"""The parts of a claim with the path a finding names: lines, people, providers, diagnoses, other payers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from claimwright.claims.nouns import Address, Claim, Coverage, Line, Person, PriorPayment, Provider

PAYMENT_ORDER = "PSTABCDEFGH"  # SBR01; U (unknown) has no place in the order


def lines_of(claim: Claim) -> Iterator[tuple[str, Line]]:
    for index, line in enumerate(claim.lines):
        yield f"lines[{index}]", line


def dated_lines_of(claim: Claim) -> Iterator[tuple[str, Line, date]]:
    """The lines that have a date of service; DAT01 tells of the others."""
    for index, line in enumerate(claim.lines):
        if line.date_from is not None:
            yield f"lines[{index}]", line, line.date_from


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


def providers_of(claim: Claim) -> Iterator[tuple[str, Provider]]:
    yield "billing_provider", claim.billing_provider
    for name in ("rendering", "referring", "supervising", "facility"):
        provider: Provider | None = getattr(claim, name)
        if provider is not None:
            yield name, provider
    for index, line in enumerate(claim.lines):
        for name in ("rendering", "ordering", "referring", "supervising"):
            provider = getattr(line, name)
            if provider is not None:
                yield f"lines[{index}].{name}", provider


def renderings_of(claim: Claim) -> Iterator[tuple[str, Provider]]:
    if claim.rendering is not None:
        yield "rendering", claim.rendering
    for index, line in enumerate(claim.lines):
        if line.rendering is not None:
            yield f"lines[{index}].rendering", line.rendering


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
    return line.place_of_service or claim.place_of_service


def address_text(address: Address) -> tuple[str, ...]:
    """An address for comparing: upper case, no punctuation, five digits of the postal code."""
    parts = (address.line1, address.line2, address.city, address.state)
    words = (" ".join(part.upper().replace(".", " ").replace(",", " ").split()) for part in parts)
    return (*words, address.postal_code[:5])
