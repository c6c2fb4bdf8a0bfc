"""Contracts: made, given a rate sheet for a time, withdrawn; and claims priced by them, the price kept with its working."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from django.db.models import Max, Q

from claimwright.billing.pricing.contracts import Rate, Terms
from claimwright.billing.pricing.rate_sheets import SheetChanges, compare_rates, read_rate_sheet
from claimwright.billing.pricing.words import Expected
from claimwright.codes.fees import FeeFault
from claimwright.web.contracts import selectors
from claimwright.web.contracts.models import (
    Contract,
    ContractRate,
    ContractVersion,
    ExpectedClaim,
    ExpectedLine,
)
from claimwright.web.contracts.pricing import ClaimToPrice, priced
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.practice.models import Payer

FAULTS_TOLD = 20


class RateSheetRefused(ValueError):
    """A rate sheet that is not taken. `faults` name row, column, reason and fix; nothing was changed."""

    def __init__(self, reason: str, faults: Sequence[FeeFault] = ()) -> None:
        self.faults = tuple(faults)
        told = [str(fault) for fault in self.faults[:FAULTS_TOLD]]
        if len(self.faults) > FAULTS_TOLD:
            told.append(f"and {len(self.faults) - FAULTS_TOLD} more")
        super().__init__(": ".join(filter(None, (reason, "; ".join(told)))))


def save_contract(*, payer: Payer, tax_id: str, name: str, network: str = "") -> Contract:
    """The contract of a payer with a tax id for a network; again with another name renames it.

    Raises ValueError for a tax id that is not nine digits.
    """
    digits = tax_id.replace("-", "").strip()
    if len(digits) != 9 or not digits.isdigit():
        raise ValueError("a tax id is nine digits: correct it")
    contract, made = Contract.objects.update_or_create(
        payer=payer, tax_id=digits, network=network.strip(), defaults={"name": name.strip()[:120] or payer.name[:120]}
    )
    if made:
        record_audit(action="contracts.create", subject_type="contract", subject_id=contract.pk)
    return contract


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of a sheet would do: `against` is the version it is compared with, `ends` the one that would end."""

    rates: int
    changes: SheetChanges
    against: str = ""
    ends: str = ""
    is_new: bool = True


def preview_rate_sheet(*, contract: Contract, content: bytes, start: date, end: date | None = None) -> Preview:
    """The dry run: everything is checked and compared, nothing is written. Raises RateSheetRefused like the import."""
    rates = _checked(content)
    if _same_sheet(contract, content, start, end) is not None:
        return Preview(rates=len(rates), changes=SheetChanges(same=len(rates)), is_new=False)
    closing = _closing(contract, start, end)
    before = closing or _live(contract).filter(start__lt=start).order_by("-start").first()
    old = [selectors.rate_of(row) for row in before.rates.order_by("ordinal")] if before is not None else []
    return Preview(
        rates=len(rates),
        changes=compare_rates(old, rates),
        against=_named(before),
        ends=_named(closing),
    )


def import_rate_sheet(
    *,
    contract: Contract,
    content: bytes,
    sheet_name: str = "",
    start: date,
    end: date | None = None,
    label: str = "",
    terms: Terms | None = None,
) -> ContractVersion:
    """A new version from a CSV, whole or not at all; an open version before it ends on `start`.

    `terms` of None are those of the version before. The same sheet for the same days again changes nothing. Raises
    RateSheetRefused for a fault in the sheet, or where another version holds on one of the days.
    """
    rates = _checked(content)
    Contract.objects.select_for_update().get(pk=contract.pk)  # two imports at once must not both find the days free
    held = _same_sheet(contract, content, start, end)
    if held is not None and (terms is None or selectors.terms_of(held) == terms):
        return held
    closing = _closing(contract, start, end)
    before = closing or _live(contract).filter(start__lt=start).order_by("-start").first()
    if terms is None:
        terms = selectors.terms_of(before) if before is not None else Terms()
    if closing is not None:
        closing.end = start
        closing.save(update_fields=["end"])
    version = ContractVersion.objects.create(
        contract=contract, start=start, end=end, label=label[:80], terms=msgspec.to_builtins(terms),
        sheet_name=sheet_name[:255], sheet_sha256=hashlib.sha256(content).hexdigest(), created_at=clock.now(),
        created_by=actor(), ended=closing,
    )  # fmt: skip
    _write_rates(version, rates)
    record_audit(
        action="contracts.import_rates", subject_type="contract_version", subject_id=version.pk,
        detail=f"{len(rates)} rates from {start}" + (f", ends {_named(closing)}" if closing else ""),
    )  # fmt: skip
    return version


def new_version(
    *, contract: Contract, start: date, terms: Terms, end: date | None = None, label: str = ""
) -> ContractVersion:
    """A version with the rates of the one in force on `start` and other terms.

    Raises RateSheetRefused where none is in force to take the rates of, or the days are taken.
    """
    Contract.objects.select_for_update().get(pk=contract.pk)
    closing = _closing(contract, start, end)
    if closing is None:
        raise RateSheetRefused(f"no open version runs up to {start}: import a rate sheet")
    closing.end = start
    closing.save(update_fields=["end"])
    version = ContractVersion.objects.create(
        contract=contract, start=start, end=end, label=label[:80], terms=msgspec.to_builtins(terms),
        sheet_name=closing.sheet_name, created_at=clock.now(), created_by=actor(), ended=closing,
    )  # fmt: skip
    _write_rates(version, [selectors.rate_of(row) for row in closing.rates.order_by("ordinal")])
    record_audit(action="contracts.new_version", subject_type="contract_version", subject_id=version.pk)
    return version


def withdraw_version(*, version: ContractVersion, reason: str) -> ContractVersion:
    """A version that was wrong prices nothing from now on; what it priced stays on record. The one it ended runs again.

    Raises ValueError without a reason, or for one that is withdrawn already.
    """
    if not reason.strip():
        raise ValueError("say why the version is withdrawn")
    if version.withdrawn_at is not None:
        raise ValueError("the version is withdrawn already")
    version.withdrawn_at, version.withdrawn_by, version.withdrawn_reason = clock.now(), actor(), reason.strip()
    version.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    ContractVersion.objects.filter(ended=version).update(ended=version.ended_id)
    if version.ended_id is not None:
        _live(version.contract).filter(pk=version.ended_id, end=version.start).update(end=version.end)
    record_audit(
        action="contracts.withdraw", subject_type="contract_version", subject_id=version.pk, detail=reason.strip()
    )
    return version


def _checked(content: bytes) -> tuple[Rate, ...]:
    sheet = read_rate_sheet(content)
    if sheet.faults:
        raise RateSheetRefused("the rate sheet is not taken", sheet.faults)
    return sheet.rates


def _live(contract: Contract):  # type: ignore[no-untyped-def]
    return ContractVersion.objects.filter(contract=contract, withdrawn_at__isnull=True)


def _same_sheet(contract: Contract, content: bytes, start: date, end: date | None) -> ContractVersion | None:
    """The version that this very sheet made for these days. One that a later version has ended since is still it."""
    found = _live(contract).filter(start=start, sheet_sha256=hashlib.sha256(content).hexdigest())
    return (found if end is None else found.filter(end=end)).first()


def _closing(contract: Contract, start: date, end: date | None) -> ContractVersion | None:
    """The open version that a new one from `start` would end. Raises RateSheetRefused where another holds on its days."""
    if end is not None and end <= start:
        raise RateSheetRefused(f"the version would end on {end}, before it starts: give a later end")
    days = Q(end__isnull=True) | Q(end__gt=start)
    if end is not None:
        days &= Q(start__lt=end)
    taken = list(_live(contract).filter(days).order_by("start"))
    if not taken:
        return None
    if len(taken) == 1 and taken[0].end is None and taken[0].start < start and end is None:
        return taken[0]
    other = taken[-1] if taken[-1].start >= start else taken[0]
    raise RateSheetRefused(
        f"the version {_named(other)} ({other.start} to {other.end or 'open'}) holds on days from {start}: give dates that "
        "are free, or withdraw that version"
    )


def _named(version: ContractVersion | None) -> str:
    return "" if version is None else version.label or f"from {version.start:%m/%d/%Y}"


def _write_rates(version: ContractVersion, rates: Sequence[Rate]) -> None:
    ContractRate.objects.bulk_create(
        [
            ContractRate(
                version=version, ordinal=ordinal, first=rate.first, last=rate.last, modifier=rate.modifier,
                place=rate.place, method=rate.method, amount=rate.amount, percent=rate.percent,
                medicare_on=rate.medicare_on, carve_out=rate.carve_out, note=rate.note,
            )
            for ordinal, rate in enumerate(rates, 1)
        ],
        batch_size=1000,
    )  # fmt: skip


# Pricing claims -------------------------------------------------------------------------------------------------------


def price_claims(*, claims: Sequence[ClaimToPrice]) -> dict[UUID, Expected]:
    """Prices claim versions by their contracts and keeps each price with its working. Gives them by claim version.

    A pricing equal to the newest one on record is not written again.
    """
    found, contracts = priced(claims)
    _keep(found, contracts)
    return found


def _keep(found: dict[UUID, Expected], contracts: dict[UUID, Contract | None]) -> None:
    newest = dict(
        ExpectedClaim.objects.filter(claim_version_id__in=found)
        .values_list("claim_version_id")
        .annotate(Max("ordinal"))
    )
    held = {
        row.claim_version_id: row
        for row in ExpectedClaim.objects.filter(claim_version_id__in=newest)
        .prefetch_related("lines")
        .order_by("ordinal")
    }
    rows: list[ExpectedClaim] = []
    lines: list[ExpectedLine] = []
    for version_id, expected in found.items():
        contract = contracts[version_id]
        row = ExpectedClaim(
            claim_version_id=version_id, ordinal=newest.get(version_id, 0) + 1, contract=contract,
            contract_version=expected.version[:200], total=expected.total, working=list(msgspec.to_builtins(expected.working)),
            priced_at=clock.now(), priced_by=actor(),
        )  # fmt: skip
        own = _lines(row, expected)
        if version_id in held and _same(held[version_id], row, own):
            continue
        rows.append(row)
        lines += own
    ExpectedClaim.objects.bulk_create(rows, batch_size=500)
    ExpectedLine.objects.bulk_create(lines, batch_size=1000)


def _lines(row: ExpectedClaim, expected: Expected) -> list[ExpectedLine]:
    return [
        ExpectedLine(
            expected=row, line_control_number=line.control_number, number=number, code=line.code,
            modifiers=list(line.modifiers), on=line.on, charge=line.charge, allowed=line.allowed,
            contract_amount=line.contract_amount, reason=line.reason,
            method=line.method, capitated=line.capitated, working=list(msgspec.to_builtins(line.working)),
        )
        for number, line in enumerate(expected.lines, 1)
    ]  # fmt: skip


def _same(held: ExpectedClaim, row: ExpectedClaim, lines: Sequence[ExpectedLine]) -> bool:
    if (held.contract_id, held.contract_version, held.total) != (row.contract_id, row.contract_version, row.total):
        return False
    before = sorted(held.lines.all(), key=lambda line: line.number)
    return [_told(line) for line in before] == [_told(line) for line in lines]


def _told(line: ExpectedLine) -> tuple[object, ...]:
    return (
        line.line_control_number, line.code, line.modifiers, line.on, line.charge, line.allowed, line.contract_amount, line.reason,
        line.working,
    )  # fmt: skip
