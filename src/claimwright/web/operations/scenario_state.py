"""What stands after a step: balances folded from the ledger, and the objects beside it, as one tree of plain values.

A visit, patient or line is called by its name in the scenario; money is Decimal; nothing here decides anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.ledger.accounts import BUCKETS, Account, Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer
from claimwright.web.arrangements.models import PaymentPlan
from claimwright.web.authorizations.models import Authorization
from claimwright.web.authorizations.selectors import standings
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core.models import WorkItem
from claimwright.web.denials.models import Denial
from claimwright.web.exchange.models import InboxFile, OutboxFile
from claimwright.web.payments import models
from claimwright.web.submissions.models import ClaimVersion

ZERO = Decimal("0.00")

# Column of `totals` -> the kinds it sums, and -1 where a credit balance is told as a positive amount.
TOTALS: Mapping[str, tuple[tuple[Kind, ...], int]] = {
    "AR": ((Kind.RECEIVABLE, Kind.CREDIT), 1),
    "CREDIT": ((Kind.CREDIT,), 1),
    "BD": ((Kind.BAD_DEBT,), 1),
    "cash": ((Kind.REMITTANCE, Kind.BANK, Kind.PATIENT_CASH), 1),
    "remittance": ((Kind.REMITTANCE,), 1),
    "bank": ((Kind.BANK,), 1),
    "patient_cash": ((Kind.PATIENT_CASH,), 1),
    "clearing": ((Kind.PAYER_OFFSET,), 1),
    "suspense": ((Kind.SUSPENSE,), 1),
    "refunds": ((Kind.REFUND,), 1),
    "interest": ((Kind.INTEREST,), -1),
    "capitation": ((Kind.CAPITATION_REVENUE,), -1),
    "other_income": ((Kind.OTHER_INCOME,), -1),
    "charges": ((Kind.REVENUE,), -1),
}

# What a held or refused payment must leave as it was. Source: domain specification section 12, negative tests.
UNTOUCHED = (
    Kind.RECEIVABLE, Kind.ADJUSTMENT, Kind.CREDIT, Kind.REVENUE, Kind.INTEREST, Kind.CAPITATION_REVENUE,
    Kind.OTHER_INCOME, Kind.BAD_DEBT, Kind.WITHHOLD, Kind.FEE, Kind.REFUND,
)  # fmt: skip


class Names(msgspec.Struct):
    """Rows of this run by their names in the scenario."""

    practices: dict[str, Any] = {}
    payers: dict[str, Any] = {}
    patients: dict[str, Any] = {}
    visits: dict[str, Any] = {}
    users: dict[str, Any] = {}
    receipts: dict[str, Any] = {}

    def of(self, kind: str, row_id: object) -> str:
        """The scenario's name of a row, its id where it has none."""
        rows: dict[str, Any] = getattr(self, kind)
        return next((name for name, row in rows.items() if row.pk == row_id), str(row_id))


def ledger() -> list[Transfer]:
    """Every transfer of the tenant, in order."""
    return [as_transfer(row) for row in LedgerTransfer.objects.order_by("sequence")]


def fold(transfers: Iterable[Transfer]) -> dict[Account, Decimal]:
    """Debits less credits of every account that moved."""
    sums: dict[Account, Decimal] = defaultdict(lambda: ZERO)
    for entry in transfers:
        sums[entry.debit] += entry.amount
        sums[entry.credit] -= entry.amount
    return dict(sums)


def money_state(transfers: Sequence[Transfer], names: Names) -> dict[str, Any]:
    """All that the ledger alone says: visits, lines, patients, totals, adjustments, fees."""
    sums = fold(transfers)
    by_line: dict[str, dict[str, Decimal]] = defaultdict(dict)
    credits: dict[str, Decimal] = defaultdict(lambda: ZERO)
    adjustments: dict[str, Decimal] = defaultdict(lambda: ZERO)
    fees: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for account, amount in sums.items():
        if account.kind is Kind.RECEIVABLE:
            by_line[account.subject][account.bucket] = amount
        elif account.kind is Kind.BAD_DEBT:
            by_line[account.subject]["BD"] = amount
        elif account.kind is Kind.CREDIT:
            credits[account.subject] += amount
        elif account.kind is Kind.ADJUSTMENT:
            adjustments[account.bucket] += amount
        elif account.kind is Kind.FEE:
            fees[account.bucket] += amount
    totals = {
        name: ZERO + sign * sum((amount for account, amount in sums.items() if account.kind in kinds), ZERO)
        for name, (kinds, sign) in TOTALS.items()
    }
    for bucket in BUCKETS:
        totals[bucket] = sum((line.get(bucket, ZERO) for line in by_line.values()), ZERO)
    visits, lines = _visits(by_line, names)
    return {
        "visits": visits,
        "lines": lines,
        "patients": _patients(by_line, credits, names),
        "totals": totals,
        "adjustments": dict(sorted(adjustments.items())),
        "fees": dict(sorted(fees.items())),
    }


def _visits(by_line: Mapping[str, Mapping[str, Decimal]], names: Names) -> tuple[dict[str, Any], dict[str, Any]]:
    visits: dict[str, Any] = {}
    lines: dict[str, Any] = {}
    rows = ChargeLine.objects.filter(encounter__in=[row.pk for row in names.visits.values()]).order_by("number")
    for row in rows:
        name = names.of("visits", row.encounter_id)
        balances = by_line.get(row.line_id, {})
        lines[f"{name}/{row.number}"] = dict(sorted(balances.items()))
        held = visits.setdefault(name, dict.fromkeys((*BUCKETS, "BD"), ZERO))
        for bucket, amount in balances.items():
            held[bucket] = held.get(bucket, ZERO) + amount
    return visits, lines


def _patients(
    by_line: Mapping[str, Mapping[str, Decimal]], credits: Mapping[str, Decimal], names: Names
) -> dict[str, Any]:
    """PAT and BD of all visits and of the account line of fees; CREDIT below zero where we hold their money."""
    owned: dict[str, list[str]] = defaultdict(list)
    for patient_id, line_id in ChargeLine.objects.values_list("patient_id", "line_id"):
        owned[str(patient_id)].append(line_id)
    statements = Counter(map(str, models.Statement.objects.values_list("patient_id", flat=True)))
    found = {}
    for name, row in names.patients.items():
        account = f"account-{row.pk}"
        lines = [by_line.get(line_id, {}) for line_id in (*owned[str(row.pk)], account)]
        found[name] = {
            "PAT": sum((line.get("PAT", ZERO) for line in lines), ZERO),
            "BD": sum((line.get("BD", ZERO) for line in lines), ZERO),
            "CREDIT": credits.get(str(row.pk), ZERO),
            "fees": by_line.get(account, {}).get("PAT", ZERO),
            "statements": statements[str(row.pk)],
        }
    return found


def untouched_sums(transfers: Iterable[Transfer]) -> dict[Account, Decimal]:
    """Receivables, adjustments, credits and income: what a negative test compares."""
    return {account: amount for account, amount in fold(transfers).items() if account.kind in UNTOUCHED and amount}


def object_state(names: Names) -> dict[str, Any]:
    """Claims, denials, worklists, remittances and the rest, by name."""
    return {
        "claims": _claims(names),
        "denials": _denials(names),
        "worklists": dict(
            sorted(Counter(WorkItem.objects.filter(state="open").values_list("worklist", flat=True)).items())
        ),
        "remittances": [
            {"trace": row.trace_number, "amount": row.amount, "state": row.state, "bank": row.bank_state}
            for row in models.Remittance.objects.order_by("number")
        ],
        "held": [
            {"claim": row.control_number, "status": row.status, "paid": row.paid, "worklist": row.worklist}
            for row in models.ClaimPayment.objects.filter(state="held").order_by("posting_order")
        ],
        "provider_adjustments": [
            {
                "code": row.code, "reference": row.reference, "amount": row.amount, "state": row.state,
                "open": row.amount + sum((one.amount for one in row.settlements.all()), ZERO),
                "settles": row.settles_id is not None,
            }
            for row in models.ProviderAdjustment.objects.prefetch_related("settlements").order_by("remittance__number", "ordinal")
        ],
        "refunds": _refunds(names),
        "write_offs": [
            {
                "amount": row.amount, "bucket": row.bucket, "reason": row.reason, "state": row.state,
                "requested_by": row.requested_by, "decided_by": row.decided_by,
            }
            for row in models.WriteOff.objects.order_by("key")
        ],
        "plans": {
            names.of("patients", row.patient_id): {"state": row.state, "missed": row.missed, "total": row.balance_amount}
            for row in PaymentPlan.objects.defer("agreement")
        },
        "authorizations": _authorizations(),
        "deposits": [
            {"trace": row.trace_number, "amount": row.amount, "state": row.state}
            for row in models.Deposit.objects.order_by("key")
        ],
        "files": {
            "sent": OutboxFile.objects.filter(state__in=["sent", "acked"]).count(),
            "received": {row.name: row.state for row in InboxFile.objects.order_by("received_at", "name")},
        },
    }  # fmt: skip


def _claims(names: Names) -> dict[str, Any]:
    rows = ClaimVersion.objects.select_related("claim").prefetch_related("findings", "submissions")
    found = {}
    for row in rows.order_by("control_number"):
        findings = list(row.findings.all())
        found[row.control_number] = {
            "visit": names.of("visits", row.claim.encounter_id),
            "sequence": row.claim.sequence,
            "version": row.number,
            "state": row.state,
            "outcome": row.outcome,
            "frequency": row.frequency,
            "payer_claim_number": row.payer_claim_number,
            "edits": sorted({one.edit_id for one in findings if one.open and one.severity in ("R", "H")}),
            "overridden": sorted({one.edit_id for one in findings if one.override_reason}),
            "files": len(row.submissions.all()),
        }
    return found


def _denials(names: Names) -> list[dict[str, Any]]:
    rows = Denial.objects.select_related("version__claim").prefetch_related("appeals")
    numbers = dict(ChargeLine.objects.values_list("line_id", "number"))
    return [
        {
            "claim": row.version.control_number,
            "visit": names.of("visits", row.version.claim.encounter_id),
            "line": numbers.get(row.line_id, 0),
            "group": row.group,
            "carc": row.carc,
            "rarcs": list(row.rarcs),
            "amount": row.amount,
            "category": row.category,
            "state": row.state,
            "appealable": row.appealable,
            "outcome_amount": row.outcome_amount,
            "appeals": [
                {"level": appeal.level, "state": appeal.state, "allowed_amount": appeal.allowed_amount}
                for appeal in sorted(row.appeals.all(), key=lambda appeal: appeal.level)
            ],
        }
        for row in rows.order_by("version__control_number", "line_id", "carc")
    ]


def _refunds(names: Names) -> list[dict[str, Any]]:
    return [
        {
            "patient": names.of("patients", row.patient_id or row.paid_to),
            "amount": row.amount,
            "state": row.state,
            "cause": row.cause,
        }
        for row in models.Refund.objects.order_by("identified_on", "pk")
    ]


def _authorizations() -> dict[str, Any]:
    rows = {row.pk: row for row in Authorization.objects.exclude(number="")}
    found = {}
    for pk, standing in standings(authorization_ids=list(rows)).items():
        units = standing.units
        found[rows[pk].number] = {
            "approved": rows[pk].units_approved,
            "used": units.used,
            "reserved": units.reserved,
        }
    return found
