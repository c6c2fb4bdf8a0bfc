"""Documents on file: checked by content, scanned, encrypted, kept once, linked, and destroyed only after their time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from claimwright.billing.document_policy import KINDS, keep_until
from claimwright.web.authorizations.models import Document, DocumentLink
from claimwright.web.authorizations.sniffing import sniff
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.cards import CardRefused, scan_for_viruses
from claimwright.web.patients.models import Patient
from claimwright.web.patients.sealing import seal, unseal
from claimwright.web.practice.models import Practice

MOST_BYTES = 20 * 1024 * 1024
CONTROL_DIGITS = 7


class DocumentRefused(ValueError):
    """A file that is not taken, or a step that a document does not allow. The text says why and what to do."""


def add_document(
    *,
    kind: str,
    name: str,
    content: bytes,
    patient: Patient | None = None,
    practice: Practice | None = None,
    received_on: date | None = None,
    signed_on: date | None = None,
    signed_by: str = "",
    report_type: str = "",
    control_number: str = "",
    attachment_code: str = "",
    due_on: date | None = None,
    links: Iterable[tuple[str, object]] = (),
) -> Document:
    """Keep a file with its links. The same bytes of the same kind for the same patient are the same document.

    What cannot be read is kept with its links and listed. Raises DocumentRefused for what is not taken; then nothing is kept.
    """
    if kind not in KINDS:
        raise DocumentRefused(f"the kind {kind} is not known: one of {', '.join(sorted(KINDS))}")
    if len(content) > MOST_BYTES:
        raise DocumentRefused("the file is larger than 20 MB: scan it in black and white, or in parts")
    seen = sniff(content)
    if not seen.media_type:
        raise DocumentRefused(seen.problem)
    came = received_on or clock.today()
    if came > clock.today() or (signed_on is not None and signed_on > clock.today()):
        raise DocumentRefused("the day it came or was signed lies in the future")
    try:
        scanner = scan_for_viruses(content)
    except CardRefused as refused:
        raise DocumentRefused(str(refused)) from None
    fields = {
        "practice": practice or (patient.practice if patient is not None else None), "name": name[:200],
        "report_type": report_type or KINDS[kind].report_type, "control_number": control_number.strip(),
        "attachment_code": attachment_code, "due_on": due_on, "media_type": seen.media_type, "size": len(content),
        "content": seal(content), "pages": seen.pages, "received_on": came, "signed_on": signed_on,
        "signed_by": signed_by, "problem": seen.problem, "scanner": scanner[:60],
        "state": Document.State.UNREADABLE if seen.problem else Document.State.READABLE,
        "keep_until": keep_until(kind, came, signed_on), "added_at": clock.now(), "added_by": actor(),
    }  # fmt: skip
    try:
        with transaction.atomic():
            document, made = Document.objects.get_or_create(
                patient=patient, kind=kind, sha256=hashlib.sha256(content).hexdigest(), defaults=fields
            )
    except IntegrityError:
        raise DocumentRefused(f"another document has the control number {control_number}") from None
    for what, subject in links:
        link(document=document, kind=what, subject_id=subject)
    if made:
        record_audit(action="document.add", subject_type="document", subject_id=document.pk, detail=kind)
        _list_if_unreadable(document)
    return document


def _list_if_unreadable(document: Document) -> None:
    if document.state != Document.State.UNREADABLE:
        return
    raise_work_item(
        worklist=Worklist.DOCUMENT_PROBLEMS, key=f"document:{document.pk}", reason_code="UNREADABLE_DOCUMENT",
        reason=f"{KINDS[document.kind].title}: {document.problem}.",
        what_to_do="Get it again and replace it: the links stay with the new one", subject_type="document",
        subject_id=document.pk, practice_id=document.practice_id,
    )  # fmt: skip


def link(*, document: Document, kind: str, subject_id: object) -> DocumentLink:
    """Say what a document is about; saying it twice is saying it once, and a closed link opens again."""
    if kind not in DocumentLink.Kind.values:
        raise DocumentRefused(f"a document is linked to {', '.join(DocumentLink.Kind.values)}, not to a {kind}")
    row, made = DocumentLink.objects.get_or_create(
        document=document, kind=kind, subject_id=str(subject_id), defaults={"at": clock.now(), "actor": actor()}
    )
    if not made and row.closed_at is not None:
        row.closed_at, row.closed_reason = None, ""
        row.save(update_fields=["closed_at", "closed_reason"])
    return row


def unlink(*, document_link: DocumentLink, reason: str) -> None:
    """Close a wrong link; it stays on record with the reason."""
    if not reason.strip():
        raise DocumentRefused("say why the link is wrong")
    document_link.closed_at, document_link.closed_reason = clock.now(), reason.strip()[:200]
    document_link.save(update_fields=["closed_at", "closed_reason"])
    record_audit(
        action="document.unlink",
        subject_type="document",
        subject_id=document_link.document_id,
        detail=document_link.kind,
    )


def replace_document(*, document: Document, name: str, content: bytes) -> Document:
    """A readable file in place of an unreadable one: all its links and its control number go over."""
    old = Document.objects.select_for_update().get(pk=document.pk)
    if hashlib.sha256(content).hexdigest() == old.sha256:
        raise DocumentRefused("this is the same file: get it again from where it came")
    number = old.control_number
    with transaction.atomic():  # a file that is refused leaves the old one as it was
        old.control_number = ""
        old.save(update_fields=["control_number"])
        new = add_document(
            kind=old.kind, name=name, content=content, patient=old.patient, practice=old.practice,
            signed_on=old.signed_on, signed_by=old.signed_by, report_type=old.report_type, control_number=number,
            attachment_code=old.attachment_code, due_on=old.due_on,
            links=[(one.kind, one.subject_id) for one in old.links.filter(closed_at__isnull=True)],
        )  # fmt: skip
    if new.state == Document.State.READABLE:
        resolve_work_items(keys=[f"document:{old.pk}"], resolution="a readable one came")
    return new


def assign_control_number(*, document: Document) -> str:
    """The number (PWK06) by which a payer finds the attachment, given once."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if not row.control_number:
        row.control_number = f"D{base36(next_number(name='attachment'), CONTROL_DIGITS)}"
        row.save(update_fields=["control_number"])
    document.control_number = row.control_number
    return str(row.control_number)


def record_signature(*, document: Document, signed_on: date, signed_by: str) -> None:
    """The day and capacity of a signature that came later. It is not taken back: a wrong one is another document."""
    if document.signed_on is not None and document.signed_on != signed_on:
        raise DocumentRefused("it has another signature date: add the newly signed paper as its own document")
    if signed_on > clock.today():
        raise DocumentRefused("the signature lies in the future")
    document.signed_on, document.signed_by = signed_on, signed_by[:120]
    document.keep_until = max(document.keep_until, keep_until(document.kind, document.received_on, signed_on))
    document.save(update_fields=["signed_on", "signed_by", "keep_until"])
    record_audit(action="document.sign", subject_type="document", subject_id=document.pk)


def open_document(*, document: Document) -> bytes:
    """The bytes as they came, with a line in the audit log. Raises sealing.Unreadable without the key."""
    if document.state == Document.State.DESTROYED:
        raise DocumentRefused("it was destroyed after its retention")
    record_audit(action="document.read", subject_type="document", subject_id=document.pk)
    return unseal(bytes(document.content))


def hold(*, document: Document, reason: str) -> None:
    """Keep it whatever its date: a dispute, an audit, a minor, a state's longer law. A blank reason lifts the hold."""
    document.legal_hold = reason.strip()[:200]
    document.save(update_fields=["legal_hold"])
    record_audit(action="document.hold", subject_type="document", subject_id=document.pk, detail=document.legal_hold)


def due_for_destruction() -> QuerySet[Document]:
    return Document.objects.filter(keep_until__lt=clock.today(), legal_hold="").exclude(state=Document.State.DESTROYED)


def destroy(*, document: Document, reason: str) -> None:
    """The content is wiped, the record of it stays. Refused before its time, under a hold, and without a reason."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.legal_hold:
        raise DocumentRefused("it is on hold")
    if row.keep_until >= clock.today():
        raise DocumentRefused(f"it must be kept until {row.keep_until}")
    if not reason.strip():
        raise DocumentRefused("say why it is destroyed")
    row.content, row.state, row.problem = b"", Document.State.DESTROYED, reason.strip()
    row.save(update_fields=["content", "state", "problem"])
    record_audit(action="document.destroy", subject_type="document", subject_id=row.pk, detail=reason)


def documents_of(*, patient_id: UUID, subjects: Mapping[str, Sequence[object]] | None = None) -> QuerySet[Document]:
    """The patient's documents, newest first; with `subjects` those linked to one of them, by kind."""
    rows = Document.objects.filter(patient_id=patient_id).defer("content").order_by("-received_on", "-added_at")
    if subjects is None:
        return rows
    wanted = DocumentLink.objects.none()
    for kind, ids in subjects.items():
        wanted = wanted | DocumentLink.objects.filter(
            kind=kind, subject_id__in=[str(one) for one in ids], closed_at__isnull=True
        )
    return rows.filter(pk__in=wanted.values("document_id"))
