"""What one payer asks of a claim, as data: the edits read these rows and know no payer by name.

Every value is the payer's own rule and belongs with a source; `sources` names them. `payers/` holds examples.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from claimwright.codes.dates import Period


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the rows of a profile."""


class FilingLimit(Row, frozen=True):
    """How long a claim may take, and from which day it runs.

    `runs_from` is service_from, service_through, prior_payer (its adjudication) or original (its adjudication).
    """

    period: Period
    runs_from: str = "service_from"


class TimelyFiling(Row, frozen=True):
    original: FilingLimit | None = None
    corrected: FilingLimit | None = None
    secondary: FilingLimit | None = None
    warning_days: int = 14


class AppealLevel(Row, frozen=True):
    """One level of a payer's appeals, in order. `period` runs from receipt of the decision before; `response` is its own time.

    Methods are mail, fax, portal, electronic; `send_to` holds the lines of the address, fax number or portal it wants.
    """

    name: str
    period: Period
    presumed_receipt_days: int = 0  # a decision counts as received so many days after its date
    response: Period | None = None
    minimum_amount: Decimal | None = None  # that must be in dispute
    escalates: bool = False  # no answer in time opens the next level
    external: bool = False
    method: str = "mail"
    send_to: tuple[str, ...] = ()
    source: str = ""


class CodeRange(Row, frozen=True):
    """Procedure codes `first` to `last`, both included; with `modifiers`, only lines that carry one of them."""

    first: str
    last: str = ""
    modifiers: tuple[str, ...] = ()

    def holds(self, code: str, modifiers: tuple[str, ...] = ()) -> bool:
        if len(code) != len(self.first) or not self.first <= code <= (self.last or self.first):
            return False
        return not self.modifiers or not set(self.modifiers).isdisjoint(modifiers)


class DateRule(Row, frozen=True):
    """Codes whose claim must carry a date. `field` is a field of Claim: onset_date, last_seen_date ..."""

    codes: CodeRange
    field: str
    source: str = ""


class AuthorizationRule(Row, frozen=True):
    """Services that need the payer's word before they are done. Every condition given must hold; none given holds.

    `kind` is authorization (REF*G1) or referral (REF*9F). Specialties are taxonomy codes or their first characters.
    `emergency_exempt`: no prior authorization may be asked for emergency services (45 CFR 149.110(b)(1)).
    """

    kind: str = "authorization"
    codes: tuple[CodeRange, ...] = ()  # none: any service
    places: tuple[str, ...] = ()
    except_places: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()  # of the rendering provider
    except_specialties: tuple[str, ...] = ()  # primary care, where a referral is asked for
    groups: tuple[str, ...] = ()  # group numbers of the plans that ask
    filing_indicators: tuple[str, ...] = ()  # HM: its HMO plans only
    bill_types: tuple[str, ...] = ()  # first digits of the type of bill after the 0: 11 inpatient
    when_secondary: bool = False  # asked also when another payer is primary
    emergency_exempt: bool = True
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class AcceptedCode(Row, frozen=True):
    """Codes a payer does not take, and what it takes in their place, in words or as a code."""

    codes: CodeRange
    instead: str
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class TelehealthPair(Row, frozen=True):
    """One way a payer takes telehealth: the place of service, and the modifiers of which the line must have one.

    No `modifiers`: none is asked. `refused` modifiers may not be on the line; `codes` limits the pair to some services.
    """

    place: str
    modifiers: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    codes: tuple[CodeRange, ...] = ()
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class ReferringRule(Row, frozen=True):
    """Services whose claim must name who referred the patient. Every condition given must hold; none given holds.

    Specialties are taxonomy codes of the rendering provider, or their first characters.
    """

    codes: tuple[CodeRange, ...] = ()  # none: any service
    except_places: tuple[str, ...] = ()
    except_specialties: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # group numbers of the plans that ask
    filing_indicators: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class SpecialtyRule(Row, frozen=True):
    """Services that the payer takes from some specialties only: taxonomy codes or their first characters."""

    codes: CodeRange
    specialties: tuple[str, ...]
    source: str = ""


class PayerProfile(Row, frozen=True):
    """The rules of one payer (or of one of its lines of business)."""

    payer_id: str
    name: str = ""
    kind: str = "commercial"  # medicare, medicaid, commercial, tricare, workers_compensation, auto: for people to read
    filing_indicators: tuple[str, ...] = ()
    member_id_pattern: str = ""  # regular expression the whole id must match; blank: any
    requires_taxonomy: bool = False
    requires_person_rendering: bool = False
    requires_enrolment: bool = False
    electronic: bool = True
    frequency_codes: tuple[str, ...] = ("1", "7", "8")
    patient_is_subscriber: bool = False  # no dependents: everyone has their own id
    pays_last: bool = False
    pays_after_employer_plan: bool = False
    insurance_type_when_secondary: bool = False
    obligated_amount_when_secondary: bool = False
    patient_paid_may_split_payment: bool = False
    covers_injuries_of_others: bool = False  # a liability, auto or workers compensation carrier
    span_limit: str = ""  # month, year: the calendar period a span may not cross
    span_scope: str = "claim"  # claim, line
    daily_codes: tuple[CodeRange, ...] = ()  # a range of days is allowed, units = days
    single_day_codes: tuple[CodeRange, ...] = ()  # one day on each line
    date_rules: tuple[DateRule, ...] = ()
    timely_filing: TimelyFiling | None = None
    appeal_days: int | None = None  # first level, from receipt of the decision
    presumed_receipt_days: int = 0  # the decision counts as received so many days after its date
    appeal_levels: tuple[AppealLevel, ...] = ()  # none: those of the law for its kind of payer
    identifier_basis: str = "service"  # service, receipt: which day the NPI and TIN must be in force
    eligibility_days: int = 30
    newborn_days: int | None = None  # how long a newborn may be billed under the mother's id
    newborn_naming: str = ""  # how it wants a child without a name called: a rule of billing.registration
    crossover_wait_days: int = 30
    authorization_rules: tuple[AuthorizationRule, ...] = ()
    authorization_number_pattern: str = ""  # regular expression the whole number must match; blank: any
    referral_number_pattern: str = ""
    unpaid_statuses: tuple[str, ...] = ()  # status codes of the Medicare fee schedule that this payer never pays
    accepted_codes: tuple[AcceptedCode, ...] = ()
    bilateral_format: str = "one_line"  # one_line: 50, 1 unit; two_units: 50, 2 units; two_lines: RT and LT
    prefers_x_modifiers: bool = False  # XE XP XS XU before 59
    refuses_modifier_51: bool = False
    telehealth: tuple[TelehealthPair, ...] = ()  # none: its rule is not known
    requires_clia: bool = False
    requires_therapy_modifiers: bool = False
    vaccine_billing: str = "both"  # both: product and administration; either: the payer takes one alone
    ncci_program: str | None = None  # whose NCCI tables it follows: medicare, medicaid; blank: none; None: by its kind
    ncci_supplier: bool = False  # a DME contractor: unit limits of suppliers
    referring_rules: tuple[ReferringRule, ...] = ()
    requires_ordering: bool = False  # of suppliers: who ordered laboratory, imaging, equipment
    checks_ordering: bool = False  # who orders and refers must be enrolled and of a specialty that may (PECOS)
    requires_provider_enrolment: bool = False  # every rendering provider, known or not
    supervised_modifiers: tuple[str, ...] = ()  # done under a supervisor whom the payer wants named
    purchased_modifiers: tuple[str, ...] = ()  # bought from another, whom the payer wants named with the price
    specialty_rules: tuple[SpecialtyRule, ...] = ()
    edits_sex: bool = False  # diagnoses against the sex on file; Medicare gave its own edit up
    unspecified_diagnoses: str = (
        "side"  # which ones it is wary of: side (the side alone is missing), all, blank for none
    )
    ndc_required: tuple[CodeRange, ...] = ()
    requires_waste_modifier: bool = False  # JW or JZ on single-dose drugs
    requires_equipment_data: bool = False  # a DME contractor: RR, NU or UE, and the statement of coverage
    one_place: bool = False  # one place of service on a claim
    one_rendering: bool = False  # one rendering provider on a claim
    decision_days: int | None = None  # how long its decision on a request may take, where no law says
    sources: tuple[str, ...] = ()

    @property
    def follows_ncci(self) -> str:
        """The program whose NCCI tables this payer follows, blank for none. Federal payers must: 42 USC 1396b(r)."""
        if self.ncci_program is not None:
            return self.ncci_program
        return self.kind if self.kind in ("medicare", "medicaid") else ""

    def accepts_member_id(self, member_id: str) -> bool:
        return not self.member_id_pattern or bool(_pattern(self.member_id_pattern).fullmatch(member_id))

    def accepts_number(self, kind: str, number: str) -> bool:
        """Whether a referral or authorization number has the payer's form."""
        pattern = self.referral_number_pattern if kind == "referral" else self.authorization_number_pattern
        return not pattern or bool(_pattern(pattern).fullmatch(number))


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
