"""What the public lists say of a provider, joined by NPI: the registry of NPIs, who may order, who is excluded.

Each list is imported by itself (`loaders.nppes`, `loaders.registries`); the join reads those that are loaded. What a list
does not say is None or blank, never a guess: a provider who is not in a list of which only a part was kept is not known.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from claimwright.codes.provider_rows import MappedProviders
    from claimwright.codes.releases import CodeSets

NPPES, DEACTIVATED, ORDERING, EXCLUSIONS = "nppes", "nppes_deactivated", "order_and_referring", "exclusions"
REGISTRY_SETS = (ORDERING, EXCLUSIONS, NPPES, DEACTIVATED)
NOT_LISTED = "-"  # in place of the categories: asked for at the import, and not in the list


class ProviderStanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One NPI by the lists that are loaded. Periods run from the first day to before `reactivated_on`, `reinstated_on`.

    `may_order` on the day asked about: True in the list of those who may, False where the list of that time has not got
    them, None where no list answers. `ordering` are the services they may order: PARTB (laboratory, imaging), DME, HHA,
    PMD, HOSPICE. `list_of` is the day of that list, None where none is loaded. `taxonomies`: the primary one first.
    """

    npi: str
    entity_type: str = ""  # 1 person, 2 organization
    last_name: str = ""
    first_name: str = ""
    organization_name: str = ""
    taxonomies: tuple[str, ...] = ()
    may_order: bool | None = None
    ordering: tuple[str, ...] = ()
    list_of: date | None = None
    deactivated_on: date | None = None
    reactivated_on: date | None = None
    excluded_on: date | None = None
    reinstated_on: date | None = None
    exclusion_type: str = ""  # the section of the Social Security Act: 1128a1 ...
    waived_in: str = ""  # a state where the exclusion does not hold


class ProviderRegistry:
    """The lists of a library. Of each the newest release counts: they hold their history themselves, or have none."""

    __slots__ = ("_deactivated", "_exclusions", "_nppes", "_ordering", "_ordering_dates")

    def __init__(self, sets: CodeSets) -> None:
        self._nppes, self._deactivated = _newest(sets, NPPES), _newest(sets, DEACTIVATED)
        self._ordering, self._exclusions = _newest(sets, ORDERING), _newest(sets, EXCLUSIONS)
        self._ordering_dates = [(release.start, release.end) for release in sets.tables(ORDERING)[-1:]]

    @property
    def is_loaded(self) -> bool:
        return any(table is not None for table in (self._nppes, self._deactivated, self._ordering, self._exclusions))

    def standing(self, npi: str, on: date) -> ProviderStanding | None:
        """What is known of the NPI for services of that day; None where no list says anything."""
        found = {
            **self._registered(npi),
            **self._out_of_use(npi),
            **self._may_order(npi, on),
            **self._excluded(npi, on),
        }
        return ProviderStanding(npi=npi, **found) if found else None

    def _registered(self, npi: str) -> dict[str, Any]:
        rows = self._nppes.find(npi) if self._nppes is not None else ()
        if not rows:
            return {}
        entity, taxonomies, deactivated, reactivated, last, first, organization = rows[-1].split("\t")
        return {
            "entity_type": entity, "taxonomies": tuple(taxonomies.split()), "last_name": last, "first_name": first,
            "organization_name": organization, "deactivated_on": _day(deactivated), "reactivated_on": _day(reactivated),
        }  # fmt: skip

    def _out_of_use(self, npi: str) -> dict[str, Any]:
        """By the list of deactivated NPIs, which names those out of use now. One reactivated since is not out of use."""
        rows = self._deactivated.find(npi) if self._deactivated is not None else ()
        since = _day(rows[-1]) if rows else None
        if since is None:
            return {}
        reactivated = self._registered(npi).get("reactivated_on")
        return {
            "deactivated_on": since,
            "reactivated_on": reactivated if isinstance(reactivated, date) and reactivated > since else None,
        }

    def _may_order(self, npi: str, on: date) -> dict[str, Any]:
        table = self._ordering
        if table is None:
            return {}
        rows = [row for row in table.find(npi) if not row.startswith(NOT_LISTED)]
        if rows:
            cells = [row.split("\t") for row in rows]
            services = dict.fromkeys(name for categories, _, _ in cells for name in categories.split())
            # Medicare compares the name on the claim with this one, which need not be the registry's.
            return {
                "may_order": bool(services), "ordering": tuple(services), "list_of": table.edition,
                "last_name": cells[0][1], "first_name": cells[0][2],
            }  # fmt: skip
        if table.partial and not table.find(npi):
            return {}
        speaks = any(
            (start is None or start <= on) and (end is None or on < end) for start, end in self._ordering_dates
        )
        return {"may_order": False if speaks else None, "list_of": table.edition}

    def _excluded(self, npi: str, on: date) -> dict[str, Any]:
        """The exclusion in force on the day, else the latest."""
        rows = self._exclusions.find(npi) if self._exclusions is not None else ()
        if not rows:
            return {}
        periods = sorted((_exclusion(row) for row in rows), key=lambda period: period[0])
        holding = [period for period in periods if period[0] <= on and (period[1] is None or on < period[1])]
        start, end, kind, waived = (holding or periods)[-1]
        return {"excluded_on": start, "reinstated_on": end, "exclusion_type": kind, "waived_in": waived}


def _newest(sets: CodeSets, name: str) -> MappedProviders | None:
    releases = sets.tables(name)
    table: MappedProviders | None = releases[-1].table if releases else None
    return table


def _exclusion(row: str) -> tuple[date, date | None, str, str]:
    excluded, reinstated, kind, waived = row.split("\t")
    return date.fromisoformat(excluded), _day(reinstated), kind, waived


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
