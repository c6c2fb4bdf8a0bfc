"""The log of inquiries and disputes: taken, given to somebody, answered in time, with a letter."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from claimwright.billing import inquiries as rules
from claimwright.web.arrangements.holds import set_flags, set_visit_hold
from claimwright.web.arrangements.letters import write_letter
from claimwright.web.arrangements.models import Inquiry
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.practice.selectors import policies_of


def _key(inquiry: Inquiry) -> str:
    return f"inquiry:{inquiry.pk}"


@transaction.atomic
def open_inquiry(
    *, patient: Patient, channel: str, topic: str, words: str, encounter: Encounter | None = None,
    hold: bool | None = None, owner: str = "", received_on: date | None = None,
) -> Inquiry:  # fmt: skip
    """Write what a patient asks or disputes into the log. `hold`: collect nothing of it meanwhile; every dispute unless said.

    Raises InquiryRefused for a channel or topic of no list, no words, another patient's visit, or a day to come.
    """
    if channel not in list(rules.Channel):
        raise rules.InquiryRefused(f"channel: one of {', '.join(rules.Channel)}")
    if topic not in list(rules.Topic):
        raise rules.InquiryRefused(f"topic: one of {', '.join(rules.Topic)}")
    if not words.strip():
        raise rules.InquiryRefused("words: say what the patient asks")
    if encounter is not None and encounter.patient_id != patient.pk:
        raise rules.InquiryRefused("visit: choose one of this patient")
    on = received_on or clock.today()
    if on > clock.today():
        raise rules.InquiryRefused("received: today or earlier")
    inquiry = Inquiry.objects.create(
        practice=patient.practice, patient=patient, encounter=encounter, number=f"IQ{next_number(name='inquiry'):07d}",
        channel=channel, topic=topic, words=words.strip(), owner=owner.strip() or actor(), received_on=on,
        answer_by=rules.answer_due(on, policies_of(patient.practice)), taken_by=actor(),
        is_on_hold=rules.is_dispute(rules.Topic(topic)) if hold is None else hold,
    )  # fmt: skip
    _hold(inquiry)
    raise_work_item(
        worklist=Worklist.INQUIRIES, key=_key(inquiry), reason_code=topic.upper(),
        reason=f"A patient asks about {rules.TOPIC_WORDS[rules.Topic(topic)]}",
        what_to_do="Find out, answer in words, and close it with the letter", subject_type="inquiry",
        subject_id=inquiry.pk, practice_id=patient.practice_id, due_date=inquiry.answer_by,
    )  # fmt: skip
    WorkItem.objects.filter(key=_key(inquiry)).update(owner=inquiry.owner)
    record_audit(action="inquiry.opened", subject_type="inquiry", subject_id=inquiry.pk, detail=topic)
    return inquiry


def _hold(inquiry: Inquiry) -> None:
    if inquiry.encounter is not None:
        set_visit_hold(encounter=inquiry.encounter)
    else:
        set_flags(patient=inquiry.patient)


def _open(inquiry: Inquiry) -> Inquiry:
    row = Inquiry.objects.select_for_update(of=("self",)).select_related("patient__practice").get(pk=inquiry.pk)
    if row.state != Inquiry.State.OPEN:
        raise rules.InquiryRefused("inquiry: it was answered already")
    return row


@transaction.atomic
def assign_inquiry(*, inquiry: Inquiry, owner: str) -> Inquiry:
    """Give it to somebody. Raises InquiryRefused without a name, or when it was answered."""
    row = _open(inquiry)
    if not owner.strip():
        raise rules.InquiryRefused("owner: name who answers")
    row.owner = owner.strip()[:150]
    row.save(update_fields=["owner"])
    WorkItem.objects.filter(key=_key(row)).update(owner=row.owner)
    record_audit(action="inquiry.assigned", subject_type="inquiry", subject_id=row.pk, detail=row.owner)
    return row


@transaction.atomic
def resolve_inquiry(*, inquiry: Inquiry, resolution: str, answer: str = "") -> Inquiry:
    """Answer it: the letter goes out, the hold ends. Raises InquiryRefused, and changes nothing then."""
    row = _open(inquiry)
    row.resolution = rules.check_resolution(resolution, answer).value
    row.answer, row.state = answer.strip(), Inquiry.State.RESOLVED
    row.resolved_on, row.resolved_by = clock.today(), actor()
    if row.answer:
        row.letter = write_letter(
            patient=row.patient, name="INQUIRY", subject_type="inquiry", subject_id=row.pk,
            values={"received": row.received_on, "answer": row.answer},
        )  # fmt: skip
    row.save()
    _hold(row)
    resolve_work_items(keys=[_key(row)], resolution=row.resolution)
    record_audit(action="inquiry.resolved", subject_type="inquiry", subject_id=row.pk, detail=row.resolution)
    return row
