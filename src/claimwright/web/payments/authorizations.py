"""Authorization units as claims go out: used once for each charge line, whatever version of the claim carries it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from claimwright.billing import authorizations as rules
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, record_audit
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import OutboxFile
from claimwright.web.payments.models import Authorization, AuthorizationUse
from claimwright.web.submissions.models import ClaimVersion


def use_authorizations(*, files: Iterable[OutboxFile]) -> int:
    """Units of the authorizations that the claims of these files name; says how many lines took some.

    Doing it twice is doing it once. What an authorization has not left, or does not cover, is listed and not taken.
    """
    versions = ClaimVersion.objects.filter(submissions__file__in=list(files)).select_related("claim")
    taken = 0
    for version in versions.distinct().order_by("control_number"):
        content = msgspec.convert(version.content, ClaimNoun)
        for line in content.lines:
            number = line.prior_authorization or content.prior_authorization
            row = _authorization(version, number) if number else None
            if row is not None:
                taken += _use(row, version, line.procedure_code, line.control_number, line.units)
    return taken


def _authorization(version: ClaimVersion, number: str) -> Authorization | None:
    return (
        Authorization.objects.select_for_update()
        .filter(number=number, patient=version.claim.patient_id, payer=version.claim.payer_id)
        .first()
    )


def _use(row: Authorization, version: ClaimVersion, code: str, line_id: str, quantity: Decimal) -> int:
    key = f"use:{line_id}:{row.pk}"
    entries = [_entry(use) for use in row.uses.all()]
    if any(entry.key == key for entry in entries):
        return 0
    noun = _noun(row)
    on = version.date_of_service or clock.today()
    problem = rules.covers(noun, procedure_code=code, on=on)
    if not problem:
        try:
            entry = rules.move(noun, entries, rules.Movement.USE, quantity=quantity, subject=line_id, key=key)
        except rules.AuthorizationRefused as refused:
            problem = str(refused)
    if problem:
        raise_work_item(
            worklist=Worklist.EDIT_HOLDS, key=f"authorization:{key}", reason_code="AUTHORIZATION",
            reason=f"The authorization on this claim does not cover it: {problem}.",
            what_to_do="Ask the payer to extend it, or link the right one and replace the claim",
            subject_type="claim_version", subject_id=version.pk, claim_number=version.control_number,
        )  # fmt: skip
        return 0
    AuthorizationUse.objects.create(
        authorization=row, version=version, kind=entry.movement.value, units=entry.units, on=clock.today(), key=key
    )
    record_audit(action="authorization.use", subject_type="authorization", subject_id=row.pk, detail=line_id)
    return 1


def _noun(row: Authorization) -> rules.Authorization:
    return rules.Authorization(
        number=row.number, payer_key=str(row.payer_id), procedure_codes=tuple(row.codes), units=row.units_approved,
        start=row.start or clock.today(), end=row.end or clock.today(), status=row.state,
    )  # fmt: skip


def _entry(use: AuthorizationUse) -> rules.UnitEntry:
    """The line stands in the key, between its colons."""
    return rules.UnitEntry(
        movement=rules.Movement(use.kind), units=use.units, subject=use.key.split(":")[1], key=use.key
    )
