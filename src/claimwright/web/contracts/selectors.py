"""What contracts say: in force by payer, tax id and date; their rates; a price with its working; what edits ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import Count, Q, QuerySet

from claimwright.billing.pricing.contracts import CAPITATED, Rate, Terms
from claimwright.billing.pricing.contracts import Contract as ContractNoun
from claimwright.billing.pricing.contracts import ContractVersion as VersionNoun
from claimwright.billing.pricing.expected import expected_allowed
from claimwright.billing.pricing.tables import PriceTables
from claimwright.billing.pricing.words import Priced
from claimwright.claims.nouns import Claim, Line, Provider
from claimwright.codes.library_sets import code_sets, codes_folder
from claimwright.edits.facts import Contract as ContractFact
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import ExpectedPrice
from claimwright.web.contracts.models import Contract, ContractRate, ContractVersion, ExpectedClaim, ExpectedLine
from claimwright.web.core.tenancy import current_practices
from claimwright.web.practice.models import Practice


class ContractRow(msgspec.Struct, frozen=True, kw_only=True):
    """A contract in a list, with the version in force on the day asked, if one is."""

    id: UUID
    payer_name: str
    tax_id: str
    network: str
    name: str
    version_id: UUID | None = None
    label: str = ""
    start: date | None = None
    end: date | None = None
    rates: int = 0


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a contract, newest first; `withdrawn` ones no longer price anything."""

    id: UUID
    label: str
    start: date
    end: date | None
    rates: int
    sheet_name: str
    created_by: str
    withdrawn: bool
    withdrawn_reason: str
    terms: Terms


class ContractPage(msgspec.Struct, frozen=True, kw_only=True):
    """One contract with all its versions."""

    contract: ContractRow
    versions: tuple[VersionRow, ...]


def price_tables() -> PriceTables:
    """The fee files of the installation's library, and what is shipped."""
    return PriceTables(library=code_sets(codes_folder(settings.HOME)))


# Lists and pages ------------------------------------------------------------------------------------------------------


def readable_contracts() -> QuerySet[Contract]:
    """Those of the practices that the person works for: another client's rates are nobody's to read.

    Pricing reads all of them, whoever asks (core/practice_grants.py).
    """
    if not current_practices():
        return Contract.objects.all()
    return Contract.objects.filter(tax_id__in=Practice.objects.values("tax_id"))


def contract_list(on: date, *, search: str = "") -> list[ContractRow]:
    """Every contract by payer, with the version in force on `on`. `search` is part of a payer, name, tax id or network."""
    found = readable_contracts().select_related("payer").order_by("payer__name", "name", "network")
    if search:
        found = found.filter(
            Q(payer__name__icontains=search)
            | Q(name__icontains=search)
            | Q(tax_id__contains=search)
            | Q(network__icontains=search)
        )
    rows = list(found)
    running = {version.contract_id: version for version in _live().filter(_in_force(on), contract__in=rows)}
    return [_row(contract, running.get(contract.pk)) for contract in rows]


def contract_page(contract_id: UUID, on: date) -> ContractPage:
    """Raises Contract.DoesNotExist for another tenant's, or none."""
    contract = Contract.objects.select_related("payer").get(pk=contract_id)
    versions = list(
        ContractVersion.objects.filter(contract=contract)
        .annotate(count=Count("rates"))
        .order_by("-start", "-created_at")
    )
    running = next((row for row in versions if row.withdrawn_at is None and _holds(row, on)), None)
    return ContractPage(
        contract=_row(contract, running),
        versions=tuple(
            VersionRow(
                id=row.pk, label=row.label, start=row.start, end=row.end, rates=row.count, sheet_name=row.sheet_name,
                created_by=row.created_by, withdrawn=row.withdrawn_at is not None,
                withdrawn_reason=row.withdrawn_reason, terms=terms_of(row),
            )
            for row in versions
        ),
    )  # fmt: skip


def rates_of(version_id: UUID, *, search: str = "", offset: int = 0, limit: int = 200) -> tuple[list[Rate], int]:
    """A page of a version's rates in the order of its sheet, and how many there are. `search` is how a code begins."""
    found = ContractRate.objects.filter(version_id=version_id).order_by("ordinal")
    if search:
        found = found.filter(
            Q(first__startswith=search.upper()) | Q(last__gte=search.upper(), first__lte=search.upper())
        )
    return [rate_of(row) for row in found[offset : offset + limit]], found.count()


def _row(contract: Contract, version: ContractVersion | None) -> ContractRow:
    row = ContractRow(
        id=contract.pk, payer_name=contract.payer.name, tax_id=contract.tax_id, network=contract.network,
        name=contract.name,
    )  # fmt: skip
    if version is None:
        return row
    count = getattr(version, "count", None)
    return msgspec.structs.replace(
        row, version_id=version.pk, label=version.label, start=version.start, end=version.end,
        rates=version.rates.count() if count is None else count,
    )  # fmt: skip


# Nouns ----------------------------------------------------------------------------------------------------------------


def terms_of(version: ContractVersion) -> Terms:
    return msgspec.convert(version.terms, Terms, strict=False)


def rate_of(row: ContractRate) -> Rate:
    return Rate(
        first=row.first, last=row.last, modifier=row.modifier, place=row.place, method=row.method, amount=row.amount,
        percent=row.percent, medicare_on=row.medicare_on, carve_out=row.carve_out, note=row.note,
    )  # fmt: skip


def contract_nouns(contracts: Iterable[Contract]) -> dict[UUID, ContractNoun]:
    """Whole contracts with all their rates, by id: three queries for any number of them."""
    rows = list(contracts)
    versions: dict[UUID, list[ContractVersion]] = defaultdict(list)
    for version in _live().filter(contract__in=rows).order_by("start"):
        versions[version.contract_id].append(version)
    rates: dict[UUID, list[Rate]] = defaultdict(list)
    live = [version for found in versions.values() for version in found]
    for row in (
        ContractRate.objects.filter(version__in=live).order_by("version_id", "ordinal").iterator(chunk_size=5000)
    ):
        rates[row.version_id].append(rate_of(row))
    return {
        contract.pk: ContractNoun(
            payer_id=contract.payer.payer_id,
            tax_id=contract.tax_id,
            network=contract.network,
            name=contract.name,
            versions=tuple(
                VersionNoun(
                    start=version.start, end=version.end, label=version.label, terms=terms_of(version),
                    rates=tuple(rates[version.pk]),
                )
                for version in versions[contract.pk]
            ),
        )
        for contract in rows
    }  # fmt: skip


def contract_for(payer_id: UUID, tax_id: str, on: date, *, network: str = "") -> Contract | None:
    """The contract with a version in force for the payer (its row), tax id and day: that of the network, else of any."""
    wanted = Contract.objects.select_related("payer").filter(
        pk__in=_live()
        .filter(_in_force(on), contract__payer_id=payer_id, contract__tax_id=tax_id)
        .values("contract_id"),
        network__in={network, ""},
    )
    return next(iter(sorted(wanted, key=lambda contract: contract.network != network)), None)


def contracts_in_force(payer_ids: Iterable[UUID]) -> dict[tuple[UUID, str], list[ContractVersion]]:
    """The versions of the payers' contracts by payer (its row) and tax id, whenever in force, in one query."""
    found: dict[tuple[UUID, str], list[ContractVersion]] = defaultdict(list)
    rows = _live().filter(contract__payer_id__in=set(payer_ids)).select_related("contract__payer")
    for version in rows.order_by("contract_id", "start"):
        found[version.contract.payer_id, version.contract.tax_id].append(version)
    return found


def chosen(versions: Iterable[ContractVersion], on: date, *, network: str = "") -> Contract | None:
    """As `contract_for`, among versions of one payer and tax id."""
    held = [version.contract for version in versions if _holds(version, on)]
    wanted = [contract for contract in held if contract.network in (network, "")]
    return next(iter(sorted(wanted, key=lambda contract: contract.network != network)), None)


def _live() -> QuerySet[ContractVersion]:
    return ContractVersion.objects.filter(withdrawn_at__isnull=True)


def _in_force(on: date) -> Q:
    return Q(start__lte=on) & (Q(end__isnull=True) | Q(end__gt=on))


def _holds(version: ContractVersion, on: date) -> bool:
    return version.start <= on and (version.end is None or on < version.end)


# Prices ---------------------------------------------------------------------------------------------------------------


def price_check(
    contract_id: UUID,
    *,
    code: str,
    on: date,
    modifiers: tuple[str, ...] = (),
    place: str = "11",
    units: Decimal = Decimal(1),
    minutes: Decimal | None = None,
    charge: Decimal = Decimal("0.00"),
    taxonomy: str = "",
) -> Priced:
    """What the contract allows for one line on a day, with the working, or the reason why it has no price.

    A charge of 0.00 leaves the lesser-of clause out.
    """
    contract = Contract.objects.select_related("payer").get(pk=contract_id)
    line = Line(
        control_number="1", procedure_code=code.strip().upper(), modifiers=modifiers, charge=charge, date_from=on,
        units=units if minutes is None else minutes, unit_basis="UN" if minutes is None else "MJ",
    )  # fmt: skip
    claim = Claim(lines=(line,), place_of_service=place, rendering=Provider(taxonomy=taxonomy), total_charge=charge)
    return expected_allowed(claim, contract_nouns([contract])[contract.pk], price_tables()).lines[0]


def latest_expected(claim_version_id: UUID) -> ExpectedClaim | None:
    """The newest pricing of a claim version, its lines at hand, or None where it was never priced."""
    return (
        ExpectedClaim.objects.filter(claim_version_id=claim_version_id)
        .prefetch_related("lines")
        .order_by("-ordinal")
        .first()
    )


# For the edits --------------------------------------------------------------------------------------------------------


def contract_facts(payer_ids: Iterable[UUID]) -> dict[UUID, tuple[ContractFact, ...]]:
    """What BIL10 and PAY09 ask, by the payer's row: which tax id is contracted from when to when."""
    wanted = set(payer_ids)
    found: dict[UUID, list[ContractFact]] = {payer: [] for payer in wanted}
    for version in _live().filter(contract__payer_id__in=wanted).select_related("contract__payer").order_by("start"):
        contract = version.contract
        found[contract.payer_id].append(
            ContractFact(payer_id=contract.payer.payer_id, tax_id=contract.tax_id, start=version.start, end=version.end)
        )
    return {payer: tuple(facts) for payer, facts in found.items()}


def expected_prices(claim_version_ids: Iterable[UUID]) -> dict[UUID, dict[str, ExpectedPrice]]:
    """What LIN07 and PAY10 ask, by claim version and line control number: the newest pricing of each."""
    newest: dict[UUID, UUID] = {}
    wanted = set(claim_version_ids)
    rows = ExpectedClaim.objects.filter(claim_version_id__in=wanted).order_by("ordinal")
    for version, expected in rows.values_list("claim_version_id", "pk"):
        newest[version] = expected
    found: dict[UUID, dict[str, ExpectedPrice]] = {version: {} for version in newest}
    owner = {expected: version for version, expected in newest.items()}
    for line in ExpectedLine.objects.filter(expected_id__in=owner):
        found[owner[line.expected_id]][line.line_control_number] = ExpectedPrice(
            line_control_number=line.line_control_number, allowed=line.contract_amount, capitated=line.capitated,
            reason=line.reason,
        )  # fmt: skip
    return found


def capitated_codes(payer_id: UUID, tax_id: str, on: date) -> tuple[CodeRange, ...]:
    """The codes and ranges that the payer pays by the month on the day."""
    rates = ContractRate.objects.filter(
        version__in=_live().filter(_in_force(on), contract__payer_id=payer_id, contract__tax_id=tax_id),
        method=CAPITATED,
    )
    return tuple(CodeRange(first=row.first, last=row.last) for row in rates.order_by("first", "last"))
