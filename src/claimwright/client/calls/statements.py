"""Calls about statements. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.payments import ReceiptOut
from claimwright.client.structs.statements import CancelPlan, ChangeStatement, OfferPlan, PayPlan, PlanDetail, PlanOut, PlanOutPage, StatementOut, StatementOutPage, StatementsIssued


class Statements:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_statements(self, *, state: str = "", patient_id: UUID | None = None, issued_from: date | None = None, issued_to: date | None = None, cursor: str = "", limit: int = 50) -> StatementOutPage:
        """Statements, the newest first."""
        found: StatementOutPage = self._ask("GET", "/statements", StatementOutPage, query={"state": state, "patient_id": patient_id, "issued_from": issued_from, "issued_to": issued_to, "cursor": cursor, "limit": limit})
        return found

    def read_statement(self, *, whole_id: UUID) -> StatementOut:
        """One statement."""
        found: StatementOut = self._ask("GET", f"/statements/{place(whole_id)}", StatementOut)
        return found

    def read_statement_paper(self, *, whole_id: UUID) -> bytes:
        """The pages as they were issued."""
        found: bytes = self._ask("GET", f"/statements/{place(whole_id)}/statement.pdf", bytes)
        return found

    def issue_statements_now(self, *, key: str = "") -> StatementsIssued:
        """Issue every statement that is due."""
        found: StatementsIssued = self._ask("POST", "/statements/issue", StatementsIssued, key=key)
        return found

    def void_a_statement(self, *, whole_id: UUID, body: ChangeStatement, key: str = "") -> StatementOut:
        """Withdraw it."""
        found: StatementOut = self._ask("POST", f"/statements/{place(whole_id)}/void", StatementOut, body=body, key=key)
        return found

    def reissue_a_statement(self, *, whole_id: UUID, body: ChangeStatement, key: str = "") -> StatementOut:
        """Issue another in its place."""
        found: StatementOut = self._ask("POST", f"/statements/{place(whole_id)}/reissue", StatementOut, body=body, key=key)
        return found

    def send_statement_again(self, *, whole_id: UUID, key: str = "") -> StatementOut:
        """The same again, with the next print."""
        found: StatementOut = self._ask("POST", f"/statements/{place(whole_id)}/send-again", StatementOut, key=key)
        return found

    def list_plans(self, *, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> PlanOutPage:
        """Payment plans, the newest first."""
        found: PlanOutPage = self._ask("GET", "/plans", PlanOutPage, query={"state": state, "patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def offer_a_plan(self, *, body: OfferPlan, key: str = "") -> PlanOut:
        """Offer a plan; it runs once it is accepted."""
        found: PlanOut = self._ask("POST", "/plans", PlanOut, body=body, key=key)
        return found

    def read_plan(self, *, plan_id: UUID) -> PlanDetail:
        """One plan, with what was paid on it."""
        found: PlanDetail = self._ask("GET", f"/plans/{place(plan_id)}", PlanDetail)
        return found

    def read_plan_agreement(self, *, plan_id: UUID) -> bytes:
        """The agreement as it was written."""
        found: bytes = self._ask("GET", f"/plans/{place(plan_id)}/agreement.pdf", bytes)
        return found

    def accept_a_plan(self, *, plan_id: UUID, autopay: bool = False, key: str = "") -> PlanOut:
        """The patient accepts the offer; `autopay`: with consent to automatic charges."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/accept", PlanOut, query={"autopay": autopay}, key=key)
        return found

    def cancel_a_plan(self, *, plan_id: UUID, body: CancelPlan, key: str = "") -> PlanOut:
        """End a plan before its end."""
        found: PlanOut = self._ask("POST", f"/plans/{place(plan_id)}/cancel", PlanOut, body=body, key=key)
        return found

    def pay_on_plan(self, *, plan_id: UUID, body: PayPlan, key: str = "") -> ReceiptOut:
        """Take cash or a check on a plan over the counter."""
        found: ReceiptOut = self._ask("POST", f"/plans/{place(plan_id)}/payments", ReceiptOut, body=body, key=key)
        return found
