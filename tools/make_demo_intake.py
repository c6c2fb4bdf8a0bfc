"""Writes the demo's own inputs: practice, prices, registrations and weekly superbills. Seeded; people are invented.

Run from the repository: `python tools/make_demo_intake.py`. The files it writes are committed, so that the demo needs
nothing but the package.
"""

from __future__ import annotations

import csv
import json
import random
from datetime import date, timedelta
from pathlib import Path

from claimwright.claims.from_fhir.bundles import Interface, read_bundles
from claimwright.claims.from_fhir.code_map import load_code_map
from claimwright.claims.from_fhir.reading import archive_members
from claimwright.claims.from_x12.intake import intake
from claimwright.claims.nouns import Encounter
from claimwright.codes.identifiers import npi_check_digit

DEMO = Path("demo")
SEED = 20260801
FIRST_DAY = date(2026, 8, 1)
WEEKS = 8
PATIENTS = 260
VISITS_A_WEEK = 88

LAST = [
    "Abbott",
    "Alder",
    "Ashby",
    "Barlow",
    "Beckett",
    "Birch",
    "Bowden",
    "Briar",
    "Calloway",
    "Carver",
    "Cobb",
    "Crane",
    "Dalton",
    "Darrow",
    "Delgado",
    "Dupree",
    "Eaton",
    "Ellery",
    "Farrow",
    "Finch",
    "Fuentes",
    "Garland",
    "Granger",
    "Hadley",
    "Harlow",
    "Hawthorn",
    "Ibarra",
    "Ingram",
    "Jansen",
    "Keller",
    "Kimball",
    "Lacey",
    "Langford",
    "Lowell",
    "Marlow",
    "Mercer",
    "Nash",
    "Navarro",
    "Oakes",
    "Orr",
    "Pacheco",
    "Penrose",
    "Quimby",
    "Ramsey",
    "Redfern",
    "Rivas",
    "Sable",
    "Sawyer",
    "Sloan",
    "Tanner",
    "Thorne",
    "Underhill",
    "Valdez",
    "Vance",
    "Wagner",
    "Weller",
    "Whitlock",
    "Yarrow",
    "York",
    "Zamora",
]
FIRST_F = [
    "Ada",
    "Alma",
    "Beatriz",
    "Clara",
    "Delia",
    "Elena",
    "Flora",
    "Grace",
    "Hana",
    "Iris",
    "Josefa",
    "Lena",
    "Maeve",
    "Nora",
    "Opal",
    "Petra",
    "Rosa",
    "Sylvia",
    "Thea",
    "Vera",
]
FIRST_M = [
    "Abel",
    "Amos",
    "Bruno",
    "Cyrus",
    "Dario",
    "Edgar",
    "Felix",
    "Gideon",
    "Hugo",
    "Ivan",
    "Jonas",
    "Leon",
    "Milo",
    "Nestor",
    "Oscar",
    "Pablo",
    "Ruben",
    "Silas",
    "Tomas",
    "Victor",
]
STREETS = [
    "Alder",
    "Birch",
    "Canal",
    "Depot",
    "Elm",
    "Foundry",
    "Garden",
    "Harbor",
    "Juniper",
    "Lake",
    "Maple",
    "Orchard",
    "Pine",
    "Quarry",
    "River",
    "Spruce",
    "Tanner",
]
TOWNS = (
    ("Springfield", "IL", "62704"),
    ("Chatham", "IL", "62629"),
    ("Rochester", "IL", "62563"),
    ("Sherman", "IL", "62684"),
)
MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"

PROVIDERS = (
    ("1234567893", "Okafor", "Ngozi", "207Q00000X"), ("190000001", "Lindqvist", "Maja", "207Q00000X"),
    ("190000002", "Serrano", "Ines", "363LF0000X"), ("190000003", "Whitfield", "Owen", "207R00000X"),
)  # fmt: skip

# code: (charge, what the practice itself calls it). Numbers only from CPT; the words are the practice's.
PRICES = {
    "99202": ("165.00", "New patient visit"), "99203": ("225.00", "New patient visit"), "99204": ("335.00", "New patient visit"),
    "99212": ("95.00", "Office visit"), "99213": ("150.00", "Office visit"), "99214": ("220.00", "Office visit"),
    "99215": ("310.00", "Office visit"), "99223": ("410.00", "Hospital visit"), "99283": ("280.00", "Emergency visit"),
    "99391": ("180.00", "Well visit"), "99392": ("190.00", "Well visit"), "99393": ("190.00", "Well visit"),
    "99394": ("205.00", "Well visit"), "99395": ("215.00", "Well visit"), "99396": ("225.00", "Well visit"),
    "G0438": ("290.00", "Wellness visit"), "G0439": ("220.00", "Wellness visit"), "93000": ("45.00", "Heart tracing"),
    "36415": ("12.00", "Blood draw"), "81002": ("10.00", "Urine test"), "81025": ("18.00", "Pregnancy test"),
    "82962": ("9.00", "Blood sugar test"), "87880": ("40.00", "Throat swab test"), "87070": ("35.00", "Throat culture"),
    "20610": ("180.00", "Joint injection"), "11102": ("210.00", "Skin biopsy"), "17110": ("190.00", "Wart treatment"),
    "72148": ("1200.00", "Back scan"), "94010": ("85.00", "Breathing test"), "96127": ("15.00", "Questionnaire"),
    "90471": ("38.00", "Giving a vaccine"), "90472": ("22.00", "Giving a further vaccine"), "90473": ("30.00", "Giving a vaccine by mouth"),
    "90474": ("20.00", "Giving a further vaccine by mouth"), "90656": ("28.00", "Flu vaccine"), "90633": ("55.00", "Vaccine"),
    "90632": ("95.00", "Vaccine"), "90647": ("45.00", "Vaccine"), "90649": ("210.00", "Vaccine"), "90651": ("290.00", "Vaccine"),
    "90670": ("240.00", "Vaccine"), "90681": ("140.00", "Vaccine"), "90700": ("42.00", "Vaccine"), "90707": ("98.00", "Vaccine"),
    "90713": ("52.00", "Vaccine"), "90714": ("48.00", "Vaccine"), "90715": ("62.00", "Vaccine"), "90716": ("160.00", "Vaccine"),
    "90734": ("155.00", "Vaccine"), "90744": ("40.00", "Vaccine"), "90746": ("85.00", "Vaccine"), "86580": ("22.00", "Skin test"),
    "12001": ("230.00", "Wound closure"), "29515": ("175.00", "Splint"), "73610": ("70.00", "X-ray"), "73110": ("68.00", "X-ray"),
    "73562": ("75.00", "X-ray"), "71046": ("72.00", "X-ray"), "76805": ("320.00", "Ultrasound"), "76815": ("210.00", "Ultrasound"),
    "59409": ("2400.00", "Delivery"), "59514": ("2900.00", "Delivery"), "58670": ("1500.00", "Surgery"),
    "J1100": ("6.00", "Medicine by injection"), "J3301": ("14.00", "Medicine by injection"),
}  # fmt: skip

# Done once in the charts and missing from the price list, as happens.
NEVER_PRICED = ("58670", "86580")

# What an ordinary week holds: diagnoses, lines (code, modifiers, units), weight.
VISITS = (
    (("I10",), (("99213", "", 1),), 16), (("I10", "E785"), (("99214", "", 1),), 12), (("E119",), (("99214", "", 1), ("82962", "", 1)), 9),
    (("J0190",), (("99213", "", 1),), 9), (("J029",), (("99213", "25", 1), ("87880", "", 1)), 8), (("R079",), (("99214", "25", 1), ("93000", "", 1)), 6),
    (("M1711",), (("99213", "25", 1), ("20610", "RT", 1), ("J3301", "", 4)), 5), (("N390",), (("99213", "", 1), ("81002", "", 1)), 6),
    (("F411",), (("99214", "", 1), ("96127", "", 2)), 5), (("L720",), (("99212", "25", 1), ("11102", "", 1)), 3), (("B079",), (("17110", "", 1),), 3),
    (("Z0000",), (("99396", "", 1), ("36415", "", 1)), 6), (("J449",), (("99214", "", 1), ("94010", "", 1)), 4), (("M545",), (("99213", "", 1),), 0),
    (("M5450",), (("99213", "", 1),), 6), (("E039",), (("99213", "", 1), ("36415", "", 1)), 5), (("M5416",), (("72148", "", 1),), 2),
    (("G43909",), (("99213", "", 1),), 3), (("K219",), (("99213", "", 1),), 4), (("Z23",), (("90471", "", 1), ("90656", "", 1)), 5),
)  # fmt: skip

# Mistakes that real superbills carry; each lands on a worklist. One in so many visits.
MISTAKES = (
    "header_diagnosis",
    "bad_member_id",
    "contradictory_modifiers",
    "pointer",
    "future",
    "unknown_payer",
    "no_price",
    "unknown_code",
    "county_plan",
)
MISTAKE_EVERY = 28


def npi(text: str) -> str:
    return text if len(text) == 10 else text + npi_check_digit(text)


def mbi(random_: random.Random) -> str:
    letter = lambda: random_.choice(MBI_LETTERS)  # noqa: E731
    digit = lambda: random_.choice("0123456789")  # noqa: E731
    either = lambda: random_.choice(MBI_LETTERS + "0123456789")  # noqa: E731
    return "".join(
        (
            random_.choice("123456789"),
            letter(),
            either(),
            digit(),
            letter(),
            either(),
            digit(),
            letter(),
            letter(),
            digit(),
            digit(),
        )
    )


def coverages(random_: random.Random, age: int, person: dict[str, str]) -> list[dict[str, str]]:
    """One or two coverages as such a person has them."""
    number = f"{random_.randrange(10**8, 10**9)}"
    if age >= 65:
        rows = [{"payer": "medicare", "member_id": mbi(random_), "sequence": "P", "relationship": "18"}]
        if random_.random() < 0.55:
            second = "medigap" if random_.random() < 0.7 else "commercial"
            rows.append(
                {
                    "payer": second,
                    "member_id": f"G{number}",
                    "sequence": "S",
                    "relationship": "18",
                    "group": "RETIREE" if second == "commercial" else "",
                }
            )
        return rows
    roll = random_.random()
    if roll < 0.22:
        return [{"payer": "medicaid", "member_id": number, "sequence": "P", "relationship": "18"}]
    row = {
        "payer": "commercial",
        "member_id": f"C{number}",
        "group": f"GRP{random_.randrange(100, 999)}",
        "sequence": "P",
        "relationship": "18",
    }
    if age < 18:
        row |= {
            "relationship": "19", "subscriber_last": person["last"], "subscriber_first": random_.choice(FIRST_F),
            "subscriber_dob": date(1986, 5, 4).isoformat(), "subscriber_sex": "F",
        }  # fmt: skip
    rows = [row]
    if roll > 0.93:
        rows.append(
            {"payer": "medicaid", "member_id": number[::-1].lstrip("0") or "771", "sequence": "S", "relationship": "18"}
        )
    return rows


def people(random_: random.Random) -> list[dict[str, str]]:
    found = []
    for number in range(1, PATIENTS + 1):
        sex = random_.choice("FM")
        age = random_.choice([*range(20, 64), *range(65, 92), *range(65, 92), *range(4, 17)])
        town, state, code = random_.choice(TOWNS)
        found.append({
            "mrn": f"LF{number:05d}", "last": random_.choice(LAST), "first": random_.choice(FIRST_F if sex == "F" else FIRST_M),
            "dob": (date(2026, 8, 1) - timedelta(days=age * 365 + random_.randrange(365))).isoformat(), "sex": sex,
            "address": f"{random_.randrange(10, 990)} {random_.choice(STREETS)} Street", "city": town, "state": state, "zip": code,
            "age": str(age),
        })  # fmt: skip
    return found


def superbill(
    person: dict[str, str], cover: dict[str, str], day: date, number: int, random_: random.Random
) -> list[dict[str, str]]:
    diagnoses, lines, _ = random_.choices(VISITS, [weight for *_, weight in VISITS])[0]
    if lines[0][0] == "99396" and int(person["age"]) >= 65:
        lines = (("G0439", "", 1), *lines[1:])
    provider = npi(random_.choice(PROVIDERS)[0])
    rows = []
    for code, modifier, units in lines:
        row = {
            "external_id": f"SB{number:06d}", **{key: person[key] for key in ("mrn", "last", "first", "dob", "sex", "address", "city", "state", "zip")},
            **{key: value for key, value in cover.items() if key != "sequence"}, "practice_npi": "1000000004", "location": "main",
            "dos_from": day.isoformat(), "pos": "11", "rendering_npi": provider, "cpt": code, "mod1": modifier, "units": str(units),
            "charge": f"{float(PRICES[code][0]) * units:.2f}" if code in PRICES else "", "pointers": "1",
        }  # fmt: skip
        row |= {f"dx{place}": code for place, code in enumerate(diagnoses, 1)}
        rows.append(row)
    return rows


def spoil(rows: list[dict[str, str]], how: str, day: date) -> None:
    first = rows[0]
    if how in ("bad_member_id", "county_plan"):  # new patients: what the front desk registered would win
        for row in rows:
            row["mrn"] = f"LN{row['external_id'][2:]}"
    if how == "header_diagnosis":
        for row in rows:
            row["dx1"] = "E11"
    elif how == "bad_member_id":
        for row in rows:
            row["member_id"], row["relationship"] = "UNKNOWN", "18"
    elif how == "contradictory_modifiers":
        first["mod1"], first["mod2"] = "26", "TC"
    elif how == "pointer":
        first["pointers"] = "4"
    elif how == "future":
        for row in rows:
            row["dos_from"] = (day + timedelta(days=200)).isoformat()
    elif how == "unknown_payer":
        for row in rows:
            row["payer"] = "acme mutual"
    elif how == "no_price":
        first["charge"] = "0.00"
    elif how == "county_plan":
        for row in rows:
            row["payer"], row["member_id"], row["group"], row["relationship"] = "county", "CN4471902", "", "18"
    elif how == "unknown_code":
        first["cpt"] = "G9X99"


def write(path: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    random_ = random.Random(SEED)
    everyone = people(random_)
    cover = {person["mrn"]: coverages(random_, int(person["age"]), person) for person in everyone}
    registration = [{"mrn": mrn, **row} for mrn, rows in cover.items() for row in rows]
    number = 0
    for week in range(WEEKS):
        monday = FIRST_DAY + timedelta(days=2 + 7 * week)
        rows: list[dict[str, str]] = []
        for _ in range(VISITS_A_WEEK):
            number += 1
            person = random_.choice(everyone)
            day = min(monday + timedelta(days=random_.randrange(5)), date(2026, 9, 25))
            visit = superbill(person, cover[person["mrn"]][0], day, number, random_)
            if number % MISTAKE_EVERY == 0:
                spoil(visit, MISTAKES[(number // MISTAKE_EVERY) % len(MISTAKES)], day)
            rows += visit
        write(DEMO / "intake" / "csv" / f"superbill-{(monday + timedelta(days=4)).isoformat()}.csv", rows)
    bad = [dict(row) for row in rows[:6]]
    for position, row in enumerate(bad):
        row["external_id"] = f"XL{position:04d}"
    bad[1]["dob"], bad[2]["member_id"], bad[3]["charge"] = "45123", "1.23E+11", "$1,50"
    write(DEMO / "intake" / "csv" / "superbill-damaged-by-spreadsheet.csv", bad)

    interface = Interface(code_map=load_code_map((DEMO / "code_map.csv").read_bytes()))
    bundles = read_bundles(archive_members(next((DEMO / "intake" / "fhir").glob("*.tar.xz"))), interface)
    seen = {encounter.patient.record_number: encounter.patient for encounter in bundles.encounters}
    for record_number, patient in sorted(seen.items()):
        age = 2026 - (patient.birth_date.year if patient.birth_date else 1980)
        adult = {"last": patient.last_name}
        town, state, code = random_.choice(TOWNS)
        home = {
            "address": f"{random_.randrange(10, 990)} {random_.choice(STREETS)} Street",
            "city": town,
            "state": state,
            "zip": code,
        }
        registration += [{"mrn": record_number, **row, **home} for row in coverages(random_, max(age, 18), adult)]
    write(DEMO / "registration.csv", registration)
    write(DEMO / "charge_master.csv", [
        {"code": code, "modifier": "", "amount": amount, "start": "2026-01-01", "end": "", "description": words}
        for code, (amount, words) in PRICES.items() if code not in NEVER_PRICED
    ])  # fmt: skip
    claims = [
        encounter for path in sorted((DEMO / "intake" / "837p").rglob("*")) if path.is_file()
        for encounter in intake(path.read_bytes()).encounters
    ]  # fmt: skip
    write(DEMO / "payer_aliases.csv", payer_aliases(claims))
    visits = (*bundles.encounters, *claims)
    foreign = {
        provider.npi
        for one in visits
        for provider in (one.rendering, *(line.rendering for line in one.lines))
        if provider
    }
    foreign -= {""}
    providers = [
        {
            "npi": npi(number), "last_name": last, "first_name": first, "taxonomy": taxonomy,
            "aliases": [one for place, one in enumerate(sorted(foreign)) if place % len(PROVIDERS) == at],
        }
        for at, (number, last, first, taxonomy) in enumerate(PROVIDERS)
    ]  # fmt: skip
    (DEMO / "providers.json").write_text(json.dumps(providers, indent=2) + "\n")


def payer_aliases(claims: list[Encounter]) -> list[dict[str, str]]:
    """What other systems call our payers, by what their claims say of the plan; every tenth stays unknown on purpose."""
    keys = {"MB": "medicare", "MA": "medicare", "MC": "medicaid"}
    names: dict[str, str] = {}
    for claim in claims:
        for coverage in claim.coverages:
            for name in (coverage.payer.payer_id, coverage.payer.name):
                if name.strip():
                    names.setdefault(name.strip().upper(), keys.get(coverage.payer.filing_indicator, "commercial"))
    return [{"payer": key, "alias": name} for place, (name, key) in enumerate(sorted(names.items()), 1) if place % 10]


if __name__ == "__main__":
    main()
