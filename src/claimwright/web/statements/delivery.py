"""Pieces out and back: a zip for the printer, links by e-mail, mail that came back, calls and texts to make."""

from __future__ import annotations

import hashlib
import io
import smtplib
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.mail import EmailMessage

from claimwright.billing.dunning import may_contact_at, zones_of
from claimwright.claims.nouns import Address
from claimwright.documents.sheets import csv_lines
from claimwright.documents.statement import StatementDocument
from claimwright.web.core import clock
from claimwright.web.core.locks import exclusively
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit
from claimwright.web.core.tenancy import current_tenant, tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.registration import details_of, mail_came_back
from claimwright.web.practice.selectors import policies_of
from claimwright.web.statements.issuing import StatementRefused, document_of, mail_is_barred, office_phone, pdf_of
from claimwright.web.statements.links import address_of
from claimwright.web.statements.models import Account, Contact, Delivery, MailBatch, StatementLink

SKIP_TRACE_DAYS = 10  # business need, not law: a debt whose debtor is lost ages
EMAIL_WAITS_DAYS = 3  # business need: a bill that no mail server takes is printed before the next cycle asks about it
SMTP_FOR_GOOD = 500  # RFC 5321, 4.2.1: codes below say that it may be accepted later
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"  # where CLAIMWRIGHT_MAIL is not set
COLUMNS = (
    "piece", "kind", "name", "address_1", "address_2", "city", "state", "postal_code", "language", "file", "sha256",
)  # fmt: skip
EMAIL_WORDS = {
    "en": (
        "You have a new message from {practice}",
        "A new message about your account is ready. Open it here, and have your date of birth and ZIP code at hand:\n\n"
        "{url}\n\nThe link works for {days} days. If you did not expect this message, call {phone}.\n",
    ),
    "es": (
        "Tiene un mensaje nuevo de {practice}",
        "Hay un mensaje nuevo sobre su cuenta. Ábralo aquí, y tenga a mano su fecha de nacimiento y su código postal:\n\n"
        "{url}\n\nEl enlace funciona {days} días. Si no esperaba este mensaje, llame al {phone}.\n",
    ),
}


def make_mail_batch() -> MailBatch | None:
    """All pieces that wait for paper as one zip, each once; None when none waits.

    `index.csv` has a row a piece, no cell of which runs as a formula; the PDFs are the bytes as issued. Pieces whose
    addressee's mail came back since are not printed.
    """
    waiting = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(state=Delivery.State.WAITING, channel="mail")
        .select_related("account__patient__guarantor", "account__patient", "whole", "notice")
        .order_by("made_on", "pk")
    )
    pieces = []
    for piece in waiting:
        if mail_is_barred(piece.account):
            piece.state, piece.reason = Delivery.State.CANCELLED, "Mail came back, or no address is known"
            piece.save(update_fields=["state", "reason"])
        else:
            pieces.append(piece)
    if not pieces:
        return None
    content = _zip(pieces)
    batch = MailBatch.objects.create(
        number=f"MB{next_number(name='mail_batch'):06d}", made_on=clock.today(), made_by=actor(), pieces=len(pieces),
        content=content, sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    Delivery.objects.filter(pk__in=[piece.pk for piece in pieces]).update(
        state=Delivery.State.SENT, batch=batch, sent_on=clock.today()
    )
    record_audit(action="statement.mail_batch", subject_type="mail_batch", subject_id=batch.pk, detail=batch.number)
    return batch


def _zip(pieces: Sequence[Delivery]) -> bytes:
    out, rows = io.BytesIO(), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, piece in enumerate(pieces, start=1):
            kind, number, language, name, address, pdf = _printed(piece)
            file = f"{place:05d}-{number}.pdf"
            archive.writestr(_entry(file), pdf)
            rows.append(
                (str(place), kind, name, address.line1, address.line2, address.city, address.state,
                 address.postal_code, language, file, hashlib.sha256(pdf).hexdigest())
            )  # fmt: skip
        archive.writestr(_entry("index.csv"), "".join(csv_lines(COLUMNS, rows)).encode("utf-8-sig"))
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the hour it was made: the same pieces are the same bytes."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _printed(piece: Delivery) -> tuple[str, str, str, str, Address, bytes]:
    if piece.whole is not None:
        told: StatementDocument = document_of(piece.whole)
        name = told.guarantor_name or told.patient_name
        return "statement", told.number, told.language, name, told.guarantor_address, pdf_of(piece.whole)
    notice = piece.notice
    assert notice is not None  # a piece is one or the other
    address = msgspec.convert(notice.content["address"], Address)
    return "final_notice", notice.number, notice.language, notice.content["name"], address, bytes(notice.pdf)


class Emails(msgspec.Struct, frozen=True):
    """What came of a run: links sent, those refused that go on paper, and those that wait as no server took them."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0


def send_emails(*, tenant: Tenant) -> Emails:
    """Send the links that wait, each once; what the mail server refuses for good goes on paper. Outside any transaction.

    Each is noted by itself as soon as it went: what fails later takes none back, and none goes out again for it. Nothing
    is held while a server thinks. A server that cannot be reached is asked no more in this run; what has waited for
    EMAIL_WAITS_DAYS goes on paper. A message holds a link and the practice's name: nothing of the patient, no amount, no
    visit.
    """
    counts: Counter[str] = Counter()
    is_away = False
    with exclusively(f"emails:{tenant.pk}") as alone:
        if not alone:  # another run sends them
            return Emails()
        with tenant_scope(tenant):
            waiting = Delivery.objects.filter(state=Delivery.State.WAITING, channel="email")
            pieces = list(waiting.order_by("made_on", "pk").values_list("pk", flat=True))
        for pk in pieces:
            with tenant_scope(tenant):
                piece = Delivery.objects.select_related("account__patient", "account__practice", "whole").get(pk=pk)
                message = _message(piece)
            answer = _LATER if is_away else _send(message) if message is not None else _REFUSED
            is_away = is_away or answer == _AWAY
            with tenant_scope(tenant):
                counts[_note_email(pk, answer)] += 1
    return Emails(**counts)


_SENT, _REFUSED, _LATER, _AWAY = "sent", "refused", "later", "away"


def _send(message: EmailMessage) -> str:
    """What the mail server said. Its words may name the address and are not kept."""
    try:
        return _SENT if message.send(fail_silently=False) else _REFUSED
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        return _LATER if codes and max(codes) < SMTP_FOR_GOOD else _REFUSED
    except smtplib.SMTPDataError as refusal:
        return _LATER if refusal.smtp_code < SMTP_FOR_GOOD else _REFUSED
    except ValueError:  # an address or a name that cannot stand in a message
        return _REFUSED
    except OSError:  # no answer, no sign-in, not us as the sender: the same for every other message
        return _AWAY


def _note_email(pk: UUID, answer: str) -> str:
    """Write down what came of one piece: sent, refused, or waiting."""
    piece = Delivery.objects.select_for_update(of=("self",)).get(pk=pk)
    if piece.state != Delivery.State.WAITING:  # withdrawn meanwhile
        return _REFUSED if answer != _SENT else _SENT
    if answer in (_LATER, _AWAY) and clock.today() < piece.made_on + timedelta(days=EMAIL_WAITS_DAYS):
        return "waiting"
    if answer == _SENT:
        piece.state, piece.sent_on = Delivery.State.SENT, clock.today()
    else:
        piece.state, piece.reason = Delivery.State.FAILED, "The e-mail was not accepted; it goes on paper"
        Delivery.objects.create(
            account_id=piece.account_id, whole_id=piece.whole_id, notice_id=piece.notice_id, channel="mail",
            made_on=clock.today(),
        )  # fmt: skip
    piece.save(update_fields=["state", "sent_on", "reason"])
    record_audit(action=f"statement.email_{piece.state}", subject_type="delivery", subject_id=piece.pk)
    return _SENT if answer == _SENT else _REFUSED


def _message(piece: Delivery) -> EmailMessage | None:
    """The message of one piece; None where there is nothing or nobody to send it to, or no mail server."""
    account, practice = piece.account, piece.account.practice
    link = StatementLink.objects.filter(whole=piece.whole, revoked_on__isnull=True).order_by("-made_on").first()
    to = details_of(account.patient).email
    # In a rehearsal, whose calendar stands still, mail that goes nowhere is as good as sent; a patient's is not.
    goes_nowhere = settings.EMAIL_BACKEND == NO_MAIL and current_tenant().fixed_date is None
    if link is None or not to or goes_nowhere:
        return None
    language = account.patient.language[:2] if account.patient.language[:2] in EMAIL_WORDS else "en"
    subject, body = EMAIL_WORDS[language]
    facts = {
        "practice": practice.statement_name or practice.name, "url": address_of(link),
        "days": policies_of(practice).statement_link_days, "phone": office_phone(practice),
    }  # fmt: skip
    return EmailMessage(subject.format(**facts), body.format(**facts), settings.DEFAULT_FROM_EMAIL, [to])


def return_mail(*, piece: Delivery, because: str = "Returned by the post office") -> None:
    """Mail came back: the address is marked, nothing more is printed, and somebody looks for the patient. Once."""
    piece = Delivery.objects.select_for_update(of=("self",)).select_related("account__patient").get(pk=piece.pk)
    if piece.state == Delivery.State.RETURNED:
        return
    if piece.channel != "mail" or piece.state != Delivery.State.SENT:
        raise StatementRefused("only a piece that was mailed comes back")
    piece.state, piece.returned_on, piece.reason = Delivery.State.RETURNED, clock.today(), because[:200]
    piece.save(update_fields=["state", "returned_on", "reason"])
    account = piece.account
    mail_came_back(patient=account.patient, because=because)
    account.deliveries.filter(state=Delivery.State.WAITING, channel="mail").update(
        state=Delivery.State.CANCELLED, reason="Mail came back"
    )
    raise_work_item(
        worklist=Worklist.RETURNED_MAIL, key=f"returned-mail:{account.pk}", reason_code="RETURNED_MAIL",
        reason="Mail to this address came back; no statement is printed until another address is known",
        what_to_do="Call, look for a new address (skip trace), and correct it in the patient's record",
        subject_type="patient", subject_id=account.patient_id, practice_id=account.practice_id,
        due_date=clock.today() + timedelta(days=SKIP_TRACE_DAYS), reopen=True,
    )  # fmt: skip
    record_audit(action="statement.mail_returned", subject_type="delivery", subject_id=piece.pk)


def record_contact(*, contact: Contact, state: str, note: str = "") -> Contact:
    """What came of a call or text. Raises StatementRefused outside the person's hours or without their consent.

    Who asks not to be contacted this way is not, from then on.
    """
    contact = (
        Contact.objects.select_for_update(of=("self",)).select_related("phone", "account__patient").get(pk=contact.pk)
    )
    if contact.state != Contact.State.TO_MAKE or state not in (
        Contact.State.REACHED, Contact.State.NOT_REACHED, Contact.State.REFUSED, Contact.State.CANCELLED,
    ):  # fmt: skip
        raise StatementRefused("this contact was made already")
    if state != Contact.State.CANCELLED:
        check_contact(contact)
    contact.state, contact.note, contact.made_by, contact.made_at = state, note.strip()[:200], actor(), clock.now()
    contact.save(update_fields=["state", "note", "made_by", "made_at"])
    if state == Contact.State.REFUSED:
        # A withdrawn consent closes the row and opens another, as registration does.
        old, today = contact.phone, clock.today()
        old.end = today
        old.save(update_fields=["end"])
        may_text = old.may_text and contact.channel != "text"
        old.pk, old.start, old.end, old._state.adding = None, today, None, True
        old.id = type(old)._meta.get_field("id").get_default()
        old.may_text, old.may_call = may_text, old.may_call and contact.channel != "phone"
        old.save(force_insert=True)
    record_audit(action="statement.contact", subject_type="contact", subject_id=contact.pk, detail=state)
    return contact


def check_contact(contact: Contact) -> None:
    """Raises StatementRefused unless the person may be reached this way at this moment."""
    phone, account = contact.phone, contact.account
    allowed = phone.may_text and phone.consent_on is not None if contact.channel == "text" else phone.may_call
    if phone.end is not None or not allowed:
        raise StatementRefused("the patient no longer allows this")
    if not may_contact_at(clock.now(), zones(account), policies_of(account.practice)):
        raise StatementRefused("it is quiet time where the patient lives; try within the hours shown")


def zones(account: Account) -> tuple[str, ...]:
    state = (account.patient.content.get("address") or {}).get("state", "")
    return zones_of(state, current_tenant().time_zone)
