"""Money that the bank shows as one sum and the books hold as several: a deposit slip, a card batch.

Higher apps tell the bank of theirs by `register`; the bank knows none of them. In the list of open money a group takes
the place of its members while all of them are open; when a line is tied to it the members are what is booked, and the
group's own difference (a drawer over or short, booked when it closed) is the match's fee, below zero where it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from claimwright.billing.bank_matching import Expected
from claimwright.claims.nouns import Noun
from claimwright.codes.money import ZERO


class MoneyGroup(Noun, frozen=True, kw_only=True):
    """`expected.amount` = the members' sum + `difference`. `is_booked`: the difference is in the ledger already."""

    expected: Expected
    members: tuple[str, ...]  # expected ids
    difference: Decimal = ZERO
    is_booked: bool = False


Source = Callable[[], Sequence[MoneyGroup]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Once, when the app of the groups is ready."""
    if source not in _sources:
        _sources.append(source)


def groups() -> dict[str, MoneyGroup]:
    return {group.expected.expected_id: group for source in _sources for group in source()}


def grouped(money: Sequence[Expected]) -> list[Expected]:
    """Open money with each whole group as one. A group of which a member is gone, or whose sums do not agree, is taken
    apart: its members then stand for themselves, as they would without it."""
    by_id = {one.expected_id: one for one in money}
    taken: set[str] = set()
    found: list[Expected] = []
    for group in groups().values():
        if not group.members or any(member not in by_id or member in taken for member in group.members):
            continue
        if sum((by_id[member].amount for member in group.members), group.difference) != group.expected.amount:
            continue
        taken.update(group.members)
        found.append(group.expected)
    return [*(one for one in money if one.expected_id not in taken), *found]


def opened(money: Sequence[Expected], ungrouped: Callable[[], Sequence[Expected]]) -> tuple[list[Expected], Decimal]:
    """The members in place of their groups, and what the groups' booked differences take off the members' sum.

    `ungrouped` reads the single payments; it is asked only where there is a group among the money.
    """
    known = groups()
    if not any(one.expected_id in known for one in money):
        return list(money), ZERO
    by_id = {one.expected_id: one for one in ungrouped()}
    members: list[Expected] = []
    less = ZERO
    for one in money:
        group = known.get(one.expected_id)
        if group is None:
            members.append(one)
        else:
            members += [by_id[member] for member in group.members]
            less -= group.difference
    return members, less
