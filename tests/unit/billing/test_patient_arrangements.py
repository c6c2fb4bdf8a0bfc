"""Inquiries, financial assistance and good-faith estimates: boundaries by day and by dollar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing import financial_assistance as assistance
from claimwright.billing import good_faith_estimates as gfe
from claimwright.billing.inquiries import InquiryRefused, Topic, answer_due, check_resolution, is_dispute, is_overdue
from claimwright.billing.policies import Policies
from claimwright.codes.poverty_guidelines import poverty_guideline
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer


def d(value: str | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


# Inquiries ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 9, 1), date(2026, 9, 16)),  # Labor Day between
        (date(2026, 6, 15), date(2026, 6, 30)),  # Juneteenth between
        (date(2026, 11, 20), date(2026, 12, 7)),  # Thanksgiving
        (date(2026, 12, 18), date(2027, 1, 5)),  # Christmas and New Year
        (date(2026, 8, 1), date(2026, 8, 14)),  # a Saturday
        (date(2026, 8, 3), date(2026, 8, 17)),
        (date(2026, 6, 29), date(2026, 7, 14)),  # 4 July is a Saturday, kept on Friday
    ],
)
def test_an_inquiry_is_answered_within_ten_business_days(received: date, due: date):
    assert answer_due(received) == due
    assert not is_overdue(due, due) and is_overdue(due, due + timedelta(days=1))


def test_a_question_disputes_nothing_and_an_answer_needs_words():
    assert [topic for topic in Topic if not is_dispute(topic)] == [Topic.QUESTION]
    for resolution, letter in (("explained", " "), ("lost", "words")):
        with pytest.raises(InquiryRefused):
            check_resolution(resolution, letter)
    assert check_resolution("withdrawn", "") == "withdrawn"


# Financial assistance -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "on", "size", "dollars"),
    [
        ("WI", date(2024, 1, 11), 1, 15060), ("WI", date(2025, 1, 14), 4, 31200), ("WI", date(2025, 1, 15), 4, 32150),
        ("WI", date(2026, 1, 12), 1, 15650), ("WI", date(2026, 1, 13), 1, 15960), ("DC", date(2026, 11, 1), 4, 33000),
        ("AK", date(2026, 11, 1), 4, 41250), ("HI", date(2026, 11, 1), 8, 64070), ("AK", date(2024, 6, 1), 2, 25540),
        ("HI", date(2025, 6, 1), 3, 30650), ("TX", date(2026, 11, 1), 9, 61400), ("PR", date(2026, 11, 1), 1, 15960),
    ],
)  # fmt: skip
def test_the_poverty_guideline_of_a_day(state: str, on: date, size: int, dollars: int):
    row = poverty_guideline(state, on)
    assert row is not None and row.value.for_household(size) == dollars and " FR " in row.source


@pytest.mark.parametrize(
    ("income", "percent"),
    [
        ("0", 100), ("31920.00", 100), ("31920.01", 75), ("39900.00", 75), ("39900.01", 50), ("47880.00", 50),
        ("47880.01", 25), ("63840.00", 25), ("63840.01", 0),
    ],
)  # fmt: skip
def test_the_sliding_scale_at_its_edges(income: str, percent: int):
    found = assistance.measure(household_size=1, annual_income=d(income), state="WI", on=date(2026, 9, 30))
    assert found.discount_percent == percent


def test_no_guideline_is_guessed_for_an_unknown_year():
    with pytest.raises(assistance.AssistanceRefused, match="guideline"):
        assistance.measure(household_size=1, annual_income=d(0), state="WI", on=date(2024, 1, 10))


APPLIED, DECIDED = date(2026, 9, 1), date(2026, 9, 30)
FACTS = {
    "taken_by": "anna", "decided_by": "bo", "role": "supervisor", "documents": ["pay_stubs"], "discount_percent": 75,
    "measured": assistance.measure(household_size=1, annual_income=d(35000), state="WI", on=APPLIED),
    "applied_on": APPLIED, "decided_on": DECIDED,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"decided_by": "anna"}, "takes an application"), ({"role": "biller"}, "supervisor"), ({"documents": []}, "documents"),
        ({"documents": ["photo"]}, "documents"), ({"discount_percent": 100}, "why another"), ({"discount_percent": 0}, "deny"),
        ({"retroactive_from": APPLIED - timedelta(days=241)}, "not before"),
        ({"retroactive_from": DECIDED + timedelta(days=1)}, "not after"),
    ],
)  # fmt: skip
def test_decisions_that_are_refused(change: dict[str, object], word: str):
    with pytest.raises(assistance.AssistanceRefused, match=word):
        assistance.decide(**FACTS | change)


def test_the_window_of_a_decision():
    made = assistance.decide(**FACTS | {"retroactive_from": APPLIED - timedelta(days=240)})
    assert (made.first_service, made.last_service) == (date(2026, 1, 4), date(2027, 3, 29))
    edges = [made.first_service - timedelta(days=1), made.first_service, made.last_service]
    assert [made.covers(day) for day in (*edges, made.last_service + timedelta(days=1))] == [False, True, True, False]


def test_charity_is_the_percent_of_the_share_and_at_most_what_is_open():
    made = assistance.decide(**FACTS)

    def line(name: str, responsibility: str, given: str, balance: str, on: date = DECIDED) -> assistance.AssistedLine:
        return assistance.AssistedLine(
            line_id=name, date_of_service=on, responsibility=d(responsibility), given=d(given), open_balance=d(balance)
        )

    lines = [
        line("A", "100.01", "0", "100.01"), line("B", "100", "75", "25"), line("C", "100", "0", "40"),
        line("D", "100", "0", "100", date(2026, 8, 31)), line("E", "200", "75", "125"), line("F", "0", "0", "0"),
    ]  # fmt: skip
    taken = assistance.take_off(lines, made, practice_id="north", key="assistance/1", on=DECIDED, numbers={"E": 1})
    assert [(entry.credit.subject, entry.amount) for entry in taken] == [
        ("A", d("75.01")), ("C", d(40)), ("E", d(75))
    ]  # fmt: skip
    assert {entry.debit.bucket for entry in taken} == {"WO-CHARITY"}
    assert taken[-1].key == "assistance/1/E/2"


def test_a_share_is_read_off_the_ledger():
    line, insurer, credit = receivable("A", "PAT"), receivable("A", "INS1"), Account(Kind.CREDIT, "p")
    charity = Account(Kind.ADJUSTMENT, "north", "WO-CHARITY")
    rows = [
        (line, insurer, 100, EntryType.XFER), (credit, line, 20, EntryType.APPLY), (charity, line, 50, EntryType.ADJ),
        (line, charity, 10, EntryType.REVERSAL), (insurer, line, 30, EntryType.REVERSAL),
    ]  # fmt: skip
    book = [
        Transfer(debit=a, credit=b, amount=d(n), entry_type=kind, key=str(i), effective_date=DECIDED)
        for i, (a, b, n, kind) in enumerate(rows)
    ]
    assert assistance.shares("A", book) == (d(70), d(40), d(10))


# Good-faith estimates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheduled", "service", "owed", "due"),
    [
        (date(2026, 8, 3), date(2026, 8, 4), "none", None), (date(2026, 8, 3), date(2026, 8, 5), "none", None),
        (date(2026, 8, 3), date(2026, 8, 6), "scheduled_near", date(2026, 8, 4)),
        (date(2026, 8, 6), date(2026, 8, 10), "none", None),  # the weekend does not count
        (date(2026, 8, 6), date(2026, 8, 11), "scheduled_near", date(2026, 8, 7)),
        (date(2026, 8, 7), date(2026, 8, 12), "scheduled_near", date(2026, 8, 10)),
        (date(2026, 8, 8), date(2026, 8, 12), "scheduled_near", date(2026, 8, 10)),  # scheduled on a Saturday
        (date(2026, 9, 4), date(2026, 9, 9), "none", None),  # Labor Day
        (date(2026, 9, 4), date(2026, 9, 10), "scheduled_near", date(2026, 9, 8)),
        (date(2026, 8, 3), date(2026, 8, 14), "scheduled_near", date(2026, 8, 4)),
        (date(2026, 8, 3), date(2026, 8, 17), "scheduled_far", date(2026, 8, 6)),
        (date(2026, 8, 3), date(2026, 8, 16), "scheduled_near", date(2026, 8, 4)),
        (date(2026, 11, 23), date(2026, 12, 7), "scheduled_near", date(2026, 11, 24)),  # Thanksgiving: nine
        (date(2026, 11, 23), date(2026, 12, 8), "scheduled_far", date(2026, 11, 27)),
        (date(2026, 12, 23), date(2026, 12, 28), "none", None),  # Christmas: two
        (date(2026, 12, 23), date(2026, 12, 29), "scheduled_near", date(2026, 12, 24)),
        (date(2026, 12, 24), date(2026, 12, 31), "scheduled_near", date(2026, 12, 28)),
    ],
)  # fmt: skip
def test_when_an_estimate_is_due(scheduled: date, service: date, owed: str, due: date | None):
    clock = gfe.estimate_clock(scheduled_on=scheduled, service_on=service)
    assert (clock.owed.value, clock.due_on) == (owed, due)


@pytest.mark.parametrize(
    ("scheduled", "service", "requested", "owed", "due"),
    [
        (None, None, date(2026, 8, 3), "on_request", date(2026, 8, 6)),
        (None, None, date(2026, 8, 6), "on_request", date(2026, 8, 11)),
        (None, None, date(2026, 9, 4), "on_request", date(2026, 9, 10)),
        (date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 3), "on_request", date(2026, 8, 6)),
        (date(2026, 8, 3), date(2026, 8, 6), date(2026, 8, 3), "scheduled_near", date(2026, 8, 4)),
        (date(2026, 8, 10), date(2026, 9, 30), date(2026, 8, 3), "on_request", date(2026, 8, 6)),
        (None, None, None, "none", None),
    ],
)
def test_a_request_starts_its_own_clock(
    scheduled: date | None, service: date | None, requested: date | None, owed: str, due: date | None
):
    clock = gfe.estimate_clock(scheduled_on=scheduled, service_on=service, requested_on=requested)
    assert (clock.owed.value, clock.due_on) == (owed, due)


@pytest.mark.parametrize(
    ("billed", "disputable"),
    [("600.00", False), ("999.99", False), ("1000.00", True), ("1000.01", True), ("100.00", False)],
)
def test_a_bill_of_four_hundred_dollars_over_may_be_disputed(billed: str, disputable: bool):
    (excess,) = gfe.compare({"1": d(600)}, {"1": d(billed)})
    assert (excess.may_be_disputed, excess.over) == (disputable, d(billed) - 600)


def test_each_provider_is_compared_alone():
    found = gfe.compare({"1": d(600), "2": d(500)}, {"1": d(900), "2": d(600), "3": d(400)})
    assert [(row.provider_npi, row.may_be_disputed) for row in found] == [("1", False), ("2", False), ("3", True)]


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, "before the first bill"), (0, ""), (119, ""), (120, ""), (121, "ended on 2026-12-29")]
)
def test_a_dispute_has_a_hundred_and_twenty_days(days: int, refused: str):
    billed = date(2026, 8, 31)
    over = gfe.compare({"1": d(600)}, {"1": d(1000)})
    filed = billed + timedelta(days=days)
    if not refused:
        gfe.check_dispute(excesses=over, filed_on=filed, first_billed_on=billed)
        return
    with pytest.raises(gfe.EstimateRefused, match=refused):
        gfe.check_dispute(excesses=over, filed_on=filed, first_billed_on=billed)


def test_versions_and_keeping():
    assert gfe.new_version_due(date(2026, 9, 8)) == date(2026, 9, 4)
    assert gfe.keep_until(date(2024, 2, 29)) == date(2030, 2, 28)


def test_the_price_is_the_contract_then_the_charge_master_less_the_discount():
    off = Policies(self_pay_discount_share=Decimal("0.15"))
    assert gfe.self_pay_price(d("33.33"), Decimal(3), policies=off) == d("84.99")
    assert gfe.self_pay_price(d(100), Decimal(2), contracted=d(60), policies=off) == d(120)
    assert gfe.self_pay_price(None, Decimal(1)) is None


ITEM = gfe.EstimateItem(
    code="99204", description="New patient visit", charge=d(280), provider_name="Lakeside", provider_npi="1000000004",
    provider_tax_id="391234567",
)  # fmt: skip
ESTIMATE = gfe.Estimate(
    patient_name="Anna Tester", birth_date=date(1980, 5, 17), primary_service="New patient visit", items=(ITEM,),
    service_on=date(2026, 9, 30), diagnosis_codes=("J06.9",), issued_on=date(2026, 9, 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"items": ()}, "services"), ({"birth_date": None}, "patient"), ({"primary_service": " "}, "primary"),
        ({"items": (msgspec.structs.replace(ITEM, charge=d(0)),)}, "charge"),
        ({"items": (ITEM, msgspec.structs.replace(ITEM, provider_tax_id=""))}, "service 2"),
        ({"items": (msgspec.structs.replace(ITEM, description=""),)}, "plain words"),
        ({"recurs_until": date(2027, 10, 1)}, "12 months"), ({"recurs_until": date(2026, 9, 29)}, "12 months"),
    ],
)  # fmt: skip
def test_an_estimate_says_all_that_it_must(change: dict[str, object], word: str):
    gfe.check_estimate(msgspec.structs.replace(ESTIMATE, recurs_until=date(2027, 9, 30)))
    with pytest.raises(gfe.EstimateRefused, match=word):
        gfe.check_estimate(msgspec.structs.replace(ESTIMATE, **change))
