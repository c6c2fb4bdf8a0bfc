"""What one payer asks of a claim, as data: the edits read these rows and know no payer by name.

Every value is the payer's own rule and belongs with a source; `sources` names them. `payers/` holds examples.
"""

from __future__ import annotations

import re
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
    identifier_basis: str = "service"  # service, receipt: which day the NPI and TIN must be in force
    eligibility_days: int = 30
    newborn_days: int | None = None  # how long a newborn may be billed under the mother's id
    crossover_wait_days: int = 30
    sources: tuple[str, ...] = ()

    def accepts_member_id(self, member_id: str) -> bool:
        return not self.member_id_pattern or bool(_pattern(self.member_id_pattern).fullmatch(member_id))


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
