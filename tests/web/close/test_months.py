"""A month is closed with its reports; made again later, whatever happened since, they are the same bytes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
import python_calamine

from claimwright.billing.closing import Item, SignOffRefused
from tests.lib.web_data import a_practice_at_work, a_user

AUGUST = date(2026, 8, 1)


def entry(key, debit, credit, amount, kind, effective):
    from claimwright.ledger.transfers import Transfer

    return Transfer(debit=debit, credit=credit, amount=Decimal(amount), entry_type=kind, key=key,
                    effective_date=effective)  # fmt: skip


def on(tenant, day):
    tenant.fixed_date = day
    tenant.save(update_fields=["fixed_date"])


def work(tenant, office, day, number):
    """A fee on a patient's account, paid at the desk."""
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core.services import acting_as

    on(tenant, day)
    patient, practice = office.patients["MRN1001"], str(office.practice.pk)
    account, credit = receivable(f"account-{patient.pk}", "PAT"), Account(Kind.CREDIT, str(patient.pk))
    with acting_as("desk"):
        post_transfers(
            transfers=[
                entry(f"fee/{number}", account, Account(Kind.FEE, practice, "nsf"), "25.00", EntryType.FEE, day),
                entry(f"pay/{number}", Account(Kind.PATIENT_CASH, practice, "cash"), credit, "10.00",
                      EntryType.PAT_PAY, day),
                entry(f"apply/{number}", credit, account, "10.00", EntryType.APPLY, day),
                entry(f"bank/{number}", Account(Kind.BANK, practice), Account(Kind.PATIENT_CASH, practice, "cash"),
                      "10.00", EntryType.DEPOSIT, day),
            ]
        )  # fmt: skip


def test_a_month_from_its_days_to_its_lock_and_open_again(tenant, other_tenant):
    from claimwright.web.accounts import periods
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.close.models import DayClose, MonthReport
    from claimwright.web.close.services import record_audit_result
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import closing

    owner, biller = a_user(tenant, "boss", "owner"), a_user(tenant)
    on(tenant, date(2026, 8, 5))
    with tenant_scope(tenant), acting_as("boss"):
        office = a_practice_at_work()
        work(tenant, office, date(2026, 8, 10), 1)
        work(tenant, office, date(2026, 8, 11), 2)

        found = {one.rule.item: one for one in closing.checklist(AUGUST)}
        assert found[Item.TRIAL_BALANCE].is_clean and found[Item.ROLL_FORWARD].is_clean
        assert found[Item.DAYS_CLOSED].count == 3 and found[Item.AUDIT].count == 1
        assert found[Item.UNSENT_CLAIMS].amount == Decimal("200.00")

        first = closing.close_day(day=date(2026, 8, 10), note="drawer counted twice")
        assert (first.postings, first.cash, first.receivable) == (4, Decimal("10.00"), Decimal("15.00"))
        assert bytes(first.sheet).decode("utf-8-sig").count("\r\n") == 5
        for day in (date(2026, 8, 5), date(2026, 8, 11)):
            closing.close_day(day=day)
        assert closing.checklist(AUGUST)[3].is_clean

        with pytest.raises(periods.PeriodClosed, match="has not ended"):
            for one in closing.checklist(AUGUST):
                if not one.lets_close:
                    closing.sign_off(month=AUGUST, item=one.rule.item, reason="looked at, waits for the payer")
            closing.lock_month(month=AUGUST, by=owner)

    on(tenant, date(2026, 9, 2))
    with tenant_scope(tenant), acting_as("boss"):
        work(tenant, office, date(2026, 9, 2), 3)  # the next month goes on meanwhile
        head = LedgerTransfer.objects.order_by("-sequence").first()
        record_audit_result(ledger_sequence=head.sequence, ledger_hash=head.hash, examined=100, faults=0)
        assert closing.checklist(AUGUST)[2].is_clean
        with pytest.raises(SignOffRefused):
            closing.sign_off(month=AUGUST, item=Item.TRIAL_BALANCE, reason="fine")
        with pytest.raises(closing.NotClosed, match="supervisor"):
            closing.lock_month(month=AUGUST, by=biller)
        event = closing.lock_month(month=AUGUST, by=owner)
        kept = {row.name: bytes(row.content) for row in MonthReport.objects.filter(event=event)}
        assert len(kept) == 13 and all(proof.same for proof in closing.prove_month(AUGUST))
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(kept[closing.WORKBOOK]))
        assert {"Day sheet", "Receivables", "Trial balance", "Deposits"} <= set(sheet.sheet_names)
        assert b"fee/" not in kept["postings.csv"] and kept["postings.csv"].count(b"\r\n") > 8

        # What happens later changes no byte: late work, another name of the practice, more days.
        office.practice.name = "=Renamed Clinic"
        office.practice.save()
        work(tenant, office, date(2026, 9, 20), 4)
        assert all(proof.same for proof in closing.prove_month(AUGUST))
        again = closing.ledger_reports(AUGUST, {str(office.practice.pk): "Lakeside Family Medicine"})
        assert all(again[name] == kept[name] for name in again)
        assert closing.ledger_reports(AUGUST, {}) != again  # the canary: the names do matter, and are kept
        late = LedgerTransfer.objects.get(key="fee/4")
        assert late.posted_on == date(2026, 9, 20)

        with pytest.raises(periods.PeriodClosed):
            closing.reopen_month(month=AUGUST, by=biller, reason="a reason")
        closing.reopen_month(month=AUGUST, by=owner, reason="A deposit slip was found")
        with pytest.raises(closing.NotClosed):
            closing.prove_month(AUGUST)
        with periods.posting_as_of(date(2026, 8, 31)):
            work(tenant, office, date(2026, 9, 21), 5)
        with pytest.raises(closing.NotClosed, match="Days with postings"):
            closing.lock_month(month=AUGUST, by=owner)
        closing.close_day(day=date(2026, 8, 31))
        for one in closing.checklist(AUGUST):
            if not one.lets_close:
                closing.sign_off(month=AUGUST, item=one.rule.item, reason="as before")
        second = closing.lock_month(month=AUGUST, by=owner)
        assert second.revision == 2 and all(proof.same for proof in closing.prove_month(AUGUST))
        new = {row.name: bytes(row.content) for row in MonthReport.objects.filter(event=second)}
        assert new["postings.csv"] != kept["postings.csv"]
        assert MonthReport.objects.filter(event=event, name="postings.csv").exists()  # the first closing is kept
    with tenant_scope(other_tenant):
        assert not MonthReport.objects.exists() and not DayClose.objects.exists()


def test_a_month_does_not_close_over_an_open_one(tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import closing

    owner = a_user(tenant, "boss", "owner")
    on(tenant, date(2026, 7, 15))
    with tenant_scope(tenant):
        a_practice_at_work()
    on(tenant, date(2026, 9, 2))
    with tenant_scope(tenant), pytest.raises(closing.NotClosed, match="July 2026 comes first"):
        closing.lock_month(month=AUGUST, by=owner)
