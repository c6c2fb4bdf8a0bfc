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
    rows = list(
        Denial.objects.filter(received_on__gte=since, received_on__lte=until)
        .select_related("payer", "version")
        .defer("version__content", "payer__profile")  # whole claims: a year of them is a hundred times what is counted
        .order_by("received_on", "line_id", "carc")
    )
    lines = {
        line.line_id: line
        for line in ChargeLine.objects.filter(line_id__in={row.line_id for row in rows})
        .select_related("encounter")
        .defer("encounter__content")
    }
    found = []
    told: set[str] = set()
    for row in rows:
        line = lines.get(row.line_id)
        lost = given_up.get(row.line_id, ZERO) if row.state == "WRITTEN_OFF" and row.line_id not in told else ZERO
        told.add(row.line_id)
        found.append(
            DenialCase(
                payer=row.payer.name, carc=row.carc, code=line.code if line else "",
                provider=line.rendering_npi if line else "", location=line.encounter.location_code if line else "",
                category=row.category, root_cause=CAUSES.get(row.root_cause, CAUSES["unknown"]),
                preventable=row.preventable, first_pass=row.version.number == 1, amount=row.amount,
                received=row.received_on, state=row.state, recovered=row.outcome_amount or ZERO, written_off=lost,
            )
        )  # fmt: skip
    return found
