"""What waits at the bank, marked as matches come and go, so that it is found among the lines and payments of years.

The matches alone say what holds; a mark is written anew from them by whatever makes or undoes one, and the auditor
compares both.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from claimwright.web.bank.models import BankLine, BankMatch, BankMatchLine, BankMatchPart, OpenLine
from claimwright.web.payments.models import PatientReceipt

# A match that holds, asked of its line or part: not undone, and not the act of undoing. By NOT EXISTS: of a join whose
# other side is missing PostgreSQL expects one row, and reads all matches anew for each line.
STANDS = ~Exists(BankMatch.objects.filter(undoes=OuterRef("match"))) & ~Q(match__kind="UNDONE")


def mark_anew(*, lines: Collection[BankLine] = (), receipts: Collection[object] = ()) -> None:
    """Of these lines, which are open; of these payments (their ids), which are at the bank."""
    if lines:
        tied = BankMatchLine.objects.filter(STANDS, line__in=lines)
        held = set(tied.values_list("line_id", flat=True))
        OpenLine.objects.filter(line__in=held).delete()
        OpenLine.objects.bulk_create(
            [OpenLine(line=line) for line in lines if line.pk not in held], ignore_conflicts=True
        )
    if receipts:
        parts = BankMatchPart.objects.filter(STANDS, receipt__in=receipts)
        at_bank = set(parts.values_list("receipt_id", flat=True))
        rows = PatientReceipt.objects.filter(pk__in=receipts)
        rows.filter(pk__in=at_bank).update(is_at_bank=True)
        rows.exclude(pk__in=at_bank).update(is_at_bank=False)
