"""A payer's contract as frozen nouns: which rate holds for a code on a date, and the terms that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from claimwright.billing.pricing.anesthesia import AnesthesiaRule
from claimwright.billing.pricing.tables import Locality
from claimwright.codes.dates import OverlapError

# Methods of a rate.
FIXED = "fixed"  # dollars a unit of service; flat for a line in minutes
PER_UNIT = "per_unit"  # dollars for each unit as counted on the line: minutes, days, units
CASE = "case"  # dollars for the whole claim
MEDICARE = "medicare_percent"
CHARGE = "charge_percent"
CAPITATED = "capitated"  # paid by the month, not by the service
CARVED_OUT = "carved_out"  # paid by somebody else: the note says whom to bill
NOT_COVERED = "not_covered"
METHODS = (FIXED, PER_UNIT, CASE, MEDICARE, CHARGE, CAPITATED, CARVED_OUT, NOT_COVERED)
AMOUNT_METHODS = (FIXED, PER_UNIT, CASE)
PERCENT_METHODS = (MEDICARE, CHARGE)

FACILITY, OFFICE = "facility", "office"
EXCESS, ALL = "excess", "all"


class Rate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one code, a range of codes, or everything (`first` blank) is paid.

    `amount` is dollars, `percent` a percent (120 is 120 %). `medicare_on` fixes the day whose Medicare schedule holds
    (a contract on "2024 Medicare"); None takes that of the date of service. `carve_out` keeps the code out of a case
    rate. `first` may be a four-digit revenue code for lines without a procedure.
    """

    first: str = ""
    last: str = ""  # blank: `first` alone
    modifier: str = ""
    place: str = ""  # facility, office or blank for any
    method: str = FIXED
    amount: Decimal | None = None
    percent: Decimal | None = None
    medicare_on: date | None = None
    carve_out: bool = False
    note: str = ""

    def holds_for(self, code: str) -> bool:
        if not self.first:
            return True
        if not self.last:
            return code == self.first
        if len(code) != len(self.first) or (self.first.isdigit() and self.last.isdigit() and not code.isdigit()):
            return False  # 1000F is no code between 10000 and 19999
        return self.first <= code <= self.last

    @property
    def what(self) -> str:
        """The codes it is for, in words."""
        codes = f"{self.first} to {self.last}" if self.last else self.first or "every other code"
        return " ".join(filter(None, (codes, self.modifier, f"({self.place})" if self.place else "")))


class StopLoss(msgspec.Struct, frozen=True, kw_only=True):
    """Above `threshold` dollars of charges the payer pays `percent` of the excess on top, or of all charges instead."""

    threshold: Decimal
    percent: Decimal
    basis: str = EXCESS


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for all rates of a version. Fractions of one; the defaults are those of domain.md section 1.

    `multiple_procedure` is what is paid of the first, second ... procedure by allowed; a procedure beyond the last is
    paid by report; empty turns the reduction off. `factors` are the contract's own fractions by modifier.
    `reduces_charge_percent`: whether modifiers and reductions also act on lines paid as a percent of charge.
    """

    locality: Locality | None = None
    lesser_of_charge: bool = True
    factors: dict[str, Decimal] = {}
    multiple_procedure: tuple[Decimal, ...] = (
        Decimal("1"), Decimal("0.5"), Decimal("0.5"), Decimal("0.5"), Decimal("0.5"),
    )  # fmt: skip
    exempt_codes: tuple[str, ...] = ()
    endoscopy: bool = True
    imaging: bool = True
    therapy: bool = True
    reduces_charge_percent: bool = False
    nonphysician_fraction: bool = True  # nurse practitioners, physician assistants ... as Medicare pays them
    anesthesia: AnesthesiaRule = AnesthesiaRule()
    stop_loss: StopLoss | None = None
    sequestration: bool = False
    qualifying_participant: bool = False
    rural: bool = False
    state: str = ""  # of the equipment fee schedule
    wage_index: Decimal | None = None  # of the facility, for outpatient and surgery centre rates
    appeal_days: int | None = None
    refund_lookback_days: int | None = None


class ContractVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What holds from `start` up to and without `end`."""

    start: date
    end: date | None = None
    label: str = ""
    terms: Terms = Terms()
    rates: tuple[Rate, ...] = ()

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    @property
    def name(self) -> str:
        return self.label or f"from {self.start}"


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement of one payer with one tax id, for one network, in versions by date."""

    payer_id: str
    tax_id: str = ""
    network: str = ""
    name: str = ""
    versions: tuple[ContractVersion, ...] = ()

    def version_on(self, on: date) -> ContractVersion | None:
        """The version in force on the date of service, or None."""
        return next((version for version in self.versions if version.holds(on)), None)


def check_versions(versions: Iterable[ContractVersion]) -> None:
    """Raises OverlapError where two versions hold on one day, ValueError where one ends before it starts."""
    ordered = sorted(versions, key=lambda version: version.start)
    for version in ordered:
        if version.end is not None and version.end <= version.start:
            raise ValueError(f"a version that starts {version.start} must end after that day, not {version.end}")
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.end is None or later.start < earlier.end:
            raise OverlapError(f"two versions hold on {later.start}: end the earlier one on that day")


def medicare_contract(
    locality: Locality, *, payer_id: str = "MEDICARE", qualifying_participant: bool = False, state: str = ""
) -> Contract:
    """Medicare itself as a contract: 100 % of its own schedule, the lesser of charge, every reduction, sequestration."""
    terms = Terms(locality=locality, sequestration=True, qualifying_participant=qualifying_participant, state=state)
    rates = (Rate(method=MEDICARE, percent=Decimal(100)),)
    version = ContractVersion(start=date(2013, 4, 1), label="Medicare", terms=terms, rates=rates)
    return Contract(payer_id=payer_id, name="Medicare", versions=(version,))


# Finding a rate -------------------------------------------------------------------------------------------------------


class RateBook:
    """The rates of one version, by how closely they fit: a code alone, then the narrowest range, then everything.

    Within each, a rate for one of the line's modifiers comes before one for none, one for the place before one for any.
    """

    __slots__ = ("_exact", "_ranges")

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._exact: dict[str, list[Rate]] = {}
        ranges: list[Rate] = []
        for rate in rates:
            if rate.first and not rate.last:
                self._exact.setdefault(rate.first, []).append(rate)
            else:
                ranges.append(rate)
        self._ranges = sorted(ranges, key=_width)

    def find(self, code: str, modifiers: tuple[str, ...], facility: bool) -> Rate | None:
        best = _best(self._exact.get(code, ()), modifiers, facility)
        if best is not None:
            return best
        at = 0
        while at < len(self._ranges):
            width = _width(self._ranges[at])
            group = []
            while at < len(self._ranges) and _width(self._ranges[at]) == width:
                group.append(self._ranges[at])
                at += 1
            if (found := _best([rate for rate in group if rate.holds_for(code)], modifiers, facility)) is not None:
                return found
        return None


def _width(rate: Rate) -> int:
    """How many codes a range may hold, as a number to order by: the letters and digits read in base 36."""
    if not rate.first:
        return 36**6
    return int(rate.last, 36) - int(rate.first, 36)


def _best(rates: Iterable[Rate], modifiers: tuple[str, ...], facility: bool) -> Rate | None:
    place = FACILITY if facility else OFFICE
    order = {modifier: at for at, modifier in enumerate(modifiers)}
    fitting = [rate for rate in rates if rate.place in ("", place) and (not rate.modifier or rate.modifier in order)]
    if not fitting:
        return None
    return min(fitting, key=lambda rate: (order.get(rate.modifier, len(order)), rate.place == ""))


class _Same:
    """A version as a key of the cache below: the same object, not an equal one, so that no rate is ever compared."""

    __slots__ = ("version",)

    def __init__(self, version: ContractVersion) -> None:
        self.version = version

    def __hash__(self) -> int:
        return id(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.version is self.version


@lru_cache(maxsize=64)
def _book(same: _Same) -> RateBook:
    return RateBook(same.version.rates)


def rate_book(version: ContractVersion) -> RateBook:
    """The version's rates for look-up, made once: a contract has thousands and prices many claims."""
    return _book(_Same(version))
