"""What is left before a practice's first claim can be sent: its standing, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from claimwright.billing.first_claim import (
    Need,
    PayerStanding,
    RegisteredStanding,
    Standing,
    WayStanding,
    what_is_left,
)
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.codes.identifiers import Taxonomy
from claimwright.codes.library_sets import code_sets, codes_folder
from claimwright.codes.releases import CodeSets
from claimwright.edits.families.pay import WITHOUT_CONTRACT
from claimwright.edits.registry import registries
from claimwright.web.clients.models import ClientTerms
from claimwright.web.contracts.models import Contract
from claimwright.web.core import clock
from claimwright.web.core.models import AuditEvent, User
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import Connection
from claimwright.web.practice.models import Charge, Enrolment, Payer, Practice, Provider
from claimwright.web.practice.selectors import biller, payer_profile
from claimwright.web.workbench.policies import may

# Sets that every professional claim is judged by; the others only sharpen it.
JUDGED_BY = {"icd10cm": "ICD-10-CM diagnoses", "hcpcs": "HCPCS Level II", "cpt": "CPT"}
AT_WORK = (User.Role.CODER, User.Role.BILLER)
PAGES = {
    "practice": "settings_practice", "locations": "settings_locations", "new_location": "settings_new_location",
    "providers": "settings_providers", "provider": "settings_provider", "new_provider": "settings_new_provider", "payers": "settings_payers",
    "payer": "settings_payer", "new_payer": "settings_new_payer", "new_connection": "settings_new_connection",
    "connection": "settings_connection", "enrolments": "settings_enrolments", "prices": "charge_master",
    "code_sets": "code_sets", "people": "people", "contracts": "contracts", "clients": "clients",
}  # fmt: skip
OF_THE_PRACTICE = ("practice", "enrolments")
CHOOSES_PRACTICE = ("new_location", "new_provider")


def left_for(practice: Practice) -> tuple[Need, ...]:
    return what_is_left(standing_of(practice, clock.today()))


def where(request: HttpRequest, practice: Practice, need: Need) -> str:
    """The address of the page on which a need is put right; "" for who may not open it."""
    name = PAGES[need.page]
    if not may(request, name):
        return ""
    if need.page in OF_THE_PRACTICE:
        return reverse(name, args=[practice.pk])
    address = reverse(name, args=[need.subject] if need.subject else [])
    return f"{address}?practice={practice.pk}" if need.page in CHOOSES_PRACTICE else address


def standing_of(practice: Practice, today: date) -> Standing:
    """Of a practice on a day; payers and connections are the office's, and only enrolled ones count where there are any."""
    known = biller(practice)
    running = {kind for kind, _, start, end in known.identifiers if start <= today and (end is None or today < end)}
    people = list(Provider.objects.filter(Q(practice=practice) | Q(practice=None)).order_by("name", "pk"))
    several = Practice.objects.exclude(pk=practice.pk).exists()
    own = [one for one in people if one.practice_id or not several]
    ways = list(Connection.objects.order_by("name"))
    sets = code_sets(codes_folder(settings.HOME))
    prices = Charge.objects.filter(Q(end__isnull=True) | Q(end__gt=today), practice=practice, start__lte=today)
    terms = set(ClientTerms.objects.order_by().values_list("practice_id", flat=True).distinct())
    return Standing(
        provider=known.provider_on(today), numbers=frozenset(running), locations=practice.locations.count(),
        renders=tuple(one.name for one in own), shared=len(people) - len(own),
        without_taxonomy=tuple(
            one.name for one in own if one.practice_id and not Taxonomy(one.content.get("taxonomy", "")).is_valid
        ),
        payers=_payers(practice, known.provider_on(today), today), ways=_ways(ways), prices=int(prices.exists()),
        uncovered=tuple(title for name, title in JUDGED_BY.items() if sets.loaded(name) and not sets.covers(name, today)),
        unlisted=tuple(title for name, title in JUDGED_BY.items() if not sets.loaded(name)),
        registered=_registered(sets, known.provider_on(today), own, today), today=today,
        unseen_by=_unseen_by(practice), lacks_terms=bool(terms) and practice.pk not in terms,
    )  # fmt: skip


def _registered(
    sets: CodeSets, billing: ProviderNoun, people: Sequence[Provider], today: date
) -> tuple[RegisteredStanding, ...]:
    """Those of the practice itself whom the loaded lists of providers know."""
    own = [(msgspec.convert(one.content, ProviderNoun), str(one.pk)) for one in people if one.npi != billing.npi]
    named = [(billing, ""), *own]
    held = registries(sets, {today: {provider.npi for provider, _ in named}})
    entries = held[today] if held is not None else {}
    return tuple(
        RegisteredStanding(provider=provider, provider_id=pk, entry=entries[provider.npi])
        for provider, pk in named
        if provider.npi in entries
    )


def _payers(practice: Practice, provider: ProviderNoun, today: date) -> tuple[PayerStanding, ...]:
    enrolments: dict[Any, list[Enrolment]] = {}
    for row in practice.enrolments.order_by("start", "pk"):
        enrolments.setdefault(row.payer_id, []).append(row)
    contracted = set(
        Contract.objects.filter(tax_id__in=("", provider.tax_id)).values_list("payer_id", flat=True).distinct()
    )
    found = []
    for payer in Payer.objects.order_by("name", "key"):
        profile, rows = payer_profile(payer), enrolments.get(payer.pk, [])
        found.append(
            PayerStanding(
                id=str(payer.pk), name=payer.name, way=str(payer.connection_id or ""),
                has_filing_limit=profile.timely_filing is not None and profile.timely_filing.original is not None,
                requires_enrolment=profile.requires_enrolment, requires_taxonomy=profile.requires_taxonomy,
                claims=_status(rows, "837", provider, today), remittances=_status(rows, "835", provider, today),
                asked_for=bool(rows), has_contract=payer.kind in WITHOUT_CONTRACT or payer.pk in contracted,
            )
        )  # fmt: skip
    return tuple(found)


def _status(rows: Sequence[Enrolment], transaction: str, provider: ProviderNoun, today: date) -> str:
    """As BIL08 looks: a row of these numbers, or of any; "approved" only while it is in force."""
    own = [
        row for row in rows
        if row.transaction == transaction and row.npi in ("", provider.npi) and row.tax_id in ("", provider.tax_id)
    ]  # fmt: skip
    for row in own:
        begun, runs = row.start is None or row.start <= today, row.end is None or today < row.end
        if row.status == Enrolment.Status.APPROVED and begun and runs:
            return "approved"
    if not own:
        return ""
    last = own[-1]
    if last.status != Enrolment.Status.APPROVED:
        return str(last.status)
    return "submitted" if last.start is not None and last.start > today else "termed"


def _ways(rows: Sequence[Connection]) -> tuple[WayStanding, ...]:
    ids = [str(one.pk) for one in rows]
    tries = AuditEvent.objects.filter(action="connection.try", subject_id__in=ids).order_by("sequence")
    last = dict(tries.values_list("subject_id", "detail"))
    return tuple(
        WayStanding(
            id=str(one.pk), name=one.name, active=one.active, production=one.usage == "P",
            proves_server=one.kind != Connection.Kind.SFTP or bool(one.host_key),
            says_who=bool(one.submitter_contact and one.submitter_phone), tried=last.get(str(one.pk)) == "works",
        )
        for one in rows
    )  # fmt: skip


def _unseen_by(practice: Practice) -> int:
    """How many coders and billers are limited to other practices, where none of them sees this one."""
    workers = User.objects.filter(tenant=current_tenant(), is_active=True, role__in=AT_WORK)
    granted = list(workers.values_list("practice_ids", flat=True))
    return len(granted) if granted and all(ids and practice.pk not in ids for ids in granted) else 0
