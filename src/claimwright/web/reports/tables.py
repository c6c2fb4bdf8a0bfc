"""Each report as a table for a file or a page: columns in the biller's words, cells as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from claimwright.documents.sheets import Cell, Sheet
from claimwright.ledger.aging import LABELS
from claimwright.web.reports.books import BalanceRow, DaySheet, Deposits, Posting, Rolled
from claimwright.web.reports.scope import KpiRow
from claimwright.web.reports.selectors import Aging

About = tuple[tuple[str, Cell], ...]


def period(start: date, end: date, practice: str = "") -> About:
    return (("From", start), ("To", end), ("Practice", practice or "All practices"))


def day_sheet(found: DaySheet, about: About = ()) -> Sheet:
    rows = [
        (row.practice, row.actor, row.entry_type, row.count, row.amount, row.receivable, row.cash) for row in found.rows
    ]
    controls = tuple(
        (
            f"{control.name}: rows, ledger, ties",
            f"{control.listed}, {control.ledger}, {'yes' if control.ties else 'NO'}",
        )
        for control in found.controls
    )
    places = (("First and last entry", f"{found.first} to {found.last}"),)
    return Sheet(
        title="Day sheet", rows=rows, about=(*about, *controls, *places),
        columns=("Practice", "Posted by", "Entry", "Count", "Amount", "Change of receivables", "Change of cash"),
    )  # fmt: skip


def postings(rows: Sequence[Posting], about: About = ()) -> Sheet:
    return Sheet(
        title="Postings", about=about,
        columns=("Entry no.", "Posted on", "Posted by", "Practice", "Entry", "Reason", "Debit", "Credit", "Amount",
                 "Effective", "Claim", "Payment", "Reverses"),
        rows=[tuple(getattr(row, name) for name in Posting.__struct_fields__) for row in rows],
    )  # fmt: skip


ROLL_COLUMNS = (
    "Practice", "Payer", "Bucket", "Opening", "Charges", "Payments", "Adjustments", "Refunds", "Bad debt", "Transfers",
    "Other", "Closing",
)  # fmt: skip


def rolled(found: Rolled, about: About = ()) -> Sheet:
    rows = [
        (row.practice, row.payer, row.bucket, row.opening, row.charges, row.payments, row.adjustments, row.refunds,
         row.bad_debt, row.transfers, row.other, row.closing)
        for row in (*found.rows, found.total)
    ]  # fmt: skip
    tied = ("Trial balance", "of one practice" if found.trial_balance is None else found.trial_balance)
    return Sheet(title="Receivables", columns=ROLL_COLUMNS, rows=rows,
                 about=(*about, ("Dated by", found.dated_by), tied, ("Ties", found.ties)))  # fmt: skip


def balances(rows: Sequence[BalanceRow], about: About = ()) -> Sheet:
    return Sheet(
        title="Trial balance", about=about,
        columns=("Account", "Bucket or reason", "Opening", "Debits", "Credits", "Closing"),
        rows=[(row.kind, row.bucket, row.opening, row.debits, row.credits, row.closing) for row in rows],
    )  # fmt: skip


DEPOSIT_COLUMNS = (
    "Posted on", "Effective", "Practice", "Source", "Trace or check", "Payment", "Entry", "Reason", "Amount"
)  # fmt: skip


def deposits(found: Deposits, about: About = (), *, with_source: bool = True) -> Sheet:
    """Without the source it rests on the ledger alone: a payer may be named later than its money came."""
    rows: list[tuple[Cell, ...]] = [
        (row.posted_on, row.effective_date, row.practice, row.source, row.number, row.payment, row.entry_type,
         row.reason, row.amount)
        for row in found.rows
    ]  # fmt: skip
    columns = DEPOSIT_COLUMNS
    if not with_source:
        rows, columns = [(*row[:3], *row[4:]) for row in rows], (*columns[:3], *columns[4:])
    about = (*about, ("Total", found.total), ("Ties to the bank accounts of the books", found.ties))
    return Sheet(title="Deposits", columns=columns, rows=rows, about=about)


def aging(found: Aging, about: About = ()) -> Sheet:
    rows = [
        (row.group, row.bucket, *(row.amounts[label] for label in LABELS), row.credits, row.total, row.count)
        for row in (*found.rows, found.total)
    ]
    return Sheet(
        title="Aging", columns=("Who owes", "Bucket", *LABELS, "Credits", "Total", "Balances"), rows=rows,
        about=(*about, ("On", found.as_of), ("Aged from", found.basis.replace("_", " "))),
    )  # fmt: skip


def figures(rows: Sequence[KpiRow], about: About = ()) -> Sheet:
    """A figure without a denominator is n/a, never zero."""
    return Sheet(
        title="Figures", about=about,
        columns=("Figure", "Value", "Unit", "Part", "Of", "From", "To", "Counted by", "Rows"),
        rows=[
            (row.name, "n/a" if row.value is None else row.value, row.unit, row.numerator, row.denominator, row.start,
             row.end, row.basis, len(row.ids))
            for row in rows
        ],
    )  # fmt: skip


SLIP_COLUMNS = (
    "Slip", "Made on", "Practice", "Made by", "Cash", "Checks", "Total", "Over or short", "Receipts", "State"
)  # fmt: skip


def deposit_slips(rows: Sequence[Sequence[Cell]], about: About = ()) -> Sheet:
    """One row a slip in SLIP_COLUMNS; a void slip is listed with its number and counts in no total."""
    return Sheet(title="Deposit slips", columns=SLIP_COLUMNS, rows=rows, about=about)
