"""Invented people, practices and payers. Nobody real: every surname says so, and no number can belong to anyone.

NPIs begin with 2, which no NPI issued so far does; employer numbers have prefixes the IRS never gave out (89); the
telephone numbers are those kept for fiction (555-01xx).
"""

from __future__ import annotations

from datetime import date
from random import Random

import msgspec

from claimwright.claims.nouns import Address, Payer, Person, Provider
from claimwright.codes.identifiers import npi_check_digit

SURNAME_STARTS = ("TEST", "MOCK", "SAMPLE", "DEMO", "FICTIVE", "PSEUDO", "DUMMY", "SYNTH")
SURNAME_ENDS = ("BERG", "DALE", "FIELD", "FORD", "LEY", "MAN", "MAR", "SON", "STONE", "TON", "WELL", "WOOD")
FIRST_NAMES = {
    "F": ("ADA", "BELLA", "CLARA", "DORA", "ELSA", "FLORA", "GRETA", "HILDA", "IDA", "JUNE", "LENA", "MAUD"),
    "M": ("ALBIN", "BRUNO", "CYRIL", "DAMON", "EDGAR", "FELIX", "GIDEON", "HUGO", "IVAN", "JONAS", "LEON", "MAGNUS"),
}
OTHER_SEX = {"F": "M", "M": "F"}
STREETS = ("SYNTHETIC STREET", "PLACEHOLDER AVENUE", "INVENTED LANE", "EXAMPLE ROAD", "SPECIMEN COURT")
CITIES = (
    ("SPRINGFIELD", "IL", "62701"), ("COLUMBUS", "OH", "43215"), ("MADISON", "WI", "53703"),
    ("LANSING", "MI", "48933"), ("LINCOLN", "NE", "68508"), ("SALEM", "OR", "97301"),
)  # fmt: skip
SELF, SPOUSE, CHILD = 0, 1, 2  # a person's place in `Family.people`


class Plan(msgspec.Struct, frozen=True):
    """One payer with its contract, in cents and percent. `tax_id` is BPR10 less the 1 before it."""

    payer: Payer
    tax_id: str
    insurance_type: str  # EB04
    line: str  # HD03
    allowed_percent: int  # of the fee schedule
    deductible: int
    coinsurance_percent: int  # the patient's share
    copay: int  # of an office visit
    premium: int  # of a family, a month

    @property
    def trace_id(self) -> str:
        return f"1{self.tax_id}"


class Practice(msgspec.Struct, frozen=True):
    """Who bills: an organization, its people, and what its fees are in percent of the fee schedule."""

    billing: Provider
    people: tuple[Provider, ...]
    fee_percent: int


class Cover(msgspec.Struct, frozen=True):
    """One plan that covers a family. `holder` is SELF or SPOUSE."""

    plan: Plan
    holder: int
    member_id: str
    group_number: str


class Family(msgspec.Struct, frozen=True):
    """A subscriber, a spouse and a child, as their payers know them, with their covers in the order they pay.

    `deductible_left` is what each of them has still to pay of the first cover's deductible, in cents.
    """

    people: tuple[Person, Person, Person]
    record_numbers: tuple[str, str, str]
    covers: tuple[Cover, ...]
    deductible_left: tuple[int, int, int]


def npi(number: int) -> str:
    """The valid NPI of a running number below 100,000,000."""
    nine = f"2{number:08d}"
    return nine + npi_check_digit(nine)


def tax_id(number: int) -> str:
    return f"89{number:07d}"


def _address(number: int, street: str, city: tuple[str, str, str], plus_four: int) -> Address:
    name, state, postal = city
    return Address(line1=f"{number} {street}", city=name, state=state, postal_code=f"{postal}{plus_four:04d}")


def _plan(
    number: int, name: str, filing: str, insurance_type: str, line: str, allowed: int, deductible: int, share: int,
    copay: int, premium: int,
) -> Plan:  # fmt: skip
    address = _address(number * 100, "PAYER PLAZA", CITIES[number % len(CITIES)], 1000 + number)
    payer = Payer(
        payer_id=f"SYNPAY{number:02d}", name=name, id_qualifier="PI", filing_indicator=filing, address=address
    )
    return Plan(
        payer, tax_id(number), insurance_type, line, allowed, deductible * 100, share, copay * 100, premium * 100
    )


MEDICAL_PLANS = (
    _plan(1, "SYNTHETIC HEALTH PLAN", "12", "PR", "HLT", 62, 1500, 20, 25, 1240),
    _plan(2, "SPECIMEN MUTUAL", "12", "PR", "HLT", 70, 1000, 15, 30, 1375),
    _plan(3, "PLACEHOLDER HMO", "HM", "HM", "HMO", 55, 500, 10, 20, 990),
    _plan(4, "EXAMPLE EXCLUSIVE PLAN", "14", "EP", "HLT", 80, 2000, 25, 40, 1510),
)
DENTAL_PLANS = (
    _plan(11, "SYNTHETIC DENTAL", "12", "PR", "DEN", 75, 100, 20, 0, 98),
    _plan(12, "SPECIMEN DENTAL CARE", "HM", "HM", "DEN", 68, 50, 30, 0, 84),
)
PLANS = {"P": MEDICAL_PLANS, "I": MEDICAL_PLANS, "D": DENTAL_PLANS}


def _practice(kind: int, number: int, name: str, taxonomy: str, person_taxonomy: str, fee_percent: int) -> Practice:
    base = kind * 1000 + number * 100
    billing = Provider(
        npi=npi(base),
        is_organization=True,
        last_name=name,
        taxonomy=taxonomy,
        tax_id=tax_id(base),
        address=_address(base, "CLINIC PARKWAY", CITIES[number % len(CITIES)], 2000 + base),
        contact_name="BILLING OFFICE",
        phone=f"555555{100 + number:04d}",
    )
    people = tuple(
        Provider(
            npi=npi(base + at),
            last_name=f"{SURNAME_STARTS[at]}{SURNAME_ENDS[(base + at) % len(SURNAME_ENDS)]}",
            first_name=FIRST_NAMES["FM"[at % 2]][at],
            taxonomy=person_taxonomy,
        )
        for at in range(1, 5)
    )
    return Practice(billing, people, fee_percent)


PRACTICES = {
    "P": (
        _practice(1, 1, "SYNTHETIC FAMILY CLINIC", "261QP2300X", "207Q00000X", 100),
        _practice(1, 2, "MOCKFORD MEDICAL GROUP", "261QM1300X", "207R00000X", 115),
        _practice(1, 3, "EXAMPLE PHYSICIANS", "261QM2500X", "207Q00000X", 95),
    ),
    "I": (
        _practice(2, 1, "SYNTHETIC GENERAL HOSPITAL", "282N00000X", "208M00000X", 100),
        _practice(2, 2, "SPECIMEN MEDICAL CENTER", "282N00000X", "207P00000X", 120),
    ),
    "D": (
        _practice(3, 1, "SYNTHETIC DENTAL ASSOCIATES", "261QD0000X", "1223G0001X", 100),
        _practice(3, 2, "DEMODALE DENTISTRY", "261QD0000X", "1223G0001X", 110),
    ),
}
SPONSOR_NAME, SPONSOR_TAX_ID = "FICTIVE MANUFACTURING", tax_id(9_000_001)


def make_family(
    random: Random, tag: str, covers: tuple[Plan, ...], today: date, deductible_left: tuple[int, int, int]
) -> Family:
    """A family by its own random numbers. `tag` makes its member and record numbers: letters and digits, at most 20."""
    surname = random.choice(SURNAME_STARTS) + random.choice(SURNAME_ENDS)
    address = _address(
        random.randrange(1, 9999), random.choice(STREETS), random.choice(CITIES), random.randrange(1, 9999)
    )
    sex = random.choice("FM")
    people = tuple(
        Person(
            last_name=surname,
            first_name=random.choice(FIRST_NAMES[own]),
            middle_name=random.choice("ABCDEFGHJKLMNPRSTW"),
            birth_date=date(today.year - age, random.randrange(1, 13), random.randrange(1, 29)),
            sex=own,
            address=address,
        )
        for own, age in (
            (sex, random.randrange(28, 62)), (OTHER_SEX[sex], random.randrange(28, 62)),
            (random.choice("FM"), random.randrange(4, 18)),
        )
    )  # fmt: skip
    return Family(
        people=(people[SELF], people[SPOUSE], people[CHILD]),
        record_numbers=(f"M{tag}1", f"M{tag}2", f"M{tag}3"),
        covers=tuple(
            Cover(
                plan=plan,
                holder=(SELF, SPOUSE)[at % 2],
                member_id=f"SYN{tag}{at + 1}",
                group_number=f"GRP{plan.payer.payer_id[-2:]}{random.randrange(1, 40):03d}",
            )
            for at, plan in enumerate(covers)
        ),
        deductible_left=deductible_left,
    )


def relationship(person: int, holder: int) -> str:
    """SBR02, PAT01, INS02: 18 self, 01 spouse, 19 child."""
    return "18" if person == holder else "19" if person == CHILD else "01"
