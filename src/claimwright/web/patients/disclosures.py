"""What was disclosed of a patient outside treatment, payment and operations: recorded, withdrawn, and accounted for."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.billing import disclosures as rules
from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.documents.disclosure_accounting import Accounting, Row, render_accounting
from claimwright.documents.patient_paper import Letterhead
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.models import Disclosure, Patient


def as_noun(row: Disclosure) -> rules.Disclosure:
    return rules.Disclosure(**{name: getattr(row, name) for name in rules.Disclosure.__struct_fields__})


def record_disclosure(*, patient: Patient, disclosure: rules.Disclosure, key: str = "") -> Disclosure:
    """Keep one. `key` names what brought it about, so that it is recorded once. Raises DisclosureRefused."""
    rules.check(disclosure, today=clock.today())
    fields = msgspec.structs.asdict(disclosure) | {"recorded_at": clock.now(), "recorded_by": actor()}
    if key:
        row, made = Disclosure.objects.get_or_create(patient=patient, key=key[:120], defaults=fields)
    else:
        row, made = Disclosure.objects.create(patient=patient, **fields), True
    if made:
        record_audit(
            action="disclosure.record", subject_type="patient", subject_id=patient.pk, detail=f"{row.pk} {row.basis}"
        )
    return row


def withdraw_disclosure(*, disclosure: Disclosure, reason: str) -> None:
    """It was recorded in error: the row stays with the reason and leaves the accounting. Raises DisclosureRefused."""
    if len(reason.strip()) < 3:
        raise rules.DisclosureRefused("say why it was recorded in error")
    row = Disclosure.objects.select_for_update().get(pk=disclosure.pk)
    if row.withdrawn_by:
        raise rules.DisclosureRefused("it is withdrawn already")
    row.withdrawn_by, row.withdrawn_reason, row.withdrawn_at = actor(), reason.strip()[:200], clock.now()
    row.save(update_fields=["withdrawn_by", "withdrawn_reason", "withdrawn_at"])
    record_audit(action="disclosure.withdraw", subject_type="patient", subject_id=row.patient_id, detail=str(row.pk))


def standing(patient: Patient) -> list[Disclosure]:
    """Every disclosure that was not withdrawn, newest first, those of records merged into this one too."""
    owners = [patient.pk, *Patient.objects.filter(merged_into=patient).values_list("pk", flat=True)]
    return list(Disclosure.objects.filter(patient__in=owners, withdrawn_by="").order_by("-disclosed_on", "recipient"))


def accounting_pdf(*, patient: Patient, asked_on: date) -> bytes:
    """The accounting that a patient asked for on a day, as PDF in the patient's language; it is in the audit log."""
    today = clock.today()
    first, last = rules.window(asked_on)
    given = rules.for_patient(map(as_noun, standing(patient)), asked_on=asked_on, today=today)
    pdf = render_accounting(
        Accounting(
            letterhead=_letterhead(patient),
            number=patient.record_number, language=patient.language, asked_on=asked_on, first=first, last=last,
            issued_on=today,
            rows=[
                Row(disclosed_on=one.disclosed_on, recipient=one.recipient, address=one.address, what=one.what,
                    purpose=one.purpose, last_on=one.last_on, how_often=one.how_often)
                for one in given
            ],
        )
    )  # fmt: skip
    record_audit(
        action="disclosure.accounting", subject_type="patient", subject_id=patient.pk,
        detail=f"asked on {asked_on}, {len(given)} given",
    )  # fmt: skip
    return pdf


def _letterhead(patient: Patient) -> Letterhead:
    """To the patient, never to whoever pays the bills: it tells what the guarantor need not know."""
    practice = patient.practice
    provider = msgspec.convert(practice.content, ProviderNoun)
    return Letterhead(
        practice_name=practice.statement_name or practice.name, practice_address=provider.address or Address(),
        practice_phone=practice.statement_phone or provider.phone, mail_to_name=f"{patient.first_name} {patient.last_name}".strip(),
        mail_to_address=msgspec.convert(patient.content, PatientNoun).address,
    )  # fmt: skip
