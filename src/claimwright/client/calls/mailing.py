"""Calls about mailing. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.mailing import BatchOut, BatchOutPage, ContactMade, DueStatements, Dunned, DunningAccountPage, DunningContact, DunningContactPage, MailCameBack, PieceOut, PieceOutPage
from claimwright.client.structs.office import JobRunOut


class Mailing:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def preview_statements(self) -> DueStatements:
        """What a run today would issue, and who owes and gets none, by reason."""
        found: DueStatements = self._ask("GET", "/statements/due", DueStatements)
        return found

    def list_mail_batches(self, *, cursor: str = "", limit: int = 50) -> BatchOutPage:
        """Zips for whoever prints and mails, the newest first."""
        found: BatchOutPage = self._ask("GET", "/statements/batches", BatchOutPage, query={"cursor": cursor, "limit": limit})
        return found

    def make_a_mail_batch(self, *, key: str = "") -> BatchOut:
        """One zip of everything that waits for paper. 409 where nothing does."""
        found: BatchOut = self._ask("POST", "/statements/batches", BatchOut, key=key)
        return found

    def download_mail_batch(self, *, batch_id: UUID) -> bytes:
        """The zip: an index as CSV and one PDF a piece."""
        found: bytes = self._ask("GET", f"/statements/batches/{place(batch_id)}/content", bytes)
        return found

    def list_pieces(self, *, state: str = "", cursor: str = "", limit: int = 50) -> PieceOutPage:
        """What is on its way or came back, the newest first."""
        found: PieceOutPage = self._ask("GET", "/statements/pieces", PieceOutPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def note_returned_mail(self, *, piece_id: UUID, body: MailCameBack, key: str = "") -> PieceOut:
        """A piece came back: the address is marked, and nothing more is printed for it."""
        found: PieceOut = self._ask("POST", f"/statements/pieces/{place(piece_id)}/returned", PieceOut, body=body, key=key)
        return found

    def email_statement_links(self, *, key: str = "") -> JobRunOut:
        """Queue a run that sends the links that wait for e-mail: its counts say what was sent and what goes on paper."""
        found: JobRunOut = self._ask("POST", "/statements/email", JobRunOut, key=key)
        return found

    def read_final_notice(self, *, notice_id: UUID) -> bytes:
        """A final notice as it was printed."""
        found: bytes = self._ask("GET", f"/statements/notices/{place(notice_id)}/notice.pdf", bytes)
        return found

    def list_dunning_accounts(self, *, cursor: str = "", limit: int = 50) -> DunningAccountPage:
        """Accounts whose clock runs, the latest begun first."""
        found: DunningAccountPage = self._ask("GET", "/dunning", DunningAccountPage, query={"cursor": cursor, "limit": limit})
        return found

    def run_dunning_now(self, *, key: str = "") -> Dunned:
        """Do the one step that is due on each account; again on the day it changes nothing."""
        found: Dunned = self._ask("POST", "/dunning/run", Dunned, key=key)
        return found

    def list_dunning_contacts(self, *, state: str = "to_make", cursor: str = "", limit: int = 50) -> DunningContactPage:
        """Calls and texts, the newest day first; those to make unless another state is asked for."""
        found: DunningContactPage = self._ask("GET", "/dunning/contacts", DunningContactPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def record_dunning_contact(self, *, dunning_contact_id: UUID, body: ContactMade, key: str = "") -> DunningContact:
        """What came of a call or text, made within its hours."""
        found: DunningContact = self._ask("POST", f"/dunning/contacts/{place(dunning_contact_id)}", DunningContact, body=body, key=key)
        return found
