"""What only an institutional claim tells (837I, UB-04): the stay, its codes, and a prior payer's MIA."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.basis import ZERO, Diagnosis, Noun, Provider

# Value codes of the UB-04 manual that count days, not dollars.
COVERED_DAYS, NON_COVERED_DAYS, COINSURANCE_DAYS, LIFETIME_RESERVE_DAYS = "80", "81", "82", "83"


class IcdProcedure(Noun, frozen=True):
    """An ICD procedure with its day. Qualifier BBR principal, BBQ other; BR, BQ for ICD-9; CAH advanced billing."""

    code: str = ""  # no dot
    qualifier: str = ""
    performed: date | None = None


class Occurrence(Noun, frozen=True):
    """An event with its day: HI*BH, UB-04 31-34."""

    code: str = ""
    on: date | None = None


class OccurrenceSpan(Noun, frozen=True):
    """An event with its first and last day: HI*BI, UB-04 35-36."""

    code: str = ""
    start: date | None = None
    end: date | None = None


class ValueAmount(Noun, frozen=True):
    """A value code and its amount: HI*BE, UB-04 39-41. Dollars, or days, units, hours where the code says so."""

    code: str = ""
    amount: Decimal = ZERO


class InpatientAdjudication(Noun, frozen=True):
    """A MIA: how a prior payer reached its payment of a stay. Days and dollars as the element says; None = not given."""

    covered_days: Decimal | None = None  # MIA01
    lifetime_psychiatric_days: Decimal | None = None  # MIA03
    drg_amount: Decimal | None = None  # MIA04
    disproportionate_share_amount: Decimal | None = None  # MIA06
    msp_pass_through_amount: Decimal | None = None  # MIA07
    pps_capital_amount: Decimal | None = None  # MIA08
    capital_federal_amount: Decimal | None = None  # MIA09
    capital_hospital_amount: Decimal | None = None  # MIA10
    capital_disproportionate_share_amount: Decimal | None = None  # MIA11
    old_capital_amount: Decimal | None = None  # MIA12
    capital_teaching_amount: Decimal | None = None  # MIA13
    operating_hospital_amount: Decimal | None = None  # MIA14
    cost_report_days: Decimal | None = None  # MIA15
    operating_federal_amount: Decimal | None = None  # MIA16
    capital_outlier_amount: Decimal | None = None  # MIA17
    teaching_amount: Decimal | None = None  # MIA18
    professional_component_amount: Decimal | None = None  # MIA19, billed and not payable
    capital_exception_amount: Decimal | None = None  # MIA24
    remarks: tuple[str, ...] = ()  # MIA05, MIA20-23


class OutpatientAdjudication(Noun, frozen=True):
    """A MOA without its remarks: rate and amounts of a prior payer for outpatient care; None = not given."""

    reimbursement_rate: Decimal | None = None  # MOA01, a fraction: 0.8 = 80 %
    payable_amount: Decimal | None = None  # MOA02
    end_stage_renal_amount: Decimal | None = None  # MOA08
    professional_component_amount: Decimal | None = None  # MOA09, billed and not payable


class Institutional(Noun, frozen=True):
    """The institutional part of a claim. Times are HHMM as on the wire; the admission's day is the claim's own."""

    facility_type: str = ""  # CLM05-1: the second and third digit of the type of bill
    statement_from: date | None = None  # DTP*434
    statement_through: date | None = None
    admission_time: str = ""  # DTP*435 DT
    discharge_time: str = ""  # DTP*096
    admission_type: str = ""  # CL101
    admission_source: str = ""  # CL102
    patient_status: str = ""  # CL103
    drg: str = ""  # HI*DR
    admitting_diagnosis: Diagnosis | None = None  # HI*ABJ
    visit_reasons: tuple[Diagnosis, ...] = ()  # HI*APR, at most 3
    external_causes: tuple[Diagnosis, ...] = ()  # HI*ABN, at most 12
    principal_procedure: IcdProcedure | None = None  # HI*BBR
    other_procedures: tuple[IcdProcedure, ...] = ()  # HI*BBQ, at most 24
    occurrences: tuple[Occurrence, ...] = ()
    occurrence_spans: tuple[OccurrenceSpan, ...] = ()
    values: tuple[ValueAmount, ...] = ()
    treatment_codes: tuple[str, ...] = ()  # HI*TC
    estimated_amount_due: Decimal | None = None  # AMT*F3, by the patient
    peer_review_authorization: str = ""  # REF*G4
    attending: Provider | None = None  # 2310A
    operating: Provider | None = None  # 2310B
    other_operating: Provider | None = None  # 2310C

    def value(self, code: str) -> Decimal | None:
        """The amount of the first value code of that kind."""
        return next((item.amount for item in self.values if item.code == code), None)

    @property
    def covered_days(self) -> Decimal | None:
        return self.value(COVERED_DAYS)

    @property
    def non_covered_days(self) -> Decimal | None:
        return self.value(NON_COVERED_DAYS)


class InstitutionalLine(Noun, frozen=True):
    """What is rare on an institutional line; revenue code and non-covered amount stand on the line itself."""

    rate: Decimal | None = None  # SV206, read from 4010; 5010 has no place for it
    service_tax: Decimal | None = None  # AMT*GT
    facility_tax: Decimal | None = None  # AMT*N8
    operating: Provider | None = None  # 2420A
    other_operating: Provider | None = None  # 2420B
