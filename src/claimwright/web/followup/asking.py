"""Questions to payers about claims that are out (276): one open at a time for each, gathered into files, given up late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from claimwright.billing.following import InquiryRefused, inquiry_of
from claimwright.billing.lifecycle import ANY_SENT, State
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.parties import Party
from claimwright.claims.status import ClaimInquiry
from claimwright.claims.status import StatusInquiry as InquiryNoun
from claimwright.claims.to_x12.status import GUIDE, status_inquiry
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.eligibility.real_time import real_time_way
from claimwright.web.exchange.models import Connection, OutboxFile
from claimwright.web.exchange.real_time import prepare_real_time
from claimwright.web.exchange.services import ControlNumbers, prepare_outbox
from claimwright.web.followup.models import PayerNorm, StatusInquiry
from claimwright.web.followup.norms import Norms
from claimwright.web.submissions.models import ClaimVersion

__all__ = ["InquiryRefused"]

Asked = StatusInquiry.State
OPEN_STATES = (Asked.PREPARED, Asked.SENT)
TRACE_DIGITS = 8
CLAIMS_IN_TRANSACTION = 99
SUBMITTER_ROLE, SUBMITTER_ID = "41", "46"


@transaction.atomic
def ask_status(*, version: ClaimVersion, by_hand: bool = True) -> StatusInquiry:
    """A question to be sent with the next batch; the one that still waits is given back instead.

    Raises InquiryRefused: the claim is not out, its payer is not asked over a connection, or the guide asks for what the
    claim does not have.
    """
    payer, practice = version.claim.payer, version.claim.practice
    ClaimVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)  # two askers take turns
    waiting = StatusInquiry.objects.filter(version=version, state__in=OPEN_STATES).first()
    if waiting is not None:
        return waiting
    if State(version.state) not in ANY_SENT:
        raise InquiryRefused(
            f"the claim is {version.state.lower().replace('_', ' ')}: only one that is out is asked about"
        )
    row = PayerNorm.objects.filter(payer=payer, asks_status=True).first()
    if row is None or payer.connection is None:
        raise InquiryRefused(f"{payer.name} is not asked over a connection: ask in its portal or by telephone")
    trace = f"CS{base36(next_number(name='status_inquiry'), TRACE_DIGITS)}"
    noun = inquiry_of(
        msgspec.convert(version.content, ClaimNoun, strict=False), trace=trace, receiver=_receiver(payer.connection),
        payer_id=row.inquiry_payer_id, payer_claim_number=version.payer_claim_number,
    )  # fmt: skip
    made = StatusInquiry.objects.create(
        version=version, payer=payer, practice=practice, trace=trace, content=msgspec.to_builtins(noun),
        by_hand=by_hand, asked_on=clock.today(), asked_at=clock.now(), asked_by=actor(),
    )  # fmt: skip
    record_audit(action="status.ask", subject_type="claim_version", subject_id=version.pk, detail=trace)
    return made


def _receiver(connection: Connection) -> Party:
    """2100B: who asks, as the clearinghouse knows us."""
    return Party(
        role=SUBMITTER_ROLE, is_organization=True, last_name=connection.submitter_name or connection.sender_id,
        id_qualifier=SUBMITTER_ID, identifier=connection.sender_id,
    )  # fmt: skip


@transaction.atomic
def prepare_status_batches() -> list[OutboxFile]:
    """One 276 file for each connection with every question not yet sent, frozen in the outbox; none where none waits."""
    rows = list(
        StatusInquiry.objects.filter(state=Asked.PREPARED)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("payer__connection", "practice")
        .order_by("payer__key", "practice__npi", "asked_at", "trace")
    )
    ways: dict[UUID, list[StatusInquiry]] = defaultdict(list)
    for row in rows:
        if row.payer.connection is not None and row.payer.connection.active:
            ways[row.payer.connection_id].append(row)
    return [_file(group[0].payer.connection, group) for group in ways.values()]


@transaction.atomic
def freeze_question(*, inquiry: StatusInquiry) -> OutboxFile | None:
    """The file of one question that is to be asked at once; None where it is out or answered already.

    Raises InquiryRefused where the payer answers nothing in real time.
    """
    rows = StatusInquiry.objects.select_for_update(of=("self",)).select_related("payer__connection", "practice")
    row = rows.get(pk=inquiry.pk)
    if row.state != Asked.PREPARED:
        return None
    way = real_time_way(row.payer)
    if way is None:
        raise InquiryRefused(f"{row.payer.name} answers nothing in real time")
    return _file(way, [row], in_real_time=True)


@transaction.atomic
def settle_question(*, inquiry: StatusInquiry) -> StatusInquiry:
    """After the exchange: a question that has no answer yet no longer stands in the way of the next one."""
    StatusInquiry.objects.filter(pk=inquiry.pk, state=Asked.SENT).update(state=Asked.REFUSED)
    return StatusInquiry.objects.get(pk=inquiry.pk)


def _file(connection: Connection, rows: list[StatusInquiry], *, in_real_time: bool = False) -> OutboxFile:
    transactions = list(_transactions(rows))
    moment = clock.now()

    def content(numbers: ControlNumbers) -> bytes:
        sets = [
            status_inquiry(
                InquiryNoun(
                    reference=batch, created=moment.date(), created_time=f"{moment:%H%M}",
                    claims=tuple(msgspec.convert(row.content, ClaimInquiry) for row in group),
                ),
                f"{at:04d}",
            )
            for at, (batch, group) in enumerate(transactions, 1)
        ]  # fmt: skip
        return build_interchange(
            "276", GUIDE, sets, envelope=numbers.envelope, control_number=numbers.interchange,
            group_control_number=numbers.group, when=numbers.when,
        )  # fmt: skip

    if in_real_time:
        file = prepare_real_time(connection=connection, kind="276", content=content)
    else:
        file = prepare_outbox(connection=connection, content_builder=content, kind="276", ending="276")
    for batch, group in transactions:
        for row in group:
            row.state, row.batch, row.file = Asked.SENT, batch, file
    StatusInquiry.objects.bulk_update(rows, ["state", "batch", "file"], batch_size=500)
    return file


def _transactions(rows: Sequence[StatusInquiry]) -> Iterable[tuple[str, list[StatusInquiry]]]:
    """One ST for each payer, at most so many claims, each with a BHT03 of its own."""
    by_payer: dict[UUID, list[StatusInquiry]] = defaultdict(list)
    for row in rows:
        by_payer[row.payer_id].append(row)
    for group in by_payer.values():
        for start in range(0, len(group), CLAIMS_IN_TRANSACTION):
            number = next_number(name="status_batch")
            yield f"CB{base36(number, TRACE_DIGITS)}", group[start : start + CLAIMS_IN_TRANSACTION]


def give_up_unanswered() -> int:
    """Questions whose answer never came, whose file was refused, or whose claim was decided meanwhile; says how many.

    The claim's own step lists it where it still waits: the question only stops standing in the way of another.
    """
    norms, today, given_up = Norms(), clock.today(), []
    open_rows = StatusInquiry.objects.filter(state__in=OPEN_STATES).select_related(
        "payer", "practice", "file", "version"
    )
    for row in open_rows.defer("file__content", "content", "version__content").select_for_update(of=("self",)):
        late = row.asked_on + timedelta(days=norms.of(row.payer, row.practice).status_answer_days)
        sent = row.file.sent_on if row.file is not None else None
        late = max(late, sent + timedelta(days=norms.of(row.payer, row.practice).status_answer_days)) if sent else late
        refused = row.file is not None and row.file.state == OutboxFile.State.REJECTED
        if refused or late < today or State(row.version.state) not in ANY_SENT:
            given_up.append(row.pk)
    StatusInquiry.objects.filter(pk__in=given_up).update(state=Asked.REFUSED)
    return len(given_up)
