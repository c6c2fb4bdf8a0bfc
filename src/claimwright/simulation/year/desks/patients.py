"""The patients' side: statements each week, payments in answer to them, refunds by two people."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.codes.money import money as cents
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.payments import models
from claimwright.web.payments import services as money
from claimwright.web.payments.statements import issue_statements

STATEMENT_WEEKDAY = 3
# What patients do with a statement, by a roll: pay all, pay half, nothing.
PAYS, PAYS_ALL, BY_CARD = Decimal("0.72"), Decimal("0.62"), Decimal("0.45")
ANSWERS_WITHIN_DAYS = 16


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    counts["payments"] = _pay(place, day)
    if day.weekday() == STATEMENT_WEEKDAY:
        with tenant_scope(place.tenant), acting_as("statements"):
            counts["statements"] = len(issue_statements(as_of=day).issued)
    counts["refunds"] = _refund(place)
    return counts


def _pay(place: Workplace, day: date) -> int:
    done = 0
    with tenant_scope(place.tenant), acting_as("front desk"):
        recent = models.Statement.objects.filter(
            issued_on__gte=day - timedelta(days=ANSWERS_WITHIN_DAYS + 4), issued_on__lt=day
        ).select_related("patient", "practice").defer("pdf")  # fmt: skip
        for statement in recent.order_by("number"):
            roll = place.chance("pays", statement.patient.record_number, statement.issued_on)
            due = statement.issued_on + timedelta(days=3 + int(roll * ANSWERS_WITHIN_DAYS))
            key = f"statement:{statement.number}"
            if roll > PAYS or due > day or models.PatientReceipt.objects.filter(key=key).exists():
                continue
            amount = statement.amount_due if roll < PAYS_ALL else cents(statement.amount_due / 2)
            money.receive_patient_payment(
                patient=statement.patient, practice=statement.practice, amount=amount, key=key,
                method="card" if roll < BY_CARD else "check",
            )  # fmt: skip
            done += 1
    return done


def _refund(place: Workplace) -> int:
    """The biller finds the cause, the manager approves and issues."""
    done = 0
    with tenant_scope(place.tenant):
        ready = models.Refund.objects.filter(
            state__in=["IDENTIFIED", "VALIDATED"], patient__isnull=False, payer__isnull=True
        )
        for row in ready.order_by("identified_on", "key"):
            try:
                with acting_as("biller"):
                    money.request_refund(refund=row)
                with acting_as("manager"):
                    money.issue_refund(refund=row)
                done += 1
            except ValueError:
                continue
    return done
