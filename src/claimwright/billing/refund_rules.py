"""Money given back: who approves, by when a federal payer must have it, what a check, a stop and the state's day move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from claimwright.billing.deadlines import OverpaymentClock
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.dates import add_months, statutory_period
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, Transfer, transfer

OPEN = ("IDENTIFIED", "HOLD", "VALIDATED", "APPROVED")  # credits nobody has paid back yet
OUT = ("ISSUED", "STOPPED")  # paid out and not yet settled
# From which state a refund may go where, after it was approved; before that `patient.REFUND_TRANSITIONS` holds.
AFTER_ISSUE: Mapping[str, tuple[str, ...]] = {
    "ISSUED": ("CLEARED", "STOPPED", "ESCHEATED"),
    "CLEARED": ("ISSUED",),  # the match at the bank was undone
    "STOPPED": ("ISSUED", "ESCHEATED"),  # paid again, or turned over to the state
}

DORMANCY_MONTHS = 36  # the Revised Uniform Unclaimed Property Act 201: what no other rule of the state names
# States whose statute names another or the same span for sums a business owes. A practice's policy goes before these:
# several states have rules of their own for health care and for dealings between businesses.
DORMANCY_BY_STATE: Mapping[str, tuple[int, str]] = {
    "AZ": (36, "A.R.S. 44-302"),
    "CA": (36, "Code of Civil Procedure 1520"),
    "CO": (36, "C.R.S. 38-13-201"),
    "FL": (60, "Florida Statutes 717.102"),
    "GA": (60, "O.C.G.A. 44-12-193"),
    "IL": (36, "765 ILCS 1026/15-201"),
    "MA": (36, "M.G.L. c. 200A s. 5"),
    "MI": (36, "M.C.L. 567.223"),
    "NJ": (36, "N.J.S.A. 46:30B-7"),
    "NY": (36, "Abandoned Property Law 1315"),
    "OH": (60, "O.R.C. 169.02"),
    "PA": (36, "72 P.S. 1301.9"),
    "TX": (36, "Property Code 72.101"),
    "VA": (60, "Code of Virginia 55.1-2512"),
    "WA": (36, "RCW 63.30.040"),
}


class Part(Noun, frozen=True, kw_only=True):
    """One credit that a check pays back, in dollars above zero: off a receivable, or out of a payment's Suspense."""

    line_id: str = ""
    bucket: str = ""
    payment: str = ""  # whose held CLP or PLB it is, at `place`; blank: it comes off a line
    place: str = ""
    amount: Decimal

    @property
    def account(self) -> Account:
        if self.payment:
            return Account(Kind.SUSPENSE, self.payment, self.place)
        return receivable(self.line_id, self.bucket)


# Who ----------------------------------------------------------------------------------------------------------------


def refund_limits(policies: Policies = DEFAULT_POLICIES) -> dict[str, Decimal | None]:
    """The highest refund that each role approves; None is without limit."""
    return {
        "biller": policies.refund_biller_limit_amount,
        "supervisor": policies.refund_supervisor_limit_amount,
        "manager": policies.refund_manager_limit_amount,
        "owner": None,
    }


def may_approve(role: str, amount: Decimal, policies: Policies = DEFAULT_POLICIES) -> bool:
    limit = refund_limits(policies).get(role, ZERO)
    return limit is None or amount <= limit


def approver_role(amount: Decimal, policies: Policies = DEFAULT_POLICIES) -> str:
    """The lowest role that may approve the amount."""
    return next(role for role in refund_limits(policies) if may_approve(role, amount, policies))


def check_approval(
    *, amount: Decimal, requested_by: str, approved_by: str, role: str, policies: Policies = DEFAULT_POLICIES
) -> None:
    """Raises RefusedPayment where one person asks and approves, or where the role may not approve so much."""
    if not requested_by:
        raise RefusedPayment("a person first finds the cause of the credit and asks for the refund")
    if not approved_by or is_one_person(requested_by, approved_by):
        raise RefusedPayment("who asks for a refund does not approve it")
    if not may_approve(role, amount, policies):
        raise RefusedPayment(f"a refund of {amount} needs a {approver_role(amount, policies)}")


# When ----------------------------------------------------------------------------------------------------------------


def overpayment_clock(
    identified: date, *, investigating_since: date | None = None, concluded: date | None = None
) -> OverpaymentClock:
    """The day a federal payer must have its money.

    An investigation stops the clock from the day it begins until it is concluded, at most 180 days after the
    overpayment was identified; then the days that were left run. Source: 42 CFR 401.305(b). Raises RefusedPayment
    where it began before the overpayment was identified or after the days had run out.
    """
    days = statutory_period("overpayment_report_and_return", identified).value
    if investigating_since is None:
        return OverpaymentClock(identified=identified, due=days.after(identified))
    if not identified <= investigating_since <= days.after(identified):
        raise RefusedPayment("an investigation stops the clock only if it begins within the days it has")
    longest = statutory_period("overpayment_investigation_suspension", identified).value.after(identified)
    until = longest if concluded is None else max(min(concluded, longest), investigating_since)
    left = days.after(identified) - investigating_since
    return OverpaymentClock(identified=identified, due=until + left, suspended_until=until)


def look_back_ends(received: date, identified: date) -> date:
    """The last day on which identifying an overpayment still obliges to return it. Source: 42 CFR 401.305(f)."""
    return statutory_period("overpayment_lookback", identified).value.after(received)


def within_look_back(received: date | None, identified: date) -> bool:
    """Unknown is within: then the money is given back."""
    return received is None or identified <= look_back_ends(received, identified)


def dormant_on(issued: date, state: str, policies: Policies = DEFAULT_POLICIES) -> date:
    """From this day an uncashed refund is the state's to keep; `state` is the payee's, two letters."""
    key = state.strip().upper()
    months = policies.dormancy_months.get(key) or DORMANCY_BY_STATE.get(key, (DORMANCY_MONTHS, ""))[0]
    return add_months(issued, months)


def due_within(due: date | None, on: date, days: int) -> bool:
    return due is not None and due <= on + timedelta(days=days)


# What moves ----------------------------------------------------------------------------------------------------------


def issue_payer_refund(
    parts: Iterable[Part], *, subject: str, practice_id: str, ledger_id: str, refund_id: str, on: date
) -> tuple[Transfer, ...]:
    """The check to a payer, off what it overpaid. Raises RefusedPayment for no part or one of nothing.

    The legs that take it off the lines, or out of Suspense, carry the payment `refund:<id>`: PLB 72 undoes just these, never the check.
    """
    refund = Account(Kind.REFUND, subject, ledger_id)
    legs = [
        _moved(
            part.account, refund, part.amount, f"refund/{ledger_id}/{number}", on,
            payment=f"refund:{refund_id}",
        )
        for number, part in enumerate(parts, start=1)
    ]  # fmt: skip
    total = sum((leg.amount for leg in legs), ZERO)
    return (*legs, _moved(refund, Account(Kind.BANK, practice_id), total, f"refund/{ledger_id}/check", on))


def taken_key(by: str) -> str:
    """The key of what a later remittance takes of held money; `by` is our id of the place that takes it, once."""
    return f"taken-back/{by}"


def taken_back(held: Account, taker: Account, *, amount: Decimal, by: str, on: date) -> Transfer:
    """A later remittance took held money: the two accounts settle each other. Raises RefusedPayment for nothing."""
    made = transfer(
        debit=held, credit=taker, amount=amount, entry_type=EntryType.CLEARING, key=taken_key(by), effective_date=on,
        reason="TAKEN-BACK",
    )  # fmt: skip
    if made is None or amount < 0:
        raise RefusedPayment("what is taken back is above zero")
    return made


def stop_payment(paid: Transfer, *, on: date) -> Transfer:
    """A check that was lost or is not cashed: its money is in the bank again and still owed."""
    return reverse(paid, key=f"{paid.key}/stopped", effective_date=on, note="payment stopped")


def pay_again(
    *, subject: str, practice_id: str, ledger_id: str, amount: Decimal, attempt: int, on: date, note: str = ""
) -> Transfer:
    """The same refund by another check; to the state where the payee was never found."""
    return _moved(
        Account(Kind.REFUND, subject, ledger_id), Account(Kind.BANK, practice_id), amount,
        f"refund/{ledger_id}/check{attempt}", on, note=note,
    )  # fmt: skip


def _moved(
    debit: Account, credit: Account, amount: Decimal, key: str, on: date, *, payment: str = "", note: str = ""
) -> Transfer:
    made = transfer(
        debit=debit, credit=credit, amount=amount, entry_type=EntryType.REFUND, key=key, effective_date=on,
        payment=payment, note=note,
    )  # fmt: skip
    if made is None or amount < 0:
        raise RefusedPayment("a refund is above zero")
    return made
