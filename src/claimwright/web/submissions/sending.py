"""Ready claims into files, files to the partner, and the claims' states after them.

`submit_ready` and `send_prepared` reach over the network: they run outside any transaction and commit each step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from claimwright.billing.lifecycle import State, Trigger
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.to_x12.parties import Receiver, Submitter
from claimwright.claims.to_x12.professional import build_interchange, build_transaction, shares
from claimwright.claims.to_x12.text import Unwritable
from claimwright.edits.engine import open_blockers, run_interchange
from claimwright.edits.facts import Facts
from claimwright.edits.interchange import Partner, read_interchange
from claimwright.edits.shapes import Finding
from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.locks import outside_transaction
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as, raise_work_item, record_audit
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import Connection, OutboxFile
from claimwright.web.exchange.services import (
    SENDABLE,
    ControlNumbers,
    OutboxRefused,
    cancel_outbox,
    prepare_outbox,
    send_outbox,
)
from claimwright.web.submissions.models import ClaimVersion, EditFinding, Submission
from claimwright.web.submissions.moves import Move, move_all
from claimwright.web.submissions.scrubbing import scrub
from claimwright.x12 import ValueRefused, read

CLAIMS_PER_FILE = 5_000
CONFIRMED = (OutboxFile.State.SENT, OutboxFile.State.ACKED, OutboxFile.State.REJECTED)
COULD_NOT_WRITE = "ENV11"  # the structure the guide asks for could not be written


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What became of claims that a person sent: in a file that got through, not sent, and what stood in the way."""

    sent: int = 0
    left: int = 0
    problem: str = ""


class FileHeld(Exception):
    """The rendered file has findings: it is not kept, and its control numbers go unused."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(finding.edit_id for finding in findings))
        self.findings = findings


def submit_ready(
    *, tenant: Tenant, connection: Connection | None = None, send: bool = True, claims_per_file: int = CLAIMS_PER_FILE
) -> list[OutboxFile]:
    """All READY claims into 837P files, one connection at a time, and out; the files built now are answered.

    Files of an earlier run that did not get through go first. Claims whose payer has no connection are listed.
    """
    outside_transaction()
    built: list[OutboxFile] = []
    with acting_as("submit"):
        if send:
            send_prepared(tenant=tenant, connection=connection)
        with tenant_scope(tenant):
            active = Connection.objects.filter(active=True).order_by("name")
            targets = list(active.filter(pk=connection.pk) if connection else active)
            _list_unconnected()
        for target in targets:
            while True:
                file = _batch(tenant, target, claims_per_file)
                if file is None:
                    break
                failpoint("submissions.after_batch")
                built.append(file)
        if send:
            send_prepared(tenant=tenant, connection=connection)
        with tenant_scope(tenant):
            found = OutboxFile.objects.in_bulk([file.pk for file in built])
            return [found[file.pk] for file in built]


def send_chosen(*, tenant: Tenant, version_ids: Sequence[str]) -> Chosen:
    """These claims at once, in files of their own, without waiting for the next batch; who asked is the caller's actor.

    The edits run first: what they hold is left. Again sends nothing twice, for what went out is not READY any more.
    """
    outside_transaction()
    with tenant_scope(tenant):
        scrub(version_ids=[UUID(one) for one in version_ids])
        ready = ClaimVersion.objects.filter(pk__in=version_ids, state=State.READY)
        lost = ready.filter(claim__payer__connection__isnull=True).values_list("claim__payer__name", flat=True).first()
        ids = ready.filter(claim__payer__connection__active=True).values_list("claim__payer__connection_id", flat=True)
        targets = list(Connection.objects.filter(pk__in=set(ids)).order_by("name"))
        if lost:
            _list_unconnected()
    built = []
    for target in targets:
        while (file := _batch(tenant, target, CLAIMS_PER_FILE, version_ids)) is not None:
            built.append(file)
    send_prepared(tenant=tenant)  # also what a run that was cut off had built of these
    with tenant_scope(tenant):
        out = ClaimVersion.objects.filter(pk__in=version_ids)
        left = out.filter(state__in=[State.DRAFT, State.EDIT_HOLD, State.READY, State.BATCHED]).count()
        files = OutboxFile.objects.filter(pk__in=[file.pk for file in built])
        problem = files.exclude(problem="").values_list("problem", flat=True).first() or ""
        if not problem and out.filter(state=State.READY, claim__payer__connection__active=True).exists():
            problem = "the file did not pass its own edits: it stands on the list of file edits with what to do"
        if lost:
            problem = f"{lost} has no connection to go out on: choose it at the payer, or print the claim"
        return Chosen(sent=out.count() - left, left=left, problem=problem)


def _list_unconnected() -> None:
    lost = ClaimVersion.objects.filter(state=State.READY, claim__payer__connection__isnull=True)
    payers = lost.order_by("claim__payer__name").values_list("claim__payer_id", "claim__payer__name").distinct()
    for payer_id, name in payers:
        raise_work_item(
            worklist=Worklist.CONNECTION_PROBLEMS, key=f"payer-connection:{payer_id}", reason_code="NO_CONNECTION",
            reason=f"Ready claims to {name} have no way out: the payer has no connection.",
            what_to_do="Choose the connection at the payer, then submit again.", subject_type="payer",
            subject_id=payer_id, reopen=True,
        )  # fmt: skip


def _batch(
    tenant: Tenant, connection: Connection, limit: int, chosen: Sequence[str] | None = None
) -> OutboxFile | None:
    """One file of at most `limit` ready claims, of the chosen ones alone where some are; None when none is left."""
    try:
        with tenant_scope(tenant):
            ready = ClaimVersion.objects.filter(state=State.READY, claim__payer__connection=connection)
            versions = list(
                (ready if chosen is None else ready.filter(pk__in=chosen))
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("claim__payer", "claim__practice")
                .order_by("claim__practice_id", "claim__payer__payer_id", "control_number")[:limit]
            )
            versions = _writable(versions)
            return _build(connection, versions) if versions else None
    except FileHeld as held:
        with tenant_scope(tenant):
            _list_held_file(connection, held.findings)
        return None


def _writable(versions: Sequence[ClaimVersion]) -> list[ClaimVersion]:
    """Those whose content can be rendered; the others go back to the edit list with what is wrong."""
    bad: list[tuple[ClaimVersion, str]] = []
    good = []
    for version in versions:
        problem = _problem(version)
        if problem:
            bad.append((version, problem))
        else:
            good.append(version)
    EditFinding.objects.bulk_create(
        [
            EditFinding(
                version=version, edit_id=COULD_NOT_WRITE, severity="R", path="claim", found_on=clock.today(),
                message=f"The claim cannot be written: {problem}", fix="Correct the field, then run the edits again",
            )
            for version, problem in bad
        ]
    )  # fmt: skip
    move_all(moves=[Move(version=version, trigger=Trigger.FINDING, note=problem) for version, problem in bad])
    for version, problem in bad:
        raise_work_item(
            worklist=Worklist.EDIT_HOLDS, key=f"edits:{version.pk}", reason_code=COULD_NOT_WRITE,
            reason=f"The claim cannot be written: {problem}", what_to_do="Correct the field, then run the edits again",
            subject_type="claim_version", subject_id=version.pk, claim_number=version.control_number,
            amount=version.total_charge, practice_id=version.claim.practice_id, reopen=True,
        )  # fmt: skip
    return good


def _problem(version: ClaimVersion) -> str:
    """What the writer refuses in this claim: segment, element and reason, never the value."""
    try:
        build_transaction(
            [msgspec.convert(version.content, ClaimNoun)], submitter=Submitter(name="TRIAL", identifier="TRIAL"),
            receiver=Receiver(name="TRIAL", identifier="TRIAL"), reference="TRIAL", when=clock.now(),
            control_number="0001",
        )  # fmt: skip
    except (ValueRefused, Unwritable) as refused:
        return str(refused)
    return ""


def _build(connection: Connection, versions: Sequence[ClaimVersion]) -> OutboxFile:
    contents = [msgspec.convert(version.content, ClaimNoun) for version in versions]
    used = OutboxFile.objects.filter(sender=connection.sender_id, receiver=connection.receiver_id)
    numbers_used = frozenset(f"{n:09d}" for n in used.values_list("interchange_control_number", flat=True))

    def content(numbers: ControlNumbers) -> bytes:
        rendered = build_interchange(
            contents, submitter=submitter_of(connection), receiver=receiver_of(connection),
            envelope=numbers.envelope, control_number=numbers.interchange, group_control_number=numbers.group,
            reference=batch_reference(numbers.interchange), when=numbers.when,
        )  # fmt: skip
        blockers = open_blockers(_check_file(rendered, connection, numbers_used, {noun.kind for noun in contents}))
        if blockers:
            raise FileHeld(blockers)
        return rendered

    file = prepare_outbox(connection=connection, content_builder=content)
    sets = {noun.control_number: f"{number:04d}" for number, share in enumerate(shares(contents), 1) for noun in share}
    first: dict[UUID, Submission] = {}
    for row in Submission.objects.filter(version__in=versions).order_by("file__prepared_at"):
        first[row.version_id] = row
    Submission.objects.bulk_create(
        [
            Submission(
                version=version, file=file, transaction_control_number=sets[version.control_number],
                resend_of=first.get(version.pk),
            )
            for version in versions
        ],
        batch_size=2000,
    )  # fmt: skip
    move_all(moves=[Move(version=version, trigger=Trigger.BATCH, note=file.name) for version in versions])
    record_audit(
        action="claims.batch", subject_type="outbox_file", subject_id=file.pk, detail=f"{len(versions)} claims"
    )
    return file


def batch_reference(interchange: int, transaction: int = 1) -> str:
    """BHT03 of a set: what a 277CA names the batch by. The writer numbers the second set and on the same way."""
    reference = f"B{interchange:09d}"
    return reference if transaction == 1 else f"{reference}-{transaction}"


def submitter_of(connection: Connection) -> Submitter:
    return Submitter(
        name=connection.submitter_name or connection.sender_id,
        identifier=connection.sender_id,
        contact_name=connection.submitter_contact,
        phone=connection.submitter_phone,
    )


def receiver_of(connection: Connection) -> Receiver:
    return Receiver(name=connection.receiver_name or connection.receiver_id, identifier=connection.receiver_id)


def _check_file(rendered: bytes, connection: Connection, used: frozenset[str], kinds: set[str]) -> tuple[Finding, ...]:
    """The ENV edits on the file as it would go, with claims of these kinds."""
    rows = (segment.elements for segment in read(rendered).segments)
    partner = Partner(
        sender_id=connection.sender_id, receiver_id=connection.receiver_id,
        group_sender_id=connection.application_sender or connection.sender_id,
        group_receiver_id=connection.application_receiver or connection.receiver_id, usage=connection.usage,
        used_control_numbers=used,
    )  # fmt: skip
    file = read_interchange(rows, next(iter(kinds)) if len(kinds) == 1 else "")
    return run_interchange(Facts(today=clock.today(), interchange=file, partner=partner))


def _list_held_file(connection: Connection, findings: Sequence[Finding]) -> None:
    raise_work_item(
        worklist=Worklist.FILE_EDITS, key=f"file-edits:{connection.pk}", reason_code=findings[0].edit_id,
        reason="; ".join(dict.fromkeys(f"{finding.edit_id} {finding.message}" for finding in findings)),
        what_to_do=findings[0].fix, subject_type="connection", subject_id=connection.pk, reopen=True,
    )  # fmt: skip


def send_prepared(*, tenant: Tenant, connection: Connection | None = None) -> list[OutboxFile]:
    """Every file that has not got through yet, once each, and the claims of those that have."""
    outside_transaction()
    with tenant_scope(tenant):
        waiting = OutboxFile.objects.filter(state__in=SENDABLE)
        if connection is not None:
            waiting = waiting.filter(connection=connection)
        files = list(waiting.defer("content").order_by("prepared_at", "interchange_control_number"))
        repaired = list(
            OutboxFile.objects.filter(state__in=CONFIRMED, submissions__version__state=State.BATCHED)
            .defer("content")
            .distinct()
        )
    sent = []
    for file in files:
        try:
            sent.append(send_outbox(file=file))
        except OutboxRefused as refused:
            with tenant_scope(tenant):
                raise_work_item(
                    worklist=Worklist.CONNECTION_PROBLEMS, key=f"refused:{file.pk}", reason_code="REFUSED",
                    reason=str(refused), what_to_do="Put the connection right, or cancel the batch and build it again",
                    subject_type="outbox_file", subject_id=file.pk, file_name=file.name, reopen=True,
                )  # fmt: skip
    failpoint("submissions.before_confirm")
    for file in [*repaired, *sent]:
        with tenant_scope(tenant):
            confirm_sent(file=file)
    return sent


def confirm_sent(*, file: OutboxFile) -> int:
    """The claims of a file that got through are SENT; says how many moved. Again changes nothing."""
    state = OutboxFile.objects.values_list("state", flat=True).get(pk=file.pk)
    if state not in CONFIRMED:
        return 0
    versions = _versions_in(file, State.BATCHED)
    move_all(moves=[Move(version=one, trigger=Trigger.SEND_CONFIRMED, note=file.name) for one in versions])
    return len(versions)


def _versions_in(file: OutboxFile, state: State) -> list[ClaimVersion]:
    """Versions whose newest submission is this file."""
    submitted = Submission.objects.filter(file=file).values_list("version_id", flat=True)
    rows = list(
        ClaimVersion.objects.filter(pk__in=submitted, state=state).select_for_update().order_by("control_number")
    )
    newest: dict[UUID, UUID] = {}
    for version_id, file_id in (
        Submission.objects.filter(version__in=rows)
        .order_by("file__prepared_at", "file__interchange_control_number")
        .values_list("version_id", "file_id")
    ):
        newest[version_id] = file_id
    return [version for version in rows if newest[version.pk] == file.pk]


def cancel_batch(*, file: OutboxFile, reason: str) -> int:
    """A file that never began to leave is given up and its claims are READY again; says how many."""
    cancel_outbox(file=file, reason=reason)
    versions = _versions_in(file, State.BATCHED)
    move_all(moves=[Move(version=one, trigger=Trigger.BATCH_CANCELLED, note=reason) for one in versions])
    return len(versions)


def claims_by_file(file_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """File id to the control numbers of the claims in it."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Submission.objects.filter(file_id__in=set(file_ids)).order_by("version__control_number")
    for file_id, number in rows.values_list("file_id", "version__control_number"):
        found[file_id].append(number)
    return dict(found)
