"""An authorization's units: reserved at scheduling, used when the claim goes out, released on void or denial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import Noun

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


class AuthorizationRefused(ValueError):
    """A movement the authorization does not allow; the message says why."""


def units(authorization: Authorization, entries: Iterable[UnitEntry]) -> Units:
    """The standing of an authorization: the fold of its entries, each key once."""
    reserved: dict[str, Decimal] = {}
    used: dict[str, Decimal] = {}
    for entry in {entry.key: entry for entry in entries}.values():
        held = reserved.get(entry.subject, NONE)
        spent = used.get(entry.subject, NONE)
        match entry.movement:
            case Movement.RESERVE:
                reserved[entry.subject] = held + entry.units
            case Movement.USE:
                reserved[entry.subject] = max(NONE, held - entry.units)
                used[entry.subject] = spent + entry.units
            case Movement.RELEASE:
                reserved[entry.subject] = max(NONE, held - entry.units)
            case Movement.RETURN:
                used[entry.subject] = max(NONE, spent - entry.units)
    return Units(approved=authorization.units, reserved=sum(reserved.values(), NONE), used=sum(used.values(), NONE))


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
    written = list(entries)
    if quantity <= 0:
        raise AuthorizationRefused("units are above zero")
    own = [entry for entry in written if entry.subject == subject]
    standing, mine = units(authorization, written), units(authorization, own)
    wanted = quantity - (mine.reserved if movement is Movement.USE else NONE)
    if movement in (Movement.RESERVE, Movement.USE) and wanted > standing.unused and not override_reason:
        raise AuthorizationRefused(f"{wanted} units wanted, {standing.unused} left")
    if movement is Movement.RELEASE and quantity > mine.reserved:
        raise AuthorizationRefused("more released than reserved")
    if movement is Movement.RETURN and quantity > mine.used:
        raise AuthorizationRefused("more returned than used")
    return UnitEntry(movement=movement, units=quantity, subject=subject, key=key)
