"""What the practice knows, as nouns and facts: loaded once for many claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.billing.policies import Policies
from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Payer as PayerNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.edits import facts
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.practice.models import Charge, Enrolment, Location, Payer, Practice, Provider

TIN_KINDS = ("EI", "SY")
LABORATORY = "CLIA"


def payer_noun(payer: Payer) -> PayerNoun:
    return PayerNoun(payer_id=payer.payer_id, name=payer.name, filing_indicator=payer.filing_indicator)


def payer_profile(payer: Payer) -> PayerProfile:
    return msgspec.convert(payer.profile, PayerProfile)


def policies_of(practice: Practice) -> Policies:
    """What the practice has set, over the defaults."""
    return msgspec.convert(practice.policies, Policies, strict=False)


def payers_by_name() -> dict[str, Payer]:
    """Each payer under every key, id and name it goes by, upper case. A name two payers share names neither."""
    found: dict[str, Payer | None] = {}
    for payer in Payer.objects.select_related("connection").order_by("key"):
        for name in {text.strip().upper() for text in (payer.key, payer.payer_id, payer.name, *payer.aliases)} - {""}:
            held = found.get(name, payer)
            found[name] = payer if held is not None and held.pk == payer.pk else None
    return {name: payer for name, payer in found.items() if payer is not None}


def find_payer(known: dict[str, Payer], noun: PayerNoun) -> Payer | None:
    """By id first, then by name."""
    return known.get(noun.payer_id.strip().upper()) or known.get(noun.name.strip().upper())


def payer_nouns() -> dict[str, PayerNoun]:
    """As CSV files name them: by key, id and alias."""
    nouns: dict[str, PayerNoun] = {}
    for payer in Payer.objects.order_by("-key"):
        for name in (*payer.aliases, payer.payer_id, payer.key):
            nouns[name] = payer_noun(payer)
    return nouns


def provider_nouns() -> dict[str, ProviderNoun]:
    """The practice's own record of each provider, by NPI and by every id an interface knows them by."""
    return {
        name: msgspec.convert(row.content, ProviderNoun)
        for row in Provider.objects.all()
        for name in (*row.aliases, row.npi)
    }


def location_nouns(practice: Practice) -> dict[str, ProviderNoun | None]:
    """The facility of each location by its key; None where it is the billing address itself."""
    return {
        row.code: msgspec.convert(row.content, ProviderNoun) if row.content else None
        for row in Location.objects.filter(practice=practice)
    }


class Biller(msgspec.Struct, frozen=True, kw_only=True):
    """A practice as claims need it, loaded once."""

    practice_id: UUID
    provider: ProviderNoun
    pay_to: Address | None
    identifiers: tuple[tuple[str, str, date, date | None], ...]
    billing_site_places: tuple[str, ...]

    def provider_on(self, on: date) -> ProviderNoun:
        """The billing provider with the NPI and TIN in force on the date of service."""
        provider = self.provider
        for kind, value, start, end in self.identifiers:
            if start <= on and (end is None or on < end):
                if kind == "NPI":
                    provider = msgspec.structs.replace(provider, npi=value)
                elif kind in TIN_KINDS:
                    provider = msgspec.structs.replace(provider, tax_id=value, tax_id_qualifier=kind)
        return provider

    def facts(self) -> facts.Practice:
        return facts.Practice(
            identifiers=tuple(
                facts.PracticeIdentifier(kind="npi" if kind == "NPI" else "tin", value=value, start=start, end=end)
                for kind, value, start, end in self.identifiers
                if kind != LABORATORY
            ),
            billing_site_places=self.billing_site_places,
            laboratories=tuple(
                facts.Laboratory(number=value, kind="", start=start, end=end)
                for kind, value, start, end in self.identifiers
                if kind == LABORATORY
            ),
        )

    def clia_on(self, on: date) -> str:
        """The number of the laboratory's certificate in force on the date of service, "" without one."""
        for kind, value, start, end in self.identifiers:
            if kind == LABORATORY and start <= on and (end is None or on < end):
                return value
        return ""


def biller(practice: Practice) -> Biller:
    places = {"11"} | {
        place for place, content in practice.locations.values_list("place_of_service", "content") if not content
    }
    return Biller(
        practice_id=practice.pk,
        provider=msgspec.convert(practice.content, ProviderNoun),
        pay_to=msgspec.convert(practice.pay_to_address, Address) if practice.pay_to_address else None,
        identifiers=tuple(
            (row.kind, row.value, row.start, row.end) for row in practice.identifiers.order_by("kind", "start")
        ),
        billing_site_places=tuple(sorted(places)),
    )


def enrolments_of(practices: Iterable[UUID]) -> dict[UUID, tuple[facts.Enrolment, ...] | None]:
    """Each practice's enrolments as the edits take them; None for a practice that keeps none: those edits are not armed."""
    found: dict[UUID, list[facts.Enrolment]] = {}
    rows = Enrolment.objects.filter(practice_id__in=set(practices)).select_related("payer").order_by("start", "pk")
    for row in rows:
        found.setdefault(row.practice_id, []).append(
            facts.Enrolment(
                payer_id=payer_profile(row.payer).payer_id or row.payer.payer_id, transaction=row.transaction,
                npi=row.npi, tax_id=row.tax_id, status=row.status, start=row.start, end=row.end,
            )
        )  # fmt: skip
    return {practice: tuple(found[practice]) if practice in found else None for practice in practices}


class ChargeMaster(msgspec.Struct, frozen=True):
    """A practice's prices by code and modifier, each with its dates."""

    by_code: dict[str, tuple[facts.Price, ...]]

    def price(self, code: str, modifiers: Sequence[str], on: date) -> Decimal | None:
        """The price of one unit on the day: that of the first modifier with a price of its own, else the plain one."""
        rows = [row for row in self.by_code.get(code, ()) if row.holds(on)]
        for modifier in (*modifiers, ""):
            for row in rows:
                if row.modifier == modifier:
                    return row.amount
        return None


def charge_master(practice: Practice, codes: Iterable[str] | None = None) -> ChargeMaster:
    rows = Charge.objects.filter(practice=practice).order_by("code", "start")
    if codes is not None:
        rows = rows.filter(code__in=set(codes))
    return ChargeMaster(
        facts.charge_master_by_code(
            facts.Price(code=row.code, modifier=row.modifier, amount=row.amount, start=row.start, end=row.end)
            for row in rows
        )
    )
