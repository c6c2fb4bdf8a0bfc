"""The daily look at every claim that has not ended: its next step and day, questions that are due, and the worklists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import F, Max, Q

from claimwright.billing.following import ENDED, Followed, InquiryRefused, Next, Norm, StatusFinding, Step, next_of
from claimwright.billing.lifecycle import State
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.core.writing import write_rows
from claimwright.web.followup.asking import OPEN_STATES, ask_status
from claimwright.web.followup.models import Following, PayerContact, StatusAnswer, StatusInquiry
from claimwright.web.followup.norms import Norms
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion, Submission

LISTS: dict[Step, Worklist] = {
    Step.FILE_ACKNOWLEDGEMENT: Worklist.NO_FILE_ACKNOWLEDGEMENT, Step.CLEARINGHOUSE: Worklist.NO_CLEARINGHOUSE_ANSWER,
    Step.PAYER_ACKNOWLEDGEMENT: Worklist.NO_PAYER_ACKNOWLEDGEMENT, Step.PAYER_ANSWER: Worklist.NO_PAYER_ANSWER,
    Step.REMITTANCE: Worklist.MISSING_REMITTANCES, Step.INFORMATION: Worklist.INFORMATION_REQUESTED,
    Step.NOT_ON_FILE: Worklist.CLAIMS_NOT_ON_FILE,
}  # fmt: skip
WHAT_TO_DO = {
    Step.FILE_ACKNOWLEDGEMENT: "See on the file's page whether it was sent; ask the clearinghouse for its 999",
    Step.CLEARINGHOUSE: "Look for its report at the clearinghouse; ask for it by the file's control number",
    Step.PAYER_ACKNOWLEDGEMENT: "Ask the clearinghouse whether it was forwarded, then the payer whether it has the claim",
    Step.PAYER_ANSWER: "Ask the payer, in its portal or by telephone, and log what it said",
    Step.REMITTANCE: "Ask the payer or clearinghouse for the 835 again; look for the payment at the bank",
    Step.INFORMATION: "Send the payer what it asks for, and log it",
    Step.NOT_ON_FILE: "Compare payer and member with the card; then prove that it was filed, or send it again",
}  # fmt: skip
REASON_CODES = {
    Step.FILE_ACKNOWLEDGEMENT: "ACK_MISSING", Step.CLEARINGHOUSE: "NO_277CA", Step.PAYER_ACKNOWLEDGEMENT: "NO_PAYER_277CA",
    Step.PAYER_ANSWER: "NO_DECISION", Step.REMITTANCE: "NO_REMITTANCE", Step.INFORMATION: "INFORMATION",
    Step.NOT_ON_FILE: "NOT_ON_FILE",
}  # fmt: skip
ROW_FIELDS = ("state", "step", "due_on", "listed", "looked_on")


class LookReport(msgspec.Struct):
    """Versions looked at, those on a worklist by step, questions made, and versions without a next step (always none)."""

    looked: int = 0
    listed: dict[str, int] = {}
    asked: int = 0
    stuck: int = 0


class Look(msgspec.Struct, frozen=True):
    """One version with what is known of it and what follows."""

    version: ClaimVersion
    followed: Followed
    norm: Norm
    next: Next | None


def looks(
    version_ids: Iterable[UUID] | None = None, *, held: Collection[UUID] = frozenset(), norms: Norms | None = None
) -> list[Look]:
    """Every version that has not ended, or those of them that are named, as of today. `held`: an 835 of it is held."""
    rows = ClaimVersion.objects.exclude(state__in=ENDED).select_related("claim")
    if version_ids is not None:
        rows = rows.filter(pk__in=set(version_ids))
    versions = list(rows.defer("content"))
    _name_parties(versions)
    norms, today = norms or Norms(), clock.today()
    known = _Known(versions)
    found = []
    for version in versions:
        norm = norms.of(version.claim.payer, version.claim.practice)
        followed = known.of(version, version.pk in held)
        found.append(Look(version, followed, norm, next_of(followed, norm, today)))
    return found


def _name_parties(versions: Sequence[ClaimVersion]) -> None:
    """Payer and practice of each claim: read once, because their contents are long and thousands of claims share them."""
    payers = Payer.objects.in_bulk({row.claim.payer_id for row in versions})
    practices = Practice.objects.in_bulk({row.claim.practice_id for row in versions})
    for row in versions:
        row.claim.payer, row.claim.practice = payers[row.claim.payer_id], practices[row.claim.practice_id]


class _Known:
    """What was asked, answered and promised of many versions, loaded once."""

    def __init__(self, versions: Sequence[ClaimVersion]) -> None:
        ids = {row.pk for row in versions}
        moved = ClaimEvent.objects.filter(version__in=ids, moved=True).exclude(from_state=F("to_state"))
        self.since: dict[UUID, date] = dict(moved.values_list("version").annotate(last=Max("on")))
        self.asked: dict[UUID, date] = dict(
            StatusInquiry.objects.filter(version__in=ids, state__in=OPEN_STATES).values_list("version", "asked_on")
        )
        given_up = StatusInquiry.objects.filter(version__in=ids, state=StatusInquiry.State.REFUSED)
        self.unanswered: dict[UUID, date] = dict(given_up.values_list("version").annotate(last=Max("asked_on")))
        answers = StatusAnswer.objects.filter(version__in=ids).order_by("version", "-answered_at").distinct("version")
        self.answers = {row.version_id: row for row in answers}
        self.promised: dict[UUID, date] = dict(
            PayerContact.objects.filter(version__in=ids, closed_on__isnull=True, next_action_on__isnull=False)
            .values_list("version").annotate(last=Max("next_action_on"))
        )  # fmt: skip
        later: dict[UUID, int] = dict(
            ClaimVersion.objects.filter(claim__in={row.claim_id for row in versions})
            .exclude(state=State.CANCELLED).values_list("claim").annotate(last=Max("number"))
        )  # fmt: skip
        self.last_number = later

    def of(self, version: ClaimVersion, held: bool) -> Followed:
        answer = self.answers.get(version.pk)
        sent = version.last_sent
        if answer is not None and sent is not None and answer.answered_on < sent:
            answer = None  # it spoke of an earlier sending
        return Followed(
            state=State(version.state), since=self.since.get(version.pk, version.created_on), sent_on=sent,
            hold_until=version.hold_until, asked_on=self.asked.get(version.pk),
            unanswered_on=self.unanswered.get(version.pk),
            answer=msgspec.convert(answer.content, StatusFinding) if answer else None,
            answered_on=answer.answered_on if answer else None, promised_on=self.promised.get(version.pk),
            held_remittance=held, superseded=self.last_number.get(version.claim_id, version.number) > version.number,
        )  # fmt: skip


def look_again(*, held: Collection[UUID] = frozenset()) -> LookReport:
    """Look at every claim in the caller's scope: rows, questions that are due, worklists. Again on the same day changes
    nothing. Run it in one transaction; files of questions are prepared apart.
    """
    norms = Norms()
    found = looks(held=held, norms=norms)
    report = LookReport(looked=len(found))
    asked = {one.version.pk for one in found if one.next is not None and one.next.ask and _ask(one.version)}
    report.asked = len(asked)
    if asked:
        found = [one for one in found if one.version.pk not in asked] + looks(asked, held=held, norms=norms)
    _keep(found)
    report.stuck = sum(1 for one in found if one.next is None and not one.followed.superseded)
    _list([one for one in found if one.next is not None and one.next.listed], report)
    return report


def _ask(version: ClaimVersion) -> bool:
    whole = ClaimVersion.objects.select_related("claim__payer__connection", "claim__practice").get(pk=version.pk)
    try:
        ask_status(version=whole, by_hand=False)
    except InquiryRefused:
        return False  # past the norm a person sees it
    return True


def _keep(found: Sequence[Look]) -> None:
    """One row a version; only what changed is written. A row of a version that has ended goes."""
    today = clock.today()
    rows = {row.version_id: row for row in Following.objects.all()}
    new, changed = [], []
    for one in found:
        if one.next is None:
            continue
        values = (one.followed.state.value, one.next.step.value, one.next.due_on, one.next.listed)
        row = rows.pop(one.version.pk, None)
        if row is None:
            row = Following(version_id=one.version.pk)
            new.append(row)
        elif (row.state, row.step, row.due_on, row.listed) != values:
            changed.append(row)
        else:
            continue
        row.state, row.step, row.due_on, row.listed = values
        row.looked_on = today
    Following.objects.bulk_create(new, batch_size=1000)
    write_rows(changed, ROW_FIELDS)
    Following.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()


# Worklists -----------------------------------------------------------------------------------------------------------


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One item that must stand on a list today."""

    key: str
    step: Step
    reason: str
    subject_type: str
    subject_id: UUID
    practice_id: UUID
    due_on: date
    amount: Decimal
    again_days: int
    claim_number: str = ""
    file_name: str = ""


def _list(listed: Sequence[Look], report: LookReport) -> None:
    """Raise what is due, open again what was closed and is still due a while later, close what moved on."""
    wanted: dict[str, _Wanted] = {}
    per_file: dict[UUID, list[Look]] = defaultdict(list)
    files = _files_of([one for one in listed if _step(one) is Step.FILE_ACKNOWLEDGEMENT])
    for one in listed:
        report.listed[_step(one)] = report.listed.get(_step(one), 0) + 1
        file = files.get(one.version.pk)
        if file is not None and _step(one) is Step.FILE_ACKNOWLEDGEMENT:
            per_file[file.file_id].append(one)
        else:
            item = _of_claim(one)
            wanted[item.key] = item
    for claims in per_file.values():
        item = _of_file(files[claims[0].version.pk], claims)
        wanted[item.key] = item
    known = {row.key: row for row in WorkItem.objects.filter(worklist__in=LISTS.values()).filter(
        Q(key__in=wanted) | Q(state__in=[WorkItem.State.OPEN, WorkItem.State.SNOOZED]))}  # fmt: skip
    gone = [key for key in known if key.startswith("follow") and key not in wanted]
    resolve_work_items(keys=gone, resolution="it moved on")
    for key, item in wanted.items():
        row = known.get(key)
        if row is None or (row.state == WorkItem.State.DONE and _is_due_again(row, item)):
            _raise(item)


def _step(one: Look) -> Step:
    assert one.next is not None
    return one.next.step


def _is_due_again(row: WorkItem, item: _Wanted) -> bool:
    """It moved on and fell behind once more, or a person closed it and nothing came of it in the days between questions."""
    if row.due_date is not None and row.due_date < item.due_on:
        return True
    closed = clock.day_of(row.resolved_at) if row.resolved_at is not None else row.raised_on
    return closed + timedelta(days=item.again_days) <= clock.today()


def _raise(item: _Wanted) -> None:
    raise_work_item(
        worklist=LISTS[item.step], key=item.key, reason_code=REASON_CODES[item.step], reason=item.reason,
        what_to_do=WHAT_TO_DO[item.step], subject_type=item.subject_type, subject_id=item.subject_id,
        practice_id=item.practice_id, claim_number=item.claim_number, amount=item.amount, due_date=item.due_on,
        file_name=item.file_name, reopen=True,
    )  # fmt: skip
    WorkItem.objects.filter(key=item.key).update(due_date=item.due_on, amount=item.amount)


def _of_claim(one: Look) -> _Wanted:
    assert one.next is not None
    version, step = one.version, one.next.step
    return _Wanted(
        key=f"follow:{version.pk}:{step}", step=step, reason=says(one), subject_type="claim_version",
        subject_id=version.pk, practice_id=version.claim.practice_id, due_on=one.next.due_on,
        amount=version.total_charge, again_days=one.norm.ask_again_days, claim_number=version.control_number,
    )  # fmt: skip


def _of_file(row: Submission, claims: Sequence[Look]) -> _Wanted:
    """A file is one thing to look after, however many claims are in it."""
    first = claims[0]
    assert first.next is not None
    count = len(claims)
    return _Wanted(
        key=f"follow-file:{row.file_id}", step=Step.FILE_ACKNOWLEDGEMENT, subject_type="outbox_file",
        reason=f"{row.file.name} with {count} claim{'s' if count > 1 else ''} of {_day(first.followed.sent_on)}: no TA1 or 999.",
        subject_id=row.file_id, practice_id=first.version.claim.practice_id, due_on=first.next.due_on,
        amount=sum((one.version.total_charge for one in claims), ZERO), again_days=first.norm.ask_again_days,
        file_name=row.file.name,
    )  # fmt: skip


def _files_of(found: Sequence[Look]) -> dict[UUID, Submission]:
    rows = Submission.objects.filter(version__in=[one.version.pk for one in found]).select_related("file")
    ordered = rows.defer("file__content").order_by("file__prepared_at", "file__interchange_control_number")
    return {row.version_id: row for row in ordered}


def _day(on: date | None) -> str:
    return on.isoformat() if on is not None else "an unknown day"


def says(one: Look) -> str:
    """Why a claim is on its list, in a sentence."""
    assert one.next is not None
    payer, sent, told = one.version.claim.payer.name, _day(one.followed.sent_on), one.followed.answer
    match one.next.step:
        case Step.FILE_ACKNOWLEDGEMENT:
            return f"Sent on {sent}: no TA1 or 999."
        case Step.CLEARINGHOUSE:
            return f"Sent on {sent}: no 277CA of the clearinghouse."
        case Step.PAYER_ACKNOWLEDGEMENT:
            return f"Sent on {sent}: {payer} has not said that it took it in."
        case Step.REMITTANCE if told is not None:
            by = f", payment {told.payment_trace}" if told.payment_trace else ""
            day = told.payment_on or told.finalized_on or one.followed.answered_on
            return f"{payer} says it decided the claim on {_day(day)}{by}; its remittance is not here."
        case Step.INFORMATION if told is not None:
            return f"{payer} waits for information: {', '.join(told.codes)}. {told.message}".strip()
        case Step.NOT_ON_FILE if told is not None:
            return f"{payer} does not have the claim in process: {', '.join(told.codes)}. {told.message}".strip()
    asked = f"; it says {told.answer.value.replace('_', ' ')}" if told is not None else ""
    return f"Sent on {sent}: no decision of {payer}{asked}."
