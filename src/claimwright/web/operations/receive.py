"""From the partner's folder to fates: fetch, split into accountable parts, apply the acknowledgements.

Every TA1 and ST..SE of a file becomes one row with one fate. Remittances wait for `post`, claims of clients go to
intake, schedules (HL7 SIU, FHIR Appointment, CSV) to the visits they tell of. Safe to run twice, at once with another, or to kill: each part is decided in one transaction under a lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import msgspec
from django.db import OperationalError
from django.db.models import Exists, F, Func, OuterRef, TextField

from claimwright.claims.schedule_files import kind_of_schedule
from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import in_turn, outside_transaction
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, raise_work_item, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import Connection, InboxFile, InboxPart
from claimwright.web.exchange.services import (
    MAXIMUM_BYTES,
    fetch_connection,
    finish_files,
    quarantine_file,
    store_received,
)
from claimwright.web.exchange.transports import TransportProblem
from claimwright.web.operations.acknowledgements import AckResult, apply_part
from claimwright.web.operations.authorizations import apply_answer
from claimwright.web.operations.eligibility import apply_answers
from claimwright.web.operations.intake import take_in_837p
from claimwright.web.operations.interface_effects import bill_gathered
from claimwright.web.operations.interface_models import InterfaceMessage
from claimwright.web.operations.interfaces import HL7, KINDS, PART_KINDS, kind_of_messages, take_file
from claimwright.web.operations.post import envelope_problems
from claimwright.web.operations.schedule import take_in_received
from claimwright.web.operations.status_inquiries import apply_status_answers
from claimwright.x12 import Document, Segment, Transaction, read
from claimwright.x12.reader import GZIP_MAGIC, unpack

ACKNOWLEDGEMENTS = ("TA1", "999", "997", "277CA", "278", "271", "277")
ANSWERS = {"278": apply_answer, "271": apply_answers, "277": apply_status_answers}  # to questions of ours
AUTHORIZATION_ANSWER = ("11", "005010X217")  # BHT02 and guide of the response
X12 = "x12"
OTHER_KINDS = re.compile(rb"\bMSH[^\r\n]{0,400}\b(?:ADT|DFT)\b|\"resourceType\"\s*:\s*\"(?:Encounter|Claim)\"")
PROFESSIONAL_GUIDES = ("005010X222", "004010X098")
CLAIM_ACKNOWLEDGEMENT_GUIDE = "005010X214"
STATUS_ANSWER_GUIDE = "005010X212"

# The first bytes of what is no X12, with what it is and what to do.
WRAPPERS = (
    (
        GZIP_MAGIC,
        "It is compressed (gzip) more than once, damaged, or unpacks to too much",
        "Ask the partner to send it unpacked",
    ),
    (b"PK\x03\x04", "It is a zip archive", "Unpack it, or ask the partner to send the files in it"),
    (b"-----BEGIN PGP", "It is encrypted (PGP)", "Decrypt it, or agree on sending over SFTP without it"),
    (b"<", "It is a web page or XML, not X12", "A login page or an error text came in its place: ask the partner"),
    (b"{", "It is JSON and no FHIR bundle", "Ask the partner what it is"),
)


class ReceiveReport(msgspec.Struct):
    """What one run did. `parts` counts new parts by kind."""

    files: int = 0
    parts: dict[str, int] = {}
    acknowledged: int = 0
    claims_moved: int = 0
    rejected: int = 0
    orphans: int = 0
    duplicates: int = 0
    quarantined: int = 0
    failed: int = 0
    held: int = 0
    encounters: int = 0
    appointments: int = 0
    schedule_problems: int = 0
    messages: int = 0
    messages_waiting: int = 0
    remittances_waiting: int = 0
    problems: tuple[str, ...] = ()


def receive(*, tenant: Tenant, connection: Connection | None = None) -> ReceiveReport:
    """Fetch from all active connections (or this one), then route every file that is not done. Never raises for the
    network: a connection that does not work is on its worklist and in `problems`."""
    outside_transaction()
    report = ReceiveReport()
    with acting_as("receive"):
        with tenant_scope(tenant):
            active = Connection.objects.filter(active=True).order_by("name")
            connections = list(active.filter(pk=connection.pk) if connection else active)
        for each in connections:
            try:
                report.files += len(fetch_connection(connection=each))
            except (TransportProblem, OSError) as problem:
                says = str(problem) if isinstance(problem, TransportProblem) else _folder_problem(each, problem)
                report.problems += (says,)
                _list_problem(tenant, each, says)
            else:
                with tenant_scope(tenant):
                    resolve_work_items(keys=[f"fetch:{each.pk}"], resolution="it works again")
        failpoint("receive.after_fetch")
        route_all(tenant=tenant, report=report)
        with tenant_scope(tenant):
            waiting = InboxPart.objects.filter(kind="835", fate=InboxPart.Fate.PENDING)
            report.remittances_waiting = waiting.count()
            bill_gathered()
    return report


def _folder_problem(connection: Connection, problem: OSError) -> str:
    return f"{connection.name}: the folder refused ({problem.strerror}): look at its rights, space and names"


def _list_problem(tenant: Tenant, connection: Connection, problem: str) -> None:
    with tenant_scope(tenant):
        raise_work_item(
            worklist=Worklist.CONNECTION_PROBLEMS, key=f"fetch:{connection.pk}", reason_code="NOT_FETCHED",
            reason=problem, what_to_do="Correct the connection; what lies there is fetched with the next run",
            subject_type="connection", subject_id=connection.pk, reopen=True,
        )  # fmt: skip


# ISA09 and ISA10, at bytes 71 to 81 of an interchange: what was made first is read first, so that a day's answers
# come in the order they were given. A file that is no X12 sorts anywhere.
MADE = Func(F("content"), function="substring", template="encode(substring(%(expressions)s from 71 for 11), 'escape')",
            output_field=TextField())  # fmt: skip


def route_all(*, tenant: Tenant, report: ReceiveReport | None = None) -> ReceiveReport:
    """Split what is not split, decide what waits. Files of intakes (FHIR, CSV of visits) are none of its business.

    Runs take turns, so that answers are applied in the order they came in.
    """
    report = report or ReceiveReport()
    with in_turn(f"route:{tenant.pk}"):
        for file_id in _waiting_files(tenant):
            try:
                route_file(tenant=tenant, file_id=file_id, report=report)
            except OperationalError:
                raise  # the database is away or full: nothing to do with this file
            except Exception as error:  # whatever is wrong with one file, the others must go on
                _list_failure(tenant, file_id, error)
                report.failed += 1
        with tenant_scope(tenant):
            finish_files()
    return report


def _list_failure(tenant: Tenant, file_id: UUID, error: Exception) -> None:
    """A fault of ours: the file waits for the next run, with the kind of error and no value of it."""
    with tenant_scope(tenant):
        file = InboxFile.objects.get(pk=file_id)
        raise_work_item(
            worklist=Worklist.QUARANTINED_FILES, key=f"failed:{file.pk}", reason_code=type(error).__name__,
            reason=f"Reading it failed, nothing more of it was applied ({type(error).__name__})",
            what_to_do="Report it to support, then receive again", subject_type="inbox_file", subject_id=file.pk,
            file_id=file.pk, file_name=file.name, reopen=True,
        )  # fmt: skip


def _waiting_files(tenant: Tenant) -> list[UUID]:
    with tenant_scope(tenant):
        waiting = InboxPart.objects.filter(
            file=OuterRef("pk"), fate=InboxPart.Fate.PENDING, kind__in=(*ACKNOWLEDGEMENTS, "837P", *PART_KINDS)
        )
        unsplit = ~Exists(InboxPart.objects.filter(file=OuterRef("pk")))
        return list(
            InboxFile.objects.filter(
                unsplit | Exists(waiting), state=InboxFile.State.RECEIVED, kind__in=("", X12, *KINDS)
            )
            .order_by("received_at", "name")
            .values_list("pk", flat=True)
        )


def route_file(*, tenant: Tenant, file_id: UUID, report: ReceiveReport | None = None) -> ReceiveReport:
    """Split one file and decide its acknowledgements, client claims or appointments."""
    report = report or ReceiveReport()
    with tenant_scope(tenant):
        file = InboxFile.objects.select_related("connection").get(pk=file_id)
    if bytes(file.content[: len(GZIP_MAGIC)]) == GZIP_MAGIC:
        unpacked = _unpack(tenant, file, report)
        return route_file(tenant=tenant, file_id=unpacked, report=report) if unpacked else report
    schedule = kind_of_schedule(bytes(file.content))
    # What came over MLLP is a message whatever it holds: one that was stored and then not decided is decided here.
    is_message = file.kind == HL7 or bool(kind_of_messages(bytes(file.content)))
    if is_message and not (schedule and _is_plain_schedule(tenant, file)):
        _take_messages(tenant, file_id, report)
        return report
    if schedule:
        _take_schedule(tenant, file_id, schedule, report)
        return report
    document = read(bytes(file.content))
    with tenant_scope(tenant):
        locked = InboxFile.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=file_id).first()
        if locked is None:
            return report  # another run has it
        if not locked.parts.exists() and locked.state == InboxFile.State.RECEIVED:
            split_file(file=locked, document=document, report=report)
    failpoint("receive.after_split")
    problems = envelope_problems(document, file)
    sources = {item.offset: item for item in _segments_of_parts(document)}
    transactions = {transaction.st.offset: transaction for transaction in document.transactions()}
    with tenant_scope(tenant):
        parts = list(InboxPart.objects.filter(file=file, fate=InboxPart.Fate.PENDING).order_by("ordinal"))
    for part in parts:
        if part.kind in ACKNOWLEDGEMENTS:
            _decide(tenant, file, part, sources[part.byte_start], transactions, problems, report)
            failpoint("receive.after_part")
    claims = [part for part in parts if part.kind == "837P"]
    broken = [part for part in claims if part.byte_start in problems]
    with tenant_scope(tenant):
        resolve_work_items(keys=[f"failed:{file.pk}"], resolution="read by a later run")
        if broken:  # its claims are read as one file: a part of it may not be charged alone
            _refuse_claims(file, claims, problems, report)
        elif claims:
            report.encounters += take_in_837p(file=file).encounters
    return report


def _is_plain_schedule(tenant: Tenant, file: InboxFile) -> bool:
    """A file of appointments alone from a connection that brings no other messages: its own name is the interface's."""
    content = bytes(file.content)
    with tenant_scope(tenant):
        if file.parts.filter(kind__in=PART_KINDS, message__isnull=False).exists():
            return False
    return not OTHER_KINDS.search(content)


def _take_messages(tenant: Tenant, file_id: UUID, report: ReceiveReport) -> None:
    """Messages of another system, each in a transaction of its own; those that wait are on their worklist."""
    taken = take_file(tenant=tenant, file_id=file_id)
    with tenant_scope(tenant):
        resolve_work_items(keys=[f"failed:{file_id}"], resolution="read by a later run")
    report.messages += len(taken)
    report.messages_waiting += sum(one.state == InterfaceMessage.State.FAILED for one in taken)
    report.duplicates += sum(one.state == InterfaceMessage.State.DUPLICATE for one in taken)


def _take_schedule(tenant: Tenant, file_id: UUID, kind: str, report: ReceiveReport) -> None:
    """One schedule in one transaction, skipped when another run has it."""
    with tenant_scope(tenant):
        locked = InboxFile.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=file_id).first()
        if locked is None or locked.state != InboxFile.State.RECEIVED:
            return
        made = take_in_received(file=locked, kind=kind)
        resolve_work_items(keys=[f"failed:{file_id}"], resolution="read by a later run")
    failpoint("receive.after_part")
    if made is None:
        return
    report.parts[kind.upper()] = report.parts.get(kind.upper(), 0) + 1
    report.appointments += made.appointments
    report.schedule_problems += made.problems
    report.quarantined += made.refused


def _refuse_claims(
    file: InboxFile, claims: list[InboxPart], problems: dict[int, tuple[str, str]], report: ReceiveReport
) -> None:
    problem, place = next(problems[part.byte_start] for part in claims if part.byte_start in problems)
    for part in claims:
        _quarantine_part(file, part, problem, place, report)


def _quarantine_part(file: InboxFile, part: InboxPart, problem: str, place: str, report: ReceiveReport) -> None:
    reason = f"{problem} ({place})"
    _settle(part, AckResult(fate=InboxPart.Fate.QUARANTINED, reason=reason))
    _list_quarantined(file, part, "ENVELOPE", reason, "Ask the sender for the file again")
    report.quarantined += 1


def _unpack(tenant: Tenant, file: InboxFile, report: ReceiveReport) -> UUID | None:
    """The content of a compressed file as a file of its own, to which the compressed one points; None for a bad one."""
    content = unpack(bytes(file.content), MAXIMUM_BYTES)
    with tenant_scope(tenant):
        locked = InboxFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if locked.parts.exists():
            return None
        if content is None or content.startswith(GZIP_MAGIC):
            _quarantine_whole(locked, read(bytes(file.content)), report)
            return None
        name = file.name.removesuffix(".gz")
        inner = store_received(source=file.source, name=name, content=content, connection=file.connection)
        InboxPart.objects.create(
            file=locked, ordinal=1, kind="OTHER", byte_start=0, byte_end=file.size, fate=InboxPart.Fate.TAKEN_IN,
            reason=f"Unpacked as {name}", decided_at=clock.now(),
        )  # fmt: skip
        InboxFile.objects.filter(pk=locked.pk).update(kind="gzip", state=InboxFile.State.DONE)
    return inner.pk


def _segments_of_parts(document: Document) -> Iterator[Segment]:
    for interchange in document.interchanges:
        yield from interchange.ta1s
        for transaction in interchange.transactions():
            yield transaction.st


def split_file(*, file: InboxFile, document: Document, report: ReceiveReport) -> list[InboxPart]:
    """One row for each TA1 and ST..SE; a file without any is one part, quarantined with what it is."""
    if not document.interchanges:
        return [_quarantine_whole(file, document, report)]
    parts: list[InboxPart] = []
    for interchange in document.interchanges:
        control = interchange.control_number.strip()[:20]
        for ta1 in interchange.ta1s:
            parts.append(_part(file, len(parts), "TA1", [ta1], control, "", ""))
        for group in interchange.groups:
            for transaction in group.transactions:
                gs06 = group.gs[6].strip() if group.gs else ""
                st02 = transaction.control_number.strip()
                parts.append(_part(file, len(parts), kind_of(transaction), transaction.segments, control, gs06, st02))
    if not parts:
        return [_quarantine_whole(file, document, report)]
    for part in parts:
        report.parts[part.kind] = report.parts.get(part.kind, 0) + 1
        if part.kind == "OTHER":
            part.fate, part.decided_at = InboxPart.Fate.QUARANTINED, clock.now()
            part.reason = "This kind of transaction is not read here"
            report.quarantined += 1
            _list_quarantined(
                file, part, "UNKNOWN_KIND", part.reason, "Ask the partner why it came, or handle it by hand"
            )
    InboxPart.objects.bulk_create(parts, batch_size=1000)
    file.kind = X12
    file.save(update_fields=["kind"])
    return parts


def kind_of(transaction: Transaction) -> str:
    """What a transaction is, by ST01 and its guide."""
    set_id, guide = transaction.set_id.strip(), transaction.guide.strip()
    if set_id in ("999", "997", "835", "271"):
        return set_id
    if set_id == "277" and guide.startswith(CLAIM_ACKNOWLEDGEMENT_GUIDE):
        return "277CA"
    if set_id == "277" and guide.startswith(STATUS_ANSWER_GUIDE):
        return "277"
    if (
        set_id == "278"
        and guide.startswith(AUTHORIZATION_ANSWER[1])
        and _purpose(transaction) == AUTHORIZATION_ANSWER[0]
    ):
        return "278"
    if set_id == "837" and (guide.startswith(PROFESSIONAL_GUIDES) or not guide):
        return "837P"
    return "OTHER"


def _purpose(transaction: Transaction) -> str:
    """BHT02, "" where there is no BHT."""
    beginning = next((one for one in transaction.segments[:3] if one.id == "BHT"), None)
    return beginning[2].strip() if beginning is not None else ""


def _part(
    file: InboxFile, ordinal: int, kind: str, segments: list[Segment], interchange: str, group: str, control: str
) -> InboxPart:
    last = segments[-1]
    return InboxPart(
        file=file, ordinal=ordinal + 1, kind=kind, interchange_control_number=interchange,
        group_control_number=group[:20], transaction_control_number=control[:20], byte_start=segments[0].offset,
        byte_end=min(file.size, last.offset + len(last.text()) - len(last.lead)),
    )  # fmt: skip


def _quarantine_whole(file: InboxFile, document: Document, report: ReceiveReport) -> InboxPart:
    head = bytes(file.content[:200]).lstrip(b"\xef\xbb\xbf\x0b \r\n\t")
    found = next(((why, fix) for mark, why, fix in WRAPPERS if head.startswith(mark)), None)
    fault = document.faults[0] if document.faults else None
    reason = found[0] if found else (fault.message if fault else "The interchange holds no transaction")
    fix = found[1] if found else (fault.fix if fault and fault.fix else "Ask the sender for the whole file")
    code = "WRAPPED" if found else (fault.id if fault else "ENV-NO-TRANSACTION")
    place = f" ({fault.place()})" if fault and not found else ""
    part = InboxPart.objects.create(
        file=file, ordinal=1, kind="OTHER", byte_start=0, byte_end=file.size, fate=InboxPart.Fate.QUARANTINED,
        reason=reason, decided_at=clock.now(),
    )  # fmt: skip
    quarantine_file(
        file=file, reason_code=code, reason=f"{reason}{place}", what_to_do=fix, segment=fault.ordinal if fault else 0
    )
    report.quarantined += 1
    report.parts["OTHER"] = report.parts.get("OTHER", 0) + 1
    return part


def _list_quarantined(file: InboxFile, part: InboxPart, code: str, reason: str, fix: str) -> None:
    raise_work_item(
        worklist=Worklist.QUARANTINED_FILES, key=f"part:{file.pk}:{part.ordinal}", reason_code=code, reason=reason,
        what_to_do=fix, subject_type="inbox_part", subject_id=part.pk, file_id=file.pk, file_name=file.name,
    )  # fmt: skip


def _decide(
    tenant: Tenant,
    file: InboxFile,
    part: InboxPart,
    source: Segment,
    transactions: dict[int, Transaction],
    problems: dict[int, tuple[str, str]],
    report: ReceiveReport,
) -> None:
    """One acknowledgement in one transaction; skipped when another run decides it or has decided it."""
    with tenant_scope(tenant):
        locked = (
            InboxPart.objects.select_for_update(skip_locked=True)
            .filter(pk=part.pk, fate=InboxPart.Fate.PENDING)
            .first()
        )
        if locked is None:
            return
        problem, place = problems.get(locked.byte_start, ("", ""))
        if problem:
            _quarantine_part(file, locked, problem, place, report)
            return
        transaction = transactions.get(locked.byte_start)
        result = _repeated(file, locked) or (
            ANSWERS[locked.kind](part=locked, transaction=transaction)
            if locked.kind in ANSWERS
            else apply_part(file=file, part=locked, source=source, transaction=transaction)
        )
        _settle(locked, result)
        failpoint("receive.after_acknowledgement")
    report.acknowledged += result.fate == InboxPart.Fate.ACKNOWLEDGED
    report.duplicates += result.fate == InboxPart.Fate.DUPLICATE
    report.held += result.fate == InboxPart.Fate.HELD
    report.claims_moved += result.moved
    report.rejected += result.rejected
    report.orphans += result.orphans


def _settle(part: InboxPart, result: AckResult) -> None:
    part.fate, part.reason, part.decided_at = result.fate, result.reason, clock.now()
    part.save(update_fields=["fate", "reason", "decided_at"])


def _repeated(file: InboxFile, part: InboxPart) -> AckResult | None:
    """The same control numbers from the same source in an earlier file: the same bytes are a duplicate, others wait."""
    earlier = (
        InboxPart.objects.filter(
            kind=part.kind, file__source=file.source, interchange_control_number=part.interchange_control_number,
            group_control_number=part.group_control_number,
            transaction_control_number=part.transaction_control_number, fate=InboxPart.Fate.ACKNOWLEDGED,
        )
        .exclude(file=file)
        .select_related("file")
    )  # fmt: skip
    own = bytes(file.content)[part.byte_start : part.byte_end].strip()
    for other in earlier:
        if bytes(other.file.content)[other.byte_start : other.byte_end].strip() == own:
            return AckResult(fate=InboxPart.Fate.DUPLICATE, reason=f"It came before in {other.file.name}")
    if not earlier or part.kind == "TA1":  # a TA1 has no number of its own
        return None
    other = earlier[0]
    raise_work_item(
        worklist=Worklist.ORPHAN_ACKNOWLEDGEMENTS, key=f"reused:{part.pk}", reason_code="REUSED_CONTROL_NUMBER",
        reason=f"Its control numbers came before in {other.file.name} with other content.",
        what_to_do="Ask the sender which of the two counts", subject_type="inbox_part", subject_id=part.pk,
        file_id=file.pk, file_name=file.name,
    )  # fmt: skip
    return AckResult(fate=InboxPart.Fate.HELD, reason="Its control numbers came before with other content")
