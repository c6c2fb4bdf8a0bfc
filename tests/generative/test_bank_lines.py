"""Row 26. Bank lines of every manner, file by file: no wrong automatic match, and each dollar matched or listed.

2,000 lines of one seed and 500 of a fresh one here; `make prove ROW=26` reads 100,000.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.bank_files import BankLine, read_bank_file
from claimwright.billing.bank_matching import Expected, Money, Settled, match_certainly
from claimwright.billing.bank_suggestions import Suggester
from tests.lib.bank_lines import CLEAN, MANNERS, Feed, as_bai2
from tests.lib.proving import result, scale, seeds, under

ZERO = Decimal("0.00")


def as_money(line: BankLine) -> Money:
    return Money(
        line_id=line.bank_reference, amount=line.amount, posted_on=line.posted_on, kind=line.kind, traces=line.traces,
        check_number=line.check_number, batch_number=line.batch_number, payer_name=line.payer_name, items=line.items,
        gross=line.gross, fee=line.fee,
    )  # fmt: skip


class Office:
    """What an office does with the feed: each day's file read, matched with all that is still open."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.open: dict[str, Money] = {}
        self.expected: dict[str, Expected] = {}
        self.settled: dict[str, Settled] = {}
        self.wrong: list[str] = []
        self.matched, self.seen, self.fees = ZERO, ZERO, ZERO
        self.automatic: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()

    def run(self, count: int) -> None:
        for day, expected, rows in self.feed.days(count):
            self.expected |= {one.expected_id: one for one in expected}
            read = read_bank_file(as_bai2(day, rows))
            assert read.faults == ()
            (statement,) = read.statements
            assert [line.bank_reference for line in statement.lines] == [row.reference for row in rows]
            for line in statement.lines:
                self.open[line.bank_reference] = as_money(line)
                self.seen += line.amount
                self.lines[self.feed.manner[line.bank_reference]] += 1
            while self._match():
                pass

    def _match(self) -> int:
        found = match_certainly(list(self.open.values()), list(self.expected.values()), list(self.settled.values()))
        for match in found.certain:
            lines = [self.open.pop(line_id) for line_id in match.line_ids]
            money = [self.expected.pop(one) for one in match.expected_ids]
            total = sum((line.amount for line in lines), ZERO)
            self.matched += total
            self.automatic.update(self.feed.manner[line.line_id] for line in lines)
            if match.undoes:
                self._check_reversal(match.undoes, lines[0])
                continue
            if total != sum((one.amount for one in money), ZERO) - match.fee:
                self.wrong.append(f"{match} does not sum")
            truth = [self.feed.truth.get(line.line_id) for line in lines]
            if set(truth) != {frozenset(match.expected_ids)}:
                self.wrong.append(f"{match}: in truth {truth}")
            for line in lines:
                self.settled[line.line_id] = Settled(
                    line_id=line.line_id, match_id=line.line_id, amount=line.amount, posted_on=line.posted_on,
                    traces=line.traces, expected=tuple(money),
                )  # fmt: skip
        return len(found.certain)

    def _check_reversal(self, undoes: str, line: Money) -> None:
        if self.feed.reversals.get(line.line_id) != undoes:
            self.wrong.append(f"{line.line_id} is no reversal of {undoes}")
        past = self.settled[undoes]
        self.settled[undoes] = msgspec.structs.replace(past, amount=ZERO)

    @property
    def listed(self) -> Decimal:
        return sum((line.amount for line in self.open.values()), ZERO)


def clean_share(office: Office) -> float:
    lines = sum(office.lines[manner] for manner in CLEAN)
    return sum(office.automatic[manner] for manner in CLEAN) / lines


def check(count: int, seed: int) -> Office:
    office = Office(Feed(seed))
    office.run(count)
    assert office.wrong == []
    assert office.seen == office.matched + office.listed
    assert sum(office.lines.values()) >= count
    assert clean_share(office) >= 0.95
    return office


@pytest.fixture(scope="module")
def office():
    return check(2_000, seed=26)


def test_no_automatic_match_is_wrong_and_each_dollar_is_matched_or_listed(office):
    assert set(office.feed.made) == set(MANNERS), "every manner came"
    never = {
        "split_untraced", "card_fee", "very_late", "slipped_trace", "cut_trace", "no_payer_id", "check_for_eft", "short",
        "lockbox_total", "chargeback", "returned_check", "missing_era", "check_without_payer", "recycled_check",
        "bank_fee", "nothing_of_ours",
    }  # fmt: skip
    assert {manner for manner in never if office.automatic[manner]} == set()


def test_what_is_left_is_suggested_rightly_more_often_than_not(office):
    """Suggestions are no proof; of the lines whose money is still open, most are offered the truth first."""
    open_lines = list(office.open.values())
    suggester = Suggester(open_lines, list(office.expected.values()), list(office.settled.values()))
    asked = hit = first = 0
    for line in open_lines:
        truth = office.feed.truth.get(line.line_id)
        if not truth or not truth <= set(office.expected):
            continue
        made = suggester.for_line(line)
        assert all(0 <= one.score < 100 and one.reasons for one in made)
        asked += 1
        hit += any(set(one.expected_ids) == truth for one in made)
        first += bool(made) and set(made[0].expected_ids) == truth
    assert asked > 50
    assert hit / asked > 0.6
    assert first / asked > 0.5


def test_a_matcher_that_trusts_the_amount_is_caught():
    """The canary: matching by amount and payer alone makes wrong matches that this check sees."""
    office = Office(Feed(5))
    for day, expected, rows in office.feed.days(400):
        office.expected |= {one.expected_id: one for one in expected}
        for line in read_bank_file(as_bai2(day, rows)).statements[0].lines:
            fit = [one for one in office.expected.values() if one.amount == line.amount]
            if fit and office.feed.truth.get(line.bank_reference) != {fit[0].expected_id}:
                office.wrong.append(line.bank_reference)
    assert len(office.wrong) > 20


def test_no_automatic_match_is_wrong_under_a_fresh_seed():
    with under(seeds()[1]) as chance:
        check(500, seed=chance.randrange(1_000_000))


@pytest.mark.prove
def test_row26_a_hundred_thousand_lines():
    """`make prove ROW=26`"""
    seen: list[Office] = []

    def words() -> str:
        (office,) = seen
        return (
            f"{sum(office.lines.values()):,} lines, {sum(office.automatic.values()):,} matched alone, none wrong;"
            f" {clean_share(office):.2%} of clean lines; {office.matched} matched + {office.listed} listed = {office.seen}"
        )

    with result(26, words):
        seen.append(check(scale(100_000), seed=2026))
