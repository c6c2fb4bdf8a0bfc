"""What a payer's answer says of a coverage: the snapshot, how two of them differ, other coverage to look into.

Active is no guarantee of payment, and what a payer leaves out is unknown: nothing here fills a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from claimwright.billing.eligibility import plain_name
from claimwright.claims.eligibility import ACTIVE_KINDS, Benefit, PatientEligibility, is_active, other_payers
from claimwright.claims.nouns import Noun, Person
from claimwright.claims.parties import CoveredPerson, Party, Period, Rejection

ONE_DAY = timedelta(days=1)
ACTIVE, INACTIVE, UNKNOWN = "active", "inactive", "unknown"
# DTP01 pairs that tell when coverage begins and ends, the plan's own first; then those that hold both in one range.
SPANS = (("346", "347"), ("356", "357"), ("348", "349"))
RANGES = ("291", "307", "292")
PRIMARY_CARE, RESTRICTED, MANAGED_CARE, OTHER_PAYER = "L", "N", "MC", "R"  # EB01
MEMBER_REFERENCES = ("1W", "0F", "SY", "IG")


class NamedParty(Noun, frozen=True, kw_only=True):
    """Someone a benefit names. `member_id` is that payer's number for the patient; `segment` is the EB's."""

    name: str = ""
    identifier: str = ""
    member_id: str = ""
    insurance_type: str = ""
    start: date | None = None
    end: date | None = None  # exclusive
    segment: int = 0


class Snapshot(Noun, frozen=True, kw_only=True):
    """One answer for one patient on the day asked about. `end` is the first day without coverage; None is unknown."""

    status: str = UNKNOWN
    because: str = ""  # why the status is unknown
    on: date
    start: date | None = None
    end: date | None = None
    plan_name: str = ""
    insurance_type: str = ""
    member_id: str = ""
    group_number: str = ""
    primary_care: NamedParty | None = None
    managed_care: tuple[NamedParty, ...] = ()
    other_payers: tuple[NamedParty, ...] = ()
    restricted_to: tuple[NamedParty, ...] = ()
    rejections: tuple[Rejection, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.reason for one in self.rejections))


def snapshot_of(answer: PatientEligibility, *, on: date) -> Snapshot:
    """The answer as data. An AAA, a silence or a contradiction leaves the status unknown, never inactive."""
    rejections = answer.rejections
    told = is_active(answer, on)
    status = UNKNOWN if told.active is None else ACTIVE if told.active else INACTIVE
    if status == INACTIVE and any(one.level != "benefit" for one in rejections):
        status = UNKNOWN
    because = told.reason or ("rejected" if status == UNKNOWN else "")
    active = [benefit for benefit in answer.benefits if benefit.kind in ACTIVE_KINDS and benefit.covers("30")]
    start, end = _span(answer, active)
    first = active[0] if active else Benefit()
    person = answer.patient or CoveredPerson()
    return Snapshot(
        status=status, because=because if status == UNKNOWN else "", on=on, start=start, end=end,
        plan_name=first.plan_name, insurance_type=first.insurance_type,
        member_id=person.member_id or (answer.subscriber.member_id if answer.subscriber else ""),
        group_number=answer.group_number, primary_care=next(iter(_named(answer, PRIMARY_CARE)), None),
        managed_care=_named(answer, MANAGED_CARE), restricted_to=_named(answer, RESTRICTED),
        other_payers=tuple(_party(benefit, entity) for benefit, entity in other_payers(answer)), rejections=rejections,
    )  # fmt: skip


def _span(answer: PatientEligibility, active: Sequence[Benefit]) -> tuple[date | None, date | None]:
    """First day and first day after, as stated: of the patient, else the subscriber, else of the active benefit."""
    people = [one.dates for one in (answer.dependent, answer.subscriber) if one is not None]
    for dates in (*people, *(benefit.dates for benefit in active)):
        start, end = span_of(dates)
        if start or end:
            return start, end
    return None, None


def span_of(dates: Sequence[Period]) -> tuple[date | None, date | None]:
    """Begin and exclusive end by the qualifiers of SPANS and RANGES. A range under a begin qualifier ends it too."""
    by_qualifier = {one.qualifier: one for one in reversed(dates)}
    for begin, finish in SPANS:
        first, last = by_qualifier.get(begin), by_qualifier.get(finish)
        if first is not None or last is not None:
            end = last.start if last is not None else first.end if first is not None else None
            return (first.start if first is not None else None), (end + ONE_DAY if end is not None else None)
    for qualifier in RANGES:
        period = by_qualifier.get(qualifier)
        if period is not None and period.end is not None:  # a single day is the day asked about, given back
            return period.start, period.end + ONE_DAY
    return None, None


def _named(answer: PatientEligibility, kind: str) -> tuple[NamedParty, ...]:
    return tuple(
        _party(benefit, entity) for benefit in answer.benefits if benefit.kind == kind for entity in benefit.entities
    )


def _party(benefit: Benefit, entity: Party) -> NamedParty:
    start, end = span_of(benefit.dates)
    references = (*entity.references, *benefit.references)
    member = next((one.value for one in references if one.qualifier in MEMBER_REFERENCES), "")
    return NamedParty(
        name=entity.name, identifier=entity.identifier, member_id=member, insurance_type=benefit.insurance_type,
        start=start, end=end, segment=benefit.segment,
    )  # fmt: skip


# Differences ---------------------------------------------------------------------------------------------------------


class ChangeKind(StrEnum):
    STATUS = "status"
    TERM_DATE = "term_date"
    OTHER_PAYER = "other_payer"
    PRIMARY_CARE = "primary_care"
    PLAN = "plan"
    GROUP = "group"
    MEMBER_ID = "member_id"
    MANAGED_CARE = "managed_care"


# What a person is told of at once; the others are shown with the snapshot.
ALERTS = frozenset((ChangeKind.TERM_DATE, ChangeKind.OTHER_PAYER, ChangeKind.PRIMARY_CARE, ChangeKind.STATUS))


class Change(Noun, frozen=True, kw_only=True):
    """One difference between the answer before and this one. Dates as CCYY-MM-DD, `end` as the last day covered."""

    kind: ChangeKind
    before: str = ""
    after: str = ""

    @property
    def alerts(self) -> bool:
        return self.kind in ALERTS


def differences(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """What changed for the patient. What the later answer leaves out is unknown and no change; so is a refused answer.

    The first answer has a change only where it brings what must be acted on: a term date, another payer.
    """
    if after.status == UNKNOWN and not after.end:
        return ()
    old = before or Snapshot(on=after.on)
    found = []
    if before is not None and before.status != UNKNOWN and after.status not in (UNKNOWN, before.status):
        found.append(Change(kind=ChangeKind.STATUS, before=before.status, after=after.status))
    if after.end is not None and after.end != old.end:
        found.append(Change(kind=ChangeKind.TERM_DATE, before=_last(old.end), after=_last(after.end)))
    held = {_key(one) for one in old.other_payers}
    found += [
        Change(kind=ChangeKind.OTHER_PAYER, after=one.name or one.identifier)
        for one in after.other_payers if _key(one) not in held
    ]  # fmt: skip
    pairs = [
        (ChangeKind.PRIMARY_CARE, _words(old.primary_care), _words(after.primary_care)),
        (ChangeKind.PLAN, old.plan_name, after.plan_name), (ChangeKind.GROUP, old.group_number, after.group_number),
        (ChangeKind.MEMBER_ID, old.member_id, after.member_id),
        (ChangeKind.MANAGED_CARE, _all(old.managed_care), _all(after.managed_care)),
    ]  # fmt: skip
    found += [Change(kind=kind, before=was, after=now) for kind, was, now in pairs if was and now and was != now]
    return tuple(found)


def _last(end: date | None) -> str:
    return (end - ONE_DAY).isoformat() if end else ""


def _key(party: NamedParty) -> str:
    return party.identifier.upper() or plain_name(party.name).upper()


def _words(party: NamedParty | None) -> str:
    return " ".join(filter(None, (party.name, party.identifier))) if party else ""


def _all(parties: Sequence[NamedParty]) -> str:
    return ", ".join(sorted(_words(one) for one in parties))


# Other coverage ------------------------------------------------------------------------------------------------------


class KnownPayer(Noun, frozen=True, kw_only=True):
    """A payer of a coverage on file, with every id and name it goes by."""

    names: tuple[str, ...] = ()


def unknown_payers(snapshot: Snapshot, known: Sequence[KnownPayer]) -> tuple[NamedParty, ...]:
    """Other payers of an answer, in force on its day, that none of the patient's coverages is with."""
    on_file = {name.strip().upper() for one in known for name in one.names} - {""}
    named = {plain_name(name) for name in on_file}
    found: dict[str, NamedParty] = {}
    for party in (*snapshot.other_payers, *snapshot.managed_care):
        known_already = party.identifier.upper() in on_file or plain_name(party.name.upper()) in named
        ended = party.end is not None and party.end <= snapshot.on
        if (party.name or party.identifier) and not known_already and not ended:
            found.setdefault(_key(party), party)
    return tuple(found.values())


# Points of a hundred. A birth date that differs is another person, whatever else agrees.
POINTS = {"birth date": 35, "last name": 20, "first name": 15, "sex": 5, "postal code": 10, "active on the day": 15}
NAMED_BY_PAYER_POINTS = 90  # the patient's own payer named it in EB01 R: the person is not in question


class Candidate(Noun, frozen=True, kw_only=True):
    """Coverage that may be the patient's. A person accepts it; nothing is billed on a candidate."""

    score: Decimal
    agrees: tuple[str, ...] = ()
    member_id: str = ""
    start: date | None = None
    end: date | None = None


def candidate_of(person: Person, answer: PatientEligibility, *, on: date) -> Candidate | None:
    """How well an answer to a search by demographics fits the person; None where it found nobody, or another person."""
    found = answer.patient
    snapshot = snapshot_of(answer, on=on)
    if found is None or not answer.benefits or snapshot.status == INACTIVE or not snapshot.member_id:
        return None
    if found.birth_date is not None and person.birth_date is not None and found.birth_date != person.birth_date:
        return None
    agreeing = {
        "birth date": found.birth_date is not None and found.birth_date == person.birth_date,
        "last name": _same(found.last_name, person.last_name),
        "first name": _same(found.first_name, person.first_name),
        "sex": bool(found.sex) and found.sex == person.sex,
        "postal code": bool(found.address.postal_code)
        and found.address.postal_code[:5] == person.address.postal_code[:5],
        "active on the day": snapshot.status == ACTIVE,
    }
    agrees = tuple(name for name, fits in agreeing.items() if fits)
    return Candidate(
        score=Decimal(sum(POINTS[name] for name in agrees)), agrees=agrees, member_id=snapshot.member_id,
        start=snapshot.start, end=snapshot.end,
    )  # fmt: skip


def _same(one: str, other: str) -> bool:
    return bool(one) and plain_name(one).upper() == plain_name(other).upper()
