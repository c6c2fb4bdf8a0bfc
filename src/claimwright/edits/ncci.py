"""NCCI: which services of a patient's day the payer sets against each other, and what comes of it.

The pairs, limits and add-on codes are outside tables (`facts`); here stands how they are applied. Sources: NCCI Policy
Manual for Medicare Services, chapter 1; CMS change request 11168 (59 and X modifiers on either code); 100-04 chapter 23,
20.9. A claim's lines are judged together with the lines of the patient's earlier claims to the same payer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from claimwright.claims.nouns import Claim, Line
from claimwright.codes.modifiers import modifier_group
from claimwright.codes.procedure_pairs import PairEdit
from claimwright.codes.unit_limits import UnitLimit
from claimwright.edits.facts import Facts, PriorClaim, PriorLine
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.shapes import Unanswered
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import SENT_STATES, VOID

NEVER, WITH_MODIFIER = "0", "1"  # modifier indicators; 9 does not apply
EACH_LINE, DAY_ABSOLUTE, DAY_CLINICAL = 1, 2, 3  # MUE adjudication indicators
LISTED_PRIMARIES = 1  # add-on type

DISTINCT = frozenset(("59", "XE", "XS", "XP", "XU"))
DISTINCT_ON_EITHER_CODE = date(2019, 7, 1)  # CMS change request 11168
HOSPITAL_ONLY = frozenset(("27",))  # several visits to outpatient clinics on one day
SIDES = frozenset(("LT", "RT"))
BILATERAL = "50"
MINUTES = "MJ"
ONE = Decimal(1)

# Types of bill whose claims go through these edits: outpatient, and therapy of other facilities. 100-04 chapter 23, 20.9.
PAIRED_BILLS = frozenset(("12", "13", "14", "22", "23", "34", "74", "75", "76"))
LIMITED_BILLS = frozenset(("13", "14", "85"))
# Earlier claims in these states no longer ask for the service.
WITHDRAWN_STATES = frozenset(("REPLACED", "REVERSED", "VOID_PENDING"))
COUNTED_STATES = SENT_STATES - WITHDRAWN_STATES
# Another physician of the group may have billed the first hour: 100-04 chapter 12, 30.6.12(I).
PRIMARY_BY_ANY_PROVIDER = frozenset(("99292",))

VISITS = (CodeRange(first="99202", last="99499"), CodeRange(first="92002", last="92014"))
LABORATORY = CodeRange(first="80047", last="89398")


class Service(msgspec.Struct, frozen=True):
    """One line, of the claim (`path`) or of an earlier one (no path). `where` tells the biller which line it is."""

    index: int  # among the claim's lines; below zero for a line of an earlier claim
    number: int  # as the biller sees it
    claim: str  # control number of the earlier claim
    code: str
    modifiers: tuple[str, ...]
    units: Decimal  # as counted: minutes of anesthesia are one service
    first: date
    last: date
    provider: str
    specialty: str

    @property
    def path(self) -> str:
        return f"lines[{self.index}]" if self.index >= 0 else ""

    @property
    def where(self) -> str:
        return f"line {self.number}" if self.index >= 0 else f"claim {self.claim}"

    def meets(self, other: Service) -> bool:
        """Done by one provider, or by one specialty of one group, on one day."""
        same = self.provider == other.provider or (self.specialty != "" and self.specialty == other.specialty)
        return same and self.first <= other.last and other.first <= self.last

    def units_a_day(self) -> Decimal:
        """A span's units over its days, to the nearest whole number: NCCI Policy Manual chapter 1, V."""
        if self.first == self.last:
            return self.units
        return (self.units / ((self.last - self.first).days + 1)).quantize(ONE, ROUND_HALF_UP)


class Services:
    """The claim's own lines and the earlier ones of their days, to be asked first by code, day and units alone.

    `asked` are the claim's dated lines with a code, by index; `days` their first days; `codes` all codes, own and
    earlier; `repeated` those on several lines. What stands on the lines is gathered when something may be found.
    """

    __slots__ = ("_claim", "_own", "asked", "codes", "days", "earlier", "repeated")

    def __init__(self, claim: Claim, asked: Sequence[tuple[int, Line, date]], earlier: tuple[Service, ...]) -> None:
        self._claim, self.asked, self.earlier = claim, asked, earlier
        self._own: tuple[Service, ...] | None = None
        self.days = tuple(sorted({on for _, _, on in asked}))
        codes = [line.procedure_code for _, line, _ in asked]
        codes += [service.code for service in earlier]
        self.codes = tuple(dict.fromkeys(codes))
        self.repeated: frozenset[str] = frozenset()
        if len(self.codes) < len(codes):
            self.repeated = frozenset(code for code in self.codes if codes.count(code) > 1)

    @property
    def own(self) -> tuple[Service, ...]:
        """In the order of `asked`."""
        if self._own is None:
            self._own = tuple(_own(self._claim, index, line, on) for index, line, on in self.asked)
        return self._own


class Conflict(msgspec.Struct, frozen=True):
    """Two services of a pair in force and not lifted by a modifier. At least one of them is on the claim."""

    pair: PairEdit
    one: Service
    two: Service
    on: date

    @property
    def path(self) -> str:
        """The column 2 line, which would be denied; the column 1 line where that is on an earlier claim."""
        return self.two.path or self.one.path


class Excess(msgspec.Struct, frozen=True):
    """More units than the limit: on a line, or on a day over the lines `where`."""

    limit: UnitLimit
    path: str
    units: Decimal
    on: date
    where: str
    both_sides: bool = False


@once_with_facts
def services(claim: Claim, facts: Facts) -> Services:
    """The claim's dated lines with a code, and the earlier lines of the patient that touch one of their days."""
    asked: list[tuple[int, Line, date]] = []
    if claim.frequency != VOID and claim.kind != "D":
        for index, line in enumerate(claim.lines):
            if line.date_from is not None and line.procedure_code:
                asked.append((index, line, line.date_from))
    earlier: tuple[Service, ...] = ()
    if asked and facts.prior_claims:
        first, last = min([on for _, _, on in asked]), max([line.date_to or on for _, line, on in asked])
        earlier = tuple(_earlier(claim, facts, first, last))
    return Services(claim, asked, earlier)


def _own(claim: Claim, index: int, line: Line, on: date) -> Service:
    billing = claim.billing_provider
    provider = billing if claim.kind == "I" else line.rendering or claim.rendering or billing
    return Service(
        index,
        line.number,
        "",
        line.procedure_code,
        line.modifiers,
        _counted(line),
        on,
        line.date_to or on,
        provider.npi,
        provider.taxonomy,
    )


def _counted(line: Line) -> Decimal:
    return ONE if line.unit_basis == MINUTES else line.units


def _earlier(claim: Claim, facts: Facts, first: date, last: date) -> Iterator[Service]:
    """Earlier lines that touch one of the days from `first` to `last`."""
    for prior in _standing(claim, facts):
        for line in prior.lines:
            through = line.date_to or line.date_from
            if line.date_from <= last and first <= through and line.procedure_code:
                yield _earlier_service(claim, facts, prior, line, through)


def _standing(claim: Claim, facts: Facts) -> Iterator[PriorClaim]:
    """Other claims of the patient that this payer holds, of a chain of versions the latest."""
    newest: dict[str, int] = {}
    found = []
    for prior in facts.prior_claims or ():
        if prior.payer_id != claim.coverage.payer.payer_id or prior.state not in COUNTED_STATES:
            continue
        if (facts.chain and prior.chain == facts.chain) or prior.control_number == claim.control_number:
            continue
        if facts.patient_key and prior.patient_key and prior.patient_key != facts.patient_key:
            continue
        if prior.kind and prior.kind != claim.kind:
            continue  # the professional and the facility side have tables of their own
        if prior.billing_npi and prior.billing_npi != claim.billing_provider.npi:
            continue
        found.append(prior)
        if prior.chain:
            newest[prior.chain] = max(prior.version, newest.get(prior.chain, 0))
    yield from (prior for prior in found if not prior.chain or prior.version == newest[prior.chain])


def _earlier_service(claim: Claim, facts: Facts, prior: PriorClaim, line: PriorLine, through: date) -> Service:
    provider = claim.billing_provider.npi if claim.kind == "I" else line.rendering_npi
    known = facts.registry.get(provider) if facts.registry else None
    return Service(
        -1,
        0,
        prior.control_number,
        line.procedure_code,
        line.modifiers,
        line.units,
        line.date_from,
        through,
        provider,
        known.taxonomy if known else "",
    )


def _of_bill(claim: Claim, bills: frozenset[str]) -> bool:
    """Whether the edits apply to this kind of bill: any professional claim, and these of the institutional ones."""
    if claim.institutional is None or not claim.institutional.facility_type:
        return True
    return claim.institutional.facility_type in bills


# Pairs ---------------------------------------------------------------------------------------------------------------


@once_with_facts
def conflicts(claim: Claim, facts: Facts) -> tuple[Conflict | Unanswered, ...]:
    """Every pair in force among the services that no modifier lifts, once for each column 2 service.

    Needs `facts.procedure_pairs`. A day the table does not speak for, on which two services could meet, is Unanswered.
    """
    return tuple(_find_conflicts(claim, facts))


def _find_conflicts(claim: Claim, facts: Facts) -> Iterator[Conflict | Unanswered]:
    table = facts.procedure_pairs
    held = services(claim, facts)
    if table is None or len(held.codes) < 2 or not _of_bill(claim, PAIRED_BILLS):
        return
    named: set[tuple[str, str]] = set()
    for day in held.days:
        if table.covers(day):
            named.update(table.among(held.codes, day))
        elif (service := _meeting_on(day, held)) is not None:
            yield Unanswered(service.path, f"the procedure pairs do not cover {day}")
    if not named:
        return
    by_code: dict[str, list[Service]] = {}
    for service in (*held.own, *held.earlier):
        by_code.setdefault(service.code, []).append(service)
    for column1, column2 in sorted(named):
        for two in by_code[column2]:
            for one in by_code[column1]:
                found = _conflict(claim, facts, one, two)
                if found is not None:
                    yield found
                    break


def _meeting_on(day: date, held: Services) -> Service | None:
    """A service of that day that has another with it."""
    for service in held.own:
        if service.first == day:
            for other in (*held.own, *held.earlier):
                if other.code != service.code and service.meets(other):
                    return service
    return None


def _conflict(claim: Claim, facts: Facts, one: Service, two: Service) -> Conflict | None:
    if facts.procedure_pairs is None or (one.index < 0 and two.index < 0) or not one.meets(two):
        return None
    on = max(one.first, two.first)
    pair = facts.procedure_pairs.find(one.code, two.code, on) if facts.procedure_pairs.covers(on) else None
    if pair is None or pair.indicator not in (NEVER, WITH_MODIFIER):
        return None
    if pair.indicator == WITH_MODIFIER and is_lifted(one.modifiers, two.modifiers, on, claim.kind):
        return None
    return Conflict(pair, one, two, on)


def is_lifted(column1: Sequence[str], column2: Sequence[str], on: date, kind: str = "P") -> bool:
    """Whether modifiers lift a pair of indicator 1: one of NCCI's on column 2; 59 and X on either since July 2019."""
    allowed = modifier_group("ncci")
    if any(one in allowed and (kind == "I" or one not in HOSPITAL_ONLY) for one in column2):
        return True
    return on >= DISTINCT_ON_EITHER_CODE and not DISTINCT.isdisjoint(column1)


def why_not_lifted(conflict: Conflict) -> str:
    """What is missing on the lines of a pair of indicator 1."""
    astray = [one for one in conflict.one.modifiers if one in modifier_group("ncci")]
    if astray:
        return f"{' '.join(astray)} stands on {conflict.one.code}, and it counts on {conflict.two.code}"
    return f"no NCCI modifier on {conflict.two.code}"


def modifiers_to_document(column2: str) -> str:
    """Which modifiers may be documented for a column 2 code. None is ever added by us: the note must say it first."""
    if any(codes.holds(column2) for codes in VISITS):
        return "25 (a separate visit), 57 (it decided on major surgery) or 24 (unrelated, in a global period)"
    if LABORATORY.holds(column2):
        return "91 (repeated test), 59 or XE, XP, XS, XU (distinct)"
    return "XE, XP, XS, XU or 59 (distinct), the side or site (LT, RT, E1-E4, FA-F9, TA-T9), 58, 78 or 79 (surgery)"


# Limits --------------------------------------------------------------------------------------------------------------


@once_with_facts
def excesses(claim: Claim, facts: Facts) -> tuple[Excess | Unanswered, ...]:
    """Where units are above their limit: for MAI 1 on a line, for MAI 2 and 3 on a day over all lines of the provider.

    Needs `facts.unit_limits`. A day that the table does not speak for is Unanswered, once.
    """
    return tuple(_find_excesses(claim, facts)) if _of_bill(claim, LIMITED_BILLS) else ()


def _find_excesses(claim: Claim, facts: Facts) -> Iterator[Excess | Unanswered]:
    table = facts.unit_limits
    held = services(claim, facts)
    if table is None:
        return
    uncovered = [day for day in held.days if not table.covers(day)]
    for day in uncovered:
        yield _uncovered(held, day, "unit limits")
    told: set[tuple[str, str, date]] = set()
    for place, (_, line, on) in enumerate(held.asked):
        limit = table.limit(line.procedure_code, on)
        if limit is None or on in uncovered:
            continue
        if limit.indicator == EACH_LINE or line.procedure_code not in held.repeated:
            if _counted(line) <= limit.units:
                continue
        service = held.own[place]
        if limit.indicator == EACH_LINE:
            units = service.units_a_day()
            if units > limit.units:
                yield Excess(limit, service.path, units, on, service.where)
        elif (service.code, service.provider, on) not in told:
            told.add((service.code, service.provider, on))
            found = _over_the_day(service, limit, held, facts)
            if found is not None:
                yield found


def _uncovered(held: Services, day: date, table: str) -> Unanswered:
    """Told at the first line of a day that a table does not speak for."""
    path = next(service.path for service in held.own if service.first == day)
    return Unanswered(path, f"the {table} do not cover {day}")


def _over_the_day(service: Service, limit: UnitLimit, held: Services, facts: Facts) -> Excess | None:
    """The day's units of the code by this provider, when they are above the limit; told at the last line of the claim."""
    on = service.first
    same = [
        other
        for other in (*held.own, *held.earlier)
        if other.code == service.code and other.provider == service.provider and other.first <= on <= other.last
    ]
    if sum((other.units_a_day() for other in same), Decimal(0)) <= limit.units:
        return None
    units = _as_payer_counts(same, facts)
    if units <= limit.units:
        return None
    own = [other for other in same if other.index >= 0]
    sides = SIDES.issubset({modifier for other in same for modifier in other.modifiers})
    return Excess(limit, own[-1].path, units, on, _in_words(same), sides)


def _as_payer_counts(same: Sequence[Service], facts: Facts) -> Decimal:
    """Units as Medicare's way of billing both sides has them: one line, modifier 50, one unit.

    A payer that wants two units, or a line for each side, is compared by what its lines would be in that way.
    """
    way = facts.payer.bilateral_format if facts.payer is not None else "one_line"
    total, left, right = Decimal(0), Decimal(0), Decimal(0)
    for service in same:
        units = service.units_a_day()
        if way == "two_units" and BILATERAL in service.modifiers:
            total += (units / 2).quantize(ONE, ROUND_HALF_UP)
        elif way == "two_lines" and "LT" in service.modifiers:
            left += units
        elif way == "two_lines" and "RT" in service.modifiers:
            right += units
        else:
            total += units
    return total + max(left, right)


def _in_words(same: Sequence[Service]) -> str:
    return ", ".join(dict.fromkeys(service.where for service in same))


# Add-on codes --------------------------------------------------------------------------------------------------------


class LoneAddOn(msgspec.Struct, frozen=True):
    path: str
    code: str
    on: date
    wanted: str


def lone_add_ons(claim: Claim, facts: Facts) -> Iterator[LoneAddOn | Unanswered]:
    """Add-on codes without a primary of the same provider and day.

    Type 1: none of the listed primaries is there. Types 2 and 3, whose primaries the payer knows better than the list:
    only where the provider has no other service than add-on codes that day, since no payer takes those alone.
    """
    table = facts.add_ons
    held = services(claim, facts)
    if table is None or not _of_bill(claim, PAIRED_BILLS):
        return
    uncovered = [day for day in held.days if not table.covers(day)]
    for day in uncovered:
        yield _uncovered(held, day, "add-on codes")
    for place, (_, line, on) in enumerate(held.asked):
        add_on = table.add_on(line.procedure_code, on)
        if add_on is None or on in uncovered:
            continue
        service = held.own[place]
        anyone = service.code in PRIMARY_BY_ANY_PROVIDER
        beside = {
            other.code
            for other in (*held.own, *held.earlier)
            if other.code != service.code and (service.meets(other) or (anyone and other.first <= on <= other.last))
        }
        if add_on.primaries & beside:
            continue
        if add_on.kind == LISTED_PRIMARIES:
            yield LoneAddOn(service.path, service.code, on, _some(add_on.primaries))
        elif all(table.add_on(code, on) is not None for code in beside):
            yield LoneAddOn(service.path, service.code, on, _some(add_on.primaries) or "a primary that the payer takes")


def _some(codes: frozenset[str], most: int = 5) -> str:
    ordered = sorted(codes)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more


def plain(units: Decimal) -> str:
    """Units without trailing zeros or exponent."""
    text = f"{units:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
