"""Money at the bank against remittances: matched by trace and amount, or listed with its reason and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import Noun
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer, transfer


class DepositState(StrEnum):
    UNMATCHED_EFT = "UNMATCHED_EFT"
    UNMATCHED_ERA = "UNMATCHED_ERA"
    MATCHED = "MATCHED"
    AMOUNT_DIFF = "AMOUNT_DIFF"
    CLOSED = "CLOSED"


class Deposit(Noun, frozen=True, kw_only=True):
    """A payment notice of the bank: a CCD+ with its TRN, or a check with its number as the trace."""

    deposit_id: str
    amount: Decimal
    effective_date: date
    trace_number: str = ""
    trace_payer_id: str = ""
    payer_name: str = ""


class ExpectedPayment(Noun, frozen=True, kw_only=True):
    """A posted remittance with money that the bank has not yet shown."""

    payment_id: str
    amount: Decimal
    payment_date: date
    trace_number: str
    trace_payer_id: str
    payer_name: str = ""


class DepositMatch(Noun, frozen=True, kw_only=True):
    state: DepositState
    deposit_id: str = ""
    payment_id: str = ""
    difference: Decimal = Decimal("0.00")  # deposit less remittance
    proposed_payments: tuple[str, ...] = ()  # equal amount and near date: a person confirms


def reassociate(
    deposits: Iterable[Deposit], expected: Iterable[ExpectedPayment], policies: Policies = DEFAULT_POLICIES
) -> tuple[DepositMatch, ...]:
    """Every deposit and every remittance once: by TRN02, TRN03 and amount; anything else is for a person."""
    left = {payment.payment_id: payment for payment in expected if payment.amount}
    matches: list[DepositMatch] = []
    unmatched: list[Deposit] = []
    for deposit in deposits:
        named = [p for p in left.values() if _same_trace(deposit, p)]
        if not named or len(named) > 1 and not deposit.trace_payer_id:
            # Two payers may number alike: without the payer's id the trace alone is no proof.
            unmatched.append(deposit)
            continue
        # A number that was used again names two payments: the amount tells them apart.
        payment = left.pop(next((p for p in named if p.amount == deposit.amount), named[0]).payment_id)
        difference = deposit.amount - payment.amount
        matches.append(
            DepositMatch(
                state=DepositState.AMOUNT_DIFF if difference else DepositState.MATCHED,
                deposit_id=deposit.deposit_id,
                payment_id=payment.payment_id,
                difference=difference,
            )  # fmt: skip
        )
    matches.extend(
        DepositMatch(
            state=DepositState.UNMATCHED_EFT,
            deposit_id=deposit.deposit_id,
            difference=deposit.amount,
            proposed_payments=_proposals(deposit, list(left.values()), policies.deposit_match_days),
        )  # fmt: skip
        for deposit in unmatched
    )
    matches.extend(
        DepositMatch(state=DepositState.UNMATCHED_ERA, payment_id=payment.payment_id, difference=-payment.amount)
        for payment in left.values()
    )
    return tuple(matches)


def _same_trace(deposit: Deposit, payment: ExpectedPayment) -> bool:
    if not deposit.trace_number or deposit.trace_number.strip() != payment.trace_number.strip():
        return False
    return not deposit.trace_payer_id or deposit.trace_payer_id.strip() == payment.trace_payer_id.strip()


def _proposals(deposit: Deposit, payments: Sequence[ExpectedPayment], days: int) -> tuple[str, ...]:
    return tuple(
        payment.payment_id
        for payment in payments
        if payment.amount == deposit.amount and abs((payment.payment_date - deposit.effective_date).days) <= days
    )


def clear(match: DepositMatch, *, amount: Decimal, practice_id: str, on: date) -> tuple[Transfer, ...]:
    """Dr Bank, Cr Remittance of a matched deposit. Raises ValueError for any other state."""
    if match.state is not DepositState.MATCHED:
        raise ValueError(f"a deposit that is {match.state.value} is not cleared")
    made = transfer(
        debit=Account(Kind.BANK, practice_id), credit=Account(Kind.REMITTANCE, match.payment_id), amount=amount,
        entry_type=EntryType.DEPOSIT, key=f"deposit/{match.deposit_id}", effective_date=on, payment=match.payment_id,
    )  # fmt: skip
    return (made,) if made is not None else ()
