"""Questions to payers: made once for each occasion, gathered into 270 files through the outbox, asked again when due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.billing.eligibility import (
    WHOLE_PLAN,
    CheckPolicy,
    InquiryRefused,
    InquiryTerms,
    Occasion,
    date_to_ask,
    inquiry_of,
    retraced,
)
from claimwright.claims.eligibility import EligibilityInquiry as InquiryNoun
from claimwright.claims.eligibility import PatientInquiry
from claimwright.claims.nouns import Coverage
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.to_x12.eligibility import GUIDE, eligibility_inquiry
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.core.writing import write_rows
from claimwright.web.eligibility.models import EligibilityInquiry, PayerCheck
from claimwright.web.exchange.models import Connection, OutboxFile
from claimwright.web.exchange.services import ContentBuilder, ControlNumbers, prepare_outbox
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import biller, payer_profile

__all__ = ["InquiryRefused"]

State = EligibilityInquiry.State
OPEN_STATES = (State.DUE, State.SENT, State.WAITING)
TRACE_DIGITS = 8
TRY_MARK = "-"  # between our number and the try in TRN02, so that an answer to an earlier try finds its question
PATIENTS_IN_TRANSACTION = 99  # of a batch 270
UNANSWERED_DAYS = 3  # a batch is answered by the next business day; a weekend may lie between


def save_payer_check(*, payer: Payer, **terms: Any) -> PayerCheck:
    """The practice checks with this payer from now on, or otherwise than before. A mended set-up lets questions go again."""
    row, _ = PayerCheck.objects.update_or_create(
        payer=payer, defaults=terms | {"stopped_because": "", "stopped_on": None}
    )
    resolve_work_items(keys=[set_up_key(payer)], resolution="the set-up was looked at")
    record_audit(action="eligibility.payer", subject_type="payer", subject_id=payer.pk)
    return row


def set_up_key(payer: Payer) -> str:
    return f"eligibility-payer:{payer.pk}"


def policy_of(check: PayerCheck) -> CheckPolicy:
    """The days of this payer: those of the practice's row, and of its profile for how long an answer is good."""
    return CheckPolicy(
        before_visit_days=check.before_visit_days, answer_days=payer_profile(check.payer).eligibility_days,
        calendar_month=check.calendar_month,
    )  # fmt: skip


def stop_payer(*, payer: Payer, because: str) -> None:
    """No more questions to it until `save_payer_check`: every one would be refused alike."""
    PayerCheck.objects.filter(payer=payer).update(stopped_because=because[:200], stopped_on=clock.today())
    raise_work_item(
        worklist=Worklist.ELIGIBILITY_SET_UP, key=set_up_key(payer), reason_code="SET_UP",
        reason=f"{payer.name} refuses our eligibility questions: {because}.",
        what_to_do="Check our enrolment for 270/271, the submitter, the NPI and the payer's id, then save its set-up",
        subject_type="payer", subject_id=payer.pk, reopen=True,
    )  # fmt: skip


def ask(
    *,
    patient: Patient,
    payer: Payer,
    coverage: PatientCoverage | None,
    on: date,
    occasion: Occasion = Occasion.ASKED,
    encounter_id: UUID | None = None,
    service_types: Sequence[str] = (WHOLE_PLAN,),
    in_real_time: bool = False,
) -> EligibilityInquiry:
    """A question to be sent with the next batch, or at once; the same one that still waits is given back instead.

    Without a coverage the payer is asked by demographics. Raises InquiryRefused: the practice does not check with this
    payer, its set-up is refused, or the guide asks for what is not there.
    """
    check = PayerCheck.objects.filter(payer=payer, active=True).first()
    if check is None:
        raise InquiryRefused(f"eligibility is not set up with {payer.name}: set the payer up first")
    if check.stopped_because:
        raise InquiryRefused(f"questions to {payer.name} are stopped ({check.stopped_because}): mend the set-up first")
    day = date_to_ask(on, clock.today())
    waiting = EligibilityInquiry.objects.filter(
        patient=patient, payer=payer, coverage=coverage, on=day, state__in=OPEN_STATES
    ).first()
    if waiting is not None:
        if in_real_time and waiting.state == State.DUE and not waiting.in_real_time:
            waiting.in_real_time = True
            waiting.save(update_fields=["in_real_time"])
        return waiting
    number = next_number(name="eligibility_inquiry")
    trace = f"EL{base36(number, TRACE_DIGITS)}"
    noun = inquiry_of(
        msgspec.convert(patient.content, PatientNoun), coverage_noun(coverage), on=day, trace=trace,
        provider=biller(patient.practice).provider_on(day), service_types=service_types,
        terms=InquiryTerms(
            payer_id=check.inquiry_payer_id or payer.payer_id, payer_name=payer.name,
            dependents_have_own_ids=check.dependents_have_own_ids,
        ),
    )  # fmt: skip
    row = _create(noun, trace, patient=patient, payer=payer, coverage=coverage, practice=patient.practice, on=day,
                  occasion=occasion, encounter_id=encounter_id, in_real_time=in_real_time)  # fmt: skip
    record_audit(action="eligibility.ask", subject_type="patient", subject_id=patient.pk, detail=f"{trace} {occasion}")
    return row


def coverage_noun(coverage: PatientCoverage | None) -> Coverage:
    return Coverage() if coverage is None else msgspec.convert(coverage.content, Coverage)


def _create(noun: PatientInquiry, trace: str, **fields: Any) -> EligibilityInquiry:
    return EligibilityInquiry.objects.create(
        trace=trace, content=msgspec.to_builtins(noun), asked_on=clock.today(), asked_at=clock.now(), asked_by=actor(),
        **fields,
    )  # fmt: skip


def ask_otherwise(*, inquiry: EligibilityInquiry, noun: PatientInquiry) -> EligibilityInquiry:
    """The one alternate of a question that found nobody, under a trace of its own."""
    trace = f"EL{base36(next_number(name='eligibility_inquiry'), TRACE_DIGITS)}"
    return _create(
        retraced(noun, trace), trace, patient=inquiry.patient, payer=inquiry.payer, coverage=inquiry.coverage,
        practice=inquiry.practice, on=inquiry.on, occasion=inquiry.occasion, encounter_id=inquiry.encounter_id,
        follows=inquiry, in_real_time=inquiry.in_real_time,
    )  # fmt: skip


def discover(
    *, patient: Patient, on: date, besides: Iterable[UUID] = (), occasion: Occasion = Occasion.DISCOVERY
) -> list[EligibilityInquiry]:
    """Ask every payer set up for it by name and birth date, but those whose coverage is on file for the day. Answers are candidates.

    Raises InquiryRefused where name or birth date is missing. Payers asked in this calendar month are not asked again.
    """
    in_force = [
        row.payer_id
        for row in patient.coverages.only("payer_id", "start", "end")
        if (row.start is None or row.start <= on) and (row.end is None or on < row.end)
    ]
    on_file = {*in_force, *besides}
    month = clock.today().replace(day=1)
    asked = set(
        EligibilityInquiry.objects.filter(patient=patient, coverage=None, asked_on__gte=month).values_list(
            "payer_id", flat=True
        )
    )
    checks = PayerCheck.objects.filter(active=True, discovery=True, stopped_because="").select_related("payer")
    return [
        ask(patient=patient, payer=check.payer, coverage=None, on=on, occasion=occasion)
        for check in checks.order_by("payer__key")
        if check.payer_id not in on_file | asked
    ]


# Batches -------------------------------------------------------------------------------------------------------------


def prepare_batches() -> list[OutboxFile]:
    """One 270 file for each connection with everything due, frozen in the outbox; no file where nothing is due.

    A payer without a connection is asked by a person: its questions are listed.
    """
    stopped = PayerCheck.objects.exclude(stopped_because="").values("payer")
    due = Q(state=State.DUE) | Q(state=State.WAITING, next_try_at__lte=clock.now())
    rows = list(
        EligibilityInquiry.objects.filter(due, in_real_time=False)
        .exclude(payer__in=stopped)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("payer__connection", "practice")
        .order_by("payer__key", "practice__npi", "asked_at", "trace")
    )
    ways: dict[UUID, list[EligibilityInquiry]] = defaultdict(list)
    for row in rows:
        if row.payer.connection_id is None:
            _by_hand(row)
        elif row.payer.connection.active:
            ways[row.payer.connection_id].append(row)
    return [_file(group[0].payer.connection, group) for group in ways.values()]


def _by_hand(row: EligibilityInquiry) -> None:
    row.state = State.REFUSED
    row.save(update_fields=["state"])
    raise_work_item(
        worklist=Worklist.ELIGIBILITY_QUEUE, key=refused_key(row), reason_code="NO_CONNECTION",
        reason=f"{row.payer.name} has no connection to ask over.", what_to_do="Ask in the payer's portal or by telephone",
        subject_type="patient", subject_id=row.patient_id, practice_id=row.practice_id, due_date=row.on, reopen=True,
    )  # fmt: skip


def refused_key(row: EligibilityInquiry) -> str:
    return f"eligibility:{row.coverage_id or row.pk}:refused"


def _file(connection: Connection, rows: list[EligibilityInquiry]) -> OutboxFile:
    return freeze_questions(
        rows, lambda content: prepare_outbox(connection=connection, content_builder=content, kind="270", ending="270")
    )


def freeze_questions(rows: list[EligibilityInquiry], prepare: Callable[[ContentBuilder], OutboxFile]) -> OutboxFile:
    """The 270 of these questions as one frozen file; each is a try more and waits for its answer."""
    transactions = list(_transactions(rows))
    moment = clock.now()

    def content(numbers: ControlNumbers) -> bytes:
        sets = [
            eligibility_inquiry(
                InquiryNoun(
                    reference=batch, created=moment.date(), created_time=f"{moment:%H%M}",
                    inquiries=tuple(_as_sent(row) for row in group),
                ),
                f"{at:04d}",
            )
            for at, (batch, group) in enumerate(transactions, 1)
        ]  # fmt: skip
        return build_interchange(
            "270", GUIDE, sets, envelope=numbers.envelope, control_number=numbers.interchange,
            group_control_number=numbers.group, when=numbers.when,
        )  # fmt: skip

    for batch, group in transactions:
        for row in group:
            row.tries += 1
            row.state, row.batch, row.next_try_at = State.SENT, batch, None
    file = prepare(content)
    for row in rows:
        row.file = file
    write_rows(rows, ["tries", "state", "batch", "next_try_at", "file"])
    return file


def _transactions(rows: list[EligibilityInquiry]) -> Iterable[tuple[str, list[EligibilityInquiry]]]:
    """One ST for each payer, at most so many patients, each with a BHT03 of its own."""
    by_payer: dict[UUID, list[EligibilityInquiry]] = defaultdict(list)
    for row in rows:
        by_payer[row.payer_id].append(row)
    for group in by_payer.values():
        for start in range(0, len(group), PATIENTS_IN_TRANSACTION):
            number = next_number(name="eligibility_batch")
            yield f"EB{base36(number, TRACE_DIGITS)}", group[start : start + PATIENTS_IN_TRANSACTION]


def _as_sent(row: EligibilityInquiry) -> PatientInquiry:
    noun = msgspec.convert(row.content, PatientInquiry)
    return noun if row.tries == 1 else retraced(noun, f"{row.trace}{TRY_MARK}{row.tries}")


def list_unanswered() -> int:
    """Questions whose answer never came, or whose file the partner refused, wait for a person; says how many."""
    late = Q(asked_on__lt=clock.today() - timedelta(days=UNANSWERED_DAYS)) & (
        Q(file__sent_on__isnull=True) | Q(file__sent_on__lt=clock.today() - timedelta(days=UNANSWERED_DAYS))
    )
    rows = EligibilityInquiry.objects.filter(late | Q(file__state=OutboxFile.State.REJECTED), state=State.SENT)
    found = list(rows.select_related("payer", "file").defer("file__content").select_for_update(of=("self",)))
    for row in found:
        refused = row.file is not None and row.file.state == OutboxFile.State.REJECTED
        row.state = State.REFUSED
        row.save(update_fields=["state"])
        why = "The file with the question was refused" if refused else f"{row.payer.name} did not answer"
        raise_work_item(
            worklist=Worklist.ELIGIBILITY_QUEUE, key=refused_key(row), reason_code="FILE" if refused else "NO_ANSWER",
            reason=f"{why}; the coverage is unknown, not inactive.",
            what_to_do="See the file's acknowledgement, then ask again" if refused else "Ask again, or by telephone",
            subject_type="patient", subject_id=row.patient_id, practice_id=row.practice_id, due_date=row.on, reopen=True,
        )  # fmt: skip
    return len(found)
