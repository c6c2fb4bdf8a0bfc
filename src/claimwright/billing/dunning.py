"""Dunning: how long a patient has been asked, what stops the clock, what is due today, and how a person may be reached.

The clock counts days from the first statement that nothing has answered since. Whatever stops it (a payment, a dispute,
a plan, new insurance, a bar to billing, returned mail) ends that count for good: the next statement issued after the
stop has ended starts another at day 0. Source of the days and of the stops: the domain specification, section 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import Noun


class Step(StrEnum):
    """What is done at each age, in order."""

    STATEMENT = "STATEMENT"  # day 0: the statement itself
    REMINDER_1 = "REMINDER_1"
    REMINDER_2 = "REMINDER_2"
    REMINDER_3 = "REMINDER_3"
    FINAL_NOTICE = "FINAL_NOTICE"
    AGENCY_REVIEW = "AGENCY_REVIEW"


REMINDERS = (Step.REMINDER_1, Step.REMINDER_2, Step.REMINDER_3)


class StopKind(StrEnum):
    PAYMENT = "PAYMENT"
    DISPUTE = "DISPUTE"
    PLAN = "PLAN"
    NEW_INSURANCE = "NEW_INSURANCE"
    ASSISTANCE = "ASSISTANCE"  # financial assistance asked for or being decided
    BARRED = "BARRED"  # a flag forbids to bill
    RETURNED_MAIL = "RETURNED_MAIL"


STOP_WORDS: Mapping[StopKind, str] = {
    StopKind.PAYMENT: "a payment came",
    StopKind.DISPUTE: "the patient disputes or asks",
    StopKind.PLAN: "a payment plan runs",
    StopKind.NEW_INSURANCE: "new insurance was found",
    StopKind.ASSISTANCE: "financial assistance is being decided",
    StopKind.BARRED: "the patient may not be billed",
    StopKind.RETURNED_MAIL: "mail came back",
}


# Which stop a flag of the patient is; a flag not named bars billing as such.
FLAG_STOPS: Mapping[str, StopKind] = {
    "dispute": StopKind.DISPUTE,
    "charity_pending": StopKind.ASSISTANCE,
    "bad_address": StopKind.RETURNED_MAIL,
}


class Stop(Noun, frozen=True, kw_only=True):
    """One thing that stops the clock, from `start` up to but not including `end`; `end` None: it still does.

    What happens at once, such as a payment, has the same day as start and end.
    """

    kind: StopKind
    start: date
    end: date | None = None

    def touches(self, first: date, last: date) -> bool:
        """Whether it began within the days, or was running on the first of them."""
        running = self.start <= first and (self.end is None or self.end > first)
        return running or first <= self.start <= last


class Clock(Noun, frozen=True, kw_only=True):
    """`started_on` None: no clock runs, because of `stopped_by` or because no statement was issued."""

    started_on: date | None = None
    day: int = 0
    stopped_by: StopKind | None = None
    stopped_on: date | None = None

    @property
    def runs(self) -> bool:
        return self.started_on is not None


def clock_of(statements: Iterable[date], stops: Iterable[Stop], on: date) -> Clock:
    """The clock of a guarantor as it stands on `on`; days after `on` are not looked at.

    A payment on a statement's own day stops that statement's clock: in doubt the patient gets the time.
    """
    issued = sorted(day for day in statements if day <= on)
    known = sorted((stop for stop in stops if stop.start <= on), key=lambda stop: (stop.start, stop.kind))
    for day in issued:
        if not any(stop.touches(day, on) for stop in known):
            return Clock(started_on=day, day=(on - day).days)
    if not issued:
        return Clock()
    # The newest stop speaks: a person reads why nothing is due today.
    last = [stop for stop in known if stop.touches(issued[-1], on)][-1]
    return Clock(stopped_by=last.kind, stopped_on=last.start)


def schedule(policies: Policies = DEFAULT_POLICIES) -> tuple[tuple[Step, int], ...]:
    """Each step with the day of the clock from which it is due."""
    return (
        (Step.STATEMENT, 0),
        *zip(REMINDERS, policies.dunning_reminder_days, strict=False),
        (Step.FINAL_NOTICE, policies.final_notice_days),
        (Step.AGENCY_REVIEW, policies.agency_review_days),
    )


def due_step(clock: Clock, done: Mapping[Step, date], on: date, policies: Policies = DEFAULT_POLICIES) -> Step | None:
    """What is to be done today, if anything; `done` are the steps of this clock with the day each was done.

    Where days were missed only the latest reminder is made up for, never several at once. The final notice is never
    skipped, and the agency is not thought of before the notice is as old as the plan of days says: the patient has
    that time to answer it.
    """
    if not clock.runs:
        return None
    days = dict(schedule(policies))
    notice_days = days[Step.AGENCY_REVIEW] - days[Step.FINAL_NOTICE]
    notice = done.get(Step.FINAL_NOTICE)
    if notice is not None:
        ripe = clock.day >= days[Step.AGENCY_REVIEW] and (on - notice).days >= notice_days
        return Step.AGENCY_REVIEW if ripe and Step.AGENCY_REVIEW not in done else None
    if clock.day >= days[Step.FINAL_NOTICE]:
        return Step.FINAL_NOTICE
    reached = [step for step in REMINDERS if step in days and clock.day >= days[step]]
    return reached[-1] if reached and reached[-1] not in done else None


def next_step(
    clock: Clock, done: Mapping[Step, date], policies: Policies = DEFAULT_POLICIES
) -> tuple[Step, date] | None:
    """The step that comes next if nothing stops the clock, and its day; None when no clock runs or all is done."""
    if clock.started_on is None:
        return None
    days = dict(schedule(policies))
    notice = done.get(Step.FINAL_NOTICE)
    for step, day in schedule(policies):
        due = clock.started_on + timedelta(days=day)
        if step is Step.STATEMENT or step in done:
            continue
        if step is Step.AGENCY_REVIEW and notice is not None:
            due = max(due, notice + timedelta(days=days[step] - days[Step.FINAL_NOTICE]))
        passed_over = step in REMINDERS and clock.day > day and (notice is not None or _later_done(step, done))
        if not passed_over:
            return step, due
    return None


def _later_done(step: Step, done: Mapping[Step, date]) -> bool:
    return any(other in done for other in REMINDERS[REMINDERS.index(step) + 1 :])


def statement_tone(clock: Clock, policies: Policies = DEFAULT_POLICIES) -> int:
    """How a statement speaks: 0 first, 1 reminder, 2 past due, 3 long past due."""
    return sum(clock.day >= day for day in policies.dunning_reminder_days[:3]) if clock.runs else 0


# How a person may be reached ------------------------------------------------------------------------------------------


class Channel(StrEnum):
    MAIL = "mail"
    EMAIL = "email"
    TEXT = "text"
    CALL = "phone"


class Reachable(Noun, frozen=True, kw_only=True):
    """A telephone and what the person allowed (47 CFR 64.1200): a text needs a consent with its date."""

    number: str
    kind: str = "mobile"
    may_call: bool = True
    may_text: bool = False
    consent_on: date | None = None


def contact_for(
    phones: Sequence[Reachable], *, preferred: str, on: date
) -> tuple[Channel, Reachable] | None:  # fmt: skip
    """How to remind: a text where the person consented to texts on a mobile, else a call where calls are allowed.

    Whoever prefers to be called is called first. None: nobody may be reached by telephone.
    """
    texts = [
        phone for phone in phones
        if phone.may_text and phone.kind == "mobile" and phone.consent_on is not None and phone.consent_on <= on
    ]  # fmt: skip
    calls = [phone for phone in phones if phone.may_call]
    ways: list[tuple[Channel, list[Reachable]]] = [(Channel.TEXT, texts), (Channel.CALL, calls)]
    if preferred == Channel.CALL:
        ways.reverse()
    return next(((channel, found[0]) for channel, found in ways if found), None)


# The zones of each state. A state in two zones is reached only when both are awake.
_ZONES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV", ("America/New_York",)),
    ("AL AR IA IL LA MN MO MS OK WI", ("America/Chicago",)),
    ("CO MT NM UT WY", ("America/Denver",)),
    ("CA NV WA", ("America/Los_Angeles",)),
    ("FL IN KY MI TN", ("America/New_York", "America/Chicago")),
    ("KS ND NE SD TX", ("America/Chicago", "America/Denver")),
    ("ID OR", ("America/Denver", "America/Los_Angeles")),
    ("AZ", ("America/Phoenix", "America/Denver")),
    ("AK", ("America/Anchorage", "America/Adak")),
    ("HI", ("Pacific/Honolulu",)),
    ("PR VI", ("America/Puerto_Rico",)),
    ("GU MP", ("Pacific/Guam",)),
    ("AS", ("Pacific/Pago_Pago",)),
)
_ZONES_OF: Mapping[str, tuple[str, ...]] = {state: zones for states, zones in _ZONES for state in states.split()}


def zones_of(state: str, otherwise: str) -> tuple[str, ...]:
    """The time zones a person of the state may be in; `otherwise` is the practice's, for a state we do not know."""
    return _ZONES_OF.get(state, (otherwise,))


def contact_window(
    on: date, zones: Sequence[str], policies: Policies = DEFAULT_POLICIES
) -> tuple[datetime, datetime]:  # fmt: skip
    """The moments of `on` from which and until which (excluded) a person may be called or texted, everywhere in `zones`.

    The law allows 8 to 21 where the person is (47 CFR 64.1200(c)(1)), some states less; the policy's hours are within.
    """
    first, last = time(policies.contact_from_hour), time(policies.contact_until_hour)
    starts = [datetime.combine(on, first, ZoneInfo(zone)) for zone in zones]
    ends = [datetime.combine(on, last, ZoneInfo(zone)) for zone in zones]
    return max(starts), min(ends)


def may_contact_at(moment: datetime, zones: Sequence[str], policies: Policies = DEFAULT_POLICIES) -> bool:
    """Whether `moment` (with its zone) is outside quiet hours in each of the zones."""
    local = [moment.astimezone(ZoneInfo(zone)).time() for zone in zones]
    return all(time(policies.contact_from_hour) <= at < time(policies.contact_until_hour) for at in local)
