"""Advance beneficiary notices: recorded when they are signed, before the service; withdrawn, never changed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from claimwright.billing.advance_notice import AdvanceNotice, problems, valid_until
from claimwright.web.authorizations.models import Document, Questionnaire
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.models import Patient

ABN = "abn"


class NoticeRefused(ValueError):
    """A notice that would be worth nothing; the text says what is missing."""


def record_notice(
    *, patient: Patient, notice: AdvanceNotice, encounter_id: UUID | None = None, document: Document | None = None
) -> Questionnaire:
    """Keep a signed notice with its answers and its paper. Raises NoticeRefused where it would not hold."""
    found = problems(notice, clock.today())
    if document is not None and document.patient_id != patient.pk:
        found = (*found, "the paper is another patient's")
    if found:
        raise NoticeRefused("; ".join(found))
    row = Questionnaire.objects.create(
        kind=ABN, patient=patient, encounter_id=encounter_id, answers=msgspec.to_builtins(notice),
        answered_on=notice.signed_on, valid_until=valid_until(notice), document=document, at=clock.now(), actor=actor(),
    )  # fmt: skip
    record_audit(action="notice.record", subject_type="questionnaire", subject_id=row.pk, detail=notice.option)
    return row


def withdraw_notice(*, notice: Questionnaire, reason: str) -> None:
    """The patient took it back, or it was recorded wrongly. It stays on record."""
    if not reason.strip():
        raise NoticeRefused("say why it is withdrawn")
    notice.withdrawn_on, notice.withdrawn_reason = clock.today(), reason.strip()[:200]
    notice.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    record_audit(action="notice.withdraw", subject_type="questionnaire", subject_id=notice.pk)


def notices_on(*, patient_id: UUID, code: str, on: date) -> list[Questionnaire]:
    """The notices of a patient that hold for a code on a day, newest first."""
    rows = Questionnaire.objects.filter(
        kind=ABN, patient_id=patient_id, withdrawn_on__isnull=True, answered_on__lte=on, valid_until__gt=on
    ).order_by("-answered_on", "-at")
    return [row for row in rows if any(one["code"] == code for one in row.answers["services"])]
