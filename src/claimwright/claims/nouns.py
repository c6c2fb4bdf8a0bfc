"""The nouns of billing, frozen. They check structure only: no constructor raises on what an edit must find.

Codes are kept as they came, without the dot for ICD-10-CM; the code types of `claimwright.codes` say whether a value
is valid on a date. Money is Decimal with two places, units Decimal with up to three. Dates are calendar dates.
Names follow domain.md sections 1 to 7; wire positions stand beside fields where that helps.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from claimwright.claims.acknowledgements import AcknowledgedLine as AcknowledgedLine
from claimwright.claims.acknowledgements import ClaimAcknowledgement as ClaimAcknowledgement
from claimwright.claims.acknowledgements import ClaimAcknowledgementReport as ClaimAcknowledgementReport
from claimwright.claims.acknowledgements import ClaimStatus as ClaimStatus
from claimwright.claims.acknowledgements import GroupAcknowledgement as GroupAcknowledgement
from claimwright.claims.acknowledgements import InterchangeAcknowledgement as InterchangeAcknowledgement
from claimwright.claims.acknowledgements import SyntaxError999 as SyntaxError999
from claimwright.claims.acknowledgements import TransactionAcknowledgement as TransactionAcknowledgement
from claimwright.claims.basis import ZERO as ZERO
from claimwright.claims.basis import Address as Address
from claimwright.claims.basis import Adjustment as Adjustment
from claimwright.claims.basis import ConditionIndicator as ConditionIndicator
from claimwright.claims.basis import Contract as Contract
from claimwright.claims.basis import Diagnosis as Diagnosis
from claimwright.claims.basis import Drug as Drug
from claimwright.claims.basis import LineAdjudication as LineAdjudication
from claimwright.claims.basis import Note as Note
from claimwright.claims.basis import Noun as Noun
from claimwright.claims.basis import OtherPayerProvider as OtherPayerProvider
from claimwright.claims.basis import Patient as Patient
from claimwright.claims.basis import PayerReference as PayerReference
from claimwright.claims.basis import Person as Person
from claimwright.claims.basis import Provider as Provider
from claimwright.claims.basis import Repricing as Repricing
from claimwright.claims.dental import Dental, DentalLine
from claimwright.claims.institutional import (
    InpatientAdjudication,
    Institutional,
    InstitutionalLine,
    OutpatientAdjudication,
)
from claimwright.claims.professional import Professional, ProfessionalLine


class Payer(Noun, frozen=True):
    payer_id: str = ""  # NM109 in the 837, as routed
    name: str = ""
    id_qualifier: str = "PI"
    filing_indicator: str = ""  # SBR09 / CLP06
    address: Address = Address()
    secondary_ids: tuple[tuple[str, str], ...] = ()


class Coverage(Noun, frozen=True):
    """One payer's cover of the patient on a date of service."""

    sequence: str = "P"  # SBR01: P, S, T, A-H, U
    payer: Payer = Payer()
    member_id: str = ""
    group_number: str = ""
    group_name: str = ""
    relationship: str = "18"  # SBR02 / PAT01
    subscriber: Person = Person()
    subscriber_is_organization: bool = False
    insurance_type: str = ""  # SBR05, the MSP type
    start: date | None = None
    end: date | None = None
    accepts_assignment: str = "A"  # CLM07
    benefits_assigned: str = "Y"  # CLM08 / OI03
    release_of_information: str = "Y"  # CLM09 / OI06
    property_claim_number: str = ""  # REF*Y4
    subscriber_ids: tuple[tuple[str, str], ...] = ()  # (REF01, REF02) of 2010BA or 2330A: SY
    patient_ids: tuple[tuple[str, str], ...] = ()  # of 2010CA: 1W, SY, property and casualty

    def in_force(self, on: date) -> bool:
        """Whether the cover runs on `on`: start inclusive, end exclusive, open where not given."""
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class PriorPayment(Noun, frozen=True):
    """What one prior payer decided on the claim: loops 2320, 2330A and after."""

    coverage: Coverage = Coverage()
    paid_amount: Decimal = ZERO  # AMT*D
    adjustments: tuple[Adjustment, ...] = ()  # claim level only
    remaining_liability: Decimal | None = None  # AMT*EAF
    non_covered_amount: Decimal | None = None  # AMT*A8
    adjudication_date: date | None = None  # 2330B DTP*573, when not on the lines
    payer_claim_number: str = ""  # 2330B REF*F8
    remarks: tuple[str, ...] = ()  # MOA RARCs
    inpatient: InpatientAdjudication | None = None  # MIA
    outpatient: OutpatientAdjudication | None = None  # MOA amounts
    prior_authorization: str = ""  # 2330B REF*G1
    referral: str = ""  # 2330B REF*9F
    predetermination_number: str = ""  # 2330B REF*G3, dental claims only
    is_adjustment: bool = False  # 2330B REF*T4 Y: the payer's decision changes an earlier one
    providers: tuple[OtherPayerProvider, ...] = ()
    patient_signature: str = ""  # OI04
    adjudicated: bool = True  # False: other cover is known, nothing decided yet


class AttachmentReference(Noun, frozen=True):
    """One PWK of a claim: that a report exists, how it is sent, and the number by which it is found."""

    report_type: str = ""
    transmission: str = ""
    control_number: str = ""


class Line(Noun, frozen=True):
    """One service line, loop 2400. `control_number` is the charge line's id for ever (REF*6R, at most 30)."""

    number: int = 1
    control_number: str = ""
    procedure_code: str = ""
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    charge: Decimal = ZERO
    unit_basis: str = "UN"  # UN, MJ minutes, DA days
    units: Decimal = Decimal(1)
    place_of_service: str = ""  # SV105, only when it differs from the claim's
    diagnosis_pointers: tuple[int, ...] = ()  # 1-12
    emergency: bool = False
    date_from: date | None = None
    date_to: date | None = None
    drug: Drug | None = None
    rendering: Provider | None = None
    ordering: Provider | None = None
    referring: Provider | None = None
    supervising: Provider | None = None
    prior_authorization: str = ""
    referral: str = ""
    clia: str = ""
    note: str = ""
    obligated_amount: Decimal | None = None  # CN1*09: obligated to accept as payment in full
    adjudications: tuple[LineAdjudication, ...] = ()
    revenue_code: str = ""  # SV201
    non_covered_amount: Decimal | None = None  # SV207
    note_code: str = "ADD"
    third_party_note: str = ""  # NTE*TPO
    attachments: tuple[AttachmentReference, ...] = ()
    contract: Contract | None = None
    repricing: Repricing | None = None
    sales_tax: Decimal | None = None  # AMT*T
    file_information: tuple[str, ...] = ()  # K3
    other_references: tuple[PayerReference, ...] = ()
    facility: Provider | None = None  # 2420C; dental 2420D
    professional: ProfessionalLine | None = None
    institutional: InstitutionalLine | None = None
    dental: DentalLine | None = None


class Claim(Noun, frozen=True):
    """An immutable version of a claim to one payer: what is sent is exactly this.

    `kind` P is a professional claim, I an institutional, D a dental one; what only that kind tells stands in
    `professional`, `institutional` or `dental`.

    `coverage` is the destination payer's; `prior_payments` the other payers' in payment order. `control_number` is
    CLM01, unique per claim version. `payer_claim_number` is REF*F8 of a replacement or void.
    """

    control_number: str = ""
    version: int = 1
    kind: str = "P"  # P, I, D
    frequency: str = "1"  # CLM05-3
    transaction_type: str = "CH"  # BHT06: CH chargeable, RP reporting, 31 subrogation
    patient: Patient = Patient()
    coverage: Coverage = Coverage()
    prior_payments: tuple[PriorPayment, ...] = ()
    billing_provider: Provider = Provider()
    pay_to_address: Address | None = None
    rendering: Provider | None = None
    referring: Provider | None = None
    supervising: Provider | None = None
    facility: Provider | None = None
    place_of_service: str = ""
    total_charge: Decimal = ZERO  # CLM02
    diagnoses: tuple[Diagnosis, ...] = ()
    lines: tuple[Line, ...] = ()
    provider_signature: str = "Y"  # CLM06
    patient_signature: str = ""  # CLM10
    causes: tuple[str, ...] = ()  # CLM11-1..3: AA, EM, OA
    accident_state: str = ""  # CLM11-4
    accident_date: date | None = None  # 439
    onset_date: date | None = None  # 431
    initial_treatment_date: date | None = None  # 454
    last_seen_date: date | None = None  # 304
    last_menstrual_period: date | None = None  # 484
    admission_date: date | None = None  # 435
    discharge_date: date | None = None  # 096
    delay_reason: str = ""  # CLM20
    patient_paid: Decimal | None = None  # AMT*F5
    obligated_amount: Decimal | None = None  # CN1*09: obligated to accept as payment in full
    prior_authorization: str = ""  # REF*G1
    referral: str = ""  # REF*9F
    payer_claim_number: str = ""  # REF*F8
    clia: str = ""  # REF*X4
    clearinghouse_trace: str = ""  # REF*D9
    attachments: tuple[AttachmentReference, ...] = ()
    note: str = ""
    note_code: str = "ADD"
    further_notes: tuple[Note, ...] = ()
    file_information: tuple[str, ...] = ()  # K3
    currency: str = ""  # CUR02, blank for dollars
    pay_to_plan: Payer | None = None  # 2010AC, of a plan that asks another for its money
    accident_country: str = ""  # CLM11-5
    special_program: str = ""  # CLM12
    contract: Contract | None = None  # CN1 other than a plain 09
    repricing: Repricing | None = None
    service_exception: str = ""  # REF*4N: why there is no authorization
    device_exemptions: tuple[str, ...] = ()  # REF*LX: investigational device exemptions
    demonstration: str = ""  # REF*P4
    condition_codes: tuple[str, ...] = ()  # HI*BG
    condition_indicators: tuple[ConditionIndicator, ...] = ()  # CRC: vision, homebound, EPSDT
    professional: Professional | None = None
    institutional: Institutional | None = None
    dental: Dental | None = None

    @property
    def type_of_bill(self) -> str:
        """The four digits of the UB-04: 0, facility type, frequency; blank for other kinds."""
        return f"0{self.institutional.facility_type}{self.frequency}" if self.institutional else ""

    @property
    def date_of_service(self) -> date | None:
        """The earliest line's from-date: it drives every look-up for the claim as a whole.

        An institutional claim is of its statement's days, whatever days its lines have. Dental lines without dates
        leave it to the claim's own.
        """
        if self.institutional is not None and self.institutional.statement_from is not None:
            return self.institutional.statement_from
        dates = [line.date_from for line in self.lines if line.date_from]
        if dates:
            return min(dates)
        return self.dental.service_from if self.dental is not None else None

    @property
    def date_through(self) -> date | None:
        if self.institutional is not None and self.institutional.statement_through is not None:
            return self.institutional.statement_through
        dates = [line.date_to or line.date_from for line in self.lines if line.date_to or line.date_from]
        if dates:
            return max(d for d in dates if d)
        return (self.dental.service_through or self.dental.service_from) if self.dental is not None else None


class Encounter(Noun, frozen=True):
    """A visit as an intake delivered it, before it becomes a claim. Codes may still be unmapped."""

    external_id: str = ""  # system|identifier|version: the key of idempotent intake
    source: str = ""  # fhir, csv, 837p
    patient: Patient = Patient()
    coverages: tuple[Coverage, ...] = ()
    billing_npi: str = ""
    location: str = ""
    rendering: Provider | None = None
    referring: Provider | None = None
    supervising: Provider | None = None
    facility: Provider | None = None
    place_of_service: str = ""
    date_from: date | None = None
    date_to: date | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    lines: tuple[Line, ...] = ()
    prior_authorization: str = ""
    referral: str = ""
    causes: tuple[str, ...] = ()
    accident_state: str = ""
    accident_date: date | None = None
    onset_date: date | None = None
    admission_date: date | None = None
    discharge_date: date | None = None
    note: str = ""
    kind: str = "P"  # P, I, D: the claim it becomes
    institutional: Institutional | None = None
    dental: Dental | None = None
    condition_codes: tuple[str, ...] = ()
    original_dates: tuple[date, ...] = ()  # where an interface shifted dates: the first and last as they came
    days_shifted: int = 0


class IntakeProblem(Noun, frozen=True):
    """Something an intake could not take or map: lands on a worklist with place, reason and what to do."""

    code: str = ""  # UNMAPPED_CODE, BAD_ROW, UNKNOWN_PAYER ...
    place: str = ""  # file, row or resource id, field: no patient value
    message: str = ""
    fix: str = ""
    system: str = ""  # for UNMAPPED_CODE: the code system
    value: str = ""  # for UNMAPPED_CODE: the code
    encounter: str = ""  # external id of the encounter it belongs to, if any
    blocks: bool = True


class IntakeResult(Noun, frozen=True):
    encounters: tuple[Encounter, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()


T = TypeVar("T", bound=Noun)


# Remittance: the 835 ------------------------------------------------------------------------------------------------


class RemittanceLine(Noun, frozen=True):
    """One SVC with its CAS, DTM, REF, AMT and LQ. `segment` is the SVC's ordinal within its ST."""

    procedure_code: str = ""
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    original_procedure_code: str = ""  # SVC06
    original_modifiers: tuple[str, ...] = ()
    charge: Decimal = ZERO
    paid: Decimal = ZERO
    units_paid: Decimal | None = None  # SVC05
    units_billed: Decimal | None = None  # SVC07
    date_from: date | None = None
    date_to: date | None = None
    control_number: str = ""  # REF*6R
    allowed: Decimal | None = None  # AMT*B6
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()  # LQ*HE
    segment: int = 0


class ClaimPayment(Noun, frozen=True):
    """One CLP loop. `segment` is the CLP's ordinal within its ST."""

    control_number: str = ""  # CLP01
    status: str = ""  # CLP02
    charge: Decimal = ZERO
    paid: Decimal = ZERO
    patient_responsibility: Decimal | None = None  # CLP05
    filing_indicator: str = ""  # CLP06
    payer_claim_number: str = ""  # CLP07
    facility_code: str = ""  # CLP08
    frequency: str = ""  # CLP09
    patient: Person = Person()
    patient_id: str = ""  # NM1*QC 09
    subscriber_id: str = ""  # NM1*IL 09
    corrected_insured: Person | None = None  # NM1*74
    corrected_member_id: str = ""
    rendering_npi: str = ""
    forwarded_to: Payer | None = None  # NM1*TT
    priority_payer: Payer | None = None  # NM1*PR
    original_reference: str = ""  # REF*F8
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()  # MOA / MIA
    lines: tuple[RemittanceLine, ...] = ()
    date_from: date | None = None  # DTM*232
    date_to: date | None = None
    received_date: date | None = None  # DTM*050
    allowed: Decimal | None = None  # AMT*AU
    interest: Decimal | None = None  # AMT*I, informational
    segment: int = 0


class ProviderAdjustment(Noun, frozen=True):
    """One PLB pair. Negative increases, positive reduces the payment."""

    code: str = ""  # PLB03-1
    reference: str = ""  # PLB03-2
    amount: Decimal = ZERO
    provider_id: str = ""  # PLB01
    fiscal_period_end: date | None = None
    segment: int = 0


class Remittance(Noun, frozen=True):
    """One 835 transaction (ST..SE): one payment."""

    transaction_control_number: str = ""  # ST02
    handling: str = ""  # BPR01
    amount: Decimal = ZERO  # BPR02
    credit_debit: str = "C"  # BPR03
    method: str = ""  # BPR04: ACH CHK NON FWT BOP
    payment_date: date | None = None  # BPR16
    trace_number: str = ""  # TRN02
    trace_payer_id: str = ""  # TRN03
    currency: str = "USD"  # CUR02
    production_date: date | None = None  # DTM*405
    payer: Payer = Payer()
    payee_name: str = ""
    payee_npi: str = ""
    payee_tax_id: str = ""
    claims: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    fingerprint: str = ""  # sha256 of ST..SE without control numbers and blanks


def to_json(noun: Noun) -> bytes:
    """JSON with sorted keys and decimals as text."""
    return msgspec.json.encode(noun, order="sorted")


def from_json(kind: type[T], data: bytes | str) -> T:
    return msgspec.json.decode(data, type=kind)
