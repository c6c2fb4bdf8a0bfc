"""Golden clean claims: every scenario of billing for each payer that has it, with all the facts an edit may ask about.

`golden_claims(seed)` gives them all, the same for the same seed. No edit may find anything on any of them, so that a
test which changes one field knows what that field does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from random import Random
from typing import Any
from zlib import crc32

import msgspec

from claimwright.claims.nouns import (
    Address,
    Adjustment,
    Claim,
    Coverage,
    Diagnosis,
    Line,
    LineAdjudication,
    Patient,
    Person,
    PriorPayment,
    Provider,
)
from claimwright.claims.synthetic.people import (
    CITIES,
    FIRST_NAMES,
    PRACTICES,
    STREETS,
    SURNAME_ENDS,
    SURNAME_STARTS,
    npi,
)
from claimwright.edits.facts import (
    Contract,
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
    PriorAdjudication,
    ProviderRecord,
    Route,
    charge_master_by_code,
)
from claimwright.edits.places import providers_of, renderings_of
from claimwright.edits.records import (
    Authorization,
    DocumentedService,
    EncounterRecord,
    ExpectedPrice,
    RegistryEntry,
    TherapyUse,
)
from tests.lib import golden_claims_data as data
from tests.lib.golden_claims_data import CLIA, FEES, FIRST_DAY, LAST_DAY, PAYERS, TODAY, GoldenPayer, payer_noun

MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
CENT = Decimal("0.01")
HEALTH = ("medicare", "medicaid", "blue", "commercial", "hmo")
WITH_DEPENDENTS = ("blue", "commercial", "hmo")
REPLACED = ("medicaid", "blue", "commercial", "hmo")  # Medicare Part B takes no replacement
HOSPITAL = ("medicare_a", "medicaid", "blue", "commercial", "hmo")
DENTAL = ("medicaid", "blue", "commercial", "hmo")
QUALIFIERS = {"P": "HC", "I": "HC", "D": "AD"}
FACILITY_TAXONOMY = "282N00000X"


class Golden(msgspec.Struct, frozen=True):
    """A clean claim and the facts it is judged by. The name is kind, scenario and payer: `P-telehealth-blue`."""

    name: str
    claim: Claim
    facts: Facts


class Scene:
    """A claim in the making. A scenario sets what it is about; `finish` makes the claim and every fact around it."""

    def __init__(self, kind: str, scenario: str, payer: str, seed: int) -> None:
        self.name = f"{kind}-{scenario}-{payer}"
        self.kind, self.payer = kind, PAYERS[payer]
        self.random = random = Random(f"{seed}/{self.name}")
        self.number = f"{kind}{crc32(self.name.encode()):010d}{seed % 100_000:05d}"
        self.day = FIRST_DAY + timedelta(random.randrange((LAST_DAY - FIRST_DAY).days))
        self.practice = PRACTICES[kind][random.randrange(len(PRACTICES[kind]))]
        self.billing = self.practice.billing
        self.people = self.practice.people
        self.factor = Decimal(random.randrange(80, 160)) / 100
        self.patient = self.person("F" if random.random() < 0.5 else "M", random.randrange(41, 62))
        self.claim: dict[str, Any] = {"place_of_service": "11"} if kind != "I" else {}
        self.coverage: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self.encounter: dict[str, Any] = {}
        self.lines: list[Line] = []
        self.priors: list[PriorPayment] = []
        self.found: tuple[Diagnosis, ...] = ()
        self.capitated = False
        if kind != "I":
            self.claim["rendering"] = self.people[0]

    # People -----------------------------------------------------------------------------------------------------------

    def person(self, sex: str, years: int, *, days: int | None = None) -> Person:
        random, (city, state, postal) = self.random, self.random.choice(CITIES)
        born = TODAY - timedelta(days if days is not None else years * 365 + random.randrange(40, 300))
        return Person(
            last_name=random.choice(SURNAME_STARTS) + random.choice(SURNAME_ENDS),
            first_name=random.choice(FIRST_NAMES[sex]), middle_name=random.choice(("", "A", "J", "M")),
            birth_date=born, sex=sex,
            address=Address(
                line1=f"{random.randrange(1, 9999)} {random.choice(STREETS)}", city=city, state=state,
                postal_code=f"{postal}{random.randrange(1, 9999):04d}",
            ),
        )  # fmt: skip

    def other(self, role: int, *, organization: bool = False) -> Provider:
        """A provider outside the practice: referring, ordering, a hospital."""
        random = self.random
        number = npi(50_000 + role * 1000 + random.randrange(1000))
        if organization:
            city, state, postal = random.choice(CITIES)
            return Provider(
                npi=number, is_organization=True, last_name=f"SPECIMEN {random.choice(SURNAME_ENDS)} HOSPITAL",
                address=Address(line1=f"{random.randrange(1, 999)} HOSPITAL DRIVE", city=city, state=state, postal_code=f"{postal}{random.randrange(1, 9999):04d}"),
            )  # fmt: skip
        return Provider(
            npi=number, last_name=random.choice(SURNAME_STARTS) + random.choice(SURNAME_ENDS),
            first_name=random.choice(FIRST_NAMES["F"]),
        )  # fmt: skip

    def member_id(self, payer: GoldenPayer) -> str:
        random = self.random
        draw = {
            "9": lambda: str(random.randrange(10)), "A": lambda: random.choice(MBI_LETTERS),
            "X": lambda: random.choice("ABCDEFGHKLMNPRTUVW"), "1": lambda: str(random.randrange(1, 10)),
        }  # fmt: skip
        return "".join(draw[one]() for one in payer.member_id)

    # The claim --------------------------------------------------------------------------------------------------------

    def sees(self, *codes: str, present: str = "") -> None:
        self.found = tuple(
            Diagnosis(code=code, qualifier="ABF" if at else "ABK", present_on_admission=present)
            for at, code in enumerate(codes)
        )

    def fee(self, code: str, units: Decimal) -> Decimal:
        each = (Decimal(FEES.get(code, 12_345)) * self.factor / 100).quantize(CENT, ROUND_HALF_UP)
        return each * units

    def line(self, code: str, *modifiers: str, units: str | int = 1, at: tuple[int, ...] = (1,), **more: Any) -> None:
        number, quantity = len(self.lines) + 1, Decimal(units)
        given: dict[str, Any] = {
            "number": number, "control_number": f"{self.number}L{number}", "procedure_code": code,
            "procedure_qualifier": QUALIFIERS[self.kind] if code else "", "modifiers": modifiers, "units": quantity,
            "charge": self.fee(code, quantity).quantize(CENT),
            "diagnosis_pointers": at if self.kind == "P" else (), "date_from": self.day,
        }  # fmt: skip
        self.lines.append(Line(**(given | more)))

    def at_place(self, place: str, *, facility: bool = True) -> None:
        self.claim["place_of_service"] = place
        if facility:
            self.claim["facility"] = self.other(9, organization=True)

    def authorize(self, *payers: str, kind: str = "authorization", codes: tuple[str, ...] = ()) -> None:
        """An authorization (or referral) on the claim and on file, where the payer is one of those that ask for it."""
        if self.payer.key not in payers:
            return
        number = f"{'R' if kind == 'referral' else 'A'}{self.random.randrange(10**8, 10**9)}"
        self.claim["referral" if kind == "referral" else "prior_authorization"] = number
        held = Authorization(
            kind=kind, number=number, payer_id=self.payer.profile.payer_id, start=self.day - timedelta(20),
            end=self.day + timedelta(40), units_left=Decimal(400), visits_left=20,
        )  # fmt: skip
        self.facts["authorizations"] = (*self.facts.get("authorizations", ()), held)

    def payer_asks(self, **more: Any) -> None:
        """The payer with rules of its own beside those of its example profile."""
        self.facts["payer"] = msgspec.structs.replace(self.payer.profile, **more)

    def dependent(self, relationship: str = "19", holder: Person | None = None) -> None:
        holder = holder or self.person("F", 40)
        named = Person(last_name=holder.last_name, first_name=holder.first_name, middle_name=holder.middle_name)
        self.coverage |= {"relationship": relationship, "subscriber": named}

    # Other payers -----------------------------------------------------------------------------------------------------

    def earlier(self, key: str, *, by_line: bool = True, paid_percent: int = 55) -> None:
        """Another payer before this one, which has decided: by line, or on the claim alone. The last call is the latest."""
        payer, at = PAYERS[key], len(self.priors)
        decided_on = self.day + timedelta(14 + 6 * at)
        holder = self.patient
        cover = Coverage(
            sequence="PST"[at], payer=payer_noun(payer), member_id=self.member_id(payer), relationship="18",
            subscriber=Person(
                last_name=holder.last_name, first_name=holder.first_name, middle_name=holder.middle_name,
                address=holder.address,
            ),
        )  # fmt: skip
        total = sum((line.charge for line in self.lines), Decimal("0.00"))
        if by_line:
            decided = [self._decision(line, payer.profile.payer_id, decided_on, paid_percent) for line in self.lines]
            self.lines = [
                msgspec.structs.replace(line, adjudications=(*line.adjudications, one))
                for line, one in zip(self.lines, decided, strict=True)
            ]
            paid, adjustments = sum((one.paid_amount for one in decided), Decimal("0.00")), ()
        else:
            paid, adjustments = self._parted(total, paid_percent)
        self.priors.append(
            PriorPayment(
                coverage=cover, paid_amount=paid, adjustments=adjustments,
                adjudication_date=None if by_line else decided_on, payer_claim_number=f"PCN{self.random.randrange(10**9):09d}",
            )
        )  # fmt: skip
        self.coverage["sequence"] = "PSTA"[at + 1]

    def _decision(self, line: Line, payer_id: str, on: date, percent: int) -> LineAdjudication:
        paid, adjustments = self._parted(line.charge, percent)
        return LineAdjudication(
            payer_id=payer_id, paid_amount=paid, procedure_code=line.procedure_code,
            procedure_qualifier=line.procedure_qualifier, modifiers=line.modifiers, revenue_code=line.revenue_code,
            units=line.units, adjustments=adjustments, adjudication_date=on,
        )  # fmt: skip

    def _parted(self, charge: Decimal, percent: int) -> tuple[Decimal, tuple[Adjustment, ...]]:
        """What was paid, and CO-45, CO-253 and PR-2 that make up the rest."""
        paid = (charge * percent / 100).quantize(CENT)
        sequestered = (charge / 100).quantize(CENT)
        left = charge - paid - sequestered
        owed = (left / 3).quantize(CENT)
        parts = (("CO", "45", left - owed), ("CO", "253", sequestered), ("PR", "2", owed))
        return paid, tuple(Adjustment(group=g, reason=r, amount=a) for g, r, a in parts if a)

    # The whole --------------------------------------------------------------------------------------------------------

    def finish(self) -> Golden:
        claim = self._claim()
        return Golden(self.name, claim, self._facts(claim))

    def _claim(self) -> Claim:
        told = {field: getattr(self.patient, field) for field in Person.__struct_fields__}
        record = "" if self.kind == "D" else f"MRN{self.random.randrange(10**7):07d}"
        given: dict[str, Any] = {
            "control_number": self.number, "kind": self.kind, "patient": Patient(**told, record_number=record),
            "coverage": Coverage(
                **(
                    {
                        "payer": payer_noun(self.payer), "member_id": self.member_id(self.payer),
                        "group_number": f"GRP{self.random.randrange(1000):03d}", "subscriber": self.patient,
                    } | self.coverage
                )
            ),
            "prior_payments": tuple(self.priors), "billing_provider": self.billing, "diagnoses": self.found,
            "lines": tuple(self.lines), "total_charge": sum((line.charge for line in self.lines), Decimal("0.00")),
        }  # fmt: skip
        return Claim(**(given | self.claim))

    def _facts(self, claim: Claim) -> Facts:
        on = claim.date_of_service or self.day
        given: dict[str, Any] = {
            **_tables(self.kind), **self._payer_facts(claim, on), **self._provider_facts(claim), **self._line_facts(claim),
            "today": TODAY, "patient_key": claim.patient.record_number or self.number, "chain": f"C{self.number}",
            "patient": PatientFlags(), "medicare_secondary": MedicareSecondary(answered_on=TODAY - timedelta(20)),
            "cases": (), "prior_claims": (), "control_numbers": (), "filing": FilingEvidence(), "authorizations": (),
            "documents": (), "stays": (), "locum_periods": (), "therapy_used": (TherapyUse(year=2026),), "local_rules": (),
            "encounter": EncounterRecord(
                **(
                    {
                        "note_signed_on": on, "diagnoses": frozenset(one.code for one in claim.diagnoses),
                        "services": tuple(
                            DocumentedService(code=line.procedure_code, units=line.units)
                            for line in claim.lines if line.procedure_code
                        ),
                        "problems": "high", "data": "high", "injury_answered": True,
                    } | self.encounter
                )
            ),
        }  # fmt: skip
        return Facts(**(given | self.facts))

    def _payer_facts(self, claim: Claim, on: date) -> dict[str, Any]:
        profile, cover, billing = self.payer.profile, claim.coverage, claim.billing_provider
        others = tuple(prior.coverage for prior in claim.prior_payments)
        ids = tuple(one.payer.payer_id for one in (cover, *others))
        return {
            "payer": profile,
            "enrolments": tuple(
                Enrolment(payer_id=profile.payer_id, npi=one, tax_id=billing.tax_id, status="approved", start=date(2024, 1, 1))
                for one in dict.fromkeys((billing.npi, *(one.npi for _, one in renderings_of(claim))))
            ),
            "route": Route(clearinghouse="PRETEND", payer_ids=ids),
            "coverages": (cover, *others),
            "eligibility": (
                EligibilitySnapshot(
                    payer_id=profile.payer_id, checked_on=TODAY - timedelta(4), member_id=cover.member_id,
                    start=date(2026, 1, 1),
                ),
            ),
            "contracts": (Contract(payer_id=profile.payer_id, tax_id=billing.tax_id, start=date(2025, 1, 1)),),
            "prior_adjudications": tuple(
                PriorAdjudication(
                    payer_id=prior.coverage.payer.payer_id, decided_on=on + timedelta(14), paid_amount=prior.paid_amount
                )
                for prior in claim.prior_payments
            ),
        }  # fmt: skip

    def _provider_facts(self, claim: Claim) -> dict[str, Any]:
        named = {provider.npi: provider for _, provider in providers_of(claim) if provider.npi}
        billing = claim.billing_provider
        return {
            "practice": Practice(
                identifiers=(
                    PracticeIdentifier(kind="npi", value=billing.npi, start=date(2020, 1, 1)),
                    PracticeIdentifier(kind="tin", value=billing.tax_id, start=date(2020, 1, 1)),
                ),
                bills_as_supplier=billing.npi != self.practice.billing.npi,
                laboratories=(Laboratory(number=CLIA, kind="compliance", start=date(2024, 1, 1)),),
            ),
            "providers": tuple(
                ProviderRecord(npi=one.npi, entity_type="2" if one.is_organization else "1") for one in named.values()
            ),
            "registry": {
                one.npi: RegistryEntry(
                    npi=one.npi, last_name=one.last_name, first_name=one.first_name,
                    taxonomy=one.taxonomy or "207R00000X", may_order=True,
                )
                for one in named.values()
            },
        }  # fmt: skip

    def _line_facts(self, claim: Claim) -> dict[str, Any]:
        prices = {
            line.procedure_code: Price(
                code=line.procedure_code, amount=self.fee(line.procedure_code, Decimal(1)), start=date(2026, 1, 1)
            )
            for line in claim.lines
            if line.procedure_code
        }
        return {
            "charge_master": charge_master_by_code(prices.values()),
            "expected_prices": {
                line.control_number: ExpectedPrice(
                    line_control_number=line.control_number, allowed=(line.charge * 6 / 10).quantize(CENT),
                    capitated=self.capitated,
                )
                for line in claim.lines
            },
        }  # fmt: skip


@lru_cache(maxsize=4)
def _tables(kind: str) -> dict[str, Any]:
    return {
        "code_sets": data.code_sets(), "relative_values": data.relative_values(),
        "procedure_pairs": data.procedure_pairs(), "unit_limits": data.unit_limits(), "add_ons": data.add_ons(),
        "coverage_policies": data.coverage_policies(), "drugs": data.drugs(),
    }  # fmt: skip


# The catalogue of scenarios -------------------------------------------------------------------------------------------


class Scenario(msgspec.Struct, frozen=True):
    kind: str
    name: str
    payers: tuple[str, ...]
    make: Callable[[Scene], None]


def scenarios() -> tuple[Scenario, ...]:
    from tests.lib import (  # they need Scene
        golden_claims_dental,
        golden_claims_institutional,
        golden_claims_procedures,
        golden_claims_professional,
    )

    parts = (golden_claims_professional, golden_claims_procedures, golden_claims_institutional, golden_claims_dental)
    return tuple(one for part in parts for one in part.SCENARIOS)


def golden_claims(seed: int = 1, kinds: str = "PID") -> Iterator[Golden]:
    """Every scenario for each of its payers, once."""
    for scenario in scenarios():
        if scenario.kind in kinds:
            for payer in scenario.payers:
                yield staged(scenario, payer, seed)


def staged(scenario: Scenario, payer: str, seed: int) -> Golden:
    scene = Scene(scenario.kind, scenario.name, payer, seed)
    scenario.make(scene)
    return scene.finish()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[Scenario, str]]:
    return {f"{one.kind}-{one.name}-{payer}": (one, payer) for one in scenarios() for payer in one.payers}


def golden(name: str, seed: int = 1) -> Golden:
    """One golden claim by its name."""
    scenario, payer = _by_name()[name]
    return staged(scenario, payer, seed)
