"""Claims and their authorizations: chosen where exactly one fits, suggested with reasons otherwise, and used as claims go.

The states of claims move in `events.record_events`; it tells `settle_moved` here, so that no way out of the house
forgets an authorization.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from claimwright.billing.authorizations import Level, level_of
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Line
from claimwright.edits.authorizations import AUTHORIZATION, FIELDS, REFERRAL, bare, misfits, rule_for, service_of
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.authorizations.consumption import LineUse, Refusal, row_for, settle_claim
from claimwright.web.authorizations.models import Authorization
from claimwright.web.authorizations.selectors import AuthorizationBook
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.practice.selectors import payer_profile
from claimwright.web.submissions.models import Claim, ClaimVersion

ON_HOLD = "ON_HOLD"
GIVEN_BACK = frozenset(("REPLACED", "VOIDED"))
NAMES_A_NUMBER = """
SELECT DISTINCT claim_id FROM submissions_claimversion WHERE id = ANY(%s) AND (
  COALESCE(content->>'prior_authorization', '') <> '' OR COALESCE(content->>'referral', '') <> ''
  OR jsonb_path_exists(content, '$.lines[*] ? (@.prior_authorization != "" || @.referral != "")'))
"""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization on file for a claim: for which of its lines it fits, and why not for the others."""

    authorization_id: UUID
    kind: str
    number: str
    status: str
    fits: tuple[int, ...]  # positions of lines
    reasons: tuple[str, ...]  # why it does not fit the others, each once
    units_left: str = ""
    chosen: bool = False  # its number is on the claim


# Choosing -------------------------------------------------------------------------------------------------------------


def choose_authorizations(versions: Sequence[ClaimVersion]) -> int:
    """Put the number on unsaved or unsent claims where exactly one fits each line that has a fit; says on how many.

    A claim that names a number already is a person's or the interface's word and stays. Of two that fit none is taken.
    The contents are changed in place; the caller saves.
    """
    book = AuthorizationBook({version.claim.patient_id for version in versions})
    profiles: dict[UUID, PayerProfile] = {}
    changed = 0
    for version in versions:
        claim = version.claim
        if not book.rows(claim.patient_id, claim.payer_id):
            continue
        if claim.payer_id not in profiles:
            profiles[claim.payer_id] = payer_profile(claim.payer)
        content = msgspec.convert(version.content, ClaimNoun)
        chosen = content
        for kind in (AUTHORIZATION, REFERRAL):
            chosen = _with_the_only_one(chosen, kind, book, claim)
        if chosen != content:
            version.content = msgspec.to_builtins(chosen)
            take(book, claim, chosen)
            changed += 1
    return changed


def _with_the_only_one(content: ClaimNoun, kind: str, book: AuthorizationBook, claim: Claim) -> ClaimNoun:
    field = FIELDS[kind]
    if getattr(content, field) or any(getattr(line, field) for line in content.lines):
        return content
    records = [
        one
        for one in book.records(claim.patient_id, claim.payer_id, claim.pk, claim.encounter_id)
        if one.kind == kind and one.number
    ]
    numbers: list[str] = []
    for line in content.lines:
        service = service_of(content, line)
        fitting = {one.number for one in records if not misfits(one, service)}
        numbers.append(fitting.pop() if len(fitting) == 1 else "")
    told = {number for number in numbers if number}
    if not told:
        return content
    if len(told) == 1 and all(numbers):
        return msgspec.structs.replace(content, **{field: told.pop()})
    lines = [
        msgspec.structs.replace(line, **{field: number}) if number else line
        for line, number in zip(content.lines, numbers, strict=True)
    ]
    return msgspec.structs.replace(content, lines=tuple(lines))


def suggestions(version: ClaimVersion) -> list[Suggestion]:
    """What is on file for the claim's patient and payer, what fits most lines first. For a person to choose from."""
    claim = version.claim
    content = msgspec.convert(version.content, ClaimNoun)
    book = AuthorizationBook([claim.patient_id])
    found = []
    for row in book.rows(claim.patient_id, claim.payer_id):
        record = book.record(row, claim.pk, claim.encounter_id)
        fits, reasons = [], []
        for index, line in enumerate(content.lines):
            why = misfits(record, service_of(content, line))
            if why:
                reasons += [f"{line.procedure_code}: it {one.words}" for one in why]
            else:
                fits.append(index)
        field = FIELDS[record.kind]
        named = {getattr(content, field), *(getattr(line, field) for line in content.lines)}
        found.append(
            Suggestion(
                authorization_id=row.pk, kind=record.kind, number=row.number, status=row.status, fits=tuple(fits),
                reasons=tuple(dict.fromkeys(reasons)), chosen=bool(row.number) and row.number in named,
                units_left="" if record.units_left is None else f"{record.units_left.normalize():f}",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-len(one.fits), len(one.reasons), one.number))


def needed(version: ClaimVersion) -> list[tuple[int, str, str]]:
    """(line, kind, source of the rule) for each line whose payer asks for a number that the claim does not have."""
    content = msgspec.convert(version.content, ClaimNoun)
    profile = payer_profile(version.claim.payer)
    found = []
    for index, line in enumerate(content.lines):
        for kind, field in FIELDS.items():
            if getattr(content, field) or getattr(line, field):
                continue
            rule = rule_for(profile, content, line, kind)
            if rule is not None:
                found.append((index, kind, rule.source))
    return found


def put_on_claim(
    *, version: ClaimVersion, authorization: Authorization, lines: Sequence[int] = (), reason: str
) -> ClaimVersion:
    """A person puts the number on an unsent claim: on the lines named, or on the claim as a whole.

    Raises ValueError for another patient's or payer's, and for one without a number; StepRefused for a claim that went.
    """
    from claimwright.web.submissions.services import revise_unsent  # it comes back here by way of the events

    claim = version.claim
    if (authorization.patient_id, authorization.payer_id) != (claim.patient_id, claim.payer_id):
        raise ValueError("it is another patient's or another payer's")
    if not authorization.number:
        raise ValueError("it has no number yet: enter the payer's number first")
    content = msgspec.convert(version.content, ClaimNoun)
    field = FIELDS[REFERRAL if authorization.kind == Authorization.Kind.REFERRAL else AUTHORIZATION]
    number = {field: authorization.number}
    if lines:
        changed = tuple(
            msgspec.structs.replace(line, **number) if index in lines else line
            for index, line in enumerate(content.lines)
        )
        content = msgspec.structs.replace(content, lines=changed)
    else:
        content = msgspec.structs.replace(content, **number)
    record_audit(
        action="claim.authorization", subject_type="claim_version", subject_id=version.pk, detail=str(authorization.pk)
    )
    return revise_unsent(version=version, content=content, reason=reason)


def take(book: AuthorizationBook, claim: Claim, content: ClaimNoun) -> None:
    """Within this run the claim will take its units: the next claim sees them gone."""
    rows = book.rows(claim.patient_id, claim.payer_id)
    if rows:
        for use in _uses_of(content, claim.pk, Level.RESERVED):
            row, why = row_for(rows, use)
            if row is not None and not why:
                book.take(row, claim.pk, use.line_id, use.service.units, use.service.on)


# Using ----------------------------------------------------------------------------------------------------------------


def settle_moved(steps: Iterable[tuple[str, str, str]]) -> None:
    """Claims whose versions moved, as (version id, from, to): their authorizations are brought to what the states ask.

    Most steps change nothing of an authorization; those cost no query. Nor do steps where the tenant has none.
    """
    moved = {
        version
        for version, source, target in steps
        # On hold a claim keeps what it has; what it had is known by where it returns to.
        if target != ON_HOLD and (level_of(source) is not level_of(target) or target in GIVEN_BACK)
    }
    claims = _naming(moved)
    if claims:
        settle_claims(claim_ids=claims)


def settle_decided(denied: Mapping[UUID, frozenset[str]]) -> None:
    """The payer decided on these versions: what it denied is given back, what it pays after all is used again.

    `denied` has every version decided now, with an empty set where all its lines are paid.
    """
    claims = _naming({str(version) for version in denied})
    if claims:
        settle_claims(claim_ids=claims, denied=denied)


def any_on_file() -> bool:
    """Whether the tenant has authorizations at all: without, nothing need be asked."""
    return Authorization.objects.exists()


def _naming(version_ids: set[str]) -> list[UUID]:
    """The claims of those versions that name a number. No query where nothing moved, one where the tenant has none."""
    if not version_ids or not any_on_file():
        return []
    with connection.cursor() as cursor:
        cursor.execute(NAMES_A_NUMBER, [sorted(version_ids)])
        return [claim for (claim,) in cursor.fetchall()]


def settle_claims(
    *, claim_ids: Iterable[UUID], denied: Mapping[UUID, frozenset[str]] | None = None
) -> list[tuple[ClaimVersion, Refusal]]:
    """Write what the claims' authorizations are short of or have too much of; what is refused is listed.

    `denied`: the denied lines of the versions whose decision just came, an empty set where all lines are paid.
    """
    versions: dict[UUID, list[ClaimVersion]] = defaultdict(list)
    rows = ClaimVersion.objects.filter(claim_id__in=set(claim_ids)).select_related("claim")
    for version in rows.order_by("claim_id", "number"):
        versions[version.claim_id].append(version)
    told: list[tuple[ClaimVersion, Refusal]] = []
    for chain in versions.values():
        claim = chain[0].claim
        uses = [
            use
            for version in chain
            for use in _uses_of(
                msgspec.convert(version.content, ClaimNoun), version.pk, level_of(version.state, version.held_from)
            )
        ]
        refused = settle_claim(
            patient_id=claim.patient_id, payer_id=claim.payer_id, claim_id=claim.pk, uses=uses,
            encounter_id=claim.encounter_id, cause=chain[-1].state.lower(),
            denied={pk: lines for pk, lines in (denied or {}).items() if any(one.pk == pk for one in chain)},
        )  # fmt: skip
        by_id = {version.pk: version for version in chain}
        told += [(by_id[one.version_id], one) for one in refused]
        _list(chain, refused)
    return told


def _uses_of(content: ClaimNoun, version_id: UUID, level: Level) -> list[LineUse]:
    return [
        LineUse(
            version_id=version_id, line_id=line.control_number, kind=kind, number=number,
            service=service_of(content, line), level=level,
        )
        for line in content.lines
        for kind, field in FIELDS.items()
        if (number := _number(content, line, field))
    ]  # fmt: skip


def _number(content: ClaimNoun, line: Line, field: str) -> str:
    number: str = getattr(line, field) or getattr(content, field)
    return bare(number) and number


def _list(chain: Sequence[ClaimVersion], refused: Sequence[Refusal]) -> None:
    """What an authorization does not cover is a task for a person; what it covers again closes the task."""
    newest = chain[-1]
    key = f"authorization:{newest.claim_id}"
    if not refused:
        resolve_work_items(keys=[key], resolution="the authorization covers the claim")
        return
    reasons = dict.fromkeys(f"{one.number} for line {one.line_id}: {one.reason}" for one in refused)
    raise_work_item(
        worklist=Worklist.AUTHORIZATION_PROBLEMS, key=key, reason_code="AUTHORIZATION",
        reason=f"The authorization on this claim does not cover it: {'; '.join(reasons)}.",
        what_to_do="Ask the payer to extend it, or link the right one and correct the claim",
        subject_type="claim_version", subject_id=newest.pk, practice_id=newest.claim.practice_id,
        claim_number=newest.control_number, amount=newest.total_charge, reopen=True,
    )  # fmt: skip
