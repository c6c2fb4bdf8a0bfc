"""The jobs of an office, as a table: when each runs and which service it calls. Every service is safe to run again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings

from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope

if TYPE_CHECKING:
    from claimwright.web.statements.services import Emails

Counts = Mapping[str, object]


class JobFailed(RuntimeError):
    """A job found what a person must see; the text names no patient."""


@dataclass(frozen=True)
class Job:
    """`cron` has five fields (minute, hour, day, month, weekday) in the tenant's time zone."""

    name: str
    words: str
    cron: str
    run: Callable[[Tenant], Counts]


def _receive(tenant: Tenant) -> Counts:
    from claimwright.web.operations.receive import receive

    return _counts(receive(tenant=tenant))


def _ask_again(tenant: Tenant) -> Counts:
    from claimwright.web.operations.real_time import ask_due_again

    return _counts(ask_due_again(tenant=tenant))


def _post(tenant: Tenant) -> Counts:
    from claimwright.web.operations.post import post

    return _counts(post(tenant=tenant))


def _submit(tenant: Tenant) -> Counts:
    from claimwright.web.submissions.scrubbing import scrub
    from claimwright.web.submissions.sending import submit_ready

    with tenant_scope(tenant):
        edits = scrub()
    files = submit_ready(tenant=tenant)
    unsent = sum(bool(file.problem) for file in files)
    if unsent:
        raise JobFailed(f"{unsent} of {len(files)} files could not be sent; they go with the next run")
    return {"held by edits": edits.held, "files sent": len(files)}


def _end_of_day(tenant: Tenant) -> Counts:
    from claimwright.web.operations.day import end_day

    return _mailed(end_day(tenant=tenant))


def _mailed(found: Emails) -> Counts:
    """Links that no mail server took make the run a failed one: they wait, and somebody looks at the server."""
    if found.waiting:
        raise JobFailed(f"the mail server took {found.sent} links; {found.waiting} wait for the next run")
    return {"links sent": found.sent, "links refused": found.refused} if found.sent or found.refused else {}


def _statements(tenant: Tenant) -> Counts:
    from claimwright.web.statements.services import issue_due_statements

    with tenant_scope(tenant):
        run = issue_due_statements()
    if run.problems:
        raise JobFailed(f"{len(run.problems)} statements could not be made; {len(run.issued)} were issued")
    return {"issued": len(run.issued), "not due or held": sum(run.not_sent.values())}


def _prove_the_books(tenant: Tenant) -> Counts:
    from claimwright.web.close.services import record_audit_result

    # A process of its own: the auditor shares no code and no connection with what it audits.
    command = [sys.executable, "-m", "claimwright.cli", "audit", "books", "--tenant", tenant.slug, "--json",
               "--home", str(Path(settings.HOME))]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise JobFailed(f"the auditor ended with status {done.returncode} and no report") from None
    examined, faults = (
        sum(check["examined"] for check in found["checks"]),
        sum(len(check["faults"]) for check in found["checks"]),
    )
    sequence, _, digest = found["ledger_head"].partition(":")
    with tenant_scope(tenant):
        record_audit_result(ledger_sequence=int(sequence), ledger_hash=digest, examined=examined, faults=faults)
    if done.returncode or not found["balanced"]:
        raise JobFailed("the auditor found faults: run `claimwright audit books`, it names them")
    return {"examined": examined}


def _counts(report: object) -> Counts:
    """A report's own counts; what could not be done makes the run a failed one."""
    plain = msgspec.to_builtins(report)
    problems = plain.pop("problems", ())
    if problems:
        raise JobFailed("; ".join(str(one) for one in problems)[:2000])
    return {name.replace("_", " "): value for name, value in plain.items() if value}


JOBS: tuple[Job, ...] = (
    Job("receive", "Fetch what has arrived, and take the answers in", "*/15 * * * *", _receive),
    Job("ask_again", "Ask payers again that did not answer at once", "* * * * *", _ask_again),
    Job("post", "Post the remittances that wait", "5,20,35,50 * * * *", _post),
    Job("submit", "Check what is ready and send it", "0 12,17 * * 1-5", _submit),
    Job("end_of_day", "Credits, small balances, deadlines, follow-up", "0 20 * * *", _end_of_day),
    Job("statements", "Issue the statements that are due", "0 6 * * 1-5", _statements),
    Job("prove_the_books", "The auditor proves every cent", "0 2 * * *", _prove_the_books),
)
BY_NAME: Mapping[str, Job] = {job.name: job for job in JOBS}


# What a person asks for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A job without a schedule: a person asks for it, about what `JobRun.about` names. `beside` is the job of the table
    whose runs it never runs beside: both take from the same heap."""

    name: str
    words: str
    run: Callable[[Tenant, Mapping[str, object]], Counts]
    beside: str


def _send_claims(tenant: Tenant, about: Mapping[str, object]) -> Counts:
    from claimwright.web.submissions.sending import send_chosen

    sent = send_chosen(tenant=tenant, version_ids=[str(one) for one in _listed(about, "versions")])
    if sent.problem:
        raise JobFailed(sent.problem)
    return {"claims sent": sent.sent, "not sent": sent.left}


def _send_file_again(tenant: Tenant, about: Mapping[str, object]) -> Counts:
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.exchange.services import resend_ambiguous
    from claimwright.web.submissions.sending import confirm_sent

    with tenant_scope(tenant):
        file = OutboxFile.objects.get(pk=str(about["file"]))
    file = resend_ambiguous(file=file, reason=str(about["reason"]))
    if file.problem:
        raise JobFailed(f"the file did not go: {file.problem}")
    with tenant_scope(tenant):
        return {"claims confirmed": confirm_sent(file=file)}


def _send_waiting(tenant: Tenant, about: Mapping[str, object]) -> Counts:
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.submissions.sending import send_prepared

    sent = send_prepared(tenant=tenant)
    with tenant_scope(tenant):
        problem = OutboxFile.objects.filter(pk=str(about["file"])).values_list("problem", flat=True).first()
    if problem:
        raise JobFailed(f"the file did not go: {problem}")
    return {"files sent": len(sent)}


def _send_emails(tenant: Tenant, about: Mapping[str, object]) -> Counts:
    from claimwright.web.statements.services import send_emails

    return _mailed(send_emails(tenant=tenant))


def _look_at_statements(tenant: Tenant, about: Mapping[str, object]) -> Counts:
    from claimwright.web.operations.due_look import look_for_office

    return look_for_office(tenant=tenant)


def _listed(about: Mapping[str, object], name: str) -> list[object]:
    found = about.get(name)
    return list(found) if isinstance(found, list) else []


ASKED: Mapping[str, Asked] = {
    asked.name: asked
    for asked in (
        Asked("send_claims", "Send the claims a person chose", _send_claims, beside="submit"),
        Asked("send_waiting", "Send a file that waits", _send_waiting, beside="submit"),
        Asked("send_file_again", "Send a file again that may not have arrived", _send_file_again, beside="submit"),
        Asked("look_at_statements", "Work out which statements are due", _look_at_statements, beside="statements"),
        Asked("send_emails", "Send links to statements by e-mail", _send_emails, beside="end_of_day"),
    )
}


def words_of(job: str) -> str:
    """What a job is called; its name where this version knows it no more."""
    known = BY_NAME.get(job) or ASKED.get(job)
    return known.words if known is not None else job
