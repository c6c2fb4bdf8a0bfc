"""Statements to guarantors: issue those that are due, withdraw, issue anew, send the same again."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from claimwright.billing.dunning import statement_tone
from claimwright.claims.nouns import ZERO
from claimwright.documents.statement import StatementDocument, phone_text, render
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.patients.models import Patient
from claimwright.web.patients.registration import details_of
from claimwright.web.payments.guarantors import addressee_of, guarantor_key
from claimwright.web.payments.models import Statement
from claimwright.web.payments.statements import (
    StatementRun,
    Terms,
    issue_statements,
    patients_who_owe,
    preview_statements,
)
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.statements.clocks import Clocks
from claimwright.web.statements.holds import bars_of
from claimwright.web.statements.links import make_link, pay_at
from claimwright.web.statements.models import Account, Delivery, GuarantorStatement, StatementLink, StatementPart
from claimwright.web.statements.plan_notes import plan_notes


class StatementRefused(ValueError):
    """A statement cannot be withdrawn, issued or sent as asked; the message says why."""


def issue_due_statements(*, as_of: date | None = None) -> StatementRun:
    """Issue and queue each guarantor's statement that may go out; doing it twice is doing it once.

    What the run did to patients is told as `payments.statements.StatementRun`; one guarantor's parts go out as one.
    """
    on = as_of or clock.today()
    run = issue_statements(as_of=on, terms=_terms(on))
    _send_together(run.rows, None)
    return run


def preview_due_statements(*, as_of: date | None = None) -> StatementRun:
    """What the next run would issue, and who is held and why; nothing is written."""
    on = as_of or clock.today()
    return preview_statements(as_of=on, terms=_terms(on))


def _terms(on: date) -> Terms:
    owing = [UUID(one) for one in patients_who_owe()]
    accounts = list(Account.objects.filter(clock_started_on__isnull=False).select_related("practice"))
    clocks = Clocks(accounts, on)
    tones = {one.key: statement_tone(clocks.clock(one), policies_of(one.practice)) for one in accounts}
    return Terms(
        bars=bars_of(owing, on), tones=tones, withdrawn=_withdrawn(), online=pay_at, plan_notes=plan_notes(owing)
    )  # fmt: skip


def _withdrawn() -> list[UUID]:
    parts = StatementPart.objects.filter(whole__state=GuarantorStatement.State.VOID)
    return list(parts.values_list("statement_id", flat=True))


def _send_together(
    rows: Sequence[Statement], replaces: GuarantorStatement | None
) -> list[GuarantorStatement]:  # fmt: skip
    groups: dict[str, list[Statement]] = defaultdict(list)
    for row in rows:
        groups[guarantor_key(row.patient)].append(row)
    keys = list(groups)
    held = {one.key: one for one in Account.objects.filter(key__in=keys)}
    made = []
    for key in keys:
        parts = groups[key]
        account = held.get(key) or _new_account(key, parts[0].patient)
        whole = _whole(account, parts, replaces if not made else None)
        StatementPart.objects.bulk_create(
            StatementPart(whole=whole, statement=row, ordinal=number) for number, row in enumerate(parts, start=1)
        )
        if settings.PUBLIC_URL:
            make_link(whole=whole)
        queue(account=account, whole=whole)
        made.append(whole)
    return made


def _new_account(key: str, patient: Patient) -> Account:
    return Account.objects.create(key=key, practice=patient.practice, patient=patient.guarantor or patient)


def _whole(account: Account, parts: Sequence[Statement], replaces: GuarantorStatement | None) -> GuarantorStatement:
    first = parts[0]
    told = {
        "account": account, "issued_on": first.issued_on, "due_on": max(row.due_on for row in parts),
        "language": first.language, "amount_due": sum((row.amount_due for row in parts), ZERO), "replaces": replaces,
        "tone": first.content.get("tone", 0),
    }  # fmt: skip
    if len(parts) == 1:
        return GuarantorStatement.objects.create(number=first.number, sha256=first.sha256, **told)
    document = _joined([msgspec.convert(row.content, StatementDocument) for row in parts])
    pdf = render(document)
    return GuarantorStatement.objects.create(
        number=document.number, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), content=msgspec.to_builtins(document),
        **told,
    )  # fmt: skip


def _joined(parts: Sequence[StatementDocument]) -> StatementDocument:
    """The patients' statements as one: each visit names its patient, totals and ages are the sums."""
    first, number = parts[0], f"ST{next_number(name='ST'):07d}"
    url, code = pay_at(number)
    ages: dict[str, object] = {}
    for part in parts:
        for label, amount in part.aging:
            ages[label] = ages.get(label, ZERO) + amount  # type: ignore[operator]
    visits = [
        msgspec.structs.replace(visit, patient=part.patient_name) for part in parts for visit in part.visits
    ]  # fmt: skip
    visits.sort(key=lambda visit: (visit.date_of_service, visit.patient))
    return msgspec.structs.replace(
        first, number=number, visits=tuple(visits), total_due=sum((part.total_due for part in parts), ZERO),
        aging=tuple(ages.items()), patient_name=", ".join(dict.fromkeys(part.patient_name for part in parts)),
        account=", ".join(part.account for part in parts if part.account),
        plan_note=" ".join(dict.fromkeys(part.plan_note for part in parts if part.plan_note)),
        unapplied_credit=sum((part.unapplied_credit for part in parts), ZERO), payment_url=url, statement_code=code,
    )  # fmt: skip


def pdf_of(whole: GuarantorStatement) -> bytes:
    """The bytes as issued."""
    return bytes(whole.pdf) if whole.pdf is not None else bytes(whole.parts.get().statement.pdf)


def document_of(whole: GuarantorStatement) -> StatementDocument:
    """What it says, as issued."""
    content = whole.content if whole.content is not None else whole.parts.get().statement.content
    return msgspec.convert(content, StatementDocument)


def queue(*, account: Account, whole: GuarantorStatement, paper: bool = False) -> Delivery:
    """A piece to send: by e-mail as a link where the patient wants that and it is set up, else on paper."""
    email = not paper and by_email(account)
    return Delivery.objects.create(
        account=account, whole=whole, channel="email" if email else "mail", made_on=clock.today()
    )


def by_email(account: Account) -> bool:
    """Whether the guarantor chose e-mail, gave an address, and this installation has a public address to link to."""
    chosen = details_of(account.patient)
    return bool(settings.PUBLIC_URL and chosen.email and chosen.channel in ("email", "portal"))


def void_statement(*, whole: GuarantorStatement, reason: str) -> GuarantorStatement:
    """Withdraw a statement: kept as issued, no longer sent, shown online or counted by the clock. Again does nothing."""
    whole = GuarantorStatement.objects.select_for_update().get(pk=whole.pk)
    if whole.state == GuarantorStatement.State.VOID:
        return whole
    if not reason.strip():
        raise StatementRefused("say why the statement is withdrawn")
    whole.state, whole.void_reason = GuarantorStatement.State.VOID, reason.strip()[:200]
    whole.voided_on, whole.voided_by = clock.today(), actor()
    whole.save(update_fields=["state", "void_reason", "voided_on", "voided_by"])
    StatementLink.objects.filter(whole=whole, revoked_on__isnull=True).update(revoked_on=clock.today())
    whole.deliveries.filter(state=Delivery.State.WAITING).update(
        state=Delivery.State.CANCELLED, reason="The statement was withdrawn"
    )
    record_audit(action="statement.voided", subject_type="statement", subject_id=whole.pk, detail=whole.number)
    return whole


def reissue_statement(*, whole: GuarantorStatement, reason: str) -> GuarantorStatement:
    """Withdraw a statement and issue another in its place from the books as they stand, whatever the cycle says.

    Raises StatementRefused where none may go out now; then the first one still stands.
    """
    with transaction.atomic():
        # Locked: of two who press at once the second finds it withdrawn, and issues nothing.
        whole.refresh_from_db(fields=["state"], from_queryset=GuarantorStatement.objects.select_for_update())
        if whole.state == GuarantorStatement.State.VOID:
            raise StatementRefused("the statement is withdrawn already")
        void_statement(whole=whole, reason=reason)
        on = clock.today()
        patients = {str(part.statement.patient_id) for part in whole.parts.select_related("statement")}
        ids = [UUID(one) for one in patients]
        terms = Terms(bars=bars_of(ids, on), only=patients, online=pay_at, plan_notes=plan_notes(ids))
        run = issue_statements(as_of=on, terms=terms)
        made = _send_together(run.rows, whole)
        if not made:
            raise StatementRefused(run.held[0].reason if run.held else "nothing is owed any more")
    return made[0]


def send_again(*, whole: GuarantorStatement) -> Delivery:
    """The same pages once more on paper. Raises StatementRefused for a withdrawn one or where mail came back."""
    whole.refresh_from_db(fields=["state"])
    if whole.state == GuarantorStatement.State.VOID:
        raise StatementRefused("a withdrawn statement is not sent")
    if mail_is_barred(whole.account):
        raise StatementRefused("mail came back from the address; find another first")
    record_audit(action="statement.sent_again", subject_type="statement", subject_id=whole.pk, detail=whole.number)
    return queue(account=whole.account, whole=whole, paper=True)


def office_phone(practice: Practice) -> str:
    """The number patients call about their bills, as it is printed."""
    return phone_text(practice.statement_phone or practice.content.get("phone", ""))


def mail_is_barred(account: Account) -> bool:
    return "bad_address" in account.patient.flags or not addressee_of(account.patient).address.line1
