"""A set of files as another billing system might leave it: one claim of every state, with what hangs on them."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

from claimwright.billing.takeover import ControlTotals

AS_OF = date(2026, 9, 30)
PEOPLE = ("ANNA", "BEN", "CARA", "DAN", "EVA", "FAY", "GUS", "HAL")
TOTALS = ControlTotals(
    insurance=Decimal("630.00"), patient=Decimal("180.00"), credits=Decimal("35.00"),
    by_payer={"NMUT": Decimal("600.00"), "PRAIRIE": Decimal("30.00")},
)  # fmt: skip
SENT = {"payer": "NMUT", "bucket": "INS1", "state": "sent", "first_submitted": "2026-08-05"}
Rows = dict[str, list[dict[str, str]]]


def line(claim: str, at: int, charge: str, balance: str, **cells: str) -> dict[str, str]:
    """A line of patient number `at`."""
    return {"claim": claim, "mrn": f"OLD-{at}", "dos": "2026-08-03", "code": "99213", "charge": charge,
            "balance": balance, "units": "1"} | SENT | cells  # fmt: skip


def rows() -> Rows:
    """Eight people with eight claims: sent, denied (two, one under appeal), patient's, second payer's, unsent, self-pay,
    overpaid."""
    return {
        "patients": [
            {"mrn": f"OLD-{at}", "last_name": f"TAKEN{name}", "first_name": name, "dob": f"1980-05-{at:02d}", "sex": "F",
             "address": "12 BIRCH ST", "city": "MADISON", "state": "WI", "zip": "537034321"}
            for at, name in enumerate(PEOPLE, 1)
        ],
        "coverages": [
            *({"mrn": f"OLD-{at}", "payer": "NMUT", "member_id": f"W{at:08d}", "relationship": "self", "sequence": "P"}
              for at in (1, 2, 3, 4, 5, 6, 8)),
            {"mrn": "OLD-4", "payer": "PRAIRIE", "member_id": "P4", "relationship": "self", "sequence": "S"},
        ],
        "open_lines": [
            line("old-A1", 1, "150.00", "150.00"),
            line("A2", 2, "200.00", "200.00", code="99214", state="denied", payer_claim_number="ICN2"),
            line("A2", 2, "60.00", "0.00", code="93000", paid="40.00", adjusted="20.00", state="denied",
                 payer_claim_number="ICN2"),
            line("A3", 3, "300.00", "120.00", paid="100.00", adjusted="80.00", bucket="PAT", state="patient",
                 last_statement="2026-09-10"),
            line("A4", 4, "150.00", "30.00", paid="90.00", adjusted="30.00", payer="PRAIRIE", bucket="INS2"),
            line("A5", 5, "150.00", "150.00", state="unsent", first_submitted="", diagnoses="J06.9",
                 place_of_service="11", rendering_npi="1234567893"),
            line("A6", 6, "100.00", "100.00", state="denied"),
            line("A7", 7, "80.00", "60.00", patient_paid="20.00", payer="", bucket="PAT", state="patient",
                 first_submitted=""),
            line("A8", 8, "100.00", "0.00", paid="110.00", state="paid"),
        ],
        "denials": [
            {"claim": "A2", "code": "99214", "carc": "197", "amount": "200.00", "denied_on": "2026-08-20",
             "appeal_deadline": "2026-11-20", "note": "ask for the authorization"},
            {"claim": "A6", "code": "99213", "carc": "50", "amount": "100.00", "denied_on": "2026-08-21"},
        ],
        "appeals": [
            {"claim": "A6", "code": "99213", "carc": "50", "sent_on": "2026-09-01", "response_due": "2026-10-31"}
        ],
        "credits": [
            {"kind": "patient", "mrn": "OLD-1", "amount": "25.00", "cause": "copay paid twice"},
            {"kind": "payer", "mrn": "OLD-8", "amount": "10.00", "cause": "paid above contract", "claim": "A8",
             "code": "99213", "received_on": "2026-08-25"},
        ],
        "plans": [
            {"mrn": "OLD-3", "balance": "120.00", "instalment": "40.00", "next_due": "2026-10-15", "count_left": "3"}
        ],
        "notes": [
            {"claim": "old-A1", "noted_on": "2026-09-10", "note": "in process", "next_action": "2026-10-10"}
        ],
    }  # fmt: skip


def as_files(found: Rows) -> dict[str, bytes]:
    files = {}
    for name, cells in found.items():
        out = io.StringIO()
        writer = csv.DictWriter(out, list(dict.fromkeys(key for row in cells for key in row)), restval="")
        writer.writeheader()
        writer.writerows(cells)
        files[f"{name}.csv"] = out.getvalue().encode()
    return files


def save(practice: Any, found: Rows | None = None, *, name: str = "Old system", totals: ControlTotals = TOTALS) -> Any:
    from claimwright.web.takeover.services import save_takeover

    return save_takeover(practice=practice, name=name, files=as_files(found or rows()), totals=totals, as_of=AS_OF)
