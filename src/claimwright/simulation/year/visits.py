"""What the front desk hands in each evening: the day's superbill, and the registrations of who came first."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta

from claimwright.simulation.clearinghouse import Member
from claimwright.simulation.year.offices import Office
from claimwright.simulation.year.people import MEDICARE_AGE, Person

MIDDLE_AGE = 41  # a year more than the code asks: birthdays fall within the year
SPREAD = 0.2  # a day may have a fifth more or fewer visits than the mean
# Mistakes that real superbills carry, each in one of so many visits; they land on worklists.
MISTAKES = ("header_diagnosis", "contradictory_modifiers", "pointer", "bad_member_id", "no_price")
MISTAKE_EVERY = 55
NOT_SPECIFIC = {"E119": "E11"}
ENCOUNTER_COLUMNS = ("mrn", "last", "first", "dob", "sex", "address", "city", "state", "zip")


class FrontDesk:
    """Sees patients day by day; `coming` holds those it has registered."""

    def __init__(self, office: Office, everyone: list[Person]) -> None:
        self.office, self.everyone = office, everyone
        self.known: set[str] = set()
        self.members: list[Member] = []
        self.number = 0

    def day(self, day: date) -> tuple[bytes, bytes, list[Person]]:
        """The superbill, the registrations (b"" for none) and the patients who came for the first time."""
        chance = random.Random(f"{self.office.seed}/{day}")
        mean = self.office.visits_a_day
        count = chance.randint(round(mean * (1 - SPREAD)), round(mean * (1 + SPREAD)))
        came = chance.sample(self.everyone, count)
        fresh = [person for person in came if person.record_number not in self.known]
        self.known |= {person.record_number for person in fresh}
        rows: list[dict[str, str]] = []
        for person in came:
            rows += self._visit(person, day, chance)
        registered = [
            {"mrn": person.record_number, **cover} | _home(person) for person in fresh for cover in person.covers
        ]
        return _csv(rows), _csv(registered) if registered else b"", fresh

    def _visit(self, person: Person, day: date, chance: random.Random) -> list[dict[str, str]]:
        self.number += 1
        office = self.office
        visit = chance.choices(office.visits, [one.weight for one in office.visits])[0]
        lines = visit.lines
        if lines[0][0] == "99396":
            lines = ((_well_visit(person), "", 1), *lines[1:])
        provider = chance.choice(office.providers)
        cover = {key: value for key, value in (person.covers[0] if person.covers else {}).items() if key != "sequence"}
        on = day - timedelta(days=chance.choice((0, 0, 0, 1)) if day.weekday() else 0)
        rows = []
        for code, modifiers, units in lines:
            row = {
                "external_id": f"{office.slug[:2].upper()}{self.number:06d}",
                **{key: person.cells[key] for key in ENCOUNTER_COLUMNS}, **cover, "practice_npi": office.billing.npi,
                "location": "main", "dos_from": on.isoformat(), "pos": "11", "rendering_npi": provider.npi, "cpt": code,
                "mod1": modifiers, "units": str(units), "charge": f"{office.price(code, units):.2f}", "pointers": "1",
            }  # fmt: skip
            row |= {f"dx{place}": diagnosis for place, diagnosis in enumerate(visit.diagnoses, 1)}
            rows.append(row)
        if self.number % MISTAKE_EVERY == 0:
            _spoil(rows, MISTAKES[self.number // MISTAKE_EVERY % len(MISTAKES)])
        return rows


def registration_at(person: Person, street: str) -> bytes:
    """The registration of a person who has moved to `street`."""
    cover = person.covers[0] if person.covers else {}
    return _csv([{"mrn": person.record_number, **cover} | _home(person) | {"address": street}])


def _well_visit(person: Person) -> str:
    """The code of a yearly visit goes by age, and by what Medicare calls it."""
    if person.age >= MEDICARE_AGE:
        return "G0439" if person.covers and person.covers[0]["payer"] in ("medicare", "advantage") else "99397"
    return "99396" if person.age >= MIDDLE_AGE else "99395"


def _home(person: Person) -> dict[str, str]:
    return {key: person.cells[key] for key in ("address", "city", "state", "zip")}


def _spoil(rows: list[dict[str, str]], how: str) -> None:
    first = rows[0]
    if how == "header_diagnosis":
        for row in rows:
            row["dx1"] = NOT_SPECIFIC.get(row["dx1"], row["dx1"])
    elif how == "contradictory_modifiers":
        first["mod1"], first["mod2"] = "26", "TC"
    elif how == "pointer":
        first["pointers"] = "4"
    elif how == "bad_member_id" and first.get("payer"):
        for row in rows:
            row["mrn"], row["member_id"] = f"N{row['external_id']}", "UNKNOWN"
    elif how == "no_price":
        first["charge"] = "0.00"


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
