"""What the public lists of providers say of those whom claims name, as the fact `registry` of an edit run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from weakref import WeakKeyDictionary

from claimwright.claims.nouns import Claim
from claimwright.codes.provider_registry import ProviderRegistry, ProviderStanding
from claimwright.codes.releases import CodeSets
from claimwright.edits.facts import ProviderRecord
from claimwright.edits.places import providers_of
from claimwright.edits.records import RegistryEntry

Registry = dict[str, RegistryEntry]
_opened: WeakKeyDictionary[CodeSets, ProviderRegistry] = WeakKeyDictionary()


def provider_registry(sets: CodeSets) -> ProviderRegistry:
    """The lists of these code sets, opened once."""
    found = _opened.get(sets)
    if found is None:
        found = _opened[sets] = ProviderRegistry(sets)
    return found


def npis_of(claim: Claim) -> set[str]:
    """Everybody whom the claim names by NPI."""
    return {provider.npi for _, provider in providers_of(claim) if provider.npi}


def registries(sets: CodeSets, wanted: Mapping[date, Collection[str]]) -> dict[date, Registry] | None:
    """By day of service and NPI what the lists say of the NPIs wanted; None where no list is loaded.

    A day has one dictionary for all of its claims, which hold it as their fact.
    """
    lists = provider_registry(sets)
    if not lists.is_loaded:
        return None
    return {
        on: {npi: entry_of(found) for npi in npis if (found := lists.standing(npi, on)) is not None}
        for on, npis in wanted.items()
    }


def entry_of(standing: ProviderStanding) -> RegistryEntry:
    return RegistryEntry(
        npi=standing.npi,
        entity_type=standing.entity_type,
        last_name=standing.last_name,
        first_name=standing.first_name,
        taxonomy=standing.taxonomies[0] if standing.taxonomies else "",
        other_taxonomies=standing.taxonomies[1:],
        may_order=standing.may_order,
        ordering=standing.ordering,
        list_of=standing.list_of,
        deactivated_on=standing.deactivated_on,
        reactivated_on=standing.reactivated_on,
        excluded_on=standing.excluded_on,
        reinstated_on=standing.reinstated_on,
        waived_in=standing.waived_in,
    )


def entity_types(held: Mapping[date, Registry] | None) -> dict[str, ProviderRecord]:
    """Who is a person and who an organization, by NPI, as far as the registry of NPIs is loaded."""
    return {
        npi: ProviderRecord(npi=npi, entity_type=entry.entity_type)
        for entries in (held or {}).values()
        for npi, entry in entries.items()
        if entry.entity_type
    }
