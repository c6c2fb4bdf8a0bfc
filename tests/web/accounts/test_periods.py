"""A closed month takes no entry: not by the service, not by SQL, not by a writer who was there first."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from tests.lib.web_data import a_user
from tests.web.accounts.test_ledger import charge, post

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def on(tenant, day):
    tenant.fixed_date = day
    tenant.save(update_fields=["fixed_date"])


def rows(tenant):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return list(LedgerTransfer.objects.order_by("sequence").values_list("key", "effective_date", "posted_on"))


def closed(tenant, user, month=AUGUST):
    from claimwright.web.accounts import periods
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return periods.close_month(month=month, by=user)


def test_a_closed_month_takes_nothing_and_late_work_lands_in_the_open_one(tenant, other_tenant):
    from django.db import IntegrityError, connection
    from django.db.transaction import atomic

    from claimwright.web.accounts import periods
    from claimwright.web.core.tenancy import tenant_scope

    owner, biller = a_user(tenant, "boss", "owner"), a_user(tenant)
    on(tenant, date(2026, 8, 20))
    post(tenant, charge("L1", effective_date=date(2026, 8, 3)))
    with pytest.raises(periods.PeriodClosed, match="has not ended"):
        closed(tenant, owner)
    on(tenant, date(2026, 9, 2))
    event = closed(tenant, owner)
    assert (event.revision, event.ledger_sequence) == (1, 1)
    with pytest.raises(periods.PeriodClosed, match="closed already"):
        closed(tenant, owner, date(2026, 7, 1))  # earlier months are closed with it

    late = charge("L2", effective_date=date(2026, 8, 31))
    assert post(tenant, late) == 1
    assert rows(tenant)[-1] == ("charge:L2", date(2026, 8, 31), date(2026, 9, 2))
    for day in (date(2026, 8, 31), date(2025, 1, 1)):
        with tenant_scope(tenant), periods.posting_as_of(day), pytest.raises(periods.PeriodClosed):
            post(tenant, charge("L3"))
    on(tenant, date(2026, 8, 31))  # a clock that was set back
    with pytest.raises(periods.PeriodClosed):
        post(tenant, charge("L3"))
    copy = """INSERT INTO accounts_ledgertransfer SELECT (jsonb_populate_record(t, jsonb_build_object(
                'id', gen_random_uuid(), 'sequence', 99, 'key', 'sly', 'posted_on', %s::date))).*
              FROM accounts_ledgertransfer t WHERE key = 'charge:L2'"""
    for day in ("2026-08-31", "2026-07-01"):
        with tenant_scope(tenant), pytest.raises(IntegrityError, match="closed through 2026-08"), atomic():
            connection.cursor().execute(copy, [day])
    with tenant_scope(tenant):  # the same row on an open day is taken: it is the day that is refused
        connection.cursor().execute(copy, ["2026-09-02"])
    for attempt in ("ALTER TABLE accounts_ledgertransfer DISABLE TRIGGER ledger_open_period",
                    "DELETE FROM accounts_periodevent", "UPDATE accounts_periodevent SET kind = 'reopened'",
                    "SET session_replication_role = replica"):  # fmt: skip
        with tenant_scope(tenant), pytest.raises(Exception, match="permission denied|must be owner"), atomic():
            connection.cursor().execute(attempt)
    on(other_tenant, date(2026, 8, 20))
    assert post(other_tenant, charge("L9")) == 1  # a neighbour's books are open

    on(tenant, date(2026, 9, 3))
    for user, reason in ((biller, "late invoice"), (owner, "  ")):
        with tenant_scope(tenant), pytest.raises(periods.PeriodClosed):
            periods.reopen_month(month=AUGUST, by=user, reason=reason)
    with tenant_scope(tenant):
        periods.reopen_month(month=AUGUST, by=owner, reason="A lockbox envelope was found")
        assert periods.closed_through() is None
        with periods.posting_as_of(date(2026, 8, 31)):
            from claimwright.web.accounts.services import post_transfers

            post_transfers(transfers=[charge("L3", "10.00")])
    assert rows(tenant)[-1] == ("charge:L3", SEPTEMBER, date(2026, 8, 31))
    assert closed(tenant, owner).revision == 2


def test_who_was_writing_when_the_month_was_closed_is_refused(tenant):
    """The writer reads the books open, the month is closed, the writer's insert must fail: no row slips in behind."""
    from django.db import IntegrityError, connections
    from django.db.transaction import atomic

    from claimwright.web.accounts import periods
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core.tenancy import tenant_scope

    owner = a_user(tenant, "boss", "owner")
    on(tenant, date(2026, 9, 2))
    holds, failed = threading.Event(), []

    def write():
        holds.wait(10)
        try:
            with tenant_scope(tenant), atomic():
                post_transfers(transfers=[charge("L1", "1.00")])
        except Exception as error:
            failed.append(type(error))
        finally:
            connections.close_all()

    original = periods.is_closed
    periods.is_closed = lambda day: False  # the check of the service was passed before the month was closed
    try:
        writer = threading.Thread(target=write)
        writer.start()
        with tenant_scope(tenant):
            periods.hold_ledger()
            periods._day.set(None)
            holds.set()
            writer.join(0.5)
            assert writer.is_alive()  # it waits for the closing
            tenant_month = date(2026, 9, 1)
            _force_close(tenant_month, owner)
        writer.join(10)
    finally:
        periods.is_closed = original
    assert failed == [IntegrityError]
    assert rows(tenant) == []


def _force_close(month, owner):
    """An event as the service writes it, for a month that has not ended."""
    from claimwright.web.accounts import periods
    from claimwright.web.accounts.models import PeriodEvent

    periods._event(month, PeriodEvent.Kind.LOCKED, owner, "")


def test_the_day_entries_count_on_is_never_to_come(tenant):
    from claimwright.web.accounts import periods
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant), pytest.raises(periods.PeriodClosed), periods.posting_as_of(date(2026, 10, 1)):
        pass
