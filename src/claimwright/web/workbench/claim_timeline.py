"""A claim's timeline: steps, files, answers, questions, calls, payments, notes and statements, newest first, each with its
raw segments where it has any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from django.urls import reverse

from claimwright.web.core import clock
from claimwright.web.exchange.models import InboxPart
from claimwright.web.payments.models import ClaimPayment, Statement
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
from claimwright.web.submissions.notes import NOTE
from claimwright.web.workbench.pages import with_query
from claimwright.web.workbench.words import state_words

STATEMENTS_LOOKED_AT = 24
OUTCOME = re.compile(r"[A-Z]+(_[A-Z]+)*")  # what a decision's note is
OF_PART = {"TA1": "TA1", "999": "999", "277": "277CA", "277CA": "277CA", "835": "835"}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `raw` is the address of its segments, `link` of a page about it."""

    on: date
    order: tuple[int, int] = (0, 0)  # among those of one day, later last
    kind: str  # step, note, answer, file, question, call, payment, statement
    title: str
    words: str = ""
    by: str = ""
    raw: str = ""
    link: str = ""
    link_words: str = ""
    late: bool = False


def timeline_of(
    version: ClaimVersion, payments: Sequence[ClaimPayment], following: Mapping[str, Any], patient_id: object
) -> list[Moment]:
    """Newest first. `payments` are the version's own, `following` is what `followup.selectors.story_of` tells."""
    found = [
        *_events(version), *_files(version), *_payments(version, payments), *_following(version, following),
        *_statements(version, patient_id),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.on, *one.order), reverse=True)


def _raw(version: ClaimVersion, part: InboxPart, segment: int) -> str:
    return with_query(reverse("raw_received", args=[version.pk, part.pk]), segment=segment)


def _events(version: ClaimVersion) -> Iterator[Moment]:
    rows: Iterable[ClaimEvent] = (
        version.events.select_related("evidence__file").defer("evidence__file__content").order_by("ordinal")
    )
    for row in rows:
        order = (1, row.ordinal)
        if row.trigger == NOTE:
            yield Moment(on=row.on, order=order, kind="note", title="Note", words=row.note, by=row.actor)
            continue
        part, link, says, raw = row.evidence, "", "", ""
        if part is not None:
            raw = _raw(version, part, row.evidence_segment)
            link = with_query(
                reverse("received_file", args=[part.file_id]), part=part.pk, segment=row.evidence_segment
            ) + "#found"  # fmt: skip
            name = part.file.name
            says = name if name.startswith(part.kind) else f"{part.kind} {name}"
        title, trigger = state_words(row.to_state), state_words(row.trigger)
        note = state_words(row.note) if OUTCOME.fullmatch(row.note) else row.note
        words = " · ".join(filter(None, (trigger if trigger != title else "", note)))
        yield Moment(
            on=row.on, order=order, kind="answer" if part is not None else "step", title=title, words=words, by=row.actor,
            raw=raw, link=link, link_words=says, late=not row.moved,
        )  # fmt: skip


def _files(version: ClaimVersion) -> Iterator[Moment]:
    rows = version.submissions.select_related("file").defer("file__content").order_by("file__prepared_at")
    for number, row in enumerate(rows):
        file = row.file
        told = f"interchange {file.interchange_control_number}, transaction {row.transaction_control_number}"
        yield Moment(
            on=file.sent_on or clock.day_of(file.prepared_at), order=(2, number), kind="file",
            title=f"In a file: {file.get_state_display().lower()}", words=told,
            raw=reverse("raw_sent", args=[version.pk, file.pk]), link=reverse("sent_file", args=[file.pk]),
            link_words=file.name,
        )  # fmt: skip


def _payments(version: ClaimVersion, payments: Sequence[ClaimPayment]) -> Iterator[Moment]:
    for number, row in enumerate(payments):
        remittance = row.remittance
        words = f"paid {row.paid:,.2f} of {row.charge:,.2f}"
        if row.patient_responsibility is not None:
            words += f", patient {row.patient_responsibility:,.2f}"
        yield Moment(
            on=remittance.received_on, order=(3, number), kind="payment", words=words,
            title=f"835: {remittance.payer.name if remittance.payer else 'payer not known'}",
            raw=_raw(version, remittance.part, row.segment), link=reverse("remittance", args=[remittance.pk]),
            link_words=remittance.trace_number,
        )  # fmt: skip


def _following(version: ClaimVersion, following: Mapping[str, Any]) -> Iterator[Moment]:
    for row in following["questions"]:
        yield Moment(on=_day(row.asked_on), kind="question", title="Asked the payer (276)", words=f"trace {row.trace}",
                     by=row.asked_by)  # fmt: skip
    for row in following["answers"]:
        raw = _raw(version, row.part, 0) if row.part is not None else ""
        yield Moment(on=_day(row.answered_on), kind="answer", title=f"277: {state_words(row.answer)}", raw=raw)
    for row in following["contacts"]:
        who = "From the payer" if row.incoming else "To the payer"
        yield Moment(on=row.on, kind="call", title=f"{who}, {row.get_channel_display().lower()}", words=row.said,
                     by=row.logged_by)  # fmt: skip


def _statements(version: ClaimVersion, patient_id: object) -> Iterator[Moment]:
    """The patient's statements that list the visit of that day."""
    day = version.date_of_service
    if day is None:
        return
    rows = Statement.objects.filter(patient_id=patient_id, issued_on__gte=day).defer("pdf").order_by("-issued_on")
    for row in rows[:STATEMENTS_LOOKED_AT]:
        if any(
            str(visit.get("date_of_service", ""))[:10] == day.isoformat() for visit in row.content.get("visits", ())
        ):
            yield Moment(
                on=row.issued_on, order=(4, 0), kind="statement", title="On a statement", link_words=row.number,
                words=f"${row.amount_due:,.2f} due {row.due_on:%m/%d/%Y}", link=reverse("statement", args=[row.pk]),
            )  # fmt: skip


def _day(value: date | datetime) -> date:
    return clock.day_of(value) if isinstance(value, datetime) else value
