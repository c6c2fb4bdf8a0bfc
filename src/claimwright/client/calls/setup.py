"""Calls about setup. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.setup import ChargeOutPage, ContractDetail, ContractOutPage, LocationOut, PayerOut, PayerOutPage, PracticeOut, ProviderOut, RateOutPage


class Setup:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_practices(self) -> list[PracticeOut]:
        """The practices that the token sees."""
        found: list[PracticeOut] = self._ask("GET", "/practices", list[PracticeOut])
        return found

    def list_providers(self) -> list[ProviderOut]:
        """Who renders, refers, orders or supervises."""
        found: list[ProviderOut] = self._ask("GET", "/providers", list[ProviderOut])
        return found

    def list_locations(self) -> list[LocationOut]:
        """Where visits are."""
        found: list[LocationOut] = self._ask("GET", "/locations", list[LocationOut])
        return found

    def list_payers(self, *, q: str = "", cursor: str = "", limit: int = 50) -> PayerOutPage:
        """Payers; `q` is part of a name, or an id."""
        found: PayerOutPage = self._ask("GET", "/payers", PayerOutPage, query={"q": q, "cursor": cursor, "limit": limit})
        return found

    def read_payer(self, *, payer_id: UUID) -> PayerOut:
        """One payer."""
        found: PayerOut = self._ask("GET", f"/payers/{place(payer_id)}", PayerOut)
        return found

    def list_prices(self, *, practice_id: UUID | None = None, code: str = "", on: date | None = None, cursor: str = "", limit: int = 50) -> ChargeOutPage:
        """The charge master: what a code costs on a day, today unless said."""
        found: ChargeOutPage = self._ask("GET", "/prices", ChargeOutPage, query={"practice_id": practice_id, "code": code, "on": on, "cursor": cursor, "limit": limit})
        return found

    def list_contracts(self, *, payer_id: UUID | None = None, cursor: str = "", limit: int = 50) -> ContractOutPage:
        """Contracts with payers."""
        found: ContractOutPage = self._ask("GET", "/contracts", ContractOutPage, query={"payer_id": payer_id, "cursor": cursor, "limit": limit})
        return found

    def read_contract(self, *, contract_id: UUID) -> ContractDetail:
        """One contract and its versions by date."""
        found: ContractDetail = self._ask("GET", f"/contracts/{place(contract_id)}", ContractDetail)
        return found

    def list_rates(self, *, contract_id: UUID, version_id: UUID, cursor: str = "", limit: int = 50) -> RateOutPage:
        """The fee schedule of one version, in the order of its sheet."""
        found: RateOutPage = self._ask("GET", f"/contracts/{place(contract_id)}/rates", RateOutPage, query={"version_id": version_id, "cursor": cursor, "limit": limit})
        return found
