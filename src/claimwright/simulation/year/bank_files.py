"""A day's lines of the bank as the file a bank would send: BAI2, OFX, or CSV with named columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from claimwright.simulation.year.bank import Row

ACCOUNT = "000{seed}"
BAI_CODES = {"ach": ("142", "451"), "check": ("174", "555"), "card": ("169", "469"), "deposit": ("174", "555"),
             "fee": ("698", "698"), "returned": ("555", "555")}  # fmt: skip
OFX_TYPES = {"ach": "CREDIT", "check": "DEP", "card": "CREDIT", "deposit": "DEP", "fee": "FEE", "returned": "DEBIT"}
CSV_KINDS = {"ach": "ACH credit", "check": "check deposit", "card": "card", "deposit": "deposit", "fee": "fee",
             "returned": "returned item"}  # fmt: skip
CSV_COLUMNS = (
    "posted on", "amount", "trace number", "trace payer id", "payer name", "check number", "batch number", "gross", "fee",
    "kind", "description", "bank reference", "balance",
)  # fmt: skip
ZERO = Decimal("0.00")


def as_bai2(day: date, rows: Sequence[Row], opening: Decimal, account: str) -> bytes:
    """Totals, counts and balances agree."""
    closing = opening + sum((row.amount for row in rows), ZERO)
    stamp = f"{day:%y%m%d}"
    body = [f"03,{account},USD,010,{_cents(opening)},,,015,{_cents(closing)},,/"]
    control = opening + closing
    for row in rows:
        code = BAI_CODES[row.kind][row.amount < 0]
        body.append(f"16,{code},{_cents(abs(row.amount))},Z,{row.reference},,{row.text}")
        control += abs(row.amount)
    total = _cents(control)
    records = len(body) + 1
    lines = [
        f"01,BANKROUTE,OFFICE,{stamp},0600,1,80,,2/", f"02,OFFICE,BANKROUTE,1,{stamp},,USD,2/", *body,
        f"49,{total},{records}/", f"98,{total},1,{records + 2}/", f"99,{total},1,{records + 4}/",
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def as_ofx(day: date, rows: Sequence[Row], opening: Decimal, account: str) -> bytes:
    closing = opening + sum((row.amount for row in rows), ZERO)
    items = "".join(
        f"<STMTTRN><TRNTYPE>{OFX_TYPES[row.kind]}<DTPOSTED>{day:%Y%m%d}<TRNAMT>{row.amount}<FITID>{row.reference}"
        f"{f'<REFNUM>{row.batch}' if row.batch else ''}"
        f"<NAME>{row.payer[:32] or row.kind.upper()}<MEMO>{row.text}</STMTTRN>\n"
        for row in rows
    )
    head = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n\n"
    return (
        f"{head}<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>071000013"
        f"<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>{day:%Y%m%d}<DTEND>{day:%Y%m%d}\n"
        f"{items}</BANKTRANLIST><LEDGERBAL><BALAMT>{closing}<DTASOF>{day:%Y%m%d}</LEDGERBAL></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>\n"
    ).encode()


def as_csv(day: date, rows: Sequence[Row], opening: Decimal, account: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    balance = opening
    for row in rows:
        balance += row.amount
        writer.writerow(
            (day.isoformat(), row.amount, row.trace, row.payer_id, row.payer, row.check, row.batch, row.gross or "",
             row.fee or "", CSV_KINDS[row.kind], row.text, row.reference, balance)
        )  # fmt: skip
    return text.getvalue().encode()


FORMATS: dict[str, tuple[str, Callable[[date, Sequence[Row], Decimal, str], bytes]]] = {
    "bai2": ("bai", as_bai2), "ofx": ("ofx", as_ofx), "csv": ("csv", as_csv),
}  # fmt: skip


def _cents(amount: Decimal) -> str:
    return str(int(amount * 100))
