"""TA1, 999 and 277CA applied to what we sent: `billing.acknowledgements` says what they mean, rows are moved here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from claimwright.billing import acknowledgements as billing
from claimwright.billing.lifecycle import Refused, State, Transition, Trigger
from claimwright.claims.from_x12.acknowledgements import (
    claim_acknowledgement_report,
    group_acknowledgements,
    interchange_acknowledgement,
)
from claimwright.claims.nouns import GroupAcknowledgement
from claimwright.codes.money import ZERO
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.core.writing import write_rows
from claimwright.web.exchange.models import InboxFile, InboxPart, OutboxFile
from claimwright.web.submissions.models import ClaimVersion, Submission
from claimwright.web.submissions.moves import Move, move_all
from claimwright.web.submissions.sending import batch_reference, confirm_sent
from claimwright.x12 import Segment, Transaction

DUPLICATE_INTERCHANGE = "025"  # TA105: the same interchange came before
REJECTIONS = {
    State.CH_REJECTED: (Worklist.CLEARINGHOUSE_REJECTIONS, "The clearinghouse rejected the claim"),
    State.PAYER_REJECTED: (Worklist.PAYER_REJECTIONS, "The payer rejected the claim before adjudication"),
}


class AckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of one part and what it did."""

    fate: InboxPart.Fate
    reason: str = ""
    moved: int = 0
    rejected: int = 0
    orphans: int = 0


class Sent(msgspec.Struct, frozen=True):
    """A version as it went out the last time: what the pure room needs of it, and its rows."""

    noun: billing.SentVersion
    version: ClaimVersion
    file: OutboxFile


def apply_part(*, file: InboxFile, part: InboxPart, source: Segment, transaction: Transaction | None) -> AckResult:
    """Apply one acknowledgement. Runs in the caller's transaction, with the part locked."""
    if part.kind == "TA1":
        return _interchange(file, part, source)
    assert transaction is not None
    if part.kind == "277CA":
        return _claims(file, part, transaction)
    return _groups(file, part, transaction)


def _partner_files(file: InboxFile) -> list[OutboxFile]:
    """What went to the partner this file came from; over no connection, all that went out."""
    sent = OutboxFile.objects.defer("content").exclude(state=OutboxFile.State.CANCELLED)
    if file.connection is not None:
        sent = sent.filter(sender=file.connection.sender_id, receiver=file.connection.receiver_id)
    return list(sent.order_by("interchange_control_number"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _sent(submissions: Iterable[Submission]) -> list[Sent]:
    """Each version once, as its newest submission has it, locked."""
    newest: dict[object, Submission] = {}
    for row in submissions:
        newest[row.version_id] = row
    versions = {
        version.pk: version
        for version in ClaimVersion.objects.select_for_update(of=("self",))
        .filter(pk__in=list(newest))
        .select_related("claim__practice")
        .order_by("control_number")
    }
    return [_as_sent(versions[key], row) for key, row in newest.items()]


def _as_sent(version: ClaimVersion, row: Submission) -> Sent:
    number = row.file.interchange_control_number
    noun = billing.SentVersion(
        version_id=str(version.pk),
        control_number=version.control_number,
        state=State(version.state),
        interchange=str(number),
        group=str(row.file.group_control_number),
        transaction=row.transaction_control_number,
        batch_reference=batch_reference(number, int(row.transaction_control_number)),
        provider_npi=version.content.get("billing_provider", {}).get("npi", ""),
    )
    return Sent(noun, version, row.file)


def _submissions(**match: object) -> list[Submission]:
    """Submissions that match, then all later ones of the same versions, so that the newest is known."""
    versions = Submission.objects.filter(**match).values_list("version_id", flat=True)
    return list(
        Submission.objects.filter(version_id__in=list(versions))
        .select_related("file")
        .defer("file__content")
        .order_by("file__prepared_at", "file__interchange_control_number")
    )


def _current(outbox: OutboxFile) -> list[Sent]:
    """Versions whose newest submission is this file: an answer to an earlier sending moves nothing."""
    return [one for one in _sent(_submissions(file=outbox)) if one.file.pk == outbox.pk]


def _interchange(file: InboxFile, part: InboxPart, source: Segment) -> AckResult:
    ack = interchange_acknowledgement(source)
    answered = [one for one in _partner_files(file) if one.interchange_control_number == _number(ack.control_number)]
    if not answered:
        return _orphaned(file, part, billing.interchange(ack, ()).orphans)
    outbox = answered[0]
    if ack.code == "R" and ack.note == DUPLICATE_INTERCHANGE and outbox.attempts > 1:
        _arrived(outbox)
        return AckResult(fate=InboxPart.Fate.ACKNOWLEDGED, reason="An earlier sending of this file had arrived")
    versions = _current(outbox)
    found = billing.interchange(ack, [one.noun for one in versions]) if versions else billing.Acknowledged()
    result = _apply(file, part, found, versions)
    if ack.code == "R":
        _rejected_file(outbox, part, f"TA1 {ack.code} {ack.note}".strip(), versions, result)
    else:
        _arrived(outbox)
    return result


def _groups(file: InboxFile, part: InboxPart, transaction: Transaction) -> AckResult:
    total = AckResult(fate=InboxPart.Fate.ACKNOWLEDGED)
    files = _partner_files(file)
    answered = 0
    for ack in group_acknowledgements(transaction):
        outbox = next((one for one in files if one.group_control_number == _number(ack.control_number)), None)
        if outbox is None:
            found = billing.group(ack, ())
            total = _add(total, _orphaned(file, part, found.orphans))
            continue
        answered += 1
        versions = _current(outbox)
        found = billing.group(ack, [one.noun for one in versions]) if versions else billing.Acknowledged()
        result = _apply(file, part, found, versions)
        total = _add(total, result)
        if result.rejected or ack.code in billing.REJECTED_CODES:
            _rejected_file(outbox, part, _reasons(ack), versions, result)
        if ack.code not in billing.REJECTED_CODES:
            _arrived(outbox)
    if not answered and not total.orphans:
        total = _add(total, _orphaned(file, part, (_nothing("999"),)))
    fate = InboxPart.Fate.ACKNOWLEDGED if answered else InboxPart.Fate.HELD
    return msgspec.structs.replace(total, fate=fate, reason=total.reason if not answered else "")


def _reasons(ack: GroupAcknowledgement) -> str:
    """The verdict and the first errors by segment, element and code; no value from the file."""
    places = []
    for answered in ack.transactions:
        for error in answered.errors[:5]:
            element = f"{error.element:02d}" if error.element else ""
            code = error.element_code or error.code
            claim = f" of claim {error.claim_control_number}" if error.claim_control_number else ""
            places.append(f"set {answered.control_number} {error.segment_id}{element} code {code}{claim}")
    return f"999 {ack.code}" + (f": {'; '.join(places[:5])}" if places else "")


def _claims(file: InboxFile, part: InboxPart, transaction: Transaction) -> AckResult:
    report = claim_acknowledgement_report(transaction)
    ids = [one.pk for one in _partner_files(file)]
    numbers = [item.control_number for item in report.items if item.level == billing.CLAIM_LEVEL]
    rows = _submissions(version__control_number__in=numbers, file__in=ids)
    if any(item.level != billing.CLAIM_LEVEL and not billing.is_accepted(item) for item in report.items):
        batch, _, _ = report.trace_number.lstrip("B").partition("-")
        rows += _submissions(file__in=ids, file__interchange_control_number=_number(batch))
    versions = _sent(rows)
    found = billing.claims(report, [one.noun for one in versions])
    _keep_references(found, versions)
    result = _apply(file, part, found, versions)
    for outbox in {one.file.pk: one.file for one in versions}.values():
        _arrived(outbox)
    if not found.events:
        orphans = found.orphans or (_nothing("277CA"),)
        if not found.orphans:
            result = _add(result, _orphaned(file, part, orphans))
        return msgspec.structs.replace(result, fate=InboxPart.Fate.HELD, reason=orphans[0].says)
    return result


def _nothing(kind: str) -> billing.Orphan:
    return billing.Orphan(
        code="EMPTY", place=kind, says="it answers nothing", fix="Ask the sender what it was meant to answer"
    )


def _keep_references(found: billing.Acknowledged, versions: Sequence[Sent]) -> None:
    """The payer's claim number, and its acceptance as proof of timely filing."""
    rows = {one.noun.version_id: one.version for one in versions}
    changed: dict[str, ClaimVersion] = {}
    for event in found.events:
        version = rows[event.version_id]
        if event.payer_claim_number and version.payer_claim_number != event.payer_claim_number:
            version.payer_claim_number = event.payer_claim_number[:80]
            changed[event.version_id] = version
        if event.proof_of_filing and not version.proof_of_filing:
            trace = event.payer_claim_number or event.clearinghouse_trace
            version.proof_of_filing = f"277CA payer acceptance {event.proof_of_filing.isoformat()} {trace}".strip()[
                :200
            ]
            changed[event.version_id] = version
    write_rows(changed.values(), ["payer_claim_number", "proof_of_filing"])


def _apply(file: InboxFile, part: InboxPart, found: billing.Acknowledged, versions: Sequence[Sent]) -> AckResult:
    rows = {one.noun.version_id: one.version for one in versions}
    segment = 0
    moves: list[Move] = []
    events: list[billing.AcknowledgementEvent | None] = []
    for event in found.events:
        version = rows[event.version_id]
        if event.confirmed_first and version.state == State.BATCHED and version.pk not in {m.version.pk for m in moves}:
            moves.append(Move(version=version, trigger=Trigger.ACKNOWLEDGED_BEFORE_CONFIRMED, segment=segment))
            events.append(None)
        note = " ".join(filter(None, (_codes(event), event.clearinghouse_trace)))
        moves.append(Move(version=version, trigger=event.trigger, segment=segment, note=note))
        events.append(event)
    outcomes = move_all(moves=moves, evidence=part)
    moved = rejected = 0
    orphans = list(found.orphans)
    for step, event, outcome in zip(moves, events, outcomes, strict=True):
        if event is None:
            continue
        if isinstance(outcome, Transition):
            moved += 1
            rejected += outcome.target in (*REJECTIONS, State.FILE_REJECTED)
            if outcome.target in REJECTIONS:
                _list_rejection(file, step.version, event, outcome.target)
        elif isinstance(outcome, Refused):
            orphans.append(
                billing.Orphan(
                    code="NOT_EXPECTED", place=f"claim {step.version.control_number}",
                    says=f"it says {event.trigger.value} of a claim that is {step.version.state}",
                    fix="Look at the claim's timeline; nothing was changed",
                )
            )  # fmt: skip
    _list_orphans(file, part, orphans)
    return AckResult(fate=InboxPart.Fate.ACKNOWLEDGED, moved=moved, rejected=rejected, orphans=len(orphans))


def _codes(event: billing.AcknowledgementEvent) -> str:
    return ", ".join(":".join(filter(None, (status.category, status.code, status.entity))) for status in event.statuses)


def _list_rejection(file: InboxFile, version: ClaimVersion, event: billing.AcknowledgementEvent, state: State) -> None:
    worklist, what = REJECTIONS[state]
    raise_work_item(
        worklist=worklist, key=f"rejected:{version.pk}", reason_code=_codes(event).split(",")[0] or state.value,
        reason=" ".join(filter(None, (f"{what}: {_codes(event)}.", event.message))),
        what_to_do="Correct what the codes name and send it as a new claim; it is not a denial",
        subject_type="claim_version", subject_id=version.pk, practice_id=version.claim.practice_id,
        claim_number=version.control_number, file_id=file.pk, file_name=file.name, amount=version.total_charge,
        due_date=version.filing_deadline,
    )  # fmt: skip


def _rejected_file(
    outbox: OutboxFile, part: InboxPart, reason: str, versions: Sequence[Sent], result: AckResult
) -> None:
    """One item for the file, however many claims were in it."""
    if result.rejected == len(versions):
        OutboxFile.objects.filter(pk=outbox.pk).update(state=OutboxFile.State.REJECTED, problem=reason[:2000])
    resolve_work_items(worklist=Worklist.AMBIGUOUS_SENDS, subject_id=str(outbox.pk), resolution="answered")
    if not result.rejected:
        return
    charged = [one.version.total_charge for one in versions if one.version.state == State.FILE_REJECTED]
    practices = {one.version.claim.practice_id for one in versions}  # a file may hold claims of several
    raise_work_item(
        worklist=Worklist.FILE_REJECTIONS, key=f"file-rejected:{outbox.pk}", reason_code=reason.split(":")[0],
        reason=f"{outbox.name} with {result.rejected} claims was rejected. {reason}",
        what_to_do="Put right what it names, then return its claims to ready: they go in a new file",
        subject_type="outbox_file", subject_id=outbox.pk, file_id=part.file_id, file_name=outbox.name,
        amount=sum(charged, ZERO), practice_id=practices.pop() if len(practices) == 1 else None,
    )  # fmt: skip


def _arrived(outbox: OutboxFile) -> None:
    """An answer proves that the file arrived, whatever we knew of it."""
    open_states = (
        OutboxFile.State.PREPARED, OutboxFile.State.UPLOADING, OutboxFile.State.SENT, OutboxFile.State.AMBIGUOUS,
    )  # fmt: skip
    if OutboxFile.objects.filter(pk=outbox.pk, state__in=open_states).update(state=OutboxFile.State.ACKED, problem=""):
        confirm_sent(file=outbox)
    resolve_work_items(
        worklist__in=[Worklist.AMBIGUOUS_SENDS, Worklist.CONNECTION_PROBLEMS], subject_type="outbox_file",
        subject_id=str(outbox.pk), resolution="answered",
    )  # fmt: skip


def _orphaned(file: InboxFile, part: InboxPart, orphans: Sequence[billing.Orphan]) -> AckResult:
    _list_orphans(file, part, orphans)
    return AckResult(fate=InboxPart.Fate.HELD, reason=orphans[0].says if orphans else "", orphans=len(orphans))


def _list_orphans(file: InboxFile, part: InboxPart, orphans: Sequence[billing.Orphan]) -> None:
    for number, orphan in enumerate(orphans, 1):
        raise_work_item(
            worklist=Worklist.ORPHAN_ACKNOWLEDGEMENTS, key=f"orphan:{part.pk}:{number}:{orphan.code}",
            reason_code=orphan.code, reason=f"{orphan.place}: {orphan.says}.", what_to_do=orphan.fix,
            subject_type="inbox_part", subject_id=part.pk, file_id=file.pk, file_name=file.name,
        )  # fmt: skip


def _add(one: AckResult, other: AckResult) -> AckResult:
    return AckResult(
        fate=one.fate, reason=one.reason or other.reason, moved=one.moved + other.moved,
        rejected=one.rejected + other.rejected, orphans=one.orphans + other.orphans,
    )  # fmt: skip
