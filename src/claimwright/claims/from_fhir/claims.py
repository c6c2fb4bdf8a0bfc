"""FHIR R4 Claim resources to encounters: charges that another system proposes, as it would have billed them.

A Claim whose items name an Encounter of the same bundle is not read: that visit is charged from its own resources.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.claims.from_fhir.bundles import decimal_of
from claimwright.claims.from_fhir.code_map import DIAGNOSES, IGNORE
from claimwright.claims.from_fhir.interface import Interface, known_provider, place_of
from claimwright.claims.from_fhir.people import coverages_of, day, patient_of
from claimwright.claims.from_fhir.reading import Index, Resource, child, codings, items, text
from claimwright.claims.nouns import ZERO, Diagnosis, Encounter, IntakeProblem, IntakeResult, Line, Patient, Provider
from claimwright.codes.money import money

MAXIMUM_DIAGNOSES = 12
KINDS = ("professional", "oral", "vision", "pharmacy", "institutional")
TAKEN_KIND = "professional"
POINTERS_PER_LINE, MODIFIERS_PER_LINE = 4, 4
# careTeam.role, and what of ours it is. The first of no role renders.
ROLES = {"primary": "rendering", "performing": "rendering", "rendering": "rendering", "referring": "referring",
         "supervisor": "supervising", "supervising": "supervising"}  # fmt: skip
CAUSES = {"MVA": "AA", "WPA": "EM", "SPT": "OA", "SCHOOL": "OA"}  # v3 ActIncidentCode
FIX_MAP = "Add the code to this interface's codes, then replay"


def read_claims(index: Index, interface: Interface) -> IntakeResult:
    """The active professional Claims of a bundle that stand for charges. Never raises for what they hold."""
    encounters: list[Encounter] = []
    problems: list[IntakeProblem] = []
    for resource in index.of_type("Claim"):
        if text(resource, "status") not in ("active", "") or text(resource, "use") not in ("claim", ""):
            continue
        if _names_visit(index, resource):
            continue
        reader = _ClaimReader(index, resource, interface)
        found = reader.read()
        problems += reader.problems
        if found is not None:
            encounters.append(found)
    return IntakeResult(encounters=tuple(encounters), problems=tuple(problems))


def _names_visit(index: Index, resource: Resource) -> bool:
    visits = (one for item in items(resource, "item") for one in items(item, "encounter"))
    return any(text(index.resolve(resource, one), "resourceType") == "Encounter" for one in visits)


class _ClaimReader:
    def __init__(self, index: Index, resource: Resource, interface: Interface) -> None:
        self.index, self.resource, self.interface = index, resource, interface
        self.problems: list[IntakeProblem] = []
        version = text(child(resource, "meta"), "versionId")
        given = next((one for one in items(resource, "identifier") if text(one, "value")), {})
        system = text(given, "system") or interface.system
        self.external_id = f"{system}|Claim|{text(given, 'value') or text(resource, 'id')}|{version}"

    def problem(self, code: str, path: str, message: str, fix: str, *, blocks: bool = True, **about: str) -> None:
        place = f"Claim/{text(self.resource, 'id')}.{path}"
        self.problems.append(
            IntakeProblem(code=code, place=place, message=message, fix=fix, encounter=self.external_id, blocks=blocks,
                          **about)
        )  # fmt: skip

    def read(self) -> Encounter | None:
        if not text(self.resource, "id") and not items(self.resource, "identifier"):
            self.problem("NO_ID", "id", "The claim has neither id nor identifier", "Ask the sender for ids")
            return None
        kind = next((code for _, code in codings(child(self.resource, "type")) if code in KINDS), TAKEN_KIND)
        if kind != TAKEN_KIND:
            self.problem("OTHER_KIND", "type", "Only professional claims are taken as charges",
                         "Ask the sender for the X12 837 of it, or enter it by hand")  # fmt: skip
            return None
        subject = self.index.resolve(self.resource, self.resource.get("patient"))
        if subject is None or text(subject, "resourceType") != "Patient":
            self.problem("UNKNOWN_PATIENT", "patient", "The patient is not in the bundle; nothing outside it is fetched",
                         "Ask the sender to put the Patient into the bundle")  # fmt: skip
            return None
        return self._encounter(subject, patient_of(subject))

    def _encounter(self, subject: Resource, patient: Patient) -> Encounter:
        diagnoses = self._diagnoses()
        lines = tuple(self._lines(diagnoses))
        period = child(self.resource, "billablePeriod")
        days = [line.date_from for line in lines if line.date_from]
        first = min(days, default=day(text(period, "start")))
        last = max(days, default=first)
        team = self._team()
        rendering = team.get("rendering")
        if rendering is None and not any(problem.code == "UNKNOWN_PROVIDER" for problem in self.problems):
            self.problem(
                "UNKNOWN_PROVIDER", "careTeam", "No provider is named", "Choose the rendering provider on the visit"
            )
        if not lines:
            self.problem("NOTHING_BILLABLE", "item", "No item becomes a line on a claim", "Check the interface's codes")
        service, place, facility = self._where()
        covers = coverages_of(self.index, subject, patient, first, 0) if first else []
        focal = next((one for one in items(self.resource, "insurance") if one.get("focal") is True), {})
        causes, happened, state = self._accident()
        return Encounter(
            external_id=self.external_id, source="fhir", patient=patient, coverages=tuple(covers),
            billing_npi=self.interface.billing_npi, location=place, rendering=rendering,
            referring=team.get("referring"), supervising=team.get("supervising"), facility=facility,
            place_of_service=service, date_from=first, date_to=last,
            diagnoses=tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK")
                            for at, code in enumerate(dict.fromkeys(diagnoses.values()))),
            lines=lines, prior_authorization=next(iter(_texts(focal, "preAuthRef")), ""), causes=causes, accident_date=happened, accident_state=state,
        )  # fmt: skip

    def _diagnoses(self) -> dict[int, str]:
        """Code by the number that items point with."""
        found: dict[int, str] = {}
        rows = [
            (_number(one.get("sequence")) or at, one) for at, one in enumerate(items(self.resource, "diagnosis"), 1)
        ]
        for number, one in sorted(rows, key=lambda row: row[0]):
            concept = child(one, "diagnosisCodeableConcept")
            if not concept:
                pointed = self.index.resolve(self.resource, one.get("diagnosisReference"))
                if pointed is None:
                    self.problem("UNRESOLVED_REFERENCE", f"diagnosis[{number - 1}]",
                                 "A diagnosis is not in the bundle; nothing outside it is fetched",
                                 "Ask the sender to put the Condition into the bundle")  # fmt: skip
                    continue
                concept = child(pointed, "code")
            code = self._mapped(concept, f"diagnosis[{number - 1}]", diagnosis=True)
            if code and len(set(found.values()) | {code[0]}) <= MAXIMUM_DIAGNOSES:
                found[number] = code[0]
        return found

    def _mapped(self, concept: Resource, path: str, *, diagnosis: bool) -> tuple[str, tuple[str, ...], Decimal] | None:
        """Code, modifiers and units of the first coding that a map knows; None with a problem, or where it is ignored."""
        on = self._day()
        for system, code in codings(concept):
            rows = self.interface.code_map.find(system, code, on=on)
            wanted = [
                row for row in rows if (row.target_system == DIAGNOSES) is diagnosis and row.target_system != IGNORE
            ]
            if wanted:
                return wanted[0].target_code, wanted[0].modifiers, wanted[0].units
            if rows:
                return None
        system, code = next(iter(codings(concept)), ("", ""))
        self.problem("UNMAPPED_CODE", path, "No map knows this code", FIX_MAP, system=system, value=code[:40])
        return None

    def _day(self) -> date:
        first = next(iter(items(self.resource, "item")), {})
        period = child(self.resource, "billablePeriod")
        found = day(text(first, "servicedDate")) or day(text(child(first, "servicedPeriod"), "start"))
        return found or day(text(period, "start")) or date.min

    def _lines(self, diagnoses: dict[int, str]) -> Iterator[Line]:
        order = list(dict.fromkeys(diagnoses.values()))
        period = child(self.resource, "billablePeriod")
        for at, item in enumerate(items(self.resource, "item")):
            path = f"item[{at}]"
            code = self._mapped(child(item, "productOrService"), path, diagnosis=False)
            if code is None:
                continue
            serviced = child(item, "servicedPeriod")
            first = day(text(item, "servicedDate")) or day(text(serviced, "start")) or day(text(period, "start"))
            if first is None:
                self.problem("NO_DATE", path, "The item has no day of service", "Ask the sender for servicedDate")
            units = decimal_of(child(item, "quantity").get("value")) or Decimal(1)
            net = decimal_of(child(item, "net").get("value"))
            price = decimal_of(child(item, "unitPrice").get("value"))
            charge = net if net is not None else (price * units if price is not None else ZERO)
            if charge < ZERO or units <= 0:
                self.problem("BAD_NUMBER", path, "An amount or quantity is below zero", "Ask the sender")
                continue
            numbers = item.get("diagnosisSequence")
            pointed = (
                [diagnoses.get(one, "") for one in numbers if isinstance(one, int)] if isinstance(numbers, list) else []
            )
            pointers = [order.index(one) + 1 for one in dict.fromkeys(pointed) if one]
            modifiers = [one for concept in items(item, "modifier") for _, one in codings(concept)]
            yield Line(
                number=at + 1, procedure_code=code[0], units=units * code[2], charge=money(charge), date_from=first,
                modifiers=tuple(dict.fromkeys((*code[1], *(one.upper() for one in modifiers))))[:MODIFIERS_PER_LINE],
                diagnosis_pointers=tuple(pointers or range(1, min(len(order), POINTERS_PER_LINE) + 1))[:POINTERS_PER_LINE],
            )  # fmt: skip

    def _team(self) -> dict[str, Provider]:
        found: dict[str, Provider] = {}
        members = items(self.resource, "careTeam") or [{"provider": self.resource.get("provider")}]
        for at, member in enumerate(members):
            role = next((ROLES[code] for _, code in codings(child(member, "role")) if code in ROLES), "")
            role = role or ("rendering" if "rendering" not in found else "")
            if not role or role in found:
                continue
            known, ids = known_provider(self.index, self.resource, member.get("provider"), self.interface)
            if known is not None:
                found[role] = known
            elif role == "rendering":
                self.problem("UNKNOWN_PROVIDER", f"careTeam[{at}]", "The practice has no record of this provider",
                             "Add the sender's id to this interface's providers, then replay", system="provider",
                             value=ids[0] if ids else "")  # fmt: skip
        return found

    def _where(self) -> tuple[str, str, Provider | None]:
        """Place of service, our location and its facility."""
        codes = [code for item in items(self.resource, "item")
                 for _, code in codings(child(item, "locationCodeableConcept"))]  # fmt: skip
        service = next((code for code in codes if len(code) == 2 and code.isdigit()), "")
        place = place_of(self.index, self.resource, self.resource.get("facility"), self.interface)
        if place is not None:
            return service or place.place_of_service, place.code, place.facility
        if not service:
            self.problem("UNKNOWN_LOCATION", "facility", "Neither a place of service nor a known location is told",
                         "Add the sender's id to this interface's locations (* stands for all others), then replay",
                         system="location")  # fmt: skip
        return service, "", None

    def _accident(self) -> tuple[tuple[str, ...], date | None, str]:
        accident = child(self.resource, "accident")
        on = day(text(accident, "date"))
        if on is None:
            return (), None, ""
        causes = tuple(CAUSES[code] for _, code in codings(child(accident, "type")) if code in CAUSES) or ("OA",)
        state = text(child(accident, "locationAddress"), "state").upper()
        return causes, on, state if len(state) == 2 else ""


def _texts(resource: Resource, key: str) -> list[str]:
    found = resource.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000 else 0


def both(first: IntakeResult, second: IntakeResult) -> IntakeResult:
    """Two results as one."""
    return msgspec.structs.replace(
        first, encounters=(*first.encounters, *second.encounters), problems=(*first.problems, *second.problems)
    )
