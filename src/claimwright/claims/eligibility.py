"""Eligibility: what is asked of a payer (270) and what it answers (271), and careful readings of the answer.

The readings (`is_active`, `copay`, `remaining_deductible` ...) return what the payer stated with the benefits it was
read from. Where the payer states nothing, or two things, they return no value and say why: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import Noun
from claimwright.claims.parties import (
    CoveredPerson,
    Delivery,
    Party,
    Period,
    Procedure,
    Reference,
    Rejection,
    Trace,
)

# EB01
ACTIVE_KINDS = ("1", "2", "3", "4", "5")
INACTIVE_KINDS = ("6", "7", "8")
COINSURANCE, COPAYMENT, DEDUCTIBLE, OUT_OF_POCKET, LIMITATIONS = "A", "B", "C", "G", "F"
# EB06
REMAINING, YEAR_TO_DATE, CALENDAR_YEAR = "29", "24", "23"
WHOLE_PLAN = "30"  # EB03: health benefit plan coverage
IN_NETWORK = {True: ("Y", "W"), False: ("N", "W")}  # EB12; W holds in and out of network

# Why a reading has no value.
NOT_STATED = "not stated"
SEVERAL_VALUES = "several values stated"
SEVERAL_PATIENTS = "several patients"
NETWORK_NOT_STATED = "network not stated"
LEVEL_NOT_STATED = "coverage level not stated"
OUTSIDE_DATES = "outside the dates stated"
REJECTED = "rejected"
NO_FRACTION = "percent is no fraction of one"

RANGES = ("291", "292", "307", "290", "472")
BEGINS = ("346", "348", "356", "193")
ENDS = ("347", "349", "357", "194")


# 270 ----------------------------------------------------------------------------------------------------------------


class Question(Noun, frozen=True):
    """One EQ: what of the coverage is asked."""

    service_types: tuple[str, ...] = ()  # EQ01
    procedure: Procedure | None = None  # EQ02
    coverage_level: str = ""  # EQ03
    diagnosis_pointers: tuple[int, ...] = ()  # EQ05
    spend_down: Decimal | None = None  # AMT*R
    spend_down_billed: Decimal | None = None  # AMT*PB
    place_qualifier: str = ""  # III01: ZZ
    place_of_service: str = ""  # III02
    references: tuple[Reference, ...] = ()  # REF*9F, G1
    dates: tuple[Period, ...] = ()


class PatientInquiry(Noun, frozen=True):
    """What is asked of one payer for one patient. The patient is the dependent where there is one."""

    payer: Party = Party()
    receiver: Party = Party()  # who asks: 1P provider, FA facility ...
    subscriber: CoveredPerson = CoveredPerson()
    dependent: CoveredPerson | None = None
    traces: tuple[Trace, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def patient(self) -> CoveredPerson:
        return self.dependent or self.subscriber


class EligibilityInquiry(Noun, frozen=True):
    """One 270 transaction (ST..SE)."""

    transaction_control_number: str = ""  # ST02
    purpose: str = "13"  # BHT02: 13 request, 01 cancellation
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    kind: str = ""  # BHT06: RT spend down
    inquiries: tuple[PatientInquiry, ...] = ()


# 271 ----------------------------------------------------------------------------------------------------------------


class BenefitDetail(Noun, frozen=True):
    """One III of a benefit: a place of service (ZZ), a diagnosis (BF, BK), a nature of injury (GR, NI) or words."""

    qualifier: str = ""  # III01
    code: str = ""  # III02
    category: str = ""  # III03: 44
    message: str = ""  # III04


class Benefit(Noun, frozen=True):
    """One EB with all that belongs to it."""

    kind: str = ""  # EB01: 1 active, 6 inactive, A coinsurance, B copay, C deductible, F limit, G out of pocket ...
    coverage_level: str = ""  # EB02: IND, FAM, EMP, ESP, ECH, CHD, DEP, SPC, SPO
    service_types: tuple[str, ...] = ()  # EB03
    insurance_type: str = ""  # EB04: HM, PR, MC, MB ...
    plan_name: str = ""  # EB05
    period: str = ""  # EB06: 23 calendar year, 24 year to date, 27 visit, 29 remaining ...
    amount: Decimal | None = None  # EB07, dollars
    percent: Decimal | None = None  # EB08, a fraction of one: .2 is 20 %
    quantity_qualifier: str = ""  # EB09: VS visits, DY days ...
    quantity: Decimal | None = None  # EB10
    authorization_required: str = ""  # EB11: Y, N, U unknown
    in_network: str = ""  # EB12: Y in, N out, W both, U unknown
    procedure: Procedure | None = None  # EB13
    diagnosis_pointers: tuple[int, ...] = ()  # EB14
    deliveries: tuple[Delivery, ...] = ()  # HSD
    references: tuple[Reference, ...] = ()
    dates: tuple[Period, ...] = ()
    rejections: tuple[Rejection, ...] = ()  # AAA
    messages: tuple[str, ...] = ()  # MSG
    details: tuple[BenefitDetail, ...] = ()  # 2115
    entities: tuple[Party, ...] = ()  # 2120: primary care provider, other payer, whom to call ...
    segment: int = 0  # the EB's ordinal within its ST

    def covers(self, service_type: str) -> bool:
        """Whether it speaks of that service type. A benefit that names none and no procedure is of the whole plan."""
        if self.service_types:
            return service_type in self.service_types
        return service_type == WHOLE_PLAN and self.procedure is None

    def holds(self, on: date) -> bool:
        """Whether its own dates allow that day; a benefit without dates holds on any."""
        return not _excluded(self.dates, on)


class PatientEligibility(Noun, frozen=True):
    """What a payer answered for one patient, or why it did not: the end of one branch of the 271.

    `receiver` and `subscriber` are None where the payer stopped above them.
    """

    source_rejections: tuple[Rejection, ...] = ()  # AAA of 2000A
    payer: Party = Party()
    receiver: Party | None = None
    subscriber: CoveredPerson | None = None
    dependent: CoveredPerson | None = None
    traces: tuple[Trace, ...] = ()
    benefits: tuple[Benefit, ...] = ()

    @property
    def patient(self) -> CoveredPerson | None:
        return self.dependent or self.subscriber

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """All AAA from the source down to the benefits; each says its level and what to do."""
        parties = (self.payer, self.receiver, self.subscriber, self.dependent)
        named = tuple(item for party in parties if party is not None for item in party.rejections)
        return self.source_rejections + named + tuple(item for one in self.benefits for item in one.rejections)

    @property
    def trace_number(self) -> str:
        """Our number of the question this answers: the TRN*2."""
        return next((trace.number for trace in self.traces if trace.kind == "2"), "")

    @property
    def group_number(self) -> str:
        found = [person.group_number for person in (self.dependent, self.subscriber) if person is not None]
        return next((number for number in found if number), "")


class EligibilityResponse(Noun, frozen=True):
    """One 271 transaction (ST..SE)."""

    transaction_control_number: str = ""  # ST02
    purpose: str = "11"  # BHT02: 11 response, 06 confirmation
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    kind: str = ""  # BHT06: RT
    patients: tuple[PatientEligibility, ...] = ()


# Readings -----------------------------------------------------------------------------------------------------------


class Activity(Noun, frozen=True):
    """Whether the coverage is active: True, False, or None with the reason why it cannot be told."""

    active: bool | None = None
    benefits: tuple[Benefit, ...] = ()
    reason: str = ""


class Figure(Noun, frozen=True):
    """A stated figure: dollars or a fraction of one; None with the reason. `benefits` are what it was read from."""

    value: Decimal | None = None
    benefits: tuple[Benefit, ...] = ()
    reason: str = ""


Answer = EligibilityResponse | PatientEligibility


def is_active(answer: Answer, on: date | None = None, service_type: str = WHOLE_PLAN) -> Activity:
    """Whether the payer states active coverage of the service type, on a day where `on` is given."""
    patient = _one(answer)
    if patient is None:
        return Activity(reason=SEVERAL_PATIENTS)
    stated = [item for item in patient.benefits if item.covers(service_type)]
    active = tuple(item for item in stated if item.kind in ACTIVE_KINDS)
    inactive = tuple(item for item in stated if item.kind in INACTIVE_KINDS)
    if not active and not inactive:
        return Activity(reason=REJECTED if patient.rejections else NOT_STATED)
    if on is not None and active:
        within = tuple(item for item in active if item.holds(on) and not _person_excluded(patient, on))
        if not within:
            return Activity(benefits=active + inactive, reason=OUTSIDE_DATES)
        active = within
    if active and inactive:
        return Activity(benefits=active + inactive, reason=SEVERAL_VALUES)
    if active:
        return Activity(active=True, benefits=active)
    if on is not None and any(_ended_after(item.dates + _person_dates(patient), on) for item in inactive):
        return Activity(benefits=inactive, reason=OUTSIDE_DATES)
    return Activity(active=False, benefits=inactive)


def remaining_deductible(
    answer: Answer,
    level: str = "IND",
    *,
    in_network: bool | None = True,
    on: date | None = None,
    service_type: str = WHOLE_PLAN,
) -> Figure:
    """Dollars of the deductible not yet met (EB01 C, EB06 29), of the individual (IND) or the family (FAM)."""
    return figure(answer, DEDUCTIBLE, level, period=REMAINING, in_network=in_network, on=on, service_type=service_type)


def out_of_pocket_remaining(
    answer: Answer,
    level: str = "IND",
    *,
    in_network: bool | None = True,
    on: date | None = None,
    service_type: str = WHOLE_PLAN,
) -> Figure:
    """Dollars until the out-of-pocket maximum (EB01 G, EB06 29)."""
    return figure(
        answer, OUT_OF_POCKET, level, period=REMAINING, in_network=in_network, on=on, service_type=service_type
    )


def copay(
    answer: Answer, service_type: str, *, level: str = "", in_network: bool | None = True, on: date | None = None
) -> Figure:
    """Dollars a visit or service costs the patient (EB01 B)."""
    return figure(answer, COPAYMENT, level, in_network=in_network, on=on, service_type=service_type)


def coinsurance(
    answer: Answer, service_type: str, *, level: str = "", in_network: bool | None = True, on: date | None = None
) -> Figure:
    """The patient's share (EB01 A) as a fraction of one. A percent above 1 is shown by its benefits and not read."""
    found = figure(answer, COINSURANCE, level, in_network=in_network, on=on, service_type=service_type, percent=True)
    if found.value is not None and not 0 <= found.value <= 1:
        return Figure(benefits=found.benefits, reason=NO_FRACTION)
    return found


def figure(
    answer: Answer,
    kind: str,
    level: str = "",
    *,
    period: str = "",
    in_network: bool | None = None,
    on: date | None = None,
    service_type: str = WHOLE_PLAN,
    percent: bool = False,
) -> Figure:
    """The one amount (or percent) that benefits of EB01 `kind` state for the level, period, network and day asked.

    A blank level or period and a network of None ask for any. Equal statements agree; different ones yield no value.
    """
    patient = _one(answer)
    if patient is None:
        return Figure(reason=SEVERAL_PATIENTS)
    stated = [
        item
        for item in patient.benefits
        if item.kind == kind and item.covers(service_type) and (not period or item.period == period)
    ]
    stated = [item for item in stated if (item.percent if percent else item.amount) is not None]
    if not stated:
        return Figure(reason=REJECTED if patient.rejections and not patient.benefits else NOT_STATED)
    kept = stated
    if level:
        kept = [item for item in kept if item.coverage_level == level]
        if not kept:
            unsaid = tuple(item for item in stated if not item.coverage_level)
            return Figure(benefits=unsaid, reason=LEVEL_NOT_STATED if unsaid else NOT_STATED)
    if in_network is not None:
        candidates = kept
        kept = [item for item in kept if item.in_network in IN_NETWORK[in_network]]
        if not kept:
            unsaid = tuple(item for item in candidates if item.in_network in ("", "U"))
            return Figure(benefits=unsaid, reason=NETWORK_NOT_STATED if unsaid else NOT_STATED)
    if on is not None:
        candidates = kept
        kept = [item for item in kept if item.holds(on) and not _person_excluded(patient, on)]
        if not kept:
            return Figure(benefits=tuple(candidates), reason=OUTSIDE_DATES)
    values = {item.percent if percent else item.amount for item in kept}
    if len(values) > 1:
        return Figure(benefits=tuple(kept), reason=SEVERAL_VALUES)
    return Figure(value=values.pop(), benefits=tuple(kept))


def other_payers(answer: Answer) -> Iterator[tuple[Benefit, Party]]:
    """Other coverage the payer knows of (EB01 R): the benefit and each payer it names."""
    for patient in answer.patients if isinstance(answer, EligibilityResponse) else (answer,):
        for benefit in patient.benefits:
            if benefit.kind == "R":
                for entity in benefit.entities:
                    yield benefit, entity


def prior_authorization(answer: Answer, service_type: str) -> str:
    """Y, N or U as the benefits of the service type state it (EB11); "" where they say nothing or disagree."""
    patient = _one(answer)
    found = {
        item.authorization_required
        for item in (patient.benefits if patient else ())
        if item.authorization_required and item.covers(service_type)
    }
    return found.pop() if len(found) == 1 else ""


def _one(answer: Answer) -> PatientEligibility | None:
    if isinstance(answer, PatientEligibility):
        return answer
    if len(answer.patients) > 1:
        return None
    return answer.patients[0] if answer.patients else PatientEligibility()


def _person_dates(patient: PatientEligibility) -> tuple[Period, ...]:
    """The dates of the patient's coverage: the dependent's own, else the subscriber's."""
    for person in (patient.dependent, patient.subscriber):
        if person is not None and any(item.qualifier in (*RANGES, *BEGINS, *ENDS) for item in person.dates):
            return person.dates
    return ()


def _person_excluded(patient: PatientEligibility, on: date) -> bool:
    return _excluded(_person_dates(patient), on)


def _excluded(dates: tuple[Period, ...], on: date) -> bool:
    """Whether a begin lies after the day or an end before it. A single day of a plan is its first."""
    for item in dates:
        if item.start is None:
            continue
        if item.qualifier in (*RANGES, *BEGINS):
            if on < item.start or (item.end is not None and item.end < on):
                return True
        elif item.qualifier in ENDS and item.start < on:
            return True
    return False


def _ended_after(dates: tuple[Period, ...], on: date) -> bool:
    """Whether coverage that is no more had not ended yet on that day."""
    ends = [
        item.end or item.start for item in dates if item.qualifier in ENDS or (item.qualifier in RANGES and item.end)
    ]
    return any(end is not None and on <= end for end in ends)
