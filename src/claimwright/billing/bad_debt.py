"""Agency placement: the debt leaves active A/R and is still owed. Recoveries post to it, the agency's part is expense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import ZERO
from claimwright.codes.money import money
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer

BLOCKING_FLAGS = ("dispute", "payment_plan", "bankruptcy", "charity_pending", "qmb", "nsa", "appeal_hold", "restricted")


class PlacementRefused(PermissionError):
    """A debt that may not go to an agency; the message says why."""


def review_day(final_notice_on: date, policies: Policies = DEFAULT_POLICIES) -> date:
    """The day an account may be looked at for an agency: as many days after its final notice as the policy sets.

    Source: domain specification section 9: final notice day 100, agency review day 120.
    """
    return final_notice_on + timedelta(days=policies.agency_review_days - policies.final_notice_days)


def check_placement(
    *, final_notice_on: date | None, on: date, flags: Iterable[str], paid_since: bool = False,
    policies: Policies = DEFAULT_POLICIES,
) -> None:  # fmt: skip
    """Raises PlacementRefused before the review day, while a flag (a plan is one) forbids it, or after a payment since."""
    if final_notice_on is None:
        raise PlacementRefused("the final notice was not sent")
    if on < review_day(final_notice_on, policies):
        raise PlacementRefused(f"the account is reviewed on {review_day(final_notice_on, policies)}, not before")
    blocking = [flag for flag in flags if flag in BLOCKING_FLAGS]
    if blocking:
        raise PlacementRefused(f"the account is flagged {blocking[0]}")
    if paid_since:
        raise PlacementRefused("the patient has paid since the final notice")


def place(
    balances: Mapping[str, Decimal], *, final_notice_sent: bool, flags: Iterable[str], key: str, on: date
) -> tuple[Transfer, ...]:
    """PAT into bad debt, line by line. Raises PlacementRefused before the final notice or while a flag forbids it."""
    if not final_notice_sent:
        raise PlacementRefused("the final notice was not sent")
    blocking = [flag for flag in flags if flag in BLOCKING_FLAGS]
    if blocking:
        raise PlacementRefused(f"the account is flagged {blocking[0]}")
    made = (
        transfer(
            debit=Account(Kind.BAD_DEBT, line_id),
            credit=receivable(line_id, "PAT"),
            amount=amount,
            entry_type=EntryType.BAD_DEBT,
            key=f"{key}/{number}",
            effective_date=on,
            reason="AGENCY",
        )  # fmt: skip
        for number, (line_id, amount) in enumerate(sorted(balances.items()), start=1)
        if amount > 0
    )
    return tuple(entry for entry in made if entry is not None)


def recall(balances: Mapping[str, Decimal], *, key: str, on: date) -> tuple[Transfer, ...]:
    """Bad debt back into the patient's bucket: new insurance was found, or the placement was wrong."""
    made = (
        transfer(
            debit=receivable(line_id, "PAT"),
            credit=Account(Kind.BAD_DEBT, line_id),
            amount=amount,
            entry_type=EntryType.BAD_DEBT,
            key=f"{key}/{number}",
            effective_date=on,
            reason="RECALL",
        )  # fmt: skip
        for number, (line_id, amount) in enumerate(sorted(balances.items()), start=1)
        if amount > 0
    )
    return tuple(entry for entry in made if entry is not None)


def agency_recovery(
    balances: Mapping[str, Decimal], *, gross: Decimal, fee_share: Decimal, practice_id: str, key: str, on: date,
    fee: Decimal | None = None,
) -> tuple[Transfer, ...]:  # fmt: skip
    """What an agency collected: the debt falls by the gross, the bank gets the net, the fee is expense.

    `fee` as the agency says it, else the share of the gross. Oldest line id first. Raises ValueError when the gross is
    above the debt, or the fee below zero or above the gross.
    """
    fee = money(gross * fee_share) if fee is None else fee
    if not ZERO <= fee <= gross:
        raise ValueError("the fee is between zero and what was collected")
    if gross > sum(balances.values(), ZERO):
        raise ValueError("the agency collected more than the debt")
    bank, expense = Account(Kind.BANK, practice_id), Account(Kind.FEE, practice_id, "agency")
    written: list[Transfer] = []
    left_net, left = gross - fee, gross

    def write(debit: Account, line_id: str, amount: Decimal) -> None:
        entry = transfer(
            debit=debit, credit=Account(Kind.BAD_DEBT, line_id), amount=amount, entry_type=EntryType.BAD_DEBT,
            key=f"{key}/{len(written) + 1}", effective_date=on, reason="RECOVERY",
        )  # fmt: skip
        if entry is not None:
            written.append(entry)

    for line_id, balance in sorted(balances.items()):
        taken = min(balance, left)
        net = min(taken, left_net)
        write(bank, line_id, net)
        write(expense, line_id, taken - net)
        left, left_net = left - taken, left_net - net
    return tuple(written)
