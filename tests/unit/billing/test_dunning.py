"""The dunning clock by a fake clock: each boundary on its day and the day before; and who may be reached when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from claimwright.billing.dunning import (
    Channel,
    Clock,
    Reachable,
    Step,
    Stop,
    StopKind,
    clock_of,
    contact_for,
    contact_window,
    due_step,
    may_contact_at,
    next_step,
    statement_tone,
    zones_of,
)
from claimwright.billing.policies import Policies

START = date(2026, 1, 5)


def day(number: int) -> date:
    return START + timedelta(days=number)


# day of the clock, steps done (with their day), what is due
DUE = [
    (0, {}, None), (1, {}, None), (29, {}, None), (30, {}, Step.REMINDER_1), (31, {}, Step.REMINDER_1),
    (31, {Step.REMINDER_1: 30}, None), (59, {Step.REMINDER_1: 30}, None), (60, {Step.REMINDER_1: 30}, Step.REMINDER_2),
    (60, {}, Step.REMINDER_2),  # days were missed: one reminder, not two
    (61, {Step.REMINDER_2: 60}, None), (89, {Step.REMINDER_2: 60}, None), (90, {Step.REMINDER_2: 60}, Step.REMINDER_3),
    (99, {Step.REMINDER_3: 90}, None), (99, {}, Step.REMINDER_3), (100, {Step.REMINDER_3: 90}, Step.FINAL_NOTICE),
    (100, {}, Step.FINAL_NOTICE), (101, {Step.FINAL_NOTICE: 100}, None), (119, {Step.FINAL_NOTICE: 100}, None),
    (120, {Step.FINAL_NOTICE: 100}, Step.AGENCY_REVIEW), (120, {}, Step.FINAL_NOTICE),  # never without the notice
    (120, {Step.FINAL_NOTICE: 101}, None), (121, {Step.FINAL_NOTICE: 101}, Step.AGENCY_REVIEW),
    (150, {Step.FINAL_NOTICE: 140}, None), (160, {Step.FINAL_NOTICE: 140}, Step.AGENCY_REVIEW),
    (121, {Step.FINAL_NOTICE: 100, Step.AGENCY_REVIEW: 120}, None), (400, {}, Step.FINAL_NOTICE),
]  # fmt: skip


@pytest.mark.parametrize(("at", "done", "wanted"), DUE)
def test_what_is_due_on_a_day(at, done, wanted):
    clock = clock_of([START], [], day(at))
    assert clock.day == at
    assert due_step(clock, {step: day(number) for step, number in done.items()}, day(at)) is wanted


K = StopKind
# statements issued, stops (kind, first day, day it ended or None), on: day the clock started or None, who stopped it
CLOCKS = [
    ([], [], 10, None, None),
    ([0], [], 0, 0, None),
    ([5], [], 4, None, None),  # not issued yet
    ([0, 28, 56], [], 60, 0, None),
    ([0], [(K.PAYMENT, -1, -1)], 40, 0, None),  # before it
    ([0], [(K.PAYMENT, 0, 0)], 40, None, K.PAYMENT),  # its own day: the patient gets the time
    ([0], [(K.PAYMENT, 29, 29)], 29, None, K.PAYMENT),
    ([0], [(K.PAYMENT, 29, 29)], 28, 0, None),  # not come yet
    ([0, 28], [(K.PAYMENT, 20, 20)], 60, 28, None),  # the next statement starts anew
    ([0, 28], [(K.PAYMENT, 28, 28)], 60, None, K.PAYMENT),
    ([0, 28], [(K.PAYMENT, 28, 28)], 27, 0, None),
    ([0, 28, 56], [(K.PAYMENT, 28, 28)], 60, 56, None),
    ([0], [(K.DISPUTE, 10, None)], 9, 0, None),
    ([0], [(K.DISPUTE, 10, None)], 10, None, K.DISPUTE),
    ([0], [(K.DISPUTE, 10, 20)], 50, None, K.DISPUTE),  # ended, and no statement since
    ([0, 28], [(K.DISPUTE, 10, 20)], 50, 28, None),
    ([0, 28], [(K.DISPUTE, 10, 28)], 50, 28, None),  # ended on the statement's day
    ([0, 28], [(K.DISPUTE, 10, 29)], 50, None, K.DISPUTE),  # ended the day after it
    ([0, 28], [(K.DISPUTE, 10, None)], 50, None, K.DISPUTE),
    ([0], [(K.PLAN, -5, None)], 40, None, K.PLAN),
    ([0], [(K.PLAN, -5, 0)], 40, 0, None),
    ([0], [(K.PLAN, -5, 1)], 40, None, K.PLAN),
    ([0], [(K.NEW_INSURANCE, 100, 100)], 99, 0, None),
    ([0], [(K.NEW_INSURANCE, 100, 100)], 100, None, K.NEW_INSURANCE),
    ([0, 120], [(K.NEW_INSURANCE, 100, 100)], 121, 120, None),
    ([0], [(K.ASSISTANCE, 99, None)], 120, None, K.ASSISTANCE),
    ([0], [(K.BARRED, 119, None)], 120, None, K.BARRED),
    ([0], [(K.RETURNED_MAIL, 7, None)], 30, None, K.RETURNED_MAIL),
    ([0, 35], [(K.RETURNED_MAIL, 7, 30)], 36, 35, None),
    ([0], [(K.PAYMENT, 5, 5), (K.DISPUTE, 9, None)], 30, None, K.DISPUTE),  # the newest speaks
]


@pytest.mark.parametrize(("issued", "stops", "on", "started", "stopped_by"), CLOCKS)
def test_what_stops_and_starts_the_clock(issued, stops, on, started, stopped_by):
    made = [Stop(kind=kind, start=day(a), end=None if b is None else day(b)) for kind, a, b in stops]
    clock = clock_of([day(one) for one in issued], made, day(on))
    assert (clock.started_on, clock.stopped_by) == (None if started is None else day(started), stopped_by)
    assert clock.day == (0 if started is None else on - started)
    if not clock.runs:
        assert due_step(clock, {}, day(on)) is None
        assert next_step(clock, {}) is None
        assert statement_tone(clock) == 0


@pytest.mark.parametrize(
    ("at", "done", "step", "due"),
    [
        (0, {}, Step.REMINDER_1, 30), (30, {Step.REMINDER_1: 30}, Step.REMINDER_2, 60),
        (61, {Step.REMINDER_2: 60}, Step.REMINDER_3, 90), (95, {Step.REMINDER_3: 90}, Step.FINAL_NOTICE, 100),
        (105, {Step.FINAL_NOTICE: 105}, Step.AGENCY_REVIEW, 125), (101, {Step.FINAL_NOTICE: 100}, Step.AGENCY_REVIEW, 120),
    ],
)  # fmt: skip
def test_what_comes_next(at, done, step, due):
    found = next_step(clock_of([START], [], day(at)), {one: day(number) for one, number in done.items()})
    assert found == (step, day(due))


def test_a_practice_may_keep_other_days():
    policies = Policies(dunning_reminder_days=(15,), final_notice_days=40, agency_review_days=50)
    assert [due_step(clock_of([START], [], day(at)), {}, day(at), policies) for at in (14, 15, 39, 40)] == [
        None, Step.REMINDER_1, Step.REMINDER_1, Step.FINAL_NOTICE,
    ]  # fmt: skip
    notice = {Step.FINAL_NOTICE: day(40)}
    assert due_step(clock_of([START], [], day(49)), notice, day(49), policies) is None
    assert due_step(clock_of([START], [], day(50)), notice, day(50), policies) is Step.AGENCY_REVIEW


@pytest.mark.parametrize(("at", "tone"), [(0, 0), (29, 0), (30, 1), (60, 2), (89, 2), (90, 3), (119, 3)])
def test_how_a_statement_speaks(at, tone):
    assert statement_tone(Clock(started_on=START, day=at)) == tone


MOBILE = Reachable(number="6085550101", may_text=True, consent_on=date(2026, 1, 1))
HOME = Reachable(number="6085550102", kind="home")
REACHED = [
    ([MOBILE, HOME], "mail", Channel.TEXT, MOBILE.number),
    ([MOBILE, HOME], "phone", Channel.CALL, MOBILE.number),
    ([HOME], "text", Channel.CALL, HOME.number),
    ([Reachable(number="1", may_text=True, may_call=False)], "text", None, ""),  # no day of consent: no consent
    ([Reachable(number="1", may_text=True, may_call=False, consent_on=date(2026, 9, 1))], "text", None, ""),  # later
    (
        [Reachable(number="1", kind="home", may_text=True, may_call=False, consent_on=date(2026, 1, 1))],
        "text",
        None,
        "",
    ),
    ([Reachable(number="1", may_call=False)], "phone", None, ""),
    ([], "text", None, ""),
]


@pytest.mark.parametrize(("phones", "preferred", "channel", "number"), REACHED)
def test_nobody_is_reached_against_their_will(phones, preferred, channel, number):
    found = contact_for(phones, preferred=preferred, on=date(2026, 8, 1))
    assert (found[0] if found else None, found[1].number if found else "") == (channel, number)


def utc(hour: int, minute: int = 0, days: int = 14) -> datetime:
    return datetime(2026, 7, days, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "state", "allowed"),
    [
        (utc(13, 59), "WI", False), (utc(14), "WI", True),  # 9:00 in Chicago, in summer UTC-5
        (utc(0, 59, 15), "WI", True), (utc(1, 0, 15), "WI", False),  # 20:00
        (utc(14), "CA", False), (utc(16), "CA", True), (utc(14), "TX", False), (utc(15), "TX", True),
        (utc(0, 30, 15), "FL", False),  # 20:30 in Miami, 19:30 in Pensacola: both must be awake
        (utc(14), "", False), (utc(16), "", True),  # no state: the practice's zone
    ],
)  # fmt: skip
def test_quiet_hours_are_those_of_the_person(moment, state, allowed):
    zones = zones_of(state, "America/Los_Angeles")
    assert may_contact_at(moment, zones) is allowed


def test_the_window_of_a_day_holds_in_every_zone_and_on_the_day_clocks_change():
    opens, closes = contact_window(date(2026, 7, 14), zones_of("TX", "UTC"))
    assert (opens.astimezone(UTC), closes.astimezone(UTC)) == (utc(15), utc(1, 0, 15))
    opens, closes = contact_window(date(2026, 3, 8), zones_of("NY", "UTC"))
    assert opens.astimezone(UTC) == datetime(2026, 3, 8, 13, tzinfo=UTC)  # daylight time since 2 in the morning
    assert may_contact_at(opens, zones_of("NY", "UTC"))
    assert not may_contact_at(closes, zones_of("NY", "UTC"))
