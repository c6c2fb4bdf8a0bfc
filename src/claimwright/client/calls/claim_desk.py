"""Calls about claim_desk. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.claim_desk import ApplyFix, ClaimAuthorizations, ClaimNote, FixOut, InHand, InHandNow, NoteKept, PutAuthorization, SegmentOut
from claimwright.client.structs.claims import Because, Scrubbed, VersionRow
from claimwright.client.structs.files import SentRow
from claimwright.client.structs.office import JobRunOut


class ClaimDesk:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def read_fix(self, *, finding_id: UUID) -> FixOut:
        """What the fix of a finding would change, field by field."""
        found: FixOut = self._ask("GET", f"/claims/findings/{place(finding_id)}/fix", FixOut)
        return found

    def apply_a_fix(self, *, finding_id: UUID, body: ApplyFix, key: str = "") -> Scrubbed:
        """Make the fix that was read, and run the edits again."""
        found: Scrubbed = self._ask("POST", f"/claims/findings/{place(finding_id)}/fix", Scrubbed, body=body, key=key)
        return found

    def note_on_claim(self, *, version_id: UUID, body: ClaimNote, key: str = "") -> NoteKept:
        """A note on the timeline; it never leaves the practice."""
        found: NoteKept = self._ask("POST", f"/claims/versions/{place(version_id)}/notes", NoteKept, body=body, key=key)
        return found

    def keep_claim_in_hand(self, *, version_id: UUID, body: InHand, key: str = "") -> InHandNow:
        """Whose the claim is, and when it is seen again."""
        found: InHandNow = self._ask("PUT", f"/claims/versions/{place(version_id)}/in-hand", InHandNow, body=body, key=key)
        return found

    def undo_last_step(self, *, version_id: UUID, key: str = "") -> VersionRow:
        """Take the last hold or release back."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/undo", VersionRow, key=key)
        return found

    def send_version_now(self, *, version_id: UUID, key: str = "") -> JobRunOut:
        """Queue one ready claim for the worker, which checks it again and sends it at once."""
        found: JobRunOut = self._ask("POST", f"/claims/versions/{place(version_id)}/send", JobRunOut, key=key)
        return found

    def resubmit_version(self, *, version_id: UUID, body: Because, key: str = "") -> Scrubbed:
        """The same claim again while the first is pending, as a version of its own."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/resubmit", Scrubbed, body=body, key=key)
        return found

    def requeue_version(self, *, version_id: UUID, body: Because, key: str = "") -> VersionRow:
        """A claim of a rejected file, whose content is right, goes with the next file."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/requeue", VersionRow, body=body, key=key)
        return found

    def file_crossover_ourselves(self, *, version_id: UUID, body: Because, key: str = "") -> VersionRow:
        """A later payer's claim goes out from here: its crossover is waited for no more."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/file-ourselves", VersionRow, body=body, key=key)
        return found

    def reopen_version(self, *, version_id: UUID, body: Because, key: str = "") -> VersionRow:
        """A closed claim is decided, and worked again."""
        found: VersionRow = self._ask("POST", f"/claims/versions/{place(version_id)}/reopen", VersionRow, body=body, key=key)
        return found

    def list_claim_authorizations(self, *, version_id: UUID) -> ClaimAuthorizations:
        """What is on file for the claim's patient and payer, for which lines it fits, and where one is needed."""
        found: ClaimAuthorizations = self._ask("GET", f"/claims/versions/{place(version_id)}/authorizations", ClaimAuthorizations)
        return found

    def put_authorization_on_claim(self, *, version_id: UUID, body: PutAuthorization, key: str = "") -> Scrubbed:
        """Its number goes on the claim, or on the lines named; the edits run again."""
        found: Scrubbed = self._ask("POST", f"/claims/versions/{place(version_id)}/authorizations", Scrubbed, body=body, key=key)
        return found

    def read_filing_proof(self, *, version_id: UUID) -> bytes:
        """The proof of timely filing: what went out when, and who said that it came."""
        found: bytes = self._ask("GET", f"/claims/versions/{place(version_id)}/filing.pdf", bytes)
        return found

    def read_mailed_form(self, *, version_id: UUID) -> bytes:
        """The very pages that were mailed."""
        found: bytes = self._ask("GET", f"/claims/versions/{place(version_id)}/mailed.pdf", bytes)
        return found

    def read_sent_segments(self, *, version_id: UUID, sent_file_id: UUID) -> list[SegmentOut]:
        """The claim's own segments in a file it went out in."""
        found: list[SegmentOut] = self._ask("GET", f"/claims/versions/{place(version_id)}/raw/sent/{place(sent_file_id)}", list[SegmentOut])
        return found

    def read_received_segments(self, *, version_id: UUID, part_id: UUID, segment: int = 0) -> list[SegmentOut]:
        """What a received part says of the claim: its payment whole, or the segments around the one named."""
        found: list[SegmentOut] = self._ask("GET", f"/claims/versions/{place(version_id)}/raw/received/{place(part_id)}", list[SegmentOut], query={"segment": segment})
        return found

    def cancel_sent_file(self, *, sent_file_id: UUID, body: Because, key: str = "") -> SentRow:
        """Give a file up before it leaves: its claims are ready again, for another."""
        found: SentRow = self._ask("POST", f"/files/sent/{place(sent_file_id)}/cancel", SentRow, body=body, key=key)
        return found

    def send_file_once_more(self, *, sent_file_id: UUID, body: Because, key: str = "") -> JobRunOut:
        """The same bytes under the same numbers, where nobody knows whether they arrived and the partner says: not."""
        found: JobRunOut = self._ask("POST", f"/files/sent/{place(sent_file_id)}/again", JobRunOut, body=body, key=key)
        return found
