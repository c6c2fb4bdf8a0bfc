"""Writing down that a day or a month was closed, what a person signed for, and what an audit found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from claimwright.billing import closing
from claimwright.web.accounts import periods
from claimwright.web.accounts.models import PeriodEvent
from claimwright.web.close import models
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, record_audit


def record_day(
    *, day: date, sheet: bytes, postings: int, charges: Decimal, cash: Decimal, receivable: Decimal, note: str = ""
) -> models.DayClose:
    """Keep the day's sheet as it is now, with the head of the ledger. The caller holds the ledger."""
    sequence, digest = periods.hold_ledger()
    made = models.DayClose.objects.create(
        day=day, revision=models.DayClose.objects.filter(day=day).count() + 1, postings=postings, charges=charges,
        cash=cash, receivable=receivable, sheet=sheet, sha256=hashlib.sha256(sheet).hexdigest(),
        ledger_sequence=sequence, ledger_hash=digest, note=note.strip(), actor=actor(), at=clock.now(),
    )  # fmt: skip
    record_audit(action="day.closed", subject_type="day", subject_id=day, detail=f"sha256 {made.sha256}")
    return made


def record_sign_off(*, month: date, finding: closing.Finding, reason: str) -> models.ItemSignOff:
    """Raises closing.SignOffRefused."""
    given = closing.sign_off(finding, by=actor(), reason=reason)
    made = models.ItemSignOff.objects.create(
        month=month, item=given.item.value, count=given.count, amount=given.amount, reason=given.reason, actor=actor(),
        at=clock.now(),
    )  # fmt: skip
    record_audit(
        action="month.signed_off",
        subject_type="month",
        subject_id=f"{month:%Y-%m}",
        detail=f"{given.item} {given.count}",
    )
    return made


def record_audit_result(*, ledger_sequence: int, ledger_hash: str, examined: int, faults: int) -> models.AuditResult:
    """What the auditor found of the books up to that entry."""
    made = models.AuditResult.objects.create(
        ledger_sequence=ledger_sequence, ledger_hash=ledger_hash, examined=examined, faults=faults, actor=actor(),
        at=clock.now(),
    )  # fmt: skip
    record_audit(
        action="books.audited",
        subject_type="ledger",
        subject_id=ledger_sequence,
        detail=f"{examined} looked at, {faults} faults",
    )
    return made


def record_lock(
    *, month: date, by: User, proved: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> PeriodEvent:  # fmt: skip
    """Close the month and keep its reports, in the transaction in which they were made."""
    event = periods.close_month(month=month, by=by)
    for names, is_proved in ((proved, True), (kept, False)):
        models.MonthReport.objects.bulk_create(
            [
                models.MonthReport(
                    event=event,
                    name=name,
                    content=content,
                    sha256=hashlib.sha256(content).hexdigest(),
                    proved=is_proved,
                )
                for name, content in names.items()
            ]
        )
    return event
