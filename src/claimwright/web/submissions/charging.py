"""A claim whose charges are put right: its lines in the ledger, and the later payers' claims of the visit with them.

And the claim that should never have been: cancelled before it goes out, its charges taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from claimwright.billing.charge_corrections import ChargeRefused
from claimwright.billing.claim_versions import VOID
from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.nouns import ZERO, Line
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.charges.corrections import correct_lines
from claimwright.web.core.services import record_audit, resolve_work_items
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.submissions.moves import StepRefused, move, see_as_it_is
from claimwright.web.submissions.services import ContentRefused, rewrite
from claimwright.web.submissions.versions import UNSENT, WAITING

ENDED = (State.CANCELLED, State.VOIDED, State.REPLACED)
CHARGED = ("procedure_code", "revenue_code", "units", "unit_basis", "charge", "date_from", "date_to")


def charges_differ(before: ClaimNoun, after: ClaimNoun) -> bool:
    """Whether the ledger has to follow: a line is added, taken off, or charged otherwise."""
    held = {line.control_number: line for line in before.lines}
    said = {line.control_number: line for line in after.lines}
    return set(held) != set(said) or any(_charged(held[key]) != _charged(line) for key, line in said.items())


def _charged(line: Line) -> tuple[object, ...]:
    return tuple(getattr(line, name) for name in CHARGED)


def correct_charges(*, version: ClaimVersion, content: ClaimNoun, reason: str) -> ClaimNoun:
    """`content` with its lines as they are charged from now on; to be made the version's, or the next one's, content.

    A line without a control number is new. What a line was charged is reversed and charged anew, the difference stands
    open with this claim's payer, and the later payers' claims that have not gone out say the same. Raises
    ContentRefused where a claim of another payer went out with these charges, or the claim is a void.
    """
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=version.claim_id)
    held = msgspec.convert(version.content, ClaimNoun)
    if not content.lines:
        raise ContentRefused("a claim has a line: to bill nothing of the visit, cancel the claim")
    if version.frequency == VOID:
        raise ContentRefused("a void states the claim as the payer knows it: its charges stay")
    gone = {line.control_number for line in held.lines} - {line.control_number for line in content.lines}
    before = {line.control_number: line for line in held.lines}
    touched = gone | {
        line.control_number
        for line in content.lines
        if line.control_number and _charged(line) != _charged(before[line.control_number])
    }
    others = _others(claim, touched)
    try:
        lines, told = correct_lines(
            encounter_id=claim.encounter_id, lines=content.lines, gone=gone, bucket=claim.bucket, reason=reason
        )
    except ChargeRefused as refused:
        raise ContentRefused(str(refused)) from None
    made = with_lines(content, lines)
    by_id = {line.control_number: line for line in made.lines}
    for other in others:
        _follow(other, by_id, known=set(before), gone=gone, reason=reason)
    _tell(version, f"charges corrected: {'; '.join(told)}: {reason}")
    return made


def with_lines(content: ClaimNoun, lines: Sequence[Line]) -> ClaimNoun:
    numbered = tuple(msgspec.structs.replace(line, number=at) for at, line in enumerate(lines, 1))
    total = sum((line.charge for line in numbered), ZERO)
    return msgspec.structs.replace(content, lines=numbered, total_charge=total)


def _others(claim: Claim, touched: Collection[str]) -> list[ClaimVersion]:
    """The newest versions of the visit's claims to other payers, locked. Raises ContentRefused where one that says a
    changed line is out: two payers must not be told two charges of one service."""
    rows = (
        ClaimVersion.objects.filter(claim__encounter_id=claim.encounter_id, newest=True)
        .exclude(claim__sequence=claim.sequence)
        .exclude(state__in=ENDED)
        .select_for_update(of=("self",))
        .select_related("claim")
        .order_by("claim__sequence", "claim__part")
    )
    found = []
    for row in rows:
        if State(row.state) in (*UNSENT, *WAITING, State.ON_HOLD):
            found.append(row)
        elif touched & {str(line["control_number"]) for line in row.content["lines"]}:
            raise ContentRefused(
                f"claim {row.control_number} went to another payer with these charges: void it first, then correct this one"
            )
    return found


def _follow(
    version: ClaimVersion, lines: Mapping[str, Line], *, known: Collection[str], gone: Collection[str], reason: str
) -> None:
    """A claim of the visit that has not gone out says the same charges; what is its own of a line stays."""
    content = msgspec.convert(version.content, ClaimNoun)
    own = {line.control_number for line in content.lines}
    kept = [
        msgspec.structs.replace(line, **_changes(lines[line.control_number])) if line.control_number in lines else line
        for line in content.lines
        if line.control_number not in gone
    ]
    is_first_part = version.claim.part == 1
    kept += [line for key, line in lines.items() if key not in known and key not in own and is_first_part]
    if not kept:
        trigger = Trigger.NOTHING_TO_BILL if State(version.state) in WAITING else Trigger.CANCEL
        move(version=version, trigger=trigger, note=f"none of its lines is charged any more: {reason}")
        return
    if version.state == State.READY:
        move(version=version, trigger=Trigger.EDITED, note=f"charges corrected: {reason}")
    rewrite(version=version, content=with_lines(content, kept))


def _changes(line: Line) -> dict[str, object]:
    return {name: getattr(line, name) for name in (*CHARGED, "modifiers", "diagnosis_pointers")}


def _tell(version: ClaimVersion, note: str) -> None:
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source=version.state, target=version.state, trigger=Trigger.EDITED.value,
                moved=False, note=note,
            )
        ]
    )  # fmt: skip


def cancel_claim(*, version: ClaimVersion, reason: str) -> None:
    """A claim that should not be: CANCELLED, its charges taken back, the later payers' claims of the visit with it.

    Only a first version that never went out; what a patient paid on its lines stands as credit. Raises StepRefused.
    """
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=version.claim_id)
    see_as_it_is(version)
    if State(version.state) not in (*UNSENT, State.ON_HOLD):
        raise StepRefused("only a claim that never went out is cancelled: void or replace what a payer has")
    if version.number > 1:
        raise StepRefused(
            "a version of it went out before: change this one to what is right, or void what the payer has"
        )
    content = msgspec.convert(version.content, ClaimNoun)
    gone = {line.control_number for line in content.lines}
    try:
        others = _others(claim, gone)
        _, told = correct_lines(
            encounter_id=claim.encounter_id, lines=(), gone=gone, bucket=claim.bucket, reason=reason
        )
    except (ContentRefused, ChargeRefused) as refused:
        raise StepRefused(str(refused)) from None
    if version.state == State.ON_HOLD:
        move(version=version, trigger=Trigger.RELEASE, note=reason)
    move(version=version, trigger=Trigger.CANCEL, note=reason)
    for other in others:
        _follow(other, {}, known=gone, gone=gone, reason=reason)
    resolve_work_items(subject_type="claim_version", subject_id=str(version.pk), resolution="cancelled")
    record_audit(
        action="claim.cancel",
        subject_type="claim_version",
        subject_id=version.pk,
        detail=f"{'; '.join(told)}: {reason}",
    )
