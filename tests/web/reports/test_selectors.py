"""Reports by SQL against the same figures folded in Python over the rows that were written: two ways to one number."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from claimwright.billing import kpi
from claimwright.ledger.accounts import Kind
from claimwright.ledger.aging import LABELS, Basis, OpenBalance
from claimwright.ledger.aging import aging as fold_aging
from claimwright.ledger.book import Book
from tests.web.reports.random_books import FIRST_DAY, Books, Maker, Version

ZERO = Decimal("0.00")
AS_OF = date(2026, 9, 30)
PERIODS = [(FIRST_DAY, AS_OF), (date(2026, 7, 1), date(2026, 7, 31)), (date(2020, 1, 1), date(2020, 1, 31))]
# The random books have no receipts at the desk and no costs: tests of the scopes and the pages have them.
DESK_AND_COST = {"point_of_service_collection_rate", "cost_to_collect", "cost_per_claim"}
BASES = {
    "service": Basis.DATE_OF_SERVICE,
    "first_submission": Basis.FIRST_SUBMISSION,
    "last_submission": Basis.LAST_SUBMISSION,
    "responsibility": Basis.RESPONSIBILITY,
}


@pytest.fixture(scope="module", params=[1, 2, 3])
def written(request, module_database):
    """(tenant, books): the rows of one seed, beside another tenant's."""
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope

    tenants = [
        Tenant.objects.create(slug=f"{name}-{request.param}", name=name, fixed_date=AS_OF)
        for name in ("own", "strange")
    ]
    for tenant, seed in zip(tenants, (request.param, 90 + request.param), strict=True):
        with tenant_scope(tenant):
            books = Maker(seed, visits=60 if seed < 90 else 5).make()
        if seed < 90:
            own = books
    return tenants[0], own


def selected(written, name, **given):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import selectors

    with tenant_scope(written[0]):
        return getattr(selectors, name)(**given)


def scopes(books: Books):
    return [None, *(practice.pk for practice in books.practices)]


# Aging ---------------------------------------------------------------------------------------------------------------


def open_balances(books: Books, as_of: date) -> list[OpenBalance]:
    """Every account of A/R with its dates, by the ledger room's own fold."""
    lines = {line.line_id: line for line in books.lines}
    sent: dict[tuple[str, str], list[date]] = defaultdict(list)
    for version in books.versions:
        if version.first_sent:
            sent[(version.encounter, f"INS{'PST'.index(version.sequence) + 1}")].append(version.first_sent)
    found = []
    for account, amount in Book(books.transfers).as_of(as_of).balances().items():
        if account.kind not in (Kind.RECEIVABLE, Kind.CREDIT) or not amount:
            continue
        line = lines.get(account.subject)
        own = [t for t in books.transfers if account in (t.debit, t.credit) and t.effective_date <= as_of]
        moved = [t.effective_date for t in own if t.debit == account and t.entry_type in ("CHARGE", "XFER", "FEE")]
        days = sent[(line.encounter, "INS1" if account.bucket == "PAT" else account.bucket)] if line else []
        found.append(
            OpenBalance(
                line_id=account.subject, bucket="CREDIT" if account.kind is Kind.CREDIT else account.bucket, amount=amount,
                date_of_service=line.served if line else min(t.effective_date for t in own),
                first_submission=min(days, default=None), last_submission=max(days, default=None),
                responsibility=max(moved, default=None), group=_group(books, account, line),
            )
        )  # fmt: skip
    return found


def _group(books, account, line):
    if account.kind is Kind.CREDIT:
        return "Unapplied money"
    if account.bucket == "PAT":
        return "Patient"
    return books.payers.get((line.encounter, account.bucket), "No claim yet")


def _of_practice(books, balance: OpenBalance, practice) -> bool:
    owners = {line.line_id: line.practice for line in books.lines} | books.patients
    return practice is None or owners[balance.line_id.removeprefix("account-")] == practice


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 7, 15), date(2026, 4, 1)])
def test_aging_is_the_ledger_rooms_aging(written, basis, as_of):
    books = written[1]
    for practice in scopes(books):
        open_then = [b for b in open_balances(books, as_of) if _of_practice(books, b, practice)]
        expected = fold_aging(open_then, on=as_of, basis=BASES[basis])
        found = selected(written, "aging", as_of=as_of, basis=basis, practice=practice)
        assert {(r.group, r.bucket): (r.amounts, r.credits, r.total) for r in found.rows} == {
            (r.group, r.bucket): (r.amounts, r.credits, r.total) for r in expected
        }
        assert found.total.total == sum((b.amount for b in open_then), ZERO)
        assert found.total.count == len(open_then)


def test_totals_are_equal_on_every_basis_and_the_columns_are_not(written):
    found = [selected(written, "aging", as_of=AS_OF, basis=basis) for basis in BASES]
    assert len({(a.total.total, a.total.credits, sum(a.total.amounts.values())) for a in found}) == 1
    assert len({tuple(a.total.amounts.values()) for a in found}) == len(BASES)
    assert {tuple(a.total.amounts) for a in found} == {LABELS}


def test_an_unknown_basis_is_refused(written):
    with pytest.raises(KeyError):
        selected(written, "aging", as_of=AS_OF, basis="today")


# Figures -------------------------------------------------------------------------------------------------------------


def first_answer(version: Version):
    return min((a for a in version.answers if a.state != "held"), key=lambda a: a.order, default=None)


def claim_fact(version: Version) -> kpi.ClaimFact:
    first = first_answer(version)
    told = first.adjustments if first else []
    denied = [amount for line, _, carc, amount in told if (line, carc) in version.denials]
    return kpi.ClaimFact(
        claim_id=version.claim, charge=version.charge, number=version.number, first_sent=version.first_sent,
        payer_accepted_on_first=version.acknowledged or version.first_adjudicated is not None,
        edit_held=version.edit_held, touched=version.touched, rejected=version.rejected,
        first_adjudicated=version.first_adjudicated, denied_on_first=bool(denied), denied_charge=sum(denied, ZERO),
        reworked=not version.last, duplicate=any((group, carc) == ("OA", "18") for _, group, carc, _ in told),
        resolved_on_first=first is not None and first.outcome in ("PAID", "ZERO_PAID")
        and sum(a.state != "held" for a in version.answers) == 1,
    )  # fmt: skip


def claim_figures(versions: list[Version], start: date, end: date) -> list[kpi.Kpi]:
    def within(day):
        return day is not None and start <= day <= end

    sent = [claim_fact(v) for v in versions if within(v.first_sent)]
    adjudicated = [claim_fact(v) for v in versions if within(v.first_adjudicated)]
    chains: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        if version.first_adjudicated:
            chains[version.claim].append(version)
    firsts = [
        min(chain, key=lambda v: (claim_fact(v).duplicate, v.first_adjudicated, v.number)) for chain in chains.values()
    ]
    decided = [claim_fact(v) for v in firsts if within(v.first_adjudicated)]
    return [
        kpi.clean_claim_rate(sent), kpi.first_pass_resolution_rate(adjudicated), kpi.denial_rate(decided),
        kpi.denial_rate_dollars(decided), kpi.rejection_rate(sent),
    ]  # fmt: skip


CONTRACTUAL = ("CO-45", "OA-45", "CO-131")
PAID_BY = (Kind.REMITTANCE, Kind.SUSPENSE, Kind.CREDIT)


def money_figures(books: Books, lines, start: date, end: date, as_of: date) -> list[kpi.Kpi]:
    cohort = {line.line_id for line in lines if start <= line.served <= end}
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in books.transfers:
        if entry.effective_date > as_of:
            continue
        for own, other, sign in ((entry.debit, entry.credit, 1), (entry.credit, entry.debit, -1)):
            if own.kind is Kind.RECEIVABLE and own.subject in cohort:
                sums[_column(other)] += sign * entry.amount
    facts = kpi.MoneyFacts(
        charges=sums["charges"], payments=-sums["payments"], refunds=sums["refunds"], contractual=-sums["contractual"],
        sequestration=-sums["CO-253"], capitation=-sums["CO-24"], charity=-sums["WO-CHARITY"],
        write_offs=-sum((sums[name] for name in ("WO-CHARITY", "WO-SMALL-BALANCE", "WO-TIMELY")), ZERO),
    )  # fmt: skip
    by_reason = [
        kpi.rate(f"write_off_rate_{name[3:].lower().replace('-', '_')}", -sums[name], facts.charges)
        for name in ("WO-CHARITY", "WO-SMALL-BALANCE", "WO-TIMELY")
        if sums[name]
    ]
    return [
        kpi.gross_collection_rate(facts), kpi.net_collection_rate(facts), kpi.adjusted_net_collection_rate(facts),
        kpi.write_off_rate(facts), *by_reason,
    ]  # fmt: skip


def _column(other) -> str:
    if other.kind is Kind.REVENUE:
        return "charges"
    if other.kind in PAID_BY:
        return "payments"
    if other.kind is Kind.REFUND:
        return "refunds"
    if other.kind is Kind.ADJUSTMENT:
        return "contractual" if other.bucket in CONTRACTUAL else other.bucket
    return "neither"


def receivable_figures(books: Books, practice, as_of: date) -> list[kpi.Kpi]:
    held = [b for b in open_balances(books, as_of) if _of_practice(books, b, practice)]
    active = sum((b.amount for b in held), ZERO)
    old = sum((b.amount for b in held if b.amount > 0 and (as_of - b.date_of_service).days > 90), ZERO)
    owners = {line.line_id: line.practice for line in books.lines}
    charges = sum(
        (
            t.amount if t.debit.kind is Kind.RECEIVABLE else -t.amount
            for t in books.transfers
            if {t.debit.kind, t.credit.kind} == {Kind.RECEIVABLE, Kind.REVENUE}
            and as_of - timedelta(days=90) < t.effective_date <= as_of
            and practice in (None, owners[t.debit.subject if t.debit.kind is Kind.RECEIVABLE else t.credit.subject])
        ),
        ZERO,
    )
    credits = kpi.MoneyFacts(
        credit_balances=sum((b.amount for b in held if b.amount < 0), ZERO),
        gross_receivable=sum((b.amount for b in held if b.amount > 0), ZERO),
    )
    return [kpi.days_in_ar(active, charges), kpi.receivable_over_90(old, active), kpi.credit_balance_rate(credits)]


def other_figures(books: Books, versions, lines, practice, start: date, end: date) -> list[kpi.Kpi]:
    firsts = [v for v in versions if v.number == 1 and v.sequence == "P" and v.first_sent]
    deposits = []
    for version in firsts:
        days = [a.deposited_on for a in version.answers if a.state != "held" and a.paid > 0 and a.deposited_on]
        if days and start <= min(days) <= end:
            deposits.append((version.first_sent, min(days)))
    received = [a for v in versions for a in v.answers if start <= a.received_on <= end]
    untouched = sum(a.untouched and a.state in ("posted", "report_only") for a in received)
    appeals = [
        (state, allowed)
        for _, state, decided, allowed, owner in books.appeals
        if decided and start <= decided <= end and state != "WITHDRAWN" and practice in (None, owner)
    ]
    return [
        kpi.charge_lag((line.served, line.charged_on) for line in lines if start <= line.charged_on <= end),
        kpi.submission_lag((v.charged_on, v.first_sent) for v in firsts if start <= v.first_sent <= end),
        kpi.payment_lag(deposits), kpi.auto_post_rate(untouched, len(received)),
        kpi.appeal_overturn_rate(sum(state == "OVERTURNED" and bool(allowed) for state, allowed in appeals), len(appeals)),
    ]  # fmt: skip


@pytest.mark.parametrize(("start", "end"), PERIODS)
@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 8, 10)])
def test_every_figure_is_the_fold_of_its_definition(written, start, end, as_of):
    books = written[1]
    for practice in scopes(books):
        versions = [v for v in books.versions if practice in (None, v.practice)]
        lines = [line for line in books.lines if practice in (None, line.practice)]
        expected = [
            *claim_figures(versions, start, end), *money_figures(books, lines, start, end, as_of),
            *receivable_figures(books, practice, as_of), *other_figures(books, versions, lines, practice, start, end),
        ]  # fmt: skip
        found = selected(written, "kpis", start=start, end=end, as_of=as_of, practice=practice)
        found = [row for row in found if row.name not in DESK_AND_COST]
        shown = {row.name: (row.numerator, row.denominator, row.value, row.unit) for row in found}
        assert len(shown) == len(found)
        wanted = {row.name: (row.numerator, row.denominator, row.value, row.unit) for row in expected}
        wanted["days_in_ar"] = (wanted["days_in_ar"][0], round(wanted["days_in_ar"][1], 2), *wanted["days_in_ar"][2:])
        assert shown == wanted
        assert {(row.start, row.end) for row in found} == {(start, end)}


def test_the_random_rows_reach_every_figure(written):
    """The canary of the test above: no figure is compared at zero over zero only."""
    found = selected(written, "kpis", start=FIRST_DAY, end=AS_OF, as_of=AS_OF)
    empty = [row.name for row in found if not row.numerator or not row.denominator]
    assert set(empty) == DESK_AND_COST


def test_every_count_drills_to_its_rows(written):
    books = written[1]
    known = {
        "claim": {version.control_number for version in books.versions},
        "charge_line": {line.line_id for line in books.lines},
        "claim_payment": {answer.record_id for version in books.versions for answer in version.answers},
        "appeal": {appeal[0] for appeal in books.appeals},
        "receipt": set(),
        "cost": set(),
        "account": {side.subject for entry in books.transfers for side in (entry.debit, entry.credit)},
    }
    found = {row.name: row for row in selected(written, "kpis", start=FIRST_DAY, end=AS_OF, as_of=AS_OF)}
    for row in found.values():
        assert set(row.ids) <= known[row.subject]
        assert len(row.ids) == len(set(row.ids))
    for name in (
        "clean_claim_rate",
        "first_pass_resolution_rate",
        "denial_rate",
        "rejection_rate",
        "era_auto_post_rate",
    ):
        assert len(found[name].ids) == found[name].numerator
    for name in ("charge_lag", "submission_lag", "payment_lag"):
        assert len(found[name].ids) == found[name].denominator


def test_an_empty_practice_has_no_figures_and_no_zeros(written, tmp_path):
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import selectors

    empty, _ = Tenant.objects.get_or_create(slug="empty", name="Empty", fixed_date=AS_OF)
    with tenant_scope(empty):
        assert {row.value for row in selectors.kpis(start=FIRST_DAY, end=AS_OF, as_of=AS_OF)} == {None}
        assert selectors.aging(as_of=AS_OF).rows == ()
        rolled = selectors.roll_forward(start=FIRST_DAY, end=AS_OF)
        assert (rolled.opening, rolled.closing) == (ZERO, ZERO)


# Roll-forward and queues ---------------------------------------------------------------------------------------------


def active(books: Books, as_of: date) -> Decimal:
    held = Book(books.transfers).as_of(as_of).balances().items()
    return sum((amount for account, amount in held if account.kind in (Kind.RECEIVABLE, Kind.CREDIT)), ZERO)


@pytest.mark.parametrize(("start", "end"), PERIODS)
def test_the_roll_forward_joins_two_balances_of_the_ledger_room(written, start, end):
    books = written[1]
    found = selected(written, "roll_forward", start=start, end=end)
    assert found.opening == active(books, start - timedelta(days=1))
    assert found.closing == active(books, end)
    assert found.adds_up
    charged = sum(
        (
            t.amount if t.credit.kind in (Kind.REVENUE, Kind.FEE) else -t.amount
            for t in books.transfers
            if {t.debit.kind, t.credit.kind} & {Kind.REVENUE, Kind.FEE} and start <= t.effective_date <= end
        ),
        ZERO,
    )
    assert found.charges == charged
    assert found.other == ZERO


def test_the_closed_books_view_counts_by_the_day_of_posting(written):
    found = selected(written, "roll_forward", start=AS_OF, end=AS_OF, dated_by="posted_on")
    assert (found.opening, found.closing) == (ZERO, active(written[1], date(2030, 1, 1)))
    with pytest.raises(ValueError, match="dated"):
        selected(written, "roll_forward", start=AS_OF, end=AS_OF, dated_by="amount")


def test_queues_have_count_dollars_and_the_oldest(tenant, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports.selectors import queues
    from tests.lib.web_data import a_work_item

    with tenant_scope(other_tenant):
        a_work_item("denials", "z", amount=Decimal("9.00"))
    with tenant_scope(tenant):
        a_work_item("denials", "a", amount=Decimal("80.00"))
        a_work_item("denials", "b", amount=Decimal("20.00"))
        a_work_item("edit_holds", "c", due_date=date(2026, 9, 30))
        done = a_work_item("credit_balances", "d", amount=Decimal("5.00"))
        done.state = "done"
        done.save()
        first, second = queues()
    assert (first.worklist, first.count, first.amount, first.due) == ("edit_holds", 1, ZERO, 1)
    assert (second.worklist, second.count, second.amount, second.due) == ("denials", 2, Decimal("100.00"), 0)
    assert second.oldest == date(2026, 9, 30)
    assert second.title == "Denials"
