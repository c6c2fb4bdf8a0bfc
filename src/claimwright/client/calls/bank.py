"""Calls about bank. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.bank import BankAccountOut, BankImported, BankLineOutPage, BankMatchOut, BankMatchOutPage, ExplainLine, MatchLines, OpenMoney, UndoMatch


class Bank:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_bank_accounts(self) -> list[BankAccountOut]:
        """Accounts whose statements are imported."""
        found: list[BankAccountOut] = self._ask("GET", "/bank/accounts", list[BankAccountOut])
        return found

    def list_bank_lines(self, *, account_id: UUID | None = None, open_only: bool = True, posted_from: date | None = None, posted_to: date | None = None, cursor: str = "", limit: int = 50) -> BankLineOutPage:
        """Lines, the newest first; those that are not matched unless all are asked for."""
        found: BankLineOutPage = self._ask("GET", "/bank/lines", BankLineOutPage, query={"account_id": account_id, "open_only": open_only, "posted_from": posted_from, "posted_to": posted_to, "cursor": cursor, "limit": limit})
        return found

    def list_open_money(self) -> list[OpenMoney]:
        """Money that the books expect at the bank and that no line is matched to."""
        found: list[OpenMoney] = self._ask("GET", "/bank/open-money", list[OpenMoney])
        return found

    def list_bank_matches(self, *, cursor: str = "", limit: int = 50) -> BankMatchOutPage:
        """What lines were matched to or explained as, the newest first; an undoing names the match it undoes."""
        found: BankMatchOutPage = self._ask("GET", "/bank/matches", BankMatchOutPage, query={"cursor": cursor, "limit": limit})
        return found

    def match_bank_lines(self, *, body: MatchLines, key: str = "") -> BankMatchOut:
        """Say which money these lines are."""
        found: BankMatchOut = self._ask("POST", "/bank/matches", BankMatchOut, body=body, key=key)
        return found

    def import_bank_statement(self, *, content: bytes, name: str, account_id: UUID | None = None, key: str = "") -> BankImported:
        """Import a bank's file as it is. With a fault in it none of its lines is taken."""
        found: BankImported = self._ask("POST", "/bank/statements", BankImported, content=content, query={"name": name, "account_id": account_id}, key=key)
        return found

    def explain_a_bank_line(self, *, line_id: UUID, body: ExplainLine, key: str = "") -> BankMatchOut:
        """Say what a line is that is no money of claims."""
        found: BankMatchOut = self._ask("POST", f"/bank/lines/{place(line_id)}/explain", BankMatchOut, body=body, key=key)
        return found

    def undo_a_bank_match(self, *, match_id: UUID, body: UndoMatch, key: str = "") -> BankMatchOut:
        """Undo a match: its lines and its money are open again."""
        found: BankMatchOut = self._ask("POST", f"/bank/matches/{place(match_id)}/undo", BankMatchOut, body=body, key=key)
        return found
