"""The daily dunning run over an account's life, on a fake clock: each step once, on its day, and every stop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.web.statements.desk import PAID, SendingDesk

START = date(2026, 3, 2)


@pytest.fixture
def desk(tenant):
    made = SendingDesk(tenant)
    made.set_day(START)
    made.visit(*PAID, on=date(2026, 2, 1), dos=date(2026, 1, 5))
    return made


def run_days(desk, first: int, last: int, every=1):
    """Statements, then dunning, on each day: what was done, by day."""
    found = {}
    for number in range(first, last + 1, every):
        desk.set_day(START + timedelta(days=number))
        issued = [due for _, due in desk.send().issued]
        done = dict(desk.dun().done)
        if issued or done:
            found[number] = [*map(str, issued), *done]
    return found


def a_phone(desk, **fields):
    from claimwright.web.patients.models import PatientPhone

    with desk.scope():
        return PatientPhone.objects.create(
            patient=desk.patient, kind="mobile", number="6085550101", start=date(2026, 1, 1), **fields
        )


def test_an_account_nobody_answers_for_from_statement_to_review(desk):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.recoveries.models import AgencyPlacement

    phone = a_phone(desk, may_text=True, consent_on=date(2026, 1, 1))
    days = [0, 1, 28, 29, 30, 31, 56, 60, 84, 90, 99, 100, 101, 112, 119, 120, 121]
    found = {}
    for number in days:
        found |= run_days(desk, number, number)
    assert found == {
        0: ["25.00"], 28: ["25.00"], 30: ["REMINDER_1"], 56: ["25.00"], 60: ["REMINDER_2"], 84: ["25.00"],
        90: ["REMINDER_3"], 100: ["FINAL_NOTICE"], 112: ["25.00"], 120: ["AGENCY_REVIEW"],
    }  # fmt: skip
    assert [row.tone for row in sorted(desk.rows("GuarantorStatement"), key=lambda row: row.number)] == [0, 0, 1, 2, 3]
    contacts = sorted(desk.rows("Contact"), key=lambda row: row.step)
    assert [(row.step, row.channel, row.phone_id) for row in contacts] == [
        (f"REMINDER_{number}", "text", phone.pk) for number in (1, 2, 3)
    ]  # fmt: skip
    assert all(desk.patient.last_name not in row.words and "25.00" not in row.words for row in contacts)
    assert contacts[0].opens_at.astimezone(UTC).hour == 14  # 9 in Wisconsin, in summer time
    (notice,) = desk.rows("Notice")
    assert (notice.amount_due, notice.written_on, notice.answer_by) == (
        Decimal("25.00"), START + timedelta(days=100), START + timedelta(days=120),
    )  # fmt: skip
    with desk.scope():
        item = WorkItem.objects.get(worklist="agency_review")
        review = AgencyPlacement.objects.get()  # the row that one places
        assert (review.state, review.final_notice_on, review.patient) == ("REVIEW", notice.written_on, desk.patient)
    assert (item.amount, item.subject_id) == (Decimal("25.00"), str(desk.patient.pk))
    # A payment on the review's day takes it off the list again, and nothing more is done.
    desk.pay("5.00")
    assert run_days(desk, 122, 122) == {}
    with desk.scope():
        assert WorkItem.objects.get(worklist="agency_review").state == "done"
        review.refresh_from_db()
        assert review.state == "DECLINED"
    assert desk.audit_faults() == []


def _flag(flag):
    def stop(desk):
        with desk.scope():
            desk.patient.flags = [flag]
            desk.patient.save()

    return stop


def _plan(desk):
    from claimwright.web.arrangements.services import accept_plan, offer_plan

    with desk.scope():
        accept_plan(plan=offer_plan(patient=desk.patient, starts_on=START + timedelta(days=30), instalments=2))


def _insurance(desk):
    from claimwright.web.patients.models import FoundCoverage

    with desk.scope():
        FoundCoverage.objects.create(
            patient=desk.patient, coverage=desk.patient.coverages.first(), state="billed", key="k", made_by="biller",
            made_on=desk.tenant.fixed_date,
        )  # fmt: skip


def _void(desk):
    from claimwright.web.statements.services import void_statement

    (whole,) = desk.rows("GuarantorStatement")
    with desk.scope():
        void_statement(whole=whole, reason="Wrong")


STOPS = {
    "payment": (lambda desk: desk.pay("5.00"), "a payment came"),
    "dispute": (_flag("dispute"), "the patient disputes or asks"),
    "assistance": (_flag("charity_pending"), "financial assistance is being decided"),
    "bankruptcy": (_flag("bankruptcy"), "the patient may not be billed"),
    "returned mail": (_flag("bad_address"), "mail came back"),
    "plan": (_plan, "a payment plan runs"),
    "new insurance": (_insurance, "new insurance was found"),
    "withdrawn": (_void, ""),
}


@pytest.mark.parametrize("name", STOPS)
def test_whatever_stops_the_clock_stops_it_the_day_it_comes(desk, name):
    from claimwright.web.statements.models import Account

    a_phone(desk)
    stop, words = STOPS[name]
    run_days(desk, 0, 0)
    desk.set_day(START + timedelta(days=20))
    stop(desk)
    run = desk.dun()
    assert (run.running, run.stopped) == (0, {words: 1} if words else {})
    desk.set_day(START + timedelta(days=30))
    assert desk.dun().done == {}
    with desk.scope():
        assert Account.objects.get().clock_started_on is None


def _quiet_run(desk):
    """A run, how many queries it took, and that each account's clock is what a look at all of them says."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.statements.clocks import Clocks
    from claimwright.web.statements.models import Account

    with CaptureQueriesContext(connection) as queries:
        run = desk.dun()
    with desk.scope():
        accounts = list(Account.objects.select_related("patient"))
        clocks = Clocks(accounts, desk.tenant.fixed_date)
        for account in accounts:
            clock = clocks.clock(account)
            assert (account.clock_started_on, account.stopped_by) == (clock.started_on, clock.stopped_by or "")
    return run, len(queries)


def test_a_run_reads_who_owes_in_a_fixed_number_of_queries_and_finds_what_a_look_at_all_finds(desk):
    run_days(desk, 0, 0)
    desk.set_day(START + timedelta(days=1))
    _, queries = _quiet_run(desk)
    paying = [desk.add_patient() for _ in range(3)]
    for patient in paying:
        desk.visit(*PAID, patient=patient, on=date(2026, 2, 1), dos=date(2026, 1, 5))
    assert len(desk.send().issued) == 3
    desk.dun()
    desk.set_day(START + timedelta(days=2))
    run, more = _quiet_run(desk)
    assert (run.running, run.looked_at, more) == (4, 4, queries)
    receipts = [desk.pay("25.00", patient=patient, key=f"p{at}") for at, patient in enumerate(paying)]
    desk.dun()
    desk.set_day(START + timedelta(days=3))
    run, fewer = _quiet_run(desk)
    assert (run.running, run.looked_at, run.stopped, fewer) == (1, 1, {"a payment came": 3}, queries)
    # One of the payments comes back: that account is asked again from its statement on.
    from claimwright.web.payments.services import return_payment

    with desk.scope():
        return_payment(receipt=receipts[0], fee=Decimal("0.00"))
    run, _ = _quiet_run(desk)
    assert (run.running, run.looked_at, run.stopped) == (2, 2, {"a payment came": 2})


def test_a_stop_that_ends_leaves_the_clock_to_the_next_statement(desk):
    run_days(desk, 0, 0)
    desk.set_day(START + timedelta(days=20))
    _flag("dispute")(desk)
    desk.dun()
    desk.set_day(START + timedelta(days=50))
    with desk.scope():
        desk.patient.flags = []
        desk.patient.save()
    assert desk.dun().running == 0  # the old statement does not count any more
    assert run_days(desk, 51, 51) == {51: ["25.00"]}
    assert run_days(desk, 80, 80) == {80: ["25.00"]}
    assert run_days(desk, 81, 81) == {81: ["REMINDER_1"]}  # 30 days after day 51


def test_a_call_waits_for_the_persons_hours_and_a_refusal_ends_calls(desk, monkeypatch):
    from claimwright.web.core import clock
    from claimwright.web.patients.models import PatientPhone
    from claimwright.web.statements.services import StatementRefused, record_contact

    phone = a_phone(desk)
    run_days(desk, 0, 0)
    run_days(desk, 30, 30)
    (contact,) = desk.rows("Contact")
    assert contact.channel == "phone"
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 2, 2, 0, tzinfo=UTC))  # 21:00 in Madison
    with desk.scope(), pytest.raises(StatementRefused, match="quiet time"):
        record_contact(contact=contact, state="reached")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 2, 15, 0, tzinfo=UTC))
    with desk.scope():
        record_contact(contact=contact, state="refused", note="Write instead")
        phone.refresh_from_db()
        assert phone.end is not None
        assert not PatientPhone.objects.get(end=None).may_call
        with pytest.raises(StatementRefused, match="already"):
            record_contact(contact=contact, state="reached")
    run_days(desk, 60, 60)
    assert len(desk.rows("Contact")) == 1  # the next reminder is on the statement
    assert {row.how for row in desk.rows("DunningStep")} == {"phone", "statement"}
