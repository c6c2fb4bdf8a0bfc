"""Notes on a claim, for the office only: added to its timeline, never changed or taken away."""

from __future__ import annotations

from claimwright.web.core.services import record_audit
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import see_as_it_is

NOTE = "note"  # of a ClaimEvent: a person wrote something down, nothing moved
CHARACTERS = 2000


class NoteRefused(ValueError):
    """A note without words, or of more than fit."""


def add_note(*, version: ClaimVersion, text: str) -> None:
    """Write `text` on the timeline of the version, whatever its state. It never leaves the practice: proofs of filing
    and packs take what moved the claim, and a note moves nothing. Raises NoteRefused."""
    words = "\n".join(line.strip() for line in text.replace("\x00", "").strip().splitlines())
    if not words:
        raise NoteRefused("a note has words")
    if len(words) > CHARACTERS:
        raise NoteRefused(f"a note has at most {CHARACTERS} characters: write it as two")
    see_as_it_is(version)
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source=version.state, target=version.state, trigger=NOTE, moved=False,
                note=words,
            )
        ]
    )  # fmt: skip
    record_audit(action="claim.note", subject_type="claim_version", subject_id=version.pk)
