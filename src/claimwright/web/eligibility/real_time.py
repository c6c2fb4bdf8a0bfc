"""Questions asked at once over CAQH CORE: which way they go, what is frozen, what follows from an answer or a silence.

The asking itself reaches over the network and stands in `operations.real_time`.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from claimwright.billing.eligibility import AGAIN_SECONDS, again_at, minutes_after_silence
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item
from claimwright.web.core.worklists import Worklist
from claimwright.web.eligibility.asking import State, freeze_questions, refused_key, stop_payer
from claimwright.web.eligibility.models import EligibilityInquiry, PayerCheck
from claimwright.web.exchange.models import Connection, OutboxFile
from claimwright.web.exchange.real_time import Outcome, RealTimeAnswer, prepare_real_time
from claimwright.web.practice.models import Payer

UNDER_WAY_SECONDS = 150  # longer than any exchange takes: a question that stands so long was broken off


def real_time_way(payer: Payer) -> Connection | None:
    """The CORE connection that single questions to this payer go over; None where it is only asked in batches."""
    check = PayerCheck.objects.filter(payer=payer, active=True).select_related("real_time_connection").first()
    if check is None:
        return None
    for way in (check.real_time_connection, payer.connection):
        if way is not None and way.is_core and way.active:
            return way
    return None


def payers_asked_at_once() -> frozenset[UUID]:
    """Ids of the payers for which `real_time_way` finds one."""
    kinds = (Connection.Kind.MIME, Connection.Kind.SOAP)
    own = Q(real_time_connection__kind__in=kinds, real_time_connection__active=True)
    theirs = Q(payer__connection__kind__in=kinds, payer__connection__active=True)
    rows = PayerCheck.objects.filter(own | theirs, active=True, stopped_because="")
    return frozenset(rows.values_list("payer_id", flat=True))


def freeze_question(*, inquiry_id: UUID) -> OutboxFile | None:
    """Freeze the 270 of one question that is due, in the caller's transaction. None: another has it, or it is not due.

    A question whose payer can no longer be asked in real time goes with the batches.
    """
    rows = EligibilityInquiry.objects.select_for_update(of=("self",), skip_locked=True)
    due = Q(state=State.DUE) | Q(state=State.WAITING, next_try_at__lte=clock.now())
    row = rows.select_related("payer__connection", "practice").filter(due, pk=inquiry_id, in_real_time=True).first()
    if row is None or PayerCheck.objects.filter(payer=row.payer).exclude(stopped_because="").exists():
        return None
    way = real_time_way(row.payer)
    if way is None:
        row.in_real_time = False
        row.save(update_fields=["in_real_time"])
        return None
    return freeze_questions([row], lambda content: prepare_real_time(connection=way, kind="270", content=content))


def due_questions() -> list[UUID]:
    """Questions whose next try has come, or that nobody has asked yet, oldest first."""
    due = Q(state=State.DUE) | Q(state=State.WAITING, next_try_at__lte=clock.now())
    rows = EligibilityInquiry.objects.filter(due, in_real_time=True).exclude(
        payer__in=PayerCheck.objects.exclude(stopped_because="").values("payer")
    )
    return list(rows.order_by("asked_at", "trace").values_list("pk", flat=True))


def broken_off() -> list[tuple[UUID, UUID]]:
    """(question, file) of exchanges that a killed process left without an end."""
    before = clock.now() - timedelta(seconds=UNDER_WAY_SECONDS)
    rows = EligibilityInquiry.objects.filter(
        state=State.SENT, in_real_time=True, file__in_real_time=True, file__prepared_at__lt=before
    )
    return list(rows.values_list("pk", "file_id"))


def settle_question(*, inquiry_id: UUID, answer: RealTimeAnswer) -> EligibilityInquiry:
    """What follows from an exchange, after its 271 was read: a later try, a stopped payer, a person.

    A question that was answered, refused or asked anew in the meantime stays as it is; only CORE's ninety seconds are
    kept in any case.
    """
    rows = EligibilityInquiry.objects.select_for_update(of=("self",)).select_related("payer", "file")
    row = rows.get(pk=inquiry_id)
    if row.state == State.WAITING and row.next_try_at is not None and row.next_try_at < answer.again_at:
        row.next_try_at = answer.again_at
        row.save(update_fields=["next_try_at"])
    if row.state != State.SENT or row.file_id != answer.outbox_id:
        return row
    if answer.outcome is Outcome.REFUSED:
        row.state = State.REFUSED
        row.save(update_fields=["state"])
        stop_payer(payer=row.payer, because=f"CORE {answer.error_code or 'user name or password refused'}")
        return row
    minutes = None if answer.answered else minutes_after_silence(tries=row.tries)
    if minutes is None:
        return _for_a_person(row, answer)
    row.state = State.WAITING
    row.next_try_at = again_at(
        now=clock.now(), asked_at=answer.again_at - timedelta(seconds=AGAIN_SECONDS), minutes=minutes
    )
    row.save(update_fields=["state", "next_try_at"])
    return row


def _for_a_person(row: EligibilityInquiry, answer: RealTimeAnswer) -> EligibilityInquiry:
    row.state = State.REFUSED
    row.save(update_fields=["state"])
    why = "The partner refused the question's file" if answer.answered else f"{row.payer.name} did not answer"
    raise_work_item(
        worklist=Worklist.ELIGIBILITY_QUEUE, key=refused_key(row), reason_code="FILE" if answer.answered else "NO_ANSWER",
        reason=f"{why}; the coverage is unknown, not inactive. {answer.problem}".strip(),
        what_to_do="See the acknowledgement, then ask again" if answer.answered else "Ask again, or by telephone",
        subject_type="patient", subject_id=row.patient_id, practice_id=row.practice_id, due_date=row.on, reopen=True,
    )  # fmt: skip
    return row
