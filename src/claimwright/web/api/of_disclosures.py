"""Who saw a record, the proof of the audit log, and disclosures outside treatment, payment and operations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing import disclosures as rules
from claimwright.web.api.fields import In, Out, Reason
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.of_office import AuditOut
from claimwright.web.api.problems import Problem
from claimwright.web.core import audit_log, clock
from claimwright.web.operations.audit_trail import subjects_of
from claimwright.web.patients import disclosures as kept
from claimwright.web.patients.models import Disclosure, Patient


class AuditFault(Out):
    sequence: int
    problem: str


class AuditProof(Out):
    rows: int
    head: str = Field(description="The hash of the newest row")
    faults: list[AuditFault]
    faults_in_all: int
    kept: int = Field(description="The number of the head kept outside the database; 0: none")
    unkept: int


class DisclosureOut(Out):
    id: UUID
    patient_id: UUID
    disclosed_on: date
    last_on: date | None
    how_often: str
    recipient: str
    address: str
    what: str
    purpose: str
    basis: str
    withheld_until: date | None
    recorded_at: datetime
    recorded_by: str


class RecordDisclosure(In):
    disclosed_on: date
    recipient: str = Field(min_length=1, max_length=160)
    address: str = Field(default="", max_length=300)
    what: str = Field(min_length=1, max_length=500)
    purpose: str = Field(min_length=1, max_length=500)
    basis: str = Field(max_length=24, description=", ".join(rules.BASES))
    last_on: date | None = Field(default=None, description="Of a run to one recipient for one purpose")
    how_often: str = Field(default="", max_length=120)
    withheld_until: date | None = None


class WithdrawDisclosure(In):
    reason: Reason


@operation("GET", "/audit/proof", permission="audit.read", answers=AuditProof, whole_office=True)
def prove_audit_log(request: HttpRequest) -> Any:
    """Hash every row of the log again, and hold its end to the head kept outside the database."""
    return audit_log.verify()


@operation(
    "GET", "/patients/{uuid:patient_id}/seen", permission="audit.read", answers=paged(AuditOut), whole_office=True,
    reads=True,
)  # fmt: skip
def list_who_saw(
    request: HttpRequest, patient_id: UUID, start: date | None = None, end: date | None = None, cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    """Every reading and change of a record and of what belongs to it, the newest first."""
    rows = audit_log.find(subjects=subjects_of(find(Patient, patient_id)), start=start, end=end)
    return page_of(rows, cursor=cursor, limit=limit, by="sequence")


@operation(
    "GET", "/patients/{uuid:patient_id}/disclosures", permission="disclosures.read", answers=list[DisclosureOut],
    reads=True,
)  # fmt: skip
def list_disclosures(request: HttpRequest, patient_id: UUID) -> Any:
    """Every disclosure that stands, the newest first, those of records merged into this one too."""
    return kept.standing(find(Patient, patient_id))


@operation(
    "GET", "/patients/{uuid:patient_id}/disclosures.pdf", permission="disclosures.read", produces=PDF, reads=True
)
def read_disclosure_accounting(request: HttpRequest, patient_id: UUID, asked_on: date | None = None) -> Any:
    """The accounting that a patient asked for, in the patient's language."""
    patient = find(Patient.objects.select_related("practice"), patient_id)
    on = min(asked_on or clock.today(), clock.today())
    return as_bytes(kept.accounting_pdf(patient=patient, asked_on=on), PDF, "accounting-of-disclosures.pdf")


@operation(
    "POST", "/patients/{uuid:patient_id}/disclosures", permission="disclosures.work", answers=DisclosureOut, status=201
)
def record_a_disclosure(request: HttpRequest, patient_id: UUID, payload: RecordDisclosure) -> Any:
    """Record what was disclosed, to whom and what for."""
    noun = rules.Disclosure(**payload.values())
    return kept.record_disclosure(patient=find(Patient, patient_id), disclosure=noun)


@operation("POST", "/disclosures/{uuid:disclosure_id}/withdraw", permission="disclosures.work", answers=DisclosureOut)
def withdraw_a_disclosure(request: HttpRequest, disclosure_id: UUID, payload: WithdrawDisclosure) -> Any:
    """It was recorded in error: it stays on record with the reason, and leaves the accounting."""
    row = find(Disclosure, disclosure_id)
    if row.withdrawn_by:
        raise Problem(409, "It is withdrawn already", kind="refused")
    kept.withdraw_disclosure(disclosure=row, reason=payload.reason)
    return row
