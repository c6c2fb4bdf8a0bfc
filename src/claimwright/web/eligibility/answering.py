"""Answers of payers (271): matched by trace, kept as they stood, compared with the answer before, worked where refused."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec

from claimwright.billing.eligibility import Behaviour, Occasion, Refusal, alternate_of, decide_refusal
from claimwright.billing.eligibility_answers import (
    ACTIVE,
    INACTIVE,
    UNKNOWN,
    Change,
    ChangeKind,
    Snapshot,
    differences,
    snapshot_of,
)
from claimwright.claims.eligibility import EligibilityResponse, PatientEligibility, PatientInquiry
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.eligibility.asking import (
    TRY_MARK,
    InquiryRefused,
    ask_otherwise,
    coverage_noun,
    discover,
    refused_key,
    stop_payer,
)
from claimwright.web.eligibility.candidates import keep_candidates
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot, SnapshotChange
from claimwright.web.exchange.models import InboxPart

State = EligibilityInquiry.State
LIST_OF_BEHAVIOUR = {
    Behaviour.RETRY: Worklist.ELIGIBILITY_QUEUE,
    Behaviour.CORRECT_QUERY: Worklist.ELIGIBILITY_QUERIES,
    Behaviour.REGISTRATION: Worklist.ELIGIBILITY_REGISTRATION,
    Behaviour.ALTERNATE: Worklist.ELIGIBILITY_REGISTRATION,
}
WHAT_TO_DO = {
    Behaviour.RETRY: "Ask again later, or by telephone",
    Behaviour.CORRECT_QUERY: "Correct what the payer names, then ask again",
    Behaviour.REGISTRATION: "Compare the birth date with the card, correct the registration, then ask again",
    Behaviour.ALTERNATE: "Compare name, number and who holds the coverage with the card; look for other coverage",
}
CHANGE_WORDS = {
    ChangeKind.STATUS: "The coverage was {before} and is {after} now.",
    ChangeKind.TERM_DATE: "The coverage ends on {after}.",
    ChangeKind.OTHER_PAYER: "The payer knows of other coverage: {after}.",
    ChangeKind.PRIMARY_CARE: "The primary care provider was {before} and is {after} now.",
}
CHANGE_FIXES = {
    ChangeKind.STATUS: "Ask the patient for other coverage, then put the coverages right",
    ChangeKind.TERM_DATE: "End the coverage on that day, and ask the patient what follows it",
    ChangeKind.OTHER_PAYER: "Ask the patient, then confirm the order of the coverages",
    ChangeKind.PRIMARY_CARE: "See whether a referral of the new provider is needed",
}


class AnswersTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a 271: answers attached, and those that fit no question of ours."""

    attached: int = 0
    orphans: int = 0
    reason: str = ""


def take_answers(*, response: EligibilityResponse, part: InboxPart | None = None) -> AnswersTaken:
    """Every answer of a 271 to its question. The same answer again changes nothing; a late one is kept all the same.

    A payer that stopped above the patients (AAA of source, payer or receiver) answers the whole transaction, found by
    its BHT03. What fits nothing is listed.
    """
    attached = orphans = 0
    for answer in response.patients:
        rows = _questions(response, answer)
        for row in rows:
            attach(row, answer, response.reference, part)
        attached += len(rows)
        orphans += not rows
    if orphans or not response.patients:
        _list_orphans(part, orphans)
    return AnswersTaken(
        attached=attached, orphans=orphans, reason=f"{attached} answers, {orphans} that fit no question of ours"
    )


def _questions(response: EligibilityResponse, answer: PatientEligibility) -> list[EligibilityInquiry]:
    rows = EligibilityInquiry.objects.select_for_update(of=("self",)).select_related(
        "patient__practice", "payer__connection", "coverage__payer", "practice"
    )
    if answer.subscriber is None:
        return list(rows.filter(batch=response.reference, state=State.SENT)) if response.reference else []
    traces = {trace.number.partition(TRY_MARK)[0] for trace in answer.traces if trace.kind in ("1", "2")} - {""}
    if traces:
        return [row for row in rows.filter(trace__in=traces) if _is_of(row, answer)]
    if not response.reference:
        return []
    alike = [row for row in rows.filter(batch=response.reference, state=State.SENT) if _is_of(row, answer)]
    own = [row for row in alike if row.coverage is not None and row.coverage.member_id == answer.subscriber.member_id]
    found = own or alike
    return found if len(found) == 1 else []


def _is_of(row: EligibilityInquiry, answer: PatientEligibility) -> bool:
    """A trace that comes back with another person's birth date is no answer to our question."""
    asked = msgspec.convert(row.content, PatientInquiry).patient.birth_date
    told = answer.patient.birth_date if answer.patient else None
    return asked is None or told is None or asked == told


def _list_orphans(part: InboxPart | None, count: int) -> None:
    raise_work_item(
        worklist=Worklist.ELIGIBILITY_ANSWERS, key=f"eligibility-answer:{part.pk if part else 'none'}",
        reason_code="NO_QUESTION", reason=f"{max(count, 1)} answers give back no trace of ours, or another person's.",
        what_to_do="Find out whose they are; ask the clearinghouse why they came here", subject_type="inbox_part",
        subject_id=part.pk if part else "", file_id=part.file_id if part else None,
        file_name=part.file.name if part else "", reopen=True,
    )  # fmt: skip


def attach(
    row: EligibilityInquiry, answer: PatientEligibility, batch: str, part: InboxPart | None, **origin: str
) -> EligibilitySnapshot | None:
    """The answer as a snapshot of its question, with what follows from it; None where it was there already.

    `origin`: source, reference, told_by and keyed_by of an answer that a person keyed.
    """
    # With BHT03: the same refusal of another try is another answer.
    content = msgspec.json.encode((batch, answer), order="deterministic")
    digest = hashlib.sha256(content).hexdigest()
    if row.snapshots.filter(sha256=digest).exists():
        return None
    snapshot = snapshot_of(answer, on=row.on)
    before = _before(row)
    kept = EligibilitySnapshot.objects.create(
        inquiry=row, patient=row.patient, coverage=row.coverage, payer=row.payer, on=row.on, checked_on=clock.today(),
        checked_at=clock.now(), status=snapshot.status, member_id=snapshot.member_id[:80], start=snapshot.start,
        end=snapshot.end, content=msgspec.to_builtins(snapshot), answer=msgspec.to_builtins(answer), sha256=digest,
        part=part, previous=before, **origin,
    )  # fmt: skip
    record_audit(action="eligibility.answer", subject_type="patient", subject_id=row.patient_id, detail=row.trace)
    refused = snapshot.status == UNKNOWN and bool(snapshot.rejections)
    if refused:
        if row.state == State.SENT:  # an answer to an earlier try, or after a person decided, is only kept
            _refused(row, snapshot)
        return kept
    row.state, row.answered_at, row.reasons, row.behaviour = State.ANSWERED, clock.now(), [], ""
    row.next_try_at = None
    row.save(update_fields=["state", "answered_at", "reasons", "behaviour", "next_try_at"])
    if row.coverage is not None:
        resolve_work_items(keys=[refused_key(row)], resolution="the payer answered")
        _follow_up(row, snapshot)
        old = msgspec.convert(before.content, Snapshot) if before is not None else None
        _keep_changes(kept, differences(old, snapshot))
    keep_candidates(snapshot=kept, answer=answer)
    return kept


def _before(row: EligibilityInquiry) -> EligibilitySnapshot | None:
    """The last answer about the same coverage that told something."""
    if row.coverage is None:
        return None
    told = EligibilitySnapshot.objects.filter(coverage=row.coverage).exclude(status=UNKNOWN)
    return told.order_by("-checked_at").first()


# Refused -------------------------------------------------------------------------------------------------------------


def _refused(row: EligibilityInquiry, snapshot: Snapshot) -> None:
    asked = msgspec.convert(row.content, PatientInquiry)
    otherwise = None
    if row.follows_id is None and row.coverage is not None:
        otherwise = alternate_of(asked, snapshot.reasons, coverage_noun(row.coverage))
    decided = decide_refusal(snapshot.rejections, tries=row.tries, alternate_left=otherwise is not None)
    row.reasons, row.behaviour, row.answered_at = list(decided.reasons), decided.behaviour.value, clock.now()
    row.state = State.REFUSED
    if decided.minutes is not None:
        row.state, row.next_try_at = State.WAITING, clock.now() + timedelta(minutes=decided.minutes)
    row.save(update_fields=["reasons", "behaviour", "answered_at", "state", "next_try_at"])
    if decided.minutes is not None:
        return
    if decided.stops_payer:
        return stop_payer(payer=row.payer, because=f"AAA {', '.join(decided.reasons)}")
    if decided.try_alternate and otherwise is not None:
        ask_otherwise(inquiry=row, noun=otherwise)
        return
    if row.coverage is None and decided.behaviour in (Behaviour.ALTERNATE, Behaviour.REGISTRATION):
        return  # a search that found nobody
    _list_refusal(row, decided)
    if decided.discover and row.coverage is not None:
        try:
            discover(patient=row.patient, on=row.on, besides=[row.payer_id])
        except InquiryRefused:
            pass  # name or birth date is missing: the registration task above says so


def _list_refusal(row: EligibilityInquiry, decided: Refusal) -> None:
    fix, due = WHAT_TO_DO[decided.behaviour], row.on
    if decided.wait_days is not None:
        due = clock.today() + timedelta(days=decided.wait_days)
        fix = f"Ask again on {due.isoformat()}, as the payer says"
    raise_work_item(
        worklist=LIST_OF_BEHAVIOUR[decided.behaviour], key=refused_key(row), reason_code=f"AAA-{decided.reasons[0]}",
        reason=f"{row.payer.name} answered with AAA {', '.join(decided.reasons)}; the coverage is unknown, not inactive.",
        what_to_do=fix, subject_type="patient", subject_id=row.patient_id, practice_id=row.practice_id, due_date=due,
        reopen=True,
    )  # fmt: skip


# Answered ------------------------------------------------------------------------------------------------------------


def not_active_key(row: EligibilityInquiry) -> str:
    return f"eligibility:{row.coverage_id}:not-active"


def _follow_up(row: EligibilityInquiry, snapshot: Snapshot) -> None:
    """What a person must know of an answer: not active, unclear, found only otherwise, under another number."""
    assert row.coverage is not None
    if snapshot.status == ACTIVE:
        resolve_work_items(keys=[not_active_key(row)], resolution="active by a later answer")
    else:
        says = "is not active" if snapshot.status == INACTIVE else f"cannot be told: {snapshot.because}"
        raise_work_item(
            worklist=Worklist.ELIGIBILITY_NOT_ACTIVE, key=not_active_key(row), reason_code=snapshot.status.upper(),
            reason=f"The coverage by {row.payer.name} {says} on {row.on.isoformat()}.",
            what_to_do="Ask the patient for other coverage, or the payer", subject_type="patient",
            subject_id=row.patient_id, practice_id=row.practice_id, due_date=row.on, reopen=True,
        )  # fmt: skip
    ours, theirs = row.coverage.member_id.upper(), snapshot.member_id.upper()
    found = []
    if row.follows_id is not None and snapshot.status == ACTIVE:
        found.append(("ALTERNATE", "The payer found the patient only when asked otherwise than registered."))
    if theirs and ours and theirs != ours:
        found.append(("MEMBER_ID", "The payer answers with another member number than is on file."))
    for code, reason in found:
        raise_work_item(
            worklist=Worklist.ELIGIBILITY_REGISTRATION, key=f"eligibility:{row.coverage_id}:{code.lower()}",
            reason_code=code, reason=reason, what_to_do="Compare the question and the answer with the card, and correct",
            subject_type="patient", subject_id=row.patient_id, practice_id=row.practice_id, reopen=True,
        )  # fmt: skip


def _keep_changes(kept: EligibilitySnapshot, found: tuple[Change, ...]) -> None:
    SnapshotChange.objects.bulk_create(
        SnapshotChange(
            snapshot=kept, kind=one.kind.value, before=one.before[:200], after=one.after[:200], alerts=one.alerts
        )
        for one in found
    )
    for at, one in enumerate(one for one in found if one.alerts):
        if kept.inquiry.occasion == Occasion.DISCOVERY:
            continue
        raise_work_item(
            worklist=Worklist.ELIGIBILITY_CHANGES, key=f"eligibility-change:{kept.pk}:{at}",
            reason_code=one.kind.value.upper(), what_to_do=CHANGE_FIXES[one.kind],
            reason=CHANGE_WORDS[one.kind].format(before=one.before, after=one.after), subject_type="patient",
            subject_id=kept.patient_id, practice_id=kept.inquiry.practice_id,
        )  # fmt: skip
