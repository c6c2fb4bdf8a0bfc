"""Terms with payers and the practice's own prices and rules: brought as files or written, looked at, put in force."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import LocalRule as RuleNoun
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short
from claimwright.web.api.framework import BYTES, find, in_words, operation, page_of, paged
from claimwright.web.api.of_setup import ContractOut, ContractVersionOut
from claimwright.web.api.problems import Problem
from claimwright.web.contracts import selectors, services
from claimwright.web.contracts.models import Contract, ContractVersion
from claimwright.web.core import clock
from claimwright.web.denials.rule_trials import try_rule
from claimwright.web.practice import charge_master
from claimwright.web.practice.models import ChargeMasterImport, Payer, Practice
from claimwright.web.submissions import rules
from claimwright.web.submissions.models import LocalRule, LocalRuleVersion

MOST_SHEET_BYTES = 20 * 1024 * 1024
MOST_CHANGES = 500


class SaveContract(In):
    payer_id: UUID
    tax_id: str = Field(max_length=10)
    name: str = Field(min_length=1, max_length=120)
    network: str = Field(default="", max_length=60)


class SheetPreview(Out):
    """What a rate sheet would do: nothing is written."""

    rates: int
    added: int
    removed: int
    changed: int
    same: int
    against: str = Field(description="The version that it is compared with")
    ends: str = Field(description="The version that would end")
    is_new: bool


class WithdrawVersion(In):
    reason: Reason


class ExpectedPrice(Out):
    allowed: Money | None
    reason: str
    method: str
    working: list[str]


class PriceImportOut(Out):
    id: UUID
    practice_id: UUID
    name: str
    sha256: str
    whole: bool
    ends_on: date | None
    state: str
    problems: list[Any]
    uploaded_by: str
    uploaded_on: date
    decided_by: str
    decided_on: date | None


class PriceChangeOut(Out):
    kind: str
    code: str
    modifier: str
    old_amount: Money | None
    new_amount: Money | None
    start: date
    description: str


class PriceImportDetail(PriceImportOut):
    added: int
    changed: int
    ended: int
    changes: list[PriceChangeOut] = Field(description=f"The first {MOST_CHANGES}")
    seen: str = Field(description="Send it back to accept these very changes")


class AcceptPrices(In):
    seen: str = Field(min_length=1, max_length=64)


class RuleRange(In):
    first: str = Field(max_length=5)
    last: str = Field(default="", max_length=5)
    modifiers: list[str] = Field(default=[], max_length=4)


class RuleIn(In):
    """Which claims it stops, and what it says: every condition given must hold."""

    name: str = Field(default="", max_length=120, description="Of a new rule")
    note: str = Field(default="", max_length=300, description="Why it is made or changed")
    severity: Literal["W", "H", "R"]
    text: str = Field(min_length=1, max_length=300, description="What the biller reads")
    fix: str = Field(default="", max_length=300)
    source: str = Field(default="", max_length=200)
    payer_ids: list[Short] = []
    codes: list[RuleRange] = Field(default=[], max_length=100)
    modifiers_any: list[str] = []
    modifiers_none: list[str] = []
    diagnoses_any: list[str] = []
    diagnoses_none: list[str] = []
    places: list[str] = []
    specialties: list[str] = []
    states: list[str] = []
    youngest: int | None = Field(default=None, ge=0, le=150)
    oldest: int | None = Field(default=None, ge=0, le=150)
    units_over: Quantity | None = None
    missing: Short = ""
    start: date | None = None
    end: date | None = None


class RuleVersionOut(Out):
    id: UUID
    rule_id: UUID
    number: int
    state: str
    content: dict[str, Any]
    note: str
    created_by: str
    activated_by: str
    expires_on: date | None
    retired_by: str
    retired_reason: str


class RuleOut(Out):
    id: UUID
    key: str
    name: str
    origin: str
    versions: list[RuleVersionOut]


class TrialOut(Out):
    id: UUID
    version_id: UUID
    ran_at: datetime
    since: date
    until: date
    claims: int
    stopped: int
    denied: int
    not_denied: int
    undecided: int
    precision: Quantity | None


class ActivateRule(In):
    expires_on: date | None = None


class RenewRule(In):
    until: date


class RetireRule(In):
    reason: Reason


# Contracts -----------------------------------------------------------------------------------------------------------


def _contract(contract_id: UUID) -> Contract:
    found: Contract = find(Contract.objects.select_related("payer"), contract_id)
    return found


@operation("POST", "/contracts", permission="contracts.work", answers=ContractOut, status=201, whole_office=True)
def save_a_contract(request: HttpRequest, payload: SaveContract) -> Any:
    """The contract of a payer with a tax id for a network; again with another name renames it."""
    payer = find(Payer, payload.payer_id)
    with in_words():
        return services.save_contract(payer=payer, **payload.values("payer_id"))


def _sheet(request: HttpRequest) -> bytes:
    if not request.body:
        raise Problem(422, "The body is empty: send the sheet's bytes")
    if len(request.body) > MOST_SHEET_BYTES:
        raise Problem(413, "The sheet is larger than 20 MB: split it")
    return request.body


@operation(
    "POST", "/contracts/{uuid:contract_id}/sheets/preview", permission="contracts.work", answers=SheetPreview,
    takes=BYTES, whole_office=True, stateless=True,
)  # fmt: skip
def preview_rate_sheet(request: HttpRequest, contract_id: UUID, start: date, end: date | None = None) -> Any:
    """What a rate sheet would change; nothing is written."""
    row = _contract(contract_id)
    found = services.preview_rate_sheet(contract=row, content=_sheet(request), start=start, end=end)
    told = {name: len(getattr(found.changes, name)) for name in ("added", "removed", "changed")}
    return told | {
        "rates": found.rates, "same": found.changes.same, "against": found.against, "ends": found.ends,
        "is_new": found.is_new,
    }  # fmt: skip


@operation(
    "POST", "/contracts/{uuid:contract_id}/sheets", permission="contracts.work", answers=ContractVersionOut,
    status=201, takes=BYTES, whole_office=True,
)  # fmt: skip
def import_a_rate_sheet(
    request: HttpRequest, contract_id: UUID, name: str, start: date, end: date | None = None, label: str = ""
) -> Any:  # fmt: skip
    """Take a rate sheet: its rates hold from `start`; the version before ends there."""
    return services.import_rate_sheet(
        contract=_contract(contract_id), content=_sheet(request), sheet_name=name[:255], start=start, end=end,
        label=label.strip()[:80],
    )  # fmt: skip


@operation(
    "POST", "/contracts/versions/{uuid:contract_version_id}/withdraw", permission="contracts.work",
    answers=ContractVersionOut, whole_office=True,
)  # fmt: skip
def withdraw_contract_version(request: HttpRequest, contract_version_id: UUID, payload: WithdrawVersion) -> Any:
    """A version that was wrong prices nothing from now on; the one it ended runs again."""
    row = find(ContractVersion.objects.select_related("contract__payer"), contract_version_id)
    with in_words():
        return services.withdraw_version(version=row, reason=payload.reason)


@operation("GET", "/contracts/{uuid:contract_id}/price", permission="setup.read", answers=ExpectedPrice)
def check_contract_price(
    request: HttpRequest, contract_id: UUID, code: str, on: date | None = None, modifiers: str = "",
    place_of_service: str = "11", units: Decimal = Decimal(1), charge: Decimal = Decimal("0.00"), taxonomy: str = "",
) -> Any:  # fmt: skip
    """What the contract allows for one line on a day, with the working; a charge of 0.00 leaves lesser-of out."""
    found = selectors.price_check(
        find(selectors.readable_contracts(), contract_id).pk, code=code.strip().upper(), on=on or clock.today(),
        modifiers=tuple(modifiers.upper().replace(",", " ").split()), place=place_of_service, units=units, charge=charge,
        taxonomy=taxonomy,
    )  # fmt: skip
    return {
        "allowed": found.allowed, "reason": found.reason, "method": found.method,
        "working": [str(one) for one in found.working],
    }  # fmt: skip


# Prices --------------------------------------------------------------------------------------------------------------


def _import(import_id: UUID) -> ChargeMasterImport:
    found: ChargeMasterImport = find(ChargeMasterImport.objects.select_related("practice"), import_id)
    return found


@operation("GET", "/prices/imports", permission="setup.read", answers=paged(PriceImportOut))
def list_price_imports(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """Price files that were brought, the newest first."""
    return page_of(ChargeMasterImport.objects.defer("content"), cursor=cursor, limit=limit, by="uploaded_on")


@operation("GET", "/prices/imports/{uuid:import_id}", permission="setup.read", answers=PriceImportDetail)
def read_price_import(request: HttpRequest, import_id: UUID) -> Any:
    """One file, and what accepting it would change now."""
    row = _import(import_id)
    _, plan = charge_master.preview(row)
    changes = list(plan.changes[:MOST_CHANGES])
    return PriceImportOut.from_orm(row).model_dump() | {
        "added": plan.count("added"), "changed": plan.count("changed"), "ended": plan.count("ended"),
        "changes": changes, "seen": charge_master.fingerprint(plan),
    }  # fmt: skip


@operation("POST", "/prices/imports", permission="prices.upload", answers=PriceImportDetail, status=201, takes=BYTES)
def bring_prices(
    request: HttpRequest, practice_id: UUID, name: str, start: date | None = None, whole: bool = False,
    ends_on: date | None = None,
) -> Any:  # fmt: skip
    """Bring a price file, CSV or Excel: it is kept and judged, and no price changes. `whole`: what it lacks ends."""
    made = charge_master.check_file(
        practice=find(Practice, practice_id), name=name, content=_sheet(request), start=start, whole=whole,
        ends_on=ends_on,
    )  # fmt: skip
    return read_price_import(request, made.pk)


@operation("POST", "/prices/imports/{uuid:import_id}/accept", permission="prices.accept", answers=PriceImportOut)
def accept_a_price_import(request: HttpRequest, import_id: UUID, payload: AcceptPrices) -> Any:
    """Make the prices so, as they were read."""
    return charge_master.accept_import(made=_import(import_id), seen=payload.seen)


@operation("POST", "/prices/imports/{uuid:import_id}/discard", permission="prices.upload", answers=PriceImportOut)
def discard_a_price_import(request: HttpRequest, import_id: UUID) -> Any:
    """Nothing of it is taken."""
    row = _import(import_id)
    charge_master.discard_import(made=row)
    return row


# Rules ---------------------------------------------------------------------------------------------------------------


def _noun(payload: RuleIn) -> RuleNoun:
    told = payload.values("name", "note", "codes")
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    codes = tuple(CodeRange(first=one.first, last=one.last, modifiers=tuple(one.modifiers)) for one in payload.codes)
    return RuleNoun(id="", codes=codes, **(told | lists))


def _rule_version(rule_version_id: UUID) -> LocalRuleVersion:
    found: LocalRuleVersion = find(LocalRuleVersion.objects.select_related("rule"), rule_version_id)
    return found


@operation("GET", "/rules", permission="setup.read", answers=list[RuleOut])
def list_rules(request: HttpRequest) -> Any:
    """The practice's own rules with their versions."""
    rows = LocalRule.objects.prefetch_related("versions").order_by("key")
    told = ("id", "key", "name", "origin")
    return [
        {name: getattr(row, name) for name in told}
        | {"versions": sorted(row.versions.all(), key=lambda one: one.number)}
        for row in rows
    ]


@operation("POST", "/rules", permission="rules.work", answers=RuleVersionOut, status=201, whole_office=True)
def write_rule(request: HttpRequest, payload: RuleIn) -> Any:
    """A new rule as a draft."""
    return rules.create_rule(name=payload.name, rule=_noun(payload), note=payload.note)


@operation(
    "POST", "/rules/{uuid:rule_id}/versions", permission="rules.work", answers=RuleVersionOut, status=201,
    whole_office=True,
)  # fmt: skip
def revise_a_rule(request: HttpRequest, rule_id: UUID, payload: RuleIn) -> Any:
    """Another wording as a draft; the one in force stays in force until it is activated."""
    return rules.revise_rule(rule=find(LocalRule, rule_id), content=_noun(payload), note=payload.note)


@operation(
    "POST", "/rules/versions/{uuid:rule_version_id}/try", permission="rules.work", answers=TrialOut, whole_office=True
)
def try_a_rule(request: HttpRequest, rule_version_id: UUID) -> Any:
    """Run it over last year's claims; no claim is touched."""
    return try_rule(version=_rule_version(rule_version_id))


@operation(
    "POST", "/rules/versions/{uuid:rule_version_id}/activate", permission="rules.work", answers=RuleVersionOut,
    whole_office=True,
)  # fmt: skip
def activate_a_rule(request: HttpRequest, rule_version_id: UUID, payload: ActivateRule) -> Any:
    """Put it in force, after a dry run of this very version."""
    return rules.activate_rule(version=_rule_version(rule_version_id), expires_on=payload.expires_on)


@operation(
    "POST", "/rules/versions/{uuid:rule_version_id}/renew", permission="rules.work", answers=RuleVersionOut,
    whole_office=True,
)  # fmt: skip
def renew_a_rule(request: HttpRequest, rule_version_id: UUID, payload: RenewRule) -> Any:
    """Let it run longer."""
    row = _rule_version(rule_version_id)
    rules.renew_rule(version=row, until=payload.until)
    return row


@operation(
    "POST", "/rules/versions/{uuid:rule_version_id}/retire", permission="rules.work", answers=RuleVersionOut,
    whole_office=True,
)  # fmt: skip
def retire_a_rule(request: HttpRequest, rule_version_id: UUID, payload: RetireRule) -> Any:
    """End it; it stays on record."""
    row = _rule_version(rule_version_id)
    rules.retire_rule(version=row, reason=payload.reason)
    row.refresh_from_db()
    return row
