"""Changing how an office is set up, by what a form holds: each answers the faults, and saves nothing while there are any.

The records themselves are saved by `services`; every change is in the audit log with the names of the fields changed.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from django.db import transaction

from claimwright.billing import office_setup
from claimwright.billing.policy_cells import read_policies
from claimwright.billing.registration import Fault, read_day
from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.edits.payer_profile import PayerProfile, TimelyFiling
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.models import Connection
from claimwright.web.practice import services
from claimwright.web.practice.models import Location, Payer, Practice, Provider
from claimwright.web.practice.selectors import payer_profile

Faults = tuple[Fault, ...]


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The names of what changed, for the audit log: never the values."""
    return ", ".join(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))[:200]


@transaction.atomic
def change_practice(*, practice: Practice, cells: Mapping[str, str]) -> Faults:
    """Name, addresses, contact, taxonomy and what statements say. Its NPI and tax id change by `change_identifier`."""
    row = Practice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    record, faults = office_setup.read_practice(cells, msgspec.convert(row.content, ProviderNoun))
    if faults:
        return faults
    before = {**row.content, "pay_to": row.pay_to_address, "statement": (row.statement_name, row.statement_phone)}
    row.content, row.name = msgspec.to_builtins(record.provider), record.provider.name[:120]
    row.pay_to_address = msgspec.to_builtins(record.pay_to) if record.pay_to else None
    row.statement_name = record.statement_name or row.name
    row.statement_phone = record.statement_phone or record.provider.phone
    row.save(update_fields=["content", "name", "pay_to_address", "statement_name", "statement_phone"])
    after = {**row.content, "pay_to": row.pay_to_address, "statement": (row.statement_name, row.statement_phone)}
    record_audit(
        action="practice.change", subject_type="practice", subject_id=row.pk, detail=_changed(before, after)
    )  # fmt: skip
    return ()


@transaction.atomic
def change_identifier(*, practice: Practice, cells: Mapping[str, str]) -> Faults:
    """Another NPI, tax id or CLIA number from a day on; claims of earlier days keep the old one."""
    (kind, value), faults = office_setup.read_identifier(cells)
    start = read_day(cells.get("start", "").strip())
    if start is None:
        faults = (*faults, Fault(field="start", says="From when is no day", fix="Write it as 01/31/2026"))
    elif practice.identifiers.filter(kind=kind, start__gte=start).exists():
        faults = (*faults, Fault(field="start", says="A later one is recorded already", fix="Choose a day after it"))
    if kind == "NPI" and Practice.objects.exclude(pk=practice.pk).filter(npi=value).exists():
        faults = (*faults, Fault(field="value", says="Another practice has this NPI", fix="Compare it with NPPES"))
    if faults:
        return faults
    assert start is not None
    services.replace_identifier(practice=practice, kind=kind, value=value, start=start)
    return ()


@transaction.atomic
def change_policies(*, practice: Practice, cells: Mapping[str, str]) -> Faults:
    """What the practice sets over the defaults. It counts for what is decided from now on."""
    kept, faults = read_policies(cells)
    if faults:
        return faults
    row = Practice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    changed = _changed(row.policies, kept)
    row.policies = kept
    row.save(update_fields=["policies"])
    record_audit(action="practice.policies", subject_type="practice", subject_id=row.pk, detail=changed)
    return ()


@transaction.atomic
def change_time_zone(*, tenant: Tenant, name: str) -> Faults:
    """The zone in which the office's days begin. It moves no date that is written."""
    if name not in zoneinfo.available_timezones() or "/" not in name:
        return (Fault(field="time_zone", says="This is no time zone", fix="Choose one of the list"),)
    before = tenant.time_zone
    Tenant.objects.filter(pk=tenant.pk).update(time_zone=name)
    record_audit(action="tenant.time_zone", subject_type="tenant", subject_id=tenant.pk, detail=f"{before} -> {name}")
    return ()


@transaction.atomic
def change_provider(*, provider: Provider | None, practice: Practice | None, cells: Mapping[str, str]) -> Faults:
    """A new provider, or what is known of one; the NPI of a known one stays."""
    given = dict(cells) if provider is None else {**cells, "npi": provider.npi}
    (noun, aliases), faults = office_setup.read_provider(given)
    same = Provider.objects.filter(npi=noun.npi).exclude(pk=provider.pk if provider else None)
    if not faults and provider is None and same.exists():
        faults = (Fault(field="npi", says="A provider with this NPI is here already", fix="Open and change that one"),)
    others = Provider.objects.exclude(npi=noun.npi).values_list("name", "aliases")
    for name, known in others:
        if taken := set(known) & set(aliases):
            fault = Fault(
                field="aliases", says=f"{min(taken)} names {name} already", fix="Leave it with one of the two"
            )
            faults = (*faults, fault)
    if faults:
        return faults
    if provider is not None:  # what the form does not show stays
        kept = msgspec.convert(provider.content, ProviderNoun)
        changes = {
            name: getattr(noun, name) for name in ("last_name", "first_name", "middle_name", "suffix", "taxonomy")
        }
        noun = msgspec.structs.replace(kept, **changes)
    row = services.save_provider(provider=noun, practice=practice, aliases=aliases)
    record_audit(action="provider.save", subject_type="provider", subject_id=row.pk)
    return ()


@transaction.atomic
def change_location(*, location: Location | None, practice: Practice, cells: Mapping[str, str]) -> Faults:
    """A new place of care, or what is known of one; the key of a known one stays, for interfaces name it."""
    given = dict(cells) if location is None else {**cells, "code": location.code}
    record, faults = office_setup.read_location(given)
    if not faults and location is None and practice.locations.filter(code=record.code).exists():
        faults = (Fault(field="code", says="This key is taken", fix="Open and change that location"),)
    if faults:
        return faults
    row = services.save_location(
        practice=practice, code=record.code, name=record.name, place_of_service=record.place_of_service,
        facility=record.facility,
    )  # fmt: skip
    record_audit(action="location.save", subject_type="location", subject_id=row.pk)
    return ()


def names_taken(payer: Payer) -> dict[str, str]:
    """Every id and name that other payers go by, upper case, with whose it is."""
    taken = {}
    for other in Payer.objects.exclude(pk=payer.pk):
        taken |= {name.strip().upper(): other.name for name in (other.key, other.payer_id, *other.aliases) if name}
    return taken


@transaction.atomic
def change_payer(*, payer: Payer, cells: Mapping[str, str]) -> Faults:
    """A payer's name, ids, usual days, limits and way; every other rule of its profile stays.

    Cells that are not given (a program's) leave the connection and the enrolment as they are.
    """
    row = Payer.objects.select_for_update(of=("self",)).get(pk=payer.pk)
    profile, held = payer_profile(row), payer_cells(row)
    connections = {str(one.pk): one for one in Connection.objects.all()}
    given = {**{name: held[name] for name in ("connection", "requires_enrolment", "appeal_days")}, **cells}
    record, faults = office_setup.read_payer(given, profile.timely_filing, names_taken(row), connections)
    if faults:
        return faults
    before = _payer_values(row, profile)
    changed = profile_with(profile, record)
    row.name, row.payer_id, row.aliases = record.name, record.payer_id, list(record.aliases)
    row.filing_indicator, row.usual_pay_days = record.filing_indicator, record.usual_pay_days
    row.profile, row.connection = msgspec.to_builtins(changed), connections.get(record.connection)
    row.save(
        update_fields=["name", "payer_id", "aliases", "filing_indicator", "usual_pay_days", "profile", "connection"]
    )
    detail = _changed(before, _payer_values(row, changed))
    record_audit(action="payer.change", subject_type="payer", subject_id=row.pk, detail=detail)
    return ()


def profile_with(profile: PayerProfile, record: office_setup.PayerRecord) -> PayerProfile:
    """The payer's rules with what its form says; the filing indicator it is billed with is one that it accepts."""
    accepted = profile.filing_indicators
    if accepted and record.filing_indicator not in accepted:
        accepted = (record.filing_indicator, *accepted)
    return msgspec.structs.replace(
        profile, name=record.name, payer_id=record.payer_id, timely_filing=record.timely_filing,
        appeal_days=record.appeal_days, requires_enrolment=record.requires_enrolment, filing_indicators=accepted,
    )  # fmt: skip


def _payer_values(row: Payer, profile: PayerProfile) -> dict[str, Any]:
    return {
        "name": row.name, "payer_id": row.payer_id, "aliases": list(row.aliases), "filing_limits": profile.timely_filing,
        "filing_indicator": row.filing_indicator, "usual_pay_days": row.usual_pay_days, "connection": row.connection_id,
        "appeal_days": profile.appeal_days, "requires_enrolment": profile.requires_enrolment,
    }  # fmt: skip


# What forms begin with ----------------------------------------------------------------------------------------------


def _address_cells(address: Address | None, prefix: str = "") -> dict[str, str]:
    held = address or Address()
    return {f"{prefix}{name}": getattr(held, name) for name in ("line1", "line2", "city", "state", "postal_code")}


def practice_cells(practice: Practice) -> dict[str, str]:
    noun = msgspec.convert(practice.content, ProviderNoun)
    pay_to = msgspec.convert(practice.pay_to_address, Address) if practice.pay_to_address else None
    plain = {name: getattr(noun, name) for name in ("taxonomy", "contact_name", "phone", "fax", "email")}
    return {
        "name": noun.name, **plain, **_address_cells(noun.address), **_address_cells(pay_to, "pay_to_"),
        "statement_name": practice.statement_name, "statement_phone": practice.statement_phone,
    }  # fmt: skip


def provider_cells(provider: Provider) -> dict[str, str]:
    noun = msgspec.convert(provider.content, ProviderNoun)
    plain = {name: getattr(noun, name) for name in ("last_name", "first_name", "middle_name", "suffix", "taxonomy")}
    return {**plain, "npi": provider.npi, "aliases": "; ".join(provider.aliases)}


def location_cells(location: Location) -> dict[str, str]:
    noun = msgspec.convert(location.content, ProviderNoun) if location.content else None
    return {
        "code": location.code, "name": location.name, "place_of_service": location.place_of_service,
        "npi": noun.npi if noun else "", **_address_cells(noun.address if noun else None),
    }  # fmt: skip


def payer_cells(payer: Payer) -> dict[str, str]:
    profile = payer_profile(payer)
    return {
        "name": payer.name, "payer_id": payer.payer_id, "aliases": "; ".join(payer.aliases),
        "filing_indicator": payer.filing_indicator, "usual_pay_days": str(payer.usual_pay_days),
        "connection": str(payer.connection_id or ""), "requires_enrolment": "on" if profile.requires_enrolment else "",
        "appeal_days": "" if profile.appeal_days is None else str(profile.appeal_days),
        **limit_cells(profile.timely_filing or TimelyFiling()),
    }  # fmt: skip


def limit_cells(limits: TimelyFiling) -> dict[str, str]:
    """Of filing limits; blank: not known."""
    cells = {"warning_days": str(limits.warning_days)}
    for kind in office_setup.LIMITS:
        held = getattr(limits, kind)
        cells |= {
            f"{kind}_count": str(held.period.count) if held else "",
            f"{kind}_unit": held.period.unit if held else "days",
        }
    return cells


def identifier_days(practice: Practice) -> list[tuple[str, str, date, date | None]]:
    return list(practice.identifiers.order_by("kind", "start").values_list("kind", "value", "start", "end"))
