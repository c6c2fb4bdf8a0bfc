"""The patient's side: payments, credits, refunds, returned checks, small balances and what a statement says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.denials import plain_words
from claimwright.codes.money import money
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer

PAT = "PAT"
SMALL_BALANCE = "WO-SMALL-BALANCE"


class RefusedPayment(ValueError):
    """A payment, refund or plan that the rules do not allow; the message says why."""


class PatientLine(Noun, frozen=True, kw_only=True):
    """A charge line with something in the patient's bucket."""

    line_id: str
    date_of_service: date
    balance: Decimal
    chain_id: str = ""


def credit_account(patient_id: str) -> Account:
    return Account(Kind.CREDIT, patient_id)


def _entry(
    debit: Account, credit: Account, amount: Decimal, kind: EntryType, key: str, on: date, **more: str
) -> Transfer:
    made = transfer(
        debit=debit, credit=credit, amount=amount, entry_type=kind, key=key, effective_date=on,
        reason=more.get("reason", ""), payment=more.get("payment", ""),
    )  # fmt: skip
    if made is None or amount < 0:
        raise RefusedPayment("the amount must be above zero")
    return made


def pay(
    *,
    patient_id: str,
    practice_id: str,
    amount: Decimal,
    method: str,
    receipt_id: str,
    on: date,
    lines: Iterable[PatientLine] = (),
    designated: Sequence[str] = (),
) -> tuple[Transfer, ...]:
    """A patient's payment: into Credit, then applied to the lines; what is over stays in Credit.

    `receipt_id` is the idempotency key of the attempt. Raises RefusedPayment for zero or less.
    """
    if amount <= 0 or amount != money(amount):
        raise RefusedPayment("a payment is above zero and has two places")
    cash = Account(Kind.PATIENT_CASH, practice_id, method)
    received = _entry(cash, credit_account(patient_id), amount, EntryType.PAT_PAY, f"receipt/{receipt_id}/0", on,
                      payment=receipt_id)  # fmt: skip
    return (received, *apply_credit(patient_id=patient_id, available=amount, lines=lines, key=f"receipt/{receipt_id}",
                                    on=on, designated=designated, payment=receipt_id))  # fmt: skip


def apply_credit(
    *,
    patient_id: str,
    available: Decimal,
    lines: Iterable[PatientLine],
    key: str,
    on: date,
    designated: Sequence[str] = (),
    payment: str = "",
) -> tuple[Transfer, ...]:
    """Credit onto open lines: those the patient designates first, then the oldest date of service."""
    order = {line_id: place for place, line_id in enumerate(designated)}
    open_lines = sorted(
        (line for line in lines if line.balance > 0),
        key=lambda line: (order.get(line.line_id, len(order)), line.date_of_service, line.line_id),
    )
    written: list[Transfer] = []
    for line in open_lines:
        amount = min(available, line.balance)
        if amount <= 0:
            break
        written.append(
            _entry(
                credit_account(patient_id),
                receivable(line.line_id, PAT),
                amount,
                EntryType.APPLY,
                f"{key}/{len(written) + 1}",
                on,
                payment=payment,
            )  # fmt: skip
        )
        available -= amount
    return tuple(written)


def small_balance(
    lines: Iterable[PatientLine], *, practice_id: str, on: date, key: str, payer_balance: Decimal = ZERO,
    policies: Policies = DEFAULT_POLICIES,
) -> tuple[Transfer, ...]:  # fmt: skip
    """The automatic write-off of a patient's residual after final adjudication, when all of it is within the limit."""
    open_lines = [line for line in lines if line.balance]
    total = sum((line.balance for line in open_lines), ZERO)
    within = ZERO < total <= policies.small_balance_limit_amount
    if payer_balance or not within or any(line.balance < 0 for line in open_lines):
        return ()
    return tuple(
        _entry(
            Account(Kind.ADJUSTMENT, practice_id, SMALL_BALANCE),
            receivable(line.line_id, PAT),
            line.balance,
            EntryType.ADJ,
            f"{key}/{number}",
            on,
            reason=SMALL_BALANCE,
        )  # fmt: skip
        for number, line in enumerate(open_lines, start=1)
    )


def returned_payment(
    original: Iterable[Transfer], *, practice_id: str, patient_id: str, on: date, key: str, fee: Decimal = ZERO,
    account_line: str = "",
) -> tuple[Transfer, ...]:  # fmt: skip
    """NSF or chargeback: every entry of the receipt the other way round, and the fee on the account, not on a claim.

    `account_line` is the subject of the patient's own account line, where a fee is owed.
    """
    undone = [
        reverse(entry, key=f"{key}/{number}", effective_date=on, note="NSF")
        for number, entry in enumerate(reversed(list(original)), start=1)
    ]
    if fee:
        line = receivable(account_line or f"account-{patient_id}", PAT)
        undone.append(_entry(line, Account(Kind.FEE, practice_id, "nsf"), fee, EntryType.FEE, f"{key}/fee", on))
    return tuple(undone)


def unapply(applied: Iterable[Transfer], *, short: Decimal, key: str, on: date) -> tuple[Transfer, ...]:
    """Uses of a credit undone whole, in the given order, until they make up for what is `short` in it."""
    undone: list[Transfer] = []
    for entry in applied:
        if short <= 0:
            break
        undone.append(reverse(entry, key=f"{key}/{len(undone) + 1}", effective_date=on, note="NSF"))
        short -= entry.amount
    return tuple(undone)


def ask_back(*, patient_id: str, amount: Decimal, key: str, on: date) -> tuple[Transfer, ...]:
    """Money that came back from the bank after it was given back to the patient: owed on the patient's own account."""
    line = receivable(f"account-{patient_id}", PAT)
    return (_entry(line, credit_account(patient_id), amount, EntryType.XFER, key, on, reason="RETURNED-REFUNDED"),)


# Refunds -------------------------------------------------------------------------------------------------------------


class RefundState(StrEnum):
    IDENTIFIED = "IDENTIFIED"
    VALIDATED = "VALIDATED"
    APPROVED = "APPROVED"
    ISSUED = "ISSUED"
    CLEARED = "CLEARED"
    RECOUPED = "RECOUPED"
    ESCHEATED = "ESCHEATED"


R = RefundState
REFUND_TRANSITIONS: Mapping[RefundState, tuple[RefundState, ...]] = {
    R.IDENTIFIED: (R.VALIDATED, R.RECOUPED),
    R.VALIDATED: (R.APPROVED, R.RECOUPED),
    R.APPROVED: (R.ISSUED, R.RECOUPED),
    R.ISSUED: (R.CLEARED, R.ESCHEATED),
}


def refund_may_become(state: RefundState, target: RefundState) -> bool:
    return target in REFUND_TRANSITIONS.get(state, ())


def check_refund(
    *, amount: Decimal, credit: Decimal, requested_by: str, approved_by: str, on: date,
    hold_until: date | None = None, payer_balance: Decimal = ZERO,
) -> None:  # fmt: skip
    """Raises RefusedPayment when the refund may not be issued: too much, on hold, payer's part open, or one person."""
    if amount <= 0 or amount > credit:
        raise RefusedPayment("a refund is above zero and at most the credit")
    if hold_until is not None and on < hold_until:
        raise RefusedPayment(f"the credit is on hold until {hold_until}")
    if payer_balance > 0:
        raise RefusedPayment("the payer's balance is still open: the credit may be needed")
    if not approved_by or is_one_person(requested_by, approved_by):
        raise RefusedPayment("who asks for a refund does not approve it")


def issue_refund(
    *, patient_id: str, practice_id: str, amount: Decimal, refund_id: str, on: date
) -> tuple[Transfer, ...]:
    """The check to the patient: out of Credit through Refund, out of the bank."""
    refund = Account(Kind.REFUND, practice_id, refund_id)
    return (
        _entry(credit_account(patient_id), refund, amount, EntryType.REFUND, f"refund/{refund_id}/1", on),
        _entry(refund, Account(Kind.BANK, practice_id), amount, EntryType.REFUND, f"refund/{refund_id}/2", on),
    )


def issue_payer_refund(
    *, subject: str, practice_id: str, refund_id: str, on: date, credits: Mapping[Account, Decimal]
) -> tuple[Transfer, ...]:
    """The check to a payer, off the receivables it overpaid. PLB 72 answers it with the first legs undone."""
    refund = Account(Kind.REFUND, subject, refund_id)
    legs = [
        _entry(account, refund, amount, EntryType.REFUND, f"refund/{refund_id}/{number}", on)
        for number, (account, amount) in enumerate(sorted(credits.items()), start=1)
    ]
    total = sum(credits.values(), ZERO)
    check = _entry(refund, Account(Kind.BANK, practice_id), total, EntryType.REFUND, f"refund/{refund_id}/check", on)
    return (*legs, check)


# Statements ----------------------------------------------------------------------------------------------------------

SUPPRESSING_FLAGS: Mapping[str, str] = {
    "qmb": "a QMB is never billed",
    "medicaid": "Medicaid covers it",
    "nsa": "surprise-billing law protects the patient",
    "workers_compensation": "the employer's insurer pays",
    "appeal_hold": "an appeal is pending",
    "bankruptcy": "bankruptcy",
    "deceased": "the estate is asked",
    "bad_address": "mail came back",
    "charity_pending": "financial assistance is being decided",
    "restricted": "the patient restricted disclosure and paid in full",
    "forwarded": "the claim was forwarded to a payer we do not know",
    "remark": "the payer forbids billing the patient",
    "dispute": "the patient disputes the amount",
    "returned_payment": "a payment came back and is being settled",
}


def barred_by(flags: Iterable[str]) -> str:
    """Why the patient may not be billed at all, by the first flag that forbids it, or blank."""
    return next((SUPPRESSING_FLAGS[flag] for flag in flags if flag in SUPPRESSING_FLAGS), "")


def statement_suppressed(
    *, balance: Decimal, flags: Iterable[str], last_statement: date | None, last_posted: date | None, on: date,
    payer_balance_open: bool = False, policies: Policies = DEFAULT_POLICIES,
) -> str:  # fmt: skip
    """Why no statement goes out today, or blank when one may."""
    if barred := barred_by(flags):
        return barred
    if payer_balance_open:
        return "a payer has not decided yet"
    if balance < policies.minimum_statement_amount:
        return "below the minimum balance"
    if last_posted is not None and (on - last_posted).days < policies.statement_after_posting_days:
        return "a remittance was posted within the last days"
    if last_statement is not None and (on - last_statement).days < policies.statement_cycle_days:
        return "a statement went out within the cycle"
    return ""


class StatementLine(Noun, frozen=True, kw_only=True):
    """One charge line on a statement. charge = insurance_paid + discount + patient_paid + pending + owed."""

    line_id: str
    charge: Decimal
    insurance_paid: Decimal
    discount: Decimal
    patient_paid: Decimal
    pending: Decimal  # still with a payer
    owed: Decimal
    reasons: tuple[str, ...]  # in the patient's words


def statement_line(
    line_id: str, transfers: Iterable[Transfer], records: Iterable[AdjudicationRecord], *, language: str = "en",
) -> StatementLine:  # fmt: skip
    """What a patient is told of one line, from the ledger; the reasons from the standing adjudication records."""
    sums = dict.fromkeys(("charge", "insurance", "discount", "patient", "pending", "owed"), ZERO)
    for entry in transfers:
        for account, other, amount in (
            (entry.debit, entry.credit, entry.amount),
            (entry.credit, entry.debit, -entry.amount),
        ):
            if account.kind is not Kind.RECEIVABLE or account.subject != line_id:
                continue
            sums["owed" if account.bucket == PAT else "pending"] += amount
            column = _OPENING.get(other.bucket) if other.kind is Kind.OPENING else _COLUMN.get(other.kind)
            if column is not None:
                sums[column] += amount if column == "charge" else -amount
    return StatementLine(
        line_id=line_id,
        charge=sums["charge"],
        insurance_paid=sums["insurance"],
        discount=sums["discount"],
        patient_paid=sums["patient"],
        pending=sums["pending"],
        owed=sums["owed"],
        reasons=tuple(
            plain_words(reason, audience="patient", language=language) for reason in _reasons(line_id, records)
        ),
    )


# Which column of a statement the other side of a receivable's entry belongs to; refunds lower what was paid.
_COLUMN: Mapping[Kind, str] = {
    Kind.REVENUE: "charge",
    Kind.FEE: "charge",
    Kind.REMITTANCE: "insurance",
    Kind.SUSPENSE: "insurance",
    Kind.REFUND: "insurance",
    Kind.ADJUSTMENT: "discount",
    Kind.WITHHOLD: "discount",
    Kind.BAD_DEBT: "discount",
    Kind.CREDIT: "patient",
    Kind.PATIENT_CASH: "patient",
}
# The same for what was brought from another system, by what that had booked it as.
_OPENING = {"CHARGE": "charge", "PAID": "insurance", "ADJUSTED": "discount", "PATIENT_PAID": "patient"}


def _reasons(line_id: str, records: Iterable[AdjudicationRecord]) -> tuple[str, ...]:
    """The PR codes of the last decision that stands on the line, in order."""
    standing = list(records)
    gone = {record.reverses for record in standing if record.reverses}
    last: dict[str, tuple[str, ...]] = {}
    for record in standing:
        if not record.posted or record.record_id in gone or record.reverses:
            continue
        for line in record.lines:
            if line.line_id == line_id:
                last[record.sequence] = tuple(a.reason for a in line.adjustments if a.group == "PR" and a.amount)
    final = [reasons for _, reasons in sorted(last.items(), key=lambda pair: "PST".find(pair[0])) if reasons]
    return tuple(dict.fromkeys(final[-1])) if final else ()
