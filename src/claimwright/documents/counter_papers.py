"""Papers of the counter: the receipt a patient takes home and the slip that goes to the bank, as PDF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.documents.letters import Column, Exhibit, render_exhibit
from claimwright.documents.statement import amount_text, short_date

MEANS = {"cash": "Cash", "check": "Check", "card": "Card", "ach": "Bank account"}


class ReceiptUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of the payment was used on. `what` is a date of service with its plain name, or the account."""

    what: str
    amount: Decimal


class ReceiptPaper(msgspec.Struct, frozen=True, kw_only=True):
    """All that a receipt says. `uses` sum to at most the amount; the rest stays as credit."""

    number: str
    practice_name: str
    patient_name: str
    account: str
    received_on: date
    method: str
    reference: str = ""  # check number, or the authorization code with the last four digits
    amount: Decimal
    uses: tuple[ReceiptUse, ...] = ()
    taken_by: str = ""
    is_returned: bool = False


class SlipRow(msgspec.Struct, frozen=True, kw_only=True):
    number: str  # of the check
    source: str  # who drew it
    amount: Decimal


class SlipPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit slip. `cash` + the checks = the sum that the bank will show."""

    number: str
    practice_name: str
    made_on: date
    made_by: str
    cash: Decimal
    checks: tuple[SlipRow, ...] = ()

    @property
    def total(self) -> Decimal:
        return self.cash + sum((row.amount for row in self.checks), ZERO)


def render_receipt(paper: ReceiptPaper) -> bytes:
    """Raises ValueError where more is said to be used than was paid."""
    used = sum((use.amount for use in paper.uses), ZERO)
    if used > paper.amount:
        raise ValueError("a receipt's uses are at most its amount")
    rows = [(use.what, amount_text(use.amount)) for use in paper.uses]
    if paper.amount > used:
        rows.append(("Kept on the account as credit", amount_text(paper.amount - used)))
    facts = (
        ("Receipt", paper.number), ("Received from", paper.patient_name), ("Account", paper.account),
        ("On", short_date(paper.received_on, "en")), ("By", MEANS.get(paper.method, paper.method)),
        ("Reference", paper.reference), ("Amount", amount_text(paper.amount)), ("Taken by", paper.taken_by),
    )  # fmt: skip
    return render_exhibit(
        Exhibit(
            title="Receipt", practice=paper.practice_name, made_on=paper.received_on,
            says="This payment came back and does not count." if paper.is_returned else "Thank you for your payment.",
            facts=tuple(fact for fact in facts if fact[1]),
            columns=(Column(title="Used for", wide=True), Column(title="Amount", amount=True)),
            rows=() if paper.is_returned else tuple(rows),
        )
    )  # fmt: skip


def render_slip(paper: SlipPaper) -> bytes:
    """The slip with each check, the cash and the sum."""
    rows = [(row.number, row.source, amount_text(row.amount)) for row in paper.checks]
    return render_exhibit(
        Exhibit(
            title=f"Deposit slip {paper.number}", practice=paper.practice_name, made_on=paper.made_on,
            says="Write the slip's number where the bank takes a reference: the bank's line is then matched by itself.",
            facts=(
                ("Cash", amount_text(paper.cash)), (f"Checks ({len(rows)})", amount_text(paper.total - paper.cash)),
                ("Deposit in all", amount_text(paper.total)), ("Made by", paper.made_by),
            ),
            columns=(Column(title="Check"), Column(title="Drawn by", wide=True), Column(title="Amount", amount=True)),
            rows=tuple(rows),
        )
    )  # fmt: skip
