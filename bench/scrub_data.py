"""What bench/scrub.py scrubs: made-up tables of the real size, and claims that differ from one another as real ones do.

No real person and no real fee: names, ids and amounts come out of a seeded generator. Code numbers are those of public
sections; which of them stand in a pair is made up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path

from claimwright.claims.nouns import Address, Claim, Coverage, Diagnosis, Line, Patient, Payer, Person, Provider
from claimwright.codes.add_ons import AddOnRow, AddOns, open_add_ons, write_add_ons
from claimwright.codes.code_sets import shipped
from claimwright.codes.coverage_policies import CoveragePolicy, PolicyTable
from claimwright.codes.diagnosis import excluded_pair
from claimwright.codes.drugs import DrugCrosswalk, DrugRow
from claimwright.codes.identifiers import Ndc, npi_check_digit
from claimwright.codes.procedure_pairs import MappedPairs, PairRows
from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.codes.unit_limits import LimitTable, UnitLimit, open_limits, write_limits
from claimwright.edits.facts import (
    Contract,
    ControlNumberUse,
    EligibilitySnapshot,
    Enrolment,
    Facts,
    FilingEvidence,
    Laboratory,
    MedicareSecondary,
    PatientFlags,
    Practice,
    PracticeIdentifier,
    Price,
    PriorClaim,
    PriorLine,
    ProviderRecord,
    Route,
    charge_master_by_code,
)
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.edits.records import EncounterRecord, ExpectedPrice, LocalRule, RegistryEntry

PAIRS, LIMITS, ADD_ONS = 3_000_000, 15_000, 1_000
TODAY = date(2026, 9, 8)
START, END = date(1996, 1, 1), date(2026, 10, 1)
QUARTER = date(2026, 7, 1)
VISITS = ("99212", "99213", "99214", "99215")
# Sections of codes, and how many column 2 codes a column 1 code has among its neighbours.
SURGERY = [f"{code:05d}" for code in range(10_004, 69_991, 6)]
IMAGING = [f"{code:05d}" for code in range(70_010, 79_999, 7)]
LABORATORY = [f"{code:05d}" for code in range(80_150, 88_000, 7)]
MEDICINE = [f"{code:05d}" for code in range(93_000, 96_000, 7)]
ALL_CODES = [*SURGERY, *IMAGING, *LABORATORY, *MEDICINE, *VISITS]
NEIGHBOURS = 6_000
FIRST_NAMES = ("ANNA", "BERT", "CORA", "DEAN", "EDNA", "FINN", "GRETA", "HUGO", "IDA", "JONAS", "KLARA", "LEO")
LAST_SYLLABLES = ("BER", "DAL", "FEN", "GAR", "HOL", "KIR", "LUN", "MOR", "NOR", "RIN", "SOL", "TOR", "VAN", "WES")
STREETS = ("BIRCH", "CEDAR", "ELM", "HAZEL", "LINDEN", "MAPLE", "OAK", "PINE", "ROWAN", "WILLOW")
DIAGNOSES = ("I10", "E119", "E785", "K219", "M545", "J449", "N183", "F329", "R0602", "R079", "D649", "E039")
DRUGS = [
    DrugRow(hcpcs=f"J{n:04d}", ndc=Ndc(f"{n:05d}000101"), package_quantity=Decimal(4), units_per_package=Decimal(10))
    for n in range(120, 9_999, 11)
]
COMPANIONS = ("demands_before", "demands_after")
MEMBER_LETTERS = "ACDEFGHJKMNPQRTUVWXY"


def prepare_tables(folder: Path, pairs: int = PAIRS, limits: int = LIMITS) -> None:
    """Writes the prepared forms of a quarter: what `claimwright codes import` leaves behind. Some 10 s, 350 MB."""
    rng = random.Random(20260701)
    rows = PairRows()
    codes = ALL_CODES
    numbers = [rows.code_number(code) for code in codes]
    spans = [(date(1996 + n, 1, 1), None if n % 3 else date(2004 + n, 4, 1)) for n in range(20)]
    terms = [rows.term_number(start, end, "1" if n % 5 else "0") for n, (start, end) in enumerate(spans)]
    each = pairs // (len(codes) - 1) + 1
    for place, first in enumerate(numbers):
        low = min(max(0, place - NEIGHBOURS // 2), len(numbers) - NEIGHBOURS)
        for second in rng.sample(range(low, low + NEIGHBOURS), each):
            if second != place and len(rows.values) < pairs:
                rows.values.append(rows.pair_number(first, numbers[second]) + terms[(place * 7 + second) % len(terms)])
    while len(rows.values) < pairs:  # those that would have paired a code with itself: an older row of another pair
        rows.values.append(rows.pair_number(numbers[0], numbers[-1 - (pairs - len(rows.values))]) + terms[0])
    rows.sort()
    rows.write(folder / "pairs", START, END)
    others = [f"{letter}{number:04d}" for letter in "ACGJLQ" for number in range(0, 10_000, 17)]
    listed = [*codes, *others][:limits]
    listed += [f"{number:04d}U" for number in range(limits - len(listed))]
    write_limits(
        folder / "limits",
        [UnitLimit(code=code, units=1 + n % 6, indicator=1 + n % 3) for n, code in enumerate(listed)],
        QUARTER,
        END,
    )
    add_ons = [AddOnRow(code=code, kind=1 + n % 3, primary=SURGERY[n]) for n, code in enumerate(SURGERY[5::10])]
    write_add_ons(folder / "add_ons", add_ons[:ADD_ONS], date(2013, 1, 1), END)


class Tables:
    """The tables as a process that scrubs holds them."""

    def __init__(self, folder: Path) -> None:
        self.pairs = MappedPairs(folder / "pairs")
        self.limits: LimitTable = open_limits(folder / "limits")
        self.add_ons: AddOns = open_add_ons(folder / "add_ons")


def an_npi(number: int) -> str:
    body = f"1{number % 100_000_000:08d}"
    return body + npi_check_digit(body)


class ClaimMaker:
    """Claims of six lines to Medicare Part B, and the facts of each. The same seed makes the same claims."""

    def __init__(self, tables: Tables, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.tables = tables
        self.doctors = [
            Provider(
                npi=an_npi(40_000 + n),
                last_name=self._last_name(n),
                first_name=FIRST_NAMES[n % 12],
                taxonomy="207Q00000X",
            )
            for n in range(200)
        ]
        self.practice_npi = an_npi(1)
        address = Address(line1="400 MAIN ST", city="MADISON", state="WI", postal_code="537031234")
        self.billing = Provider(
            npi=self.practice_npi, is_organization=True, last_name="LAKESIDE MEDICAL GROUP", tax_id="391234567",
            taxonomy="207Q00000X", address=address, contact_name="BILLING", phone="6085550142",
        )  # fmt: skip
        self.codes = self._billable()
        self.prices = {code: Decimal(self.rng.randrange(2_000, 60_000)) / 100 for code in [*self.codes, *VISITS]}
        self.diagnoses = [code for code in DIAGNOSES if shipped().state("icd10cm", code, QUARTER) == "valid"]
        self.diagnoses += self.rng.sample(self._more_diagnoses(), 2_000)
        self._common = self._common_facts()

    def _billable(self) -> list[str]:
        """Codes whose limit lets one unit go and that are no add-on codes: most claims are clean, as real ones are."""
        held = [*SURGERY[:7_500:2], *IMAGING, *LABORATORY, *MEDICINE]  # no sex, no maternity
        plain = [code for code in held if self.tables.add_ons.add_on(code, QUARTER) is None]
        return [code for code in plain if not code.endswith("99") and not "77046" <= code <= "77799"]

    def _more_diagnoses(self) -> list[str]:
        """Billable codes of chapters without rules of sequence, sex or age, that need no companion and say their side."""
        sets = shipped()
        found = []
        for code in sets.codes("icd10cm", QUARTER):
            if code[0] in "EGIJKL" and len(code) >= 4 and sets.state("icd10cm", code, QUARTER) == "valid":
                if not any(sets.attribute("icd10cm", code, name, QUARTER) for name in ("manifestation", *COMPANIONS)):
                    if sets.attribute("icd10cm", code, "laterality", QUARTER) != "unspecified":
                        found.append(code)
        return found

    def _last_name(self, number: int) -> str:
        first, second = divmod(number, len(LAST_SYLLABLES))
        return LAST_SYLLABLES[first % len(LAST_SYLLABLES)] + LAST_SYLLABLES[second] + "SEN"

    def _common_facts(self) -> Facts:
        identifiers = (
            PracticeIdentifier(kind="npi", value=self.practice_npi),
            PracticeIdentifier(kind="tin", value="391234567"),
        )
        people = [ProviderRecord(npi=one.npi, entity_type="1") for one in self.doctors]
        values = [RelativeValue(code=code, global_days="XXX", work=Decimal("1.30")) for code in [*self.codes, *VISITS]]
        policies = [
            CoveragePolicy(id=f"L{33_000 + n}", procedures=frozenset([code]), diagnoses=frozenset(self.diagnoses))
            for n, code in enumerate(LABORATORY[::5])
        ]
        # As practices write them: most about a few codes, some about any line.
        rules = [
            LocalRule(
                id=f"R{n}", text="a rule of the practice", missing="referral", diagnoses_any=(f"Z9{n:02d}",),
                codes=(CodeRange(first=self.codes[n * 40], last=self.codes[n * 40 + 5]),) if n % 10 else (),
            )
            for n in range(50)
        ]  # fmt: skip
        return Facts(
            today=TODAY,
            code_sets=shipped(),
            payer=MEDICARE_B,
            practice=Practice(identifiers=identifiers, laboratories=(Laboratory(number="52D0000001", kind="compliance"),)),
            providers=(ProviderRecord(npi=self.practice_npi, entity_type="2"), *people),
            charge_master=charge_master_by_code(Price(code=code, amount=amount) for code, amount in self.prices.items()),
            enrolments=(Enrolment(payer_id=MEDICARE_B.payer_id, npi=self.practice_npi, tax_id="391234567", status="approved"),),
            route=Route(clearinghouse="PRETEND", payer_ids=(MEDICARE_B.payer_id,)),
            patient=PatientFlags(),
            coverages=(),
            contracts=(Contract(payer_id=MEDICARE_B.payer_id, tax_id="391234567"),),
            medicare_secondary=MedicareSecondary(answered_on=TODAY),
            cases=(),
            prior_adjudications=(),
            filing=FilingEvidence(),
            procedure_pairs=self.tables.pairs,
            unit_limits=self.tables.limits,
            add_ons=self.tables.add_ons,
            coverage_policies=PolicyTable(policies),
            drugs=DrugCrosswalk(DRUGS),
            relative_values=RelativeValues.of(values),
            authorizations=(),
            documents=(),
            stays=(),
            registry={one.npi: RegistryEntry(npi=one.npi, last_name=one.last_name, first_name=one.first_name, taxonomy=one.taxonomy, may_order=True) for one in self.doctors},
            locum_periods=(),
            therapy_used=(),
            local_rules=tuple(rules),
        )  # fmt: skip

    def claims(self, count: int, first: int = 0) -> Iterator[tuple[Claim, Facts]]:
        for number in range(first, first + count):
            claim = self._claim(number)
            yield claim, self._facts(claim, number)

    def _claim(self, number: int) -> Claim:
        rng = self.rng
        on = QUARTER + timedelta(days=rng.randrange(60))
        last, first = self._last_name(rng.randrange(196)), rng.choice(FIRST_NAMES)
        born = date(1930, 1, 1) + timedelta(days=rng.randrange(9_000))
        street = f"{rng.randrange(1, 9_999)} {rng.choice(STREETS)} ST"
        address = Address(
            line1=street,
            city="MADISON",
            state="WI",
            postal_code=f"5370{rng.randrange(9)}{rng.randrange(9_998) + 1:04d}",
        )
        patient = Patient(
            last_name=last,
            first_name=first,
            birth_date=born,
            sex=rng.choice("FM"),
            record_number=f"MRN{number}",
            address=address,
        )
        doctor, referring = rng.choice(self.doctors), rng.choice(self.doctors)
        codes = [rng.choice(VISITS), *rng.sample(self.codes, 5)]
        lines = []
        for index, code in enumerate(codes):
            lines.append(
                Line(
                    number=index + 1,
                    control_number=f"L{number}-{index}",
                    procedure_code=code,
                    modifiers=("25",) if index == 0 else ("XS",) if rng.random() < 0.02 else (),
                    charge=self.prices[code],
                    diagnosis_pointers=tuple(rng.sample((1, 2, 3, 4), 2)),
                    date_from=on,
                )  # fmt: skip
            )
        person = Person(last_name=last, first_name=first, birth_date=born, sex=patient.sex, address=address)
        return Claim(
            control_number=f"CW{number:09d}",
            patient=patient,
            coverage=Coverage(
                sequence="P", payer=Payer(payer_id=MEDICARE_B.payer_id, name="MEDICARE PART B", filing_indicator="MB"),
                member_id=self._member_id(), relationship="18", subscriber=person,
            ),
            billing_provider=self.billing,
            rendering=doctor,
            referring=Provider(npi=referring.npi, last_name=referring.last_name, first_name=referring.first_name),
            place_of_service="11",
            total_charge=sum((line.charge for line in lines), Decimal("0.00")),
            diagnoses=tuple(
                Diagnosis(code=code, qualifier="ABF" if place else "ABK")
                for place, code in enumerate(self._four_diagnoses())
            ),
            lines=tuple(lines),
            clia="52D0000001",
        )  # fmt: skip

    def _four_diagnoses(self) -> list[str]:
        """Four that may stand together."""
        while True:
            found = self.rng.sample(self.diagnoses, 4)
            if not any(excluded_pair(shipped(), *pair, QUARTER) for pair in combinations(found, 2)):
                return found

    def _member_id(self) -> str:
        rng = self.rng
        letter, digit = lambda: rng.choice(MEMBER_LETTERS), lambda: str(rng.randrange(10))
        return "".join((str(rng.randrange(1, 10)), letter(), digit(), digit(), letter(), letter(), digit(), letter(), letter(), digit(), digit()))  # fmt: skip

    def _facts(self, claim: Claim, number: int) -> Facts:
        """The claim's own: two earlier claims, eligibility, the note, what its lines should pay."""
        rng = self.rng
        earlier = tuple(
            PriorClaim(
                control_number=f"CX{number:08d}{n}", payer_id=MEDICARE_B.payer_id, state="ADJUDICATED",
                chain=f"X{number}-{n}", patient_key=claim.patient.record_number,
                lines=tuple(
                    PriorLine(
                        procedure_code=code, rendering_npi=claim.rendering.npi if claim.rendering else "",
                        date_from=QUARTER - timedelta(days=30 * (n + 1)), charge=self.prices[code],
                    )
                    for code in ("99213", rng.choice(self.codes))
                ),
            )
            for n in range(2)
        )  # fmt: skip
        common = {name: getattr(self._common, name) for name in self._common.__struct_fields__}
        common.update(
            patient_key=claim.patient.record_number,
            chain=f"C{number}",
            eligibility=(
                EligibilitySnapshot(
                    payer_id=MEDICARE_B.payer_id,
                    checked_on=TODAY - timedelta(days=3),
                    member_id=claim.coverage.member_id,
                ),
            ),
            prior_claims=earlier,
            control_numbers=(ControlNumberUse(control_number=claim.control_number, chain=f"C{number}"),),
            encounter=EncounterRecord(note_signed_on=claim.date_of_service, injury_answered=True),
            expected_prices={
                line.control_number: ExpectedPrice(line_control_number=line.control_number, allowed=line.charge / 2)
                for line in claim.lines
            },
        )
        return Facts(**common)
