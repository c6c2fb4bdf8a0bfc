"""Many rows in one statement: what is written is what the rows say, and nothing of another tenant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.lib.web_data import a_work_item


def test_rows_are_written_as_they_stand_and_only_those_of_the_tenant(tenant, other_tenant):
    from django.db import DataError, transaction

    from claimwright.web.core import writing
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(other_tenant):
        foreign = a_work_item("edit_holds", "foreign")
    with tenant_scope(tenant):
        rows = [a_work_item("edit_holds", f"item {at}", amount=Decimal("1.00")) for at in range(3)]
        rows[0].amount, rows[0].due_date, rows[0].reason = Decimal("12.50"), date(2026, 9, 30), 'It\'s \\ 100 % "so"'
        rows[1].amount, rows[1].state = None, WorkItem.State.DONE
        foreign.reason = "changed from outside"
        writing.write_rows([*rows, foreign], ["amount", "due_date", "reason", "state"])
        stored = {row.key: row for row in WorkItem.objects.all()}
        for row in rows:
            kept = stored[row.key]
            assert (kept.amount, kept.due_date, kept.reason, kept.state) == (
                row.amount,
                row.due_date,
                row.reason,
                row.state,
            )
        writing.write_rows([], ["amount"])
        rows[2].segment, rows[2].worklist = 7, "x" * 500
        with pytest.raises(DataError), transaction.atomic():
            writing.write_rows(rows, ["segment", "worklist"])
        assert not WorkItem.objects.filter(segment=7).exists(), "what a column refuses is not cut to fit"
    with tenant_scope(other_tenant):
        assert WorkItem.objects.get(key="foreign").reason == "Something is not right"
