"""After posting: the next payer's claim gets what the payers before it decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from claimwright.billing.claim_parts import part_of, rejoin
from claimwright.billing.lifecycle import State
from claimwright.billing.posting.plan import ClaimEvent, NextPayerAction, NextPayerKind
from claimwright.billing.posting.secondary import secondary_claim
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.charges.models import Encounter
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.payments import models
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.submissions import models as submissions
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.submissions.services import hold, release
from claimwright.web.submissions.versions import correct

TAKEN_BACK = "the payer before took its decision back; it goes out with the new one"
REBUILT = (NextPayerKind.FILE, NextPayerKind.REFRESH)


def carry_out(*, actions: Sequence[NextPayerAction]) -> list[UUID]:
    """Rebuild the later payers' claims with COB data, list what a person must see; ids of versions to scrub."""
    ready = []
    for action in actions:
        if action.kind is NextPayerKind.AWAIT_CROSSOVER:
            _note_crossover(action.chain_id, action.sequence, action.due)
        elif action.kind is NextPayerKind.SUSPEND:
            hold(version=ClaimVersion.objects.get(pk=action.version_id), reason=TAKEN_BACK)
        elif action.kind in REBUILT and action.version_id:
            version = rebuild(version_id=UUID(action.version_id))
            ready.append(version.pk)
    return ready


def rebuild(*, version_id: UUID) -> ClaimVersion:
    """The content of an unsent later claim again, from the first claim and the adjudication records."""
    version = ClaimVersion.objects.select_related("claim").get(pk=version_id)
    version.content = msgspec.to_builtins(coordinated(version))
    version.save(update_fields=["content"])
    if version.state == State.ON_HOLD and _held_by_reversal(version):
        release(version=version, reason="the payer before has decided anew")
    return version


def _held_by_reversal(version: ClaimVersion) -> bool:
    """Whether the hold is ours; one that a person set stays."""
    events = submissions.ClaimEvent.objects.filter(version=version, to_state=State.ON_HOLD, moved=True)
    held = events.order_by("-ordinal").first()
    return held is not None and held.note == TAKEN_BACK


def replace_later(*, version: ClaimVersion, reason: str) -> ClaimVersion:
    """Version n+1 of a later payer's claim, a DRAFT with what the payers before it say now.

    Raises StepRefused, and VersionRefused where the payer takes no replacement.
    """
    following = correct(
        version=version, reason=reason, content=coordinated(version), remarks=remarks_on(version=version)
    )
    encounter_id = version.claim.encounter_id
    numbers = ClaimVersion.objects.filter(claim__encounter=encounter_id).values_list("control_number", flat=True)
    resolve_work_items(
        worklist="primary_changed", claim_number__in=list(numbers), resolution=f"replaced by {following.control_number}"
    )
    return following


def coordinated(version: ClaimVersion) -> ClaimNoun:
    """What the version must say, given everything the payers before it have decided."""
    chain = Claim.objects.filter(encounter_id=version.claim.encounter_id).order_by("bucket", "part")
    parts: dict[str, list[ClaimNoun]] = {}
    for claim in chain:
        latest = claim.versions.exclude(state__in=["CANCELLED", "VOIDED"]).order_by("-number").first()
        if claim.pk == version.claim_id:
            latest = version
        if latest is not None:
            parts.setdefault(claim.sequence, []).append(msgspec.convert(latest.content, ClaimNoun))
    own = msgspec.convert(version.content, ClaimNoun)
    contents = {sequence: rejoin(found) for sequence, found in parts.items()}
    primary = next(iter(contents.values()))
    records = [
        msgspec.convert(row.working, AdjudicationRecord)
        for row in models.ClaimPayment.objects.filter(encounter_id=version.claim.encounter_id)
        .exclude(state="held")
        .order_by("posting_order")
    ]
    built = secondary_claim(
        primary, own.coverage, records, {sequence: content.coverage for sequence, content in contents.items()},
        control_number=version.control_number,
    )  # fmt: skip
    if len(parts[version.claim.sequence]) > 1:
        lines = frozenset(line.control_number for line in own.lines)
        built = part_of(built, lines, control_number=version.control_number)
    return msgspec.structs.replace(
        built, version=own.version, frequency=own.frequency, payer_claim_number=own.payer_claim_number
    )


def crossovers_answered(*, events: Sequence[ClaimEvent]) -> None:
    """Claims that wait for no crossover any more leave the list: their payer answered, or we file them ourselves."""
    gone = {event.version_id for event in events if event.moved and event.source is State.AWAIT_CROSSOVER}
    if gone:
        places = Claim.objects.filter(versions__in=gone).values_list("encounter_id", "sequence")
        keys = [crossover_key(encounter_id, sequence) for encounter_id, sequence in places]
        resolve_work_items(keys=keys, resolution="The payer answered, or the claim goes out from here")


def crossover_key(encounter_id: object, sequence: str) -> str:
    return f"crossover:{encounter_id}:{sequence}"


def _note_crossover(chain_id: str, sequence: str, due: date | None) -> None:
    """The missing-crossover list shows it from the day the next payer's answer is overdue."""
    claim = Claim.objects.filter(encounter_id=chain_id, sequence=sequence).first()
    practice_id = Encounter.objects.filter(pk=chain_id).values_list("practice_id", flat=True).first()
    raise_work_item(
        worklist="missing_crossover", key=crossover_key(chain_id, sequence), reason_code="AWAIT_CROSSOVER",
        reason="The payer before forwarded the claim; this payer's remittance is awaited",
        what_to_do="When the date has passed without it, ask the payer, then send the claim ourselves",
        subject_type="claim", subject_id=claim.pk if claim else chain_id, due_date=due,
        practice_id=practice_id,
    )  # fmt: skip
