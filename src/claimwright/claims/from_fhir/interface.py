"""How one sender's bundles are read, and whom and what its references mean to the practice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from claimwright.claims.from_fhir.code_map import CodeMap
from claimwright.claims.from_fhir.people import provider_of
from claimwright.claims.from_fhir.reading import Index, Resource, items, text
from claimwright.claims.interface_maps import InterfaceMaps, Place
from claimwright.claims.nouns import Provider

Shift = Callable[[date], int]
KnownProvider = Callable[[Provider], "Provider | None"]


def no_shift(_: date) -> int:
    """Dates stay as they came."""
    return 0


def as_sent(provider: Provider) -> Provider | None:
    """The provider as the bundle names it."""
    return provider


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """How one sender's bundles are read. `known` answers the practice's own record of a provider, None if unknown."""

    code_map: CodeMap
    system: str = "fhir"  # first part of the external id where an encounter has no identifier of its own
    shift: Shift = no_shift
    known: KnownProvider = as_sent
    billing_npi: str = ""
    maps: InterfaceMaps | None = None  # the sender's ids of providers, locations and payers


def known_provider(
    index: Index, holder: Resource, reference: object, interface: Interface
) -> tuple[Provider | None, tuple[str, ...]]:
    """The practice's own record of a Practitioner or PractitionerRole that is referred to, and the ids it was sought by."""
    resource = practitioner_of(index, holder, reference)
    if resource is None:
        return None, ()
    sent = provider_of(resource)
    others = [text(one, "value") for one in items(resource, "identifier")]
    ids = tuple(dict.fromkeys(one for one in (sent.npi, *others, text(resource, "id")) if one))
    known = interface.maps.provider(*ids) if interface.maps is not None else None
    return known or interface.known(sent), ids


def practitioner_of(index: Index, holder: Resource, reference: object) -> Resource | None:
    """The Practitioner a reference leads to, by way of a PractitionerRole too."""
    found = index.resolve(holder, reference)
    if found is not None and text(found, "resourceType") == "PractitionerRole":
        found = index.resolve(found, found.get("practitioner"))
    return found if found is not None and text(found, "resourceType") == "Practitioner" else None


def place_of(index: Index, holder: Resource, reference: object, interface: Interface) -> Place | None:
    """The practice's location that a Location or Organization of the bundle is, by the interface's map."""
    resource = index.resolve(holder, reference)
    if resource is None or interface.maps is None:
        return None
    others = [text(one, "value") for one in items(resource, "identifier")]
    return interface.maps.place(*others, text(resource, "id"), text(resource, "name"))
