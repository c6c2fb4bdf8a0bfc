"""Letters to patients: written once, kept as written, in the patient's language."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.documents.patient_notices import Notice, render_notice
from claimwright.documents.patient_paper import Letterhead, language_of
from claimwright.documents.statement import amount_text, date_text, phone_text
from claimwright.web.arrangements.models import PatientLetter
from claimwright.web.core import clock
from claimwright.web.core.services import next_number, record_audit
from claimwright.web.patients.models import Patient


def letterhead_of(patient: Patient, *, with_ids: bool = False) -> Letterhead:
    """Who writes to whom: the practice as statements name it, to the guarantor where there is one."""
    practice = patient.practice
    provider = msgspec.convert(practice.content, ProviderNoun)
    addressee = patient.guarantor or patient
    noun = msgspec.convert(addressee.content, PatientNoun)
    address = noun.address if noun.address.line1 else msgspec.convert(patient.content, PatientNoun).address
    return Letterhead(
        practice_name=practice.statement_name or practice.name, practice_address=provider.address or Address(),
        practice_phone=practice.statement_phone or provider.phone, mail_to_name=name_of(addressee),
        mail_to_address=address, tax_id=practice.tax_id if with_ids else "", npi=practice.npi if with_ids else "",
    )  # fmt: skip


def name_of(patient: Patient) -> str:
    return " ".join(filter(None, (patient.first_name, patient.last_name)))


def write_letter(
    *, patient: Patient, name: str, subject_type: str, subject_id: UUID, values: dict[str, str | date | Decimal]
) -> PatientLetter:
    """Write and keep one letter. Amounts and dates of `values` are put as the language has them; `phone` is the practice's.

    Raises KeyError for a value that the letter needs and does not get.
    """
    language = language_of(patient.language)
    head = letterhead_of(patient)
    told = {key: _told(value, language) for key, value in values.items()} | {"phone": phone_text(head.practice_phone)}
    number = f"PT{next_number(name='patient_letter'):07d}"
    pdf = render_notice(
        Notice(letterhead=head, name=name, number=number, written_on=clock.today(), language=language, values=told)
    )
    letter = PatientLetter.objects.create(
        practice=patient.practice, patient=patient, number=number, name=name, subject_type=subject_type,
        subject_id=subject_id, written_on=clock.today(), language=language, content=told, pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )  # fmt: skip
    record_audit(action="patient_letter.written", subject_type=subject_type, subject_id=subject_id, detail=number)
    return letter


def _told(value: str | date | Decimal, language: str) -> str:
    if isinstance(value, Decimal):
        return amount_text(value)
    return date_text(value, language) if isinstance(value, date) else value
