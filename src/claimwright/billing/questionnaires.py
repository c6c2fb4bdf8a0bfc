"""What a patient's answers mean: whether Medicare is secondary and why, and what an accident puts on a claim."""

from __future__ import annotations

from datetime import date, timedelta

from claimwright.billing.coverage_order import (
    CHILD,
    SELF,
    SPOUSE,
    Basis,
    Cover,
    Situation,
    Standing,
    beside_medicare,
)
from claimwright.claims.nouns import Noun
from claimwright.codes.states import STATE_CODES

STATES = frozenset(STATE_CODES.values())


class MedicareAnswers(Noun, frozen=True, kw_only=True):
    """The questionnaire for people with Medicare, as answered. Every field left at its default was answered "no".

    `employer_size` is that of the employer through whose current work the patient has a group plan, None if unknown.
    """

    black_lung: bool = False
    federal_program: bool = False
    veterans_authorized: bool = False
    work_injury: bool = False
    no_fault_accident: bool = False
    liability_accident: bool = False
    basis: Basis = Basis.UNKNOWN
    has_group_plan: bool = False
    plan_through: str = ""  # self, spouse, family
    currently_working: bool = False  # the person through whom the plan comes
    employer_size: int | None = None
    kidney_start: date | None = None
    medicare_was_first: bool = False


class MedicareFinding(Noun, frozen=True, kw_only=True):
    """`insurance_type` is SBR05, blank where Medicare pays first. `questions` leave the finding open."""

    medicare_first: bool
    insurance_type: str = ""
    says: str = ""
    questions: tuple[str, ...] = ()


CAUSES = (
    ("black_lung", "41", "The black lung program pays first"),
    ("federal_program", "16", "A federal program pays first"),
    ("veterans_authorized", "42", "The VA authorized the care and pays for it"),
    ("work_injury", "15", "Workers compensation pays first"),
    ("no_fault_accident", "14", "The no-fault carrier pays first"),
    ("liability_accident", "47", "A liable third party pays first"),
)
THROUGH = {"self": SELF, "spouse": SPOUSE, "family": CHILD}


def medicare_finding(answers: MedicareAnswers, on: date) -> MedicareFinding:
    """Who is first by the answers, in the order the questions are asked: causes of care, then employer plans."""
    for field, insurance_type, says in CAUSES:
        if getattr(answers, field):
            return MedicareFinding(medicare_first=False, insurance_type=insurance_type, says=says)
    if not answers.has_group_plan:
        return MedicareFinding(medicare_first=True, says="No other plan: Medicare pays first")
    questions: list[str] = []
    if answers.basis is Basis.UNKNOWN:
        questions.append("Why does the patient have Medicare: age, disability or kidney disease?")
    if answers.plan_through not in THROUGH:
        questions.append("Through whose work is the plan: the patient's, the spouse's or a family member's?")
    cover = Cover(
        key="plan", relationship=THROUGH.get(answers.plan_through, SELF), employer_size=answers.employer_size,
        standing=Standing.ACTIVE if answers.currently_working else Standing.RETIREE,
    )  # fmt: skip
    place = beside_medicare(
        cover,
        Situation(
            on=on, basis=answers.basis, kidney_start=answers.kidney_start,
            medicare_was_first=answers.medicare_was_first,
        ),
        questions,
    )  # fmt: skip
    return MedicareFinding(
        medicare_first=not place.before, insurance_type=place.msp_type, says=place.says, questions=tuple(questions)
    )


def is_stale(answered_on: date | None, on: date, *, days: int) -> bool:
    """Whether the answers no longer speak for a service on `on`: never given, or older than `days`."""
    return answered_on is None or on - answered_on > timedelta(days=days)


class AccidentAnswers(Noun, frozen=True, kw_only=True):
    """Whether the care follows an accident, and whose. `state` is where an auto accident was."""

    at_work: bool = False
    auto: bool = False
    other: bool = False
    happened_on: date | None = None
    state: str = ""
    carrier: str = ""
    case_number: str = ""
    adjuster_phone: str = ""


class AccidentFinding(Noun, frozen=True, kw_only=True):
    """What goes on the claim (CLM11, 439, REF*Y4) and what kind of case is open: WC, AM or LM; or what is missing."""

    causes: tuple[str, ...] = ()
    state: str = ""
    happened_on: date | None = None
    case_kind: str = ""
    faults: tuple[tuple[str, str], ...] = ()  # (field, what to do)


def accident_finding(answers: AccidentAnswers, on: date) -> AccidentFinding:
    """CLM11 takes EM for work, AA for auto, OA for another; the state belongs to AA alone (005010X222A1, CLM11-4)."""
    causes = tuple(
        code for code, yes in (("EM", answers.at_work), ("AA", answers.auto), ("OA", answers.other)) if yes
    )  # fmt: skip
    faults: list[tuple[str, str]] = []
    if not causes:
        return AccidentFinding()
    if answers.happened_on is None:
        faults.append(("happened_on", "Ask on which day the accident was: the claim needs it"))
    elif answers.happened_on > on:
        faults.append(("happened_on", "The accident lies in the future: correct the day"))
    state = answers.state.strip().upper()
    if answers.auto and state not in STATES:
        faults.append(("state", "Name the state of the auto accident by two letters, such as WI"))
    kind = "WC" if answers.at_work else "AM" if answers.auto else "LM"
    return AccidentFinding(
        causes=causes, state=state if answers.auto else "", happened_on=answers.happened_on, case_kind=kind,
        faults=tuple(faults),
    )  # fmt: skip
