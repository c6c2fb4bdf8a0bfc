"""Day sheet, roll-forward, trial balance and deposits against the ledger room's own fold of the same transfers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from claimwright.ledger.accounts import Kind
from claimwright.ledger.book import Book
from tests.web.reports.random_books import FIRST_DAY, Maker

ZERO = Decimal("0.00")
DAYS = [date(2026, 7, 31), date(2026, 8, 17), date(2026, 9, 30)]
ACTIVE = (Kind.RECEIVABLE, Kind.CREDIT)


@pytest.fixture(scope="module")
def written(module_database):
    """(tenant, books, keys by day): a practice's rows, posted on three days, beside another tenant's."""
    from claimwright.web.accounts import services
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope

    own, strange = (Tenant.objects.create(slug=name, name=name, fixed_date=DAYS[0]) for name in ("own", "strange"))
    with tenant_scope(strange):
        Maker(91, visits=5).make()
    original, kept = services.post_transfers, []
    try:
        services.post_transfers = lambda transfers: kept.extend(transfers)
        with tenant_scope(own):
            books = Maker(7, visits=40).make()
    finally:
        services.post_transfers = original
    by_day = {}
    for place, day in enumerate(DAYS):
        own.fixed_date = day
        own.save()
        part = kept[place * len(kept) // 3 : (place + 1) * len(kept) // 3]
        by_day[day] = part
        with tenant_scope(own), acting_as(f"person {place}"):
            services.post_transfers(transfers=part)
    return own, books, by_day


def ask(written, name, **given):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import books

    with tenant_scope(written[0]):
        return getattr(books, name)(**given)


def effect(transfers, kinds):
    return sum(
        (t.amount * ((t.debit.kind in kinds) - (t.credit.kind in kinds)) for t in transfers), ZERO
    )  # fmt: skip


@pytest.mark.parametrize("day", DAYS)
def test_the_day_sheet_is_the_days_postings_and_ties_to_the_ledger(written, day):
    found = ask(written, "day_sheet", start=day, end=day)
    posted = written[2][day]
    assert found.ties and len(found.controls) == 4
    assert sum(row.count for row in found.rows) == len(posted)
    assert sum(row.amount for row in found.rows) == sum(t.amount for t in posted)
    assert sum(row.receivable for row in found.rows) == effect(posted, ACTIVE)
    assert {row.actor for row in found.rows} == {f"person {DAYS.index(day)}"}
    assert {row.entry_type for row in found.rows} == {t.entry_type.value for t in posted}
    listed = ask(written, "postings", start=day, end=day)
    assert [row.amount for row in listed] == [t.amount for t in posted]
    assert [row.sequence for row in listed] == list(range(found.first, found.last + 1))
    assert len(ask(written, "postings", start=day, end=day, limit=3, offset=2)) == 3


def test_the_parts_of_the_practices_are_the_whole(written):
    whole = ask(written, "day_sheet", start=FIRST_DAY, end=DAYS[-1])
    named = [ask(written, "day_sheet", start=FIRST_DAY, end=DAYS[-1], practice=p.pk) for p in written[1].practices]
    unnamed = [row for row in whole.rows if row.practice == "No practice named"]
    assert all(len(part.rows) for part in named)
    assert sum(r.amount for part in named for r in part.rows) + sum(r.amount for r in unnamed) == sum(
        r.amount for r in whole.rows
    )
    assert not any(row.receivable for row in unnamed)  # every receivable has its practice


@pytest.mark.parametrize("dated_by", ["posted_on", "effective_date"])
@pytest.mark.parametrize("by", [(), ("practice",), ("payer", "bucket"), ("practice", "payer", "bucket")])
def test_receivables_roll_forward_and_tie_to_the_trial_balance(written, dated_by, by):
    own, books, by_day = written
    start, end = date(2026, 8, 1), date(2026, 8, 31)

    def upto(day):
        if dated_by == "effective_date":
            return [t for t in books.transfers if t.effective_date <= day]
        return [t for posted, part in by_day.items() if posted <= day for t in part]

    found = ask(written, "rolled_forward", start=start, end=end, by=by, dated_by=dated_by)
    before, after = upto(start - timedelta(days=1)), upto(end)
    assert found.ties and found.total.transfers == ZERO
    assert found.total.opening == effect(before, ACTIVE) and found.total.closing == effect(after, ACTIVE)
    inside = [t for t in after if t not in before]
    charged = [t for t in inside if Kind.REVENUE in (t.debit.kind, t.credit.kind)]
    paid = [t for t in inside if {Kind.REMITTANCE, Kind.PATIENT_CASH, Kind.SUSPENSE, Kind.PAYER_OFFSET, Kind.BANK}
            & {t.debit.kind, t.credit.kind}]  # fmt: skip
    fees = [t for t in inside if Kind.FEE in (t.debit.kind, t.credit.kind)]
    assert found.total.charges == effect(charged, ACTIVE) + effect(fees, ACTIVE)
    assert found.total.payments == -effect(paid, ACTIVE)
    assert len(found.rows) == 1 or by
    if "practice" in by:
        per = ask(written, "rolled_forward", start=start, end=end, by=by, dated_by=dated_by,
                  practice=books.practices[0].pk)  # fmt: skip
        assert [r for r in found.rows if r.practice == books.practices[0].name] == list(per.rows)
        assert per.trial_balance is None and per.total.closing != found.total.closing


def test_a_row_left_out_shows(written):
    """The canary: a report that loses an account no longer ties."""
    import msgspec

    found = ask(written, "rolled_forward", start=date(2026, 8, 1), end=date(2026, 8, 31))
    short = msgspec.structs.replace(found.total, closing=found.total.closing - Decimal("0.01"))
    assert not msgspec.structs.replace(found, total=short).ties
    sheet = ask(written, "day_sheet", start=DAYS[1], end=DAYS[1])
    wrong = msgspec.structs.replace(sheet.controls[0], listed=sheet.controls[0].listed - 1)
    assert not msgspec.structs.replace(sheet, controls=(wrong,)).ties


def test_the_trial_balance_is_the_books(written):
    rows = ask(written, "trial_balance", start=date(2026, 8, 1), end=DAYS[-1])
    book = Book(written[1].transfers)
    assert sum(row.closing for row in rows) == ZERO and sum(row.opening for row in rows) == ZERO
    assert sum(row.debits for row in rows) == sum(row.credits for row in rows) > 0
    for kind in {row.kind for row in rows}:
        assert sum(row.closing for row in rows if row.kind == kind) == book.total(Kind(kind))
    assert all(row.opening + row.debits - row.credits == row.closing for row in rows)


def test_deposits_are_what_moved_the_bank(written):
    found = ask(written, "deposits", start=FIRST_DAY, end=DAYS[-1])
    posted = [t for t in written[1].transfers if Kind.BANK in (t.debit.kind, t.credit.kind)]
    assert found.ties and found.total == effect(posted, (Kind.BANK,)) and len(found.rows) == len(posted)
