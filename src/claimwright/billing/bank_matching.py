"""Bank lines against the money that is expected: matched without a person only where no doubt is left.

A certain match is one of the proofs in `Proof`. Each is a whole group: the lines and the expected money that name each
other, summing to the same cent. A line or an expected payment that stands in two groups is in none: two proofs that
want the same money are a doubt, and a doubt is a person's. Whatever is left is listed with scored suggestions.

Sources: CAQH CORE 370 (reassociation by the CCD+ addenda's TRN02 and TRN03), the domain specification section 7.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from claimwright.billing.bank_files.nouns import DepositItem, LineKind, Trace
from claimwright.claims.nouns import Noun
from claimwright.codes.money import ZERO


class BankRules(Noun, frozen=True):
    """Windows in calendar days from the payment's date to the bank's. Wide for traces, which are unique; a check may
    be mailed and lie; `near_days` is the domain's window for matching by amount and payer alone."""

    trace_days_before: int = 10
    trace_days_after: int = 90
    check_days_before: int = 3
    check_days_after: int = 60
    batch_days_after: int = 10
    near_days: int = 5
    fee_share: Decimal = Decimal("0.05")  # the most a processor keeps of a card payment
    fee_flat_amount: Decimal = Decimal("0.50")
    subset_candidates: int = 14
    subset_members: int = 6
    suggestions: int = 5


DEFAULT_RULES = BankRules()


class ExpectedKind(StrEnum):
    REMITTANCE = "remittance"
    DEPOSIT = "deposit"  # announced by an EFT notice, booked, not yet on a statement
    RECEIPT = "receipt"
    REFUND = "refund"  # a check of ours: its amount is below zero


class Expected(Noun, frozen=True):
    """Money that should come to, or leave, the bank. `paid_on` is the payment's date; without a `practice_id` it may
    come to any account."""

    expected_id: str
    kind: ExpectedKind
    amount: Decimal
    paid_on: date
    method: str = ""  # ACH, CHK, CARD, CASH ...
    trace: Trace = Trace(number="")
    check_number: str = ""
    batch_number: str = ""
    payer_names: tuple[str, ...] = ()
    practice_id: str = ""


class Money(Noun, frozen=True):
    """A bank line that is not matched yet."""

    line_id: str
    amount: Decimal
    posted_on: date
    kind: LineKind = LineKind.OTHER
    traces: tuple[Trace, ...] = ()
    check_number: str = ""
    batch_number: str = ""
    payer_name: str = ""
    items: tuple[DepositItem, ...] = ()
    gross: Decimal | None = None
    fee: Decimal | None = None


class Settled(Noun, frozen=True):
    """A line that is matched already: what a bank's reversal, a returned check or a chargeback may undo."""

    line_id: str
    match_id: str
    amount: Decimal
    posted_on: date
    traces: tuple[Trace, ...] = ()
    check_numbers: tuple[str, ...] = ()
    expected: tuple[Expected, ...] = ()


class Proof(StrEnum):
    TRACE = "TRACE"  # TRN02 and TRN03 name it, amount the same
    TRACE_SPLIT = "TRACE_SPLIT"  # one line names several payments that sum to it
    TRACE_MERGED = "TRACE_MERGED"  # several lines name one payment and sum to it
    CHECK = "CHECK"  # check number, payer and amount
    LOCKBOX_ITEMS = "LOCKBOX_ITEMS"  # each item by check number, payer and amount
    BATCH = "BATCH"  # deposit slip or settlement number, gross less the stated fee
    REVERSAL = "REVERSAL"  # the bank took back a matched line: same trace, opposite amount


class CertainMatch(Noun, frozen=True):
    """Sum of the lines = sum of the expected - fee. A reversal names the match it undoes in `undoes`."""

    proof: Proof
    line_ids: tuple[str, ...]
    expected_ids: tuple[str, ...] = ()
    fee: Decimal = ZERO
    undoes: str = ""


class Suggestion(Noun, frozen=True):
    """For a person. `score` 0 to 100, `reasons` in words; accepted only if lines = expected - fee."""

    line_ids: tuple[str, ...]
    expected_ids: tuple[str, ...]
    score: int
    reasons: tuple[str, ...]
    fee: Decimal = ZERO
    difference: Decimal = ZERO  # lines + fee - expected; not zero: to look at, not to accept
    undoes: str = ""


class Matching(Noun, frozen=True):
    """Every line once: in one certain match, or in `unmatched`."""

    certain: tuple[CertainMatch, ...]
    unmatched: tuple[str, ...]


class _Group(msgspec.Struct, frozen=True):
    proof: Proof
    lines: tuple[Money, ...]
    expected: tuple[Expected, ...]
    fee: Decimal = ZERO
    undoes: str = ""


def match_certainly(
    lines: Sequence[Money],
    expected: Sequence[Expected],
    settled: Sequence[Settled] = (),
    rules: BankRules = DEFAULT_RULES,
) -> Matching:
    """Every match that is proved, and the lines that are not. Order of the input does not matter."""
    index = _Index(expected, settled)
    groups = [*_by_trace(lines, index, rules), *_by_check(lines, index, rules), *_by_items(lines, index, rules),
              *_by_batch(lines, index, rules), *_reversals(lines, settled)]  # fmt: skip
    line_uses = Counter(line.line_id for group in groups for line in group.lines)
    money_uses = Counter(one.expected_id for group in groups for one in group.expected)
    undo_uses = Counter(group.undoes for group in groups if group.undoes)
    certain = [
        CertainMatch(
            proof=group.proof, line_ids=tuple(line.line_id for line in group.lines),
            expected_ids=tuple(one.expected_id for one in group.expected), fee=group.fee, undoes=group.undoes,
        )
        for group in groups
        if all(line_uses[line.line_id] == 1 for line in group.lines)
        and all(money_uses[one.expected_id] == 1 for one in group.expected)
        and (not group.undoes or undo_uses[group.undoes] == 1)
    ]  # fmt: skip
    done = {line_id for match in certain for line_id in match.line_ids}
    return Matching(certain=tuple(certain), unmatched=tuple(line.line_id for line in lines if line.line_id not in done))


class _Index:
    """The expected money by each of its names; and the names that settled lines have used."""

    def __init__(self, expected: Iterable[Expected], settled: Iterable[Settled] = ()) -> None:
        self.by_trace: dict[Trace, list[Expected]] = defaultdict(list)
        self.by_check: dict[tuple[str, Decimal], list[Expected]] = defaultdict(list)
        self.by_batch: dict[str, list[Expected]] = defaultdict(list)
        self.used = {trace for line in settled for trace in line.traces}
        for one in expected:
            if one.trace.number and one.trace.payer_id:
                self.by_trace[plain_trace(one.trace)].append(one)
            if number := plain_number(one.check_number):
                self.by_check[number, one.amount].append(one)
            if one.batch_number:
                self.by_batch[one.batch_number.strip().upper()].append(one)


def plain_trace(trace: Trace) -> Trace:
    return Trace(number=trace.number.strip().upper(), payer_id=trace.payer_id.strip().upper())


def plain_number(number: str) -> str:
    """A check number as banks and payers both write it: no leading zeros, no blanks."""
    return number.strip().lstrip("0").upper()


def plain_name(name: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in name.upper()).split())


def _days(one: Expected, line: Money) -> int:
    return (line.posted_on - one.paid_on).days


def _in(days: int, before: int, after: int) -> bool:
    return -before <= days <= after


# Proofs --------------------------------------------------------------------------------------------------------------


def _by_trace(lines: Sequence[Money], index: _Index, rules: BankRules) -> Iterator[_Group]:
    """By TRN02 and TRN03. All lines and all payments of a trace are one group, or the group is in doubt."""
    naming: dict[Trace, list[Money]] = defaultdict(list)
    arrived = [line for line in lines if line.amount > 0]
    for line in arrived:
        for trace in {plain_trace(one) for one in line.traces}:
            naming[trace].append(line)
    for line in arrived:
        traces = {plain_trace(one) for one in line.traces}
        if len(traces) > 1 and all(naming[trace] == [line] for trace in traces):
            found = [index.by_trace.get(trace, []) for trace in sorted(traces)]
            if all(found):
                yield from _whole(Proof.TRACE_SPLIT, [line], [one for some in found for one in some], rules)
    for trace, named in naming.items():
        expected = index.by_trace.get(trace, [])
        if not expected or any(len(line.traces) != 1 for line in named):
            continue
        if trace in index.used and len(expected) == 1 and expected[0].kind is not ExpectedKind.DEPOSIT:
            # The bank has shown this number before: a number used again is compared by a person.
            continue
        if len(named) == 1:
            yield from _whole(Proof.TRACE if len(expected) == 1 else Proof.TRACE_SPLIT, named, expected, rules)
        elif len(expected) == 1:
            yield from _whole(Proof.TRACE_MERGED, named, expected, rules)


def _whole(proof: Proof, lines: list[Money], expected: list[Expected], rules: BankRules) -> Iterator[_Group]:
    same = sum((line.amount for line in lines), ZERO) == sum((one.amount for one in expected), ZERO)
    near = all(
        _in(_days(one, line), rules.trace_days_before, rules.trace_days_after) for line in lines for one in expected
    )
    if same and near and all(one.amount > 0 for one in expected):
        yield _Group(proof, tuple(lines), tuple(expected))


def _by_check(lines: Sequence[Money], index: _Index, rules: BankRules) -> Iterator[_Group]:
    """By check number, payer and amount. Numbers of two payers meet, so without the payer's name it is no proof."""
    for line in lines:
        if line.items or line.traces or line.amount <= 0 or not line.check_number or not line.payer_name:
            continue
        found = _checks(line.check_number, line.amount, line.payer_name, line, index, rules)
        if len(found) == 1:
            yield _Group(Proof.CHECK, (line,), (found[0],))
        else:
            # Two payments fit: both are kept out, also from other groups.
            for one in found:
                yield _Group(Proof.CHECK, (line,), (one,))


def _by_items(lines: Sequence[Money], index: _Index, rules: BankRules) -> Iterator[_Group]:
    for line in lines:
        if not line.items or sum((item.amount for item in line.items), ZERO) != line.amount:
            continue
        each = [_checks(item.check_number, item.amount, item.payer_name, line, index, rules) for item in line.items]
        if all(len(found) == 1 for found in each):
            # An item that stands twice names one payment twice: that counts two uses, and so is no proof.
            yield _Group(Proof.LOCKBOX_ITEMS, (line,), tuple(found[0] for found in each))


def _checks(
    number: str, amount: Decimal, payer: str, line: Money, index: _Index, rules: BankRules
) -> list[Expected]:  # fmt: skip
    name = plain_name(payer)
    if not name or not plain_number(number):
        return []
    return [
        one
        for one in index.by_check.get((plain_number(number), amount), [])
        if name in {plain_name(known) for known in one.payer_names}
        and _in(_days(one, line), rules.check_days_before, rules.check_days_after)
    ]


def _by_batch(lines: Sequence[Money], index: _Index, rules: BankRules) -> Iterator[_Group]:
    """By deposit slip or settlement number: all receipts of the batch, less a fee that the bank's line states."""
    for line in lines:
        if not line.batch_number or line.amount <= 0 or line.traces or line.items:
            continue
        expected = index.by_batch.get(line.batch_number.strip().upper(), [])
        total = sum((one.amount for one in expected), ZERO)
        fee = line.fee or ZERO
        gross = line.gross if line.gross is not None else line.amount + fee
        near = all(_in(_days(one, line), 0, rules.batch_days_after) for one in expected)
        if expected and near and fee >= 0 and total == gross and gross - fee == line.amount:
            yield _Group(Proof.BATCH, (line,), tuple(expected), fee)


def _reversals(lines: Sequence[Money], settled: Sequence[Settled]) -> Iterator[_Group]:
    """The bank took an EFT back: the same trace, the opposite amount, not before the day it came, and one only."""
    by_name: dict[tuple[tuple[Trace, ...], Decimal], list[Settled]] = defaultdict(list)
    for one in settled:
        if one.traces and all(trace.payer_id for trace in one.traces):
            by_name[tuple(sorted(plain_trace(trace) for trace in one.traces)), one.amount].append(one)
    for line in lines:
        if line.amount >= 0 or not line.traces:
            continue
        found = by_name.get((tuple(sorted(plain_trace(trace) for trace in line.traces)), -line.amount), [])
        if len(found) == 1 and line.posted_on >= found[0].posted_on:
            yield _Group(Proof.REVERSAL, (line,), (), ZERO, found[0].match_id)
