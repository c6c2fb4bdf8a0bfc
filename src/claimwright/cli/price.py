"""`claimwright price`: what Medicare allows for a code on a day, with the working. No database, no Django."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.codes import Folder, Json, loaded_code_sets
from claimwright.cli.words import Refused, console, dollars, print_json

if TYPE_CHECKING:
    from claimwright.billing.pricing.tables import Locality, PriceTables
    from claimwright.billing.pricing.words import Priced
    from claimwright.codes.releases import CodeSets


def price(
    code: Annotated[str, typer.Argument(help="A procedure code.", metavar="CODE")],
    on: Annotated[str, typer.Option("--on", help="The date of service, YYYY-MM-DD.", metavar="DATE")],
    carrier: Annotated[str, typer.Option(help="The Medicare carrier, five digits.")] = "",
    locality: Annotated[str, typer.Option(help="The payment locality, two digits.")] = "",
    postal_code: Annotated[
        str, typer.Option("--zip", help="Instead of carrier and locality, where CMS's ZIP file is imported.")
    ] = "",
    modifiers: Annotated[list[str] | None, typer.Option("--modifier", help="May be given again.")] = None,
    place: Annotated[str, typer.Option(help="The place of service; it decides facility or not.")] = "11",
    units: Annotated[str, typer.Option(help="Units of service.")] = "1",
    minutes: Annotated[str, typer.Option(help="Minutes of anesthesia, instead of units.")] = "",
    taxonomy: Annotated[str, typer.Option(help="Of who renders: some professionals are paid a part.")] = "",
    state: Annotated[str, typer.Option(help="Two letters: equipment is priced by state.")] = "",
    qualifying: Annotated[bool, typer.Option(help="Qualifying participant of an advanced payment model.")] = False,
    codes: Folder = None,
    as_json: Json = False,
) -> None:
    """Say what Medicare allows for a code, and show every step of the working.

    Prices come from the fee files imported with `claimwright codes import`; cost indices of 2024 and 2026 are shipped.
    Exit status 1 when there is no price: the reason is told, never zero. Exit status 2 for what cannot be asked.
    """
    from claimwright.billing.pricing.contracts import medicare_contract
    from claimwright.billing.pricing.expected import expected_allowed
    from claimwright.billing.pricing.tables import PriceTables
    from claimwright.claims.nouns import Claim, Line, Provider

    day = _day(on)
    sets = loaded_code_sets(codes)
    told = tuple(modifier.upper() for modifier in modifiers or ())
    _check_codes(sets, place, told, day)
    tables = PriceTables(library=sets)
    where = _locality(carrier, locality, postal_code, day, tables)
    line = Line(
        control_number="1",
        procedure_code=code.upper(),
        modifiers=told,
        units=_number(minutes or units, "--minutes" if minutes else "--units"),
        unit_basis="MJ" if minutes else "UN",
        date_from=day,
    )
    claim = Claim(lines=(line,), place_of_service=place, rendering=Provider(taxonomy=taxonomy))
    contract = medicare_contract(where, qualifying_participant=qualifying, state=state.upper())
    (found,) = expected_allowed(claim, contract, tables).lines
    if as_json:
        print_json({"carrier": where.carrier, "locality": where.number, "place": place, **_document(found)})
    else:
        _print(found)
    if found.allowed is None:
        raise typer.Exit(1)


def _check_codes(sets: CodeSets, place: str, modifiers: tuple[str, ...], day: date) -> None:
    """A mistyped place would be priced as an office, a mistyped modifier as none. Raises Refused."""
    if sets.state("pos", place, day) != "valid":
        raise Refused(f"--place {place} is no place of service on {day}: two digits, such as 11 or 22")
    for modifier in modifiers:
        if sets.state("modifier", modifier, day) != "valid":
            raise Refused(f"--modifier {modifier} is no modifier in force on {day}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("--on is a date such as 2026-10-01") from None


def _number(text: str, option: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise Refused(f"{option} is a number above zero")
    return value


def _locality(carrier: str, number: str, postal_code: str, on: date, tables: PriceTables) -> Locality:
    from claimwright.billing.pricing.tables import Locality

    if carrier and number:
        return Locality(carrier.zfill(5), number.zfill(2))
    if not postal_code:
        raise Refused("give --carrier and --locality, or --zip")
    row = tables.find("postal_localities", (postal_code[:5],), on)
    if row is None:
        raise Refused(f"no ZIP file that holds {postal_code[:5]} on {on} is imported: give --carrier and --locality")
    if row.needs_plus_four:
        raise Refused(f"{postal_code[:5]} lies in more than one locality: give --carrier and --locality")
    return Locality(row.carrier, row.locality)


def _document(found: Priced) -> dict[str, Any]:
    return {
        "code": found.code,
        "modifiers": list(found.modifiers),
        "on": found.on.isoformat() if found.on else "",
        "allowed": None if found.allowed is None else str(found.allowed),
        "reason": found.reason,
        "working": [
            {"says": step.says, "amount": None if step.amount is None else str(step.amount)} for step in found.working
        ],
    }


def _print(found: Priced) -> None:
    for step in found.working:
        amount = f" = {dollars(step.amount)}" if step.amount is not None else ""
        console.print(f"  {step.says}{amount}", markup=False, soft_wrap=True)
    name = " ".join((found.code, *found.modifiers))
    if found.allowed is None:
        console.print(f"{name} has no price: {found.reason}.", style="red", markup=False, soft_wrap=True)
    else:
        console.print(
            f"Medicare allows {dollars(found.allowed)} for {name}.", style="bold", markup=False, soft_wrap=True
        )
