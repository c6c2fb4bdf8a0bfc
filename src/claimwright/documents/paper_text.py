"""How dates, money, names and addresses are written on a claim form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Address, Person, Provider

ORDER = {sequence: place for place, sequence in enumerate("PSTABCDEFGHU")}  # SBR01 in payment order


def no_dot(code: str) -> str:
    return code.replace(".", "").strip()


def date6(on: date | None) -> str:
    """MMDDYY."""
    return on.strftime("%m%d%y") if on else ""


def date8(on: date | None) -> str:
    """MMDDYYYY."""
    return on.strftime("%m%d%Y") if on else ""


def dollars(amount: Decimal) -> str:
    """The whole dollars; an amount below zero keeps its sign."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{int(abs(amount))}"


def cents(amount: Decimal) -> str:
    return f"{int(abs(amount) * 100) % 100:02d}"


def quantity(amount: Decimal) -> str:
    """1.000 as 1, 1.500 as 1.5; never with an exponent."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(text: str) -> str:
    """Words without the full stops and commas that a scanner takes for letters."""
    return " ".join(text.replace(",", " ").replace(".", " ").split())


def name_with_commas(person: Person | Provider) -> str:
    """LAST SUFFIX, FIRST, M: the comma parts the names, the middle name is an initial."""
    last = " ".join(filter(None, (plain(person.last_name), plain(person.suffix))))
    return ", ".join(filter(None, (last, plain(person.first_name), plain(person.middle_name)[:1])))


def provider_name(provider: Provider) -> str:
    """FIRST M LAST of a person, the name of an organization."""
    if provider.is_organization:
        return plain(provider.last_name)
    parts = (provider.first_name, provider.middle_name[:1], provider.last_name, provider.suffix)
    return plain(" ".join(filter(None, parts)))


def street(address: Address) -> str:
    return plain(" ".join(filter(None, (address.line1, address.line2))))


def zip_code(address: Address) -> str:
    """Nine digits with the hyphen, anything else as it came."""
    code = address.postal_code
    return f"{code[:5]}-{code[5:]}" if len(code) == 9 and code.isdigit() else code


def city_line(address: Address) -> str:
    return " ".join(filter(None, (plain(address.city), address.state, zip_code(address), address.country)))


def sum_of(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
