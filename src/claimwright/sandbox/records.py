"""What the sandbox remembers of a claim it was sent and of what a payer decided on it. Its own nouns, on purpose."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO


class Cut(msgspec.Struct, frozen=True):
    """One adjustment: group, reason (CARC) and amount."""

    group: str
    reason: str
    amount: Decimal


class PriorLine(msgspec.Struct, frozen=True, kw_only=True):
    """2430: what an earlier payer decided on one line."""

    payer_id: str
    paid: Decimal
    cuts: tuple[Cut, ...] = ()


class PriorPayer(msgspec.Struct, frozen=True, kw_only=True):
    """2320/2330: another payer of the claim; `paid` is None where AMT*D is absent (it has not adjudicated)."""

    sequence: str = ""
    filing_indicator: str = ""
    payer_id: str = ""
    name: str = ""
    member_id: str = ""
    paid: Decimal | None = None
    cuts: tuple[Cut, ...] = ()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    last: str = ""
    first: str = ""
    middle: str = ""
    birth_date: str = ""
    sex: str = ""
    member_id: str = ""
    is_organization: bool = False


class Biller(msgspec.Struct, frozen=True, kw_only=True):
    """2010AA: the billing provider as sent, who becomes the payee."""

    npi: str = ""
    tax_id: str = ""
    name: str = ""
    first: str = ""
    is_organization: bool = True
    street: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""

    @property
    def key(self) -> str:
        return f"{self.npi}|{self.tax_id}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    qualifier: str = "HC"
    code: str = ""
    modifiers: tuple[str, ...] = ()
    charge: Decimal = ZERO
    units: Decimal = Decimal(1)
    date_from: date | None = None
    date_to: date | None = None
    control_number: str = ""
    authorization: str = ""
    referral: str = ""
    rendering_npi: str = ""
    priors: tuple[PriorLine, ...] = ()

    @property
    def procedure(self) -> tuple[str, ...]:
        return (self.qualifier, self.code, *self.modifiers)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One CLM as sent."""

    control_number: str
    charge: Decimal = ZERO
    place_of_service: str = ""
    frequency: str = "1"
    sequence: str = "P"
    filing_indicator: str = ""
    payer_id: str = ""
    subscriber: Person = Person()
    patient: Person = Person()
    biller: Biller = Biller()
    rendering: Person = Person()  # member_id holds the NPI
    original_reference: str = ""
    authorization: str = ""
    referral: str = ""
    diagnoses: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    priors: tuple[PriorPayer, ...] = ()
    batch: str = ""  # BHT03
    submitter_name: str = ""
    submitter_id: str = ""
    sender: str = ""  # ISA06: where answers go

    @property
    def first_date(self) -> date | None:
        return min((line.date_from for line in self.lines if line.date_from), default=None)

    @property
    def last_date(self) -> date | None:
        return max((line.date_to or line.date_from for line in self.lines if line.date_from), default=None)


class LineResult(msgspec.Struct, frozen=True, kw_only=True):
    """A payer's decision on one line: charge - cuts = paid."""

    line: Line
    paid: Decimal = ZERO
    allowed: Decimal | None = None
    cuts: tuple[Cut, ...] = ()
    remarks: tuple[str, ...] = ()
    denied: bool = False


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A payer's decision on a claim."""

    status: str
    lines: tuple[LineResult, ...]
    remarks: tuple[str, ...] = ()  # MOA
    deductible: Decimal = ZERO
    forwarded_to: str = ""  # payer id of the plan

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def patient_responsibility(self) -> Decimal:
        return sum((cut.amount for line in self.lines for cut in line.cuts if cut.group == "PR"), ZERO)


class Record(msgspec.Struct, kw_only=True):
    """One claim at one payer, from the clearinghouse's acceptance to its last decision."""

    key: int
    payer: str
    claim: Claim
    chain: str
    received: date
    arrives: date
    member_id: str
    pay_on: date | None = None
    icn: str = ""
    former_icns: list[str] = []  # before the payer reprocessed it; a replacement may name any
    state: str = "forwarded"  # forwarded, refused, accepted, adjudicated, reversed
    result: Result | None = None
    crossover_from: int = 0
    replaces: int = 0
    slow_days: int = 0
    unprocessable: bool = False
    paid_on: date | None = None  # of the remittance that told the last decision
    trace: str = ""  # its check or transfer number
