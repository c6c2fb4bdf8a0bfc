"""Calls about remittances. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.remittances import ClaimPaymentOut, DecideHeld, DismissHeld, ProviderAdjustmentOut, ReleaseAdjustment, RemittanceOut, RemittanceRow, RemittanceRowPage


class Remittances:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_remittances(self, *, state: str = "", payer_id: UUID | None = None, trace_number: str = "", received_from: date | None = None, received_to: date | None = None, cursor: str = "", limit: int = 50) -> RemittanceRowPage:
        """Remittances, the newest first."""
        found: RemittanceRowPage = self._ask("GET", "/remittances", RemittanceRowPage, query={"state": state, "payer_id": payer_id, "trace_number": trace_number, "received_from": received_from, "received_to": received_to, "cursor": cursor, "limit": limit})
        return found

    def read_remittance(self, *, remittance_id: UUID) -> RemittanceOut:
        """One remittance with every claim payment and provider adjustment."""
        found: RemittanceOut = self._ask("GET", f"/remittances/{place(remittance_id)}", RemittanceOut)
        return found

    def release_claim_payment(self, *, claim_payment_id: UUID, key: str = "") -> ClaimPaymentOut:
        """Post a held claim payment by the same rules, once its cause is put right."""
        found: ClaimPaymentOut = self._ask("POST", f"/remittances/claim-payments/{place(claim_payment_id)}/release", ClaimPaymentOut, key=key)
        return found

    def release_adjustment_of(self, *, adjustment_id: UUID, body: ReleaseAdjustment, key: str = "") -> ProviderAdjustmentOut:
        """Post a held provider adjustment."""
        found: ProviderAdjustmentOut = self._ask("POST", f"/remittances/adjustments/{place(adjustment_id)}/release", ProviderAdjustmentOut, body=body, key=key)
        return found

    def decide_held_remittance(self, *, remittance_id: UUID, body: DecideHeld, key: str = "") -> RemittanceRow:
        """Ask to post a held payment; a person approves it on its page. Money is not moved by a program alone."""
        found: RemittanceRow = self._ask("POST", f"/remittances/{place(remittance_id)}/decide", RemittanceRow, body=body, key=key)
        return found

    def dismiss_held_remittance(self, *, remittance_id: UUID, body: DismissHeld, key: str = "") -> RemittanceRow:
        """A held payment is the earlier one again: nothing of it posts."""
        found: RemittanceRow = self._ask("POST", f"/remittances/{place(remittance_id)}/dismiss", RemittanceRow, body=body, key=key)
        return found

    def withdraw_held_decision(self, *, remittance_id: UUID, key: str = "") -> RemittanceRow:
        """Take back what was asked for, before it is approved."""
        found: RemittanceRow = self._ask("POST", f"/remittances/{place(remittance_id)}/withdraw", RemittanceRow, key=key)
        return found

    def read_remittance_eobs(self, *, remittance_id: UUID) -> bytes:
        """The explanations of benefits of every claim of it, from what was received."""
        found: bytes = self._ask("GET", f"/remittances/{place(remittance_id)}/eob.pdf", bytes)
        return found

    def read_claim_eob(self, *, claim_payment_id: UUID) -> bytes:
        """One claim's alone, such as a second payer wants beside its claim."""
        found: bytes = self._ask("GET", f"/remittances/claim-payments/{place(claim_payment_id)}/eob.pdf", bytes)
        return found
