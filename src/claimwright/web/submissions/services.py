"""Claims: made from encounters, checked by the edits, moved along the lifecycle, corrected as new versions.

What a step may be, `billing.lifecycle` says; what is wrong with a claim, `edits` says. Here rows are loaded and saved.
All run in the caller's tenant scope and transaction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from claimwright.billing.corrections import CORRECTED_BY, ORIGINAL
from claimwright.billing.lifecycle import ANY_SENT, State, Transition, Trigger, apply
from claimwright.billing.registration import read_day
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.coding.states import EncounterEvent
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.charges import moves as encounter_moves
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, record_audit, resolve_work_items
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import Biller, biller, find_payer, payer_noun, payers_by_name
from claimwright.web.submissions.authorizing import choose_authorizations
from claimwright.web.submissions.building import claim_for, control_number, coverages_on, next_control_number
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import Claim, ClaimVersion, Submission
from claimwright.web.submissions.moves import Move, StepRefused, move, move_all, see_as_it_is
from claimwright.web.submissions.scrubbing import override_finding, scrub

__all__ = [
    "ContentRefused",
    "Move",
    "StepRefused",
    "create_claims",
    "follow",
    "hold",
    "hold_again",
    "move",
    "move_all",
    "override_finding",
    "release",
    "resubmit",
    "return_to_ready",
    "revise_unsent",
    "scrub",
]


_UNTIL = re.compile(r" \(until (\d\d/\d\d/\d{4})\)\Z")  # how `hold` tells its day on the timeline


class ContentRefused(ValueError):
    """A change that would make the claim disagree with the charges in the ledger."""


def create_claims(*, encounters: Sequence[Encounter], choose: bool = True) -> list[ClaimVersion]:
    """The claims of encounters with locked charges: a DRAFT to the first payer, AWAIT_PRIOR to the later ones.

    An encounter of another state is left as it is, so doing it twice is doing it once. With `choose`, an authorization
    on file goes on the claim where exactly one fits.
    """
    payers = payers_by_name()
    billers: dict[UUID, Biller] = {}
    chosen = [one for one in encounters if one.state == Encounter.State.CHARGES_LOCKED and one.practice_id]
    rows: dict[UUID, list[PatientCoverage]] = defaultdict(list)
    for row in PatientCoverage.objects.filter(patient_id__in={one.patient_id for one in chosen}).order_by("pk"):
        rows[row.patient_id].append(row)
    made: list[ClaimVersion] = []
    number = next_number(name="claim", count=max(1, len(chosen) * len(INSURANCE_BUCKETS)))
    for encounter in chosen:
        if encounter.practice_id not in billers:
            billers[encounter.practice_id] = biller(encounter.practice)
        made += _chain(encounter, billers[encounter.practice_id], payers, rows[encounter.patient_id], number)
        number += len(INSURANCE_BUCKETS)
        encounter.state = Encounter.State.CLAIMED
    if choose:
        choose_authorizations(made)
    Claim.objects.bulk_create([version.claim for version in made], batch_size=1000)
    ClaimVersion.objects.bulk_create(made, batch_size=500)
    Encounter.objects.bulk_update(chosen, ["state"], batch_size=500)
    encounter_moves.record_moves(
        moves=[
            encounter_moves.Move(
                encounter_id=one.pk, event=EncounterEvent.CLAIM, source=Encounter.State.CHARGES_LOCKED, target=one.state
            )
            for one in chosen
        ]
    )
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source="", target=version.state,
                trigger=(Trigger.CHARGES_LOCKED if version.state == State.DRAFT else Trigger.LATER_PAYER).value,
            )
            for version in made
        ]
    )  # fmt: skip
    return made


def _chain(
    encounter: Encounter,
    billing: Biller,
    payers: dict[str, Payer],
    rows: Sequence[PatientCoverage],
    first_number: int,
) -> list[ClaimVersion]:
    content = msgspec.convert(encounter.content, EncounterNoun)
    patient = msgspec.convert(encounter.patient.content, PatientNoun)
    coverages = []
    for coverage in coverages_on(content):
        payer = find_payer(payers, coverage.payer)
        if payer is not None:  # intake holds encounters whose payer nobody set up
            coverages.append((msgspec.structs.replace(coverage, payer=payer_noun(payer)), payer))
    chain: list[ClaimVersion] = []
    used: set[str] = set()
    for coverage, payer in coverages:
        if coverage.sequence in used or len(chain) == len(INSURANCE_BUCKETS):
            continue  # two covers in one place: the edits reject it, one claim shows it
        used.add(coverage.sequence)
        number = control_number(first_number + len(chain), 1)
        noun = claim_for(
            content, patient=patient, billed=coverage, coverages=[cover for cover, _ in coverages], biller=billing,
            number=number,
        )  # fmt: skip
        claim = Claim(
            encounter=encounter, practice_id=encounter.practice_id, patient_id=encounter.patient_id, payer=payer,
            coverage=_row_of(coverage.sequence, coverage.member_id, payer, rows), sequence=coverage.sequence,
            bucket=INSURANCE_BUCKETS[len(chain)],
        )  # fmt: skip
        state = State.AWAIT_PRIOR if chain else State.DRAFT
        chain.append(version_row(claim, noun, number=1, state=state))
    return chain


def _row_of(sequence: str, member_id: str, payer: Payer, rows: Sequence[PatientCoverage]) -> PatientCoverage | None:
    wanted = (sequence, member_id, payer.pk)
    return next((row for row in rows if (row.sequence, row.member_id, row.payer_id) == wanted), None)


def version_row(claim: Claim, noun: ClaimNoun, *, number: int, state: State) -> ClaimVersion:
    """The row of a version, not yet saved."""
    return ClaimVersion(
        claim=claim, number=number, control_number=noun.control_number, frequency=noun.frequency, state=state.value,
        content=msgspec.to_builtins(noun), total_charge=noun.total_charge, date_of_service=noun.date_of_service,
        created_on=clock.today(),
    )  # fmt: skip


def hold(*, version: ClaimVersion, reason: str, until: date | None = None) -> None:
    """A person holds an unsent version, with the day it is to be looked at again."""
    told = f"{reason} (until {until:%m/%d/%Y})" if until is not None else reason
    move(version=version, trigger=Trigger.HOLD, note=told)
    version.hold_until = until
    version.save(update_fields=["hold_until"])
    record_audit(action="claim.hold", subject_type="claim_version", subject_id=version.pk, detail=reason)


def hold_again(*, version: ClaimVersion) -> None:
    """The last hold once more, with its reason and day: what was released by mistake."""
    before = version.events.filter(trigger=Trigger.HOLD, moved=True).order_by("-ordinal").first()
    told = before.note if before is not None else "the release was taken back"
    day = _UNTIL.search(told)
    hold(version=version, reason=_UNTIL.sub("", told), until=read_day(day[1]) if day else None)


def release(*, version: ClaimVersion, reason: str) -> None:
    """Back to where it was before the hold."""
    move(version=version, trigger=Trigger.RELEASE, note=reason)
    record_audit(action="claim.release", subject_type="claim_version", subject_id=version.pk, detail=reason)


def revise_unsent(*, version: ClaimVersion, content: ClaimNoun, reason: str) -> ClaimVersion:
    """Change a version that never went out. Its lines and charges stay those of the ledger."""
    see_as_it_is(version)
    if version.state not in (State.DRAFT, State.EDIT_HOLD, State.READY):
        raise StepRefused("only a draft, a held or a ready claim can be changed; what went out gets a new version")
    _check_lines(version, content)
    if version.state == State.READY:
        move(version=version, trigger=Trigger.EDITED, note=reason)
    rewrite(version=version, content=content)
    record_audit(action="claim.revise", subject_type="claim_version", subject_id=version.pk, detail=reason)
    return version


def rewrite(*, version: ClaimVersion, content: ClaimNoun) -> None:
    """New content of a version that never went out, under its own number."""
    version.content = msgspec.to_builtins(
        msgspec.structs.replace(
            content, control_number=version.control_number, version=version.number, frequency=version.frequency
        )
    )
    version.total_charge, version.date_of_service = content.total_charge, content.date_of_service
    version.touched = True
    version.save(update_fields=["content", "total_charge", "date_of_service", "touched"])


def _check_lines(version: ClaimVersion, content: ClaimNoun) -> None:
    """A claim says the charges of the ledger: all lines of the version, but those that are charged no more."""
    said = {line.control_number: line.charge for line in content.lines}
    held = {line["control_number"] for line in version.content["lines"]}
    rows = ChargeLine.objects.filter(encounter=version.claim.encounter_id, line_id__in={*said, *held})
    charged = {
        line_id: charge for line_id, charge in rows.values_list("line_id", "charge") if charge or line_id in said
    }
    if said != charged:
        raise ContentRefused("its lines and charges are not those of the ledger: correct the charges of the visit")


def follow(*, version: ClaimVersion, reason: str, frequency: str, content: ClaimNoun | None = None) -> ClaimVersion:
    """Version n+1, a DRAFT: with `content` where something changes. The old version stays what it was.

    `submissions.versions` says which frequency it may have. Raises StepRefused where the state of `version` allows none,
    or a later version is there already.
    """
    claim = Claim.objects.select_for_update().get(pk=version.claim_id)
    see_as_it_is(version)
    trigger = CORRECTED_BY.get(State(version.state))
    outcome = apply(State(version.state), trigger) if trigger else None
    if not isinstance(outcome, Transition) or not outcome.new_version:
        raise StepRefused(f"a claim in the state {version.state} is not corrected")
    if claim.versions.filter(number__gt=version.number).exists():
        raise StepRefused("a later version of this claim is there already")
    if content is not None:
        _check_lines(version, content)
    following = add_following(version, claim, content, frequency, outcome.trigger, "corrected", reason)
    resolve_work_items(
        subject_type="claim_version", subject_id=str(version.pk), resolution=f"version {following.number} made"
    )
    record_audit(action="claim.correct", subject_type="claim_version", subject_id=version.pk, detail=reason)
    return following


def resubmit(*, version: ClaimVersion, reason: str) -> ClaimVersion:
    """The same claim again as a new one, while this version is still with the payer: DUP03 asks whoever does it why.

    Raises StepRefused where nothing is pending, or a later version is there already.
    """
    claim = Claim.objects.select_for_update().get(pk=version.claim_id)
    see_as_it_is(version)
    if State(version.state) not in ANY_SENT:
        raise StepRefused(f"a claim in the state {version.state} is not pending: correct it instead")
    if claim.versions.filter(number__gt=version.number).exists():
        raise StepRefused("a later version of this claim is there already")
    following = add_following(version, claim, None, ORIGINAL, Trigger.CORRECTION, "sent again", reason)
    record_audit(action="claim.resubmit", subject_type="claim_version", subject_id=version.pk, detail=reason)
    return following


def add_following(
    version: ClaimVersion, claim: Claim, content: ClaimNoun | None, frequency: str, trigger: Trigger, how: str,
    reason: str,
) -> ClaimVersion:  # fmt: skip
    """Version n+1 as a DRAFT, and a line on the timeline of both."""
    number = version.number + 1
    noun = msgspec.structs.replace(
        content or msgspec.convert(version.content, ClaimNoun),
        control_number=next_control_number(version.control_number, number),
        version=number,
        frequency=frequency,
        payer_claim_number="" if frequency == ORIGINAL else version.payer_claim_number,
    )
    following = version_row(claim, noun, number=number, state=State.DRAFT)
    following.touched = True
    following.save(force_insert=True)
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source=version.state, target=version.state, trigger=trigger.value,
                moved=False, note=f"{how} as version {number}: {reason}",
            ),
            EventRow(
                version_id=str(following.pk), source="", target=State.DRAFT.value, trigger=Trigger.CORRECTION.value,
                note=reason,
            ),
        ]
    )  # fmt: skip
    return following


def return_to_ready(*, versions: Sequence[ClaimVersion], reason: str) -> int:
    """Versions of a rejected file whose content is right go into the next file; says how many moved."""
    for version in sorted(versions, key=lambda one: one.pk):  # one that went out again meanwhile stays where it is
        see_as_it_is(version)
    outcomes = move_all(moves=[Move(version=one, trigger=Trigger.FIXED, note=reason) for one in versions])
    moved = [one for one, outcome in zip(versions, outcomes, strict=True) if isinstance(outcome, Transition)]
    for version in moved:
        resolve_work_items(subject_type="claim_version", subject_id=str(version.pk), resolution=reason or actor())
    files = set(Submission.objects.filter(version__in=moved).values_list("file_id", flat=True))
    rejected = Submission.objects.filter(file_id__in=files, version__state=State.FILE_REJECTED)
    for file_id in files - set(rejected.values_list("file_id", flat=True)):
        resolve_work_items(subject_type="outbox_file", subject_id=str(file_id), resolution=reason or actor())
    return len(moved)
