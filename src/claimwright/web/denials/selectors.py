"""Denials as the pure rooms count them: cases for root causes and trends, chances learned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from claimwright.billing.root_causes import CAUSES, DenialCase, LearnedChance
from claimwright.codes.money import ZERO
from claimwright.web.charges.models import ChargeLine
from claimwright.web.denials.models import Denial
from claimwright.web.denials.models import LearnedChance as LearnedRow


def chances() -> dict[str, LearnedChance]:
    """The practice's own outcomes by category, as counted last. One query."""
    return {
        row.category: LearnedChance(category=row.category, won=row.won, decided=row.decided)
        for row in LearnedRow.objects.all()
    }


def cases(*, since: date, until: date, written_off: Mapping[str, Decimal] | None = None) -> list[DenialCase]:
    """The denials received in those days, both included. `written_off` is what was given up, by line."""
    given_up = written_off or {}
    # As tuples: a large office has tens of thousands of denials in a year, and only these columns of them are counted.
    of_time = Denial.objects.filter(received_on__gte=since, received_on__lte=until)
    rows = of_time.order_by("received_on", "line_id", "carc").values_list(
        "line_id", "payer__name", "carc", "category", "root_cause", "preventable", "version__number", "amount",
        "received_on", "state", "outcome_amount",
    )  # fmt: skip
    charged = ChargeLine.objects.filter(line_id__in=of_time.values("line_id"))
    lines = {
        row[0]: row[1:] for row in charged.values_list("line_id", "code", "rendering_npi", "encounter__location_code")
    }
    found = []
    told: set[str] = set()
    for line_id, payer, carc, category, cause, preventable, version, amount, received, state, outcome in rows:
        code, provider, location = lines.get(line_id, ("", "", ""))
        lost = given_up.get(line_id, ZERO) if state == "WRITTEN_OFF" and line_id not in told else ZERO
        told.add(line_id)
        found.append(
            DenialCase(
                payer=payer, carc=carc, code=code, provider=provider, location=location, category=category,
                root_cause=CAUSES.get(cause, CAUSES["unknown"]), preventable=preventable, first_pass=version == 1,
                amount=amount, received=received, state=state, recovered=outcome or ZERO, written_off=lost,
            )
        )  # fmt: skip
    return found
