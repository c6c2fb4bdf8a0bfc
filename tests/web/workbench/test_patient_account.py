"""The patient's account: transactions in words, household, what was said; Excel; and a fixed number of queries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def the_patient(mine: Any) -> Any:
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.patients.models import Patient

    lines = LedgerTransfer.objects.filter(entry_type="INS_PAY").values_list("credit_subject", flat=True)
    encounter = ChargeLine.objects.filter(line_id__in=list(lines)).first().encounter
    return Patient.objects.get(pk=encounter.patient_id)


def test_the_account_says_where_the_money_went_and_what_was_said(client: Any, mine: Any):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.notes import add_note

    with tenant_scope(mine.tenant), acting_as("ann"):
        patient = the_patient(mine)
        address = f"/patients/{patient.pk}/"
    client.get(address)  # what is asked once a process is asked now
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    with tenant_scope(mine.tenant), acting_as("ann"):
        for number in range(3):
            Patient.objects.create(
                practice_id=patient.practice_id, record_number=f"H{number}", last_name="HOUSE", first_name=f"N{number}",
                guarantor=patient,
            )  # fmt: skip
        version = ClaimVersion.objects.filter(claim__patient=patient).first()
        for words in ("The employer confirmed the plan", "Asked for the card again"):
            add_note(version=version, text=words)
    with CaptureQueriesContext(connection) as after:
        answer = client.get(address)
    page = answer.content.decode()
    assert len(after) == len(before), "more rows must not be more queries"
    assert "HOUSE" in page and "The employer confirmed the plan" in page and "Primary owes" in page
    moved = answer.context["transactions"]
    assert sum((one.change for one in moved), Decimal("0.00")) == answer.context["total"].balance
    assert {"Charge", "Payer paid"} <= {one.what for one in moved}
    rows = client.get(f"{address}?as=csv").content.decode("utf-8-sig").strip().splitlines()
    assert len(rows) == len(moved) + 1 and rows[0].startswith("On,Visit,Service")
    assert client.get(f"{address}?as=xlsx").content.startswith(b"PK")
