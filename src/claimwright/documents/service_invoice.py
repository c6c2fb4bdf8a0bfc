"""A billing service's invoice to its client, as PDF: what was charged, how it was reckoned, what is to be paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.documents.letters import Column, Exhibit, render_exhibit
from claimwright.documents.statement import amount_text, short_date


class InvoiceRow(msgspec.Struct, frozen=True, kw_only=True):
    words: str
    working: str
    amount: Decimal


class InvoicePaper(msgspec.Struct, frozen=True, kw_only=True):
    """All that an invoice says. `total` is the sum of the rows; `before` is what the account owed when it was made."""

    number: str
    service: str
    client: str
    month: date
    issued_on: date
    due_on: date
    rows: tuple[InvoiceRow, ...]
    total: Decimal
    before: Decimal = ZERO


def render_invoice(paper: InvoicePaper) -> bytes:
    """Raises ValueError where the rows do not come to the total."""
    if sum((row.amount for row in paper.rows), ZERO) != paper.total:
        raise ValueError("an invoice's rows come to its total")
    owed = paper.total + paper.before
    facts = (
        ("Invoice", paper.number), ("For", paper.client), ("Month", f"{paper.month:%B %Y}"),
        ("Date", short_date(paper.issued_on, "en")), ("Due", short_date(paper.due_on, "en")),
        ("This invoice", amount_text(paper.total)), ("Account before it", amount_text(paper.before)),
        ("To pay" if owed >= 0 else "In your favor", amount_text(abs(owed))),
    )  # fmt: skip
    return render_exhibit(
        Exhibit(
            title="Invoice", practice=paper.service, made_on=paper.issued_on,
            says="Reckoned from the payments posted in the month, whose books are closed.",
            facts=facts,
            columns=(
                Column(title="For"), Column(title="How it is reckoned", wide=True), Column(title="Amount", amount=True)
            ),
            rows=(
                *((row.words, row.working, amount_text(row.amount)) for row in paper.rows),
                ("Total", "", amount_text(paper.total)),
            ),
        )
    )  # fmt: skip
