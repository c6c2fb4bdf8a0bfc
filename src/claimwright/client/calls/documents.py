"""Calls about documents. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.documents import AuthorizationOut, AuthorizationOutPage, ChangeAuthorization, DocumentOut, DocumentRowPage, HoldDocument, LinkDocument, RecordAuthorization, SignDocument, UnlinkDocument


class Documents:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_documents(self, *, patient_id: UUID | None = None, kind: str = "", linked_kind: str = "", linked_id: str = "", cursor: str = "", limit: int = 50) -> DocumentRowPage:
        """Documents on file, the newest first."""
        found: DocumentRowPage = self._ask("GET", "/documents", DocumentRowPage, query={"patient_id": patient_id, "kind": kind, "linked_kind": linked_kind, "linked_id": linked_id, "cursor": cursor, "limit": limit})
        return found

    def file_document(self, *, content: bytes, kind: str, name: str, patient_id: UUID | None = None, received_on: date | None = None, signed_on: date | None = None, signed_by: str = "", linked_kind: str = "", linked_id: str = "", key: str = "") -> DocumentOut:
        """File one document: its bytes are the body. The same file of the same patient is one document."""
        found: DocumentOut = self._ask("POST", "/documents", DocumentOut, content=content, query={"kind": kind, "name": name, "patient_id": patient_id, "received_on": received_on, "signed_on": signed_on, "signed_by": signed_by, "linked_kind": linked_kind, "linked_id": linked_id}, key=key)
        return found

    def read_document(self, *, document_id: UUID) -> DocumentOut:
        """One document and what it is about."""
        found: DocumentOut = self._ask("GET", f"/documents/{place(document_id)}", DocumentOut)
        return found

    def download_document(self, *, document_id: UUID) -> bytes:
        """The file as it came."""
        found: bytes = self._ask("GET", f"/documents/{place(document_id)}/content", bytes)
        return found

    def link_a_document(self, *, document_id: UUID, body: LinkDocument, key: str = "") -> DocumentOut:
        """Say what a document is about."""
        found: DocumentOut = self._ask("POST", f"/documents/{place(document_id)}/links", DocumentOut, body=body, key=key)
        return found

    def close_document_link(self, *, link_id: UUID, body: UnlinkDocument, key: str = "") -> DocumentOut:
        """Close a wrong link."""
        found: DocumentOut = self._ask("POST", f"/documents/links/{place(link_id)}/close", DocumentOut, body=body, key=key)
        return found

    def sign_a_document(self, *, document_id: UUID, body: SignDocument, key: str = "") -> DocumentOut:
        """The day and capacity of a signature that came later."""
        found: DocumentOut = self._ask("POST", f"/documents/{place(document_id)}/sign", DocumentOut, body=body, key=key)
        return found

    def replace_a_document(self, *, document_id: UUID, content: bytes, name: str, key: str = "") -> DocumentOut:
        """A readable file in place of one that cannot be read: all its links go over."""
        found: DocumentOut = self._ask("POST", f"/documents/{place(document_id)}/replace", DocumentOut, content=content, query={"name": name}, key=key)
        return found

    def number_a_document(self, *, document_id: UUID, key: str = "") -> DocumentOut:
        """Give it the number by which a payer finds it beside the claim (PWK06), once."""
        found: DocumentOut = self._ask("POST", f"/documents/{place(document_id)}/number", DocumentOut, key=key)
        return found

    def hold_a_document(self, *, document_id: UUID, body: HoldDocument, key: str = "") -> DocumentOut:
        """Keep it whatever its date; a blank reason lifts the hold."""
        found: DocumentOut = self._ask("POST", f"/documents/{place(document_id)}/hold", DocumentOut, body=body, key=key)
        return found

    def list_authorizations(self, *, patient_id: UUID | None = None, status: str = "", number: str = "", cursor: str = "", limit: int = 50) -> AuthorizationOutPage:
        """Authorizations and referrals, the newest first."""
        found: AuthorizationOutPage = self._ask("GET", "/authorizations", AuthorizationOutPage, query={"patient_id": patient_id, "status": status, "number": number, "cursor": cursor, "limit": limit})
        return found

    def record_an_authorization(self, *, body: RecordAuthorization, key: str = "") -> AuthorizationOut:
        """Record one as asked for, or as the payer gave it."""
        found: AuthorizationOut = self._ask("POST", "/authorizations", AuthorizationOut, body=body, key=key)
        return found

    def read_authorization(self, *, authorization_id: UUID) -> AuthorizationOut:
        """One authorization."""
        found: AuthorizationOut = self._ask("GET", f"/authorizations/{place(authorization_id)}", AuthorizationOut)
        return found

    def change_an_authorization(self, *, authorization_id: UUID, body: ChangeAuthorization, key: str = "") -> AuthorizationOut:
        """Change what the payer changed; what was is kept."""
        found: AuthorizationOut = self._ask("POST", f"/authorizations/{place(authorization_id)}/change", AuthorizationOut, body=body, key=key)
        return found
