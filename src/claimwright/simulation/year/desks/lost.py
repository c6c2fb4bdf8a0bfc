"""Remittances that never came though the bank shows their money: the payer sends them again, or only a paper copy.

What comes on paper is typed by the cashier from the explanation of benefits, and posts by the rules of every 835.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from claimwright.claims.from_x12.remittance import remittance as read_remittance
from claimwright.claims.nouns import ClaimPayment, ProviderAdjustment, Remittance
from claimwright.simulation.year.desks.steps import attempt
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.bank.selectors import open_lines
from claimwright.web.cashier.paper import post_paper, save_paper, start_paper
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.practice.models import Payer
from claimwright.x12 import read

ASKED_AFTER_DAYS = 4
ON_PAPER = Decimal("0.35")  # of lost remittances the payer has no file any more, and faxes the paper
PAPER_STATUS = ("1", "2", "3", "4", "19", "20", "21")  # a reversal is no row of a paper grid
SHARES = {"1": "deductible", "2": "coinsurance", "3": "copay"}  # PR reasons that have a column of their own


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    aside = sorted((place.home / "lost").glob("*_835_*")) if (place.home / "lost").exists() else []
    if not aside:
        return counts
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-biller"):
        rows = open_lines().filter(posted_on__lte=day - timedelta(days=ASKED_AFTER_DAYS))
        shown = " ".join(rows.values_list("description", flat=True))
        for path in aside:
            nouns = _read(path)
            if any(noun.trace_number in shown for noun in nouns) or _is_old(path, day):
                _ask(place, path, nouns, day, counts)
    return counts


def _is_old(path: Path, day: date) -> bool:
    """A remittance without money shows at no bank: its claims are asked about in time."""
    return path.name[:10] <= (day + timedelta(days=15)).isoformat()


def _read(path: Path) -> list[Remittance]:
    return [read_remittance(one).remittance for one in read(path.read_bytes()).transactions()]


def _ask(place: Workplace, path: Path, nouns: list[Remittance], day: date, counts: Counter[str]) -> None:
    name = path.name[11:]
    plain = all(claim.status in PAPER_STATUS for noun in nouns for claim in noun.claims)
    if plain and place.chance("paper", name) < ON_PAPER:

        def type_them() -> None:
            for noun in nouns:
                _type(place, noun)

        if attempt(counts, "typed from paper", type_them):
            path.unlink()
            return
    path.rename(path.with_name(f"{day.isoformat()}_{name}"))
    counts["sent again by the payer"] += 1


def _type(place: Workplace, noun: Remittance) -> None:
    payer = Payer.objects.get(aliases__contains=[noun.trace_payer_id])
    assert noun.payment_date is not None
    paper = start_paper(
        practice=place.practice, payer=payer, check_number=noun.trace_number, check_date=noun.payment_date,
        amount=noun.amount, method=noun.method if noun.method in ("CHK", "ACH") else "NON",
    )  # fmt: skip
    grid = grid_of(noun.claims, noun.provider_adjustments)
    post_paper(paper=save_paper(paper=paper, grid=grid))


def grid_of(claims: Iterable[ClaimPayment], adjustments: Iterable[ProviderAdjustment]) -> dict[str, object]:
    """The rows of the cashier's grid as somebody types them from the paper."""
    return {
        "claims": [_claim(claim) for claim in claims],
        "provider_adjustments": [
            {"code": one.code, "reference": one.reference, "amount": f"{one.amount:.2f}"} for one in adjustments
        ],
        "unapplied_reason": "",
    }


def _claim(claim: ClaimPayment) -> dict[str, object]:
    return {
        "control_number": claim.control_number, "payer_claim_number": claim.payer_claim_number, "status": claim.status,
        "last_name": claim.patient.last_name, "first_name": claim.patient.first_name,
        "member_id": claim.patient_id or claim.subscriber_id, "filing_indicator": claim.filing_indicator,
        "lines": [
            {
                "line_id": line.control_number, "code": line.procedure_code, "modifiers": " ".join(line.modifiers),
                "units": f"{(line.units_billed or line.units_paid or Decimal(1)).normalize():f}", "charge": f"{line.charge:.2f}", "paid": f"{line.paid:.2f}",
                "allowed": "" if line.allowed is None else f"{line.allowed:.2f}",
                "date": on.isoformat() if (on := line.date_from or claim.date_from) else "", "remarks": " ".join(line.remarks),
                **_cuts([(one.group, one.reason, one.amount) for one in line.adjustments]),
            }
            for line in claim.lines
        ],
    }  # fmt: skip


def _cuts(cuts: list[tuple[str, str, Decimal]]) -> dict[str, str]:
    columns = dict.fromkeys(SHARES.values(), "")
    others = []
    for group, reason, amount in cuts:
        if group == "PR" and reason in SHARES and not columns[SHARES[reason]]:
            columns[SHARES[reason]] = f"{amount:.2f}"
        else:
            others.append(f"{group}{reason} {amount:.2f}")
    return columns | {"adjustments": "; ".join(others)}
