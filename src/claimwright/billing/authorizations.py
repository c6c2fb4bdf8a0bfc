"""An authorization's units and visits: reserved at scheduling and when a claim is ready, used when it goes out, given back
on void, rejection or denial; and by when a payer owes its decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import Noun
from claimwright.edits.authorizations import plain

NONE = Decimal(0)


class Movement(StrEnum):
    RESERVE = "reserve"
    USE = "use"  # a reservation becomes use; what was not reserved is used directly
    RELEASE = "release"  # a reservation is given back
    RETURN = "return"  # use is given back: the claim was voided, or denied and not to be paid


class Authorization(Noun, frozen=True, kw_only=True):
    """`units` approved for codes and dates, to one provider if named. A number alone proves nothing."""

    number: str
    payer_key: str
    procedure_codes: tuple[str, ...]
    units: Decimal
    start: date
    end: date  # the last day
    provider_npi: str = ""
    diagnosis_codes: tuple[str, ...] = ()
    status: str = "approved"


class UnitEntry(Noun, frozen=True, kw_only=True):
    """One row of the consumption ledger. `subject` is the charge line; `key` makes writing it twice one writing."""

    movement: Movement
    units: Decimal
    subject: str
    key: str


class Units(Noun, frozen=True, kw_only=True):
    approved: Decimal
    reserved: Decimal
    used: Decimal

    @property
    def unused(self) -> Decimal:
        return self.approved - self.reserved - self.used


class Held(Noun, frozen=True, kw_only=True):
    """What one subject has of an authorization."""

    reserved: Decimal = NONE
    used: Decimal = NONE


class AuthorizationRefused(ValueError):
    """A movement the authorization does not allow; the message says why."""


def held_by_subject(entries: Iterable[UnitEntry]) -> dict[str, Held]:
    """The fold of the entries, each key once, by subject."""
    found: dict[str, Held] = {}
    for entry in {entry.key: entry for entry in entries}.values():
        held = found.get(entry.subject, Held())
        reserved, used = held.reserved, held.used
        match entry.movement:
            case Movement.RESERVE:
                reserved += entry.units
            case Movement.USE:
                reserved, used = max(NONE, reserved - entry.units), used + entry.units
            case Movement.RELEASE:
                reserved = max(NONE, reserved - entry.units)
            case Movement.RETURN:
                used = max(NONE, used - entry.units)
        found[entry.subject] = Held(reserved=reserved, used=used)
    return found


def standing(approved: Decimal, entries: Iterable[UnitEntry]) -> Units:
    """What is approved, reserved and used: of the units or of the visits, as the entries are."""
    held = held_by_subject(entries).values()
    return Units(
        approved=approved,
        reserved=sum((one.reserved for one in held), NONE),
        used=sum((one.used for one in held), NONE),
    )


def units(authorization: Authorization, entries: Iterable[UnitEntry]) -> Units:
    """The standing of an authorization: the fold of its entries, each key once."""
    return standing(authorization.units, entries)


def covers(
    authorization: Authorization, *, procedure_code: str, on: date, provider_npi: str = "", payer_key: str = ""
) -> str:
    """Why the authorization does not cover the service, or blank when it does."""
    if authorization.status != "approved":
        return f"it is {authorization.status}"
    if payer_key and payer_key != authorization.payer_key:
        return "it is another payer's"
    if procedure_code not in authorization.procedure_codes:
        return "it is for other procedures"
    if not authorization.start <= on <= authorization.end:
        return "the date of service is outside it"
    if authorization.provider_npi and provider_npi and provider_npi != authorization.provider_npi:
        return "it is for another provider"
    return ""


def move(
    authorization: Authorization, entries: Iterable[UnitEntry], movement: Movement, *, quantity: Decimal, subject: str,
    key: str, override_reason: str = "",
) -> UnitEntry:  # fmt: skip
    """The entry to append. Raises AuthorizationRefused when it would take more than is left, unless overridden."""
    return step(
        authorization.units, entries, movement, quantity=quantity, subject=subject, key=key,
        override_reason=override_reason,
    )  # fmt: skip


def step(
    approved: Decimal | None, entries: Iterable[UnitEntry], movement: Movement, *, quantity: Decimal, subject: str,
    key: str, override_reason: str = "",
) -> UnitEntry:  # fmt: skip
    """One entry over units or visits; `approved` None is without limit. Raises AuthorizationRefused as `move` does."""
    written = list(entries)
    if quantity <= 0:
        raise AuthorizationRefused("units are above zero")
    mine = held_by_subject(written).get(subject, Held())
    wanted = quantity - (mine.reserved if movement is Movement.USE else NONE)
    if movement in (Movement.RESERVE, Movement.USE) and approved is not None and not override_reason:
        left = standing(approved, written).unused
        if wanted > NONE and wanted > left:
            raise AuthorizationRefused(f"{plain(wanted)} units wanted, {plain(left)} left")
    if movement is Movement.RELEASE and quantity > mine.reserved:
        raise AuthorizationRefused("more released than reserved")
    if movement is Movement.RETURN and quantity > mine.used:
        raise AuthorizationRefused("more returned than used")
    return UnitEntry(movement=movement, units=quantity, subject=subject, key=key)


# What the life of a claim asks of its authorization ------------------------------------------------------------------


class Level(IntEnum):
    """How far a claim has gone in an authorization."""

    FREE = 0
    RESERVED = 1
    USED = 2


# A file that was rejected goes again as it is; a claim that was rejected needs a new version, which reserves anew.
# What a replaced version used, its replacement uses: only a line that it left out is given back.
_RESERVED = frozenset((State.READY, State.BATCHED, State.FILE_REJECTED))
_USED = frozenset(
    (
        State.SENT, State.PAPER_SENT, State.FILE_ACCEPTED, State.CH_ACCEPTED, State.PAYER_ACCEPTED, State.PENDED,
        State.TRANSFERRED, State.ADJUDICATED, State.REVERSED, State.VOID_PENDING, State.CLOSED,
    )
)  # fmt: skip


def level_of(state: str, held_from: str = "") -> Level:
    """What a claim version in `state` has of its authorizations. A ready claim that a person holds keeps its place."""
    if state == State.ON_HOLD:
        state = held_from
    if state in _USED:
        return Level.USED
    return Level.RESERVED if state in _RESERVED else Level.FREE


class Wish(Noun, frozen=True, kw_only=True):
    """What one subject shall have of an authorization."""

    quantity: Decimal
    level: Level


class Settlement(Noun, frozen=True, kw_only=True):
    """The entries to append, and by subject what was refused and why."""

    entries: tuple[UnitEntry, ...] = ()
    refused: dict[str, str] = {}


def settle(approved: Decimal | None, entries: Iterable[UnitEntry], wishes: Mapping[str, Wish]) -> Settlement:
    """Brings each subject from what it has to what it shall have; doing it again does nothing.

    What is given back comes first, so that it can be taken by another. Never takes more than is left.
    """
    written = list(entries)
    made: list[UnitEntry] = []
    refused: dict[str, str] = {}

    def append(movement: Movement, quantity: Decimal, subject: str) -> None:
        entry = step(approved, written, movement, quantity=quantity, subject=subject, key=f"{len(written)}:{subject}")
        written.append(entry)
        made.append(entry)

    for subject, wish in wishes.items():
        held = held_by_subject(written).get(subject, Held())
        used, reserved = _shares(wish)
        if held.used > used:
            append(Movement.RETURN, held.used - used, subject)
        # What is about to be used stays reserved until then, so that nobody takes it in between.
        if held.reserved > max(reserved, used - min(held.used, used)):
            append(Movement.RELEASE, held.reserved - max(reserved, used - min(held.used, used)), subject)
    for subject, wish in wishes.items():
        held = held_by_subject(written).get(subject, Held())
        used, reserved = _shares(wish)
        try:
            if held.used < used:
                append(Movement.USE, used - held.used, subject)
            elif held.reserved < reserved:
                append(Movement.RESERVE, reserved - held.reserved, subject)
        except AuthorizationRefused as why:
            refused[subject] = str(why)
    return Settlement(entries=tuple(made), refused=refused)


def _shares(wish: Wish) -> tuple[Decimal, Decimal]:
    """(used, reserved) of what a subject shall have."""
    match wish.level:
        case Level.USED:
            return wish.quantity, NONE
        case Level.RESERVED:
            return NONE, wish.quantity
        case _:
            return NONE, NONE


# When the payer owes a decision --------------------------------------------------------------------------------------


class DecisionLimit(Noun, frozen=True, kw_only=True):
    """How long a payer may take, for requests from `start` to before `end`. Days are calendar days."""

    payer_kinds: frozenset[str]
    start: date
    end: date | None
    standard_days: int
    expedited_hours: int
    source: str


DECISION_LIMITS = (
    DecisionLimit(
        payer_kinds=frozenset(("medicare_advantage", "medicaid", "chip")), start=date(2006, 1, 1),
        end=date(2026, 1, 1), standard_days=14, expedited_hours=72,
        source="42 CFR 422.568(b), 422.572(a), 438.210(d) before CMS-0057-F",
    ),
    DecisionLimit(
        payer_kinds=frozenset(("medicare_advantage", "medicaid", "chip")), start=date(2026, 1, 1), end=None,
        standard_days=7, expedited_hours=72,
        source="CMS-0057-F: 42 CFR 422.568(b)(1), 422.572(a), 438.210(d), 440.230(e), 457.495(d), 457.1230(d)",
    ),
)  # fmt: skip
UNREGULATED_DAYS = 15  # 29 CFR 2560.503-1(f)(2)(iii)(A), where neither a rule above nor the payer's profile says
URGENT_HOURS = 72  # 29 CFR 2560.503-1(f)(2)(i)


def decision_due(
    payer_kind: str, asked_at: datetime, *, expedited: bool = False, payer_days: int | None = None
) -> datetime:
    """By when the payer owes its decision. `payer_days` are the payer's own, used where no law sets fewer."""
    on = asked_at.date()
    for limit in DECISION_LIMITS:
        if payer_kind in limit.payer_kinds and limit.start <= on and (limit.end is None or on < limit.end):
            days = min(limit.standard_days, payer_days or limit.standard_days)
            return asked_at + (timedelta(hours=limit.expedited_hours) if expedited else timedelta(days=days))
    if expedited:
        return asked_at + timedelta(hours=URGENT_HOURS)
    return asked_at + timedelta(days=payer_days or UNREGULATED_DAYS)
