"""How statements go out and what comes of it: print, e-mail, returned mail, reminders, calls to make."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out
from claimwright.web.api.framework import BYTES, PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.of_office import JobRunOut
from claimwright.web.api.problems import Problem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import ask
from claimwright.web.statements import services
from claimwright.web.statements.models import Account, Contact, Delivery, MailBatch, Notice


class DueStatements(Out):
    """What a run today would do; nothing is done by reading it."""

    count: int
    amount_due: Money
    held: dict[str, int] = Field(description="Who owes and gets none, by reason")
    held_amounts: dict[str, Money]


class BatchOut(Out):
    id: UUID
    number: str
    made_on: date
    made_by: str
    pieces: int
    sha256: str


class PieceOut(Out):
    id: UUID
    account_id: UUID
    whole_id: UUID | None = Field(description="The statement")
    notice_id: UUID | None
    channel: str
    state: str
    batch_id: UUID | None
    made_on: date
    sent_on: date | None
    returned_on: date | None
    reason: str


class Dunned(Out):
    running: int
    done: dict[str, int] = Field(description="Steps by name")
    stopped: dict[str, int] = Field(description="Clocks by what stopped them")


class DunningAccount(Out):
    id: UUID
    practice_id: UUID
    patient_id: UUID = Field(description="One that the guarantor answers for")
    clock_started_on: date | None
    stopped_by: str
    next_step: str
    next_step_on: date | None


class DunningContact(Out):
    id: UUID
    account_id: UUID
    step: str
    channel: str
    words: str = Field(description="What to say or send: no amount, no visit, no name of a patient")
    language: str
    contact_on: date
    opens_at: datetime
    closes_at: datetime
    state: str
    made_at: datetime | None
    made_by: str
    note: str


class MailCameBack(In):
    reason: str = Field(default="Returned by the post office", min_length=1, max_length=200)


class ContactMade(In):
    state: Literal["reached", "not_reached", "refused", "cancelled"]
    note: str = Field(default="", max_length=200)


@operation("GET", "/statements/due", permission="accounts.read", answers=DueStatements, reads=True)
def preview_statements(request: HttpRequest) -> Any:
    """What a run today would issue, and who owes and gets none, by reason."""
    run = services.preview_due_statements()
    counts: dict[str, int] = {}
    sums: dict[str, Decimal] = {}
    for one in run.held:
        counts[one.reason] = counts.get(one.reason, 0) + 1
        sums[one.reason] = sums.get(one.reason, Decimal("0.00")) + one.amount
    return {"count": len(run.issued), "amount_due": run.amount_due, "held": counts, "held_amounts": sums}


@operation("GET", "/statements/batches", permission="accounts.read", answers=paged(BatchOut))
def list_mail_batches(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """Zips for whoever prints and mails, the newest first."""
    return page_of(MailBatch.objects.defer("content"), cursor=cursor, limit=limit, by="made_on")


@operation("POST", "/statements/batches", permission="statements.work", answers=BatchOut, status=201, whole_office=True)
def make_a_mail_batch(request: HttpRequest) -> Any:
    """One zip of everything that waits for paper. 409 where nothing does."""
    made = services.make_mail_batch()
    if made is None:
        raise Problem(409, "Nothing waits for paper", kind="refused")
    return made


@operation("GET", "/statements/batches/{uuid:batch_id}/content", permission="accounts.read", produces=BYTES, reads=True)
def download_mail_batch(request: HttpRequest, batch_id: UUID) -> Any:
    """The zip: an index as CSV and one PDF a piece."""
    row = find(MailBatch, batch_id)
    return as_bytes(bytes(row.content), BYTES, f"{row.number}.zip")


@operation("GET", "/statements/pieces", permission="accounts.read", answers=paged(PieceOut), reads=True)
def list_pieces(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """What is on its way or came back, the newest first."""
    rows = Delivery.objects.filter(state=state) if state else Delivery.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="made_on")


@operation("POST", "/statements/pieces/{uuid:piece_id}/returned", permission="statements.work", answers=PieceOut)
def note_returned_mail(request: HttpRequest, piece_id: UUID, payload: MailCameBack) -> Any:
    """A piece came back: the address is marked, and nothing more is printed for it."""
    row = find(Delivery.objects.select_related("account__patient"), piece_id)
    services.return_mail(piece=row, because=payload.reason)
    row.refresh_from_db()
    return row


@operation("POST", "/statements/email", permission="statements.work", answers=JobRunOut, status=202, whole_office=True)
def email_statement_links(request: HttpRequest) -> Any:
    """Queue a run that sends the links that wait for e-mail: its counts say what was sent and what goes on paper."""
    return ask(tenant=current_tenant(), job="send_emails", about={})


@operation(
    "GET", "/statements/notices/{uuid:notice_id}/notice.pdf", permission="accounts.read", produces=PDF, reads=True
)
def read_final_notice(request: HttpRequest, notice_id: UUID) -> Any:
    """A final notice as it was printed."""
    row = find(Notice, notice_id)
    return as_bytes(bytes(row.pdf), PDF, f"notice-{row.number}.pdf")


@operation("GET", "/dunning", permission="accounts.read", answers=paged(DunningAccount), reads=True)
def list_dunning_accounts(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """Accounts whose clock runs, the latest begun first."""
    rows = Account.objects.filter(clock_started_on__isnull=False)
    return page_of(rows, cursor=cursor, limit=limit, by="clock_started_on")


@operation("POST", "/dunning/run", permission="statements.work", answers=Dunned, whole_office=True)
def run_dunning_now(request: HttpRequest) -> Any:
    """Do the one step that is due on each account; again on the day it changes nothing."""
    run = services.run_dunning()
    return {"running": run.running, "done": run.done, "stopped": run.stopped}


@operation("GET", "/dunning/contacts", permission="accounts.read", answers=paged(DunningContact), reads=True)
def list_dunning_contacts(request: HttpRequest, state: str = "to_make", cursor: str = "", limit: int = 50) -> Any:
    """Calls and texts, the newest day first; those to make unless another state is asked for."""
    rows = Contact.objects.filter(state=state) if state else Contact.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="contact_on")


@operation("POST", "/dunning/contacts/{uuid:dunning_contact_id}", permission="statements.work", answers=DunningContact)
def record_dunning_contact(request: HttpRequest, dunning_contact_id: UUID, payload: ContactMade) -> Any:
    """What came of a call or text, made within its hours."""
    row = find(Contact.objects.select_related("account__patient", "phone"), dunning_contact_id)
    return services.record_contact(contact=row, state=payload.state, note=payload.note)
