"""Asking a payer at once: freeze, ask over the network, read the 271 like any received file, settle what is left.

`ask_question` runs outside any transaction. A page starts it in the background once its own transaction is in; whatever
breaks off is taken up by `ask_due_again`, which a job runs every minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from uuid import UUID

import msgspec
from django.db import close_old_connections, connection, transaction

from claimwright.web.core.locks import outside_transaction
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, actor
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.eligibility.models import EligibilityInquiry
from claimwright.web.eligibility.real_time import broken_off, due_questions, freeze_question, settle_question
from claimwright.web.exchange.models import OutboxFile
from claimwright.web.exchange.real_time import send_real_time
from claimwright.web.followup import asking as status_questions
from claimwright.web.followup.models import StatusInquiry
from claimwright.web.operations.receive import ReceiveReport, route_file

logger = logging.getLogger(__name__)


class AskedAgain(msgspec.Struct):
    """What one run of the job did: questions asked, of them answered, and exchanges that had been broken off."""

    asked: int = 0
    answered: int = 0
    taken_up: int = 0


def ask_question(*, tenant: Tenant, inquiry_id: UUID) -> EligibilityInquiry:
    """Ask one question at once and take in its answer; the question as it stands then. Never raises for the network.

    One that is not due, or that another process is asking, is given back as it is.
    """
    outside_transaction()
    with tenant_scope(tenant):
        file = freeze_question(inquiry_id=inquiry_id)
    if file is not None:
        return _exchange(tenant, inquiry_id, file)
    with tenant_scope(tenant):
        return EligibilityInquiry.objects.get(pk=inquiry_id)


def _exchange(tenant: Tenant, inquiry_id: UUID, file: OutboxFile) -> EligibilityInquiry:
    answer = send_real_time(file=file)
    if answer.inbox_id is not None:
        route_file(tenant=tenant, file_id=answer.inbox_id, report=ReceiveReport())
    with tenant_scope(tenant):
        row = settle_question(inquiry_id=inquiry_id, answer=answer)
        otherwise = row.followed_by.filter(state=EligibilityInquiry.State.DUE, in_real_time=True).first()
    # The one alternate of a question that found nobody goes at once, while the person waits.
    return ask_question(tenant=tenant, inquiry_id=otherwise.pk) if otherwise is not None else row


def ask_due_again(*, tenant: Tenant) -> AskedAgain:
    """Ask every real-time question whose moment has come (1, 5, 30 minutes after a silence or AAA 42 or 80), and take up
    exchanges that a killed process left. Run it every minute; twice at once asks nothing twice."""
    outside_transaction()
    report = AskedAgain()
    with acting_as("ask_due_again"):
        with tenant_scope(tenant):
            left = broken_off()
        for inquiry_id, file_id in left:
            with tenant_scope(tenant):
                file = OutboxFile.objects.get(pk=file_id)
            _exchange(tenant, inquiry_id, file)
            report.taken_up += 1
        with tenant_scope(tenant):
            due = due_questions()
        for inquiry_id in due:
            row = ask_question(tenant=tenant, inquiry_id=inquiry_id)
            report.asked += 1
            report.answered += row.state == EligibilityInquiry.State.ANSWERED
    return report


def ask_about_claim(*, tenant: Tenant, inquiry_id: UUID) -> StatusInquiry:
    """Ask a prepared question about a claim (276) at once and take in its 277; the question as it stands then.

    Never raises for the network. A late answer is attached all the same: it is known by its trace.
    """
    outside_transaction()
    with tenant_scope(tenant):
        row = StatusInquiry.objects.get(pk=inquiry_id)
        file = status_questions.freeze_question(inquiry=row)
    if file is not None:
        answer = send_real_time(file=file)
        if answer.inbox_id is not None:
            route_file(tenant=tenant, file_id=answer.inbox_id, report=ReceiveReport())
    with tenant_scope(tenant):
        return status_questions.settle_question(inquiry=row)


def ask_about_claim_in_background(*, tenant: Tenant, inquiry_id: UUID) -> None:
    """As `ask_in_background`, about a claim."""
    _in_background(lambda: ask_about_claim(tenant=tenant, inquiry_id=inquiry_id), inquiry_id)


def ask_in_background(*, tenant: Tenant, inquiry_id: UUID) -> None:
    """Ask once the caller's transaction is in, in a thread of its own: nobody's page waits for a payer."""
    _in_background(lambda: ask_question(tenant=tenant, inquiry_id=inquiry_id), inquiry_id)


def _in_background(ask: Callable[[], object], inquiry_id: UUID) -> None:
    who = actor()

    def work() -> None:
        close_old_connections()
        try:
            with acting_as(who):
                ask()
        except Exception as error:  # the job takes the question up again; a thread has nobody to tell
            logger.warning("a question in real time broke off (%s): the next run takes it up", type(error).__name__)
        finally:
            connection.close()

    transaction.on_commit(lambda: threading.Thread(target=work, name=f"ask {inquiry_id}", daemon=True).start())
