"""Post every waiting 835: one ST, one transaction, safe to run twice, at once, or to kill."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db import DatabaseError, DataError, OperationalError

from claimwright.claims.from_x12.remittance import remittance as read_remittance
from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import in_turn
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, audit_together, raise_work_item, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import finish_files
from claimwright.web.payments.next_payer import carry_out, crossovers_answered
from claimwright.web.payments.posting import PartPosted, post_part
from claimwright.web.submissions.services import scrub
from claimwright.x12 import Document, Severity, Transaction, read
from claimwright.x12.check import check_envelope
from claimwright.x12.segments import Interchange, Segment

ATTEMPTS = 3
NUL = "\x00"
# An unknown guide of these decides money; what else comes by an unknown guide is judged by who reads it.
STRICT_GUIDES = ("835",)
RETRIED = ("40001", "40P01", "23505")  # serialization, deadlock, unique: another poster was faster


class PostReport(msgspec.Struct):
    """What one run of posting did. Amounts as text."""

    remittances_posted: int = 0
    duplicates: int = 0
    held: int = 0
    quarantined: int = 0
    failed: int = 0
    auto_posted_lines: int = 0
    exceptions: int = 0
    amount: str = "0.00"


def post(*, tenant: Tenant, actor: str = "posting") -> PostReport:
    """Post all 835 parts of `tenant` that wait. Call outside any transaction.

    Runs take turns: a second poster would overtake the first, and post a reversal before the payment it reverses.
    """
    report = PostReport()
    with in_turn(f"post:{tenant.pk}"):
        with tenant_scope(tenant):
            files = list(
                InboxPart.objects.filter(kind="835", fate=InboxPart.Fate.PENDING)
                .order_by("file__received_at", "file__name", "file_id")
                .values_list("file_id", flat=True)
            )
        for file_id in dict.fromkeys(files):
            for done in _post_file(tenant, file_id, actor):
                if done is None:
                    report.failed += 1
                else:
                    _count(report, done)
        with tenant_scope(tenant):
            finish_files()
    return report


def _count(report: PostReport, done: PartPosted) -> None:
    kinds = {"posted": "remittances_posted", "duplicate": "duplicates", "held": "held", "quarantined": "quarantined"}
    name = kinds[done.fate.value]
    setattr(report, name, getattr(report, name) + 1)
    report.auto_posted_lines += done.lines
    report.exceptions += done.exceptions
    if name == "remittances_posted":
        report.amount = str(Decimal(report.amount) + Decimal(done.amount))


def _post_file(tenant: Tenant, file_id: UUID, actor: str) -> list[PartPosted | None]:
    """What became of each part; None for one that could not be posted and is on a worklist."""
    with tenant_scope(tenant):
        file = InboxFile.objects.select_related("connection").get(pk=file_id)
        parts = list(InboxPart.objects.filter(file=file, kind="835", fate=InboxPart.Fate.PENDING).order_by("ordinal"))
        doubts = {part.byte_start: _reused_number(file, part) for part in parts}
    document = read(bytes(file.content))
    transactions = {transaction.st.offset: transaction for transaction in document.transactions()}
    problems = envelope_problems(document, file)
    answers: list[PartPosted | None] = []
    for part in parts:
        at = part.byte_start
        transaction = transactions[at]
        problem, place = problems.get(at, ("", ""))
        if problem:
            _forget_nuls(transaction)
        try:
            done = _post_once(tenant, part.pk, transaction, problem, place, doubts[at], actor)
        except OperationalError:
            raise  # the database is away or full: nothing to do with this remittance
        except Exception as error:  # whatever is wrong with one remittance, the others must post
            _list_failure(tenant, file, part, error)
            answers.append(None)
            continue
        if done is not None:
            answers.append(done)
        failpoint("posting.after_commit")
    return answers


def _reused_number(file: InboxFile, part: InboxPart) -> str:
    """Why the interchange is in doubt: its control number came before over this connection, in another posted file."""
    earlier = InboxPart.objects.filter(
        kind="835", file__connection=file.connection, fate=InboxPart.Fate.POSTED,
        interchange_control_number=part.interchange_control_number,
    ).exclude(file=file)  # fmt: skip
    if file.connection is None or not part.interchange_control_number or not earlier.exists():
        return ""
    return "Its interchange control number came before in another file, with other content"


def _forget_nuls(transaction: Transaction) -> None:
    """A database holds no NUL, not even in what it quarantines; the bytes themselves are kept in the inbox."""
    for segment in transaction.segments:
        segment.elements[:] = [element.replace(NUL, "") for element in segment.elements]


def _list_failure(tenant: Tenant, file: InboxFile, part: InboxPart, error: Exception) -> None:
    """Content that no column takes is quarantined; after a fault of ours the part waits for the next run."""
    unfit = isinstance(error, DataError)
    says = "A value in it fits no field" if unfit else "Posting it failed, nothing of it was posted"
    with tenant_scope(tenant):
        raise_work_item(
            worklist=Worklist.QUARANTINED_REMITTANCES, key=f"failed:{part.pk}", reason_code=type(error).__name__,
            reason=f"{says} ({type(error).__name__}, transaction {part.ordinal} of the file)",
            what_to_do="Ask the sender for a corrected file" if unfit else "Report it to support, then post again",
            subject_type="inbox_part", subject_id=part.pk, file_id=file.pk, file_name=file.name, reopen=True,
        )  # fmt: skip
        if unfit:
            InboxPart.objects.filter(pk=part.pk, fate=InboxPart.Fate.PENDING).update(
                fate=InboxPart.Fate.QUARANTINED, reason=says, decided_at=clock.now()
            )


def _post_once(
    tenant: Tenant, part_id: UUID, transaction: Transaction, problem: str, place: str, doubt: str, actor: str
) -> PartPosted | None:
    """One ST in one transaction; again when another poster was in the way. None when it was posted meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _no_garbage_collection(), tenant_scope(tenant), acting_as(actor), audit_together():
                part = (
                    InboxPart.objects.select_for_update(of=("self",), skip_locked=True)
                    .select_related("file")
                    .filter(pk=part_id, fate=InboxPart.Fate.PENDING)
                    .first()
                )
                if part is None:
                    return None
                known = read_remittance(transaction)
                done = post_part(part=part, read=known, envelope_problem=problem, place=place, doubt=doubt)
                resolve_work_items(keys=[f"failed:{part.pk}"], resolution="decided by a later run")
                ready = carry_out(actions=done.plan.next_payer)
                crossovers_answered(events=done.plan.events)
                scrub(version_ids=ready)
                return done
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            if state not in RETRIED or attempt == ATTEMPTS:
                raise
    return None


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """One remittance makes objects by the hundred thousand and drops them at its end: collecting meanwhile only costs."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def envelope_problems(document: Document, file: InboxFile) -> dict[int, tuple[str, str]]:
    """By the byte offset of ST or TA1: the first envelope fault that concerns it, and where. Then it must not count."""
    faults = [fault for fault in check_envelope(document) if fault.severity is Severity.REJECT]
    problems: dict[int, tuple[str, str]] = {}
    holds_nul = NUL.encode() in bytes(file.content)
    for interchange in document.interchanges:
        first = interchange.isa.offset if interchange.isa else 0
        last = interchange.iea.offset if interchange.iea else max((s.offset for s in document.segments), default=0)
        usage = interchange.isa[15] if interchange.isa else ""
        spans = [(ta1.offset, ta1.offset, "TA1") for ta1 in interchange.ta1s]
        spans += [(t.st.offset, t.segments[-1].offset, t.set_id.strip()) for t in interchange.transactions()]
        for segment in _with_nul(interchange) if holds_nul else ():
            start = max((a for a, _, _ in spans if a <= segment.offset), default=0)
            problems.setdefault(start, ("A NUL stands inside it, a character that no X12 holds", segment.elements[0]))
        for start, _, kind in spans:
            for fault in faults:
                if fault.id == "ENV-GUIDE" and kind not in STRICT_GUIDES:
                    continue
                elsewhere = any(a <= fault.byte <= b for a, b, _ in spans if a != start)
                if first <= fault.byte <= last and not elsewhere:
                    problems.setdefault(start, (fault.message, fault.place()))
            if file.connection is not None and usage != file.connection.usage:
                says = {"T": "a test file (ISA15 T) on a production connection"}
                problem = says.get(usage, "a production file (ISA15 P) on a test connection")
                problems.setdefault(start, (f"This is {problem}", "ISA15"))
    return problems


def _with_nul(interchange: Interchange) -> Iterator[Segment]:
    for segment in interchange.ta1s:
        if any(NUL in element for element in segment.elements):
            yield segment
    for transaction in interchange.transactions():
        for segment in transaction.segments:
            if any(NUL in element for element in segment.elements):
                yield segment
