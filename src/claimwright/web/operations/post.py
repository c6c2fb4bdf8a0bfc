"""Post every waiting 835: one ST, one transaction, safe to run twice, at once, or to kill."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db import DatabaseError

from claimwright.claims.from_x12.remittance import remittance as read_remittance
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import in_turn
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import finish_files
from claimwright.web.payments.next_payer import carry_out, crossovers_answered
from claimwright.web.payments.posting import PartPosted, post_part
from claimwright.web.submissions.services import scrub
from claimwright.x12 import Document, Severity, Transaction, read
from claimwright.x12.envelope import check_envelope
from claimwright.x12.findings import Findings

ATTEMPTS = 3
RETRIED = ("40001", "40P01", "23505")  # serialization, deadlock, unique: another poster was faster


class PostReport(msgspec.Struct):
    """What one run of posting did. Amounts as text."""

    remittances_posted: int = 0
    duplicates: int = 0
    held: int = 0
    quarantined: int = 0
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


def _post_file(tenant: Tenant, file_id: UUID, actor: str) -> list[PartPosted]:
    with tenant_scope(tenant):
        file = InboxFile.objects.select_related("connection").get(pk=file_id)
        parts = list(InboxPart.objects.filter(file=file, kind="835", fate=InboxPart.Fate.PENDING).order_by("ordinal"))
    document = read(bytes(file.content))
    transactions = {transaction.st.offset: transaction for transaction in document.transactions()}
    problems = envelope_problems(document, file)
    answers = []
    for part in parts:
        transaction = transactions[part.byte_start]
        problem, place = problems.get(part.byte_start, ("", ""))
        done = _post_once(tenant, part.pk, transaction, problem, place, actor)
        if done is not None:
            answers.append(done)
        failpoint("posting.after_commit")
    return answers


def _post_once(
    tenant: Tenant, part_id: UUID, transaction: Transaction, problem: str, place: str, actor: str
) -> PartPosted | None:
    """One ST in one transaction; again when another poster was in the way. None when it was posted meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _no_garbage_collection(), tenant_scope(tenant), acting_as(actor):
                part = (
                    InboxPart.objects.select_for_update(of=("self",), skip_locked=True)
                    .select_related("file")
                    .filter(pk=part_id, fate=InboxPart.Fate.PENDING)
                    .first()
                )
                if part is None:
                    return None
                done = post_part(part=part, read=read_remittance(transaction), envelope_problem=problem, place=place)
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
    """By the ST's byte offset: the first envelope fault that concerns it, and where. Then it must not post."""
    findings = Findings(document)
    findings.faults.extend(document.faults)
    check_envelope(document, findings)
    faults = [fault for fault in findings.faults if fault.severity is Severity.REJECT and fault.id != "ENV-GUIDE"]
    problems: dict[int, tuple[str, str]] = {}
    for interchange in document.interchanges:
        first = interchange.isa.offset if interchange.isa else 0
        last = interchange.iea.offset if interchange.iea else max((s.offset for s in document.segments), default=0)
        spans = [(t.st.offset, t.segments[-1].offset) for t in interchange.transactions()]
        usage = interchange.isa[15] if interchange.isa else ""
        for start, end in spans:
            for fault in faults:
                elsewhere = any(a <= fault.byte <= b for a, b in spans if (a, b) != (start, end))
                if first <= fault.byte <= last and not elsewhere:
                    problems.setdefault(start, (fault.message, fault.place()))
            if file.connection is not None and usage != file.connection.usage:
                says = {"T": "a test file (ISA15 T) on a production connection"}
                problem = says.get(usage, "a production file (ISA15 P) on a test connection")
                problems.setdefault(start, (f"This is {problem}", "ISA15"))
    return problems
