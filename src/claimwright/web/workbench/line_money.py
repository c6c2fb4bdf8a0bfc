"""Where the money of charge lines went, told from the other side of each ledger entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
from django.db.models import Q, QuerySet, Sum

from claimwright.ledger.accounts import BUCKETS, Kind
from claimwright.web.accounts.models import LedgerTransfer

ZERO = Decimal("0.00")
HELD = (Kind.RECEIVABLE.value, Kind.BAD_DEBT.value)
CHARGE, INSURER, PATIENT, ADJUSTMENT = "charge", "insurer", "patient", "adjustment"

# What an entry against a receivable is, by the account on its other side. Between two receivables money only moves.
MEANING: dict[str, str] = {
    Kind.REVENUE: CHARGE,
    Kind.REMITTANCE: INSURER,
    Kind.SUSPENSE: INSURER,
    Kind.PAYER_OFFSET: INSURER,
    Kind.BANK: INSURER,
    Kind.CREDIT: PATIENT,
    Kind.PATIENT_CASH: PATIENT,
    Kind.ADJUSTMENT: ADJUSTMENT,
    Kind.WITHHOLD: ADJUSTMENT,
    Kind.FEE: CHARGE,
    Kind.REFUND: INSURER,
}
# What was brought from another system, by what that had booked it as.
OPENING: dict[str, str] = {"CHARGE": CHARGE, "PAID": INSURER, "PATIENT_PAID": PATIENT, "ADJUSTED": ADJUSTMENT}


class LineMoney(msgspec.Struct):
    """One line's charge, payments, adjustments by reason and open balance by bucket."""

    charge: Decimal = ZERO
    insurer: Decimal = ZERO
    patient: Decimal = ZERO
    adjustments: dict[str, Decimal] = msgspec.field(default_factory=dict)
    balances: dict[str, Decimal] = msgspec.field(default_factory=dict)

    @property
    def balance(self) -> Decimal:
        return sum(self.balances.values(), ZERO)


def entries_of(line_ids: Iterable[str]) -> list[LedgerTransfer]:
    """The ledger rows of these lines, in the order they were written."""
    return list(ledger_of(list(line_ids)).order_by("sequence"))


def ledger_of(line_ids: Sequence[str]) -> QuerySet[LedgerTransfer]:
    """The ledger rows that touch what is open of these lines."""
    of_debit = Q(debit_kind__in=HELD, debit_subject__in=line_ids)
    return LedgerTransfer.objects.filter(of_debit | Q(credit_kind__in=HELD, credit_subject__in=line_ids))


def total_of_lines(line_ids: Sequence[str]) -> LineMoney:
    """As `total_of` over `money_by_line` of these lines, added up by the database."""
    total = LineMoney()
    for own, other, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
        of_lines = {f"{own}_kind__in": HELD, f"{own}_subject__in": line_ids}
        names = (f"{own}_kind", f"{own}_bucket", f"{other}_kind", f"{other}_bucket")
        rows = LedgerTransfer.objects.filter(**of_lines).order_by().values_list(*names).annotate(Sum("amount"))
        for kind, bucket, other_kind, other_bucket, amount in rows:
            held_in = "BD" if kind == Kind.BAD_DEBT else bucket
            total.balances[held_in] = total.balances.get(held_in, ZERO) + sign * amount
            _tell(total, (other_kind, other_bucket, ""), sign * amount)
    return total


def money_by_line(entries: Iterable[LedgerTransfer]) -> dict[str, LineMoney]:
    found: dict[str, LineMoney] = defaultdict(LineMoney)
    for entry in entries:
        debit = (entry.debit_kind, entry.debit_bucket, entry.debit_subject)
        credit = (entry.credit_kind, entry.credit_bucket, entry.credit_subject)
        for own, other, signed in ((debit, credit, entry.amount), (credit, debit, -entry.amount)):
            if own[0] not in HELD:
                continue
            line = found[own[2]]
            bucket = "BD" if own[0] == Kind.BAD_DEBT else own[1]
            line.balances[bucket] = line.balances.get(bucket, ZERO) + signed
            _tell(line, other, signed)
    return dict(found)


def _tell(line: LineMoney, other: tuple[str, str, str], signed: Decimal) -> None:
    meaning = OPENING.get(other[1], "") if other[0] == Kind.OPENING else MEANING.get(other[0], "")
    if meaning == CHARGE:
        line.charge += signed
    elif meaning == INSURER:
        line.insurer -= signed
    elif meaning == PATIENT:
        line.patient -= signed
    elif meaning == ADJUSTMENT:
        reason = other[0] if other[0] == Kind.OPENING else other[1] or other[0]
        total = line.adjustments.get(reason, ZERO) - signed
        line.adjustments[reason] = total
        if not total:
            del line.adjustments[reason]


def buckets_used(lines: Iterable[LineMoney]) -> list[str]:
    """The buckets that hold or held money, in order; the patient's always."""
    used = {bucket for line in lines for bucket in line.balances}
    return [bucket for bucket in (*BUCKETS, "BD") if bucket in used or bucket == "PAT"]


def total_of(lines: Iterable[LineMoney]) -> LineMoney:
    total = LineMoney()
    for line in lines:
        total.charge += line.charge
        total.insurer += line.insurer
        total.patient += line.patient
        for reason, amount in line.adjustments.items():
            total.adjustments[reason] = total.adjustments.get(reason, ZERO) + amount
        for bucket, amount in line.balances.items():
            total.balances[bucket] = total.balances.get(bucket, ZERO) + amount
    return total
