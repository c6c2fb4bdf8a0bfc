"""Calls about claims. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.claims import Because, ClaimEventOut, ClaimOut, ClaimRowPage, CombineClaims, CorrectClaim, FindingOut, HoldClaim, PayerWord, Scrubbed, SplitClaim, VersionOut, VersionRow
from claimwright.client.structs.ledger import TransferOut


class Claims:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_claims(self, *, state: str = "", payer: str = "", practice: UUID | None = None, provider: str = "", place: str = "", sequence: str = "", carc: str = "", owner: str = "", worklist: str = "", date_from: date | None = None, date_to: date | None = None, sent_from: date | None = None, sent_to: date | None = None, least: Decimal | None = None, most: Decimal | None = None, owes: Decimal | None = None, patient_owes: Decimal | None = None, limit_near: bool = False, q: str = "", cursor: str = "", limit: int = 50) -> ClaimRowPage:
        """The claims list with its filters: newest versions, by number, the highest first."""
        found: ClaimRowPage = self._ask("GET", "/claims", ClaimRowPage, query={"state": state, "payer": payer, "practice": practice, "provider": provider, "place": place, "sequence": sequence, "carc": carc, "owner": owner, "worklist": worklist, "date_from": date_from, "date_to": date_to, "sent_from": sent_from, "sent_to": sent_to, "least": least, "most": most, "owes": owes, "patient_owes": patient_owes, "limit_near": limit_near, "q": q, "cursor": cursor, "limit": limit})
        return found

    def read_claim(self, *, claim_id: UUID) -> ClaimOut:
        """One claim and its versions, the newest last."""
        found: ClaimOut = self._ask("GET", f"/claims/{place(claim_id)}", ClaimOut)
        return found

    def read_version(self, *, version_id: UUID) -> VersionOut:
        """One version with its content. Its ETag is what a correction must name."""
        found: VersionOut = self._ask("GET", f"/claims/versions/{place(version_id)}", VersionOut)
        return found

    def correct_claim_fields(self, *, version_id: UUID, body: CorrectClaim, if_match: str, key: str = "") -> VersionOut:
        """Change a professional claim that was never sent, and run its edits."""
        found: VersionOut = self._ask("PUT", f"/claims/versions/{place(version_id)}", VersionOut, body=body, if_match=if_match, key=key)
        return found

    def list_findings(self, *, claim_id: UUID) -> list[FindingOut]:
        """What the edits said of each version, open and let go."""
        found: list[FindingOut] = self._ask("GET", f"/claims/{place(claim_id)}/findings", list[FindingOut])
        return found

    def list_timeline(self, *, claim_id: UUID) -> list[ClaimEventOut]:
        """Every step of its life, with who, when and on what evidence."""
        found: list[ClaimEventOut] = self._ask("GET", f"/claims/{place(claim_id)}/timeline", list[ClaimEventOut])
        return found

    def list_payer_words(self, *, claim_id: UUID) -> list[PayerWord]:
        """What each payer of the visit said, in the order it came."""
        found: list[PayerWord] = self._ask("GET", f"/claims/{place(claim_id)}/payments", list[PayerWord])
        return found

    def list_claim_ledger(self, *, claim_id: UUID) -> list[TransferOut]:
        """The transfers of the claim's lines, in the order they were written."""
        found: list[TransferOut] = self._ask("GET", f"/claims/{place(claim_id)}/ledger", list[TransferOut])
        return found

    def read_claim_form(self, *, version_id: UUID) -> bytes:
        """The paper form as it would be printed today; nothing is sent."""
        found: bytes = self._ask("GET", f"/claims/versions/{place(version_id)}/form.pdf", bytes)
        return found

    def scrub_version(self, *, version_id: UUID, key: str = "") -> Scrubbed:
        """Run the edits on a version that was not sent; it becomes ready, or is held with what they found."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/scrub", Scrubbed, key=key)
        return found

    def hold_version(self, *, version_id: UUID, body: HoldClaim, key: str = "") -> VersionRow:
        """Put a claim on hold, until a day or until it is released."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/hold", VersionRow, body=body, key=key)
        return found

    def cancel_version(self, *, version_id: UUID, body: Because, key: str = "") -> VersionRow:
        """Take back a claim that should not be, before it goes out: its charges are reversed."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/cancel", VersionRow, body=body, key=key)
        return found

    def release_version(self, *, version_id: UUID, body: Because, key: str = "") -> VersionRow:
        """Let a held claim go on from where it stood."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/release", VersionRow, body=body, key=key)
        return found

    def override_a_finding(self, *, finding_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """Let a claim go over a HOLD finding. A rejection is never let go."""
        found: Scrubbed = self._ask("POST", f"/claims/findings/{place(finding_id)}/override", Scrubbed, body=body, key=key)
        return found

    def replace_version(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """Make the version that replaces a decided one (frequency 7), and run its edits."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/replace", Scrubbed, body=body, key=key)
        return found

    def void_version(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """Make the version that takes a decided one back (frequency 8)."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/void", Scrubbed, body=body, key=key)
        return found

    def send_version_anew(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """A first claim again, where the payer could not process this one."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/send-anew", Scrubbed, body=body, key=key)
        return found

    def correct_rejected_version(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """A first claim again under a new number, after a rejection."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/correct-rejected", Scrubbed, body=body, key=key)
        return found

    def split_version(self, *, version_id: UUID, body: SplitClaim, key: str = "") -> list[VersionRow]:
        """Split a claim among several, and run their edits."""
        found: list[VersionRow] = self._ask("POST", f"/claims/versions/{place(version_id)}/split", list[VersionRow], body=body, key=key)
        return found

    def combine_versions(self, *, version_id: UUID, body: CombineClaims, key: str = "") -> Scrubbed:
        """Make one of unsent claims of the same patient, payer and day."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/combine", Scrubbed, body=body, key=key)
        return found

    def print_version(self, *, version_id: UUID, key: str = "") -> VersionRow:
        """Print a ready claim to be mailed: the pages are kept, and it has gone out on paper."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/print", VersionRow, key=key)
        return found

    def coordinate_version(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """Bring a later payer's claim to what the payers before it say now: as it stands while unsent, else as a new version."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/coordinate", Scrubbed, body=body, key=key)
        return found
