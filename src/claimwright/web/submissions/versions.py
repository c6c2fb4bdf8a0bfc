"""What follows a claim, as services: replacement, void, correction, split, combination, print.

`billing.claim_versions` and `billing.claim_parts` decide; here rows are locked, loaded and saved. All run in the caller's
tenant scope and transaction, and raise VersionRefused, StepRefused or ContentRefused with a sentence for the biller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db.models import Max

from claimwright.billing.claim_parts import CombineLimits, SplitRules, combine, split
from claimwright.billing.claim_versions import (
    DECIDED,
    REJECTED,
    VOID,
    Standing,
    VersionRefused,
    after_rejection,
    must_be_new,
    new_claim,
    replacement,
    void,
)
from claimwright.billing.corrections import CORRECTED_BY, ORIGINAL, REPLACEMENT
from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.documents import claim_forms
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, record_audit, resolve_work_items
from claimwright.web.practice.selectors import payer_profile
from claimwright.web.submissions.building import control_number, next_control_number
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import Claim, ClaimPrint, ClaimVersion
from claimwright.web.submissions.moves import StepRefused, move, see_as_it_is
from claimwright.web.submissions.services import add_following, follow, rewrite, version_row

UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY)
WAITING = (State.AWAIT_PRIOR, State.AWAIT_CROSSOVER)
LINES_A_CLAIM = 50  # 2400 of 005010X222A1 and X224A2


def standing_of(*, version: ClaimVersion, remarks: Iterable[str] = ()) -> Standing:
    """How the version stands with its payer, as it is now. `remarks` are those of the payer's last decision on it."""
    see_as_it_is(version)
    version.refresh_from_db(fields=["payer_claim_number"])
    return Standing(
        state=State(version.state),
        payer_takes=payer_profile(version.claim.payer).frequency_codes,
        payer_claim_number=version.payer_claim_number,
        remarks=tuple(remarks),
    )


def replace_claim(
    *, version: ClaimVersion, reason: str, content: ClaimNoun | None = None, remarks: Iterable[str] = ()
) -> ClaimVersion:
    """Version n+1 as the replacement (frequency 7) of one the payer has decided, a DRAFT with all lines it charges."""
    made = replacement(
        _content(version), standing_of(version=version, remarks=remarks), corrected=content,
        uncharged=_uncharged(version), **_next(version),
    )  # fmt: skip
    return follow(version=version, reason=reason, content=made, frequency=REPLACEMENT)


def void_claim(*, version: ClaimVersion, reason: str) -> ClaimVersion:
    """Version n+1 that takes a decided one back (frequency 8), a DRAFT. The old one is VOID_PENDING once it is sent."""
    made = void(_content(version), standing_of(version=version), **_next(version))
    return follow(version=version, reason=reason, content=made, frequency=VOID)


def correct_rejected(*, version: ClaimVersion, reason: str, content: ClaimNoun | None = None) -> ClaimVersion:
    """Version n+1 of a claim that a front end refused, a DRAFT and a first claim again."""
    made = after_rejection(_content(version), standing_of(version=version), corrected=content, **_next(version))
    return follow(version=version, reason=reason, content=made, frequency=ORIGINAL)


def send_anew(
    *, version: ClaimVersion, reason: str, remarks: Iterable[str], content: ClaimNoun | None = None
) -> ClaimVersion:
    """Version n+1 as a first claim, where the payer's remark says that it could not process the old one."""
    made = new_claim(
        _content(version), standing_of(version=version, remarks=remarks), corrected=content, **_next(version)
    )
    return follow(version=version, reason=reason, content=made, frequency=ORIGINAL)


def correct(
    *, version: ClaimVersion, reason: str, remarks: Iterable[str], content: ClaimNoun | None = None
) -> ClaimVersion:
    """Version n+1 in the one way that its state and the `remarks` of the payer's last decision leave, a DRAFT.

    A rejected claim goes again; a decided one is replaced, or sent anew where the payer asks for that; one that was
    reversed or belongs to another payer is a first claim.
    """
    see_as_it_is(version)
    state, told = State(version.state), tuple(remarks)
    if state in REJECTED:
        return correct_rejected(version=version, reason=reason, content=content)
    if state not in DECIDED:
        return follow(version=version, reason=reason, content=content, frequency=ORIGINAL)
    if must_be_new(told):
        return send_anew(version=version, reason=reason, remarks=told, content=content)
    return replace_claim(version=version, reason=reason, remarks=told, content=content)


def _next(version: ClaimVersion) -> dict[str, Any]:
    number = version.number + 1
    return {"control_number": next_control_number(version.control_number, number), "version": number}


def _uncharged(version: ClaimVersion) -> frozenset[str]:
    """Lines of the visit whose charge was taken back."""
    rows = ChargeLine.objects.filter(encounter=version.claim.encounter_id, charge=0)
    return frozenset(rows.values_list("line_id", flat=True))


def _content(version: ClaimVersion) -> ClaimNoun:
    return msgspec.convert(version.content, ClaimNoun)


# Splitting -----------------------------------------------------------------------------------------------------------


def rules_of(profile: PayerProfile) -> SplitRules:
    """What this payer keeps apart: the calendar period that a claim may not cross, and the lines one claim holds."""
    by = (profile.span_limit,) if profile.span_limit and profile.span_scope == "claim" else ()
    return SplitRules(by=by, lines_per_claim=LINES_A_CLAIM)


def split_claim(*, version: ClaimVersion, reason: str, rules: SplitRules | None = None) -> list[ClaimVersion]:
    """A claim that has not been decided, as several: the first part stays this claim, the others are new ones.

    What is unsent is changed as it is; what a front end refused gets a new version. `rules` None: the payer's own. No
    charge is made or moved: each line goes on with its receivable. Raises StepRefused where the state allows no split.
    """
    claim = Claim.objects.select_for_update(of=("self",)).select_related("payer").get(pk=version.claim_id)
    see_as_it_is(version)
    state = State(version.state)
    if state not in (*UNSENT, *REJECTED):
        raise StepRefused(f"a claim in the state {version.state} is not split: it is sent, or a payer has decided it")
    if claim.versions.filter(number__gt=version.number).exists():
        raise StepRefused("a later version of this claim is there already")
    content = _content(version)
    if content.frequency != ORIGINAL:
        raise VersionRefused("a replacement or void states the claim as the payer knows it: it is not split")
    first = next_number(name="claim", count=max(1, len(content.lines)))
    numbers = {1: version.control_number}
    parts = split(
        content, rules or rules_of(payer_profile(claim.payer)),
        control_numbers=lambda at: numbers.get(at) or control_number(first + at - 2, 1),
    )  # fmt: skip
    kept = _keep_first(version, claim, parts[0], reason)
    made = [kept, *_add_parts(claim, parts[1:], reason, split_from=version.control_number)]
    record_audit(
        action="claim.split", subject_type="claim_version", subject_id=version.pk, detail=f"{len(made)} parts: {reason}"
    )
    return made


def _keep_first(version: ClaimVersion, claim: Claim, part: ClaimNoun, reason: str) -> ClaimVersion:
    if State(version.state) in REJECTED:
        trigger = CORRECTED_BY[State(version.state)]
        following = add_following(version, claim, part, ORIGINAL, trigger, "split", reason)
        resolve_work_items(
            subject_type="claim_version", subject_id=str(version.pk), resolution=f"version {following.number} made"
        )
        return following
    if version.state == State.READY:
        move(version=version, trigger=Trigger.EDITED, note=f"split: {reason}")
    rewrite(version=version, content=part)
    return version


def _add_parts(claim: Claim, parts: Sequence[ClaimNoun], reason: str, *, split_from: str) -> list[ClaimVersion]:
    """A claim and its first version, a DRAFT, for each further part."""
    siblings = Claim.objects.filter(encounter_id=claim.encounter_id, sequence=claim.sequence)
    last = siblings.aggregate(last=Max("part"))["last"]
    made = []
    for at, part in enumerate(parts, last + 1):
        row = Claim(
            encounter_id=claim.encounter_id, practice_id=claim.practice_id, patient_id=claim.patient_id,
            payer_id=claim.payer_id, coverage_id=claim.coverage_id, sequence=claim.sequence, bucket=claim.bucket,
            part=at, owner=claim.owner,
        )  # fmt: skip
        row.save(force_insert=True)
        version = version_row(row, part, number=1, state=State.DRAFT)
        version.touched = True
        version.save(force_insert=True)
        made.append(version)
    record_events(
        events=[
            EventRow(
                version_id=str(version.pk), source="", target=State.DRAFT.value, trigger=Trigger.CORRECTION.value,
                note=f"split from {split_from}: {reason}",
            )
            for version in made
        ]
    )  # fmt: skip
    return made


# Combining -----------------------------------------------------------------------------------------------------------


def combine_claims(
    *, versions: Sequence[ClaimVersion], reason: str, limits: CombineLimits | None = None
) -> ClaimVersion:
    """Unsent claims of one patient, payer and day as one: the first of them, a DRAFT; the others are CANCELLED.

    Claims of two visits bring their charge lines, and their later payers' claims, to the first one's visit. Raises
    StepRefused where one of them is sent, VersionRefused where a payer would not take them together.
    """
    rows = list(
        ClaimVersion.objects.filter(pk__in=[version.pk for version in versions])
        .select_for_update(of=("self",))
        .select_related("claim__payer")
        .order_by("control_number")
    )
    for row in rows:
        if State(row.state) not in UNSENT:
            raise StepRefused(
                f"claim {row.control_number} is {row.state}: only claims that were never sent are combined"
            )
    if len({(row.claim.practice_id, row.claim.patient_id, row.claim.payer_id) for row in rows}) > 1:
        raise VersionRefused(
            "the claims are not of one practice, patient and payer: only claims of one bill are combined"
        )
    if not rows:
        raise VersionRefused("there is nothing to combine: choose two claims or more")
    target = rows[0]
    visits = {row.claim.encounter_id for row in rows}
    whole = combine(
        [_content(row) for row in rows], limits or _limits(payer_profile(target.claim.payer), visits=len(visits)),
        control_number=target.control_number,
    )  # fmt: skip
    if len(visits) > 1:
        _bring_visits_together(target, rows[1:], reason)
    if target.state == State.READY:
        move(version=target, trigger=Trigger.EDITED, note=f"combined: {reason}")
    rewrite(version=target, content=whole)
    for row in rows[1:]:
        move(version=row, trigger=Trigger.CANCEL, note=f"combined into {target.control_number}: {reason}")
        _close_items(row, target)
    record_audit(
        action="claim.combine", subject_type="claim_version", subject_id=target.pk,
        detail=f"{', '.join(row.control_number for row in rows[1:])}: {reason}",
    )  # fmt: skip
    return target


def _limits(profile: PayerProfile, *, visits: int) -> CombineLimits:
    """Visits go together by the day; parts of one visit by the payer's own period, if it has one."""
    period = "day" if visits > 1 else profile.span_limit if profile.span_scope == "claim" else ""
    return CombineLimits(lines=LINES_A_CLAIM, period=period)


def _close_items(row: ClaimVersion, target: ClaimVersion) -> None:
    resolve_work_items(
        subject_type="claim_version", subject_id=str(row.pk), resolution=f"combined into {target.control_number}"
    )


def _bring_visits_together(target: ClaimVersion, others: Sequence[ClaimVersion], reason: str) -> None:
    """The other visits' charge lines and later payers' claims go to the target's visit: a remittance is posted by visit."""
    visit = Encounter.objects.select_for_update().get(pk=target.claim.encounter_id)
    moved = {row.claim.encounter_id for row in others} - {visit.pk}
    chains = {visit.pk: _later(visit.pk, target.claim.sequence)}
    for other in moved:
        chain = _later(other, target.claim.sequence)
        if {key: row.claim.payer_id for key, row in chain.items()} != {
            key: row.claim.payer_id for key, row in chains[visit.pk].items()
        }:
            raise VersionRefused("the visits have different later payers: their claims stay apart")
        for sequence, row in chain.items():
            mine = chains[visit.pk][sequence]
            whole = combine(
                [_content(mine), _content(row)], CombineLimits(period="day"), control_number=mine.control_number
            )
            rewrite(version=mine, content=whole)
            trigger = Trigger.NOTHING_TO_BILL if State(row.state) in WAITING else Trigger.CANCEL
            move(version=row, trigger=trigger, note=f"combined into {mine.control_number}: {reason}")
            _close_items(row, mine)
    last = ChargeLine.objects.filter(encounter=visit).aggregate(last=Max("number"))["last"] or 0
    for at, line in enumerate(
        ChargeLine.objects.filter(encounter_id__in=moved).select_for_update().order_by("encounter_id", "number"),
        last + 1,
    ):
        line.encounter, line.number = visit, at
        line.save(update_fields=["encounter", "number"])
    for other in moved:
        record_audit(action="encounter.combine", subject_type="encounter", subject_id=other, detail=f"into {visit.pk}")


def _later(encounter_id: object, sequence: str) -> dict[str, ClaimVersion]:
    """The live versions of a visit's other claims, by coverage. Raises StepRefused where one of them has gone out."""
    found: dict[str, ClaimVersion] = {}
    rows = (
        ClaimVersion.objects.filter(claim__encounter_id=encounter_id)
        .exclude(claim__sequence=sequence)
        .exclude(state__in=[State.CANCELLED, State.VOIDED, State.REPLACED])
        .select_for_update(of=("self",))
        .select_related("claim")
        .order_by("number")
    )
    for row in rows:
        if State(row.state) not in (*UNSENT, *WAITING):
            raise StepRefused(f"claim {row.control_number} of this visit is {row.state}: it stays as it is")
        if row.claim.sequence in found:
            raise VersionRefused("a later payer's claim of this visit is split: combine its parts first")
        found[row.claim.sequence] = row
    return found


# Paper ---------------------------------------------------------------------------------------------------------------


def proof_of_claim(
    *, version: ClaimVersion, data_only: bool = False, offset: tuple[float, float] = (0, 0)
) -> claim_forms.Printed:
    """The pages as they would be printed today, without printing them. Raises FormRefused."""
    return claim_forms.print_claim(_content(version), data_only=data_only, offset=offset, on=clock.today())


def print_claim(*, version: ClaimVersion, data_only: bool = False, offset: tuple[float, float] = (0, 0)) -> ClaimPrint:
    """A READY claim on paper: its pages are kept as they are, and it is PAPER_SENT.

    Raises FormRefused where no form takes it, StepRefused where it is not ready; nothing is kept then.
    """
    see_as_it_is(version)
    if version.state != State.READY:
        raise StepRefused(f"a claim in the state {version.state} is not printed to be mailed: only a ready one is")
    content = _content(version)
    printed = proof_of_claim(version=version, data_only=data_only, offset=offset)
    digest = hashlib.sha256(printed.pdf).hexdigest()
    form = claim_forms.kind_of(content)
    row = ClaimPrint(
        version=version, form=form, data_only=data_only, pages=printed.pages, pdf=printed.pdf, sha256=digest,
        warnings=[
            {"box": one.box, "kind": one.kind, "length": one.length, "room": one.room, "page": one.page}
            for one in printed.warnings
        ],
        printed_by=actor(), printed_at=clock.now(), printed_on=clock.today(),
    )  # fmt: skip
    row.save(force_insert=True)
    move(version=version, trigger=Trigger.PRINTED, note=f"{form}, {printed.pages} pages, {digest[:12]}")
    record_audit(action="claim.print", subject_type="claim_version", subject_id=version.pk, detail=f"{form} {digest}")
    return row


def last_print(*, version: ClaimVersion) -> ClaimPrint | None:
    """The pages that were mailed: to look at, or to mail once more as they were."""
    return ClaimPrint.objects.filter(version=version).order_by("-printed_at").first()
