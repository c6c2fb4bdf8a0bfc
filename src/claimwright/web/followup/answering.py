"""Payers' status answers (277): found by trace, kept as they stood, on the claim's timeline, and its state where proved."""

from __future__ import annotations

import hashlib

import msgspec

from claimwright.billing.following import Answer, StatusFinding, read_status, triggers_of
from claimwright.billing.lifecycle import State
from claimwright.claims.status import ClaimInquiry, StatusReport, StatusResponse
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, record_audit
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxPart
from claimwright.web.followup.models import StatusAnswer, StatusInquiry
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import Move, move_all, see_as_it_is

Asked = StatusInquiry.State
STATUS_ANSWER = "status_answer"  # on the timeline, where an answer moves nothing


class AnswersTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a 277: answers attached, claims moved, rejections among them, and answers that fit no question."""

    attached: int = 0
    moved: int = 0
    rejected: int = 0
    orphans: int = 0


def take_status_answers(*, response: StatusResponse, part: InboxPart | None = None) -> AnswersTaken:
    """Every answer of a 277 to its question, in the caller's transaction. The same again changes nothing; a late one is
    kept all the same. A payer that answers for a whole transaction (no patient named) answers every question of it.
    """
    attached = moved = rejected = orphans = 0
    for report in response.reports:
        rows = _questions(response, report)
        orphans += not rows
        for row in rows:
            attached += 1
            steps, refused = _attach(row, report, part)
            moved, rejected = moved + steps, rejected + refused
    if orphans or not response.reports:
        _list_orphans(part, orphans)
    return AnswersTaken(attached=attached, moved=moved, rejected=rejected, orphans=orphans)


def _questions(response: StatusResponse, report: StatusReport) -> list[StatusInquiry]:
    rows = StatusInquiry.objects.select_for_update(of=("self",)).select_related("version__claim__payer")
    if report.level != "claim":
        return list(rows.filter(batch=response.reference, state=Asked.SENT)) if response.reference else []
    if not report.trace_number:
        return []
    return [row for row in rows.filter(trace=report.trace_number) if _is_of(row, report)]


def _is_of(row: StatusInquiry, report: StatusReport) -> bool:
    """A trace that comes back with another person's birth date or another claim's number is no answer to ours."""
    asked = msgspec.convert(row.content, ClaimInquiry)
    told = report.patient.birth_date if report.patient else None
    born = asked.patient.birth_date
    number = report.patient_control_number
    return (not told or not born or told == born) and (not number or number == row.version.control_number)


def _list_orphans(part: InboxPart | None, count: int) -> None:
    raise_work_item(
        worklist=Worklist.STATUS_ANSWERS, key=f"status-answer:{part.pk if part else 'none'}", reason_code="NO_QUESTION",
        reason=f"{max(count, 1)} status answers give back no trace of ours, or another claim's.",
        what_to_do="Find out whose they are; ask the clearinghouse why they came here", subject_type="inbox_part",
        subject_id=part.pk if part else "", file_id=part.file_id if part else None,
        file_name=part.file.name if part else "", reopen=True,
    )  # fmt: skip


def _attach(row: StatusInquiry, report: StatusReport, part: InboxPart | None) -> tuple[int, int]:
    digest = hashlib.sha256(msgspec.json.encode((row.trace, report), order="deterministic")).hexdigest()
    if row.answers.filter(sha256=digest).exists():
        return 0, 0
    found, version = read_status(report), row.version
    StatusAnswer.objects.create(
        version=version, inquiry=row, answer=found.answer, content=msgspec.to_builtins(found),
        payment_trace=found.payment_trace[:50], paid=found.paid, answered_on=clock.today(), answered_at=clock.now(),
        sha256=digest, part=part,
    )  # fmt: skip
    record_audit(action="status.answer", subject_type="claim_version", subject_id=version.pk, detail=row.trace)
    if row.state in (Asked.PREPARED, Asked.SENT):
        row.state, row.answered_at = Asked.ANSWERED, clock.now()
        row.save(update_fields=["state", "answered_at"])
    return _move(version, found, report, part)


def _move(version: ClaimVersion, found: StatusFinding, report: StatusReport, part: InboxPart | None) -> tuple[int, int]:
    see_as_it_is(version)
    before = State(version.state)
    _keep_number(version, found)
    note = " ".join(filter(None, (f"277 {found.answer.value.replace('_', ' ')}", ", ".join(found.codes))))[:400]
    triggers = triggers_of(found.answer, before)
    if triggers:
        moves = [Move(version=version, trigger=one, segment=report.segment, note=note) for one in triggers]
        move_all(moves=moves, evidence=part)
    else:
        record_events(
            events=[
                EventRow(
                    version_id=str(version.pk), source=before.value, target=before.value, trigger=STATUS_ANSWER,
                    moved=False, segment=report.segment, note=note,
                )
            ],
            evidence=part,
        )  # fmt: skip
    rejected = version.state == State.PAYER_REJECTED and before is not State.PAYER_REJECTED
    if rejected:
        _list_rejection(version, found, part)
    return int(version.state != before), int(rejected)


def _keep_number(version: ClaimVersion, found: StatusFinding) -> None:
    """REF*1K of an answer that knows the claim is the payer's number for it, and shows that the payer has it."""
    if not found.payer_claim_number or found.answer in (Answer.NOT_FOUND, Answer.ERROR):
        return
    changed = []
    if not version.payer_claim_number:
        version.payer_claim_number = found.payer_claim_number[:80]
        changed.append("payer_claim_number")
    if not version.proof_of_filing and found.answer is not Answer.REJECTED:
        version.proof_of_filing = f"277 of {clock.today().isoformat()}, payer number {found.payer_claim_number}"[:200]
        changed.append("proof_of_filing")
    if changed:
        version.save(update_fields=changed)


def _list_rejection(version: ClaimVersion, found: StatusFinding, part: InboxPart | None) -> None:
    raise_work_item(
        worklist=Worklist.PAYER_REJECTIONS, key=f"rejected:{version.pk}",
        reason_code=found.codes[0] if found.codes else "PAYER_REJECTED",
        reason=f"The payer rejected the claim before adjudication: {', '.join(found.codes)}. {found.message}".strip(),
        what_to_do="Correct what the codes name and send it as a new claim; it is not a denial",
        subject_type="claim_version", subject_id=version.pk, practice_id=version.claim.practice_id,
        claim_number=version.control_number, file_id=part.file_id if part else None,
        file_name=part.file.name if part else "", amount=version.total_charge, due_date=version.filing_deadline,
    )  # fmt: skip
