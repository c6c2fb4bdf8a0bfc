"""Calls about clients. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.clients import ClientDetail, ClientInvoiceOut, ClientOut, ClientPaymentOut, ClientPays, DraftInvoice, SetTerms, TermsOut, VoidInvoice


class Clients:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_clients(self) -> list[ClientOut]:
        """Every practice with its terms of this month, newest invoice and balance."""
        found: list[ClientOut] = self._ask("GET", "/clients", list[ClientOut])
        return found

    def read_client(self, *, practice_id: UUID) -> ClientDetail:
        """One client's account: invoices and payments in their order."""
        found: ClientDetail = self._ask("GET", f"/clients/{place(practice_id)}", ClientDetail)
        return found

    def draft_client_invoice(self, *, practice_id: UUID, month: str) -> DraftInvoice:
        """What a month comes to by the terms that hold in it."""
        found: DraftInvoice = self._ask("GET", f"/clients/{place(practice_id)}/drafts/{place(month)}", DraftInvoice)
        return found

    def set_client_terms(self, *, practice_id: UUID, body: SetTerms, key: str = "") -> TermsOut:
        """Terms from a month on."""
        found: TermsOut = self._ask("POST", f"/clients/{place(practice_id)}/terms", TermsOut, body=body, key=key)
        return found

    def issue_client_invoice(self, *, practice_id: UUID, month: str, key: str = "") -> ClientInvoiceOut:
        """Issue a closed month's invoice; issued already, that one is given."""
        found: ClientInvoiceOut = self._ask("POST", f"/clients/{place(practice_id)}/invoices/{place(month)}", ClientInvoiceOut, key=key)
        return found

    def issue_client_invoices(self, *, month: str, key: str = "") -> list[ClientInvoiceOut]:
        """Issue a closed month's invoices to every client with terms."""
        found: list[ClientInvoiceOut] = self._ask("POST", f"/clients/invoices/{place(month)}", list[ClientInvoiceOut], key=key)
        return found

    def read_client_invoice(self, *, practice_id: UUID, month: str) -> bytes:
        """The invoice as it was issued."""
        found: bytes = self._ask("GET", f"/clients/{place(practice_id)}/invoices/{place(month)}/invoice.pdf", bytes)
        return found

    def void_client_invoice(self, *, practice_id: UUID, month: str, body: VoidInvoice, key: str = "") -> ClientInvoiceOut:
        """Take the newest invoice back."""
        found: ClientInvoiceOut = self._ask("POST", f"/clients/{place(practice_id)}/invoices/{place(month)}/void", ClientInvoiceOut, body=body, key=key)
        return found

    def record_client_payment(self, *, practice_id: UUID, body: ClientPays, key: str = "") -> ClientPaymentOut:
        """Money from a client onto its account."""
        found: ClientPaymentOut = self._ask("POST", f"/clients/{place(practice_id)}/payments", ClientPaymentOut, body=body, key=key)
        return found

    def read_client_report(self, *, practice_id: UUID, month: str) -> bytes:
        """A month's report for the client."""
        found: bytes = self._ask("GET", f"/clients/{place(practice_id)}/reports/{place(month)}/report.pdf", bytes)
        return found

    def read_client_workbook(self, *, practice_id: UUID, month: str) -> bytes:
        """The same as an Excel file with a sheet for each report."""
        found: bytes = self._ask("GET", f"/clients/{place(practice_id)}/reports/{place(month)}/report.xlsx", bytes)
        return found
