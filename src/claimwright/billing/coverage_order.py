"""Who pays first: the order of a patient's covers on a day of service, proposed with its reasons. A person confirms.

Between plans the rules are those of the NAIC's model (MDL-120, section 6): whom the plan covers as its own employee
before whom it covers as a dependent; for children the parents' birthdays, or court order and custody; active work
before retirement, both before COBRA; then the longer cover. Medicare's place follows 42 CFR 411 subparts B to H,
TRICARE's 32 CFR 199.8, Medicaid's 42 CFR 433.139.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import Dated, Timeline

SEQUENCES = ("P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H")  # SBR01 in the order of payment
SELF, SPOUSE, CHILD = "18", "01", "19"


class Plan(StrEnum):
    """What kind of payer stands behind a cover."""

    EMPLOYER = "employer"  # a group health plan
    INDIVIDUAL = "individual"
    MEDICARE = "medicare"  # Medicare Advantage too
    SUPPLEMENT = "supplement"  # pays only after Medicare
    TRICARE = "tricare"
    MEDICAID = "medicaid"
    WORKERS_COMPENSATION = "workers_compensation"
    AUTO = "auto"  # no-fault
    LIABILITY = "liability"
    BLACK_LUNG = "black_lung"
    VETERANS = "veterans"  # care the VA has authorized
    FEDERAL = "federal"  # Public Health Service and other federal agencies


class Standing(StrEnum):
    """By what right the subscriber of a plan has it."""

    ACTIVE = "active"
    RETIREE = "retiree"  # laid off counts the same
    COBRA = "cobra"  # or a state's continuation
    NONE = ""  # not by employment


class Role(StrEnum):
    """Whose plan covers a child whose parents are apart."""

    NONE = ""
    COURT_ORDER = "court_order"  # the parent whom a court made responsible for health care
    COURT_ORDER_SPOUSE = "court_order_spouse"
    CUSTODIAL = "custodial"
    CUSTODIAL_SPOUSE = "custodial_spouse"
    NON_CUSTODIAL = "non_custodial"
    NON_CUSTODIAL_SPOUSE = "non_custodial_spouse"


class Parents(StrEnum):
    TOGETHER = "together"
    APART = "apart"  # divorced, separated or never together
    JOINT = "joint"  # apart, and a court made both responsible: the birthday rule holds
    UNKNOWN = ""


class Basis(StrEnum):
    """Why the patient has Medicare."""

    AGE = "age"
    DISABILITY = "disability"
    KIDNEY = "esrd"
    UNKNOWN = ""


class Cover(Noun, frozen=True, kw_only=True):
    """One cover as the order needs it. `key` is the caller's name of it.

    `relationship` is the patient's to the subscriber (PAT01). `employer_size` counts employees, the largest employer's
    in a plan of several; None where nobody asked. `related` says of an injury carrier, VA or federal cover that the
    service belongs to its case.
    """

    key: str
    plan: Plan = Plan.EMPLOYER
    relationship: str = SELF
    standing: Standing = Standing.ACTIVE
    subscriber_birth_date: date | None = None
    role: Role = Role.NONE
    employer_size: int | None = None
    covered_since: date | None = None
    start: date | None = None
    end: date | None = None
    related: bool = False

    def in_force(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Situation(Noun, frozen=True, kw_only=True):
    """What is known beside the covers. `kidney_start` is the first month of Medicare eligibility by ESRD.

    `medicare_was_first` says that Medicare paid first, by age or disability, when the kidney period began.
    """

    on: date
    parents: Parents = Parents.UNKNOWN
    basis: Basis = Basis.UNKNOWN
    kidney_start: date | None = None
    medicare_was_first: bool = False
    active_duty: bool = False


class Reason(Noun, frozen=True, kw_only=True):
    """Why `first` stands before `second`: the rule's short name and a sentence."""

    rule: str
    first: str
    second: str
    says: str


class Place(Noun, frozen=True, kw_only=True):
    key: str
    sequence: str


class Proposal(Noun, frozen=True, kw_only=True):
    """The order. `msp_type` is SBR05 of Medicare's claim where Medicare is not first. `questions` must be answered
    before anybody relies on the order; `left_out` are covers that have no part, with the reason."""

    places: tuple[Place, ...] = ()
    reasons: tuple[Reason, ...] = ()
    questions: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    msp_type: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(place.key for place in self.places)


# 42 CFR 411.100 and 411.170 (20 employees), 411.200 (100 employees).
WORKING_AGED_EMPLOYEES = Timeline([Dated(value=20, start=date(1983, 1, 1), source="42 CFR 411.170(a)(2)(i)")])
DISABILITY_EMPLOYEES = Timeline([Dated(value=100, start=date(1987, 1, 1), source="42 CFR 411.200(a)(1)")])
# By the day on which the coordination period began.
KIDNEY_MONTHS = Timeline(
    [
        Dated(value=18, start=date(1991, 2, 1), end=date(1996, 3, 1), source="42 CFR 411.162(b)"),
        Dated(value=30, start=date(1996, 3, 1), source="42 CFR 411.162(b); Balanced Budget Act of 1997, 4631(b)"),
    ]
)
# Payers for one cause, first in this order, with the reason (SBR05) they give Medicare.
CAUSES: dict[Plan, tuple[str, str]] = {
    Plan.WORKERS_COMPENSATION: ("15", "Workers compensation pays first for an injury at work"),
    Plan.AUTO: ("14", "The no-fault carrier pays first for an accident"),
    Plan.LIABILITY: ("47", "The liable carrier pays first for what it is liable for"),
    Plan.BLACK_LUNG: ("41", "The black lung program pays first for lung disease of miners"),
    Plan.VETERANS: ("42", "The VA pays for care it has authorized"),
    Plan.FEDERAL: ("16", "The federal agency pays first for its own program"),
}
LAST: dict[Plan, str] = {
    Plan.SUPPLEMENT: "A supplement pays what Medicare leaves",
    Plan.TRICARE: "TRICARE pays after other insurance",
    Plan.MEDICAID: "Medicaid is the payer of last resort",
}
ROLE_RANK = {role: rank for rank, role in enumerate(role for role in Role if role is not Role.NONE)}
STANDING_RANK = {Standing.ACTIVE: 0, Standing.NONE: 0, Standing.RETIREE: 1, Standing.COBRA: 2}


def propose(covers: Sequence[Cover], situation: Situation) -> Proposal:
    """The order of the covers in force on the day, with a reason for each neighbour and what is still to be asked."""
    left_out = [
        (cover.key, "not in force on the date of service") for cover in covers if not cover.in_force(situation.on)
    ]
    taking_part: list[Cover] = []
    for cover in covers:
        if not cover.in_force(situation.on):
            continue
        if cover.plan in CAUSES and not cover.related:
            left_out.append((cover.key, "the service does not belong to its case"))
        else:
            taking_part.append(cover)
    questions: list[str] = []
    msp = _medicare_places(taking_part, situation, questions)
    keyed = [(_key(cover, situation, msp), number, cover) for number, cover in enumerate(taking_part)]
    keyed.sort(key=lambda row: (row[0], row[1]))
    ordered = [cover for _, _, cover in keyed]
    reasons = []
    for (first_key, _, first), (second_key, _, second) in zip(keyed, keyed[1:], strict=False):
        reasons.append(_reason(first, second, first_key, second_key, msp))
    questions += _questions(ordered, reasons, situation)
    if len(ordered) > len(SEQUENCES):
        left_out += [(cover.key, "a claim names at most eleven payers") for cover in ordered[len(SEQUENCES) :]]
    return Proposal(
        places=tuple(Place(key=c.key, sequence=s) for c, s in zip(ordered, SEQUENCES, strict=False)),
        reasons=tuple(reasons), questions=tuple(dict.fromkeys(questions)), left_out=tuple(left_out),
        msp_type=_msp_type(ordered, msp),
    )  # fmt: skip


# Medicare ------------------------------------------------------------------------------------------------------------


class MedicarePlace(Noun, frozen=True, kw_only=True):
    """Whether an employer plan pays before Medicare, by which type, and why."""

    before: bool
    msp_type: str = ""
    says: str = ""


def _medicare_places(covers: Sequence[Cover], situation: Situation, questions: list[str]) -> dict[str, MedicarePlace]:
    """By key, each plan's place beside Medicare; empty where the patient has none."""
    if not any(cover.plan is Plan.MEDICARE for cover in covers):
        return {}
    plans = [cover for cover in covers if cover.plan in (Plan.EMPLOYER, Plan.INDIVIDUAL)]
    if situation.basis is Basis.UNKNOWN and any(cover.plan is Plan.EMPLOYER for cover in plans):
        questions.append("Why does the patient have Medicare: age, disability or kidney disease?")
    return {cover.key: beside_medicare(cover, situation, questions) for cover in plans}


def beside_medicare(cover: Cover, situation: Situation, questions: list[str] | None = None) -> MedicarePlace:
    """The place of one plan of a person with Medicare. What must be asked is appended to `questions`."""
    asked = questions if questions is not None else []
    if cover.plan is not Plan.EMPLOYER:
        return MedicarePlace(before=False, says="Medicare pays before a plan that is not an employer's")
    kidney = _kidney_place(cover, situation, asked)
    if kidney is not None:
        return kidney
    if cover.standing is not Standing.ACTIVE:
        word = "a retiree's plan" if cover.standing is Standing.RETIREE else "continued cover (COBRA)"
        return MedicarePlace(before=False, says=f"Medicare pays before {word}: nobody works for it now")
    if situation.basis is Basis.DISABILITY:
        return _by_size(
            cover, situation, asked, DISABILITY_EMPLOYEES, "43", "Disabled, covered by a large employer's plan"
        )
    if cover.relationship not in (SELF, SPOUSE):
        return MedicarePlace(
            before=False, says="Only the plan of one's own or a spouse's work is before Medicare by age"
        )
    return _by_size(
        cover, situation, asked, WORKING_AGED_EMPLOYEES, "12", "Working aged: the employer's plan pays first"
    )


def _kidney_place(cover: Cover, situation: Situation, questions: list[str]) -> MedicarePlace | None:
    """What kidney disease makes of it: the plan first for the coordination months whatever the employer's size."""
    if situation.basis is not Basis.KIDNEY and situation.kidney_start is None:
        return None
    if situation.kidney_start is None:
        questions.append("In which month did the patient become eligible for Medicare by kidney disease?")
        return MedicarePlace(before=True, msp_type="13", says="Kidney disease: the plan pays first for 30 months")
    if situation.medicare_was_first:
        return MedicarePlace(before=False, says="Medicare was first, by age or disability, before kidney disease")
    months = KIDNEY_MONTHS.on(situation.kidney_start) or 0
    if situation.on < kidney_end(situation.kidney_start):
        return MedicarePlace(
            before=True, msp_type="13", says=f"Kidney disease: the plan pays first for {months} months"
        )
    return MedicarePlace(before=False, says=f"The {months} months of kidney disease are over: Medicare pays first")


def kidney_end(start: date) -> date:
    """The first day on which Medicare pays first again; the month of `start` is the first of the period."""
    month = start.year * 12 + start.month - 1 + (KIDNEY_MONTHS.on(start) or 0)
    return date(month // 12, month % 12 + 1, 1)


def _by_size(
    cover: Cover, situation: Situation, questions: list[str], limits: Timeline[int], msp_type: str, says: str
) -> MedicarePlace:
    limit = limits.on(situation.on) or 0
    if cover.employer_size is None:
        questions.append(f"How many people does the employer have: {limit} or more?")
        return MedicarePlace(before=True, msp_type=msp_type, says=f"{says}, if it has {limit} people or more")
    if cover.employer_size >= limit:
        return MedicarePlace(before=True, msp_type=msp_type, says=says)
    return MedicarePlace(before=False, says=f"Medicare pays before the plan of an employer below {limit} people")


def _msp_type(ordered: Sequence[Cover], msp: dict[str, MedicarePlace]) -> str:
    """SBR05 of Medicare's claim: what makes the first payer first. Blank where Medicare is first or not there."""
    if not ordered or not any(cover.plan is Plan.MEDICARE for cover in ordered):
        return ""
    first = ordered[0]
    if first.plan in CAUSES:
        return CAUSES[first.plan][0]
    return msp[first.key].msp_type if first.key in msp and msp[first.key].before else ""


# The order of two ----------------------------------------------------------------------------------------------------

Key = tuple[int, ...]
FAR = 99_999_999


def _tier(cover: Cover, situation: Situation, msp: dict[str, MedicarePlace]) -> int:
    """Causes, active duty, plans before Medicare, Medicare, other plans, supplement, TRICARE, Medicaid: 0 to 7."""
    if cover.plan in CAUSES:
        return 0
    if cover.plan is Plan.TRICARE and situation.active_duty and cover.relationship == SELF:
        return 1  # 32 CFR 199.8: no plan pays before it for those on active duty
    if cover.plan is Plan.MEDICARE:
        return 3
    if cover.plan in LAST:
        return 5 + list(LAST).index(cover.plan)
    place = msp.get(cover.key)
    return 2 if place is None or place.before else 4


def _key(cover: Cover, situation: Situation, msp: dict[str, MedicarePlace]) -> Key:
    """Smaller pays first. The parts, in order, are the rules; RULES names them."""
    own = int(cover.relationship != SELF)
    cause = list(CAUSES).index(cover.plan) if cover.plan in CAUSES else 0
    role, birthday = _child(cover, situation)
    since = cover.covered_since.toordinal() if cover.covered_since else FAR
    return (_tier(cover, situation, msp), cause, own, role, birthday, STANDING_RANK[cover.standing], since)


def _child(cover: Cover, situation: Situation) -> tuple[int, int]:
    """(custody rank, birthday) of a child's cover; nothing for others. A birthday is month and day, never the year."""
    if cover.relationship != CHILD:
        return 0, 0
    apart = situation.parents is Parents.APART
    if apart and cover.role is not Role.NONE:
        return ROLE_RANK[cover.role], 0
    born = cover.subscriber_birth_date
    birthday = born.month * 100 + born.day if born is not None else FAR
    return (len(ROLE_RANK) if apart else 0), birthday


def _says_cause(first: Cover, second: Cover) -> str:
    return CAUSES[first.plan][1]


def _says_role(first: Cover, second: Cover) -> str:
    words = {
        Role.COURT_ORDER: "A court made this parent responsible for health care",
        Role.COURT_ORDER_SPOUSE: "The spouse of the parent whom a court made responsible",
        Role.CUSTODIAL: "The plan of the parent with custody pays first",
        Role.CUSTODIAL_SPOUSE: "The plan of the custodial parent's spouse pays before the other parent's",
        Role.NON_CUSTODIAL: "The other parent's plan pays before that of the other parent's spouse",
    }
    return words.get(first.role, "Custody decides between parents who are apart")


def _says_birthday(first: Cover, second: Cover) -> str:
    return "Birthday rule: the parent whose birthday comes first in the year"


def _says_standing(first: Cover, second: Cover) -> str:
    if second.standing is Standing.COBRA:
        return "Cover by work or retirement pays before continued cover (COBRA)"
    return "The plan of active work pays before a retiree's"


RULES: tuple[tuple[str, Callable[[Cover, Cover], str]], ...] = (
    ("tier", _says_cause),
    ("cause", _says_cause),
    ("own_before_dependent", lambda first, second: "The plan that covers the patient as its own member pays before a dependent's"),
    ("custody", _says_role),
    ("birthday", _says_birthday),
    ("active_before_retiree", _says_standing),
    ("longer_covered", lambda first, second: "The plan that has covered the subscriber longer"),
)  # fmt: skip


def _reason(first: Cover, second: Cover, ours: Key, theirs: Key, msp: dict[str, MedicarePlace]) -> Reason:
    """The first part in which the two differ is the rule that decided."""
    at = next((at for at, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]), None)
    if at is None:
        rule, says = "undecided", "No rule decides between the two: as entered"
    elif at == 0:
        rule, says = _between_tiers(first, second, msp)
    else:
        rule, words = RULES[at]
        says = words(first, second)
    return Reason(rule=rule, first=first.key, second=second.key, says=says)


def _between_tiers(first: Cover, second: Cover, msp: dict[str, MedicarePlace]) -> tuple[str, str]:
    if first.plan in CAUSES:
        return "cause_of_care", CAUSES[first.plan][1]
    if first.plan is Plan.TRICARE and second.plan is not Plan.MEDICAID:
        return "active_duty", "Active duty: TRICARE pays first"
    if second.plan is Plan.MEDICARE:
        return "medicare_secondary", msp[first.key].says
    if second.plan in LAST:
        return f"{second.plan.value}_after", LAST[second.plan]
    return "medicare_first", msp[second.key].says


def _questions(ordered: Sequence[Cover], reasons: Sequence[Reason], situation: Situation) -> list[str]:
    """What nobody told and the order hangs on."""
    asked = []
    children = [c for c in ordered if c.relationship == CHILD and c.plan in (Plan.EMPLOYER, Plan.INDIVIDUAL)]
    if len(children) > 1:
        if situation.parents is Parents.UNKNOWN:
            asked.append("Do the child's parents live together, or is there a court order?")
        if situation.parents is Parents.APART and any(cover.role is Role.NONE for cover in children):
            asked.append("Which parent has custody, and does a court order name one for health care?")
        elif situation.parents is not Parents.APART and any(cover.subscriber_birth_date is None for cover in children):
            asked.append("When is the birthday of each parent?")
    by_key = {cover.key: cover for cover in ordered}
    for reason in reasons:
        pair = (by_key[reason.first], by_key[reason.second])
        if reason.rule in ("undecided", "longer_covered") and any(cover.covered_since is None for cover in pair):
            asked.append("Since when has each plan covered its subscriber?")
        elif reason.rule == "undecided":
            asked.append("Two covers stand alike: ask both payers who is first")
    return asked


# Places by date ------------------------------------------------------------------------------------------------------


class PlacedRow(Noun, frozen=True, kw_only=True):
    """A cover with its place, `start` to before `end`."""

    key: str
    sequence: str
    start: date | None = None
    end: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class PlaceFault(Noun, frozen=True, kw_only=True):
    """From `start` to before `end` (None: open) the places are not one P, then S, T and so on."""

    start: date | None
    end: date | None
    says: str


def place_faults(rows: Sequence[PlacedRow]) -> tuple[PlaceFault, ...]:
    """Every stretch of time in which some cover is in force and the places are not P, S, T ... without a gap or repeat.

    U (unknown) is no place; a day without any cover is no fault.
    """
    edges = sorted({day for row in rows for day in (row.start, row.end) if day is not None})
    starts: list[date | None] = [None, *edges]
    faults = []
    for number, start in enumerate(starts):
        end = edges[number] if number < len(edges) else None
        probe = start or (edges[0].fromordinal(edges[0].toordinal() - 1) if edges else date(2000, 1, 1))
        held = [row.sequence for row in rows if row.in_force(probe) and row.sequence != "U"]
        says = _fault(held)
        if says:
            faults.append(PlaceFault(start=start, end=end, says=says))
    return tuple(faults)


def _fault(held: Sequence[str]) -> str:
    if not held:
        return ""
    if held.count("P") != 1:
        return "no cover is primary" if "P" not in held else f"{held.count('P')} covers are primary"
    repeated = sorted({one for one in held if held.count(one) > 1})
    if repeated:
        return f"two covers have the place {', '.join(repeated)}"
    expected = list(SEQUENCES[: len(held)])
    return "" if sorted(held, key=_rank) == expected else f"the places are {', '.join(sorted(held, key=_rank))}"


def _rank(sequence: str) -> int:
    return SEQUENCES.index(sequence) if sequence in SEQUENCES else len(SEQUENCES)
