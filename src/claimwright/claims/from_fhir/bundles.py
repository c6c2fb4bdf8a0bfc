"""A FHIR R4 bundle to encounters: finished visits become coded lines through the interface's code map.

Nothing is guessed and nothing dropped: a code without a mapping, a reference that leads out of the bundle, a provider
the practice does not know each give an IntakeProblem that names the encounter, and the encounter is kept, held.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import msgspec

from claimwright.claims.from_fhir.code_map import DIAGNOSES, IGNORE, Mapping
from claimwright.claims.from_fhir.interface import Interface as Interface
from claimwright.claims.from_fhir.interface import KnownProvider as KnownProvider
from claimwright.claims.from_fhir.interface import Shift as Shift
from claimwright.claims.from_fhir.interface import as_sent as as_sent
from claimwright.claims.from_fhir.interface import known_provider, place_of, practitioner_of
from claimwright.claims.from_fhir.interface import no_shift as no_shift
from claimwright.claims.from_fhir.people import coverages_of, day, patient_of, provider_of
from claimwright.claims.from_fhir.reading import (
    BundleRefused,
    Index,
    Resource,
    child,
    codings,
    items,
    parse_bundle,
    text,
)
from claimwright.claims.interface_maps import Place
from claimwright.claims.nouns import ZERO, Diagnosis, Encounter, IntakeProblem, IntakeResult, Line, Patient, Provider
from claimwright.codes.diagnosis import is_first_listed_only
from claimwright.codes.money import money

MAXIMUM_DIAGNOSES = 12
POINTERS_PER_LINE = 4

# Encounter.class (v3 ActCode) to place of service; a virtual visit's own 02 or 10 is not told by FHIR.
PLACES = {"AMB": "11", "EMER": "23", "IMP": "21", "ACUTE": "21", "NONAC": "21", "OBSENC": "22", "SS": "22", "HH": "12"}
INPATIENT = ("IMP", "ACUTE", "NONAC")
OFFICE = "11"

# What is coded on a visit: resource, its code, the states that count, the encounter reference.
CODED = (
    ("Procedure", "code", ("completed",)),
    ("Immunization", "vaccineCode", ("completed",)),
)
CHARGE_STATES_NOT_BILLED = ("aborted", "not-billable", "entered-in-error", "billed")
REFUTED = ("refuted", "entered-in-error")
UNCONFIRMED = ("provisional", "differential", "unconfirmed")
FIX_MAP = "Add the code to this interface's code map, then take the encounter in again"


def read_bundles(files: Iterable[tuple[str, bytes]], interface: Interface) -> IntakeResult:
    """All files in turn; a file that cannot be taken is one problem, and the others go on."""
    encounters: list[Encounter] = []
    problems: list[IntakeProblem] = []
    for name, data in files:
        try:
            result = read_bundle(parse_bundle(data, name), interface)
        except BundleRefused as refusal:
            problems.append(refusal.problem)
            continue
        encounters.extend(result.encounters)
        problems.extend(result.problems)
    return IntakeResult(encounters=tuple(encounters), problems=tuple(problems))


def read_bundle(bundle: Resource, interface: Interface) -> IntakeResult:
    """The finished encounters of one bundle, in order of date."""
    index = Index(bundle)
    encounters: list[Encounter] = []
    problems: list[IntakeProblem] = []
    seen: set[str] = set()
    for resource in index.of_type("Encounter"):
        reader = EncounterReader(index, resource, interface)
        encounter = reader.read()
        if encounter is not None and encounter.external_id in seen:
            reader.problem(
                "DUPLICATE_ENCOUNTER", "The bundle holds this encounter twice", "Nothing: the first was taken"
            )
            encounter = None
        if encounter is not None:
            seen.add(encounter.external_id)
            encounters.append(encounter)
        problems.extend(reader.problems)
    encounters = _dead_no_sooner(encounters)
    encounters.sort(key=lambda encounter: (encounter.date_from or date.min, encounter.external_id))
    return IntakeResult(encounters=tuple(encounters), problems=tuple(problems))


def _dead_no_sooner(encounters: list[Encounter]) -> list[Encounter]:
    """Where visits were moved, a death moves with the one that moved furthest: no visit falls after it by moving."""
    days = max((encounter.days_shifted for encounter in encounters), default=0)
    return [
        msgspec.structs.replace(
            one, patient=msgspec.structs.replace(one.patient, death_date=one.patient.death_date + timedelta(days=days))
        )
        if one.patient.death_date and days
        else one
        for one in encounters
    ]


class Source(msgspec.Struct, frozen=True):
    """One code of the visit as it came, with the day and number of times it was done."""

    concept: Resource
    place: str
    day: date
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    modifiers: tuple[str, ...] = ()


class EncounterReader:
    """Reads one Encounter with all that points at it."""

    def __init__(self, index: Index, resource: Resource, interface: Interface) -> None:
        self.index, self.resource, self.interface = index, resource, interface
        self.problems: list[IntakeProblem] = []
        self.diagnoses: list[str] = []
        self.lines: list[tuple[Line, tuple[str, ...]]] = []  # with the diagnoses that came with the same code
        self.patient = Patient()
        self.external_id = self._external_id()
        self.start: date | None = day(text(child(resource, "period"), "start"))

    def problem(
        self,
        code: str,
        message: str,
        fix: str,
        *,
        place: str = "",
        system: str = "",
        value: str = "",
        blocks: bool = True,
    ) -> None:
        identity = text(self.resource, "id")
        self.problems.append(
            IntakeProblem(
                code=code,
                place=place or f"Encounter/{identity}",
                message=message,
                fix=fix,
                system=system,
                value=value,
                encounter=self.external_id,
                blocks=blocks,
            )
        )

    def read(self) -> Encounter | None:
        """The encounter, or None with a problem where there is no visit to keep (not finished, no patient, no date)."""
        if not self._may_be_taken() or self.start is None:
            return None
        subject = self.index.resolve(self.resource, self.resource.get("subject"))
        if subject is None or subject.get("resourceType") != "Patient":
            self.problem(
                "UNKNOWN_PATIENT",
                "The encounter's patient is not in the bundle; references are never followed outside it",
                "Ask the sender to put the Patient into the bundle",
            )
            return None
        self.patient = patient_of(subject)
        end = day(text(child(self.resource, "period"), "end")) or self.start
        self._read_codes()
        return self._encounter(subject, self.start, max(end, self.start))

    def _may_be_taken(self) -> bool:
        if not text(self.resource, "id") and not items(self.resource, "identifier"):
            self.problem(
                "NO_ID", "The encounter has neither id nor identifier", "Ask the sender for ids", place="Encounter"
            )
            return False
        status = text(self.resource, "status")
        if status != "finished":
            self.problem(
                "NOT_FINISHED",
                "Only finished encounters are billed",
                "Nothing: it comes again when it is finished",
                blocks=False,
            )
            return False
        if self.start is None:
            self.problem("NO_DATE", "The encounter has no day of service", "Ask the sender for period.start")
            return False
        return True

    def _external_id(self) -> str:
        version = text(child(self.resource, "meta"), "versionId")
        for identifier in items(self.resource, "identifier"):
            if text(identifier, "value"):
                return f"{text(identifier, 'system') or self.interface.system}|{text(identifier, 'value')}|{version}"
        return f"{self.interface.system}|{text(self.resource, 'id')}|{version}"

    # Codes ----------------------------------------------------------------------------------------------------------

    def _read_codes(self) -> None:
        assert self.start is not None
        for condition in self._conditions():
            self._condition(condition)
        identity = text(self.resource, "id")
        visit = [Source(concept, f"Encounter/{identity}", self.start) for concept in items(self.resource, "type")]
        charges = self._charge_items()
        # Charge items are what the practice charges; beside them procedures would charge the same work again.
        for source in charges or [*visit, *self._performed()]:
            self._code(source)
        if not self.lines:
            self.problem(
                "NOTHING_BILLABLE",
                "No code of this encounter becomes a line on a claim",
                "Check the code map; close the encounter as not billable if that is right",
            )

    def _linked(self, kind: str) -> list[Resource]:
        found = []
        for resource in self.index.of_type(kind):
            reference = resource.get("encounter") or resource.get("context")
            if self.index.resolve(resource, reference) is self.resource:
                found.append(resource)
        return found

    def _conditions(self) -> list[Resource]:
        """Conditions in the order the encounter ranks them, then those that point at the encounter."""
        ranked: list[tuple[int, Resource]] = []
        for diagnosis in items(self.resource, "diagnosis"):
            condition = self.index.resolve(self.resource, diagnosis.get("condition"))
            rank = diagnosis.get("rank")
            if condition is None:
                self.problem(
                    "UNRESOLVED_REFERENCE",
                    "A diagnosis points outside the bundle; references are never followed outside it",
                    "Ask the sender to put the Condition into the bundle",
                )
            else:
                ranked.append((rank if isinstance(rank, int) else 99, condition))
        ranked.sort(key=lambda pair: pair[0])
        found = [condition for _, condition in ranked]
        return found + [c for c in self._linked("Condition") if not any(c is other for other in found)]

    def _condition(self, condition: Resource) -> None:
        identity = text(condition, "id")
        status = {code for _, code in codings(child(condition, "verificationStatus"))}
        if status & set(REFUTED):
            return
        if status & set(UNCONFIRMED):
            self.problem(
                "DIAGNOSIS_UNCONFIRMED",
                "A suspected condition is not coded on an outpatient claim",
                "Code the sign or symptom, or query the provider",
                place=f"Condition/{identity}",
                blocks=False,
            )
            return
        assert self.start is not None
        self._code(Source(child(condition, "code"), f"Condition/{identity}", self.start))

    def _performed(self) -> list[Source]:
        sources = []
        for kind, member, states in CODED:
            for resource in self._linked(kind):
                if text(resource, "status") not in states:
                    continue
                when = (
                    text(resource, "performedDateTime")
                    or text(child(resource, "performedPeriod"), "start")
                    or text(resource, "occurrenceDateTime")
                )
                sides = {code for site in items(resource, "bodySite") for _, code in codings(site)}
                modifiers = tuple(SIDES[code] for code in sorted(sides & SIDES.keys()))
                done = self._within(day(when))
                place = f"{kind}/{text(resource, 'id')}"
                sources.append(Source(child(resource, member), place, done, modifiers=modifiers))
        return sources

    def _charge_items(self) -> list[Source]:
        sources = []
        for resource in self._linked("ChargeItem"):
            if text(resource, "status") in CHARGE_STATES_NOT_BILLED:
                continue
            place = f"ChargeItem/{text(resource, 'id')}"
            quantity = decimal_of(child(resource, "quantity").get("value"))
            price = decimal_of(child(resource, "priceOverride").get("value"))
            done = self._within(day(text(resource, "occurrenceDateTime")))
            sources.append(Source(child(resource, "code"), place, done, quantity or Decimal(1), price))
        return sources

    def _within(self, done: date | None) -> date:
        assert self.start is not None
        return done if done is not None and done >= self.start else self.start

    def _code(self, source: Source) -> None:
        """Apply the mappings of the first coding that has any; none at all is a problem that holds the encounter."""
        found = codings(source.concept)
        assert self.start is not None
        for system, code in found:
            mappings = self.interface.code_map.find(system, code, on=self.start, age=self._age(), sex=self.patient.sex)
            if mappings:
                self._apply(mappings, source)
                return
        system, code = found[0] if found else ("", "")
        self.problem(
            "UNMAPPED_CODE",
            "The code map has no row for this code",
            FIX_MAP,
            place=source.place,
            system=system,
            value=code,
        )

    def _apply(self, mappings: tuple[Mapping, ...], source: Source) -> None:
        own = tuple(mapping.target_code for mapping in mappings if mapping.target_system == DIAGNOSES)
        self.diagnoses.extend(code for code in own if code not in self.diagnoses)
        for mapping in mappings:
            if mapping.target_system not in (DIAGNOSES, IGNORE):
                self._line(mapping, source, own)

    def _line(self, mapping: Mapping, source: Source, own: tuple[str, ...]) -> None:
        modifiers = tuple(dict.fromkeys((*mapping.modifiers, *source.modifiers)))
        units = mapping.units * source.quantity
        code = mapping.target_code
        at = self._same_line(code, modifiers, source.day)
        if at is not None and mapping.repeat and mapping.repeat != "once":
            code = mapping.repeat
            at = self._same_line(code, modifiers, source.day)
        elif at is not None and mapping.repeat == "once":
            return
        charge = money(source.price) if source.price is not None else ZERO  # priceOverride is of the whole item
        if at is not None:
            line, diagnoses = self.lines[at]
            more = msgspec.structs.replace(line, units=line.units + units, charge=line.charge + charge)
            self.lines[at] = more, tuple(dict.fromkeys((*diagnoses, *own)))
            return
        line = Line(procedure_code=code, modifiers=modifiers, units=units, charge=charge, date_from=source.day)
        self.lines.append((line, own))

    def _same_line(self, code: str, modifiers: tuple[str, ...], on: date) -> int | None:
        for at, (line, _) in enumerate(self.lines):
            if (line.procedure_code, line.modifiers, line.date_from) == (code, modifiers, on):
                return at
        return None

    def _age(self) -> int:
        """Whole years on the day of service as the claim will have it: a visit that is moved is coded by the age then."""
        birth = self.patient.birth_date
        if birth is None or self.start is None:
            return 0
        on = self.start + timedelta(days=self.interface.shift(self.start))
        return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))

    # The encounter --------------------------------------------------------------------------------------------------

    def _encounter(self, subject: Resource, start: date, end: date) -> Encounter:
        # Bundles rank nothing: a code that may only stand first does, the others keep their order.
        self.diagnoses.sort(key=lambda code: not is_first_listed_only(code))
        days = self.interface.shift(start)
        kind = text(child(self.resource, "class"), "code")
        if kind and kind not in PLACES:
            self.problem(
                "UNMAPPED_CODE",
                "This class of encounter has no place of service",
                "Set the place of service on the encounter",
                system="http://terminology.hl7.org/CodeSystem/v3-ActCode",
                value=kind,
            )
        own = self._own_place()
        place = own.place_of_service if own else PLACES.get(kind, "")
        facility = own.facility if own else self._facility()
        inpatient = kind in INPATIENT
        move = timedelta(days=days)
        return Encounter(
            external_id=self.external_id,
            source="fhir",
            patient=self.patient,
            coverages=tuple(coverages_of(self.index, subject, self.patient, start, days)),
            billing_npi=self.interface.billing_npi,
            location=own.code if own else (facility.last_name if facility else ""),
            rendering=self._provider("PPRF", required=True),
            referring=self._provider("REF"),
            facility=facility if place not in (OFFICE, "12", "") else None,
            place_of_service=place,
            date_from=start + move,
            date_to=end + move,
            diagnoses=self._diagnoses(),
            lines=tuple(self._finished_lines(days)),
            admission_date=start + move if inpatient else None,
            discharge_date=end + move if inpatient else None,
            original_dates=(start, end),
            days_shifted=days,
        )

    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        if len(self.diagnoses) > MAXIMUM_DIAGNOSES:
            self.problem(
                "TOO_MANY_DIAGNOSES",
                f"{len(self.diagnoses)} diagnoses; a claim holds {MAXIMUM_DIAGNOSES}, the first were kept",
                "Check that the diagnoses that matter are among them",
                blocks=False,
            )
        kept = self.diagnoses[:MAXIMUM_DIAGNOSES]
        return tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(kept))

    def _finished_lines(self, days: int) -> Iterable[Line]:
        """Numbered lines that point at the diagnoses of their own code, else at the first of the encounter."""
        for number, (line, own) in enumerate(self.lines, 1):
            numbers = [self.diagnoses.index(code) + 1 for code in own]
            numbers = [at for at in numbers if at <= MAXIMUM_DIAGNOSES]
            pointers = numbers or list(range(1, min(len(self.diagnoses), POINTERS_PER_LINE) + 1))
            assert line.date_from is not None
            yield msgspec.structs.replace(
                line,
                number=number,
                diagnosis_pointers=tuple(pointers[:POINTERS_PER_LINE]),
                date_from=line.date_from + timedelta(days=days),
            )

    def _provider(self, role: str, *, required: bool = False) -> Provider | None:
        """The participant of that role; without roles (older senders) the only participant is the performer."""
        participants = items(self.resource, "participant")
        chosen = [p for p in participants if any(code == role for t in items(p, "type") for _, code in codings(t))]
        if not chosen and role == "PPRF":
            chosen = [p for p in participants if not items(p, "type")]
        for participant in chosen:
            reference = participant.get("individual")
            resource = practitioner_of(self.index, self.resource, reference)
            if resource is not None:
                known, _ = known_provider(self.index, self.resource, reference, self.interface)
                return known or self._unknown(provider_of(resource), role)
        if required:
            self.problem(
                "UNKNOWN_PROVIDER",
                "The encounter's performer is not in the bundle; references are never followed outside it",
                "Choose the rendering provider on the encounter",
            )
        return None

    def _unknown(self, provider: Provider, role: str) -> Provider:
        self.problem(
            "UNKNOWN_PROVIDER",
            f"The practice has no record of the provider in role {role}",
            "Link the sender's provider to one of the practice",
            system="http://hl7.org/fhir/sid/us-npi",
            value=provider.npi,
        )
        return provider

    def _own_place(self) -> Place | None:
        references = [one.get("location") for one in items(self.resource, "location")]
        found = (place_of(self.index, self.resource, one, self.interface) for one in references)
        return next((one for one in found if one is not None), None)

    def _facility(self) -> Provider | None:
        for location in items(self.resource, "location"):
            resource = self.index.resolve(self.resource, location.get("location"))
            if resource is not None:
                owner = self.index.resolve(resource, resource.get("managingOrganization"))
                place, npi = provider_of(resource), provider_of(owner).npi if owner else ""
                return msgspec.structs.replace(place, npi=place.npi or npi, is_organization=True)
        organization = self.index.resolve(self.resource, self.resource.get("serviceProvider"))
        return provider_of(organization) if organization is not None else None


SIDES = {"24028007": "RT", "7771000": "LT"}  # SNOMED: right, left


def decimal_of(value: object) -> Decimal | None:
    """A number as it stood in the JSON (text by our reader, or an int); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str) or "_" in str(value):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 10 else None
