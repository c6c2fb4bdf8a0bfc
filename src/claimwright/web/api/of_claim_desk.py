"""The claim desk beside making versions: fixes of findings, notes, sending one now, what is taken back, raw segments."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.api.fields import In, Out
from claimwright.web.api.framework import PDF, as_bytes, find, in_words, operation
from claimwright.web.api.of_claims import Because, Scrubbed, VersionRow
from claimwright.web.api.of_files import SentRow
from claimwright.web.api.of_office import JobRunOut
from claimwright.web.api.problems import Problem
from claimwright.web.authorizations.models import Authorization
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import OutboxFile
from claimwright.web.operations.filing_proof import NothingFiled, filing_pack
from claimwright.web.operations.job_runs import ask
from claimwright.web.operations.status_inquiries import file_ourselves
from claimwright.web.submissions.authorizing import needed, put_on_claim, suggestions
from claimwright.web.submissions.in_hand import put_in_hand
from claimwright.web.submissions.mending import fingerprint, keep_mend, mend_for
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import move
from claimwright.web.submissions.notes import add_note
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.sending import cancel_batch
from claimwright.web.submissions.services import hold, release, resubmit, return_to_ready
from claimwright.web.submissions.versions import last_print
from claimwright.web.workbench.claim_raw import received_lines
from claimwright.web.workbench.claim_steps import last_step
from claimwright.web.workbench.raw import RawLine, claim_segments


class FieldChange(Out):
    path: str
    before: str
    after: str


class FixOut(Out):
    """What the fix of a finding would do; nothing is changed by reading it."""

    finding_id: UUID
    is_safe: bool = Field(description="False: there is no fix that can be made without a person")
    changes: list[FieldChange]
    seen: str = Field(description="Send it back to apply this very fix, and no other")


class ApplyFix(In):
    seen: str = Field(min_length=1, max_length=64)


class ClaimNote(In):
    text: str = Field(min_length=1, max_length=4000)


class InHand(In):
    """Both as they are to stand."""

    owner: str = Field(default="", max_length=150, description="A user name of the practice; blank: nobody's")
    follow_up_on: date | None = Field(default=None, description="The day on which a person sees the claim again")


class InHandNow(Out):
    claim_id: UUID
    owner: str
    follow_up_on: date | None


class NoteKept(Out):
    version_id: UUID


class FittingAuthorization(Out):
    authorization_id: UUID
    number: str
    status: str
    lines: list[int] = Field(description="Numbers of the lines that it fits, from 1")
    why_not: list[str]


class NeededOut(Out):
    line: int
    kind: str
    source: str


class ClaimAuthorizations(Out):
    needed: list[NeededOut] = Field(description="Lines for which the payer asks for one")
    on_file: list[FittingAuthorization]


class PutAuthorization(In):
    authorization_id: UUID
    lines: list[int] = Field(default=[], max_length=50, description="From 1; none: on the whole claim")
    reason: str = Field(default="", max_length=300)


class SegmentOut(Out):
    place: int = Field(description="In the file, from 1")
    number: int = Field(description="In its transaction, from 1; 0 outside")
    text: str
    found: bool = Field(description="The one that is asked about")


def _version(version_id: UUID) -> ClaimVersion:
    rows = ClaimVersion.objects.select_related("claim__payer", "claim__practice", "claim__patient", "claim__encounter__patient")  # fmt: skip
    found: ClaimVersion = find(rows, version_id)
    return found


def _row(version: ClaimVersion) -> ClaimVersion:
    version.refresh_from_db()
    return version


def _scrubbed(version_id: UUID) -> dict[str, Any]:
    scrub(version_ids=[version_id])
    row = ClaimVersion.objects.defer("content").get(pk=version_id)
    return {"version": row, "findings": list(row.findings.filter(open=True).order_by("edit_id", "pk"))}


# Fixes ---------------------------------------------------------------------------------------------------------------


@operation("GET", "/claims/findings/{uuid:finding_id}/fix", permission="claims.correct", answers=FixOut, reads=True)
def read_fix(request: HttpRequest, finding_id: UUID) -> Any:
    """What the fix of a finding would change, field by field."""
    finding = find(EditFinding.objects.select_related("version__claim__patient", "version__claim__payer"), finding_id)
    mend = mend_for(finding=finding)
    if mend is None:
        return {"finding_id": finding.pk, "is_safe": False, "changes": [], "seen": ""}
    changes = [msgspec.to_builtins(one) for one in mend.changes]
    return {"finding_id": finding.pk, "is_safe": True, "changes": changes, "seen": fingerprint(mend)}


@operation("POST", "/claims/findings/{uuid:finding_id}/fix", permission="claims.correct", answers=Scrubbed)
def apply_a_fix(request: HttpRequest, finding_id: UUID, payload: ApplyFix) -> Any:
    """Make the fix that was read, and run the edits again."""
    finding = find(EditFinding.objects.select_related("version__claim__patient", "version__claim__payer"), finding_id)
    return _scrubbed(keep_mend(finding=finding, seen=payload.seen).pk)


# Acts on a version ---------------------------------------------------------------------------------------------------


@operation(
    "POST", "/claims/versions/{uuid:version_id}/notes", permission="claims.correct", answers=NoteKept, status=201
)
def note_on_claim(request: HttpRequest, version_id: UUID, payload: ClaimNote) -> Any:
    """A note on the timeline; it never leaves the practice."""
    version = _version(version_id)
    add_note(version=version, text=payload.text)
    return {"version_id": version.pk}


@operation("PUT", "/claims/versions/{uuid:version_id}/in-hand", permission="office.work", answers=InHandNow)
def keep_claim_in_hand(request: HttpRequest, version_id: UUID, payload: InHand) -> Any:
    """Whose the claim is, and when it is seen again."""
    claim, name = _version(version_id).claim, payload.owner
    person = User.objects.filter(tenant=current_tenant(), username=name).first() if name else None
    if name and person is None:
        raise Problem(409, "Nobody of that name works here", kind="refused")
    put_in_hand(claim=claim, owner=person, follow_up_on=payload.follow_up_on)
    return {"claim_id": claim.pk, "owner": claim.owner, "follow_up_on": claim.follow_up_on}


@operation("POST", "/claims/versions/{uuid:version_id}/undo", permission="claims.correct", answers=VersionRow)
def undo_last_step(request: HttpRequest, version_id: UUID) -> Any:
    """Take the last hold or release back."""
    version = _version(version_id)
    step = last_step(version)
    if step is not None and step.trigger == Trigger.HOLD:
        release(version=version, reason="the hold was taken back")
    elif step is not None and step.trigger == Trigger.RELEASE:
        before = version.events.filter(trigger=Trigger.HOLD, moved=True).order_by("-ordinal").first()
        hold(version=version, reason=before.note if before is not None else "the release was taken back")
    else:
        raise Problem(409, "Only a hold or a release is undone: what went out is corrected", kind="refused")
    return _row(version)


@operation("POST", "/claims/versions/{uuid:version_id}/send", permission="claims.send", answers=JobRunOut, status=202)
def send_version_now(request: HttpRequest, version_id: UUID) -> Any:
    """Queue one ready claim for the worker, which checks it again and sends it at once."""
    version = _version(version_id)
    if version.state != State.READY:
        raise Problem(409, "Only a claim that is ready is sent: put right what holds it", kind="refused")
    return ask(tenant=current_tenant(), job="send_claims", about={"versions": [str(version.pk)]})


@operation(
    "POST", "/claims/versions/{uuid:version_id}/resubmit", permission="claims.send", answers=Scrubbed, status=201
)
def resubmit_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """The same claim again while the first is pending, as a version of its own."""
    return _scrubbed(resubmit(version=_version(version_id), reason=payload.reason).pk)


@operation("POST", "/claims/versions/{uuid:version_id}/requeue", permission="claims.send", answers=VersionRow)
def requeue_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """A claim of a rejected file, whose content is right, goes with the next file."""
    version = _version(version_id)
    if not return_to_ready(versions=[version], reason=payload.reason):
        raise Problem(409, "Only a claim of a rejected file goes into the next one as it is", kind="refused")
    return _row(version)


@operation("POST", "/claims/versions/{uuid:version_id}/file-ourselves", permission="claims.send", answers=VersionRow)
def file_crossover_ourselves(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """A later payer's claim goes out from here: its crossover is waited for no more."""
    version = _version(version_id)
    if version.state != State.AWAIT_CROSSOVER:
        raise Problem(409, f"Only what waits for a crossover: this is {version.state}", kind="refused")
    file_ourselves(version=version, why=payload.reason)
    return _row(version)


@operation("POST", "/claims/versions/{uuid:version_id}/reopen", permission="claims.send", answers=VersionRow)
def reopen_version(request: HttpRequest, version_id: UUID, payload: Because) -> Any:
    """A closed claim is decided, and worked again."""
    version = _version(version_id)
    move(version=version, trigger=Trigger.REOPEN, note=payload.reason)
    record_audit(action="claim.reopen", subject_type="claim_version", subject_id=version.pk, detail=payload.reason)
    return _row(version)


@operation(
    "GET", "/claims/versions/{uuid:version_id}/authorizations", permission="authorizations.read",
    answers=ClaimAuthorizations, reads=True,
)  # fmt: skip
def list_claim_authorizations(request: HttpRequest, version_id: UUID) -> Any:
    """What is on file for the claim's patient and payer, for which lines it fits, and where one is needed."""
    version = _version(version_id)
    return {
        "needed": [{"line": at + 1, "kind": kind, "source": source} for at, kind, source in needed(version)],
        "on_file": [_fitting(one) for one in suggestions(version)],
    }


def _fitting(one: Any) -> dict[str, Any]:
    return {
        "authorization_id": one.authorization_id, "number": one.number, "status": one.status,
        "lines": [at + 1 for at in one.fits], "why_not": list(one.reasons),
    }  # fmt: skip


@operation("POST", "/claims/versions/{uuid:version_id}/authorizations", permission="claims.correct", answers=Scrubbed)
def put_authorization_on_claim(request: HttpRequest, version_id: UUID, payload: PutAuthorization) -> Any:
    """Its number goes on the claim, or on the lines named; the edits run again."""
    version = _version(version_id)
    row = find(Authorization.objects.select_related("patient", "payer"), payload.authorization_id)
    count = len(msgspec.convert(version.content, ClaimNoun).lines)
    if any(not 1 <= at <= count for at in payload.lines):
        errors = [{"field": "lines", "says": f"the claim has lines 1 to {count}"}]
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    lines = sorted({at - 1 for at in payload.lines})
    with in_words():
        put_on_claim(
            version=version, authorization=row, lines=[] if len(lines) == count else lines,
            reason=payload.reason.strip() or f"authorization {row.number}",
        )  # fmt: skip
    return _scrubbed(version.pk)


# Papers and segments -------------------------------------------------------------------------------------------------


@operation("GET", "/claims/versions/{uuid:version_id}/filing.pdf", permission="claims.read", produces=PDF, reads=True)
def read_filing_proof(request: HttpRequest, version_id: UUID) -> Any:
    """The proof of timely filing: what went out when, and who said that it came."""
    version = _version(version_id)
    try:
        pack = filing_pack(version=version)
    except NothingFiled as nothing:
        raise Problem(404, str(nothing)) from None
    return as_bytes(pack.pdf, PDF, f"proof-of-filing-{version.control_number}.pdf")


@operation("GET", "/claims/versions/{uuid:version_id}/mailed.pdf", permission="claims.read", produces=PDF, reads=True)
def read_mailed_form(request: HttpRequest, version_id: UUID) -> Any:
    """The very pages that were mailed."""
    version = _version(version_id)
    last = last_print(version=version)
    if last is None:
        raise Problem(404, "It was not printed")
    return as_bytes(bytes(last.pdf), PDF, f"{version.control_number}.pdf")


def _lines(lines: list[RawLine]) -> list[dict[str, Any]]:
    return [{"place": one.place, "number": one.number, "text": one.text, "found": one.found} for one in lines]


@operation(
    "GET", "/claims/versions/{uuid:version_id}/raw/sent/{uuid:sent_file_id}", permission="claims.read",
    answers=list[SegmentOut], reads=True,
)  # fmt: skip
def read_sent_segments(request: HttpRequest, version_id: UUID, sent_file_id: UUID) -> Any:
    """The claim's own segments in a file it went out in."""
    version = _version(version_id)
    file = find(OutboxFile.objects.filter(submissions__version=version), sent_file_id)
    return _lines(claim_segments(bytes(file.content), version.control_number))


@operation(
    "GET", "/claims/versions/{uuid:version_id}/raw/received/{uuid:part_id}", permission="claims.read",
    answers=list[SegmentOut], reads=True,
)  # fmt: skip
def read_received_segments(request: HttpRequest, version_id: UUID, part_id: UUID, segment: int = 0) -> Any:
    """What a received part says of the claim: its payment whole, or the segments around the one named."""
    version = _version(version_id)
    lines = received_lines(version, part_id, segment)
    if lines is None:
        raise Problem(404, "It says nothing of this claim")
    return _lines(lines)


# Files of claims -----------------------------------------------------------------------------------------------------


@operation(
    "POST", "/files/sent/{uuid:sent_file_id}/cancel", permission="claims.send", answers=SentRow, whole_office=True
)
def cancel_sent_file(request: HttpRequest, sent_file_id: UUID, payload: Because) -> Any:
    """Give a file up before it leaves: its claims are ready again, for another."""
    row = find(OutboxFile.objects.defer("content"), sent_file_id)
    cancel_batch(file=row, reason=payload.reason)
    row.refresh_from_db(fields=["state", "problem"])
    return row


@operation(
    "POST", "/files/sent/{uuid:sent_file_id}/again", permission="claims.send", answers=JobRunOut, status=202,
    whole_office=True,
)  # fmt: skip
def send_file_once_more(request: HttpRequest, sent_file_id: UUID, payload: Because) -> Any:
    """The same bytes under the same numbers, where nobody knows whether they arrived and the partner says: not."""
    row = find(OutboxFile.objects.defer("content"), sent_file_id)
    if row.state != OutboxFile.State.AMBIGUOUS:
        words = "Only a file of which nobody knows whether it arrived is sent again"
        raise Problem(409, words, kind="refused")
    return ask(tenant=current_tenant(), job="send_file_again", about={"file": str(row.pk), "reason": payload.reason})
