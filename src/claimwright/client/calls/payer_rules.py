"""Calls about payer_rules. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.payer_rules import AddPayerRule, ChangePayerRules, EndPayerRule, PayerRulesOut


class PayerRules:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def read_payer_rules(self, *, payer_id: UUID) -> PayerRulesOut:
        """What it asks of claims: switches, rules, levels of appeal."""
        found: PayerRulesOut = self._ask("GET", f"/settings/payers/{place(payer_id)}/rules", PayerRulesOut)
        return found

    def change_payer_rules(self, *, payer_id: UUID, body: ChangePayerRules, key: str = "") -> PayerRulesOut:
        """Change switches; what is not named stays."""
        found: PayerRulesOut = self._ask("POST", f"/settings/payers/{place(payer_id)}/rules", PayerRulesOut, body=body, key=key)
        return found

    def add_payer_rule(self, *, payer_id: UUID, body: AddPayerRule, key: str = "") -> PayerRulesOut:
        """One more rule; of appeals `number` says which level it replaces."""
        found: PayerRulesOut = self._ask("POST", f"/settings/payers/{place(payer_id)}/rules/add", PayerRulesOut, body=body, key=key)
        return found

    def end_payer_rule(self, *, payer_id: UUID, body: EndPayerRule, key: str = "") -> PayerRulesOut:
        """From a day on the rule holds no more; one of a kind without days is taken off."""
        found: PayerRulesOut = self._ask("POST", f"/settings/payers/{place(payer_id)}/rules/end", PayerRulesOut, body=body, key=key)
        return found
