"""The daily dunning run: each account's clock, and the one step that is due; and what stops it, as soon as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from claimwright.billing.dunning import (
    REMINDERS,
    STOP_WORDS,
    Clock,
    Reachable,
    Step,
    StopKind,
    contact_for,
    contact_window,
    due_step,
    next_step,
)
from claimwright.claims.nouns import ZERO, Address
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.documents.final_notice import FinalNotice, render
from claimwright.documents.statement_words import LANGUAGES
from claimwright.web.core import clock as clock_of_day
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import next_number, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.patients.registration import details_of
from claimwright.web.payments.guarantors import addressee_of
from claimwright.web.payments.statements import Terms, patients_who_owe, preview_statements
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.agencies import await_agency_review, decline_placement, list_review, owed_of
from claimwright.web.recoveries.models import AgencyPlacement
from claimwright.web.statements.clocks import Clocks
from claimwright.web.statements.delivery import zones
from claimwright.web.statements.holds import bars_of
from claimwright.web.statements.issuing import by_email, mail_is_barred, office_phone
from claimwright.web.statements.links import pay_at
from claimwright.web.statements.models import (
    Account,
    ClockStop,
    Contact,
    Delivery,
    DunningStep,
    GuarantorStatement,
    Notice,
    StatementPart,
)

# What to say or to send: no amount, no visit, no name. {url} is blank without a public address.
CONTACT_WORDS = {
    "en": "{practice}: please call {phone} about your account. We are glad to help.{url}",
    "es": "{practice}: por favor llame al {phone} sobre su cuenta. Con gusto le ayudamos.{url}",
}


class DunningRun(msgspec.Struct):
    """One run: how many accounts have a running clock, steps done by name, clocks that something stopped by reason.

    `looked_at` are the accounts that were read; the others count as the last run left them.
    """

    running: int = 0
    done: dict[str, int] = msgspec.field(default_factory=dict)
    stopped: dict[str, int] = msgspec.field(default_factory=dict)
    looked_at: int = 0


def run_dunning(*, as_of: date | None = None) -> DunningRun:
    """Look at each account that may have come to something, and do the one step that is due on each; doing it again on
    the day changes nothing."""
    on = as_of or clock_of_day.today()
    with connection.cursor() as cursor:  # a second run waits here, then finds the first one's steps
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dunning:{current_tenant().pk}"])
    accounts = _alive()
    run = DunningRun(looked_at=len(accounts), stopped=_left_alone(accounts))
    clocks = Clocks(accounts, on)
    standing, listed = clocks.standing(), _listed_without_row(accounts)
    for account in accounts:
        clocks.keep(account, standing.get(account.pk, set()))
        clock = clocks.clock(account)
        done = dict(clocks.steps(account, clock))
        if clock.runs:
            run.running += 1
            step = due_step(clock, done, on, policies_of(account.practice))
            if step is not None and _take(account, clock, step, on, clocks.patients[account.pk], done):
                done[step] = on
                run.done[step] = run.done.get(step, 0) + 1
            elif account.pk in listed and Step.FINAL_NOTICE in done:
                _review(clocks.patients[account.pk], done[Step.FINAL_NOTICE])
        elif clock.stopped_by is not None:
            words = STOP_WORDS[clock.stopped_by]
            run.stopped[words] = run.stopped.get(words, 0) + 1
        _keep(account, clock, done, on)
    resolve_work_items(keys=[_account_key(pk) for pk in listed], resolution="Listed by patient, or the clock stopped")
    _stop_what_waits(accounts)
    _forget_returned_mail()
    return run


def _alive() -> list[Account]:
    """The accounts of which something is owed, whose clock runs, or in whose way something stands.

    Of any other nothing is asked, today or until it owes again: a clock that was stopped starts with another statement,
    and those go to who owes. So the work of a day follows what is open, not how many patients there ever were.
    """
    owing = patients_who_owe()
    named = StatementPart.objects.filter(statement__patient__in=owing).values("whole__account")
    in_the_way = ClockStop.objects.filter(ended_on__isnull=True).values("account")
    alive = Q(clock_started_on__isnull=False) | Q(patient__in=owing) | Q(pk__in=named) | Q(pk__in=in_the_way)
    rows = Account.objects.filter(alive).select_related("practice", "patient__practice", "patient__guarantor")
    return list(rows.order_by("key"))


def _left_alone(accounts: Sequence[Account]) -> dict[str, int]:
    """Accounts that are not looked at, by what stopped their clock."""
    others = Account.objects.exclude(pk__in=[one.pk for one in accounts]).exclude(stopped_by="")
    counted = others.values_list("stopped_by").annotate(count=Count("pk"))
    return {STOP_WORDS[StopKind(kind)]: count for kind, count in counted}


def _keep(account: Account, clock: Clock, done: dict[Step, date], on: date) -> None:
    """The clock's columns for lists, written where they changed."""
    following = next_step(clock, done, policies_of(account.practice))
    told = {
        "clock_started_on": clock.started_on, "stopped_by": clock.stopped_by or "",
        "next_step": following[0] if following else "", "next_step_on": following[1] if following else None,
    }  # fmt: skip
    changed = [name for name, value in told.items() if getattr(account, name) != value]
    if changed:
        for name in changed:
            setattr(account, name, told[name])
        account.followed_on = on
        account.save(update_fields=[*changed, "followed_on"])


def _stop_what_waits(accounts: list[Account]) -> None:
    """Where no clock runs nobody is called, no notice goes out and no agency is thought of."""
    stopped = [account.pk for account in accounts if account.clock_started_on is None]
    Contact.objects.filter(account__in=stopped, state=Contact.State.TO_MAKE).update(
        state=Contact.State.CANCELLED, note="The clock stopped"
    )
    Delivery.objects.filter(account__in=stopped, state=Delivery.State.WAITING, notice__isnull=False).update(
        state=Delivery.State.CANCELLED, reason="The clock stopped"
    )
    for placement in _reviews_of(stopped):
        decline_placement(placement=placement, reason="Something stopped the dunning clock")


def _forget_returned_mail() -> None:
    """Items of mail that came back, where the flag has gone from the patient since."""
    items = WorkItem.objects.filter(worklist=Worklist.RETURNED_MAIL, key__startswith="returned-mail:")
    keys = list(items.exclude(state=WorkItem.State.DONE).values_list("key", flat=True))
    if not keys:
        return
    asked = {UUID(key.rpartition(":")[2]): key for key in keys}
    found = [
        row.pk
        for row in Account.objects.filter(pk__in=asked).select_related("patient")
        if "bad_address" not in row.patient.flags
    ]
    resolve_work_items(keys=[asked[pk] for pk in found], resolution="Another address is known")


def _account_key(account_id: object) -> str:
    return f"agency-review:{account_id}"


def _listed_without_row(accounts: Sequence[Account]) -> set[UUID]:
    """Accounts that an earlier release listed for an agency without the row that one places."""
    keys = {_account_key(one.pk): one.pk for one in accounts}
    items = WorkItem.objects.filter(worklist=Worklist.AGENCY_REVIEW, key__in=list(keys))
    return {keys[key] for key in items.exclude(state=WorkItem.State.DONE).values_list("key", flat=True)}


def _reviews_of(accounts: Sequence[UUID]) -> list[AgencyPlacement]:
    """Reviews that the final notices of these accounts led to; one after a broken plan is not theirs to end."""
    notices = Notice.objects.filter(
        account__in=accounts, account__statements__parts__statement__patient=OuterRef("patient"),
        written_on=OuterRef("final_notice_on"),
    )  # fmt: skip
    return list(AgencyPlacement.objects.filter(Exists(notices), state="REVIEW").order_by("number"))


def _take(
    account: Account, clock: Clock, step: Step, on: date, patients: set[UUID], done: Mapping[Step, date]
) -> bool:  # fmt: skip
    """Do the step and write it down; False where nothing may be asked for today, so that it is looked at tomorrow."""
    amount = asked_amount(patients, on)
    if amount <= 0:
        return False
    if step in REMINDERS:
        how = _remind(account, step, on)
    elif step is Step.FINAL_NOTICE:
        if mail_is_barred(account):
            return False
        _notify(account, clock, amount, on)
        how = "letter"
    else:
        _review(patients, done[Step.FINAL_NOTICE])
        how = "worklist"
    assert clock.started_on is not None
    DunningStep.objects.create(
        account=account, clock_started_on=clock.started_on, step=step, done_on=on, how=how
    )  # fmt: skip
    record_audit(action=f"dunning.{step.lower()}", subject_type="account", subject_id=account.pk, detail=how)
    return True


def asked_amount(patients: set[UUID], on: date) -> Decimal:
    """What a statement would ask of these patients together today, were the cycle over; zero where one is held."""
    told = preview_statements(as_of=on, terms=Terms(only={str(one) for one in patients}, bars=bars_of(patients, on)))
    return sum((amount for _, amount in told.issued), ZERO)


def _remind(account: Account, step: Step, on: date) -> str:
    """A text or call to make; else the link by e-mail; else the next statement says it in its tone."""
    person, policies = account.patient, policies_of(account.practice)
    rows = list(person.phones.filter(end__isnull=True).order_by("start", "pk"))
    phones = [
        Reachable(number=row.number, kind=row.kind, may_call=row.may_call, may_text=row.may_text, consent_on=row.consent_on)
        for row in rows
    ]  # fmt: skip
    found = contact_for(phones, preferred=details_of(person).channel, on=on)
    if found is not None:
        channel, phone = found
        opens, closes = contact_window(on, zones(account), policies)
        language = person.language[:2] if person.language[:2] in CONTACT_WORDS else "en"
        url = pay_at("ST0")[0]
        Contact.objects.create(
            account=account, step=step, channel=channel, phone=rows[phones.index(phone)], language=language,
            contact_on=on, opens_at=opens, closes_at=closes,
            words=CONTACT_WORDS[language].format(
                practice=account.practice.statement_name or account.practice.name,
                phone=office_phone(account.practice), url=f" {url}" if url else "",
            )[:320],
        )  # fmt: skip
        return str(channel)
    latest = _latest(account)
    if by_email(account) and latest is not None:
        Delivery.objects.create(account=account, whole=latest, channel="email", made_on=on)
        return "email"
    return "statement"


def _latest(account: Account) -> GuarantorStatement | None:
    issued = account.statements.filter(state=GuarantorStatement.State.ISSUED)
    return issued.order_by("-issued_on", "-number").first()


def _notify(account: Account, clock: Clock, amount: Decimal, on: date) -> Notice:
    policies, practice, latest = policies_of(account.practice), account.practice, _latest(account)
    assert latest is not None  # a clock runs from a statement
    assert clock.started_on is not None
    addressee, patient = addressee_of(account.patient), account.patient
    biller = msgspec.convert(practice.content, ProviderNoun)
    language = addressee.language[:2].lower()
    url, code = pay_at(latest.number)
    told = FinalNotice(
        number=f"FN{next_number(name='FN'):07d}", written_on=on, first_asked_on=clock.started_on,
        answer_by=on + timedelta(days=policies.agency_review_days - policies.final_notice_days),
        language=language if language in LANGUAGES else LANGUAGES[0],
        practice_name=practice.statement_name or practice.name, practice_address=biller.address,
        practice_phone=practice.statement_phone or biller.phone,
        pay_to_address=msgspec.convert(practice.pay_to_address, Address) if practice.pay_to_address else None,
        account=patient.record_number, name=addressee.name or f"{patient.first_name} {patient.last_name}".strip(),
        address=addressee.address, last_statement=latest.number, amount_due=amount, payment_url=url,
        statement_code=code, spanish_tagline=language not in LANGUAGES,
    )  # fmt: skip
    pdf = render(told)
    notice = Notice.objects.create(
        account=account, number=told.number, written_on=on, answer_by=told.answer_by, language=told.language,
        amount_due=amount, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), content=msgspec.to_builtins(told),
    )  # fmt: skip
    Delivery.objects.create(account=account, notice=notice, channel="mail", made_on=on)
    return notice


def _review(patients: set[UUID], notice_on: date) -> None:
    """Each patient of the account who owes of what the notice asked for comes up for an agency."""
    for patient in Patient.objects.filter(pk__in=patients).select_related("practice").order_by("record_number"):
        if owed_of(patient, notice_on):
            list_review(placement=await_agency_review(patient=patient, final_notice_on=notice_on))
