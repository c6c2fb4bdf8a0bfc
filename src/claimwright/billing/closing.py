"""What must be clean, or explained by a person, before a month is closed. Source: the domain specification, section 7
("Reconciliation", "Month close").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import Noun
from claimwright.codes.money import ZERO


class Item(StrEnum):
    """The items of the checklist, in the order a biller works them."""

    TRIAL_BALANCE = "trial_balance"
    ROLL_FORWARD = "roll_forward"
    AUDIT = "audit"
    DAYS_CLOSED = "days_closed"
    HELD_REMITTANCES = "held_remittances"
    UNMATCHED_DEPOSITS = "unmatched_deposits"
    SUSPENSE = "suspense"
    PAYER_OFFSETS = "payer_offsets"
    DRAWERS = "drawers"
    BANK_LINES = "bank_lines"
    BANK_TIES = "bank_ties"
    UNCHARGED_VISITS = "uncharged_visits"
    UNSENT_CLAIMS = "unsent_claims"
    CREDITS = "credits"
    WRITE_OFFS = "write_offs"
    STATEMENTS = "statements"


class Rule(Noun, frozen=True, kw_only=True):
    """`title` and `fix` in the biller's words. `must_hold`: no reason of a person lets the month close over it."""

    item: Item
    title: str
    fix: str
    must_hold: bool = False


RULES: tuple[Rule, ...] = (
    Rule(item=Item.TRIAL_BALANCE, title="Debits and credits differ", must_hold=True,
         fix="Have the books audited: an entry was changed outside the program"),
    Rule(item=Item.ROLL_FORWARD, title="Receivables do not roll forward to the trial balance", must_hold=True,
         fix="Have the books audited: an entry was changed outside the program"),
    Rule(item=Item.AUDIT, title="Audit of the books after the last posting of the month: missing, or with faults",
         fix="Run claimwright close audit, and mend what it finds"),
    Rule(item=Item.DAYS_CLOSED, title="Days with postings and no closed day sheet",
         fix="Close each day once its deposits are counted"),
    Rule(item=Item.HELD_REMITTANCES, title="Remittances, or parts of them, not posted",
         fix="Release or refuse what is held"),
    Rule(item=Item.UNMATCHED_DEPOSITS, title="Deposits without a remittance, or of another amount",
         fix="Match each deposit, or ask the payer for its remittance"),
    Rule(item=Item.SUSPENSE, title="Money in suspense", fix="Release the held items, or say what they wait for"),
    Rule(item=Item.PAYER_OFFSETS, title="Balances carried forward with payers",
         fix="Say which remittance each is to come back in"),
    Rule(item=Item.DRAWERS, title="Cash drawers not closed, and money of the counter on no deposit slip",
         fix="Count and close the drawers, and make their deposit slip"),
    Rule(item=Item.BANK_LINES, title="Bank lines not matched", fix="Match or explain each line of the bank"),
    Rule(item=Item.BANK_TIES, title="The bank does not tie to the books", fix="Look at the figures of the month"),
    Rule(item=Item.UNCHARGED_VISITS, title="Visits without charges", fix="Charge them, or say that they are not billed"),
    Rule(item=Item.UNSENT_CLAIMS, title="Claims not sent", fix="Mend and send them, or say why they wait"),
    Rule(item=Item.CREDITS, title="Credit balances without a decision", fix="Refund or apply them"),
    Rule(item=Item.WRITE_OFFS, title="Write-offs waiting for approval", fix="Approve or refuse them"),
    Rule(item=Item.STATEMENTS, title="Patients who owe and had no statement in the cycle", fix="Run the statements"),
)  # fmt: skip
BY_ITEM: Mapping[Item, Rule] = {rule.item: rule for rule in RULES}


class Finding(Noun, frozen=True, kw_only=True):
    """How many things are open on an item at the month's end, and their money where it is money."""

    item: Item
    count: int
    amount: Decimal | None = None


class SignOff(Noun, frozen=True, kw_only=True):
    """A person's word that an item may stay as it is. It covers what was open when it was given, and no more."""

    item: Item
    count: int
    amount: Decimal | None = None
    by: str = ""
    reason: str = ""


class Checked(Noun, frozen=True, kw_only=True):
    """An item with its finding; `sign_off` is the one that covers it."""

    rule: Rule
    count: int
    amount: Decimal | None = None
    sign_off: SignOff | None = None

    @property
    def is_clean(self) -> bool:
        return self.count == 0

    @property
    def lets_close(self) -> bool:
        return self.is_clean or (self.sign_off is not None and not self.rule.must_hold)


class SignOffRefused(ValueError):
    """A sign-off that nobody may give; the text says why."""


def checklist(findings: Iterable[Finding], sign_offs: Iterable[SignOff] = ()) -> tuple[Checked, ...]:
    """Every item in order. An item that was not looked at is not clean: KeyError."""
    found = {finding.item: finding for finding in findings}
    covering: dict[Item, SignOff] = {}
    for given in sign_offs:  # in the order they were given: the last one counts
        covering[given.item] = given
    return tuple(_checked(rule, found[rule.item], covering.get(rule.item)) for rule in RULES)


def _checked(rule: Rule, finding: Finding, given: SignOff | None) -> Checked:
    return Checked(
        rule=rule, count=finding.count, amount=finding.amount,
        sign_off=given if given is not None and covers(given, finding) else None,
    )  # fmt: skip


def covers(given: SignOff, finding: Finding) -> bool:
    """Whether nothing was added since: neither things nor money."""
    more = abs(finding.amount or ZERO) > abs(given.amount or ZERO)
    return finding.count <= given.count and not more


def sign_off(finding: Finding, *, by: str, reason: str) -> SignOff:
    """The sign-off of what is open now. Raises SignOffRefused without a reason, for what is clean, or must hold."""
    if BY_ITEM[finding.item].must_hold and finding.count:
        raise SignOffRefused("this must hold before a month is closed; no reason stands for it")
    if not finding.count:
        raise SignOffRefused("there is nothing open to sign for")
    if not reason.strip():
        raise SignOffRefused("say why it may stay open")
    return SignOff(item=finding.item, count=finding.count, amount=finding.amount, by=by, reason=reason.strip())


def what_keeps_it_open(checked: Iterable[Checked]) -> tuple[Checked, ...]:
    return tuple(one for one in checked if not one.lets_close)
