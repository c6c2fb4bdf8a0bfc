"""HL7 v2 DFT (P03, P11) to an encounter with lines: FT1 with the DG1 and PR1 beside it, the visit's PV1, covers.

Nothing is guessed: a code without mapping, a place or provider nobody knows, a credit each give a problem that names the
segment and field, and the encounter is kept, held, until it is mended.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

import hl7
import msgspec

from claimwright.claims.from_fhir.code_map import DIAGNOSES, IGNORE, Mapping
from claimwright.claims.from_hl7.people import (
    coverages_of,
    patient_of,
    prior_authorization_of,
    provider_ids,
    provider_name,
)
from claimwright.claims.from_hl7.reading import Message, day, repetitions, value
from claimwright.claims.interface_maps import CHARGE_CODES, InterfaceMaps
from claimwright.claims.nouns import ZERO, Diagnosis, Drug, Encounter, IntakeProblem, Line, Provider
from claimwright.codes.identifiers import Npi
from claimwright.codes.money import money

MAXIMUM_DIAGNOSES, POINTERS_PER_LINE, MODIFIERS_PER_LINE = 12, 4, 4
# FT1-6, table 0017: what the transaction is.
CHARGES, CREDITS = ("CG", "", "C", "CHARGE", "D", "DEBIT"), ("CR", "CD", "CREDIT", "R")
# PV1-2, table 0004, where no location says the place of service.
PLACES = {"O": "11", "I": "21", "E": "23", "B": "21", "R": "11", "P": "11", "C": "11"}
INPATIENT = ("I", "B")
CODE_SYSTEMS = {
    "C4": "cpt",
    "CPT": "cpt",
    "CPT4": "cpt",
    "CPT-4": "cpt",
    "HCPCS": "hcpcs",
    "HC": "hcpcs",
    "HCPC": "hcpcs",
}
_PROCEDURE = re.compile(r"(\d{4}[0-9A-Z]|[A-V]\d{4})(?:[-\s]([0-9A-Z]{2}(?:[-,\s][0-9A-Z]{2}){0,3}))?\Z", re.ASCII)
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?\Z", re.ASCII)
_ICD10 = ("I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "I10CM", "")
_LARGEST = Decimal(10) ** 9
FIX_MAP = "Add the code to this interface's codes, then replay"


class ChargeRead(msgspec.Struct, frozen=True):
    """An encounter, None where nothing is charged; `charge_ids` are the sender's ids, one for each line, "" without."""

    encounter: Encounter | None
    charge_ids: tuple[str, ...]
    problems: tuple[IntakeProblem, ...]


def visit_number_of(message: Message) -> str:
    """The visit: PV1-19, else the account PID-18."""
    return message.value("PV1", 19) or message.value("PID", 18)


def read_charges(message: Message, maps: InterfaceMaps) -> ChargeRead:
    """All charges of one DFT. Never raises for what it holds."""
    return _Charges(message, maps).read()


class _Charges:
    def __init__(self, message: Message, maps: InterfaceMaps) -> None:
        self.message, self.maps = message, maps
        self.problems: list[IntakeProblem] = []
        self.diagnoses: list[str] = []
        self.lines: list[Line] = []
        self.ids: list[str] = []
        self.visit = next(iter(message.segments("PV1")), None)
        self.patient = patient_of(message)
        number = visit_number_of(message) or message.value("MSH", 10)
        self.on = self._first_day()
        self.external_id = f"{maps.name}|{number}|{self.on.isoformat() if self.on else ''}"

    def problem(self, code: str, place: str, message: str, fix: str, *, blocks: bool = True, **about: str) -> None:
        # The sender's visit number may be a patient's account: the place names the message and field only.
        self.problems.append(
            IntakeProblem(code=code, place=f"{self.message.place} {place}".strip(), message=message, fix=fix,
                          encounter=self.external_id, blocks=blocks, **about)
        )  # fmt: skip

    def read(self) -> ChargeRead:
        self._read_diagnoses()
        procedures: list[hl7.Segment] = []
        charges: list[tuple[hl7.Segment, list[hl7.Segment]]] = []
        for name, segment in self.message.in_order():
            if name == "FT1":
                charges.append((segment, []))
            elif name == "PR1":
                (charges[-1][1] if charges else procedures).append(segment)
        for number, (segment, beside) in enumerate(charges, 1):
            self._charge(number, segment, beside, procedures)
        if not charges:
            self.problem("NO_CHARGE", "FT1", "The message has no charge (FT1)", "Ask the sender for FT1 segments")
        if not self.lines and not any(problem.blocks for problem in self.problems):
            return ChargeRead(None, (), tuple(self.problems))
        return ChargeRead(self._encounter(), tuple(self.ids), tuple(self.problems))

    def _first_day(self) -> date | None:
        found = [on for segment in self.message.segments("FT1") if (on := day(value(segment, 4)))]
        return min(found) if found else day(self.message.value("PV1", 44))

    # Diagnoses -------------------------------------------------------------------------------------------------------

    def _read_diagnoses(self) -> None:
        """DG1 in the order of DG1-15 (priority), then as they came; admitting ones are not of a professional claim."""
        rows = []
        for number, segment in enumerate(self.message.segments("DG1"), 1):
            if value(segment, 6).upper() == "A":
                continue
            rank = value(segment, 15)
            rows.append((int(rank) if rank.isascii() and rank.isdigit() and int(rank[:4]) > 0 else 99, number, segment))
        for _, number, segment in sorted(rows, key=lambda row: row[:2]):
            code, system = value(segment, 3), value(segment, 3, 3)
            self._diagnosis(code, system or value(segment, 2), f"DG1[{number}]-3")

    def _diagnosis(self, code: str, system: str, place: str) -> str:
        """The code as claims have it, "" with a problem for one that no map knows; it is on the encounter then."""
        found = self.maps.code_map.find(system or "L", code, on=self.on or date.min)
        target = next((row.target_code for row in found if row.target_system == DIAGNOSES), "")
        if not target and system.upper() in _ICD10 and _DIAGNOSIS.match(code.upper()):
            target = code.upper().replace(".", "")
        if not target:
            if code and not any(row.target_system == IGNORE for row in found):
                self.problem("UNMAPPED_CODE", place, "No map knows this diagnosis code", FIX_MAP, system=system or "L",
                             value=code)  # fmt: skip
            return ""
        if target not in self.diagnoses:
            if len(self.diagnoses) >= MAXIMUM_DIAGNOSES:
                fix = "Check that the diagnoses that matter are among them"
                self.problem(
                    "TOO_MANY_DIAGNOSES", place, f"A claim holds {MAXIMUM_DIAGNOSES} diagnoses", fix, blocks=False
                )
                return ""
            self.diagnoses.append(target)
        return target

    # Charges ---------------------------------------------------------------------------------------------------------

    def _charge(
        self, number: int, segment: hl7.Segment, beside: list[hl7.Segment], procedures: list[hl7.Segment]
    ) -> None:
        place, kind = f"FT1[{number}]", value(segment, 6).upper()
        units, amount = self._units(segment, place), self._amount(segment, place)
        if kind in CREDITS or units < ZERO or amount < ZERO:
            self.problem("CREDIT", f"{place}-6", "A charge is taken back by the sender",
                         "Find the charge: correct or void its claim, or mark the visit as not billable; then close this",
                         blocks=False, value=value(segment, 23) or value(segment, 2))  # fmt: skip
            return
        if kind not in CHARGES:
            self.problem("NOT_A_CHARGE", f"{place}-6", "A payment or adjustment is not taken from an interface",
                         "Post it by its own way (deposit, remittance, counter), then close this", blocks=False)  # fmt: skip
            return
        one = procedures[number - 1 : number] if len(procedures) == len(self.message.segments("FT1")) else []
        rows, modifiers = self._code(segment, beside or one, place)
        on = day(value(segment, 4)) or self.on
        if on is None:
            self.problem("NO_DATE", f"{place}-4", "The charge has no day of service", "Ask the sender for FT1-4")
        for at, row in enumerate(rows):
            if row.target_system == DIAGNOSES:
                self._diagnosis(row.target_code, "I10", f"{place}-7")
            if row.target_system in (DIAGNOSES, IGNORE):
                continue
            self.lines.append(
                Line(
                    number=len(self.lines) + 1, procedure_code=row.target_code,
                    modifiers=tuple(dict.fromkeys((*row.modifiers, *modifiers)))[:MODIFIERS_PER_LINE],
                    units=units * row.units, charge=money(amount) if at == 0 else ZERO, date_from=on,
                    diagnosis_pointers=self._pointers(segment, place), rendering=self._line_provider(segment, 20),
                    ordering=self._line_provider(segment, 21), drug=_drug(segment, units), note="",
                )
            )  # fmt: skip
            self.ids.append((value(segment, 23) or value(segment, 2)) if at == 0 else "")

    def _code(
        self, segment: hl7.Segment, beside: list[hl7.Segment], place: str
    ) -> tuple[tuple[Mapping, ...], tuple[str, ...]]:
        """What the charge becomes: the sender's own code by the map first, then a procedure code that stands there."""
        modifiers = [
            value(segment, 26, part, repetition=at) for at in range(repetitions(segment, 26)) for part in (1, 2, 3, 4)
        ]
        own = value(segment, 7)
        found = self.maps.code_map.find(CHARGE_CODES, own, on=self.on or date.min) if own else ()
        asked = [(segment, 25), *((one, 3) for one in beside), (segment, 7)]
        for holder, field in asked:
            if found:
                break
            code, system = value(holder, field).upper(), value(holder, field, 3).upper()
            match = _PROCEDURE.match(code)
            if match and (system in CODE_SYSTEMS or field != 7 or not system):
                found = (Mapping(target_system=CODE_SYSTEMS.get(system, "hcpcs"), target_code=match[1]),)
                modifiers += re.split(r"[-,\s]", match[2]) if match[2] else []
        for one in beside:
            modifiers += [value(one, 16, repetition=at) for at in range(repetitions(one, 16))]
        if not found:
            code = own or value(segment, 25)
            self.problem("UNMAPPED_CODE", f"{place}-{7 if own else 25}", "No map knows this charge code", FIX_MAP,
                         system=CHARGE_CODES, value=code[:40])  # fmt: skip
        kept = (part for text in modifiers for part in re.split(r"[-,\s]", text.upper()))
        return found, tuple(dict.fromkeys(one for one in kept if len(one) == 2 and one.isalnum()))

    def _units(self, segment: hl7.Segment, place: str) -> Decimal:
        text = value(segment, 10)
        found = _decimal(text) if text else Decimal(1)
        if found is None or found == ZERO:
            self.problem("BAD_NUMBER", f"{place}-10", "The number of units is no number above zero", "Ask the sender")
            return Decimal(1)
        return found

    def _amount(self, segment: hl7.Segment, place: str) -> Decimal:
        """FT1-11 is of all units, FT1-12 of one; blank lets the charge master say the price."""
        for field, times in ((11, False), (12, True)):
            text = value(segment, field)
            if not text:
                continue
            found = _decimal(text.replace(",", "").removeprefix("$"))
            if found is None:
                self.problem("BAD_NUMBER", f"{place}-{field}", "The amount is no number", "Ask the sender")
                return ZERO
            return found * (abs(self._units(segment, place)) if times else 1)
        return ZERO

    def _pointers(self, segment: hl7.Segment, place: str) -> tuple[int, ...]:
        """FT1-19 names codes; where it names none the line points at the first of the visit."""
        numbers = []
        for at in range(repetitions(segment, 19)):
            code = value(segment, 19, repetition=at)
            if code.isdigit() and 1 <= int(code[:4]) <= len(self.diagnoses):  # some send pointers in place of codes
                numbers.append(int(code[:4]))
                continue
            found = self._diagnosis(code, value(segment, 19, 3, repetition=at), f"{place}-19") if code else ""
            if found:
                numbers.append(self.diagnoses.index(found) + 1)
        numbers = list(dict.fromkeys(numbers)) or list(range(1, min(len(self.diagnoses), POINTERS_PER_LINE) + 1))
        return tuple(numbers[:POINTERS_PER_LINE])

    # Who and where ---------------------------------------------------------------------------------------------------

    def _line_provider(self, segment: hl7.Segment, field: int) -> Provider | None:
        """The line's own provider, where it names one: blank where it is the visit's."""
        ids = provider_ids(segment, field)
        return self.maps.provider(*ids) if ids else None

    def _rendering(self) -> Provider | None:
        """FT1-20 of the first charge that names one, else the attending of the visit."""
        holders = [(one, 20, f"FT1[{number}]-20") for number, one in enumerate(self.message.segments("FT1"), 1)]
        if self.visit is not None:
            holders.append((self.visit, 7, "PV1-7"))
        for segment, field, place in holders:
            ids = provider_ids(segment, field)
            if not ids:
                continue
            known = self.maps.provider(*ids)
            if known is None:
                self.problem("UNKNOWN_PROVIDER", place, "The practice has no record of this provider",
                             "Add the sender's id to this interface's providers, then replay", system="provider",
                             value=ids[0])  # fmt: skip
            return known
        self.problem("UNKNOWN_PROVIDER", "PV1-7", "No provider is named", "Choose the rendering provider on the visit")
        return None

    def _referring(self) -> Provider | None:
        """PV1-8. A stranger is who refers often: the name and NPI as sent are enough."""
        ids = provider_ids(self.visit, 8)
        if not ids or self.visit is None:
            return None
        last, first = provider_name(self.visit, 8)
        npi = ids[0] if Npi(ids[0]).is_valid else ""
        sent = Provider(npi=npi, last_name=last, first_name=first) if npi and last else None
        return self.maps.provider(*ids) or sent

    def _encounter(self) -> Encounter:
        here = [value(segment, 16, part) for segment in self.message.segments("FT1") for part in (4, 1)]
        here += [self.message.value("PV1", 3, part) for part in (4, 1, 9)]
        ids = tuple(dict.fromkeys(one for one in here if one))
        place = self.maps.place(*ids)
        patient_class = self.message.value("PV1", 2).upper()[:1]
        service = place.place_of_service if place else PLACES.get(patient_class, "")
        if place is None and (ids or not service):
            self.problem("UNKNOWN_LOCATION", "PV1-3", "No location of the practice has this id",
                         "Add the sender's id to this interface's locations (* stands for all others), then replay",
                         system="location", value=ids[0] if ids else "")  # fmt: skip
        rendering = self._rendering()
        lines = tuple(
            msgspec.structs.replace(line, rendering=None) if line.rendering == rendering else line
            for line in self.lines
        )
        days = [line.date_from for line in lines if line.date_from]
        stay = patient_class in INPATIENT
        ends = [end for segment in self.message.segments("FT1") if (end := day(value(segment, 4, 2)))]
        causes, happened, state = self._accident()
        return Encounter(
            external_id=self.external_id, source="hl7", patient=self.patient,
            coverages=coverages_of(self.message, self.patient, self.maps), billing_npi=self.maps.billing_npi,
            location=place.code if place else (ids[0] if ids else ""), rendering=rendering, referring=self._referring(),
            facility=place.facility if place else None, place_of_service=service,
            date_from=self.on, date_to=max([*days, *ends], default=self.on), lines=lines,
            diagnoses=tuple(
                Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(self.diagnoses)
            ),
            prior_authorization=prior_authorization_of(self.message),
            admission_date=day(self.message.value("PV1", 44)) if stay else None,
            discharge_date=day(self.message.value("PV1", 45)) if stay else None,
            causes=causes, accident_date=happened, accident_state=state,
        )  # fmt: skip

    def _accident(self) -> tuple[tuple[str, ...], date | None, str]:
        """ACC: the day, whether it is of work (ACC-5), the state of an auto accident (ACC-4)."""
        on = day(self.message.value("ACC", 1))
        if on is None:
            return (), None, ""
        words = f"{self.message.value('ACC', 2)} {self.message.value('ACC', 2, 2)}".upper()
        auto = any(word in words for word in ("AUTO", "MVA", "MOTOR", "VEHICLE"))
        work = self.message.value("ACC", 5).upper() == "Y"
        causes = tuple(code for code, said in (("EM", work), ("AA", auto)) if said) or ("OA",)
        return causes, on, self.message.value("ACC", 4).upper()[:2]


def _drug(segment: hl7.Segment, units: Decimal) -> Drug | None:
    """FT1-43, an NDC: with its hyphens taken out where it has eleven digits."""
    digits = re.sub(r"\D", "", value(segment, 43))
    return Drug(ndc=digits, quantity=units, unit="UN") if len(digits) == 11 else None


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text) if "_" not in text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) < _LARGEST else None
