"""The written form of a scenario: who is there, what happens step by step, and what must be true after each step.

Every scalar is read as text first, so that no amount is ever a float; the types here then say what it must be. The
format is explained, with an example, in docs/how-it-works/scenarios.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import yaml


class ScenarioFault(ValueError):
    """The scenario file cannot be run; the text names the place and what to do."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that is written: a name nobody knows is a fault, not a silent nothing."""


class Practice(Part, frozen=True):
    name: str
    npi: str
    tax_id: str
    taxonomy: str = "207Q00000X"
    address: tuple[str, str, str, str] = ("400 MAIN ST", "MADISON", "WI", "537031234")
    phone: str = "6085550142"


class Payer(Part, frozen=True):
    """`trace_id` is what it sends in TRN03; `frequencies` the claim frequency codes it takes."""

    name: str
    id: str
    trace_id: str = ""
    kind: str = "commercial"
    filing_indicator: str = "CI"
    frequencies: tuple[str, ...] = ("1", "7", "8")


class Coverage(Part, frozen=True):
    """`relationship` as in SBR02: 18 self, 01 spouse, 19 child; then `subscriber` names the other person."""

    payer: str
    member_id: str
    relationship: str = "18"
    subscriber: str = ""  # LAST, FIRST


class Patient(Part, frozen=True):
    name: str  # LAST, FIRST
    birth_date: date
    sex: str
    coverages: tuple[Coverage, ...] = ()
    flags: tuple[str, ...] = ()
    practice: str = ""


class Line(Part, frozen=True):
    """`code` with its modifiers after dashes, such as 99213-25."""

    code: str
    charge: Decimal
    units: Decimal = Decimal(1)


class Visit(Part, frozen=True):
    """`claims` are the control numbers that its claims will get, by payer sequence: checked when it is charged."""

    patient: str
    date: date
    lines: tuple[Line, ...]
    diagnoses: tuple[str, ...] = ("J069",)
    claims: dict[str, str] = {}
    authorization_overlooked: bool = False  # nobody put the number on the claim, though one is on file


class Authorization(Part, frozen=True):
    patient: str
    payer: str
    number: str
    codes: tuple[str, ...]
    units: Decimal
    start: date
    end: date
    kind: str = "G1"


class PatientPays(Part, frozen=True):
    """`receipt` names the payment for later steps; `hold` leaves it as credit."""

    patient: str
    amount: Decimal
    method: str = "card"
    receipt: str = ""
    visit: str = ""
    hold: bool = False


class Refund(Part, frozen=True):
    """Asked for by one user, approved and issued by another."""

    patient: str
    requested_by: str
    approved_by: str
    amount: Decimal | None = None


class Correct(Part, frozen=True):
    """A new version of a claim. `changes` are fields of the claim; `result` is the control number it must get."""

    claim: str
    result: str
    changes: dict[str, str] = {}
    reason: str = "corrected"


class Resubmit(Part, frozen=True):
    """The same claim again, while the first is still with the payer."""

    claim: str
    result: str
    reason: str


class Override(Part, frozen=True):
    claim: str
    edit: str
    reason: str
    by: str


class Appeal(Part, frozen=True):
    claim: str
    line: int
    carc: str
    level: int = 1
    note: str = ""


class WriteOff(Part, frozen=True):
    """Asked for by one user. `approved_by` decides in the same step, or is left for a later one."""

    visit: str
    line: int
    bucket: str
    amount: Decimal
    reason: str
    requested_by: str
    approved_by: str = ""


class ApproveWriteOff(Part, frozen=True):
    visit: str
    line: int
    approved_by: str


class ToPatient(Part, frozen=True):
    visit: str
    bucket: str
    reason: str


class Plan(Part, frozen=True):
    patient: str
    total: Decimal
    instalment: Decimal
    instalments: int
    starts_on: date


class BadDebt(Part, frozen=True):
    patient: str
    final_notice_sent: bool = False


class Agency(Part, frozen=True):
    patient: str
    gross: Decimal
    fee_share: Decimal | None = None


class Capitation(Part, frozen=True):
    """Members times rate against what the named payment (its trace number) brought as capitation."""

    members: int
    rate: Decimal
    trace: str


class Deposit(Part, frozen=True):
    trace: str
    payer: str
    amount: Decimal
    date: date
    kind: str = "EFT"


class Step(Part, frozen=True):
    """One thing that happens, on a day, and what must be true after it. At most one verb; none only lets time pass."""

    title: str = ""
    on: date | None = None
    charge: str | None = None
    submit: bool | None = None
    receive: tuple[str, ...] | None = None
    patient_pays: PatientPays | None = None
    apply_credit: str | None = None
    settle: str | None = None
    refund: Refund | None = None
    correct: Correct | None = None
    resubmit: Resubmit | None = None
    override: Override | None = None
    appeal: Appeal | None = None
    write_off: WriteOff | None = None
    approve_write_off: ApproveWriteOff | None = None
    transfer_to_patient: ToPatient | None = None
    plan: Plan | None = None
    review_plan: str | None = None
    returned_payment: str | None = None
    bad_debt: BadDebt | None = None
    agency: Agency | None = None
    capitation: Capitation | None = None
    deposit: Deposit | None = None
    statements: bool | None = None
    refused: str = ""
    expect: dict[str, Any] = {}

    def verb(self) -> tuple[str, Any] | None:
        """The one verb of the step with what it is given."""
        given = [(name, getattr(self, name)) for name in VERBS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ScenarioFault(f"a step has one verb, this one has {' and '.join(name for name, _ in given)}")
        return given[0] if given else None


NOT_VERBS = ("title", "on", "refused", "expect")
VERBS = tuple(name for name in Step.__struct_fields__ if name not in NOT_VERBS)


class Scenario(Part, frozen=True):
    """A whole file. `base` names another file whose practices, payers and users come first."""

    title: str
    today: date
    steps: tuple[Step, ...]
    base: str = ""
    about: str = ""
    practices: dict[str, Practice] = {}
    payers: dict[str, Payer] = {}
    users: dict[str, str] = {}
    patients: dict[str, Patient] = {}
    visits: dict[str, Visit] = {}
    authorizations: dict[str, Authorization] = {}


def load(path: Path) -> Scenario:
    """The scenario of a YAML file. Raises ScenarioFault with the place of the first thing that is wrong."""
    content = _read(path)
    base = content.get("base")
    if base:
        for section, rows in _read(path.parent / str(base)).items():
            own = content.get(section, {})
            if not isinstance(rows, dict) or not isinstance(own, dict):
                raise ScenarioFault(f"{base}: a base file has only sections of named things, {section} is none")
            content[section] = {**rows, **own}
    try:
        scenario = msgspec.convert(content, Scenario, strict=False)
    except msgspec.ValidationError as error:
        raise ScenarioFault(f"{path.name}: {error}") from None
    _check_names(path, scenario)
    return scenario


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise ScenarioFault(f"{path.name}: {error.strerror or 'cannot be read'}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place is not None else ""
        raise ScenarioFault(f"{path.name}{where}: this is no YAML text") from None
    if not isinstance(content, dict):
        raise ScenarioFault(f"{path.name}: a scenario is a mapping with title, today and steps")
    return content


def _check_names(path: Path, scenario: Scenario) -> None:
    """Whatever is named is there."""

    def known(kind: str, name: str, names: dict[str, Any], where: str) -> None:
        if name not in names:
            raise ScenarioFault(f"{path.name}: {where} names {kind} {name}, which is not in the file")

    if not scenario.practices:
        raise ScenarioFault(f"{path.name}: there is no practice; add one, or a base file with one")
    for key, patient in scenario.patients.items():
        for coverage in patient.coverages:
            known("payer", coverage.payer, scenario.payers, f"patient {key}")
        if patient.practice:
            known("practice", patient.practice, scenario.practices, f"patient {key}")
    for key, visit in scenario.visits.items():
        known("patient", visit.patient, scenario.patients, f"visit {key}")
    for number, step in enumerate(scenario.steps, 1):
        step.verb()
        for name in step.receive or ():
            if not (path.parent / name).is_file():
                raise ScenarioFault(f"{path.name}: step {number} receives {name}, which is not beside it")
