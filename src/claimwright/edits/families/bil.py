"""BIL: the billing provider."""

from __future__ import annotations

import re

from claimwright.claims.nouns import Address, Claim
from claimwright.codes.identifiers import Npi, PostalCode, TaxId, Taxonomy
from claimwright.edits.compiled import ByIdentity
from claimwright.edits.facts import Facts, ProviderRecord
from claimwright.edits.mends import leave_out_pay_to
from claimwright.edits.places import address_text, first_day_of, providers_of
from claimwright.edits.shapes import FRONT_END, LOCAL, PAYER, REJECT, TR3, WARN, Hits, edit

GUIDE = "005010X222A1"


@edit(
    "BIL01",
    REJECT,
    says="The billing NPI is missing or fails its check digit",
    fix="Correct the practice's NPI",
    cites=[TR3(GUIDE, "2010AA NM109"), FRONT_END("45 CFR 162.406", "NPI check digit")],
)
def billing_npi_is_valid(claim: Claim, facts: Facts) -> Hits:
    npi = claim.billing_provider.npi
    if not Npi(npi).is_valid:
        yield "billing_provider.npi", npi


_entity_types: ByIdentity[ProviderRecord, dict[str, str]] = ByIdentity(
    lambda records: {record.npi: record.entity_type for record in records}
)


@edit(
    "BIL02",
    REJECT,
    says="NPI {0} is of a {1}, the claim says {2}",
    fix="Set person or organization as the registry has it",
    cites=[FRONT_END("NPPES", "entity type code"), TR3(GUIDE, "NM102")],
    needs=("providers",),
)
def entity_type_is_the_registrys(claim: Claim, facts: Facts) -> Hits:
    types = _entity_types(facts.providers or ())
    names = {"1": "person", "2": "organization"}
    for path, provider in providers_of(claim):
        said = "2" if provider.is_organization else "1"
        held = types.get(provider.npi, said) if provider.npi else said
        if held != said:
            yield f"{path}.is_organization", provider.npi, names.get(held, held), names[said]


@edit(
    "BIL03",
    REJECT,
    says="The tax id is not nine digits of the kind that qualifier {0} says",
    fix="Correct the tax id: EI for an employer number, SY for a person's social security number",
    cites=[TR3(GUIDE, "2010AA REF EI, SY")],
)
def tax_id_is_valid(claim: Claim, facts: Facts) -> Hits:
    provider = claim.billing_provider
    of_organization = provider.is_organization and provider.tax_id_qualifier == "SY"
    if of_organization or not TaxId(provider.tax_id).is_valid_as(provider.tax_id_qualifier):
        yield "billing_provider.tax_id", provider.tax_id_qualifier or "(none)"


@edit(
    "BIL04",
    REJECT,
    says="The practice's {0} {1} is not in force on {2}",
    fix="Pick the identifier that is valid on {2}",
    cites=[LOCAL("Practice identifier history", "value, start, end")],
    needs=("practice",),
    uses=("payer",),
)
def identifiers_are_in_force(claim: Claim, facts: Facts) -> Hits:
    by_receipt = facts.payer is not None and facts.payer.identifier_basis == "receipt"
    on = facts.today if by_receipt else first_day_of(claim)
    if on is None or facts.practice is None:
        return
    for kind, value in (("npi", claim.billing_provider.npi), ("tin", claim.billing_provider.tax_id)):
        for row in facts.practice.identifiers:
            if row.value == value and row.kind == kind and row.holds(on):
                break
        else:
            field = "npi" if kind == "npi" else "tax_id"
            yield f"billing_provider.{field}", kind.upper(), value, on


_POST_BOX = re.compile(
    r"\b(P\W{0,2}O\W{0,2}\s*(BOX|DRAWER)|P\W{0,2}O\W{0,2}B\W*\d|POST\s+OFFICE\s+(BOX|DRAWER)|POSTAL\s+BOX|LOCK\s*BOX"
    r"|BOX\s+\d|CALLER\s+BOX)"
)


# A box on a rural or highway contract route is where the place is, and no post office box.
_RURAL_BOX = re.compile(
    r"\b(RURAL\s+ROUTE|HIGHWAY\s+CONTRACT|STAR\s+ROUTE|ROUTE|RTE?|R\W?R|H\W?C)\b\W*(NO\W*)?\d+\w*\W+BOX\s+\d"
)


def names_a_post_box(text: str) -> bool:
    return bool(_POST_BOX.search(_RURAL_BOX.sub(" ", text.upper())))


@edit(
    "BIL05",
    REJECT,
    says="The billing address is a post box or lockbox",
    fix="Give the street address here and move the box to the pay-to address",
    cites=[TR3(GUIDE, "2010AA N3")],
)
def billing_address_is_a_street(claim: Claim, facts: Facts) -> Hits:
    address = claim.billing_provider.address
    for field, text in (("line1", address.line1), ("line2", address.line2)):
        if names_a_post_box(text):
            yield f"billing_provider.address.{field}", text


@edit(
    "BIL06",
    REJECT,
    says="ZIP code {0} lacks its last four digits, or they are 0000",
    fix="Look up the ZIP+4",
    cites=[TR3(GUIDE, "2010AA and 2310C N403")],
)
def postal_code_has_nine_digits(claim: Claim, facts: Facts) -> Hits:
    providers = (("billing_provider", claim.billing_provider), ("facility", claim.facility))
    for path, provider in providers:
        if provider is not None and _is_domestic(provider.address):
            if not PostalCode(provider.address.postal_code).has_plus_four:
                yield f"{path}.address.postal_code", provider.address.postal_code or "(blank)"


def _is_domestic(address: Address) -> bool:
    return address.country in ("", "US", "USA")


@edit(
    "BIL07",
    REJECT,
    says="The billing taxonomy is missing though the payer asks for it, or is malformed",
    fix="Set the taxonomy: nine letters or digits and an X",
    cites=[FRONT_END("Payer companion guide", "2000A PRV03"), TR3(GUIDE, "2000A PRV")],
    uses=("payer",),
)
def taxonomy_is_valid(claim: Claim, facts: Facts) -> Hits:
    taxonomy = claim.billing_provider.taxonomy
    required = facts.payer is not None and facts.payer.requires_taxonomy
    if (taxonomy and not Taxonomy(taxonomy).is_valid) or (required and not taxonomy):
        yield "billing_provider.taxonomy", taxonomy or "(blank)"


@edit(
    "BIL08",
    REJECT,
    says="No approved 837 enrolment with payer {0}",
    fix="Enrol with the payer, or print the claim",
    cites=[FRONT_END("Clearinghouse payer list", "enrolment required")],
    needs=("payer", "enrolments"),
)
def practice_is_enrolled(claim: Claim, facts: Facts) -> Hits:
    payer, billing = facts.payer, claim.billing_provider
    if payer is None or not payer.requires_enrolment:
        return
    if facts.route is not None and facts.route.paper:
        return
    for row in facts.enrolments or ():
        own = row.npi in ("", billing.npi) and row.tax_id in ("", billing.tax_id)
        if own and row.payer_id == payer.payer_id and row.transaction == "837" and row.approved_on(facts.today):
            return
    yield "coverage.payer.payer_id", payer.payer_id


@edit(
    "BIL09",
    WARN,
    says="The pay-to address is the billing address again",
    fix="Leave the pay-to address out",
    cites=[TR3(GUIDE, "2010AB")],
    mends=leave_out_pay_to,
)
def pay_to_address_differs(claim: Claim, facts: Facts) -> Hits:
    pay_to = claim.pay_to_address
    if pay_to is not None and address_text(pay_to) == address_text(claim.billing_provider.address):
        yield "pay_to_address", pay_to.line1


@edit(
    "BIL10",
    REJECT,
    says="Tax id {0} is not the one contracted with payer {1}",
    fix="Review the contract or the tax id",
    cites=[PAYER("Payer contract", "contracting tax id")],
    needs=("contracts",),
)
def tax_id_is_contracted(claim: Claim, facts: Facts) -> Hits:
    on, tax_id = first_day_of(claim), claim.billing_provider.tax_id
    if on is None:
        return
    payer_id = claim.coverage.payer.payer_id
    held = [row for row in facts.contracts or () if row.payer_id == payer_id and row.holds(on)]
    if held and all(row.tax_id != tax_id for row in held):
        yield "billing_provider.tax_id", tax_id, payer_id


EDITS = (
    billing_npi_is_valid,
    entity_type_is_the_registrys,
    tax_id_is_valid,
    identifiers_are_in_force,
    billing_address_is_a_street,
    postal_code_has_nine_digits,
    taxonomy_is_valid,
    practice_is_enrolled,
    pay_to_address_differs,
    tax_id_is_contracted,
)
