"""Financial assistance: income against the poverty guideline, the practice's sliding scale, what a decision takes off.

It is charity, an adjustment of its own: never bad debt, and never a routine waiver of a share. Who takes the application
does not decide it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.money import money
from claimwright.codes.poverty_guidelines import poverty_guideline
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer

CHARITY = "WO-CHARITY"
# What proves an income; a signed statement of no income counts as one.
DOCUMENTS = ("tax_return", "pay_stubs", "benefit_letter", "bank_statements", "no_income_statement", "program_letter")
DECIDERS = ("supervisor", "manager", "owner")


class AssistanceState(StrEnum):
    PENDING = "PENDING"
    INCOMPLETE = "INCOMPLETE"  # papers are asked for
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


OPEN_STATES = (AssistanceState.PENDING, AssistanceState.INCOMPLETE)


class AssistanceRefused(PermissionError):
    """An application or a decision that the rules do not allow; the message says why."""


class Measured(Noun, frozen=True, kw_only=True):
    """Income in percent of the guideline, rounded down to a hundredth, and what the scale gives for it."""

    guideline: Decimal
    percent_of_guideline: Decimal
    discount_percent: int
    source: str


class Determination(Noun, frozen=True, kw_only=True):
    """What a decision gives: visits from `first_service` to `last_service`, both included."""

    discount_percent: int
    first_service: date
    last_service: date

    def covers(self, date_of_service: date) -> bool:
        return self.first_service <= date_of_service <= self.last_service


class AssistedLine(Noun, frozen=True, kw_only=True):
    """A line of the patient: all that ever became the patient's share, what charity took off, and what is open."""

    line_id: str
    date_of_service: date
    responsibility: Decimal
    given: Decimal
    open_balance: Decimal


def check_application(*, household_size: int, annual_income: Decimal) -> None:
    """Raises AssistanceRefused naming the field."""
    if household_size < 1:
        raise AssistanceRefused("household size: at least the patient")
    if annual_income < 0 or annual_income != money(annual_income):
        raise AssistanceRefused("income: dollars a year, zero or more, whole cents")


def measure(
    *, household_size: int, annual_income: Decimal, state: str, on: date, policies: Policies = DEFAULT_POLICIES
) -> Measured:
    """Income against the guideline in force on the day of the application, and the scale's step.

    Raises AssistanceRefused where no guideline is known for the day. A step reaches up to and with its percent.
    """
    check_application(household_size=household_size, annual_income=annual_income)
    row = poverty_guideline(state, on)
    if row is None:
        raise AssistanceRefused(f"no poverty guideline is known for {on}: add the year's row")
    guideline = row.value.for_household(household_size)
    steps = sorted(policies.assistance_tiers)
    # Compared exactly: a rounded percent would let a cent too much in.
    percent = next((off for most, off in steps if annual_income * 100 <= guideline * most), 0)
    return Measured(
        guideline=guideline, discount_percent=percent, source=row.source,
        percent_of_guideline=(annual_income * 100 / guideline).quantize(Decimal("0.01"), ROUND_DOWN),
    )  # fmt: skip


def lacking(documents: Iterable[str]) -> bool:
    """Whether nothing that proves an income was brought."""
    return not set(documents) & set(DOCUMENTS)


def decide(
    *, taken_by: str, decided_by: str, role: str, documents: Iterable[str], measured: Measured, discount_percent: int,
    applied_on: date, decided_on: date, retroactive_from: date | None = None, reason: str = "",
    policies: Policies = DEFAULT_POLICIES,
) -> Determination:  # fmt: skip
    """An approval. Raises AssistanceRefused for one person alone, a role too low, no papers, or a window too long.

    A percent other than the scale's needs a reason. Source: 26 CFR 1.501(r)-4 asks hospitals for a written policy; a
    practice keeps its own in the same way.
    """
    if not decided_by or is_one_person(taken_by, decided_by):
        raise AssistanceRefused("who takes an application does not decide it")
    if role not in DECIDERS:
        raise AssistanceRefused(f"a decision needs a {DECIDERS[0]} or above")
    if lacking(documents):
        raise AssistanceRefused("documents: nothing proves the income; ask for papers first")
    if not 1 <= discount_percent <= 100:
        raise AssistanceRefused("discount: from 1 to 100 percent; deny the application instead of giving none")
    if discount_percent != measured.discount_percent and not reason.strip():
        raise AssistanceRefused(f"discount: the scale gives {measured.discount_percent} percent; say why another")
    earliest = applied_on - timedelta(days=policies.assistance_retroactive_days)
    first = retroactive_from or applied_on
    if first < earliest:
        raise AssistanceRefused(f"first visit: not before {earliest}")
    if first > decided_on:
        raise AssistanceRefused("first visit: not after the decision")
    return Determination(
        discount_percent=discount_percent, first_service=first,
        last_service=decided_on + timedelta(days=policies.assistance_window_days),
    )  # fmt: skip


def take_off(
    lines: Iterable[AssistedLine], determination: Determination, *, practice_id: str, key: str, on: date,
    numbers: Mapping[str, int] | None = None,
) -> tuple[Transfer, ...]:  # fmt: skip
    """The charity of each covered line that was not given yet: the percent of its share, at most what is open.

    What the patient paid already is not given back. Doing it again gives nothing, so visits to come are looked at daily.
    `numbers` is how often each line was adjusted before, for the keys.
    """
    made = []
    for line in lines:
        if not determination.covers(line.date_of_service):
            continue
        wanted = money(line.responsibility * determination.discount_percent / 100) - line.given
        amount = min(wanted, line.open_balance)
        if amount <= 0:
            continue
        made.append(
            transfer(
                debit=Account(Kind.ADJUSTMENT, practice_id, CHARITY), credit=receivable(line.line_id, "PAT"),
                amount=amount, entry_type=EntryType.ADJ, effective_date=on, reason=CHARITY,
                key=f"{key}/{line.line_id}/{(numbers or {}).get(line.line_id, 0) + 1}",
            )
        )  # fmt: skip
    return tuple(entry for entry in made if entry is not None)


def shares(line_id: str, transfers: Iterable[Transfer]) -> tuple[Decimal, Decimal, Decimal]:
    """(all that became the patient's share, charity given, open) of a line, from its ledger entries."""
    responsibility = given = balance = ZERO
    account = receivable(line_id, "PAT")
    for entry in transfers:
        for own, other, amount in (
            (entry.debit, entry.credit, entry.amount),
            (entry.credit, entry.debit, -entry.amount),
        ):
            if own != account:
                continue
            balance += amount
            if other.kind is Kind.ADJUSTMENT and other.bucket == CHARITY:
                given -= amount
            elif other.kind in (Kind.REVENUE, Kind.RECEIVABLE, Kind.FEE, Kind.OPENING):
                responsibility += amount
    return responsibility, given, balance
