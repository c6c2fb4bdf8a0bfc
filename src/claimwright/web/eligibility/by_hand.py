"""What the payer's portal, telephone, letter or card said, keyed by a person: a snapshot like any other, with its source."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from claimwright.billing.eligibility import InquiryRefused, Occasion
from claimwright.billing.eligibility_by_hand import KeyedAnswer, KeyedAnswerRefused, answer_of
from claimwright.claims.eligibility import PatientInquiry
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.parties import CoveredPerson, Party
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.eligibility.answering import attach
from claimwright.web.eligibility.asking import OPEN_STATES, TRACE_DIGITS, State
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot
from claimwright.web.patients.models import PatientCoverage

__all__ = ["InquiryRefused", "KeyedAnswerRefused", "key_answer"]


def key_answer(
    *, coverage: PatientCoverage, keyed: KeyedAnswer, on: date, encounter_id: UUID | None = None
) -> EligibilitySnapshot:
    """Keep what a person was told about a coverage on a day. It answers the question about that day that is open or was
    refused; where none is, one is made that nobody sends. Compared with the answer before, like a 271.

    Raises KeyedAnswerRefused: a field that cannot be, or the same answer under the same reference once more.
    """
    patient = coverage.patient
    noun = msgspec.convert(patient.content, PatientNoun)
    person = CoveredPerson(
        last_name=noun.last_name, first_name=noun.first_name, birth_date=noun.birth_date, sex=noun.sex
    )
    payer = Party(role="PR", is_organization=True, last_name=coverage.payer.name, identifier=coverage.payer.payer_id)
    answer = answer_of(keyed, person=person, payer=payer)
    row = _question(coverage, on) or _new_question(coverage, on, encounter_id, person, payer)
    kept = attach(
        row, answer, f"{keyed.source}:{keyed.reference.strip()}", None, source=keyed.source,
        reference=keyed.reference.strip()[:80], told_by=keyed.told_by.strip()[:120], keyed_by=actor(),
    )  # fmt: skip
    if kept is None:
        raise KeyedAnswerRefused("this answer is kept already under this reference")
    record_audit(action="eligibility.keyed", subject_type="patient", subject_id=patient.pk, detail=keyed.source)
    return kept


def _question(coverage: PatientCoverage, on: date) -> EligibilityInquiry | None:
    """The last question about the day; a person's word answers it even while a retry is planned."""
    rows = EligibilityInquiry.objects.select_for_update(of=("self",)).select_related("payer", "coverage", "patient")
    wanted = (*OPEN_STATES, State.REFUSED, State.ANSWERED)
    return rows.filter(coverage=coverage, on=on, state__in=wanted).order_by("-asked_at").first()


def _new_question(
    coverage: PatientCoverage, on: date, encounter_id: UUID | None, person: CoveredPerson, payer: Party
) -> EligibilityInquiry:
    trace = f"EL{base36(next_number(name='eligibility_inquiry'), TRACE_DIGITS)}"
    return EligibilityInquiry.objects.create(
        patient=coverage.patient, coverage=coverage, payer=coverage.payer, practice=coverage.patient.practice, on=on,
        encounter_id=encounter_id, occasion=Occasion.ASKED, trace=trace, state=State.ANSWERED, asked_on=clock.today(),
        asked_at=clock.now(), asked_by=actor(),
        content=msgspec.to_builtins(PatientInquiry(payer=payer, subscriber=person)),
    )  # fmt: skip
