"""Facts: all that an edit may know beside the claim, gathered by the caller. Data only; the edits never ask for more.

A field that is None was never loaded: its edits are not armed. A field named in `expected` should be there: when it is
None all the same, its edits could not run, which is a HOLD and never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from claimwright.claims.nouns import Coverage
from claimwright.codes.add_ons import AddOns
from claimwright.codes.coverage_policies import CoveragePolicies
from claimwright.codes.drugs import Drugs
from claimwright.codes.procedure_pairs import ProcedurePairs
from claimwright.codes.relative_values import RelativeValues
from claimwright.codes.releases import Entry, State
from claimwright.codes.unit_limits import UnitLimits
from claimwright.edits.interchange import Interchange, Partner
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.records import (
    Authorization,
    Document,
    EncounterRecord,
    ExpectedPrice,
    Fact,
    LocalRule,
    LocumPeriod,
    RegistryEntry,
    Stay,
    TherapyUse,
)

VALID, UNKNOWN, NOT_EFFECTIVE, NOT_BILLABLE = State.VALID, State.UNKNOWN, State.NOT_EFFECTIVE, State.NOT_BILLABLE
UNANSWERED_STATES = (State.NOT_COVERED, State.NOT_LOADED)


class CouldNotRun(Exception):
    """The facts an edit was promised are not there. The text names the fact, never a patient value."""


@runtime_checkable
class CodeSets(Protocol):
    """Effective-dated code sets by name. Every question carries a date, the date of service."""

    def loaded(self, name: str) -> bool: ...

    def covers(self, name: str, on: date) -> bool: ...

    def state(self, name: str, code: str, on: date) -> State: ...

    def table(self, name: str, on: date) -> Any:
        """A table that is no list of codes (NCCI, fees) as in force on that day, or None."""
        ...

    def entry(self, name: str, code: str, on: date) -> Entry | None:
        """All that is known of the code as of that day, the same object each time; None where it is not in force."""
        ...

    def attribute(self, name: str, code: str, attribute: str, on: date) -> str:
        """One attribute of the code as of that day, "" where the code or the attribute is not known."""
        ...


class NoCodeSets:
    """Nothing loaded: what an installation without reference data has."""

    def loaded(self, name: str) -> bool:
        return False

    def covers(self, name: str, on: date) -> bool:
        return False

    def state(self, name: str, code: str, on: date) -> State:
        return State.NOT_LOADED

    def entry(self, name: str, code: str, on: date) -> Entry | None:
        return None

    def attribute(self, name: str, code: str, attribute: str, on: date) -> str:
        return ""

    def table(self, name: str, on: date) -> Any:
        return None


class Price(Fact, frozen=True):
    """One row of the practice's charge master, `start` to before `end`."""

    code: str
    modifier: str = ""
    amount: Decimal = Decimal("0.00")
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class PracticeIdentifier(Fact, frozen=True):
    """An NPI or TIN of the practice: `kind` is npi or tin."""

    kind: str
    value: str
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Laboratory(Fact, frozen=True):
    """A CLIA certificate of the practice: waiver, ppm (provider-performed microscopy), compliance, accreditation.

    A blank `kind` is not known.
    """

    number: str
    kind: str = ""
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Practice(Fact, frozen=True):
    """The billing practice: identifiers with dates, and what its billing site is.

    `billing_site_places` are the places of service that are the billing address itself. `bills_as_supplier` is true for
    laboratories, suppliers and ambulances, which bill as an organization without a rendering person.
    """

    identifiers: tuple[PracticeIdentifier, ...] = ()
    billing_site_places: tuple[str, ...] = ("11",)
    bills_as_supplier: bool = False
    laboratories: tuple[Laboratory, ...] = ()


class ProviderRecord(Fact, frozen=True):
    """What the registry says of an NPI: entity type 1 person, 2 organization."""

    npi: str
    entity_type: str


class Enrolment(Fact, frozen=True):
    payer_id: str
    transaction: str = "837"
    npi: str = ""
    tax_id: str = ""
    status: str = "not_started"  # not_started, submitted, approved, termed
    start: date | None = None
    end: date | None = None

    def approved_on(self, on: date) -> bool:
        running = (self.start is None or self.start <= on) and (self.end is None or on < self.end)
        return self.status == "approved" and running


class Route(Fact, frozen=True):
    """The way a claim leaves: the payer ids this clearinghouse knows for the transaction, and whether it is paper."""

    clearinghouse: str = ""
    payer_ids: tuple[str, ...] = ()
    paper: bool = False


class PatientFlags(Fact, frozen=True):
    """What is held of the patient beside the claim's own fields."""

    death_date: date | None = None
    restricts_disclosure: bool = False  # 45 CFR 164.522(a)(1)(vi): paid in full and asked not to tell the plan
    under_mothers_id: bool = False
    balance_billing_ban: str = ""  # QMB, NSA: why the patient may not be billed; blank where she may
    patient_charge: bool = False  # an amount stands open to the patient for this visit


class EligibilitySnapshot(Fact, frozen=True):
    payer_id: str
    checked_on: date
    status: str = "active"  # active, inactive, unknown
    member_id: str = ""
    start: date | None = None
    end: date | None = None
    month: date | None = None  # Medicaid: the answer speaks for this day's calendar month alone


class Contract(Fact, frozen=True):
    payer_id: str
    tax_id: str = ""
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class MedicareSecondary(Fact, frozen=True):
    """The answers of the MSP questionnaire that decide the order of payers."""

    employer_plan_active: bool = False
    reason: str = ""  # 12 working aged, 43 disability, 13 ESRD ... the SBR05 it would lead to
    answered_on: date | None = None


class LiabilityCase(Fact, frozen=True):
    """A workers compensation (WC), auto (AM) or liability (LM) case of the patient."""

    kind: str
    injury_date: date | None = None
    open: bool = True


class PriorAdjudication(Fact, frozen=True):
    """The net latest decision of an earlier payer on this claim, from its 835 or EOB."""

    payer_id: str
    status: str = "1"  # CLP02
    decided_on: date | None = None
    paid_amount: Decimal = Decimal("0.00")
    forwarded_to: str = ""  # payer id of NM1*TT, blank when the 835 does not say
    obligated_amount: Decimal | None = None  # contract amount the practice must accept, when below the charge


class PriorLine(Fact, frozen=True):
    """A line of an earlier claim of the same patient."""

    procedure_code: str
    date_from: date
    date_to: date | None = None
    rendering_npi: str = ""
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    charge: Decimal = Decimal("0.00")
    control_number: str = ""
    revenue_code: str = ""  # of an institutional line
    site: tuple[str, ...] = ()  # teeth and parts of the mouth of a dental line


class PriorClaim(Fact, frozen=True):
    """Another claim version of the patient, with its lifecycle state. `chain` is the same for all versions of a claim.

    `kind` (P, I, D) and `billing_npi` left blank are not known, and then taken as this claim's.
    """

    control_number: str
    payer_id: str
    state: str
    chain: str = ""
    version: int = 1
    kind: str = ""
    billing_npi: str = ""
    patient_key: str = ""
    lines: tuple[PriorLine, ...] = ()


class ControlNumberUse(Fact, frozen=True):
    """A claim version that already carries a control number (CLM01)."""

    control_number: str
    chain: str = ""
    version: int = 1


class OriginalClaim(Fact, frozen=True):
    """The claim version that a replacement or void names."""

    state: str
    lines: tuple[PriorLine, ...] = ()
    adjudicated_on: date | None = None
    payer_claim_number: str = ""


class FilingEvidence(Fact, frozen=True):
    """What speaks for a late claim: the payer's own acceptance in time (277CA A1/A2), or an exception it recognises."""

    payer_accepted_on: date | None = None
    exception: str = ""  # retroactive coverage, payer error, disaster ... in the practice's words


class Facts(Fact, frozen=True):
    """The snapshot an edit run sees. `today` is the caller's date; look-ups go by the date of service."""

    today: date
    code_sets: CodeSets = NoCodeSets()
    payer: PayerProfile | None = None
    practice: Practice | None = None
    providers: tuple[ProviderRecord, ...] | None = None
    charge_master: dict[str, tuple[Price, ...]] | None = None  # by code: charge_master_by_code(rows)
    enrolments: tuple[Enrolment, ...] | None = None
    route: Route | None = None
    patient: PatientFlags | None = None
    patient_key: str = ""
    chain: str = ""  # of this claim
    coverages: tuple[Coverage, ...] | None = None
    eligibility: tuple[EligibilitySnapshot, ...] | None = None
    contracts: tuple[Contract, ...] | None = None
    medicare_secondary: MedicareSecondary | None = None
    cases: tuple[LiabilityCase, ...] | None = None
    prior_adjudications: tuple[PriorAdjudication, ...] | None = None
    prior_claims: tuple[PriorClaim, ...] | None = None
    control_numbers: tuple[ControlNumberUse, ...] | None = None
    original: OriginalClaim | None = None
    filing: FilingEvidence | None = None
    # Reference tables of the claim's payer and setting.
    procedure_pairs: ProcedurePairs | None = None
    unit_limits: UnitLimits | None = None
    add_ons: AddOns | None = None
    coverage_policies: CoveragePolicies | None = None
    drugs: Drugs | None = None  # the NDC-HCPCS crosswalk
    relative_values: RelativeValues | None = None
    # What the practice holds beside the claim.
    authorizations: tuple[Authorization, ...] | None = None  # of the patient, with this payer
    documents: tuple[Document, ...] | None = None
    encounter: EncounterRecord | None = None
    stays: tuple[Stay, ...] | None = None
    registry: dict[str, RegistryEntry] | None = None  # by NPI
    locum_periods: tuple[LocumPeriod, ...] | None = None
    expected_prices: dict[str, ExpectedPrice] | None = None  # by line control number
    therapy_used: tuple[TherapyUse, ...] | None = None
    local_rules: tuple[LocalRule, ...] | None = None
    interchange: Interchange | None = None
    partner: Partner | None = None
    expected: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether a need is met: a field of Facts that is given, or a code set that is loaded."""
        if name in FACT_NAMES:
            return getattr(self, name) is not None
        return self.code_sets.loaded(name)

    def demand(self, name: str) -> bool:
        """Whether a fact that only some claims need is there. Raises CouldNotRun where it is expected and is not."""
        if self.has(name):
            return True
        if name in self.expected:
            raise CouldNotRun(f"{name} should be there and is not")
        return False


def charge_master_by_code(rows: Iterable[Price]) -> dict[str, tuple[Price, ...]]:
    """The practice's charge master as Facts holds it."""
    found: dict[str, list[Price]] = {}
    for row in rows:
        found.setdefault(row.code, []).append(row)
    return {code: tuple(prices) for code, prices in found.items()}


FACT_NAMES = frozenset(Facts.__struct_fields__) - {"code_sets", "today", "expected"}
