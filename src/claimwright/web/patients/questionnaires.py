"""Answers of patients, kept with their day: the Medicare secondary payer questions and those about accidents."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.billing.questionnaires import (
    AccidentAnswers,
    MedicareAnswers,
    MedicareFinding,
    accident_finding,
    medicare_finding,
)
from claimwright.billing.registration import Fault, phone_digits
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.models import InjuryCase, MedicareQuestionnaire, Patient
from claimwright.web.practice.models import Payer


class AnswersRefused(ValueError):
    """Answers that cannot be kept; `faults` name the fields."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.says}: {fault.fix}" for fault in faults))


def record_medicare_answers(*, patient: Patient, answers: MedicareAnswers, answered_on: date) -> MedicareQuestionnaire:
    """One more questionnaire; earlier ones stay. Raises AnswersRefused for a day to come."""
    if answered_on > clock.today():
        raise AnswersRefused(
            Fault(field="answered_on", says="The day lies in the future", fix="Enter when the patient answered")
        )
    finding: MedicareFinding = medicare_finding(answers, answered_on)
    row = MedicareQuestionnaire.objects.create(
        patient=patient, answered_on=answered_on, answers=msgspec.to_builtins(answers),
        medicare_first=finding.medicare_first, insurance_type=finding.insurance_type,
        finding=msgspec.to_builtins(finding), asked_by=actor(), recorded_at=clock.now(),
    )  # fmt: skip
    record_audit(action="patient.medicare_answers", subject_type="patient", subject_id=patient.pk)
    return row


def record_accident(
    *, patient: Patient, answers: AccidentAnswers, answered_on: date, carrier: Payer | None = None
) -> InjuryCase | None:
    """The case that the answers open; None where there was no accident. Raises AnswersRefused. The same again is one."""
    finding = accident_finding(answers, answered_on)
    faults = [Fault(field=field, says="The answer is not whole", fix=fix) for field, fix in finding.faults]
    phone = phone_digits(answers.adjuster_phone)
    if answers.adjuster_phone and not phone:
        faults.append(
            Fault(field="adjuster_phone", says="This is no telephone number", fix="Enter area code and number")
        )
    if faults:
        raise AnswersRefused(*faults)
    if not finding.causes or finding.happened_on is None:
        return None
    row, made = InjuryCase.objects.get_or_create(
        patient=patient, kind=finding.case_kind, happened_on=finding.happened_on, closed_on=None,
        defaults={"answered_on": answered_on, "causes": list(finding.causes), "state": finding.state},
    )  # fmt: skip
    row.causes, row.state, row.carrier, row.carrier_name = (
        list(finding.causes),
        finding.state,
        carrier,
        answers.carrier[:120],
    )
    row.case_number, row.adjuster_phone, row.answered_on = answers.case_number[:50], phone, answered_on
    row.save()
    record_audit(
        action="patient.case_opened" if made else "patient.case_changed", subject_type="patient", subject_id=patient.pk,
        detail=f"{row.kind} {row.pk}",
    )  # fmt: skip
    return row


def close_case(*, case: InjuryCase, because: str) -> None:
    case.closed_on, case.closed_because = clock.today(), because[:200]
    case.save(update_fields=["closed_on", "closed_because"])
    record_audit(action="patient.case_closed", subject_type="patient", subject_id=case.patient_id, detail=str(case.pk))
