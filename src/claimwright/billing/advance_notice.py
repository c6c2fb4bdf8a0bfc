"""The advance beneficiary notice (form CMS-R-131) as answered, and what makes it worth nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import Period

# 1: do it and bill Medicare, I pay if it does not; 2: do it, do not bill Medicare; 3: do not do it.
DO_AND_BILL, DO_AND_PAY, DO_NOT = "1", "2", "3"
# For one course of treatment: Medicare Claims Processing Manual 100-04, chapter 30, 50.
LONGEST = Period(1, "years")


class NoticedService(Noun, frozen=True, kw_only=True):
    """One item of the notice: the code, why Medicare may not pay, and what it would cost about."""

    code: str
    reason: str
    estimated_cost: Decimal | None = None


class AdvanceNotice(Noun, frozen=True, kw_only=True):
    """`line_ids` are the charge lines it is for, where they are known: it is given before the service, so rarely."""

    services: tuple[NoticedService, ...]
    option: str
    signed_on: date
    signed_by: str = ""  # patient or representative: in which capacity, no name
    first_service_on: date | None = None
    line_ids: tuple[str, ...] = ()
    voluntary: bool = False  # of a service that Medicare never pays: GX, not GA


def problems(notice: AdvanceNotice, today: date) -> tuple[str, ...]:
    """What makes the notice invalid, each with what to do; none where it holds. No patient values."""
    found = []
    if not notice.services:
        found.append("it names no service: list what Medicare may not pay")
    for one in notice.services:
        if not one.reason.strip():
            found.append(f"{one.code}: it does not say why Medicare may not pay")
        if not notice.voluntary and (one.estimated_cost is None or one.estimated_cost <= 0):
            found.append(f"{one.code}: it has no estimated cost")
    if notice.option not in (DO_AND_BILL, DO_AND_PAY, DO_NOT):
        found.append("no option is chosen: the patient ticks one of three")
    if notice.signed_on > today:
        found.append("the signature lies in the future")
    if notice.first_service_on is not None and notice.signed_on > notice.first_service_on:
        found.append("it was signed after the service: it shifts no cost to the patient")
    return tuple(found)


def valid_until(notice: AdvanceNotice) -> date:
    """The day after the last on which it may be used."""
    return LONGEST.after(notice.signed_on)


def modifiers_of(notice: AdvanceNotice | None, *, never_covered: bool = False) -> tuple[str, ...]:
    """The modifiers by which a line tells Medicare of the notice: what follows when one was given, and when none was.

    GA: required and on file; GX with GY: given of free will, of what Medicare never pays; GY alone: never paid, no notice;
    GZ: a denial is expected and no notice was signed, so the patient owes nothing. A patient who chose that Medicare is not
    billed, or did not want the service, has no line. Source: Medicare Claims Processing Manual 100-04 chapter 30, 50.
    """
    if notice is None:
        return ("GY",) if never_covered else ("GZ",)
    if notice.option != DO_AND_BILL:
        return ()
    return ("GX", "GY") if notice.voluntary else ("GA",)
