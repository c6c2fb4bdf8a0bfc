"""The Medicare physician fee schedule's relative values: what a procedure is worth, and how it may be billed.

Source of the columns: CMS, PPRRVU files of the "PFS Relative Value Files", whose readme defines each indicator.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import ClassVar

from claimwright.codes.fee_tables import FeeRow, FeeTable

ZERO = Decimal(0)

# Status codes (readme, field 4) under which Medicare's own tables hold a price: active, restricted, and injections paid
# only when nothing else is billed. C is priced by the contractor; B and P are paid within another service.
PAYABLE_STATUS = frozenset("ART")
CARRIER_PRICED = "C"


class RelativeValue(FeeRow, frozen=True, kw_only=True):
    """One row of the file: a code alone, or with the modifier 26, TC or 53. Indicators are kept as the file has them.

    RVUs are without unit; `preoperative`, `intraoperative` and `postoperative` are fractions of one (0.10 is 10 %).
    """

    KEY: ClassVar[tuple[str, ...]] = ("code", "modifier")

    code: str
    modifier: str = ""
    status: str = "A"  # A B C D E I J M N P R T X
    work: Decimal = ZERO
    nonfacility_expense: Decimal = ZERO
    facility_expense: Decimal = ZERO
    malpractice: Decimal = ZERO
    nonfacility_na: bool = False  # rarely or never done there
    facility_na: bool = False
    pc_tc: str = "0"  # 0 physician service, 1 diagnostic with both parts, 2 professional only, 3 technical only ...
    global_days: str = "XXX"  # 000 010 090 MMM XXX YYY ZZZ
    preoperative: Decimal = ZERO
    intraoperative: Decimal = ZERO
    postoperative: Decimal = ZERO
    multiple_procedure: str = "0"  # 0 none, 2 standard, 3 endoscopy, 4 imaging, 5 therapy, 6 heart, 7 eye, 9 no concept
    bilateral: str = "0"  # 0 no, 1 150 %, 2 already bilateral, 3 full for each side, 9 no concept
    assistant: str = "0"  # 0 with documents, 1 never, 2 payable, 9 no concept
    co_surgeon: str = "0"  # 0 never, 1 with documents, 2 two specialties, 9 no concept
    team: str = "0"  # 0 never, 1 with documents, 2 payable, 9 no concept
    endoscopy_base: str = ""
    supervision: str = "09"
    calculation_flag: str = "0"
    imaging_family: str = "99"  # 88 is subject to the imaging reduction
    conversion_factor: Decimal = ZERO
    outpatient_nonfacility_expense: Decimal = ZERO  # used for the OPPS cap on imaging
    outpatient_facility_expense: Decimal = ZERO
    outpatient_malpractice: Decimal = ZERO

    @property
    def global_period_days(self) -> int | None:
        """Days after the procedure that its payment includes (0, 10, 90); None where the concept does not apply."""
        return int(self.global_days) if self.global_days.isdigit() else None

    @property
    def is_add_on(self) -> bool:
        """Global ZZZ: always billed with another procedure, whose global period it shares."""
        return self.global_days == "ZZZ"

    @property
    def is_payable(self) -> bool:
        return self.status in PAYABLE_STATUS

    def expense(self, facility: bool) -> Decimal:
        """The practice expense RVU of the setting."""
        return self.facility_expense if facility else self.nonfacility_expense

    def total(self, facility: bool) -> Decimal:
        """The file's total, before any locality."""
        return self.work + self.expense(facility) + self.malpractice


class RelativeValues(FeeTable[RelativeValue]):
    """Relative values by code, modifier and date of service.

    `RelativeValues.of(rows, start=, end=)` makes one in memory; `covers(on)` says whether a release speaks for the day.
    """

    __slots__ = ()
    ROW = RelativeValue

    def row(self, code: str, modifier: str, on: date) -> RelativeValue | None:
        """The row of exactly this code and modifier ("" for the code alone), or None."""
        for edition in self.editions:
            if (edition.start is None or edition.start <= on) and (edition.end is None or on < edition.end):
                return edition.row((code, modifier))
        return None

    def fitting(self, code: str, modifiers: Iterable[str], on: date) -> RelativeValue | None:
        """The row that prices a line: that of its first modifier with a row of its own (26, TC, 53), else the code's."""
        for modifier in modifiers:
            if modifier in ("26", "TC", "53") and (found := self.row(code, modifier, on)) is not None:
                return found
        return self.row(code, "", on)
