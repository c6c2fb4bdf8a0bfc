"""From a claim's nouns to the parties of an inquiry: payer, provider, subscriber and dependent as the 270 names them."""

from __future__ import annotations

from claimwright.claims.nouns import Coverage, Patient, Payer, Person, Provider
from claimwright.claims.parties import CoveredPerson, Party

SELF = "18"


def payer_party(payer: Payer, role: str = "PR") -> Party:
    """The payer of a claim as the party an inquiry goes to."""
    return Party(
        role=role,
        is_organization=True,
        last_name=payer.name,
        id_qualifier=payer.id_qualifier or "PI",
        identifier=payer.payer_id,
    )


def provider_party(provider: Provider, role: str = "1P", provider_code: str = "") -> Party:
    """A provider of a claim as the party that asks. Without an NPI the tax number stands in (FI)."""
    identified = bool(provider.npi)
    return Party(
        role=role,
        is_organization=provider.is_organization,
        last_name=provider.last_name,
        first_name=provider.first_name,
        middle_name=provider.middle_name,
        suffix=provider.suffix,
        id_qualifier="XX" if identified else "FI" if provider.tax_id else "",
        identifier=provider.npi if identified else provider.tax_id,
        provider_code=provider_code if provider.taxonomy else "",
        taxonomy=provider.taxonomy if provider_code else "",
        taxonomy_qualifier="PXC" if provider_code and provider.taxonomy else "",
    )


def subscriber_and_dependent(
    coverage: Coverage, patient: Patient | Person, dependent_role: str = "03"
) -> tuple[CoveredPerson, CoveredPerson | None]:
    """The people of a coverage as the 270, 276 and 278 name them; no dependent where the patient is the subscriber.

    `dependent_role` is 03 in the 270 and QC in the 276 and 278.
    """
    own = coverage.relationship in ("", SELF)
    subscriber = _covered(patient if own else coverage.subscriber, "IL", "MI", coverage.member_id)
    if own:
        return subscriber, None
    return subscriber, _covered(patient, dependent_role, "", "")


def _covered(person: Person, role: str, qualifier: str, number: str) -> CoveredPerson:
    return CoveredPerson(
        role=role,
        last_name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        id_qualifier=qualifier if number else "",
        identifier=number,
        birth_date=person.birth_date,
        sex=person.sex,
    )
