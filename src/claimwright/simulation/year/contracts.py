"""What commercial payers have agreed to pay each office. They keep to it, but for one code a payer prices lower."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

from claimwright.codes.money import money
from claimwright.sandbox.plan import load_plan
from claimwright.simulation.year.offices import PAYERS, Office
from claimwright.web.contracts.services import import_rate_sheet, save_contract
from claimwright.web.practice.models import Payer

CONTRACTED = ("commercial", "valley")
AGREED_FROM = date(2025, 1, 1)
DISPUTED_BY = Decimal("1.08")  # the agreement is so much above what the payer allows for the code it prices lower
MANNERS = Path(__file__).with_name("manners.json")


def agree_rates(office: Office) -> None:
    """A contract and its rate sheet for each commercial payer of the office. Call in the tenant's scope."""
    plan = load_plan(MANNERS)
    for key in CONTRACTED:
        if key not in office.payer_keys:
            continue
        pays = plan.payer(PAYERS[key].sandbox_id)
        assert pays is not None
        allowed = {
            code: pays.fees.get(code, money(Decimal(price) * pays.allowed_share))
            for code, price in office.prices.items()
        }
        disputed = sorted(allowed)[-1]
        allowed[disputed] = money(allowed[disputed] * DISPUTED_BY)
        contract = save_contract(
            payer=Payer.objects.get(key=key), tax_id=office.billing.tax_id, name=f"{PAYERS[key].name} agreement"
        )
        import_rate_sheet(contract=contract, content=_sheet(allowed), sheet_name=f"{key}.csv", start=AGREED_FROM)


def _sheet(allowed: dict[str, Decimal]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("code", "amount"))
    writer.writerows(sorted(allowed.items()))
    return text.getvalue().encode()
