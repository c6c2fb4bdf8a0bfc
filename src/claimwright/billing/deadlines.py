"""Until when a claim, a correction or an appeal must be with the payer, and what proves that it was.

A limit is data of the payer, dated by the date of service; the periods of the law are data of `codes`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import (
    Period,
    medicare_appeal_deadline,
    medicare_filing_deadline,
    received_on,
    statutory_period,
)


class Runs(StrEnum):
    """What a filing limit runs from."""

    DATE_OF_SERVICE = "date_of_service"
    DATE_THROUGH = "date_through"
    DISCHARGE = "discharge"
    PRIOR_PAYER = "prior_payer"  # the first payer's remittance


class FilingLimit(Noun, frozen=True, kw_only=True):
    """A payer's limit. `statute` medicare: one calendar year by its own rule; then count and unit are not read."""

    runs_from: Runs = Runs.DATE_OF_SERVICE
    count: int = 0
    unit: str = "days"
    statute: str = ""  # "", medicare


class ClaimDates(Noun, frozen=True, kw_only=True):
    """The dates a limit may run from. `institutional` claims run from the Through date under Medicare."""

    date_of_service: date
    date_through: date | None = None
    discharge: date | None = None
    prior_payer: date | None = None
    institutional: bool = False


def filing_deadline(limit: FilingLimit, dates: ClaimDates) -> date | None:
    """The last day the payer may receive the claim; None while the date it runs from is not known."""
    if limit.statute == "medicare":
        through = dates.date_through or dates.date_of_service
        return medicare_filing_deadline(through if dates.institutional else dates.date_of_service)
    start = {
        Runs.DATE_OF_SERVICE: dates.date_of_service,
        Runs.DATE_THROUGH: dates.date_through or dates.date_of_service,
        Runs.DISCHARGE: dates.discharge,
        Runs.PRIOR_PAYER: dates.prior_payer,
    }[limit.runs_from]
    return Period(limit.count, limit.unit).after(start) if start is not None else None


class ProofStrength(StrEnum):
    NONE = "none"
    FILE = "file"  # a 999 or a clearinghouse only: usually no proof
    PAYER = "payer"  # the payer's own acceptance with its number


def is_timely(deadline: date, received: date, *, after_cutoff: bool = False) -> bool:
    """Whether a claim received then is in time; after the cut-off hour, or on a day off, the next business day counts."""
    return received_on(received, after_cutoff) <= deadline


def proof(*, payer_accepted: date | None, payer_claim_number: str, file_accepted: date | None) -> ProofStrength:
    """What we hold against a denial for late filing."""
    if payer_accepted is not None and payer_claim_number:
        return ProofStrength.PAYER
    return ProofStrength.FILE if file_accepted is not None else ProofStrength.NONE


def appeal_deadline(*, notice: date, level: str, days: int | None = None, medicare: bool = False) -> date | None:
    """The last day to ask for an appeal level: Medicare's by statute, another payer's by its days; None if unknown."""
    if medicare:
        return medicare_appeal_deadline(level, notice)
    return Period(days, "days").after(notice) if days is not None else None


class OverpaymentClock(Noun, frozen=True, kw_only=True):
    """The federal duty to report and return: from the day identified, suspended while investigated in good faith."""

    identified: date
    due: date
    suspended_until: date | None = None


def days_left(deadline: date, on: date) -> int:
    return (deadline - on).days


def overpayment_due(identified: date, *, investigating_since: date | None = None) -> OverpaymentClock:
    """When a Medicare or Medicaid overpayment is due back. Source of the periods: 42 CFR 401.305."""
    period = statutory_period("overpayment_report_and_return", identified).value
    if investigating_since is None:
        return OverpaymentClock(identified=identified, due=period.after(identified))
    until = statutory_period("overpayment_investigation_suspension", investigating_since).value.after(
        investigating_since
    )
    return OverpaymentClock(identified=identified, due=period.after(until), suspended_until=until)
