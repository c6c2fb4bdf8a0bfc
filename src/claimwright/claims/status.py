"""Claim status: what is asked of a payer about claims sent (276), and what it answers (277, X212)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ClaimStatus, Noun
from claimwright.claims.parties import CoveredPerson, Party, Period, Procedure, Reference, reference_of

# First letter or letters of a status category (STC01-1), as the code list groups them.
ACKNOWLEDGED, PENDING, FINAL, REQUESTS, ERRORS = "A", "P", "F", "R", "E"
PAID, DENIED, REVISED, FORWARDED = "F1", "F2", "F3", "F4"


class LineInquiry(Noun, frozen=True):
    """One SVC of a 276: a service line asked about."""

    procedure: Procedure | None = None  # SVC01
    charge: Decimal | None = None  # SVC02
    revenue_code: str = ""  # SVC04
    units: Decimal | None = None  # SVC07
    control_number: str = ""  # REF*FJ: our line control number
    dates: Period | None = None  # DTP*472


class ClaimInquiry(Noun, frozen=True):
    """One claim asked about: a TRN with the parties above it. The patient is the dependent where there is one."""

    payer: Party = Party()
    receiver: Party = Party()  # 41: who asks
    providers: tuple[Party, ...] = ()  # 1P, at most two
    subscriber: CoveredPerson = CoveredPerson()
    dependent: CoveredPerson | None = None
    trace_number: str = ""  # TRN02: comes back in the answer
    references: tuple[Reference, ...] = ()  # 1K payer claim number, EJ patient control number, BLT bill type ...
    charge: Decimal | None = None  # AMT*T3
    dates: Period | None = None  # DTP*472
    lines: tuple[LineInquiry, ...] = ()

    @property
    def patient(self) -> CoveredPerson:
        return self.dependent or self.subscriber

    @property
    def payer_claim_number(self) -> str:
        return reference_of(self.references, "1K")

    @property
    def patient_control_number(self) -> str:
        """CLM01 of the claim."""
        return reference_of(self.references, "EJ")


class StatusInquiry(Noun, frozen=True):
    """One 276 transaction (ST..SE)."""

    transaction_control_number: str = ""  # ST02
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    claims: tuple[ClaimInquiry, ...] = ()


class StatusCode(ClaimStatus, frozen=True):
    """One status composite. With `code_list` RX the code is a pharmacy reject code and no claim status code."""

    code_list: str = ""  # STC01-4


class StatusStatement(Noun, frozen=True):
    """One STC: up to three codes, and the money and days they speak of."""

    codes: tuple[StatusCode, ...] = ()  # STC01, STC10, STC11
    effective_date: date | None = None  # STC02
    action: str = ""  # STC03, of payers who send the 277CA's: WQ accepted, U rejected
    charge: Decimal | None = None  # STC04
    paid: Decimal | None = None  # STC05
    finalized_date: date | None = None  # STC06: adjudication finished
    payment_date: date | None = None  # STC08: of the check or transfer
    payment_trace: str = ""  # STC09: number of the check or transfer
    message: str = ""  # STC12


class LineStatus(Noun, frozen=True):
    """One SVC of a 277 with its STCs. `segment` is the SVC's ordinal within its ST."""

    procedure: Procedure | None = None  # SVC01
    charge: Decimal | None = None  # SVC02
    paid: Decimal | None = None  # SVC03
    revenue_code: str = ""  # SVC04
    units: Decimal | None = None  # SVC07
    statuses: tuple[StatusStatement, ...] = ()
    control_number: str = ""  # REF*FJ
    dates: Period | None = None  # DTP*472
    segment: int = 0


class StatusReport(Noun, frozen=True):
    """One TRN of a 277 with its STCs: of a claim, or of all that a receiver or provider asked.

    `level` is claim, receiver or provider; of the last two there is no patient. `segment` is the TRN's ordinal.
    """

    level: str = "claim"
    payer: Party = Party()
    receiver: Party = Party()
    providers: tuple[Party, ...] = ()
    subscriber: CoveredPerson | None = None
    dependent: CoveredPerson | None = None
    trace_number: str = ""  # TRN02: that of the question
    statuses: tuple[StatusStatement, ...] = ()
    references: tuple[Reference, ...] = ()  # 1K, EJ, BLT, XZ prescription, VV voucher, D9 clearinghouse trace
    dates: Period | None = None  # DTP*472
    lines: tuple[LineStatus, ...] = ()
    segment: int = 0

    @property
    def patient(self) -> CoveredPerson | None:
        return self.dependent or self.subscriber

    @property
    def payer_claim_number(self) -> str:
        return reference_of(self.references, "1K")

    @property
    def patient_control_number(self) -> str:
        return reference_of(self.references, "EJ")

    @property
    def categories(self) -> tuple[str, ...]:
        """The status categories stated, in order: F1 paid, F2 denied, P1 in process ..."""
        return tuple(code.category for statement in self.statuses for code in statement.codes)

    @property
    def is_final(self) -> bool:
        """Whether every category stated is one of finished adjudication."""
        return bool(self.categories) and all(category.startswith(FINAL) for category in self.categories)

    @property
    def is_pending(self) -> bool:
        return any(category.startswith(PENDING) for category in self.categories)

    @property
    def asks_for_more(self) -> bool:
        """Whether the payer waits for information."""
        return any(category.startswith(REQUESTS) for category in self.categories)

    @property
    def is_error(self) -> bool:
        """Whether the question was not answered: the payer's system failed, or the question did."""
        return any(category.startswith(ERRORS) or category == "D0" for category in self.categories)


class StatusResponse(Noun, frozen=True):
    """One 277 (X212) transaction (ST..SE)."""

    transaction_control_number: str = ""  # ST02
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    reports: tuple[StatusReport, ...] = ()

    @property
    def claims(self) -> tuple[StatusReport, ...]:
        return tuple(report for report in self.reports if report.level == "claim")
