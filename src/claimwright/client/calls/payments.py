"""Calls about payments. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.claims import Because
from claimwright.client.structs.payments import AccountOut, AskWriteOff, ReceiptOut, ReceiptOutPage, RefundOut, RefundOutPage, TakePayment, WriteOffOut, WriteOffOutPage


class Payments:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def read_account(self, *, patient_id: UUID) -> AccountOut:
        """What a patient owes now, line by line, and the credit."""
        found: AccountOut = self._ask("GET", f"/patients/{place(patient_id)}/account", AccountOut)
        return found

    def take_patient_payment(self, *, patient_id: UUID, body: TakePayment, key: str = "") -> ReceiptOut:
        """Take cash or a check over the counter, and apply it."""
        found: ReceiptOut = self._ask("POST", f"/patients/{place(patient_id)}/payments", ReceiptOut, body=body, key=key)
        return found

    def list_receipts(self, *, patient_id: UUID | None = None, received_from: date | None = None, received_to: date | None = None, method: str = "", cursor: str = "", limit: int = 50) -> ReceiptOutPage:
        """Payments of patients, the newest first."""
        found: ReceiptOutPage = self._ask("GET", "/payments", ReceiptOutPage, query={"patient_id": patient_id, "received_from": received_from, "received_to": received_to, "method": method, "cursor": cursor, "limit": limit})
        return found

    def read_receipt(self, *, receipt_id: UUID) -> ReceiptOut:
        """One payment."""
        found: ReceiptOut = self._ask("GET", f"/payments/{place(receipt_id)}", ReceiptOut)
        return found

    def read_receipt_paper(self, *, receipt_id: UUID) -> bytes:
        """The numbered receipt of a payment at the counter."""
        found: bytes = self._ask("GET", f"/payments/{place(receipt_id)}/receipt.pdf", bytes)
        return found

    def list_refunds(self, *, state: str = "", patient_id: UUID | None = None, payer_id: UUID | None = None, cursor: str = "", limit: int = 50) -> RefundOutPage:
        """Credits and refunds, the newest first."""
        found: RefundOutPage = self._ask("GET", "/refunds", RefundOutPage, query={"state": state, "patient_id": patient_id, "payer_id": payer_id, "cursor": cursor, "limit": limit})
        return found

    def read_refund(self, *, refund_id: UUID) -> RefundOut:
        """One credit or refund."""
        found: RefundOut = self._ask("GET", f"/refunds/{place(refund_id)}", RefundOut)
        return found

    def request_a_refund(self, *, refund_id: UUID, key: str = "") -> RefundOut:
        """Ask for the refund of a credit whose cause is known. A person approves it on its page."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/request", RefundOut, key=key)
        return found

    def list_write_offs(self, *, state: str = "", cursor: str = "", limit: int = 50) -> WriteOffOutPage:
        """Write-offs asked for, the newest first."""
        found: WriteOffOutPage = self._ask("GET", "/write-offs", WriteOffOutPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def request_a_write_off(self, *, body: AskWriteOff, key: str = "") -> WriteOffOut:
        """Ask for a write-off: it changes no balance until a person approves it."""
        found: WriteOffOut = self._ask("POST", "/write-offs", WriteOffOut, body=body, key=key)
        return found

    def take_back_a_write_off(self, *, write_off_id: UUID, body: Because, key: str = "") -> WriteOffOut:
        """Withdraw a write-off that nobody decided, or reverse an approved one."""
        found: WriteOffOut = self._ask("POST", f"/write-offs/{place(write_off_id)}/back", WriteOffOut, body=body, key=key)
        return found
