"""Where a person goes to work one item: the page of the thing that the item is about, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core.models import WorkItem
from claimwright.web.exchange.models import InboxPart
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import WriteOff
from claimwright.web.submissions.models import ClaimVersion

VISIT_AND_PATIENT = ("date_from", "patient__last_name", "patient__first_name")


@dataclass(frozen=True)
class Subject:
    """`page` is the name of a URL: of the thing itself where `is_one`, otherwise of the page that lists such things.

    `query` is what the page is asked to show first. `works`: the work is done there, and not on the claim it names.
    """

    words: str
    page: str
    is_one: bool = True
    query: str = ""
    works: bool = False


SUBJECTS: dict[str, Subject] = {
    "agency_payment": Subject("Agency", "agency", is_one=False),
    "assistance": Subject("Financial assistance", "assistance", is_one=False),
    "authorization": Subject("The authorization", "authorization", works=True),
    "bank_line": Subject("Bank", "bank", is_one=False),
    "card_event": Subject("Counter", "counter", is_one=False),
    "claim": Subject("The claim", "claim"),
    "claim_payment": Subject("The remittance", "remittance", query="?state=held", works=True),
    "claim_version": Subject("The claim", "claim"),
    "connection": Subject("Files", "files", is_one=False),
    "denial": Subject("The denial", "denial", works=True),
    "deposit": Subject("Bank", "bank", is_one=False),
    "dispute": Subject("Underpayments", "underpayments", is_one=False),
    "document": Subject("The document", "document"),
    "drawer": Subject("Cash drawer", "counter", is_one=False),
    "emergency": Subject("People", "people", is_one=False),
    "encounter": Subject("The visit", "visit"),
    "estimate": Subject("Estimates", "estimates", is_one=False),
    "inbox_file": Subject("The file", "received_file"),
    "inbox_part": Subject("The file", "received_file"),
    "inquiry": Subject("Inquiries", "inquiries", is_one=False),
    "interface_message": Subject("The message", "interface_message"),
    "job_run": Subject("Jobs", "jobs", is_one=False),
    "outbox_file": Subject("The file", "sent_file"),
    "patient": Subject("The patient", "patient"),
    "payer": Subject("Payers", "eligibility", is_one=False),
    "payment_plan": Subject("The plan", "plan"),
    "refund": Subject("Credits and refunds", "refunds", is_one=False),
    "remittance": Subject("The remittance", "remittance", works=True),
    "rule_proposal": Subject("Proposed rules", "rule_proposals", is_one=False),
    "takeback": Subject("Takebacks", "takebacks", is_one=False),
    "underpayment": Subject("Underpayments", "underpayments", is_one=False),
    "webhook_endpoint": Subject("The address", "program_endpoint"),
    "write_off": Subject("Write-offs", "write_offs", is_one=False),
}

# Kinds whose page is that of the whole they are a part of: the model, and the column that names the whole.
PARTS = {
    "claim_version": (ClaimVersion, "claim_id"),
    "inbox_part": (InboxPart, "file_id"),
}
# An item about a held part of a remittance names the remittance, whose page releases it; the audit log names the part.
NAMES_ITS_WHOLE = "claim_payment"


def addresses(items: Iterable[WorkItem]) -> dict[UUID, tuple[str, str]]:
    """Of each item that has one, by its primary key: the address of its subject's page, and the words of the link."""
    found = [
        (item, SUBJECTS[item.subject_type], _uuid(item.subject_id)) for item in items if item.subject_type in SUBJECTS
    ]
    wholes: dict[tuple[str, UUID], UUID] = {}
    for kind, (model, column) in PARTS.items():
        wanted = {key for item, _, key in found if item.subject_type == kind and key}
        for part, whole in model.objects.filter(pk__in=wanted).values_list("pk", column) if wanted else ():
            wholes[kind, part] = whole
    links = {}
    for item, subject, key in found:
        if not subject.is_one:
            links[item.pk] = (reverse(subject.page), subject.words)
            continue
        whole = wholes.get((item.subject_type, key)) if key and item.subject_type in PARTS else key
        if whole:
            links[item.pk] = (reverse(subject.page, args=[whole]) + subject.query, subject.words)
    return links


def works_there(item: WorkItem) -> bool:
    """Whether the item is worked on its subject's page, even where it names a claim."""
    subject = SUBJECTS.get(item.subject_type)
    return subject is not None and subject.works


def patients_of(items: Iterable[WorkItem]) -> dict[UUID, tuple[str, str]]:
    """The patient and the day of the visit that an item is about, by the item's primary key: two queries a kind at most."""
    wanted: dict[str, dict[UUID, list[UUID]]] = {kind: {} for kind in ("encounter", "patient", "write_off")}
    for item in items:
        if item.subject_type in wanted and (key := _uuid(item.subject_id)):
            wanted[item.subject_type].setdefault(key, []).append(item.pk)
    found: dict[UUID, tuple[str, str]] = {}
    if visits := wanted["encounter"]:
        rows = Encounter.objects.filter(pk__in=visits).select_related("patient").only(*VISIT_AND_PATIENT)
        found |= {row.pk: _visit_words(row) for row in rows}
    if patients := wanted["patient"]:
        found |= {row.pk: (str(row), "") for row in Patient.objects.filter(pk__in=patients)}
    if asked := wanted["write_off"]:
        lines = dict(WriteOff.objects.filter(pk__in=asked).values_list("pk", "line_id"))
        charged = ChargeLine.objects.filter(line_id__in=lines.values()).select_related("patient")
        words = {row.line_id: (str(row.patient), f"{row.code}, {row.date_of_service:%m/%d/%Y}") for row in charged}
        found |= {key: words[line] for key, line in lines.items() if line in words}
    return {
        item: found[key] for by_key in wanted.values() for key, told in by_key.items() if key in found for item in told
    }


def _visit_words(visit: Encounter) -> tuple[str, str]:
    return str(visit.patient or ""), f"{visit.date_from:%m/%d/%Y}" if visit.date_from else ""


def address_of(kind: str, subject_id: str) -> str:
    """The page of one thing by its kind and id; "" where it has none of its own."""
    subject, key = SUBJECTS.get(kind), _uuid(subject_id)
    is_whole = subject is not None and subject.is_one and kind not in (*PARTS, NAMES_ITS_WHOLE)
    return reverse(subject.page, args=[key]) if subject and is_whole and key else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:  # an id of another kind, such as a claim's control number
        return None
