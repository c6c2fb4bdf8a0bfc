"""Invented claims: who was treated, for what, on which day, and how the first bill for it reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import msgspec

from claimwright.claims.dental import Dental, DentalLine, Tooth
from claimwright.claims.institutional import Institutional
from claimwright.claims.nouns import (
    AttachmentReference,
    Claim,
    Coverage,
    Diagnosis,
    Line,
    Patient,
    Person,
    PriorPayment,
    Provider,
)
from claimwright.claims.synthetic import services, stories
from claimwright.claims.synthetic.people import (
    PLANS,
    PRACTICES,
    Family,
    Plan,
    Practice,
    make_family,
    relationship,
)
from claimwright.claims.synthetic.services import Service, Visit
from claimwright.claims.synthetic.stories import Story

SEQUENCES = "PSTA"
SHARED = frozenset(("paid", "line_denied", "attachment", "authorized"))  # two such claims may be of one family
SEVERAL_SERVICES = frozenset(("replaced", "line_denied"))
FIRST_DAY, LAST_DAY = 30, 3  # services lie so many days before the claim is sent
QUALIFIERS = {"P": "HC", "I": "HC", "D": "AD"}
REPORTS = {"P": "OZ", "I": "OZ", "D": "RB"}  # PWK01


class Episode(msgspec.Struct):
    """One claim with all that was decided before it was written. `deductible` is shared by a family's claims."""

    number: int  # from 0, within its kind
    kind: str
    story: Story
    family: Family
    patient: int  # SELF, SPOUSE or CHILD
    practice: Practice
    visit: Visit
    served: date
    deductible: list[int]
    claim: Claim
    tag: str
    first_of_family: bool
    draw: int  # a random number of its own, for choices made later

    @property
    def plan(self) -> Plan:
        return self.family.covers[0].plan


def cents(amount: Decimal) -> int:
    return int(amount * 100)


def money(amount: int) -> Decimal:
    """Dollars of an amount in cents, with two places."""
    return Decimal(amount).scaleb(-2)


def part(amount: int, percent: int) -> int:
    """So many percent of an amount in cents, halves away from zero."""
    return (amount * percent + 50) // 100


def episodes(seed: int, kind: str, count: int, today: date, one_payer: bool = False) -> Iterator[Episode]:
    """The claims of a kind in order, each the same whatever else is made. `one_payer`: all to one, from one practice."""
    held: tuple[Family, list[int]] | None = None
    for number in range(count):
        story = _story(seed, kind, number)
        neighbour = _story(seed, kind, number ^ 1) if number ^ 1 < count else story
        shares = number ^ 1 < count and {story.name, neighbour.name} <= SHARED and _same_deck(kind, number)
        random = Random(f"{seed}/{kind}/{number}")
        draw = random.randrange(1 << 30)
        size = len(stories.DECKS[kind])
        plans, practices = PLANS[kind], PRACTICES[kind]
        at = 0 if one_payer else number // size
        practice = practices[at // len(plans) % len(practices)]
        tag = f"{seed % 10_000:04d}{kind}{number:08d}"
        first = not (shares and number % 2)
        if first or held is None:
            covers = tuple(plans[(at + place) % len(plans)] for place in range(story.covers))
            left = _deductible_left(random, story, covers[0])
            family = make_family(random, tag, covers, today, left)
            held = (family, list(left))
        family, deductible = held
        visit = _visit(random, kind, story)
        patient = _patient(random, story)
        served = today - timedelta(random.randrange(LAST_DAY + visit.days, FIRST_DAY + 1))
        episode = Episode(
            number, kind, story, family, patient, practice, visit, served, deductible, Claim(), tag, first, draw
        )
        episode.claim = first_claim(episode)
        yield episode


def _story(seed: int, kind: str, number: int) -> Story:
    size = len(stories.DECKS[kind])
    return stories.deck(seed, kind, number // size)[number % size]


def _same_deck(kind: str, number: int) -> bool:
    """Two decks may go to two payers, so a family does not reach over their border."""
    size = len(stories.DECKS[kind])
    return number // size == (number ^ 1) // size


def _deductible_left(random: Random, story: Story, plan: Plan) -> tuple[int, int, int]:
    if story is stories.DEDUCTIBLE:
        return (plan.deductible,) * 3
    if story.name not in SHARED:
        return (0, 0, 0)
    steps = (0, 0, min(2_500, plan.deductible), min(10_000, plan.deductible))
    return random.choice(steps), random.choice(steps), random.choice(steps)


def _patient(random: Random, story: Story) -> int:
    """Where several plans cover, the first must not be the patient's spouse's: their own would pay first."""
    return random.choice((0, 0, 2)) if story.covers > 1 else random.randrange(3)


def _visit(random: Random, kind: str, story: Story) -> Visit:
    found = _VISITS[kind](story)
    if story.name in SEVERAL_SERVICES:
        found = tuple(visit for visit in found if len(visit.services) > 1 and not visit.is_stay)
    return random.choice(found)


def _professional(story: Story) -> tuple[Visit, ...]:
    if story is stories.BUNDLED:
        return (services.PROFESSIONAL_BUNDLED,)
    if story is stories.AUTHORIZED:
        return (services.PROFESSIONAL_AUTHORIZED,)
    if story is stories.DEDUCTIBLE:
        return services.PROFESSIONAL[3:4]
    return services.PROFESSIONAL


def _institutional(story: Story) -> tuple[Visit, ...]:
    if story is stories.BUNDLED:
        return (services.INSTITUTIONAL_BUNDLED,)
    if story is stories.AUTHORIZED:
        return (services.INSTITUTIONAL_AUTHORIZED,)
    if story is stories.DEDUCTIBLE:
        return (services.LABORATORY,)
    found: tuple[Visit, ...] = services.OUTPATIENT + services.STAYS
    if story.covers > 1:  # SVD03 is not there for a service without code, and not every reader bears that
        found = tuple(visit for visit in found if visit.is_stay or all(one.code for one in visit.services))
    return found


def _dental(story: Story) -> tuple[Visit, ...]:
    if story is stories.PREDETERMINED:
        return (services.DENTAL_PLANNED,)
    if story is stories.DEDUCTIBLE:
        return (Visit((), services.DENTAL[0].services[:1]),)
    return services.DENTAL


# The claim ----------------------------------------------------------------------------------------------------------


def first_claim(episode: Episode) -> Claim:
    """The claim as it goes to the first payer."""
    kind, story, visit, practice = episode.kind, episode.story, episode.visit, episode.practice
    number = control_number(episode)
    lines = tuple(_line(episode, number, at, service) for at, service in enumerate(visit.services, 1))
    attached = story is stories.ATTACHMENT
    claim = Claim(
        control_number=number,
        kind=kind,
        patient=registered(episode),
        coverage=coverage(episode, 0),
        prior_payments=tuple(
            PriorPayment(coverage=other_coverage(episode, at), adjudicated=False)
            for at in range(1, len(episode.family.covers))
        ),
        billing_provider=practice.billing,
        total_charge=sum((line.charge for line in lines), Decimal("0.00")),
        diagnoses=_diagnoses(visit),
        lines=lines,
        prior_authorization=f"AUTH{episode.tag}" if story is stories.AUTHORIZED else "",
        clearinghouse_trace=f"CLR{episode.tag}",
        attachments=(
            (AttachmentReference(report_type=REPORTS[kind], transmission="EL", control_number=f"ATT{episode.tag}"),)
            if attached
            else ()
        ),
    )
    return msgspec.structs.replace(claim, **_OWN[kind](episode))


def control_number(episode: Episode) -> str:
    """CLM01 of the first claim; later versions have -2, -3 (later payers), R (replacement) or V (void) behind it."""
    return f"{episode.kind}{episode.tag[:4]}{episode.number:08d}"


def registered(episode: Episode) -> Patient:
    """The patient as the practice knows them: in one story without the middle name the payer has."""
    person = episode.family.people[episode.patient]
    told = {field: getattr(person, field) for field in Person.__struct_fields__}
    if episode.story is stories.NAME_CORRECTED:
        told["middle_name"] = ""
    record_number = episode.family.record_numbers[episode.patient] if episode.kind != "D" else ""
    return Patient(**told, record_number=record_number)


def coverage(episode: Episode, at: int) -> Coverage:
    """The cover as the claim's own (2000B). Of a subscriber who is not the patient a claim tells the name alone."""
    cover = episode.family.covers[at]
    patient = registered(episode)
    own = cover.holder == episode.patient
    holder = episode.family.people[cover.holder]
    if own:
        told = {field: getattr(patient, field) for field in Person.__struct_fields__}
    else:
        told = {field: getattr(holder, field) for field in ("last_name", "first_name", "middle_name")}
    return Coverage(
        sequence=SEQUENCES[at],
        payer=cover.plan.payer,
        member_id=cover.member_id,
        group_number=cover.group_number,
        relationship=relationship(episode.patient, cover.holder),
        subscriber=Person(**told),
    )


def other_coverage(episode: Episode, at: int) -> Coverage:
    """The cover as another payer's (2320, 2330A)."""
    cover = episode.family.covers[at]
    holder = episode.family.people[cover.holder]
    told = {field: getattr(holder, field) for field in ("last_name", "first_name", "middle_name", "address")}
    return msgspec.structs.replace(coverage(episode, at), subscriber=Person(**told))


def _diagnoses(visit: Visit) -> tuple[Diagnosis, ...]:
    present = "Y" if visit.is_stay else ""
    return tuple(
        Diagnosis(code=code, qualifier="ABF" if at else "ABK", present_on_admission=present)
        for at, code in enumerate(visit.diagnoses)
    )


def _line(episode: Episode, number: str, at: int, service: Service) -> Line:
    kind, visit = episode.kind, episode.visit
    undated = visit.is_stay or episode.story is stories.PREDETERMINED
    teeth = (Tooth(number=service.tooth, surfaces=service.surfaces),) if service.tooth else ()
    areas = (service.area,) if service.area else ()
    dental = DentalLine(teeth=teeth, oral_cavity_areas=areas, prosthesis=service.prosthesis)
    pointed = 1 if kind == "I" or not visit.diagnoses else min(at, len(visit.diagnoses))
    return Line(
        number=at,
        control_number=f"{number}L{at}",
        procedure_code=service.code,
        procedure_qualifier=QUALIFIERS[kind] if service.code else "",
        modifiers=service.modifiers,
        charge=money(charge_of(episode, service)),
        unit_basis=service.unit,
        units=Decimal(service.units),
        diagnosis_pointers=(pointed,) if kind != "I" and visit.diagnoses else (),
        date_from=None if undated else episode.served,
        revenue_code=service.revenue,
        dental=dental if kind == "D" and dental != DentalLine() else None,
    )


def charge_of(episode: Episode, service: Service) -> int:
    """The practice's charge for the line, in cents."""
    return part(service.fee * service.units, episode.practice.fee_percent)


def _own_professional(episode: Episode) -> dict[str, object]:
    return {"place_of_service": episode.visit.place, "rendering": _person(episode)}


def _own_institutional(episode: Episode) -> dict[str, object]:
    visit, served = episode.visit, episode.served
    through = served + timedelta(visit.days)
    facts = Institutional(
        facility_type=visit.facility,
        statement_from=served,
        statement_through=through,
        admission_type="1" if visit.emergency or visit.is_stay else "3",
        admission_source="1",
        patient_status="01",
        visit_reasons=(Diagnosis(code=visit.diagnoses[0], qualifier="APR"),) if visit.emergency else (),
        attending=_person(episode),
    )
    if not visit.is_stay:
        return {"institutional": facts}
    stay = msgspec.structs.replace(
        facts,
        admission_time="1030",
        discharge_time="1400",
        drg=visit.drg,
        admitting_diagnosis=Diagnosis(code=visit.diagnoses[0], qualifier="ABJ"),
    )
    return {"institutional": stay, "admission_date": served}


def _own_dental(episode: Episode) -> dict[str, object]:
    own: dict[str, object] = {"place_of_service": episode.visit.place, "rendering": _person(episode)}
    own["dental"] = Dental(predetermination=episode.story is stories.PREDETERMINED)
    return own


def _person(episode: Episode) -> Provider:
    return episode.practice.people[episode.draw % len(episode.practice.people)]


_VISITS = {"P": _professional, "I": _institutional, "D": _dental}
_OWN = {"P": _own_professional, "I": _own_institutional, "D": _own_dental}
