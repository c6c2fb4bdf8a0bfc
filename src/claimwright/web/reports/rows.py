"""The rows that a figure counted, as a table: what its drill-down and its file show."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from claimwright.codes.money import ZERO
from claimwright.documents.sheets import Cell, Sheet
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.charges.models import ChargeLine
from claimwright.web.denials.models import Appeal
from claimwright.web.payments.models import ClaimPayment, PatientReceipt
from claimwright.web.reports.scope import KpiRow
from claimwright.web.submissions.models import ClaimVersion

Rows = list[tuple[Cell, ...]]


def sheet_of(figure: KpiRow, ids: Sequence[str]) -> Sheet:
    """`ids` are some of the figure's own, in its order. A figure that counts no rows of its own has an empty table."""
    columns, rows = _READERS.get(figure.subject, _nothing)(ids)
    about: tuple[tuple[str, Cell], ...] = (
        ("Figure", figure.name), ("Part", figure.numerator), ("Of", figure.denominator), ("From", figure.start),
        ("To", figure.end), ("Counted by", figure.basis),
    )  # fmt: skip
    return Sheet(title=figure.name, columns=columns, rows=rows, about=about)


def _claims(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    found = ClaimVersion.objects.filter(control_number__in=ids).select_related("claim__payer").defer("content")
    rows: Rows = [
        (one.control_number, one.date_of_service, one.claim.payer.name, one.state, one.outcome, one.total_charge,
         one.first_sent, one.first_adjudicated)
        for one in found.order_by("control_number")
    ]  # fmt: skip
    return ("Claim", "Date of service", "Payer", "State", "Outcome", "Charge", "First sent", "First decided"), rows


def _lines(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    balances = line_balances(ids)
    lines = {one.line_id: one for one in ChargeLine.objects.filter(line_id__in=ids)}
    rows: Rows = []
    for key in ids:
        line, held = lines.get(key), balances.get(key, {})
        named = (line.date_of_service, line.code, line.rendering_npi, line.charge) if line else (None, "", "", None)
        open_now = sum((amount for bucket, amount in held.items() if bucket != "BD"), start=ZERO)
        rows.append((key, *named, open_now))
    return ("Line", "Date of service", "Code", "Provider", "Charge", "Open now"), rows


def _payments(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    found = (
        ClaimPayment.objects.filter(record_id__in=ids).select_related("payer").order_by("record_id").defer("content")
    )
    rows: Rows = [
        (one.control_number, one.payer.name if one.payer else "", one.status, one.charge, one.paid, one.posted_on)
        for one in found
    ]
    return ("Claim", "Payer", "Status", "Charge", "Paid", "Posted on"), rows


def _appeals(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    found = (
        Appeal.objects.filter(pk__in=[UUID(one) for one in ids]).select_related("denial").order_by("decided_on", "pk")
    )
    rows: Rows = [(one.denial.line_id, one.denial.carc, one.state, one.decided_on, one.allowed_amount) for one in found]
    return ("Line", "Reason", "State", "Decided on", "Allowed"), rows


def _receipts(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    found = PatientReceipt.objects.filter(pk__in=[UUID(one) for one in ids]).order_by("received_on", "pk")
    rows: Rows = [(str(one.pk), one.received_on, one.method, one.amount) for one in found]
    return ("Receipt", "Received on", "Method", "Amount"), rows


def _nothing(ids: Sequence[str]) -> tuple[tuple[str, ...], Rows]:
    return ("Row",), [(one,) for one in ids]


_READERS = {
    "claim": _claims, "charge_line": _lines, "account": _lines, "claim_payment": _payments, "appeal": _appeals,
    "receipt": _receipts,
}  # fmt: skip
