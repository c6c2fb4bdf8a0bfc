"""Calls about terms. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.setup import ContractOut, ContractVersionOut
from claimwright.client.structs.terms import AcceptPrices, ActivateRule, ExpectedPrice, PriceImportDetail, PriceImportOut, PriceImportOutPage, RenewRule, RetireRule, RuleIn, RuleOut, RuleVersionOut, SaveContract, SheetPreview, TrialOut, WithdrawVersion


class Terms:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def save_a_contract(self, *, body: SaveContract, key: str = "") -> ContractOut:
        """The contract of a payer with a tax id for a network; again with another name renames it."""
        found: ContractOut = self._ask("POST", "/contracts", ContractOut, body=body, key=key)
        return found

    def preview_rate_sheet(self, *, contract_id: UUID, content: bytes, start: date, end: date | None = None) -> SheetPreview:
        """What a rate sheet would change; nothing is written."""
        found: SheetPreview = self._ask("POST", f"/contracts/{place(contract_id)}/sheets/preview", SheetPreview, content=content, query={"start": start, "end": end})
        return found

    def import_a_rate_sheet(self, *, contract_id: UUID, content: bytes, name: str, start: date, end: date | None = None, label: str = "", key: str = "") -> ContractVersionOut:
        """Take a rate sheet: its rates hold from `start`; the version before ends there."""
        found: ContractVersionOut = self._ask("POST", f"/contracts/{place(contract_id)}/sheets", ContractVersionOut, content=content, query={"name": name, "start": start, "end": end, "label": label}, key=key)
        return found

    def withdraw_contract_version(self, *, contract_version_id: UUID, body: WithdrawVersion, key: str = "") -> ContractVersionOut:
        """A version that was wrong prices nothing from now on; the one it ended runs again."""
        found: ContractVersionOut = self._ask("POST", f"/contracts/versions/{place(contract_version_id)}/withdraw", ContractVersionOut, body=body, key=key)
        return found

    def check_contract_price(self, *, contract_id: UUID, code: str, on: date | None = None, modifiers: str = "", place_of_service: str = "11", units: float | str = "1", charge: float | str = "0.00", taxonomy: str = "") -> ExpectedPrice:
        """What the contract allows for one line on a day, with the working; a charge of 0.00 leaves lesser-of out."""
        found: ExpectedPrice = self._ask("GET", f"/contracts/{place(contract_id)}/price", ExpectedPrice, query={"code": code, "on": on, "modifiers": modifiers, "place_of_service": place_of_service, "units": units, "charge": charge, "taxonomy": taxonomy})
        return found

    def list_price_imports(self, *, cursor: str = "", limit: int = 50) -> PriceImportOutPage:
        """Price files that were brought, the newest first."""
        found: PriceImportOutPage = self._ask("GET", "/prices/imports", PriceImportOutPage, query={"cursor": cursor, "limit": limit})
        return found

    def bring_prices(self, *, content: bytes, practice_id: UUID, name: str, start: date | None = None, whole: bool = False, ends_on: date | None = None, key: str = "") -> PriceImportDetail:
        """Bring a price file, CSV or Excel: it is kept and judged, and no price changes. `whole`: what it lacks ends."""
        found: PriceImportDetail = self._ask("POST", "/prices/imports", PriceImportDetail, content=content, query={"practice_id": practice_id, "name": name, "start": start, "whole": whole, "ends_on": ends_on}, key=key)
        return found

    def read_price_import(self, *, import_id: UUID) -> PriceImportDetail:
        """One file, and what accepting it would change now."""
        found: PriceImportDetail = self._ask("GET", f"/prices/imports/{place(import_id)}", PriceImportDetail)
        return found

    def accept_a_price_import(self, *, import_id: UUID, body: AcceptPrices, key: str = "") -> PriceImportOut:
        """Make the prices so, as they were read."""
        found: PriceImportOut = self._ask("POST", f"/prices/imports/{place(import_id)}/accept", PriceImportOut, body=body, key=key)
        return found

    def discard_a_price_import(self, *, import_id: UUID, key: str = "") -> PriceImportOut:
        """Nothing of it is taken."""
        found: PriceImportOut = self._ask("POST", f"/prices/imports/{place(import_id)}/discard", PriceImportOut, key=key)
        return found

    def list_rules(self) -> list[RuleOut]:
        """The practice's own rules with their versions."""
        found: list[RuleOut] = self._ask("GET", "/rules", list[RuleOut])
        return found

    def write_rule(self, *, body: RuleIn, key: str = "") -> RuleVersionOut:
        """A new rule as a draft."""
        found: RuleVersionOut = self._ask("POST", "/rules", RuleVersionOut, body=body, key=key)
        return found

    def revise_a_rule(self, *, rule_id: UUID, body: RuleIn, key: str = "") -> RuleVersionOut:
        """Another wording as a draft; the one in force stays in force until it is activated."""
        found: RuleVersionOut = self._ask("POST", f"/rules/{place(rule_id)}/versions", RuleVersionOut, body=body, key=key)
        return found

    def try_a_rule(self, *, rule_version_id: UUID, key: str = "") -> TrialOut:
        """Run it over last year's claims; no claim is touched."""
        found: TrialOut = self._ask("POST", f"/rules/versions/{place(rule_version_id)}/try", TrialOut, key=key)
        return found

    def activate_a_rule(self, *, rule_version_id: UUID, body: ActivateRule, key: str = "") -> RuleVersionOut:
        """Put it in force, after a dry run of this very version."""
        found: RuleVersionOut = self._ask("POST", f"/rules/versions/{place(rule_version_id)}/activate", RuleVersionOut, body=body, key=key)
        return found

    def renew_a_rule(self, *, rule_version_id: UUID, body: RenewRule, key: str = "") -> RuleVersionOut:
        """Let it run longer."""
        found: RuleVersionOut = self._ask("POST", f"/rules/versions/{place(rule_version_id)}/renew", RuleVersionOut, body=body, key=key)
        return found

    def retire_a_rule(self, *, rule_version_id: UUID, body: RetireRule, key: str = "") -> RuleVersionOut:
        """End it; it stays on record."""
        found: RuleVersionOut = self._ask("POST", f"/rules/versions/{place(rule_version_id)}/retire", RuleVersionOut, body=body, key=key)
        return found
