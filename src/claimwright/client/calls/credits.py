"""Calls about credits. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.claims import VersionRow
from claimwright.client.structs.credits import ChooseRecoupment, Escheat, IssueRefund, IssueTogether, Moved, NameRefundCause, PayAgain, PayerRequestIn, RefundBecause, SmallBalanceOut, ToPatient, WrittenOff
from claimwright.client.structs.payments import RefundOut


class Credits:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def record_payer_request(self, *, body: PayerRequestIn, key: str = "") -> RefundOut:
        """Record a payer's letter that asks for money back."""
        found: RefundOut = self._ask("POST", "/refunds", RefundOut, body=body, key=key)
        return found

    def name_refund_cause(self, *, refund_id: UUID, body: NameRefundCause, key: str = "") -> RefundOut:
        """Say why the money is owed back."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/cause", RefundOut, body=body, key=key)
        return found

    def issue_a_refund(self, *, refund_id: UUID, body: IssueRefund, key: str = "") -> RefundOut:
        """Record how an approved refund was paid. It must have been approved by a person."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/issue", RefundOut, body=body, key=key)
        return found

    def issue_refunds_together(self, *, body: IssueTogether, key: str = "") -> RefundOut:
        """One check for approved credits of a payer and practice; the first of them becomes the check."""
        found: RefundOut = self._ask("POST", "/refunds/together", RefundOut, body=body, key=key)
        return found

    def begin_refund_investigation(self, *, refund_id: UUID, key: str = "") -> RefundOut:
        """A good-faith investigation stops the clock of a federal payer."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/investigate", RefundOut, key=key)
        return found

    def conclude_refund_investigation(self, *, refund_id: UUID, key: str = "") -> RefundOut:
        """The amount is known: the days that were left run from today."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/conclude", RefundOut, key=key)
        return found

    def choose_refund_recoupment(self, *, refund_id: UUID, body: ChooseRecoupment, key: str = "") -> RefundOut:
        """The payer takes it from a later payment, or not after all."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/recoup", RefundOut, body=body, key=key)
        return found

    def move_patient_credit(self, *, refund_id: UUID, body: RefundBecause, key: str = "") -> Moved:
        """A patient's own credit onto what the same patient owes."""
        found: Moved = self._ask("POST", f"/refunds/{place(refund_id)}/move", Moved, body=body, key=key)
        return found

    def refuse_payer_request(self, *, refund_id: UUID, body: RefundBecause, key: str = "") -> RefundOut:
        """We owe nothing: a payer's request is closed with the reason."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/refuse", RefundOut, body=body, key=key)
        return found

    def stop_refund_payment(self, *, refund_id: UUID, body: RefundBecause, key: str = "") -> RefundOut:
        """A lost check: its money is ours to hold again, and still owed."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/stop", RefundOut, body=body, key=key)
        return found

    def pay_refund_again(self, *, refund_id: UUID, body: PayAgain, key: str = "") -> RefundOut:
        """A stopped refund by another check, to the same payee."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/pay-again", RefundOut, body=body, key=key)
        return found

    def escheat_a_refund(self, *, refund_id: UUID, body: Escheat, key: str = "") -> RefundOut:
        """Nobody cashed it until the state's day: the money went to the state."""
        found: RefundOut = self._ask("POST", f"/refunds/{place(refund_id)}/escheat", RefundOut, body=body, key=key)
        return found

    def list_small_balances(self, *, practice_id: UUID) -> list[SmallBalanceOut]:
        """Residuals of payers within the practice's limit, decided finally and disputed by nobody."""
        found: list[SmallBalanceOut] = self._ask("GET", f"/practices/{place(practice_id)}/small-balances", list[SmallBalanceOut])
        return found

    def write_off_the_small(self, *, practice_id: UUID, key: str = "") -> WrittenOff:
        """Write all of them off in one act, as the practice's policy says."""
        found: WrittenOff = self._ask("POST", f"/practices/{place(practice_id)}/small-balances/write-off", WrittenOff, key=key)
        return found

    def move_claim_to_patient(self, *, version_id: UUID, body: ToPatient, key: str = "") -> VersionRow:
        """What this payer leaves open becomes the patient's, where contract and law allow it."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/to-patient", VersionRow, body=body, key=key)
        return found

    def move_claim_from_patient(self, *, version_id: UUID, body: ToPatient, key: str = "") -> VersionRow:
        """What was made the patient's by hand is this payer's again, while the patient paid nothing of it."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/from-patient", VersionRow, body=body, key=key)
        return found
