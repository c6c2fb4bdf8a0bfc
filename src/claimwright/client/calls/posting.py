"""Calls about posting. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.posting import CardOut, DebtOut, DebtOutPage, HeldBecause, HeldOut, KeyPaper, LookedOverOut, OweBack, PaperOut, PaperPosted, PaperRow, PaperRowPage, PlaceAdjustment, RecordCard, SettleDebt, StartPaper, TakeHeldBack
from claimwright.client.structs.remittances import ClaimPaymentOut, ProviderAdjustmentOut


class Posting:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_paper(self, *, state: str = "", cursor: str = "", limit: int = 50) -> PaperRowPage:
        """Paper remittances, the newest keyed first."""
        found: PaperRowPage = self._ask("GET", "/paper", PaperRowPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def start_a_paper(self, *, body: StartPaper, key: str = "") -> PaperOut:
        """Begin a check; the same payer and number again gives the draft that is open."""
        found: PaperOut = self._ask("POST", "/paper", PaperOut, body=body, key=key)
        return found

    def read_paper(self, *, paper_id: UUID) -> PaperOut:
        """One as it is keyed so far, and what is wrong with it."""
        found: PaperOut = self._ask("GET", f"/paper/{place(paper_id)}", PaperOut)
        return found

    def key_a_paper(self, *, paper_id: UUID, body: KeyPaper, key: str = "") -> PaperOut:
        """Keep what the paper says, whatever is still wrong with it. Nothing posts."""
        found: PaperOut = self._ask("PUT", f"/paper/{place(paper_id)}", PaperOut, body=body, key=key)
        return found

    def post_a_paper(self, *, paper_id: UUID, key: str = "") -> PaperPosted:
        """Post it, by the same rules as a remittance that came as a file. Only when it balances."""
        found: PaperPosted = self._ask("POST", f"/paper/{place(paper_id)}/post", PaperPosted, key=key)
        return found

    def discard_a_paper(self, *, paper_id: UUID, key: str = "") -> PaperRow:
        """A draft begun by mistake: nothing of it was posted."""
        found: PaperRow = self._ask("POST", f"/paper/{place(paper_id)}/discard", PaperRow, key=key)
        return found

    def record_a_virtual_card(self, *, remittance_id: UUID, body: RecordCard, key: str = "") -> CardOut:
        """The card that a posted remittance was paid by, as it was run."""
        found: CardOut = self._ask("POST", f"/remittances/{place(remittance_id)}/card", CardOut, body=body, key=key)
        return found

    def note_card_opt_out(self, *, remittance_id: UUID, key: str = "") -> CardOut:
        """The payer was asked to pay by EFT instead."""
        found: CardOut = self._ask("POST", f"/remittances/{place(remittance_id)}/card/opt-out", CardOut, key=key)
        return found

    def post_what_was_looked_over(self, *, remittance_id: UUID, key: str = "") -> LookedOverOut:
        """Post what waited for a look alone; what a rule holds stays held and is told."""
        found: LookedOverOut = self._ask("POST", f"/remittances/{place(remittance_id)}/look", LookedOverOut, key=key)
        return found

    def assign_claim_payment(self, *, claim_payment_id: UUID, body: HeldBecause, key: str = "") -> ClaimPaymentOut:
        """Post a held payment to the practice whose claim it is."""
        found: ClaimPaymentOut = self._ask("POST", f"/remittances/claim-payments/{place(claim_payment_id)}/assign", ClaimPaymentOut, body=body, key=key)
        return found

    def list_practice_debts(self, *, open_only: bool = True, cursor: str = "", limit: int = 50) -> DebtOutPage:
        """What one practice owes another whose payment came to it, the newest first."""
        found: DebtOutPage = self._ask("GET", "/remittances/debts", DebtOutPage, query={"open_only": open_only, "cursor": cursor, "limit": limit})
        return found

    def settle_a_practice_debt(self, *, debt_id: UUID, body: SettleDebt, key: str = "") -> DebtOut:
        """The money followed the claim from bank to bank."""
        found: DebtOut = self._ask("POST", f"/remittances/debts/{place(debt_id)}/settle", DebtOut, body=body, key=key)
        return found

    def place_held_adjustment(self, *, adjustment_id: UUID, body: PlaceAdjustment, key: str = "") -> ProviderAdjustmentOut:
        """A held provider adjustment onto an account, or as the payer's word for one of our refund checks."""
        found: ProviderAdjustmentOut = self._ask("POST", f"/remittances/adjustments/{place(adjustment_id)}/place", ProviderAdjustmentOut, body=body, key=key)
        return found

    def owe_held_money_back(self, *, body: OweBack, key: str = "") -> HeldOut:
        """Held money is the payer's: it goes on the list of credits, where its refund is asked for."""
        found: HeldOut = self._ask("POST", "/remittances/held/owe-back", HeldOut, body=body, key=key)
        return found

    def take_held_money_back(self, *, body: TakeHeldBack, key: str = "") -> HeldOut:
        """A later item takes back what is held: settled, the payer has its money."""
        found: HeldOut = self._ask("POST", "/remittances/held/take-back", HeldOut, body=body, key=key)
        return found
