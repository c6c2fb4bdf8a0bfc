"""The patients of an office, seeded: invented people with guarantors, first and second payers, and none."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec

from claimwright.simulation.year.offices import Office

LAST = (
    "Abbott", "Alder", "Ashby", "Barlow", "Beckett", "Birch", "Bowden", "Briar", "Calloway", "Carver", "Cobb",
    "Crane", "Dalton", "Darrow", "Delgado", "Dupree", "Eaton", "Ellery", "Farrow", "Finch", "Fuentes", "Garland",
    "Granger", "Hadley", "Harlow", "Hawthorn", "Ibarra", "Ingram", "Jansen", "Keller", "Kimball", "Lacey",
    "Langford", "Lowell", "Marlow", "Mercer", "Nash", "Navarro", "Oakes", "Orr", "Pacheco", "Penrose", "Quimby",
    "Ramsey", "Redfern", "Rivas", "Sable", "Sawyer", "Sloan", "Tanner", "Thorne", "Underhill", "Valdez", "Vance",
    "Wagner", "Weller", "Whitlock", "Yarrow", "York", "Zamora",
)  # fmt: skip
FIRST = {
    "F": (
        "Ada", "Alma", "Beatriz", "Clara", "Delia", "Elena", "Flora", "Grace", "Hana", "Iris", "Josefa", "Lena",
        "Maeve", "Nora", "Opal", "Petra", "Rosa", "Sylvia",
    ),
    "M": (
        "Abel", "Amos", "Bruno", "Cyrus", "Dario", "Edgar", "Felix", "Gideon", "Hugo", "Ivan", "Jonas", "Leon",
        "Milo", "Nestor", "Oscar", "Pablo", "Ruben", "Silas",
    ),
}  # fmt: skip
STREETS = (
    "Alder", "Birch", "Canal", "Depot", "Elm", "Foundry", "Garden", "Harbor", "Juniper", "Lake", "Maple",
    "Orchard", "Pine", "Quarry", "River", "Spruce",
)  # fmt: skip
TOWNS = (("Springfield", "62704"), ("Chatham", "62629"), ("Rochester", "62563"), ("Sherman", "62684"))
LETTERS = "ACDEFGHJKMNPQRTUVWXY"
DIGITS = "0123456789"
MBI_PLACES = (
    "123456789",
    LETTERS,
    LETTERS + DIGITS,
    DIGITS,
    LETTERS,
    LETTERS + DIGITS,
    DIGITS,
    LETTERS,
    LETTERS,
    DIGITS,
    DIGITS,
)
MEDICARE_AGE = 65
SECOND_PAYER_SHARE, SUBSCRIBED_BY_SPOUSE = 0.5, 0.2
SPOUSE = {"relationship": "01", "subscriber_dob": "1984-03-09"}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as the front desk writes them down. `covers` are rows of a registration file, first payer first."""

    cells: dict[str, str]
    covers: tuple[dict[str, str], ...]
    age: int

    @property
    def record_number(self) -> str:
        return self.cells["mrn"]


def people(office: Office, on: date) -> list[Person]:
    """Everybody who will come in the year, always the same for a seed."""
    chance = random.Random(f"{office.seed}/people")
    youngest, oldest = office.ages
    return [
        _person(office, number, chance, chance.randint(youngest, oldest), on)
        for number in range(1, office.patients + 1)
    ]


def _person(office: Office, number: int, chance: random.Random, age: int, on: date) -> Person:
    sex = chance.choice("FM")
    town, code = chance.choice(TOWNS)
    cells = {
        "mrn": f"{office.slug[:1].upper()}{number:06d}", "last": chance.choice(LAST), "first": chance.choice(FIRST[sex]),
        "dob": (on - timedelta(days=age * 365 + chance.randrange(365))).isoformat(), "sex": sex,
        "address": f"{chance.randrange(10, 9990)} {chance.choice(STREETS)} Street", "city": town, "state": "IL", "zip": code,
    }  # fmt: skip
    return Person(cells=cells, covers=tuple(_covers(office, chance, age, cells)), age=age)


def _covers(office: Office, chance: random.Random, age: int, cells: dict[str, str]) -> list[dict[str, str]]:
    if chance.random() < office.self_pay_share:
        return []
    table = office.old_payers if age >= MEDICARE_AGE else office.payers
    key = chance.choices([name for name, _ in table], [share for _, share in table])[0]
    number = f"{chance.randrange(10**8, 10**9)}"
    first = {"payer": key, "member_id": number, "sequence": "P", "relationship": "18"}
    if key == "medicare":
        first["member_id"] = "".join(chance.choice(place) for place in MBI_PLACES)
        if chance.random() < SECOND_PAYER_SHARE:
            second = chance.choice(("medigap", "medigap", "commercial"))
            return [first, {"payer": second, "member_id": f"G{number}", "sequence": "S", "relationship": "18"}]
        return [first]
    if key != "medicaid":
        first |= {"member_id": f"{key[:1].upper()}{number}", "group": f"GRP{chance.randrange(100, 999)}"}
        if chance.random() < SUBSCRIBED_BY_SPOUSE:
            sex = "F" if cells["sex"] == "M" else "M"
            first |= SPOUSE | {
                "subscriber_last": cells["last"], "subscriber_first": chance.choice(FIRST[sex]), "subscriber_sex": sex,
            }  # fmt: skip
    return [first]
