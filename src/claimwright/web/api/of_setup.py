"""How the office is set up, read: practices, providers, payers, contracts, prices, edits."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import Money, Out, Quantity
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.contracts.selectors import readable_contracts
from claimwright.web.core import clock
from claimwright.web.practice.models import Charge, Location, Payer, Practice, Provider


class PracticeOut(Out):
    id: UUID
    name: str
    npi: str
    tax_id: str


class ProviderOut(Out):
    id: UUID
    practice_id: UUID | None
    npi: str
    name: str


class LocationOut(Out):
    id: UUID
    practice_id: UUID
    code: str
    name: str
    place_of_service: str


class PayerOut(Out):
    id: UUID
    key: str
    name: str
    payer_id: str
    kind: str
    filing_indicator: str
    usual_pay_days: int


class ChargeOut(Out):
    id: UUID
    practice_id: UUID
    code: str
    modifier: str
    amount: Money
    start: date
    end: date | None = Field(description="The first day without it")
    description: str


class ContractOut(Out):
    id: UUID
    payer_id: UUID
    tax_id: str
    network: str
    name: str


class ContractVersionOut(Out):
    id: UUID
    start: date
    end: date | None
    label: str
    terms: dict[str, Any]
    withdrawn_reason: str


class ContractDetail(ContractOut):
    versions: list[ContractVersionOut]


class RateOut(Out):
    id: UUID
    ordinal: int
    first: str
    last: str
    modifier: str
    place: str
    method: str
    amount: Money | None
    percent: Quantity | None
    carve_out: bool
    note: str


@operation("GET", "/practices", permission="office.read", answers=list[PracticeOut])
def list_practices(request: HttpRequest) -> Any:
    """The practices that the token sees."""
    return list(Practice.objects.order_by("name", "pk"))


@operation("GET", "/providers", permission="office.read", answers=list[ProviderOut])
def list_providers(request: HttpRequest) -> Any:
    """Who renders, refers, orders or supervises."""
    return list(Provider.objects.order_by("name", "pk"))


@operation("GET", "/locations", permission="office.read", answers=list[LocationOut])
def list_locations(request: HttpRequest) -> Any:
    """Where visits are."""
    return list(Location.objects.order_by("name", "pk"))


@operation("GET", "/payers", permission="office.read", answers=paged(PayerOut))
def list_payers(request: HttpRequest, q: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Payers; `q` is part of a name, or an id."""
    rows = Payer.objects.all()
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(payer_id=q) | Q(key=q))
    return page_of(rows, cursor=cursor, limit=limit)


@operation("GET", "/payers/{uuid:payer_id}", permission="office.read", answers=PayerOut)
def read_payer(request: HttpRequest, payer_id: UUID) -> Any:
    """One payer."""
    return find(Payer, payer_id)


@operation("GET", "/prices", permission="setup.read", answers=paged(ChargeOut))
def list_prices(
    request: HttpRequest, practice_id: UUID | None = None, code: str = "", on: date | None = None, cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    """The charge master: what a code costs on a day, today unless said."""
    day = on or clock.today()
    rows = Charge.objects.filter(Q(end__isnull=True) | Q(end__gt=day), start__lte=day)
    chosen = {"practice_id": practice_id, "code": code}
    return page_of(rows.filter(**{name: value for name, value in chosen.items() if value}), cursor=cursor, limit=limit)


@operation("GET", "/contracts", permission="setup.read", answers=paged(ContractOut))
def list_contracts(request: HttpRequest, payer_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Contracts with payers."""
    rows = readable_contracts()
    return page_of(rows.filter(payer_id=payer_id) if payer_id else rows, cursor=cursor, limit=limit)


@operation("GET", "/contracts/{uuid:contract_id}", permission="setup.read", answers=ContractDetail)
def read_contract(request: HttpRequest, contract_id: UUID) -> Any:
    """One contract and its versions by date."""
    row = find(readable_contracts(), contract_id)
    return ContractOut.from_orm(row).model_dump() | {"versions": list(row.versions.order_by("start", "created_at"))}


@operation("GET", "/contracts/{uuid:contract_id}/rates", permission="setup.read", answers=paged(RateOut))
def list_rates(request: HttpRequest, contract_id: UUID, version_id: UUID, cursor: str = "", limit: int = 50) -> Any:
    """The fee schedule of one version, in the order of its sheet."""
    version = find(find(readable_contracts(), contract_id).versions.all(), version_id)
    return page_of(version.rates.all(), cursor=cursor, limit=limit, by="ordinal", newest=False)
