"""For each bank line that no proof matches: what it may be, scored, with the reasons in words. A person decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import msgspec

from claimwright.billing.bank_files.nouns import LineKind
from claimwright.billing.bank_matching import (
    DEFAULT_RULES,
    BankRules,
    Expected,
    ExpectedKind,
    Money,
    Settled,
    Suggestion,
    plain_name,
    plain_number,
    plain_trace,
)
from claimwright.codes.money import ZERO

# Points of the score. A trace is worth most; amount and payer and day together stay below what a trace alone gives.
TRACE_POINTS, AMOUNT_POINTS, PAYER_POINTS, NEAR_POINTS, WINDOW_POINTS, CLOSE_TRACE_POINTS = 50, 40, 25, 15, 5, 10
SEVERAL_EQUAL_COST = 20
SHOWN_FROM = 40
SHORTEST_SLIP = 6  # shorter numbers are all alike
_RETURNS = {LineKind.RETURNED_ITEM, LineKind.CHARGEBACK}


class Suggester:
    """Open money and settled lines, indexed once, asked line by line."""

    def __init__(
        self,
        lines: Sequence[Money],
        expected: Sequence[Expected],
        settled: Sequence[Settled] = (),
        rules: BankRules = DEFAULT_RULES,
    ) -> None:
        self.rules, self.settled = rules, settled
        self.by_amount: dict[Decimal, list[Expected]] = defaultdict(list)
        self.by_number: dict[str, list[Expected]] = defaultdict(list)
        self.by_payer: dict[str, list[Expected]] = defaultdict(list)
        self.receipts: dict[date, list[Expected]] = defaultdict(list)
        for one in expected:
            self.by_amount[one.amount].append(one)
            for number in {one.trace.number.strip().upper(), plain_number(one.check_number)} - {""}:
                self.by_number[number].append(one)
            for name in _payers(one):
                self.by_payer[name].append(one)
            if one.kind is ExpectedKind.RECEIPT:
                self.receipts[one.paid_on].append(one)
        self.lines_of_payer: dict[str, list[Money]] = defaultdict(list)
        for line in lines:
            for name in _line_payers(line):
                self.lines_of_payer[name].append(line)

    def for_line(self, line: Money) -> tuple[Suggestion, ...]:
        """The best suggestions, best first; equals of one another cost each other points."""
        found: dict[tuple[object, ...], Suggestion] = {}
        makers = (self._undone,) if line.kind in _RETURNS or line.amount < 0 else ()
        for maker in (*makers, self._single, self._split, self._merged, self._less_fee, self._receipts):
            for made in maker(line):
                key = (made.line_ids, tuple(sorted(made.expected_ids)), made.undoes)
                if key not in found or found[key].score < made.score:
                    found[key] = made
        ranked = sorted(found.values(), key=lambda one: (-one.score, one.expected_ids, one.line_ids))
        return tuple(_apart(ranked)[: self.rules.suggestions])

    def _single(self, line: Money) -> Iterator[Suggestion]:
        numbers = {plain_trace(trace).number for trace in line.traces} | {plain_number(line.check_number)}
        near = {one.expected_id: one for one in self.by_amount.get(line.amount, [])}
        for number in numbers - {""}:
            near |= {one.expected_id: one for one in self.by_number.get(number, [])}
        for one in near.values():
            if (one.amount > 0) != (line.amount > 0):
                continue
            score, reasons = self._points(line, one)
            if score >= SHOWN_FROM:
                difference = line.amount - one.amount
                yield Suggestion(line_ids=(line.line_id,), expected_ids=(one.expected_id,), score=min(score, 99),
                                 reasons=tuple(reasons), difference=difference)  # fmt: skip

    def _points(self, line: Money, one: Expected) -> tuple[int, list[str]]:
        score = 0
        reasons: list[str] = []
        numbers = {plain_trace(trace).number for trace in line.traces}
        mine = one.trace.number.strip().upper()
        if mine and mine in numbers or _same_check(line, one):
            score, reasons = score + TRACE_POINTS, [*reasons, "the same number"]
        elif mine and any(_close(mine, number) for number in numbers):
            score, reasons = score + CLOSE_TRACE_POINTS, [*reasons, "a number that differs by a slip"]
        if line.amount == one.amount:
            score, reasons = score + AMOUNT_POINTS, [*reasons, "the same amount"]
        else:
            reasons.append(f"the amount differs by {line.amount - one.amount}")
        if _payers(one) & _line_payers(line):
            score, reasons = score + PAYER_POINTS, [*reasons, "the same payer"]
        days = abs((line.posted_on - one.paid_on).days)
        if days <= self.rules.near_days:
            score, reasons = score + NEAR_POINTS, [*reasons, f"{days} days apart"]
        elif days <= self.rules.check_days_after:
            score, reasons = score + WINDOW_POINTS, [*reasons, f"{days} days apart, which is late"]
        else:
            reasons.append(f"{days} days apart")
        return score, reasons

    def _near_of_payer(self, line: Money) -> list[Expected]:
        found = {one.expected_id: one for name in _line_payers(line) for one in self.by_payer.get(name, [])}
        days = self.rules.near_days
        near = [one for one in found.values() if one.amount > 0 and abs((line.posted_on - one.paid_on).days) <= days]
        return sorted(near, key=lambda one: (one.paid_on, one.expected_id))

    def _near_receipts(self, line: Money) -> list[Expected]:
        days = range(-self.rules.near_days, self.rules.near_days + 1)
        return [one for off in days for one in self.receipts.get(line.posted_on - timedelta(days=off), ())]

    def _split(self, line: Money) -> Iterator[Suggestion]:
        """One line, several payments of its payer. More than one way to the sum is said and costs points."""
        near = [one for one in self._near_of_payer(line) if one.amount < line.amount]
        if line.amount <= 0 or not 2 <= len(near) <= self.rules.subset_candidates:
            return
        ways = _subsets(near, line.amount, self.rules.subset_members)
        for way in ways[:3]:
            said = "the only payments of it that do" if len(ways) == 1 else f"one of {len(ways)} ways"
            yield Suggestion(
                line_ids=(line.line_id,), expected_ids=tuple(one.expected_id for one in way),
                score=75 if len(ways) == 1 else 45,
                reasons=(f"{len(way)} payments of the same payer sum to it", said),
            )  # fmt: skip

    def _merged(self, line: Money) -> Iterator[Suggestion]:
        """Several lines, one payment: this line with one or two others of its payer in the same days."""
        others = [
            other
            for name in sorted(_line_payers(line))
            for other in self.lines_of_payer[name]
            if other.line_id != line.line_id and other.amount > 0
            and abs((other.posted_on - line.posted_on).days) <= self.rules.near_days
        ]  # fmt: skip
        others = list({other.line_id: other for other in others}.values())[: self.rules.subset_candidates]
        if line.amount <= 0 or not others:
            return
        wanted = {one.amount: one for one in self._near_of_payer(line) if one.amount > line.amount}
        for count in (1, 2):
            for some in combinations(others, count):
                one = wanted.get(line.amount + sum((other.amount for other in some), ZERO))
                if one is not None:
                    ids = tuple(sorted((line.line_id, *(other.line_id for other in some))))
                    yield Suggestion(line_ids=ids, expected_ids=(one.expected_id,), score=65 if count == 1 else 50,
                                     reasons=(f"{count + 1} lines of the same payer sum to it",))  # fmt: skip

    def _less_fee(self, line: Money) -> Iterator[Suggestion]:
        """A card payment less what the processor kept."""
        if line.amount <= 0 or line.kind is not LineKind.CARD:
            return
        for one in {one.expected_id: one for one in (*self._near_of_payer(line), *self._near_receipts(line))}.values():
            fee = one.amount - line.amount
            if ZERO < fee <= self._most_fee(one.amount, 1):
                yield Suggestion(line_ids=(line.line_id,), expected_ids=(one.expected_id,), score=60, fee=fee,
                                 reasons=("a card payment", f"a fee of {fee} was kept"))  # fmt: skip

    def _receipts(self, line: Money) -> Iterator[Suggestion]:
        """All that patients paid by one means on one day, less a card fee."""
        means = {"CARD"} if line.kind is LineKind.CARD else {"CASH", "CHK"}
        days: dict[date, list[Expected]] = defaultdict(list)
        for one in self._near_receipts(line):
            if one.method in means and one.paid_on <= line.posted_on:
                days[one.paid_on].append(one)
        for day, some in days.items():
            total = sum((one.amount for one in some), ZERO)
            fee = total - line.amount
            allowed = self._most_fee(total, len(some)) if line.kind is LineKind.CARD else ZERO
            if len(some) > 1 and line.amount > 0 and ZERO <= fee <= allowed:
                said = (f"a fee of {fee} was kept",) if fee else ()
                yield Suggestion(
                    line_ids=(line.line_id,), expected_ids=tuple(sorted(one.expected_id for one in some)), fee=fee,
                    score=70 if fee else 80, reasons=(f"all {len(some)} receipts of {day}", *said),
                )  # fmt: skip

    def _most_fee(self, amount: Decimal, count: int) -> Decimal:
        return amount * self.rules.fee_share + self.rules.fee_flat_amount * count

    def _undone(self, line: Money) -> Iterator[Suggestion]:
        """What a returned check, a chargeback or a reversal takes back: a receipt or a line of the opposite amount."""
        number = plain_number(line.check_number)
        for past in self.settled:
            if past.posted_on > line.posted_on:
                continue
            named = bool({plain_trace(t) for t in line.traces} & {plain_trace(t) for t in past.traces})
            if past.amount == -line.amount:
                yield Suggestion(
                    line_ids=(line.line_id,), expected_ids=(), undoes=past.match_id, score=90 if named else 50,
                    reasons=("takes back a line of the same amount", *(("the same number",) if named else ())),
                )  # fmt: skip
            for one in past.expected if line.kind in _RETURNS else ():
                if one.kind is ExpectedKind.RECEIPT and one.amount == -line.amount:
                    same = bool(number) and number == plain_number(one.check_number)
                    yield Suggestion(
                        line_ids=(line.line_id,), expected_ids=(one.expected_id,), score=95 if same else 55,
                        reasons=("a receipt of the same amount came back", *(("the same check",) if same else ())),
                    )  # fmt: skip


def _payers(one: Expected) -> set[str]:
    return {name for name in (one.trace.payer_id.strip().upper(), *map(plain_name, one.payer_names)) if name}


def _line_payers(line: Money) -> set[str]:
    ids = {trace.payer_id.strip().upper() for trace in line.traces}
    return {name for name in (*ids, plain_name(line.payer_name)) if name}


def _same_check(line: Money, one: Expected) -> bool:
    number = plain_number(line.check_number)
    return bool(number) and number == plain_number(one.check_number)


def _close(one: str, other: str) -> bool:
    """One digit wrong, two changed places, or the end cut off: slips that people and banks make."""
    if min(len(one), len(other)) < SHORTEST_SLIP:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    if len(one) != len(other):
        return False
    wrong = [n for n in range(len(one)) if one[n] != other[n]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
    return len(wrong) == 1


def _subsets(money: Sequence[Expected], total: Decimal, members: int) -> list[tuple[Expected, ...]]:
    return [
        some
        for count in range(2, min(members, len(money)) + 1)
        for some in combinations(money, count)
        if sum((one.amount for one in some), ZERO) == total
    ]


def _apart(ranked: list[Suggestion]) -> list[Suggestion]:
    """Suggestions of one score are doubtful all alike: each says so and loses points."""
    equal = Counter(one.score for one in ranked)
    made = [
        msgspec.structs.replace(
            one, score=one.score - SEVERAL_EQUAL_COST, reasons=(*one.reasons, f"{equal[one.score]} fit alike")
        )
        if equal[one.score] > 1
        else one
        for one in ranked
    ]
    return sorted(made, key=lambda one: (-one.score, one.expected_ids, one.line_ids))
