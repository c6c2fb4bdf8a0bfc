"""Calls about counter. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.counter import CreditMoveOut, DrawerOut, DrawerOutPage, MakeSlip, MoveCredit, NoteIt, OpenDrawer, RecordReturn, ReturnedOut, ReturnedOutPage, SlipOut, SlipOutPage, Unapplied, UnapplyReceipt


class Counter:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_drawers(self, *, practice_id: UUID | None = None, cursor: str = "", limit: int = 50) -> DrawerOutPage:
        """Cash drawers, the newest first."""
        found: DrawerOutPage = self._ask("GET", "/drawers", DrawerOutPage, query={"practice_id": practice_id, "cursor": cursor, "limit": limit})
        return found

    def open_cash_drawer(self, *, body: OpenDrawer, key: str = "") -> DrawerOut:
        """Begin a drawer with its float."""
        found: DrawerOut = self._ask("POST", "/drawers", DrawerOut, body=body, key=key)
        return found

    def list_slips(self, *, practice_id: UUID | None = None, cursor: str = "", limit: int = 50) -> SlipOutPage:
        """Deposit slips, the newest first."""
        found: SlipOutPage = self._ask("GET", "/slips", SlipOutPage, query={"practice_id": practice_id, "cursor": cursor, "limit": limit})
        return found

    def make_deposit_slip(self, *, body: MakeSlip, key: str = "") -> SlipOut:
        """One deposit of everything that waits at the counter, or of what is named."""
        found: SlipOut = self._ask("POST", "/slips", SlipOut, body=body, key=key)
        return found

    def read_slip_paper(self, *, slip_id: UUID) -> bytes:
        """The slip as it goes with the money."""
        found: bytes = self._ask("GET", f"/slips/{place(slip_id)}/slip.pdf", bytes)
        return found

    def void_deposit_slip(self, *, slip_id: UUID, body: NoteIt, key: str = "") -> SlipOut:
        """A slip that never went: its money waits again."""
        found: SlipOut = self._ask("POST", f"/slips/{place(slip_id)}/void", SlipOut, body=body, key=key)
        return found

    def list_returned_payments(self, *, open_only: bool = True, cursor: str = "", limit: int = 50) -> ReturnedOutPage:
        """Checks and card payments that came back, the newest first; those to settle unless all are asked for."""
        found: ReturnedOutPage = self._ask("GET", "/returned-payments", ReturnedOutPage, query={"open_only": open_only, "cursor": cursor, "limit": limit})
        return found

    def record_returned_payment(self, *, receipt_id: UUID, body: RecordReturn, key: str = "") -> ReturnedOut:
        """A check bounced, or a card payment was disputed: the payment is reversed, with the practice's fee."""
        found: ReturnedOut = self._ask("POST", f"/payments/{place(receipt_id)}/returned", ReturnedOut, body=body, key=key)
        return found

    def settle_returned_payment(self, *, returned_id: UUID, body: NoteIt, key: str = "") -> ReturnedOut:
        """It is settled with the patient: statements go out again."""
        found: ReturnedOut = self._ask("POST", f"/returned-payments/{place(returned_id)}/settle", ReturnedOut, body=body, key=key)
        return found

    def unapply_a_payment(self, *, receipt_id: UUID, body: UnapplyReceipt, key: str = "") -> Unapplied:
        """Take a payment off the lines it paid; the money is unapplied again."""
        found: Unapplied = self._ask("POST", f"/payments/{place(receipt_id)}/unapply", Unapplied, body=body, key=key)
        return found

    def move_unapplied_credit(self, *, patient_id: UUID, body: MoveCredit, key: str = "") -> CreditMoveOut:
        """Unapplied money of one account to another, such as within a family; then used on what is owed there."""
        found: CreditMoveOut = self._ask("POST", f"/patients/{place(patient_id)}/credit/move", CreditMoveOut, body=body, key=key)
        return found
