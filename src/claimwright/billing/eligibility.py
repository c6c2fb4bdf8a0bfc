"""When eligibility is asked, how the question is put, and what a refused question leads to (domain.md section 2).

Pure: what was asked before, the day and the payer's words come in; what to do next goes out. What an answer says of the
coverage stands in `billing.eligibility_answers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec.structs import replace

from claimwright.claims.eligibility import PatientInquiry, Question
from claimwright.claims.nouns import Coverage, Noun, Patient, Person, Provider
from claimwright.claims.parties import CoveredPerson, Party, Period, Reference, Rejection, Trace

# When ----------------------------------------------------------------------------------------------------------------


class Occasion(StrEnum):
    """Why a payer is asked."""

    SCHEDULED = "scheduled"
    BEFORE_VISIT = "before_visit"
    CHECK_IN = "check_in"
    RELEASE = "release"
    DENIAL = "denial"
    OPEN_SELF_PAY = "open_self_pay"
    DISCOVERY = "discovery"
    ASKED = "asked"  # by a person


# CARCs that say the coverage was not what we thought: ended, not begun, not the payer's, not a dependent.
RECHECK_CARCS = frozenset(("26", "27", "31", "32", "33", "177", "200"))


class CheckPolicy(Noun, frozen=True, kw_only=True):
    """A practice's days for one payer. `calendar_month`: an answer is good for its calendar month (Medicaid)."""

    before_visit_days: int = 3
    answer_days: int = 30
    calendar_month: bool = False


def occasion_of_visit(
    *, on: date, today: date, arrived: bool, last_asked: date | None, policy: CheckPolicy = CheckPolicy()
) -> Occasion | None:
    """Why a visit's coverage is asked about today; None where it needs no question.

    `last_asked` is the last day that this coverage was asked about for this visit. Each of the three occasions asks
    once: at scheduling, from `before_visit_days` before, and on the day itself at arrival.
    """
    if on < today:
        return None
    if arrived and on == today:
        return None if last_asked == today else Occasion.CHECK_IN
    window = on - timedelta(days=policy.before_visit_days)
    if today >= window:
        return None if last_asked is not None and last_asked >= window else Occasion.BEFORE_VISIT
    return Occasion.SCHEDULED if last_asked is None else None


def is_stale(*, checked_on: date | None, today: date, policy: CheckPolicy = CheckPolicy()) -> bool:
    """Whether a claim may not go out on the last answer: older than the policy, or of another calendar month."""
    if checked_on is None:
        return True
    if policy.calendar_month:
        return (checked_on.year, checked_on.month) != (today.year, today.month)
    return today - checked_on > timedelta(days=policy.answer_days)


def is_due_monthly(*, last_asked: date | None, today: date) -> bool:
    """Open self-pay balances are asked about once a calendar month: Medicaid may be granted backwards."""
    return last_asked is None or (last_asked.year, last_asked.month) < (today.year, today.month)


def is_recheck(carcs: Iterable[str]) -> bool:
    """Whether a denial with these reasons says the coverage was not what we thought."""
    return not RECHECK_CARCS.isdisjoint(carcs)


# What a refusal leads to ---------------------------------------------------------------------------------------------


class Behaviour(StrEnum):
    """What is done about an AAA, in the order in which one governs where several came."""

    SET_UP = "set_up"  # ours: submitter, provider or payer id; no more questions to that payer until it is mended
    RETRY = "retry"
    CORRECT_QUERY = "correct_query"
    REGISTRATION = "registration"
    ALTERNATE = "alternate"  # try once otherwise, then registration and discovery


def _codes(behaviour: Behaviour, *codes: str) -> dict[str, Behaviour]:
    return dict.fromkeys(codes, behaviour)


# AAA03 to behaviour: the table of domain.md section 2.
BEHAVIOUR_OF_REASON: dict[str, Behaviour] = {
    **_codes(Behaviour.RETRY, "42", "80"),
    **_codes(Behaviour.SET_UP, "41", *(str(code) for code in range(43, 52)), "79", "97", "T4"),
    **_codes(Behaviour.CORRECT_QUERY, "15", "33", "54", "55", "56", "57", "62", "63", "69", "70"),
    **_codes(Behaviour.REGISTRATION, "58", "71", "60", "61"),
    **_codes(Behaviour.ALTERNATE, "64", "65", "66", "67", "68", *(str(code) for code in range(72, 79))),
}
ORDER = tuple(Behaviour)
RETRY_MINUTES = (1, 5, 30)  # after the first, second and third try; then the question waits for a person
AGAIN_SECONDS = 90  # CORE: no automatic repeat of a real-time question sooner than this after it was sent
NAME_REASONS = frozenset(("65", "73"))  # the name alone is at fault: it is asked the same way with a plain name
# AAA04: no further try by us (N, Y do not resubmit; S the payer asks a third party), or one after so many days.
NO_RETRY = frozenset(("N", "S", "Y"))
WAIT_DAYS = {"W": 30, "X": 10}


class Refusal(Noun, frozen=True, kw_only=True):
    """What to do about a refused question. The coverage's status is unknown, never inactive.

    `minutes` until the same question goes again; None: a person decides. `reasons` are all AAA03 that came.
    """

    behaviour: Behaviour
    reasons: tuple[str, ...] = ()
    minutes: int | None = None
    wait_days: int | None = None
    try_alternate: bool = False
    discover: bool = False

    @property
    def stops_payer(self) -> bool:
        return self.behaviour is Behaviour.SET_UP


def behaviour_of(rejections: Sequence[Rejection]) -> Behaviour:
    """The one that governs. A reason that the table does not know is for a person: the question is looked at."""
    found = {BEHAVIOUR_OF_REASON.get(one.reason, Behaviour.CORRECT_QUERY) for one in rejections}
    return next(behaviour for behaviour in ORDER if behaviour in found)


def decide_refusal(rejections: Sequence[Rejection], *, tries: int, alternate_left: bool) -> Refusal:
    """What follows from the AAA of an answer. `tries`: how often this question went out, this time included.

    `alternate_left`: the question can be put otherwise and was not yet. Raises ValueError without any AAA.
    """
    if not rejections:
        raise ValueError("an answer without an AAA refuses nothing")
    behaviour = behaviour_of(rejections)
    reasons = tuple(dict.fromkeys(one.reason for one in rejections))
    governing = [one for one in rejections if BEHAVIOUR_OF_REASON.get(one.reason) is behaviour] or list(rejections)
    follow_ups = {one.follow_up for one in governing}
    if behaviour is Behaviour.RETRY:
        waits = [WAIT_DAYS[code] for code in follow_ups if code in WAIT_DAYS]
        again = not waits and follow_ups.isdisjoint(NO_RETRY) and tries <= len(RETRY_MINUTES)
        return Refusal(
            behaviour=behaviour, reasons=reasons, minutes=RETRY_MINUTES[tries - 1] if again else None,
            wait_days=max(waits) if waits else None,
        )  # fmt: skip
    if behaviour is Behaviour.ALTERNATE:
        return Refusal(behaviour=behaviour, reasons=reasons, try_alternate=alternate_left, discover=not alternate_left)
    return Refusal(behaviour=behaviour, reasons=reasons)


def minutes_after_silence(*, tries: int) -> int | None:
    """Minutes until a real-time question without any answer goes again, as after AAA 42; None: it waits for a person."""
    return RETRY_MINUTES[tries - 1] if 1 <= tries <= len(RETRY_MINUTES) else None


def again_at(*, now: datetime, asked_at: datetime, minutes: int) -> datetime:
    """The moment of the next try: `minutes` from now, and not within CORE's ninety seconds of the last question."""
    return max(now + timedelta(minutes=minutes), asked_at + timedelta(seconds=AGAIN_SECONDS))


def alternate_of(
    asked: PatientInquiry, reasons: Sequence[str], coverage: Coverage | None = None
) -> PatientInquiry | None:
    """The same question put otherwise once: a dependent as subscriber or the other way, names without suffix or marks.

    A fault of the name alone keeps who is who where the plain name differs. None where nothing would differ.
    """
    plain = replace(asked, subscriber=_plain(asked.subscriber), dependent=_plain_or_none(asked.dependent))
    if plain != asked and not set(reasons) - NAME_REASONS:
        return plain
    swapped = _swapped(plain, coverage)
    if swapped is not None:
        return swapped
    return plain if plain != asked else None


def _swapped(asked: PatientInquiry, coverage: Coverage | None) -> PatientInquiry | None:
    own = asked.subscriber
    if asked.dependent is not None:
        person = asked.dependent
        as_subscriber = replace(
            person, role="IL", insured_relationship="", id_qualifier=own.id_qualifier, identifier=own.identifier,
            references=own.references,
        )  # fmt: skip
        return replace(asked, subscriber=as_subscriber, dependent=None)
    if coverage is None or coverage.relationship == "18" or not coverage.subscriber.last_name:
        return None
    holder = _covered(coverage.subscriber, "IL", coverage)
    dependent = replace(
        own, role="03", insured_relationship=coverage.relationship, id_qualifier="", identifier="", references=()
    )
    return replace(asked, subscriber=_plain(holder), dependent=dependent)


_MARKS = re.compile(r"[^A-Za-z ]+")
_SUFFIX = re.compile(r"\s+(JR|SR|I{2,3}|IV|V)\.?\Z", re.IGNORECASE)


def plain_name(text: str) -> str:
    """A name as CORE's normalization compares it: no suffix, no marks, single blanks."""
    return " ".join(_MARKS.sub(" ", _SUFFIX.sub("", text.strip())).split())


def _plain(person: CoveredPerson) -> CoveredPerson:
    if person.is_organization:
        return person
    return replace(
        person, last_name=plain_name(person.last_name), first_name=plain_name(person.first_name),
        middle_name=plain_name(person.middle_name), suffix="", prefix="",
    )  # fmt: skip


def _plain_or_none(person: CoveredPerson | None) -> CoveredPerson | None:
    return None if person is None else _plain(person)


# The question --------------------------------------------------------------------------------------------------------

WHOLE_PLAN = "30"
# EQ01 beside 30, by where the visit is and by what the provider is (leading characters of the taxonomy).
TYPES_OF_PLACE = {
    "11": ("98",), "02": ("98",), "10": ("98",), "21": ("47", "48"), "19": ("47", "50"), "22": ("47", "50"),
    "23": ("86",), "20": ("UC",),
}  # fmt: skip
TYPES_OF_TAXONOMY = {
    "111N": ("33",), "1223": ("35",), "122300": ("35",), "3336": ("88",), "152W": ("AL",), "103": ("MH",),
    "101Y": ("MH",), "1041": ("MH",), "106H": ("MH",), "2084P08": ("MH",), "2251": ("PT",), "225X": ("OT",),
}  # fmt: skip


class InquiryRefused(ValueError):
    """The question cannot be asked; the message says what is missing. It holds no patient value."""


def service_types_of(*, place: str = "", taxonomy: str = "", supported: Sequence[str] = ()) -> tuple[str, ...]:
    """The whole plan and what the visit is about, as far as the payer answers it (`supported`; none: anything)."""
    found = [WHOLE_PLAN, *TYPES_OF_PLACE.get(place, ())]
    for leading, types in TYPES_OF_TAXONOMY.items():
        if taxonomy.startswith(leading):
            found += types
    return tuple(one for one in dict.fromkeys(found) if one == WHOLE_PLAN or not supported or one in supported)


def date_to_ask(on: date, today: date) -> date:
    """The day to ask about: the visit's own, unless it lies after the current month, where payers need not answer.

    CORE's data content rule binds them from twelve months back to the end of the current month; a date beyond it is
    answered with AAA 62 or 63, so the question is then about today, and is put again before the visit.
    """
    beyond = (on.year, on.month) > (today.year, today.month)
    return today if beyond else on


class InquiryTerms(Noun, frozen=True, kw_only=True):
    """How one payer is asked. `payer_id` is its id for 270s, which may differ from its id on claims.

    `dependents_have_own_ids`: a dependent is asked about as a subscriber.
    """

    payer_id: str
    payer_name: str
    dependents_have_own_ids: bool = False


def inquiry_of(
    patient: Patient,
    coverage: Coverage,
    *,
    provider: Provider,
    terms: InquiryTerms,
    trace: str,
    on: date,
    service_types: Sequence[str] = (WHOLE_PLAN,),
) -> PatientInquiry:
    """The 270 of one patient under one coverage. Raises InquiryRefused where the guide asks for what is not there.

    A search needs the member id, or last name, first name and birth date (the required search options of the guide).
    """
    as_dependent = coverage.relationship != "18" and not terms.dependents_have_own_ids
    subject = _person_of(patient)
    holder = coverage.subscriber if as_dependent else subject
    known = bool(holder.last_name and subject.first_name and subject.birth_date)
    wanting = [
        (terms.payer_id, "the payer's id for inquiries"), (provider.npi, "the provider's NPI"), (trace, "a trace number"),
        (coverage.member_id or known, "the member id, or the patient's name and birth date"),
        (not as_dependent or coverage.member_id or holder.last_name, "who holds the coverage"),
    ]  # fmt: skip
    missing = [name for value, name in wanting if not value]
    if missing:
        raise InquiryRefused(f"the question lacks {', '.join(missing)}: complete the registration")
    subscriber = _covered(holder, "IL", coverage)
    dependent = None
    if as_dependent:
        dependent = replace(_plain_person(subject, "03"), insured_relationship=coverage.relationship)
    return PatientInquiry(
        payer=Party(
            role="PR", is_organization=True, last_name=terms.payer_name, id_qualifier="PI", identifier=terms.payer_id
        ),
        receiver=_asking(provider), subscriber=subscriber, dependent=dependent,
        traces=(Trace(kind="1", number=trace, originator=f"9{provider.tax_id}"[:10].ljust(10, "0")),),
        questions=(Question(service_types=tuple(service_types), dates=(Period(qualifier="291", start=on),)),),
    )  # fmt: skip


def retraced(asked: PatientInquiry, trace: str) -> PatientInquiry:
    """The same question under another trace number."""
    return replace(asked, traces=tuple(replace(one, number=trace) for one in asked.traces))


def _asking(provider: Provider) -> Party:
    return Party(
        role="1P", is_organization=provider.is_organization, last_name=provider.last_name,
        first_name=provider.first_name, id_qualifier="XX", identifier=provider.npi,
    )  # fmt: skip


def _person_of(patient: Patient) -> Person:
    return Person(
        last_name=patient.last_name, first_name=patient.first_name, middle_name=patient.middle_name,
        suffix=patient.suffix, birth_date=patient.birth_date, sex=patient.sex, address=patient.address,
    )  # fmt: skip


def _plain_person(person: Person, role: str) -> CoveredPerson:
    return CoveredPerson(
        role=role, last_name=person.last_name, first_name=person.first_name, middle_name=person.middle_name,
        suffix=person.suffix, birth_date=person.birth_date, sex=person.sex if person.sex in ("F", "M") else "",
    )  # fmt: skip


def _covered(person: Person, role: str, coverage: Coverage) -> CoveredPerson:
    found = _plain_person(person, role)
    group = (Reference(qualifier="6P", value=coverage.group_number),) if coverage.group_number else ()
    if not coverage.member_id:
        return replace(found, references=group)
    return replace(found, id_qualifier="MI", identifier=coverage.member_id, references=group)
