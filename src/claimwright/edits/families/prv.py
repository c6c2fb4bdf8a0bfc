"""PRV: who did the service and where."""

from __future__ import annotations

from claimwright.claims.nouns import Claim
from claimwright.codes.identifiers import Npi
from claimwright.edits.facts import Facts
from claimwright.edits.families import prv_roles, prv_standing
from claimwright.edits.mends import leave_out_facility
from claimwright.edits.places import address_text, lines_of, renderings_of
from claimwright.edits.shapes import FRONT_END, PAYER, REJECT, TR3, Hits, edit
from claimwright.edits.tables import BILLS_WITHOUT_PERSON, PLACES_WITHOUT_FACILITY

GUIDE = "005010X222A1"
AMBULANCE_REVENUE = "054"


@edit(
    "PRV01",
    REJECT,
    says="A group bills and the rendering NPI is missing or fails its check digit; attending, for a facility",
    fix="Add the rendering provider's NPI, or the attending provider's on an institutional claim",
    cites=[TR3(GUIDE, "2310B NM109"), TR3("005010X223A2", "2310A NM109")],
    uses=("practice",),
)
def rendering_npi_is_valid(claim: Claim, facts: Facts) -> Hits:
    for path, provider in renderings_of(claim):
        if not Npi(provider.npi).is_valid:
            yield f"{path}.npi", provider.npi
    if claim.kind == "I":
        yield from _attending_is_valid(claim)
        return
    if facts.practice is not None and facts.practice.bills_as_supplier:
        return
    if claim.billing_provider.taxonomy.startswith(BILLS_WITHOUT_PERSON):
        return
    if claim.billing_provider.is_organization and claim.rendering is None:
        for path, line in lines_of(claim):
            if line.rendering is None:
                yield f"{path}.rendering", ""


def _attending_is_valid(claim: Claim) -> Hits:
    """2310A is there unless all that is billed is scheduled transport; operating providers where they are named."""
    own = claim.institutional
    if own is None or own.attending is None:
        if any(not line.revenue_code.startswith(AMBULANCE_REVENUE) for line in claim.lines):
            yield "institutional.attending", ""
        return
    for field in ("attending", "operating", "other_operating"):
        provider = getattr(own, field)
        if provider is not None and not Npi(provider.npi).is_valid:
            yield f"institutional.{field}.npi", provider.npi


@edit(
    "PRV02",
    REJECT,
    says="The rendering provider is an organization and the payer asks for a person",
    fix="Use the NPI of the person who did the service",
    cites=[PAYER("Payer companion guide", "2310B NM102")],
    needs=("payer",),
)
def rendering_is_a_person(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is not None and facts.payer.requires_person_rendering:
        for path, provider in renderings_of(claim):
            if provider.is_organization:
                yield f"{path}.is_organization", provider.npi


@edit(
    "PRV11",
    REJECT,
    says="Place of service {0} is not the billing site and no service facility is given",
    fix="Add the service facility",
    cites=[TR3(GUIDE, "2310C")],
    needs=("practice",),
)
def facility_is_given(claim: Claim, facts: Facts) -> Hits:
    if claim.facility is not None or facts.practice is None or claim.kind == "I":
        return
    at_home = facts.practice.billing_site_places
    place = claim.place_of_service
    if place and place not in PLACES_WITHOUT_FACILITY and place not in at_home:
        yield "facility", place
    for index, line in enumerate(claim.lines):
        own = line.place_of_service
        if own and own != place and line.facility is None and own not in PLACES_WITHOUT_FACILITY and own not in at_home:
            yield f"lines[{index}].facility", own


@edit(
    "PRV12",
    REJECT,
    says="The service facility is the billing provider again",
    fix="Remove the duplicate facility",
    cites=[FRONT_END("CMS 5010 837P edits", "2310C equal to 2010AA"), TR3(GUIDE, "2310C")],
    mends=leave_out_facility,
)
def facility_is_another(claim: Claim, facts: Facts) -> Hits:
    facility, billing = claim.facility, claim.billing_provider
    if facility is None or facility.npi not in ("", billing.npi):
        return
    if address_text(facility.address) == address_text(billing.address):
        yield "facility", facility.npi


_OWN = (rendering_npi_is_valid, rendering_is_a_person, facility_is_given, facility_is_another)
EDITS = tuple(sorted((*_OWN, *prv_roles.EDITS, *prv_standing.EDITS), key=lambda each: each.id))
