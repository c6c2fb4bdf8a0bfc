"""Proof of timely filing: what was sent and when, who accepted it, the payer's number; with the very segments that say so.

Only the claim's own segments are shown: a file holds other patients' claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from claimwright.billing.deadlines import ProofStrength, proof
from claimwright.billing.lifecycle import Trigger
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.documents.letters import Column, Exhibit, LetterEnclosure, render_exhibit
from claimwright.documents.packs import Enclosure, Pack, make_pack
from claimwright.documents.paper import FormRefused
from claimwright.documents.statement import amount_text, short_date
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.models import InboxPart
from claimwright.web.submissions.models import ClaimEvent, ClaimPrint, ClaimVersion, Submission
from claimwright.web.submissions.versions import proof_of_claim
from claimwright.x12 import read
from claimwright.x12.segments import Segment, readable

FILED_STATES = {
    "SENT": "Sent", "PAPER_SENT": "Mailed on paper", "FILE_ACCEPTED": "File accepted (TA1 or 999)",
    "CH_ACCEPTED": "Accepted by the clearinghouse (277CA)", "PAYER_ACCEPTED": "Accepted by the payer (277CA)",
    "PENDED": "In process at the payer (277)", "ADJUDICATED": "Decided by the payer (835)",
    "CH_REJECTED": "Rejected by the clearinghouse (277CA)", "PAYER_REJECTED": "Rejected by the payer (277CA)",
    "FILE_REJECTED": "File rejected (TA1 or 999)",
}  # fmt: skip
# By what was told rather than by the state reached: an answer that came late moved nothing, and is proof all the same.
TOLD = {
    Trigger.SEND_CONFIRMED: "SENT", Trigger.ACKNOWLEDGED_BEFORE_CONFIRMED: "SENT", Trigger.PRINTED: "PAPER_SENT",
    Trigger.FILE_ACCEPT: "FILE_ACCEPTED", Trigger.FILE_REJECT: "FILE_REJECTED", Trigger.CH_ACCEPT: "CH_ACCEPTED",
    Trigger.CH_REJECT: "CH_REJECTED", Trigger.PAYER_ACCEPT: "PAYER_ACCEPTED", Trigger.PAYER_REJECT: "PAYER_REJECTED",
    Trigger.PENDING: "PENDED", Trigger.REMITTANCE: "ADJUDICATED",
}  # fmt: skip
_STATE_TOLD = {trigger.value: state for trigger, state in TOLD.items()}
STATUS_ANSWER = "status_answer"
STRENGTHS = {
    ProofStrength.PAYER: "The payer's own acceptance, with its claim number.",
    ProofStrength.FILE: "Acceptance of the file only: many payers ask for their own acceptance.",
    ProofStrength.NONE: "No acceptance is on file.",
}  # fmt: skip
LARGEST_FILE_SHOWN = 2_000_000  # bytes; the segments of a larger file are left out
SHOWN_OF_A_999 = ("ST", "AK1", "AK2", "IK5", "AK9", "TA1")


class NothingFiled(ValueError):
    """A claim that never went out: there is nothing to prove."""


def filing_enclosure(version: ClaimVersion) -> Enclosure | None:
    """The page that lists every sending and every answer, as an enclosure of another pack; None for a claim never sent."""
    events = _events(version)
    if not events:
        return None
    return Enclosure(title="Proof of filing", content=render_exhibit(_summary(version, events, ())))


def filing_pack(*, version: ClaimVersion) -> Pack:
    """One PDF: the list of sendings and answers, the claim as printed from our record, the segments sent and received.

    Raises NothingFiled for a claim that never went out.
    """
    events = _events(version)
    if not events:
        raise NothingFiled("the claim was never sent: there is nothing to prove")
    enclosures = [*_printed(version), *_sent(version), *_received(version, events)]

    def write(listed: tuple[LetterEnclosure, ...]) -> bytes:
        return render_exhibit(_summary(version, events, listed))

    made = make_pack(write, enclosures, reference=version.control_number)
    record_audit(action="claim.proof_of_filing", subject_type="claim_version", subject_id=version.pk)
    return made


def _events(version: ClaimVersion) -> list[ClaimEvent]:
    """Sendings and answers of every version of the claim, in order."""
    rows = ClaimEvent.objects.filter(version__claim=version.claim_id, version__number__lte=version.number)
    rows = rows.select_related("evidence__file", "version").defer("version__content")
    return [row for row in rows.order_by("at", "version__number", "ordinal") if _told(row)]


def _told(row: ClaimEvent) -> str:
    """The state that the event speaks for, STATUS_ANSWER, or "" for a step that proves nothing."""
    if row.trigger == STATUS_ANSWER:
        return STATUS_ANSWER
    if row.trigger in _STATE_TOLD:
        return _STATE_TOLD[row.trigger]
    return row.to_state if row.moved and row.to_state in FILED_STATES and row.from_state != row.to_state else ""


def _summary(version: ClaimVersion, events: Sequence[ClaimEvent], listed: Sequence[LetterEnclosure]) -> Exhibit:
    claim, first = version.claim, _first_sent(version)
    noun = msgspec.convert(version.content, ClaimNoun, strict=False)
    strength = proof(
        payer_accepted=version.payer_acknowledged, payer_claim_number=version.payer_claim_number,
        file_accepted=version.file_acknowledged,
    )  # fmt: skip
    facts = (
        ("Payer", claim.payer.name), ("Patient", f"{claim.patient.first_name} {claim.patient.last_name}"),
        ("Member number", noun.coverage.member_id), ("Our claim number", version.control_number),
        ("Payer's claim number", version.payer_claim_number), ("Date of service", _on(version.date_of_service)),
        ("Charged", amount_text(version.total_charge)), ("First sent", _on(first)),
        ("Filing limit", _on(version.filing_deadline)), ("Accepted by the payer", _on(version.payer_acknowledged)),
        ("Strength", STRENGTHS[strength]),
    )  # fmt: skip
    return Exhibit(
        title="Proof of filing", practice=claim.practice.name, made_on=clock.today(),
        says="Every time the claim went out, and every answer that came back, from the practice's log.",
        facts=tuple(row for row in facts if row[1]),
        columns=(
            Column(title="Date"), Column(title="Claim no."), Column(title="What happened", wide=True),
            Column(title="File"),
        ),
        rows=tuple(
            (
                short_date(row.on, "en"), row.version.control_number, _happened(row),
                row.evidence.file.name if row.evidence is not None else "",
            ) for row in events
        ),
        notes=tuple(f"{one.title}: page {one.first_page}" for one in listed),
    )  # fmt: skip


def _happened(row: ClaimEvent) -> str:
    if row.trigger == STATUS_ANSWER:
        return f"Status answer of the payer: {row.note}"
    return " ".join(filter(None, (FILED_STATES[_told(row)], row.note)))


def _first_sent(version: ClaimVersion) -> date | None:
    days = ClaimVersion.objects.filter(claim=version.claim_id, number__lte=version.number, first_sent__isnull=False)
    return days.order_by("first_sent").values_list("first_sent", flat=True).first()


def _on(day: date | None) -> str:
    return short_date(day, "en") if day else ""


# Enclosures ----------------------------------------------------------------------------------------------------------


def _printed(version: ClaimVersion) -> list[Enclosure]:
    """The very pages that were mailed, else the claim printed from our record; none where no form takes it."""
    mailed = ClaimPrint.objects.filter(version=version).order_by("-printed_at").first()
    if mailed is not None:
        return [Enclosure(title="Claim as mailed", content=bytes(mailed.pdf))]
    try:
        return [Enclosure(title="Claim, printed from our record", content=proof_of_claim(version=version).pdf)]
    except FormRefused:
        return []


def _sent(version: ClaimVersion) -> list[Enclosure]:
    rows = Submission.objects.filter(version=version).select_related("file").order_by("file__prepared_at")
    found = []
    for row in rows:
        content = bytes(row.file.content)
        lines = segments_of_claim(content, version.control_number) if len(content) <= LARGEST_FILE_SHOWN else []
        facts = (
            ("File", row.file.name), ("Sent", _on(row.file.sent_on)), ("From", row.file.sender), ("To", row.file.receiver),
            ("Interchange number (ISA13)", str(row.file.interchange_control_number)),
            ("Group number (GS06)", str(row.file.group_control_number)),
            ("Transaction (ST02)", row.transaction_control_number), ("SHA-256 of the file", row.file.sha256),
        )  # fmt: skip
        found.append(_raw(version, "The claim as it was sent (837)", facts, lines))
    return found


def _received(version: ClaimVersion, events: Sequence[ClaimEvent]) -> list[Enclosure]:
    """Each answer once: what it said of this claim, and of nobody else."""
    parts: dict[object, InboxPart] = {row.evidence_id: row.evidence for row in events if row.evidence is not None}
    found = []
    for part in parts.values():
        if part.file.size > LARGEST_FILE_SHOWN or part.kind == "835":
            continue
        lines = own_segments(part, version.control_number)
        if not lines:
            continue
        facts = (
            ("File", part.file.name), ("Received", _on(part.file.received_on)), ("Kind", part.kind),
            ("Interchange number", part.interchange_control_number), ("SHA-256 of the file", part.file.sha256),
        )  # fmt: skip
        found.append(_raw(version, f"Answer of {_on(part.file.received_on)} ({part.kind})", facts, lines))
    return found


def _raw(version: ClaimVersion, title: str, facts: tuple[tuple[str, str], ...], lines: Sequence[Segment]) -> Enclosure:
    exhibit = Exhibit(
        title=title, practice=version.claim.practice.name, made_on=clock.today(),
        says="This claim's own segments, byte for byte; what the file says of others is left out.",
        facts=tuple(row for row in facts if row[1]), columns=(Column(title="Segment", wide=True),),
        rows=tuple((readable(line.text().strip()),) for line in lines),
    )  # fmt: skip
    return Enclosure(title=title, content=render_exhibit(exhibit))


def segments_of_claim(content: bytes, control_number: str) -> list[Segment]:
    """The segments of one claim in an 837: from its CLM to the next claim, level or end."""
    found: list[Segment] = []
    inside = False
    for segment in read(content).segments:
        if segment.id == "CLM":
            inside = segment[1] == control_number
        elif segment.id in ("HL", "SE"):
            inside = False
        if inside:
            found.append(segment)
    return found


def own_segments(part: InboxPart, control_number: str) -> list[Segment]:
    """What an acknowledgement or status answer says of one claim: of a 999 its verdicts, of a 277 the claim's level."""
    whole = [
        segment for segment in read(bytes(part.file.content)).segments
        if part.byte_start <= segment.offset < part.byte_end
    ]  # fmt: skip
    if part.kind in ("999", "997", "TA1"):
        return [segment for segment in whole if segment.id in SHOWN_OF_A_999]
    levels = [at for at, segment in enumerate(whole) if segment.id == "HL"]
    if not levels:
        return []
    ends = [*levels[1:], len(whole) - 1]
    head = whole[: ends[0]]
    for start, end in zip(levels, ends, strict=True):
        block = whole[start:end]
        if any(
            (one.id == "TRN" and one[2] == control_number)
            or (one.id == "REF" and (one[1], one[2]) == ("EJ", control_number))
            for one in block
        ):
            return [*head, *block]
    return []
