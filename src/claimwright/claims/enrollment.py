"""Enrolment: who is covered, from when, under what; what a sponsor tells an insurer (834, X220A1).

Members stand flat, as in the file: each dependent follows its subscriber and carries the subscriber's number.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Address, Noun
from claimwright.claims.parties import Party, Period, Reference, period_of

# INS03 and HD01
CHANGE, DELETE, ADD, TERMINATE, REINSTATE, AUDIT = "001", "002", "021", "024", "025", "030"
MAILING, EMPLOYER, SCHOOL, CUSTODIAL_PARENT, DROP_OFF = "31", "36", "M8", "S3", "45"
RESPONSIBLE = ("6Y", "9K", "E1", "EI", "EXS", "GB", "GD", "J6", "LR", "QD", "S1", "TZ", "X4")


class EnrollmentTotal(Noun, frozen=True):
    """One QTY: how many the file holds, for the receiver to count against."""

    kind: str = ""  # QTY01: TO all, ET subscribers, DT dependents
    count: Decimal | None = None  # QTY02


class Administrator(Noun, frozen=True):
    """A third-party administrator (TV) or broker (BO) with its account numbers: loops 1000C and 1100C."""

    party: Party = Party()
    account_number: str = ""  # ACT01
    second_account_number: str = ""  # ACT06


class PolicyAmount(Noun, frozen=True):
    """One AMT: P3 premium, C1 copay, D2 deductible, B9 coinsurance, FK other, EBA, R spend down."""

    kind: str = ""
    amount: Decimal = ZERO


class Race(Noun, frozen=True):
    """One composite of DMG05: a race or ethnicity by the old letter, the CDC's code, or both."""

    code: str = ""
    code_list: str = ""  # RET
    list_code: str = ""


class Income(Noun, frozen=True):
    """ICM: what a member earns."""

    frequency: str = ""  # ICM01: 1 weekly, 4 monthly, 7 annual, H hourly ...
    amount: Decimal = ZERO  # ICM02
    hours: Decimal | None = None  # ICM03
    location: str = ""  # ICM04
    salary_grade: str = ""  # ICM05


class Health(Noun, frozen=True):
    """HLH: N none, S substance user, T tobacco, U unknown, X both; height in inches, weight in pounds."""

    code: str = ""
    height: Decimal | None = None
    weight: Decimal | None = None


class Language(Noun, frozen=True):
    """One LUI: 5 reading, 6 writing, 7 speaking, 8 native."""

    qualifier: str = ""  # LUI01: LD NISO, LE ISO 639
    code: str = ""  # LUI02
    description: str = ""  # LUI03
    use: str = ""  # LUI04


class MemberPerson(Party, frozen=True):
    """The member's own name and facts (2100A), or the wrong ones that it corrects (2100B)."""

    birth_date: date | None = None  # DMG02
    sex: str = ""  # DMG03
    marital_status: str = ""  # DMG04
    races: tuple[Race, ...] = ()  # DMG05
    citizenship: str = ""  # DMG06
    collection_code_list: str = ""  # DMG10: REC
    collection_code: str = ""  # DMG11: how race was learned
    employment_classes: tuple[tuple[str, ...], ...] = ()  # EC, one to three codes each
    income: Income | None = None
    amounts: tuple[PolicyAmount, ...] = ()
    health: Health | None = None
    languages: tuple[Language, ...] = ()


class Disability(Noun, frozen=True):
    """DSB: loop 2200."""

    kind: str = ""  # DSB01: 1 short term, 2 long term, 3 permanent or total, 4 none
    code_qualifier: str = ""  # DSB07
    code: str = ""  # DSB08
    dates: tuple[Period, ...] = ()


class IdentificationCard(Noun, frozen=True):
    """IDC: a card to be sent."""

    plan: str = ""  # IDC01
    kind: str = ""  # IDC02: D dental, H health, P prescription
    count: Decimal | None = None  # IDC03
    action: str = ""  # IDC04: 1 add, 2 change, RX replace


class ProviderChange(Noun, frozen=True):
    """PLA: why the member's provider changes."""

    action: str = ""  # PLA01
    entity: str = ""  # PLA02
    effective_date: date | None = None  # PLA03
    reason: str = ""  # PLA05


class MemberProvider(Noun, frozen=True):
    """A provider the member chose: loop 2310."""

    number: str = ""  # LX01
    provider: Party = Party()
    change: ProviderChange | None = None


class OtherCoverage(Noun, frozen=True):
    """COB: other coverage of the member, loop 2320, and its carriers, 2330."""

    sequence: str = ""  # COB01: P primary, S secondary, T tertiary, U unknown
    policy_number: str = ""  # COB02
    coordination: str = ""  # COB03: 1 coordinate, 5 unknown, 6 none
    service_types: tuple[str, ...] = ()  # COB04
    references: tuple[Reference, ...] = ()
    dates: tuple[Period, ...] = ()  # 344 begin, 345 end
    carriers: tuple[Party, ...] = ()


class MemberCoverage(Noun, frozen=True):
    """HD: one coverage of a member, loop 2300."""

    maintenance_type: str = ""  # HD01: 021 add, 024 terminate, 001 change, 030 audit ...
    insurance_line: str = ""  # HD03: HLT, DEN, VIS, HMO, PPO ...
    plan: str = ""  # HD04
    coverage_level: str = ""  # HD05: EMP, FAM, ESP ...
    late_enrollment: str = ""  # HD09: Y, N
    dates: tuple[Period, ...] = ()
    amounts: tuple[PolicyAmount, ...] = ()
    references: tuple[Reference, ...] = ()
    cards: tuple[IdentificationCard, ...] = ()
    providers: tuple[MemberProvider, ...] = ()
    other_coverages: tuple[OtherCoverage, ...] = ()

    @property
    def start(self) -> date | None:
        """The first day: DTP*348, or the begin of a range there."""
        found = period_of(self.dates, "348")
        return found.start if found else None

    @property
    def end(self) -> date | None:
        """The last day: DTP*349, or the end of a range of 348."""
        found, begun = period_of(self.dates, "349"), period_of(self.dates, "348")
        return found.start if found else begun.end if begun else None

    def in_force(self, on: date) -> bool | None:
        """Whether the day lies between `start` and `end`, both inclusive; None where no start is told."""
        if self.start is None:
            return None
        return self.start <= on and (self.end is None or on <= self.end)

    def amount(self, kind: str) -> Decimal | None:
        return next((item.amount for item in self.amounts if item.kind == kind), None)


class ReportingCategory(Noun, frozen=True):
    """One category a state or exchange wants told: loops 2700 and 2750."""

    number: str = ""  # LX01
    name: str = ""  # N102
    reference: Reference | None = None
    date: Period | None = None


class Member(Noun, frozen=True):
    """INS: one member, loop 2000. `segment` is the INS's ordinal within its ST."""

    is_subscriber: bool = False  # INS01
    relationship: str = ""  # INS02: 18 self, 01 spouse, 19 child ...
    maintenance_type: str = ""  # INS03: 021 add, 024 terminate, 001 change, 030 audit ...
    maintenance_reason: str = ""  # INS04
    benefit_status: str = ""  # INS05: A active, C COBRA, S surviving insured, T TEFRA
    medicare_plan: str = ""  # INS06-1: A, B, C, D, E none
    medicare_reason: str = ""  # INS06-2: 0 age, 1 disability, 2 renal disease
    cobra_event: str = ""  # INS07
    employment_status: str = ""  # INS08: FT, PT, RT, TE ...
    student_status: str = ""  # INS09: F, P, N
    handicapped: str = ""  # INS10: Y, N
    death_date: date | None = None  # INS12
    confidentiality: str = ""  # INS13: R restricted, U unrestricted
    birth_sequence: int | None = None  # INS17
    subscriber_id: str = ""  # REF*0F: the subscriber's number, of dependents too
    policy_number: str = ""  # REF*1L
    references: tuple[Reference, ...] = ()  # all others
    dates: tuple[Period, ...] = ()  # 356 eligibility begin, 357 end, 336 hired, 337 left ...
    person: MemberPerson = MemberPerson()  # 2100A
    incorrect: MemberPerson | None = None  # 2100B
    parties: tuple[Party, ...] = ()  # 2100C-H: mailing address, employers, schools, responsible persons
    disabilities: tuple[Disability, ...] = ()
    coverages: tuple[MemberCoverage, ...] = ()
    categories: tuple[ReportingCategory, ...] = ()
    segment: int = 0

    @property
    def mailing_address(self) -> Address | None:
        return next((party.address for party in self.parties if party.role == MAILING), None)

    def parties_of(self, *roles: str) -> tuple[Party, ...]:
        """The parties of those roles: 36 employers, M8 schools, S3 custodial parent, QD responsible party ..."""
        return tuple(party for party in self.parties if party.role in roles)


class Enrollment(Noun, frozen=True):
    """One 834 transaction (ST..SE)."""

    transaction_control_number: str = ""  # ST02
    purpose: str = "00"  # BGN01: 00 original, 15 resubmission, 22 copy
    reference: str = ""  # BGN02
    created: date | None = None  # BGN03
    created_time: str = ""  # BGN04
    time_zone: str = ""  # BGN05
    original_reference: str = ""  # BGN06
    action: str = ""  # BGN08: 2 changes, 4 verify, RX replace all
    references: tuple[Reference, ...] = ()  # 38 master policy number
    dates: tuple[Period, ...] = ()
    totals: tuple[EnrollmentTotal, ...] = ()
    sponsor: Party = Party()  # N1*P5
    payer: Party = Party()  # N1*IN
    administrators: tuple[Administrator, ...] = ()
    other_parties: tuple[Party, ...] = ()  # N1 of other guides: 41 sender, 40 receiver, 62 employer ...
    members: tuple[Member, ...] = ()

    @property
    def subscribers(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.is_subscriber)

    def family(self, subscriber_id: str) -> tuple[Member, ...]:
        """The subscriber and dependents of that number, in file order."""
        return tuple(member for member in self.members if member.subscriber_id == subscriber_id)
