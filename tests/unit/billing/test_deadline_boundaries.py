"""Every limit at its edge, by a clock that is set: the day before, the last day, and the day after."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from claimwright.billing import appeals
from claimwright.billing.deadlines import (
    ClaimDates,
    FilingLimit,
    Runs,
    appeal_deadline,
    filing_deadline,
    overpayment_due,
)
from claimwright.billing.denials import AppealState, deadlines
from claimwright.codes.dates import medicare_appeal_deadline, statutory_period
from claimwright.edits.payer_profile import PayerProfile

LINES = (Path(__file__).parent / "deadline_boundaries.tsv").read_text(encoding="utf-8").splitlines()[1:]
ROWS = list(csv.DictReader(LINES, delimiter="\t"))
KINDS = {
    "medicare": PayerProfile(payer_id="MEDB", kind="medicare"), "medicaid": PayerProfile(payer_id="MCD", kind="medicaid"),
    "commercial": PayerProfile(payer_id="PLAN"),
}  # fmt: skip


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, today: date) -> None:
        self.today = today

    def stands(self, last_day: date) -> str:
        left = (last_day - self.today).days
        return "late" if left < 0 else "last day" if left == 0 else "open"


def asked_by(kind: str, number: int, start: date, receipt_days: int | None = None) -> date:
    level = appeals.level_numbered(appeals.appeal_levels(KINDS[kind], start), number)
    received = start + timedelta(days=receipt_days) if receipt_days is not None else None
    return appeals.ask_by(level, notice=start, received=received)


def answered_by(kind: str, number: int, start: date) -> date:
    due = appeals.response_due(
        appeals.level_numbered(appeals.appeal_levels(KINDS[kind], start), number), received=start
    )
    assert due is not None
    return due


def filed(limit: FilingLimit, field: str, start: date) -> date:
    dates = {"date_of_service": start if field == "date_of_service" else start - timedelta(days=20), field: start}
    due = filing_deadline(limit, ClaimDates(**dates))
    assert due is not None
    return due


def statute(name: str, start: date) -> date:
    return statutory_period(name, start).value.after(start)


def last_quiet_day(start: date) -> date:
    """The last day on which a reminded reviewer is still waited for."""
    level = appeals.level_numbered(appeals.appeal_levels(KINDS["commercial"], start), 1)
    asked = partial(
        appeals.follow_up, level, state=AppealState.NO_RESPONSE, due=start - timedelta(days=1), chased=start,
        last_level=False,
    )  # fmt: skip
    day = start
    while asked(on=day + timedelta(days=1)) is appeals.FollowUp.WAIT:
        day += timedelta(days=1)
    return day


def own_days(start: date) -> date:
    (level, *_) = appeals.appeal_levels(PayerProfile(payer_id="PLAN", appeal_days=90), start)
    return appeals.ask_by(level, notice=start)


def corrected(start: date) -> date:
    found = deadlines(received=start, date_of_service=start, corrected_days=365, appeal_days=None).corrected
    assert found is not None
    return found


RULES: dict[str, Callable[[date], date]] = {
    "medicare redetermination": partial(asked_by, "medicare", 1),
    "medicare reconsideration": partial(asked_by, "medicare", 2),
    "medicare hearing": partial(asked_by, "medicare", 3),
    "medicare council": partial(asked_by, "medicare", 4),
    "medicare court": partial(asked_by, "medicare", 5),
    "medicare redetermination, receipt shown 9 days after": partial(asked_by, "medicare", 1, receipt_days=9),
    "commercial first internal appeal": partial(asked_by, "commercial", 1),
    "commercial second internal appeal": partial(asked_by, "commercial", 2),
    "commercial external review": partial(asked_by, "commercial", 3),
    "payer of 90 appeal days": own_days,
    "medicaid plan appeal": partial(asked_by, "medicaid", 1),
    "medicaid state fair hearing": partial(asked_by, "medicaid", 2),
    "answer to a redetermination": partial(answered_by, "medicare", 1),
    "answer to a hearing": partial(answered_by, "medicare", 3),
    "answer to an external review": partial(answered_by, "commercial", 3),
    "medicare filing": partial(filed, FilingLimit(statute="medicare"), "date_of_service"),
    "medicare clerical reopening": partial(statute, "medicare_clerical_reopening"),
    "corrected claim within 365 days of service": corrected,
    "first filing within 90 days of service": partial(filed, FilingLimit(count=90), "date_of_service"),
    "first filing within 6 months of discharge": partial(
        filed, FilingLimit(runs_from=Runs.DISCHARGE, count=6, unit="months"), "discharge"
    ),
    "second filing within 60 days of the first payer": partial(
        filed, FilingLimit(runs_from=Runs.PRIOR_PAYER, count=60), "prior_payer"
    ),
    "records within 45 days of the request": lambda start: appeals.records_due(requested=start, asked_by=None, days=45),
    "records by the day the payer names": lambda start: appeals.records_due(
        requested=start, asked_by=date(2026, 2, 16), days=45
    ),
    "overpayment report and return": lambda start: overpayment_due(start).due,
    "overpayment with an investigation": lambda start: overpayment_due(start, investigating_since=start).due,
    "silence after a reminder": last_quiet_day,
    "good faith estimate dispute": partial(statute, "good_faith_estimate_dispute"),
    "good faith estimate asked for": partial(statute, "good_faith_estimate_on_request"),
    "EFT or remittance missing after 4 business days": partial(statute, "core_eft_era_late"),
    "EFT and remittance within 3 business days": partial(statute, "core_eft_era_tolerance"),
}


def test_the_table_is_long_enough_and_every_limit_is_in_it():
    assert len(ROWS) >= 120
    assert {row["rule"] for row in ROWS} == set(RULES)
    assert {row["stands"] for row in ROWS} == {"open", "last day", "late"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['rule']} {row['starts']} {row['stands']}")
def test_a_limit_at_its_edge(row):
    clock = Clock(date.fromisoformat(row["today"]))
    assert clock.stands(RULES[row["rule"]](date.fromisoformat(row["starts"]))) == row["stands"]


@pytest.mark.parametrize("level", ["redetermination", "reconsideration", "hearing", "council", "court"])
def test_both_ways_to_a_medicare_deadline_agree(level):
    number = ["redetermination", "reconsideration", "hearing", "council", "court"].index(level) + 1
    for day in range(0, 730, 7):
        notice = date(2025, 1, 1) + timedelta(days=day)
        assert asked_by("medicare", number, notice) == medicare_appeal_deadline(level, notice)
        assert asked_by("medicare", number, notice) == appeal_deadline(notice=notice, level=level, medicare=True)
