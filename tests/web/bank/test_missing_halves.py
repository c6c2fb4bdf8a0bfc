"""Row 27: a payment whose other half does not come is on its list on the very day, over weekends and bank holidays.

Sixty boundaries by the fake clock, each for a remittance without money and for money without a remittance: nothing on
the day before, one item on the day, gone when the other half comes. `make prove ROW=27` also counts every day of three
years against the holidays as the Federal Reserve prints them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from claimwright.billing.bank_reconciliation import missing_from
from tests.lib import world
from tests.lib.proving import result
from tests.lib.web_data import a_practice, a_received_file
from tests.unit.billing.test_bank_reconciliation import CASES

DAY = timedelta(days=1)
# As printed by the Federal Reserve; a Saturday's holiday is no day off, a Sunday's is kept on Monday.
HOLIDAYS = """
2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-04 2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25
2027-01-01 2027-01-18 2027-02-15 2027-05-31 2027-06-19 2027-07-05 2027-09-06 2027-10-11 2027-11-11 2027-11-25 2027-12-25
2028-01-01 2028-01-17 2028-02-21 2028-05-29 2028-06-19 2028-07-04 2028-09-04 2028-10-09 2028-11-11 2028-11-23 2028-12-25
2029-01-01"""


class Office:
    """A practice and its bank account, on a clock that is set by hand."""

    def __init__(self, tenant: Any) -> None:
        from claimwright.web.bank.services import open_account

        self.tenant, self.practice = tenant, a_practice()
        self.account = open_account(name="Operating")

    def stand_on(self, day: date) -> None:
        from claimwright.web.core.tenancy import current_tenant

        current_tenant().fixed_date = day

    def remittance_comes(self, trace: str, day: date) -> None:
        from claimwright.web.payments.models import Remittance

        Remittance.objects.create(
            part=a_received_file(f"ST*835*{trace}~".encode(), f"{trace}.835", "835"), practice=self.practice,
            number=f"R{trace}", trace_payer_id=world.PAYER_TRACE_ID, trace_number=trace, payee_id=self.practice.npi,
            fingerprint=trace, amount=Decimal("10.00"), payment_date=day, received_on=day, state="posted", content={},
        )  # fmt: skip

    def money_comes(self, trace: str, day: date) -> None:
        from claimwright.web.bank.services import import_bank_file

        text = f"posted on,amount,description\n{day},10.00,HCCLAIMPMT TRN*1*{trace}*{world.PAYER_TRACE_ID}\n"
        done = import_bank_file(name=f"{trace}.csv", content=text.encode(), account=self.account)
        assert (done.new_lines, done.matched, done.faults) == (1, 0, ())

    def run(self) -> None:
        """What the end of a day does about it."""
        from claimwright.web.bank.services import list_open_lines
        from claimwright.web.payments.services import list_missing_deposits

        list_missing_deposits()
        list_open_lines()

    def listed(self) -> set[tuple[str, str]]:
        """(list, trace) of what is open."""
        from claimwright.web.bank.models import BankLine
        from claimwright.web.core.models import WorkItem
        from claimwright.web.payments.models import Remittance

        found = set()
        for item in WorkItem.objects.filter(worklist__in=["era_without_eft", "eft_without_era"], state="open"):
            if item.subject_type == "remittance":
                found.add((item.worklist, Remittance.objects.get(pk=item.subject_id).trace_number))
            else:
                line = BankLine.objects.get(pk=item.subject_id)
                found.add((item.worklist, line.content["traces"][0]["number"]))
        return found

    def other_halves_come(self, number: int, day: date) -> None:
        from claimwright.web.bank.selectors import open_lines
        from claimwright.web.bank.services import explain_line
        from claimwright.web.payments.services import record_deposit

        record_deposit(
            kind="EFT", trace_number=f"E{number:03d}", trace_payer_id=world.PAYER_TRACE_ID, amount=Decimal("10.00"),
            effective_date=day, practice=self.practice,
        )  # fmt: skip
        (line,) = [one for one in open_lines() if one.content["traces"][0]["number"] == f"M{number:03d}"]
        explain_line(line=line, category="other", note="the remittance came on paper")


def walk(office: Office) -> int:
    """Every case on its days, all in one calendar; says how many stood right."""
    events: dict[date, list[tuple[str, int]]] = {}
    for number, (came, missing) in enumerate(CASES):
        for day, what in ((came, "comes"), (missing - DAY, "not yet"), (missing, "missing"), (missing, "settled")):
            events.setdefault(day, []).append((what, number))
    waiting: set[int] = set()
    right = 0
    for day in sorted(events):
        office.stand_on(day)
        for what, number in events[day]:
            if what == "comes":
                office.remittance_comes(f"E{number:03d}", day)
                office.money_comes(f"M{number:03d}", day)
                waiting.add(number)
        office.run()
        due = {number for number in waiting if CASES[number][1] <= day}
        expected = {("era_without_eft", f"E{n:03d}") for n in due} | {("eft_without_era", f"M{n:03d}") for n in due}
        assert office.listed() == expected, f"on {day}"
        for what, number in events[day]:
            if what == "settled":
                office.other_halves_come(number, day)
                waiting.discard(number)
                right += 1
        assert office.listed() == set()
    return right


@pytest.fixture
def books(tenant: Any) -> Any:
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant), acting_as("sam"):
        yield Office(tenant)


def test_each_half_that_is_missing_is_listed_on_its_day_and_not_before(books):
    assert walk(books) == len(CASES) >= 60


def test_canary_a_rule_without_holidays_is_seen(books, monkeypatch):
    from claimwright.web.payments import bank

    def on_weekdays(came: date) -> date:
        day, left = came, 5
        while left:
            day += DAY
            left -= day.weekday() < 5
        return day

    monkeypatch.setattr(bank, "missing_from", on_weekdays)
    with pytest.raises(AssertionError, match="on 2026-01-1"):
        walk(books)


@pytest.mark.prove
def test_row27_sixty_boundaries_and_every_day_of_three_years(books):
    days = [date(2026, 1, 1) + DAY * n for n in range(365 + 365 + 366 - 7)]

    holidays = {date.fromisoformat(day) for day in HOLIDAYS.split()}

    def by_hand(came: date) -> date:
        bank_days = [came + DAY * n for n in range(1, 20)]
        return [day for day in bank_days if day.weekday() < 5 and day not in holidays][4]

    done: list[int] = []
    with result(27, lambda: f"{done[0]} boundaries on both lists on their day, {len(days):,} days counted alike"):
        done.append(walk(books))
        assert [missing_from(day) for day in days] == [by_hand(day) for day in days]
